//! The database's writer: one connection, one transaction per batch, every row known by its key so that writing twice changes nothing.

use crate::fold::Batch;
use crate::rows;
use crate::scan::Position;
use hotline_model::WallTime;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row, SqlSafeStr};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why the database could not be read or written.
#[derive(Debug)]
pub enum StoreError {
    /// Another process holds its lock.
    Busy,
    /// The disk is full.
    Full,
    /// There is no such file, or it can't be opened.
    CannotOpen(PathBuf),
    /// It holds what this program does not know: written by a newer one, or by hand.
    Unknown {
        /// Where.
        column: &'static str,
        /// What stands there.
        text: String,
    },
    /// Anything else the database says.
    Other(sqlx::Error),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("another process holds the database's lock"),
            Self::Full => f.write_str("no room on the database's disk"),
            Self::CannotOpen(path) => write!(f, "{} can't be opened", path.display()),
            Self::Unknown { column, text } => write!(f, "the database's {column} holds {text:?}, which this program does not know"),
            Self::Other(error) => write!(f, "the database says: {error}"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
        // The low byte is SQLite's primary result code.
        match code.map(|code| code & 0xff) {
            Some(5 | 6) => Self::Busy,
            Some(13) => Self::Full,
            Some(_) | None => Self::Other(error),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError::{Execute, ExecuteMigration};
        if let Execute(error) | ExecuteMigration(error, _) = error { error.into() } else { Self::Other(error.into()) }
    }
}

/// The writer. It connects when first asked, and anew after an error.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    connection: Option<SqliteConnection>,
}

/// How long SQLite itself waits for a lock; the archiver waits on its own beyond that.
const BUSY: Duration = Duration::from_millis(100);

impl Store {
    /// A store in this file; nothing is opened yet.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), connection: None }
    }

    /// The place up to which the journal is stored.
    pub async fn cursor(&mut self) -> Result<Position, StoreError> {
        let query = sqlx::query(SELECT_CURSOR);
        let row = query.fetch_optional(self.connection().await?).await;
        self.checked(row).await?.map_or(Ok(Position::default()), |row| rows::position_from(&row))
    }

    /// Writes a batch and its cursor in one transaction; what is there already stays as it is.
    pub async fn write(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let written = write(self.connection().await?, batch).await;
        self.checked(written).await
    }

    /// Destroys calls that were over before a time, the oldest first and at most so many, with all that is known of them; and decisions and
    /// seats' states of that time. What is deleted is overwritten (`secure_delete`). How many calls it were.
    pub async fn destroy(&mut self, before: WallTime, most: u32) -> Result<u64, StoreError> {
        let gone = destroy(self.connection().await?, before, most).await;
        self.checked(gone).await
    }

    /// Brings everything written so far into the database file and onto the disk; `false` if a reader was in the way.
    /// Until then a power failure could take back the last transactions.
    pub async fn checkpoint(&mut self) -> Result<bool, StoreError> {
        let row = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(self.connection().await?).await;
        let row = self.checked(row).await?;
        let number = |at: usize| row.try_get::<i64, _>(at);
        Ok(number(0)? == 0 && number(1)? == number(2)?)
    }

    /// Closes the connection; the next call opens it again.
    pub async fn close(&mut self) {
        if let Some(connection) = self.connection.take() {
            close(connection).await;
        }
    }

    async fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => open(&self.path).await?,
        };
        Ok(self.connection.insert(connection))
    }

    /// After an error the connection may be half-way through something: it is closed.
    async fn checked<T, E: Into<StoreError>>(&mut self, result: Result<T, E>) -> Result<T, StoreError> {
        if result.is_err() {
            self.close().await;
        }
        result.map_err(Into::into)
    }
}

/// Waits until it is closed. One that is only dropped is closed later, by its own thread, and the last one to be closed holds the database
/// locked meanwhile (it moves the WAL): the next one opened would find it busy.
async fn close(connection: SqliteConnection) {
    if let Err(error) = connection.close().await {
        tracing::debug!(%error, "closing the database");
    }
}

async fn open(path: &Path) -> Result<SqliteConnection, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .busy_timeout(BUSY)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .pragma("secure_delete", "ON")
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    // `run` on a borrowed connection makes a future that can't be sent to another thread; this is what it calls.
    if let Err(error) = migrator().run_direct(None, &mut connection, false).await {
        close(connection).await;
        return Err(error.into());
    }
    Ok(connection)
}

/// The schema's steps. Not by `migrate!`: that macro alone would build SQLite a second time, for the compiler.
fn migrator() -> Migrator {
    let steps = [
        (1, "calls", include_str!("../schema/0001_calls.sql")),
        (2, "outside", include_str!("../schema/0002_outside.sql")),
        (3, "transfers", include_str!("../schema/0003_transfers.sql")),
        (4, "phones", include_str!("../schema/0004_phones.sql")),
        (5, "due", include_str!("../schema/0005_due.sql")),
        (6, "survey", include_str!("../schema/0006_survey.sql")),
        (7, "message", include_str!("../schema/0007_message.sql")),
        (8, "assessed", include_str!("../schema/0008_assessed.sql")),
        (9, "offers until", include_str!("../schema/0009_offers_until.sql")),
        (10, "left", include_str!("../schema/0010_left.sql")),
    ];
    let step = |(version, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(steps.into_iter().map(step).collect())
}

async fn write(connection: &mut SqliteConnection, batch: &Batch) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    for (sql, rows) in tables(batch) {
        if rows != "[]" {
            sqlx::query(sql).bind(rows).execute(&mut *transaction).await?;
        }
    }
    let Position { segment, offset } = batch.cursor;
    sqlx::query(CURSOR).bind(segment.epoch).bind(segment.number).bind(offset.cast_signed()).execute(&mut *transaction).await?;
    transaction.commit().await
}

