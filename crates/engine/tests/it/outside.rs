//! Somebody outside takes a call that waits too long (R13): whoever answers first has the caller, and never two.

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, first_seat, number, queue};
use hotline_engine::{Answer, TrunkFigures};
use hotline_model::history::{Cause, EventKind, NotCalled, OfferEnd, Side};
use hotline_model::{Intent, Record};
use hotline_sip::Event;
use std::net::SocketAddr;
use std::time::Duration;

const CALLER: ([u8; 4], u16) = ([127, 0, 0, 3], 7001);
const AGENT: ([u8; 4], u16) = ([127, 0, 0, 2], 6001);
const CARRIER: ([u8; 4], u16) = ([127, 0, 0, 2], 5090);
const BACKUP: ([u8; 4], u16) = ([127, 0, 0, 2], 5091);
const OUTBOUND: &str = "[outbound]\nallow = [\"1[3-9]x{9}\", \"0x{9,11}\"]\n";
const PARTNER: &str = "[[partner]]\nname = \"night\"\nnumber = \"+862188886666\"\ntrunk = [\"carrier\", \"backup\"]\n";
const TO_PARTNER: &str = "wrap_up = \"0s\"\noverflow = { partner = \"night\" }";

fn trunk(name: &str, port: u16, facts: &str) -> String {
    format!("[[trunk]]\nname = \"{name}\"\ncontact = \"sip:127.0.0.2:{port}\"\nfrom = \"02112345678\"\n{facts}\n")
}

fn rules(facts: &str) -> String {
    let trunks = [trunk("carrier", 5090, ""), trunk("backup", 5091, "")].concat();
    [PREAMBLE, &number("direct", "line", ""), &queue("line", 1, facts), &first_seat(), OUTBOUND, &trunks, PARTNER].concat()
}

/// A caller waits, the seat is signed out; the carrier and its backup have these habits.
fn waiting(facts: &str, carrier: Habit, backup: Habit) -> Hotline {
    let mut hotline = Hotline::new(&rules(facts), &[(6001, Habit::Answers(Duration::from_secs(2))), (5090, carrier), (5091, backup)]);
    hotline.sign("1001", Intent::SignedOut);
    hotline.dial(7001, "direct");
    hotline
}

fn saw(hotline: &Hotline, phone: ([u8; 4], u16), wanted: impl Fn(&Event) -> bool) -> usize {
    hotline.phones[&SocketAddr::from(phone)].events.iter().filter(|event| wanted(event)).count()
}

fn invites(hotline: &Hotline, phone: ([u8; 4], u16)) -> usize {
    saw(hotline, phone, |event| matches!(event, Event::Invite { .. }))
}

fn ends(hotline: &Hotline) -> Vec<(String, OfferEnd)> {
    let ended = hotline.events(call(0)).into_iter().filter_map(|event| match event.kind {
        EventKind::OutsideEnded { trunk, why, .. } => Some((trunk.to_string(), why)),
        _ => None,
    });
    ended.collect()
}

fn not_called(hotline: &Hotline) -> Option<NotCalled> {
    hotline.events(call(0)).into_iter().find_map(|event| match event.kind {
        EventKind::OutsideNotCalled { why, .. } => Some(why),
        _ => None,
    })
}

fn outside(record: &Record) -> (Option<&str>, Option<&str>) {
    (record.seat.as_deref(), record.outside.as_deref())
}

/// The caller is in exactly one conversation and every leg, port and channel of a trunk comes back.
fn assert_all_comes_back(mut hotline: Hotline) {
    hotline.hang_up(CALLER.into());
    hotline.pass_ms(40_000);
    let figures = hotline.engine.figures();
    assert_eq!((hotline.engine.calls(), figures.free_ports), (0, 50));
    assert!(figures.trunks.iter().all(|trunk| trunk.calls == 0), "{:?}", figures.trunks);
    let bridges = hotline.media.iter().filter(|command| matches!(command, hotline_media::Command::Bridge { .. })).count();
    assert!(bridges <= 1, "{bridges} bridges");
}

#[test]
fn a_breached_call_is_taken_by_a_partner_and_its_record_says_so_r13() {
    let mut hotline = waiting(TO_PARTNER, Habit::Answers(Duration::from_secs(3)), Habit::Dead);
    hotline.pass_ms(29_900);
    assert_eq!(invites(&hotline, CARRIER), 0, "nobody outside is called before the breach");
    hotline.pass_ms(200);
    assert_eq!(invites(&hotline, CARRIER), 1);
    assert_eq!(hotline.engine.figures().waiting, 1, "the call keeps its place");
    assert_eq!(hotline.engine.figures().trunks[0], TrunkFigures { name: "carrier".into(), calls: 1, limit: 30, up: true });
    hotline.pass_ms(3_000);
    assert_eq!(hotline.engine.figures().talking, 1);
    let record = hotline.record(call(0));
    assert_eq!(outside(&record), (None, Some("night")));
    assert!(record.t3.is_some_and(|t3| t3.since(record.t0) >= Duration::from_secs(33)));
    hotline.sign("1001", Intent::Available);
    assert!(hotline.state("1001").is_ready(), "no seat is offered what is taken");
    assert_eq!(hotline.offers(), []);
    assert_all_comes_back(hotline);
}

