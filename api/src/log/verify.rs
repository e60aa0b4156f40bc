//! Checks a stream's hash chain by recomputing it from the stored values.

use openintent_entities::{event, id::EventId};
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
        self.breaks.is_empty()
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
        if !reasons.is_empty() && self.breaks.len() < MAX_BREAKS {
            self.breaks.push(Break {
                event_id: event.id.clone(),
                sequence: event.sequence,
                reason: reasons.join("; "),
            });
        }
        Ok(())
    }
}

/// Reads a whole stream and checks that every hash recomputes, every event names the one before it,
/// and no sequence is missing.
///
/// # Errors
/// The database fails.
pub async fn stream(db: &impl ConnectionTrait, stream: &str) -> Result<Verification> {
    let mut result = Verification::default();
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
        }
        if u64::try_from(page.len()).is_ok_and(|count| count < PAGE) {
            return Ok(result);
        }
    }
}

/// The names of all streams, in order, a page after `after`.
///
/// # Errors
/// The database fails.
pub async fn streams(db: &impl ConnectionTrait, after: &str) -> Result<Vec<String>> {
    Ok(event::Entity::find()
        .select_only()
        .column(event::Column::Stream)
        .distinct()
        .filter(event::Column::Stream.gt(after))
        .order_by_asc(event::Column::Stream)
        .limit(PAGE)
        .into_tuple()
        .all(db)
        .await?)
}
