use crate::masters::Masters;
use crate::patience::Own;
use hotline_model::{CustomerType, Need, Profile, QueueId, RegionId, SeatId};
use hotline_rules::{Expression, Origin, Plan, Seat, Tier};
use std::time::Duration;

/// What calls must have in common for the same seats to be eligible in the same order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[repr(C)]
pub(crate) struct LineKey {
    pub queue: QueueId,
    pub region: Option<RegionId>,
    pub sensitive: bool,
    /// Sorted.
    pub needs: Vec<Need>,
    /// Only where the queue's order asks for it (R42).
    pub customer_type: Option<CustomerType>,
}

impl LineKey {
    /// That of a caller in a queue whose order is not known.
    pub fn of(queue: QueueId, profile: &Profile) -> Self {
        Self::with_needs(queue, profile, profile.skills.clone())
    }

    #[inline]
    pub fn with_needs(queue: QueueId, profile: &Profile, mut needs: Vec<Need>) -> Self {
        needs.sort_unstable();
        needs.dedup();
        Self { queue, region: profile.region, sensitive: profile.sensitive, needs, customer_type: None }
    }

    /// Whether the caller needs nothing beyond what the queue asks for.
    pub fn is_plain(&self) -> bool {
        self.region.is_none() && !self.sensitive && self.needs.is_empty()
    }

    /// Whether nothing but the queue decides the line: of such there is one for each queue.
    pub fn is_of_queue(&self) -> bool {
        self.is_plain() && self.customer_type.is_none()
    }
}

/// What calls that wait for agents of their own must have in common: their agents, of those who may serve the queue at all, and what a
/// decision for one records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct OwnKey {
    pub queue: QueueId,
    pub region: Option<RegionId>,
    /// In the order of their roles, without gaps.
    pub own: Own,
}

impl OwnKey {
    pub fn new(plan: &Plan, key: &LineKey, own: Own) -> Self {
        let mut members = own.into_iter().flatten().filter(|seat| own_member(plan, key, *seat).is_some());
        Self { queue: key.queue, region: key.region, own: [members.next(), members.next(), members.next()] }
    }
}

/// The seats that may ever serve a line, each with the first step that admits it and its tier's place in `assign.tiers`; of a line of own
/// agents, see [`OwnKey`].
pub(crate) fn members(plan: &Plan, masters: &Masters, key: &LineKey) -> Vec<(SeatId, usize, usize)> {
    let queue = plan.queue(key.queue);
    if queue.seats.is_empty() {
        return match masters.candidates(plan, key) {
            Some(mut seats) => {
                if !queue.helpers.is_empty() {
                    seats.extend(queue.helpers.iter().map(|helper| helper.seat));
                    seats.sort_unstable();
                    seats.dedup();
                }
                seats.into_iter().filter_map(|seat| member(plan, key, seat)).collect()
            }
            None => (0..plan.seats.len() as u32).filter_map(|seat| member(plan, key, SeatId(seat))).collect(),
        };
    }
    let helpers = queue.helpers.iter().map(|helper| helper.seat);
    let mut named: Vec<SeatId> = queue.seats.iter().copied().chain(helpers).collect();
    named.sort_unstable();
    named.dedup();
    named.into_iter().filter_map(|seat| member(plan, key, seat)).collect()
}

/// A seat as [`members`] has it, whether or not the key is that of own agents.
pub(crate) fn member(plan: &Plan, key: &LineKey, id: SeatId) -> Option<(SeatId, usize, usize)> {
    own_member(plan, key, id).or_else(|| helper(plan, key, id))
}

/// A seat of the queue itself, not one that only helps it in the last resort.
pub(crate) fn own_member(plan: &Plan, key: &LineKey, id: SeatId) -> Option<(SeatId, usize, usize)> {
    own_member_in(plan, key.queue, key, id)
}

