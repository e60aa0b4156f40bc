//! The graph: who waits for whom, what follows from that, and that it never has a cycle.

use openintent_client::{
    AddDependencyInput, AggregateStatus, Client, CreateIntentInput, Error, Id, Intent, IntentGraph,
    IntentGraphEdgeKind, IntentStatus, RemoveDependencyInput, SetStatusInput, Value, json,
};
use openintent_tests::{Backend, Server, on_both, on_clusters};

use crate::act::{
    CROWD, assert_not_found, at_once, bring, complete, create, create_after, create_below,
    create_with, depend, events, ids, now, refusal, step, times_moved,
};

async fn status(client: &Client, intent: &Intent) -> IntentStatus {
    now(client, intent).await.status
}

async fn undepend(client: &Client, intent: &Intent, on: &Intent) -> Result<Intent, Error> {
    let input = RemoveDependencyInput::new(&intent.id, &on.id);
    client
        .remove_dependency(input)
        .await
        .map(|payload| payload.intent)
}

async fn graph(client: &Client, intent: &Intent) -> IntentGraph {
    client.intent_graph(&intent.id).await.unwrap().unwrap()
}

/// The titles in a list of an intent's relatives.
async fn titles(client: &Client, intent: &Intent, list: &str) -> Vec<String> {
    let found: Value = client
        .intent(&intent.id)
        .select(list_of_titles(list))
        .await
        .unwrap();
    let list = &found[list];
    let nodes = list.get("nodes").unwrap_or(list).as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["title"].as_str().unwrap().to_owned())
        .collect()
}

fn list_of_titles(list: &str) -> String {
    if list == "ancestors" {
        "ancestors { title }".to_owned()
    } else {
        format!("{list} {{ nodes {{ title }} totalCount }}")
    }
}

async fn aggregate(client: &Client, intent: &Intent) -> AggregateStatus {
    let selection = format!("aggregateStatus {{ {} }}", AggregateStatus::FIELDS);
    let found: Value = client.intent(&intent.id).select(selection).await.unwrap();
    serde_json::from_value(found["aggregateStatus"].clone()).unwrap()
}

fn counts(aggregate: &AggregateStatus) -> Vec<(&str, i64)> {
    let mut counts: Vec<_> = aggregate
        .by_status
        .iter()
        .map(|count| (count.status.as_str(), count.count))
        .collect();
    counts.sort();
    counts
}

/// The cycle in a refusal: it must begin and end with the same intent.
fn cycle<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<Id> {
    let refused = refusal(result);
    let cycle = refused
        .as_dependency_cycle()
        .unwrap_or_else(|| panic!("{refused:?}"))
        .cycle
        .clone();
    assert!(cycle.len() >= 2);
    assert_eq!(cycle.first(), cycle.last());
    cycle
}

fn blocking<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<Id> {
    let refused = refusal(result);
    refused
        .as_unmet_dependencies()
        .unwrap_or_else(|| panic!("{refused:?}"))
        .blocking_intents
        .clone()
}

/// The incident of RFC-0002: a parent with six parts that wait for one another.
async fn incident(client: &Client) -> (Intent, Vec<Intent>) {
    let parent = create(client, "resolve outage").await;
    let mut parts: Vec<Intent> = Vec::new();
    for (title, waits_for) in [
        ("diagnose", vec![]),
        ("communicate", vec![]),
        ("hotfix", vec![0]),
        ("deploy", vec![0, 2]),
        ("verify", vec![3]),
        ("post-mortem", vec![0, 1, 2, 3, 4]),
    ] {
        let depends_on = waits_for.iter().map(|&part: &usize| &parts[part].id);
        let input = CreateIntentInput::new(title)
            .parent_id(&parent.id)
            .depends_on(depends_on);
        parts.push(create_with(client, input).await);
    }
    (parent, parts)
}

