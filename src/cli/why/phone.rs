//! What a seat's phone did by itself, as facts and as sentences.

use super::zh::seconds as seconds_zh;
use crate::cli::own::{self, Came};
use crate::cli::words::{self, Lang};
use hotline_archive::Found;
use hotline_model::history::{CodeRefusal, EventKind, NotPutThrough, OfferEnd, PhoneEvent};
use hotline_model::{CallEvent, Name, Record, WallTime};
use hotline_rules::Plan;
use std::time::Duration;

/// One thing that a seat's phone did, or that came of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// A code was dialled, or keyed in a call.
    Code { code: Name, seat: Option<Name>, result: Result<(), CodeRefusal> },
    /// A wrong PIN; none is looked at before a time.
    WrongPin { seat: Name, locked: Option<WallTime> },
    /// Supervisors were told of an emergency call.
    Emergency { number: Name },
    /// What came of a trunk, but for its being called.
    Trunk { trunk: Name, came: Came },
    /// A seat that was called did not answer.
    NotAnswered { seat: Name, after: Duration, why: OfferEnd },
    /// It was not put through; the keys of the rules that say so, and where they are written.
    NotPutThrough { why: NotPutThrough, rule: Option<String> },
}

/// Tells the events of one call.
pub struct Teller<'a> {
    own: Option<own::Own>,
    record: &'a Record,
    plan: Option<&'a Plan>,
    called: WallTime,
}

impl<'a> Teller<'a> {
    /// For a call; `plan`: the rules it went by, if they are at hand.
    pub fn new(found: &Found, record: &'a Record, plan: Option<&'a Plan>) -> Self {
        Self { own: own::Own::of(found), record, plan, called: record.t0 }
    }

    /// What an event of a seat's own call says; the outer `None`: it is told as in any call.
    pub fn own(&mut self, event: &CallEvent) -> Option<Option<Fact>> {
        self.own.as_ref()?;
        let after = event.at.since(self.called);
        let trunk = |trunk: &Name, came| Some(Some(Fact::Trunk { trunk: trunk.clone(), came }));
        if let EventKind::OutsideCalled { .. } | EventKind::Offered { .. } = event.kind {
            self.called = event.at;
            Some(None)
        } else if let EventKind::OutsideNotCalled { .. } = event.kind {
            Some(None)
        } else if let EventKind::TrunkPassedOver { trunk: name, why, .. } = &event.kind {
            trunk(name, Came::PassedOver(*why))
        } else if let EventKind::OutsideEnded { trunk: name, why, .. } = &event.kind {
            trunk(name, Came::Ended(*why, after))
        } else if let EventKind::OutsideAnswered { trunk: name, .. } = &event.kind {
            trunk(name, Came::Answered(after))
        } else if let EventKind::OfferEnded { seat, why } = &event.kind {
            Some(Some(Fact::NotAnswered { seat: seat.clone(), after, why: *why }))
        } else {
            None
        }
    }

    /// What a phone did.
    pub fn tell(&self, event: &PhoneEvent) -> Option<Fact> {
        match event {
            PhoneEvent::NotPutThrough { why } => Some(Fact::NotPutThrough { why: *why, rule: self.rule(*why) }),
            // In a customer's call the order that was keyed is told, and what came of it.
            PhoneEvent::Code { result: Ok(()) | Err(CodeRefusal::Desk(_)), .. } if self.own.is_none() => None,
            PhoneEvent::Code { seat, code, result, .. } => Some(Fact::Code { code: code.clone(), seat: seat.clone(), result: *result }),
            PhoneEvent::WrongPin { seat, locked_until, .. } => Some(Fact::WrongPin { seat: seat.clone(), locked: *locked_until }),
            PhoneEvent::Emergency { number } => Some(Fact::Emergency { number: number.clone() }),
            PhoneEvent::Calls { .. } | PhoneEvent::Greeting { .. } | PhoneEvent::Greeted | PhoneEvent::Referred { .. } => None,
        }
    }

    fn rule(&self, why: NotPutThrough) -> Option<String> {
        let keys = own::rule(why)?;
        let seat = self.own.as_ref().and_then(|own| own.seat.as_ref());
        let place = self.plan.zip(seat).and_then(|(plan, seat)| plan.places.seat(*plan.seat_names.get(&**seat)?));
        let revision = self.plan.is_some_and(|plan| plan.revision == self.record.revision);
        Some(place.filter(|_| revision).map_or(keys.to_owned(), |place| format!("{keys}; {place}")))
    }
}

/// A fact in English.
pub fn en(fact: &Fact) -> String {
    let seat_of = |seat: &Option<Name>| seat.as_ref().map_or(String::new(), |seat| format!(" for seat {seat}"));
    match fact {
        Fact::Code { code, seat, result: Ok(()) } => format!("Code {code}{}: carried out.", seat_of(seat)),
        Fact::Code { code, seat, result: Err(why) } => format!("Code {code}{}: {}.", seat_of(seat), own::code_refusal(Lang::En, *why)),
        Fact::WrongPin { seat, locked: None } => format!("A wrong PIN for seat {seat}."),
        Fact::WrongPin { seat, locked: Some(until) } => {
            format!("A wrong PIN for seat {seat}: none is looked at until {}.", words::iso(*until))
        }
        Fact::Emergency { number } => format!("Supervisors were told at once: an emergency call to {number}."),
        Fact::Trunk { trunk, came } => format!("Trunk {trunk}: {}.", own::came(Lang::En, *came)),
        Fact::NotAnswered { seat, after, why } => format!("Seat {seat}: {} after {}.", words::offer_end(*why), words::seconds(*after)),
        Fact::NotPutThrough { why, rule } => {
            let rule = rule.as_ref().map_or(String::new(), |rule| format!(" ({rule})"));
            format!("Not put through: {}{rule}.", own::refusal(Lang::En, *why))
        }
    }
}

/// A fact in Chinese.
pub fn zh(fact: &Fact) -> String {
    let seat_of = |seat: &Option<Name>| seat.as_ref().map_or(String::new(), |seat| format!("（坐席 {seat}）"));
    match fact {
        Fact::Code { code, seat, result: Ok(()) } => format!("功能码 {code}{}：已执行。", seat_of(seat)),
        Fact::Code { code, seat, result: Err(why) } => format!("功能码 {code}{}：{}。", seat_of(seat), own::code_refusal(Lang::Zh, *why)),
        Fact::WrongPin { seat, locked: None } => format!("坐席 {seat} 的 PIN 错误。"),
        Fact::WrongPin { seat, locked: Some(until) } => format!("坐席 {seat} 的 PIN 错误，锁定至 {}。", words::iso(*until)),
        Fact::Emergency { number } => format!("已立即通知主管：正在拨打紧急号码 {number}。"),
        Fact::Trunk { trunk, came } => format!("中继 {trunk}：{}。", own::came(Lang::Zh, *came)),
        Fact::NotAnswered { seat, after, why } => format!("坐席 {seat}：{}，历时 {}。", super::zh::offer_end(*why), seconds_zh(*after)),
        Fact::NotPutThrough { why, rule } => {
            let rule = rule.as_ref().map_or(String::new(), |rule| format!("（{rule}）"));
            format!("未接通：{}{rule}。", own::refusal(Lang::Zh, *why))
        }
    }
}
