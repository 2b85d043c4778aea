//! Why a queue stands still.

use super::super::candidates::{Calm, Fate, Others, Search, Seats, Sought};
use super::super::causes::{Reason, standing};
use super::super::fact::{Counts, counted, onward};
use super::super::held::{By, Held, Passed, is_in, openings};
use super::super::pauses::Setting;
use super::super::rules::{Rules, all_states, step_asks, step_place};
use super::ways::{Way, ways};
use super::{Now, Queued, Stands, WAITING, Waits, rings};
use hotline_archive::{Filter, Look, LookError};
use hotline_model::history::{EventKind, Onward, WhyLeft};
use hotline_model::{CallEvent, CallId, LanguageId, Name, Profile, QueueId, SeatId, SeatState, WallTime};
use hotline_router::{Opening, Openings};
use hotline_rules::{Expression, Plan};
use std::time::Duration;

/// Calls of the last hour that waited and are looked at for having left a queue, how many are read at a time, and that hour.
pub const LOOKED_AT: usize = 2_000;
const PAGE: u32 = 500;
const LATELY_US: i64 = 3_600_000_000;

/// A step of a queue now.
#[derive(Clone, Debug, PartialEq)]
pub struct StepNow {
    /// Waiting time from which it holds, for the first call, if one waits.
    pub after: Duration,
    /// It is passed over.
    pub passed: Option<Passed>,
    /// What it asks for.
    pub asks: String,
    /// Where it is written.
    pub place: Option<String>,
    /// The seats of the queue that it is the first to admit, whatever callers need, by what they are at.
    pub seats: Counts,
    /// So many seats it is the first to admit for the first call, if one waits.
    pub fit: Option<usize>,
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
    /// Where it went on.
    pub onward: Option<Onward>,
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
    /// Seats that fulfil what nobody of the queue does, and whose own `queues` leave it out, with where those are written.
    pub left_out: Vec<(Name, Option<String>)>,
    /// As many calls wait as may (`limit`): so many, and the queue that has room for the next one.
    pub full: Option<(u32, Option<Name>)>,
    /// What lets the first call go on by itself, the soonest first, up to what is sure.
    pub ways: Vec<Way>,
    /// Steps of the queue follow for it.
    pub steps_follow: bool,
    /// If more calls wait, ready seats of a reserve have it: so many, and so many wait now.
    pub crowds: Option<(u32, u32)>,
    /// The seats, seen by the first call.
    pub seats: Option<Seats>,
    /// Its steps.
    pub steps: Vec<StepNow>,
    /// Calls that left it in the last hour because nobody served it, the newest first.
    pub left: Vec<Left>,
    /// More calls waited in that hour than were looked at.
    pub left_cut: bool,
}

/// A queue that the rules have no more, with the calls that are still its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Gone {
    /// Its name.
    pub queue: Name,
    /// The calls that wait in it, the first first; those that ring are among them.
    pub waiting: Vec<Waits>,
    /// So many more wait.
    pub more: usize,
}

impl Gone {
    /// `None` if the rules have it, or no call is its own.
    pub fn of(now: &Now, queue: &Name) -> Option<Self> {
        let id = now.plan.queue_names.get(&**queue);
        if id.is_some_and(|id| !now.plan.queue(*id).retired) {
            return None;
        }
        let all: Vec<&Queued> = now.waiting_in(queue).collect();
        let waits = |call: &&Queued| Waits::of(now, call, call.offer().unwrap_or(Stands::IfReady));
        let waiting: Vec<Waits> = all.iter().take(WAITING).filter_map(waits).collect();
        (!waiting.is_empty()).then(|| Self { queue: queue.clone(), more: all.len() - waiting.len(), waiting })
    }
}

impl QueueNow {
    /// Looks at a queue, and at what it let go.
    pub async fn read(look: &Look, now: &Now, queue: &Name) -> Result<Option<Self>, LookError> {
        let Some(seen) = Self::of(now, queue) else { return Ok(None) };
        let (left, left_cut) = left(look, now, queue).await?;
        Ok(Some(Self { left, left_cut, ..seen }))
    }

