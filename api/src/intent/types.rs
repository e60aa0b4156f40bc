//! GraphQL types of intents.

use async_graphql::{
    Context, Enum, ID, InputObject, MaybeUndefined, Object, OneofObject, Result, SimpleObject,
};
use openintent_entities::{
    intent::{self, Status},
    intent_agent,
};
use serde_json::{Map, Value};

use super::{patch::Patch, rules, service::IntentChanges};
use crate::{
    connection::connection,
    event::types::{Event, EventConnection, EventListFilter},
    graph::{
        loaders::{AggregateOf, AncestorsOf, Related, RelatedCount, Relation, UnmetOf},
        types::{AggregateStatus, BlockedReason, IntentRelationConnection},
    },
    lease::{
        queries::LeasesOf,
        types::{LeaseConnection, LeaseStatus},
    },
    loaders::{AgentsOf, MembershipsOf, TagsOf, app, load},
    page::{Listing, Window},
    payload::payload,
    portfolio::types::PortfolioMembership,
    scalar::{Cursor, DateTime, Json, JsonObject, int},
};

/// Where an intent stands (RFC-0001, RFC-0002, RFC-0026). `draft → active, abandoned`;
/// `active → blocked, suspended_awaiting_input, completed, failed, abandoned`;
/// `blocked → active, failed, abandoned`; `suspended_awaiting_input → active, abandoned`;
/// `failed → active, abandoned`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub enum IntentStatus {
    /// Being written; nothing acts on it yet.
    Draft,
    /// Open for work.
    Active,
    /// Waits for dependencies, or was stopped by hand.
    Blocked,
    /// Waits for an answer from a person.
    SuspendedAwaitingInput,
    /// Done. Terminal.
    Completed,
    /// An agent reported failure and no retry is left.
    Failed,
    /// Given up. Terminal.
    Abandoned,
}

/// How far an intent is, for people who watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "rules::Phase")]
pub enum IntentPhase {
    /// Nobody is on it.
    Created,
    /// Agents are assigned.
    Assigned,
    /// Somebody holds a lease on it.
    Leased,
    /// Its state has been worked on.
    Executing,
    /// It completed.
    Completed,
    /// It failed or was abandoned.
    Failed,
}

/// A goal: what is wanted, under which constraints, how far it is, and everything that happened to
/// it (RFC-0001).
#[derive(Debug, Clone)]
pub struct Intent(pub intent::Model);

impl From<intent::Model> for Intent {
    fn from(model: intent::Model) -> Self {
        Self(model)
    }
}

impl Intent {
    async fn related(
        &self,
        ctx: &Context<'_>,
        relation: Relation,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<IntentRelationConnection> {
        let window = Window::new(first, after.as_deref(), last, before.as_deref())?;
        let of = self.0.id.clone();
        let page = load(
            ctx,
            Related {
                of: of.clone(),
                relation,
                window,
            },
        )
        .await?
        .unwrap_or_default();
        Ok(IntentRelationConnection::new(
            page,
            RelatedCount { of, relation },
        ))
    }

    /// Whether a lease on it is in force at this moment: the end of one counts before it is recorded.
    async fn is_leased_now(&self, ctx: &Context<'_>) -> Result<bool> {
        let leases = LeasesOf {
            of: self.0.id.clone(),
            status: Some(vec![LeaseStatus::Active]),
            window: Window::new(Some(1), None, None, None)?,
        };
        let page = load(ctx, leases).await?;
        Ok(page.is_some_and(|page| !page.rows.is_empty()))
    }
}

/// A goal: what is wanted, under which constraints, how far it is, and everything that happened to
/// it (RFC-0001).
#[Object]
impl Intent {
    /// `intent_…`
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What kind of goal it is, e.g. `compliance.review`.
    async fn r#type(&self) -> Option<&str> {
        self.0.intent_type.as_deref()
    }

    /// What is wanted, in one line.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// What is wanted, at length.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// The agent or person that created it.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// Where it stands.
    async fn status(&self) -> IntentStatus {
        self.0.status.into()
    }

    /// Why it stands there, when somebody or the server said so.
    async fn status_reason(&self) -> Option<&str> {
        self.0.status_reason.as_deref()
    }

    /// How far it is, for people who watch.
    async fn phase(&self, ctx: &Context<'_>) -> Result<IntentPhase> {
        let started = self.0.started_at.is_some();
        let leased = !started && self.0.active_leases > 0 && self.is_leased_now(ctx).await?;
        let assigned = !started
            && !leased
            && load(ctx, AgentsOf(self.0.id.clone()))
                .await?
                .is_some_and(|agents| !agents.is_empty());
        Ok(rules::phase(self.0.status, started, leased, assigned).into())
    }

