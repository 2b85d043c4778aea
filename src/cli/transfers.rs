//! Transfers and consultations of a call: to whom, why, and how each ended (R56, R58).

use super::calls::OutputArgs;
use super::words;
use hotline_model::{Record, TransferEnd, TransferRecord};
use serde_json::{Value, json};

/// For machines.
pub fn json_of(record: &Record) -> Value {
    let one = |transfer: &TransferRecord| {
        json!({
            "from": &*transfer.from, "to": transfer.to.to_string(), "mode": transfer.mode.word(),
            "reason": transfer.reason.map(|reason| reason.word()), "began": words::iso(transfer.began),
            "receiver": transfer.receiver.as_deref(), "answered": transfer.answered.map(words::iso),
            "ended": transfer.ended.map(words::iso), "end": transfer.end,
        })
    };
    record.transfers.iter().map(one).collect()
}

/// For people.
pub fn rows(record: &Record, output: &OutputArgs) -> Vec<[String; 5]> {
    let one = |transfer: &TransferRecord| {
        let kind = if transfer.reason.is_some() { transfer.mode.word() } else { "consultation" };
        let why = transfer.reason.map_or(String::new(), |reason| format!("{kind}, {}", reason.word()));
        let who = transfer.receiver.as_ref().map_or(String::new(), |receiver| format!(", answered by {receiver}"));
        let way = format!("{} to {}{who}", transfer.from, transfer.to);
        let why = if why.is_empty() { kind.to_owned() } else { why };
        ["".into(), output.zone.milli(transfer.began), way, why, transfer.end.map_or("under way".into(), ended)]
    };
    record.transfers.iter().map(one).collect()
}

fn ended(end: TransferEnd) -> String {
    match end {
        TransferEnd::Completed => "the receiver has the caller".into(),
        TransferEnd::Cancelled => "taken back".into(),
        TransferEnd::NotAnswered => "not answered in time: back with the first agent (R59)".into(),
        TransferEnd::Rejected(code) => format!("refused with {code}"),
        TransferEnd::Unreachable => "the receiver's phone could not be reached".into(),
        TransferEnd::CallerGone => "the caller hung up meanwhile".into(),
        TransferEnd::TakenOver => "the first agent's phone was gone: the receiver has the caller".into(),
        TransferEnd::FirstGone => "the first agent's phone was gone: the caller waits again".into(),
        TransferEnd::GivenBack => "given back".into(),
        TransferEnd::Failed => "the rules do not allow it any more".into(),
    }
}
