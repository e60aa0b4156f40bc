//! What can be done with intents: load, authorise, decide, store, record.

use std::collections::BTreeSet;

use openintent_entities::{
    Object, Timestamp, event,
    id::{EventId, IntentId},
    intent::{self, Status},
    intent_agent, intent_dependency, intent_tag, lease,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    patch::{self, Patch},
    rules,
};
use crate::{
    app::App,
    auth::Actor,
    change::{Change, Committed, NewEvent, Once},
    error::{Error, Result},
    graph, input,
    policy::{self, Action, Resource},
    portfolio,
};

/// Tags of one intent at the most.
pub const MAX_TAGS: usize = 64;
/// Dependencies of one intent at the most.
pub const MAX_DEPENDENCIES: usize = 1_000;
/// Patches in one request at the most.
pub const MAX_PATCHES: usize = 256;

/// What a new intent shall be.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewIntent {
    /// One line.
    pub title: String,
    /// What kind of goal it is.
    pub intent_type: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// What a solution must respect.
    pub constraints: Map<String, Value>,
    /// The first state.
    pub state: Map<String, Value>,
    /// 0 to 100.
    pub confidence: i32,
    /// Higher is more urgent.
    pub priority: i32,
    /// Free-text tags.
    pub tags: Vec<String>,
    /// Free-text namespace.
    pub namespace: Option<String>,
    /// The intent that it is a part of.
    pub parent_id: Option<IntentId>,
    /// What must complete before it.
    pub depends_on: Vec<IntentId>,
    /// When it should be done.
    pub deadline: Option<Timestamp>,
    /// Whether it stays a draft for now.
    pub draft: bool,
}

/// What shall change about an intent. The outer `None` leaves a value as it is.
#[derive(Debug, Clone, Default, Serialize)]
pub struct IntentChanges {
    /// One line.
    pub title: Option<String>,
    /// What kind of goal it is.
    pub intent_type: Option<Option<String>>,
    /// Free text.
    pub description: Option<Option<String>>,
    /// What a solution must respect.
    pub constraints: Option<Map<String, Value>>,
    /// 0 to 100.
    pub confidence: Option<i32>,
    /// Higher is more urgent.
    pub priority: Option<i32>,
    /// Free-text tags.
    pub tags: Option<Vec<String>>,
    /// Free-text namespace.
    pub namespace: Option<Option<String>>,
    /// When it should be done.
    pub deadline: Option<Option<Timestamp>>,
}

/// Creates an intent: a draft if that is wanted, blocked if it must wait for dependencies, else
/// active.
///
/// # Errors
/// `BAD_USER_INPUT`, `LIMIT_EXCEEDED`, `FORBIDDEN`; `NOT_FOUND` for a parent or dependency;
/// `INTENT_CLOSED` when the parent takes no more children; `DEPENDENCY_CYCLE`.
pub async fn create(
    app: &App,
    actor: &Actor,
    once: &Once,
    new: &NewIntent,
) -> Result<Committed<intent::Model>> {
    policy::may(actor, Action::Create, Resource::Server)?;
    check_new(app, new)?;
    app.change(actor, once, |change| Box::pin(create_in(change, new)))
        .await
}

