//! What lets a waiting call go on by itself, and when.

use super::super::candidates::{Fate, One};
use super::super::ends::Ends;
use super::super::fact::{Counts, counted};
use super::super::held::{By, is_in};
use super::super::rules::{all_states, first_state};
use super::queue::{Seen, added};
use super::{Now, Queued};
use hotline_model::history::ClockChange;
use hotline_model::{Intent, Name, SeatId, WallTime};
use hotline_router::waits_for;
use hotline_rules::{AnswerClockStart, Go, Spot};
use std::time::Duration;

/// What may let the first call go on, if nothing else happens before.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// In so long.
    pub after: Duration,
    /// What happens then.
    pub over: Over,
    /// It is offered to a ready seat, or leaves.
    sure: bool,
}

/// What ends, or begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Over {
    /// A ready seat's pause.
    Pause(Name),
    /// What holds a ready seat back.
    Held(Name, By),
    /// The call's patience for its own agents: then these ready ones may have it.
    Patience(Vec<Name>),
    /// A seat's wrap-up.
    WrapUp(Name),
    /// The time before a seat's unreachable phone is tried again.
    Retry(Name),
    /// A step of the queue, or of another one, begins: it admits these more.
    Step(usize, Option<Name>, Counts),
    /// So many begin to help that are not ready now.
    Help(usize),
    /// The answer time: it waits in this queue too, as is written there.
    Overflow(Name, Option<String>),
    /// Nobody could serve it for so long: it goes to this queue, or waits no more, as is written there.
    Nobody(Option<Name>, Option<String>),
    /// It is led to somebody outside too.
    Outside(Name),
}

/// The soonest first, up to the first at which a ready seat is offered the call.
pub fn ways(now: &Now, call: &Queued, seen: &[Seen]) -> Vec<Way> {
    let waited = now.waited(call);
    let own = own_agents(now, call, seen);
    let patience = own.iter().map(|(_, until)| *until).max();
    let mut all: Vec<Way> = Vec::new();
    if let Some(until) = patience {
        let ready =
            |seen: &Seen| seen.seats.groups.iter().filter(|(fate, _)| matches!(fate, Fate::AfterOwn(_))).cloned().collect::<Vec<_>>();
        let ready: Vec<Name> = seen.iter().flat_map(ready).flat_map(|(_, seats)| seats).map(|one| one.seat).collect();
        all.push(Way { after: until.saturating_sub(waited), sure: !ready.is_empty(), over: Over::Patience(ready) });
    }
    let before_own = |seat: &Name, at: Duration| patience.is_some_and(|until| at < until) && !own.iter().any(|(own, _)| own == seat);
    for seen in seen {
        for (fate, seats) in &seen.seats.groups {
            for one in seats {
                all.extend(of_seat(now, (fate, one), seen, waited).filter(|way| !before_own(&one.seat, waited + way.after)));
            }
        }
        let later = steps(now, seen, waited).chain(helpers(seen, waited));
        all.extend(later.filter(|way| patience.is_none_or(|until| waited + way.after >= until)));
    }
    all.extend(onward(now, call));
    all.extend(nobody(now, call, seen));
    all.sort_by_key(|way| way.after);
    let sure = all.iter().find(|way| way.sure).map(|way| way.after);
    let mut told: Vec<Way> = Vec::new();
    for way in all.into_iter().filter(|way| sure.is_none_or(|sure| way.after <= sure)) {
        if !told.iter().any(|before| before.over.tells(&way.over)) {
            told.push(way);
        }
    }
    told
}

impl Over {
    /// Of seats of which the same is over, the first is told.
    fn tells(&self, later: &Self) -> bool {
        match (self, later) {
            (Self::Pause(_), Self::Pause(_)) | (Self::WrapUp(_), Self::WrapUp(_)) | (Self::Retry(_), Self::Retry(_)) => true,
            (Self::Held(one, by), Self::Held(other, others)) => {
                one == other || std::mem::discriminant(by) == std::mem::discriminant(others)
            }
            (_, _) => false,
        }
    }
}

