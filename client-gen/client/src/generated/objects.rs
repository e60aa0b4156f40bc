// Written by `cargo run -p openintent-client-gen`. Do not edit: change schema.graphql and run it again.

//! What the server answers. Each type holds what calls ask for by default: its `FIELDS`.

use serde::{Deserialize, Serialize};

use crate::macros::{connection, typename_enum};
use crate::*;

/// An agent that works on an intent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
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

impl AgentAssignment {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "agentId role assignedBy assignedAt";
}

/// How far a set of intents is (RFC-0002).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AggregateStatus {
    /// How many intents there are.
    pub total: i64,
    /// How many have which status; statuses that none has are left out.
    pub by_status: Vec<StatusCount>,
    /// Completed ones in per cent of all, rounded down; 0 of none.
    pub completion_percentage: i64,
    /// Open intents that others wait for, at most a hundred.
    pub blocking_intents: Vec<Id>,
    /// Intents that are open for work, at most a hundred.
    pub ready_intents: Vec<Id>,
}

impl AggregateStatus {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str =
        "total byStatus { status count } completionPercentage blockingIntents readyIntents";
}

/// It is there already.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlreadyExistsError {
    /// What a program decides on.
    pub code: ErrorCode,
    /// What a person reads: what was wrong, and what would be right.
    pub message: String,
    /// The input fields that lead to the value that was refused, from the mutation's input on.
    pub path: Option<Vec<String>>,
}

impl AlreadyExistsError {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "code message path";
}

/// An agent was assigned to an intent, or taken off one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
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

impl AssignmentUpdate {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        cursor event { id type stream sequence cursor intentId portfolioId actor payload createdAt hash \
        previousHash traceId parentEventId proof } agentId role isAssigned intent { id type title \
        description createdBy status statusReason phase priority constraints effectiveConstraints state \
        confidence tags namespace deadline version createdAt updatedAt startedAt isReady blockedBy { \
        intent { id } message } parent { id } agents { agentId role assignedBy assignedAt } portfolios { \
        portfolio { id } role priority addedBy addedAt } }";
}

/// Something that keeps an intent from going on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockedReason {
    /// The intent that it waits for, when it is one.
    pub intent: Option<Ref>,
    /// Why, in words.
    pub message: String,
}

impl BlockedReason {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "intent { id } message";
}

/// A place where a hash chain does not hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChainBreak {
    /// The event there.
    pub event_id: Id,
    /// Its sequence.
    pub sequence: i64,
    /// What is wrong.
    pub reason: String,
}

impl ChainBreak {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "eventId sequence reason";
}

/// What a stream's hash chain is worth (RFC-0019).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChainVerification {
    /// Whether every hash recomputes, every event names the one before it, and none is missing.
    pub valid: bool,
    /// How many events the stream has.
    pub event_count: i64,
    /// The sequence of its first event.
    pub first_sequence: Option<i64>,
    /// The sequence of its last event.
    pub last_sequence: Option<i64>,
    /// The hash of its last event. Keep it: should an earlier event change, it would too.
    pub head_hash: Option<String>,
    /// Where the chain does not hold, a hundred places at the most.
    pub breaks: Vec<ChainBreak>,
}

impl ChainVerification {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str =
        "valid eventCount firstSequence lastSequence headHash breaks { eventId sequence reason }";
}

/// The intent or portfolio is completed or abandoned and changes no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClosedError {
    /// What a program decides on.
    pub code: ErrorCode,
    /// What a person reads: what was wrong, and what would be right.
    pub message: String,
    /// The input fields that lead to the value that was refused, from the mutation's input on.
    pub path: Option<Vec<String>>,
    /// What is closed.
    #[serde(alias = "closedError_id")]
    pub id: Id,
    /// Its terminal status.
    pub status: String,
}

impl ClosedError {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "code message path id status";
}

/// The edge would make something wait for itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DependencyCycleError {
    /// What a program decides on.
    pub code: ErrorCode,
    /// What a person reads: what was wrong, and what would be right.
    pub message: String,
    /// The input fields that lead to the value that was refused, from the mutation's input on.
    pub path: Option<Vec<String>>,
    /// The ids along the cycle, each waiting for the next.
    pub cycle: Vec<Id>,
}

impl DependencyCycleError {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "code message path cycle";
}

/// An immutable record of something that happened (RFC-0001), a link in its stream's hash chain
/// (RFC-0019).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// `evt_…`
    pub id: Id,
    /// What happened, e.g. `state_patched`.
    #[serde(alias = "event_type")]
    pub r#type: String,
    /// The stream that it belongs to: an intent's id, or `system` for what belongs to no intent.
    pub stream: String,
    /// Its place in its stream: 1, 2, 3 … without gaps.
    pub sequence: i64,
    /// Its place in the whole log: subscribe with it as `after` to see what came later.
    pub cursor: Cursor,
    /// The intent that it happened to.
    pub intent_id: Option<Id>,
    /// The portfolio that it happened to.
    pub portfolio_id: Option<Id>,
    /// Who did it.
    pub actor: String,
    /// What belongs to it; its members depend on the type.
    pub payload: Object,
    /// When it happened. This very text goes into the hash.
    pub created_at: DateTime,
    /// `sha256:…` over the canonical JSON (RFC 8785) of `actor`, `created_at`, `event_type`, `id`,
    /// `intent_id`, `payload`, `previous_event_hash`, `sequence`, and, where present, `proof`,
    /// `trace_id` and `parent_event_id`.
    pub hash: String,
    /// The hash of the event before it in its stream; null for the first.
    pub previous_hash: Option<String>,
    /// The W3C trace that the request belonged to, 32 hex digits.
    pub trace_id: Option<String>,
    /// The event that caused it.
    pub parent_event_id: Option<Id>,
    /// The signature of the agent that made it (RFC-0018).
    pub proof: Option<Object>,
}

impl Event {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        id type stream sequence cursor intentId portfolioId actor payload createdAt hash previousHash \
        traceId parentEventId proof";
}

/// A page of events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventConnection {
    /// The items of this page, with their cursors.
    pub edges: Vec<EventEdge>,
    /// The items of this page.
    pub nodes: Vec<Event>,
    /// Where this page lies in the list.
    pub page_info: PageInfo,
    /// How many items the whole list has. Counted only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_count: Option<i64>,
}

