use crate::waiting::{CLASSES, CallRank};
use hotline_model::Timestamp;

/// The ranks of calls in each of several lists, of which any may go at any time: how many of a list stand before a rank is known in steps
/// that grow as the logarithm of its length. Nodes that are free are used again, so that nothing allocates once there were as many.
///
/// Each list is a tree, ordered by rank, in which no node is lighter than those below it. Weights are drawn from the order of arrival,
/// and so the depth is that of a tree that grew in random order.
#[derive(Debug)]
pub(crate) struct Counted {
    nodes: Vec<Node>,
    free: Vec<u32>,
    roots: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    rank: CallRank,
    weight: u32,
    /// Those below it, and itself.
    count: u32,
    before: u32,
    after: u32,
}

/// No node: it counts none.
const NIL: u32 = 0;

impl Node {
    const NONE: Self = Self { rank: CallRank::LAST, weight: 0, count: 0, before: NIL, after: NIL };

    fn new(rank: CallRank) -> Self {
        // The finalizer of splitmix64.
        let mixed = (rank.order ^ rank.order >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self { rank, weight: (mixed >> 32) as u32, count: 1, ..Self::NONE }
    }
}

impl Counted {
    pub fn new(lists: usize) -> Self {
        Self { nodes: vec![Node::NONE], free: Vec::new(), roots: vec![NIL; lists] }
    }

    /// Puts a rank into a list that doesn't have it.
    pub fn insert(&mut self, list: usize, rank: CallRank) {
        let new = Node::new(rank);
        let at = match self.free.pop() {
            Some(at) => {
                self.nodes[at as usize] = new;
                at
            }
            None => {
                self.nodes.push(new);
                self.nodes.len() as u32 - 1
            }
        };
        self.roots[list] = self.put(self.roots[list], at);
    }

    /// Takes a rank out of a list, if it has it.
    pub fn remove(&mut self, list: usize, rank: CallRank) {
        self.roots[list] = self.take(self.roots[list], rank);
    }

    /// How many of a list stand before a rank.
    pub fn before(&self, list: usize, rank: CallRank) -> usize {
        let (mut at, mut count) = (self.roots[list], 0);
        while at != NIL {
            let node = &self.nodes[at as usize];
            if node.rank < rank {
                count += self.nodes[node.before as usize].count + 1;
                at = node.after;
            } else {
                at = node.before;
            }
        }
        count as usize
    }

    /// The earliest entry time of a list.
    pub fn oldest(&self, list: usize) -> Option<Timestamp> {
        let first_of = |class: u8| self.first_from(list, CallRank::first_of(class)).filter(|rank| rank.class() == class);
        (0..CLASSES as u8).filter_map(first_of).map(CallRank::since).min()
    }

    /// The first of a list that doesn't stand before a rank.
    fn first_from(&self, list: usize, rank: CallRank) -> Option<CallRank> {
        let (mut at, mut found) = (self.roots[list], None);
        while at != NIL {
            let node = &self.nodes[at as usize];
            (at, found) = if node.rank < rank { (node.after, found) } else { (node.before, Some(node.rank)) };
        }
        found
    }

    fn count_again(&mut self, at: u32) -> u32 {
        let Node { before, after, .. } = self.nodes[at as usize];
        self.nodes[at as usize].count = self.nodes[before as usize].count + self.nodes[after as usize].count + 1;
        at
    }

    /// A tree with one node more.
    fn put(&mut self, at: u32, new: u32) -> u32 {
        let (node, Node { rank, weight, .. }) = (self.nodes[at as usize], self.nodes[new as usize]);
        if at == NIL || node.weight < weight {
            (self.nodes[new as usize].before, self.nodes[new as usize].after) = self.split(at, rank);
            return self.count_again(new);
        }
        if node.rank < rank {
            self.nodes[at as usize].after = self.put(node.after, new);
        } else {
            self.nodes[at as usize].before = self.put(node.before, new);
        }
        self.count_again(at)
    }

    /// Of a tree those before a rank, and the others.
    fn split(&mut self, at: u32, rank: CallRank) -> (u32, u32) {
        if at == NIL {
            return (NIL, NIL);
        }
        let node = self.nodes[at as usize];
        if node.rank < rank {
            let (before, after) = self.split(node.after, rank);
            self.nodes[at as usize].after = before;
            (self.count_again(at), after)
        } else {
            let (before, after) = self.split(node.before, rank);
            self.nodes[at as usize].before = after;
            (before, self.count_again(at))
        }
    }

    /// A tree without the node of a rank.
    fn take(&mut self, at: u32, rank: CallRank) -> u32 {
        if at == NIL {
            return NIL;
        }
        let node = self.nodes[at as usize];
        if node.rank == rank {
            self.free.push(at);
            return self.join(node.before, node.after);
        }
        if node.rank < rank {
            self.nodes[at as usize].after = self.take(node.after, rank);
        } else {
            self.nodes[at as usize].before = self.take(node.before, rank);
        }
        self.count_again(at)
    }

    /// One tree of two, of which the one stands before the other.
    fn join(&mut self, before: u32, after: u32) -> u32 {
        if before == NIL || after == NIL {
            return before.max(after);
        }
        if self.nodes[before as usize].weight < self.nodes[after as usize].weight {
            self.nodes[after as usize].before = self.join(before, self.nodes[after as usize].before);
            self.count_again(after)
        } else {
            self.nodes[before as usize].after = self.join(self.nodes[before as usize].after, after);
            self.count_again(before)
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn ranks_are_counted_whoever_comes_and_goes(
            steps in prop::collection::vec((any::<bool>(), 0usize..2, 0u8..6, 0i64..30, 0u64..4), 1..300),
        ) {
            let (mut counted, mut plain) = (Counted::new(2), [BTreeSet::new(), BTreeSet::new()]);
            for (comes, list, class, since, order) in steps {
                let rank = CallRank::new(class, Timestamp(since), order);
                if comes && plain[list].insert(rank) {
                    counted.insert(list, rank);
                } else {
                    plain[list].remove(&rank);
                    counted.remove(list, rank);
                }
                for (list, plain) in plain.iter().enumerate() {
                    prop_assert_eq!(counted.before(list, rank), plain.range(..rank).count());
                    prop_assert_eq!(counted.before(list, CallRank::LAST), plain.len());
                    prop_assert_eq!(counted.oldest(list), plain.iter().map(|rank| rank.since()).min());
                }
            }
            let most = plain.iter().map(BTreeSet::len).sum::<usize>() + counted.free.len();
            prop_assert_eq!(counted.nodes.len(), most + 1, "what is free is used again");
        }
    }

    #[test]
    fn a_list_in_order_of_arrival_is_no_deeper_than_one_in_random_order() {
        const CALLS: u64 = 10_000;
        let mut counted = Counted::new(1);
        (0..CALLS).for_each(|order| counted.insert(0, CallRank::new(3, Timestamp(order as i64), order)));
        fn depth(counted: &Counted, at: u32) -> usize {
            let Node { before, after, .. } = counted.nodes[at as usize];
            if at == NIL { 0 } else { 1 + depth(counted, before).max(depth(counted, after)) }
        }
        let depth = depth(&counted, counted.roots[0]);
        assert!(depth < 45, "{depth}: 4.3 times the natural logarithm is expected at most, 40");
    }
}
