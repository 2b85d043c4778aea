//! What mattered for how long a call waited, without words.

use super::candidates::{Beside, Fate, Seats};
use super::causes::{self, Ahead};
use super::held::By;
use super::pauses::Setting;
use super::rules::{Past, decided_by};
use super::woke::{AT_ONCE, LATE, Woke};
use super::{desk, phone};
use crate::cli::own::Came;
use crate::cli::surveys;
use crate::cli::words::End;
use hotline_archive::{Found, SeatStates, StoredDecision};
use hotline_model::history::{
    Blocked, CallBackEnd, Cause, ClockChange, DecidingKey, EventKind, ForetoldWait, HandOrder, Identified, Judged, LookedAt, LookedUp,
    MessageLeft, MessageOrder, NO_SEAT, NoMessage, NotCalled, OfferEnd, Onward, Trigger, Untold, WhyLeft, WhyNot,
};
use hotline_model::{Activity, Assessment, CallEvent, CallId, Impact, Name, Priority, QueueId, Record, SeatState, Topic, WallTime};
use hotline_rules::{MenuId, Plan, Priorities, Spot};
use std::collections::BTreeMap;
use std::time::Duration;

/// The receiver's clock (manual.md Part B).
const K9: u8 = 9;

/// A full queue turns a call away within this time, also one that is served on another thread.
const REFUSED: Duration = Duration::from_secs(1);

/// How many seats are at what, the most first.
pub type Counts = Vec<(SeatState, usize)>;

/// One thing that mattered for how long the call waited. Languages put these into sentences; see [`super::en`] and [`super::zh`].
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// It entered a queue.
    Queued { queue: Name, priority: Priority },
    /// It entered one instead of another, which the rules no longer had.
    QueuedInstead { gone: Name, queue: Name, priority: Priority },
    /// It entered one, for those before along the chain of `overflow` were full.
    QueuedBeyond { full: Vec<Full>, queue: Name, priority: Priority },
    /// The router looked and nobody was ready.
    Nobody { woke: Woke, why: Why, step: u8, admitted: u32, ahead: u32, seats: Counts },
    /// Another call took a seat that it could have had.
    Overtaken { call: CallId, seat: Name, why: Ahead },
    /// So did so many more.
    OvertakenMore { calls: usize },
    /// A step of its queue began, from 0; what it asks for and where that is written.
    StepBegan { queue: Name, step: usize, asks: String, place: Option<String> },
    /// So many further looks gave the same.
    Again { times: usize },
    /// The router chose a seat.
    Chosen { woke: Woke, seat: Name, because: Because, tier: u8, proficiency: u8 },
    /// An offer ended without an answer.
    NotAnswered { seat: Name, after: Duration, why: OfferEnd },
    /// The agent answered.
    Answered { seat: Name, rang: Option<Duration> },
    /// A clock's limit passed.
    Breached { clock: u8, limit: Duration },
    /// It came back at the place of a call before.
    PlaceKept { after: CallId, earlier: Duration },
    /// The caller has spoken with these seats before.
    Recognised { owner: Option<Name>, last: Option<Name> },
    /// A source was asked about the caller.
    LookedUp(Box<LookedUp>),
    /// Supervisors were told at once.
    Alerted { topic: Topic },
    /// They were, of how far it reaches.
    ImpactAlerted { impact: Impact },
    /// The menus found whose problem it is and how far it reaches.
    Assessed(Assessment),
    /// A person gave it another priority.
    Reprioritised { priority: Priority, by: Option<Name> },
    /// By waiting it has become worth more (R38).
    Aged { priority: Priority },
    /// A person gave it to a seat, or had it pulled there; whether that was carried out.
    ByHand { by: Name, order: HandOrder, done: bool },
    /// That was in vain; what the seat was at, if it was not ready and that is known, and what says how long its pause was.
    NotAssigned { seat: Name, why: WhyNot, was: Option<SeatState>, paused_by: Option<Setting> },
    /// Somebody outside was called; `None`: the customer.
    Outside { to: Option<Name>, trunk: Name, waits: bool },
    /// That ended without an answer.
    OutsideEnded { to: Option<Name>, trunk: Name, after: Duration, why: OfferEnd },
    /// Nobody could be called.
    OutsideNotCalled { to: Option<Name>, why: NotCalled },
    /// Somebody outside answered.
    OutsideAnswered { to: Option<Name>, after: Duration },
    /// The caller is called back by another call.
    CallBackBooked { call: CallId },
    /// It is a call-back, at the place of the call in which it was asked for.
    CallBackOpened { after: CallId, at: Option<WallTime> },
    /// The customer was not reached.
    CallBackLater { attempts: u8, wait: Duration },
    /// It ended without a conversation.
    CallBackEnded { why: CallBackEnd },
    /// The caller left a message.
    MessageLeft(Box<MessageLeft>),
    /// The caller left none.
    NoMessage { voicemail: Name, why: NoMessage },
    /// A person did something with the message.
    Message { by: Name, order: MessageOrder },
    /// The caller was told how many were ahead and how long it would be, or why no time was told; a person answered so long after.
    Foretold { ahead: u32, wait: Result<ForetoldWait, Untold>, real: Option<Duration> },
    /// What the people at seats did.
    Desk(desk::Fact),
    /// What a seat's phone did by itself, and its own call.
    Phone(phone::Fact),
    /// What the caller said of it afterwards.
    Survey(surveys::Fact),
    /// It left a queue that nobody served, or that was full; the key of the rules that says so with its place, and where it went on, if
    /// nothing else tells that.
    LeftQueue { queue: Name, why: WhyLeft, onward: Option<Onward>, rule: String },
    /// It was let into no queue: these were full, along the chain of `overflow`. The caller was told to try later.
    TurnedAway { full: Vec<Full> },
    /// How the caller's number came to be what it is, where that is not plain.
    Identified(Identified),
    /// The block list turned the caller away.
    Blocked(Blocked),
    /// Prompts were heard before the call was answered.
    EarlyMedia,
    /// It was answered so long after, having been heard before.
    AnsweredLate { after: Duration },
    /// An announcement that was switched on, and where it is written, if that is known.
    Announcement { name: Name, place: String },
    /// Gates of the rules asked something of it: of which menu, the gate that was taken with its place in the files, and what was looked at.
    Judged { menu: Option<Name>, taken: Option<(u16, String)>, looked: Vec<LookedAt> },
    /// A VIP customer was led past a self-service menu.
    Spared { menu: Name },
    /// The rules led it to somebody outside.
    LedOutside { to: Name, rings: Duration, otherwise: Onward },
    /// Nobody answered there: it went on.
    GivenUp { to: Name, otherwise: Option<Onward> },
    /// The rules led it to a seat first.
    LedToSeat { seat: Name },
    /// Nothing of a reply was heard: it is said again, or a person takes over.
    ReplyUnheard { again: bool },
    /// It overflowed.
    Overflowed { to: Option<Name> },
    /// The hotline restarted and took it up again.
    Recovered,
    /// It ended.
    Ended(End),
}

