// Written by `cargo run -p openintent-client-gen`. Do not edit: change schema.graphql and run it again.

//! What programs send.

use serde::Serialize;

use crate::*;

/// Which scope to lease.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AcquireLeaseInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// The intent.
    pub intent_id: Id,
    /// The top-level key of the intent's state to cover, e.g. `hotel_search`.
    pub scope: String,
    /// How long, 1 to 86400 seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<i64>,
}

impl AcquireLeaseInput {
    /// With what is required; everything else is left out.
    pub fn new(intent_id: impl Into<Id>, scope: impl Into<String>) -> Self {
        Self {
            idempotency_key: Default::default(),
            intent_id: intent_id.into(),
            scope: scope.into(),
            duration_seconds: Default::default(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }

    /// How long, 1 to 86400 seconds.
    #[must_use]
    pub fn duration_seconds(mut self, duration_seconds: impl Into<i64>) -> Self {
        self.duration_seconds = Some(duration_seconds.into());
        self
    }
}

/// Which dependencies to add to which intent.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AddDependencyInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// The intent that shall wait.
    pub intent_id: Id,
    /// What it shall wait for.
    pub depends_on: Vec<Id>,
    /// Refuse when the intent has another version than this.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub expected_version: Maybe<i64>,
}

impl AddDependencyInput {
    /// With what is required; everything else is left out.
    pub fn new(
        intent_id: impl Into<Id>,
        depends_on: impl IntoIterator<Item = impl Into<Id>>,
    ) -> Self {
        Self {
            idempotency_key: Default::default(),
            intent_id: intent_id.into(),
            depends_on: depends_on.into_iter().map(Into::into).collect(),
            expected_version: Default::default(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }

    /// Refuse when the intent has another version than this.
    #[must_use]
    pub fn expected_version(mut self, expected_version: impl Into<Maybe<i64>>) -> Self {
        self.expected_version = expected_version.into();
        self
    }
}

/// Which intent to add to which portfolio.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AddIntentToPortfolioInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// The portfolio.
    pub portfolio_id: Id,
    /// The intent. Adding one that is there already changes its role and priority.
    pub intent_id: Id,
    /// What it is to the portfolio. There is one primary at the most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<PortfolioRole>,
    /// 0 to 1000, higher is more urgent; 0 if not given.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub priority: Maybe<i64>,
}

impl AddIntentToPortfolioInput {
    /// With what is required; everything else is left out.
    pub fn new(portfolio_id: impl Into<Id>, intent_id: impl Into<Id>) -> Self {
        Self {
            idempotency_key: Default::default(),
            portfolio_id: portfolio_id.into(),
            intent_id: intent_id.into(),
            role: Default::default(),
            priority: Default::default(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }

    /// What it is to the portfolio. There is one primary at the most.
    #[must_use]
    pub fn role(mut self, role: impl Into<PortfolioRole>) -> Self {
        self.role = Some(role.into());
        self
    }

    /// 0 to 1000, higher is more urgent; 0 if not given.
    #[must_use]
    pub fn priority(mut self, priority: impl Into<Maybe<i64>>) -> Self {
        self.priority = priority.into();
        self
    }
}

/// Adds a value to the end of a list.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppendPatch {
    /// Where the list is, e.g. `/findings`.
    pub path: String,
    /// What; null if left out.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub value: Maybe<Value>,
}

impl AppendPatch {
    /// With what is required; everything else is left out.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            value: Default::default(),
        }
    }

    /// What; null if left out.
    #[must_use]
    pub fn value(mut self, value: impl Into<Value>) -> Self {
        self.value = Maybe::Value(value.into());
        self
    }
}

/// An agent to assign.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AssignAgentInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// The intent.
    pub intent_id: Id,
    /// The agent, free text.
    pub agent_id: String,
    /// What it is there for; `worker` if not given.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub role: Maybe<String>,
}