async fn create_in(change: &mut Change<'_>, new: &NewIntent) -> Result<intent::Model> {
    let depends_on: BTreeSet<IntentId> = new.depends_on.iter().cloned().collect();
    let depends_on: Vec<IntentId> = depends_on.into_iter().collect();
    if new.parent_id.is_some() && !depends_on.is_empty() {
        change.lock_graph().await?;
    }
    if let Some(parent_id) = &new.parent_id {
        let parents = change
            .share_intents(std::slice::from_ref(parent_id))
            .await?;
        for parent in &parents {
            policy::may(change.actor(), Action::Write, Resource::Intent(parent))?;
            refuse_closed(parent)?;
        }
        graph::service::refuse_cycle_of_child(change, parent_id, &depends_on).await?;
    }
    let dependencies = change.share_intents(&depends_on).await?;
    for dependency in &dependencies {
        policy::may(change.actor(), Action::Read, Resource::Intent(dependency))?;
    }
    let met = dependencies
        .iter()
        .all(|intent| rules::satisfies_dependents(intent.status));
    let status = match (new.draft, met) {
        (true, _) => Status::Draft,
        (false, true) => Status::Active,
        (false, false) => Status::Blocked,
    };
    let now = change.now();
    let intent = intent::Model {
        id: IntentId::from_uuid(Uuid::now_v7()),
        intent_type: new.intent_type.clone(),
        title: new.title.clone(),
        description: new.description.clone(),
        created_by: change.actor().agent_id().to_owned(),
        status,
        status_reason: None,
        blocked_by_hand: false,
        priority: new.priority,
        constraints: Object(new.constraints.clone()),
        state: Object(new.state.clone()),
        confidence: new.confidence,
        namespace: new.namespace.clone(),
        parent_id: new.parent_id.clone(),
        deadline: new.deadline,
        started_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
        active_leases: 0,
        event_sequence: 0,
        event_hash: None,
    };
    change.insert(intent.clone());
    if !new.tags.is_empty() || !depends_on.is_empty() {
        change.flush().await?;
        insert_tags(change, &intent.id, &new.tags).await?;
        insert_dependencies(change, &intent.id, &depends_on).await?;
    }
    change.record(NewEvent::on_intent(
        &intent,
        "intent_created",
        json!({
            "title": intent.title,
            "type": intent.intent_type,
            "description": intent.description,
            "status": rules::name(status),
            "parent_intent_id": intent.parent_id,
            "depends_on": depends_on,
            "constraints": new.constraints,
            "state": new.state,
            "confidence": intent.confidence,
            "priority": intent.priority,
            "tags": new.tags,
            "namespace": intent.namespace,
            "deadline": intent.deadline.map(|moment| moment.to_string()),
        }),
    ));
    Ok(intent)
}

/// Changes what describes an intent; state and status have operations of their own.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `INTENT_CLOSED`, `BAD_USER_INPUT`, `LIMIT_EXCEEDED`, `FORBIDDEN`.
pub async fn update(
    app: &App,
    actor: &Actor,
    once: &Once,
    id: &IntentId,
    expected_version: i64,
    changes: &IntentChanges,
) -> Result<Committed<intent::Model>> {
    check_changes(app, changes)?;
    app.change(actor, once, |change| {
        Box::pin(async move {
            let mut intent = open_for_writing(change, id, Some(expected_version)).await?;
            let changed = apply_changes(&mut intent, changes);
            if changed.is_empty() {
                return Err(Error::input(&[], "give at least one field to change"));
            }
            if let Some(tags) = &changes.tags {
                intent_tag::Entity::delete_many()
                    .filter(intent_tag::Column::IntentId.eq(id.clone()))
                    .exec(change.db())
                    .await?;
                insert_tags(change, id, tags).await?;
            }
            let intent = change.save(intent)?;
            change.record(NewEvent::on_intent(
                &intent,
                "intent_updated",
                json!({ "changes": changed, "version": intent.version }),
            ));
            Ok(intent)
        })
    })
    .await
}

fn apply_changes(intent: &mut intent::Model, changes: &IntentChanges) -> Map<String, Value> {
    let mut changed = Map::new();
    if let Some(title) = &changes.title {
        intent.title.clone_from(title);
        changed.insert("title".to_owned(), json!(title));
    }
    if let Some(intent_type) = &changes.intent_type {
        intent.intent_type.clone_from(intent_type);
        changed.insert("type".to_owned(), json!(intent_type));
    }
    if let Some(description) = &changes.description {
        intent.description.clone_from(description);
        changed.insert("description".to_owned(), json!(description));
    }
    if let Some(constraints) = &changes.constraints {
        intent.constraints = Object(constraints.clone());
        changed.insert("constraints".to_owned(), json!(constraints));
    }
    if let Some(confidence) = changes.confidence {
        intent.confidence = confidence;
        changed.insert("confidence".to_owned(), json!(confidence));
    }
    if let Some(priority) = changes.priority {
        intent.priority = priority;
        changed.insert("priority".to_owned(), json!(priority));
    }
    if let Some(tags) = &changes.tags {
        changed.insert("tags".to_owned(), json!(tags));
    }
    if let Some(namespace) = &changes.namespace {
        intent.namespace.clone_from(namespace);
        changed.insert("namespace".to_owned(), json!(namespace));
    }
    if let Some(deadline) = changes.deadline {
        intent.deadline = deadline;
        let text = deadline.map(|moment| moment.to_string());
        changed.insert("deadline".to_owned(), json!(text));
    }
    changed
}

