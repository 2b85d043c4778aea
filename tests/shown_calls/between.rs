//! What `why CALL` says of what decided between seats, or between the queues of a seat.

use super::*;
use hotline_model::history::DecidingKey as Key;

const SEATS: &str = "[[seat]]\nname = \"s1\"\npassword = \"k7T-wq2\"\nskills = { work = 9 }\n\
                     [[seat]]\nname = \"s2\"\npassword = \"k7T-wq3\"\nskills = { work = 3 }\n\
                     [[seat]]\nname = \"s3\"\npassword = \"k7T-wq4\"\nskills = { work = 3 }\n";

/// Queues `a` and `b`, all of them with these lines.
fn plan(head: &str, b: &str, seats: &str) -> Arc<Plan> {
    let text = format!(
        "number = [{{ name = \"hotline\", queue = \"a\" }}]\nskill = [{{ name = \"work\" }}]\n{head}[[queue]]\nname = \"a\"\n\
         [[queue.step]]\nrequires = \"work >= 1\"\n[[queue]]\nname = \"b\"\n{b}{seats}"
    );
    let sources = [Source { path: "r.toml".into(), text }];
    let loaded = hotline_rules::load(&sources, None);
    let render = |found: &_| hotline_rules::render(found, &sources, hotline_rules::Style::Plain, hotline_model::Lang::En);
    let mut plan = loaded.unwrap_or_else(|found| panic!("{}", render(&found))).plan;
    plan.revision = Revision(0x0abc_def0_0000_0000);
    Arc::new(plan)
}

fn queued(count: u32, ms: i64, queue: &str) -> Vec<Entry> {
    vec![
        call(count, ms, arrived("13500000005")),
        call(count, ms, EventKind::PickedUp),
        call(count, ms, EventKind::Queued { queue: queue.into(), priority: Priority::Ordinary }),
    ]
}

/// A decision on a call of a queue that has waited so long, of three seats that its step admits.
fn of(entry: Entry, in_queue: &str, waited: u32, ready_seats: u32) -> Entry {
    let Entry::Decision { decision, at, seat, .. } = entry else { panic!("it is a decision") };
    let decision = Decision { waited_ms: waited, admitted: 3, ready: ready_seats, tier: 0, priority: Priority::Ordinary, ..decision };
    Entry::Decision { decision: Decision { proficiency: 0, ..decision }, at, queue: in_queue.into(), seat }
}

fn free(seq: u64, ms: i64, name: &str) -> Entry {
    seat(seq, ms, name, Intent::Available, Activity::Free)
}

fn answered(count: u32, ms: i64, seat: &str) -> Vec<Entry> {
    vec![
        call(count, ms, EventKind::Offered { seat: seat.into(), decision: 20, ring_ms: 10_000 }),
        call(count, ms + 300, EventKind::Answered { seat: seat.into() }),
    ]
}

async fn both(entries: &[Entry], count: u32, plan: &Arc<Plan>) -> [String; 2] {
    let (dir, _journal) = data_of(entries, &[]).await;
    let en = said(dir.path(), count, Ok(Arc::clone(plan)), Lang::En).await;
    [en, said(dir.path(), count, Ok(Arc::clone(plan)), Lang::Zh).await]
}

#[tokio::test]
async fn a_call_that_a_seat_took_for_its_queues_weight_says_so_and_the_call_it_passed_names_it_r38() {
    let plan = plan("", "weight = 5\n", "[[seat]]\nname = \"s1\"\npassword = \"k7T-wq2\"\nskills = { work = 9 }\n");
    let mut all = vec![seat(1, 0, "s1", Intent::Available, Activity::OnCall)];
    all.extend(queued(60, 0, "a"));
    all.push(of(looked(2, 0, 60, Trigger::CallWaiting, 0), "a", 0, 0));
    all.extend(queued(61, 2_000, "b"));
    all.push(of(looked(3, 2_000, 61, Trigger::CallWaiting, 0), "b", 0, 0));
    all.push(free(19, 5_000, "s1"));
    all.push(of(chose(20, 5_000, 61, Trigger::SeatReady, Key::QueueWeight, "s1"), "b", 3_000, 1));
    all.push(seat(21, 5_000, "s1", Intent::Available, Activity::Offered));
    all.extend(answered(61, 5_000, "s1"));
    all.push(seat(22, 5_300, "s1", Intent::Available, Activity::OnCall));
    all.extend(gone(61, 9_000, Side::Agent, Cause::Normal));
    all.extend(gone(60, 10_000, Side::Caller, Cause::AbandonedInQueue));
    let [en, zh] = both(&all, 61, &plan).await;
    assert!(
        en.contains("its wait counts most, though another had waited longer: 3.0 s times weight 5 (r.toml:9), as a share of the target of"),
        "{en}"
    );
    assert!(zh.contains("它的等待折算后最长，虽然另有来电等得更久：3.0 秒 乘以权重 5（r.toml:9）"), "{zh}");
    let [en, zh] = both(&all, 60, &plan).await;
    assert!(en.contains("5.0 s behind 1 call of queue b, which counts its wait 5 times (r.toml:9)"), "{en}");
    assert!(zh.contains("前面有 1 个队列 b 的来电（等待按 5 倍计，r.toml:9）先派到"), "{zh}");
}

