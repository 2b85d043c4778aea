//! What a test gives: who calls what and when, which keys, and what the seats are at.

use super::{all_names, named, unknown};
use crate::finding::Findings;
use crate::hours::not_a_day;
use crate::read::{Node, Table};
use crate::said::{both, code, said};
use crate::values::OddDay;
use crate::{LookupSource, Plan, Said, values};
use hotline_model::{Name, NotReadyReason, NumberingPlan, QueueId, Reading, SeatId, WallTime};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::time::Duration;

const GIVEN: [&str; 18] = [
    "from",
    "privacy",
    "announcement",
    "to",
    "at",
    "keys",
    "customer",
    "lookup",
    "owner",
    "last",
    "seats",
    "outside",
    "reply_late",
    "waiting",
    "hangs_up",
    "agent_hangs_up",
    "lasts",
    "message",
];
/// How long a phone rings before it is answered, where nothing is said about it.
const RINGS: Duration = Duration::from_secs(2);
/// How long somebody outside lets it ring.
const OUTSIDE_RINGS: Duration = Duration::from_secs(3);
/// How long a rehearsal lasts at most, where nothing is said about it.
const LASTS: Duration = Duration::from_secs(300);
const LONGEST: Duration = Duration::from_secs(4 * 3_600);
const MOST_WAITING: u32 = 50;
const MOST_KEYS: usize = 200;
/// Replies of which it is said how late they are.
const MOST_REPLIES: usize = 50;
/// A reply that is later is never heard, whatever the rules say: their limit is 3 s (R10).
const LATEST: Duration = Duration::from_secs(60);
/// Years of a rehearsal: the last of the calendar is too near its end to look beyond.
const YEARS: std::ops::RangeInclusive<u32> = 1970..=9998;
const SEAT_WORDS: &str =
    "`ready`, `answers 5s`, `no_answer`, `rejects 486`, `silent`, `busy 20s`, `not_ready meal`, `unreachable`, `signed_out`";

const OUTSIDE_WORDS: &str = "`answers 5s`, `no_answer`, `rejects 486`, `silent`";

/// A call, and the house into which it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Situation {
    /// The caller's number; `None`: withheld.
    pub from: Option<String>,
    /// The caller asks that the number be withheld (RFC 3323).
    pub privacy: bool,
    /// Announcements that are switched on.
    pub announcements: Vec<Name>,
    /// What is dialled.
    pub to: String,
    /// When.
    pub at: WallTime,
    /// Keys.
    pub keys: Vec<KeyPress>,
    /// The seat that owns an open matter of the caller (R57).
    pub owner: Option<SeatId>,
    /// The seat that had the caller last (R43).
    pub last: Option<SeatId>,
    /// What the seats are at that are named.
    pub seats: BTreeMap<SeatId, SeatGiven>,
    /// What all others are at.
    pub others: SeatGiven,
    /// What everybody outside does who is called.
    pub outside: SeatGiven,
    /// What sources of look-ups do that are named; all others do not know the number.
    pub lookups: BTreeMap<Name, LookupGiven>,
    /// How late the voice's replies to the caller are heard.
    pub replies: Replies,
    /// Calls that wait before this one.
    pub waiting: BTreeMap<QueueId, u32>,
    /// The caller hangs up so long after dialling.
    pub hangs_up: Option<Duration>,
    /// The agent who answers hangs up so long afterwards.
    pub agent_hangs_up: Option<Duration>,
    /// The caller speaks so long when asked for a message; not at all if it is left out.
    pub message: Option<Duration>,
    /// How long it is looked at; it ends with the answer, if `talks` is not set.
    pub lasts: Duration,
    /// It is looked at for all of `lasts`, the conversation too.
    pub talks: bool,
    /// It is looked at until its record is complete.
    pub recorded: bool,
}

impl Situation {
    /// It is looked at until its record is complete: a caller of whom nothing else is said hangs up a minute after dialling.
    pub(super) fn watch_to_its_end(&mut self) {
        (self.talks, self.recorded) = (true, true);
        self.hangs_up = self.hangs_up.or(Some(Duration::from_secs(60)));
    }
}

/// A key, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPress {
    /// At the next turn of a menu.
    Next(char),
    /// A turn of a menu is let pass in silence.
    Silence,
    /// So long after the call was dialled.
    At(char, Duration),
}

