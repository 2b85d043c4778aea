//! Random schedules of everything that can happen, through the router and through the reference. A failing one is shrunk and written
//! to a file, which is replayed from then on.

mod ahead;
mod files;
mod shrink;
mod world;

use super::Reference;
use super::worlds::{QUEUES, REGIONS, SEATS, SKILLS, Worlds};
use hotline_model::history::{OfferEnd, Trigger};
use hotline_model::{
    CallId, CustomerType, Intent, LanguageId, Need, NotReadyReason, Priority, Profile, QueueId, RegionId, SeatId, SkillId, Timestamp,
};
use hotline_router::{Input, Output, Router, SeatTable};
use hotline_rules::Plan;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// One thing that happens; its numbers are taken modulo what there is to choose from.
#[derive(Clone, Copy, Debug)]
struct Happening {
    wait_ms: u32,
    what: u32,
    a: u32,
    b: u32,
    c: u32,
}

struct Both {
    seed: u64,
    now: Timestamp,
    router: Router,
    /// What is heard of what the router says: all of it, unless a test wants it to seem wrong.
    heard: Heard,
    reference: Reference,
    next_call: u32,
    revisions: u64,
    /// Calls that are in: where each is offered or served, `None` while it waits.
    calls: BTreeMap<CallId, Option<SeatId>>,
    /// Those that wait in no queue.
    direct: BTreeSet<CallId>,
    /// What each seat that is not free is engaged in.
    offered: BTreeMap<SeatId, CallId>,
    talking: BTreeMap<SeatId, CallId>,
    /// Calls that ever had a seat.
    talked: BTreeSet<CallId>,
    seq: u64,
}

type Checked = Result<(), String>;
type Heard = fn(Output) -> Option<Output>;

/// When everything begins.
const BEGIN: Timestamp = Timestamp(1_000_000);

/// What a schedule came to: when something was to happen, and what, if there was anything.
type Taken = Vec<(Timestamp, Option<Input>)>;

fn check(holds: bool, what: impl Fn() -> String) -> Checked {
    if holds { Ok(()) } else { Err(what()) }
}

impl Both {
    fn new(seed: u64, plan: Arc<Plan>, heard: Heard) -> Self {
        let now = BEGIN;
        let router = Router::new(now, plan.clone(), Arc::new(SeatTable::new(64)));
        let reference = Reference::new(now, plan);
        let (calls, direct, offered, talking, talked) = Default::default();
        Self { seed, now, router, heard, reference, next_call: 0, revisions: 0, calls, direct, offered, talking, talked, seq: 0 }
    }

    fn step(&mut self, happening: Happening, taken: &mut Taken) -> Checked {
        let at = self.until(happening);
        taken.push((at, None));
        self.pass(at)?;
        let Some(input) = self.input(happening) else { return Ok(()) };
        taken.last_mut().expect("it was pushed above").1 = Some(input.clone());
        self.take(input)
    }

    fn take(&mut self, input: Input) -> Checked {
        self.note(&input);
        self.router.handle(self.now, input.clone());
        self.reference.handle(self.now, input);
        self.compare()
    }

    /// Time passes: not at all, for a while, or exactly until the router wants to be called.
    fn until(&self, happening: Happening) -> Timestamp {
        match happening.wait_ms {
            0..200 => self.now,
            200..500 => self.router.poll_timeout().unwrap_or(self.now).max(self.now),
            ms => self.now + Duration::from_millis(u64::from(ms)),
        }
    }

    fn pass(&mut self, until: Timestamp) -> Checked {
        if until == self.now {
            return Ok(());
        }
        self.now = until;
        self.router.handle_timeout(self.now);
        self.reference.handle_timeout(self.now);
        self.compare()?;
        check(self.router.poll_timeout().is_none_or(|next| next > self.now), || "it wants to be called again at once".into())
    }

