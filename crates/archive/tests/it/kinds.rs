//! Every kind of event there is, with values from a seed.

use crate::common::{DAY, Dice, arrived, dialog};
use hotline_model::history::{
    BlockAnswer, Blocked, CallBackEnd, Callee, Cause, Classified, ClockChange, ClockEvent, CodeRefusal, Codec, Dimension, Direction,
    Foretold, ForetoldWait, HandOrder, Identified, Judged, LookUpOutcome, LookedAt, LookedUp, MediaState, NoPassage, NotCalled,
    NotPutThrough, OfferEnd, Onward, PhoneEvent, Rated, Receiver, Side, SurveyEnd, Unasked, Untold, Verdict, WhyLeft, WhyNot,
};
use hotline_model::history::{MessageEnd, MessageLeft, MessageOrder, NoMessage};
use hotline_model::{
    Assessment, CallEvent, CallId, Category, Class, ComplaintLevel, DeskOrder, DeskRefusal, Due, DueWhat, EventKind, Impact, Kind, LegRole,
    Name, Nature, NotReadyReason, Number, Odd, PhoneNumber, Priority, Reclassified, Remit, Revision, Target, Topic, TransferEnd,
    TransferMode, TransferReason, WallTime,
};

/// How many kinds there are: [`place`] numbers them from 0.
pub const KINDS: u32 = 82;

/// The kind's place in the list below. A new kind does not compile without one here, and is not met by the tests without one in [`kind`].
pub fn place(kind: &EventKind) -> u32 {
    match kind {
        EventKind::Arrived { .. } => 0,
        EventKind::Archived => 1,
        EventKind::PickedUp => 2,
        EventKind::Menu(_) => 3,
        EventKind::Digit { .. } => 4,
        EventKind::Language(_) => 5,
        EventKind::Classified(_) => 6,
        EventKind::Queued { .. } => 7,
        EventKind::Offered { .. } => 8,
        EventKind::Ringing { .. } => 9,
        EventKind::OfferEnded { .. } => 10,
        EventKind::Answered { .. } => 11,
        EventKind::Held { .. } => 12,
        EventKind::Resumed { .. } => 13,
        EventKind::FirstCommunication => 14,
        EventKind::Handled { .. } => 15,
        EventKind::Clock(_) => 16,
        EventKind::Overflowed { .. } => 17,
        EventKind::Announced { .. } => 18,
        EventKind::Leg { .. } => 19,
        EventKind::LegEnded { .. } => 20,
        EventKind::NoMedia { .. } => 21,
        EventKind::HungUp { .. } => 22,
        EventKind::Recovered => 23,
        EventKind::Alerted { .. } => 24,
        EventKind::PlaceKept { .. } => 25,
        EventKind::Inviting { .. } => 26,
        EventKind::Reprioritised { .. } => 27,
        EventKind::NotAssigned { .. } => 28,
        EventKind::ByHand { .. } => 29,
        EventKind::Foretold(_) => 30,
        EventKind::OutsideCalled { .. } => 31,
        EventKind::OutsideEnded { .. } => 32,
        EventKind::OutsideNotCalled { .. } => 33,
        EventKind::OutsideAnswered { .. } => 34,
        EventKind::CallBackBooked { .. } => 35,
        EventKind::CallBackOpened { .. } => 36,
        EventKind::CallBackLater { .. } => 37,
        EventKind::CallBackEnded { .. } => 38,
        EventKind::Ordered { .. } => 39,
        EventKind::OrderRefused { .. } => 40,
        EventKind::TransferBegan { .. } => 41,
        EventKind::TransferMeant { .. } => 42,
        EventKind::ReceiverCalled { .. } => 43,
        EventKind::ReceiverRings { .. } => 44,
        EventKind::ReceiverEnded { .. } => 45,
        EventKind::ReceiverAnswered { .. } => 46,
        EventKind::ThreeWay { .. } => 47,
        EventKind::TransferEnded { .. } => 48,
        EventKind::Reclassified { .. } => 49,
        EventKind::Owned { .. } => 50,
        EventKind::Phone(_) => 51,
        EventKind::ReferRefused { .. } => 52,
        EventKind::Recognised { .. } => 53,
        EventKind::LeftQueue { .. } => 54,
        EventKind::TrunkPassedOver { .. } => 55,
        EventKind::Graded { .. } => 56,
        EventKind::DueBy(_) => 57,
        EventKind::Identified(_) => 58,
        EventKind::Blocked(_) => 59,
        EventKind::EarlyMedia => 60,
        EventKind::AnnouncementSaid { .. } => 61,
        EventKind::Judged(_) => 62,
        EventKind::Spared { .. } => 63,
        EventKind::LedToSeat { .. } => 64,
        EventKind::Collected { .. } => 65,
        EventKind::LookedUp(_) => 66,
        EventKind::SurveyBegan { .. } => 67,
        EventKind::NotSurveyed { .. } => 68,
        EventKind::Rated(_) => 69,
        EventKind::SurveyEnded { .. } => 70,
        EventKind::LedOutside { .. } => 71,
        EventKind::OutsideGivenUp { .. } => 72,
        EventKind::MessageBegun { .. } => 73,
        EventKind::MessageAsked { .. } => 81,
        EventKind::MessageLeft(_) => 74,
        EventKind::NoMessage { .. } => 75,
        EventKind::Message { .. } => 76,
        EventKind::Assessed { .. } => 77,
        EventKind::ImpactAlerted { .. } => 78,
        EventKind::VoiceReplied { .. } => 79,
        EventKind::ReplyUnheard { .. } => 80,
    }
}

