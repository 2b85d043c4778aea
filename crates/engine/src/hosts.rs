//! Where the seats with a fixed contact and the trunks are: addresses at once, host names by asking, again and again, since phones move.

use crate::ask::{Answer, AskId, HostTrouble, Question, Trouble};
use crate::engine::{Engine, Output};
use crate::look_ups::LookUps;
use crate::trunks::Trunks;
use hotline_model::history::{Flow, Transport};
use hotline_model::{Deadline, Deadlines, Name, SeatId, Timestamp};
use hotline_router::Input;
use hotline_rules::{Plan, Secret};
use hotline_sip::{Host, Listener, Uri};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Questions open at a time; what is due beyond is asked as soon as one of them ends.
const OPEN: usize = 4_096;
/// How long an answer counts: a phone that moved is found by then without a reload, and 500 names cost two questions a second.
const REFRESH: Duration = Duration::from_secs(300);
/// After a failure it is asked again sooner: its seats may be unreachable meanwhile.
const RETRY: Duration = Duration::from_secs(30);
/// The deadline of an answer: a system's resolver turns to its second server after 5 s (resolv.conf(5), timeout).
const PATIENCE: Duration = Duration::from_secs(10);
/// Addresses of one answer that are looked at.
const ADDRESSES: usize = 16;
/// The port of a SIP URI without one (RFC 3261 19.1.2).
const SIP_PORT: u16 = 5060;

/// Seats and where to call them: URI and way.
pub(crate) type Contacts = BTreeMap<SeatId, (String, Flow)>;

/// The host names of the rules, and the questions about them.
#[derive(Debug, Default)]
pub(crate) struct Hosts {
    places: BTreeMap<Question, Place>,
    open: BTreeMap<AskId, (Question, Deadline)>,
    due: Deadlines<Question>,
    expiries: Deadlines<AskId>,
    asked: u64,
}

/// What is known of one host.
#[derive(Clone, Debug, Default)]
struct Place {
    seats: Vec<SeatId>,
    trunks: Vec<Name>,
    way: Option<Flow>,
    trouble: Option<Trouble>,
}

enum Target {
    Address(Transport, SocketAddr),
    Name(Question),
}

/// What a contact names; `None` if it is no URI with a host.
fn target(contact: &str) -> Option<Target> {
    let uri = Uri::parse(contact).ok()?;
    let transport = if uri.transport().as_deref() == Some("tcp") { Transport::Tcp } else { Transport::Udp };
    let (host, port) = (uri.host?, uri.port.unwrap_or(SIP_PORT));
    Some(match (host.ip(), host) {
        (Some(ip), _) => Target::Address(transport, SocketAddr::new(ip, port)),
        (None, Host::Name(name)) => Target::Name(Question::Host { host: name.into(), port, transport }),
        (None, Host::V4(_) | Host::V6(_)) => return None,
    })
}

/// The way to an address: from a listener of its family, of its transport if there is one.
fn way(listeners: &[Listener], transport: Transport, remote: SocketAddr) -> Option<Flow> {
    let family = || listeners.iter().filter(|listener| listener.local.is_ipv4() == remote.is_ipv4());
    let listener = family().find(|listener| listener.transport == transport).or_else(|| family().next())?;
    Some(Flow { transport, local: listener.local, remote, connection: 0 })
}

impl Hosts {
    /// Takes the contacts of new rules: what was open is no longer wanted, all names are due, and what is known of them stays until
    /// their answer comes.
    fn renew(&mut self, now: Timestamp, plan: &Plan, listeners: &[Listener]) -> (Contacts, BTreeMap<Name, Flow>) {
        let mut known = std::mem::take(self);
        self.asked = known.asked;
        let mut contacts = Contacts::new();
        for (id, seat) in (0u32..).map(SeatId).zip(&plan.seats).filter(|(_, seat)| !seat.retired) {
            let Some(uri) = &seat.contact else { continue };
            let flow = match target(uri) {
                Some(Target::Address(transport, remote)) => way(listeners, transport, remote),
                Some(Target::Name(question)) => self.add(question, &mut known.places, |place| place.seats.push(id)),
                None => None,
            };
            contacts.extend(flow.map(|flow| (id, (uri.clone(), flow))));
        }
        let mut trunks = BTreeMap::new();
        for trunk in &plan.trunks {
            let flow = match target(&trunk.contact) {
                Some(Target::Address(transport, remote)) => way(listeners, transport, remote),
                Some(Target::Name(question)) => self.add(question, &mut known.places, |place| place.trunks.push(trunk.name.clone())),
                None => None,
            };
            trunks.extend(flow.map(|flow| (trunk.name.clone(), flow)));
        }
        for question in self.places.keys() {
            self.due.set(now, question.clone());
        }
        (contacts, trunks)
    }

