//! The database behind the server: SQLite (one writer that commits in groups, a pool of readers) or
//! PostgreSQL (a pool).

mod sqlite;

use std::time::Duration;

use openintent_migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, sea_query::Expr,
};

pub(crate) use sqlite::{Turn, Writer};

/// Why a database could not be opened; the text says what would help.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is of no kind that is understood.
    #[error(
        "database address `{0}` is not understood: use `sqlite://FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`"
    )]
    Address(String),
    /// An in-memory database would be another one for each connection.
    #[error("an in-memory SQLite database cannot be shared by readers and writer: name a file")]
    InMemory,
    /// The database refused.
    #[error("cannot open the database: {0}")]
    Database(#[from] DbErr),
}

/// An open database.
#[derive(Debug, Clone)]
pub struct Database {
    reads: DatabaseConnection,
    writes: Writes,
}

#[derive(Debug, Clone)]
pub(crate) enum Writes {
    Sqlite(Writer),
    Postgres(DatabaseConnection),
}

/// How to open a database.
#[derive(Debug, Clone)]
pub struct Options {
    /// `sqlite://…` or `postgres://…`.
    pub url: String,
    /// Connections for reading (SQLite) or for everything (PostgreSQL).
    pub connections: u32,
}

impl Database {
    /// Opens the database. An SQLite file is created when it is missing. Starts the SQLite writer,
    /// so it must be called inside a tokio runtime.
    ///
    /// # Errors
    /// The address is not understood or the database refuses.
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        let url = options.url.as_str();
        if url.starts_with("sqlite:") {
            if url.contains(":memory:") || url.contains("mode=memory") {
                return Err(OpenError::InMemory);
            }
            let writer = sea_orm::Database::connect(sqlite_options(url, 1, false)).await?;
            let reads =
                sea_orm::Database::connect(sqlite_options(url, options.connections, true)).await?;
            Ok(Self {
                reads,
                writes: Writes::Sqlite(Writer::start(writer)),
            })
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let pool =
                sea_orm::Database::connect(postgres_options(url, options.connections)).await?;
            Ok(Self {
                reads: pool.clone(),
                writes: Writes::Postgres(pool),
            })
        } else {
            Err(OpenError::Address(without_password(url)))
        }
    }

    /// The connection pool for reading. Writing goes through `App::change`.
    #[must_use]
    pub fn reads(&self) -> &DatabaseConnection {
        &self.reads
    }

    pub(crate) fn writes(&self) -> &Writes {
        &self.writes
    }

    /// `SQLite` or `PostgreSQL`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.writes {
            Writes::Sqlite(_) => "SQLite",
            Writes::Postgres(_) => "PostgreSQL",
        }
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// A migration failed, or the database is ahead of this program.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        Migrator::up(self.migrations(), None).await
    }

    /// The connection for migrations, before anything else writes.
    #[must_use]
    pub fn migrations(&self) -> &DatabaseConnection {
        match &self.writes {
            Writes::Sqlite(writer) => writer.connection(),
            Writes::Postgres(pool) => pool,
        }
    }

    /// How many migrations are missing.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn pending_migrations(&self) -> Result<usize, DbErr> {
        // Looking writes too: it makes the table that migrations are noted in.
        let pending = Migrator::get_pending_migrations(self.migrations()).await?;
        Ok(pending.len())
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.reads.execute_unprepared("SELECT 1").await.map(|_| ())
    }

    /// Brings the gauges of connections and of waiting writers up to date.
    pub(crate) fn measure(&self) {
        let (size, idle) = match &self.writes {
            Writes::Sqlite(writer) => {
                metrics::gauge!("openintent_write_queue_depth").set(writer.waiting());
                let pool = self.reads.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle())
            }
            Writes::Postgres(pool) => {
                let pool = pool.get_postgres_connection_pool();
                (pool.size(), pool.num_idle())
            }
        };
        let idle = u32::try_from(idle).unwrap_or(u32::MAX);
        metrics::gauge!("openintent_db_connections", "state" => "idle").set(idle);
        metrics::gauge!("openintent_db_connections", "state" => "used")
            .set(size.saturating_sub(idle));
    }

    /// Finishes what is being written and closes all connections.
    pub async fn close(self) {
        if let Writes::Sqlite(writer) = &self.writes {
            writer.stop().await;
        }
        if let Err(error) = self.reads.close().await {
            tracing::warn!(%error, "the database did not close cleanly");
        }
    }
}

fn base_options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .sqlx_logging(false);
    options
}

fn sqlite_options(url: &str, connections: u32, read_only: bool) -> ConnectOptions {
    use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
    let mut options = base_options(url, connections);
    options
        .idle_timeout(None)
        .map_sqlx_sqlite_opts(move |sqlite| {
            let sqlite = sqlite
                .create_if_missing(true)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
                .pragma("mmap_size", "268435456")
                .pragma("cache_size", "-16384")
                .statement_cache_capacity(512);
            if read_only {
                sqlite.pragma("query_only", "ON")
            } else {
                sqlite
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
            }
        });
    options
}

fn postgres_options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = base_options(url, connections);
    options.map_sqlx_postgres_opts(|postgres| {
        postgres
            .application_name("openintent-server")
            .statement_cache_capacity(512)
            // Waiting longer than this for a row means something is stuck: fail and run again.
            .options([
                ("lock_timeout", "5s"),
                ("idle_in_transaction_session_timeout", "60s"),
            ])
    });
    options
}

/// The address without its password, for messages.
#[must_use]
pub fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 < at => {
            let user = url[scheme + 3..at].split(':').next().unwrap_or_default();
            format!("{}{user}:***{}", &url[..scheme + 3], &url[at..])
        }
        _ => url.to_owned(),
    }
}

/// Hand-written SQL with one parameter, written `$1`, as an expression.
pub(crate) fn expression(backend: DbBackend, sql: &str, value: impl Into<sea_orm::Value>) -> Expr {
    // The query builder knows parameters in hand-written SQL only in the database's own form.
    match backend {
        DbBackend::Postgres => Expr::cust_with_values(sql.to_owned(), [value]),
        _ => Expr::cust_with_values(sql.replace("$1", "?"), [value]),
    }
}
