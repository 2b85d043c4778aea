//! One call rehearsed: the real engine, with its menus and its router, among telephones in memory on a virtual clock. Nothing sleeps, nothing
//! is sent, and the same situation under the same rules always gives the same journal.

mod before;
pub mod before_load;
mod coverage;
mod expected;
pub mod explain;
pub mod house;
mod outcome;
pub mod patience;
mod phone;
pub mod test_command;
mod way_to;

#[cfg(test)]
mod tests;

pub use outcome::{Outcome, branch};

use before::{BEFORE, prepare};
use hotline_engine::{Input, Prompts, WayTaken};
use hotline_model::{CallEvent, CallId, DeskOrder, Entry, EventKind, SeatId, Timestamp};
use hotline_rules::trial::{KeyPress, Situation};
use hotline_rules::{Go, Plan, Said};
use house::{House, Late, Mad, caller_address};
use patience::Patience;
use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long after a menu begins to speak a caller presses a key.
const THINKS: Duration = Duration::from_secs(1);
/// How long after goodbye the caller hangs up.
const HANGS_UP: Duration = Duration::from_secs(1);
/// Things that happen in one rehearsal.
const MOST_TURNS: usize = 200_000;

/// The machines never fell silent: a fault of the hotline, not of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeverSilent;

impl fmt::Display for NeverSilent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the rehearsed call never came to rest: this is a fault of the hotline, please report it with the rules and the test")
    }
}

impl std::error::Error for NeverSilent {}

impl From<Mad> for NeverSilent {
    fn from(Mad: Mad) -> Self {
        Self
    }
}

/// Rehearses a call; without prompts each is taken to be silent and heard at once.
///
/// # Errors
/// The machines never fall silent.
pub fn rehearse(plan: &Arc<Plan>, prompts: &Arc<Prompts>, situation: &Situation) -> Result<Outcome, NeverSilent> {
    rehearse_while(plan, prompts, situation, &Patience::endless())
}

/// The same as long as the patience lasts.
///
/// # Errors
/// The machines never fall silent, or the patience is over: it says so itself.
pub fn rehearse_while(
    plan: &Arc<Plan>,
    prompts: &Arc<Prompts>,
    situation: &Situation,
    patience: &Patience,
) -> Result<Outcome, NeverSilent> {
    let mut house = House::open(plan, prompts, situation.at - BEFORE.max(before::lead(plan, situation)));
    house.patience = patience.clone();
    let (mut acts, mut notes) = prepare(&mut house, plan, situation)?;
    let begin = house.moment(situation.at);
    house.pass_to(begin)?;
    house.lookups = situation.lookups.clone();
    house.outside = phone::Habit::of(situation.outside);
    house.message = situation.message.unwrap_or_default();
    house.replies = Late::new(situation.replies.clone());
    let mut walk = Walk::new(plan, situation, begin, &house);
    walk.plan_acts(&mut acts, situation);
    let now = house.now;
    house.phone(caller_address(0)).dial(now, situation.from.as_deref(), &situation.to, situation.privacy);
    house.settle()?;
    walk.run(&mut house, &mut acts)?;
    notes.extend(walk.unpressed(&acts));
    notes.extend(never_late(house.replies.never()));
    Ok(Outcome::of(plan, situation, house, walk.call, notes))
}

/// Replies that were to be late and that nobody said.
fn never_late(count: usize) -> Option<Said> {
    (count > 0).then(|| said(format!("late replies that were never said: {count}"), format!("没有说出的迟到应答：{count} 个")))
}

/// In both languages.
fn said(en: impl Into<Cow<'static, str>>, zh: impl Into<Cow<'static, str>>) -> Said {
    Said { en: en.into(), zh: zh.into() }
}

/// What somebody outside the hotline does at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// The caller presses a key.
    Press(char),
    /// Somebody who called hangs up.
    HangUp(SocketAddr),
    /// The same, and the seat's agent ends the wrap-up at once.
    SetFree(SocketAddr, SeatId),
    /// The agent at a seat hangs up.
    AgentHangsUp(SeatId),
}