    /// 0 to 1000; higher is more urgent.
    async fn priority(&self) -> i32 {
        self.0.priority
    }

    /// What a solution must respect, as given for this intent.
    async fn constraints(&self) -> JsonObject {
        self.0.constraints.clone().into()
    }

    /// What a solution must respect: its own constraints over those shared by its portfolios. Where
    /// portfolios disagree, the one created first wins.
    async fn effective_constraints(&self, ctx: &Context<'_>) -> Result<JsonObject> {
        let mut effective = Map::new();
        let memberships = load(ctx, MembershipsOf(self.0.id.clone()))
            .await?
            .unwrap_or_default();
        for (_, portfolio) in memberships.into_iter().rev() {
            effective.extend(portfolio.shared_constraints.0);
        }
        effective.extend(self.0.constraints.0.clone());
        Ok(JsonObject(effective))
    }

    /// The shared working state. Change it with `patchState`.
    async fn state(&self) -> JsonObject {
        self.0.state.clone().into()
    }

    /// How sure those who work on it are, 0 to 100.
    async fn confidence(&self) -> i32 {
        self.0.confidence
    }

    /// Free-text tags, in alphabetical order.
    async fn tags(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(load(ctx, TagsOf(self.0.id.clone()))
            .await?
            .unwrap_or_default())
    }

    /// Free-text namespace.
    async fn namespace(&self) -> Option<&str> {
        self.0.namespace.as_deref()
    }

    /// When it should be done.
    async fn deadline(&self) -> Option<DateTime> {
        self.0.deadline.map(DateTime)
    }

    /// Counts changes, from 1. Mutations that change the intent take the version that you have seen.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }

    /// When work on its state began.
    async fn started_at(&self) -> Option<DateTime> {
        self.0.started_at.map(DateTime)
    }

    /// Whether it is open for work: active, with no open dependency.
    async fn is_ready(&self) -> bool {
        self.0.status == Status::Active
    }

    /// What keeps it from going on. Empty unless it is blocked or suspended.
    async fn blocked_by(&self, ctx: &Context<'_>) -> Result<Vec<BlockedReason>> {
        match self.0.status {
            Status::Blocked => {}
            Status::SuspendedAwaitingInput => {
                let message = "It waits for an answer from a person.".to_owned();
                return Ok(vec![BlockedReason {
                    intent: None,
                    message,
                }]);
            }
            _ => return Ok(Vec::new()),
        }
        let unmet = load(ctx, UnmetOf(self.0.id.clone()))
            .await?
            .unwrap_or_default();
        let mut reasons: Vec<BlockedReason> = unmet
            .into_iter()
            .map(|dependency| BlockedReason {
                message: format!(
                    "It depends on `{}`, which is {}.",
                    dependency.title,
                    rules::name(dependency.status)
                ),
                intent: Some(Self(dependency)),
            })
            .collect();
        if self.0.blocked_by_hand {
            let reason = self
                .0
                .status_reason
                .as_deref()
                .unwrap_or("no reason was given");
            reasons.push(BlockedReason {
                intent: None,
                message: format!("It was blocked by hand: {reason}."),
            });
        }
        Ok(reasons)
    }

