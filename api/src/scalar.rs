//! GraphQL scalars.

use std::str::FromStr;

use async_graphql::{ID, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use openintent_entities::{Object, Timestamp};
use serde_json::Map;

use crate::{
    error::{Error, Result},
    log::Position,
};

/// A moment in time: RFC 3339, given back in UTC with microseconds, e.g. `2026-11-21T22:58:29.123456Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime(pub Timestamp);

/// A moment in time: RFC 3339, given back in UTC with microseconds, e.g. `2026-11-21T22:58:29.123456Z`.
#[Scalar(specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Timestamp::parse(text).map(Self).ok_or_else(|| {
                InputValueError::custom(
                    "a moment is written as in RFC 3339, e.g. 2026-11-21T22:58:29Z",
                )
            }),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A place in the server's event log. Opaque: take it from an event, a payload or `serverInfo`, and
/// give it back as `after`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor(pub Position);

/// A place in the server's event log. Opaque: take it from an event, a payload or `serverInfo`, and
/// give it back as `after`.
#[Scalar(specified_by_url = "https://relay.dev/graphql/connections.htm#sec-Cursor")]
impl ScalarType for Cursor {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Position::from_cursor(text)
                .map(Self)
                .ok_or_else(|| InputValueError::custom("this is no cursor of the event log")),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_cursor())
    }
}

/// A JSON object, e.g. `{"progress": 0.5}`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JsonObject(pub Map<String, serde_json::Value>);

/// A JSON object, e.g. `{"progress": 0.5}`.
#[Scalar(
    name = "Object",
    specified_by_url = "https://datatracker.ietf.org/doc/html/rfc8259#section-4"
)]
impl ScalarType for JsonObject {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value.into_json()? {
            serde_json::Value::Object(members) => Ok(Self(members)),
            other => Err(InputValueError::custom(format!(
                "a JSON object was expected, not {other}"
            ))),
        }
    }

    fn to_value(&self) -> Value {
        Value::from_json(serde_json::Value::Object(self.0.clone())).unwrap_or_default()
    }
}

impl From<Object> for JsonObject {
    fn from(object: Object) -> Self {
        Self(object.0)
    }
}

/// Any JSON value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Json(pub serde_json::Value);

/// Any JSON value.
#[Scalar(
    name = "JSON",
    specified_by_url = "https://datatracker.ietf.org/doc/html/rfc8259"
)]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value.into_json()?))
    }

    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}

/// Reads a typed id. Text that is no id of that type is an id that does not exist.
///
/// # Errors
/// `NOT_FOUND`.
pub fn id<T: FromStr>(what: &'static str, id: &ID) -> Result<T> {
    id.parse()
        .map_err(|_unparsable| Error::not_found(what, id.as_str()))
}

/// Reads a list of typed ids.
///
/// # Errors
/// `NOT_FOUND` for the first that is none.
pub fn ids<T: FromStr>(what: &'static str, ids: &[ID]) -> Result<Vec<T>> {
    ids.iter().map(|text| id(what, text)).collect()
}

/// A count as GraphQL's `Int`.
#[must_use]
pub fn int(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
