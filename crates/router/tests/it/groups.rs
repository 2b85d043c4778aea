//! Two and three routers on one table, each told what the others did only when it looks (design.md 6).

use crate::house::{A, B, caller, plan, queue, seat, secs};
use hotline_model::history::OfferEnd;
use hotline_model::{Activity, CallId, Intent, NotReadyReason, QueueId, SeatId, Timestamp};
use hotline_router::{Input, Output, Refusal, Router, SeatTable, Share};
use hotline_rules::{GroupId, Origin, Plan, Queue, Seat, Tier};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Routers that share seats, their clock, and what they said.
struct Houses {
    routers: Vec<Router>,
    table: Arc<SeatTable>,
    now: Timestamp,
    said: Vec<Vec<Output>>,
    calls: u32,
}

/// One queue per group, for everyone.
fn rules(groups: u8, queue: &Queue, seats: Vec<Seat>) -> Plan {
    let queue_groups = (0..groups).map(GroupId).collect();
    Plan { queue_groups, ..plan(vec![queue.clone(); usize::from(groups)], seats) }
}

impl Houses {
    fn open(plan: Plan, routers: u8) -> Self {
        let (plan, table) = (Arc::new(plan), Arc::new(SeatTable::shared(64, usize::from(routers))));
        let now = Timestamp(0) + secs(1000);
        let share = |group| Share { group: GroupId(group), routers };
        let router = |group| Router::of_group(now, plan.clone(), table.clone(), share(group));
        let (routers, said) = ((0..routers).map(router).collect(), vec![Vec::new(); usize::from(routers)]);
        let mut houses = Self { routers, table, now, said, calls: 0 };
        houses.look_around();
        houses
    }

    fn with(seats: Vec<Seat>) -> Self {
        Self::open(rules(2, &queue(), seats), 2)
    }

    fn tell(&mut self, group: usize, input: Input) {
        self.routers[group].handle(self.now, input);
        self.listen(group);
    }

    fn listen(&mut self, group: usize) {
        while let Some(output) = self.routers[group].poll_output() {
            self.said[group].push(output);
        }
    }

    fn look(&mut self, group: usize) {
        self.routers[group].look_around(self.now);
        self.listen(group);
    }

    /// Until nobody has anything left to look at.
    fn look_around(&mut self) {
        while (0..self.routers.len()).any(|group| !self.table.has_seen_all(GroupId(group as u8))) {
            (0..self.routers.len()).for_each(|group| self.look(group));
        }
    }

    fn call(&mut self, group: usize) -> CallId {
        self.calls += 1;
        let (call, queue) = (CallId::new(1, 0, self.calls), QueueId(group as u16));
        self.tell(group, Input::Wait { call, queue, profile: caller(), since: self.now, answer_by: self.now + secs(30), admitted: false });
        call
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
        for group in 0..self.routers.len() {
            self.routers[group].handle_timeout(self.now);
            self.listen(group);
        }
    }

    fn said(&mut self, group: usize) -> Vec<Output> {
        std::mem::take(&mut self.said[group])
    }

    fn offers(&mut self, group: usize) -> Vec<(CallId, SeatId)> {
        let offer = |output| if let Output::Offer { call, seat, .. } = output { Some((call, seat)) } else { None };
        self.said(group).into_iter().filter_map(offer).collect()
    }

    fn withdrawn(&mut self, group: usize) -> Vec<(CallId, SeatId)> {
        let withdrawn = |output| if let Output::Withdraw { call, seat } = output { Some((call, seat)) } else { None };
        self.said(group).into_iter().filter_map(withdrawn).collect()
    }

    fn word(&self, seat: SeatId) -> &'static str {
        self.table.word(seat).state().word()
    }
}

#[test]
fn a_seat_freed_by_one_group_serves_the_waiting_call_of_the_other() {
    let mut houses = Houses::with(vec![seat()]);
    let first = houses.call(0);
    assert_eq!(houses.offers(0), [(first, A)]);
    let second = houses.call(1);
    assert_eq!(houses.offers(1), []);
    houses.tell(0, Input::Answered { call: first, seat: A });
    houses.look(1);
    houses.tell(0, Input::Released { call: first, seat: A });
    assert_eq!(houses.offers(1), [], "not before it looks");
    houses.look(1);
    assert_eq!(houses.offers(1), [(second, A)]);
    assert!(houses.table.word(A).is_held_by(GroupId(1)));
}

