-- What people said of a payment that its provider does not answer for: captured, or not.
ALTER TABLE payments_payment ADD COLUMN decided_at {{long}};
ALTER TABLE payments_payment ADD COLUMN decided_reason {{big text}};
-- Where a refund goes that can't go back the way the money came, as JSON, until all is back.
ALTER TABLE payments_payment ADD COLUMN refund_account {{big text}};
-- Why the provider refused it last. A refund may also be `reversed`: money that is not at the
-- provider any more though nobody here asked; until people decide whether the purchase ends with it.
-- It is `restored` when the money came again.
ALTER TABLE payments_refund ADD COLUMN failure {{text 100}} NOT NULL DEFAULT '';
ALTER TABLE payments_refund ADD COLUMN purchase_ends {{long}} NOT NULL DEFAULT 0;
