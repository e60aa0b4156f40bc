//! Lists: filters, sorting, and pages that give every row once whatever happens in between.

use std::time::Duration;

use openintent_client::{
    AddIntentToPortfolioInput, AssignAgentInput, Client, CreateIntentInput, CreatePortfolioInput,
    DateTime, ErrorCode, EventFilter, EventsArgs, Intent, IntentFilter, IntentOrder,
    IntentOrderField, IntentStatus, IntentsArgs, LeaseFilter, LeaseStatus, LeasesArgs,
    OrderDirection, Portfolio, PortfolioFilter, PortfolioStatus, PortfoliosArgs, ReleaseLeaseInput,
    RevokeLeaseInput, SetPortfolioStatusInput, UpdateIntentInput, Value, json,
};
use openintent_tests::on_both;

use crate::act::{
    acquire, bring, create, create_below, create_with, depend, events, ids, now, patch, set,
};

/// A list of the API: where it stands, and how to page through it.
struct List {
    /// A query with the variables `$first`, `$after`, `$last` and `$before`, and `$id` where the
    /// list belongs to something.
    document: String,
    /// Where the connection is in the answer.
    pointer: &'static str,
    id: Option<String>,
}

const PAGE: &str = "first: $first, after: $after, last: $last, before: $before";
const FIELDS: &str = "edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount";

impl List {
    fn at_root(name: &str, arguments: &str, pointer: &'static str) -> Self {
        let document = format!(
            "query ($first: Int, $after: String, $last: Int, $before: String) {{ {name}({PAGE}{arguments}) {{ {FIELDS} }} }}"
        );
        Self {
            document,
            pointer,
            id: None,
        }
    }

    fn below(parent: &str, id: &str, name: &str, arguments: &str, pointer: &'static str) -> Self {
        let document = format!(
            "query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {{ {parent}(id: $id) {{ {name}({PAGE}{arguments}) {{ {FIELDS} }} }} }}"
        );
        Self {
            document,
            pointer,
            id: Some(id.to_owned()),
        }
    }

    async fn page(&self, client: &Client, mut window: Value) -> Value {
        if let Some(id) = &self.id {
            window["id"] = json!(id);
        }
        let answer: Value = client.execute(self.document.clone(), window).await.unwrap();
        answer.pointer(self.pointer).unwrap().clone()
    }

