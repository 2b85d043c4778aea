//! The seats at a decision, in English.

use super::tier_word;
use crate::cli::why::candidates::{Calm, Crowd, Fate, One, Seats};
use crate::cli::why::held::{Passed, tier_key};
use crate::cli::why::pauses::Setting;
use crate::cli::why::{NAMED, tier_number};
use crate::cli::words;
use std::time::Duration;

/// Which seats there were at a decision: a heading and lines of two columns.
pub fn seats(seats: &Seats) -> (String, Vec<[String; 2]>) {
    let place = |place: &Option<String>| place.as_ref().map_or(String::new(), |place| format!(" ({place})"));
    let step = seats.asks.step.as_deref().unwrap_or("anyone");
    let tier = seats.asks.tier.map_or(String::new(), |tier| format!(", tier {}", tier_key(tier)));
    let mut head = format!("Queue {}, step {} asks for `{step}{tier}`{}", seats.queue, seats.step + 1, place(&seats.step_place));
    if let Some(needs) = &seats.asks.needs {
        head += &format!("; the caller needs `{needs}`{}", place(&seats.needs_place));
    }
    if seats.asks.cleared {
        head += "; the call is sensitive (R68)";
    }
    for one in &seats.passed {
        head += &format!("; {}", passed(one));
    }
    if let Some(calm) = &seats.calm {
        head += &format!("; its reserve serves while {}", self::calm(calm));
    }
    if let Some(crowded) = &seats.crowded {
        let waiting = crowded.waiting.as_ref().map(|(least, at)| words::calls_wait(*least) + &place(at));
        let longest = crowded.longest.as_ref().map(|(least, at)| format!("one has waited {}{}", words::seconds(*least), place(at)));
        head += &format!("; its reserve serves, for {}", waiting.into_iter().chain(longest).collect::<Vec<_>>().join(" or "));
    }
    let reserve = |calm: &Calm| calm.serves.map_or(String::new(), |from| format!(", from {} on", words::seconds(from)));
    let words = |fate: &Fate, all: &[One]| {
        let words = if let Fate::Reserve(calm) = fate {
            format!("ready, of the reserve{}", reserve(calm))
        } else if let Fate::Paused(until) = fate {
            paused(*until, seats.setting(all))
        } else {
            self::fate(fate)
        };
        words + &place(&seats.written(fate))
    };
    let rows = seats.groups.iter().map(|(fate, all)| [words(fate, all), named(all)]);
    (head + ":", rows.collect())
}

/// That a step is not waited in, and why.
pub fn passed(Passed { step, place, asks, present }: &Passed) -> String {
    let place = place.as_ref().map_or(String::new(), |place| format!(" ({place})"));
    format!("step {}{place} is passed over: its `consider_if` asks for `signed_in >= {asks}`, and `signed_in` is {present}", step + 1)
}

fn paused(until: Option<Duration>, setting: Option<Setting>) -> String {
    let setting = Setting::names(setting, ", ");
    let until = until.map_or(String::new(), |until| format!(", until it has waited {}", words::seconds(until)));
    format!("paused after an offer that failed ({setting}){until}")
}

/// What became of a seat.
pub fn fate(fate: &Fate) -> String {
    match fate {
        Fate::Chosen => "chosen".into(),
        Fate::Ready => "ready, not as good".into(),
        Fate::Paused(until) => paused(*until, None),
        Fate::AfterOwn(after) => format!("ready, from {} on (the call waits for its own agent, `assign.wait_for`)", words::seconds(*after)),
        Fate::Later(after, by) => format!("ready, from {} on: {}", words::seconds(*after), super::by(by, None)),
        Fate::Reserve(calm) => format!("ready, of the reserve, which serves while {}", self::calm(calm)),
        Fate::Helps(after, place, state) => {
            let place = place.as_ref().map_or(String::new(), |place| format!(", {place}"));
            format!("{}, helps from {} on (`overflow`{place})", state.word(), words::seconds(*after))
        }
        Fate::At(state) => state.word().into(),
        Fate::OfReserve(state) => format!("{}, of the reserve", state.word()),
        Fate::Step(step) => format!("from step {} on", step + 1),
        Fate::Lacks(need) => format!("without {need}"),
        Fate::NotCleared => "not cleared (R68)".into(),
        Fate::NotNamed => "not of this queue".into(),
        Fate::NotServed => "serves other queues".into(),
        Fate::NoStep => "admitted by no step".into(),
        Fate::NoTier => "in no tier (`assign.tiers`)".into(),
    }
}

/// What a reserve waits for, and how far it is.
fn calm(Calm { waiting, longest, crowd, .. }: &Calm) -> String {
    let place = |place: &Option<String>| place.as_ref().map_or(String::new(), |place| format!("{place}; "));
    let waiting = waiting.as_ref().map(|(least, at)| {
        let known = match crowd {
            Crowd::All(0, _) => "now none".into(),
            Crowd::All(calls, _) => format!("now {calls}"),
            Crowd::UpTo(calls, _) => format!("{calls} up to this one"),
        };
        format!("{} ({}{known})", words::calls_wait(*least), place(at))
    });
    let longest = longest.as_ref().map(|(least, at)| {
        let known = match crowd {
            Crowd::All(0, _) => "now none waits".into(),
            Crowd::All(_, waited) => format!("the longest {}", words::seconds(*waited)),
            Crowd::UpTo(_, waited) => format!("this one {}", words::seconds(*waited)),
        };
        format!("one has waited {} ({}{known})", words::seconds(*least), place(at))
    });
    waiting.into_iter().chain(longest).collect::<Vec<_>>().join(" or ")
}

fn named(all: &[One]) -> String {
    let one = |one: &One| match one.rank {
        None => one.place.as_ref().map_or(one.seat.to_string(), |place| format!("{} ({place})", one.seat)),
        Some((tier, proficiency)) => {
            let score = one.score.map_or(String::new(), |score| format!(", score {score}"));
            let idle = one.idle.map_or(String::new(), |idle| format!(", idle {}", words::seconds(idle)));
            format!("{} ({}, {proficiency}{score}{idle})", one.seat, tier_word(tier_number(tier)))
        }
    };
    let mut names: Vec<String> = all.iter().take(NAMED).map(one).collect();
    if all.len() > NAMED {
        names.push(format!("and {} more", all.len() - NAMED));
    }
    names.join(", ")
}
