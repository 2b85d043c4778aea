mod choice;
mod doors;
mod own;
mod winners;

use crate::Word;
use crate::eligible::{LineKey, OwnKey};
use crate::idle::Frozen;
use crate::line::{Line, MAX_STEPS, NO_SEAT, Seats, Winner};
use crate::masters::Masters;
use crate::patience::Own;
use crate::places::{Door, PLACE_LIMIT, Place, Places, Post};
use crate::prefetch::prefetch;
use crate::rank::Order;
use crate::ready_seats::{FAN, ReadySeats};
use crate::timers::Pending;
use crate::view::{View, Words};
use crate::waiting::{CLASSES, CallRank, Head, Slot, Waiting};
use doors::{Doors, Seen};
use hotline_model::history::DecidingKey;
use hotline_model::{CustomerType, IdHasher, QueueId, SeatId, Timestamp};
use hotline_rules::Plan;
use own::OwnLines;
use std::hash::{BuildHasher, BuildHasherDefault};
use std::sync::Arc;
use std::time::Duration;
pub(crate) use winners::Code;
use winners::{OTHER, Winners};

/// Lines that nobody waits in are kept until all lines together hold so many seats (16 bytes each).
const MAX_PLACES: usize = 8 << 20;
const _: () = assert!(MAX_PLACES <= PLACE_LIMIT);

/// What a decision records of a line, of a queue of up to three steps one cache line, and what a freed seat compares of it, another.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Front {
    pub queue: QueueId,
    steps: u8,
    openings: [Opening; MAX_STEPS],
    firsts: Firsts,
}

const _: () = assert!(std::mem::offset_of!(Front, openings) == 16 && std::mem::offset_of!(Front, firsts) == 192);

/// The longest waiting call of each class: as [`CallRank::key`] tells it, and its slot.
#[derive(Debug)]
#[repr(align(64))]
struct Firsts {
    keys: [u64; CLASSES],
    slots: [Slot; CLASSES],
}

/// A step of a line's queue.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(16))]
struct Opening {
    /// From which waiting time on it is in force, in microseconds.
    opens: i64,
    /// Seats that the steps up to it admit.
    admitted: u32,
}

impl Front {
    fn new(line: &Line) -> Self {
        let (firsts, openings) = (Firsts { keys: [NOBODY; CLASSES], slots: [0; CLASSES] }, [Opening::default(); MAX_STEPS]);
        let mut front = Self { firsts, queue: line.key.queue, steps: line.steps().len() as u8, openings };
        front.follow(line);
        front
    }

    /// The line's steps are in force at other times.
    fn follow(&mut self, line: &Line) {
        for (opening, step) in self.openings.iter_mut().zip(line.steps()) {
            *opening = Opening { opens: micros(step.opens), admitted: step.admitted };
        }
    }

    fn openings(&self) -> &[Opening] {
        &self.openings[..usize::from(self.steps)]
    }

    /// The last step that is in force after waiting so long, and how many seats the steps up to it admit.
    #[inline]
    pub fn step_at(&self, waited: Duration) -> (usize, u32) {
        let waited = micros(waited);
        let step = self.openings().iter().rposition(|step| step.opens <= waited).unwrap_or(0);
        (step, self.openings[step].admitted)
    }

    /// Whoever is the first of a class.
    #[inline]
    fn see_first(&mut self, class: u8, first: Option<Head>) {
        let class = usize::from(class);
        (self.firsts.keys[class], self.firsts.slots[class]) = first.map_or((NOBODY, 0), |first| (first.rank.key(), first.slot));
    }

    fn first(&self) -> u64 {
        self.first_open(Timestamp(0), 0).0
    }

