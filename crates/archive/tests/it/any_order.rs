use crate::common::{append_calls, archive, call, catch_up, open, stored};
use hotline_archive::{Archiver, ArchiverOptions, DATABASE, Limits};
use hotline_model::{CallId, Record};
use proptest::prelude::*;
use std::collections::VecDeque;
use std::time::Duration;

#[derive(Clone, Copy, Debug)]
enum Act {
    /// The next event of one of the calls.
    Event(usize),
    /// The hotline is killed and starts again.
    RestartHotline,
    /// The archiver is killed and starts again.
    RestartArchiver,
    /// One step of the archiver.
    Step,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        20 => any::<usize>().prop_map(Act::Event),
        1 => Just(Act::RestartHotline),
        1 => Just(Act::RestartArchiver),
        3 => Just(Act::Step),
    ];
    proptest::collection::vec(act, 0..250)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_interleaving_and_any_restart_give_each_record_exactly_once(acts in acts(), calls in 1u32..12, seed in any::<u32>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let dir = tempfile::tempdir().unwrap();
            let ids: Vec<_> = (0..calls).map(|count| CallId::new(1, 0, count)).collect();
            let events: Vec<_> = ids.iter().map(|id| call(*id, u64::from(seed) + id.0, true)).collect();
            let mut left: Vec<VecDeque<_>> = events.iter().map(|events| events.iter().cloned().collect()).collect();
            let options = hotline_archive::Options { segment_bytes: 700, reserve_bytes: 0, ..crate::common::small() };
            let new_archiver = || Archiver::new(dir.path(), &dir.path().join(DATABASE), ArchiverOptions {
                limits: Limits { calls: 2, rows: 40, ..Limits::default() }, sweep: Duration::ZERO, keep_whole: 1, ..ArchiverOptions::default()
            });
            let mut journal = Some(hotline_archive::Journal::open(dir.path(), options).unwrap().0);
            let mut archiving = new_archiver();
            for act in acts {
                match act {
                    Act::Event(which) => if let Some(event) = left[which % calls as usize].pop_front() {
                        append_calls(journal.as_mut().unwrap(), &[event]);
                    },
                    Act::RestartHotline => {
                        drop(journal.take());
                        let (again, recovered) = hotline_archive::Journal::open(dir.path(), options).unwrap();
                        let live: Vec<_> = recovered.live.into_iter().collect();
                        let expected: Vec<_> = ids.iter().zip(&events).zip(&left).filter(|(_, left)| !left.is_empty())
                            .map(|((id, all), left)| (*id, all[..all.len() - left.len()].to_vec()))
                            .filter(|(_, so_far)| !so_far.is_empty()).collect();
                        assert_eq!(live, expected);
                        journal = Some(again);
                    }
                    Act::RestartArchiver => std::mem::replace(&mut archiving, new_archiver()).close().await,
                    Act::Step => drop(archiving.step().await.unwrap()),
                }
            }
            let mut journal = journal.unwrap();
            left.into_iter().for_each(|rest| append_calls(&mut journal, &Vec::from(rest)));
            catch_up(&mut archiving).await;
            archiving.close().await;
            drop(journal);
            let _next = open(dir.path());
            archive(dir.path()).await;
            let folds: Vec<_> = events.iter().map(|events| Record::fold(events).unwrap()).collect();
            assert_eq!(stored(dir.path()).await, folds);
        });
    }
}
