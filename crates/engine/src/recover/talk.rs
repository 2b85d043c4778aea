//! Conversations and transfers are taken up leg by leg; a leg that has no place any more is hung up.

use super::past::{Past, PastTransfer};
use super::take_up_leg;
use crate::call::{Call, Phase, Talking, Waiting};
use crate::live_clock::{K3, K9};
use crate::owner::Matter;
use crate::transfer::{Aim, Stage, Transfer, Way};
use crate::world::World;
use hotline_model::history::{ClockChange, Direction, EventKind, OfferEnd, Receiver, WhyLeft};
use hotline_model::{LegRole, Name, Profile, SeatId, TransferEnd};
use hotline_router::Input;
use hotline_sip::DialogId;

/// What a phone is told of its REFER if the receiver's ring did not outlive the process (RFC 3261 21.5.4).
const LOST: u16 = 503;

impl Past {
    /// Who is responsible, and who had the caller before.
    pub fn matter(&self, world: &World) -> Matter {
        let seat = |name: &Option<Name>| name.as_ref().and_then(|name| world.plan.seat_names.get(&**name).copied());
        let waiting = self.waiting(world).filter(|_| self.owner.is_some());
        Matter { waiting, owner: seat(&self.owner), before: seat(&self.before), communicated: self.communicated, told: self.told }
    }
}

impl Call {
    /// Goes on where the journal ends.
    pub(super) fn go_on(&mut self, world: &mut World, mut past: Past) {
        if let Some(survey) = past.survey.take() {
            self.hang_up_rest(world, &mut past);
            return self.go_on_surveying(world, &past, &survey);
        }
        let Some(waiting) = past.waiting(world) else {
            return self.go_on_without_queue(world, past);
        };
        if let Some(transfer) = past.transfer.take() {
            return self.go_on_transferring(world, past, waiting, &transfer);
        }
        if let Some(receiver) = past.receiver.take() {
            self.find_on_the_way_back(world, &mut past, receiver);
        }
        let seat = past.seat.clone().filter(|_| past.answered);
        if let Some(party) = seat.and_then(|seat| self.take_up_party(world, &mut past, &Receiver::Seat(seat))) {
            return self.go_on_talking(world, past, waiting, party);
        }
        if let Some((to, trunk)) = past.outside.take()
            && let Some(party) = self.take_up_party(world, &mut past, &Receiver::Outside { to: to.clone(), trunk: trunk.clone() })
        {
            if past.untold {
                self.record(world, EventKind::OutsideAnswered { to: Some(to), trunk });
                self.stop_clock(world, K3, ClockChange::Met);
            }
            return self.go_on_talking(world, past, waiting, party);
        }
        self.hang_up_rest(world, &mut past);
        self.go_on_waiting(world, &past, waiting);
    }

    /// In the menus, or led outside by them: who has answered there has the caller.
    fn go_on_without_queue(&mut self, world: &mut World, mut past: Past) {
        if let Some((to, trunk)) = past.outside.take()
            && let Some(party) = self.take_up_party(world, &mut past, &Receiver::Outside { to: to.clone(), trunk: trunk.clone() })
        {
            if past.untold {
                self.record(world, EventKind::OutsideAnswered { to: Some(to), trunk });
                self.stop_clock(world, K3, ClockChange::Met);
            }
            self.hang_up_rest(world, &mut past);
            self.phase = Phase::Talking(party);
            return self.bridge(world);
        }
        self.hang_up_rest(world, &mut past);
        if let Some((queue, why)) = past.left.take() {
            return self.say_goodbye_again(world, &past.known_profile(world), &queue, why);
        }
        let profile = past.known_profile(world);
        let led = past.led_out.take().is_some_and(|led| self.lead_on(world, &led, profile.clone()));
        if led || past.given_up.take().is_some_and(|onward| self.lead_onward(world, &onward, profile)) {
            return;
        }
        self.go_on_in_menu(world, &past);
    }

