//! Sources outside that are asked about a caller while the menus speak: the way into a queue waits for them, a few hundred milliseconds at
//! most, and then goes on with what the rules say for that (`[lookup.NAME] fallback`).

use crate::ask::{Answer, AskId, Question};
use crate::call::{Call, Phase};
use crate::engine::{Engine, Output};
use crate::menu::Queues;
use crate::world::{Alarm, World};
use hotline_model::history::{EventKind, LookUpOutcome, LookedUp};
use hotline_model::{CallId, Name, Number, Timestamp};
use hotline_rules::{CallerFacts, Lookup, Plan};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Questions open at a time: at 300 ms each, some 1,700 calls a second. Beyond it nobody is asked, and the fallback holds.
const OPEN: usize = 512;
/// Their handles are above those of host names.
const FIRST: u64 = 1 << 63;

/// The questions of all calls.
#[derive(Debug, Default)]
pub(crate) struct LookUps {
    open: BTreeMap<AskId, CallId>,
    asked: u64,
}

impl LookUps {
    fn open(&mut self, call: CallId) -> Option<AskId> {
        if self.open.len() >= OPEN {
            return None;
        }
        let id = AskId(FIRST + self.asked);
        self.asked += 1;
        self.open.insert(id, call);
        Some(id)
    }

    /// Whether a handle is one of these.
    pub fn is_one(id: AskId) -> bool {
        id.0 >= FIRST
    }
}

/// What was asked about one caller.
#[derive(Debug)]
pub(crate) struct Asked {
    plan: Arc<Plan>,
    since: Timestamp,
    /// One for each source of the plan.
    sources: Vec<Source>,
}

#[derive(Debug)]
enum Source {
    Open { id: AskId, until: Timestamp },
    Done(Box<CallerFacts>),
}

impl Asked {
    fn next(&self) -> Option<Timestamp> {
        let until = |source: &Source| match source {
            Source::Open { until, .. } => Some(*until),
            Source::Done(_) => None,
        };
        self.sources.iter().filter_map(until).min()
    }

    fn place_of(&self, wanted: AskId) -> Option<usize> {
        self.sources.iter().position(|source| matches!(source, Source::Open { id, .. } if *id == wanted))
    }

    fn overdue(&self, now: Timestamp) -> Option<(usize, AskId)> {
        let due = |(place, source): (usize, &Source)| match source {
            Source::Open { id, until } if *until <= now => Some((place, *id)),
            Source::Open { .. } | Source::Done(_) => None,
        };
        self.sources.iter().enumerate().find_map(due)
    }
}

/// What all of them said together.
pub(crate) fn said(plan: &Plan, looked_up: &[LookedUp]) -> CallerFacts {
    let said: Vec<(Name, Name)> = looked_up.iter().flat_map(|one| one.said.iter().cloned()).collect();
    plan.understand(&said).facts
}

impl Call {
    /// After a restart: what the journal has of all sources holds, also if one of them knows other things, or nothing, by now.
    pub fn ask_what_is_not_known(&mut self, world: &mut World) {
        let has_said = |lookup: &Lookup| self.looked_up.iter().any(|one| one.source == lookup.name);
        if self.looked_up.is_empty() || !world.plan.lookups.iter().all(has_said) {
            self.looked_up.clear();
            return self.ask_about_caller(world);
        }
        let known = said(&world.plan, &self.looked_up);
        if let Phase::Menu(session) = &mut self.phase {
            session.learn(world.now, world.wall_offset, &Queues(world), [&known]);
            self.hear_menu(world);
        }
    }

    /// Asks every source about the caller, if there is a number.
    pub fn ask_about_caller(&mut self, world: &mut World) {
        let Phase::Menu(session) = &mut self.phase else { return };
        let plan = Arc::clone(session.plan());
        let Some(number) = plan.number_to_look_up(&self.from) else { return };
        session.expect_customer();
        let mut asked = Box::new(Asked { plan: Arc::clone(&plan), since: world.now, sources: Vec::new() });
        for lookup in &plan.lookups {
            let source = match world.look_ups.open(self.id) {
                Some(id) => {
                    let (number, source) = (Number::new(&number), Arc::clone(&lookup.source));
                    let question = Question::Customer { lookup: lookup.name.clone(), number, source };
                    let until = world.now + lookup.limit;
                    world.outputs.push_back(Output::Ask { id, question, deadline: until });
                    Source::Open { id, until }
                }
                None => Source::Done(self.fall_back(world, lookup, world.now, LookUpOutcome::Full)),
            };
            asked.sources.push(source);
        }
        self.asked = Some(asked);
        self.go_on_when_known(world);
    }

