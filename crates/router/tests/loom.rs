//! Every interleaving of two and three threads on the seats' words.
//! `RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/loom cargo test -p hotline-router --test loom`
#![cfg(loom)]

use hotline_model::{Activity, Intent, SeatId, Timestamp};
use hotline_router::{SeatTable, Word};
use loom::sync::Arc;
use loom::thread;

const SEAT: SeatId = SeatId(0);

fn ready(word: Word) -> Option<Word> {
    Some(word.with_intent(Intent::Available).with_reachable(true).with_since(Timestamp(1_000)))
}

fn table(seats: usize) -> Arc<SeatTable> {
    let table = SeatTable::new(seats);
    for seat in 0..seats as u32 {
        table.change(SeatId(seat), ready);
    }
    Arc::new(table)
}

fn from(activity: Activity, next: impl Fn(Word) -> Word) -> impl FnMut(Word) -> Option<Word> {
    move |word| (word.activity() == activity).then(|| next(word))
}

fn sign_out(word: Word) -> Option<Word> {
    Some(word.with_intent(Intent::SignedOut))
}

#[test]
fn of_two_routers_that_claim_a_seat_one_gets_it() {
    loom::model(|| {
        let table = table(1);
        let other = table.clone();
        let there = thread::spawn(move || other.claim(SEAT).is_some());
        let here = table.claim(SEAT).is_some();
        assert!(here ^ there.join().unwrap());
        assert_eq!(table.word(SEAT).activity(), Activity::Offered);
    });
}

#[test]
fn an_offer_and_a_sign_out_that_cross_leave_no_trace_of_the_loser() {
    loom::model(|| {
        let table = table(1);
        let other = table.clone();
        let agent = thread::spawn(move || other.change(SEAT, sign_out));
        let claimed = table.claim(SEAT).is_some();
        let (before, _) = agent.join().unwrap().expect("a sign-out always succeeds");
        let word = table.word(SEAT);
        assert_eq!(word.intent(), Intent::SignedOut);
        assert_eq!(word.activity() == Activity::Offered, claimed);
        assert_eq!(before.activity() == Activity::Offered, claimed, "who signs out knows whether an offer is to be withdrawn");
    });
}

#[test]
fn an_answer_and_the_end_of_the_lease_that_cross_never_both_succeed() {
    loom::model(|| {
        let table = table(1);
        table.claim(SEAT);
        let other = table.clone();
        let lease = thread::spawn(move || {
            let free = from(Activity::Offered, |word| word.with_activity(Activity::Free).with_paused(true));
            other.change(SEAT, free).is_some()
        });
        let answered = table.change(SEAT, from(Activity::Offered, |word| word.with_activity(Activity::OnCall))).is_some();
        assert!(answered ^ lease.join().unwrap());
        assert_eq!(table.word(SEAT).activity() == Activity::OnCall, answered);
        assert!(!table.word(SEAT).is_ready());
    });
}

#[test]
fn an_offer_a_sign_out_and_the_end_of_a_lease_leave_a_seat_that_nobody_holds_or_one() {
    loom::model(|| {
        let table = table(1);
        table.claim(SEAT);
        let (lease, agent) = (table.clone(), table.clone());
        let lease = thread::spawn(move || lease.change(SEAT, from(Activity::Offered, |word| word.with_activity(Activity::Free))).is_some());
        let agent = thread::spawn(move || agent.change(SEAT, sign_out).is_some());
        let again = table.claim(SEAT).is_some();
        assert!(lease.join().unwrap() && agent.join().unwrap());
        let word = table.word(SEAT);
        assert_eq!(word.intent(), Intent::SignedOut);
        assert_eq!(word.activity(), if again { Activity::Offered } else { Activity::Free });
    });
}

#[test]
fn a_seat_that_becomes_ready_and_a_call_that_starts_to_wait_never_miss_each_other() {
    loom::model(|| {
        let table = Arc::new(SeatTable::new(1));
        let other = table.clone();
        let seat = thread::spawn(move || {
            other.change(SEAT, ready);
            other.anyone_waits()
        });
        table.call_waits();
        let found = table.claim(SEAT).is_some();
        assert!(seat.join().unwrap() || found, "the seat is ready, the call waits, and neither knows");
    });
}

#[test]
fn two_seats_and_a_call_that_cross_leave_no_unmatched_pair() {
    loom::model(|| {
        let table = Arc::new(SeatTable::new(2));
        let seats = [0, 1].map(|seat| {
            let table = table.clone();
            thread::spawn(move || {
                table.change(SeatId(seat), ready);
                table.anyone_waits()
            })
        });
        table.call_waits();
        let found = [0, 1].map(|seat| table.claim(SeatId(seat)).is_some());
        let saw = seats.map(|seat| seat.join().unwrap());
        assert!((0..2).all(|seat| found[seat] || saw[seat]));
    });
}
