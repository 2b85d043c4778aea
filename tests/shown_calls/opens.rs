//! What `why` says of when something opens to a waiting call, and of what lets it go on.

use super::held::seat_with;
use super::helping::{ON_CALL, OUT, READY, plan, queue_with};
use super::*;

const HEAD: &str = "number = [{ name = \"hotline\", queue = \"billing\" }]\nskill = [{ name = \"billing\" }]\n";

fn rules(queue: &str, head: &str, seats: &[(&str, u8, &str)]) -> Arc<Plan> {
    let seat = |(name, level, more): &(&str, u8, &str)| {
        format!("[[seat]]\nname = \"{name}\"\nskills = {{ billing = {level} }}\npassword = \"x\"\n{more}")
    };
    let seats: String = seats.iter().map(seat).collect();
    plan(&format!("{HEAD}{head}[[queue]]\nname = \"billing\"\n{queue}{seats}"))
}

/// Step 2 is passed over with fewer than three: then step 3, of 1006, begins at 10 s. 1009 helps from 35 s on.
fn considered() -> Arc<Plan> {
    let step =
        |after: u32, least: u8, more: &str| format!("[[queue.step]]\nafter = \"{after}s\"\nrequires = \"billing >= {least}\"\n{more}");
    let steps = step(0, 6, "") + &step(10, 5, "consider_if = \"signed_in >= 3\"\n") + &step(40, 4, "");
    let seats = [("1001", 8, ""), ("1005", 5, ""), ("1006", 4, ""), ("1009", 3, "")];
    rules(&format!("overflow = [{{ seat = \"1009\", after = \"5s\" }}]\n{steps}"), "", &seats)
}

const PASSED: &str = "step 2 (routing-rules/all.toml:11) is passed over: its `consider_if` asks for `signed_in >= 3`, and `signed_in` is 1";
const PASSED_ZH: &str = "第 2 步（routing-rules/all.toml:11）略过：`consider_if` 要求 `signed_in >= 3`，而 `signed_in` 为 1";

#[tokio::test]
async fn a_queue_names_the_step_that_is_passed_over_and_tells_the_next_by_when_it_really_begins() {
    let seats = [("1001", ON_CALL), ("1005", OUT), ("1006", READY), ("1009", ON_CALL)];
    let en = queue_with(&considered(), &seats, 710_000, Lang::En).await;
    assert!(en.contains(&format!("Now {PASSED}.")), "{en}");
    assert!(en.contains("or in 6.0 s with step 3, which admits 2 more (1 ready, 1 signed out)."), "{en}");
    assert!(en.contains("step 2, after 10.0 s, passed over ") && en.contains("step 3, after 10.0 s "), "{en}");
    assert!(en.contains("on call, helps from 35.0 s on"), "{en}");
    let zh = queue_with(&considered(), &seats, 710_000, Lang::Zh).await;
    assert!(zh.contains(&format!("现在{PASSED_ZH}。")) && zh.contains("或 6.0 秒 后到第 3 步，再增加 2 个坐席（"), "{zh}");
    assert!(zh.contains("第 2 步，10.0 秒 起，略过") && zh.contains("第 3 步，10.0 秒 起"), "{zh}");
    let three = [("1001", ON_CALL), ("1005", ON_CALL), ("1006", READY)];
    let en = queue_with(&considered(), &three, 710_000, Lang::En).await;
    assert!(en.contains("and `signed_in` is 2."), "{en}");
    let en = queue_with(&considered(), &seats, 717_000, Lang::En).await;
    assert!(en.contains("step 3 asks for `billing >= 4`") && en.contains(&format!("; {PASSED}")), "in force: {en}");
    assert!(!en.contains("Now step 2"), "{en}");
}

