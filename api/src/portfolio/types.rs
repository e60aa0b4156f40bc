//! GraphQL types of portfolios.

use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use openintent_entities::{
    intent::Status as IntentState,
    portfolio::{self, Status},
    portfolio_member::{self, Role},
};

use super::{
    loaders::{CountsOf, Member, MemberCount, MembersOf},
    rules,
    service::{GovernanceChanges, PortfolioChanges},
};
use crate::{
    connection::connection,
    graph::{loaders::Aggregate, types::AggregateStatus},
    intent::types::{Intent, ListCount, given},
    loaders::load,
    page::Window,
    payload::payload,
    scalar::{DateTime, JsonObject, int},
};

/// Where a portfolio stands: `active → completed, abandoned`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub enum PortfolioStatus {
    /// Open.
    Active,
    /// Done. Terminal.
    Completed,
    /// Given up. Terminal.
    Abandoned,
}

/// What an intent is to a portfolio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "Role")]
pub enum PortfolioRole {
    /// The one intent that stands for the portfolio's goal.
    Primary,
    /// One of its parts.
    Member,
    /// Something that others build on. It orders nothing by itself (RFC-0007): dependencies do.
    Dependency,
}

/// What the members of a portfolio make together (RFC-0007).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "rules::Aggregate")]
pub enum AggregateState {
    /// All members completed, and there are some.
    Completed,
    /// A member failed or was abandoned.
    Failed,
    /// Anything else.
    InProgress,
}

/// A group of intents under shared governance (RFC-0004, RFC-0007). It says nothing about the order
/// in which its members are worked on; dependencies do.
#[derive(Debug, Clone)]
pub struct Portfolio(pub portfolio::Model);

impl From<portfolio::Model> for Portfolio {
    fn from(model: portfolio::Model) -> Self {
        Self(model)
    }
}

/// A group of intents under shared governance (RFC-0004, RFC-0007). It says nothing about the order
/// in which its members are worked on; dependencies do.
#[Object]
impl Portfolio {
    /// `port_…`
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What it is about, in one line.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is about, at length.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// The agent or person that created it.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// Free-text namespace.
    async fn namespace(&self) -> Option<&str> {
        self.0.namespace.as_deref()
    }

    /// Where it stands.
    async fn status(&self) -> PortfolioStatus {
        self.0.status.into()
    }

    /// Why it stands there.
    async fn status_reason(&self) -> Option<&str> {
        self.0.status_reason.as_deref()
    }

    /// The rules over its members.
    async fn governance(&self) -> PortfolioGovernance {
        PortfolioGovernance {
            require_all_completed: self.0.require_all_completed,
            allow_partial_completion: self.0.allow_partial_completion,
            auto_complete_threshold: self.0.auto_complete_threshold,
            shared_constraints: self.0.shared_constraints.clone().into(),
            deadline: self.0.deadline.map(DateTime),
        }
    }

    /// Your own data about it.
    async fn metadata(&self) -> JsonObject {
        self.0.metadata.clone().into()
    }

    /// Counts changes, from 1, members coming and going among them.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }

