//! Leases: one agent's exclusive, temporary ownership of a scope of an intent (RFC-0003).

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    id::{IntentId, LeaseId},
};

/// Where a lease stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Held, unless its time is over.
    Active,
    /// Given back by its holder.
    Released,
    /// Its time ran out.
    Expired,
    /// Taken away.
    Revoked,
}

/// One lease.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "leases")]
pub struct Model {
    /// `lease_…`
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LeaseId,
    /// The intent that it is about.
    pub intent_id: IntentId,
    /// The top-level state key that it covers.
    pub scope: String,
    /// The holder.
    pub agent_id: String,
    /// Where it stands. `active` and past `expires_at` means expired and not swept yet.
    pub status: Status,
    /// Grows with each lease of the same intent and scope.
    pub fencing_token: i64,
    /// What was asked for at the last acquisition or renewal, in seconds.
    pub duration_seconds: i64,
    /// When it was acquired.
    pub acquired_at: Timestamp,
    /// From this moment on it is no longer held.
    pub expires_at: Timestamp,
    /// When it ended, by whatever way.
    pub released_at: Option<Timestamp>,
    /// Counts changes, from 1.
    pub version: i64,
}

/// Relations are read through queries that name their condition.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
