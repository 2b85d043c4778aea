use crate::SeatTable;
use crate::eligible::{LineKey, members};
use crate::idle::{Frozen, Idle};
use crate::rank::{Order, Rank, Ranker, Role};
use crate::ready_seats::{FAN, ReadyLine};
use crate::timers::Pending;
use crate::waiting::Waiting;
use hotline_model::history::DecidingKey;
use hotline_model::{SeatId, Timestamp};
use hotline_rules::Plan;
use std::sync::Arc;
use std::time::Duration;

/// A queue's steps are at most so many.
pub(crate) const MAX_STEPS: usize = 10;

/// Calls for which the same seats are eligible in the same order: these seats in that order, and the waiting calls.
/// Which seats are ready stands in its [`ReadyLine`], beside those of the other lines.
#[derive(Debug)]
pub(crate) struct Line {
    pub key: LineKey,
    order: Arc<Order>,
    /// The order of seats of equal rank.
    idle: Idle,
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
    tier: u32,
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

/// A seat of a line that is being made.
struct Ranked {
    rank: Rank,
    seat: SeatId,
    step: usize,
    tier: usize,
}

/// A place, its bucket and what decided.
type Found = (usize, usize, DecidingKey);
/// What seats go by whose scores count: points that are missing, since when, id.
type Going = (u32, u64, SeatId);

/// What is at hand to choose a seat.
pub(crate) struct Seats<'a> {
    pub table: &'a SeatTable,
    /// What was frozen of each as it became ready.
    pub frozen: &'a [Frozen],
}

