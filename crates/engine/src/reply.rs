//! K2 (R10): from the end of the caller's input to the first sound of the reply. Turns are many and short, so the journal hears of those that are
//! late, and of all others together once, when the call ends.

use crate::call::{Call, Phase};
use crate::live_clock::K2;
use crate::world::{Alarm, World};
use hotline_ivr::{Input, Spoken};
use hotline_model::Timestamp;
use hotline_model::history::{ClockChange, Direction, EventKind};
use std::time::Duration;

/// How soon the voice system replied to callers (K2, R10), since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VoiceReplies {
    /// Replies that were heard.
    pub heard: u64,
    /// Of these, how many within each of [`VoiceReplies::BOUNDS_MS`].
    pub within: [u64; 7],
    /// The time of all together.
    pub total: Duration,
    /// The slowest.
    pub slowest: Duration,
    /// Inputs of callers to which nothing was heard within `timers.voice_response`.
    pub breached: u64,
}

impl VoiceReplies {
    /// Bounds of [`VoiceReplies::within`], in milliseconds.
    pub const BOUNDS_MS: [u64; 7] = [50, 100, 250, 500, 1_000, 2_000, 3_000];

    fn count(&mut self, took: Duration) {
        self.heard += 1;
        self.total += took;
        self.slowest = self.slowest.max(took);
        let bounds = self.within.iter_mut().zip(Self::BOUNDS_MS);
        bounds.filter(|(_, bound)| took <= Duration::from_millis(*bound)).for_each(|(count, _)| *count += 1);
    }
}

/// The turns of one call.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    due: Option<Due>,
    replies: u16,
    slowest: Duration,
}

/// A reply that the caller has not heard yet.
#[derive(Debug)]
struct Due {
    since: Timestamp,
    /// What is said, if that is known yet.
    reply: Option<Reply>,
    /// The limit was over.
    is_late: bool,
    /// How often what is said was not heard in time.
    unheard: u8,
}

#[derive(Clone, Debug)]
struct Reply {
    play: u64,
    parts: Vec<Spoken>,
    barge_in: bool,
    then_music: bool,
}

impl Call {
    /// The caller's input is complete. Who holds us hears nothing, and is owed nothing.
    pub fn reply_due(&mut self, world: &mut World) {
        let direction = self.legs.live(0).and_then(|leg| leg.media.direction());
        if !matches!(direction, Some(Direction::SendRecv | Direction::SendOnly)) {
            return self.forget_reply(world);
        }
        self.turns.due = Some(Due { since: world.now, reply: None, is_late: false, unheard: 0 });
        self.await_reply(world);
    }

    fn await_reply(&mut self, world: &mut World) {
        let limit = world.plan.timers.voice_response;
        self.alarm(world, Alarm::Limit(K2), world.now + limit);
    }

    /// The caller goes on, or nothing follows.
    pub fn forget_reply(&mut self, world: &mut World) {
        if self.turns.due.take().is_some() {
            self.alarms.clear(world, Alarm::Limit(K2));
        }
    }

    /// What is played now is the reply, if one is due.
    pub fn reply_with(&mut self, parts: &[Spoken], barge_in: bool, then_music: bool) {
        if let Some(due) = &mut self.turns.due {
            due.reply = Some(Reply { play: self.play, parts: parts.to_vec(), barge_in, then_music });
        }
    }

    /// All that follows at once from an input was done: music or a person is no reply, and where nothing is said none is due.
    pub fn settle_reply(&mut self, world: &mut World) {
        let follows = match &self.phase {
            Phase::Menu(session) => session.waits_for_sources(),
            Phase::Message(message) => message.is_recording(),
            Phase::Survey(_)
            | Phase::Led(_)
            | Phase::Waiting(_)
            | Phase::Offered(..)
            | Phase::Later(_)
            | Phase::Reaching(..)
            | Phase::Talking(_)
            | Phase::Transferring(_)
            | Phase::Goodbye
            | Phase::WrapUp
            | Phase::Done => false,
        };
        if !follows && self.turns.due.as_ref().is_some_and(|due| due.reply.is_none()) {
            self.forget_reply(world);
        }
    }

