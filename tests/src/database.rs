//! Databases for tests: an SQLite file, or a PostgreSQL database, each of its own.

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tempfile::TempDir;

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file.
    Sqlite,
    /// A database of the server that `OPENINTENT_TEST_POSTGRES` names.
    Postgres,
}

/// A database that is removed after the test.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Sqlite(TempDir),
    Postgres {
        admin: String,
        name: String,
    },
    /// Somebody else removes it.
    Shared,
}

/// The PostgreSQL server for tests. `tests/run` sets it, and starts one where there is none.
fn postgres_url() -> String {
    std::env::var("OPENINTENT_TEST_POSTGRES")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned())
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(2).sqlx_logging(false);
    Database::connect(options).await.unwrap_or_else(|error| {
        panic!(
            "tests need PostgreSQL at {url}: {error}; run them with `tests/run`, which starts one"
        )
    })
}

impl TestDatabase {
    /// Makes an empty database.
    pub async fn create(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite://{}", folder.path().join("test.db").display());
                Self {
                    url,
                    place: Place::Sqlite(folder),
                }
            }
            Backend::Postgres => {
                let admin = postgres_url();
                let name = format!("oi_test_{}", uuid::Uuid::now_v7().simple());
                let connection = connect(&admin).await;
                connection
                    .execute_unprepared(&format!("CREATE DATABASE {name}"))
                    .await
                    .unwrap();
                connection.close().await.unwrap();
                let base = admin
                    .rsplit_once('/')
                    .map_or(admin.as_str(), |(base, _)| base);
                Self {
                    url: format!("{base}/{name}"),
                    place: Place::Postgres { admin, name },
                }
            }
        }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same database once more, for another server. Only the first handle removes it.
    pub fn again(&self) -> Self {
        Self {
            url: self.url.clone(),
            place: Place::Shared,
        }
    }

    /// PostgreSQL: breaks all connections and lets nobody in, or lets everybody in again.
    pub async fn refuse_connections(&self, refuse: bool) {
        let Place::Postgres { admin, name } = &self.place else {
            panic!("only a PostgreSQL server can refuse");
        };
        let connection = connect(admin).await;
        let allow = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {}", !refuse);
        connection.execute_unprepared(&allow).await.unwrap();
        if refuse {
            let terminate = format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            );
            connection.execute_unprepared(&terminate).await.unwrap();
        }
        connection.close().await.unwrap();
    }

    /// Keeps all servers from writing until what is returned is dropped or rolled back.
    #[expect(
        clippy::disallowed_methods,
        reason = "it writes nothing, so that nobody else can"
    )]
    pub async fn hold_writes(&self) -> DatabaseTransaction {
        let db = self.connect().await;
        if db.get_database_backend() == DbBackend::Sqlite {
            let options = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            };
            return db.begin_with_options(options).await.unwrap();
        }
        let transaction = db.begin().await.unwrap();
        let lock = "LOCK TABLE events IN EXCLUSIVE MODE";
        transaction.execute_unprepared(lock).await.unwrap();
        transaction
    }

    /// A connection of the test's own.
    pub async fn connect(&self) -> DatabaseConnection {
        if self.url.starts_with("sqlite:") {
            return connect(&format!("{}?mode=rwc", self.url)).await;
        }
        connect(&self.url).await
    }

    /// Removes it. Nothing may be connected any more.
    pub async fn remove(self) {
        match self.place {
            Place::Shared => {}
            Place::Sqlite(folder) => folder.close().unwrap(),
            Place::Postgres { admin, name } => {
                let connection = connect(&admin).await;
                let statement = format!("DROP DATABASE {name} WITH (FORCE)");
                connection.execute_unprepared(&statement).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }
}
