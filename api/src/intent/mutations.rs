//! Mutations of intents.

use async_graphql::{Context, Object, Result};
use openintent_entities::id::EventId;

use super::{
    patch::Patch,
    service::{self, IntentChanges, NewIntent},
    types::{
        AssignAgentInput, CreateChildIntentInput, CreateIntentInput, IntentPayload, LogEventInput,
        LogEventPayload, PatchStateInput, SetStatusInput, UnassignAgentInput, UpdateIntentInput,
    },
};
use crate::{
    change::{Committed, Once},
    error::Error,
    event,
    loaders::{actor, app},
    payload::MutationError,
    scalar::{Cursor, id, ids},
};

/// Mutations of intents.
#[derive(Debug, Default)]
pub struct IntentMutation;

async fn create(
    ctx: &Context<'_>,
    operation: &'static str,
    input: CreateIntentInput,
) -> Result<IntentPayload> {
    let result = async {
        let new = NewIntent {
            title: input.title,
            intent_type: input.r#type,
            description: input.description,
            constraints: input.constraints.unwrap_or_default().0,
            state: input.state.unwrap_or_default().0,
            confidence: input.confidence.unwrap_or(0),
            priority: input.priority.unwrap_or(0),
            tags: input.tags.unwrap_or_default(),
            namespace: input.namespace,
            parent_id: input
                .parent_id
                .as_ref()
                .map(|parent| id("intent", parent))
                .transpose()?,
            depends_on: ids("intent", &input.depends_on.unwrap_or_default())?,
            deadline: input.deadline.map(|deadline| deadline.0),
            draft: input.draft.unwrap_or(false),
        };
        let once = Once::new(input.idempotency_key.as_deref(), operation, &new)?;
        service::create(app(ctx)?, actor(ctx)?, &once, &new).await
    };
    Ok(IntentPayload::new(result.await)?)
}

#[Object]
impl IntentMutation {
    /// Creates an intent. It is active, unless it is to stay a draft or has to wait for dependencies.
    async fn create_intent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")] input: CreateIntentInput,
    ) -> Result<IntentPayload> {
        create(ctx, "createIntent", input).await
    }

    /// Creates an intent below another one (RFC-0002).
    async fn create_child_intent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")]
        input: CreateChildIntentInput,
    ) -> Result<IntentPayload> {
        create(ctx, "createChildIntent", input.into()).await
    }

    /// Changes what describes an intent. Its state changes by `patchState`, its status by `setStatus`.
    async fn update_intent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")] input: UpdateIntentInput,
    ) -> Result<IntentPayload> {
        let result = async {
            let intent = id("intent", &input.id)?;
            let (key, version) = (
                input.idempotency_key.clone(),
                i64::from(input.expected_version),
            );
            let changes = IntentChanges::from(input);
            let once = Once::new(
                key.as_deref(),
                "updateIntent",
                &(&intent, version, &changes),
            )?;
            service::update(app(ctx)?, actor(ctx)?, &once, &intent, version, &changes).await
        };
        Ok(IntentPayload::new(result.await)?)
    }

    /// Changes an intent's state (the protocol's `update_state`). Of several writers that have seen
    /// the same version, one wins; the others get a version conflict and nothing of theirs is stored.
    async fn patch_state(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")] input: PatchStateInput,
    ) -> Result<IntentPayload> {
        let result = async {
            let intent = id("intent", &input.intent_id)?;
            let version = i64::from(input.expected_version);
            let token = input.fencing_token.map(i64::from);
            let patches: Vec<Patch> = input.patches.into_iter().map(Patch::from).collect();
            let key = input.idempotency_key.as_deref();
            let once = Once::new(key, "patchState", &(&intent, version, &patches, token))?;
            service::patch_state(
                app(ctx)?,
                actor(ctx)?,
                &once,
                &intent,
                version,
                &patches,
                token,
            )
            .await
        };
        Ok(IntentPayload::new(result.await)?)
    }

    /// Moves an intent along its status machine. What follows from it happens at once: the last
    /// dependency to complete unblocks what waited for it.
    async fn set_status(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")] input: SetStatusInput,
    ) -> Result<IntentPayload> {
        let result = async {
            let step = service::StatusStep {
                intent: id("intent", &input.intent_id)?,
                expected_version: input.expected_version.into(),
                to: input.status.into(),
                reason: input.reason,
                cascade: input.cascade.unwrap_or(false),
            };
            let once = Once::new(input.idempotency_key.as_deref(), "setStatus", &step)?;
            service::set_status(app(ctx)?, actor(ctx)?, &once, &step).await
        };
        Ok(IntentPayload::new(result.await)?)
    }

    /// Appends an event of your own to an intent's log: what a model was asked, what a tool did, a comment.
    async fn log_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")] input: LogEventInput,
    ) -> Result<LogEventPayload> {
        let result = async {
            let intent = id("intent", &input.intent_id)?;
            let payload = input.payload.unwrap_or_default().0;
            let parent: Option<EventId> = input
                .parent_event_id
                .as_ref()
                .map(|parent| id("event", parent))
                .transpose()?;
            let key = input.idempotency_key.as_deref();
            let once = Once::new(
                key,
                "logEvent",
                &(&intent, &input.r#type, &payload, &parent),
            )?;
            let event_type = input.r#type.as_str();
            let Committed { value, position } = service::log_event(
                app(ctx)?,
                actor(ctx)?,
                &once,
                &intent,
                event_type,
                &payload,
                parent.as_ref(),
            )
            .await?;
            let stored = event::service::find(app(ctx)?, actor(ctx)?, &value).await?;
            let event = stored.ok_or_else(|| Error::broken("a new event is not there"))?;
            Ok((event, position))
        };
        Ok(match result.await {
            Ok((event, position)) => LogEventPayload {
                event: Some(event.into()),
                cursor: Some(Cursor(position)),
                errors: Vec::new(),
            },
            Err(error) => LogEventPayload {
                event: None,
                cursor: None,
                errors: vec![MutationError::from_error(error)?],
            },
        })
    }

    /// Assigns an agent to an intent, or gives an assigned one another role. Agents hear of it through
    /// the subscription `assignments`.
    async fn assign_agent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")] input: AssignAgentInput,
    ) -> Result<IntentPayload> {
        let result = async {
            let intent = id("intent", &input.intent_id)?;
            let role = input.role.as_deref().unwrap_or("worker");
            let key = input.idempotency_key.as_deref();
            let once = Once::new(key, "assignAgent", &(&intent, &input.agent_id, role))?;
            service::assign_agent(
                app(ctx)?,
                actor(ctx)?,
                &once,
                &intent,
                &input.agent_id,
                role,
            )
            .await
        };
        Ok(IntentPayload::new(result.await)?)
    }

    /// Takes an agent off an intent.
    async fn unassign_agent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")] input: UnassignAgentInput,
    ) -> Result<IntentPayload> {
        let result = async {
            let intent = id("intent", &input.intent_id)?;
            let key = input.idempotency_key.as_deref();
            let once = Once::new(key, "unassignAgent", &(&intent, &input.agent_id))?;
            service::unassign_agent(app(ctx)?, actor(ctx)?, &once, &intent, &input.agent_id).await
        };
        Ok(IntentPayload::new(result.await)?)
    }
}
