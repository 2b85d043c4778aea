//! The router of a further group at a distance: what crosses on the way, and what it tells of its queues.

use crate::house::{A, B, caller, plan, queue, seat, secs};
use hotline_model::history::OfferEnd;
use hotline_model::{CallId, QueueId, SeatId, Timestamp};
use hotline_router::{Asked, Input, Letter, Outpost, Output, Report, Router, SeatTable, Share};
use hotline_rules::{GroupId, Plan};
use std::sync::Arc;

const CALL: CallId = CallId(7);
const QUEUE: QueueId = QueueId(1);

/// An outpost, and what it has reported.
struct Place {
    outpost: Outpost,
    now: Timestamp,
    reports: Vec<Report>,
    /// How many of its outputs the engine has heard.
    heard: u64,
}

impl Place {
    fn new(seats: usize) -> Self {
        let rules = Plan { queue_groups: vec![GroupId(0), GroupId(1)], ..plan(vec![queue(); 2], vec![seat(); seats]) };
        let (plan, table, now) = (Arc::new(rules), Arc::new(SeatTable::shared(8, 2)), Timestamp(0) + secs(1_000));
        Router::of_group(now, plan.clone(), table.clone(), Share { group: GroupId::MAIN, routers: 2 });
        let outpost = Outpost::new(now, plan, table, Share { group: GroupId(1), routers: 2 });
        Self { outpost, now, reports: Vec::new(), heard: 0 }
    }

    fn ask(&mut self, asked: Asked) -> Vec<Output> {
        self.outpost.take(self.now, Letter { heard: self.heard, asked });
        let reports: Vec<Report> = std::iter::from_fn(|| self.outpost.poll_report()).collect();
        let outputs = reports.iter().flat_map(|report| report.outputs.clone()).collect();
        self.reports.extend(reports);
        outputs
    }

    fn tell(&mut self, input: Input) -> Vec<Output> {
        self.ask(Asked::Input(input))
    }

    fn wait(&mut self, call: CallId) -> Vec<Output> {
        self.tell(Input::Wait { call, queue: QUEUE, profile: caller(), since: self.now, answer_by: self.now + secs(30), admitted: false })
    }

    /// The engine has heard all.
    fn hear(&mut self) {
        self.heard = self.reports.iter().map(|report| report.outputs.len() as u64).sum();
    }

    fn is_on_call(&self, seat: SeatId) -> bool {
        self.outpost.router().serves(seat, CALL)
    }
}

fn offered(outputs: &[Output]) -> Vec<SeatId> {
    outputs.iter().filter_map(|output| if let Output::Offer { seat, .. } = output { Some(*seat) } else { None }).collect()
}

#[test]
fn what_was_written_before_a_second_offer_was_heard_of_is_of_the_first() {
    let mut place = Place::new(2);
    assert_eq!(offered(&place.wait(CALL)), [A]);
    place.hear();
    assert_eq!(offered(&place.tell(Input::Failed { call: CALL, seat: A, why: OfferEnd::Rejected(486) })), [B]);
    // The engine still believes that A rings, or that the answer of B belongs to an offer of before.
    assert_eq!(place.tell(Input::Answered { call: CALL, seat: B }), [Output::Late { call: CALL, seat: B }]);
    assert_eq!(place.tell(Input::Failed { call: CALL, seat: B, why: OfferEnd::Rona }), []);
    assert!(!place.is_on_call(B));
    place.hear();
    assert!(place.tell(Input::Answered { call: CALL, seat: B }).contains(&Output::Answered { call: CALL, seat: B }));
    assert!(place.is_on_call(B));
}

#[test]
fn each_report_says_how_many_letters_had_been_taken() {
    let mut place = Place::new(1);
    place.wait(CALL);
    place.tell(Input::Leave { call: CALL });
    place.wait(CallId(8));
    let heard: Vec<u64> = place.reports.iter().filter(|report| !report.outputs.is_empty()).map(|report| report.heard).collect();
    assert_eq!(heard, [1, 2, 3]);
}

#[test]
fn how_many_wait_is_told_as_it_changes_and_where_a_call_stands_when_asked_r75() {
    let mut place = Place::new(1);
    (7..10).for_each(|call| assert!(place.wait(CallId(call)).len() <= 2));
    assert_eq!(place.reports.iter().flat_map(|report| report.waiting.clone()).collect::<Vec<_>>(), [(QUEUE, 1), (QUEUE, 2)]);
    place.ask(Asked::Foresee(CallId(9)));
    let foreseen = place.reports.pop().unwrap().foreseen;
    assert_eq!((foreseen[0].call, foreseen[0].position, foreseen[0].wait.is_some()), (CallId(9), Some(2), true));
    place.ask(Asked::Foresee(CallId(99)));
    let foreseen = place.reports.pop().unwrap().foreseen;
    assert_eq!((foreseen[0].position, foreseen[0].wait.is_some()), (None, false));
}

#[test]
fn expected_waits_are_told_each_second_at_most_and_only_when_they_change() {
    let mut place = Place::new(1);
    place.wait(CALL);
    let told = |place: &mut Place| {
        place.outpost.handle_timeout(place.now);
        std::iter::from_fn(|| place.outpost.poll_report()).map(|report| report.expected.len()).sum::<usize>()
    };
    assert_eq!(told(&mut place), 0);
    place.now = place.outpost.poll_timeout();
    assert_eq!(place.now, Timestamp(0) + secs(1_001));
    let first = told(&mut place);
    assert!(first <= 1);
    place.now = place.now + secs(1);
    assert_eq!(told(&mut place), 0, "nothing changed");
}

#[test]
fn after_new_rules_it_tells_of_the_queues_that_are_its_own_then() {
    let mut place = Place::new(1);
    place.wait(CallId(1));
    place.wait(CallId(2));
    let rules = Plan { queue_groups: vec![GroupId(1), GroupId(0)], ..plan(vec![queue(); 2], vec![seat()]) };
    let outputs = place.tell(Input::Rules(Arc::new(rules)));
    assert!(outputs.iter().any(|output| matches!(output, Output::Refused { call: CallId(2), .. })), "{outputs:?}");
    place.tell(Input::Wait {
        call: CallId(3),
        queue: QueueId(0),
        profile: caller(),
        since: place.now,
        answer_by: place.now + secs(30),
        admitted: false,
    });
    assert_eq!(place.reports.last().unwrap().waiting, [(QueueId(0), 1)]);
}

#[test]
fn how_many_offers_were_checked_is_told_with_those_that_passed_over_a_call() {
    let mut place = Place::new(1);
    (7..10).for_each(|call| drop(place.wait(CallId(call))));
    place.hear();
    place.tell(Input::Answered { call: CALL, seat: A });
    assert!(place.reports.iter().all(|report| report.checked == 0), "nobody waited as the first was offered");
    assert_eq!(offered(&place.tell(Input::Released { call: CALL, seat: A })), [A]);
    let last = place.reports.last().unwrap();
    assert_eq!((last.inversions, last.checked), (0, 1), "in a debug build every offer is checked");
}
