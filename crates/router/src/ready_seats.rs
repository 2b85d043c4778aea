/// Which seats of a line are ready, and who of a bucket is so the longest. Eight places share a node that holds a bit for each, a
/// lower bound of their `since`, and whose that was; above a bucket's nodes stand nodes of eight nodes, up to the one that is the
/// bucket's. All are hints: the seat's word decides.
#[derive(Debug, Default)]
pub(crate) struct ReadySeats {
    /// The leaves by place, then the nodes above.
    nodes: Box<[Node]>,
    /// Apart, since most changes of a seat end in its leaf.
    frame: Box<Frame>,
}

#[derive(Debug, Default)]
struct Frame {
    links: Box<[Link]>,
    /// Each bucket's topmost node.
    tops: Box<[u32]>,
    /// A bit per bucket: whether it has a ready seat.
    buckets: Box<[u64]>,
    leaves: u32,
}

#[derive(Clone, Copy, Debug)]
enum Up {
    Node(u32),
    Bucket(u32),
}

#[derive(Clone, Copy, Debug)]
struct Link {
    up: Up,
    /// The first of the nodes below.
    down: u32,
}

/// Eight bits, three for the place that the bound was taken from, and a bound of 53, so that setting a bit touches one word.
/// No place before that one has a `since` that equals the bound: if it still has, and is set, it is the oldest.
#[derive(Clone, Copy, Debug)]
struct Node(u64);

/// Places, or nodes below, of a node.
pub(crate) const FAN: usize = 8;
const BITS: u64 = (1 << FAN) - 1;
const OLDEST: u64 = FAN as u64 - 1;
const BOUND: usize = FAN + OLDEST.count_ones() as usize;
const EMPTY: Node = Node(u64::MAX << BOUND);

impl Node {
    fn bits(self) -> u64 {
        self.0 & BITS
    }

    /// A lower bound of the `since` of what is set, the largest number if nothing is.
    fn bound(self) -> u64 {
        self.0 >> BOUND
    }

    fn with_bound(self, bound: u64) -> Self {
        Self(bound << BOUND | self.0 & ((1 << BOUND) - 1))
    }

    fn with_oldest(self, place: usize, since: u64) -> Self {
        Self(since << BOUND | (place as u64) << FAN | self.bits())
    }

    /// The place that the bound was taken from, if it is still set.
    fn oldest(self) -> Option<usize> {
        let place = (self.0 >> FAN & OLDEST) as usize;
        (self.0 & 1 << place != 0).then_some(place)
    }

    /// The same with a place set.
    fn with(self, place: usize, since: u64) -> Self {
        let set = Self(self.0 | 1 << place);
        let before_oldest = (place as u64) < self.0 >> FAN & OLDEST;
        if since < self.bound() || since == self.bound() && before_oldest { set.with_oldest(place, since) } else { set }
    }

    /// What is set, from the first to the last.
    fn each(self) -> impl Iterator<Item = usize> {
        let mut bits = self.bits();
        std::iter::from_fn(move || {
            let first = bits.trailing_zeros() as usize;
            bits &= bits.wrapping_sub(1);
            (first < 64).then_some(first)
        })
    }
}

impl ReadySeats {
    /// For buckets of so many seats; each begins at a place that [`FAN`] divides.
    pub fn new(sizes: impl Iterator<Item = usize>) -> Self {
        let mut ends = vec![0];
        ends.extend(sizes.scan(0, |end, size| {
            *end += size.div_ceil(FAN) as u32;
            Some(*end)
        }));
        let leaves = ends[ends.len() - 1];
        let mut links: Vec<Link> = (0..leaves).map(|leaf| Link { up: Up::Bucket(0), down: leaf * FAN as u32 }).collect();
        let tops = ends.windows(2).zip(0..).map(|(range, bucket)| stack(&mut links, range[0], range[1], bucket)).collect();
        let (nodes, buckets) = (vec![EMPTY; links.len()].into(), vec![0; ends.len().div_ceil(64)].into());
        Self { nodes, frame: Frame { links: links.into(), tops, buckets, leaves }.into() }
    }

