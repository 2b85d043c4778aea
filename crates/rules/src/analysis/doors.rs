//! Who is kept out of working, or let in by mistake: hours and networks of `[access]` (R138), passwords, telephones of two seats.

use super::Rules;
use super::ways::never_opens;
use crate::declare::{PHONE, SEAT, SeatBlock};
use crate::finding::{Findings, Place};
use crate::read::{Node, Table};
use crate::rule_set::address_of;
use crate::said::{both, said};
use crate::seat_desk::simple;
use crate::{Network, Said};
use hotline_model::Name;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Fewest figures of a password that is nothing else.
const FEWEST_FIGURES: usize = 6;
/// Passwords that are tried before all others.
const USUAL: [&str; 8] = ["password", "passwd", "secret", "admin", "qwerty", "asterisk", "abc123", "changeme"];

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    shifts(rules, findings);
    let networks: Vec<Node<'_>> = rules.declared.access.iter().filter_map(|table| table.get("networks")?.as_list()).flatten().collect();
    for node in &networks {
        network(node, findings);
        within(node, &networks, findings);
    }
    fixed(rules, findings);
    let mut rings: BTreeMap<String, (Name, Place)> = BTreeMap::new();
    for block in &rules.declared.seats {
        guessed(block, findings);
        one_telephone(rules, block, &mut rings, findings);
    }
    shared(rules, findings);
    one_hash(rules, findings);
}

/// A calendar that never opens keeps everybody out.
fn shifts(rules: &Rules<'_>, findings: &mut Findings) {
    let calendar = rules.plan.settings.access.shifts.map(|calendar| rules.plan.calendar(calendar));
    let node = rules.declared.access.iter().find_map(|table| table.get("shifts"));
    let (Some(calendar), Some(node)) = (calendar, node) else { return };
    if !never_opens(calendar) {
        return;
    }
    let message = said!("nobody may ever work: calendar `{}` never opens", "谁也不能工作：日历 `{}` 从不开放", calendar.name);
    let label = both("seats sign in, and people use the API, while it is open", "坐席签入、使用接口只在它开放时");
    let help = both("give the calendar hours, or name another", "请给这个日历写上时间，或换一个日历");
    findings.warning("HL289", &node.place(), message, label).rule("R138").help(help);
}

/// An address with a prefix is all of its network: `10.0.0.5/8` is sixteen million addresses.
fn network(node: &Node<'_>, findings: &mut Findings) {
    let parts = node.as_text().and_then(|text| Some((text, text.split_once('/')?)));
    let Some((text, (address, bits))) = parts else { return };
    let (Ok(address), Ok(bits)) = (address.parse::<IpAddr>(), bits.parse::<u32>()) else { return };
    let first = first_of(address, bits);
    let (message, label) = if bits == 0 {
        (said!("`{text}` is every address there is", "`{text}` 就是所有地址"), both("nothing is checked", "等于不检查"))
    } else if first != address {
        let message = said!("`{text}` is all of `{first}/{bits}`", "`{text}` 是整个 `{first}/{bits}`");
        (message, both("it begins before this address", "它从更前面的地址开始"))
    } else {
        return;
    };
    let help = if bits == 0 {
        both("name the networks of your rooms, or leave it out", "请写工作场所的网段，或删去它")
    } else {
        said!(
            "for this address alone write `{address}`; for all of them `{first}/{bits}`",
            "只要这一个地址请写 `{address}`；整个网段请写 `{first}/{bits}`"
        )
    };
    findings.warning("HL290", &node.place(), message, label).rule("R138").help(help);
}

/// A network that is in another one anyway: the larger of the two was likely not meant.
fn within(node: &Node<'_>, all: &[Node<'_>], findings: &mut Findings) {
    let parsed = |node: &Node<'_>| Network::parse(node.as_text()?);
    let Some(own) = parsed(node) else { return };
    let Some(around) = all.iter().find(|other| parsed(other).is_some_and(|other| !other.is_everything() && other.is_around(&own))) else {
        return;
    };
    let (own, larger) = (node.as_text().unwrap_or_default(), around.as_text().unwrap_or_default());
    let message = said!("`{own}` is in `{larger}` anyway", "`{own}` 本来就在 `{larger}` 之内");
    let help = said!("leave out `{own}`; if only it is meant, leave out `{larger}`", "请删去 `{own}`；若只允许它，请删去 `{larger}`");
    findings
        .warning("HL333", &node.place(), message, both("lets nobody else in", "没有多允许谁"))
        .rule("R138")
        .see(&around.place(), both("all of this is let in", "这一整段都允许"))
        .help(help);
}

