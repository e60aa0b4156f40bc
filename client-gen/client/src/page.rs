//! Connections, page after page.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::call::{Document, Request, variables};
use crate::{Call, Client, Error, Object, Operation};

/// A page of a Relay connection.
pub trait Connection: DeserializeOwned + Send + 'static {
    /// What it lists.
    type Node: Send + Unpin + 'static;

    /// Takes out what paging needs.
    fn into_page(self) -> Page<Self::Node>;
}

/// The objects of one page, and how to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<N> {
    /// The objects, in order.
    pub nodes: Vec<N>,
    /// Whether there are more.
    pub has_next_page: bool,
    /// What to pass as `after` for the next page.
    pub end_cursor: Option<String>,
}

/// The objects of a connection, read page by page as they are taken.
///
/// `first` in the arguments is the size of a page, and `after` where to begin; `last` does not apply. After an error the
/// stream ends.
#[must_use = "nothing is sent until the stream is read"]
pub struct NodeStream<C: Connection> {
    client: Client,
    operation: Operation,
    variables: Object,
    nodes: VecDeque<C::Node>,
    next: Next<C>,
}

enum Next<C> {
    /// Ask for the page after the variables' `after`.
    Ask,
    Wait(Call<C>),
    Fail(Box<Error>),
    End,
}

impl<C: Connection> NodeStream<C> {
    pub(crate) fn new(client: Client, operation: Operation, input: &impl Serialize) -> Self {
        let (variables, next) = match variables(input) {
            Ok(mut variables) => {
                variables.remove("last");
                (variables, Next::Ask)
            }
            Err(error) => (Object::new(), Next::Fail(Box::new(Error::Encode(error)))),
        };
        Self {
            client,
            operation,
            variables,
            nodes: VecDeque::new(),
            next,
        }
    }

    /// The next object.
    pub async fn next(&mut self) -> Option<Result<C::Node, Error>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// All objects. Mind that there may be many.
    ///
    /// # Errors
    /// The first error of any page.
    pub async fn all(mut self) -> Result<Vec<C::Node>, Error> {
        let mut nodes = Vec::new();
        while let Some(node) = self.next().await {
            nodes.push(node?);
        }
        Ok(nodes)
    }

    fn ask(&self) -> Call<C> {
        Call::from_request(Request {
            traceparent: self.client.traceparent.clone(),
            client: self.client.clone(),
            document: Document::of(self.operation),
            variables: Ok(self.variables.clone()),
            timeout: None,
            retry: None,
            idempotent: false,
        })
    }

    /// Where to go on after a page. A server that sends the same cursor twice would be asked for ever.
    fn after(&mut self, has_next_page: bool, end_cursor: Option<String>) -> Next<C> {
        let Some(cursor) = end_cursor else {
            return Next::End;
        };
        if !has_next_page
            || self
                .variables
                .get("after")
                .is_some_and(|last| *last == cursor)
        {
            return Next::End;
        }
        self.variables.insert("after".to_owned(), cursor.into());
        Next::Ask
    }
}

impl<C: Connection> Stream for NodeStream<C> {
    type Item = Result<C::Node, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(node) = self.nodes.pop_front() {
                return Poll::Ready(Some(Ok(node)));
            }
            match std::mem::replace(&mut self.next, Next::End) {
                Next::Ask => self.next = Next::Wait(self.ask()),
                Next::Wait(mut call) => match Pin::new(&mut call).poll(context) {
                    Poll::Pending => {
                        self.next = Next::Wait(call);
                        return Poll::Pending;
                    }
                    Poll::Ready(Ok(connection)) => {
                        let Page {
                            nodes,
                            has_next_page,
                            end_cursor,
                        } = connection.into_page();
                        self.nodes = nodes.into();
                        self.next = self.after(has_next_page, end_cursor);
                    }
                    Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(error))),
                },
                Next::Fail(error) => return Poll::Ready(Some(Err(*error))),
                Next::End => return Poll::Ready(None),
            }
        }
    }
}

impl<C: Connection> fmt::Debug for NodeStream<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NodeStream")
            .field(&self.operation.name())
            .finish()
    }
}
