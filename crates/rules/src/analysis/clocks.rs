//! Clocks that run longer than the one behind them, warnings that come at no use, and permissions that nothing needs.

use super::Rules;
use super::ways::never_opens;
use crate::finding::{Findings, Place};
use crate::read::{Node, Table};
use crate::said::{both, said};
use crate::timers::{goes_beyond, overrides};
use crate::{Basis, Limits, values};
use std::time::Duration;

/// Two limits of which the first ends first: key, value, key, value, rule of the second.
struct Pair<'p> {
    first: (&'p str, Duration),
    then: (&'p str, Duration),
    rule: &'static str,
}

/// Where the two figures of a pair are written; what is not is the manual's.
struct Written {
    first: Option<Place>,
    then: Option<Place>,
}

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    timers(rules, findings);
    deadlines(rules, findings);
    business(rules, findings);
    silent_phone(rules, findings);
    warnings(rules, findings);
    permissions(rules, findings);
}

/// H11: only the calendar's open time counts, so that by one without any nothing is ever due.
fn business(rules: &Rules<'_>, findings: &mut Findings) {
    let node = rules.declared.deadlines.iter().find_map(|table| table.get("calendar"));
    let calendar = rules.plan.deadlines.business.as_ref().filter(|calendar| never_opens(calendar));
    let (Some(calendar), Some(node)) = (calendar, node) else { return };
    let message = said!("calendar `{}` never opens", "日历 `{}` 从不开放", calendar.name);
    let label = both("only its open time counts: nothing is ever due", "只算它的开放时间：什么都永远不会到期");
    findings.warning("HL127", &node.place(), message, label).help(both("give it hours, or name another", "写上服务时间，或换一个日历"));
}

fn timers(rules: &Rules<'_>, findings: &mut Findings) {
    let timers = &rules.plan.timers;
    let pairs = [
        Pair { first: ("first_communication", timers.first_communication), then: ("handling", timers.handling), rule: "R7" },
        Pair {
            first: ("complaint_record", timers.complaint_record),
            then: ("complaint_investigation", timers.complaint_investigation),
            rule: "R80",
        },
    ];
    for pair in pairs {
        let place = |key: &str| Some(rules.declared.timers.iter().find_map(|table| table.get(key))?.place());
        turned_around("timers", &pair, Written { first: place(pair.first.0), then: place(pair.then.0) }, findings);
    }
}

/// The chosen profile's, wherever its figures are written.
fn deadlines(rules: &Rules<'_>, findings: &mut Findings) {
    let Limits { common, complex, major, hard, contact, complaint, .. } = rules.plan.deadlines.limits;
    let place = |key: &str| Some(tables(rules).into_iter().find_map(|table| table.get(key))?.place());
    let mut pairs = Vec::new();
    // The third document has one figure for all, so that any of them may be shortened alone (R66).
    if rules.plan.deadlines.basis != Basis::M3 {
        pairs.push(Pair { first: ("common", common), then: ("complex", complex), rule: "R63" });
        pairs.push(Pair { first: ("complex", complex), then: ("major", major), rule: "R64" });
    }
    pairs.extend(hard.map(|hard| Pair { first: ("complex", complex), then: ("hard", hard), rule: "R65" }));
    for pair in pairs {
        turned_around("deadlines", &pair, Written { first: place(pair.first.0), then: place(pair.then.0) }, findings);
    }
    let of_complaints = || tables(rules).into_iter().filter_map(|table| table.get("complaint")?.as_table());
    // A level that hears sooner than the manual's first contact is only stricter; of two figures that are written one is wrong.
    let Some(contacted) = of_complaints().find_map(|table| table.get("contact")) else { return };
    for (level, limits) in ["L1", "L2", "L3"].into_iter().zip(complaint) {
        let first = of_complaints().find_map(|table| table.get(level)?.as_table()?.get("first"));
        let written = Written { first: Some(contacted.place()), then: first.map(|node| node.place()) };
        let first = format!("{level}.first");
        let pair = Pair { first: ("contact", contact), then: (&first, limits.first), rule: "R81" };
        turned_around("deadlines.complaint", &pair, written, findings);
    }
}

/// `[deadlines]`, then the table of the chosen profile.
fn tables<'a>(rules: &Rules<'a>) -> Vec<Table<'a>> {
    let profile = |table: &Table<'a>| table.get("profiles")?.as_table()?.get(&rules.plan.deadlines.profile)?.as_table();
    let own: Vec<Table<'a>> = rules.declared.deadlines.iter().filter_map(profile).collect();
    rules.declared.deadlines.iter().cloned().chain(own).collect()
}

