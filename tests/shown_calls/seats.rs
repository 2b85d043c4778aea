//! What `why SEAT` says of what a seat's agent chose, and of seats that the rules leave out.

use super::*;

/// Rules of text.
pub fn plan(text: &str) -> Arc<Plan> {
    let sources = [Source { path: "r.toml".into(), text: text.into() }];
    let found = |found: Vec<_>| panic!("{}", hotline_rules::render(&found, &sources, hotline_rules::Style::Plain, hotline_model::Lang::En));
    let mut plan = hotline_rules::load(&sources, None).unwrap_or_else(found).plan;
    plan.revision = Revision(0x0abc_def0_0000_0000);
    Arc::new(plan)
}

/// The present at a time, with nothing but this in the journal; `live`: the seats' states, else those of the journal.
pub async fn now_of(text: &str, entries: &[Entry], live: &[(&str, SeatState)], ms: i64) -> (tempfile::TempDir, Look, Now) {
    let (dir, _journal) = data_of(&[], entries).await;
    let look = Look::open(dir.path()).await.unwrap();
    let live = live.iter().map(|(seat, state)| (Name::from(*seat), *state)).collect();
    let now = Now::read(&look, plan(text), Some(live), at(ms)).await.unwrap();
    (dir, look, now)
}

/// What is said of a seat, in English and in Chinese.
pub async fn of_seat((_, look, now): &(tempfile::TempDir, Look, Now), name: &str) -> [String; 2] {
    let seat = SeatNow::read(look, now, &name.into()).await.unwrap();
    [Lang::En, Lang::Zh].map(|lang| why::seat_page(&seat, now, &why_args(0, lang)).text())
}

/// What is said of a queue, in English and in Chinese.
pub fn of_queue((_, _, now): &(tempfile::TempDir, Look, Now), name: &str) -> [String; 2] {
    let queue = QueueNow::of(now, &name.into()).unwrap();
    [Lang::En, Lang::Zh].map(|lang| why::queue_page(&queue, now, &why_args(0, lang)).text())
}

/// Each of the two pages holds the words for its language.
pub fn says(pages: &[String; 2], words: [&str; 2]) {
    for (page, words) in pages.iter().zip(words) {
        assert!(page.contains(words), "{words}\n{page}");
    }
}

pub const READY: SeatState = SeatState { intent: Intent::Available, activity: Activity::Free, reachable: true };

const TIERS: &str = r#"
number = [{ name = "hotline", queue = "billing" }]
[assign]
tiers = ["internal"]
[[queue]]
name = "billing"
[[seat]]
name = "1001"
wrap_up = "30s"
password = "x"
[[seat]]
name = "1004"
origin = "external"
password = "x"
"#;

#[tokio::test]
async fn a_seat_in_no_tier_is_not_told_that_queues_admit_it() {
    let free = now_of(TIERS, &[], &[("1001", READY), ("1004", READY)], 720_000).await;
    let pages = of_seat(&free, "1004").await;
    says(&pages, ["It is ready, but no queue admits it: see why not.", "坐席空闲，但没有队列可接：原因见下。"]);
    says(&pages, ["billing  in no tier (`assign.tiers` r.toml:4)\n", "billing  不在任何层级（`assign.tiers` r.toml:4）\n"]);
    says(&of_seat(&free, "1001").await, ["billing  admitted at once: `anyone`", "billing  可接：不限\n"]);
}

/// A seat's state at a time, with call 46.
fn at_call(seq: u64, ms: i64, activity: Activity, intent: Intent) -> Entry {
    let state = SeatState { intent, activity, reachable: true };
    Entry::Seat(SeatEvent { seq, at: at(ms), seat: "1001".into(), id: SeatId(0), state, call: Some(id(46)) })
}

