//! Queries of leases.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, Result, dataloader::Loader};
use openintent_entities::{
    id::{IntentId, LeaseId},
    lease::{self, Status},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryTrait, sea_query::Expr};

use super::types::{Lease, LeaseConnection, LeaseStatus};
use crate::{
    error::{self, Error},
    graph::loaders::among,
    loaders::{Loaders, actor, app, grouped, load},
    page::{Listing, Page, Window},
    policy,
};

/// Queries of leases.
#[derive(Debug, Default)]
pub struct LeaseQuery;

/// Which leases are wanted. All conditions that are given must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct LeaseFilter {
    /// On this intent.
    pub intent_id: Option<ID>,
    /// Held by this agent.
    pub agent_id: Option<String>,
    /// On this scope.
    pub scope: Option<String>,
    /// With one of these statuses at this moment.
    pub status: Option<Vec<LeaseStatus>>,
}

#[Object]
impl LeaseQuery {
    /// One lease; null when there is none with this id, or it is hidden from you.
    async fn lease(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The lease's id.")] id: ID,
    ) -> Result<Option<Lease>> {
        match id.parse::<LeaseId>() {
            Ok(id) => Ok(load(ctx, id).await?.map(Lease)),
            Err(_unparsable) => Ok(None),
        }
    }

    /// All leases that you may see, newest first.
    async fn leases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only leases that pass this.")] filter: Option<LeaseFilter>,
        #[graphql(desc = "Items from the start; 50 if no size is given, 100 at the most.")]
        first: Option<i32>,
        #[graphql(desc = "Only items behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Items from the end.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Result<LeaseConnection> {
        let window = Window::new(first, after.as_deref(), last, before.as_deref())?;
        let filter = filter.unwrap_or_default();
        let loaders = Loaders {
            app: app(ctx)?.clone(),
            actor: actor(ctx)?.clone(),
        };
        let mut listing = listing(&loaders, filter.status.as_deref());
        if let Some(intent) = &filter.intent_id {
            let of_intent = match intent.parse::<IntentId>() {
                Ok(intent) => lease::Column::IntentId.eq(intent),
                Err(_unparsable) => Expr::cust("1 = 0"),
            };
            listing.select.cond_where(of_intent);
        }
        if let Some(agent) = filter.agent_id {
            listing.select.cond_where(lease::Column::AgentId.eq(agent));
        }
        if let Some(scope) = filter.scope {
            listing.select.cond_where(lease::Column::Scope.eq(scope));
        }
        let mut pages = listing
            .pages(loaders.app.database().reads(), &window)
            .await?;
        let page = pages.remove("").unwrap_or_default();
        Ok(LeaseConnection::new(
            page,
            LeaseCount::All(Box::new(listing)),
        ))
    }
}

/// A page of an intent's leases.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LeasesOf {
    /// Whose.
    pub of: IntentId,
    /// With which statuses; all if absent.
    pub status: Option<Vec<LeaseStatus>>,
    /// Which part of them.
    pub window: Window,
}

/// How to count a list of leases.
#[derive(Debug, Clone)]
pub enum LeaseCount {
    /// An intent's.
    Of {
        /// Whose.
        of: IntentId,
        /// With which statuses; all if absent.
        status: Option<Vec<LeaseStatus>>,
    },
    /// Those of a query.
    All(Box<Listing>),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct CountOf {
    of: IntentId,
    status: Option<Vec<LeaseStatus>>,
}

impl LeaseCount {
    /// Counts them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count(&self, ctx: &Context<'_>) -> error::Result<i64> {
        match self {
            Self::Of { of, status } => {
                let key = CountOf {
                    of: of.clone(),
                    status: status.clone(),
                };
                Ok(load(ctx, key).await?.unwrap_or(0))
            }
            Self::All(listing) => listing.total(app(ctx)?.database().reads()).await,
        }
    }
}

fn listing(loaders: &Loaders, status: Option<&[LeaseStatus]>) -> Listing {
    let mut query = lease::Entity::find()
        .filter(lease::Column::IntentId.in_subquery(policy::visible_intent_ids(&loaders.actor)));
    if let Some(statuses) = status {
        query = query.filter(with_status(loaders, statuses));
    }
    Listing {
        select: query.into_query(),
        owner: None,
        rank: None,
        id: Expr::col((lease::Entity, lease::Column::Id)),
        descending: true,
    }
}

/// The statuses at this moment: an active lease whose time is over counts as expired.
fn with_status(loaders: &Loaders, statuses: &[LeaseStatus]) -> Condition {
    let now = loaders.app.clock().now();
    statuses.iter().fold(Condition::any(), |any, status| {
        let stored = lease::Column::Status;
        any.add(match status {
            LeaseStatus::Active => Condition::all()
                .add(stored.eq(Status::Active))
                .add(lease::Column::ExpiresAt.gt(now)),
            LeaseStatus::Expired => Condition::any().add(stored.eq(Status::Expired)).add(
                Condition::all()
                    .add(stored.eq(Status::Active))
                    .add(lease::Column::ExpiresAt.lte(now)),
            ),
            LeaseStatus::Released => Condition::all().add(stored.eq(Status::Released)),
            LeaseStatus::Revoked => Condition::all().add(stored.eq(Status::Revoked)),
        })
    })
}

fn listing_of(loaders: &Loaders, of: &[IntentId], status: Option<&[LeaseStatus]>) -> Listing {
    let backend = loaders.app.database().reads().get_database_backend();
    let mut listing = listing(loaders, status);
    let owner = Expr::col((lease::Entity, lease::Column::IntentId));
    listing.select.and_where(among(backend, owner.clone(), of));
    listing.owner = Some(owner);
    listing
}

impl Loader<LeasesOf> for Loaders {
    type Value = Page<lease::Model>;
    type Error = Error;

    async fn load(
        &self,
        keys: &[LeasesOf],
    ) -> error::Result<HashMap<LeasesOf, Page<lease::Model>>> {
        let mut loaded = HashMap::new();
        let alike = grouped(
            keys.iter()
                .map(|key| ((key.status.clone(), key.window.clone()), key.of.clone())),
        );
        for ((status, window), of) in alike {
            let listing = listing_of(self, &of, status.as_deref());
            for (owner, page) in listing.pages(self.app.database().reads(), &window).await? {
                if let Ok(of) = owner.parse() {
                    loaded.insert(
                        LeasesOf {
                            of,
                            status: status.clone(),
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

impl Loader<CountOf> for Loaders {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[CountOf]) -> error::Result<HashMap<CountOf, i64>> {
        let mut loaded = HashMap::new();
        for (status, of) in grouped(keys.iter().map(|key| (key.status.clone(), key.of.clone()))) {
            let listing = listing_of(self, &of, status.as_deref());
            for (owner, count) in listing.counts(self.app.database().reads()).await? {
                if let Ok(of) = owner.parse() {
                    loaded.insert(
                        CountOf {
                            of,
                            status: status.clone(),
                        },
                        count,
                    );
                }
            }
        }
        Ok(loaded)
    }
}
