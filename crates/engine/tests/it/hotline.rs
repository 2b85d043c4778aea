//! An engine among phones, on a virtual clock and a network without delay.

use crate::far::Far;
use crate::phone::RTP;
pub use crate::phone::{Habit, Phone, sdp};
use hotline_engine::{Answer, AskId, Config, Engine, Input, Output, Prompts, Question};
use hotline_media::{Clip, Command, StreamId};
use hotline_model::history::{EventKind, Flow, HandOrder, PhoneEvent, Transport, WhyNot};
use hotline_model::{CallEvent, CallId, DeskOrder, DeskRefusal, Entry, Intent, Priority, Record, SeatId, SeatState, Timestamp, WrongPins};
use hotline_rules::{Plan, Source};
use hotline_sip::{Binding, DialogId, Event, Invite, Listener};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub const HOTLINE: ([u8; 4], u16) = ([127, 0, 0, 1], 5060);
/// Wednesday 2026-11-18, 10:00 in Shanghai.
const WORKING_HOUR: i64 = 1_794_967_200_000_000;
const TURNS: usize = 10_000;
pub struct Hotline {
    pub engine: Engine,
    pub now: Timestamp,
    pub phones: BTreeMap<SocketAddr, Phone>,
    pub journal: Vec<Entry>,
    pub media: Vec<Command>,
    /// No packet of a play leaves.
    pub mute: bool,
    /// What the engine wants to know: handle, question, deadline.
    pub asked: Vec<(AskId, Question, Timestamp)>,
    /// Stops taking outputs when so many journal entries were written: the crash.
    pub crash_after: usize,
    /// The last challenge that the engine sent.
    pub challenge: Option<String>,
    /// Bytes of the largest datagram that the engine sent.
    pub largest: usize,
    /// What the last REFER was answered, and the NOTIFYs of it.
    pub told: Vec<String>,
    referred: u32,
    /// Whose CSeq is beyond what its endpoint knows.
    referrer: Option<(SocketAddr, DialogId)>,
    pub plan: Arc<Plan>,
    epoch: u32,
    /// Routers of further groups.
    pub far: Option<Far>,
}

fn flow(local: SocketAddr, remote: SocketAddr) -> Flow {
    Flow { transport: Transport::Udp, local, remote, connection: 0 }
}

impl Hotline {
    /// A hotline with these rules; each habit is the phone of the seat with that fixed contact port.
    pub fn new(rules: &str, phones: &[(u16, Habit)]) -> Self {
        Self::by(compile(rules, None), phones)
    }

    /// By rules that are compiled already.
    pub fn by(plan: Arc<Plan>, phones: &[(u16, Habit)]) -> Self {
        let now = Timestamp(1_000_000);
        let phones = phones.iter().map(|(port, habit)| (SocketAddr::from(([127, 0, 0, 2], *port)), *habit));
        let phones = phones.map(|(address, habit)| (address, Phone::new(address, habit))).collect();
        let engine = start(now, 1, &plan, 1);
        Self {
            engine,
            now,
            phones,
            journal: Vec::new(),
            media: Vec::new(),
            mute: false,
            asked: Vec::new(),
            crash_after: usize::MAX,
            challenge: None,
            largest: 0,
            told: Vec::new(),
            referred: 0,
            referrer: None,
            plan,
            epoch: 1,
            far: None,
        }
    }

    /// The same with routers of so many groups in all, those beyond the first at a distance.
    pub fn in_groups(rules: &str, phones: &[(u16, Habit)], groups: u8, delay: Duration) -> Self {
        let mut hotline = Self::new(rules, phones);
        hotline.engine = start(hotline.now, 1, &hotline.plan, groups);
        hotline.far = Some(Far::new(hotline.now, &hotline.plan, hotline.engine.seats(), groups, delay));
        hotline.settle();
        hotline
    }

    /// The rules change.
    pub fn change_rules(&mut self, rules: &str) {
        let plan = compile(rules, Some(&self.plan));
        self.plan = Arc::clone(&plan);
        let prompts = prompts(&plan);
        self.lay_out(&plan);
        self.engine.handle(self.now, Input::Rules { plan, prompts });
        self.settle();
    }

    /// A question is answered.
    pub fn answer(&mut self, id: AskId, answer: Answer) {
        self.engine.handle(self.now, Input::Answer { id, answer });
        self.settle();
    }

