//! Inside a dialog: hold and other re-INVITEs, digits by INFO, media that stops.

use crate::call::{Call, Phase};
use crate::leg::{Sound, preferring};
use crate::same_key::Way;
use crate::world::{Alarm, World};
use hotline_model::Timestamp;
use hotline_model::history::{Direction, EventKind};
use hotline_sip::Reject;
use std::time::Duration;

/// How often a phone is asked whose sound came and stopped, or which holds: then none is to come.
const ASK_SILENT: Duration = Duration::from_secs(60);
/// How often a phone is asked that never sent any: load generators send none, and hang up at a request that their scenario doesn't have.
const ASK_UNHEARD: Duration = Duration::from_secs(300);
/// Phones are asked so far apart: 500 a second, more than 5,000 calls of two silent phones each need. Those who fall silent in one moment,
/// or are taken up together after a restart, have their turns one after the other.
const ASK_APART: Duration = Duration::from_millis(2);

/// Whose turn it is to be asked whether it is still there.
#[derive(Debug, Default)]
pub(crate) struct Asking {
    next: Timestamp,
}

impl Asking {
    /// The next turn, now or later.
    fn turn(&mut self, now: Timestamp) -> Timestamp {
        let turn = self.next.max(now);
        self.next = turn + ASK_APART;
        turn
    }
}

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
        self.probe_later(world, index);
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
        self.legs[index].sound = Sound::Stopped;
        self.probe(world, index);
    }

    /// A leg's media came, or came again.
    pub fn on_sound(&mut self, world: &mut World, index: u8) {
        self.legs[index].sound = Sound::Flows;
        self.probe_later(world, index);
    }

    /// Asks a leg's phone whether it is there, now and again: a BYE that was lost must not leave a seat in a call for ever. Whatever it
    /// answers but 408 and 481, it is there.
    pub fn probe(&mut self, world: &mut World, index: u8) {
        if self.legs.live(index).is_none() {
            return;
        }
        let leg = &mut self.legs[index];
        if !std::mem::take(&mut leg.has_turn) {
            let turn = world.asking.turn(world.now);
            if turn > world.now {
                leg.has_turn = true;
                return self.alarm(world, Alarm::Probe(index), turn);
            }
        }
        // Who is in early media can't be asked, and is another time.
        world.sip.probe(world.now, leg.dialog).ok();
        self.probe_later(world, index);
    }

    /// The next time a leg's phone is asked, unless sound comes first.
    pub fn probe_later(&mut self, world: &mut World, index: u8) {
        let leg = &mut self.legs[index];
        leg.has_turn = false;
        match (leg.sound, leg.holds) {
            (Sound::None, _) => self.alarm(world, Alarm::Probe(index), world.now + ASK_UNHEARD),
            (Sound::Stopped, _) | (Sound::Flows, true) => self.alarm(world, Alarm::Probe(index), world.now + ASK_SILENT),
            (Sound::Flows, false) => self.alarms.clear(world, Alarm::Probe(index)),
        }
    }

    /// Whether the caller talks to an agent.
    pub fn is_talking(&self) -> bool {
        matches!(self.phase, Phase::Talking(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_that_fall_silent_in_one_moment_are_asked_two_milliseconds_apart() {
        let (mut asking, now, later) = (Asking::default(), Timestamp(1_000_000), Timestamp(9_000_000));
        let turns: Vec<i64> = (0..3).map(|_| asking.turn(now).0 - now.0).collect();
        assert_eq!((turns, asking.turn(later)), (vec![0, 2_000, 4_000], later));
    }
}