/// Why nobody had a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nobody was ready.
    NoneReady,
    /// Seats were ready that could not have it yet.
    Held,
    /// It waited for an agent of its own.
    Own,
}

impl Fact {
    /// Adds what the seats at a decision say of it.
    pub fn look_at(&mut self, seats: &Seats) {
        if let Self::Chosen { because, proficiency, .. } = self {
            *proficiency = seats.proficiency().map_or(*proficiency, |mastered| u8::try_from(mastered).unwrap_or(u8::MAX));
            because.beside = seats.beside();
            because.admitted = seats.own(because.admitted);
        } else if let Self::Nobody { why, admitted, .. } = self {
            // Who helps, and whoever is of a reserve or of a later step, is none of those that are counted, unless there are no others.
            let has_own = usize::try_from(*admitted).is_ok_and(|admitted| admitted > seats.beyond);
            let is_own = |fate: &Fate| {
                let waits = matches!(fate, Fate::Later(..) | Fate::AfterOwn(_) | Fate::Paused(_));
                waits && !matches!(fate, Fate::Later(_, By::Step(..)))
            };
            let held = if has_own { seats.groups.iter().any(|(fate, _)| is_own(fate)) } else { seats.beside().held };
            if *why != Why::Own {
                *why = if held { Why::Held } else { Why::NoneReady };
            }
            *admitted = seats.own(*admitted);
        }
    }
}

/// What decided, with what is said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Because {
    /// What decided.
    pub key: DecidingKey,
    /// Where that is written.
    pub place: Option<String>,
    /// Why the seat is the caller's own, if that decided.
    pub own: Own,
    /// The step in force, from 0.
    pub step: u8,
    /// Seats that it admits.
    pub admitted: u32,
    /// Of these, the ready ones.
    pub ready: u32,
    /// The seats that were ready, as far as the rules are at hand.
    pub beside: Beside,
    /// What the call's wait counted before the seat, if that decided and the rules are at hand.
    pub weighs: Option<Weighs>,
}

/// What a wait counts in a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighs {
    /// So long it had waited.
    pub waited: Duration,
    /// The queue's weight, and where it is written.
    pub weight: (u8, Option<String>),
    /// The queue's target.
    pub target: Duration,
}

impl Weighs {
    fn of(stored: &StoredDecision, plan: &Plan) -> Option<Self> {
        let id = *plan.queue_names.get(&*stored.queue)?;
        let queue = plan.queue(id);
        let waited = Duration::from_millis(u64::from(stored.decision.waited_ms));
        Some(Self { waited, weight: (queue.weight, weight_place(plan, id)), target: queue.target })
    }
}

