//! Hot desking, and what a seat's phone is told by its INVITE.

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, number, queue, seat};
use hotline_model::history::{CodeRefusal, PhoneEvent};
use hotline_model::{Activity, Entry, Intent};
use hotline_sip::{Event, IncomingInvite};
use std::net::SocketAddr;
use std::time::Duration;

const FIRST: ([u8; 4], u16) = ([127, 0, 0, 2], 6001);
const SECOND: ([u8; 4], u16) = ([127, 0, 0, 2], 6002);
const CALLER: ([u8; 4], u16) = ([127, 0, 0, 3], 7001);

fn rules(first: &str) -> String {
    let seats = [
        seat("1001", 6001, &format!("skills = {{ any = 5 }}\npin = \"4711\"\nsign_in = false\n{first}")),
        seat("1002", 6002, "skills = { any = 5 }\npin = \"8302\"\nsign_in = false"),
    ];
    [PREAMBLE, &number("direct", "line", ""), &queue("line", 1, "wrap_up = \"0s\""), &seats.concat()].concat()
}

fn hotline() -> Hotline {
    let answers = Habit::Answers(Duration::from_secs(2));
    Hotline::new(&rules(""), &[(6001, answers), (6002, answers)])
}

fn dial(hotline: &mut Hotline, phone: ([u8; 4], u16), account: &str, code: &str) {
    hotline.seat_dials(phone.into(), account, code);
    hotline.pass_ms(8_500);
}

pub fn rang(hotline: &Hotline, phone: ([u8; 4], u16)) -> Vec<IncomingInvite> {
    let invites = hotline.phones[&SocketAddr::from(phone)].events.iter().filter_map(|event| match event {
        Event::Invite { invite, .. } => Some((**invite).clone()),
        _ => None,
    });
    invites.collect()
}

pub fn header(invite: &IncomingInvite, name: &str) -> Option<String> {
    let lines = invite.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name.as_bytes()));
    lines.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
}

fn moves(hotline: &Hotline) -> Vec<(String, Option<String>)> {
    let moves = hotline.journal.iter().filter_map(|entry| match entry {
        Entry::HotDesk { phone, seat, .. } => Some((phone.to_string(), seat.as_ref().map(|seat| seat.to_string()))),
        _ => None,
    });
    moves.collect()
}

#[test]
fn a_seats_calls_ring_where_its_agent_signed_in_until_it_signs_out() {
    let mut hotline = hotline();
    dial(&mut hotline, SECOND, "1002", "*101001*4711");
    assert_eq!(moves(&hotline), [("1002".into(), Some("1001".into()))]);
    assert!(hotline.state("1001").is_ready());
    hotline.dial(7001, "direct");
    hotline.pass_ms(3_000);
    assert_eq!((rang(&hotline, FIRST).len(), rang(&hotline, SECOND).len()), (0, 1));
    assert_eq!(hotline.record(call(1)).seat.as_deref(), Some("1001"), "the seat answered, wherever it sits");
    hotline.hang_up(CALLER.into());
    dial(&mut hotline, SECOND, "1002", "*19");
    assert_eq!((moves(&hotline).pop(), hotline.state("1001").intent), (Some(("1002".into(), None)), Intent::SignedOut));
    dial(&mut hotline, FIRST, "1001", "*104711");
    hotline.dial(7002, "direct");
    hotline.pass_ms(3_000);
    assert_eq!((rang(&hotline, FIRST).len(), rang(&hotline, SECOND).len()), (1, 1), "at its own again");
}

#[test]
fn the_agent_whose_phone_it_is_is_signed_out_and_takes_it_back_with_its_pin() {
    let mut hotline = hotline();
    dial(&mut hotline, SECOND, "1002", "*108302");
    dial(&mut hotline, SECOND, "1002", "*101001*4711");
    assert_eq!((hotline.state("1002").intent, hotline.state("1002").reachable), (Intent::SignedOut, false));
    dial(&mut hotline, SECOND, "1002", "*11");
    assert!(hotline.state("1001").is_ready(), "the code is that of who sits there");
    dial(&mut hotline, SECOND, "1002", "*101002*8302");
    assert_eq!(hotline.state("1001").intent, Intent::SignedOut);
    assert!(hotline.state("1002").is_ready() && moves(&hotline).pop() == Some(("1002".into(), None)));
}

#[test]
fn a_seat_has_one_telephone_signing_in_elsewhere_moves_it() {
    let mut hotline = hotline();
    dial(&mut hotline, SECOND, "1002", "*101001*4711");
    dial(&mut hotline, FIRST, "1001", "*104711");
    assert!(moves(&hotline).pop() == Some(("1002".into(), None)) && hotline.state("1001").is_ready());
    hotline.dial(7001, "direct");
    hotline.pass_ms(3_000);
    assert_eq!((rang(&hotline, FIRST).len(), rang(&hotline, SECOND).len()), (1, 0));
}

