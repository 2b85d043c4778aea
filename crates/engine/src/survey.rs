//! `Phase::Survey`: the agent is gone, the caller is not, and is asked how it was (R72, R106). The agent's wrap-up runs meanwhile.

use crate::call::{Call, Phase, Talking};
use crate::recover::PastSurvey;
use crate::world::{Alarm, World};
use hotline_ivr::{Input, Survey, SurveyOutput};
use hotline_media::Command;
use hotline_model::history::{Cause, Dimension, EventKind, Rated, Side, SurveyEnd, Unasked, Verdict};
use hotline_model::{Kind, LanguageId, Number, PhoneNumber, Priority, Profile, QueueId, WallTime};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Numbers that are remembered as asked; of more, those asked longest ago are forgotten.
const MOST: usize = 100_000;

/// A survey under way.
#[derive(Debug)]
pub(crate) struct Asking {
    queue: QueueId,
    pub survey: Survey,
    answered: bool,
}

/// What the surveys of a queue came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SurveySums {
    /// Callers who were asked.
    pub asked: u64,
    /// Of these, those who gave a score.
    pub responded: u64,
    /// Scores that were given.
    pub ratings: u64,
    /// Of these, those of satisfied callers (`survey.satisfied`).
    pub satisfied: u64,
    /// Of these, low ones (`survey.low`).
    pub low: u64,
    /// All scores together.
    pub total: u64,
}

impl SurveySums {
    /// CSAT: satisfied scores of all that were given, as a share of 1; `None` before the first (R109).
    pub fn csat(&self) -> Option<f64> {
        (self.ratings > 0).then(|| self.satisfied as f64 / self.ratings as f64)
    }

    /// The mean score; `None` before the first.
    pub fn mean(&self) -> Option<f64> {
        (self.ratings > 0).then(|| self.total as f64 / self.ratings as f64)
    }

    /// Who gave a score, of those who were asked; `None` before the first.
    pub fn response_rate(&self) -> Option<f64> {
        (self.asked > 0).then(|| self.responded as f64 / self.asked as f64)
    }

    fn rate(&mut self, rated: &Rated) {
        self.ratings += 1;
        self.satisfied += u64::from(rated.verdict == Verdict::High);
        self.low += u64::from(rated.verdict == Verdict::Low);
        self.total += u64::from(rated.score);
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            asked: self.asked + other.asked,
            responded: self.responded + other.responded,
            ratings: self.ratings + other.ratings,
            satisfied: self.satisfied + other.satisfied,
            low: self.low + other.low,
            total: self.total + other.total,
        }
    }
}

/// What is known of all surveys.
#[derive(Debug, Default)]
pub(crate) struct Surveys {
    sums: BTreeMap<QueueId, SurveySums>,
    asked: BTreeMap<PhoneNumber, WallTime>,
    /// The same by age.
    ages: BTreeSet<(WallTime, PhoneNumber)>,
}

impl Surveys {
    /// Remembers when a number was asked, unless a later time is known. Callers without a number can't be known again.
    pub fn remember(&mut self, from: &Number, at: WallTime) {
        let Ok(number) = PhoneNumber::parse(from.reveal()) else { return };
        if let Some(known) = self.asked.get(&number).copied() {
            if known >= at {
                return;
            }
            self.ages.remove(&(known, number.clone()));
        }
        self.ages.insert((at, number.clone()));
        self.asked.insert(number, at);
        if self.asked.len() > MOST
            && let Some((_, oldest)) = self.ages.pop_first()
        {
            self.asked.remove(&oldest);
        }
    }

    fn last(&self, from: &Number) -> Option<WallTime> {
        self.asked.get(&PhoneNumber::parse(from.reveal()).ok()?).copied()
    }

    fn of(&mut self, queue: QueueId) -> &mut SurveySums {
        self.sums.entry(queue).or_default()
    }

    /// What the surveys of a queue came to since the start.
    pub fn sums(&self, queue: QueueId) -> SurveySums {
        self.sums.get(&queue).copied().unwrap_or_default()
    }
}

