use super::figures::{ClassFigures, Figures, SeatFigures};
use super::may::may_serve;
use hotline_model::{Activity, CallId, Intent, Priority, Profile, QueueId, SeatId, SeatState, Timestamp};
use hotline_rules::Plan;
use std::collections::BTreeSet;
use std::time::Duration;

/// A caller as the books need it.
pub(super) struct Entry<'a> {
    pub call: CallId,
    pub since: Timestamp,
    pub profile: &'a Profile,
    /// Where it waits, by entry and by overflow.
    pub queues: [Option<QueueId>; 2],
}

/// What happened, kept from the router's outputs alone: nothing here comes from its lists.
#[derive(Debug)]
pub(super) struct Books {
    figures: Figures,
    began: Timestamp,
    in_line: u32,
    line_counted: Timestamp,
    seats: Vec<Standing>,
    /// Ready seats, the longest idle first.
    idle: BTreeSet<(u64, SeatId)>,
    /// Callers who wait and are not being offered.
    waiting: BTreeSet<(Priority, Timestamp, CallId)>,
}

#[derive(Debug)]
struct Standing {
    state: SeatState,
    changed: Timestamp,
    /// In milliseconds, as exact as the router keeps it.
    idle_since: u64,
}

impl Books {
    pub fn new(classes: usize, seats: impl Iterator<Item = SeatState>) -> Self {
        let seats: Vec<Standing> = seats.map(|state| Standing { state, changed: Timestamp(0), idle_since: 0 }).collect();
        let ready = seats.iter().zip(0..).filter(|(seat, _)| seat.state.is_ready());
        Self {
            idle: ready.map(|(_, id)| (0, SeatId(id))).collect(),
            figures: empty(classes, seats.len()),
            began: Timestamp(0),
            in_line: 0,
            line_counted: Timestamp(0),
            seats,
            waiting: BTreeSet::new(),
        }
    }

    /// The figures since they were last taken.
    pub fn take(&mut self, now: Timestamp) -> Figures {
        self.count_line(now);
        (0..self.seats.len()).for_each(|seat| self.count_seat(now, seat));
        let fresh = empty(self.figures.classes.len(), self.seats.len());
        let mut figures = std::mem::replace(&mut self.figures, fresh);
        figures.span = now.since(std::mem::replace(&mut self.began, now));
        figures
    }

    pub fn entered(&mut self, now: Timestamp) {
        self.count_line(now);
        self.in_line += 1;
    }

    /// The caller waits, at first or again.
    pub fn waits(&mut self, entry: &Entry<'_>) {
        self.waiting.insert(key(entry));
    }

    pub fn offered(&mut self, now: Timestamp, plan: &Plan, entry: &Entry<'_>, seat: SeatId, others: &dyn Fn(CallId) -> bool) {
        self.waiting.remove(&key(entry));
        self.figures.order.offers += 1;
        self.check_callers(entry, others);
        self.check_seats(now, plan, entry, seat);
    }

    fn check_callers(&mut self, entry: &Entry<'_>, might_have_had_it: &dyn Fn(CallId) -> bool) {
        let before = self.waiting.iter().take_while(|other| **other < key(entry));
        let passed_over: Vec<Priority> = before.filter(|(_, _, call)| might_have_had_it(*call)).map(|(priority, ..)| *priority).collect();
        let order = &mut self.figures.order;
        order.outranked += u64::from(passed_over.iter().any(|priority| *priority < entry.profile.priority));
        order.overtaken += u64::from(passed_over.contains(&entry.profile.priority));
    }

    fn check_seats(&mut self, now: Timestamp, plan: &Plan, entry: &Entry<'_>, seat: SeatId) {
        let chosen = self.seats[seat.index()].idle_since;
        let waited = now.since(entry.since);
        let longer = self.idle.iter().take_while(|(since, _)| *since < chosen);
        let first = longer.map(|(since, other)| (since, *other)).find(|(_, other)| {
            let mut queues = entry.queues.iter().flatten();
            queues.any(|queue| may_serve(plan, *queue, entry.profile, waited, *other))
        });
        if let Some((since, _)) = first {
            self.figures.order.not_longest_idle += 1;
            self.figures.order.idle_passed_over += Duration::from_millis(chosen - since);
        }
    }

