//! What can be done with the edges of the graph, and what status changes mean along them.

use openintent_entities::{
    id::IntentId,
    intent::{self, Status},
    intent_dependency,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Statement,
};
use serde_json::json;

use crate::{
    app::App,
    auth::Actor,
    change::{Change, Committed, NewEvent, Once},
    error::{Error, Result},
    input,
    intent::{
        rules,
        service::{self as intents, MAX_DEPENDENCIES, Move, Moves},
    },
    policy::{self, Action, Resource},
};

/// Descendants that one change touches at the most.
const MAX_CASCADE: usize = 10_000;

#[derive(Debug, FromQueryResult)]
struct Step {
    id: IntentId,
    via: Option<IntentId>,
}

/// Adds dependencies. An active intent that has to wait for one of them becomes blocked.
///
/// # Errors
/// `NOT_FOUND`, `DEPENDENCY_CYCLE`, `VERSION_CONFLICT`, `INTENT_CLOSED`, `BAD_USER_INPUT`,
/// `LIMIT_EXCEEDED`, `FORBIDDEN`.
pub async fn add_dependencies(
    app: &App,
    actor: &Actor,
    once: &Once,
    id: &IntentId,
    depends_on: &[IntentId],
    expected_version: Option<i64>,
) -> Result<Committed<intent::Model>> {
    if depends_on.is_empty() {
        return Err(Error::input(&["dependsOn"], "name at least one intent"));
    }
    app.change(actor, once, |change| {
        Box::pin(async move {
            change.lock_graph().await?;
            let intent = intents::open_for_writing(change, id, expected_version).await?;
            if depends_on.contains(id) {
                return Err(Error::DependencyCycle {
                    cycle: vec![id.clone(), id.clone()],
                });
            }
            let present = dependencies(change, id).await?;
            let mut fresh: Vec<IntentId> = depends_on
                .iter()
                .filter(|dependency| !present.contains(dependency))
                .cloned()
                .collect();
            fresh.sort();
            fresh.dedup();
            if fresh.is_empty() {
                change.without_event();
                return Ok(intent);
            }
            let count = present.len() + fresh.len();
            input::at_most("the number of dependencies", count, MAX_DEPENDENCIES)?;
            for dependency in change.share_intents(&fresh).await? {
                policy::may(actor, Action::Read, Resource::Intent(&dependency))?;
            }
            refuse_cycle(change, id, &fresh).await?;
            intents::insert_dependencies(change, id, &fresh).await?;
            let intent = change.save(intent)?;
            let payload = json!({ "depends_on": fresh, "version": intent.version });
            let cause = change.record(NewEvent::on_intent(&intent, "dependency_added", payload));
            regate(change, intent, Some(cause)).await
        })
    })
    .await
}

/// Removes a dependency. A blocked intent that waited only for it becomes active.
///
/// # Errors
/// `NOT_FOUND` for the intent or the edge, `VERSION_CONFLICT`, `INTENT_CLOSED`, `FORBIDDEN`.
pub async fn remove_dependency(
    app: &App,
    actor: &Actor,
    once: &Once,
    id: &IntentId,
    depends_on: &IntentId,
    expected_version: Option<i64>,
) -> Result<Committed<intent::Model>> {
    app.change(actor, once, |change| {
        Box::pin(async move {
            let intent = intents::open_for_writing(change, id, expected_version).await?;
            let key = (id.clone(), depends_on.clone());
            let removed = intent_dependency::Entity::delete_by_id(key)
                .exec(change.db())
                .await?;
            if removed.rows_affected == 0 {
                return Err(Error::not_found(
                    "dependency of that intent",
                    depends_on.as_str(),
                ));
            }
            let intent = change.save(intent)?;
            let payload = json!({ "depends_on": depends_on, "version": intent.version });
            let cause = change.record(NewEvent::on_intent(&intent, "dependency_removed", payload));
            regate(change, intent, Some(cause)).await
        })
    })
    .await
}

/// Moves an intent through its gate if its edges changed that.
async fn regate(
    change: &mut Change<'_>,
    intent: intent::Model,
    cause: Option<openintent_entities::id::EventId>,
) -> Result<intent::Model> {
    let met = unmet_dependencies(change, &intent.id).await?.is_empty();
    let Some(to) = rules::gate(intent.status, intent.blocked_by_hand, met) else {
        return Ok(intent);
    };
    let id = intent.id.clone();
    let mut moves = Moves::default();
    moves.make(change, intent, to, Some(gate_reason(to)), cause)?;
    moves.settle(change).await?;
    change.lock_intent(&id).await
}

