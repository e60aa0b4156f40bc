//! First answers, kept so that a repeated mutation gets the same one.

use sea_orm::entity::prelude::*;

use crate::{
    Timestamp,
    id::{EventId, KeyId},
};

/// One remembered answer.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// The API key that asked.
    #[sea_orm(primary_key, auto_increment = false)]
    pub api_key_id: KeyId,
    /// The client's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// The operation that was asked for.
    pub operation: String,
    /// SHA-256 of its canonical input and of who asked, in hex.
    pub input_hash: String,
    /// The answer, as JSON text.
    pub answer: String,
    /// The last event of the change, from which the answer's cursor follows.
    pub last_event_id: Option<EventId>,
    /// When.
    pub created_at: Timestamp,
}

/// Relations are read through queries that name their condition.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