    fn input(&mut self, Happening { what, a, b, c, .. }: Happening) -> Option<Input> {
        // One that the rules don't have is among them.
        let seat = SeatId(a % (self.reference.plan.seats.len() as u32 + 1));
        let nth = |map: &BTreeMap<SeatId, CallId>| map.iter().nth(a as usize % map.len().max(1)).map(|(seat, call)| (*seat, *call));
        let some_call = self.calls.keys().nth(b as usize % self.calls.len().max(1)).copied();
        let offer = nth(&self.offered);
        Some(match what % 51 {
            0..9 => self.arrival(a, b, c),
            9 => Input::Leave { call: some_call? },
            10..14 => offer.map(|(seat, call)| Input::Ringing { call, seat })?,
            14..18 => offer.map(|(seat, call)| Input::Answered { call, seat })?,
            18 => Input::Answered { call: some_call?, seat },
            19..24 => offer.map(|(seat, call)| Input::Failed { call, seat, why: failure(c) })?,
            24..29 => nth(&self.talking).map(|(seat, call)| Input::Released { call, seat })?,
            29 => Input::WrapUpDone { seat },
            30 if c % 5 == 0 => Input::Look { seat },
            30..33 => Input::Intent { seat, intent: intent(c) },
            33 => Input::Intent { seat, intent: Intent::Available },
            34 => Input::Reachable { seat, reachable: c % 3 > 0 },
            35 => Input::Engaged {
                call: if c % 2 == 0 { some_call? } else { self.fresh_call() },
                seat,
                queue: (c % 3 == 0).then_some(QueueId(c as u16 % QUEUES)),
            },
            36 => Input::Breached { call: some_call? },
            37 => Input::Overflow { call: some_call?, queue: some_queue(c) },
            40..42 => Input::Reprioritise { call: some_call?, priority: Priority::ALL[c as usize % 3] },
            42 if c % 8 == 0 => Input::Assign { call: self.fresh_call(), seat },
            42..44 => Input::Assign { call: some_call?, seat: SeatId(c % (SEATS + 1)) },
            44..47 => Input::Direct {
                call: self.any_call(a, b),
                seat,
                queue: (c % 4 > 0).then_some(QueueId(c as u16 % QUEUES)),
                sensitive: b % 5 == 0,
                answer_by: self.now + Duration::from_millis(u64::from(c % 30_000)),
            },
            47..50 => {
                Input::WrapsUp { call: self.any_call(a, b), seat, until: Timestamp(self.now.0 + i64::from(c % 20) * 1_000_000 - 1_500_000) }
            }
            50 => stale(some_call?, seat, c),
            38 if c % 3 == 0 => self.rules(),
            38 => self.again(some_call?, a, c),
            _ => offer.map(|(seat, call)| Input::Failed { call, seat, why: OfferEnd::Rona })?,
        })
    }

    fn fresh_call(&mut self) -> CallId {
        self.next_call += 1;
        CallId::new(1, 0, self.next_call)
    }

    /// One that talks, so that its own wrap-up is met too, one that waits, or a new one.
    fn any_call(&mut self, a: u32, b: u32) -> CallId {
        let talks = self.talked.iter().nth(a as usize % self.talked.len().max(1)).copied();
        let waits = self.calls.keys().nth(a as usize % self.calls.len().max(1)).copied();
        match b % 4 {
            0 => waits,
            1 => None,
            _ => talks,
        }
        .unwrap_or_else(|| self.fresh_call())
    }

    fn arrival(&mut self, a: u32, b: u32, c: u32) -> Input {
        let call = self.fresh_call();
        self.again(call, a, b ^ c)
    }

    fn again(&mut self, call: CallId, a: u32, b: u32) -> Input {
        let mut pick = ChaCha8Rng::seed_from_u64(u64::from(a) << 32 | u64::from(b));
        let mut profile = Profile::unknown(LanguageId(0));
        profile.priority = Priority::ALL[pick.random_range(0..3)];
        profile.region = pick.random_bool(0.6).then(|| RegionId(pick.random_range(0..REGIONS)));
        profile.sensitive = pick.random_bool(0.2);
        profile.owner = pick.random_bool(0.3).then(|| SeatId(pick.random_range(0..SEATS)));
        profile.last = pick.random_bool(0.3).then(|| SeatId(pick.random_range(0..SEATS)));
        profile.preferred = pick.random_bool(0.3).then(|| SeatId(pick.random_range(0..SEATS)));
        profile.customer_type = CustomerType::ALL[pick.random_range(0..3)];
        for _ in 0..pick.random_range(0..3) {
            profile.skills.push(Need { skill: SkillId(pick.random_range(0..SKILLS)), at_least: pick.random_range(1..3) });
        }
        let since = self.now - Duration::from_millis(pick.random_range(0..2) * pick.random_range(0..8000));
        let (queue, answer_by, admitted) = (some_queue(pick.random()), since + Duration::from_secs(30), pick.random_bool(0.1));
        Input::Wait { call, queue, profile, since, answer_by, admitted }
    }

