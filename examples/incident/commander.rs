//! The commander: creates the graph, starts the processes, closes the incident, and has the outcome checked.

use std::{
    path::PathBuf,
    process::ExitStatus,
    time::{Duration, Instant},
};

use clap::Args;
use openintent_client::{
    AddIntentToPortfolioInput, AssignAgentInput, Client, CreateChildIntentInput, CreateIntentInput,
    CreatePortfolioInput, Cursor, Id, IntentStatus, PortfolioGovernanceInput, PortfolioRole,
    SetStatusInput, object,
};
use tokio::{process::Command, task::JoinSet};

use crate::{Result, Server, check};

/// When it takes longer than this, something is stuck.
const DEADLINE: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Args)]
pub struct Options {
    /// The access log to work on.
    #[arg(long, default_value = DEFAULT_LOG)]
    log: PathBuf,
    /// Folder for the report and what else is written; made if it is missing.
    #[arg(long, default_value = DEFAULT_OUT)]
    out: PathBuf,
    /// Highest share of failing requests that counts as resolved.
    #[arg(long, default_value_t = DEFAULT_MAX_ERROR_RATE)]
    max_error_rate: f64,
}

const DEFAULT_LOG: &str = "examples/data/access.log";
const DEFAULT_OUT: &str = "target/incident";
const DEFAULT_MAX_ERROR_RATE: f64 = 0.01;

impl Default for Options {
    fn default() -> Self {
        Self {
            log: DEFAULT_LOG.into(),
            out: DEFAULT_OUT.into(),
            max_error_rate: DEFAULT_MAX_ERROR_RATE,
        }
    }
}

/// Name, agent, and names of what must complete first.
const TASKS: [(&str, &str, &[&str]); 6] = [
    ("diagnose", "analyst", &[]),
    ("communicate", "communicator", &[]),
    ("hotfix", "engineer", &["diagnose"]),
    ("deploy", "operator", &["hotfix", "diagnose"]),
    ("verify", "analyst", &["deploy"]),
    (
        "post-mortem",
        "communicator",
        &["diagnose", "communicate", "hotfix", "deploy", "verify"],
    ),
];
const AGENTS: [&str; 4] = ["analyst", "communicator", "engineer", "operator"];

/// The incident as the server knows it.
pub struct Incident {
    pub portfolio: Id,
    pub parent: Id,
    /// The six tasks, in the order of [`TASKS`].
    pub tasks: Vec<Id>,
    /// The place in the event log where it begins.
    pub start: Cursor,
}

pub async fn run(server: &Server, options: &Options) -> Result<()> {
    let began = Instant::now();
    std::fs::create_dir_all(&options.out)?;
    std::fs::metadata(&options.log).map_err(|error| {
        format!(
            "cannot read {}: {error} (run it in the repository's root, or say --log)",
            options.log.display()
        )
    })?;
    let client = server.client("commander")?;
    let record = options.out.join("events.jsonl");
    let incident = tokio::time::timeout(
        DEADLINE,
        Box::pin(play(server, &client, options, record.clone())),
    )
    .await
    .map_err(|_elapsed| format!("not resolved within {DEADLINE:?}"))??;
    println!();
    check::check(&client, &incident, &record).await?;
    println!("report: {}", options.out.join("post-mortem.md").display());
    println!(
        "resolved in {:.1} s by {} agents",
        began.elapsed().as_secs_f64(),
        AGENTS.len()
    );
    Ok(())
}

async fn play(
    server: &Server,
    client: &Client,
    options: &Options,
    record: PathBuf,
) -> Result<Incident> {
    let incident = create(client, options).await?;
    let (portfolio, start) = (incident.portfolio.to_string(), incident.start.to_string());
    let place = ["--portfolio", &portfolio, "--after", &start];

    // Processes end with this one, whatever happens: dropping the set kills those that are left.
    let mut processes = JoinSet::new();
    let mut watch = process(server)?;
    watch.arg("watch").args(place).arg("--record").arg(record);
    processes.spawn(wait("watch", watch));
    for agent in AGENTS {
        let mut command = process(server)?;
        command.arg("agent").arg(agent).args(place);
        processes.spawn(wait(agent, command));
    }
    for ((_, agent, _), id) in TASKS.iter().zip(&incident.tasks) {
        client
            .assign_agent(AssignAgentInput::new(id, *agent))
            .await?;
    }

    // The last task waits for all others, so it is enough to wait for it.
    let last = incident.tasks.last().ok_or("there are no tasks")?;
    let mut updates = client
        .subscribe_intent_updated(last)
        .after(&incident.start)
        .await?;
    loop {
        tokio::select! {
            Some(update) = updates.next() => if update?.intent.status == IntentStatus::Completed {
                break;
            },
            Some(ended) = processes.join_next() => {
                let (name, status) = ended??;
                return Err(format!("{name} ended early, with {status}").into());
            }
        }
    }
    // With its last member the portfolio completes by itself, and all processes end.
    let parent = client
        .intent(&incident.parent)
        .await?
        .ok_or("the incident is gone")?;
    let done = SetStatusInput::new(&parent.id, parent.version, IntentStatus::Completed);
    client
        .set_status(done.reason("verified and written up"))
        .await?;
    while let Some(ended) = processes.join_next().await {
        let (name, status) = ended??;
        if !status.success() {
            return Err(format!("{name} failed with {status}").into());
        }
    }
    Ok(incident)
}

async fn create(client: &Client, options: &Options) -> Result<Incident> {
    let start = client.server_info().await?.cursor;
    let governance = PortfolioGovernanceInput::new()
        .auto_complete_threshold(100)
        .shared_constraints(object! {
            "log": options.log,
            "out": options.out,
            "max_error_rate": options.max_error_rate,
        });
    let portfolio = CreatePortfolioInput::new("Checkout outage").governance(governance);
    let portfolio = client.create_portfolio(portfolio).await?.portfolio.id;
    let parent = CreateIntentInput::new("Resolve production outage")
        .r#type("incident")
        .priority(900);
    let parent = client.create_intent(parent).await?.intent.id;
    let primary = AddIntentToPortfolioInput::new(&portfolio, &parent).role(PortfolioRole::Primary);
    client.add_intent_to_portfolio(primary).await?;

    let mut tasks = Vec::<Id>::new();
    for (name, _, after) in TASKS {
        let known = TASKS.iter().zip(&tasks);
        let depends_on = known
            .filter(|((name, ..), _)| after.contains(name))
            .map(|(_, id)| id.clone());
        let task = CreateChildIntentInput::new(&parent, name)
            .r#type(format!("incident.{name}"))
            .depends_on(depends_on);
        let id = client.create_child_intent(task).await?.intent.id;
        client
            .add_intent_to_portfolio(AddIntentToPortfolioInput::new(&portfolio, &id))
            .await?;
        tasks.push(id);
    }
    Ok(Incident {
        portfolio,
        parent,
        tasks,
        start,
    })
}

/// This program again. The key goes through the environment, where other users of the machine do not see it.
fn process(server: &Server) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .env("INCIDENT_URL", &server.url)
        .env("INCIDENT_KEY", &server.key)
        .kill_on_drop(true);
    Ok(command)
}

async fn wait(name: &'static str, mut command: Command) -> Result<(&'static str, ExitStatus)> {
    Ok((name, command.spawn()?.wait().await?))
}
