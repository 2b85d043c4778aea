use crate::heard::Heard;
use crate::line::{Beginning, Line};
use hotline_model::Timestamp;
use hotline_model::history::{Codec, Direction, Flow, Transport};
use hotline_sdp::{Agreed, Local};
use hotline_sip::{Config, DialogId, Endpoint, Event, Full, Gone, Invite, Listener, Output};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

/// The RFC 4733 payload type a phone offers.
const TELEPHONE_EVENT: u8 = 101;

/// One of a phone's two sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// Signalling.
    Sip,
    /// Sound.
    Rtp,
}

/// A datagram that came.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// On this socket.
    pub channel: Channel,
    /// From here.
    pub from: SocketAddr,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// A datagram to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// From this socket.
    pub channel: Channel,
    /// To here.
    pub to: SocketAddr,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A simulated person with a phone, told the time.
pub trait UserAgent {
    /// Takes a datagram.
    fn handle(&mut self, now: Timestamp, input: Input<'_>);
    /// Does what is due.
    fn handle_timeout(&mut self, now: Timestamp);
    /// When [`UserAgent::handle_timeout`] is to be called next.
    fn poll_timeout(&self) -> Option<Timestamp>;
    /// The next datagram to be sent.
    fn poll_send(&mut self) -> Option<Datagram>;
}

/// What a phone is.
#[derive(Clone, Debug)]
pub struct PhoneConfig {
    /// Its user part.
    pub user: String,
    /// Its SIP socket, as the peer reaches it.
    pub sip: SocketAddr,
    /// Its RTP socket, as the peer reaches it.
    pub rtp: SocketAddr,
    /// The laws it speaks, in order of preference.
    pub codecs: Vec<Codec>,
    /// The longest sound it remembers of one call.
    pub remembers: Duration,
    /// Seed of everything random.
    pub seed: [u8; 32],
}

/// A SIP endpoint and an RTP line for one call at a time.
#[derive(Debug)]
pub(crate) struct Phone {
    config: PhoneConfig,
    endpoint: Endpoint,
    pub random: ChaCha8Rng,
    session: u64,
    version: u64,
    line: Option<Line>,
    pub sends: VecDeque<Datagram>,
    events: VecDeque<Event>,
}

impl Phone {
    pub fn new(config: PhoneConfig) -> Self {
        let mut random = ChaCha8Rng::from_seed(config.seed);
        let listeners = vec![Listener { transport: Transport::Udp, local: config.sip, advertise: None }];
        let endpoint = Endpoint::new(Config { listeners, seed: random.random(), ..Config::default() });
        let session = u64::from(random.random::<u32>());
        let (sends, events) = (VecDeque::new(), VecDeque::new());
        Self { config, endpoint, random, session, version: 0, line: None, sends, events }
    }

    pub fn config(&self) -> &PhoneConfig {
        &self.config
    }

    pub fn line(&mut self) -> Option<&mut Line> {
        self.line.as_mut()
    }

    /// Ends the sound; what was heard.
    pub fn close_line(&mut self) -> Heard {
        self.line.take().map_or_else(|| Heard::new(Duration::ZERO), |line| line.heard)
    }

    pub fn handle(&mut self, now: Timestamp, input: Input<'_>) {
        match input.channel {
            Channel::Sip => {
                let flow = self.flow(input.from);
                self.endpoint.handle(now, hotline_sip::Input::Datagram { flow, bytes: input.bytes });
                self.settle();
            }
            Channel::Rtp => {
                if let Some(line) = &mut self.line {
                    line.hear(now, input.bytes);
                }
            }
        }
    }