#[tokio::test]
async fn a_seat_is_told_when_its_step_really_begins_and_which_one_is_passed_over_before_it() {
    let seats = [("1001", ON_CALL), ("1006", READY)];
    let en = seat_with(&considered(), "1006", &seats, Lang::En).await;
    assert!(en.contains(&format!("admitted from step 3 on, after 10.0 s: `billing >= 4`; {PASSED}")), "{en}");
    assert!(en.contains("in 6.0 s: step 3 (routing-rules/all.toml:15)"), "{en}");
    let zh = seat_with(&considered(), "1006", &seats, Lang::Zh).await;
    assert!(zh.contains(&format!("第 3 步起可接，等待 10.0 秒之后：billing ≥ 4；{PASSED_ZH}")), "{zh}");
    let en = seat_with(&considered(), "1009", &[("1001", ON_CALL), ("1009", READY)], Lang::En).await;
    assert!(en.contains("helps after 35.0 s") && en.contains("in 31.0 s: seat 1009 helps only from 35.0 s on"), "{en}");
}

/// A decision on a call that has waited so long, of so many admitted seats.
fn looked_at(entry: Entry, waited_ms: u32, step: u8, admitted: u32) -> Entry {
    let Entry::Decision { decision, at, queue, seat } = entry else { panic!("it is a decision") };
    Entry::Decision { decision: Decision { waited_ms, step, admitted, ..decision }, at, queue, seat }
}

#[tokio::test]
async fn a_call_is_told_with_the_step_that_was_in_force_and_with_the_one_that_was_passed_over() {
    let mut all = vec![seat(1, 0, "1001", Intent::Available, Activity::OnCall), seat(2, 0, "1009", Intent::Available, Activity::Free)];
    all.extend(into_queue(60, 0, "13500000005"));
    all.push(looked_at(looked(3, 6_000, 60, Trigger::CallWaiting, 0), 0, 0, 1));
    all.push(seat(4, 17_000, "1006", Intent::Available, Activity::Free));
    all.push(looked_at(chose(5, 17_000, 60, Trigger::SeatReady, DecidingKey::OnlyReady, "1006"), 11_000, 2, 4));
    all.extend(offered(60, 17_000, "1006", 5));
    all.push(call(60, 17_000, EventKind::Answered { seat: "1006".into() }));
    all.extend(gone(60, 20_000, Side::Caller, Cause::Normal));
    let (dir, _journal) = data_of(&all, &[]).await;
    let en = said(dir.path(), 60, Ok(considered()), Lang::En).await;
    assert!(
        en.contains("the ready seats were held back: seat 1009 helps only from 35.0 s on (`overflow`, routing-rules/all.toml:5)"),
        "{en}"
    );
    assert!(en.contains("Queue billing, step 3 asks for `billing >= 4` (routing-rules/all.toml:15)"), "{en}");
    // 1006 is of step 3.
    assert!(en.contains(&format!("; {PASSED}:")), "{en}");
    assert!(en.contains("of the 3 seats that step 3 admits it was the only one that was ready and could have it by then"), "{en}");
    let zh = said(dir.path(), 60, Ok(considered()), Lang::Zh).await;
    assert!(zh.contains("第 3 步要求 billing ≥ 4") && zh.contains(PASSED_ZH), "{zh}");
    assert!(zh.contains("坐席 1009 等待 35.0 秒 起才帮忙"), "{zh}");
}

#[tokio::test]
async fn who_only_helps_and_the_reserve_that_does_not_serve_are_not_counted_as_admitted() {
    let of =
        "overflow = [{ seat = \"1009\" }]\nreserve = { seats = [\"1003\"], waiting = 3 }\n[[queue.step]]\nrequires = \"billing >= 5\"\n";
    let plan = rules(of, "", &[("1001", 8, ""), ("1002", 8, ""), ("1003", 8, ""), ("1009", 3, "")]);
    let on_call = |seq, name| seat(seq, 0, name, Intent::Available, Activity::OnCall);
    let mut all = vec![on_call(1, "1002"), on_call(2, "1003"), on_call(3, "1009"), seat(4, 0, "1001", Intent::Available, Activity::Free)];
    all.extend(into_queue(60, 0, "13500000005"));
    all.push(looked_at(chose(5, 6_000, 60, Trigger::CallWaiting, DecidingKey::OnlyReady, "1001"), 0, 0, 4));
    all.extend(offered(60, 6_000, "1001", 5));
    let (dir, _journal) = data_of(&[], &all).await;
    let en = said(dir.path(), 60, Ok(Arc::clone(&plan)), Lang::En).await;
    assert!(en.contains("it was the only ready one of 2 that step 1 admits"), "{en}");
    let zh = said(dir.path(), 60, Ok(plan), Lang::Zh).await;
    assert!(zh.contains("第 1 步可接的 2 个坐席中只有它空闲"), "{zh}");
}

