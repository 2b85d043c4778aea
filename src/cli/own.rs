//! Calls that seats make of their own, as people and machines are shown them: who dialled what, over which trunks it was tried and what each
//! answered, why it was not put through.

use crate::cli::words::{self, Lang};
use hotline_archive::{Found, Outcome};
use hotline_model::history::{Callee, Cause, CodeRefusal, EventKind, NoPassage, NotPutThrough, OfferEnd, PhoneEvent};
use hotline_model::{DeskRefusal, Name, PhoneNumber, Record, WallTime};
use serde_json::{Value, json};
use std::time::Duration;

/// A seat's own call.
#[derive(Clone, Debug, PartialEq)]
pub struct Own {
    /// The account or seat whose telephone it is.
    pub phone: Name,
    /// Who sits there.
    pub seat: Option<Name>,
    /// Whom it calls.
    pub callee: Callee,
    /// Why it was not put through.
    pub refused: Option<NotPutThrough>,
    /// The trunks, in the order in which they were thought of.
    pub ways: Vec<Way>,
}

/// A trunk, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// When it was tried or passed over.
    pub at: WallTime,
    /// Its name.
    pub trunk: Name,
    /// What came of it.
    pub came: Came,
}

/// What came of a trunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// It was not tried.
    PassedOver(NoPassage),
    /// It is tried.
    Rings,
    /// No answer, after so long.
    Ended(OfferEnd, Duration),
    /// An answer, after so long.
    Answered(Duration),
}

impl Own {
    /// What the events say; `None` if it is no call of a seat's own.
    pub fn of(found: &Found) -> Option<Self> {
        let mut own: Option<Self> = None;
        for event in &found.events {
            if let EventKind::Phone(PhoneEvent::Calls { phone, seat, callee }) = &event.kind {
                let (phone, seat, callee) = (phone.clone(), seat.clone(), callee.clone());
                own = Some(Self { phone, seat, callee, refused: None, ways: Vec::new() });
            }
            if let Some(own) = &mut own {
                own.apply(&event.kind, event.at);
            }
        }
        own
    }

    fn apply(&mut self, kind: &EventKind, at: WallTime) {
        if let EventKind::Phone(PhoneEvent::NotPutThrough { why }) = kind {
            self.refused = Some(*why);
        } else if let EventKind::TrunkPassedOver { trunk, why, .. } = kind {
            self.ways.push(Way { at, trunk: trunk.clone(), came: Came::PassedOver(*why) });
        } else if let EventKind::OutsideCalled { trunk, .. } = kind {
            self.ways.push(Way { at, trunk: trunk.clone(), came: Came::Rings });
        } else if let (EventKind::OutsideEnded { why, .. }, Some(way)) = (kind, self.ways.last_mut()) {
            way.came = Came::Ended(*why, at.since(way.at));
        } else if let (EventKind::OutsideAnswered { .. }, Some(way)) = (kind, self.ways.last_mut()) {
            way.came = Came::Answered(at.since(way.at));
        }
    }

    /// Who calls.
    pub fn caller(&self, lang: Lang) -> String {
        let phone = &self.phone;
        match (lang, &self.seat) {
            (Lang::En, Some(seat)) if seat == phone => format!("seat {seat}"),
            (Lang::Zh, Some(seat)) if seat == phone => format!("坐席 {seat}"),
            (Lang::En, Some(seat)) => format!("seat {seat} at telephone {phone}"),
            (Lang::Zh, Some(seat)) => format!("坐席 {seat}（话机 {phone}）"),
            (Lang::En, None) => format!("telephone {phone} (nobody sat there)"),
            (Lang::Zh, None) => format!("话机 {phone}（无人签入）"),
        }
    }

    /// Whom it calls; a PIN is never part of it.
    pub fn callee(&self, lang: Lang, record: &Record, reveal: bool) -> String {
        let dialled = dialled(record, reveal);
        match (lang, &self.callee) {
            (Lang::En, Callee::Code) => format!("code {dialled}"),
            (Lang::Zh, Callee::Code) => format!("功能码 {dialled}"),
            (Lang::En, Callee::Seat(seat)) => format!("seat {seat}"),
            (Lang::Zh, Callee::Seat(seat)) => format!("坐席 {seat}"),
            (Lang::En, Callee::Queue(queue)) => format!("queue {queue}"),
            (Lang::Zh, Callee::Queue(queue)) => format!("队列 {queue}"),
            (Lang::En, Callee::Outside) => format!("{dialled} outside"),
            (Lang::Zh, Callee::Outside) => format!("外部号码 {dialled}"),
            (Lang::En, Callee::Emergency) => format!("the emergency number {dialled}"),
            (Lang::Zh, Callee::Emergency) => format!("紧急号码 {dialled}"),
            (Lang::En, Callee::Nowhere) => format!("`{dialled}`"),
            (Lang::Zh, Callee::Nowhere) => format!("`{dialled}`"),
        }
    }

