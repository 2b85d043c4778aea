use crate::line::MAX_STEPS;
use crate::spaces::Spaces;
use std::ops::Range;

/// Which seats of the lines are ready, how many of those each step admits first, and who of a bucket is so the longest. Eight places
/// share a leaf that holds a bit for each, a lower bound of their `since`, and whose that was; above more than eight leaves of a bucket
/// stand nodes of eight, and above these again. All are hints: the seat's word decides.
///
/// Every change of a seat goes through all its lines, and mostly ends in the leaves and the counts: these of all lines lie together.
#[derive(Debug, Default)]
pub(crate) struct ReadySeats {
    leaves: Vec<Leaf>,
    spaces: Spaces,
    /// By step, and in it by line.
    counts: Vec<u32>,
    /// Lines that the counts have room for.
    room: usize,
    /// By line, a bit for each of its first 64 buckets: whether it has a ready seat.
    firsts: Vec<u64>,
    /// Where each line's leaves begin.
    starts: Vec<u32>,
    frames: Vec<Frame>,
    /// Frames of lines that are no more, by how many buckets they have, each of one leaf.
    spare: [Vec<Frame>; SPARE],
}

/// So few buckets have the lines of own agents, which come and go with calls.
const SPARE: usize = 4;

/// What stands above a line's leaves: a cache line, and what few decisions have in theirs.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Frame {
    buckets: Box<[Bucket]>,
    above: Box<[Node]>,
    /// Which buckets beyond the first 64 have a ready seat.
    ready: Box<[u64]>,
    leaves: u32,
}

/// Buckets of a word of bits.
const WORD: usize = 64;

/// A bucket's leaves, and the nodes above them: those above the leaves first, then those above these, until they are eight or less.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    leaf: u32,
    leaves: u32,
    above: u32,
}

/// One line's ready seats. Places and leaves are numbered from its first.
pub(crate) struct ReadyLine<'a> {
    leaves: &'a mut [Leaf],
    frame: &'a mut Frame,
    /// Of its first 64 buckets.
    first: &'a mut u64,
}

/// Eight bits, and above them the least key of what is set, so that setting a bit touches one word. When its owner goes, the key stays
/// as a lower bound.
#[derive(Clone, Copy, Debug)]
struct Node(u64);

/// The node of eight places, and whose they are: a change of a seat finds all that it changes here.
#[derive(Clone, Copy, Debug)]
struct Leaf {
    node: Node,
    /// The line, and in the upper four bits the step.
    line: u32,
    bucket: u32,
}

impl Leaf {
    const FREE: Self = Self { node: EMPTY, line: 0, bucket: 0 };

    fn new(line: u32, step: usize, bucket: u32) -> Self {
        Self { node: EMPTY, line: line | (step as u32) << STEP, bucket }
    }

    fn line(self) -> usize {
        self.line as usize & ((1 << STEP) - 1)
    }

    fn step(self) -> usize {
        (self.line >> STEP) as usize
    }
}

const STEP: u32 = 28;

/// A node, or a leaf with more.
trait Standing {
    fn node(&self) -> Node;
}

impl Standing for Node {
    fn node(&self) -> Node {
        *self
    }
}

impl Standing for Leaf {
    fn node(&self) -> Node {
        self.node
    }
}

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

    fn is_empty(self) -> bool {
        self.bits() == 0
    }

    fn with_key(self, key: u64) -> Self {
        Self(key << FAN | self.bits())
    }

    /// The same with one more set.
    fn with(self, at: usize, since: u64) -> Self {
        Self(self.0 | 1 << at).with_key(self.key().min(key(since, at)))
    }

    /// A leaf with its key put right. Only if its owner is gone, all have to be looked at.
    #[inline]
    fn exact(self, since: impl Fn(usize) -> u64) -> Self {
        if self.has(self.oldest()) && since(self.oldest()) == self.bound() {
            return self;
        }
        let (mut bits, mut least) = (self.bits(), u64::MAX);
        while bits != 0 {
            let at = bits.trailing_zeros() as usize;
            least = least.min(key(since(at), at));
            bits &= bits - 1;
        }
        self.with_key(least)
    }
}

