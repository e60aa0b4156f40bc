//! What the program's commands do.

use std::{io::Write, net::SocketAddr, process::ExitCode, time::Duration};

use clap::{Subcommand, ValueEnum};
use openintent_entities::{Timestamp, id::KeyId};
use openintent_migration::{Migrator, MigratorTrait};
use tokio::net::TcpListener;

use crate::{
    app::{self, App},
    auth::{self, Actor, DEVELOPMENT_KEYS, NewKey, Role},
    clock::Clock,
    config::Config,
    db::{Database, OpenError, Options, without_password},
    error::Error,
    http,
    log::verify,
};

/// Why a command did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database refused.
    #[error("the database failed: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// The request was refused or failed.
    #[error("{}", with_cause(.0))]
    Refused(#[from] Error),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        error: std::io::Error,
    },
    /// Input or output failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Something was found to be wrong, or refused for safety.
    #[error("{0}")]
    Said(String),
}

fn with_cause(error: &Error) -> String {
    error
        .cause()
        .map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

/// What can be done with API keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Creates a key and prints its secret, once.
    Create {
        /// Who holds it.
        name: String,
        /// What it may do.
        #[arg(long, value_enum, default_value_t = RoleName::Agent)]
        role: RoleName,
        /// The only agent that it may act as.
        #[arg(long)]
        agent_id: Option<String>,
        /// Days until it ends; never if left out.
        #[arg(long, value_name = "DAYS")]
        expires_in_days: Option<u32>,
    },
    /// Lists all keys.
    List,
    /// Revokes a key: it is refused from now on, and its open sockets are closed.
    Revoke {
        /// The key's id, `key_…`.
        id: String,
    },
}

/// What can be done with the event log.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Recomputes the hash chains from what is stored.
    Verify {
        /// Only this stream: an intent's id, or `system`.
        stream: Option<String>,
    },
}

/// A role, as the command line writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoleName {
    /// Reads.
    Reader,
    /// Reads, and works on intents.
    Agent,
    /// What agents may do, and decides where people decide.
    Operator,
    /// Everything.
    Admin,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Reader => Self::Reader,
            RoleName::Agent => Self::Agent,
            RoleName::Operator => Self::Operator,
            RoleName::Admin => Self::Admin,
        }
    }
}

/// Prints text to standard output. A reader that has gone away is no failure.
pub fn print(text: &str) -> ExitCode {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Runs the server until it is told to stop.
///
/// # Errors
/// It cannot start.
pub async fn serve(config: Config) -> Result<(), Failure> {
    app::install_metrics();
    let address = SocketAddr::new(config.host, config.port);
    let app = App::open(config, Clock::system()).await?;
    if auth::list_keys(&app).await?.is_empty() {
        if !address.ip().is_loopback() {
            return Err(Failure::Said(format!(
                "there is no API key yet, so nobody could use the server, and development keys are for loopback only, not for {address}; create one first: openintent-server keys create NAME --role admin"
            )));
        }
        app.keys().allow_development_keys();
    }
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| Failure::Listen { address, error })?;
    banner(&app, listener.local_addr()?)?;
    let shutdown = app.shutdown();
    tokio::spawn(async move {
        stop_signal().await;
        tracing::info!("told to stop: finishing what is under way");
        shutdown.cancel();
    });
    app.start();
    http::serve(app.clone(), listener).await?;
    app.close().await;
    tracing::info!("stopped");
    Ok(())
}

fn banner(app: &App, address: SocketAddr) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let url = format!("http://{address}");
    writeln!(out, "openintent-server {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "  Explorer       {url}/")?;
    writeln!(out, "  GraphQL        {url}/graphql")?;
    writeln!(out, "  Subscriptions  ws://{address}/graphql")?;
    writeln!(
        out,
        "  Database       {}",
        without_password(&app.config().database_url)
    )?;
    if app.keys().page_key().is_some() {
        writeln!(out)?;
        writeln!(
            out,
            "  DEVELOPMENT MODE: there is no API key yet, so these well-known keys work,"
        )?;
        writeln!(
            out,
            "  on this machine only, until one is created (openintent-server keys create)"
        )?;
        writeln!(out, "  and the server is started again:")?;
        for (key, name, role, agent) in DEVELOPMENT_KEYS {
            let bound = if agent.is_some() {
                ", bound to its agent"
            } else {
                ""
            };
            let role = format!("{role:?}").to_lowercase();
            writeln!(out, "    {key:<20} {role} `{name}`{bound}")?;
        }
    }
    writeln!(out)?;
    out.flush()
}