    /// The first of those that have waited so long, in microseconds: its key, or [`NOBODY`], and its slot.
    #[inline]
    fn first_open(&self, now: Timestamp, opens: i64) -> (u64, Slot) {
        let latest = Timestamp(now.0.saturating_sub(opens));
        let open = |first: &u64| *first != NOBODY && (opens == 0 || CallRank::since_of(*first) <= latest);
        let class = self.firsts.keys.iter().position(open);
        class.map_or((NOBODY, 0), |class| (self.firsts.keys[class], self.firsts.slots[class]))
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// Ranks behind every call.
const NOBODY: u64 = u64::MAX;

/// The call that a seat takes, the line in which it waits, and what a decision records of the seat in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub slot: Slot,
    pub line: u32,
    pub winner: Winner,
}

/// All lines, made on first use. When they hold too many seats, those that nobody waits in go, the longest unused first;
/// those with waiting calls are as many as the queues' limits allow.
#[derive(Debug)]
pub(crate) struct Lines {
    slots: Vec<Option<Line>>,
    /// The calls that wait in each.
    waiting: Vec<Waiting>,
    /// When each was asked for last, counted as `uses`.
    used: Vec<u64>,
    free: Vec<u32>,
    ready: ReadySeats,
    /// The least of each line's front.
    firsts: Vec<u64>,
    /// Who ranks first of those that seats may be offered: all that a freed seat looks at, unless it is gated or tiers hold.
    doors: Doors,
    fronts: Vec<Front>,
    /// Of each [`FAN`] places of all lines.
    winner_of: Vec<Code>,
    winners: Winners,
    /// What waiting counts in each line's queue.
    factors: Vec<u64>,
    /// Whether before every seat the calls stand as they rank among all: then nobody asks for `factors`.
    uniform: bool,
    /// Whether some tier holds calls back for better ones.
    holds: bool,
    /// Whether each queue is, so that its reserve serves.
    crowded: Vec<bool>,
    /// Each queue's lines by the hash of their key, but for those of own agents.
    by_queue: Vec<Vec<(u64, u32)>>,
    /// Whether each queue has one of those only.
    has_one: Vec<bool>,
    /// Each queue's line of callers of whom nothing else is known: most ask for it.
    of_queue: Vec<Option<u32>>,
    own: OwnLines,
    masters: Masters,
    /// Each queue's order of seats.
    orders: Vec<Arc<Order>>,
    /// Whether some order asks for the customer type, and whether some has dynamic keys.
    typed: bool,
    dynamic: bool,
    /// What was frozen of each seat as it became ready; for dynamic keys only.
    frozen: Vec<Frozen>,
    /// Of each seat, whether its lines count it as signed in and reachable. Another thread may have changed it since: then it is told.
    present: Vec<bool>,
    by_seat: Places,
    places: usize,
    uses: u64,
    max_places: usize,
}

impl Lines {
    /// With the seats' words, as they are or as they are taken to be.
    pub fn new(plan: &Plan, words: impl Iterator<Item = Word>) -> Self {
        let orders: Vec<Arc<Order>> = (0..plan.queues.len()).map(|id| Arc::new(Order::new(plan.ranking(QueueId(id as u16))))).collect();
        Self {
            typed: orders.iter().any(|order| order.asks_customer_type()),
            dynamic: orders.iter().any(|order| order.idle().is_dynamic()),
            masters: Masters::of(plan),
            orders,
            frozen: vec![Frozen::default(); plan.seats.len()],
            slots: Vec::new(),
            waiting: Vec::new(),
            used: Vec::new(),
            free: Vec::new(),
            ready: ReadySeats::default(),
            firsts: Vec::new(),
            doors: Doors::default(),
            fronts: Vec::new(),
            winner_of: Vec::new(),
            winners: Winners::default(),
            factors: Vec::new(),
            uniform: choice::is_uniform(plan),
            holds: plan.assign.tiers.iter().any(|(_, hold)| !hold.is_zero()),
            crowded: vec![false; plan.queues.len()],
            by_queue: vec![Vec::new(); plan.queues.len()],
            has_one: vec![false; plan.queues.len()],
            of_queue: vec![None; plan.queues.len()],
            own: OwnLines::new(plan),
            present: words.map(Word::is_present).collect(),
            by_seat: Places::new(plan.seats.len()),
            places: 0,
            uses: 0,
            max_places: MAX_PLACES,
        }
    }

