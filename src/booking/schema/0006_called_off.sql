-- Performances that are not going to be: nothing of them is sold any more, and whoever bought gets
-- everything back. A row is the job, too; it ends when no reservation is left that could be bought.
CREATE TABLE booking_called_off (
  performance_id {{id}} NOT NULL PRIMARY KEY,
  job_id {{id}} NOT NULL UNIQUE,
  reason {{big text}} NOT NULL,
  at {{long}} NOT NULL,
  total {{long}} NOT NULL,
  done_at {{long}}
);
