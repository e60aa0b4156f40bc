//! Subscriptions: all of a client's over one websocket.
//!
//! A task of its own, started by the first subscription, owns the socket ([`actor`]). It opens the socket when there is
//! a subscription and closes it when there is none. It remembers for every subscription the cursor of the last item
//! that it put into that subscription's queue; whatever ends the socket, each subscription goes on from its own cursor
//! on the next one, so that nothing is lost and nothing comes twice.
//!
//! A queue is bounded. When one is full, its subscription alone is stopped on the server, what else arrives for it is
//! thrown away, and it is subscribed again from its cursor once half the queue has been read. A slow reader so costs
//! the server some repeated work, but no memory anywhere, and does not hold up the other subscriptions.

mod actor;
mod connect;
mod wire;

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;
use reqwest::Url;
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::{mpsc, watch};

use crate::call::{Decode, Document, decode, variables};
use crate::generated::POSITION_QUERY;
use crate::{Client, Cursor, Error, Object, RetryPolicy};

/// What the socket of a client's subscriptions is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectionState {
    /// There is no subscription, and no socket.
    #[default]
    Idle,
    /// It is being opened.
    Connecting,
    /// Subscriptions are live.
    Connected,
    /// It broke, or could not be opened, and will be tried again.
    Waiting {
        /// How many attempts in a row have failed.
        failures: u32,
        /// How long until the next attempt.
        delay: Duration,
        /// What happened.
        reason: String,
    },
}

pub(crate) struct Config {
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) api_key: Option<String>,
    pub(crate) agent_id: Option<String>,
    pub(crate) connect_timeout: Duration,
    pub(crate) keepalive: Duration,
    pub(crate) reconnect: RetryPolicy,
    pub(crate) tls: Option<Arc<rustls::ClientConfig>>,
}

/// The way to the task. The task ends when the client and all its subscriptions are gone.
pub(crate) struct Handle {
    config: Arc<Config>,
    state: watch::Sender<ConnectionState>,
    commands: Mutex<Option<mpsc::UnboundedSender<Command>>>,
    keys: AtomicU64,
}

impl Handle {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            config: Arc::new(config),
            state: watch::Sender::new(ConnectionState::Idle),
            commands: Mutex::new(None),
            keys: AtomicU64::new(0),
        }
    }

    pub(crate) fn state(&self) -> watch::Receiver<ConnectionState> {
        self.state.subscribe()
    }

    fn subscribe(&self, new: Box<NewSubscription>) -> (u64, mpsc::UnboundedSender<Command>) {
        let key = self.keys.fetch_add(1, Ordering::Relaxed);
        let mut commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        let mut command = Command::Subscribe(key, new);
        if let Some(sender) = commands.as_ref() {
            match sender.send(command) {
                Ok(()) => return (key, sender.clone()),
                // The task went down with the runtime that it ran on.
                Err(unsent) => command = unsent.0,
            }
        }
        let (sender, receiver) = mpsc::unbounded_channel();
        let task = actor::Actor::new(Arc::clone(&self.config), receiver, self.state.clone());
        tokio::spawn(task.run());
        // It cannot fail: the receiver is in the task that has just been made.
        let _ = sender.send(command);
        *commands = Some(sender.clone());
        (key, sender)
    }
}

pub(crate) enum Command {
    Subscribe(u64, Box<NewSubscription>),
    Unsubscribe(u64),
}

pub(crate) struct NewSubscription {
    query: String,
    variables: Object,
    cursor: Option<Cursor>,
    /// Whether it takes `after`, and so can go on from its cursor.
    is_resumable: bool,
    /// Items are the whole `data` instead of the root field's value.
    is_own_document: bool,
    items: mpsc::Sender<Item>,
    end: Arc<End>,
}

pub(crate) struct Item {
    value: Result<Box<RawValue>, Error>,
    cursor: Option<Cursor>,
}

/// How a subscription ended, beside its queue, which may be full.
#[derive(Default)]
pub(crate) struct End(Mutex<Ending>);

#[derive(Default)]
enum Ending {
    /// Not told: the task has gone.
    #[default]
    Unknown,
    Complete,
    Failed(Error),
}

impl End {
    fn set(&self, ending: Ending) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = ending;
    }

    fn take(&self) -> Option<Error> {
        match std::mem::replace(
            &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner),
            Ending::Complete,
        ) {
            Ending::Unknown => Some(Error::ConnectionLost(
                "the runtime that the socket ran on has stopped".to_owned(),
            )),
            Ending::Complete => None,
            Ending::Failed(error) => Some(error),
        }
    }
}

/// A subscription that starts when awaited.
///
/// Without [`Subscribe::after`] awaiting it asks the server for its present position and starts there: nothing that
/// happens after the `await` is missed, even if the socket breaks before the first item.
#[must_use = "the subscription starts when it is awaited"]
pub struct Subscribe<T> {
    request: Box<Request>,
    decode: Decode<T>,
}

struct Request {
    client: Client,
    document: Document,
    variables: Result<Object, serde_json::Error>,
    after: Option<Cursor>,
    buffer: usize,
}