/// A call that comes when the three seats have been ready for 12, 8 and 5 s, and goes to this one.
fn came(key: Key, to: &'static str, ready_seats: u32) -> Vec<Entry> {
    let mut all = vec![free(1, 0, "s1"), free(2, 4_000, "s2"), free(3, 7_000, "s3")];
    all.extend(queued(60, 12_000, "a"));
    all.push(of(chose(20, 12_000, 60, Trigger::CallWaiting, key, to), "a", 0, ready_seats));
    all.extend(answered(60, 12_000, to));
    all.extend(gone(60, 20_000, Side::Agent, Cause::Normal));
    all
}

#[tokio::test]
async fn where_weights_order_the_seats_their_scores_are_said_and_idle_times_where_these_decided_r40() {
    let least = plan("[assign]\nweights = { least-sufficient = 1 }\n", "", SEATS);
    let [en, zh] = both(&came(Key::LongestIdle, "s2", 3), 60, &least).await;
    assert!(
        en.contains(
            "2 of 3 ready seats have the highest score, 44 (`weights`, R40-R43), and of these it had been idle longest, 8.0 s (r.toml:4)."
        ),
        "{en}"
    );
    assert!(en.contains("s2 (internal and near, 3, score 44, idle 8.0 s)"), "{en}");
    assert!(en.contains("s3 (internal and near, 3, score 44, idle 5.0 s), s1 (internal and near, 9, score 6, idle 12.0 s)"), "{en}");
    assert!(zh.contains("在 3 个空闲坐席中有 2 个得分同为最高 44（weights，R40 至 R43），其中它空闲最久（8.0 秒；r.toml:4）"), "{zh}");
    assert!(zh.contains("s1（内部就近，9，得分 6，空闲 12.0 秒）"), "{zh}");
    let most = plan("[assign]\nweights = { proficiency = 1 }\n", "", SEATS);
    let [en, zh] = both(&came(Key::Score, "s1", 3), 60, &most).await;
    assert!(en.contains("it has the highest score, 56 against 18 (`weights`, R40-R43; r.toml:4)"), "{en}");
    assert!(en.contains("s1 (internal and near, 9, score 56)") && !en.contains("idle"), "{en}");
    assert!(zh.contains("它的得分最高，56 比 18（weights，R40 至 R43；r.toml:4）"), "{zh}");
}

#[tokio::test]
async fn of_seats_that_are_ready_and_may_not_have_a_call_yet_nobody_says_that_they_are_not_ready() {
    let late = SEATS.replacen("skills = { work = 3 }", "skills = { work = 3 }\nqueues = { a = { delay = \"30s\" } }", 1);
    let plan = plan("", "", &late);
    let [en, zh] = both(&came(Key::OnlyReady, "s1", 1), 60, &plan).await;
    assert!(en.contains("of the 3 seats that step 1 admits it was the only one that was ready and could have it by then."), "{en}");
    assert!(zh.contains("第 1 步可接的 3 个坐席中，当时空闲且已能接的只有它"), "{zh}");
    let mut all = vec![free(1, 0, "s2")];
    all.extend(["s1", "s3"].map(|name| seat(2, 0, name, Intent::Available, Activity::OnCall)));
    all.extend(queued(60, 1_000, "a"));
    all.push(of(looked(20, 1_000, 60, Trigger::CallWaiting, 0), "a", 0, 0));
    let [en, zh] = both(&all, 60, &plan).await;
    assert!(en.contains("nobody of the 3 seats that step 1 admits was ready and could have it by then (2 on call, 1 ready)"), "{en}");
    assert!(zh.contains("第 1 步可接的 3 个坐席中，当时没有空闲且已能接的"), "{zh}");
}

