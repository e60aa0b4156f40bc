//! State patches: over GraphQL and HTTP by many clients, each with an intent of its own. The baseline
//! writes the same rows through sea-orm in this process: on SQLite one task commits in groups at
//! `synchronous=FULL`, a savepoint each; on PostgreSQL each client has its own transaction.

use std::net::SocketAddr;

use openintent_entities::{id::IntentId, intent};
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, EntityTrait as _, QuerySelect as _,
    SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use crate::{
    Result, Settings,
    database::{Database, Kind},
    http::{self, Http},
    load::{self, Client},
    report::{Report, Rounds, each},
    rows,
    server::Server,
};

const PATCH: &str = "mutation Patch($id: ID!, $version: Int!, $patches: [StatePatch!]!) { \
     patchState(input: { intentId: $id, expectedVersion: $version, patches: $patches }) { \
     cursor errors { code } } }";

/// Connections of the server's pool, and of the baseline's.
const CONNECTIONS: u32 = 10;
/// So many changes share one commit at most, as in the server.
const GROUP: usize = 256;

pub(crate) async fn measure(settings: &Settings, kind: Kind) -> Result<Report> {
    let database = Database::create(kind).await?;
    let reference = Database::create(kind).await?;
    let pool = reference
        .connect(if kind == Kind::Sqlite { 1 } else { CONNECTIONS })
        .await?;
    let own = rows::insert_open(&pool, settings.clients).await?;
    let connection = database.connect(1).await?;
    let served = rows::insert_open(&connection, settings.clients).await?;
    connection.close().await?;
    let server = Server::start(settings, &database.url).await?;

    let mut clients = Vec::new();
    for intent in &served {
        clients.push(Patching::connect(server.address, intent).await?);
    }
    let mut report = Report::compared(format!("patch-{}", kind.name()));
    let (rounds, note) = match kind {
        Kind::Sqlite => {
            let (queue, requests) = mpsc::channel(1_024);
            let writer = tokio::spawn(write_in_groups(pool, requests));
            let bare = own.into_iter().map(|intent| Queueing {
                queue: queue.clone(),
                intent: Some(intent),
            });
            let done = alternate(settings, &server, bare.collect(), &mut clients).await?;
            drop(queue);
            writer.await??;
            done
        }
        Kind::Postgres => {
            let bare = own.into_iter().map(|intent| Transacting {
                pool: pool.clone(),
                intent,
            });
            alternate(settings, &server, bare.collect(), &mut clients).await?
        }
    };
    let what = format!("patches, {} clients", settings.clients);
    report.row(rounds.cells(&what, "/s", 0.5)).note(note);
    if let Some(time) = database.sync_time()? {
        report.note(format!(
            "The disk takes {time:.1?} to keep a page; the slower it is, the less else counts."
        ));
    }
    server.stop().await?;
    database.remove().await?;
    reference.remove().await?;
    Ok(report)
}

async fn alternate<B: Client>(
    settings: &Settings,
    server: &Server,
    mut bare: Vec<B>,
    clients: &mut Vec<Patching>,
) -> Result<(Rounds, String)> {
    let mut rounds = Rounds::default();
    let mut note = String::new();
    let duration = settings.duration();
    // Caches fill and statements are prepared before anything counts.
    load::run(&mut bare, duration / 4).await?;
    load::run(clients, duration / 4).await?;
    for _ in 0..settings.rounds {
        let without = load::run(&mut bare, duration).await?;
        let before = server.processor_time()?;
        let over_http = load::run(clients, duration).await?;
        let used = each(server.processor_time()? - before, over_http.count);
        rounds.push(without.per_second, over_http.per_second);
        note = format!(
            "Last round: server {over_http}, {used} of processor time each; baseline {without}."
        );
    }
    Ok((rounds, note))
}

/// Patches over HTTP.
pub(crate) struct Patching {
    http: Http,
    id: IntentId,
    version: i64,
}

impl Patching {
    pub(crate) async fn connect(address: SocketAddr, intent: &intent::Model) -> Result<Self> {
        Ok(Self {
            http: Http::connect(address).await?,
            id: intent.id.clone(),
            version: intent.version,
        })
    }
}

impl Client for Patching {
    async fn step(&mut self) -> Result<()> {
        let patches = json!([{ "set": { "path": "/step", "value": self.version } }]);
        let variables = json!({ "id": self.id, "version": self.version, "patches": patches });
        let answer = self
            .http
            .exchange(&http::graphql(PATCH, &variables))
            .await?;
        if http::find(answer, b"\"errors\":[]").is_none() {
            return Err(String::from_utf8_lossy(answer).into());
        }
        self.version += 1;
        Ok(())
    }
}

type Request = (intent::Model, oneshot::Sender<intent::Model>);

/// Has its patches written by the task that commits in groups.
struct Queueing {
    queue: mpsc::Sender<Request>,
    intent: Option<intent::Model>,
}

impl Client for Queueing {
    async fn step(&mut self) -> Result<()> {
        let (reply, written) = oneshot::channel();
        let intent = self.intent.take().ok_or("the intent was lost")?;
        self.queue.send((intent, reply)).await?;
        self.intent = Some(written.await?);
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "the baseline has no server")]
async fn write_in_groups(
    connection: DatabaseConnection,
    mut requests: mpsc::Receiver<Request>,
) -> Result<()> {
    let mut position = 0;
    while let Some(first) = requests.recv().await {
        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = connection.begin_with_options(immediate).await?;
        let mut next = Some(first);
        let mut written = Vec::new();
        let mut savepoint = "SAVEPOINT change";
        while let Some((mut intent, reply)) = next.take() {
            transaction.execute_unprepared(savepoint).await?;
            savepoint = "RELEASE change; SAVEPOINT change";
            position += 1;
            rows::patch(&transaction, &mut intent, Some(position)).await?;
            written.push((intent, reply));
            if written.len() < GROUP {
                next = requests.try_recv().ok();
            }
        }
        transaction.commit().await?;
        for (intent, reply) in written {
            // Whoever waits for it waits until the end.
            let _ = reply.send(intent);
        }
    }
    Ok(connection.close().await?)
}

/// Writes its patches in transactions of its own.
struct Transacting {
    pool: DatabaseConnection,
    intent: intent::Model,
}

impl Client for Transacting {
    #[expect(clippy::disallowed_methods, reason = "the baseline has no server")]
    async fn step(&mut self) -> Result<()> {
        let transaction = self.pool.begin().await?;
        let mut intent = intent::Entity::find_by_id(self.intent.id.clone())
            .lock_exclusive()
            .one(&transaction)
            .await?
            .ok_or("the intent is gone")?;
        rows::patch(&transaction, &mut intent, None).await?;
        transaction.commit().await?;
        Ok(())
    }
}
