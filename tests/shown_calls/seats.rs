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
