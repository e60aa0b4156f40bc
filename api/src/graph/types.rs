//! GraphQL types of the graph.

use async_graphql::{ID, InputObject, SimpleObject};

use super::loaders::{Aggregate, RelatedCount};
use crate::{
    connection::connection,
    intent::types::{Intent, IntentStatus},
    portfolio::rules,
    scalar::int,
};
use openintent_entities::intent;

connection! {
    /// A page of intents that are related to an intent.
    IntentRelationConnection,
    /// An intent in a list of related ones.
    IntentRelationEdge {},
    Intent from intent::Model, counted by RelatedCount
}

/// How many intents have one status.
#[derive(Debug, Clone, SimpleObject)]
pub struct StatusCount {
    /// The status.
    pub status: IntentStatus,
    /// How many have it.
    pub count: i32,
}

/// How far a set of intents is (RFC-0002).
#[derive(Debug, Clone, SimpleObject)]
pub struct AggregateStatus {
    /// How many intents there are.
    pub total: i32,
    /// How many have which status; statuses that none has are left out.
    pub by_status: Vec<StatusCount>,
    /// Completed ones in per cent of all, rounded down; 0 of none.
    pub completion_percentage: i32,
    /// Open intents that others wait for, at most a hundred.
    pub blocking_intents: Vec<ID>,
    /// Intents that are open for work, at most a hundred.
    pub ready_intents: Vec<ID>,
}

impl From<Aggregate> for AggregateStatus {
    fn from(aggregate: Aggregate) -> Self {
        let ids = |ids: Vec<_>| {
            ids.into_iter()
                .map(|id: openintent_entities::id::IntentId| ID(id.into()))
                .collect()
        };
        Self {
            total: int(rules::total(&aggregate.counts)),
            completion_percentage: int(rules::completion_percentage(&aggregate.counts)),
            by_status: aggregate
                .counts
                .iter()
                .map(|(&status, &count)| StatusCount {
                    status: status.into(),
                    count: int(count),
                })
                .collect(),
            blocking_intents: ids(aggregate.blocking),
            ready_intents: ids(aggregate.ready),
        }
    }
}

/// Something that keeps an intent from going on.
#[derive(SimpleObject)]
pub struct BlockedReason {
    /// The intent that it waits for, when it is one.
    pub intent: Option<Intent>,
    /// Why, in words.
    pub message: String,
}

/// An intent with everything below it, and all that this depends on.
#[derive(SimpleObject)]
pub struct IntentGraph {
    /// The intents, in the order of their creation.
    pub nodes: Vec<Intent>,
    /// Who waits for whom.
    pub edges: Vec<IntentGraphEdge>,
    /// The intents' ids so that each comes after all it waits for.
    pub topological_order: Vec<ID>,
    /// The longest chain of intents that wait for one another and are not done yet, in the order in
    /// which they can be done. Each intent counts the same.
    pub critical_path: Vec<ID>,
}

/// One intent that waits for another.
#[derive(Debug, Clone, SimpleObject)]
pub struct IntentGraphEdge {
    /// The one that waits.
    pub from: ID,
    /// The one that it waits for.
    pub to: ID,
    /// Why it waits.
    pub kind: IntentGraphEdgeKind,
}

/// Why one intent waits for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
pub enum IntentGraphEdgeKind {
    /// The other is its child.
    Child,
    /// It depends on the other.
    Dependency,
}

/// Which dependencies to add to which intent.
#[derive(Debug, Clone, InputObject)]
pub struct AddDependencyInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// The intent that shall wait.
    pub intent_id: ID,
    /// What it shall wait for.
    pub depends_on: Vec<ID>,
    /// Refuse when the intent has another version than this.
    pub expected_version: Option<i32>,
}

/// Which dependency to remove from which intent.
#[derive(Debug, Clone, InputObject)]
pub struct RemoveDependencyInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// The intent that waits.
    pub intent_id: ID,
    /// What it shall not wait for any more.
    pub depends_on: ID,
    /// Refuse when the intent has another version than this.
    pub expected_version: Option<i32>,
}
