//! Two things at once: whoever comes first decides, nobody is lost and no seat is stuck.

use super::*;
use hotline_engine::Input;
use hotline_model::history::{Cause, OfferEnd, Side};

/// The second agent has answered and talks with the first.
fn consulting() -> Hotline {
    let mut hotline = talking(answers(1), answers(1));
    hotline.desk("1001", to_seat("1002")).unwrap();
    hotline.pass_ms(1_100);
    assert_eq!(hears(&hotline, FIRST), ["6002"]);
    hotline
}

fn dies(hotline: &mut Hotline, port: u16) {
    hotline.change_habit(port, Habit::Dead);
    hotline.sound(([127, 0, 0, 2], port).into(), false);
}

/// As for [`assert_all_comes_back`], without a look at seats that the rules no longer have.
fn assert_all_is_free(mut hotline: Hotline) {
    hotline.hang_up(CALLER.into());
    hotline.pass_ms(60_000);
    assert_eq!((hotline.engine.calls(), hotline.engine.figures().free_ports), (0, 50));
}

#[test]
fn a_receiver_who_answers_as_the_30_s_end_has_the_caller_or_is_hung_up_and_never_both_k9() {
    for before in [false, true] {
        let mut hotline = talking(Habit::RingsOut, answers(1));
        hotline.desk("1001", to_seat("1002")).unwrap();
        hotline.pass_ms(29_999);
        hotline.stop_for_ms(1);
        if before {
            hotline.pick_up_before(SECOND.into());
            hotline.pass_ms(0);
            assert_eq!(hears(&hotline, FIRST), ["6002"]);
        } else {
            hotline.answer_unheard(SECOND.into());
            hotline.engine.handle_timeout(hotline.now);
            hotline.settle();
            hotline.pass_ms(1_000);
            assert_eq!(hears(&hotline, CALLER), ["6001"]);
            assert_eq!(saw(&hotline, SECOND, |event| matches!(event, Event::Bye { .. })), 1, "its 200 crossed our CANCEL");
            assert_eq!(ends(&hotline), [Some(TransferEnd::NotAnswered)]);
        }
        assert_all_comes_back(hotline);
    }
}

#[test]
fn a_caller_who_hangs_up_in_a_consultation_frees_the_receiver_and_leaves_the_agent_a_wrap_up() {
    let mut hotline = consulting();
    hotline.hang_up(CALLER.into());
    assert_eq!(activities(&hotline), [Activity::WrapUp, Activity::Free, Activity::Free]);
    for phone in [FIRST, SECOND] {
        assert_eq!(saw(&hotline, phone, |event| matches!(event, Event::Bye { .. })), 1);
    }
    let record = hotline.record(call(0));
    assert_eq!((record.hung_up_by, ends(&hotline)), (Some(Side::Caller), vec![Some(TransferEnd::CallerGone)]));
    assert_all_comes_back(hotline);
}

#[test]
fn a_caller_who_hangs_up_while_the_receiver_rings_cancels_the_ring() {
    for order in [to_seat("1002"), to_queue("experts"), blind(Target::Seat("1002".into()))] {
        let mut hotline = talking(Habit::RingsOut, answers(1));
        hotline.desk("1001", order).unwrap();
        hotline.pass_ms(2_000);
        hotline.hang_up(CALLER.into());
        assert_eq!(saw(&hotline, SECOND, |event| matches!(event, Event::Cancelled { .. })), 1);
        assert_eq!(activities(&hotline), [Activity::WrapUp, Activity::Free, Activity::Free]);
        assert_all_comes_back(hotline);
    }
}

#[test]
fn if_the_first_agents_phone_dies_in_a_consultation_the_receiver_has_the_caller() {
    let mut hotline = consulting();
    dies(&mut hotline, 6001);
    hotline.pass_ms(40_000);
    assert_eq!((hears(&hotline, CALLER), ends(&hotline)), (vec!["6002".to_owned()], vec![Some(TransferEnd::TakenOver)]));
    assert_eq!(hotline.record(call(0)).seat.as_deref(), Some("1002"));
    assert_all_comes_back(hotline);
}

#[test]
fn if_the_first_agents_phone_dies_while_the_receiver_rings_the_caller_waits_again_first_in_line() {
    let mut hotline = talking(Habit::RingsOut, answers(1));
    hotline.desk("1001", to_seat("1002")).unwrap();
    hotline.hang_up(FIRST.into());
    assert_eq!(ends(&hotline), [Some(TransferEnd::FirstGone)]);
    assert_eq!((hears(&hotline, CALLER), hotline.engine.figures().waiting), (vec!["music".into()], 1));
    assert_eq!(saw(&hotline, SECOND, |event| matches!(event, Event::Cancelled { .. })), 1);
    hotline.pass_ms(21_100);
    assert_eq!(hears(&hotline, CALLER), ["6001"], "after the wrap-up the first agent has the caller again");
    let record = hotline.record(call(0));
    assert_eq!(record.clocks.iter().filter(|clock| clock.clock == 4).count(), 1, "K4 and K5 run from the first answer");
    assert_all_comes_back(hotline);
}

