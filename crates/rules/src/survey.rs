//! `[survey]`, `sensitive.no_survey` and `kpi.csat`: what callers are asked once the agent has gone, and what their scores mean.

use crate::announcements;
use crate::declare::Declared;
use crate::finding::{At, Findings, Place};
use crate::indicators::{Asked, share};
use crate::read::{Node, TRUE_OR_FALSE, Table};
use crate::said::{both, code, said};
use crate::scope::{Notes, Scope, small};
use crate::speech::say;
use crate::timers::holder;
use crate::{NumberId, Question, Survey, values};
use hotline_model::history::Dimension;
use hotline_model::{LookupMap, QueueId};
use std::time::Duration;

const KEYS: [&str; 14] = [
    "scale",
    "low",
    "satisfied",
    "queues",
    "numbers",
    "intro",
    "questions",
    "no_input",
    "invalid",
    "thanks",
    "wait",
    "attempts",
    "share",
    "not_again_within",
];
const QUESTION: crate::Said = both("a question", "问题");
const SECOND: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
const MOST_ATTEMPTS: u32 = 5;
/// The dimensions of the manual (R106).
const MOST_QUESTIONS: usize = Dimension::ALL.len();
/// R109.
const LEAST_CSAT: f64 = 0.9;

pub(crate) fn survey(
    declared: &Declared<'_>,
    dialled: &LookupMap<String, NumberId>,
    scope: &Scope<'_>,
    notes: &mut Notes,
    findings: &mut Findings,
) -> Survey {
    let tables = &declared.survey;
    tables.iter().for_each(|table| table.only(&KEYS, code("`[survey]`"), findings));
    let mut survey = Survey::default();
    scores(tables, &mut survey, findings);
    survey.csat = csat(&declared.kpi, findings).unwrap_or(survey.csat);
    let no_survey = holder(&declared.sensitive, "no_survey", findings).and_then(|table| table.get("no_survey"));
    survey.spares_sensitive = no_survey.as_ref().and_then(|node| flag(node, findings)).unwrap_or(true);
    survey.queues = names(tables, "queues", findings, &mut |node, findings| {
        let text = node.text(findings)?;
        scope.queues.find(text.value, &text.place, findings).map(|id| QueueId(small(id)))
    });
    survey.numbers = names(tables, "numbers", findings, &mut |node, findings| announcements::number(node, dialled, declared, findings));
    let mut speech = |key: &str, findings: &mut Findings| {
        holder(tables, key, findings).map(|table| say(scope, table, key, None, notes, findings)).unwrap_or_default()
    };
    survey.intro = speech("intro", findings);
    survey.no_input = speech("no_input", findings);
    survey.invalid = speech("invalid", findings);
    survey.thanks = speech("thanks", findings);
    survey.questions = questions(tables, scope, notes, findings);
    patience(tables, &mut survey, findings);
    half(tables, &survey, findings);
    if let Some(node) = no_survey.filter(|_| !survey.spares_sensitive && !survey.queues.is_empty()) {
        findings
            .warning(
                "HL224",
                &node.place(),
                both("callers of sensitive matters are asked in a survey", "敏感来电也会被要求评价"),
                both("a machine asks them", "由机器询问"),
            )
            .rule("R68")
            .help(both("leave it out: a person asks them afterwards", "请删去：应在处理后由人工回访"));
    }
    survey
}

fn flag(node: &Node<'_>, findings: &mut Findings) -> Option<bool> {
    let flag = node.as_flag();
    if flag.is_none() {
        node.wrong(&TRUE_OR_FALSE, findings);
    }
    flag
}

fn node<'a>(tables: &[Table<'a>], key: &str, findings: &mut Findings) -> Option<Node<'a>> {
    holder(tables, key, findings).and_then(|table| table.get(key))
}