impl AssignAgentInput {
    /// With what is required; everything else is left out.
    pub fn new(intent_id: impl Into<Id>, agent_id: impl Into<String>) -> Self {
        Self {
            idempotency_key: Default::default(),
            intent_id: intent_id.into(),
            agent_id: agent_id.into(),
            role: Default::default(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }

    /// What it is there for; `worker` if not given.
    #[must_use]
    pub fn role(mut self, role: impl Into<Maybe<String>>) -> Self {
        self.role = role.into();
        self
    }
}

/// A new intent below another.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateChildIntentInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// The intent that it is a part of; it cannot be changed later.
    pub parent_id: Id,
    /// What is wanted, in one line.
    pub title: String,
    /// What kind of goal it is, e.g. `compliance.review`.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub r#type: Maybe<String>,
    /// What is wanted, at length.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub description: Maybe<String>,
    /// What a solution must respect.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub constraints: Maybe<Object>,
    /// The first state. Keys that begin with `_` are the server's own.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub state: Maybe<Object>,
    /// 0 to 100; 0 if not given.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub confidence: Maybe<i64>,
    /// 0 to 1000, higher is more urgent; 0 if not given.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub priority: Maybe<i64>,
    /// Free-text tags, 64 at the most.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub tags: Maybe<Vec<String>>,
    /// Free-text namespace.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub namespace: Maybe<String>,
    /// What must complete before it.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub depends_on: Maybe<Vec<Id>>,
    /// When it should be done.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub deadline: Maybe<DateTime>,
    /// True leaves it a draft until its status is set to active.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub draft: Maybe<bool>,
}

impl CreateChildIntentInput {
    /// With what is required; everything else is left out.
    pub fn new(parent_id: impl Into<Id>, title: impl Into<String>) -> Self {
        Self {
            idempotency_key: Default::default(),
            parent_id: parent_id.into(),
            title: title.into(),
            r#type: Default::default(),
            description: Default::default(),
            constraints: Default::default(),
            state: Default::default(),
            confidence: Default::default(),
            priority: Default::default(),
            tags: Default::default(),
            namespace: Default::default(),
            depends_on: Default::default(),
            deadline: Default::default(),
            draft: Default::default(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }

    /// What kind of goal it is, e.g. `compliance.review`.
    #[must_use]
    pub fn r#type(mut self, r#type: impl Into<Maybe<String>>) -> Self {
        self.r#type = r#type.into();
        self
    }

    /// What is wanted, at length.
    #[must_use]
    pub fn description(mut self, description: impl Into<Maybe<String>>) -> Self {
        self.description = description.into();
        self
    }

    /// What a solution must respect.
    #[must_use]
    pub fn constraints(mut self, constraints: impl Into<Maybe<Object>>) -> Self {
        self.constraints = constraints.into();
        self
    }

    /// The first state. Keys that begin with `_` are the server's own.
    #[must_use]
    pub fn state(mut self, state: impl Into<Maybe<Object>>) -> Self {
        self.state = state.into();
        self
    }

    /// 0 to 100; 0 if not given.
    #[must_use]
    pub fn confidence(mut self, confidence: impl Into<Maybe<i64>>) -> Self {
        self.confidence = confidence.into();
        self
    }

    /// 0 to 1000, higher is more urgent; 0 if not given.
    #[must_use]
    pub fn priority(mut self, priority: impl Into<Maybe<i64>>) -> Self {
        self.priority = priority.into();
        self
    }

    /// Free-text tags, 64 at the most.
    #[must_use]
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tags = Maybe::Value(tags.into_iter().map(Into::into).collect());
        self
    }

    /// Free-text namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<Maybe<String>>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// What must complete before it.
    #[must_use]
    pub fn depends_on(mut self, depends_on: impl IntoIterator<Item = impl Into<Id>>) -> Self {
        self.depends_on = Maybe::Value(depends_on.into_iter().map(Into::into).collect());
        self
    }

    /// When it should be done.
    #[must_use]
    pub fn deadline(mut self, deadline: impl Into<Maybe<DateTime>>) -> Self {
        self.deadline = deadline.into();
        self
    }

    /// True leaves it a draft until its status is set to active.
    #[must_use]
    pub fn draft(mut self, draft: impl Into<Maybe<bool>>) -> Self {
        self.draft = draft.into();
        self
    }
}

/// A new intent.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateIntentInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// What is wanted, in one line.
    pub title: String,
    /// What kind of goal it is, e.g. `compliance.review`.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub r#type: Maybe<String>,
    /// What is wanted, at length.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub description: Maybe<String>,
    /// What a solution must respect.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub constraints: Maybe<Object>,
    /// The first state. Keys that begin with `_` are the server's own.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub state: Maybe<Object>,
    /// 0 to 100; 0 if not given.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub confidence: Maybe<i64>,
    /// 0 to 1000, higher is more urgent; 0 if not given.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub priority: Maybe<i64>,
    /// Free-text tags, 64 at the most.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub tags: Maybe<Vec<String>>,
    /// Free-text namespace.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub namespace: Maybe<String>,
    /// The intent that it is a part of; it cannot be changed later.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub parent_id: Maybe<Id>,
    /// What must complete before it.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub depends_on: Maybe<Vec<Id>>,
    /// When it should be done.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub deadline: Maybe<DateTime>,
    /// True leaves it a draft until its status is set to active.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub draft: Maybe<bool>,
}

impl CreateIntentInput {
    /// With what is required; everything else is left out.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            idempotency_key: Default::default(),
            title: title.into(),
            r#type: Default::default(),
            description: Default::default(),
            constraints: Default::default(),
            state: Default::default(),
            confidence: Default::default(),
            priority: Default::default(),
            tags: Default::default(),
            namespace: Default::default(),
            parent_id: Default::default(),
            depends_on: Default::default(),
            deadline: Default::default(),
            draft: Default::default(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }

