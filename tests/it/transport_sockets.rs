//! The graphql-transport-ws protocol: close codes, credentials, pings, caps, fairness.

use std::time::Duration;

use futures_util::SinkExt;
use openintent_server::auth::{self, Actor, NewKey, Role};
use openintent_tests::{
    Backend, Process, TestDatabase, eventually,
    raw::{DEADLINE, Raw, code},
    steps::{create_intent, log_event, object},
};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::transport::{CREATE, EVENTS, VIEWER, create, gauge, start, viewer};

const SOCKETS: &str = "openintent_graphql_sockets";

#[tokio::test]
async fn another_subprotocol_closes_4406() {
    let (_server, raw) = start(|_| {}).await;
    for headers in [&[][..], &[("sec-websocket-protocol", "graphql-ws")][..]] {
        match raw.connect_with(headers).await {
            Ok(mut socket) => assert_eq!(socket.closed().await.0, 4406),
            // Some clients themselves refuse a server that accepts none of their subprotocols.
            Err(Error::Protocol(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }
    let several = [("sec-websocket-protocol", "graphql-ws, graphql-transport-ws")];
    let mut socket = raw.connect_with(&several).await.unwrap();
    socket.say(json!({"type": "ping"})).await;
    assert_eq!(socket.hear().await, json!({"type": "pong"}));
}

#[tokio::test]
async fn invalid_messages_close_4400_with_a_reason() {
    let (_server, raw) = start(|_| {}).await;
    for text in [
        "",
        "{",
        "[]",
        r#"{"type":"start"}"#,
        r#"{"type":"subscribe","id":"1"}"#,
        r#"{"type":"subscribe","id":"","payload":{"query":"{viewer{name}}"}}"#,
        r#"{"type":"complete"}"#,
    ] {
        let mut socket = raw.socket().await;
        socket.say_text(text).await;
        let (code, reason) = socket.closed().await;
        assert_eq!(code, 4400, "{text}");
        assert!(reason.starts_with("Invalid message"), "{reason}");
    }
    let mut socket = raw.socket().await;
    socket
        .0
        .send(Message::binary(b"{}".as_slice()))
        .await
        .unwrap();
    assert_eq!(socket.closed().await.0, 4400);
}

#[tokio::test]
async fn a_message_over_the_limit_closes_1009() {
    let (_server, raw) = start(|config| config.limits.body_bytes = 2_000).await;
    let mut socket = raw.socket().await;
    let variables = json!({"v": "x".repeat(3_000)});
    socket.subscribe("1", VIEWER, variables).await;
    assert_eq!(socket.closed().await.0, 1009);
}

#[tokio::test]
async fn subscribing_before_the_acknowledgement_closes_4401() {
    let (_server, raw) = start(|_| {}).await;
    let mut socket = raw.connect().await;
    socket.subscribe("1", VIEWER, Value::Null).await;
    assert_eq!(socket.closed().await, (4401, "Unauthorized".to_owned()));
}

#[tokio::test]
async fn bad_credentials_close_4403() {
    let (_server, raw) = start(|_| {}).await;
    for (payload, told) in [
        (json!({}), "send an API key"),
        (json!({"apiKey": 1}), "send an API key"),
        (json!({"apiKey": "bad"}), "not known"),
        (
            json!({"apiKey": "agent-synth-key", "agentId": "somebody-else"}),
            "acts only as `agent-synth`",
        ),
    ] {
        let mut socket = raw.init(payload).await;
        let (code, reason) = socket.closed().await;
        assert_eq!(code, 4403);
        assert!(reason.contains(told), "{reason}");
    }
}

#[tokio::test]
async fn credentials_come_in_the_payload_or_in_the_upgrade() {
    let (_server, raw) = start(|_| {}).await;
    for payload in [
        json!({"apiKey": "dev-user-key"}),
        json!({"X-API-Key": "dev-user-key"}),
        json!({"authorization": "Bearer dev-user-key"}),
        json!({"headers": {"x-api-key": "dev-user-key"}}),
    ] {
        let mut socket = raw.init(payload).await;
        assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
    }
    let headers = [
        ("sec-websocket-protocol", "graphql-transport-ws"),
        ("x-api-key", "dev-user-key"),
        ("x-agent-id", "from-header"),
    ];
    let mut socket = raw.connect_with(&headers).await.unwrap();
    socket.say(json!({"type": "connection_init"})).await;
    assert_eq!(socket.hear().await["type"], "connection_ack");
    socket
        .subscribe("1", "{viewer{agentId}}", Value::Null)
        .await;
    assert_eq!(socket.data().await["viewer"]["agentId"], "from-header");
}

#[tokio::test]
async fn a_socket_without_init_closes_4408() {
    let (_server, raw) = start(|config| config.http.init_timeout_ms = 30).await;
    let told = raw.connect().await.closed().await;
    assert_eq!(told, (4408, "Connection initialisation timeout".to_owned()));
}

#[tokio::test]
async fn an_id_in_use_closes_4409() {
    let (_server, raw) = start(|_| {}).await;
    let mut socket = raw.socket().await;
    for _ in 0..2 {
        socket.subscribe("one", EVENTS, Value::Null).await;
    }
    let told = (4409, "Subscriber for one already exists".to_owned());
    assert_eq!(socket.closed().await, told);
}

#[tokio::test]
async fn a_second_init_closes_4429() {
    let (_server, raw) = start(|_| {}).await;
    let mut socket = raw.socket().await;
    socket.say(json!({"type": "connection_init"})).await;
    let told = (4429, "Too many initialisation requests".to_owned());
    assert_eq!(socket.closed().await, told);
}

#[tokio::test]
async fn a_stopping_server_closes_1001() {
    let (server, raw) = start(|_| {}).await;
    let mut let_in = raw.socket().await;
    let mut silent = raw.connect().await;
    server.app.shutdown().cancel();
    for socket in [&mut let_in, &mut silent] {
        let told = (1001, "The server is shutting down".to_owned());
        assert_eq!(socket.closed().await, told);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_closes_its_sockets_4403() {
    let (server, raw) = start(|_| {}).await;
    let (id, secret) = server.key(Role::Agent, "leaver").await;
    let mut socket = Raw::with_key(&raw.url, &secret).socket().await;
    let mut other = raw.socket().await;
    auth::revoke_key(&server.app, &Actor::system(), &id)
        .await
        .unwrap();
    let told = (4403, "The API key was revoked".to_owned());
    assert_eq!(socket.closed().await, told);
    other.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_key_closes_its_sockets_4403() {
    let (server, raw) = start(|_| {}).await;
    let new = NewKey {
        name: "brief".to_owned(),
        role: Role::Agent,
        agent_id: None,
        expires_at: Some(server.clock.now().plus_seconds(60)),
    };
    let created = auth::create_key(&server.app, &Actor::system(), &new).await;
    let secret = created.unwrap().1.0;
    let brief = Raw::with_key(&raw.url, &secret);
    let mut socket = brief.socket().await;
    server.advance(Duration::from_secs(59));
    socket.settle().await;
    server.advance(Duration::from_secs(1));
    let told = (4403, "The API key has expired".to_owned());
    assert_eq!(socket.closed().await, told);
    let refused = brief.query(VIEWER, json!({})).await;
    assert_eq!(refused.refusal(), (401, "UNAUTHENTICATED".to_owned()));
    assert_eq!(
        brief.init(json!({"apiKey": secret})).await.closed().await.0,
        4403
    );
}

#[tokio::test]
async fn pings_are_answered_with_their_payload_at_any_time() {
    let (_server, raw) = start(|_| {}).await;
    let mut socket = raw.connect().await;
    socket.settle().await;
    socket.say(json!({"type": "pong"})).await;
    let init = json!({"type": "connection_init", "payload": {"apiKey": "dev-user-key"}});
    socket.say(init).await;
    assert_eq!(socket.hear().await["type"], "connection_ack");
    socket.settle().await;
    socket.0.send(Message::Ping("x".into())).await.unwrap();
    assert_eq!(socket.frame().await, Some(Message::Pong("x".into())));
}

#[tokio::test]
async fn the_server_pings_and_keeps_peers_that_answer() {
    let (_server, raw) = start(|config| {
        config.http.ping_interval_ms = 20;
        config.http.pong_timeout_ms = 2_000;
    })
    .await;
    let mut socket = raw.socket().await;
    for _ in 0..5 {
        // Reading a ping makes the client library answer it.
        assert!(matches!(socket.frame().await, Some(Message::Ping(_))));
    }
    socket.subscribe("1", VIEWER, Value::Null).await;
    assert_eq!(socket.hear().await["type"], "next");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_peer_is_let_go() {
    let database = TestDatabase::create(Backend::Sqlite).await;
    let settings = [
        "--set",
        "http.ping_interval_ms=500",
        "--set",
        "http.pong_timeout_ms=100",
    ];
    let server = Process::start(&database, &settings).await;
    let raw = Raw::new(&server.url);
    let mut socket = raw.socket().await;
    socket.subscribe("1", EVENTS, Value::Null).await;
    // It does not read any more, so it does not answer.
    eventually("it is there", || async {
        gauge(&raw, SOCKETS).await == 1.0
    })
    .await;
    eventually("it is gone", || async { gauge(&raw, SOCKETS).await == 0.0 }).await;
    drop(socket);
    assert!(server.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_takes_nothing_is_let_go() {
    let database = TestDatabase::create(Backend::Sqlite).await;
    let server = Process::start(&database, &["--set", "http.send_timeout_ms=100"]).await;
    let raw = Raw::new(&server.url);
    let mut socket = raw.socket().await;
    socket
        .subscribe("1", "subscription{events{payload}}", Value::Null)
        .await;
    socket.settle().await;
    let client = server.client("alice");
    let intent = create_intent(&client, "noisy").await;
    let payload = object(json!({ "filling": "x".repeat(60_000) }));
    let fill = async {
        while gauge(&raw, SOCKETS).await > 0.0 {
            let event = openintent_client::LogEventInput::new(&intent.id, "x-big");
            client
                .log_event(event.payload(payload.clone()))
                .await
                .unwrap();
        }
    };
    timeout(DEADLINE, fill).await.unwrap();
    drop(socket);
    assert!(server.terminate().await.success());
}

#[tokio::test]
async fn queries_and_mutations_run_over_the_socket() {
    let (_server, raw) = start(|_| {}).await;
    let mut socket = raw.socket().await;
    socket.subscribe("q", VIEWER, Value::Null).await;
    let next = json!({"id": "q", "type": "next", "payload": viewer()});
    assert_eq!(socket.hear().await, next);
    assert_eq!(socket.hear().await, json!({"id": "q", "type": "complete"}));

    // The id is free again.
    socket.subscribe("q", CREATE, json!({"title": "t"})).await;
    assert_eq!(socket.data().await["createIntent"]["cursor"], "c1");
    assert_eq!(socket.hear().await["type"], "complete");
}

#[tokio::test]
async fn what_cannot_run_is_an_error_for_its_id_alone() {
    let (_server, raw) = start(|_| {}).await;
    let mut socket = raw.socket().await;
    for (query, expected) in [
        ("{", "BAD_USER_INPUT"),
        ("{nothing}", "BAD_USER_INPUT"),
        (
            "query($n:Int!){intents(first:$n){nodes{id}}}",
            "BAD_USER_INPUT",
        ),
        ("{intents(first:1000000){totalCount}}", "LIMIT_EXCEEDED"),
        ("subscription{intentUpdated(id:\"x\"){cursor}}", "NOT_FOUND"),
        (
            "subscription{events(after:\"x\"){cursor}}",
            "BAD_USER_INPUT",
        ),
    ] {
        socket.subscribe("\"1", query, Value::Null).await;
        let error = socket.hear().await;
        assert_eq!(error["id"], "\"1", "{query}: {error}");
        assert_eq!(error["type"], "error", "{query}: {error}");
        assert_eq!(code(&error["payload"][0]), expected, "{query}: {error}");
    }
    socket.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_over_the_socket_is_given_up_when_it_takes_too_long() {
    let (server, raw) = start(|config| config.limits.request_timeout_ms = 300).await;
    let mut socket = raw.socket().await;
    let held = server.database().hold_writes().await;
    socket
        .subscribe("1", CREATE, json!({"title": "late"}))
        .await;
    assert_eq!(code(&socket.hear().await["payload"][0]), "TIMEOUT");
    held.rollback().await.unwrap();
    socket.subscribe("1", VIEWER, Value::Null).await;
    assert_eq!(socket.hear().await["type"], "next");
}

#[tokio::test]
async fn operations_per_socket_are_capped() {
    let (_server, raw) = start(|config| config.limits.subscriptions_per_socket = 2).await;
    let mut socket = raw.socket().await;
    for id in ["1", "2", "3"] {
        socket.subscribe(id, EVENTS, Value::Null).await;
    }
    let error = socket.hear().await;
    assert_eq!(
        (&error["id"], &error["type"]),
        (&json!("3"), &json!("error"))
    );
    assert_eq!(code(&error["payload"][0]), "LIMIT_EXCEEDED");
    assert!(
        error
            .to_string()
            .contains("limits.subscriptions_per_socket")
    );

    socket.say(json!({"type": "complete", "id": "1"})).await;
    socket.say(json!({"type": "complete", "id": "2"})).await;
    socket.subscribe("3", EVENTS, Value::Null).await;
    socket.settle().await;
    create(&raw).await;
    assert_eq!(socket.hear().await["id"], "3");
}

#[tokio::test]
async fn operations_per_key_are_capped_over_its_sockets() {
    let (_server, raw) = start(|config| config.limits.subscriptions_per_key = 2).await;
    let mut first = raw.socket().await;
    let mut second = raw.socket().await;
    for id in ["1", "2"] {
        first.subscribe(id, EVENTS, Value::Null).await;
    }
    first.settle().await;
    second.subscribe("1", EVENTS, Value::Null).await;
    let error = second.hear().await;
    assert_eq!(code(&error["payload"][0]), "LIMIT_EXCEEDED");
    assert!(error.to_string().contains("limits.subscriptions_per_key"));
    let mut other = Raw::with_key(&raw.url, "agent-synth-key").socket().await;
    other.subscribe("1", VIEWER, Value::Null).await;
    assert_eq!(other.hear().await["type"], "next");

    drop(first);
    let freed = async {
        loop {
            second.subscribe("1", VIEWER, Value::Null).await;
            if second.hear().await["type"] == "next" {
                break;
            }
        }
    };
    timeout(DEADLINE, freed).await.unwrap();
}

#[tokio::test]
async fn a_key_that_asks_too_much_gets_errors_on_its_socket() {
    let (_server, raw) = start(|config| {
        config.limits.requests_per_second = 1;
        config.limits.request_burst = 1;
    })
    .await;
    let mut socket = raw.socket().await;
    for id in ["1", "2"] {
        socket.subscribe(id, VIEWER, Value::Null).await;
    }
    let error = loop {
        let message = socket.hear().await;
        if message["id"] == "2" {
            break message["payload"][0].clone();
        }
    };
    assert_eq!(code(&error), "RATE_LIMITED");
    assert!(error["extensions"]["retryAfterMs"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn pages_of_other_origins_get_no_socket() {
    let connect = async |raw: &Raw, origin: &str| {
        let headers = [
            ("sec-websocket-protocol", "graphql-transport-ws"),
            ("origin", origin),
        ];
        raw.connect_with(&headers).await.map(|_| ())
    };
    let (_server, raw) = start(|_| {}).await;
    match connect(&raw, "https://evil.example").await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 403),
        other => panic!("{other:?}"),
    }
    connect(&raw, &raw.url).await.unwrap();
    let board = "https://board.example";
    let (_server, raw) = start(|config| config.http.allowed_origins = vec![board.to_owned()]).await;
    connect(&raw, board).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_hot_streams_share_a_socket_fairly() {
    const STREAMS: usize = 8;
    const EVENTS: usize = 1_200;
    let (server, raw) = start(|_| {}).await;
    let intent = create_intent(&server.client("alice"), "noisy").await;
    let writers = (0..16).map(|writer| {
        let (client, intent) = (server.client(&format!("writer-{writer}")), intent.clone());
        tokio::spawn(async move {
            for number in 0..EVENTS / 16 {
                log_event(&client, &intent, number).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let mut socket = raw.socket().await;
    // Different selections, so that nothing is shared between them.
    for stream in 0..STREAMS {
        let query = format!("subscription{{events(after:\"c0\"){{alias{stream}:payload}}}}");
        socket
            .subscribe(&stream.to_string(), &query, Value::Null)
            .await;
    }
    let mut heard = [0_usize; STREAMS];
    let mut counted = [0_usize; STREAMS];
    let until = Instant::now() + DEADLINE;
    while heard.iter().all(|count| *count < EVENTS) && Instant::now() < until {
        let message = socket.hear().await;
        let stream: usize = message["id"].as_str().unwrap().parse().unwrap();
        heard[stream] += 1;
        // Counted once all have begun.
        if !heard.contains(&0) {
            counted[stream] += 1;
        }
    }
    let (slowest, fastest) = (counted.iter().min().unwrap(), counted.iter().max().unwrap());
    assert!(*fastest > EVENTS / 4, "{heard:?} {counted:?}");
    assert!(slowest * 2 >= *fastest, "{heard:?} {counted:?}");
}
