//! The survey after a conversation (R72, R105, R106, R109): who is asked, what is kept, and that the seat is free meanwhile.

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, first_seat, number, queue};
use hotline_engine::{Input, SurveySums};
use hotline_model::history::{Cause, EventKind, Side, SurveyEnd, SurveyRecord, Unasked};
use hotline_model::{Activity, DeskOrder, DueWhat, Number, Priority, Reclassified};
use hotline_sip::Event;
use std::net::SocketAddr;
use std::time::Duration;

const CALLER: ([u8; 4], u16) = ([127, 0, 0, 3], 7001);
const AGENT: ([u8; 4], u16) = ([127, 0, 0, 2], 6001);
const SURVEY: &str = r#"
[survey]
queues = ["line"]
intro = "intro"
questions = [{ dimension = "attitude", say = "attitude" }, { dimension = "quality", say = "quality" }]
no_input = "no-input"
thanks = "thanks"
"#;

fn rules(more: &str) -> String {
    [
        PREAMBLE,
        &number("hotline", "line", ""),
        &number("other", "other", ""),
        &number("complaint", "line", "set = { kind = \"complaint\", class = \"common\" }"),
        &number("security", "line", "set = { topic = \"security\", class = \"common\" }"),
        &number("private", "line", "set = { sensitive = true }"),
        &queue("line", 1, "wrap_up = \"20s\""),
        &queue("other", 1, "wrap_up = \"0s\""),
        &first_seat(),
        "cleared = true\n",
        SURVEY,
        more,
    ]
    .concat()
}

