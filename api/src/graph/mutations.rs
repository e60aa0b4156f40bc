//! Mutations of the graph's edges.

use async_graphql::{Context, Object, Result};

use super::{
    service,
    types::{AddDependencyInput, RemoveDependencyInput},
};
use crate::{
    change::Once,
    intent::types::IntentPayload,
    loaders::{actor, app},
    scalar::{id, ids},
};

/// Mutations of the graph's edges.
#[derive(Debug, Default)]
pub struct GraphMutation;

#[Object]
impl GraphMutation {
    /// Makes an intent wait for others. If one of them is not completed, an active intent becomes blocked.
    async fn add_dependency(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")] input: AddDependencyInput,
    ) -> Result<IntentPayload> {
        let result = async {
            let intent = id("intent", &input.intent_id)?;
            let depends_on = ids("intent", &input.depends_on)?;
            let version = input.expected_version.map(i64::from);
            let key = input.idempotency_key.as_deref();
            let once = Once::new(key, "addDependency", &(&intent, &depends_on, version))?;
            service::add_dependencies(app(ctx)?, actor(ctx)?, &once, &intent, &depends_on, version)
                .await
        };
        Ok(IntentPayload::new(result.await)?)
    }

    /// Makes an intent no longer wait for another. If it waited for nothing else, it becomes active.
    async fn remove_dependency(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")]
        input: RemoveDependencyInput,
    ) -> Result<IntentPayload> {
        let result = async {
            let intent = id("intent", &input.intent_id)?;
            let depends_on = id("intent", &input.depends_on)?;
            let version = input.expected_version.map(i64::from);
            let key = input.idempotency_key.as_deref();
            let once = Once::new(key, "removeDependency", &(&intent, &depends_on, version))?;
            service::remove_dependency(app(ctx)?, actor(ctx)?, &once, &intent, &depends_on, version)
                .await
        };
        Ok(IntentPayload::new(result.await)?)
    }
}