#[test]
fn the_trunk_is_asked_for_the_number_as_the_country_dials_it_in_our_own_name() {
    let mut hotline = waiting(TO_PARTNER, Habit::RingsOut, Habit::Dead);
    hotline.pass_ms(31_000);
    let invite = hotline.phones[&SocketAddr::from(CARRIER)].events.iter().find_map(|event| match event {
        Event::Invite { invite, .. } => Some((invite.to_user.clone(), invite.from_user.clone())),
        _ => None,
    });
    assert_eq!(invite, Some(("02188886666".into(), "02112345678".into())));
}

#[test]
fn a_seat_that_answers_first_has_the_caller_and_the_call_outside_is_cancelled() {
    let mut hotline = waiting(TO_PARTNER, Habit::Answers(Duration::from_secs(20)), Habit::Dead);
    hotline.pass_ms(31_000);
    hotline.sign("1001", Intent::Available);
    hotline.pass_ms(3_000);
    assert_eq!(saw(&hotline, CARRIER, |event| matches!(event, Event::Cancelled { .. })), 1);
    assert_eq!(outside(&hotline.record(call(0))), (Some("1001"), None));
    assert_eq!(ends(&hotline), [("carrier".into(), OfferEnd::Withdrawn)]);
    hotline.pass_ms(30_000);
    assert_eq!(hotline.engine.figures().talking, 1);
    assert_all_comes_back(hotline);
}

#[test]
fn a_human_outside_who_answers_first_has_the_caller_and_the_seat_that_rings_is_free_at_once() {
    let mut hotline = waiting(TO_PARTNER, Habit::Answers(Duration::from_secs(3)), Habit::Dead);
    hotline.change_habit(6001, Habit::RingsOut);
    hotline.pass_ms(31_000);
    hotline.sign("1001", Intent::Available);
    hotline.pass_ms(500);
    assert_eq!(hotline.offers().len(), 1, "the seat rings meanwhile");
    hotline.pass_ms(2_000);
    assert_eq!(saw(&hotline, AGENT, |event| matches!(event, Event::Cancelled { .. })), 1);
    let record = hotline.record(call(0));
    assert_eq!(outside(&record), (None, Some("night")));
    assert_eq!(record.offers[0].end, Some(OfferEnd::Withdrawn));
    assert!(hotline.state("1001").is_ready());
    assert_all_comes_back(hotline);
}

#[test]
fn both_answer_in_the_same_instant_and_one_of_them_is_hung_up() {
    for seat_first in [true, false] {
        let mut hotline = waiting(TO_PARTNER, Habit::Caller, Habit::Dead);
        hotline.change_habit(6001, Habit::RingsOut);
        hotline.pass_ms(31_000);
        hotline.sign("1001", Intent::Available);
        let (first, second) = if seat_first { (AGENT, CARRIER) } else { (CARRIER, AGENT) };
        hotline.answer_unheard(second.into());
        hotline.pick_up_before(first.into());
        hotline.pass_ms(1_000);
        assert_eq!(hotline.engine.figures().talking, 1);
        let ended = |phone| saw(&hotline, phone, |event| matches!(event, Event::Bye { .. } | Event::Cancelled { .. }));
        assert_eq!((ended(first), ended(second)), (0, 1), "{seat_first}");
        let talking = if seat_first { (Some("1001"), None) } else { (None, Some("night")) };
        assert_eq!(outside(&hotline.record(call(0))), talking);
        assert_all_comes_back(hotline);
    }
}

#[test]
fn nobody_outside_within_the_ring_limit_and_the_call_waits_on_at_its_place() {
    let mut hotline = waiting(TO_PARTNER, Habit::RingsOut, Habit::RingsOut);
    hotline.pass_ms(30_000 + 29_000);
    assert_eq!(ends(&hotline), []);
    hotline.pass_ms(1_500);
    assert_eq!(ends(&hotline), [("carrier".into(), OfferEnd::Rona)]);
    assert_eq!(saw(&hotline, CARRIER, |event| matches!(event, Event::Cancelled { .. })), 1);
    hotline.pass_ms(300_000);
    assert_eq!((invites(&hotline, CARRIER), invites(&hotline, BACKUP)), (1, 0), "nobody is called twice for one call");
    hotline.sign("1001", Intent::Available);
    hotline.pass_ms(3_000);
    assert_eq!(outside(&hotline.record(call(0))), (Some("1001"), None));
    assert_all_comes_back(hotline);
}

