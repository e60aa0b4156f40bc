//! Four agents resolve a production outage together: RFC-0002's example, on a real access log.
//!
//! `incident run` creates the graph of intents below and starts one process per agent, and one that watches. They talk
//! to nothing but the server; nobody tells an agent what to do next, except by assigning intents to it.
//!
//! ```text
//! Resolve production outage
//! ├── diagnose                          analyst       what fails, where, since when
//! ├── communicate                       communicator  a status page that follows the findings
//! ├── hotfix       after diagnose       engineer      a rule that would have helped
//! ├── deploy       after both           operator      replays the log through the rule
//! ├── verify       after deploy         analyst       is the error rate within the constraint?
//! └── post-mortem  after all            communicator  a report from the event log
//! ```

mod access_log;
mod agent;
mod check;
mod commander;
mod narrate;
mod watch;
mod work;

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use openintent_client::{Client, Cursor, Id};

/// Whatever went wrong, for a person to read.
type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Four agents resolve a production outage together, coordinated by an openintent-server.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    server: Server,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Where the server is, and who we are to it.
#[derive(Debug, Clone, Args)]
struct Server {
    /// Address of the server.
    #[arg(
        long,
        env = "INCIDENT_URL",
        default_value = "http://127.0.0.1:8000",
        global = true
    )]
    url: String,
    /// API key. For `run` it must not be bound to an agent, because the agents share it.
    #[arg(
        long,
        env = "INCIDENT_KEY",
        default_value = "dev-user-key",
        hide_env_values = true,
        global = true
    )]
    key: String,
}

impl Server {
    /// A client that acts as this agent, or as whoever the key is for.
    fn client<'a>(&self, agent: impl Into<Option<&'a str>>) -> Result<Client> {
        let mut client = Client::builder(&self.url).api_key(&self.key);
        if let Some(agent) = agent.into() {
            client = client.agent_id(agent);
        }
        Ok(client.build()?)
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Plays the whole incident and checks the outcome (the default).
    Run(commander::Options),
    /// One agent: works on what is assigned to it until the portfolio is closed.
    Agent {
        /// Its agent id.
        name: String,
        /// The portfolio that the incident is handled in.
        #[arg(long)]
        portfolio: Id,
        /// Where in the event log to begin.
        #[arg(long)]
        after: Cursor,
    },
    /// Prints events as they happen, one line each.
    Watch {
        /// Only this portfolio and its intents, until it is closed.
        #[arg(long)]
        portfolio: Option<Id>,
        /// Where in the event log to begin; now if left out.
        #[arg(long)]
        after: Option<Cursor>,
        /// Also write the events to this file, one JSON object a line.
        #[arg(long)]
        record: Option<PathBuf>,
    },
    /// Prints the access log that `run` works on; the same one each time.
    GenerateLog,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { server, command } = Arguments::parse();
    match run(
        &server,
        command.unwrap_or(Command::Run(commander::Options::default())),
    )
    .await
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprint!("incident: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprint!(": {error}");
                cause = error.source();
            }
            eprintln!();
            ExitCode::FAILURE
        }
    }
}

async fn run(server: &Server, command: Command) -> Result<()> {
    match command {
        Command::Run(options) => commander::run(server, &options).await,
        Command::Agent {
            name,
            portfolio,
            after,
        } => agent::run(server, &name, portfolio, after).await,
        Command::Watch {
            portfolio,
            after,
            record,
        } => watch::run(server, portfolio, after, record).await,
        Command::GenerateLog => {
            print!("{}", access_log::generate());
            Ok(())
        }
    }
}
