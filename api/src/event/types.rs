//! GraphQL types of events.

use async_graphql::{Context, ID, InputObject, Object, Result};
use openintent_entities::{
    event,
    id::{IntentId, PortfolioId},
};

use super::loaders::{EventCount, EventsOf};
use crate::{
    connection::connection,
    error::Error,
    intent::types::Intent,
    loaders::load,
    log::{Filter, Position},
    page::Window,
    scalar::{Cursor, DateTime, JsonObject, id, int},
};

/// An immutable record of something that happened (RFC-0001), a link in its stream's hash chain
/// (RFC-0019).
#[derive(Debug, Clone)]
pub struct Event(pub event::Model);

impl From<event::Model> for Event {
    fn from(model: event::Model) -> Self {
        Self(model)
    }
}

/// An immutable record of something that happened (RFC-0001), a link in its stream's hash chain
/// (RFC-0019).
#[Object]
impl Event {
    /// `evt_…`
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What happened, e.g. `state_patched`.
    async fn r#type(&self) -> &str {
        &self.0.event_type
    }

    /// The stream that it belongs to: an intent's id, or `system` for what belongs to no intent.
    async fn stream(&self) -> &str {
        &self.0.stream
    }

    /// Its place in its stream: 1, 2, 3 … without gaps.
    async fn sequence(&self) -> i32 {
        int(self.0.sequence)
    }

    /// Its place in the whole log: subscribe with it as `after` to see what came later.
    async fn cursor(&self) -> Cursor {
        Cursor(Position(self.0.position.unwrap_or_default()))
    }

    /// The intent that it happened to.
    async fn intent_id(&self) -> Option<ID> {
        self.0.intent_id.as_ref().map(|id| ID(id.to_string()))
    }

    /// The intent that it happened to, as it is now.
    async fn intent(&self, ctx: &Context<'_>) -> Result<Option<Intent>> {
        match &self.0.intent_id {
            Some(id) => Ok(load(ctx, id.clone()).await?.map(Intent)),
            None => Ok(None),
        }
    }

    /// The portfolio that it happened to.
    async fn portfolio_id(&self) -> Option<ID> {
        self.0.portfolio_id.as_ref().map(|id| ID(id.to_string()))
    }

    /// Who did it.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// What belongs to it; its members depend on the type.
    async fn payload(&self) -> JsonObject {
        self.0.payload.clone().into()
    }

    /// When it happened. This very text goes into the hash.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// `sha256:…` over the canonical JSON (RFC 8785) of `actor`, `created_at`, `event_type`, `id`,
    /// `intent_id`, `payload`, `previous_event_hash`, `sequence`, and, where present, `proof`,
    /// `trace_id` and `parent_event_id`.
    async fn hash(&self) -> &str {
        &self.0.event_hash
    }

    /// The hash of the event before it in its stream; null for the first.
    async fn previous_hash(&self) -> Option<&str> {
        self.0.previous_event_hash.as_deref()
    }

    /// The W3C trace that the request belonged to, 32 hex digits.
    async fn trace_id(&self) -> Option<&str> {
        self.0.trace_id.as_deref()
    }

    /// The event that caused it.
    async fn parent_event_id(&self) -> Option<ID> {
        self.0.parent_event_id.as_ref().map(|id| ID(id.to_string()))
    }

    /// The signature of the agent that made it (RFC-0018).
    async fn proof(&self) -> Option<JsonObject> {
        self.0.proof.clone().map(JsonObject::from)
    }
}

connection! {
    /// A page of events.
    EventConnection,
    /// An event in a list.
    EventEdge {},
    Event from event::Model, counted by EventCount
}

impl EventConnection {
    /// A page of an intent's events.
    ///
    /// # Errors
    /// The database fails.
    pub async fn of_intent(
        ctx: &Context<'_>,
        of: IntentId,
        filter: EventListFilter,
        window: Window,
    ) -> crate::error::Result<Self> {
        let types = filter.types.unwrap_or_default();
        let key = EventsOf {
            of: of.clone(),
            types: types.clone(),
            window,
        };
        let page = load(ctx, key).await?.unwrap_or_default();
        Ok(Self::new(page, EventCount::Of { of, types }))
    }
}

/// Which of an intent's events are wanted.
#[derive(Debug, Clone, Default, InputObject)]
pub struct EventListFilter {
    /// One of these event types; `*` stands for any characters.
    pub types: Option<Vec<String>>,
}

/// Which events are wanted. All conditions that are given must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct EventFilter {
    /// Events of this intent.
    pub intent_id: Option<ID>,
    /// Events of this intent and of all intents below it.
    pub subtree_of: Option<ID>,
    /// Events of this portfolio and of the intents that belong to it.
    pub portfolio_id: Option<ID>,
    /// Events that this agent or person caused.
    pub agent_id: Option<String>,
    /// One of these event types; `*` stands for any characters, e.g. `lease_*`. 32 at the most.
    pub types: Option<Vec<String>>,
    /// Events of this trace.
    pub trace_id: Option<String>,
    /// Events in this namespace.
    pub namespace: Option<String>,
}

impl TryFrom<EventFilter> for Filter {
    type Error = Error;

    fn try_from(filter: EventFilter) -> Result<Self, Error> {
        let types = filter.types.unwrap_or_default();
        crate::input::at_most("the number of event types", types.len(), 32)?;
        Ok(Self {
            intent: filter
                .intent_id
                .as_ref()
                .map(|intent| id("intent", intent))
                .transpose()?,
            subtree_of: filter
                .subtree_of
                .as_ref()
                .map(|root| id("intent", root))
                .transpose()?,
            portfolio: filter
                .portfolio_id
                .as_ref()
                .map(|portfolio| id::<PortfolioId>("portfolio", portfolio))
                .transpose()?,
            actor: filter.agent_id,
            types,
            trace_id: filter.trace_id,
            namespace: filter.namespace,
            nothing: false,
        })
    }
}
