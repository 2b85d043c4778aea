//! What `why SEAT` and `why QUEUE` say of a seat in the pause after an offer that it did not take.

use super::*;

fn engaged(seq: u64, at_ms: i64, activity: Activity, count: u32) -> Entry {
    let state = SeatState { intent: Intent::Available, activity, reachable: true };
    Entry::Seat(SeatEvent { seq, at: at(at_ms), seat: "1007".into(), id: SeatId(6), state, call: Some(id(count)) })
}

/// Seat 1007 is offered call 46 at 706 s, and for 4 s; then it is free as `end` says.
pub fn offered_in_vain(why: OfferEnd, intent: Intent) -> Vec<Entry> {
    let mut all = into_queue(46, 700_000, "13600000003");
    all.push(chose(40, 706_000, 46, Trigger::CallWaiting, DecidingKey::OnlyReady, "1007"));
    all.push(engaged(41, 706_000, Activity::Offered, 46));
    all.extend(offered(46, 706_000, "1007", 40));
    all.push(call(46, 710_000, EventKind::OfferEnded { seat: "1007".into(), why }));
    all.push(seat(42, 710_000, "1007", intent, Activity::Free));
    all.push(looked(43, 710_000, 46, Trigger::OfferFailed, 0));
    all
}

/// What is said of seat 1007, and of the queue.
async fn pages(live: &[Entry], ms: i64, lang: Lang) -> [String; 2] {
    let (dir, _journal) = data_of(&morning(), live).await;
    let look = Look::open(dir.path()).await.unwrap();
    let ready = SeatState { intent: Intent::Available, activity: Activity::Free, reachable: true };
    let now = Now::read(&look, rules(), Some(vec![("1007".into(), ready)]), at(ms)).await.unwrap();
    let seat = SeatNow::read(&look, &now, &"1007".into()).await.unwrap();
    let queue = QueueNow::of(&now, &"billing".into()).unwrap();
    [why::seat_page(&seat, &now, &why_args(0, lang)).text(), why::queue_page(&queue, &now, &why_args(0, lang)).text()]
}

pub const BUSY: OfferEnd = OfferEnd::Rejected(486);

#[tokio::test]
async fn of_a_seat_in_a_pause_it_is_said_until_when_whichever_call_it_refused() {
    for (lang, ending) in [(Lang::En, ""), (Lang::Zh, "_zh")] {
        let [seat, queue] = pages(&offered_in_vain(BUSY, Intent::Available), 712_000, lang).await;
        golden(&format!("why_seat_paused{ending}.txt"), &seat);
        golden(&format!("why_queue_paused{ending}.txt"), &queue);
    }
    let mut two = offered_in_vain(BUSY, Intent::Available);
    two.extend(gone(46, 710_500, Side::Caller, Cause::AbandonedInQueue));
    let [seat, _] = pages(&two, 711_000, Lang::En).await;
    assert!(
        seat.contains("It is ready, but in the pause after call 3-0-46 (") && seat.contains("until 10:14:55, for another 4.0 s"),
        "{seat}"
    );
    two.extend(into_queue(47, 705_000, "13600000004"));
    let [seat, queue] = pages(&two, 712_000, Lang::En).await;
    assert!(seat.contains("could have call 3-0-47, but is in the pause after call 3-0-46 ("), "{seat}");
    assert!(seat.contains("could have it when its pause is over, in 3.0 s") && !seat.contains("could have it now"), "{seat}");
    assert!(queue.contains("at 10:14:55 (in 3.0 s), when the pause of seat 1007 is over"), "{queue}");
}

#[tokio::test]
async fn a_pause_that_is_over_or_never_was_is_not_told() {
    let out = OfferEnd::Rona;
    let mut again = offered_in_vain(out, Intent::NotReady(NotReadyReason::Rona));
    again.push(seat(44, 711_000, "1007", Intent::Available, Activity::Free));
    let mut served = offered_in_vain(BUSY, Intent::Available);
    served.extend([engaged(44, 711_000, Activity::OnCall, 9), seat(45, 711_500, "1007", Intent::Available, Activity::Free)]);
    for (entries, ms) in [(offered_in_vain(BUSY, Intent::Available), 716_000), (again, 712_000), (served, 712_000)] {
        let [seat, queue] = pages(&entries, ms, Lang::En).await;
        assert!(!seat.contains("pause") && seat.contains("could have it now"), "{seat}");
        assert!(!queue.contains("pause") && queue.contains("a seat is ready for it, and nothing recorded keeps them apart"), "{queue}");
    }
}

