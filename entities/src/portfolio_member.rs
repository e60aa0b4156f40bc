//! Which intents belong to which portfolios (RFC-0004).

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    id::{IntentId, PortfolioId},
};

/// What an intent is to a portfolio.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The one intent that stands for the portfolio's goal.
    Primary,
    /// One of its parts.
    Member,
    /// Something that others build on. It orders nothing by itself (RFC-0007): dependencies do.
    Dependency,
}

/// One membership.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "portfolio_members")]
pub struct Model {
    /// The portfolio.
    #[sea_orm(primary_key, auto_increment = false)]
    pub portfolio_id: PortfolioId,
    /// The intent.
    #[sea_orm(primary_key, auto_increment = false)]
    pub intent_id: IntentId,
    /// What it is to the portfolio.
    pub role: Role,
    /// Higher is more urgent.
    pub priority: i32,
    /// The actor that added it.
    pub added_by: String,
    /// When.
    pub added_at: Timestamp,
}

/// Relations are read through queries that name their condition.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