    /// Looks at a queue.
    pub fn of(now: &Now, queue: &Name) -> Option<Self> {
        let id = *now.plan.queue_names.get(&**queue)?;
        let all: Vec<&Queued> = now.waiting_in(queue).collect();
        let first = all.iter().copied().find(|call| rings(&call.record).is_none());
        // A call that is offered tells of the seats too, if none waits behind it.
        let (rules, waited) = match first.or(all.first().copied()) {
            Some(call) => (now.rules(call), now.waited(call)),
            None => (now.rules_for(Profile::unknown(LanguageId(0))), Duration::ZERO),
        };
        let openings = openings(&rules, id, &now.states);
        let waits = |call: &&Queued| Waits::of(now, call, call.offer().unwrap_or(Stands::IfReady));
        let seen: Vec<Seen> = first.into_iter().flat_map(|call| Seen::all(now, call, queue)).collect();
        let seats = seats(now, &rules, queue, waited);
        let crowds = seen.iter().flat_map(|seen| &seen.seats.groups).find_map(|(fate, seats)| {
            let Fate::Reserve(calm) = fate else { return None };
            seats.iter().find(|one| !now.pauses.contains_key(&one.seat))?;
            Some((calm.waiting.as_ref()?.0, calm.crowd.calls()))
        });
        let reason = first.and_then(|call| reason(now, call, &rules, &seen));
        let asked = seen.iter().find(|seen| seen.other.is_none());
        Some(Self {
            queue: queue.clone(),
            place: now.plan.places.queue(id).map(|place| place.to_string()),
            closed: Closed::of(&now.plan, id, now.at),
            waiting: all.iter().take(WAITING).filter_map(waits).collect(),
            more: all.len().saturating_sub(WAITING),
            left_out: asked.zip(reason.as_ref()).map(|(seen, reason)| left_out(now, &rules, seen, reason)).unwrap_or_default(),
            full: full(now, id),
            reason,
            ways: first.map(|call| ways(now, call, &seen)).unwrap_or_default(),
            steps_follow: openings.steps().any(|opens| opens > waited),
            crowds,
            seats,
            steps: step_counts(now, first.map(|_| &rules), (id, &openings)),
            left: Vec::new(),
            left_cut: false,
        })
    }
}

fn seats(now: &Now, rules: &Rules, queue: &Name, waited: Duration) -> Option<Seats> {
    let paused = now.pauses.iter().map(|(seat, pause)| (seat, waited + now.left(pause))).collect();
    let sought = Sought { waited, crowd: now.crowd(queue), search: Search::None, paused, others: Others::Unknown };
    let mut seats = Seats::of(rules, queue, &now.states, sought)?;
    seats.step_place = step_place(&now.plan, *now.plan.queue_names.get(&**queue)?, seats.step);
    seats.settings = now.pauses.iter().map(|(seat, pause)| (seat.clone(), pause.setting)).collect();
    Some(seats)
}

/// A queue in which the first call waits.
pub struct Seen {
    /// Its name, if it is another than the one asked about.
    pub other: Option<Name>,
    pub id: QueueId,
    pub seats: Seats,
    pub openings: Openings,
}

impl Seen {
    /// The one asked about, and the other one.
    pub fn all(now: &Now, call: &Queued, asked: &Name) -> Vec<Self> {
        let (rules, waited) = (now.rules(call), now.waited(call));
        let of = |queue: &Name| {
            let id = *now.plan.queue_names.get(&**queue)?;
            let other = (queue != asked).then(|| queue.clone());
            Some(Self { other, id, seats: seats(now, &rules, queue, waited)?, openings: openings(&rules, id, &now.states) })
        };
        call.queues().filter_map(of).collect()
    }
}

