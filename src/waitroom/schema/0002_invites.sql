-- Invites that were made together: so many numbers from the first on. Their tokens can be made again
-- from this.
CREATE TABLE waitroom_invite (
  room {{id}} NOT NULL,
  epoch {{long}} NOT NULL,
  first_number {{long}} NOT NULL,
  invites {{long}} NOT NULL,
  lane {{long}} NOT NULL,
  expires_at {{long}},
  made_by {{id}} NOT NULL,
  made_at {{long}} NOT NULL,
  PRIMARY KEY (room, epoch, first_number)
);

-- Which number was used, and by which device: an invite is good for one.
CREATE TABLE waitroom_invite_use (
  room {{id}} NOT NULL,
  epoch {{long}} NOT NULL,
  invite {{long}} NOT NULL,
  device {{id}} NOT NULL,
  used_at {{long}} NOT NULL,
  PRIMARY KEY (room, epoch, invite)
);
