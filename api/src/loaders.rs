//! Nested fields load through these, made anew for each request: what many objects ask for at the
//! same time is read by one statement.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{self, Poll, Waker},
    time::Duration,
};

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use openintent_entities::{
    event,
    id::{EventId, IntentId, LeaseId, PortfolioId},
    intent, intent_agent, intent_tag, lease, portfolio, portfolio_member,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use tokio::{
    sync::mpsc::{self, error::SendError},
    task::coop,
};

use crate::{
    app::App,
    auth::Actor,
    error::{Error, Result},
    policy,
};

/// Reads for one request, on behalf of its actor.
#[derive(Debug, Clone)]
pub struct Loaders {
    /// The server.
    pub app: App,
    /// Who asks.
    pub actor: Actor,
}

/// The loaders of a request, for its data, and their reads, for [`Batches::run_with`].
#[must_use]
pub fn loaders(app: &App, actor: &Actor) -> (DataLoader<Loaders>, Batches) {
    let loaders = Loaders {
        app: app.clone(),
        actor: actor.clone(),
    };
    let (sender, batches) = mpsc::unbounded_channel();
    let loader = DataLoader::new(loaders, move |batch| {
        if let Err(SendError(batch)) = sender.send(batch) {
            // Nobody runs them, as in subscriptions.
            tokio::spawn(batch);
        }
    });
    (loader.delay(Duration::ZERO), Batches(batches))
}

/// So often an execution that asks to go on is let go on at once.
const MOST_PORTIONS: usize = 10_000;

/// The reads of a request's loaders. They run in the request's own task, so that everything that can
/// be asked for at one time is asked for before any of it is read: how many statements a query takes
/// does not depend on what other threads do meanwhile.
#[derive(Debug)]
pub struct Batches(mpsc::UnboundedReceiver<BoxFuture<'static, ()>>);

impl Batches {
    /// Runs an execution and the reads that it asks for.
    pub async fn run_with<T>(mut self, execution: impl Future<Output = T>) -> T {
        let mut execution = std::pin::pin!(execution);
        let mut running = FuturesUnordered::new();
        std::future::poll_fn(move |context| {
            let noted = Arc::new(Noted::from(context.waker().clone()));
            let waker = Waker::from(Arc::clone(&noted));
            loop {
                // Long lists are worked through in portions: one that asks to go on has not yet
                // asked for everything. (Without budget, everything of tokio's asks to go on for ever.)
                for _ in 0..MOST_PORTIONS {
                    noted.woken.store(false, Ordering::Release);
                    let polled = execution
                        .as_mut()
                        .poll(&mut task::Context::from_waker(&waker));
                    if let Poll::Ready(done) = polled {
                        return Poll::Ready(done);
                    }
                    if !noted.woken.load(Ordering::Acquire) || !coop::has_budget_remaining() {
                        break;
                    }
                }
                while let Ok(batch) = self.0.try_recv() {
                    running.push(batch);
                }
                let mut any_read = false;
                while let Poll::Ready(Some(())) = running.poll_next_unpin(context) {
                    any_read = true;
                }
                if !any_read {
                    return Poll::Pending;
                }
            }
        })
        .await
    }
}

/// Wakes a task, and notes that it did.
struct Noted {
    woken: AtomicBool,
    task: Waker,
}

impl From<Waker> for Noted {
    fn from(task: Waker) -> Self {
        let woken = AtomicBool::new(false);
        Self { woken, task }
    }
}

impl task::Wake for Noted {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}

/// Loads one value; `None` where there is none.
///
/// # Errors
/// The database fails.
pub async fn load<K>(ctx: &Context<'_>, key: K) -> Result<Option<<Loaders as Loader<K>>::Value>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Loaders: Loader<K, Error = Error>,
{
    of_request::<DataLoader<Loaders>>(ctx)?.load_one(key).await
}

/// The actor of the request.
///
/// # Errors
/// The transport did not say, which is a fault of ours.
pub fn actor<'a>(ctx: &Context<'a>) -> Result<&'a Actor> {
    of_request(ctx)
}

/// The server.
///
/// # Errors
/// The transport did not say, which is a fault of ours.
pub fn app<'a>(ctx: &Context<'a>) -> Result<&'a App> {
    of_request(ctx)
}

fn of_request<'a, T: std::any::Any + Send + Sync>(ctx: &Context<'a>) -> Result<&'a T> {
    ctx.data_opt::<T>()
        .ok_or_else(|| Error::broken(format!("a request without {}", std::any::type_name::<T>())))
}

/// Groups rows by what they belong to.
pub(crate) fn grouped<K: Hash + Eq, V>(
    rows: impl IntoIterator<Item = (K, V)>,
) -> HashMap<K, Vec<V>> {
    let mut groups: HashMap<K, Vec<V>> = HashMap::new();
    for (key, value) in rows {
        groups.entry(key).or_default().push(value);
    }
    groups
}

