//! What a test expects, beside what the rehearsal gave.

#![allow(clippy::wildcard_enum_match_arm, reason = "a key that is none of these is of another kind of value")]

use super::coverage::Piece;
use super::explain::piece_name;
use super::{Outcome, branch};
use crate::cli::why::Why;
use crate::cli::why::causes::Around;
use crate::cli::why::rules::Shelf;
use crate::cli::words::{Lang, seconds, seconds_zh};
use hotline_model::history::{Blocked, ClockChange, Rated, Verdict};
use hotline_model::{CallEvent, ComplaintLevel, Due, DueWhat, EventKind, Name, Record};
use hotline_rules::trial::{Expect, Expected, Want, due_words};
use hotline_rules::{Branch, Spot};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// One thing that came otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differs {
    /// Its key.
    pub key: &'static str,
    /// The line of the test at which it is expected.
    pub line: u32,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub got: String,
    /// What of the rules decided it, and where that is written.
    pub decided: Option<String>,
}

/// What came otherwise than it was expected.
pub fn differences(outcome: &Outcome, expect: &[Expect], lang: Lang) -> Vec<Differs> {
    let differs = |one: &Expect| {
        let got = got(outcome, one, lang)?;
        Some(Differs { key: one.key.word(), line: one.line, expected: shown(one, lang), got, decided: decided(outcome, one, lang) })
    };
    let of_refusal = |one: &Expect| matches!(one.key, Expected::Refused | Expected::Blocked);
    match outcome.refused.filter(|_| !expect.iter().any(of_refusal)) {
        Some(code) => vec![Differs {
            key: Expected::Refused.word(),
            line: expect.first().map_or(0, |one| one.line),
            expected: lang.of("the call is picked up", "接通").into(),
            got: format!("{code}{}", if code == 404 { lang.of(" (no such number)", "（没有这个号码）") } else { "" }),
            decided: blocked(outcome).map(|blocked| format!("{}: {}", blocked.rule, lang.of("the block list", "黑名单"))),
        }],
        None => expect.iter().filter_map(differs).collect(),
    }
}

fn shown(expect: &Expect, lang: Lang) -> String {
    let time = |time: Duration| lang.of(seconds(time), seconds_zh(time));
    match (&expect.want, expect.key) {
        (Want::Word(word), _) => word.clone(),
        (Want::Words(words), Expected::Menus) => words.join(" > "),
        (Want::Words(words), Expected::NotSeat | Expected::NotSaid) => format!("{} {}", lang.of("never", "不出现"), words.join(", ")),
        (Want::Words(words), _) if words.is_empty() => lang.of("none", "无").into(),
        (Want::Words(words), _) => words.join(", "),
        (Want::Flag(flag), _) => yes(*flag, lang),
        (Want::Time(limit), Expected::NotBefore) => format!("{} {}", lang.of("not before", "不早于"), time(*limit)),
        (Want::Time(limit), _) => format!("{} {}", lang.of("within", "不超过"), time(*limit)),
        (Want::Count(count), _) => count.to_string(),
    }
}

fn yes(flag: bool, lang: Lang) -> String {
    if flag { lang.of("yes", "是") } else { lang.of("no", "否") }.into()
}

/// What came, if that is something else.
fn got(outcome: &Outcome, expect: &Expect, lang: Lang) -> Option<String> {
    match &expect.want {
        Want::Word(word) => {
            let got = word_of(outcome, expect.key);
            (got.as_deref() != Some(word)).then(|| got.unwrap_or_else(|| nothing(outcome, lang)))
        }
        Want::Words(words) => words_differ(outcome, expect.key, words, lang),
        Want::Flag(flag) => {
            let got = flag_of(outcome, expect.key);
            (got != *flag).then(|| yes(got, lang))
        }
        Want::Time(limit) => {
            let waited = outcome.waited();
            let fits = if expect.key == Expected::NotBefore {
                waited.is_none_or(|waited| waited >= *limit)
            } else {
                waited.is_some_and(|waited| waited <= *limit)
            };
            let time = |time: Duration| lang.of(seconds(time), seconds_zh(time));
            (!fits).then(|| waited.map_or_else(|| nobody(outcome, lang), time))
        }
        Want::Count(count) => {
            let step = || outcome.winning().map(|stored| u32::from(stored.decision.step) + 1);
            let got = if expect.key == Expected::Refused { outcome.refused.map(u32::from) } else { step() };
            (got != Some(*count)).then(|| got.map_or_else(|| nothing(outcome, lang), |got| got.to_string()))
        }
    }
}

