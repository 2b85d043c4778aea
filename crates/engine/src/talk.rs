//! Inside a dialog: hold and other re-INVITEs, digits by INFO, media that stops.

use crate::call::{Call, Phase};
use crate::leg::preferring;
use crate::same_key::Way;
use crate::world::{Alarm, World};
use hotline_model::history::{Direction, EventKind};
use hotline_sip::Reject;
use std::time::Duration;

/// How often a phone is asked whose sound came and stopped.
const PROBE_SILENT: Duration = Duration::from_secs(60);
/// How often a phone is asked that never sent any: load generators send none and expect no request in a call of usual length.
const PROBE_UNHEARD: Duration = Duration::from_secs(900);

impl Call {
    /// A peer changes its media: hold, resume, another address. Without SDP we offer (RFC 3261 14.2).
    pub fn on_reinvite(&mut self, world: &mut World, index: u8, body: Option<&[u8]>) {
        match self.renegotiate(world, index, body) {
            Ok(answer) => {
                let dialog = self.legs[index].dialog;
                if world.sip.answer(world.now, dialog, answer).is_err() {
                    world.counters.late += 1;
                }
                self.record_leg(world, index);
                self.follow_hold(world, index);
            }
            Err(code) => {
                let dialog = self.legs[index].dialog;
                world.counters.unacceptable_sdp += 1;
                if world.sip.reject(world.now, dialog, Reject { code, q850: None, retry_after: None }).is_err() {
                    world.counters.late += 1;
                }
            }
        }
    }

    fn renegotiate(&mut self, world: &mut World, index: u8, body: Option<&[u8]>) -> Result<Vec<u8>, u16> {
        let leg = &mut self.legs[index];
        leg.media.next_version();
        let codecs = preferring(leg.media.codec());
        let Some(offer) = body else {
            return Ok(hotline_sdp::offer(&leg.media.local(world, codecs), Direction::SendRecv));
        };
        let offer = hotline_sdp::parse(offer).map_err(|_| 400u16)?;
        let (answer, agreed) = hotline_sdp::answer(&offer, &leg.media.local(world, codecs), Direction::SendRecv).map_err(|_| 488u16)?;
        leg.media.agree(world, agreed);
        Ok(answer)
    }

    /// A held party hears music, the holder nothing; both talk again after the resume.
    fn follow_hold(&mut self, world: &mut World, index: u8) {
        let leg = &mut self.legs[index];
        let holds = matches!(leg.media.direction(), Some(Direction::SendOnly | Direction::RecvOnly | Direction::Inactive));
        if std::mem::replace(&mut leg.holds, holds) == holds {
            return;
        }
        let by = leg.role;
        if index == 0 {
            self.forget_reply(world);
        }
        self.record(world, if holds { EventKind::Held { by } } else { EventKind::Resumed { by } });
        self.arrange(world);
    }

    /// The answer to a re-INVITE of ours, or to the offer in our 200 (then it comes with the ACK).
    pub fn on_answer_to_our_offer(&mut self, world: &mut World, index: u8, body: Option<&[u8]>) {
        if body.is_some() && self.agree(world, index, body) {
            self.record_leg(world, index);
            self.follow_hold(world, index);
        }
    }

    /// A digit by INFO counts like one in the media, and once with it.
    pub fn on_info(&mut self, world: &mut World, index: u8, content_type: &str, body: &[u8]) {
        let Ok(press) = hotline_media::dtmf::parse_info(content_type, body) else { return };
        self.on_key(world, index, Way::Info, press.digit);
    }

    /// A leg's media stopped: an event, not a hang-up (design.md §1). Whether its phone is still there, its phone is asked.
    pub fn on_silence(&mut self, world: &mut World, index: u8) {
        self.record(world, EventKind::NoMedia { leg: index });
        self.legs[index].silent = true;
        self.probe(world, index);
    }

    /// A leg's media came, or came again.
    pub fn on_sound(&mut self, world: &mut World, index: u8) {
        self.legs[index].silent = false;
        self.alarms.clear(world, Alarm::Probe(index));
    }

    /// Asks a leg's phone whether it is there, now and again: a BYE that was lost must not leave a seat in a call for ever.
    pub fn probe(&mut self, world: &mut World, index: u8) {
        let Some(leg) = self.legs.live(index) else { return };
        if world.sip.probe(world.now, leg.dialog).is_ok() {
            self.probe_later(world, index);
        }
    }

    /// The next time a leg's phone is asked, unless sound comes first.
    pub fn probe_later(&mut self, world: &mut World, index: u8) {
        let after = if self.legs[index].silent { PROBE_SILENT } else { PROBE_UNHEARD };
        self.alarm(world, Alarm::Probe(index), world.now + after);
    }

    /// Whether the caller talks to an agent.
    pub fn is_talking(&self) -> bool {
        matches!(self.phase, Phase::Talking(_))
    }
}