#[test]
fn an_agent_who_completes_twice_or_as_the_receiver_hangs_up_does_it_once() {
    let mut hotline = consulting();
    assert_eq!(hotline.desk("1001", complete()), Ok(()));
    assert_eq!(hotline.desk("1001", complete()), Err(DeskRefusal::NotUnderWay));
    assert_eq!(hears(&hotline, CALLER), ["6002"]);
    assert_all_comes_back(hotline);

    let mut hotline = consulting();
    hotline.hang_up(SECOND.into());
    assert_eq!(hotline.desk("1001", complete()), Err(DeskRefusal::NotUnderWay));
    assert_eq!((hears(&hotline, CALLER), ends(&hotline)), (vec!["6001".to_owned()], vec![Some(TransferEnd::HungUp)]));
    assert_all_comes_back(hotline);
}

#[test]
fn a_transferred_call_is_transferred_again_and_each_transfer_stands_in_the_record_r58() {
    let mut hotline = consulting();
    hotline.desk("1001", complete()).unwrap();
    hotline.desk("1002", to_seat("1003")).unwrap();
    hotline.pass_ms(1_100);
    hotline.desk("1002", complete()).unwrap();
    assert_eq!(hears(&hotline, CALLER), ["6003"]);
    let record = hotline.record(call(0));
    let from: Vec<_> = record.transfers.iter().map(|transfer| (&*transfer.from, transfer.end)).collect();
    assert_eq!(from, [("1001", Some(TransferEnd::Completed)), ("1002", Some(TransferEnd::Completed))]);
    assert_eq!(record.owner.as_deref(), Some("1001"));
    assert_eq!(activities(&hotline), [Activity::WrapUp, Activity::WrapUp, Activity::OnCall]);
    assert_all_comes_back(hotline);
}

#[test]
fn a_receiver_who_rejects_brings_the_caller_back_in_the_same_step() {
    let mut hotline = talking(Habit::Refuses(603), answers(1));
    hotline.desk("1001", to_seat("1002")).unwrap();
    assert_eq!((hears(&hotline, CALLER), ends(&hotline)), (vec!["6001".to_owned()], vec![Some(TransferEnd::Rejected(603))]));
    assert_all_comes_back(hotline);
}

#[test]
fn a_receiver_whose_phone_is_dead_is_told_as_unreachable_within_two_seconds() {
    let mut hotline = talking(Habit::Dead, answers(1));
    hotline.desk("1001", to_seat("1002")).unwrap();
    hotline.pass_ms(2_100);
    assert_eq!((hears(&hotline, CALLER), ends(&hotline)), (vec!["6001".to_owned()], vec![Some(TransferEnd::Unreachable)]));
    assert_all_comes_back(hotline);
}

#[test]
fn a_receiver_whose_phone_dies_in_the_consultation_leaves_the_caller_with_the_first_agent() {
    let mut hotline = consulting();
    let second = hotline.phones[&SocketAddr::from(SECOND)].endpoint.counters().timeouts;
    assert_eq!(second, 0);
    hotline.hang_up(SECOND.into());
    assert_eq!(hears(&hotline, CALLER), ["6001"]);
    assert_eq!(activities(&hotline), [Activity::OnCall, Activity::Free, Activity::Free]);
    assert_all_comes_back(hotline);
}

#[test]
fn a_seat_that_signs_out_while_it_rings_ends_the_transfer_and_another_of_the_queue_rings() {
    let mut hotline = talking(Habit::RingsOut, answers(1));
    hotline.desk("1001", to_seat("1002")).unwrap();
    hotline.desk("1002", DeskOrder::SignOut).unwrap();
    assert_eq!((hears(&hotline, CALLER), ends(&hotline)), (vec!["6001".to_owned()], vec![Some(TransferEnd::Unreachable)]));
    hotline.desk("1002", DeskOrder::SignIn).unwrap();
    hotline.desk("1001", to_queue("experts")).unwrap();
    hotline.pass_ms(100);
    let rings = if saw(&hotline, THIRD, |event| matches!(event, Event::Invite { .. })) > 0 { "1003" } else { "1002" };
    hotline.desk(rings, DeskOrder::SignOut).unwrap();
    let ended = hotline.events(call(0)).into_iter().filter_map(|event| match event.kind {
        EventKind::ReceiverEnded { receiver, why } => Some((receiver.name().to_string(), why)),
        _ => None,
    });
    assert!(ended.collect::<Vec<_>>().contains(&(rings.to_owned(), OfferEnd::Withdrawn)));
    assert_eq!(hears(&hotline, CALLER), ["music"]);
    assert_all_comes_back(hotline);
}

