use crate::eligible::{LineKey, members};
use crate::rank::{Order, Rank, Ranker};
use crate::ready_bits::ReadyBits;
use crate::waiting::Waiting;
use crate::{SeatTable, Word};
use hotline_model::history::DecidingKey;
use hotline_model::{Deadline, SeatId, Timestamp};
use hotline_rules::Plan;
use std::time::Duration;

/// Calls for which the same seats are eligible in the same order: these seats in that order, each with a ready bit, and the waiting calls.
#[derive(Debug)]
pub(crate) struct Line {
    pub key: LineKey,
    /// By place: the seats from best to worst, of equal rank by id.
    pub seats: Vec<SeatId>,
    bucket_of: Vec<u32>,
    buckets: Vec<Bucket>,
    groups: Vec<Group>,
    ready: ReadyBits,
    /// How many seats each step admits first, and how many of them are ready.
    steps: Vec<(u32, u32)>,
    pub waiting: Waiting,
    /// When the next call reaches a step or the end of a hold.
    pub wake: Option<Deadline>,
    /// Until when calls that reached one were looked at.
    pub checked: Timestamp,
    pub used: u64,
}

/// Seats of equal rank.
#[derive(Debug)]
struct Bucket {
    start: u32,
    end: u32,
    group: u32,
    proficiency: u32,
    rank: Rank,
}

/// Seats of one step and tier.
#[derive(Debug)]
struct Group {
    step: usize,
    tier: usize,
    end: u32,
    /// Signed in and reachable.
    present: u32,
    /// The waiting time from which its seats are offered a call.
    opens: Duration,
}

/// What a decision records of its winner.
pub(crate) struct Winner {
    pub bucket: u32,
    pub tier: usize,
    pub proficiency: u32,
}

impl Line {
    pub fn new(plan: &Plan, order: &Order, key: LineKey, now: Timestamp) -> Self {
        let ranker = Ranker::new(plan, order, &key);
        let ranked = members(plan, &key).into_iter().map(|(seat, step, tier)| (ranker.rank(seat, step, tier), seat));
        let mut ranked: Vec<(Rank, SeatId)> = ranked.collect();
        ranked.sort_unstable();
        let mut line = Self {
            seats: ranked.iter().map(|(_, seat)| *seat).collect(),
            bucket_of: Vec::with_capacity(ranked.len()),
            buckets: Vec::new(),
            groups: Vec::new(),
            ready: ReadyBits::new(ranked.len()),
            steps: vec![(0, 0); plan.queue(key.queue).steps.len()],
            waiting: Waiting::default(),
            wake: None,
            checked: now,
            used: 0,
            key: key.clone(),
        };
        for (place, (rank, seat)) in ranked.iter().enumerate() {
            line.append(place as u32, rank, || ranker.proficiency(*seat, rank[0] as usize));
        }
        line.open(plan);
        line
    }

    fn append(&mut self, place: u32, rank: &Rank, proficiency: impl Fn() -> u32) {
        let (step, tier) = (rank[0] as usize, rank[1] as usize);
        if self.groups.last().is_none_or(|group| (group.step, group.tier) != (step, tier)) {
            self.groups.push(Group { step, tier, end: place, present: 0, opens: Duration::ZERO });
        }
        if self.buckets.last().is_none_or(|bucket| bucket.rank != *rank) {
            let group = self.groups.len() as u32 - 1;
            self.buckets.push(Bucket { start: place, end: place, group, proficiency: proficiency(), rank: *rank });
        }
        self.bucket_of.push(self.buckets.len() as u32 - 1);
        self.steps[step].0 += 1;
        if let (Some(group), Some(bucket)) = (self.groups.last_mut(), self.buckets.last_mut()) {
            (group.end, bucket.end) = (place + 1, place + 1);
        }
    }

    /// Computes from when each group is open: its step's time, and the holds of better tiers in which somebody is present whom
    /// this step or an earlier one admits. Whether any opens earlier now.
    fn open(&mut self, plan: &Plan) -> bool {
        let (mut earlier, queue) = (false, plan.queue(self.key.queue));
        for index in 0..self.groups.len() {
            let (step, tier) = (self.groups[index].step, self.groups[index].tier);
            let anybody = |better: usize| self.groups.iter().any(|g| g.tier == better && g.step <= step && g.present > 0);
            let holds = plan.assign.tiers[..tier].iter().enumerate().filter(|(better, (_, hold))| !hold.is_zero() && anybody(*better));
            let held: Duration = holds.map(|(_, (_, hold))| *hold).sum();
            let opens = queue.steps[step].after.max(held);
            earlier |= opens < self.groups[index].opens;
            self.groups[index].opens = opens;
        }
        earlier
    }

