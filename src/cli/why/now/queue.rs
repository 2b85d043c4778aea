//! Why a queue stands still.

use super::super::candidates::{Fate, One, Others, Search, Seats, Sought};
use super::super::causes::{Reason, standing};
use super::super::ends::Ends;
use super::super::fact::{Counts, counted};
use super::super::held::{By, Held, helps};
use super::super::rules::Rules;
use super::{Now, Queued, Stands, WAITING, Waits, rings};
use hotline_archive::{Filter, Look, LookError};
use hotline_model::history::{EventKind, WhyLeft};
use hotline_model::{CallEvent, CallId, Intent, LanguageId, Name, Profile, QueueId, SeatState, WallTime};
use hotline_router::Verdict;
use hotline_rules::{Plan, print_expression};
use std::time::Duration;

/// Calls of the last hour that waited and are looked at for having left a queue, how many are read at a time, and that hour.
pub const LOOKED_AT: usize = 2_000;
const PAGE: u32 = 500;
const LATELY_US: i64 = 3_600_000_000;

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

/// When a seat may have the first call, if nothing else happens before.
#[derive(Clone, Debug, PartialEq)]
pub struct Opens {
    /// Which.
    pub seat: Name,
    /// In so long.
    pub after: Duration,
    /// What is over then.
    pub over: Over,
}

/// What keeps a seat and a call apart for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// The seat's pause.
    Pause,
    /// A hold, the seat's own delay, or the time before it helps.
    Delay,
    /// The call's patience for its own agent.
    Patience,
    /// The seat's wrap-up.
    WrapUp,
    /// The time before its unreachable phone is tried again.
    Retry,
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
    /// In so long so many seats help that are none of its own.
    pub helps: Option<(Duration, usize)>,
    /// The seats, seen by the first call.
    pub seats: Option<Seats>,
    /// Its steps.
    pub steps: Vec<StepNow>,
    /// Calls that left it in the last hour because nobody served it, the newest first.
    pub left: Vec<Left>,
    /// More calls waited in that hour than were looked at.
    pub left_cut: bool,
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
            opens: opens(now, &fates, waited),
            helps: help(&fates, waited),
            seats,
            steps: step_counts(now, first.map(|_| &rules), id),
            left: Vec::new(),
            left_cut: false,
        })
    }
}

/// Why ready seats are kept from a call, as exactly as the seats tell it.
fn as_seen(reason: Reason, fates: &[&(Fate, Vec<One>)]) -> Reason {
    let (Reason::Kept { .. } | Reason::Held(_)) = reason else { return reason };
    if fates.iter().any(|(fate, _)| matches!(fate, Fate::At(state) if state.is_ready())) {
        return Reason::Free;
    }
    let kept = fates.iter().filter_map(|(fate, seats)| Some((seats.first()?.seat.clone(), keeps(fate)?)));
    let kept: Held = kept.collect();
    match kept.iter().all(|(_, by)| *by == By::Pause) {
        true if kept.is_empty() => reason,
        true => Reason::Kept { holds: false },
        false => Reason::Held(kept),
    }
}

/// What keeps ready seats of this fate for a while.
fn keeps(fate: &Fate) -> Option<By> {
    match fate {
        Fate::Paused(_) => Some(By::Pause),
        Fate::Later(_, by) => Some(by.clone()),
        Fate::Helps(after, place, state) => state.is_ready().then(|| By::Help(*after, place.clone())),
        Fate::Chosen | Fate::Ready | Fate::AfterOwn(_) | Fate::Reserve(_) | Fate::At(_) | Fate::Step(_) | Fate::Lacks(_) => None,
        Fate::NotCleared | Fate::NotNamed | Fate::NotServed | Fate::NoStep | Fate::NoTier => None,
    }
}

/// When a seat becomes ready by itself.
fn becomes_ready(now: &Now, one: &One) -> Option<Opens> {
    let ends = now.ends.get(&one.seat)?;
    let over = match ends {
        Ends::WrapUp(_) => Over::WrapUp,
        Ends::Retry(..) => Over::Retry,
    };
    Some(Opens { seat: one.seat.clone(), after: ends.at().since(now.at), over })
}

fn opens(now: &Now, fates: &[&(Fate, Vec<One>)], waited: Duration) -> Option<Opens> {
    let comes = fates.iter().filter(|(fate, _)| matches!(fate, Fate::At(state) if state.intent == Intent::Available));
    let comes = comes.flat_map(|(_, seats)| seats).filter_map(|one| becomes_ready(now, one));
    let each = fates.iter().filter_map(|(fate, seats)| {
        let (at, over) = match fate {
            Fate::Paused(until) => ((*until)?, Over::Pause),
            Fate::Later(at, _) => (*at, Over::Delay),
            Fate::Helps(at, _, state) if state.is_ready() => (*at, Over::Delay),
            Fate::AfterOwn(at) => (*at, Over::Patience),
            Fate::Chosen | Fate::Ready | Fate::Reserve(_) | Fate::At(_) | Fate::Step(_) | Fate::Helps(..) => return None,
            Fate::Lacks(_) | Fate::NotCleared | Fate::NotNamed | Fate::NotServed | Fate::NoStep | Fate::NoTier => return None,
        };
        Some(Opens { seat: seats.first()?.seat.clone(), after: at.saturating_sub(waited), over })
    });
    each.chain(comes).min_by_key(|opens| opens.after)
}

/// In how long which help the first call that are none of the queue's own, the soonest.
fn help(fates: &[&(Fate, Vec<One>)], waited: Duration) -> Option<(Duration, usize)> {
    let later = || fates.iter().filter_map(|(fate, seats)| if let Fate::Helps(at, ..) = fate { Some((*at, seats.len())) } else { None });
    let soonest = later().map(|(at, _)| at).filter(|at| *at > waited).min()?;
    Some((soonest - waited, later().filter(|(at, _)| *at == soonest).map(|(_, count)| count).sum()))
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
    let left = |event: &CallEvent| {
        let EventKind::LeftQueue { queue: from, why, to } = &event.kind else { return None };
        (from == queue).then(|| Left { call: event.call, at: event.at, why: *why, to: to.clone() })
    };
    events.iter().filter_map(left).collect()
}

/// The steps with the seats that each adds: all, and those for a call that waits.
fn step_counts(now: &Now, first: Option<&Rules>, queue: QueueId) -> Vec<StepNow> {
    let plan = &now.plan;
    let members = |rules: &Rules| -> Vec<(usize, SeatState)> {
        let candidates = rules.candidates(queue, Duration::ZERO, &now.states).into_iter();
        let candidates = candidates.filter(|candidate| helps(plan, queue, candidate.seat).is_none());
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
