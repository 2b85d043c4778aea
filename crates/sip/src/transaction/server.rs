use super::{Cx, Fired, Timer, is_reliable};
use crate::endpoint::DialogId;
use crate::print::Reply;
use crate::timers::T1X64;
use hotline_model::history::Flow;

/// The non-INVITE server transaction (RFC 3261 17.2.2). No 408 and no late provisional is ever sent (RFC 4320 4).
#[derive(Debug)]
pub(crate) struct Server {
    /// The dialog that will answer it (UPDATE).
    pub(crate) dialog: Option<DialogId>,
    flow: Flow,
    state: State,
}

#[derive(Debug)]
enum State {
    Trying { reply: Reply },
    Completed { response: Vec<u8> },
    Over,
}

impl Server {
    /// A new request that is answered later, within 64*T1.
    pub(crate) fn start(cx: &mut Cx<'_>, dialog: Option<DialogId>, flow: Flow, reply: Reply) -> Self {
        cx.set(T1X64, Timer::J);
        Self { dialog, flow, state: State::Trying { reply } }
    }

    /// A new request that is answered now.
    pub(crate) fn answered(cx: &mut Cx<'_>, flow: Flow, response: Vec<u8>) -> Self {
        cx.send(flow, response.clone());
        let mut server = Self { dialog: None, flow, state: State::Over };
        server.complete(cx, response);
        server
    }

    /// Sends the final response.
    pub(crate) fn respond(&mut self, cx: &mut Cx<'_>, code: u16, headers: &[u8], content: Option<(&str, &[u8])>) -> bool {
        let State::Trying { reply } = &self.state else { return false };
        let response = reply.print(code, headers, content);
        cx.send(self.flow, response.clone());
        self.complete(cx, response);
        true
    }

    fn complete(&mut self, cx: &mut Cx<'_>, response: Vec<u8>) {
        if is_reliable(self.flow) {
            self.state = State::Over;
        } else {
            cx.set(T1X64, Timer::J);
            self.state = State::Completed { response };
        }
    }

    /// The same request again.
    pub(crate) fn on_repeat(&mut self, cx: &mut Cx<'_>) {
        if let State::Completed { response } = &self.state {
            cx.resend(self.flow, response);
        }
    }

    /// `Timeout` if nobody answered in time: then nobody may any more (RFC 4320 4.2).
    pub(super) fn on_timer(&mut self, timer: Timer) -> Fired {
        if timer != Timer::J {
            return Fired::Nothing;
        }
        match std::mem::replace(&mut self.state, State::Over) {
            State::Trying { .. } => Fired::Timeout,
            State::Completed { .. } | State::Over => Fired::Nothing,
        }
    }

    pub(super) fn wants(&self, timer: Timer) -> bool {
        timer == Timer::J && !self.is_over()
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }
}
