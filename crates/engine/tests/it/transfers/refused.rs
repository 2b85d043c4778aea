//! Orders that are refused change nothing: the caller talks on with the same agent.

use super::*;
use hotline_model::Reclassified;

fn assert_refused(hotline: &mut Hotline, order: DeskOrder, why: DeskRefusal) {
    let before = transfers(hotline).len();
    assert_eq!(hotline.desk("1001", order.clone()), Err(why), "{order:?}");
    assert_eq!((hears(hotline, CALLER), transfers(hotline).len()), (vec!["6001".to_owned()], before), "{order:?}");
    let told = hotline.events(call(0)).into_iter().rev().find_map(|event| match event.kind {
        EventKind::OrderRefused { why, .. } => Some(why),
        _ => None,
    });
    assert_eq!(told, Some(why), "the history says why");
}

#[test]
fn without_a_reason_without_a_target_without_anybody_there_the_call_stays_r53() {
    let mut hotline = talking(answers(1), answers(1));
    let unreasoned = DeskOrder::Transfer { to: Target::Seat("1002".into()), mode: None, reason: None };
    assert_refused(&mut hotline, unreasoned, DeskRefusal::NoReason);
    assert_refused(&mut hotline, to_seat("1999"), DeskRefusal::NoSuchTarget);
    assert_refused(&mut hotline, to_queue("nowhere"), DeskRefusal::NoSuchTarget);
    assert_refused(&mut hotline, to_queue("night"), DeskRefusal::NobodyThere);
    assert_refused(&mut hotline, to_seat("1004"), DeskRefusal::NobodyThere);
    assert_refused(&mut hotline, to_seat("1001"), DeskRefusal::Oneself);
    let number = hotline_model::PhoneNumber::parse("13900001111").unwrap();
    assert_refused(&mut hotline, to(Target::Number(number)), DeskRefusal::NotAllowed);
    for (order, why) in [
        (complete(), DeskRefusal::NotUnderWay),
        (DeskOrder::Cancel, DeskRefusal::NotUnderWay),
        (DeskOrder::ThreeWay, DeskRefusal::NotUnderWay),
        (DeskOrder::Back, DeskRefusal::NobodyToGoBackTo),
    ] {
        assert_refused(&mut hotline, order, why);
    }
    assert_all_comes_back(hotline);
}

#[test]
fn a_sensitive_call_goes_to_who_is_cleared_only_r68() {
    let mut hotline = talking(answers(1), answers(1));
    hotline.desk("1001", DeskOrder::Classify(Reclassified { sensitive: Some(true), ..Reclassified::default() })).unwrap();
    assert_refused(&mut hotline, to_seat("1003"), DeskRefusal::NotCleared);
    assert_eq!(hotline.desk("1001", to_queue("experts")), Ok(()));
    hotline.pass_ms(1_100);
    assert_eq!(hears(&hotline, FIRST), ["6002"], "the only one who is cleared");
    assert_all_comes_back(hotline);
}

#[test]
fn a_call_that_becomes_sensitive_in_the_consultation_is_not_handed_over_to_who_is_not_cleared_r68() {
    let mut hotline = talking(answers(1), answers(1));
    hotline.desk("1001", to_seat("1003")).unwrap();
    hotline.pass_ms(1_100);
    hotline.desk("1001", DeskOrder::Classify(Reclassified { sensitive: Some(true), ..Reclassified::default() })).unwrap();
    assert_eq!(hotline.desk("1001", complete()), Err(DeskRefusal::NotCleared));
    assert_eq!(hears(&hotline, FIRST), ["6003"]);
    assert_all_comes_back(hotline);
}

#[test]
fn the_receiver_may_not_end_what_the_first_agent_began() {
    let mut hotline = talking(answers(2), answers(1));
    hotline.desk("1001", to_seat("1002")).unwrap();
    assert_eq!(hotline.desk("1001", complete()), Err(DeskRefusal::NotAnswered));
    assert_eq!(hotline.desk("1001", DeskOrder::ThreeWay), Err(DeskRefusal::NotAnswered));
    assert_eq!(hotline.desk("1001", to_seat("1003")), Err(DeskRefusal::UnderWay));
    assert_eq!(hotline.desk("1002", DeskOrder::Hold), Err(DeskRefusal::NoCall), "a seat that rings is in no call");
    hotline.pass_ms(2_100);
    for order in [complete(), DeskOrder::Cancel, DeskOrder::ThreeWay] {
        assert_eq!(hotline.desk("1002", order), Err(DeskRefusal::NotYours));
    }
    assert_eq!(hotline.desk("1001", DeskOrder::Hold), Err(DeskRefusal::UnderWay));
    assert_eq!(hotline.desk("1003", DeskOrder::Hold), Err(DeskRefusal::NoCall));
    assert_eq!(hears(&hotline, FIRST), ["6002"]);
    assert_all_comes_back(hotline);
}
