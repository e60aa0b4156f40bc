//! What is too large is refused before it runs, with the limit's name.

use std::{fmt::Write, time::Instant};

use openintent_server::config::Limits;
use serde_json::{Value, json};

use crate::transport::start;

async fn refused(configure: impl FnOnce(&mut Limits), query: &str, variables: Value, told: &str) {
    let (_server, raw) = start(|config| configure(&mut config.limits)).await;
    let answer = raw.query(query, variables).await;
    let expected = (400, "LIMIT_EXCEEDED".to_owned());
    assert_eq!(answer.refusal(), expected, "{}", answer.text);
    assert!(answer.text.contains(told), "{}", answer.text);
}

#[tokio::test]
async fn each_limit_is_named_with_what_was_asked() {
    let none = || json!({});
    let padded = format!("{{viewer{{name}}}} #{}", "x".repeat(94));
    let told = "110 bytes; at most 100 are allowed (limits.document_bytes)";
    refused(|limits| limits.document_bytes = 100, &padded, none(), told).await;
    let told = "5 tokens; at most 4 are allowed (limits.tokens)";
    refused(|limits| limits.tokens = 4, "{viewer{name}", none(), told).await;
    let nested = format!("{{a(value:{}{})}}", "[".repeat(60), "]".repeat(60));
    let told = "62 levels of brackets; at most 50 are allowed (limits.nesting)";
    refused(|_| {}, &nested, none(), told).await;
    let deep = r#"{intent(id:"i"){parent{parent{id}}}}"#;
    let told = "4 levels of fields; at most 3 are allowed (limits.depth)";
    refused(|limits| limits.depth = 3, deep, none(), told).await;
    let aliased = "{a:viewer{name} b:viewer{name}}";
    let told = "2 aliases; at most 1 are allowed (limits.aliases)";
    refused(|limits| limits.aliases = 1, aliased, none(), told).await;
    let skipped = "{viewer @skip(if:false){name @skip(if:false)}}";
    let told = "2 directives; at most 1 are allowed (limits.directives)";
    refused(|limits| limits.directives = 1, skipped, none(), told).await;
    let several = "{viewer{name} serverInfo{name}}";
    let told = "2 root fields; at most 1 are allowed (limits.root_fields)";
    refused(|limits| limits.root_fields = 1, several, none(), told).await;
}

#[tokio::test]
async fn connections_cost_by_their_page_size() {
    let costs = |limit: usize| move |limits: &mut Limits| limits.complexity = limit;
    let points = |points: usize| format!("{points} points of complexity");
    let plain = "{intents{nodes{id}}}"; // 1 + 50 × 2
    refused(costs(100), plain, json!({}), &points(101)).await;
    // 1 + 3 × (1 + 1 + 1 + 4)
    let literal = "{intents(first:3){nodes{id children(last:4){totalCount}}}}";
    refused(costs(21), literal, json!({}), &points(22)).await;
    let variable =
        "query($n:Int,$m:Int=4){intents(first:$n){nodes{id children(last:$m){totalCount}}}}";
    for (variables, limit, cost) in [
        (json!({"n": 3}), 21, 22),
        (json!({"n": 3, "m": 5}), 21, 25),
        (json!({"n": null, "m": 0}), 100, 151),
    ] {
        refused(costs(limit), variable, variables, &points(cost)).await;
    }
    let in_fragment = r#"query($n:Int){intent(id:"a"){...F} b:intent(id:"b"){...F}}
        fragment F on Intent{children(first:$n){totalCount}}"#;
    refused(costs(11), in_fragment, json!({"n": 4}), &points(12)).await;

    let (_server, raw) = start(|config| config.limits.complexity = 22).await;
    assert_eq!(raw.query(variable, json!({"n": 3})).await.status, 200);
    assert_eq!(raw.query(variable, json!({"n": 4})).await.status, 400);
}

