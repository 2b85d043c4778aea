//! `[kpi]`: what indicators should be. Whoever sets one may ask for more than the manual does, and not for less.

use crate::finding::{Findings, Place};
use crate::read::Table;
use crate::said::{both, code, said};
use crate::settings::{nothing_uses, only, time};
use crate::timers::holder;
use crate::{ConnectRate, Indicators, Said};
use std::time::Duration;

const KEYS: [&str; 7] = ["connect_rate", "csat", "complaint_rate", "asr", "query_accuracy", "op_error", "fcr_window"];
const DAY: Duration = Duration::from_secs(86_400);

/// What the manual asks of a share.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asked {
    /// At least this much.
    Least(f64),
    /// At most this much.
    Most(f64),
}

/// R110, R115.
pub(crate) fn indicators(tables: &[Table<'_>], findings: &mut Findings) -> Indicators {
    let usual = Indicators::default();
    let complaints = holder(tables, "complaint_rate", findings)
        .and_then(|table| share(table, ("kpi", "complaint_rate"), Asked::Most(usual.complaint_rate), "R110", findings));
    let window = time(tables, ("kpi", "fcr_window"), (DAY, DAY * 30), "R115", findings);
    Indicators {
        complaint_rate: complaints.map_or(usual.complaint_rate, |(share, _)| share),
        fcr_window: window.map_or(usual.fcr_window, |at| at.value),
    }
}

/// R3, R4: the third boundary is ours (H30).
pub(crate) fn connect_rate(tables: &[Table<'_>], findings: &mut Findings) -> ConnectRate {
    only(tables, &KEYS, "`[kpi]`", findings);
    let mut rate = ConnectRate::default();
    let Some(table) = holder(tables, "connect_rate", findings).and_then(|table| table.get("connect_rate")?.table(findings)) else {
        return rate;
    };
    table.only(&["floor", "excellent", "third"], code("`kpi.connect_rate`"), findings);
    let mut read = |key: &'static str, least: f64, rule: &'static str| {
        share(&table, ("kpi.connect_rate", key), Asked::Least(least), rule, findings).map(|(share, _)| share)
    };
    rate.floor = read("floor", 0.95, "R3").unwrap_or(rate.floor);
    rate.excellent = read("excellent", 0.98, "R4").unwrap_or(rate.excellent);
    rate.third = read("third", 0.0, "R4").unwrap_or(rate.third);
    grades(&table, &rate, findings);
    rate
}

/// R4: a grade that begins above the better one is never given.
fn grades(table: &Table<'_>, rate: &ConnectRate, findings: &mut Findings) {
    let pairs = [(("excellent", rate.excellent), ("floor", rate.floor)), (("floor", rate.floor), ("third", rate.third))];
    for ((better, high), (worse, low)) in pairs {
        let Some(node) = table.get(worse).or_else(|| table.get(better)).filter(|_| low > high) else { continue };
        let message = said!("`{worse}` of {low} is above `{better}` of {high}", "`{worse}` 为 {low}，高于 `{better}` 的 {high}");
        let label = both("the worse grade begins above the better one", "较差的一级反而从更高处开始");
        let help = said!(
            "make `{better}` at least {low}, or `{worse}` at most {high}",
            "请让 `{better}` 不低于 {low}，或 `{worse}` 不高于 {high}"
        );
        findings.warning("HL314", &node.place(), message, label).rule("R4").help(help);
    }
}

/// Indicators that nothing measures.
pub(crate) fn unheeded(tables: &[Table<'_>], findings: &mut Findings) {
    const SPEECH: Said = both("speech recognition will use it; callers press keys so far", "将由语音识别使用，目前来电者只按键");
    const SAMPLES: Said = both("quality sampling will use it; the hotline has none yet", "将由质检抽样使用，热线还没有质检");
    for (key, asked, rule, user) in [
        ("asr", Asked::Least(0.92), "R11", SPEECH),
        ("query_accuracy", Asked::Least(0.995), "R121", SAMPLES),
        ("op_error", Asked::Most(0.001), "R121", SAMPLES),
    ] {
        let Some(table) = holder(tables, key, findings) else { continue };
        let (Asked::Least(manual) | Asked::Most(manual)) = asked;
        let found = share(table, ("kpi", key), asked, rule, findings);
        if let Some((share, place)) = found.filter(|(share, _)| (share - manual).abs() > f64::EPSILON) {
            nothing_uses(&format!("kpi.{key}"), &said!("{share}", "{share}"), &place, rule, &user, findings);
        }
    }
}

/// A share that asks for no less than the manual.
pub(crate) fn share(
    holder: &Table<'_>,
    (table, key): (&str, &str),
    asked: Asked,
    rule: &'static str,
    findings: &mut Findings,
) -> Option<(f64, Place)> {
    let node = holder.get(key)?;
    let share = node.fraction(findings)?;
    let (message, label) = match asked {
        Asked::Least(least) if share < least => (
            said!("`{table}.{key}` of {share} is below the {least} of the manual", "`{table}.{key}` 为 {share}，低于手册规定的 {least}"),
            said!("allowed are {least} to 1", "允许 {least} 至 1"),
        ),
        Asked::Most(most) if share > most => (
            said!("`{table}.{key}` of {share} is above the {most} of the manual", "`{table}.{key}` 为 {share}，高于手册规定的 {most}"),
            said!("allowed are 0 to {most}", "允许 0 至 {most}"),
        ),
        Asked::Least(_) | Asked::Most(_) => return Some((share, node.place())),
    };
    findings.error("HL189", &node.place(), message, label).rule(rule);
    None
}
