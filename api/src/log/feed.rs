//! What a subscriber reads: everything after a cursor that a filter lets through, in order, first
//! from the database and then as it happens.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use futures_util::Stream;
use openintent_entities::event;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::broadcast::error::RecvError;

use super::{Entry, Filter, Position, reader::PAGE};
use crate::{
    app::App,
    error::Result,
    policy::{self, View},
};

/// How the transport steers a subscription. It goes into the request's data, and the stream honours it.
#[derive(Debug, Clone)]
pub struct Feed {
    /// Where to start, whatever the `after` argument says.
    pub from: Position,
    /// The stream ends after this position.
    pub until: Option<Position>,
    /// The position of the item that was yielded last.
    pub delivered: Arc<AtomicI64>,
}

impl Feed {
    /// From a position on, for ever, observed by nobody.
    #[must_use]
    pub fn from(from: Position) -> Self {
        Self {
            from,
            until: None,
            delivered: Arc::new(AtomicI64::new(from.0)),
        }
    }
}

/// All events after `feed.from` that the filter lets through and the view may see: each once, in
/// order, with no gap, however long ago the cursor was and however slowly this is polled.
pub fn events(
    app: App,
    view: View,
    filter: Filter,
    feed: Feed,
) -> impl Stream<Item = Result<Arc<Entry>>> + Send + 'static {
    async_stream::try_stream! {
        let mut read = feed.from;
        loop {
            // First join the tail, then look how far the database must be read: whatever comes
            // later comes through the tail. What comes both ways is skipped by its position.
            let mut tail = app.log().tail.subscribe();
            let head = feed.until.unwrap_or_else(|| app.log().head());
            while read < head {
                let page = page(&app, &view, &filter, read, head).await?;
                let full = u64::try_from(page.len()).is_ok_and(|count| count == PAGE);
                for entry in page {
                    read = entry.position();
                    if policy::may_see_event(&view, &entry.event) {
                        feed.delivered.store(read.0, Ordering::Release);
                        yield entry;
                    }
                }
                if !full {
                    read = read.max(head);
                }
            }
            if feed.until.is_some_and(|until| read >= until) {
                return;
            }
            loop {
                match tail.recv().await {
                    Ok(entry) => {
                        if entry.position() <= read {
                            continue;
                        }
                        let matches = policy::may_see_event(&view, &entry.event)
                            && filter.lets_through(&app, &entry).await?;
                        read = entry.position();
                        if matches {
                            feed.delivered.store(read.0, Ordering::Release);
                            yield entry;
                        }
                    }
                    // Too slow for the tail: back to the database.
                    Err(RecvError::Lagged(_)) => {
                        metrics::counter!("openintent_feed_lags_total").increment(1);
                        break;
                    }
                    Err(RecvError::Closed) => return,
                }
            }
        }
    }
}

/// The next matching events in `(after, up_to]`, a page at the most.
async fn page(
    app: &App,
    view: &View,
    filter: &Filter,
    after: Position,
    up_to: Position,
) -> Result<Vec<Arc<Entry>>> {
    let rows = event::Entity::find()
        .filter(filter.condition(app.database().reads()))
        .filter(policy::visible_events(view))
        .filter(event::Column::Position.gt(after.0))
        .filter(event::Column::Position.lte(up_to.0))
        .order_by_asc(event::Column::Position)
        .limit(PAGE)
        .all(app.database().reads())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Arc::new(Entry::new(row)))
        .collect())
}