fn gate_reason(to: Status) -> &'static str {
    if to == Status::Active {
        "dependencies_completed"
    } else {
        "waiting_for_dependencies"
    }
}

/// Gates everything that depends on an intent which has just moved.
///
/// # Errors
/// The database fails.
pub async fn regate_dependents(
    change: &mut Change<'_>,
    moves: &mut Moves,
    moved: &Move,
) -> Result<()> {
    if rules::satisfies_dependents(moved.from) == rules::satisfies_dependents(moved.intent.status) {
        return Ok(());
    }
    let ids: Vec<IntentId> = intent_dependency::Entity::find()
        .select_only()
        .column(intent_dependency::Column::IntentId)
        .filter(intent_dependency::Column::DependsOnId.eq(moved.intent.id.clone()))
        .into_tuple()
        .all(change.db())
        .await?;
    // With the dependents locked, the statuses read next are those that decide: of two parallel
    // completions, the second to get the lock sees the first.
    for dependent in change.lock_intents(&ids).await? {
        let met = unmet_dependencies(change, &dependent.id).await?.is_empty();
        if let Some(to) = rules::gate(dependent.status, dependent.blocked_by_hand, met) {
            moves.make(
                change,
                dependent,
                to,
                Some(gate_reason(to)),
                Some(moved.event.clone()),
            )?;
        }
    }
    Ok(())
}

/// Where an intent that wants to become active goes: drafts with open dependencies become blocked,
/// blocked ones stay so.
///
/// # Errors
/// `UNMET_DEPENDENCIES`.
pub async fn gate_activation(change: &mut Change<'_>, intent: &intent::Model) -> Result<Status> {
    let blocking = unmet_dependencies(change, &intent.id).await?;
    match (blocking.is_empty(), intent.status) {
        (true, _) => Ok(Status::Active),
        (false, Status::Draft) => Ok(Status::Blocked),
        (false, _) => Err(Error::UnmetDependencies { blocking }),
    }
}

/// Lets an intent complete only when its dependencies have, and its children have or were given up.
///
/// # Errors
/// `UNMET_DEPENDENCIES`.
pub async fn gate_completion(change: &mut Change<'_>, intent: &intent::Model) -> Result<()> {
    let mut blocking = unmet_dependencies(change, &intent.id).await?;
    let open_children: Vec<IntentId> = intent::Entity::find()
        .select_only()
        .column(intent::Column::Id)
        .filter(intent::Column::ParentId.eq(intent.id.clone()))
        .filter(intent::Column::Status.is_not_in([Status::Completed, Status::Abandoned]))
        .order_by_asc(intent::Column::Id)
        .limit(100)
        .into_tuple()
        .all(change.db())
        .await?;
    blocking.extend(open_children);
    if blocking.is_empty() {
        Ok(())
    } else {
        Err(Error::UnmetDependencies { blocking })
    }
}

async fn dependencies(change: &Change<'_>, id: &IntentId) -> Result<Vec<IntentId>> {
    Ok(intent_dependency::Entity::find()
        .select_only()
        .column(intent_dependency::Column::DependsOnId)
        .filter(intent_dependency::Column::IntentId.eq(id.clone()))
        .into_tuple()
        .all(change.db())
        .await?)
}

/// The dependencies that are not completed. Reads what is stored, so changes must be flushed.
async fn unmet_dependencies(change: &mut Change<'_>, id: &IntentId) -> Result<Vec<IntentId>> {
    change.flush().await?;
    let dependencies = dependencies(change, id).await?;
    if dependencies.is_empty() {
        return Ok(Vec::new());
    }
    Ok(intent::Entity::find()
        .select_only()
        .column(intent::Column::Id)
        .filter(intent::Column::Id.is_in(dependencies))
        .filter(intent::Column::Status.ne(Status::Completed))
        .order_by_asc(intent::Column::Id)
        .into_tuple()
        .all(change.db())
        .await?)
}

/// Locks everything below an intent that is not terminal. The intent itself must be locked.
///
/// # Errors
/// `LIMIT_EXCEEDED` when there is too much of it for one transaction.
pub async fn open_descendants(
    change: &mut Change<'_>,
    id: &IntentId,
) -> Result<Vec<intent::Model>> {
    let mut known = 0;
    loop {
        let ids = descendants(change, id).await?;
        let below = change.lock_intents(&ids).await?;
        // While the locks were waited for, somebody may have added children below what was not
        // locked yet. Once all are locked, nobody can.
        if below.len() == known {
            let open = |intent: &intent::Model| !rules::is_terminal(intent.status);
            return Ok(below.into_iter().filter(open).collect());
        }
        known = below.len();
    }
}

