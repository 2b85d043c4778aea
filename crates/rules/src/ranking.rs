//! The order of seats inside a tier: `order`, `keys` or `weights`, for all queues or for one; and how long calls wait for agents of their own.

use crate::declare::Declared;
use crate::finding::{At, Findings, Place};
use crate::read::{Node, Table};
use crate::said::{both, code, said};
use crate::{Key, Plan, Ranking, Said, Timers, WaitFor, values};
use std::time::Duration;

const KEYS: [(&str, Key); 9] = [
    ("owner", Key::Owner),
    ("preference", Key::Preference),
    ("proficiency", Key::Proficiency),
    ("least-sufficient", Key::LeastSufficient),
    ("region", Key::Region),
    ("customer-type", Key::CustomerType),
    ("least-occupied", Key::LeastOccupied),
    ("responsiveness", Key::Responsiveness),
    ("longest-idle", Key::LongestIdle),
];
/// What can have a weight: what does not change from call to call.
const WEIGHTS: [&str; 6] = ["owner", "preference", "proficiency", "least-sufficient", "region", "customer-type"];
/// Keys by the name of their order.
const ORDERS: [(&str, &[Key]); 4] = [
    ("best", &[Key::Owner, Key::Proficiency, Key::Region, Key::LongestIdle]),
    ("least-sufficient", &[Key::Owner, Key::LeastSufficient, Key::Region, Key::LongestIdle]),
    ("longest-idle", &[Key::Owner, Key::LongestIdle]),
    ("least-occupied", &[Key::Owner, Key::LeastOccupied, Key::LongestIdle]),
];
const LARGEST_WEIGHT: u32 = 100;

/// The order that the one of these nodes that is there gives; two of them contradict each other.
pub(crate) fn ranking(
    order: Option<Node<'_>>,
    keys: Option<Node<'_>>,
    weights: Option<Node<'_>>,
    findings: &mut Findings,
) -> Option<Ranking> {
    let given = [("order", order), ("keys", keys), ("weights", weights)].into_iter().filter_map(|(word, node)| Some((word, node?)));
    let mut given = given.map(|(word, node)| (word, node.place()));
    if let (Some((first, _)), Some((second, place))) = (given.next(), given.next()) {
        let message = said!("both `{first}` and `{second}` order the seats", "`{first}` 和 `{second}` 都规定了坐席的次序");
        findings
            .error("HL081", &place, message, both("only one of them can", "只能用一个"))
            .help(said!("remove `{first}` or `{second}`", "请删去 `{first}` 或 `{second}`"));
    }
    if let Some(node) = order {
        return node.word(&ORDERS, findings).map(|at| Ranking::Keys(at.value.to_vec()));
    }
    keys.map(|node| Ranking::Keys(self::keys(&node, findings))).or_else(|| self::weights(&weights?, findings).map(Ranking::Weights))
}

fn keys(node: &Node<'_>, findings: &mut Findings) -> Vec<Key> {
    let words = node.list(findings);
    if node.as_list().is_some() && words.is_empty() {
        let help = both(
            "`keys = [\"longest-idle\"]`, or leave `keys` out for the usual order",
            "`keys = [\"longest-idle\"]`，或不写 `keys` 而用默认次序",
        );
        findings
            .error(
                "HL114",
                &node.place(),
                both("an order of seats without a key", "坐席的次序没有任何依据"),
                both("nothing would decide", "无从决定先后"),
            )
            .help(help);
    }
    let words: Vec<At<Key>> = words.iter().filter_map(|node| node.word(&KEYS, findings)).collect();
    let keys: Vec<Key> = words.iter().map(|at| at.value).collect();
    for (place, at) in words.iter().enumerate() {
        let before = &keys[..place];
        if let Some(first) = words[..place].iter().find(|other| other.value == at.value) {
            findings
                .error(
                    "HL008",
                    &at.place,
                    both("a key that is named twice", "依据重复"),
                    said!("named at place {place} before", "前面第 {place} 项已写过"),
                )
                .first(&first.place)
                .help(both("remove it", "请删去"));
        } else if let Some(opposite) = opposite(at.value).filter(|key| before.contains(key)) {
            let message = said!("`{}` after `{}` decides nothing", "`{}` 在 `{}` 之后不起作用", word(at.value), word(opposite));
            findings
                .error("HL081", &at.place, message, both("its opposite was decided before", "前面已按相反的依据决定"))
                .help(both("keep one of them", "请保留其中一个"));
        } else if let Some(dynamic) = before.iter().find(|key| key.is_dynamic() && !at.value.is_dynamic() && at.value != Key::LongestIdle) {
            let (key, dynamic) = (word(at.value), word(*dynamic));
            let message = said!(
                "`{dynamic}` changes from call to call and can't stand before `{key}`",
                "`{dynamic}` 每通电话都变，不能排在 `{key}` 之前"
            );
            let help = said!(
                "move `{dynamic}` to the end of the list, or before `longest-idle`",
                "请把 `{dynamic}` 移到最后，或 `longest-idle` 之前"
            );
            findings.error("HL082", &at.place, message, said!("after `{dynamic}`", "在 `{dynamic}` 之后")).help(help);
        } else if at.value.is_dynamic() && before.contains(&Key::LongestIdle) {
            let message = said!("`{}` after `longest-idle` decides nothing", "`{}` 在 `longest-idle` 之后不起作用", word(at.value));
            findings
                .error("HL082", &at.place, message, both("idle times hardly ever tie", "空闲时间几乎不会相等"))
                .help(both("put it before `longest-idle`, or in its place", "请放在 `longest-idle` 之前，或代替它"));
        }
    }
    keys
}

