//! A call that turns out to be sensitive in the middle of a transfer, or while it waits once more (R68): only who is cleared comes to have it.
//! Of the three seats the second one is cleared.

use super::*;
use crate::hotline::call;
use hotline_model::history::OfferEnd;
use hotline_model::{PhoneNumber, Reclassified};

fn sensitive() -> DeskOrder {
    DeskOrder::Classify(Reclassified { sensitive: Some(true), ..Reclassified::default() })
}

fn cancels(hotline: &Hotline, phone: ([u8; 4], u16)) -> usize {
    saw(hotline, phone, |event| matches!(event, Event::Cancelled { .. }))
}

#[test]
fn a_ring_at_who_is_not_cleared_ends_at_once_and_the_first_agent_learns_why_r68() {
    let mut hotline = talking(answers(1), Habit::RingsOut);
    hotline.desk("1001", to_seat("1003")).unwrap();
    hotline.pass_ms(2_000);
    assert_eq!(hotline.desk("1001", sensitive()), Ok(()));
    assert_eq!((cancels(&hotline, THIRD), ends(&hotline)), (1, vec![Some(TransferEnd::NotCleared)]));
    assert_eq!(
        (hears(&hotline, CALLER), activities(&hotline)),
        (vec!["6001".to_owned()], [Activity::OnCall, Activity::Free, Activity::Free])
    );
    let withdrawn = |event: &EventKind| matches!(event, EventKind::ReceiverEnded { why: OfferEnd::Withdrawn, .. });
    assert!(hotline.events(call(0)).iter().any(|event| withdrawn(&event.kind)));
    assert_eq!(hotline.state("1003").intent, Intent::Available, "no ring of the agent's was missed");
    assert_eq!(hotline.desk("1001", to_seat("1003")), Err(DeskRefusal::NotCleared));
    assert_eq!(hotline.desk("1001", to_seat("1002")), Ok(()));
    hotline.pass_ms(1_100);
    assert_eq!(hotline.desk("1001", complete()), Ok(()));
    assert_eq!(hears(&hotline, CALLER), ["6002"]);
    assert_all_comes_back(hotline);
}

#[test]
fn an_answer_that_crosses_the_end_of_such_a_ring_is_hung_up_r68() {
    let mut hotline = talking(answers(1), Habit::RingsOut);
    hotline.desk("1001", blind(Target::Seat("1003".into()))).unwrap();
    hotline.answer_unheard(THIRD.into());
    let seat = hotline.seat("1001");
    let order = hotline_engine::Input::Desk { seat, by: "desk".into(), order: sensitive() };
    hotline.engine.handle(hotline.now, order);
    hotline.settle();
    assert_eq!(saw(&hotline, THIRD, |event| matches!(event, Event::Bye { .. })), 1);
    assert_eq!(activities(&hotline)[2], Activity::Free);
    assert_all_comes_back(hotline);
}

#[test]
fn a_blind_transfer_whose_call_becomes_sensitive_in_the_wrap_up_waits_for_who_is_cleared_r68() {
    for back in [true, false] {
        let rules = if back { rules().replacen("agent = \"1001\"", "agent = \"1001\"\ncleared = true", 1) } else { rules() };
        let rules = rules.replacen("seats = [\"1001\"]", "seats = [\"1001\", \"1002\"]", 1);
        let mut hotline = talking_by(&rules, Habit::Refuses(486), Habit::RingsOut);
        hotline.desk("1001", blind(Target::Seat("1003".into()))).unwrap();
        hotline.pass_ms(1_000);
        hotline.change_habit(6002, answers(1));
        assert_eq!(hotline.desk("1001", sensitive()), Ok(()));
        assert_eq!((cancels(&hotline, THIRD), ends(&hotline)), (1, vec![Some(TransferEnd::NotCleared)]));
        hotline.pass_ms(6_100);
        assert_eq!(hears(&hotline, CALLER), [if back { "6001" } else { "6002" }]);
        assert_eq!(hotline.record(call(0)).owner.as_deref(), Some("1001"));
        assert_all_comes_back(hotline);
    }
}

