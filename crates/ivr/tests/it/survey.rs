//! The survey after a conversation: one key a question (R72, R105, R106).

use crate::house::{EN, ZH, name, plan, prompt};
use hotline_ivr::{Input, Survey, SurveyOutput};
use hotline_model::Timestamp;
use hotline_model::history::{Dimension, Rated, SurveyEnd};
use hotline_rules::{Plan, Question};
use proptest::prelude::*;
use std::sync::Arc;

fn with_survey() -> Plan {
    let mut plan = plan();
    let ask = |dimension, text: &str| Question { dimension, say: vec![prompt(text)] };
    plan.survey.queues = vec![crate::house::GENERAL];
    plan.survey.intro = vec![prompt("intro")];
    plan.survey.questions =
        vec![ask(Dimension::Attitude, "attitude"), ask(Dimension::Quality, "quality"), ask(Dimension::AfterService, "after")];
    plan.survey.no_input = vec![prompt("no-input")];
    plan.survey.invalid = vec![prompt("invalid-key")];
    plan.survey.thanks = vec![prompt("thanks")];
    plan
}

struct Asked {
    survey: Survey,
    now: Timestamp,
    /// Replies that were due.
    due: u32,
}

impl Asked {
    fn by(plan: Plan, answered: &[Dimension]) -> Self {
        Self { survey: Survey::new(Arc::new(plan), ZH, answered), now: Timestamp(0), due: 0 }
    }

    /// What follows, in words: `attitude`, `quality=9 high`, `stop`, `over completed`.
    fn takes(&mut self, input: Input) -> Vec<String> {
        self.survey.handle(self.now, input);
        self.outputs()
    }

    fn presses(&mut self, keys: &str) -> Vec<String> {
        keys.chars().flat_map(|key| self.takes(Input::Digit(key))).collect()
    }

    fn waits(&mut self) -> Vec<String> {
        self.now = self.survey.poll_timeout().expect("a deadline is pending");
        self.survey.handle_timeout(self.now);
        self.outputs()
    }

    fn outputs(&mut self) -> Vec<String> {
        let mut words = Vec::new();
        while let Some(output) = self.survey.poll_output() {
            match output {
                SurveyOutput::Say { parts, .. } => words.extend(parts.iter().map(|part| part.prompt.to_string())),
                SurveyOutput::Stop => words.push("stop".into()),
                SurveyOutput::ReplyDue => self.due += 1,
                SurveyOutput::Rated(Rated { dimension, score, verdict }) => words.push(format!("{dimension}={score} {verdict}")),
                SurveyOutput::Over(end) => words.push(format!("over {end}")),
            }
        }
        words
    }
}

#[test]
fn each_question_takes_one_key_and_0_is_10_r72_r106() {
    let mut asked = Asked::by(with_survey(), &[]);
    assert_eq!(asked.takes(Input::Start), ["intro", "attitude"]);
    assert_eq!(asked.takes(Input::Played), Vec::<String>::new());
    assert_eq!(asked.presses("9"), ["attitude=9 high", "quality"]);
    assert_eq!(asked.presses("0"), ["stop", "quality=10 high", "after"], "a key interrupts the question");
    assert_eq!(asked.takes(Input::Played), Vec::<String>::new());
    assert_eq!(asked.presses("3"), ["after_service=3 low", "thanks"]);
    assert_eq!(asked.takes(Input::Played), ["over completed"]);
    assert_eq!(asked.presses("5"), Vec::<String>::new());
    assert_eq!(asked.survey.poll_timeout(), None);
}

#[test]
fn who_keys_10_as_1_and_0_means_10_and_not_1_r72() {
    let mut asked = Asked::by(with_survey(), &[]);
    asked.takes(Input::Start);
    assert_eq!(asked.presses("1"), ["stop"], "a 0 may follow");
    assert_eq!(asked.presses("0"), ["attitude=10 high", "quality"]);
    asked.takes(Input::Played);
    assert_eq!(asked.presses("1"), Vec::<String>::new());
    assert_eq!(asked.waits(), ["quality=1 low", "after"]);
    assert_eq!(asked.now, Timestamp(1_500_000));
    assert_eq!(asked.presses("18"), ["stop", "after_service=1 low", "thanks"], "keys after the last question count for none");
}

#[test]
fn a_1_and_another_key_are_two_answers() {
    let mut asked = Asked::by(with_survey(), &[]);
    asked.takes(Input::Start);
    asked.takes(Input::Played);
    assert_eq!(asked.presses("15"), ["attitude=1 low", "quality", "stop", "quality=5 fair", "after"]);
}

#[test]
fn a_scale_of_5_knows_the_keys_1_to_5_only_h24() {
    let mut plan = with_survey();
    (plan.survey.scale, plan.survey.low, plan.survey.satisfied) = (5, 2, 4);
    let mut asked = Asked::by(plan, &[]);
    asked.takes(Input::Start);
    asked.takes(Input::Played);
    assert_eq!(asked.presses("1"), ["attitude=1 low", "quality"], "no 10 is awaited");
    asked.takes(Input::Played);
    assert_eq!(asked.presses("6"), ["invalid-key", "quality"]);
    asked.takes(Input::Played);
    assert_eq!(asked.presses("0"), ["thanks"], "0 is no score of this scale");
    assert_eq!(asked.takes(Input::Played), ["over silent"]);
}

