//! SQLite's one writer. Changes take turns on its connection; what has queued up is committed as
//! one group, each change in its own savepoint, and nobody gets an answer before the commit that
//! holds the change is on disk (`synchronous=FULL`). One sync of the disk serves the whole group.

use openintent_entities::event;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait,
    QuerySelect, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};

use crate::error::Error;

/// So many changes share one commit at most: it bounds how long the first of them waits.
const MAX_GROUP: usize = 256;
/// So many changes may wait for their turn; more wait in their own tasks.
const QUEUE: usize = 1_024;

/// Hands out turns to write. Clones share the one connection.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    connection: DatabaseConnection,
    queue: mpsc::Sender<Request>,
}

#[derive(Debug)]
enum Request {
    Turn(oneshot::Sender<Result<Turn, Error>>),
    Stop(oneshot::Sender<()>),
}

/// The sole right to write, inside a savepoint. Dropping it undoes what was written.
#[derive(Debug)]
pub(crate) struct Turn {
    session: Option<Session>,
    back: Option<oneshot::Sender<(Session, Outcome)>>,
}

/// What travels between the writer and whose turn it is.
#[derive(Debug)]
struct Session {
    transaction: DatabaseTransaction,
    /// The position of the last event written so far, in this group or before it.
    position: i64,
}

#[derive(Debug)]
enum Outcome {
    /// Keep it, and tell when it is on disk.
    Keep(oneshot::Sender<Result<(), Error>>),
    /// Undo it.
    Discard,
}

impl Turn {
    /// The connection to write on.
    pub(crate) fn connection(&self) -> &DatabaseTransaction {
        match &self.session {
            Some(session) => &session.transaction,
            None => unreachable!("a turn has its session until it is given back, which ends it"),
        }
    }

    /// The next free position in the log. There is one writer, so the order of insertion is the
    /// order of commits.
    pub(crate) fn next_position(&mut self) -> Option<i64> {
        let session = self.session.as_mut()?;
        session.position += 1;
        Some(session.position)
    }

    /// Ends the turn; returns when what was written is on disk.
    pub(crate) async fn commit(mut self) -> Result<(), Error> {
        let (done, on_disk) = oneshot::channel();
        self.give_back(Outcome::Keep(done));
        on_disk.await.unwrap_or_else(|_| Err(stopped()))
    }

    fn give_back(&mut self, outcome: Outcome) {
        if let (Some(session), Some(back)) = (self.session.take(), self.back.take()) {
            // The writer waits for this as long as it lives.
            let _ = back.send((session, outcome));
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.give_back(Outcome::Discard);
    }
}

fn stopped() -> Error {
    Error::Unavailable {
        message: "the server is stopping".to_owned(),
        retry_after_ms: 1_000,
    }
}

impl Writer {
    /// Starts the writer on a connection of its own.
    pub(crate) fn start(connection: DatabaseConnection) -> Self {
        let (queue, requests) = mpsc::channel(QUEUE);
        tokio::spawn(run(connection.clone(), requests));
        Self { connection, queue }
    }

    /// The connection itself, for migrations before anything else writes.
    pub(crate) fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// How many changes wait for their turn.
    pub(crate) fn waiting(&self) -> u32 {
        u32::try_from(self.queue.max_capacity() - self.queue.capacity()).unwrap_or(u32::MAX)
    }

    /// Waits for a turn.
    pub(crate) async fn turn(&self) -> Result<Turn, Error> {
        let (reply, turn) = oneshot::channel();
        if self.queue.send(Request::Turn(reply)).await.is_err() {
            return Err(stopped());
        }
        turn.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Returns when everything queued so far is on disk and the writer has ended.
    pub(crate) async fn stop(&self) {
        let (done, stopped) = oneshot::channel();
        if self.queue.send(Request::Stop(done)).await.is_ok() {
            let _ = stopped.await;
        }
    }
}

async fn run(connection: DatabaseConnection, mut requests: mpsc::Receiver<Request>) {
    while let Some(request) = requests.recv().await {
        match request {
            Request::Turn(first) => {
                if let Some(done) = group(&connection, first, &mut requests).await {
                    let _ = done.send(());
                    return;
                }
            }
            Request::Stop(done) => {
                let _ = done.send(());
                return;
            }
        }
    }
}

/// Serves turns in one transaction until nobody is waiting or the group is full, then commits.
/// Returns whom to tell when the writer was asked to stop.
async fn group(
    connection: &DatabaseConnection,
    first: oneshot::Sender<Result<Turn, Error>>,
    requests: &mut mpsc::Receiver<Request>,
) -> Option<oneshot::Sender<()>> {
    let mut session = match begin(connection).await {
        Ok(session) => session,
        Err(error) => {
            let _ = first.send(Err(error.into()));
            return None;
        }
    };
    let mut waiting = Vec::new();
    let mut stop = None;
    let mut next = Some(first);
    let mut savepoint = "SAVEPOINT change";
    while let Some(reply) = next.take() {
        if let Err(error) = session.transaction.execute_unprepared(savepoint).await {
            let _ = reply.send(Err(error.into()));
            break;
        }
        savepoint = "RELEASE change; SAVEPOINT change";
        let position = session.position;
        let (back, turn_end) = oneshot::channel();
        // A caller that has gone away drops its turn, which then comes back as discarded.
        let _ = reply.send(Ok(Turn {
            session: Some(session),
            back: Some(back),
        }));
        let Ok((returned, outcome)) = turn_end.await else {
            // Cannot happen: a turn always gives back. The transaction rolls back by itself.
            fail(waiting, &Error::broken("a turn to write was lost"));
            return None;
        };
        session = returned;
        match outcome {
            Outcome::Keep(done) => waiting.push(done),
            Outcome::Discard => {
                session.position = position;
                if let Err(error) = session
                    .transaction
                    .execute_unprepared("ROLLBACK TO change")
                    .await
                {
                    fail(waiting, &error.into());
                    return None;
                }
            }
        }
        if waiting.len() < MAX_GROUP {
            match requests.try_recv() {
                Ok(Request::Turn(reply)) => next = Some(reply),
                Ok(Request::Stop(done)) => stop = Some(done),
                Err(_) => {}
            }
        }
    }
    let size = waiting.len();
    match session.transaction.commit().await {
        Ok(()) => {
            metrics::histogram!("openintent_commit_group_size")
                .record(u32::try_from(size).unwrap_or(u32::MAX));
            for done in waiting {
                let _ = done.send(Ok(()));
            }
        }
        Err(error) => fail(waiting, &error.into()),
    }
    stop
}

fn fail(waiting: Vec<oneshot::Sender<Result<(), Error>>>, error: &Error) {
    for done in waiting {
        let _ = done.send(Err(error.clone()));
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the writer's group transaction is the one place"
)]
async fn begin(connection: &DatabaseConnection) -> Result<Session, DbErr> {
    let transaction = connection
        .begin_with_options(TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
        .await?;
    let position = event::Entity::find()
        .select_only()
        .expr(event::Column::Position.max())
        .into_tuple::<Option<i64>>()
        .one(&transaction)
        .await?
        .flatten()
        .unwrap_or(0);
    Ok(Session {
        transaction,
        position,
    })
}
