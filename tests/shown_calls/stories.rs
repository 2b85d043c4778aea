//! Calls that seats make of their own, what people at seats do with a call, and calls that leave a queue which nobody serves.

use super::*;
use hotline_model::history::{Callee, CodeRefusal, NoPassage, NotCalled, NotPutThrough, PhoneEvent, Receiver, WhyLeft};
use hotline_model::{DeskOrder, DeskRefusal, LegRole, PhoneNumber, Reclassified, Target, TransferEnd, TransferMode, TransferReason};

fn own(count: u32, ms: i64, phone: &str, seat: Option<&str>, callee: Callee, (dialled, number): (&str, &str)) -> Vec<Entry> {
    let mut first = arrived(number);
    if let EventKind::Arrived { dialled: of, sip_call_id, .. } = &mut first {
        (*of, *sip_call_id) = (dialled.into(), "own@phone".into());
    }
    let calls = PhoneEvent::Calls { phone: phone.into(), seat: seat.map(Name::from), callee };
    vec![call(count, ms, first), call(count, ms, EventKind::Phone(calls))]
}

fn refused(count: u32, ms: i64, why: NotPutThrough) -> [Entry; 3] {
    let hung_up = EventKind::HungUp { side: Side::System, cause: Cause::NotPutThrough(why), q850: None };
    [EventKind::Phone(PhoneEvent::NotPutThrough { why }), hung_up, EventKind::Archived].map(|kind| call(count, ms, kind))
}

/// 70: for help over a dead trunk; 71: a number that is not allowed; 72: a wrong PIN at a shared telephone; 73: a talk with somebody outside;
/// 74: a colleague who does not answer; 75: a break by code.
fn by_seats() -> Vec<Entry> {
    let trunk = |name: &str| Name::from(name);
    let help = || Some(Name::from("110"));
    let mut all = own(70, 0, "1001", Some("1001"), Callee::Emergency, ("110", "1001"));
    all.extend([
        call(70, 0, EventKind::Phone(PhoneEvent::Emergency { number: "110".into() })),
        call(70, 0, EventKind::TrunkPassedOver { to: help(), trunk: trunk("backup"), why: NoPassage::NoAddress }),
        call(70, 0, EventKind::OutsideCalled { leg: 1, to: help(), trunk: trunk("carrier") }),
        call(70, 300, EventKind::OutsideEnded { to: help(), trunk: trunk("carrier"), why: OfferEnd::Rejected(503) }),
        call(70, 300, EventKind::OutsideNotCalled { to: help(), why: NotCalled::NoTrunk }),
    ]);
    all.extend(refused(70, 300, NotPutThrough::NoRoom));
    all.extend(own(71, 10_000, "1006", Some("1006"), Callee::Nowhere, ("nowhere", "13912345678")));
    all.extend(refused(71, 10_000, NotPutThrough::NotAllowed));
    all.extend(own(72, 20_000, "hall", None, Callee::Code, ("*10", "hall")));
    all.extend([
        call(72, 20_000, EventKind::Phone(PhoneEvent::WrongPin { phone: "hall".into(), seat: "1006".into(), locked_until: None })),
        call(
            72,
            20_000,
            EventKind::Phone(PhoneEvent::Code { phone: "hall".into(), seat: None, code: "*10".into(), result: Err(CodeRefusal::WrongPin) }),
        ),
        call(72, 20_000, EventKind::PickedUp),
        call(72, 22_000, EventKind::HungUp { side: Side::System, cause: Cause::CodeRefused, q850: None }),
        call(72, 22_000, EventKind::Archived),
    ]);
    all.extend(own(73, 30_000, "hall", Some("1006"), Callee::Outside, ("outside", "13800138000")));
    all.extend([
        call(73, 30_000, EventKind::TrunkPassedOver { to: None, trunk: trunk("carrier"), why: NoPassage::Full }),
        call(73, 30_000, EventKind::OutsideCalled { leg: 1, to: None, trunk: trunk("backup") }),
        call(73, 34_000, EventKind::OutsideAnswered { to: None, trunk: trunk("backup") }),
        call(73, 34_000, EventKind::PickedUp),
    ]);
    all.extend(gone(73, 94_000, Side::Outside, Cause::Normal));
    all.extend(own(74, 40_000, "1001", Some("1001"), Callee::Seat("1004".into()), ("1004", "1001")));
    all.extend([
        call(74, 40_100, EventKind::Ringing { seat: "1004".into() }),
        call(74, 70_000, EventKind::OfferEnded { seat: "1004".into(), why: OfferEnd::Rona }),
    ]);
    all.extend(refused(74, 70_000, NotPutThrough::Unreachable));
    all.extend(own(75, 80_000, "1001", Some("1001"), Callee::Code, ("*12", "1001")));
    let code = PhoneEvent::Code { phone: "1001".into(), seat: Some("1001".into()), code: "*12".into(), result: Ok(()) };
    all.extend([call(75, 80_000, EventKind::Phone(code)), call(75, 80_000, EventKind::PickedUp)]);
    all.extend(gone(75, 81_000, Side::Caller, Cause::Completed));
    all
}

