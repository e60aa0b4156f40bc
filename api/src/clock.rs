//! The only place that tells the time, so that tests can move it.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use openintent_entities::Timestamp;
use tokio::sync::watch;

/// A source of the present moment. Clones share it.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Manual(Arc<watch::Sender<i64>>),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until [`Clock::advance`] moves it.
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self(Source::Manual(Arc::new(watch::Sender::new(start.0))))
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => {
                let since = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default();
                Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
            }
            Source::Manual(now) => Timestamp(*now.borrow()),
        }
    }

    /// Moves a manual clock forward and wakes whoever waits for a moment that has come. The
    /// machine's clock is not ours to move: nothing happens.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(now) = &self.0 {
            let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
            now.send_modify(|now| *now = now.saturating_add(micros));
        }
    }

    /// Returns when `moment` has come.
    pub async fn sleep_until(&self, moment: Timestamp) {
        match &self.0 {
            Source::System => {
                let micros = u64::try_from(moment.micros_since(self.now())).unwrap_or(0);
                tokio::time::sleep(Duration::from_micros(micros)).await;
            }
            Source::Manual(now) => {
                // The sender lives in `self`, so the wait ends only when the moment has come.
                let _ = now.subscribe().wait_for(|now| *now >= moment.0).await;
            }
        }
    }
}