    /// The trunks of `calls show`; `time` writes an instant.
    pub fn rows(&self, time: impl Fn(WallTime) -> String) -> Vec<[String; 4]> {
        let row = |way: &Way| ["".into(), time(way.at), format!("trunk {}", way.trunk), came(Lang::En, way.came)];
        self.ways.iter().map(row).collect()
    }

    /// The same for machines.
    pub fn json(&self) -> Value {
        let way = |way: &Way| json!({ "trunk": &*way.trunk, "at": words::iso(way.at), "came": came(Lang::En, way.came) });
        json!({
            "phone": &*self.phone, "seat": self.seat.as_deref(), "callee": self.callee,
            "refused": self.refused.map(|why| refusal(Lang::En, why)), "trunks": self.ways.iter().map(way).collect::<Vec<_>>(),
        })
    }
}

/// What was dialled: the number of a call outside stands where a customer's stands, which redacts itself.
pub fn dialled(record: &Record, reveal: bool) -> String {
    match &*record.dialled {
        "outside" | "nowhere" if record.phone.is_some() => words::number(record, reveal),
        dialled => dialled.to_owned(),
    }
}

/// How a seat's own call ended, or how far it is, in few words.
pub fn outcome(record: &Record) -> String {
    let is_emergency = PhoneNumber::parse(&record.dialled).is_ok_and(|number| number.is_emergency());
    let word = match (Outcome::of(record), record.cause) {
        (Outcome::Live, _) if record.t3.is_some() => "talking".into(),
        (Outcome::Live, _) => "calling".into(),
        (Outcome::Answered, _) => "talked".into(),
        (_, Some(Cause::NotPutThrough(why))) => format!("not put through: {}", short(why)),
        (_, Some(Cause::CodeRefused)) => "code refused".into(),
        (Outcome::SelfService, _) => "code done".into(),
        (Outcome::Abandoned | Outcome::LeftEarly, _) => "given up".into(),
        (Outcome::Failed | Outcome::TurnedAway, _) => "failed".into(),
    };
    if is_emergency { format!("emergency: {word}") } else { word }
}

fn short(why: NotPutThrough) -> &'static str {
    match why {
        NotPutThrough::NoSuchNumber => "no such number",
        NotPutThrough::NotAllowed => "not allowed",
        NotPutThrough::OwnNumber => "a number of our own",
        NotPutThrough::OtherHost => "another host",
        NotPutThrough::NotSignedIn => "not signed in",
        NotPutThrough::Busy => "busy",
        NotPutThrough::Unreachable => "no answer",
        NotPutThrough::NobodyThere => "nobody there",
        NotPutThrough::TooMany => "too many calls",
        NotPutThrough::NoRoom => "no trunk or port",
    }
}

/// Why it was not put through, as half a sentence.
pub fn refusal(lang: Lang, why: NotPutThrough) -> &'static str {
    match (lang, why) {
        (Lang::En, NotPutThrough::NoSuchNumber) => "no code, seat, queue or number is written so",
        (Lang::Zh, NotPutThrough::NoSuchNumber) => "没有这样的功能码、坐席、队列或号码",
        (Lang::En, NotPutThrough::NotAllowed) => "the rules do not allow the seat this number",
        (Lang::Zh, NotPutThrough::NotAllowed) => "规则不允许该坐席拨打此号码",
        (Lang::En, NotPutThrough::OwnNumber) => "the number is one of our own: the call would come back to us",
        (Lang::Zh, NotPutThrough::OwnNumber) => "这是本热线自己的号码，拨出后会绕回热线",
        (Lang::En, NotPutThrough::OtherHost) => "the address names another host than ours",
        (Lang::Zh, NotPutThrough::OtherHost) => "地址指向其他主机",
        (Lang::En, NotPutThrough::NotSignedIn) => "nobody was signed in at the telephone",
        (Lang::Zh, NotPutThrough::NotSignedIn) => "该话机无人签入",
        (Lang::En, NotPutThrough::Busy) => "the other side was in a call, or wanted none",
        (Lang::Zh, NotPutThrough::Busy) => "对方通话中或拒接",
        (Lang::En, NotPutThrough::Unreachable) => "the other side did not answer, or could not be reached",
        (Lang::Zh, NotPutThrough::Unreachable) => "对方无人接听或不可达",
        (Lang::En, NotPutThrough::NobodyThere) => "nobody was there to answer",
        (Lang::Zh, NotPutThrough::NobodyThere) => "对方无人签入",
        (Lang::En, NotPutThrough::TooMany) => "there were as many such calls as there may be",
        (Lang::Zh, NotPutThrough::TooMany) => "同时呼出数已达上限",
        (Lang::En, NotPutThrough::NoRoom) => "no trunk took it, or no port or leg was free",
        (Lang::Zh, NotPutThrough::NoRoom) => "没有中继接通，或没有空闲的端口或通话腿",
    }
}

