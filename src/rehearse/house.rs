//! The real engine among telephones in memory, on a virtual clock: datagrams arrive at once, and nobody waits.

use super::patience::Patience;
use super::phone::{Habit, Phone};
use hotline_engine::{Answer, Config, Engine, Input, Output, Prompts, Question, WayTaken};
use hotline_media::{CloseReason, Command, Lease, RecordEnd, Stats, StreamId};
use hotline_model::history::{Flow, Transport};
use hotline_model::{CallId, Entry, Intent, Name, SeatId, Timestamp, WallTime};
use hotline_rules::Plan;
use hotline_rules::trial::{LookupGiven, Replies};
use hotline_sip::{Binding, Listener};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Where the hotline is.
pub const HOTLINE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1)), 5060);
/// Turns in which the machines speak to each other before they are taken to be mad.
const TURNS: usize = 100_000;
const MOST_CALLS: usize = 2_000;
/// Samples of a second.
const RATE: u64 = 8_000;

/// Something said to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// To whom.
    pub to: IpAddr,
    /// When it began.
    pub at: WallTime,
    /// The prompts.
    pub prompts: Vec<hotline_model::Name>,
    /// A key interrupts it: a menu speaks.
    pub barge_in: bool,
}

/// Why a rehearsal can't go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mad;

struct Stream {
    lease: Lease,
    to: IpAddr,
    plays: Option<Playing>,
    records: Option<Recording>,
}

/// What plays.
struct Playing {
    play: u64,
    /// When its first packet leaves, if that is still to come, and what it says.
    begins: Option<(Timestamp, Said)>,
    /// When it was heard to its end.
    ends: Timestamp,
    /// There is a packet.
    sounds: bool,
}

/// How late the replies to the rehearsed caller are heard.
#[derive(Default)]
pub struct Late {
    given: Replies,
    /// So many were.
    taken: usize,
    /// The caller pressed a key and has heard nothing since.
    owed: bool,
}

impl Late {
    /// As given.
    pub fn new(given: Replies) -> Self {
        Self { given, taken: 0, owed: false }
    }

    fn next(&mut self) -> Duration {
        if !self.owed {
            return Duration::ZERO;
        }
        self.taken += 1;
        match &self.given {
            Replies::Each(late) => *late,
            Replies::InTurn(all) => all.get(self.taken - 1).copied().unwrap_or_default(),
        }
    }

    /// How many should have been late and never were said.
    pub fn never(&self) -> usize {
        match &self.given {
            Replies::Each(late) => usize::from(!late.is_zero() && self.taken == 0),
            Replies::InTurn(all) => all.iter().skip(self.taken).filter(|late| !late.is_zero()).count(),
        }
    }
}

/// A caller leaves a message.
#[derive(Clone, Copy)]
struct Recording {
    record: u64,
    began: Timestamp,
    /// When it ends by itself, and how.
    ends: (Timestamp, RecordEnd),
    spoken: Duration,
}

/// See the module.
pub struct House {
    /// Now.
    pub now: Timestamp,
    /// What was written down.
    pub journal: Vec<Entry>,
    /// What was said.
    pub said: Vec<Said>,
    /// The ways of all calls.
    pub ways: Vec<(CallId, WallTime, WayTaken)>,
    engine: Engine,
    offset: i64,
    phones: BTreeMap<SocketAddr, Phone>,
    streams: BTreeMap<StreamId, Stream>,
    hosts: u8,
    /// What everybody outside does.
    pub outside: Habit,
    /// What sources of look-ups do; they know nobody unless it is said here.
    pub lookups: BTreeMap<Name, LookupGiven>,
    /// How late the rehearsed caller hears replies.
    pub replies: Late,
    /// How long the caller speaks when asked for a message.
    pub message: Duration,
    /// How long it may go on.
    pub patience: Patience,
}

/// Where a telephone of the house is.
pub fn seat_address(seat: SeatId) -> SocketAddr {
    let [_, a, b, c] = seat.0.to_be_bytes();
    SocketAddr::from(([10, a & 0x7f, b, c], 5060))
}

/// Where the n-th caller is.
pub fn caller_address(count: u16) -> SocketAddr {
    let [a, b] = count.to_be_bytes();
    SocketAddr::from(([10, 254, a, b], 5060))
}

pub fn flow(local: SocketAddr, remote: SocketAddr) -> Flow {
    Flow { transport: Transport::Udp, local, remote, connection: 0 }
}

