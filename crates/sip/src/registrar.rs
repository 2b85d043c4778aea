//! Bindings of accounts to contacts (RFC 3261 10.3) and whether those contacts answer OPTIONS.

use crate::header::Header;
use crate::message::{Request, Response};
use crate::uri::{Scheme, Uri};
use crate::value::{Contacts, NameAddr};
use hotline_model::history::{Flow, Transport};
use hotline_model::{Deadline, Deadlines, Name, Timestamp};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Settings of the registrar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistrarConfig {
    /// Contacts per account; one more is refused with 403.
    pub contacts: usize,
    /// A shorter expiry is refused with 423 (RFC 3261 10.3, 21.4.17).
    pub min_expires: Duration,
    /// A longer expiry is cut to this.
    pub max_expires: Duration,
    /// If the phone names none, or no number.
    pub default_expires: Duration,
    /// Time between two OPTIONS to a contact.
    pub ping_every: Duration,
    /// Pings in a row without an answer after which a contact is unreachable.
    pub misses: u32,
}

impl Default for RegistrarConfig {
    fn default() -> Self {
        Self {
            contacts: 10,
            min_expires: Duration::from_secs(10),
            max_expires: Duration::from_secs(3600),
            default_expires: Duration::from_secs(600),
            ping_every: Duration::from_secs(10),
            misses: 2,
        }
    }
}

/// One binding, as it is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The account.
    pub account: Name,
    /// Contact URI as the phone gave it.
    pub contact: String,
    /// How to reach it.
    pub flow: Flow,
    /// When it ends.
    pub expires: Timestamp,
    /// Call-ID of the last REGISTER.
    pub call_id: String,
    /// CSeq of the last REGISTER.
    pub cseq: u32,
    /// Preference in thousandths; 1000 for a phone that states none, as if it were its only contact (RFC 3261 10.2.1.2).
    pub q: u16,
    /// `+sip.instance` and `reg-id` (RFC 5626 4.1): a phone that comes back from another address is still the same.
    pub instance: Option<String>,
}

/// The handle of one OPTIONS ping; the answer is told with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PingId(u64);

/// What the registrar has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrarEvent {
    /// A contact was bound that was not bound before.
    Registered {
        /// The account.
        account: Name,
        /// The contact URI.
        contact: String,
    },
    /// A contact is bound no more.
    Unregistered {
        /// The account.
        account: Name,
        /// The contact URI.
        contact: String,
        /// It ran out; else it was removed.
        expired: bool,
    },
    /// Whether any contact of the account can be reached has changed.
    Reachable {
        /// The account.
        account: Name,
        /// The new state.
        reachable: bool,
    },
    /// Send an OPTIONS outside of any dialog, and tell what comes of it: [`Registrar::pong`] or [`Registrar::ping_failed`].
    Ping {
        /// Its handle.
        id: PingId,
        /// The account.
        account: Name,
        /// Request-URI.
        uri: String,
        /// Where to.
        flow: Flow,
    },
    /// The bindings of an account are worth saving.
    BindingsChanged {
        /// The account.
        account: Name,
    },
}

#[derive(Clone, Debug)]
struct Bound {
    expires: Timestamp,
    call_id: String,
    cseq: u32,
    q: u16,
    instance: Option<String>,
    deadline: Deadline,
}

#[derive(Clone, Debug)]
struct Contact {
    id: u64,
    text: String,
    uri: Uri,
    flow: Flow,
    bound: Option<Bound>,
    /// Unknown until a static contact has answered or missed.
    reachable: Option<bool>,
    misses: u32,
    unanswered: bool,
    ping: Option<Deadline>,
}

#[derive(Debug, Default)]
struct Seat {
    contacts: Vec<Contact>,
    told: Option<bool>,
}

#[derive(Clone, Debug)]
enum Due {
    Expiry(Name, u64),
    Ping(Name, u64),
}

/// The registrar: told of REGISTER requests and answers to its pings, it speaks through events.
#[derive(Debug, Default)]
pub struct Registrar {
    config: RegistrarConfig,
    seats: BTreeMap<Name, Seat>,
    deadlines: Deadlines<Due>,
    events: VecDeque<RegistrarEvent>,
    /// Accounts that registered over a connection, for [`Registrar::closed`].
    connections: BTreeMap<u64, BTreeSet<Name>>,
    /// How many registered contacts there are at an address.
    sources: BTreeMap<IpAddr, u32>,
    next: u64,
}