fn reserve(of: &str) -> Arc<Plan> {
    rules(&format!("reserve = {{ seats = [\"1002\"], {of} }}\n"), "", &[("1001", 8, ""), ("1002", 8, "")])
}

#[tokio::test]
async fn it_is_said_when_a_reserve_serves_for_the_longest_wait_and_for_how_many_calls() {
    let (plan, seats) = (reserve("waiting = 3, longest = \"15s\""), [("1001", ON_CALL), ("1002", READY)]);
    let en = seat_with(&plan, "1002", &seats, Lang::En).await;
    assert!(en.contains("It is ready; call 3-0-46 reaches it in 11.0 s, if nobody takes it before."), "{en}");
    let serves = "in 11.0 s: seat 1002 is of the reserve, which serves once a call has waited 15.0 s (routing-rules/all.toml:5)";
    assert!(en.contains(serves), "{en}");
    let en = queue_with(&plan, &seats, 710_000, Lang::En).await;
    let goes_on = "It goes on when another admitted seat becomes ready, or as soon as 3 calls wait (now 1), with the reserve, \
                   or at 10:15:01 (in 11.0 s) with seat 1002 of the reserve, for which a call has waited 15.0 s then (`longest`, routing-rules/all.toml:5)";
    assert!(en.contains(goes_on) && en.contains("ready, of the reserve, from 15.0 s on"), "{en}");
    let zh = queue_with(&plan, &seats, 710_000, Lang::Zh).await;
    assert!(zh.contains("其他可接的坐席空闲即可派单；或有 3 通来电在等（现有 1 通）时由后备坐席接；"), "{zh}");
    assert!(zh.contains("或 10:15:01（11.0 秒 后）有来电等满 15.0 秒，由后备坐席 1002 接（`longest`，routing-rules/all.toml:5）"), "{zh}");
    let zh = seat_with(&plan, "1002", &seats, Lang::Zh).await;
    assert!(zh.contains("11.0 秒 后轮到它：坐席 1002 属后备坐席，有来电等满 15.0 秒才接（routing-rules/all.toml:5）"), "{zh}");
}

#[tokio::test]
async fn a_seat_of_a_reserve_that_does_not_serve_is_not_one_whose_readiness_lets_the_call_go_on() {
    let seats = [("1001", ON_CALL), ("1002", ON_CALL)];
    let en = queue_with(&reserve("waiting = 3"), &seats, 710_000, Lang::En).await;
    let busy = "the only admitted seat signed in and reachable was busy: on call, and the reserve (1 on call) was not ready either.";
    assert!(en.contains(busy) && en.contains("on call, of the reserve  1002"), "{en}");
    assert!(en.contains("its reserve serves while 3 calls wait (routing-rules/all.toml:5; now 1)"), "{en}");
    let zh = queue_with(&reserve("waiting = 3"), &seats, 710_000, Lang::Zh).await;
    assert!(zh.contains("唯一可接的在忙：通话中，后备坐席也不空闲（1 个通话中）。") && zh.contains("通话中，属后备坐席"), "{zh}");
    let crowded = queue_with(&reserve("longest = \"3s\""), &seats, 710_000, Lang::En).await;
    assert!(crowded.contains("all 2 admitted seats signed in and reachable were busy: on call."), "{crowded}");
    let alone = queue_with(&reserve("waiting = 3"), &[("1001", OUT), ("1002", ON_CALL)], 710_000, Lang::En).await;
    assert!(alone.contains("only seats of the reserve were signed in and reachable, and none was ready (1 on call)."), "{alone}");
}

