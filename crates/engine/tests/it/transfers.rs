//! Transfers by the manual (R53-R61, K9): who has the caller at each moment, and what the record says of it.

mod asked;
mod cleared;
mod crossings;
mod outside;
mod recovered;
mod referred;
mod refused;
mod turned_away;

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, number, queue, seat};
use hotline_model::history::EventKind;
use hotline_model::{Activity, DeskOrder, DeskRefusal, Intent, Record, Target, TransferEnd, TransferMode, TransferReason, TransferRecord};
use hotline_sip::Event;
use std::net::SocketAddr;
use std::time::Duration;

const CALLER: ([u8; 4], u16) = ([127, 0, 0, 3], 7001);
const FIRST: ([u8; 4], u16) = ([127, 0, 0, 2], 6001);
const SECOND: ([u8; 4], u16) = ([127, 0, 0, 2], 6002);
const THIRD: ([u8; 4], u16) = ([127, 0, 0, 2], 6003);

/// The first seat answers for the number; the second and the third are the experts; nobody is in the night shift.
fn rules() -> String {
    let queues = [
        queue("line", 1, "seats = [\"1001\"]\nwrap_up = \"20s\""),
        queue("experts", 1, "seats = [\"1002\", \"1003\"]\nwrap_up = \"20s\""),
        queue("night", 1, "seats = [\"1004\"]"),
    ];
    let skilled = "skills = { any = 5 }";
    let seats = [
        seat("1001", 6001, skilled),
        seat("1002", 6002, &format!("{skilled}\ncleared = true")),
        seat("1003", 6003, skilled),
        seat("1004", 6004, &format!("{skilled}\nsign_in = false")),
    ];
    [PREAMBLE, &number("direct", "line", ""), &queues.concat(), &seats.concat()].concat()
}

/// A caller talks with the first agent; the others have these habits.
fn talking(second: Habit, third: Habit) -> Hotline {
    talking_by(&rules(), second, third)
}

fn talking_by(rules: &str, second: Habit, third: Habit) -> Hotline {
    let phones = [(6001, Habit::Answers(Duration::from_secs(1))), (6002, second), (6003, third), (6004, Habit::RingsOut)];
    let mut hotline = Hotline::new(rules, &phones);
    hotline.dial(7001, "direct");
    hotline.pass_ms(2_000);
    assert_eq!(hears(&hotline, CALLER), ["6001"]);
    hotline
}

const fn answers(seconds: u64) -> Habit {
    Habit::Answers(Duration::from_secs(seconds))
}

fn hears(hotline: &Hotline, phone: ([u8; 4], u16)) -> Vec<String> {
    hotline.hears(phone.into())
}

fn to(target: Target) -> DeskOrder {
    DeskOrder::Transfer { to: target, mode: None, reason: Some(TransferReason::TooComplex) }
}

fn to_seat(name: &str) -> DeskOrder {
    to(Target::Seat(name.into()))
}

fn to_queue(name: &str) -> DeskOrder {
    to(Target::Queue(name.into()))
}

fn blind(target: Target) -> DeskOrder {
    DeskOrder::Transfer { to: target, mode: Some(TransferMode::BlindWithReturn), reason: Some(TransferReason::AbilityInsufficient) }
}

fn complete() -> DeskOrder {
    DeskOrder::Complete { reason: None }
}

fn transfers(hotline: &Hotline) -> Vec<TransferRecord> {
    hotline.record(call(0)).transfers
}

fn ends(hotline: &Hotline) -> Vec<Option<TransferEnd>> {
    transfers(hotline).into_iter().map(|transfer| transfer.end).collect()
}

fn k9(record: &Record) -> Vec<hotline_model::history::ClockChange> {
    record.clocks.iter().filter(|clock| clock.clock == 9).map(|clock| clock.state).collect()
}

fn activities(hotline: &Hotline) -> [Activity; 3] {
    ["1001", "1002", "1003"].map(|seat| hotline.state(seat).activity)
}

fn saw(hotline: &Hotline, phone: ([u8; 4], u16), wanted: impl Fn(&Event) -> bool) -> usize {
    hotline.phones[&SocketAddr::from(phone)].events.iter().filter(|event| wanted(event)).count()
}

/// After the caller has hung up everything comes back: calls, seats, ports.
fn assert_all_comes_back(mut hotline: Hotline) {
    if saw(&hotline, CALLER, |event| matches!(event, Event::Bye { .. } | Event::Ended { .. })) == 0 {
        hotline.hang_up(CALLER.into());
    }
    hotline.pass_ms(60_000);
    assert_eq!((hotline.engine.calls(), hotline.engine.figures().free_ports), (0, 50));
    assert_eq!(activities(&hotline), [Activity::Free; 3]);
    assert!(hotline.record(call(0)).t7.is_some(), "the record is complete");
}
