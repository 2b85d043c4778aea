//! The routers behind one door: that of the main group in this step, those of further groups at a distance, told by letters.

use crate::seat_order::{Change, SeatOrder};
use hotline_model::history::{Untold, WhyNot};
use hotline_model::{Activity, CallId, Intent, Profile, QueueId, SeatId, SeatState, Timestamp};
use hotline_router::{
    Asked, COURTESY, ExpectedWait, Foreseen, Input, Layout, Leftovers, Letter, Output, Report, Router, SeatTable, Share, Sight, Wanted,
};
use hotline_rules::{GroupId, Plan};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// Where calls wait and seats are told.
pub(crate) struct Routers {
    main: Router,
    plan: Arc<Plan>,
    /// Changes of seats that are to be journalled, with their numbers; one router says them in order.
    changes: VecDeque<(u64, Change)>,
    /// With more than one group only.
    far: Option<Box<Far>>,
}

/// What is known of the routers at a distance.
struct Far {
    share: Share,
    /// By group, from the one after the main group.
    links: Vec<Link>,
    /// Calls that wait with one of them, or did last.
    homes: BTreeMap<CallId, Home>,
    /// Seats that they hold, and for which call.
    held: BTreeMap<SeatId, (GroupId, CallId)>,
    waiting: BTreeMap<QueueId, u32>,
    expected: BTreeMap<QueueId, Result<ExpectedWait, Untold>>,
    /// What they said and nobody has heard yet.
    said: VecDeque<Said>,
    /// Changes of seats by whoever's hand.
    order: SeatOrder,
    foreseen: VecDeque<Foreseen>,
    letters: VecDeque<(GroupId, Letter)>,
    /// Said here in the name of one of them.
    own: VecDeque<Output>,
    /// The last decision or change of a seat that was told: all groups' are one sequence.
    seq: u64,
    /// Whose call each seat was offered last.
    last: BTreeMap<SeatId, GroupId>,
    crossed: u64,
    late: u64,
}

/// What one of them said.
enum Said {
    /// When, and with how many letters taken.
    Output(GroupId, u64, Timestamp, Output),
    /// It changed a seat's word.
    Changed(SeatId),
}

/// The way to one of them.
#[derive(Debug, Default)]
struct Link {
    sent: u64,
    heard: u64,
    inversions: u64,
    checked: u64,
}

/// Where a call waits.
struct Home {
    group: GroupId,
    queue: QueueId,
    /// Effective entry time.
    entered: Timestamp,
    overflow: Option<QueueId>,
    profile: Profile,
    /// The letter that began this stay: what was said before it was taken is out of date.
    since: u64,
    /// Neither gone nor answered.
    waits: bool,
}

impl Routers {
    pub fn new(now: Timestamp, plan: Arc<Plan>, table: Arc<SeatTable>, routers: u8) -> Self {
        let share = Share { group: GroupId::MAIN, routers };
        let mut main = Router::of_group(now, Arc::clone(&plan), table, share);
        let far = (routers > 1).then(|| {
            main.keep_sights();
            main.keep_changed();
            let words = (0u32..).take(main.seats().capacity()).map(|seat| main.word(SeatId(seat)));
            let order = SeatOrder::new(words);
            main.be_courteous(COURTESY);
            Box::new(Far {
                share,
                links: (1..routers).map(|_| Link::default()).collect(),
                homes: BTreeMap::new(),
                held: BTreeMap::new(),
                waiting: BTreeMap::new(),
                expected: BTreeMap::new(),
                said: VecDeque::new(),
                order,
                foreseen: VecDeque::new(),
                letters: VecDeque::new(),
                own: VecDeque::new(),
                seq: 0,
                last: BTreeMap::new(),
                crossed: 0,
                late: 0,
            })
        });
        Self { main, plan, changes: VecDeque::new(), far }
    }

    pub fn seats(&self) -> &Arc<SeatTable> {
        self.main.seats()
    }

    pub fn groups(&self) -> u8 {
        self.main.share().routers
    }

    pub fn begin_step(&mut self, seen: Option<Vec<Sight>>) {
        self.main.begin_step(seen);
    }

    pub fn end_step(&mut self) -> Vec<Sight> {
        self.main.end_step()
    }

