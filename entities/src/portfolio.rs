//! Portfolios: groups of intents under shared governance (RFC-0004, RFC-0007).

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Object, Timestamp, id::PortfolioId};

/// Where a portfolio stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Open.
    Active,
    /// Done. Terminal.
    Completed,
    /// Given up. Terminal.
    Abandoned,
}

/// One portfolio.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "portfolios")]
pub struct Model {
    /// `port_…`
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PortfolioId,
    /// One line.
    pub name: String,
    /// Free text.
    pub description: Option<String>,
    /// The actor that created it.
    pub created_by: String,
    /// Free-text namespace.
    pub namespace: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// Why it stands there.
    pub status_reason: Option<String>,
    /// It completes only when every member has.
    pub require_all_completed: bool,
    /// It may complete although members failed or were abandoned.
    pub allow_partial_completion: bool,
    /// Percentage of completed members at which it completes by itself.
    pub auto_complete_threshold: Option<i32>,
    /// Constraints that all members inherit.
    pub shared_constraints: Object,
    /// When its open members are abandoned.
    pub deadline: Option<Timestamp>,
    /// The client's own data.
    pub metadata: Object,
    /// Counts changes, from 1.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Relations are read through queries that name their condition.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
