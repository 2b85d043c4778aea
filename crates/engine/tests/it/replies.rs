//! How soon the voice system replies to callers, and what follows when nothing of it is heard (R10, K2).

use crate::hotline::{Habit, Hotline, call};
use crate::house::{MENU, PREAMBLE, first_seat, number, queue};
use crate::phone::sdp;
use hotline_engine::{Input, VoiceReplies};
use hotline_media::{Command, Event};
use hotline_model::history::{ClockChange, EventKind, SurveyEnd};
use hotline_model::{ClockResult, Intent, NotReadyReason};
use std::time::Duration;

const SECOND_MENU: &str = r#"
5 = { menu = "second" }
6 = { menu = "silent" }
7 = { say = ["farewell"], goodbye = true }
[menu.second]
say = ["second-menu"]
failed = { queue = "line" }
keys = { 0 = { say = ["transferring"], queue = "line" } }
[menu.silent]
failed = { queue = "line" }
keys = { 0 = { queue = "line" } }
[menu.account]
say = ["account"]
failed = { queue = "line" }
keys = { 0 = { queue = "line" } }
collect = { name = "account", min = 4, max = 6, end = '#', between = "4s", done = { menu = "second" } }
"#;

impl Hotline {
    /// The first packet of a play leaves at once, unless none does.
    pub fn begin(&mut self, command: &Command) {
        if let Command::Play { stream, play, clips, .. } = command
            && !self.mute
            && !clips.is_empty()
        {
            self.engine.handle(self.now, Input::Media(Event::Begun { stream: *stream, play: *play }));
        }
    }

    /// The first packet of the last play leaves, or it is cut off before.
    fn last_play(&mut self, cut_off: bool) {
        let last = self.media.iter().rev().find_map(|command| match command {
            Command::Play { stream, play, .. } => Some((*stream, *play)),
            _ => None,
        });
        let (stream, play) = last.expect("something is played");
        let event = if cut_off { Event::Played { stream, play, interrupted: true } } else { Event::Begun { stream, play } };
        self.engine.handle(self.now, Input::Media(event));
        self.settle();
    }
}