    /// Tells the router whom it concerns: by the call where it waits, by the seat who holds it.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        let Some(far) = &mut self.far else { return self.main.handle(now, input) };
        match &input {
            Input::Wait { call, queue, profile, since, .. } => {
                if far.moves(*call, far.share.router_of(&self.plan, *queue), (*queue, *since), profile) {
                    self.main.handle(now, Input::Leave { call: *call });
                }
            }
            Input::Leave { call } | Input::Direct { call, .. } => far.begins_anew(*call),
            Input::Overflow { call, queue } => {
                if let Some(home) = far.homes.get_mut(call) {
                    home.overflow = Some(*queue);
                }
            }
            Input::Engaged { seat, .. } => drop(far.held.remove(seat)),
            Input::Assign { call, seat } => {
                if let Some(why) = far.not_assignable(&self.main, *call, *seat) {
                    return far.own.push_back(Output::NotAssigned { call: *call, seat: *seat, why });
                }
            }
            Input::Rules(plan) => {
                self.plan = Arc::clone(plan);
                for group in (1..far.share.routers).map(GroupId) {
                    far.write(group, Asked::Input(input.clone()));
                }
            }
            Input::Ringing { .. }
            | Input::Answered { .. }
            | Input::Failed { .. }
            | Input::Released { .. }
            | Input::WrapUpDone { .. }
            | Input::Intent { .. }
            | Input::Reachable { .. }
            | Input::Breached { .. }
            | Input::Reprioritise { .. }
            | Input::Look { .. }
            | Input::WrapsUp { .. } => {}
        }
        match far.whom(&input) {
            Some(group) => far.write(group, Asked::Input(input)),
            None => self.main.handle(now, input),
        }
    }

    /// For which calls new rules are to be laid out, whoever's they are.
    pub fn wanted(&self) -> Wanted {
        let mut wanted = self.main.wanted();
        for home in self.far.iter().flat_map(|far| far.homes.values()).filter(|home| home.waits) {
            home.queues().for_each(|queue| wanted.add(queue, &home.profile));
        }
        wanted
    }

    pub fn prepare(&mut self, layout: Layout) {
        self.main.prepare(layout);
    }

    pub fn leftovers(&mut self) -> Option<Leftovers> {
        self.main.leftovers()
    }

    /// Takes what a router at a distance said.
    pub fn report(&mut self, group: GroupId, report: Report) {
        let Some(far) = &mut self.far else { return };
        let Some(link) = far.links.get_mut(group.index().wrapping_sub(1)) else { return };
        (link.inversions, link.checked) = (report.inversions, report.checked);
        let (heard, at, mut changed) = (report.heard, report.at, report.changed.into_iter().peekable());
        for (before, output) in (0..).zip(report.outputs) {
            while let Some((_, seat)) = changed.next_if(|(outputs, _)| *outputs <= before) {
                far.said.push_back(Said::Changed(seat));
            }
            far.said.push_back(Said::Output(group, heard, at, output));
        }
        far.said.extend(changed.map(|(_, seat)| Said::Changed(seat)));
        far.foreseen.extend(report.foreseen);
        far.waiting.extend(report.waiting);
        far.expected.extend(report.expected);
    }

    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.main.handle_timeout(now);
    }

    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.main.poll_timeout()
    }

    /// What a router said, if it is still true.
    pub fn poll_output(&mut self, now: Timestamp) -> Option<Output> {
        let output = self.main.poll_output();
        let Some(far) = &mut self.far else {
            if let Some(Output::Seat { seq, seat, state, call }) = output {
                self.changes.push_back((seq, Change { at: now, seat, state, call }));
            }
            return output;
        };
        self.main.take_changed().for_each(|(_, seat)| far.order.count(seat));
        if let Some(mut output) = output.or_else(|| far.own.pop_front()) {
            far.hear_change(&self.main, GroupId::MAIN, now, &output);
            far.hear_main(&self.main, &mut output);
            far.number(&mut output);
            return Some(output);
        }
        while let Some(said) = far.said.pop_front() {
            let (group, heard, at, output) = match said {
                Said::Changed(seat) => {
                    far.order.count(seat);
                    continue;
                }
                Said::Output(group, heard, at, output) => (group, heard, at, output),
            };
            far.hear_change(&self.main, group, at, &output);
            if let Some(mut output) = far.hear(&self.main, group, heard, output) {
                far.number(&mut output);
                return Some(output);
            }
        }
        None
    }

    /// The next change of a seat that is to be journalled, and its number.
    pub fn poll_change(&mut self) -> Option<(u64, Change)> {
        let Some(far) = &mut self.far else { return self.changes.pop_front() };
        let change = far.order.poll()?;
        Some((far.next_number(), change))
    }

    /// The same, once nothing else is to be said in this step: one that waited for others may have its turn by now.
    pub fn settle_change(&mut self, now: Timestamp) -> Option<(u64, Change)> {
        let far = self.far.as_mut()?;
        let change = far.order.settle(now, |seat| self.main.word(seat))?;
        Some((far.next_number(), change))
    }

    pub fn poll_foreseen(&mut self) -> Option<Foreseen> {
        self.far.as_mut()?.foreseen.pop_front()
    }

    pub fn poll_letter(&mut self) -> Option<(GroupId, Letter)> {
        self.far.as_mut()?.letters.pop_front()
    }

    /// The call is over.
    pub fn forget(&mut self, call: CallId) {
        if let Some(far) = &mut self.far
            && let Some(home) = far.homes.remove(&call)
        {
            far.write(home.group, Asked::Input(Input::Leave { call }));
        }
    }

    pub fn seat_state(&self, seat: SeatId) -> SeatState {
        self.main.seat_state(seat)
    }

    pub fn call_of(&self, seat: SeatId) -> Option<CallId> {
        self.held(seat).map_or_else(|| self.main.call_of(seat), |(_, call)| Some(call))
    }

    pub fn serves(&self, seat: SeatId, call: CallId) -> bool {
        match self.held(seat) {
            Some((_, of)) => of == call && self.main.word(seat).activity() == Activity::OnCall,
            None => self.main.serves(seat, call),
        }
    }

    /// See [`Router::takes`]; a seat in the wrap-up of this very call may be another group's.
    pub fn takes(&self, call: CallId, seat: SeatId, sensitive: bool) -> Result<(), WhyNot> {
        let taken = self.main.takes(call, seat, sensitive);
        match (self.held(seat), self.home(call)) {
            (Some(held), Some(home)) if taken == Err(WhyNot::NotReady) && held == (home.group, call) => {
                let SeatState { intent, activity, reachable } = self.main.seat_state(seat);
                let wraps = activity == Activity::WrapUp && reachable && intent == Intent::Available;
                if wraps { Ok(()) } else { taken }
            }
            (_, _) => taken,
        }
    }

    pub fn attends(&self, queue: QueueId, profile: &Profile) -> bool {
        self.main.attends(queue, profile)
    }

    pub fn is_attended(&self, call: CallId) -> bool {
        match self.home(call) {
            Some(home) if home.waits => home.queues().any(|queue| self.main.attends(queue, &home.profile)),
            Some(_) => true,
            None => self.main.is_attended(call),
        }
    }

    pub fn may_serve(&self, call: CallId, seat: SeatId) -> bool {
        match self.home(call) {
            Some(home) => home.waits && home.queues().any(|queue| self.main.admits(queue, &home.profile, seat)),
            None => self.main.may_serve(call, seat),
        }
    }

    pub fn waiting(&self, queue: QueueId) -> usize {
        match &self.far {
            Some(far) if far.share.router_of(&self.plan, queue) != GroupId::MAIN => {
                far.waiting.get(&queue).map_or(0, |calls| *calls as usize)
            }
            Some(_) | None => self.main.waiting(queue),
        }
    }

    /// How long the call has waited that waits longest in a queue.
    pub fn oldest(&self, queue: QueueId, now: Timestamp) -> Option<Duration> {
        match &self.far {
            Some(far) if far.share.router_of(&self.plan, queue) != GroupId::MAIN => {
                let waiting = far.homes.values().filter(|home| home.waits && home.queue == queue);
                waiting.map(|home| now.since(home.entered)).max()
            }
            Some(_) | None => self.main.oldest(queue, now),
        }
    }

    /// See [`Router::signed_in`].
    pub fn signed_in(&self, queue: QueueId) -> u32 {
        self.main.signed_in(queue)
    }

    /// Whether only a router at a distance can say where the call stands; then it is asked.
    pub fn asks_where(&mut self, call: CallId) -> bool {
        let Some(far) = &mut self.far else { return false };
        let Some(group) = far.homes.get(&call).filter(|home| home.waits).map(|home| home.group) else { return false };
        far.write(group, Asked::Foresee(call));
        true
    }

    /// Whether the call's router is at a distance: what it is told is answered in a later step.
    pub fn is_far(&self, call: CallId) -> bool {
        self.home(call).is_some()
    }

    pub fn position(&self, call: CallId) -> Option<usize> {
        self.main.position(call)
    }

    pub fn expected_wait(&self, call: CallId, now: Timestamp) -> Option<Result<ExpectedWait, Untold>> {
        self.main.expected_wait(call, now)
    }

    pub fn expected_wait_of_next(&self, queue: QueueId, now: Timestamp) -> Result<ExpectedWait, Untold> {
        match &self.far {
            Some(far) if far.share.router_of(&self.plan, queue) != GroupId::MAIN => {
                far.expected.get(&queue).copied().unwrap_or(Err(Untold::TooFew))
            }
            Some(_) | None => self.main.expected_wait_of_next(queue, now),
        }
    }

    pub fn inversions(&self) -> u64 {
        let far = self.far.as_ref().map_or(0, |far| far.links.iter().map(|link| link.inversions).sum());
        self.main.inversions() + far
    }

    /// Of how many offers that were checked.
    pub fn checked(&self) -> u64 {
        let far = self.far.as_ref().map_or(0, |far| far.links.iter().map(|link| link.checked).sum());
        self.main.checked() + far
    }

    /// Offers to a seat whose offer before was of another group, ever.
    pub fn crossed(&self) -> u64 {
        self.far.as_ref().map_or(0, |far| far.crossed)
    }

    /// See [`SeatOrder::guessed`].
    pub fn guessed(&self) -> u64 {
        self.far.as_ref().map_or(0, |far| far.order.guessed())
    }

    /// What routers at a distance said and was out of date as it came.
    pub fn late(&self) -> u64 {
        self.far.as_ref().map_or(0, |far| far.late)
    }

    /// The router at a distance that holds a seat, and for which call, as far as is known here.
    fn held(&self, seat: SeatId) -> Option<(GroupId, CallId)> {
        let held = *self.far.as_ref()?.held.get(&seat)?;
        self.main.word(seat).is_held_by(held.0).then_some(held)
    }

    fn home(&self, call: CallId) -> Option<&Home> {
        self.far.as_ref()?.homes.get(&call)
    }
}

