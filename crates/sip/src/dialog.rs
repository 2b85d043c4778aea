//! Dialogs (RFC 3261 12): who the two sides are, how to reach the peer, and what is under way between them.

use crate::endpoint::DialogId;
use crate::header::{Header, Headers};
use crate::transaction::TxId;
use crate::uri::Uri;
use hotline_model::history::{DialogState, Flow, Transport};
use hotline_model::{Deadline, LookupMap, Name, Timestamp};
use std::collections::{BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};

/// One dialog, or the INVITE that may become one.
#[derive(Debug)]
pub(crate) struct Dialog {
    /// Everything that survives us; `session_expires` is unused.
    pub(crate) facts: DialogState,
    pub(crate) phase: Phase,
    /// Our 2xx to the peer's INVITE or re-INVITE that has no ACK.
    pub(crate) unacknowledged: Option<Unacknowledged>,
    /// Our re-INVITE.
    pub(crate) ours: Ours,
    /// How often it was put off by the peer.
    pub(crate) backed_off: u8,
    /// A body for the next re-INVITE of ours.
    pub(crate) queued: Option<Vec<u8>>,
    /// The peer's re-INVITE or UPDATE that waits for an answer.
    pub(crate) theirs: Option<Theirs>,
    /// An OPTIONS of ours in it has no answer.
    pub(crate) probing: bool,
    /// The peer's REFER that waits, or whose end the peer is to hear of.
    pub(crate) referring: Referring,
    /// Whether the next REFER is not the first, so that its NOTIFYs are to name it (RFC 3515 2.4.6); not known after a restart.
    pub(crate) referred_before: bool,
    /// The account that opened it.
    pub(crate) account: Option<Name>,
}

#[derive(Debug)]
pub(crate) enum Phase {
    /// Our INVITE has no final response; with `hang_up` it is to be cancelled.
    Calling { tx: TxId, hang_up: Option<HangUp>, cancelled: bool },
    /// The peer's INVITE waits for our final response.
    Incoming { tx: TxId, record_route: Vec<u8> },
    /// Confirmed, or only our 200 without ACK; with `hang_up` BYE follows that ACK (15).
    Up { hang_up: Option<HangUp> },
    /// Our BYE has no final response.
    Ending,
}

/// Why we hang up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HangUp {
    pub(crate) q850: Option<u8>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Unacknowledged {
    pub(crate) tx: TxId,
    pub(crate) cseq: u32,
}

#[derive(Debug)]
pub(crate) enum Ours {
    Nothing,
    Sent {
        tx: TxId,
        body: Vec<u8>,
    },
    /// After a 491 (14.1).
    BackingOff {
        until: Deadline,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Theirs {
    pub(crate) tx: TxId,
    pub(crate) cseq: u32,
    pub(crate) is_invite: bool,
}

#[derive(Debug)]
pub(crate) enum Referring {
    Nothing,
    /// It waits for an answer.
    Asked {
        tx: TxId,
        wish: Wish,
    },
    Accepted(Subscription),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    /// CSeq of the REFER.
    pub(crate) cseq: u32,
    /// Whether NOTIFYs name it.
    pub(crate) with_id: bool,
    /// Whether there are to be none (RFC 4488).
    pub(crate) silent: bool,
}

/// What the peer is to hear of its REFER.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) wish: Wish,
    /// The latest status.
    pub(crate) code: u16,
    /// Why the next NOTIFY is the last.
    pub(crate) over: Option<&'static str>,
    pub(crate) ends: Timestamp,
    pub(crate) until: Deadline,
    /// A NOTIFY has no answer.
    pub(crate) is_in_flight: bool,
    /// There is news for the next one.
    pub(crate) is_waiting: bool,
}

impl Dialog {
    pub(crate) fn new(facts: DialogState, phase: Phase) -> Self {
        Self {
            facts,
            phase,
            unacknowledged: None,
            ours: Ours::Nothing,
            queued: None,
            theirs: None,
            probing: false,
            backed_off: 0,
            referring: Referring::Nothing,
            referred_before: false,
            account: None,
        }
    }

