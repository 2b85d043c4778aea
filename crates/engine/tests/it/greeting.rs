//! Between the answer and the conversation: 工号播报 to the caller, queue and class to the agent, and nobody hears what is for the other.

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, number, queue, seat};
use hotline_media::{Command, StreamId};
use hotline_model::Activity;
use hotline_model::history::PhoneEvent;
use std::time::Duration;

const CALLER: ([u8; 4], u16) = ([127, 0, 0, 3], 7001);
const AGENT: ([u8; 4], u16) = ([127, 0, 0, 2], 6001);

fn rules(desk: &str, facts: &str) -> String {
    let line = queue("line", 1, &format!("wrap_up = \"0s\"\nwhisper = \"queue-line\"\n{facts}"));
    [PREAMBLE, &number("direct", "line", ""), &line, &seat("1042", 6001, "skills = { any = 5 }"), desk].concat()
}

const BOTH: &str = "[desk]\nannounce_agent = true\nwhisper = true\n";

fn answered(desk: &str, facts: &str) -> Hotline {
    let mut hotline = Hotline::new(&rules(desk, facts), &[(6001, Habit::Answers(Duration::from_secs(2)))]);
    hotline.dial(7001, "direct");
    hotline.pass_ms(2_500);
    assert_eq!(hotline.state("1042").activity, Activity::OnCall);
    hotline
}

/// What was played to a stream last.
fn plays(hotline: &Hotline, stream: StreamId) -> Vec<String> {
    let played = hotline.media.iter().rev().find_map(|command| match command {
        Command::Play { stream: to, clips, .. } if *to == stream => Some(clips.iter().map(|clip| clip.name.to_string()).collect()),
        _ => None,
    });
    played.unwrap_or_default()
}

fn bridges(hotline: &Hotline) -> usize {
    hotline.media.iter().filter(|command| matches!(command, Command::Bridge { .. })).count()
}

fn streams(hotline: &Hotline) -> (StreamId, StreamId) {
    let mut opened = hotline.media.iter().filter_map(|command| match command {
        Command::Open { stream, .. } => Some(*stream),
        _ => None,
    });
    (opened.next().unwrap(), opened.next().unwrap())
}

#[test]
fn the_caller_hears_the_agents_number_and_the_agent_the_queue_before_they_hear_each_other() {
    let mut hotline = answered(BOTH, "");
    let (caller, agent) = streams(&hotline);
    assert_eq!(plays(&hotline, caller), ["agent-number", "number-1", "number-0", "number-4", "number-2", "agent-at-service"]);
    assert_eq!(plays(&hotline, agent), ["queue-line"]);
    assert_eq!(bridges(&hotline), 0, "nobody hears the other yet");
    let record = hotline.record(call(0));
    assert!(
        record.t3.is_some() && record.clocks.iter().any(|clock| clock.clock == 3 && clock.at == record.t3.unwrap()),
        "K3 is met by the answer"
    );
    hotline.heard(agent);
    assert_eq!(bridges(&hotline), 0, "the caller still listens");
    hotline.heard(caller);
    assert_eq!(bridges(&hotline), 1);
    let events = hotline.phone_events();
    assert_eq!(events, [PhoneEvent::Greeting { announced: true, whispered: true }, PhoneEvent::Greeted]);
}

#[test]
fn nobody_waits_for_more_than_four_seconds() {
    let mut hotline = answered(BOTH, "");
    hotline.pass_ms(3_400);
    assert_eq!(bridges(&hotline), 0);
    hotline.pass_ms(700);
    assert_eq!(bridges(&hotline), 1);
    let (caller, agent) = streams(&hotline);
    hotline.heard(caller);
    hotline.heard(agent);
    assert_eq!(bridges(&hotline), 1, "what ends later changes nothing");
}

#[test]
fn each_of_the_two_is_a_setting_of_its_own_and_both_are_off() {
    assert_eq!((bridges(&answered("", "")), answered("", "").phone_events()), (1, Vec::new()));
    let announced = answered("[desk]\nannounce_agent = true\n", "");
    assert_eq!(announced.phone_events(), [PhoneEvent::Greeting { announced: true, whispered: false }]);
    let whispered = answered("[desk]\nwhisper = true\n", "");
    assert_eq!(whispered.phone_events(), [PhoneEvent::Greeting { announced: false, whispered: true }]);
    let direct = answered(BOTH, "direct = true");
    assert_eq!((bridges(&direct), direct.phone_events()), (1, Vec::new()), "R10: a direct line says nothing");
}

#[test]
fn a_hang_up_in_between_is_right_from_either_side() {
    for phone in [CALLER, AGENT] {
        let mut hotline = answered(BOTH, "");
        hotline.hang_up(phone.into());
        hotline.pass_ms(40_000);
        assert_eq!((bridges(&hotline), hotline.engine.calls(), hotline.engine.figures().free_ports), (0, 0, 50));
        assert!(hotline.state("1042").is_ready());
    }
}

#[test]
fn a_crash_in_between_bridges_them() {
    let mut hotline = answered(BOTH, "");
    hotline.restart();
    assert_eq!((bridges(&hotline), hotline.engine.figures().talking), (1, 1));
    hotline.pass_ms(10_000);
    hotline.hang_up(CALLER.into());
    hotline.pass_ms(40_000);
    assert_eq!(hotline.engine.calls(), 0);
}

#[test]
fn an_agent_who_holds_in_between_leaves_the_caller_to_music_and_not_to_silence() {
    let mut hotline = answered(BOTH, "");
    let (caller, agent) = streams(&hotline);
    let reinvite = |hotline: &mut Hotline, version, direction| {
        let (dialog, now) = (hotline.dialog(AGENT.into()), hotline.now);
        let body = crate::hotline::sdp(AGENT.into(), version, direction);
        hotline.phones.get_mut(&AGENT.into()).unwrap().endpoint.reinvite(now, dialog, body).unwrap();
        hotline.settle();
    };
    reinvite(&mut hotline, 2, "sendonly");
    hotline.heard(agent);
    hotline.heard(caller);
    assert_eq!((hotline.hears(CALLER.into()), bridges(&hotline)), (vec!["music".to_owned()], 0));
    reinvite(&mut hotline, 3, "sendrecv");
    assert_eq!((hotline.hears(CALLER.into()), hotline.hears(AGENT.into())), (vec!["6001".to_owned()], vec!["7001".to_owned()]));
}