fn onward(dice: &mut Dice) -> Onward {
    let there = name(dice);
    dice.one(&[
        Onward::Queue(there.clone()),
        Onward::CallBack(there.clone()),
        Onward::Menu(there.clone()),
        Onward::Voicemail(there),
        Onward::Goodbye,
    ])
}

/// Any kind that may stand between a call's arrival and its archiving.
pub fn any(dice: &mut Dice) -> EventKind {
    let which = 2 + dice.roll(KINDS - 2);
    kind(which, dice)
}

/// A call in which everything happens once, but for its archiving.
pub fn each(id: CallId, seed: u64) -> Vec<CallEvent> {
    let mut dice = Dice::new(seed);
    let kinds = (0..KINDS).filter(|which| *which != 1).map(|which| kind(which, &mut dice));
    kinds.zip(DAY..).map(|(kind, at)| CallEvent { call: id, at: WallTime(at), kind }).collect()
}

/// The kind at a place of the list, with random values.
pub fn kind(which: u32, dice: &mut Dice) -> EventKind {
    match which {
        0 => arrived(&format!("138{:08}", dice.roll(100_000_000)), u64::from(dice.roll(1 << 30))),
        1 => EventKind::Archived,
        2..=18 => in_menus_and_queue(which, dice),
        19..=30 => of_legs_and_by_hand(which, dice),
        31..=38 => outside(which, dice),
        _ => at_the_desk(which, dice),
    }
}