#[test]
fn a_move_while_the_old_phone_rings_cancels_it_and_rings_at_the_new_one() {
    let mut hotline = hotline();
    hotline.change_habit(6001, Habit::RingsOut);
    dial(&mut hotline, FIRST, "1001", "*104711");
    hotline.dial(7001, "direct");
    hotline.pass_ms(1_000);
    assert_eq!(hotline.state("1001").activity, Activity::Offered);
    hotline.seat_dials(SECOND.into(), "1002", "*101001*4711");
    assert!(hotline.phones[&SocketAddr::from(FIRST)].saw(|event| matches!(event, Event::Cancelled { .. })));
    hotline.pass_ms(3_000);
    assert_eq!(rang(&hotline, SECOND).len(), 1);
    assert_eq!((hotline.engine.figures().talking, hotline.record(call(1)).seat.as_deref()), (1, Some("1001")));
}

#[test]
fn nobody_moves_during_a_call_and_nobody_is_thrown_out_of_one() {
    let mut hotline = hotline();
    dial(&mut hotline, FIRST, "1001", "*104711");
    hotline.dial(7001, "direct");
    hotline.pass_ms(3_000);
    assert_eq!(hotline.state("1001").activity, Activity::OnCall);
    let refused = |hotline: &Hotline| {
        hotline.phone_events().into_iter().rev().find_map(|event| match event {
            PhoneEvent::Code { result: Err(why), .. } => Some(why),
            _ => None,
        })
    };
    dial(&mut hotline, SECOND, "1002", "*101001*4711");
    assert!(matches!(refused(&hotline), Some(CodeRefusal::Desk(_))), "{:?}", refused(&hotline));
    dial(&mut hotline, FIRST, "1001", "*101002*8302");
    assert!(matches!(refused(&hotline), Some(CodeRefusal::Desk(_))));
    assert_eq!((hotline.engine.figures().talking, moves(&hotline)), (1, Vec::new()));
}

#[test]
fn who_sits_where_outlives_a_restart() {
    let mut hotline = hotline();
    dial(&mut hotline, SECOND, "1002", "*101001*4711");
    hotline.restart_with_state();
    assert!(hotline.state("1001").is_ready());
    assert_eq!(hotline.engine.hot_desks(), [("1002".into(), "1001".into())]);
    hotline.dial(7001, "direct");
    hotline.pass_ms(3_000);
    assert_eq!((rang(&hotline, FIRST).len(), rang(&hotline, SECOND).len()), (0, 1));
    hotline.sign("1001", Intent::SignedOut);
    hotline.pass_ms(100);
    assert_eq!(hotline.engine.hot_desks(), [], "whoever signs the seat out frees the telephone");
}

#[test]
fn a_pin_of_another_seat_and_a_seat_without_one_open_nothing() {
    let mut hotline = hotline();
    for code in ["*101001*8302", "*109999*4711", "*10direct*4711"] {
        dial(&mut hotline, SECOND, "1002", code);
    }
    assert_eq!((hotline.state("1001").intent, moves(&hotline)), (Intent::SignedOut, Vec::new()));
}

#[test]
fn from_is_no_proof_another_address_is_no_seats_phone() {
    let mut hotline = hotline();
    let stranger = ([127, 0, 0, 2], 6009);
    hotline.seat_invites(stranger.into(), "<sip:1001@127.0.0.1>", "sip:*104711@127.0.0.1:5060");
    hotline.seat_invites(SECOND.into(), "<sip:1001@127.0.0.1>", "sip:*104711@127.0.0.1:5060");
    assert_eq!((hotline.state("1001").intent, hotline.phone_events()), (Intent::SignedOut, Vec::new()));
    let refused = hotline.phones[&SocketAddr::from(stranger)].saw(|event| matches!(event, Event::Rejected { code: 404, .. }));
    assert!(refused);
}

#[test]
fn a_phone_with_a_password_is_asked_for_it_before_it_may_dial_what_only_seats_may() {
    let rules = rules("").replace("contact = \"sip:1001@127.0.0.2:6001\"", "password = \"secret\"");
    let mut hotline = Hotline::new(&rules, &[(6001, Habit::Caller)]);
    hotline.seat_dials(FIRST.into(), "1001", "*104711");
    assert!(hotline.phones[&SocketAddr::from(FIRST)].saw(|event| matches!(event, Event::Rejected { code: 401, .. })));
    assert_eq!(hotline.state("1001").intent, Intent::SignedOut);
    hotline.seat_dials(FIRST.into(), "1001", "direct");
    assert_eq!(hotline.engine.counters().offered, 1, "the hotline's own number is everybody's");
}