#[tokio::test]
async fn a_bomb_of_fragments_is_refused_fast() {
    let (_server, raw) = start(|_| {}).await;
    // Each fragment spreads the next one ten times: 10^40 fields.
    for content in [
        "id",
        "id children(first:0){nodes{id}}",
        "id children(first:$n){nodes{id}}",
    ] {
        let mut bomb = r#"query($n:Int){intent(id:"i"){...F0}}"#.to_owned();
        for level in 0..40 {
            let spreads = format!("...F{} ", level + 1).repeat(10);
            let _ = write!(bomb, "fragment F{level} on Intent{{{spreads}}}");
        }
        let _ = write!(bomb, "fragment F40 on Intent{{{content}}}");
        let started = Instant::now();
        let answer = raw.query(&bomb, json!({"n": 0})).await;
        let expected = (400, "LIMIT_EXCEEDED".to_owned());
        assert_eq!(answer.refusal(), expected, "{}", answer.text);
        assert!(started.elapsed().as_secs() < 3, "{:?}", started.elapsed());
    }
}

#[tokio::test]
async fn aliases_and_depth_count_through_fragments() {
    let query = r#"{intent(id:"i"){...A ...A}}
        fragment A on Intent{a:id parent{...B}} fragment B on Intent{b:id}"#;
    refused(|limits| limits.aliases = 3, query, json!({}), "4 aliases").await;
    let told = "3 levels of fields";
    refused(|limits| limits.depth = 2, query, json!({}), told).await;
}

#[tokio::test]
async fn fragments_that_spread_themselves_are_refused() {
    let (_server, raw) = start(|_| {}).await;
    for query in [
        r#"{intent(id:"i"){...A}} fragment A on Intent{parent{...A}}"#,
        r#"{intent(id:"i"){...A}} fragment A on Intent{...B} fragment B on Intent{...A}"#,
    ] {
        let answer = raw.query(query, json!({})).await;
        assert_eq!(answer.refusal(), (400, "BAD_USER_INPUT".to_owned()));
        assert!(answer.text.contains("spreads itself"), "{}", answer.text);
    }
    let mut chain = r#"{intent(id:"i"){...F0}}"#.to_owned();
    for level in 0..500 {
        let next = level + 1;
        let _ = write!(chain, "fragment F{level} on Intent{{...F{next}}}");
    }
    chain.push_str("fragment F500 on Intent{id}");
    let answer = raw.query(&chain, json!({})).await;
    assert!(answer.text.contains("nests too deep"), "{}", answer.text);
}

/// As deep as tools ask: nine levels of lists and non-nulls around a type.
fn introspection() -> String {
    let of_type = (0..9).fold(String::new(), |inner, _| {
        format!("kind name ofType{{{inner} kind}}")
    });
    let input = "name description type{...T} defaultValue isDeprecated deprecationReason";
    format!(
        "query Introspection{{__schema{{description queryType{{name}} mutationType{{name}} subscriptionType{{name}} \
         types{{kind name description specifiedByURL isOneOf fields(includeDeprecated:true){{name description \
         args(includeDeprecated:true){{{input}}} type{{...T}} isDeprecated deprecationReason}} \
         inputFields(includeDeprecated:true){{{input}}} interfaces{{...T}} \
         enumValues(includeDeprecated:true){{name description isDeprecated deprecationReason}} possibleTypes{{...T}}}} \
         directives{{name description isRepeatable locations args(includeDeprecated:true){{{input}}}}}}}}} \
         fragment T on __Type{{{of_type}}}"
    )
}

#[tokio::test]
async fn introspection_passes_the_default_limits() {
    let (_server, raw) = start(|_| {}).await;
    let answer = raw.query(&introspection(), json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json().get("errors"), None, "{}", answer.text);
}

#[tokio::test]
async fn introspection_cannot_be_multiplied() {
    let (_server, raw) = start(|_| {}).await;
    let query = "{__schema{types{fields{type{fields{type{fields{name}}}}}}}}";
    let answer = raw.query(query, json!({})).await;
    assert_eq!(answer.status, 400);
    let told = "introspection may not nest";
    assert!(answer.text.contains(told), "{}", answer.text);
}
