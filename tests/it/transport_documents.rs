//! Documents and variables: the same answer whether a document is new, and checked by the strict
//! rules, or known from before, and checked by the fast ones.

use openintent_tests::raw::Raw;
use serde_json::{Value, json};

use crate::transport::{VIEWER, start, viewer};

const FILTERED: &str = "query($f:IntentFilter){intents(filter:$f){nodes{id}}}";
const CREATE: &str = "mutation($i:CreateIntentInput!){createIntent(input:$i){errors{code}}}";
const PATCH: &str = "mutation($i:PatchStateInput!){patchState(input:$i){errors{code}}}";

/// Asks twice, in case it was cached by then; the message of the first error.
async fn refused(raw: &Raw, query: &str, variables: Value) -> String {
    let first = raw.query(query, variables.clone()).await;
    let expected = (400, "BAD_USER_INPUT".to_owned());
    assert_eq!(first.refusal(), expected, "{query}: {}", first.text);
    assert_eq!(first.json().get("data"), None);
    let second = raw.query(query, variables).await;
    assert_eq!(first.text, second.text);
    let message = first.json()["errors"][0]["message"].take();
    message.as_str().unwrap().to_owned()
}

fn patches(patches: Value) -> Value {
    json!({"intentId": "i", "expectedVersion": 1, "patches": patches})
}

#[tokio::test]
async fn bad_variables_are_refused_alike_new_and_known() {
    let (_server, raw) = start(|_| {}).await;
    for is_known in [false, true] {
        if is_known {
            for (query, good) in [
                (FILTERED, json!({"f": {"text": "t"}})),
                (CREATE, json!({"i": {"title": "t"}})),
                (
                    PATCH,
                    json!({"i": patches(json!([{"remove": {"path": "/a"}}]))}),
                ),
            ] {
                assert_eq!(raw.query(query, good).await.status, 200, "{query}");
            }
        }
        for (query, name, given, told) in [
            (
                CREATE,
                "i",
                json!({}),
                "\"i\" of type \"CreateIntentInput!\" must have the field \"title\"",
            ),
            (
                CREATE,
                "i",
                json!({"title": null}),
                "\"i.title\" must be of type \"String!\" and not null",
            ),
            (
                CREATE,
                "i",
                json!({"title": 1}),
                "\"i.title\" must be of type \"String!\"",
            ),
            (
                CREATE,
                "i",
                json!({"title": "t", "size": 1}),
                "has no field \"size\"",
            ),
            (
                CREATE,
                "i",
                json!({"title": "t", "priority": "1"}),
                "\"i.priority\" must be of type \"Int\"",
            ),
            (
                CREATE,
                "i",
                json!({"title": "t", "priority": 1.5}),
                "\"i.priority\" must be of type \"Int\"",
            ),
            (
                CREATE,
                "i",
                json!({"title": "t", "tags": [1]}),
                "\"i.tags[0]\" must be of type \"String!\"",
            ),
            (
                CREATE,
                "i",
                Value::Null,
                "must be of type \"CreateIntentInput!\" and not null",
            ),
            (
                FILTERED,
                "f",
                json!("t"),
                "\"f\" must be of type \"IntentFilter\"",
            ),
            (
                FILTERED,
                "f",
                json!({"status": ["ACTIVE", "GREEN"]}),
                "which has no value \"GREEN\"",
            ),
            (
                FILTERED,
                "f",
                json!({"status": [null]}),
                "\"f.status[0]\" must be of type \"IntentStatus!\" and not null",
            ),
            (
                PATCH,
                "i",
                patches(json!([{}])),
                "must have exactly one field",
            ),
            (
                PATCH,
                "i",
                patches(json!([{"set": {"path": "/a"}, "remove": {"path": "/a"}}])),
                "must have exactly one field",
            ),
            (
                PATCH,
                "i",
                patches(json!([{"set": null}])),
                "must have exactly one field",
            ),
        ] {
            let message = refused(&raw, query, json!({ name: given.clone() })).await;
            assert!(message.contains(told), "{given}: {message}");
        }
    }
}

