//! The task that owns the socket.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{SinkExt, StreamExt};
use serde_json::value::RawValue;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

use super::connect::{self, Failure, Socket};
use super::wire::{Incoming, Init, Next, Outgoing, Subscribe, root};
use super::{Command, Config, ConnectionState, Ending, Item, NewSubscription};
use crate::Error;
use crate::error::{GraphqlError, GraphqlErrors};

/// A socket that lived for so long was healthy: the next attempts begin with short waits again.
const HEALTHY: Duration = Duration::from_secs(10);

pub(super) struct Actor {
    config: Arc<Config>,
    commands: mpsc::UnboundedReceiver<Command>,
    state: watch::Sender<ConnectionState>,
    subscriptions: HashMap<u64, Subscription>,
    /// Ids on the present socket. Each is used once, so that what is still under way for an earlier one is not taken for
    /// the present one's.
    ids: HashMap<String, u64>,
    last_id: u64,
    /// Resolve to the keys of subscriptions whose readers have caught up.
    drained: FuturesUnordered<Pin<Box<dyn Future<Output = u64> + Send>>>,
}

struct Subscription {
    new: Box<NewSubscription>,
    phase: Phase,
}

enum Phase {
    /// To be sent to the server.
    Waiting,
    /// Sent with this id.
    Live(String),
    /// Stopped until its reader has caught up.
    Draining,
}

/// Why a socket is no longer used.
enum Outcome {
    /// No subscription is left.
    Idle,
    /// The client and all its subscriptions are gone.
    Abandoned,
    /// It broke.
    Lost { reason: String, was_healthy: bool },
    /// The server will not have us.
    Rejected(Rejection),
}

enum Rejection {
    Close { code: u16, reason: String },
    Http(u16),
}

impl Rejection {
    fn error(&self) -> Error {
        match self {
            Self::Close { code, reason } => Error::Closed {
                code: *code,
                reason: reason.clone(),
            },
            Self::Http(status) => Error::Http {
                status: *status,
                body: String::new(),
                retry_after: None,
            },
        }
    }
}

impl Actor {
    pub(super) fn new(
        config: Arc<Config>,
        commands: mpsc::UnboundedReceiver<Command>,
        state: watch::Sender<ConnectionState>,
    ) -> Self {
        Self {
            config,
            commands,
            state,
            subscriptions: HashMap::new(),
            ids: HashMap::new(),
            last_id: 0,
            drained: FuturesUnordered::new(),
        }
    }

    pub(super) async fn run(mut self) {
        let mut failures = 0_u32;
        loop {
            while self.subscriptions.is_empty() {
                failures = 0;
                self.state.send_replace(ConnectionState::Idle);
                match self.commands.recv().await {
                    Some(command) => drop(self.note(command)),
                    None => return,
                }
            }
            self.state.send_replace(ConnectionState::Connecting);
            let outcome = self.connect_and_serve().await;
            self.forget_socket();
            match outcome {
                Outcome::Idle => {}
                Outcome::Abandoned => return,
                Outcome::Rejected(rejection) => {
                    tracing::warn!(error = %rejection.error(), "the server refused the subscriptions' socket");
                    self.fail_all(|| rejection.error());
                }
                Outcome::Lost {
                    reason,
                    was_healthy,
                } => {
                    failures = if was_healthy {
                        1
                    } else {
                        failures.saturating_add(1)
                    };
                    if self.config.reconnect.is_exhausted(failures) {
                        self.fail_all(|| Error::ConnectionLost(reason.clone()));
                    } else {
                        self.wait(failures, reason).await;
                    }
                }
            }
        }
    }

    /// Ends when it is time for the next attempt or no subscription is left.
    async fn wait(&mut self, failures: u32, reason: String) {
        let delay = self.config.reconnect.delay(failures);
        tracing::debug!(%reason, failures, delay_ms = delay.as_millis(), "subscriptions' socket lost");
        self.state.send_replace(ConnectionState::Waiting {
            failures,
            delay,
            reason,
        });
        let until = Instant::now() + delay;
        while !self.subscriptions.is_empty() {
            tokio::select! {
                () = tokio::time::sleep_until(until) => return,
                command = self.commands.recv() => match command {
                    Some(command) => drop(self.note(command)),
                    // `run` finds it out by itself.
                    None => self.subscriptions.clear(),
                },
            }
        }
    }

    /// Does what a command says but for telling the server. Returns the id of a live subscription that was removed.
    fn note(&mut self, command: Command) -> Option<String> {
        match command {
            Command::Subscribe(key, new) => {
                self.subscriptions.insert(
                    key,
                    Subscription {
                        new,
                        phase: Phase::Waiting,
                    },
                );
                None
            }
            Command::Unsubscribe(key) => self.remove(key, None),
        }
    }

