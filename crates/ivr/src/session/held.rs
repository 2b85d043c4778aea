//! Waiting for what sources know of the caller, or of what the caller keyed.

use super::{Clock, Session, Spoken, Stage, Visit};
use hotline_rules::{Branch, Changes, Gate, Go, MenuId, SelfService, Test, When};
use std::sync::Arc;

/// Where a conversation goes on once the sources have answered.
#[derive(Debug)]
pub(super) enum Held {
    /// To a menu that asks who calls, after these words.
    Menu(MenuId, Vec<Spoken>),
    /// From a menu that has collected what the sources are asked with.
    Collected(Visit),
}

impl Session {
    /// The sources have answered.
    pub(super) fn go_on(&mut self, clock: Clock<'_>) {
        self.stage = Stage::New { resume: None };
        match self.held.take() {
            Some(Held::Menu(menu, said)) => {
                let branch = Branch { set: Changes::default(), say: Vec::new(), go: Go::Menu(menu) };
                self.follow_saying(clock, &branch, None, said);
            }
            Some(Held::Collected(visit)) => {
                let plan = Arc::clone(&self.plan);
                let menu = plan.menu(visit.menu);
                let done = menu.collect.as_ref().map_or(&menu.failed, |collect| &collect.done);
                self.follow(clock, done, Some(visit));
            }
            None => self.start(clock),
        }
    }

    /// Sources are asked with what was keyed; the way on depends on what they know.
    pub(super) fn await_answer(&mut self, visit: Visit) {
        self.expects = true;
        (self.stage, self.held) = (Stage::Held, Some(Held::Collected(visit)));
    }

    /// Whether gates, or sparing VIP customers, ask what sources may be about to say.
    pub(super) fn must_wait(&self, gates: &[Gate], self_service: SelfService) -> bool {
        let asks = |gate: &Gate| match &gate.when {
            When::Closed(_) => false,
            When::Holds(predicate) => predicate.tests().into_iter().any(is_of_caller),
        };
        self.expects && (self_service == SelfService::Ordinary || gates.iter().any(asks))
    }
}

/// Whether a source may say it: customer, language, and what follows from them.
fn is_of_caller(test: &Test) -> bool {
    matches!(test, Test::CustomerType(_) | Test::CustomerLevel(_) | Test::Language(_) | Test::Priority(_) | Test::Sensitive)
}
