//! The event log: its order under concurrent writers and commits out of order, and its hash chains.

use std::time::Duration;

use openintent_client::{EventFilter, Intent, json};
use openintent_entities::{Object, event, intent};
use openintent_tests::{
    Backend, Process, TestDatabase, client, eventually, invariants, on_both, process,
    proxy::Proxy,
    raw::Raw,
    steps::{
        create_intent, ids_in_log, log_event, log_stubbornly, next, numbered, patient_client,
        whole_log,
    },
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait,
    IntoActiveModel, ModelTrait, QueryFilter, QuerySelect, prelude::Expr,
};

/// Commits that take a random while: transactions end in another order than they began.
const COMMITS_HESITATE: &str = "
    CREATE FUNCTION hesitate() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN PERFORM pg_sleep(random() * 0.03); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER hesitate AFTER INSERT ON events
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hesitate()";

/// How often an event stands in the log behind one that was inserted later.
const INVERSIONS: &str = "SELECT count(*) AS inversions FROM (
    SELECT ordinal, lag(ordinal) OVER (ORDER BY position) AS previous FROM events) AS pairs
    WHERE previous > ordinal";

const WRITERS: usize = 10;
const EVENTS_EACH: usize = 60;

async fn inversions(db: &DatabaseConnection) -> i64 {
    let statement = sea_orm::Statement::from_string(db.get_database_backend(), INVERSIONS);
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "inversions").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_is_seen_once_and_in_order_though_commits_are_inverted() {
    let database = TestDatabase::create(Backend::Postgres).await;
    let servers = [
        Process::start(&database, &[]).await,
        Process::start(&database, &[]).await,
    ];
    let db = database.connect().await;
    db.execute_unprepared(COMMITS_HESITATE).await.unwrap();

    let admin = servers[0].client("admin");
    let shared = create_intent(&admin, "shared").await;
    let proxy = Proxy::to(&servers[1].url).await;
    let typed = tokio::spawn(read_with_client(proxy.url.clone()));
    let raw = tokio::spawn(read_raw(servers[0].url.clone()));

    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let client = patient_client(&servers[writer % 2].url, &format!("writer-{writer}"));
        let shared = shared.clone();
        writers.push(tokio::spawn(async move {
            let own = create_intent(&client, "own").await;
            for number in 0..EVENTS_EACH {
                let intent = if number % 5 == 0 { &shared } else { &own };
                log_stubbornly(&client, numbered(intent, number)).await;
            }
        }));
    }
    let mut random = StdRng::from_os_rng();
    while !writers.iter().all(tokio::task::JoinHandle::is_finished) {
        tokio::time::sleep(Duration::from_millis(random.random_range(20..200))).await;
        proxy.cut();
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let last = log_event(&admin, &shared, usize::MAX).await;

    let stored = ids_in_log(&db).await;
    assert_eq!(stored.len(), 1 + WRITERS * (1 + EVENTS_EACH) + 1);
    assert_eq!(stored.last().unwrap(), last.id.as_str());
    assert!(
        inversions(&db).await > 0,
        "the order of insertion was the order of the log: this test tested nothing"
    );
    assert_eq!(typed.await.unwrap(), stored, "the client");
    assert_eq!(raw.await.unwrap(), stored, "the raw websocket");

    for server in servers {
        assert!(server.terminate().await.success());
    }
    invariants::check(&database).await;
    database.remove().await;
}

fn is_last(payload: &openintent_client::Value) -> bool {
    payload["number"] == json!(usize::MAX)
}

/// Reads the log with the typed client, whose connection is cut and which is itself stopped and
/// started again from its cursor, at random.
async fn read_with_client(url: String) -> Vec<String> {
    let mut seen = Vec::new();
    let mut random = StdRng::from_os_rng();
    let client = patient_client(&url, "reader");
    let mut cursor = openintent_client::Cursor::new("c0");
    loop {
        let mut events = client
            .subscribe_events(EventFilter::new())
            .after(&cursor)
            .await
            .unwrap();
        for _ in 0..random.random_range(1..100) {
            let event = next(&mut events).await;
            assert_eq!(events.cursor(), Some(&event.cursor));
            seen.push(event.id.to_string());
            cursor = event.cursor;
            if is_last(&event.payload.into()) {
                return seen;
            }
        }
    }
}

