//! Subscriptions to intents.

use async_graphql::{Context, ID, Result, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt};
use openintent_entities::id::IntentId;

use super::types::Intent;
use crate::{
    error::Error,
    event::{subscriptions::feed, types::Event},
    loaders::{actor, app, load},
    log::Filter,
    scalar::Cursor,
};

/// Subscriptions to intents.
#[derive(Debug, Default)]
pub struct IntentSubscription;

/// Something happened to an intent.
#[derive(SimpleObject)]
pub struct IntentUpdate {
    /// The place of the event in the log: subscribe again with it as `after` to go on from here.
    pub cursor: Cursor,
    /// What happened.
    pub event: Event,
    /// The intent as it is now, which may be later than the event.
    pub intent: Intent,
}

/// An agent was assigned to an intent, or taken off one.
#[derive(SimpleObject)]
pub struct AssignmentUpdate {
    /// The place of the event in the log: subscribe again with it as `after` to go on from here.
    pub cursor: Cursor,
    /// What happened.
    pub event: Event,
    /// The agent.
    pub agent_id: String,
    /// What it is there for; null when it was taken off.
    pub role: Option<String>,
    /// True when it was assigned, false when it was taken off.
    pub is_assigned: bool,
    /// The intent as it is now, which may be later than the event.
    pub intent: Intent,
}

#[Subscription]
impl IntentSubscription {
    /// Everything that happens to one intent, each time with the intent as it is then.
    async fn intent_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The intent.")] id: ID,
        #[graphql(desc = "Only what came after this place in the log; from now on if left out.")]
        after: Option<Cursor>,
    ) -> Result<impl Stream<Item = Result<IntentUpdate>>> {
        let intent: IntentId = crate::scalar::id("intent", &id)?;
        let found = load(ctx, intent.clone()).await?;
        if found.is_none() {
            return Err(Error::not_found("intent", intent.as_str()).into());
        }
        let filter = Filter {
            intent: Some(intent),
            ..Filter::default()
        };
        let (app, actor) = (app(ctx)?.clone(), actor(ctx)?.clone());
        Ok(feed(ctx, filter, after)?.filter_map(move |entry| {
            let (app, actor) = (app.clone(), actor.clone());
            async move {
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(error) => return Some(Err(error.into())),
                };
                let intent =
                    super::service::find(&app, &actor, entry.event.intent_id.as_ref()?).await;
                match intent {
                    Ok(intent) => Some(Ok(IntentUpdate {
                        cursor: Cursor(entry.position()),
                        event: Event::from(entry.event.clone()),
                        intent: Intent(intent?),
                    })),
                    Err(error) => Some(Err(error.into())),
                }
            }
        }))
    }

    /// What an agent is given to do: each assignment to an intent, and each time it is taken off one.
    async fn assignments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agent.")] agent_id: String,
        #[graphql(desc = "Only what came after this place in the log; from now on if left out.")]
        after: Option<Cursor>,
    ) -> Result<impl Stream<Item = Result<AssignmentUpdate>>> {
        let types = vec!["agent_assigned".to_owned(), "agent_unassigned".to_owned()];
        let filter = Filter {
            types,
            ..Filter::default()
        };
        let (app, actor) = (app(ctx)?.clone(), actor(ctx)?.clone());
        Ok(feed(ctx, filter, after)?.filter_map(move |entry| {
            let (app, actor, agent_id) = (app.clone(), actor.clone(), agent_id.clone());
            async move {
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(error) => return Some(Err(error.into())),
                };
                let text = |name: &str| {
                    entry
                        .event
                        .payload
                        .0
                        .get(name)
                        .and_then(|value| value.as_str())
                        .map(str::to_owned)
                };
                if text("agent_id").as_deref() != Some(agent_id.as_str()) {
                    return None;
                }
                let intent =
                    super::service::find(&app, &actor, entry.event.intent_id.as_ref()?).await;
                match intent {
                    Ok(intent) => Some(Ok(AssignmentUpdate {
                        cursor: Cursor(entry.position()),
                        event: Event::from(entry.event.clone()),
                        agent_id,
                        role: text("role"),
                        is_assigned: entry.event.event_type == "agent_assigned",
                        intent: Intent(intent?),
                    })),
                    Err(error) => Some(Err(error.into())),
                }
            }
        }))
    }
}
