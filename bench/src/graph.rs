//! Questions about a graph of 10,000 intents: a tree of five levels below one root, with
//! dependencies among the intents of a level, all of them in one portfolio. The baseline is the
//! plainest statement that gives the same rows. On PostgreSQL the server's statements are counted.

mod proxy;
mod tree;

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use serde_json::{Value, json};

use self::proxy::Proxy;
use crate::{
    Result, Settings,
    database::{Database, Kind},
    http::Http,
    report::{Report, verdict},
    server::Server,
};

const BAR: Duration = Duration::from_millis(50);
/// Each question is asked so often.
const TIMES: usize = 11;

/// A question to the server, and what it comes to in SQL.
struct Question {
    what: &'static str,
    query: &'static str,
    sql: &'static [&'static str],
    has_bar: bool,
}

const BELOW: &str = "WITH RECURSIVE below(id) AS (SELECT id FROM intents WHERE parent_id = $1 \
     UNION ALL SELECT intents.id FROM below JOIN intents ON intents.parent_id = below.id) ";

const QUESTIONS: [Question; 7] = [
    Question {
        what: "ready set: the root's children",
        query: "query($id: ID!) { intent(id: $id) { \
                readyChildren(first: 100) { nodes { id title status priority } } } }",
        sql: &[
            "SELECT * FROM intents WHERE id = $1",
            "SELECT * FROM intents WHERE parent_id = $1 AND status = 'active' ORDER BY id LIMIT 101",
        ],
        has_bar: true,
    },
    Question {
        what: "ready set: all",
        query: "{ intents(filter: { status: [ACTIVE] }, first: 100) { nodes { id title status isReady } } }",
        sql: &["SELECT * FROM intents WHERE status = 'active' ORDER BY id DESC LIMIT 101"],
        has_bar: true,
    },
    Question {
        what: "descendants: a page of 100",
        query: "query($id: ID!) { intent(id: $id) { descendants(first: 100) { \
                nodes { id title status } pageInfo { hasNextPage endCursor } } } }",
        sql: &[
            "SELECT * FROM intents WHERE id = $1",
            "BELOW SELECT intents.* FROM intents JOIN below ON below.id = intents.id ORDER BY intents.id LIMIT 101",
        ],
        has_bar: true,
    },
    Question {
        what: "descendants: how many",
        query: "query($id: ID!) { intent(id: $id) { descendants(first: 0) { totalCount } } }",
        sql: &[
            "SELECT * FROM intents WHERE id = $1",
            "BELOW SELECT COUNT(*) FROM intents JOIN below ON below.id = intents.id",
        ],
        has_bar: true,
    },
    Question {
        what: "aggregate of the root's children",
        query: "query($id: ID!) { intent(id: $id) { aggregateStatus { total byStatus { status count } \
                completionPercentage readyIntents blockingIntents } } }",
        sql: &[
            "SELECT * FROM intents WHERE id = $1",
            "SELECT status, COUNT(*) FROM intents WHERE parent_id = $1 GROUP BY status",
        ],
        has_bar: true,
    },
    Question {
        what: "aggregate of a portfolio of all",
        query: "query($portfolio: ID!) { portfolio(id: $portfolio) { aggregateStatus { total \
                byStatus { status count } completionPercentage readyIntents blockingIntents } } }",
        sql: &[
            "SELECT status, COUNT(*) FROM intents JOIN portfolio_members ON intent_id = id GROUP BY status",
        ],
        has_bar: true,
    },
    Question {
        what: "intentGraph of all, with order and critical path",
        query: "query($id: ID!) { intentGraph(id: $id) { nodes { id status } edges { from to kind } \
                topologicalOrder criticalPath } }",
        sql: &["SELECT * FROM intents", "SELECT * FROM intent_dependencies"],
        has_bar: false,
    },
];

pub(crate) async fn measure(settings: &Settings, kind: Kind) -> Result<Report> {
    let database = Database::create(kind).await?;
    let connection = database.connect(1).await?;
    let tree = tree::plant(&connection).await?;
    let proxy = Proxy::before(&database).await?;
    let server = Server::start(
        settings,
        proxy.as_ref().map_or(database.url.as_str(), Proxy::url),
    )
    .await?;
    let mut http = Http::connect(server.address).await?;
    let variables = json!({ "id": tree.root, "portfolio": tree.portfolio });

    let columns = ["", "bare SQL", "server", "statements", "bar", ""];
    let mut report = Report::new(format!("graph-{}", kind.name()), &columns);
    for question in QUESTIONS {
        let variables = used(question.query, &variables);
        let (mut bare, mut ours, mut statements) = (Vec::new(), Vec::new(), usize::MAX);
        for _ in 0..TIMES {
            let started = Instant::now();
            for sql in question.sql {
                ask(&connection, sql, tree.root.as_str()).await?;
            }
            bare.push(started.elapsed());

            let before = proxy.as_ref().map(Proxy::count);
            let started = Instant::now();
            http.ask(question.query, &variables).await?;
            ours.push(started.elapsed());
            // Whatever the server does besides can only add to it.
            let after = proxy.as_ref().map(Proxy::count);
            if let (Some(before), Some(after)) = (before, after) {
                statements = statements.min(after - before);
            }
        }
        bare.sort_unstable();
        ours.sort_unstable();
        let (bare, ours) = (bare[TIMES / 2], ours[TIMES / 2]);
        let (bar, reached) = match question.has_bar {
            true => (format!("≤ {BAR:?}"), verdict(ours <= BAR)),
            false => Default::default(),
        };
        report.row([
            question.what.to_owned(),
            format!("{bare:.1?}"),
            format!("{ours:.1?}"),
            match proxy {
                Some(_) => statements.to_string(),
                None => String::new(),
            },
            bar,
            reached,
        ]);
    }
    report.note(format!(
        "{} intents, {} dependencies.",
        tree.intents, tree.dependencies
    ));
    server.stop().await?;
    connection.close().await?;
    drop(proxy);
    database.remove().await?;
    Ok(report)
}

/// Those of the variables that a document declares.
fn used(query: &str, variables: &Value) -> Value {
    let members = variables.as_object().into_iter().flatten();
    members
        .filter(|(name, _)| query.contains(&format!("${name}:")))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

async fn ask(connection: &DatabaseConnection, sql: &str, root: &str) -> Result<()> {
    let values = sql.contains("$1") || sql.starts_with("BELOW");
    let sql = sql.replace("BELOW ", BELOW);
    let backend = connection.get_database_backend();
    let values = values.then(|| root.into());
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let rows = connection.query_all_raw(statement).await?;
    match rows.is_empty() {
        true => Err("the bare statement found nothing".into()),
        false => Ok(()),
    }
}