on_both! {
    async fn incident_unblocks_step_by_step(server: &Server) {
        let client = server.client("ana");
        let (parent, parts) = incident(&client).await;
        let open = async || {
            let mut open = titles(&client, &parent, "readyChildren").await;
            open.sort();
            open
        };
        assert_eq!(open().await, ["communicate", "diagnose"]);
        assert_eq!(
            titles(&client, &parent, "blockedChildren").await,
            ["hotfix", "deploy", "verify", "post-mortem"]
        );
        let before = aggregate(&client, &parent).await;
        assert_eq!(before.total, 6);
        assert_eq!(counts(&before), [("ACTIVE", 2), ("BLOCKED", 4)]);
        assert_eq!(before.completion_percentage, 0);
        assert_eq!(before.ready_intents, ids(&parts[..2]));
        assert_eq!(before.blocking_intents, ids(&parts[..5]));
        complete(&client, &parts[0]).await;
        assert_eq!(open().await, ["communicate", "hotfix"]);
        complete(&client, &parts[2]).await;
        assert_eq!(open().await, ["communicate", "deploy"]);
        complete(&client, &parts[3]).await;
        complete(&client, &parts[4]).await;
        assert_eq!(open().await, ["communicate"]);
        assert_eq!(aggregate(&client, &parent).await.completion_percentage, 66);
        assert_eq!(
            blocking(step(&client, &parent, IntentStatus::Completed).await),
            ids([&parts[1], &parts[5]])
        );
        complete(&client, &parts[1]).await;
        assert_eq!(open().await, ["post-mortem"]);
        let unblocked = events(&client, &parts[5], &["status_changed"]).await;
        assert_eq!(unblocked.len(), 1);
        assert_eq!(unblocked[0].payload["to"], "active");
        let cause = events(&client, &parts[1], &["status_changed"]).await;
        assert_eq!(unblocked[0].parent_event_id.as_ref(), Some(&cause[0].id));
        complete(&client, &parts[5]).await;
        complete(&client, &parent).await;
        let after = aggregate(&client, &parent).await;
        assert_eq!(
            (after.completion_percentage, after.blocking_intents.len()),
            (100, 0)
        );
    }

    async fn graph_shows_edges_order_and_critical_path(server: &Server) {
        let client = server.client("ana");
        let (parent, parts) = incident(&client).await;
        let outside = create(&client, "outside").await;
        depend(&client, &parts[1], &[&outside]).await.unwrap();
        let whole = graph(&client, &parent).await;
        assert_eq!(whole.nodes.len(), 8);
        let edge =
            |kind: IntentGraphEdgeKind| whole.edges.iter().filter(|edge| edge.kind == kind).count();
        assert_eq!(
            (
                edge(IntentGraphEdgeKind::Child),
                edge(IntentGraphEdgeKind::Dependency)
            ),
            (6, 10)
        );
        let place = |id: &Id| {
            whole
                .topological_order
                .iter()
                .position(|other| other == id)
                .unwrap()
        };
        assert_eq!(whole.topological_order.len(), 8);
        for edge in &whole.edges {
            assert!(place(&edge.to) < place(&edge.from), "{edge:?}");
        }
        assert_eq!(
            whole.critical_path,
            ids([
                &parts[0], &parts[2], &parts[3], &parts[4], &parts[5], &parent
            ])
        );
        complete(&client, &parts[0]).await;
        assert_eq!(graph(&client, &parent).await.critical_path.len(), 5);
        assert_eq!(
            graph(&client, &parts[3]).await.nodes.len(),
            3,
            "only what it waits for"
        );
    }

    async fn relatives_are_listed(server: &Server) {
        let client = server.client("ana");
        let root = create(&client, "root").await;
        let a = create_below(&client, &root, "a").await;
        let b = create_below(&client, &root, "b").await;
        let a1 = create_below(&client, &a, "a1").await;
        let a11 = create_below(&client, &a1, "a11").await;
        depend(&client, &b, &[&a1, &a]).await.unwrap();
        for (of, list, expected) in [
            (&root, "children", vec!["a", "b"]),
            (&root, "readyChildren", vec!["a"]),
            (&root, "blockedChildren", vec!["b"]),
            (&root, "descendants", vec!["a", "b", "a1", "a11"]),
            (&a, "descendants", vec!["a1", "a11"]),
            (&a11, "descendants", vec![]),
            (&a11, "ancestors", vec!["a1", "a", "root"]),
            (&root, "ancestors", vec![]),
            (&b, "dependencies", vec!["a", "a1"]),
            (&a1, "dependents", vec!["b"]),
            (&a11, "dependents", vec![]),
        ] {
            assert_eq!(
                titles(&client, of, list).await,
                expected,
                "{list} of {}",
                of.title
            );
        }
        assert_eq!(aggregate(&client, &a11).await.total, 0);
        assert_eq!(aggregate(&client, &a11).await.completion_percentage, 0);
    }

    async fn dependency_blocks_and_its_completion_unblocks(server: &Server) {
        let client = server.client("ana");
        let (a, b) = (create(&client, "a").await, create(&client, "b").await);
        let waiting = create(&client, "waiting").await;
        let blocked = depend(&client, &waiting, &[&a, &b]).await.unwrap();
        assert_eq!(blocked.status, IntentStatus::Blocked);
        assert_eq!(blocked, now(&client, &waiting).await);
        assert_eq!(
            blocking(step(&client, &waiting, IntentStatus::Active).await),
            ids([&a, &b])
        );
        complete(&client, &a).await;
        assert_eq!(status(&client, &waiting).await, IntentStatus::Blocked);
        complete(&client, &b).await;
        let free = now(&client, &waiting).await;
        assert_eq!(free.status, IntentStatus::Active);
        assert!(free.is_ready && free.blocked_by.is_empty());
        let log = events(&client, &waiting, &[]).await;
        let types: Vec<_> = log.iter().map(|event| event.r#type.as_str()).collect();
        assert_eq!(
            types,
            [
                "intent_created",
                "dependency_added",
                "status_changed",
                "status_changed"
            ]
        );
        assert_eq!(free.version, 4);
    }

    async fn met_dependencies_do_not_block(server: &Server) {
        let client = server.client("ana");
        let done = create(&client, "done").await;
        complete(&client, &done).await;
        assert_eq!(
            create_after(&client, "a", &[&done]).await.status,
            IntentStatus::Active
        );
        let b = create(&client, "b").await;
        let added = depend(&client, &b, &[&done]).await.unwrap();
        assert_eq!((added.status, added.version), (IntentStatus::Active, 2));
        let again = depend(&client, &b, &[&done]).await.unwrap();
        assert_eq!(again.version, 2, "it was there already");
    }

    async fn unknown_dependencies_and_old_versions_are_refused(server: &Server) {
        let client = server.client("ana");
        let (a, b) = (create(&client, "a").await, create(&client, "b").await);
        for missing in ["nonsense", "intent_00000000000000000000000000"] {
            assert_not_found(
                client
                    .add_dependency(AddDependencyInput::new(&a.id, [b.id.as_str(), missing]))
                    .await,
                missing,
            );
            assert_not_found(
                client
                    .remove_dependency(RemoveDependencyInput::new(&a.id, missing))
                    .await,
                missing,
            );
            assert_not_found(
                client
                    .add_dependency(AddDependencyInput::new(missing, [&b.id]))
                    .await,
                missing,
            );
        }
        assert_not_found(undepend(&client, &a, &b).await, b.id.as_str());
        let none = client
            .add_dependency(AddDependencyInput::new(&a.id, Vec::<Id>::new()))
            .await;
        assert!(refusal(none).as_invalid_input().is_some());
        let stale = AddDependencyInput::new(&a.id, [&b.id]).expected_version(7);
        let refused = refusal(client.add_dependency(stale).await);
        assert_eq!(refused.as_version_conflict().unwrap().current_version, 1);
        let stale = RemoveDependencyInput::new(&a.id, &b.id).expected_version(7);
        assert!(
            refusal(client.remove_dependency(stale).await)
                .as_version_conflict()
                .is_some()
        );
        assert_eq!(now(&client, &a).await, a);
    }

    async fn cycles_are_refused_and_shown(server: &Server) {
        let client = server.client("ana");
        let mut chain = vec![create(&client, "0").await];
        for number in 1..6 {
            let next = create_after(&client, &number.to_string(), &[&chain[number - 1]]).await;
            chain.push(next);
        }
        assert_eq!(
            cycle(depend(&client, &chain[0], &[&chain[0]]).await),
            ids([&chain[0], &chain[0]])
        );
        assert_eq!(
            cycle(depend(&client, &chain[0], &[&chain[1]]).await),
            ids([&chain[0], &chain[1], &chain[0]])
        );
        let long = cycle(depend(&client, &chain[0], &[&chain[5]]).await);
        assert_eq!(
            long,
            ids([
                &chain[0], &chain[5], &chain[4], &chain[3], &chain[2], &chain[1], &chain[0]
            ])
        );
        assert_eq!(now(&client, &chain[0]).await, chain[0]);
        let other = create(&client, "other").await;
        cycle(depend(&client, &chain[0], &[&other, &chain[3]]).await);
        assert_eq!(
            titles(&client, &chain[0], "dependencies").await,
            Vec::<String>::new(),
            "none was added"
        );
    }

    async fn cycles_through_parents_and_dependencies_together_are_refused(server: &Server) {
        let client = server.client("ana");
        let parent = create(&client, "parent").await;
        let child = create_below(&client, &parent, "child").await;
        let grandchild = create_below(&client, &child, "grandchild").await;
        // A parent waits for what is below it, so nothing below may wait for the parent.
        cycle(depend(&client, &child, &[&parent]).await);
        let shown = cycle(depend(&client, &grandchild, &[&parent]).await);
        assert_eq!(shown, ids([&grandchild, &parent, &child, &grandchild]));
        let after = create_after(&client, "after", &[&parent]).await;
        cycle(depend(&client, &grandchild, &[&after]).await);
        let sibling = create_below(&client, &parent, "sibling").await;
        depend(&client, &sibling, &[&child]).await.unwrap();
        cycle(depend(&client, &grandchild, &[&sibling]).await);
        depend(&client, &parent, &[&grandchild]).await.unwrap();
    }

    async fn child_that_waits_for_its_own_parent_is_refused_at_creation(server: &Server) {
        let client = server.client("ana");
        let parent = create(&client, "parent").await;
        let after = create_after(&client, "after", &[&parent]).await;
        let later = create_after(&client, "later", &[&after]).await;
        for wrong in [&parent, &after, &later] {
            let input = CreateIntentInput::new("child")
                .parent_id(&parent.id)
                .depends_on([&wrong.id]);
            cycle(client.create_intent(input).await);
        }
        assert!(titles(&client, &parent, "children").await.is_empty());
    }

    async fn completion_waits_for_dependencies_and_children(server: &Server) {
        let client = server.client("ana");
        let parent = create(&client, "parent").await;
        let done = create_below(&client, &parent, "done").await;
        let open = create_below(&client, &parent, "open").await;
        let failed = create_below(&client, &parent, "failed").await;
        let abandoned = create_below(&client, &parent, "abandoned").await;
        complete(&client, &done).await;
        bring(&client, &failed, IntentStatus::Failed).await;
        bring(&client, &abandoned, IntentStatus::Abandoned).await;
        assert_eq!(
            blocking(step(&client, &parent, IntentStatus::Completed).await),
            ids([&open, &failed])
        );
        complete(&client, &open).await;
        step(&client, &failed, IntentStatus::Abandoned)
            .await
            .unwrap();
        complete(&client, &parent).await;
    }

    async fn failed_or_abandoned_dependency_leaves_its_dependent_blocked(server: &Server) {
        let client = server.client("ana");
        for end in [IntentStatus::Failed, IntentStatus::Abandoned] {
            let dependency = create(&client, "dependency").await;
            let waiting = create_after(&client, "waiting", &[&dependency]).await;
            bring(&client, &dependency, end.clone()).await;
            let blocked = now(&client, &waiting).await;
            assert_eq!(blocked.status, IntentStatus::Blocked);
            let why = &blocked.blocked_by[0];
            assert_eq!(why.intent.as_ref().unwrap().id, dependency.id);
            let word = end.as_str().to_lowercase();
            assert!(
                why.message.contains(&word),
                "{:?} should say {word}",
                why.message
            );
            undepend(&client, &waiting, &dependency).await.unwrap();
            assert_eq!(status(&client, &waiting).await, IntentStatus::Active);
        }
    }

    async fn retried_dependency_unblocks_after_all(server: &Server) {
        let client = server.client("ana");
        let dependency = create(&client, "dependency").await;
        let waiting = create_after(&client, "waiting", &[&dependency]).await;
        bring(&client, &dependency, IntentStatus::Failed).await;
        step(&client, &dependency, IntentStatus::Active)
            .await
            .unwrap();
        complete(&client, &dependency).await;
        assert_eq!(status(&client, &waiting).await, IntentStatus::Active);
    }

    async fn suspended_dependency_blocks_its_dependents(server: &Server) {
        let client = server.client("ana");
        let dependency = create(&client, "dependency").await;
        let waiting = create_after(&client, "waiting", &[&dependency]).await;
        bring(&client, &dependency, IntentStatus::SuspendedAwaitingInput).await;
        assert_eq!(status(&client, &waiting).await, IntentStatus::Blocked);
        let late = create_after(&client, "late", &[&dependency]).await;
        assert_eq!(late.status, IntentStatus::Blocked);
        step(&client, &dependency, IntentStatus::Active)
            .await
            .unwrap();
        complete(&client, &dependency).await;
        assert_eq!(status(&client, &waiting).await, IntentStatus::Active);
        assert_eq!(status(&client, &late).await, IntentStatus::Active);
    }

    async fn removing_a_dependency_opens_the_gate(server: &Server) {
        let client = server.client("ana");
        let (a, b) = (create(&client, "a").await, create(&client, "b").await);
        let waiting = create_after(&client, "waiting", &[&a, &b]).await;
        assert_eq!(
            undepend(&client, &waiting, &a).await.unwrap().status,
            IntentStatus::Blocked
        );
        let free = undepend(&client, &waiting, &b).await.unwrap();
        assert_eq!(free.status, IntentStatus::Active);
        assert_eq!(times_moved(&client, &waiting, "active").await, 1);
        // What was a cycle before is none any more.
        depend(&client, &a, &[&waiting]).await.unwrap();
    }

    async fn draft_waits_until_it_is_activated(server: &Server) {
        let client = server.client("ana");
        let dependency = create(&client, "dependency").await;
        let input = |title: &str| {
            CreateIntentInput::new(title)
                .draft(true)
                .depends_on([&dependency.id])
        };
        let early = create_with(&client, input("early")).await;
        let late = create_with(&client, input("late")).await;
        assert_eq!(early.status, IntentStatus::Draft);
        let activated = step(&client, &early, IntentStatus::Active).await.unwrap();
        assert_eq!(
            activated.status,
            IntentStatus::Blocked,
            "it has an open dependency"
        );
        complete(&client, &dependency).await;
        assert_eq!(status(&client, &early).await, IntentStatus::Active);
        assert_eq!(status(&client, &late).await, IntentStatus::Draft);
        assert_eq!(
            step(&client, &late, IntentStatus::Active)
                .await
                .unwrap()
                .status,
            IntentStatus::Active
        );
    }

    async fn intent_blocked_by_hand_stays_blocked(server: &Server) {
        let client = server.client("ana");
        let dependency = create(&client, "dependency").await;
        let intent = create(&client, "a").await;
        bring(&client, &intent, IntentStatus::Blocked).await;
        depend(&client, &intent, &[&dependency]).await.unwrap();
        complete(&client, &dependency).await;
        assert_eq!(status(&client, &intent).await, IntentStatus::Blocked);
        let free = step(&client, &intent, IntentStatus::Active).await.unwrap();
        assert_eq!(free.status, IntentStatus::Active);
        let next = create(&client, "next").await;
        depend(&client, &intent, &[&next]).await.unwrap();
        complete(&client, &next).await;
        assert_eq!(
            status(&client, &intent).await,
            IntentStatus::Active,
            "the hand was taken off"
        );
    }

    async fn abandoning_cascades_when_asked_to(server: &Server) {
        let client = server.client("ana");
        let root = create(&client, "root").await;
        let done = create_below(&client, &root, "done").await;
        let failed = create_below(&client, &root, "failed").await;
        let open = create_below(&client, &root, "open").await;
        let deep = create_below(&client, &open, "deep").await;
        let waiting = create_after(&client, "waiting", &[&deep]).await;
        let input = CreateIntentInput::new("draft")
            .parent_id(&open.id)
            .draft(true);
        let draft = create_with(&client, input).await;
        complete(&client, &done).await;
        bring(&client, &failed, IntentStatus::Failed).await;
        let wrong = SetStatusInput::new(&root.id, 1, IntentStatus::Failed).cascade(true);
        assert!(
            refusal(client.set_status(wrong).await)
                .as_invalid_input()
                .is_some()
        );
        let input = SetStatusInput::new(&root.id, 1, IntentStatus::Abandoned)
            .cascade(true)
            .reason("over");
        client.set_status(input).await.unwrap();
        for gone in [&root, &failed, &open, &deep, &draft] {
            assert_eq!(
                status(&client, gone).await,
                IntentStatus::Abandoned,
                "{}",
                gone.title
            );
        }
        assert_eq!(status(&client, &done).await, IntentStatus::Completed);
        assert_eq!(status(&client, &waiting).await, IntentStatus::Blocked);
        let log = events(&client, &deep, &["status_changed"]).await;
        assert_eq!(log[0].payload["reason"], json!("parent_abandoned"));
    }

    async fn abandoning_without_cascade_leaves_the_children(server: &Server) {
        let client = server.client("ana");
        let root = create(&client, "root").await;
        let child = create_below(&client, &root, "child").await;
        step(&client, &root, IntentStatus::Abandoned).await.unwrap();
        assert_eq!(status(&client, &child).await, IntentStatus::Active);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn graph_larger_than_the_limit_is_refused() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let server = Server::start_with(backend, |config| config.limits.graph_nodes = 4).await;
        let client = server.client("ana");
        let root = create(&client, "root").await;
        for title in ["a", "b", "c"] {
            create_below(&client, &root, title).await;
        }
        assert_eq!(graph(&client, &root).await.nodes.len(), 4);
        create_below(&client, &root, "d").await;
        let error = client.intent_graph(&root.id).await.unwrap_err();
        assert_eq!(error.code().unwrap().as_str(), "LIMIT_EXCEEDED");
        server.stop().await;
    }
}

on_clusters! {
    async fn concurrent_edges_never_close_a_cycle(cluster: &Cluster) {
        let admin = cluster.first().client("admin");
        for _ in 0..8 {
            // Each of four waits for the next: all four edges together would be a cycle.
            let mut ring = Vec::new();
            for title in ["a", "b", "c", "d"] {
                ring.push(create(&admin, title).await);
            }
            let results = at_once(8, |number| {
                let (from, to) = (&ring[number % 4], &ring[(number + 1) % 4]);
                cluster
                    .client(number)
                    .add_dependency(AddDependencyInput::new(&from.id, [&to.id]))
            })
            .await;
            let mut edges = 0;
            for number in 0..4 {
                edges += titles(&admin, &ring[number], "dependencies").await.len();
                let pair = [&results[number], &results[number + 4]];
                for refused in pair.into_iter().filter_map(|result| result.as_ref().err()) {
                    assert!(refused.dependency_cycle().is_some(), "{refused:?}");
                }
            }
            assert_eq!(edges, 3, "all but the one that would close the cycle");
            graph(&admin, &ring[0]).await;
        }
    }

    async fn concurrent_edges_and_children_never_close_a_cycle(cluster: &Cluster) {
        let admin = cluster.first().client("admin");
        for _ in 0..8 {
            // A child that waits for `other`, and `other` waiting for the child's parent.
            let (parent, other) = (
                create(&admin, "parent").await,
                create(&admin, "other").await,
            );
            let results = at_once(2, |number| {
                let client = cluster.client(number);
                let (parent, other) = (parent.clone(), other.clone());
                async move {
                    if number == 0 {
                        let input = CreateIntentInput::new("child")
                            .parent_id(&parent.id)
                            .depends_on([&other.id]);
                        client
                            .create_intent(input)
                            .await
                            .map(|payload| payload.intent)
                    } else {
                        depend(&client, &other, &[&parent]).await
                    }
                }
            })
            .await;
            let refused: Vec<_> = results
                .iter()
                .filter_map(|result| result.as_ref().err())
                .collect();
            assert_eq!(refused.len(), 1);
            assert!(refused[0].dependency_cycle().is_some(), "{refused:?}");
            graph(&admin, &parent).await;
        }
    }

    async fn intent_does_not_complete_while_a_dependency_is_added(cluster: &Cluster) {
        let admin = cluster.first().client("admin");
        for _ in 0..10 {
            let (intent, dependency) = (
                create(&admin, "a").await,
                create(&admin, "dependency").await,
            );
            let results = at_once(2, |number| {
                let (client, intent, dependency) =
                    (cluster.client(number), intent.clone(), dependency.clone());
                async move {
                    if number == 0 {
                        let input = SetStatusInput::new(&intent.id, 1, IntentStatus::Completed);
                        client.set_status(input).await.map(|payload| payload.intent)
                    } else {
                        depend(&client, &intent, &[&dependency]).await
                    }
                }
            })
            .await;
            let after = now(&admin, &intent).await;
            match (&results[0], &results[1]) {
                (Ok(_), Err(late)) => {
                    assert!(late.closed().is_some(), "{late:?}");
                    assert_eq!(after.status, IntentStatus::Completed);
                }
                (Err(late), Ok(_)) => {
                    assert_eq!(
                        late.version_conflict().unwrap().current_version,
                        after.version
                    );
                    assert_eq!(after.status, IntentStatus::Blocked);
                }
                other => panic!("one of them must win: {other:?}"),
            }
        }
    }

    async fn parent_does_not_complete_while_a_child_is_created(cluster: &Cluster) {
        let admin = cluster.first().client("admin");
        for _ in 0..10 {
            let parent = create(&admin, "parent").await;
            let results = at_once(2, |number| {
                let (client, parent) = (cluster.client(number), parent.clone());
                async move {
                    if number == 0 {
                        step(&client, &parent, IntentStatus::Completed).await
                    } else {
                        let input = CreateIntentInput::new("child").parent_id(&parent.id);
                        client
                            .create_intent(input)
                            .await
                            .map(|payload| payload.intent)
                    }
                }
            })
            .await;
            match (&results[0], &results[1]) {
                (Ok(_), Err(late)) => assert!(late.closed().is_some(), "{late:?}"),
                (Err(late), Ok(_)) => assert!(late.unmet_dependencies().is_some(), "{late:?}"),
                other => panic!("one of them must win: {other:?}"),
            }
        }
    }

    async fn dependencies_that_complete_in_parallel_unblock_exactly_once(cluster: &Cluster) {
        let admin = cluster.first().client("admin");
        for count in [2, 2, 2, 2, CROWD] {
            let mut dependencies = Vec::new();
            for number in 0..count {
                dependencies.push(create(&admin, &number.to_string()).await);
            }
            let all: Vec<&Intent> = dependencies.iter().collect();
            let waiting = create_after(&admin, "waiting", &all).await;
            let also = create_after(&admin, "also waiting", &all).await;
            let results = at_once(count, |number| {
                let input =
                    SetStatusInput::new(&dependencies[number].id, 1, IntentStatus::Completed);
                cluster.client(number).set_status(input)
            })
            .await;
            for result in results {
                result.unwrap();
            }
            for dependent in [&waiting, &also] {
                assert_eq!(status(&admin, dependent).await, IntentStatus::Active);
                assert_eq!(times_moved(&admin, dependent, "active").await, 1);
                assert_eq!(now(&admin, dependent).await.version, 2);
            }
        }
    }
}
