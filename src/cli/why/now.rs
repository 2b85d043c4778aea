//! Why a seat gets no calls, and why a queue stands still: what can be seen now.

use super::candidates::{Crowd, Fate, One, Others, Search, Seats, Sought};
use super::causes::{Reason, standing};
use super::fact::{Counts, counted};
use super::pauses::{self, Pause};
use super::rules::{Rules, all_states, known, looked_up};
use crate::cli::kept_out;
use hotline_archive::{Filter, Look, LookError, SeatStates};
use hotline_model::history::{ClockChange, EventKind, OfferEnd, SeatEvent, WhyLeft};
use hotline_model::{
    Activity, CallEvent, CallId, DeskRefusal, Intent, LanguageId, Name, NotReadyReason, Priority, Profile, QueueId, Record, Revision,
    SeatId, SeatState, WallTime,
};
use hotline_router::Verdict;
use hotline_rules::{Plan, Said, Spot, print_expression};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A seat's changes that are looked through for its last offers.
const HISTORY: u32 = 200;
/// Offers that are told.
const OFFERS: usize = 5;
/// Waiting calls that are told.
const WAITING: usize = 20;
/// Calls of the last hour that are looked at for having left a queue, and that hour.
const LOOKED_AT: u32 = 100;
const LATELY_US: i64 = 3_600_000_000;
/// Waiting calls, the first first, of which it is asked whether they are for a seat.
const ASKED: usize = 200;

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
    /// The queue in which it waits too since its answer clock was breached.
    overflow: Option<Name>,
    /// What its priority has become by waiting (R38), by the rules in the folder.
    aged: Option<Priority>,
    breached: bool,
}

