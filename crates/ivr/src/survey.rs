//! A survey: one key for each question, and the end of it. It is no menu: no key leads to a person, and silence leads nowhere.

use crate::speech;
use crate::{Input, Spoken};
use hotline_model::history::{Dimension, Rated, SurveyEnd};
use hotline_model::{LanguageId, Timestamp};
use hotline_rules::{Plan, Question, Say, SurveyPiece};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// After a `1`, a `0` within this makes a 10.
const SECOND_DIGIT: Duration = Duration::from_millis(1_500);
/// Times that questions are said again on the caller's wish, in one survey.
const REPEATS: u8 = 10;
/// A prompt whose end was not reported within this counts as heard.
const LONGEST_PROMPT: Duration = Duration::from_secs(120);
const AGAIN: char = '*';
const PASS_OVER: char = '#';

/// What the survey wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SurveyOutput {
    /// Plays prompts one after the other, instead of whatever plays.
    Say {
        /// In order, never empty.
        parts: Vec<Spoken>,
        /// A key interrupts it.
        barge_in: bool,
    },
    /// Stops what plays.
    Stop,
    /// The caller gave a score.
    Rated(Rated),
    /// It is over, and all is said: we hang up.
    Over(SurveyEnd),
}

/// One caller's survey. It keeps the plan with which it began.
#[derive(Debug)]
pub struct Survey {
    plan: Arc<Plan>,
    language: LanguageId,
    /// The questions that are not passed yet, by their places, the next one first.
    left: VecDeque<usize>,
    stage: Stage,
    failures: u8,
    repeats: u8,
    /// Something was answered.
    answered: bool,
    outputs: VecDeque<SurveyOutput>,
    /// What was said, if somebody wants to know.
    said: Option<Vec<SurveyPiece>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    New,
    Speaking {
        heard_by: Timestamp,
    },
    Listening {
        until: Timestamp,
    },
    /// A `1` was keyed: alone, or of a 10.
    AfterOne {
        until: Timestamp,
    },
    Leaving {
        end: SurveyEnd,
        heard_by: Timestamp,
    },
    Over,
}

impl Survey {
    /// A survey by the rules, in a language. Dimensions that were answered before, as before a crash, are not asked again, and nothing is
    /// said before the next question then.
    pub fn new(plan: Arc<Plan>, language: LanguageId, answered: &[Dimension]) -> Self {
        let questions = plan.survey.questions.iter().enumerate();
        let left = questions.filter(|(_, question)| !answered.contains(&question.dimension)).map(|(place, _)| place).collect();
        let answered = !answered.is_empty();
        Self { plan, language, left, stage: Stage::New, failures: 0, repeats: 0, answered, outputs: VecDeque::new(), said: None }
    }

    /// From now on what is said is kept for [`Self::take_said`].
    pub fn watch(&mut self) {
        self.said.get_or_insert_default();
    }

    /// The words of the rules said since it was last asked for, in order; none unless they are watched.
    pub fn take_said(&mut self) -> Vec<SurveyPiece> {
        self.said.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Takes one input; [`Input::Start`] begins it.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        match (input, self.stage) {
            (Input::Start, Stage::New) => {
                let intro = if self.answered { Vec::new() } else { self.words(SurveyPiece::Intro, |plan| &plan.survey.intro) };
                self.ask(now, intro);
            }
            (Input::Digit('0'), Stage::AfterOne { .. }) => self.rate(now, 10),
            (Input::Digit(key), Stage::AfterOne { .. }) => {
                self.rate(now, 1);
                self.press(now, key);
            }
            (Input::Digit(key), Stage::Speaking { .. } | Stage::Listening { .. }) => self.press(now, key),
            (Input::Played, Stage::Speaking { .. }) => self.listen(now),
            (Input::Played, Stage::Leaving { end, .. }) => self.finish(end),
            (Input::Start | Input::Digit(_) | Input::Played, _) => {}
        }
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        match self.stage {
            Stage::Speaking { heard_by } if heard_by <= now => self.listen(now),
            Stage::Listening { until } if until <= now => self.failure(now, SurveyPiece::NoInput, |plan| &plan.survey.no_input),
            Stage::AfterOne { until } if until <= now => self.rate(now, 1),
            Stage::Leaving { end, heard_by } if heard_by <= now => self.finish(end),
            Stage::New
            | Stage::Speaking { .. }
            | Stage::Listening { .. }
            | Stage::AfterOne { .. }
            | Stage::Leaving { .. }
            | Stage::Over => {}
        }
    }

