//! Keys, intents, graphs, leases, portfolios, the event log, jobs and remembered answers.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, boolean, integer, integer_null, json, json_null, text,
        text_null,
    },
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Tables in the order of their creation.
const TABLES: [&str; 12] = [
    "api_keys",
    "intents",
    "intent_tags",
    "intent_agents",
    "intent_dependencies",
    "leases",
    "portfolios",
    "portfolio_members",
    "events",
    "stream_heads",
    "jobs",
    "idempotency_keys",
];

fn references(from: (&'static str, &'static str), to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(from.0, from.1)
        .to(to, "id")
        .to_owned()
}

/// An index named after its table and columns.
fn index(table: &str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create()
        .name(format!("ix_{table}_{}", columns.join("_")))
        .table(table.to_owned())
        .to_owned();
    for column in columns {
        index.col(*column);
    }
    index
}

#[expect(
    elided_lifetimes_in_paths,
    reason = "the form that the trait was declared with"
)]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        // One active lease per scope, whatever the code above the database believes.
        for statement in [
            "CREATE UNIQUE INDEX ux_leases_active ON leases (intent_id, scope) WHERE status = 'active'",
            "CREATE UNIQUE INDEX ux_portfolio_members_primary ON portfolio_members (portfolio_id) WHERE role = 'primary'",
            "CREATE INDEX ix_events_unstamped ON events (ordinal) WHERE position IS NULL",
            "CREATE INDEX ix_events_portfolio ON events (portfolio_id, position) WHERE portfolio_id IS NOT NULL",
            "CREATE INDEX ix_events_trace ON events (trace_id, position) WHERE trace_id IS NOT NULL",
            "INSERT INTO stream_heads (stream, sequence) VALUES ('system', 0)",
        ] {
            manager
                .get_connection()
                .execute_unprepared(statement)
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES.iter().rev() {
            manager
                .drop_table(Table::drop().table(*table).to_owned())
                .await?;
        }
        Ok(())
    }
}

