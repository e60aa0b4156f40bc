//! GraphQL over HTTP, as the specification of that name says: GET for queries, POST with JSON for
//! all but subscriptions, status codes by the media type of the answer.
//! <https://graphql.github.io/graphql-over-http/draft/>

use std::time::{Duration, Instant};

use async_graphql::{Response as Executed, parser::types::OperationType};
use axum::{
    body::Body as HttpBody,
    extract::{FromRequestParts as _, Query, Request, State, WebSocketUpgrade},
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use serde::Deserialize;

use super::{
    Shared, Transport,
    answer::{self, Body, Refusal, to_json},
    credentials, limits,
    media::{self, Media},
    operation::{Params, Prepared, timed_out},
    trace::{OperationName, RequestId},
    ws,
};
use crate::{
    auth::{self, Actor},
    error::Error,
};

/// A body that is too large is read on up to so many times the limit, so that its sender comes to
/// read the answer.
const DISCARD: usize = 8;

/// `GET /graphql`: a query in the URL, or a websocket.
pub(crate) async fn get(State(transport): State<Shared>, request: Request) -> Response {
    let upgrade = request.headers().get(header::UPGRADE);
    if upgrade.is_some_and(|to| to.as_bytes().eq_ignore_ascii_case(b"websocket")) {
        let (mut parts, _) = request.into_parts();
        return match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
            Ok(upgrade) => ws::accept(&transport, upgrade, &parts),
            Err(rejection) => rejection.into_response(),
        };
    }
    answer(&transport, request, async |transport, actor, request| {
        let params = params_in_url(request.uri())?;
        one(transport, actor, params, true)
            .await
            .map(|answer| Outcome::One(Box::new(answer)))
    })
    .await
}

/// `POST /graphql`: an operation, or a batch where that is configured.
pub(crate) async fn post(State(transport): State<Shared>, request: Request) -> Response {
    answer(&transport, request, async |transport, actor, request| {
        media::check_content_type(request.headers())?;
        let limit = transport.app.config().limits.body_bytes;
        let body = read(request, limit).await?;
        if body.trim_ascii_start().starts_with(b"[") {
            return batch(transport, actor, &body).await.map(Outcome::Batch);
        }
        let params = Params::from_slice(&body).map_err(Refusal::malformed)?;
        one(transport, actor, params, false)
            .await
            .map(|answer| Outcome::One(Box::new(answer)))
    })
    .await
}

/// Any other method.
pub(crate) async fn other_method(request: Request) -> Response {
    let media = Media::negotiate(request.headers()).unwrap_or(Media::Json);
    let refusal = method_not_allowed("GraphQL is served by GET and POST.");
    refused(media, refusal, "GET, POST", request_id(&request))
}

fn method_not_allowed(message: &str) -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, Error::input(&[], message))
}

fn request_id(request: &Request) -> &str {
    request.extensions().get().map_or("", RequestId::as_str)
}

/// What came of a request.
enum Outcome {
    One(Box<Answer>),
    Batch(Vec<Result<Answer, Refusal>>),
}

/// What came of an operation that ran.
struct Answer {
    response: Executed,
    name: Option<String>,
}

/// Lets an authenticated client's request be handled, in limited time, and writes what comes of it.
async fn answer(
    transport: &Transport,
    request: Request,
    handle: impl AsyncFnOnce(&Transport, &Actor, Request) -> Result<Outcome, Refusal>,
) -> Response {
    let media = match Media::negotiate(request.headers()) {
        Ok(media) => media,
        Err(refusal) => return refused(Media::Json, refusal, "GET, POST", request_id(&request)),
    };
    let id = request.extensions().get::<RequestId>().cloned();
    let id = id.as_ref().map_or("", RequestId::as_str);

    let limit = Duration::from_millis(transport.app.config().limits.request_timeout_ms);
    let handled = async {
        let actor = auth::authenticate(
            &transport.app,
            &credentials::from_headers(request.headers()),
        )
        .await?;
        transport.rate.check(actor.key_id(), 1)?;
        handle(transport, &actor, request).await
    };
    let outcome = match tokio::time::timeout(limit, Box::pin(handled)).await {
        Ok(outcome) => outcome,
        Err(_elapsed) => Err(timed_out(limit).into()),
    };
    match outcome {
        Ok(Outcome::One(mut answer)) => {
            answer::complete(&mut answer.response.errors, Some(id));
            let mut response = json(
                StatusCode::OK,
                media,
                to_json(&Body::executed(&answer.response)),
            );
            if let Some(name) = answer.name {
                response.extensions_mut().insert(OperationName(name));
            }
            response
        }
        Ok(Outcome::Batch(mut answers)) => {
            for answer in &mut answers {
                match answer {
                    Ok(answer) => answer::complete(&mut answer.response.errors, Some(id)),
                    Err(refusal) => refusal.complete(id),
                }
            }
            let bodies = answers.iter().map(|answer| match answer {
                Ok(answer) => Body::executed(&answer.response),
                Err(refusal) => Body::refused(refusal),
            });
            json(StatusCode::OK, media, to_json(&bodies.collect::<Vec<_>>()))
        }
        Err(refusal) => refused(media, refusal, "POST", id),
    }
}

