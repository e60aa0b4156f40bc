//! Intents: what they take, how they move, and what is written down about it.

use std::time::Duration;

use openintent_client::{
    AssignAgentInput, Client, CreateChildIntentInput, CreateIntentInput, DateTime, Error,
    ErrorCode, Intent, IntentPhase, IntentStatus, LogEventInput, Maybe, Object, ReleaseLeaseInput,
    SetStatusInput, UnassignAgentInput, UpdateIntentInput, Value, json,
};
use openintent_tests::{Backend, Server, on_both};

use crate::act::{
    acquire, assert_not_found, bring, complete, create, create_after, create_with, events,
    invalid_path, now, object, patch, refusal, set, step,
};

const ABSENT_INTENT: &str = "intent_00000000000000000000000000";
const ALL: [IntentStatus; 7] = [
    IntentStatus::Draft,
    IntentStatus::Active,
    IntentStatus::Blocked,
    IntentStatus::SuspendedAwaitingInput,
    IntentStatus::Completed,
    IntentStatus::Failed,
    IntentStatus::Abandoned,
];

/// A new intent in this status.
async fn create_in(client: &Client, status: IntentStatus) -> Intent {
    let is_draft = status == IntentStatus::Draft;
    let input = CreateIntentInput::new("walk").draft(is_draft);
    let intent = create_with(client, input).await;
    if is_draft {
        intent
    } else {
        bring(client, &intent, status).await
    }
}

/// JSON that nests so many objects.
fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(1), |inner, _| json!({ "a": inner }))
}

async fn create_refused(client: &Client, input: CreateIntentInput) -> String {
    invalid_path(client.create_intent(input).await)
}

