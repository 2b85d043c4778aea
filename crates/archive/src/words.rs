//! The words that stand in the database for the model's enums, and back.

use hotline_model::history::{Cause, ClockChange, DecidingKey, NotPutThrough, OfferEnd, Side, Trigger};
use hotline_model::{Activity, Intent, NotReadyReason, Priority};

macro_rules! table {
    ($to:ident, $from:ident, $type:ty, { $($value:path => $word:literal),+ $(,)? }) => {
        pub(crate) fn $to(value: $type) -> &'static str {
            match value { $($value => $word),+ }
        }

        pub(crate) fn $from(word: &str) -> Option<$type> {
            match word { $($word => Some($value),)+ _ => None }
        }
    };
}

table!(side, side_from, Side, { Side::Caller => "caller", Side::Agent => "agent", Side::System => "system", Side::Outside => "outside" });
table!(refusal, refusal_from, NotPutThrough, {
    NotPutThrough::NoSuchNumber => "no_such_number", NotPutThrough::NotAllowed => "not_allowed", NotPutThrough::OtherHost => "other_host",
    NotPutThrough::NotSignedIn => "not_signed_in", NotPutThrough::Busy => "busy", NotPutThrough::Unreachable => "unreachable",
    NotPutThrough::NobodyThere => "nobody_there", NotPutThrough::TooMany => "too_many", NotPutThrough::NoRoom => "no_room",
    NotPutThrough::OwnNumber => "own_number",
});
table!(clock_change, clock_change_from, ClockChange, {
    ClockChange::Started => "started", ClockChange::Warned => "warned", ClockChange::Met => "met",
    ClockChange::Breached => "breached", ClockChange::Dropped => "dropped",
});
table!(activity, activity_from, Activity, {
    Activity::Free => "free", Activity::Offered => "offered", Activity::OnCall => "on_call", Activity::WrapUp => "wrap_up",
});
table!(reason, reason_from, NotReadyReason, {
    NotReadyReason::Break => "break", NotReadyReason::Meal => "meal", NotReadyReason::Meeting => "meeting",
    NotReadyReason::Training => "training", NotReadyReason::Other => "other", NotReadyReason::Rona => "rona",
    NotReadyReason::OffShift => "off_shift",
});

/// What stands before the reason why a seat's own call was not put through.
const NOT_PUT_THROUGH: &str = "not_put_through:";

pub(crate) fn cause(value: Cause) -> String {
    let word = match value {
        Cause::Normal => "normal",
        Cause::Cancelled => "cancelled",
        Cause::AbandonedInMenu => "abandoned_in_menu",
        Cause::AbandonedInQueue => "abandoned_in_queue",
        Cause::Completed => "completed",
        Cause::OutOfHours => "out_of_hours",
        Cause::NoAck => "no_ack",
        Cause::Unreachable => "unreachable",
        Cause::Technical => "technical",
        Cause::Shutdown => "shutdown",
        Cause::NotReached => "not_reached",
        Cause::CodeRefused => "code_refused",
        Cause::Blocked => "blocked",
        Cause::QueuesFull => "queues_full",
        Cause::NotPutThrough(why) => return format!("{NOT_PUT_THROUGH}{}", refusal(why)),
    };
    word.into()
}

pub(crate) fn cause_from(word: &str) -> Option<Cause> {
    Some(match word {
        "normal" => Cause::Normal,
        "cancelled" => Cause::Cancelled,
        "abandoned_in_menu" => Cause::AbandonedInMenu,
        "abandoned_in_queue" => Cause::AbandonedInQueue,
        "completed" => Cause::Completed,
        "out_of_hours" => Cause::OutOfHours,
        "no_ack" => Cause::NoAck,
        "unreachable" => Cause::Unreachable,
        "technical" => Cause::Technical,
        "shutdown" => Cause::Shutdown,
        "not_reached" => Cause::NotReached,
        "code_refused" => Cause::CodeRefused,
        "blocked" => Cause::Blocked,
        "queues_full" => Cause::QueuesFull,
        other => return other.strip_prefix(NOT_PUT_THROUGH).and_then(refusal_from).map(Cause::NotPutThrough),
    })
}

pub(crate) fn intent(value: Intent) -> String {
    match value {
        Intent::Available => "available".into(),
        Intent::SignedOut => "signed_out".into(),
        Intent::NotReady(why) => format!("not_ready:{}", reason(why)),
    }
}

pub(crate) fn intent_from(word: &str) -> Option<Intent> {
    match word {
        "available" => Some(Intent::Available),
        "signed_out" => Some(Intent::SignedOut),
        other => other.strip_prefix("not_ready:").and_then(reason_from).map(Intent::NotReady),
    }
}

pub(crate) fn offer_end(value: OfferEnd) -> String {
    match value {
        OfferEnd::Rona => "rona".into(),
        OfferEnd::Rejected(status) => format!("rejected:{status}"),
        OfferEnd::Unreachable => "unreachable".into(),
        OfferEnd::CallerGone => "caller_gone".into(),
        OfferEnd::Withdrawn => "withdrawn".into(),
    }
}

pub(crate) fn offer_end_from(word: &str) -> Option<OfferEnd> {
    match word {
        "rona" => Some(OfferEnd::Rona),
        "unreachable" => Some(OfferEnd::Unreachable),
        "caller_gone" => Some(OfferEnd::CallerGone),
        "withdrawn" => Some(OfferEnd::Withdrawn),
        other => other.strip_prefix("rejected:")?.parse().ok().map(OfferEnd::Rejected),
    }
}

macro_rules! from_byte {
    ($from:ident, $type:ident, [$($variant:ident),+ $(,)?]) => {
        pub(crate) fn $from(byte: u8) -> Option<$type> {
            // A new variant must be added here too: this does not compile without it.
            const _: fn($type) = |value| match value { $($type::$variant => ()),+ };
            [$($type::$variant),+].into_iter().find(|&value| value as u8 == byte)
        }
    };
}

from_byte!(
    trigger_from,
    Trigger,
    [CallWaiting, SeatReady, StepReached, OfferFailed, Breach, RulesChanged, ByHand, Recovery, Reprioritised, Aged, PatienceOver]
);
from_byte!(
    key_from,
    DecidingKey,
    [
        OnlyReady,
        Tier,
        Owner,
        LastAgent,
        Proficiency,
        Region,
        LongestIdle,
        Nobody,
        CallOrder,
        Step,
        ByHand,
        Opening,
        Preferred,
        CustomerType,
        Score,
        LeastOccupied,
        Responsiveness,
        LeastSufficient,
        OwnAway,
        QueuePriority,
        QueueWeight,
    ]
);
from_byte!(priority_from, Priority, [Urgent, Important, Ordinary]);