impl House {
    /// Opens it at a wall time.
    pub fn open(plan: &Arc<Plan>, prompts: &Arc<Prompts>, at: WallTime) -> Self {
        let now = Timestamp(1_000_000);
        let offset = at.0 - now.0;
        let listener = Listener { transport: Transport::Udp, local: HOTLINE, advertise: None };
        let callers = hotline_sip::Trunk { name: "callers".into(), net: caller_address(0).ip(), prefix: 16, per_second: None };
        let sip = hotline_sip::Config { listeners: vec![listener], trunks: vec![callers], ..hotline_sip::Config::default() };
        let rtp_ports = (0..2_000).map(|n| SocketAddr::from(([127, 0, 0, 1], 20_000 + 2 * n))).collect();
        let identity = HOTLINE.to_string();
        let config = Config { sip, rtp_ports, rtp_advertise: None, identity, epoch: 1, shard: 0, max_calls: MOST_CALLS, seed: [7; 32] };
        let mut engine = Engine::new(now, offset, config, Arc::clone(plan), Arc::clone(prompts));
        engine.watch_ways();
        engine.handle(now, Input::Rules { plan: Arc::clone(plan), prompts: Arc::clone(prompts) });
        let (journal, said, ways) = (Vec::new(), Vec::new(), Vec::new());
        let (phones, streams) = (BTreeMap::new(), BTreeMap::new());
        let (lookups, outside) = (BTreeMap::new(), Habit::OUTSIDE);
        let message = Duration::ZERO;
        Self {
            now,
            journal,
            said,
            ways,
            engine,
            offset,
            phones,
            streams,
            hosts: 0,
            outside,
            lookups,
            replies: Late::default(),
            message,
            patience: Patience::endless(),
        }
    }

    /// The wall at a moment.
    pub fn wall(&self, at: Timestamp) -> WallTime {
        at.to_wall(self.offset)
    }

    /// The moment of a wall time.
    pub fn moment(&self, wall: WallTime) -> Timestamp {
        wall.to_monotonic(self.offset)
    }

    /// Registers telephones of seats.
    pub fn register(&mut self, seats: impl Iterator<Item = (SeatId, hotline_model::Name)>) {
        let binding = |(seat, name): (SeatId, hotline_model::Name)| Binding {
            contact: format!("sip:{name}@{}", seat_address(seat)),
            account: name,
            flow: flow(HOTLINE, seat_address(seat)),
            expires: self.now + Duration::from_secs(24 * 3_600),
            call_id: seat.0.to_string(),
            cseq: 1,
            q: 1000,
            instance: None,
        };
        let bindings = seats.map(binding).collect();
        self.engine.restore_bindings(self.now, bindings);
    }

    /// Tells the engine something.
    pub fn tell(&mut self, input: Input<'_>) -> Result<(), Mad> {
        self.engine.handle(self.now, input);
        self.settle()
    }

    /// The engine, for what is no input.
    pub fn engine(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// What an agent chose.
    pub fn sign(&mut self, seat: SeatId, intent: Intent) -> Result<(), Mad> {
        self.tell(Input::Intent { seat, intent })
    }

    /// What a seat is at.
    pub fn seat_state(&self, seat: SeatId) -> hotline_model::SeatState {
        self.engine.seat_state(seat)
    }

    /// What is going on now.
    pub fn figures(&self) -> hotline_engine::Figures {
        self.engine.figures()
    }

    /// The telephone at an address.
    pub fn phone(&mut self, address: SocketAddr) -> &mut Phone {
        self.phones.entry(address).or_insert_with(|| Phone::new(address, Habit::OUTSIDE))
    }

    /// A key, as the media worker reports it; whether the caller had a way to be heard.
    pub fn press(&mut self, caller: IpAddr, digit: char) -> Result<bool, Mad> {
        let stream = self.streams.iter().find(|(_, stream)| stream.to == caller).map(|(id, _)| *id);
        let Some(stream) = stream else { return Ok(false) };
        self.replies.owed |= caller == caller_address(0).ip();
        self.tell(Input::Media(hotline_media::Event::Digit { stream, digit, duration_ms: 100 }))?;
        Ok(true)
    }

    /// Whether something is being said to somebody.
    pub fn hears(&self, who: IpAddr) -> bool {
        self.streams.values().any(|stream| stream.to == who && stream.plays.is_some())
    }

    /// When something happens next.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let phones = self.phones.values().filter_map(Phone::poll_timeout);
        let next = |playing: &Playing| playing.begins.as_ref().map_or(playing.ends, |(at, _)| *at);
        let plays = self.streams.values().filter_map(|stream| stream.plays.as_ref().map(next));
        let records = self.streams.values().filter_map(|stream| Some(stream.records?.ends.0));
        phones.chain(plays).chain(records).chain(self.engine.poll_timeout()).min()
    }

