//! Lists of events, for many intents at once.

use std::collections::HashMap;

use async_graphql::{Context, dataloader::Loader};
use openintent_entities::{event, id::IntentId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, sea_query::Expr};

use crate::{
    error::{Error, Result},
    graph::loaders::among,
    loaders::{Loaders, app, grouped, load},
    log::Filter,
    page::{Listing, Page, Window},
    policy,
};

/// A page of an intent's events.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventsOf {
    /// Whose.
    pub of: IntentId,
    /// Of which types; all if empty.
    pub types: Vec<String>,
    /// Which part of them.
    pub window: Window,
}

/// How to count a list of events.
#[derive(Debug, Clone)]
pub enum EventCount {
    /// An intent's.
    Of {
        /// Whose.
        of: IntentId,
        /// Of which types; all if empty.
        types: Vec<String>,
    },
    /// Those of a query.
    All(Box<Listing>),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct CountOf {
    of: IntentId,
    types: Vec<String>,
}

impl EventCount {
    /// Counts them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count(&self, ctx: &Context<'_>) -> Result<i64> {
        match self {
            Self::Of { of, types } => {
                let key = CountOf {
                    of: of.clone(),
                    types: types.clone(),
                };
                Ok(load(ctx, key).await?.unwrap_or(0))
            }
            Self::All(listing) => listing.total(app(ctx)?.database().reads()).await,
        }
    }
}

/// Events in the order of the log.
pub(crate) fn listing(loaders: &Loaders, filter: &Filter, descending: bool) -> Listing {
    let db = loaders.app.database().reads();
    let position = || Expr::col((event::Entity, event::Column::Position));
    Listing {
        select: event::Entity::find()
            .filter(filter.condition(db))
            .filter(event::Column::Position.is_not_null())
            .filter(policy::visible_events(&policy::view(&loaders.actor)))
            .into_query(),
        owner: None,
        rank: Some(position()),
        id: Expr::col((event::Entity, event::Column::Id)),
        descending,
    }
}

fn listing_of(loaders: &Loaders, of: &[IntentId], types: &[String]) -> Listing {
    let filter = Filter {
        types: types.to_vec(),
        ..Filter::default()
    };
    let backend = loaders.app.database().reads().get_database_backend();
    let mut listing = listing(loaders, &filter, false);
    let stream = Expr::col((event::Entity, event::Column::Stream));
    listing.select.and_where(among(backend, stream.clone(), of));
    listing.owner = Some(stream);
    listing
}

impl Loader<EventsOf> for Loaders {
    type Value = Page<event::Model>;
    type Error = Error;

    async fn load(&self, keys: &[EventsOf]) -> Result<HashMap<EventsOf, Page<event::Model>>> {
        let mut loaded = HashMap::new();
        let alike = grouped(
            keys.iter()
                .map(|key| ((key.types.clone(), key.window.clone()), key.of.clone())),
        );
        for ((types, window), of) in alike {
            let listing = listing_of(self, &of, &types);
            for (owner, page) in listing.pages(self.app.database().reads(), &window).await? {
                if let Ok(of) = owner.parse() {
                    loaded.insert(
                        EventsOf {
                            of,
                            types: types.clone(),
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

    async fn load(&self, keys: &[CountOf]) -> Result<HashMap<CountOf, i64>> {
        let mut loaded = HashMap::new();
        for (types, of) in grouped(keys.iter().map(|key| (key.types.clone(), key.of.clone()))) {
            let listing = listing_of(self, &of, &types);
            for (owner, count) in listing.counts(self.app.database().reads()).await? {
                if let Ok(of) = owner.parse() {
                    loaded.insert(
                        CountOf {
                            of,
                            types: types.clone(),
                        },
                        count,
                    );
                }
            }
        }
        Ok(loaded)
    }
}
