//! Several server processes on one PostgreSQL: they share the log, the locks and the work.

use openintent_client::{AcquireLeaseInput, CreateIntentInput, ErrorCode, EventFilter};
use openintent_entities::event;
use openintent_server::auth::{self, Actor, Role};
use openintent_tests::{
    Backend, Process, Server, TestDatabase, eventually, invariants,
    raw::Raw,
    steps::{create_intent, ids_in_log, log_stubbornly, next, numbered, patient_client, take},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter,
    TransactionTrait,
};
use serde_json::json;

/// Taken by whoever stamps positions; while this test has it, nobody does.
const STAMPING: &str = "SELECT pg_advisory_xact_lock(x'6f696c6f67000000'::bigint)";

async fn unstamped(db: &DatabaseConnection) -> u64 {
    event::Entity::find()
        .filter(event::Column::Position.is_null())
        .count(db)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "it only holds a lock")]
async fn what_a_killed_process_committed_is_put_in_order_by_another() {
    const EVENTS: usize = 5;
    let database = TestDatabase::create(Backend::Postgres).await;
    let doomed = Process::start(&database, &[]).await;
    let other = Process::start(&database, &[]).await;
    let reader = other.client("reader");
    let intent = create_intent(&doomed.client("alice"), "watched").await;
    let before = {
        let db = database.connect().await;
        ids_in_log(&db).await.len()
    };

    let db = database.connect().await;
    let stamping = db.begin().await.unwrap();
    stamping.execute_unprepared(STAMPING).await.unwrap();
    let writer = patient_client(&doomed.url, "alice");
    let inputs: Vec<_> = (0..EVENTS)
        .map(|number| numbered(&intent, number).idempotency_key(format!("event-{number}")))
        .collect();
    let writing: Vec<_> = inputs
        .iter()
        .map(|input| tokio::spawn(writer.log_event(input.clone())))
        .collect();
    eventually("all is committed and nothing is stamped", || async {
        unstamped(&db).await == u64::try_from(EVENTS).unwrap()
    })
    .await;
    let mut events = reader
        .subscribe_events(EventFilter::new())
        .after("c0")
        .await
        .unwrap();
    let seen = take(&mut events, before).await;
    assert_eq!(seen.len(), before);
    doomed.kill().await;
    for unanswered in writing {
        assert!(unanswered.await.unwrap().unwrap_err().is_transient());
    }

    stamping.rollback().await.unwrap();
    let seen = take(&mut events, EVENTS).await;
    assert_eq!(unstamped(&db).await, 0);
    let heir = other.client("alice");
    for input in inputs {
        let repeated = heir.log_event(input).await.unwrap();
        let found = seen.iter().find(|event| event.id == repeated.event.id);
        assert_eq!(found.unwrap().payload, repeated.event.payload);
    }
    assert_eq!(ids_in_log(&db).await.len(), before + EVENTS);
    assert!(other.terminate().await.success());
    invariants::check(&database).await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_acquirers_in_two_processes_gets_the_lease() {
    let server = Server::start(Backend::Postgres).await;
    let other = server.beside().await;
    let intent = create_intent(&server.client("alice"), "contended").await;
    let acquiring: Vec<_> = (0..12)
        .map(|number| {
            let at = if number % 2 == 0 { &server } else { &other };
            let client = at.client(&format!("agent-{number}"));
            tokio::spawn(client.acquire_lease(AcquireLeaseInput::new(&intent.id, "scope")))
        })
        .collect();
    let (mut won, mut told) = (Vec::new(), Vec::new());
    for acquired in acquiring {
        match acquired.await.unwrap() {
            Ok(payload) => won.push(payload.lease),
            Err(error) => {
                assert_eq!(error.code(), Some(ErrorCode::LeaseHeld), "{error}");
                let held = error.refused().unwrap().lease_held().cloned();
                told.push(held.unwrap().lease_id);
            }
        }
    }
    assert_eq!(won.len(), 1);
    assert!(told.iter().all(|lease| *lease == won[0].id));
    other.halt().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_counts_in_every_process() {
    let server = Server::start(Backend::Postgres).await;
    let other = server.beside().await;
    let creating: Vec<_> = (0..8)
        .map(|number| {
            let at = if number % 2 == 0 { &server } else { &other };
            let input = CreateIntentInput::new("once").idempotency_key("the-same");
            tokio::spawn(at.client("alice").create_intent(input))
        })
        .collect();
    let mut answers = Vec::new();
    for created in creating {
        let created = created.await.unwrap().unwrap();
        answers.push((created.intent.id, created.cursor));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let db = server.database().connect().await;
    assert_eq!(ids_in_log(&db).await.len(), 1);
    other.halt().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_revoked_in_one_process_is_refused_by_all() {
    let server = Server::start(Backend::Postgres).await;
    let other = server.beside().await;
    let (id, secret) = server.key(Role::Agent, "leaver").await;
    let raw = Raw::with_key(&other.url, &secret);
    assert_eq!(raw.query("{viewer{name}}", json!({})).await.status, 200);
    let mut socket = raw.socket().await;
    auth::revoke_key(&server.app, &Actor::system(), &id)
        .await
        .unwrap();
    assert_eq!(
        socket.closed().await,
        (4403, "The API key was revoked".to_owned())
    );
    let refused = raw.query("{viewer{name}}", json!({})).await;
    assert_eq!(refused.refusal(), (401, "UNAUTHENTICATED".to_owned()));
    other.halt().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_goes_on_in_another_process_when_one_is_stopped() {
    let database = TestDatabase::create(Backend::Postgres).await;
    let leaving = Process::start(&database, &[]).await;
    let staying = Process::start(&database, &[]).await;
    let proxy = openintent_tests::proxy::Proxy::to(&leaving.url).await;
    let client = patient_client(&proxy.url, "alice");
    let intent = create_intent(&client, "watched").await;
    let mut events = client
        .subscribe_events(EventFilter::new())
        .after("c0")
        .await
        .unwrap();
    assert_eq!(next(&mut events).await.intent_id, Some(intent.id.clone()));
    proxy.lead_to(&staying.url);
    assert!(leaving.terminate().await.success());
    let logged = log_stubbornly(&client, numbered(&intent, 1)).await;
    assert_eq!(next(&mut events).await.id, logged.id);
    assert!(staying.terminate().await.success());
    database.remove().await;
}
