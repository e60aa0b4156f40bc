//! What can be done with leases.

use openintent_entities::{
    id::{IntentId, LeaseId},
    intent,
    lease::{self, Status},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use serde_json::json;
use uuid::Uuid;

use super::rules;
use crate::{
    app::App,
    auth::Actor,
    change::{Change, Committed, NewEvent, Once},
    error::{Error, Result},
    input,
    intent::service::{open_for_writing, refuse_closed},
    policy::{self, Action, Resource},
    scheduler::LEASE_EXPIRY,
};

/// Acquires the lease on a scope. Of several that try at once, one gets it.
///
/// # Errors
/// `LEASE_HELD` with the holder and the end; `NOT_FOUND`, `INTENT_CLOSED`, `BAD_USER_INPUT`,
/// `FORBIDDEN`.
pub async fn acquire(
    app: &App,
    actor: &Actor,
    once: &Once,
    intent_id: &IntentId,
    scope: &str,
    duration_seconds: i64,
) -> Result<Committed<lease::Model>> {
    input::name(&["scope"], scope)?;
    check_duration(duration_seconds)?;
    app.change(actor, once, |change| {
        Box::pin(async move {
            let intent = open_for_writing(change, intent_id, None).await?;
            let last = last_of_scope(change, intent_id, scope).await?;
            if let Some(last) = &last {
                if rules::is_in_force(last, change.now()) {
                    return Err(Error::LeaseHeld {
                        lease: last.id.clone(),
                        scope: scope.to_owned(),
                        holder: last.agent_id.clone(),
                        expires_at: last.expires_at,
                    });
                }
                if last.status == Status::Active {
                    end(change, last.clone(), Status::Expired, None).await?;
                }
            }
            let now = change.now();
            let lease = lease::Model {
                id: LeaseId::from_uuid(Uuid::now_v7()),
                intent_id: intent_id.clone(),
                scope: scope.to_owned(),
                agent_id: actor.agent_id().to_owned(),
                status: Status::Active,
                fencing_token: last.map_or(0, |last| last.fencing_token) + 1,
                duration_seconds,
                acquired_at: now,
                expires_at: now.plus_seconds(duration_seconds),
                released_at: None,
                version: 1,
            };
            lease::Entity::insert(lease.clone().into_active_model().reset_all())
                .exec_without_returning(change.db())
                .await?;
            change.adjust(intent_id, |intent| intent.active_leases += 1)?;
            schedule_expiry(change, &lease).await?;
            record(change, &intent, "lease_acquired", &lease, None);
            Ok(lease)
        })
    })
    .await
}

/// Prolongs a lease, counted from now. Only its holder can, and only while it is in force: after
/// its end somebody else may have got the scope.
///
/// # Errors
/// `LEASE_NOT_ACTIVE`, with who holds the scope now; `NOT_FOUND`, `FORBIDDEN`, `INTENT_CLOSED`,
/// `BAD_USER_INPUT`.
pub async fn renew(
    app: &App,
    actor: &Actor,
    once: &Once,
    id: &LeaseId,
    duration_seconds: Option<i64>,
) -> Result<Committed<lease::Model>> {
    if let Some(seconds) = duration_seconds {
        check_duration(seconds)?;
    }
    app.change(actor, once, |change| {
        Box::pin(async move {
            let (intent, mut lease) = lock(change, id).await?;
            refuse_closed(&intent)?;
            only_holder(change, &lease)?;
            refuse_ended(change, &lease).await?;
            lease.duration_seconds = duration_seconds.unwrap_or(lease.duration_seconds);
            lease.expires_at = change.now().plus_seconds(lease.duration_seconds);
            let lease = store(change, lease).await?;
            schedule_expiry(change, &lease).await?;
            record(change, &intent, "lease_renewed", &lease, None);
            Ok(lease)
        })
    })
    .await
}

/// Gives a lease back.
///
/// # Errors
/// `LEASE_NOT_ACTIVE`, `NOT_FOUND`, `FORBIDDEN` for anyone but the holder.
pub async fn release(
    app: &App,
    actor: &Actor,
    once: &Once,
    id: &LeaseId,
) -> Result<Committed<lease::Model>> {
    app.change(actor, once, |change| {
        Box::pin(async move {
            let (_, lease) = lock(change, id).await?;
            only_holder(change, &lease)?;
            refuse_ended(change, &lease).await?;
            end(change, lease, Status::Released, None).await
        })
    })
    .await
}

/// Takes a lease away from its holder.
///
/// # Errors
/// `LEASE_NOT_ACTIVE`, `NOT_FOUND`, `FORBIDDEN` for anyone but an admin, `BAD_USER_INPUT`.
pub async fn revoke(
    app: &App,
    actor: &Actor,
    once: &Once,
    id: &LeaseId,
    reason: Option<&str>,
) -> Result<Committed<lease::Model>> {
    input::optional_text(&["reason"], reason)?;
    app.change(actor, once, |change| {
        Box::pin(async move {
            let (intent, lease) = lock(change, id).await?;
            policy::may(actor, Action::RevokeLease, Resource::Intent(&intent))?;
            refuse_ended(change, &lease).await?;
            end(change, lease, Status::Revoked, reason).await
        })
    })
    .await
}

/// Scheduled: records that a lease's time is over, unless it was renewed or has ended otherwise.
///
/// # Errors
/// The database fails.
pub async fn expire(change: &mut Change<'_>, subject: &str) -> Result<()> {
    let found = match subject.parse::<LeaseId>() {
        Ok(id) => lock(change, &id).await,
        Err(_unparsable) => Err(Error::not_found("lease", subject)),
    };
    let lease = match found {
        Ok((_, lease)) => lease,
        Err(Error::NotFound { .. }) => {
            change.without_event();
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    if lease.status != Status::Active {
        change.without_event();
        return Ok(());
    }
    if rules::is_in_force(&lease, change.now()) {
        change.without_event();
        return schedule_expiry(change, &lease).await;
    }
    end(change, lease, Status::Expired, None).await?;
    Ok(())
}

fn check_duration(seconds: i64) -> Result<()> {
    input::within(
        &["durationSeconds"],
        seconds,
        rules::MIN_SECONDS,
        rules::MAX_SECONDS,
    )
}

/// Locks a lease's intent, and reads the lease as it is then.
async fn lock(change: &mut Change<'_>, id: &LeaseId) -> Result<(intent::Model, lease::Model)> {
    let missing = || Error::not_found("lease", id.as_str());
    let lease = lease::Entity::find_by_id(id.clone())
        .one(change.db())
        .await?
        .ok_or_else(missing)?;
    let intent = change.lock_intent(&lease.intent_id).await?;
    policy::may(change.actor(), Action::Write, Resource::Intent(&intent))?;
    let lease = lease::Entity::find_by_id(id.clone())
        .one(change.db())
        .await?
        .ok_or_else(missing)?;
    Ok((intent, lease))
}

async fn last_of_scope(
    change: &Change<'_>,
    intent_id: &IntentId,
    scope: &str,
) -> Result<Option<lease::Model>> {
    Ok(lease::Entity::find()
        .filter(lease::Column::IntentId.eq(intent_id.clone()))
        .filter(lease::Column::Scope.eq(scope))
        .order_by_desc(lease::Column::FencingToken)
        .one(change.db())
        .await?)
}

fn only_holder(change: &Change<'_>, lease: &lease::Model) -> Result<()> {
    let actor = change.actor().agent_id();
    if lease.agent_id != actor {
        return Err(Error::Forbidden(format!(
            "this lease is held by `{}`; only its holder may do this, not `{actor}`",
            lease.agent_id
        )));
    }
    Ok(())
}

async fn refuse_ended(change: &Change<'_>, lease: &lease::Model) -> Result<()> {
    let status = rules::status_at(lease, change.now());
    if status == Status::Active {
        return Ok(());
    }
    let holder = last_of_scope(change, &lease.intent_id, &lease.scope)
        .await?
        .filter(|last| rules::is_in_force(last, change.now()))
        .map(|last| last.agent_id);
    Err(Error::LeaseNotActive {
        lease: lease.id.clone(),
        status: rules::name(status),
        holder,
    })
}

/// Ends a lease whose intent is locked.
async fn end(
    change: &mut Change<'_>,
    mut lease: lease::Model,
    status: Status,
    reason: Option<&str>,
) -> Result<lease::Model> {
    lease.status = status;
    lease.released_at = Some(if status == Status::Expired {
        lease.expires_at
    } else {
        change.now()
    });
    let lease = store(change, lease).await?;
    let intent = change.adjust(&lease.intent_id, |intent| intent.active_leases -= 1)?;
    if status != Status::Expired {
        // The job of a lease whose time is over may be under way: it holds its row and waits for this
        // intent. It will find nothing left to do.
        change.unschedule(LEASE_EXPIRY, lease.id.as_str()).await?;
    }
    let event_type = match status {
        Status::Expired => "lease_expired",
        Status::Revoked => "lease_revoked",
        Status::Released | Status::Active => "lease_released",
    };
    record(change, &intent, event_type, &lease, reason);
    Ok(lease)
}

async fn store(change: &Change<'_>, mut lease: lease::Model) -> Result<lease::Model> {
    lease.version += 1;
    lease::Entity::update(lease.clone().into_active_model().reset_all())
        .exec(change.db())
        .await?;
    Ok(lease)
}

async fn schedule_expiry(change: &mut Change<'_>, lease: &lease::Model) -> Result<()> {
    change
        .schedule(LEASE_EXPIRY, lease.id.as_str(), lease.expires_at, json!({}))
        .await
}

fn record(
    change: &mut Change<'_>,
    intent: &intent::Model,
    event_type: &str,
    lease: &lease::Model,
    reason: Option<&str>,
) {
    change.record(NewEvent::on_intent(
        intent,
        event_type,
        json!({
            "lease_id": lease.id,
            "agent_id": lease.agent_id,
            "scope": lease.scope,
            "status": rules::name(lease.status),
            "fencing_token": lease.fencing_token,
            "expires_at": lease.expires_at.to_string(),
            "version": lease.version,
            "reason": reason,
        }),
    ));
}