    /// When [`Self::handle_timeout`] is to be called next.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Speaking { heard_by: at }
            | Stage::Listening { until: at }
            | Stage::AfterOne { until: at }
            | Stage::Leaving { heard_by: at, .. } => Some(at),
            Stage::New | Stage::Over => None,
        }
    }

    /// What it wants next.
    pub fn poll_output(&mut self) -> Option<SurveyOutput> {
        self.outputs.pop_front()
    }

    fn press(&mut self, now: Timestamp, key: char) {
        if !matches!(key, '0'..='9' | AGAIN | PASS_OVER | 'A'..='D') || matches!(self.stage, Stage::Leaving { .. } | Stage::Over) {
            return;
        }
        if matches!(self.stage, Stage::Speaking { .. }) {
            self.outputs.push_back(SurveyOutput::Stop);
        }
        let survey = &self.plan.survey;
        match (key, survey.score(key)) {
            ('1', _) if survey.scale == 10 => self.stage = Stage::AfterOne { until: now + SECOND_DIGIT },
            (_, Some(score)) => self.rate(now, score),
            (AGAIN, None) if self.repeats < REPEATS => {
                self.repeats += 1;
                self.ask(now, Vec::new());
            }
            (PASS_OVER, None) => self.next(now),
            (_, None) => self.failure(now, SurveyPiece::Invalid, |plan| &plan.survey.invalid),
        }
    }

    fn rate(&mut self, now: Timestamp, score: u8) {
        if let Some(dimension) = self.question().map(|question| question.dimension) {
            let verdict = self.plan.survey.verdict(score);
            self.answered = true;
            self.outputs.push_back(SurveyOutput::Rated(Rated { dimension, score, verdict }));
        }
        self.next(now);
    }

    fn next(&mut self, now: Timestamp) {
        self.left.pop_front();
        self.failures = 0;
        self.ask(now, Vec::new());
    }

    fn failure(&mut self, now: Timestamp, piece: SurveyPiece, told: impl Fn(&Plan) -> &[Say]) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= self.plan.survey.attempts {
            return self.leave(now, SurveyEnd::Silent);
        }
        let told = self.words(piece, |plan| told(plan));
        self.ask(now, told);
    }

    /// Says the question, after other words.
    fn ask(&mut self, now: Timestamp, mut parts: Vec<Spoken>) {
        let Some(question) = self.question() else { return self.leave(now, SurveyEnd::Completed) };
        parts.extend(speech::say(&self.plan, &question.say, self.language));
        if let Some(said) = &mut self.said {
            said.extend(self.left.front().copied().map(SurveyPiece::Question));
        }
        if parts.is_empty() {
            return self.listen(now);
        }
        self.outputs.push_back(SurveyOutput::Say { parts, barge_in: true });
        self.stage = Stage::Speaking { heard_by: now + LONGEST_PROMPT };
    }

    fn listen(&mut self, now: Timestamp) {
        self.stage = Stage::Listening { until: now + self.plan.survey.wait };
    }

    /// Who answered nothing is not thanked.
    fn leave(&mut self, now: Timestamp, end: SurveyEnd) {
        let parts = if self.answered { self.words(SurveyPiece::Thanks, |plan| &plan.survey.thanks) } else { Vec::new() };
        if parts.is_empty() {
            return self.finish(end);
        }
        self.outputs.push_back(SurveyOutput::Say { parts, barge_in: false });
        self.stage = Stage::Leaving { end, heard_by: now + LONGEST_PROMPT };
    }

    fn finish(&mut self, end: SurveyEnd) {
        self.stage = Stage::Over;
        self.outputs.push_back(SurveyOutput::Over(end));
    }

    fn question(&self) -> Option<&Question> {
        self.plan.survey.questions.get(*self.left.front()?)
    }

    fn words(&mut self, piece: SurveyPiece, of: impl Fn(&Plan) -> &[Say]) -> Vec<Spoken> {
        let words = of(&self.plan);
        if let Some(said) = self.said.as_mut().filter(|_| !words.is_empty()) {
            said.push(piece);
        }
        speech::say(&self.plan, words, self.language)
    }
}
