//! GraphQL types of leases.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use openintent_entities::{
    id::IntentId,
    lease::{self, Status},
};

use super::{
    queries::{LeaseCount, LeasesOf},
    rules,
};
use crate::{
    connection::connection,
    error::Error,
    intent::types::Intent,
    loaders::{app, load},
    page::Window,
    payload::payload,
    scalar::{DateTime, int},
};

/// Where a lease stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "Status")]
pub enum LeaseStatus {
    /// Held.
    Active,
    /// Given back by its holder.
    Released,
    /// Its time ran out.
    Expired,
    /// Taken away by an admin.
    Revoked,
}

/// An agent's exclusive, temporary ownership of one scope of an intent (RFC-0003). While it is in
/// force, nobody else writes below the state key that is its scope.
#[derive(Debug, Clone)]
pub struct Lease(pub lease::Model);

impl From<lease::Model> for Lease {
    fn from(model: lease::Model) -> Self {
        Self(model)
    }
}

/// An agent's exclusive, temporary ownership of one scope of an intent (RFC-0003). While it is in
/// force, nobody else writes below the state key that is its scope.
#[Object]
impl Lease {
    /// `lease_…`
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The intent that it is about.
    async fn intent(&self, ctx: &Context<'_>) -> Result<Intent> {
        let intent = load(ctx, self.0.intent_id.clone()).await?;
        Ok(intent
            .map(Intent)
            .ok_or_else(|| Error::not_found("intent", self.0.intent_id.as_str()))?)
    }

    /// The holder.
    async fn agent_id(&self) -> &str {
        &self.0.agent_id
    }

    /// The top-level key of the intent's state that it covers.
    async fn scope(&self) -> &str {
        &self.0.scope
    }

    /// Where it stands at this moment.
    async fn status(&self, ctx: &Context<'_>) -> Result<LeaseStatus> {
        Ok(rules::status_at(&self.0, app(ctx)?.clock().now()).into())
    }

    /// Grows with each lease on the same scope. Hand it on to whatever you write to: who sees a
    /// larger one may refuse yours.
    async fn fencing_token(&self) -> i32 {
        int(self.0.fencing_token)
    }

    /// What was asked for at the last acquisition or renewal, in seconds.
    async fn duration_seconds(&self) -> i32 {
        int(self.0.duration_seconds)
    }

    /// When it was acquired.
    async fn acquired_at(&self) -> DateTime {
        DateTime(self.0.acquired_at)
    }

    /// From this moment on it is no longer held, unless it is renewed.
    async fn expires_at(&self) -> DateTime {
        DateTime(self.0.expires_at)
    }

    /// When it ended.
    async fn released_at(&self) -> Option<DateTime> {
        self.0.released_at.map(DateTime)
    }

    /// Counts changes, from 1.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }
}

connection! {
    /// A page of leases.
    LeaseConnection,
    /// A lease in a list.
    LeaseEdge {},
    Lease from lease::Model, counted by LeaseCount
}

impl LeaseConnection {
    /// A page of an intent's leases.
    ///
    /// # Errors
    /// The database fails.
    pub async fn of_intent(
        ctx: &Context<'_>,
        of: IntentId,
        status: Option<Vec<LeaseStatus>>,
        window: Window,
    ) -> crate::error::Result<Self> {
        let key = LeasesOf {
            of: of.clone(),
            status: status.clone(),
            window,
        };
        let page = load(ctx, key).await?.unwrap_or_default();
        Ok(Self::new(page, LeaseCount::Of { of, status }))
    }
}

payload! {
    /// What a mutation of a lease gives back.
    LeasePayload {
        /// The lease after the change. Absent when refused.
        lease: Lease
    } from lease::Model
}

/// Which scope to lease.
#[derive(Debug, Clone, InputObject)]
pub struct AcquireLeaseInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// The intent.
    pub intent_id: ID,
    /// The top-level key of the intent's state to cover, e.g. `hotel_search`.
    pub scope: String,
    /// How long, 1 to 86400 seconds.
    #[graphql(default = 300)]
    pub duration_seconds: i32,
}

/// Which lease to prolong.
#[derive(Debug, Clone, InputObject)]
pub struct RenewLeaseInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// The lease.
    pub lease_id: ID,
    /// How long from now on, 1 to 86400 seconds; as long as the last time if left out.
    pub duration_seconds: Option<i32>,
}

/// Which lease to give back.
#[derive(Debug, Clone, InputObject)]
pub struct ReleaseLeaseInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// The lease.
    pub lease_id: ID,
}

/// Which lease to take away.
#[derive(Debug, Clone, InputObject)]
pub struct RevokeLeaseInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// The lease.
    pub lease_id: ID,
    /// Why.
    pub reason: Option<String>,
}
