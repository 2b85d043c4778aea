//! Numbers, menus and their branches.

use crate::declare::{Item, user_part};
use crate::finding::{Findings, Place};
use crate::predicate::{MOST_DIGITS, closed_then, predicate};
use crate::read::{Node, Table};
use crate::said::{both, code, said};
use crate::scope::{Link, Notes, Scope, Via, small};
use crate::speech::say;
use crate::way_out::{At, BESIDE, Ends, Found, WAYS, refuse, way};
use crate::{
    Branch, CalendarId, Changes, Collect, DialledNumber, Gate, Go, Menu, MenuId, NumberId, PickUp, Predicate, Say, SelfService,
    VoicemailId, When,
};
use hotline_model::{
    Assessment, Category, Class, ComplaintLevel, CustomerLevel, CustomerType, Impact, Kind, LanguageId, LookupMap, Name, Nature, Need,
    NumberingPlan, Priority, QueueId, Reading, Remit, SeatId, Topic,
};
use std::collections::BTreeMap;
use std::time::Duration;

const SET_KEYS: [&str; 14] = [
    "language",
    "class",
    "nature",
    "kind",
    "category",
    "level",
    "topic",
    "scope",
    "impact",
    "priority",
    "customer_type",
    "customer_level",
    "skills",
    "sensitive",
];
const BRANCH_KEYS: [&str; 16] = [
    "set",
    "say",
    "menu",
    "queue",
    "callback",
    "again",
    "goodbye",
    "hang_up",
    "seat",
    "voicemail",
    "number",
    "person",
    "department",
    "trunk",
    "for",
    "otherwise",
];
const MENU_KEYS: [&str; 10] = ["gate", "say", "keys", "wait", "attempts", "no_input", "invalid", "failed", "self_service", "collect"];
const COLLECT_KEYS: [&str; 6] = ["name", "min", "max", "end", "between", "done"];
const ENDS: [(&str, Option<char>); 3] = [("#", Some('#')), ("*", Some('*')), ("none", None)];
/// Shortest and longest wait for the next digit.
const BETWEEN: std::ops::RangeInclusive<Duration> = Duration::from_secs(2)..=Duration::from_secs(30);
const SELF_SERVICE: [(&str, SelfService); 3] =
    [("no", SelfService::No), ("ordinary", SelfService::Ordinary), ("everybody", SelfService::Everybody)];
/// Most further user parts of a number.
const MOST_ALIASES: usize = 1_000;
/// Most gates of a menu or a number.
const MOST_GATES: usize = 16;
const NOWHERE: Go = Go::Goodbye;

pub(crate) struct Reader<'r, 'o> {
    pub(crate) scope: &'r Scope<'o>,
    pub(crate) ends: Ends<'r>,
    pub(crate) notes: Notes,
    /// User parts that lead to a number.
    pub(crate) dialled: LookupMap<String, NumberId>,
    /// Where each of them is written first.
    pub(crate) dialled_at: BTreeMap<String, Place>,
    pub(crate) numbering: &'r NumberingPlan,
    /// The same by telephone numbers in full.
    pub(crate) in_full: BTreeMap<String, (String, NumberId)>,
}

