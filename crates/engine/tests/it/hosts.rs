//! Seats whose fixed contact is a host name: asked for, asked again, and what answers do that fail, are late or are no longer wanted.

use crate::hotline::{Habit, Hotline};
use hotline_engine::{Answer, AskId, Question, Trouble};
use hotline_model::Timestamp;
use hotline_model::history::{EventKind, OfferEnd, Transport};
use hotline_sip::Event;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

const RULES: &str = r#"
[[language]]
code = "zh-CN"
[[skill]]
name = "any"
[[number]]
name = "queue"
queue = "line"
[[queue]]
name = "line"
[[queue.step]]
requires = "any >= 1"
"#;
const ANSWERS: Habit = Habit::Answers(Duration::from_secs(1));
const PHONE: [u8; 4] = [127, 0, 0, 2];
const SECOND: Duration = Duration::from_secs(1);

fn seat(name: &str, contact: &str, more: &str) -> String {
    format!("[[seat]]\nname = \"{name}\"\nagent = \"A\"\nskills = {{ any = 5 }}\ncontact = \"{contact}\"\n{more}\n")
}

fn one_seat(contact: &str) -> String {
    RULES.to_owned() + &seat("1001", contact, "")
}

fn office() -> Hotline {
    Hotline::new(&one_seat("sip:1001@phone7.office:6001"), &[(6001, ANSWERS), (6002, ANSWERS)])
}

fn at(addresses: &[[u8; 4]]) -> Answer {
    Answer::Addresses(addresses.iter().map(|ip| IpAddr::from(*ip)).collect())
}

/// The last question, which must be the only new one since so many.
fn asked(hotline: &mut Hotline, before: usize) -> (AskId, Question, Timestamp) {
    hotline.settle();
    assert_eq!(hotline.asked.len(), before + 1, "{:?}", hotline.asked);
    hotline.asked[before].clone()
}

fn answered(hotline: &mut Hotline, before: usize, answer: Answer) {
    let (id, ..) = asked(hotline, before);
    hotline.answer(id, answer);
}

fn was_called(hotline: &Hotline, phone: ([u8; 4], u16)) -> bool {
    hotline.phones.get(&SocketAddr::from(phone)).is_some_and(|phone| phone.saw(|event| matches!(event, Event::Invite { .. })))
}

#[test]
fn a_host_name_is_asked_when_the_rules_come_and_its_seat_called_at_the_answer() {
    let mut hotline = office();
    let (id, question, deadline) = asked(&mut hotline, 0);
    assert_eq!(question, Question::Host { host: "phone7.office".into(), port: 6001, transport: Transport::Udp });
    assert_eq!(deadline, hotline.now + SECOND * 10);
    assert!(!hotline.state("1001").reachable, "nobody knows where it is");
    hotline.dial(7001, "queue");
    hotline.pass(SECOND);
    assert_eq!(hotline.offers(), [], "a seat that can't be called is offered nothing");
    hotline.answer(id, at(&[PHONE]));
    assert!(was_called(&hotline, (PHONE, 6001)), "in the step of the answer");
    hotline.pass(SECOND * 2);
    assert!(
        hotline
            .journal
            .iter()
            .any(|entry| matches!(entry, hotline_model::Entry::Call(event) if matches!(event.kind, EventKind::Answered { .. })))
    );
}

#[test]
fn an_address_is_never_asked_for() {
    let rules = one_seat("sip:1001@127.0.0.2:6001") + &seat("1002", "sip:1002@[::1]:6002", "");
    let mut hotline = Hotline::new(&rules, &[(6001, ANSWERS)]);
    hotline.pass(SECOND * 1_000);
    assert_eq!(hotline.asked, []);
    assert!(hotline.state("1001").reachable);
}

#[test]
fn seats_at_one_host_share_one_question() {
    let rules: String = (1001..1011).map(|name| seat(&name.to_string(), &format!("sip:{name}@pbx.office:6001"), "")).collect();
    let mut hotline = Hotline::new(&(RULES.to_owned() + &rules), &[(6001, ANSWERS)]);
    answered(&mut hotline, 0, at(&[PHONE]));
    assert!((1001..1011).all(|name| hotline.state(&name.to_string()).reachable));
}

#[test]
fn a_name_is_asked_again_after_5_minutes_and_a_phone_that_moved_is_called_at_its_new_address() {
    let mut hotline = office();
    answered(&mut hotline, 0, at(&[[127, 0, 0, 9]]));
    hotline.pass(SECOND * 299);
    assert_eq!(hotline.asked.len(), 1);
    hotline.pass(SECOND);
    answered(&mut hotline, 1, at(&[PHONE]));
    hotline.dial(7001, "queue");
    assert!(was_called(&hotline, (PHONE, 6001)));
}

