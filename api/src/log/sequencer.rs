//! PostgreSQL's order of the log. A transaction that began earlier may commit later, so numbers
//! given out at insertion are no order of visibility. Rows are therefore inserted without a position
//! and stamped after their commit, in batches: under one advisory lock, all committed rows without
//! a position get the next ones, in the order of insertion. Within a stream that order is the
//! sequence (the stream's row is locked until the commit); across streams whatever was visible
//! before keeps its place before.
//!
//! Any process stamps for all. Writers do not wait for one another, only for the next batch, which
//! gives them the position of their change. A row left behind by a process that died between its
//! commit and the stamp is stamped by the next batch of anyone, or by the poll.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use openintent_entities::{event, id::EventId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait,
    FromQueryResult, QueryFilter, QuerySelect, Statement, TransactionTrait,
    sqlx::postgres::PgListener,
};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{POLL, Position};
use crate::error::{Error, Result};

const LOCK: i64 = 0x6f69_6c6f_6700_0000;
/// Rung after a batch: there is something to read.
const LOG_CHANNEL: &str = "openintent_log";
/// Rung after a batch that held scheduled work.
const JOBS_CHANNEL: &str = "openintent_jobs";
const MAX_BATCH: i64 = 10_000;

const STAMP: &str = "
    WITH base AS (SELECT coalesce(max(position), 0) AS last FROM events),
    pending AS (
        SELECT ordinal, row_number() OVER (ORDER BY ordinal) AS place
        FROM (SELECT ordinal FROM events WHERE position IS NULL ORDER BY ordinal LIMIT $1) AS unstamped
    )
    UPDATE events SET position = base.last + pending.place
    FROM base, pending
    WHERE events.ordinal = pending.ordinal
    RETURNING events.id, events.position";

/// Asks for stamps. Clones share one worker.
#[derive(Debug, Clone)]
pub(super) struct Sequencer {
    requests: mpsc::Sender<Request>,
}

#[derive(Debug)]
struct Request {
    event: EventId,
    scheduled: bool,
    reply: oneshot::Sender<Result<Position>>,
}

#[derive(Debug, FromQueryResult)]
struct Stamped {
    id: EventId,
    position: i64,
}

impl Sequencer {
    /// How many changes wait for their position.
    pub(super) fn waiting(&self) -> u32 {
        let waiting = self.requests.max_capacity() - self.requests.capacity();
        u32::try_from(waiting).unwrap_or(u32::MAX)
    }

    /// The position of a committed event, once it has one.
    pub(super) async fn stamped(&self, event: EventId, scheduled: bool) -> Result<Position> {
        let (reply, position) = oneshot::channel();
        let stopped = || Error::Unavailable {
            message: "the server is stopping".to_owned(),
            retry_after_ms: 1_000,
        };
        let request = Request {
            event,
            scheduled,
            reply,
        };
        self.requests
            .send(request)
            .await
            .map_err(|_gone| stopped())?;
        position.await.map_err(|_gone| stopped())?
    }
}

/// Starts the worker that stamps, and the one that listens for other processes.
pub(super) async fn start(
    pool: DatabaseConnection,
    ring: Arc<Notify>,
    jobs: Arc<Notify>,
    tasks: &TaskTracker,
    stop: CancellationToken,
) -> Result<Sequencer, DbErr> {
    let (requests, queue) = mpsc::channel(4_096);
    tasks.spawn(listen(pool.clone(), Arc::clone(&ring), jobs, stop.clone()));
    let bells = Arc::new(Bells::default());
    tasks.spawn(tell_others(pool.clone(), Arc::clone(&bells), stop.clone()));
    tasks.spawn(run(pool, queue, ring, bells, stop));
    Ok(Sequencer { requests })
}