    fn add(&mut self, question: Question, known: &mut BTreeMap<Question, Place>, join: impl FnOnce(&mut Place)) -> Option<Flow> {
        let mut before = |question: &Question| known.remove(question).map(|place| Place { seats: Vec::new(), trunks: Vec::new(), ..place });
        let place = self.places.entry(question).or_insert_with_key(|question| before(question).unwrap_or_default());
        join(place);
        place.way
    }

    /// The next question that is due, if another may be open.
    fn next_question(&mut self, now: Timestamp) -> Option<(AskId, Question, Timestamp)> {
        if self.open.len() >= OPEN {
            return None;
        }
        let question = self.due.take_due(now)?;
        let (id, deadline) = (AskId(self.asked), now + PATIENCE);
        self.asked += 1;
        let expiry = self.expiries.set(deadline, id);
        self.open.insert(id, (question.clone(), expiry));
        Some((id, question, deadline))
    }

    /// The question of an answer; `None` if it is not, or no longer, wanted.
    fn close(&mut self, now: Timestamp, id: AskId) -> Option<Question> {
        if self.open.get(&id)?.1.at() <= now {
            return None;
        }
        let (question, expiry) = self.open.remove(&id)?;
        self.expiries.cancel(expiry);
        Some(question)
    }

    /// The next question whose deadline is over.
    fn expired(&mut self, now: Timestamp) -> Option<Question> {
        let id = self.expiries.take_due(now)?;
        self.open.remove(&id).map(|(question, _)| question)
    }

    /// When there is something to do.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let due = self.due.next().filter(|_| self.open.len() < OPEN);
        [due, self.expiries.next()].into_iter().flatten().min()
    }

    /// What an answer means: the way to the host, which stays as it is while it is among those named.
    fn judge(place: &Place, question: &Question, listeners: &[Listener], answer: Answer) -> Result<Flow, Trouble> {
        let Question::Host { port, transport, .. } = question else { return Err(Trouble::NoAddress) };
        let addresses = match answer {
            Answer::Addresses(addresses) => addresses,
            Answer::Failed(why) => return Err(Trouble::Failed(why)),
            Answer::Customer(_) | Answer::Full => return Err(Trouble::NoAnswer),
        };
        let first = addresses.first().copied().ok_or(Trouble::NoAddress)?;
        let remotes = addresses.iter().take(ADDRESSES).map(|ip| SocketAddr::new(ip.to_canonical(), *port));
        let ways: Vec<Flow> = remotes.filter_map(|remote| way(listeners, *transport, remote)).collect();
        let same = place.way.filter(|way| ways.contains(way));
        same.or_else(|| ways.first().copied()).ok_or(Trouble::NoListener(first))
    }
}

/// What new rules did to fixed contacts.
pub(crate) struct Renewed {
    before: Contacts,
    plan: Arc<Plan>,
}

impl Engine {
    /// Takes the fixed contacts of new rules; to be called before the router hears of them, so that it offers nothing to who left.
    pub(crate) fn renew_contacts(&mut self, plan: &Arc<Plan>) -> Renewed {
        let now = self.world.now;
        let (contacts, trunks) = self.hosts.renew(now, plan, &self.config.sip.listeners);
        let before = std::mem::replace(&mut self.world.fixed_contacts, contacts);
        let old = std::mem::replace(&mut self.world.plan, Arc::clone(plan));
        let pinged = self.world.fixed_contacts.iter().filter(|(seat, _)| plan.seat(**seat).ping);
        let pinged = pinged.map(|(seat, (uri, flow))| (plan.seat(*seat).name.clone(), uri.clone(), *flow));
        let of_trunks = plan.trunks.iter().filter(|trunk| trunk.ping);
        let of_trunks =
            of_trunks.filter_map(|trunk| Some((Trunks::account(&trunk.name), trunk.contact.clone(), *trunks.get(&trunk.name)?)));
        self.world.sip.set_pings(now, pinged.chain(of_trunks).collect());
        self.world.trunks.renew(trunks);
        let lost: Vec<SeatId> = before.keys().filter(|seat| !self.world.fixed_contacts.contains_key(seat)).copied().collect();
        lost.into_iter().for_each(|seat| self.lose_contact(seat));
        Renewed { before, plan: old }
    }

    /// Tells the router, which has the new rules by now, who came; and asks.
    pub(crate) fn tell_renewed(&mut self, renewed: &Renewed) {
        let Renewed { before, plan: old } = renewed;
        let was_there = |seat: SeatId| before.contains_key(&seat) && !old.seat(seat).ping;
        let plan = Arc::clone(&self.world.plan);
        let came = self.world.fixed_contacts.keys().copied().filter(|seat| !plan.seat(*seat).ping && !was_there(*seat));
        for seat in came.collect::<Vec<_>>() {
            self.world.router.handle(self.world.now, Input::Reachable { seat, reachable: true });
        }
        self.renew_callers();
        self.ask();
    }

