//! The transfer key of a phone (RFC 3515, 3891, 5589): the same rules as for any order.

use super::*;
use crate::desk_phone::{header, rang};
use crate::hotline::call;
use hotline_model::history::{EventKind, PhoneEvent};
use hotline_sip::DialogId;

fn first(hotline: &Hotline) -> DialogId {
    hotline.dialog(FIRST.into())
}

fn refer(hotline: &mut Hotline, to: &str) -> Vec<String> {
    let dialog = first(hotline);
    hotline.refer(FIRST.into(), dialog, to)
}

const WITH_REASON: &str = "Refer-To: <sip:1002@127.0.0.1:5060>\r\nX-Hotline-Reason: too_complex";

#[test]
fn a_blind_refer_keeps_the_agent_until_the_receiver_has_the_caller_and_tells_the_phone_how_it_goes_rfc_5589_6() {
    let mut hotline = talking(answers(2), answers(1));
    assert_eq!(refer(&mut hotline, WITH_REASON), ["202", "SIP/2.0 100 Trying", "SIP/2.0 180 Ringing"]);
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, FIRST)), (vec!["music".into()], vec!["ring-back".to_owned()]));
    let by = |phone| header(rang(&hotline, phone).last().expect("it rang"), "Referred-By");
    assert_eq!((by(SECOND), by(FIRST)), (Some("<sip:1001@127.0.0.1:5060>".to_owned()), None), "RFC 3892 2.1");
    hotline.pass_ms(2_100);
    assert_eq!(hotline.told.last().map(String::as_str), Some("SIP/2.0 200 OK"));
    assert_eq!(hears(&hotline, CALLER), ["6002"]);
    assert_eq!(saw(&hotline, FIRST, |event| matches!(event, Event::Bye { .. })), 1);
    let [transfer] = &transfers(&hotline)[..] else { panic!() };
    assert_eq!((transfer.reason, transfer.end), (Some(TransferReason::TooComplex), Some(TransferEnd::Completed)));
    assert_all_comes_back(hotline);
}

#[test]
fn a_phone_that_hangs_up_after_its_refer_leaves_the_caller_to_the_receiver_or_gets_it_back() {
    let mut hotline = talking(answers(2), answers(1));
    refer(&mut hotline, WITH_REASON);
    hotline.hang_up(FIRST.into());
    assert_eq!((hears(&hotline, CALLER), activities(&hotline)[0]), (vec!["music".into()], Activity::WrapUp));
    hotline.pass_ms(2_100);
    assert_eq!(hears(&hotline, CALLER), ["6002"]);
    assert_all_comes_back(hotline);

    let mut hotline = talking(Habit::RingsOut, answers(1));
    refer(&mut hotline, WITH_REASON);
    hotline.hang_up(FIRST.into());
    hotline.pass_ms(32_000);
    assert_eq!((hears(&hotline, CALLER), ends(&hotline)), (vec!["6001".to_owned()], vec![Some(TransferEnd::NotAnswered)]));
    assert_all_comes_back(hotline);
}

#[test]
fn a_refer_that_nobody_takes_is_told_so_and_the_agent_has_the_caller_again() {
    let mut hotline = talking(Habit::Refuses(486), answers(1));
    let told = refer(&mut hotline, WITH_REASON);
    assert_eq!((told[0].as_str(), told.last().map(String::as_str)), ("202", Some("SIP/2.0 486 Busy Here")));
    assert_eq!(hears(&hotline, CALLER), ["6001"]);
    let told = refer(&mut hotline, WITH_REASON);
    assert_eq!(told[0], "603", "the receiver is in the short delay after a refusal");
    assert_all_comes_back(hotline);
}

