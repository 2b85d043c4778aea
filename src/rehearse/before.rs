//! What happened before the call came: seats registered and signed in, calls that some of them have, calls that wait.

use super::house::{House, Mad, caller_address, seat_address};
use super::phone::Habit;
use super::way_to::way_to;
use super::{Act, Acts, said};
use hotline_engine::{Input, PastTalk};
use hotline_model::history::HandOrder;
use hotline_model::{Activity, CallId, Entry, EventKind, Intent, Name, NotReadyReason, Number, SeatId, Switch, WallTime};
use hotline_rules::trial::{SeatGiven, Situation};
use hotline_rules::{Plan, Said};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

/// How long before the call the house opens.
pub const BEFORE: Duration = Duration::from_secs(15);
/// How long calls that are taken before need to get into a queue.
const INTO_QUEUE: Duration = Duration::from_secs(15);
/// How long before the call those who wait dial.
const WAITS: Duration = Duration::from_secs(12);
/// The numbers of the others who call.
const OTHERS: u64 = 19_900_000_000;

/// How long before the call the house has to open.
pub fn lead(plan: &Plan, situation: &Situation) -> Duration {
    let busy = seats(plan).any(|seat| matches!(situation.seat(seat), SeatGiven::Busy(_)));
    if busy { BEFORE + INTO_QUEUE + INTO_QUEUE } else { BEFORE }
}

fn seats(plan: &Plan) -> impl Iterator<Item = SeatId> {
    (0u32..).map(SeatId).take(plan.seats.len()).filter(|seat| !plan.seat(*seat).retired)
}

/// Brings the house to where the call comes; what is still to be done by others, and what could not be had as it was given.
pub fn prepare(house: &mut House, plan: &Plan, situation: &Situation) -> Result<(Acts, Vec<Said>), Mad> {
    let mut house = Before { house, plan, situation, acts: Acts::default(), notes: Vec::new(), callers: 0 };
    house.remember();
    house.announce()?;
    house.register()?;
    house.engage()?;
    let settled = house.house.moment(situation.at - BEFORE + Duration::from_secs(1));
    house.house.pass_to(settled)?;
    house.sign_in()?;
    house.queue()?;
    Ok((house.acts, house.notes))
}

struct Before<'a> {
    house: &'a mut House,
    plan: &'a Plan,
    situation: &'a Situation,
    acts: Acts,
    notes: Vec<Said>,
    callers: u16,
}

