//! Databases for one benchmark each.

use std::{
    fs::File,
    io::Write as _,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use clap::ValueEnum;
use openintent_migration::{Migrator, MigratorTrait as _};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, DatabaseConnection, Statement,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use tempfile::TempDir;

use crate::Result;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// A file.
    Sqlite,
    /// A new database of the server that `OPENINTENT_TEST_POSTGRES` names.
    Postgres,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// A database with the server's tables.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) kind: Kind,
    pub(crate) url: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Folder(TempDir),
    Name(String),
}

fn postgres_url(database: &str) -> String {
    let given = std::env::var("OPENINTENT_TEST_POSTGRES");
    let url = given
        .as_deref()
        .unwrap_or("postgres://postgres@127.0.0.1:5432/postgres");
    match (url.rsplit_once('/'), database) {
        (Some((server, _)), name) if !name.is_empty() => format!("{server}/{name}"),
        _ => url.to_owned(),
    }
}

impl Database {
    /// A new one. Files lie beside this program: a folder for temporary files may be in memory.
    pub(crate) async fn create(kind: Kind) -> Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let program = std::env::current_exe()?;
        let database = match kind {
            Kind::Sqlite => {
                let folder = program.parent().ok_or("a program without a folder")?;
                let folder = TempDir::with_prefix_in("bench", folder)?;
                Self {
                    kind,
                    url: format!("sqlite://{}", folder.path().join("bench.db").display()),
                    place: Place::Folder(folder),
                }
            }
            Kind::Postgres => {
                let number = NUMBER.fetch_add(1, Ordering::Relaxed);
                let name = format!("openintent_bench_{}_{number}", std::process::id());
                let server = connect(&postgres_url(""), 1).await?;
                server
                    .execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                    .await?;
                server
                    .execute_unprepared(&format!("CREATE DATABASE {name}"))
                    .await?;
                Self {
                    kind,
                    url: postgres_url(&name),
                    place: Place::Name(name),
                }
            }
        };
        let connection = database.connect(1).await?;
        Migrator::up(&connection, None).await?;
        connection.close().await?;
        Ok(database)
    }

    /// A pool with the settings that the server uses.
    pub(crate) async fn connect(&self, connections: u32) -> Result<DatabaseConnection> {
        connect(&self.url, connections).await
    }

    /// How long the disk takes to keep a page, where the database is a file.
    pub(crate) fn sync_time(&self) -> Result<Option<Duration>> {
        let Place::Folder(folder) = &self.place else {
            return Ok(None);
        };
        let mut file = File::create(folder.path().join("probe"))?;
        let mut times = Vec::new();
        for _ in 0..31 {
            let started = Instant::now();
            file.write_all(&[7; 4096])?;
            file.sync_data()?;
            times.push(started.elapsed());
        }
        times.sort_unstable();
        Ok(Some(times[times.len() / 2]))
    }

    /// Removes it.
    pub(crate) async fn remove(self) -> Result<()> {
        match self.place {
            Place::Folder(folder) => folder.close()?,
            Place::Name(name) => {
                let server = connect(&postgres_url(""), 1).await?;
                server
                    .execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)"))
                    .await?;
            }
        }
        Ok(())
    }
}

async fn connect(url: &str, connections: u32) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .pragma("mmap_size", "268435456")
                .pragma("cache_size", "-16384")
                .statement_cache_capacity(512)
        });
    Ok(sea_orm::Database::connect(options).await?)
}

/// The version of the database system.
pub(crate) async fn version(kind: Kind) -> Result<String> {
    let (connection, sql) = match kind {
        Kind::Sqlite => (
            connect("sqlite::memory:", 1).await?,
            "SELECT sqlite_version()",
        ),
        Kind::Postgres => (connect(&postgres_url(""), 1).await?, "SHOW server_version"),
    };
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await?;
    Ok(row.ok_or("no version")?.try_get_by_index(0)?)
}