    /// The time of day.
    pub fn wall(&self) -> hotline_model::WallTime {
        self.now.to_wall(WORKING_HOUR)
    }

    /// A caller dials; the phone that called.
    pub fn dial(&mut self, port: u16, number: &str) -> SocketAddr {
        self.dial_with(port, number, sdp(([127, 0, 0, 3], port).into(), 1, "sendrecv"))
    }

    pub fn dial_with(&mut self, port: u16, number: &str, body: Vec<u8>) -> SocketAddr {
        let address = SocketAddr::from(([127, 0, 0, 3], port));
        let phone = self.phones.entry(address).or_insert_with(|| Phone::new(address, Habit::Caller));
        let invite = Invite {
            target: format!("sip:{number}@127.0.0.1:5060"),
            flow: flow(address, HOTLINE.into()),
            local_party: format!("<sip:1380013{port}@127.0.0.3>"),
            remote_party: format!("<sip:{number}@127.0.0.1>"),
            headers: Vec::new(),
            body,
        };
        phone.endpoint.invite(self.now, invite).unwrap();
        self.settle();
        address
    }

    /// A caller dials with this From and further headers; the dialog.
    pub fn dial_as(&mut self, port: u16, number: &str, from: &str, headers: &[(&str, &str)]) -> (SocketAddr, DialogId) {
        let address = SocketAddr::from(([127, 0, 0, 3], port));
        let phone = self.phones.entry(address).or_insert_with(|| Phone::new(address, Habit::Caller));
        let invite = Invite {
            target: format!("sip:{number}@127.0.0.1:5060"),
            flow: flow(address, HOTLINE.into()),
            local_party: from.into(),
            remote_party: format!("<sip:{number}@127.0.0.1>"),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: sdp(address, 1, "sendrecv"),
        };
        let dialog = phone.endpoint.invite(self.now, invite).unwrap();
        self.settle();
        (address, dialog)
    }

    /// A seat's phone dials, in its own name; the dialog.
    pub fn seat_dials(&mut self, phone: SocketAddr, seat: &str, number: &str) -> DialogId {
        let target = format!("sip:{number}@127.0.0.1:5060");
        self.seat_invites(phone, &format!("<sip:{seat}@127.0.0.1>"), &target)
    }

    /// A phone sends an INVITE with this From to this Request-URI.
    pub fn seat_invites(&mut self, phone: SocketAddr, from: &str, target: &str) -> DialogId {
        let dialog = self.seat_invites_unheard(phone, from, target);
        self.settle();
        dialog
    }

    /// The same, while its datagram is still under way.
    pub fn seat_invites_unheard(&mut self, phone: SocketAddr, from: &str, target: &str) -> DialogId {
        let invite = Invite {
            target: target.into(),
            flow: flow(phone, HOTLINE.into()),
            local_party: from.into(),
            remote_party: "<sip:somebody@127.0.0.1>".into(),
            headers: Vec::new(),
            body: sdp(phone, 1, "sendrecv"),
        };
        let now = self.now;
        let caller = self.phones.entry(phone).or_insert_with(|| Phone::new(phone, Habit::Caller));
        caller.endpoint.invite(now, invite).unwrap()
    }

    /// A phone with a password dials, is challenged, and dials again with its digest.
    pub fn account_dials(&mut self, phone: SocketAddr, account: &str, password: &str, number: &str) -> DialogId {
        use hotline_sip::auth::{Algorithm, Credentials, ha1};
        self.seat_dials(phone, account, number);
        let challenge = self.challenge.take().expect("it was challenged");
        let part = |name: &str| challenge.split(name).nth(1).unwrap().split('"').next().unwrap().to_owned();
        let (realm, nonce) = (part("realm=\""), part("nonce=\""));
        let uri = format!("sip:{number}@127.0.0.1:5060");
        let credentials = Credentials {
            username: account.into(),
            realm: realm.clone(),
            nonce: nonce.clone(),
            uri: uri.clone(),
            response: String::new(),
            algorithm: Algorithm::Md5,
            auth: Some((1, "abc".into())),
        };
        let response = credentials.expected(&ha1(Algorithm::Md5, account, &realm, password), "INVITE");
        let line = format!(
            "Digest username=\"{account}\",realm=\"{realm}\",nonce=\"{nonce}\",uri=\"{uri}\",response=\"{response}\",algorithm=MD5,qop=auth,nc=00000001,cnonce=\"abc\""
        );
        let invite = Invite {
            target: uri,
            flow: flow(phone, HOTLINE.into()),
            local_party: format!("<sip:{account}@127.0.0.1>"),
            remote_party: "<sip:somebody@127.0.0.1>".into(),
            headers: vec![("Authorization".into(), line)],
            body: sdp(phone, 1, "sendrecv"),
        };
        let now = self.now;
        let dialog = self.phones.get_mut(&phone).unwrap().endpoint.invite(now, invite).unwrap();
        self.settle();
        dialog
    }