impl<T: DeserializeOwned> Subscribe<T> {
    pub(crate) fn new(client: Client, document: Document, input: &impl Serialize) -> Self {
        let buffer = client.shared.subscription_buffer;
        let request = Request {
            client,
            document,
            variables: variables(input),
            after: None,
            buffer,
        };
        Self {
            request: Box::new(request),
            decode: decode::<T>,
        }
    }
}

impl<T> Subscribe<T> {
    /// Starts with the first item behind this position, such as [`Subscription::cursor`] of an earlier run or the
    /// `cursor` of a mutation's payload.
    pub fn after(mut self, cursor: impl Into<Cursor>) -> Self {
        self.request.after = Some(cursor.into());
        self
    }

    /// How many items wait for a slow reader, at least 1, instead of the client's setting.
    pub fn buffer(mut self, items: usize) -> Self {
        self.request.buffer = items.max(1);
        self
    }

    /// Asks for other fields: `selection` is what stands between the braces after the root field, and `U` the item's
    /// shape. `cursor` is selected as well.
    pub fn select<U: DeserializeOwned>(mut self, selection: impl Into<String>) -> Subscribe<U> {
        let selection: String = selection.into();
        self.request.document.select(format!("cursor {selection}"));
        Subscribe {
            request: self.request,
            decode: decode::<U>,
        }
    }
}

#[derive(Deserialize)]
struct Position {
    cursor: Cursor,
}

impl Request {
    async fn start(self) -> Result<Parts, Error> {
        let variables = self.variables.map_err(Error::Encode)?;
        let query = self.document.text();
        let is_resumable = query.contains("$after");
        // A document of the program's own may have its position among its variables.
        let given = || {
            variables
                .get("after")
                .and_then(|after| Cursor::deserialize(after).ok())
        };
        let cursor = match (self.after.or_else(given), POSITION_QUERY) {
            (None, Some(operation)) if is_resumable => {
                let position = self.client.call::<Position>(operation, ()).await?;
                Some(position.cursor)
            }
            (cursor, _) => cursor,
        };

        let (sender, items) = mpsc::channel(self.buffer);
        let end = Arc::new(End::default());
        let (key, commands) = self
            .client
            .shared
            .socket
            .subscribe(Box::new(NewSubscription {
                query,
                variables,
                cursor: cursor.clone(),
                is_resumable,
                is_own_document: self.document.operation().is_none(),
                items: sender,
                end: Arc::clone(&end),
            }));
        Ok(Parts {
            client: self.client,
            name: self.document.name(),
            key,
            commands,
            items,
            end,
            cursor,
            is_over: false,
        })
    }
}

impl<T: 'static> IntoFuture for Subscribe<T> {
    type Output = Result<Subscription<T>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { request, decode } = self;
        Box::pin(async move {
            Ok(Subscription {
                parts: request.start().await?,
                decode,
            })
        })
    }
}

impl<T> fmt::Debug for Subscribe<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Subscribe")
            .field(&self.request.document.name())
            .finish()
    }
}

/// A running subscription: a stream of its items, which ends when dropped.
///
/// It goes on by itself when the socket breaks, without losing or repeating an item. An `Err` for a single item
/// ([`Error::Graphql`], [`Error::Decode`]) does not end it; after any other it ends.
#[must_use = "dropping a subscription ends it"]
pub struct Subscription<T> {
    parts: Parts,
    decode: Decode<T>,
}

struct Parts {
    /// Keeps the socket's task alive.
    client: Client,
    name: &'static str,
    key: u64,
    commands: mpsc::UnboundedSender<Command>,
    items: mpsc::Receiver<Item>,
    end: Arc<End>,
    cursor: Option<Cursor>,
    is_over: bool,
}

impl<T> Subscription<T> {
    /// The next item; `None` when the subscription has ended.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    /// The position behind the last item that was taken. Store it to go on from there in another run, with
    /// [`Subscribe::after`].
    pub fn cursor(&self) -> Option<&Cursor> {
        self.parts.cursor.as_ref()
    }

    /// The client that the subscription was made with.
    pub fn client(&self) -> &Client {
        &self.parts.client
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        let parts = &mut self.parts;
        if parts.is_over {
            return Poll::Ready(None);
        }
        match parts.items.poll_recv(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some(Item { value, cursor })) => {
                if cursor.is_some() {
                    parts.cursor = cursor;
                }
                Poll::Ready(Some(value.and_then(|raw| {
                    (self.decode)(raw.get()).map_err(|source| Error::Decode {
                        operation: parts.name.to_owned(),
                        source,
                    })
                })))
            }
            Poll::Ready(None) => {
                parts.is_over = true;
                Poll::Ready(parts.end.take().map(Err))
            }
        }
    }
}

impl<T> Stream for Subscription<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        // The task may have gone, and the subscription with it.
        let _ = self.commands.send(Command::Unsubscribe(self.key));
    }
}

impl<T> fmt::Debug for Subscription<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("name", &self.parts.name)
            .field("cursor", &self.parts.cursor)
            .finish()
    }
}
