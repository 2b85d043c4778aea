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

/// Eight bits, and above them the least key of what is set, so that setting a bit touches one word. When its owner goes, the key stays
/// as a lower bound.
#[derive(Clone, Copy, Debug)]
struct Node(u64);

/// Places, or nodes below, of a node.
pub(crate) const FAN: usize = 8;
const EMPTY: Node = Node(u64::MAX << FAN);

/// A `since` above a place in a node: the least is of the oldest, of equals the first.
fn key(since: u64, at: usize) -> u64 {
    since << FAN.ilog2() | at as u64
}

impl Node {
    fn bits(self) -> u64 {
        self.0 & ((1 << FAN) - 1)
    }

    fn has(self, at: usize) -> bool {
        self.0 & 1 << at != 0
    }

    fn key(self) -> u64 {
        self.0 >> FAN
    }

    /// Whose the key is, or was.
    fn oldest(self) -> usize {
        self.key() as usize % FAN
    }

    /// A lower bound of the `since` of what is set, the largest number if nothing is.
    fn bound(self) -> u64 {
        self.key() >> FAN.ilog2()
    }

    fn with_key(self, key: u64) -> Self {
        Self(key << FAN | self.bits())
    }

    /// The same with one more set.
    fn with(self, at: usize, since: u64) -> Self {
        Self(self.0 | 1 << at).with_key(self.key().min(key(since, at)))
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
        self.nodes[place / FAN].has(place % FAN)
    }

    /// Sets a place's bit. Whether it was clear.
    #[inline]
    pub fn set(&mut self, place: usize, since: u64) -> bool {
        let node = &mut self.nodes[place / FAN];
        let before = *node;
        if since > before.bound() {
            node.0 |= 1 << (place % FAN);
        } else {
            *node = before.with(place % FAN, since);
            if since < before.bound() {
                self.set_above(place / FAN, since);
            }
        }
        !before.has(place % FAN)
    }

    /// Tells the nodes above that one is no longer empty, or its bound lower.
    #[inline(never)]
    fn set_above(&mut self, mut at: usize, since: u64) {
        loop {
            match self.frame.links[at].up {
                Up::Node(up) => {
                    let bit = at - self.frame.links[up as usize].down as usize;
                    at = up as usize;
                    self.nodes[at] = self.nodes[at].with(bit, since);
                }
                Up::Bucket(bucket) => return self.frame.buckets[bucket as usize / 64] |= 1 << (bucket % 64),
            }
        }
    }

    /// Clears a place's bit. Whether it was set.
    #[inline]
    pub fn clear(&mut self, place: usize) -> bool {
        let node = &mut self.nodes[place / FAN];
        let before = *node;
        node.0 &= !(1 << (place % FAN));
        if node.bits() == 0 && before.bits() != 0 {
            self.clear_above(place / FAN);
        }
        before.has(place % FAN)
    }

    /// Tells the nodes above that one is empty.
    #[inline(never)]
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
        while self.nodes[top].bits() != 0 {
            let (leaf, bound) = (self.leaf_to_look_at(top), self.nodes[top].bound());
            self.look_at(leaf, &since);
            if self.nodes[leaf].bound() <= bound {
                return Some(leaf * FAN + self.nodes[leaf].oldest());
            }
            self.tighten(leaf, top);
        }
        None
    }

    /// Puts a leaf's key right. Only if its owner is gone, all have to be looked at.
    fn look_at(&mut self, leaf: usize, since: impl Fn(usize) -> u64) {
        let node = &mut self.nodes[leaf];
        if !node.has(node.oldest()) || since(leaf * FAN + node.oldest()) != node.bound() {
            let key_of = |at| if node.has(at) { key(since(leaf * FAN + at), at) } else { u64::MAX };
            *node = node.with_key((0..FAN).map(key_of).fold(u64::MAX, u64::min));
        }
    }

    /// Follows the least bound down from a node.
    fn leaf_to_look_at(&self, top: usize) -> usize {
        let mut at = top;
        while at >= self.frame.leaves as usize {
            at = self.frame.links[at].down as usize + self.least_below(at) as usize % FAN;
        }
        at
    }

    /// The key of the first of the oldest nodes below one; of those that are empty it is the largest.
    fn least_below(&self, at: usize) -> u64 {
        let (down, count) = (self.frame.links[at].down as usize, u64::BITS - self.nodes[at].bits().leading_zeros());
        let below = &self.nodes[down..down + count as usize];
        below.iter().enumerate().map(|(at, node)| key(node.bound(), at)).fold(u64::MAX, u64::min)
    }

    fn tighten(&mut self, leaf: usize, top: usize) {
        let mut at = leaf;
        while let Up::Node(up) = self.frame.links[at].up
            && at != top
        {
            at = up as usize;
            self.nodes[at] = self.nodes[at].with_key(self.least_below(at));
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
                prop_assert_eq!(ready.is_set(start + at), since.is_some());
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
