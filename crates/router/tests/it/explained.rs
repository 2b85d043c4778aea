//! The tracer says what the router does.

use crate::house::*;
use hotline_model::history::OfferEnd;
use hotline_model::{Activity, Intent, Profile, QueueId, SeatId, SeatState, Timestamp};
use hotline_router::{Candidate, Input, Moment, Openings, Output, Turn, Verdict, candidates};
use hotline_rules::{Origin, Plan, Queue, Reserve, Seat, Serves, Step, Tier};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What a journal would hold of the seats; an offer that the caller left costs a seat none of its idle time.
fn journalled(plan: &Plan, said: &[(Timestamp, Output)]) -> BTreeMap<SeatId, (SeatState, Timestamp)> {
    let first = |seat: &Seat| SeatState {
        intent: if seat.sign_in { Intent::Available } else { Intent::SignedOut },
        activity: Activity::Free,
        reachable: true,
    };
    let mut seats: BTreeMap<SeatId, _> = (0..).map(SeatId).zip(plan.seats.iter().map(|seat| (first(seat), START))).collect();
    for (at, output) in said {
        let Output::Seat { seat, state, .. } = output else { continue };
        let idle = seats.get(seat).map(|(before, since)| (before.activity, *since));
        let since = match (idle, state.activity) {
            (Some((Activity::Free, since)), Activity::Offered) | (Some((Activity::Offered, since)), Activity::Free) => since,
            (Some(_) | None, _) => *at,
        };
        seats.insert(*seat, (*state, since));
    }
    seats
}

/// When [`House`] opens.
const START: Timestamp = Timestamp(1_000_000_000);

fn traced(plan: &Arc<Plan>, profile: &Profile, waited: Duration, seats: &BTreeMap<SeatId, (SeatState, Timestamp)>) -> Vec<Candidate> {
    candidates(&Moment { plan, queue: Q, profile, waited }, seats)
}

fn verdicts(all: &[Candidate]) -> BTreeMap<SeatId, &Verdict> {
    all.iter().map(|candidate| (candidate.seat, &candidate.verdict)).collect()
}

#[test]
fn each_removed_seat_is_told_the_rule_that_removes_it() {
    let line = Queue {
        seats: (0..6).map(SeatId).collect(),
        steps: vec![Step { after: secs(0), requires: at_least(BILLING, 5), ..Step::default() }],
        ..queue()
    };
    let cleared = |proficiency| Seat { cleared: true, ..skilled(proficiency) };
    let seats = vec![
        cleared([5, 3, 0]),
        Seat { retired: true, ..cleared([5, 3, 0]) },
        skilled([5, 3, 0]),
        cleared([5, 2, 0]),
        cleared([4, 3, 0]),
        Seat { origin: Origin::External, ..cleared([5, 3, 0]) },
        cleared([5, 3, 0]),
    ];
    let mut plan = plan(vec![line], seats);
    plan.assign.tiers.pop();
    let profile = Profile { sensitive: true, skills: vec![need(ZH, 3)], ..caller() };
    let all = traced(&Arc::new(plan), &profile, secs(0), &BTreeMap::new());
    let all = verdicts(&all);
    assert!(matches!(all[&SeatId(0)], Verdict::Member { step: 0, tier: Tier::InternalNear, proficiency: 5, turn: Turn::Ready(0), .. }));
    let removed: Vec<&Verdict> = (1..7).map(|id| all[&SeatId(id)]).collect();
    let lacks = Verdict::Lacks(need(ZH, 3));
    assert_eq!(removed, [&Verdict::Retired, &Verdict::NotCleared, &lacks, &Verdict::NoStep, &Verdict::NoTier, &Verdict::NotNamed]);
}

#[test]
fn a_ready_seat_of_a_later_step_or_behind_a_hold_is_told_when_its_time_comes() {
    let steps = vec![
        Step { after: secs(0), requires: at_least(ZH, 5), ..Step::default() },
        Step { after: secs(10), requires: at_least(ZH, 1), ..Step::default() },
    ];
    let seats = vec![skilled([0, 5, 0]), skilled([0, 1, 0]), Seat { origin: Origin::External, ..skilled([0, 5, 0]) }];
    let mut plan = plan(vec![Queue { steps, ..queue() }], seats);
    plan.assign.tiers = vec![(Tier::Internal, secs(7)), (Tier::External, secs(0))];
    let busy = SeatState { intent: Intent::Available, activity: Activity::WrapUp, reachable: true };
    let all = traced(&Arc::new(plan), &caller(), secs(2), &[(A, (busy, Timestamp(5_000_000)))].into());
    let turn = |seat: SeatId| if let Verdict::Member { turn, .. } = verdicts(&all)[&seat] { Some(*turn) } else { None };
    assert!(matches!(verdicts(&all)[&A], Verdict::Member { state, .. } if *state == busy), "as it was told");
    assert_eq!([A, B, C].map(turn), [Turn::NotReady, Turn::Later(secs(10)), Turn::Later(secs(7))].map(Some));
}

