//! What listeners are told of what is journalled: a word and JSON, callers' numbers masked. What only a restart needs is not told.

use crate::api::nouns::SeatShown;
use crate::cli::words::{self, masked};
use hotline_model::history::{Blocked, HandOrder, Identified, Onward, PhoneEvent, Receiver, SeatEvent};
use hotline_model::{CallEvent, Due, EventKind, Impact, Name, Number, Reclassified, Remit, Switch, Target, WallTime};
use serde_json::{Value, json};

/// A happening's word and facts, and the seats that it names.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The event's type.
    pub word: &'static str,
    /// Its data.
    pub data: Value,
    /// Seats beside those at the call whom it concerns.
    pub seats: Vec<Name>,
    /// The result of a transfer: the owner of the matter is told, wherever the call is (R56).
    pub for_owner: bool,
}

/// A seat's change.
pub fn seat(event: &SeatEvent) -> Told {
    let mut data = json!(SeatShown::of(&event.seat, event.state, event.call.map(|call| call.to_string())));
    data["at"] = words::iso(event.at).into();
    Told { word: "seat", data, seats: vec![event.seat.clone()], for_owner: false }
}

/// Somebody sat down at a shared telephone, or left it.
pub fn hot_desk(at: WallTime, phone: &Name, seat: Option<&Name>) -> Told {
    let data = json!({ "at": words::iso(at), "phone": phone, "seat": seat });
    Told { word: "hot_desk", data, seats: seat.cloned().into_iter().collect(), for_owner: false }
}

/// Somebody switched an announcement.
pub fn switched(switch: &Switch) -> Told {
    let Switch { at, announcement, by, on, until, note } = switch;
    let data = json!({
        "at": words::iso(*at), "announcement": announcement, "by": by, "on": on, "until": until.map(words::iso), "note": note,
    });
    Told { word: "announcement_switched", data, seats: Vec::new(), for_owner: false }
}

/// What happened in a call; `None` if it is nobody's business.
pub fn call(event: &CallEvent) -> Option<Told> {
    let (word, facts) = facts(&event.kind)?;
    let mut data = json!({ "call": event.call.to_string(), "at": words::iso(event.at) });
    for (name, value) in facts.as_object().into_iter().flatten() {
        data[name] = value.clone();
    }
    let for_owner = matches!(event.kind, EventKind::TransferEnded { .. } | EventKind::Owned { .. });
    Some(Told { word, data, seats: named(word, &facts), for_owner })
}

/// The seats that an event names: they may no longer be at the call, or not yet.
fn named(word: &str, facts: &Value) -> Vec<Name> {
    let first = if word == "transfer_began" { "from" } else { "seat" };
    [first, "receiver"].into_iter().filter_map(|key| facts[key].as_str()).map(Name::from).collect()
}

