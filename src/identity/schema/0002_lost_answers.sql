-- When the token was handed out once more to who showed the one before it: the answer was lost.
ALTER TABLE identity_refresh ADD COLUMN handed_again_at {{long}};
