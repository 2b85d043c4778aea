use super::{Endpoint, Local};
use crate::check::{Fault, check};
use crate::message::Message;
use crate::timers::WHOLE;
use crate::wire::{Framed, Framer, Limits as WireLimits, Unreadable, parse_datagram};
use hotline_model::history::Flow;
use hotline_model::{Deadline, Timestamp};

/// A TCP connection whose last message is not whole; without a deadline it has sent half a ping.
#[derive(Debug)]
pub(crate) struct Partial {
    framer: Framer,
    until: Option<Deadline>,
}

impl Endpoint {
    fn wire_limits(&self) -> WireLimits {
        WireLimits { header_bytes: self.limits.header_bytes, body_bytes: self.limits.body_bytes, ..WireLimits::default() }
    }

    pub(super) fn on_datagram(&mut self, now: Timestamp, flow: Flow, bytes: &[u8]) {
        match parse_datagram(bytes, &self.wire_limits()) {
            Ok(message) => self.on_message(now, flow, message),
            Err(Unreadable::KeepAlive) => {}
            Err(Unreadable::StartLine | Unreadable::HeadTooLarge | Unreadable::TooManyHeaders) => self.net.counters.malformed += 1,
        }
    }

    pub(super) fn on_stream(&mut self, now: Timestamp, flow: Flow, bytes: &[u8]) {
        let (mut framer, mut until) = match self.partial.remove(&flow.connection) {
            Some(partial) => (partial.framer, partial.until),
            None => (Framer::new(self.wire_limits()), None),
        };
        framer.push(bytes);
        while let Some(framed) = framer.pull() {
            if let Some(until) = until.take() {
                self.local.cancel(until);
            }
            if !self.on_framed(now, flow, framed) {
                return self.net.close(flow);
            }
        }
        if !framer.is_empty() {
            self.keep_partial(now, flow, framer, until);
        }
    }

    /// False if the connection has to be closed.
    fn on_framed(&mut self, now: Timestamp, flow: Flow, framed: Framed) -> bool {
        match framed {
            Framed::Message(message) => self.on_message(now, flow, message),
            Framed::Ping => self.net.send(flow, b"\r\n".to_vec()),
            Framed::Refused { message, fault } => {
                self.on_fault(flow, message, fault);
                return false;
            }
            Framed::Broken(_) => {
                self.net.counters.malformed += 1;
                return false;
            }
        }
        true
    }

    /// A message that has begun must be whole soon; too many connections that wait for the rest of one, and this one goes.
    fn keep_partial(&mut self, now: Timestamp, flow: Flow, framer: Framer, until: Option<Deadline>) {
        if self.partial.len() >= self.limits.connections {
            self.net.counters.full += 1;
            return self.net.close(flow);
        }
        let until = until.or_else(|| framer.is_mid_message().then(|| self.local.set(now + WHOLE, Local::Partial(flow))));
        self.partial.insert(flow.connection, Partial { framer, until });
    }

    pub(super) fn on_partial_timeout(&mut self, flow: Flow) {
        if self.partial.remove(&flow.connection).is_some() {
            self.net.counters.slow += 1;
            self.net.close(flow);
        }
    }

    pub(super) fn forget_partial(&mut self, connection: u64) {
        if let Some(until) = self.partial.remove(&connection).and_then(|partial| partial.until) {
            self.local.cancel(until);
        }
    }

    fn on_message(&mut self, now: Timestamp, flow: Flow, message: Message) {
        self.net.counters.received += 1;
        if let Err(fault) = check(&message) {
            return self.on_fault(flow, message, fault);
        }
        match message {
            Message::Request(request) => self.on_request(now, flow, request),
            Message::Response(response) => self.on_response(now, flow, response),
        }
    }

    /// A stranger is told nothing (a 400 would tell a scanner that somebody is here).
    fn on_fault(&mut self, flow: Flow, message: Message, fault: Fault) {
        self.net.counters.malformed += 1;
        match (message, fault) {
            (Message::Request(request), Fault::Respond { code, .. }) if self.is_known_source(flow) => self.refuse(flow, request, code, b""),
            (Message::Request(_) | Message::Response(_), Fault::Respond { .. } | Fault::Drop(_)) => {}
        }
    }
}
