use crate::house::*;
use hotline_ivr::{Input, Output, Session};
use hotline_model::{Class, Kind, Number, Priority, Timestamp};
use hotline_rules::{Changes, Door, Go, MenuId};
use std::sync::Arc;
use std::time::Duration;

fn classified(outputs: &[Output]) -> Option<(&hotline_model::Profile, hotline_model::QueueId)> {
    outputs.iter().find_map(|output| if let Output::Classified { profile, queue, .. } = output { Some((profile, *queue)) } else { None })
}

fn barge_in(outputs: &[Output]) -> Vec<bool> {
    outputs.iter().filter_map(|output| if let Output::Say { barge_in, .. } = output { Some(*barge_in) } else { None }).collect()
}

#[test]
fn picking_up_greets_and_says_the_first_menu_in_one_breath() {
    let mut caller = Caller::at(plan(), jiff::civil::date(2026, 9, 30), 10, 0, 0);
    let heard = caller.start();
    assert_eq!(said(&heard), ["welcome", "main-menu", "en:press-9-for-english"]);
    assert_eq!(heard[0], Output::Menu(MAIN));
    assert_eq!(barge_in(&heard), [true]);
    assert_eq!(caller.start(), [], "a second start means nothing");
}

#[test]
fn a_callers_region_comes_from_the_area_code_r39() {
    let caller = Caller::in_main(plan());
    assert_eq!(caller.session.profile().region, Some(SHANGHAI));
    let stranger = Session::new(Arc::new(plan()), HOTLINE, &Number::new("anonymous"));
    assert_eq!(stranger.profile().region, None);
    assert_eq!(stranger.profile().skills, [ZH_NEED]);
}

#[test]
fn a_key_interrupts_the_prompt_and_is_answered_at_once_k2() {
    let mut caller = Caller::in_main(plan());
    let heard = caller.press("2");
    assert_eq!(heard[..4], [Output::Stop, Output::Digit { menu: MAIN, digit: '2' }, Output::ReplyDue, Output::Menu(FAULT)]);
    assert_eq!(said(&heard), ["fault-menu"]);
}

#[test]
fn a_key_after_the_prompt_stops_nothing() {
    let mut caller = Caller::in_main(plan());
    caller.hears_it_out();
    assert!(!caller.press("2").contains(&Output::Stop));
}

#[test]
fn keys_typed_ahead_walk_through_menus() {
    let mut caller = Caller::in_main(plan());
    let heard = caller.press("21");
    let (profile, queue) = classified(&heard).unwrap();
    assert_eq!((profile.class, queue), (Some(Class::Complex), GENERAL));
    assert_eq!(profile.skills, [FAULT_NEED, ZH_NEED]);
}

#[test]
fn keys_typed_before_the_pick_up_are_kept_and_limited() {
    let mut caller = Caller::at(plan(), jiff::civil::date(2026, 9, 30), 10, 0, 0);
    caller.press("21");
    assert!(classified(&caller.start()).is_some());

    let mut caller = Caller::at(plan(), jiff::civil::date(2026, 9, 30), 10, 0, 0);
    caller.press(&"*".repeat(20));
    assert_eq!(caller.session.dropped_digits(), 4, "16 are kept");
}

#[test]
fn keys_during_a_prompt_that_cannot_be_interrupted_leave_it_alone_and_are_counted() {
    let mut caller = Caller::in_main(plan());
    let heard = caller.press("1");
    assert_eq!(said(&heard), ["transferring-to-agent"]);
    assert_eq!(barge_in(&heard), [false]);
    assert_eq!(caller.press("123"), []);
    assert!(classified(&caller.hears_it_out()).is_some());
    assert_eq!(caller.session.dropped_digits(), 3);
    assert_eq!(caller.press("1"), []);
    assert_eq!(caller.session.dropped_digits(), 4);
}

#[test]
fn the_wait_for_a_key_starts_when_the_prompt_ended() {
    let mut caller = Caller::in_main(plan());
    caller.now = Timestamp(9_000_000);
    caller.session.handle_timeout(caller.now, caller.offset, &hotline_rules::EmptyQueues);
    assert_eq!(caller.session.poll_output(), None, "the prompt still plays");
    caller.hears_it_out();
    assert_eq!(caller.session.poll_timeout(), Some(Timestamp(14_000_000)));
}