    /// The intent that it is a part of.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Self>> {
        match &self.0.parent_id {
            Some(parent) => Ok(load(ctx, parent.clone()).await?.map(Self)),
            None => Ok(None),
        }
    }

    /// The intents that it is directly made up of, oldest first.
    async fn children(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Items from the start; 50 if no size is given, 100 at the most.")]
        first: Option<i32>,
        #[graphql(desc = "Only items behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Items from the end.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Result<IntentRelationConnection> {
        self.related(ctx, Relation::Children, first, after, last, before)
            .await
    }

    /// The children that are open for work.
    async fn ready_children(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Items from the start; 50 if no size is given, 100 at the most.")]
        first: Option<i32>,
        #[graphql(desc = "Only items behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Items from the end.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Result<IntentRelationConnection> {
        self.related(ctx, Relation::ReadyChildren, first, after, last, before)
            .await
    }

    /// The children that are blocked.
    async fn blocked_children(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Items from the start; 50 if no size is given, 100 at the most.")]
        first: Option<i32>,
        #[graphql(desc = "Only items behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Items from the end.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Result<IntentRelationConnection> {
        self.related(ctx, Relation::BlockedChildren, first, after, last, before)
            .await
    }

    /// All intents below it, however deep, oldest first.
    async fn descendants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Items from the start; 50 if no size is given, 100 at the most.")]
        first: Option<i32>,
        #[graphql(desc = "Only items behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Items from the end.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Result<IntentRelationConnection> {
        self.related(ctx, Relation::Descendants, first, after, last, before)
            .await
    }

    /// The intents above it, nearest first.
    async fn ancestors(&self, ctx: &Context<'_>) -> Result<Vec<Self>> {
        let above = load(ctx, AncestorsOf(self.0.id.clone()))
            .await?
            .unwrap_or_default();
        Ok(above.into_iter().map(Self).collect())
    }

    /// What must complete before it.
    async fn dependencies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Items from the start; 50 if no size is given, 100 at the most.")]
        first: Option<i32>,
        #[graphql(desc = "Only items behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Items from the end.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Result<IntentRelationConnection> {
        self.related(ctx, Relation::Dependencies, first, after, last, before)
            .await
    }

    /// What waits for it.
    async fn dependents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Items from the start; 50 if no size is given, 100 at the most.")]
        first: Option<i32>,
        #[graphql(desc = "Only items behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Items from the end.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Result<IntentRelationConnection> {
        self.related(ctx, Relation::Dependents, first, after, last, before)
            .await
    }

    /// How far its children are.
    async fn aggregate_status(&self, ctx: &Context<'_>) -> Result<AggregateStatus> {
        Ok(load(ctx, AggregateOf(self.0.id.clone()))
            .await?
            .unwrap_or_default()
            .into())
    }

    /// The agents assigned to it, first assigned first.
    async fn agents(&self, ctx: &Context<'_>) -> Result<Vec<AgentAssignment>> {
        let agents = load(ctx, AgentsOf(self.0.id.clone()))
            .await?
            .unwrap_or_default();
        Ok(agents.into_iter().map(AgentAssignment::from).collect())
    }

    /// Its leases, newest first.
    async fn leases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only leases with one of these statuses.")] status: Option<
            Vec<LeaseStatus>,
        >,
        #[graphql(desc = "Items from the start; 50 if no size is given, 100 at the most.")]
        first: Option<i32>,
        #[graphql(desc = "Only items behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Items from the end.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Result<LeaseConnection> {
        let window = Window::new(first, after.as_deref(), last, before.as_deref())?;
        Ok(LeaseConnection::of_intent(ctx, self.0.id.clone(), status, window).await?)
    }

    /// The portfolios that it belongs to.
    async fn portfolios(&self, ctx: &Context<'_>) -> Result<Vec<PortfolioMembership>> {
        let memberships = load(ctx, MembershipsOf(self.0.id.clone()))
            .await?
            .unwrap_or_default();
        Ok(memberships
            .into_iter()
            .map(PortfolioMembership::from)
            .collect())
    }

    /// What happened to it, oldest first.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only events that pass this.")] filter: Option<EventListFilter>,
        #[graphql(desc = "Items from the start; 50 if no size is given, 100 at the most.")]
        first: Option<i32>,
        #[graphql(desc = "Only items behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Items from the end.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Result<EventConnection> {
        let window = Window::new(first, after.as_deref(), last, before.as_deref())?;
        Ok(
            EventConnection::of_intent(ctx, self.0.id.clone(), filter.unwrap_or_default(), window)
                .await?,
        )
    }
}

/// How to count a list that a query gave.
#[derive(Debug, Clone)]
pub struct ListCount(pub Listing);

impl ListCount {
    /// Counts the list.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count(&self, ctx: &Context<'_>) -> crate::error::Result<i64> {
        self.0.total(app(ctx)?.database().reads()).await
    }
}

connection! {
    /// A page of intents.
    IntentConnection,
    /// An intent in a list.
    IntentEdge {},
    Intent from intent::Model, counted by ListCount
}

/// An agent that works on an intent.
#[derive(Debug, Clone, SimpleObject)]
pub struct AgentAssignment {
    /// The agent.
    pub agent_id: String,
    /// What it is there for; `worker` when nobody said.
    pub role: String,
    /// Who assigned it.
    pub assigned_by: String,
    /// When.
    pub assigned_at: DateTime,
}

impl From<intent_agent::Model> for AgentAssignment {
    fn from(row: intent_agent::Model) -> Self {
        Self {
            agent_id: row.agent_id,
            role: row.role,
            assigned_by: row.assigned_by,
            assigned_at: DateTime(row.assigned_at),
        }
    }
}

payload! {
    /// What a mutation of an intent gives back.
    IntentPayload {
        /// The intent after the change. Absent when refused.
        intent: Intent
    } from intent::Model
}