impl EventConnection {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        edges { cursor } nodes { id type stream sequence cursor intentId portfolioId actor payload \
        createdAt hash previousHash traceId parentEventId proof } pageInfo { hasNextPage hasPreviousPage \
        startCursor endCursor }";
}

connection!(EventConnection, Event, |connection| connection.nodes);

/// An event in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventEdge {
    /// Where the item stands in the list: give it as `after` or `before`.
    pub cursor: String,
}

impl EventEdge {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "cursor";
}

/// You may see it, but not do this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForbiddenError {
    /// What a program decides on.
    pub code: ErrorCode,
    /// What a person reads: what was wrong, and what would be right.
    pub message: String,
    /// The input fields that lead to the value that was refused, from the mutation's input on.
    pub path: Option<Vec<String>>,
}

impl ForbiddenError {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "code message path";
}

/// This idempotency key was used before, with another operation or input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IdempotencyMismatchError {
    /// What a program decides on.
    pub code: ErrorCode,
    /// What a person reads: what was wrong, and what would be right.
    pub message: String,
    /// The input fields that lead to the value that was refused, from the mutation's input on.
    pub path: Option<Vec<String>>,
}

impl IdempotencyMismatchError {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "code message path";
}

/// A goal: what is wanted, under which constraints, how far it is, and everything that happened to
/// it (RFC-0001).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Intent {
    /// `intent_…`
    pub id: Id,
    /// What kind of goal it is, e.g. `compliance.review`.
    #[serde(alias = "intent_type")]
    pub r#type: Option<String>,
    /// What is wanted, in one line.
    pub title: String,
    /// What is wanted, at length.
    pub description: Option<String>,
    /// The agent or person that created it.
    pub created_by: String,
    /// Where it stands.
    #[serde(alias = "intent_status")]
    pub status: IntentStatus,
    /// Why it stands there, when somebody or the server said so.
    pub status_reason: Option<String>,
    /// How far it is, for people who watch.
    pub phase: IntentPhase,
    /// 0 to 1000; higher is more urgent.
    pub priority: i64,
    /// What a solution must respect, as given for this intent.
    pub constraints: Object,
    /// What a solution must respect: its own constraints over those shared by its portfolios. Where
    /// portfolios disagree, the one created first wins.
    pub effective_constraints: Object,
    /// The shared working state. Change it with `patchState`.
    pub state: Object,
    /// How sure those who work on it are, 0 to 100.
    pub confidence: i64,
    /// Free-text tags, in alphabetical order.
    pub tags: Vec<String>,
    /// Free-text namespace.
    pub namespace: Option<String>,
    /// When it should be done.
    pub deadline: Option<DateTime>,
    /// Counts changes, from 1. Mutations that change the intent take the version that you have seen.
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime,
    /// When it was last changed.
    pub updated_at: DateTime,
    /// When work on its state began.
    pub started_at: Option<DateTime>,
    /// Whether it is open for work: active, with no open dependency.
    pub is_ready: bool,
    /// What keeps it from going on. Empty unless it is blocked or suspended.
    pub blocked_by: Vec<BlockedReason>,
    /// The intent that it is a part of.
    pub parent: Option<Ref>,
    /// The agents assigned to it, first assigned first.
    pub agents: Vec<AgentAssignment>,
    /// The portfolios that it belongs to.
    pub portfolios: Vec<PortfolioMembership>,
}

impl Intent {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        id type title description createdBy status statusReason phase priority constraints \
        effectiveConstraints state confidence tags namespace deadline version createdAt updatedAt \
        startedAt isReady blockedBy { intent { id } message } parent { id } agents { agentId role \
        assignedBy assignedAt } portfolios { portfolio { id } role priority addedBy addedAt }";
}

/// A page of intents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntentConnection {
    /// The items of this page, with their cursors.
    pub edges: Vec<IntentEdge>,
    /// The items of this page.
    pub nodes: Vec<Intent>,
    /// Where this page lies in the list.
    pub page_info: PageInfo,
    /// How many items the whole list has. Counted only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_count: Option<i64>,
}

impl IntentConnection {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        edges { cursor } nodes { id type title description createdBy status statusReason phase priority \
        constraints effectiveConstraints state confidence tags namespace deadline version createdAt \
        updatedAt startedAt isReady blockedBy { intent { id } message } parent { id } agents { agentId \
        role assignedBy assignedAt } portfolios { portfolio { id } role priority addedBy addedAt } } \
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
}

connection!(IntentConnection, Intent, |connection| connection.nodes);

/// An intent in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntentEdge {
    /// Where the item stands in the list: give it as `after` or `before`.
    pub cursor: String,
}

impl IntentEdge {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "cursor";
}

/// An intent with everything below it, and all that this depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntentGraph {
    /// The intents, in the order of their creation.
    pub nodes: Vec<Intent>,
    /// Who waits for whom.
    pub edges: Vec<IntentGraphEdge>,
    /// The intents' ids so that each comes after all it waits for.
    pub topological_order: Vec<Id>,
    /// The longest chain of intents that wait for one another and are not done yet, in the order in
    /// which they can be done. Each intent counts the same.
    pub critical_path: Vec<Id>,
}

impl IntentGraph {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        nodes { id type title description createdBy status statusReason phase priority constraints \
        effectiveConstraints state confidence tags namespace deadline version createdAt updatedAt \
        startedAt isReady blockedBy { intent { id } message } parent { id } agents { agentId role \
        assignedBy assignedAt } portfolios { portfolio { id } role priority addedBy addedAt } } edges { \
        from to kind } topologicalOrder criticalPath";
}

/// One intent that waits for another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntentGraphEdge {
    /// The one that waits.
    pub from: Id,
    /// The one that it waits for.
    pub to: Id,
    /// Why it waits.
    pub kind: IntentGraphEdgeKind,
}

impl IntentGraphEdge {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "from to kind";
}

/// What a mutation of an intent gives back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntentPayload {
    /// The intent after the change. Absent when refused.
    pub intent: Intent,
    /// The place in the event log just after this change: read from here on, and nothing that
    /// came later is missed and nothing that was there is seen again. Absent when refused.
    pub cursor: Cursor,
}

