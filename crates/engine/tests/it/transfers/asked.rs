//! What the orders of a seat do.

use super::*;
use hotline_model::history::{ClockChange, Side};
use hotline_model::{Class, NotReadyReason, Reclassified};

#[test]
fn in_an_attended_transfer_the_agents_talk_first_and_the_caller_hears_music_until_the_receiver_has_the_caller_r54() {
    let mut hotline = talking(answers(3), answers(3));
    assert_eq!(hotline.desk("1001", to_seat("1002")), Ok(()));
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, FIRST)), (vec!["music".into()], vec!["ring-back".to_owned()]));
    hotline.pass_ms(3_100);
    assert_eq!(hears(&hotline, CALLER), ["music"]);
    assert_eq!((hears(&hotline, FIRST), hears(&hotline, SECOND)), (vec!["6002".into()], vec!["6001".to_owned()]));
    assert_eq!(hotline.desk("1001", complete()), Ok(()));
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, SECOND)), (vec!["6002".into()], vec!["7001".to_owned()]));
    assert_eq!(saw(&hotline, FIRST, |event| matches!(event, Event::Bye { .. })), 1);
    assert_eq!(activities(&hotline), [Activity::WrapUp, Activity::OnCall, Activity::Free]);
    let record = hotline.record(call(0));
    assert_eq!(
        (record.owner.as_deref(), record.seat.as_deref()),
        (Some("1001"), Some("1002")),
        "a transfer changes the handler only (R57)"
    );
    assert_eq!(k9(&record), [ClockChange::Met]);
    let [transfer] = &record.transfers[..] else { panic!("{:?}", record.transfers) };
    assert_eq!((&*transfer.from, &transfer.to), ("1001", &Target::Seat("1002".into())));
    assert_eq!((transfer.reason, transfer.mode), (Some(TransferReason::TooComplex), TransferMode::Attended));
    assert_eq!((transfer.receiver.as_deref(), transfer.end), (Some("1002"), Some(TransferEnd::Completed)));
    assert_eq!(transfer.answered.map(|at| at.since(transfer.began)), Some(Duration::from_secs(3)));
    assert_all_comes_back(hotline);
}

#[test]
fn the_first_agents_wrap_up_and_disposition_go_on_while_the_receiver_talks_r7() {
    let mut hotline = talking(answers(1), answers(1));
    hotline.desk("1001", to_seat("1002")).unwrap();
    hotline.pass_ms(1_100);
    hotline.desk("1001", complete()).unwrap();
    assert_eq!(hotline.desk("1001", DeskOrder::Dispose("escalated".into())), Ok(()));
    let record = hotline.record(call(0));
    assert_eq!(record.disposition.as_deref(), Some("escalated"));
    assert!(record.t4.is_some() && record.t5.is_some());
    hotline.pass_ms(21_000);
    assert_eq!(activities(&hotline), [Activity::Free, Activity::OnCall, Activity::Free]);
    assert_eq!(hotline.record(call(0)).t7, None, "the record is complete when the last wrap-up is over");
    assert_all_comes_back(hotline);
}

#[test]
fn in_a_blind_transfer_the_first_agent_leaves_at_once_and_whoever_answers_has_the_caller() {
    let mut hotline = talking(answers(4), answers(4));
    hotline.desk("1001", blind(Target::Queue("experts".into()))).unwrap();
    assert_eq!(saw(&hotline, FIRST, |event| matches!(event, Event::Bye { .. })), 1);
    assert_eq!(hears(&hotline, CALLER), ["music"]);
    hotline.pass_ms(4_100);
    assert_eq!(hears(&hotline, CALLER), ["6002"]);
    assert_eq!(ends(&hotline), [Some(TransferEnd::Completed)]);
    assert_all_comes_back(hotline);
}