    /// A phone hangs up one of its calls.
    pub fn hang_up_call(&mut self, phone: SocketAddr, dialog: DialogId) {
        let now = self.now;
        self.phones.get_mut(&phone).unwrap().endpoint.hang_up(now, dialog, None).unwrap();
        self.settle();
    }

    /// The stream opened last.
    pub fn last_stream(&self) -> StreamId {
        let opened = self.media.iter().rev().find_map(|command| match command {
            Command::Open { stream, .. } => Some(*stream),
            _ => None,
        });
        opened.expect("a stream was opened")
    }

    /// Keys pressed on a stream, as the media worker would report them.
    pub fn keys(&mut self, stream: StreamId, keys: &str) {
        for digit in keys.chars() {
            self.engine.handle(self.now, Input::Media(hotline_media::Event::Digit { stream, digit, duration_ms: 100 }));
            self.settle();
        }
    }

    /// What a stream's party hears now was heard to its end; its clips.
    pub fn heard(&mut self, stream: StreamId) -> Vec<String> {
        let last = self.media.iter().rev().find_map(|command| match command {
            Command::Play { stream: played, play, clips, .. } if *played == stream => Some((*play, clips.clone())),
            _ => None,
        });
        let (play, clips) = last.expect("something was played");
        self.engine.handle(self.now, Input::Media(hotline_media::Event::Played { stream, play, interrupted: false }));
        self.settle();
        clips.iter().map(|clip| clip.name.to_string()).collect()
    }

    /// What happened at the telephones of seats, by themselves.
    pub fn phone_events(&self) -> Vec<PhoneEvent> {
        let events = self.journal.iter().filter_map(|entry| match entry {
            Entry::Call(CallEvent { kind: EventKind::Phone(event), .. }) => Some(event.clone()),
            _ => None,
        });
        events.collect()
    }

    /// The dialog of a phone's only call.
    pub fn dialog(&self, phone: SocketAddr) -> DialogId {
        let dialog = |event: &Event| match event {
            Event::Answered { dialog, .. } | Event::Invite { dialog, .. } | Event::Rejected { dialog, .. } => Some(*dialog),
            _ => None,
        };
        self.phones[&phone].events.iter().rev().find_map(dialog).expect("the phone has a call")
    }

    pub fn hang_up(&mut self, phone: SocketAddr) {
        let dialog = self.dialog(phone);
        if self.referrer == Some((phone, dialog)) {
            return self.say(phone, dialog, "BYE", "", "");
        }
        let now = self.now;
        self.phones.get_mut(&phone).unwrap().endpoint.hang_up(now, dialog, None).unwrap();
        self.settle();
    }

    /// The caller presses a key, as the media worker would report it.
    pub fn press(&mut self, call: CallId, digit: char) {
        let stream = self.caller_stream(call);
        self.engine.handle(self.now, Input::Media(hotline_media::Event::Digit { stream, digit, duration_ms: 100 }));
        self.settle();
    }

    /// What the caller hears now was heard to its end.
    pub fn hear_out(&mut self, call: CallId) {
        let stream = self.caller_stream(call);
        let last = self.media.iter().rev().find_map(|command| match command {
            Command::Play { stream: played, play, .. } if *played == stream => Some(*play),
            _ => None,
        });
        let play = last.expect("something was played");
        self.engine.handle(self.now, Input::Media(hotline_media::Event::Played { stream, play, interrupted: false }));
        self.settle();
    }

    /// The media worker tells of the sound of a leg: it flows, or has stopped.
    pub fn sound(&mut self, phone: SocketAddr, flows: bool) {
        let opened = self.media.iter().rev().find_map(|command| match command {
            Command::Open { stream, setup, .. } if setup.remote == SocketAddr::new(phone.ip(), phone.port() + RTP) => Some(*stream),
            _ => None,
        });
        let stream = opened.expect("the phone has media");
        let event = if flows { hotline_media::Event::Flowing { stream } } else { hotline_media::Event::Silent { stream } };
        self.engine.handle(self.now, Input::Media(event));
        self.settle();
    }