/// A call in which the agent talks.
fn talking(more: &str, dialled: &str) -> Hotline {
    let mut hotline = Hotline::new(&rules(more), &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    hotline.dial(7001, dialled);
    hotline.pass_ms(10_000);
    assert_eq!(hotline.engine.figures().talking, 1, "{dialled}");
    hotline
}

/// The same, and the agent hangs up.
fn asked(more: &str, dialled: &str) -> Hotline {
    let mut hotline = talking(more, dialled);
    hotline.hang_up(AGENT.into());
    hotline
}

fn survey(hotline: &Hotline) -> SurveyRecord {
    hotline.record(call(0)).survey.expect("there was a survey")
}

fn scores(hotline: &Hotline) -> Vec<(&'static str, u8)> {
    survey(hotline).ratings.iter().map(|rated| (rated.dimension.word(), rated.score)).collect()
}

fn unasked(hotline: &Hotline, n: u32) -> Vec<Unasked> {
    let events = hotline.events(call(n));
    events.iter().filter_map(|event| if let EventKind::NotSurveyed { why } = event.kind { Some(why) } else { None }).collect()
}

fn was_hung_up(hotline: &Hotline, phone: SocketAddr) -> bool {
    hotline.phones[&phone].saw(|event| matches!(event, Event::Bye { .. }))
}

#[test]
fn the_agents_bye_begins_it_the_seat_wraps_up_at_once_and_after_the_thanks_we_hang_up_r72_r106() {
    let mut hotline = asked("", "hotline");
    assert!(!was_hung_up(&hotline, CALLER.into()), "the caller is still there");
    assert_eq!(hotline.state("1001").activity, Activity::WrapUp, "the seat's own time begins");
    assert_eq!((hotline.engine.figures().talking, hotline.engine.figures().in_survey), (0, 1));
    hotline.hear_out(call(0));
    hotline.press(call(0), '9');
    hotline.hear_out(call(0));
    hotline.press(call(0), '0');
    assert_eq!(hotline.said().iter().rev().take(4).rev().collect::<Vec<_>>(), ["intro", "attitude", "quality", "thanks"]);
    assert!(!was_hung_up(&hotline, CALLER.into()));
    hotline.hear_out(call(0));
    assert!(was_hung_up(&hotline, CALLER.into()));
    let record = hotline.record(call(0));
    assert_eq!(scores(&hotline), [("attitude", 9), ("quality", 10)]);
    assert_eq!((&*survey(&hotline).queue, &*survey(&hotline).seat, survey(&hotline).end), ("line", "1001", Some(SurveyEnd::Completed)));
    assert_eq!((record.hung_up_by, record.cause), (Some(Side::System), Some(Cause::Completed)));
    assert_eq!(record.talk_ended(), Some(survey(&hotline).began));
    assert!(record.due.is_empty(), "{:?}", record.due);
    assert!(record.t7.is_none(), "the record is complete with the wrap-up");
    hotline.pass_ms(20_000);
    assert!(hotline.record(call(0)).t7.is_some());
    assert!(hotline.state("1001").is_ready());
    assert_eq!((hotline.engine.calls(), hotline.engine.figures().free_ports), (0, 50));
}

#[test]
fn the_seat_takes_the_next_call_while_the_caller_before_still_answers() {
    let mut hotline = asked("", "hotline");
    hotline.desk("1001", DeskOrder::WrapUpDone).expect("the wrap-up is over");
    hotline.dial(7002, "other");
    hotline.pass_ms(2_000);
    assert_eq!((hotline.engine.figures().talking, hotline.engine.figures().in_survey), (1, 1));
    hotline.hear_out(call(0));
    hotline.press(call(0), '8');
    hotline.hang_up(CALLER.into());
    assert_eq!(scores(&hotline), [("attitude", 8)]);
    assert!(hotline.record(call(0)).t7.is_some(), "nobody wraps it up any more");
    assert_eq!(hotline.engine.figures().talking, 1, "the other call goes on");
}

#[test]
fn an_agent_may_say_in_the_wrap_up_what_the_matter_was_while_the_caller_answers_r70() {
    let mut hotline = asked("", "hotline");
    let change = Reclassified { class: Some(hotline_model::Class::Complex), ..Reclassified::default() };
    hotline.desk("1001", DeskOrder::Classify(change)).expect("it wraps the call up");
    assert_eq!(hotline.record(call(0)).classified.and_then(|known| known.class), Some(hotline_model::Class::Complex));
    assert_eq!(hotline.engine.figures().in_survey, 1);
}

#[test]
fn a_hang_up_by_order_of_the_agent_begins_it_too() {
    let mut hotline = talking("", "hotline");
    hotline.desk("1001", DeskOrder::HangUp).expect("it has the caller");
    assert!(was_hung_up(&hotline, AGENT.into()) && !was_hung_up(&hotline, CALLER.into()));
    assert_eq!(hotline.engine.figures().in_survey, 1);
}

#[test]
fn who_hangs_up_in_the_middle_keeps_what_was_answered() {
    let mut hotline = asked("", "hotline");
    hotline.hear_out(call(0));
    hotline.press(call(0), '7');
    hotline.hang_up(CALLER.into());
    assert_eq!((scores(&hotline), survey(&hotline).end), (vec![("attitude", 7)], Some(SurveyEnd::CallerLeft)));
    assert_eq!(hotline.record(call(0)).hung_up_by, Some(Side::Caller));
}

#[test]
fn who_is_silent_is_let_go_after_two_turns() {
    let mut hotline = asked("", "hotline");
    for _ in 0..2 {
        hotline.hear_out(call(0));
        hotline.pass_ms(5_000);
    }
    assert!(was_hung_up(&hotline, CALLER.into()));
    assert_eq!((scores(&hotline), survey(&hotline).end), (vec![], Some(SurveyEnd::Silent)));
    assert!(hotline.said().contains(&"no-input".into()) && !hotline.said().contains(&"thanks".into()));
}

#[test]
fn a_low_score_is_to_be_followed_up_within_72_h_of_it_r105_k43() {
    let mut hotline = asked("", "hotline");
    hotline.hear_out(call(0));
    hotline.press(call(0), '3');
    let given = hotline.wall();
    hotline.hang_up(CALLER.into());
    hotline.pass_ms(30_000);
    let due = hotline.record(call(0)).due;
    assert_eq!(due.iter().map(|due| (due.what, due.clock, due.rule)).collect::<Vec<_>>(), [(DueWhat::FollowedUp, 43, 105)]);
    assert_eq!(due[0].by.since(given), Duration::from_secs(72 * 3_600));
}

#[test]
fn sensitive_callers_are_not_asked_unless_the_rules_say_so_r68() {
    let hotline = asked("", "private");
    assert_eq!((unasked(&hotline, 0), hotline.record(call(0)).survey), (vec![Unasked::Sensitive], None));
    assert!(was_hung_up(&hotline, CALLER.into()), "the agent's BYE ends it for the caller");
    assert_eq!(asked("[sensitive]\nno_survey = false\n", "private").engine.figures().in_survey, 1);
}

#[test]
fn what_an_agent_found_to_be_sensitive_is_so_for_the_survey_r68() {
    let mut hotline = talking("", "hotline");
    hotline
        .desk("1001", DeskOrder::Classify(Reclassified { sensitive: Some(true), ..Reclassified::default() }))
        .expect("it has the caller");
    hotline.hang_up(AGENT.into());
    assert_eq!(unasked(&hotline, 0), [Unasked::Sensitive]);
}

#[test]
fn nobody_is_asked_in_an_emergency_or_of_another_queue_or_without_a_survey_in_the_rules() {
    assert_eq!(unasked(&asked("", "security"), 0), [Unasked::Urgent]);
    let other = asked("", "other");
    assert!(unasked(&other, 0).is_empty() && other.record(call(0)).survey.is_none() && was_hung_up(&other, CALLER.into()));
    assert!(asked("numbers = [\"complaint\"]\n", "hotline").record(call(0)).survey.is_none(), "another number was dialled");
}

#[test]
fn urgent_callers_are_spared_whatever_made_them_urgent_r33() {
    let mut hotline = talking("", "hotline");
    let found = Reclassified { priority: Some(Priority::Urgent), ..Reclassified::default() };
    hotline.desk("1001", DeskOrder::Classify(found)).expect("it has the caller");
    hotline.hang_up(AGENT.into());
    assert_eq!(unasked(&hotline, 0), [Unasked::Urgent], "an agent found out");
    let hurried = number("hurried", "line", "set = { priority = \"urgent\" }");
    assert_eq!(unasked(&asked(&hurried, "hurried"), 0), [Unasked::Urgent], "the rules say so");
}

#[test]
fn who_never_reached_an_agent_or_hung_up_first_is_not_asked() {
    let mut waiting = Hotline::new(&rules(""), &[(6001, Habit::RingsOut)]);
    waiting.dial(7001, "hotline");
    waiting.pass_ms(5_000);
    waiting.hang_up(CALLER.into());
    assert!(waiting.record(call(0)).survey.is_none());
    let mut talked = talking("", "hotline");
    talked.hang_up(CALLER.into());
    assert!(talked.record(call(0)).survey.is_none() && was_hung_up(&talked, AGENT.into()));
}

#[test]
fn a_number_is_not_asked_twice_in_a_day_but_after_a_complaint_and_a_later_run_knows_r99() {
    let mut hotline = asked("", "hotline");
    hotline.hang_up(CALLER.into());
    hotline.pass_ms(25_000);
    for (port, dialled, expected) in [(7001, "hotline", vec![Unasked::AskedLately]), (7001, "complaint", vec![])] {
        let n = u32::from(dialled == "complaint") + 1;
        hotline.dial(port, dialled);
        hotline.pass_ms(2_000);
        hotline.hang_up(AGENT.into());
        assert_eq!((unasked(&hotline, n), hotline.record(call(n)).survey.is_some()), (expected.clone(), expected.is_empty()), "{dialled}");
        hotline.pass_ms(30_000);
    }
    let from = hotline.record(call(0)).from;
    let mut later = talking("", "hotline");
    let at = later.wall();
    later.engine.handle(later.now, Input::Surveyed(vec![(Number::new(from.reveal()), at)]));
    later.hang_up(AGENT.into());
    assert_eq!(unasked(&later, 0), [Unasked::AskedLately]);
    let mut always = talking("not_again_within = \"0s\"\n", "hotline");
    always.engine.handle(always.now, Input::Surveyed(vec![(Number::new(from.reveal()), at)]));
    always.hang_up(AGENT.into());
    assert_eq!(always.engine.figures().in_survey, 1);
}

#[test]
fn a_share_of_callers_is_asked_and_all_who_complained_r99() {
    let mut hotline = Hotline::new(&rules("share = 0.5\nnot_again_within = \"0s\"\n"), &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    let mut asked = 0;
    for n in 0..40 {
        hotline.dial(7001 + n, "hotline");
        hotline.pass_ms(2_000);
        hotline.hang_up(AGENT.into());
        asked += usize::from(hotline.record(call(n.into())).survey.is_some());
        hotline.pass_ms(60_000);
    }
    assert!((10..=30).contains(&asked), "{asked} of 40");
    assert!(unasked(&hotline, (0..40).find(|n| !unasked(&hotline, *n).is_empty()).expect("some are not")) == [Unasked::Sampled]);
    assert!(self::asked("share = 0.0\n", "complaint").record(call(0)).survey.is_some());
}

#[test]
fn the_figures_of_a_queue_give_csat_mean_and_response_rate_r109() {
    let mut hotline = asked("", "hotline");
    hotline.hear_out(call(0));
    hotline.press(call(0), '7');
    hotline.hear_out(call(0));
    hotline.press(call(0), '4');
    let sums = hotline.engine.figures().queues[0].survey;
    assert_eq!(sums, SurveySums { asked: 1, responded: 1, ratings: 2, satisfied: 1, low: 1, total: 11 });
    assert_eq!((sums.csat(), sums.mean(), sums.response_rate()), (Some(0.5), Some(5.5), Some(1.0)));
}

#[test]
fn after_a_crash_in_the_middle_the_answers_stay_the_next_question_is_asked_and_the_seat_wraps_up_on() {
    let mut hotline = asked("", "hotline");
    hotline.hear_out(call(0));
    hotline.press(call(0), '2');
    hotline.pass_ms(5_000);
    hotline.restart();
    assert_eq!(hotline.engine.figures().in_survey, 1);
    assert_eq!(hotline.state("1001").activity, Activity::WrapUp);
    assert_eq!(hotline.said(), ["quality"], "no question twice, and no greeting again");
    hotline.hear_out(call(0));
    hotline.press(call(0), '9');
    hotline.hear_out(call(0));
    assert!(was_hung_up(&hotline, CALLER.into()));
    hotline.pass_ms(15_000);
    assert!(hotline.state("1001").is_ready(), "20 s of wrap-up in all");
    let record = hotline.record(call(0));
    assert_eq!((scores(&hotline), record.recoveries, record.due.len()), (vec![("attitude", 2), ("quality", 9)], 1, 1));
    assert!(record.t7.is_some());
    assert_eq!(hotline.engine.figures().queues[0].survey.ratings, 2);
}

#[test]
fn a_survey_stopped_after_any_event_ends_with_what_was_answered() {
    let walk = |crash_after| {
        let mut hotline = Hotline::new(&rules(""), &[(6001, Habit::Answers(Duration::from_secs(1)))]);
        hotline.crash_after = crash_after;
        hotline.dial(7001, "hotline");
        hotline.pass_ms(2_000);
        if !hotline.crashed() {
            hotline.hang_up(AGENT.into());
        }
        if !hotline.crashed() {
            hotline.hear_out(call(0));
            hotline.press(call(0), '5');
        }
        hotline
    };
    let whole = walk(usize::MAX);
    let entries = whole.journal.len();
    let began = whole
        .journal
        .iter()
        .position(|entry| matches!(entry, hotline_model::Entry::Call(event) if matches!(event.kind, EventKind::SurveyBegan { .. })));
    for cut in began.expect("it began") + 1..=entries {
        let mut hotline = walk(cut);
        let answered = hotline.events(call(0)).iter().filter(|event| matches!(event.kind, EventKind::Rated(_))).count();
        hotline.restart();
        hotline.pass_ms(600_000);
        let record = hotline.record(call(0));
        assert_eq!(record.survey.as_ref().map(|survey| survey.ratings.len()), Some(answered), "cut after {cut}");
        assert!(record.t6.is_some() && record.t7.is_some(), "cut after {cut}: {record:?}");
        assert_eq!((hotline.engine.calls(), hotline.engine.figures().free_ports), (0, 50), "cut after {cut}");
        assert!(hotline.state("1001").is_ready(), "cut after {cut}");
    }
}

#[test]
fn a_stop_of_the_hotline_ends_it_with_what_was_answered() {
    let mut hotline = asked("", "hotline");
    hotline.hear_out(call(0));
    hotline.press(call(0), '6');
    hotline.engine.handle(hotline.now, Input::HangUp);
    hotline.settle();
    assert_eq!((scores(&hotline), survey(&hotline).end), (vec![("attitude", 6)], Some(SurveyEnd::Cut)));
    assert!(was_hung_up(&hotline, CALLER.into()));
}

#[test]
fn new_rules_change_no_survey_under_way() {
    let mut hotline = asked("", "hotline");
    hotline.change_rules(&rules("scale = 5\nlow = 2\nsatisfied = 4\n"));
    hotline.hear_out(call(0));
    hotline.press(call(0), '8');
    assert_eq!(scores(&hotline), [("attitude", 8)], "it goes by the rules it began with");
}
