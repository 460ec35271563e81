-- The tokens of one session, to count them and to let them go with it.
CREATE INDEX identity_refresh_session ON identity_refresh (session, issued_at);
