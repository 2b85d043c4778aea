//! The message that a caller left in a call, in words and for machines (R19).

use super::words;
use hotline_model::history::MessageEnd;
use hotline_model::{MessageRecord, Name, WallTime};
use serde_json::{Value, json};
use std::time::Duration;

/// What ended a message, in English.
pub fn ended(end: MessageEnd) -> &'static str {
    match end {
        MessageEnd::Key => "ended by key",
        MessageEnd::Silence => "ended by silence",
        MessageEnd::Longest => "as long as it may be",
        MessageEnd::HungUp => "the caller hung up",
        MessageEnd::Storage => "storing failed, a part is kept",
        MessageEnd::Crash => "the hotline restarted, a part is kept",
    }
}

/// Whether somebody is yet to be done with it.
pub fn is_open(message: &MessageRecord) -> bool {
    message.done.is_none()
}

/// The rows of a card: what was left, then who did what with it.
pub fn rows(message: &MessageRecord, clock: impl Fn(WallTime) -> String) -> Vec<[String; 3]> {
    let left = &message.left;
    let length = match left.length_ms {
        0 => String::new(),
        ms => format!("{}, ", words::seconds(Duration::from_millis(u64::from(ms)))),
    };
    let what = format!("in {}, for the people of {}: {length}{}", left.voicemail, left.queue, ended(left.end));
    let mut rows = vec![["left".to_owned(), clock(message.at), what]];
    for (word, done) in [("heard", &message.heard), ("taken", &message.taken), ("done", &message.done)] {
        rows.extend(done.as_ref().map(|(by, at)| [word.to_owned(), clock(*at), format!("by {by}")]));
    }
    rows
}

/// For machines.
pub fn json(message: &MessageRecord) -> Value {
    let left = &message.left;
    let did = |who: &Option<(Name, WallTime)>| who.as_ref().map(|(by, at)| json!({ "by": by, "at": words::iso(*at) }));
    json!({
        "voicemail": left.voicemail, "queue": left.queue, "left": words::iso(message.at), "length_ms": left.length_ms,
        "end": left.end.word(), "heard": did(&message.heard), "taken": did(&message.taken), "done": did(&message.done),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::history::MessageLeft;

    #[test]
    fn a_card_says_what_was_left_and_who_did_what_with_it_r19() {
        let left = MessageLeft {
            voicemail: "evening".into(),
            queue: "line".into(),
            file: "1-0-0.wav".into(),
            length_ms: 12_300,
            end: MessageEnd::Key,
        };
        let taken = Some(("Li Na".into(), WallTime(5_000_000)));
        let message = MessageRecord { left, at: WallTime(1_000_000), heard: None, taken, done: None };
        let told = rows(&message, |at| format!("at {} s", at.0 / 1_000_000)).concat().join(" ");
        assert_eq!(told, "left at 1 s in evening, for the people of line: 12.3 s, ended by key taken at 5 s by Li Na");
        assert!(is_open(&message));
        let shown = json(&message);
        assert_eq!((&shown["taken"]["by"], &shown["done"], &shown["end"]), (&json!("Li Na"), &Value::Null, &json!("key")));
        assert!(!shown.to_string().contains(".wav"), "where it is kept is nobody's business here");
    }
}
