//! Seats and queues in English.

use super::candidates::Fate;
use super::causes::Reason;
use super::en;
use super::ends::Ends;
use super::held::By;
use super::now::{Admission, Besides, Came, Closed, Cut, Gone, Idle, LOOKED_AT, Now, Over, QueueNow, SeatNow, Stands, Waits, Way};
use super::page::{Page, Table};
use crate::cli::words::{self, Zone};
use hotline_model::history::OfferEnd;
use hotline_model::{Activity, Name, NotReadyReason, SeatState, WallTime};

const ACROSS: &str =
    "Calls that wait, each queue's first first (between queues the seat goes by its `priority` for them, and by `weight` and `target`)";

const GROUPS: &str =
    "Calls that wait, each group's first first (groups of queues don't compare: the seat goes to the call whose group claims it first)";

/// Why a seat gets no calls.
pub fn seat(seat: &SeatNow, now: &Now, zone: &Zone) -> Page {
    let agent = seat.agent.as_ref().filter(|agent| **agent != seat.seat).map_or(String::new(), |agent| format!(" ({agent})"));
    let place = seat.place.as_ref().map_or(String::new(), |place| format!(", {place}"));
    let state = match seat.state {
        None => "of unknown state".to_owned(),
        Some((state, None)) => state.word().to_owned(),
        Some((state, Some(since))) => {
            format!("{} since {} ({})", state.word(), zone.second(since), words::seconds(now.at.since(since)))
        }
    };
    let mut says = vec![format!("Seat {}{agent}{place}: {state}.", seat.seat), idle(seat, now, zone)];
    says.extend(seat.cut.map(cut));
    says.extend(remarks(now));
    let offers = seat.offers.iter().map(|(at, call, came)| [zone.second(*at), format!("call {call}"), self::came(*came)]);
    let queues = seat
        .queues
        .iter()
        .map(|(queue, admission, place)| [queue.to_string(), self::admission(admission), place.clone().unwrap_or_default()]);
    let waiting = seat.waiting.iter().map(|waits| [format!("call {}", waits.call), in_queue(waits), stands(&waits.stands, seat)]);
    let heading = match (seat.has_groups(), seat.weighs_queues(&now.plan)) {
        (true, _) => GROUPS,
        (false, true) => ACROSS,
        (false, false) => "Calls that wait, the first first",
    };
    let table = |key, heading: &str, rows| Table { key, heading: heading.into(), rows };
    Page {
        says,
        tables: vec![
            table("offers", "Its last offers since the start", offers.collect()),
            table("queues", "Queues", queues.collect()),
            table("waiting", heading, waiting.collect()),
        ],
    }
}

fn remarks(now: &Now) -> Vec<String> {
    let stopped = "No hotline runs on this data directory: this is what its journal says last.";
    let mut all: Vec<String> = (!now.runs).then(|| stopped.to_owned()).into_iter().collect();
    if let Some(other) = now.other_rules() {
        all.push(format!("The rules of this page ({}) are not those that the calls came under ({other}).", now.plan.revision));
    }
    all
}

fn cut(Cut { all, looked_at, shown }: Cut) -> String {
    let of = format!("Of the {all} calls that wait the first");
    if looked_at < all {
        format!("{of} {looked_at} were looked at, and the first {shown} of those are shown.")
    } else {
        format!("{of} {shown} that concern it are shown.")
    }
}