/// What a seat is at as the call comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatGiven {
    /// Ready; the phone is answered after so long.
    Answers(Duration),
    /// Ready; the phone rings and nobody answers.
    RingsOut,
    /// Ready; the phone refuses with this status.
    Refuses(u16),
    /// Ready as far as anybody knows, but the phone says nothing.
    Silent,
    /// In a call; it is over so long after the call came, and the agent ready at once.
    Busy(Duration),
    /// Signed in, takes no calls.
    NotReady(NotReadyReason),
    /// The phone is not registered.
    Unreachable,
    /// Not at work.
    SignedOut,
}

/// How late what the voice says in answer to the caller is heard, what it says again included (R10, K2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replies {
    /// Each so late.
    Each(Duration),
    /// One after the other; those that follow at once.
    InTurn(Vec<Duration>),
}

impl Default for Replies {
    fn default() -> Self {
        Self::Each(Duration::ZERO)
    }
}

/// What a source of look-ups does as it is asked about the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupGiven {
    /// Answers at once: columns and values.
    Says(Vec<(String, String)>),
    /// Answers at once that it does not know the number.
    Unknown,
    /// Fails.
    Fails,
    /// Does not answer.
    Silent,
}

impl Situation {
    /// A call at a time to the first number of the rules, from a number that nobody knows, with everybody ready.
    pub fn new(plan: &Plan, at: WallTime) -> Self {
        Self {
            from: Some("13900000001".into()),
            privacy: false,
            announcements: Vec::new(),
            to: plan.numbers.first().map(|number| number.name.to_string()).unwrap_or_default(),
            at,
            keys: Vec::new(),
            owner: None,
            last: None,
            seats: BTreeMap::new(),
            others: SeatGiven::Answers(RINGS),
            outside: SeatGiven::Answers(OUTSIDE_RINGS),
            lookups: BTreeMap::new(),
            replies: Replies::default(),
            waiting: BTreeMap::new(),
            hangs_up: None,
            agent_hangs_up: None,
            message: None,
            lasts: LASTS,
            talks: false,
            recorded: false,
        }
    }

    /// What a seat is at.
    pub fn seat(&self, seat: SeatId) -> SeatGiven {
        self.seats.get(&seat).copied().unwrap_or(self.others)
    }
}

/// Digits of a country's code (E.164 6.2.1): no more behind a `+` are nobody's number.
const LONGEST_COUNTRY: usize = 3;

/// A caller's number as commands and tests write it, with or without `+`, blanks and hyphens, in full-width figures, or as an address of RFC 3966
/// or RFC 3261; `None` for `withheld`, and for what networks write
/// instead of a number that is withheld (`sip:anonymous@anonymous.invalid`, RFC 3323).
///
/// # Errors
/// What is no number.
pub fn parse_caller(text: &str) -> Result<Option<String>, Said> {
    if matches!(text, "withheld" | "anonymous") {
        return Ok(None);
    }
    let plain: String = text.trim().chars().map(|c| crate::fixes::narrow(c).unwrap_or(c)).collect();
    let number = of_uri(&plain).unwrap_or(plain);
    if !number.is_empty() && NumberingPlan::default().read(&number) == Reading::Withheld {
        return Ok(None);
    }
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let country_alone = number.starts_with('+') && digits <= LONGEST_COUNTRY;
    let good = digits > 0 && !country_alone && number.chars().all(|c| c.is_ascii_digit() || " +-().".contains(c));
    good.then_some(Some(number)).ok_or_else(|| {
        let text = text.escape_debug();
        said!(
            "`{text}` is no telephone number: write `13800138000`, `+8613800138000` or `withheld`",
            "`{text}` 不是电话号码：请写 `13800138000`、`+8613800138000` 或 `withheld`（隐藏号码）"
        )
    })
}

/// The number in `tel:` (RFC 3966, with its context before a local one), `sip:` or `sips:` (RFC 3261 section 19.1).
fn of_uri(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once(':')?;
    match scheme.to_ascii_lowercase().as_str() {
        "tel" => {
            let mut parts = rest.split(';');
            let number = parts.next()?.to_owned();
            let context = parts.find_map(|part| part.strip_prefix("phone-context=")).filter(|context| context.starts_with('+'));
            Some(context.filter(|_| !number.starts_with('+')).map_or(number.clone(), |context| format!("{context}{number}")))
        }
        "sip" | "sips" => Some(rest.split(['@', ';']).next()?.to_owned()),
        _ => None,
    }
}

