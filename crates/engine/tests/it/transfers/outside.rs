//! Departments, responsible persons and numbers outside (R54, R60): who may be reached, over which trunk, and what becomes of the caller.

use super::*;
use hotline_model::PhoneNumber;
use hotline_model::history::PhoneEvent;

const CARRIER: ([u8; 4], u16) = ([127, 0, 0, 2], 5090);
const NUMBER: &str = "13912345678";

/// The first seat may dial mobiles; the experts are a department, the boss sits outside.
fn house(carrier: Habit, second: Habit, third: Habit) -> Hotline {
    let trunk = "[[trunk]]\nname = \"carrier\"\ncontact = \"sip:127.0.0.2:5090\"\nfrom = \"02112345678\"\n";
    let outbound = "[outbound]\nallow = [\"1[3-9]x{9}\"]\n[[outbound.role]]\nname = \"mobiles\"\nallow = [\"1[3-9]x{9}\"]\n";
    let targets = "[[department]]\nname = \"experts\"\nseats = [\"1002\", \"1003\"]\nreason = \"multi_department\"\n\
                   [[person]]\nname = \"boss\"\nnumber = \"13800138000\"\nreason = \"too_complex\"\n";
    let rules = rules().replacen("agent = \"1001\"", "agent = \"1001\"\ndial = [\"mobiles\"]", 1);
    let phones = [(6001, answers(1)), (6002, second), (6003, third), (6004, Habit::RingsOut), (5090, carrier)];
    let mut hotline = Hotline::new(&[&rules, trunk, outbound, targets].concat(), &phones);
    hotline.dial(7001, "direct");
    hotline.pass_ms(2_000);
    hotline
}

fn number(text: &str) -> Target {
    Target::Number(PhoneNumber::parse(text).unwrap())
}

#[test]
fn an_allowed_number_is_called_over_a_trunk_and_has_the_caller_after_the_agents_word_r54() {
    let mut hotline = house(answers(3), answers(1), answers(1));
    assert_eq!(hotline.desk("1001", to(number(NUMBER))), Ok(()));
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, FIRST)), (vec!["music".into()], vec!["ring-back".to_owned()]));
    hotline.pass_ms(3_100);
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, FIRST)), (vec!["music".into()], vec!["5090".to_owned()]));
    assert_eq!(hotline.desk("1001", complete()), Ok(()));
    assert_eq!(hears(&hotline, CALLER), ["5090"]);
    assert_eq!(activities(&hotline), [Activity::WrapUp, Activity::Free, Activity::Free]);
    assert_eq!(ends(&hotline), [Some(TransferEnd::Completed)]);
    assert_eq!(hotline.record(call(0)).owner.as_deref(), Some("1001"), "who is outside owns nothing (R57)");
    hotline.pass_ms(30_000);
    assert_all_comes_back(hotline);
}

#[test]
fn supervisors_are_told_of_a_caller_who_is_transferred_to_an_emergency_number_or_an_agent_who_consults_one() {
    for order in [to(number("110")), blind(number("120")), DeskOrder::Consult { to: number("119") }] {
        let mut hotline = house(answers(3), answers(1), answers(1));
        let told = |hotline: &Hotline| {
            let events = hotline.events(call(0)).into_iter();
            events.filter(|event| matches!(event.kind, EventKind::Phone(PhoneEvent::Emergency { .. }))).count()
        };
        assert_eq!((hotline.desk("1001", order.clone()), told(&hotline)), (Ok(()), 1), "{order:?}");
        hotline.pass_ms(3_100);
        assert_eq!(told(&hotline), 1, "once");
        hotline.pass_ms(30_000);
        assert_all_comes_back(hotline);
    }
}

#[test]
fn a_number_outside_that_does_not_answer_leaves_the_caller_with_the_first_agent_r59() {
    for (carrier, end) in [
        (Habit::RingsOut, TransferEnd::NotAnswered),
        (Habit::Refuses(486), TransferEnd::Rejected(486)),
        (Habit::Dead, TransferEnd::Unreachable),
    ] {
        let mut hotline = house(carrier, answers(1), answers(1));
        assert_eq!(hotline.desk("1001", to(number(NUMBER))), Ok(()));
        hotline.pass_ms(31_000);
        assert_eq!((hears(&hotline, CALLER), ends(&hotline)), (vec!["6001".to_owned()], vec![Some(end)]), "{carrier:?}");
        assert_all_comes_back(hotline);
    }
}

#[test]
fn whoever_is_outside_hangs_up_in_the_consultation_or_after_it_and_nobody_is_lost() {
    let mut hotline = house(answers(1), answers(1), answers(1));
    assert_eq!(hotline.desk("1001", DeskOrder::Consult { to: number(NUMBER) }), Ok(()));
    hotline.pass_ms(2_000);
    hotline.hang_up(CARRIER.into());
    assert_eq!(hears(&hotline, CALLER), ["6001"]);
    assert_eq!(hotline.desk("1001", to(number(NUMBER))), Ok(()));
    hotline.pass_ms(2_000);
    assert_eq!(hotline.desk("1001", complete()), Ok(()));
    hotline.hang_up(CARRIER.into());
    assert_eq!(saw(&hotline, CALLER, |event| matches!(event, Event::Bye { .. })), 1, "the conversation is over");
    assert_all_comes_back(hotline);
}

#[test]
fn a_number_that_the_seat_may_not_dial_is_refused_and_never_reaches_a_trunk() {
    let mut hotline = house(answers(1), answers(1), answers(1));
    assert_eq!(hotline.desk("1001", to(number("02187654321"))), Err(DeskRefusal::NotAllowed));
    assert_eq!(hotline.desk("1001", to(number("0014155550100"))), Err(DeskRefusal::NotAllowed));
    assert_eq!(saw(&hotline, CARRIER, |event| matches!(event, Event::Invite { .. })), 0);
    assert_eq!(hears(&hotline, CALLER), ["6001"]);
    assert_all_comes_back(hotline);
}

#[test]
fn a_department_rings_its_seats_in_turn_and_gives_the_reason_r53_r60() {
    let mut hotline = house(answers(1), Habit::RingsOut, answers(2));
    let order = DeskOrder::Transfer { to: Target::Department("experts".into()), mode: None, reason: None };
    assert_eq!(hotline.desk("1001", order), Ok(()));
    hotline.pass_ms(14_000);
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, FIRST)), (vec!["music".into()], vec!["6003".to_owned()]));
    assert_eq!(hotline.desk("1001", complete()), Ok(()));
    let [transfer] = &transfers(&hotline)[..] else { panic!("one transfer") };
    assert_eq!((transfer.reason, transfer.receiver.as_deref()), (Some(TransferReason::MultiDepartment), Some("1003")));
    assert_all_comes_back(hotline);
}

#[test]
fn a_responsible_person_outside_is_open_to_every_seat_r54() {
    let mut hotline = house(answers(2), answers(1), answers(1));
    assert_eq!(hotline.desk("1001", to(Target::Person("boss".into()))), Ok(()));
    hotline.pass_ms(3_000);
    assert_eq!(hotline.desk("1001", complete()), Ok(()));
    assert_eq!(hears(&hotline, CALLER), ["5090"]);
    assert_all_comes_back(hotline);
}