async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}

/// Brings the schema up to date, or takes migrations back.
///
/// # Errors
/// A migration failed.
pub async fn migrate(config: Config, down: Option<u32>) -> Result<(), Failure> {
    let options = Options {
        url: config.database_url,
        connections: 1,
    };
    let database = Database::open(&options).await?;
    let pending = database.pending_migrations().await?;
    match down {
        Some(count) => {
            Migrator::down(database.migrations(), Some(count)).await?;
            println!("took back up to {count} migrations");
        }
        None => {
            database.migrate().await?;
            println!("applied {pending} migrations");
        }
    }
    database.close().await;
    Ok(())
}

/// Creates, lists or revokes keys.
///
/// # Errors
/// `BAD_USER_INPUT`, `NOT_FOUND`, or the database fails.
pub async fn keys(config: Config, command: KeysCommand) -> Result<(), Failure> {
    let app = App::open(config, Clock::system()).await?;
    let done = keys_in(&app, command).await;
    app.close().await;
    done
}

async fn keys_in(app: &App, command: KeysCommand) -> Result<(), Failure> {
    let actor = Actor::system();
    match command {
        KeysCommand::Create {
            name,
            role,
            agent_id,
            expires_in_days,
        } => {
            let end = |days: u32| app.clock().now().plus_seconds(i64::from(days) * 86_400);
            let new = NewKey {
                name,
                role: role.into(),
                agent_id,
                expires_at: expires_in_days.map(end),
            };
            let (key, secret) = auth::create_key(app, &actor, &new).await?;
            println!("{}  {}", key.id, secret.0);
            eprintln!("This is the only time that the secret is shown.");
        }
        KeysCommand::List => {
            for key in auth::list_keys(app).await? {
                let moment = |moment: Option<Timestamp>| {
                    moment.map_or_else(|| "-".to_owned(), |at| at.to_string())
                };
                println!(
                    "{}  {:<8}  {}  agent={}  created={}  expires={}  revoked={}  last_used={}",
                    key.id,
                    format!("{:?}", key.role).to_lowercase(),
                    key.name,
                    key.agent_id.as_deref().unwrap_or("-"),
                    key.created_at,
                    moment(key.expires_at),
                    moment(key.revoked_at),
                    moment(key.last_used_at),
                );
            }
        }
        KeysCommand::Revoke { id } => {
            let key: KeyId = id
                .parse()
                .map_err(|_unparsable| Error::not_found("API key", id.as_str()))?;
            auth::revoke_key(app, &actor, &key).await?;
            println!("revoked {key}");
        }
    }
    Ok(())
}

/// Checks hash chains.
///
/// # Errors
/// A chain does not hold, or the database fails.
pub async fn log(config: Config, command: LogCommand) -> Result<(), Failure> {
    let LogCommand::Verify { stream } = command;
    let options = Options {
        url: config.database_url,
        connections: 1,
    };
    let database = Database::open(&options).await?;
    let (mut streams, mut events, mut broken) = (0u64, 0i64, 0u64);
    let only_one = stream.is_some();
    let mut page = match stream {
        Some(stream) => vec![stream],
        None => verify::streams(database.reads(), "").await?,
    };
    while let Some(last) = page.last().cloned() {
        for stream in &page {
            let result = verify::stream(database.reads(), stream).await?;
            if result.event_count == 0 && result.is_valid() {
                return Err(Failure::Said(format!("there is no stream `{stream}`")));
            }
            streams += 1;
            events += result.event_count;
            if !result.is_valid() {
                broken += 1;
            }
            if result.event_count == 0 && result.missing_at_end > 0 {
                println!(
                    "{stream}: all its {} events are missing",
                    result.missing_at_end
                );
            }
            for found in result.breaks {
                println!(
                    "{stream} {} {}: {}",
                    found.sequence, found.event_id, found.reason
                );
            }
        }
        page = if only_one {
            Vec::new()
        } else {
            verify::streams(database.reads(), &last).await?
        };
    }
    println!("{streams} streams, {events} events, {broken} broken");
    tokio::time::timeout(Duration::from_secs(5), database.close())
        .await
        .unwrap_or(());
    if broken > 0 {
        return Err(Failure::Said("the log is not what was written".to_owned()));
    }
    Ok(())
}