/// Makes the caller somebody whom the rules know by name.
///
/// # Errors
/// In words.
pub fn give_customer(situation: &mut Situation, name: &str, plan: &Plan) -> Result<(), Said> {
    let Some(customer) = plan.customers.iter().find(|customer| &*customer.name == name) else {
        return Err(said!("the rules have no customer `{}`", "规则里没有客户 `{}`", name.escape_debug()));
    };
    if let Some(number) = &customer.number {
        situation.from = Some(number.clone());
    }
    Ok(())
}

/// What a source of look-ups does, as tests write it: `crm = { customer_type = "vip" }`, or `crm=timeout`.
///
/// # Errors
/// In words.
pub fn give_lookup(situation: &mut Situation, text: &str, plan: &Plan) -> Result<(), Said> {
    let word = text.split_once('=').filter(|(_, word)| LOOKUP_WORDS.iter().any(|(known, _)| *known == word.trim()));
    let text = word.map_or(text.to_owned(), |(name, word)| format!("{name} = \"{}\"", word.trim()));
    let mut findings = Findings::default();
    let file = crate::read::File { index: 0, text: &text };
    if let Some(root) = crate::load::parse(file, &mut findings) {
        lookups(situation, &Table::root(file, &root), plan, &mut findings);
    }
    findings.sorted(&[0]).into_iter().next().map_or(Ok(()), |found| Err(found.message))
}

/// How late replies are, as commands write it: `4s` is each, `4s,0s` one after the other.
///
/// # Errors
/// In words.
pub fn parse_replies(text: &str) -> Result<Replies, Said> {
    let late = |part: &str| {
        values::duration(part.trim()).filter(|late| *late <= LATEST).ok_or_else(|| {
            let part = part.escape_debug();
            said!("`{part}` is no time of up to 60 s, like `4s`", "`{part}` 不是 60 秒以内的时间，正确写法如 `4s`")
        })
    };
    if !text.contains(',') {
        return late(text).map(Replies::Each);
    }
    let all: Vec<Duration> = text.split(',').map(late).collect::<Result<_, _>>()?;
    if all.len() > MOST_REPLIES { Err(too_many_replies()) } else { Ok(Replies::InTurn(all)) }
}

fn too_many_replies() -> Said {
    said!("more than {MOST_REPLIES} replies", "语音应答超过 {MOST_REPLIES} 个")
}

/// A moment: RFC 3339, or a date and time in the zone of the rules, that of their first calendar.
///
/// # Errors
/// In words.
pub fn parse_moment(text: &str, plan: &Plan) -> Result<WallTime, Said> {
    let year = text.trim_start_matches('+').split('-').next().filter(|year| year.len() >= 4).and_then(|year| year.parse().ok());
    if year.is_some_and(|year: u32| !YEARS.contains(&year)) {
        let (text, first, last) = (text.escape_debug(), YEARS.start(), YEARS.end());
        return Err(said!("`{text}` is out of range: years are {first} to {last}", "`{text}` 超出范围：年份为 {first} 至 {last}"));
    }
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Ok(WallTime(instant.as_microsecond()));
    }
    let zone = plan.calendars.first().map_or(TimeZone::UTC, |calendar| calendar.zone.clone());
    let local = text.parse::<jiff::civil::DateTime>().ok().and_then(|local| local.to_zoned(zone).ok());
    let local = local.map(|zoned| WallTime(zoned.timestamp().as_microsecond()));
    local.ok_or_else(|| {
        let day = text.split(['T', 't', ' ']).next().unwrap_or_default();
        if let Some(OddDay::NoSuchDay { .. } | OddDay::NoSuchMonth(_)) = values::odd_day(day) {
            return not_a_day(day).0;
        }
        said!(
            "`{}` is no date and time: write `2026-11-18T10:00`, or with an offset `2026-11-18T10:00:00+08:00`",
            "`{}` 不是日期和时间：请写 `2026-11-18T10:00`，或带上时差 `2026-11-18T10:00:00+08:00`",
            text.escape_debug()
        )
    })
}

