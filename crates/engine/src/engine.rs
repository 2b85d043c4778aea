use crate::announce::Switches;
use crate::ask::{Answer, AskId, Question};
use crate::call::{Call, Phase};
use crate::callback::CallBacks;
use crate::figures::Counters;
use crate::hang_up::cause_of;
use crate::hosts::Hosts;
use crate::hot_desk::HotDesks;
use crate::journal::registration;
use crate::keys::LEAST_WHISPER;
use crate::look_ups::LookUps;
use crate::message::MessageAnswer;
use crate::message::Messages;
use crate::offer::release_untalked;
use crate::own_call::OwnCall;
use crate::pick_up::{RETRY_AFTER, pick_up, turn_away};
use crate::pins::PinGuard;
use crate::prompts::Prompts;
use crate::regulars::{PastTalk, Regulars};
use crate::resume::Places;
use crate::routers::Routers;
use crate::same_key::Way;
use crate::seat_order::Change;
use crate::survey::Surveys;
use crate::talk::Asking;
use crate::tones::Tones;
use crate::trunks::Trunks;
use crate::world::{Alarm, RtpAddress, World};
use hotline_media::{Command, LeasePool};
use hotline_model::history::{Cause, HandOrder, MessageOrder, SeatEvent, Trigger, WhyNot};
use hotline_model::{Activity, Decision, DeskOrder, DeskRefusal, Entry, Intent, SeatId, Timestamp};
use hotline_model::{CallId, Deadlines, LookupMap, Name, Number, Switch, WallTime, WrongPins};
use hotline_router::{Letter, Refusal, Report, SeatTable, Sight};
use hotline_rules::{GroupId, Plan};
use hotline_sip::{Accounts, Binding, DialogId, Endpoint, Event, IncomingInvite};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Seats there is room for at least, so that a reload can add some: words of 8 bytes.
const SEATS: usize = 16_384;

/// What an engine needs to know before its first input.
#[derive(Clone, Debug)]
pub struct Config {
    /// The SIP endpoint's own configuration; its seed is drawn from `seed`.
    pub sip: hotline_sip::Config,
    /// The RTP ports that a worker has bound, all on one address.
    pub rtp_ports: Vec<SocketAddr>,
    /// The address told to peers instead of the bound one.
    pub rtp_advertise: Option<IpAddr>,
    /// `host[:port]` in From of the calls we make.
    pub identity: String,
    /// Boot epoch: differs from that of every earlier run on the same data.
    pub epoch: u32,
    /// The shard of this engine.
    pub shard: u8,
    /// Most live calls, wrap-up included; one more gets 503.
    pub max_calls: usize,
    /// All randomness comes from here (ChaCha8).
    pub seed: [u8; 32],
}

