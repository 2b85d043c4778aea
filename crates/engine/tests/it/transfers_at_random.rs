//! Orders, hang-ups, dying phones and crashes in any order: no caller is lost, hears silence or is in two conversations, no seat is stuck.

use crate::ears::Ears;
use crate::far::Far;
use crate::hotline::{HOTLINE, Habit, Hotline};
use crate::house::{PREAMBLE, number, queue, seat};
use hotline_engine::Input;
use hotline_media::{Command, StreamId};
use hotline_model::history::{EventKind, Receiver};
use hotline_model::{
    Activity, CallId, Class, DeskOrder, Entry, Name, NotReadyReason, PhoneNumber, Reclassified, Record, SeatId, Target, TransferEnd,
    TransferMode, TransferReason,
};
use hotline_sip::{DialogId, Event};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

const SEATS: u16 = 6;
const CALLERS: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));
const CARRIER: u16 = 5090;
/// How many schedules a test run plays; `HOTLINE_TRANSFERS` asks for more, `HOTLINE_FIRST_SEED` for others.
const SCHEDULES: u64 = 1_000;

/// Queues of the second group, if there is one.
const GROUPS: [&[&str]; 3] = [&["few"], &["line"], &["line", "few"]];

fn rules(second_group: &[&str]) -> String {
    let seats: String = (1..=SEATS)
        .map(|n| {
            let cleared = if n % 2 == 0 { "cleared = true\n" } else { "" };
            let skill = if n <= 3 { 5 } else { 2 };
            seat(&format!("100{n}"), 6000 + n, &format!("{cleared}dial = [\"mobiles\"]\nskills = {{ any = {skill} }}"))
        })
        .collect();
    let trunk = format!("[[trunk]]\nname = \"carrier\"\ncontact = \"sip:127.0.0.2:{CARRIER}\"\nfrom = \"02112345678\"\n");
    let targets = "[[department]]\nname = \"experts\"\nqueue = \"few\"\nreason = \"multi_department\"\n\
                   [[person]]\nname = \"boss\"\nseat = \"1006\"\n";
    let mobiles = "[[outbound.role]]\nname = \"mobiles\"\nallow = [\"1[3-9]x{9}\"]\n";
    let group = |name| if second_group.contains(&name) { "group = \"second\"\n" } else { "" };
    let of = |name, at_least, facts: &str| queue(name, at_least, &format!("{}{facts}", group(name)));
    let queues = [of("line", 1, "wrap_up = \"5s\""), of("few", 4, "wrap_up = \"0s\""), of("empty", 9, "")].concat();
    [PREAMBLE, &number("direct", "line", ""), &queues, &seats, &trunk, mobiles, targets].concat()
}

/// One world and what befell it, for the message of a failure.
struct Schedule {
    rng: ChaCha8Rng,
    hotline: Hotline,
    ears: Ears,
    /// Commands that the ears have obeyed.
    obeyed: usize,
    callers: BTreeSet<StreamId>,
    next_caller: u16,
    /// Phones that were dead once: they may believe in calls that are no more.
    died: BTreeSet<u16>,
    story: Vec<String>,
    /// How often a transfer key was pressed, and the caller kept although the phone hung up.
    referred: (u32, u32),
}