impl Queued {
    fn new(record: Record, events: &[CallEvent], plan: &Plan, at: WallTime) -> Option<Self> {
        let again = record.waits_again();
        let entered = record.t2.filter(|_| again || record.t3.is_none() && record.t6.is_none())?;
        let (mut kept, mut overflow, mut left) = (None, None, false);
        for event in events {
            if let EventKind::PlaceKept { since, after } = event.kind {
                kept = Some((since, after));
            } else if let EventKind::Overflowed { to } = &event.kind {
                overflow.clone_from(to);
            } else if let EventKind::Queued { .. } = event.kind {
                (overflow, left) = (None, false);
            } else if let EventKind::LeftQueue { to: None, .. } = event.kind {
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
        Some(Self { record, looked_up, kept, since, overflow, aged, breached })
    }

    fn queues(&self) -> impl Iterator<Item = &Name> {
        self.record.queue.iter().chain(&self.overflow)
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
        let mut waiting: Vec<Queued> = calls.into_iter().filter_map(|(record, events)| Queued::new(record, &events, &plan, at)).collect();
        waiting.sort_by_key(|call| (call.aged, !call.breached, call.since));
        Ok(Self { at, runs, plan, states, waiting, pauses, epoch })
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

/// The seat that a call rings at; who answered before the call waited again is none.
fn rings(record: &Record) -> Option<&Name> {
    let waits = record.clocks.iter().rev().find(|clock| clock.clock == 3).map(|clock| clock.started);
    record.offers.last().filter(|offer| offer.end.is_none() && waits.is_none_or(|waits| offer.at >= waits)).map(|offer| &offer.seat)
}

/// Why a seat gets no call.
#[derive(Clone, Debug, PartialEq)]
pub enum Idle {
    /// The rules don't have it.
    NotInRules,
    /// It is engaged.
    Engaged(Activity),
    /// It has signed out.
    SignedOut,
    /// It has, and `[access]` lets nobody sign in now: why.
    KeptOut(Said),
    /// Its phone can't be reached.
    Unreachable,
    /// It chose not to take calls, or let one ring out.
    NotReady(NotReadyReason),
    /// It is ready, but no queue admits it.
    NoQueue,
    /// It is ready, and no call waits.
    NothingWaits,
    /// It is ready, and none of the waiting calls is for it.
    NoneForIt(usize),
    /// It is ready, and a call reaches it in so long.
    Soon(CallId, Duration),
    /// It is ready, but in a pause; it could have this call.
    Paused(Pause, Option<CallId>),
    /// It is ready and could have this call: nothing that is recorded keeps it away.
    Could(CallId),
}

/// Whether a queue admits a seat.
#[derive(Clone, Debug, PartialEq)]
pub enum Admission {
    /// From a step on: its number from 0, when it begins, what it asks for, and what the seat waits for besides.
    From(usize, Duration, String, Besides),
    /// It is none of its own and helps it in the last resort (`overflow`), from so long on.
    Helps(Duration),
    /// The queue names other seats.
    NotNamed,
    /// The seat's list of queues leaves this one out.
    NotServed,
    /// No step does; this is what the last asks for.
    NoStep(String),
}

/// What a seat of a queue waits for beside its step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Besides {
    /// Calls must have waited so long (`delay`).
    pub delay: Duration,
    /// The queue must be crowded (`reserve`).
    pub reserve: bool,
}

/// How a waiting call stands to a seat.
#[derive(Clone, Debug, PartialEq)]
pub enum Stands {
    /// It rings there.
    Rings(Name),
    /// The seat could have it.
    Could,
    /// The seat could have it once its pause is over, in so long.
    AfterPause(Duration),
    /// The seat could have it if it were ready.
    IfReady,
    /// In so long, if the seat is ready.
    In(Duration),
    /// In so long, if the seat is ready: until then the call waits for an agent of its own.
    AfterOwn(Duration),
    /// A rule keeps it away.
    Never(Fate),
}

impl Stands {
    fn order(&self) -> (u8, Duration) {
        match self {
            Self::Rings(_) => (0, Duration::ZERO),
            Self::Could => (1, Duration::ZERO),
            Self::AfterPause(time) => (2, *time),
            Self::IfReady => (3, Duration::ZERO),
            Self::In(time) | Self::AfterOwn(time) => (4, *time),
            Self::Never(_) => (5, Duration::ZERO),
        }
    }

    /// The same for a seat that is in a pause for so much longer.
    fn paused(self, left: Duration) -> Self {
        match self {
            Self::Could => Self::AfterPause(left),
            Self::In(time) => Self::In(time.max(left)),
            Self::AfterOwn(time) if time >= left => self,
            Self::AfterOwn(_) => Self::AfterPause(left),
            other @ (Self::Rings(_) | Self::AfterPause(_) | Self::IfReady | Self::Never(_)) => other,
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
}

/// What came of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// The agent answered.
    Answer,
    /// It rings.
    Rings,
    /// It ended otherwise.
    End(OfferEnd),
    /// It was not recorded.
    Unknown,
}

/// All that is said of a seat.
#[derive(Clone, Debug, PartialEq)]
pub struct SeatNow {
    /// Its name.
    pub seat: Name,
    /// Its agent.
    pub agent: Option<Name>,
    /// Where it is written.
    pub place: Option<String>,
    /// Its state, and since when, if that was journalled.
    pub state: Option<(SeatState, Option<WallTime>)>,
    /// Why it gets no call.
    pub idle: Idle,
    /// Its last offers in the last run, the newest first: when, which call, what came of it.
    pub offers: Vec<(WallTime, CallId, Came)>,
    /// The queues, and where what admits or not is written.
    pub queues: Vec<(Name, Admission, Option<String>)>,
    /// The calls that wait, the first first.
    pub waiting: Vec<Waits>,
}

impl SeatNow {
    /// Whether the calls that it could have wait in queues among which it goes by more than their order.
    pub fn weighs_queues(&self, plan: &Plan) -> bool {
        let Some(seat) = plan.seat_names.get(&*self.seat) else { return false };
        let could = self.waiting.iter().filter(|waits| !matches!(waits.stands, Stands::Never(_) | Stands::Rings(_)));
        let queues = could.filter_map(|waits| plan.queue_names.get(&*waits.queue));
        let mut terms = queues.map(|queue| (plan.serves(*seat, *queue).map(|serves| serves.priority), plan.queue(*queue).factor()));
        terms.next().is_some_and(|first| terms.any(|other| other != first))
    }

    /// Looks at a seat.
    pub async fn read(look: &Look, now: &Now, seat: &Name) -> Result<Self, LookError> {
        let id = now.plan.seat_names.get(&**seat).copied();
        let queues = id.map(|id| admissions(now, id)).unwrap_or_default();
        let state = now.state(seat);
        let pause = now.pauses.get(seat).filter(|_| state.is_some_and(|(state, _)| state.is_ready()));
        let stands =
            |waits: Waits| Waits { stands: pause.map_or(waits.stands.clone(), |pause| waits.stands.paused(now.left(pause))), ..waits };
        let waiting: Vec<Waits> =
            id.map(|id| now.waiting.iter().take(ASKED).filter_map(|call| waits(now, call, id)).map(stands).collect()).unwrap_or_default();
        let why = kept_out::from_signing_in(&now.plan, DeskRefusal::OutsideShifts, now.at);
        let idle = idle(id, state.map(|(state, _)| state), &queues, &waiting, pause);
        let idle = if idle == Idle::SignedOut { why.map_or(idle, Idle::KeptOut) } else { idle };
        Ok(Self {
            seat: seat.clone(),
            agent: id.map(|id| now.plan.seat(id).agent.clone()),
            place: id.and_then(|id| now.plan.places.seat(id)).map(|place| place.to_string()),
            state,
            idle,
            offers: offers(look, now, seat).await?,
            queues,
            waiting: waiting.into_iter().take(WAITING).collect(),
        })
    }
}

fn idle(
    id: Option<SeatId>,
    state: Option<SeatState>,
    queues: &[(Name, Admission, Option<String>)],
    waiting: &[Waits],
    pause: Option<&Pause>,
) -> Idle {
    let (Some(_), Some(state)) = (id, state) else { return Idle::NotInRules };
    let first = |want: fn(&Stands) -> bool| waiting.iter().find(|waits| want(&waits.stands)).map(|waits| waits.call);
    match (state.activity, state.intent, state.reachable) {
        (Activity::Offered | Activity::OnCall | Activity::WrapUp, _, _) => return Idle::Engaged(state.activity),
        (Activity::Free, Intent::SignedOut, _) => return Idle::SignedOut,
        (Activity::Free, _, false) => return Idle::Unreachable,
        (Activity::Free, Intent::NotReady(reason), true) => return Idle::NotReady(reason),
        (Activity::Free, Intent::Available, true) => {}
    }
    if !queues.iter().any(|(_, admission, _)| matches!(admission, Admission::From(..) | Admission::Helps(_))) {
        return Idle::NoQueue;
    }
    if let Some(pause) = pause {
        return Idle::Paused(pause.clone(), first(|stands| matches!(stands, Stands::AfterPause(_))));
    }
    if let Some(call) = first(|stands| matches!(stands, Stands::Could | Stands::IfReady)) {
        return Idle::Could(call);
    }
    let soon = waiting.iter().filter_map(|waits| match waits.stands {
        Stands::In(time) | Stands::AfterOwn(time) => Some((time, waits.call)),
        Stands::Rings(_) | Stands::Could | Stands::AfterPause(_) | Stands::IfReady | Stands::Never(_) => None,
    });
    match soon.min() {
        Some((time, call)) => Idle::Soon(call, time),
        None if waiting.is_empty() => Idle::NothingWaits,
        None => Idle::NoneForIt(waiting.len()),
    }
}

fn admissions(now: &Now, seat: SeatId) -> Vec<(Name, Admission, Option<String>)> {
    let plan = &now.plan;
    let queues = (0..).map(QueueId).zip(&plan.queues).filter(|(_, queue)| !queue.retired);
    let admission = |(id, queue): (QueueId, &hotline_rules::Queue)| {
        let asks = |step: usize| print_expression(&queue.steps[step].requires, &plan.skills);
        let (admission, place) = if let Some(after) = helps(plan, id, seat) {
            (Admission::Helps(after), plan.places.spot(Spot::Overflow(id)))
        } else if !queue.seats.is_empty() && !queue.seats.contains(&seat) {
            (Admission::NotNamed, plan.places.queue(id))
        } else if plan.serves(seat, id).is_none() {
            (Admission::NotServed, plan.places.seat(seat))
        } else if let Some(step) = queue.steps.iter().position(|step| step.admits(plan.seat(seat))) {
            (Admission::From(step, queue.steps[step].after, asks(step), besides(plan, id, seat)), plan.places.step(id, step))
        } else {
            let last = queue.steps.len().saturating_sub(1);
            (Admission::NoStep(asks(last)), plan.places.step(id, last))
        };
        (queue.name.clone(), admission, place.map(|place| place.to_string()))
    };
    queues.map(admission).collect()
}

fn besides(plan: &Plan, id: QueueId, seat: SeatId) -> Besides {
    let reserve = plan.queue(id).reserve.as_ref().is_some_and(|reserve| reserve.has(seat, &plan.seat(seat).proficiency));
    Besides { delay: plan.serves(seat, id).map_or(Duration::ZERO, |serves| serves.delay), reserve }
}

/// From when on a seat that is none of a queue's own helps it.
fn helps(plan: &Plan, id: QueueId, seat: SeatId) -> Option<Duration> {
    let queue = plan.queue(id);
    let after = queue.helped_by(seat)?;
    (!plan.admits(seat, id)).then_some(after)
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
        })
    }
}

/// How a call stands to a seat in that of its queues which stands better.
fn waits(now: &Now, call: &Queued, seat: SeatId) -> Option<Waits> {
    let stands = match rings(&call.record) {
        Some(rings) => Stands::Rings(rings.clone()),
        None => call.queues().filter_map(|queue| stands_in(now, call, queue, seat)).min_by_key(Stands::order)?,
    };
    Waits::of(now, call, stands)
}

/// It is asked how a seat would stand if it were ready: so all that makes it wait is told, whatever it is at.
fn stands_in(now: &Now, call: &Queued, queue: &Name, seat: SeatId) -> Option<Stands> {
    let name = &now.plan.seat(seat).name;
    let is_ready = now.state(name).is_some_and(|(state, _)| state.is_ready());
    let mut states = Cow::Borrowed(&now.states);
    if !is_ready {
        let state = SeatState { activity: Activity::Free, intent: Intent::Available, reachable: true };
        let event = SeatEvent { seq: 0, at: now.at, seat: name.clone(), id: seat, state, call: None };
        states.to_mut().insert(name.clone(), event);
    }
    let (waited, crowd) = (now.waited(call), now.crowd(queue));
    let sought = Sought { waited, crowd, search: Search::None, paused: BTreeMap::new(), others: Others::Unknown };
    let groups = Seats::of(&now.rules(call), queue, &states, sought)?.groups;
    let (fate, _) = groups.into_iter().find(|(_, seats)| seats.iter().any(|one| one.seat == *name))?;
    Some(match fate {
        Fate::At(_) if is_ready => Stands::Could,
        Fate::At(_) => Stands::IfReady,
        Fate::Later(after) => Stands::In(after.saturating_sub(waited)),
        Fate::AfterOwn(after) => Stands::AfterOwn(after.saturating_sub(waited)),
        Fate::Chosen | Fate::Ready | Fate::Paused(_) | Fate::Reserve(_) | Fate::Step(_) | Fate::Lacks(_) => Stands::Never(fate),
        Fate::NotCleared | Fate::NotNamed | Fate::NotServed | Fate::NoStep | Fate::NoTier => Stands::Never(fate),
    })
}

async fn offers(look: &Look, now: &Now, seat: &Name) -> Result<Vec<(WallTime, CallId, Came)>, LookError> {
    let history = look.seat_history(now.epoch, seat, HISTORY).await?;
    let mut all = Vec::new();
    for event in begun(&history).take(OFFERS) {
        let Some(call) = event.call else { continue };
        let found = look.call(call).await?.and_then(|found| found.record);
        all.push((event.at, call, found.map_or(Came::Unknown, |record| came(&record, seat, event.at))));
    }
    Ok(all)
}

/// Where a seat's offers begin, of a history whose newest is first: a break that is chosen while it rings is no other offer.
fn begun(history: &[SeatEvent]) -> impl Iterator<Item = &SeatEvent> {
    let rings = |event: &SeatEvent| event.state.activity == Activity::Offered;
    let before = history.iter().skip(1).map(Some).chain([None]);
    let rang_before = move |event: &SeatEvent, before: Option<&SeatEvent>| before.is_some_and(|it| rings(it) && it.call == event.call);
    history.iter().zip(before).filter(move |(event, before)| rings(event) && !rang_before(event, *before)).map(|(event, _)| event)
}

/// What came of the offer that a call made a seat at some time.
fn came(record: &Record, seat: &Name, at: WallTime) -> Came {
    let place = record.offers.iter().position(|offer| offer.seat == *seat && offer.at >= at);
    let Some((place, offer)) = place.map(|place| (place, &record.offers[place])) else { return Came::Unknown };
    match offer.end {
        Some(end) => Came::End(end),
        None if record.t3.is_some() && place + 1 == record.offers.len() => Came::Answer,
        None if record.t6.is_none() => Came::Rings,
        None => Came::Unknown,
    }
}

/// A step of a queue now.
#[derive(Clone, Debug, PartialEq)]
pub struct StepNow {
    /// Waiting time from which it holds.
    pub after: Duration,
    /// What it asks for.
    pub asks: String,
    /// Where it is written.
    pub place: Option<String>,
    /// The seats of the queue that it is the first to admit, whatever callers need, by what they are at.
    pub seats: Counts,
    /// So many seats it is the first to admit for the first call, if one waits.
    pub fit: Option<usize>,
}

/// When a ready seat may have the first call, if nothing else happens before.
#[derive(Clone, Debug, PartialEq)]
pub struct Opens {
    /// Which.
    pub seat: Name,
    /// In so long.
    pub after: Duration,
    /// What is over then.
    pub over: Over,
}

/// What keeps a ready seat and a call apart for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// The seat's pause.
    Pause,
    /// A hold, the seat's own delay, or the time before it helps.
    Delay,
    /// The call's patience for its own agent.
    Patience,
}

