use hotline_model::{Priority, Timestamp};
use std::collections::BTreeMap;
use std::time::Duration;

/// A place in the router's list of calls.
pub(crate) type Slot = u32;

/// Where a call ranks among all: class (priority, breached before not), effective entry time, order of arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CallRank {
    /// The class in three bits, the entry time in the others: one comparison orders by both.
    key: u64,
    pub order: u64,
}

/// Entry times fill so many bits, from the middle: 36,000 years either way.
const SINCE: u32 = 61;
const MIDDLE: i64 = 1 << (SINCE - 1);

impl CallRank {
    pub fn new(class: u8, since: Timestamp, order: u64) -> Self {
        let since = (since.0.clamp(-MIDDLE, MIDDLE - 1) + MIDDLE) as u64;
        Self { key: u64::from(class) << SINCE | since, order }
    }

    /// The class and the entry time, which rank in the order of the numbers.
    pub fn key(self) -> u64 {
        self.key
    }

    pub fn class(self) -> u8 {
        Self::class_of(self.key)
    }

    pub fn since(self) -> Timestamp {
        Self::since_of(self.key)
    }

    pub fn class_of(key: u64) -> u8 {
        (key >> SINCE) as u8
    }

    pub fn since_of(key: u64) -> Timestamp {
        Timestamp((key & ((1 << SINCE) - 1)) as i64 - MIDDLE)
    }
}

/// Priorities times (breached, not breached).
pub(crate) const CLASSES: usize = 6;

/// Urgent before important before ordinary (R24, R38); inside a priority the breached first (K3).
pub(crate) fn class(priority: Priority, breached: bool) -> u8 {
    let priority = match priority {
        Priority::Urgent => 0,
        Priority::Important => 2,
        Priority::Ordinary => 4,
    };
    priority + u8::from(!breached)
}

/// The first call of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Head {
    pub rank: CallRank,
    pub slot: Slot,
}

/// The calls that wait in one line, a list per class by effective entry time: those that have waited long enough for a step are its beginning.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    classes: [BTreeMap<(Timestamp, u64), Slot>; CLASSES],
}

impl Waiting {
    pub fn insert(&mut self, rank: CallRank, slot: Slot) {
        self.classes[usize::from(rank.class())].insert((rank.since(), rank.order), slot);
    }

    pub fn remove(&mut self, rank: CallRank) {
        self.classes[usize::from(rank.class())].remove(&(rank.since(), rank.order));
    }

    pub fn is_empty(&self) -> bool {
        self.classes.iter().all(BTreeMap::is_empty)
    }

    /// The first of a class.
    pub fn oldest_of(&self, class: u8) -> Option<Head> {
        self.classes[usize::from(class)].first_key_value().map(|entry| head(class, entry))
    }

    pub fn all(&self) -> impl Iterator<Item = Head> {
        self.classes.iter().zip(0..).flat_map(|(list, class)| list.iter().map(move |entry| head(class, entry)))
    }

    /// The calls whose waiting time reached `opens` after `from` and until `now`.
    pub fn reached(&self, opens: Duration, from: Timestamp, now: Timestamp) -> impl Iterator<Item = Head> {
        let range = (after(from - opens), after((now - opens).max(from - opens)));
        self.classes.iter().zip(0..).flat_map(move |(list, class)| list.range(range.0..range.1).map(move |entry| head(class, entry)))
    }

    /// When the next call reaches `opens`, after `now`.
    pub fn next_to_reach(&self, opens: Duration, now: Timestamp) -> Option<Timestamp> {
        let start = after(now - opens);
        self.classes.iter().filter_map(|list| list.range(start..).next()).map(|((since, _), _)| *since + opens).min()
    }

    /// The earliest effective entry time.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.classes.iter().filter_map(|list| list.first_key_value()).map(|((since, _), _)| *since).min()
    }

    /// How many rank before `rank`; of its own class at most `limit` are counted.
    pub fn before(&self, rank: CallRank, limit: usize) -> usize {
        let class = usize::from(rank.class());
        let better: usize = self.classes[..class].iter().map(BTreeMap::len).sum();
        better + self.classes[class].range(..(rank.since(), rank.order)).take(limit).count()
    }
}

fn after(since: Timestamp) -> (Timestamp, u64) {
    (since, u64::MAX)
}

fn head(class: u8, ((since, order), slot): (&(Timestamp, u64), &Slot)) -> Head {
    Head { rank: CallRank::new(class, *since, *order), slot: *slot }
}
