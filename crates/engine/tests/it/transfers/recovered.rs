//! A process that dies in the middle of a transfer: every leg is taken up or hung up, nobody is lost, no seat is stuck.

use super::*;
use hotline_model::NotReadyReason;

/// An attended transfer that is completed, stopped after so many journal entries.
fn attended(crash_after: usize) -> Hotline {
    walk(crash_after, &[(to_seat("1002"), 2_500), (complete(), 500)])
}

fn walk(crash_after: usize, orders: &[(DeskOrder, u64)]) -> Hotline {
    let phones = [(6001, answers(1)), (6002, answers(2)), (6003, answers(2)), (6004, Habit::RingsOut)];
    let mut hotline = Hotline::new(&rules(), &phones);
    hotline.crash_after = crash_after;
    hotline.dial(7001, "direct");
    hotline.pass_ms(2_000);
    for (order, ms) in orders {
        if hotline.crashed() {
            break;
        }
        let _ = hotline.desk("1001", order.clone());
        hotline.pass_ms(*ms);
    }
    hotline
}

/// The first entry that tells of the transfer.
fn began(hotline: &Hotline) -> usize {
    let is_order = |entry: &hotline_model::Entry| matches!(entry, hotline_model::Entry::Call(event) if matches!(event.kind, EventKind::TransferBegan { .. } | EventKind::Held { .. }));
    hotline.journal.iter().position(is_order).expect("the transfer began")
}

/// Whether a leg ended at the instant of the last entry.
fn is_parting(hotline: &Hotline) -> bool {
    let events: Vec<_> = hotline.events(call(0));
    let last = events.last().map(|event| event.at);
    events.iter().any(|event| Some(event.at) == last && matches!(event.kind, EventKind::LegEnded { .. }))
}

/// After each cut the caller talks with somebody or waits, and everything comes back.
fn assert_goes_on_after_each_cut(orders: &[(DeskOrder, u64)]) -> usize {
    let whole = walk(usize::MAX, orders);
    let cuts = began(&whole) + 1..=whole.journal.len();
    let count = cuts.clone().count();
    for cut in cuts {
        let mut hotline = walk(cut, orders);
        // A turn's journal is written before its datagrams leave: a BYE of the very turn in which the process died is lost.
        let parting = is_parting(&hotline);
        hotline.restart();
        assert_eq!(hotline.engine.calls(), 1, "cut after {cut}");
        hotline.pass_ms(1_500);
        let heard = hears(&hotline, CALLER);
        assert!((1..=2).contains(&heard.len()), "cut after {cut}: the caller hears {heard:?}");
        hotline.pass_ms(60_000);
        let (heard, told) = (hears(&hotline, CALLER), hotline.record(call(0)));
        let consults = told.transfers.last().is_some_and(|transfer| transfer.end.is_none());
        let held = told.transfers.is_empty();
        assert!(
            heard != ["music"] || consults || held,
            "cut after {cut}: in the end somebody has the caller: {heard:?} {:?}",
            told.transfers
        );
        assert_eq!((told.owner.as_deref(), told.recoveries), (Some("1001"), 1), "cut after {cut}");
        let clocks = k9(&told);
        let running = clocks.iter().any(|state| matches!(state, hotline_model::history::ClockChange::Started));
        assert!(!running, "cut after {cut}: {clocks:?}");
        hotline.hang_up(CALLER.into());
        hotline.pass_ms(60_000);
        assert_eq!((hotline.engine.calls(), hotline.engine.figures().free_ports), (0, 50), "cut after {cut}");
        assert_eq!(activities(&hotline), [Activity::Free; 3], "cut after {cut}");
        for phone in [FIRST, SECOND, THIRD] {
            let open = saw(&hotline, phone, |event| matches!(event, Event::Invite { .. }));
            let over = saw(&hotline, phone, |event| matches!(event, Event::Bye { .. } | Event::Cancelled { .. } | Event::Ended { .. }));
            assert!(open <= over || parting, "cut after {cut}: a phone of {phone:?} is in a call of nobody: {open} {over}");
        }
        assert!(hotline.record(call(0)).t7.is_some(), "cut after {cut}");
    }
    count
}

