//! What can be done with portfolios, and what their members' moves mean for them.

use openintent_entities::{
    Object, Timestamp,
    id::{IntentId, PortfolioId},
    intent::{self, Status as IntentStatus},
    portfolio::{self, Status},
    portfolio_member::{self, Role},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, prelude::Expr, sea_query::LockType,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::rules::{self, Counts};
use crate::{
    app::App,
    auth::Actor,
    change::{Change, Committed, NewEvent, Once},
    error::{Error, Result},
    input,
    intent::service::{Move, Moves},
    policy::{self, Action, Resource},
    scheduler::PORTFOLIO_DEADLINE,
};

/// Members of one portfolio at the most.
pub const MAX_MEMBERS: u64 = 100_000;

/// The rules that a portfolio puts over its members. `None` leaves a rule as it is, or at its
/// default in a new portfolio.
#[derive(Debug, Clone, Default, Serialize)]
pub struct GovernanceChanges {
    /// It completes only when every member has.
    pub require_all_completed: Option<bool>,
    /// It may complete although members failed or were abandoned.
    pub allow_partial_completion: Option<bool>,
    /// Percentage of completed members at which it completes by itself.
    pub auto_complete_threshold: Option<Option<i32>>,
    /// Constraints that all members inherit.
    pub shared_constraints: Option<Map<String, Value>>,
    /// When its suspended members are abandoned, and it with them unless it can complete.
    pub deadline: Option<Option<Timestamp>>,
}

/// What a new portfolio shall be, or what shall change about one.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PortfolioChanges {
    /// One line.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<Option<String>>,
    /// Free-text namespace.
    pub namespace: Option<Option<String>>,
    /// The client's own data.
    pub metadata: Option<Map<String, Value>>,
    /// Rules.
    pub governance: GovernanceChanges,
}

/// Creates a portfolio without members. By default all members must complete, unless a threshold
/// below 100 per cent is set.
///
/// # Errors
/// `BAD_USER_INPUT`, `LIMIT_EXCEEDED`, `FORBIDDEN`.
pub async fn create(
    app: &App,
    actor: &Actor,
    once: &Once,
    new: &PortfolioChanges,
) -> Result<Committed<portfolio::Model>> {
    policy::may(actor, Action::Create, Resource::Server)?;
    check(app, new)?;
    app.change(actor, once, |change| {
        Box::pin(async move {
            let now = change.now();
            let threshold = new.governance.auto_complete_threshold.flatten();
            let mut portfolio = portfolio::Model {
                id: PortfolioId::from_uuid(Uuid::now_v7()),
                name: String::new(),
                description: None,
                created_by: actor.agent_id().to_owned(),
                namespace: None,
                status: Status::Active,
                status_reason: None,
                require_all_completed: threshold.is_none_or(|threshold| threshold == 100),
                allow_partial_completion: false,
                auto_complete_threshold: None,
                shared_constraints: Object::default(),
                deadline: None,
                metadata: Object::default(),
                version: 1,
                created_at: now,
                updated_at: now,
            };
            let set = apply(&mut portfolio, new)?;
            portfolio::Entity::insert(portfolio.clone().into_active_model().reset_all())
                .exec_without_returning(change.db())
                .await?;
            schedule_deadline(change, &portfolio).await?;
            change.record(NewEvent::on_portfolio(
                &portfolio,
                "portfolio.created",
                Value::Object(set),
            ));
            Ok(portfolio)
        })
    })
    .await
}

