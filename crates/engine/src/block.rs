//! Callers whom the block list turns away (`[[block]]`), and those who never are: emergency services that call back.

use crate::call::{Call, Phase};
use crate::engine::Engine;
use crate::world::{Alarm, World};
use hotline_model::history::{BlockAnswer, Blocked, Cause, EventKind, PhoneEvent, Side};
use hotline_model::{CallEvent, CallId, Number, Timestamp, WallTime};
use hotline_rules::{NumberId, Spot};
use hotline_sip::IncomingInvite;
use std::collections::BTreeMap;
use std::time::Duration;

/// For so long after a seat has called an emergency service, nobody is turned away: whoever calls may be it, over any line.
const AFTER_EMERGENCY: Duration = Duration::from_secs(1_800);
/// What is said to a blocked caller is over by then, even if nobody says so.
const LONGEST: Duration = Duration::from_secs(120);

/// With what a caller is refused; `None`: picked up and told.
pub(crate) fn status(answer: BlockAnswer) -> Option<u16> {
    match answer {
        BlockAnswer::Decline => Some(603),
        BlockAnswer::Busy => Some(486),
        BlockAnswer::Announcement => None,
    }
}

impl Engine {
    /// When a seat called an emergency service last, while nobody is turned away for it; for the state file.
    pub fn emergency_at(&self) -> Option<WallTime> {
        let at = self.world.emergency_at.filter(|at| self.world.now.since(*at) < AFTER_EMERGENCY)?;
        Some(at.to_wall(self.world.wall_offset))
    }

    /// The journal may know of an emergency call of which the state file does not: the run ended while it was on.
    pub(crate) fn remember_emergencies(&mut self, live: &BTreeMap<CallId, Vec<CallEvent>>) {
        for event in live.values().flatten() {
            if matches!(event.kind, EventKind::Phone(PhoneEvent::Emergency { .. })) {
                self.world.emergency_called(event.at.to_monotonic(self.world.wall_offset));
            }
        }
    }
}

impl World {
    /// A seat called an emergency service.
    pub fn emergency_called(&mut self, at: Timestamp) {
        self.emergency_at = self.emergency_at.max(Some(at.min(self.now)));
    }

    /// What turns a caller away.
    pub fn turned_away(&self, invite: &IncomingInvite, from: &Number) -> Option<Blocked> {
        let place = self.plan.blocked(from)?;
        let block = self.plan.blocks.get(place)?;
        let called = self.emergency_at.is_some_and(|at| self.now.since(at) < AFTER_EMERGENCY);
        // RFC 7090 4: how an emergency service marks its call.
        let marked = invite.headers.named("Priority").is_some_and(|value| value.trim_ascii().eq_ignore_ascii_case(b"psap-callback"));
        if called || marked && self.trunk_of(invite).is_some() {
            return None;
        }
        let rule = self.plan.places.spot(Spot::Block(place)).map_or(String::new(), |place| place.to_string());
        Some(Blocked { rule, note: block.note.clone(), answer: block.answer })
    }
}

impl Call {
    /// Tells a blocked caller what the rules say, and hangs up.
    pub fn tell_off(&mut self, world: &mut World, number: NumberId, blocked: Blocked) {
        let plan = std::sync::Arc::clone(&world.plan);
        let said = plan.blocked(&self.from).and_then(|place| plan.blocks.get(place)).map(|block| block.say.as_slice());
        let parts = hotline_ivr::speech::say(&plan, said.unwrap_or_default(), plan.number(number).language);
        self.record(world, EventKind::Blocked(blocked));
        world.counters.blocked += 1;
        (self.phase, self.turned_away) = (Phase::Goodbye, Some(Cause::Blocked));
        if self.play(world, &parts, false, false) {
            self.alarm(world, Alarm::Linger, world.now + LONGEST);
        } else {
            self.hang_up_blocked(world);
        }
    }

    /// All is said.
    pub fn hang_up_blocked(&mut self, world: &mut World) {
        self.finish(world, None, Side::System, Cause::Blocked, None);
    }
}