#[test]
fn a_busy_callee_is_not_called_again_through_another_trunk_and_the_next_one_gets_his_turn() {
    let facts = "wrap_up = \"0s\"\noverflow = [{ partner = \"night\" }, { number = \"13800138000\", trunk = \"backup\", after = \"60s\" }]";
    let mut hotline = waiting(facts, Habit::Refuses(486), Habit::Answers(Duration::from_secs(1)));
    hotline.pass_ms(31_000);
    assert_eq!(ends(&hotline), [("carrier".into(), OfferEnd::Rejected(486))]);
    assert_eq!(invites(&hotline, BACKUP), 0);
    hotline.pass_ms(58_000);
    assert_eq!(invites(&hotline, BACKUP), 0, "its time is 60 s after the breach");
    hotline.pass_ms(3_000);
    assert_eq!(hotline.record(call(0)).outside.as_deref(), Some("13800138000"));
    assert_all_comes_back(hotline);
}

#[test]
fn a_trunk_that_is_dead_or_in_trouble_is_passed_over_for_the_next() {
    for (habit, why) in [(Habit::Dead, OfferEnd::Unreachable), (Habit::Refuses(503), OfferEnd::Rejected(503))] {
        let mut hotline = waiting(TO_PARTNER, habit, Habit::Answers(Duration::from_secs(1)));
        hotline.pass_ms(34_000);
        assert_eq!(ends(&hotline), [("carrier".into(), why)]);
        assert_eq!(outside(&hotline.record(call(0))), (None, Some("night")), "{habit:?}");
        assert!(!hotline.engine.figures().trunks[0].up, "it is left alone for a while");
        hotline.pass_ms(31_000);
        assert!(hotline.engine.figures().trunks[0].up);
        assert_all_comes_back(hotline);
    }
}

#[test]
fn a_call_waits_on_when_every_trunk_is_dead_or_full() {
    let mut hotline = waiting(TO_PARTNER, Habit::Dead, Habit::Dead);
    hotline.pass_ms(40_000);
    assert_eq!(not_called(&hotline), Some(NotCalled::NoTrunk));
    assert_eq!((hotline.engine.figures().waiting, hotline.engine.counters().outside_not_called), (1, 1));
    let full = rules(TO_PARTNER).replace("from = \"02112345678\"", "from = \"02112345678\"\nlimit = 1");
    let habits = [(6001, Habit::RingsOut), (5090, Habit::RingsOut), (5091, Habit::RingsOut)];
    let mut hotline = Hotline::new(&full, &habits);
    hotline.sign("1001", Intent::SignedOut);
    (7001..7004).for_each(|port| {
        hotline.dial(port, "direct");
    });
    hotline.pass_ms(31_000);
    assert_eq!((invites(&hotline, CARRIER), invites(&hotline, BACKUP)), (1, 1), "one call on each");
    let third = hotline.events(call(2)).into_iter().any(|event| matches!(event.kind, EventKind::OutsideNotCalled { .. }));
    assert!(third);
}

#[test]
fn a_number_that_the_rules_allow_no_longer_is_not_called() {
    let mut hotline = waiting(TO_PARTNER, Habit::RingsOut, Habit::RingsOut);
    hotline.pass_ms(20_000);
    hotline.change_rules(&rules("").replace(OUTBOUND, "[outbound]\nallow = [\"02188886666\"]\n"));
    hotline.pass_ms(20_000);
    assert_eq!(invites(&hotline, CARRIER), 0, "the queue overflows no longer");
    hotline.change_rules(&rules(TO_PARTNER).replace("\"1[3-9]x{9}\", ", ""));
    assert_eq!(hotline.engine.figures().waiting, 1);
}

#[test]
fn either_side_ends_the_conversation() {
    let mut hotline = waiting(TO_PARTNER, Habit::Answers(Duration::from_secs(1)), Habit::Dead);
    hotline.pass_ms(32_000);
    hotline.hang_up(CARRIER.into());
    hotline.pass_ms(100);
    assert_eq!(saw(&hotline, CALLER, |event| matches!(event, Event::Bye { .. })), 1);
    let record = hotline.record(call(0));
    assert_eq!((record.hung_up_by, record.cause), (Some(Side::Outside), Some(Cause::Normal)));
    assert!(record.t7.is_some(), "there is no wrap-up outside");
    let mut hotline = waiting(TO_PARTNER, Habit::Answers(Duration::from_secs(1)), Habit::Dead);
    hotline.pass_ms(32_000);
    hotline.hang_up(CALLER.into());
    assert_eq!(saw(&hotline, CARRIER, |event| matches!(event, Event::Bye { .. })), 1);
    assert_eq!(hotline.record(call(0)).hung_up_by, Some(Side::Caller));
}