impl Line {
    pub fn new(plan: &Plan, order: &Arc<Order>, key: LineKey, now: Timestamp) -> Self {
        let ranker = Ranker::new(plan, order, &key);
        // Own agents are offered calls whatever step and tier, in the order of their roles.
        let rank = |at, seat, step, tier| if key.own.is_some() { [0, 0, at, 0, 0, 0] } else { ranker.rank(seat, step, tier) };
        let members = (0..).zip(members(plan, &key));
        let mut ranked: Vec<Ranked> =
            members.map(|(at, (seat, step, tier))| Ranked { rank: rank(at, seat, step, tier), seat, step, tier }).collect();
        ranked.sort_unstable_by_key(|ranked| (ranked.rank, ranked.seat));
        let mut line = Self {
            key: key.clone(),
            order: Arc::clone(order),
            idle: order.idle(),
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
        for bucket in ranked.chunk_by(|a, b| a.rank == b.rank) {
            line.append(bucket, ranker.proficiency(bucket[0].seat, bucket[0].step));
        }
        line.open(plan);
        line
    }

    fn append(&mut self, bucket: &[Ranked], proficiency: u32) {
        let (rank, start) = (bucket[0].rank, self.seats.len().next_multiple_of(FAN));
        self.seats.resize(start, NO_SEAT);
        self.seats.extend(bucket.iter().map(|ranked| ranked.seat));
        let (step, tier, end) = (rank[0] as usize, rank[1] as usize, self.seats.len() as u32);
        if self.groups.last().is_none_or(|group| (group.step, group.tier) != (step, tier)) {
            self.groups.push(Group { step, tier, end, end_bucket: 0, present: 0, opens: Duration::ZERO });
        }
        let group = self.groups.len() - 1;
        let (size, tier) = (bucket.len() as u32, bucket[0].tier as u32);
        self.buckets.push(Bucket { opens: Duration::ZERO, group: group as u32, size, proficiency, tier, rank });
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

    /// What a seat at this place goes by among those of equal rank, if not by the time alone.
    pub fn idle(&self) -> Idle {
        self.idle
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

    /// The best ready seat for a call that has waited so long: its place and its bucket. Friends are the places of the caller's own agents.
    pub fn find(&self, mut ready: ReadyLine<'_>, seats: &Seats<'_>, waited: Duration, friends: [Option<usize>; 3]) -> Option<Found> {
        let mut bucket = ready.first_bucket(0)?;
        while self.buckets[bucket].opens > waited {
            let group = &self.groups[self.buckets[bucket].group as usize];
            bucket = ready.first_bucket(group.end_bucket as usize)?;
        }
        if self.key.own.is_none()
            && friends != [None; 3]
            && let Some(found) = self.find_friend(&mut ready, seats, bucket, friends)
        {
            return Some(found);
        }
        let place = self.first_of(&mut ready, seats, bucket)?;
        Some((place, bucket, self.reason(&ready, bucket)))
    }

    /// The ready seat of a bucket that goes first.
    fn first_of(&self, ready: &mut ReadyLine<'_>, seats: &Seats<'_>, bucket: usize) -> Option<usize> {
        let since = |place: usize| seats.table.word(self.seats[place]).since_ms();
        if !self.idle.is_dynamic() {
            return ready.oldest(bucket, since);
        }
        ready.oldest(bucket, |place| self.idle.order(since(place), seats.frozen[self.seats[place].index()]))
    }

    /// The ready seat among the caller's own agents that goes before the best bucket, if one does.
    fn find_friend(&self, ready: &mut ReadyLine<'_>, seats: &Seats<'_>, bucket: usize, friends: [Option<usize>; 3]) -> Option<Found> {
        let friends = friends.map(|place| place.filter(|place| ready.is_set(*place)));
        if self.order.is_by_weights() {
            return self.find_by_score(ready, seats, bucket, friends);
        }
        let best = &self.buckets[bucket].rank;
        let mut known = self.order.roles().iter().filter_map(|(role, places)| Some((*role, *places, friends[*role as usize]?)));
        known.find_map(|(role, places, place)| {
            let theirs = self.bucket(place);
            (self.buckets[theirs].rank[..places] == best[..places]).then_some((place, theirs, role.key()))
        })
    }

    /// By weights own agents gain points; of equal scores the longest idle goes first.
    fn find_by_score(&self, ready: &mut ReadyLine<'_>, seats: &Seats<'_>, bucket: usize, friends: [Option<usize>; 3]) -> Option<Found> {
        let gains = Role::ALL.map(|role| self.order.gain(role));
        let going = |place: usize, points: u32| {
            let seat = self.seats[place];
            (points, seats.table.word(seat).since_ms(), seat)
        };
        let group = self.buckets[bucket].group;
        let mut best: Option<(Going, Found)> = None;
        for (role, place) in Role::ALL.into_iter().zip(friends) {
            let Some(place) = place.filter(|place| self.buckets[self.bucket(*place)].group == group) else { continue };
            let has = |role: Role| friends[role as usize] == Some(place);
            let history = if has(Role::Owner) {
                gains[0]
            } else if has(Role::Last) {
                gains[1]
            } else {
                0
            };
            let gained = history + if has(Role::Preferred) { gains[2] } else { 0 };
            let theirs = self.bucket(place);
            let entry = (going(place, self.buckets[theirs].rank[2].saturating_sub(gained)), (place, theirs, role.key()));
            if gained > 0 && best.is_none_or(|(going, _)| entry.0 < going) {
                best = Some(entry);
            }
        }
        let (friend, found) = best?;
        let other = self.first_of(ready, seats, bucket)?;
        (friend <= going(other, self.buckets[bucket].rank[2])).then_some(found)
    }

    /// What made the oldest of a bucket better than the next best ready seat.
    fn reason(&self, ready: &ReadyLine<'_>, bucket: usize) -> DecidingKey {
        if ready.has_several(bucket) {
            return self.idle.key();
        }
        let next = ready.first_bucket(bucket + 1);
        next.map_or(DecidingKey::OnlyReady, |next| self.order.difference(&self.buckets[bucket].rank, &self.buckets[next].rank))
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
        let Bucket { tier, proficiency, .. } = self.buckets[bucket];
        Winner { tier: tier as usize, proficiency }
    }
}