    fn rules(&mut self) -> Input {
        self.revisions += 1;
        Input::Rules(Arc::new(Worlds::new(self.seed ^ self.revisions << 48).plan(SEATS + self.revisions as u32)))
    }

    /// What the engine knows after telling the router.
    fn note(&mut self, input: &Input) {
        match input {
            Input::Wait { call, .. } => {
                self.direct.remove(call);
                self.calls.insert(*call, None);
            }
            Input::Direct { call, .. } => {
                self.direct.insert(*call);
                self.calls.remove(call);
            }
            Input::Leave { call } => self.forget(*call),
            Input::Answered { call, seat } if self.offered.get(seat) == Some(call) => {
                self.offered.remove(seat);
                self.calls.remove(call);
                self.talking.insert(*seat, *call);
                self.talked.insert(*call);
            }
            Input::Engaged { call, seat, .. } if seat.index() < self.reference.plan.seats.len() => {
                if self.offered.get(seat) == Some(call) {
                    self.offered.remove(seat);
                    self.calls.remove(call);
                }
                self.talking.insert(*seat, *call);
            }
            Input::Failed { call, seat, why } if self.offered.get(seat) == Some(call) => match why {
                OfferEnd::CallerGone => self.forget(*call),
                OfferEnd::Rona | OfferEnd::Rejected(_) | OfferEnd::Unreachable | OfferEnd::Withdrawn => {
                    self.offered.remove(seat);
                    self.back_in_line(*call);
                }
            },
            Input::Released { call, seat } if self.talking.get(seat) == Some(call) => drop(self.talking.remove(seat)),
            Input::WrapsUp { call, .. } => drop(self.talked.insert(*call)),
            Input::Answered { .. }
            | Input::Engaged { .. }
            | Input::Failed { .. }
            | Input::Released { .. }
            | Input::Ringing { .. }
            | Input::WrapUpDone { .. }
            | Input::Intent { .. }
            | Input::Reachable { .. }
            | Input::Breached { .. }
            | Input::Assign { .. }
            | Input::Reprioritise { .. }
            | Input::Overflow { .. }
            | Input::Look { .. }
            | Input::Rules(_) => {}
        }
    }

    fn forget(&mut self, call: CallId) {
        self.calls.remove(&call);
        self.offered.retain(|_, other| *other != call);
    }

    fn compare(&mut self) -> Checked {
        let mut said = Vec::new();
        while let Some(output) = self.router.poll_output() {
            let Some(output) = (self.heard)(output) else { continue };
            self.in_order(&output)?;
            self.follow(&output)?;
            said.extend(in_short(&output));
        }
        let mut meant: Vec<String> = self.reference.outputs.drain(..).filter_map(|output| in_short(&output)).collect();
        let offers = |said: &[String]| said.iter().filter(|text| text.starts_with("offer")).cloned().collect::<Vec<_>>();
        check(offers(&said) == offers(&meant), || format!("offers {:?} instead of {:?}", offers(&said), offers(&meant)))?;
        said.sort();
        meant.sort();
        check(said == meant, || format!("said {said:?} instead of {meant:?}"))?;
        self.compare_states()
    }