fn in_menus_and_queue(which: u32, dice: &mut Dice) -> EventKind {
    match which {
        2 => EventKind::PickedUp,
        3 => EventKind::Menu(name(dice)),
        4 => EventKind::Digit { menu: name(dice), digit: dice.one(&['0', '9', '*', '#', 'D']) },
        5 => EventKind::Language(name(dice)),
        6 => EventKind::Classified(classified(dice)),
        7 => EventKind::Queued { queue: name(dice), priority: dice.one(Priority::ALL) },
        8 => EventKind::Offered { seat: seat(dice), decision: wide(dice), ring_ms: narrow(dice) },
        9 => EventKind::Ringing { seat: seat(dice) },
        10 => EventKind::OfferEnded { seat: seat(dice), why: offer_end(dice) },
        11 => EventKind::Answered { seat: seat(dice) },
        12 => EventKind::Held { by: dice.one(LegRole::ALL) },
        13 => EventKind::Resumed { by: dice.one(LegRole::ALL) },
        14 => EventKind::FirstCommunication,
        15 => EventKind::Handled { disposition: name(dice) },
        16 => EventKind::Clock(ClockEvent {
            clock: dice.roll(256) as u8,
            change: dice.one(&[ClockChange::Started, ClockChange::Warned, ClockChange::Met, ClockChange::Breached, ClockChange::Dropped]),
            limit_ms: narrow(dice),
        }),
        17 => EventKind::Overflowed { to: maybe(dice, name) },
        _ => EventKind::Announced { prompt: name(dice) },
    }
}

fn of_legs_and_by_hand(which: u32, dice: &mut Dice) -> EventKind {
    match which {
        19 => EventKind::Leg {
            leg: dice.roll(256) as u8,
            role: dice.one(LegRole::ALL),
            seat: maybe(dice, seat),
            dialog: Box::new(dialog(wide(dice))),
            media: maybe(dice, media),
        },
        20 => EventKind::LegEnded { leg: dice.roll(256) as u8 },
        21 => EventKind::NoMedia { leg: dice.roll(256) as u8 },
        22 => EventKind::HungUp { side: side(dice), cause: cause(dice), q850: maybe(dice, |dice| dice.roll(256) as u8) },
        23 => EventKind::Recovered,
        24 => EventKind::Alerted { topic: dice.one(Topic::ALL) },
        25 => EventKind::PlaceKept { since: time(dice), after: CallId(wide(dice)) },
        26 => EventKind::Inviting { leg: dice.roll(256) as u8, dialog: Box::new(dialog(wide(dice))), branch: wide(dice) },
        27 => EventKind::Reprioritised { priority: dice.one(Priority::ALL) },
        28 => EventKind::NotAssigned {
            seat: seat(dice),
            why: dice.one(&[WhyNot::NotWaiting, WhyNot::NoSuchSeat, WhyNot::NotCleared, WhyNot::NotReady]),
        },
        29 => {
            let (by, priority) = (name(dice), dice.one(Priority::ALL));
            let orders = [HandOrder::Assign { seat: seat(dice) }, HandOrder::Pull { seat: seat(dice) }, HandOrder::Priority { priority }];
            EventKind::ByHand { by, order: dice.one(&orders) }
        }
        _ => EventKind::Foretold(Foretold { ahead: narrow(dice), wait: wait(dice) }),
    }
}

fn outside(which: u32, dice: &mut Dice) -> EventKind {
    let (to, trunk) = (maybe(dice, name), name(dice));
    match which {
        31 => EventKind::OutsideCalled { leg: dice.roll(256) as u8, to, trunk },
        32 => EventKind::OutsideEnded { to, trunk, why: offer_end(dice) },
        33 => EventKind::OutsideNotCalled {
            to,
            why: dice.one(&[NotCalled::NoTrunk, NotCalled::NotAllowed, NotCalled::NoRoom, NotCalled::NotCleared, NotCalled::Oneself]),
        },
        34 => EventKind::OutsideAnswered { to, trunk },
        35 => EventKind::CallBackBooked { call: CallId(wide(dice)) },
        36 => EventKind::CallBackOpened {
            after: CallId(wide(dice)),
            queue: name(dice),
            since: time(dice),
            answer_by: time(dice),
            breached: dice.roll(2) == 0,
            at: maybe(dice, time),
        },
        37 => EventKind::CallBackLater { at: time(dice), attempts: dice.roll(256) as u8 },
        _ => {
            let back = CallBackEnd::CameBack(CallId(wide(dice)));
            EventKind::CallBackEnded { why: dice.one(&[CallBackEnd::Failed, CallBackEnd::Replaced, back]) }
        }
    }
}