#[test]
fn a_telephone_of_nobodys_is_a_seat_as_soon_as_an_agent_signs_in_and_calls_for_help_before() {
    let phone = "[[phone]]\nname = \"lobby\"\npassword = \"secret\"\n[[trunk]]\nname = \"carrier\"\ncontact = \"sip:127.0.0.2:5090\"\nfrom = \"02112345678\"\n";
    let lobby = ([127, 0, 0, 2], 6003);
    let answers = Habit::Answers(Duration::from_secs(1));
    let mut hotline = Hotline::new(&[&rules(""), phone].concat(), &[(6001, answers), (6002, answers), (6003, answers), (5090, answers)]);
    hotline.register("lobby", &[6003]);
    hotline.account_dials(lobby.into(), "lobby", "secret", "1002");
    assert!(hotline.phones[&SocketAddr::from(lobby)].saw(|event| matches!(event, Event::Rejected { code: 403, .. })), "nobody sits there");
    hotline.account_dials(lobby.into(), "lobby", "wrong", "*101001*4711");
    assert_eq!(hotline.state("1001").intent, Intent::SignedOut);
    hotline.account_dials(lobby.into(), "lobby", "secret", "120");
    hotline.pass_ms(2_000);
    assert_eq!((rang(&hotline, ([127, 0, 0, 2], 5090)).len(), hotline.engine.counters().emergency_calls), (1, 1));
    hotline.account_dials(lobby.into(), "lobby", "secret", "*101001");
    let stream = hotline.last_stream();
    hotline.keys(stream, "4711#");
    hotline.pass_ms(9_000);
    assert!(hotline.state("1001").is_ready(), "{:?}", hotline.phone_events());
    hotline.dial(7001, "direct");
    hotline.pass_ms(3_000);
    assert_eq!((rang(&hotline, lobby).len(), hotline.engine.figures().talking), (1, 1));
}

#[test]
fn who_sits_at_a_telephone_of_nobodys_sits_there_after_a_restart_too() {
    let phone = "[[phone]]\nname = \"lobby\"\npassword = \"secret\"\n";
    let lobby = ([127, 0, 0, 2], 6003);
    let answers = Habit::Answers(Duration::from_secs(1));
    let rules = [&rules("").replace("contact = \"sip:1001@127.0.0.2:6001\"", "password = \"secret\""), phone].concat();
    let mut hotline = Hotline::new(&rules, &[(6002, answers), (6003, answers)]);
    hotline.register("lobby", &[6003]);
    hotline.account_dials(lobby.into(), "lobby", "secret", "*101001*4711");
    hotline.pass_ms(8_500);
    for run in 1..=2 {
        assert!(hotline.state("1001").is_ready(), "before restart {run}: {:?}", hotline.phone_events());
        hotline.restart_with_state();
        assert_eq!(hotline.engine.hot_desks(), [("lobby".into(), "1001".into())], "restart {run}");
    }
    assert!(hotline.state("1001").is_ready());
    hotline.dial(7001, "direct");
    hotline.pass_ms(3_000);
    assert_eq!((rang(&hotline, lobby).len(), hotline.engine.figures().talking), (1, 1));
}

#[test]
fn the_invite_tells_display_and_software_what_call_it_is_and_answers_itself_where_wanted() {
    let mut hotline = Hotline::new(&rules("auto_answer = true"), &[(6001, Habit::Answers(Duration::from_secs(2))), (6002, Habit::Dead)]);
    hotline.sign("1001", Intent::Available);
    hotline.dial(7001, "direct");
    hotline.pass_ms(3_000);
    let invite = rang(&hotline, FIRST).remove(0);
    assert_eq!(invite.from_display.as_deref(), Some("13800137001 line"));
    assert_eq!(header(&invite, "Call-Info").as_deref(), Some("<sip:127.0.0.1:5060>;answer-after=0"));
    assert_eq!(header(&invite, "Alert-Info").as_deref(), Some("<http://127.0.0.1:5060/>;info=alert-autoanswer"));
    assert_eq!(header(&invite, "X-Hotline-Queue").as_deref(), Some("line"));
    assert_eq!(header(&invite, "X-Hotline-Reason").as_deref(), Some("only-ready"));
    assert_eq!(header(&invite, "X-Hotline-Call-Id"), Some(call(0).to_string()));
    let size = hotline.largest;
    assert!(size < 1300, "{size} bytes");
}

#[test]
fn the_invite_fits_a_datagram_with_the_longest_names_too_rfc3261_18_1_1() {
    let name = "长".repeat(32);
    let rules = rules("auto_answer = true").replace("\"line\"", &format!("\"{name}\""));
    let mut hotline = Hotline::new(&rules, &[(6001, Habit::Answers(Duration::from_secs(2))), (6002, Habit::Dead)]);
    hotline.sign("1001", Intent::Available);
    hotline.dial(7001, "direct");
    hotline.pass_ms(3_000);
    let invite = rang(&hotline, FIRST).remove(0);
    assert_eq!(header(&invite, "X-Hotline-Queue"), Some(name));
    assert!(hotline.largest < 1300, "{} bytes", hotline.largest);
}

#[test]
fn no_phone_answers_by_itself_unless_the_rules_say_so() {
    let mut hotline = hotline();
    hotline.sign("1001", Intent::Available);
    hotline.dial(7001, "direct");
    hotline.pass_ms(3_000);
    let invite = rang(&hotline, FIRST).remove(0);
    assert_eq!((header(&invite, "Call-Info"), header(&invite, "Alert-Info")), (None, None));
}