    /// Goes to a moment, not beyond the next thing that happens, and does what is due.
    pub fn go_to(&mut self, at: Timestamp) -> Result<(), Mad> {
        self.now = self.now.max(at);
        self.begin_plays()?;
        self.end_plays()?;
        self.engine.handle_timeout(self.now);
        let now = self.now;
        let due = self.phones.values_mut().filter(|phone| phone.poll_timeout().is_some_and(|at| at <= now));
        due.for_each(|phone| phone.handle_timeout(now));
        self.settle()
    }

    /// Lets time pass up to a moment.
    pub fn pass_to(&mut self, end: Timestamp) -> Result<(), Mad> {
        for _ in 0..TURNS {
            match self.poll_timeout().filter(|at| *at <= end) {
                Some(at) => self.go_to(at)?,
                None => {
                    self.now = self.now.max(end);
                    return Ok(());
                }
            }
        }
        Err(Mad)
    }

    /// What is late is heard at last.
    fn begin_plays(&mut self) -> Result<(), Mad> {
        let now = self.now;
        let due = |stream: &mut Stream| {
            let playing = stream.plays.as_mut()?;
            let (_, said) = playing.begins.take_if(|(at, _)| *at <= now)?;
            Some((playing.play, playing.sounds, said))
        };
        let due: Vec<_> = self.streams.iter_mut().filter_map(|(id, stream)| Some((*id, due(stream)?))).collect();
        if due.is_empty() {
            return Ok(());
        }
        for (stream, (play, sounds, said)) in due {
            self.begin_play(stream, play, sounds, said);
        }
        self.settle()
    }

    fn begin_play(&mut self, stream: StreamId, play: u64, sounds: bool, said: Said) {
        self.replies.owed &= said.to != caller_address(0).ip();
        self.said.push(said);
        if sounds {
            self.engine.handle(self.now, Input::Media(hotline_media::Event::Begun { stream, play }));
        }
    }

    fn end_plays(&mut self) -> Result<(), Mad> {
        let now = self.now;
        let over =
            self.streams.iter_mut().filter_map(|(id, stream)| Some((*id, stream.plays.take_if(|playing| playing.ends <= now)?.play)));
        for (stream, play) in over.collect::<Vec<_>>() {
            self.tell(Input::Media(hotline_media::Event::Played { stream, play, interrupted: false }))?;
        }
        let over = self.streams.iter().filter_map(|(id, stream)| Some((*id, stream.records.filter(|one| one.ends.0 <= now)?.ends.1)));
        for (stream, end) in over.collect::<Vec<_>>() {
            self.end_record(stream, end);
        }
        Ok(())
    }

    /// Carries datagrams until nobody says anything more.
    pub fn settle(&mut self) -> Result<(), Mad> {
        if self.patience.is_over() {
            return Err(Mad);
        }
        for _ in 0..TURNS {
            let mut quiet = self.hear_engine();
            quiet &= self.hear_phones();
            if quiet {
                return Ok(());
            }
        }
        Err(Mad)
    }

