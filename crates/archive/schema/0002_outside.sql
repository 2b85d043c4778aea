-- Who took the call outside: a partner or a number.
ALTER TABLE calls ADD COLUMN outside TEXT;
