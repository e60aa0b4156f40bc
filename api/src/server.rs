//! Queries about the server and whoever asks, and access to anything by its id.

use async_graphql::{Context, Enum, ID, Interface, Object, Result, SimpleObject};
use openintent_entities::{
    api_key::Role,
    id::{EventId, IntentId, LeaseId, PortfolioId},
};

use crate::{
    error::{self, Error},
    event::types::Event,
    input,
    intent::types::Intent,
    lease::types::Lease,
    loaders::{actor, app, load},
    portfolio::types::Portfolio,
    scalar::{Cursor, DateTime},
};

/// The protocol that this server speaks.
pub const PROTOCOL_VERSION: &str = "1.0";

/// Anything that has an id of its own.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The id. Its prefix tells the type."))]
pub enum Node {
    /// An intent.
    Intent(Intent),
    /// A lease.
    Lease(Lease),
    /// A portfolio.
    Portfolio(Portfolio),
    /// An event.
    Event(Event),
}

/// What the holder of an API key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Role")]
pub enum KeyRole {
    /// Reads.
    Reader,
    /// Reads, and works on intents.
    Agent,
    /// What agents may do, and decides where people decide.
    Operator,
    /// Everything.
    Admin,
}

/// Who you are to the server.
#[derive(Debug, Clone, SimpleObject)]
pub struct Viewer {
    /// The id of your API key.
    pub key_id: ID,
    /// The name of your API key.
    pub name: String,
    /// What your key may do.
    pub role: KeyRole,
    /// The agent or person that you act as.
    pub agent_id: String,
    /// Whether your key can act as nobody else.
    pub is_bound: bool,
    /// When your key ends.
    pub expires_at: Option<DateTime>,
}

/// What the server is.
#[derive(Debug, Clone, SimpleObject)]
pub struct ServerInfo {
    /// The program.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The version of the OpenIntent protocol that it speaks.
    pub protocol_version: &'static str,
    /// The database behind it: `SQLite` or `PostgreSQL`.
    pub database: &'static str,
    /// What its clock says. Only this clock decides.
    pub time: DateTime,
    /// The present end of the event log: subscribe with it as `after` to see all that comes.
    pub cursor: Cursor,
}

/// Queries about the server and whoever asks, and access to anything by its id.
#[derive(Debug, Default)]
pub struct ServerQuery;

#[Object]
impl ServerQuery {
    /// Anything by its id; null when there is no such thing, or it is hidden from you.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id.")] id: ID,
    ) -> Result<Option<Node>> {
        Ok(node(ctx, id.as_str()).await?)
    }

    /// Several things by their ids, 100 at the most, in the order of the ids.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        input::at_most("the number of ids", ids.len(), 100)?;
        let nodes = ids.iter().map(|id| node(ctx, id.as_str()));
        Ok(futures_util::future::try_join_all(nodes).await?)
    }

    /// Who you are to the server.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        let actor = actor(ctx)?;
        Ok(Viewer {
            key_id: ID(actor.key_id().to_string()),
            name: actor.key_name().to_owned(),
            role: actor.role().into(),
            agent_id: actor.agent_id().to_owned(),
            is_bound: actor.is_bound(),
            expires_at: actor.expires_at().map(DateTime),
        })
    }

    /// What the server is.
    async fn server_info(&self, ctx: &Context<'_>) -> Result<ServerInfo> {
        let app = app(ctx)?;
        Ok(ServerInfo {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            protocol_version: PROTOCOL_VERSION,
            database: app.database().kind(),
            time: DateTime(app.clock().now()),
            cursor: Cursor(app.log().head()),
        })
    }

    /// An intent, for a gateway that knows its id.
    #[graphql(entity)]
    async fn intent_entity(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Intent>> {
        Ok(of_type::<IntentId, _>(ctx, &id).await?.map(Intent))
    }

    /// A lease, for a gateway that knows its id.
    #[graphql(entity)]
    async fn lease_entity(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Lease>> {
        Ok(of_type::<LeaseId, _>(ctx, &id).await?.map(Lease))
    }

    /// A portfolio, for a gateway that knows its id.
    #[graphql(entity)]
    async fn portfolio_entity(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Portfolio>> {
        Ok(of_type::<PortfolioId, _>(ctx, &id).await?.map(Portfolio))
    }

    /// An event, for a gateway that knows its id.
    #[graphql(entity)]
    async fn event_entity(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Event>> {
        Ok(of_type::<EventId, _>(ctx, &id).await?.map(Event))
    }
}

async fn of_type<K, V>(ctx: &Context<'_>, id: &ID) -> error::Result<Option<V>>
where
    K: std::str::FromStr + Send + Sync + std::hash::Hash + Eq + Clone + 'static,
    V: Send + Sync + Clone + 'static,
    crate::loaders::Loaders: async_graphql::dataloader::Loader<K, Value = V, Error = Error>,
{
    match id.parse::<K>() {
        Ok(id) => load(ctx, id).await,
        Err(_unparsable) => Ok(None),
    }
}

async fn node(ctx: &Context<'_>, text: &str) -> error::Result<Option<Node>> {
    let id = ID(text.to_owned());
    Ok(match text.split_once('_').map(|(prefix, _)| prefix) {
        Some(IntentId::PREFIX) => of_type::<IntentId, _>(ctx, &id)
            .await?
            .map(Intent)
            .map(Node::Intent),
        Some(LeaseId::PREFIX) => of_type::<LeaseId, _>(ctx, &id)
            .await?
            .map(Lease)
            .map(Node::Lease),
        Some(PortfolioId::PREFIX) => of_type::<PortfolioId, _>(ctx, &id)
            .await?
            .map(Portfolio)
            .map(Node::Portfolio),
        Some(EventId::PREFIX) => of_type::<EventId, _>(ctx, &id)
            .await?
            .map(Event)
            .map(Node::Event),
        _ => None,
    })
}