/// Queue `billing` has 1001 only and overflows into `all`, with 1003 from its second step on and 1002 in its reserve.
fn overflowing() -> Arc<Plan> {
    let seats = "[[queue]]\nname = \"all\"\nseats = [\"1002\", \"1003\"]\nreserve = { seats = [\"1002\"], waiting = 3 }\n\
                 [[queue.step]]\nrequires = \"billing >= 7\"\n[[queue.step]]\nafter = \"60s\"\nrequires = \"billing >= 4\"\n";
    let seats = format!("seats = [\"1001\"]\noverflow = \"all\"\n{seats}");
    rules(&seats, "", &[("1001", 8, ""), ("1002", 8, ""), ("1003", 5, "")])
}

async fn overflowed(seats: &[(&str, SeatState)], about: &str, lang: Lang) -> String {
    let mut all = into_queue(46, 700_000, "13600000003");
    all.extend([call(46, 736_000, clock(3, ClockChange::Breached)), call(46, 736_000, EventKind::Overflowed { to: Some("all".into()) })]);
    let (dir, _journal) = data_of(&[], &all).await;
    let look = Look::open(dir.path()).await.unwrap();
    let states = seats.iter().map(|(name, state)| (Name::from(*name), *state)).collect();
    let now = Now::read(&look, overflowing(), Some(states), at(746_000)).await.unwrap();
    match QueueNow::of(&now, &about.into()) {
        Some(queue) => why::queue_page(&queue, &now, &why_args(0, lang)).text(),
        None => why::seat_page(&SeatNow::read(&look, &now, &about.into()).await.unwrap(), &now, &why_args(0, lang)).text(),
    }
}

#[tokio::test]
async fn a_queue_that_overflows_into_another_says_when_and_so_does_a_seat_of_that_one() {
    let seats = [("1001", ON_CALL), ("1002", OUT), ("1003", READY)];
    let en = queue_with(&overflowing(), &seats, 710_000, Lang::En).await;
    let onward = "or at 10:15:16 (in 26.0 s) with queue all, in which it waits too when its answer time is over (R5, `overflow`, routing-rules/all.toml:6)";
    assert!(en.contains(onward), "{en}");
    let zh = queue_with(&overflowing(), &seats, 710_000, Lang::Zh).await;
    assert!(zh.contains("或 10:15:16（26.0 秒 后）应答时限已过，同时到队列 all 排队（R5，`overflow`，routing-rules/all.toml:6）"), "{zh}");
    let en = seat_with(&overflowing(), "1003", &seats, Lang::En).await;
    assert!(en.contains("in 56.0 s, in queue all, into which it overflows if it still waits (`overflow`)"), "its step: {en}");
    let zh = seat_with(&overflowing(), "1003", &seats, Lang::Zh).await;
    assert!(zh.contains("如仍在等，溢出到队列 all（`overflow`），56.0 秒 后轮到它"), "{zh}");
}

#[tokio::test]
async fn of_a_call_in_two_queues_each_step_is_told_with_its_own_and_each_seat_by_the_queue_that_it_serves() {
    let seats = [("1001", ON_CALL), ("1002", OUT), ("1003", READY)];
    let en = overflowed(&seats, "billing", Lang::En).await;
    assert!(en.contains("or in 20.0 s with step 2 of queue all, which admits 1 more (1 ready)"), "{en}");
    let zh = overflowed(&seats, "billing", Lang::Zh).await;
    assert!(zh.contains("或 20.0 秒 后到队列 all 第 2 步，再增加 1 个坐席（"), "{zh}");
    let en = overflowed(&[("1001", ON_CALL), ("1002", READY), ("1003", OUT)], "1002", Lang::En).await;
    assert!(en.contains("not for it: ready, of the reserve, which serves while 3 calls wait"), "{en}");
    let zh = overflowed(&[("1001", ON_CALL), ("1002", READY), ("1003", OUT)], "1002", Lang::Zh).await;
    assert!(zh.contains("不可接：空闲，属后备坐席"), "{zh}");
}

/// The customer prefers 1002; 1005 is of a step that begins as the call waits no more for that one.
fn preferring() -> Arc<Plan> {
    let head =
        "[assign.wait_for]\npreferred = \"10s\"\n[[customer]]\nname = \"trade\"\nnumbers = [\"13600000003\"]\npreferred = \"1002\"\n";
    let steps = "[[queue.step]]\nrequires = \"billing >= 6\"\n[[queue.step]]\nafter = \"10s\"\nrequires = \"billing >= 4\"\n";
    rules(steps, head, &[("1001", 8, ""), ("1002", 8, ""), ("1005", 5, "")])
}

