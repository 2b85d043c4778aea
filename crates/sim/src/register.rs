use crate::phone::{Channel, Datagram, Input, Phone};
use hotline_model::Timestamp;
use hotline_sip::auth::{self, Challenge};
use hotline_sip::wire::Limits;
use hotline_sip::{Contacts, Header, Injection, Message, Method, Request, Response, parse_datagram};
use rand::RngExt;
use std::net::SocketAddr;
use std::time::Duration;

/// RFC 3261 17.1.2.2, Timer E.
const T1: Duration = Duration::from_millis(500);
const T2: Duration = Duration::from_secs(4);
/// RFC 3261 17.1.2.2, Timer F.
const GIVE_UP: Duration = Duration::from_secs(32);
/// Time until the next attempt after a failure.
const RETRY: Duration = Duration::from_secs(10);
/// Asked for, in seconds.
const EXPIRES: u32 = 300;
/// Challenges answered in a row before the password counts as wrong.
const CHALLENGES: u32 = 3;

/// How a registration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Registered.
    Registered,
    /// Refused with this status; tried again after a while.
    Refused(u16),
    /// No answer; tried again after a while.
    Unanswered,
    /// Taken back.
    Left,
}

/// A UAC core for REGISTER with digest (RFC 3261 10.2, 22): registers, refreshes at half time, takes back.
#[derive(Debug)]
pub(crate) struct Registration {
    registrar: SocketAddr,
    password: String,
    call_id: String,
    tag: String,
    cseq: u32,
    expires: u32,
    challenge: Option<(Challenge, u32)>,
    answered: u32,
    stage: Stage,
    standing: Option<Standing>,
}

#[derive(Debug)]
enum Stage {
    Asking { branch: String, bytes: Vec<u8>, resend: Timestamp, interval: Duration, give_up: Timestamp },
    Resting { until: Timestamp },
    Left,
}

impl Registration {
    pub fn new(now: Timestamp, phone: &mut Phone, registrar: SocketAddr, password: String) -> Self {
        let call_id = format!("{:016x}@{}", phone.random.random::<u64>(), phone.config().sip.ip());
        let tag = format!("{:08x}", phone.random.random::<u32>());
        let (stage, expires) = (Stage::Resting { until: now }, EXPIRES);
        let (cseq, challenge, answered, standing) = (0, None, 0, None);
        let mut registration = Self { registrar, password, call_id, tag, cseq, expires, challenge, answered, stage, standing };
        registration.ask(now, phone);
        registration
    }

    pub fn leave(&mut self, now: Timestamp, phone: &mut Phone) {
        self.expires = 0;
        self.ask(now, phone);
    }

    pub fn poll_standing(&mut self) -> Option<Standing> {
        self.standing.take()
    }

    pub fn poll_timeout(&self) -> Option<Timestamp> {
        match &self.stage {
            Stage::Asking { resend, give_up, .. } => Some(*resend.min(give_up)),
            Stage::Resting { until } => Some(*until),
            Stage::Left => None,
        }
    }

    pub fn handle_timeout(&mut self, now: Timestamp, phone: &mut Phone) {
        match &mut self.stage {
            Stage::Asking { give_up, .. } if *give_up <= now => self.rest(now, Standing::Unanswered, RETRY),
            Stage::Asking { bytes, resend, interval, .. } if *resend <= now => {
                *interval = (*interval * 2).min(T2);
                *resend = now + *interval;
                phone.sends.push_back(Datagram { channel: Channel::Sip, to: self.registrar, bytes: bytes.clone() });
            }
            Stage::Resting { until } if *until <= now => self.ask(now, phone),
            Stage::Asking { .. } | Stage::Resting { .. } | Stage::Left => {}
        }
    }