/// What an engine is told.
#[derive(Debug)]
pub enum Input<'a> {
    /// From the SIP sockets.
    Sip(hotline_sip::Input<'a>),
    /// From a media worker.
    Media(hotline_media::Event),
    /// Wall minus monotonic time in microseconds changed.
    Wall {
        /// The difference.
        offset: i64,
    },
    /// New rules, checked, with their prompts loaded. Host names in them are asked for.
    Rules {
        /// The rules.
        plan: Arc<Plan>,
        /// Their prompts.
        prompts: Arc<Prompts>,
    },
    /// The answer to a question; dropped and counted if it is late or nobody wants it any more.
    Answer {
        /// The question's.
        id: AskId,
        /// What is known.
        answer: Answer,
    },
    /// A person or a saved state changes what a seat's agent chose.
    Intent {
        /// The seat.
        seat: SeatId,
        /// What was chosen.
        intent: Intent,
    },
    /// A person gives a call that waits or rings to a seat, or pulls it there (R44), or changes its priority: it moves there at once.
    /// Any other call stays as it is. The history tells who ordered what and what came of it, [`Engine::refused`] why nothing did.
    ByHand {
        /// The call.
        call: CallId,
        /// Who.
        by: Name,
        /// What.
        order: HandOrder,
    },
    /// The person at a seat orders something, of the seat or of the call it is in (manual.md A5). What came of it is told by the history and
    /// by [`Engine::desk_answer`]; an order that is refused changes nothing.
    Desk {
        /// The seat.
        seat: SeatId,
        /// Who: the user of the system, or the seat's own name if its phone spoke.
        by: Name,
        /// What.
        order: DeskOrder,
    },
    /// A saved state says that the seat's calls ring at this telephone, which isn't its own (hot desking): [`Engine::hot_desks`] of the run
    /// before. To be told before [`Engine::restore_bindings`]; nobody is there any more if the rules say so.
    Seated {
        /// The account or seat whose telephone it is.
        phone: Name,
        /// The seat.
        seat: Name,
    },
    /// A saved state says how often a wrong PIN was tried: [`Engine::wrong_pins`] of the run before.
    WrongPins(WrongPins),
    /// Seats that routers of other groups changed ([`SeatTable::take_told`] for the main group).
    Look(Vec<SeatId>),
    /// The router of another group says something.
    Report {
        /// Which.
        group: GroupId,
        /// What.
        report: Box<Report>,
    },
    /// Conversations of earlier runs: whose matter is open, and who had which caller last (R57, R43).
    Past(Vec<PastTalk>),
    /// No new calls from now on.
    Drain,
    /// Every call is hung up: the hotline ends.
    HangUp,
    /// Somebody switches an announcement on or off (R151), or a saved state says who did: [`Engine::switches`] of the run before.
    Switch(Switch),
    /// A saved state says when a seat called an emergency service: [`Engine::emergency_at`] of the run before.
    Emergency(WallTime),
    /// Whom surveys of earlier runs asked, and when (`survey.not_again_within`).
    Surveyed(Vec<(Number, WallTime)>),
    /// A person does something with a message; [`Engine::message_answer`] says what came of it.
    Message {
        /// The call in which it was left.
        call: CallId,
        /// Who.
        by: Name,
        /// What.
        order: MessageOrder,
    },
}

/// What an engine says.
#[derive(Clone, Debug)]
pub enum Output {
    /// For the SIP sockets; never an event.
    Sip(hotline_sip::Output),
    /// For the media worker.
    Media(Command),
    /// For the journal, to be written before what follows is sent.
    Journal(Entry),
    /// The registrations changed: save [`Engine::bindings`].
    BindingsChanged,
    /// A question for the world outside; [`Input::Answer`] may come at any time, or never.
    Ask {
        /// Its handle.
        id: AskId,
        /// What.
        question: Question,
        /// An answer after this is dropped.
        deadline: Timestamp,
    },
    /// For the router of another group, which is to get all of them, in this order.
    Letter {
        /// Which.
        group: GroupId,
        /// What.
        letter: Box<Letter>,
    },
}

/// All calls of one shard.
pub struct Engine {
    pub(crate) world: World,
    pub(crate) calls: BTreeMap<CallId, Call>,
    /// Calls of the seats' own.
    pub(crate) own: BTreeMap<CallId, OwnCall>,
    pub(crate) hosts: Hosts,
    pub(crate) config: Config,
    /// See [`Engine::refused`].
    pub(crate) refused: Option<WhyNot>,
    /// See [`Engine::desk_answer`].
    pub(crate) answered: Result<(), DeskRefusal>,
    /// See [`Engine::message_answer`].
    pub(crate) message_answer: MessageAnswer,
    /// See [`Engine::take_sights`].
    sights: Vec<Sight>,
    /// See [`Engine::foresee_sights`].
    to_see: Option<Vec<Sight>>,
    count: u32,
    draining: bool,
    /// Made for rules that come next, and replaced by the last.
    pub(crate) accounts_ahead: Option<(Arc<Plan>, Accounts)>,
    pub(crate) old_accounts: Option<Accounts>,
}

impl Engine {
    /// An engine with its first rules and no calls, which routes all queues itself.
    pub fn new(now: Timestamp, wall_offset: i64, config: Config, plan: Arc<Plan>, prompts: Arc<Prompts>) -> Self {
        Self::with_groups(now, wall_offset, config, plan, prompts, 1)
    }

