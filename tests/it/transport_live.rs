//! Subscriptions over the raw websocket: shared, resumable, freed when they end.

use openintent_tests::{
    Backend, Process, TestDatabase, eventually,
    raw::{Raw, Socket},
    steps::{create_intent, log_event},
};
use serde_json::{Value, json};

use crate::transport::{EVENTS, create, gauge, start};

const GROUPS: &str = "openintent_graphql_subscription_groups";
const OPERATIONS: &str = "openintent_graphql_socket_operations";

async fn cursor(socket: &mut Socket) -> Value {
    socket.data().await["events"]["cursor"].take()
}

#[tokio::test]
async fn a_subscription_without_a_cursor_starts_now() {
    let (_server, raw) = start(|_| {}).await;
    create(&raw).await;
    let mut socket = raw.socket().await;
    socket.subscribe("1", EVENTS, Value::Null).await;
    socket.settle().await;
    create(&raw).await;
    assert_eq!(cursor(&mut socket).await, "c2");
}

#[tokio::test]
async fn a_cursor_in_a_variable_a_literal_or_a_default_is_honoured() {
    let (_server, raw) = start(|_| {}).await;
    for _ in 0..3 {
        create(&raw).await;
    }
    for (query, variables) in [
        (EVENTS, json!({"after": "c1"})),
        (r#"subscription{events(after:"c1"){cursor}}"#, json!({})),
        (
            r#"subscription($a:Cursor="c1"){events(after:$a){cursor}}"#,
            json!({}),
        ),
        (
            r#"subscription{...R} fragment R on Subscription{... {events(after:"c1"){cursor}}}"#,
            json!({}),
        ),
    ] {
        let mut socket = raw.socket().await;
        socket.subscribe("1", query, variables).await;
        for expected in ["c2", "c3"] {
            assert_eq!(cursor(&mut socket).await, expected, "{query}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_subscriptions_run_once_whatever_their_cursors() {
    let database = TestDatabase::create(Backend::Sqlite).await;
    let server = Process::start(&database, &[]).await;
    let raw = Raw::new(&server.url);
    // Different keys with the same view.
    let agents =
        ["agent-research-key", "agent-synth-key"].map(|key| Raw::with_key(&server.url, key));
    let mut sockets = Vec::new();
    for number in 0..10 {
        let mut socket = agents[number % 2].socket().await;
        let after = (number % 3 == 0).then_some("c0");
        socket
            .subscribe("1", EVENTS, json!({ "after": after }))
            .await;
        socket.settle().await;
        sockets.push(socket);
    }
    assert_eq!(gauge(&raw, GROUPS).await, 1.0);
    create(&raw).await;
    for socket in &mut sockets {
        assert_eq!(cursor(socket).await, "c1");
    }

    // Who sees more shares nothing with who sees less, nor does another question.
    let mut admin = raw.socket().await;
    admin.subscribe("1", EVENTS, json!({})).await;
    admin.settle().await;
    assert_eq!(gauge(&raw, GROUPS).await, 2.0);
    let filtered = r#"subscription{events(filter:{agentId:"a"}){cursor}}"#;
    sockets[0].subscribe("2", filtered, json!({})).await;
    sockets[0].settle().await;
    assert_eq!(gauge(&raw, GROUPS).await, 3.0);

    drop(sockets);
    drop(admin);
    eventually("all is freed", || async {
        gauge(&raw, GROUPS).await == 0.0 && gauge(&raw, OPERATIONS).await == 0.0
    })
    .await;
    assert!(server.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completed_subscription_is_freed_and_silent() {
    let database = TestDatabase::create(Backend::Sqlite).await;
    let server = Process::start(&database, &[]).await;
    let raw = Raw::new(&server.url);
    let mut socket = raw.socket().await;
    socket.subscribe("1", EVENTS, Value::Null).await;
    socket.settle().await;
    assert_eq!(gauge(&raw, OPERATIONS).await, 1.0);
    socket.say(json!({"type": "complete", "id": "1"})).await;
    eventually("it is freed", || async {
        gauge(&raw, GROUPS).await == 0.0 && gauge(&raw, OPERATIONS).await == 0.0
    })
    .await;
    create(&raw).await;
    // And not a `next`.
    socket.settle().await;
    assert!(server.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_from_any_cursor_get_each_event_once_in_order_while_events_come() {
    const LAST: usize = 400;
    let (server, raw) = start(|config| config.http.ring_capacity = 4).await;
    let intent = create_intent(&server.client("alice"), "noisy").await;
    let writers: Vec<_> = (0..3)
        .map(|writer| {
            let (client, intent) = (server.client(&format!("writer-{writer}")), intent.clone());
            tokio::spawn(async move {
                for number in 0..LAST / 3 + 1 {
                    log_event(&client, &intent, number).await;
                }
            })
        })
        .collect();
    let mut readers = Vec::new();
    for number in 0..20 {
        let mut socket = raw.socket().await;
        let from = number * 7;
        let after = format!("c{from:x}");
        socket
            .subscribe("1", EVENTS, json!({ "after": after }))
            .await;
        readers.push(tokio::spawn(async move {
            for expected in from + 1..=LAST {
                let expected = format!("c{expected:x}");
                assert_eq!(cursor(&mut socket).await, expected);
                if number % 5 == 0 {
                    tokio::task::yield_now().await;
                }
            }
        }));
    }
    for task in readers.into_iter().chain(writers) {
        task.await.unwrap();
    }
    server.stop().await;
}
