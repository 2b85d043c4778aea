use super::figures::{ClassFigures, Figures, SeatFigures};
use super::may::may_serve;
use hotline_model::{Activity, CallId, Intent, NotReadyReason, Priority, Profile, QueueId, SeatId, SeatState, Timestamp};
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
    /// When its last offer was made, and how long it may ring.
    offer: (Timestamp, Duration),
}

impl Books {
    pub fn new(classes: usize, seats: impl Iterator<Item = SeatState>) -> Self {
        let seats: Vec<Standing> =
            seats.map(|state| Standing { state, changed: Timestamp(0), idle_since: 0, offer: (Timestamp(0), Duration::ZERO) }).collect();
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

    /// The call is offered to a seat, to ring so long; `might_have_had_it` says which other callers that seat may serve.
    pub fn offered(
        &mut self,
        now: Timestamp,
        plan: &Plan,
        entry: &Entry<'_>,
        (seat, ring): (SeatId, Duration),
        might_have_had_it: &dyn Fn(CallId) -> bool,
    ) {
        self.waiting.remove(&key(entry));
        self.figures.order.offers += 1;
        self.check_callers(entry, might_have_had_it);
        self.check_seats(now, plan, entry, seat);
        self.seats[seat.index()].offer = (now, ring);
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

    /// A phone rang in vain.
    pub fn unanswered(&mut self, seat: SeatId) {
        self.figures.seats[seat.index()].refused += 1;
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
        if seat.state.activity == Activity::Offered && state.intent == Intent::NotReady(NotReadyReason::Rona) {
            let (since, ring) = seat.offer;
            let rang = now.since(since).as_secs_f64() / ring.as_secs_f64();
            let shortest = &mut self.figures.order.shortest_ring;
            *shortest = Some(shortest.map_or(rang, |shortest| shortest.min(rang)));
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::hall;
    use hotline_model::LanguageId;

    const READY: SeatState = SeatState { intent: Intent::Available, activity: Activity::Free, reachable: true };
    const OFFERED: SeatState = SeatState { activity: Activity::Offered, ..READY };
    const ON_CALL: SeatState = SeatState { activity: Activity::OnCall, ..READY };
    const RONA: SeatState = SeatState { intent: Intent::NotReady(NotReadyReason::Rona), ..READY };
    const RING: Duration = Duration::from_secs(10);

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1_000_000)
    }

    fn profile(priority: Priority) -> Profile {
        Profile { priority, ..Profile::unknown(LanguageId(0)) }
    }

    fn entry(call: u64, since: i64, profile: &Profile) -> Entry<'_> {
        Entry { call: CallId(call), since: at(since), profile, queues: [Some(QueueId(0)), None] }
    }

    fn books(seats: usize) -> Books {
        Books::new(1, std::iter::repeat_n(READY, seats))
    }

    fn offer_while_waiting(others: &[(i64, Priority)], might: bool) -> (u64, u64) {
        let (plan, mut books) = (hall(1, None).unwrap(), books(1));
        for (call, (since, priority)) in (2..).zip(others) {
            books.waits(&entry(call, *since, &profile(*priority)));
        }
        let profile = profile(Priority::Important);
        books.waits(&entry(1, 5, &profile));
        books.offered(at(9), &plan, &entry(1, 5, &profile), (SeatId(0), RING), &|_| might);
        let order = books.take(at(9)).order;
        (order.overtaken, order.outranked)
    }

    #[test]
    fn an_offer_that_passes_over_a_longer_wait_of_the_same_priority_is_seen() {
        assert_eq!(offer_while_waiting(&[(4, Priority::Important)], true), (1, 0));
        assert_eq!(offer_while_waiting(&[(6, Priority::Important), (1, Priority::Ordinary)], true), (0, 0));
    }

    #[test]
    fn an_offer_that_passes_over_a_higher_priority_is_seen() {
        assert_eq!(offer_while_waiting(&[(8, Priority::Urgent)], true), (0, 1));
        assert_eq!(offer_while_waiting(&[(8, Priority::Urgent), (1, Priority::Important)], true), (1, 1));
    }

    #[test]
    fn a_caller_whom_the_seat_may_not_serve_is_not_passed_over() {
        assert_eq!(offer_while_waiting(&[(8, Priority::Urgent), (1, Priority::Important)], false), (0, 0));
    }

    #[test]
    fn an_offer_past_a_longer_idle_seat_is_seen_with_how_much_longer() {
        let (plan, profile, mut books) = (hall(2, None).unwrap(), profile(Priority::Ordinary), books(2));
        let seat = SeatId(0);
        books.seat(at(1), seat, ON_CALL);
        books.seat(at(7), seat, READY);
        books.offered(at(9), &plan, &entry(1, 9, &profile), (SeatId(1), RING), &|_| false);
        books.offered(at(9), &plan, &entry(2, 9, &profile), (seat, RING), &|_| false);
        let order = books.take(at(9)).order;
        assert_eq!((order.not_longest_idle, order.idle_passed_over), (1, Duration::from_secs(7)));
    }

    #[test]
    fn a_seat_whose_caller_hung_up_while_it_rang_was_idle_all_the_time() {
        let (plan, profile, mut books) = (hall(2, None).unwrap(), profile(Priority::Ordinary), books(2));
        books.seat(at(1), SeatId(1), ON_CALL);
        books.seat(at(2), SeatId(1), READY);
        books.seat(at(3), SeatId(0), OFFERED);
        books.seat(at(4), SeatId(0), READY);
        books.offered(at(5), &plan, &entry(1, 5, &profile), (SeatId(0), RING), &|_| false);
        assert_eq!(books.take(at(9)).order.not_longest_idle, 0);
    }

    #[test]
    fn a_ring_that_was_cut_short_and_held_against_the_agent_is_seen() {
        let (plan, profile, mut books) = (hall(1, None).unwrap(), profile(Priority::Ordinary), books(1));
        books.offered(at(10), &plan, &entry(1, 5, &profile), (SeatId(0), RING), &|_| false);
        books.seat(at(10), SeatId(0), OFFERED);
        books.take(at(12));
        books.seat(at(14), SeatId(0), RONA);
        assert_eq!(books.take(at(20)).order.shortest_ring, Some(0.4));
    }

    #[test]
    fn the_time_of_seats_and_of_the_line_is_cut_where_figures_are_taken() {
        let mut books = books(1);
        books.entered(at(0));
        books.seat(at(5), SeatId(0), ON_CALL);
        let first = books.take(at(8));
        let second = books.take(at(10));
        let seconds =
            |figures: &Figures| [figures.span, figures.in_line, figures.seats[0].ready, figures.seats[0].on_call].map(|t| t.as_secs());
        assert_eq!((seconds(&first), seconds(&second)), ([8, 8, 5, 3], [2, 2, 0, 2]));
        assert_eq!(first.mean_in_line(), 1.0);
    }
}
