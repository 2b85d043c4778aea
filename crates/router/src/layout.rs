use crate::eligible::LineKey;
use crate::idle::{Frozen, Work};
use crate::lines::Lines;
use crate::rates::Staffs;
use crate::view::{View, Words};
use crate::waiting::Slot;
use crate::{Router, SeatTable, Share, Word};
use hotline_model::{CustomerType, Profile, QueueId, SeatId, Timestamp};
use hotline_rules::Plan;
use std::sync::Arc;

/// For which calls new rules are to be laid out; see [`Layout`].
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    calls: Vec<(LineKey, CustomerType)>,
    frozen: Vec<Frozen>,
}

impl Wanted {
    /// A call that waits in a queue.
    pub fn add(&mut self, queue: QueueId, profile: &Profile) {
        self.calls.push((LineKey::of(queue, profile), profile.customer_type));
    }
}

/// What a router needs for new rules beside the rules: who may serve the calls that wait now, in which order, and who of those is ready.
/// It takes time, and so it is made on another thread and handed over before the rules ([`Router::prepare`]). It changes nothing that
/// the router says, only how soon: what it lacks is made when it is asked for, and what changed since it was made is put right.
#[derive(Debug)]
pub struct Layout {
    plan: Arc<Plan>,
    share: Share,
    /// The seats' words as it was made.
    words: Vec<Word>,
    lines: Lines,
    staffs: Staffs,
}

impl Layout {
    /// Lays out the rules for the router of a group.
    pub fn new(plan: &Arc<Plan>, table: &Arc<SeatTable>, share: Share, wanted: &Wanted) -> Self {
        let words: Vec<Word> = (0u32..).map(SeatId).take(plan.seats.len()).map(|seat| table.word(seat)).collect();
        let mut lines = Lines::new(plan, words.iter().copied());
        if share.is_main() && lines.is_dynamic() && !wanted.frozen.is_empty() {
            lines.set_frozen(resized(wanted.frozen.clone(), plan));
        }
        let mut layout = Self { plan: Arc::clone(plan), share, words, lines, staffs: Staffs::new(plan) };
        layout.add(table, wanted);
        layout
    }

    /// Lays out for more calls: those that came while it was made.
    pub fn add(&mut self, table: &Arc<SeatTable>, wanted: &Wanted) {
        let Self { plan, share, words, lines, staffs } = self;
        let (view, known) = (View::new(Arc::clone(table)), words.as_slice());
        for (key, kind) in &wanted.calls {
            let queue = key.queue;
            if queue.index() < plan.queues.len() && share.has(plan, queue) {
                let key = LineKey { customer_type: lines.customer_type(queue, *kind), ..key.clone() };
                lines.for_key(plan, &Words { known, table: &view }, (&key, None), Timestamp::default());
                staffs.look_up((plan, lines.masters()), queue, |seat| known[seat.index()].takes_calls());
            }
        }
    }

    /// The group whose router it is for.
    pub fn share(&self) -> Share {
        self.share
    }
}

/// What new rules replaced. To drop it takes time: that is for another thread.
#[derive(Debug)]
pub struct Leftovers {
    _lines: Lines,
    _staffs: Staffs,
    _layout: Option<Box<Layout>>,
    _plan: Arc<Plan>,
}

/// New rules.
impl Router {
    /// For which calls new rules are to be laid out.
    pub fn wanted(&self) -> Wanted {
        let calls = self.calls.slots().filter(|slot| self.waits(*slot)).filter_map(|slot| self.calls.get(slot));
        let keys = calls.flat_map(|call| {
            let queues = [Some(call.key.queue), call.overflow].into_iter().flatten();
            queues.map(|queue| (LineKey { queue, ..call.key.clone() }, call.customer_type))
        });
        Wanted { calls: keys.collect(), frozen: if self.lines.is_dynamic() { self.lines.frozen().to_vec() } else { Vec::new() } }
    }

    /// Takes what was laid out for rules that come next.
    pub fn prepare(&mut self, layout: Layout) {
        self.layout = Some(Box::new(layout));
    }

