//! What callers can be told of their wait, and when nothing honest can be told (R75).

use crate::house::*;
use hotline_model::history::Untold;
use hotline_model::{CallId, Intent, Priority, Profile, SeatId};
use hotline_router::{ExpectedWait, Input};
use hotline_rules::{Queue, Seat, Step};
use std::collections::VecDeque;

/// A hotline in which each seat is through with its call in turn, one every so many seconds, and a new caller comes for each who goes.
struct Busy {
    house: House,
    serving: VecDeque<(CallId, SeatId)>,
    waiting: VecDeque<CallId>,
    every: u64,
}

impl Busy {
    fn new(seats: u32, line: usize, every: u64) -> Self {
        Self::open(House::with(vec![seat(); seats as usize]), seats, line, every)
    }

    fn open(mut house: House, seats: u32, line: usize, every: u64) -> Self {
        let serving = (0..seats).map(|seat| (house.keep_busy(SeatId(seat)), SeatId(seat))).collect();
        let waiting = (0..line).map(|_| house.call(caller())).collect();
        Self { house, serving, waiting, every }
    }

    /// So many calls are answered, each by the next seat.
    fn turns(mut self, turns: usize) -> Self {
        for _ in 0..turns {
            self.turn();
            let next = self.house.call(caller());
            self.waiting.push_back(next);
        }
        self
    }

    fn turn(&mut self) {
        self.house.pass(secs(self.every));
        let (call, seat) = self.serving.pop_front().expect("seats");
        self.house.said();
        self.house.release(call, seat);
        for (call, seat) in self.house.offers() {
            self.house.answer(call, seat);
            self.waiting.retain(|other| *other != call);
            self.serving.push_back((call, seat));
        }
    }

    fn wait(&self, call: CallId) -> Option<Result<ExpectedWait, Untold>> {
        self.house.router.expected_wait(call, self.house.now)
    }

    fn first(&self) -> Result<ExpectedWait, Untold> {
        self.wait(self.waiting[0]).expect("it waits")
    }

    fn pass_waiting(&mut self, seconds: u64) {
        self.house.pass(secs(seconds));
    }

    fn sign_out(&mut self, seats: std::ops::Range<u32>) {
        seats.for_each(|seat| self.house.intent(SeatId(seat), Intent::SignedOut));
    }
}

fn seconds(wait: &ExpectedWait) -> [f64; 3] {
    [wait.low, wait.likely, wait.high].map(|time| time.as_secs_f64())
}

#[test]
fn each_place_further_back_waits_one_answer_longer_and_with_a_narrower_interval() {
    let busy = Busy::new(4, 8, 20).turns(60);
    let all: Vec<ExpectedWait> = busy.waiting.iter().map(|call| busy.wait(*call).unwrap().unwrap()).collect();
    for (ahead, wait) in (0u32..).zip(&all) {
        let [low, likely, high] = seconds(wait);
        let expected = f64::from(ahead + 1) * 20.0;
        assert_eq!((wait.ahead, wait.seats), (ahead, 4));
        assert!((likely - expected).abs() < 0.15 * expected, "{ahead} ahead: {wait:?}");
        assert!(low < likely && likely < high, "{wait:?}");
    }
    let widths: Vec<f64> = all.iter().map(|wait| seconds(wait)[2] / seconds(wait)[0]).collect();
    assert!(widths.is_sorted_by(|a, b| a > b), "{widths:?}");
}

#[test]
fn nothing_is_told_before_enough_waiting_calls_were_answered() {
    let busy = Busy::new(4, 3, 20).turns(5);
    assert_eq!(busy.first(), Err(Untold::TooFew));
    assert!(busy.turns(10).first().is_ok());
}

#[test]
fn what_was_learnt_is_forgotten_in_hours() {
    let mut busy = Busy::new(4, 1, 20).turns(30);
    assert!(busy.first().is_ok());
    let waiting = busy.waiting[0];
    busy.house.tell(Input::Leave { call: waiting });
    busy.pass_waiting(4 * 3600);
    let late = busy.house.call(caller());
    assert_eq!(busy.wait(late), Some(Err(Untold::TooFew)));
}

#[test]
fn nothing_is_told_while_nobody_is_signed_in() {
    let mut busy = Busy::new(4, 3, 20).turns(30);
    busy.sign_out(0..4);
    assert_eq!(busy.first(), Err(Untold::NobodySignedIn));
}