/// One contact of a REGISTER, checked.
struct Wish {
    text: String,
    uri: Uri,
    expires: Duration,
    q: u16,
    instance: Option<String>,
}

/// The REGISTER the wishes stand in.
struct Order<'a> {
    now: Timestamp,
    account: &'a Name,
    call_id: &'a str,
    cseq: u32,
    pings: bool,
    flow: Flow,
}

/// Why a REGISTER is refused.
enum Refusal {
    Code(u16, &'static str),
    Brief,
}

impl Registrar {
    /// A registrar without bindings.
    pub fn new(config: RegistrarConfig) -> Self {
        Self { config, ..Self::default() }
    }

    /// Handles a REGISTER of an authenticated account; `pings` says whether its contacts get OPTIONS. The response has no To tag yet.
    pub fn register(&mut self, now: Timestamp, request: &Request, account: &Name, pings: bool, flow: Flow) -> Response {
        self.handle_timeout(now);
        match self.try_register(now, request, account, pings, flow) {
            Ok(()) => self.ok(now, request, account),
            Err(Refusal::Code(code, reason)) => {
                let mut response = Response::to(request, code);
                reason.clone_into(&mut response.reason);
                response
            }
            Err(Refusal::Brief) => {
                let mut response = Response::to(request, 423);
                put(&mut response, Header::MinExpires, &self.config.min_expires.as_secs().to_string());
                response
            }
        }
    }

    fn try_register(&mut self, now: Timestamp, request: &Request, account: &Name, pings: bool, flow: Flow) -> Result<(), Refusal> {
        let bad = |_| Refusal::Code(400, "Bad Request");
        let headers = &request.headers;
        self.check_aor(request, account)?;
        let (call_id, cseq) = (headers.call_id().map_err(bad)?, headers.cseq().map_err(bad)?.number);
        let order = Order { now, account, call_id, cseq, pings, flow };
        let contacts = headers.contacts().map_err(bad)?;
        let expires = headers.expires().ok().flatten().map(|seconds| Duration::from_secs(seconds.into()));
        match contacts {
            Contacts::Any if expires == Some(Duration::ZERO) => self.remove_all(&order),
            Contacts::Any => Err(Refusal::Code(400, "Contact * Needs Expires 0")),
            Contacts::List(list) => {
                let wishes = list.iter().map(|contact| self.wish(contact, expires)).collect::<Result<Vec<_>, _>>()?;
                self.check_wishes(&order, &wishes)?;
                wishes.into_iter().for_each(|wish| self.bind(&order, wish));
                self.settle(account);
                Ok(())
            }
        }
    }

    /// Nobody registers for somebody else (RFC 3261 10.3 step 4).
    fn check_aor(&self, request: &Request, account: &Name) -> Result<(), Refusal> {
        let to = request.headers.to().ok().and_then(|to| Uri::parse(&to.uri).ok());
        let aor = to.filter(|uri| matches!(uri.scheme, Scheme::Sip | Scheme::Sips)).ok_or(Refusal::Code(400, "Bad Address of Record"))?;
        if aor.user.as_deref() == Some(account) { Ok(()) } else { Err(Refusal::Code(403, "Forbidden")) }
    }

    fn wish(&self, contact: &NameAddr, header: Option<Duration>) -> Result<Wish, Refusal> {
        let uri = Uri::parse(&contact.uri).ok().filter(|uri| matches!(uri.scheme, Scheme::Sip | Scheme::Sips));
        let uri = uri.ok_or(Refusal::Code(400, "Bad Contact"))?;
        let own = contact.expires().map(|seconds| Duration::from_secs(seconds.into()));
        let expires = own.or(header).unwrap_or(self.config.default_expires).min(self.config.max_expires);
        if !expires.is_zero() && expires < self.config.min_expires {
            return Err(Refusal::Brief);
        }
        let instance = contact.params.get("+sip.instance");
        let instance = instance.map(|instance| format!("{instance};{}", contact.params.get("reg-id").unwrap_or_default()));
        Ok(Wish { text: contact.uri.clone(), uri, expires, q: contact.q().unwrap_or(1000), instance })
    }

