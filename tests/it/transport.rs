//! What the tests of the transport share. They speak plain HTTP and websocket messages.

use openintent_server::config::Config;
use openintent_tests::{Backend, Server, raw::Raw};
use serde_json::{Value, json};

/// A query that costs next to nothing.
pub const VIEWER: &str = "{viewer{name}}";

/// Who that is with the development key.
pub fn viewer() -> Value {
    json!({"data": {"viewer": {"name": "dev-user"}}})
}

/// Creates an intent with the title `$title`.
pub const CREATE: &str =
    "mutation($title:String!){createIntent(input:{title:$title}){intent{id} cursor}}";

/// Follows all events.
pub const EVENTS: &str = "subscription($after:Cursor){events(after:$after){cursor}}";

/// A server with these settings, and a way to it. What the transport does is the same with any database.
pub async fn start(configure: impl FnOnce(&mut Config)) -> (Server, Raw) {
    let server = Server::start_with(Backend::Sqlite, configure).await;
    let raw = Raw::new(&server.url);
    (server, raw)
}

/// Creates an intent: its id.
pub async fn create(raw: &Raw) -> String {
    let created = raw.query(CREATE, json!({"title": "made"})).await.json();
    let id = &created["data"]["createIntent"]["intent"]["id"];
    id.as_str()
        .unwrap_or_else(|| panic!("{created}"))
        .to_owned()
}

/// The value of a metric without labels; 0 before its first sample.
pub async fn gauge(raw: &Raw, name: &str) -> f64 {
    let metrics = raw.get("/metrics").await.text;
    let sample = |line: &str| {
        let (found, value) = line.split_once(' ')?;
        (found == name).then(|| value.parse().unwrap())
    };
    metrics.lines().find_map(sample).unwrap_or_default()
}
