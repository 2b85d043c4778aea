//! Whom a telephone means: extensions of digits, names that several have, the seat itself, a number of our own. By dialling, by keys and by the
//! transfer key alike (R54).

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, number, queue, seat};
use hotline_model::history::{CodeRefusal, NotPutThrough, PhoneEvent};
use hotline_model::{DeskOrder, DeskRefusal, Intent, Target, TransferReason};
use hotline_sip::Event;
use std::net::SocketAddr;
use std::time::Duration;

const FIRST: ([u8; 4], u16) = ([127, 0, 0, 2], 6001);
const TARGETS: &str = r#"
[[department]]
name = "network"
extension = "8100"
seats = ["li.na"]
reason = "too_complex"
[[department]]
name = "1003"
queue = "experts"
reason = "too_complex"
[[department]]
name = "ourselves"
seats = ["1001"]
reason = "too_complex"
[[person]]
name = "lead"
extension = "88"
seat = "li.na"
reason = "multi_department"
[[person]]
name = "myself"
seat = "1001"
reason = "too_complex"
[[trunk]]
name = "carrier"
contact = "sip:127.0.0.2:5090"
from = "02112345678"
[[outbound.role]]
name = "all"
allow = ["x{3,20}", "021x{8}"]
"#;

fn rules() -> String {
    let seats = [
        seat("1001", 6001, "skills = { any = 5 }\npin = \"4711\"\ndial = [\"all\"]"),
        seat("li.na", 6002, "extension = \"8002\"\npin = \"8302\"\nskills = { any = 5 }"),
        seat("1003", 6003, "skills = { any = 5 }"),
    ];
    let queues = [queue("line", 1, "seats = [\"1001\"]"), queue("experts", 1, "extension = \"8200\"\nseats = [\"li.na\"]")];
    [PREAMBLE, &number("direct", "line", ""), &queues.concat(), &seats.concat(), TARGETS].concat()
}

fn hotline() -> Hotline {
    let answers = |seconds| Habit::Answers(Duration::from_secs(seconds));
    Hotline::new(&rules(), &[(6001, answers(1)), (6002, answers(1)), (6003, answers(1)), (5090, answers(1))])
}

/// A caller talks with the first seat.
fn talking() -> Hotline {
    let mut hotline = hotline();
    hotline.dial(7001, "direct");
    hotline.pass_ms(2_000);
    assert_eq!(hotline.engine.figures().talking, 1);
    hotline
}

fn invites(hotline: &Hotline, port: u16) -> usize {
    let phone = &hotline.phones[&SocketAddr::from(([127, 0, 0, 2], port))];
    phone.events.iter().filter(|event| matches!(event, Event::Invite { .. })).count()
}

fn keyed(hotline: &Hotline) -> Option<Result<(), CodeRefusal>> {
    hotline.phone_events().into_iter().rev().find_map(|event| match event {
        PhoneEvent::Code { result, .. } => Some(result),
        _ => None,
    })
}

fn refer(hotline: &mut Hotline, to: &str) -> String {
    let dialog = hotline.dialog(FIRST.into());
    hotline.refer(FIRST.into(), dialog, &format!("Refer-To: <sip:{to}@127.0.0.1:5060>\r\nX-Hotline-Reason: too_complex")).remove(0)
}

#[test]
fn a_desk_phone_reaches_seat_department_person_and_queue_by_their_digits() {
    for digits in ["8002", "8100", "88", "8200"] {
        let mut hotline = hotline();
        hotline.seat_dials(FIRST.into(), "1001", digits);
        hotline.pass_ms(2_000);
        assert_eq!(
            (invites(&hotline, 6002), invites(&hotline, 5090)),
            (1, 0),
            "{digits}: a colleague, though the seat may dial the number"
        );
    }
}

#[test]
fn a_call_is_transferred_by_keys_and_by_the_transfer_key_to_an_extension() {
    for (digits, to, reason) in [
        ("8002", Target::Seat("li.na".into()), TransferReason::AbilityInsufficient),
        ("8100", Target::Department("network".into()), TransferReason::AbilityInsufficient),
        ("88", Target::Person("lead".into()), TransferReason::AbilityInsufficient),
        ("8200", Target::Queue("experts".into()), TransferReason::AbilityInsufficient),
    ] {
        let mut hotline = talking();
        let agent = hotline.last_stream();
        hotline.keys(agent, &format!("*7{digits}*3#"));
        assert_eq!(keyed(&hotline), Some(Ok(())), "{digits}");
        let transfers = hotline.record(call(0)).transfers;
        assert_eq!((&transfers[0].to, transfers[0].reason), (&to, Some(reason)));

        let mut hotline = talking();
        assert_eq!(refer(&mut hotline, digits), "202");
        assert_eq!(hotline.record(call(0)).transfers[0].to, to);
    }
}

