//! Why a seat gets no calls, and why a queue stands still: what can be seen now.

mod queue;
mod seat;
mod ways;

pub use queue::{Closed, Gone, LOOKED_AT, QueueNow};
pub use seat::{Admission, Besides, Came, Cut, Idle, SeatNow};
pub use ways::{Over, Way};

use super::candidates::{self, Crowd, Fate};
use super::ends::{self, Ends};
use super::held::By;
use super::pauses::{self, Pause};
use super::rules::{Rules, all_states, known, looked_up};
use hotline_archive::{Look, LookError, SeatStates};
use hotline_model::history::{ClockChange, EventKind, SeatEvent};
use hotline_model::{CallEvent, CallId, Name, Priority, Profile, Record, Revision, SeatId, SeatState, WallTime};
use hotline_rules::{GroupId, Plan};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Waiting calls that are told.
const WAITING: usize = 20;

/// The seats of a running hotline; `None` if none runs.
pub type Live = Option<Vec<(Name, SeatState)>>;

/// All that is known of the present.
pub struct Now {
    /// When.
    pub at: WallTime,
    /// Whether a hotline runs; otherwise all is as the journal ended.
    pub runs: bool,
    /// The rules in the folder.
    pub plan: Arc<Plan>,
    /// The seats.
    pub states: SeatStates,
    /// Calls that wait or ring, the first in rank first.
    pub waiting: Vec<Queued>,
    /// Seats that are in a pause.
    pub pauses: BTreeMap<Name, Pause>,
    /// Seats of which it is known when what keeps them from calls ends by itself.
    pub ends: BTreeMap<Name, Ends>,
    epoch: u32,
}

/// A call that waits or rings.
#[derive(Clone, Debug)]
pub struct Queued {
    record: Record,
    /// What sources said of the caller.
    looked_up: Vec<(Name, Name)>,
    /// The call whose place it took up.
    kept: Option<CallId>,
    /// Effective entry time.
    since: WallTime,
    /// When it entered the queue.
    queued: WallTime,
    /// The queue in which it waits too since its answer clock was breached.
    overflow: Option<Name>,
    /// What its priority has become by waiting (R38), by the rules in the folder.
    aged: Option<Priority>,
    breached: bool,
    /// The phone that it was offered to last said that it rings (18x).
    rang: bool,
}

impl Queued {
    fn new(record: Record, events: &[CallEvent], plan: &Plan, at: WallTime) -> Option<Self> {
        let again = record.waits_again();
        let entered = record.t2.filter(|_| again || record.t3.is_none() && record.t6.is_none())?;
        let (mut kept, mut overflow, mut left, mut queued) = (None, None, false, entered);
        for event in events {
            if let EventKind::PlaceKept { since, after } = event.kind {
                kept = Some((since, after));
            } else if let EventKind::Overflowed { to } = &event.kind {
                overflow.clone_from(to);
            } else if let EventKind::Queued { .. } = event.kind {
                (overflow, left, queued) = (None, false, event.at);
            } else if event.kind.leaves_all_queues() {
                left = true;
            }
        }
        if left {
            return None;
        }
        let since = kept.map_or(entered, |(since, _)| since);
        let aged = record.priority.map(|stated| plan.priorities.aged(stated, at.since(since)));
        let breached = again || breached(&record) || entered.since(since) >= plan.timers.answer;
        let (looked_up, kept) = (looked_up(events), kept.map(|(_, after)| after));
        Some(Self { record, looked_up, kept, since, queued, overflow, aged, breached, rang: rang(events) })
    }

    fn queues(&self) -> impl Iterator<Item = &Name> {
        self.record.queue.iter().chain(&self.overflow)
    }

    /// To whom it is offered.
    fn offer(&self) -> Option<Stands> {
        rings(&self.record).map(|seat| Stands::Offered { seat: seat.clone(), rang: self.rang })
    }

    /// What it has become, if that is another priority than it was given.
    fn risen(&self) -> Option<Priority> {
        self.aged.filter(|aged| Some(*aged) != self.record.priority)
    }
}

