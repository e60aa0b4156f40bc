//! Subscriptions over the one socket.

use std::time::Duration;

use openintent_client::{
    Client, ConnectionState, Cursor, Error, ErrorCode, EventFilter, Subscription, json,
};
use serde::Deserialize;

use crate::server::{Plan, Server, soon, until};

#[derive(Debug, Deserialize)]
struct Numbered {
    sequence: u64,
}

/// Events, with less to read than by default.
async fn numbered(client: &Client) -> Subscription<Numbered> {
    soon(client.subscribe_events(None).select("sequence"))
        .await
        .unwrap()
}

async fn take(stream: &mut Subscription<Numbered>, count: usize) -> Vec<u64> {
    let mut numbers = Vec::new();
    for _ in 0..count {
        numbers.push(soon(stream.next()).await.unwrap().unwrap().sequence);
    }
    numbers
}

fn range(from: u64, to: u64) -> Vec<u64> {
    (from..=to).collect()
}

#[tokio::test]
async fn subscriptions_share_one_socket() {
    let server = Server::streaming(|_| Plan::Serve).await;
    let client = server.client();
    let mut events = numbered(&client).await;
    let mut updates = soon(client.subscribe_intent_updated("intent_1"))
        .await
        .unwrap();
    server.happen(2);
    assert_eq!(take(&mut events, 2).await, [1, 2]);
    for sequence in 1..=2 {
        let update = soon(updates.next()).await.unwrap().unwrap();
        assert_eq!(update.event.sequence, sequence);
        assert_eq!(update.intent.id, "intent_1");
        assert_eq!(updates.cursor(), Some(&Cursor::from(sequence.to_string())));
    }
    assert_eq!(
        *client.connection_state().borrow(),
        ConnectionState::Connected
    );

    let sockets = server.sockets();
    assert_eq!(sockets.len(), 1);
    assert_eq!(
        sockets[0].init,
        json!({ "apiKey": "key-1", "agentId": "agent-1" })
    );
    assert_eq!(sockets[0].headers["x-api-key"], "key-1");
    assert_eq!(sockets[0].headers["x-agent-id"], "agent-1");
    assert_eq!(
        sockets[0].headers["sec-websocket-protocol"],
        "graphql-transport-ws"
    );
    assert_eq!(sockets[0].subscribed.len(), 2);
    until(|| server.sockets()[0].pongs == 1).await;
}

#[tokio::test]
async fn the_socket_closes_after_the_last_subscription() {
    let server = Server::streaming(|_| Plan::Serve).await;
    let client = server.client();
    let first = numbered(&client).await;
    let second = numbered(&client).await;
    until(|| {
        server
            .sockets()
            .iter()
            .any(|socket| socket.subscribed.len() == 2)
    })
    .await;
    drop(first);
    until(|| server.sockets()[0].completed.len() == 1).await;
    assert!(!server.sockets()[0].is_closed);
    drop(second);
    until(|| server.sockets()[0].is_closed).await;
    let mut state = client.connection_state();
    soon(state.wait_for(|state| *state == ConnectionState::Idle))
        .await
        .unwrap();

    let mut third = numbered(&client).await;
    server.happen(1);
    assert_eq!(take(&mut third, 1).await, [1]);
    assert_eq!(server.sockets().len(), 2);
}

#[tokio::test]
async fn the_socket_closes_when_client_and_subscriptions_are_gone() {
    let server = Server::streaming(|_| Plan::Serve).await;
    let client = server.client();
    let mut events = numbered(&client).await;
    drop(client);
    server.happen(1);
    assert_eq!(take(&mut events, 1).await, [1]);
    drop(events);
    until(|| server.sockets()[0].is_closed).await;
}

#[tokio::test]
async fn nothing_is_lost_or_repeated_when_sockets_are_cut() {
    const EVENTS: u64 = 400;
    // Some sockets are cut before the first item, some by a close frame.
    let server = Server::streaming(|number| match number % 7 {
        0 => Plan::CloseAfter(number % 29, 1012),
        1 => Plan::Cut(0),
        2 => Plan::CloseAfter(5, 4429),
        3 => Plan::Close(1013),
        4 => Plan::Refuse(503),
        _ => Plan::Cut((number * 17) % 43),
    })
    .await;
    let client = server.client();
    let mut streams = Vec::new();
    for start in [0_u64, 100, 250] {
        let present = *server.shared.events.borrow();
        server.happen(start - present);
        streams.push((start, numbered(&client).await));
    }
    let mut tasks = Vec::new();
    for (start, mut stream) in streams {
        tasks.push(tokio::spawn(async move {
            let count = usize::try_from(EVENTS - start).unwrap();
            assert_eq!(take(&mut stream, count).await, range(start + 1, EVENTS));
            stream
        }));
    }
    for _ in 250..EVENTS {
        server.happen(1);
        tokio::task::yield_now().await;
    }
    for task in tasks {
        let stream = soon(task).await.unwrap();
        assert_eq!(stream.cursor(), Some(&Cursor::from(EVENTS.to_string())));
    }
    assert!(
        server.sockets().len() > 10,
        "{} sockets",
        server.sockets().len()
    );
}