#[test]
fn a_courteous_group_leaves_a_seat_that_it_frees_to_others_first_if_they_have_calls() {
    let courtesy = Duration::from_millis(2);
    for (theirs, taken_after) in [(0, Duration::ZERO), (1, courtesy)] {
        let mut houses = Houses::open(rules(2, &queue(), vec![seat()]), 2);
        houses.routers[0].be_courteous(courtesy);
        let (first, second) = (houses.call(0), houses.call(0));
        for _ in 0..theirs {
            houses.call(1);
        }
        houses.tell(0, Input::Answered { call: first, seat: A });
        houses.said(0);
        houses.tell(0, Input::Released { call: first, seat: A });
        if !taken_after.is_zero() {
            assert_eq!(houses.offers(0), [], "theirs may have it");
            assert_eq!(houses.routers[0].poll_timeout(), Some(houses.now + courtesy));
        }
        houses.pass(taken_after);
        assert_eq!(houses.offers(0), [(second, A)], "nobody else took it");
    }
}

#[test]
fn the_wrap_up_is_the_lease_of_the_group_whose_call_it_follows() {
    let mut houses = Houses::open(rules(2, &Queue { wrap_up: secs(20), ..queue() }, vec![seat()]), 2);
    let first = houses.call(1);
    houses.tell(1, Input::Answered { call: first, seat: A });
    houses.tell(1, Input::Released { call: first, seat: A });
    let second = houses.call(0);
    houses.tell(0, Input::WrapUpDone { seat: A });
    houses.look_around();
    assert_eq!((houses.word(A), houses.offers(0)), ("wrap-up", vec![]), "main does not hold it");
    houses.pass(secs(20));
    houses.look_around();
    assert_eq!(houses.offers(0), [(second, A)]);
}

#[test]
fn of_two_groups_that_want_one_seat_one_gets_it_and_the_other_gets_it_next() {
    let mut houses = Houses::with(vec![seat()]);
    let first = houses.call(0);
    let second = houses.call(1);
    assert_eq!((houses.offers(0), houses.offers(1)), (vec![(first, A)], vec![]), "its mark said ready, the word did not");
    houses.tell(0, Input::Leave { call: first });
    houses.look_around();
    assert_eq!(houses.offers(1), [(second, A)]);
}

#[test]
fn who_signs_out_while_another_group_s_call_rings_is_withdrawn_when_that_group_looks() {
    let mut houses = Houses::with(vec![seat(), seat()]);
    let call = houses.call(1);
    houses.tell(0, Input::Intent { seat: A, intent: Intent::SignedOut });
    assert_eq!((houses.word(A), houses.offers(1)), ("offered", vec![(call, A)]));
    houses.look_around();
    assert_eq!(houses.said(1).iter().filter(|said| matches!(said, Output::Withdraw { .. } | Output::Offer { .. })).count(), 2);
    assert_eq!((houses.word(A), houses.word(B)), ("signed out", "offered"));
}

#[test]
fn an_answer_before_the_group_sees_the_sign_out_is_in_time() {
    let mut houses = Houses::with(vec![seat()]);
    let call = houses.call(1);
    houses.tell(0, Input::Intent { seat: A, intent: Intent::SignedOut });
    houses.tell(1, Input::Answered { call, seat: A });
    houses.look_around();
    assert_eq!((houses.word(A), houses.withdrawn(1)), ("on call", vec![]));
    houses.tell(1, Input::Released { call, seat: A });
    assert_eq!(houses.word(A), "signed out");
}

