//! What the agents really do, one function per kind of intent. Each returns its result, which dependents read.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use openintent_client::{
    AppendPatch, Event, EventFilter, EventsArgs, Object, StatePatch, Value, json, object,
};
use serde::de::DeserializeOwned;

use crate::{
    Result,
    access_log::{self, Diagnosis, Rule, Statistics},
    agent::Task,
    narrate,
};

/// How many agents start at once and sign in together.
const FIRST_RESPONDERS: usize = 2;

/// Does the work that the intent's type asks for.
pub async fn dispatch(task: &Task) -> Result<Value> {
    match task.intent.r#type.as_deref() {
        Some("incident.diagnose") => diagnose(task).await,
        Some("incident.communicate") => communicate(task).await,
        Some("incident.hotfix") => hotfix(task).await,
        Some("incident.deploy") => deploy(task).await,
        Some("incident.verify") => verify(task).await,
        Some("incident.post-mortem") => post_mortem(task).await,
        other => Err(format!("no agent here knows how to do {other:?}").into()),
    }
}

async fn diagnose(task: &Task) -> Result<Value> {
    sign_in(task).await?;
    let path: PathBuf = constraint(task, "log")?;
    task.say("tool_call_started", format!("parse {}", path.display()))
        .await?;
    let text = std::fs::read_to_string(&path)?;
    let requests = access_log::parse(&text)?;
    task.say(
        "tool_call_completed",
        format!("{} requests", requests.len()),
    )
    .await?;

    let found = access_log::diagnose(&requests)?;
    let Diagnosis {
        endpoint,
        release,
        healthy_release,
        since,
        ..
    } = &found;
    for finding in [
        format!("{endpoint} has been failing since {since}Z"),
        format!(
            "only {release} fails: {}; {healthy_release}: {}",
            summary(found.bad),
            summary(found.healthy)
        ),
        format!(
            "worst minute {}Z with {} errors",
            found.worst_minute.0, found.worst_minute.1
        ),
    ] {
        task.say("x-finding", finding).await?;
    }
    Ok(serde_json::to_value(found)?)
}

/// Keeps the status page until another agent asks for it.
async fn communicate(task: &Task) -> Result<Value> {
    let page = task.lease(&task.parent, "status_page").await?;
    sign_in(task).await?;
    let mut notes = 1;
    task.post_note(&page, "Investigating: customers report errors")
        .await?;
    let filter = EventFilter::new()
        .subtree_of(&task.parent)
        .types(["x-finding", "x-lease-wanted"]);
    let mut events = task
        .client
        .subscribe_events(filter)
        .after(&task.start)
        .await?;
    while let Some(event) = events.next().await.transpose()? {
        if event.r#type == "x-lease-wanted" {
            break;
        }
        let finding = event
            .payload
            .get("text")
            .and_then(Value::as_str)
            .unwrap_or_default();
        // A model would word this; a template stands in for it. The events are those of RFC-0008 all the same.
        task.log(
            "llm_request_started",
            object! { "text": finding, "model": "template" },
        )
        .await?;
        let note = format!("Identified: {finding}");
        task.log(
            "llm_request_completed",
            object! { "text": note, "model": "template" },
        )
        .await?;
        task.post_note(&page, &note).await?;
        notes += 1;
    }
    task.release(&page).await?;
    Ok(json!({ "notes": notes }))
}

async fn hotfix(task: &Task) -> Result<Value> {
    let found: Diagnosis = input(&task.inputs().await?, "incident.diagnose")?;
    let rule = Rule {
        endpoint: found.endpoint,
        from_release: found.release,
        to_release: found.healthy_release,
    };
    let text = format!(
        "route {} from {} to {}",
        rule.endpoint, rule.from_release, rule.to_release
    );
    task.say("comment", text).await?;
    Ok(serde_json::to_value(rule)?)
}

/// Applies the rule: what would the log have been with it?
async fn deploy(task: &Task) -> Result<Value> {
    // The communicator holds the page, and hands it over when it is asked to.
    let page = task.lease(&task.parent, "status_page").await?;
    task.post_note(&page, "Deploying a hotfix").await?;
    let inputs = task.inputs().await?;
    let rule: Rule = input(&inputs, "incident.hotfix")?;
    let found: Diagnosis = input(&inputs, "incident.diagnose")?;
    let text = std::fs::read_to_string(constraint::<PathBuf>(task, "log")?)?;
    let (replayed, moved) = access_log::replay(&access_log::parse(&text)?, &rule);
    let path = constraint::<PathBuf>(task, "out")?.join("replayed.log");
    std::fs::write(&path, replayed)?;
    task.post_note(&page, "The hotfix is deployed").await?;
    task.release(&page).await?;
    Ok(
        json!({ "path": path, "moved_requests": moved, "endpoint": rule.endpoint, "since": found.since }),
    )
}

