-- When an offer ended without an answer; none in records of before.
ALTER TABLE offers ADD COLUMN until INTEGER;
