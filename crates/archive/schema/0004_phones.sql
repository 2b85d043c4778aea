-- The telephone of a seat that made the call: it is the seat's own and no customer's.
ALTER TABLE calls ADD COLUMN phone TEXT;