#[test]
fn star_says_the_question_again_and_hash_passes_it_over() {
    let mut asked = Asked::by(with_survey(), &[]);
    asked.takes(Input::Start);
    assert_eq!(asked.presses("*"), ["stop", "attitude"]);
    assert_eq!(asked.presses("#"), ["stop", "quality"]);
    assert_eq!(asked.presses("7"), ["stop", "quality=7 high", "after"]);
    assert_eq!(asked.presses("#"), ["stop", "thanks"]);
    assert_eq!(asked.waits(), ["over completed"], "a prompt whose end is never told counts as heard");
}

#[test]
fn who_is_silent_is_asked_once_more_and_then_let_go_without_thanks() {
    let mut asked = Asked::by(with_survey(), &[]);
    asked.takes(Input::Start);
    asked.takes(Input::Played);
    assert_eq!(asked.waits(), ["no-input", "attitude"]);
    asked.takes(Input::Played);
    assert_eq!(asked.now, Timestamp(5_000_000));
    assert_eq!(asked.waits(), ["over silent"]);
}

#[test]
fn star_is_heard_ten_times() {
    let mut asked = Asked::by(with_survey(), &[]);
    asked.takes(Input::Start);
    (0..10).for_each(|_| assert_eq!(asked.presses("*"), ["stop", "attitude"]));
    assert_eq!(asked.presses("*"), ["stop", "invalid-key", "attitude"]);
    assert_eq!(asked.presses("*"), ["stop", "over silent"]);
}

#[test]
fn after_a_crash_the_questions_that_were_answered_are_not_asked_again() {
    let mut asked = Asked::by(with_survey(), &[Dimension::Attitude]);
    assert_eq!(asked.takes(Input::Start), ["quality"]);
    let mut all = Asked::by(with_survey(), &[Dimension::Attitude, Dimension::Quality, Dimension::AfterService]);
    assert_eq!(all.takes(Input::Start), ["thanks"]);
    assert_eq!(all.takes(Input::Played), ["over completed"]);
}

#[test]
fn it_speaks_the_callers_language_r12() {
    let mut survey = Survey::new(Arc::new(with_survey()), EN, &[]);
    survey.handle(Timestamp(0), Input::Start);
    let Some(SurveyOutput::Say { parts, barge_in: true }) = survey.poll_output() else { panic!("it asks") };
    assert!(parts.iter().all(|part| part.language == EN) && parts[1].prompt == name("attitude"));
}

proptest! {
    #[test]
    fn whatever_comes_it_ends_and_asks_nothing_twice(steps in prop::collection::vec(0u8..20, 0..200)) {
        let mut asked = Asked::by(with_survey(), &[]);
        let mut words = asked.takes(Input::Start);
        for step in steps {
            let more = match step {
                0..=9 => asked.takes(Input::Digit(char::from(b'0' + step))),
                10 => asked.takes(Input::Digit('*')),
                11 => asked.takes(Input::Digit('#')),
                12 => asked.takes(Input::Digit('D')),
                13 => asked.takes(Input::Digit('\u{ff11}')),
                14 | 15 if asked.survey.poll_timeout().is_some() => asked.waits(),
                _ => asked.takes(Input::Played),
            };
            words.extend(more);
        }
        for _ in 0..100 {
            if asked.survey.poll_timeout().is_some() {
                words.extend(asked.waits());
            }
        }
        prop_assert_eq!(words.iter().filter(|word| word.starts_with("over")).count(), 1);
        for dimension in Dimension::ALL {
            let answers = words.iter().filter(|word| word.starts_with(&format!("{dimension}="))).count();
            prop_assert!(answers <= 1);
        }
        let ends = [SurveyEnd::Completed, SurveyEnd::Silent].map(|end| format!("over {end}"));
        let all = words.iter().all(|word| !word.starts_with("over") || ends.contains(word));
        prop_assert!(all);
    }
}

#[test]
fn a_reply_is_due_to_each_answer_and_to_a_one_when_it_is_known_to_be_no_ten_r10_k2() {
    let mut asked = Asked::by(with_survey(), &[]);
    asked.takes(Input::Start);
    assert_eq!(asked.due, 0);
    asked.presses("9");
    assert_eq!(asked.due, 1);
    asked.presses("1");
    assert_eq!(asked.due, 1, "a 0 may follow");
    asked.waits();
    assert_eq!(asked.due, 2);
    asked.presses("10");
    assert_eq!(asked.due, 3);
}

#[test]
fn who_hears_nothing_of_a_survey_is_let_go_r10() {
    let mut asked = Asked::by(with_survey(), &[]);
    asked.takes(Input::Start);
    assert_eq!(asked.takes(Input::Unheard), ["over cut"]);
    assert!(asked.takes(Input::Unheard).is_empty());
}
