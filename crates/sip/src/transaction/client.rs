use super::{Cx, Fired, Purpose, Timer, is_reliable};
use crate::timers::{T1, T1X64, T2, T4, doubled};
use hotline_model::history::Flow;
use std::time::Duration;

/// The non-INVITE client transaction (RFC 3261 17.1.2).
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) purpose: Purpose,
    flow: Flow,
    request: Vec<u8>,
    state: State,
}

#[derive(Debug)]
enum State {
    Trying { interval: Duration },
    Proceeding,
    Completed,
    Over,
}

impl Client {
    /// Sends the request, which must be complete.
    pub(crate) fn start(cx: &mut Cx<'_>, purpose: Purpose, flow: Flow, request: Vec<u8>) -> Self {
        let kept = if is_reliable(flow) {
            Vec::new()
        } else {
            cx.set(T1, Timer::E);
            request.clone()
        };
        cx.send(flow, request);
        cx.set(T1X64, Timer::F);
        Self { purpose, flow, request: kept, state: State::Trying { interval: T1 } }
    }

    /// Takes a response; true if it is the first final one.
    pub(crate) fn on_response(&mut self, cx: &mut Cx<'_>, code: u16) -> bool {
        if !self.is_pending() {
            return false;
        }
        if code < 200 {
            self.state = State::Proceeding;
            return false;
        }
        self.request = Vec::new();
        self.state = if is_reliable(self.flow) {
            State::Over
        } else {
            cx.set(T4, Timer::K);
            State::Completed
        };
        true
    }

    /// Ends it without any further message.
    pub(crate) fn abort(&mut self) {
        self.state = State::Over;
    }

    fn is_pending(&self) -> bool {
        matches!(self.state, State::Trying { .. } | State::Proceeding)
    }

    pub(super) fn on_timer(&mut self, cx: &mut Cx<'_>, timer: Timer) -> Fired {
        match (&mut self.state, timer) {
            (State::Trying { interval }, Timer::E) => {
                *interval = doubled(*interval, T2);
                let next = *interval;
                cx.resend(self.flow, &self.request);
                cx.set(next, Timer::E);
                Fired::Nothing
            }
            (State::Proceeding, Timer::E) => {
                cx.resend(self.flow, &self.request);
                cx.set(T2, Timer::E);
                Fired::Nothing
            }
            (State::Trying { .. } | State::Proceeding, Timer::F) => {
                self.state = State::Over;
                Fired::Timeout
            }
            (State::Completed, Timer::K) => {
                self.state = State::Over;
                Fired::Nothing
            }
            (State::Trying { .. } | State::Proceeding | State::Completed | State::Over, _) => Fired::Nothing,
        }
    }

    pub(super) fn wants(&self, timer: Timer) -> bool {
        match self.state {
            State::Trying { .. } | State::Proceeding => matches!(timer, Timer::E | Timer::F),
            State::Completed => timer == Timer::K,
            State::Over => false,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    pub(super) fn open_on(&self) -> Option<Flow> {
        self.is_pending().then_some(self.flow)
    }
}
