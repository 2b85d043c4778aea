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