    /// Its members, most urgent first, then oldest first.
    async fn intents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only members with this role.")] role: Option<PortfolioRole>,
        #[graphql(desc = "Items from the start; 50 if no size is given, 100 at the most.")]
        first: Option<i32>,
        #[graphql(desc = "Only items behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Items from the end.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Result<PortfolioIntentConnection> {
        let window = Window::new(first, after.as_deref(), last, before.as_deref())?;
        let of = self.0.id.clone();
        let page = load(
            ctx,
            MembersOf {
                of: of.clone(),
                role,
                window,
            },
        )
        .await?
        .unwrap_or_default();
        Ok(PortfolioIntentConnection::new(
            page,
            MemberCount { of, role },
        ))
    }

    /// How far its members are.
    async fn aggregate_status(&self, ctx: &Context<'_>) -> Result<AggregateStatus> {
        let aggregate: Aggregate = load(ctx, CountsOf(self.0.id.clone()))
            .await?
            .unwrap_or_default();
        Ok(aggregate.into())
    }

    /// What its members make together.
    async fn aggregate_state(&self, ctx: &Context<'_>) -> Result<AggregateState> {
        let aggregate = load(ctx, CountsOf(self.0.id.clone()))
            .await?
            .unwrap_or_default();
        Ok(rules::aggregate(&aggregate.counts).into())
    }

    /// How many members wait for an answer from a person (RFC-0026).
    async fn suspended_member_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let aggregate = load(ctx, CountsOf(self.0.id.clone()))
            .await?
            .unwrap_or_default();
        Ok(int(aggregate
            .counts
            .get(&IntentState::SuspendedAwaitingInput)
            .copied()
            .unwrap_or(0)))
    }

    /// Whether any member waits for an answer from a person (RFC-0026).
    async fn has_suspended_members(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.suspended_member_count(ctx).await? > 0)
    }
}

/// The rules that a portfolio puts over its members.
#[derive(Debug, Clone, SimpleObject)]
pub struct PortfolioGovernance {
    /// It completes only when every member has.
    pub require_all_completed: bool,
    /// It may complete although members failed or were abandoned.
    pub allow_partial_completion: bool,
    /// Percentage of completed members at which it completes by itself, 1 to 100; null if it does not.
    pub auto_complete_threshold: Option<i32>,
    /// Constraints that all members inherit.
    pub shared_constraints: JsonObject,
    /// At this moment members that wait for a person are abandoned, and the portfolio with them
    /// unless it may complete.
    pub deadline: Option<DateTime>,
}

connection! {
    /// A page of portfolios.
    PortfolioConnection,
    /// A portfolio in a list.
    PortfolioEdge {},
    Portfolio from portfolio::Model, counted by ListCount
}

connection! {
    /// A page of a portfolio's members.
    PortfolioIntentConnection,
    /// A member of a portfolio.
    PortfolioIntentEdge {
        /// What it is to the portfolio.
        role: PortfolioRole = |member| member.membership.role.into(),
        /// Higher is more urgent.
        priority: i32 = |member| member.membership.priority,
        /// Who added it.
        added_by: String = |member| member.membership.added_by.clone(),
        /// When it was added.
        added_at: DateTime = |member| DateTime(member.membership.added_at),
    },
    Intent from Member, counted by MemberCount
}

impl From<Member> for Intent {
    fn from(member: Member) -> Self {
        Self(member.intent)
    }
}

/// An intent's membership in a portfolio.
#[derive(SimpleObject)]
pub struct PortfolioMembership {
    /// The portfolio.
    pub portfolio: Portfolio,
    /// What the intent is to it.
    pub role: PortfolioRole,
    /// Higher is more urgent.
    pub priority: i32,
    /// Who added it.
    pub added_by: String,
    /// When.
    pub added_at: DateTime,
}

impl From<(portfolio_member::Model, portfolio::Model)> for PortfolioMembership {
    fn from((member, portfolio): (portfolio_member::Model, portfolio::Model)) -> Self {
        Self {
            portfolio: Portfolio(portfolio),
            role: member.role.into(),
            priority: member.priority,
            added_by: member.added_by,
            added_at: DateTime(member.added_at),
        }
    }
}

payload! {
    /// What a mutation of a portfolio gives back.
    PortfolioPayload {
        /// The portfolio after the change. Absent when refused.
        portfolio: Portfolio
    } from portfolio::Model
}

/// Rules for a portfolio. Those that are left out stay as they are.
#[derive(Debug, Clone, Default, InputObject)]
pub struct PortfolioGovernanceInput {
    /// It completes only when every member has. True in a new portfolio, unless it completes by
    /// itself below 100 per cent.
    pub require_all_completed: Option<bool>,
    /// It may complete although members failed or were abandoned. False in a new portfolio.
    pub allow_partial_completion: Option<bool>,
    /// Percentage of completed members at which it completes by itself, 1 to 100; null if it shall not.
    pub auto_complete_threshold: MaybeUndefined<i32>,
    /// Constraints that all members inherit.
    pub shared_constraints: Option<JsonObject>,
    /// When members that wait for a person are abandoned, and the portfolio with them unless it may complete.
    pub deadline: MaybeUndefined<DateTime>,
}

