//! Subscriptions to portfolios.

use async_graphql::{Context, ID, Result, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt};
use openintent_entities::id::PortfolioId;

use super::{service, types::Portfolio};
use crate::{
    error::Error,
    event::{subscriptions::feed, types::Event},
    loaders::{actor, app},
    log::Filter,
    scalar::Cursor,
};

/// Subscriptions to portfolios.
#[derive(Debug, Default)]
pub struct PortfolioSubscription;

/// Something happened to a portfolio or one of its members.
#[derive(SimpleObject)]
pub struct PortfolioUpdate {
    /// The place of the event in the log: subscribe again with it as `after` to go on from here.
    pub cursor: Cursor,
    /// What happened.
    pub event: Event,
    /// The portfolio as it is now, which may be later than the event.
    pub portfolio: Portfolio,
}

#[Subscription]
impl PortfolioSubscription {
    /// Everything that happens to one portfolio and its members, each time with the portfolio as it
    /// is then.
    async fn portfolio_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The portfolio.")] id: ID,
        #[graphql(desc = "Only what came after this place in the log; from now on if left out.")]
        after: Option<Cursor>,
    ) -> Result<impl Stream<Item = Result<PortfolioUpdate>>> {
        let portfolio: PortfolioId = crate::scalar::id("portfolio", &id)?;
        let (app, actor) = (app(ctx)?.clone(), actor(ctx)?.clone());
        if service::find(&app, &actor, &portfolio).await?.is_none() {
            return Err(Error::not_found("portfolio", portfolio.as_str()).into());
        }
        let filter = Filter {
            portfolio: Some(portfolio.clone()),
            ..Filter::default()
        };
        Ok(feed(ctx, filter, after)?.filter_map(move |entry| {
            let (app, actor, portfolio) = (app.clone(), actor.clone(), portfolio.clone());
            async move {
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(error) => return Some(Err(error.into())),
                };
                match service::find(&app, &actor, &portfolio).await {
                    Ok(portfolio) => Some(Ok(PortfolioUpdate {
                        cursor: Cursor(entry.position()),
                        event: Event::from(entry.event.clone()),
                        portfolio: Portfolio(portfolio?),
                    })),
                    Err(error) => Some(Err(error.into())),
                }
            }
        }))
    }
}
