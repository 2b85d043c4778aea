//! Call-back that keeps the place in the queue, or comes at a chosen time (R19, K8).

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, first_seat, number, queue};
use hotline_model::history::{CallBackEnd, Cause, ClockChange, EventKind};
use hotline_model::{Assessment, CallId, DeskOrder, Impact, Intent, Reclassified, Remit};
use hotline_sip::Event;
use std::net::SocketAddr;
use std::time::Duration;

const AGENT: ([u8; 4], u16) = ([127, 0, 0, 2], 6001);
const CARRIER: ([u8; 4], u16) = ([127, 0, 0, 2], 5090);
const OUTBOUND: &str = "[outbound]\nallow = [\"1[3-9]x{9}\", \"1380013x{4}\"]\n[[trunk]]\nname = \"carrier\"\ncontact = \"sip:127.0.0.2:5090\"\n\
                        from = \"02112345678\"\n[calendar.day]\nzone = \"Asia/Shanghai\"\nhours = { daily = \"08:00-20:00\" }\n";

fn rules(facts: &str) -> String {
    let line = queue("line", 1, &format!("wrap_up = \"0s\"\ncallback = {{ key = \"2\", {facts} }}"));
    let menus = [number("direct", "line", ""), "[[number]]\nname = \"back\"\ncallback = \"line\"\n".to_owned()].concat();
    [PREAMBLE, &menus, &line, &first_seat(), OUTBOUND].concat()
}

/// The seat is signed out; the customer behind the trunk has this habit.
fn house(facts: &str, customer: Habit) -> Hotline {
    let mut hotline = Hotline::new(&rules(facts), &[(6001, Habit::Answers(Duration::from_secs(1))), (5090, customer)]);
    hotline.sign("1001", Intent::SignedOut);
    hotline
}

/// Keys are pressed by the callers as they came: call-backs have no line of their own.
/// A caller asks to be called back at the number that called, and hangs up.
fn ask(hotline: &mut Hotline, port: u16, count: u32) {
    let phone = hotline.dial(port, "direct");
    hotline.pass_ms(2_000);
    hotline.press(call(count), '2');
    hotline.press(call(count), '1');
    hotline.pass_ms(500);
    hotline.hang_up(phone);
    hotline.pass_ms(500);
}

fn saw(hotline: &Hotline, phone: ([u8; 4], u16), wanted: impl Fn(&Event) -> bool) -> usize {
    hotline.phones[&SocketAddr::from(phone)].events.iter().filter(|event| wanted(event)).count()
}

fn dialled(hotline: &Hotline) -> Vec<String> {
    let invites = hotline.phones[&SocketAddr::from(CARRIER)].events.iter().filter_map(|event| match event {
        Event::Invite { invite, .. } => Some(invite.to_user.clone()),
        _ => None,
    });
    invites.collect()
}

fn ended(hotline: &Hotline, id: CallId) -> Option<CallBackEnd> {
    hotline.events(id).into_iter().find_map(|event| match event.kind {
        EventKind::CallBackEnded { why } => Some(why),
        _ => None,
    })
}

fn open(hotline: &Hotline) -> usize {
    hotline.engine.figures().call_backs
}

fn k8(hotline: &Hotline, id: CallId) -> Option<ClockChange> {
    hotline.record(id).clocks.iter().find(|clock| clock.clock == 8).map(|clock| clock.state)
}

