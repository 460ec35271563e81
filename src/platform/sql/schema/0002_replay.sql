-- When an operator asked for the event to be delivered once more; NULL: nobody did.
ALTER TABLE platform_outbox_parked ADD COLUMN replay_at {{long}};

-- Which process has the database to itself, where no lock file says so: see mysql_owner.h.
CREATE TABLE platform_owner (
  id {{long}} NOT NULL PRIMARY KEY,
  nonce {{text 64}} NOT NULL,
  since {{long}} NOT NULL
);
