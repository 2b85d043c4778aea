use super::{Cx, Fired, Timer, is_reliable};
use crate::endpoint::DialogId;
use crate::print::Reply;
use crate::timers::{MINUTE, T1, T1X64, T2, T4, TRYING, doubled};
use hotline_model::history::Flow;
use std::time::Duration;

/// The INVITE server transaction (RFC 3261 17.2.1, RFC 6026 8.5). It also sends the 2xx again until its ACK (13.3.1.4).
#[derive(Debug)]
pub(crate) struct InviteServer {
    /// The dialog it opens or belongs to; none for an INVITE that is refused at once.
    pub(crate) dialog: Option<DialogId>,
    pub(crate) flow: Flow,
    state: State,
}

#[derive(Debug)]
enum State {
    Proceeding { reply: Reply, last: Option<Vec<u8>> },
    Completed { response: Vec<u8>, interval: Duration },
    Confirmed,
    Accepted { unacknowledged: Option<Vec<u8>>, interval: Duration },
    Over,
}

impl InviteServer {
    /// A new INVITE; 100 follows if nothing is answered within 200 ms.
    pub(crate) fn start(cx: &mut Cx<'_>, dialog: Option<DialogId>, flow: Flow, reply: Reply) -> Self {
        cx.set(TRYING, Timer::Trying);
        Self { dialog, flow, state: State::Proceeding { reply, last: None } }
    }

    /// Whether it has no final response.
    pub(crate) fn is_proceeding(&self) -> bool {
        matches!(self.state, State::Proceeding { .. })
    }

    /// Sends a response; a second final one is not sent.
    pub(crate) fn respond(&mut self, cx: &mut Cx<'_>, code: u16, headers: &[u8], content: Option<(&str, &[u8])>) -> bool {
        let State::Proceeding { reply, last } = &mut self.state else { return false };
        let bytes = reply.print(code, headers, content);
        cx.send(self.flow, bytes.clone());
        match code {
            ..200 => {
                if last.is_none() {
                    cx.set(MINUTE, Timer::Minute);
                }
                *last = Some(bytes);
            }
            200..300 => {
                cx.set(T1, Timer::Success);
                cx.set(T1X64, Timer::L);
                self.state = State::Accepted { unacknowledged: Some(bytes), interval: T1 };
            }
            _ => {
                if !is_reliable(self.flow) {
                    cx.set(T1, Timer::G);
                }
                cx.set(T1X64, Timer::H);
                self.state = State::Completed { response: bytes, interval: T1 };
            }
        }
        true
    }

    /// The same INVITE again: the last response again; nothing once it is acknowledged.
    pub(crate) fn on_repeat(&mut self, cx: &mut Cx<'_>) {
        match &mut self.state {
            State::Proceeding { reply, last } => match last {
                Some(last) => cx.resend(self.flow, last),
                None => {
                    let trying = reply.print(100, b"", None);
                    *last = Some(trying.clone());
                    cx.send(self.flow, trying);
                }
            },
            State::Completed { response, .. } => cx.resend(self.flow, response),
            State::Accepted { unacknowledged: Some(response), .. } => cx.resend(self.flow, response),
            State::Accepted { unacknowledged: None, .. } | State::Confirmed | State::Over => {}
        }
    }

    /// The ACK of a failure (it matches the transaction, 17.2.3).
    pub(crate) fn on_ack(&mut self, cx: &mut Cx<'_>) {
        if !matches!(self.state, State::Completed { .. }) {
            return;
        }
        self.state = if is_reliable(self.flow) {
            State::Over
        } else {
            cx.set(T4, Timer::I);
            State::Confirmed
        };
    }

    /// The ACK of the 2xx (it is the dialog's); true if it is the first.
    pub(crate) fn on_success_ack(&mut self) -> bool {
        match &mut self.state {
            State::Accepted { unacknowledged, .. } => unacknowledged.take().is_some(),
            State::Proceeding { .. } | State::Completed { .. } | State::Confirmed | State::Over => false,
        }
    }

    /// Ends it without any further message.
    pub(crate) fn abort(&mut self) {
        self.state = State::Over;
    }

    pub(super) fn on_timer(&mut self, cx: &mut Cx<'_>, timer: Timer) -> Fired {
        match (&mut self.state, timer) {
            (State::Proceeding { reply, last: last @ None }, Timer::Trying) => {
                let trying = reply.print(100, b"", None);
                *last = Some(trying.clone());
                cx.send(self.flow, trying);
                cx.set(MINUTE, Timer::Minute);
            }
            (State::Proceeding { last: Some(last), .. }, Timer::Minute) => {
                cx.resend(self.flow, last);
                cx.set(MINUTE, Timer::Minute);
            }
            (State::Completed { response, interval }, Timer::G) => {
                *interval = doubled(*interval, T2);
                cx.resend(self.flow, response);
                cx.set(*interval, Timer::G);
            }
            (State::Accepted { unacknowledged: Some(response), interval }, Timer::Success) => {
                *interval = doubled(*interval, T2);
                cx.resend(self.flow, response);
                cx.set(*interval, Timer::Success);
            }
            (State::Accepted { unacknowledged, .. }, Timer::L) => {
                let fired = if unacknowledged.is_some() { Fired::NoAck } else { Fired::Nothing };
                self.state = State::Over;
                return fired;
            }
            (State::Completed { .. }, Timer::H) | (State::Confirmed, Timer::I) => self.state = State::Over,
            (State::Proceeding { .. } | State::Completed { .. } | State::Confirmed | State::Accepted { .. } | State::Over, _) => {}
        }
        Fired::Nothing
    }

    pub(super) fn wants(&self, timer: Timer) -> bool {
        match &self.state {
            State::Proceeding { last: None, .. } => timer == Timer::Trying,
            State::Proceeding { last: Some(_), .. } => timer == Timer::Minute,
            State::Completed { .. } => matches!(timer, Timer::G | Timer::H),
            State::Confirmed => timer == Timer::I,
            State::Accepted { unacknowledged: Some(_), .. } => matches!(timer, Timer::Success | Timer::L),
            State::Accepted { unacknowledged: None, .. } => timer == Timer::L,
            State::Over => false,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    pub(super) fn open_on(&self) -> Option<Flow> {
        matches!(self.state, State::Accepted { unacknowledged: Some(_), .. }).then_some(self.flow)
    }
}
