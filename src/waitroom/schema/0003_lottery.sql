-- The lotteries of a room, numbered from 1. `state` only rises: 1 committed, 2 closed, 3 drawn.
-- `sealed` holds the seed and the salt key, encrypted under the server's keys; `seed` is empty until
-- the draw publishes it. `beacon` and `evidence` as src/waitroom/lottery_record.h writes them.
CREATE TABLE waitroom_lottery (
  room {{id}} NOT NULL,
  number {{long}} NOT NULL,
  state {{long}} NOT NULL,
  committed_at {{long}} NOT NULL,
  commitment {{blob}} NOT NULL,
  sealed {{text 400}} NOT NULL,
  closed_at {{long}} NOT NULL,
  entrants {{long}} NOT NULL,
  root {{blob}} NOT NULL,
  beacon {{blob}} NOT NULL,
  drawn_at {{long}} NOT NULL,
  seed {{blob}} NOT NULL,
  evidence {{blob}} NOT NULL,
  value {{blob}} NOT NULL,
  in_force {{long}} NOT NULL,
  PRIMARY KEY (room, number)
);

-- Who was in the pool at the close: the numbers of their places, rising, each as its distance from
-- the one before, in parts of a size that every database takes.
CREATE TABLE waitroom_lottery_entrants (
  room {{id}} NOT NULL,
  number {{long}} NOT NULL,
  part {{long}} NOT NULL,
  places {{blob}} NOT NULL,
  PRIMARY KEY (room, number, part)
);
