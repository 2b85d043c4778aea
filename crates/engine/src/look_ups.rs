//! Sources outside that are asked about a caller while the menus speak: the way into a queue waits for them, a few hundred milliseconds at
//! most, and then goes on with what the rules say for that (`[lookup.NAME] fallback`).

use crate::ask::{Answer, AskId, Question};
use crate::call::{Call, Phase};
use crate::engine::{Engine, Output};
use crate::menu::Queues;
use crate::world::{Alarm, World};
use hotline_model::history::{EventKind, LookUpOutcome, LookedUp};
use hotline_model::{CallId, Name, Number, Timestamp};
use hotline_rules::{CallerFacts, Lookup, LookupSource, Plan};
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

/// What was asked about one caller, and not told to the menus yet.
#[derive(Debug)]
pub(crate) struct Asked {
    plan: Arc<Plan>,
    sources: Vec<Source>,
}

#[derive(Debug)]
struct Source {
    /// Its place in the plan.
    lookup: usize,
    since: Timestamp,
    state: State,
}

#[derive(Debug)]
enum State {
    Open { id: AskId, until: Timestamp },
    Done(Box<CallerFacts>),
}

impl Asked {
    fn next(&self) -> Option<Timestamp> {
        let until = |source: &Source| match source.state {
            State::Open { until, .. } => Some(until),
            State::Done(_) => None,
        };
        self.sources.iter().filter_map(until).min()
    }

    /// The plan, the source's place in it, and since when it is asked.
    fn source(&self, place: usize) -> Option<(Arc<Plan>, usize, Timestamp)> {
        self.sources.get(place).map(|source| (Arc::clone(&self.plan), source.lookup, source.since))
    }

    fn place_of(&self, wanted: AskId) -> Option<usize> {
        self.sources.iter().position(|source| matches!(source.state, State::Open { id, .. } if id == wanted))
    }

    fn overdue(&self, now: Timestamp) -> Option<(usize, AskId)> {
        let due = |(place, source): (usize, &Source)| match source.state {
            State::Open { id, until } if until <= now => Some((place, id)),
            State::Open { .. } | State::Done(_) => None,
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
    /// After a restart: what the journal has of all sources holds, also if one of them knows other things, or nothing, by now. Those that
    /// are asked with what was keyed are asked when it is keyed again.
    pub fn ask_what_is_not_known(&mut self, world: &mut World) {
        let plan = Arc::clone(&world.plan);
        let of_number = |name: &Name| plan.lookups.iter().any(|lookup| lookup.by.is_none() && lookup.name == *name);
        let has_said = |lookup: &Lookup| lookup.by.is_some() || self.looked_up.iter().any(|one| one.source == lookup.name);
        if self.looked_up.is_empty() || !plan.lookups.iter().all(has_said) {
            self.looked_up.retain(|one| !of_number(&one.source));
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
        self.ask_sources(world, &plan, None, &number);
    }

    /// A menu collected a value: the sources that know such values are asked with it, and the menu waits for them.
    pub fn ask_with_value(&mut self, world: &mut World, name: &Name) {
        let Phase::Menu(session) = &self.phase else { return };
        let plan = Arc::clone(session.plan());
        let Some(value) = session.collected(name).filter(|_| plan.looks_up(name)).map(str::to_owned) else { return };
        self.ask_sources(world, &plan, Some(name), &value);
    }

    fn ask_sources(&mut self, world: &mut World, plan: &Arc<Plan>, by: Option<&Name>, with: &str) {
        let mut asked = self.asked.take().unwrap_or_else(|| Box::new(Asked { plan: Arc::clone(plan), sources: Vec::new() }));
        for (place, lookup) in plan.lookups.iter().enumerate().filter(|(_, lookup)| lookup.by.as_ref() == by) {
            let state = match &*lookup.source {
                LookupSource::Csv { rows } => State::Done(self.read_off(world, plan, lookup, rows.get(with))),
                LookupSource::Sqlite { .. } | LookupSource::Http { .. } => self.ask_outside(world, lookup, with),
            };
            asked.sources.push(Source { lookup: place, since: world.now, state });
        }
        self.asked = Some(asked);
        self.go_on_when_known(world);
    }

    fn ask_outside(&mut self, world: &mut World, lookup: &Lookup, with: &str) -> State {
        let Some(id) = world.look_ups.open(self.id) else {
            return State::Done(self.fall_back(world, lookup, world.now, LookUpOutcome::Full));
        };
        let question = Question::Customer { lookup: lookup.name.clone(), number: Number::new(with), source: Arc::clone(&lookup.source) };
        let until = world.now + lookup.limit;
        world.outputs.push_back(Output::Ask { id, question, deadline: until });
        State::Open { id, until }
    }

    /// A file of the rules answers at once.
    fn read_off(&mut self, world: &mut World, plan: &Plan, lookup: &Lookup, row: Option<&Vec<(String, String)>>) -> Box<CallerFacts> {
        match row {
            Some(values) => self.understand(world, plan, lookup, world.now, values),
            None => {
                self.note_look_up(world, lookup, world.now, LookUpOutcome::Unknown, Vec::new(), Vec::new());
                Box::default()
            }
        }
    }

    /// An answer came.
    fn on_looked_up(&mut self, world: &mut World, id: AskId, answer: Answer) {
        let Some(asked) = &self.asked else { return };
        let Some(place) = asked.place_of(id).filter(|_| asked.overdue(world.now).is_none_or(|(_, late)| late != id)) else {
            world.counters.late_answers += 1;
            return self.on_look_ups_late(world);
        };
        let Some((plan, lookup, since)) = asked.source(place) else { return };
        let lookup = &plan.lookups[lookup];
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
            let Some((plan, lookup, since)) = self.asked.as_ref().and_then(|asked| asked.source(place)) else { return };
            world.look_ups.open.remove(&id);
            let facts = self.fall_back(world, &plan.lookups[lookup], since, LookUpOutcome::Late);
            self.learned(place, facts);
        }
        self.go_on_when_known(world);
    }

    fn learned(&mut self, place: usize, facts: Box<CallerFacts>) {
        if let Some(source) = self.asked.as_mut().and_then(|asked| asked.sources.get_mut(place)) {
            source.state = State::Done(facts);
        }
    }

    /// Once all is known or given up, the menus hear of it.
    fn go_on_when_known(&mut self, world: &mut World) {
        if let Some(at) = self.asked.as_ref().and_then(|asked| asked.next()) {
            return self.alarm(world, Alarm::LookUp, at);
        }
        let Some(asked) = self.asked.take() else { return };
        self.alarms.clear(world, Alarm::LookUp);
        let known = asked.sources.iter().filter_map(|source| match &source.state {
            State::Done(facts) => Some(&**facts),
            State::Open { .. } => None,
        });
        if let Phase::Menu(session) = &mut self.phase {
            session.learn(world.now, world.wall_offset, &Queues(world), known);
            self.hear_menu(world);
        }
    }

    /// Nobody wants the answers any more.
    pub fn forget_look_ups(&mut self, world: &mut World) {
        for source in self.asked.take().into_iter().flat_map(|asked| asked.sources) {
            if let State::Open { id, .. } = source.state {
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
