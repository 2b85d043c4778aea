use crate::eligible::{Gate, LineKey, OwnKey, gate, members, own_member};
use crate::idle::{Frozen, Idle};
use crate::masters::Masters;
use crate::openings::Opening;
use crate::patience::Own;
use crate::rank::{Order, Rank, Ranker, Role, proficiency};
use crate::ready_seats::{FAN, ReadyLine};
use crate::timers::Pending;
use crate::view::View;
use hotline_model::history::DecidingKey;
use hotline_model::{SeatId, SkillId, Timestamp};
use hotline_rules::{Plan, Tier};
use std::sync::Arc;
use std::time::Duration;

/// A queue's steps are at most so many.
pub(crate) const MAX_STEPS: usize = 10;

/// Calls for which the same seats are eligible in the same order: these seats in that order.
/// Which seats are ready stands in its [`ReadyLine`], and which calls wait in its lists, beside those of the other lines.
#[derive(Debug)]
pub(crate) struct Line {
    pub key: LineKey,
    /// Those who serve calls that wait for agents of their own: these have no other seats.
    pub own: Option<Own>,
    order: Arc<Order>,
    /// The order of seats of equal rank.
    idle: Idle,
    /// By place: the seats from best to worst, of equal rank by id. Each bucket begins at a place that [`FAN`] divides.
    seats: Vec<SeatId>,
    buckets: Vec<Bucket>,
    /// The bucket of each [`FAN`] places.
    buckets_of: Vec<u32>,
    groups: Vec<Group>,
    /// The first bucket whose seats are not offered a call as it comes.
    opens_later: usize,
    steps: Vec<Step>,
    /// Whether the queue is: only then its reserve serves.
    crowded: bool,
    /// When the next call reaches a step or the end of a hold.
    pub wake: Option<(Timestamp, Pending)>,
    /// Until when calls that reached one were looked at.
    pub checked: Timestamp,
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

/// Seats of one step, tier and gate.
#[derive(Debug)]
struct Group {
    step: usize,
    tier: usize,
    gate: Gate,
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
pub(crate) struct Step {
    /// The waiting time from which it is in force: earlier than it says, if the one before is passed over.
    pub opens: Duration,
    /// Seats that it or an earlier one admits.
    pub admitted: u32,
}

/// What a decision records of its winner: that of its bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Winner {
    pub bucket: u32,
    /// Its place among the tiers of the plan.
    pub tier: u8,
    /// 255 stands for more, too; 0 where seats of equal rank may differ in it.
    pub proficiency: u8,
}

/// From which waiting time on a reserve serves while its queue isn't crowded.
const NEVER: Duration = Duration::MAX;
/// Of a place that holds no seat.
pub(crate) const NO_SEAT: SeatId = SeatId(u32::MAX);

/// A seat of a line that is being made.
struct Ranked {
    /// The step and tier it counts in, and its gate.
    place: ([usize; 2], Gate),
    rank: Rank,
    seat: SeatId,
    step: usize,
    tier: usize,
}

/// A place, and what decided.
type Found = (usize, DecidingKey);
/// What seats go by whose scores count: points that are missing, since when, id.
type Going = (u32, u64, SeatId);

/// What is at hand to choose a seat.
pub(crate) struct Seats<'a> {
    pub table: &'a View,
    /// What was frozen of each as it became ready.
    pub frozen: &'a [Frozen],
}

impl Line {
    pub fn new(plan: &Plan, masters: &Masters, order: &Arc<Order>, key: LineKey, crowded: bool, now: Timestamp) -> Self {
        let ranker = Ranker::new(plan, order, &key);
        let ranked = members(plan, masters, &key).into_iter().map(|(seat, step, tier)| {
            let place = ([step, tier], gate(plan, &key, seat));
            Ranked { place, rank: ranker.rank(seat, step, tier), seat, step, tier }
        });
        let mut ranked: Vec<Ranked> = ranked.collect();
        ranked.sort_unstable_by_key(|ranked| (ranked.place, ranked.rank, ranked.seat));
        let mut line = Self::empty(order, key.clone(), crowded, now);
        line.take_steps(plan);
        for bucket in ranked.chunk_by(|a, b| (a.place, a.rank) == (b.place, b.rank)) {
            let first = &bucket[0];
            line.append(bucket, if order.asks_proficiency() { ranker.proficiency(first.seat, first.step) } else { 0 });
        }
        line.open(plan);
        line
    }