/// Nothing came where something was expected.
fn nothing(outcome: &Outcome, lang: Lang) -> String {
    match outcome.refused {
        Some(code) => format!("{} {code}", lang.of("the call was refused with", "来电被拒绝：")),
        None => lang.of("none", "无").into(),
    }
}

fn nobody(outcome: &Outcome, lang: Lang) -> String {
    if outcome.refused.is_some() { nothing(outcome, lang) } else { lang.of("nobody answered", "无人接听").into() }
}

fn word_of(outcome: &Outcome, key: Expected) -> Option<String> {
    let record = outcome.record()?;
    let classified = record.classified.as_ref();
    let name = |name: &Option<Name>| name.as_ref().map(ToString::to_string);
    match key {
        Expected::Number => Some(record.dialled.to_string()),
        Expected::Language => Some(language(outcome).to_string()),
        Expected::Class => classified?.class.map(|class| class.word().into()),
        Expected::Nature => classified?.nature.map(|nature| nature.word().into()),
        Expected::Kind => classified?.kind.map(|kind| kind.word().into()),
        Expected::Category => classified?.category.map(|category| category.word().into()),
        Expected::Level => level(outcome).map(|level| level.word().into()),
        Expected::Topic => classified?.topic.map(|topic| topic.word().into()),
        Expected::Scope => outcome.record()?.assessed.scope.map(|scope| scope.word().into()),
        Expected::Impact => outcome.record()?.assessed.impact.map(|impact| impact.word().into()),
        Expected::Priority => record.priority.map(|priority| priority.word().into()),
        Expected::Region => name(&classified?.region),
        Expected::Queue => name(&record.queue),
        Expected::Overflow => outcome.overflow().map(ToString::to_string),
        Expected::Outside => name(&record.outside),
        Expected::Voicemail => record.message.as_ref().map(|message| message.left.voicemail.to_string()),
        Expected::Seat => name(&record.seat),
        Expected::Unasked => unasked(outcome),
        Expected::Tier => outcome.winning().map(|stored| tier(stored.decision.tier).to_owned()),
        _ => None,
    }
}

/// Why the caller was not asked how it was.
fn unasked(outcome: &Outcome) -> Option<String> {
    let why = |kind: &EventKind| if let EventKind::NotSurveyed { why } = kind { Some(why.word().to_owned()) } else { None };
    outcome.found.events.iter().find_map(|event| why(&event.kind))
}

/// How grave the complaint is, as the menus found.
fn level(outcome: &Outcome) -> Option<ComplaintLevel> {
    outcome.found.events.iter().rev().find_map(|event| if let EventKind::Graded { level } = event.kind { Some(level) } else { None })
}

fn tier(number: u8) -> &'static str {
    match number {
        0 => "internal-near",
        1 => "internal",
        _ => "external",
    }
}

fn language(outcome: &Outcome) -> Name {
    let events = outcome.found.events.iter().rev();
    let chosen = events.filter_map(|event| if let EventKind::Language(code) = &event.kind { Some(code.clone()) } else { None }).next();
    let plan = &outcome.plan;
    let classified = outcome.record().and_then(|record| record.classified.as_ref()).map(|classified| classified.language.clone());
    let dialled = || outcome.record().and_then(|record| plan.numbers.iter().find(|number| number.name == record.dialled));
    classified.or(chosen).or_else(|| dialled().map(|number| plan.language(number.language).code.clone())).unwrap_or_else(|| "".into())
}