impl Act {
    pub fn perform(self, house: &mut House) -> Result<(), Mad> {
        let now = house.now;
        match self {
            Self::Press(digit) => house.press(caller_address(0).ip(), digit).map(drop),
            Self::HangUp(who) => {
                house.phone(who).hang_up(now);
                house.settle()
            }
            Self::AgentHangsUp(seat) => house.tell(Input::Desk { seat, by: "rehearsal".into(), order: DeskOrder::HangUp }),
            Self::SetFree(who, seat) => {
                house.phone(who).hang_up(now);
                house.settle()?;
                house.tell(Input::Desk { seat, by: "rehearsal".into(), order: DeskOrder::WrapUpDone })
            }
        }
    }
}

/// What is still to come.
#[derive(Debug, Default)]
pub(crate) struct Acts {
    all: BTreeMap<(Timestamp, u32), Act>,
    count: u32,
}

impl Acts {
    pub fn put(&mut self, at: Timestamp, act: Act) {
        self.count += 1;
        self.all.insert((at, self.count), act);
    }

    pub fn next(&self) -> Option<Timestamp> {
        self.all.first_key_value().map(|((at, _), _)| *at)
    }

    pub fn take_due(&mut self, now: Timestamp) -> Option<Act> {
        let entry = self.all.first_entry().filter(|entry| entry.key().0 <= now)?;
        Some(entry.remove())
    }
}

/// The rehearsed caller.
struct Walk<'a> {
    plan: &'a Plan,
    keys: VecDeque<KeyPress>,
    begin: Timestamp,
    end: Timestamp,
    talks: bool,
    agent_hangs_up: Option<Duration>,
    /// Until the record is complete.
    recorded: bool,
    call: Option<CallId>,
    bye: bool,
    /// A message was left, or none could be: the caller hangs up after what is said then.
    told: bool,
    /// How much of the house was looked at.
    journal: usize,
    said: usize,
    ways: usize,
    /// A menu that says nothing may wait for a key.
    silent_turn: bool,
}

impl<'a> Walk<'a> {
    fn new(plan: &'a Plan, situation: &Situation, begin: Timestamp, house: &House) -> Self {
        let in_turn = situation.keys.iter().copied().filter(|key| !matches!(key, KeyPress::At(..)));
        Self {
            plan,
            keys: in_turn.collect(),
            begin,
            end: begin + situation.lasts,
            talks: situation.talks,
            agent_hangs_up: situation.agent_hangs_up,
            recorded: situation.recorded,
            call: None,
            bye: false,
            told: false,
            journal: house.journal.len(),
            said: house.said.len(),
            ways: house.ways.len(),
            silent_turn: false,
        }
    }

    fn plan_acts(&self, acts: &mut Acts, situation: &Situation) {
        for key in &situation.keys {
            if let KeyPress::At(digit, after) = key {
                acts.put(self.begin + *after, Act::Press(*digit));
            }
        }
        situation.hangs_up.iter().for_each(|after| acts.put(self.begin + *after, Act::HangUp(caller_address(0))));
    }

    fn run(&mut self, house: &mut House, acts: &mut Acts) -> Result<(), Mad> {
        for _ in 0..MOST_TURNS {
            if self.look(house, acts) || house.phone(caller_address(0)).refused.is_some() {
                return Ok(());
            }
            let next = house.poll_timeout().into_iter().chain(acts.next()).min();
            let Some(at) = next.filter(|at| *at <= self.end) else {
                house.now = self.end;
                return Ok(());
            };
            house.go_to(at)?;
            while let Some(act) = acts.take_due(house.now) {
                act.perform(house)?;
            }
        }
        Err(Mad)
    }

