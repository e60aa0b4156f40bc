//! The real program, in a process of its own.

use std::{
    path::PathBuf,
    process::{ExitStatus, Output, Stdio},
    time::Duration,
};

use openintent_client::Client;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
    task::JoinHandle,
};

use crate::TestDatabase;

/// A running `openintent-server`.
#[derive(Debug)]
pub struct Process {
    child: Child,
    errors: JoinHandle<String>,
    /// Its address, `http://127.0.0.1:…`.
    pub url: String,
}

/// The program that was built together with the tests.
pub fn program() -> PathBuf {
    let mut folder = std::env::current_exe().unwrap();
    // target/<profile>/deps/it-…
    folder.pop();
    folder.pop();
    let program = folder.join("openintent-server");
    assert!(
        program.exists(),
        "{} is missing: build it with `cargo build -p openintent-server`, or run the tests with `tests/run`",
        program.display()
    );
    program
}

/// The program with these arguments, without settings from the environment.
pub fn program_with(arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("OPENINTENT_")) {
        command.env_remove(name);
    }
    command.args(arguments).kill_on_drop(true);
    command
}

/// Runs the program with these arguments to its end.
pub async fn run(arguments: &[&str]) -> Output {
    let running = program_with(arguments).stdin(Stdio::null()).output();
    tokio::time::timeout(Duration::from_secs(60), running)
        .await
        .unwrap_or_else(|_| panic!("{arguments:?} did not end"))
        .unwrap()
}

/// Runs one of the program's commands on a database. It must succeed; returns what it printed.
pub async fn succeed(database: &TestDatabase, arguments: &[&str]) -> String {
    let mut all = vec!["--database-url", database.url()];
    all.extend(arguments);
    let output = run(&all).await;
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

impl Process {
    /// Starts the program on a free port and waits until it is ready.
    pub async fn start(database: &TestDatabase, arguments: &[&str]) -> Self {
        let settings = ["--port", "0", "--database-url", database.url()];
        let mut command = program_with(&settings);
        if !arguments.contains(&"--log-filter") {
            command.args(["--log-filter", "warn"]);
        }
        let mut child = command
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let errors = tokio::spawn(read(child.stderr.take().unwrap()));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut url = None;
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some((_, address)) = line.split_once("GraphQL ") {
                url = address.trim().strip_suffix("/graphql").map(str::to_owned);
                break;
            }
        }
        let Some(url) = url else {
            panic!("the server did not start: {}", errors.await.unwrap());
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let process = Self { child, errors, url };
        process.ready().await;
        process
    }

    async fn ready(&self) {
        let url = format!("{}/readyz", self.url);
        let http = crate::raw::http();
        crate::eventually("the server is ready", || async {
            http.get(&url)
                .send()
                .await
                .is_ok_and(|answer| answer.status().is_success())
        })
        .await;
    }

    /// A client with the development key of an admin, acting as `agent`.
    pub fn client(&self, agent: &str) -> Client {
        crate::client(&self.url, "dev-user-key", agent)
    }

    /// Kills it in the middle of whatever it does (`kill -9`).
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to stop (`SIGTERM`).
    pub async fn ask_to_stop(&self) {
        let id = self.child.id().unwrap().to_string();
        let asked = Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .await
            .unwrap();
        assert!(asked.success());
    }

    /// Waits until it has stopped: how, and what it wrote to standard error.
    pub async fn ended(mut self) -> (ExitStatus, String) {
        let ended = tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await;
        let status = ended.unwrap_or_else(|_| panic!("the server does not stop"));
        (status.unwrap(), self.errors.await.unwrap())
    }

    /// Asks it to stop (`SIGTERM`) and waits until it has.
    pub async fn terminate(self) -> ExitStatus {
        self.ask_to_stop().await;
        self.ended().await.0
    }
}

async fn read(mut from: impl AsyncReadExt + Unpin) -> String {
    let mut bytes = Vec::new();
    let _ = from.read_to_end(&mut bytes).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if !text.is_empty() {
        eprintln!("the server wrote:\n{text}");
    }
    text
}