    /// The first packet of a play has left.
    pub fn on_begun(&mut self, world: &mut World, play: u64) {
        let heard = |due: &mut Due| due.reply.as_ref().is_some_and(|reply| reply.play <= play);
        let Some(due) = self.turns.due.take_if(heard) else { return };
        self.alarms.clear(world, Alarm::Limit(K2));
        let took = world.now.since(due.since);
        world.counters.voice.count(took);
        self.turns.replies = self.turns.replies.saturating_add(1);
        self.turns.slowest = self.turns.slowest.max(took);
    }

    /// A play was cut off: by a key that is still pressed, or by a person who answered.
    pub fn on_cut_off(&mut self, world: &mut World, play: u64) {
        if play == self.play {
            self.forget_reply(world);
        }
    }

    /// The limit is over: what is said is said again, and after that a person takes over.
    pub fn on_reply_late(&mut self, world: &mut World) {
        let Some(due) = &mut self.turns.due else { return };
        if !std::mem::replace(&mut due.is_late, true) {
            world.counters.voice.breached += 1;
            self.tell_clock(world, K2, ClockChange::Breached, world.plan.timers.voice_response);
        }
        let Some(due) = self.turns.due.as_mut().filter(|_| speaks(&self.phase)) else { return self.forget_reply(world) };
        due.unheard = due.unheard.saturating_add(u8::from(due.reply.is_some()));
        let (unheard, reply) = (due.unheard, due.reply.clone());
        self.await_reply(world);
        // What is still to come has a limit of its own, after which it is said: sources, the recorder.
        let Some(reply) = reply else { return };
        if unheard == 1 {
            self.record(world, EventKind::ReplyUnheard { again: true });
            self.say_again(world, &reply);
        } else {
            self.go_on_unheard(world, unheard == 2);
        }
    }

    fn say_again(&mut self, world: &mut World, reply: &Reply) {
        if matches!(&self.phase, Phase::Message(message) if message.is_asking()) {
            return self.ask_for_message(world, &reply.parts);
        }
        self.play(world, &reply.parts, reply.barge_in, reply.then_music);
    }

    /// It was not heard again either: a menu leads to a person, a survey ends, who wished to be called back just waits for a person, and a
    /// message is recorded all the same.
    fn go_on_unheard(&mut self, world: &mut World, tell: bool) {
        let follows = matches!(self.phase, Phase::Menu(_) | Phase::Survey(_));
        let asks = self.wish.is_some() || matches!(&self.phase, Phase::Message(message) if message.is_asking());
        if tell && (follows || asks) {
            self.record(world, EventKind::ReplyUnheard { again: false });
        }
        if follows {
            self.tell_menu(world, Input::Unheard);
            return self.tell_survey(world, Input::Unheard);
        }
        self.forget_reply(world);
        self.drop_wish(world);
        self.on_message_played(world);
    }

    /// The call is over: how soon it was replied to.
    pub fn tell_replies(&mut self, world: &mut World) {
        let Turns { replies, slowest, .. } = std::mem::take(&mut self.turns);
        if replies > 0 {
            let ms = |time: Duration| u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
            let limit_ms = ms(world.plan.timers.voice_response);
            self.record(world, EventKind::VoiceReplied { replies, slowest_ms: ms(slowest), limit_ms });
        }
    }
}

/// Whether the voice speaks to the caller: elsewhere there is a person, or somebody rings.
fn speaks(phase: &Phase) -> bool {
    match phase {
        Phase::Menu(_) | Phase::Survey(_) | Phase::Message(_) | Phase::Waiting(_) | Phase::Offered(..) | Phase::Goodbye => true,
        Phase::Led(_)
        | Phase::Later(_)
        | Phase::Reaching(..)
        | Phase::Talking(_)
        | Phase::Transferring(_)
        | Phase::WrapUp
        | Phase::Done => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_counted_by_how_soon_they_were_heard_r10() {
        let mut replies = VoiceReplies::default();
        [20, 50, 51, 2_999, 4_000].into_iter().for_each(|ms| replies.count(Duration::from_millis(ms)));
        assert_eq!((replies.heard, replies.within), (5, [2, 3, 3, 3, 3, 3, 4]));
        assert_eq!((replies.slowest, replies.total), (Duration::from_secs(4), Duration::from_millis(7_120)));
    }
}
