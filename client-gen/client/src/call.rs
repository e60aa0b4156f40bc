//! One query or mutation, from its document to its answer.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use reqwest::header::HeaderValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{Client, Connection, Error, MutationError, Object, RetryPolicy};

/// A root field of the schema, with the document that asks for it.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    pub(crate) kind: Kind,
    pub(crate) field: &'static str,
    pub(crate) variables: &'static str,
    pub(crate) arguments: &'static str,
    pub(crate) selection: &'static str,
    /// The payload has `errors`, which become [`Error::Refused`].
    pub(crate) refusable: bool,
    /// The input has an `idempotencyKey`.
    pub(crate) keyed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Query,
    Mutation,
    Subscription,
}

impl Operation {
    pub(crate) const fn query(
        field: &'static str,
        variables: &'static str,
        arguments: &'static str,
        selection: &'static str,
    ) -> Self {
        Self {
            kind: Kind::Query,
            field,
            variables,
            arguments,
            selection,
            refusable: false,
            keyed: false,
        }
    }

    pub(crate) const fn mutation(
        field: &'static str,
        variables: &'static str,
        arguments: &'static str,
        selection: &'static str,
    ) -> Self {
        Self {
            kind: Kind::Mutation,
            ..Self::query(field, variables, arguments, selection)
        }
    }

    pub(crate) const fn subscription(
        field: &'static str,
        variables: &'static str,
        arguments: &'static str,
        selection: &'static str,
    ) -> Self {
        Self {
            kind: Kind::Subscription,
            ..Self::query(field, variables, arguments, selection)
        }
    }

    pub(crate) const fn refusable(self) -> Self {
        Self {
            refusable: true,
            ..self
        }
    }

    pub(crate) const fn keyed(self) -> Self {
        Self {
            keyed: true,
            ..self
        }
    }

    /// The field's name in the schema.
    pub const fn name(&self) -> &'static str {
        self.field
    }

    fn document(&self, selection: &str) -> String {
        let Self {
            kind,
            field,
            variables,
            arguments,
            ..
        } = self;
        let kind = match kind {
            Kind::Query => "query",
            Kind::Mutation => "mutation",
            Kind::Subscription => "subscription",
        };
        let errors = if self.refusable {
            format!(" errors {{ {} }}", MutationError::FIELDS)
        } else {
            String::new()
        };
        let selection = if selection.is_empty() {
            String::new()
        } else {
            format!(" {{ {selection}{errors} }}")
        };
        format!("{kind} {field}{variables} {{ {field}{arguments}{selection} }}")
    }
}

/// What is sent: a root field of the schema with a selection, or a document of the program's own.
#[derive(Clone)]
pub(crate) enum Document {
    Field {
        operation: Operation,
        selection: Cow<'static, str>,
    },
    Own(String),
}

impl Document {
    pub(crate) fn of(operation: Operation) -> Self {
        Self::Field {
            operation,
            selection: Cow::Borrowed(operation.selection),
        }
    }

    pub(crate) fn own(document: String) -> Self {
        Self::Own(document)
    }

    pub(crate) fn select(&mut self, new: String) {
        if let Self::Field { selection, .. } = self {
            *selection = Cow::Owned(new);
        }
    }

    pub(crate) fn operation(&self) -> Option<&Operation> {
        match self {
            Self::Field { operation, .. } => Some(operation),
            Self::Own(_) => None,
        }
    }

    /// The operation's name, for spans and errors.
    pub(crate) fn name(&self) -> &'static str {
        self.operation().map_or("document", Operation::name)
    }

    pub(crate) fn text(&self) -> String {
        match self {
            Self::Field {
                operation,
                selection,
            } => operation.document(selection),
            Self::Own(document) => document.clone(),
        }
    }

    /// Whether it certainly changes nothing.
    fn is_read_only(&self) -> bool {
        match self {
            Self::Field { operation, .. } => operation.kind == Kind::Query,
            Self::Own(document) => {
                let start = document.trim_start();
                (start.starts_with('{') || start.starts_with("query"))
                    && !document.contains("mutation")
            }
        }
    }
}

/// A query or mutation that is sent when awaited.
///
/// It can be awaited, spawned, joined or given to a time-out as it is. Dropping it while it runs stops waiting; the
/// server may have done the work nevertheless.
#[must_use = "nothing is sent until the call is awaited"]
pub struct Call<T> {
    state: State,
    decode: Decode<T>,
}

pub(crate) type Decode<T> = fn(&str) -> Result<T, serde_json::Error>;

pub(crate) fn decode<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text)
}

enum State {
    Ready(Box<Request>),
    Running {
        operation: &'static str,
        answer: Pin<Box<dyn Future<Output = Result<Box<RawValue>, Error>> + Send>>,
    },
    Done,
}

/// Everything about one call but the type of its answer, so that this code is compiled once.
pub(crate) struct Request {
    pub(crate) client: Client,
    pub(crate) document: Document,
    pub(crate) variables: Result<Object, serde_json::Error>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) traceparent: Option<HeaderValue>,
    pub(crate) idempotent: bool,
}

