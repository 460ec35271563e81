-- Events that committed units published and that some consumer has yet to handle.
CREATE TABLE platform_outbox (
  sequence {{serial}},
  topic {{text 100}} NOT NULL,
  subject {{text 200}} NOT NULL,
  body {{big text}} NOT NULL,
  created_at {{long}} NOT NULL
);

-- Every event up to `handled_upto` has been handled by the consumer.
CREATE TABLE platform_outbox_position (
  consumer {{text 100}} NOT NULL PRIMARY KEY,
  handled_upto {{long}} NOT NULL
);

-- What a consumer could not handle, kept for an operator.
CREATE TABLE platform_outbox_parked (
  consumer {{text 100}} NOT NULL,
  sequence {{long}} NOT NULL,
  topic {{text 100}} NOT NULL,
  subject {{text 200}} NOT NULL,
  body {{big text}} NOT NULL,
  created_at {{long}} NOT NULL,
  attempts {{long}} NOT NULL,
  reason {{big text}} NOT NULL,
  parked_at {{long}} NOT NULL,
  PRIMARY KEY (consumer, sequence)
);
