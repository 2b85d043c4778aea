use crate::people::*;
use hotline_model::Timestamp;
use hotline_model::history::Codec;
use hotline_sim::demo::Summary;
use hotline_sim::expect::{self, Finding, Limits};
use hotline_sim::{AgentConfig, AgentReport, Caller, CallerConfig, Ending, Fingerprint, UserAgent};
use std::time::Duration;

#[test]
fn a_caller_and_an_agent_hear_each_other() {
    let mut scene = Scene::new(FINE, agent(None), caller());
    scene.run_to(seconds(30));
    let (callers, agents) = (scene.callers_call(), scene.agents_call());
    assert_eq!(callers.pickup_time(), Some(Duration::from_millis(2002)));
    assert_eq!(callers.ending, Ending::Content);
    assert!(callers.first_audio().unwrap() < Duration::from_millis(100));
    let (bridged, who) = callers.bridged.clone().unwrap();
    assert_eq!(&*who, "agent");
    assert!(bridged.since(callers.picked_up.unwrap()) < seconds(3));
    assert_eq!((callers.heard.lost(), callers.heard.cut(), agents.heard.lost()), (0, 0, 0));
    let limits = Limits { answer: seconds(5), ..Limits::default() };
    assert_eq!(expect::of_caller(&callers, &limits), []);
    assert_eq!(expect::of_agent(&agents, &[Fingerprint::of(&callers_voice()).unwrap()], &limits), []);
    assert!(!scene.agent.is_busy());
    assert_eq!(scene.network.lost(), 0);
}

#[test]
fn they_hear_each_other_on_a_rough_network_too() {
    let mut scene = Scene::new(ROUGH, agent(None), caller());
    scene.run_to(seconds(60));
    let (callers, agents) = (scene.callers_call(), scene.agents_call());
    assert_eq!(callers.ending, Ending::Content);
    assert!(callers.bridged.is_some() && callers.heard.lost() > 0);
    assert!(Fingerprint::of(&callers_voice()).unwrap().is_in(agents.heard.samples()));
}

#[test]
fn both_laws_are_spoken() {
    let speak = |codec| CallerConfig { phone: phone("138", 2, &[codec]), ..caller() };
    for codec in [Codec::Pcma, Codec::Pcmu] {
        let mut scene = Scene::new(FINE, agent(None), speak(codec));
        scene.run_to(seconds(30));
        assert!(scene.callers_call().bridged.is_some(), "{codec:?}");
    }
}

#[test]
fn keys_are_pressed_when_the_script_says_so() {
    let mut scene = Scene::new(FINE, agent(None), caller());
    scene.run_to(seconds(30));
    let call = scene.callers_call();
    assert_eq!(call.last_key, Some(call.picked_up.unwrap() + seconds(2)));
}

#[test]
fn an_agent_may_hang_up_first_which_the_caller_holds_against_the_hotline() {
    let mut scene = Scene::new(FINE, agent(Some(seconds(5))), caller());
    scene.run_to(seconds(30));
    let call = scene.callers_call();
    assert_eq!(call.ending, Ending::ByHotline);
    assert_eq!(expect::of_caller(&call, &Limits::default()), [Finding::Cut(Ending::ByHotline)]);
}

#[test]
fn a_caller_without_patience_cancels_and_the_phone_stops_ringing() {
    let mut scene = Scene::new(FINE, agent(None), CallerConfig { patience: seconds(1), ..caller() });
    scene.run_to(seconds(10));
    let (callers, agents) = (scene.callers_call(), scene.agents_call());
    assert_eq!((callers.ending, callers.picked_up, agents.answered), (Ending::Impatient, None, None));
    assert_eq!(expect::of_caller(&callers, &Limits::default()), [Finding::NotPickedUp(Ending::Impatient)]);
    assert_eq!(expect::of_agent(&agents, &[], &Limits::default()), []);
}

