-- A refund that the provider refused waits for people: they have it asked for again (`attempt` is
-- part of the key then, the old key would bring the old answer) or settle it with a reason.
ALTER TABLE payments_refund ADD COLUMN attempt {{long}} NOT NULL DEFAULT 0;
ALTER TABLE payments_refund ADD COLUMN settled_at {{long}};
ALTER TABLE payments_refund ADD COLUMN settled_reason {{big text}};
CREATE INDEX payments_refund_state ON payments_refund (state, id);
