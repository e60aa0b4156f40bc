//! The `openintent-server` program: arguments, configuration, log, then one of its commands.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use openintent_server::{
    cli,
    config::{Config, Overrides},
    schema, telemetry,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The coordination server for AI agents and people who work on the same goals: the OpenIntent
/// protocol over GraphQL, live over websockets.
#[derive(Debug, Parser)]
#[command(name = "openintent-server", version, about, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    overrides: Overrides,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server (the default).
    Serve,
    /// Brings the database's schema up to date, or takes migrations back.
    Migrate {
        /// Take back this many migrations instead.
        #[arg(long, value_name = "COUNT")]
        down: Option<u32>,
    },
    /// Creates, lists and revokes API keys.
    #[command(subcommand)]
    Keys(cli::KeysCommand),
    /// Checks the event log.
    #[command(subcommand)]
    Log(cli::LogCommand),
    /// Prints the GraphQL schema.
    Sdl,
    /// Prints all settings with their present values, as a TOML file.
    Config,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = match Config::load(&arguments.overrides, std::env::vars()) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("openintent-server: {error}");
            return ExitCode::from(2);
        }
    };
    match arguments.command {
        Some(Command::Sdl) => return cli::print(&schema::sdl()),
        Some(Command::Config) => return cli::print(&config.to_toml()),
        _ => {}
    }
    if let Err(error) = telemetry::init(&config) {
        eprintln!("openintent-server: {error}");
        return ExitCode::from(2);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("openintent-server: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(async {
        match arguments.command {
            None | Some(Command::Serve) => cli::serve(config).await,
            Some(Command::Migrate { down }) => cli::migrate(config, down).await,
            Some(Command::Keys(command)) => cli::keys(config, command).await,
            Some(Command::Log(command)) => cli::log(config, command).await,
            Some(Command::Sdl | Command::Config) => Ok(()),
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("openintent-server: {error}");
            ExitCode::FAILURE
        }
    }
}
