//! `hotline why CALL`: why it waited as long as it did, from the recorded decisions and the seats' states at each.

use super::calls::{self, OutputArgs};
use super::words;
use clap::Args;
use hotline_archive::{Found, SeatStates, StoredDecision};
use hotline_model::history::{ClockChange, DecidingKey, EventKind, NO_SEAT, OfferEnd, Trigger, WhyNot};
use hotline_model::{CallId, Name, Priority, Record, Topic, WallTime};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Arguments of `why`.
#[derive(Debug, Args)]
pub struct WhyArgs {
    /// A call's id, as `calls list` shows it.
    #[arg(value_name = "CALL")]
    pub about: String,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Runs `hotline why CALL` on a data directory.
pub async fn run(data: &Path, args: &WhyArgs, now: WallTime) -> anyhow::Result<ExitCode> {
    let call: CallId = match args.about.parse() {
        Ok(call) => call,
        Err(hint) => {
            calls::tell(&format!("{:?}: {hint}; `why` can't explain seats and queues yet", args.about))?;
            return Ok(ExitCode::from(2));
        }
    };
    let look = match calls::look(data).await? {
        Ok(look) => look,
        Err(code) => return Ok(code),
    };
    let Some(found) = look.call(call).await? else { return calls::not_found(call) };
    let Some(record) = &found.record else {
        calls::tell(&format!("call {call} can't be explained: its arrival was lost to damage in the journal"))?;
        return Ok(ExitCode::from(1));
    };
    let places: Vec<_> = found.decisions.iter().map(|stored| (stored.epoch, stored.decision.seq)).collect();
    let states = look.seat_states_at(&places).await?;
    let story = tell(&found, record, &states, now);
    let text = if args.output.json {
        let facts: Vec<_> = story.iter().map(|(at, fact)| json!({ "at": words::iso(*at), "says": english(fact) })).collect();
        format!("{:#}\n", json!({ "call": call.to_string(), "summary": summary(record, args, now), "facts": facts }))
    } else {
        text(&found, record, &story, args, now)
    };
    calls::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// One thing that mattered for how long the call waited. Languages put these into sentences; see [`english`].
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// It entered a queue.
    Queued { queue: Name, priority: Priority },
    /// The router looked and nobody was ready.
    Nobody { trigger: Trigger, step: u8, admitted: u32, ahead: u32, seats: Vec<(&'static str, usize)> },
    /// So many further looks gave the same.
    Again { times: usize },
    /// The router chose a seat.
    Chosen { trigger: Trigger, seat: Name, key: DecidingKey, step: u8, admitted: u32, ready: u32, tier: u8, proficiency: u8 },
    /// An offer ended without an answer.
    NotAnswered { seat: Name, after: Duration, why: OfferEnd },
    /// The agent answered.
    Answered { seat: Name, rang: Option<Duration> },
    /// A clock's limit passed.
    Breached { clock: u8, limit: Duration },
    /// It came back at the place of a call before.
    PlaceKept { after: CallId, earlier: Duration },
    /// Supervisors were told at once.
    Alerted { topic: Topic },
    /// A person gave it another priority.
    Reprioritised { priority: Priority },
    /// A person assigned it to a seat in vain.
    NotAssigned { seat: Name, why: WhyNot },
    /// It overflowed.
    Overflowed { to: Option<Name> },
    /// The hotline restarted and took it up again.
    Recovered,
    /// It ended.
    Ended { how: String },
}

/// The facts of a call in the order of time; `states` are the seats' at each decision.
pub fn tell(found: &Found, record: &Record, states: &[SeatStates], now: WallTime) -> Vec<(WallTime, Fact)> {
    // At the same instant: what made the router look, then its decision, then what came of that.
    let decided = found.decisions.iter().zip(states).map(|(stored, states)| (stored.at, 1, decided(stored, states)));
    let after = |fact: &Fact| if matches!(fact, Fact::Answered { .. } | Fact::Ended { .. }) { 2 } else { 0 };
    let mut all: Vec<_> = from_events(found, record).into_iter().map(|(at, fact)| (at, after(&fact), fact)).collect();
    all.extend(decided);
    all.sort_by_key(|(at, order, _)| (*at, *order));
    let ends = record.t6.unwrap_or(now);
    folded(all.into_iter().map(|(at, _, fact)| (at, fact)).filter(|(at, _)| *at <= ends).collect())
}

fn from_events(found: &Found, record: &Record) -> Vec<(WallTime, Fact)> {
    let mut story = Vec::new();
    let (mut offered, mut rang) = (WallTime(0), None);
    for event in &found.events {
        let fact = match &event.kind {
            EventKind::Queued { queue, priority } => Fact::Queued { queue: queue.clone(), priority: *priority },
            EventKind::Offered { .. } => {
                (offered, rang) = (event.at, None);
                continue;
            }
            EventKind::Ringing { .. } => {
                rang = Some(event.at);
                continue;
            }
            EventKind::OfferEnded { seat, why } => Fact::NotAnswered { seat: seat.clone(), after: event.at.since(offered), why: *why },
            EventKind::Answered { seat } => Fact::Answered { seat: seat.clone(), rang: rang.map(|rang| event.at.since(rang)) },
            EventKind::Clock(clock) if clock.change == ClockChange::Breached => {
                Fact::Breached { clock: clock.clock, limit: Duration::from_millis(u64::from(clock.limit_ms)) }
            }
            EventKind::PlaceKept { since, after } => Fact::PlaceKept { after: *after, earlier: event.at.since(*since) },
            EventKind::Alerted { topic } => Fact::Alerted { topic: *topic },
            EventKind::Reprioritised { priority } => Fact::Reprioritised { priority: *priority },
            EventKind::NotAssigned { seat, why } => Fact::NotAssigned { seat: seat.clone(), why: *why },
            EventKind::Overflowed { to } => Fact::Overflowed { to: to.clone() },
            EventKind::Recovered => Fact::Recovered,
            EventKind::HungUp { .. } if record.t6 == Some(event.at) => Fact::Ended { how: words::end(record).unwrap_or_default() },
            EventKind::Arrived { .. }
            | EventKind::PickedUp
            | EventKind::Menu(_)
            | EventKind::Digit { .. }
            | EventKind::Language(_)
            | EventKind::Classified(_)
            | EventKind::Held { .. }
            | EventKind::Resumed { .. }
            | EventKind::FirstCommunication
            | EventKind::Handled { .. }
            | EventKind::Clock(_)
            | EventKind::Announced { .. }
            | EventKind::Inviting { .. }
            | EventKind::Leg { .. }
            | EventKind::LegEnded { .. }
            | EventKind::NoMedia { .. }
            | EventKind::HungUp { .. }
            | EventKind::Archived => continue,
        };
        story.push((event.at, fact));
    }
    story
}

fn decided(stored: &StoredDecision, states: &SeatStates) -> Fact {
    let decision = &stored.decision;
    let (trigger, step, admitted) = (decision.trigger, decision.step, decision.admitted);
    match &stored.seat {
        Some(seat) if decision.seat != NO_SEAT => Fact::Chosen {
            trigger,
            seat: seat.clone(),
            key: decision.key,
            step,
            admitted,
            ready: decision.ready,
            tier: decision.tier,
            proficiency: decision.proficiency,
        },
        Some(_) | None => Fact::Nobody { trigger, step, admitted, ahead: decision.ahead, seats: counted(states) },
    }
}

/// How many seats were at what, the most first.
fn counted(states: &SeatStates) -> Vec<(&'static str, usize)> {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    states.values().for_each(|event| *counts.entry(event.state.word()).or_default() += 1);
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(word, count)| (std::cmp::Reverse(*count), *word));
    counts
}

/// Looks that gave the same as the one before are counted instead of told.
fn folded(story: Vec<(WallTime, Fact)>) -> Vec<(WallTime, Fact)> {
    let mut out: Vec<(WallTime, Fact)> = Vec::new();
    let mut last: Option<Fact> = None;
    for (at, fact) in story {
        let same = matches!((&last, &fact),
            (Some(Fact::Nobody { step: s1, admitted: a1, ahead: h1, seats: c1, .. }), Fact::Nobody { step: s2, admitted: a2, ahead: h2, seats: c2, .. })
            if (s1, a1, h1, c1) == (s2, a2, h2, c2));
        if !same {
            last = Some(fact.clone());
            out.push((at, fact));
        } else if let Some((again, Fact::Again { times })) = out.last_mut() {
            (*again, *times) = (at, *times + 1);
        } else {
            out.push((at, Fact::Again { times: 1 }));
        }
    }
    out
}

/// The whole explanation.
pub fn text(found: &Found, record: &Record, story: &[(WallTime, Fact)], args: &WhyArgs, now: WallTime) -> String {
    let mut text = summary(record, args, now) + "\n";
    if found.source == hotline_archive::Source::Live {
        text += "It is not over; this is what the journal says so far.\n";
    }
    if !story.is_empty() {
        text.push('\n');
    }
    let rows: Vec<_> = story.iter().map(|(at, fact)| ["".to_owned(), args.output.zone.clock(*at), english(fact)]).collect();
    text += &words::aligned(&rows);
    if record.t2.is_some() && found.decisions.is_empty() {
        text += "\nNo decision of the router on it is recorded, so that is all that can be said.\n";
    }
    text
}

fn summary(record: &Record, args: &WhyArgs, now: WallTime) -> String {
    let from = words::number(record, args.output.reveal);
    let head = format!("Call {} from {from} to `{}`", record.call, record.dialled);
    let arrived = args.output.zone.second(record.t0);
    let Some((waited, queue)) = calls::waited(record, now).zip(record.queue.as_ref()) else {
        let end = words::end(record).map_or("it is still there".into(), |end| end);
        return format!("{head} arrived {arrived} and never waited for a person: {end}.");
    };
    let priority = record.priority.map_or(String::new(), |priority| format!(" as {priority}"));
    let waiting = record.t3.is_none() && record.t6.is_none();
    let waited =
        if waiting { format!("has waited {} so far", words::seconds(waited)) } else { format!("waited {}", words::seconds(waited)) };
    let outcome = match (&record.seat, record.t3, words::end(record)) {
        (Some(seat), Some(_), _) => format!("seat {seat} answered"),
        (_, _, Some(end)) => end,
        (_, _, None) => "nobody has answered yet".into(),
    };
    format!("{head} arrived {arrived} and {waited} in queue {queue}{priority}: {outcome}.")
}

/// A fact in English.
pub fn english(fact: &Fact) -> String {
    match fact {
        Fact::Queued { queue, priority } => format!("It entered queue {queue} as {priority}."),
        Fact::Nobody { trigger, step, admitted, ahead, seats } => nobody(*trigger, *step, *admitted, *ahead, seats),
        Fact::Again { times: 1 } => "The router looked once more, with the same result.".into(),
        Fact::Again { times } => format!("The router looked {times} times more, with the same result (the last time now)."),
        Fact::Chosen { trigger, seat, key, step, admitted, ready, tier, proficiency } => {
            let because = because(*key, *admitted, *ready, *step);
            let proficiency = if *proficiency > 0 { format!(", proficiency {proficiency} in what was asked") } else { String::new() };
            format!(
                "{}: offered to seat {seat} (tier {tier}: {}{proficiency}), because {because}.",
                looked(*trigger, Some(seat)),
                tier_word(*tier)
            )
        }
        Fact::NotAnswered { seat, after, why } => {
            format!("Seat {seat}: {} after {}. The call was first in line again.", words::offer_end(*why), words::seconds(*after))
        }
        Fact::Answered { seat, rang: Some(rang) } => format!("Seat {seat} rang {} and answered.", words::seconds(*rang)),
        Fact::Answered { seat, rang: None } => format!("Seat {seat} answered."),
        Fact::Breached { clock, limit } => {
            format!("K{clock} ({}) was breached: its {} were over.", words::clock(*clock), words::seconds(*limit))
        }
        Fact::PlaceKept { after, earlier } => {
            format!("The caller had broken off as {after} and took up that place, {} earlier.", words::seconds(*earlier))
        }
        Fact::Alerted { topic } => format!("Supervisors were told at once: {topic} goes first (R25, R26)."),
        Fact::Reprioritised { priority } => format!("A supervisor made it {priority}."),
        Fact::NotAssigned { seat, why } => format!("A supervisor assigned it to seat {seat} (R44), in vain: {}.", words::why_not(*why)),
        Fact::Overflowed { to: Some(to) } => format!("It overflowed and waited in queue {to} too."),
        Fact::Overflowed { to: None } => "No queue to overflow to: it waited on, first in its priority.".into(),
        Fact::Recovered => "The hotline had restarted and took it up again.".into(),
        Fact::Ended { how } => format!("End: {how}."),
    }
}

fn nobody(trigger: Trigger, step: u8, admitted: u32, ahead: u32, seats: &[(&'static str, usize)]) -> String {
    let step = step + 1;
    let who = match admitted {
        0 => format!("step {step} admits no seat at all"),
        1 => format!("the one seat that step {step} admits was not ready"),
        _ => format!("nobody of the {admitted} seats that step {step} admits was ready"),
    };
    let all: usize = seats.iter().map(|(_, count)| count).sum();
    let counts: Vec<_> = seats.iter().map(|(word, count)| format!("{count} {word}")).collect();
    let counts = match counts.join(", ") {
        none if none.is_empty() => String::new(),
        counts if all == admitted as usize => format!(" ({counts})"),
        counts => format!(" (of all {all} seats: {counts})"),
    };
    let ahead = match ahead {
        0 => String::new(),
        1 => "; 1 call was before it".into(),
        _ => format!("; {ahead} calls were before it"),
    };
    format!("{}: {who}{counts}{ahead}.", looked(trigger, None))
}

fn looked(trigger: Trigger, seat: Option<&Name>) -> String {
    match (trigger, seat) {
        (Trigger::CallWaiting, _) => "The router looked at once".into(),
        (Trigger::SeatReady, Some(seat)) => format!("Seat {seat} became ready"),
        (Trigger::SeatReady, None) => "A seat became ready".into(),
        (Trigger::StepReached, _) => "It reached the queue's next step".into(),
        (Trigger::OfferFailed, _) => "The offer had failed".into(),
        (Trigger::Breach, _) => "Its answer clock was breached (K3)".into(),
        (Trigger::RulesChanged, _) => "The rules changed".into(),
        (Trigger::ByHand, _) => "A supervisor assigned it by hand (R44)".into(),
        (Trigger::Recovery, _) => "It was taken up again after a restart".into(),
    }
}

fn because(key: DecidingKey, admitted: u32, ready: u32, step: u8) -> String {
    let of = format!("of {ready} ready seats");
    match if ready == 1 && !matches!(key, DecidingKey::CallOrder | DecidingKey::ByHand) { DecidingKey::OnlyReady } else { key } {
        DecidingKey::OnlyReady => format!("it was the only ready one of {admitted} that step {} admits", step + 1),
        DecidingKey::Tier => format!("{of} it is in the better tier: internal before external, near before far (R37, R39)"),
        DecidingKey::Owner => format!("{of} it owns the caller's matter (R57)"),
        DecidingKey::LastAgent => format!("{of} it spoke with the caller last (R43)"),
        DecidingKey::Proficiency => format!("{of} it is the most proficient (R40)"),
        DecidingKey::Region => format!("{of} it is nearest by region and customer type (R42)"),
        DecidingKey::LongestIdle => format!("{of} it had been idle longest"),
        DecidingKey::ByHand => "a person chose that seat (R44)".into(),
        DecidingKey::Nobody => "nobody else was ready".into(),
        DecidingKey::CallOrder => "this call was first in its queues by priority and time waited (R38)".into(),
        DecidingKey::Step => format!("{of} an earlier step of the queue admits it"),
    }
}

fn tier_word(tier: u8) -> &'static str {
    match tier {
        0 => "internal and near",
        1 => "internal",
        _ => "external",
    }
}
