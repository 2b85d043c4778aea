//! What queueing theory expects of callers who come at random, conversations of exponential length and callers of exponential
//! patience: Erlang's B, C and A, and the birth-death process that they are cases of. Loads are in erlangs, times in seconds.

use std::time::Duration;

/// Beyond this share of the whole a state of an endless line is left out.
const NEGLIGIBLE: f64 = 1e-15;
/// Most states of an endless line.
const MOST_STATES: usize = 1_000_000;
/// Most seats that [`seats_needed`] tries.
const MOST_SEATS: u32 = 100_000;

/// Erlang B: the share of callers refused by so many seats without a line. B(0) = 1, B(n) = aB(n-1) / (n + aB(n-1)).
pub fn erlang_b(load: f64, seats: u32) -> f64 {
    (1..=seats).fold(1.0, |before, seats| load * before / (f64::from(seats) + load * before))
}

/// Erlang C: the share of callers who wait, by C = B / (1 - ρ(1 - B)); 1 if the seats can't carry the load.
pub fn erlang_c(load: f64, seats: u32) -> f64 {
    let (blocked, use_of_seats) = (erlang_b(load, seats), load / f64::from(seats));
    if use_of_seats >= 1.0 { 1.0 } else { blocked / (1.0 - use_of_seats * (1.0 - blocked)) }
}

/// The least number of seats that answer a share of callers within a limit, nobody hanging up (Erlang C); with the share they reach.
/// `None` if no number up to 100,000 does.
pub fn seats_needed(per_hour: f64, handling: Duration, limit: Duration, share: f64) -> Option<(u32, f64)> {
    let load = per_hour / 3600.0 * handling.as_secs_f64();
    let level = |seats: u32| {
        let spare = f64::from(seats) - load;
        if spare <= 0.0 { 0.0 } else { 1.0 - erlang_c(load, seats) * (-spare * limit.as_secs_f64() / handling.as_secs_f64()).exp() }
    };
    let first = (load.floor() as u32).saturating_add(1);
    (first..MOST_SEATS).map(|seats| (seats, level(seats))).find(|(_, level)| *level >= share)
}

/// Callers of one kind before equal seats, in one line, first come first served.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Callers an hour.
    pub per_hour: f64,
    /// Mean conversation.
    pub handling: Duration,
    /// Mean patience; `None`: nobody hangs up.
    pub patience: Option<Duration>,
    /// Seats.
    pub seats: u32,
    /// Most who may wait; `None`: no limit.
    pub places: Option<u32>,
}

/// A line in its steady state.
#[derive(Clone, Debug)]
pub struct Steady {
    line: Line,
    /// The share of time with so many callers in line or in conversation.
    states: Vec<f64>,
}

impl Line {
    /// Callers per second.
    fn arrivals(&self) -> f64 {
        self.per_hour / 3600.0
    }

    /// Conversations that end per second and busy seat.
    fn service(&self) -> f64 {
        1.0 / self.handling.as_secs_f64()
    }

    /// Callers who hang up per second and waiting caller.
    fn impatience(&self) -> f64 {
        self.patience.map_or(0.0, |patience| 1.0 / patience.as_secs_f64())
    }

    /// The steady state; `None` if there is none, as the line grows for ever.
    pub fn steady(&self) -> Option<Steady> {
        let seats = self.seats as usize;
        let endless = self.places.is_none() && self.patience.is_none();
        if endless && self.arrivals() >= f64::from(self.seats) * self.service() {
            return None;
        }
        let leaving =
            |present: usize| present.min(seats) as f64 * self.service() + present.saturating_sub(seats) as f64 * self.impatience();
        let last = self.places.map_or(MOST_STATES, |places| seats + places as usize);
        let middle = ((self.arrivals() / self.service()) as usize).min(seats);
        let mut states = vec![1.0; middle + 1];
        for present in (0..middle).rev() {
            states[present] = states[present + 1] * leaving(present + 1) / self.arrivals();
        }
        while states.len() <= last && (states.len() <= seats || states[states.len() - 1] > NEGLIGIBLE) {
            let present = states.len();
            states.push(states[present - 1] * self.arrivals() / leaving(present));
        }
        let whole: f64 = states.iter().sum();
        states.iter_mut().for_each(|state| *state /= whole);
        Some(Steady { line: *self, states })
    }
}