    fn caller_stream(&self, call: CallId) -> StreamId {
        // A call opens its caller's stream first, and calls are numbered as they come.
        let opened = self.media.iter().filter_map(|command| match command {
            Command::Open { stream, setup, .. } if setup.remote.ip() == SocketAddr::from(([127, 0, 0, 3], 0)).ip() => Some(*stream),
            _ => None,
        });
        opened.clone().nth(call.count() as usize).expect("the call has media")
    }

    /// Names of the prompts said to anybody, in order.
    pub fn said(&self) -> Vec<String> {
        let plays = self.media.iter().filter_map(|command| match command {
            Command::Play { clips, .. } => Some(clips),
            _ => None,
        });
        plays.flatten().map(|clip| clip.name.to_string()).collect()
    }

    pub fn sign(&mut self, seat: &str, intent: Intent) {
        let seat = self.seat(seat);
        self.engine.handle(self.now, Input::Intent { seat, intent });
        self.settle();
    }

    pub fn prioritise(&mut self, call: CallId, priority: Priority) {
        self.order(call, HandOrder::Priority { priority });
    }

    pub fn assign(&mut self, call: CallId, seat: &str) {
        self.order(call, HandOrder::Assign { seat: seat.into() });
    }

    /// An order by hand, and why nothing came of it.
    pub fn order(&mut self, call: CallId, order: HandOrder) -> Option<WhyNot> {
        self.engine.handle(self.now, Input::ByHand { call, by: "lead".into(), order });
        let refused = self.engine.refused();
        self.settle();
        refused
    }

    /// The person at a seat orders something.
    pub fn desk(&mut self, seat: &str, order: DeskOrder) -> Result<(), DeskRefusal> {
        let seat = self.seat(seat);
        self.engine.handle(self.now, Input::Desk { seat, by: "desk".into(), order });
        let answer = self.engine.desk_answer();
        self.settle();
        answer
    }

    /// What the phone at this address hears: the ports of those who talk with it, `music`, `ring-back`, or nothing.
    pub fn hears(&self, phone: SocketAddr) -> Vec<String> {
        let mut ears: BTreeMap<StreamId, Ear> = BTreeMap::new();
        self.media.iter().for_each(|command| follow(&mut ears, command));
        let port = |stream: &StreamId| ears[stream].port;
        let Some((_, ear)) = ears.iter().find(|(_, ear)| ear.port == phone.port()) else { return Vec::new() };
        match ear {
            Ear { talks, .. } if !talks.is_empty() => talks.iter().map(|other| port(other).to_string()).collect(),
            Ear { ring_back: true, .. } => vec!["ring-back".to_owned()],
            Ear { music: true, .. } => vec!["music".to_owned()],
            Ear { .. } => Vec::new(),
        }
    }

    /// A phone that rings is answered.
    pub fn pick_up(&mut self, phone: SocketAddr) {
        let (dialog, now) = (self.dialog(phone), self.now);
        self.phones.get_mut(&phone).unwrap().endpoint.answer(now, dialog, sdp(phone, 1, "sendrecv")).unwrap();
        self.settle();
    }

    /// A phone is answered while its datagrams are still under way.
    pub fn answer_unheard(&mut self, phone: SocketAddr) {
        let (dialog, now) = (self.dialog(phone), self.now);
        self.phones.get_mut(&phone).unwrap().endpoint.answer(now, dialog, sdp(phone, 1, "sendrecv")).unwrap();
    }

    /// A phone is answered, and its datagrams arrive before all others.
    pub fn pick_up_before(&mut self, phone: SocketAddr) {
        self.answer_unheard(phone);
        let now = self.now;
        while let Some(output) = self.phones.get_mut(&phone).unwrap().endpoint.poll_output() {
            if let hotline_sip::Output::Datagram { bytes, .. } = output {
                self.engine.handle(now, Input::Sip(hotline_sip::Input::Datagram { flow: flow(HOTLINE.into(), phone), bytes: &bytes }));
            }
        }
        self.settle();
    }

    /// Time passes and the engine does not see it.
    pub fn stop_for_ms(&mut self, ms: u64) {
        self.now = self.now + Duration::from_millis(ms);
    }

