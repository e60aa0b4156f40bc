//! Queries of the graph as a whole.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, Result};
use openintent_entities::{
    id::IntentId,
    intent::{self, Status},
    intent_dependency,
};
use sea_orm::{EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Statement, sea_query::Expr};

use super::{
    loaders::among,
    rules,
    types::{IntentGraph, IntentGraphEdge, IntentGraphEdgeKind},
};
use crate::{
    error::{self, Error},
    input,
    intent::types::Intent,
    loaders::{actor, app},
    policy,
};

/// Queries of the graph as a whole.
#[derive(Debug, Default)]
pub struct GraphQuery;

#[derive(Debug, FromQueryResult)]
struct Reached {
    id: IntentId,
}

/// What is below an intent, and what any of that depends on, however far.
const REACHABLE: &str = "WITH RECURSIVE reachable(id) AS (\
     SELECT CAST($1 AS TEXT) \
     UNION SELECT edges.target FROM reachable JOIN (\
         SELECT intent_id AS source, depends_on_id AS target FROM intent_dependencies \
         UNION ALL SELECT parent_id, id FROM intents WHERE parent_id IS NOT NULL\
     ) AS edges ON edges.source = reachable.id) \
     SELECT id FROM reachable LIMIT $2";

#[Object]
impl GraphQuery {
    /// The whole graph from an intent on: everything below it, and everything that this depends on.
    /// Null when the intent is not there or hidden from you; refused when the graph is larger than the
    /// server gives in one answer.
    async fn intent_graph(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The intent to start from.")] id: ID,
    ) -> Result<Option<IntentGraph>> {
        let Ok(id) = id.parse::<IntentId>() else {
            return Ok(None);
        };
        Ok(graph(ctx, &id).await?)
    }
}

async fn graph(ctx: &Context<'_>, id: &IntentId) -> error::Result<Option<IntentGraph>> {
    let (app, actor) = (app(ctx)?, actor(ctx)?);
    let db = app.database().reads();
    let backend = db.get_database_backend();
    let limit = app.config().limits.graph_nodes;
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let statement =
        Statement::from_sql_and_values(backend, REACHABLE, [id.as_str().into(), most.into()]);
    let reached: Vec<IntentId> = Reached::find_by_statement(statement)
        .all(db)
        .await?
        .into_iter()
        .map(|row| row.id)
        .collect();
    input::at_most("the number of intents in one graph", reached.len(), limit)?;
    let reachable = |column: Expr| among(backend, column, &reached);
    let intents = intent::Entity::find()
        .filter(reachable(Expr::col((intent::Entity, intent::Column::Id))))
        .filter(policy::visible_intents(actor))
        .order_by_asc(intent::Column::Id)
        .all(db)
        .await?;
    let place: HashMap<&IntentId, usize> = intents
        .iter()
        .enumerate()
        .map(|(place, intent)| (&intent.id, place))
        .collect();
    if !place.contains_key(id) {
        return Ok(None);
    }
    let dependencies = intent_dependency::Entity::find()
        .filter(reachable(Expr::col((
            intent_dependency::Entity,
            intent_dependency::Column::IntentId,
        ))))
        .order_by_asc(intent_dependency::Column::IntentId)
        .order_by_asc(intent_dependency::Column::DependsOnId)
        .all(db)
        .await?;
    let mut edges = Vec::new();
    let mut waits_for = Vec::new();
    let mut add = |from: &IntentId, to: &IntentId, kind| {
        if let (Some(&from_place), Some(&to_place)) = (place.get(from), place.get(to)) {
            waits_for.push((from_place, to_place));
            edges.push(IntentGraphEdge {
                from: ID(from.to_string()),
                to: ID(to.to_string()),
                kind,
            });
        }
    };
    for intent in &intents {
        if let Some(parent) = &intent.parent_id {
            add(parent, &intent.id, IntentGraphEdgeKind::Child);
        }
    }
    for edge in &dependencies {
        add(
            &edge.intent_id,
            &edge.depends_on_id,
            IntentGraphEdgeKind::Dependency,
        );
    }
    let places: Vec<usize> = (0..intents.len()).collect();
    let order = rules::topological_order(&places, &waits_for);
    let is_done =
        |place: usize| matches!(intents[place].status, Status::Completed | Status::Abandoned);
    let path = rules::critical_path(&order, &waits_for, is_done);
    let ids = |places: Vec<usize>| {
        places
            .into_iter()
            .map(|place| ID(intents[place].id.to_string()))
            .collect()
    };
    if order.len() != intents.len() {
        return Err(Error::broken("the stored graph has a cycle"));
    }
    let (topological_order, critical_path) = (ids(order), ids(path));
    let nodes = intents.into_iter().map(Intent).collect();
    Ok(Some(IntentGraph {
        nodes,
        edges,
        topological_order,
        critical_path,
    }))
}
