//! Why a seat gets no calls.

use super::super::candidates::{Fate, Others, Search, Seats, Sought};
use super::super::ends::Ends;
use super::super::held::{By, Passed, help_place, helps, openings};
use super::super::pauses::Pause;
use super::super::rules::{Rules, step_asks, step_place};
use super::queue::Seen;
use super::ways::{Over, breaches, nobody};
use super::{Now, Queued, Stands, WAITING, Waits, rang, rings};
use crate::cli::{kept_out, words};
use hotline_archive::{Look, LookError, SeatStates};
use hotline_model::history::{OfferEnd, SeatEvent};
use hotline_model::{
    Activity, CallId, DeskRefusal, Intent, LanguageId, Name, Need, NotReadyReason, Profile, QueueId, Record, SeatId, SeatState, WallTime,
};
use hotline_router::Openings;
use hotline_rules::{Expression, Place, Plan, Said};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

/// A seat's changes that are looked through for its last offers.
const HISTORY: u32 = 200;
/// Offers that are told.
const OFFERS: usize = 5;
/// Waiting calls, the first first, of which it is asked whether they are for a seat.
const ASKED: usize = 200;

/// Why a seat gets no call.
#[derive(Clone, Debug, PartialEq)]
pub enum Idle {
    /// The rules don't have it.
    NotInRules,
    /// A call is offered to it; whether its phone said that it rings.
    Offered(bool),
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
    /// It is ready, and the waiting calls are offered to other seats.
    OfferedToOthers(usize),
    /// It is ready; so many waiting calls are offered to other seats, and none of so many others is for it.
    NoneForIt(usize, usize),
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
    /// No tier takes it, whoever calls (`assign.tiers`).
    NoTier,
}

/// What a seat of a queue waits for beside its step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Besides {
    /// Steps that are passed over, so that its own begins earlier than it says.
    pub passed: Vec<Passed>,
    /// Better tiers are waited for so long while somebody of them is there (`assign.tiers`).
    pub hold: Duration,
    /// Calls must have waited so long (`delay`).
    pub delay: Duration,
    /// The queue must be crowded (`reserve`).
    pub reserve: bool,
}

/// What came of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// The agent answered.
    Answer,
    /// It goes on; whether the phone said that it rings.
    Open(bool),
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
    /// When that ends by itself, if it is known.
    pub ends: Option<Ends>,
    /// Its last offers in the last run, the newest first: when, which call, what came of it.
    pub offers: Vec<(WallTime, CallId, Came)>,
    /// The queues, and where what admits or not is written.
    pub queues: Vec<(Name, Admission, Option<String>)>,
    /// The calls that wait, the first first.
    pub waiting: Vec<Waits>,
    /// How many of the calls that wait were looked at and are shown, if not all.
    pub cut: Option<Cut>,
}

/// Of so many calls that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// All.
    pub all: usize,
    /// So many, the first first, were looked at.
    pub looked_at: usize,
    /// So many of those are shown.
    pub shown: usize,
}

impl Cut {
    fn of(all: usize, told: usize) -> Option<Self> {
        let cut = Self { all, looked_at: all.min(ASKED), shown: told.min(WAITING) };
        (cut.looked_at < all || cut.shown < told).then_some(cut)
    }
}

impl SeatNow {
    /// Whether the calls that it could have wait in queues among which it goes by more than their order.
    pub fn weighs_queues(&self, plan: &Plan) -> bool {
        let Some(seat) = plan.seat_names.get(&*self.seat) else { return false };
        let could = self.waiting.iter().filter(|waits| !matches!(waits.stands, Stands::Never(..) | Stands::Offered { .. }));
        let queues = could.filter_map(|waits| plan.queue_names.get(&*waits.queue));
        let mut terms = queues.map(|queue| (plan.serves(*seat, *queue).map(|serves| serves.priority), plan.queue(*queue).factor()));
        terms.next().is_some_and(|first| terms.any(|other| other != first))
    }

    /// Whether the calls that wait are of several groups of queues, each with a router of its own.
    pub fn has_groups(&self) -> bool {
        self.waiting.iter().any(|waits| waits.group.is_some())
    }

    /// What it is once nothing engages it, if its agent chose another than to be ready.
    pub fn afterwards(&self) -> Option<SeatState> {
        let (state, _) = self.state?;
        words::afterwards(state)
    }