/// What the first call waits for.
fn reason(now: &Now, call: &Queued, rules: &Rules, seen: &[Seen]) -> Option<Reason> {
    let crowded = |seen: &&Seen| Calm::of(&now.plan, seen.id, now.crowd(&seen.seats.queue)).is_none();
    let crowded: Vec<QueueId> = seen.iter().filter(crowded).map(|seen| seen.id).collect();
    let home = call.record.queue.as_ref()?;
    let reason = standing(rules, (home, call.overflow.as_ref()), now.waited(call), &now.states, &crowded);
    Some(as_seen(reason, seen))
}

/// Seats that make a sentence of nobody false, but for their own `queues`.
fn left_out(now: &Now, rules: &Rules, seen: &Seen, reason: &Reason) -> Vec<(Name, Option<String>)> {
    if !matches!(reason, Reason::NoSeat(_) | Reason::NobodyIn { .. }) {
        return Vec::new();
    }
    let (plan, profile) = (&now.plan, &rules.profile);
    let counts = |seat: &Name| matches!(reason, Reason::NoSeat(_)) || now.state(seat).is_some_and(|(state, _)| is_in(state));
    let fits = |seat: &Name| {
        let Some(seat) = plan.seat_names.get(&**seat).map(|seat| plan.seat(*seat)) else { return false };
        let needs = profile.skills.iter().all(|need| Expression::AtLeast(*need).admits(&seat.proficiency));
        let step = plan.queue(seen.id).steps.get(seen.seats.step);
        needs && (seat.cleared || !profile.sensitive) && step.is_some_and(|step| step.admits(seat))
    };
    let not_served = seen.seats.groups.iter().filter(|(fate, _)| *fate == Fate::NotServed).flat_map(|(_, seats)| seats);
    not_served.filter(|one| counts(&one.seat) && fits(&one.seat)).map(|one| (one.seat.clone(), one.place.clone())).collect()
}

/// How many may wait in a queue in which no more may, and the next caller's queue.
fn full(now: &Now, queue: QueueId) -> Option<(u32, Option<Name>)> {
    let plan = &now.plan;
    let is_full = |id: QueueId| {
        let in_line = |call: &&Queued| call.record.queue.as_ref() == Some(&plan.queue(id).name) && rings(&call.record).is_none();
        now.waiting.iter().filter(in_line).count() >= plan.queue(id).limit as usize
    };
    let next = |id: &QueueId| plan.queue(*id).overflow;
    let mut beyond = std::iter::successors(next(&queue), next).take(plan.queues.len());
    let room = || beyond.find(|id| *id != queue && !plan.queue(*id).retired && !is_full(*id)).map(|id| plan.queue(id).name.clone());
    is_full(queue).then(room).map(|room| (plan.queue(queue).limit, room))
}

/// Why ready seats are kept from a call, as exactly as the seats tell it.
fn as_seen(reason: Reason, seen: &[Seen]) -> Reason {
    let fates = || seen.iter().flat_map(|seen| seen.seats.groups.iter().map(move |(fate, seats)| (seen, fate, seats)));
    let serves = || !fates().any(|(_, fate, _)| matches!(fate, Fate::Reserve(_)));
    let is_kept = matches!(reason, Reason::Kept { .. } | Reason::Held(_)) || matches!(reason, Reason::Reserve(_)) && serves();
    if !is_kept {
        return reason;
    }
    if fates().any(|(_, fate, _)| matches!(fate, Fate::At(state) if state.is_ready())) {
        return Reason::Free;
    }
    let mut kept: Vec<(Name, (Duration, By))> = Vec::new();
    for (seen, fate, seats) in fates() {
        let Some(seat) = seats.first() else { continue };
        let Some((at, by)) = keeps(fate, seen.seats.setting(seats)) else { continue };
        let by = seen.other.as_ref().map_or(by.clone(), |queue| by.in_queue(queue));
        match kept.iter_mut().find(|(name, _)| *name == seat.seat) {
            Some((_, known)) if known.0 > at => *known = (at, by),
            Some(_) => {}
            None => kept.push((seat.seat.clone(), (at, by))),
        }
    }
    let kept: Held = kept.into_iter().map(|(seat, (_, by))| (seat, by)).collect();
    if kept.is_empty() { reason } else { Reason::Held(kept) }
}

