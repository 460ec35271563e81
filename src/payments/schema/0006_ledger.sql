-- The transfers of money that moved before there was a ledger, as they would have been posted.
INSERT INTO platform_ledger (id, at, debit, credit, amount, currency, subject, note)
  SELECT p.id || ':captured', COALESCE(p.paid_at, p.updated_at), 'provider:' || p.provider,
    'buyers', p.captured, p.currency, p.id, 'opening'
  FROM payments_payment p
  WHERE p.captured > 0
    AND p.id || ':captured' NOT IN (SELECT l.id FROM platform_ledger l)
  ORDER BY p.id;
INSERT INTO platform_ledger (id, at, debit, credit, amount, currency, subject, note)
  SELECT r.id || ':requested', r.created_at, 'buyers', 'refunds_under_way', r.amount, r.currency,
    r.payment, 'opening'
  FROM payments_refund r
  WHERE r.id || ':requested' NOT IN (SELECT l.id FROM platform_ledger l)
  ORDER BY r.id;
INSERT INTO platform_ledger (id, at, debit, credit, amount, currency, subject, note)
  SELECT r.id || ':done', r.updated_at, 'refunds_under_way', 'provider:' || p.provider, r.amount,
    r.currency, r.payment, 'opening'
  FROM payments_refund r JOIN payments_payment p ON p.id = r.payment
  WHERE r.state = 'done' AND r.settled_at IS NULL
    AND r.id || ':done' NOT IN (SELECT l.id FROM platform_ledger l)
  ORDER BY r.id;
-- People settled these: the money went another way, or stays.
INSERT INTO platform_ledger (id, at, debit, credit, amount, currency, subject, note)
  SELECT r.id || ':otherwise', r.settled_at, 'refunds_under_way', 'paid_otherwise', r.amount,
    r.currency, r.payment, 'opening'
  FROM payments_refund r
  WHERE r.state = 'done' AND r.settled_at IS NOT NULL
    AND r.id || ':otherwise' NOT IN (SELECT l.id FROM platform_ledger l)
  ORDER BY r.id;
INSERT INTO platform_ledger (id, at, debit, credit, amount, currency, subject, note)
  SELECT r.id || ':kept', r.settled_at, 'refunds_under_way', 'buyers', r.amount, r.currency,
    r.payment, 'opening'
  FROM payments_refund r
  WHERE r.state = 'failed' AND r.settled_at IS NOT NULL
    AND r.id || ':kept' NOT IN (SELECT l.id FROM platform_ledger l)
  ORDER BY r.id;