    /// An answer came.
    fn on_looked_up(&mut self, world: &mut World, id: AskId, answer: Answer) {
        let Some(asked) = &self.asked else { return };
        let Some(place) = asked.place_of(id).filter(|_| asked.overdue(world.now).is_none_or(|(_, late)| late != id)) else {
            world.counters.late_answers += 1;
            return self.on_look_ups_late(world);
        };
        let (plan, since) = (Arc::clone(&asked.plan), asked.since);
        let lookup = &plan.lookups[place];
        let facts = match answer {
            Answer::Customer(Some(values)) => self.understand(world, &plan, lookup, since, &values),
            Answer::Customer(None) => {
                self.note_look_up(world, lookup, since, LookUpOutcome::Unknown, Vec::new(), Vec::new());
                Box::default()
            }
            Answer::Full => self.fall_back(world, lookup, since, LookUpOutcome::Full),
            Answer::Failed(_) | Answer::Addresses(_) => self.fall_back(world, lookup, since, LookUpOutcome::Failed),
        };
        self.learned(place, facts);
        self.go_on_when_known(world);
    }

    fn understand(
        &mut self,
        world: &mut World,
        plan: &Plan,
        lookup: &Lookup,
        since: Timestamp,
        values: &[(String, String)],
    ) -> Box<CallerFacts> {
        let understood = plan.understand(values);
        self.note_look_up(world, lookup, since, LookUpOutcome::Known, understood.said, understood.ignored);
        Box::new(understood.facts)
    }

    fn fall_back(&mut self, world: &mut World, lookup: &Lookup, since: Timestamp, why: LookUpOutcome) -> Box<CallerFacts> {
        self.note_look_up(world, lookup, since, why, lookup.fallback_said.clone(), Vec::new());
        Box::new(lookup.fallback.clone())
    }

    fn note_look_up(
        &mut self,
        world: &mut World,
        lookup: &Lookup,
        since: Timestamp,
        outcome: LookUpOutcome,
        said: Vec<(Name, Name)>,
        ignored: Vec<Name>,
    ) {
        let counters = &mut world.counters;
        *match outcome {
            LookUpOutcome::Known => &mut counters.customers_known,
            LookUpOutcome::Unknown => &mut counters.customers_unknown,
            LookUpOutcome::Late => &mut counters.customers_late,
            LookUpOutcome::Failed => &mut counters.customers_failed,
            LookUpOutcome::Full => &mut counters.customers_full,
        } += 1;
        counters.customer_values_ignored += ignored.len() as u64;
        let took_ms = u32::try_from(world.now.since(since).as_millis()).unwrap_or(u32::MAX);
        let looked_up = LookedUp { source: lookup.name.clone(), outcome, took_ms, said, ignored };
        self.looked_up.push(looked_up.clone());
        self.record(world, EventKind::LookedUp(Box::new(looked_up)));
    }

    /// A limit is over.
    pub fn on_look_ups_late(&mut self, world: &mut World) {
        while let Some((place, id)) = self.asked.as_ref().and_then(|asked| asked.overdue(world.now)) {
            let Some(asked) = &self.asked else { return };
            let (plan, since) = (Arc::clone(&asked.plan), asked.since);
            world.look_ups.open.remove(&id);
            let facts = self.fall_back(world, &plan.lookups[place], since, LookUpOutcome::Late);
            self.learned(place, facts);
        }
        self.go_on_when_known(world);
    }

    fn learned(&mut self, place: usize, facts: Box<CallerFacts>) {
        if let Some(source) = self.asked.as_mut().and_then(|asked| asked.sources.get_mut(place)) {
            *source = Source::Done(facts);
        }
    }

    /// Once all is known or given up, the menus hear of it.
    fn go_on_when_known(&mut self, world: &mut World) {
        if let Some(at) = self.asked.as_ref().and_then(|asked| asked.next()) {
            return self.alarm(world, Alarm::LookUp, at);
        }
        let Some(asked) = self.asked.take() else { return };
        self.alarms.clear(world, Alarm::LookUp);
        let known = asked.sources.iter().filter_map(|source| match source {
            Source::Done(facts) => Some(&**facts),
            Source::Open { .. } => None,
        });
        if let Phase::Menu(session) = &mut self.phase {
            session.learn(world.now, world.wall_offset, &Queues(world), known);
            self.hear_menu(world);
        }
    }

    /// Nobody wants the answers any more.
    pub fn forget_look_ups(&mut self, world: &mut World) {
        for source in self.asked.take().into_iter().flat_map(|asked| asked.sources) {
            if let Source::Open { id, .. } = source {
                world.look_ups.open.remove(&id);
            }
        }
    }
}

impl Engine {
    pub(crate) fn on_customer(&mut self, id: AskId, answer: Answer) {
        match self.world.look_ups.open.remove(&id) {
            Some(call) => self.with_call(call, |call, world| call.on_looked_up(world, id, answer)),
            None => self.world.counters.late_answers += 1,
        }
    }
}
