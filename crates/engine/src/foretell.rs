//! What a waiting caller is told of the line: the place, and the expected wait where that is honest (R18, R75).

use crate::call::{Call, Phase, Waiting};
use crate::world::World;
use hotline_ivr::{Spoken, speech};
use hotline_model::Timestamp;
use hotline_model::history::{EventKind, Foretold, ForetoldWait, Untold};
use hotline_router::{ExpectedWait, Foreseen};
use hotline_rules::Say;

/// The same time is said so often in a row.
const SAME: u8 = 2;

/// What the caller has heard of the wait so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard {
    /// The first time that was told, and when: what is held against the answer.
    pub first: (Timestamp, ForetoldWait),
    /// The last one.
    minutes: u16,
    times: u8,
    risen: bool,
    ahead: u32,
    seats: u32,
}

impl Heard {
    pub fn new(now: Timestamp, told: ForetoldWait, ahead: u32, seats: u32) -> Self {
        Self { first: (now, told), minutes: told.minutes, times: 1, risen: false, ahead, seats }
    }

    /// The caller hears another time, if it is worth hearing: a shorter one always; the same twice in a row; a longer one once, and
    /// only if more callers are ahead than before, or fewer seats serve them.
    pub fn again(&mut self, minutes: u16, ahead: u32, seats: u32) -> Result<(), Untold> {
        let rises = minutes > self.minutes;
        let reason = ahead > self.ahead || seats < self.seats;
        if rises && (self.risen || !reason) || minutes == self.minutes && self.times >= SAME {
            return Err(Untold::NoBetter);
        }
        let times = if minutes == self.minutes { self.times + 1 } else { 1 };
        *self = Self { minutes, times, risen: self.risen || rises, ahead, seats, ..*self };
        Ok(())
    }
}

/// Where a call stands.
#[derive(Clone, Copy, Debug)]
struct Line {
    position: Option<usize>,
    wait: Option<Result<ExpectedWait, Untold>>,
}

impl Call {
    /// An announcement to a waiting caller. What can't be told of the line is left out, and the rest said; nothing yet if its router is to be
    /// asked first.
    pub fn announcement(&mut self, world: &mut World, say: &[Say], waiting: &Waiting) -> Vec<Spoken> {
        let asks = |what: Say| say.contains(&what);
        let (position, expected) = (asks(Say::Position), asks(Say::ExpectedWait));
        if (position || expected) && world.router.asks_where(self.id) {
            self.to_say = Some(say.to_vec());
            return Vec::new();
        }
        let line = Line {
            position: if position || expected { world.router.position(self.id) } else { None },
            wait: if expected { world.router.expected_wait(self.id, world.now) } else { None },
        };
        self.words(world, say, waiting, line)
    }

    /// The router at a distance has answered.
    pub fn on_foreseen(&mut self, world: &mut World, foreseen: &Foreseen) {
        let (Phase::Waiting(waiting), Some(say)) = (&self.phase, self.to_say.take()) else { return };
        let waiting = waiting.clone();
        let line = Line { position: foreseen.position.map(|position| position as usize), wait: foreseen.wait };
        let parts = self.words(world, &say, &waiting, line);
        self.announce(world, &parts);
    }

    fn words(&mut self, world: &mut World, say: &[Say], waiting: &Waiting, line: Line) -> Vec<Spoken> {
        let language = waiting.profile.language;
        let code = world.plan.language(language).code.clone();
        let mut parts = Vec::with_capacity(say.len());
        for piece in say {
            let words = match piece {
                Say::Position => line.position.map(|position| speech::position(&code, position.saturating_sub(1))),
                Say::ExpectedWait => self.foretell(world, line).map(|minutes| speech::wait_minutes(&code, u32::from(minutes))),
                Say::Prompt(_) | Say::PromptIn(..) | Say::Hours(_) => {
                    parts.extend(speech::say(&world.plan, std::slice::from_ref(piece), language));
                    continue;
                }
            };
            parts.extend(speech::in_language(language, words.unwrap_or_default()));
        }
        parts
    }

    /// The minutes to tell, if any; what is told, or why nothing is, becomes part of the history.
    fn foretell(&mut self, world: &mut World, line: Line) -> Option<u16> {
        let expected = line.wait?;
        let ahead = line.position.map_or(0, |position| u32::try_from(position.saturating_sub(1)).unwrap_or(u32::MAX));
        let wait = expected.and_then(|expected| self.hears(world.now, &expected));
        self.record(world, EventKind::Foretold(Foretold { ahead, wait }));
        wait.ok().map(|wait| wait.minutes)
    }

    fn hears(&mut self, now: Timestamp, expected: &ExpectedWait) -> Result<ForetoldWait, Untold> {
        let told = expected.foretold()?;
        match &mut self.heard {
            Some(heard) => heard.again(told.minutes, expected.ahead, expected.seats)?,
            None => self.heard = Some(Heard::new(now, told, expected.ahead, expected.seats)),
        }
        Ok(told)
    }

    /// The call is answered: what the caller heard first is held against it.
    pub fn calibrate(&mut self, world: &mut World) {
        if let Some(heard) = self.heard.take() {
            let (at, told) = heard.first;
            world.counters.foretold.count(&told, world.now.since(at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(minutes: u16) -> ForetoldWait {
        ForetoldWait { minutes, low_ms: 0, likely_ms: 0, high_ms: 0 }
    }

    #[test]
    fn the_same_time_is_said_twice_and_a_shorter_one_always_r75() {
        let mut heard = Heard::new(Timestamp(0), told(5), 7, 4);
        let said: Vec<bool> = [5, 5, 3, 3, 3, 2, 1, 0].map(|minutes| heard.again(minutes, 7, 4).is_ok()).into();
        assert_eq!(said, [true, false, true, true, false, true, true, true]);
    }

    #[test]
    fn a_longer_time_is_said_once_and_only_for_a_reason_r75() {
        let mut heard = Heard::new(Timestamp(0), told(2), 3, 4);
        assert_eq!(heard.again(3, 3, 4), Err(Untold::NoBetter), "nothing changed");
        assert_eq!(heard.again(3, 2, 5), Err(Untold::NoBetter), "things became better");
        assert_eq!(heard.again(3, 3, 3), Ok(()), "a seat less");
        assert_eq!(heard.again(5, 9, 1), Err(Untold::NoBetter), "not again");
        assert_eq!(heard.again(2, 9, 1), Ok(()));
        assert_eq!(heard.again(3, 10, 1), Err(Untold::NoBetter), "nor after a shorter one");
    }

    #[test]
    fn what_was_said_first_is_what_counts() {
        let mut heard = Heard::new(Timestamp(7), told(5), 7, 4);
        heard.again(3, 1, 4).expect("shorter");
        assert_eq!(heard.first, (Timestamp(7), told(5)));
    }
}
