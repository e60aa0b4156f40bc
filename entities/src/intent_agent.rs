//! Which agents are assigned to which intents (RFC-0001).

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Timestamp, id::IntentId};

/// One assignment.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "intent_agents")]
pub struct Model {
    /// The intent.
    #[sea_orm(primary_key, auto_increment = false)]
    pub intent_id: IntentId,
    /// The agent, free text.
    #[sea_orm(primary_key, auto_increment = false)]
    pub agent_id: String,
    /// What the agent is there for, free text; `worker` when nobody said.
    pub role: String,
    /// The actor that assigned it.
    pub assigned_by: String,
    /// When.
    pub assigned_at: Timestamp,
}

/// Relations are read through queries that name their condition.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
