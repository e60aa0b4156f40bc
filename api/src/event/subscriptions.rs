//! The live event stream.

use std::sync::Arc;

use async_graphql::{Context, Result, Subscription};
use futures_util::{Stream, StreamExt};

use super::types::{Event, EventFilter};
use crate::{
    error::{self, Error},
    loaders::{actor, app, load},
    log::{self, Entry, Feed, Filter},
    policy,
    scalar::Cursor,
};

/// Subscriptions to events.
#[derive(Debug, Default)]
pub struct EventSubscription;

/// The events of a subscription: from where the transport says, else after the given place in the
/// log, else from now on.
///
/// # Errors
/// The request lacks what every request has.
pub fn feed(
    ctx: &Context<'_>,
    filter: Filter,
    after: Option<Cursor>,
) -> error::Result<impl Stream<Item = error::Result<Arc<Entry>>> + Send + 'static> {
    let app = app(ctx)?.clone();
    let feed = match (ctx.data_opt::<Feed>(), after) {
        (Some(feed), _) => feed.clone(),
        (None, Some(Cursor(position))) => Feed::from(position),
        (None, None) => Feed::from(app.log().head()),
    };
    let view = policy::view(actor(ctx)?);
    Ok(log::feed::events(app, view, filter, feed))
}

#[Subscription]
impl EventSubscription {
    /// Every event that passes the filter, once and in order: first what was stored after the given
    /// place, then what happens. To go on after a break, subscribe with the cursor of the last event
    /// that you got: nothing is missed and nothing comes twice.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only events that pass this.")] filter: Option<EventFilter>,
        #[graphql(desc = "Only what came after this place in the log; from now on if left out.")]
        after: Option<Cursor>,
    ) -> Result<impl Stream<Item = Result<Event>>> {
        let filter = Filter::try_from(filter.unwrap_or_default())?;
        refuse_unknown(ctx, &filter).await?;
        Ok(feed(ctx, filter, after)?.map(|entry| {
            entry
                .map(|entry| Event::from(entry.event.clone()))
                .map_err(Into::into)
        }))
    }
}

/// Whoever waits for events of something that is not there would wait for ever.
async fn refuse_unknown(ctx: &Context<'_>, filter: &Filter) -> error::Result<()> {
    for intent in filter.intent.iter().chain(&filter.subtree_of) {
        if load(ctx, intent.clone()).await?.is_none() {
            return Err(Error::not_found("intent", intent.as_str()));
        }
    }
    if let Some(portfolio) = &filter.portfolio
        && load(ctx, portfolio.clone()).await?.is_none()
    {
        return Err(Error::not_found("portfolio", portfolio.as_str()));
    }
    Ok(())
}
