//! Scheduled work: whatever the server must do later, without anyone asking.

use sea_orm::entity::prelude::*;

use crate::{Object, Timestamp, id::JobId};

/// One thing to do. The row goes away in the transaction that does it.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    /// `job_…`
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JobId,
    /// What to do, e.g. `lease_expiry`.
    pub kind: String,
    /// What it is about, e.g. a lease's id; one job per kind and subject.
    pub subject: String,
    /// Not before this moment.
    pub due_at: Timestamp,
    /// How often it was tried without success.
    pub attempts: i32,
    /// What it needs to know.
    pub payload: Object,
}

/// Relations are read through queries that name their condition.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
