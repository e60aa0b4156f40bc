//! Migrations: there, back, and there again.

use std::collections::BTreeSet;

use openintent_client::{
    AcquireLeaseInput, AddDependencyInput, AddIntentToPortfolioInput, AssignAgentInput, Client,
    CreateChildIntentInput, CreateIntentInput, CreatePortfolioInput,
};
use openintent_migration::{Migrator, MigratorTrait};
use openintent_tests::{
    Process, TestDatabase, invariants, on_both_databases, process::succeed, steps::create_intent,
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

/// The tables and indexes of a database, except what the migrations keep about themselves.
async fn things_in(database: &TestDatabase) -> BTreeSet<String> {
    let db = database.connect().await;
    let names = match db.get_database_backend() {
        DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'",
        _ => {
            "SELECT relname AS name FROM pg_class JOIN pg_namespace ON relnamespace = pg_namespace.oid
             WHERE nspname = 'public'"
        }
    };
    let statement = Statement::from_string(db.get_database_backend(), names);
    let rows = db.query_all_raw(statement).await.unwrap();
    let names = rows.iter().map(|row| row.try_get("", "name").unwrap());
    let names = names.filter(|name: &String| !name.contains("seaql_migrations"));
    let names = names.collect();
    db.close().await.unwrap();
    names
}

/// Puts something into every table.
async fn fill(client: &Client) {
    let done = create_intent(client, "dependency").await;
    let parent = CreateIntentInput::new("parent").tags(["red"]);
    let parent = client.create_intent(parent).await.unwrap().intent;
    let child = CreateChildIntentInput::new(&parent.id, "child");
    let child = client.create_child_intent(child).await.unwrap().intent;
    let depend = AddDependencyInput::new(&child.id, [&done.id]);
    client.add_dependency(depend).await.unwrap();
    let assign = AssignAgentInput::new(&child.id, "alice");
    client.assign_agent(assign).await.unwrap();
    let lease = AcquireLeaseInput::new(&parent.id, "scope");
    client.acquire_lease(lease).await.unwrap();
    let portfolio = CreatePortfolioInput::new("portfolio");
    let portfolio = client.create_portfolio(portfolio).await.unwrap().portfolio;
    let add = AddIntentToPortfolioInput::new(&portfolio.id, &child.id);
    client.add_intent_to_portfolio(add).await.unwrap();
}

on_both_databases! {
    async fn all_migrations_can_be_taken_back_and_applied_again(backend: Backend) {
        let database = TestDatabase::create(backend).await;
        let all = Migrator::migrations().len();
        let applied = succeed(&database, &["migrate"]).await;
        assert_eq!(applied, format!("applied {all} migrations\n"));
        assert_eq!(succeed(&database, &["migrate"]).await, "applied 0 migrations\n");
        let complete = things_in(&database).await;
        assert!(complete.contains("events") && complete.contains("intents"), "{complete:?}");

        let server = Process::start(&database, &[]).await;
        fill(&server.client("alice")).await;
        assert!(server.terminate().await.success());
        succeed(&database, &["keys", "create", "root", "--role", "admin"]).await;

        succeed(&database, &["migrate", "--down", &all.to_string()]).await;
        assert_eq!(things_in(&database).await, BTreeSet::new(), "left behind");
        let applied = succeed(&database, &["migrate"]).await;
        assert_eq!(applied, format!("applied {all} migrations\n"));
        assert_eq!(things_in(&database).await, complete);

        let server = Process::start(&database, &[]).await;
        let client = server.client("alice");
        assert_eq!(client.server_info().await.unwrap().cursor, "c0", "a new log");
        fill(&client).await;
        assert!(server.terminate().await.success());
        invariants::check(&database).await;
        database.remove().await;
    }

    async fn each_migration_has_its_way_back(backend: Backend) {
        let database = TestDatabase::create(backend).await;
        let url = database.url().to_owned();
        let mut states = vec![BTreeSet::new()];
        for _ in Migrator::migrations() {
            let db = database.connect().await;
            Migrator::up(&db, Some(1)).await.unwrap();
            db.close().await.unwrap();
            states.push(things_in(&database).await);
        }
        while let Some(after) = states.pop() {
            assert_eq!(things_in(&database).await, after, "{url}");
            if !states.is_empty() {
                succeed(&database, &["migrate", "--down", "1"]).await;
            }
        }
        database.remove().await;
    }

    async fn a_server_brings_the_schema_up_to_date_itself(backend: Backend) {
        let database = TestDatabase::create(backend).await;
        let server = Process::start(&database, &[]).await;
        assert_eq!(succeed(&database, &["migrate"]).await, "applied 0 migrations\n");
        assert!(server.terminate().await.success());
        database.remove().await;
    }
}