#[tokio::test]
async fn of_an_engaged_seat_that_chose_a_break_both_are_told_and_since_when_it_is_engaged() {
    let rests = Intent::NotReady(NotReadyReason::Meal);
    let mut all = into_queue(46, 700_000, "13600000003");
    all.push(at_call(1, 706_000, Activity::OnCall, Intent::Available));
    all.push(at_call(2, 715_000, Activity::OnCall, rests));
    let on_call = SeatState { intent: rests, activity: Activity::OnCall, reachable: true };
    let pages = of_seat(&now_of(TIERS, &all, &[("1001", on_call)], 720_000).await, "1001").await;
    says(&pages, ["on call since 2026-03-02 10:14:46 (14.0 s)", "通话中，自 2026-03-02 10:14:46 起（14.0 秒）"]);
    says(
        &pages,
        [
            "It gets no other call: it is in one; it is not ready (meal) afterwards, as its agent chose (`hotline seats set 1001 ready`).",
            "不再派单：正在通话；坐席已选择此后为“用餐”（`hotline seats set 1001 ready`）。",
        ],
    );
    all.push(call(46, 706_000, EventKind::Answered { seat: "1001".into() }));
    all.push(call(46, 716_000, EventKind::HungUp { side: Side::Caller, cause: Cause::Normal, q850: Some(16) }));
    all.push(at_call(3, 716_000, Activity::WrapUp, rests));
    let wraps_up = SeatState { activity: Activity::WrapUp, ..on_call };
    let pages = of_seat(&now_of(TIERS, &all, &[("1001", wraps_up)], 720_000).await, "1001").await;
    says(
        &pages,
        [
            "It gets no call: its wrap-up is not over until 10:15:26 (in 26.0 s); it is not ready (meal) afterwards, as its agent chose",
            "话后到 10:15:26（还有 26.0 秒）为止，此前不派单；坐席已选择此后为“用餐”",
        ],
    );
    assert!(cli::words::afterwards(wraps_up).is_some_and(|state| state.word() == "not ready (meal)"));
}

const TWO_GROUPS: &str = r#"
number = [{ name = "hotline", queue = "billing" }]
assign = { delays = { busy = "9s" } }
[[queue]]
name = "billing"
[[queue]]
name = "other"
group = "two"
[[seat]]
name = "1001"
password = "x"
"#;

fn in_queue(mut entries: Vec<Entry>, other: &str) -> Vec<Entry> {
    for entry in &mut entries {
        if let Entry::Call(CallEvent { kind: EventKind::Queued { queue, .. }, .. }) = entry {
            *queue = other.into();
        }
    }
    entries
}

#[tokio::test]
async fn calls_of_two_groups_are_told_with_their_groups_which_do_not_compare() {
    let mut all = into_queue(46, 700_000, "13600000003");
    let on_call = [("1001", SeatState { activity: Activity::OnCall, ..READY })];
    let [en, zh] = of_seat(&now_of(TWO_GROUPS, &all, &on_call, 720_000).await, "1001").await;
    assert!(!en.contains("group") && !zh.contains("队列组"), "{en}{zh}");
    all.extend(in_queue(into_queue(47, 705_000, "13600000004"), "other"));
    let pages = of_seat(&now_of(TWO_GROUPS, &all, &on_call, 720_000).await, "1001").await;
    let heads = ["Calls that wait, each group's first first (groups of queues don't compare", "按各队列组内的先后；队列组之间不比较先后"];
    says(&pages, heads);
    says(&pages, ["call 3-0-46  billing of group main, important", "来电 3-0-46  billing（队列组 main），重要"]);
    says(&pages, ["call 3-0-47  other of group two, important", "来电 3-0-47  other（队列组 two），重要"]);
}

const LEFT_OUT: &str = r#"
number = [{ name = "hotline", queue = "billing" }]
skill = [{ name = "billing" }]
[[queue]]
name = "billing"
limit = 1
overflow = "other"
nobody = { after = "30s", queue = "other" }
[[queue.step]]
requires = "billing >= 5"
[[queue]]
name = "other"
[[seat]]
name = "1001"
skills = { billing = 8 }
password = "x"
[[seat]]
name = "1002"
skills = { billing = 8 }
queues = { other = {} }
password = "x"
"#;

const AWAY: SeatState = SeatState { intent: Intent::SignedOut, activity: Activity::Free, reachable: true };

#[tokio::test]
async fn a_sentence_of_nobody_leaves_aside_those_whose_own_queues_leave_the_queue_out() {
    let all = into_queue(46, 700_000, "13600000003");
    let pages = of_queue(&now_of(LEFT_OUT, &all, &[("1001", AWAY), ("1002", READY)], 710_000).await, "billing");
    says(
        &pages,
        [
            "was signed in, but for 1002 (r.toml:19): `queues` there leave this queue out.",
            "（1002（r.toml:19） 除外：其 `queues` 不含本队列）",
        ],
    );
}