    /// Who was turned away is not taken in after all.
    fn say_goodbye_again(&mut self, world: &mut World, profile: &Profile, queue: &Name, why: WhyLeft) {
        self.wanted = None;
        let queue = world.plan.queue_names.get(&**queue).map(|queue| world.plan.queue(*queue));
        let say = match why {
            WhyLeft::Full(_) => return self.turn_away(world, profile.language),
            WhyLeft::Closed => queue.and_then(|queue| queue.closed.as_ref()).map(|branch| &branch.say),
            WhyLeft::Nobody => queue.and_then(|queue| queue.nobody.as_ref()).map(|nobody| &nobody.go.say),
        };
        let said = say.map(|say| self.spoken(world, say, profile)).unwrap_or_default();
        self.play(world, &said, false, false);
        self.say_goodbye(world);
    }

    fn go_on_waiting(&mut self, world: &mut World, past: &Past, waiting: Waiting) {
        if past.answered && self.matter.waiting.is_some() {
            return self.wait_again(world);
        }
        let (queue, priority) = (world.plan.queue(waiting.queue).name.clone(), waiting.profile.priority);
        if past.queued.as_ref().is_some_and(|(was, _)| *was != queue) {
            self.record(world, EventKind::Queued { queue, priority });
        }
        self.phase = Phase::Waiting(waiting.clone());
        self.play(world, &[], false, true);
        self.keep_waiting(world, &waiting);
        if past.again {
            world.router.handle(world.now, Input::Breached { call: self.id });
        }
        if self.is_breached(K3) {
            world.router.handle(world.now, Input::Breached { call: self.id });
            self.next_outside(world);
        }
    }

    /// What the journal does not say yet of an answer follows now.
    fn go_on_talking(&mut self, world: &mut World, mut past: Past, waiting: Waiting, party: Talking) {
        self.hang_up_rest(world, &mut past);
        if let Some(seat) = party.seat {
            self.own_first(world, seat, waiting);
        }
        let talks = self.legs[party.leg].media.direction() == Some(Direction::SendRecv);
        self.legs[party.leg].parted = past.held && talks && party.seat.is_some();
        self.phase = Phase::Talking(party);
        self.bridge(world);
    }

    /// The way back to an agent was under way: who has answered has the caller, unless the one who gave it back is still there.
    fn find_on_the_way_back(&mut self, world: &mut World, past: &mut Past, receiver: Receiver) {
        let there = |legs: &std::collections::BTreeMap<_, (LegRole, Option<Name>, _, _)>, name: &Option<Name>| {
            name.is_some() && legs.values().any(|(_, seat, ..)| seat == name)
        };
        let seat = receiver.seat().cloned();
        if there(&past.legs, &seat) && !there(&past.legs, &past.seat.clone().filter(|_| past.answered && past.seat != seat)) {
            if let Some(seat) = &seat {
                self.record(world, EventKind::Answered { seat: seat.clone() });
            }
            (past.seat, past.answered) = (seat, true);
        } else {
            self.record(world, EventKind::ReceiverEnded { receiver, why: OfferEnd::Withdrawn });
        }
    }

    /// A consultation goes on with all its legs; otherwise whoever is left has the caller: the receiver, the first agent, or who is free first.
    fn go_on_transferring(&mut self, world: &mut World, mut past: Past, waiting: Waiting, transfer: &PastTransfer) {
        let rang = past.receiver.take();
        let answered = transfer.answered.clone().or_else(|| rang.clone());
        let receiver = answered.clone().and_then(|receiver| self.take_up_party(world, &mut past, &receiver));
        let first = self.take_up_party(world, &mut past, &Receiver::Seat(transfer.from.clone()));
        self.hang_up_rest(world, &mut past);
        let refer = first.and_then(|first| self.refer_again(world, transfer, first));
        if let (Some(who), None) = (rang.clone(), receiver) {
            self.record(world, EventKind::ReceiverEnded { receiver: who, why: OfferEnd::Withdrawn });
        }
        if let (Some(who), Some(_)) = (rang, receiver) {
            self.record(world, EventKind::ReceiverAnswered { receiver: who });
        }
        let from = world.plan.seat_names.get(&*transfer.from).copied();
        self.stop_clock(world, K9, if receiver.is_some() { ClockChange::Met } else { ClockChange::Dropped });
        match (first, receiver, from) {
            (first, Some(receiver), Some(from)) => self.consult_on(world, transfer, (from, refer), first, receiver),
            (_, Some(receiver), None) => {
                self.record(world, EventKind::TransferEnded { end: TransferEnd::TakenOver });
                self.phase = Phase::Talking(receiver);
                self.bridge(world);
            }
            (first, None, from) => {
                self.record(world, EventKind::TransferEnded { end: TransferEnd::Failed });
                if refer.is_some_and(|dialog| world.sip.refer_progress(world.now, dialog, LOST).is_err()) {
                    world.counters.late += 1;
                }
                match (first, from) {
                    (Some(first), _) => self.go_on_talking(world, past, waiting, first),
                    (None, Some(from)) => self.return_to_first(world, from),
                    (None, None) => self.wait_again(world),
                }
            }
        }
    }