#[test]
fn a_seat_that_takes_another_call_leaves_the_offer_of_the_other_group_to_nobody() {
    let mut houses = Houses::with(vec![seat()]);
    let (call, other) = (houses.call(1), CallId::new(9, 0, 9));
    houses.tell(0, Input::Engaged { call: other, seat: A, queue: None });
    houses.tell(1, Input::Answered { call, seat: A });
    let late = Output::Late { call, seat: A };
    assert!(houses.said(1).contains(&late), "one seat is never in two calls");
    houses.look_around();
    assert_eq!(houses.withdrawn(1), [(call, A)]);
    houses.tell(0, Input::Released { call: other, seat: A });
    houses.look_around();
    assert_eq!(houses.offers(1), [(call, A)], "the call waited on");
}

#[test]
fn an_unreachable_seat_is_tried_again_by_the_main_group_whoever_called_it() {
    let mut houses = Houses::with(vec![seat()]);
    let call = houses.call(1);
    houses.tell(1, Input::Failed { call, seat: A, why: OfferEnd::Unreachable });
    houses.look_around();
    assert_eq!(houses.word(A), "unreachable");
    let until = houses.routers[0].poll_timeout().map_or(Duration::ZERO, |at| at.since(houses.now));
    houses.said(1);
    houses.pass(until);
    houses.look_around();
    assert_eq!(houses.offers(1), [(call, A)]);
}

#[test]
fn a_seat_that_lets_its_phone_ring_is_not_ready_for_any_group() {
    let mut houses = Houses::with(vec![seat()]);
    let (first, second) = (houses.call(1), houses.call(0));
    houses.tell(1, Input::Ringing { call: first, seat: A });
    houses.now = houses.now + secs(10);
    houses.tell(1, Input::Failed { call: first, seat: A, why: OfferEnd::Rona });
    houses.look_around();
    assert_eq!(houses.table.word(A).intent(), Intent::NotReady(NotReadyReason::Rona));
    assert_eq!(houses.offers(0), []);
    houses.tell(0, Input::Intent { seat: A, intent: Intent::Available });
    assert_eq!(houses.offers(0), [(second, A)]);
}

#[test]
fn a_queue_is_served_by_its_group_s_router_and_by_the_main_one_where_there_is_none() {
    let mut houses = Houses::open(rules(3, &queue(), vec![seat()]), 2);
    houses.calls += 1;
    let call = CallId::new(1, 0, 1);
    let wait =
        |queue| Input::Wait { call, queue: QueueId(queue), profile: caller(), since: houses.now, answer_by: houses.now, admitted: false };
    let (of_second, of_third) = (wait(1), wait(2));
    houses.tell(0, of_second);
    assert_eq!(houses.said(0), [Output::Refused { call, why: Refusal::OtherGroup }]);
    houses.tell(0, of_third);
    assert_eq!(houses.offers(0), [(call, A)]);
}

#[test]
fn a_call_whose_queue_moves_to_another_group_is_handed_back() {
    let mut houses = Houses::with(vec![]);
    let call = houses.call(0);
    houses.said(0);
    let moved = Plan { queue_groups: vec![GroupId(1), GroupId(1)], ..rules(2, &queue(), vec![]) };
    houses.tell(0, Input::Rules(Arc::new(moved)));
    assert_eq!(houses.said(0), [Output::Refused { call, why: Refusal::OtherGroup }]);
    assert_eq!(houses.routers[0].waiting(QueueId(0)), 0);
}

/// What may happen next; numbers choose among what is there.
#[derive(Clone, Copy, Debug)]
enum Step {
    Call(usize),
    Leave(usize),
    Answer(usize),
    Fail(usize, usize),
    Release(usize),
    Engage(usize),
    Intent(usize, usize),
    Reachable(usize, bool),
    Look(usize),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let n = || 0usize..40;
    prop_oneof![
        6 => (0usize..3).prop_map(Step::Call),
        1 => n().prop_map(Step::Leave),
        5 => n().prop_map(Step::Answer),
        2 => (n(), 0usize..5).prop_map(|(call, why)| Step::Fail(call, why)),
        4 => n().prop_map(Step::Release),
        1 => n().prop_map(Step::Engage),
        2 => (n(), 0usize..4).prop_map(|(seat, intent)| Step::Intent(seat, intent)),
        1 => (n(), any::<bool>()).prop_map(|(seat, reachable)| Step::Reachable(seat, reachable)),
        6 => (0usize..3).prop_map(Step::Look),
        2 => (1u64..15).prop_map(Step::Pass),
    ]
}

