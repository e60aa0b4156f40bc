//! The event log: one total order of everything that happened.
//!
//! Each event has a *position*. Positions follow visibility: no event ever becomes readable at a
//! position behind one that was already read, also when PostgreSQL commits transactions out of the
//! order in which they began. SQLite has one writer, so its order of insertion is that order. On
//! PostgreSQL the sequencer stamps committed rows (`sequencer.rs`).
//!
//! Each process reads new rows once (`reader.rs`) and offers them to its subscribers. A wake-up is
//! only a hint to read; a subscriber that falls behind, was away, or was told nothing, reads the
//! log from its cursor (`feed.rs`). So nothing is lost and nothing is seen twice.

pub mod feed;
pub mod filter;
pub mod hash;
mod reader;
mod sequencer;
pub mod verify;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use openintent_entities::{event, id::EventId};
use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QuerySelect};
use tokio::sync::{Notify, broadcast, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    db::{Database, Writes},
    error::{Error, Result},
};

pub use feed::Feed;
pub use filter::Filter;
pub use reader::Entry;

/// The stream of what belongs to no intent.
pub const SYSTEM_STREAM: &str = "system";

/// Without any wake-up, the log is looked at this often. Wake-ups cover all that this program
/// writes; this covers those that got lost.
const POLL: Duration = Duration::from_secs(1);

/// So many events are kept for subscribers that are up to date.
const TAIL: usize = 4_096;

/// A place in the log: that of an event, or the one just before the first (0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(pub i64);

impl Position {
    /// The position as an opaque cursor.
    #[must_use]
    pub fn to_cursor(self) -> String {
        format!("c{:x}", self.0)
    }

    /// Reads a cursor back; `None` when it is none.
    #[must_use]
    pub fn from_cursor(cursor: &str) -> Option<Self> {
        let digits = cursor.strip_prefix('c')?;
        if digits.len() > 15 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        i64::from_str_radix(digits, 16)
            .ok()
            .filter(|position| *position >= 0)
            .map(Self)
    }
}

/// Reads a cursor that a client gave.
#[must_use]
pub fn decode_cursor(cursor: &str) -> Option<Position> {
    Position::from_cursor(cursor)
}

/// The log as this process sees it. Clones share it.
#[derive(Debug, Clone)]
pub struct Log {
    /// The last position that was read and offered to subscribers.
    head: watch::Sender<Position>,
    /// The last position of a change that this process has answered for.
    answered: Arc<AtomicI64>,
    tail: broadcast::Sender<Arc<Entry>>,
    ring: Arc<Notify>,
    sequencer: Option<sequencer::Sequencer>,
    reads: DatabaseConnection,
}

impl Log {
    /// Starts reading at the present end, and on PostgreSQL starts the sequencer. `jobs` is woken
    /// when another process has scheduled something.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn start(
        database: &Database,
        jobs: Arc<Notify>,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Result<Self, DbErr> {
        let ring = Arc::new(Notify::new());
        let sequencer = match database.writes() {
            Writes::Sqlite(_) => None,
            Writes::Postgres(pool) => Some(
                sequencer::start(pool.clone(), Arc::clone(&ring), jobs, tasks, stop.clone())
                    .await?,
            ),
        };
        let head = last_position(database).await?;
        let log = Self {
            head: watch::Sender::new(head),
            answered: Arc::default(),
            tail: broadcast::Sender::new(TAIL),
            ring,
            sequencer,
            reads: database.reads().clone(),
        };
        tasks.spawn(reader::run(log.clone(), database.clone(), stop));
        Ok(log)
    }

    /// The last position that this process knows of. Whoever got an answer to a change is not
    /// behind it: what starts here does not bring that change again.
    #[must_use]
    pub fn head(&self) -> Position {
        let answered = Position(self.answered.load(Ordering::Acquire));
        answered.max(*self.head.borrow())
    }

    /// Brings the gauges of the log up to date.
    pub(crate) fn measure(&self) {
        let position = u32::try_from(self.head().0).unwrap_or(u32::MAX);
        metrics::gauge!("openintent_log_position").set(position);
        if let Some(sequencer) = &self.sequencer {
            metrics::gauge!("openintent_stamp_queue_depth").set(sequencer.waiting());
        }
    }

    /// Called after a commit: finds the position of the change's last event and wakes the readers.
    pub(crate) async fn committed(
        &self,
        last_event: Option<EventId>,
        position: Option<i64>,
        scheduled: bool,
    ) -> Result<Position> {
        let position = match (&self.sequencer, last_event, position) {
            (_, None, _) => self.head(),
            (_, Some(_), Some(position)) => Position(position),
            (Some(sequencer), Some(event), None) => sequencer.stamped(event, scheduled).await?,
            (None, Some(event), None) => self.position_of(&event).await?,
        };
        self.answered.fetch_max(position.0, Ordering::AcqRel);
        self.ring.notify_one();
        Ok(position)
    }

    async fn position_of(&self, event: &EventId) -> Result<Position> {
        let position = event::Entity::find()
            .select_only()
            .column(event::Column::Position)
            .filter(event::Column::Id.eq(event.clone()))
            .into_tuple::<Option<i64>>()
            .one(&self.reads)
            .await?
            .flatten();
        position
            .map(Position)
            .ok_or_else(|| Error::broken("a stored event has no position"))
    }
}

async fn last_position(database: &Database) -> Result<Position, DbErr> {
    let last = event::Entity::find()
        .select_only()
        .expr(event::Column::Position.max())
        .into_tuple::<Option<i64>>()
        .one(database.reads())
        .await?
        .flatten();
    Ok(Position(last.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_read_back_and_nothing_else_does() {
        for position in [0, 1, 255, i64::from(u32::MAX)] {
            let cursor = Position(position).to_cursor();
            assert_eq!(decode_cursor(&cursor), Some(Position(position)));
        }
        for text in ["", "c", "5", "c-1", "cz", "cffffffffffffffff", "c 1", "c+1"] {
            assert_eq!(decode_cursor(text), None, "{text}");
        }
    }
}
