//! Mutations of leases.

use async_graphql::{Context, Object, Result};

use super::{
    service,
    types::{
        AcquireLeaseInput, LeasePayload, ReleaseLeaseInput, RenewLeaseInput, RevokeLeaseInput,
    },
};
use crate::{
    change::Once,
    loaders::{actor, app},
    scalar::id,
};

/// Mutations of leases.
#[derive(Debug, Default)]
pub struct LeaseMutation;

#[Object]
impl LeaseMutation {
    /// Leases a scope of an intent to you. Of several that try at once, one gets it; the others are
    /// told who has it and until when.
    async fn acquire_lease(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")] input: AcquireLeaseInput,
    ) -> Result<LeasePayload> {
        let result = async {
            let intent = id("intent", &input.intent_id)?;
            let seconds = i64::from(input.duration_seconds);
            let key = input.idempotency_key.as_deref();
            let once = Once::new(key, "acquireLease", &(&intent, &input.scope, seconds))?;
            service::acquire(
                app(ctx)?,
                actor(ctx)?,
                &once,
                &intent,
                &input.scope,
                seconds,
            )
            .await
        };
        Ok(LeasePayload::new(result.await)?)
    }

    /// Prolongs a lease of yours that is still in force.
    async fn renew_lease(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")] input: RenewLeaseInput,
    ) -> Result<LeasePayload> {
        let result = async {
            let lease = id("lease", &input.lease_id)?;
            let seconds = input.duration_seconds.map(i64::from);
            let key = input.idempotency_key.as_deref();
            let once = Once::new(key, "renewLease", &(&lease, seconds))?;
            service::renew(app(ctx)?, actor(ctx)?, &once, &lease, seconds).await
        };
        Ok(LeasePayload::new(result.await)?)
    }

    /// Gives a lease of yours back before its time is over.
    async fn release_lease(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")] input: ReleaseLeaseInput,
    ) -> Result<LeasePayload> {
        let result = async {
            let lease = id("lease", &input.lease_id)?;
            let once = Once::new(input.idempotency_key.as_deref(), "releaseLease", &lease)?;
            service::release(app(ctx)?, actor(ctx)?, &once, &lease).await
        };
        Ok(LeasePayload::new(result.await)?)
    }

    /// Takes a lease away from its holder. Only admins can.
    async fn revoke_lease(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")] input: RevokeLeaseInput,
    ) -> Result<LeasePayload> {
        let result = async {
            let lease = id("lease", &input.lease_id)?;
            let reason = input.reason.as_deref();
            let once = Once::new(
                input.idempotency_key.as_deref(),
                "revokeLease",
                &(&lease, reason),
            )?;
            service::revoke(app(ctx)?, actor(ctx)?, &once, &lease, reason).await
        };
        Ok(LeasePayload::new(result.await)?)
    }
}
