// Written by `cargo run -p openintent-client-gen`. Do not edit: change schema.graphql and run it again.

//! A function for every query.

use serde::Serialize;

use crate::*;

const INTENT: Operation = Operation::query("intent", "($id: ID!)", "(id: $id)", Intent::FIELDS);
const INTENTS: Operation = Operation::query(
    "intents",
    "\
        ($filter: IntentFilter, $orderBy: IntentOrder, $first: Int, $after: String, $last: Int, $before: \
        String)",
    "(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before)",
    IntentConnection::FIELDS,
);
const INTENT_GRAPH: Operation = Operation::query(
    "intentGraph",
    "($id: ID!)",
    "(id: $id)",
    IntentGraph::FIELDS,
);
const LEASE: Operation = Operation::query("lease", "($id: ID!)", "(id: $id)", Lease::FIELDS);
const LEASES: Operation = Operation::query(
    "leases",
    "($filter: LeaseFilter, $first: Int, $after: String, $last: Int, $before: String)",
    "(filter: $filter, first: $first, after: $after, last: $last, before: $before)",
    LeaseConnection::FIELDS,
);
const PORTFOLIO: Operation =
    Operation::query("portfolio", "($id: ID!)", "(id: $id)", Portfolio::FIELDS);
const PORTFOLIOS: Operation = Operation::query(
    "portfolios",
    "($filter: PortfolioFilter, $first: Int, $after: String, $last: Int, $before: String)",
    "(filter: $filter, first: $first, after: $after, last: $last, before: $before)",
    PortfolioConnection::FIELDS,
);
const EVENT: Operation = Operation::query("event", "($id: ID!)", "(id: $id)", Event::FIELDS);
const EVENTS: Operation = Operation::query(
    "events",
    "($filter: EventFilter, $first: Int, $after: String, $last: Int, $before: String)",
    "(filter: $filter, first: $first, after: $after, last: $last, before: $before)",
    EventConnection::FIELDS,
);
const VERIFY_LOG: Operation = Operation::query(
    "verifyLog",
    "($intentId: ID)",
    "(intentId: $intentId)",
    ChainVerification::FIELDS,
);
const NODE: Operation = Operation::query("node", "($id: ID!)", "(id: $id)", Node::FIELDS);
const NODES: Operation = Operation::query("nodes", "($ids: [ID!]!)", "(ids: $ids)", Node::FIELDS);
const VIEWER: Operation = Operation::query("viewer", "", "", Viewer::FIELDS);
const SERVER_INFO: Operation = Operation::query("serverInfo", "", "", ServerInfo::FIELDS);