#[test]
fn rules_that_no_longer_have_the_target_end_the_ring_but_no_consultation() {
    let without = rules().replace("name = \"1002\"", "name = \"1009\"").replace("\"1002\", ", "");
    let mut hotline = talking(Habit::RingsOut, answers(1));
    hotline.desk("1001", to_seat("1002")).unwrap();
    hotline.change_rules(&without);
    assert_eq!((hears(&hotline, CALLER), ends(&hotline)), (vec!["6001".to_owned()], vec![Some(TransferEnd::Unreachable)]));
    assert_all_is_free(hotline);

    let mut hotline = consulting();
    hotline.change_rules(&without);
    assert_eq!(hears(&hotline, FIRST), ["6002"]);
    hotline.desk("1001", complete()).unwrap();
    assert_eq!(hears(&hotline, CALLER), ["6002"], "who has answered has answered");
    assert_all_is_free(hotline);
}

#[test]
fn a_hotline_that_ends_hangs_up_all_three_and_closes_the_record() {
    let mut hotline = consulting();
    hotline.engine.handle(hotline.now, Input::HangUp);
    hotline.settle();
    for phone in [CALLER, FIRST, SECOND] {
        assert_eq!(saw(&hotline, phone, |event| matches!(event, Event::Bye { .. })), 1);
    }
    let record = hotline.record(call(0));
    assert_eq!((record.cause, record.t7.is_some(), ends(&hotline)), (Some(Cause::Shutdown), true, vec![Some(TransferEnd::Failed)]));
    assert_eq!(hotline.engine.figures().free_ports, 50);
}

#[test]
fn a_hold_in_the_consultation_gives_the_receiver_music_and_the_caller_goes_on_hearing_it() {
    let mut hotline = consulting();
    let (dialog, now) = (hotline.dialog(FIRST.into()), hotline.now);
    let phone = hotline.phones.get_mut(&SocketAddr::from(FIRST)).unwrap();
    phone.endpoint.reinvite(now, dialog, crate::hotline::sdp(FIRST.into(), 2, "sendonly")).unwrap();
    hotline.settle();
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, SECOND)), (vec!["music".into()], vec!["music".to_owned()]));
    hotline.desk("1001", complete()).unwrap();
    assert_eq!(hears(&hotline, CALLER), ["6002"]);
    assert_all_comes_back(hotline);
}

#[test]
fn a_held_caller_who_is_transferred_is_held_no_more() {
    let mut hotline = talking(answers(1), answers(1));
    hotline.desk("1001", DeskOrder::Hold).unwrap();
    hotline.desk("1001", to_seat("1002")).unwrap();
    hotline.pass_ms(1_100);
    hotline.desk("1001", DeskOrder::Cancel).unwrap();
    assert_eq!(hears(&hotline, CALLER), ["6001"]);
    assert_all_comes_back(hotline);
}

#[test]
fn whoever_is_free_of_a_queue_only_later_within_the_30_s_is_called_then() {
    let mut hotline = talking(answers(1), answers(1));
    for seat in ["1002", "1003"] {
        hotline.desk(seat, DeskOrder::NotReady(hotline_model::NotReadyReason::Break)).unwrap();
    }
    hotline.desk("1001", to_queue("experts")).unwrap();
    hotline.pass_ms(20_000);
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, FIRST)), (vec!["music".into()], vec!["ring-back".to_owned()]));
    hotline.sign("1003", Intent::Available);
    hotline.pass_ms(1_100);
    assert_eq!(hears(&hotline, FIRST), ["6003"]);
    assert_all_comes_back(hotline);
}

#[test]
fn a_stop_waits_for_who_is_on_the_line_and_for_no_wrap_up() {
    let mut hotline = consulting();
    hotline.engine.handle(hotline.now, Input::Drain);
    hotline.settle();
    assert_eq!((hotline.engine.calls(), hotline.engine.calls_on_line()), (1, 1));
    hotline.desk("1001", complete()).unwrap();
    assert_eq!((activities(&hotline)[0], hotline.engine.calls_on_line()), (Activity::WrapUp, 1), "the caller talks on");
    hotline.hang_up(CALLER.into());
    assert_eq!(activities(&hotline), [Activity::WrapUp, Activity::WrapUp, Activity::Free]);
    assert_eq!((hotline.engine.calls(), hotline.engine.calls_on_line()), (1, 0));
    hotline.restart();
    assert_eq!((activities(&hotline)[1], hotline.engine.calls_on_line()), (Activity::WrapUp, 0), "who had the caller last wraps up on");
    hotline.pass_ms(60_000);
    assert_eq!(hotline.engine.calls(), 0);
    assert!(hotline.record(call(0)).t7.is_some(), "a later run completes the record");
}
