//! What `why CALL` says of a queue that was full, and of one of another group.

use super::*;
use hotline_model::history::{DecidingKey as Key, WhyLeft};

/// Queues `w`, in which one call may wait and which overflows to `q`, and `g` of another group; one seat serves all three.
const QUEUES: &str = "number = [{ name = \"hotline\", queue = \"w\" }, { name = \"other\", queue = \"g\" }]\n\
                      [[queue]]\nname = \"w\"\nlimit = 1\noverflow = \"q\"\n[[queue]]\nname = \"q\"\n\
                      [[queue]]\nname = \"g\"\ngroup = \"two\"\n[[seat]]\nname = \"s1\"\npassword = \"k7T-wq2\"\n";

fn queued(count: u32, ms: i64, queue: &str) -> Entry {
    call(count, ms, EventKind::Queued { queue: queue.into(), priority: Priority::Ordinary })
}

fn of(entry: Entry, in_queue: &str, waited_ms: u32) -> Entry {
    let Entry::Decision { decision, at, seat, .. } = entry else { panic!("it is a decision") };
    let decision = Decision { waited_ms, admitted: 1, priority: Priority::Ordinary, ..decision };
    Entry::Decision { decision, at, queue: in_queue.into(), seat }
}

async fn both(entries: &[Entry], count: u32) -> [String; 2] {
    let (dir, _journal) = data_of(entries, &[]).await;
    let plan = helping::plan(QUEUES);
    [said(dir.path(), count, Ok(Arc::clone(&plan)), Lang::En).await, said(dir.path(), count, Ok(plan), Lang::Zh).await]
}

#[tokio::test]
async fn a_call_that_a_full_queue_turned_away_never_stood_in_it() {
    let begin = |more: Vec<Entry>| {
        let mut all = vec![seat(1, 0, "s1", Intent::Available, Activity::OnCall), call(60, 0, arrived("13500000005"))];
        all.extend(more);
        all
    };
    let turned_away = [queued(60, 1_000, "w"), queued(60, 1_003, "q"), of(looked(2, 1_003, 60, Trigger::CallWaiting, 0), "q", 0)];
    let [en, zh] = both(&begin(turned_away.into()), 60).await;
    let full = "It entered queue q as ordinary, for queue w was full (`limit` = 1, routing-rules/all.toml:4): `overflow`, routing-rules/all.toml:5.";
    assert!(en.contains(full) && !en.contains("entered queue w"), "{en}");
    let full = "队列 w 已满（`limit` = 1，routing-rules/all.toml:4），转到 q 排队（`overflow`，routing-rules/all.toml:5），优先级普通。";
    assert!(zh.contains(full) && !zh.contains("进入 w 排队"), "{zh}");
    let waited = of(looked(2, 1_000, 60, Trigger::CallWaiting, 0), "w", 0);
    let [en, _] = both(&begin(vec![queued(60, 1_000, "w"), waited, queued(60, 1_003, "q")]), 60).await;
    assert!(en.contains("It entered queue w as ordinary.") && en.contains("It entered queue q as ordinary."), "it stood there: {en}");
}

#[tokio::test]
async fn a_call_whose_seat_went_to_one_of_another_group_is_not_behind_it() {
    let mut all = vec![seat(1, 0, "s1", Intent::Available, Activity::OnCall)];
    for (count, ms, queue) in [(60, 0, "q"), (61, 2_000, "g")] {
        all.extend([call(count, ms, arrived("13500000005")), queued(count, ms, queue)]);
        all.push(of(looked(u64::from(count) - 50, ms, count, Trigger::CallWaiting, 0), queue, 0));
    }
    all.push(seat(19, 5_000, "s1", Intent::Available, Activity::Free));
    all.push(of(chose(20, 5_000, 61, Trigger::SeatReady, Key::OnlyReady, "s1"), "g", 3_000));
    all.push(seat(21, 5_000, "s1", Intent::Available, Activity::Offered));
    all.extend(offered(61, 5_000, "s1", 20));
    all.extend(gone(60, 8_000, Side::Caller, Cause::AbandonedInQueue));
    let [en, zh] = both(&all, 60).await;
    let went = "3.0 s a seat that it could have had went to 1 call of queue g (routing-rules/all.toml:9), of another `group`, which nobody \
                ranks against it, while the only admitted seat signed in and reachable was busy: offered.";
    assert!(en.contains(went) && !en.contains("behind"), "{en}");
    let went =
        "本可接它的坐席派给了队列 g（routing-rules/all.toml:9）的 1 个来电，该队列属另一组（`group`），组间不比先后，其间签入且话机可达";
    assert!(zh.contains(went) && !zh.contains("前面有"), "{zh}");
}