#[test]
fn a_prompt_whose_end_is_never_reported_holds_nobody_for_ever() {
    let mut caller = Caller::in_main(plan());
    assert_eq!(caller.waits(), [], "counts as heard");
    assert_eq!(caller.session.poll_timeout(), Some(caller.now + Duration::from_secs(5)));
    caller.press("1");
    assert!(classified(&caller.waits()).is_some());
    assert_eq!(caller.session.poll_timeout(), None);
}

#[test]
fn a_wrong_key_says_so_and_repeats_the_menu() {
    let mut caller = Caller::in_main(plan());
    assert_eq!(said(&caller.press("7")), ["invalid-key", "main-menu", "en:press-9-for-english"]);
    assert_eq!(caller.input(Input::Digit('x')), [], "not a key");
}

#[test]
fn no_key_says_so_and_repeats_the_menu() {
    let mut caller = Caller::in_main(plan());
    caller.hears_it_out();
    assert_eq!(said(&caller.waits()), ["no-input", "main-menu", "en:press-9-for-english"]);
}

#[test]
fn three_wrong_or_missing_inputs_lead_to_a_person_r9() {
    let mut caller = Caller::in_main(plan());
    caller.press("7");
    caller.hears_it_out();
    caller.waits();
    assert_eq!(said(&caller.press("#")), ["transferring-to-agent"]);
    assert_eq!(classified(&caller.hears_it_out()).unwrap().1, GENERAL);
}

#[test]
fn a_new_menu_counts_attempts_anew() {
    let mut caller = Caller::in_main(plan());
    caller.press("77");
    caller.press("2");
    assert_eq!(said(&caller.press("7")), ["invalid-key", "fault-menu"]);
    assert_eq!(said(&caller.press("7")), ["invalid-key", "fault-menu"]);
    assert_eq!(said(&caller.press("7")), ["transferring-to-agent"]);
}

#[test]
fn hearing_it_again_costs_no_attempt_but_is_bounded() {
    let mut caller = Caller::in_main(plan());
    caller.press("77");
    for round in 0..10 {
        assert_eq!(said(&caller.press("*")), ["main-menu", "en:press-9-for-english"], "round {round}");
    }
    assert_eq!(said(&caller.press("*")), ["transferring-to-agent"]);
}

#[test]
fn another_language_says_the_menu_in_it_and_asks_for_its_speakers_r12() {
    let mut caller = Caller::in_main(plan());
    let heard = caller.press("9");
    assert!(heard.contains(&Output::Language(EN)));
    assert_eq!(said(&heard), ["en:language-changed", "en:main-menu", "en:press-9-for-english"]);
    let heard = caller.press("0");
    let (profile, _) = classified(&heard).unwrap();
    assert_eq!((profile.language, profile.skills.as_slice()), (EN, [EN_NEED].as_slice()));
}

#[test]
fn choosing_the_same_language_again_is_no_change() {
    let mut caller = Caller::in_main(plan());
    caller.press("9");
    assert!(!caller.press("9").contains(&Output::Language(EN)));
}

#[test]
fn the_higher_of_two_needs_of_one_skill_holds() {
    let mut plan = plan();
    let strong = hotline_model::Need { at_least: 8, ..ZH_NEED };
    plan.menus[0].keys.get_mut(&'0').unwrap().set.skills = vec![ZH_NEED, strong];
    let mut caller = Caller::in_main(plan);
    assert_eq!(classified(&caller.press("0")).unwrap().0.skills, [strong]);
}

#[test]
fn a_queues_priority_holds_where_no_menu_set_one_r24() {
    let mut caller = Caller::in_main(plan());
    caller.press("3");
    assert_eq!(classified(&caller.hears_it_out()).unwrap().0.priority, Priority::Important);

    let mut plan = plan();
    plan.menus[0].keys.get_mut(&'3').unwrap().set.priority = Some(Priority::Ordinary);
    let mut caller = Caller::in_main(plan);
    caller.press("3");
    let heard = caller.hears_it_out();
    let (profile, queue) = classified(&heard).unwrap();
    assert_eq!((profile.priority, profile.kind, queue), (Priority::Ordinary, Some(Kind::Complaint), COMPLAINTS));
}

