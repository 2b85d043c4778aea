/// One bit per place of a line, a summary above it, and for each word of 64 the least idle time that it may hold.
/// All three are hints: the seat's word decides.
#[derive(Debug, Default)]
pub(crate) struct ReadyBits {
    words: Vec<u64>,
    summary: Vec<u64>,
    /// A lower bound of the `since` of the bits set in each word.
    floor: Vec<u64>,
}

impl ReadyBits {
    pub fn new(places: usize) -> Self {
        let words = places.div_ceil(64);
        Self { words: vec![0; words], summary: vec![0; words.div_ceil(64)], floor: vec![u64::MAX; words] }
    }

    pub fn is_set(&self, place: usize) -> bool {
        self.words[place / 64] & 1 << (place % 64) != 0
    }

    pub fn set(&mut self, place: usize, since: u64) {
        let word = place / 64;
        self.floor[word] = if self.words[word] == 0 { since } else { self.floor[word].min(since) };
        self.words[word] |= 1 << (place % 64);
        self.summary[word / 64] |= 1 << (word % 64);
    }

    pub fn clear(&mut self, place: usize) {
        let word = place / 64;
        self.words[word] &= !(1 << (place % 64));
        if self.words[word] == 0 {
            self.floor[word] = u64::MAX;
            self.summary[word / 64] &= !(1 << (word % 64));
        }
    }

    /// The first place from `from` on whose bit is set.
    pub fn first_from(&self, from: usize) -> Option<usize> {
        let word = from / 64;
        let here = self.words.get(word)? & u64::MAX << (from % 64);
        if here != 0 {
            return Some(word * 64 + here.trailing_zeros() as usize);
        }
        let next = word + 1;
        let mut summary = self.summary.get(next / 64)? & u64::MAX << (next % 64);
        let mut at = next / 64;
        while summary == 0 {
            at += 1;
            summary = *self.summary.get(at)?;
        }
        let word = at * 64 + summary.trailing_zeros() as usize;
        Some(word * 64 + self.words[word].trailing_zeros() as usize)
    }

    /// Of the places from `start` to before `end` whose bits are set, the one with the least `since`, of equals the first.
    pub fn oldest(&mut self, start: usize, end: usize, since: impl Fn(usize) -> u64) -> Option<usize> {
        let (full, full_end) = (start.div_ceil(64), end / 64);
        let best = if full >= full_end {
            self.scan(start, end, &since)
        } else {
            let edges = [self.scan(start, full * 64, &since), self.scan(full_end * 64, end, &since)];
            edges.into_iter().chain([self.oldest_of_words(full, full_end, &since)]).flatten().min()
        };
        best.map(|(_, place)| place)
    }

    fn oldest_of_words(&mut self, first: usize, end: usize, since: &impl Fn(usize) -> u64) -> Option<(u64, usize)> {
        loop {
            let (floor, word) = (first..end).map(|word| (self.floor[word], word)).min()?;
            let found = self.scan(word * 64, word * 64 + 64, since)?;
            self.floor[word] = found.0;
            if found.0 <= floor {
                return Some(found);
            }
        }
    }

    fn scan(&self, start: usize, end: usize, since: &impl Fn(usize) -> u64) -> Option<(u64, usize)> {
        let mut best = None;
        for word in start / 64..end.div_ceil(64) {
            let low = u64::MAX << start.saturating_sub(word * 64);
            let high = u64::MAX >> (word * 64 + 64).saturating_sub(end);
            let mut bits = self.words[word] & low & high;
            while bits != 0 {
                let place = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let candidate = (since(place), place);
                best = Some(best.map_or(candidate, |best: (u64, usize)| best.min(candidate)));
            }
        }
        best
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_bits_find_what_a_linear_scan_finds(
            steps in prop::collection::vec((0usize..500, prop::option::of(0u64..50)), 1..400),
            (a, b) in (0usize..500, 0usize..500),
        ) {
            let mut bits = ReadyBits::new(500);
            let mut plain = vec![None; 500];
            for (place, since) in steps {
                bits.clear(place);
                plain[place] = since;
                if let Some(since) = since {
                    bits.set(place, since);
                }
                let (start, end) = (a.min(b), a.max(b));
                let first = (start..500).find(|place| plain[*place].is_some());
                prop_assert_eq!(bits.first_from(start), first);
                let oldest = (start..end).filter_map(|place| plain[place].map(|since| (since, place))).min().map(|(_, place)| place);
                prop_assert_eq!(bits.oldest(start, end, |place| plain[place].expect("set")), oldest);
            }
        }
    }

    #[test]
    fn a_place_beyond_the_end_finds_nothing() {
        assert_eq!(ReadyBits::new(64).first_from(64), None);
        assert_eq!(ReadyBits::new(0).first_from(0), None);
    }
}
