//! Queries of intents.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use openintent_entities::{
    id::{IntentId, PortfolioId},
    intent, intent_agent, intent_tag, portfolio_member,
};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Func, LikeExpr, extension::sqlite::SqliteExpr},
};

use super::types::{Intent, IntentConnection, IntentStatus, ListCount};
use crate::{
    input,
    loaders::{actor, app},
    page::{Listing, Window},
    policy,
    scalar::id,
};

/// Queries of intents.
#[derive(Debug, Default)]
pub struct IntentQuery;

/// Which intents are wanted. All conditions that are given must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct IntentFilter {
    /// One of these statuses.
    pub status: Option<Vec<IntentStatus>>,
    /// This type exactly.
    pub r#type: Option<String>,
    /// This tag among others.
    pub tag: Option<String>,
    /// This agent among those assigned.
    pub agent_id: Option<String>,
    /// Created by this agent or person.
    pub created_by: Option<String>,
    /// In this namespace.
    pub namespace: Option<String>,
    /// Directly below this intent.
    pub parent_id: Option<ID>,
    /// In this portfolio.
    pub portfolio_id: Option<ID>,
    /// True: below no other intent. False: below one.
    pub is_root: Option<bool>,
    /// This text in the title or the description, in upper or lower case.
    pub text: Option<String>,
}

/// What intents can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum IntentOrderField {
    /// When they were created.
    CreatedAt,
    /// When they were last changed.
    UpdatedAt,
    /// How urgent they are.
    Priority,
    /// When they should be done. Those without a deadline count as latest.
    Deadline,
}

/// Which way to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum OrderDirection {
    /// Lowest or oldest first.
    Asc,
    /// Highest or newest first.
    Desc,
}

/// How to sort intents.
#[derive(Debug, Clone, InputObject)]
pub struct IntentOrder {
    /// By what.
    pub field: IntentOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Desc")]
    pub direction: OrderDirection,
}

#[Object]
impl IntentQuery {
    /// One intent; null when there is none with this id, or it is hidden from you.
    async fn intent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The intent's id.")] id: ID,
    ) -> Result<Option<Intent>> {
        let Ok(id) = id.parse::<IntentId>() else {
            return Ok(None);
        };
        let found = intent::Entity::find_by_id(id)
            .filter(policy::visible_intents(actor(ctx)?))
            .one(app(ctx)?.database().reads())
            .await
            .map_err(crate::error::Error::from)?;
        Ok(found.map(Intent))
    }

    /// All intents that you may see, newest first if no order is given.
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of a Relay connection"
    )]
    async fn intents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only intents that pass this.")] filter: Option<IntentFilter>,
        #[graphql(desc = "How to sort them.")] order_by: Option<IntentOrder>,
        #[graphql(desc = "Items from the start; 50 if no size is given, 100 at the most.")]
        first: Option<i32>,
        #[graphql(desc = "Only items behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Items from the end.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Result<IntentConnection> {
        let window = Window::new(first, after.as_deref(), last, before.as_deref())?;
        let order = order_by.unwrap_or(IntentOrder {
            field: IntentOrderField::CreatedAt,
            direction: OrderDirection::Desc,
        });
        let filter = filter.unwrap_or_default();
        check_text(filter.text.as_deref())?;
        let backend = app(ctx)?.database().reads().get_database_backend();
        let Some(condition) = condition(backend, filter) else {
            let nothing = listing(
                intent::Entity::find()
                    .filter(Expr::cust("1 = 0"))
                    .into_query(),
                &order,
            );
            return Ok(IntentConnection::new(
                Default::default(),
                ListCount(nothing),
            ));
        };
        let select = intent::Entity::find()
            .filter(condition)
            .filter(policy::visible_intents(actor(ctx)?))
            .into_query();
        let listing = listing(select, &order);
        let mut pages = listing.pages(app(ctx)?.database().reads(), &window).await?;
        Ok(IntentConnection::new(
            pages.remove("").unwrap_or_default(),
            ListCount(listing),
        ))
    }
}

fn listing(select: sea_orm::sea_query::SelectStatement, order: &IntentOrder) -> Listing {
    let column = |column| Expr::col((intent::Entity, column));
    let rank = match order.field {
        // Ids sort by creation time.
        IntentOrderField::CreatedAt => None,
        IntentOrderField::UpdatedAt => Some(column(intent::Column::UpdatedAt)),
        IntentOrderField::Priority => Some(column(intent::Column::Priority).cast_as("BIGINT")),
        IntentOrderField::Deadline => Some(
            Func::coalesce([
                column(intent::Column::Deadline),
                Expr::cust(i64::MAX.to_string()),
            ])
            .into(),
        ),
    };
    Listing {
        select,
        owner: None,
        rank,
        id: column(intent::Column::Id),
        descending: order.direction == OrderDirection::Desc,
    }
}