fn at_the_desk(which: u32, dice: &mut Dice) -> EventKind {
    match which {
        39 => EventKind::Ordered { seat: seat(dice), by: name(dice), order: order(dice) },
        40 => EventKind::OrderRefused { seat: seat(dice), why: refusal(dice) },
        41 => EventKind::TransferBegan {
            from: seat(dice),
            to: target(dice),
            mode: dice.one(TransferMode::ALL),
            reason: maybe(dice, |dice| dice.one(TransferReason::ALL)),
            consultation: dice.roll(2) == 0,
        },
        42 => EventKind::TransferMeant { reason: dice.one(TransferReason::ALL) },
        43 => EventKind::ReceiverCalled { leg: dice.roll(256) as u8, receiver: receiver(dice), ring_ms: narrow(dice) },
        44 => EventKind::ReceiverRings { receiver: receiver(dice) },
        45 => EventKind::ReceiverEnded { receiver: receiver(dice), why: offer_end(dice) },
        46 => EventKind::ReceiverAnswered { receiver: receiver(dice) },
        47 => EventKind::ThreeWay { on: dice.roll(2) == 0 },
        48 => EventKind::TransferEnded { end: transfer_end(dice) },
        49 => EventKind::Reclassified { seat: seat(dice), change: reclassified(dice) },
        50 => EventKind::Owned { seat: seat(dice) },
        51 => EventKind::Phone(phone(dice)),
        52 => EventKind::ReferRefused { leg: dice.roll(256) as u8, status: status(dice) },
        53 => EventKind::Recognised { owner: maybe(dice, seat), last: maybe(dice, seat) },
        54 => EventKind::LeftQueue {
            queue: name(dice),
            why: dice.one(&[WhyLeft::Closed, WhyLeft::Nobody, WhyLeft::Full(Revision(0x8000_0000_0000_0001))]),
            to: maybe(dice, name),
        },
        56 => EventKind::Graded { level: dice.one(ComplaintLevel::ALL) },
        57 => EventKind::DueBy(Due {
            what: dice.one(DueWhat::ALL),
            by: WallTime(i64::from(narrow(dice))),
            clock: dice.roll(256) as u8,
            rule: dice.roll(1 << 16) as u16,
            profile: name(dice),
        }),
        58 => EventKind::Identified(Identified {
            came: Number::new("１３８００１３８０００"),
            asserted_by: maybe(dice, name),
            private: dice.roll(2) == 0,
            odd: maybe(dice, |dice| dice.one(&[Odd::NoDigits, Odd::NoSuchForm, Odd::NoArea, Odd::ForeignContext])),
        }),
        59 => EventKind::Blocked(Blocked {
            rule: "40.toml:3".into(),
            note: maybe(dice, |dice| name(dice).to_string()),
            answer: dice.one(&[BlockAnswer::Decline, BlockAnswer::Busy, BlockAnswer::Announcement]),
        }),
        60 => EventKind::EarlyMedia,
        61 => EventKind::AnnouncementSaid { announcement: name(dice) },
        62 => EventKind::Judged(Judged {
            menu: maybe(dice, name),
            taken: maybe(dice, |dice| dice.roll(16) as u16),
            looked: (0..dice.roll(3)).map(|gate| LookedAt { gate: gate as u16, fact: name(dice), value: name(dice) }).collect(),
        }),
        63 => EventKind::Spared { menu: name(dice) },
        64 => EventKind::LedToSeat { seat: seat(dice) },
        65 => EventKind::Collected { menu: name(dice), name: name(dice), digits: dice.roll(256) as u8 },
        66 => EventKind::LookedUp(Box::new(LookedUp {
            source: name(dice),
            outcome: dice.one(&LookUpOutcome::ALL),
            took_ms: narrow(dice),
            said: vec![(name(dice), name(dice))],
            ignored: vec![name(dice)],
        })),
        67 => EventKind::SurveyBegan { queue: name(dice), seat: seat(dice) },
        68 => EventKind::NotSurveyed { why: dice.one(Unasked::ALL) },
        69 => EventKind::Rated(Rated {
            dimension: dice.one(Dimension::ALL),
            score: 1 + u8::try_from(dice.roll(10)).unwrap(),
            verdict: dice.one(Verdict::ALL),
        }),
        70 => EventKind::SurveyEnded { end: dice.one(SurveyEnd::ALL) },
        71 => EventKind::LedOutside { to: name(dice), rings_ms: narrow(dice), otherwise: onward(dice) },
        72 => EventKind::OutsideGivenUp { to: name(dice) },
        73 => EventKind::MessageBegun { voicemail: name(dice), file: name(dice) },
        81 => EventKind::MessageAsked { voicemail: name(dice) },
        74 => EventKind::MessageLeft(Box::new(MessageLeft {
            voicemail: name(dice),
            queue: name(dice),
            file: name(dice),
            length_ms: narrow(dice),
            end: dice.one(MessageEnd::ALL),
        })),
        75 => EventKind::NoMessage { voicemail: name(dice), why: dice.one(NoMessage::ALL) },
        76 => EventKind::Message { by: name(dice), order: dice.one(MessageOrder::ALL) },
        77 => EventKind::Assessed { seat: maybe(dice, seat), found: assessment(dice) },
        78 => EventKind::ImpactAlerted { impact: dice.one(Impact::ALL) },
        79 => EventKind::VoiceReplied { replies: dice.roll(1 << 16) as u16, slowest_ms: narrow(dice), limit_ms: narrow(dice) },
        80 => EventKind::ReplyUnheard { again: dice.roll(2) == 0 },
        _ => EventKind::TrunkPassedOver {
            to: maybe(dice, name),
            trunk: name(dice),
            why: dice.one(&[
                NoPassage::NotInRules,
                NoPassage::NoAddress,
                NoPassage::Down,
                NoPassage::Resting,
                NoPassage::Full,
                NoPassage::NoRoom,
            ]),
        },
    }
}