    /// An engine that leaves the queues of all groups but the first to further routers, so many in all, from 1: each an
    /// [`Outpost`](hotline_router::Outpost) on [`Engine::seats`].
    pub fn with_groups(now: Timestamp, wall_offset: i64, config: Config, plan: Arc<Plan>, prompts: Arc<Prompts>, groups: u8) -> Self {
        let mut rng = ChaCha8Rng::from_seed(config.seed);
        let mut sip = config.sip.clone();
        rand::Rng::fill_bytes(&mut rng, &mut sip.seed);
        let table = Arc::new(SeatTable::shared(SEATS.max(plan.seats.len() * 2), usize::from(groups)));
        let bound = config.rtp_ports.first().map_or(IpAddr::from([127, 0, 0, 1]), SocketAddr::ip);
        let world = World {
            now,
            wall_offset,
            sip: Endpoint::new(sip),
            router: Routers::new(now, Arc::clone(&plan), table, groups),
            plan,
            prompts,
            ports: LeasePool::new(&config.rtp_ports),
            rtp: RtpAddress { bound, advertised: config.rtp_advertise.unwrap_or(bound) },
            deadlines: Deadlines::default(),
            dialogs: LookupMap::default(),
            streams: LookupMap::default(),
            wrapping: BTreeMap::new(),
            present: BTreeSet::new(),
            fixed_contacts: BTreeMap::new(),
            identity: config.identity.clone(),
            places: Places::default(),
            trunks: Trunks::default(),
            regulars: Regulars::default(),
            look_ups: LookUps::default(),
            call_backs: CallBacks::default(),
            surveys: Surveys::default(),
            messages: Messages::default(),
            switches: Switches::default(),
            emergency_at: None,
            orders: VecDeque::new(),
            desks: HotDesks::default(),
            pins: PinGuard::default(),
            tones: Tones::default(),
            counters: Counters::default(),
            outputs: VecDeque::new(),
            rng,
            streams_made: 0,
            asking: Asking::default(),
            ways: None,
        };
        let mut engine = Self {
            world,
            calls: BTreeMap::new(),
            own: BTreeMap::new(),
            hosts: Hosts::default(),
            config,
            refused: None,
            answered: Ok(()),
            message_answer: MessageAnswer::Absent,
            sights: Vec::new(),
            to_see: None,
            count: 0,
            draining: false,
            accounts_ahead: None,
            old_accounts: None,
        };
        engine.record_seats();
        engine
    }

    fn hang_up_all(&mut self) {
        self.draining = true;
        let ids: Vec<CallId> = self.calls.keys().copied().collect();
        for id in ids {
            self.with_call(id, Call::end_for_shutdown);
        }
        self.hang_up_own();
    }

    /// What every seat is in at the start, so that decisions can be explained from the first on.
    fn record_seats(&mut self) {
        for seat in (0u32..).take(self.world.plan.seats.len()).map(SeatId) {
            let (at, name, state) = (self.world.wall(), self.world.seat_name(seat), self.world.router.seat_state(seat));
            let event = SeatEvent { seq: 0, at, seat: name, id: seat, state, call: None };
            self.world.outputs.push_back(Output::Journal(Entry::Seat(event)));
        }
    }

