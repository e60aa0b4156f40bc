//! The GraphQL schema: the roots of all concepts, merged.

use async_graphql::{MergedObject, MergedSubscription, SDLExportOptions, ValidationMode};

use crate::{
    event::{queries::EventQuery, subscriptions::EventSubscription},
    graph::{mutations::GraphMutation, queries::GraphQuery},
    intent::{mutations::IntentMutation, queries::IntentQuery, subscriptions::IntentSubscription},
    lease::{mutations::LeaseMutation, queries::LeaseQuery},
    portfolio::{
        mutations::PortfolioMutation, queries::PortfolioQuery, subscriptions::PortfolioSubscription,
    },
    server::ServerQuery,
};

/// What can be read.
#[derive(MergedObject, Default)]
pub struct Query(
    IntentQuery,
    GraphQuery,
    LeaseQuery,
    PortfolioQuery,
    EventQuery,
    ServerQuery,
);

/// What can be changed. Each mutation is one transaction: what it answers is on disk.
#[derive(MergedObject, Default)]
pub struct Mutation(
    IntentMutation,
    GraphMutation,
    LeaseMutation,
    PortfolioMutation,
);

/// What can be followed, over a websocket with the protocol `graphql-transport-ws`.
#[derive(MergedSubscription, Default)]
pub struct Subscription(EventSubscription, IntentSubscription, PortfolioSubscription);

/// The schema's type.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Builds the schema. Limits are checked by the transport, before execution.
#[must_use]
pub fn build(mode: ValidationMode) -> Schema {
    Schema::build(
        Query::default(),
        Mutation::default(),
        Subscription::default(),
    )
    .enable_federation()
    .enable_subscription_in_federation()
    .validation_mode(mode)
    .limit_recursive_depth(64)
    .finish()
}

/// The schema in GraphQL's definition language, as an Apollo Federation v2 subgraph.
#[must_use]
pub fn sdl() -> String {
    build(ValidationMode::Strict)
        .sdl_with_options(SDLExportOptions::new().federation().include_specified_by())
}