    pub fn change_habit(&mut self, port: u16, habit: Habit) {
        self.phones.get_mut(&SocketAddr::from(([127, 0, 0, 2], port))).unwrap().habit = habit;
    }

    /// A seat's phones are registered, the last one last.
    pub fn register(&mut self, seat: &str, ports: &[u16]) {
        let bindings = ports.iter().map(|port| Binding {
            account: seat.into(),
            contact: format!("sip:{seat}@127.0.0.2:{port}"),
            flow: flow(HOTLINE.into(), SocketAddr::from(([127, 0, 0, 2], *port))),
            expires: self.now + Duration::from_secs(3_600),
            call_id: port.to_string(),
            cseq: 1,
            q: 1000,
            instance: None,
        });
        self.engine.restore_bindings(self.now, bindings.collect());
        self.settle();
    }

    pub fn seat(&self, name: &str) -> SeatId {
        *self.plan.seat_names.get(name).unwrap()
    }

    pub fn state(&self, seat: &str) -> SeatState {
        self.engine.seat_state(self.seat(seat))
    }

    /// Lets time pass; every timer fires at its time.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        for _ in 0..TURNS {
            let phones = self.phones.values().filter_map(Phone::timeout);
            let far = self.far.as_ref().and_then(Far::next);
            let next = phones.chain(self.engine.poll_timeout()).chain(far).min().filter(|at| *at <= end && !self.crashed());
            let Some(next) = next else {
                self.now = end;
                return;
            };
            self.now = self.now.max(next);
            self.engine.handle_timeout(self.now);
            let now = self.now;
            self.phones
                .values_mut()
                .filter(|phone| phone.timeout().is_some_and(|at| at <= now))
                .for_each(|phone| phone.handle_timeout(now));
            self.settle();
        }
        panic!("time stands still at {:?}", self.now);
    }

    pub fn pass_ms(&mut self, ms: u64) {
        self.pass(Duration::from_millis(ms));
    }

    pub fn crashed(&self) -> bool {
        self.journal.len() >= self.crash_after
    }

    /// Carries datagrams until nobody says anything more.
    pub fn settle(&mut self) {
        for _ in 0..TURNS {
            let mut quiet = self.take_engine_outputs();
            quiet &= self.take_phone_outputs();
            quiet &= self.work_far();
            if quiet {
                if !self.crashed() && self.far.as_ref().is_none_or(Far::is_quiet) {
                    self.engine.look_for_faults().unwrap();
                }
                return;
            }
        }
        panic!("the machines never fall silent");
    }

    fn take_engine_outputs(&mut self) -> bool {
        let mut quiet = true;
        while !self.crashed() {
            let Some(output) = self.engine.poll_output() else { break };
            quiet = false;
            match output {
                Output::Journal(entry) => self.journal.push(entry),
                Output::Media(Command::Close { stream }) => {
                    self.media.push(Command::Close { stream });
                    self.closed(stream);
                }
                Output::Media(command) => {
                    self.begin(&command);
                    self.media.push(command);
                }
                Output::Letter { group, letter } => {
                    let now = self.now;
                    self.far.as_mut().expect("there are other groups").send(now, group, *letter);
                }
                Output::Ask { id, question, deadline } => self.asked.push((id, question, deadline)),
                Output::Sip(hotline_sip::Output::Datagram { flow: way, bytes }) => {
                    self.largest = self.largest.max(bytes.len());
                    let text = String::from_utf8_lossy(&bytes);
                    let challenge = text.lines().find_map(|line| line.strip_prefix("WWW-Authenticate: "));
                    self.challenge = challenge.map(str::to_owned).or(self.challenge.take());
                    if text.starts_with("NOTIFY") || text.contains(" REFER\r\n") {
                        self.take_notify(way.remote, &text.clone());
                        continue;
                    }
                    if text.contains("branch=z9hG4bKsaidINVITE") {
                        continue;
                    }
                    if let Some(phone) = self.phones.get_mut(&way.remote).filter(|phone| phone.habit != Habit::Dead) {
                        let flow = flow(phone.address, HOTLINE.into());
                        phone.endpoint.handle(self.now, hotline_sip::Input::Datagram { flow, bytes: &bytes });
                    }
                }
                _ => {}
            }
        }
        quiet
    }

    /// What a REFER is answered and told: the phone accepts each NOTIFY.
    fn take_notify(&mut self, phone: SocketAddr, text: &str) {
        if !text.starts_with("NOTIFY") {
            return self.told.push(text.split(' ').nth(1).unwrap_or_default().to_owned());
        }
        self.told.push(text.lines().last().unwrap_or_default().to_owned());
        let names = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"];
        let copied: Vec<&str> = text.lines().filter(|line| names.iter().any(|name| line.starts_with(name))).collect();
        let answer = format!("SIP/2.0 200 OK\r\n{}\r\nContent-Length: 0\r\n\r\n", copied.join("\r\n"));
        let input = hotline_sip::Input::Datagram { flow: flow(HOTLINE.into(), phone), bytes: answer.as_bytes() };
        self.engine.handle(self.now, Input::Sip(input));
    }

    /// A phone presses its transfer key in a call: what the REFER was answered, and told by NOTIFY so far.
    pub fn refer(&mut self, phone: SocketAddr, dialog: DialogId, refer_to: &str) -> Vec<String> {
        self.told.clear();
        self.referrer = Some((phone, dialog));
        self.say(phone, dialog, "REFER", &format!("Contact: <sip:{phone}>\r\n{refer_to}\r\n"), "");
        self.told.clone()
    }

    /// The same, and the phone's endpoint goes on as if it had sent that REFER itself: its next CSeq is beyond it.
    pub fn refer_and_go_on(&mut self, phone: SocketAddr, dialog: DialogId, refer_to: &str) -> Vec<String> {
        self.told.clear();
        let Some(state) = self.phones[&phone].endpoint.state(dialog) else { return Vec::new() };
        let cseq = state.local_cseq + 1;
        self.say_with(phone, dialog, "REFER", cseq, &format!("Contact: <sip:{phone}>\r\n{refer_to}\r\n"), "");
        // Its CSeq is taken already: 500, which tells the phone nothing.
        let _ = self.phones.get_mut(&phone).unwrap().endpoint.probe(self.now, dialog);
        self.settle();
        self.told.clone()
    }

    /// A phone changes its media after a REFER of its own, which its endpoint's CSeq knows nothing of.
    pub fn reinvite(&mut self, phone: SocketAddr, dialog: DialogId, version: u32, direction: &str) {
        let body = String::from_utf8(sdp(phone, version, direction)).unwrap();
        self.say(phone, dialog, "INVITE", &format!("Contact: <sip:{phone}>\r\nContent-Type: application/sdp\r\n"), &body);
        self.referred -= 1;
        self.say(phone, dialog, "ACK", "", "");
    }

    /// A request in a dialog that the phone's endpoint has no word for, with a CSeq beyond its own.
    fn say(&mut self, phone: SocketAddr, dialog: DialogId, method: &str, lines: &str, body: &str) {
        let state = self.phones[&phone].endpoint.state(dialog).expect("a call");
        self.say_with(phone, dialog, method, state.local_cseq + 101 + self.referred, lines, body);
    }

    fn say_with(&mut self, phone: SocketAddr, dialog: DialogId, method: &str, cseq: u32, lines: &str, body: &str) {
        let state = self.phones[&phone].endpoint.state(dialog).expect("a call");
        self.referred += 1;
        let (party, remote) = (&state.local_party, &state.remote_party);
        let request = format!(
            "{method} {} SIP/2.0\r\nVia: SIP/2.0/UDP {phone};branch=z9hG4bKsaid{method}{}\r\nMax-Forwards: 70\r\nFrom: {party};tag={}\r\n\
             To: {remote};tag={}\r\nCall-ID: {}\r\nCSeq: {cseq} {method}\r\n{lines}Content-Length: {}\r\n\r\n{body}",
            state.remote_target,
            self.referred,
            state.local_tag,
            state.remote_tag,
            state.call_id,
            body.len()
        );
        let input = hotline_sip::Input::Datagram { flow: flow(HOTLINE.into(), phone), bytes: request.as_bytes() };
        self.engine.handle(self.now, Input::Sip(input));
        self.settle();
    }

    fn closed(&mut self, stream: StreamId) {
        let lease = self.media.iter().rev().find_map(|command| match command {
            Command::Open { stream: opened, lease, .. } if *opened == stream => Some(*lease),
            _ => None,
        });
        let (lease, stats) = (lease.expect("it was opened"), hotline_media::Stats::default());
        let why = hotline_media::CloseReason::Asked;
        self.engine.handle(self.now, Input::Media(hotline_media::Event::Closed { stream, lease, stats, why }));
    }

    fn take_phone_outputs(&mut self) -> bool {
        let mut quiet = true;
        let crashed = self.crashed();
        for phone in self.phones.values_mut() {
            while let Some(output) = phone.endpoint.poll_output() {
                quiet = false;
                match output {
                    hotline_sip::Output::Datagram { bytes, .. } if !crashed => {
                        let flow = flow(HOTLINE.into(), phone.address);
                        self.engine.handle(self.now, Input::Sip(hotline_sip::Input::Datagram { flow, bytes: &bytes }));
                    }
                    hotline_sip::Output::Event(event) => {
                        phone.react(self.now, &event);
                        phone.events.push(event);
                    }
                    _ => {}
                }
            }
        }
        quiet
    }

    /// A new process takes up what the journal holds, but for what agents chose and where telephones registered.
    pub fn restart(&mut self) {
        self.start_again(BTreeMap::new(), Vec::new());
    }

    /// The process dies, and the new one has other rules.
    pub fn restart_with_rules(&mut self, rules: &str) {
        self.plan = compile(rules, None);
        self.restart();
    }

    /// The process dies and a new one takes up all that it left.
    pub fn restart_with_state(&mut self) {
        self.start_again(self.chosen(), self.engine.bindings());
    }

    fn start_again(&mut self, chosen: BTreeMap<hotline_model::Name, Intent>, bindings: Vec<hotline_sip::Binding>) {
        self.epoch += 1;
        self.crash_after = usize::MAX;
        let mut live: BTreeMap<CallId, Vec<CallEvent>> = BTreeMap::new();
        for entry in &self.journal {
            if let Entry::Call(event) = entry {
                live.entry(event.call).or_default().push(event.clone());
            }
        }
        live.retain(|_, events| !events.iter().any(|event| event.kind == EventKind::Archived));
        let groups = self.far.as_ref().map_or(1, |far| far.outposts.len() as u8 + 1);
        self.engine = start(self.now, self.epoch, &self.plan, groups);
        self.far = self.far.take().map(|far| Far::new(self.now, &self.plan, self.engine.seats(), groups, far.delay));
        self.media.clear();
        for (seat, intent) in chosen {
            if self.state(&seat).intent != intent {
                self.engine.handle(self.now, Input::Intent { seat: self.seat(&seat), intent });
            }
        }
        for (phone, seat) in self.hot_desks() {
            self.engine.handle(self.now, Input::Seated { phone, seat });
        }
        for tries in self.wrong_pins() {
            self.engine.handle(self.now, Input::WrongPins(tries));
        }
        self.engine.restore_bindings(self.now, bindings);
        self.engine.restore(self.now, &live);
        self.settle();
    }

    /// What each seat's agent chose last, as the journal has it.
    fn chosen(&self) -> BTreeMap<hotline_model::Name, Intent> {
        let chosen = self.journal.iter().filter_map(|entry| match entry {
            Entry::Seat(event) => Some((event.seat.clone(), event.state.intent)),
            _ => None,
        });
        chosen.filter(|(seat, _)| self.plan.seat_names.contains_key(&**seat)).collect()
    }

    /// Wrong PINs in a row, as the journal has them.
    fn wrong_pins(&self) -> Vec<WrongPins> {
        let tries = self.journal.iter().filter_map(|entry| match entry {
            Entry::WrongPins(tries) => Some((tries.suspect.clone(), tries.clone())),
            _ => None,
        });
        tries.collect::<BTreeMap<_, _>>().into_values().collect()
    }

    /// Who sits at whose telephone, as the journal has it.
    fn hot_desks(&self) -> BTreeMap<hotline_model::Name, hotline_model::Name> {
        let mut desks = BTreeMap::new();
        for entry in &self.journal {
            match entry {
                Entry::HotDesk { phone, seat: Some(seat), .. } => drop(desks.insert(phone.clone(), seat.clone())),
                Entry::HotDesk { phone, seat: None, .. } => drop(desks.remove(phone)),
                _ => {}
            }
        }
        desks
    }

    pub fn events(&self, call: CallId) -> Vec<CallEvent> {
        let events = self.journal.iter().filter_map(|entry| match entry {
            Entry::Call(event) if event.call == call => Some(event.clone()),
            _ => None,
        });
        events.collect()
    }

    pub fn record(&self, call: CallId) -> Record {
        Record::fold(&self.events(call)).expect("the call arrived")
    }

    /// Seats in the order in which the calls were offered to them.
    pub fn offers(&self) -> Vec<(u32, String)> {
        let offers = self.journal.iter().filter_map(|entry| match entry {
            Entry::Call(CallEvent { call, kind: EventKind::Offered { seat, .. }, .. }) => Some((call.count(), seat.to_string())),
            _ => None,
        });
        offers.collect()
    }
}

