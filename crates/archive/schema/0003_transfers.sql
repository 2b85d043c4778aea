-- The seat that is responsible for the matter (R57), and who each call was transferred to, or who was asked about it (R56, R58).
-- to_whom and result are JSON, as the record has them.
ALTER TABLE calls ADD COLUMN owner TEXT;
CREATE TABLE transfers (
    call      INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    from_seat TEXT NOT NULL,
    to_whom   TEXT NOT NULL,
    mode      TEXT NOT NULL,
    reason    TEXT,
    began     INTEGER NOT NULL,
    receiver  TEXT,
    answered  INTEGER,
    ended     INTEGER,
    result    TEXT,
    PRIMARY KEY (call, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX transfers_began ON transfers (began);