/// Seats with a fixed telephone that is in none of the networks never sign in there.
fn fixed(rules: &Rules<'_>, findings: &mut Findings) {
    let Some(node) = rules.declared.access.iter().find_map(|table| table.get("networks")) else { return };
    let access = &rules.plan.settings.access;
    let seats = rules.plan.seats.iter().filter(|seat| !seat.retired && seat.desk.pin.is_none());
    let out: Vec<(&Name, IpAddr)> = seats
        .filter_map(|seat| Some((&seat.name, seat.contact.as_deref().and_then(address_of)?)))
        .filter(|(_, address)| !access.takes_address(*address))
        .collect();
    let Some((first, address)) = out.first() else { return };
    let message = match out.len() - 1 {
        0 => said!("seat `{first}` may not sign in at its telephone", "坐席 `{first}` 不能在自己的话机上签入"),
        others => said!(
            "seat `{first}` may not sign in at its telephone; nor may others ({others})",
            "坐席 `{first}` 不能在自己的话机上签入；另有 {others} 个也是"
        ),
    };
    let label = said!("none of these has its `contact` at {address}", "其中没有包含它的 `contact` 地址 {address} 的网段");
    let help = said!("add the network of {address}, or mend the `contact`", "请加上 {address} 所在的网段，或改正 `contact`");
    findings.warning("HL335", &node.place(), message, label).rule("R138").help(help);
}

fn first_of(address: IpAddr, bits: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32u32.saturating_sub(bits)).unwrap_or(0);
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128u32.saturating_sub(bits)).unwrap_or(0);
            IpAddr::V6((address.to_bits() & mask).into())
        }
    }
}

/// Whoever finds the telephone system tries its names as passwords first, and dials abroad with what fits.
fn guessed(block: &SeatBlock<'_>, findings: &mut Findings) {
    let Some(node) = block.table.get("password") else { return };
    let Some(written) = node.as_text() else { return };
    let named = block.names.iter().find(|name| written.replace("{name}", name) == ***name);
    let message = match named {
        Some(name) => said!("the password of seat `{name}` is its name", "坐席 `{name}` 的密码就是坐席号"),
        None if guessed_by_all(written) => both("a password of a few figures, or one of the usual words", "密码只有几位数字，或是常见的词"),
        None => return,
    };
    let label = both("anybody would try it first", "谁都会先试它");
    let help = both("a random one for each seat, best as `ha1`", "请为每个坐席写各自的随机密码，最好写成 `ha1`");
    findings.warning("HL295", &node.place(), message, label).help(help);
}

/// Words and rows that every list of passwords begins with; figures alone, unless they are many and in no order.
fn guessed_by_all(password: &str) -> bool {
    let figures = !password.is_empty() && password.bytes().all(|b| b.is_ascii_digit());
    figures && (password.len() < FEWEST_FIGURES || simple(password, &[])) || USUAL.iter().any(|usual| password.eq_ignore_ascii_case(usual))
}

/// R138: who did what is known only of whoever has a password of their own.
fn shared(rules: &Rules<'_>, findings: &mut Findings) {
    let mut all: BTreeMap<String, Vec<(Said, &Name, Place)>> = BTreeMap::new();
    for block in &rules.declared.seats {
        let Some((node, written)) = password(&block.table) else { continue };
        for name in &block.names {
            all.entry(written.replace("{name}", name)).or_default().push((SEAT, name, node.place()));
        }
    }
    for phone in &rules.declared.phones {
        let Some((node, written)) = password(&phone.table) else { continue };
        all.entry(written.to_owned()).or_default().push((PHONE, &phone.name.value, node.place()));
    }
    for holders in all.values().filter(|holders| holders.len() > 1) {
        one_password(holders, findings);
    }
}

fn password<'a>(table: &Table<'a>) -> Option<(Node<'a>, &'a str)> {
    let node = table.get("password")?;
    Some((node, node.as_text()?))
}