/// The hours of a queue, which are over.
#[derive(Clone, Debug, PartialEq)]
pub struct Closed {
    /// Their calendar.
    pub calendar: Name,
    /// When it opens, if it ever does.
    pub opens: Option<WallTime>,
    /// It takes complaints all the same (R17).
    pub but_complaints: bool,
}

impl Closed {
    fn of(plan: &Plan, queue: QueueId, at: WallTime) -> Option<Self> {
        let calendar = plan.calendar(plan.queue(queue).hours?);
        let closed = || Self { calendar: calendar.name.clone(), opens: calendar.next_opening(at), but_complaints: calendar.complaints_24h };
        (!calendar.is_open(at)).then(closed)
    }
}

/// A call that left a queue which nobody served.
#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    /// The call.
    pub call: CallId,
    /// When.
    pub at: WallTime,
    /// Why.
    pub why: WhyLeft,
    /// The queue it went on to.
    pub to: Option<Name>,
}

/// All that is said of a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueNow {
    /// Its name.
    pub queue: Name,
    /// Where it is written.
    pub place: Option<String>,
    /// While its hours are over.
    pub closed: Option<Closed>,
    /// The calls that wait in it, the first first; those that ring are among them.
    pub waiting: Vec<Waits>,
    /// So many more wait.
    pub more: usize,
    /// What the first call that does not ring waits for.
    pub reason: Option<Reason>,
    /// The first call's next step, and in how long it reaches it.
    pub next: Option<(usize, Duration)>,
    /// When a ready seat may have it.
    pub opens: Option<Opens>,
    /// The seats, seen by the first call.
    pub seats: Option<Seats>,
    /// Its steps.
    pub steps: Vec<StepNow>,
    /// Calls that left it in the last hour because nobody served it, the newest first.
    pub left: Vec<Left>,
}

