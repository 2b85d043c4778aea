//! The routers of queue groups, each on a thread of its own, on the seats that they share: calls come, are answered, end, and a seat that one
//! group frees serves the other. Each claimed seat is signed by its owner, so that a seat claimed twice is noticed; at the end nobody may
//! wait who could have a ready seat. The same code runs behind one mutex, for comparison.
#![allow(clippy::disallowed_methods, reason = "it measures threads")]

use super::world::{Shape, in_groups};
use hotline_model::{CallId, LanguageId, Profile, QueueId, SeatId, Timestamp};
use hotline_router::{Input, Output, Router, SeatTable, Share};
use hotline_rules::{GroupId, Plan};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One router for all queues.
    OneThread,
    /// A router per group.
    TwoThreads,
    /// A router per group, and each step of either inside one mutex.
    Mutex,
}

/// How it went.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Offers made.
    pub offers: u64,
    /// Of them, those of seats that another group had freed last.
    pub taken_over: u64,
    /// Seats that two calls had at once.
    pub double: u64,
    /// Calls that wait at the end although a seat is ready for them.
    pub unmatched: u64,
    /// How long all of it took.
    pub took: Duration,
    /// How long each call took to be offered a seat at once, by thread, in ns.
    pub claims: Vec<Vec<u64>>,
    /// How long each seat took to become ready, and to be offered a waiting call if there was one, by thread, in ns.
    pub readies: Vec<Vec<u64>>,
}

/// Calls that may wait in a group; beyond it none comes.
const MOST_WAITING: usize = 500;
const MILLISECOND: Duration = Duration::from_millis(1);

struct Hall {
    plan: Arc<Plan>,
    table: Arc<SeatTable>,
    /// Who has each seat, 0 for nobody; and who had it last.
    owners: Vec<AtomicU32>,
    last: Vec<AtomicU32>,
    lock: Option<Mutex<()>>,
    routers: u8,
}

/// Lets the routers make so many offers together, with nearly as many calls as seats.
pub fn run(form: Form, shape: Shape, offers: u64) -> Outcome {
    let routers = if form == Form::OneThread { 1 } else { 2 };
    let seats = shape.seats as usize;
    let zeros = || (0..seats).map(|_| AtomicU32::new(0)).collect();
    let hall = Hall {
        plan: Arc::new(in_groups(shape, 2)),
        table: Arc::new(SeatTable::shared(seats, usize::from(routers))),
        owners: zeros(),
        last: zeros(),
        lock: (form == Form::Mutex).then(|| Mutex::new(())),
        routers,
    };
    let held = seats * 19 / 20 / usize::from(routers);
    let mut groups: Vec<Group<'_>> = (0..routers).map(|group| Group::new(&hall, group, held)).collect();
    groups.iter_mut().for_each(Group::warm_up);
    let (begin, share) = (Barrier::new(groups.len()), offers / u64::from(routers));
    let started = Instant::now();
    std::thread::scope(|scope| {
        for group in &mut groups {
            let begin = &begin;
            scope.spawn(move || {
                begin.wait();
                group.work(share);
            });
        }
    });
    let took = started.elapsed();
    close(&hall, groups, took)
}

/// All look at what the others did, then nobody may be left who could have a seat.
fn close(hall: &Hall, mut groups: Vec<Group<'_>>, took: Duration) -> Outcome {
    while (0..hall.routers).any(|group| !hall.table.has_seen_all(GroupId(group))) {
        groups.iter_mut().for_each(Group::look_around);
    }
    let mut outcome = Outcome { took, ..Outcome::default() };
    for group in groups {
        outcome.unmatched += group.unmatched();
        outcome.offers += group.offers;
        outcome.taken_over += group.taken_over;
        outcome.double += group.double;
        outcome.claims.push(group.claims);
        outcome.readies.push(group.readies);
    }
    outcome
}

/// Offers after which a thread lets the other go on.
const TURN: u64 = 256;

struct Group<'h> {
    hall: &'h Hall,
    router: Router,
    share: Share,
    now: Timestamp,
    calls: u32,
    spread: u64,
    /// Most calls answered and not over, and these.
    most: usize,
    talking: VecDeque<(CallId, SeatId)>,
    /// Where each waiting call waits, and since when.
    waiting: BTreeMap<CallId, (QueueId, Timestamp)>,
    offers: u64,
    taken_over: u64,
    double: u64,
    claims: Vec<u64>,
    readies: Vec<u64>,
}