    /// Takes one input and does all that follows from it.
    pub fn handle(&mut self, now: Timestamp, input: Input<'_>) {
        self.begin_step(now);
        match input {
            Input::Sip(input) => self.world.sip.handle(now, input),
            Input::Media(event) => self.on_media(event),
            Input::Wall { offset } => self.world.wall_offset = offset,
            Input::Rules { plan, prompts } => self.on_rules(plan, prompts),
            Input::Answer { id, answer } => self.on_answer(id, answer),
            Input::Intent { seat, intent } => self.world.router.handle(now, hotline_router::Input::Intent { seat, intent }),
            Input::ByHand { call, by, order } => self.on_hand(call, by, order),
            Input::Desk { seat, by, order } => self.on_desk(seat, by, order),
            Input::Seated { phone, seat } => self.restore_hot_desk(&phone, &seat),
            Input::Emergency(at) => self.world.emergency_called(at.to_monotonic(self.world.wall_offset)),
            Input::WrongPins(tries) => self.world.pins.restore(now, self.world.wall_offset, tries),
            Input::Past(talks) => talks.into_iter().for_each(|talk| self.world.regulars.remember(talk)),
            Input::Look(seats) => self.look(&seats),
            Input::Report { group, report } => self.world.router.report(group, *report),
            Input::Drain => self.draining = true,
            Input::HangUp => self.hang_up_all(),
            Input::Switch(switch) => self.on_switch(switch),
            Input::Surveyed(asked) => asked.iter().for_each(|(from, at)| self.world.surveys.remember(from, *at)),
            Input::Message { call, by, order } => self.on_message(call, by, order),
        }
        self.settle();
        self.end_step();
    }

    pub(crate) fn begin_step(&mut self, now: Timestamp) {
        self.world.now = now;
        self.world.router.begin_step(self.to_see.take());
    }

    pub(crate) fn end_step(&mut self) {
        self.sights = self.world.router.end_step();
    }

    fn look(&mut self, seats: &[SeatId]) {
        for seat in seats {
            self.world.router.handle(self.world.now, hotline_router::Input::Look { seat: *seat });
            self.settle();
        }
    }

    /// What the last step saw of seats by the hand of other threads. With it, the step can be done again without them.
    pub fn take_sights(&mut self) -> Vec<Sight> {
        std::mem::take(&mut self.sights)
    }

    /// The next step is one that is done again, and saw this the first time.
    pub fn foresee_sights(&mut self, sights: Vec<Sight>) {
        self.to_see = Some(sights);
    }

    /// The seats that routers of other groups share.
    pub fn seats(&self) -> &Arc<SeatTable> {
        self.world.router.seats()
    }

    /// How many routers there are.
    pub fn groups(&self) -> u8 {
        self.world.router.groups()
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.begin_step(now);
        while let Some((call, alarm)) = self.world.deadlines.take_due(now) {
            if !self.rings_own(call, alarm) {
                self.with_call(call, |call, world| call.on_alarm(world, alarm));
            }
            self.settle();
        }
        self.world.sip.handle_timeout(now);
        self.world.router.handle_timeout(now);
        self.on_hosts_timeout();
        self.settle();
        self.end_step();
    }

