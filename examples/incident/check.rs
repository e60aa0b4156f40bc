//! The final check: what was pushed is what is stored, and what is stored is what was written.

use std::{collections::BTreeMap, path::Path};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openintent_client::{Client, Event, EventFilter, EventsArgs, Object, PortfolioStatus, Value};
use sha2::{Digest as _, Sha256};

use crate::{Result, commander::Incident};

/// Checks and prints, one line each.
pub async fn check(client: &Client, incident: &Incident, record: &Path) -> Result<()> {
    let portfolio = client
        .portfolio(&incident.portfolio)
        .await?
        .ok_or("the portfolio is gone")?;
    require(portfolio.status == PortfolioStatus::Completed, || {
        format!("the portfolio {} is {}", portfolio.id, portfolio.status)
    })?;
    let AggregateCounts { total, completed } =
        AggregateCounts::of(&portfolio.aggregate_status.by_status);
    require(completed == total, || {
        "not all intents are completed".to_owned()
    })?;
    println!(
        "ok  the portfolio {} is {}, with {total} completed intents",
        portfolio.id, portfolio.status
    );

    let seen = std::fs::read_to_string(record)?;
    let seen: Vec<Event> = seen
        .lines()
        .map(serde_json::from_str)
        .collect::<std::result::Result<_, _>>()?;
    let filter = EventFilter::new().portfolio_id(&incident.portfolio);
    let args = EventsArgs::new().filter(filter).first(100);
    let stored = client.events_stream(args).all().await?;
    let difference = seen
        .iter()
        .zip(&stored)
        .position(|(seen, stored)| seen != stored);
    require(difference.is_none() && seen.len() == stored.len(), || {
        format!(
            "{} events were seen, {} are stored; first difference at {difference:?}",
            seen.len(),
            stored.len()
        )
    })?;
    let mut streams = BTreeMap::<&str, Vec<&Event>>::new();
    for event in seen.iter().filter(|event| event.intent_id.is_some()) {
        streams.entry(&event.stream).or_default().push(event);
    }
    for (stream, events) in &streams {
        let in_order = (1..)
            .zip(events)
            .all(|(number, event)| event.sequence == number);
        require(in_order, || {
            format!("the sequence of {stream} has a gap, or an event came twice")
        })?;
    }
    println!(
        "ok  each of {} events was pushed once and in order, as it is stored",
        seen.len()
    );

    for (stream, events) in &streams {
        let server = client.verify_log(*stream).await?;
        require(server.valid, || {
            format!("the chain of {stream} is broken: {:?}", server.breaks)
        })?;
        let mut head = None;
        for event in events {
            require(
                event.previous_hash == head && hash(event)? == event.hash,
                || format!("the hash of {} does not hold", event.id),
            )?;
            head = Some(event.hash.clone());
        }
        require(head == server.head_hash, || {
            format!("the head of {stream} differs")
        })?;
    }
    println!(
        "ok  {} hash chains hold: the server says so, and they were recomputed here",
        streams.len()
    );

    let count = |kind: &str| seen.iter().filter(|event| event.r#type == kind).count();
    let parent = client
        .intent(&incident.parent)
        .await?
        .ok_or("the incident is gone")?;
    let responders = parent.state.get("responders").and_then(Value::as_array);
    let numbers: Vec<_> = responders
        .into_iter()
        .flatten()
        .filter_map(|one| one.get("number")?.as_i64())
        .collect();
    require(count("x-conflict") > 0 && numbers == [1, 2], || {
        "nobody met a conflict, or a write was lost".to_owned()
    })?;
    println!(
        "ok  version conflicts resolved by reading again: {}; no write was lost",
        count("x-conflict")
    );
    require(count("x-lease-wanted") > 0, || {
        "nobody had to wait for a lease".to_owned()
    })?;
    println!(
        "ok  held leases waited for and handed over: {}",
        count("x-lease-wanted")
    );
    Ok(())
}

/// The hash of an event as anybody can recompute it: SHA-256 over the canonical JSON (RFC 8785) of what it says.
fn hash(event: &Event) -> Result<String> {
    let mut members = Object::new();
    members.insert("actor".to_owned(), event.actor.clone().into());
    members.insert("created_at".to_owned(), event.created_at.as_str().into());
    members.insert("event_type".to_owned(), event.r#type.clone().into());
    members.insert("id".to_owned(), event.id.as_str().into());
    members.insert(
        "intent_id".to_owned(),
        serde_json::to_value(&event.intent_id)?,
    );
    members.insert("payload".to_owned(), event.payload.clone().into());
    members.insert(
        "previous_event_hash".to_owned(),
        serde_json::to_value(&event.previous_hash)?,
    );
    members.insert("sequence".to_owned(), event.sequence.into());
    let optional = [
        ("proof", serde_json::to_value(&event.proof)?),
        ("trace_id", serde_json::to_value(&event.trace_id)?),
        (
            "parent_event_id",
            serde_json::to_value(&event.parent_event_id)?,
        ),
    ];
    for (name, value) in optional.into_iter().filter(|(_, value)| !value.is_null()) {
        members.insert(name.to_owned(), value);
    }
    let digest = Sha256::digest(serde_jcs::to_vec(&members)?);
    Ok(format!("sha256:{}", URL_SAFE_NO_PAD.encode(digest)))
}

struct AggregateCounts {
    total: i64,
    completed: i64,
}

impl AggregateCounts {
    fn of(by_status: &[openintent_client::StatusCount]) -> Self {
        use openintent_client::IntentStatus::Completed;
        Self {
            total: by_status.iter().map(|one| one.count).sum(),
            completed: by_status
                .iter()
                .filter(|one| one.status == Completed)
                .map(|one| one.count)
                .sum(),
        }
    }
}

fn require(holds: bool, otherwise: impl FnOnce() -> String) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(otherwise().into())
    }
}