impl Loader<IntentId> for Loaders {
    type Value = intent::Model;
    type Error = Error;

    async fn load(&self, keys: &[IntentId]) -> Result<HashMap<IntentId, intent::Model>> {
        let rows = intent::Entity::find()
            .filter(intent::Column::Id.is_in(keys.iter().cloned()))
            .filter(policy::visible_intents(&self.actor))
            .all(self.app.database().reads())
            .await?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), row)).collect())
    }
}

impl Loader<PortfolioId> for Loaders {
    type Value = portfolio::Model;
    type Error = Error;

    async fn load(&self, keys: &[PortfolioId]) -> Result<HashMap<PortfolioId, portfolio::Model>> {
        let rows = portfolio::Entity::find()
            .filter(portfolio::Column::Id.is_in(keys.iter().cloned()))
            .filter(policy::visible_portfolios(&self.actor))
            .all(self.app.database().reads())
            .await?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), row)).collect())
    }
}

impl Loader<LeaseId> for Loaders {
    type Value = lease::Model;
    type Error = Error;

    async fn load(&self, keys: &[LeaseId]) -> Result<HashMap<LeaseId, lease::Model>> {
        let rows = lease::Entity::find()
            .filter(lease::Column::Id.is_in(keys.iter().cloned()))
            .filter(lease::Column::IntentId.in_subquery(policy::visible_intent_ids(&self.actor)))
            .all(self.app.database().reads())
            .await?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), row)).collect())
    }
}

impl Loader<EventId> for Loaders {
    type Value = event::Model;
    type Error = Error;

    async fn load(&self, keys: &[EventId]) -> Result<HashMap<EventId, event::Model>> {
        let rows = event::Entity::find()
            .filter(event::Column::Id.is_in(keys.iter().cloned()))
            .filter(event::Column::Position.is_not_null())
            .filter(policy::visible_events(&policy::view(&self.actor)))
            .all(self.app.database().reads())
            .await?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), row)).collect())
    }
}

/// The tags of an intent, in alphabetical order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TagsOf(pub IntentId);

impl Loader<TagsOf> for Loaders {
    type Value = Vec<String>;
    type Error = Error;

    async fn load(&self, keys: &[TagsOf]) -> Result<HashMap<TagsOf, Vec<String>>> {
        let rows = intent_tag::Entity::find()
            .filter(intent_tag::Column::IntentId.is_in(keys.iter().map(|key| key.0.clone())))
            .order_by_asc(intent_tag::Column::Tag)
            .all(self.app.database().reads())
            .await?;
        Ok(grouped(
            rows.into_iter().map(|row| (TagsOf(row.intent_id), row.tag)),
        ))
    }
}

/// The agents assigned to an intent, first assigned first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AgentsOf(pub IntentId);

impl Loader<AgentsOf> for Loaders {
    type Value = Vec<intent_agent::Model>;
    type Error = Error;

    async fn load(&self, keys: &[AgentsOf]) -> Result<HashMap<AgentsOf, Self::Value>> {
        let rows = intent_agent::Entity::find()
            .filter(intent_agent::Column::IntentId.is_in(keys.iter().map(|key| key.0.clone())))
            .order_by_asc(intent_agent::Column::AssignedAt)
            .order_by_asc(intent_agent::Column::AgentId)
            .all(self.app.database().reads())
            .await?;
        Ok(grouped(
            rows.into_iter()
                .map(|row| (AgentsOf(row.intent_id.clone()), row)),
        ))
    }
}

/// The memberships of an intent in portfolios that the actor may see.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MembershipsOf(pub IntentId);

impl Loader<MembershipsOf> for Loaders {
    type Value = Vec<(portfolio_member::Model, portfolio::Model)>;
    type Error = Error;

    async fn load(&self, keys: &[MembershipsOf]) -> Result<HashMap<MembershipsOf, Self::Value>> {
        let db = self.app.database().reads();
        let members = portfolio_member::Entity::find()
            .filter(portfolio_member::Column::IntentId.is_in(keys.iter().map(|key| key.0.clone())))
            .order_by_asc(portfolio_member::Column::PortfolioId)
            .all(db)
            .await?;
        let ids: Vec<PortfolioId> = members
            .iter()
            .map(|member| member.portfolio_id.clone())
            .collect();
        let portfolios: HashMap<PortfolioId, portfolio::Model> = self.load(&ids).await?;
        Ok(grouped(members.into_iter().filter_map(|member| {
            let portfolio = portfolios.get(&member.portfolio_id)?.clone();
            Some((MembershipsOf(member.intent_id.clone()), (member, portfolio)))
        })))
    }
}
