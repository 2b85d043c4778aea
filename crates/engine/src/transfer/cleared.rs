//! A matter turns out to be sensitive (R68) while somebody is called for the caller, or while the caller waits once more: from then on nobody
//! comes to have the caller who isn't cleared. Who is not and rings is hung up at once, and who had been let into the talk is out of it.

use super::begin::attended;
use super::{Ring, Stage, Way};
use crate::call::{Call, Phase};
use crate::live_clock::K3;
use crate::world::World;
use hotline_model::history::{EventKind, OfferEnd};
use hotline_model::{DeskRefusal, TransferEnd};
use hotline_router::Input;

impl Call {
    /// An agent found out that the call is sensitive, or that it isn't: that counts at once, not only for the next offer.
    pub fn heed_sensitivity(&mut self, world: &mut World) {
        let Some(sensitive) = self.matter.waiting.as_ref().map(|waiting| waiting.profile.sensitive) else { return };
        match &mut self.phase {
            Phase::Waiting(waiting) | Phase::Offered(waiting, _) => {
                waiting.profile.sensitive = sensitive;
                self.wait_as_found(world);
            }
            Phase::Later(waiting) => waiting.profile.sensitive = sensitive,
            Phase::Transferring(_) => self.transfer_as_found(world),
            Phase::Menu(_)
            | Phase::Reaching(..)
            | Phase::Talking(_)
            | Phase::Survey(_)
            | Phase::Goodbye
            | Phase::WrapUp
            | Phase::Done
            | Phase::Led(_)
            | Phase::Message(_) => {}
        }
    }

    /// The call goes to other seats from now on, at its old place; the router takes an offer under way back, and makes it again to who may
    /// have it.
    fn wait_as_found(&mut self, world: &mut World) {
        let (Phase::Waiting(waiting) | Phase::Offered(waiting, _)) = &self.phase else { return };
        let waiting = waiting.clone();
        if waiting.profile.sensitive {
            self.drop_outside(world, OfferEnd::Withdrawn);
        }
        self.keep_waiting(world, &waiting);
        match self.back.as_ref().map(|back| back.breached) {
            Some(true) => self.rank_as_breached(world),
            Some(false) => {}
            // Somebody had answered before, or nobody would know that it is sensitive.
            None => world.router.handle(world.now, Input::Breached { call: self.id }),
        }
        if self.is_breached(K3) {
            self.tell_router_of_breach(world, waiting.queue);
            self.next_outside(world);
        }
    }

    fn transfer_as_found(&mut self, world: &mut World) {
        let Some(transfer) = self.transfer() else { return };
        match (&transfer.stage, &transfer.way) {
            (Stage::Looking | Stage::Ringing(_), Way::Queue(_)) => self.look_for_cleared(world),
            (Stage::Ringing(ring), _) if self.may_keep(world, ring.party).is_err() => {
                let ring = ring.clone();
                self.hang_up_uncleared(world, ring);
            }
            (Stage::ThreeWay(receiver), _) if self.may_keep(world, *receiver).is_err() => {
                let receiver = *receiver;
                self.set_stage(Stage::Consulting(receiver));
                self.record(world, EventKind::ThreeWay { on: false });
                self.arrange(world);
            }
            // Who is only asked does not hear the caller, and can't be given the caller either.
            (Stage::Looking | Stage::Ringing(_) | Stage::Consulting(_) | Stage::ThreeWay(_), _) => {}
        }
    }

    /// Of a queue only who is cleared may ring; if nobody there is, the first agent need not wait for K9 to learn it.
    fn look_for_cleared(&mut self, world: &mut World) {
        let (Some(transfer), Some(waiting)) = (self.transfer(), &self.matter.waiting) else { return };
        let Way::Queue(queue) = transfer.way else { return };
        match attended(world, queue, &waiting.profile) {
            Ok(()) => self.look_in_queue(world),
            Err(DeskRefusal::NotCleared) => self.transfer_failed(world, TransferEnd::NotCleared),
            Err(_) => self.transfer_failed(world, TransferEnd::Unreachable),
        }
    }

    fn hang_up_uncleared(&mut self, world: &mut World, ring: Ring) {
        if ring.party.seat.is_none() {
            return self.transfer_failed(world, TransferEnd::NotCleared);
        }
        self.end_leg(world, ring.party.leg, None);
        self.ring_ended(world, ring.who, OfferEnd::Withdrawn);
        world.router.handle(world.now, Input::Leave { call: self.id });
        self.offer_to_next_seat(world, TransferEnd::NotCleared);
    }
}
