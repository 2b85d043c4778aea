//! `[[trunk]]`, `[[partner]]`, `[outbound]`, and the outside targets of a queue's `overflow` (R13).

use crate::declare::{Declared, Item};
use crate::finding::{At, Findings, Place};
use crate::fixes::respelt;
use crate::pattern::pattern;
use crate::read::{Node, Table};
use crate::said::{both, code, said};
use crate::scope::{Scope, small};
use crate::timers::holder;
use crate::way_out::refuse;
use crate::{Callee, DialRole, DidFrom, Helper, Outbound, Outside, OutsideOverflow, Pattern, Timers, Trunk, contact};
use hotline_model::{Name, NotANumber, PhoneNumber, QueueId, SeatId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Calls of a trunk without a limit of its own: the channels of a primary rate interface.
const DEFAULT_LIMIT: u32 = 30;
/// Most number patterns.
const MOST_PATTERNS: usize = 200;
/// Most trunks that are tried for one call.
const MOST_TRUNKS: usize = 8;
const TARGET: [&str; 5] = ["seat", "number", "partner", "after", "trunk"];
/// Most targets of one queue.
const MOST_TARGETS: usize = 8;
/// Longest time after a breach until somebody outside is called.
const LONGEST_AFTER: Duration = Duration::from_secs(3_600);
const RINGS: std::ops::RangeInclusive<Duration> = Duration::from_secs(5)..=Duration::from_secs(120);

/// What is known of the world outside when queues are read.
#[derive(Debug, Default)]
pub(crate) struct Outsiders {
    pub(crate) trunks: Vec<Trunk>,
    pub(crate) outbound: Outbound,
    partners: BTreeMap<Name, Arc<Outside>>,
    /// Our own numbers by name and alias, which are never dialled.
    own: Vec<PhoneNumber>,
}

pub(crate) fn outsiders(declared: &Declared<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Outsiders {
    let trunks = declared.trunks.iter().filter_map(|item| trunk(item, findings)).collect();
    let outbound = outbound(&declared.outbound, &declared.roles, findings);
    let mut known = Outsiders { trunks, outbound, partners: BTreeMap::new(), own: own_numbers(declared) };
    for item in &declared.partners {
        if let Some(partner) = partner(item, &known, scope, findings) {
            known.partners.insert(item.name.value.clone(), Arc::new(partner));
        }
    }
    known
}

fn own_numbers(declared: &Declared<'_>) -> Vec<PhoneNumber> {
    let aliases = declared.numbers.iter().filter_map(|item| item.table.get("aliases")?.as_list()).flatten();
    let aliases = aliases.filter_map(|node| node.as_text().map(PhoneNumber::parse));
    let names = declared.numbers.iter().map(|item| PhoneNumber::parse(&item.name.value));
    names.chain(aliases).filter_map(Result::ok).collect()
}

fn trunk(item: &Item<'_>, findings: &mut Findings) -> Option<Trunk> {
    let table = &item.table;
    table.only(&["name", "contact", "from", "limit", "ping", "did_from", "asserted"], both("a trunk", "中继"), findings);
    let contact = table.need("contact", both("a trunk", "中继"), findings).and_then(|node| node.text(findings));
    let contact = contact.filter(|at| good_contact(at, findings));
    let from = table.need("from", both("a trunk", "中继"), findings).and_then(|node| node.text(findings));
    let from = from.filter(|at| crate::declare::user_part(at.value, &at.place, findings) && our_number(at, findings));
    let limit = table.get("limit").and_then(|node| node.number(1..=10_000, findings)).unwrap_or(DEFAULT_LIMIT);
    let ping = table.flag("ping", findings).unwrap_or(false);
    let words: Vec<(&str, DidFrom)> = DidFrom::ALL.iter().map(|place| (place.word(), *place)).collect();
    let did_from = table.word("did_from", &words, findings).map(|at| at.value).unwrap_or_default();
    let asserted = table.flag("asserted", findings).unwrap_or(true);
    let (name, contact, from) = (item.name.value.clone(), contact?.value.to_owned(), Name::from(from?.value));
    Some(Trunk { name, contact, from, limit, ping, did_from, asserted })
}

/// What the callee sees, and calls back.
fn our_number(at: &At<&str>, findings: &mut Findings) -> bool {
    let is_number = |text: &str| {
        let digits = text.strip_prefix('+').unwrap_or(text);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    let good = is_number(at.value);
    if !good {
        let plain = at.value.replace(['-', '.'], "");
        let meant = Some(plain).filter(|plain| is_number(plain));
        let message = said!("`{}` is no telephone number", "`{}` 不是电话号码", at.value);
        let label = both("who is called sees this, and calls it back", "被叫看到的就是它，也会回拨它");
        let help = match &meant {
            Some(meant) => said!("write digits alone: `from = \"{meant}\"`", "请只写数字：`from = \"{meant}\"`"),
            None => both(
                "write the number that the carrier gave you: `from = \"02161230000\"`",
                "请写运营商分配的号码：`from = \"02161230000\"`",
            ),
        };
        let fix = meant.and_then(|meant| respelt(at.value, &meant, &at.place));
        findings.error("HL313", &at.place, message, label).help(help).maybe_fix(fix);
    }
    good
}

fn good_contact(at: &At<&str>, findings: &mut Findings) -> bool {
    let user = at
        .value
        .contains('@')
        .then_some(both("a trunk has no user part: who is called stands there", "中继地址不带用户部分：那里要放被叫号码"));
    let headers = at.value.contains('?').then_some(both("no headers", "不能带头字段"));
    let wrong = contact::mistake(at.value).or(user).or(headers);
    if let Some(wrong) = &wrong {
        let message = said!("`{}` is not the address of a trunk", "`{}` 不是中继地址", at.value.escape_debug());
        findings.error("HL005", &at.place, message, wrong).help(both(
            "like `sip:gw.example:5060` or `sip:192.0.2.9;transport=tcp`",
            "例如 `sip:gw.example:5060` 或 `sip:192.0.2.9;transport=tcp`",
        ));
    }
    wrong.is_none()
}

fn outbound(tables: &[Table<'_>], roles: &[Item<'_>], findings: &mut Findings) -> Outbound {
    for table in tables {
        table.only(&["allow", "ring", "role", "seat_limit", "limit"], code("`[outbound]`"), findings);
    }
    let allow = holder(tables, "allow", findings).map(|table| patterns(table, findings)).unwrap_or_default();
    let roles = roles.iter().map(|item| role(item, findings)).collect();
    let mut outbound = Outbound { allow, roles, ..Outbound::default() };
    let mut limit = |key: &str, most| holder(tables, key, findings).and_then(|table| table.get(key)?.number(1..=most, findings));
    outbound.seat_limit = limit("seat_limit", 100).unwrap_or(outbound.seat_limit);
    outbound.limit = limit("limit", 10_000).unwrap_or(outbound.limit);
    if let Some(at) = holder(tables, "ring", findings).and_then(|table| table.duration("ring", findings)) {
        if !RINGS.contains(&at.value) {
            findings.error(
                "HL007",
                &at.place,
                both("a ring outside that is out of range", "外呼振铃时长超出范围"),
                both("5 s to 120 s", "5 至 120 秒"),
            );
        }
        outbound.ring = at.value;
    }
    outbound
}

fn patterns(table: &Table<'_>, findings: &mut Findings) -> Vec<Pattern> {
    let nodes = table.list("allow", findings);
    if let Some(node) = nodes.get(MOST_PATTERNS) {
        findings.error(
            "HL009",
            &node.place(),
            said!("more than {MOST_PATTERNS} number patterns", "号码规则超过 {MOST_PATTERNS} 条"),
            both("one too many", "多出的一个"),
        );
    }
    nodes.iter().take(MOST_PATTERNS).filter_map(|node| allowed(node, findings)).collect()
}

/// `[[outbound.role]]`
fn role(item: &Item<'_>, findings: &mut Findings) -> DialRole {
    item.table.only(&["name", "allow"], both("a role", "外拨角色"), findings);
    let allow = patterns(&item.table, findings);
    if let Some(node) =
        item.table.need("allow", both("a role", "外拨角色"), findings).filter(|node| node.as_list().is_some_and(|list| list.is_empty()))
    {
        findings
            .error("HL105", &node.place(), both("a role that opens no number", "外拨角色没有放开任何号码"), both("empty", "为空"))
            .help(both("name patterns, or remove the role", "请写明号码规则，或删去该角色"));
    }
    DialRole { name: item.name.value.clone(), allow }
}

/// A pattern of numbers, whatever it opens.
pub(crate) fn pattern_of(node: &Node<'_>, findings: &mut Findings) -> Option<Pattern> {
    let text = node.text(findings)?;
    pattern(text.value).map_err(|mistake| unreadable(node, text.value, mistake, findings)).ok()
}

/// A pattern of numbers that may be dialled.
pub(crate) fn allowed(node: &Node<'_>, findings: &mut Findings) -> Option<Pattern> {
    let text = node.text(findings)?;
    let found = pattern(text.value);
    if found.as_ref().is_ok_and(Pattern::opens_the_world) {
        let message = said!("`{}` opens every country", "`{}` 放开了所有国家", text.value);
        let help = both(
            "write the countries that are meant: `00852x{8}`; calls abroad are what fraud is after",
            "请写明具体国家，如 `00852x{8}`；盗打的目标正是国际长途",
        );
        findings.warning("HL111", &text.place, message, both("no country code behind `00`", "`00` 之后没有国家代码")).help(help);
    }
    found.map_err(|mistake| unreadable(node, text.value, mistake, findings)).ok()
}

fn unreadable(node: &Node<'_>, text: &str, mistake: crate::pattern::Mistake, findings: &mut Findings) {
    let message = said!("`{}` is not a pattern of numbers", "`{}` 不是号码规则", text.escape_debug());
    findings
        .error("HL090", &node.part(mistake.span), message, mistake.what)
        .help(both("like `1[3-9]x{9}`, `0x{9,11}` or `00852x{8}`", "例如 `1[3-9]x{9}`、`0x{9,11}` 或 `00852x{8}`"));
}

fn partner(item: &Item<'_>, known: &Outsiders, scope: &Scope<'_>, findings: &mut Findings) -> Option<Outside> {
    let table = &item.table;
    table.only(&["name", "number", "uri", "trunk"], both("a partner", "伙伴"), findings);
    let callee = match (table.get("number"), table.get("uri")) {
        (Some(node), None) => Callee::Number(number(&node, known, findings)?),
        (None, Some(node)) => Callee::Uri(uri(&node, findings)?),
        (None, None) | (Some(_), Some(_)) => {
            findings.error(
                "HL004",
                &item.name.place,
                both("a partner without an address, or with two", "伙伴没有地址，或有两个"),
                both("one of `number` and `uri` is needed", "`number` 和 `uri` 须有且只有一个"),
            );
            return None;
        }
    };
    let trunks = trunks(table, known, scope, findings);
    outside(item.name.value.clone(), callee, trunks, &item.name.place, findings)
}

pub(crate) fn outside(name: Name, callee: Callee, trunks: Vec<Name>, place: &Place, findings: &mut Findings) -> Option<Outside> {
    if trunks.is_empty() {
        let message = said!("no trunk leads to `{name}`", "没有中继通向 `{name}`");
        findings
            .error("HL093", place, message, both("can't be called", "无法呼叫"))
            .help(both("declare a `[[trunk]]` with `name`, `contact` and `from`", "请定义 `[[trunk]]`，写明 `name`、`contact` 和 `from`"));
        return None;
    }
    Some(Outside { name, callee, trunks })
}

/// The trunks named, or all of them.
pub(crate) fn trunks(table: &Table<'_>, known: &Outsiders, scope: &Scope<'_>, findings: &mut Findings) -> Vec<Name> {
    let Some(node) = table.get("trunk") else {
        return known.trunks.iter().take(MOST_TRUNKS).map(|trunk| trunk.name.clone()).collect();
    };
    let nodes = if node.as_text().is_some() { vec![node] } else { node.list(findings) };
    if let Some(node) = nodes.get(MOST_TRUNKS) {
        findings.error(
            "HL009",
            &node.place(),
            said!("more than {MOST_TRUNKS} trunks for one call", "一次呼叫的中继超过 {MOST_TRUNKS} 条"),
            both("one too many", "多出的一个"),
        );
    }
    let mut names = Vec::new();
    for node in nodes.iter().take(MOST_TRUNKS) {
        let Some(text) = node.text(findings) else { continue };
        if scope.trunks.find(text.value, &text.place, findings).is_some() {
            names.push(Name::from(text.value));
        }
    }
    names
}

/// A number that may be dialled.
pub(crate) fn number(node: &Node<'_>, known: &Outsiders, findings: &mut Findings) -> Option<PhoneNumber> {
    let text = node.text(findings)?;
    let number = PhoneNumber::parse(text.value).map_err(|wrong| {
        let label = match wrong {
            NotANumber::Foreign(c) => said!("`{}` is no digit", "`{}` 不是数字", c.escape_debug()),
            NotANumber::TooShort => both("fewer than 3 digits", "不足 3 位数字").to_owned(),
            NotANumber::TooLong => both("more than 20 digits", "超过 20 位数字").to_owned(),
        };
        let message = said!("`{}` is not a number to dial", "`{}` 不是可拨的号码", text.value.escape_debug());
        findings
            .error("HL091", &text.place, message, label)
            .help(both("only digits 0-9, one `+` before them at most", "只能是数字 0-9，前面最多一个 `+`"));
    });
    let number = number.ok()?;
    if !known.outbound.allows(&number) {
        let message = said!("`{}` may not be dialled", "`{}` 不允许外呼", text.value);
        let (label, help) = match () {
            () if number.is_emergency() => {
                (both("an emergency number", "紧急号码"), both("only a person calls it; name another", "紧急号码只能由人拨打；请换一个"))
            }
            () if known.own.contains(&number) => (
                both("one of our own numbers", "是本热线自己的号码"),
                both(
                    "a number of ours is never dialled, whatever `outbound.allow` says: lead there by `menu` or `queue`, or name another",
                    "热线自己的号码一律不外拨，与 `outbound.allow` 无关：请用 `menu` 或 `queue` 转过去，或换一个号码",
                ),
            ),
            () if number.is_abroad() => (
                both("no pattern of `outbound.allow` fits", "不符合 `outbound.allow` 中的任何规则"),
                both("numbers abroad need a pattern that begins with `00`", "国际号码需要以 `00` 开头的规则"),
            ),
            () => (
                both("no pattern of `outbound.allow` fits", "不符合 `outbound.allow` 中的任何规则"),
                both("add a pattern for it", "请为它加一条规则"),
            ),
        };
        findings.error("HL092", &text.place, message, label).help(help);
        return None;
    }
    Some(number)
}

/// A SIP address whose user part can't be taken for a number by the far side.
fn uri(node: &Node<'_>, findings: &mut Findings) -> Option<String> {
    let text = node.text(findings)?;
    let user = text.value.strip_prefix("sip:").and_then(|rest| rest.rsplit_once('@')).map(|(user, _)| user);
    let named = |user: &str| {
        user.starts_with(|c: char| c.is_ascii_alphabetic()) && user.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let wrong = contact::mistake(text.value).or_else(|| match user {
        _ if text.value.contains('?') => Some(both("no headers", "不能带头字段")),
        None => None,
        Some(user) if named(user) => None,
        Some(_) => Some(both(
            "the user part must begin with a letter; a number is written as `number`",
            "用户部分必须以字母开头；号码请写在 `number` 里",
        )),
    });
    if let Some(wrong) = &wrong {
        let message = said!("`{}` is not the address of a partner", "`{}` 不是伙伴的地址", text.value.escape_debug());
        findings.error("HL091", &text.place, message, wrong).help(both(
            "like `sip:line7@partner.example`, or `number = \"...\"`",
            "例如 `sip:line7@partner.example`，或 `number = \"...\"`",
        ));
    }
    wrong.is_none().then(|| text.value.to_owned())
}

/// Where a queue's calls go besides, or who else may have them.
#[derive(Debug, Default)]
pub(crate) struct Overflow {
    pub(crate) queue: Option<QueueId>,
    pub(crate) outside: Vec<OutsideOverflow>,
    pub(crate) helpers: Vec<Helper>,
}

/// Reads a queue's `overflow`: the name of a queue, a table for a seat or for somebody outside, or a list of these.
pub(crate) fn overflow(item: &Item<'_>, known: &Outsiders, scope: &Scope<'_>, timers: &Timers, findings: &mut Findings) -> Overflow {
    let Some(node) = item.table.get("overflow") else { return Overflow::default() };
    let nodes = if node.as_list().is_some() { node.list(findings) } else { vec![node] };
    if let Some(node) = nodes.get(MOST_TARGETS) {
        findings.error(
            "HL009",
            &node.place(),
            said!("more than {MOST_TARGETS} targets of one queue", "一个排队的溢出对象超过 {MOST_TARGETS} 个"),
            both("one too many", "多出的一个"),
        );
    }
    let (mut queue, mut targets, mut helpers) = (None, Vec::<OutsideOverflow>::new(), Vec::<Helper>::new());
    let mut first: Option<Place> = None;
    let mut before = Duration::ZERO;
    for node in nodes.iter().take(MOST_TARGETS) {
        if let Some(table) = node.as_table().filter(|table| table.get("seat").is_some()) {
            if let Some(helper) = helper(&table, &helpers, scope, timers, findings) {
                in_order(&table, helper.after.saturating_sub(timers.answer), &mut before, findings);
                helpers.push(helper);
            }
        } else if let Some(table) = node.as_table() {
            if let Some(target) = target(&table, known, scope, findings) {
                in_order(&table, target.after, &mut before, findings);
                targets.push(target);
            }
        } else if let Some(found) = other_queue(item, node, scope, findings)
            && let (Some(_), Some(first)) = (queue.replace(found), first.replace(node.place()))
        {
            let message = both("a second queue to overflow into", "第二个溢出排队");
            findings.error("HL008", &node.place(), message, both("one is enough", "一个就够")).first(&first);
        }
    }
    helpers.sort_by_key(|helper| helper.seat);
    Overflow { queue, outside: targets, helpers }
}

/// Seats and targets outside stand in the order of their time.
fn in_order(table: &Table<'_>, after: Duration, before: &mut Duration, findings: &mut Findings) {
    if after < *before {
        let message = both("a target that comes before the one above it", "溢出对象早于它上面的一个");
        findings.error("HL036", &table.place(), message, both("must not be earlier", "不能更早"));
    }
    *before = after;
}

/// `{ seat = "1003", after = "30s" }`
fn helper(table: &Table<'_>, before: &[Helper], scope: &Scope<'_>, timers: &Timers, findings: &mut Findings) -> Option<Helper> {
    table.only(&TARGET, both("a seat of `overflow`", "溢出坐席"), findings);
    for key in ["number", "partner", "trunk"] {
        refuse(table, key, both("the call waits for the seat and is not led outside", "来电等的是坐席，不外呼"), findings);
    }
    let name = table.text("seat", findings)?;
    let after = after(table, findings);
    let seat = scope.seats.find(name.value, &name.place, findings).and_then(|id| u32::try_from(id).ok()).map(SeatId)?;
    if before.iter().any(|helper| helper.seat == seat) {
        findings
            .error("HL008", &name.place, both("a seat that is named twice", "坐席重复"), both("named before", "前面已写过"))
            .help(both("remove it", "请删去"));
        return None;
    }
    Some(Helper { seat, after: timers.answer + after })
}

fn other_queue(item: &Item<'_>, node: &Node<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Option<QueueId> {
    let name = node.text(findings)?;
    let id = scope.queues.find(name.value, &name.place, findings)?;
    if *name.value == *item.name.value {
        let message = said!("queue `{}` overflows into itself", "排队 `{}` 溢出到它自己", name.value);
        findings
            .error("HL035", &name.place, message, both("the same queue", "同一个排队"))
            .help(both("name another queue, or leave `overflow` out", "请换别的排队，或不写 `overflow`"));
    }
    Some(QueueId(small(id)))
}

fn target(table: &Table<'_>, known: &Outsiders, scope: &Scope<'_>, findings: &mut Findings) -> Option<OutsideOverflow> {
    table.only(&TARGET, both("a target outside", "外部溢出对象"), findings);
    let after = after(table, findings);
    let to = match (table.get("number"), table.get("partner")) {
        (Some(node), None) => {
            let number = number(&node, known, findings)?;
            let trunks = trunks(table, known, scope, findings);
            Arc::new(outside(Name::from(number.digits()), Callee::Number(number), trunks, &node.place(), findings)?)
        }
        (None, Some(node)) => {
            let name = node.text(findings)?;
            scope.partners.find(name.value, &name.place, findings)?;
            known.partners.get(name.value).cloned()?
        }
        (None, None) | (Some(_), Some(_)) => {
            let message = both("a target outside that names nobody, or two", "外部溢出对象没有写明呼叫谁，或写了两个");
            findings.error(
                "HL004",
                &table.place(),
                message,
                both("one of `number` and `partner` is needed", "`number` 和 `partner` 须有且只有一个"),
            );
            return None;
        }
    };
    Some(OutsideOverflow { after, to })
}

/// How long after the breach of the answer clock.
fn after(table: &Table<'_>, findings: &mut Findings) -> Duration {
    let after = table.duration("after", findings);
    if let Some(at) = after.as_ref().filter(|at| at.value > LONGEST_AFTER) {
        findings.error(
            "HL007",
            &at.place,
            both("a target that nobody lives to see", "没有客户能等到的溢出对象"),
            both("at most 1 h after the breach", "最多在超时后 1 小时"),
        );
    }
    after.map_or(Duration::ZERO, |at| at.value)
}