impl ReadySeats {
    /// Makes room for a line with buckets of so many seats, each of a step, none of them ready; each begins at a place that [`FAN`] divides.
    pub fn add(&mut self, line: u32, buckets: impl Iterator<Item = (usize, usize)> + Clone) {
        let frame = self.frame(buckets.clone().map(|(size, _)| size));
        let start = self.spaces.take(frame.leaves);
        let end = (start + frame.leaves) as usize;
        self.leaves.resize(self.leaves.len().max(end), Leaf::FREE);
        let leaves =
            buckets.zip(0..).flat_map(|((size, step), bucket)| std::iter::repeat_n(Leaf::new(line, step, bucket), size.div_ceil(FAN)));
        self.leaves[start as usize..end].iter_mut().zip(leaves).for_each(|(place, leaf)| *place = leaf);
        let line = line as usize;
        if line >= self.frames.len() {
            self.frames.resize_with(line + 1, Frame::default);
            self.firsts.resize(line + 1, 0);
            self.starts.resize(line + 1, 0);
        }
        (self.frames[line], self.firsts[line], self.starts[line]) = (frame, 0, start);
        if line >= self.room {
            self.widen((line + 1).next_power_of_two());
        }
        (0..MAX_STEPS).for_each(|step| self.counts[step * self.room + line] = 0);
    }

    /// One in which nobody is ready, used again if there is one.
    fn frame(&mut self, mut sizes: impl Iterator<Item = usize>) -> Frame {
        let (mut few, mut count) = ([0; SPARE], 0);
        while count < SPARE
            && let Some(size) = sizes.next()
        {
            few[count] = size;
            count += 1;
        }
        let few = &few[..count];
        let spare = if few.iter().all(|size| (1..=FAN).contains(size)) { self.spare.get_mut(count).and_then(Vec::pop) } else { None };
        spare.unwrap_or_else(|| Frame::new(few.iter().copied().chain(sizes)))
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
        let frame = std::mem::take(&mut self.frames[line as usize]);
        self.spaces.give(self.starts[line as usize], frame.leaves);
        let leaves = frame.leaves as usize;
        if leaves == frame.buckets.len()
            && let Some(spare) = self.spare.get_mut(leaves)
        {
            spare.push(frame);
        }
    }

    /// Where a line's places begin among those of all lines.
    pub fn start(&self, line: u32) -> usize {
        self.starts[line as usize] as usize * FAN
    }

    #[inline]
    pub fn line(&mut self, line: u32) -> ReadyLine<'_> {
        let (line, start) = (line as usize, self.starts[line as usize] as usize);
        let frame = &mut self.frames[line];
        ReadyLine { leaves: &mut self.leaves[start..][..frame.leaves as usize], frame, first: &mut self.firsts[line] }
    }

    /// How many seats of a line are ready that the steps up to `step` admit.
    #[inline]
    pub fn count(&self, line: u32, step: usize) -> u32 {
        (0..=step).map(|step| self.counts[step * self.room + line as usize]).sum()
    }

    /// Sets a place's bit.
    #[inline]
    pub fn set(&mut self, place: usize, since: u64) {
        let (leaf, at) = (&mut self.leaves[place / FAN], place % FAN);
        let before = leaf.node;
        self.counts[leaf.step() * self.room + leaf.line()] += u32::from(!before.has(at));
        if since > before.bound() {
            leaf.node.0 |= 1 << at;
        } else {
            leaf.node = before.with(at, since);
            if since < before.bound() {
                self.set_above(place / FAN, since);
            }
        }
    }

    /// Tells what stands above a leaf that it is no longer empty, or its bound lower.
    #[inline(never)]
    fn set_above(&mut self, leaf: usize, since: u64) {
        let (mut line, number, mut at) = self.above(leaf);
        let bucket = line.frame.buckets[number];
        for (start, _) in bucket.levels() {
            let node = &mut line.frame.above[start + at / FAN];
            *node = node.with(at % FAN, since);
            at /= FAN;
        }
        *line.word(number / WORD) |= 1 << (number % WORD);
    }

    /// The line of a leaf, its bucket, and the leaf's number in it.
    fn above(&mut self, leaf: usize) -> (ReadyLine<'_>, usize, usize) {
        let Leaf { bucket, .. } = self.leaves[leaf];
        let line = self.leaves[leaf].line() as u32;
        let at = leaf - self.starts[line as usize] as usize;
        let line = self.line(line);
        let at = at - line.frame.buckets[bucket as usize].leaf as usize;
        (line, bucket as usize, at)
    }

    /// Clears a place's bit.
    #[inline]
    pub fn clear(&mut self, place: usize) {
        let (leaf, at) = (&mut self.leaves[place / FAN], place % FAN);
        let before = leaf.node;
        leaf.node.0 &= !(1 << at);
        self.counts[leaf.step() * self.room + leaf.line()] -= u32::from(before.has(at));
        if before.bits() == 1 << at {
            self.clear_above(place / FAN);
        }
    }

    /// Empties a leaf, and tells what stands above it.
    #[inline(never)]
    fn clear_above(&mut self, leaf: usize) {
        self.leaves[leaf].node = EMPTY;
        let (mut line, number, mut at) = self.above(leaf);
        let ReadyLine { leaves, frame, .. } = &mut line;
        let bucket = frame.buckets[number];
        for (start, _) in bucket.levels() {
            let node = &mut frame.above[start + at / FAN];
            node.0 &= !(1 << (at % FAN));
            if !node.is_empty() {
                return;
            }
            *node = EMPTY;
            at /= FAN;
        }
        let none_left = match bucket.above_top() {
            Some((start, count)) => frame.above[start..start + count].iter().all(|node| node.is_empty()),
            None => leaves[bucket.leaves()].iter().all(|leaf| leaf.node.is_empty()),
        };
        if none_left {
            *line.word(number / WORD) &= !(1 << (number % WORD));
        }
    }
}

