//! What `why SEAT` and `why QUEUE` look at where there is much.

use super::until::{pages, plan};
use super::*;
use hotline_model::history::WhyLeft;

/// A call that leaves the queue at once, and so many after it that don't.
fn left_long_ago(others: u32) -> Vec<Entry> {
    let mut all = into_queue(100, 0, "13600000003");
    all.push(call(100, 7_000, EventKind::LeftQueue { queue: "billing".into(), why: WhyLeft::Nobody, to: None }));
    all.extend(gone(100, 8_000, Side::System, Cause::Completed));
    for count in 0..others {
        let ms = 10_000 + i64::from(count) * 100;
        all.extend(into_queue(101 + count, ms, "13600000004"));
        all.extend(gone(101 + count, ms + 7_000, Side::Caller, Cause::AbandonedInQueue));
    }
    all
}

async fn queue_of(stored: &[Entry], live: &[Entry], ms: i64, lang: Lang) -> String {
    let (dir, _journal) = data_of(stored, live).await;
    let look = Look::open(dir.path()).await.unwrap();
    let now = Now::read(&look, plan(), Some(Vec::new()), at(ms)).await.unwrap();
    why::queue_page(&QueueNow::read(&look, &now, &"billing".into()).await.unwrap().unwrap(), &now, &why_args(0, lang)).text()
}

#[tokio::test]
async fn a_call_that_left_a_queue_is_told_however_many_came_after_it_in_the_hour() {
    let text = queue_of(&left_long_ago(150), &[], 600_000, Lang::En).await;
    assert!(text.contains("Calls that left it in the last hour because nobody served it\n") && text.contains("call 3-0-100"), "{text}");
    assert!(!text.contains("Of the last hour"), "{text}");
}

#[tokio::test]
async fn where_not_all_calls_of_the_hour_were_looked_at_it_is_said_how_many_were() {
    let all = left_long_ago(2_000);
    let en = queue_of(&all, &[], 600_000, Lang::En).await;
    assert!(en.contains("Of the last hour the newest 2000 calls that waited were looked at for those that left the queue."), "{en}");
    let zh = queue_of(&all, &[], 600_000, Lang::Zh).await;
    assert!(zh.contains("近一小时只查了最近排队的 2000 通来电"), "{zh}");
}

#[tokio::test]
async fn where_more_calls_wait_than_are_looked_at_for_a_seat_it_is_said_how_many_were() {
    let waiting: Vec<Entry> = (0..203).flat_map(|count| into_queue(100 + count, i64::from(count) * 10, "13600000003")).collect();
    let [en, queue] = pages(&waiting, "1001", 20_000, Lang::En).await;
    assert!(en.contains("Of the 203 calls that wait the first 200 were looked at, and the first 20 of those are shown."), "{en}");
    assert!(queue.contains("203 calls wait") && queue.contains("The first 20 of them are shown."), "{queue}");
    let [zh, _] = pages(&waiting, "1001", 20_000, Lang::Zh).await;
    assert!(zh.contains("等待中的 203 通来电里查看了最前的 200 通，列出其中最前的 20 通。"), "{zh}");
}
