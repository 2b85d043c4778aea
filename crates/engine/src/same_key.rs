//! A key that came both by RFC 4733 and by INFO is one key: phones and gateways that are to please everybody send both.

use crate::call::Call;
use crate::world::World;
use hotline_model::Timestamp;
use std::collections::VecDeque;
use std::time::Duration;

/// A key that comes the other way so soon after is the same one: INFO is sent as it is pressed or released, RFC 4733 tells of the release.
const SAME_KEY: Duration = Duration::from_secs(1);
/// Keys that may wait for their twins; with more, the oldest is taken to have none.
const MOST: usize = 16;

/// How a key came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// In the media (RFC 4733).
    Media,
    /// By INFO.
    Info,
}

/// Keys of a leg that came one way, and whose twins may come the other.
#[derive(Debug, Default)]
pub(crate) struct Pressed(VecDeque<(Timestamp, Way, char)>);

impl Pressed {
    /// Whether this key was counted already, as it came the other way. Each is the twin of one key only.
    pub fn is_told(&mut self, now: Timestamp, way: Way, key: char) -> bool {
        self.0.retain(|(at, ..)| now.since(*at) <= SAME_KEY);
        let twin = self.0.iter().position(|(_, other, pressed)| *other != way && *pressed == key);
        if let Some(twin) = twin {
            self.0.remove(twin);
            return true;
        }
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back((now, way, key));
        false
    }
}

impl Call {
    /// A key from a leg, unless it was counted already.
    pub fn on_key(&mut self, world: &mut World, index: u8, way: Way, key: char) {
        if self.is_told(world.now, index, way, key) {
            return;
        }
        if index == 0 {
            self.on_digit(world, key);
        } else {
            self.on_agent_key(world, index, key);
        }
    }

    /// See [`Pressed::is_told`]; of the leg.
    pub fn is_told(&mut self, now: Timestamp, index: u8, way: Way, key: char) -> bool {
        self.legs.get_mut(index).is_some_and(|leg| leg.pressed.is_told(now, way, key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(keys: &[(u64, Way, char)]) -> String {
        let mut pressed = Pressed::default();
        let at = |ms: u64| Timestamp::default() + Duration::from_millis(ms);
        keys.iter().filter(|(ms, way, key)| !pressed.is_told(at(*ms), *way, *key)).map(|(.., key)| *key).collect()
    }

    #[test]
    fn a_key_by_rfc_4733_and_by_info_counts_once_in_either_order() {
        use Way::{Info, Media};
        assert_eq!(counted(&[(0, Info, '8'), (100, Media, '8')]), "8");
        assert_eq!(counted(&[(0, Media, '8'), (20, Info, '8')]), "8");
        let both = [(0, Info, '1'), (50, Media, '1'), (150, Info, '1'), (200, Media, '1'), (300, Media, '2'), (310, Info, '2')];
        assert_eq!(counted(&both), "112");
        assert_eq!(counted(&[(0, Info, '1'), (100, Info, '1'), (150, Media, '1'), (250, Media, '1')]), "11", "late, but in their order");
    }

    #[test]
    fn keys_that_come_one_way_only_all_count_however_fast() {
        for way in [Way::Info, Way::Media] {
            assert_eq!(counted(&[(0, way, '8'), (60, way, '8'), (120, way, '8')]), "888");
        }
    }

    #[test]
    fn another_key_or_the_same_one_later_is_another() {
        assert_eq!(counted(&[(0, Way::Info, '8'), (20, Way::Media, '9')]), "89");
        assert_eq!(counted(&[(0, Way::Info, '8'), (1_001, Way::Media, '8')]), "88");
        assert_eq!(counted(&[(0, Way::Info, '8'), (20, Way::Media, '8'), (40, Way::Media, '8')]), "88", "each has one twin");
    }

    #[test]
    fn keys_without_twins_are_forgotten() {
        let mut pressed = Pressed::default();
        (0..1_000).for_each(|_| assert!(!pressed.is_told(Timestamp::default(), Way::Info, '5')));
        assert_eq!(pressed.0.len(), MOST);
    }
}