    /// All or nothing (RFC 3261 10.3 step 7): CSeq order within a Call-ID, and the limit.
    fn check_wishes(&self, order: &Order<'_>, wishes: &[Wish]) -> Result<(), Refusal> {
        let seat = self.seats.get(order.account);
        let bound = |wish: &Wish| seat.and_then(|seat| seat.contacts.iter().find(|contact| contact.is_same(wish)));
        if wishes.iter().filter_map(bound).any(|contact| contact.is_older(order)) {
            return Err(Refusal::Code(500, "CSeq Out of Order"));
        }
        let fresh = wishes.iter().filter(|wish| !wish.expires.is_zero() && bound(wish).is_none()).count();
        let gone = wishes.iter().filter(|wish| wish.expires.is_zero() && bound(wish).is_some()).count();
        let held = seat.map_or(0, |seat| seat.contacts.iter().filter(|contact| contact.bound.is_some()).count());
        if fresh > 0 && held.saturating_sub(gone) + fresh > self.config.contacts {
            return Err(Refusal::Code(403, "Too Many Contacts"));
        }
        Ok(())
    }

    fn remove_all(&mut self, order: &Order<'_>) -> Result<(), Refusal> {
        let Some(seat) = self.seats.get(order.account) else { return Ok(()) };
        let bound = || seat.contacts.iter().filter(|contact| contact.bound.is_some());
        if bound().any(|contact| contact.is_older(order)) {
            return Err(Refusal::Code(500, "CSeq Out of Order"));
        }
        for id in bound().map(|contact| contact.id).collect::<Vec<_>>() {
            self.unbind(order.account, id, false);
        }
        self.settle(order.account);
        Ok(())
    }

    fn bind(&mut self, order: &Order<'_>, wish: Wish) {
        let account = order.account;
        let contacts = self.seats.get(account).into_iter().flat_map(|seat| &seat.contacts).filter(|contact| contact.is_same(&wish));
        let known: Vec<_> = contacts.map(|contact| (contact.id, contact.uri.same(&wish.uri))).collect();
        let mut is_new = !wish.expires.is_zero();
        for (id, same_uri) in known {
            let stays = same_uri && !wish.expires.is_zero();
            is_new &= !same_uri;
            self.take(account, id, (!stays).then_some(false));
        }
        self.changed(account);
        if wish.expires.is_zero() {
            return;
        }
        if is_new {
            self.events.push_back(RegistrarEvent::Registered { account: account.clone(), contact: wish.text.clone() });
        }
        let binding = Binding {
            account: account.clone(),
            contact: wish.text,
            flow: reach(&wish.uri, order.flow),
            expires: order.now + wish.expires,
            call_id: order.call_id.to_owned(),
            cseq: order.cseq,
            q: wish.q,
            instance: wish.instance,
        };
        self.put(binding, wish.uri, order.pings.then(|| order.now + self.config.ping_every), true);
    }

    fn changed(&mut self, account: &Name) {
        let event = RegistrarEvent::BindingsChanged { account: account.clone() };
        if !self.events.contains(&event) {
            self.events.push_back(event);
        }
    }

    fn put(&mut self, binding: Binding, uri: Uri, ping: Option<Timestamp>, reachable: bool) {
        let id = self.next;
        self.next += 1;
        if binding.flow.connection != 0 {
            self.connections.entry(binding.flow.connection).or_default().insert(binding.account.clone());
        }
        *self.sources.entry(binding.flow.remote.ip()).or_default() += 1;
        let Binding { account, contact, flow, expires, call_id, cseq, q, instance } = binding;
        let deadline = self.deadlines.set(expires, Due::Expiry(account.clone(), id));
        let ping = ping.map(|at| self.deadlines.set(at, Due::Ping(account.clone(), id)));
        let bound = Some(Bound { expires, call_id, cseq, q, instance, deadline });
        let contact = Contact { id, text: contact, uri, flow, bound, reachable: Some(reachable), misses: 0, unanswered: false, ping };
        self.seats.entry(account).or_default().contacts.push(contact);
    }

