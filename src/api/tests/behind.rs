//! The engine behind the mailbox, without sockets: it has taken up two conversations of a run before, 1001 in call 3-0-1 and 1002 in
//! call 3-0-2; and two messages whose callers are gone. Each order finds them as they were, whatever the order before has done.

use super::call;
use crate::clock::Clock;
use crate::engine_thread::{Look, Message, desk, look};
use crate::folder::Revision;
use crate::replay::Recorder;
use hotline_engine::{Input, Output};
use hotline_model::history::{
    Cause, Codec, DialogState, Direction, Flow, MediaState, MessageEnd, MessageLeft, MessageOrder, Side, Transport,
};
use hotline_model::{CallEvent, EventKind, LegRole, Name, Number, Priority, WallTime};
use hotline_sip::Listener;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const SIP: ([u8; 4], u16) = ([127, 0, 0, 1], 5060);

/// The calls whose messages wang and the supervisor have.
pub const WANGS: u32 = 8;
/// See [`WANGS`].
pub const SUPERVISORS: u32 = 9;

/// Answers messages like the engine's thread.
pub struct Behind {
    clock: Clock,
    revision: Revision,
    carried_out: Arc<AtomicU64>,
}

impl Behind {
    /// With these rules; counts in `carried_out` what the engine wrote down of orders.
    pub fn new(rules: &str, carried_out: Arc<AtomicU64>) -> Self {
        let source = hotline_rules::Source { path: "rules.toml".into(), text: rules.into() };
        let plan = match hotline_rules::load(&[source], None) {
            Ok(loaded) => Arc::new(loaded.plan),
            Err(findings) => panic!("{findings:?}"),
        };
        let revision =
            Revision { plan, prompts: Arc::default(), sounds: None, sources: Vec::new(), warnings: Vec::new(), left_out: Vec::new() };
        Self { clock: Clock::start(), revision, carried_out }
    }

    fn engine(&self) -> Recorder {
        let listener = Listener { transport: Transport::Udp, local: SIP.into(), advertise: None };
        let config = hotline_engine::Config {
            sip: hotline_sip::Config { listeners: vec![listener], ..hotline_sip::Config::default() },
            rtp_ports: (10..20).map(rtp).collect(),
            rtp_advertise: None,
            identity: "127.0.0.1:5060".into(),
            epoch: 4,
            shard: 0,
            max_calls: 10,
            seed: [7; 32],
        };
        let mut engine = Recorder::new(self.clock.now(), self.clock.wall_offset(), config, &self.revision, 1, None);
        let at = self.clock.now().to_wall(self.clock.wall_offset());
        let calls = [1, 2].map(|count| (call(count), conversation(count, at)));
        let messages = [(WANGS, "wang"), (SUPERVISORS, "supervisor")].map(|(count, has)| (call(count), message(count, has, at)));
        engine.restore(self.clock.now(), &calls.into_iter().chain(messages).collect());
        while engine.poll_output().is_some() {}
        engine
    }

    /// What is to be seen of the engine.
    pub fn look(&self) -> Look {
        look(self.engine().engine())
    }

    /// Takes a message; what no request leads to is left.
    pub fn take(&self, message: Message) {
        let now = self.clock.now();
        let mut engine = self.engine();
        match message {
            Message::Look(answer) => answer(look(engine.engine())),
            Message::Desk { at, by, order, answer } => {
                let done = desk(&mut engine, now, &at, by, order);
                self.count(engine);
                answer(done);
            }
            Message::Switch(switch, answer) => {
                engine.handle(now, Input::Switch(switch));
                self.count(engine);
                answer(());
            }
            Message::Voicemail { call, by, order, answer } => {
                engine.handle(now, Input::Message { call, by, order });
                let came = engine.engine().message_answer().clone();
                self.count(engine);
                answer(came);
            }
            Message::ByHand { call, by, order, answer } => {
                engine.handle(now, Input::ByHand { call, by, order });
                let refused = engine.engine().refused();
                self.count(engine);
                answer(refused);
            }
            _ => {}
        }
    }