async fn run(
    pool: DatabaseConnection,
    mut queue: mpsc::Receiver<Request>,
    ring: Arc<Notify>,
    bells: Arc<Bells>,
    stop: CancellationToken,
) {
    let mut batch = Vec::new();
    loop {
        tokio::select! {
            biased;
            received = queue.recv_many(&mut batch, 4_096) => if received == 0 { return },
            () = tokio::time::sleep(POLL) => {}
            // Nothing is asked any more: the log is stopped after all that writes.
            () = stop.cancelled() => return,
        }
        match stamp(&pool, &batch).await {
            Ok((positions, fresh)) => {
                let scheduled = batch.iter().any(|request| request.scheduled);
                answer(&mut batch, &positions);
                if fresh > 0 {
                    ring.notify_one();
                    bells.ring(scheduled);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "stamping events failed");
                let error = Error::from(error);
                for request in batch.drain(..) {
                    let _ = request.reply.send(Err(error.clone()));
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

fn answer(batch: &mut Vec<Request>, positions: &HashMap<EventId, Position>) {
    for request in batch.drain(..) {
        let position = positions
            .get(&request.event)
            .copied()
            .ok_or_else(|| Error::broken("a committed event was not stamped"));
        let _ = request.reply.send(position);
    }
}

/// Stamps what is there and finds the positions of the wanted events, also of those that another
/// process has stamped. Says how many were stamped just now.
async fn stamp(
    pool: &DatabaseConnection,
    batch: &[Request],
) -> Result<(HashMap<EventId, Position>, usize), DbErr> {
    let mut positions = HashMap::new();
    let mut fresh = 0;
    loop {
        let stamped = stamp_batch(pool).await?;
        fresh += stamped.len();
        let full = i64::try_from(stamped.len()).is_ok_and(|count| count == MAX_BATCH);
        positions.extend(
            stamped
                .into_iter()
                .map(|row| (row.id, Position(row.position))),
        );
        if !full {
            break;
        }
    }
    let missing: Vec<EventId> = batch
        .iter()
        .filter(|request| !positions.contains_key(&request.event))
        .map(|request| request.event.clone())
        .collect();
    if !missing.is_empty() {
        let rows = event::Entity::find()
            .select_only()
            .columns([event::Column::Id, event::Column::Position])
            .filter(event::Column::Id.is_in(missing))
            .into_tuple::<(EventId, Option<i64>)>()
            .all(pool)
            .await?;
        positions.extend(
            rows.into_iter()
                .filter_map(|(id, position)| Some((id, Position(position?)))),
        );
    }
    Ok((positions, fresh))
}

#[expect(
    clippy::disallowed_methods,
    reason = "stamping is not a change: it orders committed ones"
)]
async fn stamp_batch(pool: &DatabaseConnection) -> Result<Vec<Stamped>, DbErr> {
    let transaction = pool.begin().await?;
    // A statement of its own: the one that stamps must see all that was committed before the lock
    // was ours, so it needs a snapshot taken after that.
    transaction
        .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})"))
        .await?;
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, STAMP, [MAX_BATCH.into()]);
    let stamped = Stamped::find_by_statement(statement)
        .all(&transaction)
        .await?;
    transaction.commit().await?;
    Ok(stamped)
}

/// What the other processes are to be told. However often it is rung while they are being told,
/// they are told once more.
#[derive(Debug, Default)]
struct Bells {
    rung: Notify,
    jobs: AtomicBool,
}

impl Bells {
    fn ring(&self, scheduled: bool) {
        if scheduled {
            self.jobs.store(true, Ordering::Release);
        }
        self.rung.notify_one();
    }
}

/// Rings the other processes. Never inside a writing transaction: `NOTIFY` takes a lock over all
/// commits of the database.
async fn tell_others(pool: DatabaseConnection, bells: Arc<Bells>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = bells.rung.notified() => {}
            () = stop.cancelled() => return,
        }
        let mut statement = format!("NOTIFY {LOG_CHANNEL}");
        if bells.jobs.swap(false, Ordering::AcqRel) {
            statement.push_str("; NOTIFY ");
            statement.push_str(JOBS_CHANNEL);
        }
        if let Err(error) = pool.execute_unprepared(&statement).await {
            tracing::warn!(%error, "other processes were not told of new events; they will poll");
        }
    }
}

async fn listen(
    pool: DatabaseConnection,
    ring: Arc<Notify>,
    jobs: Arc<Notify>,
    stop: CancellationToken,
) {
    loop {
        let ended = tokio::select! {
            () = stop.cancelled() => return,
            ended = hear(&pool, &ring, &jobs) => ended,
        };
        if let Err(error) = ended {
            tracing::warn!(%error, "lost the line to other processes; polling until it is back");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

async fn hear(
    pool: &DatabaseConnection,
    ring: &Notify,
    jobs: &Notify,
) -> Result<(), sea_orm::sqlx::Error> {
    let mut listener = PgListener::connect_with(pool.get_postgres_connection_pool()).await?;
    listener.listen_all([LOG_CHANNEL, JOBS_CHANNEL]).await?;
    // Whatever was rung while nobody listened.
    ring.notify_one();
    jobs.notify_one();
    loop {
        match listener.recv().await?.channel() {
            JOBS_CHANNEL => jobs.notify_one(),
            _ => ring.notify_one(),
        }
    }
}