/// Where a queue's weight is written, or the queue, if that names none.
pub fn weight_place(plan: &Plan, queue: QueueId) -> Option<String> {
    let place = plan.places.spot(Spot::Weight(queue)).or_else(|| plan.places.queue(queue));
    place.map(|place| place.to_string())
}

/// Why a seat is the caller's own where that decided ([`DecidingKey::Owner`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// It owns the caller's matter (R57).
    Matter,
    /// A way of the rules leads to it.
    Led,
    /// The rules name it for the customer (R45).
    Customer,
}

/// The key of the rules by which calls leave a queue, and where the queue is written.
fn left_by(plan: Option<&Plan>, queue: &Name, why: WhyLeft) -> String {
    let (key, spot): (_, fn(QueueId) -> Spot) = match why {
        WhyLeft::Closed => ("`closed`", Spot::Closed),
        WhyLeft::Nobody => ("`nobody`", Spot::Nobody),
        WhyLeft::Full(_) => ("`limit`", Spot::Limit),
    };
    let place = plan.and_then(|plan| {
        let id = *plan.queue_names.get(&**queue)?;
        plan.places.spot(spot(id)).or_else(|| plan.places.queue(id))
    });
    place.map_or(key.to_owned(), |place| format!("{key}, {place}"))
}

/// Where a call went on that left its queue, by what follows in its history; `None`: outside, which is told of itself.
pub fn onward(to: Option<&Name>, then: &[CallEvent]) -> Option<Onward> {
    if let Some(queue) = to {
        return Some(Onward::Queue(queue.clone()));
    }
    let next = |event: &CallEvent| {
        if let EventKind::Menu(menu) = &event.kind {
            Some(Some(Onward::Menu(menu.clone())))
        } else if let EventKind::MessageAsked { voicemail } = &event.kind {
            Some(Some(Onward::Voicemail(voicemail.clone())))
        } else {
            matches!(event.kind, EventKind::LedOutside { .. }).then_some(None)
        }
    };
    then.iter().find_map(next).unwrap_or(Some(Onward::Goodbye))
}

/// Where an announcement is written.
fn announced_at(plan: Option<&Plan>, name: &Name) -> String {
    let place = plan.and_then(|plan| {
        let place = plan.announcements.iter().position(|one| one.name == *name)?;
        plan.places.spot(Spot::Announcement(place))
    });
    place.map_or(String::new(), |place| place.to_string())
}

/// What gates asked, and where the one that was taken is written.
fn judged_by(plan: Option<&Plan>, record: &Record, judged: &Judged) -> Fact {
    let place = |gate: u16| {
        let plan = plan?;
        let gate = usize::from(gate);
        let spot = match &judged.menu {
            None => Spot::NumberGate(*plan.dialled.get(&*record.dialled)?, gate),
            Some(name) => {
                let place = plan.menus.iter().position(|menu| menu.name == *name)?;
                Spot::Gate(MenuId(u16::try_from(place).ok()?), gate)
            }
        };
        Some(format!(" ({})", plan.places.spot(spot)?))
    };
    let taken = judged.taken.map(|gate| (gate + 1, place(gate).unwrap_or_default()));
    Fact::Judged { menu: judged.menu.clone(), taken, looked: judged.looked.clone() }
}

/// A fact and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// When.
    pub at: WallTime,
    /// What.
    pub fact: Fact,
    /// Which of the call's decisions it is, from 0.
    pub decision: Option<usize>,
}

/// The facts of a call in the order of time; `states` are the seats' at each decision, `plan` the rules if they are at hand.
pub fn tell(found: &Found, record: &Record, states: &[SeatStates], plan: Option<&Plan>, past: &Past<'_>, now: WallTime) -> Vec<Told> {
    // At the same instant: what made the router look, then its decision, then what came of that.
    let offered = |at: WallTime, to: &Name| {
        found.events.iter().filter(|event| event.at == at).find_map(|event| {
            let EventKind::Offered { seat, decision, .. } = &event.kind else { return None };
            (seat == to).then_some(*decision)
        })
    };
    let decided = found.decisions.iter().zip(states).enumerate();
    let decided = decided.map(|(n, (stored, states))| {
        (2 * stored.decision.seq + 2, Told { at: stored.at, fact: decided_on(found, stored, states, plan), decision: Some(n) })
    });
    let last = |fact: &Fact| {
        matches!(
            fact,
            Fact::Answered { .. }
                | Fact::OutsideAnswered { .. }
                | Fact::Ended(_)
                | Fact::Desk(desk::Fact::Owns { .. } | desk::Fact::OwnerKept { .. })
        )
    };
    let after = |at: WallTime, fact: &Fact| {
        if let Fact::NotAnswered { seat, .. } = fact {
            return offered(at, seat).map_or(0, |decision| 2 * decision + 3);
        }
        if last(fact) { u64::MAX } else { 0 }
    };
    let aged = plan.map(|plan| risen(found, record, &plan.priorities, now)).unwrap_or_default();
    let events = from_events(found, record, plan, past).into_iter().chain(aged);
    let events = events.map(|(at, fact)| (after(at, &fact), Told { at, fact, decision: None }));
    let mut all: Vec<_> = events.chain(decided).collect();
    all.sort_by_key(|(order, told)| (told.at, *order));
    let ends = record.t6.unwrap_or(now);
    folded(all.into_iter().map(|(_, told)| told).filter(|told| told.at <= ends || outlives(&told.fact)).collect())
}

