//! What somebody who runs the server sees of it: health, metrics, its own log; and the checks with
//! other people's tools.

use std::path::Path;

use openintent_client::{AcquireLeaseInput, EventFilter};
use openintent_tests::{
    Backend, Process, Server, TestDatabase, eventually, on_both,
    raw::Raw,
    steps::{create_intent, log_event, log_stubbornly, next, numbered, patient_client},
};
use serde_json::{Value, json};
use tokio::process::Command;

on_both! {
    async fn health_and_readiness_are_told_without_a_key(server: &Server) {
        let raw = Raw::with_key(&server.url, "none");
        for path in ["/healthz", "/readyz"] {
            assert_eq!(raw.get(path).await.status, 200, "{path}");
        }
        server.app.shutdown().cancel();
        assert!(server.app.ready().await.is_err());
    }

    async fn metrics_show_what_matters_in_the_form_of_prometheus(server: &Server) {
        let client = server.client("alice");
        let mut events = client.subscribe_events(EventFilter::new()).await.unwrap();
        let intent = create_intent(&client, "counted").await;
        assert_eq!(next(&mut events).await.intent_id, Some(intent.id.clone()));
        let lease = AcquireLeaseInput::new(&intent.id, "scope").duration_seconds(1);
        client.acquire_lease(lease).await.unwrap();
        server.advance(std::time::Duration::from_secs(2));
        let raw = Raw::new(&server.url);
        eventually("a job was done", || async {
            raw.get("/metrics").await.text.contains("openintent_jobs_total")
        })
        .await;
        let metrics = raw.get("/metrics").await;
        let form = "text/plain; version=0.0.4; charset=utf-8";
        assert_eq!(metrics.header("content-type"), Some(form));
        for name in [
            "openintent_http_requests_total",
            "openintent_http_request_duration_seconds",
            "openintent_http_requests_under_way",
            "openintent_graphql_operations_total",
            "openintent_graphql_operation_duration_seconds",
            "openintent_graphql_sockets",
            "openintent_graphql_socket_operations",
            "openintent_graphql_subscription_groups",
            "openintent_events_total",
            "openintent_log_position",
            "openintent_jobs_total",
            "openintent_jobs_due",
            "openintent_job_lateness_seconds",
            "openintent_db_connections",
        ] {
            assert!(has_samples(&metrics.text, name), "{name} is missing in\n{}", metrics.text);
        }
    }

    async fn a_request_keeps_its_id(server: &Server) {
        let raw = Raw::new(&server.url);
        let viewer = json!({"query": "{viewer{name}}"});
        let answer = raw.send(raw.post().header("x-request-id", "my-id.1").json(&viewer)).await;
        assert_eq!(answer.header("x-request-id"), Some("my-id.1"));
        let answer = raw.send(raw.post().header("x-request-id", "not for a log").json(&viewer)).await;
        let made = answer.header("x-request-id").unwrap();
        assert!(made.len() == 32 && made.bytes().all(|byte| byte.is_ascii_hexdigit()), "{made}");
    }
}

/// Whether a text in Prometheus' form has a metric with a sample, each of whose values is a number.
fn has_samples(text: &str, name: &str) -> bool {
    let samples = text.lines().filter(|line| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(['{', ' ', '_']))
    });
    let values: Vec<_> = samples
        .map(|line| {
            line.rsplit_once(' ')
                .and_then(|(_, value)| value.parse::<f64>().ok())
        })
        .collect();
    let is_declared = text.contains(&format!("# TYPE {name} "));
    is_declared && !values.is_empty() && values.iter().all(Option::is_some)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_in_json_names_requests_and_holds_no_secret() {
    let database = TestDatabase::create(Backend::Sqlite).await;
    let log = ["--log-format", "json", "--log-filter", "debug"];
    let server = Process::start(&database, &log).await;
    let raw = Raw::new(&server.url);
    let secrets = ["dev-user-key", "wrong-secret-key", "private-title"];
    let create =
        "mutation Create($input:CreateIntentInput!){createIntent(input:$input){intent{id}}}";
    let body = json!({"query": create, "variables": {"input": {"title": secrets[2]}}});
    let created = raw.send(raw.post().header("x-request-id", "request-1").json(&body));
    assert_eq!(created.await.status, 200);
    let stranger = Raw::with_key(&server.url, secrets[1]);
    let refused = stranger.query("{viewer{name}}", json!({})).await;
    assert_eq!(refused.status, 401);
    let mut socket = raw.socket().await;
    socket
        .subscribe("1", "subscription{events{id}}", json!(null))
        .await;
    socket.settle().await;
    raw.get("/graphql?query={secretInUrl}").await;

    server.ask_to_stop().await;
    let (status, lines) = server.ended().await;
    assert!(status.success());
    let entries: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let answered = entries
        .iter()
        .find(|entry| entry["request.id"] == "request-1")
        .unwrap_or_else(|| panic!("no entry for the request in\n{lines}"));
    assert_eq!(answered["http.status"], 200, "{answered}");
    assert_eq!(answered["graphql.operation"], "Create", "{answered}");
    assert!(
        answered["ms"].is_number() && answered["timestamp"].is_string(),
        "{answered}"
    );
    for secret in secrets.into_iter().chain(["secretInUrl"]) {
        assert!(!lines.contains(secret), "{secret} is in the log:\n{lines}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_recovers_when_its_database_is_back() {
    let server = Server::start(Backend::Postgres).await;
    let client = patient_client(&server.url, "alice");
    let intent = create_intent(&client, "watched").await;
    let mut events = client.subscribe_events(EventFilter::new()).await.unwrap();
    let raw = Raw::new(&server.url);
    server.database().refuse_connections(true).await;
    eventually("the server is not ready", || async {
        raw.get("/readyz").await.status == 503
    })
    .await;
    assert_eq!(raw.get("/healthz").await.status, 200);
    let refused = raw.query("{intents{nodes{id}}}", json!({})).await;
    assert_eq!(
        refused.json()["errors"][0]["extensions"]["code"],
        "UNAVAILABLE",
        "{}",
        refused.text
    );

    server.database().refuse_connections(false).await;
    eventually("the server is ready again", || async {
        raw.get("/readyz").await.status == 200
    })
    .await;
    let logged = log_stubbornly(&client, numbered(&intent, 1)).await;
    assert_eq!(next(&mut events).await.id, logged.id);
    let logged = log_event(&client, &intent, 2).await;
    assert_eq!(next(&mut events).await.id, logged.id);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn node_checks_pass() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let server = Server::start(Backend::Sqlite).await;
    let checked = Command::new(here.join("node/check.sh"))
        .args([&server.url, "dev-user-key"])
        .arg(here.join("../schema.graphql"))
        .output()
        .await
        .unwrap();
    assert!(
        checked.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&checked.stdout),
        String::from_utf8_lossy(&checked.stderr)
    );
    server.stop().await;
}