/// What an engine knows of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Waiting,
    Offered(SeatId),
    Talking(SeatId),
}

/// Plays the engine: knows each call, its group and where it is.
struct Play {
    houses: Houses,
    calls: BTreeMap<CallId, (usize, At)>,
}

const SEATS: usize = 3;

impl Play {
    fn new() -> Self {
        let queue = Queue { wrap_up: secs(3), ..queue() };
        Self { houses: Houses::open(rules(3, &queue, vec![seat(); SEATS]), 3), calls: BTreeMap::new() }
    }

    fn nth(&self, n: usize, wanted: impl Fn(At) -> bool) -> Option<(CallId, usize, At)> {
        let all: Vec<_> = self.calls.iter().filter(|(_, (_, at))| wanted(*at)).map(|(call, (group, at))| (*call, *group, *at)).collect();
        all.get(n % all.len().max(1)).copied()
    }

    fn act(&mut self, step: Step) {
        let offered = |at| matches!(at, At::Offered(_));
        match step {
            Step::Call(group) => {
                let call = self.houses.calls + 1;
                self.calls.insert(CallId::new(1, 0, call), (group, At::Waiting));
                self.houses.call(group);
            }
            Step::Leave(n) => {
                if let Some((call, group, _)) = self.nth(n, |at| !matches!(at, At::Talking(_))) {
                    self.calls.remove(&call);
                    self.houses.tell(group, Input::Leave { call });
                }
            }
            Step::Answer(n) => {
                if let Some((call, group, At::Offered(seat))) = self.nth(n, offered) {
                    self.houses.tell(group, Input::Answered { call, seat });
                    if self.houses.routers[group].serves(seat, call) {
                        self.calls.insert(call, (group, At::Talking(seat)));
                    }
                }
            }
            Step::Fail(n, why) => {
                let why =
                    [OfferEnd::Rona, OfferEnd::Unreachable, OfferEnd::Rejected(486), OfferEnd::Rejected(603), OfferEnd::Withdrawn][why];
                if let Some((call, group, At::Offered(seat))) = self.nth(n, offered) {
                    self.calls.insert(call, (group, At::Waiting));
                    self.houses.tell(group, Input::Ringing { call, seat });
                    self.houses.tell(group, Input::Failed { call, seat, why });
                }
            }
            Step::Release(n) => {
                if let Some((call, group, At::Talking(seat))) = self.nth(n, |at| matches!(at, At::Talking(_))) {
                    self.calls.remove(&call);
                    self.houses.tell(group, Input::Released { call, seat });
                }
            }
            Step::Engage(n) => {
                let seat = SeatId((n % SEATS) as u32);
                if !self.calls.values().any(|(_, at)| *at == At::Talking(seat)) {
                    self.houses.calls += 1;
                    let call = CallId::new(1, 0, self.houses.calls);
                    self.calls.insert(call, (0, At::Talking(seat)));
                    self.houses.tell(0, Input::Engaged { call, seat, queue: None });
                }
            }
            Step::Intent(n, intent) => {
                let break_ = Intent::NotReady(NotReadyReason::Break);
                let intent = [Intent::Available, Intent::Available, break_, Intent::SignedOut][intent];
                self.houses.tell(0, Input::Intent { seat: SeatId((n % SEATS) as u32), intent });
            }
            Step::Reachable(n, reachable) => self.houses.tell(0, Input::Reachable { seat: SeatId((n % SEATS) as u32), reachable }),
            Step::Look(group) => self.houses.look(group),
            Step::Pass(seconds) => self.houses.pass(secs(seconds)),
        }
        self.hear();
    }