/// Calls that went before another are told one by one up to so many.
const OVERTAKEN: usize = 10;

/// Puts into the story what a call saw while it waited: steps that began, which its decisions may tell, and others that went first.
pub fn with_meanwhile(story: &mut Vec<Told>, meanwhile: Vec<(WallTime, Fact)>) {
    let overtaken = |(_, fact): &&(WallTime, Fact)| matches!(fact, Fact::Overtaken { .. });
    let calls = meanwhile.iter().filter(overtaken).count().saturating_sub(OVERTAKEN);
    let rest = meanwhile.iter().rfind(overtaken).filter(|_| calls > 0).map(|(at, _)| (*at, Fact::OvertakenMore { calls }));
    let mut told = 0;
    let shown = meanwhile.into_iter().filter(|one| {
        told += usize::from(overtaken(&one));
        !overtaken(&one) || told <= OVERTAKEN
    });
    for (at, fact) in shown.collect::<Vec<_>>().into_iter().chain(rest) {
        let decided = |told: &Told| told.decision.is_some() && told.at.since(at).max(at.since(told.at)) < AT_ONCE;
        if !(matches!(fact, Fact::StepBegan { .. }) && story.iter().any(decided)) {
            let place = story.partition_point(|told| told.at <= at);
            story.insert(place, Told { at, fact, decision: None });
        }
    }
}

/// A message goes on after the call: what was left may be known only then, and people answer it later.
fn outlives(fact: &Fact) -> bool {
    matches!(fact, Fact::MessageLeft(_) | Fact::NoMessage { .. } | Fact::Message { .. })
}

