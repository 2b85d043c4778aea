//! What `why SEAT` and `why QUEUE` say of calls that are being offered.

use super::helping::READY;
use super::*;

fn state(seq: u64, name: &str, id: u32) -> Entry {
    let state = SeatState { activity: Activity::Offered, ..READY };
    Entry::Seat(SeatEvent { seq, at: at(706_000), seat: name.into(), id: SeatId(id), state, call: Some(self::id(46)) })
}

/// Call 46 is offered to a seat from 706 s on, whose phone may say that it rings.
fn offering(name: &'static str, rings: bool) -> Vec<Entry> {
    let mut all = into_queue(46, 700_000, "13600000003");
    all.push(chose(40, 706_000, 46, Trigger::CallWaiting, DecidingKey::OnlyReady, name));
    all.push(state(41, name, 6));
    all.extend(offered(46, 706_000, name, 40).into_iter().take(if rings { 2 } else { 1 }));
    all
}

/// What is said of seat 1007, and of the queue, at 708 s.
async fn pages(all: &[Entry], live: Vec<(Name, SeatState)>, lang: Lang) -> [String; 2] {
    let (dir, _journal) = data_of(&morning(), all).await;
    let look = Look::open(dir.path()).await.unwrap();
    let now = Now::read(&look, rules(), Some(live), at(708_000)).await.unwrap();
    let seat = SeatNow::read(&look, &now, &"1007".into()).await.unwrap();
    let queue = QueueNow::of(&now, &"billing".into()).unwrap();
    [why::seat_page(&seat, &now, &why_args(0, lang)).text(), why::queue_page(&queue, &now, &why_args(0, lang)).text()]
}

#[tokio::test]
async fn a_phone_that_has_not_said_that_it_rings_is_only_offered_the_call() {
    let [seat, queue] = pages(&offering("1007", false), Vec::new(), Lang::En).await;
    assert!(seat.contains("It gets no other call: one is offered to it.") && seat.contains("call 3-0-46  is offered\n"), "{seat}");
    assert!(seat.contains("is offered to seat 1007") && !seat.contains("rings"), "{seat}");
    assert!(queue.contains("1 call waits, and is offered to a seat."), "{queue}");
    assert!(queue.contains("is offered to seat 1007\n") && !queue.contains("ring"), "{queue}");
    let [seat, queue] = pages(&offering("1007", false), Vec::new(), Lang::Zh).await;
    assert!(seat.contains("不再派单：正有来电派给它。") && seat.contains("来电 3-0-46  正在派单\n"), "{seat}");
    assert!(seat.contains("正派给坐席 1007") && !seat.contains("振铃"), "{seat}");
    assert!(queue.contains("1 通来电等待，其中 1 通正派给坐席。") && queue.contains("正派给坐席 1007\n"), "{queue}");
    assert!(!queue.contains("振铃"), "{queue}");
    let [seat, queue] = pages(&offering("1007", true), Vec::new(), Lang::En).await;
    assert!(seat.contains("It gets no other call: one rings there.") && seat.contains("call 3-0-46  rings\n"), "{seat}");
    assert!(seat.contains("rings at seat 1007") && queue.contains("rings at seat 1007\n"), "{seat}{queue}");
}

/// Call 47 waits too, whose caller needs better Chinese than 1007 has.
fn beside(mut all: Vec<Entry>) -> Vec<Entry> {
    let mut other = into_queue(47, 701_000, "13600000004");
    for entry in &mut other {
        if let Entry::Call(CallEvent { kind: EventKind::Classified(classified), .. }) = entry {
            classified.skills = vec![("zh".into(), 3)];
        }
    }
    all.extend(other);
    all
}

#[tokio::test]
async fn a_call_that_is_offered_to_another_seat_is_not_called_one_that_is_not_for_this_seat() {
    let free = || vec![("1007".into(), READY)];
    let [en, _] = pages(&beside(offering("1001", true)), free(), Lang::En).await;
    assert!(en.contains("It is ready; of the 2 calls that wait 1 is offered to another seat, and the other one is not for it."), "{en}");
    let [zh, _] = pages(&beside(offering("1001", true)), free(), Lang::Zh).await;
    assert!(zh.contains("坐席空闲；等待中的 2 通来电里，1 通正派给其他坐席，其余 1 通不能由它接。"), "{zh}");
    let [en, _] = pages(&offering("1001", true), free(), Lang::En).await;
    assert!(en.contains("It is ready; the call that waits is offered to another seat."), "{en}");
    let [zh, _] = pages(&offering("1001", true), free(), Lang::Zh).await;
    assert!(zh.contains("坐席空闲；等待中的 1 通来电正派给其他坐席。"), "{zh}");
}