    /// Takes a subscription off the books and tells its reader how it ended.
    fn remove(&mut self, key: u64, ending: Option<Ending>) -> Option<String> {
        let Subscription { new, phase } = self.subscriptions.remove(&key)?;
        new.end.set(ending.unwrap_or(Ending::Complete));
        match phase {
            Phase::Live(id) => {
                self.ids.remove(&id);
                Some(id)
            }
            Phase::Waiting | Phase::Draining => None,
        }
    }

    fn fail_all(&mut self, error: impl Fn() -> Error) {
        for (_, Subscription { new, .. }) in self.subscriptions.drain() {
            new.end.set(Ending::Failed(error()));
        }
        // They hold the queues open, whose readers are to learn of the end.
        self.drained.clear();
    }

    /// Makes live subscriptions wait for the next socket. Those that cannot go on from a position end here, for they may
    /// have missed something.
    fn forget_socket(&mut self) {
        self.ids.clear();
        self.subscriptions.retain(|_, Subscription { new, phase }| {
            if !matches!(phase, Phase::Live(_)) {
                return true;
            }
            *phase = Phase::Waiting;
            if !new.can_resume() {
                let reason = "the subscription has no position to go on from".to_owned();
                new.end.set(Ending::Failed(Error::ConnectionLost(reason)));
            }
            new.can_resume()
        });
    }

    async fn connect_and_serve(&mut self) -> Outcome {
        let config = Arc::clone(&self.config);
        let mut opening = Box::pin(open(&config));
        let mut socket = loop {
            tokio::select! {
                opened = &mut opening => match opened {
                    Ok(socket) => break socket,
                    Err(outcome) => return outcome,
                },
                command = self.commands.recv() => match command {
                    Some(command) => drop(self.note(command)),
                    None => return Outcome::Abandoned,
                },
            }
            if self.subscriptions.is_empty() {
                return Outcome::Idle;
            }
        };
        drop(opening);

        self.state.send_replace(ConnectionState::Connected);
        tracing::debug!(
            subscriptions = self.subscriptions.len(),
            "subscriptions' socket open"
        );
        let opened = Instant::now();
        let mut outcome = match Box::pin(self.serve(&mut socket)).await {
            Ok(never) => match never {},
            Err(outcome) => outcome,
        };
        match &mut outcome {
            Outcome::Idle | Outcome::Abandoned => {
                let frame = CloseFrame {
                    code: CloseCode::Normal,
                    reason: "".into(),
                };
                // The server may be gone; there is nobody left to tell.
                let _ =
                    tokio::time::timeout(Duration::from_secs(1), socket.close(Some(frame))).await;
            }
            Outcome::Lost { was_healthy, .. } => *was_healthy |= opened.elapsed() >= HEALTHY,
            Outcome::Rejected(_) => {}
        }
        outcome
    }

    async fn serve(&mut self, socket: &mut Socket) -> Result<std::convert::Infallible, Outcome> {
        let mut was_useful = false;
        let result = self.exchange(socket, &mut was_useful).await;
        result.map_err(|outcome| match outcome {
            Outcome::Lost { reason, .. } => Outcome::Lost {
                reason,
                was_healthy: was_useful,
            },
            other => other,
        })
    }

    async fn exchange(
        &mut self,
        socket: &mut Socket,
        was_useful: &mut bool,
    ) -> Result<std::convert::Infallible, Outcome> {
        let waiting: Vec<u64> = self.subscriptions.keys().copied().collect();
        for key in waiting {
            self.subscribe(socket, key).await?;
        }
        let mut keepalive =
            tokio::time::interval(self.config.keepalive.max(Duration::from_millis(1)));
        keepalive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        keepalive.reset();
        let mut was_heard = true;
        let mut was_asked = false;
        loop {
            if self.subscriptions.is_empty() {
                return Err(Outcome::Idle);
            }
            tokio::select! {
                command = self.commands.recv() => {
                    let Some(command) = command else { return Err(Outcome::Abandoned) };
                    let new = if let Command::Subscribe(key, _) = &command { Some(*key) } else { None };
                    if let Some(id) = self.note(command) {
                        send(socket, &self.config, &Outgoing::Complete { id: &id }).await?;
                    }
                    if let Some(key) = new {
                        self.subscribe(socket, key).await?;
                    }
                }
                Some(key) = self.drained.next(), if !self.drained.is_empty() => {
                    if let Some(subscription) = self.subscriptions.get_mut(&key) {
                        subscription.phase = Phase::Waiting;
                        self.subscribe(socket, key).await?;
                    }
                }
                message = socket.next() => {
                    was_heard = true;
                    let text = read(message)?;
                    if let Some(text) = text {
                        *was_useful |= self.receive(socket, &text).await?;
                    }
                }
                _ = keepalive.tick() => {
                    if was_heard {
                        was_asked = false;
                    } else if was_asked {
                        return Err(lost("the server does not answer"));
                    } else {
                        send(socket, &self.config, &Outgoing::Ping).await?;
                        was_asked = true;
                    }
                    was_heard = false;
                }
            }
        }
    }