on_both! {
    async fn created_intent_keeps_all_fields(server: &Server) {
        let client = server.client("ana");
        let dependency = create(&client, "first").await;
        let parent = create(&client, "whole").await;
        let input = CreateIntentInput::new("Review the contract")
            .r#type("compliance.review")
            .description("Both parties, \u{1f50d} \"quoted\"")
            .constraints(object(json!({ "max_cost": 12.5 })))
            .state(object(json!({ "progress": { "pages": [1, 2] } })))
            .confidence(40)
            .priority(1_000)
            .tags(["b", "a", "b"])
            .namespace("legal")
            .parent_id(&parent.id)
            .depends_on([&dependency.id])
            .deadline(DateTime::new("2026-03-01T12:00:00+02:00"));
        let created = create_with(&client, input).await;
        let intent = now(&client, &created).await;
        assert_eq!(created, intent, "the payload shows what is stored");
        assert_eq!(intent.title, "Review the contract");
        assert_eq!(intent.r#type.as_deref(), Some("compliance.review"));
        assert_eq!(
            intent.description.as_deref(),
            Some("Both parties, \u{1f50d} \"quoted\"")
        );
        assert_eq!(intent.constraints, object(json!({ "max_cost": 12.5 })));
        assert_eq!(
            intent.state,
            object(json!({ "progress": { "pages": [1, 2] } }))
        );
        assert_eq!((intent.confidence, intent.priority), (40, 1_000));
        assert_eq!(intent.tags, ["a", "b"]);
        assert_eq!(intent.namespace.as_deref(), Some("legal"));
        assert_eq!(intent.parent.as_ref().unwrap().id, parent.id);
        assert_eq!(
            intent.deadline.as_ref().unwrap().as_str(),
            "2026-03-01T10:00:00.000000Z"
        );
        assert_eq!(intent.status, IntentStatus::Blocked);
        assert_eq!(
            intent.blocked_by[0].intent.as_ref().unwrap().id,
            dependency.id
        );
        assert_eq!(intent.created_by, "ana");
        assert_eq!(intent.version, 1);
        assert_eq!(intent.created_at.as_str(), "2026-01-01T00:00:00.000000Z");
        assert!(intent.id.as_str().starts_with("intent_"));
        assert!(!intent.is_ready);
        let log = events(&client, &intent, &[]).await;
        assert_eq!(log.len(), 1);
        assert_eq!(
            (log[0].r#type.as_str(), log[0].actor.as_str()),
            ("intent_created", "ana")
        );
        assert_eq!(log[0].payload["title"], "Review the contract");
    }

    async fn bare_intent_has_the_documented_defaults(server: &Server) {
        let intent = create(&server.client("ana"), "bare").await;
        assert_eq!(intent.status, IntentStatus::Active);
        assert_eq!(intent.phase, IntentPhase::Created);
        assert!(intent.is_ready);
        assert_eq!(
            (intent.confidence, intent.priority, intent.version),
            (0, 0, 1)
        );
        assert_eq!(
            (intent.state, intent.constraints),
            (Object::new(), Object::new())
        );
        assert!(intent.tags.is_empty() && intent.agents.is_empty() && intent.portfolios.is_empty());
        assert!(intent.blocked_by.is_empty());
        assert_eq!(
            (intent.r#type, intent.description, intent.namespace),
            (None, None, None)
        );
        assert_eq!(
            (intent.deadline, intent.started_at, intent.parent),
            (None, None, None)
        );
    }

    async fn child_is_created_below_its_parent(server: &Server) {
        let client = server.client("ana");
        let parent = create(&client, "whole").await;
        let input = CreateChildIntentInput::new(&parent.id, "part").confidence(7);
        let child = client.create_child_intent(input).await.unwrap().intent;
        assert_eq!(child.parent.as_ref().unwrap().id, parent.id);
        assert_eq!(child.confidence, 7);
        for missing in [ABSENT_INTENT, "nonsense"] {
            let result = client
                .create_child_intent(CreateChildIntentInput::new(missing, "x"))
                .await;
            assert_not_found(result, missing);
        }
        complete(&client, &child).await;
        complete(&client, &parent).await;
        let result = client
            .create_child_intent(CreateChildIntentInput::new(&parent.id, "late"))
            .await;
        let refusal = refusal(result);
        let closed = refusal.as_closed().unwrap();
        assert_eq!(
            (&closed.id, closed.status.as_str()),
            (&parent.id, "completed")
        );
    }

    async fn malformed_input_is_refused_and_located(server: &Server) {
        let client = server.client("ana");
        let new = CreateIntentInput::new;
        let many_bytes = "x".repeat(513);
        for (input, path) in [
            (new(""), "title"),
            (new(" \t "), "title"),
            (new("a\0b"), "title"),
            (new("two\nlines"), "title"),
            (new(&many_bytes), "title"),
            (new("a").confidence(101), "confidence"),
            (new("a").confidence(-1), "confidence"),
            (new("a").priority(1_001), "priority"),
            (new("a").priority(-1), "priority"),
            (new("a").r#type(""), "type"),
            (new("a").namespace("\0"), "namespace"),
            (new("a").description("\0"), "description"),
            (new("a").description("d".repeat(65_537)), "description"),
            (new("a").tags([""]), "tags"),
            (new("a").state(object(json!({ "_reserved": 1 }))), "state"),
            (new("a").state(object(json!({ "a": ["b\0"] }))), "state"),
            (new("a").state(object(json!({ "a\0": 1 }))), "state"),
            (new("a").state(object(nested(66))), "state"),
            (new("a").constraints(object(nested(66))), "constraints"),
        ] {
            let shown = format!("{input:?}");
            assert_eq!(create_refused(&client, input).await, path, "{shown:.200}");
        }
        assert!(
            client
                .intents(Default::default())
                .await
                .unwrap()
                .nodes
                .is_empty()
        );
        let deepest = new("a").state(object(nested(64)));
        create_with(&client, deepest).await;
    }

    async fn too_many_tags_pass_a_limit(server: &Server) {
        let client = server.client("ana");
        let tags =
            |count: usize| CreateIntentInput::new("a").tags((0..count).map(|n| n.to_string()));
        let refusal = refusal(client.create_intent(tags(65)).await);
        let limit = refusal.as_limit_exceeded().unwrap();
        assert_eq!((limit.actual, limit.limit), (65, 64));
        assert_eq!(create_with(&client, tags(64)).await.tags.len(), 64);
    }

    async fn update_changes_what_is_given_clears_what_is_null_and_leaves_the_rest(server: &Server) {
        let client = server.client("ana");
        let input = CreateIntentInput::new("old")
            .description("kept")
            .namespace("cleared")
            .r#type("cleared")
            .deadline(DateTime::new("2026-02-01T00:00:00Z"))
            .constraints(object(json!({ "a": 1 })))
            .confidence(10)
            .priority(20)
            .tags(["x"]);
        let intent = create_with(&client, input).await;
        server.advance(Duration::from_secs(1));
        let change = UpdateIntentInput::new(&intent.id, 1)
            .title("new")
            .namespace(Maybe::<String>::Null)
            .r#type(Maybe::<String>::Null)
            .deadline(Maybe::<DateTime>::Null)
            .constraints(object(json!({ "b": 2 })))
            .tags(["y"]);
        let updated = client.update_intent(change).await.unwrap().intent;
        assert_eq!(updated, now(&client, &intent).await);
        assert_eq!(updated.title, "new");
        assert_eq!(updated.description.as_deref(), Some("kept"));
        assert_eq!(
            (updated.namespace, updated.r#type, updated.deadline),
            (None, None, None)
        );
        assert_eq!(updated.constraints, object(json!({ "b": 2 })));
        assert_eq!((updated.confidence, updated.priority), (10, 20));
        assert_eq!(updated.tags, ["y"]);
        assert_eq!(updated.version, 2);
        assert_eq!(updated.created_at, intent.created_at);
        assert_eq!(updated.updated_at.as_str(), "2026-01-01T00:00:01.000000Z");
        let log = events(&client, &intent, &["intent_updated"]).await;
        assert_eq!(log[0].payload["changes"]["namespace"], Value::Null);
        assert!(log[0].payload["changes"].get("description").is_none());

        let stale = client
            .update_intent(UpdateIntentInput::new(&intent.id, 1).title("lost"))
            .await;
        let refusal_of_stale = refusal(stale);
        let conflict = refusal_of_stale.as_version_conflict().unwrap();
        assert_eq!(
            (conflict.expected_version, conflict.current_version),
            (1, 2)
        );
        for (change, path) in [
            (UpdateIntentInput::new(&intent.id, 2), ""),
            (UpdateIntentInput::new(&intent.id, 2).title(""), "title"),
            (
                UpdateIntentInput::new(&intent.id, 2).confidence(200),
                "confidence",
            ),
            (
                UpdateIntentInput::new(&intent.id, 2).namespace("\0"),
                "namespace",
            ),
        ] {
            assert_eq!(invalid_path(client.update_intent(change).await), path);
        }
        assert_eq!(now(&client, &intent).await.version, 2);
    }

    async fn status_moves_only_along_the_machine(server: &Server) {
        use IntentStatus::{
            Abandoned, Active, Blocked, Completed, Draft, Failed, SuspendedAwaitingInput,
        };
        let client = server.client("ana");
        let table = [
            (Draft, vec![Active, Abandoned]),
            (
                Active,
                vec![
                    Blocked,
                    SuspendedAwaitingInput,
                    Completed,
                    Failed,
                    Abandoned,
                ],
            ),
            (Blocked, vec![Active, Failed, Abandoned]),
            (SuspendedAwaitingInput, vec![Active, Abandoned]),
            (Failed, vec![Active, Abandoned]),
            (Completed, vec![]),
            (Abandoned, vec![]),
        ];
        let wire = |status: &IntentStatus| status.as_str().to_lowercase();
        for (from, allowed) in &table {
            let refused_of = create_in(&client, from.clone()).await;
            for to in &ALL {
                if allowed.contains(to) {
                    let intent = create_in(&client, from.clone()).await;
                    let moved = step(&client, &intent, to.clone()).await.unwrap();
                    assert_eq!(&moved.status, to);
                    assert_eq!(moved.version, intent.version + 1);
                    let log = events(&client, &intent, &["status_changed"]).await;
                    let last = log.last().unwrap();
                    assert_eq!(last.payload["from"], wire(from));
                    assert_eq!(last.payload["to"], wire(to));
                    continue;
                }
                let refusal = refusal(step(&client, &refused_of, to.clone()).await);
                let refused = refusal.as_invalid_transition().unwrap();
                assert_eq!((&refused.from, &refused.to), (&wire(from), &wire(to)));
                let mut shown = refused.allowed.clone();
                let mut expected: Vec<_> = allowed.iter().map(wire).collect();
                shown.sort();
                expected.sort();
                assert_eq!(shown, expected, "{from} to {to}");
            }
            assert_eq!(now(&client, &refused_of).await, refused_of);
        }
    }

    async fn status_change_needs_the_version_that_was_seen(server: &Server) {
        let client = server.client("ana");
        let intent = create(&client, "a").await;
        patch(&client, &intent, [set("/x", 1)]).await.unwrap();
        let input = SetStatusInput::new(&intent.id, 1, IntentStatus::Completed).reason("done");
        let refusal = refusal(client.set_status(input.clone()).await);
        let conflict = refusal.as_version_conflict().unwrap();
        assert_eq!(
            (conflict.expected_version, conflict.current_version),
            (1, 2)
        );
        let input = SetStatusInput {
            expected_version: 2,
            ..input
        };
        let done = client.set_status(input).await.unwrap().intent;
        assert_eq!(done.status_reason.as_deref(), Some("done"));
    }

    async fn closed_intents_refuse_every_change(server: &Server) {
        let client = server.client("ana");
        for end in [IntentStatus::Completed, IntentStatus::Abandoned] {
            let name = end.as_str().to_lowercase();
            let other = create(&client, "other").await;
            let intent = bring(&client, &create(&client, "a").await, end).await;
            let update = UpdateIntentInput::new(&intent.id, intent.version).title("b");
            let refusals = [
                refusal(client.update_intent(update).await),
                refusal(patch(&client, &intent, [set("/a", 1)]).await),
                refusal(
                    client
                        .assign_agent(AssignAgentInput::new(&intent.id, "bob"))
                        .await,
                ),
                refusal(acquire(&client, &intent, "a").await),
                refusal(crate::act::depend(&client, &intent, &[&other]).await),
            ];
            for refusal in refusals {
                let closed = refusal.as_closed().unwrap_or_else(|| panic!("{refusal:?}"));
                assert_eq!((&closed.id, &closed.status), (&intent.id, &name));
                assert_eq!(closed.code, ErrorCode::IntentClosed);
            }
            assert_eq!(now(&client, &intent).await, intent);
        }
    }

    async fn phase_follows_the_lifecycle(server: &Server) {
        let client = server.client("ana");
        let phase = async |intent: &Intent| now(&client, intent).await.phase;
        let intent = create(&client, "a").await;
        assert_eq!(phase(&intent).await, IntentPhase::Created);
        client
            .assign_agent(AssignAgentInput::new(&intent.id, "ana"))
            .await
            .unwrap();
        assert_eq!(phase(&intent).await, IntentPhase::Assigned);
        let lease = acquire(&client, &intent, "x").await.unwrap();
        assert_eq!(phase(&intent).await, IntentPhase::Leased);
        client
            .release_lease(ReleaseLeaseInput::new(&lease.id))
            .await
            .unwrap();
        assert_eq!(phase(&intent).await, IntentPhase::Assigned);
        acquire(&client, &intent, "x").await.unwrap();
        server.advance(Duration::from_secs(300));
        assert_eq!(
            phase(&intent).await,
            IntentPhase::Assigned,
            "an expired lease leases nothing"
        );
        let started = patch(&client, &intent, [set("/x", 1)]).await.unwrap();
        assert_eq!(started.phase, IntentPhase::Executing);
        assert_eq!(
            started.started_at.unwrap().as_str(),
            "2026-01-01T00:05:00.000000Z"
        );
        complete(&client, &intent).await;
        assert_eq!(phase(&intent).await, IntentPhase::Completed);
        for end in [IntentStatus::Failed, IntentStatus::Abandoned] {
            let intent = create_in(&client, end).await;
            assert_eq!(intent.phase, IntentPhase::Failed);
        }
    }

    async fn ids_that_name_nothing_are_absent(server: &Server) {
        let client = server.client("ana");
        let intent = create(&client, "a").await;
        let lease = acquire(&client, &intent, "a").await.unwrap();
        let nothing = [
            "",
            "nonsense",
            "intent_",
            "intent_!",
            ABSENT_INTENT,
            lease.id.as_str(),
            "\0",
            "é",
        ];
        for id in nothing {
            assert!(client.intent(id).await.unwrap().is_none(), "{id}");
            assert!(client.intent_graph(id).await.unwrap().is_none(), "{id}");
            let absent = client.portfolio(id).await.unwrap().is_none();
            assert!(absent && client.event(id).await.unwrap().is_none(), "{id}");
            if id != lease.id.as_str() {
                assert!(client.lease(id).await.unwrap().is_none(), "{id}");
                assert!(client.node(id).await.unwrap().is_none(), "{id}");
            }
            let update = UpdateIntentInput::new(id, 1).title("b");
            assert_not_found(client.update_intent(update).await, id);
            let step = SetStatusInput::new(id, 1, IntentStatus::Failed);
            assert_not_found(client.set_status(step).await, id);
            assert_not_found(
                client.log_event(LogEventInput::new(id, "comment")).await,
                id,
            );
            assert_not_found(
                client.assign_agent(AssignAgentInput::new(id, "bob")).await,
                id,
            );
            let input = CreateIntentInput::new("b").depends_on([id]);
            assert_not_found(client.create_intent(input).await, id);
        }
        let nodes = client
            .nodes([intent.id.as_str(), "nonsense", lease.id.as_str()])
            .await
            .unwrap();
        let found: Vec<_> = nodes
            .iter()
            .map(|node| node.as_ref().map(|node| node.id().clone()))
            .collect();
        assert_eq!(found, [Some(intent.id), None, Some(lease.id)]);
    }

    async fn agents_log_events_of_their_own_and_forge_none(server: &Server) {
        let client = server.client("ana");
        let intent = create(&client, "a").await;
        let mut cause = None;
        for allowed in [
            "llm_request_started",
            "tool_call_completed",
            "stream_completed",
            "comment",
            "x-deploy.done",
        ] {
            let input = LogEventInput::new(&intent.id, allowed)
                .payload(object(json!({ "tokens": 5 })))
                .parent_event_id(cause.clone());
            let event = client.log_event(input).await.unwrap().event;
            assert_eq!(event.r#type, allowed);
            assert_eq!(
                (event.actor.as_str(), &event.payload["tokens"]),
                ("ana", &json!(5))
            );
            assert_eq!(event.parent_event_id, cause);
            cause = Some(event.id);
        }
        let long = format!("x-{}", "a".repeat(200));
        for forged in [
            "state_patched",
            "status_changed",
            "intent_created",
            "lease_acquired",
            "lease_expired",
            "agent_assigned",
            "portfolio.created",
            "api_key.revoked",
            "task.completed",
            "budget_alert",
            "",
            "x-",
            "x-a b",
            "x-a\0",
            "Comment",
            &long,
        ] {
            let result = client
                .log_event(LogEventInput::new(&intent.id, forged))
                .await;
            assert_eq!(invalid_path(result), "type", "{forged}");
        }
        let big = object(json!({ "text": "x".repeat(65 << 10) }));
        let big = LogEventInput::new(&intent.id, "comment").payload(big);
        let refusal = refusal(client.log_event(big).await);
        assert_eq!(refusal.as_limit_exceeded().unwrap().limit, 64 << 10);
        let nul = LogEventInput::new(&intent.id, "comment").payload(object(json!({ "a": "\0" })));
        assert_eq!(invalid_path(client.log_event(nul).await), "payload");
        let orphan = LogEventInput::new(&intent.id, "comment").parent_event_id("evt_nonsense");
        assert_not_found(client.log_event(orphan).await, "evt_nonsense");
        assert_eq!(events(&client, &intent, &[]).await.len(), 6);
        assert_eq!(now(&client, &intent).await.version, 1);
    }

    async fn agents_are_assigned_with_roles_and_taken_off(server: &Server) {
        let client = server.client("ana");
        let intent = create(&client, "a").await;
        let assign = async |agent: &str, role: Option<&str>| {
            let input = AssignAgentInput::new(&intent.id, agent);
            let input = AssignAgentInput {
                role: role.map(str::to_owned).into(),
                ..input
            };
            client.assign_agent(input).await.unwrap().intent.agents
        };
        assign("bob", None).await;
        server.advance(Duration::from_secs(1));
        let agents = assign("cleo", Some("reviewer")).await;
        let shown: Vec<_> = agents
            .iter()
            .map(|agent| (agent.agent_id.as_str(), agent.role.as_str()))
            .collect();
        assert_eq!(shown, [("bob", "worker"), ("cleo", "reviewer")]);
        assert_eq!(agents[0].assigned_by, "ana");
        assign("bob", None).await;
        assert_eq!(
            events(&client, &intent, &["agent_assigned"]).await.len(),
            2,
            "nothing changed"
        );
        server.advance(Duration::from_secs(1));
        assert_eq!(
            assign("bob", Some("lead"))
                .await
                .iter()
                .find(|agent| agent.agent_id == "bob")
                .unwrap()
                .role,
            "lead"
        );
        let off = client
            .unassign_agent(UnassignAgentInput::new(&intent.id, "bob"))
            .await
            .unwrap()
            .intent;
        assert_eq!(off.agents.len(), 1);
        assert_not_found(
            client
                .unassign_agent(UnassignAgentInput::new(&intent.id, "bob"))
                .await,
            "bob",
        );
        assert_eq!(
            invalid_path(
                client
                    .unassign_agent(UnassignAgentInput::new(&intent.id, "\0"))
                    .await
            ),
            "agentId"
        );
        assert_eq!(
            invalid_path(
                client
                    .assign_agent(AssignAgentInput::new(&intent.id, ""))
                    .await
            ),
            "agentId"
        );
        let log = events(&client, &intent, &["agent_*"]).await;
        assert_eq!(log.last().unwrap().payload["agent_id"], "bob");
        assert_eq!(log.last().unwrap().r#type, "agent_unassigned");
    }

    async fn blocked_intent_says_what_it_waits_for(server: &Server) {
        let client = server.client("ana");
        let first = create(&client, "first").await;
        let waiting = create_after(&client, "second", &[&first]).await;
        assert_eq!(waiting.status, IntentStatus::Blocked);
        assert!(!waiting.is_ready);
        assert_eq!(waiting.blocked_by[0].intent.as_ref().unwrap().id, first.id);
        let by_hand = bring(
            &client,
            &create(&client, "third").await,
            IntentStatus::Blocked,
        )
        .await;
        assert!(!by_hand.blocked_by.is_empty(), "somebody blocked it");
        let suspended = create_in(&client, IntentStatus::SuspendedAwaitingInput).await;
        assert!(!suspended.is_ready && !suspended.blocked_by.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_large_state_passes_a_limit() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let server = Server::start_with(backend, |config| config.limits.state_bytes = 1_000).await;
        let client = server.client("ana");
        let text = "x".repeat(700);
        let big = object(json!({ "a": text, "b": text }));
        let result = client
            .create_intent(CreateIntentInput::new("a").state(big))
            .await;
        let refused = refusal(result);
        let limit = refused.as_limit_exceeded().unwrap();
        assert_eq!(limit.limit, 1_000);
        assert!(limit.actual > 1_400, "{}", limit.actual);
        let intent = create(&client, "a").await;
        let first = patch(&client, &intent, [set("/a", text.as_str())])
            .await
            .unwrap();
        let refused = refusal(patch(&client, &intent, [set("/b", text.as_str())]).await);
        assert!(refused.as_limit_exceeded().is_some());
        assert_eq!(now(&client, &intent).await, first);
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn request_larger_than_the_limit_is_refused_before_it_is_read() {
    let server = Server::start(Backend::Sqlite).await;
    let client = server.client("ana");
    let state = object(json!({ "a": "x".repeat(2 << 20) }));
    let result = client
        .create_intent(CreateIntentInput::new("a").state(state))
        .await;
    match result.unwrap_err() {
        Error::Http { status, .. } => assert_eq!(status, 413),
        Error::Graphql(errors) => assert_eq!(errors[0].code(), Some(ErrorCode::LimitExceeded)),
        other => panic!("{other:?}"),
    }
    server.stop().await;
}