impl IntentPayload {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        intent { id type title description createdBy status statusReason phase priority constraints \
        effectiveConstraints state confidence tags namespace deadline version createdAt updatedAt \
        startedAt isReady blockedBy { intent { id } message } parent { id } agents { agentId role \
        assignedBy assignedAt } portfolios { portfolio { id } role priority addedBy addedAt } } cursor";
}

/// A page of intents that are related to an intent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntentRelationConnection {
    /// The items of this page, with their cursors.
    pub edges: Vec<IntentRelationEdge>,
    /// The items of this page.
    pub nodes: Vec<Intent>,
    /// Where this page lies in the list.
    pub page_info: PageInfo,
    /// How many items the whole list has. Counted only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_count: Option<i64>,
}

impl IntentRelationConnection {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        edges { cursor } nodes { id type title description createdBy status statusReason phase priority \
        constraints effectiveConstraints state confidence tags namespace deadline version createdAt \
        updatedAt startedAt isReady blockedBy { intent { id } message } parent { id } agents { agentId \
        role assignedBy assignedAt } portfolios { portfolio { id } role priority addedBy addedAt } } \
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
}

connection!(IntentRelationConnection, Intent, |connection| connection
    .nodes);

/// An intent in a list of related ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntentRelationEdge {
    /// Where the item stands in the list: give it as `after` or `before`.
    pub cursor: String,
}

impl IntentRelationEdge {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "cursor";
}

/// Something happened to an intent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntentUpdate {
    /// The place of the event in the log: subscribe again with it as `after` to go on from here.
    pub cursor: Cursor,
    /// What happened.
    pub event: Event,
    /// The intent as it is now, which may be later than the event.
    pub intent: Intent,
}

impl IntentUpdate {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        cursor event { id type stream sequence cursor intentId portfolioId actor payload createdAt hash \
        previousHash traceId parentEventId proof } intent { id type title description createdBy status \
        statusReason phase priority constraints effectiveConstraints state confidence tags namespace \
        deadline version createdAt updatedAt startedAt isReady blockedBy { intent { id } message } \
        parent { id } agents { agentId role assignedBy assignedAt } portfolios { portfolio { id } role \
        priority addedBy addedAt } }";
}

/// A value is malformed, out of range, or at odds with another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvalidInputError {
    /// What a program decides on.
    pub code: ErrorCode,
    /// What a person reads: what was wrong, and what would be right.
    pub message: String,
    /// The input fields that lead to the value that was refused, from the mutation's input on.
    pub path: Option<Vec<String>>,
}

impl InvalidInputError {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "code message path";
}

/// The status machine has no such transition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvalidTransitionError {
    /// What a program decides on.
    pub code: ErrorCode,
    /// What a person reads: what was wrong, and what would be right.
    pub message: String,
    /// The input fields that lead to the value that was refused, from the mutation's input on.
    pub path: Option<Vec<String>>,
    /// The present status, as the protocol writes it.
    pub from: String,
    /// The wanted status.
    pub to: String,
    /// The statuses that it may go to from here; none of them when it is terminal.
    pub allowed: Vec<String>,
}

impl InvalidTransitionError {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "code message path from to allowed";
}

/// An agent's exclusive, temporary ownership of one scope of an intent (RFC-0003). While it is in
/// force, nobody else writes below the state key that is its scope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lease {
    /// `lease_…`
    pub id: Id,
    /// The intent that it is about.
    pub intent: Ref,
    /// The holder.
    pub agent_id: String,
    /// The top-level key of the intent's state that it covers.
    pub scope: String,
    /// Where it stands at this moment.
    #[serde(alias = "lease_status")]
    pub status: LeaseStatus,
    /// Grows with each lease on the same scope. Hand it on to whatever you write to: who sees a
    /// larger one may refuse yours.
    pub fencing_token: i64,
    /// What was asked for at the last acquisition or renewal, in seconds.
    pub duration_seconds: i64,
    /// When it was acquired.
    pub acquired_at: DateTime,
    /// From this moment on it is no longer held, unless it is renewed.
    pub expires_at: DateTime,
    /// When it ended.
    pub released_at: Option<DateTime>,
    /// Counts changes, from 1.
    pub version: i64,
}

impl Lease {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        id intent { id } agentId scope status fencingToken durationSeconds acquiredAt expiresAt \
        releasedAt version";
}

/// A page of leases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeaseConnection {
    /// The items of this page, with their cursors.
    pub edges: Vec<LeaseEdge>,
    /// The items of this page.
    pub nodes: Vec<Lease>,
    /// Where this page lies in the list.
    pub page_info: PageInfo,
    /// How many items the whole list has. Counted only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_count: Option<i64>,
}

impl LeaseConnection {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        edges { cursor } nodes { id intent { id } agentId scope status fencingToken durationSeconds \
        acquiredAt expiresAt releasedAt version } pageInfo { hasNextPage hasPreviousPage startCursor \
        endCursor }";
}

connection!(LeaseConnection, Lease, |connection| connection.nodes);

/// A lease in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeaseEdge {
    /// Where the item stands in the list: give it as `after` or `before`.
    pub cursor: String,
}

impl LeaseEdge {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "cursor";
}

/// Another lease on the same scope is in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeaseHeldError {
    /// What a program decides on.
    pub code: ErrorCode,
    /// What a person reads: what was wrong, and what would be right.
    pub message: String,
    /// The input fields that lead to the value that was refused, from the mutation's input on.
    pub path: Option<Vec<String>>,
    /// That lease.
    pub lease_id: Id,
    /// What it covers.
    pub scope: String,
    /// Who holds it.
    #[serde(alias = "leaseHeldError_holder")]
    pub holder: String,
    /// When it ends unless it is renewed.
    pub expires_at: DateTime,
}

impl LeaseHeldError {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "code message path leaseId scope holder expiresAt";
}

