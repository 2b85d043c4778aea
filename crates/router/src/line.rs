use crate::SeatTable;
use crate::eligible::{LineKey, members};
use crate::rank::{Order, Rank, Ranker};
use crate::ready_seats::{FAN, ReadyLine};
use crate::timers::Pending;
use crate::waiting::Waiting;
use hotline_model::history::DecidingKey;
use hotline_model::{SeatId, Timestamp};
use hotline_rules::Plan;
use std::time::Duration;

/// A queue's steps are at most so many.
pub(crate) const MAX_STEPS: usize = 10;

/// Calls for which the same seats are eligible in the same order: these seats in that order, and the waiting calls.
/// Which seats are ready stands in its [`ReadyLine`], beside those of the other lines.
#[derive(Debug)]
pub(crate) struct Line {
    pub key: LineKey,
    /// By place: the seats from best to worst, of equal rank by id. Each bucket begins at a place that [`FAN`] divides.
    seats: Vec<SeatId>,
    buckets: Vec<Bucket>,
    /// The bucket of each [`FAN`] places.
    buckets_of: Vec<u32>,
    groups: Vec<Group>,
    steps: Vec<Step>,
    pub waiting: Waiting,
    /// When the next call reaches a step or the end of a hold.
    pub wake: Option<Pending>,
    /// Until when calls that reached one were looked at.
    pub checked: Timestamp,
    pub used: u64,
}

/// Seats of equal rank.
#[derive(Debug)]
struct Bucket {
    /// The waiting time from which its seats are offered a call: its group's.
    opens: Duration,
    group: u32,
    size: u32,
    proficiency: u32,
    rank: Rank,
}

/// Seats of one step and tier.
#[derive(Debug)]
struct Group {
    step: usize,
    tier: usize,
    /// The place and the bucket after its last.
    end: u32,
    end_bucket: u32,
    /// Signed in and reachable.
    present: u32,
    /// The waiting time from which its seats are offered a call.
    opens: Duration,
}

/// A step of the queue.
#[derive(Debug)]
struct Step {
    after: Duration,
    /// Seats that it or an earlier one admits.
    admitted: u32,
}

/// What a decision records of its winner.
pub(crate) struct Winner {
    pub tier: usize,
    pub proficiency: u32,
}

/// Of a place that holds no seat.
const NO_SEAT: SeatId = SeatId(u32::MAX);

impl Line {
    pub fn new(plan: &Plan, order: &Order, key: LineKey, now: Timestamp) -> Self {
        let ranker = Ranker::new(plan, order, &key);
        let ranked = members(plan, &key).into_iter().map(|(seat, step, tier)| (ranker.rank(seat, step, tier), seat));
        let mut ranked: Vec<(Rank, SeatId)> = ranked.collect();
        ranked.sort_unstable();
        let mut line = Self {
            key: key.clone(),
            seats: Vec::new(),
            buckets: Vec::new(),
            buckets_of: Vec::new(),
            groups: Vec::new(),
            steps: plan.queue(key.queue).steps.iter().take(MAX_STEPS).map(|step| Step { after: step.after, admitted: 0 }).collect(),
            waiting: Waiting::default(),
            wake: None,
            checked: now,
            used: 0,
        };
        for bucket in ranked.chunk_by(|(a, _), (b, _)| a == b) {
            line.append(bucket, ranker.proficiency(bucket[0].1, bucket[0].0[0] as usize));
        }
        line.open(plan);
        line
    }

    fn append(&mut self, bucket: &[(Rank, SeatId)], proficiency: u32) {
        let (rank, start) = (bucket[0].0, self.seats.len().next_multiple_of(FAN));
        self.seats.resize(start, NO_SEAT);
        self.seats.extend(bucket.iter().map(|(_, seat)| *seat));
        let (step, tier, end) = (rank[0] as usize, rank[1] as usize, self.seats.len() as u32);
        if self.groups.last().is_none_or(|group| (group.step, group.tier) != (step, tier)) {
            self.groups.push(Group { step, tier, end, end_bucket: 0, present: 0, opens: Duration::ZERO });
        }
        let group = self.groups.len() - 1;
        self.buckets.push(Bucket { opens: Duration::ZERO, group: group as u32, size: bucket.len() as u32, proficiency, rank });
        self.buckets_of.resize(self.seats.len().div_ceil(FAN), self.buckets.len() as u32 - 1);
        (self.groups[group].end, self.groups[group].end_bucket) = (end, self.buckets.len() as u32);
        self.steps.iter_mut().skip(step).for_each(|step| step.admitted += bucket.len() as u32);
    }

