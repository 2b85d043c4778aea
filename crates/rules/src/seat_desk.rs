//! The telephone of a seat: `pin`, `auto_answer`, `dial`; and `[[phone]]`, at which any agent signs in.

use crate::declare::{Declared, Item, SeatBlock, user_part};
use crate::finding::{Findings, Place};
use crate::names::twice;
use crate::people::{check_sha256, secret};
use crate::read::{Node, Table};
use crate::said::{both, said};
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
            findings
                .error(
                    "HL106",
                    &pin.place(),
                    both("both `pin` and `pin_hash`", "`pin` 和 `pin_hash` 都写了"),
                    both("one of them is enough", "一个就够"),
                )
                .help(both("keep `pin_hash`", "请保留 `pin_hash`"));
        }
        match (pin, hash) {
            (_, Some(node)) => hashed(&node, names, findings),
            (Some(node), None) => self.digits(&node, names, findings),
            (None, None) => Given::None,
        }
    }

    fn digits(&mut self, node: &Node<'_>, names: &[Name], findings: &mut Findings) -> Given {
        let Some(text) = node.text_as(both("the digits of a PIN in quotes", "带引号的 PIN 数字"), findings) else {
            return Given::None;
        };
        if !PIN_DIGITS.contains(&text.value.len()) || !text.value.bytes().all(|b| b.is_ascii_digit()) {
            let label = said!("{} to {} digits 0-9 are needed", "应为 {} 至 {} 位数字 0-9", PIN_DIGITS.start(), PIN_DIGITS.end());
            findings.error("HL106", &text.place, both("a PIN that can't be one", "不能用作 PIN"), label);
            return Given::None;
        }
        if simple(text.value, names) {
            let help = both(
                "no row of digits, no repetition, not the seat's number; six random digits are good",
                "不要用连续数字、重复数字或坐席号；六位随机数字最好",
            );
            findings
                .warning("HL107", &text.place, both("a PIN that anybody would try first", "谁都会先试的 PIN"), both("too simple", "太简单"))
                .help(help);
        }
        let before = names.first().and_then(|name| self.0.insert(text.value.to_owned(), name.clone()));
        if let Some(other) = before.or_else(|| names.get(1).cloned()) {
            let message = said!("the same PIN as seat `{other}`", "与坐席 `{other}` 的 PIN 相同");
            findings
                .warning("HL108", &text.place, message, both("shared", "共用"))
                .help(both("give each seat its own, in a `[[seat]]` of its own", "请把每个坐席单独写成 `[[seat]]`，各用各的 PIN"));
        }
        Given::Digits(text.value.to_owned())
    }
}

fn hashed(node: &Node<'_>, names: &[Name], findings: &mut Findings) -> Given {
    let Some(text) = node.text(findings) else { return Given::None };
    if names.len() > 1 {
        let help = both("the hash holds the seat's name: write these seats one by one", "哈希里含有坐席名：请逐个写这些坐席");
        findings
            .error(
                "HL106",
                &text.place,
                both("one hash for several seats", "多个坐席共用一个哈希"),
                both("fits one seat at most", "最多对应一个坐席"),
            )
            .help(help);
    }
    let byte = |at: usize| u8::from_str_radix(text.value.get(at * 2..at * 2 + 2)?, 16).ok();
    let figures = text.value.len() == 64 && text.value.bytes().all(|b| b.is_ascii_hexdigit());
    let bytes: Option<Vec<u8>> = if figures { (0..32).map(byte).collect() } else { None };
    let Some(hash) = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()) else {
        let help = both(
            "the SHA-256 of `seat:pin`: printf '%s' '1001:PIN' | sha256sum",
            "`坐席:PIN` 的 SHA-256：printf '%s' '1001:PIN' | sha256sum",
        );
        findings
            .error(
                "HL106",
                &text.place,
                both("not the hash of a PIN", "不是 PIN 的哈希"),
                both("64 hexadecimal figures are needed", "应为 64 位十六进制数字"),
            )
            .help(help);
        return Given::None;
    };
    Given::Hash(hash)
}

/// What is guessed first: one digit over and over, digits in a row, a part repeated, the seat's own number.
pub(crate) fn simple(pin: &str, names: &[Name]) -> bool {
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
        let message = both("a phone that answers by itself while nobody need be there", "话机自动接听，而坐席可能无人");
        let label = both("the seat is ready as soon as the phone registers", "话机一注册，坐席即就绪");
        findings
            .warning("HL110", &node.place(), message, label)
            .help(both("`sign_in = false`: an agent signs in before calls come", "`sign_in = false`：签入后才派来电"));
    }
    let nodes = table.list("dial", findings);
    if let Some(node) = nodes.get(MOST_ROLES) {
        findings.error(
            "HL009",
            &node.place(),
            said!("more than {MOST_ROLES} roles of a seat", "一个坐席的外拨角色超过 {MOST_ROLES} 个"),
            both("one too many", "多出的一个"),
        );
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
pub(crate) fn phones(items: &[Item<'_>], seats: &[SeatBlock<'_>], scope: &Scope<'_>, findings: &mut Findings) -> BTreeMap<String, Phone> {
    let mut phones = BTreeMap::default();
    for item in items {
        let (name, place) = (&item.name.value, &item.name.place);
        item.table.only(&["name", "password", "ha1", "sha256"], both("a phone", "公用话机"), findings);
        if scope.seats.get(name).is_some() {
            let more = twice(&crate::said::both("seat or phone", "坐席或话机"), name, place, findings);
            if let Some(block) = seats.iter().find(|block| block.names.contains(name)) {
                let named = block.table.get("name").or_else(|| block.table.get("range"));
                more.first(&named.map_or_else(|| block.table.place(), |node| node.place()));
            }
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
        let label = both("neither `password` nor `ha1`", "`password` 和 `ha1` 都没有");
        findings
            .error("HL004", &table.place(), said!("phone `{name}` can't register", "公用话机 `{name}` 无法注册"), label)
            .help(both("give it a `password`", "请写一个 `password`"));
    }
    secret
}

/// Phones at which nobody can sign in.
pub(crate) fn check(plan: &Plan, declared: &Declared<'_>, findings: &mut Findings) {
    let pin = plan.seats.iter().any(|seat| !seat.retired && seat.desk.pin.is_some());
    if let (false, Some(phone)) = (pin || findings.has_errors(), declared.phones.first()) {
        let message = said!("nobody can sign in at phone `{}`", "没有人能在公用话机 `{}` 上签入", phone.name.value);
        findings
            .warning("HL118", &phone.name.place, message, both("no seat has a PIN", "没有坐席有 PIN"))
            .help(both("`pin = \"...\"` in a `[[seat]]`", "请在 `[[seat]]` 里写 `pin = \"...\"`"));
    }
}

/// Feature codes can't be the hotline's own numbers: a seat that dials one means the code.
pub(crate) fn check_code(user: &str, place: &Place, findings: &mut Findings) {
    if let Some((code, _)) = crate::CODES.iter().find(|(code, _)| user.starts_with(code)) {
        let message = said!("`{}` begins with the feature code {code}", "`{}` 以功能码 {code} 开头", user.escape_debug());
        findings
            .error("HL112", place, message, both("seats could never dial it", "坐席永远拨不到它"))
            .help(both("another number; *10 to *16 and *19 are taken", "请换号码；*10 至 *16 和 *19 已被占用"));
    }
}
