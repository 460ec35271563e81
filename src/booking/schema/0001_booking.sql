-- A seat that somebody has, until expires_at or for good (sold). Owner is the hold that claimed it.
CREATE TABLE booking_claim (
  performance_id {{id}} NOT NULL,
  seat_id {{text 24}} NOT NULL,
  account_id {{id}} NOT NULL,
  hold_id {{id}} NOT NULL,
  state {{id}} NOT NULL,
  expires_at {{long}} NOT NULL,
  PRIMARY KEY (performance_id, seat_id)
);
CREATE INDEX booking_claim_account ON booking_claim (performance_id, account_id);

-- A row to lock while the seats of one account are counted, where writers run in parallel.
CREATE TABLE booking_quota (
  performance_id {{id}} NOT NULL,
  account_id {{id}} NOT NULL,
  counted_at {{long}} NOT NULL,
  PRIMARY KEY (performance_id, account_id)
);

-- Lives until it is sold, released or swept. One line per seat: id, label, grade, price.
CREATE TABLE booking_hold (
  id {{id}} NOT NULL PRIMARY KEY,
  performance_id {{id}} NOT NULL,
  account_id {{id}} NOT NULL,
  seats {{big text}} NOT NULL,
  total {{long}} NOT NULL,
  currency {{id}} NOT NULL,
  created_at {{long}} NOT NULL,
  expires_at {{long}} NOT NULL,
  room_id {{id}},
  place_id {{id}}
);

CREATE TABLE booking_reservation (
  id {{id}} NOT NULL PRIMARY KEY,
  number {{id}} NOT NULL UNIQUE,
  hold_id {{id}} NOT NULL UNIQUE,
  account_id {{id}} NOT NULL,
  performance_id {{id}} NOT NULL,
  state {{id}} NOT NULL,
  list_amount {{long}} NOT NULL,
  discount {{long}} NOT NULL,
  payable {{long}} NOT NULL,
  currency {{id}} NOT NULL,
  pay_by {{long}} NOT NULL,
  created_at {{long}} NOT NULL,
  ended_at {{long}},
  payment_id {{id}},
  room_id {{id}},
  place_id {{id}},
  show_id {{id}} NOT NULL,
  title {{big text}} NOT NULL,
  hall {{big text}} NOT NULL,
  venue {{big text}} NOT NULL,
  starts_at {{long}} NOT NULL
);
CREATE INDEX booking_reservation_account ON booking_reservation (account_id, id);
CREATE INDEX booking_reservation_performance ON booking_reservation (performance_id, id);

CREATE TABLE booking_reservation_seat (
  reservation_id {{id}} NOT NULL,
  place {{long}} NOT NULL,
  seat_id {{text 24}} NOT NULL,
  label {{big text}} NOT NULL,
  grade {{big text}} NOT NULL,
  price {{long}} NOT NULL,
  cancelled {{long}} NOT NULL,
  PRIMARY KEY (reservation_id, place)
);

CREATE TABLE booking_ticket (
  id {{id}} NOT NULL PRIMARY KEY,
  reservation_id {{id}} NOT NULL,
  seat_id {{text 24}} NOT NULL,
  issued_at {{long}} NOT NULL,
  voided {{long}} NOT NULL,
  UNIQUE (reservation_id, seat_id)
);

-- Written before the provider is asked, so that a crash in between asks again under the same id.
CREATE TABLE booking_refund (
  id {{id}} NOT NULL PRIMARY KEY,
  reservation_id {{id}} NOT NULL,
  payment_id {{id}} NOT NULL,
  amount {{long}} NOT NULL,
  currency {{id}} NOT NULL,
  reason {{big text}} NOT NULL,
  state {{id}} NOT NULL,
  created_at {{long}} NOT NULL
);
CREATE INDEX booking_refund_reservation ON booking_refund (reservation_id);