#[test]
fn in_a_queue_the_ring_goes_on_to_who_is_cleared_and_ends_the_transfer_if_nobody_is_r68() {
    for cleared in [true, false] {
        let rules = if cleared { rules() } else { rules().replacen("cleared = true", "", 1) };
        let mut hotline = talking_by(&rules, answers(4), Habit::RingsOut);
        hotline.sign("1002", Intent::NotReady(hotline_model::NotReadyReason::Meal));
        hotline.desk("1001", to_queue("experts")).unwrap();
        hotline.sign("1002", Intent::Available);
        hotline.pass_ms(1_000);
        assert_eq!(activities(&hotline)[2], Activity::Offered);
        assert_eq!(hotline.desk("1001", sensitive()), Ok(()));
        assert_eq!((cancels(&hotline, THIRD), activities(&hotline)[2]), (1, Activity::Free));
        if cleared {
            hotline.pass_ms(4_100);
            assert_eq!((hears(&hotline, FIRST), ends(&hotline)), (vec!["6002".to_owned()], vec![None]));
            hotline.desk("1001", complete()).unwrap();
            assert_eq!(hears(&hotline, CALLER), ["6002"]);
        } else {
            assert_eq!((hears(&hotline, CALLER), ends(&hotline)), (vec!["6001".to_owned()], vec![Some(TransferEnd::NotCleared)]));
        }
        assert_all_comes_back(hotline);
    }
}

#[test]
fn of_several_seats_the_next_one_who_is_cleared_rings_r68() {
    let experts = "[[department]]\nname = \"law\"\nseats = [\"1003\", \"1002\"]\nreason = \"multi_department\"\n";
    let mut hotline = talking_by(&[&rules(), experts].concat(), answers(1), Habit::RingsOut);
    hotline.desk("1001", to(Target::Department("law".into()))).unwrap();
    hotline.pass_ms(1_000);
    hotline.desk("1001", sensitive()).unwrap();
    hotline.pass_ms(1_100);
    assert_eq!((hears(&hotline, FIRST), cancels(&hotline, THIRD)), (vec!["6002".to_owned()], 1));
    assert_all_comes_back(hotline);
}

#[test]
fn a_number_outside_that_rings_is_hung_up_since_nobody_there_is_cleared_r68() {
    let trunk = "[[trunk]]\nname = \"carrier\"\ncontact = \"sip:127.0.0.2:6003\"\nfrom = \"02112345678\"\n\
                 [[outbound.role]]\nname = \"mobiles\"\nallow = [\"1[3-9]x{9}\"]\n";
    let rules = rules().replacen("agent = \"1001\"", "agent = \"1001\"\ndial = [\"mobiles\"]", 1);
    let rules = rules.replacen("sip:1003@127.0.0.2:6003", "sip:1003@127.0.0.2:6004", 1);
    let mut hotline = talking_by(&[&rules, trunk].concat(), answers(1), Habit::RingsOut);
    hotline.desk("1001", to(Target::Number(PhoneNumber::parse("13912345678").unwrap()))).unwrap();
    hotline.pass_ms(1_000);
    hotline.desk("1001", sensitive()).unwrap();
    assert_eq!((cancels(&hotline, THIRD), ends(&hotline)), (1, vec![Some(TransferEnd::NotCleared)]));
    assert_eq!(hears(&hotline, CALLER), ["6001"]);
    assert_all_comes_back(hotline);
}

#[test]
fn who_was_only_asked_is_not_left_with_the_caller_when_the_first_agent_goes_r68() {
    for dies in [false, true] {
        let rules = rules().replacen("seats = [\"1001\"]", "seats = [\"1001\", \"1002\"]", 1);
        let mut hotline = talking_by(&rules, answers(1), answers(1));
        hotline.desk("1001", to_seat("1003")).unwrap();
        hotline.pass_ms(1_100);
        hotline.desk("1001", sensitive()).unwrap();
        assert_eq!((hotline.desk("1001", complete()), hears(&hotline, FIRST)), (Err(DeskRefusal::NotCleared), vec!["6003".to_owned()]));
        assert_eq!(hotline.desk("1001", DeskOrder::ThreeWay), Err(DeskRefusal::NotCleared), "nor may the caller be heard");
        if dies {
            hotline.change_habit(6001, Habit::Dead);
            hotline.sound(FIRST.into(), false);
            hotline.pass_ms(40_000);
        } else {
            hotline.hang_up(FIRST.into());
        }
        hotline.pass_ms(1_100);
        assert_eq!((hears(&hotline, CALLER), ends(&hotline)), (vec!["6002".to_owned()], vec![Some(TransferEnd::NotCleared)]), "{dies}");
        assert_eq!((activities(&hotline)[2], saw(&hotline, THIRD, |event| matches!(event, Event::Bye { .. }))), (Activity::Free, 1));
        assert_all_comes_back(hotline);
    }
}