/// Keys: `21`, `2,1`; `-` lets a turn of the menu pass in silence; `1@5s` is pressed 5 s after dialling.
///
/// # Errors
/// In words.
pub fn parse_keys(text: &str) -> Result<Vec<KeyPress>, Said> {
    let mut keys = Vec::new();
    for part in text.split([',', ' ']).filter(|part| !part.is_empty()) {
        if let Some((key, after)) = part.split_once('@') {
            let mut chars = key.chars();
            let timed = chars.next().filter(|c| is_key(*c) && chars.next().is_none()).zip(values::duration(after));
            let (key, after) = timed.ok_or_else(|| {
                said!("`{}` is no key with its time, like `1@5s`", "`{}` 不是按键加时间，正确写法如 `1@5s`", part.escape_debug())
            })?;
            keys.push(KeyPress::At(key, after));
            continue;
        }
        for c in part.chars() {
            keys.push(match c {
                '-' => KeyPress::Silence,
                c if is_key(c) => KeyPress::Next(c),
                c => {
                    return Err(said!(
                        "`{}` is no key: 0-9, `*`, `#`, or `-` for none",
                        "`{}` 不是按键：可用 0-9、`*`、`#`，`-` 表示不按",
                        c.escape_debug()
                    ));
                }
            });
        }
    }
    if keys.len() > MOST_KEYS { Err(said!("more than {MOST_KEYS} keys", "按键超过 {MOST_KEYS} 个")) } else { Ok(keys) }
}

fn is_key(c: char) -> bool {
    matches!(c, '0'..='9' | '*' | '#')
}

/// What a seat is at, in words: `ready`, `answers 5s`, `no_answer`, `rejects 486`, `silent`, `busy 20s`, `not_ready meal`, `unreachable`, `signed_out`.
///
/// # Errors
/// In words.
pub fn parse_seat(text: &str) -> Result<SeatGiven, Said> {
    let mut words = text.split_whitespace();
    let (word, more) = (words.next().unwrap_or_default(), words.next());
    let time = || more.and_then(values::duration).filter(|time| *time <= LONGEST);
    let given = match (word, more) {
        ("ready", None) => Some(SeatGiven::Answers(RINGS)),
        ("answers", Some(_)) => time().map(SeatGiven::Answers),
        ("no_answer", None) => Some(SeatGiven::RingsOut),
        ("rejects", Some(code)) => code.parse().ok().filter(|code| (400..=699).contains(code)).map(SeatGiven::Refuses),
        ("silent", None) => Some(SeatGiven::Silent),
        ("busy", None) => Some(SeatGiven::Busy(LONGEST)),
        ("busy", Some(_)) => time().map(SeatGiven::Busy),
        ("not_ready", why) => reason(why.unwrap_or("other")).map(SeatGiven::NotReady),
        ("unreachable", None) => Some(SeatGiven::Unreachable),
        ("signed_out", None) => Some(SeatGiven::SignedOut),
        _ => None,
    };
    given.filter(|_| words.next().is_none()).ok_or_else(|| {
        let text = text.escape_debug();
        said!("`{text}` is nothing that a seat can be at: {SEAT_WORDS}", "坐席没有 `{text}` 这种状态，可用：{SEAT_WORDS}")
    })
}

fn reason(word: &str) -> Option<NotReadyReason> {
    Some(match word {
        "break" => NotReadyReason::Break,
        "meal" => NotReadyReason::Meal,
        "meeting" => NotReadyReason::Meeting,
        "training" => NotReadyReason::Training,
        "other" => NotReadyReason::Other,
        "rona" => NotReadyReason::Rona,
        "off_shift" => NotReadyReason::OffShift,
        _ => return None,
    })
}

