-- The telephone of a seat that made the call: it is the seat's own and no customer's.
ALTER TABLE calls ADD COLUMN phone TEXT;
-- Who owned the caller's open matter as the call came, and who had the caller last (R57, R43): a pair as JSON.
ALTER TABLE calls ADD COLUMN recognised TEXT;