fn from_events(found: &Found, record: &Record, plan: Option<&Plan>, past: &Past<'_>) -> Vec<(WallTime, Fact)> {
    let mut story = Vec::new();
    let (mut desk, mut phone) = (desk::Teller::default(), phone::Teller::new(found, record, plan));
    let (mut early, mut led, mut was_in) = (None, None, None);
    let (mut offered, mut rang, mut sorter, mut untold, mut called) = (WallTime(0), None, None, None, WallTime(0));
    let turned = turned_away(found, plan, past);
    let nexts = found.events.iter().skip(1).map(|next| Some(&next.kind)).chain([None]);
    for (n, (event, next)) in found.events.iter().zip(nexts).enumerate() {
        if let Some(own) = phone.own(event) {
            story.extend(own.map(|fact| (event.at, Fact::Phone(fact))));
            continue;
        }
        let at = event.at;
        let fact = match &event.kind {
            EventKind::Queued { queue, priority } => {
                let is_gone = |was_in: &&Name| *was_in != queue && plan.is_some_and(|plan| !plan.queue_names.contains_key(&***was_in));
                let (gone, queue, priority) = (was_in.replace(queue).filter(is_gone).cloned(), queue.clone(), *priority);
                match (turned.get(&n), gone) {
                    (Some(None), _) => continue,
                    (Some(Some(full)), _) => Fact::QueuedBeyond { full: full.clone(), queue, priority },
                    (None, Some(gone)) => Fact::QueuedInstead { gone, queue, priority },
                    (None, None) => Fact::Queued { queue, priority },
                }
            }
            EventKind::Offered { .. } => {
                (offered, rang) = (event.at, None);
                continue;
            }
            EventKind::Ringing { .. } => {
                rang = Some(event.at);
                continue;
            }
            EventKind::OfferEnded { seat, why } => Fact::NotAnswered { seat: seat.clone(), after: event.at.since(offered), why: *why },
            EventKind::Answered { seat } => Fact::Answered { seat: seat.clone(), rang: rang.take().map(|rang| event.at.since(rang)) },
            EventKind::Clock(clock) if clock.change == ClockChange::Breached => {
                Fact::Breached { clock: clock.clock, limit: Duration::from_millis(u64::from(clock.limit_ms)) }
            }
            EventKind::PlaceKept { since, after } => Fact::PlaceKept { after: *after, earlier: event.at.since(*since) },
            EventKind::Recognised { owner, last } => Fact::Recognised { owner: owner.clone(), last: last.clone() },
            EventKind::LookedUp(looked_up) => Fact::LookedUp(looked_up.clone()),
            EventKind::Alerted { topic } => Fact::Alerted { topic: *topic },
            EventKind::ImpactAlerted { impact } => Fact::ImpactAlerted { impact: *impact },
            EventKind::Assessed { seat: None, found } => Fact::Assessed(*found),
            EventKind::Assessed { seat: Some(seat), found } => {
                Fact::Desk(desk::Fact::Assessed { who: desk.who_or(at, seat), found: *found })
            }
            EventKind::ByHand { by, order: HandOrder::Priority { .. } } => {
                sorter = Some(by.clone());
                continue;
            }
            EventKind::ByHand { by, order } => {
                Fact::ByHand { by: by.clone(), order: order.clone(), done: !matches!(next, Some(EventKind::NotAssigned { .. })) }
            }
            EventKind::Reprioritised { priority } => Fact::Reprioritised { priority: *priority, by: sorter.take() },
            EventKind::NotAssigned { seat, why } => Fact::NotAssigned { seat: seat.clone(), why: *why, was: None, paused_by: None },
            EventKind::OutsideCalled { to, trunk, .. } => {
                called = event.at;
                Fact::Outside { to: to.clone(), trunk: trunk.clone(), waits: led.is_none() }
            }
            EventKind::OutsideEnded { to, trunk, why } => {
                Fact::OutsideEnded { to: to.clone(), trunk: trunk.clone(), after: event.at.since(called), why: *why }
            }
            EventKind::OutsideNotCalled { to, why } => Fact::OutsideNotCalled { to: to.clone(), why: *why },
            EventKind::OutsideAnswered { to, .. } => Fact::OutsideAnswered { to: to.clone(), after: event.at.since(called) },
            EventKind::CallBackBooked { call } => Fact::CallBackBooked { call: *call },
            EventKind::CallBackOpened { after, at, .. } => Fact::CallBackOpened { after: *after, at: *at },
            EventKind::CallBackLater { at, attempts } => Fact::CallBackLater { attempts: *attempts, wait: at.since(event.at) },
            EventKind::CallBackEnded { why } => Fact::CallBackEnded { why: *why },
            EventKind::MessageLeft(left) => Fact::MessageLeft(left.clone()),
            EventKind::NoMessage { voicemail, why } => Fact::NoMessage { voicemail: voicemail.clone(), why: *why },
            EventKind::Message { by, order } => Fact::Message { by: by.clone(), order: *order },
            // The same reason again and again is told once.
            EventKind::Foretold(told) if untold.is_some() && untold == told.wait.err() => continue,
            EventKind::Foretold(told) => {
                untold = told.wait.err();
                Fact::Foretold { ahead: told.ahead, wait: told.wait, real: record.t3.map(|answered| answered.since(event.at)) }
            }
            EventKind::Clock(clock) if clock.clock == K9 && clock.change == ClockChange::Started => {
                Fact::Desk(desk::Fact::Limit { limit: Duration::from_millis(u64::from(clock.limit_ms)) })
            }
            EventKind::Ordered { seat, by, order } => {
                let refused = matches!(next, Some(EventKind::OrderRefused { .. }));
                let Some(fact) = desk.order(at, (seat, by), order, refused) else { continue };
                Fact::Desk(fact)
            }
            EventKind::OrderRefused { seat, why } => Fact::Desk(desk.refused(seat, *why)),
            EventKind::ReferRefused { leg, status } => Fact::Desk(desk::Fact::ReferRefused { by_caller: *leg == 0, status: *status }),
            EventKind::TransferBegan { from, to, mode, reason, .. } => Fact::Desk(desk.began(at, from, (to, *mode, *reason))),
            EventKind::TransferMeant { reason } => Fact::Desk(desk.meant(*reason)),
            EventKind::ReceiverCalled { receiver, .. } => Fact::Desk(desk.called(at, receiver)),
            EventKind::ReceiverEnded { receiver, why } => {
                Fact::Desk(desk::Fact::NoAnswer { receiver: receiver.clone(), after: desk.rang(at), why: *why })
            }
            EventKind::ReceiverAnswered { receiver } => {
                Fact::Desk(desk::Fact::Answered { receiver: receiver.clone(), after: desk.rang(at) })
            }
            EventKind::ThreeWay { on } => Fact::Desk(desk::Fact::ThreeWay { on: *on, who: desk.who(at) }),
            EventKind::TransferEnded { end } => Fact::Desk(desk.ended(at, *end)),
            EventKind::Held { by } => Fact::Desk(desk::Fact::Hold { on: true, by: *by, who: desk.who(at) }),
            EventKind::Resumed { by } => Fact::Desk(desk::Fact::Hold { on: false, by: *by, who: desk.who(at) }),
            EventKind::FirstCommunication => Fact::Desk(desk::Fact::FirstCommunication { who: desk.who(at) }),
            EventKind::Handled { disposition } => Fact::Desk(desk::Fact::Handled { disposition: disposition.clone(), who: desk.who(at) }),
            EventKind::Reclassified { seat, change } => {
                Fact::Desk(desk::Fact::Reclassified { who: desk.who_or(at, seat), change: change.clone() })
            }
            EventKind::Owned { seat } => Fact::Desk(desk.owned(at, seat)),
            EventKind::Phone(event) => {
                let Some(fact) = phone.tell(event) else { continue };
                Fact::Phone(fact)
            }
            EventKind::TrunkPassedOver { trunk, why, .. } => {
                Fact::Phone(phone::Fact::Trunk { trunk: trunk.clone(), came: Came::PassedOver(*why) })
            }
            EventKind::LeftQueue { queue, why, to } => match turned.get(&n) {
                Some(Some(full)) => Fact::TurnedAway { full: full.clone() },
                Some(None) | None => {
                    let onward = onward(to.as_ref(), &found.events[n + 1..]);
                    Fact::LeftQueue { queue: queue.clone(), why: *why, onward, rule: left_by(plan, queue, *why) }
                }
            },
            EventKind::Identified(identified) => Fact::Identified(identified.clone()),
            EventKind::Blocked(blocked) => Fact::Blocked(blocked.clone()),
            EventKind::EarlyMedia => {
                early = Some(at);
                Fact::EarlyMedia
            }
            EventKind::PickedUp => match early.take() {
                Some(heard) => Fact::AnsweredLate { after: at.since(heard) },
                None => continue,
            },
            EventKind::AnnouncementSaid { announcement } => {
                Fact::Announcement { name: announcement.clone(), place: announced_at(plan, announcement) }
            }
            EventKind::Judged(judged) => judged_by(plan, record, judged),
            EventKind::Spared { menu } => Fact::Spared { menu: menu.clone() },
            EventKind::LedOutside { to, rings_ms, otherwise } => {
                led = Some(otherwise.clone());
                Fact::LedOutside { to: to.clone(), rings: Duration::from_millis(u64::from(*rings_ms)), otherwise: otherwise.clone() }
            }
            EventKind::OutsideGivenUp { to } => Fact::GivenUp { to: to.clone(), otherwise: led.take() },
            EventKind::LedToSeat { seat } => Fact::LedToSeat { seat: seat.clone() },
            EventKind::ReplyUnheard { again } => Fact::ReplyUnheard { again: *again },
            kind
            @ (EventKind::SurveyBegan { .. } | EventKind::NotSurveyed { .. } | EventKind::Rated(_) | EventKind::SurveyEnded { .. }) => {
                match surveys::Fact::of(kind) {
                    Some(fact) => Fact::Survey(fact),
                    None => continue,
                }
            }
            EventKind::Overflowed { to } => Fact::Overflowed { to: to.clone() },
            EventKind::Recovered => Fact::Recovered,
            EventKind::HungUp { .. } if record.t6 == Some(event.at) => match End::of(record) {
                Some(end) => {
                    story.extend(desk.end(record).map(|fact| (at, Fact::Desk(fact))));
                    // That is what was told last.
                    if matches!(end.cause, Cause::NotPutThrough(_)) {
                        continue;
                    }
                    Fact::Ended(end)
                }
                None => continue,
            },
            EventKind::ReceiverRings { .. }
            | EventKind::Arrived { .. }
            | EventKind::Menu(_)
            | EventKind::Collected { .. }
            | EventKind::MessageBegun { .. }
            | EventKind::MessageAsked { .. }
            | EventKind::Digit { .. }
            | EventKind::Language(_)
            | EventKind::Classified(_)
            | EventKind::Graded { .. }
            | EventKind::DueBy(_)
            | EventKind::Clock(_)
            | EventKind::VoiceReplied { .. }
            | EventKind::Announced { .. }
            | EventKind::Inviting { .. }
            | EventKind::Leg { .. }
            | EventKind::LegEnded { .. }
            | EventKind::NoMedia { .. }
            | EventKind::HungUp { .. }
            | EventKind::Archived => continue,
        };
        story.push((event.at, fact));
    }
    story
}

