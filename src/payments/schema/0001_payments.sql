-- Money that was asked for. `live_subject` is the subject while the payment is live and NULL
-- afterwards: a subject has at most one live payment. `check_at` is when to ask the provider again.
CREATE TABLE payments_payment (
  id {{id}} NOT NULL PRIMARY KEY,
  subject {{text 100}} NOT NULL,
  live_subject {{text 100}},
  owner {{id}} NOT NULL,
  provider {{text 40}} NOT NULL,
  state {{text 20}} NOT NULL,
  amount {{long}} NOT NULL,
  currency {{text 3}} NOT NULL,
  captured {{long}} NOT NULL,
  refunding {{long}} NOT NULL,
  refunded {{long}} NOT NULL,
  order_name {{text 100}} NOT NULL,
  failure {{text 200}} NOT NULL,
  return_key {{text 64}} NOT NULL,
  reference {{text 200}} NOT NULL,
  receipt {{text 200}} NOT NULL,
  redirect_url {{big text}} NOT NULL,
  return_url {{big text}} NOT NULL,
  return_data {{big text}} NOT NULL,
  created_at {{long}} NOT NULL,
  updated_at {{long}} NOT NULL,
  paid_at {{long}},
  check_at {{long}},
  checks {{long}} NOT NULL
);
CREATE UNIQUE INDEX payments_payment_live_subject ON payments_payment (live_subject);
CREATE INDEX payments_payment_check_at ON payments_payment (check_at);

-- Money to give back. The id is the key under which the provider is asked.
CREATE TABLE payments_refund (
  id {{id}} NOT NULL PRIMARY KEY,
  payment {{id}} NOT NULL,
  amount {{long}} NOT NULL,
  currency {{text 3}} NOT NULL,
  reason {{text 200}} NOT NULL,
  state {{text 20}} NOT NULL,
  created_at {{long}} NOT NULL,
  updated_at {{long}} NOT NULL,
  check_at {{long}},
  checks {{long}} NOT NULL
);
CREATE INDEX payments_refund_payment ON payments_refund (payment);
CREATE INDEX payments_refund_check_at ON payments_refund (check_at);
