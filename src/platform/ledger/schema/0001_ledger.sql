-- One row is one transfer from one account to another, so that no row can be out of balance. Only
-- ever added to: what was wrong is taken back by another transfer.
CREATE TABLE platform_ledger (
  seq {{serial}},
  id {{text 100}} NOT NULL UNIQUE,
  at {{long}} NOT NULL,
  debit {{text 60}} NOT NULL,
  credit {{text 60}} NOT NULL,
  amount {{long}} NOT NULL,
  currency {{text 3}} NOT NULL,
  subject {{id}} NOT NULL,
  note {{text 200}} NOT NULL
);
CREATE INDEX platform_ledger_at ON platform_ledger (at);
