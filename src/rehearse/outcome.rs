//! What a rehearsal gave: the call's journal, the router's decisions on it with the seats at each, and the ways that it took.

use super::house::{House, Said as Spoken, caller_address};
use hotline_archive::{Found, Meanwhile, SeatStates, Source, StoredDecision};
use hotline_engine::WayTaken;
use hotline_ivr::{Took, Way};
use hotline_model::{CallEvent, CallId, Entry, EventKind, Name, Record, WallTime};
use hotline_rules::trial::Situation;
use hotline_rules::{Branch, Door, Go, Plan, Said};
use std::sync::Arc;
use std::time::Duration;

/// See the module.
pub struct Outcome {
    /// The rules.
    pub plan: Arc<Plan>,
    /// What was given.
    pub situation: Situation,
    /// The status with which the INVITE was refused; then there was no call.
    pub refused: Option<u16>,
    /// The call as `why` sees it.
    pub found: Found,
    /// The seats at each decision on it.
    pub states: Vec<SeatStates>,
    /// What the router saw from the first decision on it.
    pub around: Option<(SeatStates, Meanwhile)>,
    /// The ways it took.
    pub ways: Vec<(WallTime, WayTaken)>,
    /// What the caller was told.
    pub said: Vec<Spoken>,
    /// When it was over, or no longer looked at.
    pub until: WallTime,
    /// What could not be had as it was given.
    pub notes: Vec<Said>,
}

/// What a way does; `None` for one that is not in these rules, or only asks again.
pub fn branch(plan: &Plan, way: WayTaken) -> Option<&Branch> {
    match way {
        WayTaken::Menu(Way { door: Door::Number(number), took }) => {
            let number = plan.number(number);
            if let Took::Gate(place) = took { number.gates.get(place).map(|gate| &gate.go) } else { Some(&number.entry) }
        }
        WayTaken::Menu(Way { door: Door::Menu(menu), took }) => {
            let menu = plan.menu(menu);
            match took {
                Took::Gate(place) => menu.gates.get(place).map(|gate| &gate.go),
                Took::Key(key) => menu.keys.get(&key),
                Took::Failed => Some(&menu.failed),
                Took::Collected => menu.collect.as_ref().map(|collect| &collect.done),
                Took::Spared => menu.keys.get(&'0'),
                Took::Entry | Took::Invalid(_) | Took::NoInput => None,
            }
        }
        WayTaken::Closed(queue) => plan.queue(queue).closed.as_ref(),
        WayTaken::Otherwise(way) => plan.ways_out.get(usize::from(way.0)).map(|way| &way.otherwise),
        WayTaken::Survey(_) => None,
        WayTaken::Nobody(queue) => plan.queue(queue).nobody.as_ref().map(|nobody| &nobody.go),
    }
}

fn decided(entry: &Entry) -> Option<StoredDecision> {
    let Entry::Decision { decision, at, queue, seat } = entry else { return None };
    Some(StoredDecision { epoch: 1, decision: *decision, at: *at, queue: queue.clone(), seat: seat.clone() })
}

impl Outcome {
    pub(super) fn of(plan: &Arc<Plan>, situation: &Situation, mut house: House, call: Option<CallId>, notes: Vec<Said>) -> Self {
        let refused = house.phone(caller_address(0)).refused;
        let until = house.wall(house.now);
        let journal = std::mem::take(&mut house.journal);
        let of_call = |event: &&CallEvent| Some(event.call) == call;
        let events = journal.iter().filter_map(|entry| if let Entry::Call(event) = entry { Some(event) } else { None });
        let events: Vec<CallEvent> = events.filter(of_call).cloned().collect();
        let all: Vec<StoredDecision> = journal.iter().filter_map(decided).collect();
        let decisions: Vec<StoredDecision> = all.iter().filter(|stored| Some(stored.decision.call) == call).cloned().collect();
        let seats: Vec<_> = journal.iter().filter_map(|entry| if let Entry::Seat(event) = entry { Some(event) } else { None }).collect();
        let states_at = |seq: u64| -> SeatStates {
            seats.iter().filter(|event| event.seq <= seq).map(|event| (event.seat.clone(), (*event).clone())).collect()
        };
        let states = decisions.iter().map(|stored| states_at(stored.decision.seq)).collect();
        let around = decisions.first().map(|first| {
            let from = first.decision.seq;
            let meanwhile = Meanwhile {
                seats: seats.iter().filter(|event| event.seq >= from).map(|event| (*event).clone()).collect(),
                decisions: all.iter().filter(|stored| stored.decision.seq >= from).cloned().collect(),
            };
            (states_at(from), meanwhile)
        });
        let found = Found { record: Record::fold(&events), events, left_out: 0, decisions, source: Source::Journal };
        let ways = house.ways.iter().filter(|(of, ..)| Some(*of) == call).map(|(_, at, way)| (*at, *way)).collect();
        let said = std::mem::take(&mut house.said).into_iter().filter(|said| said.to == caller_address(0).ip()).collect();
        Self { plan: Arc::clone(plan), situation: situation.clone(), refused, found, states, around, ways, said, until, notes }
    }

    /// The record, if the call was picked up.
    pub fn record(&self) -> Option<&Record> {
        self.found.record.as_ref()
    }

    /// How long the caller waited in queues until a seat answered.
    pub fn waited(&self) -> Option<Duration> {
        let record = self.record()?;
        Some(record.t3?.since(record.t2?))
    }

    /// The decision by which the seat that answered was found.
    pub fn winning(&self) -> Option<&StoredDecision> {
        let seat = self.record()?.seat.as_ref()?;
        self.found.decisions.iter().rev().find(|stored| stored.seat.as_ref() == Some(seat))
    }

    /// Where it waited too after a breach.
    pub fn overflow(&self) -> Option<&Name> {
        let events = self.found.events.iter().rev();
        events.filter_map(|event| if let EventKind::Overflowed { to } = &event.kind { to.as_ref() } else { None }).next()
    }

    /// Whether the caller was told goodbye.
    pub fn goodbye(&self) -> bool {
        self.ways.last().and_then(|(_, way)| branch(&self.plan, *way)).is_some_and(|branch| matches!(branch.go, Go::Goodbye | Go::HangUp))
    }
}