    /// Whether no INVITE is under way in either direction, so that we may send one (14.1).
    pub(crate) fn may_reinvite(&self) -> bool {
        matches!(self.ours, Ours::Nothing)
            && matches!(self.phase, Phase::Up { hang_up: None })
            && self.unacknowledged.is_none()
            && self.theirs.is_none()
    }

    /// Takes Contact, and before confirmation Record-Route, of a response to our INVITE (12.1.2).
    pub(crate) fn learn(&mut self, response: &Headers, tag: Option<&str>) {
        self.facts.remote_tag = tag.unwrap_or_default().to_owned();
        self.facts.route_set = response.routes(Header::RecordRoute).unwrap_or_default();
        self.facts.route_set.reverse();
        self.refresh(response);
    }

    /// Takes the target of a target refresh (12.2); true if it changed.
    pub(crate) fn refresh(&mut self, message: &Headers) -> bool {
        let Ok(Some(contact)) = message.contact() else { return false };
        let before = (self.facts.remote_target == contact.uri, self.facts.flow);
        self.facts.remote_target = contact.uri;
        self.facts.flow = self.next_hop();
        before != (true, self.facts.flow)
    }

    /// The TCP connection is gone: the next request needs any or a new one, to where the peer listens.
    pub(crate) fn lose_connection(&mut self) {
        self.facts.flow.connection = 0;
        self.facts.flow = self.next_hop();
    }

    fn next_hop(&self) -> Flow {
        let hop = self.facts.route_set.first().map_or(self.facts.remote_target.as_str(), |route| crate::print::inside(route));
        next_hop(hop, self.facts.flow)
    }
}

/// Where a request goes whose next hop is `uri`, from a peer that was last heard on `flow`. A TCP connection is kept, and so is the way back
/// through a translator of addresses: then the URI holds a private address, and the peer has another.
pub(crate) fn next_hop(uri: &str, flow: Flow) -> Flow {
    if flow.connection != 0 {
        return flow;
    }
    let Ok(uri) = Uri::parse(uri) else { return flow };
    let Some(ip) = uri.host.as_ref().and_then(|host| host.ip()) else { return flow };
    let peer = flow.remote.ip().to_canonical();
    let other_transport = uri.transport().is_some_and(|transport| (transport == "tcp") != (flow.transport == Transport::Tcp));
    let usable = ip == peer || (is_global(ip) && ip.is_ipv4() == peer.is_ipv4());
    if other_transport || !usable {
        return flow;
    }
    let ip = if ip == peer { flow.remote.ip() } else { ip };
    Flow { remote: SocketAddr::new(ip, uri.port.unwrap_or(5060)), ..flow }
}

fn is_global(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let shared = ip.octets()[0] == 100 && (64..128).contains(&ip.octets()[1]);
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_multicast()
                || ip.is_broadcast()
                || shared)
        }
        IpAddr::V6(ip) => {
            !(ip.is_loopback() || ip.is_unspecified() || ip.is_multicast() || ip.is_unique_local() || ip.is_unicast_link_local())
        }
    }
}

/// How many ended dialogs are told from unknown ones: at ten calls a second those of the last minute.
const PAST: usize = 1024;

/// All dialogs, by id and by our tag.
#[derive(Debug, Default)]
pub(crate) struct Dialogs {
    by_id: LookupMap<DialogId, Box<Dialog>>,
    by_tag: LookupMap<Box<str>, DialogId>,
    connections: BTreeSet<(u64, DialogId)>,
    /// Those that ended last: Call-ID, our tag, the peer's tag.
    past: VecDeque<[Box<str>; 3]>,
    next: u64,
}

impl Dialogs {
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The id the next dialog will have.
    pub(crate) fn next_id(&self) -> DialogId {
        DialogId(self.next + 1)
    }

