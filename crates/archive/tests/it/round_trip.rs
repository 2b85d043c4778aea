//! Into the tables and out again.

use crate::common::{DAY, Dice, arrived, stored};
use crate::kinds;
use hotline_archive::{Batch, DATABASE, Finished, Position, Reader, Store};
use hotline_model::{CallEvent, CallId, EventKind, Record, WallTime};
use proptest::prelude::*;
use std::path::Path;

/// A call in which anything happens at any time and in any order.
fn history(id: CallId, seed: u64) -> Vec<CallEvent> {
    let mut dice = Dice::new(seed);
    let mut all = vec![arrived(&format!("1{:010}", dice.roll(1 << 30)), seed)];
    all.extend((0..dice.roll(120)).map(|_| kinds::any(&mut dice)));
    if dice.roll(4) > 0 {
        all.push(EventKind::Archived);
    }
    let mut at = DAY;
    let mut event = |kind| {
        at += i64::from(dice.roll(1 << 20)) - 1_000;
        CallEvent { call: id, at: WallTime(at), kind }
    };
    all.into_iter().map(&mut event).collect()
}

async fn store(dir: &Path, calls: &[(CallId, Vec<CallEvent>)]) {
    let mut batch = Batch::from(Position::default());
    batch.calls = calls
        .iter()
        .map(|(call, events)| Finished { call: *call, record: Record::fold(events), events: events.clone(), left_out: 0 })
        .collect();
    let mut store = Store::new(&dir.join(DATABASE));
    store.write(&batch).await.unwrap();
    store.close().await;
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// The event as it is stored: what a re-INVITE would need is of no use once the call is over.
fn without_dialog(mut event: CallEvent) -> CallEvent {
    if let EventKind::Leg { dialog, .. } | EventKind::Inviting { dialog, .. } = &mut event.kind {
        for text in [&mut dialog.local_party, &mut dialog.remote_party, &mut dialog.remote_target, &mut dialog.contact] {
            text.clear();
        }
        dialog.route_set.clear();
    }
    event
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_record_and_every_event_is_read_back_as_it_was_stored(seed in any::<u32>()) {
        run(async {
            let dir = tempfile::tempdir().unwrap();
            let ids = (0..50u32).map(|count| (CallId(u64::from(count) << 58 | u64::from(count)), u64::from(seed) << 6 | u64::from(count)));
            let calls: Vec<_> = ids.map(|(id, seed)| (id, history(id, seed))).collect();
            store(dir.path(), &calls).await;
            let folds: Vec<_> = calls.iter().map(|(_, events)| Record::fold(events).unwrap()).collect();
            assert_eq!(stored(dir.path()).await, folds);
            let reader = Reader::open(&dir.path().join(DATABASE)).await.unwrap();
            for ((id, events), fold) in calls.into_iter().zip(folds) {
                let found = reader.call(id).await.unwrap().unwrap();
                assert_eq!((found.record, found.left_out), (Some(fold), 0));
                assert_eq!(found.events, events.into_iter().map(without_dialog).collect::<Vec<_>>());
            }
        });
    }
}

/// Whether a record has more than its beginning in each of its fields. A new field does not compile without a place here.
fn told(record: &Record) -> [bool; 34] {
    let Record {
        call,
        revision,
        dialled,
        from,
        sip_call_id,
        t0,
        t1,
        t2,
        t2r,
        t3,
        t4,
        t5,
        t6,
        t7,
        classified,
        queue,
        priority,
        seat,
        outside,
        calls_back,
        phone,
        menus,
        digits,
        offers,
        clocks,
        hung_up_by,
        cause,
        q850,
        disposition,
        recoveries,
        owner,
        recognised,
        transfers,
        due,
        survey,
        message,
        assessed,
        // Of calls that are live only.
        left: _,
    } = record;
    let arrived = [call.0 > 0, revision.0 > 0, !dialled.is_empty(), !from.is_anonymous(), !sip_call_id.is_empty(), t0.0 > 0];
    assert_eq!(arrived, [true; 6]);
    let times = [t1, t2, t2r, t3, t4, t5, t6, t7].map(Option::is_some);
    let ended =
        transfers.iter().any(|each| each.receiver.is_some() && each.answered.is_some() && each.ended.is_some() && each.end.is_some());
    let said = [
        classified.is_some(),
        queue.is_some(),
        priority.is_some(),
        seat.is_some(),
        outside.is_some(),
        calls_back.is_some(),
        phone.is_some(),
        !menus.is_empty(),
        !digits.is_empty(),
        offers.iter().any(|offer| offer.end.is_some() && offer.until.is_some()),
        offers.iter().any(|offer| offer.end.is_none()),
        clocks.len() > 1,
        hung_up_by.is_some() && cause.is_some(),
        q850.is_some(),
        disposition.is_some(),
        *recoveries > 0,
        owner.is_some(),
        recognised.0.is_some() && recognised.1.is_some(),
        recognised.0.is_some() != recognised.1.is_some(),
        ended,
        transfers.iter().any(|each| each.reason.is_none() && each.end.is_none()),
        due.len() > 1,
        survey.as_ref().is_some_and(|survey| survey.ratings.len() > 1 && survey.end.is_some()),
        message.as_ref().is_some_and(|message| message.taken.is_some() && message.done.is_some()),
        assessed.scope.is_some(),
        assessed.impact.is_some(),
    ];
    let mut all = [false; 34];
    all[..8].copy_from_slice(&times);
    all[8..].copy_from_slice(&said);
    all
}

#[test]
fn the_random_histories_fill_every_field_of_a_record() {
    let mut seen = [false; 34];
    for seed in 1..200 {
        let record = Record::fold(&history(CallId(1), seed)).unwrap();
        for (seen, told) in seen.iter_mut().zip(told(&record)) {
            *seen |= told;
        }
    }
    assert_eq!(seen, [true; 34]);
}

#[test]
fn a_call_in_which_everything_happens_once_is_read_back_as_it_was_stored() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let calls: Vec<_> = (0..20).map(|n| CallId::new(1, 0, n)).map(|id| (id, kinds::each(id, id.0))).collect();
        store(dir.path(), &calls).await;
        assert_eq!(stored(dir.path()).await, calls.iter().map(|(_, events)| Record::fold(events).unwrap()).collect::<Vec<_>>());
    });
}
