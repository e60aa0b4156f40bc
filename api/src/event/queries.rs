//! Queries of events.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use openintent_entities::id::{EventId, IntentId};

use super::{
    loaders::{EventCount, listing},
    service,
    types::{Event, EventConnection, EventFilter},
};
use crate::{
    error::Error,
    intent,
    loaders::{Loaders, actor, app},
    log::{Filter, SYSTEM_STREAM, verify},
    page::Window,
    policy,
    scalar::{id, int},
};

/// Queries of events.
#[derive(Debug, Default)]
pub struct EventQuery;

/// What a stream's hash chain is worth (RFC-0019).
#[derive(Debug, Clone, SimpleObject)]
pub struct ChainVerification {
    /// Whether every hash recomputes, every event names the one before it, and none is missing.
    pub valid: bool,
    /// How many events the stream has.
    pub event_count: i32,
    /// The sequence of its first event.
    pub first_sequence: Option<i32>,
    /// The sequence of its last event.
    pub last_sequence: Option<i32>,
    /// The hash of its last event. Keep it: should an earlier event change, it would too.
    pub head_hash: Option<String>,
    /// Where the chain does not hold, a hundred places at the most.
    pub breaks: Vec<ChainBreak>,
}

/// A place where a hash chain does not hold.
#[derive(Debug, Clone, SimpleObject)]
pub struct ChainBreak {
    /// The event there.
    pub event_id: ID,
    /// Its sequence.
    pub sequence: i32,
    /// What is wrong.
    pub reason: String,
}

#[Object]
impl EventQuery {
    /// One event; null when there is none with this id, or it is hidden from you.
    async fn event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event's id.")] id: ID,
    ) -> Result<Option<Event>> {
        let Ok(id) = id.parse::<EventId>() else {
            return Ok(None);
        };
        Ok(service::find(app(ctx)?, actor(ctx)?, &id).await?.map(Event))
    }

    /// All events that you may see, oldest first.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only events that pass this.")] filter: Option<EventFilter>,
        #[graphql(desc = "Items from the start; 50 if no size is given, 100 at the most.")]
        first: Option<i32>,
        #[graphql(desc = "Only items behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Items from the end.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Result<EventConnection> {
        let window = Window::new(first, after.as_deref(), last, before.as_deref())?;
        let filter = match Filter::try_from(filter.unwrap_or_default()) {
            // What has no such id has no events.
            Err(Error::NotFound { .. }) => Filter::nothing(),
            filter => filter?,
        };
        let loaders = Loaders {
            app: app(ctx)?.clone(),
            actor: actor(ctx)?.clone(),
        };
        let listing = listing(&loaders, &filter, false);
        let mut pages = listing
            .pages(loaders.app.database().reads(), &window)
            .await?;
        let page = pages.remove("").unwrap_or_default();
        Ok(EventConnection::new(
            page,
            EventCount::All(Box::new(listing)),
        ))
    }

    /// Recomputes the hash chain of a stream from what is stored: an intent's, or without an id the
    /// `system` stream (operators). Reads the whole stream.
    async fn verify_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The intent whose stream to check.")] intent_id: Option<ID>,
    ) -> Result<ChainVerification> {
        let app = app(ctx)?;
        let stream = match &intent_id {
            Some(text) => {
                let wanted: IntentId = id("intent", text)?;
                let found = intent::service::find(app, actor(ctx)?, &wanted).await?;
                found
                    .ok_or_else(|| Error::not_found("intent", text.as_str()))?
                    .id
                    .to_string()
            }
            None => {
                policy::may(
                    actor(ctx)?,
                    policy::Action::ReadSystem,
                    policy::Resource::Server,
                )?;
                SYSTEM_STREAM.to_owned()
            }
        };
        let result = verify::stream(app.database().reads(), &stream).await?;
        Ok(ChainVerification {
            valid: result.is_valid(),
            event_count: int(result.event_count),
            first_sequence: result.first_sequence.map(int),
            last_sequence: result.last_sequence.map(int),
            head_hash: result.head_hash,
            breaks: result
                .breaks
                .into_iter()
                .map(|broken| ChainBreak {
                    event_id: ID(broken.event_id.into()),
                    sequence: int(broken.sequence),
                    reason: broken.reason,
                })
                .collect(),
        })
    }
}
