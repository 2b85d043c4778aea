//! Routers of further groups beside a hotline, at a distance: what is sent in either direction arrives later.

use crate::hotline::Hotline;
use hotline_engine::{Input, Prepared};
use hotline_model::{CallId, SeatId, SeatState, Timestamp};
use hotline_router::{Layout, Letter, Outpost, Output, Report, SeatTable, Share};
use hotline_rules::{GroupId, Plan};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Routers of the groups from 1 on, and what is under way.
pub struct Far {
    pub outposts: Vec<Outpost>,
    table: Arc<SeatTable>,
    letters: VecDeque<(Timestamp, GroupId, Letter)>,
    reports: VecDeque<(Timestamp, GroupId, Report)>,
    looks: Option<Timestamp>,
    /// Every change of a seat that they made, in order.
    pub changes: Vec<(Timestamp, SeatId, SeatState, Option<CallId>)>,
    /// How long everything is under way.
    pub delay: Duration,
}

impl Far {
    pub fn new(now: Timestamp, plan: &Arc<Plan>, table: &Arc<SeatTable>, groups: u8, delay: Duration) -> Self {
        let share = |group| Share { group: GroupId(group), routers: groups };
        let outposts = (1..groups).map(|group| Outpost::new(now, Arc::clone(plan), Arc::clone(table), share(group))).collect();
        Self {
            outposts,
            table: Arc::clone(table),
            letters: VecDeque::new(),
            reports: VecDeque::new(),
            looks: None,
            changes: Vec::new(),
            delay,
        }
    }

    pub fn send(&mut self, now: Timestamp, group: GroupId, letter: Letter) {
        let due = self.letters.back().map_or(now, |(due, ..)| *due).max(now + self.delay);
        self.letters.push_back((due, group, letter));
    }

    /// When something arrives, or one of them has something to do.
    pub fn next(&self) -> Option<Timestamp> {
        let timers = self.outposts.iter().map(Outpost::poll_timeout);
        let under_way = [self.letters.front().map(|(due, ..)| *due), self.reports.front().map(|(due, ..)| *due), self.looks];
        timers.chain(under_way.into_iter().flatten()).min()
    }

    /// Nothing is under way, and everybody has seen all.
    pub fn is_quiet(&self) -> bool {
        self.letters.is_empty() && self.reports.is_empty() && (0..=self.outposts.len()).all(|group| self.has_seen_all(group))
    }

    fn has_seen_all(&self, group: usize) -> bool {
        self.table.has_seen_all(GroupId(group as u8))
    }

    fn collect(&mut self, now: Timestamp) {
        for (group, outpost) in (1..).map(GroupId).zip(&mut self.outposts) {
            while let Some(report) = outpost.poll_report() {
                self.changes.extend(report.outputs.iter().filter_map(|output| match output {
                    Output::Seat { seat, state, call, .. } => Some((now, *seat, *state, *call)),
                    _ => None,
                }));
                let due = self.reports.back().map_or(now, |(due, ..)| *due).max(now + self.delay);
                self.reports.push_back((due, group, report));
            }
        }
    }

    fn work(&mut self, now: Timestamp) -> bool {
        let mut quiet = true;
        while let Some((_, group, letter)) = self.letters.pop_front_if(|(due, ..)| *due <= now) {
            self.outposts[group.index() - 1].take(now, letter);
            self.collect(now);
            quiet = false;
        }
        for outpost in &mut self.outposts {
            if outpost.poll_timeout() <= now {
                outpost.handle_timeout(now);
                quiet = false;
            }
        }
        self.collect(now);
        quiet
    }
}

impl Hotline {
    /// Lays rules out for each router, as the shell does before it tells the engine.
    pub fn lay_out(&mut self, plan: &Arc<Plan>) {
        let (wanted, seats, routers) = (self.engine.wanted(), Arc::clone(self.engine.seats()), self.engine.groups());
        let layout = |group| Layout::new(plan, &seats, Share { group: GroupId(group), routers }, &wanted);
        self.engine.prepare(Prepared::new(plan, layout(0)));
        let far = self.far.iter_mut().flat_map(|far| &mut far.outposts);
        (1..).zip(far).for_each(|(group, outpost)| outpost.prepare(layout(group)));
    }

    /// Lets the routers at a distance do what is due, and carries what has arrived. Whether nothing was.
    pub fn work_far(&mut self) -> bool {
        let Some(mut far) = self.far.take() else { return true };
        let now = self.now;
        let mut quiet = far.work(now);
        while let Some((_, group, report)) = far.reports.pop_front_if(|(due, ..)| *due <= now) {
            self.engine.handle(now, Input::Report { group, report: Box::new(report) });
            quiet = false;
        }
        if far.looks.take_if(|at| *at <= now).is_some() {
            for outpost in &mut far.outposts {
                outpost.look_around(now);
            }
            far.collect(now);
            let mut told = Vec::new();
            far.table.take_told(GroupId::MAIN, |seat| told.push(seat));
            self.engine.handle(now, Input::Look(told));
            quiet = false;
        }
        if far.looks.is_none() && !(0..=far.outposts.len()).all(|group| far.has_seen_all(group)) {
            far.looks = Some(now + far.delay);
            quiet &= !far.delay.is_zero();
        }
        self.far = Some(far);
        quiet
    }
}