/// Changes what describes and governs a portfolio. New rules take effect at once: a portfolio that
/// may complete by itself now does.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `BAD_USER_INPUT`, `LIMIT_EXCEEDED`, `FORBIDDEN`;
/// `PORTFOLIO_CLOSED` when it is completed or abandoned.
pub async fn update(
    app: &App,
    actor: &Actor,
    once: &Once,
    id: &PortfolioId,
    expected_version: i64,
    changes: &PortfolioChanges,
) -> Result<Committed<portfolio::Model>> {
    check(app, changes)?;
    app.change(actor, once, |change| {
        Box::pin(async move {
            let mut portfolio = open_for_writing(change, id, Some(expected_version)).await?;
            let changed = apply(&mut portfolio, changes)?;
            if changed.is_empty() {
                return Err(Error::input(&[], "give at least one field to change"));
            }
            let portfolio = store(change, portfolio).await?;
            schedule_deadline(change, &portfolio).await?;
            let payload = json!({ "changes": changed, "version": portfolio.version });
            change.record(NewEvent::on_portfolio(
                &portfolio,
                "portfolio.updated",
                payload,
            ));
            complete_if_due(change, portfolio).await
        })
    })
    .await
}

/// Completes or abandons a portfolio. Its members stay as they are.
///
/// # Errors
/// `UNMET_DEPENDENCIES` with the members that its governance waits for; `NOT_FOUND`,
/// `VERSION_CONFLICT`, `INVALID_TRANSITION`, `BAD_USER_INPUT`, `FORBIDDEN`.
pub async fn set_status(
    app: &App,
    actor: &Actor,
    once: &Once,
    id: &PortfolioId,
    expected_version: i64,
    to: Status,
    reason: Option<&str>,
) -> Result<Committed<portfolio::Model>> {
    input::optional_text(&["reason"], reason)?;
    app.change(actor, once, |change| {
        Box::pin(async move {
            let portfolio = lock(change, id).await?;
            policy::may(actor, Action::Write, Resource::Portfolio(&portfolio))?;
            check_version(&portfolio, Some(expected_version))?;
            if to == Status::Completed && rules::allowed(portfolio.status).contains(&to) {
                let blocking = blocking_members(change, &portfolio).await?;
                if !blocking.is_empty() {
                    return Err(Error::UnmetDependencies { blocking });
                }
            }
            make_move(change, portfolio, to, reason).await
        })
    })
    .await
}

/// Adds an intent, or changes the role and priority of one that belongs to it.
///
/// # Errors
/// `NOT_FOUND`; `ALREADY_EXISTS` for a second primary; `PORTFOLIO_CLOSED` when the portfolio is
/// closed; `LIMIT_EXCEEDED`, `BAD_USER_INPUT`, `FORBIDDEN`.
pub async fn add_intent(
    app: &App,
    actor: &Actor,
    once: &Once,
    id: &PortfolioId,
    intent_id: &IntentId,
    role: Role,
    priority: i32,
) -> Result<Committed<portfolio::Model>> {
    input::within(&["priority"], priority.into(), 0, 1_000)?;
    app.change(actor, once, |change| {
        Box::pin(async move {
            // Intents before portfolios: the order in which everybody locks.
            for intent in change.share_intents(std::slice::from_ref(intent_id)).await? {
                policy::may(actor, Action::Write, Resource::Intent(&intent))?;
            }
            let portfolio = open_for_writing(change, id, None).await?;
            let key = (id.clone(), intent_id.clone());
            let present = portfolio_member::Entity::find_by_id(key).one(change.db()).await?;
            if present.as_ref().is_some_and(|member| member.role == role && member.priority == priority) {
                change.without_event();
                return Ok(portfolio);
            }
            if role == Role::Primary {
                refuse_second_primary(change, id, intent_id).await?;
            }
            let row = portfolio_member::ActiveModel {
                portfolio_id: Set(id.clone()),
                intent_id: Set(intent_id.clone()),
                role: Set(role),
                priority: Set(priority),
                added_by: Set(actor.agent_id().to_owned()),
                added_at: Set(change.now()),
            };
            if present.is_some() {
                portfolio_member::Entity::update(row).exec(change.db()).await?;
            } else {
                refuse_too_many(change, id).await?;
                portfolio_member::Entity::insert(row).exec_without_returning(change.db()).await?;
            }
            let portfolio = store(change, portfolio).await?;
            let payload = json!({
                "intent_id": intent_id, "role": role, "priority": priority, "version": portfolio.version,
            });
            change.record(NewEvent::on_portfolio(&portfolio, "portfolio.member_added", payload));
            complete_if_due(change, portfolio).await
        })
    })
    .await
}