/// Applies patches to an intent's state, all or none. A patch below a leased top-level key needs
/// that lease; a fencing token, when given, must be that of the lease in force.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `INTENT_CLOSED`, `LEASE_HELD`, `STALE_FENCING_TOKEN`,
/// `BAD_USER_INPUT`, `LIMIT_EXCEEDED`, `FORBIDDEN`.
pub async fn patch_state(
    app: &App,
    actor: &Actor,
    once: &Once,
    id: &IntentId,
    expected_version: i64,
    patches: &[Patch],
    fencing_token: Option<i64>,
) -> Result<Committed<intent::Model>> {
    input::at_most("the number of patches", patches.len(), MAX_PATCHES)?;
    if patches.is_empty() {
        return Err(Error::input(&["patches"], "give at least one patch"));
    }
    let as_input = |error: patch::PatchError| Error::BadUserInput {
        path: vec!["patches".to_owned(), error.index.to_string()],
        message: error.reason,
    };
    let touched = &patch::touched(patches).map_err(as_input)?;
    let max_bytes = app.config().limits.state_bytes;
    app.change(actor, once, |change| {
        Box::pin(async move {
            let mut intent = open_for_writing(change, id, Some(expected_version)).await?;
            check_leases(change, &intent, touched.as_deref(), fencing_token).await?;
            let state = patch::apply(&intent.state.0, patches).map_err(as_input)?;
            input::object(&["patches"], &state, max_bytes)?;
            intent.state = Object(state);
            intent.started_at.get_or_insert(change.now());
            let intent = change.save(intent)?;
            let patches: Vec<Value> = patches.iter().map(Patch::to_json).collect();
            change.record(NewEvent::on_intent(
                &intent,
                "state_patched",
                json!({ "patches": patches, "version": intent.version }),
            ));
            Ok(intent)
        })
    })
    .await
}

/// A leased scope is written to by its holder alone.
async fn check_leases(
    change: &Change<'_>,
    intent: &intent::Model,
    touched: Option<&[String]>,
    fencing_token: Option<i64>,
) -> Result<()> {
    let leases = if intent.active_leases == 0 {
        Vec::new()
    } else {
        lease::Entity::find()
            .filter(lease::Column::IntentId.eq(intent.id.clone()))
            .filter(lease::Column::Status.eq(lease::Status::Active))
            .filter(lease::Column::ExpiresAt.gt(change.now()))
            .all(change.db())
            .await?
    };
    let mut own_tokens = Vec::new();
    for lease in leases {
        let concerned = touched.is_none_or(|keys| keys.contains(&lease.scope));
        if !concerned {
            continue;
        }
        if lease.agent_id != change.actor().agent_id() {
            return Err(Error::LeaseHeld {
                lease: lease.id,
                scope: lease.scope,
                holder: lease.agent_id,
                expires_at: lease.expires_at,
            });
        }
        own_tokens.push(lease.fencing_token);
    }
    match fencing_token {
        Some(given) if !own_tokens.contains(&given) => Err(Error::StaleFencingToken {
            given,
            current: own_tokens.into_iter().max(),
        }),
        _ => Ok(()),
    }
}

/// A step along the status machine.
#[derive(Debug, Clone, Serialize)]
pub struct StatusStep {
    /// The intent.
    pub intent: IntentId,
    /// The version that the caller has seen.
    pub expected_version: i64,
    /// Where to go.
    pub to: Status,
    /// Why.
    pub reason: Option<String>,
    /// When abandoning: whether everything open below it is abandoned too.
    pub cascade: bool,
}

/// Moves an intent along the status machine, with all that follows from it in the same transaction:
/// dependents are unblocked or blocked, portfolios complete, children are abandoned if `cascade`.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `INVALID_TRANSITION`, `UNMET_DEPENDENCIES`, `BAD_USER_INPUT`,
/// `FORBIDDEN`.
pub async fn set_status(
    app: &App,
    actor: &Actor,
    once: &Once,
    step: &StatusStep,
) -> Result<Committed<intent::Model>> {
    let reason = step.reason.as_deref();
    input::optional_text(&["reason"], reason)?;
    if step.cascade && step.to != Status::Abandoned {
        return Err(Error::input(
            &["cascade"],
            "only abandoning cascades to children",
        ));
    }
    app.change(actor, once, |change| {
        Box::pin(async move {
            let intent = change.lock_intent(&step.intent).await?;
            policy::may(actor, Action::Write, Resource::Intent(&intent))?;
            check_version(&intent, Some(step.expected_version))?;
            if !rules::allowed(intent.status).contains(&step.to) {
                return Err(invalid_transition(intent.status, step.to));
            }
            let to = match step.to {
                Status::Active => graph::service::gate_activation(change, &intent).await?,
                Status::Completed => {
                    graph::service::gate_completion(change, &intent).await?;
                    Status::Completed
                }
                to => to,
            };
            let mut moves = Moves::default();
            moves.make(change, intent, to, reason, None)?;
            if step.cascade {
                let cause = moves.last_event();
                for child in graph::service::open_descendants(change, &step.intent).await? {
                    let why = Some("parent_abandoned");
                    moves.make(change, child, Status::Abandoned, why, cause.clone())?;
                }
            }
            moves.settle(change).await?;
            change.lock_intent(&step.intent).await
        })
    })
    .await
}