    /// What kind of goal it is, e.g. `compliance.review`.
    #[must_use]
    pub fn r#type(mut self, r#type: impl Into<Maybe<String>>) -> Self {
        self.r#type = r#type.into();
        self
    }

    /// What is wanted, at length.
    #[must_use]
    pub fn description(mut self, description: impl Into<Maybe<String>>) -> Self {
        self.description = description.into();
        self
    }

    /// What a solution must respect.
    #[must_use]
    pub fn constraints(mut self, constraints: impl Into<Maybe<Object>>) -> Self {
        self.constraints = constraints.into();
        self
    }

    /// The first state. Keys that begin with `_` are the server's own.
    #[must_use]
    pub fn state(mut self, state: impl Into<Maybe<Object>>) -> Self {
        self.state = state.into();
        self
    }

    /// 0 to 100; 0 if not given.
    #[must_use]
    pub fn confidence(mut self, confidence: impl Into<Maybe<i64>>) -> Self {
        self.confidence = confidence.into();
        self
    }

    /// 0 to 1000, higher is more urgent; 0 if not given.
    #[must_use]
    pub fn priority(mut self, priority: impl Into<Maybe<i64>>) -> Self {
        self.priority = priority.into();
        self
    }

    /// Free-text tags, 64 at the most.
    #[must_use]
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tags = Maybe::Value(tags.into_iter().map(Into::into).collect());
        self
    }

    /// Free-text namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<Maybe<String>>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// The intent that it is a part of; it cannot be changed later.
    #[must_use]
    pub fn parent_id(mut self, parent_id: impl Into<Maybe<Id>>) -> Self {
        self.parent_id = parent_id.into();
        self
    }

    /// What must complete before it.
    #[must_use]
    pub fn depends_on(mut self, depends_on: impl IntoIterator<Item = impl Into<Id>>) -> Self {
        self.depends_on = Maybe::Value(depends_on.into_iter().map(Into::into).collect());
        self
    }

    /// When it should be done.
    #[must_use]
    pub fn deadline(mut self, deadline: impl Into<Maybe<DateTime>>) -> Self {
        self.deadline = deadline.into();
        self
    }

    /// True leaves it a draft until its status is set to active.
    #[must_use]
    pub fn draft(mut self, draft: impl Into<Maybe<bool>>) -> Self {
        self.draft = draft.into();
        self
    }
}

/// A new portfolio.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatePortfolioInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// What it is about, in one line.
    pub name: String,
    /// What it is about, at length.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub description: Maybe<String>,
    /// Free-text namespace.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub namespace: Maybe<String>,
    /// Your own data about it.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub metadata: Maybe<Object>,
    /// The rules over its members.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub governance: Maybe<PortfolioGovernanceInput>,
}

impl CreatePortfolioInput {
    /// With what is required; everything else is left out.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            idempotency_key: Default::default(),
            name: name.into(),
            description: Default::default(),
            namespace: Default::default(),
            metadata: Default::default(),
            governance: Default::default(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }

    /// What it is about, at length.
    #[must_use]
    pub fn description(mut self, description: impl Into<Maybe<String>>) -> Self {
        self.description = description.into();
        self
    }

    /// Free-text namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<Maybe<String>>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Your own data about it.
    #[must_use]
    pub fn metadata(mut self, metadata: impl Into<Maybe<Object>>) -> Self {
        self.metadata = metadata.into();
        self
    }

    /// The rules over its members.
    #[must_use]
    pub fn governance(mut self, governance: impl Into<Maybe<PortfolioGovernanceInput>>) -> Self {
        self.governance = governance.into();
        self
    }
}

/// Which events are wanted. All conditions that are given must hold.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventFilter {
    /// Events of this intent.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub intent_id: Maybe<Id>,
    /// Events of this intent and of all intents below it.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub subtree_of: Maybe<Id>,
    /// Events of this portfolio and of the intents that belong to it.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub portfolio_id: Maybe<Id>,
    /// Events that this agent or person caused.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub agent_id: Maybe<String>,
    /// One of these event types; `*` stands for any characters, e.g. `lease_*`. 32 at the most.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub types: Maybe<Vec<String>>,
    /// Events of this trace.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub trace_id: Maybe<String>,
    /// Events in this namespace.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub namespace: Maybe<String>,
}

impl EventFilter {
    /// Everything left out.
    pub fn new() -> Self {
        Self::default()
    }

    /// Events of this intent.
    #[must_use]
    pub fn intent_id(mut self, intent_id: impl Into<Maybe<Id>>) -> Self {
        self.intent_id = intent_id.into();
        self
    }

    /// Events of this intent and of all intents below it.
    #[must_use]
    pub fn subtree_of(mut self, subtree_of: impl Into<Maybe<Id>>) -> Self {
        self.subtree_of = subtree_of.into();
        self
    }

    /// Events of this portfolio and of the intents that belong to it.
    #[must_use]
    pub fn portfolio_id(mut self, portfolio_id: impl Into<Maybe<Id>>) -> Self {
        self.portfolio_id = portfolio_id.into();
        self
    }

