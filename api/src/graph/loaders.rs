//! Nested lists of intents along the graph, and what is computed over them, for many intents at once.

use std::{collections::HashMap, hash::Hash, str::FromStr};

use async_graphql::{Context, dataloader::Loader};
use openintent_entities::{
    id::IntentId,
    intent::{self, Status},
    intent_dependency,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QueryTrait, Statement,
    sea_query::{
        BinOper, CommonTableExpression, Expr, ExprTrait, JoinType, Query, SelectStatement,
        UnionType, WithClause,
    },
};

use crate::{
    db::expression,
    error::{Error, Result},
    intent::rules,
    loaders::{Loaders, grouped, load},
    page::{Listing, Page, Window},
    policy,
};

/// How listed intents belong to the one that lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Directly below it.
    Children,
    /// Directly below it, open for work.
    ReadyChildren,
    /// Directly below it, blocked.
    BlockedChildren,
    /// Anywhere below it.
    Descendants,
    /// What it depends on.
    Dependencies,
    /// What depends on it.
    Dependents,
}

/// A page of an intent's related intents.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Related {
    /// Whose.
    pub of: IntentId,
    /// Which.
    pub relation: Relation,
    /// Which part of them.
    pub window: Window,
}

/// How many related intents there are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RelatedCount {
    /// Whose.
    pub of: IntentId,
    /// Which.
    pub relation: Relation,
}

impl RelatedCount {
    /// Counts them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(load(ctx, self.clone()).await?.unwrap_or(0))
    }
}

/// A list of ids as a subquery, in one parameter however long it is.
fn id_list(backend: DbBackend, ids: &[IntentId]) -> Expr {
    let list = serde_json::to_string(ids).unwrap_or_default();
    let sql = match backend {
        DbBackend::Postgres => "(SELECT json_array_elements_text(CAST($1 AS json)))",
        _ => "(SELECT value FROM json_each($1))",
    };
    expression(backend, sql, list)
}

/// Pairs of an owner and an intent anywhere below it, as the table `below`.
fn below(backend: DbBackend, owners: &[IntentId]) -> WithClause {
    let id = || Expr::col((intent::Entity, intent::Column::Id));
    let parent = || Expr::col((intent::Entity, intent::Column::ParentId));
    let mut pairs = Query::select()
        .expr(parent())
        .expr(id())
        .from(intent::Entity)
        .and_where(among(backend, parent(), owners))
        .to_owned();
    let deeper = Query::select()
        .expr(Expr::col(("below", "owner")))
        .expr(id())
        .from(intent::Entity)
        .join(
            JoinType::InnerJoin,
            "below",
            parent().eq(Expr::col(("below", "id"))),
        )
        .to_owned();
    // Each intent has one parent, so nothing is reached twice.
    pairs.union(UnionType::All, deeper);
    let table = CommonTableExpression::new()
        .query(pairs)
        .columns(["owner", "id"])
        .table_name("below")
        .to_owned();
    WithClause::new().recursive(true).cte(table).to_owned()
}

/// Whether a column has one of these ids.
pub(crate) fn among(backend: DbBackend, column: Expr, ids: &[IntentId]) -> Expr {
    column.binary(BinOper::In, id_list(backend, ids))
}

impl Relation {
    fn listing(self, loaders: &Loaders, owners: &[IntentId]) -> Listing {
        let backend = loaders.app.database().reads().get_database_backend();
        let mut select: SelectStatement = intent::Entity::find()
            .filter(policy::visible_intents(&loaders.actor))
            .into_query();
        let id = || Expr::col((intent::Entity, intent::Column::Id));
        let edge = |column| Expr::col((intent_dependency::Entity, column));
        let owner = match self {
            Self::Children | Self::ReadyChildren | Self::BlockedChildren => {
                let status = Expr::col((intent::Entity, intent::Column::Status));
                match self {
                    Self::ReadyChildren => select.and_where(status.eq(rules::name(Status::Active))),
                    Self::BlockedChildren => {
                        select.and_where(status.eq(rules::name(Status::Blocked)))
                    }
                    _ => &mut select,
                };
                Expr::col((intent::Entity, intent::Column::ParentId))
            }
            Self::Dependencies | Self::Dependents => {
                let (own, other) = match self {
                    Self::Dependencies => (
                        intent_dependency::Column::IntentId,
                        intent_dependency::Column::DependsOnId,
                    ),
                    _ => (
                        intent_dependency::Column::DependsOnId,
                        intent_dependency::Column::IntentId,
                    ),
                };
                select.inner_join(intent_dependency::Entity, edge(other).eq(id()));
                edge(own)
            }
            Self::Descendants => {
                select.with_cte(below(backend, owners)).join(
                    JoinType::InnerJoin,
                    "below",
                    Expr::col(("below", "id")).eq(id()),
                );
                Expr::col(("below", "owner"))
            }
        };
        if self != Self::Descendants {
            select.and_where(among(backend, owner.clone(), owners));
        }
        Listing {
            select,
            owner: Some(owner),
            rank: None,
            id: id(),
            descending: false,
        }
    }
}