    pub fn at(&self, line: u32) -> &Line {
        self.slots[line as usize].as_ref().expect("a line stays while somebody holds its number")
    }

    pub fn has(&self, line: u32) -> bool {
        self.slots[line as usize].is_some()
    }

    pub fn at_mut(&mut self, line: u32) -> &mut Line {
        self.slots[line as usize].as_mut().expect("a line stays while somebody holds its number")
    }

    /// The calls that wait in a line.
    pub fn waiting(&self, line: u32) -> &Waiting {
        &self.waiting[line as usize]
    }

    /// The order of a queue's seats.
    pub fn order(&self, queue: QueueId) -> &Order {
        &self.orders[queue.index()]
    }

    pub fn masters(&self) -> &Masters {
        &self.masters
    }

    /// Whether some order has dynamic keys.
    pub fn is_dynamic(&self) -> bool {
        self.dynamic
    }

    /// What of the customer type a queue's key has.
    pub fn customer_type(&self, queue: QueueId, kind: CustomerType) -> Option<CustomerType> {
        (self.typed && self.order(queue).asks_customer_type()).then_some(kind)
    }

    /// Freezes what a seat goes by where keys are dynamic; it is marked ready after this.
    pub fn freeze(&mut self, seat: SeatId, frozen: Frozen) {
        self.frozen[seat.index()] = frozen;
    }

    /// What was frozen of all seats.
    pub fn frozen(&self) -> &[Frozen] {
        &self.frozen
    }

    /// The same, replaced; whoever does it marks the seats of which it is another.
    pub fn set_frozen(&mut self, frozen: Vec<Frozen>) -> Vec<Frozen> {
        std::mem::replace(&mut self.frozen, frozen)
    }

    /// Lines that were made beforehand are in use from now on.
    pub fn begin(&mut self, now: Timestamp) {
        self.slots.iter_mut().flatten().for_each(|line| line.checked = now);
    }

    /// A seat is another than its lines were made with, in which nobody waits yet.
    pub fn put_right(&mut self, plan: &Plan, seat: SeatId, after: Word, now: Timestamp) {
        self.mark(seat, after);
        self.presence(plan, seat, after.is_present(), now);
    }

    /// The line for a key, made if need be.
    #[inline]
    pub fn for_key(&mut self, plan: &Plan, words: &Words<'_>, (key, own): (&LineKey, Option<Own>), now: Timestamp) -> u32 {
        self.uses += 1;
        let of_queue = if own.is_none() && key.is_of_queue() { self.of_queue[key.queue.index()] } else { None };
        let line = of_queue.unwrap_or_else(|| self.by_hash(plan, words, (key, own), now));
        self.used[line as usize] = self.uses;
        line
    }

    #[inline(never)]
    fn by_hash(&mut self, plan: &Plan, words: &Words<'_>, (key, own): (&LineKey, Option<Own>), now: Timestamp) -> u32 {
        if let Some(own) = own {
            return self.of_own(plan, words, OwnKey::new(plan, key, own), now);
        }
        let hash = BuildHasherDefault::<IdHasher>::default().hash_one(key);
        let lines = &self.by_queue[key.queue.index()];
        let same = lines[lines.partition_point(|(other, _)| *other < hash)..].iter().take_while(|(other, _)| *other == hash);
        let line = same.map(|(_, line)| *line).find(|line| self.at(*line).key == *key);
        line.unwrap_or_else(|| self.make(plan, words, key, hash, now))
    }