#[test]
fn a_seat_on_a_break_does_not_count() {
    let mut busy = Busy::new(8, 3, 20).turns(60);
    busy.house.take_break(SeatId(0));
    assert_eq!(busy.first().unwrap().seats, 7);
    busy.house.ready(SeatId(0));
    assert_eq!(busy.first().unwrap().seats, 8);
}

#[test]
fn after_half_the_seats_went_nothing_is_told_until_that_is_usual() {
    let mut busy = Busy::new(8, 6, 20).turns(60);
    let before = busy.first().unwrap().likely.as_secs_f64();
    busy.sign_out(0..4);
    assert_eq!(busy.first(), Err(Untold::SeatsChanged));
    busy.pass_waiting(120);
    assert_eq!(busy.first(), Err(Untold::SeatsChanged));
    busy.pass_waiting(180);
    let after = busy.first().unwrap();
    assert_eq!(after.seats, 4);
    assert!(after.likely.as_secs_f64() > 1.5 * before, "half the seats answer half as often: {before} {after:?}");
}

#[test]
fn nothing_is_told_when_urgent_calls_take_most_of_the_seats_time() {
    let mut busy = Busy::new(4, 1, 20).turns(30);
    let ordinary = busy.waiting[0];
    let calm = busy.first().unwrap().likely;
    for turn in 0..60 {
        if turn % 4 == 3 {
            let urgent = busy.house.call(with_priority(Priority::Urgent));
            busy.waiting.push_front(urgent);
        }
        let next = busy.house.call(caller());
        busy.waiting.push_back(next);
        busy.turn();
    }
    let (last, first) = (*busy.waiting.back().unwrap(), busy.house.call(with_priority(Priority::Urgent)));
    let alone = busy.wait(last).unwrap().unwrap();
    assert!(busy.wait(ordinary).is_none(), "it was answered long ago");
    assert!(alone.likely > calm, "whoever goes first makes the others wait longer");
    assert_eq!(busy.wait(first).unwrap().unwrap().ahead, 0);
    for _ in 0..60 {
        let urgent = busy.house.call(with_priority(Priority::Urgent));
        busy.waiting.push_front(urgent);
        busy.turn();
    }
    let late = busy.house.call(caller());
    assert_eq!(busy.wait(late), Some(Err(Untold::OthersFirst)));
    let urgent = busy.house.call(with_priority(Priority::Urgent));
    assert!(busy.wait(urgent).unwrap().is_ok(), "an urgent call is told");
}

#[test]
fn callers_who_hang_up_shorten_the_wait_of_those_behind() {
    let patient = Busy::new(4, 10, 20).turns(60);
    let mut busy = Busy::new(4, 10, 20).turns(10);
    for _ in 0..50 {
        busy.turn();
        for _ in 0..2 {
            let next = busy.house.call(caller());
            busy.waiting.push_back(next);
        }
        let gone = busy.waiting.remove(4).unwrap();
        busy.house.tell(Input::Leave { call: gone });
    }
    let last = |busy: &Busy| busy.wait(busy.waiting[8]).unwrap().unwrap().likely.as_secs_f64();
    assert!(last(&busy) < 0.85 * last(&patient), "{} {}", last(&busy), last(&patient));
}

#[test]
fn a_caller_whom_few_seats_can_serve_waits_for_these() {
    let seats: Vec<Seat> = (0..8).map(|place| skilled(if place < 2 { [5, 5, 5] } else { [5, 5, 0] })).collect();
    let house = House::open(plan(vec![queue()], seats));
    let mut busy = Busy::open(house, 8, 4, 20).turns(80);
    let plain = busy.first().unwrap();
    let english = busy.house.call(Profile { skills: vec![need(EN, 3)], ..caller() });
    let wait = busy.wait(english).unwrap().unwrap();
    assert_eq!((wait.seats, wait.ahead), (2, 4));
    assert!(wait.likely > 3 * plain.likely, "{wait:?} {plain:?}");
    let nobody = busy.house.call(Profile { skills: vec![need(EN, 9)], ..caller() });
    assert_eq!(busy.wait(nobody), Some(Err(Untold::NobodySignedIn)));
}

