//! A phone of the walks: a real SIP endpoint that does by itself what its habit is.

use hotline_model::Timestamp;
use hotline_model::history::Transport;
use hotline_sip::{DialogId, Endpoint, Event, Listener, Reject};
use std::net::SocketAddr;
use std::time::Duration;

/// A phone's RTP port above its SIP port.
pub const RTP: u16 = 30_000;

/// What a phone does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// A caller: told what to do by the test.
    Caller,
    /// Rings and answers after a time.
    Answers(Duration),
    /// Rings and never answers.
    RingsOut,
    /// Refuses with a status.
    Refuses(u16),
    /// Says nothing at all.
    Dead,
}

/// A phone on the virtual network.
pub struct Phone {
    pub endpoint: Endpoint,
    pub address: SocketAddr,
    pub habit: Habit,
    pub ringing: Option<(DialogId, Timestamp)>,
    pub events: Vec<Event>,
}

impl Phone {
    pub fn new(address: SocketAddr, habit: Habit) -> Self {
        let listener = Listener { transport: Transport::Udp, local: address, advertise: None };
        let mut config = hotline_sip::Config { listeners: vec![listener], ..hotline_sip::Config::default() };
        config.seed = [address.port().to_be_bytes()[1]; 32];
        Self { endpoint: Endpoint::new(config), address, habit, ringing: None, events: Vec::new() }
    }

    pub fn react(&mut self, now: Timestamp, event: &Event) {
        match event {
            Event::Invite { dialog, .. } => self.on_invite(now, *dialog),
            Event::Reinvite { dialog, .. } => {
                let _ = self.endpoint.answer(now, *dialog, sdp(self.address, 1, "sendrecv"));
            }
            Event::Cancelled { dialog } if self.ringing.is_some_and(|(ringing, _)| ringing == *dialog) => self.ringing = None,
            _ => {}
        }
    }

    fn on_invite(&mut self, now: Timestamp, dialog: DialogId) {
        match self.habit {
            Habit::Caller | Habit::Dead => {}
            Habit::Answers(after) => {
                self.endpoint.provisional(now, dialog, 180, None).unwrap();
                self.ringing = Some((dialog, now + after));
            }
            Habit::RingsOut => self.endpoint.provisional(now, dialog, 180, None).unwrap(),
            Habit::Refuses(code) => self.endpoint.reject(now, dialog, Reject { code, q850: None, retry_after: None }).unwrap(),
        }
    }

    pub fn timeout(&self) -> Option<Timestamp> {
        [self.endpoint.poll_timeout(), self.ringing.map(|(_, at)| at)].into_iter().flatten().min()
    }

    pub fn handle_timeout(&mut self, now: Timestamp) {
        if let Some((dialog, at)) = self.ringing
            && at <= now
        {
            self.ringing = None;
            let _ = self.endpoint.answer(now, dialog, sdp(self.address, 1, "sendrecv"));
        }
        self.endpoint.handle_timeout(now);
    }

    pub fn saw(&self, wanted: impl Fn(&Event) -> bool) -> bool {
        self.events.iter().any(wanted)
    }
}

pub fn sdp(address: SocketAddr, version: u32, direction: &str) -> Vec<u8> {
    let (ip, rtp) = (address.ip(), address.port() + RTP);
    format!(
        "v=0\r\no=- 1 {version} IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {rtp} RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\n\
         a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na={direction}\r\n"
    )
    .into_bytes()
}