/// What a stream gets, as a worker would have it.
#[derive(Default)]
struct Ear {
    port: u16,
    talks: BTreeSet<StreamId>,
    music: bool,
    ring_back: bool,
}

fn leave(ears: &mut BTreeMap<StreamId, Ear>, who: StreamId) {
    for ear in ears.values_mut() {
        ear.talks.remove(&who);
    }
    ears.entry(who).or_default().talks.clear();
}

fn follow(ears: &mut BTreeMap<StreamId, Ear>, command: &Command) {
    let stream = command.stream();
    match command {
        Command::Open { setup, .. } => {
            ears.insert(stream, Ear { port: setup.remote.port().saturating_sub(RTP), ..Ear::default() });
        }
        Command::Play { then_music, .. } => ears.entry(stream).or_default().music = *then_music,
        Command::Music { on, .. } => ears.entry(stream).or_default().music = *on,
        Command::RingBack { on, .. } => ears.entry(stream).or_default().ring_back = *on,
        Command::Bridge { a, b } => join(ears, &[*a, *b]),
        Command::Conference { streams } => join(ears, streams),
        Command::Unbridge { a, b } => {
            assert!(ears[a].talks.contains(b), "{a:?} is not in a bridge with {b:?}");
            leave(ears, *a);
        }
        Command::Close { .. } => {
            leave(ears, stream);
            ears.remove(&stream);
        }
        Command::Modify { .. } | Command::Stop { .. } | Command::Keys { .. } | Command::Record { .. } | Command::StopRecord { .. } => {}
    }
}

