//! Reading events.

use openintent_entities::{event, id::EventId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{app::App, auth::Actor, error::Result, policy};

/// One event, if there is one that the actor may see.
///
/// # Errors
/// The database fails.
pub async fn find(app: &App, actor: &Actor, id: &EventId) -> Result<Option<event::Model>> {
    Ok(event::Entity::find()
        .filter(event::Column::Id.eq(id.clone()))
        .filter(event::Column::Position.is_not_null())
        .filter(policy::visible_events(&policy::view(actor)))
        .one(app.database().reads())
        .await?)
}