#[tokio::test]
async fn good_variables_pass() {
    let (_server, raw) = start(|_| {}).await;
    for given in [
        Value::Null,
        json!({"status": "ACTIVE", "text": null}),
        json!({"status": []}),
    ] {
        let variables = json!({ "f": given, "unused": 1 });
        let answer = raw.query(FILTERED, variables).await;
        let expected = json!({"data": {"intents": {"nodes": []}}});
        assert_eq!(answer.json(), expected, "{}", answer.text);
    }
    let create =
        "mutation($state:Object){createIntent(input:{title:\"t\",state:$state}){intent{state}}}";
    let odd_names = json!({"not a name": {"": [1, null, 1e300, "\u{1f600}"]}});
    let answer = raw.query(create, json!({ "state": odd_names })).await;
    let created = &answer.json()["data"]["createIntent"]["intent"];
    assert_eq!(created["state"], odd_names, "{}", answer.text);
}

#[tokio::test]
async fn required_variables_must_be_given() {
    let (_server, raw) = start(|_| {}).await;
    let query = "query($id:ID!){intent(id:$id){id}}";
    for given in [
        json!({}),
        json!({"id": null}),
        json!({"id": [1]}),
        json!({"id": true}),
    ] {
        let message = refused(&raw, query, given).await;
        assert!(message.starts_with("Variable \"$id\" of "), "{message}");
    }
    for given in [json!({"id": 1}), json!({"id": "1"})] {
        let answer = raw.query(query, given).await;
        assert_eq!(answer.json(), json!({"data": {"intent": null}}));
    }
}

#[tokio::test]
async fn literals_around_variables_are_checked_with_and_without_values() {
    let (_server, raw) = start(|_| {}).await;
    let query =
        r#"query($t:String,$p:ID){intents(filter:{text:$t,parentId:$p,namespace:1}){nodes{id}}}"#;
    for given in [json!({"t": "t"}), json!({"t": "t", "p": "p"})] {
        let message = refused(&raw, query, given).await;
        let told = "\"filter.namespace\" must be of type \"String\"";
        assert!(message.contains(told), "{message}");
    }
}