    pub fn is_set(&self, place: usize) -> bool {
        self.nodes[place / FAN].bits() & 1 << (place % FAN) != 0
    }

    /// Sets a place's bit. Whether it was clear.
    #[inline]
    pub fn set(&mut self, place: usize, since: u64) -> bool {
        let (node, bit) = (&mut self.nodes[place / FAN], 1 << (place % FAN));
        let before = *node;
        if since > before.bound() {
            node.0 |= bit;
        } else {
            self.set_oldest(place, since);
        }
        before.bits() & bit == 0
    }

    /// Sets the bit of a place that may be the oldest of its leaf.
    fn set_oldest(&mut self, place: usize, since: u64) {
        let node = &mut self.nodes[place / FAN];
        let before = *node;
        *node = before.with(place % FAN, since);
        if since < before.bound() {
            self.set_above(place / FAN, since);
        }
    }

    /// Tells the nodes above that one is no longer empty, or its bound lower.
    fn set_above(&mut self, mut at: usize, since: u64) {
        loop {
            match self.frame.links[at].up {
                Up::Node(up) => {
                    let bit = at - self.frame.links[up as usize].down as usize;
                    at = up as usize;
                    let node = &mut self.nodes[at];
                    *node = Node(node.0 | 1 << bit).with_bound(node.bound().min(since));
                }
                Up::Bucket(bucket) => return self.frame.buckets[bucket as usize / 64] |= 1 << (bucket % 64),
            }
        }
    }

    /// Clears a place's bit. Whether it was set.
    #[inline]
    pub fn clear(&mut self, place: usize) -> bool {
        let (node, bit) = (&mut self.nodes[place / FAN], 1 << (place % FAN));
        let before = *node;
        node.0 &= !bit;
        if before.bits() == bit {
            self.clear_above(place / FAN);
        }
        before.bits() & bit != 0
    }

    /// Tells the nodes above that one is empty.
    fn clear_above(&mut self, mut at: usize) {
        while self.nodes[at].bits() == 0 {
            self.nodes[at] = EMPTY;
            match self.frame.links[at].up {
                Up::Node(up) => {
                    let bit = at - self.frame.links[up as usize].down as usize;
                    at = up as usize;
                    self.nodes[at].0 &= !(1 << bit);
                }
                Up::Bucket(bucket) => return self.frame.buckets[bucket as usize / 64] &= !(1 << (bucket % 64)),
            }
        }
    }

    /// The first bucket from `from` on that has a ready seat.
    pub fn first_bucket(&self, from: usize) -> Option<usize> {
        let words = &self.frame.buckets;
        let mut bits = words.get(from / 64)? & u64::MAX << (from % 64);
        let mut at = from / 64;
        while bits == 0 {
            at += 1;
            bits = *words.get(at)?;
        }
        Some(at * 64 + bits.trailing_zeros() as usize)
    }

    /// The bucket of a place.
    pub fn bucket(&self, place: usize) -> usize {
        let mut at = place / FAN;
        loop {
            match self.frame.links[at].up {
                Up::Node(up) => at = up as usize,
                Up::Bucket(bucket) => return bucket as usize,
            }
        }
    }

    /// Whether a bucket has more than one ready seat.
    pub fn has_several(&self, bucket: usize) -> bool {
        let mut at = self.frame.tops[bucket] as usize;
        while at >= self.frame.leaves as usize && self.nodes[at].bits().is_power_of_two() {
            at = self.frame.links[at].down as usize + self.nodes[at].bits().trailing_zeros() as usize;
        }
        self.nodes[at].bits().count_ones() > 1
    }

    /// The ready seat of a bucket with the least `since`, of equals the first: its place.
    pub fn oldest(&mut self, bucket: usize, since: impl Fn(usize) -> u64) -> Option<usize> {
        let top = self.frame.tops[bucket] as usize;
        loop {
            let leaf = self.leaf_to_look_at(top)?;
            let bound = self.nodes[top].bound();
            let (place, oldest) = self.oldest_of_leaf(leaf, &since)?;
            if oldest <= bound {
                return Some(leaf * FAN + place);
            }
            self.tighten(leaf, top);
        }
    }

