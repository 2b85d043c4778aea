use std::borrow::Borrow;
#[allow(clippy::disallowed_types, reason = "the one wrapper whose order cannot be observed")]
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState};

/// A hash map that can be asked but not walked, so that its order can't leak into a decision.
/// Its hash is keyed at random: keys chosen by a stranger (Call-IDs, branches) can't make it slow.
#[derive(Debug)]
#[allow(clippy::disallowed_types, reason = "the one wrapper whose order cannot be observed")]
pub struct LookupMap<K, V, S = RandomState>(HashMap<K, V, S>);

/// A [`LookupMap`] whose hash is fixed and costs a nanosecond: only for keys that we give out ourselves, never for a stranger's.
pub type IdMap<K, V> = LookupMap<K, V, BuildHasherDefault<IdHasher>>;

/// Multiplies and folds.
#[derive(Clone, Copy, Debug, Default)]
pub struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    fn write_u16(&mut self, value: u16) {
        self.write_u64(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        let product = u128::from(self.0.rotate_left(23) ^ value ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
        self.0 = (product >> 64) as u64 ^ product as u64;
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }
}

impl<K, V, S: Default> Default for LookupMap<K, V, S> {
    fn default() -> Self {
        Self(Default::default())
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> LookupMap<K, V, S> {
    /// The value under `key`.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }

    /// The value under `key`, to be changed.
    pub fn get_mut<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.0.get_mut(key)
    }

    /// Whether `key` is there.
    pub fn contains_key<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    /// Puts `value` under `key` and returns what was there.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.0.insert(key, value)
    }

    /// Takes out what is under `key`.
    pub fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.0.remove(key)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CallId;

    #[test]
    fn ids_that_follow_each_other_spread_over_both_ends_of_the_hash() {
        let hash = |id: u32| BuildHasherDefault::<IdHasher>::default().hash_one(CallId::new(1, 0, id));
        let spread = |part: fn(u64) -> u64| (0..1000).map(hash).map(part).collect::<std::collections::BTreeSet<u64>>().len();
        assert!(spread(|hash| hash & 0xffff) > 980, "the low bits choose the place");
        assert_eq!(spread(|hash| hash >> 57), 128, "the high bits tell neighbours apart");
    }

    #[test]
    fn what_is_put_in_is_found_until_it_is_taken_out() {
        let mut map = IdMap::default();
        assert_eq!(map.insert(CallId(7), "seven"), None);
        assert_eq!((map.get(&CallId(7)), map.len()), (Some(&"seven"), 1));
        assert_eq!((map.remove(&CallId(7)), map.is_empty()), (Some("seven"), true));
    }
}
