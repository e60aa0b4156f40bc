//! Queries of portfolios.

use async_graphql::{Context, ID, InputObject, Object, Result};
use openintent_entities::{id::PortfolioId, portfolio};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, QueryFilter, QueryTrait, sea_query::Expr,
};

use super::types::{Portfolio, PortfolioConnection, PortfolioStatus};
use crate::{
    intent::{
        queries::{check_text, contains},
        types::ListCount,
    },
    loaders::{actor, app, load},
    page::{Listing, Window},
    policy,
};

/// Queries of portfolios.
#[derive(Debug, Default)]
pub struct PortfolioQuery;

/// Which portfolios are wanted. All conditions that are given must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct PortfolioFilter {
    /// One of these statuses.
    pub status: Option<Vec<PortfolioStatus>>,
    /// Created by this agent or person.
    pub created_by: Option<String>,
    /// In this namespace.
    pub namespace: Option<String>,
    /// This text in the name or the description, in upper or lower case.
    pub text: Option<String>,
}

#[Object]
impl PortfolioQuery {
    /// One portfolio; null when there is none with this id, or it is hidden from you.
    async fn portfolio(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The portfolio's id.")] id: ID,
    ) -> Result<Option<Portfolio>> {
        match id.parse::<PortfolioId>() {
            Ok(id) => Ok(load(ctx, id).await?.map(Portfolio)),
            Err(_unparsable) => Ok(None),
        }
    }

    /// All portfolios that you may see, newest first.
    async fn portfolios(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only portfolios that pass this.")] filter: Option<PortfolioFilter>,
        #[graphql(desc = "Items from the start; 50 if no size is given, 100 at the most.")]
        first: Option<i32>,
        #[graphql(desc = "Only items behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Items from the end.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Result<PortfolioConnection> {
        let window = Window::new(first, after.as_deref(), last, before.as_deref())?;
        let filter = filter.unwrap_or_default();
        check_text(filter.text.as_deref())?;
        let backend = app(ctx)?.database().reads().get_database_backend();
        let listing = Listing {
            select: portfolio::Entity::find()
                .filter(condition(backend, filter))
                .filter(policy::visible_portfolios(actor(ctx)?))
                .into_query(),
            owner: None,
            rank: None,
            id: Expr::col((portfolio::Entity, portfolio::Column::Id)),
            descending: true,
        };
        let mut pages = listing.pages(app(ctx)?.database().reads(), &window).await?;
        Ok(PortfolioConnection::new(
            pages.remove("").unwrap_or_default(),
            ListCount(listing),
        ))
    }
}

fn condition(backend: DbBackend, filter: PortfolioFilter) -> Condition {
    let mut all = Condition::all();
    if let Some(statuses) = filter.status {
        let statuses = statuses.into_iter().map(portfolio::Status::from);
        all = all.add(portfolio::Column::Status.is_in(statuses));
    }
    if let Some(created_by) = filter.created_by {
        all = all.add(portfolio::Column::CreatedBy.eq(created_by));
    }
    if let Some(namespace) = filter.namespace {
        all = all.add(portfolio::Column::Namespace.eq(namespace));
    }
    if let Some(text) = filter.text {
        let column = |column| Expr::col((portfolio::Entity, column));
        all = all.add(contains(
            backend,
            [
                column(portfolio::Column::Name),
                column(portfolio::Column::Description),
            ],
            &text,
        ));
    }
    all
}