#[test]
fn a_blind_transfer_that_nobody_takes_within_30_s_comes_back_to_the_first_agent_r59_k9() {
    let mut hotline = talking(Habit::RingsOut, Habit::RingsOut);
    hotline.desk("1001", blind(Target::Seat("1002".into()))).unwrap();
    hotline.pass_ms(29_900);
    assert_eq!((hears(&hotline, CALLER), ends(&hotline)), (vec!["music".into()], vec![None]));
    hotline.pass_ms(200);
    assert_eq!(ends(&hotline), [Some(TransferEnd::NotAnswered)]);
    assert_eq!(k9(&hotline.record(call(0))), [ClockChange::Breached]);
    hotline.pass_ms(1_100);
    assert_eq!(hears(&hotline, CALLER), ["6001"]);
    assert_eq!(hotline.record(call(0)).seat.as_deref(), Some("1001"));
    assert_all_comes_back(hotline);
}

#[test]
fn the_first_agent_gets_a_blind_transfer_back_in_the_wrap_up_of_that_very_call() {
    let mut hotline = talking(Habit::Refuses(486), answers(1));
    hotline.desk("1001", blind(Target::Seat("1002".into()))).unwrap();
    assert_eq!(ends(&hotline), [Some(TransferEnd::Rejected(486))]);
    hotline.pass_ms(1_100);
    assert_eq!(hears(&hotline, CALLER), ["6001"]);
    assert_all_comes_back(hotline);
}

#[test]
fn if_the_first_agent_is_gone_meanwhile_the_caller_waits_again_first_in_its_priority_and_is_never_lost() {
    let mut hotline = talking(Habit::RingsOut, answers(1));
    hotline.dial(7002, "direct");
    hotline.desk("1001", blind(Target::Seat("1002".into()))).unwrap();
    hotline.desk("1001", DeskOrder::NotReady(NotReadyReason::Break)).unwrap();
    hotline.pass_ms(30_100);
    assert_eq!(hears(&hotline, CALLER), ["music"]);
    assert_eq!((hotline.engine.figures().waiting, hotline.record(call(0)).waits_again()), (2, true));
    hotline.desk("1001", DeskOrder::Ready).unwrap();
    hotline.pass_ms(1_100);
    assert!(!hotline.record(call(0)).waits_again());
    assert_eq!(hears(&hotline, CALLER), ["6001"], "before the one who came later");
    hotline.hang_up(([127, 0, 0, 3], 7002).into());
    assert_all_comes_back(hotline);
}

#[test]
fn a_transfer_to_a_queue_rings_one_seat_after_the_other_within_the_30_s() {
    let mut hotline = talking(Habit::RingsOut, answers(2));
    hotline.desk("1001", to_queue("experts")).unwrap();
    hotline.pass_ms(10_100);
    let ended = hotline.events(call(0)).into_iter().filter(|event| matches!(event.kind, EventKind::ReceiverEnded { .. })).count();
    assert_eq!(ended, 1, "the first one has rung out");
    hotline.pass_ms(2_100);
    assert_eq!(hears(&hotline, FIRST), ["6003"]);
    hotline.desk("1001", complete()).unwrap();
    assert_eq!(hears(&hotline, CALLER), ["6003"]);
    assert_all_comes_back(hotline);
}

#[test]
fn a_consultation_brings_the_caller_back_by_cancel_and_the_receiver_has_no_wrap_up() {
    let mut hotline = talking(answers(1), answers(1));
    hotline.desk("1001", DeskOrder::Consult { to: Target::Seat("1002".into()) }).unwrap();
    hotline.pass_ms(1_100);
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, FIRST)), (vec!["music".into()], vec!["6002".to_owned()]));
    hotline.desk("1001", DeskOrder::Cancel).unwrap();
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, SECOND)), (vec!["6001".into()], Vec::<String>::new()));
    assert_eq!(activities(&hotline), [Activity::OnCall, Activity::Free, Activity::Free]);
    assert_eq!(ends(&hotline), [Some(TransferEnd::Cancelled)]);
    assert_all_comes_back(hotline);
}

