//! The append-only, hash-chained event log (RFC-0001, RFC-0019).

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    Object, Timestamp,
    id::{EventId, IntentId, PortfolioId},
};

/// One event. Rows are never changed, except that `position` is stamped once.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "events")]
pub struct Model {
    /// Order of insertion. Not an order of visibility: PostgreSQL commits out of it.
    #[sea_orm(primary_key)]
    pub ordinal: i64,
    /// Place in the total order of the log. `NULL` until the sequencer has stamped the committed row.
    pub position: Option<i64>,
    /// `evt_…`
    pub id: EventId,
    /// The stream that it belongs to: an intent's id, or `system`.
    pub stream: String,
    /// Place in its stream: 1, 2, 3 …
    pub sequence: i64,
    /// What happened, e.g. `state_patched`.
    #[sea_orm(column_name = "type")]
    pub event_type: String,
    /// The intent that it happened to.
    pub intent_id: Option<IntentId>,
    /// The portfolio that it happened to.
    pub portfolio_id: Option<PortfolioId>,
    /// The intent's or portfolio's namespace at that time.
    pub namespace: Option<String>,
    /// Who did it.
    pub actor: String,
    /// What belongs to it.
    pub payload: Object,
    /// When.
    pub created_at: Timestamp,
    /// `sha256:…` over its canonical form.
    pub event_hash: String,
    /// Hash of the event before it in its stream.
    pub previous_event_hash: Option<String>,
    /// W3C trace id, 32 hex digits.
    pub trace_id: Option<String>,
    /// The event that caused it.
    pub parent_event_id: Option<EventId>,
    /// Signature of the agent that made it (RFC-0018).
    pub proof: Option<Object>,
}

/// Relations are read through queries that name their condition.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