fn idle(seat: &SeatNow, now: &Now, zone: &Zone) -> String {
    let name = &seat.seat;
    match &seat.idle {
        Idle::NotInRules => "It gets no calls: the rules don't have it.".into(),
        Idle::Offered(true) => format!("It gets no other call: one rings there{}.", afterwards(seat)),
        Idle::Offered(false) => format!("It gets no other call: one is offered to it{}.", afterwards(seat)),
        Idle::Engaged(Activity::OnCall) => format!("It gets no other call: it is in one{}.", afterwards(seat)),
        Idle::Engaged(Activity::WrapUp | Activity::Free | Activity::Offered) => {
            let until = seat.ends.map_or(String::new(), |ends| format!(", {}", at(ends.at(), now, zone)));
            match afterwards(seat).as_str() {
                "" => format!("It gets no call until its wrap-up is over{until}."),
                afterwards => format!("It gets no call: its wrap-up is not over{}{afterwards}.", until.replacen(", at", " until", 1)),
            }
        }
        Idle::SignedOut => format!("It gets no calls: its agent has not signed in (`hotline seats set {name} ready`)."),
        Idle::KeptOut(why) => format!("It gets no calls: its agent has not signed in, and {}.", why.en),
        Idle::Unreachable => match seat.ends {
            Some(Ends::Retry(call, again)) => {
                let again = at(again, now, zone);
                format!("It gets no calls: its phone did not answer the INVITE of call {call}. It is tried again {again}.")
            }
            Some(Ends::WrapUp(_)) | None => "It gets no calls: its phone is not registered, or did not answer the last INVITE.".into(),
        },
        Idle::NotReady(NotReadyReason::Rona) => {
            format!("It gets no calls: it let one ring out (RONA) and must be set ready again (`hotline seats set {name} ready`).")
        }
        Idle::NotReady(_) => format!("It gets no calls: its agent is not ready (`hotline seats set {name} ready`)."),
        Idle::NoQueue => "It is ready, but no queue admits it: see why not.".into(),
        Idle::NothingWaits => "It is ready, and no call waits. The next one that it is the best for is its own.".into(),
        Idle::OfferedToOthers(1) => "It is ready; the call that waits is offered to another seat.".into(),
        Idle::OfferedToOthers(count) => format!("It is ready; the {count} calls that wait are offered to other seats."),
        Idle::NoneForIt(0, 1) => "It is ready, but the call that waits is not for it.".into(),
        Idle::NoneForIt(0, others) => format!("It is ready, but none of the {others} calls that wait is for it."),
        Idle::NoneForIt(offered, others) => {
            let offered_to =
                if *offered == 1 { "1 is offered to another seat".into() } else { format!("{offered} are offered to other seats") };
            let others_are =
                if *others == 1 { "the other one is not for it".into() } else { format!("none of the other {others} is for it") };
            format!("It is ready; of the {} calls that wait {offered_to}, and {others_are}.", offered + others)
        }
        Idle::Soon(call, time) => format!("It is ready; call {call} reaches it in {}, if nobody takes it before.", words::seconds(*time)),
        Idle::Could(call) => {
            format!("It is ready and could have call {call}: nothing recorded keeps it away, and its offer may just be going out.")
        }
        Idle::Paused(pause, call) => {
            let (until, left) = (zone.clock(pause.until), words::seconds(pause.until.since(now.at)));
            let paused = format!(
                "in the pause after call {} ({}; {}) until {until}, for another {left}",
                pause.call,
                paused_after(pause.why),
                pause.setting.name()
            );
            match call {
                Some(call) => format!("It is ready and could have call {call}, but is {paused}."),
                None => format!("It is ready, but {paused}: no call comes before that."),
            }
        }
    }
}

/// What its agent chose to be afterwards, if not ready.
fn afterwards(seat: &SeatNow) -> String {
    let chose =
        |state: SeatState| format!("; it is {} afterwards, as its agent chose (`hotline seats set {} ready`)", state.word(), seat.seat);
    seat.afterwards().map_or(String::new(), chose)
}

fn at(at: WallTime, now: &Now, zone: &Zone) -> String {
    format!("at {} (in {})", zone.clock(at), words::seconds(at.since(now.at)))
}

/// How an offer failed after which a seat is in a pause.
pub fn paused_after(why: OfferEnd) -> String {
    // Nobody withdrew it: only its lease ended it.
    if why == OfferEnd::Withdrawn { "nothing came of the ring in its time".into() } else { words::offer_end(why) }
}

fn came(came: Came) -> String {
    match came {
        Came::Answer => "answered".into(),
        Came::Open(true) => "rings".into(),
        Came::Open(false) => "is offered".into(),
        Came::End(end) => words::offer_end(end),
        Came::Unknown => "its end is not recorded".into(),
    }
}

fn admission(admission: &Admission) -> String {
    match admission {
        Admission::From(0, _, asks, besides) if *besides == Besides::default() => format!("admitted at once: `{asks}`"),
        Admission::From(0, _, asks, besides) => format!("admitted by step 1: `{asks}`{}", self::besides(besides)),
        Admission::From(step, after, asks, besides) => {
            let begins = if after.is_zero() { "at once".to_owned() } else { format!("after {}", words::seconds(*after)) };
            format!("admitted from step {} on, {begins}: `{asks}`{}", step + 1, self::besides(besides))
        }
        Admission::Helps(after) => format!("helps after {}: the queue overflows to it (`overflow`)", words::seconds(*after)),
        Admission::NotNamed => "not one of its seats".into(),
        Admission::NotServed => "not in the seat's `queues`".into(),
        Admission::NoStep(asks) => format!("not admitted: even the last step asks for `{asks}`"),
        Admission::NoTier => en::fate(&Fate::NoTier),
    }
}

