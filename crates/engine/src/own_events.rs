//! What the machines say about calls of the seats' own: it is kept from the customers' calls and goes to these.

use crate::engine::Engine;
use crate::hang_up::cause_of;
use crate::own_call::OwnCall;
use crate::same_key::Way;
use crate::world::{Alarm, World};
use hotline_model::history::{Cause, Side};
use hotline_model::{Activity, CallId, Intent, SeatId, SeatState};
use hotline_sip::{DialogId, Event, Reject};

impl Engine {
    fn own_dialog(&self, dialog: DialogId) -> Option<(CallId, u8)> {
        self.world.dialogs.get(&dialog).copied().filter(|(call, _)| self.own.contains_key(call))
    }

    fn tell_own(&mut self, id: CallId, act: impl FnOnce(&mut OwnCall, &mut World)) {
        self.with_own(id, act);
        self.forget_over(id);
    }

    /// Whether a SIP event was about a call of a seat's own; then it is dealt with.
    pub(crate) fn hears_own(&mut self, event: &Event) -> bool {
        let Some((id, leg)) = dialog_of(event).and_then(|dialog| self.own_dialog(dialog)) else { return false };
        self.tell_own(id, |call, world| match event {
            Event::Progress { dialog, code, .. } if call.is_ringing(*dialog) => call.on_progress(world, *code),
            Event::Answered { dialog, body } if call.is_ringing(*dialog) => call.on_answered(world, body.as_deref()),
            Event::Rejected { dialog, code, local, .. } if call.is_ringing(*dialog) => call.on_rejected(world, *code, *local),
            Event::Confirmed { body, .. } | Event::ReinviteAnswered { body, .. } => call.on_media_answer(world, leg, body.as_deref()),
            Event::Reinvite { body, .. } => call.base.on_reinvite(world, leg, body.as_deref()),
            Event::Cancelled { .. } => call.on_dialog_over(world, leg, Cause::Cancelled, None),
            Event::Bye { q850, .. } => call.on_dialog_over(world, leg, Cause::Normal, *q850),
            Event::Ended { why, .. } => call.on_dialog_over(world, leg, cause_of(*why), None),
            Event::Changed { .. } => call.record_leg(world, leg),
            Event::Refer { dialog, .. } => refuse_refer(world, *dialog),
            Event::Info { .. }
            | Event::Progress { .. }
            | Event::Answered { .. }
            | Event::Rejected { .. }
            | Event::Invite { .. }
            | Event::ReinviteRejected { .. }
            | Event::ReferRefused { .. }
            | Event::Registered { .. }
            | Event::Unregistered { .. }
            | Event::Reachable { .. }
            | Event::BindingsChanged { .. } => {}
        });
        if let Event::Info { content_type, body, .. } = event
            && let Ok(press) = hotline_media::dtmf::parse_info(content_type, body)
        {
            self.on_own_key(id, leg, Way::Info, press.digit);
        }
        true
    }

    /// Whether a media event was about a call of a seat's own; then it is dealt with.
    pub(crate) fn hears_own_media(&mut self, id: CallId, leg: u8, event: &hotline_media::Event) -> bool {
        use hotline_media::Event as Heard;
        if !self.own.contains_key(&id) {
            return false;
        }
        match event {
            Heard::Digit { digit, .. } => self.on_own_key(id, leg, Way::Media, *digit),
            Heard::Played { play, interrupted: false, .. } if leg == 0 => self.tell_own(id, |call, world| call.on_played(world, *play)),
            Heard::Silent { .. } => self.tell_own(id, |call, world| call.base.on_silence(world, leg)),
            Heard::Flowing { .. } => self.tell_own(id, |call, world| call.base.on_sound(world, leg)),
            Heard::Closed { .. } | Heard::Refused { .. } => {
                self.tell_own(id, |call, world| call.finish(world, None, Side::System, Cause::Technical, None));
            }
            Heard::Played { .. } | Heard::Begun { .. } | Heard::ConferenceRefused { .. } | Heard::Recorded { .. } => {}
        }
        true
    }