#[test]
fn a_caller_who_hung_up_is_served_at_the_old_place_and_called_when_the_agent_is_there_r19() {
    let mut hotline = house("", Habit::Answers(Duration::from_secs(2)));
    ask(&mut hotline, 7001, 0);
    assert_eq!((open(&hotline), hotline.engine.figures().calls), (1, 0));
    let said = hotline.said();
    assert!(
        ["callback-number", "number-8", "callback-confirm", "callback-booked"].iter().all(|prompt| said.iter().any(|one| one == prompt))
    );
    hotline.dial(7002, "direct");
    hotline.pass_ms(5_000);
    hotline.sign("1001", Intent::Available);
    hotline.pass_ms(1_500);
    assert_eq!(hotline.offers(), [(1, "1001".to_owned())], "before the caller who came later");
    assert_eq!(dialled(&hotline), ["13800137001"]);
    hotline.pass_ms(2_000);
    assert_eq!(hotline.engine.figures().talking, 1);
    let record = hotline.record(call(1));
    assert_eq!((record.calls_back, record.seat.as_deref()), (Some(call(0)), Some("1001")));
    assert_eq!(k8(&hotline, call(1)), Some(ClockChange::Met), "the timely response");
    assert!(record.clocks.iter().all(|clock| clock.clock != 3), "nobody waits on the line");
    assert_eq!(hotline.record(call(0)).cause, Some(Cause::Completed));
    hotline.hang_up(CARRIER.into());
    hotline.pass_ms(3_000);
    assert!(hotline.record(call(1)).t7.is_some());
    assert_eq!((open(&hotline), hotline.engine.figures().trunks[0].calls), (0, 0));
    assert_eq!(hotline.engine.figures().talking, 1, "the next caller has the seat");
}

#[test]
fn a_menu_leads_to_a_call_back_and_another_number_can_be_entered() {
    let mut hotline = house("", Habit::RingsOut);
    hotline.dial(7001, "back");
    hotline.press(call(0), '2');
    "13900139000".chars().chain(['#']).for_each(|key| hotline.press(call(0), key));
    hotline.press(call(0), '1');
    hotline.sign("1001", Intent::Available);
    hotline.pass_ms(1_500);
    assert_eq!(dialled(&hotline), ["13900139000"]);
}

#[test]
fn a_number_that_is_not_allowed_is_asked_for_again_and_after_three_wrong_ones_the_caller_waits_on() {
    for wrong in ["0012125551234", "110", "12345678901234567890123"] {
        let mut hotline = house("", Habit::RingsOut);
        hotline.dial(7001, "direct");
        hotline.press(call(0), '2');
        hotline.press(call(0), '2');
        for _ in 0..3 {
            wrong.chars().chain(['#']).for_each(|key| hotline.press(call(0), key));
        }
        hotline.press(call(0), '1');
        assert_eq!((open(&hotline), hotline.engine.figures().waiting), (0, 1), "{wrong}");
        assert!(hotline.said().iter().any(|prompt| prompt == "callback-not-allowed"));
    }
}

#[test]
fn who_says_nothing_more_waits_on_as_before() {
    let mut hotline = house("", Habit::RingsOut);
    hotline.dial(7001, "direct");
    hotline.press(call(0), '2');
    hotline.pass_ms(31_000);
    hotline.press(call(0), '1');
    assert_eq!((open(&hotline), hotline.engine.figures().waiting), (0, 1));
}

#[test]
fn a_customer_who_is_busy_or_does_not_answer_is_tried_again_and_given_up_with_an_event() {
    for habit in [Habit::Refuses(486), Habit::RingsOut] {
        let mut hotline = house("attempts = 2, retry = \"5min\"", habit);
        ask(&mut hotline, 7001, 0);
        hotline.sign("1001", Intent::Available);
        hotline.pass_ms(50_000);
        assert_eq!((dialled(&hotline).len(), open(&hotline)), (1, 1), "{habit:?}");
        assert!(hotline.said().iter().any(|prompt| prompt == "callback-unreached"), "the agent is told");
        assert!(hotline.state("1001").is_ready(), "and free: {:?}", hotline.state("1001"));
        hotline.pass_ms(350_000);
        assert_eq!((dialled(&hotline).len(), open(&hotline)), (2, 0));
        assert_eq!(ended(&hotline, call(1)), Some(CallBackEnd::Failed));
        assert_eq!(hotline.record(call(1)).cause, Some(Cause::NotReached));
        assert_eq!(hotline.engine.counters().call_backs_failed, 1);
        assert_eq!((hotline.engine.calls(), hotline.engine.figures().free_ports), (0, 50));
        assert!(hotline.state("1001").is_ready());
    }
}

#[test]
fn a_dead_trunk_costs_an_attempt_and_not_the_call_back() {
    let mut hotline = house("retry = \"1min\"", Habit::Dead);
    ask(&mut hotline, 7001, 0);
    hotline.sign("1001", Intent::Available);
    hotline.pass_ms(20_000);
    assert_eq!(open(&hotline), 1);
    hotline.change_habit(5090, Habit::Answers(Duration::from_secs(1)));
    hotline.pass_ms(70_000);
    assert_eq!(hotline.engine.figures().talking, 1);
}