#[tokio::test]
async fn that_a_call_leaves_a_queue_that_nobody_serves_is_told_before() {
    let all = into_queue(46, 700_000, "13600000003");
    let away = now_of(LEFT_OUT, &all, &[("1001", AWAY), ("1002", READY)], 710_000).await;
    says(
        &of_queue(&away, "billing"),
        [
            "at 10:15:16 (in 26.0 s) in queue other, if nobody who could serve it is signed in and reachable by then (`nobody`, r.toml:8)",
            "10:15:16（26.0 秒 后）转到队列 other，如届时仍无可服务的坐席签入且可达（`nobody`，r.toml:8）",
        ],
    );
    says(
        &of_seat(&away, "1002").await,
        [
            "in 26.0 s, in queue other, to which it goes if nobody serves it by then (`nobody`)",
            "转到队列 other（`nobody`），26.0 秒 后轮到它",
        ],
    );
    let there = now_of(LEFT_OUT, &all, &[("1001", READY), ("1002", READY)], 710_000).await;
    assert!(!of_queue(&there, "billing")[0].contains("`nobody`"));
}

#[tokio::test]
async fn a_full_queue_is_told_with_where_the_next_caller_goes() {
    let all = into_queue(46, 700_000, "13600000003");
    let pages = of_queue(&now_of(LEFT_OUT, &all, &[("1001", AWAY)], 710_000).await, "billing");
    says(
        &pages,
        [
            "It is full: 1 wait, and no more may (`limit`); the next caller goes to queue other (`overflow`).",
            "队列已满：已有 1 通在等，不再接纳（`limit`）；下一通来电转到队列 other（`overflow`）。",
        ],
    );
    assert!(!of_queue(&now_of(LEFT_OUT, &[], &[("1001", AWAY)], 710_000).await, "billing")[0].contains("full"));
}

/// 1001 is not cleared, 1002 has no English, 1003 serves another queue, 1004 is none of the queue's seats, 1005 of the outer tier.
const REMOVED: &str = r#"
number = [{ name = "hotline", queue = "billing" }]
skill = [{ name = "en" }]
[sensitive]
skills = ["en >= 3"]
[[queue]]
name = "billing"
seats = ["1001", "1002", "1003", "1005"]
[[queue.step]]
requires = "anyone"
tier = "internal"
[[queue]]
name = "other"
[[seat]]
name = "1001"
password = "x"
skills = { en = 5 }
[[seat]]
name = "1002"
password = "x"
cleared = true
skills = { en = 1 }
[[seat]]
name = "1003"
password = "x"
queues = ["other"]
[[seat]]
name = "1004"
password = "x"
[[seat]]
name = "1005"
password = "x"
origin = "external"
cleared = true
skills = { en = 5 }
"#;

fn sensitive_call() -> Vec<Entry> {
    let mut all = into_queue(46, 700_000, "13600000003");
    for entry in &mut all {
        if let Entry::Call(CallEvent { kind: EventKind::Classified(classified), .. }) = entry {
            (classified.sensitive, classified.skills) = (true, vec![("en".into(), 3)]);
        }
    }
    all
}

#[tokio::test]
async fn each_rule_that_removes_a_seat_from_a_call_is_named_with_its_place_r68() {
    let live = ["1001", "1002", "1003", "1004", "1005"].map(|seat| (seat, READY));
    let now = now_of(REMOVED, &sensitive_call(), &live, 720_000).await;
    for (name, en, zh) in [
        ("1001", "not for it: not cleared (R68) (r.toml:17)\n", "不可接：未获准接敏感来电（R68）（r.toml:17）\n"),
        (
            "1002",
            "not for it: the caller needs en >= 3 (r.toml:5), which its skills (r.toml:22) don't reach\n",
            "不可接：客户需要 en ≥ 3（r.toml:5），坐席的技能（r.toml:22）达不到\n",
        ),
        ("1003", "not for it: serves other queues (r.toml:23)\n", "不可接：只接其他队列（r.toml:23）\n"),
        ("1004", "not for it: not of this queue (r.toml:7)\n", "不可接：不属于该队列（r.toml:7）\n"),
        ("1005", "not for it: admitted by no step (r.toml:10, r.toml:11)\n", "不可接：各步都不可接（r.toml:10, r.toml:11）\n"),
    ] {
        says(&of_seat(&now, name).await, [en, zh]);
    }
}