/// Takes an intent out of a portfolio; the intent itself stays as it is.
///
/// # Errors
/// `NOT_FOUND` for the portfolio or the membership; `PORTFOLIO_CLOSED` when the portfolio is
/// closed; `FORBIDDEN`.
pub async fn remove_intent(
    app: &App,
    actor: &Actor,
    once: &Once,
    id: &PortfolioId,
    intent_id: &IntentId,
) -> Result<Committed<portfolio::Model>> {
    app.change(actor, once, |change| {
        Box::pin(async move {
            let portfolio = open_for_writing(change, id, None).await?;
            let key = (id.clone(), intent_id.clone());
            let removed = portfolio_member::Entity::delete_by_id(key)
                .exec(change.db())
                .await?;
            if removed.rows_affected == 0 {
                return Err(Error::not_found(
                    "member of that portfolio",
                    intent_id.as_str(),
                ));
            }
            let portfolio = store(change, portfolio).await?;
            let payload = json!({ "intent_id": intent_id, "version": portfolio.version });
            change.record(NewEvent::on_portfolio(
                &portfolio,
                "portfolio.member_removed",
                payload,
            ));
            complete_if_due(change, portfolio).await
        })
    })
    .await
}

/// Looks at the portfolios of intents that have moved: tells of suspended and resumed members, and
/// completes what completes by itself.
///
/// # Errors
/// The database fails.
pub async fn after_moves(change: &mut Change<'_>, moves: &[Move]) -> Result<()> {
    let moved: Vec<IntentId> = moves.iter().map(|made| made.intent.id.clone()).collect();
    if moved.is_empty() {
        return Ok(());
    }
    let memberships = portfolio_member::Entity::find()
        .filter(portfolio_member::Column::IntentId.is_in(moved))
        .all(change.db())
        .await?;
    let mut ids: Vec<PortfolioId> = memberships
        .iter()
        .map(|member| member.portfolio_id.clone())
        .collect();
    ids.sort();
    ids.dedup();
    for id in ids {
        let portfolio = lock(change, &id).await?;
        if portfolio.status != Status::Active {
            continue;
        }
        for made in moves {
            let is_member = memberships
                .iter()
                .any(|member| member.portfolio_id == id && member.intent_id == made.intent.id);
            let suspended = IntentStatus::SuspendedAwaitingInput;
            let event_type = match (
                is_member,
                made.from == suspended,
                made.intent.status == suspended,
            ) {
                (true, false, true) => "portfolio.member_suspended",
                (true, true, false) => "portfolio.member_resumed",
                _ => continue,
            };
            let payload = json!({ "intent_id": made.intent.id });
            let event = NewEvent::on_portfolio(&portfolio, event_type, payload);
            change.record(event.caused_by(Some(made.event.clone())));
        }
        complete_if_due(change, portfolio).await?;
    }
    Ok(())
}

