-- Who took the call outside (a partner or a number), and the call in which a customer asked for this call-back.
ALTER TABLE calls ADD COLUMN outside TEXT;
ALTER TABLE calls ADD COLUMN calls_back INTEGER;