    fn compare_states(&self) -> Checked {
        check(self.router.inversions() == 0, || format!("{} inversions", self.router.inversions()))?;
        for seat in (0..self.reference.plan.seats.len() as u32).map(SeatId) {
            let (is, should) = (self.router.seat_state(seat), self.reference.seat_state(seat));
            check(is == should, || format!("{seat:?} is {is:?} instead of {should:?}"))?;
        }
        let waiting = self.reference.waiting();
        for queue in (0..self.reference.plan.queues.len() as u16).map(QueueId) {
            let here: Vec<&CallId> = waiting.iter().filter(|call| self.reference.queues_of(**call).contains(&queue)).collect();
            check(self.router.waiting(queue) == here.len(), || format!("{} wait in {queue:?}", self.router.waiting(queue)))?;
            for (place, call) in here.iter().enumerate().filter(|(_, call)| self.reference.queues_of(***call)[0] == queue) {
                check(self.router.position(**call) == Some(place + 1), || format!("{call} at {:?}", self.router.position(**call)))?;
            }
        }
        let still: Vec<CallId> = self.calls.iter().filter(|(_, seat)| seat.is_none()).map(|(call, _)| *call).collect();
        check(still.iter().all(|call| waiting.contains(call)) && still.len() == waiting.len(), || "a call is lost".into())
    }

    /// Decisions and seat changes are numbered in the order in which they come.
    fn in_order(&mut self, output: &Output) -> Checked {
        let seq = match output {
            Output::Offer { decision, .. } | Output::Nobody { decision, .. } => decision.seq,
            Output::Seat { seq, .. } => *seq,
            Output::Direct { .. }
            | Output::Withdraw { .. }
            | Output::Answered { .. }
            | Output::Late { .. }
            | Output::NotAssigned { .. }
            | Output::Refused { .. } => {
                return Ok(());
            }
        };
        check(seq == self.seq + 1, || format!("seq {seq} after {}", self.seq))?;
        self.seq = seq;
        Ok(())
    }

    fn follow(&mut self, output: &Output) -> Checked {
        match output {
            Output::Offer { call, seat, decision, .. } => {
                check(decision.seat == seat.0 && decision.call == *call, || format!("decision {decision:?}"))?;
                check(!self.offered.contains_key(seat), || format!("{seat:?} is offered two calls"))?;
                check(self.router.seat_state(*seat).activity != hotline_model::Activity::Free, || "an offered seat is free".into())?;
                let before = self.calls.insert(*call, Some(*seat));
                check(before == Some(None), || format!("{call} is offered though it does not wait"))?;
                self.offered.insert(*seat, *call);
                if decision.trigger == Trigger::ByHand {
                    return Ok(());
                }
                let passed_over = self.reference.passed_over(self.now, *seat, *call, decision.queue);
                check(passed_over.is_empty(), || format!("{passed_over:?} are passed over"))?;
            }
            Output::Withdraw { call, seat } => {
                check(self.offered.remove(seat) == Some(*call), || format!("{call} was not offered to {seat:?}"))?;
                self.back_in_line(*call);
            }
            Output::Direct { call, seat, .. } => {
                check(!self.offered.contains_key(seat), || format!("{seat:?} is offered two calls"))?;
                self.calls.insert(*call, Some(*seat));
                self.offered.insert(*seat, *call);
            }
            Output::Refused { call, .. } => drop(self.calls.remove(call)),
            Output::Nobody { .. } | Output::Answered { .. } | Output::Late { .. } | Output::NotAssigned { .. } | Output::Seat { .. } => {}
        }
        Ok(())
    }

    /// After an offer that failed, unless the call waits in no queue.
    fn back_in_line(&mut self, call: CallId) {
        if self.direct.contains(&call) {
            self.calls.remove(&call);
        } else {
            self.calls.insert(call, None);
        }
    }

    /// Without further inputs every offer is withdrawn by its lease.
    fn finish(&mut self) -> Checked {
        let before: Vec<(SeatId, CallId)> = self.offered.iter().map(|(seat, call)| (*seat, *call)).collect();
        self.now = self.now + Duration::from_secs(60);
        self.router.handle_timeout(self.now);
        self.reference.handle_timeout(self.now);
        let mut withdrawn = Vec::new();
        while let Some(output) = self.router.poll_output() {
            if let Output::Withdraw { call, seat } = output {
                withdrawn.push((seat, call));
            }
        }
        withdrawn.sort();
        check(withdrawn == before, || format!("offers {before:?}, withdrawn {withdrawn:?}"))
    }
}

