//! `Phase::Reaching`: an agent has answered for a call-back and hears music while the customer is dialled.

use crate::call::{Call, Phase, Talking, Waiting};
use crate::callback::settings;
use crate::live_clock::K8;
use crate::world::{Alarm, World};
use hotline_ivr::Spoken;
use hotline_media::Command;
use hotline_model::history::{CallBackEnd, Cause, ClockChange, EventKind, OfferEnd, Side};
use hotline_model::{CustomerLevel, Kind, Name, SeatId};
use hotline_router::Input;
use hotline_rules::{Callee, Outside};
use std::sync::Arc;
use std::time::Duration;

/// How long an agent hears that the customer was not reached, at most.
const TOLD: Duration = Duration::from_secs(8);

impl Call {
    /// The agent answered: the customer is dialled over the trunks in the order of the rules.
    pub fn reach_customer(&mut self, world: &mut World, waiting: Waiting, seat: SeatId, leg: u8) {
        let Some(back) = &self.back else { return };
        let trunks: Vec<Name> = world.plan.trunks.iter().map(|trunk| trunk.name.clone()).collect();
        let to = Arc::new(Outside { name: Name::from(""), callee: Callee::Number(back.number.clone()), trunks });
        self.unregister(world);
        self.alarms.clear(world, Alarm::Rank);
        self.phase = Phase::Reaching(waiting, Talking { seat: Some(seat), leg });
        let stream = self.legs[leg].media.stream;
        world.media(Command::Music { stream, on: true });
        self.call_outside(world, to, 0);
    }

    /// Customer and agent are bridged in this step; the deferred answer is given (K8, R19).
    pub fn customer_answered(&mut self, world: &mut World) {
        let Phase::Reaching(waiting, talking) = &self.phase else { return };
        let complaint = waiting.profile.kind == Some(Kind::Complaint);
        let dedicated = waiting.profile.customer_level == CustomerLevel::HighValue;
        let (talking, agent) = (*talking, self.legs[talking.leg].media.stream);
        self.phase = Phase::Talking(talking);
        world.counters.call_backs_reached += 1;
        self.stop_clock(world, K8, ClockChange::Met);
        world.media(Command::Stop { stream: agent });
        world.media(Command::Music { stream: agent, on: false });
        self.bridge(world);
        self.start_talk_clocks(world, dedicated, complaint);
    }

    /// The customer was not reached: the agent is told and then free.
    pub fn customer_unreached(&mut self, world: &mut World) {
        let Phase::Reaching(waiting, talking) = &self.phase else { return };
        let (language, stream) = (waiting.profile.language, self.legs[talking.leg].media.stream);
        let (clips, missing) = world.prompts.clips(&world.plan, &[Spoken { language, prompt: "callback-unreached".into() }]);
        world.counters.missing_prompts += missing;
        self.play += 1;
        if clips.is_empty() {
            return self.agent_told(world);
        }
        world.media(Command::Play { stream, play: self.play, clips, barge_in: false, then_music: false });
        self.alarm(world, Alarm::Told, world.now + TOLD);
    }

    /// The agent heard it: his wrap-up begins.
    pub fn agent_told(&mut self, world: &mut World) {
        let Phase::Reaching(_, talking) = &self.phase else { return };
        if self.outside.ring.is_none() {
            let leg = talking.leg;
            self.end_leg(world, leg, None);
            self.attempt_over(world, false);
        }
    }

    /// What the agent hears was played to its end.
    pub fn on_agent_played(&mut self, world: &mut World, play: u64) {
        if play == self.play {
            self.agent_told(world);
        }
    }

    /// The agent hung up before the customer answered.
    pub fn agent_left(&mut self, world: &mut World) {
        let Phase::Reaching(_, talking) = &self.phase else { return };
        let (leg, dialling) = (talking.leg, self.outside.ring.is_some());
        self.forget_leg(world, leg);
        self.drop_outside(world, OfferEnd::Withdrawn);
        self.attempt_over(world, dialling);
    }

    /// An attempt that reached nobody: again after a while, or at once if it was the agent who left; after the last one the call-back has failed.
    fn attempt_over(&mut self, world: &mut World, at_once: bool) {
        let (Phase::Reaching(waiting, Talking { seat: Some(seat), .. }), Some(back)) = (&self.phase, &mut self.back) else { return };
        let (waiting, seat) = (waiting.clone(), *seat);
        back.attempts = back.attempts.saturating_add(1);
        let (attempts, settings) = (back.attempts, settings(&world.plan, waiting.queue));
        self.alarms.clear(world, Alarm::Told);
        self.phase = Phase::Later(waiting.clone());
        if attempts >= settings.attempts {
            self.end_call_back(world, CallBackEnd::Failed);
        } else {
            let at = if at_once { world.now } else { world.now + settings.retry };
            self.record(world, EventKind::CallBackLater { at: at.to_wall(world.wall_offset), attempts });
            self.come_later(world, waiting, at);
        }
        world.router.handle(world.now, Input::Released { call: self.id, seat });
    }

    /// An open call-back ends: it failed, was replaced, or the customer came back.
    pub fn end_call_back(&mut self, world: &mut World, why: CallBackEnd) {
        if self.back.is_none() || !matches!(self.phase, Phase::Waiting(_) | Phase::Offered(..) | Phase::Later(_)) {
            return;
        }
        if why != CallBackEnd::Failed {
            self.dues.hand_on();
        }
        self.record(world, EventKind::CallBackEnded { why });
        let cause = match why {
            CallBackEnd::Failed => {
                world.counters.call_backs_failed += 1;
                Cause::NotReached
            }
            CallBackEnd::Replaced | CallBackEnd::CameBack(_) => Cause::Completed,
        };
        self.finish(world, None, Side::System, cause, None);
    }
}