impl Schedule {
    fn new(seed: u64, groups: bool) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut phones: Vec<(u16, Habit)> = (1..=SEATS).map(|n| (6000 + n, habit(&mut rng))).collect();
        phones.push((CARRIER, habit(&mut rng)));
        let hotline = if groups {
            let delay = Duration::from_millis([0, 5, 40, 150][seed as usize % 4]);
            Hotline::in_groups(&rules(GROUPS[seed as usize / 4 % 3]), &phones, 2, delay)
        } else {
            Hotline::new(&rules(&[]), &phones)
        };
        Self {
            rng,
            hotline,
            ears: Ears::default(),
            obeyed: 0,
            callers: BTreeSet::new(),
            next_caller: 7001,
            died: BTreeSet::new(),
            story: Vec::new(),
            referred: (0, 0),
        }
    }

    fn play(&mut self) {
        self.check();
        for _ in 0..self.rng.random_range(20..80) {
            self.step();
            self.check();
        }
        self.end();
    }

    fn step(&mut self) {
        match self.rng.random_range(0..100u32) {
            0..12 => self.new_caller(),
            12..14 => self.caller_leaves(),
            14..55 => self.order(),
            55..59 => self.seat_hangs_up(),
            59..62 => self.transfer_key(),
            62 => self.change_phone(),
            63..70 => self.hear_out(),
            70..98 => self.wait(),
            _ => self.crash(),
        }
    }

    fn tell(&mut self, what: String) {
        self.story.push(format!("{:?} {what}", self.hotline.now));
    }

    fn new_caller(&mut self) {
        if self.next_caller < 7006 {
            let port = self.next_caller;
            self.next_caller += 1;
            self.tell(format!("{port} dials"));
            self.hotline.dial(port, "direct");
        }
    }

    fn caller_leaves(&mut self) {
        let phone = SocketAddr::new(CALLERS, self.rng.random_range(7001..self.next_caller.max(7002)));
        self.tell(format!("{phone} hangs up"));
        self.hang_up(phone);
    }

    fn seat_hangs_up(&mut self) {
        let phone = self.seat_phone();
        self.tell(format!("{phone} hangs up"));
        self.hang_up(phone);
    }

    /// A phone's transfer key, with a reason or without; as a rule the phone hangs up then, whatever the answer was.
    fn transfer_key(&mut self) {
        let talks = |n: &u16| self.is_on_call(&format!("100{n}")) && !self.died.contains(&(6000 + n));
        let Some(n) = (1..=SEATS).find(talks) else { return };
        let phone = SocketAddr::from(([127, 0, 0, 2], 6000 + n));
        let endpoint = &self.hotline.phones[&phone].endpoint;
        let Some(dialog) = dialogs(&self.hotline.phones[&phone].events).into_iter().find(|dialog| endpoint.state(*dialog).is_some()) else {
            return;
        };
        let to = ["1002", "1005", "few", "1001", "13912345678", "nobody"][self.rng.random_range(0..6)];
        let reason = if self.rng.random_bool(0.5) { ";reason=too_complex" } else { "" };
        let told = self.hotline.refer_and_go_on(phone, dialog, &format!("Refer-To: <sip:{to}@127.0.0.1:5060{reason}>"));
        self.tell(format!("100{n} refers to {to}{reason}: {told:?}"));
        self.referred.0 += 1;
        if self.rng.random_bool(0.7) {
            let ms = self.rng.random_range(0..3_000);
            self.hotline.pass_ms(if self.rng.random_bool(0.5) { 0 } else { ms });
            let call = self.hotline.engine.call_of(self.hotline.seat(&format!("100{n}")));
            let kept =
                told.first().is_some_and(|code| code.starts_with(['4', '5', '6'])) && ms < 2_000 && self.is_on_call(&format!("100{n}"));
            let caller =
                |schedule: &Self| call.and_then(|call| Record::fold(&schedule.hotline.events(call))).is_some_and(|it| it.t6.is_none());
            let there = caller(self);
            self.tell(format!("{phone} hangs up"));
            self.hang_up(phone);
            self.referred.1 += u32::from(kept && there);
            assert!(!(kept && there) || caller(self), "the caller of {call:?} is lost with a refused REFER");
        }
    }

    fn seat_phone(&mut self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 2], 6000 + self.rng.random_range(1..=SEATS)))
    }

    fn hang_up(&mut self, phone: SocketAddr) {
        let now = self.hotline.now;
        let Some(phone) = self.hotline.phones.get_mut(&phone) else { return };
        for dialog in dialogs(&phone.events) {
            let _ = phone.endpoint.hang_up(now, dialog, None);
        }
        self.hotline.settle();
    }

    fn change_phone(&mut self) {
        let port = if self.rng.random_bool(0.2) { CARRIER } else { 6000 + self.rng.random_range(1..=SEATS) };
        let habit = if self.rng.random_bool(0.3) { Habit::Dead } else { habit(&mut self.rng) };
        self.tell(format!("phone {port}: {habit:?}"));
        if habit == Habit::Dead {
            self.died.insert(port);
        }
        self.hotline.change_habit(port, habit);
    }

    /// How many calls a phone is in, or rings for.
    fn calls_at(&self, phone: SocketAddr) -> usize {
        let phone = &self.hotline.phones[&phone];
        dialogs(&phone.events).into_iter().filter(|dialog| phone.endpoint.state(*dialog).is_some()).count()
    }

    fn hear_out(&mut self) {
        let plays = self.ears.plays();
        if let Some(place) = self.rng.random_range(0..plays.len().max(1)).checked_sub(0).filter(|place| *place < plays.len()) {
            let (stream, play) = plays[place];
            self.tell(format!("{stream:?} has heard {play}"));
            self.heard_out(stream, play);
        }
    }

    fn heard_out(&mut self, stream: StreamId, play: u64) {
        self.ears.heard_out(stream, play);
        self.hotline.engine.handle(self.hotline.now, Input::Media(hotline_media::Event::Played { stream, play, interrupted: false }));
        self.hotline.settle();
    }

    fn wait(&mut self) {
        let ms = match self.rng.random_range(0..10u32) {
            0..4 => self.rng.random_range(0..2_000),
            4..8 => self.rng.random_range(2_000..12_000),
            8 => 30_000,
            _ => self.rng.random_range(12_000..70_000),
        };
        self.tell(format!("{ms} ms pass"));
        self.hotline.pass_ms(ms);
    }

    fn crash(&mut self) {
        self.tell("the process dies and starts again".into());
        self.ears = Ears::default();
        self.callers.clear();
        self.obeyed = 0;
        self.hotline.restart();
    }

    fn order(&mut self) {
        let name = format!("100{}", self.rng.random_range(1..=SEATS));
        // Who wraps up may still say what the call was, while somebody else rings for it.
        let at_it = |seat: &String| self.is_on_call(seat) || self.hotline.state(seat).activity == Activity::WrapUp;
        let busy: Vec<String> = (1..=SEATS).map(|n| format!("100{n}")).filter(at_it).collect();
        let name = match busy.len() {
            0 => name,
            count if self.rng.random_bool(0.85) => busy[self.rng.random_range(0..count)].clone(),
            _ => name,
        };
        let seat = self.hotline.seat(&name);
        let order = match self.rng.random_range(0..100u32) {
            0..57 => self.likely_order(seat),
            57..61 => DeskOrder::Classify(Reclassified { sensitive: Some(self.rng.random_bool(0.8)), ..Reclassified::default() }),
            _ => self.any_order(),
        };
        self.hotline.engine.handle(self.hotline.now, Input::Desk { seat, by: "agent".into(), order: order.clone() });
        let answer = self.hotline.engine.desk_answer();
        self.tell(format!("{name} orders {order:?}: {answer:?}"));
        self.hotline.settle();
    }

    fn is_on_call(&self, seat: &str) -> bool {
        self.hotline.state(seat).activity == Activity::OnCall
    }

    /// What an agent would order now.
    fn likely_order(&mut self, seat: SeatId) -> DeskOrder {
        let call = self.hotline.engine.call_of(seat).and_then(|call| Record::fold(&self.hotline.events(call)));
        let last = call.and_then(|record| record.transfers.last().cloned());
        let roll = self.rng.random_range(0..10u32);
        let reason = Some(TransferReason::TooComplex);
        match last {
            Some(transfer) if transfer.end.is_none() && transfer.answered.is_none() => self.any_order(),
            Some(transfer) if transfer.end.is_none() => match roll {
                0..6 => DeskOrder::Complete { reason },
                6 | 7 => DeskOrder::ThreeWay,
                8 => DeskOrder::Cancel,
                _ => DeskOrder::Hold,
            },
            Some(transfer) if transfer.end == Some(TransferEnd::Completed) && roll < 5 => match roll {
                0..3 => DeskOrder::Back,
                _ => DeskOrder::AcceptOwnership,
            },
            Some(_) | None => match roll {
                0..4 => DeskOrder::Consult { to: self.target() },
                _ => DeskOrder::Transfer { to: self.target(), mode: None, reason },
            },
        }
    }

    fn any_order(&mut self) -> DeskOrder {
        let reason = |rng: &mut ChaCha8Rng| rng.random_bool(0.8).then(|| TransferReason::ALL[rng.random_range(0..3)]);
        match self.rng.random_range(0..60u32) {
            0..12 => {
                let mode = [None, Some(TransferMode::Attended), Some(TransferMode::BlindWithReturn)][self.rng.random_range(0..3)];
                DeskOrder::Transfer { to: self.target(), mode, reason: reason(&mut self.rng) }
            }
            12..20 => DeskOrder::Consult { to: self.target() },
            20..32 => DeskOrder::Complete { reason: reason(&mut self.rng) },
            32..36 => DeskOrder::Cancel,
            36..40 => DeskOrder::ThreeWay,
            40..43 => DeskOrder::Back,
            43..45 => DeskOrder::AcceptOwnership,
            45 => DeskOrder::Hold,
            46 => DeskOrder::Resume,
            47 => DeskOrder::HangUp,
            48 => DeskOrder::SignOut,
            49 | 50 => DeskOrder::SignIn,
            51 => DeskOrder::NotReady(NotReadyReason::Meal),
            52 | 53 => DeskOrder::Ready,
            54 | 55 => DeskOrder::WrapUpDone,
            56 => DeskOrder::Dispose("resolved".into()),
            57 => DeskOrder::FirstCommunication,
            58 => DeskOrder::BreakAfterCall,
            _ => DeskOrder::Classify(Reclassified {
                class: Some(Class::ALL[self.rng.random_range(0..Class::ALL.len())]),
                sensitive: self.rng.random_bool(0.3).then_some(true),
                ..Reclassified::default()
            }),
        }
    }

    fn target(&mut self) -> Target {
        match self.rng.random_range(0..12u32) {
            0..5 => Target::Seat(format!("100{}", self.rng.random_range(1..=SEATS)).into()),
            5..8 => Target::Queue(["line", "few", "empty"][self.rng.random_range(0..3)].into()),
            8 => Target::Department("experts".into()),
            9 => Target::Person("boss".into()),
            10 => Target::Number(PhoneNumber::parse("13912345678").unwrap()),
            _ => Target::Seat("nobody".into()),
        }
    }

    /// What must be true at any moment.
    fn check(&mut self) {
        for command in &self.hotline.media[self.obeyed..] {
            self.ears.obey(command);
            if let Command::Open { stream, setup, .. } = command
                && setup.remote.ip() == CALLERS
            {
                self.callers.insert(*stream);
            }
        }
        self.obeyed = self.hotline.media.len();
        let ears = &self.ears;
        self.callers.retain(|stream| ears.is_open(*stream));
        for caller in &self.callers {
            assert!(ears.hears_something(*caller), "{caller:?} hears silence");
            assert!(ears.talks(*caller) <= 1, "{caller:?} is in two conversations");
            let others: Vec<_> = ears.partners(*caller).into_iter().filter(|other| self.callers.contains(other)).collect();
            assert!(others.is_empty(), "{caller:?} hears other callers: {others:?}");
        }
        // What one end knows the other may not know yet.
        let is_settled = self.hotline.far.as_ref().is_none_or(Far::is_quiet);
        for n in (1..=SEATS).filter(|_| is_settled) {
            let name = format!("100{n}");
            let seat = self.hotline.seat(&name);
            let (state, call) = (self.hotline.state(&name), self.hotline.engine.call_of(seat));
            assert_eq!(matches!(state.activity, Activity::Free), call.is_none(), "{name} is {state:?} and has {call:?}");
            let calls = self.calls_at(SocketAddr::from(([127, 0, 0, 2], 6000 + n)));
            assert!(calls <= 1 || self.died.contains(&(6000 + n)), "the phone of {name} is in {calls} calls");
        }
    }

    fn records(&self) -> BTreeMap<CallId, Record> {
        let calls: BTreeSet<CallId> =
            self.hotline.journal.iter().filter_map(|entry| if let Entry::Call(event) = entry { Some(event.call) } else { None }).collect();
        calls.into_iter().filter_map(|call| Some((call, Record::fold(&self.hotline.events(call))?))).collect()
    }

    /// From the moment that a call is sensitive nobody comes to have it, or to hear it, who is not cleared (R68).
    fn check_sensitive(&self, call: CallId) {
        let cleared = |seat: &Name| seat.as_bytes().last().is_some_and(|digit| digit % 2 == 0);
        let (mut sensitive, mut receiver) = (false, None);
        for event in self.hotline.events(call) {
            let who = match event.kind {
                EventKind::Reclassified { change, .. } => {
                    sensitive = change.sensitive.unwrap_or(sensitive);
                    None
                }
                EventKind::Offered { seat, .. } | EventKind::Answered { seat } => Some(cleared(&seat)),
                EventKind::ReceiverCalled { receiver, .. } => Some(receiver.seat().is_some_and(cleared)),
                EventKind::ReceiverAnswered { receiver: who } => {
                    receiver = Some(who);
                    None
                }
                EventKind::TransferEnded { end: TransferEnd::Completed | TransferEnd::TakenOver } => {
                    receiver.as_ref().map(|who: &Receiver| who.seat().is_some_and(cleared))
                }
                EventKind::OutsideCalled { .. } => Some(false),
                _ => None,
            };
            assert!(!sensitive || who != Some(false), "{call} is sensitive and goes to somebody who is not cleared at {:?}", event.at);
        }
    }

    /// Everybody hangs up: nothing is left of any call, and every seat is free.
    fn end(&mut self) {
        self.tell("everybody hangs up".into());
        (1..=SEATS).for_each(|n| self.hotline.change_habit(6000 + n, Habit::Refuses(486)));
        self.hotline.change_habit(CARRIER, Habit::Refuses(486));
        for port in 7001..self.next_caller {
            self.hang_up(SocketAddr::new(CALLERS, port));
        }
        self.hotline.pass(Duration::from_secs(400));
        self.check();
        assert_eq!(self.hotline.engine.calls(), 0, "calls are left");
        assert_eq!(self.ears.open(), 0, "streams are left");
        assert_eq!(self.hotline.engine.figures().free_ports, 50, "ports are left");
        for n in 1..=SEATS {
            let state = self.hotline.state(&format!("100{n}"));
            assert_eq!(state.activity, Activity::Free, "100{n} is stuck");
        }
        for (call, record) in self.records() {
            self.check_sensitive(call);
            assert!(record.t3.is_none() || record.owner.is_some() || record.outside.is_some(), "nobody owns {call}");
            let ended = self.hotline.events(call).iter().filter(|event| event.kind == EventKind::Archived).count();
            assert_eq!(ended, 1, "{call} has one record");
            assert!(record.transfers.iter().all(|transfer| transfer.end.is_some()), "a transfer of {call} never ended");
        }
        let phones = self.hotline.phones.keys().filter(|phone| !self.died.contains(&phone.port()));
        phones.for_each(|phone| assert_eq!(self.calls_at(*phone), 0, "{phone} still has a call"));
    }
}

