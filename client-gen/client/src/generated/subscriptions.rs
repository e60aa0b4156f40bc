// Written by `cargo run -p openintent-client-gen`. Do not edit: change schema.graphql and run it again.

//! A function for every subscription.

use serde::Serialize;

use crate::*;

const SUBSCRIBE_EVENTS: Operation = Operation::subscription(
    "events",
    "($filter: EventFilter, $after: Cursor)",
    "(filter: $filter, after: $after)",
    Event::FIELDS,
);
const SUBSCRIBE_INTENT_UPDATED: Operation = Operation::subscription(
    "intentUpdated",
    "($id: ID!, $after: Cursor)",
    "(id: $id, after: $after)",
    IntentUpdate::FIELDS,
);
const SUBSCRIBE_ASSIGNMENTS: Operation = Operation::subscription(
    "assignments",
    "($agentId: String!, $after: Cursor)",
    "(agentId: $agentId, after: $after)",
    AssignmentUpdate::FIELDS,
);
const SUBSCRIBE_PORTFOLIO_UPDATED: Operation = Operation::subscription(
    "portfolioUpdated",
    "($id: ID!, $after: Cursor)",
    "(id: $id, after: $after)",
    PortfolioUpdate::FIELDS,
);

impl Client {
    /// Every event that passes the filter, once and in order: first what was stored after the given
    /// place, then what happens. To go on after a break, subscribe with the cursor of the last event
    /// that you got: nothing is missed and nothing comes twice.
    pub fn subscribe_events(&self, filter: impl Into<Maybe<EventFilter>>) -> Subscribe<Event> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Variables {
            #[serde(skip_serializing_if = "Maybe::is_absent")]
            filter: Maybe<EventFilter>,
        }
        self.subscription(
            SUBSCRIBE_EVENTS,
            Variables {
                filter: filter.into(),
            },
        )
    }

    /// Everything that happens to one intent, each time with the intent as it is then.
    pub fn subscribe_intent_updated(&self, id: impl Into<Id>) -> Subscribe<IntentUpdate> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Variables {
            id: Id,
        }
        self.subscription(SUBSCRIBE_INTENT_UPDATED, Variables { id: id.into() })
    }

    /// What an agent is given to do: each assignment to an intent, and each time it is taken off one.
    pub fn subscribe_assignments(
        &self,
        agent_id: impl Into<String>,
    ) -> Subscribe<AssignmentUpdate> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Variables {
            agent_id: String,
        }
        self.subscription(
            SUBSCRIBE_ASSIGNMENTS,
            Variables {
                agent_id: agent_id.into(),
            },
        )
    }

    /// Everything that happens to one portfolio and its members, each time with the portfolio as it
    /// is then.
    pub fn subscribe_portfolio_updated(&self, id: impl Into<Id>) -> Subscribe<PortfolioUpdate> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Variables {
            id: Id,
        }
        self.subscription(SUBSCRIBE_PORTFOLIO_UPDATED, Variables { id: id.into() })
    }
}
