//! The server of the baselines: what axum and async-graphql do without a database behind them and
//! without rules. An intent from memory over HTTP, and a websocket on which everything published is
//! sent to everybody.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    EmptyMutation, EmptySubscription, Enum, ID, Object, Request, Response, Schema, SimpleObject,
};
use axum::{
    Json, Router,
    extract::{
        State, WebSocketUpgrade,
        ws::{Message, Utf8Bytes, WebSocket},
    },
    response::IntoResponse,
    routing::post,
    serve::ListenerExt as _,
};
use futures_util::SinkExt as _;
use openintent_entities::{id::IntentId, intent};
use serde_json::{Map, Value};
use tokio::{net::TcpListener, sync::broadcast};
use uuid::Uuid;

use crate::{Result, rows};

/// The server's buffers for websockets are as large.
const BUFFER_BYTES: usize = 4096;

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum IntentStatus {
    Active,
    Completed,
}

#[derive(Clone, SimpleObject)]
struct Intent {
    id: ID,
    r#type: Option<String>,
    title: String,
    status: IntentStatus,
    version: i64,
    created_by: String,
    priority: i32,
    confidence: i32,
    created_at: String,
    state: async_graphql::Json<Map<String, Value>>,
}

impl From<intent::Model> for Intent {
    fn from(intent: intent::Model) -> Self {
        Self {
            id: ID(intent.id.to_string()),
            r#type: intent.intent_type,
            title: intent.title,
            status: match intent.status {
                intent::Status::Completed => IntentStatus::Completed,
                _ => IntentStatus::Active,
            },
            version: intent.version,
            created_by: intent.created_by,
            priority: intent.priority,
            confidence: intent.confidence,
            created_at: intent.created_at.to_string(),
            state: async_graphql::Json(intent.state.0),
        }
    }
}

struct Query(HashMap<String, Intent>);

#[Object]
impl Query {
    async fn intent(&self, id: ID) -> Option<Intent> {
        self.0.get(id.as_str()).cloned()
    }
}

type Memory = Schema<Query, EmptyMutation, EmptySubscription>;

/// The id of an intent that the baseline knows.
pub(crate) fn id(number: u32) -> IntentId {
    IntentId::from_uuid(Uuid::from_u128(number.into()))
}

struct Baseline {
    memory: Memory,
    messages: broadcast::Sender<Utf8Bytes>,
}

/// Serves until it is killed.
pub(crate) async fn serve() -> Result<()> {
    let intents = (0..1_000).map(|number| {
        let intent = Intent::from(intent::Model {
            id: id(number),
            ..rows::intent(number)
        });
        (intent.id.to_string(), intent)
    });
    let baseline = Baseline {
        memory: Schema::new(Query(intents.collect()), EmptyMutation, EmptySubscription),
        messages: broadcast::Sender::new(1_024),
    };
    let routes = Router::new()
        .route("/graphql", post(graphql).get(websocket))
        .route("/publish", post(publish))
        .with_state(Arc::new(baseline));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("GraphQL http://{}/graphql", listener.local_addr()?);
    let listener = listener.tap_io(|connection| {
        let _ = connection.set_nodelay(true);
    });
    Ok(axum::serve(listener, routes).await?)
}

async fn graphql(
    State(baseline): State<Arc<Baseline>>,
    Json(request): Json<Request>,
) -> Json<Response> {
    Json(baseline.memory.execute(request).await)
}

async fn publish(State(baseline): State<Arc<Baseline>>, message: String) {
    // It fails when nobody listens.
    let _ = baseline.messages.send(message.into());
}

async fn websocket(
    State(baseline): State<Arc<Baseline>>,
    upgrade: WebSocketUpgrade,
) -> impl IntoResponse {
    upgrade
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .on_upgrade(move |socket| async move {
            let messages = baseline.messages.subscribe();
            drop(baseline);
            // It ends when the client goes.
            let _ = deliver(socket, messages).await;
        })
}

async fn deliver(
    mut socket: WebSocket,
    mut messages: broadcast::Receiver<Utf8Bytes>,
) -> Result<()> {
    loop {
        tokio::select! {
            message = messages.recv() => {
                socket.feed(Message::Text(message?)).await?;
                // What is there already goes out together.
                while let Ok(more) = messages.try_recv() {
                    socket.feed(Message::Text(more)).await?;
                }
                socket.flush().await?;
            }
            received = socket.recv() => match received {
                // Answered, so that a client knows when it is served.
                Some(Ok(Message::Text(text))) => socket.send(Message::Text(text)).await?,
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Ok(()),
            }
        }
    }
}
