-- What a call left to be done, and by when (R62-R67, R80-R84, R92, R100): JSON, as the record has it.
ALTER TABLE calls ADD COLUMN due TEXT;
