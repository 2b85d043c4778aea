use crate::Router;
use crate::places::Place;
use crate::waiting::CallRank;
use hotline_model::{SeatId, Timestamp};

/// An offer that the search made, and is yet to be checked. Nothing but the offer itself has happened since.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unchecked {
    pub at: Timestamp,
    pub seat: SeatId,
    /// The rank of the offered call.
    pub rank: CallRank,
    /// Through which line the seat has it, where that makes a difference.
    pub place: Option<Place>,
}

/// How many offers were checked, and how many of these passed somebody over.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Checked {
    inversions: u64,
    offers: u64,
}

/// Whether no call is passed over is seen by looking at every line of the seat, which takes longer than the choice: a choice between seats
/// is checked at once, a freed seat's of its call as the next step begins, when nobody waits for it.
impl Router {
    /// Offers by the search, ever, that passed over a waiting call which stood before the offered one and could have had the seat: 0,
    /// else we are wrong. Each is checked; assignments by hand are not.
    pub fn inversions(&self) -> u64 {
        self.all_checked().inversions
    }

    /// Offers that were checked for it, ever, against the best other call that the seat could have had; where there was none, nobody was
    /// passed over. Of none checked, 0 inversions say nothing.
    pub fn checked(&self) -> u64 {
        self.all_checked().offers
    }

    /// With the latest.
    fn all_checked(&self) -> Checked {
        debug_assert!(self.lingering.is_none(), "all outputs are taken");
        let Checked { inversions, offers } = self.checked;
        let passes = self.unchecked.and_then(|offer| self.passes_over(&offer));
        Checked { inversions: inversions + u64::from(passes == Some(true)), offers: offers + u64::from(passes.is_some()) }
    }

    /// Checks the latest offer, before anything else happens.
    #[inline]
    pub(crate) fn check_latest(&mut self) {
        self.take_out_latest();
        if self.unchecked.is_some() {
            self.check();
        }
    }

    #[inline(never)]
    fn check(&mut self) {
        (self.checked, self.unchecked) = (self.all_checked(), None);
    }

    /// Whether an offer passes over a waiting call which stands before the offered one and may have the seat; `None` if no other may.
    fn passes_over(&self, offer: &Unchecked) -> Option<bool> {
        let (next, place) = self.lines.search_choice_for(offer.seat, offer.at)?;
        let standing = |place, rank| self.lines.standing(place, rank, offer.at);
        Some(match offer.place {
            None => next.rank < offer.rank,
            Some(own) => standing(place, next.rank) < standing(own, offer.rank),
        })
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::{Input, Output, SeatTable};
    use hotline_model::{CallId, LanguageId, Profile, QueueId};
    use hotline_rules::{Plan, Queue, Seat, Secret, Step};
    use std::sync::Arc;

    const SEAT: SeatId = SeatId(0);
    const TALK: CallId = CallId(9);

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1_000_000)
    }

    /// One seat that talks, and two calls that wait for it.
    fn two_wait() -> Router {
        let seat = Seat {
            name: "1001".into(),
            agent: "agent".into(),
            region: None,
            origin: hotline_rules::Origin::Internal,
            proficiency: Vec::new(),
            contact: Some("sip:seat@127.0.0.1".into()),
            ping: false,
            secret: Secret::None,
            sha256: false,
            cleared: false,
            customer_types: Vec::new(),
            queues: Vec::new(),
            wrap_up: None,
            sign_in: true,
            desk: hotline_rules::SeatDesk::default(),
            retired: false,
        };
        let queue = Queue { steps: vec![Step::default()], wrap_up: std::time::Duration::ZERO, ..Queue::default() };
        let plan = Plan { queues: vec![queue], seats: vec![seat], ..Plan::default() };
        let mut router = Router::new(at(0), Arc::new(plan), Arc::new(SeatTable::new(1)));
        router.handle(at(0), Input::Engaged { call: TALK, seat: SEAT, queue: None });
        for call in 1..=2 {
            let (now, profile) = (at(call), Profile::unknown(LanguageId(0)));
            router.handle(
                now,
                Input::Wait { call: CallId(call as u64), queue: QueueId(0), profile, since: now, answer_by: at(60), admitted: false },
            );
        }
        while router.poll_output().is_some() {}
        router
    }

    #[test]
    fn each_offer_of_a_freed_seat_is_checked_before_the_next_step_and_one_that_passes_a_call_over_is_counted() {
        let mut router = two_wait();
        assert_eq!((router.checked(), router.inversions()), (0, 0));
        router.handle(at(3), Input::Released { call: TALK, seat: SEAT });
        let told: Vec<Output> = std::iter::from_fn(|| router.poll_output()).collect();
        assert!(told.iter().any(|output| matches!(output, Output::Offer { call: CallId(1), .. })), "the one that waits longer");
        assert_eq!((router.checked(), router.inversions()), (1, 0), "with the latest");
        let wrong = Unchecked { rank: CallRank::new(5, at(3), 9), ..router.unchecked.expect("nothing happened since") };
        router.unchecked = Some(wrong);
        assert_eq!((router.checked(), router.inversions()), (1, 1));
        router.handle_timeout(at(3));
        assert!(router.unchecked.is_none());
        assert_eq!((router.checked(), router.inversions()), (1, 1), "counted once");
    }

    #[test]
    fn an_offer_beside_which_nobody_waits_is_not_checked() {
        let mut router = two_wait();
        router.handle(at(3), Input::Leave { call: CallId(2) });
        router.handle(at(3), Input::Released { call: TALK, seat: SEAT });
        while router.poll_output().is_some() {}
        assert_eq!((router.checked(), router.inversions()), (0, 0));
    }
}
