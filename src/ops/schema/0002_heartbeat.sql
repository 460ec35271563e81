-- One row per node, written by its readiness probe: a store that cannot be written sells nothing.
CREATE TABLE ops_heartbeat (
  node {{id}} NOT NULL PRIMARY KEY,
  at {{long}} NOT NULL
);
