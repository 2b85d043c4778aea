//! Questions to the database, asked by readers that can't change it and never stand in the writer's way.

use crate::fold::StoredDecision;
use crate::look::SeatStates;
use crate::rows;
use crate::scan::Position;
use crate::store::{self, StoreError};
use hotline_model::history::{Cause, SeatEvent};
use hotline_model::{CallEvent, CallId, Record, WallTime};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteRow};
use sqlx::{QueryBuilder, Sqlite, Transaction};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// How a call ended, or how far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has not ended yet.
    Live,
    /// A person answered it.
    Answered,
    /// The caller left while waiting for a person (C24).
    Abandoned,
    /// The caller left in the menus or before.
    LeftEarly,
    /// A menu or an announcement ended it as intended.
    SelfService,
    /// The block list turned the caller away, or every queue was full.
    TurnedAway,
    /// We failed it, or it was a seat's own call that could not be put through.
    Failed,
}

impl Outcome {
    /// The outcome of a record.
    pub fn of(record: &Record) -> Self {
        let Some(cause) = record.cause else {
            return if record.t6.is_none() { Self::Live } else { Self::Failed };
        };
        if record.t3.is_some() {
            return Self::Answered;
        }
        match cause {
            Cause::AbandonedInQueue => Self::Abandoned,
            Cause::Normal if record.t2.is_some() => Self::Abandoned,
            Cause::AbandonedInMenu | Cause::Cancelled | Cause::Normal => Self::LeftEarly,
            Cause::Completed | Cause::OutOfHours => Self::SelfService,
            Cause::Blocked | Cause::QueuesFull => Self::TurnedAway,
            Cause::NoAck | Cause::Unreachable | Cause::Technical | Cause::Shutdown | Cause::NotReached => Self::Failed,
            Cause::NotPutThrough(_) | Cause::CodeRefused => Self::Failed,
        }
    }

    fn condition(self) -> &'static str {
        match self {
            Self::Live => "t6 IS NULL AND cause IS NULL",
            Self::Answered => "t3 IS NOT NULL AND cause IS NOT NULL",
            Self::Abandoned => "t3 IS NULL AND (cause = 'abandoned_in_queue' OR (cause = 'normal' AND t2 IS NOT NULL))",
            Self::LeftEarly => "t3 IS NULL AND (cause IN ('abandoned_in_menu', 'cancelled') OR (cause = 'normal' AND t2 IS NULL))",
            Self::SelfService => "t3 IS NULL AND cause IN ('completed', 'out_of_hours')",
            Self::TurnedAway => "t3 IS NULL AND cause IN ('blocked', 'queues_full')",
            Self::Failed => {
                "((t3 IS NULL AND (cause IN ('no_ack', 'unreachable', 'technical', 'shutdown', 'not_reached', 'code_refused')
                    OR cause LIKE 'not_put_through:%')) OR (t6 IS NOT NULL AND cause IS NULL))"
            }
        }
    }
}

/// Which calls are wanted: the newest first.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Arrived at this time or later.
    pub since: Option<WallTime>,
    /// Arrived before this time.
    pub until: Option<WallTime>,
    /// From exactly this number.
    pub number: Option<String>,
    /// Answered last by this seat.
    pub seat: Option<String>,
    /// Queued last in this queue.
    pub queue: Option<String>,
    /// With this outcome.
    pub outcome: Option<Outcome>,
    /// Only calls behind this one in the order: the last one of the page before.
    pub behind: Option<(WallTime, CallId)>,
    /// At most so many.
    pub limit: u32,
}

impl Filter {
    /// Whether a record passes (the limit aside).
    pub fn admits(&self, record: &Record) -> bool {
        self.since.is_none_or(|since| record.t0 >= since)
            && self.until.is_none_or(|until| record.t0 < until)
            && self.number.as_deref().is_none_or(|number| record.from.reveal() == number)
            && self.seat.as_deref().is_none_or(|seat| record.seat.as_deref() == Some(seat))
            && self.queue.as_deref().is_none_or(|queue| record.queue.as_deref() == Some(queue))
            && self.outcome.is_none_or(|outcome| Outcome::of(record) == outcome)
            && self.behind.is_none_or(|behind| (record.t0, record.call) < behind)
    }