    /// The line of calls that wait for agents of their own, who are offered them whatever step, tier, reserve and delay, in the order of
    /// their roles. It is made of a line that is no longer in use, if there is one, and then without allocating.
    pub fn of_own(spare: Option<Self>, plan: &Plan, order: &Arc<Order>, key: OwnKey, skills: &mut Vec<SkillId>, now: Timestamp) -> Self {
        let OwnKey { queue, region, own } = key;
        let key = LineKey { queue, region, sensitive: false, needs: Vec::new(), customer_type: None };
        let mut line = match spare {
            Some(line) => line.emptied(order, key, now),
            None => Self::empty(order, key, false, now),
        };
        line.own = Some(own);
        line.take_steps(plan);
        let steps = &plan.queue(queue).steps;
        for (at, seat) in (0..).zip(own.into_iter().flatten()) {
            let Some((seat, step, tier)) = own_member(plan, &line.key, seat) else { continue };
            let bucket = Ranked { place: ([0, 0], Gate::default()), rank: [0, 0, at, 0, 0, 0], seat, step, tier };
            line.append(&[bucket], proficiency(plan, seat, &steps[step].requires, skills));
        }
        line.open(plan);
        line
    }

    /// Without seats and steps.
    fn empty(order: &Arc<Order>, key: LineKey, crowded: bool, now: Timestamp) -> Self {
        Self {
            key,
            own: None,
            order: Arc::clone(order),
            idle: order.idle(),
            seats: Vec::new(),
            buckets: Vec::new(),
            buckets_of: Vec::new(),
            groups: Vec::new(),
            opens_later: 0,
            steps: Vec::new(),
            crowded,
            wake: None,
            checked: now,
        }
    }

    /// The same, with the memory of a line in which nobody waits.
    fn emptied(mut self, order: &Arc<Order>, key: LineKey, now: Timestamp) -> Self {
        self.seats.clear();
        self.buckets.clear();
        self.buckets_of.clear();
        self.groups.clear();
        self.steps.clear();
        Self { key, order: Arc::clone(order), idle: order.idle(), crowded: false, wake: None, checked: now, ..self }
    }

    fn take_steps(&mut self, plan: &Plan) {
        let steps = plan.queue(self.key.queue).steps.iter().take(MAX_STEPS);
        self.steps.extend(steps.map(|step| Step { opens: step.after, admitted: 0 }));
    }

    fn append(&mut self, bucket: &[Ranked], proficiency: u32) {
        let (([step, tier], gate), rank) = (bucket[0].place, bucket[0].rank);
        let start = self.seats.len().next_multiple_of(FAN);
        self.seats.resize(start, NO_SEAT);
        self.seats.extend(bucket.iter().map(|ranked| ranked.seat));
        let end = self.seats.len() as u32;
        if self.groups.last().is_none_or(|group| (group.step, group.tier, group.gate) != (step, tier, gate)) {
            self.groups.push(Group { step, tier, gate, end, end_bucket: 0, present: 0, opens: Duration::ZERO });
        }
        let group = self.groups.len() - 1;
        let (size, tier) = (bucket.len() as u32, bucket[0].tier as u32);
        self.buckets.push(Bucket { opens: Duration::ZERO, group: group as u32, size, proficiency, tier, rank });
        self.buckets_of.resize(self.seats.len().div_ceil(FAN), self.buckets.len() as u32 - 1);
        (self.groups[group].end, self.groups[group].end_bucket) = (end, self.buckets.len() as u32);
        self.steps.iter_mut().skip(step).for_each(|step| step.admitted += bucket.len() as u32);
    }

