-- The transfers of what was sold and given back before there was a ledger, as they would have been
-- posted; a cancellation's id then came from its seats, here it comes from its refund.
INSERT INTO platform_ledger (id, at, debit, credit, amount, currency, subject, note)
  SELECT r.id || ':confirmed',
    COALESCE((SELECT MIN(t.issued_at) FROM booking_ticket t WHERE t.reservation_id = r.id),
      r.created_at),
    'buyers', 'revenue:' || r.show_id, r.payable, r.currency, r.payment_id, 'opening'
  FROM booking_reservation r
  WHERE r.payment_id IS NOT NULL AND r.payable > 0
    AND r.id || ':confirmed' NOT IN (SELECT l.id FROM platform_ledger l)
  ORDER BY r.id;
INSERT INTO platform_ledger (id, at, debit, credit, amount, currency, subject, note)
  SELECT r.id || ':cancelled:' || f.id, f.created_at, 'revenue:' || r.show_id, 'buyers', f.amount,
    f.currency, f.payment_id, 'opening'
  FROM booking_refund f
    JOIN booking_reservation r ON r.id = f.reservation_id AND r.payment_id = f.payment_id
  WHERE r.id || ':cancelled:' || f.id NOT IN (SELECT l.id FROM platform_ledger l)
  ORDER BY f.id;
