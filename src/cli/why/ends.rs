//! When what keeps a seat from calls ends by itself: a wrap-up, and the time before an unreachable telephone is tried again.

use hotline_archive::SeatStates;
use hotline_model::history::{EventKind, OfferEnd, SeatEvent};
use hotline_model::{Activity, CallEvent, CallId, Intent, Name, Record, WallTime};
use hotline_rules::{Plan, Queue};
use std::collections::BTreeMap;
use std::time::Duration;

/// A seat's state changes in the step in which its offer ends.
const SAME_STEP: Duration = Duration::from_millis(100);

/// What ends, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// A wrap-up.
    WrapUp(WallTime),
    /// The phone did not answer the INVITE of this call, and is tried again.
    Retry(CallId, WallTime),
}

impl Ends {
    /// When.
    pub fn at(self) -> WallTime {
        match self {
            Self::WrapUp(at) | Self::Retry(_, at) => at,
        }
    }
}

/// Of the seats of which it is known. The calls that seats wrap up are not over.
pub fn now(calls: &[(Record, Vec<CallEvent>)], states: &SeatStates, plan: &Plan, at: WallTime) -> BTreeMap<Name, Ends> {
    let ends = |event: &SeatEvent| match (event.state.activity, event.state.intent, event.state.reachable) {
        (Activity::WrapUp, _, _) => wrap_up(calls, event, plan),
        (Activity::Free, Intent::Available | Intent::NotReady(_), false) => retry(calls, event, plan),
        (Activity::Free | Activity::Offered | Activity::OnCall, _, _) => None,
    };
    let each = states.values().filter(|event| event.seq > 0).filter_map(|event| Some((event.seat.clone(), ends(event)?)));
    each.filter(|(_, ends)| ends.at() > at).collect()
}

/// A restart journals seats anew, but begins no wrap-up and no talk.
pub fn begun_before_a_restart(calls: &[(Record, Vec<CallEvent>)], states: &mut SeatStates) {
    for event in states.values_mut() {
        let Some((record, events)) = calls.iter().find(|(record, _)| Some(record.call) == event.call) else { continue };
        let begun = match event.state.activity {
            Activity::WrapUp => record.t6,
            Activity::OnCall => talk_taken_up(events, event),
            Activity::Free | Activity::Offered => None,
        };
        event.at = begun.map_or(event.at, |begun| begun.min(event.at));
    }
}

/// When the talk began that a seat was in as a restart took its call up.
fn talk_taken_up(events: &[CallEvent], engaged: &SeatEvent) -> Option<WallTime> {
    let up_to = events.partition_point(|event| event.at <= engaged.at + SAME_STEP);
    let taken_up = events[..up_to].iter().rposition(|event| matches!(event.kind, EventKind::Recovered))?;
    let is_by_it = events[taken_up].at + SAME_STEP >= engaged.at;
    let answered = |event: &&CallEvent| matches!(&event.kind, EventKind::Answered { seat } if *seat == engaged.seat);
    events[..taken_up].iter().rev().find(answered).filter(|_| is_by_it).map(|event| event.at)
}

fn wrap_up(calls: &[(Record, Vec<CallEvent>)], event: &SeatEvent, plan: &Plan) -> Option<Ends> {
    let (_, events) = calls.iter().find(|(record, _)| Some(record.call) == event.call)?;
    let own = plan.seat(*plan.seat_names.get(&*event.seat)?).wrap_up;
    Some(Ends::WrapUp(event.at + own.or_else(|| of_queue(events, &event.seat, plan))?))
}

/// The wrap-up of the queue from which a seat had a call; unknown if it may have been either of two.
fn of_queue(events: &[CallEvent], seat: &Name, plan: &Plan) -> Option<Duration> {
    let answered = events.iter().rposition(|event| matches!(&event.kind, EventKind::Answered { seat: by } if by == seat))?;
    let queue = |name: &Name| -> Option<&Queue> { Some(plan.queue(*plan.queue_names.get(&**name)?)) };
    let (mut home, mut overflow) = (None, None);
    for event in &events[..answered] {
        if let EventKind::Queued { queue, .. } = &event.kind {
            (home, overflow) = (Some(queue), None);
        } else if let EventKind::Overflowed { to } = &event.kind {
            overflow = to.as_ref();
        }
    }
    let wrap_up = queue(home?)?.wrap_up;
    overflow.and_then(queue).is_none_or(|other| other.wrap_up == wrap_up).then_some(wrap_up)
}

fn retry(calls: &[(Record, Vec<CallEvent>)], event: &SeatEvent, plan: &Plan) -> Option<Ends> {
    let failed = |of: &&CallEvent| {
        let here = matches!(&of.kind, EventKind::OfferEnded { seat, why: OfferEnd::Unreachable } if *seat == event.seat);
        here && of.at <= event.at && event.at.since(of.at) < SAME_STEP
    };
    let failed = calls.iter().flat_map(|(_, events)| events).find(failed)?;
    Some(Ends::Retry(failed.call, failed.at + plan.timers.unreachable_retry))
}
