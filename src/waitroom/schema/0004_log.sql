-- The log of a room is kept after a snapshot, and chained: `chain` is the SHA-256 over the chain of
-- the batch before, the room, the number and the records (docs/receipts.md). `at` is the time of the
-- last record. Rows of older versions get both when the room is written next.
ALTER TABLE waitroom_journal ADD COLUMN at {{long}} NOT NULL DEFAULT 0;
ALTER TABLE waitroom_journal ADD COLUMN chain {{blob}};
CREATE INDEX waitroom_journal_at ON waitroom_journal (room, at);

-- Which batches hold facts of a place: bit i of `places` is place block * 64 + i.
CREATE TABLE waitroom_place_batch (
  room {{id}} NOT NULL,
  block {{long}} NOT NULL,
  batch {{long}} NOT NULL,
  places {{long}} NOT NULL,
  PRIMARY KEY (room, block, batch)
);

-- The snapshots that are kept: the newest for the next start, older ones where the log may be cut.
-- `chain` is that of the last batch in it, so that what follows can still be verified.
CREATE TABLE waitroom_log_base (
  room {{id}} NOT NULL,
  covers {{long}} NOT NULL,
  at {{long}} NOT NULL,
  chain {{blob}} NOT NULL,
  PRIMARY KEY (room, covers)
);
INSERT INTO waitroom_log_base (room, covers, at, chain)
  SELECT id, snapshot, 0, x'0000000000000000000000000000000000000000000000000000000000000000'
  FROM waitroom_room WHERE snapshot > 0;
