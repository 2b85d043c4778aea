//! The least schedule that still fails: fewer inputs, then fewer seats and queues, plainer rules and callers, and rounder times.

use super::files::{Caller, Moment, Schedule, What};
use super::world::{AtSeat, InQueue, Order, Requires, World};
use hotline_model::CustomerType;

type Fails<'a> = &'a dyn Fn(&Schedule) -> bool;

/// Goes round until nothing more can be left out.
pub fn shrunk(mut schedule: Schedule, fails: Fails<'_>) -> Schedule {
    loop {
        let before = schedule.clone();
        schedule = fewer_moments(schedule, fails);
        schedule = fewer_worlds(schedule);
        for change in changes(&schedule) {
            schedule = if_it_fails(schedule, fails, &*change);
        }
        if schedule == before {
            return schedule;
        }
    }
}

type Change = Box<dyn Fn(&mut Schedule)>;

/// The schedule changed, if that fails too.
fn if_it_fails(schedule: Schedule, fails: Fails<'_>, change: &dyn Fn(&mut Schedule)) -> Schedule {
    let mut changed = schedule.clone();
    change(&mut changed);
    if changed != schedule && fails(&changed) { changed } else { schedule }
}

/// Halves, quarters and so on down to single inputs are left out where it fails without them (ddmin, Zeller and Hildebrandt 2002).
fn fewer_moments(mut schedule: Schedule, fails: Fails<'_>) -> Schedule {
    let mut size = schedule.moments.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < schedule.moments.len() {
            let before = schedule.moments.len();
            let end = (at + size).min(before);
            schedule = if_it_fails(schedule, fails, &|less| drop(less.moments.drain(at..end)));
            at += if schedule.moments.len() == before { size } else { 0 };
        }
        size /= 2;
    }
    schedule
}

/// Rules that no input brings any more.
fn fewer_worlds(mut schedule: Schedule) -> Schedule {
    let brought = |schedule: &Schedule, world: usize| schedule.moments.iter().any(|moment| moment.what == What::Rules { world });
    for gone in (1..schedule.worlds.len()).rev().filter(|world| !brought(&schedule, *world)).collect::<Vec<_>>() {
        schedule.worlds.remove(gone);
        for moment in &mut schedule.moments {
            if let What::Rules { world } = &mut moment.what {
                *world -= usize::from(*world > gone);
            }
        }
    }
    schedule
}

/// All that might make it smaller or plainer, each to be tried alone; from the end, so that what is left keeps its number.
fn changes(schedule: &Schedule) -> Vec<Change> {
    let mut all: Vec<Change> = Vec::new();
    for seat in (0..most(schedule, |world| world.seats.len()) as u32).rev() {
        all.push(Box::new(move |schedule| without_seat(schedule, seat)));
    }
    for queue in (0..most(schedule, |world| world.queues.len()) as u16).rev() {
        all.push(Box::new(move |schedule| without_queue(schedule, queue)));
    }
    for world in 0..schedule.worlds.len() {
        all.extend(PLAIN_WORLD.map(|plain| -> Change { Box::new(move |schedule| plain(&mut schedule.worlds[world])) }));
        for queue in 0..schedule.worlds[world].queues.len() {
            let in_queue =
                |plain: fn(&mut InQueue)| -> Change { Box::new(move |to| to.worlds[world].queues.get_mut(queue).map_or((), plain)) };
            all.extend(PLAIN_QUEUE.map(in_queue));
        }
        for seat in 0..schedule.worlds[world].seats.len() {
            let at_seat = |plain: fn(&mut AtSeat)| -> Change { Box::new(move |to| to.worlds[world].seats.get_mut(seat).map_or((), plain)) };
            all.extend(PLAIN_SEAT.map(at_seat));
        }
    }
    for at in 0..schedule.moments.len() {
        all.push(Box::new(move |schedule| from_the_start(schedule, at)));
        all.extend(PLAIN_CALLER.map(|plain| -> Change { Box::new(move |schedule| of_caller(schedule, at, plain)) }));
        all.extend(SOONER.map(|sooner| -> Change { Box::new(move |schedule| earlier(schedule, at, sooner)) }));
    }
    all
}

