//! Servers in processes of their own.

use std::{net::SocketAddr, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::{Result, Settings};

/// A running server; killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// The server on a database.
    pub(crate) async fn start(settings: &Settings, database_url: &str) -> Result<Self> {
        let mut command = match &settings.server {
            Some(program) => Command::new(program),
            None => {
                let mut command = Command::new(std::env::current_exe()?);
                command.arg("serve");
                command
            }
        };
        command.args(["--port", "0", "--database-url", database_url]);
        command.args(["--log-filter", "warn"]);
        command.args(["--set", "limits.requests_per_second=0"]);
        Self::spawn(command).await
    }

    /// The baselines' server (see `baseline.rs`).
    pub(crate) async fn baseline() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("baseline");
        Self::spawn(command).await
    }

    async fn spawn(mut command: Command) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let output = child.stdout.take().ok_or("a process without output")?;
        let mut lines = BufReader::new(output).lines();
        while let Some(line) = lines.next_line().await? {
            let Some((_, url)) = line.split_once("GraphQL ") else {
                continue;
            };
            let address = url
                .trim()
                .trim_start_matches("http://")
                .trim_end_matches("/graphql");
            let address = address.parse()?;
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(Self { child, address });
        }
        Err("the server ended before it listened".into())
    }

    /// Bytes of memory that the process holds at the moment.
    pub(crate) fn memory(&self) -> Result<f64> {
        let id = self.child.id().ok_or("the server has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let size = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .ok_or("no resident size is known")?;
        let kib: u32 = size.trim().trim_end_matches(" kB").parse()?;
        Ok(f64::from(kib) * 1024.0)
    }

    /// Processor time that the process has used so far.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        let id = self.child.id().ok_or("the server has ended")?;
        let mut nanos = 0;
        for thread in std::fs::read_dir(format!("/proc/{id}/task"))? {
            let numbers = std::fs::read_to_string(thread?.path().join("schedstat"))?;
            let first: u64 = numbers.split(' ').next().unwrap_or_default().parse()?;
            nanos += first;
        }
        Ok(Duration::from_nanos(nanos))
    }

    pub(crate) async fn stop(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }
}

/// Lets this process and those that it starts have as many sockets as the system allows.
pub(crate) fn raise_open_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        let raised = Rlimit {
            current: maximum,
            maximum,
        };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            eprintln!("the limit of open files stays as it is: {error}");
        }
    }
}