    /// Keys that were given and had no turn: the call was elsewhere by then.
    fn unpressed(&self, acts: &Acts) -> Option<Said> {
        let in_turn = self.keys.iter().filter_map(|key| if let KeyPress::Next(digit) = key { Some(*digit) } else { None });
        let timed = acts.all.values().filter_map(|act| if let Act::Press(digit) = act { Some(*digit) } else { None });
        let keys: Vec<String> = in_turn.chain(timed).map(|digit| format!("`{digit}`")).collect();
        let keys = keys.join(" ");
        (!keys.is_empty()).then(|| said(format!("keys that were never pressed: {keys}"), format!("没有按到的键：{keys}")))
    }

    /// Looks what happened; whether all that is asked for is known.
    fn look(&mut self, house: &House, acts: &mut Acts) -> bool {
        let mut over = false;
        let events =
            house.journal[self.journal..].iter().filter_map(|entry| if let Entry::Call(event) = entry { Some(event) } else { None });
        for event in events {
            over |= self.heard(event);
            if let (EventKind::Answered { seat }, Some(after), true) = (&event.kind, self.agent_hangs_up, self.call == Some(event.call))
                && let Some(seat) = self.plan.seat_names.get(&**seat)
            {
                acts.put(house.moment(event.at) + after, Act::AgentHangsUp(*seat));
            }
        }
        self.journal = house.journal.len();
        for said in house.said[self.said..].iter().filter(|said| said.barge_in && said.to == caller_address(0).ip()) {
            self.silent_turn = false;
            self.turn(house.moment(said.at), acts);
        }
        self.said = house.said.len();
        if std::mem::take(&mut self.silent_turn) && !house.hears(caller_address(0).ip()) {
            self.turn(house.now, acts);
        }
        let own = house.ways[self.ways..].iter().filter(|(call, ..)| Some(*call) == self.call);
        for (_, _, way) in own {
            self.bye = branch(self.plan, *way).is_some_and(|branch| branch.go == Go::Goodbye) && asks_no_more(*way);
        }
        self.ways = house.ways.len();
        if (self.bye || self.told) && !house.hears(caller_address(0).ip()) {
            (self.bye, self.told) = (false, false);
            acts.put(house.now + HANGS_UP, Act::HangUp(caller_address(0)));
        }
        over
    }

    fn heard(&mut self, event: &CallEvent) -> bool {
        if let EventKind::Arrived { source, .. } = &event.kind
            && *source == caller_address(0)
        {
            self.call = Some(event.call);
        }
        if self.call != Some(event.call) {
            return false;
        }
        let waits_for_key = |kind: &EventKind| {
            matches!(kind, EventKind::Menu(_) | EventKind::Digit { .. } | EventKind::SurveyBegan { .. } | EventKind::Rated(_))
        };
        self.silent_turn |= waits_for_key(&event.kind);
        if let EventKind::Queued { queue, .. } = &event.kind {
            self.silent_turn &= self.takes_keys(queue);
        }
        self.told |= matches!(event.kind, EventKind::MessageLeft(_) | EventKind::NoMessage { .. });
        let answered = matches!(event.kind, EventKind::Answered { .. } | EventKind::OutsideAnswered { .. });
        let gone = if self.recorded { event.kind == EventKind::Archived } else { matches!(event.kind, EventKind::HungUp { .. }) };
        gone || answered && !self.talks
    }

    /// Who waits there may ask for a call-back by key; elsewhere keys are kept for what comes.
    fn takes_keys(&self, queue: &str) -> bool {
        self.plan.queue_names.get(queue).is_some_and(|queue| self.plan.queue(*queue).outward.callback.is_some())
    }

    /// A menu speaks, or is silent and waits.
    fn turn(&mut self, at: Timestamp, acts: &mut Acts) {
        if let Some(KeyPress::Next(digit)) = self.keys.pop_front() {
            acts.put(at + THINKS, Act::Press(digit));
        }
    }
}

fn asks_no_more(way: WayTaken) -> bool {
    match way {
        WayTaken::Menu(way) => !matches!(way.took, hotline_ivr::Took::Invalid(_) | hotline_ivr::Took::NoInput),
        WayTaken::Closed(_) | WayTaken::Nobody(_) | WayTaken::Otherwise(_) | WayTaken::Survey(_) => true,
    }
}
