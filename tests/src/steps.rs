//! What tests do again and again, in one call each.

use std::time::Duration;

use futures_util::StreamExt;
use openintent_client::{
    Client, CreateIntentInput, Event, Intent, LogEventInput, Object, RetryPolicy, Subscription,
    json,
};
use openintent_entities::event;
use sea_orm::{DatabaseConnection, EntityTrait, QueryOrder};
use tokio::time::timeout;

use crate::raw::DEADLINE;

/// A JSON object.
pub fn object(value: openintent_client::Value) -> Object {
    match value {
        openintent_client::Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

/// A client that reconnects and tries again quickly, for servers that go away on purpose.
pub fn patient_client(url: &str, agent: &str) -> Client {
    let reconnect = RetryPolicy {
        base_delay: Duration::from_millis(10),
        max_delay: Duration::from_millis(100),
        ..RetryPolicy::reconnect()
    };
    Client::builder(url)
        .api_key("dev-user-key")
        .agent_id(agent)
        .timeout(Duration::from_secs(5))
        .retry(RetryPolicy::none())
        .reconnect(reconnect)
        .build()
        .unwrap()
}

/// Creates an intent.
pub async fn create_intent(client: &Client, title: &str) -> Intent {
    let input = CreateIntentInput::new(title);
    client.create_intent(input).await.unwrap().intent
}

/// An event that an agent logs, with a number to know it by.
pub fn numbered(intent: &Intent, number: usize) -> LogEventInput {
    LogEventInput::new(&intent.id, "x-test").payload(object(json!({ "number": number })))
}

/// Logs an event.
pub async fn log_event(client: &Client, intent: &Intent, number: usize) -> Event {
    let input = numbered(intent, number);
    client.log_event(input).await.unwrap().event
}

/// Logs an event and, as long as the server is away, tries again with the same idempotency key.
/// Returns when the server has acknowledged it.
pub async fn log_stubbornly(client: &Client, input: LogEventInput) -> Event {
    let input = input.idempotency_key(uuid::Uuid::now_v7().to_string());
    let mut attempts = 0;
    loop {
        match client.log_event(input.clone()).await {
            Ok(logged) => return logged.event,
            Err(error) if error.is_transient() && attempts < 3_000 => attempts += 1,
            Err(error) => panic!("{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The next item of a subscription.
pub async fn next<T>(subscription: &mut Subscription<T>) -> T {
    timeout(DEADLINE, subscription.next())
        .await
        .unwrap_or_else(|_| panic!("nothing came in {DEADLINE:?}"))
        .unwrap_or_else(|| panic!("the subscription ended"))
        .unwrap()
}

/// The next items of a subscription.
pub async fn take<T: 'static>(subscription: &mut Subscription<T>, count: usize) -> Vec<T> {
    timeout(
        DEADLINE,
        subscription.by_ref().take(count).collect::<Vec<_>>(),
    )
    .await
    .unwrap_or_else(|_| panic!("{count} items did not come in {DEADLINE:?}"))
    .into_iter()
    .map(Result::unwrap)
    .collect()
}

/// All events of a database, in the order of the log.
pub async fn whole_log(db: &DatabaseConnection) -> Vec<event::Model> {
    event::Entity::find()
        .order_by_asc(event::Column::Position)
        .all(db)
        .await
        .unwrap()
}

/// The ids of all events of a database, in the order of the log.
pub async fn ids_in_log(db: &DatabaseConnection) -> Vec<String> {
    let events = whole_log(db).await;
    events
        .into_iter()
        .map(|event| event.id.to_string())
        .collect()
}