fn most(schedule: &Schedule, count: fn(&World) -> usize) -> usize {
    schedule.worlds.iter().map(count).max().unwrap_or(0)
}

const PLAIN_WORLD: [fn(&mut World); 6] = [
    |world| world.ageing_ms = 0,
    |world| world.tiers = vec![("external".into(), 0)],
    |world| world.ranking = Order::Keys(Vec::new()),
    |world| world.wait_for_ms = (0, 0, 0),
    |world| world.rings_ms = None,
    |world| world.tiers.iter_mut().for_each(|(_, hold)| *hold = 0),
];

const PLAIN_QUEUE: [fn(&mut InQueue); 10] = [
    |queue| queue.steps.truncate(1),
    |queue| queue.steps.iter_mut().for_each(|step| step.requires = Requires::Anyone),
    |queue| queue.steps.iter_mut().for_each(|step| (step.tier, step.ring_ms, step.consider_if) = ("external".into(), None, 0)),
    |queue| queue.seats.clear(),
    |queue| queue.reserve = None,
    |queue| queue.helpers.clear(),
    |queue| queue.ranking = None,
    |queue| (queue.target_ms, queue.weight) = (30_000, 1),
    |queue| queue.wrap_up_ms = 0,
    |queue| queue.limit = 100,
];

const PLAIN_SEAT: [fn(&mut AtSeat); 7] = [
    |seat| seat.queues.clear(),
    |seat| seat.wrap_up_ms = None,
    |seat| seat.proficiency.iter_mut().for_each(|proficiency| *proficiency = 1),
    |seat| (seat.region, seat.external) = (None, false),
    |seat| seat.ping = false,
    |seat| seat.customer_types.clear(),
    |seat| (seat.retired, seat.signed_out) = (false, false),
];

const PLAIN_CALLER: [fn(&mut Caller); 7] = [
    |caller| caller.skills.clear(),
    |caller| caller.region = None,
    |caller| caller.owner = None,
    |caller| (caller.last, caller.preferred) = (None, None),
    |caller| caller.customer_type = CustomerType::Ordinary,
    |caller| caller.sensitive = false,
    |caller| caller.waited_ms = 0,
];

/// The rules that come at a moment hold from the start.
fn from_the_start(schedule: &mut Schedule, at: usize) {
    if let Some(What::Rules { world }) = schedule.moments.get(at).map(|moment| moment.what.clone()) {
        schedule.worlds[0] = schedule.worlds[world].clone();
        schedule.moments.remove(at);
    }
}

fn of_caller(schedule: &mut Schedule, at: usize, plain: fn(&mut Caller)) {
    if let Some(Moment { what: What::Wait(caller), .. }) = schedule.moments.get_mut(at) {
        plain(caller);
    }
}

/// Of the time before a moment: none, whole seconds, tenths of a second.
const SOONER: [fn(i64) -> i64; 3] = [|_| 0, |gap| gap - gap % 1000, |gap| gap - gap % 100];

/// It and all that follow come earlier.
fn earlier(schedule: &mut Schedule, at: usize, sooner: fn(i64) -> i64) {
    let before = at.checked_sub(1).and_then(|before| schedule.moments.get(before)).map_or(0, |moment| moment.at_ms);
    let Some(gap) = schedule.moments.get(at).map(|moment| moment.at_ms - before) else { return };
    schedule.moments[at..].iter_mut().for_each(|moment| moment.at_ms -= gap - sooner(gap));
}

/// The seat and what only it does are gone; those after it move up.
fn without_seat(schedule: &mut Schedule, gone: u32) {
    let up = |seat: &mut u32| {
        let stays = *seat != gone;
        *seat -= u32::from(*seat > gone);
        stays
    };
    let up_if_any = |seat: &mut Option<u32>| {
        if !seat.as_mut().is_none_or(up) {
            *seat = None;
        }
    };
    for world in &mut schedule.worlds {
        if world.seats.len() > gone as usize {
            world.seats.remove(gone as usize);
        }
        for queue in &mut world.queues {
            queue.seats.retain_mut(up);
            queue.reserve.iter_mut().for_each(|reserve| reserve.seats.retain_mut(up));
            queue.helpers.retain_mut(|(seat, _)| up(seat));
        }
    }
    schedule.moments.retain_mut(|moment| match &mut moment.what {
        What::Ringing { seat, .. }
        | What::Answered { seat, .. }
        | What::Failed { seat, .. }
        | What::Engaged { seat, .. }
        | What::Released { seat, .. }
        | What::WrapUpDone { seat }
        | What::Intent { seat, .. }
        | What::Reachable { seat, .. }
        | What::Look { seat }
        | What::WrapsUp { seat, .. }
        | What::Assign { seat, .. }
        | What::Direct { seat, .. } => up(seat),
        What::Wait(caller) => {
            [&mut caller.owner, &mut caller.last, &mut caller.preferred].into_iter().for_each(up_if_any);
            true
        }
        What::Nothing
        | What::Leave { .. }
        | What::Breached { .. }
        | What::Reprioritise { .. }
        | What::Overflow { .. }
        | What::Rules { .. } => true,
    });
}

