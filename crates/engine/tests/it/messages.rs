//! Messages that callers leave, and the ten minutes in which somebody is to answer them (R19, K8).

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, first_seat, number, queue};
use hotline_engine::{Input, MessageAnswer};
use hotline_media::{Command, Event, RecordEnd, StreamId};
use hotline_model::CallId;
use hotline_model::history::{Cause, ClockChange, EventKind, MessageEnd, MessageLeft, MessageOrder, NoMessage};
use std::net::SocketAddr;
use std::time::Duration;

const CALLER: ([u8; 4], u16) = ([127, 0, 0, 3], 7001);
const MINUTE_MS: u64 = 60_000;

fn rules(facts: &str) -> String {
    let voicemail = format!("[voicemail.evening]\nqueue = \"line\"\n{facts}\n");
    let entry = "[[number]]\nname = \"late\"\nvoicemail = \"evening\"\n".to_owned();
    [PREAMBLE, &entry, &number("direct", "line", ""), &queue("line", 1, "wrap_up = \"0s\""), &first_seat(), &voicemail].concat()
}

fn house(facts: &str) -> Hotline {
    Hotline::new(&rules(facts), &[(6001, Habit::Answers(Duration::from_secs(1)))])
}

fn recorder(hotline: &Hotline) -> Option<(StreamId, u64, String)> {
    hotline.media.iter().rev().find_map(|command| match command {
        Command::Record { stream, order } => Some((*stream, order.record, order.file.to_string())),
        _ => None,
    })
}

/// The recorder of the last call ends.
fn recorded(hotline: &mut Hotline, end: RecordEnd, spoken_ms: u32) {
    let (stream, record, _) = recorder(hotline).expect("it is recorded");
    let event = Event::Recorded { stream, record, end, length_ms: spoken_ms + 500, spoken_ms };
    hotline.engine.handle(hotline.now, Input::Media(event));
    hotline.settle();
}

/// A caller dials and hears the tone.
fn begin(hotline: &mut Hotline, port: u16) -> SocketAddr {
    let phone = hotline.dial(port, "late");
    let stream = hotline.last_stream();
    hotline.heard(stream);
    phone
}

/// A caller leaves a message and hangs up.
fn leave(hotline: &mut Hotline, port: u16) {
    let phone = begin(hotline, port);
    hotline.pass_ms(5_000);
    recorded(hotline, RecordEnd::Silence, 4_000);
    hotline.hang_up(phone);
}

fn answer(hotline: &mut Hotline, call: CallId, by: &str, order: MessageOrder) -> MessageAnswer {
    hotline.engine.handle(hotline.now, Input::Message { call, by: by.into(), order });
    let answer = hotline.engine.message_answer().clone();
    hotline.settle();
    answer
}

fn order(hotline: &mut Hotline, call: CallId, by: &str, order: MessageOrder) -> bool {
    answer(hotline, call, by, order) == MessageAnswer::Done
}

fn left(hotline: &Hotline, call: CallId) -> Option<MessageLeft> {
    hotline.events(call).into_iter().find_map(|event| if let EventKind::MessageLeft(left) = event.kind { Some(*left) } else { None })
}

fn none(hotline: &Hotline, call: CallId) -> Option<NoMessage> {
    hotline.events(call).into_iter().find_map(|event| if let EventKind::NoMessage { why, .. } = event.kind { Some(why) } else { None })
}

fn k8(hotline: &Hotline, call: CallId) -> Option<ClockChange> {
    hotline.record(call).clocks.iter().find(|clock| clock.clock == 8).map(|clock| clock.state)
}

#[test]
fn a_caller_hears_words_and_a_tone_speaks_and_is_thanked_r19() {
    let mut hotline = house("");
    let phone = hotline.dial(7001, "late");
    assert_eq!(hotline.said(), ["voicemail-leave", "beep"]);
    assert_eq!(recorder(&hotline), None, "not before the tone was heard");
    let stream = hotline.last_stream();
    hotline.heard(stream);
    assert_eq!(recorder(&hotline).map(|(_, _, file)| file), Some("1-0-0.wav".into()), "no number stands in the name");
    hotline.pass_ms(8_000);
    recorded(&mut hotline, RecordEnd::Silence, 5_000);
    assert_eq!(hotline.said()[2..], ["voicemail-thanks"]);
    let message = left(&hotline, call(0)).expect("it was left");
    assert_eq!((&*message.voicemail, &*message.queue, message.length_ms, message.end), ("evening", "line", 5_500, MessageEnd::Silence));
    hotline.hang_up(phone);
    assert_eq!((hotline.engine.calls(), hotline.engine.figures().messages), (0, 1), "nobody is on the line");
    assert_eq!(hotline.engine.figures().free_ports, 50);
    let record = hotline.record(call(0));
    assert_eq!((record.cause, record.t7), (Some(Cause::Completed), None), "it is complete when somebody is done with the message");
}

