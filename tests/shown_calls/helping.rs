//! What `why` says of seats that only help a queue (`overflow`).

use super::*;

/// 1001 and 1002 are the queue's own, 1009 helps it 5 s after the answer time.
pub const HELPED: &str = r#"
number = [{ name = "hotline", queue = "billing" }]
skill = [{ name = "billing" }]
[[queue]]
name = "billing"
overflow = [{ seat = "1009", after = "5s" }]
[[queue.step]]
requires = "billing >= 5"
[[seats]]
range = "1001-1002"
skills = { billing = 8 }
password = "x"
[[seat]]
name = "1009"
password = "y"
skills = { billing = 3 }
"#;

pub fn plan(text: &str) -> Arc<Plan> {
    let sources = [Source { path: "routing-rules/all.toml".into(), text: text.into() }];
    let found = |found: Vec<_>| panic!("{}", hotline_rules::render(&found, &sources, hotline_rules::Style::Plain, hotline_model::Lang::En));
    let mut plan = hotline_rules::load(&sources, None).unwrap_or_else(found).plan;
    plan.revision = Revision(0x0abc_def0_0000_0000);
    Arc::new(plan)
}

pub const READY: SeatState = SeatState { intent: Intent::Available, activity: Activity::Free, reachable: true };
pub const ON_CALL: SeatState = SeatState { activity: Activity::OnCall, ..READY };
pub const OUT: SeatState = SeatState { intent: Intent::SignedOut, ..READY };

/// What is said of the queue at a time when seats are at this.
pub async fn queue_with(plan: &Arc<Plan>, seats: &[(&str, SeatState)], ms: i64, lang: Lang) -> String {
    let (dir, _journal) = data_of(&[], &into_queue(46, 700_000, "13600000003")).await;
    let look = Look::open(dir.path()).await.unwrap();
    let states = seats.iter().map(|(name, state)| (Name::from(*name), *state)).collect();
    let now = Now::read(&look, Arc::clone(plan), Some(states), at(ms)).await.unwrap();
    why::queue_page(&QueueNow::of(&now, &"billing".into()).unwrap(), &now, &why_args(0, lang)).text()
}

#[tokio::test]
async fn a_seat_that_only_helps_a_queue_is_none_of_its_own_and_is_said_to_help_from_when_on() {
    let plan = plan(HELPED);
    let all = [("1001", ON_CALL), ("1002", OUT), ("1009", ON_CALL)];
    let en = queue_with(&plan, &all, 710_000, Lang::En).await;
    assert!(en.contains("the only admitted seat signed in and reachable was busy: on call."), "{en}");
    assert!(en.contains("1 on call, 1 signed out\n"), "as a step's: {en}");
    assert!(en.contains("on call, helps from 35.0 s on (`overflow`, routing-rules/all.toml:6)  1009"), "{en}");
    assert!(en.contains("or in 31.0 s with 1 seat that helps (`overflow`)"), "{en}");
    let zh = queue_with(&plan, &all, 710_000, Lang::Zh).await;
    assert!(zh.contains("通话中，等待 35.0 秒 起帮忙（`overflow`，routing-rules/all.toml:6）  1009"), "{zh}");
    assert!(zh.contains("或 31.0 秒 后由 1 个坐席帮忙（`overflow`）"), "{zh}");
    let ready = [("1001", ON_CALL), ("1002", OUT), ("1009", READY)];
    let en = queue_with(&plan, &ready, 710_000, Lang::En).await;
    assert!(en.contains("ready, helps from 35.0 s on (`overflow`, routing-rules/all.toml:6)  1009"), "{en}");
    let late = queue_with(&plan, &all, 745_000, Lang::En).await;
    assert!(late.contains("all 2 admitted seats signed in and reachable were busy: on call."), "it may have it by now: {late}");
    assert!(late.contains("no further step follows"), "{late}");
}

#[tokio::test]
async fn a_call_tells_of_its_seats_who_only_helps_and_does_not_wait_for_that_before() {
    let mut all = vec![seat(1, 0, "1001", Intent::Available, Activity::OnCall), seat(2, 0, "1009", Intent::Available, Activity::OnCall)];
    all.extend(into_queue(60, 0, "13500000005"));
    all.push(looked(3, 6_000, 60, Trigger::CallWaiting, 0));
    all.extend(gone(60, 20_000, Side::Caller, Cause::AbandonedInQueue));
    let (dir, _journal) = data_of(&all, &[]).await;
    let en = said(dir.path(), 60, Ok(plan(HELPED)), Lang::En).await;
    assert!(en.contains("14.0 s the only admitted seat signed in and reachable was busy: on call."), "{en}");
    assert!(en.contains("on call, helps from 35.0 s on (`overflow`, routing-rules/all.toml:6)  1009"), "{en}");
    let zh = said(dir.path(), 60, Ok(plan(HELPED)), Lang::Zh).await;
    assert!(zh.contains("通话中，等待 35.0 秒 起帮忙（`overflow`，routing-rules/all.toml:6）  1009"), "{zh}");
}

#[tokio::test]
async fn a_seat_that_helps_waits_for_the_queues_last_step_too() {
    let text = HELPED.replace("[[seats]]", "[[queue.step]]\nafter = \"50s\"\nrequires = \"billing >= 4\"\n[[seats]]");
    let plan = plan(&text);
    for state in [ON_CALL, READY] {
        let all = [("1001", ON_CALL), ("1002", OUT), ("1009", state)];
        let en = queue_with(&plan, &all, 745_000, Lang::En).await;
        assert!(en.contains(&format!("{}, helps from 50.0 s on (`overflow`, routing-rules/all.toml:6)  1009", state.word())), "{en}");
    }
    let en = queue_with(&plan, &[("1001", ON_CALL), ("1002", OUT), ("1009", ON_CALL)], 745_000, Lang::En).await;
    assert!(en.contains("the only admitted seat signed in and reachable was busy: on call."), "{en}");
}
