//! What must hold after every step, looked at by tests: who talks is heard by somebody, who waits hears music, and no seat is stuck.

use crate::call::{Call, Phase};
use crate::engine::Engine;
use crate::own_call::OwnCall;
use hotline_model::{Activity, SeatId};

impl Engine {
    /// Whether calls, seats and what everybody hears agree. For tests; costs a walk through all calls and seats.
    ///
    /// # Errors
    /// What does not.
    pub fn look_for_faults(&self) -> Result<(), String> {
        self.calls.values().try_for_each(|call| self.faults_of(call).map_err(|fault| format!("{}: {fault}", call.id)))?;
        self.own.values().try_for_each(|own| self.faults_of_own(own).map_err(|fault| format!("{}: {fault}", own.base.id)))?;
        (0u32..).take(self.world.plan.seats.len()).map(SeatId).try_for_each(|seat| self.faults_of_seat(seat))
    }

    fn faults_of(&self, call: &Call) -> Result<(), String> {
        let faulty = |holds: bool, what: &str| if holds { Ok(()) } else { Err(format!("{what}: {:?} {:?}", call.phase, call.sounds)) };
        for leg in call.legs.numbers() {
            faulty(self.world.dialogs.get(&call.legs[leg].dialog) == Some(&(call.id, leg)), "a live leg nobody finds")?;
        }
        let seat = match &call.phase {
            Phase::Talking(talking) => {
                faulty(call.legs.live(talking.leg).is_some(), "a conversation without its other leg")?;
                talking.seat
            }
            Phase::Transferring(transfer) => {
                let legs = transfer.first.into_iter().chain(transfer.receiver().map(|receiver| receiver.leg));
                faulty(legs.into_iter().all(|leg| call.legs.live(leg).is_some()), "a transfer without one of its legs")?;
                Some(transfer.from)
            }
            Phase::Menu(_)
            | Phase::Led(_)
            | Phase::Waiting(_)
            | Phase::Offered(..)
            | Phase::Later(_)
            | Phase::Reaching(..)
            | Phase::Survey(_)
            | Phase::Goodbye
            | Phase::WrapUp
            | Phase::Done => return Ok(()),
        };
        faulty(seat.is_none() || call.matter.owner.is_some(), "nobody is responsible (R57)")?;
        faulty(call.sounds_due().as_ref() == Some(&call.sounds), "somebody hears what is not due")?;
        faulty(call.sounds.joined.len() != 1, "somebody talks with nobody")?;
        let heard = [&call.sounds.joined, &call.sounds.music, &call.sounds.ring_back].into_iter().filter(|list| list.contains(&0)).count();
        let silent = call.legs.live(0).is_none_or(|caller| caller.holds);
        faulty(heard == 1 || silent && heard == 0, "the caller hears nothing, or two things")
    }

    fn faults_of_own(&self, own: &OwnCall) -> Result<(), String> {
        let faulty = |holds: bool, what: &str| if holds { Ok(()) } else { Err(format!("{what}: {:?} {:?}", own.state, own.base.sounds)) };
        for leg in own.base.legs.numbers() {
            faulty(self.world.dialogs.get(&own.base.legs[leg].dialog) == Some(&(own.base.id, leg)), "a live leg nobody finds")?;
        }
        faulty(!own.is_over() && own.base.legs.live(0).is_some(), "a seat's own call without its phone")?;
        faulty(own.base.sounds.joined.len() != 1, "somebody talks with nobody")
    }

    fn faults_of_seat(&self, seat: SeatId) -> Result<(), String> {
        let state = self.world.router.seat_state(seat);
        let own = |call| self.own.get(&call).map(|own| &own.base);
        let call = self.world.router.call_of(seat).and_then(|call| self.calls.get(&call).or_else(|| own(call)));
        let has_leg = || call.is_some_and(|call| call.legs.numbers().iter().any(|leg| call.legs[*leg].seat == Some(seat)));
        match state.activity {
            Activity::OnCall | Activity::Offered if !has_leg() => {
                Err(format!("{seat:?} is stuck: {state:?} in {:?}", call.map(|call| call.id)))
            }
            Activity::OnCall | Activity::Offered | Activity::Free | Activity::WrapUp => Ok(()),
        }
    }
}
