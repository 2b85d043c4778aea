//! The 20 ms grid: which streams play on which millisecond, and how far the frames due are sent.

use hotline_model::Timestamp;

/// Milliseconds between two frames of a stream (RFC 3551 4.2).
pub(crate) const PERIOD: usize = 20;
/// A worker held up for longer than this leaves the frames of the time before out.
pub(crate) const CATCH_UP_MS: i64 = 100;

/// The streams that play, by their millisecond of the grid.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    phases: [Vec<u32>; PERIOD],
    playing: usize,
    /// The millisecond being worked on, and the place in its list.
    current: i64,
    place: usize,
    /// All milliseconds up to this one are due.
    due: i64,
}

impl Grid {
    /// Adds a stream where fewest play, so that the load spreads. Its first frame is due after `now`.
    pub fn join(&mut self, now: Timestamp, lease: u32) -> u8 {
        let soonest = (1..=PERIOD as i64).map(|ahead| phase(millisecond(now) + ahead));
        let phase = soonest.min_by_key(|&phase| self.phases[phase].len()).unwrap_or(0);
        self.join_at(now, lease, phase as u8)
    }

    /// Adds a stream on a millisecond of the grid, 0-19; gives it back.
    pub fn join_at(&mut self, now: Timestamp, lease: u32, at: u8) -> u8 {
        let now = millisecond(now);
        if self.playing == 0 {
            (self.current, self.place, self.due) = (now + 1, 0, now);
        }
        self.phases[usize::from(at) % PERIOD].push(lease);
        self.playing += 1;
        at
    }

    /// Removes a stream; while frames are being taken, none of the others is passed over.
    pub fn leave(&mut self, left: u8, lease: u32) {
        let left = usize::from(left);
        let Some(streams) = self.phases.get_mut(left) else { return };
        let Some(mut place) = streams.iter().position(|&playing| playing == lease) else { return };
        if left == phase(self.current) && place < self.place {
            self.place -= 1;
            streams.swap(place, self.place);
            place = self.place;
        }
        streams.swap_remove(place);
        self.playing -= 1;
    }

    /// Makes everything up to `now` due; gives how many milliseconds were left out because that is too long ago.
    pub fn advance(&mut self, now: Timestamp) -> i64 {
        self.due = millisecond(now);
        if self.playing == 0 {
            return 0;
        }
        let left_out = self.due - CATCH_UP_MS - self.current;
        if left_out <= 0 {
            return 0;
        }
        (self.current, self.place) = (self.due - CATCH_UP_MS, 0);
        left_out
    }

    /// The next stream whose frame is due, with the frame's time.
    pub fn next_due(&mut self) -> Option<(u32, Timestamp)> {
        if self.playing == 0 {
            return None;
        }
        while self.current <= self.due {
            if let Some(&lease) = self.phases[phase(self.current)].get(self.place) {
                self.place += 1;
                return Some((lease, Timestamp(self.current.saturating_mul(1000))));
            }
            self.current += 1;
            self.place = 0;
        }
        None
    }

    /// When the next frame is due.
    pub fn next_time(&self) -> Option<Timestamp> {
        if self.playing == 0 {
            return None;
        }
        let ahead = (0..PERIOD as i64).find(|ahead| !self.phases[phase(self.current + ahead)].is_empty())?;
        Some(Timestamp((self.current + ahead).saturating_mul(1000)))
    }
}

fn millisecond(at: Timestamp) -> i64 {
    at.0.div_euclid(1000)
}

fn phase(millisecond: i64) -> usize {
    millisecond.rem_euclid(PERIOD as i64) as usize
}

/// The frame of a loop of `frames` that sounds at a time: all who listen hear the same.
pub(crate) fn loop_frame(at: Timestamp, frames: usize) -> usize {
    let period = millisecond(at).div_euclid(PERIOD as i64).unsigned_abs();
    usize::try_from(period % frames.max(1) as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: i64) -> Timestamp {
        Timestamp(ms * 1000)
    }

    fn due(grid: &mut Grid, now: i64) -> Vec<(u32, i64)> {
        grid.advance(ms(now));
        std::iter::from_fn(|| grid.next_due()).map(|(lease, at)| (lease, at.0 / 1000)).collect()
    }

    #[test]
    fn streams_spread_over_the_grid_and_come_due_each_20_ms() {
        let mut grid = Grid::default();
        for lease in 0..40 {
            grid.join(ms(1000), lease);
        }
        assert!(grid.phases.iter().all(|streams| streams.len() == 2));
        assert_eq!(grid.next_time(), Some(ms(1001)));
        let first = due(&mut grid, 1020);
        assert_eq!(first.len(), 40);
        assert_eq!(due(&mut grid, 1020), []);
        let times: Vec<i64> = due(&mut grid, 1100).into_iter().filter(|&(lease, _)| lease == first[0].0).map(|(_, at)| at).collect();
        assert_eq!(times, [1021, 1041, 1061, 1081]);
    }

    #[test]
    fn a_stream_that_leaves_while_its_frames_are_due_hides_no_other() {
        let mut grid = Grid::default();
        let phase = grid.join(ms(0), 1);
        (0..PERIOD as u32).for_each(|lease| _ = grid.join(ms(0), 100 + lease));
        assert_eq!(grid.phases[usize::from(phase)], [1, 119]);
        grid.advance(ms(i64::from(phase)));
        assert_eq!(grid.next_due().map(|(lease, _)| lease), Some(1));
        grid.leave(phase, 1);
        assert_eq!(grid.next_due().map(|(lease, _)| lease), Some(119));
    }

    #[test]
    fn a_worker_held_up_for_long_leaves_old_frames_out() {
        let mut grid = Grid::default();
        grid.join(ms(0), 1);
        assert_eq!(grid.advance(ms(10_000)), 10_000 - CATCH_UP_MS - 1);
        assert_eq!(std::iter::from_fn(|| grid.next_due()).count(), 5);
        grid.leave(1, 1);
        assert_eq!((grid.next_time(), grid.next_due()), (None, None));
        grid.join(ms(50_000), 2);
        assert_eq!(grid.next_time(), Some(ms(50_001)), "an idle grid catches nothing up");
    }
}