#[tokio::test]
async fn a_seats_own_call_tells_who_dialled_what_over_which_trunks_and_why_it_was_not_put_through() {
    let (dir, _journal) = data_of(&by_seats(), &[]).await;
    let calls = Look::open(dir.path()).await.unwrap().calls(&Filter { limit: 50, ..Filter::default() }).await.unwrap();
    golden("own_calls_list.txt", &calls::table(&calls, &output(false), at(NOW)));
    let (mut english, mut chinese, mut cards) = (String::new(), String::new(), String::new());
    for count in 70..=75 {
        english += &format!("{}\n", said(dir.path(), count, Ok(rules()), Lang::En).await);
        chinese += &format!("{}\n", said(dir.path(), count, Ok(rules()), Lang::Zh).await);
        let (_, found) = found(dir.path(), count).await;
        cards += &format!("{}\n", calls::card(&found, found.record.as_ref().unwrap(), &output(false), at(NOW)));
    }
    for text in [&english, &chinese, &cards] {
        assert!(!text.contains("13912345678") && !text.contains("13800138000") && !text.contains("self-service"), "{text}");
    }
    golden("why_own_calls.txt", &english);
    golden("why_own_calls_zh.txt", &chinese);
    golden("own_calls_show.txt", &cards);
}

fn ordered(count: u32, ms: i64, seat: &str, by: &str, order: DeskOrder) -> Entry {
    call(count, ms, EventKind::Ordered { seat: seat.into(), by: by.into(), order })
}

fn k9(change: ClockChange) -> EventKind {
    EventKind::Clock(ClockEvent { clock: 9, change, limit_ms: 30_000 })
}

/// Call 80: held, classified by a person, a transfer refused and one unanswered, a consultation that becomes a three-way call and a transfer,
/// ownership accepted, given back, and the disposition.
fn at_the_desk() -> Vec<Entry> {
    let name = |text: &str| Name::from(text);
    let seat_1004 = || Target::Seat("1004".into());
    let receiver = || Receiver::Seat("1004".into());
    let mut all = into_queue(80, 0, "13500000008");
    let mut add = |ms, kind| all.push(call(80, ms, kind));
    add(7_000, EventKind::Answered { seat: name("1001") });
    add(7_000, EventKind::Owned { seat: name("1001") });
    let begin =
        |to, reason, consultation| EventKind::TransferBegan { from: "1001".into(), to, mode: TransferMode::Attended, reason, consultation };
    let (complex, many) = (TransferReason::TooComplex, TransferReason::MultiDepartment);
    let to = |reason| DeskOrder::Transfer { to: seat_1004(), mode: None, reason };
    let change = Reclassified { class: Some(Class::Major), sensitive: Some(true), ..Reclassified::default() };
    let number = Target::Number(PhoneNumber::parse("13900139000").unwrap());
    let order = |seat: &str, by: &str, order| EventKind::Ordered { seat: seat.into(), by: by.into(), order };
    for (ms, kind) in [
        (10_000, order("1001", "1001", DeskOrder::Hold)),
        (10_000, EventKind::Held { by: LegRole::Agent }),
        (15_000, EventKind::Resumed { by: LegRole::Agent }),
        (16_000, EventKind::Held { by: LegRole::Caller }),
        (17_000, EventKind::Resumed { by: LegRole::Caller }),
        (20_000, order("1001", "alice", DeskOrder::Classify(change.clone()))),
        (20_000, EventKind::Reclassified { seat: name("1001"), change }),
        (22_000, order("1001", "alice", to(None))),
        (22_000, EventKind::OrderRefused { seat: name("1001"), why: DeskRefusal::NoReason }),
        (25_000, order("1001", "alice", to(Some(complex)))),
        (25_000, begin(seat_1004(), Some(complex), false)),
        (25_000, k9(ClockChange::Started)),
        (25_000, EventKind::ReceiverCalled { leg: 2, receiver: receiver(), ring_ms: 30_000 }),
        (25_100, EventKind::ReceiverRings { receiver: receiver() }),
        (55_000, EventKind::ReceiverEnded { receiver: receiver(), why: OfferEnd::Rona }),
        (55_000, k9(ClockChange::Breached)),
        (55_000, EventKind::TransferEnded { end: TransferEnd::NotAnswered }),
        (60_000, order("1001", "1001", DeskOrder::Consult { to: number.clone() })),
        (60_000, begin(number, None, true)),
        (
            60_000,
            EventKind::ReceiverCalled {
                leg: 2,
                receiver: Receiver::Outside { to: "13900139000".into(), trunk: "carrier".into() },
                ring_ms: 30_000,
            },
        ),
        (
            62_000,
            EventKind::ReceiverEnded {
                receiver: Receiver::Outside { to: "13900139000".into(), trunk: "carrier".into() },
                why: OfferEnd::Rejected(486),
            },
        ),
        (62_000, EventKind::TransferEnded { end: TransferEnd::Rejected(486) }),
        (70_000, order("1001", "1001", DeskOrder::Consult { to: seat_1004() })),
        (70_000, begin(seat_1004(), None, true)),
        (70_000, EventKind::ReceiverCalled { leg: 2, receiver: receiver(), ring_ms: 30_000 }),
        (73_000, EventKind::ReceiverAnswered { receiver: receiver() }),
        (80_000, order("1001", "1001", DeskOrder::ThreeWay)),
        (80_000, EventKind::ThreeWay { on: true }),
        (90_000, order("1001", "1001", DeskOrder::Complete { reason: Some(many) })),
        (90_000, EventKind::TransferMeant { reason: many }),
        (90_000, EventKind::TransferEnded { end: TransferEnd::Completed }),
        (95_000, order("1004", "bob", DeskOrder::AcceptOwnership)),
        (95_000, EventKind::Owned { seat: name("1004") }),
        (99_000, order("1004", "1004", DeskOrder::Back)),
        (99_000, EventKind::ReceiverCalled { leg: 1, receiver: Receiver::Seat("1001".into()), ring_ms: 30_000 }),
        (101_000, EventKind::Answered { seat: name("1001") }),
        (101_000, EventKind::TransferEnded { end: TransferEnd::GivenBack }),
        (105_000, order("1001", "alice", DeskOrder::FirstCommunication)),
        (105_000, EventKind::FirstCommunication),
        (106_000, EventKind::ReferRefused { leg: 0, status: 403 }),
        (110_000, order("1001", "1001", DeskOrder::Dispose("resolved".into()))),
        (110_000, EventKind::Handled { disposition: name("resolved") }),
    ] {
        add(ms, kind);
    }
    all.extend(gone(80, 120_000, Side::Caller, Cause::Normal));
    all.extend(into_queue(81, 0, "13500000008"));
    all.extend([
        call(81, 7_000, EventKind::Answered { seat: name("1001") }),
        call(81, 7_000, EventKind::Owned { seat: name("1001") }),
        ordered(81, 20_000, "1001", "1001", to(Some(complex))),
        call(81, 20_000, begin(seat_1004(), Some(complex), false)),
        call(81, 20_000, EventKind::ReceiverCalled { leg: 2, receiver: receiver(), ring_ms: 30_000 }),
        call(81, 23_000, EventKind::ReceiverAnswered { receiver: receiver() }),
        ordered(81, 25_000, "1001", "alice", DeskOrder::Complete { reason: None }),
        call(81, 25_000, EventKind::TransferEnded { end: TransferEnd::Completed }),
    ]);
    all.extend(gone(81, 60_000, Side::Caller, Cause::Normal));
    all
}

