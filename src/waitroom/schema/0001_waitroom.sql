-- Every room that was ever declared. `snapshot` is the batch up to which its snapshot reaches; 0: it
-- has none.
CREATE TABLE waitroom_room (
  id {{id}} NOT NULL PRIMARY KEY,
  name {{text 200}} NOT NULL,
  epoch {{long}} NOT NULL,
  snapshot {{long}} NOT NULL
);

-- The facts of a room in order (src/waitroom/record.h), many to a row, because people come in herds.
CREATE TABLE waitroom_journal (
  room {{id}} NOT NULL,
  batch {{long}} NOT NULL,
  records {{blob}} NOT NULL,
  PRIMARY KEY (room, batch)
);

-- A room's state after a batch, in parts of a size that every database takes.
CREATE TABLE waitroom_snapshot (
  room {{id}} NOT NULL,
  covers {{long}} NOT NULL,
  part {{long}} NOT NULL,
  bytes {{blob}} NOT NULL,
  PRIMARY KEY (room, covers, part)
);