/// The keys of the rules that say so.
pub fn rule(why: NotPutThrough) -> Option<&'static str> {
    match why {
        NotPutThrough::NotAllowed => Some("`dial`, `[[outbound.role]] allow`"),
        NotPutThrough::TooMany => Some("`dial_limit`, `[outbound] seat_limit`, `limit`"),
        NotPutThrough::OwnNumber => Some("`[[number]]` aliases, `[[trunk]] from`"),
        NotPutThrough::NoSuchNumber
        | NotPutThrough::OtherHost
        | NotPutThrough::NotSignedIn
        | NotPutThrough::Busy
        | NotPutThrough::Unreachable
        | NotPutThrough::NobodyThere
        | NotPutThrough::NoRoom => None,
    }
}

/// What came of a trunk, as half a sentence.
pub fn came(lang: Lang, came: Came) -> String {
    match (lang, came) {
        (Lang::En, Came::PassedOver(why)) => format!("not tried: {}", no_passage(lang, why)),
        (Lang::Zh, Came::PassedOver(why)) => format!("未尝试：{}", no_passage(lang, why)),
        (Lang::En, Came::Rings) => "being called".into(),
        (Lang::Zh, Came::Rings) => "正在呼叫".into(),
        (Lang::En, Came::Ended(why, after)) => format!("{} after {}", words::outside_end(lang, why), words::seconds(after)),
        (Lang::Zh, Came::Ended(why, after)) => format!("{}，历时 {}", words::outside_end(lang, why), words::seconds_zh(after)),
        (Lang::En, Came::Answered(after)) => format!("answered after {}", words::seconds(after)),
        (Lang::Zh, Came::Answered(after)) => format!("{} 后接听", words::seconds_zh(after)),
    }
}

fn no_passage(lang: Lang, why: NoPassage) -> &'static str {
    match (lang, why) {
        (Lang::En, NoPassage::NotInRules) => "the rules no longer have it",
        (Lang::Zh, NoPassage::NotInRules) => "规则中已无此中继",
        (Lang::En, NoPassage::NoAddress) => "its host has no address",
        (Lang::Zh, NoPassage::NoAddress) => "中继主机没有地址",
        (Lang::En, NoPassage::Down) => "it answered no OPTIONS",
        (Lang::Zh, NoPassage::Down) => "中继未应答 OPTIONS",
        (Lang::En, NoPassage::Resting) => "it had failed a call a moment before",
        (Lang::Zh, NoPassage::Resting) => "中继刚呼叫失败、暂停使用",
        (Lang::En, NoPassage::Full) => "it was full (`[[trunk]] limit`)",
        (Lang::Zh, NoPassage::Full) => "中继已占满（[[trunk]] limit）",
        (Lang::En, NoPassage::NoRoom) => "no RTP port or dialog was free",
        (Lang::Zh, NoPassage::NoRoom) => "没有空闲的 RTP 端口或会话",
    }
}

/// Why a code did nothing, as half a sentence.
pub fn code_refusal(lang: Lang, why: CodeRefusal) -> &'static str {
    match (lang, why) {
        (Lang::En, CodeRefusal::NotUnderstood) => "there is no such code",
        (Lang::Zh, CodeRefusal::NotUnderstood) => "没有这个功能码",
        (Lang::En, CodeRefusal::WrongPin) => "the seat or the PIN was wrong, or the seat has no PIN",
        (Lang::Zh, CodeRefusal::WrongPin) => "坐席或 PIN 错误，或该坐席没有 PIN",
        (Lang::En, CodeRefusal::Locked) => "too many wrong PINs before",
        (Lang::Zh, CodeRefusal::Locked) => "PIN 错误次数过多，已锁定",
        (Lang::En, CodeRefusal::NothingKeyed) => "nothing was keyed in",
        (Lang::Zh, CodeRefusal::NothingKeyed) => "没有输入",
        (Lang::En, CodeRefusal::NobodyHere) => "nobody was signed in at the telephone",
        (Lang::Zh, CodeRefusal::NobodyHere) => "该话机无人签入",
        (_, CodeRefusal::Desk(why)) => desk_refusal(lang, why),
    }
}

/// Why an order was not carried out, as half a sentence.
pub fn desk_refusal(lang: Lang, why: DeskRefusal) -> &'static str {
    let (_, en, zh) = words::desk(why);
    match lang {
        Lang::En => en,
        Lang::Zh => zh,
    }
}