/// What `logEvent` gives back.
#[derive(SimpleObject)]
pub struct LogEventPayload {
    /// The event as it was stored. Absent when refused.
    pub event: Option<Event>,
    /// The place in the event log just after this change. Absent when refused.
    pub cursor: Option<Cursor>,
    /// Why the mutation was refused. Empty when it was carried out.
    pub errors: Vec<crate::payload::MutationError>,
}

/// A new intent.
#[derive(Debug, Clone, InputObject)]
pub struct CreateIntentInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// What is wanted, in one line.
    pub title: String,
    /// What kind of goal it is, e.g. `compliance.review`.
    pub r#type: Option<String>,
    /// What is wanted, at length.
    pub description: Option<String>,
    /// What a solution must respect.
    pub constraints: Option<JsonObject>,
    /// The first state. Keys that begin with `_` are the server's own.
    pub state: Option<JsonObject>,
    /// 0 to 100; 0 if not given.
    pub confidence: Option<i32>,
    /// 0 to 1000, higher is more urgent; 0 if not given.
    pub priority: Option<i32>,
    /// Free-text tags, 64 at the most.
    pub tags: Option<Vec<String>>,
    /// Free-text namespace.
    pub namespace: Option<String>,
    /// The intent that it is a part of; it cannot be changed later.
    pub parent_id: Option<ID>,
    /// What must complete before it.
    pub depends_on: Option<Vec<ID>>,
    /// When it should be done.
    pub deadline: Option<DateTime>,
    /// True leaves it a draft until its status is set to active.
    pub draft: Option<bool>,
}

/// A new intent below another.
#[derive(Debug, Clone, InputObject)]
pub struct CreateChildIntentInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// The intent that it is a part of; it cannot be changed later.
    pub parent_id: ID,
    /// What is wanted, in one line.
    pub title: String,
    /// What kind of goal it is, e.g. `compliance.review`.
    pub r#type: Option<String>,
    /// What is wanted, at length.
    pub description: Option<String>,
    /// What a solution must respect.
    pub constraints: Option<JsonObject>,
    /// The first state. Keys that begin with `_` are the server's own.
    pub state: Option<JsonObject>,
    /// 0 to 100; 0 if not given.
    pub confidence: Option<i32>,
    /// 0 to 1000, higher is more urgent; 0 if not given.
    pub priority: Option<i32>,
    /// Free-text tags, 64 at the most.
    pub tags: Option<Vec<String>>,
    /// Free-text namespace.
    pub namespace: Option<String>,
    /// What must complete before it.
    pub depends_on: Option<Vec<ID>>,
    /// When it should be done.
    pub deadline: Option<DateTime>,
    /// True leaves it a draft until its status is set to active.
    pub draft: Option<bool>,
}

impl From<CreateChildIntentInput> for CreateIntentInput {
    fn from(input: CreateChildIntentInput) -> Self {
        Self {
            idempotency_key: input.idempotency_key,
            title: input.title,
            r#type: input.r#type,
            description: input.description,
            constraints: input.constraints,
            state: input.state,
            confidence: input.confidence,
            priority: input.priority,
            tags: input.tags,
            namespace: input.namespace,
            parent_id: Some(input.parent_id),
            depends_on: input.depends_on,
            deadline: input.deadline,
            draft: input.draft,
        }
    }
}

/// What shall change about an intent. Fields that are left out stay as they are; null clears a field
/// that may be empty.
#[derive(Debug, Clone, InputObject)]
pub struct UpdateIntentInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// The intent.
    pub id: ID,
    /// The version that you have seen; with another one the change is refused.
    pub expected_version: i32,
    /// What is wanted, in one line.
    pub title: Option<String>,
    /// What kind of goal it is.
    pub r#type: MaybeUndefined<String>,
    /// What is wanted, at length.
    pub description: MaybeUndefined<String>,
    /// What a solution must respect; replaces all constraints.
    pub constraints: Option<JsonObject>,
    /// 0 to 100.
    pub confidence: Option<i32>,
    /// 0 to 1000, higher is more urgent.
    pub priority: Option<i32>,
    /// Replaces all tags.
    pub tags: Option<Vec<String>>,
    /// Free-text namespace.
    pub namespace: MaybeUndefined<String>,
    /// When it should be done.
    pub deadline: MaybeUndefined<DateTime>,
}

