//! Members of portfolios and what they make together, for many portfolios at once.

use std::collections::HashMap;

use async_graphql::{Context, dataloader::Loader};
use openintent_entities::{id::PortfolioId, intent, portfolio_member};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, FromQueryResult, Iden, Iterable, QueryFilter, QueryResult,
    QueryTrait,
    sea_query::{Expr, ExprTrait, JoinType},
};

use super::types::PortfolioRole;
use crate::{
    error::{Error, Result},
    graph::loaders::{Aggregate, listed_ids, status_counts},
    intent::rules,
    loaders::{Loaders, grouped, load},
    page::{Listing, MAX_SIZE, Page, Window},
    policy,
};

/// An intent as a member of a portfolio.
#[derive(Debug, Clone)]
pub struct Member {
    /// The intent.
    pub intent: intent::Model,
    /// Its membership.
    pub membership: portfolio_member::Model,
}

const PREFIX: &str = "member_";

impl FromQueryResult for Member {
    fn from_query_result(row: &QueryResult, prefix: &str) -> std::result::Result<Self, DbErr> {
        Ok(Self {
            intent: intent::Model::from_query_result(row, prefix)?,
            membership: portfolio_member::Model::from_query_result(row, PREFIX)?,
        })
    }
}

/// A page of a portfolio's members.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MembersOf {
    /// Whose.
    pub of: PortfolioId,
    /// With which role; all if absent.
    pub role: Option<PortfolioRole>,
    /// Which part of them.
    pub window: Window,
}

/// How many members a portfolio has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MemberCount {
    /// Whose.
    pub of: PortfolioId,
    /// With which role; all if absent.
    pub role: Option<PortfolioRole>,
}

impl MemberCount {
    /// Counts them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(load(ctx, self.clone()).await?.unwrap_or(0))
    }
}

fn listing(loaders: &Loaders, of: &[PortfolioId], role: Option<PortfolioRole>) -> Listing {
    let member = |column| Expr::col((portfolio_member::Entity, column));
    let id = Expr::col((intent::Entity, intent::Column::Id));
    let owner = member(portfolio_member::Column::PortfolioId);
    let mut select = intent::Entity::find()
        .filter(policy::visible_intents(&loaders.actor))
        .into_query();
    select
        .join(
            JoinType::InnerJoin,
            portfolio_member::Entity,
            member(portfolio_member::Column::IntentId).eq(id.clone()),
        )
        .and_where(owner.clone().is_in(of.iter().map(PortfolioId::as_str)));
    if let Some(role) = role {
        let role = portfolio_member::Role::from(role);
        select.cond_where(portfolio_member::Column::Role.eq(role));
    }
    // Urgent first, then old first: the rank is turned round so that both go the same way.
    let rank = Expr::value(0i64).sub(member(portfolio_member::Column::Priority).cast_as("BIGINT"));
    Listing {
        select,
        owner: Some(owner),
        rank: Some(rank),
        id,
        descending: false,
    }
}

fn with_membership(mut listing: Listing) -> Listing {
    for column in portfolio_member::Column::iter() {
        let alias = format!("{PREFIX}{}", Iden::unquoted(&column));
        listing
            .select
            .expr_as(Expr::col((portfolio_member::Entity, column)), alias);
    }
    listing
}

impl Loader<MembersOf> for Loaders {
    type Value = Page<Member>;
    type Error = Error;

    async fn load(&self, keys: &[MembersOf]) -> Result<HashMap<MembersOf, Page<Member>>> {
        let mut loaded = HashMap::new();
        let alike = grouped(
            keys.iter()
                .map(|key| ((key.role, key.window.clone()), key.of.clone())),
        );
        for ((role, window), of) in alike {
            let listing = with_membership(listing(self, &of, role));
            for (owner, page) in listing.pages(self.app.database().reads(), &window).await? {
                if let Ok(of) = owner.parse() {
                    loaded.insert(
                        MembersOf {
                            of,
                            role,
                            window: window.clone(),
                        },
                        page,
                    );
                }
            }
        }
        Ok(loaded)
    }
}

impl Loader<MemberCount> for Loaders {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[MemberCount]) -> Result<HashMap<MemberCount, i64>> {
        let mut loaded = HashMap::new();
        for (role, of) in grouped(keys.iter().map(|key| (key.role, key.of.clone()))) {
            let counts = listing(self, &of, role)
                .counts(self.app.database().reads())
                .await?;
            for (owner, count) in counts {
                if let Ok(of) = owner.parse() {
                    loaded.insert(MemberCount { of, role }, count);
                }
            }
        }
        Ok(loaded)
    }
}

/// What the members of a portfolio make together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CountsOf(pub PortfolioId);

impl Loader<CountsOf> for Loaders {
    type Value = Aggregate;
    type Error = Error;

    async fn load(&self, keys: &[CountsOf]) -> Result<HashMap<CountsOf, Aggregate>> {
        let db = self.app.database().reads();
        let of: Vec<PortfolioId> = keys.iter().map(|key| key.0.clone()).collect();
        let members = listing(self, &of, None);
        let mut loaded: HashMap<PortfolioId, Aggregate> = HashMap::new();
        for (owner, status, count) in status_counts(db, &members).await? {
            loaded
                .entry(owner)
                .or_default()
                .counts
                .insert(status, count);
        }
        let hundred = Window::new(Some(MAX_SIZE), None, None, None)?;
        let status = || Expr::col((intent::Entity, intent::Column::Status));
        let mut ready = members.clone();
        ready
            .select
            .and_where(status().eq(rules::name(intent::Status::Active)));
        let mut blocking = members;
        crate::graph::loaders::only_blocking(&mut blocking.select);
        for (owner, ids) in listed_ids(db, &ready, &hundred).await? {
            loaded.entry(owner).or_default().ready = ids;
        }
        for (owner, ids) in listed_ids(db, &blocking, &hundred).await? {
            loaded.entry(owner).or_default().blocking = ids;
        }
        Ok(loaded
            .into_iter()
            .map(|(owner, aggregate)| (CountsOf(owner), aggregate))
            .collect())
    }
}