fn facts(kind: &EventKind) -> Option<(&'static str, Value)> {
    Some(match kind {
        EventKind::Arrived { dialled, from, revision, .. } => {
            ("call_arrived", json!({ "dialled": dialled, "from": from.to_string(), "revision": revision.to_string() }))
        }
        EventKind::PickedUp => ("call_picked_up", json!({})),
        EventKind::Classified(known) => (
            "call_classified",
            json!({
                "class": known.class.map(|word| word.word()), "nature": known.nature.map(|word| word.word()),
                "kind": known.kind.map(|word| word.word()), "category": known.category.map(|word| word.word()),
                "priority": known.priority.word(), "language": known.language, "sensitive": known.sensitive,
            }),
        ),
        EventKind::Reclassified { seat, change } => ("call_reclassified", json!({ "seat": seat, "change": reclassified(change) })),
        EventKind::Queued { queue, priority } => ("call_queued", json!({ "queue": queue, "priority": priority.word() })),
        EventKind::Reprioritised { priority } => ("call_reprioritised", json!({ "priority": priority.word() })),
        EventKind::Offered { seat, ring_ms, .. } => ("call_offered", json!({ "seat": seat, "ring_ms": ring_ms })),
        EventKind::Ringing { seat } => ("call_ringing", json!({ "seat": seat })),
        EventKind::OfferEnded { seat, why } => ("call_offer_ended", json!({ "seat": seat, "why": snake(json!(why)) })),
        EventKind::Answered { seat } => ("call_answered", json!({ "seat": seat })),
        EventKind::Held { by } => ("call_held", json!({ "by": by.word() })),
        EventKind::Resumed { by } => ("call_resumed", json!({ "by": by.word() })),
        EventKind::FirstCommunication => ("call_first_communication", json!({})),
        EventKind::Handled { disposition } => ("call_handled", json!({ "disposition": disposition })),
        EventKind::Clock(clock) => (
            "call_clock",
            json!({ "clock": format!("K{}", clock.clock), "change": snake(json!(clock.change)), "limit_ms": clock.limit_ms }),
        ),
        EventKind::Overflowed { to } => ("call_overflowed", json!({ "to": to })),
        EventKind::NoMedia { leg } => ("call_no_media", json!({ "leg": leg })),
        EventKind::HungUp { side, cause, .. } => ("call_hung_up", json!({ "side": words::side(*side), "cause": words::cause(*cause) })),
        EventKind::Recovered => ("call_recovered", json!({})),
        EventKind::Archived => ("call_archived", json!({})),
        EventKind::Alerted { topic } => ("call_alerted", json!({ "topic": topic.word() })),
        EventKind::ImpactAlerted { impact } => ("call_alerted", json!({ "impact": impact.word() })),
        EventKind::Assessed { seat, found } => {
            let (scope, impact) = (found.scope.map(Remit::word), found.impact.map(Impact::word));
            ("call_assessed", json!({ "seat": seat, "scope": scope, "impact": impact }))
        }
        EventKind::NotAssigned { seat, why } => ("call_not_assigned", json!({ "seat": seat, "why": snake(json!(why)) })),
        EventKind::ByHand { by, order } => ("call_by_hand", json!({ "by": by, "order": by_hand(order) })),
        EventKind::Foretold(told) => ("call_foretold", json!({ "ahead": told.ahead, "minutes": told.wait.ok().map(|wait| wait.minutes) })),
        EventKind::OutsideCalled { to, trunk, .. } => ("call_outside_called", json!({ "to": to.as_ref().map(masked), "trunk": trunk })),
        EventKind::OutsideEnded { to, trunk, why } => {
            ("call_outside_ended", json!({ "to": to.as_ref().map(masked), "trunk": trunk, "why": snake(json!(why)) }))
        }
        EventKind::OutsideNotCalled { to, why } => {
            ("call_outside_not_called", json!({ "to": to.as_ref().map(masked), "why": snake(json!(why)) }))
        }
        EventKind::LedOutside { to, rings_ms, otherwise } => {
            ("call_led_outside", json!({ "to": masked(to), "rings_ms": rings_ms, "otherwise": onward(otherwise) }))
        }
        EventKind::OutsideGivenUp { to } => ("call_outside_given_up", json!({ "to": masked(to) })),
        EventKind::OutsideAnswered { to, trunk } => ("call_outside_answered", json!({ "to": to.as_ref().map(masked), "trunk": trunk })),
        EventKind::CallBackBooked { call } => ("call_back_booked", json!({ "call_back": call.to_string() })),
        EventKind::CallBackOpened { after, queue, .. } => ("call_back_opened", json!({ "after": after.to_string(), "queue": queue })),
        EventKind::CallBackLater { attempts, .. } => ("call_back_later", json!({ "attempts": attempts })),
        EventKind::CallBackEnded { .. } => ("call_back_ended", json!({})),
        EventKind::MessageLeft(left) => (
            "message_left",
            json!({ "voicemail": left.voicemail, "queue": left.queue, "length_ms": left.length_ms, "end": left.end.word() }),
        ),
        EventKind::NoMessage { voicemail, why } => ("message_not_left", json!({ "voicemail": voicemail, "why": why.word() })),
        EventKind::Message { by, order } => ("message", json!({ "by": by, "order": order.word() })),
        EventKind::Ordered { seat, by, .. } => ("desk_ordered", json!({ "seat": seat, "by": by })),
        EventKind::OrderRefused { seat, why } => ("desk_refused", json!({ "seat": seat, "why": why })),
        EventKind::TransferBegan { from, to, mode, reason, consultation } => (
            "transfer_began",
            json!({
                "from": from, "to": target(to), "mode": mode.word(), "reason": reason.map(|reason| reason.word()), "consultation": consultation,
            }),
        ),
        EventKind::TransferMeant { reason } => ("transfer_meant", json!({ "reason": reason.word() })),
        EventKind::ReceiverCalled { receiver, ring_ms, .. } => {
            ("receiver_called", json!({ "receiver": who(receiver), "ring_ms": ring_ms }))
        }
        EventKind::ReceiverRings { receiver } => ("receiver_rings", json!({ "receiver": who(receiver) })),
        EventKind::ReceiverEnded { receiver, why } => ("receiver_ended", json!({ "receiver": who(receiver), "why": snake(json!(why)) })),
        EventKind::ReceiverAnswered { receiver } => ("receiver_answered", json!({ "receiver": who(receiver) })),
        EventKind::ThreeWay { on } => ("three_way", json!({ "on": on })),
        EventKind::TransferEnded { end } => ("transfer_ended", json!({ "end": end })),
        EventKind::Owned { seat } => ("call_owned", json!({ "seat": seat })),
        EventKind::ReferRefused { leg, status } => ("refer_refused", json!({ "leg": leg, "status": status })),
        EventKind::Phone(PhoneEvent::Emergency { number }) => ("emergency_called", json!({ "number": number })),
        EventKind::Phone(PhoneEvent::WrongPin { phone, seat, locked_until }) => {
            ("wrong_pin", json!({ "phone": phone, "seat": seat, "locked_until": locked_until.map(words::iso) }))
        }
        EventKind::Phone(PhoneEvent::Code { phone, seat, code, result }) => {
            ("feature_code", json!({ "phone": phone, "seat": seat, "code": code, "done": result.is_ok() }))
        }
        EventKind::Phone(PhoneEvent::Calls { phone, seat, callee }) => {
            ("seat_calls", json!({ "phone": phone, "seat": seat, "callee": snake(json!(callee)) }))
        }
        EventKind::Phone(PhoneEvent::NotPutThrough { why }) => ("not_put_through", json!({ "why": snake(json!(why)) })),
        EventKind::TrunkPassedOver { to, trunk, why } => {
            ("trunk_passed_over", json!({ "to": to.as_ref().map(masked), "trunk": trunk, "why": snake(json!(why)) }))
        }
        EventKind::LeftQueue { queue, why, to } => ("call_left_queue", json!({ "queue": queue, "why": snake(json!(why)), "to": to })),
        EventKind::Phone(PhoneEvent::Greeting { .. } | PhoneEvent::Greeted | PhoneEvent::Referred { .. }) => return None,
        EventKind::Identified(Identified { came, asserted_by, private, odd }) => (
            "caller_identified",
            json!({ "came": came.to_string(), "asserted_by": asserted_by, "private": private, "odd": snake(json!(odd)) }),
        ),
        EventKind::Blocked(Blocked { rule, note, answer }) => {
            ("call_blocked", json!({ "rule": rule, "note": note, "answer": snake(json!(answer)) }))
        }
        EventKind::EarlyMedia => ("early_media", json!({})),
        EventKind::AnnouncementSaid { announcement } => ("announcement_said", json!({ "announcement": announcement })),
        EventKind::Recognised { owner, last } => ("call_recognised", json!({ "owner": owner, "last": last })),
        EventKind::Graded { level } => ("complaint_graded", json!({ "level": level.word() })),
        EventKind::DueBy(due) => {
            let Due { what, by, clock, rule, profile } = due;
            let (clock, rule) = (format!("K{clock}"), format!("R{rule}"));
            ("due", json!({ "what": what.word(), "by": words::iso(*by), "clock": clock, "rule": rule, "profile": profile }))
        }
        EventKind::SurveyBegan { queue, seat } => ("survey_began", json!({ "queue": queue, "seat": seat })),
        EventKind::NotSurveyed { why } => ("not_surveyed", json!({ "why": why.word() })),
        EventKind::Rated(rated) => {
            ("call_rated", json!({ "dimension": rated.dimension.word(), "score": rated.score, "verdict": rated.verdict.word() }))
        }
        EventKind::SurveyEnded { end } => ("survey_ended", json!({ "end": end.word() })),
        EventKind::ReplyUnheard { again } => ("reply_unheard", json!({ "again": again })),
        EventKind::VoiceReplied { replies, slowest_ms, limit_ms } => {
            ("voice_replied", json!({ "replies": replies, "slowest_ms": slowest_ms, "limit_ms": limit_ms }))
        }
        EventKind::LookedUp(looked_up) => (
            "call_looked_up",
            json!({ "source": looked_up.source, "outcome": looked_up.outcome.word(), "took_ms": looked_up.took_ms, "ignored": looked_up.ignored }),
        ),
        EventKind::Judged(_)
        | EventKind::Spared { .. }
        | EventKind::Collected { .. }
        | EventKind::LedToSeat { .. }
        | EventKind::Menu(_)
        | EventKind::Digit { .. }
        | EventKind::Language(_)
        | EventKind::Announced { .. }
        | EventKind::Leg { .. }
        | EventKind::LegEnded { .. }
        | EventKind::Inviting { .. }
        | EventKind::MessageBegun { .. }
        | EventKind::MessageAsked { .. }
        | EventKind::PlaceKept { .. } => return None,
    })
}