impl Steady {
    /// Share of callers who find all seats and all places taken.
    pub fn blocked(&self) -> f64 {
        let full = self.line.places.map(|places| self.line.seats as usize + places as usize);
        full.and_then(|full| self.states.get(full)).copied().unwrap_or(0.0)
    }

    /// Share of those who enter that wait.
    pub fn delayed(&self) -> f64 {
        let at_once: f64 = self.states[..self.line.seats as usize].iter().sum();
        1.0 - at_once / (1.0 - self.blocked())
    }

    /// Callers who wait on average.
    pub fn in_line(&self) -> f64 {
        self.states.iter().skip(self.line.seats as usize).enumerate().map(|(waiting, share)| waiting as f64 * share).sum()
    }

    /// Mean wait in seconds of those who enter, answered or not (Little's law).
    pub fn mean_wait(&self) -> f64 {
        self.in_line() / (self.line.arrivals() * (1.0 - self.blocked()))
    }

    /// Share of those who enter that hang up.
    pub fn abandoned(&self) -> f64 {
        self.mean_wait() * self.line.impatience()
    }

    /// Share of time that a seat is in a conversation.
    pub fn occupancy(&self) -> f64 {
        let busy = |(present, share): (usize, &f64)| present.min(self.line.seats as usize) as f64 * share;
        self.states.iter().enumerate().map(busy).sum::<f64>() / f64::from(self.line.seats)
    }

    /// Share of those who come that are answered within a limit. A caller behind j others moves up at rate nμ + jθ and hangs up at
    /// rate θ; the chain is followed through the limit by uniformisation.
    pub fn answered_within(&self, limit: Duration) -> f64 {
        let (seats, theta) = (self.line.seats as usize, self.line.impatience());
        let at_once: f64 = self.states[..seats].iter().sum();
        let places = self.line.places.map_or(usize::MAX, |places| places as usize);
        let mut behind: Vec<f64> = self.states[seats..].iter().copied().take(places).collect();
        let moves_up = |ahead: usize| seats as f64 * self.line.service() + ahead as f64 * theta;
        let clock = moves_up(behind.len()) + theta;
        let steps = clock * limit.as_secs_f64();
        let (mut answered, mut expected) = (at_once, 0.0);
        let most = (steps + 12.0 * steps.sqrt() + 40.0) as usize;
        let mut ln_weight = -steps;
        for step in 0..=most {
            expected += ln_weight.exp() * answered;
            ln_weight += (steps / (step + 1) as f64).ln();
            answered += behind.first().map_or(0.0, |first| first * moves_up(0) / clock);
            for ahead in 0..behind.len() {
                let next = behind.get(ahead + 1).map_or(0.0, |share| share * moves_up(ahead + 1));
                behind[ahead] = (behind[ahead] * (clock - moves_up(ahead) - theta) + next) / clock;
            }
        }
        expected
    }

    /// Share of those who are answered at all that are answered within a limit.
    pub fn answered_within_of_answered(&self, limit: Duration) -> f64 {
        self.answered_within(limit) / ((1.0 - self.blocked()) * (1.0 - self.abandoned()))
    }

    /// The wait in seconds that a share of those who are answered does not exceed.
    pub fn quantile(&self, share: f64) -> f64 {
        let reached = |seconds: f64| self.answered_within_of_answered(Duration::from_secs_f64(seconds)) >= share;
        if reached(0.0) {
            return 0.0;
        }
        let mut high = 1.0;
        while !reached(high) && high < 1e6 {
            high *= 2.0;
        }
        let mut low = 0.0;
        while high - low > 1e-4 {
            let middle = f64::midpoint(low, high);
            if reached(middle) { high = middle } else { low = middle }
        }
        high
    }
}

#[cfg(test)]
mod tests;