    /// How many seats each bucket has, and the step that first admits them.
    pub fn sizes(&self) -> impl Iterator<Item = (usize, usize)> + Clone {
        self.buckets.iter().map(|bucket| (bucket.size as usize, self.groups[bucket.group as usize].step.min(MAX_STEPS - 1)))
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

    /// Computes from when each step and each group is open. If that changes anything: whether some group opens earlier now.
    fn open(&mut self, plan: &Plan) -> Option<bool> {
        let (mut changed, mut earlier) = (self.open_steps(plan), false);
        for index in 0..self.groups.len() {
            let opens = self.opens_now(plan, &self.groups[index]);
            earlier |= opens < self.groups[index].opens;
            changed |= opens != self.groups[index].opens;
            self.groups[index].opens = opens;
        }
        self.buckets.iter_mut().for_each(|bucket| bucket.opens = self.groups[bucket.group as usize].opens);
        self.opens_later = self.buckets.iter().take_while(|bucket| bucket.opens.is_zero()).count();
        changed.then_some(earlier)
    }

    /// A step is in force from its time on, or with the one before if too few are present for that to be waited in. Whether any moved.
    fn open_steps(&mut self, plan: &Plan) -> bool {
        // The line of own agents doesn't know who else is present: its steps go by their times.
        if self.own.is_some() {
            return false;
        }
        let (mut changed, mut passed_over) = (false, None);
        for (index, step) in plan.queue(self.key.queue).steps.iter().take(MAX_STEPS).enumerate() {
            let opens = passed_over.unwrap_or(step.after);
            changed |= opens != self.steps[index].opens;
            self.steps[index].opens = opens;
            passed_over = self.too_few(plan, index).map(|_| opens);
        }
        changed
    }

    /// The latest of its step's time, its seats' delay, and the holds of better tiers in which somebody is present whom this step or an
    /// earlier one admits.
    fn opens_now(&self, plan: &Plan, group: &Group) -> Duration {
        if group.gate.reserve && !self.crowded {
            return NEVER;
        }
        let held: Duration = self.holds(plan, group).map(|(_, hold)| hold).sum();
        self.steps[group.step].opens.max(held).max(group.gate.delay)
    }

    fn holds(&self, plan: &Plan, group: &Group) -> impl Iterator<Item = (Tier, Duration)> {
        let better = plan.assign.tiers[..group.tier].iter().enumerate();
        let holds = better.filter(|(tier, (_, hold))| !hold.is_zero() && self.present(group.step, |other| other.tier == *tier) > 0);
        holds.map(|(_, held)| *held)
    }

    /// How many of the seats that the steps up to this one admit are present, if they are too few for it to be waited in.
    pub fn too_few(&self, plan: &Plan, step: usize) -> Option<u32> {
        let (present, asked) = (self.present(step, |_| true), plan.queue(self.key.queue).steps[step].consider_if);
        (present < asked).then_some(present)
    }

    /// What the seat at this place waits for.
    pub fn opening(&self, plan: &Plan, place: usize) -> Opening {
        let group = &self.groups[self.group_of(place)];
        let Gate { reserve, delay, helps } = group.gate;
        Opening { opens: self.opens_now(plan, group), step: group.step, holds: self.holds(plan, group).collect(), delay, helps, reserve }
    }

    /// How many of the seats that the steps up to `step` admit are signed in and reachable: what holds and conditions of steps count.
    /// The reserve is left out, since it may never serve, and so are seats to which the queue only overflows.
    fn present(&self, step: usize, counts: impl Fn(&Group) -> bool) -> u32 {
        let groups = self.groups.iter().filter(|group| group.step <= step && !group.gate.reserve && !group.gate.helps && counts(group));
        groups.map(|group| group.present).sum()
    }

    /// Whether any of its seats is signed in and reachable.
    pub fn is_attended(&self) -> bool {
        self.groups.iter().any(|group| group.present > 0)
    }

    /// The queue is crowded from now on, or no longer. If that moves openings: whether one is earlier now.
    pub fn set_crowded(&mut self, plan: &Plan, crowded: bool) -> Option<bool> {
        self.crowded = crowded;
        self.open(plan)
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
        self.groups.iter().map(|group| group.opens).filter(|opens| !opens.is_zero() && *opens != NEVER)
    }

    /// The step that first admits the seat at this place.
    pub fn step(&self, place: usize) -> usize {
        self.groups[self.group_of(place)].step.min(MAX_STEPS - 1)
    }

    /// Whether the seat at this place opens by more than its step and holds.
    pub fn is_gated(&self, place: usize) -> bool {
        self.groups[self.group_of(place)].gate != Gate::default()
    }

    /// A seat came (signed in, reachable) or went. If that moves openings: whether one is earlier now.
    pub fn presence(&mut self, plan: &Plan, place: usize, present: bool) -> Option<bool> {
        let group = self.group_of(place);
        let count = &mut self.groups[group].present;
        *count = if present { *count + 1 } else { count.saturating_sub(1) };
        let holds = plan.assign.tiers.iter().any(|(_, hold)| !hold.is_zero());
        let conditions = plan.queue(self.key.queue).steps.iter().any(|step| step.consider_if > 0);
        if holds || conditions { self.open(plan) } else { None }
    }

    /// The best ready seat for a call that has waited so long. Friends are the places of the caller's own agents.
    #[inline]
    pub fn find(&self, mut ready: ReadyLine<'_>, seats: &Seats<'_>, waited: Duration, friends: [Option<usize>; 3]) -> Option<Found> {
        let bucket = self.first_open(&ready, 0, waited)?;
        if friends != [None; 3]
            && self.own.is_none()
            && let Some(found) = self.find_friend(&mut ready, seats, bucket, waited, friends)
        {
            return Some(found);
        }
        let place = self.first_of(&mut ready, seats, bucket)?;
        Some((place, self.reason(&ready, bucket, waited)))
    }

    /// The best bucket from this one on of which a ready seat may have a call that has waited so long.
    #[inline]
    fn first_open(&self, ready: &ReadyLine<'_>, from: usize, waited: Duration) -> Option<usize> {
        let mut bucket = ready.first_bucket(from)?;
        while bucket >= self.opens_later && self.buckets[bucket].opens > waited {
            let group = &self.groups[self.buckets[bucket].group as usize];
            bucket = ready.first_bucket(group.end_bucket as usize)?;
        }
        Some(bucket)
    }

    /// The ready seat of a bucket that goes first.
    #[inline]
    fn first_of(&self, ready: &mut ReadyLine<'_>, seats: &Seats<'_>, bucket: usize) -> Option<usize> {
        if !self.idle.is_dynamic()
            && let Some(sinces) = seats.table.sinces()
        {
            let seats = self.seats.as_slice();
            return ready.oldest(bucket, |place| sinces.of(seats[place]));
        }
        let since = |place: usize| seats.table.word(self.seats[place]).since_ms();
        if !self.idle.is_dynamic() {
            return ready.oldest(bucket, since);
        }
        ready.oldest(bucket, |place| self.idle.order(since(place), seats.frozen[self.seats[place].index()]))
    }

    /// The ready seat among the caller's own agents that goes before the best bucket, if one does.
    fn find_friend(
        &self,
        ready: &mut ReadyLine<'_>,
        seats: &Seats<'_>,
        bucket: usize,
        waited: Duration,
        friends: [Option<usize>; 3],
    ) -> Option<Found> {
        let friends = friends.map(|place| place.filter(|place| ready.is_set(*place)));
        if self.order.is_by_weights() {
            return self.find_by_score(ready, seats, bucket, friends);
        }
        let (group, best) = (self.buckets[bucket].group, &self.buckets[bucket].rank);
        let mut known = self.order.roles().iter().filter_map(|(role, places)| Some((*role, *places, friends[*role as usize]?)));
        known.find_map(|(role, places, place)| {
            let theirs = self.bucket(place);
            let Bucket { opens, group: in_group, ref rank, .. } = self.buckets[theirs];
            let first = places == 0 && opens <= waited;
            let equal = in_group == group && rank[..places] == best[..places];
            (first || equal).then_some((place, role.key()))
        })
    }

    /// By weights own agents gain points; of equal scores the longest idle goes first.
    fn find_by_score(&self, ready: &mut ReadyLine<'_>, seats: &Seats<'_>, bucket: usize, friends: [Option<usize>; 3]) -> Option<Found> {
        let going = |place: usize, points: u32| {
            let seat = self.seats[place];
            (points, seats.table.word(seat).since_ms(), seat)
        };
        let group = self.buckets[bucket].group;
        let mut best: Option<(Going, Found)> = None;
        for (role, place) in Role::ALL.into_iter().zip(friends) {
            let Some(place) = place.filter(|place| self.buckets[self.bucket(*place)].group == group) else { continue };
            let gained = self.order.gained(|role| friends[role as usize] == Some(place));
            let theirs = self.bucket(place);
            let entry = (going(place, self.buckets[theirs].rank[2].saturating_sub(gained)), (place, role.key()));
            if gained > 0 && best.is_none_or(|(going, _)| entry.0 < going) {
                best = Some(entry);
            }
        }
        let (friend, found) = best?;
        let other = self.first_of(ready, seats, bucket)?;
        (friend <= going(other, self.buckets[bucket].rank[2])).then_some(found)
    }

    /// What made the oldest of a bucket better than the next best ready seat that could have the call too.
    #[inline]
    fn reason(&self, ready: &ReadyLine<'_>, bucket: usize, waited: Duration) -> DecidingKey {
        if ready.has_several(bucket) {
            return self.idle.key();
        }
        let Some(next) = self.first_open(ready, bucket + 1, waited) else { return DecidingKey::OnlyReady };
        let (best, next) = (&self.buckets[bucket], &self.buckets[next]);
        if best.group != next.group && best.rank[..2] == next.rank[..2] {
            return DecidingKey::Opening;
        }
        self.order.difference(&best.rank, &next.rank)
    }

    /// Its queue's.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What a decision for a seat of each [`FAN`] places records.
    pub fn winners(&self) -> impl Iterator<Item = Winner> {
        (0..self.seats.len()).step_by(FAN).map(|place| self.winner(place))
    }

    /// What a decision for the seat of a place records.
    pub fn winner(&self, place: usize) -> Winner {
        let bucket = self.bucket(place);
        let Bucket { tier, proficiency, .. } = self.buckets[bucket];
        Winner { bucket: bucket as u32, tier: tier as u8, proficiency: u8::try_from(proficiency).unwrap_or(u8::MAX) }
    }
}
