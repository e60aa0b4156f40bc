//! Configuration: flags over environment over one TOML file over defaults. What is not understood is
//! an error that says what would be right.

use std::{net::IpAddr, path::PathBuf};

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

/// The server's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address to listen on.
    pub host: IpAddr,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// `sqlite://FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`.
    pub database_url: String,
    /// Database connections: for reading with SQLite, for everything with PostgreSQL.
    pub database_connections: u32,
    /// How the log is written.
    pub log_format: LogFormat,
    /// What is logged: a level, or a filter such as `info,openintent_server::log=debug`.
    pub log_filter: String,
    /// What a client may ask for.
    pub limits: Limits,
    /// How the server speaks HTTP and websocket.
    pub http: Http,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host: IpAddr::from([127, 0, 0, 1]),
            port: 8000,
            database_url: "sqlite://openintent.db".to_owned(),
            database_connections: 10,
            log_format: LogFormat::Pretty,
            log_filter: "info,sqlx=warn,sea_orm_migration=warn".to_owned(),
            limits: Limits::default(),
            http: Http::default(),
        }
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// Bounds on what a client may ask for. An operation that passes one is refused before it runs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a request body, and of a websocket message.
    pub body_bytes: usize,
    /// Bytes of a GraphQL document.
    pub document_bytes: usize,
    /// Lexical tokens in a document, counted before it is parsed.
    pub tokens: usize,
    /// How deep brackets may nest in a document, counted before it is parsed.
    pub nesting: usize,
    /// How deep fields may nest, fragments expanded. Introspection has its own bound.
    pub depth: usize,
    /// Cost of an operation: one per field, a connection's content times its page size.
    pub complexity: usize,
    /// Aliased fields in an operation, fragments expanded.
    pub aliases: usize,
    /// Directives in an operation, fragments expanded.
    pub directives: usize,
    /// Fields at the root of an operation.
    pub root_fields: usize,
    /// Operations one websocket may have under way.
    pub subscriptions_per_socket: usize,
    /// Websocket operations all sockets of one API key may have under way.
    pub subscriptions_per_key: usize,
    /// Operations per second that one API key may start on average; 0 is no limit.
    pub requests_per_second: u32,
    /// Operations that one API key may start at once, before the average counts.
    pub request_burst: u32,
    /// Milliseconds that one request may take.
    pub request_timeout_ms: u64,
    /// Bytes of an intent's state, and of other JSON objects that are stored with it.
    pub state_bytes: usize,
    /// Bytes of the payload of an event that a client logs.
    pub event_bytes: usize,
    /// Intents in one answer of `intentGraph`.
    pub graph_nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            document_bytes: 128 << 10,
            tokens: 10_000,
            nesting: 50,
            depth: 15,
            complexity: 20_000,
            aliases: 100,
            directives: 100,
            root_fields: 50,
            subscriptions_per_socket: 100,
            subscriptions_per_key: 10_000,
            requests_per_second: 1_000,
            request_burst: 2_000,
            request_timeout_ms: 30_000,
            state_bytes: 1 << 20,
            event_bytes: 64 << 10,
            graph_nodes: 10_001,
        }
    }
}

/// How the server speaks HTTP and websocket.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Web origins, such as `https://board.example.org`, whose pages may call this server; `*` is any. Closed by default.
    pub allowed_origins: Vec<String>,
    /// Operations in one batch; 0 refuses batches.
    pub batch_operations: usize,
    /// Milliseconds that requests under way get to finish when the server stops.
    pub drain_ms: u64,
    /// Bytes of memory for parsed documents.
    pub document_cache_bytes: u64,
    /// Milliseconds a websocket has for its `connection_init`.
    pub init_timeout_ms: u64,
    /// Milliseconds between the pings that the server sends on a websocket.
    pub ping_interval_ms: u64,
    /// Milliseconds of silence after a ping until the peer counts as dead.
    pub pong_timeout_ms: u64,
    /// Milliseconds that a send may stand still until its websocket is given up.
    pub send_timeout_ms: u64,
    /// Payloads that a shared subscription keeps for the slowest of its subscribers.
    pub ring_capacity: usize,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            allowed_origins: Vec::new(),
            batch_operations: 0,
            drain_ms: 10_000,
            document_cache_bytes: 32 << 20,
            init_timeout_ms: 10_000,
            ping_interval_ms: 25_000,
            pong_timeout_ms: 20_000,
            send_timeout_ms: 30_000,
            ring_capacity: 64,
        }
    }
}