/// `w` and `q`, to which it overflows, are full as call 62 comes.
const BOTH_FULL: &str = "number = [{ name = \"hotline\", queue = \"w\" }]\n\
                         [[queue]]\nname = \"w\"\nlimit = 1\noverflow = \"q\"\n[[queue]]\nname = \"q\"\nlimit = 1\n\
                         [[seat]]\nname = \"s1\"\npassword = \"k7T-wq2\"\n";

#[tokio::test]
async fn a_call_that_all_queues_turned_away_waits_in_none_and_why_says_that_they_were_full() {
    let plan = helping::plan(BOTH_FULL);
    let mut all = vec![seat(1, 0, "s1", Intent::Available, Activity::OnCall)];
    for (count, queue) in [(60, "w"), (61, "q")] {
        all.extend([call(count, 0, arrived("13500000005")), queued(count, 0, queue)]);
        all.push(of(looked(u64::from(count) - 50, 0, count, Trigger::CallWaiting, 0), queue, 0));
    }
    let left = EventKind::LeftQueue { queue: "w".into(), why: WhyLeft::Full(plan.revision), to: None };
    all.extend([call(62, 1_000, arrived("13500000007")), queued(62, 1_000, "w"), call(62, 1_000, clock(3, ClockChange::Started))]);
    all.extend([call(62, 1_000, left), call(62, 1_000, clock(3, ClockChange::Dropped))]);
    let (dir, _journal) = data_of(&[], &all).await;
    let look = Look::open(dir.path()).await.unwrap();
    let now = Now::read(&look, Arc::clone(&plan), Some(Vec::new()), at(2_000)).await.unwrap();
    let page = why::queue_page(&QueueNow::of(&now, &"w".into()).unwrap(), &now, &why_args(0, Lang::En)).text();
    assert!(page.contains("1 call waits.") && !page.contains("3-0-62"), "{page}");
    let page = why::seat_page(&SeatNow::read(&look, &now, &"s1".into()).await.unwrap(), &now, &why_args(0, Lang::En)).text();
    assert!(page.contains("3-0-60") && !page.contains("3-0-62"), "{page}");
    let (_, found) = found(dir.path(), 62).await;
    let record = found.record.as_ref().unwrap();
    assert_eq!(calls::outcome(record, found.source), "led away (live)");
    for (lang, ending) in [(Lang::En, ""), (Lang::Zh, "_zh")] {
        golden(&format!("why_turned_away{ending}.txt"), &said(dir.path(), 62, Ok(Arc::clone(&plan)), lang).await);
    }
}

#[tokio::test]
async fn a_call_whose_queue_new_rules_lack_is_said_to_wait_in_another_for_that() {
    let plan = helping::plan(BOTH_FULL);
    let all = [call(63, 0, arrived("13500000008")), queued(63, 0, "gone"), call(63, 1_000, EventKind::Recovered), queued(63, 1_000, "w")];
    let again = [of(looked(3, 1_000, 63, Trigger::CallWaiting, 0), "w", 1_000), queued(63, 2_000, "w"), queued(63, 3_000, "q")];
    let (dir, _journal) = data_of(&[], &[&all[..], &again[..]].concat()).await;
    let en = said(dir.path(), 63, Ok(Arc::clone(&plan)), Lang::En).await;
    assert_eq!(en.matches("It entered queue w as ordinary, at its place: the rules no longer had queue gone.").count(), 1, "{en}");
    assert_eq!(en.matches("no longer had").count(), 1, "{en}");
    let zh = said(dir.path(), 63, Ok(plan), Lang::Zh).await;
    assert!(zh.contains("规则中已没有队列 gone，按原位次转到 w 排队，优先级普通。"), "{zh}");
}
