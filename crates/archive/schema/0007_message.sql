-- The message that the caller left, and who did what with it (R19): JSON, as the record has it.
ALTER TABLE calls ADD COLUMN message TEXT;
