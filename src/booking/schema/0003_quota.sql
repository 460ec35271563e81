-- Rows that nobody locked for long, for whoever forgets them.
CREATE INDEX booking_quota_counted ON booking_quota (counted_at);