impl Frame {
    fn new(sizes: impl Iterator<Item = usize>) -> Self {
        let (mut buckets, mut leaf, mut above) = (Vec::new(), 0, 0);
        for size in sizes {
            let bucket = Bucket { leaf, leaves: size.div_ceil(FAN) as u32, above };
            leaf += bucket.leaves;
            above += bucket.levels().map(|(_, nodes)| nodes).sum::<usize>() as u32;
            buckets.push(bucket);
        }
        let (ready, above) = (vec![0; buckets.len().saturating_sub(1) / WORD].into(), vec![EMPTY; above as usize].into());
        Self { ready, buckets: buckets.into(), above, leaves: leaf }
    }
}

impl Bucket {
    fn leaves(self) -> Range<usize> {
        self.leaf as usize..(self.leaf + self.leaves) as usize
    }

    /// Of each level above its leaves, from below: where its nodes begin, and how many they are.
    fn levels(self) -> impl Iterator<Item = (usize, usize)> {
        let next = |start: usize, below: usize| (below > FAN).then(|| (start, below.div_ceil(FAN)));
        std::iter::successors(next(self.above as usize, self.leaves as usize), move |(start, count)| next(start + count, *count))
    }

    /// The nodes above leaves that stand below no other.
    fn above_top(self) -> Option<(usize, usize)> {
        if self.leaves as usize <= FAN { None } else { self.levels().last() }
    }
}

/// Of nodes side by side, the first of those with the least bound, and that bound; of those that are empty it is the largest.
fn least(nodes: &[impl Standing]) -> (usize, u64) {
    let key = nodes.iter().enumerate().map(|(at, node)| key(node.node().bound(), at)).fold(u64::MAX, u64::min);
    (key as usize % FAN, key >> FAN.ilog2())
}

/// Those below a node.
fn below<N>(nodes: &[N], at: usize) -> &[N] {
    &nodes[at * FAN..nodes.len().min(at * FAN + FAN)]
}