    /// A phone rang in vain for `rang` of the `ring` that was allowed.
    pub fn unanswered(&mut self, seat: SeatId, rang: Duration, ring: Duration) {
        self.figures.seats[seat.index()].refused += 1;
        let share = rang.as_secs_f64() / ring.as_secs_f64();
        let shortest = &mut self.figures.order.shortest_ring;
        *shortest = Some(shortest.map_or(share, |shortest| shortest.min(share)));
    }

    pub fn served(&mut self, now: Timestamp, class: usize, seat: SeatId, waited: Duration) {
        self.figures.seats[seat.index()].answered += 1;
        self.figures.classes[class].served.push(waited);
        self.left_line(now);
    }

    pub fn abandoned(&mut self, now: Timestamp, class: usize, entry: &Entry<'_>) {
        self.waiting.remove(&key(entry));
        self.figures.classes[class].abandoned.push(now.since(entry.since));
        self.left_line(now);
    }

    pub fn blocked(&mut self, now: Timestamp, class: usize, entry: &Entry<'_>) {
        self.waiting.remove(&key(entry));
        self.figures.classes[class].blocked += 1;
        self.left_line(now);
    }

    pub fn withdrawn(&mut self) {
        self.figures.order.withdrawn += 1;
    }

    pub fn late(&mut self) {
        self.figures.order.late += 1;
    }

    /// A seat's state changed. One that is free again since its caller hung up while it rang was idle all the time.
    pub fn seat(&mut self, now: Timestamp, id: SeatId, state: SeatState) {
        self.count_seat(now, id.index());
        let seat = &mut self.seats[id.index()];
        let (before, after) = (seat.state.is_ready(), state.is_ready());
        let from = std::mem::replace(&mut seat.state, state);
        if before && !after {
            self.idle.remove(&(seat.idle_since, id));
        }
        if after && !before {
            if from.activity != Activity::Offered {
                seat.idle_since = u64::try_from(now.0 / 1000).unwrap_or(0);
            }
            self.idle.insert((seat.idle_since, id));
        }
    }

    fn left_line(&mut self, now: Timestamp) {
        self.count_line(now);
        self.in_line -= 1;
    }

    fn count_line(&mut self, now: Timestamp) {
        let since = std::mem::replace(&mut self.line_counted, now);
        self.figures.in_line += now.since(since) * self.in_line;
    }

    fn count_seat(&mut self, now: Timestamp, seat: usize) {
        let standing = &mut self.seats[seat];
        let since = std::mem::replace(&mut standing.changed, now);
        *time_of(&mut self.figures.seats[seat], standing.state) += now.since(since);
    }
}

fn empty(classes: usize, seats: usize) -> Figures {
    Figures { classes: vec![ClassFigures::default(); classes], seats: vec![SeatFigures::default(); seats], ..Figures::default() }
}

fn key(entry: &Entry<'_>) -> (Priority, Timestamp, CallId) {
    (entry.profile.priority, entry.since, entry.call)
}

fn time_of(figures: &mut SeatFigures, state: SeatState) -> &mut Duration {
    match (state.activity, state.intent) {
        (Activity::Offered, _) => &mut figures.offered,
        (Activity::OnCall, _) => &mut figures.on_call,
        (Activity::WrapUp, _) => &mut figures.wrap_up,
        (Activity::Free, Intent::SignedOut) => &mut figures.out,
        (Activity::Free, Intent::Available) if state.reachable => &mut figures.ready,
        (Activity::Free, Intent::Available | Intent::NotReady(_)) => &mut figures.not_ready,
    }
}
