-- Since when the call waited for nobody any more though nobody had answered; none in records of before.
ALTER TABLE calls ADD COLUMN left_at INTEGER;
