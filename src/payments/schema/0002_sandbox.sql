-- The sandbox provider's own books, as far from ours as Toss's are: nothing here is read by
-- payments itself. state: open, approved, captured, declined, left, closed.
CREATE TABLE payments_sandbox_charge (
  payment {{id}} NOT NULL PRIMARY KEY,
  page_key {{text 64}} NOT NULL,
  merchant {{text 100}} NOT NULL,
  order_name {{text 100}} NOT NULL,
  amount {{long}} NOT NULL,
  currency {{text 3}} NOT NULL,
  locale {{text 10}} NOT NULL,
  return_address {{big text}} NOT NULL,
  state {{text 20}} NOT NULL,
  created_at {{long}} NOT NULL,
  decided_at {{long}}
);

-- Money moved: `entry_key` is what makes a repeat the same movement.
CREATE TABLE payments_sandbox_entry (
  entry_key {{text 100}} NOT NULL PRIMARY KEY,
  payment {{id}} NOT NULL,
  kind {{text 10}} NOT NULL,
  amount {{long}} NOT NULL,
  created_at {{long}} NOT NULL
);
CREATE INDEX payments_sandbox_entry_payment ON payments_sandbox_entry (payment);