    /// Takes a contact out; `expired` if the world is to hear of it.
    fn take(&mut self, account: &Name, id: u64, expired: Option<bool>) {
        let Some(seat) = self.seats.get_mut(account) else { return };
        let Some(place) = seat.contacts.iter().position(|contact| contact.id == id) else { return };
        let contact = seat.contacts.remove(place);
        let source = contact.flow.remote.ip();
        if contact.bound.is_some()
            && let Some(count) = self.sources.get_mut(&source)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.sources.remove(&source);
            }
        }
        for deadline in contact.bound.iter().map(|bound| bound.deadline).chain(contact.ping) {
            self.deadlines.cancel(deadline);
        }
        if let Some(expired) = expired {
            self.events.push_back(RegistrarEvent::Unregistered { account: account.clone(), contact: contact.text, expired });
        }
    }

    fn unbind(&mut self, account: &Name, id: u64, expired: bool) {
        self.take(account, id, Some(expired));
        self.changed(account);
    }

    fn settle(&mut self, account: &Name) {
        let Some(seat) = self.seats.get_mut(account) else { return };
        let any = |state| seat.contacts.iter().any(|contact| contact.reachable == state);
        let reachable = if any(Some(true)) { Some(true) } else { (!any(None)).then_some(false) };
        let is_news = |reachable: &bool| match seat.told {
            Some(told) => told != *reachable,
            None => *reachable || !seat.contacts.is_empty(),
        };
        if let Some(reachable) = reachable.filter(is_news) {
            seat.told = Some(reachable);
            self.events.push_back(RegistrarEvent::Reachable { account: account.clone(), reachable });
        }
        if seat.contacts.is_empty() {
            self.seats.remove(account);
        }
    }

    fn ok(&self, now: Timestamp, request: &Request, account: &Name) -> Response {
        let mut response = Response::to(request, 200);
        for contact in self.seats.get(account).into_iter().flat_map(|seat| &seat.contacts) {
            let Some(bound) = &contact.bound else { continue };
            let left = bound.expires.since(now).as_secs();
            let q = if bound.q == 1000 { String::new() } else { format!(";q=0.{:03}", bound.q) };
            put(&mut response, Header::Contact, &format!("<{}>;expires={left}{q}", contact.text));
        }
        response
    }

    /// Due expiries and pings.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        while let Some(due) = self.deadlines.take_due(now) {
            match due {
                Due::Expiry(account, id) => {
                    self.unbind(&account, id, true);
                    self.settle(&account);
                }
                Due::Ping(account, id) => self.ping(now, &account, id),
            }
        }
    }

    /// When [`Registrar::handle_timeout`] is next needed.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.deadlines.next()
    }

    /// What happened; to be taken until `None` after every call.
    pub fn poll_event(&mut self) -> Option<RegistrarEvent> {
        self.events.pop_front()
    }

    fn contact_mut(&mut self, account: &Name, id: u64) -> Option<&mut Contact> {
        self.seats.get_mut(account)?.contacts.iter_mut().find(|contact| contact.id == id)
    }

    fn ping(&mut self, now: Timestamp, account: &Name, id: u64) {
        let limit = self.config.misses;
        let next = self.deadlines.set(now + self.config.ping_every, Due::Ping(account.clone(), id));
        let Some(contact) = self.contact_mut(account, id) else {
            self.deadlines.cancel(next);
            return;
        };
        contact.ping = Some(next);
        if contact.unanswered {
            contact.miss(limit);
        }
        contact.unanswered = true;
        let event = RegistrarEvent::Ping { id: PingId(id), account: account.clone(), uri: contact.text.clone(), flow: contact.flow };
        self.events.push_back(event);
        self.settle(account);
    }

    /// A ping was answered: the contact is there.
    pub fn pong(&mut self, account: &Name, id: PingId) {
        if let Some(contact) = self.contact_mut(account, id.0) {
            (contact.misses, contact.unanswered, contact.reachable) = (0, false, Some(true));
            self.settle(account);
        }
    }

    /// A ping was answered with the code that an INVITE would get (RFC 3261 11.2), by which nobody takes calls there. That holds for what has a
    /// fixed place, such as a trunk; a registered telephone is there whatever it answers.
    pub fn out_of_service(&mut self, account: &Name, id: PingId) {
        let limit = self.config.misses;
        if self.contact_mut(account, id.0).is_some_and(|contact| contact.bound.is_some()) {
            return self.pong(account, id);
        }
        if let Some(contact) = self.contact_mut(account, id.0) {
            (contact.misses, contact.unanswered, contact.reachable) = (limit, false, Some(false));
            self.settle(account);
        }
    }

    /// A ping could not be sent (transport error). Its mere lack of an answer is noticed here. Where no connection can be made nobody
    /// listens, and one failure says it.
    pub fn ping_failed(&mut self, account: &Name, id: PingId) {
        let misses = self.config.misses;
        if let Some(contact) = self.contact_mut(account, id.0) {
            let limit = if contact.flow.transport == Transport::Tcp { 1 } else { misses };
            if contact.unanswered {
                contact.unanswered = false;
                contact.miss(limit);
            }
            self.settle(account);
        }
    }

    /// A connection is gone: contacts behind it can't be reached until they register again, unless their address can be dialled
    /// (RFC 5626 5.3; RFC 3261 18).
    pub fn closed(&mut self, now: Timestamp, flow: Flow) {
        for account in self.connections.remove(&flow.connection).unwrap_or_default() {
            let Some(seat) = self.seats.get_mut(&account) else { continue };
            for contact in seat.contacts.iter_mut().filter(|contact| contact.flow.connection == flow.connection) {
                contact.flow.connection = 0;
                let pinged = contact.ping.take().is_some_and(|ping| self.deadlines.cancel(ping).is_some());
                match direct(&contact.uri, flow) {
                    Some(remote) => {
                        contact.flow.remote = remote;
                        contact.ping = pinged.then(|| self.deadlines.set(now, Due::Ping(account.clone(), contact.id)));
                    }
                    None => contact.reachable = Some(false),
                }
            }
            self.settle(&account);
        }
    }

    /// Replaces the static contacts that are pinged; they are reported like registered ones, from their first answer or miss on.
    pub fn set_pings(&mut self, now: Timestamp, targets: Vec<(Name, String, Flow)>) {
        let mut new: BTreeMap<Name, Vec<(String, Flow)>> = BTreeMap::new();
        for (account, text, flow) in targets {
            new.entry(account).or_default().push((text, flow));
        }
        let mut old = Vec::new();
        for (account, seat) in &self.seats {
            let mut wanted = new.get_mut(account);
            for contact in seat.contacts.iter().filter(|contact| contact.bound.is_none()) {
                let same = |one: &(String, Flow)| one.0 == contact.text && one.1 == contact.flow;
                match wanted.as_mut().and_then(|wanted| Some((wanted.iter().position(same)?, wanted))) {
                    Some((place, wanted)) => drop(wanted.swap_remove(place)),
                    None => old.push((account.clone(), contact.id)),
                }
            }
        }
        for (account, id) in &old {
            self.take(account, *id, None);
        }
        for (account, targets) in new {
            for (text, flow) in targets {
                self.put_static(now, account.clone(), text, flow);
            }
        }
        for (account, _) in old {
            self.settle(&account);
        }
    }

    /// Replaces one account's static contact that is pinged; what was told of it counts until the new one has answered or missed.
    pub fn set_ping(&mut self, now: Timestamp, account: &Name, target: Option<(String, Flow)>) {
        let contacts = self.seats.get(account).map_or(&[][..], |seat| &seat.contacts);
        let old: Vec<u64> = contacts.iter().filter(|contact| contact.bound.is_none()).map(|contact| contact.id).collect();
        for id in old {
            self.take(account, id, None);
        }
        if let Some((text, flow)) = target {
            self.put_static(now, account.clone(), text, flow);
        }
        self.settle(account);
    }

    fn put_static(&mut self, now: Timestamp, account: Name, text: String, flow: Flow) {
        let Ok(uri) = Uri::parse(&text) else { return };
        let id = self.next;
        self.next += 1;
        let ping = Some(self.deadlines.set(now, Due::Ping(account.clone(), id)));
        let contact = Contact { id, text, uri, flow, bound: None, reachable: None, misses: 0, unanswered: false, ping };
        self.seats.entry(account).or_default().contacts.push(contact);
    }

    /// All bindings, for the state file.
    pub fn bindings(&self) -> Vec<Binding> {
        self.seats.keys().flat_map(|account| self.bindings_of(account)).collect()
    }

    /// The bindings of one account.
    pub fn bindings_of(&self, account: &str) -> impl Iterator<Item = Binding> {
        let seat = self.seats.get_key_value(account);
        seat.into_iter().flat_map(|(name, seat)| seat.contacts.iter().filter_map(move |contact| contact.binding(name)))
    }

    /// Takes saved bindings up again; `pings` says whose contacts get OPTIONS. Bindings that ran out meanwhile are left out. A connection did not
    /// survive: its contact is dialled if it has an address, else it is unreachable until it registers again.
    pub fn restore(&mut self, now: Timestamp, bindings: Vec<Binding>, pings: impl Fn(&str) -> bool) {
        for (mut binding, place) in bindings.into_iter().zip(0u32..) {
            let Ok(uri) = Uri::parse(&binding.contact) else { continue };
            let held = self.seats.get(&binding.account).map_or(0, |seat| seat.contacts.len());
            if binding.expires <= now || held >= self.config.contacts {
                continue;
            }
            let dialled = direct(&uri, binding.flow);
            let reachable = binding.flow.connection == 0 || dialled.is_some();
            if binding.flow.connection != 0 {
                binding.flow = Flow { connection: 0, remote: dialled.unwrap_or(binding.flow.remote), ..binding.flow };
            }
            let account = binding.account.clone();
            let first = now + self.config.ping_every * (place % 16) / 16;
            self.events.push_back(RegistrarEvent::Registered { account: account.clone(), contact: binding.contact.clone() });
            self.put(binding, uri, (reachable && pings(&account)).then_some(first), reachable);
            self.settle(&account);
        }
    }

    /// Whether somebody is registered from this address.
    pub fn knows(&self, source: IpAddr) -> bool {
        self.sources.contains_key(&source)
    }

    /// Registered contacts that can be reached, in the order in which they are to be tried: the highest `q` first (RFC 3261 16.6), of equal
    /// ones the newest.
    pub fn contacts(&self, account: &str) -> Vec<(String, Flow)> {
        let newest_first = self.seats.get(account).into_iter().flat_map(|seat| seat.contacts.iter().rev());
        let live = newest_first.filter(|contact| contact.reachable == Some(true));
        let mut contacts: Vec<_> = live.filter_map(|contact| Some((contact.bound.as_ref()?.q, contact))).collect();
        contacts.sort_by_key(|(q, _)| Reverse(*q));
        contacts.into_iter().map(|(_, contact)| (contact.text.clone(), contact.flow)).collect()
    }
}