fn tables() -> Vec<TableCreateStatement> {
    let create = |name: &'static str| Table::create().table(name).to_owned();
    vec![
        create("api_keys")
            .col(text("id").primary_key())
            .col(text("name"))
            .col(text("role"))
            .col(text_null("agent_id"))
            .col(text("secret_hash").unique_key())
            .col(big_integer("created_at"))
            .col(big_integer_null("expires_at"))
            .col(big_integer_null("revoked_at"))
            .col(big_integer_null("last_used_at"))
            .to_owned(),
        create("intents")
            .col(text("id").primary_key())
            .col(text_null("type"))
            .col(text("title"))
            .col(text_null("description"))
            .col(text("created_by"))
            .col(text("status"))
            .col(text_null("status_reason"))
            .col(boolean("blocked_by_hand"))
            .col(integer("priority"))
            .col(json("constraints"))
            .col(json("state"))
            .col(integer("confidence"))
            .col(text_null("namespace"))
            .col(text_null("parent_id"))
            .col(big_integer_null("deadline"))
            .col(big_integer_null("started_at"))
            .col(big_integer("version"))
            .col(big_integer("created_at"))
            .col(big_integer("updated_at"))
            .col(integer("active_leases"))
            .col(big_integer("event_sequence"))
            .col(text_null("event_hash"))
            .foreign_key(&mut references(("intents", "parent_id"), "intents"))
            .to_owned(),
        create("intent_tags")
            .col(text("intent_id"))
            .col(text("tag"))
            .primary_key(Index::create().col("intent_id").col("tag"))
            .foreign_key(&mut references(("intent_tags", "intent_id"), "intents"))
            .to_owned(),
        create("intent_agents")
            .col(text("intent_id"))
            .col(text("agent_id"))
            .col(text("role"))
            .col(text("assigned_by"))
            .col(big_integer("assigned_at"))
            .primary_key(Index::create().col("intent_id").col("agent_id"))
            .foreign_key(&mut references(("intent_agents", "intent_id"), "intents"))
            .to_owned(),
        create("intent_dependencies")
            .col(text("intent_id"))
            .col(text("depends_on_id"))
            .col(big_integer("created_at"))
            .primary_key(Index::create().col("intent_id").col("depends_on_id"))
            .foreign_key(&mut references(
                ("intent_dependencies", "intent_id"),
                "intents",
            ))
            .foreign_key(&mut references(
                ("intent_dependencies", "depends_on_id"),
                "intents",
            ))
            .to_owned(),
        create("leases")
            .col(text("id").primary_key())
            .col(text("intent_id"))
            .col(text("scope"))
            .col(text("agent_id"))
            .col(text("status"))
            .col(big_integer("fencing_token"))
            .col(big_integer("duration_seconds"))
            .col(big_integer("acquired_at"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("released_at"))
            .col(big_integer("version"))
            .foreign_key(&mut references(("leases", "intent_id"), "intents"))
            .to_owned(),
        create("portfolios")
            .col(text("id").primary_key())
            .col(text("name"))
            .col(text_null("description"))
            .col(text("created_by"))
            .col(text_null("namespace"))
            .col(text("status"))
            .col(text_null("status_reason"))
            .col(boolean("require_all_completed"))
            .col(boolean("allow_partial_completion"))
            .col(integer_null("auto_complete_threshold"))
            .col(json("shared_constraints"))
            .col(big_integer_null("deadline"))
            .col(json("metadata"))
            .col(big_integer("version"))
            .col(big_integer("created_at"))
            .col(big_integer("updated_at"))
            .to_owned(),
        create("portfolio_members")
            .col(text("portfolio_id"))
            .col(text("intent_id"))
            .col(text("role"))
            .col(integer("priority"))
            .col(text("added_by"))
            .col(big_integer("added_at"))
            .primary_key(Index::create().col("portfolio_id").col("intent_id"))
            .foreign_key(&mut references(
                ("portfolio_members", "portfolio_id"),
                "portfolios",
            ))
            .foreign_key(&mut references(
                ("portfolio_members", "intent_id"),
                "intents",
            ))
            .to_owned(),
        create("events")
            .col(big_integer("ordinal").auto_increment().primary_key())
            .col(big_integer_null("position").unique_key())
            .col(text("id").unique_key())
            .col(text("stream"))
            .col(big_integer("sequence"))
            .col(text("type"))
            .col(text_null("intent_id"))
            .col(text_null("portfolio_id"))
            .col(text_null("namespace"))
            .col(text("actor"))
            .col(json("payload"))
            .col(big_integer("created_at"))
            .col(text("event_hash"))
            .col(text_null("previous_event_hash"))
            .col(text_null("trace_id"))
            .col(text_null("parent_event_id"))
            .col(json_null("proof"))
            .to_owned(),
        create("stream_heads")
            .col(text("stream").primary_key())
            .col(big_integer("sequence"))
            .col(text_null("event_hash"))
            .to_owned(),
        create("jobs")
            .col(text("id").primary_key())
            .col(text("kind"))
            .col(text("subject"))
            .col(big_integer("due_at"))
            .col(integer("attempts"))
            .col(json("payload"))
            .to_owned(),
        create("idempotency_keys")
            .col(text("api_key_id"))
            .col(text("key"))
            .col(text("operation"))
            .col(text("input_hash"))
            .col(text("answer"))
            .col(text_null("last_event_id"))
            .col(big_integer("created_at"))
            .primary_key(Index::create().col("api_key_id").col("key"))
            .to_owned(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("intents", &["parent_id", "id"]),
        index("intents", &["status", "id"]),
        index("intents", &["namespace", "id"]),
        index("intents", &["type", "id"]),
        index("intents", &["created_by", "id"]),
        index("intents", &["updated_at", "id"]),
        index("intents", &["priority", "id"]),
        index("intents", &["deadline", "id"]),
        index("intent_tags", &["tag", "intent_id"]),
        index("intent_agents", &["agent_id", "intent_id"]),
        index("intent_dependencies", &["depends_on_id", "intent_id"]),
        index("leases", &["intent_id", "scope", "fencing_token"])
            .unique()
            .to_owned(),
        index("leases", &["agent_id", "id"]),
        index("portfolios", &["namespace", "id"]),
        index("portfolio_members", &["intent_id", "portfolio_id"]),
        index("events", &["stream", "sequence"]).unique().to_owned(),
        index("jobs", &["due_at", "id"]),
        index("jobs", &["kind", "subject"]).unique().to_owned(),
        index("idempotency_keys", &["created_at"]),
    ]
}
