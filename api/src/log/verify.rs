//! Checks a stream's hash chain by recomputing it from the stored values.

use std::collections::BTreeSet;

use openintent_entities::{
    event,
    id::{EventId, IntentId},
    intent, stream_head,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::hash;
use crate::error::Result;

const PAGE: u64 = 1_000;
/// No more breaks than this are listed; one is enough to distrust a stream.
const MAX_BREAKS: usize = 100;

/// What a stream's chain is worth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// How many events it has.
    pub event_count: i64,
    /// Sequence of its first event.
    pub first_sequence: Option<i64>,
    /// Sequence of its last event.
    pub last_sequence: Option<i64>,
    /// Hash of its last event.
    pub head_hash: Option<String>,
    /// How many events are missing at its end.
    pub missing_at_end: i64,
    /// Where it does not hold.
    pub breaks: Vec<Break>,
}

/// One place where a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// The event there.
    pub event_id: EventId,
    /// Its sequence.
    pub sequence: i64,
    /// What is wrong with it.
    pub reason: String,
}

impl Verification {
    /// Whether the chain holds.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.breaks.is_empty() && self.missing_at_end == 0
    }

    fn check(&mut self, event: &event::Model) -> Result<()> {
        let mut reasons = Vec::new();
        if hash::event_hash(event)? != event.event_hash {
            reasons.push("the event does not have the hash that is stored for it".to_owned());
        }
        if event.previous_event_hash != self.head_hash {
            reasons.push("it does not name the hash of the event before it".to_owned());
        }
        let expected = self.last_sequence.unwrap_or(0) + 1;
        if event.sequence != expected {
            reasons.push(format!("its sequence should be {expected}"));
        }
        self.event_count += 1;
        self.first_sequence.get_or_insert(event.sequence);
        self.last_sequence = Some(event.sequence);
        self.head_hash = Some(event.event_hash.clone());
        if !reasons.is_empty() {
            self.found(event, reasons.join("; "));
        }
        Ok(())
    }

    fn found(&mut self, event: &event::Model, reason: String) {
        if self.breaks.len() < MAX_BREAKS {
            self.breaks.push(Break {
                event_id: event.id.clone(),
                sequence: event.sequence,
                reason,
            });
        }
    }
}

/// How far a stream goes and the hash of its last event, as kept apart from its events. Nothing
/// else tells that the last ones are missing.
async fn head(db: &impl ConnectionTrait, stream: &str) -> Result<(i64, Option<String>)> {
    let head = match stream.parse::<IntentId>() {
        Ok(id) => {
            intent::Entity::find_by_id(id)
                .select_only()
                .columns([intent::Column::EventSequence, intent::Column::EventHash])
                .into_tuple()
                .one(db)
                .await?
        }
        Err(_no_intent) => {
            stream_head::Entity::find_by_id(stream)
                .select_only()
                .columns([
                    stream_head::Column::Sequence,
                    stream_head::Column::EventHash,
                ])
                .into_tuple()
                .one(db)
                .await?
        }
    };
    Ok(head.unwrap_or_default())
}

/// Reads a whole stream and checks that every hash recomputes, every event names the one before it,
/// and no sequence is missing.
///
/// # Errors
/// The database fails.
pub async fn stream(db: &impl ConnectionTrait, stream: &str) -> Result<Verification> {
    let mut result = Verification::default();
    let mut last = None;
    // Before the events are read: more may be written meanwhile, but none may be fewer.
    let (head_sequence, head_hash) = head(db, stream).await?;
    loop {
        let page = event::Entity::find()
            .filter(event::Column::Stream.eq(stream))
            .filter(event::Column::Sequence.gt(result.last_sequence.unwrap_or(i64::MIN)))
            .order_by_asc(event::Column::Sequence)
            .limit(PAGE)
            .all(db)
            .await?;
        for event in &page {
            result.check(event)?;
            if event.sequence == head_sequence && Some(&event.event_hash) != head_hash.as_ref() {
                let reason = "it is not the event that was last when the stream had this length";
                result.found(event, reason.to_owned());
            }
        }
        let is_last_page = u64::try_from(page.len()).is_ok_and(|count| count < PAGE);
        last = page.into_iter().next_back().or(last);
        if is_last_page {
            break;
        }
    }
    result.missing_at_end = (head_sequence - result.last_sequence.unwrap_or(0)).max(0);
    if result.missing_at_end > 0
        && let Some(last) = last
    {
        let reason = format!("{} events after it are missing", result.missing_at_end);
        result.found(&last, reason);
    }
    Ok(result)
}

/// The names of all streams, in order, a page after `after`: also of those that have lost all their
/// events.
///
/// # Errors
/// The database fails.
pub async fn streams(db: &impl ConnectionTrait, after: &str) -> Result<Vec<String>> {
    let of_events: Vec<String> = event::Entity::find()
        .select_only()
        .column(event::Column::Stream)
        .distinct()
        .filter(event::Column::Stream.gt(after))
        .order_by_asc(event::Column::Stream)
        .limit(PAGE)
        .into_tuple()
        .all(db)
        .await?;
    let of_intents: Vec<String> = intent::Entity::find()
        .select_only()
        .column(intent::Column::Id)
        .filter(intent::Column::Id.gt(after))
        .order_by_asc(intent::Column::Id)
        .limit(PAGE)
        .into_tuple()
        .all(db)
        .await?;
    let of_heads: Vec<String> = stream_head::Entity::find()
        .select_only()
        .column(stream_head::Column::Stream)
        .filter(stream_head::Column::Stream.gt(after))
        .filter(stream_head::Column::Sequence.gt(0))
        .order_by_asc(stream_head::Column::Stream)
        .limit(PAGE)
        .into_tuple()
        .all(db)
        .await?;
    let all: BTreeSet<String> = of_events
        .into_iter()
        .chain(of_intents)
        .chain(of_heads)
        .collect();
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    Ok(all.into_iter().take(page).collect())
}