    fn conditions(&self, query: &mut QueryBuilder<Sqlite>) {
        query.push(" WHERE true");
        if let Some(since) = self.since {
            query.push(" AND t0 >= ").push_bind(since.0);
        }
        if let Some(until) = self.until {
            query.push(" AND t0 < ").push_bind(until.0);
        }
        let texts = [("from_number", &self.number), ("seat", &self.seat), ("queue", &self.queue)];
        for (column, text) in texts.into_iter().filter_map(|(column, text)| Some((column, text.clone()?))) {
            query.push(format_args!(" AND {column} = ")).push_bind(text);
        }
        if let Some(outcome) = self.outcome {
            query.push(" AND ").push(outcome.condition());
        }
        if let Some((at, call)) = self.behind {
            query.push(" AND (t0, call) < (").push_bind(at.0).push(", ").push_bind(rows::signed(call.0)).push(")");
        }
    }
}

/// A call as the database has it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredCall {
    /// Its record; `None` if the journal had lost its arrival to damage.
    pub record: Option<Record>,
    /// Its events, in order; without what a re-INVITE would need.
    pub events: Vec<CallEvent>,
    /// Events that were counted in the record but not kept singly, or that another version wrote in a form unknown to this one.
    pub left_out: u32,
    /// The router's decisions on it, in order.
    pub decisions: Vec<StoredDecision>,
}

/// What happened while a call waited.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meanwhile {
    /// Seats' changes, in order.
    pub seats: Vec<SeatEvent>,
    /// The router's decisions on all calls, in order.
    pub decisions: Vec<StoredDecision>,
}

/// Reads the database; any number of readers may run beside the writer.
#[derive(Clone, Debug)]
pub struct Reader {
    pool: SqlitePool,
}

/// The database as it is at its first question: what is asked in several parts must not see the archiver write between two of them.
struct Moment {
    transaction: Transaction<'static, Sqlite>,
}

impl Moment {
    async fn calls(&mut self, filter: &Filter) -> Result<Vec<Record>, StoreError> {
        let mut query = QueryBuilder::new(SELECT);
        filter.conditions(&mut query);
        query.push(" ORDER BY t0 DESC, call DESC LIMIT ").push_bind(filter.limit);
        query.build().fetch_all(&mut *self.transaction).await?.iter().map(rows::record_from).collect()
    }

    async fn stored_of(&mut self, calls: impl Iterator<Item = CallId>) -> Result<BTreeSet<CallId>, StoreError> {
        let ids = serde_json::Value::from_iter(calls.map(|call| rows::signed(call.0))).to_string();
        let query = sqlx::query_scalar::<_, i64>("SELECT call FROM calls WHERE call IN (SELECT value FROM json_each(?))").bind(ids);
        Ok(query.fetch_all(&mut *self.transaction).await?.into_iter().map(|id| CallId(id.cast_unsigned())).collect())
    }

    async fn call(&mut self, call: CallId) -> Result<Option<StoredCall>, StoreError> {
        let record = self.record(call).await?;
        self.rest(call, record).await
    }

    /// The record, and how many events were not kept singly.
    async fn record(&mut self, call: CallId) -> Result<Option<(Record, u32)>, StoreError> {
        let mut query = QueryBuilder::new(SELECT);
        query.push(" WHERE call = ").push_bind(rows::signed(call.0));
        let row = query.build().fetch_optional(&mut *self.transaction).await?;
        row.map(|row| Ok((rows::record_from(&row)?, sqlx::Row::try_get(&row, "events_left_out")?))).transpose()
    }

    async fn rest(&mut self, call: CallId, record: Option<(Record, u32)>) -> Result<Option<StoredCall>, StoreError> {
        let (record, mut left_out) = record.map_or((None, 0), |(record, left_out)| (Some(record), left_out));
        let number = record.as_ref().map(|record| &record.from);
        let query = sqlx::query("SELECT at, payload FROM call_events WHERE call = ? ORDER BY n").bind(rows::signed(call.0));
        let events = query.fetch_all(&mut *self.transaction).await?;
        let read: Vec<_> = events.iter().map(|row| rows::event_from(call, row, number)).collect::<Result<_, _>>()?;
        left_out += read.iter().filter(|event| event.is_none()).count() as u32;
        let events: Vec<_> = read.into_iter().flatten().collect();
        let decisions = self.decisions(call).await?;
        Ok((record.is_some() || !events.is_empty()).then_some(StoredCall { record, events, left_out, decisions }))
    }

    async fn decisions(&mut self, call: CallId) -> Result<Vec<StoredDecision>, StoreError> {
        let query = sqlx::query("SELECT * FROM decisions WHERE call = ? ORDER BY epoch, seq").bind(rows::signed(call.0));
        query.fetch_all(&mut *self.transaction).await?.iter().map(rows::decision_from).collect()
    }
}

