//! A phone that hangs up by itself as its REFER is refused (some do) has not ended the call: the caller is kept (R59).

use super::*;
use crate::hotline::call;
use hotline_model::history::{Cause, Side};

/// The first agent's phone asks for something that is refused, and hangs up after a while.
fn refused_and_gone(rules: &str, refer_to: &str, status: &str, after_ms: u64) -> Hotline {
    let mut hotline = talking_by(rules, answers(1), answers(1));
    let dialog = hotline.dialog(FIRST.into());
    assert_eq!(hotline.refer(FIRST.into(), dialog, refer_to), [status]);
    hotline.pass_ms(after_ms);
    hotline.hang_up(FIRST.into());
    hotline
}

const UNREASONED: &str = "Refer-To: <sip:1002@127.0.0.1:5060>";

#[test]
fn the_caller_hears_music_and_is_with_the_same_agent_again_whatever_the_refer_was_refused_for() {
    for (refer_to, status) in [
        (UNREASONED, "603"),
        ("Refer-To: <sip:1002@evil.example>\r\nX-Hotline-Reason: too_complex", "403"),
        ("Refer-To: <sip:nobody@127.0.0.1:5060>\r\nX-Hotline-Reason: too_complex", "404"),
        ("Refer-To: <mailto:1002@127.0.0.1>", "416"),
        ("X-Nothing: at all", "400"),
        ("Refer-To: <sip:1002@127.0.0.1:5060>\r\nRequire: magic", "420"),
    ] {
        let mut hotline = refused_and_gone(&rules(), refer_to, status, 100);
        assert_eq!((hears(&hotline, CALLER), activities(&hotline)[0]), (vec!["music".to_owned()], Activity::Offered), "{status}");
        hotline.pass_ms(1_100);
        assert_eq!((hears(&hotline, CALLER), activities(&hotline)[0]), (vec!["6001".to_owned()], Activity::OnCall), "{status}");
        let record = hotline.record(call(0));
        assert_eq!((record.owner.as_deref(), record.seat.as_deref(), record.transfers.len()), (Some("1001"), Some("1001"), 0));
        let status = status.parse().unwrap();
        let told = EventKind::ReferRefused { leg: 1, status };
        assert!(hotline.events(call(0)).iter().any(|event| event.kind == told), "the history says why: {status}");
        assert_all_comes_back(hotline);
    }
}

#[test]
fn an_agent_who_is_no_longer_there_leaves_the_caller_to_whoever_is_free_first_at_the_old_place() {
    let rules = rules().replacen("seats = [\"1001\"]", "seats = [\"1001\", \"1002\"]", 1);
    for away in [true, false] {
        let mut hotline = talking_by(&rules, answers(1), answers(1));
        let before = hotline.record(call(0)).t2;
        if away {
            hotline.sign("1001", Intent::SignedOut);
        } else {
            hotline.change_habit(6001, Habit::Refuses(486));
        }
        let dialog = hotline.dialog(FIRST.into());
        assert_eq!(hotline.refer(FIRST.into(), dialog, UNREASONED), ["603"]);
        hotline.hang_up(FIRST.into());
        hotline.pass_ms(1_100);
        assert_eq!((hears(&hotline, CALLER), hotline.record(call(0)).owner.as_deref()), (vec!["6002".to_owned()], Some("1001")), "{away}");
        assert_eq!(hotline.record(call(0)).t2, before);
        assert_all_comes_back(hotline);
    }
}

#[test]
fn a_hang_up_later_or_by_order_or_of_the_caller_is_an_end_like_any_other() {
    let ended = |hotline: &Hotline| hotline.record(call(0)).hung_up_by;
    let hotline = refused_and_gone(&rules(), UNREASONED, "603", 2_001);
    assert_eq!((ended(&hotline), hotline.record(call(0)).cause), (Some(Side::Agent), Some(Cause::Normal)));
    assert_all_comes_back(hotline);
    let kept = refused_and_gone(&rules(), UNREASONED, "603", 2_000);
    assert_eq!(ended(&kept), None);

    let mut hotline = talking(answers(1), answers(1));
    let dialog = hotline.dialog(FIRST.into());
    hotline.refer(FIRST.into(), dialog, UNREASONED);
    assert_eq!(hotline.desk("1001", DeskOrder::HangUp), Ok(()));
    assert_eq!(ended(&hotline), Some(Side::Agent));
    assert_all_comes_back(hotline);

    let mut hotline = talking(answers(1), answers(1));
    let dialog = hotline.dialog(CALLER.into());
    assert_eq!(hotline.refer(CALLER.into(), dialog, "Refer-To: <sip:1002@127.0.0.1:5060>"), ["403"]);
    hotline.hang_up(CALLER.into());
    assert_eq!(ended(&hotline), Some(Side::Caller));
    hotline.pass_ms(60_000);
    assert_eq!(hotline.engine.calls(), 0);
}

#[test]
fn a_caller_who_is_back_after_it_survives_a_crash_at_any_moment() {
    let walk = |crash_after| {
        let mut hotline = Hotline::new(&rules(), &[(6001, answers(1)), (6002, answers(1)), (6003, answers(1)), (6004, Habit::RingsOut)]);
        hotline.dial(7001, "direct");
        hotline.pass_ms(2_000);
        let from = hotline.journal.len();
        hotline.crash_after = crash_after;
        let dialog = hotline.dialog(FIRST.into());
        hotline.refer(FIRST.into(), dialog, UNREASONED);
        if !hotline.crashed() {
            hotline.hang_up(FIRST.into());
        }
        hotline.pass_ms(1_500);
        (hotline, from)
    };
    let (whole, from) = walk(usize::MAX);
    for cut in from + 4..=whole.journal.len() {
        let (mut hotline, _) = walk(cut);
        hotline.restart();
        hotline.pass_ms(60_000);
        assert_eq!(hotline.engine.calls(), 1, "cut after {cut}");
        let heard = hears(&hotline, CALLER);
        assert_eq!(heard, ["6001"], "cut after {cut}");
    }
}

#[test]
fn a_caller_who_has_talked_waits_again_in_a_full_queue_too_and_at_the_old_place() {
    let rules = rules().replacen("seats = [\"1001\"]", "limit = 1\nseats = [\"1001\"]", 1);
    let mut hotline = talking_by(&rules, answers(1), answers(1));
    hotline.dial(7002, "direct");
    hotline.desk("1001", DeskOrder::Consult { to: Target::Seat("1002".into()) }).unwrap();
    hotline.sign("1001", Intent::NotReady(hotline_model::NotReadyReason::Break));
    hotline.hang_up(FIRST.into());
    hotline.pass_ms(40_000);
    assert_eq!(hears(&hotline, CALLER), ["music"], "nobody says that the lines are busy");
    assert_eq!(hotline.engine.figures().waiting, 2);
    hotline.sign("1001", Intent::Available);
    hotline.pass_ms(1_100);
    assert_eq!(hears(&hotline, CALLER), ["6001"], "before those who came later");
    hotline.hang_up(CALLER.into());
    hotline.pass_ms(30_000);
    assert_eq!(hotline.hears(([127, 0, 0, 3], 7002).into()), ["6001"]);
    hotline.hang_up(([127, 0, 0, 3], 7002).into());
    assert_all_comes_back(hotline);
}