#[test]
fn an_address_that_is_still_among_several_stays_in_whatever_order_they_come() {
    let mut hotline = office();
    answered(&mut hotline, 0, at(&[PHONE, [127, 0, 0, 9]]));
    hotline.pass(SECOND * 300);
    answered(&mut hotline, 1, at(&[[127, 0, 0, 9], PHONE]));
    hotline.dial(7001, "queue");
    assert!(was_called(&hotline, (PHONE, 6001)));
}

#[test]
fn a_failure_keeps_the_last_good_address_is_counted_named_and_asked_again_after_30_s() {
    let mut hotline = office();
    answered(&mut hotline, 0, at(&[PHONE]));
    hotline.pass(SECOND * 300);
    answered(&mut hotline, 1, Answer::Failed("no such host".into()));
    assert_eq!(hotline.engine.counters().look_ups_failed, 1);
    let troubles = hotline.engine.host_troubles();
    assert_eq!((&*troubles[0].seat, troubles[0].seats, troubles[0].last), ("1001", 1, Some(IpAddr::from(PHONE))));
    assert_eq!(troubles[0].why, Trouble::Failed("no such host".into()));
    assert!(hotline.state("1001").reachable);
    hotline.pass(SECOND * 30);
    answered(&mut hotline, 2, Answer::Addresses(Vec::new()));
    assert_eq!(hotline.engine.host_troubles()[0].why, Trouble::NoAddress);
    hotline.dial(7001, "queue");
    assert!(was_called(&hotline, (PHONE, 6001)));
    hotline.pass(SECOND * 30);
    answered(&mut hotline, 3, at(&[PHONE]));
    assert_eq!(hotline.engine.host_troubles(), []);
    hotline.pass(SECOND * 299);
    assert_eq!(hotline.asked.len(), 4, "a good answer counts 5 minutes");
}

#[test]
fn an_answer_after_its_deadline_is_dropped_and_counted() {
    let mut hotline = office();
    let (id, _, deadline) = asked(&mut hotline, 0);
    hotline.pass(deadline.since(hotline.now));
    assert_eq!(hotline.engine.counters().look_ups_failed, 1);
    assert_eq!(hotline.engine.host_troubles()[0].why, Trouble::NoAnswer);
    hotline.answer(id, at(&[PHONE]));
    assert_eq!(hotline.engine.counters().late_answers, 1);
    assert!(!hotline.state("1001").reachable);
    hotline.pass(SECOND * 30);
    let (again, ..) = asked(&mut hotline, 1);
    assert_ne!(again, id);
    hotline.answer(again, at(&[PHONE]));
    assert!(hotline.state("1001").reachable);
    hotline.answer(again, at(&[[127, 0, 0, 9]]));
    assert_eq!(hotline.engine.counters().late_answers, 2, "the second answer to one question");
}

#[test]
fn an_answer_at_the_deadline_is_late_even_before_the_timer_was_looked_at() {
    let mut hotline = office();
    let (id, _, deadline) = asked(&mut hotline, 0);
    hotline.now = deadline;
    hotline.answer(id, at(&[PHONE]));
    assert_eq!(hotline.engine.counters().late_answers, 1);
    assert!(!hotline.state("1001").reachable);
    hotline.pass(SECOND * 30);
    assert_eq!(hotline.asked.len(), 2, "it was given up all the same, and asked again");
}

#[test]
fn an_answer_that_newer_rules_superseded_is_dropped() {
    let mut hotline = office();
    let (old, ..) = asked(&mut hotline, 0);
    hotline.change_rules(&one_seat("sip:1001@phone8.office:6002"));
    let (new, question, _) = asked(&mut hotline, 1);
    assert_eq!(question, Question::Host { host: "phone8.office".into(), port: 6002, transport: Transport::Udp });
    hotline.answer(old, at(&[[127, 0, 0, 9]]));
    assert_eq!(hotline.engine.counters().late_answers, 1);
    assert!(!hotline.state("1001").reachable);
    hotline.answer(new, at(&[PHONE]));
    hotline.dial(7001, "queue");
    assert!(was_called(&hotline, (PHONE, 6002)) && !was_called(&hotline, (PHONE, 6001)));
}