#[tokio::test]
async fn a_call_that_waits_for_its_own_agent_says_so_and_not_that_the_one_seat_was_not_ready_r57() {
    let mut all = vec![free(1, 0, "s2")];
    all.extend(queued(60, 1_000, "a"));
    let key = Key::OwnAway;
    all.push(of(
        decision(&Looked { seq: 20, at_ms: 1_000, call: 60, trigger: Trigger::CallWaiting, key, seat: None, ready: 0, ahead: 0 }),
        "a",
        0,
        0,
    ));
    let [en, zh] = both(&all, 60, &plan("", "", SEATS)).await;
    assert!(en.contains("The router looked at once: others could not have it yet, for it waited for its own agent, who was not ready (`assign.wait_for`)"), "{en}");
    assert!(zh.contains("在等自己的坐席，其未空闲，其他坐席还不能接（`assign.wait_for`）"), "{zh}");
}

#[tokio::test]
async fn a_pause_that_is_over_is_no_seat_that_became_ready() {
    let mut all = vec![free(1, 0, "s1")];
    all.extend(queued(60, 1_000, "a"));
    all.push(of(chose(20, 5_000, 60, Trigger::SeatReady, Key::OnlyReady, "s1"), "a", 4_000, 1));
    all.extend(answered(60, 5_000, "s1"));
    let [en, zh] = both(&all, 60, &plan("", "", SEATS)).await;
    assert!(
        en.contains(
            "The pause of seat s1 after an offer that it did not take was over (`assign.delays`, `assign.rona`): offered to seat s1"
        ),
        "{en}"
    );
    assert!(zh.contains("坐席 s1 未接上一次派单后的停派已过（`assign.delays`、`assign.rona`）：派给坐席 s1"), "{zh}");
}

#[tokio::test]
async fn a_pause_that_is_over_is_told_with_the_setting_that_says_how_long_it_was() {
    let mut all = vec![free(1, 0, "s1")];
    all.extend(queued(60, 1_000, "a"));
    all.push(of(chose(20, 1_000, 60, Trigger::CallWaiting, Key::OnlyReady, "s1"), "a", 0, 1));
    all.extend(offered(60, 1_000, "s1", 20));
    all.push(call(60, 1_500, EventKind::OfferEnded { seat: "s1".into(), why: OfferEnd::Rejected(603) }));
    all.push(free(21, 1_500, "s1"));
    all.push(of(chose(22, 11_510, 60, Trigger::SeatReady, Key::OnlyReady, "s1"), "a", 10_510, 1));
    all.extend(answered(60, 11_510, "s1"));
    let [en, zh] = both(&all, 60, &plan("", "", SEATS)).await;
    let over = "The pause of seat s1 after an offer that it did not take was over (`assign.delays.rejected`): offered to seat s1";
    assert!(en.contains(over), "{en}");
    assert!(zh.contains("坐席 s1 未接上一次派单后的停派已过（`assign.delays.rejected`）：派给坐席 s1"), "{zh}");
}

#[tokio::test]
async fn a_help_that_came_late_on_a_busy_machine_is_no_step_of_the_queue() {
    let helped = "overflow = [{ seat = \"h1\", after = \"5s\" }]\nseats = [\"s1\"]\n[[queue.step]]\nrequires = \"work >= 5\"\n\
                  [[queue.step]]\nafter = \"20s\"\nrequires = \"anyone\"\n";
    let seats = format!("{SEATS}[[seat]]\nname = \"h1\"\npassword = \"k7T-wq5\"\nqueues = [\"a\"]\n");
    let mut all = vec![free(1, 0, "h1")];
    all.extend(queued(60, 1_000, "b"));
    all.push(of(chose(20, 36_200, 60, Trigger::StepReached, Key::OnlyReady, "h1"), "b", 35_200, 1));
    all.extend(answered(60, 36_200, "h1"));
    let [en, zh] = both(&all, 60, &plan("", helped, &seats)).await;
    assert!(en.contains("It had waited the 35 s after which others help (`overflow`, r.toml:9): offered to seat h1"), "{en}");
    assert!(zh.contains("已等待 35 秒，从此可由协助坐席接听（`overflow`，r.toml:9）"), "{zh}");
}