fn habit(rng: &mut ChaCha8Rng) -> Habit {
    match rng.random_range(0..10u32) {
        0..7 => Habit::Answers(Duration::from_millis(rng.random_range(0..9_000))),
        7 => Habit::RingsOut,
        8 => Habit::Refuses(486),
        _ => Habit::Answers(Duration::from_secs(10)),
    }
}

/// All dialogs that a phone ever had.
fn dialogs(events: &[Event]) -> BTreeSet<DialogId> {
    let dialog = |event: &Event| match event {
        Event::Answered { dialog, .. } | Event::Invite { dialog, .. } => Some(*dialog),
        _ => None,
    };
    events.iter().filter_map(dialog).collect()
}

fn asked_for(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

#[test]
fn whatever_agents_order_no_caller_is_lost_or_hears_silence_and_no_seat_is_stuck_r53_to_r59() {
    assert_eq!(HOTLINE.1, 5060);
    let ends = play_all(SCHEDULES, false);
    for end in [
        "Completed",
        "Cancelled",
        "NotAnswered",
        "Rejected",
        "Unreachable",
        "CallerGone",
        "TakenOver",
        "FirstGone",
        "GivenBack",
        "NotCleared",
    ] {
        assert!(asked_for("HOTLINE_TRANSFERS").is_some() || ends.contains_key(end), "no transfer ended as {end}: {ends:?}");
    }
}

#[test]
fn nor_where_queues_are_of_a_group_at_a_distance() {
    play_all(SCHEDULES / 2, true);
}

fn play_all(count: u64, groups: bool) -> BTreeMap<String, u32> {
    let first = asked_for("HOTLINE_FIRST_SEED").unwrap_or(1);
    let count = asked_for("HOTLINE_TRANSFERS").unwrap_or(count);
    let (mut ends, mut referred): (BTreeMap<String, u32>, (u32, u32)) = (BTreeMap::new(), (0, 0));
    for seed in first..first + count {
        let mut schedule = Schedule::new(seed, groups);
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| schedule.play()));
        if let Err(panic) = played {
            eprintln!("seed {seed}:\n{}", schedule.story.join("\n"));
            std::panic::resume_unwind(panic);
        }
        referred = (referred.0 + schedule.referred.0, referred.1 + schedule.referred.1);
        for end in schedule.records().values().flat_map(|record| &record.transfers).filter_map(|transfer| transfer.end) {
            *ends.entry(format!("{end:?}").chars().take_while(|c| c.is_alphabetic()).collect()).or_default() += 1;
        }
    }
    eprintln!("{count} schedules, {referred:?} transfer keys refused and callers kept: {ends:?}");
    ends
}
