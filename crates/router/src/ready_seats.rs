use crate::line::MAX_STEPS;
use crate::places::Place;
use crate::spaces::Spaces;

/// Which seats of the lines are ready, how many of those each step admits first, and who of a bucket is so the longest. Eight places
/// share a leaf that holds a bit for each, a lower bound of their `since`, and whose that was; above a bucket's leaves stand nodes of
/// eight nodes, up to the one that is the bucket's. All are hints: the seat's word decides.
///
/// Every change of a seat goes through all its lines, and mostly ends in the leaves and the counts: these of all lines lie together.
#[derive(Debug, Default)]
pub(crate) struct ReadySeats {
    leaves: Vec<Node>,
    spaces: Spaces,
    /// By step, and in it by line.
    counts: Vec<u32>,
    /// Lines that the counts have room for.
    room: usize,
    frames: Vec<Frame>,
}

/// What stands above a line's leaves, which are numbered before the nodes above.
#[derive(Debug, Default)]
struct Frame {
    /// A bit per bucket: whether it has a ready seat.
    buckets: Box<[u64]>,
    /// Each bucket's topmost node.
    tops: Box<[u32]>,
    above: Box<[Node]>,
    links: Box<[Link]>,
    /// Where its leaves begin among all, and how many they are.
    start: u32,
    leaves: u32,
}

/// One line's ready seats. Places and nodes are numbered from its first.
pub(crate) struct ReadyLine<'a> {
    leaves: &'a mut [Node],
    frame: &'a mut Frame,
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

    /// Of a node that is not empty, whether but one is set.
    fn is_single(self) -> bool {
        self.bits() & (self.bits() - 1) == 0
    }

    /// The same with one more set.
    fn with(self, at: usize, since: u64) -> Self {
        Self(self.0 | 1 << at).with_key(self.key().min(key(since, at)))
    }
}

impl ReadySeats {
    /// Makes room for a line with buckets of so many seats, none of them ready; each begins at a place that [`FAN`] divides.
    pub fn add(&mut self, line: u32, sizes: impl Iterator<Item = usize>) {
        let mut frame = Frame::new(sizes);
        frame.start = self.spaces.take(frame.leaves);
        let end = (frame.start + frame.leaves) as usize;
        self.leaves.resize(self.leaves.len().max(end), EMPTY);
        self.leaves[frame.start as usize..end].fill(EMPTY);
        let line = line as usize;
        self.frames.resize_with(self.frames.len().max(line + 1), Frame::default);
        self.frames[line] = frame;
        if line >= self.room {
            self.widen((line + 1).next_power_of_two());
        }
        (0..MAX_STEPS).for_each(|step| self.counts[step * self.room + line] = 0);
    }

    fn widen(&mut self, room: usize) {
        let mut counts = vec![0; room * MAX_STEPS];
        for step in 0..MAX_STEPS {
            counts[step * room..][..self.room].copy_from_slice(&self.counts[step * self.room..][..self.room]);
        }
        (self.counts, self.room) = (counts, room);
    }

    /// A line is no more.
    pub fn remove(&mut self, line: u32) {
        let Frame { start, leaves, .. } = std::mem::take(&mut self.frames[line as usize]);
        self.spaces.give(start, leaves);
    }

    /// Where a line's places begin among those of all lines.
    pub fn start(&self, line: u32) -> usize {
        self.frames[line as usize].start as usize * FAN
    }

