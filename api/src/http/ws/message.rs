//! Messages of the graphql-transport-ws protocol.
//! <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>

use axum::extract::ws::Utf8Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::http::operation::Params;

/// The subprotocol's name.
pub(crate) const SUBPROTOCOL: &str = "graphql-transport-ws";

/// What a client says.
#[derive(Debug)]
pub(crate) enum Message {
    /// The first, with credentials.
    Init(Map<String, Value>),
    /// To be answered with [`pong`].
    Ping(Option<Value>),
    /// An answer to nothing: this server pings with the websocket's own frames.
    Pong,
    /// Starts an operation.
    Subscribe {
        /// Names it on this socket.
        id: String,
        /// What to do.
        params: Box<Params>,
    },
    /// Stops an operation.
    Complete {
        /// Which one.
        id: String,
    },
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Wire {
    ConnectionInit { payload: Option<Map<String, Value>> },
    Ping { payload: Option<Value> },
    Pong {},
    Subscribe { id: String, payload: Value },
    Complete { id: String },
}

impl Message {
    /// Reads a message.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words for the client.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wire =
            serde_json::from_str(text).map_err(|error| format!("Invalid message: {error}"))?;
        Ok(match wire {
            Wire::ConnectionInit { payload } => Self::Init(payload.unwrap_or_default()),
            Wire::Ping { payload } => Self::Ping(payload),
            Wire::Pong {} => Self::Pong,
            Wire::Subscribe { id, .. } if id.is_empty() => {
                return Err("Invalid message: \"id\" is empty".to_owned());
            }
            Wire::Subscribe { id, payload } => {
                let params = Params::from_json(payload)
                    .map_err(|error| format!("Invalid message: {error}"))?;
                Self::Subscribe {
                    id,
                    params: Box::new(params),
                }
            }
            Wire::Complete { id } => Self::Complete { id },
        })
    }
}

/// Tells that the client is let in.
pub(crate) fn ack() -> Utf8Bytes {
    Utf8Bytes::from_static(r#"{"type":"connection_ack"}"#)
}

/// Answers a ping with its payload.
pub(crate) fn pong(payload: Option<Value>) -> Utf8Bytes {
    match payload {
        None => Utf8Bytes::from_static(r#"{"type":"pong"}"#),
        Some(payload) => format!(r#"{{"type":"pong","payload":{payload}}}"#).into(),
    }
}

/// Writes an operation's messages. All that differs between subscribers to the same is made once.
pub(crate) struct Envelope(Box<str>);

impl Envelope {
    const NEXT: &str = r#","type":"next","payload":"#;

    /// For the operation of that id.
    pub(crate) fn new(id: &str) -> Self {
        Self(format!("{{\"id\":{}{}", Value::from(id), Self::NEXT).into())
    }

    /// Brings a response.
    pub(crate) fn next(&self, payload: &str) -> Utf8Bytes {
        [&self.0, payload, "}"].concat().into()
    }

    /// Ends the operation with errors.
    pub(crate) fn error(&self, payload: &str) -> Utf8Bytes {
        [self.id(), r#","type":"error","payload":"#, payload, "}"]
            .concat()
            .into()
    }

    /// Ends the operation.
    pub(crate) fn complete(&self) -> Utf8Bytes {
        [self.id(), r#","type":"complete"}"#].concat().into()
    }

    fn id(&self) -> &str {
        self.0.strip_suffix(Self::NEXT).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_carry_ids_as_json() {
        let envelope = Envelope::new("a\"b");
        let next = r#"{"id":"a\"b","type":"next","payload":{}}"#;
        assert_eq!(envelope.next("{}").as_str(), next);
        let error = r#"{"id":"a\"b","type":"error","payload":[]}"#;
        assert_eq!(envelope.error("[]").as_str(), error);
        assert_eq!(
            envelope.complete().as_str(),
            r#"{"id":"a\"b","type":"complete"}"#
        );
    }

    #[test]
    fn what_the_protocol_does_not_know_is_refused() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"type":"start"}"#,
            r#"{"type":"connection_init","payload":1}"#,
            r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
            r#"{"type":"complete"}"#,
        ] {
            assert!(Message::parse(text).is_err(), "{text}");
        }
        assert!(Message::parse(r#"{"type":"pong","payload":{}}"#).is_ok());
    }
}