#[tokio::test]
async fn what_ends_as_a_step_begins_is_told_too_r43() {
    let seats = [("1001", READY), ("1002", ON_CALL), ("1005", OUT)];
    let en = queue_with(&preferring(), &seats, 710_000, Lang::En).await;
    let both = "It goes on when 1002 becomes ready, or at 10:14:56 (in 6.0 s) with seat 1001, when it waits no more for its own agent \
                (`assign.wait_for` routing-rules/all.toml:3), or in 6.0 s with step 2, which admits 1 more (1 signed out).";
    assert!(en.contains(both), "{en}");
    let zh = queue_with(&preferring(), &seats, 710_000, Lang::Zh).await;
    assert!(
        zh.contains("坐席 1002 空闲即可派单；或 10:14:56（6.0 秒 后）不再等自己的坐席（`assign.wait_for` routing-rules/all.toml:3），可由坐席 1001 接；"),
        "{zh}"
    );
    assert!(zh.contains("或 6.0 秒 后到第 2 步，再增加 1 个坐席"), "{zh}");
}

/// 1001 is near and waited for 8 s before 1005, who is external; 1006 is of a step before that.
fn tiered(tiers: &str) -> Arc<Plan> {
    let steps = "[[queue.step]]\nrequires = \"billing >= 6\"\n[[queue.step]]\nafter = \"6s\"\nrequires = \"billing >= 4\"\n";
    let external = "origin = \"external\"\n";
    rules(steps, &format!("[assign]\ntiers = [{tiers}]\n"), &[("1001", 8, ""), ("1005", 8, external), ("1006", 5, "")])
}

#[tokio::test]
async fn what_comes_after_a_step_of_which_nobody_is_signed_in_is_told_too_r37() {
    let plan = tiered("{ tier = \"internal-near\", hold = \"8s\" }, \"internal\", \"external\"");
    let seats = [("1001", ON_CALL), ("1005", READY), ("1006", OUT)];
    let en = queue_with(&plan, &seats, 710_000, Lang::En).await;
    let each = "It goes on when another admitted seat becomes ready, or in 2.0 s with step 2, which admits 1 more (1 signed out), \
                or at 10:14:54 (in 4.0 s) with seat 1005, after the hold of tier internal-near, 8.0 s (`assign.tiers` routing-rules/all.toml:4).";
    assert!(en.contains(each), "{en}");
    let zh = queue_with(&plan, &seats, 710_000, Lang::Zh).await;
    assert!(
        zh.contains(
            "或 10:14:54（4.0 秒 后）由坐席 1005 接：层级 internal-near 的保留时间 8.0 秒（`assign.tiers` routing-rules/all.toml:4）已过"
        ),
        "{zh}"
    );
}

#[tokio::test]
async fn a_hold_is_told_only_of_tiers_in_which_somebody_is_r37() {
    let plan = tiered("{ tier = \"internal-near\", hold = \"5s\" }, { tier = \"internal\", hold = \"4s\" }, \"external\"");
    let en = seat_with(&plan, "1005", &[("1001", ON_CALL), ("1005", READY)], Lang::En).await;
    assert!(
        en.contains("but better tiers are waited for 5.0 s while somebody of them is there (`assign.tiers` routing-rules/all.toml:4)"),
        "{en}"
    );
    assert!(en.contains("in 1.0 s: hold of tier internal-near, 5.0 s (`assign.tiers` routing-rules/all.toml:4)"), "{en}");
    let en = seat_with(&plan, "1005", &[("1005", ON_CALL)], Lang::En).await;
    assert!(!en.contains("better tiers"), "{en}");
}