/// Reads what is given; the first of the tables that has a key counts.
pub(super) fn read(test: &Table<'_>, layers: &[&Table<'_>], plan: &Plan, findings: &mut Findings) -> Option<Situation> {
    for layer in layers {
        layer.only(&GIVEN, code("`given`"), findings);
    }
    let get = |key: &str| layers.iter().find_map(|layer| layer.get(key));
    let at = get("at");
    if at.is_none() {
        let found = findings.error(
            "HL004",
            &test.place(),
            both("a test without a time", "测试没有写时间"),
            both("`given.at` is missing here", "此处缺少 `given.at`"),
        );
        found.help(both("like `at = 2026-11-18T10:00:00`", "写法如 `at = 2026-11-18T10:00:00`"));
    }
    let at = at.and_then(|at| moment(&at, plan, findings));
    let mut situation = Situation::new(plan, at.unwrap_or_default());
    if let Some(from) = get("from").and_then(|node| node.text(findings)) {
        match parse_caller(from.value) {
            Ok(from) => situation.from = from,
            Err(why) => drop(findings.error("HL005", &from.place, &why, both("not a number", "不是号码"))),
        }
    }
    if let Some(node) = get("privacy") {
        situation.privacy = node.as_flag().unwrap_or_else(|| {
            node.wrong(&crate::read::TRUE_OR_FALSE, findings);
            false
        });
    }
    if let Some(node) = get("announcement") {
        let names: Vec<&str> = plan.announcements.iter().map(|one| &*one.name).collect();
        let nodes = if node.as_text().is_some() { vec![node] } else { node.list(findings) };
        let found = nodes.iter().filter_map(|node| named(node, &both("announcement", "公告"), &names, findings));
        situation.announcements = found.map(Name::from).collect();
    }
    if let Some(customer) = get("customer") {
        let known = customer.as_text().and_then(|name| plan.customers.iter().find(|known| *known.name == *name));
        if known.is_none() {
            let names: Vec<&str> = plan.customers.iter().filter(|one| !one.is_named_by_number()).map(|one| &*one.name).collect();
            named(&customer, &both("customer", "客户"), &names, findings);
        }
        let number = known.and_then(|customer| customer.number.clone());
        situation.from = number.or(situation.from);
    }
    if let Some(to) = get("to").and_then(|node| node.text(findings)) {
        situation.to = to.value.to_owned();
    }
    if let Some(node) = get("keys") {
        situation.keys = keys(&node, findings);
    }
    let seat = |key: &str, findings: &mut Findings| get(key).and_then(|node| seat(&node, plan, findings));
    situation.owner = seat("owner", findings);
    situation.last = seat("last", findings);
    for layer in layers.iter().rev() {
        seats(&mut situation, layer, plan, findings);
    }
    if let Some(node) = get("outside") {
        situation.outside = outside(&node, findings).unwrap_or(situation.outside);
    }
    if let Some(node) = get("reply_late") {
        situation.replies = replies(&node, findings);
    }
    if let Some(table) = get("lookup").and_then(|node| node.table(findings)) {
        lookups(&mut situation, &table, plan, findings);
    }
    if let Some(table) = get("waiting").and_then(|node| node.table(findings)) {
        waiting(&mut situation, &table, plan, findings);
    }
    situation.message = get("message").and_then(|node| node.duration(findings)).map(|at| at.value);
    situation.hangs_up = get("hangs_up").and_then(|node| node.duration(findings)).map(|at| at.value);
    situation.agent_hangs_up = get("agent_hangs_up").and_then(|node| node.duration(findings)).map(|at| at.value);
    situation.talks |= situation.agent_hangs_up.is_some();
    if let Some(lasts) = get("lasts").and_then(|node| node.duration(findings)) {
        if lasts.value > LONGEST {
            findings.error("HL007", &lasts.place, both("a rehearsal lasts 4 h at most", "预演最长 4 小时"), both("too long", "太长了"));
        }
        (situation.lasts, situation.talks) = (lasts.value, true);
    }
    at.map(|_| situation)
}

fn moment(node: &Node<'_>, plan: &Plan, findings: &mut Findings) -> Option<WallTime> {
    let text = node.as_moment().or_else(|| node.as_text().map(str::to_owned)).unwrap_or_default();
    let moment = match node.as_date() {
        Some(day) => Err(said!("`{day}` has no time of day: write `{day}T10:00:00`", "`{day}` 没有时刻：请写 `{day}T10:00:00`")),
        None => parse_moment(&text, plan),
    };
    if let Err(why) = &moment {
        findings.error("HL005", &node.place(), why, both("not a moment", "不是日期和时间"));
    }
    moment.ok()
}

fn keys(node: &Node<'_>, findings: &mut Findings) -> Vec<KeyPress> {
    if node.as_text().is_none() && node.as_list().is_none() {
        node.wrong(&both("a text in quotes", "带引号的文本"), findings);
        return Vec::new();
    }
    let nodes = if node.as_text().is_some() { vec![*node] } else { node.list(findings) };
    let mut all = Vec::new();
    for text in nodes.iter().filter_map(|node| node.text(findings)).collect::<Vec<_>>() {
        match parse_keys(text.value) {
            Ok(keys) => all.extend(keys),
            Err(why) => drop(findings.error("HL005", &text.place, why, both("not keys", "不是按键"))),
        }
    }
    all
}