#[test]
fn goodbye_is_said_to_the_end_and_then_nothing_follows() {
    let mut caller = Caller::in_main(plan());
    assert_eq!(said(&caller.press("8")), ["goodbye"]);
    assert_eq!(caller.hears_it_out(), [Output::Goodbye]);
    assert_eq!((caller.session.poll_timeout(), caller.session.menu()), (None, None));
    assert_eq!(caller.press("0"), []);
}

#[test]
fn zero_reaches_a_person_even_in_a_menu_that_forgot_it_r9() {
    let mut plan = plan();
    plan.menus[0].keys.remove(&'0');
    let mut caller = Caller::in_main(plan);
    caller.press("0");
    assert!(classified(&caller.hears_it_out()).is_some());
}

#[test]
fn a_menu_without_prompts_listens_at_once() {
    let mut plan = plan();
    plan.menus[1].say.clear();
    let mut caller = Caller::in_main(plan);
    assert_eq!(caller.press("2")[3..], [Output::Menu(FAULT)]);
    assert_eq!(caller.session.poll_timeout(), Some(caller.now + Duration::from_secs(5)));
}

#[test]
fn after_a_restart_the_menu_is_said_again_in_the_callers_language() {
    let mut before = Caller::in_main(plan());
    before.press("92");
    let profile = before.session.profile().clone();
    let session = Session::resume(Arc::new(plan()), HOTLINE, &Number::new("02155550021"), "fault", profile);
    assert_eq!(session.menu(), Some(FAULT));
    let mut after = Caller { session, ..before };
    assert_eq!(said(&after.start()), ["en:fault-menu"]);
    let heard = after.press("1");
    assert_eq!(classified(&heard).unwrap().0.skills, [FAULT_NEED, EN_NEED]);
}

#[test]
fn after_a_restart_an_unknown_menu_means_the_entry() {
    let before = Caller::in_main(plan());
    let profile = before.session.profile().clone();
    let session = Session::resume(Arc::new(plan()), HOTLINE, &Number::new("02155550021"), "renamed", profile);
    let mut after = Caller { session, ..before };
    assert_eq!(said(&after.start())[..2], ["welcome", "main-menu"]);
}

#[test]
fn gates_that_lead_in_a_circle_end_with_a_person() {
    let mut plan = plan();
    let closed = plan.menus[0].gates[0].when.clone();
    let circle = |menu| hotline_rules::Gate { when: closed.clone(), go: saying(&["closed-intro"], Go::Menu(menu)) };
    plan.menus[0].gates = vec![circle(AFTER_HOURS)];
    plan.menus[2].gates = vec![circle(MAIN)];
    plan.menus[2].failed = plan.menus[0].failed.clone();
    let mut caller = Caller::at(plan, jiff::civil::date(2026, 9, 30), 23, 0, 0);
    assert_eq!(said(&caller.start()), ["transferring-to-agent"]);
    assert!(classified(&caller.hears_it_out()).is_some());
}

#[test]
fn failures_that_lead_in_a_circle_end_with_goodbye() {
    let mut plan = plan();
    plan.menus[0].failed = to(Go::Again);
    plan.menus[0].attempts = 0;
    let mut caller = Caller::in_main(plan);
    let heard: Vec<_> = (0..11).flat_map(|_| caller.press("7")).collect();
    assert_eq!(heard.last(), Some(&Output::Goodbye));
}

#[test]
fn walking_between_menus_for_ever_is_bounded() {
    let mut plan = plan();
    plan.menus[1].keys.insert('2', to(Go::Menu(MAIN)));
    let mut caller = Caller::in_main(plan);
    let menus = caller.press(&"2".repeat(100)).iter().filter(|output| matches!(output, Output::Menu(_))).count();
    assert_eq!(menus, 63, "64 with the first");
    assert!(classified(&caller.hears_it_out()).is_some());
}

#[test]
fn an_entry_may_lead_straight_to_a_queue() {
    let mut plan = plan();
    plan.numbers[0].entry = to(Go::Queue(GENERAL));
    plan.numbers[0].entry.set = Changes { sensitive: Some(true), ..Changes::default() };
    let mut caller = Caller::at(plan, jiff::civil::date(2026, 9, 30), 10, 0, 0);
    assert!(classified(&caller.start()).unwrap().0.sensitive);
}

