//! What the tests run against: the real server with a database of its own, on SQLite and on
//! PostgreSQL, in this process (with a clock that tests move) or as the real program (which tests
//! kill), and the generated client to talk to it.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test may panic"
)]

pub mod cluster;
pub mod database;
pub mod invariants;
pub mod process;
pub mod proxy;
pub mod raw;
pub mod statements;
pub mod steps;

use std::{future::Future, time::Duration};

use openintent_client::Client;
use openintent_server::{
    app::{self, App},
    auth::{self, Actor, NewKey, Role},
    clock::Clock,
    config::Config,
    http,
};
use tokio::{net::TcpListener, task::JoinHandle};

pub use database::{Backend, TestDatabase};
pub use process::Process;

/// 2026-01-01T00:00:00Z, where a test's clock starts.
pub const START: openintent_entities::Timestamp =
    openintent_entities::Timestamp(1_767_225_600_000_000);

/// A server in this process.
#[derive(Debug)]
pub struct Server {
    /// The server's inside, for tests of what cannot be seen from outside.
    pub app: App,
    /// Its clock.
    pub clock: Clock,
    /// Its address, `http://127.0.0.1:…`.
    pub url: String,
    database: TestDatabase,
    serving: JoinHandle<()>,
}

impl Server {
    /// Starts a server with a fresh database and a clock that stands still.
    pub async fn start(backend: Backend) -> Self {
        Self::start_with(backend, |_| {}).await
    }

    /// The same, with other settings.
    pub async fn start_with(backend: Backend, configure: impl FnOnce(&mut Config)) -> Self {
        let database = TestDatabase::create(backend).await;
        Self::start_on(database, Clock::manual(START), configure).await
    }

    /// Starts a server on a database that is there already.
    pub async fn start_on(
        database: TestDatabase,
        clock: Clock,
        configure: impl FnOnce(&mut Config),
    ) -> Self {
        app::install_metrics();
        let mut config = Config {
            database_url: database.url().to_owned(),
            database_connections: 6,
            ..Config::default()
        };
        configure(&mut config);
        let app = App::open(config, clock.clone()).await.unwrap();
        app.keys().allow_development_keys();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        app.start();
        let serving = tokio::spawn({
            let app = app.clone();
            async move { http::serve(app, listener).await.unwrap() }
        });
        Self {
            app,
            clock,
            url,
            database,
            serving,
        }
    }

    /// Starts another server with the same clock on the same database.
    pub async fn beside(&self) -> Self {
        Self::start_on(self.database.again(), self.clock.clone(), |_| {}).await
    }

    /// Its database.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// A client with the development key of an admin, acting as `agent`.
    pub fn client(&self, agent: &str) -> Client {
        client(&self.url, "dev-user-key", agent)
    }

    /// A client with a new key of this role, acting as its own name.
    pub async fn client_with_role(&self, role: Role, name: &str) -> Client {
        let key = self.key(role, name).await;
        client(&self.url, &key.1, name)
    }

    /// A new key: its id and its secret.
    pub async fn key(&self, role: Role, name: &str) -> (openintent_entities::id::KeyId, String) {
        let new = NewKey {
            name: name.to_owned(),
            role,
            agent_id: None,
            expires_at: None,
        };
        let (row, secret) = auth::create_key(&self.app, &Actor::system(), &new)
            .await
            .unwrap();
        (row.id, secret.0)
    }

    /// Moves the clock.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Stops the server, checks what must always hold, and removes the database.
    pub async fn stop(self) {
        let database = self.halt().await;
        invariants::check(&database).await;
        database.remove().await;
    }

    /// Stops the server and keeps the database.
    pub async fn halt(self) -> TestDatabase {
        self.app.shutdown().cancel();
        self.serving.await.unwrap();
        self.app.close().await;
        self.database
    }
}

/// A client of a server.
pub fn client(url: &str, key: &str, agent: &str) -> Client {
    Client::builder(url)
        .api_key(key)
        .agent_id(agent)
        .build()
        .unwrap()
}

/// Waits until something is so, at most ten seconds.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while !is_so().await {
        assert!(
            tokio::time::Instant::now() < deadline,
            "still not so after ten seconds: {what}"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Runs each test on SQLite and on PostgreSQL, with a server of its own that is checked and removed
/// afterwards: `on_both! { async fn name(server: &Server) { … } }`.
#[macro_export]
macro_rules! on_both {
    ($($(#[$attribute:meta])* async fn $name:ident($server:ident: &Server $(,)?) $body:block)+) => {$(
        $(#[$attribute])*
        mod $name {
            use super::*;

            async fn claim($server: &$crate::Server) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                let server = $crate::Server::start($crate::Backend::Sqlite).await;
                claim(&server).await;
                server.stop().await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                let server = $crate::Server::start($crate::Backend::Postgres).await;
                claim(&server).await;
                server.stop().await;
            }
        }
    )+};
}

/// Runs each test with SQLite and with PostgreSQL, for tests that start servers themselves:
/// `on_both_databases! { async fn name(backend: Backend) { … } }`.
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$attribute:meta])* async fn $name:ident($backend:ident: Backend) $body:block)+) => {$(
        $(#[$attribute])*
        mod $name {
            use super::*;

            async fn claim($backend: $crate::Backend) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                claim($crate::Backend::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                claim($crate::Backend::Postgres).await;
            }
        }
    )+};
}