/// The filter as a condition; `None` when an id in it is none, so that nothing can match.
fn condition(backend: DbBackend, filter: IntentFilter) -> Option<Condition> {
    let mut all = Condition::all();
    if let Some(statuses) = filter.status {
        let statuses = statuses.into_iter().map(intent::Status::from);
        all = all.add(intent::Column::Status.is_in(statuses));
    }
    if let Some(intent_type) = filter.r#type {
        all = all.add(intent::Column::IntentType.eq(intent_type));
    }
    if let Some(created_by) = filter.created_by {
        all = all.add(intent::Column::CreatedBy.eq(created_by));
    }
    if let Some(namespace) = filter.namespace {
        all = all.add(intent::Column::Namespace.eq(namespace));
    }
    if let Some(parent) = filter.parent_id {
        all = all.add(intent::Column::ParentId.eq(id::<IntentId>("intent", &parent).ok()?));
    }
    match filter.is_root {
        Some(true) => all = all.add(intent::Column::ParentId.is_null()),
        Some(false) => all = all.add(intent::Column::ParentId.is_not_null()),
        None => {}
    }
    if let Some(tag) = filter.tag {
        let tagged = intent_tag::Entity::find()
            .select_only()
            .column(intent_tag::Column::IntentId)
            .filter(intent_tag::Column::Tag.eq(tag))
            .into_query();
        all = all.add(intent::Column::Id.in_subquery(tagged));
    }
    if let Some(agent) = filter.agent_id {
        let assigned = intent_agent::Entity::find()
            .select_only()
            .column(intent_agent::Column::IntentId)
            .filter(intent_agent::Column::AgentId.eq(agent))
            .into_query();
        all = all.add(intent::Column::Id.in_subquery(assigned));
    }
    if let Some(portfolio) = filter.portfolio_id {
        let members = portfolio_member::Entity::find()
            .select_only()
            .column(portfolio_member::Column::IntentId)
            .filter(
                portfolio_member::Column::PortfolioId.eq(id::<PortfolioId>(
                    "portfolio",
                    &portfolio,
                )
                .ok()?),
            )
            .into_query();
        all = all.add(intent::Column::Id.in_subquery(members));
    }
    if let Some(text) = filter.text {
        all = all.add(contains(
            backend,
            [
                Expr::col((intent::Entity, intent::Column::Title)),
                Expr::col((intent::Entity, intent::Column::Description)),
            ],
            &text,
        ));
    }
    Some(all)
}

/// Refuses a text to look for that is longer than databases take patterns.
///
/// # Errors
/// `LIMIT_EXCEEDED`.
pub(crate) fn check_text(text: Option<&str>) -> crate::error::Result<()> {
    input::at_most(
        "the length of the text to look for in bytes",
        text.map_or(0, str::len),
        input::MAX_NAME,
    )
}

/// Whether one of the columns contains the text, in upper or lower case.
pub(crate) fn contains(backend: DbBackend, columns: [Expr; 2], text: &str) -> Condition {
    columns.into_iter().fold(Condition::any(), |any, column| {
        any.add(match backend {
            // SQLite's own notion of upper and lower case ends with ASCII.
            DbBackend::Sqlite => column.glob(glob(text)),
            _ => {
                let escaped = text
                    .to_lowercase()
                    .replace('\\', "\\\\")
                    .replace('%', "\\%")
                    .replace('_', "\\_");
                let pattern = LikeExpr::new(format!("%{escaped}%")).escape('\\');
                Expr::expr(Func::lower(column)).like(pattern)
            }
        })
    })
}

/// A pattern of SQLite's `GLOB` for anything that contains the text: each letter stands as the set
/// of its cases.
fn glob(text: &str) -> String {
    let mut pattern = "*".to_owned();
    for char in text.chars() {
        let mut cases = vec![char];
        cases.extend(one(char.to_lowercase()));
        cases.extend(one(char.to_uppercase()));
        cases.dedup();
        if cases.len() > 1 || matches!(char, '*' | '?' | '[') {
            pattern.push('[');
            pattern.extend(cases);
            pattern.push(']');
        } else {
            pattern.push(char);
        }
    }
    pattern.push('*');
    pattern
}

/// The only character, where there is but one.
fn one(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next();
    first.filter(|_| chars.next().is_none())
}
