//! Skills, languages, regions and seats.

use crate::contact;
use crate::declare::{Item, SeatBlock};
use crate::finding::{At, Findings, Place};
use crate::fixes::respelt;
use crate::read::Table;
use crate::said::{both, code, said};
use crate::scope::{Scope, small};
use crate::seat_desk::{Pins, seat_desk};
use crate::suggest::did_you_mean;
use crate::{Language, Origin, Plan, Region, Seat, Secret, Skill, Timers, serves};
use hotline_model::{CustomerType, Name, Proficiency, RegionId};
use std::collections::BTreeMap;
use std::time::Duration;

/// Longest after-call work.
pub(crate) const LONGEST_WRAP_UP: Duration = Duration::from_secs(3_600);
/// What stands for a password in texts.
const PLACEHOLDERS: [&str; 4] = ["...", "…", "...{name}", "…{name}"];
/// Keys of `[[seat]]` and of `[[seats]]`, beside `name` and `range`.
const SEAT_KEYS: [&str; 20] = [
    "agent",
    "region",
    "origin",
    "skills",
    "contact",
    "ping",
    "password",
    "ha1",
    "sha256",
    "cleared",
    "customer_types",
    "wrap_up",
    "sign_in",
    "queues",
    "pin",
    "pin_hash",
    "auto_answer",
    "dial",
    "dial_limit",
    "extension",
];