#[test]
fn a_caller_who_never_hears_an_agent_gives_up_and_says_so() {
    let stranger = hotline_sim::artificial::voice("somebody else", 99);
    let agents = std::sync::Arc::from([Fingerprint::of(&stranger).unwrap()]);
    let mut scene = Scene::new(FINE, agent(None), CallerConfig { agents, patience: seconds(12), ..caller() });
    scene.run_to(seconds(30));
    let call = scene.callers_call();
    assert_eq!(expect::of_caller(&call, &Limits::default()), [Finding::NoAgent(Ending::Impatient)]);
}

#[test]
fn a_busy_agent_refuses_a_second_call() {
    let mut scene = Scene::new(FINE, agent(None), caller());
    scene.run_to(seconds(4));
    let second = CallerConfig { phone: phone("139", 3, &[Codec::Pcma]), ..caller() };
    scene.caller = Caller::new(scene.network.now(), second);
    assert!(scene.agent.is_busy());
    let mut parties = [
        hotline_sim::network::Party { sip: address(1, 5060), rtp: address(1, 4000), agent: &mut scene.agent },
        hotline_sim::network::Party { sip: address(3, 5060), rtp: address(3, 4000), agent: &mut scene.caller },
    ];
    scene.network.run(Timestamp(0) + seconds(8), &mut parties);
    assert_eq!(scene.callers_call().ending, Ending::Refused(486));
}

#[test]
fn nobody_there_is_told_as_refused_after_timer_b() {
    let mut scene = Scene::new(FINE, agent(None), CallerConfig { hotline: address(9, 5060), patience: seconds(90), ..caller() });
    scene.run_to(seconds(60));
    assert_eq!(scene.callers_call().ending, Ending::Refused(408));
}

#[test]
fn a_phone_without_a_common_law_is_refused() {
    let config = AgentConfig { phone: phone("2001", 1, &[Codec::Pcmu]), ..agent(None) };
    let mut scene = Scene::new(FINE, config, CallerConfig { phone: phone("138", 2, &[Codec::Pcma]), ..caller() });
    scene.run_to(seconds(10));
    assert_eq!(scene.callers_call().ending, Ending::Refused(488));
    assert!(!scene.agent.is_busy());
}

#[test]
fn a_summary_counts_what_was_right_and_names_what_was_wrong() {
    let mut scene = Scene::new(FINE, agent(None), caller());
    scene.run_to(seconds(30));
    let (callers, agents) = (scene.callers_call(), scene.agents_call());
    let (mut summary, limits) = (Summary::default(), Limits { answer: seconds(5), ..Limits::default() });
    summary.caller("fault", &callers, &limits);
    let known = [Fingerprint::of(&callers_voice()).unwrap()];
    summary.agent("2001", &expect::of_agent(&agents, &known, &limits));
    assert!(summary.is_clean(), "{summary}");
    assert_eq!((summary.calls, summary.heard_agent, summary.heard_caller), (1, 1, 1));
    summary.agent("2001", &expect::of_agent(&agents, &[], &limits));
    assert!(!summary.is_clean());
    assert_eq!(summary.findings, ["agent 2001: the agent did not hear the caller"]);
}

#[test]
fn one_seed_makes_one_course_of_events() {
    let course = || {
        let mut scene = Scene::new(ROUGH, agent(None), caller());
        scene.run_to(seconds(60));
        let call = scene.callers_call();
        (call.picked_up, call.bridged, call.ended, call.heard.samples().to_vec(), scene.network.delivered(), scene.network.lost())
    };
    assert!(course() == course());
}

#[test]
fn an_agent_who_leaves_in_a_call_hangs_up() {
    let mut scene = Scene::new(FINE, agent(None), caller());
    scene.run_to(seconds(4));
    scene.agent.leave(scene.network.now());
    scene.run_to(seconds(6));
    assert_eq!(scene.callers_call().ending, Ending::ByHotline);
    assert!(scene.agent.poll_timeout().is_none_or(|due| due > scene.network.now()));
    assert!(matches!(scene.agent.poll_report(), Some(AgentReport::Ringing)));
}