impl Now {
    /// Reads it.
    pub async fn read(look: &Look, plan: Arc<Plan>, live: Live, at: WallTime) -> Result<Self, LookError> {
        let epoch = look.last_epoch().await?;
        let mut states = look.seat_states_at(&[(epoch, i64::MAX as u64)]).await?.pop().unwrap_or_default();
        let calls = look.live().await?;
        let pauses = pauses::now(look, &calls, (epoch, &states), &plan, at).await?;
        let runs = live.is_some();
        for (seat, state) in live.into_iter().flatten() {
            if states.get(&seat).is_none_or(|known| known.state != state) {
                states.insert(seat.clone(), SeatEvent { seq: 0, at, seat, id: SeatId(0), state, call: None });
            }
        }
        ends::begun_before_a_restart(&calls, &mut states);
        let ends = ends::now(&calls, &states, &plan, at);
        let mut waiting: Vec<Queued> = calls.into_iter().filter_map(|(record, events)| Queued::new(record, &events, &plan, at)).collect();
        waiting.sort_by_key(|call| (call.aged, !call.breached, call.since));
        Ok(Self { at, runs, plan, states, waiting, pauses, ends, epoch })
    }

    /// The rules under which a waiting call came, if they are others than those in the folder.
    pub fn other_rules(&self) -> Option<Revision> {
        self.waiting.iter().map(|call| call.record.revision).find(|revision| *revision != self.plan.revision)
    }

    fn state(&self, seat: &Name) -> Option<(SeatState, Option<WallTime>)> {
        if let Some(event) = self.states.get(seat) {
            return Some((event.state, Some(event.at).filter(|_| event.seq > 0)));
        }
        let id = *self.plan.seat_names.get(&**seat)?;
        all_states(&self.plan, &self.states).get(&id).map(|state| (*state, None))
    }

    /// For how much longer a seat is in a pause.
    fn left(&self, pause: &Pause) -> Duration {
        pause.until.since(self.at)
    }

    fn waited(&self, call: &Queued) -> Duration {
        self.at.since(call.since)
    }

    fn waiting_in<'a>(&'a self, queue: &'a Name) -> impl Iterator<Item = &'a Queued> {
        self.waiting.iter().filter(move |call| call.queues().any(|name| name == queue))
    }

    /// How crowded a queue is: a call that rings does not wait.
    fn crowd(&self, queue: &Name) -> Crowd {
        let waited: Vec<Duration> =
            self.waiting_in(queue).filter(|call| rings(&call.record).is_none()).map(|call| self.waited(call)).collect();
        Crowd::All(u32::try_from(waited.len()).unwrap_or(u32::MAX), waited.into_iter().max().unwrap_or_default())
    }

    fn rules(&self, call: &Queued) -> Rules {
        self.rules_for(known(&self.plan, &call.record, &call.looked_up))
    }

    fn rules_for(&self, profile: Profile) -> Rules {
        Rules { plan: Arc::clone(&self.plan), profile }
    }
}

/// K3 is over: the call goes first in its priority.
fn breached(record: &Record) -> bool {
    record.clocks.iter().any(|clock| clock.clock == 3 && clock.state == ClockChange::Breached)
}

/// Whether the phone said that it rings to which the last offer went.
fn rang(events: &[CallEvent]) -> bool {
    let of_offer = |event: &&CallEvent| matches!(event.kind, EventKind::Ringing { .. } | EventKind::Offered { .. });
    events.iter().rev().find(of_offer).is_some_and(|event| matches!(event.kind, EventKind::Ringing { .. }))
}

/// The seat that a call is offered to; who answered before the call waited again is none.
fn rings(record: &Record) -> Option<&Name> {
    let waits = record.clocks.iter().rev().find(|clock| clock.clock == 3).map(|clock| clock.started);
    record.offers.last().filter(|offer| offer.end.is_none() && waits.is_none_or(|waits| offer.at >= waits)).map(|offer| &offer.seat)
}