#[tokio::test]
async fn events_before_the_first_item_are_not_missed() {
    let server = Server::streaming(|number| {
        if number == 1 {
            Plan::Cut(0)
        } else {
            Plan::Serve
        }
    })
    .await;
    server.happen(5);
    let client = server.client();
    let mut events = numbered(&client).await;
    assert_eq!(events.cursor(), Some(&Cursor::from("5")));
    server.happen(3);
    assert_eq!(take(&mut events, 3).await, [6, 7, 8]);
    assert_eq!(server.sockets()[1].subscribed[0].1, json!({ "after": "5" }));
}

#[tokio::test]
async fn subscriptions_start_where_they_are_told_to() {
    let server = Server::streaming(|_| Plan::Serve).await;
    server.happen(5);
    let client = server.client();
    let subscribe = client
        .subscribe_events(EventFilter::new().intent_id("intent_1"))
        .select::<Numbered>("sequence");
    let mut events = soon(subscribe.after("3")).await.unwrap();
    assert_eq!(take(&mut events, 2).await, [4, 5]);
    assert!(server.requests().is_empty(), "the position is known");
    let expected = json!({ "filter": { "intentId": "intent_1" }, "after": "3" });
    assert_eq!(server.sockets()[0].subscribed[0].1, expected);
}

#[tokio::test]
async fn closings_that_cannot_heal_end_the_streams() {
    for code in [4400, 4401, 4403, 4406] {
        let server = Server::streaming(move |_| Plan::Close(code)).await;
        let client = server.client();
        let mut first = numbered(&client).await;
        let error = soon(first.next()).await.unwrap().unwrap_err();
        match error {
            Error::Closed {
                code: closed,
                reason,
            } => assert_eq!((closed, reason.as_str()), (code, "because")),
            other => panic!("{other}"),
        }
        assert!(soon(first.next()).await.is_none());
        assert_eq!(server.sockets().len(), 1);
    }

    let server = Server::streaming(|_| Plan::Refuse(401)).await;
    let mut events = numbered(&server.client()).await;
    assert!(matches!(
        soon(events.next()).await,
        Some(Err(Error::Http { status: 401, .. }))
    ));
}

#[tokio::test]
async fn a_revoked_key_ends_all_live_streams() {
    let server = Server::streaming(|_| Plan::CloseAfter(2, 4403)).await;
    let client = server.client();
    let mut first = numbered(&client).await;
    let mut second = numbered(&client).await;
    until(|| {
        server
            .sockets()
            .iter()
            .any(|socket| socket.subscribed.len() == 2)
    })
    .await;
    server.happen(2);
    for stream in [&mut first, &mut second] {
        assert_eq!(take(stream, 1).await, [1]);
        let end = soon(stream.next()).await;
        assert!(
            matches!(end, Some(Err(Error::Closed { code: 4403, .. }))),
            "{end:?}"
        );
        assert!(soon(stream.next()).await.is_none());
    }
}

#[tokio::test]
async fn reconnecting_can_be_bounded() {
    let server = Server::streaming(|_| Plan::Close(1012)).await;
    let mut policy = openintent_client::RetryPolicy::reconnect();
    policy.base_delay = Duration::from_millis(1);
    policy.max_attempts = Some(3);
    let client = server.builder().reconnect(policy).build().unwrap();
    let mut events = numbered(&client).await;
    let end = soon(events.next()).await;
    assert!(
        matches!(end, Some(Err(Error::ConnectionLost(_)))),
        "{end:?}"
    );
    assert_eq!(server.sockets().len(), 3);
}

#[tokio::test]
async fn an_error_ends_only_its_own_stream() {
    let server = Server::streaming(|_| Plan::Serve).await;
    let client = server.client();
    let mut good = numbered(&client).await;
    let fails = client.subscribe_events(EventFilter::new().trace_id("fails"));
    let mut fails = soon(fails).await.unwrap();
    let ends = client.subscribe_events(EventFilter::new().trace_id("ends"));
    let mut ends = soon(ends).await.unwrap();

    let error = soon(fails.next()).await.unwrap().unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::Forbidden));
    assert!(soon(fails.next()).await.is_none());
    assert!(soon(ends.next()).await.is_none(), "completed by the server");
    server.happen(1);
    assert_eq!(take(&mut good, 1).await, [1]);
    assert_eq!(server.sockets().len(), 1);
}

#[tokio::test]
async fn items_that_cannot_be_read_do_not_end_the_stream() {
    let server = Server::streaming(|_| Plan::Serve).await;
    let client = server.client();
    let mut events = soon(
        client
            .subscribe_events(None)
            .select::<Numbered>("odd sequence"),
    )
    .await
    .unwrap();
    server.happen(5);
    assert!(matches!(
        soon(events.next()).await,
        Some(Err(Error::Decode { .. }))
    ));
    assert_eq!(events.cursor(), Some(&Cursor::from("1")));
    assert_eq!(take(&mut events, 1).await, [2]);
    assert!(matches!(
        soon(events.next()).await,
        Some(Err(Error::Graphql(_)))
    ));
    assert!(matches!(
        soon(events.next()).await,
        Some(Err(Error::Decode { .. }))
    ));
    assert_eq!(take(&mut events, 1).await, [5]);
}