fn opposite(key: Key) -> Option<Key> {
    match key {
        Key::Proficiency => Some(Key::LeastSufficient),
        Key::LeastSufficient => Some(Key::Proficiency),
        Key::Owner | Key::Preference | Key::Region | Key::CustomerType | Key::LeastOccupied | Key::Responsiveness | Key::LongestIdle => {
            None
        }
    }
}

fn word(key: Key) -> &'static str {
    KEYS.iter().find(|(_, known)| *known == key).map_or("", |(word, _)| word)
}

fn weights(node: &Node<'_>, findings: &mut Findings) -> Option<Vec<(Key, u32)>> {
    let table = node.table(findings)?;
    table.only(&WEIGHTS, code("`weights`"), findings);
    let known = KEYS.iter().filter(|(word, _)| WEIGHTS.contains(word));
    let weight = |(word, key): &(&str, Key), findings: &mut Findings| Some((*key, table.get(word)?.number(0..=LARGEST_WEIGHT, findings)?));
    let weights: Vec<(Key, u32)> = known.filter_map(|one| weight(one, findings)).collect();
    let has = |key: Key| weights.iter().any(|(one, weight)| *one == key && *weight > 0);
    if !findings.has_errors() && weights.iter().all(|(_, weight)| *weight == 0) {
        findings
            .error(
                "HL083",
                &node.place(),
                both("no weight is more than 0", "没有大于 0 的权重"),
                both("all seats would be equal", "所有坐席都会同分"),
            )
            .help(both("use `keys = [\"longest-idle\"]`", "请用 `keys = [\"longest-idle\"]`"));
    } else if has(Key::Proficiency) && has(Key::LeastSufficient) {
        let message = both("`proficiency` and `least-sufficient` weigh against each other", "`proficiency` 与 `least-sufficient` 互相抵消");
        findings.error("HL081", &node.place(), message, both("opposites", "相反")).help(both("keep one of them", "请保留其中一个"));
    }
    Some(weights)
}

/// Each at most what R5 leaves beside two rings.
pub(crate) fn wait_for(table: &Table<'_>, timers: &Timers, findings: &mut Findings) -> WaitFor {
    table.only(&["owner", "last", "preferred"], code("`assign.wait_for`"), findings);
    let most = timers.answer.saturating_sub(timers.ring_per_offer * 2);
    let mut patience = |key: &str| {
        let Some(patience) = table.duration(key, findings) else { return Duration::ZERO };
        if patience.value > most {
            let message = said!(
                "waiting {} for one agent leaves no time for two rings",
                "为一个坐席等 {:#}，剩余时间不够两次振铃",
                values::in_words(patience.value)
            );
            let label =
                said!("at most {} (answer - 2 x ring_per_offer)", "最多 {:#}（answer - 2 x ring_per_offer）", values::in_words(most));
            findings.error("HL046", &patience.place, message, label).rule("R5");
        }
        patience.value
    };
    WaitFor { owner: patience("owner"), last: patience("last"), preferred: patience("preferred") }
}

/// Warns of what is written and has no say in any queue.
pub(crate) fn without_a_say(plan: &Plan, declared: &Declared<'_>, listed: &[Place], findings: &mut Findings) {
    if findings.has_errors() {
        return;
    }
    let rankings = || plan.queues.iter().filter(|queue| !queue.retired).map(|queue| queue.ranking.as_ref().unwrap_or(&plan.assign.ranking));
    let mut warn = |key: &str, tables: Vec<&Table<'_>>, listed: &[Place], help: Said| {
        let places = tables.iter().filter_map(|table| table.get(key)).map(|node| node.place());
        for place in places.chain(listed.iter().cloned()) {
            findings
                .warning(
                    "HL084",
                    &place,
                    said!("`{key}` decides nothing", "`{key}` 不起作用"),
                    both("no queue asks for it", "没有排队用到它"),
                )
                .help(&help);
        }
    };
    if plan.assign.wait_for.owner.is_zero() && !rankings().any(|ranking| ranking.has(Key::Owner)) {
        let help = both(
            "put \"owner\" first in `keys`, or `owner` into `[assign.wait_for]`",
            "请把 \"owner\" 放在 `keys` 最前，或在 `[assign.wait_for]` 中加上 `owner`",
        );
        warn("agent", declared.customers.iter().map(|item| &item.table).collect(), &[], help);
    }
    if plan.assign.wait_for.preferred.is_zero() && !rankings().any(|ranking| ranking.has(Key::Preference)) {
        let help = both(
            "add \"preference\" to `keys`, or `preferred` to `[assign.wait_for]`",
            "请在 `keys` 中加上 \"preference\"，或在 `[assign.wait_for]` 中加上 `preferred`",
        );
        warn("preferred", declared.customers.iter().map(|item| &item.table).collect(), listed, help);
    }
    if !rankings().any(|ranking| ranking.has(Key::CustomerType)) {
        warn(
            "customer_types",
            declared.seats.iter().map(|block| &block.table).collect(),
            &[],
            both("add \"customer-type\" to `keys`", "请在 `keys` 中加上 \"customer-type\""),
        );
    }
}