#[test]
fn a_refer_without_a_reason_to_strangers_or_to_nobody_is_refused_and_the_call_stays_r53() {
    let mut hotline = talking(answers(1), answers(1));
    for (to, status) in [
        ("Refer-To: <sip:1002@127.0.0.1:5060>", "603"),
        ("Refer-To: <sip:1002@evil.example>\r\nX-Hotline-Reason: too_complex", "403"),
        ("Refer-To: <sip:1999@127.0.0.1:5060>\r\nX-Hotline-Reason: too_complex", "403"),
        ("Refer-To: <sip:nobody@127.0.0.1:5060>\r\nX-Hotline-Reason: too_complex", "404"),
        ("Refer-To: <tel:+8613900001111>\r\nX-Hotline-Reason: too_complex", "403"),
        ("Refer-To: <sip:１３９００００１１１１@127.0.0.1:5060>\r\nX-Hotline-Reason: too_complex", "404"),
        ("Refer-To: <sip:night@127.0.0.1:5060;reason=too_complex>", "480"),
        ("Refer-To: <sip:1002@127.0.0.1:5060;method=BYE>\r\nX-Hotline-Reason: too_complex", "501"),
        ("Refer-To: <sip:1002@127.0.0.1:5060?Replaces=nothing%3Bto-tag%3Da%3Bfrom-tag%3Db>\r\nX-Hotline-Reason: too_complex", "481"),
    ] {
        assert_eq!(refer(&mut hotline, to), [status], "{to}");
        assert_eq!((hears(&hotline, CALLER), transfers(&hotline).len()), (vec!["6001".to_owned()], 0), "{to}");
    }
    let refused = hotline.events(call(0)).into_iter().filter(|event| matches!(event.kind, EventKind::ReferRefused { leg: 1, .. }));
    assert_eq!(refused.count(), 9);
    assert_all_comes_back(hotline);
}

#[test]
fn the_reason_may_stand_in_the_uri_and_a_queue_be_the_target() {
    let mut hotline = talking(answers(1), answers(1));
    let told = refer(&mut hotline, "Refer-To: <sip:experts@127.0.0.1:5060;reason=multi_department>");
    assert_eq!(told[0], "202");
    hotline.pass_ms(1_100);
    assert_eq!((hears(&hotline, CALLER), transfers(&hotline)[0].reason), (vec!["6002".to_owned()], Some(TransferReason::MultiDepartment)));
    assert_all_comes_back(hotline);
}

#[test]
fn a_refer_from_the_callers_side_is_forbidden_and_told() {
    let mut hotline = talking(answers(1), answers(1));
    let dialog = hotline.dialog(CALLER.into());
    assert_eq!(hotline.refer(CALLER.into(), dialog, WITH_REASON), ["403"]);
    assert_eq!(hears(&hotline, CALLER), ["6001"]);
    assert!(hotline.events(call(0)).iter().any(|event| event.kind == EventKind::ReferRefused { leg: 0, status: 403 }));
    assert_all_comes_back(hotline);
}

#[test]
fn refers_one_after_the_other_are_refused_alike_and_only_the_first_few_are_told() {
    let mut hotline = talking(answers(1), answers(1));
    for side in [FIRST, CALLER] {
        let dialog = if side == CALLER { hotline.dialog(CALLER.into()) } else { first(&hotline) };
        for _ in 0..100 {
            let status = if side == CALLER { "403" } else { "603" };
            assert_eq!(hotline.refer(side.into(), dialog, "Refer-To: <sip:1002@127.0.0.1:5060>"), [status]);
        }
    }
    let told = |leg| {
        let events = hotline.events(call(0));
        events.iter().filter(|event| matches!(event.kind, EventKind::ReferRefused { leg: of, .. } if of == leg)).count()
    };
    assert_eq!((told(0), told(1), hotline.engine.counters().refers_refused), (16, 16, 200));
    assert_eq!(hears(&hotline, CALLER), ["6001"]);
    assert_all_comes_back(hotline);
}

/// The first agent holds the caller and talks with a colleague on a second line: both dialogs.
fn on_two_lines() -> (Hotline, DialogId, DialogId) {
    let rules = rules().replace("[[seat]]\nname = \"1001\"", "[[seat]]\npassword = \"0123456789abcdef\"\nname = \"1001\"");
    let mut hotline = talking_by(&rules, answers(1), answers(1));
    let line = first(&hotline);
    let second = hotline.account_dials(FIRST.into(), "1001", "0123456789abcdef", "1002");
    hotline.pass_ms(1_100);
    assert_eq!(hotline.state("1002").activity, Activity::OnCall);
    (hotline, line, second)
}

fn replaces(hotline: &Hotline, dialog: DialogId, wrong: &str) -> String {
    let state = hotline.phones[&SocketAddr::from(FIRST)].endpoint.state(dialog).expect("the second line");
    let (call, to, from) = (state.call_id.replace('@', "%40"), &state.remote_tag, &state.local_tag);
    format!(
        "Refer-To: <sip:1002@127.0.0.1:5060?Replaces={call}{wrong}%3Bto-tag%3D{to}%3Bfrom-tag%3D{from}>\r\nX-Hotline-Reason: too_complex"
    )
}