fn join(ears: &mut BTreeMap<StreamId, Ear>, streams: &[StreamId]) {
    for stream in streams {
        leave(ears, *stream);
    }
    for stream in streams {
        let others = streams.iter().copied().filter(|other| other != stream).collect();
        ears.entry(*stream).or_default().talks = others;
    }
}

fn start(now: Timestamp, epoch: u32, plan: &Arc<Plan>, groups: u8) -> Engine {
    let listener = Listener { transport: Transport::Udp, local: HOTLINE.into(), advertise: None };
    let sip = hotline_sip::Config { listeners: vec![listener], ..hotline_sip::Config::default() };
    let rtp_ports = (0..50).map(|n| SocketAddr::from(([127, 0, 0, 1], 20_000 + 2 * n))).collect();
    let seed = [u8::try_from(epoch).expect("few restarts"); 32];
    let config = Config { sip, rtp_ports, rtp_advertise: None, identity: "127.0.0.1:5060".into(), epoch, shard: 0, max_calls: 100, seed };
    let prompts = prompts(plan);
    let mut engine = Engine::with_groups(now, WORKING_HOUR, config, Arc::clone(plan), Arc::clone(&prompts), groups);
    engine.handle(now, Input::Rules { plan: Arc::clone(plan), prompts });
    engine
}

fn compile(rules: &str, previous: Option<&Plan>) -> Arc<Plan> {
    let source = Source { path: "rules.toml".into(), text: rules.into() };
    let loaded = hotline_rules::load(std::slice::from_ref(&source), previous);
    let loaded = loaded.unwrap_or_else(|findings| {
        panic!("{}", hotline_rules::render(&findings, std::slice::from_ref(&source), hotline_rules::Style::Plain, hotline_model::Lang::En))
    });
    Arc::new(loaded.plan)
}

fn prompts(plan: &Plan) -> Arc<Prompts> {
    let mut prompts = Prompts::default();
    for (language, name) in plan.prompts().into_iter().chain([(hotline_model::LanguageId(0), "busy-try-later".into())]) {
        let code = &plan.language(language).code;
        prompts.insert(code, &name, Arc::new(Clip::from_pcm16(name.clone(), &[0; 160])));
    }
    Arc::new(prompts)
}

/// The n-th call of the first run.
pub fn call(count: u32) -> CallId {
    CallId::new(1, 0, count)
}
