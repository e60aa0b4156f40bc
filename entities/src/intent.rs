//! Intents: structured, versioned goals (RFC-0001).

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Object, Timestamp, id::IntentId};

/// Where an intent stands. The strings are the protocol's own.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Status {
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

/// One intent.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "intents")]
pub struct Model {
    /// `intent_…`
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IntentId,
    /// What kind of goal it is, e.g. `compliance.review`.
    #[sea_orm(column_name = "type")]
    pub intent_type: Option<String>,
    /// One line.
    pub title: String,
    /// Free text.
    pub description: Option<String>,
    /// The actor that created it.
    pub created_by: String,
    /// Where it stands.
    pub status: Status,
    /// Why it stands there, when somebody or the server said so.
    pub status_reason: Option<String>,
    /// True when it was blocked by an actor and not by its dependencies.
    pub blocked_by_hand: bool,
    /// Higher is more urgent.
    pub priority: i32,
    /// What a solution must respect.
    pub constraints: Object,
    /// The shared working state.
    pub state: Object,
    /// 0 to 100.
    pub confidence: i32,
    /// Free-text namespace.
    pub namespace: Option<String>,
    /// The intent that this one is a part of. Set at creation, never changed.
    pub parent_id: Option<IntentId>,
    /// When it should be done.
    pub deadline: Option<Timestamp>,
    /// When work began: the first state patch.
    pub started_at: Option<Timestamp>,
    /// Counts changes, from 1.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How many of its leases have status `active`, expired ones included until they are swept.
    pub active_leases: i32,
    /// Sequence of the last event in its stream.
    pub event_sequence: i64,
    /// Hash of the last event in its stream.
    pub event_hash: Option<String>,
}

/// Relations are read through queries that name their condition.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