#[test]
fn a_step_that_is_passed_over_opens_the_next_one_as_it_would_open_itself_and_it_is_told_by_how_many() {
    let step = |after, least| Step { after: secs(after), requires: at_least(ZH, least), ..Step::default() };
    let steps = vec![step(0, 6), Step { consider_if: 3, ..step(10, 4) }, step(40, 1)];
    let seats = vec![skilled([0, 6, 0]), skilled([0, 4, 0]), skilled([0, 1, 0]), skilled([0, 4, 0])];
    let plan = Arc::new(plan(vec![Queue { steps, ..queue() }], seats));
    let mut openings = Openings::new(&Moment { plan: &plan, queue: Q, profile: &caller(), waited: secs(0) });
    let third = |openings: &Openings| (openings.steps().collect::<Vec<_>>()[2], openings.of(C).map(|opening| opening.opens));
    [A, B, C].into_iter().for_each(|seat| openings.set_present(seat, true));
    assert_eq!((third(&openings), openings.passed_over(1), openings.step_at(secs(10))), ((secs(10), Some(secs(10))), Some(2), 2));
    openings.set_present(SeatId(3), true);
    assert_eq!((third(&openings), openings.passed_over(1), openings.step_at(secs(10))), ((secs(40), Some(secs(40))), None, 1));
}

fn any_seat() -> impl Strategy<Value = Seat> {
    let proficiency = proptest::array::uniform3(0u8..4);
    (proficiency, any::<bool>(), any::<bool>(), proptest::option::of(0u16..3), any::<bool>()).prop_map(
        |(proficiency, external, cleared, region, sign_in)| Seat {
            origin: if external { Origin::External } else { Origin::Internal },
            region: region.map(hotline_model::RegionId),
            cleared,
            sign_in,
            ..skilled(proficiency)
        },
    )
}

#[derive(Clone, Debug)]
enum Happens {
    Pass(u64),
    Break(u32),
    Ready(u32),
    Reachable(u32, bool),
    Busy(u32),
    Free(u32),
    Call(bool),
}

fn happens() -> impl Strategy<Value = Happens> {
    let seat = 0u32..6;
    prop_oneof![
        (1u64..5).prop_map(Happens::Pass),
        seat.clone().prop_map(Happens::Break),
        seat.clone().prop_map(Happens::Ready),
        (seat.clone(), any::<bool>()).prop_map(|(seat, reachable)| Happens::Reachable(seat, reachable)),
        seat.clone().prop_map(Happens::Busy),
        seat.prop_map(Happens::Free),
        any::<bool>().prop_map(Happens::Call),
    ]
}

struct Watched {
    house: House,
    said: Vec<(Timestamp, Output)>,
    engaged: BTreeMap<SeatId, hotline_model::CallId>,
}

impl Watched {
    fn listen(&mut self) {
        let now = self.house.now;
        self.said.extend(self.house.said().into_iter().map(|output| (now, output)));
    }

    fn step(&mut self, step: &Happens) {
        match *step {
            Happens::Pass(time) => (0..time * 10).for_each(|_| {
                self.house.pass(Duration::from_millis(100));
                self.listen();
            }),
            Happens::Break(seat) => self.house.take_break(SeatId(seat)),
            Happens::Ready(seat) => self.house.ready(SeatId(seat)),
            Happens::Reachable(seat, reachable) => self.house.tell(Input::Reachable { seat: SeatId(seat), reachable }),
            Happens::Busy(seat) => {
                let call = self.house.keep_busy(SeatId(seat));
                self.engaged.insert(SeatId(seat), call);
            }
            Happens::Free(seat) => {
                if let Some(call) = self.engaged.remove(&SeatId(seat)) {
                    self.house.release(call, SeatId(seat));
                }
            }
            Happens::Call(answered) => {
                let call = self.house.call_to(QueueId(1), caller());
                self.listen();
                let offered = self.said.iter().rev().find_map(|(_, output)| match output {
                    Output::Offer { call: offered, seat, .. } if *offered == call => Some(*seat),
                    Output::Offer { .. } | Output::Nobody { .. } | Output::Withdraw { .. } => None,
                    Output::Answered { .. }
                    | Output::Late { .. }
                    | Output::Direct { .. }
                    | Output::Seat { .. }
                    | Output::Refused { .. }
                    | Output::NotAssigned { .. } => None,
                });
                match offered {
                    Some(seat) if answered => {
                        self.house.answer(call, seat);
                        self.engaged.insert(seat, call);
                    }
                    Some(seat) => self.house.fail(call, seat, OfferEnd::CallerGone),
                    None => self.house.tell(Input::Leave { call }),
                }
            }
        }
        self.listen();
    }
}

