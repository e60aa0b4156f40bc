//! Events as lines of text.

use std::collections::HashMap;

use openintent_client::{Event, Id, Value};

/// Writes events as lines, and remembers what the intents are called.
#[derive(Debug, Default)]
pub struct Narrator(HashMap<Id, String>);

impl Narrator {
    /// `12:20:03.123 analyst  state_patched  diagnose#10  /result`
    pub fn line(&mut self, event: &Event) -> String {
        if let ("intent_created", Some(id)) = (event.r#type.as_str(), &event.intent_id) {
            let kind = text(event, "type");
            let name = kind.rsplit('.').next().unwrap_or(kind);
            self.0.insert(id.clone(), name.to_owned());
        }
        let known = event.intent_id.as_ref().and_then(|id| self.0.get(id));
        let stream = known
            .filter(|name| !name.is_empty())
            .unwrap_or(&event.stream);
        let time = event.created_at.as_str().get(11..23).unwrap_or_default();
        let place = format!("{stream}#{}", event.sequence);
        let Event { r#type, actor, .. } = event;
        let line = format!(
            "{time}  {actor:<12}  {type:<24}  {place:<14}  {}",
            detail(event)
        );
        line.trim_end().to_owned()
    }
}

/// What is worth knowing of the payload.
pub fn detail(event: &Event) -> String {
    match event.r#type.as_str() {
        "intent_created" => format!("{} ({})", text(event, "title"), text(event, "status")),
        "status_changed" | "portfolio.status_changed" => {
            format!("{} -> {}", text(event, "from"), text(event, "to"))
        }
        "agent_assigned" | "agent_unassigned" => text(event, "agent_id").to_owned(),
        "state_patched" => {
            let patches = event.payload.get("patches").and_then(Value::as_array);
            let paths = patches.into_iter().flatten();
            let paths: Vec<_> = paths
                .filter_map(|patch| patch.get("path")?.as_str())
                .collect();
            paths.join(" ")
        }
        kind if kind.starts_with("lease_") => {
            format!(
                "{} (fencing token {})",
                text(event, "scope"),
                number(event, "fencing_token")
            )
        }
        "x-saw-version" => format!("version {}", number(event, "version")),
        "x-conflict" => {
            let (expected, current) = (number(event, "expected"), number(event, "current"));
            format!("expected version {expected}, it is {current}: read it again")
        }
        "x-lease-wanted" => {
            format!(
                "{} is held by {}",
                text(event, "scope"),
                text(event, "holder")
            )
        }
        _ => text(event, "text").to_owned(),
    }
}

fn text<'a>(event: &'a Event, name: &str) -> &'a str {
    event
        .payload
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn number(event: &Event, name: &str) -> i64 {
    event
        .payload
        .get(name)
        .and_then(Value::as_i64)
        .unwrap_or_default()
}