#[tokio::test]
async fn a_seat_that_helps_is_said_to_help_and_not_to_have_a_delay() {
    let seats = [("1001", ON_CALL), ("1002", OUT), ("1009", READY)];
    let en = queue_with(&plan(super::helping::HELPED), &seats, 710_000, Lang::En).await;
    assert!(
        en.contains("or at 10:15:21 (in 31.0 s) with seat 1009, which helps from then on (`overflow`, routing-rules/all.toml:6)"),
        "{en}"
    );
    let zh = queue_with(&plan(super::helping::HELPED), &seats, 710_000, Lang::Zh).await;
    assert!(zh.contains("或 10:15:21（31.0 秒 后）坐席 1009 起帮忙（`overflow`，routing-rules/all.toml:6）"), "{zh}");
}

#[tokio::test]
async fn a_seat_whose_pause_outlasts_the_step_before_it_may_have_the_call_as_the_pause_ends() {
    let steps = "[[queue.step]]\nrequires = \"billing >= 6\"\n[[queue.step]]\nafter = \"2s\"\nrequires = \"billing >= 4\"\n";
    let plan = rules(steps, "", &[("1001", 8, ""), ("1007", 5, "")]);
    let mut live = super::pauses::offered_in_vain(super::pauses::BUSY, Intent::Available);
    live.extend(gone(46, 710_500, Side::Caller, Cause::AbandonedInQueue));
    live.extend(into_queue(47, 705_000, "13600000004"));
    let (dir, _journal) = data_of(&[], &live).await;
    let look = Look::open(dir.path()).await.unwrap();
    let states = Some(vec![("1001".into(), ON_CALL), ("1007".into(), READY)]);
    let now = Now::read(&look, plan, states, at(712_000)).await.unwrap();
    let page = |lang| why::queue_page(&QueueNow::of(&now, &"billing".into()).unwrap(), &now, &why_args(0, lang)).text();
    let en = page(Lang::En);
    assert!(en.contains("or at 10:14:55 (in 3.0 s), when the pause of seat 1007 is over.") && !en.contains("with step 2"), "{en}");
    assert!(en.contains("paused after an offer that failed (`assign.delays.busy`), until it has waited 4.0 s"), "{en}");
    let zh = page(Lang::Zh);
    assert!(zh.contains("或 10:14:55（3.0 秒 后）坐席 1007 停派结束。") && !zh.contains("后到第 2 步"), "{zh}");
}

#[tokio::test]
async fn an_answer_time_that_runs_from_arrival_is_over_so_much_earlier_h2() {
    let seats = "seats = [\"1001\"]\noverflow = \"all\"\n[[queue]]\nname = \"all\"\n";
    let plan = rules(seats, "[timers]\nanswer_clock_start = \"arrival\"\n", &[("1001", 8, ""), ("1002", 8, "")]);
    let en = queue_with(&plan, &[("1001", ON_CALL), ("1002", READY)], 710_000, Lang::En).await;
    assert!(en.contains("or at 10:15:10 (in 20.0 s) with queue all, in which it waits too"), "{en}");
}

#[tokio::test]
async fn seats_that_are_told_by_the_same_word_stand_in_one_row() {
    let on_call_then_break = SeatState { intent: Intent::NotReady(NotReadyReason::Break), ..ON_CALL };
    let seats = [("1001", ON_CALL), ("1002", on_call_then_break)];
    let plan = rules("", "", &[("1001", 8, ""), ("1002", 8, "")]);
    let en = queue_with(&plan, &seats, 710_000, Lang::En).await;
    assert!(en.contains("on call  1001 (internal and near, 0), 1002 (internal and near, 0)"), "{en}");
}

#[tokio::test]
async fn a_call_that_will_overflow_counts_for_the_crowd_that_the_reserve_there_waits_for() {
    let seats = |reserve: &str| {
        let all = format!("[[queue]]\nname = \"all\"\nseats = [\"1002\"]\nreserve = {{ seats = [\"1002\"], {reserve} }}\n");
        let seats = [("1001", 8, ""), ("1002", 8, "")];
        rules(&format!("seats = [\"1001\"]\noverflow = \"all\"\n{all}"), "", &seats)
    };
    for reserve in ["longest = \"28s\"", "waiting = 1"] {
        let en = seat_with(&seats(reserve), "1002", &[("1001", ON_CALL), ("1002", READY)], Lang::En).await;
        assert!(en.contains("in 26.0 s, in queue all, into which it overflows if it still waits (`overflow`)"), "{reserve}: {en}");
    }
}