fn maybe<T>(dice: &mut Dice, make: impl FnOnce(&mut Dice) -> T) -> Option<T> {
    (dice.roll(2) == 0).then(|| make(dice))
}

fn seat(dice: &mut Dice) -> Name {
    dice.one(&["1001", "1002", "1003"]).into()
}

/// Names as rules may have them, and worse.
fn name(dice: &mut Dice) -> Name {
    dice.one(&[
        "billing",
        "语言",
        "null",
        "",
        "a \"quoted\" one",
        "back\\slash",
        "it's",
        "5",
        "[]",
        "{}",
        "🦀",
        "tab\there",
        "nul\0here",
        "true",
    ])
    .into()
}

fn wide(dice: &mut Dice) -> u64 {
    let any = u64::from(dice.roll(1 << 30)) << 30 | u64::from(dice.roll(1 << 30));
    dice.one(&[any, any << 4, 0, u64::MAX, i64::MAX as u64, i64::MAX as u64 + 1])
}

fn narrow(dice: &mut Dice) -> u32 {
    let any = dice.roll(1 << 30);
    dice.one(&[any, 0, u32::MAX])
}

fn time(dice: &mut Dice) -> WallTime {
    WallTime(DAY + i64::from(dice.roll(1 << 30)))
}

fn status(dice: &mut Dice) -> u16 {
    dice.one(&[300, 403, 486, 603, u16::MAX])
}

fn offer_end(dice: &mut Dice) -> OfferEnd {
    let rejected = OfferEnd::Rejected(status(dice));
    dice.one(&[OfferEnd::Rona, rejected, OfferEnd::Unreachable, OfferEnd::CallerGone, OfferEnd::Withdrawn])
}