    /// Looks at a seat.
    pub async fn read(look: &Look, now: &Now, seat: &Name) -> Result<Self, LookError> {
        let id = now.plan.seat_names.get(&**seat).copied();
        let queues = id.map(|id| admissions(now, id)).unwrap_or_default();
        let history = look.seat_history(now.epoch, seat, HISTORY).await?;
        let state = now.state(seat).map(|(state, since)| (state, since.map(|since| engaged_since(&history, state, since))));
        let pause = now.pauses.get(seat).filter(|_| state.is_some_and(|(state, _)| state.is_ready()));
        let stands =
            |waits: Waits| Waits { stands: pause.map_or(waits.stands.clone(), |pause| waits.stands.paused(now.left(pause))), ..waits };
        let mut waiting: Vec<Waits> =
            id.map(|id| now.waiting.iter().take(ASKED).filter_map(|call| waits(now, call, id)).map(stands).collect()).unwrap_or_default();
        Waits::with_groups(&mut waiting, &now.plan);
        let why = kept_out::from_signing_in(&now.plan, DeskRefusal::OutsideShifts, now.at);
        let idle = idle(id, state.map(|(state, _)| state), &queues, &waiting, pause);
        let rings_here = |call: &Queued| call.rang && rings(&call.record) == Some(seat);
        let idle = if idle == Idle::SignedOut { why.map_or(idle, Idle::KeptOut) } else { idle };
        let idle = if idle == Idle::Offered(false) { Idle::Offered(now.waiting.iter().any(rings_here)) } else { idle };
        Ok(Self {
            seat: seat.clone(),
            agent: id.map(|id| now.plan.seat(id).agent.clone()),
            place: shown(id.and_then(|id| now.plan.places.seat(id))),
            state,
            idle,
            ends: now.ends.get(seat).copied(),
            offers: offers(look, seat, &history).await?,
            queues,
            cut: id.and_then(|_| Cut::of(now.waiting.len(), waiting.len())),
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
        (Activity::Offered, _, _) => return Idle::Offered(false),
        (Activity::OnCall | Activity::WrapUp, _, _) => return Idle::Engaged(state.activity),
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
        Stands::In(time, _) | Stands::AfterOwn(time) | Stands::Overflows(time, _) | Stands::Leaves(time, _) => Some((time, waits.call)),
        Stands::Offered { .. } | Stands::Could | Stands::AfterPause(_) | Stands::IfReady | Stands::Never(..) => None,
    });
    let offered = waiting.iter().filter(|waits| matches!(waits.stands, Stands::Offered { .. })).count();
    match soon.min() {
        Some((time, call)) => Idle::Soon(call, time),
        None if waiting.is_empty() => Idle::NothingWaits,
        None if offered == waiting.len() => Idle::OfferedToOthers(offered),
        None => Idle::NoneForIt(offered, waiting.len() - offered),
    }
}

fn admissions(now: &Now, seat: SeatId) -> Vec<(Name, Admission, Option<String>)> {
    let plan = &now.plan;
    let queues = (0..).map(QueueId).zip(&plan.queues).filter(|(_, queue)| !queue.retired);
    let states = as_if_ready(now, seat);
    let admission = |(id, queue): (QueueId, &hotline_rules::Queue)| {
        let asks = |step: usize| step_asks(plan, &queue.steps[step]);
        let openings = || seen_by_first(now, &states, id);
        let (admission, place) = if helps(plan, id, seat) {
            let after = openings().of(seat).map_or_else(|| queue.helped_by(seat).unwrap_or_default(), |opening| opening.opens);
            (Admission::Helps(after), help_place(plan, id))
        } else if !queue.seats.is_empty() && !queue.seats.contains(&seat) {
            (Admission::NotNamed, shown(plan.places.queue(id)))
        } else if plan.serves(seat, id).is_none() {
            (Admission::NotServed, shown(plan.places.seat(seat)))
        } else if let Some(step) = queue.steps.iter().position(|step| step.admits(plan.seat(seat))) {
            let openings = openings();
            let anybody = || self::openings(&now.rules_for(Profile::unknown(LanguageId(0))), id, &states);
            if openings.of(seat).is_none() && anybody().of(seat).is_none() {
                return (queue.name.clone(), Admission::NoTier, None);
            }
            let opens = openings.steps().nth(step).unwrap_or(queue.steps[step].after);
            (Admission::From(step, opens, asks(step), besides(plan, id, (seat, step), &openings)), step_place(plan, id, step))
        } else {
            let last = queue.steps.len().saturating_sub(1);
            (Admission::NoStep(asks(last)), step_place(plan, id, last))
        };
        (queue.name.clone(), admission, place)
    };
    queues.map(admission).collect()
}

/// From when on steps and seats of a queue serve the first call that waits there, or whoever comes.
fn seen_by_first(now: &Now, states: &SeatStates, queue: QueueId) -> Openings {
    let first = now.waiting_in(&now.plan.queue(queue).name).find(|call| rings(&call.record).is_none());
    let rules = first.map_or_else(|| now.rules_for(Profile::unknown(LanguageId(0))), |call| now.rules(call));
    openings(&rules, queue, states)
}

fn besides(plan: &Plan, id: QueueId, (seat, step): (SeatId, usize), openings: &Openings) -> Besides {
    let opening = openings.of(seat);
    let hold = opening.iter().flat_map(|opening| &opening.holds).map(|(_, hold)| *hold).sum();
    let reserve = plan.queue(id).reserve.as_ref().is_some_and(|reserve| reserve.has(seat, &plan.seat(seat).proficiency));
    let mut passed = Passed::all(openings, plan, id);
    let before = (0..step).rev().take_while(|step| passed.iter().any(|passed| passed.step == *step)).last().unwrap_or(step);
    passed.retain(|passed| (before..step).contains(&passed.step));
    Besides { passed, hold, delay: plan.serves(seat, id).map_or(Duration::ZERO, |serves| serves.delay), reserve }
}

/// How a call stands to a seat in that of its queues which stands better.
fn waits(now: &Now, call: &Queued, seat: SeatId) -> Option<Waits> {
    let stands = match call.offer() {
        Some(offered) => offered,
        None => call.queues().filter_map(|queue| stands_in(now, call, queue, seat)).min_by_key(Stands::order)?,
    };
    let stands = match stands {
        Stands::Never(..) => leaves(now, call, seat).or_else(|| overflows(now, call, seat)).unwrap_or(stands),
        Stands::Offered { .. } | Stands::Could | Stands::AfterPause(_) | Stands::IfReady | Stands::In(..) | Stands::AfterOwn(_) => stands,
        Stands::Overflows(..) | Stands::Leaves(..) => stands,
    };
    Waits::of(now, call, stands)
}

/// When a seat may have a call that its own queue keeps from it, in the queue to which it overflows.
fn overflows(now: &Now, call: &Queued, seat: SeatId) -> Option<Stands> {
    let home = *now.plan.queue_names.get(&**call.record.queue.as_ref()?)?;
    let to = &now.plan.queue(now.plan.queue(home).overflow?).name;
    let opens = opens_in(now, call, to, seat, breaches(now, call)?.since(now.at))?;
    Some(Stands::Overflows(opens, to.clone()))
}

/// When it may have it in the queue to which the call goes if nobody serves its own.
fn leaves(now: &Now, call: &Queued, seat: SeatId) -> Option<Stands> {
    let home = call.record.queue.as_ref()?;
    now.plan.queue(*now.plan.queue_names.get(&**home)?).nobody.as_ref()?;
    let way = nobody(now, call, &Seen::all(now, call, home))?;
    let Over::Nobody(Some(to), _) = way.over else { return None };
    Some(Stands::Leaves(opens_in(now, call, &to, seat, way.after)?, to))
}

/// From when on a seat may have a call in a queue that it comes to after so long.
fn opens_in(now: &Now, call: &Queued, queue: &Name, seat: SeatId, after: Duration) -> Option<Duration> {
    match stands_in(now, call, queue, seat)? {
        Stands::Could | Stands::IfReady => Some(after),
        Stands::In(time, _) | Stands::AfterOwn(time) => Some(after.max(time)),
        Stands::Offered { .. } | Stands::AfterPause(_) | Stands::Overflows(..) | Stands::Leaves(..) | Stands::Never(..) => None,
    }
}

/// As the seats are, but that this one is ready.
fn as_if_ready(now: &Now, seat: SeatId) -> Cow<'_, SeatStates> {
    let name = &now.plan.seat(seat).name;
    let mut states = Cow::Borrowed(&now.states);
    if now.state(name).is_none_or(|(state, _)| !state.is_ready()) {
        let state = SeatState { activity: Activity::Free, intent: Intent::Available, reachable: true };
        let event = SeatEvent { seq: 0, at: now.at, seat: name.clone(), id: seat, state, call: None };
        states.to_mut().insert(name.clone(), event);
    }
    states
}

