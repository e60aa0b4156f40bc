//! Pure decisions about leases.

use openintent_entities::{
    Timestamp,
    lease::{Model, Status},
};

/// Seconds that a lease may last at least.
pub const MIN_SECONDS: i64 = 1;
/// Seconds that a lease may last at most: a day.
pub const MAX_SECONDS: i64 = 86_400;

/// The status at a moment: a lease whose time is over is expired, recorded or not.
#[must_use]
pub fn status_at(lease: &Model, now: Timestamp) -> Status {
    match lease.status {
        Status::Active if lease.expires_at <= now => Status::Expired,
        status => status,
    }
}

/// Whether the lease keeps others out at this moment.
#[must_use]
pub fn is_in_force(lease: &Model, now: Timestamp) -> bool {
    status_at(lease, now) == Status::Active
}

/// The status as the protocol writes it.
#[must_use]
pub fn name(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::Released => "released",
        Status::Expired => "expired",
        Status::Revoked => "revoked",
    }
}

#[cfg(test)]
mod tests {
    use openintent_entities::id::{IntentId, LeaseId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_lease_ends_at_the_very_moment() {
        let lease = Model {
            id: LeaseId::from_uuid(Uuid::nil()),
            intent_id: IntentId::from_uuid(Uuid::nil()),
            scope: "a".to_owned(),
            agent_id: "x".to_owned(),
            status: Status::Active,
            fencing_token: 1,
            duration_seconds: 1,
            acquired_at: Timestamp(0),
            expires_at: Timestamp(1_000_000),
            released_at: None,
            version: 1,
        };
        assert!(is_in_force(&lease, Timestamp(999_999)));
        assert!(!is_in_force(&lease, Timestamp(1_000_000)));
        let revoked = Model {
            status: Status::Revoked,
            ..lease
        };
        assert_eq!(status_at(&revoked, Timestamp(0)), Status::Revoked);
    }
}