    fn on_own_key(&mut self, id: CallId, leg: u8, way: Way, key: char) {
        let Some(call) = self.own.get_mut(&id) else { return };
        if call.base.is_told(self.world.now, leg, way, key) {
            return;
        }
        if leg == 0
            && let Some(who) = call.on_pin_key(&mut self.world, key)
        {
            let phone = call.phone.clone();
            self.on_sign_in(id, &phone, &who);
        } else if call.occupies() {
            call.base.on_agent_key(&mut self.world, leg, key);
        }
        self.forget_over(id);
    }

    /// Whether an output of the router was about a call of a seat's own; then it is dealt with.
    pub(crate) fn hears_own_router(&mut self, output: &hotline_router::Output) -> bool {
        use hotline_router::{Output as Said, Refusal};
        let (Said::Offer { call, .. }
        | Said::Direct { call, .. }
        | Said::Withdraw { call, .. }
        | Said::Refused { call, .. }
        | Said::NotAssigned { call, .. }
        | Said::Answered { call, .. }
        | Said::Late { call, .. }
        | Said::Nobody { call, .. }) = output
        else {
            return false;
        };
        if !self.own.contains_key(call) {
            return false;
        }
        match output {
            Said::Offer { call, seat, ring, decision } => {
                self.record_decision(decision);
                self.tell_own(*call, |own, world| own.on_offer(world, *seat, *ring, decision));
            }
            Said::Withdraw { call, seat } => self.tell_own(*call, |own, world| own.on_withdraw(world, *seat)),
            Said::Refused { call, why: Refusal::OtherGroup } => self.tell_own(*call, OwnCall::wait_anew),
            Said::Refused { call, .. } => self.tell_own(*call, OwnCall::on_queue_full),
            Said::Nobody { decision, .. } => self.record_decision(decision),
            Said::Answered { call, seat } => self.tell_own(*call, |own, world| own.on_answer_taken(world, *seat)),
            Said::Late { call, seat } => self.tell_own(*call, |own, world| own.on_late_answer(world, *seat)),
            Said::Direct { .. } | Said::NotAssigned { .. } | Said::Seat { .. } => {}
        }
        true
    }

    /// Whether an alarm was one of a call of a seat's own; then it is dealt with.
    pub(crate) fn rings_own(&mut self, id: CallId, alarm: Alarm) -> bool {
        let is_own = self.own.contains_key(&id);
        if is_own {
            self.tell_own(id, |call, world| call.on_alarm(world, alarm));
        }
        is_own
    }

    /// A seat's state changed: a customer's call that ended leaves it to the call of its own, and a seat that signed out leaves the telephone
    /// of others.
    pub(crate) fn follow_seat(&mut self, seat: SeatId, state: SeatState) {
        if state.intent == Intent::SignedOut && self.world.router.seat_state(seat).intent == Intent::SignedOut {
            self.leave_phone(seat);
        }
        if matches!(state.activity, Activity::Free | Activity::WrapUp) {
            let world = &mut self.world;
            let mine = self.own.values_mut().filter(|call| call.seat == Some(seat) && call.occupies());
            mine.for_each(|call| call.engage(world));
        }
    }
}

fn refuse_refer(world: &mut World, dialog: DialogId) {
    let reject = Reject { code: 403, q850: None, retry_after: None };
    if world.sip.refuse_refer(world.now, dialog, reject).is_err() {
        world.counters.late += 1;
    }
}

fn dialog_of(event: &Event) -> Option<DialogId> {
    match event {
        Event::Progress { dialog, .. }
        | Event::Answered { dialog, .. }
        | Event::Rejected { dialog, .. }
        | Event::Confirmed { dialog, .. }
        | Event::Reinvite { dialog, .. }
        | Event::ReinviteAnswered { dialog, .. }
        | Event::ReinviteRejected { dialog, .. }
        | Event::Info { dialog, .. }
        | Event::Refer { dialog, .. }
        | Event::ReferRefused { dialog, .. }
        | Event::Cancelled { dialog }
        | Event::Bye { dialog, .. }
        | Event::Ended { dialog, .. }
        | Event::Changed { dialog } => Some(*dialog),
        Event::Invite { .. }
        | Event::Registered { .. }
        | Event::Unregistered { .. }
        | Event::Reachable { .. }
        | Event::BindingsChanged { .. } => None,
    }
}
