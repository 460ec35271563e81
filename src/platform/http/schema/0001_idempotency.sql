-- Answers to requests that came with an Idempotency-Key. `id` is a hash of who, what and the key;
-- status 0 is a request that still runs, until its lease ends.
CREATE TABLE http_idempotency (
  id {{text 64}} NOT NULL PRIMARY KEY,
  body_hash {{text 64}} NOT NULL,
  attempt {{text 32}} NOT NULL,
  status {{long}} NOT NULL,
  content_type {{text 100}} NOT NULL,
  headers {{big text}} NOT NULL,
  body {{blob}} NOT NULL,
  created_at {{long}} NOT NULL,
  lease_until {{long}} NOT NULL
);
CREATE INDEX http_idempotency_created ON http_idempotency (created_at);
