use std::collections::BTreeMap;

/// Which parts of a long row are taken, each by its beginning and its length.
#[derive(Debug, Default)]
pub(crate) struct Spaces {
    /// By length, parts that are so short that there may be one for each call: the next of this length has the last.
    short: [Vec<u32>; SHORT],
    /// The others that are free, by beginning; no two of them touch.
    free: BTreeMap<u32, u32>,
    end: u32,
}

/// Parts are short below it: a line has up to three agents of the caller's own.
const SHORT: usize = 4;

impl Spaces {
    /// Takes a part of this length: the first that is free, or at the end.
    pub fn take(&mut self, length: u32) -> u32 {
        if let Some(start) = self.short.get_mut(length as usize).and_then(Vec::pop) {
            return start;
        }
        let Some((start, room)) = self.free.iter().find(|(_, room)| **room >= length).map(|(start, room)| (*start, *room)) else {
            self.end += length;
            return self.end - length;
        };
        self.free.remove(&start);
        if room > length {
            self.free.insert(start + length, room - length);
        }
        start
    }

    /// Gives a part back.
    pub fn give(&mut self, mut start: u32, mut length: u32) {
        if length == 0 {
            return;
        }
        if let Some(short) = self.short.get_mut(length as usize) {
            return short.push(start);
        }
        if let Some((before, room)) = self.free.range(..start).next_back().map(|(before, room)| (*before, *room))
            && before + room == start
        {
            self.free.remove(&before);
            (start, length) = (before, length + room);
        }
        length += self.free.remove(&(start + length)).unwrap_or(0);
        if start + length == self.end {
            self.end = start;
        } else {
            self.free.insert(start, length);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_two_parts_overlap_and_what_is_given_back_is_taken_again(steps in prop::collection::vec((any::<bool>(), 0u32..9), 1..200)) {
            let (mut spaces, mut taken) = (Spaces::default(), Vec::new());
            for (takes, number) in steps {
                if takes || taken.is_empty() {
                    taken.push((spaces.take(number), number));
                } else {
                    let (start, length) = taken.swap_remove(number as usize % taken.len());
                    spaces.give(start, length);
                }
                let mut parts: Vec<(u32, u32)> = taken.iter().copied().filter(|(_, length)| *length > 0).collect();
                parts.sort_unstable();
                prop_assert!(parts.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0));
                let short = (0..).zip(&spaces.short).map(|(length, parts)| length * parts.len() as u32).sum::<u32>();
                prop_assert!(spaces.end >= parts.last().map_or(0, |(start, length)| start + length));
                let free: u32 = spaces.free.values().sum();
                prop_assert_eq!(short + free + parts.iter().map(|(_, length)| length).sum::<u32>(), spaces.end);
            }
        }
    }
}
