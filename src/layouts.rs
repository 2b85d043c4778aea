//! Lays new rules out for the routers before the engine gets them, so that its step with them is short; and drops what they replaced.

use crate::engine_thread::{Mailbox, Message};
use crossbeam_channel::{Receiver, Sender};
use hotline_engine::{Engine, Prepared};
use hotline_router::{Layout, SeatTable, Share, Wanted};
use hotline_rules::{GroupId, Plan};
use std::sync::Arc;
use std::time::Duration;

/// Longest time that new rules wait for what they are to be laid out for: they must not come late for it.
const SURVEY: Duration = Duration::from_millis(250);
/// What was replaced and waits to be dropped: by one reload, of as many routers as there can be.
const REPLACED: usize = 8;

/// What new rules are laid out for.
pub struct Ground {
    /// The calls that wait.
    pub wanted: Wanted,
    /// The seats as they are.
    pub seats: Arc<SeatTable>,
    /// How many routers share them.
    pub routers: u8,
}

impl Ground {
    /// That of an engine.
    pub fn of(engine: &Engine) -> Self {
        Self { wanted: engine.wanted(), seats: Arc::clone(engine.seats()), routers: engine.groups() }
    }

    /// Asks the engine; `None` if it does not answer soon.
    fn survey(mailbox: &Mailbox) -> Option<Self> {
        let (sender, receiver) = crossbeam_channel::bounded(1);
        mailbox.try_send(Message::Survey(Box::new(move |ground| drop(sender.try_send(ground))))).ok()?;
        receiver.recv_timeout(SURVEY).ok()
    }

    /// Lays rules out for each router, the engine's own first.
    fn lay_out(&self, plan: &Arc<Plan>) -> Vec<Layout> {
        let shares = (0..self.routers).map(|group| Share { group: GroupId(group), routers: self.routers });
        shares.map(|share| Layout::new(plan, &self.seats, share, &self.wanted)).collect()
    }

    /// All that is made beforehand of new rules, and once more for the calls that came meanwhile.
    pub fn prepare(&self, plan: &Arc<Plan>, again: impl Fn() -> Option<Self>) -> Option<Ready> {
        let mut layouts = self.lay_out(plan);
        if let Some(since) = again() {
            layouts.iter_mut().for_each(|layout| layout.add(&since.seats, &since.wanted));
        }
        let mut layouts = layouts.into_iter();
        Some(Ready { engine: Prepared::new(plan, layouts.next()?), groups: layouts.collect() })
    }
}

/// What is made of new rules before the engine gets them.
pub struct Ready {
    /// For the engine.
    pub engine: Prepared,
    /// For the routers of further groups.
    pub groups: Vec<Layout>,
}

/// Makes rules ready; nothing if the engine does not answer soon, whose step is then the longer one.
pub fn prepare(plan: &Arc<Plan>, mailbox: &Mailbox) -> Option<Ready> {
    Ground::survey(mailbox)?.prepare(plan, || Ground::survey(mailbox))
}

/// What rules replaced.
pub type Old = Box<dyn Send>;

/// Where what new rules replaced is put, to be dropped by the thread that loads them.
pub struct Bin {
    sender: Sender<Old>,
    receiver: Receiver<Old>,
}

impl Default for Bin {
    fn default() -> Self {
        let (sender, receiver) = crossbeam_channel::bounded(REPLACED);
        Self { sender, receiver }
    }
}

impl Bin {
    /// A way into it.
    pub fn way(&self) -> Sender<Old> {
        self.sender.clone()
    }

    /// Drops what is in it.
    pub fn empty(&self) {
        self.receiver.try_iter().for_each(drop);
    }
}

/// Puts what rules replaced where it is dropped, or drops it here if there is no room.
pub fn put_away(old: Option<impl Send + 'static>, bin: &mut Option<Sender<Old>>) {
    if let (Some(old), Some(bin)) = (old, bin.take()) {
        // What finds no room comes back, and is dropped.
        let _ = bin.try_send(Box::new(old));
    }
}
