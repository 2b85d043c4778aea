//! What `why QUEUE` says of a queue that is closed, and of a call that waits once more after a conversation.

use super::*;

async fn page(plan: Arc<Plan>, look: &Look, ms: i64) -> String {
    let now = Now::read(look, plan, Some(Vec::new()), at(ms)).await.unwrap();
    why::queue_page(&QueueNow::of(&now, &"billing".into()).unwrap(), &now, &why_args(0, Lang::En)).text()
}

#[tokio::test]
async fn a_call_that_waits_again_after_a_conversation_is_among_those_that_wait_and_rings_at_nobody_r59() {
    let mut live = into_queue(46, 700_000, "13600000003");
    live.push(chose(40, 706_000, 46, Trigger::CallWaiting, DecidingKey::OnlyReady, "1001"));
    live.extend(offered(46, 706_000, "1001", 40));
    live.extend([call(46, 708_000, EventKind::Answered { seat: "1001".into() }), call(46, 708_000, clock(3, ClockChange::Met))]);
    let (dir, mut journal) = data_of(&morning(), &live).await;
    let look = Look::open(dir.path()).await.unwrap();
    assert!(page(rules(), &look, 715_000).await.contains("no call waits"));
    let again = EventKind::Queued { queue: "billing".into(), priority: Priority::Important };
    append(&mut journal, &[call(46, 716_000, again), call(46, 716_000, clock(3, ClockChange::Started))]);
    let look = Look::open(dir.path()).await.unwrap();
    let text = page(rules(), &look, 720_000).await;
    assert!(text.contains("1 call waits.") && text.contains("Call 3-0-46 is first in line") && !text.contains("rings at"), "{text}");
}

#[tokio::test]
async fn of_a_closed_queue_it_is_said_until_when_r17() {
    let office = "[calendar.office]\nzone = \"Asia/Shanghai\"\nhours = { mon-fri = \"10:30-18:00\" }\n";
    let text = RULES.replacen(
        "name = \"billing\"\n[[queue.step]]",
        "name = \"billing\"\nhours = \"office\"\nclosed = { queue = \"all\" }\n[[queue.step]]",
        1,
    ) + office;
    let sources = [Source { path: "routing-rules/all.toml".into(), text }];
    let loaded = hotline_rules::load(&sources, None);
    let found = |found: Vec<_>| panic!("{}", hotline_rules::render(&found, &sources, hotline_rules::Style::Plain, hotline_model::Lang::En));
    let plan = Arc::new(loaded.unwrap_or_else(found).plan);
    let (dir, _journal) = data_of(&morning(), &live()).await;
    let look = Look::open(dir.path()).await.unwrap();
    let text = page(Arc::clone(&plan), &look, NOW).await;
    assert!(text.contains("It is closed until 2026-03-02 10:30:00, by calendar office (`hours`)"), "{text}");
    assert!(!page(plan, &look, 27 * 60_000).await.contains("closed"));
}

/// 1001 has a delay, 1002 is of the reserve, 1004 the preferred agent of a customer.
const CAREFUL: &str = r#"
number = [{ name = "hotline", queue = "billing" }]
skill = [{ name = "billing" }]
[assign]
tiers = ["internal-near", "internal", { tier = "external", hold = "8s" }]
[assign.wait_for]
preferred = "10s"
[[customer]]
name = "trade"
numbers = ["13600000004"]
preferred = "1004"
[[queue]]
name = "billing"
weight = 2
reserve = { seats = ["1002"], waiting = 3 }
[[queue]]
name = "all"
[[seats]]
range = "1002-1004"
skills = { billing = 8 }
password = "x"
[[seat]]
name = "1001"
skills = { billing = 8 }
queues = { billing = { delay = "25s" }, all = {} }
password = "x"
[[seat]]
name = "1005"
skills = { billing = 8 }
origin = "external"
password = "x"
"#;

async fn seat_in(live: &[Entry], name: &str, state: SeatState, ms: i64, lang: Lang) -> String {
    let sources = [Source { path: "routing-rules/all.toml".into(), text: CAREFUL.into() }];
    let found = |found: Vec<_>| panic!("{}", hotline_rules::render(&found, &sources, hotline_rules::Style::Plain, hotline_model::Lang::En));
    let plan = Arc::new(hotline_rules::load(&sources, None).unwrap_or_else(found).plan);
    let (dir, _journal) = data_of(&[], live).await;
    let look = Look::open(dir.path()).await.unwrap();
    let others = ["1001", "1002", "1003", "1004", "1005"].into_iter().filter(|other| *other != name);
    let on_call = SeatState { intent: Intent::Available, activity: Activity::OnCall, reachable: true };
    let states = others.map(|other| (Name::from(other), on_call)).chain([(name.into(), state)]).collect();
    let now = Now::read(&look, plan, Some(states), at(ms)).await.unwrap();
    why::seat_page(&SeatNow::read(&look, &now, &name.into()).await.unwrap(), &now, &why_args(0, lang)).text()
}

const RESTS: SeatState = SeatState { intent: Intent::NotReady(NotReadyReason::Break), activity: Activity::Free, reachable: true };
const READY: SeatState = SeatState { intent: Intent::Available, activity: Activity::Free, reachable: true };

#[tokio::test]
async fn of_a_seat_that_is_not_ready_it_is_told_what_would_keep_it_waiting_if_it_were() {
    let live = into_queue(46, 700_000, "13600000003");
    for (name, queues, waits) in [
        ("1001", "no call that has waited less than 25.0 s (`delay`)", "in 21.0 s: `delay` of seat 1001, 25.0 s (routing-rules/all.toml:"),
        ("1002", "only while the queue is crowded (`reserve`)", "not for it: ready, of the reserve, which serves while 3 calls wait"),
        ("1003", "admitted at once", "could have it, if it were ready"),
    ] {
        let text = seat_in(&live, name, RESTS, 710_000, Lang::En).await;
        assert!(text.contains(queues) && text.contains(waits), "{text}");
    }
    let chinese = seat_in(&live, "1001", RESTS, 710_000, Lang::Zh).await;
    assert!(
        chinese.contains("来电须已等待 25.0 秒（`delay`）")
            && chinese.contains("21.0 秒 后轮到它：坐席 1001 的 `delay` 25.0 秒（routing-rules/all.toml:"),
        "{chinese}"
    );
}

#[tokio::test]
async fn a_call_that_waits_for_its_own_agent_is_not_said_to_wait_for_a_step_r43() {
    let live = into_queue(46, 700_000, "13600000004");
    for state in [READY, RESTS] {
        let text = seat_in(&live, "1003", state, 710_000, Lang::En).await;
        assert!(text.contains("waits for its own agent (`assign.wait_for` routing-rules/all.toml:6) for another 6.0 s"), "{text}");
    }
}

#[tokio::test]
async fn where_queues_weigh_differently_the_list_says_that_their_order_is_not_the_seats() {
    let mut live = into_queue(46, 700_000, "13600000003");
    assert!(seat_in(&live, "1003", RESTS, 720_000, Lang::En).await.contains("Calls that wait, the first first\n"));
    live.extend(into_queue(47, 703_000, "13600000005"));
    if let Some(Entry::Call(CallEvent { kind: EventKind::Queued { queue, .. }, .. })) = live.iter_mut().rev().nth(1) {
        *queue = "all".into();
    }
    let text = seat_in(&live, "1003", RESTS, 720_000, Lang::En).await;
    assert!(text.contains("each queue's first first (between queues the seat goes by"), "{text}");
}