    /// All ids, page by page, forwards.
    async fn forwards(&self, client: &Client, size: usize) -> Vec<String> {
        let mut all = Vec::new();
        let mut after = Value::Null;
        loop {
            let page = self
                .page(client, json!({ "first": size, "after": after }))
                .await;
            let here = ids_on(&page);
            assert_eq!(
                page["pageInfo"]["hasPreviousPage"],
                !all.is_empty(),
                "{}",
                self.document
            );
            all.extend(here);
            if page["pageInfo"]["hasNextPage"] == false {
                return all;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    /// All ids, page by page, backwards; turned round.
    async fn backwards(&self, client: &Client, size: usize) -> Vec<String> {
        let mut all = Vec::new();
        let mut before = Value::Null;
        loop {
            let page = self
                .page(client, json!({ "last": size, "before": before }))
                .await;
            let mut here = ids_on(&page);
            assert_eq!(
                page["pageInfo"]["hasNextPage"],
                !all.is_empty(),
                "{}",
                self.document
            );
            here.extend(all);
            all = here;
            if page["pageInfo"]["hasPreviousPage"] == false {
                return all;
            }
            before = page["pageInfo"]["startCursor"].clone();
        }
    }
}

fn ids_on(page: &Value) -> Vec<String> {
    let id = |node: &Value| node["id"].as_str().unwrap().to_owned();
    let edges = page["edges"].as_array().unwrap();
    let nodes: Vec<_> = page["nodes"].as_array().unwrap().iter().map(id).collect();
    assert_eq!(
        nodes,
        edges
            .iter()
            .map(|edge| id(&edge["node"]))
            .collect::<Vec<_>>()
    );
    assert_eq!(
        page["pageInfo"]["startCursor"],
        edges
            .first()
            .map_or(Value::Null, |edge| edge["cursor"].clone())
    );
    assert_eq!(
        page["pageInfo"]["endCursor"],
        edges
            .last()
            .map_or(Value::Null, |edge| edge["cursor"].clone())
    );
    nodes
}

/// Something in every list: about a dozen of each kind, with equal and missing sort keys.
async fn furnish(client: &Client) -> (Intent, Portfolio) {
    let root = create(client, "root").await;
    let portfolio = client
        .create_portfolio(CreatePortfolioInput::new("p 0"))
        .await
        .unwrap()
        .portfolio;
    for number in 0..11 {
        let input = CreateIntentInput::new(format!("child {number}"))
            .parent_id(&root.id)
            .priority(number % 3);
        let input = if number % 2 == 0 {
            input.deadline(DateTime::new(format!(
                "2026-02-0{}T00:00:00Z",
                1 + number % 4
            )))
        } else {
            input
        };
        let child = create_with(client, input).await;
        depend(client, &root, &[&child]).await.unwrap();
        let after = create_with(
            client,
            CreateIntentInput::new("after").depends_on([&root.id]),
        )
        .await;
        acquire(client, &root, &format!("scope {number}"))
            .await
            .unwrap();
        let member = AddIntentToPortfolioInput::new(&portfolio.id, &after.id).priority(number % 3);
        client.add_intent_to_portfolio(member).await.unwrap();
        client
            .create_portfolio(CreatePortfolioInput::new(format!("p {number}")))
            .await
            .unwrap();
    }
    (root, portfolio)
}

fn all_lists(root: &Intent, portfolio: &Portfolio) -> Vec<List> {
    let mut lists = vec![
        List::at_root("intents", "", "/intents"),
        List::at_root("leases", "", "/leases"),
        List::at_root("portfolios", "", "/portfolios"),
        List::at_root("events", "", "/events"),
    ];
    for field in ["CREATED_AT", "UPDATED_AT", "PRIORITY", "DEADLINE"] {
        for direction in ["ASC", "DESC"] {
            let order = format!(", orderBy: {{ field: {field}, direction: {direction} }}");
            lists.push(List::at_root("intents", &order, "/intents"));
        }
    }
    for (name, pointer) in [
        ("children", "/intent/children"),
        ("blockedChildren", "/intent/blockedChildren"),
        ("readyChildren", "/intent/readyChildren"),
        ("descendants", "/intent/descendants"),
        ("dependencies", "/intent/dependencies"),
        ("dependents", "/intent/dependents"),
        ("leases", "/intent/leases"),
        ("events", "/intent/events"),
    ] {
        lists.push(List::below("intent", root.id.as_str(), name, "", pointer));
    }
    let (id, pointer) = (portfolio.id.as_str(), "/portfolio/intents");
    lists.push(List::below("portfolio", id, "intents", "", pointer));
    lists.push(List::below(
        "portfolio",
        id,
        "intents",
        ", role: MEMBER",
        pointer,
    ));
    lists
}

async fn found(client: &Client, filter: IntentFilter) -> Vec<String> {
    let args = IntentsArgs::new().filter(filter);
    let found = client.intents(args).with_total_count().await.unwrap();
    let mut titles: Vec<_> = found
        .nodes
        .iter()
        .map(|intent| intent.title.clone())
        .collect();
    assert_eq!(
        found.total_count.unwrap(),
        i64::try_from(titles.len()).unwrap()
    );
    titles.sort();
    titles
}

on_both! {
    async fn pages_give_every_row_once_in_both_directions(server: &Server) {
        let client = server.client("ana");
        let (root, portfolio) = furnish(&client).await;
        for list in all_lists(&root, &portfolio) {
            let whole = list.page(&client, json!({ "first": 100 })).await;
            let expected = ids_on(&whole);
            assert_eq!(whole["totalCount"], expected.len(), "{}", list.document);
            let mut unique = expected.clone();
            unique.sort();
            unique.dedup();
            assert_eq!(unique.len(), expected.len(), "{}", list.document);
            if list.pointer != "/intent/blockedChildren" {
                assert!(
                    expected.len() > 10,
                    "{} lists {}",
                    list.document,
                    expected.len()
                );
            }
            for size in [4, 7] {
                assert_eq!(
                    list.forwards(&client, size).await,
                    expected,
                    "{}",
                    list.document
                );
                assert_eq!(
                    list.backwards(&client, size).await,
                    expected,
                    "{}",
                    list.document
                );
            }
            let nothing = list.page(&client, json!({ "first": 0 })).await;
            assert!(ids_on(&nothing).is_empty());
        }
    }

    async fn window_between_two_cursors_is_what_lies_between(server: &Server) {
        let client = server.client("ana");
        let (root, portfolio) = furnish(&client).await;
        for list in all_lists(&root, &portfolio) {
            let whole = list.page(&client, json!({ "first": 100 })).await;
            let all = ids_on(&whole);
            if all.len() < 10 {
                continue;
            }
            let cursor = |place: usize| whole["edges"][place]["cursor"].clone();
            let (after, before) = (cursor(2), cursor(8));
            let page = list
                .page(
                    &client,
                    json!({ "first": 100, "after": after, "before": before }),
                )
                .await;
            assert_eq!(ids_on(&page), all[3..8], "{}", list.document);
            assert_eq!(page["totalCount"], all.len());
            let page = list
                .page(
                    &client,
                    json!({ "last": 2, "after": after, "before": before }),
                )
                .await;
            assert_eq!(ids_on(&page), all[6..8], "{}", list.document);
            assert_eq!(page["pageInfo"]["hasPreviousPage"], true);
        }
    }

    async fn pages_stay_right_while_rows_come(server: &Server) {
        let client = server.client("ana");
        let mut old = Vec::new();
        for number in 0..10 {
            let input = CreateIntentInput::new(number.to_string()).priority(number);
            old.push(create_with(&client, input).await);
        }
        let orders = [
            (IntentOrderField::CreatedAt, OrderDirection::Desc),
            (IntentOrderField::CreatedAt, OrderDirection::Asc),
            (IntentOrderField::Priority, OrderDirection::Desc),
            (IntentOrderField::Deadline, OrderDirection::Asc),
        ];
        for (field, direction) in orders {
            let order = IntentOrder::new(field.clone()).direction(direction.clone());
            let mut seen = Vec::new();
            let mut after = None;
            loop {
                let mut args = IntentsArgs::new().order_by(order.clone()).first(3);
                args.after = after;
                let page = client.intents(args).await.unwrap();
                seen.extend(ids(&page.nodes));
                // New rows before, among and behind the page that comes next.
                for priority in [0, 5, 9] {
                    let input = CreateIntentInput::new("new")
                        .priority(priority)
                        .deadline(DateTime::now());
                    if seen.len() < 40 {
                        create_with(&client, input).await;
                    }
                }
                if !page.page_info.has_next_page {
                    break;
                }
                after = page.page_info.end_cursor;
            }
            let mut unique = seen.clone();
            unique.sort();
            unique.dedup();
            assert_eq!(unique.len(), seen.len(), "a row came twice");
            let of_old: Vec<_> = seen
                .iter()
                .filter(|id| old.iter().any(|intent| intent.id == **id))
                .collect();
            assert_eq!(
                of_old.len(),
                old.len(),
                "an old row was left out: {field} {direction}"
            );
        }
    }

    async fn intents_are_filtered(server: &Server) {
        let client = server.client("ana");
        let bob = server.client("bob");
        let a = create_with(
            &client,
            CreateIntentInput::new("alpha 100%")
                .namespace("n")
                .r#type("t")
                .tags(["x", "y"]),
        )
        .await;
        let b = create_with(
            &bob,
            CreateIntentInput::new("beta_b")
                .description("Needs ALPHA")
                .tags(["y"]),
        )
        .await;
        let c = create_below(&client, &a, "gamma").await;
        bring(&client, &b, IntentStatus::Failed).await;
        client
            .assign_agent(AssignAgentInput::new(&c.id, "worker"))
            .await
            .unwrap();
        bring(&client, &c, IntentStatus::Completed).await;
        let portfolio = client
            .create_portfolio(CreatePortfolioInput::new("p"))
            .await
            .unwrap()
            .portfolio;
        client
            .add_intent_to_portfolio(AddIntentToPortfolioInput::new(&portfolio.id, &b.id))
            .await
            .unwrap();
        let f = IntentFilter::new;
        for (filter, expected) in [
            (f(), vec!["alpha 100%", "beta_b", "gamma"]),
            (f().status([IntentStatus::Active]), vec!["alpha 100%"]),
            (
                f().status([IntentStatus::Failed, IntentStatus::Completed]),
                vec!["beta_b", "gamma"],
            ),
            (f().status(Vec::<IntentStatus>::new()), vec![]),
            (f().r#type("t"), vec!["alpha 100%"]),
            (f().r#type("T"), vec![]),
            (f().tag("y"), vec!["alpha 100%", "beta_b"]),
            (f().tag("z"), vec![]),
            (f().agent_id("worker"), vec!["gamma"]),
            (f().created_by("bob"), vec!["beta_b"]),
            (f().namespace("n"), vec!["alpha 100%"]),
            (f().parent_id(&a.id), vec!["gamma"]),
            (f().parent_id("nonsense"), vec![]),
            (f().portfolio_id(&portfolio.id), vec!["beta_b"]),
            (f().portfolio_id("nonsense"), vec![]),
            (f().is_root(true), vec!["alpha 100%", "beta_b"]),
            (f().is_root(false), vec!["gamma"]),
            (f().text("Alpha"), vec!["alpha 100%", "beta_b"]),
            (f().text("100%"), vec!["alpha 100%"]),
            (f().text("%"), vec!["alpha 100%"]),
            (f().text("_"), vec!["beta_b"]),
            (f().text("\\"), vec![]),
            (f().text("'; --"), vec![]),
            (
                f().text("alpha").created_by("ana").tag("x"),
                vec!["alpha 100%"],
            ),
            (f().text("alpha").status([IntentStatus::Completed]), vec![]),
        ] {
            let shown = format!("{filter:?}");
            assert_eq!(found(&client, filter).await, expected, "{shown}");
        }
    }

    async fn text_is_found_in_upper_and_lower_case_of_all_letters(server: &Server) {
        let client = server.client("ana");
        create(&client, "Größe ÄNDERN").await;
        for text in ["größe", "GRÖße", "ändern", "Ändern", "ÄNDERN"] {
            assert_eq!(
                found(&client, IntentFilter::new().text(text)).await.len(),
                1,
                "{text}"
            );
        }
    }

    async fn leases_are_filtered_by_what_they_are_now(server: &Server) {
        let (ana, bob) = (server.client("ana"), server.client("bob"));
        let (a, b) = (create(&ana, "a").await, create(&ana, "b").await);
        acquire(&ana, &a, "expired").await.unwrap();
        server.advance(Duration::from_secs(300));
        acquire(&ana, &a, "held").await.unwrap();
        let released = acquire(&bob, &a, "released").await.unwrap();
        bob.release_lease(ReleaseLeaseInput::new(&released.id))
            .await
            .unwrap();
        let revoked = acquire(&bob, &b, "revoked").await.unwrap();
        ana.revoke_lease(RevokeLeaseInput::new(&revoked.id))
            .await
            .unwrap();
        let f = LeaseFilter::new;
        for (filter, expected) in [
            (f(), vec!["revoked", "released", "held", "expired"]),
            (f().status([LeaseStatus::Active]), vec!["held"]),
            (f().status([LeaseStatus::Expired]), vec!["expired"]),
            (
                f().status([LeaseStatus::Released, LeaseStatus::Revoked]),
                vec!["revoked", "released"],
            ),
            (f().intent_id(&b.id), vec!["revoked"]),
            (f().agent_id("bob"), vec!["revoked", "released"]),
            (f().scope("held"), vec!["held"]),
            (f().scope("held").agent_id("bob"), vec![]),
            (f().intent_id("intent_00000000000000000000000000"), vec![]),
            (f().intent_id("nonsense"), vec![]),
        ] {
            let shown = format!("{filter:?}");
            let args = LeasesArgs::new().filter(filter);
            let list = ana
                .leases(args)
                .with_total_count()
                .await
                .unwrap_or_else(|error| panic!("{shown}: {error}"));
            let scopes: Vec<_> = list
                .nodes
                .iter()
                .map(|lease| lease.scope.as_str())
                .collect();
            assert_eq!(scopes, expected, "{shown}");
            assert_eq!(
                list.total_count.unwrap(),
                i64::try_from(scopes.len()).unwrap()
            );
        }
        let selection = "leases(status: [ACTIVE, EXPIRED]) { totalCount nodes { scope } }";
        let of_a: Value = ana.intent(&a.id).select(selection).await.unwrap();
        assert_eq!(
            of_a["leases"],
            json!({ "totalCount": 2, "nodes": [{ "scope": "held" }, { "scope": "expired" }] })
        );
    }

    async fn portfolios_are_filtered(server: &Server) {
        let client = server.client("ana");
        let first = CreatePortfolioInput::new("Launch")
            .namespace("q1")
            .description("the EU");
        let first = client.create_portfolio(first).await.unwrap().portfolio;
        server
            .client("bob")
            .create_portfolio(CreatePortfolioInput::new("Second eu"))
            .await
            .unwrap();
        let end = SetPortfolioStatusInput::new(&first.id, 1, PortfolioStatus::Abandoned);
        client.set_portfolio_status(end).await.unwrap();
        let f = PortfolioFilter::new;
        for (filter, expected) in [
            (f(), vec!["Second eu", "Launch"]),
            (f().status([PortfolioStatus::Abandoned]), vec!["Launch"]),
            (f().status([PortfolioStatus::Active]), vec!["Second eu"]),
            (f().created_by("bob"), vec!["Second eu"]),
            (f().namespace("q1"), vec!["Launch"]),
            (f().text("eU"), vec!["Second eu", "Launch"]),
            (f().text("eu").namespace("q2"), vec![]),
        ] {
            let shown = format!("{filter:?}");
            let list = client
                .portfolios(PortfoliosArgs::new().filter(filter))
                .await
                .unwrap();
            let names: Vec<_> = list
                .nodes
                .iter()
                .map(|portfolio| portfolio.name.as_str())
                .collect();
            assert_eq!(names, expected, "{shown}");
        }
    }

    async fn events_are_filtered_and_come_oldest_first(server: &Server) {
        const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
        let client = server.client("ana");
        let a = create_with(&client, CreateIntentInput::new("a").namespace("n")).await;
        let child = create_below(&client, &a, "child").await;
        let portfolio = client
            .create_portfolio(CreatePortfolioInput::new("p"))
            .await
            .unwrap()
            .portfolio;
        client
            .add_intent_to_portfolio(AddIntentToPortfolioInput::new(&portfolio.id, &child.id))
            .await
            .unwrap();
        acquire(&server.client("bob"), &child, "x").await.unwrap();
        let traced = client.with_traceparent(&format!("00-{TRACE}-b7ad6b7169203331-01"));
        patch(&traced, &a, [set("/x", 1)]).await.unwrap();
        let f = EventFilter::new;
        for (filter, expected) in [
            (
                f(),
                vec![
                    "intent_created",
                    "intent_created",
                    "portfolio.created",
                    "portfolio.member_added",
                    "lease_acquired",
                    "state_patched",
                ],
            ),
            (
                f().intent_id(&a.id),
                vec!["intent_created", "state_patched"],
            ),
            (
                f().subtree_of(&a.id),
                vec![
                    "intent_created",
                    "intent_created",
                    "lease_acquired",
                    "state_patched",
                ],
            ),
            (
                f().portfolio_id(&portfolio.id),
                vec![
                    "intent_created",
                    "portfolio.created",
                    "portfolio.member_added",
                    "lease_acquired",
                ],
            ),
            (f().agent_id("bob"), vec!["lease_acquired"]),
            (
                f().types(["lease_*", "portfolio.created"]),
                vec!["portfolio.created", "lease_acquired"],
            ),
            (
                f().types(["*_created"]),
                vec!["intent_created", "intent_created"],
            ),
            (f().types(["LEASE_*"]), vec![]),
            (f().types(["%"]), vec![]),
            (f().types(["lease?acquired"]), vec![]),
            (f().types(["[l]ease_acquired"]), vec![]),
            (f().types(["intent_create_"]), vec![]),
            (f().trace_id(TRACE), vec!["state_patched"]),
            (f().namespace("n"), vec!["intent_created", "state_patched"]),
            (
                f().subtree_of(&a.id).agent_id("bob").types(["lease_*"]),
                vec!["lease_acquired"],
            ),
            (f().intent_id("intent_00000000000000000000000000"), vec![]),
            (f().intent_id("nonsense"), vec![]),
            (f().subtree_of("nonsense"), vec![]),
            (f().portfolio_id("nonsense"), vec![]),
        ] {
            let shown = format!("{filter:?}");
            let args = EventsArgs::new().filter(filter);
            let list = client
                .events(args)
                .with_total_count()
                .await
                .unwrap_or_else(|error| panic!("{shown}: {error}"));
            let types: Vec<_> = list
                .nodes
                .iter()
                .map(|event| event.r#type.as_str())
                .collect();
            assert_eq!(types, expected, "{shown}");
            assert_eq!(
                list.total_count.unwrap(),
                i64::try_from(types.len()).unwrap()
            );
        }
        assert_eq!(events(&client, &a, &["state*"]).await.len(), 1);
    }

    async fn intents_are_sorted_as_asked(server: &Server) {
        let client = server.client("ana");
        let mut made = Vec::new();
        for (title, priority, deadline) in [
            ("a", 5, Some("2026-03-01T00:00:00Z")),
            ("b", 1, None),
            ("c", 5, Some("2026-02-01T00:00:00.000001Z")),
            ("d", 9, Some("2026-02-01T00:00:00Z")),
        ] {
            server.advance(Duration::from_secs(1));
            let input = CreateIntentInput::new(title).priority(priority);
            let input = match deadline {
                Some(deadline) => input.deadline(DateTime::new(deadline)),
                None => input,
            };
            made.push(create_with(&client, input).await);
        }
        server.advance(Duration::from_secs(1));
        client
            .update_intent(UpdateIntentInput::new(&made[0].id, 1).description("new"))
            .await
            .unwrap();
        for (field, ascending) in [
            (IntentOrderField::CreatedAt, "abcd"),
            (IntentOrderField::UpdatedAt, "bcda"),
            (IntentOrderField::Priority, "bacd"),
            (IntentOrderField::Deadline, "dcab"),
        ] {
            for direction in [OrderDirection::Asc, OrderDirection::Desc] {
                let order = IntentOrder::new(field.clone()).direction(direction.clone());
                let list = client
                    .intents(IntentsArgs::new().order_by(order))
                    .await
                    .unwrap();
                let titles: String = list
                    .nodes
                    .iter()
                    .map(|intent| intent.title.as_str())
                    .collect();
                let expected = if direction == OrderDirection::Asc {
                    ascending.to_owned()
                } else {
                    ascending.chars().rev().collect()
                };
                assert_eq!(titles, expected, "{field} {direction}");
            }
        }
        let newest = client.intents(IntentsArgs::new()).await.unwrap();
        assert_eq!(
            newest.nodes[0].title, "d",
            "newest first if nothing is said"
        );
    }

    async fn bad_cursors_and_sizes_are_clear_errors(server: &Server) {
        let client = server.client("ana");
        let intent = create(&client, "a").await;
        let portfolio = client
            .create_portfolio(CreatePortfolioInput::new("p"))
            .await
            .unwrap()
            .portfolio;
        for list in all_lists(&intent, &portfolio) {
            for window in [
                json!({ "first": -1 }),
                json!({ "first": 101 }),
                json!({ "last": 101 }),
                json!({ "last": -1 }),
                json!({ "first": 1, "last": 1 }),
                json!({ "after": "" }),
                json!({ "after": "nonsense" }),
                json!({ "after": "\u{0}" }),
                json!({ "before": "bm9uc2Vuc2U" }),
                json!({ "before": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk6YQ" }),
            ] {
                let mut variables = window.clone();
                if let Some(id) = &list.id {
                    variables["id"] = json!(id);
                }
                let error = client
                    .execute::<Value>(list.document.clone(), variables)
                    .await
                    .unwrap_err();
                assert_eq!(
                    error.code(),
                    Some(ErrorCode::BadUserInput),
                    "{window} {}: {error:?}",
                    list.document
                );
            }
            // "0:\0": a cursor whose id no database can hold.
            let mut variables = json!({ "after": "MDoA" });
            if let Some(id) = &list.id {
                variables["id"] = json!(id);
            }
            let result = client
                .execute::<Value>(list.document.clone(), variables)
                .await;
            if let Err(error) = result {
                assert_eq!(
                    error.code(),
                    Some(ErrorCode::BadUserInput),
                    "{}: {error:?}",
                    list.document
                );
            }
        }
        assert_eq!(now(&client, &intent).await, intent);
    }
}
