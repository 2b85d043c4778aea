//! The threads of further queue groups: each runs the router of one, told by letters of the engine and by the seats that they share.

use crate::clock::Clock;
use crate::engine_thread::{Mailbox, Message};
use crate::layouts::{Old, put_away};
use anyhow::Context;
use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError};
use hotline_engine::Engine;
use hotline_model::SeatId;
use hotline_router::{Layout, Letter, Outpost, SeatTable, Share};
use hotline_rules::GroupId;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::thread::Thread;

/// Letters that may wait for a group's thread: more than it gets in a second at any load that the engine bears.
const LETTERS: usize = 65_536;
/// Letters taken in one turn.
const TURN: usize = 64;

/// Why a group's router is lost. The engine can't go on: what its routers know would differ from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// It took none for too long.
    Full(u8),
    /// Its thread has ended.
    Ended(u8),
    /// Its thread panicked.
    Panicked(u8),
}

impl std::error::Error for Lost {}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(group) => write!(f, "the router of queue group {group} does not keep up: {LETTERS} letters wait for it"),
            Self::Ended(group) => write!(f, "the router of queue group {group} has ended"),
            Self::Panicked(group) => write!(f, "the router of queue group {group} has panicked"),
        }
    }
}

/// What threads of groups are woken by.
#[derive(Clone)]
struct Wakers {
    table: Arc<SeatTable>,
    /// Those of the groups from 1 on.
    threads: Arc<OnceLock<Vec<Thread>>>,
    mailbox: Mailbox,
}

impl Wakers {
    /// Whoever sleeps and has a seat to look at is woken.
    fn wake(&self) {
        if self.table.must_wake(GroupId::MAIN) {
            self.mailbox.wake();
        }
        for (group, thread) in (1..).map(GroupId).zip(self.threads.get().into_iter().flatten()) {
            if self.table.must_wake(group) {
                thread.unpark();
            }
        }
    }
}

/// The engine's side of them.
pub struct Groups {
    wakers: Wakers,
    letters: Vec<Sender<Post>>,
}

/// What a group's thread is sent.
enum Post {
    Letter(Box<Letter>),
    /// For the rules that come next, and where to put what they replace.
    Layout(Box<Layout>, Sender<Old>),
}

impl Groups {
    /// Starts the threads of an engine's further groups; `None` if it has none. They end when this is dropped.
    ///
    /// # Errors
    /// A thread can't be started.
    pub fn spawn(engine: &Engine, clock: Clock, mailbox: &Mailbox) -> anyhow::Result<Option<Self>> {
        let routers = engine.groups();
        if routers <= 1 {
            return Ok(None);
        }
        let table = Arc::clone(engine.seats());
        let wakers = Wakers { table, threads: Arc::default(), mailbox: mailbox.clone() };
        let (mut letters, mut threads) = (Vec::new(), Vec::new());
        for group in (1..routers).map(GroupId) {
            let (sender, receiver) = crossbeam_channel::bounded(LETTERS);
            let share = Share { group, routers };
            let outpost = Outpost::new(clock.now(), Arc::clone(engine.plan()), Arc::clone(engine.seats()), share);
            let post = PostOffice { group, outpost, letters: receiver, wakers: wakers.clone(), clock, bin: None };
            let thread = std::thread::Builder::new().name(format!("group-{}", group.0)).spawn(move || post.run());
            threads.push(thread.context("cannot start the thread of a queue group")?.thread().clone());
            letters.push(sender);
        }
        if wakers.threads.set(threads).is_err() {
            anyhow::bail!("the threads of queue groups were started twice");
        }
        Ok(Some(Self { wakers, letters }))
    }

    /// Sends a letter.
    ///
    /// # Errors
    /// See [`Lost`].
    pub fn send(&self, group: GroupId, letter: Box<Letter>) -> Result<(), Lost> {
        self.post(group, Post::Letter(letter))
    }

    /// Hands over what was laid out for the rules that come next, and where to put what they replace. Without it they only take longer.
    pub fn prepare(&self, layout: Layout, bin: Sender<Old>) {
        if let Err(lost) = self.post(layout.share().group, Post::Layout(Box::new(layout), bin)) {
            tracing::warn!("{lost}: it makes the lines of new rules itself");
        }
    }

    fn post(&self, group: GroupId, post: Post) -> Result<(), Lost> {
        let Some(letters) = self.letters.get(group.index().wrapping_sub(1)) else { return Err(Lost::Ended(group.0)) };
        let sent = letters.try_send(post).map_err(|error| match error {
            TrySendError::Full(_) => Lost::Full(group.0),
            TrySendError::Disconnected(_) => Lost::Ended(group.0),
        });
        if let Some(thread) = self.wakers.threads.get().and_then(|threads| threads.get(group.index().wrapping_sub(1))) {
            thread.unpark();
        }
        sent
    }

    /// After a step of the engine.
    pub fn wake(&self) {
        self.wakers.wake();
    }