    /// Phones with a fixed contact and no password call from exactly there.
    fn renew_callers(&mut self) {
        let plan = Arc::clone(&self.world.plan);
        let contacts = self.world.fixed_contacts.iter().filter(|(seat, _)| plan.seat(**seat).secret == Secret::None);
        let callers = contacts.map(|(seat, (_, flow))| (plan.seat(*seat).name.clone(), flow.remote)).collect();
        self.world.sip.set_callers_by_address(callers);
    }

    pub(crate) fn on_answer(&mut self, id: AskId, answer: Answer) {
        if LookUps::is_one(id) {
            return self.on_customer(id, answer);
        }
        match self.hosts.close(self.world.now, id) {
            Some(question) => self.learn(question, Some(answer)),
            None => self.world.counters.late_answers += 1,
        }
        self.ask();
    }

    /// Gives up what was not answered, and asks what is due.
    pub(crate) fn on_hosts_timeout(&mut self) {
        while let Some(question) = self.hosts.expired(self.world.now) {
            self.learn(question, None);
        }
        self.ask();
    }

    fn ask(&mut self) {
        while let Some((id, question, deadline)) = self.hosts.next_question(self.world.now) {
            self.world.outputs.push_back(Output::Ask { id, question, deadline });
        }
    }

    /// What an answer, or the lack of one, changes.
    fn learn(&mut self, question: Question, answer: Option<Answer>) {
        let Some(place) = self.hosts.places.get_mut(&question) else { return };
        let found = answer.map_or(Err(Trouble::NoAnswer), |answer| Hosts::judge(place, &question, &self.config.sip.listeners, answer));
        let way = match &found {
            Ok(flow) => Some(*flow),
            Err(Trouble::NoListener(_)) => None,
            Err(Trouble::Failed(_) | Trouble::NoAnswer | Trouble::NoAddress) => place.way,
        };
        match &found {
            Ok(_) => {}
            Err(Trouble::NoListener(_)) => self.world.counters.hosts_without_listener += 1,
            Err(Trouble::Failed(_) | Trouble::NoAnswer | Trouble::NoAddress) => self.world.counters.look_ups_failed += 1,
        }
        let moved = place.way != way;
        let again = if found.is_ok() { REFRESH } else { RETRY };
        (place.way, place.trouble) = (way, found.err());
        let (seats, trunks) = if moved { (place.seats.clone(), place.trunks.clone()) } else { Default::default() };
        self.hosts.due.set(self.world.now + again, question);
        seats.into_iter().for_each(|seat| self.move_seat(seat, way));
        trunks.iter().for_each(|trunk| self.move_trunk(trunk, way));
    }

    /// A trunk's host is at another address now, or at none.
    fn move_trunk(&mut self, trunk: &Name, way: Option<Flow>) {
        self.world.trunks.set_way(trunk, way);
        if let Some(facts) = self.world.plan.trunk(trunk).filter(|facts| facts.ping) {
            self.world.sip.set_ping(self.world.now, &Trunks::account(trunk), way.map(|way| (facts.contact.clone(), way)));
        }
    }

    /// A seat's host is at another address now, or at none.
    fn move_seat(&mut self, seat: SeatId, way: Option<Flow>) {
        let (now, plan) = (self.world.now, Arc::clone(&self.world.plan));
        let facts = plan.seat(seat);
        let contact = facts.contact.clone().zip(way);
        if facts.ping {
            self.world.sip.set_ping(now, &facts.name, contact.clone());
        }
        match contact {
            Some(contact) => {
                self.world.fixed_contacts.insert(seat, contact);
                if !facts.ping {
                    self.world.router.handle(now, Input::Reachable { seat, reachable: true });
                }
            }
            None => {
                self.world.fixed_contacts.remove(&seat);
                self.lose_contact(seat);
            }
        }
        self.renew_callers();
    }

    /// A seat without its fixed contact is where it registered, if it did.
    fn lose_contact(&mut self, seat: SeatId) {
        let reachable = !self.world.sip.contacts(&self.world.plan.seat(seat).name).is_empty();
        self.world.router.handle(self.world.now, Input::Reachable { seat, reachable });
    }

    /// Host names of the rules that can't be looked up now, in the order of the names.
    pub fn host_troubles(&self) -> Vec<HostTrouble> {
        let trouble = |(question, place): (&Question, &Place)| {
            let of_seat = place.seats.first().map(|seat| self.world.seat_name(*seat));
            let seat = of_seat.or_else(|| place.trunks.first().map(|trunk| Trunks::account(trunk)))?;
            let last: Option<IpAddr> = place.way.map(|way| way.remote.ip());
            Some(HostTrouble {
                question: question.clone(),
                seat,
                seats: place.seats.len() + place.trunks.len(),
                last,
                why: place.trouble.clone()?,
            })
        };
        self.hosts.places.iter().filter_map(trouble).collect()
    }
}