/// The lease that you mean is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeaseNotActiveError {
    /// What a program decides on.
    pub code: ErrorCode,
    /// What a person reads: what was wrong, and what would be right.
    pub message: String,
    /// The input fields that lead to the value that was refused, from the mutation's input on.
    pub path: Option<Vec<String>>,
    /// That lease.
    pub lease_id: Id,
    /// What became of it: `released`, `expired` or `revoked`.
    pub status: String,
    /// Who holds its scope now, if anybody.
    #[serde(alias = "leaseNotActiveError_holder")]
    pub holder: Option<String>,
}

impl LeaseNotActiveError {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "code message path leaseId status holder";
}

/// What a mutation of a lease gives back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeasePayload {
    /// The lease after the change. Absent when refused.
    pub lease: Lease,
    /// The place in the event log just after this change: read from here on, and nothing that
    /// came later is missed and nothing that was there is seen again. Absent when refused.
    pub cursor: Cursor,
}

impl LeasePayload {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        lease { id intent { id } agentId scope status fencingToken durationSeconds acquiredAt expiresAt \
        releasedAt version } cursor";
}

/// A bound that keeps the server healthy was passed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LimitExceededError {
    /// What a program decides on.
    pub code: ErrorCode,
    /// What a person reads: what was wrong, and what would be right.
    pub message: String,
    /// The input fields that lead to the value that was refused, from the mutation's input on.
    pub path: Option<Vec<String>>,
    /// How much there is or would be.
    pub actual: i64,
    /// How much there may be.
    pub limit: i64,
}

impl LimitExceededError {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "code message path actual limit";
}

/// What `logEvent` gives back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEventPayload {
    /// The event as it was stored. Absent when refused.
    pub event: Event,
    /// The place in the event log just after this change. Absent when refused.
    pub cursor: Cursor,
}

impl LogEventPayload {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        event { id type stream sequence cursor intentId portfolioId actor payload createdAt hash \
        previousHash traceId parentEventId proof } cursor";
}

/// Why a mutation was refused. Nothing was changed. The concrete types carry what a program
/// needs to go on.
#[derive(Clone, Debug, PartialEq)]
pub enum MutationError {
    /// It is there already.
    AlreadyExists(Box<AlreadyExistsError>),
    /// The intent or portfolio is completed or abandoned and changes no more.
    Closed(Box<ClosedError>),
    /// The edge would make something wait for itself.
    DependencyCycle(Box<DependencyCycleError>),
    /// You may see it, but not do this.
    Forbidden(Box<ForbiddenError>),
    /// This idempotency key was used before, with another operation or input.
    IdempotencyMismatch(Box<IdempotencyMismatchError>),
    /// A value is malformed, out of range, or at odds with another.
    InvalidInput(Box<InvalidInputError>),
    /// The status machine has no such transition.
    InvalidTransition(Box<InvalidTransitionError>),
    /// Another lease on the same scope is in force.
    LeaseHeld(Box<LeaseHeldError>),
    /// The lease that you mean is over.
    LeaseNotActive(Box<LeaseNotActiveError>),
    /// A bound that keeps the server healthy was passed.
    LimitExceeded(Box<LimitExceededError>),
    /// Something that the input names is not there, or is hidden from you.
    NotFound(Box<NotFoundError>),
    /// The fencing token is not that of a lease that you hold on what you write to.
    StaleFencingToken(Box<StaleFencingTokenError>),
    /// Other intents must complete first.
    UnmetDependencies(Box<UnmetDependenciesError>),
    /// The object has changed since you read it.
    VersionConflict(Box<VersionConflictError>),
    /// A type that this client was not built with.
    Unknown {
        /// The type's name in the schema.
        type_name: String,
        /// What a program decides on.
        code: ErrorCode,
        /// What a person reads: what was wrong, and what would be right.
        message: String,
        /// The input fields that lead to the value that was refused, from the mutation's input on.
        path: Option<Vec<String>>,
    },
}

typename_enum!(MutationError {
    AlreadyExists = "AlreadyExistsError",
    Closed = "ClosedError",
    DependencyCycle = "DependencyCycleError",
    Forbidden = "ForbiddenError",
    IdempotencyMismatch = "IdempotencyMismatchError",
    InvalidInput = "InvalidInputError",
    InvalidTransition = "InvalidTransitionError",
    LeaseHeld = "LeaseHeldError",
    LeaseNotActive = "LeaseNotActiveError",
    LimitExceeded = "LimitExceededError",
    NotFound = "NotFoundError",
    StaleFencingToken = "StaleFencingTokenError",
    UnmetDependencies = "UnmetDependenciesError",
    VersionConflict = "VersionConflictError",
} unknown {
    code: "code": ErrorCode,
    message: "message": String,
    path: "path": Option<Vec<String>>,
});

impl MutationError {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        __typename code message path ... on ClosedError { closedError_id: id status } ... on \
        DependencyCycleError { cycle } ... on InvalidTransitionError { from to allowed } ... on \
        LeaseHeldError { leaseId scope leaseHeldError_holder: holder expiresAt } ... on \
        LeaseNotActiveError { leaseId status leaseNotActiveError_holder: holder } ... on \
        LimitExceededError { actual limit } ... on NotFoundError { notFoundError_id: id } ... on \
        StaleFencingTokenError { given current } ... on UnmetDependenciesError { blockingIntents } ... \
        on VersionConflictError { expectedVersion currentVersion }";

    /// What a program decides on.
    pub fn code(&self) -> &ErrorCode {
        match self {
            Self::AlreadyExists(object) => &object.code,
            Self::Closed(object) => &object.code,
            Self::DependencyCycle(object) => &object.code,
            Self::Forbidden(object) => &object.code,
            Self::IdempotencyMismatch(object) => &object.code,
            Self::InvalidInput(object) => &object.code,
            Self::InvalidTransition(object) => &object.code,
            Self::LeaseHeld(object) => &object.code,
            Self::LeaseNotActive(object) => &object.code,
            Self::LimitExceeded(object) => &object.code,
            Self::NotFound(object) => &object.code,
            Self::StaleFencingToken(object) => &object.code,
            Self::UnmetDependencies(object) => &object.code,
            Self::VersionConflict(object) => &object.code,
            Self::Unknown { code, .. } => code,
        }
    }

