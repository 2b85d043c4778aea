//! The telephone of a seat: `pin`, `auto_answer`, `dial`; and `[[phone]]`, at which any agent signs in.

use crate::declare::{Declared, Item, user_part};
use crate::finding::{Findings, Place};
use crate::names::twice;
use crate::people::{check_sha256, secret};
use crate::read::{Node, Table};
use crate::scope::Scope;
use crate::{PIN_DIGITS, Phone, Pin, Plan, SeatDesk, Secret};
use hotline_model::Name;
use std::collections::BTreeMap;

/// Most roles of one seat.
const MOST_ROLES: usize = 20;
/// Most calls outside that a seat may have at a time.
const MOST_CALLS: u32 = 100;

/// A seat's PIN as it is written.
#[derive(Clone, Debug, Default)]
pub(crate) enum Given {
    #[default]
    None,
    Digits(String),
    Hash([u8; 32]),
}

impl Given {
    pub(crate) fn of(&self, seat: &Name) -> Option<Pin> {
        match self {
            Self::None => None,
            Self::Digits(digits) => Some(Pin::new(seat, digits)),
            Self::Hash(hash) => Some(Pin::hashed(seat, *hash)),
        }
    }
}

/// PINs are only compared here; no message names one, and none stays in the plan.
#[derive(Debug, Default)]
pub(crate) struct Pins(BTreeMap<String, Name>);

impl Pins {
    /// Reads the PIN of the seats of one block.
    pub(crate) fn read(&mut self, table: &Table<'_>, names: &[Name], findings: &mut Findings) -> Given {
        let (pin, hash) = (table.get("pin"), table.get("pin_hash"));
        if let (Some(pin), Some(_)) = (pin, hash) {
            findings.error("HL106", &pin.place(), "both `pin` and `pin_hash`", "one of them is enough").help("keep `pin_hash`");
        }
        match (pin, hash) {
            (_, Some(node)) => hashed(&node, names, findings),
            (Some(node), None) => self.digits(&node, names, findings),
            (None, None) => Given::None,
        }
    }

    fn digits(&mut self, node: &Node<'_>, names: &[Name], findings: &mut Findings) -> Given {
        let Some(text) = node.text_as("the digits of a PIN in quotes", findings) else { return Given::None };
        if !PIN_DIGITS.contains(&text.value.len()) || !text.value.bytes().all(|b| b.is_ascii_digit()) {
            let label = format!("{} to {} digits 0-9 are needed", PIN_DIGITS.start(), PIN_DIGITS.end());
            findings.error("HL106", &text.place, "a PIN that can't be one", label);
            return Given::None;
        }
        if simple(text.value, names) {
            let help = "no row of digits, no repetition, not the seat's number; six random digits are good";
            findings.warning("HL107", &text.place, "a PIN that anybody would try first", "too simple").help(help);
        }
        let before = names.first().and_then(|name| self.0.insert(text.value.to_owned(), name.clone()));
        if let Some(other) = before.or_else(|| names.get(1).cloned()) {
            let message = format!("the same PIN as seat `{other}`");
            findings.warning("HL108", &text.place, message, "shared").help("give each seat its own, in a `[[seat]]` of its own");
        }
        Given::Digits(text.value.to_owned())
    }
}

fn hashed(node: &Node<'_>, names: &[Name], findings: &mut Findings) -> Given {
    let Some(text) = node.text(findings) else { return Given::None };
    if names.len() > 1 {
        let help = "the hash holds the seat's name: write these seats one by one";
        findings.error("HL106", &text.place, "one hash for several seats", "fits one seat at most").help(help);
    }
    let byte = |at: usize| u8::from_str_radix(text.value.get(at * 2..at * 2 + 2)?, 16).ok();
    let figures = text.value.len() == 64 && text.value.bytes().all(|b| b.is_ascii_hexdigit());
    let bytes: Option<Vec<u8>> = if figures { (0..32).map(byte).collect() } else { None };
    let Some(hash) = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()) else {
        let help = "the SHA-256 of `seat:pin`: printf '%s' '1001:PIN' | sha256sum";
        findings.error("HL106", &text.place, "not the hash of a PIN", "64 hexadecimal figures are needed").help(help);
        return Given::None;
    };
    Given::Hash(hash)
}