const SELECT: &str = "SELECT calls.*,
    (SELECT json_group_array(json_array(seat, decision, at, ended, until) ORDER BY n) FROM offers WHERE offers.call = calls.call) AS offers,
    (SELECT json_group_array(json_array(from_seat, to_whom, mode, reason, began, receiver, answered, ended, result) ORDER BY n)
        FROM transfers WHERE transfers.call = calls.call) AS transfers,
    (SELECT json_group_array(json_array(clock, limit_ms, started, state, at) ORDER BY n) FROM clocks WHERE clocks.call = calls.call)
    AS clocks FROM calls";

impl Reader {
    /// Opens an existing database read-only, and looks whether it is one of ours.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::CannotOpen(path.to_owned()));
        }
        let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(Duration::from_secs(2));
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        let reader = Self { pool };
        reader.cursor().await?;
        Ok(reader)
    }

    /// Records that pass a filter, the newest first.
    pub async fn calls(&self, filter: &Filter) -> Result<Vec<Record>, StoreError> {
        self.moment().await?.calls(filter).await
    }

    /// The same, and which of these other calls are stored at that moment.
    pub(crate) async fn calls_beside(
        &self,
        filter: &Filter,
        others: impl Iterator<Item = CallId>,
    ) -> Result<(Vec<Record>, BTreeSet<CallId>), StoreError> {
        let mut moment = self.moment().await?;
        let stored = moment.stored_of(others).await?;
        Ok((moment.calls(filter).await?, stored))
    }

    /// The place up to which the journal is stored.
    pub async fn cursor(&self) -> Result<Position, StoreError> {
        let row = sqlx::query(store::SELECT_CURSOR).fetch_optional(&self.pool).await?;
        row.map_or(Ok(Position::default()), |row| rows::position_from(&row))
    }

    /// All that is stored about a call.
    pub async fn call(&self, call: CallId) -> Result<Option<StoredCall>, StoreError> {
        self.moment().await?.call(call).await
    }

    /// The stored decisions on a call, in order; a call that is still live has some too.
    pub async fn decisions(&self, call: CallId) -> Result<Vec<StoredDecision>, StoreError> {
        self.moment().await?.decisions(call).await
    }

    /// Which of these calls are stored.
    pub(crate) async fn stored_of(&self, calls: impl Iterator<Item = CallId>) -> Result<BTreeSet<CallId>, StoreError> {
        self.moment().await?.stored_of(calls).await
    }

    async fn moment(&self) -> Result<Moment, StoreError> {
        Ok(Moment { transaction: self.pool.begin().await? })
    }

    /// Up to `each` decisions on either side of a place in the router's order, and the one there, in order.
    pub async fn decisions_around(&self, epoch: u32, seq: u64, each: u32) -> Result<Vec<StoredDecision>, StoreError> {
        let query = sqlx::query(
            "SELECT * FROM (SELECT * FROM decisions WHERE epoch = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3)
             UNION ALL SELECT * FROM (SELECT * FROM decisions WHERE epoch = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3 + 1) ORDER BY seq",
        );
        let rows = query.bind(epoch).bind(rows::signed(seq)).bind(each).fetch_all(&self.pool).await?;
        rows.iter().map(rows::decision_from).collect()
    }

    /// Each seat's last change at or before a place in the router's order.
    pub async fn seat_states_at(&self, epoch: u32, seq: u64) -> Result<SeatStates, StoreError> {
        let query = sqlx::query(
            "WITH RECURSIVE seats (name) AS (
                SELECT min(seat) FROM seat_events WHERE epoch = ?1
                UNION ALL SELECT (SELECT min(seat) FROM seat_events WHERE epoch = ?1 AND seat > name) FROM seats WHERE name IS NOT NULL)
             SELECT e.* FROM seats JOIN seat_events e ON e.epoch = ?1 AND e.seat = seats.name AND e.seq =
                (SELECT max(seq) FROM seat_events WHERE epoch = ?1 AND seat = seats.name AND seq <= ?2)",
        );
        let found: Vec<SqliteRow> = query.bind(epoch).bind(rows::signed(seq)).fetch_all(&self.pool).await?;
        found.iter().map(|row| rows::seat_from(row).map(|event| (event.seat.clone(), event))).collect()
    }

    /// Seats' changes and decisions from a place in the router's order up to a time; of each the first `most`.
    pub async fn meanwhile(&self, epoch: u32, from: u64, until: WallTime, most: u32) -> Result<Meanwhile, StoreError> {
        let seats = self.rows_meanwhile("seat_events", epoch, from, until, most).await?;
        let decisions = self.rows_meanwhile("decisions", epoch, from, until, most).await?;
        Ok(Meanwhile {
            seats: seats.iter().map(rows::seat_from).collect::<Result<_, _>>()?,
            decisions: decisions.iter().map(rows::decision_from).collect::<Result<_, _>>()?,
        })
    }

    /// A seat's last changes in a run, the newest first.
    pub async fn seat_history(&self, epoch: u32, seat: &str, most: u32) -> Result<Vec<SeatEvent>, StoreError> {
        let query = sqlx::query("SELECT * FROM seat_events WHERE epoch = ? AND seat = ? ORDER BY seq DESC LIMIT ?");
        query.bind(epoch).bind(seat).bind(most).fetch_all(&self.pool).await?.iter().map(rows::seat_from).collect()
    }

    async fn rows_meanwhile(&self, table: &str, epoch: u32, from: u64, until: WallTime, most: u32) -> Result<Vec<SqliteRow>, StoreError> {
        // The end is looked for in order, so that nothing behind it is read.
        let mut query = QueryBuilder::new(format!("SELECT * FROM {table} WHERE epoch = "));
        query.push_bind(epoch).push(" AND seq >= ").push_bind(rows::signed(from));
        query.push(format_args!(" AND seq < ifnull((SELECT seq FROM {table} WHERE epoch = ")).push_bind(epoch);
        query.push(" AND seq >= ").push_bind(rows::signed(from)).push(" AND at > ").push_bind(until.0);
        query.push(" ORDER BY seq LIMIT 1), 9223372036854775807) ORDER BY seq LIMIT ").push_bind(most);
        Ok(query.build().fetch_all(&self.pool).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::{Batch, Finished};
    use crate::store::Store;
    use hotline_model::history::EventKind;
    use hotline_model::{Number, Revision};

    fn arrived() -> EventKind {
        EventKind::Arrived {
            dialled: "hotline".into(),
            from: Number::new("13800138000"),
            source: ([127, 0, 0, 1], 5061).into(),
            sip_call_id: "x".into(),
            revision: Revision(1),
        }
    }

    #[tokio::test]
    async fn a_call_stored_while_calls_are_listed_is_either_among_those_stored_or_not_yet_for_the_list_too() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(crate::DATABASE);
        let mut store = Store::new(&path);
        store.cursor().await.unwrap();
        let (reader, id) = (Reader::open(&path).await.unwrap(), CallId::new(1, 0, 1));
        let event = |at, kind| CallEvent { call: id, at: WallTime(at), kind };
        let events = vec![event(1, arrived()), event(2, EventKind::Archived)];
        let mut batch = Batch::default();
        batch.calls.push(Finished { call: id, record: Record::fold(&events), events, left_out: 0 });

        let filter = Filter { limit: 10, ..Filter::default() };
        let mut moment = reader.moment().await.unwrap();
        assert!(moment.stored_of([id].into_iter()).await.unwrap().is_empty());
        store.write(&batch).await.unwrap();
        assert_eq!(moment.calls(&filter).await.unwrap(), [], "else the list has it as it was and as it is");
        let (calls, stored) = reader.calls_beside(&filter, [id].into_iter()).await.unwrap();
        assert_eq!((calls.len(), stored.len()), (1, 1));
    }

    #[tokio::test]
    async fn a_call_stored_while_it_is_asked_for_is_there_wholly_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(crate::DATABASE);
        let mut store = Store::new(&path);
        store.cursor().await.unwrap();
        let (reader, id) = (Reader::open(&path).await.unwrap(), CallId::new(1, 0, 1));
        let event = |at, kind| CallEvent { call: id, at: WallTime(at), kind };
        let events = vec![event(1, arrived()), event(2, EventKind::PickedUp), event(3, EventKind::Archived)];
        let mut batch = Batch::default();
        batch.calls.push(Finished { call: id, record: Record::fold(&events), events, left_out: 0 });

        let mut before = reader.moment().await.unwrap();
        let record = before.record(id).await.unwrap();
        assert_eq!(record, None);
        store.write(&batch).await.unwrap();
        assert_eq!(before.rest(id, record).await.unwrap(), None, "else its arrival seems to be lost");
        let found = reader.call(id).await.unwrap().unwrap();
        assert!(found.record.is_some() && found.events.len() == 3);
    }
}