#[test]
fn a_caller_who_hangs_up_takes_the_ring_outside_along() {
    let mut hotline = waiting(TO_PARTNER, Habit::RingsOut, Habit::Dead);
    hotline.pass_ms(31_000);
    hotline.hang_up(CALLER.into());
    hotline.pass_ms(1_000);
    assert_eq!(saw(&hotline, CARRIER, |event| matches!(event, Event::Cancelled { .. })), 1);
    assert_eq!(ends(&hotline), [("carrier".into(), OfferEnd::CallerGone)]);
    assert_eq!((hotline.engine.calls(), hotline.engine.figures().free_ports), (0, 50));
}

#[test]
fn a_trunk_with_a_host_name_is_called_where_the_name_leads_and_one_that_is_pinged_when_it_answers() {
    let named = rules(TO_PARTNER).replace("sip:127.0.0.2:5090", "sip:gw.example:5090");
    let named = named.replace("contact = \"sip:127.0.0.2:5091\"", "contact = \"sip:127.0.0.2:5091\"\nping = true");
    let mut hotline = Hotline::new(&named, &[(6001, Habit::RingsOut), (5090, Habit::RingsOut), (5091, Habit::Dead)]);
    hotline.sign("1001", Intent::SignedOut);
    let up = |hotline: &Hotline| hotline.engine.figures().trunks.iter().map(|trunk| trunk.up).collect::<Vec<_>>();
    hotline.settle();
    assert_eq!(up(&hotline), [false, false], "neither is known to be anywhere");
    let asked = hotline.asked.iter().find(|(_, question, _)| format!("{question:?}").contains("gw.example")).map(|(id, ..)| *id);
    hotline.answer(asked.expect("the name is looked up"), Answer::Addresses(vec![[127, 0, 0, 2].into()]));
    assert_eq!(up(&hotline), [true, false]);
    hotline.change_habit(5091, Habit::RingsOut);
    hotline.pass_ms(60_000);
    assert_eq!(up(&hotline), [true, true], "it answers its pings");
    hotline.dial(7001, "direct");
    hotline.pass_ms(31_000);
    assert_eq!(invites(&hotline, CARRIER), 1);
    hotline.change_habit(5091, Habit::Dead);
    hotline.pass_ms(200_000);
    assert_eq!(up(&hotline), [true, false]);
}

/// A walk through wait, breach, ring outside and talk, cut off after so many journal entries.
fn walk(crash_after: usize) -> Hotline {
    let mut hotline = Hotline::new(&rules(TO_PARTNER), &[(6001, Habit::Dead), (5090, Habit::Answers(Duration::from_secs(3)))]);
    hotline.sign("1001", Intent::SignedOut);
    hotline.crash_after = crash_after;
    hotline.dial(7001, "direct");
    hotline.pass_ms(35_000);
    hotline
}

#[test]
fn a_walk_to_somebody_outside_stopped_after_any_event_goes_on_from_its_journal() {
    let whole = walk(usize::MAX);
    let entries = whole.journal.len();
    assert_eq!(whole.engine.figures().talking, 1);
    let mut taken_up = 0;
    for cut in 1..=entries {
        let mut hotline = walk(cut);
        let established = saw(&hotline, CALLER, |event| matches!(event, Event::Answered { .. })) > 0;
        hotline.restart();
        hotline.sign("1001", Intent::SignedOut);
        if !established {
            continue;
        }
        taken_up += 1;
        hotline.pass_ms(40_000);
        assert_eq!(hotline.engine.figures().talking, 1, "cut after {cut}: {:?}", hotline.events(call(0)));
        let live = hotline.engine.figures().trunks[0].calls;
        assert_eq!(live, 1, "cut after {cut}: the trunk carries one call");
        let over = |event: &Event| matches!(event, Event::Cancelled { .. } | Event::Bye { .. } | Event::Ended { .. });
        let open = invites(&hotline, CARRIER) - saw(&hotline, CARRIER, over);
        assert_eq!(open, 1, "cut after {cut}: one call outside is open");
        assert_eq!(hotline.record(call(0)).outside.as_deref(), Some("night"), "cut after {cut}");
        hotline.hang_up(CARRIER.into());
        hotline.pass_ms(40_000);
        assert_eq!((hotline.engine.calls(), hotline.engine.figures().free_ports), (0, 50), "cut after {cut}");
        assert!(hotline.record(call(0)).t7.is_some(), "cut after {cut}");
    }
    assert!(taken_up > 6, "{taken_up} of {entries}");
}
