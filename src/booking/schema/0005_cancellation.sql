-- The terms that a reservation was made under, and when it was bought. NULL: before there were any;
-- everything goes back until the performance starts.
ALTER TABLE booking_reservation ADD COLUMN terms {{big text}};
ALTER TABLE booking_reservation ADD COLUMN bought_at {{long}};

-- A show's own policy, for reservations made from now on; without one its kind has a default.
CREATE TABLE booking_policy (
  show_id {{id}} NOT NULL PRIMARY KEY,
  steps {{big text}} NOT NULL,
  version {{long}} NOT NULL
);
