//! GraphQL over HTTP, and what else is served.

use std::time::Duration;

use openintent_tests::raw::{Raw, code};
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::transport::{CREATE, VIEWER, create, start, viewer};

const PAGE: &str = "query($n:Int!){intents(first:$n){pageInfo{hasNextPage}}}";
const BAD_USER_INPUT: &str = "BAD_USER_INPUT";

fn refusal(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn get_runs_queries_and_refuses_mutations() {
    let (server, raw) = start(|_| {}).await;
    let get = |query: &str| {
        let variables = r#"{"n":7,"title":"t"}"#;
        let parameters = [("query", query), ("variables", variables)];
        let url = reqwest::Url::parse_with_params(&raw.at("/graphql"), parameters).unwrap();
        raw.client.get(url).header("x-api-key", "dev-user-key")
    };
    let answer = raw.send(get(PAGE)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(
        answer.json(),
        json!({"data": {"intents": {"pageInfo": {"hasNextPage": false}}}})
    );
    let answer = raw.send(get(CREATE)).await;
    assert_eq!(answer.refusal(), refusal(405, BAD_USER_INPUT));
    assert_eq!(answer.header("allow"), Some("POST"));
    assert_eq!(server.app.log().head().0, 0, "nothing was created");

    let answer = raw.send(raw.client.put(raw.at("/graphql"))).await;
    assert_eq!(answer.status, 405);
    assert_eq!(answer.header("allow"), Some("GET, POST"));
}

#[tokio::test]
async fn only_json_is_read_so_no_foreign_page_can_post() {
    let (server, raw) = start(|_| {}).await;
    let body = json!({"query": CREATE, "variables": {"title": "t"}}).to_string();
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=iso-8859-1",
        "",
    ] {
        let request = raw.post().header("content-type", content_type);
        let answer = raw.send(request.body(body.clone())).await;
        assert_eq!(
            answer.refusal(),
            refusal(415, BAD_USER_INPUT),
            "{content_type}"
        );
    }
    assert_eq!(server.app.log().head().0, 0, "nothing was created");
}

#[tokio::test]
async fn an_answer_that_is_not_acceptable_is_not_made() {
    let (_server, raw) = start(|_| {}).await;
    let request = raw.client.post(raw.at("/graphql"));
    let request = request
        .header("x-api-key", "dev-user-key")
        .header("accept", "text/html");
    let answer = raw.send(request.json(&json!({"query": VIEWER}))).await;
    assert_eq!(answer.refusal(), refusal(406, BAD_USER_INPUT));
}

#[tokio::test]
async fn nobody_is_served_without_a_key() {
    let (_server, raw) = start(|_| {}).await;
    let ask = |key: Option<&str>| {
        let mut request = raw.client.post(raw.at("/graphql"));
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        raw.send(request.json(&json!({"query": VIEWER})))
    };
    for key in [None, Some(""), Some("bad")] {
        let answer = ask(key).await;
        assert_eq!(answer.refusal(), refusal(401, "UNAUTHENTICATED"), "{key:?}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    assert_eq!(ask(Some("dev-user-key")).await.json(), viewer());
}

#[tokio::test]
async fn malformed_requests_are_told_what_is_wrong() {
    let (_server, raw) = start(|_| {}).await;
    for (body, told) in [
        ("{", "not a GraphQL request in JSON"),
        ("\"{viewer}\"", "not a GraphQL request in JSON"),
        ("{}", "no \"query\""),
        (r#"{"query":1}"#, "\"query\" must be a string"),
        (
            r#"{"query":"{viewer{name}}","operationName":1}"#,
            "\"operationName\" must be a string",
        ),
        (
            r#"{"query":"{viewer{name}}","variables":[]}"#,
            "\"variables\" must be an object",
        ),
        (
            r#"{"query":"{viewer{name}}","extensions":""}"#,
            "\"extensions\" must be an object",
        ),
        (r#"{"query":"{viewer{name}}","query":"{a}"}"#, "duplicate"),
    ] {
        let request = raw.post().header("content-type", "application/json");
        let answer = raw.send(request.body(body)).await;
        assert_eq!(answer.refusal(), refusal(400, BAD_USER_INPUT), "{body}");
        let told = told.replace('"', "\\\"");
        assert!(answer.text.contains(&told), "{body}: {}", answer.text);
        assert_eq!(answer.json().get("data"), None);
    }
    let unknown_members = json!({"query": VIEWER, "id": 1, "extensions": {"any": 1}});
    assert_eq!(raw.request(unknown_members).await.status, 200);
}

#[tokio::test]
async fn a_body_over_the_limit_is_413() {
    let (_server, raw) = start(|config| config.limits.body_bytes = 100_000).await;
    let body = |bytes| json!({"query": VIEWER, "variables": {"v": "x".repeat(bytes)}});
    assert_eq!(raw.request(body(99_000)).await.status, 200);
    let answer = raw.request(body(400_000)).await;
    assert_eq!(answer.refusal(), refusal(413, "LIMIT_EXCEEDED"));
    assert!(answer.text.contains("limits.body_bytes"));
}

#[tokio::test]
async fn batches_are_refused_unless_enabled_and_then_bounded() {
    let operation = json!({"query": VIEWER});
    let (_server, raw) = start(|_| {}).await;
    let answer = raw.request(json!([operation])).await;
    assert_eq!(answer.refusal(), refusal(400, BAD_USER_INPUT));
    assert!(answer.text.contains("http.batch_operations"));

    let (_server, raw) = start(|config| config.http.batch_operations = 2).await;
    let answer = raw
        .request(json!([operation, {"query": "{nothing}"}]))
        .await;
    assert_eq!(answer.json()[0], viewer());
    assert_eq!(code(&answer.json()[1]["errors"][0]), BAD_USER_INPUT);
    let answer = raw.request(json!([operation, operation, operation])).await;
    assert_eq!(answer.refusal(), refusal(400, "LIMIT_EXCEEDED"));
    assert_eq!(raw.request(json!([])).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_takes_too_long_is_given_up() {
    let (server, raw) = start(|config| config.limits.request_timeout_ms = 300).await;
    let held = server.database().hold_writes().await;
    let answer = raw.query(CREATE, json!({"title": "late"})).await;
    assert_eq!(answer.refusal(), refusal(503, "TIMEOUT"));
    assert!(answer.text.contains("limits.request_timeout_ms"));
    held.rollback().await.unwrap();
    create(&raw).await;
}

#[tokio::test]
async fn a_key_that_asks_too_much_is_told_when_to_come_back() {
    let (_server, raw) = start(|config| {
        config.limits.requests_per_second = 1;
        config.limits.request_burst = 2;
    })
    .await;
    for _ in 0..2 {
        assert_eq!(raw.query(VIEWER, json!({})).await.status, 200);
    }
    let answer = raw.query(VIEWER, json!({})).await;
    assert_eq!(answer.refusal(), refusal(429, "RATE_LIMITED"));
    let after = answer.json()["errors"][0]["extensions"]["retryAfterMs"].take();
    assert!((1..=1000).contains(&after.as_u64().unwrap()), "{after}");
    assert_eq!(answer.header("retry-after"), Some("1"));

    let other = Raw::with_key(&raw.url, "agent-synth-key");
    assert_eq!(other.query(VIEWER, json!({})).await.status, 200);
}

#[tokio::test]
async fn subscriptions_are_not_for_http() {
    let (_server, raw) = start(|_| {}).await;
    let answer = raw.query("subscription{events{id}}", json!({})).await;
    assert_eq!(answer.refusal(), refusal(400, BAD_USER_INPUT));
    assert!(answer.text.contains("websocket"));
}

#[tokio::test]
async fn our_faults_carry_the_request_id_and_no_cause() {
    let (server, raw) = start(|_| {}).await;
    let db = server.database().connect().await;
    db.execute_unprepared("DROP TABLE leases").await.unwrap();
    let request = raw.post().header("x-request-id", "my-id.1");
    let answer = raw
        .send(request.json(&json!({"query": "{leases{nodes{id}}}"})))
        .await;
    let error = &answer.json()["errors"][0];
    assert_eq!(code(error), "INTERNAL", "{}", answer.text);
    assert_eq!(error["extensions"]["requestId"], "my-id.1");
    assert_eq!(answer.header("x-request-id"), Some("my-id.1"));
    assert!(!answer.text.contains("no such table"), "{}", answer.text);
}

#[tokio::test]
async fn cors_is_closed_unless_an_origin_is_listed() {
    const BOARD: &str = "https://board.example";
    const ALLOWED: &str = "access-control-allow-origin";
    let preflight = |raw: &Raw, origin: &str| {
        raw.client
            .request(reqwest::Method::OPTIONS, raw.at("/graphql"))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
    };
    let asked = |raw: &Raw| {
        raw.post()
            .header("origin", BOARD)
            .json(&json!({"query": VIEWER}))
    };
    let (_server, raw) = start(|_| {}).await;
    let answer = raw.send(preflight(&raw, BOARD)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header(ALLOWED)),
        (405, None)
    );
    assert_eq!(raw.send(asked(&raw)).await.header(ALLOWED), None);

    let (_server, raw) = start(|config| config.http.allowed_origins = vec![BOARD.to_owned()]).await;
    let answer = raw.send(preflight(&raw, BOARD)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header(ALLOWED)),
        (204, Some(BOARD))
    );
    let headers = answer.header("access-control-allow-headers").unwrap();
    assert!(headers.contains("x-api-key"), "{headers}");
    let answer = raw.send(preflight(&raw, "https://evil.example")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header(ALLOWED)),
        (405, None)
    );
    let answer = raw.send(asked(&raw)).await;
    assert_eq!(answer.header(ALLOWED), Some(BOARD));
    let mut vary = answer.headers.get_all("vary").iter();
    assert!(vary.any(|vary| vary == "origin"));
}

#[tokio::test]
async fn pages_are_served_with_security_headers() {
    let (_server, raw) = start(|_| {}).await;
    let answer = raw.get("/").await;
    assert_eq!(answer.status, 200);
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert!(answer.header("x-request-id").is_some());
    for path in ["/explorer/none.js", "/explorer/../Cargo.toml", "/nothing"] {
        assert_eq!(raw.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_waits_no_longer_than_configured() {
    let (server, raw) = start(|config| config.http.drain_ms = 50).await;
    let held = server.database().hold_writes().await;
    let body = json!({"query": CREATE, "variables": {"title": "late"}});
    let under_way = tokio::spawn(raw.post().json(&body).send());
    tokio::time::timeout(Duration::from_secs(10), async {
        server.app.shutdown().cancel();
        while raw.client.get(raw.at("/healthz")).send().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .unwrap();
    held.rollback().await.unwrap();
    drop(under_way.await.unwrap());
    server.stop().await;
}
