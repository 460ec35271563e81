-- What a provider was asked, and how that went: the history of a payment, for people. `n` counts
-- from 1 within a payment; only the first and the last ones are kept.
CREATE TABLE payments_call (
  payment {{id}} NOT NULL,
  n {{long}} NOT NULL,
  step {{text 20}} NOT NULL,
  outcome {{text 20}} NOT NULL,
  code {{text 100}} NOT NULL,
  at {{long}} NOT NULL,
  duration_ms {{long}} NOT NULL,
  PRIMARY KEY (payment, n)
);
-- What the provider told besides the money, as JSON: how it was paid, receipts, the account to pay
-- into. `noticed_at` is the look that a notice of the provider asked for last.
ALTER TABLE payments_payment ADD COLUMN detail {{big text}};
ALTER TABLE payments_payment ADD COLUMN noticed_at {{long}};
-- A reservation's attempts, for those who look for one.
CREATE INDEX payments_payment_subject ON payments_payment (subject);
-- Whose turn it is: a provider that does not know a repeat gives back one refund of a payment at a
-- time. -1 from when the turn began; then what was refundable there before it was asked.
ALTER TABLE payments_refund ADD COLUMN refundable_seen {{long}};