impl Loader<Related> for Loaders {
    type Value = Page<intent::Model>;
    type Error = Error;

    async fn load(&self, keys: &[Related]) -> Result<HashMap<Related, Page<intent::Model>>> {
        let mut loaded = HashMap::new();
        // The same field with the same arguments is one statement, for however many intents.
        let alike = grouped(
            keys.iter()
                .map(|key| ((key.relation, key.window.clone()), key.of.clone())),
        );
        for ((relation, window), owners) in alike {
            let mut listing = relation.listing(self, &owners);
            let only = listing.of_one(&owners);
            for (owner, page) in listing.pages(self.app.database().reads(), &window).await? {
                if let Some(of) = only.clone().or_else(|| owner.parse().ok()) {
                    loaded.insert(
                        Related {
                            of,
                            relation,
                            window: window.clone(),
                        },
                        page,
                    );
                }
            }
        }
        Ok(loaded)
    }
}

impl Loader<RelatedCount> for Loaders {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[RelatedCount]) -> Result<HashMap<RelatedCount, i64>> {
        let mut loaded = HashMap::new();
        for (relation, owners) in grouped(keys.iter().map(|key| (key.relation, key.of.clone()))) {
            let mut listing = relation.listing(self, &owners);
            let only = listing.of_one(&owners);
            for (owner, count) in listing.counts(self.app.database().reads()).await? {
                if let Some(of) = only.clone().or_else(|| owner.parse().ok()) {
                    loaded.insert(RelatedCount { of, relation }, count);
                }
            }
        }
        Ok(loaded)
    }
}

/// The intents above an intent, nearest first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AncestorsOf(pub IntentId);

#[derive(Debug, FromQueryResult)]
struct Line {
    owner: IntentId,
    id: IntentId,
}

impl Loader<AncestorsOf> for Loaders {
    type Value = Vec<intent::Model>;
    type Error = Error;

    async fn load(&self, keys: &[AncestorsOf]) -> Result<HashMap<AncestorsOf, Self::Value>> {
        let db = self.app.database().reads();
        let backend = db.get_database_backend();
        let source = match backend {
            DbBackend::Postgres => "SELECT json_array_elements_text(CAST($1 AS json))",
            _ => "SELECT value FROM json_each($1)",
        };
        let sql = format!(
            "WITH RECURSIVE above(owner, id, distance) AS (\
             SELECT id, parent_id, 1 FROM intents WHERE parent_id IS NOT NULL AND id IN ({source}) \
             UNION ALL SELECT above.owner, intents.parent_id, above.distance + 1 \
             FROM above JOIN intents ON intents.id = above.id WHERE intents.parent_id IS NOT NULL) \
             SELECT owner, id FROM above ORDER BY owner, distance"
        );
        let ids: Vec<&IntentId> = keys.iter().map(|key| &key.0).collect();
        let list = serde_json::to_string(&ids).unwrap_or_default();
        let lines =
            Line::find_by_statement(Statement::from_sql_and_values(backend, sql, [list.into()]))
                .all(db)
                .await?;
        let above: Vec<IntentId> = lines.iter().map(|line| line.id.clone()).collect();
        let intents: HashMap<IntentId, intent::Model> = self.load(&above).await?;
        Ok(grouped(lines.into_iter().filter_map(|line| {
            Some((AncestorsOf(line.owner), intents.get(&line.id)?.clone()))
        })))
    }
}

/// The dependencies of an intent that are not completed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnmetOf(pub IntentId);

impl Loader<UnmetOf> for Loaders {
    type Value = Vec<intent::Model>;
    type Error = Error;

    async fn load(&self, keys: &[UnmetOf]) -> Result<HashMap<UnmetOf, Self::Value>> {
        let db = self.app.database().reads();
        let edges = intent_dependency::Entity::find()
            .filter(intent_dependency::Column::IntentId.is_in(keys.iter().map(|key| key.0.clone())))
            .order_by_asc(intent_dependency::Column::DependsOnId)
            .all(db)
            .await?;
        let ids: Vec<IntentId> = edges
            .iter()
            .map(|edge| edge.depends_on_id.clone())
            .collect();
        let open: HashMap<IntentId, intent::Model> = intent::Entity::find()
            .filter(among(
                db.get_database_backend(),
                Expr::col((intent::Entity, intent::Column::Id)),
                &ids,
            ))
            .filter(intent::Column::Status.ne(Status::Completed))
            .filter(policy::visible_intents(&self.actor))
            .all(db)
            .await?
            .into_iter()
            .map(|row| (row.id.clone(), row))
            .collect();
        Ok(grouped(edges.into_iter().filter_map(|edge| {
            Some((
                UnmetOf(edge.intent_id),
                open.get(&edge.depends_on_id)?.clone(),
            ))
        })))
    }
}