/// Figures that nobody wrote are the manual's, and in order.
fn turned_around(of: &str, pair: &Pair<'_>, written: Written, findings: &mut Findings) {
    let ((first, early), (then, late)) = (pair.first, pair.then);
    let by_default = |place: &Option<Place>| if place.is_none() { both(" (by default)", "（默认值）") } else { both("", "") };
    let (of_first, of_then) = (by_default(&written.first), by_default(&written.then));
    let Some(place) = written.then.or(written.first).filter(|_| early > late) else { return };
    let (early, late) = (values::in_words(early), values::in_words(late));
    let message = said!(
        [of_first, of_then]
        "`{of}.{then}` of {late}{of_then} ends before `{of}.{first}` of {early}{of_first}",
        "`{of}.{then}` 为 {late:#}{of_then}，短于 `{of}.{first}` 的 {early:#}{of_first}"
    );
    let label = said!("`{first}` comes before it", "`{first}` 在它之前");
    let help = said!(
        "make `{then}` at least {early}, or `{first}` at most {late}",
        "请让 `{then}` 不短于 {early:#}，或 `{first}` 不长于 {late:#}"
    );
    findings.warning("HL284", &place, message, label).rule(pair.rule).help(help);
}

/// A telephone that says nothing is given up as unreachable; if its ring ends before, the agent counts as one who let it ring (R41).
fn silent_phone(rules: &Rules<'_>, findings: &mut Findings) {
    let (silent, ring) = (rules.plan.timers.no_progress, rules.plan.timers.ring_per_offer);
    let node = ["no_progress", "ring_per_offer"].into_iter().find_map(|key| rules.declared.timers.iter().find_map(|table| table.get(key)));
    let Some(node) = node.filter(|_| silent >= ring) else { return };
    let (silent, ring) = (values::in_words(silent), values::in_words(ring));
    let message = said!(
        "a ring of {ring} is over before a telephone that is silent for {silent} counts as unreachable",
        "话机 {silent:#}无响应才算不可达，而一次振铃 {ring:#}就已结束"
    );
    let label = both("the agent would be taken for one who lets it ring", "会当作坐席不接听");
    let help =
        both("make `no_progress` shorter than `ring_per_offer`, like `\"2s\"`", "请让 `no_progress` 短于 `ring_per_offer`，例如 `\"2s\"`");
    findings.warning("HL284", &node.place(), message, label).rule("R41").help(help);
}

/// A share of a limit at which supervisors are warned.
fn warnings(rules: &Rules<'_>, findings: &mut Findings) {
    let share = rules.plan.timers.warn_at;
    let Some(node) = rules.declared.timers.iter().find_map(|table| table.get("warn_at")) else { return };
    let (message, label) = if share <= 0.0 {
        (both("every call is warned of as it begins", "每个来电一开始就预警"), both("no time has passed yet", "此时还没有过去任何时间"))
    } else if share >= 1.0 {
        (both("a warning that comes when it is too late", "预警时已经超时"), both("the limit itself is over then", "这时时限已到"))
    } else {
        return;
    };
    findings.warning("HL285", &node.place(), message, label).help(both("like `warn_at = 0.8`", "例如 `warn_at = 0.8`"));
}

/// A permission that nothing needs lets the next slip pass in silence.
fn permissions(rules: &Rules<'_>, findings: &mut Findings) {
    let written = |tables: &[Table<'_>]| {
        let mut silent = Findings::default();
        let table = tables.iter().find(|table| overrides(table, &mut silent));
        table.and_then(|table| Some(table.get("manual_override")?.place()))
    };
    let timers = written(&rules.declared.timers).filter(|_| !goes_beyond(&rules.plan.timers));
    let deadlines = written(&rules.declared.deadlines).filter(|_| !deadlines_go_beyond(rules));
    for (of, place) in [("timers", timers), ("deadlines", deadlines)] {
        let Some(place) = place else { continue };
        let message = said!("`{of}.manual_override` is there, and nothing needs it", "写了 `{of}.manual_override`，却用不着");
        let label = both("no limit here is longer than the manual's", "这里没有超过手册的时限");
        let help =
            both("remove it: with it the next slip beyond the manual is taken in silence", "请删去：留着它，下次误写超过手册也不会提示");
        findings.warning("HL286", &place, message, label).help(help);
    }
}

/// Profiles that are kept at hand may need it too.
fn deadlines_go_beyond(rules: &Rules<'_>) -> bool {
    let has_profiles = rules
        .declared
        .deadlines
        .iter()
        .any(|table: &Table<'_>| table.get("profiles").is_some_and(|node: Node<'_>| node.as_table().is_some()));
    let (own, manual) = (&rules.plan.deadlines.limits, Limits::of(rules.plan.deadlines.basis));
    let longer = |a: Duration, b: Duration| a > b;
    let hard = own.hard.is_some_and(|hard| longer(hard, Limits::of(Basis::M2).hard.unwrap_or_default()));
    let complaints =
        own.complaint.iter().zip(manual.complaint).any(|(a, b)| longer(a.first, b.first) || longer(a.completion, b.completion));
    let plain = [
        (own.common, manual.common),
        (own.complex, manual.complex),
        (own.major, manual.major),
        (own.contact, manual.contact),
        (own.result_feedback, manual.result_feedback),
        (own.follow_up, manual.follow_up),
    ];
    has_profiles || hard || complaints || plain.into_iter().any(|(a, b)| longer(a, b))
}