fn house(more: &str) -> Hotline {
    let account = "[[number]]\nname = \"account\"\nmenu = \"account\"\n";
    let rules = [PREAMBLE, MENU, SECOND_MENU, account, &queue("line", 1, "wrap_up = \"0s\""), &first_seat(), more].concat();
    let mut hotline = Hotline::new(&rules, &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    hotline.sign("1001", Intent::NotReady(NotReadyReason::Meal));
    hotline
}

/// A caller in the main menu, who has heard it; from now on nothing is heard unless it is told.
fn in_menu(more: &str) -> Hotline {
    let mut hotline = house(more);
    hotline.dial(7001, "hotline");
    hotline.hear_out(call(0));
    hotline.mute = true;
    hotline
}

fn replies(hotline: &Hotline) -> VoiceReplies {
    hotline.engine.counters().voice
}

fn k2(hotline: &Hotline) -> Vec<ClockResult> {
    hotline.record(call(0)).clocks.into_iter().filter(|clock| clock.clock == 2).collect()
}

fn unheard(hotline: &Hotline) -> Vec<bool> {
    let again = |kind: &EventKind| if let EventKind::ReplyUnheard { again } = kind { Some(*again) } else { None };
    hotline.events(call(0)).iter().filter_map(|event| again(&event.kind)).collect()
}

fn waits(hotline: &Hotline) -> bool {
    hotline.engine.figures().waiting == 1
}

#[test]
fn a_reply_is_measured_from_the_key_to_its_first_packet_and_the_record_has_the_slowest_r10_k2() {
    let mut hotline = in_menu("");
    hotline.press(call(0), '5');
    hotline.pass_ms(40);
    hotline.last_play(false);
    hotline.press(call(0), '4');
    hotline.pass_ms(700);
    hotline.last_play(false);
    hotline.press(call(0), '4');
    hotline.pass_ms(20);
    hotline.last_play(false);
    let sums = replies(&hotline);
    assert_eq!((sums.heard, sums.breached, sums.slowest), (3, 0, Duration::from_millis(700)));
    assert!(k2(&hotline).is_empty(), "the journal hears of it at the end");
    hotline.hang_up(([127, 0, 0, 3], 7001).into());
    let [clock] = k2(&hotline)[..] else { panic!("{:?}", k2(&hotline)) };
    assert_eq!((clock.state, clock.limit_ms, clock.at.since(clock.started)), (ClockChange::Met, 3_000, Duration::from_millis(700)));
    let told = hotline.events(call(0)).into_iter().find_map(|event| match event.kind {
        EventKind::VoiceReplied { replies, slowest_ms, .. } => Some((replies, slowest_ms)),
        _ => None,
    });
    assert_eq!(told, Some((3, 700)));
}

#[test]
fn a_reply_that_is_not_heard_in_time_is_said_again_and_then_a_person_takes_over_r10_r9() {
    let mut hotline = in_menu("");
    hotline.press(call(0), '5');
    hotline.pass_ms(2_999);
    assert!(unheard(&hotline).is_empty());
    hotline.pass_ms(1);
    assert_eq!((unheard(&hotline), replies(&hotline).breached), (vec![true], 1));
    assert_eq!(hotline.said().iter().rev().take(2).collect::<Vec<_>>(), ["second-menu", "second-menu"]);
    let [clock] = k2(&hotline)[..] else { panic!("{:?}", k2(&hotline)) };
    assert_eq!((clock.state, clock.at.since(clock.started)), (ClockChange::Breached, Duration::from_secs(3)));
    hotline.pass_ms(3_000);
    assert_eq!((unheard(&hotline), replies(&hotline).breached), (vec![true, false], 1), "one turn, one breach");
    assert!(hotline.said().ends_with(&["transferring".to_owned()]), "as by key 0");
    hotline.pass_ms(3_000);
    assert!(waits(&hotline), "nobody waits for words that are not heard");
    assert_eq!(unheard(&hotline), [true, false]);
    hotline.hang_up(([127, 0, 0, 3], 7001).into());
    assert_eq!(k2(&hotline)[0].state, ClockChange::Breached);
}

#[test]
fn what_is_heard_when_it_is_said_again_goes_on_as_usual_and_is_counted_as_late_r10() {
    let mut hotline = in_menu("");
    hotline.press(call(0), '5');
    hotline.pass_ms(3_100);
    hotline.last_play(false);
    let sums = replies(&hotline);
    assert_eq!((sums.heard, sums.breached, sums.slowest), (1, 1, Duration::from_millis(3_100)));
    hotline.pass_ms(10_000);
    assert_eq!(unheard(&hotline), [true]);
    assert_eq!(hotline.engine.figures().in_menu, 1);
}

#[test]
fn the_limit_is_the_rules_r10() {
    let mut hotline = in_menu("[timers]\nvoice_response = \"1500ms\"\n");
    hotline.press(call(0), '5');
    hotline.pass_ms(1_499);
    assert!(unheard(&hotline).is_empty());
    hotline.pass_ms(1);
    assert_eq!((unheard(&hotline), k2(&hotline)[0].limit_ms), (vec![true], 1_500));
}

#[test]
fn a_number_has_its_reply_from_the_last_digit_or_the_pause_that_ends_it_r10_k2() {
    let mut hotline = house("");
    hotline.dial(7001, "account");
    hotline.hear_out(call(0));
    hotline.mute = true;
    "1234".chars().for_each(|digit| hotline.press(call(0), digit));
    hotline.pass_ms(4_000);
    assert_eq!(replies(&hotline), VoiceReplies::default(), "the caller may key on");
    hotline.pass_ms(60);
    hotline.last_play(false);
    assert_eq!((replies(&hotline).heard, replies(&hotline).slowest), (1, Duration::from_millis(60)));
}

#[test]
fn where_nothing_is_said_no_reply_is_due_r10() {
    for key in ['6', '0', '1'] {
        let mut hotline = in_menu("");
        hotline.press(call(0), key);
        hotline.pass_ms(4_000);
        assert_eq!((replies(&hotline), unheard(&hotline)), (VoiceReplies::default(), vec![]), "{key}");
    }
}

#[test]
fn a_prompt_that_nobody_recorded_is_a_reply_that_nobody_hears_r10() {
    let mut hotline = in_menu("");
    let plan = hotline.plan.clone();
    hotline.engine.handle(hotline.now, Input::Rules { plan, prompts: Default::default() });
    hotline.settle();
    hotline.press(call(0), '5');
    hotline.pass_ms(6_000);
    assert_eq!((unheard(&hotline), waits(&hotline)), (vec![true, false], true));
}

#[test]
fn who_presses_on_holds_us_or_is_gone_is_owed_nothing_r10() {
    let mut cut = in_menu("");
    cut.press(call(0), '5');
    cut.last_play(true);
    cut.pass_ms(4_000);
    let mut on = house("");
    on.dial(7001, "account");
    on.mute = true;
    on.press(call(0), '*');
    on.press(call(0), '1');
    on.pass_ms(3_900);
    let mut gone = in_menu("");
    gone.press(call(0), '5');
    gone.hang_up(([127, 0, 0, 3], 7001).into());
    gone.pass_ms(4_000);
    let mut holding = house("");
    holding.mute = true;
    holding.dial_with(7001, "hotline", sdp(([127, 0, 0, 3], 7001).into(), 1, "sendonly"));
    holding.press(call(0), '5');
    holding.pass_ms(4_000);
    for hotline in [cut, on, gone, holding] {
        assert_eq!((replies(&hotline).breached, unheard(&hotline)), (0, vec![]));
    }
}

#[test]
fn a_goodbye_that_nobody_hears_is_said_again_and_ends_r10() {
    let mut hotline = in_menu("");
    hotline.press(call(0), '7');
    hotline.pass_ms(6_000);
    assert_eq!(unheard(&hotline), [true, false]);
    assert_eq!(hotline.said().iter().filter(|said| *said == "farewell").count(), 2);
    hotline.pass_ms(300_000);
    assert!(hotline.record(call(0)).t6.is_some(), "we hang up after `timers.linger`");
}

#[test]
fn a_survey_that_nobody_hears_ends_and_the_call_with_it_r10_r72() {
    let survey = "[survey]\nqueues = [\"line\"]\nquestions = [{ dimension = \"attitude\", say = \"attitude\" }, { dimension = \"quality\", say = \"quality\" }]\n";
    let mut hotline = house(&[&number("direct", "line", ""), survey].concat());
    hotline.sign("1001", Intent::Available);
    hotline.dial(7001, "direct");
    hotline.pass_ms(5_000);
    hotline.hang_up(([127, 0, 0, 2], 6001).into());
    hotline.mute = true;
    hotline.press(call(0), '9');
    hotline.pass_ms(6_000);
    assert_eq!((unheard(&hotline), replies(&hotline).breached), (vec![true, false], 1));
    let record = hotline.record(call(0));
    assert_eq!(record.survey.and_then(|survey| survey.end), Some(SurveyEnd::Cut));
    assert!(record.t6.is_some());
}

#[test]
fn the_words_after_a_message_are_a_reply_to_its_key_r10_r19() {
    let voicemail = "[[number]]\nname = \"late\"\nvoicemail = \"evening\"\n[voicemail.evening]\nqueue = \"line\"\n";
    let mut hotline = house(voicemail);
    hotline.dial(7001, "late");
    let stream = hotline.last_stream();
    hotline.heard(stream);
    hotline.mute = true;
    hotline.pass_ms(5_000);
    hotline.press(call(0), '#');
    let end = hotline_media::RecordEnd::Stopped;
    let event = Event::Recorded { stream, record: stream.0, end, length_ms: 5_000, spoken_ms: 4_000 };
    hotline.engine.handle(hotline.now, Input::Media(event));
    hotline.settle();
    hotline.pass_ms(40);
    hotline.last_play(false);
    assert_eq!((replies(&hotline).heard, replies(&hotline).slowest), (1, Duration::from_millis(40)));
}

const VOICEMAIL: &str = "[[number]]\nname = \"late\"\nvoicemail = \"evening\"\n[voicemail.evening]\nqueue = \"line\"\nsay = [\"message\"]\nthen = [\"thanks\"]\n";

/// How often something was played since the caller's last key, and not heard.
fn plays(hotline: &Hotline) -> usize {
    hotline.media.iter().filter(|command| matches!(command, Command::Play { .. })).count()
}

#[test]
fn a_tone_that_nobody_hears_sounds_again_and_then_the_message_is_recorded_all_the_same_r10_r19() {
    let mut hotline = house(VOICEMAIL);
    hotline.dial(7001, "late");
    hotline.mute = true;
    hotline.press(call(0), '#');
    let once = plays(&hotline);
    hotline.pass_ms(3_000);
    assert_eq!((plays(&hotline) - once, unheard(&hotline)), (1, vec![true]));
    let Some(Command::Play { clips, .. }) = hotline.media.iter().rev().find(|command| matches!(command, Command::Play { .. })) else {
        panic!("something is played")
    };
    assert_eq!(clips.len(), 1, "the tone");
    hotline.pass_ms(3_000);
    assert_eq!(unheard(&hotline), [true, false]);
    assert!(hotline.media.iter().any(|command| matches!(command, Command::Record { .. })));
    hotline.pass_ms(10_000);
    assert_eq!((unheard(&hotline).len(), plays(&hotline) - once, replies(&hotline).breached), (2, 1, 1));
}

#[test]
fn the_thanks_for_a_message_are_said_again_once_however_late_the_recorder_is_r10_r19() {
    let mut hotline = house(VOICEMAIL);
    hotline.dial(7001, "late");
    let stream = hotline.last_stream();
    hotline.heard(stream);
    hotline.mute = true;
    hotline.pass_ms(5_000);
    hotline.press(call(0), '#');
    hotline.pass_ms(3_500);
    assert_eq!((unheard(&hotline), replies(&hotline).breached), (vec![], 1), "nothing is said before the recorder has ended");
    let end = hotline_media::RecordEnd::Stopped;
    let event = Event::Recorded { stream, record: stream.0, end, length_ms: 5_000, spoken_ms: 4_000 };
    hotline.engine.handle(hotline.now, Input::Media(event));
    hotline.settle();
    hotline.pass_ms(20_000);
    assert_eq!(hotline.said().iter().filter(|said| *said == "thanks").count(), 2);
    assert_eq!((unheard(&hotline), replies(&hotline).breached), (vec![true], 1), "nothing follows thanks");
}

const CALL_BACK: &str = r#"
[[number]]
name = "wait"
queue = "back"
[[queue]]
name = "back"
callback = { key = "2" }
step = [{ requires = "any >= 1" }]
[[trunk]]
name = "carrier"
contact = "sip:127.0.0.2:5090"
from = "02112345678"
[outbound]
allow = ["1380013x{4}"]
"#;

/// A waiting caller who hears nothing any more.
fn waiting() -> Hotline {
    let mut hotline = house(CALL_BACK);
    hotline.dial(7001, "wait");
    hotline.pass_ms(1_000);
    hotline.mute = true;
    hotline
}

#[test]
fn a_question_of_a_call_back_is_asked_again_with_music_after_it_and_then_the_caller_just_waits_r10() {
    let mut hotline = waiting();
    hotline.press(call(0), '2');
    let asked = hotline.said().last().cloned();
    let once = plays(&hotline);
    hotline.pass_ms(3_000);
    assert_eq!((hotline.said().last().cloned(), plays(&hotline) - once), (asked, 1));
    let last = hotline.media.iter().rev().find(|command| matches!(command, Command::Play { .. }));
    assert!(matches!(last, Some(Command::Play { then_music: true, .. })), "{last:?}");
    hotline.pass_ms(3_000);
    assert_eq!((unheard(&hotline), waits(&hotline)), (vec![true, false], true));
    hotline.mute = false;
    hotline.press(call(0), '1');
    hotline.pass_ms(1_000);
    assert!(waits(&hotline), "there is no question any more that 1 could answer");
    assert_eq!(replies(&hotline).breached, 1);
}

#[test]
fn that_a_call_back_is_booked_is_said_again_once_r10() {
    let mut hotline = waiting();
    hotline.press(call(0), '2');
    hotline.press(call(0), '1');
    hotline.pass_ms(20_000);
    assert_eq!(hotline.said().iter().filter(|said| *said == "callback-booked").count(), 2);
    assert_eq!(unheard(&hotline), [true]);
}

#[test]
fn a_restart_owes_nothing_of_before_and_counts_anew_r10() {
    let mut hotline = in_menu("");
    hotline.press(call(0), '5');
    hotline.pass_ms(3_000);
    hotline.mute = false;
    hotline.restart();
    hotline.pass_ms(4_000);
    assert_eq!((unheard(&hotline), replies(&hotline)), (vec![true], VoiceReplies::default()));
    hotline.press(call(0), '4');
    hotline.hang_up(([127, 0, 0, 3], 7001).into());
    assert_eq!(k2(&hotline)[0].state, ClockChange::Breached, "what was late stays so");
    assert_eq!(replies(&hotline).heard, 1);
}