    /// Events that this agent or person caused.
    #[must_use]
    pub fn agent_id(mut self, agent_id: impl Into<Maybe<String>>) -> Self {
        self.agent_id = agent_id.into();
        self
    }

    /// One of these event types; `*` stands for any characters, e.g. `lease_*`. 32 at the most.
    #[must_use]
    pub fn types(mut self, types: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.types = Maybe::Value(types.into_iter().map(Into::into).collect());
        self
    }

    /// Events of this trace.
    #[must_use]
    pub fn trace_id(mut self, trace_id: impl Into<Maybe<String>>) -> Self {
        self.trace_id = trace_id.into();
        self
    }

    /// Events in this namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<Maybe<String>>) -> Self {
        self.namespace = namespace.into();
        self
    }
}

/// Which of an intent's events are wanted.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventListFilter {
    /// One of these event types; `*` stands for any characters.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub types: Maybe<Vec<String>>,
}

impl EventListFilter {
    /// Everything left out.
    pub fn new() -> Self {
        Self::default()
    }

    /// One of these event types; `*` stands for any characters.
    #[must_use]
    pub fn types(mut self, types: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.types = Maybe::Value(types.into_iter().map(Into::into).collect());
        self
    }
}

/// Which intents are wanted. All conditions that are given must hold.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IntentFilter {
    /// One of these statuses.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub status: Maybe<Vec<IntentStatus>>,
    /// This type exactly.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub r#type: Maybe<String>,
    /// This tag among others.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub tag: Maybe<String>,
    /// This agent among those assigned.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub agent_id: Maybe<String>,
    /// Created by this agent or person.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub created_by: Maybe<String>,
    /// In this namespace.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub namespace: Maybe<String>,
    /// Directly below this intent.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub parent_id: Maybe<Id>,
    /// In this portfolio.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub portfolio_id: Maybe<Id>,
    /// True: below no other intent. False: below one.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub is_root: Maybe<bool>,
    /// This text in the title or the description, in upper or lower case.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub text: Maybe<String>,
}

impl IntentFilter {
    /// Everything left out.
    pub fn new() -> Self {
        Self::default()
    }

    /// One of these statuses.
    #[must_use]
    pub fn status(mut self, status: impl IntoIterator<Item = impl Into<IntentStatus>>) -> Self {
        self.status = Maybe::Value(status.into_iter().map(Into::into).collect());
        self
    }

    /// This type exactly.
    #[must_use]
    pub fn r#type(mut self, r#type: impl Into<Maybe<String>>) -> Self {
        self.r#type = r#type.into();
        self
    }

    /// This tag among others.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<Maybe<String>>) -> Self {
        self.tag = tag.into();
        self
    }

    /// This agent among those assigned.
    #[must_use]
    pub fn agent_id(mut self, agent_id: impl Into<Maybe<String>>) -> Self {
        self.agent_id = agent_id.into();
        self
    }

    /// Created by this agent or person.
    #[must_use]
    pub fn created_by(mut self, created_by: impl Into<Maybe<String>>) -> Self {
        self.created_by = created_by.into();
        self
    }

    /// In this namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<Maybe<String>>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Directly below this intent.
    #[must_use]
    pub fn parent_id(mut self, parent_id: impl Into<Maybe<Id>>) -> Self {
        self.parent_id = parent_id.into();
        self
    }

    /// In this portfolio.
    #[must_use]
    pub fn portfolio_id(mut self, portfolio_id: impl Into<Maybe<Id>>) -> Self {
        self.portfolio_id = portfolio_id.into();
        self
    }

    /// True: below no other intent. False: below one.
    #[must_use]
    pub fn is_root(mut self, is_root: impl Into<Maybe<bool>>) -> Self {
        self.is_root = is_root.into();
        self
    }

    /// This text in the title or the description, in upper or lower case.
    #[must_use]
    pub fn text(mut self, text: impl Into<Maybe<String>>) -> Self {
        self.text = text.into();
        self
    }
}

/// How to sort intents.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IntentOrder {
    /// By what.
    pub field: IntentOrderField,
    /// Which way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<OrderDirection>,
}

impl IntentOrder {
    /// With what is required; everything else is left out.
    pub fn new(field: impl Into<IntentOrderField>) -> Self {
        Self {
            field: field.into(),
            direction: Default::default(),
        }
    }

    /// Which way.
    #[must_use]
    pub fn direction(mut self, direction: impl Into<OrderDirection>) -> Self {
        self.direction = Some(direction.into());
        self
    }
}

/// Which leases are wanted. All conditions that are given must hold.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeaseFilter {
    /// On this intent.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub intent_id: Maybe<Id>,
    /// Held by this agent.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub agent_id: Maybe<String>,
    /// On this scope.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub scope: Maybe<String>,
    /// With one of these statuses at this moment.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub status: Maybe<Vec<LeaseStatus>>,
}

impl LeaseFilter {
    /// Everything left out.
    pub fn new() -> Self {
        Self::default()
    }

