//! How many statements a query takes must not depend on how many rows it answers.

use openintent_client::{
    AddIntentToPortfolioInput, AssignAgentInput, Client, CreateIntentInput, CreatePortfolioInput,
    Id, Intent, Value, json,
};
use openintent_server::clock::Clock;
use openintent_tests::{Backend, START, Server, TestDatabase, statements::Statements};

use crate::act::{acquire, create, create_below, create_with};

/// Every field of an intent that leads to other rows.
const NESTED: &str = "
    query ($root: ID!, $portfolio: ID!) {
        intent(id: $root) {
            children(first: 100) {
                totalCount
                nodes {
                    title tags phase isReady effectiveConstraints
                    parent { title } ancestors { title }
                    blockedBy { message intent { title } }
                    agents { agentId } portfolios { role portfolio { name aggregateState suspendedMemberCount } }
                    aggregateStatus { total readyIntents blockingIntents byStatus { status count } }
                    dependencies { totalCount nodes { title } }
                    dependents { totalCount nodes { title } }
                    children { totalCount nodes { title } }
                    readyChildren { nodes { title } }
                    blockedChildren { nodes { title } }
                    descendants { totalCount nodes { title } }
                    leases { totalCount nodes { scope intent { title } } }
                    events(first: 5) { totalCount nodes { type intent { title } } }
                }
            }
        }
        portfolio(id: $portfolio) {
            aggregateStatus { total readyIntents }
            intents(first: 100) { edges { role node { title dependencies { nodes { title } } } } }
        }
        leases(first: 100) { nodes { intent { title parent { title } } } }
        events(first: 100) { nodes { intent { title parent { title } } } }
        intents(first: 100) { nodes { parent { title } leases { nodes { scope } } } }
    }";

struct Family {
    root: Intent,
    portfolio: Id,
}

/// An intent with so many children, each of which has a bit of everything.
async fn family(client: &Client, children: usize) -> Family {
    let root = create(client, "root").await;
    let dependency = create(client, "dependency").await;
    let portfolio = client
        .create_portfolio(CreatePortfolioInput::new("p"))
        .await
        .unwrap()
        .portfolio;
    for number in 0..children {
        let input = CreateIntentInput::new(number.to_string())
            .parent_id(&root.id)
            .tags(["a", "b"])
            .depends_on([&dependency.id]);
        let child = create_with(client, input).await;
        create_below(client, &child, "grandchild").await;
        acquire(client, &child, "x").await.unwrap();
        client
            .assign_agent(AssignAgentInput::new(&child.id, "bob"))
            .await
            .unwrap();
        let member = AddIntentToPortfolioInput::new(&portfolio.id, &child.id);
        client.add_intent_to_portfolio(member).await.unwrap();
    }
    Family {
        root,
        portfolio: portfolio.id,
    }
}

/// The statements that the query takes: the least of some attempts, for the server may do other
/// things meanwhile.
async fn cost(client: &Client, statements: &Statements, family: &Family) -> (usize, usize) {
    let mut least = usize::MAX;
    let mut children = 0;
    for _ in 0..5 {
        let before = statements.count();
        let variables = json!({ "root": family.root.id, "portfolio": family.portfolio });
        let answer: Value = client.execute(NESTED, variables).await.unwrap();
        least = least.min(statements.count() - before);
        children = answer["intent"]["children"]["nodes"]
            .as_array()
            .unwrap()
            .len();
    }
    (least, children)
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_of_a_nested_query_do_not_grow_with_its_rows() {
    let database = TestDatabase::create(Backend::Postgres).await;
    let statements = Statements::before(&database).await;
    let url = statements.url.clone();
    let server = Server::start_on(database, Clock::manual(START), |config| {
        config.database_url = url;
        config.limits.complexity = 10_000_000;
    })
    .await;
    let client = server.client("ana");
    let few = family(&client, 2).await;
    let many = family(&client, 30).await;
    let (for_few, children) = cost(&client, &statements, &few).await;
    assert_eq!(children, 2);
    let (for_many, children) = cost(&client, &statements, &many).await;
    assert_eq!(children, 30);
    assert!(for_few > 5, "the statements are counted");
    // Answers of the database may arrive in another order, which is worth a statement or two.
    assert!(
        for_many <= for_few + 4,
        "{for_few} statements for 2 children, {for_many} for 30"
    );
    server.stop().await;
}