#[tokio::test]
async fn a_reserve_that_serves_is_not_told_as_one_that_waits_for_a_crowd() {
    let steps = "reserve = { seats = [\"1007\"], waiting = 1 }\n[[queue.step]]\nrequires = \"billing >= 4\"\n";
    let plan = rules(steps, "", &[("1001", 8, ""), ("1007", 5, "")]);
    let live = super::pauses::offered_in_vain(super::pauses::BUSY, Intent::Available);
    let (dir, _journal) = data_of(&[], &live).await;
    let look = Look::open(dir.path()).await.unwrap();
    let states = Some(vec![("1001".into(), ON_CALL), ("1007".into(), READY)]);
    let now = Now::read(&look, plan, states, at(712_000)).await.unwrap();
    let page = |lang| why::queue_page(&QueueNow::of(&now, &"billing".into()).unwrap(), &now, &why_args(0, lang)).text();
    let en = page(Lang::En);
    assert!(
        en.contains(
            "has waited 6.0 s: the ready seats were held back: pause of seat 1007 after an offer that failed (`assign.delays.busy`)."
        ),
        "{en}"
    );
    assert!(
        page(Lang::Zh).contains("已等待 6.0 秒：空闲坐席暂不派单：坐席 1007 未接派单后的停派（`assign.delays.busy`）。"),
        "{}",
        page(Lang::Zh)
    );
}

#[tokio::test]
async fn of_a_queue_with_seats_of_its_own_it_is_not_said_that_nobody_else_is_there() {
    let plan = |seats: &str, least: u8| {
        rules(&format!("{seats}[[queue.step]]\nrequires = \"billing >= {least}\"\n"), "", &[("1001", 8, ""), ("1009", 9, "")])
    };
    let states = [("1001", OUT), ("1009", READY)];
    let own = "seats = [\"1001\"]\n";
    let en = queue_with(&plan(own, 5), &states, 710_000, Lang::En).await;
    let whom = "no seat among the queue's `seats` (routing-rules/all.toml:4) with billing >= ";
    assert!(en.contains(&format!("{whom}5 & billing >= 3 was signed in")), "{en}");
    let zh = queue_with(&plan(own, 5), &states, 710_000, Lang::Zh).await;
    assert!(zh.contains("队列的坐席（`seats`，routing-rules/all.toml:4）中没有 billing ≥ 5 且 billing ≥ 3 的坐席签入"), "{zh}");
    let en = queue_with(&plan(own, 9), &states, 710_000, Lang::En).await;
    assert!(en.contains(&format!("{whom}9 & billing >= 3.")), "{en}");
    let en = queue_with(&plan("", 5), &[("1001", OUT), ("1009", OUT)], 710_000, Lang::En).await;
    assert!(en.contains("no seat with billing >= 5 & billing >= 3 was signed in"), "{en}");
}

#[tokio::test]
async fn of_seats_that_are_on_call_it_is_not_said_that_they_were_ready_since_one_that_helps_was() {
    let of = "overflow = [{ seat = \"1009\", after = \"5s\" }]\n[[queue.step]]\nrequires = \"billing >= 5\"\n";
    let plan = rules(of, "", &[("1001", 8, ""), ("1009", 3, "")]);
    let mut all = vec![seat(1, 0, "1001", Intent::Available, Activity::OnCall), seat(2, 0, "1009", Intent::Available, Activity::Free)];
    all.extend(into_queue(60, 0, "13500000005"));
    all.push(looked_at(looked(3, 6_000, 60, Trigger::CallWaiting, 0), 0, 0, 2));
    let (dir, _journal) = data_of(&[], &all).await;
    let en = said(dir.path(), 60, Ok(Arc::clone(&plan)), Lang::En).await;
    assert!(en.contains("The router looked at once: the one seat that step 1 admits was not ready (of all 2 seats: "), "{en}");
    let zh = said(dir.path(), 60, Ok(plan), Lang::Zh).await;
    assert!(zh.contains("立即查找坐席：第 1 步可接的唯一坐席不空闲"), "{zh}");
}
