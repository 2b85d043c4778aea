use crate::eligible::LineKey;
use crate::line::Line;
use crate::rank::Order;
use crate::waiting::{CallRank, Head, Slot};
use crate::{SeatTable, Word};
use hotline_model::{Deadline, LookupMap, QueueId, SeatId, Timestamp};
use hotline_rules::Plan;
use std::time::Duration;

/// Lines that nobody waits in are kept until all lines together hold so many seats (16 bytes each).
const MAX_PLACES: usize = 8 << 20;

#[derive(Clone, Copy, Debug)]
struct Place {
    line: u32,
    place: u32,
}

/// All lines, made on first use. When they hold too many seats, those that nobody waits in go, the longest unused first;
/// those with waiting calls are as many as the queues' limits allow.
#[derive(Debug)]
pub(crate) struct Lines {
    slots: Vec<Option<Line>>,
    free: Vec<u32>,
    /// The first waiting call of each line, side by side because every freed seat compares them.
    heads: Vec<Option<Head>>,
    by_key: LookupMap<LineKey, u32>,
    by_queue: Vec<Vec<u32>>,
    /// Each seat's lines, in order of line.
    by_seat: Vec<Vec<Place>>,
    places: usize,
    uses: u64,
    max_places: usize,
}

impl Lines {
    pub fn new(plan: &Plan) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            heads: Vec::new(),
            by_key: LookupMap::default(),
            by_queue: vec![Vec::new(); plan.queues.len()],
            by_seat: vec![Vec::new(); plan.seats.len()],
            places: 0,
            uses: 0,
            max_places: MAX_PLACES,
        }
    }

    pub fn at(&self, line: u32) -> &Line {
        self.slots[line as usize].as_ref().expect("a line stays while somebody holds its number")
    }

    pub fn at_mut(&mut self, line: u32) -> &mut Line {
        self.slots[line as usize].as_mut().expect("a line stays while somebody holds its number")
    }

    /// The line for a key, made if need be.
    pub fn for_key(&mut self, plan: &Plan, order: &Order, table: &SeatTable, key: &LineKey, now: Timestamp) -> u32 {
        self.uses += 1;
        let line = match self.by_key.get(key) {
            Some(line) => *line,
            None => self.make(plan, order, table, key, now),
        };
        self.at_mut(line).used = self.uses;
        line
    }

    fn make(&mut self, plan: &Plan, order: &Order, table: &SeatTable, key: &LineKey, now: Timestamp) -> u32 {
        let mut line = Line::new(plan, order, key.clone(), now);
        self.places += line.seats.len();
        while self.places > self.max_places && self.drop_unused() {}
        let number = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.heads.push(None);
            self.slots.len() as u32 - 1
        });
        for place in 0..line.seats.len() {
            let seat = line.seats[place];
            let word = table.word(seat);
            line.mark(place, word);
            if word.is_present() {
                line.presence(plan, place, true);
            }
            let places = &mut self.by_seat[seat.index()];
            let at = places.partition_point(|other| other.line < number);
            places.insert(at, Place { line: number, place: place as u32 });
        }
        self.by_queue[key.queue.index()].push(number);
        self.by_key.insert(key.clone(), number);
        self.slots[number as usize] = Some(line);
        number
    }

    fn drop_unused(&mut self) -> bool {
        let lines = self.slots.iter().zip(0..).filter_map(|(line, number)| line.as_ref().map(|line| (line, number)));
        let unused = lines.filter(|(line, _)| line.waiting.is_empty() && line.wake.is_none());
        let Some((_, number)) = unused.map(|(line, number)| (line.used, number)).min() else { return false };
        let Some(line) = self.slots[number as usize].take() else { return false };
        for seat in &line.seats {
            self.by_seat[seat.index()].retain(|place| place.line != number);
        }
        self.by_queue[line.key.queue.index()].retain(|other| *other != number);
        self.by_key.remove(&line.key);
        self.places -= line.seats.len();
        self.free.push(number);
        true
    }

    /// A seat's place in a line.
    pub fn place(&self, seat: SeatId, line: u32) -> Option<usize> {
        let places = self.by_seat.get(seat.index())?;
        let at = places.binary_search_by_key(&line, |place| place.line).ok()?;
        Some(places[at].place as usize)
    }

    /// Tells the seat's ready bits what its word says.
    pub fn mark(&mut self, seat: SeatId, word: Word) {
        for place in self.by_seat.get(seat.index()).into_iter().flatten() {
            if let Some(line) = self.slots[place.line as usize].as_mut() {
                line.mark(place.place as usize, word);
            }
        }
    }

    /// A seat came (signed in, reachable) or went: the lines in which something opens at another time now, and whether earlier.
    pub fn presence(&mut self, plan: &Plan, seat: SeatId, present: bool) -> Vec<(u32, bool)> {
        let places = self.by_seat.get(seat.index()).into_iter().flatten();
        let changed = places.filter_map(|place| {
            let line = self.slots[place.line as usize].as_mut()?;
            Some((place.line, line.presence(plan, place.place as usize, present)?))
        });
        changed.collect()
    }

    /// The pending wake-ups of all lines.
    pub fn wakes(&self) -> impl Iterator<Item = Deadline> {
        self.slots.iter().flatten().filter_map(|line| line.wake)
    }

    pub fn insert(&mut self, line: u32, rank: CallRank, slot: Slot) {
        let waiting = &mut self.at_mut(line).waiting;
        waiting.insert(rank, slot);
        let head = Head { rank, slot };
        let first = &mut self.heads[line as usize];
        *first = Some(first.map_or(head, |first| first.min(head)));
    }

    pub fn remove(&mut self, line: u32, rank: CallRank) {
        let waiting = &mut self.at_mut(line).waiting;
        waiting.remove(rank);
        if self.heads[line as usize].is_some_and(|head| head.rank == rank) {
            self.heads[line as usize] = self.at(line).waiting.head();
        }
    }

    /// The call that ranks first of those that the seat may be offered, and the line it waits in.
    pub fn first_for(&self, seat: SeatId, now: Timestamp) -> Option<(Head, u32)> {
        let mut best: Option<(Head, u32)> = None;
        for place in self.by_seat.get(seat.index())? {
            let Some(head) = self.heads[place.line as usize] else { continue };
            if best.is_some_and(|(best, _)| best.rank <= head.rank) {
                continue;
            }
            let line = self.at(place.line);
            let opens = line.opens(place.place as usize);
            let open = if now.since(head.rank.since) >= opens { Some(head) } else { line.waiting.first_open(now, opens) };
            if let Some(open) = open.filter(|open| best.is_none_or(|(best, _)| open.rank < best.rank)) {
                best = Some((open, place.line));
            }
        }
        best
    }

    /// The lines of a queue.
    pub fn of_queue(&self, queue: QueueId) -> impl Iterator<Item = &Line> {
        self.by_queue.get(queue.index()).into_iter().flatten().map(|line| self.at(*line))
    }

    /// When a line's next waiting call reaches an opening.
    pub fn next_opening(&self, line: u32, now: Timestamp) -> Option<Timestamp> {
        let line = self.at(line);
        line.openings().filter_map(|opens| line.waiting.next_to_reach(opens, now)).min()
    }

    /// The earliest opening after `now` for a call that entered at `since`.
    pub fn opening_for(&self, line: u32, since: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let waited = now.since(since);
        self.at(line).openings().filter(|opens: &Duration| *opens > waited).map(|opens| since + opens).min()
    }
}
