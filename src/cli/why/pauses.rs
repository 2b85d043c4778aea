//! Seats that get no offer for a while because one of theirs failed (`assign.delays`, `assign.rona`).

use hotline_archive::{Look, LookError, SeatStates};
use hotline_model::history::{EventKind, OfferEnd, Receiver, SeatEvent};
use hotline_model::{Activity, CallEvent, CallId, Intent, Name, NotReadyReason, Record, WallTime};
use hotline_rules::{Plan, RonaAction};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A seat's changes since an offer that are looked through: those who are in a pause may go and come.
const CHANGES: u32 = 20;
/// The router's lease of an offer ends 5 s after its ring.
const LEASE: Duration = Duration::from_secs(6);
/// Seats that are asked whether they are in a pause, those that changed last.
const ASKED: usize = 50;

/// What says how long a pause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// Its phone was busy (486, 600).
    Busy,
    /// It refused otherwise, or its ring was cut short.
    Rejected,
    /// It rang in full.
    Rona,
}

impl Setting {
    /// As messages name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Busy => "`assign.delays.busy`",
            Self::Rejected => "`assign.delays.rejected`",
            Self::Rona => "`assign.rona.retry_after`",
        }
    }

    /// The names of these; if nothing is known, of all that may be.
    pub fn names(settings: impl IntoIterator<Item = Self>, between: &str) -> String {
        let names: Vec<&str> = settings.into_iter().map(Self::name).collect();
        if names.is_empty() { format!("`assign.delays`{between}`assign.rona`") } else { names.join(between) }
    }

    fn of(self, plan: &Plan) -> Duration {
        match self {
            Self::Busy => plan.assign.delays.busy,
            Self::Rejected => plan.assign.delays.rejected,
            Self::Rona => plan.assign.rona.retry_after,
        }
    }
}

/// A seat's pause.
#[derive(Clone, Debug, PartialEq)]
pub struct Pause {
    /// The call whose offer failed.
    pub call: CallId,
    /// How.
    pub why: OfferEnd,
    /// When the seat gets offers again.
    pub until: WallTime,
    /// What says so.
    pub setting: Setting,
}

/// The last offer of a call that failed at a seat.
struct Failed {
    at: WallTime,
    why: OfferEnd,
    /// What says how long the seat gets none after it; `None` if that is no reason for a pause.
    pause: Option<Setting>,
}

/// The offers of a call that failed, by seat.
fn failed<'a>(events: &'a [CallEvent], plan: &Plan) -> BTreeMap<&'a Name, Failed> {
    let mut all = BTreeMap::new();
    let (mut full, mut rings) = (WallTime(i64::MAX), false);
    for event in events {
        if let EventKind::Offered { ring_ms, .. } | EventKind::ReceiverCalled { ring_ms, .. } = &event.kind {
            (full, rings) = (event.at + Duration::from_millis(u64::from(*ring_ms)), false);
        } else if let EventKind::Ringing { .. } | EventKind::ReceiverRings { .. } = &event.kind {
            rings = true;
        } else if let EventKind::OfferEnded { seat, why } | EventKind::ReceiverEnded { receiver: Receiver::Seat(seat), why } = &event.kind {
            // A ring that nothing ended in its time, the router's lease ends.
            let pause = match *why == OfferEnd::Withdrawn && event.at > full && event.at.since(full) < LEASE {
                true => Some(Setting::Rejected),
                false => pause(*why, rings && event.at >= full, plan),
            };
            all.insert(seat, Failed { at: event.at, why: *why, pause });
        } else if let EventKind::Recovered = &event.kind {
            // A restart ends all pauses.
            all.clear();
        }
    }
    all
}

fn pause(why: OfferEnd, full_ring: bool, plan: &Plan) -> Option<Setting> {
    match why {
        OfferEnd::Rejected(486 | 600) => Some(Setting::Busy),
        OfferEnd::Rona if full_ring && is_out_at_once(plan) => None,
        OfferEnd::Rona if full_ring => Some(Setting::Rona),
        OfferEnd::Rona | OfferEnd::Rejected(_) => Some(Setting::Rejected),
        OfferEnd::CallerGone | OfferEnd::Withdrawn | OfferEnd::Unreachable => None,
    }
}

/// One full ring makes a seat not ready, so none is followed by a pause. Of more, the last in a row does, which its state tells: who chose
/// not to be ready meanwhile begins to count anew.
fn is_out_at_once(plan: &Plan) -> bool {
    plan.assign.rona.action == RonaAction::NotReady && plan.assign.rona.strikes <= 1
}

/// The seats that a call's offers had paused at a time, until when, and by which setting.
pub fn paused<'a>(events: &'a [CallEvent], plan: &Plan, at: WallTime) -> BTreeMap<&'a Name, (WallTime, Setting)> {
    let before = events.partition_point(|event| event.at <= at);
    let failed = failed(&events[..before], plan).into_iter();
    let pauses = failed.filter_map(|(seat, failed)| Some((seat, (failed.at + failed.pause?.of(plan), failed.pause?))));
    pauses.filter(|(_, (until, _))| *until > at).collect()
}

