//! What can go wrong, so that a program can decide.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::Object;
use crate::generated::{ErrorCode, MutationError};

/// Why a call or a subscription failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server understood the mutation and refused it; nothing changed.
    #[error("refused: {0}")]
    Refused(Refused),
    /// The server could not carry the request out at all.
    #[error("{0}")]
    Graphql(GraphqlErrors),
    /// An answer that is not GraphQL, from the server or from something in front of it.
    #[error("HTTP status {status}")]
    Http {
        /// The status code.
        status: u16,
        /// The beginning of the body.
        body: String,
        /// How long the answer asks to wait before another attempt.
        retry_after: Option<Duration>,
    },
    /// The request did not reach the server, or the answer did not come back.
    #[error("the server could not be reached")]
    Transport(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No answer in time.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// The answer does not have the shape that this client expects.
    #[error("{operation}: unexpected shape of the answer")]
    Decode {
        /// The operation's name.
        operation: String,
        /// What was expected and where.
        #[source]
        source: serde_json::Error,
    },
    /// The variables cannot be written as a JSON object.
    #[error("the variables are not a JSON object")]
    Encode(#[source] serde_json::Error),
    /// The client was set up wrongly.
    #[error("{0}")]
    Config(String),
    /// The server closed the socket, for a reason that trying again does not heal.
    #[error("the server closed the socket with {code}: {reason}")]
    Closed {
        /// The websocket close code: 4401 and 4403 are about the API key, 4400 and 4406 about the protocol.
        code: u16,
        /// What the server says about it.
        reason: String,
    },
    /// The socket broke, and the subscription has no position from which it could go on, or there were too many
    /// attempts to reconnect.
    #[error("the connection was lost: {0}")]
    ConnectionLost(String),
    /// The program read a subscription without a position more slowly than its items came.
    #[error("the subscription was read too slowly and has no position to go on from")]
    Lagged,
}

impl Error {
    /// The code of the first refusal or GraphQL error.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(refused) => refused.first().map(|error| error.code().clone()),
            Self::Graphql(errors) => errors.first().and_then(GraphqlError::code),
            _ => None,
        }
    }

    /// The refusals, if the server refused a mutation.
    pub fn refused(&self) -> Option<&Refused> {
        match self {
            Self::Refused(refused) => Some(refused),
            _ => None,
        }
    }

    /// How long the server asks to wait before another attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Graphql(errors) => errors.iter().filter_map(GraphqlError::retry_after).max(),
            Self::Http { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether the same call may succeed later: the server was out of reach, overloaded or too slow.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Transport(_) | Self::Timeout(_) | Self::ConnectionLost(_) => true,
            Self::Http { status, .. } => matches!(status, 429 | 502 | 503 | 504),
            Self::Graphql(errors) => errors.iter().any(|error| {
                matches!(
                    error.code_str(),
                    Some("UNAVAILABLE" | "RATE_LIMITED" | "TIMEOUT")
                )
            }),
            _ => false,
        }
    }
}

/// Why the server refused a mutation: one or more typed refusals. Methods such as `version_conflict()` pick one out.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused(Vec<MutationError>);

impl Refused {
    /// `errors` must not be empty.
    pub(crate) fn new(errors: Vec<MutationError>) -> Self {
        Self(errors)
    }

    /// The refusals, owned.
    pub fn into_errors(self) -> Vec<MutationError> {
        self.0
    }
}

impl Deref for Refused {
    type Target = [MutationError];

    fn deref(&self) -> &[MutationError] {
        &self.0
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {}", error.code(), error.message())?;
        }
        Ok(())
    }
}

/// The `errors` of a GraphQL response, at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphqlErrors(Vec<GraphqlError>);

impl GraphqlErrors {
    /// `errors` must not be empty.
    pub(crate) fn new(errors: Vec<GraphqlError>) -> Self {
        Self(errors)
    }
}

impl Deref for GraphqlErrors {
    type Target = [GraphqlError];

    fn deref(&self) -> &[GraphqlError] {
        &self.0
    }
}

impl fmt::Display for GraphqlErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}

/// One error of a GraphQL response.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct GraphqlError {
    /// What happened, for people.
    pub message: String,
    /// The response field it happened at: names and list indexes.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub path: Vec<Value>,
    /// What a program needs: `code` and what belongs to that code.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub extensions: Object,
}

impl GraphqlError {
    /// `extensions.code`.
    pub fn code(&self) -> Option<ErrorCode> {
        self.code_str().map(ErrorCode::from)
    }

    /// `extensions.retryAfterMs`.
    pub fn retry_after(&self) -> Option<Duration> {
        self.extensions
            .get("retryAfterMs")
            .and_then(Value::as_u64)
            .map(Duration::from_millis)
    }

    fn code_str(&self) -> Option<&str> {
        self.extensions.get("code").and_then(Value::as_str)
    }
}

impl fmt::Display for GraphqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code_str() {
            Some(code) => write!(f, "{code}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

fn null_is_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
