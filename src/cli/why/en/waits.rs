//! What a call waits for, in English.

use crate::cli::why::causes::{Ahead, Causes, Reason, Stretch, once};
use crate::cli::why::fact::engaged;
use crate::cli::why::held::{By, Held, tier_key};
use crate::cli::why::pauses::Setting;
use crate::cli::why::rules::Asks;
use crate::cli::why::{NAMED, Waited};
use crate::cli::words;
use hotline_model::history::OfferEnd;
use hotline_model::{CallId, Intent, Name, NotReadyReason, SeatState};

/// The wait by its causes, as a line of its own.
pub fn causes(causes: &Causes, waited: &Waited<'_>) -> String {
    let begin = if waited.goes_on { "Has waited" } else { "Waited" };
    let each: Vec<_> = once(causes, reason).into_iter().map(|(time, why)| format!("{} {why}", words::seconds(time))).collect();
    let so_far = if waited.goes_on { " so far" } else { "" };
    let counts = waited
        .counts
        .map_or(String::new(), |counts| format!(" (which counts as {}, by the place that it took up)", words::seconds(counts)));
    format!("{begin} {}{so_far}{counts}: {}.", words::seconds(waited.time), each.join(", "))
}

/// What a call waits for.
pub fn reason(reason: &Reason) -> String {
    match reason {
        Reason::NoSeat(asks) => no_seat(asks),
        Reason::NobodyIn { asks, unreachable: false } => format!("{} was signed in", no_seat(asks)),
        Reason::NobodyIn { asks, unreachable: true } => format!("{} was signed in and reachable", no_seat(asks)),
        Reason::Busy(stretches) => busy(stretches),
        Reason::Kept { holds: false, settings } => {
            format!("the ready seats were in the pause after an offer that failed ({})", Setting::names(settings.iter().copied(), ", "))
        }
        Reason::Kept { holds: true, .. } => {
            "the ready seats were held back (a better tier's hold, `assign.tiers`, or the pause after an offer that failed, `assign.delays`, `assign.rona`)".into()
        }
        Reason::Held(held) => format!("the ready seats were held back: {}", self::held(held)),
        Reason::Free => "a seat is ready for it, and nothing recorded keeps them apart (its offer may just be going out)".into(),
        Reason::Reserve(place) => {
            let place = place.as_ref().map_or(String::new(), |place| format!(" ({place})"));
            format!("the ready seats were of the reserve, and the queue was not crowded enough for it{place}")
        }
        Reason::OwnAgents(seats) => format!(
            "seats were ready, but it waited for its own agent {} (`assign.wait_for`)",
            seats.iter().map(|seat| &**seat).collect::<Vec<_>>().join(" or ")
        ),
        Reason::NoneReady(0) => "no seat was admitted".into(),
        Reason::NoneReady(1) => "the only admitted seat was not ready".into(),
        Reason::NoneReady(admitted) => format!("none of the {admitted} admitted seats was ready"),
        Reason::Behind { calls, meanwhile } => {
            let calls_word = |count: usize| if count == 1 { "call" } else { "calls" };
            let ranks =
                calls.iter().filter_map(|(ahead, count)| if let Ahead::Rank(priority) = ahead { Some((priority, *count)) } else { None });
            let all: usize = ranks.clone().map(|(_, count)| count).sum();
            let ranks: Vec<_> = ranks.map(|(priority, count)| format!("{count} {priority}")).collect();
            let seats = if all == 1 { "a seat" } else { "seats" };
            let ranks = format!("{} {}, which went first to {seats} that it could have had", ranks.join(" and "), calls_word(all));
            let ranks = Some(ranks).filter(|_| all > 0);
            let queues = calls.iter().filter_map(|(ahead, count)| {
                let Ahead::Queue { queue, times, place } = ahead else { return None };
                let why = worth(times.as_deref(), place.as_deref());
                Some(format!("{count} {} of queue {queue}, {why}", calls_word(*count)))
            });
            let before = ranks.into_iter().chain(queues).collect::<Vec<_>>().join(", and ");
            let before = Some(format!("behind {before}")).filter(|_| !before.is_empty());
            let groups = calls.iter().filter_map(|(ahead, count)| {
                let Ahead::Group { queue, place } = ahead else { return None };
                let place = place.as_ref().map_or(String::new(), |place| format!(" ({place})"));
                let (seats, calls) = if *count == 1 { ("a seat", "call") } else { ("seats", "calls") };
                Some(format!("{seats} that it could have had went to {count} {calls} of queue {queue}{place}, of another `group`, which nobody ranks against it"))
            });
            let all: Vec<_> = before.into_iter().chain(groups).collect();
            format!("{}, while {}", all.join(" and "), self::reason(meanwhile))
        }
        Reason::Offered { seat, rang: true, end: None } => format!("ringing at seat {seat}"),
        Reason::Offered { seat, rang: true, end: Some(end) } => format!("ringing at seat {seat} ({})", words::offer_end(*end)),
        Reason::Offered { seat, rang: false, end: None } => format!("offered to seat {seat}"),
        Reason::Offered { seat, rang: false, end: Some(OfferEnd::Unreachable) } => {
            format!("offered to seat {seat}, whose phone did not answer (no 1xx within 2 s, or a transport error)")
        }
        Reason::Offered { seat, rang: false, end: Some(OfferEnd::Rona) } => {
            format!("offered to seat {seat}, whose phone never said that it rings, nor answered")
        }
        Reason::Offered { seat, rang: false, end: Some(end) } => format!("offered to seat {seat} ({})", words::offer_end(*end)),
        Reason::Restart => "unrecorded, up to a restart of the hotline".into(),
    }
}