    pub(crate) fn add(&mut self, dialog: Dialog) -> DialogId {
        let id = self.next_id();
        self.next += 1;
        self.by_tag.insert(dialog.facts.local_tag.as_str().into(), id);
        self.by_id.insert(id, Box::new(dialog));
        self.index(id);
        id
    }

    pub(crate) fn get(&self, id: DialogId) -> Option<&Dialog> {
        self.by_id.get(&id).map(|dialog| &**dialog)
    }

    pub(crate) fn get_mut(&mut self, id: DialogId) -> Option<&mut Dialog> {
        self.by_id.get_mut(&id).map(|dialog| &mut **dialog)
    }

    /// The dialog with this tag of ours.
    pub(crate) fn by_tag(&self, tag: &str) -> Option<DialogId> {
        self.by_tag.get(tag).copied()
    }

    pub(crate) fn remove(&mut self, id: DialogId) -> Option<Box<Dialog>> {
        let dialog = self.by_id.remove(&id)?;
        self.by_tag.remove(dialog.facts.local_tag.as_str());
        self.connections.remove(&(dialog.facts.flow.connection, id));
        if self.past.len() >= PAST {
            self.past.pop_front();
        }
        let facts = &dialog.facts;
        self.past.push_back([&facts.call_id, &facts.local_tag, &facts.remote_tag].map(|part| part.as_str().into()));
        Some(dialog)
    }

    /// Whether such a dialog ended lately.
    pub(crate) fn is_past(&self, call_id: &str, local_tag: &str, is_remote_tag: impl Fn(&str) -> bool) -> bool {
        self.past.iter().any(|[id, ours, theirs]| **id == *call_id && **ours == *local_tag && is_remote_tag(theirs))
    }

    /// To be called when a dialog's flow has changed.
    pub(crate) fn index(&mut self, id: DialogId) {
        let connection = self.by_id.get(&id).map_or(0, |dialog| dialog.facts.flow.connection);
        if connection != 0 {
            self.connections.insert((connection, id));
        }
    }

    /// The dialogs on a TCP connection, which is then forgotten.
    pub(crate) fn take_connection(&mut self, connection: u64) -> Vec<DialogId> {
        let all = (connection, DialogId(0))..=(connection, DialogId(u64::MAX));
        let ids: Vec<_> = self.connections.range(all).map(|(_, id)| *id).collect();
        for id in &ids {
            self.connections.remove(&(connection, *id));
        }
        ids.into_iter().filter(|id| self.by_id.get(id).is_some_and(|dialog| dialog.facts.flow.connection == connection)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(remote: &str) -> Flow {
        Flow { transport: Transport::Udp, local: "203.0.113.1:5060".parse().unwrap(), remote: remote.parse().unwrap(), connection: 0 }
    }

    #[test]
    fn requests_go_to_the_contact_unless_it_cannot_be_reached_from_here() {
        let from = flow("198.51.100.7:40000");
        let to = |uri: &str| next_hop(uri, from).remote.to_string();
        assert_eq!(to("sip:bob@198.51.100.7:5062"), "198.51.100.7:5062", "same host, another port");
        assert_eq!(to("sip:bob@198.51.100.7"), "198.51.100.7:5060", "same host, default port");
        assert_eq!(to("sip:bob@198.51.100.99"), "198.51.100.99:5060", "a proxy elsewhere");
        assert_eq!(to("sip:bob@192.168.0.4:5060"), "198.51.100.7:40000", "behind a translator of addresses");
        assert_eq!(to("sip:bob@127.0.0.1:5060"), "198.51.100.7:40000", "a confused phone");
        assert_eq!(to("sip:bob@example.com"), "198.51.100.7:40000", "a name, which is not looked up here");
        assert_eq!(to("sip:bob@198.51.100.7;transport=tcp"), "198.51.100.7:40000", "another transport");
        assert_eq!(to("not a uri"), "198.51.100.7:40000");
    }
}
