//! `hotline why` in English.

mod seats;
mod waits;

pub use seats::{fate, passed, seats};
pub use waits::{by, causes, reason};

use super::fact::{Because, Counts, Fact, Full, Own, Weighs, Why};
use super::now::Now;
use super::pauses::Setting;
use super::rules::NotAtHand;
use super::woke::Woke;
use super::{Head, Waited, desk, looked, phone};
use crate::cli::messages;
use crate::cli::words::{self, Lang};
use hotline_model::history::{BlockAnswer, Blocked, DecidingKey, HandOrder, Identified, LookUpOutcome, LookedUp, Trigger, WhyLeft};
use hotline_model::history::{MessageLeft, MessageOrder, NoMessage, Onward};
use hotline_model::{Activity, Name, Odd, SeatState};
use std::path::Path;

/// The first sentence on a call.
pub fn head(head: &Head<'_>) -> String {
    let Head { record, own, from, arrived, waited, answered } = head;
    let end = words::end(record);
    if let Some((caller, callee)) = own {
        let talked = record.t3.map_or(String::new(), |t3| format!(", answered after {}", words::seconds(t3.since(record.t0))));
        let end = end.unwrap_or_else(|| "it goes on".into());
        return format!("Call {}: {caller} dialled {callee} at {arrived}{talked}: {end}.", record.call);
    }
    let begin = format!("Call {} from {from} to `{}` arrived {arrived}", record.call, record.dialled);
    let Some(Waited { time, queue, priority, goes_on, left, full, .. }) = waited else {
        let end = end.unwrap_or_else(|| "it is still there".into());
        return format!("{begin} and never waited for a person: {end}.");
    };
    let priority = priority.map_or(String::new(), |priority| format!(" as {priority}"));
    let time = words::seconds(*time);
    let waited = if *goes_on { format!("has waited {time} so far") } else { format!("waited {time}") };
    let outcome = match (answered, record.t3, end) {
        (Some(seat), Some(_), _) if record.waits_again() => format!("seat {seat} answered, and now it waits again"),
        (Some(seat), Some(_), _) => format!("seat {seat} answered"),
        (_, _, Some(end)) => end,
        (_, _, None) if *left => "it waits no more".into(),
        (_, _, None) => "nobody has answered yet".into(),
    };
    if *full {
        return format!("{begin} and found queue {queue} full: {outcome}.");
    }
    format!("{begin} and {waited} in queue {queue}{priority}: {outcome}.")
}

/// Why there is no more than states to say.
pub fn not_at_hand(why: &NotAtHand) -> String {
    match why {
        NotAtHand::Other { then, now } => {
            format!(
                "The rules then in force, {then}, are not at hand (in the folder is {now}): seats are told by their states only. Name their folder with --rules."
            )
        }
        NotAtHand::Unusable(why) => {
            format!("No rules are at hand ({why}): seats are told by their states only. Name their folder with --rules.")
        }
    }
}

/// Why a page on the present goes by other rules than those in the folder.
pub fn not_in_force(not: &NotAtHand, Now { plan, runs, .. }: &Now, folder: &Path) -> String {
    let in_force = plan.revision;
    match not {
        NotAtHand::Other { now, .. } if !runs => {
            format!("The rules in the folder ({now}) are not those that ran last: this page goes by the latter ({in_force}).")
        }
        NotAtHand::Other { now, .. } => {
            format!("The rules in the folder ({now}) are not in force: this page goes by those that are ({in_force}).")
        }
        NotAtHand::Unusable(why) => format!(
            "This page goes by the rules in force ({in_force}), for those in the folder can't be used: {}; `hotline rules check {}` shows why.",
            why.trim_end_matches(['.', '。']),
            folder.display()
        ),
    }
}