    fn bucket(&self, place: usize) -> &Bucket {
        &self.buckets[self.bucket_of[place] as usize]
    }

    fn group(&self, place: usize) -> &Group {
        &self.groups[self.bucket(place).group as usize]
    }

    /// The waiting time from which the seat at this place is offered a call.
    pub fn opens(&self, place: usize) -> Duration {
        self.group(place).opens
    }

    /// All waiting times at which something opens.
    pub fn openings(&self) -> impl Iterator<Item = Duration> {
        self.groups.iter().map(|group| group.opens).filter(|opens| !opens.is_zero())
    }

    /// Tells the ready bit of a place what the seat's word says.
    pub fn mark(&mut self, place: usize, word: Word) {
        let step = self.group(place).step;
        match (self.ready.is_set(place), word.is_ready()) {
            (was, true) => {
                self.ready.set(place, word.since_ms());
                self.steps[step].1 += u32::from(!was);
            }
            (true, false) => {
                self.ready.clear(place);
                self.steps[step].1 -= 1;
            }
            (false, false) => {}
        }
    }

    /// A seat came (signed in, reachable) or went. If that moves openings: whether one is earlier now.
    pub fn presence(&mut self, plan: &Plan, place: usize, present: bool) -> Option<bool> {
        let group = self.bucket(place).group as usize;
        let count = &mut self.groups[group].present;
        *count = if present { *count + 1 } else { count.saturating_sub(1) };
        let crossed = if present { *count == 1 } else { *count == 0 };
        let holds = plan.assign.tiers.iter().any(|(_, hold)| !hold.is_zero());
        (crossed && holds).then(|| self.open(plan))
    }

    /// The best ready seat for a call that has waited so long: its place.
    pub fn find(
        &mut self,
        table: &SeatTable,
        order: &Order,
        waited: Duration,
        friends: [Option<usize>; 2],
    ) -> Option<(usize, DecidingKey)> {
        let mut from = 0;
        while let Some(place) = self.ready.first_from(from) {
            let group = self.group(place);
            if group.opens <= waited {
                return self.choose(table, order, place, friends);
            }
            from = group.end as usize;
        }
        None
    }

    fn choose(&mut self, table: &SeatTable, order: &Order, first: usize, friends: [Option<usize>; 2]) -> Option<(usize, DecidingKey)> {
        for (friend, key) in friends.into_iter().zip([DecidingKey::Owner, DecidingKey::LastAgent]) {
            let Some(friend) = friend.filter(|friend| self.ready.is_set(*friend)) else { continue };
            if order.owner_decides(&self.bucket(friend).rank, &self.bucket(first).rank) {
                return Some((friend, key));
            }
        }
        let (start, end) = (self.bucket(first).start as usize, self.bucket(first).end as usize);
        let seats = &self.seats;
        let place = self.ready.oldest(start, end, |place| table.word(seats[place]).since_ms())?;
        Some((place, self.reason(order, first, place)))
    }

    /// What made the winner better than the next best ready seat.
    fn reason(&self, order: &Order, first: usize, place: usize) -> DecidingKey {
        let other = if first == place { self.ready.first_from(place + 1) } else { Some(first) };
        other.map_or(DecidingKey::OnlyReady, |other| order.difference(&self.bucket(place).rank, &self.bucket(other).rank))
    }

    /// Steps in force after waiting so long: the index of the last one.
    pub fn step_at(&self, plan: &Plan, waited: Duration) -> usize {
        plan.queue(self.key.queue).steps.iter().rposition(|step| step.after <= waited).unwrap_or(0)
    }

    /// Seats that the steps up to `step` admit, and how many of them are ready.
    pub fn counts(&self, step: usize) -> (u32, u32) {
        let steps = self.steps.iter().take(step + 1);
        steps.fold((0, 0), |sum, (admitted, ready)| (sum.0 + admitted, sum.1 + ready))
    }

    pub fn winner(&self, place: usize) -> Winner {
        let bucket = self.bucket(place);
        let group = self.group(place);
        Winner { bucket: self.bucket_of[place], tier: group.tier, proficiency: bucket.proficiency }
    }
}
