//! GraphQL over HTTP: one request, its attempts, its answer.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tracing::Instrument;

use crate::call::Request;
use crate::error::{GraphqlError, GraphqlErrors, Refused};
use crate::scalar::FirstField;
use crate::{Error, MutationError, Object};

const ACCEPTED: &str = "application/graphql-response+json, application/json;q=0.9";

#[derive(Serialize)]
struct Body<'a> {
    query: &'a str,
    variables: &'a Object,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    errors: Option<Vec<GraphqlError>>,
}

#[derive(Deserialize)]
struct Payload {
    #[serde(default)]
    errors: Vec<MutationError>,
}

/// Sends the request until it is answered or there is no point in going on. The answer is the root field's value, or
/// the whole `data` of a document of the program's own.
pub(crate) async fn run(request: Request) -> Result<Box<RawValue>, Error> {
    let name = request.document.name();
    let span = tracing::info_span!("graphql", operation = name, attempt = tracing::field::Empty);
    attempts(request).instrument(span).await
}

async fn attempts(mut request: Request) -> Result<Box<RawValue>, Error> {
    let repeatable = request.settle_idempotency();
    let variables = match &request.variables {
        Ok(variables) => variables,
        Err(error) => return Err(Error::Encode(serde::ser::Error::custom(error))),
    };
    let query = request.document.text();
    let body = Bytes::from(
        serde_json::to_vec(&Body {
            query: &query,
            variables,
        })
        .map_err(Error::Encode)?,
    );
    let policy = request
        .retry
        .as_ref()
        .unwrap_or(&request.client.shared.retry);

    let mut attempt = 1;
    loop {
        tracing::Span::current().record("attempt", attempt);
        let error = match once(&request, body.clone()).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        if !repeatable || !error.is_transient() || policy.is_exhausted(attempt) {
            return Err(error);
        }
        let asked = error.retry_after().unwrap_or_default();
        if asked > policy.max_retry_after {
            return Err(error);
        }
        let delay = policy.delay(attempt).max(asked);
        tracing::debug!(error = %error, attempt, delay_ms = delay.as_millis(), "request failed, trying again");
        tokio::time::sleep(delay).await;
        attempt = attempt.saturating_add(1);
    }
}

async fn once(request: &Request, body: Bytes) -> Result<Box<RawValue>, Error> {
    let shared = &request.client.shared;
    let timeout = request.timeout.unwrap_or(shared.timeout);
    let mut post = shared
        .http
        .post(shared.url.clone())
        .header(CONTENT_TYPE, "application/json")
        .header(ACCEPT, ACCEPTED)
        .timeout(timeout)
        .body(body);
    if let Some(traceparent) = &request.traceparent {
        post = post.header("traceparent", traceparent);
    }

    let failed = |error: reqwest::Error| {
        if error.is_timeout() {
            Error::Timeout(timeout)
        } else {
            Error::Transport(Box::new(error))
        }
    };
    let response = post.send().await.map_err(failed)?;
    let status = response.status();
    let retry_after = retry_after(response.headers());
    let bytes = response.bytes().await.map_err(failed)?;
    read(request, &bytes).map_err(|error| match error {
        // What is not GraphQL came from something in front of the server, and the status says more than its text.
        Error::Decode { .. } if !status.is_success() => Error::Http {
            status: status.as_u16(),
            body: beginning(&bytes),
            retry_after,
        },
        other => other,
    })
}

fn read(request: &Request, bytes: &[u8]) -> Result<Box<RawValue>, Error> {
    let operation = request.document.operation();
    let unreadable = |source| Error::Decode {
        operation: request.document.name().to_owned(),
        source,
    };
    let missing = |what: &str| unreadable(serde::de::Error::custom(format!("{what} is missing")));

    let answer: Answer<'_> = serde_json::from_slice(bytes).map_err(unreadable)?;
    if let Some(errors) = answer.errors
        && !errors.is_empty()
    {
        return Err(Error::Graphql(GraphqlErrors::new(errors)));
    }
    let data = answer.data.ok_or_else(|| missing("data"))?;
    let Some(operation) = operation else {
        return Ok(data.to_owned());
    };

    let FirstField(value) = serde_json::from_str(data.get()).map_err(unreadable)?;
    let value = value.ok_or_else(|| missing("the root field"))?;
    if operation.refusable {
        let payload: Payload = serde_json::from_str(value.get()).map_err(unreadable)?;
        if !payload.errors.is_empty() {
            return Err(Error::Refused(Refused::new(payload.errors)));
        }
    }
    Ok(value.to_owned())
}

/// `Retry-After` in seconds; the form with a date is not used by machines.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers
        .get("retry-after")
        .map(HeaderValue::to_str)
        .and_then(Result::ok)
        .and_then(|text| text.parse().ok())
        .map(Duration::from_secs)
}

fn beginning(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(512).collect()
}
