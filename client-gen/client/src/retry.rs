//! How often and how fast to try again.

use std::time::Duration;

/// Exponential backoff with jitter, for requests and for reconnecting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many times to try altogether; `None` is for ever, 1 is once.
    pub max_attempts: Option<u32>,
    /// The longest wait before the second attempt; it doubles with every further one.
    pub base_delay: Duration,
    /// No wait is longer, unless the server asks for more.
    pub max_delay: Duration,
    /// A server that asks (`retryAfterMs`, `Retry-After`) to be left alone for longer than this gets its way at once:
    /// the call fails and the program decides.
    pub max_retry_after: Duration,
}

impl RetryPolicy {
    /// For requests: four attempts, waiting up to 100, 200 and 400 ms.
    pub const fn requests() -> Self {
        Self {
            max_attempts: Some(4),
            base_delay: Duration::from_millis(100),
            max_delay: Duration::from_secs(5),
            max_retry_after: Duration::from_secs(30),
        }
    }

    /// For the socket: for ever, waiting from 200 ms up to 30 s.
    pub const fn reconnect() -> Self {
        Self {
            max_attempts: None,
            base_delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(30),
            max_retry_after: Duration::from_secs(30),
        }
    }

    /// One attempt.
    pub const fn none() -> Self {
        Self {
            max_attempts: Some(1),
            ..Self::requests()
        }
    }

    /// Whether `attempts` is as many as there may be.
    pub(crate) fn is_exhausted(&self, attempts: u32) -> bool {
        self.max_attempts.is_some_and(|max| attempts >= max)
    }

    /// How long to wait after failed attempt number `attempt`, counted from 1. Between half and all of the exponential
    /// delay, so that clients that failed together do not come back together.
    pub(crate) fn delay(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(20);
        let full = self
            .base_delay
            .saturating_mul(1 << doublings)
            .min(self.max_delay);
        full.mul_f64(rand::random_range(0.5..=1.0))
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::requests()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_and_are_bounded() {
        let policy = RetryPolicy::requests();
        for (attempt, full) in [(1, 100), (2, 200), (3, 400), (40, 5_000)] {
            for _ in 0..50 {
                let delay = policy.delay(attempt);
                assert!(
                    delay <= Duration::from_millis(full)
                        && delay >= Duration::from_millis(full / 2)
                );
            }
        }
    }

    #[test]
    fn attempts_are_counted() {
        assert!(RetryPolicy::none().is_exhausted(1));
        assert!(!RetryPolicy::requests().is_exhausted(3));
        assert!(RetryPolicy::requests().is_exhausted(4));
        assert!(!RetryPolicy::reconnect().is_exhausted(u32::MAX));
    }
}