fn json(status: StatusCode, media: Media, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media.content_type()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (header::VARY, HeaderValue::from_static("accept")),
    ];
    (status, headers, body).into_response()
}

/// Writes a refusal; `allow` are the methods that would do.
pub(crate) fn refused(
    media: Media,
    mut refusal: Refusal,
    allow: &'static str,
    request_id: &str,
) -> Response {
    refusal.complete(request_id);
    let status = refusal.status().unwrap_or(match media {
        Media::Graphql => StatusCode::BAD_REQUEST,
        Media::Json => StatusCode::OK,
    });
    let mut response = json(status, media, to_json(&Body::refused(&refusal)));
    let headers = response.headers_mut();
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(after) = refusal.retry_after_ms() {
        headers.insert(header::RETRY_AFTER, after.div_ceil(1000).into());
    }
    response
}

async fn one(
    transport: &Transport,
    actor: &Actor,
    params: Params,
    is_get: bool,
) -> Result<Answer, Refusal> {
    let started = Instant::now();
    let prepared = Prepared::new(transport, params)
        .await
        .inspect_err(|_| count("unknown", "refused", started))?;
    let kind = match prepared.kind() {
        OperationType::Subscription => {
            return Err(Refusal::malformed(
                "Subscriptions are served by websocket (graphql-transport-ws), not by HTTP.",
            ));
        }
        OperationType::Mutation if is_get => {
            return Err(method_not_allowed("Mutations are served by POST only."));
        }
        OperationType::Mutation => "mutation",
        OperationType::Query => "query",
    };
    let response = prepared
        .execute(transport, actor)
        .await
        .inspect_err(|_| count(kind, "timeout", started))?;
    count(
        kind,
        if response.errors.is_empty() {
            "ok"
        } else {
            "error"
        },
        started,
    );
    Ok(Answer {
        response,
        name: prepared.name().map(str::to_owned),
    })
}

/// Counts an operation and how long it took.
pub(crate) fn count(kind: &'static str, outcome: &'static str, started: Instant) {
    metrics::counter!("openintent_graphql_operations_total", "type" => kind, "outcome" => outcome)
        .increment(1);
    metrics::histogram!("openintent_graphql_operation_duration_seconds", "type" => kind)
        .record(started.elapsed().as_secs_f64());
}

async fn batch(
    transport: &Transport,
    actor: &Actor,
    body: &[u8],
) -> Result<Vec<Result<Answer, Refusal>>, Refusal> {
    let most = transport.app.config().http.batch_operations;
    if most == 0 {
        return Err(Refusal::malformed(
            "Batches are not enabled on this server (http.batch_operations).",
        ));
    }
    let operations: Vec<serde_json::Value> = serde_json::from_slice(body).map_err(|error| {
        Refusal::malformed(format!("The body is not a batch in JSON: {error}."))
    })?;
    if operations.is_empty() {
        return Err(Refusal::malformed("The batch has no operations."));
    }
    limits::check_batch(most, operations.len())
        .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error))?;
    transport.rate.check(actor.key_id(), operations.len() - 1)?;
    let mut answers = Vec::with_capacity(operations.len());
    // One after the other: the mutations of a batch happen in its order.
    for operation in operations {
        let params = Params::from_json(operation).map_err(Refusal::malformed)?;
        answers.push(one(transport, actor, params, false).await);
    }
    Ok(answers)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InUrl {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

fn params_in_url(uri: &Uri) -> Result<Params, Refusal> {
    let malformed = |error: &dyn std::fmt::Display| {
        Refusal::malformed(format!("The URL is malformed: {error}."))
    };
    let Query(given) = Query::<InUrl>::try_from_uri(uri).map_err(|error| malformed(&error))?;
    let json = |text: Option<String>| match text.as_deref() {
        None | Some("") => Ok(serde_json::Value::Null),
        Some(text) => serde_json::from_str(text).map_err(|error| malformed(&error)),
    };
    let members = serde_json::json!({
        "query": given.query,
        "operationName": given.operation_name,
        "variables": json(given.variables)?,
        "extensions": json(given.extensions)?,
    });
    Params::from_json(members).map_err(Refusal::malformed)
}

async fn read(request: Request, limit: usize) -> Result<Bytes, Refusal> {
    let mut chunks = HttpBody::into_data_stream(request.into_body());
    let mut body = BytesMut::new();
    let mut length = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk
            .map_err(|error| Refusal::malformed(format!("The body cannot be read: {error}.")))?;
        length += chunk.len();
        if length <= limit {
            body.extend_from_slice(&chunk);
        } else if length > limit.saturating_mul(DISCARD) {
            break;
        }
    }
    if length <= limit {
        return Ok(body.freeze());
    }
    let error = limits::exceeded("body", "bytes or more", length, limit, "limits.body_bytes");
    Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, error))
}