fn besides(Besides { passed, hold, delay, reserve }: &Besides) -> String {
    let passed: String = passed.iter().map(|one| format!("; {}", en::passed(one))).collect();
    let hold = if hold.is_zero() {
        String::new()
    } else {
        format!(", but better tiers are waited for {} while somebody of them is there (`assign.tiers`)", words::seconds(*hold))
    };
    let delay = if delay.is_zero() {
        String::new()
    } else {
        format!(", but no call that has waited less than {} (`delay`)", words::seconds(*delay))
    };
    let reserve = if *reserve { ", only while the queue is crowded (`reserve`)" } else { "" };
    hold + &delay + reserve + &passed
}

fn in_queue(waits: &Waits) -> String {
    let too = waits.overflow.as_ref().map_or(String::new(), |queue| format!(" and, overflowed, {queue}"));
    let risen = waits.risen.map_or(String::new(), |priority| format!(", by waiting as {priority} (R38)"));
    let priority = waits.priority.map_or(String::new(), |priority| format!("{priority}{risen}, "));
    let kept = waits.kept.map_or(String::new(), |call| format!(", at the place of {call}"));
    let group = waits.group.as_ref().map_or(String::new(), |group| format!(" of group {group}"));
    format!("{}{group}{too}, {priority}{}{kept}", waits.queue, words::seconds(waits.waited))
}

fn stands(stands: &Stands, asked: &SeatNow) -> String {
    let placed = |place: &Option<String>| place.as_ref().map_or(String::new(), |place| format!(" ({place})"));
    match stands {
        Stands::Offered { seat, rang } => offered(seat, *rang),
        Stands::Could => "could have it now".into(),
        Stands::AfterPause(time) => format!("could have it when its pause is over, in {}", words::seconds(*time)),
        Stands::IfReady => "could have it, if it were ready".into(),
        Stands::In(time, by) => format!("in {}: {}", words::seconds(*time), en::by(by, Some(&asked.seat))),
        Stands::AfterOwn(time) => format!("waits for its own agent (`assign.wait_for`) for another {}", words::seconds(*time)),
        Stands::Overflows(time, queue) => {
            format!("in {}, in queue {queue}, into which it overflows if it still waits (`overflow`)", words::seconds(*time))
        }
        Stands::Leaves(time, queue) => {
            format!("in {}, in queue {queue}, to which it goes if nobody serves it by then (`nobody`)", words::seconds(*time))
        }
        Stands::Never(Fate::Lacks(need), place) => {
            format!("not for it: the caller needs {need}{}, which its skills{} don't reach", placed(place), placed(&asked.place))
        }
        Stands::Never(fate, place) => format!("not for it: {}{}", en::fate(fate), placed(place)),
    }
}

fn offered(seat: &Name, rang: bool) -> String {
    if rang { format!("rings at seat {seat}") } else { format!("is offered to seat {seat}") }
}