/// A call that went before another, and why.
pub fn overtook(call: CallId, why: &Ahead) -> String {
    match why {
        Ahead::Rank(priority) => format!("Call {call}, {priority} and before it in line,"),
        Ahead::Queue { queue, times, place } => format!("Call {call} of queue {queue}, {},", worth(times.as_deref(), place.as_deref())),
        Ahead::Group { queue, .. } => format!("Call {call} of queue {queue}, of another `group`,"),
    }
}

/// Why calls of a queue go before those of another which have waited longer.
fn worth(times: Option<&str>, place: Option<&str>) -> String {
    let place = place.map_or(String::new(), |place| format!(" ({place})"));
    match times {
        None => "which the seat takes first (`priority` in its `queues`)".to_owned(),
        Some(times) => format!("which counts its wait {times} times{place}"),
    }
}

/// That nobody who was there was ready, and what they were at.
fn busy(stretches: &[Stretch]) -> String {
    let (seats, reserve) =
        (Stretch::ranges(stretches, |stretch| &stretch.seats), ranges(&Stretch::ranges(stretches, |stretch| &stretch.reserve)));
    if seats.is_empty() {
        return format!("only seats of the reserve were signed in and reachable, and none was ready ({reserve})");
    }
    let (least, most) = (stretches.iter().map(Stretch::count).min().unwrap_or(0), stretches.iter().map(Stretch::count).max().unwrap_or(0));
    let who = match (least, most) {
        (_, 1) => "the only admitted seat signed in and reachable was".to_owned(),
        (least, most) if least == most => format!("all {most} admitted seats signed in and reachable were"),
        (least, most) => format!("all admitted seats signed in and reachable ({least} to {most}) were"),
    };
    let at = match (
        stretches.iter().all(|stretch| engaged(&stretch.seats) == stretch.count()),
        stretches.iter().any(|stretch| engaged(&stretch.seats) > 0),
    ) {
        (true, _) => "busy",
        (false, true) => "busy or not ready",
        (false, false) => "not ready",
    };
    let what = match (seats.as_slice(), at) {
        ([(state, ..)], "not ready") if state.intent == Intent::NotReady(NotReadyReason::Rona) => {
            format!("{who} not ready, having let a call ring out (RONA)")
        }
        ([(state, ..)], "not ready") => format!("{who} {}", state.word()),
        ([(state, ..)], _) => format!("{who} {at}: {}", state.word()),
        (_, _) if most == 1 => {
            let each = stretches.iter().flat_map(|stretch| stretch.seats.iter().map(|(state, _)| (stretch.time, state)));
            let each: Vec<_> = each.map(|(time, state)| format!("{} {}", words::seconds(time), state.word())).collect();
            format!("{who} {at} ({})", each.join(", "))
        }
        (_, _) => format!("{who} {at} ({})", ranges(&seats)),
    };
    if reserve.is_empty() { what } else { format!("{what}, and the reserve ({reserve}) was not ready either") }
}

