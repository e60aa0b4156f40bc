//! A server that answers as a test says, and remembers what it was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use openintent_client::{Client, ClientBuilder, RetryPolicy, Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Longer than anything here takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(20);

/// The result of something that must happen soon.
pub async fn soon<F: IntoFuture>(what: F) -> F::Output {
    tokio::time::timeout(DEADLINE, what)
        .await
        .expect("it did not happen in time")
}

/// Waits until `condition` holds.
pub async fn until(condition: impl Fn() -> bool) {
    soon(async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

/// How a request is answered.
pub enum Reply {
    Json(u16, Value),
    Text(u16, &'static str),
    RetryAfter(u16, &'static str),
    Never,
}

/// A request as the server saw it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub headers: HeaderMap,
    pub query: String,
    pub variables: Value,
}

type Answer = dyn Fn(usize, &Seen) -> Reply + Send + Sync;

/// Cuts and closings of sockets, by the number of the socket, counted from 1.
type Script = dyn Fn(usize) -> Plan + Send + Sync;

/// What becomes of a socket.
#[derive(Clone, Copy, Debug)]
pub enum Plan {
    Serve,
    /// No more than so many items, then nothing, not even a close frame.
    Cut(usize),
    /// Close with this code instead of acknowledging the connection.
    Close(u16),
    /// Close with this code after so many items.
    CloseAfter(usize, u16),
    /// Refuse the handshake.
    Refuse(u16),
    /// Acknowledge, and then neither read nor write.
    Freeze,
}

pub struct Server {
    pub url: String,
    pub shared: Arc<Shared>,
}

pub struct Shared {
    pub requests: Mutex<Vec<Seen>>,
    pub sockets: Mutex<Vec<Socket>>,
    /// How many events there are; subscriptions deliver 1 to this.
    pub events: watch::Sender<u64>,
    answer: Box<Answer>,
    script: Box<Script>,
}

/// A socket as the server saw it.
#[derive(Clone, Debug, Default)]
pub struct Socket {
    pub headers: HeaderMap,
    pub init: Value,
    /// Ids and variables of what was subscribed.
    pub subscribed: Vec<(String, Value)>,
    pub completed: Vec<String>,
    pub pings: usize,
    pub pongs: usize,
    pub is_closed: bool,
}

impl Server {
    /// Answers requests only.
    pub async fn answering(answer: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(answer, |_| Plan::Serve).await
    }

    /// Serves subscriptions, and their position.
    pub async fn streaming(script: impl Fn(usize) -> Plan + Send + Sync + 'static) -> Self {
        Self::start(|_, _| Reply::Never, script).await
    }

    async fn start(
        answer: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static,
        script: impl Fn(usize) -> Plan + Send + Sync + 'static,
    ) -> Self {
        let shared = Arc::new(Shared {
            requests: Mutex::default(),
            sockets: Mutex::default(),
            events: watch::Sender::new(0),
            answer: Box::new(answer),
            script: Box::new(script),
        });
        let app = Router::new()
            .route("/graphql", get(upgrade).post(request))
            .with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, shared }
    }

    /// A client that does not wait long.
    pub fn builder(&self) -> ClientBuilder {
        let quick = |policy: RetryPolicy| RetryPolicy {
            base_delay: Duration::from_millis(2),
            max_delay: Duration::from_millis(20),
            ..policy
        };
        Client::builder(&self.url)
            .api_key("key-1")
            .agent_id("agent-1")
            .retry(quick(RetryPolicy::requests()))
            .reconnect(quick(RetryPolicy::reconnect()))
    }

    pub fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub fn requests(&self) -> Vec<Seen> {
        self.shared.requests.lock().unwrap().clone()
    }

    pub fn sockets(&self) -> Vec<Socket> {
        self.shared.sockets.lock().unwrap().clone()
    }

    /// Makes `count` further events.
    pub fn happen(&self, count: u64) {
        self.shared.events.send_modify(|events| *events += count);
    }
}

async fn request(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap();
    let seen = Seen {
        headers,
        query: body["query"].as_str().unwrap().to_owned(),
        variables: body["variables"].clone(),
    };
    let number = {
        let mut requests = shared.requests.lock().unwrap();
        requests.push(seen.clone());
        requests.len()
    };
    if seen.query.contains("serverInfo") {
        let cursor = shared.events.borrow().to_string();
        return axum::Json(json!({ "data": { "serverInfo": { "cursor": cursor } } }))
            .into_response();
    }
    let status = |status| StatusCode::from_u16(status).unwrap();
    match (shared.answer)(number, &seen) {
        Reply::Json(code, value) => (status(code), axum::Json(value)).into_response(),
        Reply::Text(code, text) => (status(code), text).into_response(),
        Reply::RetryAfter(code, after) => {
            (status(code), [("retry-after", after)], "").into_response()
        }
        Reply::Never => std::future::pending().await,
    }
}

async fn upgrade(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let number = {
        let mut sockets = shared.sockets.lock().unwrap();
        sockets.push(Socket {
            headers,
            ..Socket::default()
        });
        sockets.len()
    };
    let plan = (shared.script)(number);
    if let Plan::Refuse(status) = plan {
        return StatusCode::from_u16(status).unwrap().into_response();
    }
    upgrade
        .protocols(["graphql-transport-ws"])
        .on_upgrade(move |socket| async move {
            serve(&shared, socket, number - 1, plan).await;
            shared.sockets.lock().unwrap()[number - 1].is_closed = true;
        })
}

async fn serve(shared: &Shared, mut socket: WebSocket, index: usize, plan: Plan) -> Option<()> {
    let init = receive(&mut socket).await?;
    assert_eq!(init["type"], "connection_init");
    shared.sockets.lock().unwrap()[index].init = init["payload"].clone();
    if let Plan::Close(code) = plan {
        return close(&mut socket, code).await;
    }
    send(&mut socket, json!({ "type": "connection_ack" })).await?;
    if let Plan::Freeze = plan {
        std::future::pending::<()>().await;
    }
    send(&mut socket, json!({ "type": "ping" })).await?;

    let mut events = shared.events.subscribe();
    // The last event that each subscription got.
    let mut positions: HashMap<String, u64> = HashMap::new();
    let mut documents: HashMap<String, String> = HashMap::new();
    let mut sent = 0;
    loop {
        // One item for each subscription that lacks one, then look at what the client says.
        let present = *events.borrow_and_update();
        let mut lacking: Vec<String> = positions
            .iter()
            .filter(|(_, last)| **last < present)
            .map(|(id, _)| id.clone())
            .collect();
        lacking.sort();
        for id in &lacking {
            match plan {
                Plan::Cut(limit) if sent >= limit => return None,
                Plan::CloseAfter(limit, code) if sent >= limit => {
                    return close(&mut socket, code).await;
                }
                _ => {}
            }
            let position = positions.get_mut(id).unwrap();
            *position += 1;
            sent += 1;
            let item = item(&documents[id], *position);
            send(
                &mut socket,
                json!({ "type": "next", "id": id, "payload": item }),
            )
            .await?;
        }
        let message = tokio::select! {
            biased;
            message = receive(&mut socket) => message?,
            _ = tokio::task::yield_now(), if !lacking.is_empty() => continue,
            changed = events.changed() => { changed.ok()?; continue }
        };
        let id = message["id"].as_str().unwrap_or_default().to_owned();
        match message["type"].as_str().unwrap() {
            "subscribe" => {
                let payload = &message["payload"];
                let after = payload["variables"]["after"]
                    .as_str()
                    .map(|after| after.parse().unwrap());
                let subscription = (id.clone(), payload["variables"].clone());
                shared.sockets.lock().unwrap()[index]
                    .subscribed
                    .push(subscription);
                match payload["variables"]["filter"]["traceId"].as_str() {
                    Some("fails") => {
                        let errors =
                            json!([{ "message": "no", "extensions": { "code": "FORBIDDEN" } }]);
                        send(
                            &mut socket,
                            json!({ "type": "error", "id": id, "payload": errors }),
                        )
                        .await?;
                        continue;
                    }
                    Some("ends") => {
                        send(&mut socket, json!({ "type": "complete", "id": id })).await?;
                        continue;
                    }
                    _ => {}
                }
                positions.insert(id.clone(), after.unwrap_or(present));
                documents.insert(id, payload["query"].as_str().unwrap().to_owned());
            }
            "complete" => {
                positions.remove(&id);
                shared.sockets.lock().unwrap()[index].completed.push(id);
            }
            "ping" => {
                shared.sockets.lock().unwrap()[index].pings += 1;
                send(&mut socket, json!({ "type": "pong" })).await?;
            }
            "pong" => shared.sockets.lock().unwrap()[index].pongs += 1,
            other => panic!("unexpected message `{other}`"),
        }
    }
}

/// Event number `position` as the document asks for it.
fn item(document: &str, position: u64) -> Value {
    let event = event(position);
    if document.contains("odd") {
        return match position % 3 {
            0 => json!({ "data": null, "errors": [{ "message": "one item failed" }] }),
            1 => {
                json!({ "data": { "events": { "cursor": position.to_string(), "sequence": "not a number" } } })
            }
            _ => json!({ "data": { "events": event } }),
        };
    }
    if document.contains("intentUpdated") {
        let cursor = position.to_string();
        let update = json!({ "cursor": cursor, "event": event, "intent": intent("intent_1") });
        return json!({ "data": { "intentUpdated": update } });
    }
    json!({ "data": { "events": event } })
}

async fn receive(socket: &mut WebSocket) -> Option<Value> {
    loop {
        match socket.recv().await?.ok()? {
            Message::Text(text) => return Some(serde_json::from_str(&text).unwrap()),
            Message::Close(_) => return None,
            _ => {}
        }
    }
}

async fn send(socket: &mut WebSocket, message: Value) -> Option<()> {
    socket
        .send(Message::Text(message.to_string().into()))
        .await
        .ok()
}

async fn close(socket: &mut WebSocket, code: u16) -> Option<()> {
    let frame = CloseFrame {
        code,
        reason: "because".into(),
    };
    socket.send(Message::Close(Some(frame))).await.ok()?;
    // Until the client has answered, so that it gets the frame.
    while receive(socket).await.is_some() {}
    None
}

/// An event with all fields.
pub fn event(position: u64) -> Value {
    json!({
        "__typename": "Event",
        "id": format!("evt_{position}"), "type": "state_patched", "stream": "intent_1",
        "sequence": position, "cursor": position.to_string(), "intentId": "intent_1", "portfolioId": null,
        "actor": "agent-1", "payload": { "n": position }, "createdAt": "2026-11-21T10:00:00.000000Z",
        "hash": "h", "previousHash": null, "traceId": null, "parentEventId": null, "proof": null,
        "fieldOfTheFuture": true,
    })
}

/// An intent with all fields.
pub fn intent(id: &str) -> Value {
    json!({
        "id": id, "type": null, "title": "A", "description": null, "createdBy": "agent-1", "status": "ACTIVE",
        "statusReason": null, "phase": "CREATED", "priority": 0, "constraints": {}, "effectiveConstraints": {},
        "state": { "a": 1 }, "confidence": 0, "tags": [], "namespace": null, "deadline": null, "version": 1,
        "createdAt": "2026-11-21T10:00:00.000000Z", "updatedAt": "2026-11-21T10:00:00.000000Z", "isReady": true,
        "blockedBy": [{ "intent": { "id": "intent_9" }, "message": "unmet" }], "parent": null, "agents": [],
        "portfolios": [],
    })
}