fn flag_of(outcome: &Outcome, key: Expected) -> bool {
    let Some(record) = outcome.record() else { return false };
    match key {
        Expected::Sensitive => record.classified.as_ref().is_some_and(|classified| classified.sensitive),
        Expected::Alerted => {
            let alerts = |event: &CallEvent| matches!(event.kind, EventKind::Alerted { .. } | EventKind::ImpactAlerted { .. });
            outcome.found.events.iter().any(alerts)
        }
        Expected::Answered => record.t3.is_some(),
        Expected::Blocked => blocked(outcome).is_some(),
        Expected::Survey => record.survey.is_some(),
        Expected::Callback => outcome.found.events.iter().any(|event| matches!(event.kind, EventKind::CallBackBooked { .. })),
        _ => outcome.goodbye(),
    }
}

fn words_differ(outcome: &Outcome, key: Expected, wanted: &[String], lang: Lang) -> Option<String> {
    let of = |names: &[Name]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let list = |got: Vec<String>, glue: &str| if got.is_empty() { nothing(outcome, lang) } else { got.join(glue) };
    let record = outcome.record();
    match key {
        Expected::Menus => {
            let got = record.map(|record| of(&record.menus)).unwrap_or_default();
            (got != wanted).then(|| list(got, " > "))
        }
        Expected::Scores => {
            let ratings = record.and_then(|record| record.survey.as_ref()).map(|survey| survey.ratings.as_slice()).unwrap_or_default();
            let got: Vec<String> = ratings.iter().map(|rated| format!("{} {}", rated.dimension, rated.score)).collect();
            (got != wanted).then(|| list(got, ", "))
        }
        Expected::LedOutside => {
            let got: Vec<String> = led_outside(outcome);
            (got != wanted).then(|| list(got, ", "))
        }
        Expected::Offered => {
            let got: Vec<String> = offered(outcome);
            (got != wanted).then(|| list(got, ", "))
        }
        Expected::Due => {
            let got = record.map(|record| due(outcome, record)).unwrap_or_default();
            (got != wanted).then(|| list(got, ", "))
        }
        Expected::Announcement => {
            let got: Vec<String> = noticed(outcome);
            (got != wanted).then(|| list(got, ", "))
        }
        Expected::NotSeat => {
            let got: Vec<String> = offered(outcome).into_iter().filter(|seat| wanted.contains(seat)).collect();
            (!got.is_empty()).then(|| got.join(", "))
        }
        Expected::Said => {
            let got: Vec<String> = said(outcome);
            let mut heard = got.iter();
            let in_order = wanted.iter().all(|wanted| heard.any(|said| said == wanted));
            (!in_order).then(|| list(got, ", "))
        }
        Expected::NotSaid => {
            let got: BTreeSet<String> = said(outcome).into_iter().filter(|prompt| wanted.contains(prompt)).collect();
            (!got.is_empty()).then(|| got.into_iter().collect::<Vec<_>>().join(", "))
        }
        Expected::Skills => {
            let plain = |text: &str| text.split_whitespace().collect::<String>();
            let needs = record.and_then(|record| record.classified.as_ref()).map(|classified| classified.skills.clone());
            let got: Vec<String> = needs.unwrap_or_default().iter().map(|(skill, least)| format!("{skill} >= {least}")).collect();
            let all = wanted.iter().all(|wanted| got.iter().any(|got| plain(got) == plain(wanted)));
            (!all).then(|| list(got, ", "))
        }
        _ => {
            let clocks = record.map(|record| record.clocks.clone()).unwrap_or_default();
            let breached = clocks.iter().filter(|clock| clock.state == ClockChange::Breached);
            let got: BTreeSet<String> = breached.map(|clock| format!("K{}", clock.clock)).collect();
            (got != wanted.iter().cloned().collect()).then(|| list(got.into_iter().collect(), ", "))
        }
    }
}

