//! Queries and mutations.

use std::time::{Duration, Instant};

use openintent_client::{
    Client, CreateIntentInput, Error, ErrorCode, IntentFilter, IntentStatus, IntentsArgs, Maybe,
    MutationError, Node, PatchStateInput, RetryPolicy, SetPatch, StatePatch, UpdateIntentInput,
    Value, json, object,
};
use serde::Deserialize;

use crate::server::{Reply, Server, event, intent, soon};

fn payload(field: &str) -> Value {
    json!({ "data": { field: { "intent": intent("intent_1"), "cursor": "7", "errors": [] } } })
}

fn refusal(field: &str, error: &Value) -> Value {
    json!({ "data": { field: { "intent": null, "cursor": null, "errors": [error] } } })
}

fn failure(code: &str) -> Value {
    json!({ "data": null, "errors": [{ "message": "no", "path": null, "extensions": { "code": code } }] })
}

#[tokio::test]
async fn requests_carry_key_agent_and_trace() {
    let server =
        Server::answering(|_, _| Reply::Json(200, json!({ "data": { "intent": null } }))).await;
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let client = server.client().with_traceparent(traceparent);
    assert!(soon(client.intent("intent_1")).await.unwrap().is_none());

    let seen = &server.requests()[0];
    let header = |name: &str| seen.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("x-api-key"), "key-1");
    assert_eq!(header("x-agent-id"), "agent-1");
    assert_eq!(header("traceparent"), traceparent);
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(
        header("accept"),
        "application/graphql-response+json, application/json;q=0.9"
    );
    assert!(
        seen.query
            .starts_with("query intent($id: ID!) { intent(id: $id) { id type title ")
    );
    assert_eq!(seen.variables, json!({ "id": "intent_1" }));
}

#[tokio::test]
async fn absent_null_and_value_reach_the_server_apart() {
    let server = Server::answering(|_, _| Reply::Json(200, payload("updateIntent"))).await;
    let input = UpdateIntentInput::new("intent_1", 3)
        .title("B")
        .description(Maybe::Null)
        .constraints(object! { "budget": 1 })
        .tags(["a", "b"])
        .namespace(None)
        .idempotency_key("k");
    let updated = soon(server.client().update_intent(input)).await.unwrap();
    assert_eq!(updated.cursor, "7");
    assert_eq!(
        updated.intent.blocked_by[0].intent.as_ref().unwrap().id,
        "intent_9"
    );
    assert_eq!(
        server.requests()[0].variables["input"],
        json!({
            "idempotencyKey": "k", "id": "intent_1", "expectedVersion": 3, "title": "B", "description": null,
            "constraints": { "budget": 1 }, "tags": ["a", "b"],
        })
    );
}

#[tokio::test]
async fn one_of_inputs_are_sent_as_one_field() {
    let server = Server::answering(|_, _| Reply::Json(200, payload("patchState"))).await;
    let patches = [
        StatePatch::Set(SetPatch::new("/a").value(1)),
        SetPatch::new("/b").into(),
    ];
    soon(
        server
            .client()
            .patch_state(PatchStateInput::new("intent_1", 1, patches)),
    )
    .await
    .unwrap();
    assert_eq!(
        server.requests()[0].variables["input"]["patches"],
        json!([{ "set": { "path": "/a", "value": 1 } }, { "set": { "path": "/b" } }])
    );
}

#[tokio::test]
async fn refusals_are_typed() {
    let error = json!({
        "__typename": "VersionConflictError", "code": "VERSION_CONFLICT", "message": "stale", "path": ["expectedVersion"],
        "expectedVersion": 3, "currentVersion": 5,
    });
    let server =
        Server::answering(move |_, _| Reply::Json(200, refusal("updateIntent", &error))).await;
    let error = soon(
        server
            .client()
            .update_intent(UpdateIntentInput::new("intent_1", 3)),
    )
    .await
    .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::VersionConflict));
    assert_eq!(error.version_conflict().unwrap().current_version, 5);
    assert!(error.lease_held().is_none());
    assert!(!error.is_transient());
    assert_eq!(error.to_string(), "refused: VERSION_CONFLICT: stale");
    match error {
        Error::Refused(refused) if refused.version_conflict().is_some() => {
            assert_eq!(refused[0].path(), Some(&["expectedVersion".to_owned()][..]));
        }
        other => panic!("{other}"),
    }
    assert_eq!(server.requests().len(), 1, "refusals are final");
}