#[test]
fn a_walk_with_a_consultation_and_a_transfer_stopped_after_any_event_goes_on_from_its_journal() {
    let consult = DeskOrder::Consult { to: Target::Seat("1002".into()) };
    let walks = [
        vec![(to_seat("1002"), 2_500), (complete(), 500)],
        vec![(consult.clone(), 2_500), (DeskOrder::Cancel, 500), (to_queue("experts"), 2_500), (complete(), 500)],
        vec![(consult, 2_500), (DeskOrder::ThreeWay, 500), (DeskOrder::Complete { reason: Some(TransferReason::TooComplex) }, 500)],
        vec![(blind(Target::Seat("1002".into())), 2_500)],
        vec![(DeskOrder::Hold, 500), (DeskOrder::Resume, 500), (to_seat("1002"), 2_500), (complete(), 25_000)],
    ];
    let cuts: usize = walks.iter().map(|orders| assert_goes_on_after_each_cut(orders)).sum();
    assert!(cuts > 80, "{cuts}");
}

#[test]
fn a_consultation_goes_on_after_a_restart_and_may_be_completed() {
    let mut hotline = attended(usize::MAX);
    assert_eq!(hears(&hotline, CALLER), ["6002"]);
    hotline = walk(usize::MAX, &[(to_seat("1002"), 2_500)]);
    hotline.restart();
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, FIRST)), (vec!["music".into()], vec!["6002".to_owned()]));
    assert_eq!(hotline.desk("1001", complete()), Ok(()));
    assert_eq!((hears(&hotline, CALLER), ends(&hotline)), (vec!["6002".to_owned()], vec![Some(TransferEnd::Completed)]));
    assert_all_comes_back(hotline);
}

#[test]
fn a_caller_who_was_held_by_order_is_held_after_a_restart() {
    let mut hotline = walk(usize::MAX, &[(DeskOrder::Hold, 500)]);
    hotline.restart();
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, FIRST)), (vec!["music".into()], Vec::<String>::new()));
    hotline.desk("1001", DeskOrder::Resume).unwrap();
    assert_eq!(hears(&hotline, CALLER), ["6001"]);
    assert_all_comes_back(hotline);
}

#[test]
fn who_waits_again_after_a_transfer_waits_on_after_a_restart_before_all_others() {
    let mut hotline = talking(Habit::RingsOut, answers(1));
    hotline.dial(7002, "direct");
    hotline.desk("1001", DeskOrder::NotReady(NotReadyReason::Break)).unwrap();
    hotline.desk("1001", blind(Target::Seat("1002".into()))).unwrap();
    hotline.pass_ms(31_000);
    assert_eq!(hotline.engine.figures().waiting, 2);
    hotline.restart();
    hotline.pass_ms(1_100);
    assert_eq!(hears(&hotline, CALLER), ["6001"], "by the seat that the start signed in");
    assert_eq!(hotline.record(call(0)).owner.as_deref(), Some("1001"));
    hotline.hang_up(([127, 0, 0, 3], 7002).into());
    assert_all_comes_back(hotline);
}

#[test]
fn what_was_stated_of_a_call_outlives_a_restart() {
    let mut hotline = walk(usize::MAX, &[]);
    let change = hotline_model::Reclassified { class: Some(hotline_model::Class::Major), ..Default::default() };
    hotline.desk("1001", DeskOrder::Classify(change)).unwrap();
    hotline.desk("1001", DeskOrder::FirstCommunication).unwrap();
    hotline.restart();
    assert_eq!(hotline.desk("1001", blind(Target::Seat("1002".into()))), Err(DeskRefusal::AttendedOnly));
    hotline.desk("1001", DeskOrder::Dispose("resolved".into())).unwrap();
    let stated = hotline.events(call(0)).into_iter().filter(|event| matches!(event.kind, EventKind::FirstCommunication)).count();
    assert_eq!(stated, 1, "t4 is stated once");
    assert_all_comes_back(hotline);
}