/// The status changes of one transaction, and what follows from them.
#[derive(Debug, Default)]
pub struct Moves {
    /// What moved, from where to where, in order.
    made: Vec<Move>,
    /// How many of them have had their consequences drawn.
    settled: usize,
}

/// One status change.
#[derive(Debug, Clone)]
pub struct Move {
    /// The intent, after it.
    pub intent: intent::Model,
    /// Where it came from.
    pub from: Status,
    /// The event that tells of it.
    pub event: EventId,
}

impl Moves {
    /// Moves one intent, which must be locked, and records that.
    ///
    /// # Errors
    /// `INVALID_TRANSITION`.
    pub fn make(
        &mut self,
        change: &mut Change<'_>,
        mut intent: intent::Model,
        to: Status,
        reason: Option<&str>,
        cause: Option<EventId>,
    ) -> Result<intent::Model> {
        let from = intent.status;
        // A draft that is activated with open dependencies passes through active in the same moment.
        let gated = from == Status::Draft && to == Status::Blocked;
        if !gated && !rules::allowed(from).contains(&to) {
            return Err(invalid_transition(from, to));
        }
        intent.status = to;
        intent.status_reason = reason.map(str::to_owned);
        intent.blocked_by_hand = to == Status::Blocked && cause.is_none() && from == Status::Active;
        let intent = change.save(intent)?;
        let event = change.record(
            NewEvent::on_intent(
                &intent,
                "status_changed",
                json!({
                    "from": rules::name(from),
                    "to": rules::name(to),
                    "reason": reason,
                    "version": intent.version,
                }),
            )
            .caused_by(cause),
        );
        self.made.push(Move {
            intent: intent.clone(),
            from,
            event,
        });
        Ok(intent)
    }

    /// The event of the last move.
    #[must_use]
    pub fn last_event(&self) -> Option<EventId> {
        self.made.last().map(|made| made.event.clone())
    }

    /// Draws the consequences: dependents are gated anew (which may move them, and so on), then the
    /// portfolios of all that moved are looked at.
    ///
    /// # Errors
    /// The database fails.
    pub async fn settle(&mut self, change: &mut Change<'_>) -> Result<()> {
        while self.settled < self.made.len() {
            let moved = self.made[self.settled].clone();
            self.settled += 1;
            change.flush().await?;
            graph::service::regate_dependents(change, self, &moved).await?;
        }
        change.flush().await?;
        portfolio::service::after_moves(change, &self.made).await
    }
}

fn invalid_transition(from: Status, to: Status) -> Error {
    Error::InvalidTransition {
        from: rules::name(from).to_owned(),
        to: rules::name(to).to_owned(),
        allowed: rules::allowed(from)
            .iter()
            .map(|&status| rules::name(status).to_owned())
            .collect(),
    }
}

/// Appends an event of the agent's own to the intent's stream.
///
/// # Errors
/// `NOT_FOUND`; `BAD_USER_INPUT` for an event type that is the server's own; `LIMIT_EXCEEDED`;
/// `FORBIDDEN`.
pub async fn log_event(
    app: &App,
    actor: &Actor,
    once: &Once,
    id: &IntentId,
    event_type: &str,
    payload: &Map<String, Value>,
    parent: Option<&EventId>,
) -> Result<Committed<EventId>> {
    if !rules::may_be_logged(event_type) {
        return Err(Error::input(
            &["type"],
            "agents log `llm_…`, `tool_call_…`, `stream_…`, `comment`, or types of their own that begin with `x-`; all others are the server's",
        ));
    }
    input::object(&["payload"], payload, app.config().limits.event_bytes)?;
    app.change(actor, once, |change| {
        Box::pin(async move {
            let intent = change.lock_intent(id).await?;
            policy::may(actor, Action::Write, Resource::Intent(&intent))?;
            if let Some(parent) = parent {
                event::Entity::find()
                    .filter(event::Column::Id.eq(parent.clone()))
                    .one(change.db())
                    .await?
                    .ok_or_else(|| Error::not_found("event", parent.as_str()))?;
            }
            let payload = Value::Object(payload.clone());
            let event =
                NewEvent::on_intent(&intent, event_type, payload).caused_by(parent.cloned());
            Ok(change.record(event))
        })
    })
    .await
}