/// What turned the caller away.
pub fn blocked(outcome: &Outcome) -> Option<&Blocked> {
    outcome.found.events.iter().find_map(|event| if let EventKind::Blocked(blocked) = &event.kind { Some(blocked) } else { None })
}

/// What is left to be done, each counted from where its clock begins (manual.md B2, B3): the classification, the complaint, the answer, or
/// the end of the matter; what follows a low score (R105), when that was given.
fn due(outcome: &Outcome, record: &Record) -> Vec<String> {
    let is_low = |event: &&CallEvent| matches!(event.kind, EventKind::Rated(Rated { verdict: Verdict::Low, .. }));
    let low = outcome.found.events.iter().find(is_low).map(|event| event.at);
    let mut all: Vec<&Due> = record.due.iter().collect();
    all.sort_by_key(|due| due.what);
    let since = |due: &Due| match due.what {
        DueWhat::Investigated => record.t3,
        DueWhat::FollowedUp if due.rule == 105 => low,
        DueWhat::ResultTold | DueWhat::FollowedUp => record.t5,
        DueWhat::Handled | DueWhat::ClosedLoop | DueWhat::Contacted | DueWhat::Responded | DueWhat::Completed => record.t2,
    };
    all.into_iter().map(|due| due_words(due.what, due.by.since(since(due).unwrap_or(record.t0)))).collect()
}

fn noticed(outcome: &Outcome) -> Vec<String> {
    let name =
        |kind: &EventKind| if let EventKind::AnnouncementSaid { announcement } = kind { Some(announcement.to_string()) } else { None };
    outcome.found.events.iter().filter_map(|event| name(&event.kind)).collect()
}

fn led_outside(outcome: &Outcome) -> Vec<String> {
    let name = |kind: &EventKind| if let EventKind::LedOutside { to, .. } = kind { Some(to.to_string()) } else { None };
    outcome.found.events.iter().filter_map(|event| name(&event.kind)).collect()
}

fn offered(outcome: &Outcome) -> Vec<String> {
    outcome.record().map(|record| record.offers.iter().map(|offer| offer.seat.to_string()).collect()).unwrap_or_default()
}

fn said(outcome: &Outcome) -> Vec<String> {
    outcome.said.iter().flat_map(|said| said.prompts.iter().map(ToString::to_string)).collect()
}

/// What of the rules decided, with its place.
fn decided(outcome: &Outcome, expect: &Expect, lang: Lang) -> Option<String> {
    match expect.key {
        Expected::Seat | Expected::NotSeat | Expected::Offered | Expected::Step | Expected::Tier | Expected::Answered => {
            by_router(outcome, expect, lang)
        }
        Expected::Within | Expected::NotBefore => by_router(outcome, expect, lang),
        Expected::Breached if expect.want == Want::Words(vec!["K3".into()]) => at(outcome, Spot::Answer, "timers.answer"),
        Expected::Breached | Expected::Survey | Expected::Scores | Expected::Unasked => None,
        Expected::Blocked => blocked(outcome).map(|blocked| format!("{}: {}", blocked.rule, lang.of("the block list", "黑名单"))),
        Expected::Overflow => {
            let queue = outcome.record()?.queue.as_ref().and_then(|name| outcome.plan.queue_names.get(&**name))?;
            at(outcome, Spot::Overflow(*queue), &piece_name(&outcome.plan, Piece::Overflow(*queue), lang))
        }
        Expected::Topic | Expected::Priority | Expected::Alerted
            if outcome.found.events.iter().any(|event| matches!(event.kind, EventKind::Alerted { .. })) =>
        {
            at(outcome, Spot::Urgent, "priority.urgent_kinds")
        }
        Expected::Impact | Expected::Priority | Expected::Alerted
            if outcome.found.events.iter().any(|event| matches!(event.kind, EventKind::ImpactAlerted { .. })) =>
        {
            at(outcome, Spot::UrgentImpact, "priority.urgent_impact").or_else(|| by_menu(outcome, expect.key, lang))
        }
        _ => by_menu(outcome, expect.key, lang),
    }
}

