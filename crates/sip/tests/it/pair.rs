//! Two endpoints, a network that loses, doubles and reorders by seed, and a clock that only moves when nothing is left to do.

use hotline_model::Timestamp;
use hotline_model::history::{Flow, Transport};
use hotline_sip::{Config, DialogId, Endpoint, Event, Input, Invite, Limits, Listener, Output, Trunk};
use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

pub const OFFER: &[u8] = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 20000 RTP/AVP 0 8\r\n";
pub const ANSWER: &[u8] = b"v=0\r\no=- 2 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 30000 RTP/AVP 0\r\n";

pub fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub fn config(transport: Transport, local: SocketAddr, seed: u8) -> Config {
    let trunk = |name: &str, net: &str, prefix| Trunk { name: name.into(), net: net.parse().unwrap(), prefix, per_second: None };
    Config {
        listeners: vec![Listener { transport, local, advertise: None }],
        trunks: vec![trunk("local", "127.0.0.0", 8), trunk("local", "::1", 128), trunk("carrier", "198.51.100.0", 24)],
        seed: [seed; 32],
        ..Config::default()
    }
}

/// One endpoint and all it said.
pub struct Side {
    pub endpoint: Endpoint,
    pub address: SocketAddr,
    pub events: Vec<(Timestamp, Event)>,
    pub sent: Vec<(Timestamp, Vec<u8>)>,
}

impl Side {
    /// Requests and responses by their start lines.
    pub fn lines(&self) -> Vec<String> {
        self.sent.iter().map(|(_, bytes)| start_line(bytes)).collect()
    }

    pub fn count(&self, start: &str) -> usize {
        self.lines().iter().filter(|line| line.starts_with(start)).count()
    }

    /// The dialogs of all INVITEs that came.
    pub fn invited(&self) -> Vec<DialogId> {
        let dialog = |event: &Event| if let Event::Invite { dialog, .. } = event { Some(*dialog) } else { None };
        self.events.iter().filter_map(|(_, event)| dialog(event)).collect()
    }

    pub fn last_dialog(&self) -> DialogId {
        *self.invited().last().unwrap()
    }

    pub fn saw(&self, matches: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|(_, event)| matches(event)).count()
    }

    pub fn terminal_events(&self, id: DialogId) -> Vec<&Event> {
        let of = |event: &&Event| match event {
            Event::Rejected { dialog, .. } | Event::Cancelled { dialog } | Event::Bye { dialog, .. } | Event::Ended { dialog, .. } => {
                *dialog == id
            }
            _ => false,
        };
        self.events.iter().map(|(_, event)| event).filter(of).collect()
    }
}

pub fn start_line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.split(|byte| *byte == b'\r').next().unwrap_or_default()).into_owned()
}

/// What the network does to datagrams, in percent and milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    pub loss: u64,
    pub double: u64,
    pub jitter_ms: u64,
}

/// What a side does by itself.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    pub ring: bool,
    pub answer: bool,
    pub answer_reinvites: bool,
}

type Packet = (usize, Flow, Vec<u8>);
type Filter = Box<dyn FnMut(usize, &[u8]) -> bool>;

pub struct Pair {
    pub now: Timestamp,
    pub sides: [Side; 2],
    pub weather: Weather,
    pub habits: Habits,
    /// Drops what it says true to: sender and bytes.
    pub filter: Filter,
    /// Bytes per read of a TCP connection.
    pub chunk: usize,
    pub transport: Transport,
    wire: BTreeMap<(Timestamp, u64), Packet>,
    order: u64,
    rng: ChaCha8Rng,
}

pub const A: usize = 0;
pub const B: usize = 1;

impl Pair {
    pub fn new() -> Self {
        Self::on(Transport::Udp, "127.0.0.1:5060", "127.0.0.2:5060", 1)
    }

    pub fn with_seed(seed: u64) -> Self {
        Self { rng: ChaCha8Rng::seed_from_u64(seed), ..Self::new() }
    }

    pub fn on(transport: Transport, a: &str, b: &str, seed: u8) -> Self {
        Self::with(transport, a, b, |local, side| config(transport, local, seed + side))
    }