#[tokio::test]
async fn a_step_whose_tier_is_in_another_line_than_its_requires_is_told_with_both() {
    let now = now_of(REMOVED, &into_queue(46, 700_000, "13600000003"), &[("1001", READY)], 720_000).await;
    says(&of_seat(&now, "1001").await, ["`anyone, tier internal`  r.toml:10, r.toml:11\n", "  r.toml:10, r.toml:11\n"]);
    let pages = of_queue(&now, "billing");
    says(&pages, ["`anyone, tier internal` (r.toml:10, r.toml:11)", "（r.toml:10, r.toml:11）"]);
    says(
        &pages,
        ["Queue billing, step 1 asks for `anyone, tier internal` (r.toml:10, r.toml:11)", "层级 internal（r.toml:10, r.toml:11）"],
    );
    let mut all = into_queue(46, 700_000, "13600000003");
    all.push(decision(&Looked {
        seq: 9,
        at_ms: 706_000,
        call: 46,
        trigger: Trigger::CallWaiting,
        key: DecidingKey::Nobody,
        seat: None,
        ready: 0,
        ahead: 0,
    }));
    let (dir, _journal) = data_of(&[], &all).await;
    let text = said(dir.path(), 46, Ok(plan(REMOVED)), Lang::En).await;
    assert!(text.contains("step 1 asks for `anyone, tier internal` (r.toml:10, r.toml:11)"), "{text}");
}

#[tokio::test]
async fn since_when_a_seat_talks_is_told_across_a_restart() {
    let mut all = into_queue(46, 700_000, "13600000003");
    all.push(call(46, 706_000, EventKind::Answered { seat: "1001".into() }));
    all.push(call(46, 716_000, EventKind::Recovered));
    all.push(at_call(1, 716_000, Activity::OnCall, Intent::Available));
    let on_call = [("1001", SeatState { activity: Activity::OnCall, ..READY })];
    let pages = of_seat(&now_of(TIERS, &all, &on_call, 720_000).await, "1001").await;
    says(&pages, ["on call since 2026-03-02 10:14:46 (14.0 s)", "通话中，自 2026-03-02 10:14:46 起（14.0 秒）"]);
    all.push(at_call(2, 717_000, Activity::Free, Intent::Available));
    all.push(at_call(3, 718_000, Activity::OnCall, Intent::Available));
    let pages = of_seat(&now_of(TIERS, &all, &on_call, 720_000).await, "1001").await;
    says(&pages, ["on call since 2026-03-02 10:14:58 (2.0 s)", "通话中，自 2026-03-02 10:14:58 起（2.0 秒）"]);
}

#[tokio::test]
async fn a_queue_that_the_rules_have_no_more_is_told_while_calls_are_its_own() {
    let mut all = in_queue(into_queue(46, 700_000, "13600000003"), "gone");
    all.extend(in_queue(into_queue(47, 701_000, "13600000004"), "gone"));
    all.extend(offered(46, 715_000, "1001", 40));
    let told = async |entries: &[Entry], about: &str, lang| {
        let (dir, _journal) = data_of(&[], entries).await;
        let look = Look::open(dir.path()).await.unwrap();
        let ask = why::Ask { rules: &|_| Ok(plan(TIERS)), ..ask() };
        let args = why::WhyArgs { about: about.into(), ..why_args(0, lang) };
        why::page_on_name(&look, &args, at(720_000), &ask).await.unwrap().0.map(|page| page.text())
    };
    let pages = [told(&all, "gone", Lang::En).await.unwrap(), told(&all, "gone", Lang::Zh).await.unwrap()];
    says(
        &pages,
        [
            "Queue gone: the rules (r0abcdef0) no longer have it, and 2 calls wait, 1 of them is offered to a seat.\nThey leave it at their \
             places, as the rules change or an offer ends, for the queue to which it overflowed (`overflow`), else",
            "队列 gone：规则（r0abcdef0）中已没有它，2 通来电等待，其中 1 通正派给坐席。\n规则变更或一次派单结束时，这些来电按原位置转到它的溢出队列",
        ],
    );
    says(
        &pages,
        ["  call 3-0-46  gone, important, 14.0 s  rings at seat 1001\n", "  来电 3-0-46  gone，重要，14.0 秒  坐席 1001 振铃中\n"],
    );
    says(&pages, ["  call 3-0-47  gone, important, 13.0 s\n", "  来电 3-0-47  gone，重要，13.0 秒\n"]);
    let none = told(&all, "never", Lang::En).await.unwrap_err();
    assert!(none.contains("the rules have no seat or queue of this name"), "{none}");
    assert!(told(&[], "gone", Lang::En).await.is_err(), "nobody waits there any more");
}