/// The queue and who waits in it are gone; those after it move up.
fn without_queue(schedule: &mut Schedule, gone: u16) {
    let up = |queue: &mut u16| {
        let stays = *queue != gone;
        *queue -= u16::from(*queue > gone);
        stays
    };
    for world in &mut schedule.worlds {
        if world.queues.len() > usize::from(gone) {
            world.queues.remove(usize::from(gone));
        }
        world.seats.iter_mut().for_each(|seat| seat.queues.retain_mut(|(queue, ..)| up(queue)));
    }
    schedule.moments.retain_mut(|moment| match &mut moment.what {
        What::Wait(Caller { queue, .. }) | What::Overflow { queue, .. } | What::Direct { queue: Some(queue), .. } => up(queue),
        What::Nothing
        | What::Leave { .. }
        | What::Ringing { .. }
        | What::Answered { .. }
        | What::Failed { .. }
        | What::Engaged { .. }
        | What::Released { .. }
        | What::WrapUpDone { .. }
        | What::Intent { .. }
        | What::Reachable { .. }
        | What::Breached { .. }
        | What::Reprioritise { .. }
        | What::Assign { .. }
        | What::Direct { queue: None, .. }
        | What::Look { .. }
        | What::WrapsUp { .. }
        | What::Rules { .. } => true,
    });
}

#[cfg(test)]
mod tests {
    use super::super::{Happening, Heard, Taken, plan, run, schedule};
    use super::*;
    use hotline_model::history::Trigger;
    use hotline_model::{Decision, SeatId};
    use hotline_router::Output;
    use std::time::Duration;

    /// A long schedule of one world: as many short ones as it takes until the fault shows after hundreds of inputs.
    fn long(heard: Heard) -> Schedule {
        for seed in 0..200 {
            let happenings: Vec<Happening> = (0..12).flat_map(|part| schedule(seed * 12 + part)).collect();
            let mut taken = Taken::new();
            if run(seed, &happenings, heard, &mut taken).is_err() && taken.iter().filter(|(_, input)| input.is_some()).count() >= 200 {
                return Schedule::of(String::new(), World::from(&*plan(seed)), &taken);
            }
        }
        panic!("the fault does not show late enough");
    }

    fn comes_to(heard: Heard) -> Schedule {
        let long = long(heard);
        assert!(long.replay(heard).0.is_err());
        let small = shrunk(long.clone(), &|schedule| schedule.replay(heard).0.is_err());
        assert!(small.replay(heard).0.is_err() && small.replay(Some).0.is_ok());
        small
    }

    #[test]
    fn a_router_that_rings_too_long_by_hand_is_shown_in_a_few_inputs_of_hundreds() {
        let small = comes_to(|mut output| {
            if let Output::Offer { seat: SeatId(1..), ring, decision: Decision { trigger: Trigger::ByHand, .. }, .. } = &mut output {
                *ring += Duration::from_secs(1);
            }
            Some(output)
        });
        assert!(small.moments.len() <= 3, "{}", small.text());
        assert_eq!(small.worlds.len(), 1);
    }

    #[test]
    fn a_router_that_forgets_to_say_that_an_answer_came_too_late_is_shown_in_a_few_inputs_of_hundreds() {
        let small = comes_to(|output| (!matches!(output, Output::Late { seat, .. } if seat.0 == 4)).then_some(output));
        assert!(small.moments.len() <= 3, "{}", small.text());
    }
}
