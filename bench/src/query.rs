//! An intent by its id, ten fields of it. The baseline answers the same document from memory, through
//! async-graphql and axum as they come.

use std::net::SocketAddr;

use openintent_entities::id::IntentId;
use serde_json::json;

use crate::{
    Result, Settings, baseline,
    database::{Database, Kind},
    http::{self, Http},
    load::{self, Client},
    report::{Report, Rounds, each},
    rows,
    server::Server,
};

const INTENT: &str = "query Intent($id: ID!) { intent(id: $id) { \
     id type title status version createdBy priority confidence createdAt state } }";

pub(crate) async fn measure(settings: &Settings, kind: Kind) -> Result<Report> {
    let database = Database::create(kind).await?;
    let connection = database.connect(1).await?;
    let intents = rows::insert_open(&connection, settings.clients).await?;
    connection.close().await?;
    let server = Server::start(settings, &database.url).await?;
    let memory = Server::baseline().await?;

    let (mut clients, mut bare) = (Vec::new(), Vec::new());
    for (number, intent) in (0..).zip(&intents) {
        clients.push(Asking::connect(server.address, &intent.id).await?);
        bare.push(Asking::connect(memory.address, &baseline::id(number)).await?);
    }
    let mut rounds = Rounds::default();
    let mut note = String::new();
    load::run(&mut bare, settings.duration() / 4).await?;
    load::run(&mut clients, settings.duration() / 4).await?;
    for _ in 0..settings.rounds {
        let before = memory.processor_time()?;
        let from_memory = load::run(&mut bare, settings.duration()).await?;
        let of_memory = each(memory.processor_time()? - before, from_memory.count);
        let before = server.processor_time()?;
        let from_server = load::run(&mut clients, settings.duration()).await?;
        let of_server = each(server.processor_time()? - before, from_server.count);
        rounds.push(from_memory.per_second, from_server.per_second);
        note = format!(
            "Last round: server {from_server}, {of_server} of processor time each; \
             baseline {from_memory}, {of_memory}."
        );
    }
    let what = format!("intents by id, {} clients", settings.clients);
    let mut report = Report::compared(format!("query-{}", kind.name()));
    report.row(rounds.cells(&what, "/s", 0.4)).note(note);
    server.stop().await?;
    memory.stop().await?;
    database.remove().await?;
    Ok(report)
}

/// Sends the same request again and again.
pub(crate) struct Asking {
    pub(crate) http: Http,
    pub(crate) request: Vec<u8>,
}

impl Asking {
    pub(crate) async fn connect(address: SocketAddr, id: &IntentId) -> Result<Self> {
        Ok(Self {
            http: Http::connect(address).await?,
            request: http::graphql(INTENT, &json!({ "id": id })),
        })
    }
}

impl Client for Asking {
    async fn step(&mut self) -> Result<()> {
        let answer = self.http.exchange(&self.request).await?;
        match http::find(answer, b"\"title\":") {
            Some(_) => Ok(()),
            None => Err(String::from_utf8_lossy(answer).into()),
        }
    }
}