    /// When [`Self::handle_timeout`] is to be called next.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let world = &self.world;
        [world.deadlines.next(), world.sip.poll_timeout(), world.router.poll_timeout(), self.hosts.poll_timeout()]
            .into_iter()
            .flatten()
            .min()
    }

    /// What is to be written, sent or played, in this order; call until `None`.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.world.outputs.pop_front()
    }

    /// Lets the machines speak until all are silent.
    pub(crate) fn settle(&mut self) {
        loop {
            if let Some(output) = self.world.sip.poll_output() {
                self.on_sip(output);
            } else if let Some(output) = self.world.router.poll_output(self.world.now) {
                self.on_router(output);
            } else if let Some((seq, change)) = self.world.router.settle_change(self.world.now) {
                self.record_change(seq, change);
            } else if let Some(foreseen) = self.world.router.poll_foreseen() {
                self.with_call(foreseen.call, |call, world| call.on_foreseen(world, &foreseen));
            } else if let Some(order) = self.world.orders.pop_front() {
                self.on_order(order);
            } else if let Some((group, letter)) = self.world.router.poll_letter() {
                self.world.outputs.push_back(Output::Letter { group, letter: Box::new(letter) });
            } else {
                break;
            }
        }
        let closed = self.is_closed() || self.world.ports.is_empty();
        self.world.sip.set_closed(closed.then_some(RETRY_AFTER));
    }

    /// Whether an INVITE gets 503, whatever it asks for.
    fn is_closed(&self) -> bool {
        self.draining || self.calls.len().saturating_sub(self.world.messages.open()) + self.own.len() >= self.config.max_calls
    }

    pub(crate) fn with_call(&mut self, id: CallId, act: impl FnOnce(&mut Call, &mut World)) {
        let Some(call) = self.calls.get_mut(&id) else {
            self.world.counters.late += 1;
            return;
        };
        act(call, &mut self.world);
        if matches!(call.phase, Phase::Done) {
            call.alarms.clear_all(&mut self.world);
            call.forget_look_ups(&mut self.world);
            self.calls.remove(&id);
            self.world.router.forget(id);
        }
    }

    fn with_dialog(&mut self, dialog: DialogId, act: impl FnOnce(&mut Call, &mut World, u8)) {
        if let Some((call, leg)) = self.world.dialogs.get(&dialog).copied() {
            self.with_call(call, |call, world| act(call, world, leg));
        }
    }

    fn on_sip(&mut self, output: hotline_sip::Output) {
        match output {
            hotline_sip::Output::Event(event) => self.on_sip_event(event),
            output @ (hotline_sip::Output::Datagram { .. } | hotline_sip::Output::Stream { .. } | hotline_sip::Output::Close { .. }) => {
                self.world.outputs.push_back(Output::Sip(output));
            }
        }
    }

    fn on_sip_event(&mut self, event: Event) {
        if self.hears_own(&event) {
            return;
        }
        match event {
            Event::Invite { dialog, invite } => self.on_invite(dialog, &invite),
            Event::Progress { dialog, code, .. } => self.with_dialog(dialog, |call, world, leg| {
                if call.is_ringing(dialog) {
                    call.on_progress(world, code);
                } else if call.is_ringing_receiver(leg) {
                    call.on_receiver_progress(world, code);
                } else if call.is_ringing_outside(dialog) {
                    call.on_outside_progress(world, code);
                }
            }),
            Event::Answered { dialog, body } => self.with_dialog(dialog, |call, world, leg| {
                if call.is_ringing(dialog) {
                    call.on_seat_answered(world, body.as_deref());
                } else if call.is_ringing_receiver(leg) {
                    call.on_receiver_answered(world, body.as_deref());
                } else if call.is_ringing_outside(dialog) {
                    call.on_outside_answered(world, body.as_deref());
                }
            }),
            Event::Rejected { dialog, code, local, .. } => self.with_dialog(dialog, |call, world, leg| {
                if call.is_ringing(dialog) {
                    call.on_seat_rejected(world, code, local);
                } else if call.is_ringing_receiver(leg) {
                    call.on_receiver_rejected(world, code, local);
                } else if call.is_ringing_outside(dialog) {
                    call.on_outside_rejected(world, code, local);
                }
            }),
            Event::Confirmed { dialog, body } | Event::ReinviteAnswered { dialog, body } => {
                self.with_dialog(dialog, |call, world, leg| call.on_answer_to_our_offer(world, leg, body.as_deref()));
            }
            Event::Reinvite { dialog, body } => self.with_dialog(dialog, |call, world, leg| call.on_reinvite(world, leg, body.as_deref())),
            Event::ReinviteRejected { .. } => {}
            Event::Info { dialog, content_type, body } => {
                self.with_dialog(dialog, |call, world, leg| call.on_info(world, leg, &content_type, &body));
            }
            Event::Refer { dialog, refer } => self.on_refer(dialog, &refer),
            Event::ReferRefused { dialog, code } => self.with_dialog(dialog, |call, world, leg| call.refer_refused(world, leg, code)),
            Event::Cancelled { dialog } => {
                self.with_dialog(dialog, |call, world, leg| call.on_dialog_over(world, leg, Cause::Cancelled, None));
            }
            Event::Bye { dialog, q850 } => {
                self.with_dialog(dialog, |call, world, leg| call.on_bye(world, leg, q850));
            }
            Event::Ended { dialog, why } => {
                self.with_dialog(dialog, |call, world, leg| call.on_dialog_over(world, leg, cause_of(why), None));
            }
            Event::Changed { dialog } => self.with_dialog(dialog, |call, world, leg| call.record_leg(world, leg)),
            Event::Registered { account, .. } => self.set_reachable(&account, true),
            Event::Unregistered { account, .. } => {
                if self.world.sip.contacts(&account).is_empty() {
                    self.set_reachable(&account, false);
                }
            }
            Event::Reachable { account, reachable } => self.set_reachable(&account, reachable),
            Event::BindingsChanged { account } => self.record_registrations(account),
        }
    }

    fn on_invite(&mut self, dialog: DialogId, invite: &IncomingInvite) {
        if self.seat_calls(dialog, invite, self.is_closed()) {
            return;
        }
        if self.is_closed() {
            return turn_away(&mut self.world, dialog);
        }
        // Only agents join conversations, by REFER (R54); who names one of ours in a new call is no party to it (RFC 3891 5).
        if invite.replaces.is_some() {
            self.world.counters.replaces_refused += 1;
            if self.world.sip.decline(self.world.now, dialog, 403, "Replaces is not for callers").is_err() {
                self.world.counters.late += 1;
            }
            return;
        }
        let id = self.id();
        if let Some(call) = pick_up(&mut self.world, id, dialog, invite) {
            self.count = self.count.wrapping_add(1);
            if !matches!(call.phase, Phase::Done) {
                self.calls.insert(id, call);
            }
        }
    }

    fn id(&self) -> CallId {
        CallId::new(self.config.epoch, self.config.shard, self.count)
    }

    /// The id of a call that is made here.
    pub(crate) fn next_id(&mut self) -> CallId {
        let id = self.id();
        self.count = self.count.wrapping_add(1);
        id
    }

    fn set_reachable(&mut self, account: &str, reachable: bool) {
        if let Some(trunk) = Trunks::of_account(account) {
            return self.world.trunks.set_up(trunk, reachable);
        }
        if let Some(seat) = self.world.seat_at(account) {
            self.world.router.handle(self.world.now, hotline_router::Input::Reachable { seat, reachable });
        }
    }

    fn on_router(&mut self, output: hotline_router::Output) {
        use hotline_router::Output as Said;
        if self.hears_own_router(&output) {
            return;
        }
        match output {
            // Said before the call left, or waited elsewhere: the seat is another's by now.
            Said::Offer { call, seat, .. } | Said::Direct { call, seat, .. } if self.world.router.call_of(seat) != Some(call) => {
                self.world.counters.late += 1;
            }
            Said::Offer { call, seat, ring, decision } => {
                self.world.counters.offers += u64::from(decision.trigger != Trigger::ByHand);
                self.record_decision(&decision);
                self.with_call(call, |call, world| call.on_offer(world, seat, ring, &decision));
            }
            Said::Direct { call, seat, ring } => self.with_call(call, |call, world| call.on_receiver_found(world, seat, ring)),
            Said::Nobody { decision, .. } => self.record_decision(&decision),
            Said::Withdraw { call, seat } => self.with_call(call, |call, world| call.on_withdraw(world, seat)),
            Said::Answered { call, seat } if !self.calls.contains_key(&call) => {
                self.world.counters.late += 1;
                release_untalked(&mut self.world, call, seat);
            }
            Said::Answered { call, seat } => self.with_call(call, |call, world| call.on_answer_taken(world, seat)),
            Said::Late { call, seat } => self.with_call(call, |call, world| call.on_late_answer(world, seat)),
            Said::NotAssigned { call, seat, why } => {
                let seat = self.world.plan.seats.get(seat.index()).map_or("unknown".into(), |seat| seat.name.clone());
                self.refuse(call, seat, why);
            }
            Said::Refused { call, why: Refusal::OtherGroup } => self.with_call(call, Call::on_other_group),
            Said::Refused { call, .. } => self.with_call(call, Call::on_queue_full),
            Said::Seat { seat, state, call, .. } => {
                while let Some((seq, change)) = self.world.router.poll_change() {
                    self.record_change(seq, change);
                }
                self.follow_seat(seat, state);
                if !state.reachable || state.intent == Intent::SignedOut {
                    self.seat_gone(seat);
                } else {
                    self.world.present.insert(seat);
                }
                // Its own call is no other one: its router has yet to hear that it is over.
                let is_released = state.activity == Activity::OnCall && self.world.wrapping.get(&seat).copied() == call;
                if state.activity != Activity::WrapUp
                    && !is_released
                    && let Some(call) = self.world.wrapping.remove(&seat)
                {
                    self.with_call(call, Call::wrap_up_over);
                }
            }
        }
    }

    fn record_change(&mut self, seq: u64, change: Change) {
        let Change { at, seat, state, call } = change;
        let (at, name) = (at.to_wall(self.world.wall_offset), self.world.seat_name(seat));
        let event = SeatEvent { seq, at, seat: name, id: seat, state, call };
        self.world.outputs.push_back(Output::Journal(Entry::Seat(event)));
    }

    /// What the phone was told outlives a crash in the next moment.
    fn record_registrations(&mut self, account: Name) {
        let world = &mut self.world;
        let bound = world.sip.bindings_of(&account).map(|binding| registration(binding, world.wall_offset)).collect();
        world.outputs.push_back(Output::Journal(Entry::Registrations { at: world.wall(), account, bound }));
        world.outputs.push_back(Output::BindingsChanged);
    }

    pub(crate) fn record_decision(&mut self, decision: &Decision) {
        let world = &mut self.world;
        let seat = (decision.seat != hotline_model::history::NO_SEAT).then(|| world.seat_name(SeatId(decision.seat)));
        let queue = world.plan.queue(decision.queue).name.clone();
        let entry = Entry::Decision { decision: *decision, at: world.wall(), queue, seat };
        world.outputs.push_back(Output::Journal(entry));
    }

    fn on_media(&mut self, event: hotline_media::Event) {
        use hotline_media::Event as Heard;
        if let Heard::Closed { lease, stats, .. } = &event {
            self.world.ports.give_back(*lease);
            self.world.counters.rtp_strangers += stats.strangers;
            self.world.counters.rtp_garbage += stats.garbage;
        }
        if let Heard::Recorded { record, end, length_ms, spoken_ms, .. } = event {
            return self.on_recorded(record, end, length_ms, spoken_ms);
        }
        let Some((call, leg)) = self.world.streams.get(&event.stream()).copied() else { return };
        if self.hears_own_media(call, leg, &event) {
            return;
        }
        match event {
            Heard::Played { play, interrupted: false, .. } if play >= LEAST_WHISPER => self.with_call(call, |call, world| {
                call.on_greeting_played(world, play);
            }),
            Heard::Digit { digit, .. } => self.with_call(call, |call, world| call.on_key(world, leg, Way::Media, digit)),
            Heard::Played { play, interrupted: false, .. } if leg != 0 => {
                self.with_call(call, |call, world| call.on_agent_played(world, play))
            }
            Heard::Played { play, interrupted: false, .. } if leg == 0 => self.with_call(call, |call, world| call.on_played(world, play)),
            Heard::Begun { play, .. } if leg == 0 => self.with_call(call, |call, world| call.on_begun(world, play)),
            Heard::Played { play, .. } if leg == 0 => self.with_call(call, |call, world| call.on_cut_off(world, play)),
            Heard::Silent { .. } => self.with_call(call, |call, world| call.on_silence(world, leg)),
            Heard::Closed { .. } | Heard::Refused { .. } => self.with_call(call, |call, world| {
                call.finish(world, None, hotline_model::history::Side::System, Cause::Technical, None);
            }),
            Heard::Flowing { .. } => self.with_call(call, |call, world| call.on_sound(world, leg)),
            Heard::Played { .. } | Heard::Begun { .. } | Heard::ConferenceRefused { .. } | Heard::Recorded { .. } => {}
        }
    }

    fn on_rules(&mut self, plan: Arc<Plan>, prompts: Arc<Prompts>) {
        self.world.prompts = prompts;
        self.renew_accounts(&plan);
        let renewed = self.renew_contacts(&plan);
        self.world.router.handle(self.world.now, hotline_router::Input::Rules(plan));
        self.tell_renewed(&renewed);
        self.settle();
        self.leave_retired_queues();
        self.leave_retired_phones();
        self.watch_queues();
    }

    /// All registrations, for the state file.
    pub fn bindings(&self) -> Vec<Binding> {
        self.world.sip.bindings()
    }

    /// Takes the registrations of the state file back; their seats can be reached again.
    pub fn restore_bindings(&mut self, now: Timestamp, bindings: Vec<Binding>) {
        self.begin_step(now);
        let accounts: BTreeSet<_> = bindings.iter().map(|binding| binding.account.clone()).collect();
        self.world.sip.restore_bindings(now, bindings);
        for account in accounts {
            if !self.world.sip.contacts(&account).is_empty() {
                self.set_reachable(&account, true);
            }
        }
        self.settle();
        self.end_step();
    }

    /// What was counted.
    pub fn counters(&self) -> Counters {
        let router = &self.world.router;
        let (inversions, offers_checked) = (router.inversions(), router.checked());
        Counters {
            inversions,
            offers_checked,
            seats_crossed: router.crossed(),
            reports_late: router.late(),
            seat_changes_guessed: router.guessed(),
            ..self.world.counters
        }
    }

    /// What the SIP endpoint counted.
    pub fn sip_counters(&self) -> &hotline_sip::Counters {
        self.world.sip.counters()
    }

    /// What a seat is in.
    pub fn seat_state(&self, seat: SeatId) -> hotline_model::SeatState {
        self.world.router.seat_state(seat)
    }

    /// The rules in force.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.world.plan
    }

    /// Live calls, wrap-up and the seats' own included; open call-backs are none yet.
    pub fn calls(&self) -> usize {
        self.calls.values().filter(|call| !call.is_resting()).count() + self.own.len()
    }

    /// Calls in which somebody is on the line: what a stop waits for. A wrap-up is not one; a later run completes its record if this one
    /// does not.
    pub fn calls_on_line(&self) -> usize {
        self.calls.values().filter(|call| !call.is_resting() && !matches!(call.phase, Phase::WrapUp)).count() + self.own.len()
    }
}