    pub fn with(transport: Transport, a: &str, b: &str, config: impl Fn(SocketAddr, u8) -> Config) -> Self {
        let side = |address: &str, number| {
            let address: SocketAddr = address.parse().unwrap();
            Side { endpoint: Endpoint::new(config(address, number)), address, events: Vec::new(), sent: Vec::new() }
        };
        Self {
            now: Timestamp(1_000_000),
            sides: [side(a, 0), side(b, 1)],
            weather: Weather::default(),
            habits: Habits { ring: true, answer: true, answer_reinvites: true },
            filter: Box::new(|_, _| false),
            chunk: usize::MAX,
            transport,
            wire: BTreeMap::new(),
            order: 0,
            rng: ChaCha8Rng::seed_from_u64(7),
        }
    }

    pub fn flow(&self, from: usize) -> Flow {
        let connection = u64::from(self.transport == Transport::Tcp);
        Flow { transport: self.transport, local: self.sides[from].address, remote: self.sides[1 - from].address, connection }
    }

    /// A calls B.
    pub fn call(&mut self) -> DialogId {
        let invite = self.invite();
        let id = self.sides[A].endpoint.invite(self.now, invite).unwrap();
        self.flush(A);
        id
    }

    pub fn invite(&self) -> Invite {
        Invite {
            target: format!("sip:hotline@{}", self.sides[B].address),
            flow: self.flow(A),
            local_party: format!("\"Alice\" <sip:alice@{}>", self.sides[A].address),
            remote_party: format!("<sip:hotline@{}>", self.sides[B].address),
            headers: Vec::new(),
            body: OFFER.to_vec(),
        }
    }

    /// A calls B and both are up; the dialogs of A and B.
    pub fn talk(&mut self) -> [DialogId; 2] {
        let a = self.call();
        self.run(ms(200));
        [a, self.sides[B].last_dialog()]
    }

    /// Lets one side act and takes what it says.
    pub fn act<R>(&mut self, side: usize, act: impl FnOnce(&mut Endpoint, Timestamp) -> R) -> R {
        let result = act(&mut self.sides[side].endpoint, self.now);
        self.flush(side);
        result
    }

    /// Everything up to `span` from now.
    pub fn run(&mut self, span: Duration) {
        let end = self.now + span;
        loop {
            let packet = self.wire.first_key_value().map(|((at, _), _)| *at);
            let timers = self.sides.iter().filter_map(|side| side.endpoint.poll_timeout());
            let Some(next) = timers.chain(packet).min().filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            if packet.is_some_and(|at| at <= self.now) {
                let (_, packet) = self.wire.pop_first().unwrap();
                self.deliver(packet);
                continue;
            }
            for side in [A, B] {
                self.sides[side].endpoint.handle_timeout(self.now);
                self.flush(side);
            }
        }
        self.now = end;
    }

    fn deliver(&mut self, (side, flow, bytes): Packet) {
        let now = self.now;
        match flow.transport {
            Transport::Udp => self.sides[side].endpoint.handle(now, Input::Datagram { flow, bytes: &bytes }),
            Transport::Tcp => {
                for bytes in bytes.chunks(self.chunk) {
                    self.sides[side].endpoint.handle(now, Input::Stream { flow, bytes });
                }
            }
        }
        self.flush(side);
    }

    pub fn flush(&mut self, side: usize) {
        while let Some(output) = self.sides[side].endpoint.poll_output() {
            match output {
                Output::Datagram { flow, bytes } | Output::Stream { flow, bytes } => self.transmit(side, flow, bytes),
                Output::Close { .. } => {}
                Output::Event(event) => self.on_event(side, event),
            }
        }
    }

    fn transmit(&mut self, side: usize, flow: Flow, bytes: Vec<u8>) {
        self.sides[side].sent.push((self.now, bytes.clone()));
        if (self.filter)(side, &bytes) || flow.remote != self.sides[1 - side].address {
            return;
        }
        let flow = Flow { local: flow.remote, remote: flow.local, ..flow };
        let udp = flow.transport == Transport::Udp;
        let copies = if udp && self.chance(self.weather.double) { 2 } else { 1 };
        for _ in 0..copies {
            if udp && self.chance(self.weather.loss) {
                continue;
            }
            let jitter = if udp { self.rng.next_u64() % (self.weather.jitter_ms + 1) } else { 0 };
            self.order += 1;
            self.wire.insert((self.now + ms(1 + jitter), self.order), (1 - side, flow, bytes.clone()));
        }
    }