#[test]
fn new_rules_ask_anew_and_keep_the_address_of_a_name_that_stays() {
    let mut hotline = office();
    answered(&mut hotline, 0, at(&[PHONE]));
    hotline.pass(SECOND * 10);
    let more = seat("1002", "sip:1002@phone7.office:6001", "");
    hotline.change_rules(&(one_seat("sip:1001@phone7.office:6001") + &more));
    asked(&mut hotline, 1);
    assert!(hotline.state("1001").reachable && hotline.state("1002").reachable, "where the host was is where it is, for now");
    hotline.pass(SECOND * 15);
    assert!(hotline.state("1001").reachable, "a question without an answer takes nothing away");
}

#[test]
fn a_seat_whose_contact_becomes_a_name_is_offered_nothing_until_the_answer() {
    let mut hotline = Hotline::new(&one_seat("sip:1001@127.0.0.2:6001"), &[(6001, Habit::RingsOut), (6002, ANSWERS)]);
    hotline.sign("1001", hotline_model::Intent::NotReady(hotline_model::NotReadyReason::Break));
    hotline.dial(7001, "queue");
    hotline.change_rules(&one_seat("sip:1001@phone7.office:6002"));
    hotline.sign("1001", hotline_model::Intent::Available);
    assert_eq!(hotline.offers(), []);
    answered(&mut hotline, 0, at(&[PHONE]));
    assert_eq!(hotline.offers().len(), 1);
    assert!(was_called(&hotline, (PHONE, 6002)) && !was_called(&hotline, (PHONE, 6001)));
}

#[test]
fn a_new_seat_with_a_name_is_not_offered_a_call_that_waits_before_anybody_knows_where_it_is() {
    let mut hotline = Hotline::new(RULES, &[(6001, ANSWERS)]);
    hotline.dial(7001, "queue");
    hotline.change_rules(&one_seat("sip:1001@phone7.office:6001"));
    assert_eq!(hotline.offers(), []);
    assert!(!hotline.journal.iter().any(|entry| matches!(
        entry,
        hotline_model::Entry::Call(event) if matches!(event.kind, EventKind::OfferEnded { why: OfferEnd::Unreachable, .. })
    )));
    answered(&mut hotline, 0, at(&[PHONE]));
    assert_eq!(hotline.offers().len(), 1);
}

#[test]
fn an_answer_of_a_family_that_nobody_listens_on_makes_the_seat_unreachable_and_is_told() {
    let mut hotline = office();
    answered(&mut hotline, 0, at(&[PHONE]));
    hotline.pass(SECOND * 300);
    let six = IpAddr::from(std::net::Ipv6Addr::LOCALHOST);
    answered(&mut hotline, 1, Answer::Addresses(vec![six]));
    assert!(!hotline.state("1001").reachable);
    assert_eq!(hotline.engine.counters().hosts_without_listener, 1);
    assert_eq!(hotline.engine.host_troubles()[0].why, Trouble::NoListener(six));
    hotline.pass(SECOND * 30);
    answered(&mut hotline, 2, Answer::Addresses(vec![six, IpAddr::from(PHONE)]));
    assert!(hotline.state("1001").reachable, "one of the listener's family is enough");
}

#[test]
fn a_pinged_seat_with_a_name_is_asked_by_options_at_the_answer_and_reachable_when_it_lives() {
    let rules = RULES.to_owned() + &seat("1001", "sip:1001@phone7.office:6001", "ping = true");
    let mut hotline = Hotline::new(&rules, &[(6001, ANSWERS)]);
    hotline.pass(SECOND);
    answered(&mut hotline, 0, at(&[[127, 0, 0, 9]]));
    hotline.pass(SECOND * 100);
    assert!(!hotline.state("1001").reachable, "nobody answers there");
    hotline.pass(SECOND * 200);
    answered(&mut hotline, 1, at(&[PHONE]));
    hotline.pass(SECOND);
    assert!(hotline.state("1001").reachable);
}

#[test]
fn at_most_4096_questions_are_open_and_the_next_is_asked_when_one_ends() {
    let seats: String = (0..4_100).map(|n| seat(&format!("s{n}"), &format!("sip:s{n}@p{n}.office"), "")).collect();
    let mut hotline = Hotline::new(&(RULES.to_owned() + &seats), &[]);
    hotline.settle();
    assert_eq!(hotline.asked.len(), 4_096);
    let timeout = hotline.engine.poll_timeout().unwrap();
    assert!(timeout > hotline.now, "what is due and has no room is no reason to wake");
    let (id, ..) = hotline.asked[0].clone();
    hotline.answer(id, at(&[PHONE]));
    assert_eq!(hotline.asked.len(), 4_097);
    hotline.pass(SECOND * 10);
    assert_eq!(hotline.asked.len(), 4_100, "those given up make room");
}