    fn hear(&mut self) {
        for group in 0..3 {
            for output in self.houses.said(group) {
                match output {
                    Output::Offer { call, seat, .. } => {
                        assert_eq!(self.calls.get(&call), Some(&(group, At::Waiting)), "an offer of a call that waits");
                        self.calls.insert(call, (group, At::Offered(seat)));
                    }
                    Output::Withdraw { call, seat } => {
                        if self.calls.get(&call) == Some(&(group, At::Offered(seat))) {
                            self.calls.insert(call, (group, At::Waiting));
                        }
                    }
                    Output::Nobody { .. }
                    | Output::Answered { .. }
                    | Output::Late { .. }
                    | Output::Seat { .. }
                    | Output::Direct { .. }
                    | Output::NotAssigned { .. }
                    | Output::Refused { .. } => {}
                }
            }
        }
    }

    /// Once all have looked: every seat has at most one call, and no call waits that has a ready seat.
    fn check(&mut self) {
        self.houses.look_around();
        self.hear();
        for seat in (0..SEATS as u32).map(SeatId) {
            let word = self.houses.table.word(seat);
            let at = |wanted: At| self.calls.values().filter(|(_, at)| *at == wanted).count();
            let (offered, talking) = (at(At::Offered(seat)), at(At::Talking(seat)));
            let activity = word.activity();
            assert_eq!(
                (offered, talking),
                (usize::from(activity == Activity::Offered), usize::from(activity == Activity::OnCall)),
                "{seat:?}"
            );
            let waiting = self.calls.values().filter(|(_, at)| *at == At::Waiting).count();
            assert!(!word.is_ready() || waiting == 0, "{seat:?} is ready and {waiting} calls wait");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn whatever_happens_and_whoever_looks_when_each_seat_has_one_call_and_no_pair_stays_unmatched(
        steps in prop::collection::vec(step(), 1..80),
        every in 1usize..20,
    ) {
        let mut play = Play::new();
        for (number, step) in steps.into_iter().enumerate() {
            play.act(step);
            if number % every == 0 {
                play.check();
            }
        }
        play.check();
        // Leases end by themselves: pauses, wrap-ups, offers that nobody answered.
        for _ in 0..10 {
            play.act(Step::Pass(20));
            play.check();
        }
    }
}

#[test]
fn who_came_or_went_between_a_line_and_the_look_is_counted_in_it_once() {
    let out = || vec![Seat { sign_in: false, ..seat() }; 2];
    let at_break = Intent::NotReady(NotReadyReason::Break);
    for (there, leaves, attended) in [(vec![A], A, false), (vec![A, B], A, true)] {
        for looks_between in [true, false] {
            let mut houses = Houses::with(out());
            for seat in &there {
                houses.tell(0, Input::Intent { seat: *seat, intent: at_break });
            }
            if looks_between {
                houses.look_around();
            }
            // The line is made now; what it knows of the seats is told, or still to be told.
            let call = houses.call(1);
            houses.look_around();
            assert!(houses.routers[1].is_attended(call), "{there:?}");
            houses.tell(0, Input::Intent { seat: leaves, intent: Intent::SignedOut });
            houses.look_around();
            assert_eq!(houses.routers[1].is_attended(call), attended, "{there:?}, {looks_between}");
        }
    }
}

#[test]
fn no_call_is_held_for_a_tier_whose_last_seat_signed_out_as_its_line_was_made_r39() {
    let (near, external) = (Seat { sign_in: false, ..seat() }, Seat { origin: Origin::External, ..seat() });
    let mut plan = rules(2, &queue(), vec![near, external]);
    plan.assign.tiers = vec![(Tier::InternalNear, secs(10)), (Tier::Internal, Duration::ZERO), (Tier::External, Duration::ZERO)];
    let mut houses = Houses::open(plan, 2);
    houses.tell(0, Input::Intent { seat: A, intent: Intent::NotReady(NotReadyReason::Break) });
    let first = houses.call(1);
    houses.look_around();
    houses.tell(1, Input::Leave { call: first });
    houses.tell(0, Input::Intent { seat: A, intent: Intent::SignedOut });
    houses.look_around();
    houses.said(1);
    let second = houses.call(1);
    assert_eq!(houses.offers(1), [(second, B)]);
}
