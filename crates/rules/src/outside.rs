//! `[[trunk]]`, `[[partner]]`, `[outbound]`, and the outside targets of a queue's `overflow` (R13).

use crate::declare::{Declared, Item};
use crate::finding::{At, Findings, Place};
use crate::pattern::pattern;
use crate::read::{Node, Table};
use crate::scope::{Scope, small};
use crate::timers::holder;
use crate::{Callee, DialRole, Outbound, Outside, OutsideOverflow, Pattern, Trunk, contact};
use hotline_model::{Name, NotANumber, PhoneNumber, QueueId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Calls of a trunk without a limit of its own: the channels of a primary rate interface.
const DEFAULT_LIMIT: u32 = 30;
/// Most number patterns.
const MOST_PATTERNS: usize = 200;
/// Most trunks that are tried for one call.
const MOST_TRUNKS: usize = 8;
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
}

pub(crate) fn outsiders(declared: &Declared<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Outsiders {
    let trunks = declared.trunks.iter().filter_map(|item| trunk(item, findings)).collect();
    let mut known = Outsiders { trunks, outbound: outbound(&declared.outbound, &declared.roles, findings), partners: BTreeMap::new() };
    for item in &declared.partners {
        if let Some(partner) = partner(item, &known, scope, findings) {
            known.partners.insert(item.name.value.clone(), Arc::new(partner));
        }
    }
    known
}

fn trunk(item: &Item<'_>, findings: &mut Findings) -> Option<Trunk> {
    let table = &item.table;
    table.only(&["name", "contact", "from", "limit", "ping"], "a trunk", findings);
    let contact = table.need("contact", "a trunk", findings).and_then(|node| node.text(findings));
    let contact = contact.filter(|at| good_contact(at, findings));
    let from = table.need("from", "a trunk", findings).and_then(|node| node.text(findings));
    let from = from.filter(|at| crate::declare::user_part(at.value, &at.place, findings));
    let limit = table.get("limit").and_then(|node| node.number(1..=10_000, findings)).unwrap_or(DEFAULT_LIMIT);
    let ping = table.flag("ping", findings).unwrap_or(false);
    Some(Trunk { name: item.name.value.clone(), contact: contact?.value.to_owned(), from: Name::from(from?.value), limit, ping })
}

fn good_contact(at: &At<&str>, findings: &mut Findings) -> bool {
    let user = at.value.contains('@').then_some("a trunk has no user part: who is called stands there");
    let headers = at.value.contains('?').then_some("no headers");
    let wrong = contact::mistake(at.value).or(user).or(headers);
    if let Some(wrong) = wrong {
        let message = format!("`{}` is not the address of a trunk", at.value.escape_debug());
        findings.error("HL005", &at.place, message, wrong).help("like `sip:gw.example:5060` or `sip:192.0.2.9;transport=tcp`");
    }
    wrong.is_none()
}

fn outbound(tables: &[Table<'_>], roles: &[Item<'_>], findings: &mut Findings) -> Outbound {
    for table in tables {
        table.only(&["allow", "ring", "role", "seat_limit", "limit"], "`[outbound]`", findings);
    }
    let allow = holder(tables, "allow", findings).map(|table| patterns(table, findings)).unwrap_or_default();
    let roles = roles.iter().map(|item| role(item, findings)).collect();
    let mut outbound = Outbound { allow, roles, ..Outbound::default() };
    let mut limit = |key: &str, most| holder(tables, key, findings).and_then(|table| table.get(key)?.number(1..=most, findings));
    outbound.seat_limit = limit("seat_limit", 100).unwrap_or(outbound.seat_limit);
    outbound.limit = limit("limit", 10_000).unwrap_or(outbound.limit);
    if let Some(at) = holder(tables, "ring", findings).and_then(|table| table.duration("ring", findings)) {
        if !RINGS.contains(&at.value) {
            findings.error("HL007", &at.place, "a ring outside that is out of range", "5 s to 120 s");
        }
        outbound.ring = at.value;
    }
    outbound
}

fn patterns(table: &Table<'_>, findings: &mut Findings) -> Vec<Pattern> {
    let nodes = table.list("allow", findings);
    if let Some(node) = nodes.get(MOST_PATTERNS) {
        findings.error("HL009", &node.place(), format!("more than {MOST_PATTERNS} number patterns"), "one too many");
    }
    nodes.iter().take(MOST_PATTERNS).filter_map(|node| allowed(node, findings)).collect()
}

/// `[[outbound.role]]`
fn role(item: &Item<'_>, findings: &mut Findings) -> DialRole {
    item.table.only(&["name", "allow"], "a role", findings);
    let allow = patterns(&item.table, findings);
    if let Some(node) = item.table.need("allow", "a role", findings).filter(|node| node.as_list().is_some_and(|list| list.is_empty())) {
        findings.error("HL105", &node.place(), "a role that opens no number", "empty").help("name patterns, or remove the role");
    }
    DialRole { name: item.name.value.clone(), allow }
}

/// A pattern of numbers.
pub(crate) fn allowed(node: &Node<'_>, findings: &mut Findings) -> Option<Pattern> {
    let text = node.text(findings)?;
    let found = pattern(text.value);
    if found.as_ref().is_ok_and(Pattern::opens_the_world) {
        let message = format!("`{}` opens every country", text.value);
        let help = "write the countries that are meant: `00852x{8}`; calls abroad are what fraud is after";
        findings.warning("HL111", &text.place, message, "no country code behind `00`").help(help);
    }
    found
        .map_err(|mistake| {
            let message = format!("`{}` is not a pattern of numbers", text.value.escape_debug());
            findings.error("HL090", &node.part(mistake.span), message, mistake.what).help("like `1[3-9]x{9}`, `0x{9,11}` or `00852x{8}`");
        })
        .ok()
}

fn partner(item: &Item<'_>, known: &Outsiders, scope: &Scope<'_>, findings: &mut Findings) -> Option<Outside> {
    let table = &item.table;
    table.only(&["name", "number", "uri", "trunk"], "a partner", findings);
    let callee = match (table.get("number"), table.get("uri")) {
        (Some(node), None) => Callee::Number(number(&node, &known.outbound, findings)?),
        (None, Some(node)) => Callee::Uri(uri(&node, findings)?),
        (None, None) | (Some(_), Some(_)) => {
            findings.error("HL004", &item.name.place, "a partner without an address, or with two", "one of `number` and `uri` is needed");
            return None;
        }
    };
    let trunks = trunks(table, known, scope, findings);
    outside(item.name.value.clone(), callee, trunks, &item.name.place, findings)
}

fn outside(name: Name, callee: Callee, trunks: Vec<Name>, place: &Place, findings: &mut Findings) -> Option<Outside> {
    if trunks.is_empty() {
        let message = format!("no trunk leads to `{name}`");
        findings.error("HL093", place, message, "can't be called").help("declare a `[[trunk]]` with `name`, `contact` and `from`");
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
        findings.error("HL009", &node.place(), format!("more than {MOST_TRUNKS} trunks for one call"), "one too many");
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
pub(crate) fn number(node: &Node<'_>, outbound: &Outbound, findings: &mut Findings) -> Option<PhoneNumber> {
    let text = node.text(findings)?;
    let number = PhoneNumber::parse(text.value).map_err(|wrong| {
        let label = match wrong {
            NotANumber::Foreign(c) => format!("`{}` is no digit", c.escape_debug()),
            NotANumber::TooShort => "fewer than 3 digits".to_owned(),
            NotANumber::TooLong => "more than 20 digits".to_owned(),
        };
        let message = format!("`{}` is not a number to dial", text.value.escape_debug());
        findings.error("HL091", &text.place, message, label).help("only digits 0-9, one `+` before them at most");
    });
    let number = number.ok()?;
    if !outbound.allows(&number) {
        let message = format!("`{}` may not be dialled", text.value);
        let (label, help) = match () {
            () if number.is_emergency() => ("an emergency number", "only a person calls it; name another"),
            () if number.is_abroad() => ("no pattern of `outbound.allow` fits", "numbers abroad need a pattern that begins with `00`"),
            () => ("no pattern of `outbound.allow` fits", "add a pattern for it"),
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
        _ if text.value.contains('?') => Some("no headers"),
        None => None,
        Some(user) if named(user) => None,
        Some(_) => Some("the user part must begin with a letter; a number is written as `number`"),
    });
    if let Some(wrong) = wrong {
        let message = format!("`{}` is not the address of a partner", text.value.escape_debug());
        findings.error("HL091", &text.place, message, wrong).help("like `sip:line7@partner.example`, or `number = \"...\"`");
    }
    wrong.is_none().then(|| text.value.to_owned())
}

/// Reads a queue's `overflow`: the name of a queue, a table for somebody outside, or a list of these.
pub(crate) fn overflow(
    item: &Item<'_>,
    known: &Outsiders,
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> (Option<QueueId>, Vec<OutsideOverflow>) {
    let Some(node) = item.table.get("overflow") else { return (None, Vec::new()) };
    let nodes = if node.as_list().is_some() { node.list(findings) } else { vec![node] };
    if let Some(node) = nodes.get(MOST_TARGETS) {
        findings.error("HL009", &node.place(), format!("more than {MOST_TARGETS} targets of one queue"), "one too many");
    }
    let (mut queue, mut targets) = (None, Vec::<OutsideOverflow>::new());
    for node in nodes.iter().take(MOST_TARGETS) {
        if let Some(table) = node.as_table() {
            let target = target(&table, known, scope, findings);
            if target.as_ref().is_some_and(|new| targets.last().is_some_and(|last| new.after < last.after)) {
                findings.error("HL036", &table.place(), "a target that comes before the one above it", "must not be earlier");
            }
            targets.extend(target);
        } else if let Some(found) = other_queue(item, node, scope, findings)
            && queue.replace(found).is_some()
        {
            findings.error("HL008", &node.place(), "a second queue to overflow into", "one is enough");
        }
    }
    (queue, targets)
}

fn other_queue(item: &Item<'_>, node: &Node<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Option<QueueId> {
    let name = node.text(findings)?;
    let id = scope.queues.find(name.value, &name.place, findings)?;
    if *name.value == *item.name.value {
        let message = format!("queue `{}` overflows into itself", name.value);
        findings.error("HL035", &name.place, message, "the same queue").help("name another queue, or leave `overflow` out");
    }
    Some(QueueId(small(id)))
}

fn target(table: &Table<'_>, known: &Outsiders, scope: &Scope<'_>, findings: &mut Findings) -> Option<OutsideOverflow> {
    table.only(&["number", "partner", "after", "trunk"], "a target outside", findings);
    let after = table.duration("after", findings);
    if let Some(at) = after.as_ref().filter(|at| at.value > LONGEST_AFTER) {
        findings.error("HL007", &at.place, "a target that nobody lives to see", "at most 1 h after the breach");
    }
    let after = after.map_or(Duration::ZERO, |at| at.value);
    let to = match (table.get("number"), table.get("partner")) {
        (Some(node), None) => {
            let number = number(&node, &known.outbound, findings)?;
            let trunks = trunks(table, known, scope, findings);
            Arc::new(outside(Name::from(number.digits()), Callee::Number(number), trunks, &node.place(), findings)?)
        }
        (None, Some(node)) => {
            let name = node.text(findings)?;
            scope.partners.find(name.value, &name.place, findings)?;
            known.partners.get(name.value).cloned()?
        }
        (None, None) | (Some(_), Some(_)) => {
            let message = "a target outside that names nobody, or two";
            findings.error("HL004", &table.place(), message, "one of `number` and `partner` is needed");
            return None;
        }
    };
    Some(OutsideOverflow { after, to })
}