    fn count(&self, mut engine: Recorder) {
        let outputs = std::iter::from_fn(|| engine.poll_output());
        let written = outputs.filter(|output| matches!(output, Output::Journal(_))).count();
        self.carried_out.fetch_add(written as u64, Ordering::SeqCst);
    }
}

fn rtp(port: u16) -> SocketAddr {
    ([127, 0, 0, 1], 20_000 + 2 * port).into()
}

/// A message that somebody has taken.
fn message(count: u32, has: &str, at: WallTime) -> Vec<CallEvent> {
    let arrived = EventKind::Arrived {
        dialled: "hotline".into(),
        from: Number::new("13800138000"),
        source: ([127, 0, 0, 1], 5061).into(),
        sip_call_id: format!("message-{count}"),
        revision: hotline_model::Revision(1),
    };
    let (voicemail, file) = (Name::from("evening"), Name::from(format!("{}.wav", call(count))));
    let left =
        MessageLeft { voicemail: voicemail.clone(), queue: "line".into(), file: file.clone(), length_ms: 4_200, end: MessageEnd::Key };
    let kinds = [
        arrived,
        EventKind::PickedUp,
        EventKind::MessageAsked { voicemail: voicemail.clone() },
        EventKind::MessageBegun { voicemail, file },
        EventKind::MessageLeft(Box::new(left)),
        EventKind::HungUp { side: Side::Caller, cause: Cause::Completed, q850: None },
        EventKind::Message { by: has.into(), order: MessageOrder::TakeOver },
    ];
    kinds.into_iter().map(|kind| CallEvent { call: call(count), at, kind }).collect()
}

/// A caller and a seat talk with each other.
fn conversation(count: u32, at: WallTime) -> Vec<CallEvent> {
    let (seat, queue) = (Name::from(format!("100{count}")), Name::from("line"));
    let port = count as u16;
    let arrived = EventKind::Arrived {
        dialled: "hotline".into(),
        from: Number::new("13800138000"),
        source: ([127, 0, 0, 1], 5061).into(),
        sip_call_id: format!("caller-{count}"),
        revision: hotline_model::Revision(1),
    };
    let kinds = [
        arrived,
        EventKind::PickedUp,
        leg(0, LegRole::Caller, None, 5_060 + port, 10 + 2 * port),
        EventKind::Queued { queue, priority: Priority::Ordinary },
        EventKind::Offered { seat: seat.clone(), decision: u64::from(count), ring_ms: 10_000 },
        EventKind::Ringing { seat: seat.clone() },
        leg(1, LegRole::Agent, Some(seat.clone()), 5_070 + port, 11 + 2 * port),
        EventKind::Answered { seat: seat.clone() },
        EventKind::Owned { seat },
    ];
    kinds.into_iter().map(|kind| CallEvent { call: call(count), at, kind }).collect()
}

fn leg(leg: u8, role: LegRole, seat: Option<Name>, remote: u16, port: u16) -> EventKind {
    let remote = SocketAddr::from(([127, 0, 0, 1], remote));
    let dialog = DialogState {
        call_id: format!("leg-{leg}-{remote}"),
        local_tag: "ours".into(),
        remote_tag: "theirs".into(),
        local_party: "<sip:hotline@127.0.0.1>".into(),
        remote_party: format!("<sip:x@{remote}>"),
        local_cseq: 1,
        remote_cseq: Some(1),
        route_set: Vec::new(),
        remote_target: format!("sip:x@{remote}"),
        contact: "sip:hotline@127.0.0.1:5060".into(),
        flow: Flow { transport: Transport::Udp, local: SIP.into(), remote, connection: 0 },
        session_expires: None,
        we_called: role == LegRole::Agent,
    };
    let media = MediaState {
        local: rtp(port),
        remote: ([127, 0, 0, 1], 30_000 + 2 * port).into(),
        codec: Codec::Pcma,
        payload_type: 8,
        telephone_event: Some(101),
        ssrc: u32::from(port),
        sdp_session: 1,
        sdp_version: 1,
        direction: Direction::SendRecv,
    };
    EventKind::Leg { leg, role, seat, dialog: Box::new(dialog), media: Some(media) }
}