/// Scheduled: the deadline has come. Suspended members are abandoned (RFC-0026 §2 rule 5); the
/// portfolio completes if its governance lets it, else it is abandoned. Members that somebody is
/// working on are left to those who do.
///
/// # Errors
/// The database fails.
pub async fn meet_deadline(change: &mut Change<'_>, subject: &str) -> Result<()> {
    const REASON: &str = "portfolio_deadline_exceeded";
    change.without_event();
    let Ok(id) = subject.parse::<PortfolioId>() else {
        return Ok(());
    };
    let suspended: Vec<IntentId> = intent::Entity::find()
        .select_only()
        .column(intent::Column::Id)
        .filter(intent::Column::Id.in_subquery(member_ids(&id)))
        .filter(intent::Column::Status.eq(IntentStatus::SuspendedAwaitingInput))
        .into_tuple()
        .all(change.db())
        .await?;
    let members = change.lock_intents(&suspended).await?;
    let portfolio = match lock(change, &id).await {
        Ok(portfolio) => portfolio,
        Err(Error::NotFound { .. }) => return Ok(()),
        Err(error) => return Err(error),
    };
    let due = portfolio
        .deadline
        .is_some_and(|deadline| deadline <= change.now());
    if portfolio.status != Status::Active || !due {
        return Ok(());
    }
    let event = change.record(NewEvent::on_portfolio(
        &portfolio,
        "portfolio.deadline_exceeded",
        json!({ "deadline": portfolio.deadline.map(|moment| moment.to_string()) }),
    ));
    let mut moves = Moves::default();
    for member in members {
        if member.status == IntentStatus::SuspendedAwaitingInput {
            moves.make(
                change,
                member,
                IntentStatus::Abandoned,
                Some(REASON),
                Some(event.clone()),
            )?;
        }
    }
    moves.settle(change).await?;
    change.flush().await?;
    let portfolio = lock(change, &id).await?;
    if portfolio.status != Status::Active {
        return Ok(());
    }
    let any_member = !counts(change, &id).await?.is_empty();
    let to = if any_member && blocking_members(change, &portfolio).await?.is_empty() {
        Status::Completed
    } else {
        Status::Abandoned
    };
    make_move(change, portfolio, to, Some(REASON)).await?;
    Ok(())
}

async fn complete_if_due(
    change: &mut Change<'_>,
    portfolio: portfolio::Model,
) -> Result<portfolio::Model> {
    if portfolio.auto_complete_threshold.is_none() || portfolio.status != Status::Active {
        return Ok(portfolio);
    }
    let counts = counts(change, &portfolio.id).await?;
    if !rules::completes_by_itself(&portfolio, &counts) {
        return Ok(portfolio);
    }
    make_move(
        change,
        portfolio,
        Status::Completed,
        Some("auto_complete_threshold"),
    )
    .await
}

async fn make_move(
    change: &mut Change<'_>,
    mut portfolio: portfolio::Model,
    to: Status,
    reason: Option<&str>,
) -> Result<portfolio::Model> {
    let from = portfolio.status;
    if !rules::allowed(from).contains(&to) {
        return Err(invalid_transition(from, to));
    }
    portfolio.status = to;
    portfolio.status_reason = reason.map(str::to_owned);
    let portfolio = store(change, portfolio).await?;
    if portfolio
        .deadline
        .is_some_and(|deadline| deadline > change.now())
    {
        // A job that is due may be under way: it holds its row and waits for this portfolio. It will
        // find nothing left to do.
        change
            .unschedule(PORTFOLIO_DEADLINE, portfolio.id.as_str())
            .await?;
    }
    let payload = json!({
        "from": rules::name(from), "to": rules::name(to), "reason": reason, "version": portfolio.version,
    });
    change.record(NewEvent::on_portfolio(
        &portfolio,
        "portfolio.status_changed",
        payload,
    ));
    Ok(portfolio)
}

fn invalid_transition(from: Status, to: Status) -> Error {
    Error::InvalidTransition {
        from: rules::name(from).to_owned(),
        to: rules::name(to).to_owned(),
        allowed: rules::allowed(from)
            .iter()
            .map(|&status| rules::name(status).to_owned())
            .collect(),
    }
}

async fn lock(change: &Change<'_>, id: &PortfolioId) -> Result<portfolio::Model> {
    portfolio::Entity::find_by_id(id.clone())
        .lock(LockType::NoKeyUpdate)
        .one(change.db())
        .await?
        .ok_or_else(|| Error::not_found("portfolio", id.as_str()))
}