    pub fn line(&mut self, line: u32) -> ReadyLine<'_> {
        let frame = &mut self.frames[line as usize];
        ReadyLine { leaves: &mut self.leaves[frame.start as usize..][..frame.leaves as usize], frame }
    }

    /// How many seats of a line are ready that the steps up to `step` admit.
    pub fn count(&self, line: u32, step: usize) -> u32 {
        (0..=step).map(|step| self.counts[step * self.room + line as usize]).sum()
    }

    /// Sets a place's bit.
    #[inline]
    pub fn set(&mut self, place: Place, since: u64) {
        let (leaf, at) = (place.place() / FAN, place.place() % FAN);
        let node = &mut self.leaves[leaf];
        let before = *node;
        if since > before.bound() {
            node.0 |= 1 << at;
        } else {
            *node = before.with(at, since);
            if since < before.bound() {
                self.set_above(place, since);
            }
        }
        self.counts[place.step() * self.room + place.line() as usize] += u32::from(!before.has(at));
    }

    #[inline(never)]
    fn set_above(&mut self, place: Place, since: u64) {
        let line = self.line(place.line());
        let leaf = place.place() / FAN - line.frame.start as usize;
        line.frame.set_above(leaf, since);
    }

    /// Clears a place's bit.
    #[inline]
    pub fn clear(&mut self, place: Place) {
        let (leaf, at) = (place.place() / FAN, place.place() % FAN);
        let node = &mut self.leaves[leaf];
        let before = *node;
        node.0 &= !(1 << at);
        if before.bits() == 1 << at {
            self.clear_above(place);
        }
        self.counts[place.step() * self.room + place.line() as usize] -= u32::from(before.has(at));
    }

    #[inline(never)]
    fn clear_above(&mut self, place: Place) {
        self.leaves[place.place() / FAN] = EMPTY;
        let line = self.line(place.line());
        let leaf = place.place() / FAN - line.frame.start as usize;
        line.frame.clear_above(leaf);
    }
}

impl Frame {
    fn new(sizes: impl Iterator<Item = usize>) -> Self {
        let mut ends = vec![0];
        ends.extend(sizes.scan(0, |end, size| {
            *end += size.div_ceil(FAN) as u32;
            Some(*end)
        }));
        let leaves = ends[ends.len() - 1];
        let mut links: Vec<Link> = (0..leaves).map(|leaf| Link { up: Up::Bucket(0), down: leaf * FAN as u32 }).collect();
        let tops = ends.windows(2).zip(0..).map(|(range, bucket)| stack(&mut links, range[0], range[1], bucket)).collect();
        let (above, buckets) = (vec![EMPTY; links.len() - leaves as usize].into(), vec![0; ends.len().div_ceil(64)].into());
        Self { buckets, tops, above, links: links.into(), start: 0, leaves }
    }

    fn above(&mut self, at: usize) -> &mut Node {
        &mut self.above[at - self.leaves as usize]
    }

    /// Tells the nodes above that one is no longer empty, or its bound lower.
    fn set_above(&mut self, mut at: usize, since: u64) {
        loop {
            match self.links[at].up {
                Up::Node(up) => {
                    let bit = at - self.links[up as usize].down as usize;
                    at = up as usize;
                    let node = self.above(at);
                    *node = node.with(bit, since);
                }
                Up::Bucket(bucket) => return self.buckets[bucket as usize / 64] |= 1 << (bucket % 64),
            }
        }
    }

    /// Tells the nodes above that one is empty.
    fn clear_above(&mut self, mut at: usize) {
        loop {
            match self.links[at].up {
                Up::Node(up) => {
                    let bit = at - self.links[up as usize].down as usize;
                    at = up as usize;
                    let node = self.above(at);
                    node.0 &= !(1 << bit);
                    if node.bits() != 0 {
                        return;
                    }
                    *node = EMPTY;
                }
                Up::Bucket(bucket) => return self.buckets[bucket as usize / 64] &= !(1 << (bucket % 64)),
            }
        }
    }
}