/// Why a queue stands still.
pub fn queue(queue: &QueueNow, now: &Now, zone: &Zone) -> Page {
    let place = queue.place.as_ref().map_or(String::new(), |place| format!(" ({place})"));
    let mut says = vec![format!("Queue {}{place}: {}.", queue.queue, calls(&queue.waiting, queue.more))];
    says.extend(queue.closed.as_ref().map(|closed| self::closed(closed, zone)));
    says.extend(queue.full.as_ref().map(|(limit, room)| {
        let next = room.as_ref().map_or("is told to try later".to_owned(), |room| format!("goes to queue {room} (`overflow`)"));
        format!("It is full: {limit} wait, and no more may (`limit`); the next caller {next}.")
    }));
    let first = queue.waiting.iter().find(|waits| !matches!(waits.stands, Stands::Offered { .. }));
    if let (Some(first), Some(reason)) = (first, &queue.reason) {
        says.push(format!(
            "Call {} is first in line and has waited {}: {}.",
            first.call,
            words::seconds(first.waited),
            en::reason(reason) + &left_out(queue)
        ));
        if *reason != Reason::Free {
            says.push(goes_on(queue, reason, now, zone));
        }
    }
    let passed = queue.steps.iter().filter_map(|step| step.passed.as_ref());
    let later = |step: usize| queue.seats.as_ref().is_none_or(|seats| step >= seats.step);
    says.extend(passed.filter(|passed| later(passed.step)).map(|passed| format!("Now {}.", en::passed(passed))));
    says.extend((queue.more > 0).then(|| format!("The first {} of them are shown.", queue.waiting.len())));
    says.extend(
        queue
            .left_cut
            .then(|| format!("Of the last hour the newest {LOOKED_AT} calls that waited were looked at for those that left the queue.")),
    );
    says.extend(remarks(now));
    let steps = queue.steps.iter().enumerate().map(|(n, step)| {
        let seats = if step.seats.is_empty() { "nobody more".to_owned() } else { en::counts(&step.seats) };
        let place = step.place.as_ref().map_or(String::new(), |place| format!(" ({place})"));
        let begins = if step.after.is_zero() { "at once".into() } else { format!("after {}", words::seconds(step.after)) };
        let begins = if step.passed.is_some() { begins + ", passed over" } else { begins };
        let all: usize = step.seats.iter().map(|(_, count)| count).sum();
        let fit = step.fit.filter(|fit| *fit != all).map_or(String::new(), |fit| format!("; fit for the first call: {fit}"));
        [format!("step {}, {begins}", n + 1), format!("`{}`{place}", step.asks), seats + &fit]
    });
    let left =
        queue.left.iter().map(|left| [zone.second(left.at), format!("call {}", left.call), en::left(left.why, left.onward.as_ref())]);
    let (heading, seats) = queue.seats.as_ref().map(en::seats).unwrap_or_default();
    let table = |key, heading: &str, rows| Table { key, heading: heading.into(), rows };
    Page {
        says,
        tables: vec![
            table("waiting", "Calls", waiting(&queue.waiting)),
            table("steps", "Steps, and the seats that each adds, whatever callers need", steps.collect()),
            table("left", "Calls that left it in the last hour because nobody served it", left.collect()),
            table("seats", &heading, seats.into_iter().map(|[fate, seats]| [fate, seats, String::new()]).collect()),
        ],
    }
}

/// How many calls wait, and how many of them are offered.
fn calls(waiting: &[Waits], more: usize) -> String {
    let count = waiting.len() + more;
    let offered = waiting.iter().filter(|waits| matches!(waits.stands, Stands::Offered { .. })).count();
    let calls = if count == 0 { "no call waits".to_owned() } else { words::calls_wait(count as u64) };
    let offers = match (count, offered) {
        (_, 0) => String::new(),
        (1, 1) => ", and is offered to a seat".to_owned(),
        (_, 1) => ", 1 of them is offered to a seat".to_owned(),
        (_, several) => format!(", {several} of them are offered to seats"),
    };
    calls + &offers
}

fn waiting(waiting: &[Waits]) -> Vec<[String; 3]> {
    let row = |waits: &Waits| {
        let rings = if let Stands::Offered { seat, rang } = &waits.stands { offered(seat, *rang) } else { String::new() };
        [format!("call {}", waits.call), in_queue(waits), rings]
    };
    waiting.iter().map(row).collect()
}

/// What becomes of the calls of a queue that the rules have no more.
pub fn gone(Gone { queue, waiting, more }: &Gone, now: &Now) -> Page {
    let mut says = vec![
        format!("Queue {queue}: the rules ({}) no longer have it, and {}.", now.plan.revision, calls(waiting, *more)),
        "They leave it at their places, as the rules change or an offer ends, for the queue to which it overflowed (`overflow`), else for \
         the one where the number that was called leads a caller who presses nothing; while that has no room, or there is none, they stay, \
         and the seats that served it serve them."
            .to_owned(),
    ];
    says.extend((*more > 0).then(|| format!("The first {} of them are shown.", waiting.len())));
    says.extend(remarks(now));
    Page { says, tables: vec![Table { key: "waiting", heading: "Calls".into(), rows: self::waiting(waiting) }] }
}

fn closed(Closed { calendar, opens, but_complaints }: &Closed, zone: &Zone) -> String {
    let opens = opens.map_or(String::new(), |opens| format!(" until {}", zone.second(opens)));
    let complaints = if *but_complaints { "; complaints are taken all the same (R17)" } else { "" };
    format!("It is closed{opens}, by calendar {calendar} (`hours`){complaints}.")
}