impl Call {
    /// The agent hung up, and whatever is left of the agent's leg ends: whether the caller is asked now. Otherwise nothing has changed.
    pub fn begin_survey(&mut self, world: &mut World, gone: Option<u8>) -> bool {
        let Phase::Talking(Talking { seat: Some(seat), leg }) = self.phase else { return false };
        let Some(waiting) = self.matter.waiting.clone().filter(|_| self.greeting.is_none() && self.legs.live(0).is_some()) else {
            return false;
        };
        let number = world.plan.dialled(&self.dialled);
        if !world.plan.survey.concerns(waiting.queue, number) {
            return false;
        }
        if let Some(why) = self.spared(world, &waiting.profile) {
            self.record(world, EventKind::NotSurveyed { why });
            return false;
        }
        let queue = world.plan.queue(waiting.queue).name.clone();
        self.record(world, EventKind::SurveyBegan { queue, seat: world.seat_name(seat) });
        self.forget_reply(world);
        self.alarms.clear_all(world);
        self.drop_clocks(world);
        for index in self.legs.numbers().into_iter().filter(|index| *index != 0) {
            if gone == Some(index) {
                self.forget_leg(world, index);
            } else {
                self.end_leg(world, index, None);
            }
        }
        debug_assert!(self.legs.live(leg).is_none());
        self.release(world, seat);
        let at = world.wall();
        world.surveys.remember(&self.from, at);
        world.surveys.of(waiting.queue).asked += 1;
        self.ask(world, waiting.queue, waiting.profile.language, &[]);
        true
    }

    /// Why the caller is not asked, if not (R68). Who complained always is (R99).
    fn spared(&self, world: &mut World, profile: &Profile) -> Option<Unasked> {
        let survey = &world.plan.survey;
        let (share, again) = (survey.share, survey.not_again_within);
        if profile.sensitive && survey.spares_sensitive {
            return Some(Unasked::Sensitive);
        }
        if profile.priority == Priority::Urgent || profile.topic.is_some_and(|topic| world.plan.priorities.urgent.contains(&topic)) {
            return Some(Unasked::Urgent);
        }
        if self.caller().holds {
            return Some(Unasked::OnHold);
        }
        if profile.kind == Some(Kind::Complaint) {
            return None;
        }
        if world.surveys.last(&self.from).is_some_and(|last| world.wall().since(last) < again) {
            return Some(Unasked::AskedLately);
        }
        // Nothing is drawn where all are asked, so that a replay of rules without a sample stays what it was.
        (share < 1.0 && f64::from(world.random()) >= share * f64::from(u32::MAX)).then_some(Unasked::Sampled)
    }

    fn ask(&mut self, world: &mut World, queue: QueueId, language: LanguageId, answered: &[Dimension]) {
        let mut survey = Survey::new(Arc::clone(&world.plan), language, answered);
        if world.ways.is_some() {
            survey.watch();
        }
        self.phase = Phase::Survey(Box::new(Asking { queue, survey, answered: !answered.is_empty() }));
        self.arrange(world);
        self.probe_later(world, 0);
        self.tell_survey(world, Input::Start);
    }

    /// Goes on where the journal ends: the answers that were given are kept.
    pub fn ask_on(&mut self, world: &mut World, past: &PastSurvey, language: LanguageId) {
        let answered: Vec<Dimension> = past.answered.iter().map(|rated| rated.dimension).collect();
        let queue = world.plan.queue_names.get(&*past.queue).copied();
        match queue.filter(|_| !past.over) {
            Some(queue) => {
                let sums = world.surveys.of(queue);
                sums.asked += 1;
                sums.responded += u64::from(!answered.is_empty());
                past.answered.iter().for_each(|rated| sums.rate(rated));
                self.ask(world, queue, language, &answered);
            }
            None => {
                if !past.over {
                    self.record(world, EventKind::SurveyEnded { end: SurveyEnd::Cut });
                }
                self.phase = Phase::Goodbye;
                self.finish(world, None, Side::System, Cause::Completed, None);
            }
        }
    }