    /// What a person reads: what was wrong, and what would be right.
    pub fn message(&self) -> &str {
        match self {
            Self::AlreadyExists(object) => &object.message,
            Self::Closed(object) => &object.message,
            Self::DependencyCycle(object) => &object.message,
            Self::Forbidden(object) => &object.message,
            Self::IdempotencyMismatch(object) => &object.message,
            Self::InvalidInput(object) => &object.message,
            Self::InvalidTransition(object) => &object.message,
            Self::LeaseHeld(object) => &object.message,
            Self::LeaseNotActive(object) => &object.message,
            Self::LimitExceeded(object) => &object.message,
            Self::NotFound(object) => &object.message,
            Self::StaleFencingToken(object) => &object.message,
            Self::UnmetDependencies(object) => &object.message,
            Self::VersionConflict(object) => &object.message,
            Self::Unknown { message, .. } => message,
        }
    }

    /// The input fields that lead to the value that was refused, from the mutation's input on.
    pub fn path(&self) -> Option<&[String]> {
        match self {
            Self::AlreadyExists(object) => object.path.as_deref(),
            Self::Closed(object) => object.path.as_deref(),
            Self::DependencyCycle(object) => object.path.as_deref(),
            Self::Forbidden(object) => object.path.as_deref(),
            Self::IdempotencyMismatch(object) => object.path.as_deref(),
            Self::InvalidInput(object) => object.path.as_deref(),
            Self::InvalidTransition(object) => object.path.as_deref(),
            Self::LeaseHeld(object) => object.path.as_deref(),
            Self::LeaseNotActive(object) => object.path.as_deref(),
            Self::LimitExceeded(object) => object.path.as_deref(),
            Self::NotFound(object) => object.path.as_deref(),
            Self::StaleFencingToken(object) => object.path.as_deref(),
            Self::UnmetDependencies(object) => object.path.as_deref(),
            Self::VersionConflict(object) => object.path.as_deref(),
            Self::Unknown { path, .. } => path.as_deref(),
        }
    }

    /// The object, if its type is `AlreadyExistsError`.
    pub fn as_already_exists(&self) -> Option<&AlreadyExistsError> {
        match self {
            Self::AlreadyExists(object) => Some(object),
            _ => None,
        }
    }

    /// The object, if its type is `ClosedError`.
    pub fn as_closed(&self) -> Option<&ClosedError> {
        match self {
            Self::Closed(object) => Some(object),
            _ => None,
        }
    }

    /// The object, if its type is `DependencyCycleError`.
    pub fn as_dependency_cycle(&self) -> Option<&DependencyCycleError> {
        match self {
            Self::DependencyCycle(object) => Some(object),
            _ => None,
        }
    }

    /// The object, if its type is `ForbiddenError`.
    pub fn as_forbidden(&self) -> Option<&ForbiddenError> {
        match self {
            Self::Forbidden(object) => Some(object),
            _ => None,
        }
    }

    /// The object, if its type is `IdempotencyMismatchError`.
    pub fn as_idempotency_mismatch(&self) -> Option<&IdempotencyMismatchError> {
        match self {
            Self::IdempotencyMismatch(object) => Some(object),
            _ => None,
        }
    }

    /// The object, if its type is `InvalidInputError`.
    pub fn as_invalid_input(&self) -> Option<&InvalidInputError> {
        match self {
            Self::InvalidInput(object) => Some(object),
            _ => None,
        }
    }

    /// The object, if its type is `InvalidTransitionError`.
    pub fn as_invalid_transition(&self) -> Option<&InvalidTransitionError> {
        match self {
            Self::InvalidTransition(object) => Some(object),
            _ => None,
        }
    }

    /// The object, if its type is `LeaseHeldError`.
    pub fn as_lease_held(&self) -> Option<&LeaseHeldError> {
        match self {
            Self::LeaseHeld(object) => Some(object),
            _ => None,
        }
    }

    /// The object, if its type is `LeaseNotActiveError`.
    pub fn as_lease_not_active(&self) -> Option<&LeaseNotActiveError> {
        match self {
            Self::LeaseNotActive(object) => Some(object),
            _ => None,
        }
    }

    /// The object, if its type is `LimitExceededError`.
    pub fn as_limit_exceeded(&self) -> Option<&LimitExceededError> {
        match self {
            Self::LimitExceeded(object) => Some(object),
            _ => None,
        }
    }

    /// The object, if its type is `NotFoundError`.
    pub fn as_not_found(&self) -> Option<&NotFoundError> {
        match self {
            Self::NotFound(object) => Some(object),
            _ => None,
        }
    }

    /// The object, if its type is `StaleFencingTokenError`.
    pub fn as_stale_fencing_token(&self) -> Option<&StaleFencingTokenError> {
        match self {
            Self::StaleFencingToken(object) => Some(object),
            _ => None,
        }
    }

    /// The object, if its type is `UnmetDependenciesError`.
    pub fn as_unmet_dependencies(&self) -> Option<&UnmetDependenciesError> {
        match self {
            Self::UnmetDependencies(object) => Some(object),
            _ => None,
        }
    }

    /// The object, if its type is `VersionConflictError`.
    pub fn as_version_conflict(&self) -> Option<&VersionConflictError> {
        match self {
            Self::VersionConflict(object) => Some(object),
            _ => None,
        }
    }
}

impl Refused {
    /// The first `AlreadyExistsError`, if the mutation was refused for that.
    pub fn already_exists(&self) -> Option<&AlreadyExistsError> {
        self.iter().find_map(MutationError::as_already_exists)
    }

    /// The first `ClosedError`, if the mutation was refused for that.
    pub fn closed(&self) -> Option<&ClosedError> {
        self.iter().find_map(MutationError::as_closed)
    }

    /// The first `DependencyCycleError`, if the mutation was refused for that.
    pub fn dependency_cycle(&self) -> Option<&DependencyCycleError> {
        self.iter().find_map(MutationError::as_dependency_cycle)
    }

    /// The first `ForbiddenError`, if the mutation was refused for that.
    pub fn forbidden(&self) -> Option<&ForbiddenError> {
        self.iter().find_map(MutationError::as_forbidden)
    }

    /// The first `IdempotencyMismatchError`, if the mutation was refused for that.
    pub fn idempotency_mismatch(&self) -> Option<&IdempotencyMismatchError> {
        self.iter().find_map(MutationError::as_idempotency_mismatch)
    }