impl QueueNow {
    /// Looks at a queue, and at what it let go.
    pub async fn read(look: &Look, now: &Now, queue: &Name) -> Result<Option<Self>, LookError> {
        let Some(seen) = Self::of(now, queue) else { return Ok(None) };
        Ok(Some(Self { left: left(look, now, queue).await?, ..seen }))
    }

    /// Looks at a queue.
    pub fn of(now: &Now, queue: &Name) -> Option<Self> {
        let id = *now.plan.queue_names.get(&**queue)?;
        let all: Vec<&Queued> = now.waiting_in(queue).collect();
        let first = all.iter().copied().find(|call| rings(&call.record).is_none());
        let (rules, waited) = match first {
            Some(call) => (now.rules(call), now.waited(call)),
            None => (now.rules_for(Profile::unknown(LanguageId(0))), Duration::ZERO),
        };
        let steps = &now.plan.queue(id).steps;
        let next = steps.iter().enumerate().find(|(_, step)| step.after > waited).map(|(n, step)| (n, step.after - waited));
        let waits = |call: &&Queued| Waits::of(now, call, rings(&call.record).cloned().map_or(Stands::IfReady, Stands::Rings));
        let paused = now.pauses.iter().map(|(seat, pause)| (seat, waited + now.left(pause))).collect();
        let sought = Sought { waited, crowd: now.crowd(queue), search: Search::None, paused, others: Others::Unknown };
        let seats = Seats::of(&rules, queue, &now.states, sought);
        let fates: Vec<&(Fate, Vec<One>)> = seats.iter().flat_map(|seats| &seats.groups).filter(|_| first.is_some()).collect();
        let standing = |call: &Queued| Some(standing(&rules, call.record.queue.as_ref()?, call.overflow.as_ref(), waited, &now.states));
        Some(Self {
            queue: queue.clone(),
            place: now.plan.places.queue(id).map(|place| place.to_string()),
            closed: Closed::of(&now.plan, id, now.at),
            waiting: all.iter().take(WAITING).filter_map(waits).collect(),
            more: all.len().saturating_sub(WAITING),
            reason: first.and_then(standing).map(|reason| as_seen(reason, &fates)),
            next: next.filter(|_| first.is_some()),
            opens: opens(&fates, waited),
            seats,
            steps: step_counts(now, first.map(|_| &rules), id),
            left: Vec::new(),
        })
    }
}