async fn open_for_writing(
    change: &Change<'_>,
    id: &PortfolioId,
    expected_version: Option<i64>,
) -> Result<portfolio::Model> {
    let portfolio = lock(change, id).await?;
    policy::may(
        change.actor(),
        Action::Write,
        Resource::Portfolio(&portfolio),
    )?;
    check_version(&portfolio, expected_version)?;
    if portfolio.status != Status::Active {
        return Err(Error::PortfolioClosed {
            id: portfolio.id.clone(),
            status: rules::name(portfolio.status),
        });
    }
    Ok(portfolio)
}

fn check_version(portfolio: &portfolio::Model, expected: Option<i64>) -> Result<()> {
    match expected {
        Some(expected) if expected != portfolio.version => Err(Error::VersionConflict {
            expected,
            current: portfolio.version,
        }),
        _ => Ok(()),
    }
}

async fn store(change: &Change<'_>, mut portfolio: portfolio::Model) -> Result<portfolio::Model> {
    portfolio.version += 1;
    portfolio.updated_at = change.now();
    portfolio::Entity::update(portfolio.clone().into_active_model().reset_all())
        .exec(change.db())
        .await?;
    Ok(portfolio)
}

async fn schedule_deadline(change: &mut Change<'_>, portfolio: &portfolio::Model) -> Result<()> {
    match portfolio.deadline {
        Some(deadline) => {
            change
                .schedule(
                    PORTFOLIO_DEADLINE,
                    portfolio.id.as_str(),
                    deadline,
                    json!({}),
                )
                .await
        }
        None => {
            change
                .unschedule(PORTFOLIO_DEADLINE, portfolio.id.as_str())
                .await
        }
    }
}

fn member_ids(id: &PortfolioId) -> sea_orm::sea_query::SelectStatement {
    use sea_orm::QueryTrait;
    portfolio_member::Entity::find()
        .select_only()
        .column(portfolio_member::Column::IntentId)
        .filter(portfolio_member::Column::PortfolioId.eq(id.clone()))
        .into_query()
}

async fn counts(change: &Change<'_>, id: &PortfolioId) -> Result<Counts> {
    Ok(intent::Entity::find()
        .select_only()
        .column(intent::Column::Status)
        .expr(Expr::cust("COUNT(*)"))
        .filter(intent::Column::Id.in_subquery(member_ids(id)))
        .group_by(intent::Column::Status)
        .into_tuple::<(IntentStatus, i64)>()
        .all(change.db())
        .await?
        .into_iter()
        .collect())
}

async fn blocking_members(
    change: &Change<'_>,
    portfolio: &portfolio::Model,
) -> Result<Vec<IntentId>> {
    let blocking: Vec<IntentStatus> = <IntentStatus as sea_orm::Iterable>::iter()
        .filter(|&status| rules::blocks_completion(portfolio, status))
        .collect();
    Ok(intent::Entity::find()
        .select_only()
        .column(intent::Column::Id)
        .filter(intent::Column::Id.in_subquery(member_ids(&portfolio.id)))
        .filter(intent::Column::Status.is_in(blocking))
        .order_by_asc(intent::Column::Id)
        .limit(100)
        .into_tuple()
        .all(change.db())
        .await?)
}

async fn refuse_second_primary(
    change: &Change<'_>,
    id: &PortfolioId,
    intent_id: &IntentId,
) -> Result<()> {
    let primary = portfolio_member::Entity::find()
        .filter(portfolio_member::Column::PortfolioId.eq(id.clone()))
        .filter(portfolio_member::Column::Role.eq(Role::Primary))
        .filter(portfolio_member::Column::IntentId.ne(intent_id.clone()))
        .one(change.db())
        .await?;
    match primary {
        Some(primary) => Err(Error::AlreadyExists(format!(
            "the portfolio has a primary intent, `{}`; give that one another role first",
            primary.intent_id
        ))),
        None => Ok(()),
    }
}

