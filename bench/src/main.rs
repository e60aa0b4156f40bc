//! Benchmarks of the server, each with its baseline in the same run, in turns: on a machine that is
//! busy with other things the ratio still says something.
//!
//! The server and the baselines' servers are this program again, in processes of their own; the load
//! comes from this one. All share the machine's processors.

mod baseline;
mod database;
mod fanout;
mod graph;
mod http;
mod idle;
mod load;
mod patch;
mod query;
mod reference;
mod report;
mod rows;
mod server;
mod socket;
mod startup;

use std::{error::Error, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Args, Parser, Subcommand};
use openintent_server::{
    cli,
    config::{Config, Overrides},
    telemetry,
};

use crate::{database::Kind, report::Report};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a benchmark comes to; the error is for whoever runs it.
type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// Measures openintent-server next to what its parts can do without it.
#[derive(Debug, Parser)]
#[command(name = "openintent-bench", version)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

/// How to measure.
#[derive(Debug, Clone, Args)]
struct Settings {
    /// Rounds of baseline and server.
    #[arg(long, default_value_t = 5, global = true)]
    rounds: u32,
    /// Seconds that each half of a round takes.
    #[arg(long, default_value_t = 2.0, global = true)]
    seconds: f64,
    /// Clients that send at the same time.
    #[arg(long, default_value_t = 64, global = true)]
    clients: u32,
    /// Put the results into this file, between its markers.
    #[arg(long, global = true)]
    markdown: Option<PathBuf>,
    /// Measure this program instead of the server that was compiled in.
    #[arg(long, value_name = "PROGRAM", global = true)]
    server: Option<PathBuf>,
}

impl Settings {
    fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// State patches over HTTP, against the same rows written without a server.
    Patch {
        /// On which database.
        database: Kind,
    },
    /// An intent by its id over HTTP, against answers from memory.
    Query {
        /// On which database.
        #[arg(default_value = "sqlite")]
        database: Kind,
    },
    /// Events to many subscribers, against the same bytes sent by a bare websocket server.
    Fanout {
        /// How many subscribers.
        #[arg(long, default_value_t = 1_000)]
        subscribers: u32,
    },
    /// Memory for subscriptions to which nothing happens, against bare websockets.
    Idle {
        /// How many sockets, with one subscription each.
        #[arg(long, default_value_t = 2_000)]
        sockets: u32,
    },
    /// Questions about a graph of 10,000 intents, against bare SQL.
    Graph {
        /// On which database.
        database: Kind,
    },
    /// From the start of the process to the first answer, with a long log.
    Startup {
        /// On which database.
        database: Kind,
        /// How many events are stored.
        #[arg(long, default_value_t = 1_000_000)]
        events: u32,
    },
    /// The same operations on the protocol's reference server, a Python program.
    Reference {
        /// Where `openintent-server` of that package was installed.
        program: PathBuf,
    },
    /// All of them, apart from the reference.
    All,
    #[command(hide = true)]
    Serve(Overrides),
    #[command(hide = true)]
    Baseline,
}

fn main() -> ExitCode {
    let Arguments { settings, command } = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let done = runtime
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(Box::pin(run(&settings, command))));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("openintent-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(settings: &Settings, command: Command) -> Result<()> {
    let commands = match command {
        Command::Serve(overrides) => {
            let config = Config::load(&overrides, std::env::vars())?;
            telemetry::init(&config)?;
            return Ok(Box::pin(cli::serve(config)).await?);
        }
        Command::Baseline => return baseline::serve().await,
        Command::All => all(),
        one => vec![one],
    };
    server::raise_open_files();
    for command in commands {
        let report = Box::pin(measure(settings, command)).await?;
        println!("{report}");
        if let Some(path) = &settings.markdown {
            report.put_into(path)?;
        }
    }
    if let Some(path) = &settings.markdown {
        report::machine().await?.put_into(path)?;
    }
    Ok(())
}

fn all() -> Vec<Command> {
    vec![
        Command::Patch {
            database: Kind::Sqlite,
        },
        Command::Patch {
            database: Kind::Postgres,
        },
        Command::Query {
            database: Kind::Sqlite,
        },
        Command::Fanout { subscribers: 1_000 },
        Command::Idle { sockets: 2_000 },
        Command::Graph {
            database: Kind::Sqlite,
        },
        Command::Graph {
            database: Kind::Postgres,
        },
        Command::Startup {
            database: Kind::Sqlite,
            events: 1_000_000,
        },
        Command::Startup {
            database: Kind::Postgres,
            events: 1_000_000,
        },
    ]
}

async fn measure(settings: &Settings, command: Command) -> Result<Report> {
    match command {
        Command::Patch { database } => patch::measure(settings, database).await,
        Command::Query { database } => query::measure(settings, database).await,
        Command::Fanout { subscribers } => fanout::measure(settings, subscribers).await,
        Command::Idle { sockets } => idle::measure(settings, sockets).await,
        Command::Graph { database } => graph::measure(settings, database).await,
        Command::Startup { database, events } => startup::measure(settings, database, events).await,
        Command::Reference { program } => reference::measure(settings, &program).await,
        Command::All | Command::Serve(_) | Command::Baseline => Err("not a benchmark".into()),
    }
}
