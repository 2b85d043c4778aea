use crate::Router;
use crate::router::Timer;
use crate::timers::Pending;
use hotline_model::{QueueId, Timestamp};
use hotline_rules::{Plan, Reserve};
use std::time::Duration;

/// The queues that have a reserve: whether each is crowded, so that it serves.
#[derive(Debug, Default)]
pub(crate) struct Crowds {
    all: Vec<Crowd>,
    /// Each queue's place in `all`.
    of: Vec<Option<u32>>,
    /// Those to which calls came, or from which they went, since they were reviewed.
    touched: Vec<u32>,
}

#[derive(Debug)]
struct Crowd {
    queue: QueueId,
    /// So many calls wait; 0 for never.
    waiting: u32,
    /// The longest has waited so long; zero for never.
    longest: Duration,
    crowded: bool,
    /// When its longest reaches `longest`.
    wake: Option<(Timestamp, Pending)>,
}

impl Crowds {
    pub fn new(plan: &Plan) -> Self {
        let mut crowds = Self::default();
        for (queue, rules) in (0..).map(QueueId).zip(&plan.queues) {
            crowds.of.push(rules.reserve.as_ref().map(|_| crowds.all.len() as u32));
            crowds.all.extend(rules.reserve.as_ref().map(|reserve| Crowd::new(queue, reserve)));
        }
        crowds
    }

    /// Whether it depends on the number of waiting calls who serves a queue.
    pub fn has(&self, queue: QueueId) -> bool {
        self.of[queue.index()].is_some()
    }

    /// Calls came to a queue or went, or have waited long.
    #[inline]
    pub fn touch(&mut self, queue: QueueId) {
        if !self.all.is_empty()
            && let Some(place) = self.of[queue.index()]
        {
            self.note(place);
        }
    }

    #[inline(never)]
    fn note(&mut self, place: u32) {
        if !self.touched.contains(&place) {
            self.touched.push(place);
        }
    }

    /// Whether any is to be reviewed.
    pub fn are_touched(&self) -> bool {
        !self.touched.is_empty()
    }

    /// The pending wake-ups.
    pub fn wakes(&self) -> impl Iterator<Item = Pending> {
        self.all.iter().filter_map(|crowd| Some(crowd.wake?.1))
    }
}

impl Crowd {
    fn new(queue: QueueId, reserve: &Reserve) -> Self {
        let Reserve { waiting, longest, .. } = *reserve;
        Self { queue, waiting, longest, crowded: false, wake: None }
    }
}

impl Router {
    /// The longest of a queue has waited long enough for its reserve.
    pub(crate) fn crowd_waited(&mut self, queue: QueueId) {
        self.crowds.touch(queue);
        if let Some(place) = self.crowds.of[queue.index()] {
            self.crowds.all[place as usize].wake = None;
        }
    }

    /// Looks at the queues to which calls came or from which they went. Whether any is crowded no longer.
    pub(crate) fn review_crowds(&mut self, now: Timestamp) -> bool {
        let mut over = false;
        while let Some(place) = self.crowds.touched.pop() {
            over |= self.review(now, place as usize);
        }
        over
    }

    fn review(&mut self, now: Timestamp, place: usize) -> bool {
        let Crowd { queue, waiting, longest, crowded, .. } = self.crowds.all[place];
        let oldest = if longest.is_zero() { None } else { self.oldest_since(queue) };
        let reaches = oldest.map(|since| since + longest);
        self.wake_crowd(place, reaches.filter(|at| *at > now));
        let many = waiting > 0 && self.queues[queue.index()].waiting >= waiting;
        let is_crowded = many || reaches.is_some_and(|at| at <= now);
        if is_crowded != crowded {
            self.crowds.all[place].crowded = is_crowded;
            self.reopened.extend(self.lines.set_crowded(&self.plan, queue, is_crowded));
        }
        crowded && !is_crowded
    }

    fn wake_crowd(&mut self, place: usize, at: Option<Timestamp>) {
        let (crowd, timers) = (&mut self.crowds.all[place], &mut self.timers);
        if crowd.wake.map(|(due, _)| due) == at {
            return;
        }
        if let Some((_, wake)) = crowd.wake.take() {
            timers.cancel(wake);
        }
        crowd.wake = at.map(|at| (at, timers.set(at, Timer::Crowd(crowd.queue))));
    }
}