fn reclassified(change: &Reclassified) -> Value {
    json!({
        "class": change.class.map(|word| word.word()), "nature": change.nature.map(|word| word.word()),
        "kind": change.kind.map(|word| word.word()), "category": change.category.map(|word| word.word()),
        "priority": change.priority.map(|word| word.word()), "sensitive": change.sensitive,
    })
}

fn by_hand(order: &HandOrder) -> Value {
    match order {
        HandOrder::Assign { seat } => json!({ "assign": seat }),
        HandOrder::Pull { seat } => json!({ "pull": seat }),
        HandOrder::Priority { priority } => json!({ "priority": priority.word() }),
    }
}

/// A number outside is masked, other targets are named.
pub fn target(to: &Target) -> Value {
    match to {
        Target::Seat(name) => json!({ "seat": name }),
        Target::Queue(name) => json!({ "queue": name }),
        Target::Department(name) => json!({ "department": name }),
        Target::Person(name) => json!({ "person": name }),
        Target::Number(number) => json!({ "number": Number::new(number.digits()).to_string() }),
    }
}

fn who(receiver: &Receiver) -> String {
    receiver.shown().to_string()
}

/// serde's name of a variant in the API's form: `NotReady` is `not_ready`, `{"Rejected": 486}` is `{"rejected": 486}`.
fn snake(value: Value) -> Value {
    let word = |text: &str| {
        text.chars().enumerate().fold(String::new(), |mut word, (n, c)| {
            if c.is_ascii_uppercase() && n > 0 {
                word.push('_');
            }
            word.push(c.to_ascii_lowercase());
            word
        })
    };
    match value {
        Value::String(text) => word(&text).into(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (word(&name), value)).collect::<serde_json::Map<_, _>>().into(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) => other,
    }
}