/// The arguments of [`Client::intents`].
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IntentsArgs {
    /// Only intents that pass this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<IntentFilter>,
    /// How to sort them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_by: Option<IntentOrder>,
    /// Items from the start; 50 if no size is given, 100 at the most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<i64>,
    /// Only items behind this cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Items from the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<i64>,
    /// Only items before this cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

impl IntentsArgs {
    /// Everything left out.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only intents that pass this.
    #[must_use]
    pub fn filter(mut self, filter: impl Into<IntentFilter>) -> Self {
        self.filter = Some(filter.into());
        self
    }

    /// How to sort them.
    #[must_use]
    pub fn order_by(mut self, order_by: impl Into<IntentOrder>) -> Self {
        self.order_by = Some(order_by.into());
        self
    }

    /// Items from the start; 50 if no size is given, 100 at the most.
    #[must_use]
    pub fn first(mut self, first: impl Into<i64>) -> Self {
        self.first = Some(first.into());
        self
    }

    /// Only items behind this cursor.
    #[must_use]
    pub fn after(mut self, after: impl Into<String>) -> Self {
        self.after = Some(after.into());
        self
    }

    /// Items from the end.
    #[must_use]
    pub fn last(mut self, last: impl Into<i64>) -> Self {
        self.last = Some(last.into());
        self
    }

    /// Only items before this cursor.
    #[must_use]
    pub fn before(mut self, before: impl Into<String>) -> Self {
        self.before = Some(before.into());
        self
    }
}

/// The arguments of [`Client::leases`].
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeasesArgs {
    /// Only leases that pass this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<LeaseFilter>,
    /// Items from the start; 50 if no size is given, 100 at the most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<i64>,
    /// Only items behind this cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Items from the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<i64>,
    /// Only items before this cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

impl LeasesArgs {
    /// Everything left out.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only leases that pass this.
    #[must_use]
    pub fn filter(mut self, filter: impl Into<LeaseFilter>) -> Self {
        self.filter = Some(filter.into());
        self
    }

    /// Items from the start; 50 if no size is given, 100 at the most.
    #[must_use]
    pub fn first(mut self, first: impl Into<i64>) -> Self {
        self.first = Some(first.into());
        self
    }

    /// Only items behind this cursor.
    #[must_use]
    pub fn after(mut self, after: impl Into<String>) -> Self {
        self.after = Some(after.into());
        self
    }

    /// Items from the end.
    #[must_use]
    pub fn last(mut self, last: impl Into<i64>) -> Self {
        self.last = Some(last.into());
        self
    }

    /// Only items before this cursor.
    #[must_use]
    pub fn before(mut self, before: impl Into<String>) -> Self {
        self.before = Some(before.into());
        self
    }
}

/// The arguments of [`Client::portfolios`].
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PortfoliosArgs {
    /// Only portfolios that pass this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<PortfolioFilter>,
    /// Items from the start; 50 if no size is given, 100 at the most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<i64>,
    /// Only items behind this cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Items from the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<i64>,
    /// Only items before this cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

impl PortfoliosArgs {
    /// Everything left out.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only portfolios that pass this.
    #[must_use]
    pub fn filter(mut self, filter: impl Into<PortfolioFilter>) -> Self {
        self.filter = Some(filter.into());
        self
    }

    /// Items from the start; 50 if no size is given, 100 at the most.
    #[must_use]
    pub fn first(mut self, first: impl Into<i64>) -> Self {
        self.first = Some(first.into());
        self
    }

    /// Only items behind this cursor.
    #[must_use]
    pub fn after(mut self, after: impl Into<String>) -> Self {
        self.after = Some(after.into());
        self
    }

    /// Items from the end.
    #[must_use]
    pub fn last(mut self, last: impl Into<i64>) -> Self {
        self.last = Some(last.into());
        self
    }

    /// Only items before this cursor.
    #[must_use]
    pub fn before(mut self, before: impl Into<String>) -> Self {
        self.before = Some(before.into());
        self
    }
}

/// The arguments of [`Client::events`].
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventsArgs {
    /// Only events that pass this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<EventFilter>,
    /// Items from the start; 50 if no size is given, 100 at the most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<i64>,
    /// Only items behind this cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Items from the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<i64>,
    /// Only items before this cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

impl EventsArgs {
    /// Everything left out.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only events that pass this.
    #[must_use]
    pub fn filter(mut self, filter: impl Into<EventFilter>) -> Self {
        self.filter = Some(filter.into());
        self
    }

    /// Items from the start; 50 if no size is given, 100 at the most.
    #[must_use]
    pub fn first(mut self, first: impl Into<i64>) -> Self {
        self.first = Some(first.into());
        self
    }

    /// Only items behind this cursor.
    #[must_use]
    pub fn after(mut self, after: impl Into<String>) -> Self {
        self.after = Some(after.into());
        self
    }

    /// Items from the end.
    #[must_use]
    pub fn last(mut self, last: impl Into<i64>) -> Self {
        self.last = Some(last.into());
        self
    }

    /// Only items before this cursor.
    #[must_use]
    pub fn before(mut self, before: impl Into<String>) -> Self {
        self.before = Some(before.into());
        self
    }
}

impl Client {
    /// One intent; null when there is none with this id, or it is hidden from you.
    pub fn intent(&self, id: impl Into<Id>) -> Call<Option<Intent>> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Variables {
            id: Id,
        }
        self.call(INTENT, Variables { id: id.into() })
    }

    /// All intents that you may see, newest first if no order is given.
    pub fn intents(&self, args: IntentsArgs) -> Call<IntentConnection> {
        self.call(INTENTS, args)
    }

    /// All intents that you may see, newest first if no order is given.
    ///
    /// Page after page, as one stream.
    pub fn intents_stream(&self, args: IntentsArgs) -> NodeStream<IntentConnection> {
        self.pages(INTENTS, args)
    }

    /// The whole graph from an intent on: everything below it, and everything that this depends on.
    /// Null when the intent is not there or hidden from you; refused when the graph is larger than the
    /// server gives in one answer.
    pub fn intent_graph(&self, id: impl Into<Id>) -> Call<Option<IntentGraph>> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Variables {
            id: Id,
        }
        self.call(INTENT_GRAPH, Variables { id: id.into() })
    }

    /// One lease; null when there is none with this id, or it is hidden from you.
    pub fn lease(&self, id: impl Into<Id>) -> Call<Option<Lease>> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Variables {
            id: Id,
        }
        self.call(LEASE, Variables { id: id.into() })
    }

    /// All leases that you may see, newest first.
    pub fn leases(&self, args: LeasesArgs) -> Call<LeaseConnection> {
        self.call(LEASES, args)
    }

    /// All leases that you may see, newest first.
    ///
    /// Page after page, as one stream.
    pub fn leases_stream(&self, args: LeasesArgs) -> NodeStream<LeaseConnection> {
        self.pages(LEASES, args)
    }

    /// One portfolio; null when there is none with this id, or it is hidden from you.
    pub fn portfolio(&self, id: impl Into<Id>) -> Call<Option<Portfolio>> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Variables {
            id: Id,
        }
        self.call(PORTFOLIO, Variables { id: id.into() })
    }

    /// All portfolios that you may see, newest first.
    pub fn portfolios(&self, args: PortfoliosArgs) -> Call<PortfolioConnection> {
        self.call(PORTFOLIOS, args)
    }

    /// All portfolios that you may see, newest first.
    ///
    /// Page after page, as one stream.
    pub fn portfolios_stream(&self, args: PortfoliosArgs) -> NodeStream<PortfolioConnection> {
        self.pages(PORTFOLIOS, args)
    }

    /// One event; null when there is none with this id, or it is hidden from you.
    pub fn event(&self, id: impl Into<Id>) -> Call<Option<Event>> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Variables {
            id: Id,
        }
        self.call(EVENT, Variables { id: id.into() })
    }

    /// All events that you may see, oldest first.
    pub fn events(&self, args: EventsArgs) -> Call<EventConnection> {
        self.call(EVENTS, args)
    }

    /// All events that you may see, oldest first.
    ///
    /// Page after page, as one stream.
    pub fn events_stream(&self, args: EventsArgs) -> NodeStream<EventConnection> {
        self.pages(EVENTS, args)
    }

    /// Recomputes the hash chain of a stream from what is stored: an intent's, or without an id the
    /// `system` stream (operators). Reads the whole stream.
    pub fn verify_log(&self, intent_id: impl Into<Maybe<Id>>) -> Call<ChainVerification> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Variables {
            #[serde(skip_serializing_if = "Maybe::is_absent")]
            intent_id: Maybe<Id>,
        }
        self.call(
            VERIFY_LOG,
            Variables {
                intent_id: intent_id.into(),
            },
        )
    }

    /// Anything by its id; null when there is no such thing, or it is hidden from you.
    pub fn node(&self, id: impl Into<Id>) -> Call<Option<Node>> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Variables {
            id: Id,
        }
        self.call(NODE, Variables { id: id.into() })
    }

    /// Several things by their ids, 100 at the most, in the order of the ids.
    pub fn nodes(&self, ids: impl IntoIterator<Item = impl Into<Id>>) -> Call<Vec<Option<Node>>> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Variables {
            ids: Vec<Id>,
        }
        self.call(
            NODES,
            Variables {
                ids: ids.into_iter().map(Into::into).collect(),
            },
        )
    }

    /// Who you are to the server.
    pub fn viewer(&self) -> Call<Viewer> {
        self.call(VIEWER, ())
    }

    /// What the server is.
    pub fn server_info(&self) -> Call<ServerInfo> {
        self.call(SERVER_INFO, ())
    }
}