/// Assigns an agent, or gives an assigned one another role.
///
/// # Errors
/// `NOT_FOUND`, `INTENT_CLOSED`, `BAD_USER_INPUT`, `FORBIDDEN`.
pub async fn assign_agent(
    app: &App,
    actor: &Actor,
    once: &Once,
    id: &IntentId,
    agent_id: &str,
    role: &str,
) -> Result<Committed<intent::Model>> {
    input::name(&["agentId"], agent_id)?;
    input::name(&["role"], role)?;
    app.change(actor, once, |change| {
        Box::pin(async move {
            let intent = open_for_writing(change, id, None).await?;
            let key = (id.clone(), agent_id.to_owned());
            let present = intent_agent::Entity::find_by_id(key)
                .one(change.db())
                .await?;
            if present.is_some_and(|assignment| assignment.role == role) {
                change.without_event();
                return Ok(intent);
            }
            let row = intent_agent::ActiveModel {
                intent_id: Set(id.clone()),
                agent_id: Set(agent_id.to_owned()),
                role: Set(role.to_owned()),
                assigned_by: Set(actor.agent_id().to_owned()),
                assigned_at: Set(change.now()),
            };
            let key = [
                intent_agent::Column::IntentId,
                intent_agent::Column::AgentId,
            ];
            let on_conflict = OnConflict::columns(key)
                .update_columns([
                    intent_agent::Column::Role,
                    intent_agent::Column::AssignedBy,
                    intent_agent::Column::AssignedAt,
                ])
                .to_owned();
            intent_agent::Entity::insert(row)
                .on_conflict(on_conflict)
                .exec_without_returning(change.db())
                .await?;
            let payload = json!({ "agent_id": agent_id, "role": role });
            change.record(NewEvent::on_intent(&intent, "agent_assigned", payload));
            Ok(intent)
        })
    })
    .await
}

/// Takes an agent off an intent.
///
/// # Errors
/// `NOT_FOUND` for the intent or the assignment, `BAD_USER_INPUT`, `FORBIDDEN`.
pub async fn unassign_agent(
    app: &App,
    actor: &Actor,
    once: &Once,
    id: &IntentId,
    agent_id: &str,
) -> Result<Committed<intent::Model>> {
    input::name(&["agentId"], agent_id)?;
    app.change(actor, once, |change| {
        Box::pin(async move {
            let intent = change.lock_intent(id).await?;
            policy::may(actor, Action::Write, Resource::Intent(&intent))?;
            let removed = intent_agent::Entity::delete_by_id((id.clone(), agent_id.to_owned()))
                .exec(change.db())
                .await?;
            if removed.rows_affected == 0 {
                return Err(Error::not_found("assigned agent", agent_id));
            }
            let payload = json!({ "agent_id": agent_id });
            change.record(NewEvent::on_intent(&intent, "agent_unassigned", payload));
            Ok(intent)
        })
    })
    .await
}

/// Locks an intent that is going to be changed: it exists, the actor may, it is open, and it has
/// the version that the caller has seen.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `VERSION_CONFLICT`, `INTENT_CLOSED`.
pub async fn open_for_writing(
    change: &mut Change<'_>,
    id: &IntentId,
    expected_version: Option<i64>,
) -> Result<intent::Model> {
    let intent = change.lock_intent(id).await?;
    policy::may(change.actor(), Action::Write, Resource::Intent(&intent))?;
    check_version(&intent, expected_version)?;
    refuse_closed(&intent)?;
    Ok(intent)
}

fn check_version(intent: &intent::Model, expected: Option<i64>) -> Result<()> {
    match expected {
        Some(expected) if expected != intent.version => Err(Error::VersionConflict {
            expected,
            current: intent.version,
        }),
        _ => Ok(()),
    }
}

