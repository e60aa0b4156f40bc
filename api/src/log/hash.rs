//! The hash chain of RFC-0019: what of an event is hashed, and how. The bytes are settled by the
//! vectors in `tests/vectors`; nothing here may change them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openintent_entities::event;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// The hash of an event: `sha256:` and 43 characters of base64url, over the event's canonical form.
///
/// # Errors
/// `INTERNAL` when the payload cannot be canonicalised.
pub fn event_hash(event: &event::Model) -> Result<String> {
    hash_of(&hashed_members(event))
}

/// The members that are hashed: all that the event says, and its place in its stream. The first
/// event of a stream carries `previous_event_hash: null`; absent optional members are left out.
#[must_use]
pub fn hashed_members(event: &event::Model) -> Map<String, Value> {
    let text = |text: &str| Value::String(text.to_owned());
    let optional = |value: Option<&str>| value.map_or(Value::Null, text);
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("actor", text(&event.actor));
    put("created_at", Value::String(event.created_at.to_string()));
    put("event_type", text(&event.event_type));
    put("id", text(event.id.as_str()));
    put(
        "intent_id",
        optional(event.intent_id.as_ref().map(|id| id.as_str())),
    );
    put("payload", Value::Object(event.payload.0.clone()));
    put(
        "previous_event_hash",
        optional(event.previous_event_hash.as_deref()),
    );
    put("sequence", Value::from(event.sequence));
    if let Some(proof) = &event.proof {
        put("proof", Value::Object(proof.0.clone()));
    }
    if let Some(trace_id) = &event.trace_id {
        put("trace_id", text(trace_id));
    }
    if let Some(parent) = &event.parent_event_id {
        put("parent_event_id", text(parent.as_str()));
    }
    members
}

fn hash_of(members: &Map<String, Value>) -> Result<String> {
    let canonical = serde_jcs::to_vec(members)
        .map_err(|error| Error::broken(format!("an event cannot be canonicalised: {error}")))?;
    Ok(format!(
        "sha256:{}",
        URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
    ))
}

#[cfg(test)]
mod tests {
    use openintent_entities::{Object, Timestamp, id::EventId};

    use super::*;

    /// Chain, first event with `null`, proof included: the vectors of the wire description.
    #[test]
    fn hashes_are_those_of_the_vectors() {
        let vectors: Value =
            serde_json::from_str(include_str!("../../vectors/identity-log.json")).unwrap();
        let chain = vectors["derived"]["chain"].as_array().unwrap();
        assert_eq!(chain.len(), 5);
        for event in chain {
            let input = event["hash_input_utf8"].as_str().unwrap();
            let members: Map<String, Value> = serde_json::from_str(input).unwrap();
            assert_eq!(serde_jcs::to_string(&members).unwrap(), input);
            assert_eq!(
                hash_of(&members).unwrap(),
                event["event_hash"].as_str().unwrap()
            );
        }
    }

    #[test]
    fn exactly_the_described_members_are_hashed() {
        let mut event = event::Model {
            ordinal: 9,
            position: Some(9),
            id: EventId::from_uuid(uuid::Uuid::nil()),
            stream: "system".to_owned(),
            sequence: 1,
            event_type: "x".to_owned(),
            intent_id: None,
            portfolio_id: None,
            namespace: Some("n".to_owned()),
            actor: "a".to_owned(),
            payload: Object::default(),
            created_at: Timestamp(0),
            event_hash: String::new(),
            previous_event_hash: None,
            trace_id: None,
            parent_event_id: None,
            proof: None,
        };
        let least = "actor created_at event_type id intent_id payload previous_event_hash sequence";
        let names = |event: &event::Model| {
            hashed_members(event)
                .keys()
                .cloned()
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(names(&event), least);
        event.proof = Some(Object::default());
        event.trace_id = Some("t".to_owned());
        event.parent_event_id = Some(event.id.clone());
        assert_eq!(
            names(&event),
            "actor created_at event_type id intent_id parent_event_id payload previous_event_hash proof sequence trace_id"
        );
    }

    #[test]
    fn canonical_form_follows_rfc_8785() {
        let value: Value = serde_json::from_str(
            r#"{"\u20ac":"Euro","\r":"CR","\u05d1":"H","1":1.0,"\ud83d\ude00":"S","\u0080":"C","\u00f6":"o","n":[1e30,4.50,2e-3,1e-27,0.000001,-0.0]}"#,
        )
        .unwrap();
        assert_eq!(
            serde_jcs::to_string(&value).unwrap(),
            "{\"\\r\":\"CR\",\"1\":1,\"n\":[1e+30,4.5,0.002,1e-27,0.000001,0],\"\u{80}\":\"C\",\"\u{f6}\":\"o\",\"\u{5d1}\":\"H\",\"\u{20ac}\":\"Euro\",\"\u{1f600}\":\"S\"}"
        );
    }
}