fn side(dice: &mut Dice) -> Side {
    dice.one(&[Side::Caller, Side::Agent, Side::System, Side::Outside])
}

fn cause(dice: &mut Dice) -> Cause {
    dice.one(&[
        Cause::Normal,
        Cause::Blocked,
        Cause::QueuesFull,
        Cause::Cancelled,
        Cause::AbandonedInMenu,
        Cause::AbandonedInQueue,
        Cause::Completed,
        Cause::OutOfHours,
        Cause::NoAck,
        Cause::Unreachable,
        Cause::Technical,
        Cause::Shutdown,
        Cause::NotReached,
        Cause::CodeRefused,
        Cause::NotPutThrough(NotPutThrough::NotAllowed),
        Cause::NotPutThrough(NotPutThrough::NoRoom),
    ])
}

fn classified(dice: &mut Dice) -> Classified {
    Classified {
        class: maybe(dice, |dice| dice.one(Class::ALL)),
        nature: maybe(dice, |dice| dice.one(Nature::ALL)),
        kind: maybe(dice, |dice| dice.one(Kind::ALL)),
        category: maybe(dice, |dice| dice.one(Category::ALL)),
        topic: maybe(dice, |dice| dice.one(Topic::ALL)),
        priority: dice.one(Priority::ALL),
        language: name(dice),
        region: maybe(dice, name),
        skills: (0..dice.roll(3)).map(|_| (name(dice), dice.roll(11) as u8)).collect(),
        sensitive: dice.roll(2) == 0,
    }
}

fn media(dice: &mut Dice) -> MediaState {
    MediaState {
        local: ([127, 0, 0, 1], 20_000).into(),
        remote: ([127, 0, 0, 1], 30_000).into(),
        codec: dice.one(&[Codec::Pcmu, Codec::Pcma]),
        payload_type: dice.roll(128) as u8,
        telephone_event: maybe(dice, |dice| dice.roll(128) as u8),
        ssrc: narrow(dice),
        sdp_session: wide(dice),
        sdp_version: wide(dice),
        direction: dice.one(&[Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive]),
    }
}

fn wait(dice: &mut Dice) -> Result<ForetoldWait, Untold> {
    let wait = ForetoldWait { minutes: dice.roll(30) as u16, low_ms: narrow(dice), likely_ms: narrow(dice), high_ms: narrow(dice) };
    dice.one(&[
        Ok(wait),
        Err(Untold::TooFew),
        Err(Untold::NobodySignedIn),
        Err(Untold::SeatsChanged),
        Err(Untold::OthersFirst),
        Err(Untold::TooLong),
        Err(Untold::TooWide),
        Err(Untold::NoBetter),
    ])
}

fn number(dice: &mut Dice) -> PhoneNumber {
    PhoneNumber::parse(dice.one(&["110", "02012345678", "0085212345678"])).expect("three that can be dialled")
}

fn target(dice: &mut Dice) -> Target {
    let (name, number) = (name(dice), number(dice));
    let named = [Target::Seat(name.clone()), Target::Queue(name.clone()), Target::Department(name.clone()), Target::Person(name)];
    if dice.roll(5) == 0 { Target::Number(number) } else { dice.one(&named) }
}

fn receiver(dice: &mut Dice) -> Receiver {
    let outside = Receiver::Outside { to: name(dice), trunk: name(dice) };
    let seat = Receiver::Seat(seat(dice));
    dice.one(&[outside, seat])
}

fn transfer_end(dice: &mut Dice) -> TransferEnd {
    let rejected = TransferEnd::Rejected(status(dice));
    dice.one(&[
        TransferEnd::Completed,
        TransferEnd::Cancelled,
        TransferEnd::NotAnswered,
        rejected,
        TransferEnd::Unreachable,
        TransferEnd::CallerGone,
        TransferEnd::TakenOver,
        TransferEnd::FirstGone,
        TransferEnd::GivenBack,
        TransferEnd::Failed,
    ])
}