impl Reader<'_, '_> {
    pub(crate) fn menus(&mut self, items: &[Item<'_>], findings: &mut Findings) -> Vec<Menu> {
        items.iter().enumerate().map(|(place, item)| self.menu(place, item, findings)).collect()
    }

    fn menu(&mut self, place: usize, item: &Item<'_>, findings: &mut Findings) -> Menu {
        let table = &item.table;
        table.only(&MENU_KEYS, both("a menu", "菜单"), findings);
        let gates = self.gates(Some(place), table, findings);
        let keys = self.keys(place, table, findings);
        let failed = self.failed(place, table, &keys, findings);
        let collect = self.collect(place, table, &keys, findings);
        if !keys.contains_key(&'0') {
            let message = said!("menu `{}` has no way to a person", "菜单 `{}` 无法转人工", item.name.value);
            let help = both("add a key: `0 = { queue = \"...\" }`", "请加按键：`0 = { queue = \"...\" }`");
            findings.error("HL021", &table.place(), message, both("key `0` is missing", "缺少按键 `0`")).rule("R9").help(help);
        }
        let mut speak = |key: &str, findings: &mut Findings| say(self.scope, table, key, Some(place), &mut self.notes, findings);
        Menu {
            name: item.name.value.clone(),
            gates,
            say: speak("say", findings),
            keys,
            wait: wait(table, findings),
            attempts: table.get("attempts").and_then(|node| node.number(1..=10, findings)).and_then(|n| u8::try_from(n).ok()).unwrap_or(3),
            no_input: speak("no_input", findings),
            invalid: speak("invalid", findings),
            failed,
            self_service: self_service(table, &item.name.value, findings),
            collect,
        }
    }

    fn gates(&mut self, from: Option<usize>, table: &Table<'_>, findings: &mut Findings) -> Vec<Gate> {
        let tables = table.tables("gate", findings);
        if let Some(gate) = tables.get(MOST_GATES) {
            findings.error(
                "HL009",
                &gate.place(),
                said!("more than {MOST_GATES} gates", "`gate` 超过 {MOST_GATES} 个"),
                both("one too many", "多出的一个"),
            );
        }
        let mut gates = Vec::new();
        for gate in tables.iter().take(MOST_GATES) {
            gate.only(&[&["closed", "when"], BRANCH_KEYS.as_slice()].concat(), both("a gate", "分流"), findings);
            let (errors, links) = (findings.errors(), self.notes.links.len());
            let when = self.when(gate, findings);
            let doubtful = findings.errors() > errors;
            let closed = match &when {
                When::Closed(calendar) => Some(*calendar),
                When::Holds(predicate) => closed_then(predicate),
            };
            let go = self.branch(gate, from, Via::Gate(closed), findings);
            self.notes.links.iter_mut().skip(links).for_each(|link| link.doubtful = doubtful);
            gates.push(Gate { when, go });
        }
        gates
    }

    /// Exactly one of `closed` and `when`.
    fn when(&self, gate: &Table<'_>, findings: &mut Findings) -> When {
        let never = || When::Holds(Predicate::Any(Vec::new()));
        match (gate.get("closed"), gate.get("when")) {
            (Some(closed), None) => self.scope.calendar(&closed, findings).map_or_else(never, When::Closed),
            (None, Some(when)) => predicate(&when, self.scope, findings).map_or_else(never, When::Holds),
            (Some(_), Some(when)) => {
                let message = both("a gate with both `closed` and `when`", "分流同时写了 `closed` 和 `when`");
                let help = both("write it in `when`: `!open(office) & ...`", "都写进 `when`：`!open(office) & ...`");
                findings.error("HL150", &when.place(), message, both("one of them is enough", "一个就够")).help(help);
                never()
            }
            (None, None) => {
                let message = both("a gate without `closed` or `when`", "分流没有 `closed` 也没有 `when`");
                let help = both(
                    "`closed = \"office\"`, or `when = \"customer_type == vip\"`",
                    "`closed = \"office\"`，或 `when = \"customer_type == vip\"`",
                );
                findings.error("HL004", &gate.place(), message, both("when is it taken?", "何时成立？")).help(help);
                never()
            }
        }
    }

    fn keys(&mut self, menu: usize, table: &Table<'_>, findings: &mut Findings) -> BTreeMap<char, Branch> {
        let mut keys = BTreeMap::new();
        let Some(entries) = table.get("keys").and_then(|node| node.table(findings)) else { return keys };
        for (key, node) in entries.entries() {
            let mut chars = key.value.chars();
            let digit = chars.next().filter(|c| chars.next().is_none() && (c.is_ascii_digit() || matches!(c, '*' | '#')));
            let branch = node.table(findings);
            let Some(digit) = digit else {
                let message = said!("`{}` is not a key of a telephone", "`{}` 不是话机上的按键", key.value.escape_debug());
                findings
                    .error("HL020", &key.place, message, both("no such key", "没有这个按键"))
                    .help(both("keys are 0-9, \"*\" and \"#\"", "按键为 0-9、\"*\" 和 \"#\""));
                continue;
            };
            if let Some(branch) = branch {
                branch.only(&BRANCH_KEYS, both("a branch", "分支"), findings);
                keys.insert(digit, self.branch(&branch, Some(menu), Via::Key(digit), findings));
            }
        }
        keys
    }

    fn collect(&mut self, menu: usize, table: &Table<'_>, keys: &BTreeMap<char, Branch>, findings: &mut Findings) -> Option<Collect> {
        let table = table.get("collect")?.table(findings)?;
        let what = both("`collect`", "`collect`");
        table.only(&COLLECT_KEYS, &what, findings);
        let name = table.need("name", &what, findings).and_then(|node| node.new_name(findings));
        let count = |key: &str, findings: &mut Findings| {
            let number = table.get(key).and_then(|node| node.number(1..=u32::from(MOST_DIGITS), findings));
            number.and_then(|number| u8::try_from(number).ok())
        };
        let (min, max) = (count("min", findings).unwrap_or(1), count("max", findings).unwrap_or(MOST_DIGITS));
        if let Some(node) = table.get("max").or_else(|| table.get("min")).filter(|_| min > max) {
            let message = said!("at least {min} digits and at most {max}", "最少 {min} 位，最多 {max} 位");
            findings.error("HL157", &node.place(), message, both("no number is so", "没有这样的号码")).help(both("swap them", "请对调"));
        }
        let end = table.word("end", &ENDS, findings).map_or(Some('#'), |end| end.value);
        if let Some(key) = keys.keys().find(|key| **key != '0' && (key.is_ascii_digit() || end == Some(**key))) {
            let message = said!("key `{key}` where digits are collected", "收集号码时不能用按键 `{key}`");
            let help = both(
                "keep `0`, which leads to a person if it is all that is keyed, and a key that is no digit and no `end`",
                "只留 `0`（只按 0 时转人工）和既不是数字也不是 `end` 的按键",
            );
            findings
                .error("HL157", &table.place(), message, both("it is part of the number, or its end", "它是号码的一部分，或结束键"))
                .help(help);
        }
        let between = table.duration("between", findings);
        if let Some(at) = between.as_ref().filter(|at| !BETWEEN.contains(&at.value)) {
            let message = both("between two digits it waits 2 s to 30 s", "两位数字之间等待 2 至 30 秒");
            findings.error("HL007", &at.place, message, both("out of range", "超出范围"));
        }
        let done = table.need("done", &what, findings).and_then(|node| node.table(findings))?;
        done.only(&BRANCH_KEYS, both("a branch", "分支"), findings);
        let done = self.branch(&done, Some(menu), Via::Collected, findings);
        let between = between.map_or(Duration::from_secs(3), |at| at.value);
        Some(Collect { name: name?.value, min, max, end, between, done })
    }

    /// Without a word about it, what `0` does is done after too many wrong inputs too.
    fn failed(&mut self, menu: usize, table: &Table<'_>, keys: &BTreeMap<char, Branch>, findings: &mut Findings) -> Branch {
        match table.get("failed").and_then(|node| node.table(findings)) {
            Some(failed) => {
                failed.only(&BRANCH_KEYS, both("a branch", "分支"), findings);
                self.branch(&failed, Some(menu), Via::Failed, findings)
            }
            None => keys.get(&'0').cloned().unwrap_or(Branch { set: Changes::default(), say: Vec::new(), go: NOWHERE }),
        }
    }

    fn branch(&mut self, table: &Table<'_>, from: Option<usize>, via: Via, findings: &mut Findings) -> Branch {
        let written = table.get("set").and_then(|node| node.table(findings));
        let mut set = written.as_ref().map(|set| changes(set, self.scope, findings)).unwrap_or_default();
        let menu = if matches!(via, Via::Gate(_)) { None } else { from };
        let said = say(self.scope, table, "say", menu, &mut self.notes, findings);
        if let (Via::Gate(Some(closed)), Some(node)) = (via, table.get("say")) {
            check_hours(&said, closed, &node.place(), findings);
        }
        let found = go(self.scope, self.ends, &At { table, from, via }, &mut self.notes, findings);
        set.seat = self.first_seat(table, found.as_ref(), findings);
        if let Some(found) = &found {
            let mut seats = found.seats.iter().copied();
            set.seat = seats.next().or(set.seat);
            set.others = seats.collect();
            set.whose.clone_from(&found.whose);
            let keys = written.iter().flat_map(Table::entries);
            let set_at = keys.map(|(key, node)| (key.value.to_owned(), node.place())).collect();
            self.notes.links.push(Link { from, via, go: found.go, place: found.place.clone(), set: set.clone(), set_at, doubtful: false });
        }
        Branch { set, say: said, go: found.map_or(NOWHERE, |found| found.go) }
    }

    /// `seat = "1001"`, with the queue where the call waits if that seat does not take it.
    fn first_seat(&self, table: &Table<'_>, found: Option<&Found>, findings: &mut Findings) -> Option<SeatId> {
        let name = table.text("seat", findings)?;
        let seat = self.scope.seats.find(name.value, &name.place, findings).and_then(|id| u32::try_from(id).ok()).map(SeatId);
        if found.is_some_and(|found| !found.seats.is_empty()) {
            refuse(table, "seat", both("the way leads to seats of its own", "去向本身已有坐席"), findings);
        } else if found.is_some_and(|found| !matches!(found.go, Go::Queue(_))) {
            let help = both("a seat has a `queue` beside it, and no other way", "坐席旁边只能写 `queue`，不能写别的去向");
            tell_without_queue(name.value, &name.place, help, findings);
        }
        seat
    }

    pub(crate) fn numbers(&mut self, items: &[Item<'_>], default: LanguageId, findings: &mut Findings) -> Vec<DialledNumber> {
        let numbers = items.iter().enumerate();
        numbers.map(|(place, item)| self.number(NumberId(small(place)), item, default, findings)).collect()
    }

    fn number(&mut self, id: NumberId, item: &Item<'_>, default: LanguageId, findings: &mut Findings) -> DialledNumber {
        let table = &item.table;
        table.only(
            &[&["name", "aliases", "language", "pick_up", "gate"], BRANCH_KEYS.as_slice()].concat(),
            both("a number", "号码"),
            findings,
        );
        self.dial(&item.name.value, &item.name.place, id, findings);
        let language = table.get("language").and_then(|node| self.scope.language(&node, findings)).unwrap_or(default);
        let nodes = table.list("aliases", findings);
        if let Some(node) = nodes.get(MOST_ALIASES) {
            findings.error(
                "HL009",
                &node.place(),
                said!("more than {MOST_ALIASES} aliases", "别名超过 {MOST_ALIASES} 个"),
                both("one too many", "多出的一个"),
            );
        }
        let mut aliases = Vec::new();
        for alias in nodes.iter().take(MOST_ALIASES).filter_map(|node| node.text(findings)).collect::<Vec<_>>() {
            self.dial(alias.value, &alias.place, id, findings);
            aliases.push(alias.value.to_owned());
        }
        let words = PickUp::ALL.map(|word| (word.word(), word));
        let pick_up = table.word("pick_up", &words, findings).map(|at| at.value).unwrap_or_default();
        let entry = self.branch(table, None, Via::Number, findings);
        if let (PickUp::EarlyMedia, Go::Menu(_), Some(node)) = (pick_up, entry.go, table.get("pick_up")) {
            let message = said!("keys may not be heard in the menus of `{}`", "`{}` 的菜单可能收不到按键", item.name.value);
            let label = both("many networks pass no keys before the answer", "接通之前，很多网络不传送按键");
            let help = both(
                "lead the number to a queue, or answer it; without a key callers come to `failed`",
                "请让该号码直接进入排队，或改为先接通；收不到按键的来电会走 `failed`",
            );
            findings.warning("HL179", &node.place(), message, label).help(help);
        }
        let gates = self.gates(None, table, findings);
        DialledNumber { name: item.name.value.clone(), aliases, gates, entry, language, pick_up }
    }

    fn dial(&mut self, user: &str, place: &Place, id: NumberId, findings: &mut Findings) {
        crate::seat_desk::check_code(user, place, findings);
        if user_part(user, place, findings) && self.dialled.insert(user.to_owned(), id).is_some() {
            crate::names::again(&crate::said::both("number", "号码"), user, place, self.dialled_at.get(user), findings);
        } else {
            self.dialled_at.insert(user.to_owned(), place.clone());
            self.otherwise_written(user, place, id, findings);
        }
    }

    /// Two numbers that are one telephone number: which of them a caller meets would be up to how the network writes it.
    fn otherwise_written(&mut self, user: &str, place: &Place, id: NumberId, findings: &mut Findings) {
        let (Reading::Global(full) | Reading::Short(full)) = self.numbering.read(user) else { return };
        let (other, before) = self.in_full.entry(full.clone()).or_insert_with(|| (user.to_owned(), id));
        if *before == id {
            return;
        }
        let message = said!("number `{user}` is `{other}` written otherwise", "号码 `{user}` 与 `{other}` 是同一个号码的不同写法");
        let label = said!("both are `{full}`", "都是 `{full}`");
        let more = findings.error("HL008", place, message, label).help(both("keep it with one of the numbers", "请只写在其中一个号码下"));
        if let Some(first) = self.dialled_at.get(other) {
            more.first(first);
        }
    }
}

/// Where a branch leads, and where that is written.
pub(crate) fn go(scope: &Scope<'_>, ends: Ends<'_>, at: &At<'_, '_>, notes: &mut Notes, findings: &mut Findings) -> Option<Found> {
    let table = at.table;
    let ways = ["menu", "queue", "callback", "voicemail", "again", "goodbye", "hang_up"].into_iter().chain(WAYS);
    let ways: Vec<(&str, Node<'_>)> = ways.filter_map(|key| table.get(key).map(|node| (key, node))).collect();
    let [(key, node)] = ways.as_slice() else {
        let place = ways.get(1).map_or(table.place(), |(_, node)| node.place());
        match table.get("seat").filter(|_| ways.is_empty()) {
            Some(seat) => without_queue(&seat, table, findings),
            None => tell_not_one(ways.is_empty(), at.via, &place, findings),
        }
        return None;
    };
    if WAYS.contains(key) {
        return way(scope, ends, at, (key, node), notes, findings);
    }
    for beside in BESIDE {
        let why = both("only `number`, `person` and `department` have it", "只有 `number`、`person`、`department` 才用它");
        refuse(table, beside, why, findings);
    }
    let go = match *key {
        "menu" => scope.menus.find(node.text(findings)?.value, &node.place(), findings).map(|id| Go::Menu(MenuId(small(id)))),
        "queue" => scope.queues.find(node.text(findings)?.value, &node.place(), findings).map(|id| Go::Queue(QueueId(small(id)))),
        "callback" => scope.queues.find(node.text(findings)?.value, &node.place(), findings).map(|id| Go::Callback(QueueId(small(id)))),
        "voicemail" => {
            scope.voicemails.find(node.text(findings)?.value, &node.place(), findings).map(|id| Go::Voicemail(VoicemailId(small(id))))
        }
        "again" => table.flag(key, findings).map(|_| Go::Again),
        "hang_up" => table.flag(key, findings).map(|_| Go::HangUp),
        _ => table.flag(key, findings).map(|_| Go::Goodbye),
    }?;
    let said_no = node.as_flag() == Some(false);
    let in_menu = matches!(at.via, Via::Key(_));
    if said_no || go == Go::Again && !in_menu {
        let message = if said_no {
            said!("`{key} = false` says nothing", "`{key} = false` 没有意义")
        } else {
            both("only a key can lead to `again`", "只有按键可以用 `again`").to_owned()
        };
        findings
            .error("HL023", &node.place(), message, both("leads nowhere", "没有去向"))
            .help(both("name a menu or a queue", "请写明菜单或排队"));
    }
    Some(Found { go, place: node.place(), seats: Vec::new(), whose: None })
}

/// A branch with a seat alone, or with `otherwise` for it.
fn without_queue(seat: &Node<'_>, table: &Table<'_>, findings: &mut Findings) {
    let help = if table.get("otherwise").is_some() {
        both(
            "write `queue = \"...\"` instead of `otherwise`, in the same table: there the call waits",
            "请在同一个表里用 `queue = \"...\"` 代替 `otherwise`：来电在那里等",
        )
    } else {
        both("add `queue = \"...\"`", "请加上 `queue = \"...\"`")
    };
    tell_without_queue(seat.as_text().unwrap_or_default(), &seat.place(), help, findings);
}

fn tell_without_queue(name: &str, place: &Place, help: crate::Said, findings: &mut Findings) {
    let message = said!("seat `{}` without a queue behind it", "坐席 `{}` 后面没有排队", name.escape_debug());
    let label = both("where does the call wait if nobody answers there?", "那里无人接听时，来电在哪里等？");
    findings.error("HL154", place, message, label).help(help);
}

fn tell_not_one(is_none: bool, via: Via, place: &Place, findings: &mut Findings) {
    let message = if is_none {
        both("a branch that leads nowhere", "分支没有去向")
    } else {
        both("a branch that leads to several places", "分支有多个去向")
    };
    let help = match via {
        Via::Queue => both(
            "exactly one of `menu = \"...\"`, `queue = \"...\"`, `voicemail = \"...\"`, `number = \"...\"`, `person = \"...\"`, `department = \"...\"`, `goodbye = true`",
            "只能写其中一个：`menu = \"...\"`、`queue = \"...\"`、`voicemail = \"...\"`、`number = \"...\"`、`person = \"...\"`、`department = \"...\"`、`goodbye = true`",
        ),
        Via::Key(_) => both(
            "exactly one of `menu = \"...\"`, `queue = \"...\"`, `callback = \"...\"`, `voicemail = \"...\"`, `number = \"...\"`, `person = \"...\"`, `department = \"...\"`, `again = true`, `goodbye = true`, `hang_up = true`",
            "只能写其中一个：`menu = \"...\"`、`queue = \"...\"`、`callback = \"...\"`、`voicemail = \"...\"`、`number = \"...\"`、`person = \"...\"`、`department = \"...\"`、`again = true`、`goodbye = true`、`hang_up = true`",
        ),
        Via::Otherwise => both(
            "exactly one of `menu = \"...\"`, `queue = \"...\"`, `callback = \"...\"`, `voicemail = \"...\"`, `goodbye = true`",
            "只能写其中一个：`menu = \"...\"`、`queue = \"...\"`、`callback = \"...\"`、`voicemail = \"...\"`、`goodbye = true`",
        ),
        Via::Number | Via::Gate(_) | Via::Failed | Via::Collected => both(
            "exactly one of `menu = \"...\"`, `queue = \"...\"`, `callback = \"...\"`, `voicemail = \"...\"`, `number = \"...\"`, `person = \"...\"`, `department = \"...\"`, `goodbye = true`, `hang_up = true`",
            "只能写其中一个：`menu = \"...\"`、`queue = \"...\"`、`callback = \"...\"`、`voicemail = \"...\"`、`number = \"...\"`、`person = \"...\"`、`department = \"...\"`、`goodbye = true`、`hang_up = true`",
        ),
    };
    findings.error("HL023", place, message, both("one place is needed", "需要一个去向")).help(help);
}

/// R18: the hours that are announced are those in force.
pub(crate) fn check_hours(said: &[Say], closed: CalendarId, place: &Place, findings: &mut Findings) {
    let others = said.iter().any(|piece| matches!(piece, Say::Hours(calendar) if *calendar != closed));
    if others {
        let label = both("not the calendar of `closed`", "不是 `closed` 的日历");
        findings
            .error("HL025", place, both("hours are announced that are not those in force", "播报的服务时间与实际不符"), label)
            .rule("R18")
            .help(both("name the same calendar", "请用同一个日历"));
    }
}

/// R47: VIP customers are served by people first.
fn self_service(table: &Table<'_>, menu: &str, findings: &mut Findings) -> SelfService {
    let Some(found) = table.word("self_service", &SELF_SERVICE, findings) else { return SelfService::No };
    if found.value == SelfService::Everybody {
        let message = said!("VIP customers meet self-service menu `{menu}` before a person", "贵宾客户会先遇到自助菜单 `{menu}`");
        let label = both("VIP customers are served by people", "贵宾客户应由人工服务");
        let help = both(
            "write `self_service = \"ordinary\"`: VIP customers go where key `0` leads",
            "写 `self_service = \"ordinary\"`：贵宾客户直接走按键 `0` 的去向",
        );
        findings.warning("HL155", &found.place, message, label).rule("R47").help(help);
    }
    found.value
}

fn wait(table: &Table<'_>, findings: &mut Findings) -> Duration {
    let Some(wait) = table.duration("wait", findings) else { return Duration::from_secs(5) };
    if !(Duration::from_secs(1)..=Duration::from_secs(60)).contains(&wait.value) {
        findings.error(
            "HL007",
            &wait.place,
            both("a menu waits 1 s to 60 s for a key", "菜单等待按键的时间为 1 至 60 秒"),
            both("out of range", "超出范围"),
        );
    }
    wait.value
}

fn changes(table: &Table<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Changes {
    table.only(&SET_KEYS, code("`set`"), findings);
    changes_in(table, scope, findings)
}

/// The changes among a table's keys.
pub(crate) fn changes_in(table: &Table<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Changes {
    macro_rules! word {
        ($key:literal, $kind:ty) => {{
            let words: Vec<(&str, $kind)> = <$kind>::ALL.iter().map(|value| (value.word(), *value)).collect();
            table.word($key, &words, findings).map(|at| at.value)
        }};
    }
    Changes {
        language: table.get("language").and_then(|node| scope.language(&node, findings)),
        class: word!("class", Class),
        nature: word!("nature", Nature),
        kind: word!("kind", Kind),
        category: word!("category", Category),
        level: word!("level", ComplaintLevel),
        topic: word!("topic", Topic),
        assessed: Assessment { scope: word!("scope", Remit), impact: word!("impact", Impact) },
        priority: word!("priority", Priority),
        customer_type: word!("customer_type", CustomerType),
        customer_level: word!("customer_level", CustomerLevel),
        skills: needs(table, scope, findings),
        sensitive: table.flag("sensitive", findings),
        seat: None,
        others: Vec::new(),
        whose: None,
    }
}

fn needs(table: &Table<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Vec<Need> {
    let nodes = table.list("skills", findings);
    if let Some(node) = nodes.get(16) {
        findings.error(
            "HL009",
            &node.place(),
            both("more than 16 skills asked for", "要求的技能超过 16 项"),
            both("one too many", "多出的一个"),
        );
    }
    nodes.iter().take(16).filter_map(|node| scope.need(node, findings)).collect()
}

/// The priority words of the manual.
pub(crate) fn priority(table: &Table<'_>, findings: &mut Findings) -> Option<Priority> {
    let words: Vec<(&str, Priority)> = Priority::ALL.iter().map(|value| (value.word(), *value)).collect();
    table.word("priority", &words, findings).map(|at| at.value)
}

/// A menu's name for messages.
pub(crate) fn name_of(menus: &[Menu], place: usize) -> Name {
    menus.get(place).map_or_else(|| Name::from(""), |menu| menu.name.clone())
}