/// A queue that had no room for one more.
#[derive(Clone, Debug, PartialEq)]
pub struct Full {
    /// The queue.
    pub queue: Name,
    /// So many may wait in it.
    pub limit: u32,
    /// Where it is written.
    pub place: Option<String>,
    /// Where its overflow is written.
    pub overflow: Option<String>,
}

impl Full {
    fn of(plan: &Plan, id: QueueId) -> Self {
        let shown = |place: Option<hotline_rules::Place<'_>>| place.map(|place| place.to_string());
        let place = plan.places.spot(Spot::Limit(id)).or_else(|| plan.places.queue(id));
        let (queue, overflow) = (plan.queue(id), plan.places.spot(Spot::Overflow(id)));
        Self { queue: queue.name.clone(), limit: queue.limit, place: shown(place), overflow: shown(overflow) }
    }

    /// A queue and all those after it along the chain of overflows.
    fn from(plan: &Plan, full: &Name) -> Vec<Self> {
        let first = plan.queue_names.get(&**full).copied();
        let chain = std::iter::successors(first, |id| plan.queue(*id).overflow).take(plan.queues.len());
        let mut all: Vec<Self> = Vec::new();
        for id in chain.filter(|id| !plan.queue(*id).retired) {
            if all.iter().all(|known| known.queue != plan.queue(id).name) {
                all.push(Self::of(plan, id));
            }
        }
        all
    }