/// The name is a part of what the hash is made of (RFC 7616 section 3.4.2): one of two with the same can't register.
fn one_hash(rules: &Rules<'_>, findings: &mut Findings) {
    let mut first: BTreeMap<String, (Said, &Name, Place)> = BTreeMap::new();
    let seats = rules.declared.seats.iter().filter_map(|block| Some((SEAT, block.names.first()?, &block.table)));
    let phones = rules.declared.phones.iter().map(|phone| (PHONE, &phone.name.value, &phone.table));
    for (noun, name, table) in seats.chain(phones) {
        let Some(hashes) = table.get("ha1").and_then(|node| node.as_table()) else { continue };
        let Some(node) = ["sha256", "md5"].into_iter().find_map(|key| hashes.get(key)) else { continue };
        let Some(hash) = node.as_text().map(str::to_ascii_lowercase) else { continue };
        match first.get(&hash) {
            None => {
                first.insert(hash, (noun, name, node.place()));
            }
            Some((other_noun, other, before)) => {
                let message = said!(
                    [noun, other_noun]
                    "{noun} `{name}` has the `ha1` of {other_noun} `{other}`",
                    "{noun} `{name}` 与{other_noun} `{other}` 的 `ha1` 相同"
                );
                let label = both("made of one name, it lets in only that one", "由名称算出，只能用于其中一个");
                let help = said!(
                    "make it of `{name}`: `printf '%s' '{name}:REALM:PASSWORD' | sha256sum`, or `md5sum`",
                    "请用 `{name}` 重新计算：`printf '%s' '{name}:REALM:密码' | sha256sum`，或 `md5sum`"
                );
                findings.warning("HL323", &node.place(), message, label).rule("R138").help(help).first(before);
            }
        }
    }
}

fn one_password(holders: &[(Said, &Name, Place)], findings: &mut Findings) {
    let (noun, name, first) = &holders[0];
    let label = both("whoever knows it is any of them", "知道它就能冒充其中任何一个");
    let help = both(
        "give each a password of its own, best as `ha1`; in `[[seats]]` write `{name}` into it",
        "请让每个都有自己的密码，最好用 `ha1`；`[[seats]]` 的密码里请写 `{name}`",
    );
    let Some((other_noun, other, place)) = holders.iter().find(|(_, _, place)| place != first) else {
        let message = said!("{} seats have one password", "{} 个坐席共用一个密码", holders.len());
        findings.warning("HL309", first, message, label).rule("R138").help(help);
        return;
    };
    let message = match holders.len() - 2 {
        0 => said!(
            [noun, other_noun]
            "{other_noun} `{other}` has the password of {noun} `{name}`",
            "{other_noun} `{other}` 与{noun} `{name}` 的密码相同"
        ),
        more => said!(
            [noun, other_noun]
            "{other_noun} `{other}` has the password of {noun} `{name}`; so have others ({more})",
            "{other_noun} `{other}` 与{noun} `{name}` 的密码相同；另有 {more} 个也是"
        ),
    };
    findings.warning("HL309", place, message, label).rule("R138").help(help).first(first);
}

/// Two seats at one fixed telephone get two calls at a time there; but for shifts, of which one signs in after the other.
fn one_telephone(rules: &Rules<'_>, block: &SeatBlock<'_>, rings: &mut BTreeMap<String, (Name, Place)>, findings: &mut Findings) {
    let Some((node, contact)) = block.table.get("contact").and_then(|node| Some((node, node.as_text()?))) else { return };
    let seats = block.names.iter().filter_map(|name| rules.plan.seat_names.get(&**name));
    let signs_in = seats.into_iter().all(|id| !rules.plan.seat(*id).sign_in);
    if signs_in && ["pin", "pin_hash"].iter().any(|key| block.table.get(key).is_some()) {
        return;
    }
    for name in &block.names {
        let address = contact.replace("{name}", name);
        let Some((other, first)) = rings.get(&address) else {
            rings.insert(address, (name.clone(), node.place()));
            continue;
        };
        let message = said!("seats `{other}` and `{name}` ring at one telephone", "坐席 `{other}` 和 `{name}` 是同一部话机");
        let label = both("calls for both ring here", "两者的来电都在这里振铃");
        let help = if block.many {
            both("put `{name}` into it: `sip:{name}@192.0.2.7:5060`", "请在里面写 `{name}`：`sip:{name}@192.0.2.7:5060`")
        } else {
            both("give each seat a telephone of its own", "请给每个坐席各自的话机")
        };
        let more = findings.warning("HL296", &node.place(), message, label).help(help);
        if *first != node.place() {
            more.first(first);
        }
        return;
    }
}
