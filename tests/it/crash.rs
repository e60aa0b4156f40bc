//! `kill -9` in the middle of the work: what was acknowledged is there, and nothing is seen twice.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use openintent_client::{Client, EventFilter, Id, PatchStateInput, SetPatch, json};
use openintent_tests::{
    Process, TestDatabase, eventually, invariants, on_both_databases, process,
    proxy::Proxy,
    steps::{
        create_intent, ids_in_log, log_event, log_stubbornly, next, numbered, object,
        patient_client, whole_log,
    },
};
use rand::Rng;

const ROUNDS: usize = 5;
const WRITERS: usize = 6;

/// What the server has acknowledged.
#[derive(Debug, Default)]
struct Acknowledged {
    ids: Mutex<Vec<Id>>,
    stop: AtomicBool,
}

impl Acknowledged {
    fn count(&self) -> usize {
        self.ids.lock().unwrap().len()
    }

    fn ids(&self) -> HashSet<String> {
        let ids = self.ids.lock().unwrap();
        ids.iter().map(ToString::to_string).collect()
    }
}

/// Logs events and patches an intent of its own until told to stop; says how often it did both.
async fn write(client: Client, acknowledged: Arc<Acknowledged>) -> (Id, usize) {
    let intent = create_intent(&client, "own").await;
    let (mut number, mut version) = (0, intent.version);
    while !acknowledged.stop.load(Ordering::Relaxed) {
        let event = log_stubbornly(&client, numbered(&intent, number)).await;
        acknowledged.ids.lock().unwrap().push(event.id);
        number += 1;
        version = patch_stubbornly(&client, &intent.id, version, number).await;
    }
    (intent.id, number)
}

async fn patch_stubbornly(client: &Client, intent: &Id, version: i64, number: usize) -> i64 {
    let patch = PatchStateInput::new(intent, version, [SetPatch::new("/number").value(number)])
        .idempotency_key(uuid::Uuid::now_v7().to_string());
    loop {
        match client.patch_state(patch.clone()).await {
            Ok(patched) => return patched.intent.version,
            Err(error) => assert!(error.is_transient(), "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

on_both_databases! {
    async fn nothing_acknowledged_is_lost_and_nothing_is_seen_twice(backend: Backend) {
        let database = TestDatabase::create(backend).await;
        let mut server = Process::start(&database, &[]).await;
        let proxy = Proxy::to(&server.url).await;

        let reader = patient_client(&proxy.url, "reader");
        let mut events = reader.subscribe_events(EventFilter::new()).after("c0").await.unwrap();
        let reading = tokio::spawn(async move {
            let mut seen = Vec::new();
            loop {
                let event = next(&mut events).await;
                seen.push(event.id.to_string());
                if event.payload == object(json!({ "number": usize::MAX })) {
                    return seen;
                }
            }
        });

        let acknowledged = Arc::new(Acknowledged::default());
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let client = patient_client(&proxy.url, &format!("writer-{writer}"));
                (client, Arc::clone(&acknowledged))
            })
            .map(|(client, acknowledged)| tokio::spawn(write(client, acknowledged)))
            .collect();

        for round in 0..ROUNDS {
            let before = acknowledged.count();
            eventually("the writers are at work", || async { acknowledged.count() > before + 50 })
                .await;
            let more = rand::rng().random_range(0..100);
            tokio::time::sleep(Duration::from_millis(more)).await;
            server.kill().await;

            let promised = acknowledged.ids();
            let db = database.connect().await;
            let stored: HashSet<String> = ids_in_log(&db).await.into_iter().collect();
            let lost: Vec<_> = promised.difference(&stored).collect();
            assert!(lost.is_empty(), "round {round} lost {lost:?}");
            db.close().await.unwrap();

            server = Process::start(&database, &[]).await;
            proxy.lead_to(&server.url);
        }
        acknowledged.stop.store(true, Ordering::Relaxed);
        let mut written = BTreeMap::new();
        for writer in writers {
            let (intent, count) = writer.await.unwrap();
            written.insert(intent, count);
        }

        let client = server.client("alice");
        for (intent, count) in &written {
            let found = client.intent(intent).await.unwrap().unwrap();
            assert_eq!(found.state, object(json!({ "number": count })));
            assert_eq!(found.version, 1 + i64::try_from(*count).unwrap());
        }
        let intent = create_intent(&client, "last").await;
        log_event(&client, &intent, usize::MAX).await;
        let seen = reading.await.unwrap();
        assert!(server.terminate().await.success());

        let log = whole_log(&database.connect().await).await;
        for (intent, count) in &written {
            let numbers: Vec<_> = log
                .iter()
                .filter(|event| event.stream == intent.as_str() && event.event_type == "x-test")
                .map(|event| event.payload.0["number"].clone())
                .collect();
            let expected: Vec<_> = (0..*count).map(|number| json!(number)).collect();
            assert_eq!(numbers, expected, "each event was logged once, though it was sent again");
        }
        let stored: Vec<_> = log.iter().map(|event| event.id.to_string()).collect();
        assert_eq!(seen, stored);
        invariants::check(&database).await;
        let words = process::succeed(&database, &["log", "verify"]).await;
        assert!(words.ends_with(", 0 broken\n"), "{words}");
        database.remove().await;
    }
}