    /// Sends a waiting subscription, from its position on.
    async fn subscribe(&mut self, socket: &mut Socket, key: u64) -> Result<(), Outcome> {
        let Some(Subscription { new, phase }) = self.subscriptions.get_mut(&key) else {
            return Ok(());
        };
        if !matches!(phase, Phase::Waiting) {
            return Ok(());
        }
        if new.is_resumable
            && let Some(cursor) = &new.cursor
        {
            new.variables
                .insert("after".to_owned(), cursor.as_str().into());
        }
        self.last_id = self.last_id.wrapping_add(1);
        let id = self.last_id.to_string();
        *phase = Phase::Live(id.clone());
        self.ids.insert(id.clone(), key);
        let payload = Subscribe {
            query: &new.query,
            variables: &new.variables,
        };
        send(
            socket,
            &self.config,
            &Outgoing::Subscribe { id: &id, payload },
        )
        .await
    }

    /// Handles a message. Tells whether it was an item.
    async fn receive(&mut self, socket: &mut Socket, text: &str) -> Result<bool, Outcome> {
        let Ok(message) = serde_json::from_str::<Incoming<'_>>(text) else {
            return Err(lost("the server sent something that is not a message"));
        };
        // A message without an id, or with one that is no longer used, belongs to no subscription.
        let key = message
            .id
            .as_deref()
            .and_then(|id| self.ids.get(id))
            .copied();
        match (message.kind.as_ref(), key) {
            ("next", Some(key)) => {
                if let Some(payload) = message.payload
                    && let Some(id) = self.deliver(key, payload)
                {
                    send(socket, &self.config, &Outgoing::Complete { id: &id }).await?;
                }
                return Ok(true);
            }
            ("error", Some(key)) => {
                let errors = message
                    .payload
                    .and_then(|payload| serde_json::from_str(payload.get()).ok());
                let error = Error::Graphql(GraphqlErrors::new(errors.unwrap_or_else(unexplained)));
                self.remove(key, Some(Ending::Failed(error)));
            }
            ("complete", Some(key)) => drop(self.remove(key, Some(Ending::Complete))),
            ("ping", _) => send(socket, &self.config, &Outgoing::Pong).await?,
            _ => {}
        }
        Ok(false)
    }

    /// Queues an item. Returns the id to complete when the subscription is stopped.
    fn deliver(&mut self, key: u64, payload: &RawValue) -> Option<String> {
        let subscription = self.subscriptions.get_mut(&key)?;
        let new = &mut subscription.new;
        let (value, cursor) = new.read(payload);
        match new.items.try_send(Item {
            value,
            cursor: cursor.clone(),
        }) {
            Ok(()) => {
                if cursor.is_some() {
                    new.cursor = cursor;
                }
                None
            }
            Err(TrySendError::Closed(_)) => self.remove(key, None),
            Err(TrySendError::Full(_)) if !new.can_resume() => {
                self.remove(key, Some(Ending::Failed(Error::Lagged)))
            }
            Err(TrySendError::Full(_)) => {
                let items = new.items.clone();
                let enough = items.max_capacity().div_ceil(2);
                self.drained.push(Box::pin(async move {
                    // An error says that the reader is gone, which is noticed elsewhere.
                    let _ = items.reserve_many(enough).await;
                    key
                }));
                match std::mem::replace(&mut subscription.phase, Phase::Draining) {
                    Phase::Live(id) => {
                        self.ids.remove(&id);
                        Some(id)
                    }
                    Phase::Waiting | Phase::Draining => None,
                }
            }
        }
    }
}

impl NewSubscription {
    fn can_resume(&self) -> bool {
        self.is_resumable && self.cursor.is_some()
    }

    fn read(&self, payload: &RawValue) -> (Result<Box<RawValue>, Error>, Option<crate::Cursor>) {
        let undecodable = |source| Error::Decode {
            operation: "subscription".to_owned(),
            source,
        };
        let next: Next<'_> = match serde_json::from_str(payload.get()) {
            Ok(next) => next,
            Err(error) => return (Err(undecodable(error)), None),
        };
        let root = next.data.and_then(root);
        let cursor = root.as_ref().and_then(|(_, cursor)| cursor.clone());
        let value = match (next.errors, next.data, root) {
            (Some(errors), ..) if !errors.is_empty() => {
                Err(Error::Graphql(GraphqlErrors::new(errors)))
            }
            (_, Some(data), _) if self.is_own_document => Ok(data.to_owned()),
            (_, _, Some((value, _))) => Ok(value.to_owned()),
            _ => Err(undecodable(serde::de::Error::custom("data is missing"))),
        };
        (value, cursor)
    }
}

