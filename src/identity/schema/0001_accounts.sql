-- Who there is. The e-mail address is normalised before it comes here.
CREATE TABLE identity_account (
  id {{id}} NOT NULL PRIMARY KEY,
  email {{text 254}} NOT NULL,
  name {{text 200}} NOT NULL,
  role {{text 20}} NOT NULL,
  password_hash {{text 200}} NOT NULL,
  created_at {{long}} NOT NULL
);
CREATE UNIQUE INDEX identity_account_email ON identity_account (email);

-- One sign-in on one device.
CREATE TABLE identity_session (
  id {{id}} NOT NULL PRIMARY KEY,
  account {{id}} NOT NULL,
  created_at {{long}} NOT NULL,
  expires_at {{long}} NOT NULL,
  ended_at {{long}},
  end_reason {{text 20}}
);
CREATE INDEX identity_session_account ON identity_session (account, ended_at);
CREATE INDEX identity_session_ended_at ON identity_session (ended_at);
CREATE INDEX identity_session_expires_at ON identity_session (expires_at);

-- The refresh tokens of a session, by their hash: one is live, the replaced ones are kept so that
-- their coming back is noticed. `successor` is readable only with the replaced token in hand.
CREATE TABLE identity_refresh (
  digest {{text 64}} NOT NULL PRIMARY KEY,
  session {{id}} NOT NULL,
  issued_at {{long}} NOT NULL,
  expires_at {{long}} NOT NULL,
  replaced_at {{long}},
  successor {{text 64}}
);
CREATE INDEX identity_refresh_expires_at ON identity_refresh (expires_at);
