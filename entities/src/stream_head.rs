//! The last event of each stream that is not an intent's (those keep theirs in the intent's row).

use sea_orm::entity::prelude::*;

/// One stream's end.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stream_heads")]
pub struct Model {
    /// The stream, e.g. `system`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub stream: String,
    /// Sequence of its last event; 0 when it has none.
    pub sequence: i64,
    /// Hash of its last event.
    pub event_hash: Option<String>,
}

/// Relations are read through queries that name their condition.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
