use hotline_model::{IdMap, RegionId};

/// Most figures of a prefix.
pub(crate) const LONGEST_PREFIX: usize = 12;

/// How callers' numbers begin, and which region they are of: hundreds of thousands of them, found by as many looks as a number has figures.
#[derive(Debug, Default)]
pub struct Prefixes(IdMap<u64, Entry>);

#[derive(Clone, Copy, Debug)]
struct Entry {
    region: RegionId,
    /// Leading zeros that are missing, if any may be.
    zeros: usize,
}

impl Prefixes {
    /// Adds 1 to 12 figures, and the same without a leading 0, as numbers behind a country code have them; gives the region they had.
    pub(crate) fn insert(&mut self, prefix: &str, region: RegionId) -> Option<RegionId> {
        let before = self.0.insert(code(prefix.bytes()), Entry { region, zeros: 0 });
        let short = prefix.trim_start_matches('0');
        if !short.is_empty() && !self.0.contains_key(&code(short.bytes())) {
            self.0.insert(code(short.bytes()), Entry { region, zeros: prefix.len() - short.len() });
        }
        before.filter(|before| before.zeros == 0).map(|before| before.region)
    }

    /// The longest prefix of a number: how many figures it has, and the region.
    pub fn longest(&self, number: &str) -> Option<(usize, RegionId)> {
        let figures = number.bytes().take(LONGEST_PREFIX).take_while(u8::is_ascii_digit);
        let mut key = 1;
        let mut longest = None;
        for (place, figure) in figures.enumerate() {
            key = key * 10 + u64::from(figure - b'0');
            longest = self.0.get(&key).map(|entry| (place + 1 + entry.zeros, entry.region)).or(longest);
        }
        longest
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Figures as a number with a 1 before them, so that leading zeros count.
pub(crate) fn code(figures: impl Iterator<Item = u8>) -> u64 {
    figures.fold(1, |code, figure| code * 10 + u64::from(figure - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_wins_and_a_leading_0_may_be_missing() {
        let mut prefixes = Prefixes::default();
        for (prefix, region) in [("138", 1), ("1380013", 2), ("021", 3), ("0", 9)] {
            assert_eq!(prefixes.insert(prefix, RegionId(region)), None);
        }
        let region = |number: &str| prefixes.longest(number).map(|(figures, region)| (figures, region.0));
        assert_eq!(region("13800138000"), Some((7, 2)));
        assert_eq!(region("13811138000"), Some((3, 1)));
        assert_eq!((region("02161234567"), region("2161234567")), (Some((3, 3)), Some((3, 3))));
        assert_eq!((region("0591"), region("+86138"), region(""), region("15")), (Some((1, 9)), None, None, None));
        assert_eq!((prefixes.insert("138", RegionId(4)), prefixes.insert("21", RegionId(5))), (Some(RegionId(1)), None));
    }
}
