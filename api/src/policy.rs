//! Who may do what. Call sites say what is done to what; all policy is here.
//!
//! Today a key's role decides. Per-intent access lists (RFC-0011) belong into these same functions:
//! every read, write and pushed event already asks them.

use openintent_entities::{api_key::Role, event, intent, portfolio};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::SelectStatement,
};

use crate::{
    auth::Actor,
    error::{Error, Result},
};

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// See it.
    Read,
    /// Add one of its kind.
    Create,
    /// Change it, or work on it.
    Write,
    /// Take a lease away from its holder.
    RevokeLease,
    /// See what concerns the server itself, such as its keys.
    ReadSystem,
}

/// What it is done to.
#[derive(Debug, Clone, Copy)]
pub enum Resource<'a> {
    /// An intent, with everything that belongs to it.
    Intent(&'a intent::Model),
    /// A portfolio.
    Portfolio(&'a portfolio::Model),
    /// Something that does not exist yet, or the server itself.
    Server,
}

/// What an actor gets to see. Actors with equal views see the same answers to the same query, so
/// their subscriptions share one execution.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct View {
    system_events: bool,
}

/// The view of an actor.
#[must_use]
pub fn view(actor: &Actor) -> View {
    View {
        system_events: actor.role() >= Role::Operator,
    }
}

/// Whether the actor may do this.
///
/// # Errors
/// `NOT_FOUND` when the resource is hidden from the actor, `FORBIDDEN` when it is not but the action
/// is not allowed.
pub fn may(actor: &Actor, action: Action, resource: Resource<'_>) -> Result<()> {
    let needed = match action {
        Action::Read => Role::Reader,
        Action::Create | Action::Write => Role::Agent,
        Action::ReadSystem => Role::Operator,
        Action::RevokeLease => Role::Admin,
    };
    if actor.role() >= needed {
        return Ok(());
    }
    let what = match resource {
        Resource::Intent(intent) => format!("on the intent `{}`", intent.id),
        Resource::Portfolio(portfolio) => format!("on the portfolio `{}`", portfolio.id),
        Resource::Server => "here".to_owned(),
    };
    Err(Error::Forbidden(format!(
        "the role `{}` may not do this {what}; it takes `{}`",
        role_name(actor.role()),
        role_name(needed)
    )))
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Reader => "reader",
        Role::Agent => "agent",
        Role::Operator => "operator",
        Role::Admin => "admin",
    }
}

/// The intents that the actor may see, as a condition on a query of them.
#[must_use]
pub fn visible_intents(_actor: &Actor) -> Condition {
    Condition::all()
}

/// The ids of the intents that the actor may see, as a subquery.
#[must_use]
pub fn visible_intent_ids(actor: &Actor) -> SelectStatement {
    intent::Entity::find()
        .select_only()
        .column(intent::Column::Id)
        .filter(visible_intents(actor))
        .into_query()
}

/// The portfolios that the actor may see, as a condition on a query of them.
#[must_use]
pub fn visible_portfolios(_actor: &Actor) -> Condition {
    Condition::all()
}

/// The events that a view may see, as a condition on a query of them. What concerns the server
/// itself, such as its keys, is for operators.
#[must_use]
pub fn visible_events(view: &View) -> Condition {
    if view.system_events {
        return Condition::all();
    }
    Condition::any()
        .add(event::Column::IntentId.is_not_null())
        .add(event::Column::PortfolioId.is_not_null())
}

/// Whether a view may see this event. Agrees with [`visible_events`].
#[must_use]
pub fn may_see_event(view: &View, event: &event::Model) -> bool {
    view.system_events || event.intent_id.is_some() || event.portfolio_id.is_some()
}