#[test]
fn a_consultation_becomes_a_transfer_only_with_a_reason_r53() {
    let mut hotline = talking(answers(1), answers(1));
    hotline.desk("1001", DeskOrder::Consult { to: Target::Seat("1002".into()) }).unwrap();
    hotline.pass_ms(1_100);
    assert_eq!(hotline.desk("1001", complete()), Err(DeskRefusal::NoReason));
    assert_eq!(hears(&hotline, FIRST), ["6002"], "nothing changed");
    let reason = Some(TransferReason::MultiDepartment);
    assert_eq!(hotline.desk("1001", DeskOrder::Complete { reason }), Ok(()));
    assert_eq!((transfers(&hotline)[0].reason, hears(&hotline, CALLER)), (reason, vec!["6002".to_owned()]));
    assert_all_comes_back(hotline);
}

#[test]
fn three_talk_with_each_other_and_two_go_on_when_one_leaves() {
    for who in ["receiver", "first"] {
        let mut hotline = talking(answers(1), answers(1));
        hotline.desk("1001", to_seat("1002")).unwrap();
        hotline.pass_ms(1_100);
        hotline.desk("1001", DeskOrder::ThreeWay).unwrap();
        let both = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        assert_eq!(hears(&hotline, CALLER), both("6001", "6002"));
        assert_eq!((hears(&hotline, FIRST), hears(&hotline, SECOND)), (both("7001", "6002"), both("7001", "6001")));
        hotline.hang_up(if who == "receiver" { SECOND } else { FIRST }.into());
        let (left, end) = if who == "receiver" { ("6001", TransferEnd::HungUp) } else { ("6002", TransferEnd::Completed) };
        assert_eq!((hears(&hotline, CALLER), ends(&hotline)), (vec![left.to_owned()], vec![Some(end)]), "{who}");
        assert_all_comes_back(hotline);
    }
}

#[test]
fn held_by_order_the_caller_hears_music_and_the_agent_nothing() {
    let mut hotline = talking(answers(1), answers(1));
    hotline.desk("1001", DeskOrder::Hold).unwrap();
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, FIRST)), (vec!["music".into()], Vec::<String>::new()));
    hotline.desk("1001", DeskOrder::Hold).unwrap();
    hotline.desk("1001", DeskOrder::Resume).unwrap();
    assert_eq!(hears(&hotline, CALLER), ["6001"]);
    let held = hotline.events(call(0)).into_iter().filter(|event| matches!(event.kind, EventKind::Held { .. } | EventKind::Resumed { .. }));
    assert_eq!(held.count(), 2);
    assert_all_comes_back(hotline);
}

#[test]
fn the_receiver_gives_the_caller_back_and_has_it_until_the_first_agent_answers() {
    let mut hotline = talking(answers(1), answers(1));
    hotline.desk("1001", to_seat("1002")).unwrap();
    hotline.pass_ms(1_100);
    hotline.desk("1001", complete()).unwrap();
    assert_eq!(hotline.desk("1002", DeskOrder::Back), Ok(()), "the first agent wraps up this very call");
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, SECOND)), (vec!["music".into()], vec!["ring-back".to_owned()]));
    hotline.pass_ms(1_100);
    assert_eq!(hears(&hotline, CALLER), ["6001"]);
    assert_eq!(ends(&hotline), [Some(TransferEnd::GivenBack)]);
    assert_eq!(hotline.record(call(0)).seat.as_deref(), Some("1001"));
    assert_all_comes_back(hotline);
}

#[test]
fn a_receiver_who_cannot_give_the_caller_back_keeps_it() {
    let mut hotline = talking(answers(1), answers(1));
    hotline.desk("1001", to_seat("1002")).unwrap();
    hotline.pass_ms(1_100);
    hotline.desk("1001", complete()).unwrap();
    hotline.change_habit(6001, Habit::RingsOut);
    hotline.desk("1002", DeskOrder::Back).unwrap();
    hotline.pass_ms(30_100);
    assert_eq!(hears(&hotline, CALLER), ["6002"]);
    assert_eq!(hotline.desk("1002", DeskOrder::Back), Err(DeskRefusal::NobodyToGoBackTo), "the first agent's phone rang in vain");
    assert_eq!(ends(&hotline), [Some(TransferEnd::Completed)]);
    assert_all_comes_back(hotline);
}

