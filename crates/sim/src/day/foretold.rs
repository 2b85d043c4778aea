use hotline_model::history::Untold;
use hotline_model::{CallId, Timestamp};
use hotline_router::{Calibration, ExpectedWait, Router};
use std::collections::BTreeMap;
use std::time::Duration;

/// What waiting callers were told in a day, and what came true.
#[derive(Clone, Debug, Default)]
pub struct Foretold {
    /// By how many were ahead, up to 1, 2, 4, 8 and more: what was told and then answered.
    pub by_position: [Calibration; POSITIONS.len() + 1],
    /// The same of the first half minute of a wait, and of the rest.
    pub by_age: [Calibration; 2],
    /// Waiting calls that no honest wait could be told, by why.
    pub untold: BTreeMap<Untold, u64>,
    /// When in the day each caller was told something, or why not.
    pub log: Vec<(Timestamp, Result<ExpectedWait, Untold>)>,
}

/// Bounds of the buckets of positions: so many calls ahead at most.
pub const POSITIONS: [u32; 4] = [0, 2, 5, 10];
const YOUNG: Duration = Duration::from_secs(30);

/// The waits told to the callers who are there.
#[derive(Debug, Default)]
pub(super) struct Tellings {
    /// How often a waiting caller is told; zero for never.
    every: Duration,
    open: BTreeMap<CallId, Vec<(Timestamp, Duration, ExpectedWait)>>,
    foretold: Foretold,
}

impl Tellings {
    pub fn every(every: Duration) -> Self {
        Self { every, ..Self::default() }
    }

    /// Tells a caller who has waited so long, if it waits: when to tell it again.
    pub fn tell(&mut self, router: &Router, call: CallId, waited: Duration, now: Timestamp) -> Option<Timestamp> {
        if self.every.is_zero() {
            return None;
        }
        let wait = router.expected_wait(call, now);
        match wait {
            Some(Ok(wait)) => {
                self.open.entry(call).or_default().push((now, waited, wait));
                if let Err(why) = wait.minutes() {
                    *self.foretold.untold.entry(why).or_default() += 1;
                }
            }
            Some(Err(why)) => *self.foretold.untold.entry(why).or_default() += 1,
            None => {}
        }
        self.foretold.log.extend(wait.map(|wait| (now, wait)));
        Some(now + self.every)
    }

    pub fn answered(&mut self, call: CallId, now: Timestamp) {
        for (at, waited, wait) in self.open.remove(&call).into_iter().flatten() {
            let Ok(told) = wait.foretold() else { continue };
            let position = POSITIONS.partition_point(|bound| *bound < wait.ahead);
            self.foretold.by_position[position].count(&told, now.since(at));
            self.foretold.by_age[usize::from(waited >= YOUNG)].count(&told, now.since(at));
        }
    }

    pub fn left(&mut self, call: CallId) {
        self.open.remove(&call);
    }

    pub fn take(&mut self) -> Foretold {
        std::mem::take(&mut self.foretold)
    }
}