#[test]
fn the_hash_key_skips_the_words_and_ends_the_message() {
    let mut hotline = house("");
    hotline.dial(7001, "late");
    hotline.press(call(0), '5');
    hotline.press(call(0), '#');
    assert_eq!(hotline.said(), ["voicemail-leave", "beep", "beep"]);
    let stream = hotline.last_stream();
    hotline.heard(stream);
    hotline.press(call(0), '#');
    assert!(hotline.media.iter().any(|command| matches!(command, Command::StopRecord { .. })));
    recorded(&mut hotline, RecordEnd::Stopped, 2_000);
    assert_eq!(left(&hotline, call(0)).map(|left| left.end), Some(MessageEnd::Key));
}

#[test]
fn a_caller_who_hangs_up_in_the_middle_has_left_a_message_and_one_who_said_nothing_has_not() {
    for (spoken, counts) in [(3_000, true), (1_000, true), (999, false)] {
        let mut hotline = house("");
        let phone = begin(&mut hotline, 7001);
        hotline.pass_ms(4_000);
        hotline.hang_up(phone);
        recorded(&mut hotline, RecordEnd::Closed, spoken);
        assert_eq!(left(&hotline, call(0)).map(|left| left.end), counts.then_some(MessageEnd::HungUp));
        assert_eq!(none(&hotline, call(0)), (!counts).then_some(NoMessage::TooShort));
        assert_eq!((hotline.record(call(0)).t7.is_none(), hotline.engine.figures().messages == 1), (counts, counts));
    }
    let mut hotline = house("");
    let phone = hotline.dial(7001, "late");
    hotline.hang_up(phone);
    let record = hotline.record(call(0));
    assert_eq!((record.cause, record.t7.is_some()), (Some(Cause::AbandonedInMenu), true), "before the tone nothing is left");
}

#[test]
fn a_message_is_to_be_answered_within_ten_minutes_and_supervisors_are_warned_k8() {
    let mut hotline = house("");
    leave(&mut hotline, 7001);
    let since = hotline.record(call(0)).clocks.iter().find(|clock| clock.clock == 8).map(|clock| clock.limit_ms);
    assert_eq!((since, k8(&hotline, call(0))), (Some(600_000), Some(ClockChange::Started)));
    hotline.pass_ms(8 * MINUTE_MS);
    assert_eq!(k8(&hotline, call(0)), Some(ClockChange::Warned));
    leave(&mut hotline, 7002);
    assert!(order(&mut hotline, call(1), "lin", MessageOrder::Heard));
    assert_eq!(k8(&hotline, call(1)), Some(ClockChange::Started), "listening is no answer");
    assert!(order(&mut hotline, call(1), "lin", MessageOrder::Take));
    hotline.pass_ms(3 * MINUTE_MS);
    assert_eq!((k8(&hotline, call(0)), k8(&hotline, call(1))), (Some(ClockChange::Breached), Some(ClockChange::Met)));
    assert!(order(&mut hotline, call(0), "lin", MessageOrder::TakeOver) && order(&mut hotline, call(0), "lin", MessageOrder::Done));
    assert_eq!(k8(&hotline, call(0)), Some(ClockChange::Breached));
    assert!(order(&mut hotline, call(1), "lin", MessageOrder::Delete));
    assert!(!order(&mut hotline, call(1), "lin", MessageOrder::Done), "it is done with");
    assert!(hotline.record(call(0)).t7.is_some() && hotline.record(call(1)).t7.is_some());
    assert_eq!(hotline.engine.figures().messages, 0);
}

#[test]
fn when_as_many_wait_as_may_the_next_caller_is_led_on_until_one_is_taken() {
    let mut hotline = house("limit = 2");
    (7001..7003).for_each(|port| leave(&mut hotline, port));
    let phone = hotline.dial(7003, "late");
    assert_eq!((hotline.said().last().map(String::as_str), none(&hotline, call(2))), (Some("voicemail-full"), Some(NoMessage::Full)));
    hotline.hang_up(phone);
    assert!(hotline.record(call(2)).t7.is_some());
    order(&mut hotline, call(0), "lin", MessageOrder::Take);
    leave(&mut hotline, 7004);
    assert!(left(&hotline, call(3)).is_some());
}