fn reclassified(dice: &mut Dice) -> Reclassified {
    Reclassified {
        class: maybe(dice, |dice| dice.one(Class::ALL)),
        nature: maybe(dice, |dice| dice.one(Nature::ALL)),
        kind: maybe(dice, |dice| dice.one(Kind::ALL)),
        category: maybe(dice, |dice| dice.one(Category::ALL)),
        priority: maybe(dice, |dice| dice.one(Priority::ALL)),
        sensitive: maybe(dice, |dice| dice.roll(2) == 0),
    }
}

fn assessment(dice: &mut Dice) -> Assessment {
    Assessment { scope: maybe(dice, |dice| dice.one(Remit::ALL)), impact: maybe(dice, |dice| dice.one(Impact::ALL)) }
}

fn order(dice: &mut Dice) -> DeskOrder {
    let (to, reason) = (target(dice), maybe(dice, |dice| dice.one(TransferReason::ALL)));
    let transfer = DeskOrder::Transfer { to: to.clone(), mode: maybe(dice, |dice| dice.one(TransferMode::ALL)), reason };
    dice.one(&[
        DeskOrder::SignIn,
        DeskOrder::SignOut,
        DeskOrder::Ready,
        DeskOrder::NotReady(NotReadyReason::Meal),
        DeskOrder::BreakAfterCall,
        DeskOrder::WrapUpDone,
        DeskOrder::FirstCommunication,
        DeskOrder::Classify(reclassified(&mut Dice::new(7))),
        DeskOrder::Dispose("solved".into()),
        DeskOrder::Hold,
        DeskOrder::Resume,
        transfer,
        DeskOrder::Consult { to },
        DeskOrder::Complete { reason },
        DeskOrder::Cancel,
        DeskOrder::ThreeWay,
        DeskOrder::Back,
        DeskOrder::AcceptOwnership,
        DeskOrder::HangUp,
        DeskOrder::Assess { found: assessment(&mut Dice::new(8)), change: reclassified(&mut Dice::new(9)) },
    ])
}

fn refusal(dice: &mut Dice) -> DeskRefusal {
    dice.one(&[DeskRefusal::NoSuchSeat, DeskRefusal::AttendedOnly, DeskRefusal::NotCleared, DeskRefusal::NotYours, DeskRefusal::NotNow])
}

fn phone(dice: &mut Dice) -> PhoneEvent {
    let callee = [Callee::Code, Callee::Seat(seat(dice)), Callee::Queue(name(dice)), Callee::Outside, Callee::Emergency, Callee::Nowhere];
    let result = [Ok(()), Err(CodeRefusal::NotUnderstood), Err(CodeRefusal::Locked), Err(CodeRefusal::Desk(refusal(dice)))];
    match dice.roll(7) {
        0 => PhoneEvent::Calls { phone: name(dice), seat: maybe(dice, seat), callee: dice.one(&callee) },
        1 => PhoneEvent::NotPutThrough { why: dice.one(&[NotPutThrough::NoSuchNumber, NotPutThrough::NotAllowed, NotPutThrough::NoRoom]) },
        2 => PhoneEvent::Code { phone: name(dice), seat: maybe(dice, seat), code: "*12".into(), result: dice.one(&result) },
        3 => PhoneEvent::WrongPin { phone: name(dice), seat: seat(dice), locked_until: maybe(dice, time) },
        4 => PhoneEvent::Emergency { number: "110".into() },
        5 => PhoneEvent::Greeting { announced: dice.roll(2) == 0, whispered: dice.roll(2) == 0 },
        _ => PhoneEvent::Greeted,
    }
}

#[test]
fn every_kind_of_event_is_made() {
    let mut dice = Dice::new(1);
    for which in 0..KINDS {
        assert_eq!(place(&kind(which, &mut dice)), which);
    }
}