#[test]
fn a_refer_with_replaces_of_the_agents_second_line_makes_one_call_of_both_rfc_5589_7() {
    let (mut hotline, line, second) = on_two_lines();
    let to = replaces(&hotline, second, "");
    let told = hotline.refer(FIRST.into(), line, &to);
    assert_eq!((told[0].as_str(), told.last().map(String::as_str)), ("202", Some("SIP/2.0 200 OK")));
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, SECOND)), (vec!["6002".into()], vec!["7001".to_owned()]));
    let record = hotline.record(call(0));
    let [transfer] = &record.transfers[..] else { panic!("{:?}", record.transfers) };
    assert_eq!((transfer.receiver.as_deref(), transfer.end), (Some("1002"), Some(TransferEnd::Completed)));
    assert_eq!((record.owner.as_deref(), record.seat.as_deref()), (Some("1001"), Some("1002")));
    assert_eq!(activities(&hotline), [Activity::WrapUp, Activity::OnCall, Activity::Free]);
    assert_eq!(saw(&hotline, FIRST, |event| matches!(event, Event::Bye { .. })), 2, "both lines of the first agent");
    assert_all_comes_back(hotline);
}

#[test]
fn a_refer_with_replaces_of_a_wrong_dialog_is_refused_and_both_calls_stay() {
    let (mut hotline, line, second) = on_two_lines();
    let to = replaces(&hotline, second, "x");
    assert_eq!(hotline.refer(FIRST.into(), line, &to), ["481"]);
    let own = hotline.phones[&SocketAddr::from(FIRST)].endpoint.state(line).unwrap();
    let (id, a, b) = (own.call_id.replace('@', "%40"), own.remote_tag, own.local_tag);
    let itself =
        format!("Refer-To: <sip:1002@127.0.0.1:5060?Replaces={id}%3Bto-tag%3D{a}%3Bfrom-tag%3D{b}>\r\nX-Hotline-Reason: too_complex");
    assert_eq!(hotline.refer(FIRST.into(), line, &itself), ["400"]);
    let unreasoned = replaces(&hotline, second, "").replace("\r\nX-Hotline-Reason: too_complex", "");
    assert_eq!(hotline.refer(FIRST.into(), line, &unreasoned), ["603"]);
    let theirs = hotline.phones[&SocketAddr::from(CALLER)].endpoint.state(hotline.dialog(CALLER.into())).unwrap();
    let (id, a, b) = (theirs.call_id.replace('@', "%40"), theirs.remote_tag, theirs.local_tag);
    let callers =
        format!("Refer-To: <sip:1002@127.0.0.1:5060?Replaces={id}%3Bto-tag%3D{a}%3Bfrom-tag%3D{b}>\r\nX-Hotline-Reason: too_complex");
    assert_eq!(hotline.refer(FIRST.into(), line, &callers), ["403"], "the caller's dialog is not the agent's to replace");
    assert_eq!((hears(&hotline, CALLER), transfers(&hotline).len()), (vec!["6001".to_owned()], 0));
    assert_eq!(hotline.state("1002").activity, Activity::OnCall);
    hotline.hang_up_call(FIRST.into(), second);
    assert_all_comes_back(hotline);
}

/// The phone's own re-INVITE with a direction (RFC 3264 8.4).
fn says(hotline: &mut Hotline, version: u32, direction: &str) {
    let dialog = first(hotline);
    hotline.reinvite(FIRST.into(), dialog, version, direction);
}

#[test]
fn a_phone_that_holds_asks_in_vain_and_takes_back_has_the_caller_who_heard_music_meanwhile_r53() {
    let mut hotline = talking(answers(1), answers(1));
    for version in [2, 4] {
        says(&mut hotline, version, "sendonly");
        assert_eq!((hears(&hotline, CALLER), hears(&hotline, FIRST)), (vec!["music".to_owned()], Vec::new()));
        assert_eq!(refer(&mut hotline, "Refer-To: <sip:1002@127.0.0.1:5060>"), ["603"]);
        assert_eq!((hears(&hotline, CALLER), hears(&hotline, FIRST)), (vec!["music".to_owned()], Vec::new()));
        hotline.pass_ms(20_000);
        assert_eq!(hears(&hotline, CALLER), ["music"]);
        says(&mut hotline, version + 1, "sendrecv");
        assert_eq!((hears(&hotline, CALLER), hears(&hotline, FIRST)), (vec!["6001".to_owned()], vec!["7001".to_owned()]));
    }
    assert!(transfers(&hotline).is_empty());
    assert_all_comes_back(hotline);
}

