//! From the start of the process to the first answer, with a long log and with none.

use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait as _;
use serde_json::json;

use crate::{
    Result, Settings,
    database::{Database, Kind},
    http::Http,
    report::{Report, thousands, verdict},
    rows,
    server::Server,
};

const BAR: Duration = Duration::from_secs(1);
/// The events happened to so many intents.
const INTENTS: u32 = 1_000;
const QUESTION: &str = "query($id: ID!) { serverInfo { cursor } intent(id: $id) { title \
     events(last: 10) { nodes { id type } } } }";

pub(crate) async fn measure(settings: &Settings, kind: Kind, events: u32) -> Result<Report> {
    let empty = Database::create(kind).await?;
    let full = Database::create(kind).await?;
    let connection = full.connect(1).await?;
    let intents = rows::insert_open(&connection, INTENTS).await?;
    let asked = &intents[0].id;
    connection
        .execute_unprepared(&insert_events(kind, events))
        .await?;
    connection.close().await?;

    let variables = json!({ "id": asked });
    let (mut baseline, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..settings.rounds {
        baseline.push(first_answer(settings, &empty, &variables).await?);
        ours.push(first_answer(settings, &full, &variables).await?);
    }
    baseline.sort_unstable();
    ours.sort_unstable();
    let middle = ours.len() / 2;
    let (baseline, ours) = (baseline[middle], ours[middle]);
    let columns = ["", "empty database", "full database", "bar", ""];
    let mut report = Report::new(format!("startup-{}", kind.name()), &columns);
    report.row([
        format!("first answer with {} events", thousands(events.into())),
        format!("{baseline:.1?}"),
        format!("{ours:.1?}"),
        format!("≤ {BAR:?}"),
        verdict(ours <= BAR),
    ]);
    empty.remove().await?;
    full.remove().await?;
    Ok(report)
}

async fn first_answer(
    settings: &Settings,
    database: &Database,
    variables: &serde_json::Value,
) -> Result<Duration> {
    let started = Instant::now();
    let server = Server::start(settings, &database.url).await?;
    let mut http = Http::connect(server.address).await?;
    http.ask(QUESTION, variables).await?;
    let took = started.elapsed();
    server.stop().await?;
    Ok(took)
}

/// Rows as patches leave them, in the order in which they would have come; their hashes are none.
fn insert_events(kind: Kind, events: u32) -> String {
    let (numbers, padded) = match kind {
        Kind::Sqlite => (
            format!(
                "WITH RECURSIVE numbers(n) AS \
                 (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {events}) "
            ),
            "printf('%026d', n)",
        ),
        Kind::Postgres => (
            format!("WITH numbers AS (SELECT n FROM generate_series(1, {events}) AS n) "),
            "lpad(CAST(n AS TEXT), 26, '0')",
        ),
    };
    // SQLite knows `WITH` before `INSERT` and behind it, PostgreSQL too.
    format!(
        "{numbers}, places AS (SELECT id, row_number() OVER (ORDER BY id) AS place FROM intents) \
         INSERT INTO events (position, id, stream, sequence, type, intent_id, actor, payload, \
         created_at, event_hash, previous_event_hash) \
         SELECT n, 'evt_' || {padded}, places.id, (n - 1) / {INTENTS} + 1, 'state_patched', \
         places.id, 'bench', \
         '{{\"patches\":[{{\"op\":\"set\",\"path\":\"/step\",\"value\":1}}],\"version\":2}}', \
         {time} + n, 'sha256:' || {padded}, 'sha256:' || {padded} \
         FROM numbers JOIN places ON places.place = (n - 1) % {INTENTS} + 1 ORDER BY n",
        time = rows::TIME.0,
    )
}