/// A fact as a sentence.
pub fn fact(told: &Fact) -> String {
    match told {
        Fact::Queued { queue, priority } => format!("It entered queue {queue} as {priority}."),
        Fact::QueuedInstead { gone, queue, priority } => {
            format!("It entered queue {queue} as {priority}, at its place: the rules no longer had queue {gone}.")
        }
        Fact::QueuedBeyond { full, queue, priority } => {
            let overflows = full.iter().map(|full| format!("`overflow`{}", placed(&full.overflow)));
            let overflows = overflows.collect::<Vec<_>>().join("; ");
            format!("It entered queue {queue} as {priority}, for {}: {overflows}.", all_full(full))
        }
        Fact::TurnedAway { full } => {
            format!("It was turned away, for {}: the caller was told to try later, and it waits no more.", all_full(full))
        }
        Fact::Nobody { woke, why, step, admitted, ahead, seats } => nobody((woke, *why), *step, *admitted, *ahead, seats),
        Fact::Again { times: 1 } => "The router looked once more, with the same result.".into(),
        Fact::Again { times } => format!("The router looked {times} times more, with the same result (the last time now)."),
        Fact::Chosen { woke, seat, because, tier, proficiency } => {
            let because = decided(self::because(because), because.place.as_deref());
            let proficiency = if *proficiency > 0 { format!(", proficiency {proficiency} in what was asked") } else { String::new() };
            format!(
                "{}: offered to seat {seat} ({}{proficiency}), because {because}.",
                looked(woke, Some(seat)),
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
        Fact::Recognised { owner: Some(owner), .. } => format!("The caller has an open matter, which seat {owner} owns (R57)."),
        Fact::Recognised { owner: None, last } => {
            format!("The caller had spoken with seat {} before (R43).", last.as_deref().unwrap_or_default())
        }
        Fact::LookedUp(looked_up) => self::looked_up(looked_up),
        Fact::Alerted { topic } => format!("Supervisors were told at once: {topic} goes first (R25, R26)."),
        Fact::ImpactAlerted { impact } => format!("Supervisors were told at once: it reaches {impact} (R33)."),
        Fact::Assessed(found) => format!("The menus found: {}.", desk::assessment(Lang::En, *found)),
        Fact::Reprioritised { priority, by } => format!("{} made it {priority}.", by.as_deref().unwrap_or("A supervisor")),
        Fact::Aged { priority } => format!("It had waited so long that it counted as {priority} from now on (R38)."),
        Fact::ByHand { by, order: HandOrder::Assign { seat }, done: true } => format!("{by} assigned it to seat {seat} by hand (R44)."),
        Fact::ByHand { by, order: HandOrder::Pull { seat }, done: true } => format!("{by} had seat {seat} pull it (R44)."),
        Fact::ByHand { by, order: HandOrder::Assign { seat }, done: false } => format!("{by} ordered it to be given to seat {seat} (R44)."),
        Fact::ByHand { by, order: HandOrder::Pull { seat }, done: false } => format!("{by} ordered seat {seat} to pull it (R44)."),
        Fact::ByHand { by, order: HandOrder::Priority { priority }, .. } => format!("{by} made it {priority}."),
        Fact::NotAssigned { seat, why, was, paused_by } => {
            let why = match was {
                Some(was) if was.is_ready() => {
                    let setting = Setting::names(*paused_by, ", ");
                    format!("the seat was ready, but in the pause after an offer that failed ({setting})")
                }
                Some(was) => format!("{}: {}", words::why_not(Lang::En, *why), was.word()),
                None => words::why_not(Lang::En, *why).to_owned(),
            };
            format!("It could not be given to seat {seat} by hand (R44): {why}.")
        }
        Fact::Overtaken { call, seat, why } => format!("{} went first to seat {seat}, which it could have had.", waits::overtook(*call, why)),
        Fact::OvertakenMore { calls: 1 } => "Up to then 1 more call went first.".into(),
        Fact::OvertakenMore { calls } => format!("Up to then {calls} more calls went first."),
        Fact::StepBegan { queue, step, asks, place } => {
            let place = place.as_ref().map_or(String::new(), |place| format!(" ({place})"));
            format!("Step {} of queue {queue} began: `{asks}`{place}.", step + 1)
        }
        Fact::Foretold { ahead, wait, real } => format!("The caller was told: {}.", words::foretold(*ahead, *wait, *real)),
        Fact::Desk(fact) => desk::en(fact),
        Fact::Phone(fact) => phone::en(fact),
        Fact::Survey(fact) => fact.sentence(Lang::En),
        Fact::LeftQueue { queue, why, onward, rule } => {
            format!("It left queue {queue} ({rule}): {}.", left(*why, onward.as_ref()))
        }
        Fact::Identified(identified) => self::identified(identified),
        Fact::Blocked(blocked) => blocked_in_words(blocked),
        Fact::EarlyMedia => "Prompts were heard before the answer (183, early media): the 200 comes when somebody answers, or the clock demands it (RFC 3960).".into(),
        Fact::AnsweredLate { after } => format!("It was answered (200) after {} of prompts.", words::seconds(*after)),
        Fact::Announcement { name, place } => {
            let place = if place.is_empty() { String::new() } else { format!(" ({place})") };
            format!("Announcement {name}{place}, on at the time, was said (R151).")
        }
        Fact::Judged { menu, taken, looked } => {
            let whose = menu.as_ref().map_or("the number".to_owned(), |menu| format!("menu {menu}"));
            let looked: Vec<_> = looked.iter().map(|one| looked::words(Lang::En, &one.fact, &one.value)).collect();
            let looked = looked.join(", ");
            match taken {
                Some((gate, place)) => format!("Gate {gate} of {whose}{place} was taken: {looked}."),
                None => format!("No gate of {whose} was taken: {looked}."),
            }
        }
        Fact::Spared { menu } => format!("A VIP customer: led past self-service menu {menu} to a person (R47)."),
        Fact::ReplyUnheard { again: true } => "Nothing of the voice system's reply had reached the caller: it was said again (R10).".into(),
        Fact::ReplyUnheard { again: false } => "Nor had it the second time: it went on without: to a person, or past the survey, the wish for a call-back or the words before a message (R9, R10).".into(),
        Fact::LedToSeat { seat } => format!("The rules lead it to seat {seat} first."),
        Fact::Overflowed { to: Some(to) } => format!("It overflowed and waited in queue {to} too."),
        Fact::Overflowed { to: None } => "Its answer time was over, and it had no other queue to wait in too: it waited on, first in its priority.".into(),
        Fact::LedOutside { to, rings, otherwise } => {
            let (to, rings, otherwise) = (words::masked(to), words::seconds(*rings), words::onward(otherwise));
            format!("The rules lead it outside to {to}, for {rings} at most; without an answer {otherwise}.")
        }
        Fact::GivenUp { to, otherwise: Some(otherwise) } => {
            format!("Nobody was reached at {}: {}.", words::masked(to), words::onward(otherwise))
        },
        Fact::GivenUp { to, otherwise: None } => format!("Nobody was reached at {}.", words::masked(to)),
        Fact::Outside { to, trunk, waits: false } => format!("{} was called through trunk {trunk}.", words::callee(to.as_ref())),
        Fact::Outside { to, trunk, waits: true } => format!("{} was called through trunk {trunk}; it kept its place (R13).", words::callee(to.as_ref())),
        Fact::OutsideEnded { to, trunk, after, why } => {
            let (to, why) = (words::callee(to.as_ref()), words::outside_end(Lang::En, *why));
            format!("{to}: {why} after {} (trunk {trunk}).", words::seconds(*after))
        }
        Fact::OutsideNotCalled { to, why } => format!("{} could not be called: {}.", words::callee(to.as_ref()), words::not_called(*why)),
        Fact::OutsideAnswered { to, after } => format!("{} answered after {}.", words::callee(to.as_ref()), words::seconds(*after)),
        Fact::CallBackBooked { call } => format!("The caller asked to be called back and hung up: {call} has its place."),
        Fact::CallBackOpened { after, at: None } => format!("A call-back, at the place of {after}."),
        Fact::CallBackOpened { after, at: Some(at) } => format!("A call-back asked for in {after}, for {}.", words::iso(*at)),
        Fact::CallBackLater { attempts, wait } => {
            format!("Attempt {attempts} did not reach the customer; the next one follows in {}, at the old rank.", words::seconds(*wait))
        }
        Fact::CallBackEnded { why } => format!("The call-back ended: {}.", words::call_back_end(*why)),
        Fact::MessageLeft(left) => message_left(left),
        Fact::NoMessage { voicemail, why } => no_message(voicemail, *why),
        Fact::Message { by, order } => message(by, *order),
        Fact::Recovered => "The hotline had restarted and took it up again.".into(),
        Fact::Ended(end) => format!("End: {}.", words::ended(*end)),
    }
}

fn placed(place: &Option<String>) -> String {
    place.as_ref().map_or(String::new(), |place| format!(", {place}"))
}

fn all_full(full: &[Full]) -> String {
    let each = full.iter().map(|full| format!("queue {} was full (`limit` = {}{})", full.queue, full.limit, placed(&full.place)));
    each.collect::<Vec<_>>().join(" and ")
}

/// Why a call left a queue without an agent, and where to.
pub fn left(why: WhyLeft, onward: Option<&Onward>) -> String {
    let why = match why {
        WhyLeft::Closed => "its hours were over",
        WhyLeft::Nobody => "nobody was signed in who could serve it",
        WhyLeft::Full(_) => "it was full",
    };
    match onward {
        None => format!("{why}; it waited no more"),
        Some(Onward::Queue(queue)) => format!("{why}; it went on to queue {queue}, at its place"),
        Some(Onward::Goodbye) => format!("{why}; goodbye was said, and it waited no more"),
        Some(onward) => format!("{why}; {}, and it waited no more", words::onward(onward)),
    }
}

fn nobody((woke, why): (&Woke, Why), step: u8, admitted: u32, ahead: u32, seats: &Counts) -> String {
    let step = step + 1;
    let who = match (why, admitted) {
        (Why::Own, _) => "others could not have it yet, for it waited for its own agent, who was not ready (`assign.wait_for`)".into(),
        (_, 0) => format!("step {step} admits no seat at all"),
        (Why::Held, 1) => format!("the one seat that step {step} admits could not have it by then"),
        (Why::Held, _) => format!("nobody of the {admitted} seats that step {step} admits was ready and could have it by then"),
        (Why::NoneReady, 1) => format!("the one seat that step {step} admits was not ready"),
        (Why::NoneReady, _) => format!("nobody of the {admitted} seats that step {step} admits was ready"),
    };
    let all: usize = seats.iter().map(|(_, count)| count).sum();
    let counts = match counts(seats) {
        none if none.is_empty() => String::new(),
        counts if all == admitted as usize && why != Why::Own => format!(" ({counts})"),
        counts => format!(" (of all {all} seats: {counts})"),
    };
    let ahead = match ahead {
        0 => String::new(),
        1 => "; 1 call was before it".into(),
        _ => format!("; {ahead} calls were before it"),
    };
    format!("{}: {who}{counts}{ahead}.", looked(woke, None))
}

/// Seats by what they are at.
pub fn counts(seats: &Counts) -> String {
    seats.iter().map(|(state, count)| format!("{count} {}", state.word())).collect::<Vec<_>>().join(", ")
}

fn looked(woke: &Woke, seat: Option<&Name>) -> String {
    let trigger = match woke {
        Woke::By(trigger) => *trigger,
        Woke::Delay(delay, place) => {
            let whose = seat.map_or("a seat".to_owned(), |seat| format!("seat {seat}"));
            return format!(
                "It had waited the {} after which {whose} serves this queue (`delay`{})",
                words::figure(Lang::En, *delay),
                placed(place)
            );
        }
        Woke::Help(after, place) => {
            return format!("It had waited the {} after which others help (`overflow`{})", words::figure(Lang::En, *after), placed(place));
        }
        Woke::Hold(hold) => return format!("The hold of better tiers, {}, was over (`assign.tiers`)", words::figure(Lang::En, *hold)),
        Woke::Pause(setting) => {
            let whose = seat.map_or("a seat".to_owned(), |seat| format!("seat {seat}"));
            let setting = Setting::names(*setting, ", ");
            return format!("The pause of {whose} after an offer that it did not take was over ({setting})");
        }
        Woke::Reserve(longest, place) => {
            let place = place.as_ref().map_or(String::new(), |place| format!(" ({place})"));
            return format!("It had waited the {} after which the reserve serves{place}", words::figure(Lang::En, *longest));
        }
        Woke::Crowded(places) if places.is_empty() => return "The queue became crowded".into(),
        Woke::Crowded(places) => return format!("The queue became crowded ({})", places.join(", ")),
        Woke::Left(left) => return format!("Seat {left} was no longer signed in and reachable, so others could have calls earlier"),
        Woke::OwnWent(own, state) => {
            let chose = SeatState { activity: Activity::Free, reachable: true, ..*state };
            return format!("Seat {own}, for which it waited, takes no calls any more: {} (`assign.wait_for`)", chose.word());
        }
        Woke::Again => return "It was looked at again".into(),
    };
    match (trigger, seat) {
        (Trigger::CallWaiting, _) => "The router looked at once".into(),
        (Trigger::SeatReady, Some(seat)) => format!("Seat {seat} became ready"),
        (Trigger::SeatReady, None) => "A seat became ready".into(),
        (Trigger::StepReached, _) => "It reached the queue's next step".into(),
        (Trigger::OfferFailed, _) => "The offer had failed".into(),
        (Trigger::Breach, _) => "Its answer clock was breached (K3)".into(),
        (Trigger::RulesChanged, _) => "The rules changed".into(),
        (Trigger::ByHand, _) => "It was assigned by hand (R44)".into(),
        (Trigger::Recovery, _) => "It was taken up again after a restart".into(),
        (Trigger::PatienceOver, _) => "It no longer waited for its own agents, or for others (`assign.wait_for`)".into(),
        (Trigger::Reprioritised, _) => "Its priority was changed by hand".into(),
        (Trigger::Aged, _) => "It went up by waiting (R38)".into(),
    }
}

/// What decided, with where that is written.
fn decided(because: String, place: Option<&str>) -> String {
    match (place, because.strip_suffix(')')) {
        (None, _) => because,
        (Some(place), Some(open)) => format!("{open}; {place})"),
        (Some(place), None) => format!("{because} ({place})"),
    }
}

fn because(Because { key, own, step, admitted, ready, beside, weighs, .. }: &Because) -> String {
    // What counts before is equal among the best: others may be better in this, and worse in that.
    let (of, best) = match ready {
        0 | 1 => (String::new(), String::new()),
        _ => (format!("of {ready} ready seats "), format!("among the best of {ready} ready seats ")),
    };
    match key.told(*ready) {
        DecidingKey::OnlyReady if (beside.held || *ready > 1) && *admitted > 1 => {
            format!("of the {admitted} seats that step {} admits it was the only one that was ready and could have it by then", step + 1)
        }
        DecidingKey::OnlyReady => format!("it was the only ready one of {admitted} that step {} admits", step + 1),
        DecidingKey::Tier => format!("{of}it is in the better tier: internal before external, near before far (R37, R39)"),
        DecidingKey::Owner => match own {
            Own::Matter => format!("{of}it owns the caller's matter (R57)"),
            Own::Led => "the rules lead the call to it first".into(),
            Own::Customer => format!("{of}it is the customer's own agent (R45)"),
        },
        DecidingKey::LastAgent => format!("{of}it spoke with the caller last (R43)"),
        DecidingKey::Proficiency => format!("{best}it is the most proficient (R40)"),
        DecidingKey::Region => format!("{best}it is nearest by region and customer type (R42)"),
        DecidingKey::ByHand => "a person chose that seat (R44)".into(),
        DecidingKey::Opening => {
            "of its step and tier it serves the queue soonest: the others have a longer delay, are of the reserve or only help".into()
        }
        DecidingKey::LongestIdle => {
            let idle = beside.idle.map_or(String::new(), |idle| format!(", {}", words::seconds(idle)));
            match beside.score {
                Some((score, _)) if beside.equal > 1 => format!(
                    "{} {of}have the highest score, {score} (`weights`, R40-R43), and of these it had been idle longest{idle}",
                    beside.equal
                ),
                Some(_) | None => format!("{best}it had been idle longest{idle}"),
            }
        }
        DecidingKey::Nobody | DecidingKey::OwnAway => "nobody else was ready".into(),
        DecidingKey::Preferred => format!("{of}the customer prefers it (R43)"),
        DecidingKey::CustomerType => format!("{best}it is for customers of this type (R42)"),
        DecidingKey::Score => {
            let scores = match beside.score {
                Some((score, Some(next))) => format!(", {score} against {next}"),
                Some((_, None)) | None => String::new(),
            };
            format!("{best}it has the highest score{scores} (`weights`, R40-R43)")
        }
        DecidingKey::LeastOccupied => format!("{best}it had been on calls for the smallest share of its time"),
        DecidingKey::Responsiveness => format!("{best}it answers fastest (R40)"),
        DecidingKey::LeastSufficient => format!("{best}it is the least proficient that suffices, which leaves better ones free"),
        DecidingKey::CallOrder => "this call was first in the queues of the seat: by priority, then by time waited as a share of the queue's target, times its weight (R38)".into(),
        DecidingKey::QueuePriority => {
            "the seat takes calls of this queue before those of another (`priority` in its `queues`), though one there had waited longer".into()
        }
        DecidingKey::QueueWeight => match weighs {
            Some(Weighs { waited, weight: (weight, place), target }) => format!(
                "of the calls first in the seat's queues its wait counts most, though another had waited longer: {} times weight {weight}{}, \
                 as a share of the target of {} (R38)",
                words::seconds(*waited),
                place.as_ref().map_or(String::new(), |place| format!(" ({place})")),
                words::figure(Lang::En, *target)
            ),
            None => "by its queue's weight and target its wait counts more than a longer one in another queue of the seat (R38)".into(),
        },
        DecidingKey::Step => format!("{of}an earlier step of the queue admits it"),
    }
}

fn tier_word(tier: u8) -> &'static str {
    match tier {
        0 => "internal and near",
        1 => "internal",
        _ => "external",
    }
}

/// How the caller's number came to be what it is.
pub fn identified(Identified { came, asserted_by, private, odd }: &Identified) -> String {
    if *private {
        return "The caller asked that the number be withheld (Privacy, RFC 3323): it is nobody's.".into();
    }
    let by = asserted_by.as_ref().map(|trunk| format!("Trunk {trunk} vouches for the caller's number (P-Asserted-Identity, RFC 3325)."));
    let odd = match odd {
        Some(Odd::NoDigits) => Some("What the caller shows is no number and stays as it came.".to_owned()),
        Some(Odd::NoSuchForm) => {
            Some("No number of the country or of another has the form of the caller's: it stays as it came.".to_owned())
        }
        Some(Odd::NoArea) => Some("A local number without its area (`[numbers] area` is not set): it stays as it came.".to_owned()),
        Some(Odd::ForeignContext) => {
            Some("A local number of another country, which can't be completed, stays as it came (RFC 3966).".to_owned())
        }
        None => asserted_by.is_none().then(|| format!("The caller's number came as {came} and is kept in full.")),
    };
    [by, odd].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn blocked_in_words(Blocked { rule, note, answer }: &Blocked) -> String {
    let how = match answer {
        BlockAnswer::Decline => "603 (declined)",
        BlockAnswer::Busy => "486 (busy)",
        BlockAnswer::Announcement => "an announcement, and hung up",
    };
    let note = note.as_ref().map_or(String::new(), |note| format!("; note: {note}"));
    format!("The block list turned the caller away ({rule}) with {how}{note}.")
}

pub(super) fn looked_up(LookedUp { source, outcome, took_ms, said, ignored }: &LookedUp) -> String {
    let came = match outcome {
        LookUpOutcome::Known => format!("knew the caller after {took_ms} ms"),
        LookUpOutcome::Unknown => format!("did not know the number ({took_ms} ms)"),
        LookUpOutcome::Late => format!("did not answer within {took_ms} ms"),
        LookUpOutcome::Failed => format!("failed after {took_ms} ms"),
        LookUpOutcome::Full => "was not asked: too many look-ups were open".to_owned(),
    };
    let counts: Vec<String> = said.iter().map(|(column, value)| looked::words(Lang::En, column, value)).collect();
    let counts = match (outcome, counts.is_empty()) {
        (_, true) => String::new(),
        (LookUpOutcome::Known | LookUpOutcome::Unknown, false) => format!(": {}", counts.join(", ")),
        (LookUpOutcome::Late | LookUpOutcome::Failed | LookUpOutcome::Full, false) => {
            format!("; the fallback holds: {}", counts.join(", "))
        }
    };
    let ignored: Vec<&str> = ignored.iter().map(|name| &**name).collect();
    let ignored = if ignored.is_empty() { String::new() } else { format!(" (left out as wrong: {})", ignored.join(", ")) };
    format!("Look-up `{source}` {came}{counts}{ignored}.")
}

fn message_left(left: &MessageLeft) -> String {
    let MessageLeft { voicemail, queue, length_ms, end, .. } = left;
    let end = messages::ended(*end);
    let length = if *length_ms == 0 {
        String::new()
    } else {
        format!(" of {}", words::seconds(std::time::Duration::from_millis(u64::from(*length_ms))))
    };
    format!("The caller left a message{length} in {voicemail} ({end}); the people of {queue} answer it (R19).")
}

fn no_message(voicemail: &Name, why: NoMessage) -> String {
    match why {
        NoMessage::Full => format!("{voicemail} was full: no message."),
        NoMessage::TooShort => format!("The caller said nothing in {voicemail}, or too little for a message."),
        NoMessage::Storage => format!("The message in {voicemail} could not be stored."),
    }
}

fn message(by: &Name, order: MessageOrder) -> String {
    match order {
        MessageOrder::Take => format!("{by} took the message."),
        MessageOrder::TakeOver => format!("{by} took the message over."),
        MessageOrder::Heard => format!("{by} listened to the message."),
        MessageOrder::Done => format!("{by} is done with the message."),
        MessageOrder::Delete => format!("{by} is done with the message and deleted the recording."),
    }
}