#[test]
fn a_full_voicemail_may_lead_to_people_and_a_circle_ends() {
    let mut hotline = house("limit = 1\nfull = { say = \"voicemail-full\", queue = \"line\" }");
    leave(&mut hotline, 7001);
    hotline.dial(7002, "late");
    hotline.pass_ms(2_000);
    assert_eq!(hotline.record(call(1)).seat.as_deref(), Some("1001"));
    assert!(hotline.said().iter().any(|said| said == "voicemail-full"));

    let closed = "[calendar.evening]\nzone = \"Asia/Shanghai\"\nhours = { daily = \"18:00-20:00\" }\n";
    let line = queue("night", 1, "hours = \"evening\"\nclosed = { voicemail = \"evening\" }");
    let rules = [&rules("limit = 1\nfull = { queue = \"night\" }"), closed, &line].concat();
    let mut hotline = Hotline::new(&rules, &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    leave(&mut hotline, 7001);
    let phone = hotline.dial(7002, "late");
    hotline.hang_up(phone);
    assert!(hotline.record(call(1)).t7.is_some());
}

#[test]
fn what_can_not_be_stored_is_told_to_the_caller_and_a_part_of_a_message_counts() {
    let mut hotline = house("");
    begin(&mut hotline, 7001);
    recorded(&mut hotline, RecordEnd::Failed, 0);
    assert_eq!((none(&hotline, call(0)), hotline.said().last().map(String::as_str)), (Some(NoMessage::Storage), Some("voicemail-full")));
    begin(&mut hotline, 7002);
    recorded(&mut hotline, RecordEnd::Failed, 20_000);
    assert_eq!(left(&hotline, call(1)).map(|left| left.end), Some(MessageEnd::Storage));
}

#[test]
fn a_recorder_that_is_never_heard_of_loses_no_message() {
    let mut hotline = house("");
    let phone = begin(&mut hotline, 7001);
    hotline.pass_ms(5_000);
    hotline.hang_up(phone);
    hotline.pass_ms(6_000);
    assert_eq!(left(&hotline, call(0)).map(|left| left.end), Some(MessageEnd::Storage));
    begin(&mut hotline, 7002);
    hotline.pass_ms(8 * MINUTE_MS);
    assert_eq!(left(&hotline, call(1)).map(|left| left.end), Some(MessageEnd::Storage));
    assert_eq!(hotline.engine.calls(), 0, "and the caller who stays silent is hung up on");
}

#[test]
fn a_queue_that_is_closed_and_a_key_may_lead_to_a_message_and_keep_what_is_known_of_the_caller() {
    let calendar = "[calendar.evening]\nzone = \"Asia/Shanghai\"\nhours = { daily = \"18:00-20:00\" }\n";
    let menu = "[[number]]\nname = \"menu\"\nmenu = \"away\"\n[menu.away]\nsay = \"main-menu\"\nfailed = { queue = \"night\" }\n[menu.away.keys]\n\
                0 = { queue = \"night\" }\n5 = { set = { sensitive = true }, say = \"please-wait\", voicemail = \"evening\" }\n";
    let line = queue("night", 1, "hours = \"evening\"\nclosed = { say = \"closed\", voicemail = \"evening\" }");
    let rules = [&rules(""), calendar, menu, &line].concat();
    let mut hotline = Hotline::new(&rules, &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    hotline.dial(7001, "menu");
    hotline.press(call(0), '0');
    assert_eq!(hotline.said()[1..], ["closed", "voicemail-leave", "beep"]);
    hotline.dial(7002, "menu");
    hotline.press(call(1), '5');
    hotline.hear_out(call(1));
    hotline.hear_out(call(1));
    assert_eq!(recorder(&hotline).map(|(_, _, file)| file), Some("restricted/1-0-1.wav".into()), "only cleared people may hear it (R68)");
    assert!(hotline.record(call(1)).classified.is_some_and(|classified| classified.sensitive));
}

#[test]
fn a_message_survives_a_crash_in_every_moment_of_its_life_r19() {
    let walk = |crash_after| {
        let mut hotline = house("");
        hotline.crash_after = crash_after;
        let phone = hotline.dial(7001, "late");
        if !hotline.crashed() {
            let stream = hotline.last_stream();
            hotline.heard(stream);
        }
        hotline.pass_ms(5_000);
        if !hotline.crashed() {
            recorded(&mut hotline, RecordEnd::Silence, 4_000);
        }
        if !hotline.crashed() {
            hotline.hang_up(phone);
        }
        hotline
    };
    let whole = walk(usize::MAX);
    let place = |wanted: fn(&EventKind) -> bool| {
        whole.journal.iter().position(|entry| matches!(entry, hotline_model::Entry::Call(event) if wanted(&event.kind))).map(|at| at + 1)
    };
    let begun = place(|kind| matches!(kind, EventKind::MessageBegun { .. })).expect("it was begun");
    let left_at = place(|kind| matches!(kind, EventKind::MessageLeft(_))).expect("it was left");
    for cut in begun..=whole.journal.len() {
        let mut hotline = walk(cut);
        let is_over = |hotline: &Hotline| hotline.events(call(0)).iter().any(|event| matches!(event.kind, EventKind::HungUp { .. }));
        let over = is_over(&hotline);
        hotline.restart();
        let goes_on = hotline.media.iter().any(|command| matches!(command, Command::Record { order, .. } if &*order.file == "1-0-0.wav"));
        assert_eq!(goes_on, cut < left_at && !over, "cut after {cut}: the recording goes on in its file");
        if goes_on {
            recorded(&mut hotline, RecordEnd::Silence, 0);
        }
        // Whose BYE the crash swallowed says so when it is asked whether it is there.
        if !is_over(&hotline) {
            hotline.hang_up(CALLER.into());
        }
        assert!(left(&hotline, call(0)).is_some(), "cut after {cut}");
        assert_eq!((hotline.engine.figures().messages, hotline.engine.calls()), (1, 0), "cut after {cut}");
        assert!(matches!(k8(&hotline, call(0)), Some(ClockChange::Started)), "cut after {cut}");
        hotline.restart();
        hotline.pass_ms(11 * MINUTE_MS);
        assert_eq!(k8(&hotline, call(0)), Some(ClockChange::Breached), "cut after {cut}");
        assert!(order(&mut hotline, call(0), "lin", MessageOrder::Take), "cut after {cut}");
        assert!(order(&mut hotline, call(0), "lin", MessageOrder::Done), "cut after {cut}");
        hotline.restart();
        assert_eq!(hotline.engine.figures().messages, 0, "cut after {cut}");
    }
}

#[test]
fn a_crash_loses_the_caller_and_keeps_what_was_said() {
    let mut hotline = house("");
    let phone = begin(&mut hotline, 7001);
    hotline.pass_ms(5_000);
    hotline.hang_up(phone);
    hotline.restart();
    let message = left(&hotline, call(0)).expect("it was kept");
    assert_eq!(message.end, MessageEnd::Crash);
    assert_eq!(hotline.engine.figures().messages, 1);
}

#[test]
fn a_stop_of_the_hotline_leaves_messages_open_for_the_next_start() {
    let mut hotline = house("");
    leave(&mut hotline, 7001);
    order(&mut hotline, call(0), "lin", MessageOrder::Take);
    hotline.engine.handle(hotline.now, Input::HangUp);
    hotline.settle();
    assert!(hotline.record(call(0)).t7.is_none());
    hotline.restart();
    assert_eq!((hotline.engine.figures().messages, k8(&hotline, call(0))), (1, Some(ClockChange::Met)), "it is taken, and stays so");
    leave(&mut hotline, 7002);
}

#[test]
fn what_one_has_taken_another_takes_only_on_purpose_and_a_restart_knows_who_has_it_r19() {
    let mut hotline = house("");
    (7001..7003).for_each(|port| leave(&mut hotline, port));
    assert!(order(&mut hotline, call(0), "lin", MessageOrder::Take));
    assert!(order(&mut hotline, call(0), "lin", MessageOrder::Take), "who has it may say so twice");
    let has = MessageAnswer::TakenBy("lin".into());
    assert_eq!(answer(&mut hotline, call(0), "wang", MessageOrder::Take), has);
    hotline.restart();
    assert_eq!(answer(&mut hotline, call(0), "wang", MessageOrder::Take), has);
    assert!(order(&mut hotline, call(0), "wang", MessageOrder::TakeOver));
    let taken = |hotline: &Hotline| hotline.record(call(0)).message.and_then(|message| message.taken).map(|(who, _)| who.to_string());
    assert_eq!(taken(&hotline).as_deref(), Some("wang"));
    hotline.restart();
    assert_eq!(answer(&mut hotline, call(0), "lin", MessageOrder::Take), MessageAnswer::TakenBy("wang".into()));
    assert!(order(&mut hotline, call(1), "wang", MessageOrder::TakeOver), "nobody had it");
    assert_eq!(k8(&hotline, call(1)), Some(ClockChange::Met));
}

#[test]
fn an_order_on_a_call_without_a_message_that_waits_is_answered_with_that() {
    let mut hotline = house("");
    begin(&mut hotline, 7001);
    assert_eq!(answer(&mut hotline, call(0), "lin", MessageOrder::Take), MessageAnswer::Absent, "it is being left");
    hotline.pass_ms(4_000);
    hotline.hang_up(CALLER.into());
    assert_eq!(answer(&mut hotline, call(0), "lin", MessageOrder::Done), MessageAnswer::Absent, "what it is has yet to be told");
    recorded(&mut hotline, RecordEnd::Closed, 3_000);
    assert_eq!(answer(&mut hotline, call(0), "lin", MessageOrder::Take), MessageAnswer::Done);
}

#[test]
fn the_recorder_is_told_what_is_too_short_and_after_a_crash_that_nothing_is() {
    let shortest = |hotline: &Hotline| {
        let orders =
            hotline.media.iter().filter_map(|command| if let Command::Record { order, .. } = command { Some(order) } else { None });
        orders.map(|order| order.shortest).collect::<Vec<_>>()
    };
    let mut hotline = house("shortest = \"2s\"");
    begin(&mut hotline, 7001);
    assert_eq!(shortest(&hotline), [Duration::from_secs(2)]);
    hotline.restart();
    assert_eq!(shortest(&hotline).last(), Some(&Duration::ZERO), "what was said before is in the file, and stays");
    recorded(&mut hotline, RecordEnd::Stopped, 3_000);
    assert_eq!(left(&hotline, call(0)).map(|left| left.length_ms), Some(0), "the recorder knows of the second part only");
}

#[test]
fn nobody_is_done_with_a_message_that_they_have_not_taken_r19() {
    for end in [MessageOrder::Done, MessageOrder::Delete] {
        let mut hotline = house("");
        leave(&mut hotline, 7001);
        assert_eq!(answer(&mut hotline, call(0), "lin", end), MessageAnswer::NotTaken);
        assert!(order(&mut hotline, call(0), "lin", MessageOrder::Heard) && order(&mut hotline, call(0), "lin", MessageOrder::Take));
        assert_eq!(answer(&mut hotline, call(0), "wang", end), MessageAnswer::TakenBy("lin".into()));
        assert!(hotline.record(call(0)).t7.is_none() && hotline.engine.figures().messages == 1);
        hotline.restart();
        assert_eq!(answer(&mut hotline, call(0), "wang", end), MessageAnswer::TakenBy("lin".into()));
        assert!(order(&mut hotline, call(0), "wang", MessageOrder::TakeOver) && order(&mut hotline, call(0), "wang", end));
        assert!(hotline.record(call(0)).t7.is_some());
    }
}

/// A caller leaves a message and stays on the line.
fn stay(hotline: &mut Hotline, port: u16) -> SocketAddr {
    let phone = begin(hotline, port);
    hotline.pass_ms(5_000);
    recorded(hotline, RecordEnd::Stopped, 4_000);
    phone
}

#[test]
fn a_message_is_answered_from_when_it_was_left_though_its_caller_stays_on_the_line_r19() {
    let mut hotline = house("");
    let phone = stay(&mut hotline, 7001);
    assert_eq!(k8(&hotline, call(0)), Some(ClockChange::Started), "from the moment it was left");
    hotline.pass_ms(MINUTE_MS);
    hotline.hang_up(phone);
    assert_eq!(k8(&hotline, call(0)), Some(ClockChange::Started), "a hang-up is no answer");
    hotline.pass_ms(7 * MINUTE_MS);
    assert_eq!(k8(&hotline, call(0)), Some(ClockChange::Warned));
    hotline.pass_ms(2 * MINUTE_MS + 1_000);
    assert_eq!(k8(&hotline, call(0)), Some(ClockChange::Breached), "ten minutes from when it was left, not from the hang-up");
    let told = hotline.events(call(0)).into_iter().filter(|event| matches!(event.kind, EventKind::Clock(clock) if clock.clock == 8));
    assert_eq!(told.count(), 3, "each once");
}

#[test]
fn a_message_may_be_taken_and_done_with_while_its_caller_is_on_the_line_and_after_a_crash_at_once_r19() {
    for crash in [false, true] {
        let mut hotline = house("");
        let phone = stay(&mut hotline, 7001);
        if crash {
            hotline.restart();
        }
        assert!(order(&mut hotline, call(0), "lin", MessageOrder::Heard) && order(&mut hotline, call(0), "lin", MessageOrder::Take));
        assert_eq!(k8(&hotline, call(0)), Some(ClockChange::Met));
        assert!(order(&mut hotline, call(0), "lin", MessageOrder::Done));
        assert_eq!(answer(&mut hotline, call(0), "lin", MessageOrder::Done), MessageAnswer::Absent, "once");
        assert!(hotline.record(call(0)).t7.is_none(), "the caller is still on the line");
        if crash {
            hotline.restart();
        }
        hotline.hang_up(phone);
        assert!(hotline.record(call(0)).t7.is_some(), "and nothing is left to be done");
        assert_eq!((hotline.engine.calls(), hotline.engine.figures().messages), (0, 0));
    }
    let mut hotline = house("");
    let phone = stay(&mut hotline, 7001);
    order(&mut hotline, call(0), "lin", MessageOrder::Take);
    hotline.hang_up(phone);
    assert_eq!((k8(&hotline, call(0)), hotline.engine.figures().messages), (Some(ClockChange::Met), 1), "it is taken, and to be done");
    assert!(order(&mut hotline, call(0), "lin", MessageOrder::Done));
}

#[test]
fn the_clock_of_a_message_goes_on_over_a_crash_with_its_caller_on_the_line_k8() {
    let mut hotline = house("");
    let phone = stay(&mut hotline, 7001);
    hotline.pass_ms(MINUTE_MS);
    hotline.restart();
    hotline.hang_up(phone);
    hotline.pass_ms(9 * MINUTE_MS - 2_000);
    assert_eq!(k8(&hotline, call(0)), Some(ClockChange::Warned));
    hotline.pass_ms(5_000);
    assert_eq!(k8(&hotline, call(0)), Some(ClockChange::Breached));
}

#[test]
fn who_said_too_little_is_hung_up_on_and_does_not_hear_silence_for_minutes() {
    let mut hotline = house("");
    begin(&mut hotline, 7001);
    hotline.pass_ms(4_000);
    recorded(&mut hotline, RecordEnd::Silence, 300);
    let record = hotline.record(call(0));
    assert_eq!((record.cause, record.t7.is_some()), (Some(Cause::Completed), true));
    assert_eq!((none(&hotline, call(0)), hotline.engine.calls()), (Some(NoMessage::TooShort), 0));
    assert_eq!(hotline.engine.figures().free_ports, 50);
}

#[test]
fn a_caller_who_was_asked_for_a_message_before_a_crash_is_asked_again_r19() {
    let menu = "[[number]]\nname = \"menu\"\nmenu = \"away\"\n[menu.away]\nsay = \"main-menu\"\nfailed = { queue = \"line\" }\n[menu.away.keys]\n\
                0 = { queue = \"line\" }\n5 = { set = { sensitive = true }, voicemail = \"evening\" }\n";
    let rules = [&rules(""), menu].concat();
    let mut hotline = Hotline::new(&rules, &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    let phone = hotline.dial(7001, "menu");
    hotline.press(call(0), '5');
    assert_eq!(hotline.said().last().map(String::as_str), Some("beep"));
    hotline.restart();
    assert_eq!(hotline.said()[hotline.said().len() - 2..], ["voicemail-leave", "beep"], "not the menu");
    hotline.hear_out(call(0));
    assert_eq!(
        recorder(&hotline).map(|(_, _, file)| file),
        Some("restricted/1-0-0.wav".into()),
        "what the menus made of it is known (R68)"
    );
    hotline.pass_ms(4_000);
    hotline.hang_up(phone);
    recorded(&mut hotline, RecordEnd::Closed, 3_000);
    assert!(left(&hotline, call(0)).is_some());
}
