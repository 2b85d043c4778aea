//! Until when a seat gets no call where that has a time: a wrap-up, an unreachable telephone, an offer that nothing ended.

use super::*;

const RULES_OF_WRAP_UP: &str = r#"
number = [{ name = "hotline", queue = "billing" }]
[[queue]]
name = "billing"
wrap_up = "20s"
[[seat]]
name = "1001"
password = "x"
[[seat]]
name = "1002"
password = "y"
wrap_up = "50s"
"#;

pub fn plan() -> Arc<Plan> {
    let sources = [Source { path: "routing-rules/all.toml".into(), text: RULES_OF_WRAP_UP.into() }];
    let found = |found: Vec<_>| panic!("{}", hotline_rules::render(&found, &sources, hotline_rules::Style::Plain, hotline_model::Lang::En));
    Arc::new(hotline_rules::load(&sources, None).unwrap_or_else(found).plan)
}

fn of_call(seq: u64, at_ms: i64, name: &str, activity: Activity, reachable: bool, count: u32) -> Entry {
    let state = SeatState { intent: Intent::Available, activity, reachable };
    let call = (activity != Activity::Free).then(|| id(count));
    Entry::Seat(SeatEvent { seq, at: at(at_ms), seat: name.into(), id: SeatId(0), state, call })
}

/// What is said of a seat, and of the queue, at this time.
pub async fn pages(entries: &[Entry], name: &str, ms: i64, lang: Lang) -> [String; 2] {
    let (dir, _journal) = data_of(&[], entries).await;
    let look = Look::open(dir.path()).await.unwrap();
    let now = Now::read(&look, plan(), Some(Vec::new()), at(ms)).await.unwrap();
    let seat = SeatNow::read(&look, &now, &name.into()).await.unwrap();
    let queue = QueueNow::of(&now, &"billing".into()).unwrap();
    [why::seat_page(&seat, &now, &why_args(0, lang)).text(), why::queue_page(&queue, &now, &why_args(0, lang)).text()]
}

/// Call 46 is over at 720 s, and this seat wraps it up; call 47 waits.
fn wraps_up(name: &'static str) -> Vec<Entry> {
    let mut all = into_queue(46, 690_000, "13600000003");
    all.push(chose(40, 706_000, 46, Trigger::CallWaiting, DecidingKey::OnlyReady, name));
    all.push(of_call(41, 706_000, name, Activity::Offered, true, 46));
    all.extend(offered(46, 706_000, name, 40));
    all.push(call(46, 708_000, EventKind::Answered { seat: name.into() }));
    all.push(of_call(42, 708_000, name, Activity::OnCall, true, 46));
    all.push(call(46, 720_000, EventKind::HungUp { side: Side::Caller, cause: Cause::Normal, q850: Some(16) }));
    all.push(of_call(43, 720_000, name, Activity::WrapUp, true, 46));
    all.extend(into_queue(47, 700_000, "13600000004"));
    all
}

#[tokio::test]
async fn of_a_wrap_up_it_is_said_until_when_as_the_queue_or_the_seat_has_it_r7() {
    let [seat, queue] = pages(&wraps_up("1001"), "1001", 725_000, Lang::En).await;
    assert!(seat.contains("It gets no call until its wrap-up is over, at 10:15:20 (in 15.0 s)."), "{seat}");
    assert!(queue.contains("or at 10:15:20 (in 15.0 s), when the wrap-up of seat 1001 is over"), "{queue}");
    let [seat, queue] = pages(&wraps_up("1001"), "1001", 725_000, Lang::Zh).await;
    assert!(seat.contains("话后到 10:15:20（还有 15.0 秒）为止，此前不派单。"), "{seat}");
    assert!(queue.contains("或 10:15:20（15.0 秒 后）坐席 1001 话后结束"), "{queue}");
    let [seat, _] = pages(&wraps_up("1002"), "1002", 725_000, Lang::En).await;
    assert!(seat.contains("over, at 10:15:50 (in 45.0 s)."), "its own: {seat}");
    let [seat, _] = pages(&wraps_up("1001"), "1001", 741_000, Lang::En).await;
    assert!(seat.contains("It gets no call until its wrap-up is over."), "other rules were in force: {seat}");
}