#[test]
fn a_ready_seat_of_a_later_step_ends_the_wait_when_the_step_opens() {
    let step = |after, least| Step { after: secs(after), requires: at_least(BILLING, least), ..Step::default() };
    let steps = vec![step(0, 5), step(30, 1)];
    let mut seats = vec![seat(); 4];
    seats.push(skilled([2, 5, 5]));
    let house = House::open(plan(vec![Queue { steps, ..queue() }], seats));
    let mut busy = Busy::open(house, 5, 2, 20).turns(40);
    let last = busy.house.keep_busy(SeatId(4));
    busy.house.release(last, SeatId(4));
    while let Some((call, seat)) = busy.house.offers().pop() {
        busy.house.answer(call, seat);
        busy.house.release(call, seat);
    }
    let gone: Vec<CallId> = busy.waiting.drain(..).collect();
    gone.into_iter().for_each(|call| busy.house.tell(Input::Leave { call }));
    let call = busy.house.call(caller());
    let wait = busy.wait(call).unwrap().unwrap();
    assert!(wait.high <= secs(31), "the seat of the second step takes it after 30 s: {wait:?}");
}

#[test]
fn a_call_that_rings_or_is_gone_has_no_wait() {
    let mut house = House::with(vec![seat()]);
    let call = house.call(caller());
    assert_eq!(house.offers(), [(call, A)]);
    assert_eq!(house.router.expected_wait(call, house.now), None);
    house.tell(Input::Leave { call });
    assert_eq!(house.router.expected_wait(call, house.now), None);
}

#[test]
fn the_next_caller_of_a_queue_is_told_as_if_the_last_of_its_line() {
    let mut busy = Busy::new(4, 5, 20).turns(60);
    let next = busy.house.router.expected_wait_of_next(Q, busy.house.now).unwrap();
    let call = busy.house.call(caller());
    let (wait, now) = (busy.wait(call).unwrap().unwrap(), busy.house.now);
    assert_eq!((next.ahead, next.likely), (wait.ahead, wait.likely));
    let all: Vec<CallId> = busy.waiting.drain(..).chain([call]).collect();
    all.into_iter().for_each(|call| busy.house.tell(Input::Leave { call }));
    assert!(busy.house.router.expected_wait_of_next(Q, now).unwrap().likely > secs(0), "nobody waits, and no seat is ready");
    let (call, seat) = busy.serving[0];
    busy.house.release(call, seat);
    assert_eq!(busy.house.router.expected_wait_of_next(Q, now).unwrap().high, secs(0), "a seat is ready");
}

#[test]
fn new_rules_keep_what_was_learnt() {
    let mut busy = Busy::new(4, 5, 20).turns(60);
    let before = busy.first().unwrap();
    busy.house.tell(Input::Rules(std::sync::Arc::new(plan(vec![queue()], vec![seat(); 4]))));
    assert_eq!(busy.first().unwrap(), before);
}

#[test]
fn a_ring_is_part_of_the_wait() {
    let mut busy = Busy::new(4, 5, 20);
    for _ in 0..60 {
        busy.house.pass(secs(15));
        let (call, seat) = busy.serving.pop_front().unwrap();
        busy.house.said();
        busy.house.release(call, seat);
        busy.house.pass(secs(5));
        for (call, seat) in busy.house.offers() {
            busy.house.answer(call, seat);
            busy.waiting.retain(|other| *other != call);
            busy.serving.push_back((call, seat));
        }
        let next = busy.house.call(caller());
        busy.waiting.push_back(next);
    }
    let [low, likely, _] = seconds(&busy.first().unwrap());
    assert!(low > 5.0 && (22.0..28.0).contains(&likely), "one turn of 20 s and a ring of 5 s: {low} {likely}");
}

fn wait(likely: u64, high: u64) -> ExpectedWait {
    ExpectedWait { ahead: 1, seats: 1, low: secs(1), likely: secs(likely), high: secs(high) }
}

#[test]
fn the_mean_is_rounded_up_to_a_few_figures() {
    let minutes = [(10, 59), (10, 60), (60, 110), (61, 110), (121, 200), (181, 500), (301, 900), (601, 900), (1801, 1900)];
    let said = minutes.map(|(likely, high)| wait(likely, high).minutes());
    assert_eq!(said, [Ok(0), Ok(1), Ok(1), Ok(2), Ok(3), Ok(5), Ok(10), Ok(15), Err(Untold::TooLong)]);
}

#[test]
fn a_figure_that_one_in_ten_waits_twice_as_long_as_is_not_said() {
    assert_eq!(wait(170, 361).minutes(), Err(Untold::TooWide));
    assert_eq!(wait(170, 360).minutes(), Ok(3));
}