async fn refuse_too_many(change: &Change<'_>, id: &PortfolioId) -> Result<()> {
    use sea_orm::PaginatorTrait;
    let count = portfolio_member::Entity::find()
        .filter(portfolio_member::Column::PortfolioId.eq(id.clone()))
        .count(change.db())
        .await?;
    let count = usize::try_from(count)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    input::at_most(
        "the number of members",
        count,
        usize::try_from(MAX_MEMBERS).unwrap_or(usize::MAX),
    )
}

fn check(app: &App, changes: &PortfolioChanges) -> Result<()> {
    if let Some(name) = &changes.name {
        input::name(&["name"], name)?;
    }
    let text = |value: &Option<Option<String>>| value.clone().flatten();
    input::optional_text(&["description"], text(&changes.description).as_deref())?;
    input::optional_name(&["namespace"], text(&changes.namespace).as_deref())?;
    let max_bytes = app.config().limits.state_bytes;
    for (path, object) in [
        (["metadata"].as_slice(), &changes.metadata),
        (
            ["governance", "sharedConstraints"].as_slice(),
            &changes.governance.shared_constraints,
        ),
    ] {
        if let Some(object) = object {
            input::object(path, object, max_bytes)?;
        }
    }
    if let Some(Some(threshold)) = changes.governance.auto_complete_threshold {
        let path = ["governance", "autoCompleteThreshold"];
        input::within(&path, threshold.into(), 1, 100)?;
    }
    Ok(())
}

/// Sets what is given, and says what that was, for the event.
fn apply(
    portfolio: &mut portfolio::Model,
    changes: &PortfolioChanges,
) -> Result<Map<String, Value>> {
    let mut changed = Map::new();
    let mut note = |name: &str, value: Value| changed.insert(name.to_owned(), value);
    if let Some(name) = &changes.name {
        portfolio.name.clone_from(name);
        note("name", json!(name));
    }
    if let Some(description) = &changes.description {
        portfolio.description.clone_from(description);
        note("description", json!(description));
    }
    if let Some(namespace) = &changes.namespace {
        portfolio.namespace.clone_from(namespace);
        note("namespace", json!(namespace));
    }
    if let Some(metadata) = &changes.metadata {
        portfolio.metadata = Object(metadata.clone());
        note("metadata", json!(metadata));
    }
    let governance = &changes.governance;
    if let Some(all) = governance.require_all_completed {
        portfolio.require_all_completed = all;
        note("require_all_completed", json!(all));
    }
    if let Some(partial) = governance.allow_partial_completion {
        portfolio.allow_partial_completion = partial;
        note("allow_partial_completion", json!(partial));
    }
    if let Some(threshold) = governance.auto_complete_threshold {
        portfolio.auto_complete_threshold = threshold;
        note("auto_complete_threshold", json!(threshold));
    }
    if let Some(constraints) = &governance.shared_constraints {
        portfolio.shared_constraints = Object(constraints.clone());
        note("shared_constraints", json!(constraints));
    }
    if let Some(deadline) = governance.deadline {
        portfolio.deadline = deadline;
        note("deadline", json!(deadline.map(|moment| moment.to_string())));
    }
    if portfolio.require_all_completed
        && portfolio
            .auto_complete_threshold
            .is_some_and(|threshold| threshold < 100)
    {
        return Err(Error::input(
            &["governance"],
            "a portfolio that requires all to be completed cannot complete by itself below 100 per cent: set `requireAllCompleted` to false or leave the threshold out",
        ));
    }
    Ok(changed)
}

/// One portfolio, if there is one that the actor may see.
///
/// # Errors
/// The database fails.
pub async fn find(app: &App, actor: &Actor, id: &PortfolioId) -> Result<Option<portfolio::Model>> {
    Ok(portfolio::Entity::find_by_id(id.clone())
        .filter(policy::visible_portfolios(actor))
        .one(app.database().reads())
        .await?)
}
