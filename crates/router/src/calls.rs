use crate::eligible::LineKey;
use crate::patience::Own;
use crate::prefetch::prefetch;
use crate::rank::Role;
use crate::rates::Waits;
use crate::timers::Pending;
use crate::waiting::{CallRank, Slot, class};
use hotline_model::{CallId, CustomerType, IdMap, Priority, Profile, QueueId, SeatId, Timestamp};
use hotline_rules::Timers;
use std::time::Duration;

/// A call that waits or is being offered. One that was answered is the seat's affair and stands here no longer.
///
/// Ten thousand of them fill more than the nearest memory: what an offer reads and writes stands in the first cache line.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Call {
    pub phase: Phase,
    pub id: CallId,
    pub order: u64,
    pub since: Timestamp,
    pub answer_by: Timestamp,
    /// Moves it up, while it is in a list.
    pub ageing: Option<Pending>,
    /// As stated.
    pub priority: Priority,
    /// What it has become by waiting; stands still while the call is in a list.
    pub aged: Priority,
    pub breached: bool,
    /// It stood in a list: no seat was ready as it came.
    pub waited: bool,
    pub overflow: Option<QueueId>,
    /// Ends the wait for one of its own agents, while the call is in a list.
    pub patience: Option<Pending>,
    pub customer_type: CustomerType,
    /// Those of its friends for whom alone it waits, a bit for each role.
    own: u8,
    pub friends: Friends,
    /// The queue, and what else decides the line.
    pub key: LineKey,
}

const _: () = assert!(std::mem::offset_of!(Call, overflow) == 64 && size_of::<Call>() == 128);

/// The caller's own agents, each of its role; those of most roles are nobody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Friends([u32; 3]);

impl Friends {
    const NOBODY: u32 = u32::MAX;

    fn new(roles: [Option<SeatId>; 3]) -> Self {
        Self(roles.map(|seat| seat.map_or(Self::NOBODY, |seat| seat.0)))
    }

    pub fn of(self, role: Role) -> Option<SeatId> {
        Some(self.0[role as usize]).filter(|seat| *seat != Self::NOBODY).map(SeatId)
    }

    /// In the order of [`Role::ALL`].
    pub fn all(self) -> [Option<SeatId>; 3] {
        Role::ALL.map(|role| self.of(role))
    }
}

#[derive(Debug)]
pub(crate) enum Phase {
    /// In the lists of its line and of the line it overflowed to.
    Waiting {
        home: u32,
        overflow: Option<u32>,
    },
    Offered(Offer),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer {
    pub seat: SeatId,
    /// The queue whose seats were searched.
    pub queue: QueueId,
    pub rings_until: Timestamp,
    pub offered: Timestamp,
    /// The phone confirmed by 180.
    pub ringing: bool,
}

impl Call {
    #[inline]
    pub fn new(id: CallId, order: u64, queue: QueueId, mut profile: Profile, since: Timestamp, answer_by: Timestamp) -> Self {
        let needs = std::mem::take(&mut profile.skills);
        Self {
            id,
            order,
            key: LineKey::with_needs(queue, &profile, needs),
            overflow: None,
            priority: profile.priority,
            aged: profile.priority,
            ageing: None,
            breached: false,
            waited: false,
            since,
            answer_by,
            customer_type: profile.customer_type,
            own: 0,
            friends: Friends::new([profile.owner, profile.last, profile.preferred]),
            patience: None,
            phase: Phase::Waiting { home: 0, overflow: None },
        }
    }

    /// The queues it waits in.
    pub fn waits(&self) -> Waits {
        [Some(self.key.queue), self.overflow]
    }

    #[inline]
    pub fn rank(&self) -> CallRank {
        CallRank::new(class(self.aged, self.breached), self.since, self.order)
    }

    /// The agents for whom alone it waits, if any: friends, each in the place of its role.
    pub fn own(&self) -> Option<Own> {
        let is_own = |role: &Role| self.own & 1 << *role as u8 != 0;
        self.waits_for_own().then(|| Role::ALL.map(|role| Some(role).filter(is_own).and_then(|role| self.friends.of(role))))
    }

    pub fn waits_for_own(&self) -> bool {
        self.own != 0
    }

    /// It waits for these friends alone, or for anybody.
    pub fn wait_for(&mut self, own: Option<Own>) {
        self.own = Role::ALL
            .into_iter()
            .filter(|role| own.is_some_and(|own| own[*role as usize].is_some()))
            .fold(0, |own, role| own | 1 << role as u8);
    }

    /// What a seat is to the caller.
    pub fn role_of(&self, seat: SeatId) -> Option<Role> {
        Role::ALL.into_iter().find(|role| self.friends.of(*role) == Some(seat))
    }

    /// Rings a seat, for `most` or what its answer clock has left, but for the shortest ring (R5): how long.
    #[inline]
    pub fn ring(&mut self, now: Timestamp, timers: &Timers, most: Duration, seat: SeatId, queue: QueueId) -> Duration {
        let left = if self.breached { most } else { self.answer_by.since(now) };
        let ring = most.min(left.max(timers.ring_min));
        self.phase = Phase::Offered(Offer { seat, queue, rings_until: now + ring, offered: now, ringing: false });
        ring
    }

    pub fn offer_to(&mut self, seat: SeatId) -> Option<&mut Offer> {
        match &mut self.phase {
            Phase::Offered(offer) if offer.seat == seat => Some(offer),
            Phase::Offered(_) | Phase::Waiting { .. } => None,
        }
    }
}

/// All calls that wait or are being offered.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    slots: Vec<Call>,
    /// Whether each slot is: to look at the calls themselves waits for memory.
    taken: Vec<bool>,
    free: Vec<Slot>,
    by_id: IdMap<CallId, Slot>,
}

impl Calls {
    #[inline]
    pub fn insert(&mut self, call: Call) -> Slot {
        let id = call.id;
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = call;
                slot
            }
            None => {
                self.slots.push(call);
                self.taken.push(false);
                self.slots.len() as Slot - 1
            }
        };
        self.taken[slot as usize] = true;
        self.by_id.insert(id, slot);
        slot
    }

    /// Frees a slot: what the call was stands in it until another comes.
    pub fn remove(&mut self, slot: Slot) -> &Call {
        assert!(std::mem::take(&mut self.taken[slot as usize]), "{FREE}");
        let call = &self.slots[slot as usize];
        self.by_id.remove(&call.id);
        self.free.push(slot);
        call
    }

    /// Asks for what an offer needs of a call.
    #[inline]
    pub fn prefetch(&self, slot: Slot) {
        prefetch(&self.slots[slot as usize].phase);
    }

    pub fn slot(&self, id: CallId) -> Option<Slot> {
        self.by_id.get(&id).copied()
    }

    pub fn at(&mut self, slot: Slot) -> &mut Call {
        assert!(self.taken[slot as usize], "{FREE}");
        &mut self.slots[slot as usize]
    }

    pub fn get(&self, slot: Slot) -> Option<&Call> {
        let taken = self.taken.get(slot as usize).copied().unwrap_or(false);
        taken.then(|| &self.slots[slot as usize])
    }

    /// The slots in use.
    pub fn slots(&self) -> impl Iterator<Item = Slot> {
        self.taken.iter().zip(0..).filter(|(taken, _)| **taken).map(|(_, slot)| slot)
    }
}

const FREE: &str = "a slot is taken until its call is removed";