/// Reads the log from websockets that are dropped at random, from cursor to cursor.
async fn read_raw(url: String) -> Vec<String> {
    const EVENTS: &str = "subscription($after:Cursor){events(after:$after){id cursor payload}}";
    let raw = Raw::new(&url);
    let mut seen = Vec::new();
    let mut random = StdRng::from_os_rng();
    let mut cursor = json!("c0");
    loop {
        let mut socket = raw.socket().await;
        socket
            .subscribe("1", EVENTS, json!({ "after": cursor }))
            .await;
        for _ in 0..random.random_range(1..100) {
            let mut data = socket.data().await;
            let event = data["events"].take();
            seen.push(event["id"].as_str().unwrap().to_owned());
            cursor = event["cursor"].clone();
            if is_last(&event["payload"]) {
                return seen;
            }
        }
    }
}

/// The first event of a stream, as it is stored.
async fn stored(db: &DatabaseConnection, intent: &Intent, sequence: i64) -> event::Model {
    event::Entity::find()
        .filter(event::Column::Stream.eq(intent.id.as_str()))
        .filter(event::Column::Sequence.eq(sequence))
        .one(db)
        .await
        .unwrap()
        .unwrap()
}

/// What `log verify` says: whether the log holds, and its words.
async fn verify_by_command(database: &TestDatabase) -> (Option<i32>, String) {
    let output = process::run(&["--database-url", database.url(), "log", "verify"]).await;
    let words = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), words)
}

