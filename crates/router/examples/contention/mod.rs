//! Threads that claim and free seats of one table as fast as they can. Each claimed seat is signed by its owner, so that a seat claimed
//! twice is noticed. The same code runs behind one mutex, for comparison.
#![allow(clippy::disallowed_methods, reason = "it measures threads")]

use hotline_model::{Activity, Intent, SeatId, Timestamp};
use hotline_router::SeatTable;
use hotline_rules::GroupId;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Barrier, Mutex, MutexGuard};
use std::time::Instant;

const SEATS: u32 = 10_000;
const SKILLS: usize = 256;
const SKILLS_PER_SEAT: u64 = 8;
/// Seats that a thread holds before it frees the first.
const HELD: usize = 2_000;
/// Of the best ready seats of a skill so many are compared by idle time.
const COMPARED: usize = 8;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As the router does it.
    LockFree,
    /// Each claim and each release inside one mutex.
    Mutex,
}

/// How it went.
pub struct Outcome {
    pub claims: u64,
    /// Claims of a seat that somebody held, or releases of one that its owner no longer held.
    pub violations: u64,
    /// Claims by their time in steps of 10 ns.
    times: Vec<u64>,
}

const STEP_NS: u64 = 10;
const STEPS: usize = 100_000;

impl Outcome {
    /// The time in ns that a share of the claims stays within, to 10 ns; 1 ms stands for more.
    pub fn percentile(&self, share: f64) -> u64 {
        let mut left = (self.claims as f64 * share) as u64;
        let within = |count: &u64| {
            let here = left < *count;
            left = left.saturating_sub(*count);
            here
        };
        self.times.iter().position(within).unwrap_or(STEPS) as u64 * STEP_NS
    }
}

struct Hall {
    table: SeatTable,
    /// The seats that master each skill.
    skilled: Vec<Vec<SeatId>>,
    /// Who holds each seat, 0 for nobody.
    owners: Vec<AtomicU32>,
    lock: Mutex<()>,
    form: Form,
}

/// Lets `threads` threads claim together `claims` times.
pub fn run(form: Form, threads: u32, claims: u64) -> Outcome {
    let hall = Hall::new(form);
    let begin = Barrier::new(threads as usize);
    std::thread::scope(|scope| {
        let (hall, begin) = (&hall, &begin);
        let workers: Vec<_> = (1..=threads)
            .map(|me| {
                scope.spawn(move || {
                    begin.wait();
                    hall.work(me, claims / u64::from(threads))
                })
            })
            .collect();
        let outcomes = workers.into_iter().map(|worker| worker.join().expect("a worker panics only if the hall is wrong"));
        outcomes.reduce(|mut all, one| {
            (all.claims, all.violations) = (all.claims + one.claims, all.violations + one.violations);
            all.times.iter_mut().zip(&one.times).for_each(|(all, one)| *all += one);
            all
        })
    })
    .expect("at least one thread")
}

impl Hall {
    fn new(form: Form) -> Self {
        let (table, mut spread) = (SeatTable::new(SEATS as usize), 7);
        let mut skilled = vec![Vec::new(); SKILLS];
        for seat in (0..SEATS).map(SeatId) {
            table.change(seat, |word| Some(word.with_intent(Intent::Available).with_reachable(true)));
            (0..SKILLS_PER_SEAT).for_each(|_| skilled[below(&mut spread, SKILLS)].push(seat));
        }
        let owners = (0..SEATS).map(|_| AtomicU32::new(0)).collect();
        Self { table, skilled, owners, lock: Mutex::new(()), form }
    }

    fn work(&self, me: u32, claims: u64) -> Outcome {
        let mut outcome = Outcome { claims: 0, violations: 0, times: vec![0; STEPS + 1] };
        let (mut held, mut spread, mut now) = (VecDeque::with_capacity(HELD + 1), u64::from(me), 0);
        while outcome.claims < claims {
            let (skill, from) = (below(&mut spread, SKILLS), below(&mut spread, SEATS as usize));
            let begin = Instant::now();
            let claimed = self.claim(skill, from);
            let took = begin.elapsed().as_nanos() as u64 / STEP_NS;
            if let Some(seat) = claimed {
                outcome.claims += 1;
                outcome.times[(took as usize).min(STEPS)] += 1;
                outcome.violations += u64::from(self.owner(seat).swap(me, Ordering::SeqCst) != 0);
                held.push_back(seat);
            }
            if held.len() > HELD || claimed.is_none() {
                now += 1_000;
                let Some(seat) = held.pop_front() else { continue };
                outcome.violations += u64::from(self.owner(seat).swap(0, Ordering::SeqCst) != me);
                outcome.violations += u64::from(!self.free(seat, Timestamp(now)));
            }
        }
        outcome
    }

    fn owner(&self, seat: SeatId) -> &AtomicU32 {
        &self.owners[seat.index()]
    }

    /// The longest idle of the first ready seats of a skill, from one of them on.
    fn claim(&self, skill: usize, from: usize) -> Option<SeatId> {
        let _held = self.lock();
        loop {
            let (before, after) = self.skilled[skill].split_at(from % self.skilled[skill].len());
            let words = after.iter().chain(before).map(|seat| (self.table.word(*seat), *seat));
            let (_, seat) = words.filter(|(word, _)| word.is_ready()).take(COMPARED).min_by_key(|(word, _)| word.since_ms())?;
            if self.table.claim(seat, GroupId::MAIN).is_some() {
                return Some(seat);
            }
        }
    }

    fn free(&self, seat: SeatId, now: Timestamp) -> bool {
        let _held = self.lock();
        let free = |activity| activity == Activity::Offered;
        self.table.change(seat, |word| free(word.activity()).then(|| word.with_activity(Activity::Free).with_since(now))).is_some()
    }

    fn lock(&self) -> Option<MutexGuard<'_, ()>> {
        let locked = || self.lock.lock().expect("nobody panics inside");
        (self.form == Form::Mutex).then(locked)
    }
}

/// splitmix64.
fn below(state: &mut u64, end: usize) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ *state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ mixed >> 31) % end as u64) as usize
}
