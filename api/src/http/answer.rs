//! What goes back to a client: GraphQL responses as JSON, and refusals, which have the shape of one
//! too.

use std::{collections::BTreeMap, sync::Arc};

use async_graphql::{ErrorExtensionValues, Response, ServerError};
use async_graphql_value::ConstValue;
use axum::http::StatusCode;
use serde::Serialize;

use crate::error::{Code, Error};

/// Why an operation did not run.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: Option<StatusCode>,
    errors: Vec<ServerError>,
}

impl Refusal {
    /// Of a well-formed request whose GraphQL cannot be carried out. HTTP's status for it depends
    /// on the media type.
    pub(crate) fn of_request(errors: Vec<ServerError>) -> Self {
        Self {
            status: None,
            errors,
        }
    }

    /// Of what is not a well-formed request, or not for GraphQL to judge.
    pub(crate) fn new(status: StatusCode, error: Error) -> Self {
        Self {
            status: Some(status),
            errors: vec![error.into()],
        }
    }

    /// Of a malformed request.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Error::input(&[], message))
    }

    /// HTTP's status, where it does not depend on the media type.
    pub(crate) fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// The errors.
    pub(crate) fn errors(&self) -> &[ServerError] {
        &self.errors
    }

    /// Gives every error its code.
    pub(crate) fn complete(&mut self, request_id: &str) {
        complete(&mut self.errors, Some(request_id));
    }

    /// Milliseconds after which trying again makes sense.
    pub(crate) fn retry_after_ms(&self) -> Option<u64> {
        let after = |error: &ServerError| match error.extensions.as_ref()?.get("retryAfterMs")? {
            ConstValue::Number(after) => after.as_u64(),
            _ => None,
        };
        self.errors.iter().find_map(after)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let status = match error.code() {
            Code::Unauthenticated => Some(StatusCode::UNAUTHORIZED),
            Code::Forbidden => Some(StatusCode::FORBIDDEN),
            Code::RateLimited => Some(StatusCode::TOO_MANY_REQUESTS),
            Code::Timeout | Code::Unavailable => Some(StatusCode::SERVICE_UNAVAILABLE),
            Code::Internal => Some(StatusCode::INTERNAL_SERVER_ERROR),
            _ => None,
        };
        Self {
            status,
            errors: vec![error.into()],
        }
    }
}

/// Gives every error its code, and those that are our fault the request's id under which the log tells their cause. What has
/// no code comes from the executor, which makes errors of its own only for input that it cannot use.
pub(crate) fn complete(errors: &mut [ServerError], request_id: Option<&str>) {
    for error in errors {
        if error.extensions.is_none()
            && let Some(ours) = error.source::<Error>().cloned()
        {
            tell(&ours, request_id);
            error.extensions = Some(extensions(&ours, request_id));
        }
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", Code::BadUserInput.as_str());
        }
    }
}

/// Writes the cause of what is our fault to the log, which is where it is handled.
fn tell(error: &Error, request_id: Option<&str>) {
    if let Some(cause) = error.cause() {
        tracing::error!(
            request_id,
            cause,
            "a request failed through no fault of its own"
        );
    }
}

fn extensions(error: &Error, request_id: Option<&str>) -> ErrorExtensionValues {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", error.code().as_str());
    if let Some(after) = error.retry_after_ms() {
        extensions.set("retryAfterMs", after);
    }
    if let (Code::Internal, Some(id)) = (error.code(), request_id) {
        extensions.set("requestId", id);
    }
    extensions
}

impl From<Error> for ServerError {
    /// An error of ours as the executor's kind. It gets its code with all others, before it is sent.
    fn from(error: Error) -> Self {
        let mut server_error = Self::new(error.to_string(), None);
        server_error.source = Some(Arc::new(error));
        server_error
    }
}

/// A response as clients get it. Before anything ran there is no `data`, not even null.
#[derive(Serialize)]
pub(crate) struct Body<'a> {
    #[serde(skip_serializing_if = "<[ServerError]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a ConstValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<&'a BTreeMap<String, ConstValue>>,
}

impl<'a> Body<'a> {
    /// Of an executed operation.
    pub(crate) fn executed(response: &'a Response) -> Self {
        let extensions = Some(&response.extensions).filter(|extensions| !extensions.is_empty());
        Self {
            errors: &response.errors,
            data: Some(&response.data),
            extensions,
        }
    }

    /// Of an operation that did not run.
    pub(crate) fn refused(refusal: &'a Refusal) -> Self {
        Self {
            errors: &refusal.errors,
            data: None,
            extensions: None,
        }
    }
}

/// A value as JSON.
pub(crate) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| {
        tracing::error!(%error, "a response cannot be written as JSON");
        r#"{"errors":[{"message":"internal error","extensions":{"code":"INTERNAL"}}]}"#.to_owned()
    })
}
