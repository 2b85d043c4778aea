use super::{Cx, Fired, Purpose, Timer, is_reliable};
use crate::timers::{T1, T1X64, doubled};
use hotline_model::history::Flow;
use std::time::Duration;

/// The INVITE client transaction (RFC 3261 17.1.1, RFC 6026 8.4).
#[derive(Debug)]
pub(crate) struct InviteClient {
    pub(crate) purpose: Purpose,
    pub(crate) flow: Flow,
    /// Branch of the top Via, shared by CANCEL and the ACK of a failure.
    pub(crate) branch: u64,
    request: Vec<u8>,
    state: State,
}

#[derive(Debug)]
enum State {
    Calling { interval: Duration },
    Proceeding,
    Completed { ack: Vec<u8> },
    Accepted { acks: Vec<SentAck> },
    Over,
}

#[derive(Debug)]
struct SentAck {
    tag: Box<str>,
    flow: Flow,
    bytes: Vec<u8>,
}

/// More forks than this are not acknowledged a second time.
const FORKS: usize = 8;

/// What a response is to the transaction user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// 1xx; whether it is the first.
    Provisional { first: bool },
    /// 2xx; whether it is the first final response.
    Success { first: bool },
    /// The first 3xx to 6xx.
    Failure,
    /// Nothing new.
    Again,
}

impl InviteClient {
    /// Sends the request, which must be complete.
    pub(crate) fn start(cx: &mut Cx<'_>, purpose: Purpose, flow: Flow, branch: u64, request: Vec<u8>) -> Self {
        cx.send(flow, request.clone());
        if !is_reliable(flow) {
            cx.set(T1, Timer::A);
        }
        cx.set(T1X64, Timer::B);
        Self { purpose, flow, branch, request, state: State::Calling { interval: T1 } }
    }

    /// Takes up an INVITE that an earlier run sent, as if it had been told 100; the request needs no body.
    pub(crate) fn resume(purpose: Purpose, flow: Flow, branch: u64, request: Vec<u8>) -> Self {
        Self { purpose, flow, branch, request, state: State::Proceeding }
    }

    /// The INVITE as it was sent; the body may be gone.
    pub(crate) fn request(&self) -> &[u8] {
        &self.request
    }

    /// Whether a provisional response came and no final one: CANCEL may be sent (9.1).
    pub(crate) fn is_proceeding(&self) -> bool {
        matches!(self.state, State::Proceeding)
    }

    /// Whether no final response came.
    pub(crate) fn is_pending(&self) -> bool {
        matches!(self.state, State::Calling { .. } | State::Proceeding)
    }

    /// Takes a response; `ack` makes the ACK of a failure from the request as it was sent (17.1.1.3).
    pub(crate) fn on_response(&mut self, cx: &mut Cx<'_>, code: u16, ack: impl FnOnce(&[u8]) -> Vec<u8>) -> Heard {
        match (&mut self.state, code) {
            (State::Calling { .. }, ..200) => {
                self.state = State::Proceeding;
                Heard::Provisional { first: true }
            }
            (State::Proceeding, ..200) => Heard::Provisional { first: false },
            (State::Calling { .. } | State::Proceeding, 200..300) => {
                cx.set(T1X64, Timer::M);
                self.state = State::Accepted { acks: Vec::new() };
                Heard::Success { first: true }
            }
            (State::Calling { .. } | State::Proceeding, _) => {
                let ack = ack(&self.request);
                cx.send(self.flow, ack.clone());
                self.complete(cx, ack);
                Heard::Failure
            }
            (State::Completed { ack }, 300..) => {
                cx.resend(self.flow, ack);
                Heard::Again
            }
            (State::Accepted { .. }, 200..300) => Heard::Success { first: false },
            (State::Completed { .. } | State::Accepted { .. } | State::Over, _) => Heard::Again,
        }
    }

    fn complete(&mut self, cx: &mut Cx<'_>, ack: Vec<u8>) {
        self.request = Vec::new();
        if is_reliable(self.flow) {
            self.state = State::Over;
        } else {
            cx.set(T1X64, Timer::D);
            self.state = State::Completed { ack };
        }
    }

    /// Sends the ACK for a 2xx of this fork and keeps it for the next copy of that 2xx (13.2.2.4).
    pub(crate) fn acknowledge(&mut self, cx: &mut Cx<'_>, tag: &str, flow: Flow, bytes: Vec<u8>) {
        self.request = Vec::new();
        if let State::Accepted { acks } = &mut self.state
            && acks.len() < FORKS
        {
            acks.push(SentAck { tag: tag.into(), flow, bytes: bytes.clone() });
        }
        cx.send(flow, bytes);
    }

    /// Sends the ACK of a fork again, if there was one.
    pub(crate) fn acknowledge_again(&mut self, cx: &mut Cx<'_>, tag: &str) -> bool {
        let State::Accepted { acks } = &self.state else { return false };
        let Some(ack) = acks.iter().find(|ack| *ack.tag == *tag) else { return acks.len() >= FORKS };
        cx.resend(ack.flow, &ack.bytes);
        true
    }

    /// A CANCEL went out: without a final response the INVITE is over after 64*T1 (9.1).
    pub(crate) fn cancelled(&mut self, cx: &mut Cx<'_>) {
        cx.set(T1X64, Timer::Cancelled);
    }

    /// Ends it without any further message.
    pub(crate) fn abort(&mut self) {
        self.state = State::Over;
    }

    pub(super) fn on_timer(&mut self, cx: &mut Cx<'_>, timer: Timer) -> Fired {
        match (&mut self.state, timer) {
            (State::Calling { interval }, Timer::A) => {
                *interval = doubled(*interval, T1X64);
                let next = *interval;
                cx.resend(self.flow, &self.request);
                if next < T1X64 {
                    cx.set(next, Timer::A);
                }
                Fired::Nothing
            }
            (State::Calling { .. }, Timer::B) | (State::Proceeding, Timer::Cancelled) => {
                self.state = State::Over;
                Fired::Timeout
            }
            (State::Completed { .. }, Timer::D) | (State::Accepted { .. }, Timer::M) => {
                self.state = State::Over;
                Fired::Nothing
            }
            (State::Calling { .. } | State::Proceeding | State::Completed { .. } | State::Accepted { .. } | State::Over, _) => {
                Fired::Nothing
            }
        }
    }

    pub(super) fn wants(&self, timer: Timer) -> bool {
        match self.state {
            State::Calling { .. } => matches!(timer, Timer::A | Timer::B | Timer::Cancelled),
            State::Proceeding => timer == Timer::Cancelled,
            State::Completed { .. } => timer == Timer::D,
            State::Accepted { .. } => timer == Timer::M,
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