    /// Takes a response to our REGISTER; `false` if the datagram is something else.
    pub fn handle(&mut self, now: Timestamp, phone: &mut Phone, input: Input<'_>) -> bool {
        if input.channel != Channel::Sip || !input.bytes.starts_with(b"SIP/2.0") {
            return false;
        }
        let Ok(Message::Response(response)) = parse_datagram(input.bytes, &Limits::default()) else { return false };
        if response.headers.call_id() != Ok(self.call_id.as_str()) {
            return false;
        }
        let is_current = |branch: &str| response.headers.top_via().is_ok_and(|via| via.branch() == Some(branch));
        match &self.stage {
            Stage::Asking { branch, .. } if is_current(branch) && !response.is_provisional() => self.answered(now, phone, &response),
            Stage::Asking { .. } | Stage::Resting { .. } | Stage::Left => {}
        }
        true
    }

    fn answered(&mut self, now: Timestamp, phone: &mut Phone, response: &Response) {
        match response.code {
            200..300 if self.expires == 0 => {
                self.stage = Stage::Left;
                self.standing = Some(Standing::Left);
            }
            200..300 => {
                self.answered = 0;
                let granted = granted(phone, response).unwrap_or(EXPIRES).max(2);
                self.rest(now, Standing::Registered, Duration::from_secs(u64::from(granted / 2)));
            }
            401 if self.answered < CHALLENGES => match response.headers.get(Header::WwwAuthenticate).and_then(Challenge::parse) {
                Some(challenge) => {
                    self.answered += 1;
                    self.challenge = Some((challenge, 0));
                    self.ask(now, phone);
                }
                None => self.rest(now, Standing::Refused(401), RETRY),
            },
            code => {
                self.answered = 0;
                self.challenge = None;
                self.rest(now, Standing::Refused(code), RETRY);
            }
        }
    }

    fn rest(&mut self, now: Timestamp, standing: Standing, time: Duration) {
        self.standing = Some(standing);
        self.stage = if self.expires == 0 { Stage::Left } else { Stage::Resting { until: now + time } };
    }

    fn ask(&mut self, now: Timestamp, phone: &mut Phone) {
        self.cseq += 1;
        let branch = format!("z9hG4bK{:016x}", phone.random.random::<u64>());
        let cnonce = format!("{:016x}", phone.random.random::<u64>());
        let request = self.request(phone, &branch, &cnonce).expect("our own names hold no line breaks");
        let bytes = request.to_bytes();
        phone.sends.push_back(Datagram { channel: Channel::Sip, to: self.registrar, bytes: bytes.clone() });
        self.stage = Stage::Asking { branch, bytes, resend: now + T1, interval: T1, give_up: now + GIVE_UP };
    }

    fn request(&mut self, phone: &Phone, branch: &str, cnonce: &str) -> Result<Request, Injection> {
        let (user, sip) = (&phone.config().user, phone.config().sip);
        let uri = format!("sip:{}", self.registrar);
        let mut request = Request::new(Method::Register, uri.clone())?;
        request.push(Header::Via, format!("SIP/2.0/UDP {sip};branch={branch};rport"))?;
        request.push(Header::MaxForwards, "70")?;
        request.push(Header::From, format!("<sip:{user}@{}>;tag={}", self.registrar, self.tag))?;
        request.push(Header::To, format!("<sip:{user}@{}>", self.registrar))?;
        request.push(Header::CallId, &self.call_id)?;
        request.push(Header::CSeq, format!("{} REGISTER", self.cseq))?;
        request.push(Header::Contact, format!("<sip:{user}@{sip}>"))?;
        request.push(Header::Expires, self.expires.to_string())?;
        if let Some((challenge, count)) = &mut self.challenge {
            *count += 1;
            let value = auth::respond(challenge, "REGISTER", &uri, user, &self.password, cnonce, *count);
            request.push(Header::Authorization, value)?;
        }
        Ok(request)
    }
}

fn granted(phone: &Phone, response: &Response) -> Option<u32> {
    let ours = format!("sip:{}@{}", phone.config().user, phone.config().sip);
    let contacts = match response.headers.contacts().ok()? {
        Contacts::Any => Vec::new(),
        Contacts::List(contacts) => contacts,
    };
    let contact = contacts.iter().find(|contact| contact.uri.starts_with(&ours)).and_then(|contact| contact.expires());
    contact.or(response.headers.expires().ok()?)
}