    /// On this intent.
    #[must_use]
    pub fn intent_id(mut self, intent_id: impl Into<Maybe<Id>>) -> Self {
        self.intent_id = intent_id.into();
        self
    }

    /// Held by this agent.
    #[must_use]
    pub fn agent_id(mut self, agent_id: impl Into<Maybe<String>>) -> Self {
        self.agent_id = agent_id.into();
        self
    }

    /// On this scope.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<Maybe<String>>) -> Self {
        self.scope = scope.into();
        self
    }

    /// With one of these statuses at this moment.
    #[must_use]
    pub fn status(mut self, status: impl IntoIterator<Item = impl Into<LeaseStatus>>) -> Self {
        self.status = Maybe::Value(status.into_iter().map(Into::into).collect());
        self
    }
}

/// An event of an agent's own.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEventInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// The intent.
    pub intent_id: Id,
    /// `llm_…`, `tool_call_…`, `stream_…` (RFC-0008), `comment`, or your own type that begins with
    /// `x-`.
    pub r#type: String,
    /// What belongs to it.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub payload: Maybe<Object>,
    /// The event that caused it.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub parent_event_id: Maybe<Id>,
}

impl LogEventInput {
    /// With what is required; everything else is left out.
    pub fn new(intent_id: impl Into<Id>, r#type: impl Into<String>) -> Self {
        Self {
            idempotency_key: Default::default(),
            intent_id: intent_id.into(),
            r#type: r#type.into(),
            payload: Default::default(),
            parent_event_id: Default::default(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }

    /// What belongs to it.
    #[must_use]
    pub fn payload(mut self, payload: impl Into<Maybe<Object>>) -> Self {
        self.payload = payload.into();
        self
    }

    /// The event that caused it.
    #[must_use]
    pub fn parent_event_id(mut self, parent_event_id: impl Into<Maybe<Id>>) -> Self {
        self.parent_event_id = parent_event_id.into();
        self
    }
}

/// Merges an object into an object.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MergePatch {
    /// Where the object is; empty for the whole state.
    pub path: String,
    /// What to merge in.
    pub value: Object,
}

impl MergePatch {
    /// With what is required; everything else is left out.
    pub fn new(path: impl Into<String>, value: impl Into<Object>) -> Self {
        Self {
            path: path.into(),
            value: value.into(),
        }
    }
}

/// Changes to an intent's state. All patches apply, in order, or none does.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PatchStateInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// The intent.
    pub intent_id: Id,
    /// The version that you have seen; with another one nothing is changed.
    pub expected_version: i64,
    /// What to do to the state, 256 patches at the most.
    pub patches: Vec<StatePatch>,
    /// The fencing token of the lease under which you write. The patch is refused when the lease in
    /// force on what you write to has another token, or there is none.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub fencing_token: Maybe<i64>,
}

impl PatchStateInput {
    /// With what is required; everything else is left out.
    pub fn new(
        intent_id: impl Into<Id>,
        expected_version: impl Into<i64>,
        patches: impl IntoIterator<Item = impl Into<StatePatch>>,
    ) -> Self {
        Self {
            idempotency_key: Default::default(),
            intent_id: intent_id.into(),
            expected_version: expected_version.into(),
            patches: patches.into_iter().map(Into::into).collect(),
            fencing_token: Default::default(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }

    /// The fencing token of the lease under which you write. The patch is refused when the lease in
    /// force on what you write to has another token, or there is none.
    #[must_use]
    pub fn fencing_token(mut self, fencing_token: impl Into<Maybe<i64>>) -> Self {
        self.fencing_token = fencing_token.into();
        self
    }
}

/// Which portfolios are wanted. All conditions that are given must hold.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PortfolioFilter {
    /// One of these statuses.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub status: Maybe<Vec<PortfolioStatus>>,
    /// Created by this agent or person.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub created_by: Maybe<String>,
    /// In this namespace.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub namespace: Maybe<String>,
    /// This text in the name or the description, in upper or lower case.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub text: Maybe<String>,
}

impl PortfolioFilter {
    /// Everything left out.
    pub fn new() -> Self {
        Self::default()
    }

    /// One of these statuses.
    #[must_use]
    pub fn status(mut self, status: impl IntoIterator<Item = impl Into<PortfolioStatus>>) -> Self {
        self.status = Maybe::Value(status.into_iter().map(Into::into).collect());
        self
    }

    /// Created by this agent or person.
    #[must_use]
    pub fn created_by(mut self, created_by: impl Into<Maybe<String>>) -> Self {
        self.created_by = created_by.into();
        self
    }