#[tokio::test]
async fn refusals_of_unknown_types_and_codes_are_kept() {
    let error = json!({
        "__typename": "BudgetExceededError", "code": "BUDGET_EXCEEDED", "message": "too dear", "path": null, "limit": 3,
    });
    let server =
        Server::answering(move |_, _| Reply::Json(200, refusal("createIntent", &error))).await;
    let error = soon(server.client().create_intent(CreateIntentInput::new("A")))
        .await
        .unwrap_err();
    let refused = error.refused().unwrap();
    assert_eq!(
        refused[0],
        MutationError::Unknown {
            type_name: "BudgetExceededError".to_owned(),
            code: ErrorCode::Unknown("BUDGET_EXCEEDED".to_owned()),
            message: "too dear".to_owned(),
            path: None,
        }
    );
    assert_eq!(refused[0].type_name(), "BudgetExceededError");
}

#[tokio::test]
async fn unknown_values_types_and_fields_do_no_harm() {
    let server = Server::answering(|_, seen| {
        let mut future = intent("intent_1");
        future["status"] = json!("DREAMING");
        future["fieldOfTheFuture"] = json!([1]);
        if seen.query.contains("nodes(") {
            let mut known = event(4);
            // Under the name that keeps it apart from the nullable `type` of intents.
            known["event_type"] = known.as_object_mut().unwrap().remove("type").unwrap();
            Reply::Json(
                200,
                json!({ "data": { "nodes": [{ "__typename": "Dream", "id": "dream_1", "depth": 3 }, null, known] } }),
            )
        } else {
            Reply::Json(200, json!({ "data": { "intent": future }, "extensions": {} }))
        }
    })
    .await;
    let client = server.client();
    let intent = soon(client.intent("intent_1")).await.unwrap().unwrap();
    assert_eq!(intent.status, IntentStatus::Unknown("DREAMING".to_owned()));
    assert!(intent.status.is_unknown());
    assert_eq!(intent.status.to_string(), "DREAMING");
    assert_eq!(serde_json::to_value(&intent.status).unwrap(), "DREAMING");
    assert_eq!("ACTIVE".parse(), Ok(IntentStatus::Active));

    let nodes = soon(client.nodes(["dream_1", "nothing", "evt_4"]))
        .await
        .unwrap();
    let unknown = Node::Unknown {
        type_name: "Dream".to_owned(),
        id: "dream_1".into(),
    };
    assert_eq!(nodes[0].as_ref(), Some(&unknown));
    assert!(nodes[1].is_none());
    let node = nodes[2].as_ref().unwrap();
    assert_eq!(node.as_event().unwrap().r#type, "state_patched");
    assert_eq!(node.id().as_str(), "evt_4");
    let text = serde_json::to_string(node).unwrap();
    assert!(text.contains("\"__typename\":\"Event\""), "{text}");
    assert_eq!(&serde_json::from_str::<Node>(&text).unwrap(), node);
}

#[tokio::test]
async fn queries_are_tried_again_until_they_succeed() {
    let server = Server::answering(|number, _| match number {
        1 => Reply::Text(503, "busy"),
        2 => Reply::Json(200, failure("UNAVAILABLE")),
        3 => Reply::Json(429, failure("RATE_LIMITED")),
        _ => Reply::Json(200, json!({ "data": { "intent": intent("intent_1") } })),
    })
    .await;
    soon(server.client().intent("intent_1"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn attempts_are_bounded_and_the_last_error_is_told() {
    let server = Server::answering(|_, _| Reply::Text(502, "<html>bad gateway</html>")).await;
    let client = server.client();
    match soon(client.viewer()).await.unwrap_err() {
        Error::Http {
            status: 502, body, ..
        } => assert!(body.contains("bad gateway")),
        other => panic!("{other}"),
    }
    assert_eq!(server.requests().len(), 4);
    soon(client.viewer().retry(RetryPolicy::none()))
        .await
        .unwrap_err();
    assert_eq!(server.requests().len(), 5);
}

#[tokio::test]
async fn mutations_are_tried_again_under_one_automatic_key() {
    let server = Server::answering(|number, _| {
        if number < 3 {
            Reply::Text(503, "")
        } else {
            Reply::Json(200, payload("createIntent"))
        }
    })
    .await;
    let client = server.client();
    soon(client.create_intent(CreateIntentInput::new("A")))
        .await
        .unwrap();
    soon(client.create_intent(CreateIntentInput::new("A")))
        .await
        .unwrap();
    let keys: Vec<String> = server
        .requests()
        .iter()
        .map(|seen| {
            seen.variables["input"]["idempotencyKey"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(keys.len(), 4);
    assert!(keys[0].len() > 30 && keys[0] == keys[1] && keys[1] == keys[2]);
    assert_ne!(keys[2], keys[3], "every mutation has a key of its own");
}

#[tokio::test]
async fn mutations_without_a_key_are_sent_once() {
    let server = Server::answering(|_, _| Reply::Text(503, "")).await;
    let client = server
        .builder()
        .automatic_idempotency_keys(false)
        .build()
        .unwrap();
    soon(client.create_intent(CreateIntentInput::new("A")))
        .await
        .unwrap_err();
    assert_eq!(server.requests().len(), 1);
    assert!(
        server.requests()[0].variables["input"]
            .get("idempotencyKey")
            .is_none()
    );

    soon(client.create_intent(CreateIntentInput::new("A").idempotency_key("k")))
        .await
        .unwrap_err();
    assert_eq!(server.requests().len(), 5);
    soon(
        client
            .create_intent(CreateIntentInput::new("A"))
            .idempotent(),
    )
    .await
    .unwrap_err();
    assert_eq!(server.requests().len(), 9);
}

#[tokio::test]
async fn servers_that_ask_to_wait_are_obeyed() {
    let server = Server::answering(|number, _| match number {
        1 => {
            let mut failure = failure("RATE_LIMITED");
            failure["errors"][0]["extensions"]["retryAfterMs"] = json!(150);
            Reply::Json(200, failure)
        }
        2 => Reply::Json(200, json!({ "data": { "intent": null } })),
        _ => Reply::RetryAfter(503, "3600"),
    })
    .await;
    let client = server.client();
    let start = Instant::now();
    soon(client.intent("intent_1")).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(150));

    let error = soon(client.intent("intent_1")).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert_eq!(
        server.requests().len(),
        3,
        "an hour is for the program to decide about"
    );
}

#[tokio::test]
async fn slow_answers_time_out_and_are_asked_for_again() {
    let server = Server::answering(|number, _| {
        if number == 1 {
            Reply::Never
        } else {
            Reply::Json(200, json!({ "data": { "intent": null } }))
        }
    })
    .await;
    let client = server.client();
    let once = client
        .intent("a")
        .timeout(Duration::from_millis(50))
        .retry(RetryPolicy::none());
    let error = soon(once).await.unwrap_err();
    assert!(
        matches!(error, Error::Timeout(_)) && error.is_transient(),
        "{error}"
    );

    let server = Server::answering(|number, _| {
        if number == 1 {
            Reply::Never
        } else {
            Reply::Json(200, json!({ "data": { "intent": null } }))
        }
    })
    .await;
    soon(
        server
            .client()
            .intent("a")
            .timeout(Duration::from_millis(200)),
    )
    .await
    .unwrap();
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn servers_out_of_reach_are_a_transport_error() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::builder(format!("http://{address}"))
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let error = soon(client.viewer()).await.unwrap_err();
    assert!(
        matches!(error, Error::Transport(_)) && error.is_transient(),
        "{error}"
    );
}

#[tokio::test]
async fn final_errors_are_not_tried_again() {
    let server = Server::answering(|_, seen| {
        if seen.query.contains("viewer") {
            Reply::Json(401, failure("UNAUTHENTICATED"))
        } else {
            Reply::Text(200, "hm")
        }
    })
    .await;
    let client = server.client();
    let error = soon(client.viewer()).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::Unauthenticated));
    assert_eq!(error.to_string(), "UNAUTHENTICATED: no");
    let error = soon(client.intent("a")).await.unwrap_err();
    assert!(
        matches!(&error, Error::Decode { operation, .. } if operation == "intent"),
        "{error}"
    );
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn partial_answers_are_errors() {
    let answer = json!({ "data": { "intent": null }, "errors": [{ "message": "half", "path": ["intent", 0] }] });
    let server = Server::answering(move |_, _| Reply::Json(200, answer.clone())).await;
    let error = soon(server.client().intent("a")).await.unwrap_err();
    assert_eq!(error.to_string(), "half");
    assert_eq!(error.code(), None);
}

fn page(seen: &crate::server::Seen) -> Value {
    let after: u64 = seen.variables["after"]
        .as_str()
        .map_or(0, |after| after.parse().unwrap());
    let nodes: Vec<Value> = (after + 1..=after + 2)
        .map(|n| intent(&format!("intent_{n}")))
        .collect();
    let cursors: Vec<Value> = (after + 1..=after + 2)
        .map(|n| json!({ "cursor": n.to_string() }))
        .collect();
    let page_info = json!({
        "hasNextPage": after < 4, "hasPreviousPage": after > 0, "startCursor": null, "endCursor": (after + 2).to_string(),
    });
    let mut intents = json!({ "edges": cursors, "nodes": nodes, "pageInfo": page_info });
    if seen.query.contains("totalCount") {
        intents["totalCount"] = json!(6);
    }
    json!({ "data": { "intents": intents } })
}

#[tokio::test]
async fn connections_are_read_page_by_page() {
    let server = Server::answering(|_, seen| Reply::Json(200, page(seen))).await;
    let client = server.client();
    let filter = IntentFilter::new().status([IntentStatus::Active]);
    let args = IntentsArgs {
        filter: Some(filter),
        first: Some(2),
        ..Default::default()
    };
    let ids: Vec<String> = soon(client.intents_stream(args).all())
        .await
        .unwrap()
        .into_iter()
        .map(|intent| intent.id.into())
        .collect();
    assert_eq!(
        ids,
        [
            "intent_1", "intent_2", "intent_3", "intent_4", "intent_5", "intent_6"
        ]
    );
    let asked: Vec<Value> = server
        .requests()
        .into_iter()
        .map(|seen| seen.variables)
        .collect();
    let filter = json!({ "status": ["ACTIVE"] });
    assert_eq!(asked[0], json!({ "filter": filter, "first": 2 }));
    assert_eq!(
        asked[1],
        json!({ "filter": filter, "first": 2, "after": "2" })
    );
    assert_eq!(asked.len(), 3);

    let mut stream = client.intents_stream(IntentsArgs::new());
    soon(stream.next()).await.unwrap().unwrap();
    assert_eq!(
        server.requests().len(),
        4,
        "pages are read when they are needed"
    );
}

#[tokio::test]
async fn page_streams_end_with_an_error() {
    let server = Server::answering(|number, seen| {
        if number == 1 {
            Reply::Json(200, page(seen))
        } else {
            Reply::Json(200, failure("FORBIDDEN"))
        }
    })
    .await;
    let mut stream = server.client().intents_stream(IntentsArgs::new());
    for _ in 0..2 {
        soon(stream.next()).await.unwrap().unwrap();
    }
    assert_eq!(
        soon(stream.next()).await.unwrap().unwrap_err().code(),
        Some(ErrorCode::Forbidden)
    );
    assert!(soon(stream.next()).await.is_none());
}

#[tokio::test]
async fn totals_are_counted_only_when_asked_for() {
    let server = Server::answering(|_, seen| Reply::Json(200, page(seen))).await;
    let client = server.client();
    assert_eq!(
        soon(client.intents(IntentsArgs::new()))
            .await
            .unwrap()
            .total_count,
        None
    );
    let counted = soon(client.intents(IntentsArgs::new()).with_total_count())
        .await
        .unwrap();
    assert_eq!(counted.total_count, Some(6));
    assert_eq!(counted.edges[1].cursor, "2");
}

#[tokio::test]
async fn other_fields_can_be_selected() {
    #[derive(Deserialize)]
    struct Titled {
        intent: Title,
    }
    #[derive(Deserialize)]
    struct Title {
        title: String,
    }

    let server = Server::answering(|_, seen| {
        Reply::Json(
            200,
            payload(if seen.query.contains("create") {
                "createIntent"
            } else {
                "x"
            }),
        )
    })
    .await;
    let call = server
        .client()
        .create_intent(CreateIntentInput::new("A"))
        .select::<Titled>("intent { title }");
    assert_eq!(soon(call).await.unwrap().intent.title, "A");
    let query = &server.requests()[0].query;
    assert!(
        query.contains("{ intent { title } errors { __typename code message path ... on "),
        "{query}"
    );
}

#[tokio::test]
async fn documents_of_ones_own_are_run() {
    #[derive(Debug, Deserialize)]
    struct Data {
        a: i64,
        b: Option<String>,
    }
    let server = Server::answering(|number, _| {
        if number == 1 {
            Reply::Text(503, "")
        } else {
            Reply::Json(200, json!({ "data": { "a": 1, "b": null } }))
        }
    })
    .await;
    let client = server.client();
    let data: Data = soon(client.execute("query ($n: Int) { a b }", json!({ "n": 1 })))
        .await
        .unwrap();
    assert_eq!((data.a, data.b), (1, None));
    assert_eq!(server.requests()[1].variables, json!({ "n": 1 }));

    let error = soon(client.execute::<Data>("{ a }", "not an object"))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Encode(_)), "{error}");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn calls_can_be_spawned_and_joined() {
    let server =
        Server::answering(|_, _| Reply::Json(200, json!({ "data": { "intent": null } }))).await;
    let client = server.client();
    let task = tokio::spawn(client.intent("a"));
    let (first, second) =
        soon(async { tokio::join!(client.intent("b"), client.intent("c")) }).await;
    assert!(first.unwrap().is_none() && second.unwrap().is_none());
    assert!(soon(task).await.unwrap().unwrap().is_none());
}