/// R72, R105, R109: what the scores are, and which of them are low and satisfied.
fn scores(tables: &[Table<'_>], survey: &mut Survey, findings: &mut Findings) {
    let mut read = |key: &str, range: std::ops::RangeInclusive<u32>| {
        let node = node(tables, key, findings)?;
        let value = u8::try_from(node.number(range, findings)?).ok()?;
        Some(At { value, place: node.place() })
    };
    // A telephone has ten digits: no key gives a score above 10.
    let scale = read("scale", 2..=10);
    let (low, satisfied) = (read("low", 1..=10), read("satisfied", 1..=10));
    survey.scale = scale.as_ref().map_or(survey.scale, |at| at.value);
    survey.low = low.as_ref().map_or(survey.low, |at| at.value);
    survey.satisfied = satisfied.as_ref().map_or(survey.satisfied, |at| at.value);
    let (best, low_up_to, satisfied_from) = (survey.scale, survey.low, survey.satisfied);
    let beyond = [("satisfied", satisfied_from, &satisfied), ("low", low_up_to, &low)].into_iter().find(|(_, score, _)| *score > best);
    let place = |at: &Option<At<u8>>| at.as_ref().or(scale.as_ref()).map(|at| at.place.clone());
    if let Some((key, score, at)) = beyond {
        let Some(place) = place(at) else { return };
        let message = said!("`survey.{key}` is {score}, and the best score {best}", "`survey.{key}` 为 {score}，而最高分只有 {best}");
        findings
            .error("HL221", &place, message, both("no caller could give it", "没有客户能打出这个分"))
            .rule("R72")
            .help(said!("set `scale`, `low` and `satisfied` together: 1 to {best}", "`scale`、`low`、`satisfied` 要一起设置：1 至 {best}"));
    } else if low_up_to >= satisfied_from {
        let Some(place) = place(if low.is_some() { &low } else { &satisfied }) else { return };
        let message = said!("a score of {satisfied_from} would be low and satisfied at once", "{satisfied_from} 分既算低分又算满意");
        findings.error("HL220", &place, message, both("`low` must be less than `satisfied`", "`low` 必须小于 `satisfied`")).rule("R105");
    }
}

/// R109: may be raised.
fn csat(tables: &[Table<'_>], findings: &mut Findings) -> Option<f64> {
    let table = holder(tables, "csat", findings)?;
    share(table, ("kpi", "csat"), Asked::Least(LEAST_CSAT), "R109", findings).map(|(share, _)| share)
}

fn names<T>(
    tables: &[Table<'_>],
    key: &str,
    findings: &mut Findings,
    find: &mut dyn FnMut(&Node<'_>, &mut Findings) -> Option<T>,
) -> Vec<T> {
    let nodes = node(tables, key, findings).map(|node| node.list(findings)).unwrap_or_default();
    nodes.iter().filter_map(|node| find(node, findings)).collect()
}

fn questions(tables: &[Table<'_>], scope: &Scope<'_>, notes: &mut Notes, findings: &mut Findings) -> Vec<Question> {
    let words: Vec<(&str, Dimension)> = Dimension::ALL.iter().map(|one| (one.word(), *one)).collect();
    let tables = node(tables, "questions", findings).map(|node| node.tables(findings)).unwrap_or_default();
    if let Some(table) = tables.get(MOST_QUESTIONS) {
        let message = said!("more than {MOST_QUESTIONS} questions", "问题超过 {MOST_QUESTIONS} 个");
        findings.error("HL009", &table.place(), message, both("one too many", "多出的一个")).rule("R106");
    }
    let mut questions: Vec<Question> = Vec::new();
    for table in &tables {
        table.only(&["dimension", "say"], QUESTION, findings);
        let dimension = table.need("dimension", QUESTION, findings).and_then(|node| node.word(&words, findings));
        let said = table.need("say", QUESTION, findings).map(|_| say(scope, table, "say", None, notes, findings)).unwrap_or_default();
        let Some(At { value: dimension, place }) = dimension else { continue };
        if questions.iter().any(|question| question.dimension == dimension) {
            let message = said!("`{}` is asked twice", "`{}` 问了两次", dimension.word());
            findings
                .error("HL223", &place, message, both("asked before", "前面已经问过"))
                .rule("R106")
                .help(both("a record has one score of each dimension", "每个维度在记录里只有一个分数"));
            continue;
        }
        questions.push(Question { dimension, say: said });
    }
    questions
}

fn patience(tables: &[Table<'_>], survey: &mut Survey, findings: &mut Findings) {
    let mut time = |key: &str| node(tables, key, findings)?.duration(findings);
    let (wait, again) = (time("wait"), time("not_again_within"));
    // No duration in the files is longer than what is known of earlier calls: 30 days.
    survey.not_again_within = again.map_or(survey.not_again_within, |at| at.value);
    if let Some(At { value, place }) = wait.as_ref().filter(|at| !(SECOND..=LONGEST_WAIT).contains(&at.value)) {
        let message = said!("`survey.wait` of {} is out of range", "`survey.wait` 为 {:#}，超出范围", values::in_words(*value));
        let label = said!("allowed are {} to {}", "允许 {:#}至 {:#}", values::in_words(SECOND), values::in_words(LONGEST_WAIT));
        findings.error("HL007", place, message, label);
    } else if let Some(At { value, .. }) = wait {
        survey.wait = value;
    }
    let attempts = node(tables, "attempts", findings).and_then(|node| node.number(1..=MOST_ATTEMPTS, findings));
    survey.attempts = attempts.and_then(|attempts| u8::try_from(attempts).ok()).unwrap_or(survey.attempts);
    survey.share = node(tables, "share", findings).and_then(|node| node.fraction(findings)).unwrap_or(survey.share);
}

/// HL222, HL225: words that nobody would ever hear.
fn half(tables: &[Table<'_>], survey: &Survey, findings: &mut Findings) {
    let mut silent = Findings::default();
    let mut place = |key: &str| node(tables, key, &mut silent).map(|node| node.place());
    let (queues, questions, share) = (place("queues"), place("questions"), place("share"));
    let others = ["numbers", "intro", "thanks", "no_input", "invalid", "wait", "attempts", "share", "not_again_within"];
    let other: Option<Place> = others.into_iter().find_map(&mut place);
    let nobody = |place: &Place, key: &'static str, findings: &mut Findings| {
        let message = said!("a survey without `{key}`: nobody is asked", "调查缺少 `{key}`：谁也不会被问到");
        let help = both(
            "`queues = [\"service\"]` and `questions = [{ dimension = \"quality\", say = \"survey-quality\" }]`",
            "写上 `queues = [\"service\"]` 和 `questions = [{ dimension = \"quality\", say = \"survey-quality\" }]`",
        );
        findings.warning("HL222", place, message, both("half of a survey", "只有一半")).rule("R72").help(help);
    };
    match (queues, questions) {
        (Some(queues), None) => nobody(&queues, "questions", findings),
        (None, Some(questions)) => nobody(&questions, "queues", findings),
        (None, None) => {
            if let Some(other) = other {
                nobody(&other, "queues", findings);
            }
        }
        (Some(_), Some(_)) => {
            if let Some(share) = share.filter(|_| survey.share <= 0.0) {
                findings
                    .warning(
                        "HL225",
                        &share,
                        both("a survey of nobody but those who complained", "除投诉客户外，谁也不会被问到"),
                        both("a share of 0", "比例为 0"),
                    )
                    .rule("R99")
                    .help(both("to switch it off, leave `queues` and `questions` out", "如要停用，请删去 `queues` 和 `questions`"));
            }
        }
    }
}