impl Home {
    fn queues(&self) -> impl Iterator<Item = QueueId> {
        [Some(self.queue), self.overflow].into_iter().flatten()
    }
}

impl Far {
    fn write(&mut self, group: GroupId, asked: Asked) {
        if let Some(link) = self.links.get_mut(group.index().wrapping_sub(1)) {
            link.sent += 1;
            self.letters.push_back((group, Letter { heard: link.heard, asked }));
        }
    }

    fn sent(&self, group: GroupId) -> u64 {
        self.links.get(group.index().wrapping_sub(1)).map_or(0, |link| link.sent)
    }

    /// The router at a distance whom an input concerns; `None` if it is the main one's.
    fn whom(&self, input: &Input) -> Option<GroupId> {
        match input {
            Input::Wait { call, .. }
            | Input::Leave { call }
            | Input::Ringing { call, .. }
            | Input::Answered { call, .. }
            | Input::Failed { call, .. }
            | Input::Breached { call }
            | Input::Reprioritise { call, .. }
            | Input::Assign { call, .. }
            | Input::Direct { call, .. }
            | Input::Overflow { call, .. } => self.homes.get(call).map(|home| home.group),
            Input::Released { seat, .. } | Input::WrapUpDone { seat } => self.held.get(seat).map(|(group, _)| *group),
            Input::Engaged { .. }
            | Input::Intent { .. }
            | Input::Reachable { .. }
            | Input::Rules(_)
            | Input::Look { .. }
            | Input::WrapsUp { .. } => None,
        }
    }