pub(crate) fn skills(items: &[Item<'_>], scope: &Scope<'_>, findings: &mut Findings) -> Vec<Skill> {
    for item in items {
        item.table.only(&["name"], both("a skill", "技能"), findings);
        let starts_well = item.name.value.chars().next().is_some_and(char::is_alphabetic);
        if !starts_well || *item.name.value == *crate::expression::ANYONE {
            let message = said!("`{}` can't be a skill's name", "`{}` 不能用作技能名称", item.name.value);
            findings
                .error("HL005", &item.name.place, message, both("conditions couldn't name it", "条件里无法写它"))
                .help(both("begin with a letter; `anyone` has a meaning", "请以字母或汉字开头；`anyone` 另有含义"));
        }
    }
    scope.skills.each().map(|(name, declared)| Skill { name: name.clone(), retired: !declared }).collect()
}

pub(crate) fn languages(items: &[Item<'_>], scope: &Scope<'_>, previous: Option<&Plan>, findings: &mut Findings) -> Vec<Language> {
    let before = previous.map(|plan| plan.languages.as_slice()).unwrap_or_default();
    let mut all: Vec<Language> = scope
        .languages
        .each()
        .enumerate()
        .map(|(id, (code, declared))| Language { code: code.clone(), need: before.get(id).and_then(|one| one.need), retired: !declared })
        .collect();
    for item in items {
        item.table.only(&["code", "requires"], both("a language", "语言"), findings);
        let need = item.table.get("requires").and_then(|node| scope.need(&node, findings));
        if let Some(language) = scope.languages.get(&item.name.value).and_then(|id| all.get_mut(id)) {
            language.need = need;
        }
    }
    all
}

pub(crate) fn regions(items: &[Item<'_>], scope: &Scope<'_>, previous: Option<&Plan>, findings: &mut Findings) -> Vec<Region> {
    let before = previous.map(|plan| plan.regions.as_slice()).unwrap_or_default();
    let codes = |id: usize| before.get(id).map(|one| one.area_codes.clone()).unwrap_or_default();
    let each = scope.regions.each().enumerate();
    let mut all: Vec<Region> =
        each.map(|(id, (name, declared))| Region { name: name.clone(), area_codes: codes(id), retired: !declared }).collect();
    let mut taken: BTreeMap<&str, Place> = BTreeMap::new();
    for item in items {
        item.table.only(&["name", "area_codes"], both("a region", "地区"), findings);
        let mut area_codes = Vec::new();
        for node in item.table.list("area_codes", findings) {
            let Some(code) = node.text(findings) else { continue };
            if code.value.is_empty() || code.value.len() > 12 || !code.value.bytes().all(|b| b.is_ascii_digit()) {
                findings
                    .error(
                        "HL005",
                        &code.place,
                        said!("`{}` is not an area code", "`{}` 不是区号", code.value.escape_debug()),
                        both("figures only", "只能是数字"),
                    )
                    .help(both("like `021`", "例如 `021`"));
            } else if let Some(first) = taken.get(code.value) {
                crate::names::again(&both("area code", "区号"), code.value, &code.place, Some(first), findings);
            } else {
                taken.insert(code.value, code.place.clone());
                area_codes.push(code.value.to_owned());
            }
        }
        if let Some(region) = scope.regions.get(&item.name.value).and_then(|id| all.get_mut(id)) {
            region.area_codes = area_codes;
        }
    }
    all
}

/// Reads `[distance]`: `"华东" = { "华北" = 1200 }`, the same in both directions; pairs left out are farthest.
pub(crate) fn distance(tables: &[Table<'_>], scope: &Scope<'_>, findings: &mut Findings) -> Vec<Vec<u32>> {
    let size = scope.regions.len();
    let mut places: BTreeMap<(usize, usize), Place> = BTreeMap::new();
    let mut all = vec![vec![u32::MAX; size]; size];
    for (place, row) in all.iter_mut().enumerate() {
        row[place] = 0;
    }
    for (from, node) in tables.iter().flat_map(Table::entries) {
        let from_id = scope.regions.find(from.value, &from.place, findings);
        let Some(row) = node.table(findings) else { continue };
        for (to, node) in row.entries() {
            let to_id = scope.regions.find(to.value, &to.place, findings);
            let far = node.number(0..=1_000_000, findings);
            let (Some(a), Some(b), Some(far)) = (from_id, to_id, far) else { continue };
            if a == b {
                of_itself(from.value, far, &node.place(), findings);
                continue;
            }
            if all[a][b] != u32::MAX && all[a][b] != far {
                let message = said!("two distances between `{}` and `{}`", "`{}` 与 `{}` 之间有两个距离", from.value, to.value);
                let more = findings
                    .error("HL008", &node.place(), message, said!("{} was given before", "前面写的是 {}", all[a][b]))
                    .help(both("one direction is enough", "只写一个方向即可"));
                if let Some(first) = places.get(&(a.min(b), a.max(b))) {
                    more.first(first);
                }
            }
            places.entry((a.min(b), a.max(b))).or_insert_with(|| node.place());
            (all[a][b], all[b][a]) = (far, far);
        }
    }
    all
}

/// A region is not far from itself, whatever is written.
fn of_itself(region: &str, far: u32, place: &Place, findings: &mut Findings) {
    if far > 0 {
        let message = said!("a distance between `{region}` and itself", "`{region}` 与它自己之间的距离");
        let label = both("a region is 0 km from itself", "同一地区的距离是 0 公里");
        findings.error("HL007", place, message, label).help(both("name another region, or remove it", "请改为另一个地区，或删去"));
    }
}

impl SeatBlock<'_> {
    fn only(&self, findings: &mut Findings) {
        let (key, what) = if self.many { ("range", both("a range of seats", "坐席号段")) } else { ("name", both("a seat", "坐席")) };
        let known: Vec<&str> = std::iter::once(key).chain(SEAT_KEYS).collect();
        self.table.only(&known, what, findings);
    }
}

/// What the rest of the rules says of where and when people sit down to work.
#[derive(Clone, Copy)]
pub(crate) struct Desks {
    /// There are telephones of nobody's own.
    pub hot: bool,
    /// `[access]` asks whoever signs in.
    pub asked: bool,
}

pub(crate) fn seats(
    blocks: &[SeatBlock<'_>],
    desks: Desks,
    scope: &Scope<'_>,
    timers: &Timers,
    previous: Option<&Plan>,
    findings: &mut Findings,
) -> Vec<Seat> {
    let mut all: Vec<Option<Seat>> = vec![None; scope.seats.len()];
    let mut pins = Pins::default();
    for block in blocks {
        block.only(findings);
        let template = seat(&block.table, desks, scope, timers, findings);
        let pin = pins.read(&block.table, &block.names, findings);
        if let (Some(_), Some(ha1)) = (block.table.get("range"), block.table.get("ha1")) {
            let help = both(
                "a hash holds the user's name: write these seats one by one, or use `password = \"...{name}\"`",
                "哈希里含有用户名：请逐个写这些坐席，或用 `password = \"...{name}\"`",
            );
            findings
                .error(
                    "HL005",
                    &ha1.place(),
                    both("one hash for several seats", "多个坐席共用一个哈希"),
                    both("fits one user at most", "最多对应一个用户"),
                )
                .help(help);
        }
        for name in &block.names {
            if let Some(place) = scope.seats.get(name).and_then(|id| all.get_mut(id)) {
                let mut seat = named(&template, name);
                seat.desk.pin = pin.of(name);
                *place = Some(seat);
            }
        }
    }
    let before = previous.map(|plan| plan.seats.as_slice()).unwrap_or_default();
    let skills = scope.skills.len();
    let seats = all.into_iter().enumerate().filter_map(|(id, seat)| seat.or_else(|| before.get(id).map(|seat| retire(seat, skills))));
    seats.collect()
}

fn retire(seat: &Seat, skills: usize) -> Seat {
    let mut seat = Seat { retired: true, ..seat.clone() };
    seat.proficiency.resize(skills, 0);
    seat
}

/// Puts a seat's name where the template says `{name}`.
fn named(template: &Seat, name: &Name) -> Seat {
    let fill = |text: &str| text.replace("{name}", name);
    let secret = match &template.secret {
        Secret::Password(password) => Secret::Password(fill(password)),
        Secret::None => Secret::None,
        Secret::Ha1 { md5, sha256 } => Secret::Ha1 { md5: md5.clone(), sha256: sha256.clone() },
    };
    Seat {
        name: name.clone(),
        agent: Name::from(fill(&template.agent)),
        contact: template.contact.as_deref().map(fill),
        secret,
        ..template.clone()
    }
}

/// Whether it is signed in as soon as its telephone is there. Where `[access]` asks whoever signs in, its agent does so, unless the rules say
/// otherwise (R138).
fn sign_in(table: &Table<'_>, desks: Desks, findings: &mut Findings) -> bool {
    let said = table.flag("sign_in", findings);
    if let (Some(true), true, Some(node)) = (said, desks.asked, table.get("sign_in")) {
        let message = both("a seat that works without being asked by `[access]`", "不受 `[access]` 检查就能工作的坐席");
        let label = both("signed in as soon as its telephone is there", "话机一在线就算已签入");
        let help = both("leave it out: then its agent signs in, and `[access]` is asked", "请删去：坐席须先签入，由 `[access]` 检查");
        findings.warning("HL322", &node.place(), message, label).rule("R138").help(help);
    }
    said.unwrap_or(!desks.asked)
}

fn seat(table: &Table<'_>, desks: Desks, scope: &Scope<'_>, timers: &Timers, findings: &mut Findings) -> Seat {
    let region = table.text("region", findings).and_then(|at| scope.regions.find(at.value, &at.place, findings));
    let origin = table.word("origin", &[("internal", Origin::Internal), ("external", Origin::External)], findings);
    let contact = contact(table, findings);
    let secret = secret(table, findings);
    let sign_in = sign_in(table, desks, findings);
    let moves = desks.hot && (table.get("pin").is_some() || table.get("pin_hash").is_some());
    // A wrong or misspelt one is told already.
    let meant = ["contact", "password", "ha1"].iter().any(|key| table.get(key).is_some());
    let misspelt = table.entries().iter().any(|(key, _)| !SEAT_KEYS.contains(&key.value) && !["name", "range"].contains(&key.value));
    if contact.is_none() && secret == Secret::None && !meant && !misspelt && !moves {
        let label = both("neither `contact` nor `password` nor `ha1`", "`contact`、`password`、`ha1` 都没有");
        findings
            .warning("HL070", &table.place(), both("a seat that can't be reached", "无法联系到的坐席"), label)
            .help(both("give it a `password` to register with", "请写一个供注册用的 `password`"));
    }
    Seat {
        name: Name::from(""),
        agent: agent(table, findings),
        region: region.map(|id| RegionId(small(id))),
        origin: origin.map_or(Origin::Internal, |at| at.value),
        proficiency: proficiency(table, scope, findings),
        contact,
        ping: table.flag("ping", findings).unwrap_or(false),
        sha256: table.flag("sha256", findings).unwrap_or(false) && check_sha256(table, &secret, findings),
        secret,
        cleared: table.flag("cleared", findings).unwrap_or(false),
        customer_types: customer_types(table, findings),
        queues: serves::queues(table, scope, timers, findings),
        wrap_up: wrap_up(table, findings),
        sign_in,
        desk: seat_desk(table, scope, sign_in, findings),
        retired: false,
    }
}

fn customer_types(table: &Table<'_>, findings: &mut Findings) -> Vec<CustomerType> {
    let words: Vec<(&str, CustomerType)> = CustomerType::ALL.iter().map(|kind| (kind.word(), *kind)).collect();
    table.list("customer_types", findings).iter().filter_map(|node| node.word(&words, findings)).map(|at| at.value).collect()
}

/// After-call work, at most an hour.
pub(crate) fn wrap_up(table: &Table<'_>, findings: &mut Findings) -> Option<Duration> {
    let wrap_up = table.duration("wrap_up", findings)?;
    if wrap_up.value > LONGEST_WRAP_UP {
        findings.error(
            "HL007",
            &wrap_up.place,
            both("after-call work is too long", "话后处理时间过长"),
            both("at most 1 h", "最多 1 小时"),
        );
    }
    Some(wrap_up.value)
}

fn proficiency(table: &Table<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Vec<Proficiency> {
    let mut all = vec![0; scope.skills.len()];
    let Some(skills) = table.get("skills").and_then(|node| node.table(findings)) else { return all };
    for (name, node) in skills.entries() {
        let id = scope.skills.find(name.value, &name.place, findings);
        let value = node.number(1..=10, findings).and_then(|value| Proficiency::try_from(value).ok());
        if let (Some(id), Some(value)) = (id, value) {
            all[id] = value;
        }
    }
    all
}

fn contact(table: &Table<'_>, findings: &mut Findings) -> Option<String> {
    let contact = table.text("contact", findings)?;
    // A range of seats has its name in it.
    if let Some(word) = stands_for_nothing(contact.value) {
        told_placeholder(word, &contact, findings);
        return None;
    }
    let wrong = contact::mistake(&contact.value.replace("{name}", "name"));
    if let Some(wrong) = &wrong {
        let message = said!("`{}` is not an address to call a seat at", "`{}` 不是能呼叫坐席的地址", contact.value.escape_debug());
        findings.error("HL005", &contact.place, message, wrong).help(both(
            "like `sip:1001@192.0.2.7:5060` or `sip:1001@phone7.office;transport=tcp`",
            "例如 `sip:1001@192.0.2.7:5060` 或 `sip:1001@phone7.office;transport=tcp`",
        ));
    }
    wrong.is_none().then(|| contact.value.to_owned())
}

/// A word in braces that is not the seat's name.
fn stands_for_nothing(contact: &str) -> Option<&str> {
    let inside = contact.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(word, _)| word);
    inside.into_iter().find(|word| *word != "name")
}

/// Who sits there; else the seat's name stands for them.
fn agent(table: &Table<'_>, findings: &mut Findings) -> Name {
    let Some(at) = table.line("agent", findings) else { return Name::from("{name}") };
    if at.value.trim().is_empty() {
        let help =
            both("write who sits there, or leave it out: then the seat's name stands for them", "请写坐席人员的姓名，或不写：那就用坐席号");
        findings.error("HL005", &at.place, both("an agent without a name", "没有写坐席人员的姓名"), both("empty", "为空")).help(help);
    }
    Name::from(at.value)
}

fn told_placeholder(word: &str, contact: &At<&str>, findings: &mut Findings) {
    let message =
        said!("`{{{word}}}` stands for nothing in an address", "地址里的 `{{{word}}}` 不代表任何内容", word = word.escape_debug());
    let meant = contact.value.replacen(&format!("{{{word}}}"), "{name}", 1);
    let fix = respelt(contact.value, &meant, &contact.place).filter(|_| did_you_mean(word, ["name"]).is_some());
    let label = both("only `{name}` is filled in", "只会代入 `{name}`");
    let help = both("like `sip:{name}@192.0.2.7`: the seat's name stands there", "例如 `sip:{name}@192.0.2.7`：会代入坐席号");
    findings.error("HL005", &contact.place, message, label).help(help).maybe_fix(fix);
}

pub(crate) fn secret(table: &Table<'_>, findings: &mut Findings) -> Secret {
    let password = table.text("password", findings);
    let Some(ha1) = table.get("ha1") else {
        return match password {
            Some(at) if at.value.is_empty() => {
                findings.error("HL005", &at.place, both("an empty password", "密码为空"), both("anybody could register", "任何人都能注册"));
                Secret::None
            }
            Some(at) if PLACEHOLDERS.contains(&at.value) => {
                let help = both("write one of its own for every seat, best as `ha1`", "请为每个坐席写各自的密码，最好写成 `ha1`");
                findings
                    .error(
                        "HL116",
                        &at.place,
                        both("the password of the manual's examples", "这是文档示例中的密码"),
                        both("anybody can read it there", "任何人都看得到"),
                    )
                    .help(help);
                Secret::None
            }
            Some(at) => Secret::Password(at.value.to_owned()),
            None => Secret::None,
        };
    };
    if let Some(password) = password {
        findings
            .error(
                "HL005",
                &password.place,
                both("both `password` and `ha1`", "`password` 和 `ha1` 都写了"),
                both("one of them is enough", "一个就够"),
            )
            .help(both("keep `ha1`", "请保留 `ha1`"));
    }
    let Some(hashes) = ha1.table(findings) else { return Secret::None };
    hashes.only(&["md5", "sha256"], code("`ha1`"), findings);
    Secret::Ha1 { md5: hash(&hashes, "md5", 32, findings), sha256: hash(&hashes, "sha256", 64, findings) }
}

fn hash(table: &Table<'_>, key: &str, figures: usize, findings: &mut Findings) -> Option<String> {
    let text = table.text(key, findings)?;
    let good = text.value.len() == figures && text.value.bytes().all(|b| b.is_ascii_hexdigit());
    if !good {
        findings.error(
            "HL005",
            &text.place,
            said!("not an {key} hash", "不是 {key} 哈希"),
            said!("{figures} hexadecimal figures are needed", "应为 {figures} 位十六进制数字"),
        );
    }
    good.then(|| text.value.to_ascii_lowercase())
}

pub(crate) fn check_sha256(table: &Table<'_>, secret: &Secret, findings: &mut Findings) -> bool {
    let possible = match secret {
        Secret::Password(_) | Secret::Ha1 { sha256: Some(_), .. } => true,
        Secret::None | Secret::Ha1 { sha256: None, .. } => false,
    };
    if let (false, Some(node)) = (possible, table.get("sha256")) {
        findings
            .error(
                "HL005",
                &node.place(),
                both("`sha256` without a SHA-256 secret", "有 `sha256` 而没有 SHA-256 密钥"),
                both("it couldn't register", "将无法注册"),
            )
            .help(both("add `ha1.sha256` or `password`", "请加上 `ha1.sha256` 或 `password`"));
    }
    possible
}