#[test]
fn a_phone_that_holds_and_transfers_is_let_go_when_the_receiver_has_the_caller() {
    let mut hotline = talking(answers(2), answers(1));
    says(&mut hotline, 2, "sendonly");
    assert_eq!(refer(&mut hotline, WITH_REASON), ["202", "SIP/2.0 100 Trying", "SIP/2.0 180 Ringing"]);
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, FIRST)), (vec!["music".to_owned()], Vec::new()));
    hotline.pass_ms(2_100);
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, SECOND)), (vec!["6002".to_owned()], vec!["7001".to_owned()]));
    assert_eq!(activities(&hotline)[0], Activity::WrapUp);
    assert_all_comes_back(hotline);
}

#[test]
fn a_resume_that_crosses_our_own_re_invite_counts_after_the_back_off_rfc_3261_14_1() {
    let mut hotline = talking(answers(1), answers(1));
    let (dialog, now) = (first(&hotline), hotline.now);
    let says = |hotline: &mut Hotline, version, direction| {
        let body = crate::hotline::sdp(FIRST.into(), version, direction);
        hotline.phones.get_mut(&SocketAddr::from(FIRST)).unwrap().endpoint.reinvite(now, dialog, body).unwrap();
    };
    says(&mut hotline, 2, "sendonly");
    hotline.settle();
    assert_eq!(hears(&hotline, CALLER), ["music"]);
    says(&mut hotline, 3, "sendrecv");
    hotline.restart();
    assert_eq!(saw(&hotline, FIRST, |event| matches!(event, Event::Reinvite { .. })), 0, "both got 491");
    hotline.pass_ms(5_000);
    assert_eq!(saw(&hotline, FIRST, |event| matches!(event, Event::Reinvite { .. })), 1);
    assert_eq!((hears(&hotline, CALLER), hears(&hotline, FIRST)), (vec!["6001".to_owned()], vec!["7001".to_owned()]));
    assert_all_comes_back(hotline);
}

#[test]
fn a_phone_hears_what_became_of_its_refer_after_a_crash_at_any_moment_rfc_3515_2_4_7() {
    let walk = |crash_after| {
        let mut hotline = talking(answers(2), answers(1));
        let from = hotline.journal.len();
        hotline.crash_after = crash_after;
        refer(&mut hotline, WITH_REASON);
        if !hotline.crashed() {
            hotline.pass_ms(2_100);
        }
        (hotline, from)
    };
    let (whole, from) = walk(usize::MAX);
    let told =
        |hotline: &Hotline| hotline.told.iter().filter(|line| line.starts_with("SIP/2.0 200") || line.starts_with("SIP/2.0 503")).count();
    let referred = |entry: &hotline_model::Entry| matches!(entry, hotline_model::Entry::Call(event) if matches!(event.kind, EventKind::Phone(PhoneEvent::Referred { .. })));
    let accepted = whole.journal.iter().position(referred).expect("it was accepted");
    let (mut last, mut lost) = (0, 0);
    for cut in from + 1..whole.journal.len() {
        let (mut hotline, _) = walk(cut);
        let before = told(&hotline);
        hotline.told.clear();
        hotline.restart();
        hotline.pass_ms(3_000);
        let ended = hotline
            .journal
            .iter()
            .rev()
            .any(|entry| matches!(entry, hotline_model::Entry::Call(event) if matches!(event.kind, EventKind::TransferEnded { .. })));
        let now = told(&hotline);
        assert!(before + now <= 1, "cut after {cut}: told twice");
        if cut > accepted && ended && before == 0 {
            lost += usize::from(now == 0);
            last += now;
        }
        let heard = hears(&hotline, CALLER);
        assert!(heard == ["6001"] || heard == ["6002"], "cut after {cut}: {heard:?}");
    }
    assert!(last > 5 && lost <= 4, "{last} heard of it; only who was let go in the step of the crash did not: {lost}");
}