    /// In this namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<Maybe<String>>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// This text in the name or the description, in upper or lower case.
    #[must_use]
    pub fn text(mut self, text: impl Into<Maybe<String>>) -> Self {
        self.text = text.into();
        self
    }
}

/// Rules for a portfolio. Those that are left out stay as they are.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PortfolioGovernanceInput {
    /// It completes only when every member has. True in a new portfolio, unless it completes by
    /// itself below 100 per cent.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub require_all_completed: Maybe<bool>,
    /// It may complete although members failed or were abandoned. False in a new portfolio.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub allow_partial_completion: Maybe<bool>,
    /// Percentage of completed members at which it completes by itself, 1 to 100; null if it shall not.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub auto_complete_threshold: Maybe<i64>,
    /// Constraints that all members inherit.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub shared_constraints: Maybe<Object>,
    /// When members that wait for a person are abandoned, and the portfolio with them unless it may
    /// complete.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub deadline: Maybe<DateTime>,
}

impl PortfolioGovernanceInput {
    /// Everything left out.
    pub fn new() -> Self {
        Self::default()
    }

    /// It completes only when every member has. True in a new portfolio, unless it completes by
    /// itself below 100 per cent.
    #[must_use]
    pub fn require_all_completed(mut self, require_all_completed: impl Into<Maybe<bool>>) -> Self {
        self.require_all_completed = require_all_completed.into();
        self
    }

    /// It may complete although members failed or were abandoned. False in a new portfolio.
    #[must_use]
    pub fn allow_partial_completion(
        mut self,
        allow_partial_completion: impl Into<Maybe<bool>>,
    ) -> Self {
        self.allow_partial_completion = allow_partial_completion.into();
        self
    }

    /// Percentage of completed members at which it completes by itself, 1 to 100; null if it shall not.
    #[must_use]
    pub fn auto_complete_threshold(
        mut self,
        auto_complete_threshold: impl Into<Maybe<i64>>,
    ) -> Self {
        self.auto_complete_threshold = auto_complete_threshold.into();
        self
    }

    /// Constraints that all members inherit.
    #[must_use]
    pub fn shared_constraints(mut self, shared_constraints: impl Into<Maybe<Object>>) -> Self {
        self.shared_constraints = shared_constraints.into();
        self
    }

    /// When members that wait for a person are abandoned, and the portfolio with them unless it may
    /// complete.
    #[must_use]
    pub fn deadline(mut self, deadline: impl Into<Maybe<DateTime>>) -> Self {
        self.deadline = deadline.into();
        self
    }
}

/// Which lease to give back.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseLeaseInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// The lease.
    pub lease_id: Id,
}

impl ReleaseLeaseInput {
    /// With what is required; everything else is left out.
    pub fn new(lease_id: impl Into<Id>) -> Self {
        Self {
            idempotency_key: Default::default(),
            lease_id: lease_id.into(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }
}

/// Which dependency to remove from which intent.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoveDependencyInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// The intent that waits.
    pub intent_id: Id,
    /// What it shall not wait for any more.
    pub depends_on: Id,
    /// Refuse when the intent has another version than this.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub expected_version: Maybe<i64>,
}

impl RemoveDependencyInput {
    /// With what is required; everything else is left out.
    pub fn new(intent_id: impl Into<Id>, depends_on: impl Into<Id>) -> Self {
        Self {
            idempotency_key: Default::default(),
            intent_id: intent_id.into(),
            depends_on: depends_on.into(),
            expected_version: Default::default(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }

    /// Refuse when the intent has another version than this.
    #[must_use]
    pub fn expected_version(mut self, expected_version: impl Into<Maybe<i64>>) -> Self {
        self.expected_version = expected_version.into();
        self
    }
}

/// Which intent to take out of which portfolio.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoveIntentFromPortfolioInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// The portfolio.
    pub portfolio_id: Id,
    /// The intent.
    pub intent_id: Id,
}

impl RemoveIntentFromPortfolioInput {
    /// With what is required; everything else is left out.
    pub fn new(portfolio_id: impl Into<Id>, intent_id: impl Into<Id>) -> Self {
        Self {
            idempotency_key: Default::default(),
            portfolio_id: portfolio_id.into(),
            intent_id: intent_id.into(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }
}

/// Takes a value away.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RemovePatch {
    /// Where, e.g. `/findings/0`.
    pub path: String,
}

impl RemovePatch {
    /// With what is required; everything else is left out.
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into() }
    }
}

/// Which lease to prolong.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RenewLeaseInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// The lease.
    pub lease_id: Id,
    /// How long from now on, 1 to 86400 seconds; as long as the last time if left out.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub duration_seconds: Maybe<i64>,
}

