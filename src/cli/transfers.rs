//! Transfers as people and machines are shown them (manual.md A5, D1).

use crate::cli::words::{self, Lang};
use hotline_model::{Record, Target, TransferEnd, TransferReason, TransferRecord};
use serde_json::{Value, json};

/// Why a call was transferred (C14, R53).
pub fn reason(lang: Lang, reason: TransferReason) -> &'static str {
    match (lang, reason) {
        (Lang::En, TransferReason::TooComplex) => "the problem is too complex",
        (Lang::Zh, TransferReason::TooComplex) => "问题复杂",
        (Lang::En, TransferReason::MultiDepartment) => "several departments are involved",
        (Lang::Zh, TransferReason::MultiDepartment) => "涉及多个部门",
        (Lang::En, TransferReason::AbilityInsufficient) => "beyond the agent's ability",
        (Lang::Zh, TransferReason::AbilityInsufficient) => "能力不足",
    }
}

/// To whom.
pub fn target(lang: Lang, target: &Target) -> String {
    let (kind, name) = match (lang, target) {
        (Lang::En, Target::Seat(name)) => ("seat ", name.to_string()),
        (Lang::Zh, Target::Seat(name)) => ("坐席 ", name.to_string()),
        (Lang::En, Target::Queue(name)) => ("queue ", name.to_string()),
        (Lang::Zh, Target::Queue(name)) => ("技能组 ", name.to_string()),
        (Lang::En, Target::Department(name)) => ("department ", name.to_string()),
        (Lang::Zh, Target::Department(name)) => ("部门 ", name.to_string()),
        (Lang::En, Target::Person(name)) => ("person ", name.to_string()),
        (Lang::Zh, Target::Person(name)) => ("责任人 ", name.to_string()),
        (Lang::En, Target::Number(number)) => ("number ", number.to_string()),
        (Lang::Zh, Target::Number(number)) => ("外部号码 ", number.to_string()),
    };
    format!("{kind}{name}")
}

/// How it ended (R56).
pub fn end(lang: Lang, end: TransferEnd) -> String {
    let text = match (lang, end) {
        (Lang::En, TransferEnd::Completed) => "the receiver has the caller",
        (Lang::Zh, TransferEnd::Completed) => "接收方已接手",
        (Lang::En, TransferEnd::Cancelled) => "the first agent took the caller back",
        (Lang::Zh, TransferEnd::Cancelled) => "首接坐席收回",
        (Lang::En, TransferEnd::NotAnswered) => "not answered within K9 (R59): back to the first agent",
        (Lang::Zh, TransferEnd::NotAnswered) => "K9 时限内无人接听（R59）：退回首接坐席",
        (Lang::En, TransferEnd::Rejected(status)) => return format!("the receiver refused ({status})"),
        (Lang::Zh, TransferEnd::Rejected(status)) => return format!("接收方拒接（{status}）"),
        (Lang::En, TransferEnd::Unreachable) => "the receiver's phone was not reachable",
        (Lang::Zh, TransferEnd::Unreachable) => "接收方话机不可达",
        (Lang::En, TransferEnd::CallerGone) => "the caller hung up",
        (Lang::Zh, TransferEnd::CallerGone) => "客户已挂机",
        (Lang::En, TransferEnd::TakenOver) => "the first agent's phone was gone: the receiver has the caller",
        (Lang::Zh, TransferEnd::TakenOver) => "首接坐席话机中断：由接收方接手",
        (Lang::En, TransferEnd::FirstGone) => "the first agent's phone was gone: the caller waited again, first in line",
        (Lang::Zh, TransferEnd::FirstGone) => "首接坐席话机中断：客户回到队首",
        (Lang::En, TransferEnd::GivenBack) => "the receiver gave the caller back",
        (Lang::Zh, TransferEnd::GivenBack) => "接收方已退回",
        (Lang::En, TransferEnd::Failed) => "it could not be carried out",
        (Lang::Zh, TransferEnd::Failed) => "未能执行",
        (Lang::En, TransferEnd::NotCleared) => "the call became sensitive and the receiver is not cleared (R68)",
        (Lang::Zh, TransferEnd::NotCleared) => "通话转为敏感，接收方无权接听（R68）",
        (Lang::En, TransferEnd::HungUp) => "the receiver hung up after answering",
        (Lang::Zh, TransferEnd::HungUp) => "接收方接听后挂机",
    };
    text.to_owned()
}

/// A call's transfers and consultations, a row each; `time` writes an instant.
pub fn rows(record: &Record, time: impl Fn(hotline_model::WallTime) -> String) -> Vec<[String; 5]> {
    let row = |transfer: &TransferRecord| {
        let why = transfer.reason.map_or("consultation".to_owned(), |why| reason(Lang::En, why).to_owned());
        let ended = transfer.end.map_or("under way".to_owned(), |ended| end(Lang::En, ended));
        let answered = transfer.answered.zip(transfer.receiver.as_ref());
        let answered = answered.map(|(at, who)| format!("; {who} answered after {}", words::seconds(at.since(transfer.began))));
        let whom = format!("{} -> {}", transfer.from, target(Lang::En, &transfer.to));
        ["".into(), time(transfer.began), whom, why, format!("{ended}{}", answered.unwrap_or_default())]
    };
    record.transfers.iter().map(row).collect()
}

/// The target for machines; a number is masked.
fn whom(to: &Target) -> Value {
    match to {
        Target::Number(number) => json!({ "Number": number.to_string() }),
        Target::Seat(_) | Target::Queue(_) | Target::Department(_) | Target::Person(_) => json!(to),
    }
}

/// The same for machines.
pub fn json(record: &Record) -> Vec<Value> {
    let one = |transfer: &TransferRecord| {
        json!({
            "from": &*transfer.from, "to": whom(&transfer.to), "mode": transfer.mode.word(), "reason": transfer.reason.map(TransferReason::word),
            "began": words::iso(transfer.began), "receiver": transfer.receiver.as_deref(), "answered": transfer.answered.map(words::iso),
            "ended": transfer.ended.map(words::iso), "end": transfer.end,
        })
    };
    record.transfers.iter().map(one).collect()
}