/// What can be given on the command line or in the environment.
#[derive(Debug, Clone, Default, Args)]
pub struct Overrides {
    /// TOML file to read settings from; see `openintent-server config` for all of them.
    #[arg(long, env = "OPENINTENT_CONFIG", global = true)]
    pub config: Option<PathBuf>,
    /// Address to listen on [default: 127.0.0.1].
    #[arg(long, env = "OPENINTENT_HOST", global = true)]
    pub host: Option<IpAddr>,
    /// Port to listen on; 0 takes a free one [default: 8000].
    #[arg(long, env = "OPENINTENT_PORT", global = true)]
    pub port: Option<u16>,
    /// `sqlite://FILE` or `postgres://USER:PASSWORD@HOST/DATABASE` [default: sqlite://openintent.db].
    #[arg(
        long,
        env = "OPENINTENT_DATABASE_URL",
        hide_env_values = true,
        global = true
    )]
    pub database_url: Option<String>,
    /// Database connections [default: 10].
    #[arg(long, env = "OPENINTENT_DATABASE_CONNECTIONS", global = true)]
    pub database_connections: Option<u32>,
    /// How the log is written [default: pretty].
    #[arg(long, env = "OPENINTENT_LOG_FORMAT", global = true)]
    pub log_format: Option<LogFormat>,
    /// What is logged: a level, or a filter such as `info,openintent_server::log=debug`
    /// [default: info,sqlx=warn,sea_orm_migration=warn].
    #[arg(long, env = "OPENINTENT_LOG_FILTER", global = true)]
    pub log_filter: Option<String>,
    /// Any setting, e.g. `--set limits.depth=20`. In the environment: `OPENINTENT_LIMITS__DEPTH=20`.
    #[arg(long = "set", value_name = "SETTING=VALUE", global = true)]
    pub set: Vec<String>,
}

/// Why a configuration was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {path}: {error}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file or a value is not understood.
    #[error("{origin}: {message}")]
    Invalid {
        /// Where it came from.
        origin: String,
        /// What is wrong.
        message: String,
    },
}

/// Environment variables of this program that are no settings.
const OTHER_VARIABLES: [&str; 7] = [
    "OPENINTENT_CONFIG",
    "OPENINTENT_HOST",
    "OPENINTENT_PORT",
    "OPENINTENT_DATABASE_URL",
    "OPENINTENT_DATABASE_CONNECTIONS",
    "OPENINTENT_LOG_FORMAT",
    "OPENINTENT_LOG_FILTER",
];

impl Config {
    /// Puts the configuration together.
    ///
    /// # Errors
    /// Something was given that is not understood.
    pub fn load(
        overrides: &Overrides,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut settings = Table::new();
        if let Some(path) = &overrides.config {
            let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
                path: path.clone(),
                error,
            })?;
            let origin = path.display().to_string();
            let table: Table = toml::from_str(&text).map_err(|error| ConfigError::Invalid {
                origin: origin.clone(),
                message: error.to_string(),
            })?;
            check(&table, &origin)?;
            settings = table;
        }
        for (name, value) in environment {
            let Some(setting) = name.strip_prefix("OPENINTENT_") else {
                continue;
            };
            if OTHER_VARIABLES.contains(&name.as_str()) || setting.starts_with("TEST_") {
                continue;
            }
            let path = setting.to_ascii_lowercase().replace("__", ".");
            put(
                &mut settings,
                &path,
                &value,
                &format!("environment variable {name}"),
            )?;
        }
        for given in &overrides.set {
            let origin = format!("--set {given}");
            let Some((path, value)) = given.split_once('=') else {
                return Err(ConfigError::Invalid {
                    origin,
                    message: "write SETTING=VALUE".to_owned(),
                });
            };
            put(&mut settings, path, value, &origin)?;
        }
        let mut config: Self =
            settings
                .try_into()
                .map_err(|error: toml::de::Error| ConfigError::Invalid {
                    origin: "configuration".to_owned(),
                    message: error.to_string(),
                })?;
        let Overrides {
            host,
            port,
            database_url,
            database_connections,
            log_format,
            log_filter,
            ..
        } = overrides.clone();
        config.host = host.unwrap_or(config.host);
        config.port = port.unwrap_or(config.port);
        config.database_url = database_url.unwrap_or(config.database_url);
        config.database_connections = database_connections.unwrap_or(config.database_connections);
        config.log_format = log_format.unwrap_or(config.log_format);
        config.log_filter = log_filter.unwrap_or(config.log_filter);
        if config.database_connections == 0 {
            return Err(ConfigError::Invalid {
                origin: "database_connections".to_owned(),
                message: "at least one connection is needed".to_owned(),
            });
        }
        Ok(config)
    }

    /// All settings with their present values, as a TOML file.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_default()
    }
}

