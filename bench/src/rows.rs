//! Rows as the server writes them.

use openintent_entities::{
    Object, Timestamp, event,
    id::{EventId, IntentId},
    intent::{self, Status},
};
use sea_orm::{
    ActiveModelTrait as _,
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::Result;

/// 2026-01-01T00:00:00Z.
pub(crate) const TIME: Timestamp = Timestamp(1_767_225_600_000_000);

pub(crate) fn object(value: Value) -> Object {
    match value {
        Value::Object(members) => Object(members),
        _ => Object(Map::new()),
    }
}

fn state(step: i64) -> Object {
    object(json!({
        "step": step,
        "summary": "collect sources, compare what they say, write a draft",
        "findings": ["the first source agrees with the second", "the third is older"],
    }))
}

/// An open intent.
pub(crate) fn intent(number: u32) -> intent::Model {
    intent::Model {
        id: IntentId::from_uuid(Uuid::now_v7()),
        intent_type: Some("research.compare".to_owned()),
        title: format!("Compare source {number} with the others"),
        description: None,
        created_by: "bench".to_owned(),
        status: Status::Active,
        status_reason: None,
        blocked_by_hand: false,
        priority: 0,
        constraints: Object::default(),
        state: state(0),
        confidence: 0,
        namespace: None,
        parent_id: None,
        deadline: None,
        started_at: None,
        version: 1,
        created_at: TIME,
        updated_at: TIME,
        active_leases: 0,
        event_sequence: 0,
        event_hash: None,
    }
}

/// Stores intents.
pub(crate) async fn insert(db: &impl ConnectionTrait, intents: &[intent::Model]) -> Result<()> {
    for some in intents.chunks(500) {
        let rows = some
            .iter()
            .map(|intent| intent.clone().into_active_model().reset_all());
        intent::Entity::insert_many(rows)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// Stores so many open intents.
pub(crate) async fn insert_open(
    db: &impl ConnectionTrait,
    count: u32,
) -> Result<Vec<intent::Model>> {
    let intents: Vec<_> = (0..count).map(intent).collect();
    insert(db, &intents).await?;
    Ok(intents)
}

/// Writes what a state patch writes: the intent's row, under the condition that it is as it was read,
/// and an event's row.
pub(crate) async fn patch(
    db: &impl ConnectionTrait,
    intent: &mut intent::Model,
    position: Option<i64>,
) -> Result<()> {
    let (version, sequence) = (intent.version, intent.event_sequence);
    intent.version += 1;
    intent.event_sequence += 1;
    intent.state = state(intent.version);
    let hash = format!("sha256:{:043}", intent.version);
    let previous = intent.event_hash.replace(hash.clone());
    let row = intent::ActiveModel {
        state: Set(intent.state.clone()),
        started_at: Set(Some(TIME)),
        version: Set(intent.version),
        updated_at: Set(TIME),
        event_sequence: Set(intent.event_sequence),
        event_hash: Set(intent.event_hash.clone()),
        ..Default::default()
    };
    let written = intent::Entity::update_many()
        .set(row)
        .filter(intent::Column::Id.eq(intent.id.clone()))
        .filter(intent::Column::Version.eq(version))
        .filter(intent::Column::EventSequence.eq(sequence))
        .exec(db)
        .await?;
    if written.rows_affected != 1 {
        return Err("the intent was not as it was read".into());
    }
    let patches = json!([{ "op": "set", "path": "/step", "value": intent.version }]);
    let row = event::ActiveModel {
        ordinal: NotSet,
        position: Set(position),
        id: Set(EventId::from_uuid(Uuid::now_v7())),
        stream: Set(intent.id.to_string()),
        sequence: Set(intent.event_sequence),
        event_type: Set("state_patched".to_owned()),
        intent_id: Set(Some(intent.id.clone())),
        portfolio_id: Set(None),
        namespace: Set(None),
        actor: Set("bench".to_owned()),
        payload: Set(object(
            json!({ "patches": patches, "version": intent.version }),
        )),
        created_at: Set(TIME),
        event_hash: Set(hash),
        previous_event_hash: Set(previous),
        trace_id: Set(None),
        parent_event_id: Set(None),
        proof: Set(None),
    };
    event::Entity::insert(row)
        .exec_without_returning(db)
        .await?;
    Ok(())
}