#[test]
fn the_caller_calls_again_while_the_call_back_rings_the_seat_and_has_the_place_back() {
    let mut hotline = house("", Habit::RingsOut);
    hotline.change_habit(6001, Habit::RingsOut);
    ask(&mut hotline, 7001, 0);
    hotline.dial(7002, "direct");
    hotline.pass_ms(1_000);
    hotline.sign("1001", Intent::Available);
    assert_eq!(hotline.offers(), [(1, "1001".to_owned())]);
    hotline.dial(7001, "direct");
    hotline.pass_ms(100);
    assert_eq!(ended(&hotline, call(1)), Some(CallBackEnd::CameBack(call(3))));
    assert_eq!(hotline.offers().last(), Some(&(3, "1001".to_owned())), "the new call is first: {:?}", hotline.offers());
    assert!(dialled(&hotline).is_empty());
    assert_eq!(open(&hotline), 0);
}

#[test]
fn the_agent_hangs_up_while_the_customer_is_dialled_and_another_attempt_follows_at_once() {
    let mut hotline = house("", Habit::RingsOut);
    ask(&mut hotline, 7001, 0);
    hotline.sign("1001", Intent::Available);
    hotline.pass_ms(2_000);
    assert_eq!(dialled(&hotline).len(), 1);
    hotline.hang_up(AGENT.into());
    hotline.pass_ms(100);
    assert_eq!(saw(&hotline, CARRIER, |event| matches!(event, Event::Cancelled { .. })), 1);
    assert_eq!(open(&hotline), 1, "the call-back is not lost");
    hotline.pass_ms(3_000);
    assert_eq!(dialled(&hotline).len(), 2, "{:?}", hotline.events(call(1)));
}

#[test]
fn a_customer_who_answers_as_the_ring_limit_ends_is_in_one_conversation_or_none() {
    for after in [29_999, 30_000, 30_001] {
        let mut hotline = house("", Habit::Answers(Duration::from_millis(after)));
        ask(&mut hotline, 7001, 0);
        hotline.sign("1001", Intent::Available);
        hotline.pass_ms(40_000);
        let talking = hotline.engine.figures().talking;
        assert_eq!(talking + open(&hotline), 1, "{after} ms");
        let live = saw(&hotline, CARRIER, |event| matches!(event, Event::Confirmed { .. }))
            - saw(&hotline, CARRIER, |event| matches!(event, Event::Bye { .. }));
        assert_eq!((live, hotline.engine.figures().trunks[0].calls as usize), (talking, talking), "{after} ms");
    }
}

#[test]
fn a_second_request_of_the_same_number_has_the_place_of_the_first() {
    let mut hotline = house("", Habit::RingsOut);
    ask(&mut hotline, 7001, 0);
    hotline.dial(7002, "direct");
    hotline.pass_ms(1_000);
    hotline.dial(7003, "direct");
    hotline.press(call(2), '2');
    hotline.press(call(2), '2');
    "13800137001#".chars().for_each(|key| hotline.press(call(2), key));
    hotline.press(call(2), '1');
    assert_eq!(ended(&hotline, call(1)), Some(CallBackEnd::Replaced));
    assert_eq!(open(&hotline), 1);
    hotline.sign("1001", Intent::Available);
    assert_eq!(hotline.offers(), [(4, "1001".to_owned())]);
}

#[test]
fn a_queue_that_has_all_the_call_backs_it_takes_says_so() {
    let mut hotline = house("limit = 1", Habit::RingsOut);
    ask(&mut hotline, 7001, 0);
    hotline.dial(7002, "direct");
    hotline.press(call(1), '2');
    hotline.press(call(1), '1');
    assert!(hotline.said().iter().any(|prompt| prompt == "callback-full"));
    assert_eq!((open(&hotline), hotline.engine.figures().waiting), (1, 1));
}