impl From<PortfolioGovernanceInput> for GovernanceChanges {
    fn from(input: PortfolioGovernanceInput) -> Self {
        Self {
            require_all_completed: input.require_all_completed,
            allow_partial_completion: input.allow_partial_completion,
            auto_complete_threshold: given(input.auto_complete_threshold),
            shared_constraints: input.shared_constraints.map(|object| object.0),
            deadline: given(input.deadline).map(|deadline| deadline.map(|moment| moment.0)),
        }
    }
}

/// A new portfolio.
#[derive(Debug, Clone, InputObject)]
pub struct CreatePortfolioInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// What it is about, in one line.
    pub name: String,
    /// What it is about, at length.
    pub description: Option<String>,
    /// Free-text namespace.
    pub namespace: Option<String>,
    /// Your own data about it.
    pub metadata: Option<JsonObject>,
    /// The rules over its members.
    pub governance: Option<PortfolioGovernanceInput>,
}

impl From<CreatePortfolioInput> for PortfolioChanges {
    fn from(input: CreatePortfolioInput) -> Self {
        Self {
            name: Some(input.name),
            description: input.description.map(Some),
            namespace: input.namespace.map(Some),
            metadata: input.metadata.map(|object| object.0),
            governance: input.governance.unwrap_or_default().into(),
        }
    }
}

/// What shall change about a portfolio. Fields that are left out stay as they are; null clears a
/// field that may be empty.
#[derive(Debug, Clone, InputObject)]
pub struct UpdatePortfolioInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// The portfolio.
    pub id: ID,
    /// The version that you have seen; with another one nothing is changed.
    pub expected_version: i32,
    /// What it is about, in one line.
    pub name: Option<String>,
    /// What it is about, at length.
    pub description: MaybeUndefined<String>,
    /// Free-text namespace.
    pub namespace: MaybeUndefined<String>,
    /// Your own data about it; replaces all of it.
    pub metadata: Option<JsonObject>,
    /// The rules over its members. They take effect at once.
    pub governance: Option<PortfolioGovernanceInput>,
}

impl From<UpdatePortfolioInput> for PortfolioChanges {
    fn from(input: UpdatePortfolioInput) -> Self {
        Self {
            name: input.name,
            description: given(input.description),
            namespace: given(input.namespace),
            metadata: input.metadata.map(|object| object.0),
            governance: input.governance.unwrap_or_default().into(),
        }
    }
}

/// How a portfolio ends.
#[derive(Debug, Clone, InputObject)]
pub struct SetPortfolioStatusInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// The portfolio.
    pub portfolio_id: ID,
    /// The version that you have seen; with another one nothing is changed.
    pub expected_version: i32,
    /// Where to go. It completes only if its governance lets it.
    pub status: PortfolioStatus,
    /// Why.
    pub reason: Option<String>,
}

/// Which intent to add to which portfolio.
#[derive(Debug, Clone, InputObject)]
pub struct AddIntentToPortfolioInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// The portfolio.
    pub portfolio_id: ID,
    /// The intent. Adding one that is there already changes its role and priority.
    pub intent_id: ID,
    /// What it is to the portfolio. There is one primary at the most.
    #[graphql(default_with = "PortfolioRole::Member")]
    pub role: PortfolioRole,
    /// 0 to 1000, higher is more urgent; 0 if not given.
    pub priority: Option<i32>,
}

/// Which intent to take out of which portfolio.
#[derive(Debug, Clone, InputObject)]
pub struct RemoveIntentFromPortfolioInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    pub idempotency_key: Option<String>,
    /// The portfolio.
    pub portfolio_id: ID,
    /// The intent.
    pub intent_id: ID,
}