    /// The phone that asked for it by its REFER still waits to hear what became of it: its subscription outlives the process, since without a
    /// last NOTIFY the phone would show a transfer until the subscription runs out (RFC 3515 2.4.7, RFC 6665 4.2.2).
    fn refer_again(&self, world: &mut World, past: &PastTransfer, first: Talking) -> Option<DialogId> {
        let (_, referring) = past.refer.filter(|(leg, _)| *leg == first.leg)?;
        let dialog = self.legs[first.leg].dialog;
        world.sip.restore_referring(world.now, dialog, referring).ok().map(|()| dialog)
    }

    fn consult_on(
        &mut self,
        world: &mut World,
        past: &PastTransfer,
        (from, refer): (SeatId, Option<DialogId>),
        first: Option<Talking>,
        receiver: Talking,
    ) {
        let may_keep = self.may_keep(world, receiver).is_ok();
        let stage = if past.three && may_keep { Stage::ThreeWay(receiver) } else { Stage::Consulting(receiver) };
        self.phase = Phase::Transferring(Box::new(Transfer {
            aim: if past.consultation { Aim::Consult } else { Aim::TakeOver },
            from,
            first: first.map(|first| first.leg),
            mode: past.mode,
            way: Way::Seats(Vec::new()),
            reason: past.reason,
            default: world.plan.transfer_to(from, &past.to).ok().and_then(|target| target.reason),
            answer_by: world.now,
            stage,
            refer,
        }));
        match (first, past.mode) {
            // A REFER hands over as the receiver answers.
            (Some(_), _) if refer.is_some() && may_keep => self.hand_over(world, TransferEnd::Completed),
            (Some(_), _) => self.arrange(world),
            (None, _) if !may_keep => self.transfer_failed(world, TransferEnd::NotCleared),
            (None, hotline_model::TransferMode::BlindWithReturn) => self.hand_over(world, TransferEnd::Completed),
            (None, hotline_model::TransferMode::Attended) => self.hand_over(world, TransferEnd::TakenOver),
        }
    }

    /// The leg of a party, at its number, with its seat engaged again.
    fn take_up_party(&mut self, world: &mut World, past: &mut Past, who: &Receiver) -> Option<Talking> {
        let is_it = |(role, seat, ..): &(LegRole, Option<Name>, _, _)| match who {
            Receiver::Seat(name) => seat.as_ref() == Some(name),
            Receiver::Outside { .. } => *role == LegRole::External,
        };
        let index = *past.legs.iter().find(|(_, leg)| is_it(leg))?.0;
        let seat = match who {
            Receiver::Seat(name) => Some(*world.plan.seat_names.get(&**name)?),
            Receiver::Outside { .. } => None,
        };
        let leg = take_up_leg(world, self.id, index, past.legs.remove(&index)?)?;
        self.legs.put(index, leg);
        if let Receiver::Outside { trunk, .. } = who {
            world.trunks.take(trunk);
            self.legs[index].trunk = Some(trunk.clone());
        }
        if let Some(seat) = seat {
            let queue = past.waiting(world).map(|waiting| waiting.queue);
            world.router.handle(world.now, Input::Engaged { call: self.id, seat, queue });
        }
        self.reinvite(world, index);
        Some(Talking { seat, leg: index })
    }

    /// Legs that have no place any more: nobody is left on the line with nobody.
    fn hang_up_rest(&mut self, world: &mut World, past: &mut Past) {
        for (index, leg) in std::mem::take(&mut past.legs) {
            if let Some(leg) = take_up_leg(world, self.id, index, leg) {
                self.legs.put(index, leg);
                self.end_leg(world, index, None);
            }
        }
    }
}
