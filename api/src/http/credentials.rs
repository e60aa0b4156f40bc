//! Credentials as clients send them: in headers, or in the payload of a websocket's
//! `connection_init`.

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use crate::auth::{Credentials, Secret};

const API_KEY: &str = "x-api-key";
const AGENT_ID: &str = "x-agent-id";
const TRACEPARENT: &str = "traceparent";

/// From a request's headers: `X-API-Key` or `Authorization: Bearer`, `X-Agent-ID`, `traceparent`.
pub(crate) fn from_headers(headers: &HeaderMap) -> Credentials {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let bearer = || {
        headers
            .get(header::AUTHORIZATION)
            .and_then(|value| bearer(value.to_str().ok()?))
    };
    Credentials {
        api_key: text(API_KEY).or_else(bearer).map(Secret),
        agent_id: text(AGENT_ID),
        traceparent: text(TRACEPARENT),
    }
}

/// From a `connection_init` payload: `apiKey`, `agentId`, `traceparent`, or the names of the
/// headers in any case, at its top or in an object `headers`. What it does not say is taken from
/// the headers of the upgrade.
pub(crate) fn from_init(payload: &Map<String, Value>, upgrade: Credentials) -> Credentials {
    let mut credentials = upgrade;
    if let Some(Value::Object(headers)) = payload.get("headers") {
        take(headers, &mut credentials);
    }
    take(payload, &mut credentials);
    credentials
}

fn take(members: &Map<String, Value>, credentials: &mut Credentials) {
    for (name, value) in members {
        let Some(text) = value.as_str() else { continue };
        match name.to_ascii_lowercase().as_str() {
            "apikey" | API_KEY => credentials.api_key = Some(Secret(text.to_owned())),
            "authorization" => {
                credentials.api_key = bearer(text)
                    .map(Secret)
                    .or_else(|| credentials.api_key.take())
            }
            "agentid" | AGENT_ID => credentials.agent_id = Some(text.to_owned()),
            TRACEPARENT => credentials.traceparent = Some(text.to_owned()),
            _ => {}
        }
    }
}

fn bearer(authorization: &str) -> Option<String> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_init_payload_names_credentials_in_several_ways() {
        let key = |payload: Value| {
            let upgrade = Credentials {
                api_key: Some(Secret("upgrade".to_owned())),
                ..Credentials::default()
            };
            let Value::Object(payload) = payload else {
                return None;
            };
            from_init(&payload, upgrade).api_key.map(|secret| secret.0)
        };
        assert_eq!(key(json!({})).as_deref(), Some("upgrade"));
        assert_eq!(key(json!({"apiKey": "k"})).as_deref(), Some("k"));
        assert_eq!(key(json!({"X-API-Key": "k"})).as_deref(), Some("k"));
        assert_eq!(
            key(json!({"Authorization": "Bearer k"})).as_deref(),
            Some("k")
        );
        assert_eq!(
            key(json!({"authorization": "Basic k"})).as_deref(),
            Some("upgrade")
        );
        assert_eq!(
            key(json!({"headers": {"x-api-key": "k"}})).as_deref(),
            Some("k")
        );
    }
}
