use super::{NumberId, Say};
use hotline_model::QueueId;
use hotline_model::history::{Dimension, Verdict};
use std::time::Duration;

/// What callers are asked once the agent has gone, and what their scores mean (`[survey]`, `kpi.csat`; R72, R105, R106, R109).
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    /// The best score, 2 to 10; the worst is 1. Key `0` is 10.
    pub scale: u8,
    /// Up to this a score is low (R105).
    pub low: u8,
    /// From this on the customer is satisfied (R109).
    pub satisfied: u8,
    /// The share of satisfied scores that is to be reached (`kpi.csat`, R109).
    pub csat: f64,
    /// No caller of a sensitive matter is asked (`sensitive.no_survey`, R68).
    pub spares_sensitive: bool,
    /// Whose callers are asked; nobody is if it is empty.
    pub queues: Vec<QueueId>,
    /// Only those who dialled one of these numbers; all if it is empty.
    pub numbers: Vec<NumberId>,
    /// Said first.
    pub intro: Vec<Say>,
    /// In this order.
    pub questions: Vec<Question>,
    /// Said after a missing key, before the question again.
    pub no_input: Vec<Say>,
    /// Said after a key that is no score, before the question again.
    pub invalid: Vec<Say>,
    /// Said last, if anything was answered.
    pub thanks: Vec<Say>,
    /// How long a key is awaited.
    pub wait: Duration,
    /// Wrong or missing keys at one question, after which no more is asked.
    pub attempts: u8,
    /// How many of the callers are asked, as a share of 1; who complained always is (R99).
    pub share: f64,
    /// A number is not asked again within this time; who complained always is (R99). Zero: each time.
    pub not_again_within: Duration,
}

/// A question of a survey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What of.
    pub dimension: Dimension,
    /// How it is asked.
    pub say: Vec<Say>,
}

/// Words of a survey that a caller can hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SurveyPiece {
    /// What is said first.
    Intro,
    /// A question, by its place.
    Question(usize),
    /// After a missing key.
    NoInput,
    /// After a key that is no score.
    Invalid,
    /// What is said last.
    Thanks,
}

impl Default for Survey {
    fn default() -> Self {
        Self {
            scale: 10,
            low: 4,
            satisfied: 7,
            csat: 0.9,
            spares_sensitive: true,
            queues: Vec::new(),
            numbers: Vec::new(),
            intro: Vec::new(),
            questions: Vec::new(),
            no_input: Vec::new(),
            invalid: Vec::new(),
            thanks: Vec::new(),
            wait: Duration::from_secs(5),
            attempts: 2,
            share: 1.0,
            not_again_within: Duration::from_secs(24 * 3_600),
        }
    }
}

impl Survey {
    /// Whether callers of a queue who dialled a number are asked at all.
    pub fn concerns(&self, queue: QueueId, number: Option<NumberId>) -> bool {
        let dialled = || self.numbers.is_empty() || number.is_some_and(|number| self.numbers.contains(&number));
        !self.questions.is_empty() && self.queues.contains(&queue) && dialled()
    }

    /// The words that callers can hear; none if nobody is asked. After the only attempt nothing is said.
    pub fn pieces(&self) -> Vec<SurveyPiece> {
        if self.queues.is_empty() || self.questions.is_empty() {
            return Vec::new();
        }
        let said = |words: &[Say], piece| (!words.is_empty()).then_some(piece);
        let again = |words, piece| said(words, piece).filter(|_| self.attempts > 1);
        let mut pieces: Vec<SurveyPiece> = said(&self.intro, SurveyPiece::Intro).into_iter().collect();
        pieces.extend((0..self.questions.len()).map(SurveyPiece::Question));
        pieces.extend(again(&self.no_input, SurveyPiece::NoInput));
        pieces.extend(again(&self.invalid, SurveyPiece::Invalid));
        pieces.extend(said(&self.thanks, SurveyPiece::Thanks));
        pieces
    }

    /// The score that a key gives, if it gives one: `0` is 10.
    pub fn score(&self, key: char) -> Option<u8> {
        let digit = key.to_digit(10).and_then(|digit| u8::try_from(digit).ok())?;
        let score = if digit == 0 { 10 } else { digit };
        (score <= self.scale).then_some(score)
    }

    /// What a score means.
    pub fn verdict(&self, score: u8) -> Verdict {
        match score {
            low if low <= self.low => Verdict::Low,
            high if high >= self.satisfied => Verdict::High,
            _ => Verdict::Fair,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_gives_each_score_and_0_is_10_r72() {
        let survey = Survey::default();
        let scores: Vec<u8> = "1234567890".chars().filter_map(|key| survey.score(key)).collect();
        assert_eq!(scores, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(survey.score('*').or(survey.score('#')).or(survey.score('A')), None);
        let likert = Survey { scale: 5, ..survey };
        assert_eq!(("0123456".chars().filter_map(|key| likert.score(key))).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn up_to_4_is_low_and_from_7_on_satisfied_r105_r109() {
        let survey = Survey::default();
        let verdicts: Vec<&str> = (1..=10).map(|score| survey.verdict(score).word()).collect();
        assert_eq!(verdicts, ["low", "low", "low", "low", "fair", "fair", "high", "high", "high", "high"]);
    }
}
