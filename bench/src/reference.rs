//! The same operations on the protocol's reference server, a Python program, over its REST interface:
//! `pip install "openintent[server]==0.17.0"`. Both servers use SQLite.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::{
    Result, Settings,
    database::{Database, Kind},
    http::{self, Http, KEY},
    load::{self, Client},
    patch::Patching,
    query::Asking,
    report::{Report, Rounds},
    rows,
    server::Server,
};

const BAR: f64 = 30.0;

pub(crate) async fn measure(settings: &Settings, program: &Path) -> Result<Report> {
    let database = Database::create(Kind::Sqlite).await?;
    let connection = database.connect(1).await?;
    let intents = rows::insert_open(&connection, settings.clients).await?;
    connection.close().await?;
    let server = Server::start(settings, &database.url).await?;
    let folder = tempfile::tempdir()?;
    let (mut python, address) = start(program, folder.path()).await?;

    let (mut patching, mut asking) = (Vec::new(), Vec::new());
    let (mut patching_python, mut asking_python) = (Vec::new(), Vec::new());
    for intent in &intents {
        patching.push(Patching::connect(server.address, intent).await?);
        asking.push(Asking::connect(server.address, &intent.id).await?);
        let patch = PatchingPython::connect(address).await?;
        asking_python.push(Asking {
            request: request("GET", &format!("/{}", patch.id), "", ""),
            http: Http::connect(address).await?,
        });
        patching_python.push(patch);
    }
    let (mut patches, mut reads) = (Rounds::default(), Rounds::default());
    for _ in 0..settings.rounds {
        let theirs = load::run(&mut patching_python, settings.duration()).await?;
        let ours = load::run(&mut patching, settings.duration()).await?;
        patches.push(theirs.per_second, ours.per_second);
        let theirs = load::run(&mut asking_python, settings.duration()).await?;
        let ours = load::run(&mut asking, settings.duration()).await?;
        reads.push(theirs.per_second, ours.per_second);
    }
    let columns = ["", "reference", "server", "ratio", "bar", ""];
    let mut report = Report::new("reference", &columns);
    report
        .row(patches.cells("state patches", "/s", BAR))
        .row(reads.cells("intents by id", "/s", BAR));
    python.kill().await?;
    server.stop().await?;
    database.remove().await?;
    Ok(report)
}

/// Starts the reference server and waits until it listens.
async fn start(program: &Path, folder: &Path) -> Result<(Child, SocketAddr)> {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = free.local_addr()?;
    drop(free);
    let child = Command::new(program)
        .args(["--host", "127.0.0.1", "--log-level", "error"])
        .args(["--port", &address.port().to_string()])
        .arg("--database-url")
        .arg(format!(
            "sqlite:///{}",
            folder.join("reference.db").display()
        ))
        .kill_on_drop(true)
        .spawn()?;
    let deadline = Instant::now() + Duration::from_secs(30);
    while let Err(error) = Http::connect(address).await {
        if Instant::now() > deadline {
            return Err(error);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok((child, address))
}

fn request(method: &str, path: &str, header: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} /api/v1/intents{path} HTTP/1.1\r\nhost: bench\r\nx-api-key: {KEY}\r\n{header}\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Patches an intent of its own.
struct PatchingPython {
    http: Http,
    id: String,
    version: i64,
}

impl PatchingPython {
    async fn connect(address: SocketAddr) -> Result<Self> {
        let mut http = Http::connect(address).await?;
        let intent = rows::intent(0);
        let new = json!({
            "title": intent.title, "status": "active", "created_by": KEY, "state": intent.state
        });
        let answer = http
            .exchange(&request("POST", "", "", &new.to_string()))
            .await?;
        let created: Value = serde_json::from_slice(answer)?;
        let id = created["id"].as_str().ok_or("no id")?.to_owned();
        let version = created["version"].as_i64().ok_or("no version")?;
        Ok(Self { http, id, version })
    }
}

impl Client for PatchingPython {
    async fn step(&mut self) -> Result<()> {
        let patches = json!([{ "op": "set", "path": "/step", "value": self.version }]);
        let request = request(
            "POST",
            &format!("/{}/state", self.id),
            &format!("if-match: {}\r\n", self.version),
            &json!({ "patches": patches }).to_string(),
        );
        let answer = self.http.exchange(&request).await?;
        http::find(answer, b"\"version\"").ok_or("an answer without version")?;
        self.version += 1;
        Ok(())
    }
}