/// Why ready seats are kept from a call, as exactly as the seats tell it.
fn as_seen(reason: Reason, fates: &[&(Fate, Vec<One>)]) -> Reason {
    let Reason::Kept { .. } = reason else { return reason };
    let is = |wanted: fn(&Fate) -> bool| fates.iter().any(|(fate, _)| wanted(fate));
    let paused = is(|fate| matches!(fate, Fate::Paused(_)));
    let later = is(|fate| matches!(fate, Fate::Later(_)));
    let ready = is(|fate| matches!(fate, Fate::At(state) if state.is_ready()));
    match (paused, later, ready) {
        (_, _, true) => Reason::Free,
        (true, false, false) => Reason::Kept { holds: false },
        (false, true, false) => Reason::Held,
        (true, true, false) | (false, false, false) => reason,
    }
}

fn opens(fates: &[&(Fate, Vec<One>)], waited: Duration) -> Option<Opens> {
    let each = fates.iter().filter_map(|(fate, seats)| {
        let (at, over) = match fate {
            Fate::Paused(until) => ((*until)?, Over::Pause),
            Fate::Later(at) => (*at, Over::Delay),
            Fate::AfterOwn(at) => (*at, Over::Patience),
            Fate::Chosen | Fate::Ready | Fate::Reserve(_) | Fate::At(_) | Fate::Step(_) | Fate::Lacks(_) => return None,
            Fate::NotCleared | Fate::NotNamed | Fate::NotServed | Fate::NoStep | Fate::NoTier => return None,
        };
        Some(Opens { seat: seats.first()?.seat.clone(), after: at.saturating_sub(waited), over })
    });
    each.min_by_key(|opens| opens.after)
}