#[test]
fn two_who_ask_at_once_do_not_both_have_the_last_place() {
    let mut hotline = house("limit = 1", Habit::RingsOut);
    for (port, count) in [(7001, 0), (7002, 1)] {
        hotline.dial(port, "direct");
        hotline.press(call(count), '2');
    }
    hotline.press(call(0), '1');
    hotline.press(call(1), '1');
    assert!(hotline.said().iter().any(|prompt| prompt == "callback-full"));
    assert_eq!((open(&hotline), hotline.engine.figures().waiting), (1, 1));
}

#[test]
fn nobody_has_the_hotline_call_itself() {
    let rules = rules("").replace("allow = [", "allow = [\"0x{9,11}\", \"400x{7}\", ");
    let rules = rules.replace("name = \"back\"", "name = \"back\"\naliases = [\"4008000000\"]");
    for own in ["02112345678", "00862112345678", "4008000000"] {
        let mut hotline = Hotline::new(&rules, &[(6001, Habit::RingsOut), (5090, Habit::RingsOut)]);
        hotline.sign("1001", Intent::SignedOut);
        hotline.dial(7001, "back");
        hotline.press(call(0), '2');
        own.chars().chain(['#', '1']).for_each(|key| hotline.press(call(0), key));
        assert_eq!(open(&hotline), 0, "{own}");
        assert!(hotline.said().iter().any(|prompt| prompt == "callback-not-allowed"));
    }
}

#[test]
fn in_a_full_queue_the_call_back_has_the_room_of_the_call_in_which_it_was_asked_for() {
    let mut hotline = house("", Habit::RingsOut);
    hotline.change_rules(&rules("").replace("wrap_up = \"0s\"", "wrap_up = \"0s\"\nlimit = 1"));
    hotline.sign("1001", Intent::SignedOut);
    ask(&mut hotline, 7001, 0);
    assert_eq!(open(&hotline), 1);
    let later = |event: &hotline_model::CallEvent| matches!(event.kind, EventKind::CallBackLater { .. });
    assert!(!hotline.events(call(1)).iter().any(later), "it waits at once");
    hotline.dial(7002, "direct");
    assert!(hotline.said().iter().any(|prompt| prompt == "busy-try-later"), "and takes that room");
}

#[test]
fn a_call_back_at_a_chosen_time_enters_the_queue_then() {
    // It is 10:00 in Shanghai: 14:00 is today, 09:00 tomorrow.
    for (key, hours) in [('2', 4), ('3', 23)] {
        let mut hotline = house("slots = [\"14:00\", \"09:00\"], calendar = \"day\"", Habit::Answers(Duration::from_secs(1)));
        let phone = hotline.dial(7001, "direct");
        ['2', '1', key].into_iter().for_each(|key| hotline.press(call(0), key));
        hotline.hang_up(phone);
        hotline.sign("1001", Intent::Available);
        hotline.pass(Duration::from_secs(hours * 3_600 - 60));
        assert_eq!((open(&hotline), hotline.offers().len()), (1, 0), "{key}");
        hotline.pass(Duration::from_secs(65));
        assert_eq!(hotline.engine.figures().talking, 1, "{key}");
        let record = hotline.record(call(1));
        let waited = record.clocks.iter().find(|clock| clock.clock == 8).map(|clock| clock.started.since(record.t0));
        assert!(waited.is_some_and(|waited| waited > Duration::from_secs(hours * 3_600 - 60)), "K8 runs from the chosen time: {waited:?}");
    }
}

#[test]
fn open_call_backs_keep_their_place_their_time_and_their_attempts_over_a_restart() {
    for clean in [false, true] {
        let mut hotline = house("slots = [\"14:00\"], calendar = \"day\", attempts = 2, retry = \"5min\"", Habit::Refuses(486));
        let phone = hotline.dial(7001, "direct");
        ['2', '1', '1'].into_iter().for_each(|key| hotline.press(call(0), key));
        hotline.hang_up(phone);
        let phone = hotline.dial(7002, "direct");
        ['2', '1', '2'].into_iter().for_each(|key| hotline.press(call(1), key));
        hotline.hang_up(phone);
        hotline.sign("1001", Intent::Available);
        hotline.pass_ms(20_000);
        assert_eq!((open(&hotline), dialled(&hotline).len()), (2, 1));
        if clean {
            hotline.engine.handle(hotline.now, hotline_engine::Input::HangUp);
            hotline.settle();
        }
        hotline.restart();
        assert_eq!(open(&hotline), 2, "clean {clean}");
        hotline.pass(Duration::from_secs(330));
        assert_eq!(ended(&hotline, call(1)), Some(CallBackEnd::Failed), "the second of two attempts, clean {clean}");
        hotline.change_habit(5090, Habit::Answers(Duration::from_secs(1)));
        hotline.pass(Duration::from_secs(4 * 3_600));
        assert_eq!(hotline.engine.figures().talking, 1, "the scheduled one, clean {clean}");
    }
}