    /// How many seats each bucket has.
    pub fn sizes(&self) -> impl Iterator<Item = usize> {
        self.buckets.iter().map(|bucket| bucket.size as usize)
    }

    /// How many places it has.
    pub fn places(&self) -> usize {
        self.seats.len()
    }

    /// Its seats, each with its place.
    pub fn members(&self) -> impl Iterator<Item = (usize, SeatId)> {
        self.seats.iter().copied().enumerate().filter(|(_, seat)| *seat != NO_SEAT)
    }

    pub fn seat(&self, place: usize) -> SeatId {
        self.seats[place]
    }

    /// The bucket of a place.
    pub fn bucket(&self, place: usize) -> usize {
        self.buckets_of[place / FAN] as usize
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
        self.buckets.iter_mut().for_each(|bucket| bucket.opens = self.groups[bucket.group as usize].opens);
        earlier
    }

    fn group_of(&self, place: usize) -> usize {
        self.groups.iter().take_while(|group| group.end as usize <= place).count()
    }

    /// The waiting time from which the seats of a bucket are offered a call.
    pub fn opens(&self, bucket: usize) -> Duration {
        self.buckets[bucket].opens
    }

    /// All waiting times at which something opens.
    pub fn openings(&self) -> impl Iterator<Item = Duration> {
        self.groups.iter().map(|group| group.opens).filter(|opens| !opens.is_zero())
    }

    /// The step that first admits the seat at this place.
    pub fn step(&self, place: usize) -> usize {
        self.groups[self.group_of(place)].step.min(MAX_STEPS - 1)
    }

    /// A seat came (signed in, reachable) or went. If that moves openings: whether one is earlier now.
    pub fn presence(&mut self, plan: &Plan, place: usize, present: bool) -> Option<bool> {
        let group = self.group_of(place);
        let count = &mut self.groups[group].present;
        *count = if present { *count + 1 } else { count.saturating_sub(1) };
        let crossed = if present { *count == 1 } else { *count == 0 };
        let holds = plan.assign.tiers.iter().any(|(_, hold)| !hold.is_zero());
        (crossed && holds).then(|| self.open(plan))
    }

    /// The best ready seat for a call that has waited so long: its place and its bucket.
    pub fn find(
        &self,
        mut ready: ReadyLine<'_>,
        table: &SeatTable,
        order: &Order,
        waited: Duration,
        friends: [Option<usize>; 2],
    ) -> Option<(usize, usize, DecidingKey)> {
        let mut bucket = ready.first_bucket(0)?;
        while self.buckets[bucket].opens > waited {
            let group = &self.groups[self.buckets[bucket].group as usize];
            bucket = ready.first_bucket(group.end_bucket as usize)?;
        }
        for (friend, key) in friends.into_iter().zip([DecidingKey::Owner, DecidingKey::LastAgent]) {
            let Some(friend) = friend.filter(|friend| ready.is_set(*friend)) else { continue };
            let theirs = self.bucket(friend);
            if order.owner_decides(&self.buckets[theirs].rank, &self.buckets[bucket].rank) {
                return Some((friend, theirs, key));
            }
        }
        let place = ready.oldest(bucket, |place| table.word(self.seats[place]).since_ms())?;
        Some((place, bucket, self.reason(&ready, order, bucket)))
    }

    /// What made the oldest of a bucket better than the next best ready seat.
    fn reason(&self, ready: &ReadyLine<'_>, order: &Order, bucket: usize) -> DecidingKey {
        if ready.has_several(bucket) {
            return DecidingKey::LongestIdle;
        }
        let next = ready.first_bucket(bucket + 1);
        next.map_or(DecidingKey::OnlyReady, |next| order.difference(&self.buckets[bucket].rank, &self.buckets[next].rank))
    }

    /// From which waiting time on each step is in force.
    pub fn step_openings(&self) -> [Duration; MAX_STEPS] {
        std::array::from_fn(|step| self.steps.get(step).map_or(Duration::MAX, |step| step.after))
    }

    /// Steps in force after waiting so long: the index of the last one.
    pub fn step_at(&self, waited: Duration) -> usize {
        self.steps.iter().rposition(|step| step.after <= waited).unwrap_or(0)
    }

    /// Seats that the steps up to `step` admit.
    pub fn admitted(&self, step: usize) -> u32 {
        self.steps.get(step).map_or(0, |step| step.admitted)
    }

    pub fn winner(&self, bucket: usize) -> Winner {
        let Bucket { rank, proficiency, .. } = self.buckets[bucket];
        Winner { tier: rank[1] as usize, proficiency }
    }
}