/// Settings on their own must make a configuration: that finds unknown and malformed ones, and says
/// where they came from.
fn check(settings: &Table, origin: &str) -> Result<(), ConfigError> {
    settings
        .clone()
        .try_into::<Config>()
        .map(drop)
        .map_err(|error| ConfigError::Invalid {
            origin: origin.to_owned(),
            message: error.message().to_owned(),
        })
}

/// Sets one value. What reads as a number, a boolean or a list is one; all else is text.
fn put(settings: &mut Table, path: &str, text: &str, origin: &str) -> Result<(), ConfigError> {
    let value = toml::from_str::<Table>(&format!("value = {text}"))
        .ok()
        .and_then(|mut table| table.remove("value"))
        .filter(|value| {
            matches!(
                value,
                Value::Integer(_) | Value::Boolean(_) | Value::Array(_) | Value::String(_)
            )
        })
        .unwrap_or_else(|| Value::String(text.to_owned()));
    let nested = path.rsplit('.').fold(value, |value, part| {
        Value::Table(Table::from_iter([(part.to_owned(), value)]))
    });
    if let Value::Table(table) = &nested {
        check(table, origin)?;
    }
    merge(settings, nested);
    Ok(())
}

fn merge(into: &mut Table, from: Value) {
    let Value::Table(from) = from else {
        return;
    };
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Table(inner)), value @ Value::Table(_)) => merge(inner, value),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(environment: &[(&str, &str)], set: &[&str]) -> Result<Config, String> {
        let overrides = Overrides {
            set: set.iter().map(|&given| given.to_owned()).collect(),
            ..Overrides::default()
        };
        let environment = environment
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()));
        Config::load(&overrides, environment).map_err(|error| error.to_string())
    }

    #[test]
    fn the_stronger_source_wins() {
        let config = load(&[("OPENINTENT_LIMITS__DEPTH", "3"), ("HOME", "/")], &[]).unwrap();
        assert_eq!(config.limits.depth, 3);
        let config = load(&[("OPENINTENT_LIMITS__DEPTH", "3")], &["limits.depth=4"]).unwrap();
        assert_eq!(config.limits.depth, 4);
        assert_eq!(config.limits.aliases, Limits::default().aliases);
        let config = load(&[], &["http.allowed_origins=[\"https://board.example\"]"]).unwrap();
        assert_eq!(config.http.allowed_origins, ["https://board.example"]);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (environment, set, words) in [
            (
                vec![("OPENINTENT_LIMITS__DEPHT", "3")],
                vec![],
                ["OPENINTENT_LIMITS__DEPHT", "unknown field"],
            ),
            (
                vec![("OPENINTENT_COLOUR", "red")],
                vec![],
                ["OPENINTENT_COLOUR", "unknown field"],
            ),
            (
                vec![],
                vec!["limits.depth=deep"],
                ["--set limits.depth=deep", "invalid type"],
            ),
            (
                vec![],
                vec!["limits.depth"],
                ["--set limits.depth", "SETTING=VALUE"],
            ),
            (
                vec![],
                vec!["database_connections=0"],
                ["database_connections", "at least one"],
            ),
        ] {
            let error = load(&environment, &set).unwrap_err();
            for word in words {
                assert!(error.contains(word), "{error}");
            }
        }
    }

    #[test]
    fn the_printed_configuration_reads_back() {
        let config = Config::default();
        assert_eq!(toml::from_str::<Config>(&config.to_toml()).unwrap(), config);
    }
}
