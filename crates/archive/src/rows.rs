//! What a batch looks like as rows: one JSON array per table, so that a batch costs one statement per table; and rows back as records.

use crate::fold::{Finished, StoredDecision};
use crate::scan::{Position, SegmentId};
use crate::store::StoreError;
use crate::words;
use hotline_model::history::{Classified, ClockChange, DialogState, EventKind, OfferEnd, SeatEvent};
use hotline_model::{
    Assessment, CallEvent, CallId, ClockResult, Decision, Name, Number, OfferRecord, Priority, QueueId, Record, Revision, SeatId,
    SeatState, Timestamp, TransferMode, TransferReason, TransferRecord, WallTime,
};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// A table's rows as a JSON array for `json_each`.
pub(crate) fn array(rows: impl Iterator<Item = Value>) -> String {
    Value::Array(rows.collect()).to_string()
}

pub(crate) fn call(finished: &Finished, record: &Record) -> Value {
    let at = |time: Option<WallTime>| time.map(|time| time.0);
    json!({
        "call": signed(record.call.0), "id": record.call.to_string(), "revision": signed(record.revision.0), "dialled": &*record.dialled,
        "from_number": record.from.reveal(), "sip_call_id": scrub(&record.sip_call_id, &record.from),
        "t0": record.t0.0, "t1": at(record.t1), "t2": at(record.t2), "t2r": at(record.t2r), "t3": at(record.t3), "t4": at(record.t4),
        "t5": at(record.t5), "t6": at(record.t6), "t7": at(record.t7),
        "class": record.classified.as_ref().and_then(|classified| classified.class).map(|class| class.word()),
        "classified": record.classified.as_ref().map(|classified| json!(classified)),
        "queue": record.queue.as_deref(), "priority": record.priority.map(Priority::word), "seat": record.seat.as_deref(),
        "outside": record.outside.as_deref(), "calls_back": record.calls_back.map(|call| signed(call.0)), "owner": record.owner.as_deref(),
        "recognised": json!(record.recognised), "due": json!(record.due), "survey": json!(record.survey),
        "message": json!(record.message),
        "assessed": json!(record.assessed), "left_at": at(record.left),
        "phone": record.phone.as_deref(), "menus": json!(record.menus), "digits": record.digits,
        "hung_up_by": record.hung_up_by.map(words::side),
        "cause": record.cause.map(words::cause), "q850": record.q850, "disposition": record.disposition.as_deref(),
        "recoveries": record.recoveries, "events_left_out": finished.left_out,
    })
}

pub(crate) fn event(n: usize, event: &CallEvent, number: Option<&Number>) -> Value {
    json!([signed(event.call.0), n, event.at.0, json!(without_number(&event.kind, number))])
}

pub(crate) fn offer(call: CallId, n: usize, offer: &OfferRecord) -> Value {
    json!([
        signed(call.0),
        n,
        &*offer.seat,
        signed(offer.decision),
        offer.at.0,
        offer.end.map(words::offer_end),
        offer.until.map(|at| at.0)
    ])
}

pub(crate) fn clock(call: CallId, n: usize, clock: &ClockResult) -> Value {
    json!([signed(call.0), n, clock.clock, clock.limit_ms, clock.started.0, words::clock_change(clock.state), clock.at.0])
}

pub(crate) fn transfer(call: CallId, n: usize, transfer: &TransferRecord) -> Value {
    let TransferRecord { from, to, mode, reason, began, receiver, answered, ended, end } = transfer;
    let (reason, result) = (reason.map(TransferReason::word), end.map(|end| json!(end)));
    let at = |time: &Option<WallTime>| time.map(|time| time.0);
    json!([signed(call.0), n, &**from, json!(to), mode.word(), reason, began.0, receiver.as_deref(), at(answered), at(ended), result])
}

pub(crate) fn decision(stored: &StoredDecision) -> Value {
    let (decision, hex) = (&stored.decision, hex(&pack(&stored.decision)));
    json!([stored.epoch, signed(decision.seq), signed(decision.call.0), stored.at.0, &*stored.queue, stored.seat.as_deref(), hex])
}