    /// Seats that the engine is to look at, since others changed them.
    pub fn told(&self) -> Vec<SeatId> {
        let mut told = Vec::new();
        if !self.wakers.table.has_seen_all(GroupId::MAIN) {
            self.wakers.table.take_told(GroupId::MAIN, |seat| told.push(seat));
        }
        told
    }

    /// The engine is about to sleep. Whether it may.
    pub fn fall_asleep(&self) -> bool {
        self.wakers.table.fall_asleep(GroupId::MAIN)
    }

    /// The engine woke by itself.
    pub fn stay_awake(&self) {
        self.wakers.table.stay_awake(GroupId::MAIN);
    }
}

/// What a group's thread owns.
struct PostOffice {
    group: GroupId,
    outpost: Outpost,
    letters: Receiver<Post>,
    wakers: Wakers,
    clock: Clock,
    /// Where what rules replace is dropped.
    bin: Option<Sender<Old>>,
}

impl PostOffice {
    /// Runs until the engine ends.
    fn run(mut self) {
        loop {
            let more = match self.take_letters() {
                Ok(more) => more,
                Err(Gone) => return,
            };
            let now = self.clock.now();
            self.outpost.look_around(now);
            if self.outpost.poll_timeout() <= now {
                self.outpost.handle_timeout(now);
            }
            if self.report().is_err() {
                return;
            }
            self.wakers.wake();
            if !more {
                self.sleep();
            }
        }
    }

    /// Whether there may be more.
    fn take_letters(&mut self) -> Result<bool, Gone> {
        for _ in 0..TURN {
            match self.letters.try_recv() {
                Ok(Post::Letter(letter)) => self.take(*letter),
                Ok(Post::Layout(layout, bin)) => {
                    self.outpost.prepare(*layout);
                    self.bin = Some(bin);
                }
                Err(TryRecvError::Empty) => return Ok(false),
                Err(TryRecvError::Disconnected) => return Err(Gone),
            }
        }
        Ok(true)
    }

    fn take(&mut self, letter: Letter) {
        self.outpost.take(self.clock.now(), letter);
        if let Some(leftovers) = self.outpost.leftovers() {
            put_away(Some(leftovers), &mut self.bin);
        }
    }

    /// Waits for room in the mailbox: the engine reads it whatever this thread does.
    fn report(&mut self) -> Result<(), Gone> {
        while let Some(report) = self.outpost.poll_report() {
            if !self.wakers.mailbox.send(Message::Report(self.group, Box::new(report))) {
                return Err(Gone);
            }
        }
        Ok(())
    }

    /// A letter unparks it before or after it parks; a seat does once it said that it sleeps.
    fn sleep(&self) {
        if self.wakers.table.fall_asleep(self.group) && self.letters.is_empty() {
            let (due, now) = (self.outpost.poll_timeout(), self.clock.now());
            std::thread::park_timeout(due.since(now));
        }
        self.wakers.table.stay_awake(self.group);
    }
}

/// The engine is told of a panic at once: a letter that would find the thread gone may be long in coming.
impl Drop for PostOffice {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.wakers.mailbox.send(Message::Lost(Lost::Panicked(self.group.0)));
        }
    }
}

/// The engine has ended.
struct Gone;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::waker::Waker;
    use hotline_model::{CallId, LanguageId, Profile, QueueId, Timestamp};
    use hotline_router::{Asked, Input, Router};
    use hotline_rules::{Plan, Queue};

    #[test]
    fn the_engine_is_told_at_once_that_the_router_of_a_group_panicked() {
        let plan = |queues: Vec<Queue>| Arc::new(Plan { queues, queue_groups: vec![GroupId::MAIN, GroupId(1)], ..Plan::default() });
        let (first, wrong) = (plan(vec![Queue::default(), Queue::default()]), plan(vec![Queue::default()]));
        let (clock, table, (mailbox, messages)) = (Clock::start(), Arc::new(SeatTable::shared(8, 2)), Mailbox::new(Waker::default()));
        let (now, share) = (clock.now(), |group| Share { group, routers: 2 });
        Router::of_group(now, Arc::clone(&first), Arc::clone(&table), share(GroupId::MAIN));
        let outpost = Outpost::new(now, first, Arc::clone(&table), share(GroupId(1)));
        let (sender, letters) = crossbeam_channel::bounded(LETTERS);
        let (profile, since, answer_by) = (Profile::unknown(LanguageId(0)), now, Timestamp(now.0 + 30_000_000));
        let waits = Input::Wait { call: CallId(1), queue: QueueId(1), profile, since, answer_by, admitted: false };
        // Ids are never taken back: rules without the queue in which a call waits are none that a router can be told.
        for input in [waits, Input::Rules(wrong)] {
            sender.send(Post::Letter(Box::new(Letter { heard: 0, asked: Asked::Input(input) }))).unwrap();
        }
        drop(sender);
        let wakers = Wakers { table, threads: Arc::default(), mailbox };
        let office = PostOffice { group: GroupId(1), outpost, letters, wakers, clock, bin: None };
        assert!(std::thread::spawn(move || office.run()).join().is_err());
        let last = messages.try_iter().last();
        assert!(matches!(last, Some(Message::Lost(Lost::Panicked(1)))));
    }
}