    /// The first `InvalidInputError`, if the mutation was refused for that.
    pub fn invalid_input(&self) -> Option<&InvalidInputError> {
        self.iter().find_map(MutationError::as_invalid_input)
    }

    /// The first `InvalidTransitionError`, if the mutation was refused for that.
    pub fn invalid_transition(&self) -> Option<&InvalidTransitionError> {
        self.iter().find_map(MutationError::as_invalid_transition)
    }

    /// The first `LeaseHeldError`, if the mutation was refused for that.
    pub fn lease_held(&self) -> Option<&LeaseHeldError> {
        self.iter().find_map(MutationError::as_lease_held)
    }

    /// The first `LeaseNotActiveError`, if the mutation was refused for that.
    pub fn lease_not_active(&self) -> Option<&LeaseNotActiveError> {
        self.iter().find_map(MutationError::as_lease_not_active)
    }

    /// The first `LimitExceededError`, if the mutation was refused for that.
    pub fn limit_exceeded(&self) -> Option<&LimitExceededError> {
        self.iter().find_map(MutationError::as_limit_exceeded)
    }

    /// The first `NotFoundError`, if the mutation was refused for that.
    pub fn not_found(&self) -> Option<&NotFoundError> {
        self.iter().find_map(MutationError::as_not_found)
    }

    /// The first `StaleFencingTokenError`, if the mutation was refused for that.
    pub fn stale_fencing_token(&self) -> Option<&StaleFencingTokenError> {
        self.iter().find_map(MutationError::as_stale_fencing_token)
    }

    /// The first `UnmetDependenciesError`, if the mutation was refused for that.
    pub fn unmet_dependencies(&self) -> Option<&UnmetDependenciesError> {
        self.iter().find_map(MutationError::as_unmet_dependencies)
    }

    /// The first `VersionConflictError`, if the mutation was refused for that.
    pub fn version_conflict(&self) -> Option<&VersionConflictError> {
        self.iter().find_map(MutationError::as_version_conflict)
    }
}

impl Error {
    /// The first `AlreadyExistsError`, if the mutation was refused for that.
    pub fn already_exists(&self) -> Option<&AlreadyExistsError> {
        self.refused().and_then(Refused::already_exists)
    }

    /// The first `ClosedError`, if the mutation was refused for that.
    pub fn closed(&self) -> Option<&ClosedError> {
        self.refused().and_then(Refused::closed)
    }

    /// The first `DependencyCycleError`, if the mutation was refused for that.
    pub fn dependency_cycle(&self) -> Option<&DependencyCycleError> {
        self.refused().and_then(Refused::dependency_cycle)
    }

    /// The first `ForbiddenError`, if the mutation was refused for that.
    pub fn forbidden(&self) -> Option<&ForbiddenError> {
        self.refused().and_then(Refused::forbidden)
    }

    /// The first `IdempotencyMismatchError`, if the mutation was refused for that.
    pub fn idempotency_mismatch(&self) -> Option<&IdempotencyMismatchError> {
        self.refused().and_then(Refused::idempotency_mismatch)
    }

    /// The first `InvalidInputError`, if the mutation was refused for that.
    pub fn invalid_input(&self) -> Option<&InvalidInputError> {
        self.refused().and_then(Refused::invalid_input)
    }

    /// The first `InvalidTransitionError`, if the mutation was refused for that.
    pub fn invalid_transition(&self) -> Option<&InvalidTransitionError> {
        self.refused().and_then(Refused::invalid_transition)
    }

    /// The first `LeaseHeldError`, if the mutation was refused for that.
    pub fn lease_held(&self) -> Option<&LeaseHeldError> {
        self.refused().and_then(Refused::lease_held)
    }

    /// The first `LeaseNotActiveError`, if the mutation was refused for that.
    pub fn lease_not_active(&self) -> Option<&LeaseNotActiveError> {
        self.refused().and_then(Refused::lease_not_active)
    }

    /// The first `LimitExceededError`, if the mutation was refused for that.
    pub fn limit_exceeded(&self) -> Option<&LimitExceededError> {
        self.refused().and_then(Refused::limit_exceeded)
    }

    /// The first `NotFoundError`, if the mutation was refused for that.
    pub fn not_found(&self) -> Option<&NotFoundError> {
        self.refused().and_then(Refused::not_found)
    }

    /// The first `StaleFencingTokenError`, if the mutation was refused for that.
    pub fn stale_fencing_token(&self) -> Option<&StaleFencingTokenError> {
        self.refused().and_then(Refused::stale_fencing_token)
    }

    /// The first `UnmetDependenciesError`, if the mutation was refused for that.
    pub fn unmet_dependencies(&self) -> Option<&UnmetDependenciesError> {
        self.refused().and_then(Refused::unmet_dependencies)
    }

    /// The first `VersionConflictError`, if the mutation was refused for that.
    pub fn version_conflict(&self) -> Option<&VersionConflictError> {
        self.refused().and_then(Refused::version_conflict)
    }
}

/// Anything that has an id of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// An immutable record of something that happened (RFC-0001), a link in its stream's hash chain
    /// (RFC-0019).
    Event(Box<Event>),
    /// A goal: what is wanted, under which constraints, how far it is, and everything that happened to
    /// it (RFC-0001).
    Intent(Box<Intent>),
    /// An agent's exclusive, temporary ownership of one scope of an intent (RFC-0003). While it is in
    /// force, nobody else writes below the state key that is its scope.
    Lease(Box<Lease>),
    /// A group of intents under shared governance (RFC-0004, RFC-0007). It says nothing about the order
    /// in which its members are worked on; dependencies do.
    Portfolio(Box<Portfolio>),
    /// A type that this client was not built with.
    Unknown {
        /// The type's name in the schema.
        type_name: String,
        /// The id. Its prefix tells the type.
        id: Id,
    },
}

typename_enum!(Node {
    Event = "Event",
    Intent = "Intent",
    Lease = "Lease",
    Portfolio = "Portfolio",
} unknown {
    id: "id": Id,
});

