//! Scheduled work: it is done once, late rather than never, and costs nothing while there is none.

use std::{collections::HashSet, time::Duration};

use openintent_client::{
    AcquireLeaseInput, Client, CreatePortfolioInput, Event, EventFilter, EventsArgs, LeaseStatus,
    PortfolioGovernanceInput,
};
use openintent_entities::{Object, id::JobId, job};
use openintent_tests::{
    Backend, Process, START, Server, TestDatabase, eventually, on_both, on_both_databases,
    steps::create_intent,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter,
    Statement,
};

async fn jobs(db: &DatabaseConnection, kind: &str) -> Vec<job::Model> {
    let jobs = job::Entity::find().filter(job::Column::Kind.eq(kind));
    jobs.all(db).await.unwrap()
}

async fn events_of_type(client: &Client, event_type: &str) -> Vec<Event> {
    let args = EventsArgs::new().filter(EventFilter::new().types([event_type]));
    client.events(args.first(100)).await.unwrap().nodes
}

async fn acquire(client: &Client, intent: &openintent_client::Intent, scope: &str) {
    let lease = AcquireLeaseInput::new(&intent.id, scope).duration_seconds(60);
    client.acquire_lease(lease).await.unwrap();
}

on_both_databases! {
    async fn what_was_due_while_the_server_was_down_is_done_when_it_is_back(backend: Backend) {
        let server = Server::start(backend).await;
        let client = server.client("alice");
        let intent = create_intent(&client, "leased").await;
        acquire(&client, &intent, "scope").await;
        let deadline = START.plus_seconds(90).to_string();
        let governance = PortfolioGovernanceInput::new()
            .deadline(openintent_client::DateTime::new(deadline));
        let portfolio = CreatePortfolioInput::new("late").governance(governance);
        let portfolio = client.create_portfolio(portfolio).await.unwrap().portfolio;
        let clock = server.clock.clone();
        let database = server.halt().await;

        let db = database.connect().await;
        assert_eq!(jobs(&db, "lease_expiry").await.len(), 1);
        assert_eq!(jobs(&db, "portfolio_deadline").await.len(), 1);
        clock.advance(Duration::from_secs(100));
        let server = Server::start_on(database, clock, |_| {}).await;
        eventually("both are done", || async {
            jobs(&db, "lease_expiry").await.is_empty()
                && jobs(&db, "portfolio_deadline").await.is_empty()
        })
        .await;
        let client = server.client("alice");
        let expired = events_of_type(&client, "lease_expired").await;
        assert_eq!(expired.len(), 1);
        assert_eq!(expired[0].intent_id, Some(intent.id));
        let exceeded = events_of_type(&client, "portfolio.deadline_exceeded").await;
        assert_eq!(exceeded.len(), 1);
        assert_eq!(exceeded[0].portfolio_id, Some(portfolio.id));
        server.stop().await;
    }
}

