//! What callers said of a conversation after it, in words.

use super::words::{self, Lang};
use hotline_model::history::{Dimension, Rated, SurveyEnd, SurveyRecord, Unasked, Verdict};
use hotline_model::{EventKind, Name};
use serde_json::{Value, json};

/// One thing of a survey that a story tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The agent was gone, and the caller was asked.
    Began {
        /// The agent's seat.
        seat: Name,
    },
    /// The caller was not asked.
    Unasked(Unasked),
    /// A score.
    Rated(Rated),
    /// It was over.
    Ended(SurveyEnd),
}

impl Fact {
    /// What an event says of a survey.
    pub fn of(kind: &EventKind) -> Option<Self> {
        if let EventKind::SurveyBegan { seat, .. } = kind {
            Some(Self::Began { seat: seat.clone() })
        } else if let EventKind::NotSurveyed { why } = kind {
            Some(Self::Unasked(*why))
        } else if let EventKind::Rated(rated) = kind {
            Some(Self::Rated(*rated))
        } else if let EventKind::SurveyEnded { end } = kind {
            Some(Self::Ended(*end))
        } else {
            None
        }
    }

    /// As a sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match (lang, self) {
            (Lang::En, Self::Began { seat }) => format!("Seat {seat} was gone, and the caller was asked how it was (R72)."),
            (Lang::Zh, Self::Began { seat }) => format!("坐席 {seat} 已挂机，请客户评价（R72）。"),
            (Lang::En, Self::Unasked(why)) => format!("The caller was not asked how it was: {}.", unasked(*why, lang)),
            (Lang::Zh, Self::Unasked(why)) => format!("没有请客户评价：{}。", unasked(*why, lang)),
            (Lang::En, Self::Rated(rated)) => format!("The caller gave {}.", score(rated, lang)),
            (Lang::Zh, Self::Rated(rated)) => format!("客户评分：{}。", score(rated, lang)),
            (Lang::En, Self::Ended(end)) => format!("The survey was over: {}.", ended(*end, lang)),
            (Lang::Zh, Self::Ended(end)) => format!("调查结束：{}。", ended(*end, lang)),
        }
    }
}

/// The rows of a card: how it went, then each score.
pub fn rows(survey: &SurveyRecord) -> Vec<[String; 2]> {
    let line = |text: String| ["".to_owned(), text];
    let head =
        format!("of queue {}, about seat {}: {}", survey.queue, survey.seat, survey.end.map_or("it goes on", |end| ended(end, Lang::En)));
    let scores = survey.ratings.iter().map(|rated| line(score(rated, Lang::En)));
    [line(head)].into_iter().chain(scores).collect()
}

/// For machines.
pub fn json(survey: &SurveyRecord) -> Value {
    let ratings = survey.ratings.iter();
    let ratings: Vec<Value> =
        ratings.map(|one| json!({ "dimension": one.dimension.word(), "score": one.score, "verdict": one.verdict.word() })).collect();
    json!({
        "queue": survey.queue, "seat": survey.seat, "began": words::iso(survey.began), "ended": survey.ended.map(words::iso),
        "end": survey.end.map(|end| end.word()), "ratings": ratings,
    })
}

/// `attitude 3: low, to be followed up (R105)`.
fn score(rated: &Rated, lang: Lang) -> String {
    let verdict = match rated.verdict {
        Verdict::Low => lang.of(": low, to be followed up (R105)", "，低分，须重点回访（R105）"),
        Verdict::Fair => "",
        Verdict::High => lang.of(": satisfied, praise for the agent (R105)", "，满意，表扬坐席（R105）"),
    };
    format!("{} {}{verdict}", dimension(rated.dimension, lang), lang.of(rated.score.to_string(), format!("{} 分", rated.score)))
}

fn dimension(dimension: Dimension, lang: Lang) -> &'static str {
    match dimension {
        Dimension::Attitude => lang.of("attitude", "服务态度"),
        Dimension::Efficiency => lang.of("efficiency", "服务效率"),
        Dimension::Quality => lang.of("quality", "服务质量"),
        Dimension::Content => lang.of("content", "服务内容"),
        Dimension::AfterService => lang.of("after-service", "售后服务"),
    }
}

fn unasked(why: Unasked, lang: Lang) -> &'static str {
    match why {
        Unasked::Sensitive => lang.of("the matter is sensitive, and a person asks afterwards (R68)", "敏感事项，处理后由人工回访（R68）"),
        Unasked::Urgent => lang.of("it was an emergency (R25, R26)", "紧急事项（R25、R26）"),
        Unasked::AskedLately => lang
            .of("the number was asked a short time ago (`survey.not_again_within`)", "该号码不久前刚评价过（`survey.not_again_within`）"),
        Unasked::Sampled => lang.of("only a share of the callers is asked (`survey.share`)", "只抽样询问部分客户（`survey.share`）"),
        Unasked::OnHold => lang.of("the caller had us on hold", "客户正将热线置于保持"),
    }
}

fn ended(end: SurveyEnd, lang: Lang) -> &'static str {
    match end {
        SurveyEnd::Completed => lang.of("all was asked", "已问完"),
        SurveyEnd::Silent => lang.of("no answer came in time", "客户没有作答"),
        SurveyEnd::CallerLeft => lang.of("the caller hung up", "客户挂机"),
        SurveyEnd::Cut => lang.of("the hotline could not go on", "热线无法继续"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_low_score_says_that_it_is_to_be_followed_up_and_a_high_one_praises_r105() {
        let rated = |score, verdict| EventKind::Rated(Rated { dimension: Dimension::Attitude, score, verdict });
        let says = |kind: &EventKind, lang| Fact::of(kind).map(|fact| fact.sentence(lang)).unwrap_or_default();
        assert_eq!(says(&rated(3, Verdict::Low), Lang::En), "The caller gave attitude 3: low, to be followed up (R105).");
        assert_eq!(says(&rated(9, Verdict::High), Lang::Zh), "客户评分：服务态度 9 分，满意，表扬坐席（R105）。");
        assert_eq!(says(&rated(5, Verdict::Fair), Lang::En), "The caller gave attitude 5.");
        assert_eq!(Fact::of(&EventKind::PickedUp), None);
    }
}
