use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use std::time::Duration;

/// The random numbers of one purpose: the same seed and name give the same numbers, whatever else is drawn.
pub fn stream(seed: u64, name: &str) -> ChaCha8Rng {
    let mut numbers = ChaCha8Rng::seed_from_u64(seed);
    numbers.set_stream(name.bytes().fold(0xcbf2_9ce4_8422_2325, fnv_1a));
    numbers
}

fn fnv_1a(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}

/// How a length of time varies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spread {
    /// Always the same.
    Fixed(Duration),
    /// Exponential: what has passed says nothing of what remains.
    Exponential {
        /// Its mean.
        mean: Duration,
    },
    /// Log-normal, as conversations are.
    LogNormal {
        /// Its mean (not that of the logarithm).
        mean: Duration,
        /// Its standard deviation (not that of the logarithm).
        deviation: Duration,
    },
}

impl Spread {
    /// An exponential one by the seconds of its mean.
    pub fn exponential(seconds: f64) -> Self {
        Self::Exponential { mean: Duration::from_secs_f64(seconds) }
    }

    /// The mean.
    pub fn mean(self) -> Duration {
        match self {
            Self::Fixed(mean) | Self::Exponential { mean } | Self::LogNormal { mean, .. } => mean,
        }
    }

    /// One length.
    pub fn draw(self, numbers: &mut ChaCha8Rng) -> Duration {
        match self {
            Self::Fixed(length) => length,
            Self::Exponential { mean } => mean.mul_f64(exponential(numbers)),
            Self::LogNormal { mean, deviation } => {
                if mean.is_zero() {
                    return Duration::ZERO;
                }
                let variance = (1.0 + (deviation.as_secs_f64() / mean.as_secs_f64()).powi(2)).ln();
                mean.mul_f64((variance.sqrt() * normal(numbers) - variance / 2.0).exp())
            }
        }
    }
}

/// Exponential with mean 1.
pub(super) fn exponential(numbers: &mut ChaCha8Rng) -> f64 {
    -(1.0 - numbers.random::<f64>()).ln()
}

/// Standard normal (Box and Muller).
fn normal(numbers: &mut ChaCha8Rng) -> f64 {
    let radius = (2.0 * exponential(numbers)).sqrt();
    radius * (std::f64::consts::TAU * numbers.random::<f64>()).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_and_deviation(spread: Spread) -> (f64, f64) {
        let mut numbers = stream(7, "test");
        let drawn: Vec<f64> = (0..200_000).map(|_| spread.draw(&mut numbers).as_secs_f64()).collect();
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let variance = drawn.iter().map(|length| (length - mean).powi(2)).sum::<f64>() / drawn.len() as f64;
        (mean, variance.sqrt())
    }

    fn near(found: (f64, f64), expected: (f64, f64)) {
        assert!((found.0 / expected.0 - 1.0).abs() < 0.01, "mean {} instead of {}", found.0, expected.0);
        assert!((found.1 / expected.1 - 1.0).abs() < 0.03, "deviation {} instead of {}", found.1, expected.1);
    }

    #[test]
    fn lengths_have_the_mean_and_the_deviation_they_promise() {
        near(mean_and_deviation(Spread::exponential(180.0)), (180.0, 180.0));
        let spread = Spread::LogNormal { mean: Duration::from_secs(240), deviation: Duration::from_secs(200) };
        near(mean_and_deviation(spread), (240.0, 200.0));
        assert_eq!(mean_and_deviation(Spread::Fixed(Duration::from_secs(5))), (5.0, 0.0));
        assert_eq!(spread.mean(), Duration::from_secs(240));
    }

    #[test]
    fn a_log_normal_length_with_mean_zero_is_zero() {
        let spread = Spread::LogNormal { mean: Duration::ZERO, deviation: Duration::from_secs(1) };
        assert_eq!(spread.draw(&mut stream(1, "test")), Duration::ZERO);
    }

    #[test]
    fn streams_differ_by_name_and_by_seed_and_by_nothing_else() {
        let first = |seed, name| stream(seed, name).random::<u64>();
        assert_eq!(first(1, "patience"), first(1, "patience"));
        assert_ne!(first(1, "patience"), first(1, "handling"));
        assert_ne!(first(1, "patience"), first(2, "patience"));
    }
}
