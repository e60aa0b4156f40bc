//! How many operations an API key may start: a token bucket each. Keys that are idle are forgotten.

use std::{
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};

use openintent_entities::id::KeyId;

use crate::{config::Limits, error::Error};

/// After so many checks the idle buckets are swept out.
const SWEEP_EVERY: u32 = 4096;

/// The buckets.
pub(crate) struct Rate {
    buckets: Option<DefaultKeyedRateLimiter<KeyId>>,
    checks: AtomicU32,
}

impl Rate {
    /// As configured.
    pub(crate) fn new(limits: &Limits) -> Self {
        let quota = NonZeroU32::new(limits.requests_per_second)
            .map(Quota::per_second)
            .zip(NonZeroU32::new(limits.request_burst))
            .map(|(quota, burst)| quota.allow_burst(burst));
        Self {
            buckets: quota.map(RateLimiter::keyed),
            checks: AtomicU32::new(0),
        }
    }

    /// Takes operations from a key's bucket.
    ///
    /// # Errors
    ///
    /// `RATE_LIMITED`, with `retryAfterMs`.
    pub(crate) fn check(&self, key: &KeyId, operations: usize) -> Result<(), Error> {
        let Some(buckets) = &self.buckets else {
            return Ok(());
        };
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            buckets.retain_recent();
            buckets.shrink_to_fit();
        }
        let Some(operations) = u32::try_from(operations).ok().and_then(NonZeroU32::new) else {
            return Ok(());
        };
        let wait = match buckets.check_key_n(key, operations) {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(not_until)) => Some(not_until.wait_time_from(buckets.clock().now())),
            Err(_more_than_a_bucket_holds) => None,
        };
        metrics::counter!("openintent_graphql_rate_limited_total").increment(1);
        Err(Error::RateLimited {
            message: "Too many requests by this API key (limits.requests_per_second, limits.request_burst).".to_owned(),
            retry_after_ms: wait.map_or(1_000, |wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1)),
        })
    }
}