impl RenewLeaseInput {
    /// With what is required; everything else is left out.
    pub fn new(lease_id: impl Into<Id>) -> Self {
        Self {
            idempotency_key: Default::default(),
            lease_id: lease_id.into(),
            duration_seconds: Default::default(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }

    /// How long from now on, 1 to 86400 seconds; as long as the last time if left out.
    #[must_use]
    pub fn duration_seconds(mut self, duration_seconds: impl Into<Maybe<i64>>) -> Self {
        self.duration_seconds = duration_seconds.into();
        self
    }
}

/// Which lease to take away.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RevokeLeaseInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// The lease.
    pub lease_id: Id,
    /// Why.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub reason: Maybe<String>,
}

impl RevokeLeaseInput {
    /// With what is required; everything else is left out.
    pub fn new(lease_id: impl Into<Id>) -> Self {
        Self {
            idempotency_key: Default::default(),
            lease_id: lease_id.into(),
            reason: Default::default(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }

    /// Why.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<Maybe<String>>) -> Self {
        self.reason = reason.into();
        self
    }
}

/// Puts a value in place.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SetPatch {
    /// Where, e.g. `/findings/0/title`.
    pub path: String,
    /// What; null if left out.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub value: Maybe<Value>,
}

impl SetPatch {
    /// With what is required; everything else is left out.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            value: Default::default(),
        }
    }

    /// What; null if left out.
    #[must_use]
    pub fn value(mut self, value: impl Into<Value>) -> Self {
        self.value = Maybe::Value(value.into());
        self
    }
}

/// How a portfolio ends.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SetPortfolioStatusInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// The portfolio.
    pub portfolio_id: Id,
    /// The version that you have seen; with another one nothing is changed.
    pub expected_version: i64,
    /// Where to go. It completes only if its governance lets it.
    pub status: PortfolioStatus,
    /// Why.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub reason: Maybe<String>,
}

impl SetPortfolioStatusInput {
    /// With what is required; everything else is left out.
    pub fn new(
        portfolio_id: impl Into<Id>,
        expected_version: impl Into<i64>,
        status: impl Into<PortfolioStatus>,
    ) -> Self {
        Self {
            idempotency_key: Default::default(),
            portfolio_id: portfolio_id.into(),
            expected_version: expected_version.into(),
            status: status.into(),
            reason: Default::default(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }

    /// Why.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<Maybe<String>>) -> Self {
        self.reason = reason.into();
        self
    }
}

/// A step along the status machine.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SetStatusInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// The intent.
    pub intent_id: Id,
    /// The version that you have seen; with another one nothing is changed.
    pub expected_version: i64,
    /// Where to go. Activating a draft with open dependencies makes it blocked.
    pub status: IntentStatus,
    /// Why.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub reason: Maybe<String>,
    /// Only when abandoning: everything below it that is still open is abandoned with it.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub cascade: Maybe<bool>,
}

impl SetStatusInput {
    /// With what is required; everything else is left out.
    pub fn new(
        intent_id: impl Into<Id>,
        expected_version: impl Into<i64>,
        status: impl Into<IntentStatus>,
    ) -> Self {
        Self {
            idempotency_key: Default::default(),
            intent_id: intent_id.into(),
            expected_version: expected_version.into(),
            status: status.into(),
            reason: Default::default(),
            cascade: Default::default(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }

    /// Why.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<Maybe<String>>) -> Self {
        self.reason = reason.into();
        self
    }

    /// Only when abandoning: everything below it that is still open is abandoned with it.
    #[must_use]
    pub fn cascade(mut self, cascade: impl Into<Maybe<bool>>) -> Self {
        self.cascade = cascade.into();
        self
    }
}

/// One operation on a state. Paths are JSON Pointers (RFC 6901); a path without a leading `/` is
/// one key.
#[derive(Clone, Debug, Serialize)]
pub enum StatePatch {
    /// Puts a value in place; missing objects on the way are made.
    #[serde(rename = "set")]
    Set(SetPatch),
    /// Adds a value to the end of a list; makes the list when there is nothing.
    #[serde(rename = "append")]
    Append(AppendPatch),
    /// Takes a value away, which must be there.
    #[serde(rename = "remove")]
    Remove(RemovePatch),
    /// Merges an object into an object (RFC 7396): null members are taken away.
    #[serde(rename = "merge")]
    Merge(MergePatch),
}

impl From<SetPatch> for StatePatch {
    fn from(input: SetPatch) -> Self {
        Self::Set(input)
    }
}

impl From<AppendPatch> for StatePatch {
    fn from(input: AppendPatch) -> Self {
        Self::Append(input)
    }
}

impl From<RemovePatch> for StatePatch {
    fn from(input: RemovePatch) -> Self {
        Self::Remove(input)
    }
}

impl From<MergePatch> for StatePatch {
    fn from(input: MergePatch) -> Self {
        Self::Merge(input)
    }
}

/// An agent to take off.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnassignAgentInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// The intent.
    pub intent_id: Id,
    /// The agent.
    pub agent_id: String,
}