/// What keeps ready seats of this fate for a while, and until what wait.
fn keeps(fate: &Fate, paused_by: Option<Setting>) -> Option<(Duration, By)> {
    match fate {
        Fate::Paused(until) => Some((until.unwrap_or(Duration::MAX), By::Pause(paused_by))),
        Fate::Later(at, by) => Some((*at, by.clone())),
        Fate::Helps(at, place, state) => state.is_ready().then(|| (*at, By::Help(*at, place.clone()))),
        Fate::Reserve(calm) => Some(calm.keeps()),
        Fate::Chosen | Fate::Ready | Fate::AfterOwn(_) | Fate::At(_) | Fate::OfReserve(_) | Fate::Step(_) | Fate::Lacks(_) => None,
        Fate::NotCleared | Fate::NotNamed | Fate::NotServed | Fate::NoStep | Fate::NoTier => None,
    }
}

/// Whether more waited than were looked at, too.
async fn left(look: &Look, now: &Now, queue: &Name) -> Result<(Vec<Left>, bool), LookError> {
    let mut filter = Filter { since: Some(WallTime(now.at.0 - LATELY_US)), limit: PAGE, ..Filter::default() };
    let (mut all, mut looked_at) = (Vec::new(), 0);
    loop {
        let page = look.calls(&filter).await?;
        filter.behind = page.last().map(|(record, _)| (record.t0, record.call));
        for (record, _) in page.iter().filter(|(record, _)| record.t2.is_some()) {
            if looked_at == LOOKED_AT {
                return Ok((all, true));
            }
            looked_at += 1;
            all.extend(look.call(record.call).await?.iter().flat_map(|found| lefts(&found.events, queue)));
        }
        if page.len() < PAGE as usize {
            return Ok((all, false));
        }
    }
}

/// How a call left a queue.
fn lefts(events: &[CallEvent], queue: &Name) -> Vec<Left> {
    let left = |(n, event): (usize, &CallEvent)| {
        let EventKind::LeftQueue { queue: from, why: why @ (WhyLeft::Closed | WhyLeft::Nobody), to } = &event.kind else { return None };
        (from == queue).then(|| Left { call: event.call, at: event.at, why: *why, onward: onward(to.as_ref(), &events[n + 1..]) })
    };
    events.iter().enumerate().filter_map(left).collect()
}

/// The steps with the seats that each adds: all, and those for a call that waits.
fn step_counts(now: &Now, first: Option<&Rules>, (queue, seen): (QueueId, &Openings)) -> Vec<StepNow> {
    let plan = &now.plan;
    let all = openings(&now.rules_for(Profile::unknown(LanguageId(0))), queue, &now.states);
    let passed = Passed::all(seen, plan, queue);
    let steps = plan.queue(queue).steps.iter().zip(seen.steps()).enumerate().map(|(n, (step, after))| StepNow {
        after,
        passed: passed.iter().find(|passed| passed.step == n).cloned(),
        asks: step_asks(plan, step),
        place: step_place(plan, queue, n),
        seats: counted(added(now, &all, n, true).map(|(_, state)| state)),
        fit: first.map(|_| added(now, seen, n, true).count()),
    });
    steps.collect()
}

/// What the seats are at that a step of a queue is the first to admit, or those of them that are not of the reserve.
pub fn added(now: &Now, openings: &Openings, step: usize, reserve: bool) -> impl Iterator<Item = (SeatId, SeatState)> {
    let seats = all_states(&now.plan, &now.states).into_iter();
    let is_added = move |opening: Opening| opening.step == step && !opening.helps && (reserve || !opening.reserve);
    seats.filter(move |(seat, _)| openings.of(*seat).is_some_and(is_added))
}
