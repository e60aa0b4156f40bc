//! How many websocket operations each API key has under way.

use std::sync::Arc;

use dashmap::DashMap;

use super::limits;
use openintent_entities::id::KeyId;

use crate::error::Error;

/// Counts by key. Keys with none are forgotten.
#[derive(Clone)]
pub(crate) struct Caps {
    most: usize,
    counts: Arc<DashMap<KeyId, usize>>,
}

/// One operation under way; counted until it is dropped.
pub(crate) struct Permit {
    caps: Caps,
    key: KeyId,
}

impl Caps {
    /// With so many operations per key at most.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            counts: Arc::default(),
        }
    }

    /// Counts one more for a key.
    ///
    /// # Errors
    ///
    /// `LIMIT_EXCEEDED`.
    pub(crate) fn enter(&self, key: &KeyId) -> Result<Permit, Error> {
        let mut count = self.counts.entry(key.clone()).or_default();
        if *count >= self.most {
            let setting = "limits.subscriptions_per_key";
            return Err(limits::exceeded(
                "API key",
                "operations under way",
                *count + 1,
                self.most,
                setting,
            ));
        }
        *count += 1;
        metrics::gauge!("openintent_graphql_socket_operations").increment(1.0);
        Ok(Permit {
            caps: self.clone(),
            key: key.clone(),
        })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        metrics::gauge!("openintent_graphql_socket_operations").decrement(1.0);
        if let Some(mut count) = self.caps.counts.get_mut(&self.key) {
            *count -= 1;
        }
        self.caps
            .counts
            .remove_if(&self.key, |_, count| *count == 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_so_many_operations_and_frees_them() {
        let caps = Caps::new(2);
        let key = KeyId::from_uuid(uuid::Uuid::from_u128(1));
        let first = caps.enter(&key);
        let second = caps.enter(&key);
        assert!(first.is_ok() && second.is_ok());
        assert!(caps.enter(&key).is_err());
        assert!(
            caps.enter(&KeyId::from_uuid(uuid::Uuid::from_u128(2)))
                .is_ok()
        );
        drop(first);
        assert!(caps.enter(&key).is_ok());
        drop(second);
        assert!(caps.counts.is_empty());
    }
}