/// For whom alone the call waits, and until it has waited so long.
fn own_agents(now: &Now, call: &Queued, seen: &[Seen]) -> Vec<(Name, Duration)> {
    let (rules, waited) = (now.rules(call), now.waited(call));
    let name = |seat: SeatId| now.plan.seat(seat).name.clone();
    let state = |seat: SeatId| now.state(&name(seat)).map_or_else(|| first_state(&now.plan, seat), |(state, _)| state);
    let of = |seen: &Seen| waits_for(&rules.moment(seen.id, waited), state);
    seen.iter().flat_map(of).map(|(seat, until)| (name(seat), until)).collect()
}

/// When a seat may have the call.
fn of_seat(now: &Now, (fate, one): (&Fate, &One), seen: &Seen, waited: Duration) -> Option<Way> {
    let seat = || one.seat.clone();
    let (at, over) = match fate {
        Fate::Paused(until) => ((*until)?, Over::Pause(seat())),
        // A step is told as such.
        Fate::Later(at, By::Step(..)) if paused(now, one).is_none_or(|left| waited + left <= *at) => return None,
        Fate::Later(at, by) => (*at, Over::Held(seat(), by.clone())),
        Fate::Helps(at, place, state) if state.is_ready() => (*at, Over::Held(seat(), By::Help(*at, place.clone()))),
        Fate::Reserve(calm) => (calm.serves?, Over::Held(seat(), calm.keeps().1)),
        Fate::At(_) => return becomes_ready(now, one, seen, waited),
        Fate::Chosen | Fate::Ready | Fate::AfterOwn(_) | Fate::OfReserve(_) | Fate::Step(_) | Fate::Helps(..) | Fate::Lacks(_) => {
            return None;
        }
        Fate::NotCleared | Fate::NotNamed | Fate::NotServed | Fate::NoStep | Fate::NoTier => return None,
    };
    let after = at.saturating_sub(waited);
    Some(match paused(now, one).filter(|left| *left > after) {
        Some(left) => Way { after: left, over: Over::Pause(seat()), sure: true },
        None => Way { after, over, sure: true },
    })
}

/// For how much longer a ready seat is in a pause.
fn paused(now: &Now, one: &One) -> Option<Duration> {
    now.pauses.get(&one.seat).map(|pause| now.left(pause))
}

/// When a seat becomes ready by itself, and nothing else keeps it then.
fn becomes_ready(now: &Now, one: &One, seen: &Seen, waited: Duration) -> Option<Way> {
    let (state, _) = now.state(&one.seat).filter(|(state, _)| state.intent == Intent::Available)?;
    let ends = now.ends.get(&one.seat).filter(|_| !state.is_ready())?;
    let over = match ends {
        Ends::WrapUp(_) => Over::WrapUp(one.seat.clone()),
        Ends::Retry(..) => Over::Retry(one.seat.clone()),
    };
    let after = ends.at().since(now.at);
    let (opens, by) = By::of(&seen.openings, &now.plan, seen.id, *now.plan.seat_names.get(&*one.seat)?)?;
    if opens > waited + after {
        return Some(Way { after: opens - waited, over: Over::Held(one.seat.clone(), by), sure: false });
    }
    Some(Way { after, over, sure: false })
}

/// The steps that begin later and admit somebody more; those that begin at once are told as the last of them.
fn steps(now: &Now, seen: &Seen, waited: Duration) -> impl Iterator<Item = Way> {
    let opens: Vec<Duration> = seen.openings.steps().collect();
    let mut ways: Vec<(Duration, usize, Vec<_>)> = Vec::new();
    for (step, at) in opens.into_iter().enumerate().filter(|(_, at)| *at > waited) {
        // Who is in a longer pause has the call as that ends.
        let waits_on = |seat: SeatId| now.pauses.get(&now.plan.seat(seat).name).is_some_and(|pause| waited + now.left(pause) > at);
        let added = added(now, &seen.openings, step, seen.seats.calm.is_none());
        let added = added.filter(|(seat, state)| !state.is_ready() || !waits_on(*seat)).map(|(_, state)| state);
        match ways.last_mut().filter(|(before, ..)| *before == at) {
            Some((_, last, seats)) => {
                *last = step;
                seats.extend(added);
            }
            None => ways.push((at, step, added.collect())),
        }
    }
    let is_ready = move |one: &One, at: Duration| paused(now, one).is_none_or(|left| waited + left <= at);
    let ready_at = |at: Duration| {
        let later = seen.seats.groups.iter().filter(|(fate, _)| matches!(fate, Fate::Later(from, By::Step(..)) if *from == at));
        later.flat_map(|(_, seats)| seats).any(|one| is_ready(one, at))
    };
    let way = |(at, step, seats): (Duration, usize, Vec<_>)| Way {
        after: at - waited,
        sure: ready_at(at),
        over: Over::Step(step, seen.other.clone(), counted(seats.into_iter())),
    };
    ways.into_iter().filter(|(.., seats)| !seats.is_empty()).map(way).collect::<Vec<_>>().into_iter()
}

