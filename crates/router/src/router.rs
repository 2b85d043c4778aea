use crate::{Input, Output, SeatTable};
use hotline_model::{CallId, QueueId, SeatId, SeatState, Timestamp};
use hotline_rules::Plan;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Calls on one side, seats on the other.
#[derive(Debug)]
pub struct Router {
    table: Arc<SeatTable>,
    outputs: VecDeque<Output>,
}

impl Router {
    /// A router for a plan. Seats with a fixed contact that is not pinged count as reachable, seats with `sign_in` as signed in.
    pub fn new(_now: Timestamp, _plan: Arc<Plan>, table: Arc<SeatTable>) -> Self {
        Self { table, outputs: VecDeque::new() }
    }

    /// Takes an input; what is due at `now` comes first.
    pub fn handle(&mut self, now: Timestamp, _input: Input) {
        self.handle_timeout(now);
    }

    /// Does what is due at `now`: leases, wrap-up, delays, steps and holds.
    pub fn handle_timeout(&mut self, _now: Timestamp) {}

    /// When [`Router::handle_timeout`] is due next.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        None
    }

    /// The next output, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// A seat's state; signed out if the plan has no such seat.
    pub fn seat_state(&self, seat: SeatId) -> SeatState {
        self.table.word(seat).state()
    }

    /// How many calls wait in a queue, by entry or by overflow; one that is being offered does not.
    pub fn waiting(&self, _queue: QueueId) -> usize {
        0
    }

    /// How long the call that waits longest in a queue has waited.
    pub fn oldest(&self, _queue: QueueId, _now: Timestamp) -> Option<Duration> {
        None
    }

    /// A waiting call's place in its queue, from 1: how many rank before it, plus one.
    pub fn position(&self, _call: CallId) -> Option<usize> {
        None
    }
}