/// Opens the socket and waits until the server has let us in.
async fn open(config: &Config) -> Result<Socket, Outcome> {
    let mut socket = connect::open(config)
        .await
        .map_err(|failure| match failure {
            Failure::Refused(status) => Outcome::Rejected(Rejection::Http(status)),
            Failure::Transient(reason) => lost(reason),
        })?;
    let payload = Init {
        api_key: config.api_key.as_deref(),
        agent_id: config.agent_id.as_deref(),
    };
    send(&mut socket, config, &Outgoing::ConnectionInit { payload }).await?;
    let acknowledged =
        tokio::time::timeout(config.connect_timeout, acknowledgement(&mut socket, config));
    match acknowledged.await {
        Ok(Ok(())) => Ok(socket),
        Ok(Err(outcome)) => Err(outcome),
        Err(_elapsed) => Err(lost("the server did not acknowledge the connection")),
    }
}

async fn acknowledgement(socket: &mut Socket, config: &Config) -> Result<(), Outcome> {
    loop {
        let Some(text) = read(socket.next().await)? else {
            continue;
        };
        match serde_json::from_str::<Incoming<'_>>(&text) {
            Ok(message) if message.kind == "connection_ack" => return Ok(()),
            Ok(message) if message.kind == "ping" => send(socket, config, &Outgoing::Pong).await?,
            _ => {}
        }
    }
}

/// A server that does not read for as long as connecting may take counts as gone.
async fn send(socket: &mut Socket, config: &Config, message: &Outgoing<'_>) -> Result<(), Outcome> {
    let text = serde_json::to_string(message).map_err(|error| lost(error.to_string()))?;
    match tokio::time::timeout(config.connect_timeout, socket.send(Message::text(text))).await {
        Ok(Ok(())) => Ok(()),
        // The server may have said why before it went; reading finds out.
        Ok(Err(error)) => Err(read_close(socket)
            .await
            .unwrap_or_else(|| lost(error.to_string()))),
        Err(_elapsed) => Err(lost("the server does not read")),
    }
}

/// The close frame that may be waiting behind a failed write.
async fn read_close(socket: &mut Socket) -> Option<Outcome> {
    let reading = async {
        loop {
            if let Err(outcome) = read(socket.next().await) {
                return outcome;
            }
        }
    };
    match tokio::time::timeout(Duration::from_millis(100), reading).await {
        Ok(outcome @ Outcome::Rejected(_)) => Some(outcome),
        _ => None,
    }
}

/// The text of a message, if it has one.
fn read(message: Option<Result<Message, WsError>>) -> Result<Option<String>, Outcome> {
    match message {
        Some(Ok(Message::Text(text))) => Ok(Some(text.as_str().to_owned())),
        Some(Ok(Message::Close(frame))) => {
            let (code, reason) = frame.map_or((1005, String::new()), |frame| {
                (frame.code.into(), frame.reason.to_string())
            });
            Err(closed(code, reason))
        }
        Some(Ok(_)) => Ok(None),
        Some(Err(error)) => Err(lost(error.to_string())),
        None => Err(lost("the server closed the connection")),
    }
}

/// Codes that mean that the server will not have this key or these messages end the subscriptions; after any other the
/// next attempt may work.
fn closed(code: u16, reason: String) -> Outcome {
    match code {
        4408 | 4409 | 4429 => lost(format!("closed with {code} {reason}")),
        1002 | 1003 | 1007..=1010 | 4400..=4499 => {
            Outcome::Rejected(Rejection::Close { code, reason })
        }
        _ => lost(format!("closed with {code} {reason}")),
    }
}

fn lost(reason: impl Into<String>) -> Outcome {
    Outcome::Lost {
        reason: reason.into(),
        was_healthy: false,
    }
}

fn unexplained() -> Vec<GraphqlError> {
    vec![GraphqlError {
        message: "the server ended the subscription without saying why".to_owned(),
        path: Vec::new(),
        extensions: crate::Object::new(),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_codes_that_cannot_heal_end_the_subscriptions() {
        for code in [4400, 4401, 4403, 4406, 1002, 1008] {
            assert!(
                matches!(closed(code, String::new()), Outcome::Rejected(_)),
                "{code}"
            );
        }
        for code in [
            1000, 1001, 1005, 1006, 1011, 1012, 1013, 4408, 4409, 4429, 4500,
        ] {
            assert!(
                matches!(closed(code, String::new()), Outcome::Lost { .. }),
                "{code}"
            );
        }
    }
}
