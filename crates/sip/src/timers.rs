use hotline_model::Timestamp;
use std::collections::VecDeque;
use std::time::Duration;

/// RFC 3261 17.1.1.1.
pub(crate) const T1: Duration = Duration::from_millis(500);
/// RFC 3261 17.1.2.2.
pub(crate) const T2: Duration = Duration::from_secs(4);
/// RFC 3261 17.1.2.2.
pub(crate) const T4: Duration = Duration::from_secs(5);
/// Timers B, D, F, H, J (RFC 3261 table 4), L and M (RFC 6026 8.4, 8.5).
pub(crate) const T1X64: Duration = Duration::from_secs(32);
/// After this without an answer to an INVITE we send 100 (RFC 3261 17.2.1).
pub(crate) const TRYING: Duration = Duration::from_millis(200);
/// How often a long provisional phase is refreshed (RFC 3261 13.3.1.1).
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
/// A message on a stream has so long to come in whole, from its first byte on (hardening.md §2: header deadline).
pub(crate) const WHOLE: Duration = Duration::from_secs(5);
/// A REFER's subscription ends by itself after this (RFC 3515 2.4.4): no transfer rings so long.
pub(crate) const REFER: Duration = Duration::from_secs(180);
/// OPTIONS keep-alive of contacts.
pub(crate) const PING: Duration = Duration::from_secs(10);

const SPANS: [Duration; 11] = [
    TRYING,
    T1,
    Duration::from_secs(1),
    Duration::from_secs(2),
    T2,
    T4,
    Duration::from_secs(8),
    PING,
    Duration::from_secs(16),
    T1X64,
    MINUTE,
];

/// Timers of a few constant durations: one FIFO each, so that setting and firing cost nothing to search.
/// A timer is not cancelled but found stale by whoever it belongs to.
#[derive(Debug)]
pub(crate) struct Timers<K> {
    queues: [VecDeque<Entry<K>>; SPANS.len()],
    order: u64,
}

#[derive(Debug)]
struct Entry<K> {
    at: Timestamp,
    order: u64,
    key: K,
}

impl<K> Default for Timers<K> {
    fn default() -> Self {
        Self { queues: std::array::from_fn(|_| VecDeque::new()), order: 0 }
    }
}

impl<K> Timers<K> {
    /// Sets a timer; `after` must be one of the constant durations.
    pub(crate) fn set(&mut self, now: Timestamp, after: Duration, key: K) {
        let span = SPANS.iter().position(|span| *span == after).expect("every timer has one of the constant durations");
        let at = self.queues[span].back().map_or(now + after, |last| (now + after).max(last.at));
        self.queues[span].push_back(Entry { at, order: self.order, key });
        self.order += 1;
    }

    /// The earliest time set, stale or not.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.queues.iter().filter_map(|queue| queue.front().map(|entry| entry.at)).min()
    }

    /// Takes the earliest that is due, equal times in order of setting.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<K> {
        let first = |queue: &VecDeque<Entry<K>>| queue.front().map(|entry| (entry.at, entry.order));
        let queue =
            self.queues.iter_mut().filter(|queue| first(queue).is_some_and(|(at, _)| at <= now)).min_by_key(|queue| first(queue))?;
        queue.pop_front().map(|entry| entry.key)
    }

    /// Drops what is stale at the head of each FIFO, so that nobody is woken for it.
    pub(crate) fn prune(&mut self, live: impl Fn(&K) -> bool) {
        for queue in &mut self.queues {
            while queue.front().is_some_and(|entry| !live(&entry.key)) {
                queue.pop_front();
            }
        }
    }

    /// How many are set, stale ones included.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.queues.iter().map(VecDeque::len).sum()
    }
}

/// The next interval of a retransmission: doubled, at most `most`.
pub(crate) fn doubled(interval: Duration, most: Duration) -> Duration {
    (interval * 2).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_fire_in_order_of_time_across_durations_and_then_of_setting() {
        let mut timers = Timers::default();
        let start = Timestamp(0);
        timers.set(start, T2, "t2");
        timers.set(start, T1, "t1");
        timers.set(start + Duration::from_millis(3500), T1, "t2 as well, later set");
        assert_eq!(timers.next(), Some(start + T1));
        assert_eq!(timers.take_due(start), None);
        let end = start + T2;
        assert_eq!(timers.take_due(end), Some("t1"));
        assert_eq!(timers.take_due(end), Some("t2"));
        assert_eq!(timers.take_due(end), Some("t2 as well, later set"));
        assert_eq!(timers.take_due(end), None);
    }

    #[test]
    fn stale_timers_at_the_head_are_dropped() {
        let mut timers = Timers::default();
        timers.set(Timestamp(0), T1, 1);
        timers.set(Timestamp(5), T1, 2);
        timers.prune(|key| *key == 2);
        assert_eq!((timers.len(), timers.next()), (1, Some(Timestamp(5) + T1)));
    }

    #[test]
    fn a_clock_that_steps_back_does_not_disorder_a_fifo() {
        let mut timers = Timers::default();
        timers.set(Timestamp(100), T1, 1);
        timers.set(Timestamp(50), T1, 2);
        assert_eq!(timers.next(), Some(Timestamp(100) + T1));
    }
}
