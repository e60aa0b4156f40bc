//! The messages of the graphql-transport-ws protocol.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::GraphqlError;
use crate::scalar::FirstField;
use crate::{Cursor, Object};

/// The websocket subprotocol's name.
pub(super) const SUBPROTOCOL: &str = "graphql-transport-ws";

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Outgoing<'a> {
    ConnectionInit { payload: Init<'a> },
    Subscribe { id: &'a str, payload: Subscribe<'a> },
    Complete { id: &'a str },
    Ping,
    Pong,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Init<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) api_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agent_id: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Subscribe<'a> {
    pub(super) query: &'a str,
    pub(super) variables: &'a Object,
}

#[derive(Deserialize)]
pub(super) struct Incoming<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) payload: Option<&'a RawValue>,
}

/// The payload of `next`.
#[derive(Deserialize)]
pub(super) struct Next<'a> {
    #[serde(borrow)]
    pub(super) data: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) errors: Option<Vec<GraphqlError>>,
}

#[derive(Deserialize)]
struct Positioned {
    cursor: Option<Cursor>,
}

/// The root field's value, and the `cursor` in it.
pub(super) fn root(data: &RawValue) -> Option<(&RawValue, Option<Cursor>)> {
    let FirstField(value) = serde_json::from_str(data.get()).ok()?;
    let value = value?;
    let cursor = serde_json::from_str::<Positioned>(value.get())
        .ok()
        .and_then(|positioned| positioned.cursor);
    Some((value, cursor))
}
