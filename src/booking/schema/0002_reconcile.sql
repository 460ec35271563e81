-- Refunds that were asked for and are not done, for the reconciler.
CREATE INDEX booking_refund_state ON booking_refund (state, id);
-- Reservations that ended without a purchase, for the sweep.
CREATE INDEX booking_reservation_ended ON booking_reservation (state, ended_at);