#[tokio::test]
async fn a_slow_reader_is_resumed_and_holds_up_nobody() {
    const EVENTS: u64 = 200;
    let server = Server::streaming(|_| Plan::Serve).await;
    let client = server.client();
    let slow = client
        .subscribe_events(None)
        .select::<Numbered>("sequence")
        .buffer(8);
    let mut slow = soon(slow).await.unwrap();
    let mut fast = numbered(&client).await;
    until(|| {
        server
            .sockets()
            .iter()
            .any(|socket| socket.subscribed.len() == 2)
    })
    .await;
    server.happen(EVENTS);
    let count = usize::try_from(EVENTS).unwrap();
    assert_eq!(take(&mut fast, count).await, range(1, EVENTS));
    // The server was told to stop while nobody was reading.
    until(|| !server.sockets()[0].completed.is_empty()).await;

    assert_eq!(take(&mut slow, count).await, range(1, EVENTS));
    let sockets = server.sockets();
    assert_eq!(sockets.len(), 1);
    assert_eq!(
        sockets[0].subscribed[2].1,
        json!({ "after": "8" }),
        "it went on behind what was queued"
    );
    assert!(sockets[0].subscribed.len() > 3);
}

#[tokio::test]
async fn a_stopped_reader_learns_of_the_end() {
    let server = Server::streaming(|_| Plan::CloseAfter(60, 4403)).await;
    let client = server.client();
    let slow = client
        .subscribe_events(None)
        .select::<Numbered>("sequence")
        .buffer(2);
    let mut slow = soon(slow).await.unwrap();
    let mut fast = numbered(&client).await;
    until(|| {
        server
            .sockets()
            .iter()
            .any(|socket| socket.subscribed.len() == 2)
    })
    .await;
    server.happen(100);
    while let Some(Ok(_)) = soon(fast.next()).await {}
    assert_eq!(take(&mut slow, 2).await, [1, 2]);
    let end = soon(slow.next()).await;
    assert!(
        matches!(end, Some(Err(Error::Closed { code: 4403, .. }))),
        "{end:?}"
    );
}

#[tokio::test]
async fn documents_of_ones_own_resume_when_they_can() {
    #[derive(Debug, Deserialize)]
    struct Data {
        events: Numbered,
    }

    let server = Server::streaming(|number| {
        if number < 3 {
            Plan::Cut(2)
        } else {
            Plan::Serve
        }
    })
    .await;
    let client = server.client();
    let document = "subscription ($after: Cursor) { events(after: $after) { cursor sequence } }";
    let mut resumable = soon(client.subscribe_raw::<Data>(document, ()))
        .await
        .unwrap();
    server.happen(6);
    for sequence in 1..=6 {
        assert_eq!(
            soon(resumable.next())
                .await
                .unwrap()
                .unwrap()
                .events
                .sequence,
            sequence
        );
    }
    drop(resumable);

    let server = Server::streaming(|_| Plan::Cut(2)).await;
    let client = server.client();
    let document = "subscription { events { sequence } }";
    let mut plain = soon(client.subscribe_raw::<Data>(document, ()))
        .await
        .unwrap();
    until(|| {
        server
            .sockets()
            .iter()
            .any(|socket| socket.subscribed.len() == 1)
    })
    .await;
    server.happen(3);
    for sequence in 1..=2 {
        assert_eq!(
            soon(plain.next()).await.unwrap().unwrap().events.sequence,
            sequence
        );
    }
    let end = soon(plain.next()).await;
    assert!(
        matches!(end, Some(Err(Error::ConnectionLost(_)))),
        "{end:?}"
    );
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_silent_server_is_asked_and_given_up() {
    let server = Server::streaming(|number| {
        if number == 1 {
            Plan::Freeze
        } else {
            Plan::Serve
        }
    })
    .await;
    let client = server
        .builder()
        .keepalive(Duration::from_millis(50))
        .build()
        .unwrap();
    let mut events = numbered(&client).await;
    server.happen(1);
    assert_eq!(take(&mut events, 1).await, [1]);
    assert_eq!(server.sockets().len(), 2);
    until(|| server.sockets()[1].pings >= 2).await;
    assert_eq!(server.sockets().len(), 2, "a server that answers is kept");
}

#[tokio::test]
async fn a_failed_start_is_told_at_once() {
    let client = Client::builder("http://127.0.0.1:1")
        .retry(openintent_client::RetryPolicy::none())
        .build()
        .unwrap();
    let error = soon(client.subscribe_events(None)).await.unwrap_err();
    assert!(matches!(error, Error::Transport(_)), "{error}");
}
