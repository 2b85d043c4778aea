//! The clocks of a live call (manual.md B1): started, warned, met, breached or dropped, each told to the journal.

use crate::call::{Call, Phase, Waiting};
use crate::world::{Alarm, World};
use hotline_model::QueueId;
use hotline_model::history::{ClockChange, ClockEvent, EventKind};
use hotline_router::Input;
use std::time::Duration;

/// System pick-up (R2).
pub(crate) const K1: u8 = 1;
/// Voice response (R10): not one of a call's clocks but one for each turn, see [`crate::reply`].
pub(crate) const K2: u8 = 2;
/// Agent answer (R5).
pub(crate) const K3: u8 = 3;
/// First communication (R6).
pub(crate) const K4: u8 = 4;
/// Problem handled (R7).
pub(crate) const K5: u8 = 5;
/// Timely response to a call-back (R19).
pub(crate) const K8: u8 = 8;
/// The receiver of a transfer answers (R59).
pub(crate) const K9: u8 = 9;
/// Dedicated session (R45): a time that is to be available, met when it is over.
pub(crate) const K10: u8 = 10;
/// Complaint recorded and reported (R79).
pub(crate) const K11: u8 = 11;

/// Announcements that begin closer to each other are one after the other for a caller: what is said of a wait takes some 7 s.
const APART: Duration = Duration::from_secs(10);

/// A clock of a call that runs or ran.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    number: u8,
    limit: Duration,
    state: ClockChange,
}

impl Clock {
    fn runs(self) -> bool {
        matches!(self.state, ClockChange::Started | ClockChange::Warned)
    }
}

impl Call {
    /// Starts a clock at `since`; a part of it may be over already.
    pub fn start_clock(&mut self, world: &mut World, number: u8, since: hotline_model::Timestamp, limit: Duration) {
        self.clocks.retain(|clock| clock.number != number);
        self.clocks.push(Clock { number, limit, state: ClockChange::Started });
        self.tell_clock(world, number, ClockChange::Started, limit);
        if number != K10 {
            let warn_at = world.plan.timers.warn_at;
            self.alarm(world, Alarm::Warn(number), since + limit.mul_f64(warn_at));
        }
        self.alarm(world, Alarm::Limit(number), since + limit);
    }

    /// Takes a clock up as the journal left it; what is told already is not told again.
    pub fn resume_clock(&mut self, world: &mut World, number: u8, since: hotline_model::Timestamp, limit: Duration, state: ClockChange) {
        self.clocks.push(Clock { number, limit, state });
        self.wake_clock(world, number, since);
    }

    /// Sets the alarms of a clock that runs since then.
    pub fn wake_clock(&mut self, world: &mut World, number: u8, since: hotline_model::Timestamp) {
        let Some(clock) = self.clocks.iter().find(|clock| clock.number == number).copied().filter(|clock| clock.runs()) else { return };
        if clock.state == ClockChange::Started && number != K10 {
            let warn_at = world.plan.timers.warn_at;
            self.alarm(world, Alarm::Warn(number), since + clock.limit.mul_f64(warn_at));
        }
        self.alarm(world, Alarm::Limit(number), since + clock.limit);
    }

    /// A clock's goal is reached. One that was breached stays breached.
    pub fn stop_clock(&mut self, world: &mut World, number: u8, change: ClockChange) {
        self.alarms.clear(world, Alarm::Warn(number));
        self.alarms.clear(world, Alarm::Limit(number));
        self.change_clock(world, number, change);
    }

    /// We end the call: a dedicated session that had less than its time is a violation (R45).
    pub fn breach_dedicated(&mut self, world: &mut World) {
        self.alarms.clear(world, Alarm::Limit(K10));
        self.change_clock(world, K10, ClockChange::Breached);
    }

    /// Every clock that still runs no longer applies, but for that of a message which stays (R19).
    pub fn drop_clocks(&mut self, world: &mut World) {
        let stays = |number: u8| number == K8 && matches!(&self.phase, Phase::Message(message) if message.is_left());
        let running = self.clocks.iter().filter(|clock| clock.runs() && !stays(clock.number));
        let running: Vec<u8> = running.map(|clock| clock.number).collect();
        for number in running {
            self.stop_clock(world, number, ClockChange::Dropped);
        }
    }

