//! Calls that wait for agents of their own (`assign.wait_for`; R57, R43): nearly each in a line by itself.

use crate::house::{House, caller, plan, queue, seat, secs};
use hotline_model::{CallId, Priority, Profile, QueueId, SeatId, Timestamp};
use hotline_router::Input;
use hotline_rules::WaitFor;
use proptest::prelude::*;

const SEATS: u32 = 6;

/// What the test knows of a waiting call, in the order of arrival.
struct Known {
    call: CallId,
    queues: [Option<QueueId>; 2],
    priority: Priority,
    breached: bool,
    since: Timestamp,
}

impl Known {
    fn ranks_before(&self, other: &Self) -> bool {
        let rank = |known: &Self| {
            let priority = [Priority::Urgent, Priority::Important].iter().position(|one| *one == known.priority).unwrap_or(2);
            (priority, !known.breached, known.since, known.call)
        };
        rank(self) < rank(other)
    }

    fn is_in(&self, queue: Option<QueueId>) -> bool {
        self.queues.contains(&queue)
    }
}

/// Two queues, all seats on calls; calls may wait for up to three agents, for different times.
fn all_busy() -> House {
    let mut plan = plan(vec![queue(), queue()], vec![seat(); SEATS as usize]);
    plan.assign.wait_for = WaitFor { owner: secs(20), last: secs(9), preferred: secs(4) };
    plan.priorities.ageing = secs(0);
    let mut house = House::open(plan);
    (0..SEATS).for_each(|seat| _ = house.keep_busy(SeatId(seat)));
    house
}

proptest! {
    #[test]
    fn a_calls_position_counts_all_that_rank_before_it_in_its_queue_whomever_they_wait_for(
        steps in prop::collection::vec((0u8..8, prop::array::uniform3(prop::option::of(0..SEATS)), 0usize..3, 0u16..2, 0u64..9), 1..60),
    ) {
        let (mut house, mut known, mut number) = (all_busy(), Vec::<Known>::new(), 1_000);
        for (what, [owner, last, preferred], priority, queue, seconds) in steps {
            let (queue, priority) = (QueueId(queue), Priority::ALL[priority]);
            let at = if known.is_empty() { 0 } else { seconds as usize % known.len() };
            match what {
                _ if known.is_empty() || what < 4 => {
                    number += 1;
                    let [owner, last, preferred] = [owner, last, preferred].map(|seat| seat.map(SeatId));
                    let (call, since) = (CallId::new(1, 0, number), house.now - secs(seconds));
                    let profile = Profile { owner, last, preferred, priority, ..caller() };
                    house.tell(Input::Wait { call, queue, profile, since, answer_by: since + secs(900), admitted: false });
                    known.push(Known { call, queues: [Some(queue), None], priority, breached: false, since });
                }
                4 => house.tell(Input::Leave { call: known.remove(at).call }),
                5 => {
                    known[at].breached = true;
                    house.tell(Input::Breached { call: known[at].call });
                }
                6 => {
                    known[at].queues[1] = Some(queue);
                    house.tell(Input::Overflow { call: known[at].call, queue });
                }
                _ => house.pass(secs(seconds)),
            }
            for one in &known {
                let ahead = known.iter().filter(|other| other.is_in(one.queues[0]) && other.ranks_before(one)).count();
                prop_assert_eq!(house.router.position(one.call), Some(ahead + 1));
            }
            for queue in [QueueId(0), QueueId(1)] {
                let oldest = known.iter().filter(|one| one.is_in(Some(queue))).map(|one| one.since).min();
                prop_assert_eq!(house.router.oldest(queue, house.now), oldest.map(|since| house.now.since(since)));
            }
        }
    }
}
