use hotline_model::{Class, Impact, Name, NotReadyReason, Remit};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::time::Duration;

/// Words in the two languages of the house; a text without a language is the same in both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Label {
    /// For a language by its code: Chinese for `zh-CN` and the like, else English.
    pub fn of(&self, language_code: &str) -> &str {
        if language_code.starts_with("zh") { &self.zh } else { &self.en }
    }
}

/// The first part of every feature code; what a desk phone dials begins with it, and so do keys in a call.
pub const CODES: [(&str, Code); 10] = [
    ("*10", Code::SignIn),
    ("*11", Code::Ready),
    ("*12", Code::NotReady),
    ("*13", Code::WrapUpDone),
    ("*14", Code::Class),
    ("*15", Code::Disposition),
    ("*16", Code::BreakAfterCall),
    ("*17", Code::Impact),
    ("*18", Code::Scope),
    ("*19", Code::SignOut),
];

/// What a feature code does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// `*10`, then seat and PIN on a phone of the house, or the PIN on the seat's own.
    SignIn,
    /// `*11`
    Ready,
    /// `*12` and a digit of [`Desk::breaks`].
    NotReady,
    /// `*13`
    WrapUpDone,
    /// `*14` and a digit of [`Desk::classes`].
    Class,
    /// `*15` and a digit of [`Desk::dispositions`].
    Disposition,
    /// `*16`
    BreakAfterCall,
    /// `*17` and a digit of [`Desk::impacts`].
    Impact,
    /// `*18` and a digit of [`Desk::scopes`].
    Scope,
    /// `*19`
    SignOut,
}

/// What became of a call, as its agent states it (R7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disposition {
    /// Its name in orders and records.
    pub name: Name,
    /// The digit after `*15`, if it can be said by telephone; each at most once.
    pub digit: Option<char>,
    /// How it is shown.
    pub label: Label,
    /// The matter stays open: if the caller rings again, the owner is offered the call first (R57).
    pub open: bool,
}

/// What the people at the seats may say, and what is said to them (`[desk]`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desk {
    /// What may become of a call; never empty, at most 50.
    pub dispositions: Vec<Disposition>,
    /// Reasons for a break by the digit after `*12`.
    pub breaks: BTreeMap<char, NotReadyReason>,
    /// Classes by the digit after `*14` (R23).
    pub classes: BTreeMap<char, Class>,
    /// How far the problem reaches, by the digit after `*17` (R33).
    pub impacts: BTreeMap<char, Impact>,
    /// Whether it is ours, by the digit after `*18` (R34).
    pub scopes: BTreeMap<char, Remit>,
    /// 工号播报: before the bridge the caller is told the agent's number; see [`crate::Plan::agent_number`]. Not in queues with `direct`.
    pub announce_agent: bool,
    /// The prompts before and after the figures of the agent's number; either may be none.
    pub announce: (Option<Name>, Option<Name>),
    /// Before the bridge the agent alone is told what queue and class it is; see [`crate::Plan::whisper`]. Not in queues with `direct`.
    pub whisper: bool,
    /// How long an open matter leads a caller who rings again to its owner, at most 30 days; zero for never.
    pub matter_open_for: Duration,
}

impl Default for Desk {
    fn default() -> Self {
        let disposition = |digit, name: &str, zh: &str, en: &str, open| Disposition {
            name: name.into(),
            digit: Some(digit),
            label: Label { zh: zh.into(), en: en.into() },
            open,
        };
        Self {
            dispositions: vec![
                disposition('1', "resolved", "已解决", "Resolved", false),
                disposition('2', "follow-up", "待跟进", "To be followed up", true),
                disposition('3', "escalated", "已上报", "Escalated", true),
                disposition('4', "informed", "已答复咨询", "Enquiry answered", false),
                disposition('9', "no-matter", "无效来电", "No matter", false),
            ],
            breaks: BTreeMap::from([
                ('1', NotReadyReason::Break),
                ('2', NotReadyReason::Meal),
                ('3', NotReadyReason::Meeting),
                ('4', NotReadyReason::Training),
                ('5', NotReadyReason::Other),
            ]),
            classes: BTreeMap::from([('1', Class::Common), ('2', Class::Complex), ('3', Class::Major)]),
            impacts: ('1'..='9').zip(Impact::ALL.iter().copied()).collect(),
            scopes: ('1'..='9').zip(Remit::ALL.iter().copied()).collect(),
            announce_agent: false,
            announce: (Some("agent-number".into()), Some("agent-at-service".into())),
            whisper: false,
            matter_open_for: Duration::from_secs(7 * 86_400),
        }
    }
}

