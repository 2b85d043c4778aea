//! How long rehearsals go on: until somebody gives them up, or they cost too much. What they cost is the computing time of their thread, so
//! that a machine that is busy with calls refuses no rules for it.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Steps between two looks at the clocks, which are calls of the kernel.
const STEPS: u32 = 64;

/// Tells work on another thread that nobody wants it any more.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Nobody wants it any more.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether nobody wants it any more.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What rehearsals may cost in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Computing time of their thread.
    pub cpu: Duration,
    /// The last resort: time by the clock on the wall.
    pub wall: Duration,
}

/// Why they don't go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Nobody wants them any more.
    Cancelled,
    /// They used so much computing time.
    Cpu(Duration),
    /// They took so long.
    Wall(Duration),
}

/// What a thread has used since some moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Computing time.
    pub cpu: Duration,
    /// Time.
    pub wall: Duration,
}

/// See the module; of the thread on which it is made.
#[derive(Clone)]
pub struct Patience(Rc<Inner>);

struct Inner {
    cancel: Cancel,
    limits: Option<Limits>,
    spent: Box<dyn Fn() -> Spent>,
    steps: Cell<u32>,
    over: Cell<Option<Over>>,
}

impl Patience {
    /// Without an end.
    pub fn endless() -> Self {
        Self::told(Cancel::default(), None, Spent::default)
    }

    /// From now on, on this thread.
    pub fn new(cancel: Cancel, limits: Limits) -> Self {
        let (cpu, begun) = (cpu(), Instant::now());
        Self::told(cancel, Some(limits), move || Spent { cpu: self::cpu().saturating_sub(cpu), wall: begun.elapsed() })
    }

    /// With clocks of its own.
    pub fn told(cancel: Cancel, limits: Option<Limits>, spent: impl Fn() -> Spent + 'static) -> Self {
        Self(Rc::new(Inner { cancel, limits, spent: Box::new(spent), steps: Cell::new(0), over: Cell::new(None) }))
    }

    /// Before a step; whether it is not to be done. Once it is so it stays so.
    pub fn is_over(&self) -> bool {
        let inner = &self.0;
        let steps = inner.steps.get();
        inner.steps.set((steps + 1) % STEPS);
        if inner.over.get().is_none() && inner.cancel.is_cancelled() {
            inner.over.set(Some(Over::Cancelled));
        }
        if steps == 0 { self.over().is_some() } else { inner.over.get().is_some() }
    }

    /// Why there is nothing more to be done, if there is not.
    pub fn over(&self) -> Option<Over> {
        let inner = &self.0;
        if inner.over.get().is_none() {
            inner.over.set(if inner.cancel.is_cancelled() { Some(Over::Cancelled) } else { self.too_much() });
        }
        inner.over.get()
    }

    fn too_much(&self) -> Option<Over> {
        let limits = self.0.limits?;
        let spent = (self.0.spent)();
        if spent.cpu >= limits.cpu {
            return Some(Over::Cpu(limits.cpu));
        }
        (spent.wall >= limits.wall).then_some(Over::Wall(limits.wall))
    }
}

/// The computing time of this thread.
fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or_default(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { cpu: Duration::from_secs(20), wall: Duration::from_secs(300) };

    fn seconds(cpu: u64, wall: u64) -> Spent {
        Spent { cpu: Duration::from_secs(cpu), wall: Duration::from_secs(wall) }
    }

    #[test]
    fn a_busy_machine_ends_nothing_and_computing_or_the_last_resort_does() {
        for (spent, over) in
            [(seconds(3, 299), None), (seconds(20, 20), Some(Over::Cpu(LIMITS.cpu))), (seconds(3, 300), Some(Over::Wall(LIMITS.wall)))]
        {
            assert_eq!(Patience::told(Cancel::default(), Some(LIMITS), move || spent).over(), over, "{spent:?}");
        }
    }

    #[test]
    fn the_clocks_are_looked_at_now_and_then_and_a_cancel_at_every_step() {
        let spent = Rc::new(Cell::new(Spent::default()));
        let (clock, cancel) = (Rc::clone(&spent), Cancel::default());
        let patience = Patience::told(cancel.clone(), Some(LIMITS), move || clock.get());
        assert!(!patience.is_over());
        spent.set(seconds(20, 20));
        assert_eq!((0..STEPS).position(|_| patience.is_over()), Some(STEPS as usize - 1));
        let patience = Patience::told(cancel.clone(), None, Spent::default);
        assert!((0..1_000).all(|_| !patience.is_over()));
        cancel.cancel();
        assert!(patience.is_over());
        assert_eq!(patience.over(), Some(Over::Cancelled));
    }

    #[test]
    fn the_computing_time_of_a_thread_grows_with_what_it_computes() {
        let before = cpu();
        let patience = Patience::new(Cancel::default(), Limits { cpu: Duration::from_millis(5), wall: Duration::from_secs(3_600) });
        while !patience.is_over() {
            std::hint::spin_loop();
        }
        assert_eq!(patience.over(), Some(Over::Cpu(Duration::from_millis(5))));
        assert!(cpu() - before >= Duration::from_millis(5));
    }
}