/// How a waiting call stands to a seat.
#[derive(Clone, Debug, PartialEq)]
pub enum Stands {
    /// It is offered to this seat.
    Offered {
        /// The seat.
        seat: Name,
        /// Its phone said that it rings (18x).
        rang: bool,
    },
    /// The seat could have it.
    Could,
    /// The seat could have it once its pause is over, in so long.
    AfterPause(Duration),
    /// The seat could have it if it were ready.
    IfReady,
    /// In so long, if the seat is ready, and what keeps it till then.
    In(Duration, By),
    /// In so long, if the seat is ready: until then the call waits for an agent of its own.
    AfterOwn(Duration),
    /// In so long it overflows to this queue, and the seat may have it there.
    Overflows(Duration, Name),
    /// In so long it goes to this queue, if nobody serves its own by then (`nobody`), and the seat may have it there.
    Leaves(Duration, Name),
    /// A rule keeps it away, and where that is written.
    Never(Fate, Option<String>),
}

impl Stands {
    fn order(&self) -> (u8, Duration, u8) {
        match self {
            Self::Offered { .. } => (0, Duration::ZERO, 0),
            Self::Could => (1, Duration::ZERO, 0),
            Self::AfterPause(time) => (2, *time, 0),
            Self::IfReady => (3, Duration::ZERO, 0),
            Self::In(time, _) | Self::AfterOwn(time) | Self::Overflows(time, _) | Self::Leaves(time, _) => (4, *time, 0),
            Self::Never(fate, _) => (5, Duration::ZERO, candidates::order(fate)),
        }
    }

    /// The same for a seat that is in a pause for so much longer.
    fn paused(self, left: Duration) -> Self {
        match self {
            Self::Could => Self::AfterPause(left),
            Self::In(time, by) if time >= left => Self::In(time, by),
            Self::In(..) => Self::AfterPause(left),
            Self::AfterOwn(time) if time >= left => Self::AfterOwn(time),
            Self::AfterOwn(_) => Self::AfterPause(left),
            Self::Overflows(time, queue) => Self::Overflows(time.max(left), queue),
            Self::Leaves(time, queue) => Self::Leaves(time.max(left), queue),
            other @ (Self::Offered { .. } | Self::AfterPause(_) | Self::IfReady | Self::Never(..)) => other,
        }
    }
}

/// A waiting call.
#[derive(Clone, Debug, PartialEq)]
pub struct Waits {
    /// The call.
    pub call: CallId,
    /// Where.
    pub queue: Name,
    /// Its priority.
    pub priority: Option<Priority>,
    /// What that has become by waiting (R38), if it has.
    pub risen: Option<Priority>,
    /// The call whose place it took up (`queue.resume`).
    pub kept: Option<CallId>,
    /// Where it waits too since its answer clock was breached.
    pub overflow: Option<Name>,
    /// So long; from the entry of the call whose place it took up.
    pub waited: Duration,
    /// How it stands to the seat asked about.
    pub stands: Stands,
    /// The group of its queue, if calls of others are told beside it.
    pub group: Option<Name>,
}

impl Waits {
    fn of(now: &Now, call: &Queued, stands: Stands) -> Option<Self> {
        let record = &call.record;
        Some(Self {
            call: record.call,
            queue: record.queue.clone()?,
            priority: record.priority,
            risen: call.risen(),
            kept: call.kept,
            overflow: call.overflow.clone(),
            waited: now.waited(call),
            stands,
            group: None,
        })
    }

    /// Calls of several groups of queues are told with their groups, which don't compare.
    fn with_groups(all: &mut [Self], plan: &Plan) {
        let group = |waits: &Self| plan.queue_names.get(&*waits.queue).map_or(GroupId::MAIN, |queue| plan.group_of(*queue));
        if all.iter().any(|waits| group(waits) != group(&all[0])) {
            let name = |waits: &Self| plan.groups.get(group(waits).index()).cloned();
            all.iter_mut().for_each(|waits| waits.group = name(waits));
        }
    }
}
