//! A call in which a message was left, and what became of it after the caller had gone.

use super::*;
use hotline_model::history::{MessageEnd, MessageLeft, MessageOrder};

/// Call 96: the caller hangs up in the middle of the message, which is taken by one and finished by another.
fn message() -> Vec<Entry> {
    let left = MessageLeft {
        voicemail: "evening".into(),
        queue: "service".into(),
        file: "1-0-96.wav".into(),
        length_ms: 12_340,
        end: MessageEnd::HungUp,
    };
    let [hung_up, _] = gone(96, 30_000, Side::Caller, Cause::Completed);
    let order = |ms, by: &str, order| call(96, ms, EventKind::Message { by: by.into(), order });
    vec![
        call(96, 0, arrived("13500000010")),
        call(96, 50, EventKind::PickedUp),
        call(96, 10_000, EventKind::MessageBegun { voicemail: "evening".into(), file: "1-0-96.wav".into() }),
        hung_up,
        call(96, 30_100, EventKind::MessageLeft(Box::new(left))),
        order(40_000, "Li Na", MessageOrder::Take),
        order(50_000, "Wang Wei", MessageOrder::TakeOver),
        order(60_000, "Wang Wei", MessageOrder::Done),
        call(96, 60_000, EventKind::Archived),
    ]
}

#[tokio::test]
async fn a_call_tells_of_its_message_and_who_answered_it_though_the_caller_had_gone_r19() {
    let (dir, _journal) = data_of(&message(), &[]).await;
    let (_, found) = found(dir.path(), 96).await;
    let record = found.record.as_ref().unwrap();
    golden("calls_show_message.txt", &calls::card(&found, record, &output(false), at(NOW)));
    for (lang, ending) in [(Lang::En, ""), (Lang::Zh, "_zh")] {
        golden(&format!("why_message{ending}.txt"), &said(dir.path(), 96, Ok(rules()), lang).await);
    }
}