impl ReadyLine<'_> {
    pub fn is_set(&self, place: usize) -> bool {
        self.leaves[place / FAN].node.has(place % FAN)
    }

    /// The first bucket from `from` on that has a ready seat.
    #[inline]
    pub fn first_bucket(&self, from: usize) -> Option<usize> {
        let mut bits = u64::MAX << (from % WORD);
        for at in from / WORD..=self.frame.ready.len() {
            bits &= at.checked_sub(1).map_or(*self.first, |at| self.frame.ready[at]);
            if bits != 0 {
                return Some(at * WORD + bits.trailing_zeros() as usize);
            }
            bits = u64::MAX;
        }
        None
    }

    /// The bits of 64 buckets.
    fn word(&mut self, at: usize) -> &mut u64 {
        match at.checked_sub(1) {
            Some(at) => &mut self.frame.ready[at],
            None => self.first,
        }
    }

    /// The nodes of each level above a bucket's leaves, the topmost first.
    fn descent(&self, bucket: Bucket) -> impl Iterator<Item = &[Node]> {
        let (mut levels, mut depth): ([&[Node]; MAX_LEVELS], usize) = ([&[]; MAX_LEVELS], 0);
        for (start, count) in bucket.levels() {
            levels[depth] = &self.frame.above[start..start + count];
            depth += 1;
        }
        levels.into_iter().take(depth).rev()
    }

    /// Whether a bucket has more than one ready seat.
    #[inline]
    pub fn has_several(&self, bucket: usize) -> bool {
        let bucket = self.frame.buckets[bucket];
        if bucket.leaves as usize <= FAN { several(&self.leaves[bucket.leaves()]) } else { self.has_several_below(bucket) }
    }

    #[inline(never)]
    fn has_several_below(&self, bucket: Bucket) -> bool {
        let mut at = 0;
        let above = self.descent(bucket).any(|nodes| {
            let group = below(nodes, at);
            at = at * FAN + group.iter().position(|node| !node.is_empty()).unwrap_or(0);
            several(group)
        });
        above || several(below(&self.leaves[bucket.leaves()], at))
    }

    /// The ready seat of a bucket with the least `since`, of equals the first: its place.
    #[inline]
    pub fn oldest(&mut self, bucket: usize, since: impl Fn(usize) -> u64) -> Option<usize> {
        let bucket = self.frame.buckets[bucket];
        let is_low = bucket.leaves as usize <= FAN;
        loop {
            let (at, bound) = if is_low { least(&self.leaves[bucket.leaves()]) } else { self.leaf_to_look_at(bucket) };
            let leaf = bucket.leaf as usize + at;
            let node = self.leaves[leaf].node;
            if node.is_empty() {
                return None;
            }
            let exact = node.exact(|at| since(leaf * FAN + at));
            self.leaves[leaf].node = exact;
            if exact.bound() <= bound {
                return Some(leaf * FAN + exact.oldest());
            }
            if !is_low {
                self.tighten(bucket, at);
            }
        }
    }

    /// Follows the least bound down to a leaf, and tells it.
    #[inline(never)]
    fn leaf_to_look_at(&self, bucket: Bucket) -> (usize, u64) {
        let (mut at, mut top) = (0, None);
        for nodes in self.descent(bucket) {
            let (next, bound) = least(below(nodes, at));
            at = at * FAN + next;
            top = top.or(Some(bound));
        }
        let (next, bound) = least(below(&self.leaves[bucket.leaves()], at));
        (at * FAN + next, top.unwrap_or(bound))
    }

    /// Puts the bounds above a leaf right.
    #[inline(never)]
    fn tighten(&mut self, bucket: Bucket, mut at: usize) {
        let mut under: Option<(usize, usize)> = None;
        for (start, count) in bucket.levels() {
            at /= FAN;
            let (child, bound) = match under {
                None => least(below(&self.leaves[bucket.leaves()], at)),
                Some((start, count)) => least(below(&self.frame.above[start..start + count], at)),
            };
            let node = &mut self.frame.above[start + at];
            *node = node.with_key(key(bound, child));
            under = Some((start, count));
        }
    }
}

/// As many as there can be leaves for.
const MAX_LEVELS: usize = 12;

/// Whether of leaves, or of the nodes above them, more than one bit is set.
fn several(nodes: &[impl Standing]) -> bool {
    let mut set = nodes.iter().map(|node| node.node().bits()).filter(|bits| *bits != 0);
    set.next().is_some_and(|first| first & (first - 1) != 0) || set.next().is_some()
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
            ready.add(5, [(80, 0)].into_iter());
            let mut plain = [0, 1].map(|line| {
                ready.add(line, SIZES.into_iter().zip(0..));
                SIZES.map(|size| vec![None; size])
            });
            ready.remove(5);
            for (line, bucket, at, since) in steps {
                let (at, start) = (at % SIZES[bucket], start(bucket));
                let (plain, place) = (&mut plain[line as usize], ready.start(line) + start + at);
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
        ready.add(1, [(5, 0)].into_iter());
        assert_eq!((ready.line(0).first_bucket(0), ready.line(1).first_bucket(1)), (None, None));
    }

    #[test]
    fn a_line_that_takes_the_place_of_another_begins_with_nobody_ready() {
        let mut ready = ReadySeats::default();
        ready.add(0, [(8, 1)].into_iter());
        ready.set(3, 7);
        ready.remove(0);
        ready.add(0, [(8, 1)].into_iter());
        assert_eq!((ready.count(0, 1), ready.line(0).first_bucket(0), ready.line(0).is_set(3)), (0, None, false));
    }
}