#[test]
fn a_walk_of_a_call_back_stopped_after_any_event_goes_on_from_its_journal() {
    let walk = |cut: usize| {
        let mut hotline = house("retry = \"1min\"", Habit::Answers(Duration::from_secs(2)));
        hotline.crash_after = cut;
        let phone = hotline.dial(7001, "direct");
        if hotline.crashed() {
            return hotline;
        }
        hotline.press(call(0), '2');
        if !hotline.crashed() {
            hotline.press(call(0), '1');
        }
        if !hotline.crashed() {
            hotline.hang_up(phone);
        }
        if !hotline.crashed() {
            hotline.sign("1001", Intent::Available);
            hotline.pass_ms(10_000);
        }
        hotline
    };
    let entries = walk(usize::MAX).journal.len();
    let mut served = 0;
    for cut in 1..=entries {
        let mut hotline = walk(cut);
        let opened = hotline.events(call(1)).iter().any(|event| matches!(event.kind, EventKind::CallBackOpened { .. }));
        hotline.restart();
        if !opened {
            continue;
        }
        served += 1;
        hotline.pass_ms(100_000);
        let talks = hotline.engine.figures().talking;
        assert_eq!(talks, 1, "cut after {cut}: {:#?}", hotline.events(call(1)));
        assert_eq!(hotline.engine.figures().trunks[0].calls, 1, "cut after {cut}");
        hotline.hang_up(AGENT.into());
        hotline.pass_ms(400_000);
        assert_eq!((hotline.engine.calls(), hotline.engine.figures().free_ports), (0, 50), "cut after {cut}");
    }
    assert!(served > 8, "{served} of {entries}");
}

#[test]
fn a_call_back_keeps_what_the_menus_found_and_alerts_nobody_a_second_time_r33_r34() {
    let far = "[[number]]\nname = \"far\"\nset = { scope = \"outside\", impact = \"everybody\", topic = \"security\" }\nqueue = \"line\"\n";
    let mut hotline =
        Hotline::new(&(rules("") + far), &[(6001, Habit::Answers(Duration::from_secs(1))), (5090, Habit::Answers(Duration::from_secs(2)))]);
    hotline.sign("1001", Intent::SignedOut);
    let phone = hotline.dial(7001, "far");
    hotline.pass_ms(2_000);
    hotline.press(call(0), '2');
    hotline.press(call(0), '1');
    hotline.hang_up(phone);
    hotline.pass_ms(500);
    let found = Assessment { scope: Some(Remit::Outside), impact: Some(Impact::Everybody) };
    assert_eq!([0, 1].map(|place| hotline.record(call(place)).assessed), [found, found]);
    hotline.restart();
    hotline.pass_ms(6_000);
    assert_eq!(hotline.engine.figures().talking, 1, "the start signed the seat in, and the customer answered");
    let change = Reclassified::default();
    assert_eq!(hotline.desk("1001", DeskOrder::Assess { found: Assessment { impact: Some(Impact::Department), ..found }, change }), Ok(()));
    let told = |place| {
        let alert = |kind: &EventKind| matches!(kind, EventKind::Alerted { .. } | EventKind::ImpactAlerted { .. });
        hotline.events(call(place)).iter().filter(|event| alert(&event.kind)).count()
    };
    assert_eq!((told(0), told(1)), (2, 0));
    assert_eq!(hotline.record(call(1)).assessed.impact, Some(Impact::Department), "what the agent found is its own");
}