/// What is guessed first: one digit over and over, digits in a row, a part repeated, the seat's own number.
fn simple(pin: &str, names: &[Name]) -> bool {
    let digits = pin.as_bytes();
    let steps = |by: u8| digits.windows(2).all(|two| (two[0] - b'0' + by) % 10 == two[1] - b'0');
    let repeats =
        (1..=digits.len() / 2).any(|length| digits.len().is_multiple_of(length) && digits.chunks(length).all(|c| c == &digits[..length]));
    let own = |name: &Name| {
        let number: String = name.chars().filter(char::is_ascii_digit).collect();
        let backwards: String = number.chars().rev().collect();
        number == pin || backwards == pin || number.len() >= 3 && pin.trim_start_matches('0') == number.trim_start_matches('0')
    };
    steps(1) || steps(9) || repeats || names.iter().any(own)
}

/// Reads what a seat's telephone is and may, but for its PIN.
pub(crate) fn seat_desk(table: &Table<'_>, scope: &Scope<'_>, sign_in: bool, findings: &mut Findings) -> SeatDesk {
    let auto_answer = table.flag("auto_answer", findings).unwrap_or(false);
    if let (true, true, Some(node)) = (auto_answer, sign_in, table.get("auto_answer")) {
        let message = "a phone that answers by itself while nobody need be there";
        let label = "the seat is ready as soon as the phone registers";
        findings.warning("HL110", &node.place(), message, label).help("`sign_in = false`: an agent signs in before calls come");
    }
    let nodes = table.list("dial", findings);
    if let Some(node) = nodes.get(MOST_ROLES) {
        findings.error("HL009", &node.place(), format!("more than {MOST_ROLES} roles of a seat"), "one too many");
    }
    let mut dial: Vec<Name> = Vec::new();
    for text in nodes.iter().take(MOST_ROLES).filter_map(|node| node.text(findings)).collect::<Vec<_>>() {
        if scope.roles.find(text.value, &text.place, findings).is_some() && !dial.iter().any(|role| **role == *text.value) {
            dial.push(text.value.into());
        }
    }
    let dial_limit = table.get("dial_limit").and_then(|node| node.number(1..=MOST_CALLS, findings));
    SeatDesk { pin: None, auto_answer, dial, dial_limit }
}

/// Reads `[[phone]]`.
pub(crate) fn phones(items: &[Item<'_>], scope: &Scope<'_>, findings: &mut Findings) -> BTreeMap<String, Phone> {
    let mut phones = BTreeMap::default();
    for item in items {
        let (name, place) = (&item.name.value, &item.name.place);
        item.table.only(&["name", "password", "ha1", "sha256"], "a phone", findings);
        if scope.seats.get(name).is_some() {
            twice(&crate::said::both("seat or phone", "坐席或话机"), name, place, findings);
        }
        if user_part(name, place, findings) {
            let secret = phone_secret(&item.table, name, findings);
            let sha256 = item.table.flag("sha256", findings).unwrap_or(false) && check_sha256(&item.table, &secret, findings);
            phones.insert(name.to_string(), Phone { name: name.clone(), secret, sha256 });
        }
    }
    phones
}

fn phone_secret(table: &Table<'_>, name: &Name, findings: &mut Findings) -> Secret {
    let secret = secret(table, findings);
    if secret == Secret::None && table.get("password").is_none() && table.get("ha1").is_none() {
        let label = "neither `password` nor `ha1`";
        findings.error("HL004", &table.place(), format!("phone `{name}` can't register"), label).help("give it a `password`");
    }
    secret
}

/// Phones at which nobody can sign in.
pub(crate) fn check(plan: &Plan, declared: &Declared<'_>, findings: &mut Findings) {
    let pin = plan.seats.iter().any(|seat| !seat.retired && seat.desk.pin.is_some());
    if let (false, Some(phone)) = (pin || findings.has_errors(), declared.phones.first()) {
        let message = format!("nobody can sign in at phone `{}`", phone.name.value);
        findings.warning("HL118", &phone.name.place, message, "no seat has a PIN").help("`pin = \"...\"` in a `[[seat]]`");
    }
}

/// Feature codes can't be the hotline's own numbers: a seat that dials one means the code.
pub(crate) fn check_code(user: &str, place: &Place, findings: &mut Findings) {
    if let Some((code, _)) = crate::CODES.iter().find(|(code, _)| user.starts_with(code)) {
        let message = format!("`{}` begins with the feature code {code}", user.escape_debug());
        findings.error("HL112", place, message, "seats could never dial it").help("another number; *10 to *16 and *19 are taken");
    }
}