async fn descendants(change: &mut Change<'_>, id: &IntentId) -> Result<Vec<IntentId>> {
    const DESCENDANTS: &str = "WITH RECURSIVE subtree(id) AS (\
         SELECT id FROM intents WHERE parent_id = $1 \
         UNION SELECT intents.id FROM intents JOIN subtree ON intents.parent_id = subtree.id) \
         SELECT id, NULL AS via FROM subtree LIMIT $2";
    change.flush().await?;
    let most = i64::try_from(MAX_CASCADE)
        .unwrap_or(i64::MAX)
        .saturating_add(1);
    let statement = Statement::from_sql_and_values(
        change.db().get_database_backend(),
        DESCENDANTS,
        [id.as_str().into(), most.into()],
    );
    let steps = Step::find_by_statement(statement).all(change.db()).await?;
    input::at_most("the number of descendants", steps.len(), MAX_CASCADE)?;
    Ok(steps.into_iter().map(|step| step.id).collect())
}

/// Refuses edges from `id` to `targets` when `id` can be reached from one of them: along
/// dependencies and from parents to children.
async fn refuse_cycle(change: &Change<'_>, id: &IntentId, targets: &[IntentId]) -> Result<()> {
    match path_to(change, targets, id).await? {
        Some(mut path) => {
            path.insert(0, id.clone());
            Err(Error::DependencyCycle { cycle: path })
        }
        None => Ok(()),
    }
}

/// Refuses a new child that depends on something that waits for its parent.
///
/// # Errors
/// `DEPENDENCY_CYCLE`, without the child, which has no id yet.
pub async fn refuse_cycle_of_child(
    change: &Change<'_>,
    parent: &IntentId,
    depends_on: &[IntentId],
) -> Result<()> {
    if depends_on.is_empty() {
        return Ok(());
    }
    match path_to(change, depends_on, parent).await? {
        Some(mut path) => {
            path.extend(path.first().cloned());
            Err(Error::DependencyCycle { cycle: path })
        }
        None => Ok(()),
    }
}

/// A way from one of the sources to the target, both included, along "waits for". The recursion
/// visits every intent once; each row remembers through which one it was reached.
async fn path_to(
    change: &Change<'_>,
    sources: &[IntentId],
    target: &IntentId,
) -> Result<Option<Vec<IntentId>>> {
    const REACHED: &str = "WITH RECURSIVE \
         waits(id, via) AS (\
             SELECT intents.id, CAST(NULL AS TEXT) FROM intents WHERE intents.id IN (SELECT value FROM sources) \
             UNION \
             SELECT edges.target, waits.id FROM waits JOIN (\
                 SELECT intent_id AS source, depends_on_id AS target FROM intent_dependencies \
                 UNION ALL SELECT parent_id, id FROM intents WHERE parent_id IS NOT NULL\
             ) AS edges ON edges.source = waits.id) \
         SELECT id, via FROM waits";
    if sources.contains(target) {
        return Ok(Some(vec![target.clone()]));
    }
    let backend = change.db().get_database_backend();
    let from = match backend {
        sea_orm::DbBackend::Postgres => {
            "(SELECT json_array_elements_text(CAST($1 AS json)) AS value) AS sources"
        }
        _ => "json_each($1) AS sources",
    };
    let sql = REACHED.replace(
        "(SELECT value FROM sources)",
        &format!("(SELECT sources.value FROM {from})"),
    );
    let list = serde_json::to_string(sources)
        .map_err(|error| Error::broken(format!("ids are not JSON: {error}")))?;
    let statement = Statement::from_sql_and_values(backend, sql, [list.into()]);
    let steps = Step::find_by_statement(statement).all(change.db()).await?;
    let via: std::collections::HashMap<&IntentId, Option<&IntentId>> = steps
        .iter()
        .rev()
        .map(|step| (&step.id, step.via.as_ref()))
        .collect();
    if !via.contains_key(target) {
        return Ok(None);
    }
    let mut path = vec![target.clone()];
    let mut here = target;
    while let Some(Some(before)) = via.get(here) {
        if path.len() > via.len() {
            break;
        }
        path.push((*before).clone());
        here = before;
    }
    path.reverse();
    Ok(Some(path))
}