on_both! {
    async fn a_lease_expires_on_time_and_says_so_once(server: &Server) {
        let client = server.client("alice");
        let intent = create_intent(&client, "leased").await;
        acquire(&client, &intent, "scope").await;
        server.advance(Duration::from_secs(59));
        let lease = &client.leases(openintent_client::LeasesArgs::new()).await.unwrap().nodes[0];
        assert_eq!(lease.status, LeaseStatus::Active);
        assert!(events_of_type(&client, "lease_expired").await.is_empty());
        server.advance(Duration::from_secs(1));
        let found = client.lease(&lease.id).await.unwrap().unwrap();
        assert_eq!(found.status, LeaseStatus::Expired, "exact, before the job is done");
        let db = server.database().connect().await;
        eventually("the job is done", || async { jobs(&db, "lease_expiry").await.is_empty() })
            .await;
        assert_eq!(events_of_type(&client, "lease_expired").await.len(), 1);
    }

    async fn a_job_that_fails_is_tried_again_later_and_holds_up_no_other(server: &Server) {
        let db = server.database().connect().await;
        let broken = job::ActiveModel {
            id: Set(JobId::from_uuid(uuid::Uuid::now_v7())),
            kind: Set("unheard_of".to_owned()),
            subject: Set("nothing".to_owned()),
            due_at: Set(START),
            attempts: Set(0),
            payload: Set(Object::default()),
        };
        let client = server.client("alice");
        let intent = create_intent(&client, "leased").await;
        job::Entity::insert(broken).exec_without_returning(&db).await.unwrap();
        // Scheduling something makes the server look at the table.
        acquire(&client, &intent, "scope").await;
        for attempts in 1..4 {
            eventually(&format!("attempt {attempts}"), || async {
                jobs(&db, "unheard_of").await[0].attempts == attempts
            })
            .await;
            let job = jobs(&db, "unheard_of").await.remove(0);
            assert!(job.due_at > server.clock.now(), "it is put off");
            let wait = job.due_at.micros_since(server.clock.now());
            assert_eq!(wait, 1_000_000 << (attempts - 1), "each time twice as long");
            server.advance(Duration::from_micros(wait.unsigned_abs()));
        }
        assert!(events_of_type(&client, "lease_expired").await.is_empty());
        server.advance(Duration::from_secs(60));
        eventually("the lease has expired", || async {
            events_of_type(&client, "lease_expired").await.len() == 1
        })
        .await;
        assert_eq!(jobs(&db, "unheard_of").await.len(), 1, "it is not forgotten");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_do_each_job_once() {
    const LEASES: usize = 40;
    let server = Server::start(Backend::Postgres).await;
    let other = server.beside().await;
    let client = server.client("alice");
    let mut intents = Vec::new();
    for number in 0..8 {
        intents.push(create_intent(&client, &format!("leased {number}")).await);
    }
    for number in 0..LEASES {
        acquire(&client, &intents[number % 8], &format!("scope-{number}")).await;
    }
    let db = server.database().connect().await;
    assert_eq!(jobs(&db, "lease_expiry").await.len(), LEASES);
    server.advance(Duration::from_secs(61));
    eventually("all are done", || async {
        jobs(&db, "lease_expiry").await.is_empty()
    })
    .await;
    let expired = events_of_type(&client, "lease_expired").await;
    assert_eq!(expired.len(), LEASES);
    let leases: HashSet<_> = expired
        .iter()
        .map(|event| event.payload["lease_id"].to_string())
        .collect();
    assert_eq!(leases.len(), LEASES);
    other.halt().await;
    server.stop().await;
}

/// All transactions of a database so far, the reader's own included.
async fn transactions(db: &DatabaseConnection) -> i64 {
    const COUNT: &str = "SELECT xact_commit + xact_rollback AS count FROM pg_stat_database
        WHERE datname = current_database()";
    let statement = Statement::from_string(db.get_database_backend(), COUNT);
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "count").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_server_leaves_the_database_alone() {
    const SECONDS: u32 = 3;
    let database = TestDatabase::create(Backend::Postgres).await;
    let server = Process::start(&database, &[]).await;
    let client = server.client("alice");
    let intent = create_intent(&client, "leased").await;
    acquire(&client, &intent, "scope").await;
    let db = database.connect().await;
    let mut rates = Vec::new();
    // PostgreSQL counts late what was done before, but not for ever.
    while rates.len() < 5 && rates.iter().all(|rate| *rate > 8) {
        let before = transactions(&db).await;
        // A rate can only be measured over a time.
        tokio::time::sleep(Duration::from_secs(SECONDS.into())).await;
        rates.push((transactions(&db).await - before) / i64::from(SECONDS));
    }
    let lowest = rates.iter().min().unwrap();
    assert!(
        *lowest <= 8,
        "{rates:?} transactions a second while nothing is to do"
    );
    assert!(server.terminate().await.success());
    database.remove().await;
}