/// It is asked how a seat would stand if it were ready: so all that makes it wait is told, whatever it is at.
fn stands_in(now: &Now, call: &Queued, queue: &Name, seat: SeatId) -> Option<Stands> {
    let name = &now.plan.seat(seat).name;
    let is_ready = now.state(name).is_some_and(|(state, _)| state.is_ready());
    let states = as_if_ready(now, seat);
    let (waited, crowd) = (now.waited(call), now.crowd(queue));
    let crowd = if call.queues().any(|its| its == queue) { crowd } else { crowd.with(waited) };
    let sought = Sought { waited, crowd, search: Search::None, paused: BTreeMap::new(), others: Others::Unknown };
    let rules = now.rules(call);
    let groups = Seats::of(&rules, queue, &states, sought)?.groups;
    let (fate, _) = groups.into_iter().find(|(_, seats)| seats.iter().any(|one| one.seat == *name))?;
    Some(match fate {
        Fate::At(_) if is_ready => Stands::Could,
        Fate::At(_) => Stands::IfReady,
        Fate::Later(after, by) => Stands::In(after.saturating_sub(waited), by),
        Fate::Helps(after, place, _) => Stands::In(after.saturating_sub(waited), By::Help(after, place)),
        Fate::AfterOwn(after) => Stands::AfterOwn(after.saturating_sub(waited)),
        Fate::Reserve(ref calm) => match calm.serves {
            Some(at) => Stands::In(at.saturating_sub(waited), calm.keeps().1),
            None => Stands::Never(fate, None),
        },
        Fate::Chosen | Fate::Ready | Fate::Paused(_) | Fate::OfReserve(_) | Fate::Step(_) | Fate::NoTier => Stands::Never(fate, None),
        Fate::Lacks(_) | Fate::NotCleared | Fate::NotNamed | Fate::NotServed | Fate::NoStep => {
            let place = removal(&rules, queue, seat, &fate);
            Stands::Never(fate, place)
        }
    })
}

