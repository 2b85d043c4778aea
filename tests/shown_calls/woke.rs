//! What `why` says of what made the router look again.

use super::held::HELD;
use super::*;

const RESERVE: &str = "number = [{ name = \"hotline\", queue = \"billing\" }]\nskill = [{ name = \"billing\" }]\n[[queue]]\nname = \"billing\"\n\
                       reserve = { seats = [\"1002\"], waiting = 2 }\n[[seats]]\nrange = \"1001-1002\"\nskills = { billing = 8 }\npassword = \"x\"\n";

/// Call 60 enters its queue at 6 s and is looked at once more at `ms`, when it is offered to a seat: what is told, in both languages.
async fn told(rules: &str, between: &[Entry], (ms, seat): (i64, &'static str)) -> [String; 2] {
    let mut all =
        vec![self::seat(1, 0, "1001", Intent::Available, Activity::OnCall), self::seat(2, 0, seat, Intent::Available, Activity::Free)];
    all.extend(into_queue(60, 0, "13500000005"));
    all.push(looked(3, 6_000, 60, Trigger::CallWaiting, 0));
    all.extend(between.iter().cloned());
    let Entry::Decision { decision, at, queue, seat: name } = chose(9, ms, 60, Trigger::StepReached, DecidingKey::OnlyReady, seat) else {
        panic!("it is a decision")
    };
    let waited_ms = u32::try_from(ms - 6_000).unwrap();
    all.push(Entry::Decision { decision: Decision { waited_ms, ..decision }, at, queue, seat: name });
    all.extend(offered(60, ms, seat, 9));
    let (dir, _journal) = data_of(&[], &all).await;
    let plan = helping::plan(rules);
    [said(dir.path(), 60, Ok(Arc::clone(&plan)), Lang::En).await, said(dir.path(), 60, Ok(plan), Lang::Zh).await]
}

#[tokio::test]
async fn a_queue_that_became_crowded_is_no_step_that_was_reached() {
    let [en, zh] = told(RESERVE, &[], (9_000, "1002")).await;
    assert!(en.contains("The queue became crowded (routing-rules/all.toml:5): offered to seat 1002"), "{en}");
    assert!(zh.contains("队列变得拥挤（routing-rules/all.toml:5）：派给坐席 1002"), "{zh}");
    let longest = RESERVE.replace("waiting = 2", "waiting = 2, longest = \"3s\"");
    let [en, zh] = told(&longest, &[], (9_010, "1002")).await;
    assert!(en.contains("It had waited the 3 s after which the reserve serves (routing-rules/all.toml:5): offered to seat 1002"), "{en}");
    assert!(zh.contains("已等待 3 秒，从此后备坐席可接（routing-rules/all.toml:5）：派给坐席 1002"), "{zh}");
}

#[tokio::test]
async fn a_hold_that_ends_as_a_better_seat_leaves_is_told_by_that_seat_r37() {
    let gone = [seat(4, 9_000, "1001", Intent::SignedOut, Activity::Free)];
    let [en, zh] = told(HELD, &gone, (9_000, "1005")).await;
    assert!(
        en.contains("Seat 1001 was no longer signed in and reachable, so others could have calls earlier: offered to seat 1005"),
        "{en}"
    );
    assert!(zh.contains("坐席 1001 不再签入且话机可达，其他坐席因此可更早接：派给坐席 1005"), "{zh}");
    let [en, _] = told(HELD, &gone, (14_010, "1005")).await;
    assert!(en.contains("The hold of better tiers, 8 s, was over (`assign.tiers` routing-rules/all.toml:5): offered to seat 1005"), "{en}");
}

#[tokio::test]
async fn a_call_that_has_just_overflowed_reached_no_step_and_of_what_is_not_known_nothing_is_said() {
    let stepped = RESERVE.replace(
        "[[seats]]",
        "[[queue.step]]\nrequires = \"billing >= 8\"\n[[queue.step]]\nafter = \"6s\"\nrequires = \"billing >= 5\"\n[[seats]]",
    );
    let came = [call(60, 18_000, clock(3, ClockChange::Breached)), call(60, 18_000, EventKind::Overflowed { to: Some("billing".into()) })];
    let [en, zh] = told(&stepped, &came, (18_000, "1001")).await;
    assert!(en.contains("Its answer clock was breached (K3): offered to seat 1001"), "{en}");
    assert!(zh.contains("派给坐席 1001") && !zh.contains("到达队列的下一步"), "{zh}");
    let [en, zh] = told(&stepped, &came, (18_500, "1001")).await;
    assert!(en.contains("It was looked at again: offered to seat 1001"), "{en}");
    assert!(zh.contains("再次查找坐席：派给坐席 1001"), "{zh}");
    let [en, _] = told(&stepped, &[], (12_000, "1001")).await;
    assert!(en.contains("It reached the queue's next step: offered to seat 1001"), "{en}");
}

#[tokio::test]
async fn a_queue_that_another_call_crowds_is_told_although_nobody_of_its_reserve_is_ready() {
    let mut all = vec![seat(1, 0, "1001", Intent::Available, Activity::OnCall), seat(2, 0, "1002", Intent::Available, Activity::OnCall)];
    all.extend(into_queue(60, 0, "13500000005"));
    all.push(looked(3, 6_000, 60, Trigger::CallWaiting, 0));
    all.extend(into_queue(61, 3_000, "13500000006"));
    all.push(seat(4, 8_000, "1001", Intent::Available, Activity::WrapUp));
    let entered = |entry: Entry, waited_ms: u32| {
        let Entry::Decision { decision, at, queue, seat } = entry else { panic!("it is a decision") };
        Entry::Decision { decision: Decision { waited_ms, ..decision }, at, queue, seat }
    };
    all.push(entered(looked(5, 9_001, 60, Trigger::StepReached, 0), 3_001));
    all.push(entered(looked(6, 9_001, 61, Trigger::CallWaiting, 1), 0));
    let (dir, _journal) = data_of(&[], &all).await;
    let plan = helping::plan(&RESERVE.replace("waiting = 2", "waiting = 2, longest = \"40s\""));
    let en = said(dir.path(), 60, Ok(Arc::clone(&plan)), Lang::En).await;
    assert!(en.contains("The queue became crowded (routing-rules/all.toml:5): "), "{en}");
    let zh = said(dir.path(), 60, Ok(plan), Lang::Zh).await;
    assert!(zh.contains("队列变得拥挤（routing-rules/all.toml:5）："), "{zh}");
}

#[tokio::test]
async fn a_decision_in_a_crowded_queue_names_its_reserve() {
    let [en, zh] = told(RESERVE, &[], (9_000, "1002")).await;
    assert!(en.contains("; its reserve serves, for 2 calls wait (routing-rules/all.toml:5):"), "{en}");
    assert!(zh.contains("；队列拥挤，后备坐席可接：有 2 通来电在等（routing-rules/all.toml:5）："), "{zh}");
}

#[tokio::test]
async fn a_call_that_waits_no_more_since_its_own_agent_chose_a_meal_says_so() {
    let decided = |ms| {
        let mut all = vec![seat(1, 0, "1001", Intent::Available, Activity::OnCall), seat(2, 0, "1002", Intent::Available, Activity::Free)];
        all.extend(into_queue(60, 0, "13500000005"));
        all.push(seat(8, 9_000, "1001", Intent::NotReady(NotReadyReason::Meal), Activity::OnCall));
        all.push(chose(9, ms, 60, Trigger::PatienceOver, DecidingKey::OnlyReady, "1002"));
        all
    };
    let plan = helping::plan(RESERVE);
    let (dir, _journal) = data_of(&[], &decided(9_000)).await;
    let en = said(dir.path(), 60, Ok(Arc::clone(&plan)), Lang::En).await;
    assert!(en.contains("Seat 1001, for which it waited, takes no calls any more: not ready (meal) (`assign.wait_for`): offered"), "{en}");
    let zh = said(dir.path(), 60, Ok(Arc::clone(&plan)), Lang::Zh).await;
    assert!(zh.contains("所等的坐席 1001 不再接来电：用餐（`assign.wait_for`）：派给坐席 1002"), "{zh}");
    let (dir, _journal) = data_of(&[], &decided(11_000)).await;
    let en = said(dir.path(), 60, Ok(plan), Lang::En).await;
    assert!(en.contains("It no longer waited for its own agents, or for others (`assign.wait_for`): offered"), "{en}");
}

#[tokio::test]
async fn an_own_agent_who_becomes_ready_is_told_as_that_and_not_as_a_wait_that_is_over_r57() {
    let mut all = vec![seat(1, 0, "1001", Intent::Available, Activity::OnCall), seat(2, 0, "1002", Intent::Available, Activity::Free)];
    all.extend(into_queue(60, 0, "13500000005"));
    all.push(seat(8, 9_000, "1001", Intent::Available, Activity::Free));
    all.push(chose(9, 9_000, 60, Trigger::PatienceOver, DecidingKey::Owner, "1001"));
    let (dir, _journal) = data_of(&[], &all).await;
    let plan = helping::plan(RESERVE);
    let en = said(dir.path(), 60, Ok(Arc::clone(&plan)), Lang::En).await;
    assert!(en.contains("Seat 1001 became ready: offered to seat 1001") && !en.contains("It no longer waited"), "{en}");
    assert!(en.contains("because it is the customer's own agent (R45)"), "of no others that were ready: {en}");
    let zh = said(dir.path(), 60, Ok(plan), Lang::Zh).await;
    assert!(zh.contains("坐席 1001 空闲：派给坐席 1001"), "{zh}");
    assert!(zh.contains("因为它是该客户的专属坐席（R45）"), "{zh}");
}
