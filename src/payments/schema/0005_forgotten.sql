-- Payments that ended without money, for whoever forgets them; and who has many of them.
CREATE INDEX payments_payment_ended ON payments_payment (state, updated_at);
CREATE INDEX payments_payment_owner ON payments_payment (owner, id);
