//! A telephone in memory: what its person does is a habit.

use super::house::{HOTLINE, flow};
use hotline_model::Timestamp;
use hotline_model::history::Transport;
use hotline_rules::trial::SeatGiven;
use hotline_sip::{DialogId, Endpoint, Event, Invite, Listener, Output, Reject};
use std::net::SocketAddr;
use std::time::Duration;

/// How long a phone of a seat in a call before rings.
const AT_ONCE: Duration = Duration::ZERO;
/// How long somebody outside lets the phone ring.
const OUTSIDE: Duration = Duration::from_secs(3);
const RTP: u16 = 20_000;

/// What a phone does with an INVITE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// Rings, and is answered.
    Answers(Duration),
    /// Rings.
    RingsOut,
    /// Refuses with a status.
    Refuses(u16),
    /// Says nothing.
    Silent,
}

impl Habit {
    /// Of a seat.
    pub fn of(given: SeatGiven) -> Self {
        match given {
            SeatGiven::Answers(after) => Self::Answers(after),
            SeatGiven::RingsOut => Self::RingsOut,
            SeatGiven::Refuses(code) => Self::Refuses(code),
            SeatGiven::Silent | SeatGiven::Unreachable => Self::Silent,
            SeatGiven::Busy(_) | SeatGiven::NotReady(_) | SeatGiven::SignedOut => Self::Answers(Duration::from_secs(2)),
        }
    }

    /// Of a seat whose call began before the rehearsal.
    pub const BEFORE: Self = Self::Answers(AT_ONCE);
    /// Of somebody outside.
    pub const OUTSIDE: Self = Self::Answers(OUTSIDE);
}

/// See the module.
pub struct Phone {
    address: SocketAddr,
    endpoint: Endpoint,
    habit: Habit,
    ringing: Option<(DialogId, Timestamp)>,
    /// The call that it made.
    made: Option<DialogId>,
    /// The status that this call was refused with.
    pub refused: Option<u16>,
}

impl Phone {
    /// At an address.
    pub fn new(address: SocketAddr, habit: Habit) -> Self {
        let listener = Listener { transport: Transport::Udp, local: address, advertise: None };
        let config = hotline_sip::Config { listeners: vec![listener], seed: seed(address), ..hotline_sip::Config::default() };
        Self { address, endpoint: Endpoint::new(config), habit, ringing: None, made: None, refused: None }
    }

    /// What it does from now on.
    pub fn set_habit(&mut self, habit: Habit) {
        self.habit = habit;
    }

    /// Dials; nothing is sent for a number that fits no address.
    pub fn dial(&mut self, now: Timestamp, from: Option<&str>, to: &str, privacy: bool) {
        let local_party = from.map_or_else(
            || "\"Anonymous\" <sip:anonymous@anonymous.invalid>".to_owned(),
            |from| format!("<sip:{}@{}>", escaped(from), self.address.ip()),
        );
        let invite = Invite {
            target: format!("sip:{}@{HOTLINE}", escaped(to)),
            flow: flow(self.address, HOTLINE),
            local_party,
            remote_party: format!("<sip:{}@{HOTLINE}>", escaped(to)),
            headers: if privacy { vec![("Privacy".to_owned(), "id".to_owned())] } else { Vec::new() },
            body: sdp(self.address),
        };
        match self.endpoint.invite(now, invite) {
            Ok(dialog) => self.made = Some(dialog),
            Err(_) => self.refused = Some(400),
        }
    }

    /// Hangs up the call that it made.
    pub fn hang_up(&mut self, now: Timestamp) {
        if let Some(dialog) = self.made.take() {
            // A call that is over already can't be hung up, and need not be.
            let _ = self.endpoint.hang_up(now, dialog, None);
        }
    }

    /// A datagram came.
    pub fn handle(&mut self, now: Timestamp, bytes: &[u8]) {
        if self.habit != Habit::Silent {
            let flow = flow(self.address, HOTLINE);
            self.endpoint.handle(now, hotline_sip::Input::Datagram { flow, bytes });
        }
    }

    /// When [`Phone::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        [self.endpoint.poll_timeout(), self.ringing.map(|(_, at)| at)].into_iter().flatten().min()
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        if let Some((dialog, _)) = self.ringing.take_if(|(_, at)| *at <= now) {
            // Cancelled in this moment: nobody is there any more.
            let _ = self.endpoint.answer(now, dialog, sdp(self.address));
        }
        self.endpoint.handle_timeout(now);
    }

    /// The next datagram to the hotline.
    pub fn poll_datagram(&mut self, now: Timestamp) -> Option<Vec<u8>> {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Datagram { bytes, .. } => return Some(bytes),
                Output::Event(event) => self.react(now, &event),
                Output::Stream { .. } | Output::Close { .. } => {}
            }
        }
        None
    }

    fn react(&mut self, now: Timestamp, event: &Event) {
        // What fails here failed because the call was over; the hotline is what is looked at, not the phone.
        if let Event::Invite { dialog, .. } = event {
            match self.habit {
                Habit::Answers(after) => {
                    let _ = self.endpoint.provisional(now, *dialog, 180, None);
                    self.ringing = Some((*dialog, now + after));
                }
                Habit::RingsOut => drop(self.endpoint.provisional(now, *dialog, 180, None)),
                Habit::Refuses(code) => drop(self.endpoint.reject(now, *dialog, Reject { code, q850: None, retry_after: None })),
                Habit::Silent => {}
            }
        } else if let Event::Reinvite { dialog, .. } = event {
            let _ = self.endpoint.answer(now, *dialog, sdp(self.address));
        } else if let Event::Cancelled { dialog } = event {
            self.ringing.take_if(|(ringing, _)| ringing == dialog);
        } else if let Event::Rejected { dialog, code, .. } = event
            && self.made == Some(*dialog)
        {
            self.refused = Some(*code);
        }
    }
}

fn seed(address: SocketAddr) -> [u8; 32] {
    let mut seed = [7; 32];
    if let std::net::IpAddr::V4(ip) = address.ip() {
        seed[..4].copy_from_slice(&ip.octets());
    }
    seed[4..6].copy_from_slice(&address.port().to_be_bytes());
    seed
}

/// A user part: what may not stand in one is escaped (RFC 3261 25.1).
fn escaped(user: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/#".contains(&byte);
    user.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn sdp(address: SocketAddr) -> Vec<u8> {
    let ip = address.ip();
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {RTP} RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\n\
         a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
    )
    .into_bytes()
}