    /// The oldest of a leaf, and its `since`. Only if the one that the bound was taken from is gone, all have to be looked at.
    fn oldest_of_leaf(&mut self, leaf: usize, since: impl Fn(usize) -> u64) -> Option<(usize, u64)> {
        let node = &mut self.nodes[leaf];
        if let Some(place) = node.oldest().filter(|place| since(leaf * FAN + place) == node.bound()) {
            return Some((place, node.bound()));
        }
        let (since, place) = node.each().map(|place| (since(leaf * FAN + place), place)).min()?;
        *node = node.with_oldest(place, since);
        Some((place, since))
    }

    /// Follows the least bound down from a node.
    fn leaf_to_look_at(&self, top: usize) -> Option<usize> {
        let mut at = top;
        while at >= self.frame.leaves as usize {
            let down = self.frame.links[at].down as usize;
            at = self.nodes[at].each().map(|bit| down + bit).min_by_key(|node| self.nodes[*node].bound())?;
        }
        Some(at)
    }

    fn tighten(&mut self, leaf: usize, top: usize) {
        let mut at = leaf;
        while let Up::Node(up) = self.frame.links[at].up
            && at != top
        {
            at = up as usize;
            let down = self.frame.links[at].down as usize;
            let least = self.nodes[at].each().map(|bit| self.nodes[down + bit].bound()).min();
            self.nodes[at] = self.nodes[at].with_bound(least.unwrap_or(EMPTY.bound()));
        }
    }
}

/// Builds the nodes above a bucket's leaves, and tells the topmost.
fn stack(links: &mut Vec<Link>, mut start: u32, mut end: u32, bucket: u32) -> u32 {
    while end - start > 1 {
        let above = links.len() as u32;
        for node in start..end {
            links[node as usize].up = Up::Node(above + (node - start) / FAN as u32);
        }
        let downs = (start..end).step_by(FAN);
        links.extend(downs.map(|down| Link { up: Up::Bucket(bucket), down }));
        (start, end) = (above, links.len() as u32);
    }
    links[start as usize].up = Up::Bucket(bucket);
    start
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One bucket of a single node, one of three levels, one of two.
    const SIZES: [usize; 3] = [9, 700, 40];

    fn start(bucket: usize) -> usize {
        SIZES[..bucket].iter().map(|size| size.div_ceil(FAN) * FAN).sum()
    }

    proptest! {
        #[test]
        fn the_oldest_of_a_bucket_is_what_a_linear_scan_finds(
            steps in prop::collection::vec((0usize..3, 0usize..700, prop::option::of(0u64..50)), 1..400),
        ) {
            let mut ready = ReadySeats::new(SIZES.into_iter());
            let mut plain = SIZES.map(|size| vec![None; size]);
            for (bucket, at, since) in steps {
                let (at, start) = (at % SIZES[bucket], start(bucket));
                prop_assert_eq!(ready.clear(start + at), plain[bucket][at].is_some());
                plain[bucket][at] = since;
                if let Some(since) = since {
                    prop_assert!(ready.set(start + at, since));
                    prop_assert!(!ready.set(start + at, since));
                }
                prop_assert_eq!((ready.is_set(start + at), ready.bucket(start + at)), (since.is_some(), bucket));
                let taken = |bucket: &usize| plain[*bucket].iter().any(Option::is_some);
                prop_assert_eq!(ready.first_bucket(0), (0..3).find(taken));
                prop_assert_eq!(ready.first_bucket(bucket), (bucket..3).find(taken));
                let all = plain[bucket].iter().zip(start..).filter_map(|(since, place)| Some(((*since)?, place)));
                prop_assert_eq!(ready.oldest(bucket, |place| plain[bucket][place - start].expect("set")), all.clone().min().map(|(_, place)| place));
                if taken(&bucket) {
                    prop_assert_eq!(ready.has_several(bucket), all.count() > 1);
                }
            }
        }
    }

    #[test]
    fn a_line_without_seats_has_no_bucket() {
        assert_eq!(ReadySeats::new(std::iter::empty()).first_bucket(0), None);
        assert_eq!(ReadySeats::new([5].into_iter()).first_bucket(1), None);
    }
}