    /// What the last rules replaced, to be dropped by another thread.
    pub fn leftovers(&mut self) -> Option<Leftovers> {
        self.leftovers.take()
    }

    pub(crate) fn rules(&mut self, now: Timestamp, plan: Arc<Plan>) {
        let waiting = self.waiting_by_rank();
        waiting.iter().for_each(|slot| self.unlist(*slot));
        for wake in self.lines.wakes().chain(self.crowds.wakes()) {
            self.timers.cancel(wake);
        }
        // Each is looked at once, whatever is laid out: so a replay that has nothing laid out looks at the same.
        self.known = (0u32..).map(SeatId).take(plan.seats.len()).map(|seat| self.table.word(seat)).collect();
        let before = std::mem::replace(&mut self.plan, plan);
        let first = self.know_seats(now);
        self.leftovers = Some(self.lay_out(now, Arc::clone(&before)));
        let laid_out = self.lines.uses();
        waiting.iter().for_each(|slot| self.wait_on(now, *slot));
        // A later step would find there what it makes, and looks at words for, where nothing was laid out.
        self.lines.drop_idle(laid_out);
        self.known.clear();
        self.update_seats(now, &before);
        self.begin_seats(now, first);
    }

    /// In this order each stands behind those of its list that were put there before.
    fn waiting_by_rank(&self) -> Vec<Slot> {
        let waiting = self.calls.slots().filter(|slot| self.waits(*slot));
        let mut waiting: Vec<(u128, Slot)> = waiting.filter_map(|slot| Some((self.calls.get(slot)?.rank().number(), slot))).collect();
        waiting.sort_unstable_by_key(|(rank, _)| *rank);
        waiting.into_iter().map(|(_, slot)| slot).collect()
    }

    /// Lines, queues and rates of the new rules, with what is laid out for them.
    fn lay_out(&mut self, now: Timestamp, before: Arc<Plan>) -> Leftovers {
        let plan = Arc::clone(&self.plan);
        let layout = self.layout.take();
        let (layout, unused) = match layout {
            Some(layout) if Arc::ptr_eq(&layout.plan, &plan) && layout.share == self.share => (Some(*layout), None),
            unused => (None, unused),
        };
        let counted = self.lines.is_dynamic();
        let Layout { words, lines, staffs, .. } = layout.unwrap_or_else(|| self.blank(&plan));
        let lines = std::mem::replace(&mut self.lines, lines);
        let staffs = self.rates.follow(&plan, staffs);
        if self.lines.is_dynamic() && !counted {
            self.works.fill(Work::new(now));
        }
        let frozen = if self.lines.is_dynamic() && counted { lines.frozen().to_vec() } else { Vec::new() };
        self.put_right(now, &words, resized(frozen, &plan));
        self.renew_queues(&plan);
        Leftovers { _lines: lines, _staffs: staffs, _layout: unused, _plan: before }
    }

    fn blank(&self, plan: &Arc<Plan>) -> Layout {
        let lines = Lines::new(plan, self.known.iter().copied());
        Layout { plan: Arc::clone(plan), share: self.share, words: Vec::new(), lines, staffs: Staffs::new(plan) }
    }

    /// What became of the seats since their lines were laid out.
    fn put_right(&mut self, now: Timestamp, words: &[Word], frozen: Vec<Frozen>) {
        let assumed = self.lines.set_frozen(frozen);
        self.lines.begin(now);
        for (at, before) in words.iter().enumerate() {
            let (seat, after, takes) = (SeatId(at as u32), self.known[at], self.heard[at].takes());
            if *before != after || assumed[at] != self.lines.frozen()[at] {
                self.lines.put_right(&self.plan, seat, after, now);
            }
            if before.takes_calls() != takes {
                self.rates.recount(seat, takes);
            }
        }
    }
}

fn resized(mut frozen: Vec<Frozen>, plan: &Plan) -> Vec<Frozen> {
    frozen.resize(plan.seats.len(), Frozen::default());
    frozen
}
