//! The program's commands, its settings, and how it starts and stops.

use std::process::Output;

use openintent_client::{Client, CreateIntentInput, KeyRole};
use openintent_tests::{
    Backend, Process, TestDatabase, client, eventually, on_both_databases, process,
    process::{program_with, run, succeed},
    raw::{Raw, http},
    steps::create_intent,
};
use serde_json::json;

/// Creates a key: its id and its secret.
async fn create_key(database: &TestDatabase, arguments: &[&str]) -> (String, String) {
    let mut all = vec!["keys", "create"];
    all.extend(arguments);
    let printed = succeed(database, &all).await;
    let (id, secret) = printed.trim().split_once("  ").unwrap();
    (id.to_owned(), secret.to_owned())
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

async fn agent_of(client: &Client) -> (KeyRole, String, bool) {
    let viewer = client.viewer().await.unwrap();
    (viewer.role, viewer.agent_id, viewer.is_bound)
}

on_both_databases! {
    async fn keys_are_created_listed_and_revoked_while_the_server_runs(backend: Backend) {
        let database = TestDatabase::create(backend).await;
        let server = Process::start(&database, &[]).await;
        let bound = ["alice", "--role", "agent", "--agent-id", "agent-alice"];
        let (id, secret) = create_key(&database, &bound).await;
        let limited = ["bob", "--role", "reader", "--expires-in-days", "1"];
        let (other_id, other_secret) = create_key(&database, &limited).await;

        let alice = openintent_client::Client::builder(&server.url).api_key(&secret);
        let alice = alice.build().unwrap();
        assert_eq!(agent_of(&alice).await, (KeyRole::Agent, "agent-alice".to_owned(), true));
        let bob = client(&server.url, &other_secret, "anyone");
        assert_eq!(agent_of(&bob).await, (KeyRole::Reader, "anyone".to_owned(), false));
        let listed = succeed(&database, &["keys", "list"]).await;
        let lines: Vec<_> = listed.lines().collect();
        assert_eq!(lines.len(), 2, "{listed}");
        assert!(lines[0].starts_with(&id) && lines[0].contains("agent=agent-alice"), "{listed}");
        assert!(lines[0].contains("expires=-") && lines[0].contains("revoked=-"), "{listed}");
        assert!(lines[1].starts_with(&other_id) && !lines[1].contains("expires=-"), "{listed}");
        assert!(!listed.contains(&secret) && !listed.contains("oi_"), "{listed}");

        let raw = Raw::with_key(&server.url, &secret);
        let mut socket = raw.socket().await;
        let mut untouched = Raw::with_key(&server.url, &other_secret).socket().await;
        succeed(&database, &["keys", "revoke", &id]).await;
        assert_eq!(socket.closed().await, (4403, "The API key was revoked".to_owned()));
        let refused = raw.query("{viewer{name}}", json!({})).await;
        assert_eq!(refused.refusal(), (401, "UNAUTHENTICATED".to_owned()));
        let mut late = raw.init(json!({ "apiKey": secret })).await;
        assert_eq!(late.closed().await.0, 4403);
        untouched.settle().await;
        let listed = succeed(&database, &["keys", "list"]).await;
        assert!(!listed.lines().next().unwrap().contains("revoked=-"), "{listed}");

        // Twice is no error; what is not there is one.
        succeed(&database, &["keys", "revoke", &id]).await;
        for unknown in ["key_01k00000000000000000000000", "nonsense"] {
            let url = database.url();
            let output = run(&["--database-url", url, "keys", "revoke", unknown]).await;
            assert_eq!(output.status.code(), Some(1));
            assert!(words(&output).contains(unknown), "{}", words(&output));
        }
        assert!(server.terminate().await.success());
        database.remove().await;
    }

    async fn development_keys_end_with_the_first_key(backend: Backend) {
        let database = TestDatabase::create(backend).await;
        let server = Process::start(&database, &[]).await;
        for (key, agent) in [
            ("dev-user-key", "dev-user"),
            ("agent-research-key", "agent-research"),
            ("agent-synth-key", "agent-synth"),
        ] {
            let raw = Raw::with_key(&server.url, key);
            let viewer = raw.query("{viewer{agentId}}", json!({})).await.json();
            assert_eq!(viewer["data"]["viewer"]["agentId"], agent);
        }
        let explorer = Raw::new(&server.url).get("/explorer/config.json").await;
        assert_eq!(explorer.json(), json!({"apiKey": "dev-user-key"}));
        let (_, secret) = create_key(&database, &["root", "--role", "admin"]).await;
        assert!(server.terminate().await.success());

        let server = Process::start(&database, &[]).await;
        for key in ["dev-user-key", "agent-research-key", "agent-synth-key"] {
            let refused = Raw::with_key(&server.url, key).query("{viewer{name}}", json!({})).await;
            assert_eq!(refused.refusal(), (401, "UNAUTHENTICATED".to_owned()), "{key}");
        }
        let explorer = Raw::new(&server.url).get("/explorer/config.json").await;
        assert_eq!(explorer.json(), json!({"apiKey": null}));
        let root = client(&server.url, &secret, "root");
        assert_eq!(agent_of(&root).await.0, KeyRole::Admin);
        create_intent(&root, "allowed").await;
        assert!(server.terminate().await.success());
        database.remove().await;
    }

    async fn a_terminated_server_finishes_what_is_under_way(backend: Backend) {
        let database = TestDatabase::create(backend).await;
        let server = Process::start(&database, &[]).await;
        let client = server.client("alice");
        let raw = Raw::new(&server.url);
        let mut socket = raw.socket().await;

        let held = database.hold_writes().await;
        let writing = tokio::spawn(client.create_intent(CreateIntentInput::new("under way")));
        eventually("the mutation is under way", || async {
            // The request for the metrics is one of the two.
            raw.get("/metrics").await.text.contains("openintent_http_requests_under_way 2\n")
        })
        .await;
        server.ask_to_stop().await;
        assert_eq!(socket.closed().await, (1001, "The server is shutting down".to_owned()));
        eventually("nobody is let in any more", || async {
            http().get(raw.at("/healthz")).send().await.is_err()
        })
        .await;
        assert!(!writing.is_finished());
        held.rollback().await.unwrap();
        let created = writing.await.unwrap().unwrap().intent;
        let (status, _) = server.ended().await;
        assert_eq!(status.code(), Some(0));

        let server = Process::start(&database, &[]).await;
        let found = server.client("bob").intent(&created.id).await.unwrap();
        assert_eq!(found.unwrap().title, "under way");
        assert!(server.terminate().await.success());
        database.remove().await;
    }
}

#[tokio::test]
async fn only_loopback_is_served_before_there_is_a_key() {
    let database = TestDatabase::create(Backend::Sqlite).await;
    let settings = ["--database-url", database.url(), "--port", "0"];
    let open = [&settings[..], &["--host", "0.0.0.0"]].concat();
    let output = run(&open).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(words(&output).contains("keys create"), "{}", words(&output));

    create_key(&database, &["root", "--role", "admin"]).await;
    let server = Process::start(&database, &["--host", "0.0.0.0"]).await;
    assert!(server.terminate().await.success());
}

#[tokio::test]
async fn what_is_not_understood_is_refused_by_name() {
    let unknown_in_file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(unknown_in_file.path(), "[limits]\ndephth = 3\n").unwrap();
    let file = unknown_in_file.path().to_str().unwrap();
    for (arguments, environment, told) in [
        (&["--colour", "red"][..], None, "--colour"),
        (&["brew"], None, "brew"),
        (&["--port", "high"], None, "--port"),
        (&["--set", "limits.dephth=3"], None, "dephth"),
        (&["--set", "limits.depth=deep"], None, "limits.depth=deep"),
        (&["--set", "limits.depth"], None, "SETTING=VALUE"),
        (&["--config", file], None, "dephth"),
        (&["--config", "/nowhere.toml"], None, "/nowhere.toml"),
        (&["--log-filter", "a=b=c"], None, "log_filter"),
        (&[], Some(("OPENINTENT_COLOUR", "red")), "OPENINTENT_COLOUR"),
        (
            &[],
            Some(("OPENINTENT_LIMITS__DEPTH", "deep")),
            "OPENINTENT_LIMITS__DEPTH",
        ),
        (&["keys", "create", "a", "--role", "king"], None, "king"),
    ] {
        let mut command = program_with(arguments);
        command.envs(environment);
        let output = command.output().await.unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        let words = words(&output);
        assert!(words.contains(told), "{arguments:?}: {words}");
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_named_without_its_password() {
    for (url, told) in [
        ("mysql://u:hunter2@h/d", "sqlite://FILE"),
        ("sqlite::memory:", "name a file"),
        ("sqlite:///nowhere/to/be/found.db", "database"),
        ("postgres://u:hunter2@127.0.0.1:1/d", "database"),
    ] {
        let output = run(&["--database-url", url, "--port", "0"]).await;
        assert_eq!(output.status.code(), Some(1), "{url}");
        let words = words(&output);
        assert!(words.contains(told), "{url}: {words}");
        assert!(!words.contains("hunter2"), "{words}");
        assert!(!words.contains("panicked"), "{words}");
    }
}

#[tokio::test]
async fn the_printed_configuration_reads_back() {
    let set = ["--set", "limits.depth=7", "--port", "0", "config"];
    let printed = run(&set).await.stdout;
    let text = String::from_utf8(printed.clone()).unwrap();
    assert!(
        text.contains("depth = 7") && text.contains("port = 0"),
        "{text}"
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &printed).unwrap();
    let path = file.path().to_str().unwrap();
    assert_eq!(run(&["--config", path, "config"]).await.stdout, printed);
}

#[tokio::test]
async fn flags_are_stronger_than_the_environment_and_that_than_the_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "port = 1\n[limits]\ndepth = 1\naliases = 1\n").unwrap();
    let path = file.path().to_str().unwrap();
    let mut command = program_with(&["--config", path, "--set", "limits.depth=3", "config"]);
    command.env("OPENINTENT_PORT", "2");
    command.env("OPENINTENT_LIMITS__DEPTH", "2");
    let printed = command.output().await.unwrap().stdout;
    let printed = String::from_utf8(printed).unwrap();
    for line in ["port = 2", "depth = 3", "aliases = 1"] {
        assert!(printed.contains(line), "{line}: {printed}");
    }
}

#[tokio::test]
async fn help_names_every_command_and_setting() {
    let help = String::from_utf8(run(&["--help"]).await.stdout).unwrap();
    for word in [
        "serve",
        "migrate",
        "keys",
        "log",
        "sdl",
        "config",
        "--host",
        "--port",
        "--database-url",
        "--config",
        "--set",
        "OPENINTENT_PORT",
    ] {
        assert!(help.contains(word), "{word} is missing: {help}");
    }
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let database = TestDatabase::create(Backend::Sqlite).await;
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(&["--database-url", database.url(), "--port", &port]).await;
    assert_eq!(output.status.code(), Some(1));
    let words = words(&output);
    assert!(words.contains(&port), "{words}");
}

#[tokio::test]
async fn output_that_nobody_reads_is_no_failure() {
    let mut command = program_with(&["sdl"]);
    command.stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().await.unwrap().success());
    assert!(process::program().exists());
}