#[tokio::test]
async fn variables_must_fit_where_they_are_used() {
    let (_server, raw) = start(|_| {}).await;
    for query in [
        "query($v:String){intents(first:$v){nodes{id}}}",
        "query($v:Int){intents(filter:{text:$v}){nodes{id}}}",
        "mutation($v:String){createIntent(input:{title:$v}){cursor}}",
        "query($v:IntentStatus){intents(filter:{status:[$v]}){nodes{id}}}",
        "query($v:[IntentStatus]){intents(filter:{status:$v}){nodes{id}}}",
        "query($v:IntentStatus!){intents(filter:{status:$v}){nodes{id}}}",
        "query($v:ID){intent(id:$v){id}}",
        "query($v:Boolean){viewer{name @skip(if:$v)}}",
        "query($v:Int){__type(name:$v){name}}",
        "query($v:String){...F} fragment F on Query{...G} fragment G on Query{intents(first:$v){nodes{id}}}",
        "query A($v:Int){...F} query B($v:String){...F} fragment F on Query{intents(first:$v){nodes{id}}}",
    ] {
        let name = query.contains("query A").then_some("A");
        let answer = raw
            .request(json!({"query": query, "operationName": name}))
            .await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
        let told = "is used where";
        assert!(answer.text.contains(told), "{query}: {}", answer.text);
    }
    for (query, v) in [
        ("query($v:Int){intents(first:$v){nodes{id}}}", json!(1)),
        (
            "query($v:[IntentStatus!]!){intents(filter:{status:$v}){nodes{id}}}",
            json!(["ACTIVE"]),
        ),
        (
            "query($v:Boolean=true){viewer{name role @skip(if:$v)}}",
            json!(false),
        ),
        (
            "mutation($v:String!){createIntent(input:{title:\"t\",state:{any:[$v]}}){cursor}}",
            json!("s"),
        ),
        (
            r#"query($v:Int!){intent(id:"i"){...F}} fragment F on Intent{children(first:$v){totalCount}}"#,
            json!(1),
        ),
    ] {
        let answer = raw.query(query, json!({ "v": v })).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        assert_eq!(
            answer.json().get("errors"),
            None,
            "{query}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn an_absent_variable_is_left_out_and_a_null_is_null() {
    let (_server, raw) = start(|_| {}).await;
    let create = r#"mutation{createIntent(input:{title:"t",description:"old"}){intent{id}}}"#;
    let created = raw.query(create, json!({})).await.json();
    let id = &created["data"]["createIntent"]["intent"]["id"];
    let update = "mutation($id:ID!,$v:Int!,$d:String){updateIntent(input:{id:$id,expectedVersion:$v,priority:$v,description:$d}){intent{description}}}";
    for (variables, then) in [
        (json!({"id": id, "v": 1}), json!("old")),
        (json!({"id": id, "v": 2, "d": null}), Value::Null),
        (json!({"id": id, "v": 3, "d": "new"}), json!("new")),
    ] {
        let answer = raw.query(update, variables).await.json();
        let updated = &answer["data"]["updateIntent"]["intent"];
        assert_eq!(updated["description"], then, "{answer}");
    }
}

#[tokio::test]
async fn invalid_documents_do_not_run() {
    let (server, raw) = start(|_| {}).await;
    for query in [
        "",
        "{",
        "{nothing}",
        r#"{intent(id:"i")}"#,
        "{viewer}",
        "{viewer{name{first}}}",
        "{intents(size:1){nodes{id}}}",
        "{intents(first:\"1\"){nodes{id}}}",
        "{intents(filter:{status:GREEN}){nodes{id}}}",
        "{intents(filter:{status:\"ACTIVE\"}){nodes{id}}}",
        "query($a:Int){viewer{name}}",
        "{intents(first:$a){nodes{id}}}",
        "{...F}",
        "{viewer{name}} fragment F on Query{viewer{name}}",
        "{viewer{name @nothing}}",
        "{viewer{name:role name}}",
        "query A{viewer{name}} query B{viewer{name}}",
        "mutation{createIntent(input:{title:1}){cursor}}",
        "subscription{events{id} assignments(agentId:\"a\"){cursor}}",
    ] {
        refused(&raw, query, json!({})).await;
    }
    assert_eq!(server.app.log().head().0, 0, "nothing was created");
}

#[tokio::test]
async fn an_operation_is_chosen_by_its_name() {
    let (_server, raw) = start(|_| {}).await;
    let query =
        "query A{viewer{name}} query B($n:Int!){serverInfo{name} intents(first:$n){nodes{id}}}";
    let request = |name: Value| {
        raw.request(json!({"query": query, "operationName": name, "variables": {"n": 3}}))
    };
    assert_eq!(request(json!("A")).await.json(), viewer());
    let answer = request(json!("B")).await.json();
    assert_eq!(answer["data"]["serverInfo"]["name"], "openintent-server");
    assert!(
        request(json!("C"))
            .await
            .text
            .contains("no operation named")
    );
    assert!(request(Value::Null).await.text.contains("must name one"));
    assert_eq!(request(json!("")).await.status, 400);
    // The variables of an operation that does not run are not asked for.
    let answer = raw.request(json!({"query": query, "operationName": "A"}));
    assert_eq!(answer.await.json(), viewer());
}

#[tokio::test]
async fn skipped_fields_are_skipped_from_the_cache_too() {
    let (_server, raw) = start(|_| {}).await;
    let query = "query($s:Boolean!){viewer{name @skip(if:$s) isBound @include(if:$s)}}";
    for _ in 0..2 {
        for (skip, left) in [
            (true, json!({"isBound": false})),
            (false, json!({"name": "dev-user"})),
        ] {
            let answer = raw.query(query, json!({ "s": skip })).await.json();
            assert_eq!(answer, json!({"data": {"viewer": left}}));
        }
    }
    assert_eq!(raw.query(VIEWER, json!({})).await.json(), viewer());
}
