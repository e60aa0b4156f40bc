//! Dependency edges between intents (RFC-0002).

use sea_orm::entity::prelude::*;

use crate::{Timestamp, id::IntentId};

/// `intent_id` may not complete before `depends_on_id` has.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "intent_dependencies")]
pub struct Model {
    /// The intent that waits.
    #[sea_orm(primary_key, auto_increment = false)]
    pub intent_id: IntentId,
    /// The intent waited for.
    #[sea_orm(primary_key, auto_increment = false)]
    pub depends_on_id: IntentId,
    /// When the edge was added.
    pub created_at: Timestamp,
}

/// Relations are read through queries that name their condition.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