#[tokio::test]
async fn what_of_the_settings_of_assign_decided_is_named_with_its_place() {
    let near = "[assign]\ntiers = [\"internal-near\", { tier = \"internal\", hold = \"0s\" }, \"external\"]\nkeys = [\"owner\", \"proficiency\"]\n\
                [assign.wait_for]\nowner = \"10s\"\n[assign.rona]\nstrikes = 2\n[assign.delays]\nbusy = \"5s\"\n";
    let all = plan(near, "", SEATS);
    let [en, zh] = both(&came(Key::Tier, "s1", 3), 60, &all).await;
    assert!(en.contains("internal before external, near before far (R37, R39; r.toml:4)."), "{en}");
    assert!(zh.contains("先内后外，先近后远（R37、R39；r.toml:4）。"), "{zh}");
    let [en, zh] = both(&came(Key::Proficiency, "s1", 3), 60, &all).await;
    assert!(en.contains("it is the most proficient (R40; r.toml:5)."), "{en}");
    assert!(zh.contains("它最熟练（R40；r.toml:5）。"), "{zh}");
    let [en, _] = both(&came(Key::LeastOccupied, "s1", 3), 60, &all).await;
    assert!(en.contains("the smallest share of its time (r.toml:5)."), "{en}");
    let own = plan(near, "order = \"longest-idle\"\n", SEATS);
    let mut of_b = came(Key::LongestIdle, "s1", 3);
    of_b.iter_mut().for_each(|entry| {
        if let Entry::Decision { queue, .. } = entry {
            *queue = "b".into();
        }
    });
    let [en, _] = both(&of_b, 60, &own).await;
    assert!(en.contains("it had been idle longest, 12.0 s (r.toml:18)."), "the queue's own: {en}");
    let mut waits = vec![free(1, 0, "s2")];
    waits.extend(queued(60, 1_000, "a"));
    let away = Looked { seq: 20, at_ms: 1_000, call: 60, trigger: Trigger::CallWaiting, key: Key::OwnAway, seat: None, ready: 0, ahead: 0 };
    waits.push(of(decision(&away), "a", 0, 0));
    let [en, zh] = both(&waits, 60, &all).await;
    assert!(en.contains("who was not ready (`assign.wait_for` r.toml:6)"), "{en}");
    assert!(zh.contains("其他坐席还不能接（`assign.wait_for` r.toml:6）"), "{zh}");
    assert!(en.contains("in the pause after an offer that failed (`assign.delays` r.toml:10, `assign.rona` r.toml:8)"), "{en}");
}

#[tokio::test]
async fn whatever_keeps_a_seat_away_from_a_queue_is_named_with_its_place() {
    let seats = "[[seat]]\nname = \"s1\"\npassword = \"k7T-wq2\"\nskills = { work = 9 }\n\
                 [[seat]]\nname = \"s2\"\npassword = \"k7T-wq3\"\nskills = { work = 3 }\nqueues = [\"b\"]\n\
                 [[seat]]\nname = \"s3\"\npassword = \"k7T-wq4\"\n";
    let plan = plan("", "seats = [\"s1\"]\n", seats);
    let of_a = came(Key::OnlyReady, "s1", 1);
    let mut of_b = came(Key::OnlyReady, "s1", 1);
    of_b.iter_mut().for_each(|entry| {
        if let Entry::Decision { queue, .. } = entry {
            *queue = "b".into();
        }
    });
    let rows = |text: &str| -> Vec<String> { text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect() };
    let [en, zh] = both(&of_a, 60, &plan).await.map(|text| rows(&text));
    for row in ["serves other queues s2 (r.toml:17)", "admitted by no step (r.toml:6) s3"] {
        assert!(en.iter().any(|line| line == row), "{row}: {en:#?}");
    }
    for row in ["只接其他队列 s2（r.toml:17）", "各步都不可接（r.toml:6） s3"] {
        assert!(zh.iter().any(|line| line == row), "{row}: {zh:#?}");
    }
    let [en, zh] = both(&of_b, 60, &plan).await.map(|text| rows(&text));
    assert!(en.iter().any(|line| line == "not of this queue (r.toml:8) s2, s3"), "{en:#?}");
    assert!(zh.iter().any(|line| line == "不属于该队列（r.toml:8） s2，s3"), "{zh:#?}");
}