/// Seat 1007 rings in full for call 46 from 706 s on, its agent chooses a break in the middle of it, and is ready again at 717 s.
fn broke_off_while_it_rang() -> Vec<Entry> {
    let resting = Intent::NotReady(NotReadyReason::Break);
    let mut all = into_queue(46, 690_000, "13600000003");
    all.push(chose(40, 706_000, 46, Trigger::CallWaiting, DecidingKey::OnlyReady, "1007"));
    all.push(engaged(41, 706_000, Activity::Offered, 46));
    all.extend(offered(46, 706_000, "1007", 40));
    let state = SeatState { intent: resting, activity: Activity::Offered, reachable: true };
    all.push(Entry::Seat(SeatEvent { seq: 42, at: at(708_000), seat: "1007".into(), id: SeatId(6), state, call: Some(id(46)) }));
    all.push(call(46, 716_000, EventKind::OfferEnded { seat: "1007".into(), why: OfferEnd::Rona }));
    all.push(seat(43, 716_000, "1007", resting, Activity::Free));
    all.push(looked(44, 716_000, 46, Trigger::OfferFailed, 0));
    all.push(seat(45, 717_000, "1007", Intent::Available, Activity::Free));
    all
}

#[tokio::test]
async fn where_a_full_ring_makes_not_ready_no_pause_follows_it_whatever_the_agent_chose_meanwhile() {
    let [seat, queue] = pages(&broke_off_while_it_rang(), 718_000, Lang::En).await;
    assert!(!seat.contains("pause") && seat.contains("It is ready and could have call 3-0-46"), "{seat}");
    assert!(!queue.contains("pause"), "{queue}");
}

#[tokio::test]
async fn an_offer_during_which_a_break_was_chosen_is_one_offer() {
    let [seat, _] = pages(&broke_off_while_it_rang(), 718_000, Lang::En).await;
    assert!(seat.contains("2026-03-02 10:14:46  call 3-0-46  rang in full, not answered (RONA)"), "{seat}");
    assert!(!seat.contains("its end is not recorded"), "{seat}");
}

#[tokio::test]
async fn a_seat_in_a_pause_that_is_given_no_call_by_hand_is_not_called_not_ready_r44() {
    let lead = |ms, order| call(46, ms, EventKind::ByHand { by: "lead".into(), order });
    let not = |ms| call(46, ms, EventKind::NotAssigned { seat: "1007".into(), why: WhyNot::NotReady });
    let (assign, pull) = (HandOrder::Assign { seat: "1007".into() }, HandOrder::Pull { seat: "1007".into() });
    let mut all = offered_in_vain(BUSY, Intent::Available);
    all.extend([lead(712_000, assign), not(712_000)]);
    all.push(engaged(44, 713_000, Activity::OnCall, 9));
    all.extend([lead(714_000, pull), not(714_000)]);
    let (dir, _journal) = data_of(&morning(), &all).await;
    let en = said(dir.path(), 46, Ok(rules()), Lang::En).await;
    let orders = [
        "lead ordered it to be given to seat 1007 (R44).",
        "It could not be given to seat 1007 by hand (R44): the seat was ready, but in the pause after an offer that failed \
         (`assign.delays.busy`).",
        "lead ordered seat 1007 to pull it (R44).",
        "It could not be given to seat 1007 by hand (R44): the seat was not ready: on call.",
    ];
    for words in orders {
        assert!(en.contains(words), "{words}\n{en}");
    }
    let zh = said(dir.path(), 46, Ok(rules()), Lang::Zh).await;
    let orders = [
        "lead 要求派给坐席 1007（R44）。",
        "手工派给坐席 1007（R44）未成：该坐席空闲，但刚有派单未成、短暂停派（`assign.delays.busy`）。",
        "lead 要求坐席 1007 抢接（R44）。",
        "手工派给坐席 1007（R44）未成：该坐席未就绪：通话中。",
    ];
    for words in orders {
        assert!(zh.contains(words), "{words}\n{zh}");
    }
}

#[tokio::test]
async fn a_decision_knows_the_pause_of_a_seat_that_refused_another_call_before() {
    for (why, over) in [(BUSY, false), (OfferEnd::Rona, true)] {
        let intent = if over { Intent::NotReady(NotReadyReason::Rona) } else { Intent::Available };
        let mut all = offered_in_vain(why, intent);
        all.push(seat(44, 710_500, "1007", Intent::Available, Activity::Free));
        all.extend(gone(46, 710_500, Side::Caller, Cause::AbandonedInQueue));
        all.extend(into_queue(47, 705_500, "13600000004"));
        all.push(seat(45, 711_500, "1001", Intent::Available, Activity::Free));
        all.push(chose(46, 712_000, 47, Trigger::SeatReady, DecidingKey::ByHand, "1001"));
        all.extend(offered(47, 712_000, "1001", 46));
        for stored in [true, false] {
            let mut before = morning();
            let live = if stored {
                before.extend(all.clone());
                &[]
            } else {
                &all[..]
            };
            let (dir, _journal) = data_of(&before, live).await;
            let en = said(dir.path(), 47, Ok(rules()), Lang::En).await;
            let zh = said(dir.path(), 47, Ok(rules()), Lang::Zh).await;
            let paused = "paused after an offer that failed (`assign.delays.busy`), until it has waited 3.0 s  1007";
            let paused_zh = "派单未成后停派（`assign.delays.busy`），等待 3.0 秒 起可接  1007";
            assert_eq!(en.contains(paused), !over, "{en}");
            assert_eq!(zh.contains(paused_zh), !over, "{zh}");
            assert!(!en.contains("not as good") && !zh.contains("次优"), "a person chose: {en}{zh}");
        }
    }
}