fn onward(onward: &Onward) -> Value {
    match onward {
        Onward::Queue(queue) => json!({ "queue": queue }),
        Onward::CallBack(queue) => json!({ "callback": queue }),
        Onward::Menu(menu) => json!({ "menu": menu }),
        Onward::Goodbye => json!({ "goodbye": true }),
        Onward::Voicemail(voicemail) => json!({ "voicemail": voicemail }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::history::{OfferEnd, WhyNot};
    use hotline_model::{CallId, PhoneNumber, Revision, TransferEnd, TransferMode};

    fn told(kind: EventKind) -> Option<Told> {
        call(&CallEvent { call: CallId::new(3, 0, 7), at: WallTime(1_000_000), kind })
    }

    #[test]
    fn callers_numbers_and_numbers_outside_are_masked() {
        let source = ([127, 0, 0, 1], 5061).into();
        let number = Number::new("13800138000");
        let arrived = EventKind::Arrived {
            dialled: "hotline".into(),
            from: number,
            source,
            sip_call_id: "13800138000@x".into(),
            revision: Revision(1),
        };
        let to = Target::Number(PhoneNumber::parse("13900139000").unwrap());
        let began = EventKind::TransferBegan { from: "1001".into(), to, mode: TransferMode::Attended, reason: None, consultation: true };
        let outside = EventKind::OutsideCalled { leg: 1, to: Some("13900139000".into()), trunk: "carrier".into() };
        for kind in [arrived, began, outside] {
            let data = told(kind).unwrap().data.to_string();
            assert!(data.contains("****") && !data.contains("138000") && !data.contains("139000"), "{data}");
        }
    }

    #[test]
    fn words_are_those_of_the_api() {
        let ended = told(EventKind::OfferEnded { seat: "1001".into(), why: OfferEnd::Rejected(486) }).unwrap();
        assert_eq!(
            (ended.word, &ended.data["why"], &ended.data["call"]),
            ("call_offer_ended", &json!({ "rejected": 486 }), &json!("3-0-7"))
        );
        let not = told(EventKind::NotAssigned { seat: "1001".into(), why: WhyNot::NotReady }).unwrap();
        assert_eq!(not.data["why"], "not_ready");
        assert!(told(EventKind::TransferEnded { end: TransferEnd::NotAnswered }).unwrap().for_owner, "R56");
        assert_eq!(told(EventKind::LegEnded { leg: 1 }), None);
    }
}