impl UnassignAgentInput {
    /// With what is required; everything else is left out.
    pub fn new(intent_id: impl Into<Id>, agent_id: impl Into<String>) -> Self {
        Self {
            idempotency_key: Default::default(),
            intent_id: intent_id.into(),
            agent_id: agent_id.into(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }
}

/// What shall change about an intent. Fields that are left out stay as they are; null clears a
/// field
/// that may be empty.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateIntentInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// The intent.
    pub id: Id,
    /// The version that you have seen; with another one the change is refused.
    pub expected_version: i64,
    /// What is wanted, in one line.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub title: Maybe<String>,
    /// What kind of goal it is.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub r#type: Maybe<String>,
    /// What is wanted, at length.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub description: Maybe<String>,
    /// What a solution must respect; replaces all constraints.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub constraints: Maybe<Object>,
    /// 0 to 100.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub confidence: Maybe<i64>,
    /// 0 to 1000, higher is more urgent.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub priority: Maybe<i64>,
    /// Replaces all tags.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub tags: Maybe<Vec<String>>,
    /// Free-text namespace.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub namespace: Maybe<String>,
    /// When it should be done.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub deadline: Maybe<DateTime>,
}

impl UpdateIntentInput {
    /// With what is required; everything else is left out.
    pub fn new(id: impl Into<Id>, expected_version: impl Into<i64>) -> Self {
        Self {
            idempotency_key: Default::default(),
            id: id.into(),
            expected_version: expected_version.into(),
            title: Default::default(),
            r#type: Default::default(),
            description: Default::default(),
            constraints: Default::default(),
            confidence: Default::default(),
            priority: Default::default(),
            tags: Default::default(),
            namespace: Default::default(),
            deadline: Default::default(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }

    /// What is wanted, in one line.
    #[must_use]
    pub fn title(mut self, title: impl Into<Maybe<String>>) -> Self {
        self.title = title.into();
        self
    }

    /// What kind of goal it is.
    #[must_use]
    pub fn r#type(mut self, r#type: impl Into<Maybe<String>>) -> Self {
        self.r#type = r#type.into();
        self
    }

    /// What is wanted, at length.
    #[must_use]
    pub fn description(mut self, description: impl Into<Maybe<String>>) -> Self {
        self.description = description.into();
        self
    }

    /// What a solution must respect; replaces all constraints.
    #[must_use]
    pub fn constraints(mut self, constraints: impl Into<Maybe<Object>>) -> Self {
        self.constraints = constraints.into();
        self
    }

    /// 0 to 100.
    #[must_use]
    pub fn confidence(mut self, confidence: impl Into<Maybe<i64>>) -> Self {
        self.confidence = confidence.into();
        self
    }

    /// 0 to 1000, higher is more urgent.
    #[must_use]
    pub fn priority(mut self, priority: impl Into<Maybe<i64>>) -> Self {
        self.priority = priority.into();
        self
    }

    /// Replaces all tags.
    #[must_use]
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tags = Maybe::Value(tags.into_iter().map(Into::into).collect());
        self
    }

    /// Free-text namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<Maybe<String>>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// When it should be done.
    #[must_use]
    pub fn deadline(mut self, deadline: impl Into<Maybe<DateTime>>) -> Self {
        self.deadline = deadline.into();
        self
    }
}

/// What shall change about a portfolio. Fields that are left out stay as they are; null clears a
/// field that may be empty.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePortfolioInput {
    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub idempotency_key: Maybe<String>,
    /// The portfolio.
    pub id: Id,
    /// The version that you have seen; with another one nothing is changed.
    pub expected_version: i64,
    /// What it is about, in one line.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub name: Maybe<String>,
    /// What it is about, at length.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub description: Maybe<String>,
    /// Free-text namespace.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub namespace: Maybe<String>,
    /// Your own data about it; replaces all of it.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub metadata: Maybe<Object>,
    /// The rules over its members. They take effect at once.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub governance: Maybe<PortfolioGovernanceInput>,
}

impl UpdatePortfolioInput {
    /// With what is required; everything else is left out.
    pub fn new(id: impl Into<Id>, expected_version: impl Into<i64>) -> Self {
        Self {
            idempotency_key: Default::default(),
            id: id.into(),
            expected_version: expected_version.into(),
            name: Default::default(),
            description: Default::default(),
            namespace: Default::default(),
            metadata: Default::default(),
            governance: Default::default(),
        }
    }

    /// Repeating the mutation with the same key gives the first answer again, for 24 hours.
    #[must_use]
    pub fn idempotency_key(mut self, idempotency_key: impl Into<Maybe<String>>) -> Self {
        self.idempotency_key = idempotency_key.into();
        self
    }

    /// What it is about, in one line.
    #[must_use]
    pub fn name(mut self, name: impl Into<Maybe<String>>) -> Self {
        self.name = name.into();
        self
    }

    /// What it is about, at length.
    #[must_use]
    pub fn description(mut self, description: impl Into<Maybe<String>>) -> Self {
        self.description = description.into();
        self
    }

    /// Free-text namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<Maybe<String>>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Your own data about it; replaces all of it.
    #[must_use]
    pub fn metadata(mut self, metadata: impl Into<Maybe<Object>>) -> Self {
        self.metadata = metadata.into();
        self
    }

    /// The rules over its members. They take effect at once.
    #[must_use]
    pub fn governance(mut self, governance: impl Into<Maybe<PortfolioGovernanceInput>>) -> Self {
        self.governance = governance.into();
        self
    }
}