fn seat(node: &Node<'_>, plan: &Plan, findings: &mut Findings) -> Option<SeatId> {
    let names: Vec<&str> = plan.seats.iter().filter(|seat| !seat.retired).map(|seat| &*seat.name).collect();
    named(node, &both("seat", "坐席"), &names, findings).and_then(|name| plan.seat_names.get(&name).copied())
}

fn seats(situation: &mut Situation, layer: &Table<'_>, plan: &Plan, findings: &mut Findings) {
    let Some(table) = layer.get("seats").and_then(|node| node.table(findings)) else { return };
    let names: Vec<&str> = plan.seats.iter().filter(|seat| !seat.retired).map(|seat| &*seat.name).collect();
    for (key, node) in table.entries() {
        let Some(text) = node.text(findings) else { continue };
        let given = parse_seat(text.value);
        match (given, plan.seat_names.get(key.value)) {
            (Err(why), _) => drop(findings.error("HL006", &text.place, why, both("not a state of a seat", "不是坐席的状态"))),
            (Ok(given), _) if key.value == "*" => {
                situation.others = given;
                situation.seats.clear();
            }
            (Ok(given), Some(seat)) => drop(situation.seats.insert(*seat, given)),
            (Ok(_), None) => {
                let help = crate::suggest::did_you_mean(key.value, names.iter().copied());
                let all = || both("a seat's name, or `\"*\"` for all that are not named", "请写坐席的名字，或用 `\"*\"` 表示其余所有坐席");
                unknown(&both("seat", "坐席"), key.value, &key.place, help.unwrap_or_else(all), findings);
            }
        }
    }
}

/// `outside = "rejects 486"`: what everybody does who is called outside.
fn outside(node: &Node<'_>, findings: &mut Findings) -> Option<SeatGiven> {
    let text = node.text(findings)?;
    let given = parse_outside(text.value);
    if let Err(why) = &given {
        findings.error("HL006", &text.place, why, both("not what a telephone does", "电话没有这种反应"));
    }
    given.ok()
}

/// `reply_late = "4s"`: each is; `["4s", "0s"]`: the first is, and the second not.
fn replies(node: &Node<'_>, findings: &mut Findings) -> Replies {
    let late = |node: &Node<'_>, findings: &mut Findings| {
        let late = node.duration(findings)?;
        if late.value > LATEST {
            let message = both("a reply that is more than 60 s late", "语音应答迟到超过 60 秒");
            let label = both("the caller heard nothing long before", "早已算没有听到");
            findings.error("HL007", &late.place, message, label);
        }
        Some(late.value)
    };
    if node.as_list().is_none() {
        return late(node, findings).map(Replies::Each).unwrap_or_default();
    }
    let nodes = node.list(findings);
    if let Some(node) = nodes.get(MOST_REPLIES) {
        findings.error("HL009", &node.place(), too_many_replies(), both("one too many", "多出的一个"));
    }
    Replies::InTurn(nodes.iter().filter_map(|node| late(node, findings)).collect())
}

/// What a telephone outside does, in words: `answers 5s`, `no_answer`, `rejects 486`, `silent`.
///
/// # Errors
/// In words.
pub fn parse_outside(text: &str) -> Result<SeatGiven, Said> {
    let phones = |given: &SeatGiven| match given {
        SeatGiven::Answers(_) | SeatGiven::RingsOut | SeatGiven::Refuses(_) | SeatGiven::Silent => true,
        SeatGiven::Busy(_) | SeatGiven::NotReady(_) | SeatGiven::Unreachable | SeatGiven::SignedOut => false,
    };
    parse_seat(text).ok().filter(phones).ok_or_else(|| {
        let text = text.escape_debug();
        said!("`{text}` is nothing that somebody outside does: {OUTSIDE_WORDS}", "外部电话没有 `{text}` 这种反应，可用：{OUTSIDE_WORDS}")
    })
}

const LOOKUP_WORDS: [(&str, LookupGiven); 3] =
    [("timeout", LookupGiven::Silent), ("failed", LookupGiven::Fails), ("unknown", LookupGiven::Unknown)];

