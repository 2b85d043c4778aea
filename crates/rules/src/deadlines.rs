//! `[deadlines]`: by when what a call left open is to be done.

use crate::finding::{At, Findings, Place};
use crate::fixes::near_word;
use crate::read::{Node, Table};
use crate::said::{both, code, said};
use crate::scope::Scope;
use crate::suggest::did_you_mean;
use crate::timers::{holder, overrides};
use crate::{Basis, Calendar, ComplaintLimits, Deadlines, Limits, Said, Timers, values};
use hotline_model::{ComplaintLevel, Name};
use std::time::Duration;

const PROFILES: [(&str, Basis); 3] = [("manual", Basis::Manual), ("m2", Basis::M2), ("m3", Basis::M3)];
const OWN_KEYS: [&str; 5] = ["profile", "clock", "calendar", "profiles", "manual_override"];
const LIMIT_KEYS: [&str; 7] = ["common", "complex", "major", "hard", "complaint", "result_feedback", "follow_up"];
const MOST_PROFILES: usize = 50;
/// M2's limit of a hard problem (R65), the longest of all.
const HARD: Duration = Duration::from_secs(48 * 3_600);
const SHORTEST: Duration = Duration::from_secs(1);

pub(crate) fn deadlines(
    tables: &[Table<'_>],
    timers: &Timers,
    calendars: &[Calendar],
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> Deadlines {
    let known: Vec<&str> = OWN_KEYS.iter().chain(&LIMIT_KEYS).copied().collect();
    for table in tables {
        table.only(&known, code("`[deadlines]`"), findings);
    }
    let lifted = holder(tables, "manual_override", findings).is_some_and(|table| overrides(table, findings));
    let own = own_profiles(tables, lifted, findings);
    let mut deadlines = Deadlines { investigation: timers.complaint_investigation, ..Deadlines::default() };
    if let Some(node) = holder(tables, "profile", findings).and_then(|table| table.get("profile"))
        && let Some((name, basis, limits)) = chosen(&node, &own, findings)
    {
        (deadlines.profile, deadlines.basis, deadlines.limits) = (name, basis, limits);
    }
    let given =
        Given { basis: deadlines.basis, lifted, over: (&*deadlines.profile != Basis::Manual.word()).then(|| deadlines.profile.clone()) };
    for key in LIMIT_KEYS {
        if let Some(table) = holder(tables, key, findings) {
            read_limit(table, key, &given, &mut deadlines.limits, findings);
        }
    }
    deadlines.business = business(tables, calendars, scope, findings);
    deadlines
}

/// The calendar whose open time counts (H11).
fn business(tables: &[Table<'_>], calendars: &[Calendar], scope: &Scope<'_>, findings: &mut Findings) -> Option<Calendar> {
    let words = [("wall", false), ("business", true)];
    let clock = holder(tables, "clock", findings).and_then(|table| table.word("clock", &words, findings));
    let node = holder(tables, "calendar", findings).and_then(|table| table.get("calendar"));
    let calendar = node.as_ref().and_then(|node| scope.calendar(node, findings));
    let clock = clock.filter(|clock| clock.value)?;
    if node.is_none() {
        let message = both("`clock = \"business\"` without a calendar", "`clock = \"business\"` 没有写日历");
        findings
            .error("HL004", &clock.place, message, both("whose open time is meant?", "按哪个日历的开放时间？"))
            .help(both("add `calendar = \"...\"` to `[deadlines]`", "请在 `[deadlines]` 中加上 `calendar = \"...\"`"));
    }
    calendars.get(usize::from(calendar?.0)).cloned()
}

type Profile = (Name, Basis, Limits);

/// What limits are held against.
struct Given {
    basis: Basis,
    /// Longer ones than the manual's are accepted.
    lifted: bool,
    /// The profile that was chosen and whose figures these take the place of: none for those of the manual, which are what holds anyway.
    over: Option<Name>,
}

fn own_profiles(tables: &[Table<'_>], lifted: bool, findings: &mut Findings) -> Vec<Profile> {
    let Some(table) = holder(tables, "profiles", findings).and_then(|table| table.get("profiles")?.table(findings)) else {
        return Vec::new();
    };
    let entries = table.entries();
    if let Some((name, _)) = entries.get(MOST_PROFILES) {
        let message = said!("more than {MOST_PROFILES} profiles of deadlines", "时限方案超过 {MOST_PROFILES} 个");
        findings.error("HL009", &name.place, message, both("one too many", "多出的一个"));
    }
    entries.iter().take(MOST_PROFILES).filter_map(|(name, node)| own_profile(name, node, lifted, findings)).collect()
}

fn own_profile(name: &At<&str>, node: &Node<'_>, lifted: bool, findings: &mut Findings) -> Option<Profile> {
    if !crate::read::check_name(name, findings) {
        return None;
    }
    if PROFILES.iter().any(|(word, _)| *word == name.value) {
        let message = said!("the profile `{}` is the manual's own", "`{}` 是手册自带的时限方案", name.value);
        findings.error("HL008", &name.place, message, both("taken", "已被占用")).help(both("give yours another name", "请换一个名字"));
    }
    let table = node.table(findings)?;
    let known: Vec<&str> = ["like"].into_iter().chain(LIMIT_KEYS).collect();
    table.only(&known, both("a profile of deadlines", "时限方案"), findings);
    let basis = table.word("like", &PROFILES, findings).map_or(Basis::Manual, |at| at.value);
    let mut limits = Limits::of(basis);
    let given = Given { basis, lifted, over: None };
    for key in LIMIT_KEYS {
        read_limit(&table, key, &given, &mut limits, findings);
    }
    Some((name.value.into(), basis, limits))
}

fn chosen(node: &Node<'_>, own: &[Profile], findings: &mut Findings) -> Option<Profile> {
    let name = node.text(findings)?;
    if let Some((word, basis)) = PROFILES.iter().find(|(word, _)| *word == name.value) {
        return Some(((*word).into(), *basis, Limits::of(*basis)));
    }
    let found = own.iter().find(|(known, ..)| **known == *name.value).cloned();
    if found.is_none() {
        let known: Vec<&str> = PROFILES.iter().map(|(word, _)| *word).chain(own.iter().map(|(name, ..)| &**name)).collect();
        let all = || said!("there are: {}", "可用：{}", known.join(", "));
        let help = did_you_mean(name.value, known.iter().copied()).unwrap_or_else(all);
        let message = said!("unknown profile of deadlines `{}`", "未知的时限方案 `{}`", name.value.escape_debug());
        findings
            .error(
                "HL006",
                &name.place,
                message,
                both("neither the manual's nor one of `[deadlines.profiles]`", "手册和 `[deadlines.profiles]` 里都没有"),
            )
            .help(help)
            .maybe_fix(near_word(name.value, known.iter().copied(), &name.place));
    }
    found
}

fn read_limit(table: &Table<'_>, key: &str, given: &Given, limits: &mut Limits, findings: &mut Findings) {
    let basis = given.basis;
    let manual = Limits::of(basis);
    let of_all = basis == Basis::M3;
    let (most, rule) = match key {
        "common" => (manual.common, if of_all { "R66" } else { "R62" }),
        "complex" => (
            manual.complex,
            if of_all {
                "R66"
            } else if basis == Basis::M2 {
                "R65"
            } else {
                "R63"
            },
        ),
        "major" => (manual.major, if of_all { "R66" } else { "R64" }),
        "hard" => (HARD, "R65"),
        "result_feedback" => (manual.result_feedback, "R67"),
        "follow_up" => (manual.follow_up, "R92"),
        _ => return read_complaint(table, given, limits, findings),
    };
    let before = match key {
        "common" => Some(limits.common),
        "complex" => Some(limits.complex),
        "major" => Some(limits.major),
        "hard" => limits.hard,
        "result_feedback" => Some(limits.result_feedback),
        _ => Some(limits.follow_up),
    };
    let Some(value) = limit(table, key, &format!("deadlines.{key}"), &Most { most, rule, before }, given, findings) else { return };
    match key {
        "common" => limits.common = value,
        "complex" => limits.complex = value,
        "major" => limits.major = value,
        "hard" => limits.hard = Some(value),
        "result_feedback" => limits.result_feedback = value,
        _ => limits.follow_up = value,
    }
}

fn read_complaint(table: &Table<'_>, given: &Given, limits: &mut Limits, findings: &mut Findings) {
    let Some(table) = table.get("complaint").and_then(|node| node.table(findings)) else { return };
    let levels = ComplaintLevel::ALL;
    let known: Vec<&str> = ["contact"].into_iter().chain(levels.iter().map(|level| level.word())).collect();
    table.only(&known, code("`deadlines.complaint`"), findings);
    let manual = Limits::of(given.basis);
    let most = Most { most: manual.contact, rule: "R81", before: Some(limits.contact) };
    if let Some(value) = limit(&table, "contact", "deadlines.complaint.contact", &most, given, findings) {
        limits.contact = value;
    }
    for level in levels {
        let Some(table) = table.get(level.word()).and_then(|node| node.table(findings)) else { continue };
        table.only(&["first", "completion"], code("`deadlines.complaint`"), findings);
        let rule = match (given.basis, level) {
            (Basis::M3, _) => "R94",
            (_, ComplaintLevel::L1) => "R82",
            (_, ComplaintLevel::L2) => "R83",
            (_, ComplaintLevel::L3) => "R84",
        };
        let ComplaintLimits { first, completion } = manual.complaint[*level as usize];
        let limits = &mut limits.complaint[*level as usize];
        let name = |key: &str| format!("deadlines.complaint.{level}.{key}");
        let most = |most: Duration, before: Duration| Most { most, rule, before: Some(before) };
        if let Some(value) = limit(&table, "first", &name("first"), &most(first, limits.first), given, findings) {
            limits.first = value;
        }
        if let Some(value) = limit(&table, "completion", &name("completion"), &most(completion, limits.completion), given, findings) {
            limits.completion = value;
        }
        if limits.first > limits.completion {
            let place = table.get("completion").or_else(|| table.get("first")).map_or_else(|| table.place(), |node| node.place());
            late_response(*level, limits, &place, rule, findings);
        }
    }
}

fn late_response(level: ComplaintLevel, limits: &ComplaintLimits, place: &Place, rule: &'static str, findings: &mut Findings) {
    let message = said!(
        "complaints of level {level} are completed in {} and responded to in {}",
        "{level} 级投诉 {:#}办结，却在 {:#}内才答复",
        values::in_words(limits.completion),
        values::in_words(limits.first)
    );
    findings.error("HL184", place, message, both("`first` must be at most `completion`", "`first` 不能长于 `completion`")).rule(rule);
}

/// The longest that a limit may be, by which rule, and what it is without the line.
struct Most {
    most: Duration,
    rule: &'static str,
    before: Option<Duration>,
}

/// A limit that is not longer than the manual's, unless that is lifted.
fn limit(table: &Table<'_>, key: &str, name: &str, held: &Most, given: &Given, findings: &mut Findings) -> Option<Duration> {
    let Most { most, rule, before } = *held;
    let at = if given.lifted { table.duration(key, findings)? } else { table.length(key, findings)? };
    let too_long = at.value > most && !given.lifted;
    if at.value >= SHORTEST && !too_long {
        in_the_way(&at, name, before, given, findings);
        return Some(at.value);
    }
    let words = values::in_words(at.value);
    let most_in_words = values::in_words(most);
    let message = if too_long {
        said!("`{name}` of {words} exceeds the {most_in_words} of the manual", "`{name}` 为 {words:#}，超过手册规定的 {most_in_words:#}")
    } else {
        said!("`{name}` of {words} is out of range", "`{name}` 为 {words:#}，超出范围")
    };
    let label = said!("allowed are {} to {most_in_words}", "允许 {:#}至 {most_in_words:#}", values::in_words(SHORTEST));
    let more = findings.error("HL185", &at.place, message, label).rule(rule);
    if too_long {
        more.help(way_out(before, given));
    }
    None
}

/// Without the line the profile's figure holds: mostly that is what whoever chose the profile wants.
fn way_out(before: Option<Duration>, given: &Given) -> Said {
    let (remove, profile) = (before.map(values::in_words), given.over.as_deref());
    match (remove, profile) {
        (Some(before), Some(profile)) => said!(
            "remove it to have the {before} of profile `{profile}`; to accept it, set `manual_override = \"the reason\"` in `[deadlines]`",
            "删去它，即按方案 `{profile}` 的 {before:#}；如确需更长，请在 `[deadlines]` 中写 `manual_override = \"理由\"`"
        ),
        (Some(before), None) => said!(
            "remove it to have {before}; to accept it, set `manual_override = \"the reason\"` in `[deadlines]`",
            "删去它，即为 {before:#}；如确需更长，请在 `[deadlines]` 中写 `manual_override = \"理由\"`"
        ),
        (None, _) => both(
            "to accept it, set `manual_override = \"the reason\"` in `[deadlines]`",
            "如确需如此，请在 `[deadlines]` 中写 `manual_override = \"理由\"`",
        ),
    }
}

/// A figure of `[deadlines]` that holds in place of the chosen profile's: often one that was there before the profile was changed.
fn in_the_way(at: &At<Duration>, name: &str, before: Option<Duration>, given: &Given, findings: &mut Findings) {
    let (Some(profile), Some(before)) = (&given.over, before) else { return };
    if at.value == before {
        return;
    }
    let message = said!("`{name}` takes the place of the figure of profile `{profile}`", "`{name}` 取代了时限方案 `{profile}` 的数值");
    let (now, before) = (values::in_words(at.value), values::in_words(before));
    let label = said!("{now} instead of {before}", "{now:#}，而不是 {before:#}");
    let help = both(
        "remove it to have the profile's; if it is meant, write it in a profile of your own in `[deadlines.profiles]`",
        "删去它即按方案的数值；如确需如此，请写在 `[deadlines.profiles]` 里自定的方案中",
    );
    findings.warning("HL270", &at.place, message, label).help(help);
}
