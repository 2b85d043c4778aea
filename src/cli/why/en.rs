//! `hotline why` in English.

use super::fact::{Counts, Fact};
use super::{Head, Waited};
use crate::cli::words;
use hotline_model::Name;
use hotline_model::history::{DecidingKey, Trigger};

/// The first sentence on a call.
pub fn head(head: &Head<'_>) -> String {
    let Head { record, from, arrived, waited } = head;
    let begin = format!("Call {} from {from} to `{}` arrived {arrived}", record.call, record.dialled);
    let Some(Waited { time, queue, priority, goes_on }) = waited else {
        let end = words::end(record).unwrap_or_else(|| "it is still there".into());
        return format!("{begin} and never waited for a person: {end}.");
    };
    let priority = priority.map_or(String::new(), |priority| format!(" as {priority}"));
    let time = words::seconds(*time);
    let waited = if *goes_on { format!("has waited {time} so far") } else { format!("waited {time}") };
    let outcome = match (&record.seat, record.t3, words::end(record)) {
        (Some(seat), Some(_), _) => format!("seat {seat} answered"),
        (_, _, Some(end)) => end,
        (_, _, None) => "nobody has answered yet".into(),
    };
    format!("{begin} and {waited} in queue {queue}{priority}: {outcome}.")
}

/// A fact as a sentence.
pub fn fact(told: &Fact) -> String {
    match told {
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
        Fact::Alerted { topic } => format!("Supervisors were told at once: {topic} goes first (R25, R26)."),
        Fact::Overflowed { to: Some(to) } => format!("It overflowed and waited in queue {to} too."),
        Fact::Overflowed { to: None } => "No queue to overflow to: it waited on, first in its priority.".into(),
        Fact::Recovered => "The hotline had restarted and took it up again.".into(),
        Fact::Ended(end) => format!("End: {}.", words::ended(*end)),
    }
}

fn nobody(trigger: Trigger, step: u8, admitted: u32, ahead: u32, seats: &Counts) -> String {
    let step = step + 1;
    let who = match admitted {
        0 => format!("step {step} admits no seat at all"),
        1 => format!("the one seat that step {step} admits was not ready"),
        _ => format!("nobody of the {admitted} seats that step {step} admits was ready"),
    };
    let all: usize = seats.iter().map(|(_, count)| count).sum();
    let counts: Vec<_> = seats.iter().map(|(state, count)| format!("{count} {}", state.word())).collect();
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
    match if ready == 1 && key != DecidingKey::CallOrder { DecidingKey::OnlyReady } else { key } {
        DecidingKey::OnlyReady => format!("it was the only ready one of {admitted} that step {} admits", step + 1),
        DecidingKey::Tier => format!("{of} it is in the better tier: internal before external, near before far (R37, R39)"),
        DecidingKey::Owner => format!("{of} it owns the caller's matter (R57)"),
        DecidingKey::LastAgent => format!("{of} it spoke with the caller last (R43)"),
        DecidingKey::Proficiency => format!("{of} it is the most proficient (R40)"),
        DecidingKey::Region => format!("{of} it is nearest by region and customer type (R42)"),
        DecidingKey::LongestIdle => format!("{of} it had been idle longest"),
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