impl Contact {
    fn is_same(&self, wish: &Wish) -> bool {
        let Some(bound) = &self.bound else { return false };
        self.uri.same(&wish.uri) || (wish.instance.is_some() && bound.instance == wish.instance)
    }

    /// A REGISTER with this Call-ID and CSeq is not newer than the binding.
    fn is_older(&self, order: &Order<'_>) -> bool {
        self.bound.as_ref().is_some_and(|bound| bound.call_id == order.call_id && order.cseq <= bound.cseq)
    }

    fn miss(&mut self, limit: u32) {
        self.misses = self.misses.saturating_add(1);
        if self.misses >= limit {
            self.reachable = Some(false);
        }
    }

    fn binding(&self, account: &Name) -> Option<Binding> {
        let Bound { expires, call_id, cseq, q, instance, .. } = self.bound.clone()?;
        Some(Binding { account: account.clone(), contact: self.text.clone(), flow: self.flow, expires, call_id, cseq, q, instance })
    }
}

/// The flow that reaches a contact: the connection of the REGISTER; over UDP the contact's own address if the REGISTER came from that host, else
/// (NAT, names, addresses that lead nowhere) where it came from.
fn reach(uri: &Uri, source: Flow) -> Flow {
    if source.connection != 0 {
        return source;
    }
    match direct(uri, source) {
        Some(remote) if uri.transport().as_deref() == Some("tcp") => Flow { transport: Transport::Tcp, remote, ..source },
        Some(remote) => Flow { remote, ..source },
        None => source,
    }
}

fn direct(uri: &Uri, source: Flow) -> Option<SocketAddr> {
    let ip: IpAddr = uri.host.as_ref()?.ip()?;
    let port = uri.port.unwrap_or(5060);
    (ip == source.remote.ip().to_canonical() && port != 0).then(|| SocketAddr::new(source.remote.ip(), port))
}

fn put(response: &mut Response, header: Header, value: &str) {
    response.push(header, value).expect("a parsed URI and numbers hold no line ends");
}
