use super::{Choice, Lines, NOBODY};
use crate::places::Place;
use crate::waiting::{CallRank, Head};
use hotline_model::{SeatId, Timestamp};
use hotline_rules::Plan;
use std::cmp::Reverse;

/// How a call stands before a seat that may take it through a line, the smaller the better: class (R24, R38, K3), the seat's
/// priority for the line's queue, waiting time as a share of the queue's target times its weight, entry time, arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Standing {
    class: u8,
    priority: u8,
    score: Reverse<u128>,
    rank: CallRank,
}

/// Whether before every seat of a plan the calls stand as they rank among all.
pub(super) fn is_uniform(plan: &Plan) -> bool {
    let mut factors = plan.queues.iter().map(|queue| queue.factor());
    let first = factors.next();
    let preferred = plan.seats.iter().flat_map(|seat| &seat.queues).any(|serves| serves.priority != 1);
    factors.all(|factor| Some(factor) == first) && !preferred
}

impl Lines {
    /// Whether before every seat the calls stand as they rank among all.
    pub fn uniform(&self) -> bool {
        self.uniform
    }

    /// The call that stands first before a seat of those that it may be offered, and its place in a line through which it stands so.
    #[inline]
    pub fn choice_for(&self, seat: SeatId, now: Timestamp) -> Option<Choice> {
        if self.uniform { self.first_for(seat, now) } else { self.search_choice_for(seat, now).map(|found| self.chosen(found)) }
    }

    /// The same by a closer look at each line.
    pub fn search_choice_for(&self, seat: SeatId, now: Timestamp) -> Option<(Head, Place)> {
        if self.uniform {
            return self.search_first_for(seat, now);
        }
        let mut best: Option<(Standing, Place)> = None;
        for place in self.by_seat.of(seat).iter().copied() {
            let first = self.firsts[place.line() as usize];
            // No call of a line stands before the one that its least key would be of.
            if first == NOBODY || best.is_some_and(|(best, _)| self.standing(place, CallRank::least(first), now) > best) {
                continue;
            }
            let first = CallRank::least(self.first_open(place, now));
            if first.key() == NOBODY {
                continue;
            }
            let standing = self.standing(place, first, now);
            let earlier = |other: Place| self.head(place, first.key()) < self.head(other, first.key());
            if best.is_none_or(|(best, other)| standing < best || standing == best && earlier(other)) {
                best = Some((standing, place));
            }
        }
        let (standing, place) = best?;
        Some((self.head(place, standing.rank.key())?, place))
    }

    /// How a call of this rank stands before the seat of this place.
    pub fn standing(&self, place: Place, rank: CallRank, now: Timestamp) -> Standing {
        let waited = now.since(rank.since()).as_micros();
        let score = Reverse(waited * u128::from(self.factors[place.line() as usize]));
        Standing { class: rank.class(), priority: place.priority(), score, rank }
    }

    /// Whether a call of this rank has waited long enough for the seat of this place.
    pub fn is_open(&self, place: Place, rank: CallRank, now: Timestamp) -> bool {
        let opens = self.opens(&self.fronts[place.line() as usize], place);
        opens == 0 || rank.since() <= Timestamp(now.0.saturating_sub(opens))
    }
}