#[tokio::test]
async fn a_restart_begins_no_wrap_up_anew() {
    let mut all = wraps_up("1001");
    all.push(of_call(50, 730_000, "1001", Activity::WrapUp, true, 46));
    let [seat, _] = pages(&all, "1001", 731_000, Lang::En).await;
    assert!(seat.contains("wrap-up since 2026-03-02 10:15:00 (11.0 s)"), "{seat}");
    assert!(seat.contains("over, at 10:15:20 (in 9.0 s)."), "{seat}");
}

/// Call 46 is offered to 1001 at 706 s, whose telephone does not answer the INVITE.
fn unreachable() -> Vec<Entry> {
    let mut all = into_queue(46, 690_000, "13600000003");
    all.push(chose(40, 706_000, 46, Trigger::CallWaiting, DecidingKey::OnlyReady, "1001"));
    all.push(of_call(41, 706_000, "1001", Activity::Offered, true, 46));
    all.push(call(46, 706_000, EventKind::Offered { seat: "1001".into(), decision: 40, ring_ms: 10_000 }));
    all.push(call(46, 708_000, EventKind::OfferEnded { seat: "1001".into(), why: OfferEnd::Unreachable }));
    all.push(of_call(42, 708_000, "1001", Activity::Free, false, 46));
    all
}

#[tokio::test]
async fn of_a_telephone_that_did_not_answer_an_invite_it_is_said_when_it_is_tried_again() {
    let [seat, queue] = pages(&unreachable(), "1001", 718_000, Lang::En).await;
    assert!(seat.contains("its phone did not answer the INVITE of call 3-0-46. It is tried again at 10:15:18 (in 20.0 s)."), "{seat}");
    assert!(queue.contains("or at 10:15:18 (in 20.0 s), when the phone of seat 1001 is tried again"), "{queue}");
    let [seat, queue] = pages(&unreachable(), "1001", 718_000, Lang::Zh).await;
    assert!(seat.contains("来电 3-0-46 的 INVITE 没有应答，10:15:18（20.0 秒 后）再试"), "{seat}");
    assert!(queue.contains("或 10:15:18（20.0 秒 后）再试坐席 1001 的话机"), "{queue}");
    let mut gone = unreachable();
    gone.push(of_call(43, 710_000, "1001", Activity::Free, true, 46));
    gone.push(of_call(44, 712_000, "1001", Activity::Free, false, 46));
    let [seat, _] = pages(&gone, "1001", 718_000, Lang::En).await;
    assert!(seat.contains("its phone is not registered") && !seat.contains("tried again"), "its registration ended: {seat}");
}

/// Call 46 rings at 1001 from 706 s on for 10 s, and nothing ends that: its lease does at 721 s.
fn lease_over(end_ms: i64) -> Vec<Entry> {
    let mut all = into_queue(46, 690_000, "13600000003");
    all.push(chose(40, 706_000, 46, Trigger::CallWaiting, DecidingKey::OnlyReady, "1001"));
    all.push(of_call(41, 706_000, "1001", Activity::Offered, true, 46));
    all.extend(offered(46, 706_000, "1001", 40));
    all.push(call(46, end_ms, EventKind::OfferEnded { seat: "1001".into(), why: OfferEnd::Withdrawn }));
    all.push(of_call(42, end_ms, "1001", Activity::Free, true, 46));
    all
}

#[tokio::test]
async fn an_offer_that_only_its_lease_ended_is_followed_by_a_pause_and_one_that_was_withdrawn_is_not() {
    let [seat, _] = pages(&lease_over(721_000), "1001", 722_000, Lang::En).await;
    assert!(seat.contains("in the pause after call 3-0-46 (nothing came of the ring in its time"), "{seat}");
    let [seat, _] = pages(&lease_over(721_000), "1001", 722_000, Lang::Zh).await;
    assert!(seat.contains("来电 3-0-46（振铃到时仍无结果）之后停派到"), "{seat}");
    let [seat, _] = pages(&lease_over(710_000), "1001", 711_000, Lang::En).await;
    assert!(!seat.contains("pause"), "{seat}");
}
