use hotline_model::{Name, PhoneNumber};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A way to the telephone network: a gateway or a carrier's border.
#[derive(Clone, Debug)]
pub struct Trunk {
    /// Its name.
    pub name: Name,
    /// Where it is: a SIP URI without a user part.
    pub contact: String,
    /// The user part of our own address in the calls we make through it.
    pub from: Name,
    /// Most calls at a time.
    pub limit: u32,
    /// Whether it is asked by OPTIONS if it lives; one that doesn't is passed over.
    pub ping: bool,
    /// Where calls from it say which number was dialled.
    pub did_from: DidFrom,
    /// Whether its P-Asserted-Identity is believed (RFC 3325 4).
    pub asserted: bool,
}

/// Where an INVITE says which number was dialled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DidFrom {
    /// In its Request-URI.
    #[default]
    RequestUri,
    /// In To.
    To,
    /// In P-Called-Party-ID (RFC 7315 4.2).
    PCalledPartyId,
    /// In the oldest Diversion (RFC 5806): the number that was called first.
    Diversion,
    /// In the first entry of History-Info (RFC 7044).
    HistoryInfo,
}

impl DidFrom {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::RequestUri, Self::To, Self::PCalledPartyId, Self::Diversion, Self::HistoryInfo];

    /// Its word in the files.
    pub fn word(self) -> &'static str {
        match self {
            Self::RequestUri => "request-uri",
            Self::To => "to",
            Self::PCalledPartyId => "p-called-party-id",
            Self::Diversion => "diversion",
            Self::HistoryInfo => "history-info",
        }
    }
}

impl Trunk {
    /// The address of somebody behind it.
    pub fn target(&self, user: &str) -> String {
        let rest = self.contact.strip_prefix("sip:").unwrap_or(&self.contact);
        format!("sip:{user}@{rest}")
    }
}

/// Whom to call outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A telephone number.
    Number(PhoneNumber),
    /// A SIP address, called through the trunk.
    Uri(String),
}

/// Somebody outside who takes calls (R13): a partner, or a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// The partner's name, or the number.
    pub name: Name,
    /// Whom to call.
    pub callee: Callee,
    /// The trunks to try, by name, in this order.
    pub trunks: Vec<Name>,
}

/// Somebody outside who is called for a call that waits too long.
#[derive(Clone, Debug)]
pub struct OutsideOverflow {
    /// How long after the breach of the answer clock (K3).
    pub after: Duration,
    /// Whom.
    pub to: Arc<Outside>,
}

/// What may leave the house.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// Numbers that may be dialled; none by default.
    pub allow: Vec<Pattern>,
    /// How long somebody outside is rung.
    pub ring: Duration,
    /// Groups of numbers that seats may be given to dial (`[[outbound.role]]`). They open nothing to overflow and call-back, nor `allow` to seats.
    pub roles: Vec<DialRole>,
    /// Most calls outside that a seat without a limit of its own has at a time.
    pub seat_limit: u32,
    /// Most calls outside that all seats together have at a time.
    pub limit: u32,
}

/// A group of numbers that a seat may dial.
#[derive(Clone, Debug)]
pub struct DialRole {
    /// Its name in `dial`.
    pub name: Name,
    /// The numbers.
    pub allow: Vec<Pattern>,
}

impl Default for Outbound {
    fn default() -> Self {
        Self { allow: Vec::new(), ring: Duration::from_secs(30), roles: Vec::new(), seat_limit: 2, limit: 30 }
    }
}

impl Outbound {
    /// Whether a number may be dialled. Emergency numbers may not, whatever the patterns say: only a person calls them.
    pub fn allows(&self, number: &PhoneNumber) -> bool {
        !number.is_emergency() && self.allow.iter().any(|pattern| pattern.matches(number))
    }
}

/// A set of telephone numbers, like `1[3-9]x{9}`: digits, `x` for any, `[...]` for some, each with `{n}` or `{n,m}` behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    pub(crate) text: String,
    /// Which digits (bit n for n), at least and at most how often.
    pub(crate) parts: Vec<(u16, u8, u8)>,
}

impl Pattern {
    /// Whether it leaves open to which country.
    pub(crate) fn opens_the_world(&self) -> bool {
        self.text.starts_with("00") && self.parts.get(2).is_none_or(|(digits, ..)| digits.count_ones() > 1)
    }

    /// Whether it is the whole of a number. One that leads out of the country matches only a pattern that itself begins with `00`; nor does
    /// any pattern reach services by the minute (16...), emergency numbers behind an area code, or what is longer than any number of
    /// the country and so hides a carrier's code or a country's (17951 00 ..., 9 011 ...), unless it spells their beginning out.
    pub fn matches(&self, number: &PhoneNumber) -> bool {
        let digits = number.digits().as_bytes();
        if !self.text.as_bytes().starts_with(digits.get(..to_be_spelled(number)).unwrap_or(digits)) {
            return false;
        }
        // Bit n: the first n digits are matched by the parts so far.
        let mut reached: u32 = 1;
        for (allowed, least, most) in &self.parts {
            let mut after = if *least == 0 { reached } else { 0 };
            let mut now = reached;
            for count in 1..=*most {
                now = advance(now, *allowed, digits);
                if now == 0 {
                    break;
                }
                if count >= *least {
                    after |= now;
                }
            }
            reached = after;
        }
        reached & (1 << digits.len()) != 0
    }
}

/// How many digits of a number a pattern must spell out, so that nobody opens it by accident.
pub(super) fn to_be_spelled(number: &PhoneNumber) -> usize {
    let digits = number.digits();
    let subscriber = if digits.starts_with("01") || digits.starts_with("02") { 3 } else { 4 };
    let behind_area = digits.get(subscriber..).filter(|_| digits.starts_with('0')).unwrap_or_default();
    let mobile = digits.len() == 12 && digits.starts_with("01") && !digits.starts_with("010");
    match (digits.as_bytes().first(), digits.len()) {
        _ if number.is_abroad() => 2,
        (Some(b'0'), 13..) | (Some(b'1'), 12..) | (Some(b'9'), 10..) | (Some(b'2'..=b'8'), 11..) => 3,
        (Some(b'1'), length) if digits.starts_with("16") && length != 11 => 2,
        _ if behind_area.starts_with("16") && !mobile => subscriber + 2,
        _ if [behind_area, digits.trim_start_matches('0')].into_iter().any(is_emergency) && !number.is_emergency() => digits.len(),
        _ => 0,
    }
}

fn is_emergency(digits: &str) -> bool {
    PhoneNumber::parse(digits).is_ok_and(|number| number.is_emergency())
}

/// One more digit, if it is an allowed one, from each place reached.
fn advance(reached: u32, allowed: u16, digits: &[u8]) -> u32 {
    let fits = |(place, digit): (usize, &u8)| reached & (1 << place) != 0 && allowed & (1 << (digit - b'0')) != 0;
    digits.iter().enumerate().filter(|at| fits(*at)).fold(0, |next, (place, _)| next | 1 << (place + 1))
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