impl ReadyLine<'_> {
    pub fn is_set(&self, place: usize) -> bool {
        self.leaves[place / FAN].has(place % FAN)
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

    fn node(&self, at: usize) -> Node {
        self.leaves.get(at).copied().unwrap_or_else(|| self.frame.above[at - self.leaves.len()])
    }

    /// Whether a bucket has more than one ready seat.
    pub fn has_several(&self, bucket: usize) -> bool {
        let mut at = self.frame.tops[bucket] as usize;
        while at >= self.leaves.len() && self.node(at).is_single() {
            at = self.frame.links[at].down as usize + self.node(at).bits().trailing_zeros() as usize;
        }
        !self.node(at).is_single()
    }

    /// The ready seat of a bucket with the least `since`, of equals the first: its place.
    pub fn oldest(&mut self, bucket: usize, since: impl Fn(usize) -> u64) -> Option<usize> {
        let top = self.frame.tops[bucket] as usize;
        while self.node(top).bits() != 0 {
            let (leaf, bound) = self.leaf_to_look_at(top);
            let exact = Self::exact(self.leaves[leaf], |at| since(leaf * FAN + at));
            self.leaves[leaf] = exact;
            if exact.bound() <= bound {
                return Some(leaf * FAN + exact.oldest());
            }
            self.tighten(leaf, top);
        }
        None
    }

    /// A leaf with its key put right. Only if its owner is gone, all have to be looked at.
    fn exact(node: Node, since: impl Fn(usize) -> u64) -> Node {
        if node.has(node.oldest()) && since(node.oldest()) == node.bound() {
            return node;
        }
        let (mut bits, mut least) = (node.bits(), u64::MAX);
        while bits != 0 {
            let at = bits.trailing_zeros() as usize;
            least = least.min(key(since(at), at));
            bits &= bits - 1;
        }
        node.with_key(least)
    }

    /// Follows the least bound down from a bucket's top, and tells it.
    fn leaf_to_look_at(&self, top: usize) -> (usize, u64) {
        let (mut at, mut bound) = (top, u64::MAX);
        while at >= self.leaves.len() {
            let least = self.least_below(at);
            bound = if at == top { least >> FAN.ilog2() } else { bound };
            at = self.frame.links[at].down as usize + least as usize % FAN;
        }
        (at, bound)
    }

    /// The key of the first of the oldest nodes below one; of those that are empty it is the largest.
    fn least_below(&self, at: usize) -> u64 {
        let (mut bits, down, mut least) = (self.node(at).bits(), self.frame.links[at].down as usize, u64::MAX);
        while bits != 0 {
            let at = bits.trailing_zeros() as usize;
            least = least.min(key(self.node(down + at).bound(), at));
            bits &= bits - 1;
        }
        least
    }

    /// Puts the bounds between a leaf and a bucket's top right.
    fn tighten(&mut self, leaf: usize, top: usize) {
        let mut at = leaf;
        while let Up::Node(up) = self.frame.links[at].up
            && up as usize != top
        {
            at = up as usize;
            let least = self.least_below(at);
            let node = self.frame.above(at);
            *node = node.with_key(least);
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
            steps in prop::collection::vec((0u32..2, 0usize..3, 0usize..700, prop::option::of(0u64..50)), 1..400),
        ) {
            let mut ready = ReadySeats::default();
            ready.add(5, [80].into_iter());
            let mut plain = [0, 1].map(|line| {
                ready.add(line, SIZES.into_iter());
                SIZES.map(|size| vec![None; size])
            });
            ready.remove(5);
            for (line, bucket, at, since) in steps {
                let (at, start) = (at % SIZES[bucket], start(bucket));
                let (plain, place) = (&mut plain[line as usize], Place::new(line, ready.start(line) + start + at, bucket, 1));
                ready.clear(place);
                plain[bucket][at] = since;
                if let Some(since) = since {
                    ready.set(place, since);
                    ready.set(place, since);
                }
                let taken = |bucket: &usize| plain[*bucket].iter().any(Option::is_some);
                let counted = |upto: usize| plain[..=upto].iter().flatten().flatten().count() as u32;
                prop_assert_eq!([0, 1, 2].map(|step| ready.count(line, step)), [0, 1, 2].map(counted));
                let mut ready = ready.line(line);
                prop_assert_eq!(ready.is_set(start + at), since.is_some());
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
        let mut ready = ReadySeats::default();
        ready.add(0, std::iter::empty());
        ready.add(1, [5].into_iter());
        assert_eq!((ready.line(0).first_bucket(0), ready.line(1).first_bucket(1)), (None, None));
    }

    #[test]
    fn a_line_that_takes_the_place_of_another_begins_with_nobody_ready() {
        let mut ready = ReadySeats::default();
        ready.add(0, [8].into_iter());
        ready.set(Place::new(0, 3, 1, 1), 7);
        ready.remove(0);
        ready.add(0, [8].into_iter());
        assert_eq!((ready.count(0, 1), ready.line(0).first_bucket(0), ready.line(0).is_set(3)), (0, None, false));
    }
}
