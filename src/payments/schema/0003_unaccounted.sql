-- Captured money whose subject has not said yet what became of it. A row comes in the transaction
-- that captures and goes when the subject's owner has it on its books.
CREATE TABLE payments_unaccounted (
  payment {{id}} NOT NULL PRIMARY KEY,
  since {{long}} NOT NULL
);
INSERT INTO payments_unaccounted (payment, since)
  SELECT id, paid_at FROM payments_payment
  WHERE captured > 0 AND paid_at IS NOT NULL
    AND id NOT IN (SELECT payment FROM payments_unaccounted);