    fn chance(&mut self, percent: u64) -> bool {
        percent > 0 && self.rng.next_u64() % 100 < percent
    }

    fn on_event(&mut self, side: usize, event: Event) {
        let (now, habits) = (self.now, self.habits);
        self.sides[side].events.push((now, event.clone()));
        let endpoint = &mut self.sides[side].endpoint;
        match event {
            Event::Invite { dialog, .. } => {
                if habits.ring {
                    endpoint.provisional(now, dialog, 180, None).unwrap();
                }
                if habits.answer {
                    endpoint.answer(now, dialog, ANSWER.to_vec()).unwrap();
                }
            }
            Event::Reinvite { dialog, .. } if habits.answer_reinvites => endpoint.answer(now, dialog, ANSWER.to_vec()).unwrap(),
            _ => {}
        }
    }

    /// Nothing is left on either side: no dialog, no transaction, no timer.
    pub fn assert_clean(&self) {
        for side in &self.sides {
            let counters = side.endpoint.counters();
            assert_eq!((counters.dialogs, counters.transactions), (0, 0), "{:#?}", side.events);
            assert_eq!(side.endpoint.poll_timeout(), None);
        }
    }
}

/// One endpoint whose peer is the test.
pub struct Lone {
    pub now: Timestamp,
    pub endpoint: Endpoint,
    pub flow: Flow,
    pub events: Vec<Event>,
    pub closed: bool,
}

impl Lone {
    pub fn new() -> Self {
        Self::at("127.0.0.1:5060", "127.0.0.1:6000", Limits::default())
    }

    pub fn at(local: &str, remote: &str, limits: Limits) -> Self {
        let local: SocketAddr = local.parse().unwrap();
        let config = Config { limits, ..config(Transport::Udp, local, 9) };
        Self::with(config, remote)
    }

    pub fn with(config: Config, remote: &str) -> Self {
        let (transport, local) = (config.listeners[0].transport, config.listeners[0].local);
        let connection = u64::from(transport == Transport::Tcp);
        let flow = Flow { transport, local, remote: remote.parse().unwrap(), connection };
        Self { now: Timestamp(1_000_000), endpoint: Endpoint::new(config), flow, events: Vec::new(), closed: false }
    }

    /// Sends a message; line ends are made CRLF, `Content-Length` is added with the empty line.
    pub fn send(&mut self, head: &str, body: &str) -> Vec<String> {
        let head: String = head.trim().lines().map(|line| format!("{}\r\n", line.trim())).collect();
        self.send_bytes(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes())
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) -> Vec<String> {
        let flow = self.flow;
        let input = match flow.transport {
            Transport::Udp => Input::Datagram { flow, bytes },
            Transport::Tcp => Input::Stream { flow, bytes },
        };
        self.endpoint.handle(self.now, input);
        self.take()
    }

    /// What was sent since the last time.
    pub fn take(&mut self) -> Vec<String> {
        let mut sent = Vec::new();
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Datagram { bytes, .. } | Output::Stream { bytes, .. } => sent.push(String::from_utf8_lossy(&bytes).into_owned()),
                Output::Close { .. } => self.closed = true,
                Output::Event(event) => self.events.push(event),
            }
        }
        sent
    }

    /// Times (ms from now) and start lines of what is sent within `span`.
    pub fn watch(&mut self, span: Duration) -> Vec<(u64, String)> {
        let (start, end) = (self.now, self.now + span);
        let mut seen = Vec::new();
        while let Some(next) = self.endpoint.poll_timeout().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            self.endpoint.handle_timeout(self.now);
            let at = u64::try_from(self.now.since(start).as_millis()).unwrap();
            seen.extend(self.take().iter().map(|text| (at, start_line(text.as_bytes()))));
        }
        self.now = end;
        seen
    }

    pub fn invited(&self) -> DialogId {
        self.events.iter().rev().find_map(|event| if let Event::Invite { dialog, .. } = event { Some(*dialog) } else { None }).unwrap()
    }
}

/// The value of the first header of that name.
pub fn header<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    message.lines().take_while(|line| !line.is_empty()).find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// The tag parameter of a header.
pub fn tag(message: &str, name: &str) -> String {
    header(message, name).and_then(|value| value.split(";tag=").nth(1)).unwrap_or_default().to_owned()
}