on_both! {
    async fn a_changed_event_is_found_and_named(server: &Server) {
        let client = server.client("alice");
        let intent = create_intent(&client, "watched").await;
        for number in 0..3 {
            log_event(&client, &intent, number).await;
        }
        let whole = client.verify_log(&intent.id).await.unwrap();
        assert!(whole.valid && whole.breaks.is_empty());
        assert_eq!((whole.event_count, whole.last_sequence), (4, Some(4)));
        assert_eq!(verify_by_command(server.database()).await.0, Some(0));

        let db = server.database().connect().await;
        let victim = stored(&db, &intent, 3).await;
        let rewrite = |payload: Object| {
            event::Entity::update_many()
                .col_expr(event::Column::Payload, Expr::value(payload))
                .filter(event::Column::Id.eq(victim.id.clone()))
                .exec(&db)
        };
        rewrite(Object::default()).await.unwrap();

        let found = client.verify_log(&intent.id).await.unwrap();
        assert!(!found.valid);
        let broken: Vec<_> = found.breaks.iter().map(|at| at.event_id.as_str()).collect();
        assert_eq!(broken, [victim.id.as_str()]);
        assert_eq!(found.breaks[0].sequence, 3);
        let (code, words) = verify_by_command(server.database()).await;
        assert_eq!(code, Some(1), "{words}");
        assert!(words.contains(victim.id.as_str()), "{words}");

        rewrite(victim.payload.clone()).await.unwrap();
        assert!(client.verify_log(&intent.id).await.unwrap().valid);
    }

    async fn a_rewritten_hash_breaks_the_event_after_it(server: &Server) {
        let client = server.client("alice");
        let intent = create_intent(&client, "watched").await;
        for number in 0..3 {
            log_event(&client, &intent, number).await;
        }
        let db = server.database().connect().await;
        let before = stored(&db, &intent, 2).await;
        let mut forged = before.clone();
        forged.actor = "mallory".to_owned();
        forged.event_hash = openintent_server::log::hash::event_hash(&forged).unwrap();
        forged.into_active_model().reset_all().update(&db).await.unwrap();
        let found = client.verify_log(&intent.id).await.unwrap();
        let after = stored(&db, &intent, 3).await;
        assert_eq!(found.breaks.len(), 1);
        assert_eq!(found.breaks[0].event_id, after.id.as_str());
        before.into_active_model().reset_all().update(&db).await.unwrap();
    }

    async fn a_forged_last_event_is_found(server: &Server) {
        let client = server.client("alice");
        let intent = create_intent(&client, "watched").await;
        log_event(&client, &intent, 1).await;
        let db = server.database().connect().await;
        let honest = stored(&db, &intent, 2).await;
        let mut forged = honest.clone();
        forged.actor = "mallory".to_owned();
        forged.event_hash = openintent_server::log::hash::event_hash(&forged).unwrap();
        for (row, is_valid) in [(forged, false), (honest, true)] {
            row.into_active_model().reset_all().update(&db).await.unwrap();
            let found = client.verify_log(&intent.id).await.unwrap();
            assert_eq!(found.valid, is_valid, "{found:?}");
        }
    }

    async fn a_removed_event_is_found_also_the_last_one(server: &Server) {
        let client = server.client("alice");
        let intent = create_intent(&client, "watched").await;
        for number in 0..3 {
            log_event(&client, &intent, number).await;
        }
        let db = server.database().connect().await;
        for sequence in [4, 2] {
            let victim = stored(&db, &intent, sequence).await;
            victim.clone().delete(&db).await.unwrap();
            let found = client.verify_log(&intent.id).await.unwrap();
            assert!(!found.valid, "the loss of event {sequence} was not found");
            let (code, words) = verify_by_command(server.database()).await;
            assert_eq!(code, Some(1), "{words}");
            let row = victim.into_active_model().reset_all();
            event::Entity::insert(row).exec_without_returning(&db).await.unwrap();
        }
    }

    async fn a_stream_that_lost_all_its_events_is_found(server: &Server) {
        let client = server.client("alice");
        let intent = create_intent(&client, "watched").await;
        let db = server.database().connect().await;
        let only = stored(&db, &intent, 1).await;
        only.clone().delete(&db).await.unwrap();
        assert!(!client.verify_log(&intent.id).await.unwrap().valid);
        let (code, words) = verify_by_command(server.database()).await;
        assert_eq!(code, Some(1), "{words}");
        assert!(words.contains(intent.id.as_str()), "{words}");
        let row = only.into_active_model().reset_all();
        event::Entity::insert(row).exec_without_returning(&db).await.unwrap();
    }

    async fn an_intent_and_its_stream_agree(server: &Server) {
        let client = server.client("alice");
        let intent = create_intent(&client, "watched").await;
        let last = log_event(&client, &intent, 1).await;
        let db = server.database().connect().await;
        let (sequence, hash) = intent::Entity::find()
            .select_only()
            .columns([intent::Column::EventSequence, intent::Column::EventHash])
            .into_tuple::<(i64, Option<String>)>()
            .one(&db)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((sequence, hash), (last.sequence, Some(last.hash.clone())));
        let verified = client.verify_log(&intent.id).await.unwrap();
        assert_eq!(verified.head_hash, Some(last.hash));
    }

    async fn the_system_stream_is_verified_for_operators_only(server: &Server) {
        let reader = server.client_with_role(openintent_server::auth::Role::Reader, "reader").await;
        let operator = server.client_with_role(openintent_server::auth::Role::Operator, "op").await;
        let error = reader.verify_log(openintent_client::Maybe::Absent).await.unwrap_err();
        assert_eq!(error.code(), Some(openintent_client::ErrorCode::Forbidden));
        let system = operator.verify_log(openintent_client::Maybe::Absent).await.unwrap();
        assert!(system.valid);
        assert_eq!(system.event_count, 2, "the two keys of this test");
    }

    async fn concurrent_writers_leave_no_gap_in_streams_and_log(server: &Server) {
        let shared = create_intent(&server.client("alice"), "shared").await;
        let writers = (0..8).map(|writer| {
            let (client, shared) = (server.client(&format!("writer-{writer}")), shared.clone());
            tokio::spawn(async move {
                let own = create_intent(&client, "own").await;
                for number in 0..10 {
                    let intent = if number % 2 == 0 { &shared } else { &own };
                    log_event(&client, intent, number).await;
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        let db = server.database().connect().await;
        let log = whole_log(&db).await;
        assert_eq!(log.len(), 1 + 8 * 11);
        // Density and chains are checked when the server stops.
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_sees_at_once_what_another_one_writes() {
    let database = TestDatabase::create(Backend::Postgres).await;
    let (one, other) = (
        Process::start(&database, &[]).await,
        Process::start(&database, &[]).await,
    );
    let writer = client(&one.url, "dev-user-key", "writer");
    let intent = create_intent(&writer, "watched").await;
    let reader = other.client("reader");
    eventually("the other process reads the first event", || async {
        reader.server_info().await.unwrap().cursor != "c0"
    })
    .await;
    let mut events = reader.subscribe_events(EventFilter::new()).await.unwrap();
    let started = std::time::Instant::now();
    for number in 0..20 {
        let logged = log_event(&writer, &intent, number).await;
        assert_eq!(next(&mut events).await.id, logged.id);
    }
    // Without being told, the other process would look once a second.
    assert!(started.elapsed() < Duration::from_secs(10));
    assert!(one.terminate().await.success());
    assert!(other.terminate().await.success());
    database.remove().await;
}
