-- Times are microseconds since 1970-01-01T00:00:00Z. The view call_times shows them as ISO-8601.
-- The caller's number stands in calls.from_number and nowhere else.
CREATE TABLE calls (
    call         INTEGER PRIMARY KEY,
    id           TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    dialled      TEXT NOT NULL,
    from_number  TEXT NOT NULL,
    sip_call_id  TEXT NOT NULL,
    t0           INTEGER NOT NULL,
    t1           INTEGER,
    t2           INTEGER,
    t2r          INTEGER,
    t3           INTEGER,
    t4           INTEGER,
    t5           INTEGER,
    t6           INTEGER,
    t7           INTEGER,
    class        TEXT,
    classified   TEXT,
    queue        TEXT,
    priority     TEXT,
    seat         TEXT,
    menus        TEXT NOT NULL,
    digits       TEXT NOT NULL,
    hung_up_by   TEXT,
    cause        TEXT,
    q850         INTEGER,
    disposition  TEXT,
    recoveries   INTEGER NOT NULL,
    events_left_out INTEGER NOT NULL
) STRICT;
CREATE INDEX calls_t0 ON calls (t0, call);
CREATE INDEX calls_seat ON calls (seat, t0);
CREATE INDEX calls_queue ON calls (queue, t0);
CREATE INDEX calls_from ON calls (from_number, t0);

-- n counts from 0 in each table's call.
CREATE TABLE call_events (
    call    INTEGER NOT NULL,
    n       INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (call, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE offers (
    call     INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    seat     TEXT NOT NULL,
    decision INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    ended    TEXT,
    PRIMARY KEY (call, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE clocks (
    call     INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    clock    INTEGER NOT NULL,
    limit_ms INTEGER NOT NULL,
    started  INTEGER NOT NULL,
    state    TEXT NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (call, n)
) STRICT, WITHOUT ROWID;

-- seq begins anew in each run, hence the epoch.
CREATE TABLE decisions (
    epoch INTEGER NOT NULL,
    seq   INTEGER NOT NULL,
    call  INTEGER NOT NULL,
    at    INTEGER NOT NULL,
    queue TEXT NOT NULL,
    seat  TEXT,
    data  BLOB NOT NULL CHECK (length(data) = 64),
    PRIMARY KEY (epoch, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX decisions_call ON decisions (call);

CREATE TABLE seat_events (
    epoch     INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    seat      TEXT NOT NULL,
    id        INTEGER NOT NULL,
    intent    TEXT NOT NULL,
    activity  TEXT NOT NULL,
    reachable INTEGER NOT NULL,
    call      INTEGER,
    PRIMARY KEY (epoch, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX seat_events_seat ON seat_events (epoch, seat, seq);

-- All of the journal before this place is stored.
CREATE TABLE cursor (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    epoch  INTEGER NOT NULL,
    number INTEGER NOT NULL,
    offset INTEGER NOT NULL
) STRICT;

CREATE VIEW call_times AS SELECT
    id, queue, seat, cause,
    strftime('%Y-%m-%dT%H:%M:%fZ', t0 / 1e6, 'unixepoch') AS t0,
    strftime('%Y-%m-%dT%H:%M:%fZ', t1 / 1e6, 'unixepoch') AS t1,
    strftime('%Y-%m-%dT%H:%M:%fZ', t2 / 1e6, 'unixepoch') AS t2,
    strftime('%Y-%m-%dT%H:%M:%fZ', t2r / 1e6, 'unixepoch') AS t2r,
    strftime('%Y-%m-%dT%H:%M:%fZ', t3 / 1e6, 'unixepoch') AS t3,
    strftime('%Y-%m-%dT%H:%M:%fZ', t4 / 1e6, 'unixepoch') AS t4,
    strftime('%Y-%m-%dT%H:%M:%fZ', t5 / 1e6, 'unixepoch') AS t5,
    strftime('%Y-%m-%dT%H:%M:%fZ', t6 / 1e6, 'unixepoch') AS t6,
    strftime('%Y-%m-%dT%H:%M:%fZ', t7 / 1e6, 'unixepoch') AS t7
FROM calls;