#[test]
fn the_reason_of_a_target_comes_with_its_extension_r53() {
    let mut hotline = talking();
    let agent = hotline.last_stream();
    hotline.keys(agent, "*788#");
    assert_eq!((keyed(&hotline), hotline.record(call(0)).transfers[0].reason), (Some(Ok(())), Some(TransferReason::MultiDepartment)));
}

#[test]
fn keys_dialling_and_the_transfer_key_mean_the_same_one_of_two_with_one_name() {
    let mut hotline = talking();
    let agent = hotline.last_stream();
    hotline.keys(agent, "*71003*1#");
    assert_eq!(hotline.record(call(0)).transfers[0].to, Target::Seat("1003".into()), "not the department");
    let mut hotline = talking();
    assert_eq!(refer(&mut hotline, "1003"), "202");
    assert_eq!(hotline.record(call(0)).transfers[0].to, Target::Seat("1003".into()));
    let mut hotline = self::hotline();
    hotline.seat_dials(FIRST.into(), "1001", "1003");
    hotline.pass_ms(500);
    assert_eq!((invites(&hotline, 6003), invites(&hotline, 6002)), (1, 0));
}

#[test]
fn a_seat_with_letters_signs_in_elsewhere_by_its_extension() {
    let mut hotline = hotline();
    hotline.sign("1001", Intent::SignedOut);
    hotline.seat_dials(FIRST.into(), "1001", "*108002*8302");
    hotline.pass_ms(1_000);
    assert_eq!(keyed(&hotline), Some(Ok(())));
    hotline.sign("1001", Intent::SignedOut);
    hotline.seat_dials(([127, 0, 0, 2], 6003).into(), "1003", "8002");
    hotline.pass_ms(500);
    assert_eq!((invites(&hotline, 6001), invites(&hotline, 6002)), (1, 0), "its calls ring where it sits");
}

#[test]
fn a_transfer_to_oneself_has_a_reason_of_its_own_and_the_call_stays() {
    let mut hotline = talking();
    for to in [Target::Seat("1001".into()), Target::Person("myself".into()), Target::Department("ourselves".into())] {
        let order = DeskOrder::Transfer { to: to.clone(), mode: None, reason: Some(TransferReason::TooComplex) };
        assert_eq!(hotline.desk("1001", order), Err(DeskRefusal::Oneself), "{to}");
        assert_eq!(hotline.desk("1001", DeskOrder::Consult { to: to.clone() }), Err(DeskRefusal::Oneself), "{to}");
    }
    let agent = hotline.last_stream();
    hotline.keys(agent, "*71001*1#");
    assert_eq!(keyed(&hotline), Some(Err(CodeRefusal::Desk(DeskRefusal::Oneself))));
    assert_eq!(hotline.heard(agent), ["desk-not-allowed"]);
    assert_eq!(refer(&mut hotline, "1001"), "482", "RFC 3261 21.4.20");
    assert_eq!((hotline.record(call(0)).transfers.len(), hotline.engine.figures().talking), (0, 1));
}

#[test]
fn a_number_that_a_trunk_shows_is_ours_and_no_role_opens_it() {
    let mut hotline = hotline();
    for own in ["02112345678", "+862112345678"] {
        hotline.seat_dials(FIRST.into(), "1001", own);
        hotline.pass_ms(100);
        let why = hotline.phone_events().into_iter().rev().find_map(|event| match event {
            PhoneEvent::NotPutThrough { why } => Some(why),
            _ => None,
        });
        let told = hotline.phones[&SocketAddr::from(FIRST)].events.iter().rev().find_map(|event| match event {
            Event::Rejected { code, .. } => Some(*code),
            _ => None,
        });
        assert_eq!((why, told), (Some(NotPutThrough::OwnNumber), Some(403)), "{own}");
    }
    hotline.seat_dials(FIRST.into(), "1001", "02112345679");
    hotline.pass_ms(100);
    assert_eq!(invites(&hotline, 5090), 1, "its neighbour is a number like any other");

    let mut hotline = talking();
    let agent = hotline.last_stream();
    hotline.keys(agent, "*702112345678*1#");
    assert_eq!(keyed(&hotline), Some(Err(CodeRefusal::Desk(DeskRefusal::OwnNumber))));
    assert_eq!((refer(&mut hotline, "02112345678"), invites(&hotline, 5090)), ("403".to_owned(), 0));
}
