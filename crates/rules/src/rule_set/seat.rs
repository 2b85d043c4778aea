use super::SeatDesk;
use hotline_model::{CustomerType, Name, Proficiency, QueueId, RegionId};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// Whose staff a seat is (R37, H20).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Our own.
    Internal,
    /// Partner or outsourced.
    External,
}

/// How a seat proves who it is.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// It can't register (static contact).
    None,
    /// A password as written in the file.
    Password(String),
    /// Hashes of `user:realm:password`, hex, per algorithm.
    Ha1 {
        /// MD5.
        md5: Option<String>,
        /// SHA-256.
        sha256: Option<String>,
    },
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if *self == Self::None { "Secret::None" } else { "Secret(hidden)" })
    }
}

/// A queue that a seat serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Serves {
    /// The queue.
    pub queue: QueueId,
    /// The seat takes calls of one class through the queue that has the smallest first: 1 (best, default) to 9.
    pub priority: u8,
    /// A call is offered to the seat in this queue only after it has waited so long; 0 s to `timers.answer`.
    pub delay: Duration,
}

/// A seat.
#[derive(Clone, Debug)]
pub struct Seat {
    /// Its SIP user part, also its name everywhere.
    pub name: Name,
    /// The agent's name.
    pub agent: Name,
    /// Where it stands.
    pub region: Option<RegionId>,
    /// Whose staff.
    pub origin: Origin,
    /// Proficiency by [`hotline_model::SkillId`], 0 for not at all; as long as `Plan::skills`.
    pub proficiency: Vec<Proficiency>,
    /// A fixed SIP URI instead of a registration.
    pub contact: Option<String>,
    /// Whether a fixed contact is asked by OPTIONS if it lives.
    pub ping: bool,
    /// How it registers.
    pub secret: Secret,
    /// Challenge with SHA-256 instead of MD5 (RFC 8760).
    pub sha256: bool,
    /// Cleared for sensitive calls (R68).
    pub cleared: bool,
    /// The types of customers whom it is for; they are offered it before others where the ranking says so (R42).
    pub customer_types: Vec<CustomerType>,
    /// The queues that it serves, as far as they admit it: sorted by queue, at most 64; empty for all.
    pub queues: Vec<Serves>,
    /// Its own after-call work instead of the queue's.
    pub wrap_up: Option<Duration>,
    /// Ready as soon as it can be reached; otherwise signed out until it signs in.
    pub sign_in: bool,
    /// What its telephone is and may.
    pub desk: SeatDesk,
    /// No longer in the files: signed out for good.
    pub retired: bool,
}

/// A telephone that is nobody's: it registers under its own name, and the agent who signs in at it with seat and PIN has the seat's calls
/// there.
#[derive(Clone, Debug)]
pub struct Phone {
    /// The user part under which it registers; no seat has the same.
    pub name: Name,
    /// How it registers.
    pub secret: Secret,
    /// Challenge with SHA-256 instead of MD5 (RFC 8760).
    pub sha256: bool,
}

impl Seat {
    /// How the seat serves a queue that is still in the files; `None` if it has a list of queues without it.
    pub fn serves(&self, queue: QueueId) -> Option<Serves> {
        if self.queues.is_empty() {
            return Some(Serves { queue, priority: 1, delay: Duration::ZERO });
        }
        let place = self.queues.binary_search_by_key(&queue, |serves| serves.queue).ok()?;
        self.queues.get(place).copied()
    }

    /// Whether it counts as reachable as long as the rules have it: its contact is an address, not a host name, and nobody asks if it lives.
    pub fn always_reachable(&self) -> bool {
        !self.ping && self.contact.as_deref().and_then(address_of).is_some()
    }
}

/// The host of a contact, `sip:1001@192.0.2.7:5060` or `sip:[2001:db8::7]`, if it is an address.
pub(crate) fn address_of(contact: &str) -> Option<IpAddr> {
    let rest = contact.split_once(':').map_or(contact, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host = rest.split([';', '?']).next().unwrap_or_default();
    match host.strip_prefix('[') {
        Some(rest) => rest.split([']', '%']).next()?.parse::<Ipv6Addr>().ok().map(IpAddr::from),
        None => host.split(':').next()?.parse::<Ipv4Addr>().ok().map(IpAddr::from),
    }
}