/// One that the rules don't have is among them.
fn some_queue(c: u32) -> QueueId {
    QueueId(if c.is_multiple_of(32) { QUEUES } else { c as u16 % QUEUES })
}

/// What may be told of a call and a seat that have nothing, or no longer anything, to do with each other.
fn stale(call: CallId, seat: SeatId, c: u32) -> Input {
    match c % 3 {
        0 => Input::Ringing { call, seat },
        1 => Input::Failed { call, seat, why: failure(c / 3) },
        _ => Input::Released { call, seat },
    }
}

fn failure(c: u32) -> OfferEnd {
    let ends = [
        OfferEnd::Rona,
        OfferEnd::Rejected(486),
        OfferEnd::Rejected(603),
        OfferEnd::Unreachable,
        OfferEnd::Withdrawn,
        OfferEnd::CallerGone,
    ];
    ends[c as usize % ends.len()]
}

fn intent(c: u32) -> Intent {
    [Intent::Available, Intent::NotReady(NotReadyReason::Break), Intent::SignedOut][c as usize % 3]
}

fn in_short(output: &Output) -> Option<String> {
    match output {
        Output::Offer { call, seat, ring, decision } => Some(format!("offer {call} to {} from {} for {ring:?}", seat.0, decision.queue.0)),
        Output::Nobody { call, .. } => Some(format!("nobody for {call}")),
        Output::Direct { call, seat, ring } => Some(format!("offer {call} to {} directly for {ring:?}", seat.0)),
        Output::Withdraw { .. } | Output::Answered { .. } | Output::Late { .. } | Output::NotAssigned { .. } | Output::Refused { .. } => {
            Some(format!("{output:?}"))
        }
        Output::Seat { .. } => None,
    }
}

fn schedule(seed: u64) -> Vec<Happening> {
    let mut pick = ChaCha8Rng::seed_from_u64(seed);
    let one = |pick: &mut ChaCha8Rng| {
        let wait_ms = pick.random_range(0..1000);
        let wait_ms = if pick.random_bool(0.1) { wait_ms * 15 } else { wait_ms };
        Happening { wait_ms, what: pick.random(), a: pick.random(), b: pick.random(), c: pick.random() }
    };
    (0..pick.random_range(10..80)).map(|_| one(&mut pick)).collect()
}

fn plan(seed: u64) -> Arc<Plan> {
    Arc::new(Worlds::new(seed).plan(SEATS))
}

fn run(seed: u64, happenings: &[Happening], heard: Heard, taken: &mut Taken) -> Checked {
    guarded(|| {
        let mut both = Both::new(seed, plan(seed), heard);
        happenings.iter().try_for_each(|happening| both.step(*happening, taken))?;
        both.finish()
    })
}

fn guarded(all: impl FnOnce() -> Checked) -> Checked {
    catch_unwind(AssertUnwindSafe(all)).unwrap_or_else(|_| Err("a panic".into()))
}

#[test]
fn random_schedules_go_through_the_router_as_through_the_reference() {
    let count = std::env::var("HOTLINE_SCHEDULES").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let first = std::env::var("HOTLINE_FIRST_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0u64);
    let mut taken = Taken::new();
    for seed in first..first + count {
        taken.clear();
        if let Err(error) = run(seed, &schedule(seed), Some, &mut taken) {
            panic!("seed {seed}: {error}\n{}", files::keep(Path::new(files::FOLDER), (seed, &error), &taken, Some));
        }
    }
}

#[test]
fn random_schedules_have_every_input_in_them() {
    let mut kinds = BTreeSet::new();
    for seed in 0..300 {
        let mut taken = Taken::new();
        run(seed, &schedule(seed), Some, &mut taken).unwrap();
        let inputs = taken.iter().filter_map(|(_, input)| Some(format!("{:?}", input.as_ref()?)));
        kinds.extend(inputs.filter_map(|input| input.split([' ', '(']).next().map(str::to_owned)));
    }
    let all = "Answered Assign Breached Direct Engaged Failed Intent Leave Look Overflow Reachable Released Reprioritise Ringing Rules Wait \
        WrapUpDone WrapsUp";
    assert_eq!(kinds, all.split_whitespace().map(str::to_owned).collect());
}