proptest! {
    /// What the router chose is the tracer's first, and where it found nobody the tracer names nobody.
    #[test]
    fn the_first_candidate_is_the_seat_that_the_router_chose(
        seats in proptest::collection::vec(any_seat(), 6),
        history in proptest::collection::vec(happens(), 0..30),
        needs in proptest::collection::vec((0u16..3, 1u8..3), 0..2),
        (sensitive, region, waited, strict, named, hold) in
            (any::<bool>(), proptest::option::of(0u16..3), 0u64..20, 0u8..4, any::<bool>(), 0u64..6),
    ) {
        let line = Queue {
            steps: vec![
                Step { after: secs(0), requires: at_least(BILLING, strict), ..Step::default() },
                Step { after: secs(8), requires: at_least(BILLING, strict.saturating_sub(1)), ..Step::default() },
            ],
            seats: if named { vec![SeatId(0), SeatId(2), SeatId(3), SeatId(5)] } else { Vec::new() },
            ..queue()
        };
        let open = || {
            let mut plan = plan(vec![line.clone(), queue()], seats.clone());
            plan.assign.tiers[0].1 = secs(hold);
            plan
        };
        let profile = Profile {
            skills: needs.into_iter().map(|(skill, least)| need(hotline_model::SkillId(skill), least)).collect(),
            sensitive,
            region: region.map(hotline_model::RegionId),
            ..caller()
        };
        let mut watched = Watched { house: House::open(open()), said: Vec::new(), engaged: BTreeMap::new() };
        watched.listen();
        std::iter::once(&Happens::Pass(1)).chain(&history).for_each(|step| watched.step(step));
        let plan = Arc::new(open());
        let seats = journalled(&plan, &watched.said);
        let all = traced(&plan, &profile, secs(waited), &seats);
        let call = hotline_model::CallId::new(9, 0, 1);
        let (now, since) = (watched.house.now, watched.house.now - secs(waited));
        watched.house.tell(Input::Wait { call, queue: Q, profile, since, answer_by: now + secs(30), admitted: false });
        let chosen = watched.house.said().into_iter().find_map(|output| match output {
            Output::Offer { seat, decision, .. } => Some((Some(seat), decision)),
            Output::Nobody { decision, .. } => Some((None, decision)),
            Output::Withdraw { .. }
            | Output::Direct { .. }
            | Output::Answered { .. }
            | Output::Late { .. }
            | Output::Seat { .. }
            | Output::Refused { .. }
            | Output::NotAssigned { .. } => None,
        });
        let (chosen, decision) = chosen.expect("the router answers");
        let first = all.first().filter(|candidate| matches!(candidate.verdict, Verdict::Member { turn: Turn::Ready(0), .. }));
        prop_assert_eq!(first.map(|candidate| candidate.seat), chosen);
        let members = all.iter().filter(|one| matches!(one.verdict, Verdict::Member { step, .. } if step <= usize::from(decision.step)));
        prop_assert_eq!(members.count(), decision.admitted as usize);
    }
}

#[test]
fn of_many_ready_seats_with_a_delay_each_the_last_is_told_its_time_too() {
    let delay = |n: u64| Duration::from_millis(n * 1_000 + n * n % 997);
    let seats: Vec<Seat> = (1..=400).map(|n| Seat { queues: vec![Serves { queue: Q, priority: 1, delay: delay(n) }], ..seat() }).collect();
    let plan = Arc::new(plan(vec![queue()], seats));
    let all = traced(&plan, &caller(), secs(0), &BTreeMap::new());
    let all = verdicts(&all);
    for (seat, n) in (0..).map(SeatId).zip(1..=400) {
        assert!(matches!(all[&seat], Verdict::Member { turn: Turn::Later(at), .. } if *at == delay(n)), "{n}: {:?}", all[&seat]);
    }
}

#[test]
fn a_ready_seat_with_a_delay_or_of_the_reserve_is_told_as_such() {
    let reserve = Reserve { requires: at_least(EN, 9), seats: Vec::new(), waiting: 5, longest: secs(0) };
    let delayed = Seat { queues: vec![Serves { queue: Q, priority: 1, delay: secs(20) }], ..seat() };
    let plan = plan(vec![Queue { reserve: Some(reserve), ..queue() }], vec![skilled([5, 5, 9]), delayed, seat()]);
    let all = traced(&Arc::new(plan), &caller(), secs(3), &BTreeMap::new());
    let turn = |seat: SeatId| if let Verdict::Member { turn, .. } = verdicts(&all)[&seat] { Some(*turn) } else { None };
    assert_eq!([A, B, C].map(turn), [Turn::Reserve, Turn::Later(secs(20)), Turn::Ready(0)].map(Some));
}