impl From<UpdateIntentInput> for IntentChanges {
    fn from(input: UpdateIntentInput) -> Self {
        Self {
            title: input.title,
            intent_type: given(input.r#type),
            description: given(input.description),
            constraints: input.constraints.map(|object| object.0),
            confidence: input.confidence,
            priority: input.priority,
            tags: input.tags,
            namespace: given(input.namespace),
            deadline: given(input.deadline).map(|deadline| deadline.map(|moment| moment.0)),
        }
    }
}

/// Absent, null or a value, as services take it.
pub(crate) fn given<T>(value: MaybeUndefined<T>) -> Option<Option<T>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

/// Changes to an intent's state. All patches apply, in order, or none does.
#[derive(Debug, Clone, InputObject)]
pub struct PatchStateInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// The intent.
    pub intent_id: ID,
    /// The version that you have seen; with another one nothing is changed.
    pub expected_version: i32,
    /// What to do to the state, 256 patches at the most.
    pub patches: Vec<StatePatch>,
    /// The fencing token of the lease under which you write. The patch is refused when the lease in
    /// force on what you write to has another token, or there is none.
    pub fencing_token: Option<i32>,
}

/// One operation on a state. Paths are JSON Pointers (RFC 6901); a path without a leading `/` is
/// one key.
#[derive(Debug, Clone, OneofObject)]
pub enum StatePatch {
    /// Puts a value in place; missing objects on the way are made.
    Set(SetPatch),
    /// Adds a value to the end of a list; makes the list when there is nothing.
    Append(AppendPatch),
    /// Takes a value away, which must be there.
    Remove(RemovePatch),
    /// Merges an object into an object (RFC 7396): null members are taken away.
    Merge(MergePatch),
}

/// Puts a value in place.
#[derive(Debug, Clone, InputObject)]
pub struct SetPatch {
    /// Where, e.g. `/findings/0/title`.
    pub path: String,
    /// What; null if left out.
    pub value: Option<Json>,
}

/// Adds a value to the end of a list.
#[derive(Debug, Clone, InputObject)]
pub struct AppendPatch {
    /// Where the list is, e.g. `/findings`.
    pub path: String,
    /// What; null if left out.
    pub value: Option<Json>,
}

/// Takes a value away.
#[derive(Debug, Clone, InputObject)]
pub struct RemovePatch {
    /// Where, e.g. `/findings/0`.
    pub path: String,
}

/// Merges an object into an object.
#[derive(Debug, Clone, InputObject)]
pub struct MergePatch {
    /// Where the object is; empty for the whole state.
    pub path: String,
    /// What to merge in.
    pub value: JsonObject,
}

impl From<StatePatch> for Patch {
    fn from(patch: StatePatch) -> Self {
        let value = |value: Option<Json>| value.map_or(Value::Null, |value| value.0);
        match patch {
            StatePatch::Set(set) => Self::Set {
                path: set.path,
                value: value(set.value),
            },
            StatePatch::Append(append) => Self::Append {
                path: append.path,
                value: value(append.value),
            },
            StatePatch::Remove(remove) => Self::Remove { path: remove.path },
            StatePatch::Merge(merge) => Self::Merge {
                path: merge.path,
                value: merge.value.0,
            },
        }
    }
}

/// A step along the status machine.
#[derive(Debug, Clone, InputObject)]
pub struct SetStatusInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// The intent.
    pub intent_id: ID,
    /// The version that you have seen; with another one nothing is changed.
    pub expected_version: i32,
    /// Where to go. Activating a draft with open dependencies makes it blocked.
    pub status: IntentStatus,
    /// Why.
    pub reason: Option<String>,
    /// Only when abandoning: everything below it that is still open is abandoned with it.
    pub cascade: Option<bool>,
}

/// An event of an agent's own.
#[derive(Debug, Clone, InputObject)]
pub struct LogEventInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// The intent.
    pub intent_id: ID,
    /// `llm_…`, `tool_call_…`, `stream_…` (RFC-0008), `comment`, or your own type that begins with `x-`.
    pub r#type: String,
    /// What belongs to it.
    pub payload: Option<JsonObject>,
    /// The event that caused it.
    pub parent_event_id: Option<ID>,
}

/// An agent to assign.
#[derive(Debug, Clone, InputObject)]
pub struct AssignAgentInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// The intent.
    pub intent_id: ID,
    /// The agent, free text.
    pub agent_id: String,
    /// What it is there for; `worker` if not given.
    pub role: Option<String>,
}

/// An agent to take off.
#[derive(Debug, Clone, InputObject)]
pub struct UnassignAgentInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// The intent.
    pub intent_id: ID,
    /// The agent.
    pub agent_id: String,
}