/// The same of another queue than the key's.
pub(crate) fn own_member_in(plan: &Plan, queue: QueueId, key: &LineKey, id: SeatId) -> Option<(SeatId, usize, usize)> {
    let named = &plan.queue(queue).seats;
    if named.is_empty() || named.contains(&id) { fits(plan, queue, key, id) } else { None }
}

/// A seat to which the queue overflows counts in the last step and, where no tier takes it, in the last tier; it opens with that step, if not later.
fn helper(plan: &Plan, key: &LineKey, id: SeatId) -> Option<(SeatId, usize, usize)> {
    let queue = plan.queue(key.queue);
    queue.helped_by(id).filter(|_| !queue.retired && may_have(plan, key, id))?;
    let last = plan.assign.tiers.len().checked_sub(1)?;
    Some((id, queue.steps.len().checked_sub(1)?, tier(plan, key.region, plan.seat(id)).unwrap_or(last)))
}

/// What the call itself asks for, whatever its queue does.
fn may_have(plan: &Plan, key: &LineKey, id: SeatId) -> bool {
    let seat = plan.seat(id);
    let cleared = seat.cleared || !key.sensitive;
    !seat.retired && cleared && key.needs.iter().all(|need| Expression::AtLeast(*need).admits(&seat.proficiency))
}

fn fits(plan: &Plan, queue: QueueId, key: &LineKey, id: SeatId) -> Option<(SeatId, usize, usize)> {
    let seat = plan.seat(id);
    if !may_have(plan, key, id) || plan.serves(id, queue).is_none() {
        return None;
    }
    let own = own_tier(plan, key.region, seat);
    let step = plan.queue(queue).steps.iter().position(|step| own <= step.tier && step.requires.admits(&seat.proficiency))?;
    Some((id, step, tier(plan, key.region, seat)?))
}

/// The place of the first tier that takes the seat (R37, R39). A seat in no tier is offered nothing.
fn tier(plan: &Plan, caller: Option<RegionId>, seat: &Seat) -> Option<usize> {
    let internal = seat.origin == Origin::Internal;
    plan.assign.tiers.iter().position(|(tier, _)| match tier {
        Tier::InternalNear => internal && is_near(plan, caller, seat.region),
        Tier::Internal => internal,
        Tier::External => true,
    })
}

/// A seat's tier, whether or not `assign.tiers` have it.
pub(crate) fn own_tier(plan: &Plan, caller: Option<RegionId>, seat: &Seat) -> Tier {
    match seat.origin {
        Origin::Internal if is_near(plan, caller, seat.region) => Tier::InternalNear,
        Origin::Internal => Tier::Internal,
        Origin::External => Tier::External,
    }
}

/// A tier as decisions record it.
pub(crate) fn tier_number(tier: Tier) -> u8 {
    match tier {
        Tier::InternalNear => 0,
        Tier::Internal => 1,
        Tier::External => 2,
    }
}

/// What a seat of a line waits for beside its step and its tier's holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Gate {
    /// The queue is crowded.
    pub reserve: bool,
    /// The call has waited so long.
    pub delay: Duration,
    /// It is no seat of the queue: nobody waits for it.
    pub helps: bool,
}

pub(crate) fn gate(plan: &Plan, key: &LineKey, id: SeatId) -> Gate {
    let (queue, seat) = (key.queue, plan.seat(id));
    if let Some(delay) = plan.queue(queue).helped_by(id).filter(|_| own_member(plan, key, id).is_none()) {
        return Gate { reserve: false, delay, helps: true };
    }
    let reserve = plan.queue(queue).reserve.as_ref().is_some_and(|reserve| reserve.has(id, &seat.proficiency));
    Gate { reserve, delay: plan.serves(id, queue).map_or(Duration::ZERO, |serves| serves.delay), helps: false }
}

/// To a caller whose region is unknown every seat is near; a seat without a region is near to nobody else.
fn is_near(plan: &Plan, caller: Option<RegionId>, seat: Option<RegionId>) -> bool {
    match (caller, seat) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(caller), Some(seat)) => plan.is_near(caller, seat),
    }
}