/// In how long how many help that are not ready, the soonest.
fn helpers(seen: &Seen, waited: Duration) -> Option<Way> {
    let later = || {
        let groups = seen.seats.groups.iter();
        groups.filter_map(|(fate, seats)| {
            let Fate::Helps(at, _, state) = fate else { return None };
            (*at > waited && !state.is_ready()).then_some((*at, seats.len()))
        })
    };
    let soonest = later().map(|(at, _)| at).min()?;
    let count = later().filter(|(at, _)| *at == soonest).map(|(_, count)| count).sum();
    Some(Way { after: soonest - waited, over: Over::Help(count), sure: false })
}

/// When the call leaves a queue that nobody serves: nobody of those who could is there.
pub fn nobody(now: &Now, call: &Queued, seen: &[Seen]) -> Option<Way> {
    let home = *now.plan.queue_names.get(&**call.record.queue.as_ref()?)?;
    let rules = now.plan.queue(home).nobody.as_ref()?;
    let states = all_states(&now.plan, &now.states);
    let could = |seat: &SeatId| seen.iter().any(|seen| seen.openings.of(*seat).is_some());
    let mut since = call.queued;
    for (seat, state) in states.into_iter().filter(|(seat, _)| could(seat)) {
        if is_in(state) {
            return None;
        }
        let gone = now.state(&now.plan.seat(seat).name).and_then(|(_, at)| at);
        since = gone.map_or(since, |gone| since.max(gone));
    }
    let to = match rules.go.go {
        Go::Queue(queue) | Go::Callback(queue) => Some(now.plan.queue(queue).name.clone()),
        Go::Menu(_) | Go::Again | Go::Goodbye | Go::HangUp | Go::Out(_) | Go::Voicemail(_) => None,
    };
    let place = now.plan.places.spot(Spot::Nobody(home)).map(|place| place.to_string());
    let at = Some(since + rules.after).filter(|at| *at > now.at)?;
    Some(Way { after: at.since(now.at), over: Over::Nobody(to, place), sure: true })
}

/// When the call's answer time is over, so that it waits elsewhere too.
pub fn breaches(now: &Now, call: &Queued) -> Option<WallTime> {
    let record = &call.record;
    let clock = record.clocks.iter().rev().find(|clock| clock.clock == 3)?;
    let by_arrival = now.plan.timers.answer_clock_start == AnswerClockStart::Arrival && record.t3.is_none();
    let since = if by_arrival { record.t0 } else { clock.started };
    let at = since + Duration::from_millis(u64::from(clock.limit_ms));
    Some(at).filter(|at| *at > now.at && matches!(clock.state, ClockChange::Started | ClockChange::Warned))
}

/// Where it waits too from then on.
fn onward(now: &Now, call: &Queued) -> Vec<Way> {
    let home = || Some(*now.plan.queue_names.get(&**call.record.queue.as_ref()?)?);
    let (Some(at), Some(id)) = (breaches(now, call), home()) else { return Vec::new() };
    let (rules, after) = (now.plan.queue(id), at.since(now.at));
    let place = now.plan.places.spot(Spot::Overflow(id)).map(|place| place.to_string());
    let queue = rules.overflow.map(|to| (after, Over::Overflow(now.plan.queue(to).name.clone(), place)));
    let outside = rules.outward.overflow.first().filter(|_| !now.rules(call).profile.sensitive);
    let outside = outside.map(|target| (after + target.after, Over::Outside(target.to.name.clone())));
    queue.into_iter().chain(outside).map(|(after, over)| Way { after, over, sure: false }).collect()
}