/// What the children of an intent make together (RFC-0002).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AggregateOf(pub IntentId);

/// How far a set of intents is.
#[derive(Debug, Clone, Default)]
pub struct Aggregate {
    /// How many have which status.
    pub counts: std::collections::BTreeMap<Status, i64>,
    /// Those that are open for work, a hundred at the most.
    pub ready: Vec<IntentId>,
    /// Open ones that others wait for, a hundred at the most.
    pub blocking: Vec<IntentId>,
}

impl Loader<AggregateOf> for Loaders {
    type Value = Aggregate;
    type Error = Error;

    async fn load(&self, keys: &[AggregateOf]) -> Result<HashMap<AggregateOf, Aggregate>> {
        let db = self.app.database().reads();
        let owners: Vec<IntentId> = keys.iter().map(|key| key.0.clone()).collect();
        let children = Relation::Children.listing(self, &owners);
        let mut loaded: HashMap<IntentId, Aggregate> = HashMap::new();
        for (owner, status, count) in status_counts(db, &children).await? {
            loaded
                .entry(owner)
                .or_default()
                .counts
                .insert(status, count);
        }
        let hundred = Window::new(Some(crate::page::MAX_SIZE), None, None, None)?;
        let ready = Relation::ReadyChildren.listing(self, &owners);
        let mut blocking = children;
        only_blocking(&mut blocking.select);
        for (owner, ids) in listed_ids(db, &ready, &hundred).await? {
            loaded.entry(owner).or_default().ready = ids;
        }
        for (owner, ids) in listed_ids(db, &blocking, &hundred).await? {
            loaded.entry(owner).or_default().blocking = ids;
        }
        Ok(loaded
            .into_iter()
            .map(|(owner, aggregate)| (AggregateOf(owner), aggregate))
            .collect())
    }
}

/// Of intents, only open ones that other open ones depend on.
pub(crate) fn only_blocking(select: &mut SelectStatement) {
    let status = Expr::col((intent::Entity, intent::Column::Status));
    select
        .and_where(status.is_not_in([
            rules::name(Status::Completed),
            rules::name(Status::Abandoned),
        ]))
        .and_where(Expr::cust(
            "EXISTS (SELECT 1 FROM intent_dependencies AS edges JOIN intents AS waiting \
             ON waiting.id = edges.intent_id WHERE edges.depends_on_id = intents.id \
             AND waiting.status NOT IN ('completed', 'abandoned'))",
        ));
}

/// Only the keys of a list's rows are wanted.
#[derive(Debug, FromQueryResult)]
struct Nothing {}

/// The ids in each owner's list, as far as the window goes.
pub(crate) async fn listed_ids<O: FromStr + Hash + Eq>(
    db: &impl ConnectionTrait,
    listing: &Listing,
    window: &Window,
) -> Result<Vec<(O, Vec<IntentId>)>> {
    let mut listing = listing.clone();
    listing.select.clear_selects();
    let pages = listing.pages::<Nothing>(db, window).await?;
    Ok(pages
        .into_iter()
        .filter_map(|(owner, page)| {
            let ids = page
                .rows
                .into_iter()
                .filter_map(|(key, _)| key.id.parse().ok())
                .collect();
            Some((owner.parse().ok()?, ids))
        })
        .collect())
}

/// How many intents in each owner's list have which status.
pub(crate) async fn status_counts<O: FromStr>(
    db: &impl ConnectionTrait,
    listing: &Listing,
) -> Result<Vec<(O, Status, i64)>> {
    let Some(owner) = listing.owner.clone() else {
        return Err(Error::broken("statuses are counted per owner"));
    };
    let status = Expr::col((intent::Entity, intent::Column::Status));
    let counted = listing
        .select
        .clone()
        .clear_selects()
        .expr_as(owner.clone(), "owner")
        .expr_as(status.clone(), "status")
        .expr_as(Expr::cust("COUNT(*)"), "count")
        .add_group_by([owner, status])
        .to_owned();
    let mut counts = Vec::new();
    for row in db.query_all(&counted).await? {
        let owner: String = row.try_get("", "owner")?;
        if let Ok(owner) = owner.parse() {
            counts.push((owner, row.try_get("", "status")?, row.try_get("", "count")?));
        }
    }
    Ok(counts)
}