impl Desk {
    /// A disposition by its name.
    pub fn disposition(&self, name: &str) -> Option<&Disposition> {
        self.dispositions.iter().find(|one| &*one.name == name)
    }

    /// A disposition by the digit after `*15`.
    pub fn disposition_by_digit(&self, digit: char) -> Option<&Disposition> {
        self.dispositions.iter().find(|one| one.digit == Some(digit))
    }

    /// The prompts that tell a caller the agent's number; nothing but digits of `number` is said.
    pub fn announcement(&self, number: &str) -> Vec<Name> {
        let figures = number.chars().filter(char::is_ascii_digit).map(|digit| Name::from(format!("number-{digit}")));
        self.announce.0.iter().cloned().chain(figures).chain(self.announce.1.clone()).collect()
    }
}

/// What is said to the person at a desk phone, in the first language of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeskPrompt {
    /// Signed in.
    SignedIn,
    /// Signed out.
    SignedOut,
    /// Ready.
    Ready,
    /// Not ready.
    NotReady,
    /// Carried out: wrap-up, class, disposition, break after this call.
    Done,
    /// The PIN is to be dialled, then `#`.
    EnterPin,
    /// Seat or PIN is wrong.
    WrongPin,
    /// No such code.
    NotUnderstood,
    /// Not possible now.
    NotNow,
    /// This number may not be dialled from here.
    NotAllowed,
    /// Nobody is there.
    NobodyThere,
    /// A transfer needs a reason (R53).
    NoReason,
}

impl DeskPrompt {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::SignedIn,
        Self::SignedOut,
        Self::Ready,
        Self::NotReady,
        Self::Done,
        Self::EnterPin,
        Self::WrongPin,
        Self::NotUnderstood,
        Self::NotNow,
        Self::NotAllowed,
        Self::NobodyThere,
        Self::NoReason,
    ];

    /// The prompt's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignedIn => "desk-signed-in",
            Self::SignedOut => "desk-signed-out",
            Self::Ready => "desk-ready",
            Self::NotReady => "desk-not-ready",
            Self::Done => "desk-done",
            Self::EnterPin => "desk-enter-pin",
            Self::WrongPin => "desk-wrong-pin",
            Self::NotUnderstood => "desk-not-understood",
            Self::NotNow => "desk-not-now",
            Self::NotAllowed => "desk-not-allowed",
            Self::NobodyThere => "desk-nobody-there",
            Self::NoReason => "desk-no-reason",
        }
    }
}

/// The PIN of a seat, as a hash: it is nowhere shown and can't be read back.
#[derive(Clone)]
pub struct Pin {
    seat: Name,
    hash: [u8; 32],
}

/// Fewest and most digits of a PIN.
pub const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=12;

impl Pin {
    /// The PIN of a seat out of its digits.
    pub(crate) fn new(seat: &Name, digits: &str) -> Self {
        Self { seat: seat.clone(), hash: hash(seat, digits) }
    }

    /// The PIN of a seat out of the SHA-256 of `seat:pin`.
    pub(crate) fn hashed(seat: &Name, hash: [u8; 32]) -> Self {
        Self { seat: seat.clone(), hash }
    }

    /// Whether these are its digits. Takes as long for a wrong PIN as for the right one.
    pub fn is(&self, typed: &str) -> bool {
        let typed = typed.get(..typed.len().min(64)).unwrap_or_default();
        let other = hash(&self.seat, typed);
        let differs = self.hash.iter().zip(&other).fold(0, |all, (a, b)| std::hint::black_box(all | (a ^ b)));
        differs == 0
    }
}

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pin(hidden)")
    }
}

fn hash(seat: &str, digits: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seat);
    hash.update(":");
    hash.update(digits);
    hash.finalize().into()
}

/// What a seat's telephone is and may.
#[derive(Clone, Debug)]
pub struct SeatDesk {
    /// For `*10`; without one the seat is signed in by no code.
    pub pin: Option<Pin>,
    /// Its phone is asked to answer by itself (`Call-Info: answer-after=0`, `Alert-Info`).
    pub auto_answer: bool,
    /// The roles of [`crate::Outbound::roles`] whose numbers it may dial; none by default.
    pub dial: Vec<Name>,
    /// Most calls outside that it has at a time; that of [`crate::Outbound`] if it has none of its own.
    pub dial_limit: Option<u32>,
}

impl Default for SeatDesk {
    /// Without a PIN, dials nothing outside.
    fn default() -> Self {
        Self { pin: None, auto_answer: false, dial: Vec::new(), dial_limit: None }
    }
}
