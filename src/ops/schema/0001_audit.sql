CREATE TABLE ops_audit (
  id {{id}} NOT NULL PRIMARY KEY,
  at {{long}} NOT NULL,
  who {{id}} NOT NULL,
  action {{text 60}} NOT NULL,
  subject {{text 80}} NOT NULL,
  state_before {{big text}} NOT NULL,
  state_after {{big text}} NOT NULL
);
