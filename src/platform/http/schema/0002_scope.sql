-- Whose key it is: one scope keeps its newest keys only. NULL: kept from before this column.
ALTER TABLE http_idempotency ADD COLUMN scope {{text 80}};
CREATE INDEX http_idempotency_scope ON http_idempotency (scope, created_at);