/// How many seats were at what.
fn ranges(ranges: &[(SeatState, usize, usize)]) -> String {
    let range = |(state, least, most): &(SeatState, usize, usize)| match (*least, *most) {
        (least, most) if least == most => format!("{most} {}", state.word()),
        (0, most) => format!("up to {most} {}", state.word()),
        (least, most) => format!("{least} to {most} {}", state.word()),
    };
    ranges.iter().map(range).collect::<Vec<_>>().join(", ")
}

/// What keeps ready seats, each thing once.
fn held(held: &Held) -> String {
    let mut all: Vec<String> = Vec::new();
    for (seat, by) in held {
        let words = self::by(by, Some(seat));
        if !all.contains(&words) {
            all.push(words);
        }
    }
    let more = if all.len() > NAMED { format!("; and {} more", all.len() - NAMED) } else { String::new() };
    all.truncate(NAMED);
    all.join("; ") + &more
}

/// What keeps a ready seat.
pub fn by(by: &By, seat: Option<&Name>) -> String {
    let place = |place: &Option<String>| place.as_ref().map_or(String::new(), |place| format!(" ({place})"));
    match by {
        By::Step(step, at, queue) => {
            let queue = queue.as_ref().map_or(String::new(), |queue| format!(" of queue {queue}"));
            format!("step {}{queue}{}", step + 1, place(at))
        }
        By::Delay(delay, at) => {
            let whose = seat.map_or("its `delay`".to_owned(), |seat| format!("`delay` of seat {seat}"));
            format!("{whose}, {}{}", words::seconds(*delay), place(at))
        }
        By::Help(after, at) => {
            let who = seat.map_or("it".to_owned(), |seat| format!("seat {seat}"));
            let at = at.as_ref().map_or(String::new(), |at| format!(", {at}"));
            format!("{who} helps only from {} on (`overflow`{at})", words::seconds(*after))
        }
        By::Hold(holds) => {
            let each = holds.iter().map(|(tier, hold)| format!("hold of tier {}, {}", tier_key(*tier), words::seconds(*hold)));
            format!("{} (`assign.tiers`)", each.collect::<Vec<_>>().join(" and "))
        }
        By::Reserve(at) => {
            let whose = seat.map_or("the reserve".to_owned(), |seat| format!("seat {seat} is of the reserve"));
            format!("{whose}, while the queue is not crowded{}", place(at))
        }
        By::Longest(longest, at, waiting) => {
            let many = if *waiting > 0 { format!(", or {waiting} calls wait") } else { String::new() };
            let whose = seat.map_or("it is of the reserve".to_owned(), |seat| format!("seat {seat} is of the reserve"));
            format!("{whose}, which serves once a call has waited {}{many}{}", words::seconds(*longest), place(at))
        }
        By::Pause(setting) => {
            let setting = Setting::names(*setting, ", ");
            let whose = seat.map_or("its pause".to_owned(), |seat| format!("pause of seat {seat}"));
            format!("{whose} after an offer that failed ({setting})")
        }
    }
}

fn no_seat(asks: &Asks) -> String {
    let of = asks.seats.as_ref().map_or(String::new(), |place| format!(" among the queue's `seats` ({place})"));
    let of = if asks.serving { " of those that serve the queue".to_owned() } else { of };
    format!("no seat{of} {}", with(asks))
}

/// What no seat had.
fn with(asks: &Asks) -> String {
    let skills: Vec<_> = [&asks.step, &asks.needs].into_iter().flatten().map(String::as_str).collect();
    let with = match skills.as_slice() {
        [] if asks.tier.is_some() => "of any skill".to_owned(),
        [] => String::new(),
        [one] => format!("with {one}"),
        several => format!("with {}", several.iter().map(|part| bracketed(part)).collect::<Vec<_>>().join(" & ")),
    };
    let with = with + &asks.tier.map_or(String::new(), |tier| format!(" of tier {} or better", tier_key(tier)));
    match (with.is_empty(), asks.cleared) {
        (true, true) => "cleared for sensitive calls (R68)".into(),
        (false, true) => format!("{with} and cleared for sensitive calls (R68)"),
        (true, false) => "that may serve it".into(),
        (false, false) => with,
    }
}

/// A part of a condition as it stands beside others.
pub fn bracketed(part: &str) -> String {
    if part.contains(" | ") { format!("({part})") } else { part.to_owned() }
}
