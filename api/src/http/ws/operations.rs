//! The operations under way on one websocket, merged fairly: whoever delivered goes to the end of
//! the queue, so a hot stream waits for each of the others between two of its turns.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::extract::ws::Utf8Bytes;
use futures_util::{
    Stream, StreamExt as _,
    future::BoxFuture,
    stream::{self, AbortHandle, Abortable, BoxStream, SelectAll},
};

use super::{connection::End, message::Envelope};
use crate::http::{
    caps::Permit,
    live::{Delivery, Item},
};

/// So many messages are taken from an operation in its turn. More are cheaper by the message, fewer
/// are fairer among few messages.
const TURN: usize = 8;

/// The operations by id.
pub(crate) struct Operations {
    by_id: HashMap<Arc<str>, Handle>,
    sources: SelectAll<Source>,
    started: u64,
}

struct Handle {
    number: u64,
    abort: AbortHandle,
}

/// What a socket waits for, besides its client.
enum Source {
    Operation(Operation),
    End(stream::Once<BoxFuture<'static, End>>),
}

/// One operation. Its stream is dropped as soon as it is stopped.
struct Operation {
    id: Arc<str>,
    /// Tells it from an earlier one with the same id.
    number: u64,
    envelope: Envelope,
    deliveries: Abortable<BoxStream<'static, Delivery>>,
    /// What is left of items that came together.
    burst: Option<(Arc<[Item]>, usize)>,
    _permit: Permit,
}

enum Event {
    Messages(Vec<Utf8Bytes>),
    /// Its last messages.
    Ended {
        messages: Vec<Utf8Bytes>,
        id: Arc<str>,
        number: u64,
    },
    End(End),
}

impl Stream for Source {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        match &mut *self {
            Self::Operation(operation) => operation.turn(context),
            Self::End(end) => end.poll_next_unpin(context).map(|end| end.map(Event::End)),
        }
    }
}

impl Operation {
    fn turn(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        let mut messages = Vec::new();
        if self.deliveries.is_aborted() {
            return Poll::Ready(None);
        }
        while messages.len() < TURN {
            if let Some((burst, next)) = &mut self.burst {
                if let Some(item) = burst.get(*next) {
                    messages.push(self.envelope.next(&item.payload));
                    *next += 1;
                    continue;
                }
                self.burst = None;
            }
            let last = match self.deliveries.poll_next_unpin(context) {
                Poll::Ready(Some(Delivery::Next(payload))) => {
                    messages.push(self.envelope.next(&payload));
                    continue;
                }
                Poll::Ready(Some(Delivery::Burst(burst, first))) => {
                    self.burst = Some((burst, first));
                    continue;
                }
                Poll::Ready(Some(Delivery::Error(errors))) => self.envelope.error(&errors),
                Poll::Ready(Some(Delivery::Complete)) => self.envelope.complete(),
                Poll::Pending if messages.is_empty() => return Poll::Pending,
                Poll::Ready(None) | Poll::Pending => break,
            };
            messages.push(last);
            let (id, number) = (Arc::clone(&self.id), self.number);
            return Poll::Ready(Some(Event::Ended {
                messages,
                id,
                number,
            }));
        }
        Poll::Ready((!messages.is_empty()).then_some(Event::Messages(messages)))
    }
}

impl Operations {
    /// None, until the socket is to end.
    pub(crate) fn new(end: BoxFuture<'static, End>) -> Self {
        let mut sources = SelectAll::new();
        // Here it is polled only when it has something to say, and not whenever the socket is.
        sources.push(Source::End(stream::once(end)));
        Self {
            by_id: HashMap::new(),
            sources,
            started: 0,
        }
    }

    /// How many are under way.
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether one of that id is under way.
    pub(crate) fn contains(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// Adds one.
    pub(crate) fn start(
        &mut self,
        id: &str,
        deliveries: BoxStream<'static, Delivery>,
        permit: Permit,
    ) {
        self.started += 1;
        let (number, envelope) = (self.started, Envelope::new(id));
        let id = Arc::<str>::from(id);
        let (deliveries, abort) = stream::abortable(deliveries);
        self.by_id.insert(Arc::clone(&id), Handle { number, abort });
        let operation = Operation {
            id,
            number,
            envelope,
            deliveries,
            burst: None,
            _permit: permit,
        };
        self.sources.push(Source::Operation(operation));
    }

    /// Stops one, if it is under way.
    pub(crate) fn stop(&mut self, id: &str) {
        if let Some(handle) = self.by_id.remove(id) {
            handle.abort.abort();
        }
    }

    /// The next messages of any of them, or the socket's end. Cancel safe.
    pub(crate) async fn next(&mut self) -> Result<Vec<Utf8Bytes>, End> {
        match self.sources.next().await {
            Some(Event::Messages(messages)) => Ok(messages),
            Some(Event::Ended {
                messages,
                id,
                number,
            }) => {
                if self
                    .by_id
                    .get(&id)
                    .is_some_and(|handle| handle.number == number)
                {
                    self.by_id.remove(&id);
                }
                Ok(messages)
            }
            Some(Event::End(end)) => Err(end),
            // The end is always among them, until it has come.
            None => std::future::pending().await,
        }
    }
}