/// Whom a sentence of nobody leaves aside.
fn left_out(queue: &QueueNow) -> String {
    let place = |place: &Option<String>| place.as_ref().map_or(String::new(), |place| format!(" ({place})"));
    let seats: Vec<String> = queue.left_out.iter().map(|(seat, at)| format!("{seat}{}", place(at))).collect();
    if seats.is_empty() { String::new() } else { format!(", but for {}: `queues` there leave this queue out", seats.join(", ")) }
}

/// What the first call waits for from now on.
fn goes_on(queue: &QueueNow, reason: &Reason, now: &Now, zone: &Zone) -> String {
    let names = |seats: &[Name]| seats.iter().map(|seat| &**seat).collect::<Vec<_>>().join(" or ");
    let ready = match reason {
        Reason::NoSeat(_) => None,
        Reason::OwnAgents(seats) => {
            let not_ready: Vec<Name> = seats.iter().filter(|seat| !now.pauses.contains_key(*seat)).cloned().collect();
            (!not_ready.is_empty()).then(|| format!("when {} becomes ready", names(&not_ready)))
        }
        Reason::Kept { .. } | Reason::Held(_) | Reason::Reserve(_) => Some("when another admitted seat becomes ready".to_owned()),
        Reason::NobodyIn { .. } | Reason::Busy { .. } | Reason::NoneReady(_) => Some("when such a seat becomes ready".to_owned()),
        Reason::Behind { .. } | Reason::Free | Reason::Offered { .. } | Reason::Restart => None,
    };
    let crowded = queue.crowds.map(|(least, waiting)| format!("as soon as {} (now {waiting}), with the reserve", words::calls_wait(least)));
    let ways: Vec<String> = ready.into_iter().chain(crowded).chain(queue.ways.iter().map(|way| self::way(way, now, zone))).collect();
    let more = if queue.steps_follow { "" } else { ": no further step follows" };
    if ways.is_empty() { "Nothing that the rules say lets it go on.".into() } else { format!("It goes on {}{more}.", ways.join(", or ")) }
}

fn way(Way { after, over, .. }: &Way, now: &Now, zone: &Zone) -> String {
    let (time, passed) = (at(now.at + *after, now, zone), words::seconds(*after));
    let place = |place: &Option<String>| place.as_ref().map_or(String::new(), |place| format!(", {place}"));
    match over {
        Over::Pause(seat) => format!("{time}, when the pause of seat {seat} is over"),
        Over::Held(seat, By::Help(_, at)) => format!("{time} with seat {seat}, which helps from then on (`overflow`{})", place(at)),
        Over::Held(seat, By::Longest(longest, at, _)) => {
            let waited = words::seconds(*longest);
            format!("{time} with seat {seat} of the reserve, for which a call has waited {waited} then (`longest`{})", place(at))
        }
        Over::Held(seat, by @ By::Delay(..)) => format!("{time}, when the {} is over", en::by(by, Some(seat))),
        Over::Held(seat, by) => format!("{time} with seat {seat}, after the {}", en::by(by, None)),
        Over::WrapUp(seat) => format!("{time}, when the wrap-up of seat {seat} is over"),
        Over::Retry(seat) => format!("{time}, when the phone of seat {seat} is tried again"),
        Over::Patience(seats) => {
            let seat = seats.first().map_or(String::new(), |seat| format!(" with seat {seat}"));
            format!("{time}{seat}, when it waits no more for its own agent (`assign.wait_for`)")
        }
        Over::Step(step, queue, seats) => {
            let more: usize = seats.iter().map(|(_, count)| count).sum();
            let queue = queue.as_ref().map_or(String::new(), |queue| format!(" of queue {queue}"));
            format!("in {passed} with step {}{queue}, which admits {more} more ({})", step + 1, en::counts(seats))
        }
        Over::Help(1) => format!("in {passed} with 1 seat that helps (`overflow`)"),
        Over::Help(count) => format!("in {passed} with {count} seats that help (`overflow`)"),
        Over::Overflow(queue, at) => {
            format!("{time} with queue {queue}, in which it waits too when its answer time is over (R5, `overflow`{})", place(at))
        }
        Over::Nobody(to, at) => {
            let where_to = to.as_ref().map_or("out of the queue".to_owned(), |queue| format!("in queue {queue}"));
            format!("{time} {where_to}, if nobody who could serve it is signed in and reachable by then (`nobody`{})", place(at))
        }
        Over::Outside(to) => format!("{time} with {} outside, who is called too then (`overflow`)", words::masked(to)),
    }
}
