//! Short ways to do what most tests do.

use std::{future::Future, sync::Arc};

use openintent_client::{
    AcquireLeaseInput, AddDependencyInput, Client, CreateIntentInput, Error, Event, EventFilter,
    EventsArgs, Id, Intent, IntentStatus, Lease, MutationError, PatchStateInput, SetPatch,
    SetStatusInput, StatePatch, Value,
};
use tokio::sync::Barrier;

pub use openintent_tests::steps::{create_intent as create, object};

/// How many do the same thing at once in a race.
pub const CROWD: usize = 32;

/// Creates an intent.
pub async fn create_with(client: &Client, input: CreateIntentInput) -> Intent {
    client.create_intent(input).await.unwrap().intent
}

/// Creates an intent that waits for others.
pub async fn create_after(client: &Client, title: &str, depends_on: &[&Intent]) -> Intent {
    let depends_on = depends_on.iter().map(|intent| &intent.id);
    create_with(client, CreateIntentInput::new(title).depends_on(depends_on)).await
}

/// Creates an intent below another.
pub async fn create_below(client: &Client, parent: &Intent, title: &str) -> Intent {
    create_with(client, CreateIntentInput::new(title).parent_id(&parent.id)).await
}

/// The intent as it is now.
pub async fn now(client: &Client, intent: &Intent) -> Intent {
    client.intent(&intent.id).await.unwrap().unwrap()
}

/// Moves an intent, whatever version it has.
pub async fn step(client: &Client, intent: &Intent, to: IntentStatus) -> Result<Intent, Error> {
    let version = now(client, intent).await.version;
    let input = SetStatusInput::new(&intent.id, version, to);
    client.set_status(input).await.map(|payload| payload.intent)
}

/// Completes an intent, which must be possible.
pub async fn complete(client: &Client, intent: &Intent) -> Intent {
    step(client, intent, IntentStatus::Completed).await.unwrap()
}

/// Brings a fresh, active intent to a status.
pub async fn bring(client: &Client, intent: &Intent, to: IntentStatus) -> Intent {
    match to {
        IntentStatus::Active => now(client, intent).await,
        to => step(client, intent, to).await.unwrap(),
    }
}

/// Makes an intent wait for others.
pub async fn depend(client: &Client, intent: &Intent, on: &[&Intent]) -> Result<Intent, Error> {
    let on = on.iter().map(|intent| &intent.id);
    let input = AddDependencyInput::new(&intent.id, on);
    client
        .add_dependency(input)
        .await
        .map(|payload| payload.intent)
}

/// Puts a value into the state.
pub fn set(path: &str, value: impl Into<Value>) -> StatePatch {
    SetPatch::new(path).value(value).into()
}

/// Patches an intent, whatever version it has.
pub async fn patch(
    client: &Client,
    intent: &Intent,
    patches: impl IntoIterator<Item = StatePatch>,
) -> Result<Intent, Error> {
    let version = now(client, intent).await.version;
    let input = PatchStateInput::new(&intent.id, version, patches);
    client
        .patch_state(input)
        .await
        .map(|payload| payload.intent)
}

/// Leases a scope for five minutes.
pub async fn acquire(client: &Client, intent: &Intent, scope: &str) -> Result<Lease, Error> {
    let input = AcquireLeaseInput::new(&intent.id, scope);
    client
        .acquire_lease(input)
        .await
        .map(|payload| payload.lease)
}

/// What happened to an intent, oldest first, as far as one of the types fits (all without any).
pub async fn events(client: &Client, intent: &Intent, types: &[&str]) -> Vec<Event> {
    let mut filter = EventFilter::new().intent_id(&intent.id);
    if !types.is_empty() {
        filter = filter.types(types.iter().copied());
    }
    let args = EventsArgs::new().filter(filter).first(100);
    client.events_stream(args).all().await.unwrap()
}

/// How often an intent moved to a status.
pub async fn times_moved(client: &Client, intent: &Intent, to: &str) -> usize {
    let events = events(client, intent, &["status_changed"]).await;
    events
        .iter()
        .filter(|event| event.payload["to"] == to)
        .count()
}

/// The ids of some intents.
pub fn ids<'a>(intents: impl IntoIterator<Item = &'a Intent>) -> Vec<Id> {
    intents
        .into_iter()
        .map(|intent| intent.id.clone())
        .collect()
}

/// The one refusal of a refused mutation.
pub fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> MutationError {
    match result.unwrap_err() {
        Error::Refused(refused) if refused.len() == 1 => refused[0].clone(),
        other => panic!("one refusal was expected, not {other:?}"),
    }
}

/// The path of an input error.
pub fn invalid_path<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    let refusal = refusal(result);
    let invalid = refusal
        .as_invalid_input()
        .unwrap_or_else(|| panic!("an input error was expected, not {refusal:?}"));
    invalid.path.clone().unwrap_or_default().join(".")
}

/// Asserts that a mutation was refused for want of something, which the refusal names.
pub fn assert_not_found<T: std::fmt::Debug>(result: Result<T, Error>, id: &str) {
    let refusal = refusal(result);
    let missing = refusal
        .as_not_found()
        .unwrap_or_else(|| panic!("`{id}` was expected to be missing, not {refusal:?}"));
    assert_eq!(missing.id, id);
}

/// Does something many times at once: nobody begins before all are ready.
pub async fn at_once<T, F>(count: usize, work: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(count));
    let tasks: Vec<_> = (0..count)
        .map(|number| {
            let (barrier, work) = (Arc::clone(&barrier), work(number));
            tokio::spawn(async move {
                barrier.wait().await;
                work.await
            })
        })
        .collect();
    let mut results = Vec::with_capacity(count);
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}