impl Call {
    fn on_alarm(&mut self, world: &mut World, alarm: Alarm) {
        self.alarms.clear(world, alarm);
        match alarm {
            Alarm::Menu => self.on_menu_timeout(world),
            Alarm::Survey => self.on_survey_timeout(world),
            Alarm::LookUp => self.on_look_ups_late(world),
            Alarm::NoProgress => self.on_no_progress(world),
            Alarm::Ring => self.on_ring_over(world),
            Alarm::Outside => self.next_outside(world),
            Alarm::OutsideNoProgress => self.on_outside_no_progress(world),
            Alarm::OutsideRing => self.on_outside_ring_over(world),
            Alarm::Turn => self.take_turn(world),
            Alarm::Rank => self.rank_as_breached(world),
            Alarm::Told => self.agent_told(world),
            Alarm::Wish => self.drop_wish(world),
            Alarm::Room => self.ask_for_room(world),
            Alarm::Announce => self.on_announce(world),
            Alarm::Closing => self.on_closing(world),
            Alarm::Nobody => self.on_nobody(world),
            Alarm::Linger => self.on_linger_over(world),
            Alarm::Message => self.on_message_late(world),
            Alarm::RecorderLost => self.on_recorder_lost(world),
            Alarm::Greeting => self.on_greeted(world),
            Alarm::Keys(leg) => self.on_keys_over(world, leg),
            Alarm::Probe(leg) => self.probe(world, leg),
            Alarm::Warn(clock) => self.on_warning(world, clock),
            Alarm::Limit(clock) => self.on_limit(world, clock),
        }
    }
}