#[test]
fn a_gate_may_say_something_and_stay() {
    let mut plan = plan();
    plan.menus[0].gates[0].go = saying(&["fault-announcement"], Go::Again);
    let mut caller = Caller::at(plan, jiff::civil::date(2026, 9, 30), 23, 0, 0);
    assert_eq!(said(&caller.start())[..3], ["welcome", "fault-announcement", "main-menu"]);
    assert_eq!(caller.session.menu(), Some(MenuId(0)));
}

#[test]
fn whoever_watches_sees_each_way_that_the_caller_took() {
    use hotline_ivr::{Took, Way};
    let way = |menu, took| Way { door: Door::Menu(menu), took };
    let mut caller = Caller::at(plan(), jiff::civil::date(2026, 9, 30), 10, 0, 0);
    caller.session.watch();
    caller.start();
    caller.press("*72");
    caller.hears_it_out();
    caller.waits();
    let taken = caller.session.take_ways();
    let first = Way { door: Door::Number(HOTLINE), took: Took::Entry };
    let in_main = [Took::Key('*'), Took::Invalid('7'), Took::Key('2')].map(|took| way(MAIN, took));
    assert_eq!(taken, [&[first], &in_main[..], &[way(FAULT, Took::NoInput)]].concat());
    assert_eq!(caller.session.take_ways(), []);
}

#[test]
fn a_closed_gate_and_what_follows_too_many_wrong_keys_are_ways_too_and_nobody_watches_by_default() {
    use hotline_ivr::{Took, Way};
    let mut caller = Caller::at(plan(), jiff::civil::date(2026, 9, 30), 3, 0, 0);
    caller.session.watch();
    caller.start();
    caller.press("777");
    let taken: Vec<_> = caller.session.take_ways().into_iter().skip(1).collect();
    let after_hours = |took| Way { door: Door::Menu(AFTER_HOURS), took };
    let gate = Way { door: Door::Menu(MAIN), took: Took::Gate(0) };
    let wrong = after_hours(Took::Invalid('7'));
    assert_eq!(taken, [gate, wrong, wrong, wrong, after_hours(Took::Failed)]);
    let mut unwatched = Caller::in_main(plan());
    unwatched.press("1");
    assert_eq!(unwatched.session.take_ways(), []);
}

fn due(outputs: &[Output]) -> usize {
    outputs.iter().filter(|output| **output == Output::ReplyDue).count()
}

#[test]
fn a_reply_is_due_to_each_key_before_it_is_said_and_to_nothing_else_r10_k2() {
    let mut caller = Caller::in_main(plan());
    for key in ["5", "2", "1"] {
        let heard = caller.press(key);
        let place = |wanted: fn(&Output) -> bool| heard.iter().position(wanted);
        assert_eq!(due(&heard), 1, "{key}: {heard:?}");
        let said = place(|output| matches!(output, Output::Say { .. } | Output::Classified { .. }));
        assert!(place(|output| *output == Output::ReplyDue) < said, "{heard:?}");
    }
    let mut silent = Caller::in_main(plan());
    assert_eq!(due(&silent.hears_it_out()) + due(&silent.waits()), 0, "silence asks nothing");
}

#[test]
fn who_hears_nothing_of_a_menu_is_led_as_by_key_0_r9_r10() {
    let mut caller = Caller::in_main(plan());
    caller.press("2");
    assert_eq!(classified(&caller.input(Input::Unheard)).map(|(_, queue)| queue), Some(GENERAL));
    let mut plan = plan();
    plan.menus[0].keys.remove(&'0');
    let mut caller = Caller::in_main(plan);
    let heard = caller.input(Input::Unheard);
    assert!(classified(&heard).is_some() || classified(&caller.input(Input::Unheard)).is_some(), "{heard:?}");
}

#[test]
fn who_hears_nothing_on_the_way_out_goes_there_at_once_r10() {
    let mut caller = Caller::in_main(plan());
    assert_eq!(said(&caller.press("8")), ["goodbye"]);
    assert_eq!(caller.input(Input::Unheard), [Output::Goodbye]);
    assert_eq!(caller.input(Input::Unheard), [], "it is over");
}