impl Request {
    /// Fills in an idempotency key where there is room for one, and tells whether the request may be sent twice.
    pub(crate) fn settle_idempotency(&mut self) -> bool {
        if self.idempotent || self.document.is_read_only() {
            return true;
        }
        let keyed = self
            .document
            .operation()
            .is_some_and(|operation| operation.keyed);
        let Ok(variables) = &mut self.variables else {
            return false;
        };
        let Some(Value::Object(input)) = variables.get_mut("input") else {
            return false;
        };
        if input
            .get("idempotencyKey")
            .is_some_and(|key| !key.is_null())
        {
            return true;
        }
        if keyed && self.client.shared.automatic_idempotency_keys {
            input.insert(
                "idempotencyKey".to_owned(),
                uuid::Uuid::now_v7().to_string().into(),
            );
            return true;
        }
        false
    }
}

/// Variables as a JSON object; `()` is none.
pub(crate) fn variables(variables: &impl Serialize) -> Result<Object, serde_json::Error> {
    match serde_json::to_value(variables)? {
        Value::Object(object) => Ok(object),
        Value::Null => Ok(Object::new()),
        _ => Err(serde::ser::Error::custom("variables must be a JSON object")),
    }
}

impl<T: DeserializeOwned> Call<T> {
    pub(crate) fn new(client: Client, document: Document, input: &impl Serialize) -> Self {
        Self::from_request(Request {
            traceparent: client.traceparent.clone(),
            client,
            document,
            variables: variables(input),
            timeout: None,
            retry: None,
            idempotent: false,
        })
    }

    pub(crate) fn from_request(request: Request) -> Self {
        Self {
            state: State::Ready(Box::new(request)),
            decode: decode::<T>,
        }
    }
}

impl<T> Call<T> {
    /// Asks for other fields: `selection` is what stands between the braces after the root field, and `U` the answer's
    /// shape. On mutations `errors` is selected as well and still becomes [`Error::Refused`]. Documents of your own stay
    /// as they are.
    ///
    /// ```no_run
    /// # async fn example(client: openintent_client::Client) -> Result<(), openintent_client::Error> {
    /// #[derive(serde::Deserialize)]
    /// struct Title {
    ///     title: String,
    /// }
    /// let found: Option<Title> = client.intent("intent_01k").select("title").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn select<U: DeserializeOwned>(mut self, selection: impl Into<String>) -> Call<U> {
        if let State::Ready(request) = &mut self.state {
            request.document.select(selection.into());
        }
        Call {
            state: self.state,
            decode: decode::<U>,
        }
    }

    /// How long one attempt may take, instead of the client's setting.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.change(|request| request.timeout = Some(timeout))
    }

    /// How to try again, instead of the client's setting.
    pub fn retry(self, policy: RetryPolicy) -> Self {
        self.change(|request| request.retry = Some(policy))
    }

    /// Sends this W3C `traceparent`. A value that cannot be a header is not sent.
    pub fn traceparent(self, traceparent: &str) -> Self {
        self.change(|request| request.traceparent = HeaderValue::from_str(traceparent).ok())
    }

    /// Says that sending it twice does no harm, so that it is tried again after transient errors.
    pub fn idempotent(self) -> Self {
        self.change(|request| request.idempotent = true)
    }

    fn change(mut self, change: impl FnOnce(&mut Request)) -> Self {
        if let State::Ready(request) = &mut self.state {
            change(request);
        }
        self
    }
}

impl<C: Connection> Call<C> {
    /// Asks for `totalCount` too. The server counts only when asked, for counting may be slow.
    pub fn with_total_count(self) -> Self {
        self.change(|request| {
            if let Document::Field { selection, .. } = &mut request.document {
                selection.to_mut().push_str(" totalCount");
            }
        })
    }
}

impl<T> Future for Call<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let State::Ready(_) = self.state
            && let State::Ready(request) = std::mem::replace(&mut self.state, State::Done)
        {
            let operation = request.document.name();
            self.state = State::Running {
                operation,
                answer: Box::pin(crate::http::run(*request)),
            };
        }
        let State::Running { operation, answer } = &mut self.state else {
            // Only a future that is polled after its end gets here, which its contract forbids.
            return Poll::Pending;
        };
        let operation = *operation;
        let Poll::Ready(answer) = answer.as_mut().poll(context) else {
            return Poll::Pending;
        };
        self.state = State::Done;
        Poll::Ready(answer.and_then(|raw| {
            (self.decode)(raw.get()).map_err(|source| Error::Decode {
                operation: operation.to_owned(),
                source,
            })
        }))
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.state {
            State::Ready(request) => request.document.name(),
            State::Running { operation, .. } => operation,
            State::Done => "done",
        };
        f.debug_tuple("Call").field(&name).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_put_together() {
        let operation = Operation::query("intent", "($id: ID!)", "(id: $id)", "id title");
        assert_eq!(
            Document::of(operation).text(),
            "query intent($id: ID!) { intent(id: $id) { id title } }"
        );
        assert_eq!(
            Operation::query("ping", "", "", "").document(""),
            "query ping { ping }"
        );
    }

    #[test]
    fn refusable_mutations_always_select_their_errors() {
        let operation = Operation::mutation("act", "", "", "cursor").refusable();
        assert!(
            operation
                .document("ok")
                .starts_with("mutation act { act { ok errors { __typename ")
        );
    }

    #[test]
    fn only_documents_that_are_surely_queries_are_read_only() {
        for (text, read_only) in [
            ("{ viewer { name } }", true),
            (" query a { viewer { name } }", true),
            ("mutation { a }", false),
            ("query a { b } mutation c { d }", false),
            ("fragment f on T { a } query b { ...f }", false),
        ] {
            assert_eq!(
                Document::own(text.to_owned()).is_read_only(),
                read_only,
                "{text}"
            );
        }
    }
}