/// Refuses what a completed or abandoned intent does not take any more.
///
/// # Errors
/// `INTENT_CLOSED`.
pub fn refuse_closed(intent: &intent::Model) -> Result<()> {
    if rules::is_terminal(intent.status) {
        return Err(Error::IntentClosed {
            id: intent.id.clone(),
            status: rules::name(intent.status),
        });
    }
    Ok(())
}

async fn insert_tags(change: &Change<'_>, id: &IntentId, tags: &[String]) -> Result<()> {
    let tags: BTreeSet<&String> = tags.iter().collect();
    if tags.is_empty() {
        return Ok(());
    }
    let rows = tags.into_iter().map(|tag| intent_tag::ActiveModel {
        intent_id: Set(id.clone()),
        tag: Set(tag.clone()),
    });
    intent_tag::Entity::insert_many(rows)
        .exec_without_returning(change.db())
        .await?;
    Ok(())
}

/// Writes dependency edges; the intent and what it depends on must exist and be locked.
///
/// # Errors
/// The database fails.
pub async fn insert_dependencies(
    change: &Change<'_>,
    id: &IntentId,
    depends_on: &[IntentId],
) -> Result<()> {
    if depends_on.is_empty() {
        return Ok(());
    }
    let rows = depends_on
        .iter()
        .map(|dependency| intent_dependency::ActiveModel {
            intent_id: Set(id.clone()),
            depends_on_id: Set(dependency.clone()),
            created_at: Set(change.now()),
        });
    intent_dependency::Entity::insert_many(rows)
        .exec_without_returning(change.db())
        .await?;
    Ok(())
}

fn check_new(app: &App, new: &NewIntent) -> Result<()> {
    input::name(&["title"], &new.title)?;
    input::optional_name(&["type"], new.intent_type.as_deref())?;
    input::optional_text(&["description"], new.description.as_deref())?;
    input::optional_name(&["namespace"], new.namespace.as_deref())?;
    input::object(
        &["constraints"],
        &new.constraints,
        app.config().limits.state_bytes,
    )?;
    input::object(&["state"], &new.state, app.config().limits.state_bytes)?;
    if let Some(key) = new.state.keys().find(|key| key.starts_with('_')) {
        let message =
            format!("the key `{key}` is the server's own: keys of yours do not begin with `_`");
        return Err(Error::input(&["state"], message));
    }
    check_numbers(Some(new.confidence), Some(new.priority))?;
    check_tags(&new.tags)?;
    input::at_most(
        "the number of dependencies",
        new.depends_on.len(),
        MAX_DEPENDENCIES,
    )
}

fn check_changes(app: &App, changes: &IntentChanges) -> Result<()> {
    if let Some(title) = &changes.title {
        input::name(&["title"], title)?;
    }
    let text = |value: &Option<Option<String>>| value.clone().flatten();
    input::optional_name(&["type"], text(&changes.intent_type).as_deref())?;
    input::optional_text(&["description"], text(&changes.description).as_deref())?;
    input::optional_name(&["namespace"], text(&changes.namespace).as_deref())?;
    if let Some(constraints) = &changes.constraints {
        input::object(
            &["constraints"],
            constraints,
            app.config().limits.state_bytes,
        )?;
    }
    check_numbers(changes.confidence, changes.priority)?;
    check_tags(changes.tags.as_deref().unwrap_or_default())?;
    Ok(())
}

fn check_numbers(confidence: Option<i32>, priority: Option<i32>) -> Result<()> {
    if let Some(confidence) = confidence {
        input::within(&["confidence"], confidence.into(), 0, 100)?;
    }
    if let Some(priority) = priority {
        input::within(&["priority"], priority.into(), 0, 1_000)?;
    }
    Ok(())
}

fn check_tags(tags: &[String]) -> Result<()> {
    input::at_most("the number of tags", tags.len(), MAX_TAGS)?;
    tags.iter().try_for_each(|tag| input::name(&["tags"], tag))
}

/// One intent, if there is one that the actor may see.
///
/// # Errors
/// The database fails.
pub async fn find(app: &App, actor: &Actor, id: &IntentId) -> Result<Option<intent::Model>> {
    Ok(intent::Entity::find_by_id(id.clone())
        .filter(policy::visible_intents(actor))
        .one(app.database().reads())
        .await?)
}
