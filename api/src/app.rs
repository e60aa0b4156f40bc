//! What every part of the server works with. Cheap to clone.

use std::sync::{Arc, OnceLock};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    auth::{self, Keys},
    clock::Clock,
    config::Config,
    db::{Database, OpenError, Options},
    log::Log,
    scheduler::{self, Scheduler},
    schema::{self, Schema},
};

/// The running server's parts.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    config: Config,
    clock: Clock,
    database: Database,
    log: Log,
    scheduler: Scheduler,
    keys: Keys,
    schema: Schema,
    fast_schema: Schema,
    shutdown: CancellationToken,
    log_stop: CancellationToken,
    log_tasks: TaskTracker,
    tasks: TaskTracker,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("database", &self.0.database.kind())
            .finish_non_exhaustive()
    }
}

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Installs the metrics recorder, once per process.
pub fn install_metrics() {
    const BUCKETS: [f64; 14] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
    ];
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS);
    if METRICS.get().is_none()
        && let Ok(handle) = builder.and_then(PrometheusBuilder::install_recorder)
    {
        // Somebody else was quicker: theirs serves as well.
        let _ = METRICS.set(handle);
    }
}

impl App {
    /// Opens the database and starts reading the log. Scheduled work begins with [`App::start`].
    ///
    /// # Errors
    /// The database cannot be opened or brought up to date.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, OpenError> {
        let options = Options {
            url: config.database_url.clone(),
            connections: config.database_connections,
        };
        let database = Database::open(&options).await?;
        database.migrate().await?;
        let scheduler = Scheduler::default();
        let log_stop = CancellationToken::new();
        let log_tasks = TaskTracker::new();
        let log = Log::start(&database, scheduler.notify(), &log_tasks, log_stop.clone()).await?;
        Ok(Self(Arc::new(Parts {
            schema: schema::build(async_graphql::ValidationMode::Strict),
            fast_schema: schema::build(async_graphql::ValidationMode::Fast),
            config,
            clock,
            database,
            log,
            scheduler,
            keys: Keys::default(),
            shutdown: CancellationToken::new(),
            log_stop,
            log_tasks,
            tasks: TaskTracker::new(),
        })))
    }

    /// Starts what goes on in the background: scheduled work, and following key revocations.
    pub fn start(&self) {
        self.0.tasks.spawn(scheduler::run(self.clone()));
        self.0.tasks.spawn(auth::keep_up(self.clone()));
    }

    /// Stops everything, finishes what is being written, and closes the database.
    pub async fn close(self) {
        self.0.shutdown.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.0.log_stop.cancel();
        self.0.log_tasks.close();
        self.0.log_tasks.wait().await;
        self.0.database.clone().close().await;
    }

    /// The schema, checking each document fully.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.0.schema
    }

    /// The same schema, for documents that were checked before.
    #[must_use]
    pub fn fast_schema(&self) -> &Schema {
        &self.0.fast_schema
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.0.log
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The database, for reading. Writing goes through [`App::change`].
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.0.database
    }

    /// The API keys that this process knows.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// Scheduled work.
    #[must_use]
    pub fn scheduler(&self) -> &Scheduler {
        &self.0.scheduler
    }

    /// Cancelled when the server is told to stop.
    #[must_use]
    pub fn shutdown(&self) -> CancellationToken {
        self.0.shutdown.clone()
    }

    /// Whether requests can be served.
    ///
    /// # Errors
    /// What is missing, in words.
    pub async fn ready(&self) -> Result<(), String> {
        if self.0.shutdown.is_cancelled() {
            return Err("the server is stopping".to_owned());
        }
        self.0
            .database
            .ping()
            .await
            .map_err(|error| format!("the database does not answer: {error}"))
    }

    /// The metrics in Prometheus' text form.
    #[must_use]
    pub fn metrics(&self) -> String {
        self.0.database.measure();
        self.0.log.measure();
        METRICS.get().map_or_else(String::new, |handle| {
            handle.run_upkeep();
            handle.render()
        })
    }
}