    fn hear_engine(&mut self) -> bool {
        let mut quiet = true;
        while let Some(output) = self.engine.poll_output() {
            quiet = false;
            match output {
                Output::Journal(entry) => self.journal.push(entry),
                Output::Media(command) => self.obey(command),
                Output::Sip(hotline_sip::Output::Datagram { flow, bytes }) => {
                    let now = self.now;
                    let habit = self.outside;
                    let phone = self.phones.entry(flow.remote).or_insert_with(|| Phone::new(flow.remote, habit));
                    phone.handle(now, &bytes);
                }
                Output::Ask { id, question: Question::Customer { lookup, .. }, .. } => {
                    let answer = match self.lookups.get(&lookup) {
                        Some(LookupGiven::Says(said)) => Some(Answer::Customer(Some(said.clone()))),
                        Some(LookupGiven::Unknown) | None => Some(Answer::Customer(None)),
                        Some(LookupGiven::Fails) => Some(Answer::Failed("as given".into())),
                        Some(LookupGiven::Silent) => None,
                    };
                    if let Some(answer) = answer {
                        self.engine.handle(self.now, Input::Answer { id, answer });
                    }
                }
                Output::Ask { id, question: Question::Host { .. }, .. } => {
                    self.hosts = self.hosts.wrapping_add(1);
                    let answer = Answer::Addresses(vec![IpAddr::from([10, 252, 0, self.hosts])]);
                    self.engine.handle(self.now, Input::Answer { id, answer });
                }
                // One router serves all groups here, so there are no letters.
                Output::Sip(_) | Output::BindingsChanged | Output::Letter { .. } => {}
            }
        }
        let wall = |at: Timestamp| at.to_wall(self.offset);
        self.ways.extend(self.engine.take_ways().into_iter().map(|(call, at, way)| (call, wall(at), way)));
        quiet
    }

    fn hear_phones(&mut self) -> bool {
        let mut quiet = true;
        let now = self.now;
        let mut said = Vec::new();
        for (address, phone) in &mut self.phones {
            while let Some(bytes) = phone.poll_datagram(now) {
                said.push((*address, bytes));
            }
        }
        for (address, bytes) in said {
            quiet = false;
            let flow = flow(HOTLINE, address);
            self.engine.handle(now, Input::Sip(hotline_sip::Input::Datagram { flow, bytes: &bytes }));
        }
        quiet
    }

    fn end_record(&mut self, stream: StreamId, end: RecordEnd) {
        let Some(recording) = self.streams.get_mut(&stream).and_then(|open| open.records.take()) else { return };
        let length = self.now.since(recording.began);
        let ms = |time: Duration| u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
        let (length_ms, spoken_ms) = (ms(length), ms(recording.spoken.min(length)));
        let event = hotline_media::Event::Recorded { stream, record: recording.record, end, length_ms, spoken_ms };
        self.engine.handle(self.now, Input::Media(event));
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Open { stream, lease, setup } => {
                let to = setup.remote.ip();
                self.streams.insert(stream, Stream { lease, to, plays: None, records: None });
            }
            Command::Play { stream, play, clips, barge_in, .. } => {
                let Some(open) = self.streams.get_mut(&stream) else { return };
                let samples: usize = clips.iter().map(|clip| clip.pcma.len()).sum();
                let length = Duration::from_micros(samples as u64 * 1_000_000 / RATE);
                let late = if open.to == caller_address(0).ip() { self.replies.next() } else { Duration::ZERO };
                let (begins, sounds) = (self.now + late, samples > 0);
                let prompts = clips.iter().map(|clip| clip.name.clone()).collect();
                let said = Said { to: open.to, at: begins.to_wall(self.offset), prompts, barge_in };
                let later = (!late.is_zero()).then(|| (begins, said.clone()));
                let at_once = later.is_none();
                open.plays = Some(Playing { play, begins: later, ends: begins + length, sounds });
                if at_once {
                    self.begin_play(stream, play, sounds, said);
                }
            }
            Command::Stop { stream } => {
                if let Some(open) = self.streams.get_mut(&stream) {
                    open.plays = None;
                }
            }
            Command::Record { stream, order } => {
                let (said, now) = (self.message.min(order.longest), self.now);
                let silent = (now + said + order.silence, RecordEnd::Silence);
                let longest = (now + order.longest, RecordEnd::Longest);
                let ends = if silent.0 < longest.0 { silent } else { longest };
                if let Some(open) = self.streams.get_mut(&stream) {
                    open.records = Some(Recording { record: order.record, began: now, ends, spoken: said });
                }
            }
            Command::StopRecord { stream } => self.end_record(stream, RecordEnd::Stopped),
            Command::Close { stream } => {
                self.end_record(stream, RecordEnd::Closed);
                if let Some(Stream { lease, .. }) = self.streams.remove(&stream) {
                    let (stats, why) = (Stats::default(), CloseReason::Asked);
                    self.engine.handle(self.now, Input::Media(hotline_media::Event::Closed { stream, lease, stats, why }));
                }
            }
            Command::Modify { .. }
            | Command::Music { .. }
            | Command::RingBack { .. }
            | Command::Bridge { .. }
            | Command::Conference { .. }
            | Command::Unbridge { .. }
            | Command::Keys { .. } => {}
        }
    }
}