    /// The survey's timer.
    pub fn on_survey_timeout(&mut self, world: &mut World) {
        if let Phase::Survey(asking) = &mut self.phase {
            asking.survey.handle_timeout(world.now);
            self.hear_survey(world);
        }
    }

    /// Gives the survey an input, if there is one, and does what it says.
    pub fn tell_survey(&mut self, world: &mut World, input: Input) {
        if let Phase::Survey(asking) = &mut self.phase {
            asking.survey.handle(world.now, input);
            self.hear_survey(world);
        }
    }

    fn hear_survey(&mut self, world: &mut World) {
        self.note_survey_ways(world);
        self.follow_survey(world);
        self.settle_reply(world);
    }

    fn follow_survey(&mut self, world: &mut World) {
        while let Phase::Survey(asking) = &mut self.phase {
            let Some(output) = asking.survey.poll_output() else { break };
            match output {
                SurveyOutput::Say { parts, barge_in } => {
                    if !self.play(world, &parts, barge_in, false)
                        && let Phase::Survey(asking) = &mut self.phase
                    {
                        asking.survey.handle(world.now, Input::Played);
                        self.note_survey_ways(world);
                    }
                }
                SurveyOutput::Stop => world.media(Command::Stop { stream: self.caller().media.stream }),
                SurveyOutput::ReplyDue => self.reply_due(world),
                SurveyOutput::Rated(rated) => self.rated(world, rated),
                SurveyOutput::Over(end) => {
                    self.record(world, EventKind::SurveyEnded { end });
                    self.phase = Phase::Goodbye;
                    return self.finish(world, None, Side::System, Cause::Completed, None);
                }
            }
        }
        let due = if let Phase::Survey(asking) = &self.phase { asking.survey.poll_timeout() } else { None };
        match due {
            Some(at) => self.alarm(world, Alarm::Survey, at),
            None => self.alarms.clear(world, Alarm::Survey),
        }
    }

    /// A low score is to be followed up (R105).
    fn rated(&mut self, world: &mut World, rated: Rated) {
        if let Phase::Survey(asking) = &mut self.phase {
            let sums = world.surveys.of(asking.queue);
            sums.responded += u64::from(!std::mem::replace(&mut asking.answered, true));
            sums.rate(&rated);
        }
        self.dues.rate(&rated, world.wall());
        self.record(world, EventKind::Rated(rated));
    }

    /// The call ends in the middle of a survey: what was answered stays.
    pub fn survey_broken_off(&self, world: &mut World, phase: &Phase, side: Side) {
        if let Phase::Survey(_) = phase {
            let end = if side == Side::Caller { SurveyEnd::CallerLeft } else { SurveyEnd::Cut };
            self.record(world, EventKind::SurveyEnded { end });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csat_is_ratings_of_7_and_more_of_all_given_r109() {
        let mut sums = SurveySums { asked: 4, responded: 3, ..SurveySums::default() };
        assert_eq!((sums.csat(), sums.mean(), sums.response_rate()), (None, None, Some(0.75)));
        for (score, verdict) in [(10, Verdict::High), (7, Verdict::High), (6, Verdict::Fair), (1, Verdict::Low)] {
            sums.rate(&Rated { dimension: Dimension::Quality, score, verdict });
        }
        assert_eq!((sums.csat(), sums.mean(), sums.low), (Some(0.5), Some(6.0), 1));
        assert_eq!(sums.and(sums).ratings, 8);
    }

    #[test]
    fn numbers_asked_longest_ago_are_forgotten_first() {
        let mut surveys = Surveys::default();
        let number = |n: usize| Number::new(&format!("138{n:08}"));
        (0..=MOST).for_each(|n| surveys.remember(&number(n), WallTime(i64::try_from(n).unwrap())));
        assert_eq!((surveys.last(&number(0)), surveys.last(&number(1))), (None, Some(WallTime(1))));
        surveys.remember(&number(1), WallTime(0));
        assert_eq!(surveys.last(&number(1)), Some(WallTime(1)), "the later time counts");
        surveys.remember(&Number::default(), WallTime(5));
        assert_eq!((surveys.asked.len(), surveys.ages.len()), (MOST, MOST));
    }
}