async fn destroy(connection: &mut SqliteConnection, before: WallTime, most: u32) -> Result<u64, sqlx::Error> {
    let old = "SELECT call FROM calls WHERE t0 < ?1 AND coalesce(t7, t6, t0) < ?1 ORDER BY t0, call LIMIT ?2";
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    for table in ["call_events", "offers", "clocks", "transfers", "decisions"] {
        let sql = format!("DELETE FROM {table} WHERE call IN ({old})");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(before.0).bind(most).execute(&mut *transaction).await?;
    }
    let calls = sqlx::query(sqlx::AssertSqlSafe(format!("DELETE FROM calls WHERE call IN ({old})")));
    let gone = calls.bind(before.0).bind(most).execute(&mut *transaction).await?.rows_affected();
    if gone < u64::from(most) {
        for sql in [
            "DELETE FROM call_events WHERE at < ? AND call NOT IN (SELECT call FROM calls)",
            "DELETE FROM decisions WHERE at < ? AND call NOT IN (SELECT call FROM calls)",
            "DELETE FROM seat_events WHERE at < ?",
        ] {
            sqlx::query(sql).bind(before.0).execute(&mut *transaction).await?;
        }
    }
    transaction.commit().await?;
    Ok(gone)
}

pub(crate) const SELECT_CURSOR: &str = "SELECT epoch, number, offset FROM cursor";
const CURSOR: &str = "INSERT INTO cursor (one, epoch, number, offset) VALUES (1, ?, ?, ?)
    ON CONFLICT DO UPDATE SET epoch = excluded.epoch, number = excluded.number, offset = excluded.offset";
const CALLS: &str = "INSERT INTO calls SELECT v->>'call', v->>'id', v->>'revision', v->>'dialled', v->>'from_number', v->>'sip_call_id',
    v->>'t0', v->>'t1', v->>'t2', v->>'t2r', v->>'t3', v->>'t4', v->>'t5', v->>'t6', v->>'t7', v->>'class', v->>'classified', v->>'queue',
    v->>'priority', v->>'seat', v->>'menus', v->>'digits', v->>'hung_up_by', v->>'cause', v->>'q850', v->>'disposition', v->>'recoveries',
    v->>'events_left_out', v->>'outside', v->>'calls_back', v->>'owner',
    v->>'phone', v->'recognised', v->'due', nullif(v->'survey', 'null'), v->'message', v->'assessed', v->>'left_at' FROM (SELECT value AS v FROM json_each(?)) WHERE true
    ON CONFLICT DO NOTHING";
const EVENTS: &str = "INSERT INTO call_events SELECT v->>0, v->>1, v->>2, v->3
    FROM (SELECT value AS v FROM json_each(?)) WHERE true ON CONFLICT DO NOTHING";
const OFFERS: &str = "INSERT INTO offers SELECT v->>0, v->>1, v->>2, v->>3, v->>4, v->>5, v->>6
    FROM (SELECT value AS v FROM json_each(?)) WHERE true ON CONFLICT DO NOTHING";
const CLOCKS: &str = "INSERT INTO clocks SELECT v->>0, v->>1, v->>2, v->>3, v->>4, v->>5, v->>6
    FROM (SELECT value AS v FROM json_each(?)) WHERE true ON CONFLICT DO NOTHING";
const TRANSFERS: &str =
    "INSERT INTO transfers SELECT v->>0, v->>1, v->>2, v->3, v->>4, v->>5, v->>6, v->>7, v->>8, v->>9, nullif(v->10, 'null')
    FROM (SELECT value AS v FROM json_each(?)) WHERE true ON CONFLICT DO NOTHING";
const DECISIONS: &str = "INSERT INTO decisions SELECT v->>0, v->>1, v->>2, v->>3, v->>4, v->>5, unhex(v->>6)
    FROM (SELECT value AS v FROM json_each(?)) WHERE true ON CONFLICT DO NOTHING";
const SEATS: &str = "INSERT INTO seat_events SELECT v->>0, v->>1, v->>2, v->>3, v->>4, v->>5, v->>6, v->>7, v->>8
    FROM (SELECT value AS v FROM json_each(?)) WHERE true ON CONFLICT DO NOTHING";

fn tables(batch: &Batch) -> [(&'static str, String); 7] {
    let records = || batch.calls.iter().filter_map(|call| Some((call, call.record.as_ref()?)));
    let events = batch.calls.iter().flat_map(|call| {
        let number = call.record.as_ref().map(|record| &record.from);
        call.events.iter().enumerate().map(move |(n, event)| rows::event(n, event, number))
    });
    let offers = records().flat_map(|(_, record)| record.offers.iter().enumerate().map(|(n, offer)| rows::offer(record.call, n, offer)));
    let clocks = records().flat_map(|(_, record)| record.clocks.iter().enumerate().map(|(n, clock)| rows::clock(record.call, n, clock)));
    let transfers =
        records().flat_map(|(_, record)| record.transfers.iter().enumerate().map(|(n, each)| rows::transfer(record.call, n, each)));
    [
        (CALLS, rows::array(records().map(|(call, record)| rows::call(call, record)))),
        (EVENTS, rows::array(events)),
        (OFFERS, rows::array(offers)),
        (CLOCKS, rows::array(clocks)),
        (TRANSFERS, rows::array(transfers)),
        (DECISIONS, rows::array(batch.decisions.iter().map(rows::decision))),
        (SEATS, rows::array(batch.seats.iter().map(|(epoch, event)| rows::seat(*epoch, event)))),
    ]
}
