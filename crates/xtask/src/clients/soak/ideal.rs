//! The same callers before an ideal queue: what chance, and not the hotline, makes of a run.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::plan::{Caller, RETRY_S, SEATS, WRAP_UP_S, full_ring_s};

/// A moment, in milliseconds.
type Ms = u64;

/// In this order at the same moment: seats are free before callers come and hang up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Free,
    RingOver(usize),
    Answer(usize),
    Comes(usize),
    HangsUp(usize),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Coming,
    Waits,
    Rings,
    Gone,
    Answered(f64),
}

struct Ideal<'a> {
    callers: &'a [Caller],
    states: Vec<State>,
    free: usize,
    /// The urgent first, then by arrival.
    line: BTreeSet<(bool, Ms, usize)>,
    events: BinaryHeap<Reverse<(Ms, Event)>>,
}

/// How long each caller waits for an answer, in seconds; `None` if it hangs up. `misses` says of each ring whether nobody answers it,
/// `answer_s` after how long somebody does.
pub fn waits(callers: &[Caller], misses: impl IntoIterator<Item = bool>, answer_s: f64) -> Vec<Option<f64>> {
    let events = callers.iter().enumerate().map(|(place, caller)| Reverse((caller.comes as Ms, Event::Comes(place)))).collect();
    let mut ideal = Ideal { callers, states: vec![State::Coming; callers.len()], free: SEATS, line: BTreeSet::new(), events };
    let mut misses = misses.into_iter();
    while let Some(Reverse((now, event))) = ideal.events.pop() {
        ideal.happens(now, event);
        while let Some(caller) = ideal.next() {
            let (after, what) = match misses.next() {
                Some(true) => (full_ring_s((now as f64 - callers[caller].comes) / 1_000.0), Event::RingOver(caller)),
                Some(false) | None => (answer_s, Event::Answer(caller)),
            };
            ideal.plan(now, after * 1_000.0, what);
        }
    }
    ideal.states.iter().map(|state| if let State::Answered(wait) = state { Some(*wait) } else { None }).collect()
}

impl Ideal<'_> {
    fn happens(&mut self, now: Ms, event: Event) {
        match event {
            Event::Free => self.free += 1,
            Event::Comes(place) => {
                self.waits(place);
                self.plan(now, self.callers[place].patience, Event::HangsUp(place));
            }
            Event::HangsUp(place) => match self.states[place] {
                State::Waits => {
                    self.line.remove(&self.rank(place));
                    self.states[place] = State::Gone;
                }
                State::Rings => {
                    self.states[place] = State::Gone;
                    self.free += 1;
                }
                State::Coming | State::Gone | State::Answered(_) => {}
            },
            Event::RingOver(place) if self.states[place] == State::Rings => {
                self.waits(place);
                self.plan(now, RETRY_S * 1_000.0, Event::Free);
            }
            Event::Answer(place) if self.states[place] == State::Rings => {
                let caller = self.callers[place];
                self.states[place] = State::Answered((now as f64 - caller.comes) / 1_000.0);
                self.plan(now, caller.talk + WRAP_UP_S * 1_000.0, Event::Free);
            }
            Event::RingOver(_) | Event::Answer(_) => {}
        }
    }

    /// Who is to be offered to a free seat.
    fn next(&mut self) -> Option<usize> {
        let (_, _, place) = if self.free > 0 { self.line.pop_first() } else { None }?;
        self.free -= 1;
        self.states[place] = State::Rings;
        Some(place)
    }

    fn waits(&mut self, place: usize) {
        self.states[place] = State::Waits;
        self.line.insert(self.rank(place));
    }

    fn rank(&self, place: usize) -> (bool, Ms, usize) {
        (!self.callers[place].urgent, self.callers[place].comes as Ms, place)
    }

    fn plan(&mut self, now: Ms, after: f64, event: Event) {
        self.events.push(Reverse((now + after.round() as Ms, event)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many who talk for 100 s as there are seats, then these.
    fn after_all_seats(more: &[Caller]) -> Vec<Option<f64>> {
        let first = Caller { urgent: false, comes: 0.0, patience: 1e6, talk: 100_000.0 };
        let callers: Vec<Caller> = std::iter::repeat_n(first, SEATS).chain(more.iter().copied()).collect();
        waits(&callers, [], 1.0)[SEATS..].to_vec()
    }

    #[test]
    fn who_finds_all_seats_taken_waits_for_the_end_of_a_wrap_up() {
        let late = Caller { urgent: false, comes: 10_000.0, patience: 1e6, talk: 1_000.0 };
        assert_eq!(after_all_seats(&[late]), [Some(1.0 + 100.0 + WRAP_UP_S - 10.0 + 1.0)]);
        assert_eq!(after_all_seats(&[Caller { patience: 5_000.0, ..late }]), [None]);
    }

    #[test]
    fn the_urgent_go_first_and_a_ring_that_nobody_answers_costs_a_full_ring() {
        let one = Caller { urgent: false, comes: 0.0, patience: 1e6, talk: 1_000.0 };
        let answered = waits(&[one], [true, false], 1.0);
        assert_eq!(answered, [Some(8.0 + 1.0)]);
        let (ordinary, urgent) = (Caller { comes: 10_000.0, ..one }, Caller { urgent: true, comes: 20_000.0, ..one });
        let of_two = after_all_seats(&[ordinary, urgent]);
        assert!(of_two[1].unwrap() < of_two[0].unwrap());
    }
}