impl Before<'_> {
    fn at(&self, before: Duration) -> WallTime {
        self.situation.at - before
    }

    /// Earlier conversations with the caller (R43, R57).
    fn remember(&mut self) {
        let Situation { from: Some(from), owner, last, .. } = self.situation else { return };
        let name = |seat: &SeatId| self.plan.seat(*seat).name.clone();
        let closed = self.plan.desk.dispositions.iter().find(|disposition| !disposition.open).map(|disposition| disposition.name.clone());
        let (owner, last) = (owner.as_ref().map(name), last.as_ref().map(name));
        let Some(had) = last.clone().or(owner.clone()) else { return };
        let disposition = if owner.is_none() { closed } else { None };
        let at = self.at(Duration::from_secs(3_600));
        let talk = PastTalk { from: Number::new(from), owner: owner.unwrap_or(had.clone()), last: had, disposition, at };
        if self.house.tell(Input::Past(vec![talk])).is_err() {
            self.notes.push(said("the earlier conversation could not be told", "无法给出此前的通话"));
        }
    }

    /// What is switched on.
    fn announce(&mut self) -> Result<(), Mad> {
        for announcement in self.situation.announcements.clone() {
            let at = self.at(BEFORE);
            let switch = Switch { at, announcement, by: "rehearsal".into(), on: true, until: None, note: None };
            self.house.tell(Input::Switch(switch))?;
        }
        Ok(())
    }

    fn register(&mut self) -> Result<(), Mad> {
        let (plan, situation) = (self.plan, self.situation);
        let here = seats(plan).filter(|seat| situation.seat(*seat) != SeatGiven::Unreachable && plan.seat(*seat).contact.is_none());
        self.house.register(here.map(|seat| (seat, plan.seat(seat).name.clone())));
        self.house.settle()?;
        for seat in seats(plan) {
            let away = if self.engaged(seat).is_some() { Intent::NotReady(NotReadyReason::Other) } else { self.intent(seat) };
            let away = if away == Intent::Available { Intent::NotReady(NotReadyReason::Other) } else { away };
            self.house.sign(seat, away)?;
        }
        Ok(())
    }

    fn engaged(&self, seat: SeatId) -> Option<Duration> {
        if let SeatGiven::Busy(until) = self.situation.seat(seat) { Some(until) } else { None }
    }

    fn intent(&self, seat: SeatId) -> Intent {
        match self.situation.seat(seat) {
            SeatGiven::Answers(_)
            | SeatGiven::RingsOut
            | SeatGiven::Refuses(_)
            | SeatGiven::Silent
            | SeatGiven::Busy(_)
            | SeatGiven::Unreachable => Intent::Available,
            SeatGiven::NotReady(reason) => Intent::NotReady(reason),
            SeatGiven::SignedOut => Intent::SignedOut,
        }
    }

    /// Where a seat's telephone is.
    fn phone_of(&self, seat: SeatId) -> SocketAddr {
        let contact = self.plan.seat(seat).contact.as_deref().and_then(|contact| hotline_sip::Uri::parse(contact).ok());
        let fixed = contact.and_then(|uri| Some(SocketAddr::new(uri.host?.ip()?, uri.port.unwrap_or(5060))));
        fixed.unwrap_or_else(|| seat_address(seat))
    }

    /// Somebody else dials, and presses keys at once.
    fn dial(&mut self, number: &Name, keys: &str) -> Result<SocketAddr, Mad> {
        self.callers += 1;
        let address = caller_address(self.callers);
        let from = (OTHERS + u64::from(self.callers)).to_string();
        let now = self.house.now;
        self.house.phone(address).dial(now, Some(&from), number, false);
        self.house.settle()?;
        for key in keys.chars() {
            self.house.press(address.ip(), key)?;
        }
        Ok(address)
    }

    /// Calls that seats have when the call comes.
    fn engage(&mut self) -> Result<(), Mad> {
        let busy: Vec<(SeatId, Duration)> = seats(self.plan).filter_map(|seat| Some((seat, self.engaged(seat)?))).collect();
        if busy.is_empty() {
            return Ok(());
        }
        let Some((number, keys)) = way_to(self.plan, self.house.wall(self.house.now), None) else {
            self.notes.push(said(
                "no queue can be reached before the call: busy seats are not ready instead",
                "来电之前没有能进入的排队：通话中的坐席改为示忙",
            ));
            return Ok(());
        };
        for _ in &busy {
            self.dial(&number, &keys)?;
        }
        self.house.pass_to(self.house.now + INTO_QUEUE)?;
        for (seat, _) in &busy {
            let phone = self.phone_of(*seat);
            self.house.phone(phone).set_habit(Habit::BEFORE);
            self.house.sign(*seat, Intent::Available)?;
            if self.house.seat_state(*seat).activity == Activity::Free {
                self.assign(*seat)?;
            }
            self.house.pass_to(self.house.now + Duration::from_millis(10))?;
        }
        self.let_go(&busy);
        Ok(())
    }

    /// A call that waits, whichever, is given to a seat.
    fn assign(&mut self, seat: SeatId) -> Result<(), Mad> {
        let mut waiting: BTreeMap<CallId, bool> = BTreeMap::new();
        for entry in &self.house.journal {
            if let Entry::Call(event) = entry {
                if matches!(event.kind, EventKind::Queued { .. } | EventKind::OfferEnded { .. }) {
                    waiting.insert(event.call, true);
                } else if matches!(event.kind, EventKind::Offered { .. } | EventKind::HungUp { .. }) {
                    waiting.insert(event.call, false);
                }
            }
        }
        let Some((call, _)) = waiting.into_iter().find(|(_, waits)| *waits) else { return Ok(()) };
        let order = HandOrder::Assign { seat: self.plan.seat(seat).name.clone() };
        self.house.tell(Input::ByHand { call, by: "rehearsal".into(), order })
    }

    /// When the calls of busy seats end.
    fn let_go(&mut self, busy: &[(SeatId, Duration)]) {
        let mut callers: BTreeMap<CallId, SocketAddr> = BTreeMap::new();
        let mut answered: BTreeMap<Name, CallId> = BTreeMap::new();
        for entry in &self.house.journal {
            let Entry::Call(event) = entry else { continue };
            if let EventKind::Arrived { source, .. } = &event.kind {
                callers.insert(event.call, *source);
            } else if let EventKind::Answered { seat } = &event.kind {
                answered.insert(seat.clone(), event.call);
            }
        }
        for (seat, until) in busy {
            let name = &self.plan.seat(*seat).name;
            let Some(caller) = answered.get(name).and_then(|call| callers.get(call)) else {
                let en = format!("seat {name} could not be given a call before: it is ready");
                self.notes.push(said(en, format!("此前无法给坐席 {name} 安排通话：该坐席空闲")));
                continue;
            };
            let free = self.house.moment(self.situation.at) + *until;
            self.acts.put(free, Act::SetFree(*caller, *seat));
        }
    }

    /// All seats are at what they are to be at, as far as their agents choose it.
    fn sign_in(&mut self) -> Result<(), Mad> {
        let (plan, situation) = (self.plan, self.situation);
        for seat in seats(plan) {
            let phone = self.phone_of(seat);
            self.house.phone(phone).set_habit(Habit::of(situation.seat(seat)));
            let intent = self.intent(seat);
            self.house.sign(seat, intent)?;
        }
        Ok(())
    }

    /// Calls that wait before this one.
    fn queue(&mut self) -> Result<(), Mad> {
        let dialled = self.house.moment(self.at(WAITS));
        self.pass_with_acts(dialled)?;
        for (queue, count) in self.situation.waiting.clone() {
            let Some((number, keys)) = way_to(self.plan, self.house.wall(self.house.now), Some(queue)) else {
                let name = &self.plan.queue(queue).name;
                let en = format!("nobody can get into queue {name} by keys at that time: nobody waits in it");
                self.notes.push(said(en, format!("那时无法按键进入排队 {name}：该排队无人等待")));
                continue;
            };
            for _ in 0..count {
                self.dial(&number, &keys)?;
            }
        }
        let begin = self.house.moment(self.situation.at);
        self.pass_with_acts(begin)
    }

    /// Time passes, and those who are to hang up meanwhile do.
    fn pass_with_acts(&mut self, end: hotline_model::Timestamp) -> Result<(), Mad> {
        while let Some(at) = self.acts.next().filter(|at| *at < end) {
            self.house.pass_to(at)?;
            while let Some(act) = self.acts.take_due(at) {
                act.perform(self.house)?;
            }
        }
        self.house.pass_to(end)
    }
}
