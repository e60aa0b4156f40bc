//! Reads new events, once per process, and offers them to whoever is up to date.

use std::{sync::Arc, time::Duration};

use openintent_entities::{
    event,
    id::{IntentId, PortfolioId},
};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::{Log, POLL, Position};
use crate::db::Database;

/// So many rows are read at once.
pub(super) const PAGE: u64 = 500;

/// An event as it is offered to subscribers, with what they want to know about its intent. That is
/// looked up by the first one that asks, and shared.
#[derive(Debug)]
pub struct Entry {
    /// The event.
    pub event: event::Model,
    pub(super) ancestors: OnceCell<Arc<[IntentId]>>,
    pub(super) portfolios: OnceCell<Arc<[PortfolioId]>>,
}

impl Entry {
    /// An event with nothing looked up yet.
    #[must_use]
    pub fn new(event: event::Model) -> Self {
        Self {
            event,
            ancestors: OnceCell::new(),
            portfolios: OnceCell::new(),
        }
    }

    /// Its place in the log.
    #[must_use]
    pub fn position(&self) -> Position {
        Position(self.event.position.unwrap_or_default())
    }
}

pub(super) async fn run(log: Log, database: Database, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = log.ring.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
        if let Err(error) = catch_up(&log, &database).await {
            tracing::warn!(%error, "reading new events failed; trying again");
            tokio::time::sleep(Duration::from_millis(200)).await;
            log.ring.notify_one();
        }
    }
}

async fn catch_up(log: &Log, database: &Database) -> Result<(), DbErr> {
    loop {
        let read = *log.head.borrow();
        let page = event::Entity::find()
            .filter(event::Column::Position.gt(read.0))
            .order_by_asc(event::Column::Position)
            .limit(PAGE)
            .all(database.reads())
            .await?;
        let full = u64::try_from(page.len()).is_ok_and(|count| count == PAGE);
        for event in page {
            let entry = Arc::new(Entry::new(event));
            metrics::counter!("openintent_events_total").increment(1);
            // The head moves first: a subscriber that joins in between reads this event from the
            // database, and skips it when it also comes along here.
            log.head.send_replace(entry.position());
            let _ = log.tail.send(entry);
        }
        if !full {
            return Ok(());
        }
    }
}
