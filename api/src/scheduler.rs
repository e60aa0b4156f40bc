//! Scheduled work: one durable table of jobs, one loop per process that does what is due.
//!
//! A job's effect and the removal of its row are one transaction, so it happens exactly once,
//! whatever crashes and however many processes share the database. Between jobs the loop sleeps
//! until the next one is due or something is scheduled; after downtime it catches up.

use std::{sync::Arc, time::Duration};

use openintent_entities::{Timestamp, idempotency_key, job};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Expr};
use serde_json::json;
use tokio::sync::Notify;

use crate::{
    app::App,
    auth::Actor,
    change::{Change, Once},
    error::{Error, Result},
    lease, portfolio,
};

/// A lease's time is over.
pub const LEASE_EXPIRY: &str = "lease_expiry";
/// A portfolio's deadline has come.
pub const PORTFOLIO_DEADLINE: &str = "portfolio_deadline";
/// Remembered answers are old enough to be forgotten.
const FORGET_ANSWERS: &str = "forget_answers";

/// So many jobs are read at once.
const BATCH: u64 = 64;
/// Without any wake-up, the table is looked at this often.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);
/// A job that fails waits this long at first, and twice as long each time, up to an hour.
const FIRST_RETRY_SECONDS: i64 = 1;
const LAST_RETRY_SECONDS: i64 = 3_600;
const ANSWERS_ARE_KEPT_SECONDS: i64 = 24 * 3_600;
const FORGET_EVERY_SECONDS: i64 = 3_600;

/// Wakes the loop. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Scheduler {
    wake: Arc<Notify>,
}

impl Scheduler {
    /// Something was scheduled: look at the table again.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    pub(crate) fn notify(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }
}

/// Does what is due, for as long as the server lives.
pub(crate) async fn run(app: App) {
    let stop = app.shutdown();
    if let Err(error) = schedule_housekeeping(&app).await {
        tracing::warn!(cause = error.cause(), %error, "could not schedule housekeeping");
    }
    while !stop.is_cancelled() {
        let wait_until = match run_due(&app).await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(cause = error.cause(), %error, "looking for due jobs failed; trying again");
                Some(app.clock().now().plus_seconds(1))
            }
        };
        let due = async {
            match wait_until {
                Some(moment) => app.clock().sleep_until(moment).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = app.scheduler().wake.notified() => {}
            () = due => {}
            () = tokio::time::sleep(LONGEST_SLEEP) => {}
        }
    }
}

/// Does everything that is due and says when the next job is.
async fn run_due(app: &App) -> Result<Option<Timestamp>> {
    loop {
        let now = app.clock().now();
        let jobs = job::Entity::find()
            .order_by_asc(job::Column::DueAt)
            .order_by_asc(job::Column::Id)
            .limit(BATCH)
            .all(app.database().reads())
            .await?;
        let due = jobs.iter().filter(|job| job.due_at <= now).count();
        metrics::gauge!("openintent_jobs_due").set(u32::try_from(due).unwrap_or(u32::MAX));
        let mut is_stale = false;
        for job in jobs {
            if job.due_at > now {
                if is_stale {
                    break;
                }
                return Ok(Some(job.due_at));
            }
            // It may be put off, or schedule something, to a moment before the next one read.
            is_stale = true;
            let late = u32::try_from(now.micros_since(job.due_at) / 1_000).unwrap_or(u32::MAX);
            metrics::histogram!("openintent_job_lateness_seconds")
                .record(f64::from(late) / 1_000.0);
            run_job(app, &job).await?;
        }
        if job::Entity::find()
            .limit(1)
            .one(app.database().reads())
            .await?
            .is_none()
        {
            return Ok(None);
        }
    }
}

async fn run_job(app: &App, job: &job::Model) -> Result<()> {
    let actor = Actor::system();
    let done = app
        .change(&actor, &Once::NO, |change| {
            Box::pin(async move {
                if claim(change, job).await? {
                    perform(change, job).await
                } else {
                    change.without_event();
                    Ok(())
                }
            })
        })
        .await;
    match done {
        Ok(_) => {
            metrics::counter!("openintent_jobs_total", "kind" => job.kind.clone(), "outcome" => "done").increment(1);
            Ok(())
        }
        Err(error @ Error::Unavailable { .. }) => Err(error),
        Err(error) => {
            metrics::counter!("openintent_jobs_total", "kind" => job.kind.clone(), "outcome" => "failed").increment(1);
            tracing::error!(
                job.kind, job.subject, job.attempts, cause = error.cause(), %error,
                "a scheduled job failed; it will be tried again"
            );
            postpone(app, job).await
        }
    }
}

/// Takes the job's row away, if it is still as it was read: another process may have done the job,
/// or moved it.
async fn claim(change: &Change<'_>, job: &job::Model) -> Result<bool> {
    let taken = job::Entity::delete_many()
        .filter(job::Column::Kind.eq(&job.kind))
        .filter(job::Column::Subject.eq(&job.subject))
        .filter(job::Column::DueAt.eq(job.due_at))
        .exec(change.db())
        .await?;
    Ok(taken.rows_affected == 1)
}

async fn perform(change: &mut Change<'_>, job: &job::Model) -> Result<()> {
    match job.kind.as_str() {
        LEASE_EXPIRY => lease::service::expire(change, &job.subject).await,
        PORTFOLIO_DEADLINE => portfolio::service::meet_deadline(change, &job.subject).await,
        FORGET_ANSWERS => forget_answers(change).await,
        other => Err(Error::broken(format!("no such kind of job: {other}"))),
    }
}

async fn postpone(app: &App, job: &job::Model) -> Result<()> {
    let exponent = u32::try_from(job.attempts).unwrap_or(0).min(20);
    let wait = FIRST_RETRY_SECONDS
        .saturating_mul(1 << exponent)
        .min(LAST_RETRY_SECONDS);
    app.change(&Actor::system(), &Once::NO, |change| {
        Box::pin(async move {
            change.without_event();
            job::Entity::update_many()
                .col_expr(
                    job::Column::DueAt,
                    Expr::value(change.now().plus_seconds(wait)),
                )
                .col_expr(job::Column::Attempts, Expr::value(job.attempts + 1))
                .filter(job::Column::Kind.eq(&job.kind))
                .filter(job::Column::Subject.eq(&job.subject))
                .filter(job::Column::DueAt.eq(job.due_at))
                .exec(change.db())
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(())
}

async fn schedule_housekeeping(app: &App) -> Result<()> {
    app.change(&Actor::system(), &Once::NO, |change| {
        Box::pin(async move {
            change.without_event();
            let due = change.now().plus_seconds(FORGET_EVERY_SECONDS);
            change.schedule(FORGET_ANSWERS, "all", due, json!({})).await
        })
    })
    .await?;
    Ok(())
}

async fn forget_answers(change: &mut Change<'_>) -> Result<()> {
    change.without_event();
    let oldest = change.now().plus_seconds(-ANSWERS_ARE_KEPT_SECONDS);
    idempotency_key::Entity::delete_many()
        .filter(idempotency_key::Column::CreatedAt.lt(oldest))
        .exec(change.db())
        .await?;
    let next = change.now().plus_seconds(FORGET_EVERY_SECONDS);
    change
        .schedule(FORGET_ANSWERS, "all", next, json!({}))
        .await
}