#[tokio::test]
async fn why_tells_what_the_people_at_seats_did_and_by_whose_hand_r53_to_r59() {
    let (dir, _journal) = data_of(&at_the_desk(), &[]).await;
    for (count, file) in [(80, "why_desk"), (81, "why_owner_kept")] {
        for (lang, ending) in [(Lang::En, ""), (Lang::Zh, "_zh")] {
            let text = said(dir.path(), count, Ok(rules()), lang).await;
            assert!(!text.contains("13900139000"), "{text}");
            golden(&format!("{file}{ending}.txt"), &text);
        }
    }
}

/// Call 90 goes on from `billing`, where nobody is signed in, to `all`, and leaves that as it closes.
fn left_alone() -> Vec<Entry> {
    let mut all = into_queue(90, 0, "13500000009");
    let left = |queue: &str, why, to: Option<&str>| EventKind::LeftQueue { queue: queue.into(), why, to: to.map(Name::from) };
    all.extend([
        looked(3, 6_000, 90, Trigger::CallWaiting, 0),
        call(90, 11_000, left("billing", WhyLeft::Nobody, Some("all"))),
        call(90, 11_000, EventKind::Queued { queue: "all".into(), priority: Priority::Important }),
        call(90, 20_000, left("all", WhyLeft::Closed, None)),
        call(90, 20_000, clock(3, ClockChange::Dropped)),
    ]);
    all
}

#[tokio::test]
async fn a_call_that_left_a_queue_which_nobody_serves_waits_no_more_and_says_why() {
    let (dir, mut journal) = data_of(&[], &left_alone()).await;
    for (lang, ending) in [(Lang::En, ""), (Lang::Zh, "_zh")] {
        let look = Look::open(dir.path()).await.unwrap();
        let now = Now::read(&look, rules(), None, at(30_000)).await.unwrap();
        let mut text = String::new();
        for queue in ["billing", "all"] {
            let queue = QueueNow::read(&look, &now, &Name::from(queue)).await.unwrap().unwrap();
            assert!(queue.waiting.is_empty(), "it is in no queue now");
            text += &format!("{}\n", why::queue_page(&queue, &now, &why_args(0, lang)).text());
        }
        golden(&format!("why_left_queue{ending}.txt"), &text);
    }
    append(&mut journal, &gone(90, 26_000, Side::System, Cause::Completed));
    for (lang, ending) in [(Lang::En, ""), (Lang::Zh, "_zh")] {
        golden(&format!("why_left_call{ending}.txt"), &said(dir.path(), 90, Ok(rules()), lang).await);
    }
}