/// Recomputes the error rate after the fix and holds it against the constraint.
async fn verify(task: &Task) -> Result<Value> {
    let deployed = task
        .inputs()
        .await?
        .remove("incident.deploy")
        .unwrap_or_default();
    let path: PathBuf = member(&deployed, "path")?;
    let (endpoint, since): (String, String) =
        (member(&deployed, "endpoint")?, member(&deployed, "since")?);
    let bound: f64 = constraint(task, "max_error_rate")?;
    let text = std::fs::read_to_string(path)?;
    let after = access_log::statistics(&access_log::parse(&text)?, &endpoint, &since);
    if after.error_rate > bound {
        return Err(format!("{} is above {bound}", summary(after)).into());
    }
    task.say(
        "comment",
        format!("{} after the fix, at most {bound} allowed", summary(after)),
    )
    .await?;
    let page = task.lease(&task.parent, "status_page").await?;
    task.post_note(&page, "Resolved").await?;
    task.release(&page).await?;
    Ok(serde_json::to_value(after)?)
}

/// Writes the report: the results, the status page, and a timeline from the event log.
async fn post_mortem(task: &Task) -> Result<Value> {
    let inputs = task.inputs().await?;
    let found: Diagnosis = input(&inputs, "incident.diagnose")?;
    let after: Statistics = input(&inputs, "incident.verify")?;
    let rule: Rule = input(&inputs, "incident.hotfix")?;
    let args = EventsArgs::new()
        .filter(EventFilter::new().subtree_of(&task.parent))
        .first(100);
    let events: Vec<Event> = task.client.events_stream(args).all().await?;
    let incident = task.read(&task.parent).await?;
    let notes = incident
        .state
        .get("status_page")
        .and_then(Value::as_array)
        .cloned();

    let mut report = format!(
        "# Post-mortem: {}\n\n`{}` failed since {}Z on {}. Fixed by routing it to {}.\n\n\
         | | requests | errors | error rate | p50 ms | p99 ms |\n|---|---|---|---|---|---|\n",
        incident.title, found.endpoint, found.since, found.release, rule.to_release,
    );
    for (name, row) in [
        ("bad release", found.bad),
        ("all, in the outage", found.overall),
        ("all, with the fix", after),
    ] {
        report += &format!(
            "| {name} | {} | {} | {:.1} % | {} | {} |\n",
            row.requests,
            row.errors,
            row.error_rate * 100.0,
            row.p50_ms,
            row.p99_ms
        );
    }
    report += "\n## Status page\n\n";
    for note in notes.iter().flatten().filter_map(Value::as_str) {
        report += &format!("- {note}\n");
    }
    report += "\n## Timeline\n\n| time | who | event | |\n|---|---|---|---|\n";
    for event in &events {
        let time = event.created_at.as_str().get(11..23).unwrap_or_default();
        report += &format!(
            "| {time} | {} | {} | {} |\n",
            event.actor,
            event.r#type,
            narrate::detail(event)
        );
    }
    let path = constraint::<PathBuf>(task, "out")?.join("post-mortem.md");
    std::fs::write(&path, report)?;
    Ok(json!({ "path": path, "events": events.len() }))
}

/// Signs in as a responder, with a number. Two agents do this at the same moment, on purpose: both have seen the same
/// version before either writes, so one of them meets a conflict and must take the next number.
async fn sign_in(task: &Task) -> Result<()> {
    let seen = task.read(&task.parent).await?;
    let filter = EventFilter::new()
        .subtree_of(&task.parent)
        .types(["x-saw-version"]);
    let mut others = task
        .client
        .subscribe_events(filter)
        .after(&task.start)
        .await?;
    task.log("x-saw-version", object! { "version": seen.version })
        .await?;
    let mut here = BTreeSet::new();
    while here.len() < FIRST_RESPONDERS {
        let Some(event) = others.next().await.transpose()? else {
            return Err("following the other responders ended".into());
        };
        here.insert(event.actor);
    }
    let agent = task.client.viewer().await?.agent_id;
    let sign = |state: &Object| {
        let number = state
            .get("responders")
            .and_then(Value::as_array)
            .map_or(1, |list| list.len() + 1);
        StatePatch::Append(
            AppendPatch::new("/responders").value(json!({ "agent": agent, "number": number })),
        )
    };
    task.update_state(seen, None, sign).await
}

fn summary(of: Statistics) -> String {
    format!(
        "{:.1} % of {} requests, p99 {} ms",
        of.error_rate * 100.0,
        of.requests,
        of.p99_ms
    )
}

/// A constraint of the intent, its own or one that its portfolio shares.
fn constraint<T: DeserializeOwned>(task: &Task, name: &str) -> Result<T> {
    member(
        &Value::Object(task.intent.effective_constraints.clone()),
        name,
    )
}

fn input<T: DeserializeOwned>(inputs: &BTreeMap<String, Value>, kind: &str) -> Result<T> {
    let result = inputs
        .get(kind)
        .ok_or_else(|| format!("there is no result of {kind}"))?;
    Ok(serde_json::from_value(result.clone())?)
}

fn member<T: DeserializeOwned>(of: &Value, name: &str) -> Result<T> {
    let value = of.get(name).ok_or_else(|| format!("`{name}` is missing"))?;
    Ok(serde_json::from_value(value.clone())?)
}