async fn left(look: &Look, now: &Now, queue: &Name) -> Result<Vec<Left>, LookError> {
    let filter = Filter { since: Some(WallTime(now.at.0 - LATELY_US)), limit: LOOKED_AT, ..Filter::default() };
    let mut all = Vec::new();
    for (record, _) in look.calls(&filter).await?.into_iter().filter(|(record, _)| record.t2.is_some()) {
        for event in look.call(record.call).await?.map(|found| found.events).unwrap_or_default() {
            if let EventKind::LeftQueue { queue: from, why, to } = event.kind
                && from == *queue
            {
                all.push(Left { call: record.call, at: event.at, why, to });
            }
        }
    }
    Ok(all)
}

/// The steps with the seats that each adds: all, and those for a call that waits.
fn step_counts(now: &Now, first: Option<&Rules>, queue: QueueId) -> Vec<StepNow> {
    let plan = &now.plan;
    let members = |rules: &Rules| -> Vec<(usize, SeatState)> {
        let candidates = rules.candidates(queue, Duration::ZERO, &now.states).into_iter();
        let member = candidates.filter_map(|candidate| match candidate.verdict {
            Verdict::Member { step, state, .. } => Some((step, state)),
            Verdict::Retired | Verdict::NotNamed | Verdict::NotServed | Verdict::NotCleared => None,
            Verdict::Lacks(_) | Verdict::NoStep | Verdict::NoTier => None,
        });
        member.collect()
    };
    let (all, fit) = (members(&now.rules_for(Profile::unknown(LanguageId(0)))), first.map(members));
    let steps = plan.queue(queue).steps.iter().enumerate().map(|(n, step)| StepNow {
        after: step.after,
        asks: print_expression(&step.requires, &plan.skills),
        place: plan.places.step(queue, n).map(|place| place.to_string()),
        seats: counted(all.iter().filter(|(step, _)| *step == n).map(|(_, state)| *state)),
        fit: fit.as_ref().map(|fit| fit.iter().filter(|(step, _)| *step == n).count()),
    });
    steps.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_to_which_a_queue_overflows_is_said_to_help_from_then_on() {
        let text = "number = [{ name = \"hotline\", queue = \"q\" }]\nskill = [{ name = \"zh\" }]\n\
            [[queue]]\nname = \"q\"\noverflow = { seat = \"1009\", after = \"20s\" }\n[[queue.step]]\nrequires = \"zh >= 1\"\n\
            [[seat]]\nname = \"1001\"\npassword = \"k7T-wq2\"\nskills = { zh = 5 }\n[[seat]]\nname = \"1009\"\npassword = \"k7T-wq3\"\n";
        let source = hotline_rules::Source { path: "r.toml".into(), text: text.into() };
        let Ok(loaded) = hotline_rules::load(&[source], None) else { panic!("they are good") };
        let plan = Arc::new(loaded.plan);
        let seat = |name: &str| *plan.seat_names.get(name).unwrap();
        let after = plan.queues[0].helped_by(seat("1009")).unwrap();
        assert!(after >= Duration::from_secs(20));
        let now = Now {
            at: WallTime(0),
            runs: true,
            plan: Arc::clone(&plan),
            states: SeatStates::new(),
            waiting: Vec::new(),
            pauses: BTreeMap::new(),
            epoch: 1,
        };
        let of = |name: &str| admissions(&now, seat(name)).remove(0);
        let (_, helps, place) = of("1009");
        assert_eq!((helps, place.as_deref()), (Admission::Helps(after), Some("r.toml:5")));
        assert!(matches!(of("1001").1, Admission::From(0, ..)));
        let ready = SeatState { activity: Activity::Free, intent: Intent::Available, reachable: true };
        let queues = admissions(&now, seat("1009"));
        assert_eq!(idle(Some(seat("1009")), Some(ready), &queues, &[], None), Idle::NothingWaits);
    }
}
