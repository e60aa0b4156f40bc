//! Tags of intents.

use sea_orm::entity::prelude::*;

use crate::id::IntentId;

/// One tag of one intent.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "intent_tags")]
pub struct Model {
    /// The intent.
    #[sea_orm(primary_key, auto_increment = false)]
    pub intent_id: IntentId,
    /// The tag, free text.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag: String,
}

/// Relations are read through queries that name their condition.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