pub(crate) fn seat(epoch: u32, event: &SeatEvent) -> Value {
    let state = event.state;
    json!([
        epoch,
        signed(event.seq),
        event.at.0,
        &*event.seat,
        event.id.0,
        words::intent(state.intent),
        words::activity(state.activity),
        state.reachable,
        event.call.map(|call| signed(call.0))
    ])
}

/// SQLite's integers are signed; the bits stay the same.
pub(crate) fn signed(value: u64) -> i64 {
    value.cast_signed()
}

/// The event without the caller's number, which stands in one column only; dialogs are of no use once the call is over.
fn without_number(kind: &EventKind, number: Option<&Number>) -> EventKind {
    let mut kind = kind.clone();
    if let EventKind::Arrived { from, sip_call_id, .. } = &mut kind {
        *sip_call_id = scrub(sip_call_id, from);
        *from = Number::default();
    } else if let EventKind::Leg { dialog, .. } | EventKind::Inviting { dialog, .. } = &mut kind {
        strip(dialog, number);
    }
    kind
}

fn strip(dialog: &mut DialogState, number: Option<&Number>) {
    for text in [&mut dialog.local_party, &mut dialog.remote_party, &mut dialog.remote_target, &mut dialog.contact] {
        text.clear();
    }
    dialog.route_set.clear();
    if let Some(number) = number {
        dialog.call_id = scrub(&dialog.call_id, number);
    }
}