/// `lookup = { crm = { customer_type = "vip" } }`, or `crm = "timeout"`.
fn lookups(situation: &mut Situation, table: &Table<'_>, plan: &Plan, findings: &mut Findings) {
    let names: Vec<&str> = plan.lookups.iter().map(|lookup| &*lookup.name).collect();
    for (key, node) in table.entries() {
        if !names.contains(&key.value) {
            let help = crate::suggest::did_you_mean(key.value, names.iter().copied());
            unknown(&both("look-up", "查询"), key.value, &key.place, help.unwrap_or_else(|| all_names(&names)), findings);
        } else if plan.lookups.iter().any(|one| &*one.name == key.value && matches!(*one.source, LookupSource::Csv { .. })) {
            let message = said!("look-up `{}` answers from its file", "查询 `{}` 由它的文件答复", key.value);
            let label = both("what is given here would not be heard", "这里写的不起作用");
            let help = both("key a value of the file, or one that it lacks", "请输入文件里有的号码，或没有的号码");
            findings.error("HL005", &key.place, message, label).help(help);
        } else if let Some(given) = lookup(&node, plan, findings) {
            situation.lookups.insert(Name::from(key.value), given);
        }
    }
}

fn lookup(node: &Node<'_>, plan: &Plan, findings: &mut Findings) -> Option<LookupGiven> {
    if let Some(word) = node.as_text() {
        let known = LOOKUP_WORDS.into_iter().find(|(known, _)| *known == word).map(|(_, given)| given);
        if known.is_none() {
            let label = both("not one of the words", "不在可选的词之中");
            let help = both(
                "`\"timeout\"`, `\"failed\"`, `\"unknown\"`, or a table with what it answers",
                "可写 `\"timeout\"`、`\"failed\"`、`\"unknown\"`，或用表写出它的答复",
            );
            findings.error("HL006", &node.place(), said!("`{word}` is not allowed here", "这里不能写 `{word}`"), label).help(help);
        }
        return known;
    }
    let mut said = Vec::new();
    for (key, node) in node.table(findings)?.entries() {
        let Some(value) = crate::lookups::cell(&node) else {
            node.wrong(&both("a text in quotes", "带引号的文本"), findings);
            continue;
        };
        let one = [(key.value.to_owned(), value)];
        if !plan.understand(&one).ignored.is_empty() {
            let message = said!("`{} = {}` means nothing in an answer", "答复中的 `{} = {}` 没有意义", key.value, one[0].1.escape_debug());
            findings.error("HL005", &key.place, message, both("it would be left out", "不会被采用"));
        }
        said.extend(one);
    }
    Some(LookupGiven::Says(said))
}

fn waiting(situation: &mut Situation, table: &Table<'_>, plan: &Plan, findings: &mut Findings) {
    let names: Vec<&str> = plan.queues.iter().filter(|queue| !queue.retired).map(|queue| &*queue.name).collect();
    for (key, node) in table.entries() {
        let count = node.number(0..=MOST_WAITING, findings);
        match (plan.queue_names.get(key.value), count) {
            (Some(queue), Some(count)) => drop(situation.waiting.insert(*queue, count)),
            (Some(_), None) => {}
            (None, _) => {
                let help = crate::suggest::did_you_mean(key.value, names.iter().copied());
                let help = help.unwrap_or_else(|| all_names(&names));
                unknown(&both("queue", "排队"), key.value, &key.place, help, findings);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_pressed_in_turn_let_pass_or_at_a_time() {
        assert_eq!(parse_keys("2,1"), Ok(vec![KeyPress::Next('2'), KeyPress::Next('1')]));
        assert_eq!(parse_keys("-*"), Ok(vec![KeyPress::Silence, KeyPress::Next('*')]));
        assert_eq!(parse_keys("8@20s"), Ok(vec![KeyPress::At('8', Duration::from_secs(20))]));
        for wrong in ["a", "1@", "@5s", "12@5s", "1@x", "１"] {
            assert!(parse_keys(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_seat_is_at_one_of_nine_things() {
        let seconds = Duration::from_secs;
        assert_eq!(parse_seat("ready"), Ok(SeatGiven::Answers(RINGS)));
        assert_eq!(parse_seat("answers 5s"), Ok(SeatGiven::Answers(seconds(5))));
        assert_eq!(parse_seat("rejects 486"), Ok(SeatGiven::Refuses(486)));
        assert_eq!(parse_seat("busy 20s"), Ok(SeatGiven::Busy(seconds(20))));
        assert_eq!(parse_seat("not_ready meal"), Ok(SeatGiven::NotReady(NotReadyReason::Meal)));
        for wrong in ["", "redy", "ready 5s", "answers", "answers x", "rejects 200", "busy 20s 3", "not_ready tea", "busy 99h"] {
            assert!(parse_seat(wrong).is_err(), "{wrong}");
        }
    }
}