    /// A call is to wait with the router of a group. Whether the main one has it until now.
    fn moves(&mut self, call: CallId, to: GroupId, (queue, entered): (QueueId, Timestamp), profile: &Profile) -> bool {
        let before = self.homes.get(&call).map(|home| home.group);
        if let Some(before) = before.filter(|before| *before != to) {
            self.write(before, Asked::Input(Input::Leave { call }));
            self.homes.remove(&call);
        }
        if to == GroupId::MAIN {
            return false;
        }
        let since = self.sent(to) + 1;
        self.homes.insert(call, Home { group: to, queue, entered, overflow: None, profile: profile.clone(), since, waits: true });
        before.is_none()
    }

    /// What was said of the call so far is out of date.
    fn begins_anew(&mut self, call: CallId) {
        let Some(group) = self.homes.get(&call).map(|home| home.group) else { return };
        let since = self.sent(group) + 1;
        if let Some(home) = self.homes.get_mut(&call) {
            (home.since, home.waits) = (since, false);
        }
    }

    /// Why a call can't be given to a seat by hand, as far as is known here.
    fn not_assignable(&self, main: &Router, call: CallId, seat: SeatId) -> Option<WhyNot> {
        let home = self.homes.get(&call)?;
        if !home.waits {
            return Some(WhyNot::NotWaiting);
        }
        let rings = self.held.get(&seat) == Some(&(home.group, call));
        main.takes(call, seat, home.profile.sensitive).err().filter(|why| !rings || *why != WhyNot::NotReady)
    }