    fn make(&mut self, plan: &Plan, words: &Words<'_>, key: &LineKey, hash: u64, now: Timestamp) -> u32 {
        let queue = key.queue.index();
        let line = Line::new(plan, &self.masters, &self.orders[queue], key.clone(), self.crowded[queue], now);
        let number = self.set_up(plan, words, line);
        let lines = &mut self.by_queue[queue];
        lines.insert(lines.partition_point(|(other, _)| *other < hash), (hash, number));
        self.has_one[queue] = lines.len() == 1;
        if key.is_of_queue() {
            self.of_queue[queue] = Some(number);
        }
        number
    }

    /// Gives a line its number and its places.
    fn set_up(&mut self, plan: &Plan, words: &Words<'_>, mut line: Line) -> u32 {
        let queue = line.key.queue;
        self.places += line.places();
        while self.places > self.max_places && self.drop_unused() {}
        let number = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.waiting.push(Waiting::default());
            self.used.push(0);
            self.firsts.push(NOBODY);
            self.fronts.push(Front::new(&line));
            self.factors.push(0);
            self.slots.len() as u32 - 1
        });
        self.ready.add(number, line.sizes());
        // Own agents stand in the first step.
        self.doors.add(number, if line.own.is_some() { 1 } else { line.steps().len() });
        let start = self.ready.start(number);
        let leaves = start / FAN..(start + line.places()).div_ceil(FAN);
        self.winner_of.resize(self.winner_of.len().max(leaves.end), OTHER);
        self.winner_of[leaves].iter_mut().zip(line.winners()).for_each(|(leaf, winner)| *leaf = self.winners.code(winner));
        for at in 0..line.places() {
            let seat = line.seat(at);
            if seat == NO_SEAT {
                continue;
            }
            let priority = plan.serves(seat, queue).map_or(1, |serves| serves.priority);
            let (word, place) = (words.of(seat), Place::new(number, start + at, line.step(at), priority).gated_if(line.is_gated(at)));
            if word.is_ready() {
                self.ready.set(place.place(), line.idle().order(word.since_ms(), self.frozen[seat.index()]));
            }
            if self.present[seat.index()] {
                line.presence(plan, at, true);
            }
            let winner = self.winner_of[place.place() / FAN];
            let has_door = !self.holds && !place.is_gated() && winner != OTHER;
            let door = if has_door { self.doors.of(number, place.step()) } else { Door::NONE };
            self.by_seat.insert(seat, place, Post { door, winner });
        }
        self.fronts[number as usize] = Front::new(&line);
        self.factors[number as usize] = plan.queue(queue).factor();
        self.slots[number as usize] = Some(line);
        number
    }

    fn drop_unused(&mut self) -> bool {
        let lines = self.slots.iter().zip(0..).filter_map(|(line, number)| line.as_ref().map(|line| (line, number)));
        // A call may be about to wait in the line that was asked for last.
        let lasts = lines.map(|(line, number)| (self.used[number as usize], line, number));
        let unused = lasts.filter(|(used, line, number)| used + 1 < self.uses && line.wake.is_none() && self.waiting(*number).is_empty());
        let Some((_, number)) = unused.map(|(used, _, number)| (used, number)).min() else { return false };
        self.drop_line(number);
        true
    }

    /// Drops a line of own agents that nobody waits in.
    pub fn drop_small(&mut self, number: u32) {
        let line = self.slots.get(number as usize).and_then(Option::as_ref);
        if line.is_some_and(|line| line.own.is_some()) && self.waiting(number).is_empty() {
            self.drop_line(number);
        }
    }

    /// How often lines were asked for.
    pub fn uses(&self) -> u64 {
        self.uses
    }

    /// Drops the lines for which nobody asked since.
    pub fn drop_idle(&mut self, since: u64) {
        let idle = (0..).zip(&self.used).filter(|(_, used)| **used <= since).map(|(number, _)| number);
        let numbers: Vec<u32> = idle.filter(|number| self.has(*number)).collect();
        numbers.into_iter().for_each(|number| self.drop_line(number));
    }

    fn drop_line(&mut self, number: u32) {
        let Some(line) = self.slots[number as usize].take() else { return };
        for (_, seat) in line.members() {
            self.by_seat.remove(seat, number);
        }
        self.places -= line.places();
        self.ready.remove(number);
        self.doors.remove(number);
        self.free.push(number);
        if line.own.is_some() {
            return self.own.forget(line);
        }
        let queue = line.key.queue.index();
        let lines = &mut self.by_queue[queue];
        lines.retain(|(_, other)| *other != number);
        self.has_one[queue] = lines.len() == 1;
        self.of_queue[queue].take_if(|other| *other == number);
    }

    /// A seat's place in a line.
    pub fn place(&self, seat: SeatId, line: u32) -> Option<Place> {
        self.by_seat.find(seat, line)
    }

    /// Asks for a seat's posts, or for where its bits stand.
    #[inline]
    pub fn prefetch_seat(&self, seat: SeatId, posts: bool) {
        self.by_seat.prefetch(seat, posts);
    }

    /// Asks for what is decided by of a call of this class, and for what its going changes.
    #[inline]
    fn prefetch_line(&self, line: u32, class: u8) {
        let Front { queue, firsts, .. } = self.front(line);
        prefetch(queue);
        prefetch(firsts);
        self.waiting(line).prefetch(class);
    }

    /// Tells the seat's lines whether it is ready.
    pub fn mark(&mut self, seat: SeatId, word: Word) {
        if !word.is_ready() {
            self.by_seat.bits(seat).for_each(|place| self.ready.clear(place));
        } else if self.dynamic {
            self.mark_frozen(seat, word.since_ms());
        } else {
            let since = word.since_ms();
            self.by_seat.bits(seat).for_each(|place| self.ready.set(place, since));
        }
    }

    fn mark_frozen(&mut self, seat: SeatId, since: u64) {
        let frozen = self.frozen[seat.index()];
        for place in self.by_seat.of(seat) {
            let idle = self.slots[place.line() as usize].as_ref().map_or_else(Default::default, Line::idle);
            self.ready.set(place.place(), idle.order(since, frozen));
        }
    }

    /// The best ready seat of a line for a call that has waited so long. Friends are the caller's own agents.
    #[inline]
    pub fn find(
        &mut self,
        table: &View,
        line: u32,
        waited: Duration,
        friends: [Option<SeatId>; 3],
    ) -> Option<(SeatId, Winner, DecidingKey)> {
        let friends = friends.map(|friend| friend.and_then(|seat| self.place(seat, line)).map(|place| self.local(place)));
        let found = self.slots[line as usize].as_ref().expect("a line stays while somebody holds its number");
        let seats = Seats { table, frozen: &self.frozen };
        let (place, key) = found.find(self.ready.line(line), &seats, waited, friends)?;
        let code = self.winner_of[(self.ready.start(line) + place) / FAN];
        Some((found.seat(place), self.winners.of(code).unwrap_or_else(|| found.winner(place)), key))
    }

    /// What a decision for the seat of a place records.
    #[inline]
    pub fn winner(&self, place: Place) -> Winner {
        let code = self.winner_of[place.place() / FAN];
        self.winners.of(code).unwrap_or_else(|| self.at(place.line()).winner(self.local(place)))
    }

    pub fn front(&self, line: u32) -> &Front {
        &self.fronts[line as usize]
    }

    /// A place, numbered from its line's first.
    fn local(&self, place: Place) -> usize {
        place.place() - self.ready.start(place.line())
    }

    /// How many seats of a line are ready that the steps up to `step` admit.
    #[inline]
    pub fn ready(&self, line: u32, step: usize) -> u32 {
        self.ready.count(line, step)
    }

    /// A seat may have come (signed in, reachable) or gone: the lines in which something opens at another time now, and whether earlier.
    pub fn presence(&mut self, plan: &Plan, seat: SeatId, present: bool, now: Timestamp) -> Vec<(u32, bool)> {
        let mut changed = Vec::new();
        if std::mem::replace(&mut self.present[seat.index()], present) == present {
            return changed;
        }
        for place in self.by_seat.of(seat) {
            let Some(line) = &mut self.slots[place.line() as usize] else { continue };
            let Some(earlier) = line.presence(plan, place.place() - self.ready.start(place.line()), present) else { continue };
            self.fronts[place.line() as usize].follow(line);
            changed.push((place.line(), earlier));
        }
        changed.iter().for_each(|(line, _)| self.reopen(*line, now));
        changed
    }

    /// A queue is crowded from now on, or no longer: the lines in which something opens at another time now, and whether earlier.
    pub fn set_crowded(&mut self, plan: &Plan, queue: QueueId, crowded: bool) -> Vec<(u32, bool)> {
        self.crowded[queue.index()] = crowded;
        let lines = self.by_queue[queue.index()].iter();
        let changed = lines.filter_map(|(_, number)| Some((*number, self.slots[*number as usize].as_mut()?.set_crowded(plan, crowded)?)));
        changed.collect()
    }

    /// The pending wake-ups of all lines.
    pub fn wakes(&self) -> impl Iterator<Item = Pending> {
        self.slots.iter().flatten().filter_map(|line| Some(line.wake?.1))
    }

    pub fn insert(&mut self, line: u32, rank: CallRank, slot: Slot, now: Timestamp) {
        self.waiting[line as usize].insert(rank, slot);
        if !self.own.is_empty() {
            self.count_own(line, rank);
        }
        self.fronts[line as usize].see_first(rank.class(), self.waiting[line as usize].oldest_of(rank.class()));
        self.firsts[line as usize] = rank.key().min(self.firsts[line as usize]);
        self.reopen(line, now);
    }

    #[inline]
    pub fn remove(&mut self, line: u32, rank: CallRank, now: Timestamp) {
        if !self.own.is_empty() {
            self.discount_own(line, rank);
        }
        let waiting = &mut self.waiting[line as usize];
        waiting.remove(rank);
        let front = &mut self.fronts[line as usize];
        front.see_first(rank.class(), waiting.oldest_of(rank.class()));
        self.firsts[line as usize] = front.first();
        self.reopen(line, now);
    }

    /// The call that ranks first in a line.
    #[inline]
    pub fn first_of(&self, line: u32) -> Option<Slot> {
        let (key, slot) = self.fronts[line as usize].first_open(Timestamp(0), 0);
        (key != NOBODY).then_some(slot)
    }

    /// Calls of a line came, went or reached a step, or its steps are in force at other times.
    pub fn reopen(&mut self, line: u32, now: Timestamp) {
        let front = &self.fronts[line as usize];
        for (step, opening) in front.openings().iter().enumerate() {
            let (key, slot) = front.first_open(now, opening.opens);
            self.doors.set(line, step, key, slot);
        }
    }

    /// The call that ranks first of those that the seat may be offered.
    #[inline]
    pub fn first_for(&self, seat: SeatId, now: Timestamp) -> Option<Choice> {
        match self.doors.first(self.by_seat.posts(seat)) {
            Seen::Nobody => None,
            Seen::First { slot, line, class, winner } => {
                self.prefetch_line(line, class);
                self.winners.of(winner).map(|winner| Choice { slot, line, winner })
            }
            Seen::Unclear => self.search_first_for(seat, now).map(|found| self.chosen(found)),
        }
    }

    fn chosen(&self, (head, place): (Head, Place)) -> Choice {
        Choice { slot: head.slot, line: place.line(), winner: self.winner(place) }
    }

    /// The same by a closer look at each line.
    #[inline(never)]
    pub fn search_first_for(&self, seat: SeatId, now: Timestamp) -> Option<(Head, Place)> {
        let (mut least, mut best) = (NOBODY - 1, None);
        for place in self.by_seat.of(seat) {
            if self.firsts[place.line() as usize] > least {
                continue;
            }
            let first = self.first_open(*place, now);
            if first < least || first == least && best.is_none_or(|best| self.head(*place, first) < self.head(best, first)) {
                (least, best) = (first, Some(*place));
            }
        }
        let place = best?;
        Some((self.head(place, least)?, place))
    }

    /// Of each line of a seat in which calls wait, its queue.
    pub fn queues_with_calls(&self, seat: SeatId) -> impl Iterator<Item = QueueId> {
        let lines = self.by_seat.of(seat).iter().map(|place| place.line());
        lines.filter(|line| self.firsts[*line as usize] != NOBODY).map(|line| self.front(line).queue)
    }

    /// The first call of a line that has waited long enough for the seat at this place.
    #[inline]
    fn first_open(&self, place: Place, now: Timestamp) -> u64 {
        let front = &self.fronts[place.line() as usize];
        front.first_open(now, self.opens(front, place)).0
    }

    /// From which waiting time on, in microseconds, the seat at this place is offered a call.
    #[inline]
    fn opens(&self, front: &Front, place: Place) -> i64 {
        if self.holds || place.is_gated() {
            micros(self.at(place.line()).opens(self.winner(place).bucket as usize))
        } else {
            front.openings[place.step()].opens
        }
    }

    /// The first call of the class that `key` is of.
    fn head(&self, place: Place, key: u64) -> Option<Head> {
        self.waiting(place.line()).oldest_of(CallRank::class_of(key))
    }

    /// The lines of a queue, but for those of own agents.
    pub fn of_queue(&self, queue: QueueId) -> impl Iterator<Item = u32> {
        self.by_queue.get(queue.index()).into_iter().flatten().map(|(_, line)| *line)
    }

    /// How many calls of the queue of a line rank before `rank`; of each of its lines at most `limit` of its own class are counted, but
    /// all that wait for agents of their own.
    #[inline]
    pub fn before(&self, line: u32, rank: CallRank, limit: usize) -> usize {
        let queue = self.front(line).queue;
        if self.has_one[queue.index()] && self.own.is_empty() {
            return self.before_in(line, rank, limit);
        }
        self.before_among(queue, rank, limit)
    }

    #[inline(never)]
    fn before_among(&self, queue: QueueId, rank: CallRank, limit: usize) -> usize {
        let with_better = self.of_queue(queue).filter(|line| self.firsts[*line as usize] <= rank.key());
        let before: usize = with_better.map(|line| self.before_in(line, rank, limit)).sum();
        before + if self.own.is_empty() { 0 } else { self.own_before(queue, rank) }
    }

    /// How many calls of a line rank before `rank`; of its own class at most `limit` are counted.
    #[inline]
    pub fn before_in(&self, line: u32, rank: CallRank, limit: usize) -> usize {
        let (Firsts { keys: firsts, .. }, lists) = (&self.fronts[line as usize].firsts, self.waiting(line));
        // A list that is known to be empty is not looked at: memory is what this waits for.
        let better = (0..rank.class()).filter(|class| firsts[usize::from(*class)] != NOBODY);
        let better: usize = better.map(|class| lists.len(class)).sum();
        better + if firsts[usize::from(rank.class())] <= rank.key() { lists.before(rank, limit) } else { 0 }
    }

    /// When a line's next waiting call reaches an opening.
    pub fn next_opening(&self, line: u32, now: Timestamp) -> Option<Timestamp> {
        let waiting = self.waiting(line);
        self.at(line).openings().filter_map(|opens| waiting.next_to_reach(opens, now)).min()
    }

    /// The earliest opening after `now` for a call that entered at `since`.
    pub fn opening_for(&self, line: u32, since: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let waited = now.since(since);
        self.at(line).openings().filter(|opens: &Duration| *opens > waited).map(|opens| since + opens).min()
    }
}