/// Where it is written that a seat is not for a call, if the words of its fate don't say it.
fn removal(rules: &Rules, queue: &Name, seat: SeatId, fate: &Fate) -> Option<String> {
    let (plan, profile) = (&rules.plan, &rules.profile);
    let queue = *plan.queue_names.get(&**queue)?;
    match fate {
        Fate::Lacks(_) => {
            let lacks = |need: &&Need| !Expression::AtLeast(**need).admits(&plan.seat(seat).proficiency);
            rules.need_place(*profile.skills.iter().find(lacks)?)
        }
        Fate::NotCleared | Fate::NotServed => shown(plan.places.seat(seat)),
        Fate::NotNamed => shown(plan.places.queue(queue)),
        Fate::NoStep => step_place(plan, queue, plan.queue(queue).steps.len().checked_sub(1)?),
        Fate::Chosen | Fate::Ready | Fate::Paused(_) | Fate::Later(..) | Fate::AfterOwn(_) | Fate::Reserve(_) | Fate::Helps(..) => None,
        Fate::At(_) | Fate::OfReserve(_) | Fate::Step(_) | Fate::NoTier => None,
    }
}

fn shown(place: Option<Place<'_>>) -> Option<String> {
    place.map(|place| place.to_string())
}

/// Since when a seat is at what it is at, of a history whose newest is first: what an agent chooses meanwhile begins no other call.
fn engaged_since(history: &[SeatEvent], state: SeatState, since: WallTime) -> WallTime {
    let Some(newest) = history.first().filter(|_| state.activity != Activity::Free) else { return since };
    let is_same = |event: &&SeatEvent| event.state.activity == state.activity && event.call == newest.call;
    history.iter().take_while(is_same).map(|event| event.at).fold(since, WallTime::min)
}

async fn offers(look: &Look, seat: &Name, history: &[SeatEvent]) -> Result<Vec<(WallTime, CallId, Came)>, LookError> {
    let mut all = Vec::new();
    for event in begun(history).take(OFFERS) {
        let Some(call) = event.call else { continue };
        let found = look.call(call).await?.and_then(|found| Some((found.record?, rang(&found.events))));
        all.push((event.at, call, found.map_or(Came::Unknown, |(record, rang)| came(&record, rang, (seat, event.at)))));
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
fn came(record: &Record, rang: bool, (seat, at): (&Name, WallTime)) -> Came {
    let place = record.offers.iter().position(|offer| offer.seat == *seat && offer.at >= at);
    let Some((place, offer)) = place.map(|place| (place, &record.offers[place])) else { return Came::Unknown };
    match offer.end {
        Some(end) => Came::End(end),
        None if record.t3.is_some() && place + 1 == record.offers.len() => Came::Answer,
        None if record.t6.is_none() => Came::Open(rang),
        None => Came::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_archive::SeatStates;
    use std::sync::Arc;

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
            ends: BTreeMap::new(),
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
