-- One room's entries, or one operator's, without reading everybody's.
CREATE INDEX ops_audit_by_subject ON ops_audit (subject, id);
CREATE INDEX ops_audit_by_who ON ops_audit (who, id);