    pub fn handle_timeout(&mut self, now: Timestamp) {
        if self.endpoint.poll_timeout().is_some_and(|due| due <= now) {
            self.endpoint.handle_timeout(now);
            self.settle();
        }
        if let Some(line) = self.line.as_mut().filter(|line| line.poll_timeout() <= now) {
            let to = line.agreed().remote;
            let packets = line.handle_timeout(now);
            self.sends.extend(packets.into_iter().map(|bytes| Datagram { channel: Channel::Rtp, to, bytes }));
        }
    }

    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let line = self.line.as_ref().map(Line::poll_timeout);
        self.endpoint.poll_timeout().into_iter().chain(line).min()
    }

    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub fn dial(&mut self, now: Timestamp, user: &str, host: SocketAddr) -> Result<DialogId, Full> {
        let invite = Invite {
            target: format!("sip:{user}@{host}"),
            flow: self.flow(host),
            local_party: format!("<sip:{}@{}>", self.config.user, self.config.sip),
            remote_party: format!("<sip:{user}@{host}>"),
            headers: Vec::new(),
            body: hotline_sdp::offer(&self.local(), Direction::SendRecv),
        };
        let dialog = self.endpoint.invite(now, invite);
        self.settle();
        dialog
    }

    pub fn ring(&mut self, now: Timestamp, dialog: DialogId) -> Result<(), Gone> {
        let done = self.endpoint.provisional(now, dialog, 180, None);
        self.settle();
        done
    }

    /// Answers an offer, or makes one where there was none; `false` if nothing can be agreed: then it is refused.
    pub fn answer(&mut self, now: Timestamp, dialog: DialogId, offer: Option<&[u8]>) -> bool {
        self.version += 1;
        let body = match offer {
            None => Some(hotline_sdp::offer(&self.local(), Direction::SendRecv)),
            Some(offer) => {
                let offer = hotline_sdp::parse(offer).ok();
                let answered = offer.and_then(|offer| hotline_sdp::answer(&offer, &self.local(), Direction::SendRecv).ok());
                answered.map(|(body, agreed)| {
                    self.open_line(now, agreed);
                    body
                })
            }
        };
        let answered = match body {
            Some(body) => self.endpoint.answer(now, dialog, body).is_ok(),
            None => {
                self.refuse(now, dialog, 488);
                false
            }
        };
        self.settle();
        answered
    }

    /// Reads the answer to our offer; `false` if nothing can be agreed.
    pub fn accept(&mut self, now: Timestamp, answer: &[u8]) -> bool {
        let answer = hotline_sdp::parse(answer).ok();
        let agreed = answer.and_then(|answer| hotline_sdp::accept(&answer, &self.local(), Direction::SendRecv).ok());
        if let Some(agreed) = agreed {
            self.open_line(now, agreed);
        }
        agreed.is_some()
    }

    pub fn refuse(&mut self, now: Timestamp, dialog: DialogId, code: u16) {
        let reject = hotline_sip::Reject { code, q850: None, retry_after: None };
        let _gone = self.endpoint.reject(now, dialog, reject);
        self.settle();
    }

    pub fn hang_up(&mut self, now: Timestamp, dialog: DialogId) {
        let _gone = self.endpoint.hang_up(now, dialog, None);
        self.settle();
    }

    fn flow(&self, remote: SocketAddr) -> Flow {
        Flow { transport: Transport::Udp, local: self.config.sip, remote, connection: 0 }
    }

    fn local(&self) -> Local<'_> {
        Local {
            address: self.config.rtp,
            session: self.session,
            version: self.version,
            codecs: &self.config.codecs,
            telephone_event: TELEPHONE_EVENT,
        }
    }

    fn open_line(&mut self, now: Timestamp, agreed: Agreed) {
        match &mut self.line {
            Some(line) => line.renew(agreed),
            None => {
                let stream = Beginning { ssrc: self.random.random(), seq: self.random.random(), timestamp: self.random.random() };
                self.line = Some(Line::new(now, agreed, stream, Heard::new(self.config.remembers)));
            }
        }
    }

    fn settle(&mut self) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Datagram { flow, bytes } => self.sends.push_back(Datagram { channel: Channel::Sip, to: flow.remote, bytes }),
                Output::Event(event) => self.events.push_back(event),
                Output::Stream { .. } | Output::Close { .. } => {}
            }
        }
    }
}