    /// A queue and those after it along the chain of overflows, up to another one; `None` if that doesn't lead there.
    fn up_to(plan: &Plan, full: &Name, to: &Name) -> Option<Vec<Self>> {
        let mut id = *plan.queue_names.get(&**full)?;
        let mut all = Vec::new();
        for _ in 0..plan.queues.len() {
            let queue = plan.queue(id);
            if queue.name == *to {
                return Some(all).filter(|all| !all.is_empty());
            }
            all.extend((!queue.retired).then(|| Self::of(plan, id)));
            id = queue.overflow?;
        }
        None
    }
}

/// By the places of events: a queue that turned the call away, being full, is not told, and with the one that it entered instead, all
/// that were full are.
fn turned_away(found: &Found, plan: Option<&Plan>, past: &Past<'_>) -> BTreeMap<usize, Option<Vec<Full>>> {
    let mut all = BTreeMap::new();
    // A router that takes a call in decides on it at once.
    let took_in = |queue: &Name, from: WallTime, to: WallTime| {
        found.decisions.iter().any(|stored| stored.queue == *queue && (from..=to).contains(&stored.at))
    };
    let mut asked: Option<(usize, WallTime, &Name)> = None;
    for (n, event) in found.events.iter().enumerate() {
        if let EventKind::Queued { queue, .. } = &event.kind {
            let Some((before, at, full)) = asked.replace((n, event.at, queue)) else { continue };
            let refused = event.at.since(at) < REFUSED && !took_in(full, at, event.at);
            let beyond = plan.filter(|_| refused).and_then(|plan| Full::up_to(plan, full, queue));
            if let Some(beyond) = beyond {
                all.insert(before, None);
                all.insert(n, Some(beyond));
            }
        } else if let EventKind::LeftQueue { queue, why: WhyLeft::Full(revision), .. } = &event.kind {
            // One that had taken it in before is not among them.
            let before = asked.take().filter(|(_, at, full)| *full == queue && !took_in(full, *at, event.at));
            let earlier = before.and_then(|(before, ..)| all.insert(before, None)).flatten().unwrap_or_default();
            let full = past(*revision).map(|plan| Full::from(&plan, queue)).unwrap_or_default();
            let behind = full.into_iter().filter(|full| earlier.iter().all(|known| known.queue != full.queue));
            let full: Vec<Full> = earlier.iter().cloned().chain(behind).collect();
            all.extend((!full.is_empty()).then_some((n, Some(full))));
        } else if let EventKind::LeftQueue { .. } | EventKind::Offered { .. } | EventKind::Menu(_) = &event.kind {
            asked = None;
        }
    }
    all
}

/// When the call went up by waiting (R38): its rules say when, since nothing else happens then.
fn risen(found: &Found, record: &Record, priorities: &Priorities, now: WallTime) -> Vec<(WallTime, Fact)> {
    let Some(entered) = record.t2 else { return Vec::new() };
    let until = causes::until(found, record, now);
    let since = since(&found.events).unwrap_or(entered);
    let mut all = Vec::new();
    let mut was = None;
    let moments = [entered, since + priorities.ageing, since + priorities.ageing * 2];
    for at in moments.into_iter().filter(|at| *at >= entered && *at < until) {
        let Some(stated) = stated_at(&found.events, at) else { continue };
        let is = priorities.aged(stated, at.since(since));
        if is != was.unwrap_or(stated) {
            all.push((at, Fact::Aged { priority: is }));
        }
        was = Some(is);
    }
    all
}