impl Node {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        __typename id ... on Event { event_type: type stream sequence cursor intentId portfolioId actor \
        payload createdAt hash previousHash traceId parentEventId proof } ... on Intent { intent_type: \
        type title description createdBy intent_status: status statusReason phase priority constraints \
        effectiveConstraints state confidence tags namespace deadline version createdAt updatedAt \
        startedAt isReady blockedBy { intent { id } message } parent { id } agents { agentId role \
        assignedBy assignedAt } portfolios { portfolio { id } role priority addedBy addedAt } } ... on \
        Lease { intent { id } agentId scope lease_status: status fencingToken durationSeconds acquiredAt \
        expiresAt releasedAt version } ... on Portfolio { name description createdBy namespace \
        portfolio_status: status statusReason governance { requireAllCompleted allowPartialCompletion \
        autoCompleteThreshold sharedConstraints deadline } metadata version createdAt updatedAt \
        aggregateStatus { total byStatus { status count } completionPercentage blockingIntents \
        readyIntents } aggregateState suspendedMemberCount hasSuspendedMembers }";

    /// The id. Its prefix tells the type.
    pub fn id(&self) -> &Id {
        match self {
            Self::Event(object) => &object.id,
            Self::Intent(object) => &object.id,
            Self::Lease(object) => &object.id,
            Self::Portfolio(object) => &object.id,
            Self::Unknown { id, .. } => id,
        }
    }

    /// The object, if its type is `Event`.
    pub fn as_event(&self) -> Option<&Event> {
        match self {
            Self::Event(object) => Some(object),
            _ => None,
        }
    }

    /// The object, if its type is `Intent`.
    pub fn as_intent(&self) -> Option<&Intent> {
        match self {
            Self::Intent(object) => Some(object),
            _ => None,
        }
    }

    /// The object, if its type is `Lease`.
    pub fn as_lease(&self) -> Option<&Lease> {
        match self {
            Self::Lease(object) => Some(object),
            _ => None,
        }
    }

    /// The object, if its type is `Portfolio`.
    pub fn as_portfolio(&self) -> Option<&Portfolio> {
        match self {
            Self::Portfolio(object) => Some(object),
            _ => None,
        }
    }
}

/// Something that the input names is not there, or is hidden from you.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NotFoundError {
    /// What a program decides on.
    pub code: ErrorCode,
    /// What a person reads: what was wrong, and what would be right.
    pub message: String,
    /// The input fields that lead to the value that was refused, from the mutation's input on.
    pub path: Option<Vec<String>>,
    /// What was not found.
    #[serde(alias = "notFoundError_id")]
    pub id: String,
}

impl NotFoundError {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "code message path id";
}

/// Where a page lies in its list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    /// Whether more items follow this page.
    pub has_next_page: bool,
    /// Whether items precede this page.
    pub has_previous_page: bool,
    /// The cursor of the page's first item.
    pub start_cursor: Option<String>,
    /// The cursor of the page's last item: give it as `after` to get the next page.
    pub end_cursor: Option<String>,
}

impl PageInfo {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "hasNextPage hasPreviousPage startCursor endCursor";
}

/// A group of intents under shared governance (RFC-0004, RFC-0007). It says nothing about the order
/// in which its members are worked on; dependencies do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Portfolio {
    /// `port_…`
    pub id: Id,
    /// What it is about, in one line.
    pub name: String,
    /// What it is about, at length.
    pub description: Option<String>,
    /// The agent or person that created it.
    pub created_by: String,
    /// Free-text namespace.
    pub namespace: Option<String>,
    /// Where it stands.
    #[serde(alias = "portfolio_status")]
    pub status: PortfolioStatus,
    /// Why it stands there.
    pub status_reason: Option<String>,
    /// The rules over its members.
    pub governance: PortfolioGovernance,
    /// Your own data about it.
    pub metadata: Object,
    /// Counts changes, from 1, members coming and going among them.
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime,
    /// When it was last changed.
    pub updated_at: DateTime,
    /// How far its members are.
    pub aggregate_status: AggregateStatus,
    /// What its members make together.
    pub aggregate_state: AggregateState,
    /// How many members wait for an answer from a person (RFC-0026).
    pub suspended_member_count: i64,
    /// Whether any member waits for an answer from a person (RFC-0026).
    pub has_suspended_members: bool,
}

impl Portfolio {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        id name description createdBy namespace status statusReason governance { requireAllCompleted \
        allowPartialCompletion autoCompleteThreshold sharedConstraints deadline } metadata version \
        createdAt updatedAt aggregateStatus { total byStatus { status count } completionPercentage \
        blockingIntents readyIntents } aggregateState suspendedMemberCount hasSuspendedMembers";
}

/// A page of portfolios.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PortfolioConnection {
    /// The items of this page, with their cursors.
    pub edges: Vec<PortfolioEdge>,
    /// The items of this page.
    pub nodes: Vec<Portfolio>,
    /// Where this page lies in the list.
    pub page_info: PageInfo,
    /// How many items the whole list has. Counted only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_count: Option<i64>,
}

impl PortfolioConnection {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        edges { cursor } nodes { id name description createdBy namespace status statusReason governance \
        { requireAllCompleted allowPartialCompletion autoCompleteThreshold sharedConstraints deadline } \
        metadata version createdAt updatedAt aggregateStatus { total byStatus { status count } \
        completionPercentage blockingIntents readyIntents } aggregateState suspendedMemberCount \
        hasSuspendedMembers } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
}

connection!(PortfolioConnection, Portfolio, |connection| connection
    .nodes);

/// A portfolio in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PortfolioEdge {
    /// Where the item stands in the list: give it as `after` or `before`.
    pub cursor: String,
}

impl PortfolioEdge {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "cursor";
}

/// The rules that a portfolio puts over its members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PortfolioGovernance {
    /// It completes only when every member has.
    pub require_all_completed: bool,
    /// It may complete although members failed or were abandoned.
    pub allow_partial_completion: bool,
    /// Percentage of completed members at which it completes by itself, 1 to 100; null if it does not.
    pub auto_complete_threshold: Option<i64>,
    /// Constraints that all members inherit.
    pub shared_constraints: Object,
    /// At this moment members that wait for a person are abandoned, and the portfolio with them
    /// unless it may complete.
    pub deadline: Option<DateTime>,
}

impl PortfolioGovernance {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "requireAllCompleted allowPartialCompletion autoCompleteThreshold sharedConstraints deadline";
}