    /// All groups' decisions and changes of seats are one sequence, in the order in which they are told.
    fn number(&mut self, output: &mut Output) {
        if let Output::Offer { decision, .. } | Output::Nobody { decision, .. } = output {
            decision.seq = self.next_number();
        }
    }

    fn next_number(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }

    /// What is to be journalled of it.
    fn hear_change(&mut self, main: &Router, by: GroupId, at: Timestamp, output: &Output) {
        if let Output::Seat { seat, state, call, .. } = output {
            let next = self.said.iter().filter(|said| matches!(said, Said::Changed(changed) if changed == seat && by != GroupId::MAIN));
            self.order.hear(by, Change { at, seat: *seat, state: *state, call: *call }, main.word(*seat), next.count());
        }
    }

    fn follow(&mut self, seat: SeatId, group: GroupId) {
        let before = self.last.insert(seat, group);
        self.crossed += u64::from(before.is_some_and(|before| before != group));
    }

    /// What the main router said: whom it offers a seat to or what it holds is no other group's any more.
    fn hear_main(&mut self, main: &Router, output: &mut Output) {
        match output {
            Output::Offer { seat, .. } | Output::Direct { seat, .. } => {
                self.held.remove(seat);
                self.follow(*seat, GroupId::MAIN);
            }
            Output::Seat { seat, call, .. } => match self.held.get(seat) {
                Some((group, of)) if main.word(*seat).is_held_by(*group) => *call = Some(*of),
                Some(_) => drop(self.held.remove(seat)),
                None => {}
            },
            Output::Nobody { .. }
            | Output::Withdraw { .. }
            | Output::Answered { .. }
            | Output::Late { .. }
            | Output::NotAssigned { .. }
            | Output::Refused { .. } => {}
        }
    }

    /// What a router at a distance said, as it is to be understood now.
    fn hear(&mut self, main: &Router, group: GroupId, heard: u64, output: Output) -> Option<Output> {
        if let Some(link) = self.links.get_mut(group.index().wrapping_sub(1)) {
            link.heard += 1;
        }
        match &output {
            Output::Offer { call, seat, .. } | Output::Direct { call, seat, .. } => {
                // Who holds the seat by now takes the offer back in its own time.
                if !self.is_current(*call, group, heard) || !main.word(*seat).is_held_by(group) {
                    return self.drop_late();
                }
                self.held.insert(*seat, (group, *call));
                self.follow(*seat, group);
            }
            Output::Answered { call, seat } => {
                if !self.is_current(*call, group, heard) {
                    self.write(group, Asked::Input(Input::Released { call: *call, seat: *seat }));
                    self.write(group, Asked::Input(Input::WrapUpDone { seat: *seat }));
                    return self.drop_late();
                }
                self.waits_no_more(*call);
            }
            Output::Refused { call, .. } if self.is_current(*call, group, heard) => self.waits_no_more(*call),
            Output::Refused { call, .. }
            | Output::Withdraw { call, .. }
            | Output::Nobody { call, .. }
            | Output::Late { call, .. }
            | Output::NotAssigned { call, .. } => {
                if !self.is_current(*call, group, heard) {
                    return self.drop_late();
                }
            }
            Output::Seat { seq, seat, call, .. } => return Some(self.hear_of_seat(main, group, *seq, *seat, *call)),
        }
        Some(output)
    }

    fn waits_no_more(&mut self, call: CallId) {
        if let Some(home) = self.homes.get_mut(&call) {
            home.waits = false;
        }
    }

    fn is_current(&self, call: CallId, group: GroupId, heard: u64) -> bool {
        self.homes.get(&call).is_some_and(|home| home.group == group && heard >= home.since)
    }

    fn drop_late(&mut self) -> Option<Output> {
        self.late += 1;
        None
    }

    /// A seat changed by the hand of another group. Others may have changed it since: what follows from it follows from what it is now.
    fn hear_of_seat(&mut self, main: &Router, group: GroupId, seq: u64, seat: SeatId, call: Option<CallId>) -> Output {
        let word = main.word(seat);
        match call.filter(|_| word.is_held_by(group)) {
            Some(call) => drop(self.held.insert(seat, (group, call))),
            None if self.held.get(&seat).is_some_and(|(holder, _)| *holder == group) => drop(self.held.remove(&seat)),
            None => {}
        }
        let call = self.held.get(&seat).map_or_else(|| main.call_of(seat), |(_, call)| Some(*call));
        Output::Seat { seq, seat, state: word.state(), call }
    }
}
