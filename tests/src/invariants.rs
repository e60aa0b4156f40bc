//! What must hold of every database at any time, whatever happened to it.

use openintent_entities::{event, intent, lease};
use openintent_server::log::verify;
use sea_orm::{
    ColumnTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};

use crate::TestDatabase;

/// Checks all of it.
pub async fn check(database: &TestDatabase) {
    let db = database.connect().await;
    positions_are_dense(&db).await;
    chains_hold(&db).await;
    intents_agree_with_their_streams(&db).await;
    db.close().await.unwrap();
}

/// Positions are 1, 2, 3 …, and grow with the sequence in every stream.
async fn positions_are_dense(db: &DatabaseConnection) {
    let events = event::Entity::find()
        .order_by_asc(event::Column::Position)
        .all(db)
        .await
        .unwrap();
    let mut sequences = std::collections::HashMap::new();
    for (place, event) in (1i64..).zip(&events) {
        assert_eq!(event.position, Some(place), "the log has a hole");
        let last = sequences
            .insert(event.stream.clone(), event.sequence)
            .unwrap_or(0);
        assert_eq!(
            event.sequence,
            last + 1,
            "the log is out of order in stream {}",
            event.stream
        );
    }
}

/// Every stream's hash chain verifies.
async fn chains_hold(db: &DatabaseConnection) {
    for stream in verify::streams(db, "").await.unwrap() {
        let result = verify::stream(db, &stream).await.unwrap();
        assert!(result.is_valid(), "stream {stream}: {:?}", result.breaks);
    }
}

/// What is kept about streams and leases with the intents is what a count would find.
async fn intents_agree_with_their_streams(db: &DatabaseConnection) {
    for intent in intent::Entity::find().all(db).await.unwrap() {
        let chain = verify::stream(db, intent.id.as_str()).await.unwrap();
        assert_eq!(chain.last_sequence, Some(intent.event_sequence));
        assert_eq!(chain.head_hash, intent.event_hash);
        let active = lease::Entity::find()
            .filter(lease::Column::IntentId.eq(intent.id.clone()))
            .filter(lease::Column::Status.eq(lease::Status::Active))
            .count(db)
            .await
            .unwrap();
        assert_eq!(u64::try_from(intent.active_leases).unwrap(), active);
    }
}