/// Some gateways put the caller's number into the Call-ID.
fn scrub(text: &str, number: &Number) -> String {
    /// A shorter number could be part of anything.
    const SHORTEST: usize = 5;
    let whole = number.reveal();
    if whole.len() >= SHORTEST && text.contains(whole) { text.replace(whole, &number.to_string()) } else { text.to_owned() }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The 64 bytes of a decision, little endian, in the order of its fields.
pub(crate) fn pack(decision: &Decision) -> [u8; 64] {
    let mut bytes = Vec::with_capacity(64);
    let at = decision.at.0.cast_unsigned();
    [decision.seq, at, decision.call.0, decision.revision.0].iter().for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
    [decision.seat, decision.admitted, decision.ready, decision.ahead, decision.waited_ms, decision.rank]
        .iter()
        .for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
    bytes.extend_from_slice(&decision.queue.0.to_le_bytes());
    bytes.extend_from_slice(&[decision.trigger as u8, decision.key as u8, decision.step, decision.tier]);
    bytes.extend_from_slice(&[decision.priority as u8, decision.proficiency]);
    bytes.try_into().expect("4 x 8 + 6 x 4 + 2 + 6 is 64")
}

/// A decision out of its 64 bytes; `None` if one of its bytes has no meaning.
pub(crate) fn unpack(bytes: &[u8; 64]) -> Option<Decision> {
    let eight = |at: usize| u64::from_le_bytes(*bytes[at..].first_chunk().expect("within 64"));
    let four = |at: usize| u32::from_le_bytes(*bytes[at..].first_chunk().expect("within 64"));
    Some(Decision {
        seq: eight(0),
        at: Timestamp(eight(8).cast_signed()),
        call: CallId(eight(16)),
        revision: Revision(eight(24)),
        seat: four(32),
        admitted: four(36),
        ready: four(40),
        ahead: four(44),
        waited_ms: four(48),
        rank: four(52),
        queue: QueueId(u16::from_le_bytes([bytes[56], bytes[57]])),
        trigger: words::trigger_from(bytes[58])?,
        key: words::key_from(bytes[59])?,
        step: bytes[60],
        tier: bytes[61],
        priority: words::priority_from(bytes[62])?,
        proficiency: bytes[63],
    })
}

/// A record out of a row of `calls` with its offers and clocks as JSON (see `query.rs`).
pub(crate) fn record_from(row: &SqliteRow) -> Result<Record, StoreError> {
    let at = |column: &str| row.try_get::<Option<i64>, _>(column).map(|time| time.map(WallTime));
    let name = |column: &str| row.try_get::<Option<String>, _>(column).map(|text| text.map(Name::from));
    let number: String = row.try_get("from_number")?;
    Ok(Record {
        call: CallId(row.try_get::<i64, _>("call")?.cast_unsigned()),
        revision: Revision(row.try_get::<i64, _>("revision")?.cast_unsigned()),
        dialled: row.try_get::<String, _>("dialled")?.into(),
        from: Number::new(&number),
        sip_call_id: row.try_get("sip_call_id")?,
        t0: WallTime(row.try_get("t0")?),
        t1: at("t1")?,
        t2: at("t2")?,
        t2r: at("t2r")?,
        t3: at("t3")?,
        t4: at("t4")?,
        t5: at("t5")?,
        t6: at("t6")?,
        t7: at("t7")?,
        classified: row.try_get::<Option<String>, _>("classified")?.map(|text| json_from::<Classified>(&text)).transpose()?,
        queue: name("queue")?,
        priority: word(row, "priority", Priority::from_word)?,
        seat: name("seat")?,
        outside: name("outside")?,
        calls_back: row.try_get::<Option<i64>, _>("calls_back")?.map(|call| CallId(call.cast_unsigned())),
        phone: name("phone")?,
        menus: json_from(row.try_get("menus")?)?,
        digits: row.try_get("digits")?,
        offers: offers_from(row.try_get("offers")?)?,
        clocks: clocks_from(row.try_get("clocks")?)?,
        hung_up_by: word(row, "hung_up_by", words::side_from)?,
        cause: word(row, "cause", words::cause_from)?,
        q850: row.try_get("q850")?,
        disposition: name("disposition")?,
        recoveries: row.try_get("recoveries")?,
        owner: name("owner")?,
        recognised: row.try_get::<Option<String>, _>("recognised")?.map_or(Ok((None, None)), |text| json_from(&text))?,
        due: row.try_get::<Option<String>, _>("due")?.map_or(Ok(Vec::new()), |text| json_from(&text))?,
        survey: row.try_get::<Option<String>, _>("survey")?.map(|text| json_from(&text)).transpose()?,
        message: row.try_get::<Option<String>, _>("message")?.map_or(Ok(None), |text| json_from(&text))?,
        assessed: row.try_get::<Option<String>, _>("assessed")?.map_or(Ok(Assessment::default()), |text| json_from(&text))?,
        transfers: transfers_from(row.try_get("transfers")?)?,
        left: row.try_get::<Option<i64>, _>("left_at")?.map(WallTime),
    })
}

fn word<T>(row: &SqliteRow, column: &'static str, from: fn(&str) -> Option<T>) -> Result<Option<T>, StoreError> {
    let Some(text) = row.try_get::<Option<String>, _>(column)? else { return Ok(None) };
    from(&text).map(Some).ok_or(StoreError::Unknown { column, text })
}

pub(crate) fn json_from<'a, T: serde::Deserialize<'a>>(text: &'a str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Unknown { column: "JSON", text: text.chars().take(80).collect() })
}

/// A row of `offers`: seat, decision, at, ended, until.
type OfferRow = (String, i64, i64, Option<String>, Option<i64>);

fn offers_from(text: &str) -> Result<Vec<OfferRecord>, StoreError> {
    let rows: Vec<OfferRow> = json_from(text)?;
    let end = |text: String| words::offer_end_from(&text).ok_or(StoreError::Unknown { column: "ended", text });
    rows.into_iter()
        .map(|(seat, decision, at, ended, until)| {
            let end: Option<OfferEnd> = ended.map(end).transpose()?;
            Ok(OfferRecord { seat: seat.into(), decision: decision.cast_unsigned(), at: WallTime(at), end, until: until.map(WallTime) })
        })
        .collect()
}

fn clocks_from(text: &str) -> Result<Vec<ClockResult>, StoreError> {
    let rows: Vec<(u8, u32, i64, String, i64)> = json_from(text)?;
    rows.into_iter()
        .map(|(clock, limit_ms, started, state, at)| {
            let state: ClockChange = words::clock_change_from(&state).ok_or(StoreError::Unknown { column: "state", text: state })?;
            Ok(ClockResult { clock, limit_ms, started: WallTime(started), state, at: WallTime(at) })
        })
        .collect()
}

/// A row of `transfers`: from_seat, to_whom, mode, reason, began, receiver, answered, ended, result.
type TransferRow = (String, String, String, Option<String>, i64, Option<String>, Option<i64>, Option<i64>, Option<String>);

fn transfers_from(text: &str) -> Result<Vec<TransferRecord>, StoreError> {
    let rows: Vec<TransferRow> = json_from(text)?;
    rows.into_iter()
        .map(|(from, to, mode, reason, began, receiver, answered, ended, result)| {
            let unknown = |column, text: &str| StoreError::Unknown { column, text: text.to_owned() };
            let reason = reason.map(|text| TransferReason::from_word(&text).ok_or_else(|| unknown("reason", &text)));
            Ok(TransferRecord {
                from: from.into(),
                to: json_from(&to)?,
                mode: TransferMode::from_word(&mode).ok_or_else(|| unknown("mode", &mode))?,
                reason: reason.transpose()?,
                began: WallTime(began),
                receiver: receiver.map(Name::from),
                answered: answered.map(WallTime),
                ended: ended.map(WallTime),
                end: result.map(|text| json_from(&text)).transpose()?,
            })
        })
        .collect()
}

/// An event out of its row; `None` if another version wrote it in a form that this one does not know.
pub(crate) fn event_from(call: CallId, row: &SqliteRow, number: Option<&Number>) -> Result<Option<CallEvent>, StoreError> {
    let Ok(mut kind) = json_from::<EventKind>(row.try_get("payload")?) else { return Ok(None) };
    if let (EventKind::Arrived { from, .. }, Some(number)) = (&mut kind, number) {
        *from = number.clone();
    }
    Ok(Some(CallEvent { call, at: WallTime(row.try_get("at")?), kind }))
}

pub(crate) fn decision_from(row: &SqliteRow) -> Result<StoredDecision, StoreError> {
    let data: Vec<u8> = row.try_get("data")?;
    let packed: Option<&[u8; 64]> = data.as_slice().try_into().ok();
    let decision = packed.and_then(unpack).ok_or_else(|| StoreError::Unknown { column: "data", text: hex(&data) })?;
    Ok(StoredDecision {
        epoch: row.try_get("epoch")?,
        decision,
        at: WallTime(row.try_get("at")?),
        queue: row.try_get::<String, _>("queue")?.into(),
        seat: row.try_get::<Option<String>, _>("seat")?.map(Name::from),
    })
}

pub(crate) fn seat_from(row: &SqliteRow) -> Result<SeatEvent, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let (intent, activity) = (text("intent")?, text("activity")?);
    let state = SeatState {
        intent: words::intent_from(&intent).ok_or(StoreError::Unknown { column: "intent", text: intent })?,
        activity: words::activity_from(&activity).ok_or(StoreError::Unknown { column: "activity", text: activity })?,
        reachable: row.try_get("reachable")?,
    };
    Ok(SeatEvent {
        seq: row.try_get::<i64, _>("seq")?.cast_unsigned(),
        at: WallTime(row.try_get("at")?),
        seat: text("seat")?.into(),
        id: SeatId(row.try_get("id")?),
        state,
        call: row.try_get::<Option<i64>, _>("call")?.map(|call| CallId(call.cast_unsigned())),
    })
}

pub(crate) fn position_from(row: &SqliteRow) -> Result<Position, StoreError> {
    let segment = SegmentId { epoch: row.try_get("epoch")?, number: row.try_get("number")? };
    Ok(Position { segment, offset: row.try_get::<i64, _>("offset")?.cast_unsigned() })
}
