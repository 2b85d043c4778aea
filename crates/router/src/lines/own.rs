use super::Lines;
use crate::counted::Counted;
use crate::eligible::OwnKey;
use crate::line::Line;
use crate::view::Words;
use crate::waiting::CallRank;
use hotline_model::{IdMap, QueueId, SkillId, Timestamp};
use hotline_rules::Plan;

/// The lines of calls that wait for agents of their own. There may be one for each caller, and each is gone with its last call: so none of
/// what is done for a call looks at all of them, and none of it allocates once there were as many.
#[derive(Debug)]
pub(super) struct OwnLines {
    lines: IdMap<OwnKey, u32>,
    /// The calls that wait in them, by queue.
    ranks: Counted,
    /// Those that are no longer in use, for their memory.
    spare: Vec<Line>,
    /// For reuse.
    skills: Vec<SkillId>,
}

impl OwnLines {
    pub fn new(plan: &Plan) -> Self {
        Self { lines: IdMap::default(), ranks: Counted::new(plan.queues.len()), spare: Vec::new(), skills: Vec::new() }
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// A line is no more.
    pub fn forget(&mut self, line: Line) {
        if let Some(own) = line.own {
            self.lines.remove(&OwnKey { queue: line.key.queue, region: line.key.region, own });
        }
        self.spare.push(line);
    }
}

impl Lines {
    /// The line for a key, made if need be.
    pub(super) fn of_own(&mut self, plan: &Plan, words: &Words<'_>, key: OwnKey, now: Timestamp) -> u32 {
        if let Some(line) = self.own.lines.get(&key) {
            return *line;
        }
        let line = Line::of_own(self.own.spare.pop(), plan, &self.orders[key.queue.index()], key, &mut self.own.skills, now);
        let number = self.set_up(plan, words, line);
        self.own.lines.insert(key, number);
        number
    }

    /// A call came to a line.
    #[inline(never)]
    pub(super) fn count_own(&mut self, line: u32, rank: CallRank) {
        if let Some(queue) = self.queue_of_own(line) {
            self.own.ranks.insert(queue.index(), rank);
        }
    }

    /// A call left a line.
    #[inline(never)]
    pub(super) fn discount_own(&mut self, line: u32, rank: CallRank) {
        if let Some(queue) = self.queue_of_own(line) {
            self.own.ranks.remove(queue.index(), rank);
        }
    }

    fn queue_of_own(&self, line: u32) -> Option<QueueId> {
        let line = self.at(line);
        line.own.map(|_| line.key.queue)
    }

    /// How many calls of a queue that wait for agents of their own rank before `rank`.
    #[inline(never)]
    pub(super) fn own_before(&self, queue: QueueId, rank: CallRank) -> usize {
        self.own.ranks.before(queue.index(), rank)
    }

    /// The earliest effective entry time of the calls of a queue.
    pub fn oldest(&self, queue: QueueId) -> Option<Timestamp> {
        let own = if queue.index() < self.by_queue.len() { self.own.ranks.oldest(queue.index()) } else { None };
        self.of_queue(queue).filter_map(|line| self.waiting(line).oldest()).chain(own).min()
    }
}