#[test]
fn who_is_not_cleared_is_taken_out_of_a_talk_of_three_r68() {
    let mut hotline = talking(answers(1), answers(1));
    hotline.desk("1001", to_seat("1003")).unwrap();
    hotline.pass_ms(1_100);
    hotline.desk("1001", DeskOrder::ThreeWay).unwrap();
    hotline.desk("1001", sensitive()).unwrap();
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, FIRST)), (vec!["music".to_owned()], vec!["6003".to_owned()]));
    hotline.restart();
    hotline.pass_ms(100);
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, FIRST)), (vec!["music".to_owned()], vec!["6003".to_owned()]));
    hotline.desk("1001", DeskOrder::Cancel).unwrap();
    assert_eq!(hears(&hotline, CALLER), ["6001"]);
    assert_all_comes_back(hotline);
}

/// The caller waits once more and the third seat rings, while the first agent is in the wrap-up.
fn ringing_in_the_wrap_up(more: &str) -> Hotline {
    let rules = rules().replacen("seats = [\"1001\"]", &format!("seats = [\"1001\", \"1002\", \"1003\"]\n{more}"), 1);
    let mut hotline = talking_by(&rules, Habit::RingsOut, Habit::RingsOut);
    hotline.sign("1002", Intent::NotReady(hotline_model::NotReadyReason::Meal));
    hotline.desk("1001", DeskOrder::Consult { to: Target::Seat("1003".into()) }).unwrap();
    hotline.hang_up(FIRST.into());
    hotline.pass_ms(500);
    assert_eq!(activities(&hotline), [Activity::WrapUp, Activity::Free, Activity::Offered]);
    hotline
}

#[test]
fn a_call_that_waits_or_rings_once_more_goes_to_who_is_cleared_only_and_survives_a_crash_r68() {
    for crash in [false, true] {
        let mut hotline = ringing_in_the_wrap_up("");
        let before = cancels(&hotline, THIRD);
        assert_eq!(hotline.desk("1001", sensitive()), Ok(()));
        assert_eq!((cancels(&hotline, THIRD), activities(&hotline)[2]), (before + 1, Activity::Free));
        hotline.pass_ms(25_000);
        assert_eq!(
            (hears(&hotline, CALLER), activities(&hotline)),
            (vec!["music".to_owned()], [Activity::Free; 3]),
            "nobody else is ready"
        );
        if crash {
            hotline.restart();
            hotline.pass_ms(25_000);
            assert_eq!(hears(&hotline, CALLER), ["music"]);
        }
        hotline.change_habit(6002, answers(1));
        hotline.sign("1002", Intent::Available);
        hotline.pass_ms(1_100);
        assert_eq!(hears(&hotline, CALLER), ["6002"]);
        assert_all_comes_back(hotline);
    }
}

#[test]
fn a_sensitive_call_is_offered_to_nobody_outside_however_long_it_waits_r68() {
    let outside = "[[trunk]]\nname = \"carrier\"\ncontact = \"sip:127.0.0.2:6004\"\nfrom = \"02112345678\"\n\
                   [outbound]\nallow = [\"0x{9,11}\"]\n[[partner]]\nname = \"friend\"\nnumber = \"+862188886666\"\ntrunk = [\"carrier\"]\n";
    let rules = rules().replacen("wrap_up = \"20s\"", "wrap_up = \"300s\"\noverflow = { partner = \"friend\" }", 1);
    let rules = rules.replacen("sip:1004@127.0.0.2:6004", "sip:1004@127.0.0.2:6001", 1);
    const CARRIER: ([u8; 4], u16) = ([127, 0, 0, 2], 6004);
    for early in [true, false] {
        let mut hotline = talking_by(&[&rules, outside].concat(), answers(1), Habit::RingsOut);
        hotline.desk("1001", DeskOrder::Consult { to: Target::Seat("1003".into()) }).unwrap();
        hotline.hang_up(FIRST.into());
        if early {
            hotline.desk("1001", sensitive()).unwrap();
        }
        hotline.pass_ms(32_000);
        assert_eq!(saw(&hotline, CARRIER, |event| matches!(event, Event::Invite { .. })), usize::from(!early));
        hotline.desk("1001", sensitive()).unwrap();
        hotline.pass_ms(100_000);
        assert_eq!(cancels(&hotline, CARRIER), usize::from(!early));
        assert_eq!(
            (saw(&hotline, CARRIER, |event| matches!(event, Event::Invite { .. })), hears(&hotline, CALLER)),
            (usize::from(!early), vec!["music".to_owned()])
        );
        assert_eq!(hotline.desk("1001", DeskOrder::WrapUpDone), Ok(()));
        assert_all_comes_back(hotline);
    }
}