/// A page of a portfolio's members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PortfolioIntentConnection {
    /// The items of this page, with their cursors.
    pub edges: Vec<PortfolioIntentEdge>,
    /// The items of this page.
    pub nodes: Vec<Intent>,
    /// Where this page lies in the list.
    pub page_info: PageInfo,
    /// How many items the whole list has. Counted only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_count: Option<i64>,
}

impl PortfolioIntentConnection {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        edges { cursor role priority addedBy addedAt } nodes { id type title description createdBy \
        status statusReason phase priority constraints effectiveConstraints state confidence tags \
        namespace deadline version createdAt updatedAt startedAt isReady blockedBy { intent { id } \
        message } parent { id } agents { agentId role assignedBy assignedAt } portfolios { portfolio { \
        id } role priority addedBy addedAt } } pageInfo { hasNextPage hasPreviousPage startCursor \
        endCursor }";
}

connection!(PortfolioIntentConnection, Intent, |connection| connection
    .nodes);

/// A member of a portfolio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PortfolioIntentEdge {
    /// Where the item stands in the list: give it as `after` or `before`.
    pub cursor: String,
    /// What it is to the portfolio.
    pub role: PortfolioRole,
    /// Higher is more urgent.
    pub priority: i64,
    /// Who added it.
    pub added_by: String,
    /// When it was added.
    pub added_at: DateTime,
}

impl PortfolioIntentEdge {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "cursor role priority addedBy addedAt";
}

/// An intent's membership in a portfolio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PortfolioMembership {
    /// The portfolio.
    pub portfolio: Ref,
    /// What the intent is to it.
    pub role: PortfolioRole,
    /// Higher is more urgent.
    pub priority: i64,
    /// Who added it.
    pub added_by: String,
    /// When.
    pub added_at: DateTime,
}

impl PortfolioMembership {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "portfolio { id } role priority addedBy addedAt";
}

/// What a mutation of a portfolio gives back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PortfolioPayload {
    /// The portfolio after the change. Absent when refused.
    pub portfolio: Portfolio,
    /// The place in the event log just after this change: read from here on, and nothing that
    /// came later is missed and nothing that was there is seen again. Absent when refused.
    pub cursor: Cursor,
}

impl PortfolioPayload {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        portfolio { id name description createdBy namespace status statusReason governance { \
        requireAllCompleted allowPartialCompletion autoCompleteThreshold sharedConstraints deadline } \
        metadata version createdAt updatedAt aggregateStatus { total byStatus { status count } \
        completionPercentage blockingIntents readyIntents } aggregateState suspendedMemberCount \
        hasSuspendedMembers } cursor";
}

/// Something happened to a portfolio or one of its members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PortfolioUpdate {
    /// The place of the event in the log: subscribe again with it as `after` to go on from here.
    pub cursor: Cursor,
    /// What happened.
    pub event: Event,
    /// The portfolio as it is now, which may be later than the event.
    pub portfolio: Portfolio,
}

impl PortfolioUpdate {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "\
        cursor event { id type stream sequence cursor intentId portfolioId actor payload createdAt hash \
        previousHash traceId parentEventId proof } portfolio { id name description createdBy namespace \
        status statusReason governance { requireAllCompleted allowPartialCompletion \
        autoCompleteThreshold sharedConstraints deadline } metadata version createdAt updatedAt \
        aggregateStatus { total byStatus { status count } completionPercentage blockingIntents \
        readyIntents } aggregateState suspendedMemberCount hasSuspendedMembers }";
}

/// What the server is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerInfo {
    /// The program.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The version of the OpenIntent protocol that it speaks.
    pub protocol_version: String,
    /// The database behind it: `SQLite` or `PostgreSQL`.
    pub database: String,
    /// What its clock says. Only this clock decides.
    pub time: DateTime,
    /// The present end of the event log: subscribe with it as `after` to see all that comes.
    pub cursor: Cursor,
}

impl ServerInfo {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "name version protocolVersion database time cursor";
}

/// The fencing token is not that of a lease that you hold on what you write to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StaleFencingTokenError {
    /// What a program decides on.
    pub code: ErrorCode,
    /// What a person reads: what was wrong, and what would be right.
    pub message: String,
    /// The input fields that lead to the value that was refused, from the mutation's input on.
    pub path: Option<Vec<String>>,
    /// The token that you gave.
    pub given: i64,
    /// The token of the lease that you do hold there, if any.
    pub current: Option<i64>,
}

impl StaleFencingTokenError {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "code message path given current";
}

/// How many intents have one status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusCount {
    /// The status.
    pub status: IntentStatus,
    /// How many have it.
    pub count: i64,
}

impl StatusCount {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "status count";
}

/// Other intents must complete first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnmetDependenciesError {
    /// What a program decides on.
    pub code: ErrorCode,
    /// What a person reads: what was wrong, and what would be right.
    pub message: String,
    /// The input fields that lead to the value that was refused, from the mutation's input on.
    pub path: Option<Vec<String>>,
    /// Those intents, at most some hundred of them.
    pub blocking_intents: Vec<Id>,
}

impl UnmetDependenciesError {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "code message path blockingIntents";
}

/// The object has changed since you read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionConflictError {
    /// What a program decides on.
    pub code: ErrorCode,
    /// What a person reads: what was wrong, and what would be right.
    pub message: String,
    /// The input fields that lead to the value that was refused, from the mutation's input on.
    pub path: Option<Vec<String>>,
    /// The version that you named.
    pub expected_version: i64,
    /// The version that it has now.
    pub current_version: i64,
}

impl VersionConflictError {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "code message path expectedVersion currentVersion";
}

/// Who you are to the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Viewer {
    /// The id of your API key.
    pub key_id: Id,
    /// The name of your API key.
    pub name: String,
    /// What your key may do.
    pub role: KeyRole,
    /// The agent or person that you act as.
    pub agent_id: String,
    /// Whether your key can act as nobody else.
    pub is_bound: bool,
    /// When your key ends.
    pub expires_at: Option<DateTime>,
}

impl Viewer {
    /// What calls ask for of this type.
    pub const FIELDS: &'static str = "keyId name role agentId isBound expiresAt";
}
