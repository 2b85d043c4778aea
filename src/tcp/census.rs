//! How many connections there are, whose, and what is told of those that are refused or given up.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// Connections that one address may have open with us; loopback, where proxies and tests live, may have all.
const PER_SOURCE: usize = 100;
/// How often it is told that peers do not read or messages were dropped, at most.
const TELL_LOST: Duration = Duration::from_secs(10);
/// How often it is told that a limit was reached, at most.
const TELL_LIMIT: Duration = Duration::from_secs(60);

/// How many connections there are, whose, and what is to be told of those that there are not.
pub(super) struct Census {
    limit: usize,
    pub(super) open: usize,
    by_source: BTreeMap<IpAddr, usize>,
    full: Tally,
    crowded: Tally,
    pub(super) unread: Tally,
    pub(super) dropped: Tally,
    pub(super) unaccepted: Tally,
}

impl Census {
    pub(super) fn new(limit: usize) -> Self {
        let (seldom, sometimes) = (Tally::new(TELL_LIMIT), Tally::new(TELL_LOST));
        let (full, crowded, unaccepted) = (seldom.clone(), seldom.clone(), seldom);
        Self { limit, open: 0, by_source: BTreeMap::new(), full, crowded, unread: sometimes.clone(), dropped: sometimes, unaccepted }
    }

    /// False if a limit is reached; the source is where an accepted connection comes from.
    pub(super) fn enter(&mut self, peer: SocketAddr, source: Option<IpAddr>) -> bool {
        if self.open >= self.limit {
            self.full.note(peer);
            return false;
        }
        if let Some(source) = source {
            let count = self.by_source.entry(source).or_default();
            if *count >= PER_SOURCE && !source.is_loopback() {
                self.crowded.note(peer);
                return false;
            }
            *count += 1;
        }
        self.open += 1;
        true
    }

    /// For everyone who entered, once, with the same source.
    pub(super) fn leave(&mut self, source: Option<IpAddr>) {
        self.open -= 1;
        let Some(source) = source else { return };
        let count = self.by_source.get_mut(&source).expect("whoever leaves has entered");
        *count -= 1;
        if *count == 0 {
            self.by_source.remove(&source);
        }
    }

    /// Says in the log what is due.
    pub(super) fn tell(&mut self, now: Instant) {
        if let Some((count, last)) = self.full.due(now) {
            tracing::warn!(count, %last, limit = self.limit, "TCP: no more connections: limits.connections is reached");
        }
        if let Some((count, last)) = self.crowded.due(now) {
            tracing::warn!(count, %last, limit = PER_SOURCE, "TCP: connections were refused: one address has too many");
        }
        if let Some((count, last)) = self.unread.due(now) {
            tracing::warn!(count, %last, "TCP: peers do not read; their connections were closed");
        }
        if let Some((count, last)) = self.dropped.due(now) {
            tracing::warn!(count, %last, "TCP: too much waits to be sent; messages were dropped");
        }
        if let Some((count, last)) = self.unaccepted.due(now) {
            tracing::warn!(count, %last, "TCP: connections could not be accepted");
        }
    }
}

/// Counts what may come in floods, to be told now and then.
#[derive(Clone)]
pub(super) struct Tally {
    period: Duration,
    pub(super) count: u64,
    told: u64,
    last: String,
    until: Option<Instant>,
}

impl Tally {
    fn new(period: Duration) -> Self {
        Self { period, count: 0, told: 0, last: String::new(), until: None }
    }

    pub(super) fn note(&mut self, what: impl ToString) {
        self.count += 1;
        self.last = what.to_string();
    }

    /// How many since it was told last, and the last; at most once a period.
    fn due(&mut self, now: Instant) -> Option<(u64, String)> {
        if self.count == self.told || self.until.is_some_and(|until| now < until) {
            return None;
        }
        self.until = Some(now + self.period);
        let untold = self.count - std::mem::replace(&mut self.told, self.count);
        Some((untold, std::mem::take(&mut self.last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> (SocketAddr, Option<IpAddr>) {
        let ip = text.parse().unwrap();
        (SocketAddr::new(ip, 40_000), Some(ip))
    }

    #[test]
    fn one_address_has_a_hundred_connections_and_others_still_get_in() {
        let mut census = Census::new(1000);
        let ((greedy, from), (other, elsewhere)) = (peer("192.0.2.1"), peer("192.0.2.2"));
        assert!((0..PER_SOURCE).all(|_| census.enter(greedy, from)));
        assert!(!census.enter(greedy, from));
        assert!(census.enter(other, elsewhere));
        assert!(census.enter(greedy, None), "what we dial is not held against the address");
        census.leave(from);
        assert!(census.enter(greedy, from));
        assert_eq!(census.crowded.due(Instant::now()), Some((1, greedy.to_string())));
    }

    #[test]
    fn loopback_may_have_all_connections() {
        let mut census = Census::new(1000);
        let (near, from) = peer("127.0.0.1");
        assert!((0..1000).all(|_| census.enter(near, from)));
        assert!(!census.enter(near, from));
        (0..1000).for_each(|_| census.leave(from));
        assert_eq!((census.open, census.by_source.len()), (0, 0));
        assert_eq!(census.full.due(Instant::now()), Some((1, near.to_string())));
    }

    #[test]
    fn a_flood_is_told_once_a_period_with_its_count() {
        let (mut tally, start) = (Tally::new(TELL_LOST), Instant::now());
        assert_eq!(tally.due(start), None);
        tally.note("a");
        assert_eq!(tally.due(start), Some((1, "a".into())));
        ["b", "c", "d"].iter().for_each(|what| tally.note(what));
        assert_eq!(tally.due(start + TELL_LOST - Duration::from_millis(1)), None);
        assert_eq!(tally.due(start + TELL_LOST), Some((3, "d".into())));
        assert_eq!(tally.due(start + 3 * TELL_LOST), None);
    }
}