/// The effective entry time of a call that took up the place of one before.
pub fn since(events: &[CallEvent]) -> Option<WallTime> {
    events.iter().rev().find_map(|event| if let EventKind::PlaceKept { since, .. } = event.kind { Some(since) } else { None })
}

/// The priority that a call was given by then, by its menus or by hand.
fn stated_at(events: &[CallEvent], at: WallTime) -> Option<Priority> {
    let stated = events.iter().take_while(|event| event.at <= at).filter_map(|event| {
        if let EventKind::Queued { priority, .. } | EventKind::Reprioritised { priority } = event.kind { Some(priority) } else { None }
    });
    stated.last()
}

/// By what was said of the seat last.
fn own(found: &Found, seat: &Name, at: WallTime) -> Own {
    let said = |kind: &EventKind| {
        if let EventKind::LedToSeat { seat: led } = kind {
            return Some(Own::Led).filter(|_| led == seat);
        }
        let (EventKind::Recognised { owner: Some(owner), .. } | EventKind::Owned { seat: owner }) = kind else { return None };
        Some(Own::Matter).filter(|_| owner == seat)
    };
    found.events.iter().rev().filter(|event| event.at <= at).find_map(|event| said(&event.kind)).unwrap_or(Own::Customer)
}

fn decided_on(found: &Found, stored: &StoredDecision, states: &SeatStates, plan: Option<&Plan>) -> Fact {
    let decision = &stored.decision;
    let (step, admitted) = (decision.step, decision.admitted);
    let known = stored.seat.as_ref().and_then(|seat| states.get(seat));
    let was_paused =
        decision.trigger == Trigger::SeatReady && known.is_some_and(|event| event.state.is_ready() && event.at + LATE < stored.at);
    let then = plan.filter(|plan| plan.revision == decision.revision);
    let woke = if was_paused { Woke::Pause(None) } else { Woke::of(stored, then, &found.events, states) };
    match &stored.seat {
        Some(seat) if decision.seat != NO_SEAT => Fact::Chosen {
            woke,
            seat: seat.clone(),
            because: Because {
                key: decision.key,
                place: then.and_then(|plan| decided_by(decision.key.told(decision.ready), plan, &stored.queue)),
                own: own(found, seat, stored.at),
                step,
                admitted,
                ready: decision.ready,
                beside: Beside::default(),
                weighs: plan.filter(|_| decision.key == DecidingKey::QueueWeight).and_then(|plan| Weighs::of(stored, plan)),
            },
            tier: decision.tier,
            proficiency: decision.proficiency,
        },
        Some(_) | None => {
            let is_held = admitted as usize == states.len() && states.values().any(|event| event.state.is_ready());
            let why = if decision.key == DecidingKey::OwnAway {
                Why::Own
            } else if is_held {
                Why::Held
            } else {
                Why::NoneReady
            };
            Fact::Nobody { woke, why, step, admitted, ahead: decision.ahead, seats: counted(states.values().map(|event| event.state)) }
        }
    }
}

/// How many seats are at what, the most first; of states that have the same word, one stands for all.
pub fn counted(states: impl Iterator<Item = SeatState>) -> Counts {
    let mut counts: BTreeMap<&'static str, (SeatState, usize)> = BTreeMap::new();
    states.for_each(|state| counts.entry(state.word()).or_insert((state, 0)).1 += 1);
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(word, (_, count))| (std::cmp::Reverse(*count), *word));
    counts.into_iter().map(|(_, counted)| counted).collect()
}

/// How many of them have a call, or its wrap-up.
pub fn engaged(counts: &Counts) -> usize {
    counts.iter().filter(|(state, _)| state.activity != Activity::Free).map(|(_, count)| count).sum()
}

/// The same by the words of what they are at.
pub fn words_of(counts: &Counts) -> impl Iterator<Item = (&'static str, usize)> {
    counts.iter().map(|(state, count)| (state.word(), *count))
}

/// Looks that gave the same as the one before are counted instead of told.
fn folded(story: Vec<Told>) -> Vec<Told> {
    let mut out: Vec<Told> = Vec::new();
    let mut last: Option<Fact> = None;
    for told in story {
        let same = matches!((&last, &told.fact),
            (Some(Fact::Nobody { step: s1, admitted: a1, ahead: h1, seats: c1, .. }), Fact::Nobody { step: s2, admitted: a2, ahead: h2, seats: c2, .. })
            if (s1, a1, h1) == (s2, a2, h2) && words_of(c1).eq(words_of(c2)));
        if !same {
            last = Some(told.fact.clone());
            out.push(told);
        } else if let Some(Told { at, fact: Fact::Again { times }, .. }) = out.last_mut() {
            (*at, *times) = (told.at, *times + 1);
        } else {
            out.push(Told { at: told.at, fact: Fact::Again { times: 1 }, decision: None });
        }
    }
    out
}