    /// Four fifths of the limit are over (`timers.warn_at`).
    pub fn on_warning(&mut self, world: &mut World, number: u8) {
        self.change_clock(world, number, ClockChange::Warned);
    }

    /// The limit is over.
    pub fn on_limit(&mut self, world: &mut World, number: u8) {
        if number == K2 {
            self.on_reply_late(world);
        } else if number == K1 && self.early.is_some() {
            self.answer_early(world);
        } else if number == K10 {
            self.change_clock(world, K10, ClockChange::Met);
        } else if self.change_clock(world, number, ClockChange::Breached) {
            match number {
                K3 => self.on_answer_breach(world),
                K9 => self.on_transfer_limit(world),
                _ => {}
            }
        }
    }

    /// Whether the clock was ever started.
    pub fn has_clock(&self, number: u8) -> bool {
        self.clocks.iter().any(|clock| clock.number == number)
    }

    /// Whether the clock was breached.
    pub fn is_breached(&self, number: u8) -> bool {
        self.clocks.iter().any(|clock| clock.number == number && clock.state == ClockChange::Breached)
    }

    fn change_clock(&mut self, world: &mut World, number: u8, change: ClockChange) -> bool {
        let Some(clock) = self.clocks.iter_mut().find(|clock| clock.number == number && clock.runs()) else { return false };
        clock.state = change;
        let limit = clock.limit;
        self.tell_clock(world, number, change, limit);
        true
    }

    pub fn tell_clock(&self, world: &mut World, clock: u8, change: ClockChange, limit: Duration) {
        let limit_ms = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX);
        self.record(world, EventKind::Clock(ClockEvent { clock, change, limit_ms }));
    }

    /// Ahead of those who are still in time, and in the overflow queue too, if there is one.
    pub fn tell_router_of_breach(&self, world: &mut World, queue: QueueId) -> Option<QueueId> {
        world.router.handle(world.now, Input::Breached { call: self.id });
        let overflow = world.plan.queue(queue).overflow?;
        world.router.handle(world.now, Input::Overflow { call: self.id, queue: overflow });
        Some(overflow)
    }

    /// K3 (R5, R75): supervisors hear of it through the event, the call overflows, the caller is told; it is never dropped.
    fn on_answer_breach(&mut self, world: &mut World) {
        world.counters.breached += 1;
        self.overflow_late(world);
    }

    /// What is done for a call that waits beyond its answer time.
    pub fn overflow_late(&mut self, world: &mut World) {
        let (Phase::Waiting(waiting) | Phase::Offered(waiting, _)) = &self.phase else { return };
        let waiting = waiting.clone();
        let overflow = self.tell_router_of_breach(world, waiting.queue);
        let to = overflow.map(|overflow| world.plan.queue(overflow).name.clone());
        self.record(world, EventKind::Overflowed { to });
        self.tell_of_breach(world, &waiting);
        self.next_outside(world);
    }

    /// The caller hears it, and the usual announcements are counted from it anew: two in a row would cut each other off.
    fn tell_of_breach(&mut self, world: &mut World, waiting: &Waiting) {
        let queue = world.plan.queue(waiting.queue);
        let (breach, every) = (queue.breach.clone(), queue.announce_every);
        if breach.is_empty() || self.is_asked_for_keys() {
            return;
        }
        if !every.is_zero() {
            self.alarm(world, Alarm::Announce, world.now + every);
        }
        let say = [self.news(world), breach].concat();
        let parts = self.announcement(world, &say, waiting);
        self.announce(world, &parts);
    }

    /// Whether the breach of K3, so near that one announcement would follow the other at once, is told of in the place of the usual one.
    pub fn is_told_soon(&self, world: &World, waiting: &Waiting) -> bool {
        let runs = self.clocks.iter().any(|clock| clock.number == K3 && clock.runs());
        runs && waiting.answer_by < world.now + APART && !world.plan.queue(waiting.queue).breach.is_empty()
    }
}