/// Whether a branch says something of what is expected.
fn sets(branch: &Branch, key: Expected) -> bool {
    let set = &branch.set;
    match key {
        Expected::Language => set.language.is_some(),
        Expected::Class => set.class.is_some(),
        Expected::Nature => set.nature.is_some(),
        Expected::Kind => set.kind.is_some(),
        Expected::Category => set.category.is_some(),
        Expected::Level => set.level.is_some(),
        Expected::Topic => set.topic.is_some(),
        Expected::Scope => set.assessed.scope.is_some(),
        Expected::Impact => set.assessed.impact.is_some(),
        Expected::Priority => set.priority.is_some(),
        Expected::Skills => !set.skills.is_empty(),
        Expected::Sensitive => set.sensitive.is_some(),
        _ => false,
    }
}

fn at(outcome: &Outcome, spot: Spot, words: &str) -> Option<String> {
    outcome.plan.places.spot(spot).map(|place| format!("{place}: {words}"))
}

/// The last way that said what is expected, or else led on.
fn by_menu(outcome: &Outcome, key: Expected, lang: Lang) -> Option<String> {
    let plan = &outcome.plan;
    let last = |fits: &dyn Fn(&Branch) -> bool| outcome.ways.iter().rev().find(|(_, way)| branch(plan, *way).is_some_and(fits));
    if let Some((_, way)) = last(&|branch| sets(branch, key)).or_else(|| last(&|_| true)) {
        let piece = Piece::of(*way)?;
        let words = piece_name(plan, piece, lang);
        return Some(piece.place(plan).map_or_else(|| words.clone(), |place| format!("{place}: {words}")));
    }
    let dialled = &outcome.record()?.dialled;
    let id = plan.dialled.get(&**dialled)?;
    at(outcome, Spot::Number(*id), &piece_name(plan, Piece::Number(*id), lang))
}

fn by_router(outcome: &Outcome, expect: &Expect, lang: Lang) -> Option<String> {
    let plan = &outcome.plan;
    let decisions = &outcome.found.decisions;
    let decision = decisions.iter().rposition(|stored| stored.seat.is_some()).or(decisions.len().checked_sub(1));
    let Some(decision) = decision else { return by_menu(outcome, expect.key, lang) };
    let stored = &decisions[decision];
    let step = usize::from(stored.decision.step);
    let piece = Piece::Step(stored.decision.queue, step);
    let words = piece_name(plan, piece, lang);
    let mut words = piece.place(plan).map_or_else(|| words.clone(), |place| format!("{place}: {words}"));
    if let (Want::Word(seat), Expected::Seat) = (&expect.want, expect.key)
        && let Some(fate) = told(outcome, |why| why.fate_of(decision, seat, lang)).flatten()
    {
        let place = plan.seat_names.get(&**seat).and_then(|seat| plan.places.seat(*seat));
        let place = place.map_or(String::new(), |place| format!(" ({place})"));
        words += &format!("; {} {seat}{place}: {fate}", lang.of("seat", "坐席"));
    }
    Some(words)
}

/// The call as `why` tells it.
pub fn told<T>(outcome: &Outcome, tell: impl FnOnce(&Why<'_>) -> T) -> Option<T> {
    let record = outcome.record()?;
    let past = |_| None;
    let shelf = Shelf::new(Ok(Arc::clone(&outcome.plan)), &past);
    let around = Around { runs: outcome.around.clone().into_iter().collect(), ..Around::default() };
    Some(tell(&Why::of(&outcome.found, record, &outcome.states, &around, &shelf, outcome.until)))
}