#[test]
fn the_receiver_becomes_the_owner_by_accepting_it_only_r57() {
    let mut hotline = talking(answers(1), answers(1));
    hotline.desk("1001", to_seat("1002")).unwrap();
    hotline.pass_ms(1_100);
    hotline.desk("1001", complete()).unwrap();
    assert_eq!(hotline.record(call(0)).owner.as_deref(), Some("1001"));
    hotline.desk("1002", DeskOrder::AcceptOwnership).unwrap();
    assert_eq!(hotline.record(call(0)).owner.as_deref(), Some("1002"));
    assert_all_comes_back(hotline);
}

#[test]
fn first_communication_and_disposition_stop_k4_and_k5_r6_r7() {
    let mut hotline = talking(answers(1), answers(1));
    hotline.desk("1001", DeskOrder::FirstCommunication).unwrap();
    hotline.pass_ms(1_000);
    assert_eq!(hotline.desk("1001", DeskOrder::Dispose("whatever".into())), Err(DeskRefusal::NoSuchDisposition));
    hotline.desk("1001", DeskOrder::Dispose("resolved".into())).unwrap();
    let record = hotline.record(call(0));
    let state = |clock: u8| record.clocks.iter().find(|result| result.clock == clock).map(|result| result.state);
    assert_eq!((state(4), state(5)), (Some(ClockChange::Met), Some(ClockChange::Met)));
    assert_eq!(record.t5.map(|t5| t5.since(record.t4.unwrap())), Some(Duration::from_secs(1)));
    assert_all_comes_back(hotline);
}

#[test]
fn a_break_after_the_call_begins_when_the_wrap_up_is_over() {
    let mut hotline = talking(answers(1), answers(1));
    hotline.desk("1001", DeskOrder::BreakAfterCall).unwrap();
    assert_eq!(hotline.state("1001").word(), "on call");
    hotline.hang_up(CALLER.into());
    assert_eq!(hotline.state("1001").word(), "wrap-up");
    assert_eq!(hotline.desk("1001", DeskOrder::WrapUpDone), Ok(()));
    assert_eq!(hotline.state("1001").word(), "not ready (break)");
    assert_eq!(hotline.desk("1001", DeskOrder::WrapUpDone), Err(DeskRefusal::NoCall));
    hotline.desk("1001", DeskOrder::SignOut).unwrap();
    assert_eq!(hotline.desk("1001", DeskOrder::Ready), Err(DeskRefusal::SignedOut));
    hotline.desk("1001", DeskOrder::SignIn).unwrap();
    assert_eq!(hotline.state("1001").word(), "ready");
}

#[test]
fn a_call_found_to_be_complex_goes_attended_only_r55() {
    let mut hotline = talking(answers(1), answers(1));
    let change = Reclassified { class: Some(Class::Complex), ..Reclassified::default() };
    hotline.desk("1001", DeskOrder::Classify(change)).unwrap();
    assert_eq!(hotline.desk("1001", blind(Target::Seat("1002".into()))), Err(DeskRefusal::AttendedOnly));
    assert_eq!(hotline.desk("1001", to_seat("1002")), Ok(()));
    assert_eq!(transfers(&hotline)[0].mode, TransferMode::Attended);
    assert_eq!(hotline.record(call(0)).classified.and_then(|classified| classified.class), Some(Class::Complex));
    assert_all_comes_back(hotline);
}

#[test]
fn an_agent_who_hangs_up_by_order_ends_the_call_as_the_phone_would() {
    let mut hotline = talking(answers(1), answers(1));
    hotline.desk("1001", DeskOrder::HangUp).unwrap();
    assert_eq!(hotline.record(call(0)).hung_up_by, Some(Side::Agent));
    assert_all_comes_back(hotline);
}