/// So many calls that seats did not take last, but for one; `changes` are in order.
pub fn refused<'a>(changes: impl Iterator<Item = &'a SeatEvent>, but: CallId, most: usize) -> Vec<CallId> {
    let (mut rings, mut all): (BTreeMap<&Name, CallId>, Vec<CallId>) = (BTreeMap::new(), Vec::new());
    for change in changes {
        if change.state.activity == Activity::Offered {
            rings.extend(change.call.map(|call| (&change.seat, call)));
        } else if let Some(call) = rings.remove(&change.seat) {
            all.extend(Some(call).filter(|call| change.state.activity == Activity::Free && *call != but));
        }
    }
    let mut known = BTreeSet::new();
    all.into_iter().rev().filter(|call| known.insert(*call)).take(most).collect()
}

/// What became of calls' offers.
pub async fn read(look: &Look, calls: &[CallId]) -> Result<Vec<(CallId, Vec<CallEvent>)>, LookError> {
    events(look, calls, is_of_offer).await
}

/// Those events of calls that count.
pub async fn events(look: &Look, calls: &[CallId], counts: fn(&CallEvent) -> bool) -> Result<Vec<(CallId, Vec<CallEvent>)>, LookError> {
    let mut live: BTreeMap<CallId, Vec<CallEvent>> = BTreeMap::new();
    if !calls.is_empty() {
        live.extend(look.live().await?.into_iter().map(|(record, events)| (record.call, events)));
    }
    let mut all = Vec::new();
    for call in calls {
        let events = match live.remove(call) {
            Some(events) => Some(events),
            None => look.call(*call).await?.map(|found| found.events),
        };
        all.extend(events.map(|events| (*call, events.into_iter().filter(counts).collect())));
    }
    Ok(all)
}

fn is_of_offer(event: &CallEvent) -> bool {
    use EventKind::{OfferEnded, Offered, ReceiverCalled, ReceiverEnded, ReceiverRings, Recovered, Ringing};
    let of_receiver = matches!(event.kind, ReceiverCalled { .. } | ReceiverRings { .. } | ReceiverEnded { .. });
    of_receiver || matches!(event.kind, Offered { .. } | Ringing { .. } | OfferEnded { .. } | Recovered)
}

/// The seats that offers of a call had paused at a time, and until when, of those that had nothing else since; `changes` of seats are
/// in order, up to then.
pub fn paused_still<'a>(
    (call, events): (CallId, &'a [CallEvent]),
    plan: &Plan,
    at: WallTime,
    changes: &[SeatEvent],
) -> impl Iterator<Item = (&'a Name, (WallTime, Setting))> {
    let is_last =
        move |seat: &Name| not_taken(changes.iter().rev().filter(|change| change.seat == *seat)).is_some_and(|(last, _)| last == call);
    paused(events, plan, at).into_iter().filter(move |(seat, _)| is_last(seat))
}

/// The seats that are in a pause now, whichever call they did not take.
pub async fn now(
    look: &Look,
    live: &[(Record, Vec<CallEvent>)],
    (epoch, states): (u32, &SeatStates),
    plan: &Plan,
    at: WallTime,
) -> Result<BTreeMap<Name, Pause>, LookError> {
    let assign = &plan.assign;
    let longest = assign.delays.busy.max(assign.delays.rejected).max(assign.rona.retry_after);
    let mut lately: Vec<&SeatEvent> = states.values().filter(|event| event.state.is_ready() && event.at + longest > at).collect();
    lately.sort_by_key(|event| std::cmp::Reverse(event.at));
    let mut all = BTreeMap::new();
    for SeatEvent { seat, .. } in lately.into_iter().take(ASKED) {
        let history = look.seat_history(epoch, seat, CHANGES).await?;
        let Some((call, since)) = not_taken(history.iter()) else { continue };
        let events = match live.iter().find(|(record, _)| record.call == call) {
            Some((_, events)) => Cow::Borrowed(events),
            None => Cow::Owned(look.call(call).await?.map(|found| found.events).unwrap_or_default()),
        };
        let failed = failed(&events, plan).remove(seat).filter(|failed| failed.at >= since);
        let Some(Failed { at: ended, why, pause: Some(pause) }) = failed else { continue };
        let until = ended + pause.of(plan);
        if until > at {
            all.insert(seat.clone(), Pause { call, why, until, setting: pause });
        }
    }
    Ok(all)
}

/// The call whose offer is the last thing that a seat had, and since when; `history` is the newest first.
fn not_taken<'a>(history: impl Iterator<Item = &'a SeatEvent>) -> Option<(CallId, WallTime)> {
    let mut next = None;
    for event in history {
        if event.state.activity == Activity::Free {
            next = Some(event);
            continue;
        }
        // Then it is chosen anew, without a pause (`assign.rona`).
        let is_out = next?.state.intent == Intent::NotReady(NotReadyReason::Rona);
        return (event.state.activity == Activity::Offered && !is_out).then_some((event.call?, event.at));
    }
    None
}