impl<'h> Group<'h> {
    fn new(hall: &'h Hall, group: u8, most: usize) -> Self {
        let (now, share) = (Timestamp(1_000_000_000), Share { group: GroupId(group), routers: hall.routers });
        let router = Router::of_group(now, hall.plan.clone(), hall.table.clone(), share);
        let (talking, waiting) = (VecDeque::with_capacity(most + MOST_WAITING), BTreeMap::new());
        let (offers, taken_over, double) = (0, 0, 0);
        let spread = u64::from(group) + 1;
        let (claims, readies) = (Vec::new(), Vec::new());
        Self { hall, router, share, now, calls: 0, spread, most, talking, waiting, offers, taken_over, double, claims, readies }
    }

    /// Makes every line, and fills the house.
    fn warm_up(&mut self) {
        self.look_around();
        while self.talking.len() < self.most && self.waiting.len() < MOST_WAITING {
            self.call();
        }
    }

    fn work(&mut self, offers: u64) {
        (self.offers, self.taken_over) = (0, 0);
        (self.claims, self.readies) = (Vec::with_capacity(offers as usize + 1), Vec::with_capacity(offers as usize + 1));
        while self.offers < offers {
            if self.waiting.len() < MOST_WAITING {
                self.call();
            }
            if self.talking.len() >= self.most || self.waiting.len() >= MOST_WAITING {
                self.end_call();
            }
            self.look_around();
            // Where the threads share a processor, each has its turns.
            if self.offers.is_multiple_of(TURN) {
                std::thread::yield_now();
            }
        }
    }

    fn call(&mut self) {
        self.calls += 1;
        let call = CallId::new(1, self.share.group.0, self.calls);
        let queue = self.queue();
        let wait =
            Input::Wait { call, queue, profile: Profile::unknown(LanguageId(0)), since: self.now, answer_by: self.now, admitted: false };
        self.waiting.insert(call, (queue, self.now));
        let before = self.offers;
        let took = self.tell(wait);
        if self.offers > before {
            self.claims.push(took);
        }
    }

    fn queue(&mut self) -> QueueId {
        loop {
            let queue = QueueId(below(&mut self.spread, self.hall.plan.queues.len()) as u16);
            if self.share.has(&self.hall.plan, queue) {
                return queue;
            }
        }
    }

    fn end_call(&mut self) {
        let Some((call, seat)) = self.talking.pop_front() else { return };
        self.hall.owners[seat.index()].store(0, Ordering::SeqCst);
        let took = self.tell(Input::Released { call, seat });
        self.readies.push(took);
    }

    /// One step of the router, timed.
    fn tell(&mut self, input: Input) -> u64 {
        self.now = self.now + MILLISECOND;
        let begin = Instant::now();
        let locked = self.hall.lock();
        self.router.handle(self.now, input);
        drop(locked);
        let took = begin.elapsed().as_nanos() as u64;
        self.listen();
        took
    }

    fn look_around(&mut self) {
        let locked = self.hall.lock();
        self.router.look_around(self.now);
        drop(locked);
        self.listen();
    }

    /// Who is offered a call answers.
    fn listen(&mut self) {
        while let Some(output) = self.router.poll_output() {
            let Output::Offer { call, seat, .. } = output else { continue };
            let me = u32::from(self.share.group.0) + 1;
            self.offers += 1;
            self.double += u64::from(self.hall.owners[seat.index()].swap(me, Ordering::SeqCst) != 0);
            self.taken_over += u64::from(![0, me].contains(&self.hall.last[seat.index()].swap(me, Ordering::Relaxed)));
            self.waiting.remove(&call);
            self.talking.push_back((call, seat));
            let locked = self.hall.lock();
            self.router.handle(self.now, Input::Answered { call, seat });
            drop(locked);
        }
    }

    fn unmatched(&self) -> u64 {
        let ready = |seat: &u32| self.hall.table.word(SeatId(*seat)).is_ready();
        let ready: Vec<u32> = (0..self.hall.plan.seats.len() as u32).filter(ready).collect();
        let could_have_one = |(queue, since): &&(QueueId, Timestamp)| {
            let waited = self.now.since(*since);
            let steps = self.hall.plan.queue(*queue).steps.iter().filter(|step| step.after <= waited);
            let admits = |seat: &u32, step: &hotline_rules::Step| step.requires.admits(&self.hall.plan.seats[*seat as usize].proficiency);
            steps.into_iter().any(|step| ready.iter().any(|seat| admits(seat, step)))
        };
        self.waiting.values().filter(could_have_one).count() as u64
    }
}

impl Hall {
    fn lock(&self) -> Option<MutexGuard<'_, ()>> {
        self.lock.as_ref().map(|lock| lock.lock().expect("nobody panics inside"))
    }
}

/// splitmix64.
fn below(state: &mut u64, end: usize) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ *state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ mixed >> 31) % end as u64) as usize
}
