//! From what a client asked to an answer, the same for HTTP and websocket: document, operation,
//! variables and cost are checked, then the executor runs it.

use std::{sync::Arc, time::Duration};

use async_graphql::{Request, Response, Variables, parser::types::OperationType};
use serde::Deserialize;

use super::{
    Transport,
    answer::Refusal,
    coerce,
    documents::{self, Parsed},
    limits, variables,
};
use crate::{
    app::App,
    auth::Actor,
    error::Error,
    loaders::{Batches, loaders},
};

/// What a client asks for. `extensions` is checked to be an object and not used.
#[derive(Debug)]
pub(crate) struct Params {
    pub(crate) query: String,
    pub(crate) operation_name: Option<String>,
    pub(crate) variables: Variables,
}

/// The members of a request, of any type; others are ignored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members {
    query: Option<serde_json::Value>,
    operation_name: Option<serde_json::Value>,
    variables: Option<serde_json::Value>,
    extensions: Option<serde_json::Value>,
}

impl Params {
    /// Reads a request from JSON.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words for the caller.
    pub(crate) fn from_json(json: serde_json::Value) -> Result<Self, String> {
        if !json.is_object() {
            return Err("The request must be a JSON object.".to_owned());
        }
        let members = Members::deserialize(json)
            .map_err(|error| format!("The request is malformed: {error}."))?;
        Self::from_members(members)
    }

    /// Reads a request from the bytes of JSON.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words for the caller.
    pub(crate) fn from_slice(json: &[u8]) -> Result<Self, String> {
        let members = serde_json::from_slice(json)
            .map_err(|error| format!("The body is not a GraphQL request in JSON: {error}."))?;
        Self::from_members(members)
    }

    fn from_members(members: Members) -> Result<Self, String> {
        use serde_json::Value;

        let query = match members.query {
            Some(Value::String(query)) => query,
            Some(Value::Null) | None => return Err("The request has no \"query\".".to_owned()),
            Some(_) => return Err("\"query\" must be a string.".to_owned()),
        };
        let operation_name = match members.operation_name {
            Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
            Some(Value::Null) | None => None,
            Some(_) => return Err("\"operationName\" must be a string.".to_owned()),
        };
        let variables = match members.variables {
            Some(variables @ Value::Object(_)) => Variables::deserialize(variables)
                .map_err(|error| format!("\"variables\" are malformed: {error}."))?,
            Some(Value::Null) | None => Variables::default(),
            Some(_) => return Err("\"variables\" must be an object.".to_owned()),
        };
        if !matches!(
            members.extensions,
            Some(Value::Object(_) | Value::Null) | None
        ) {
            return Err("\"extensions\" must be an object.".to_owned());
        }
        Ok(Self {
            query,
            operation_name,
            variables,
        })
    }
}

/// An operation that may run.
pub(crate) struct Prepared {
    parsed: Arc<Parsed>,
    operation_name: Option<String>,
    variables: Variables,
    kind: OperationType,
}

impl Prepared {
    /// Checks all that can be checked before it runs.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT`, `LIMIT_EXCEEDED`.
    pub(crate) async fn new(transport: &Transport, params: Params) -> Result<Self, Refusal> {
        let Params {
            query,
            operation_name,
            variables,
        } = params;
        let documents = &transport.documents;
        let parsed = documents
            .get(&transport.app, &query)
            .await
            .map_err(Refusal::of_request)?;
        let operation = parsed.operation(operation_name.as_deref())?;
        let definition = operation.definition();
        coerce::variables(documents.types(), definition, &variables)
            .map_err(|message| Error::input(&[], message))?;
        limits::check_cost(
            &transport.app.config().limits,
            operation.cost.total(definition, &variables),
        )?;
        let kind = operation.kind;
        Ok(Self {
            parsed,
            operation_name,
            variables,
            kind,
        })
    }

    /// What the operation does.
    pub(crate) fn kind(&self) -> OperationType {
        self.kind
    }

    /// The operation's name.
    pub(crate) fn name(&self) -> Option<&str> {
        self.operation().ok()?.name.as_deref()
    }

    /// The operation.
    ///
    /// # Errors
    ///
    /// None: it was found before.
    pub(crate) fn operation(&self) -> Result<&documents::Operation, Error> {
        self.parsed.operation(self.operation_name.as_deref())
    }

    /// The document's text.
    pub(crate) fn text(&self) -> &Arc<str> {
        &self.parsed.text
    }

    /// The variables given.
    pub(crate) fn variables(&self) -> &Variables {
        &self.variables
    }

    /// A request for the executor, and the reads of its loaders.
    ///
    /// # Errors
    ///
    /// None: it was found before.
    pub(crate) fn request(&self, app: &App, actor: &Actor) -> Result<(Request, Batches), Error> {
        let operation = self.operation()?;
        let mut document = self.parsed.executable(operation);
        let absent = variables::absent(operation.definition(), &self.variables);
        if !absent.is_empty() {
            variables::leave_out(&mut document, &absent);
        }
        let (loaders, batches) = loaders(app, actor);
        let mut request = Request::new("")
            .variables(self.variables.clone())
            .data(loaders)
            .data(actor.clone())
            .data(app.clone());
        request.set_parsed_query(document);
        Ok((request, batches))
    }

    /// Runs a query or mutation.
    ///
    /// # Errors
    ///
    /// `TIMEOUT`.
    pub(crate) async fn execute(
        &self,
        transport: &Transport,
        actor: &Actor,
    ) -> Result<Response, Refusal> {
        let (request, batches) = self.request(&transport.app, actor)?;
        let limit = Duration::from_millis(transport.app.config().limits.request_timeout_ms);
        let execution = transport.app.fast_schema().execute(request);
        let execution = Box::pin(batches.run_with(execution));
        tokio::time::timeout(limit, execution)
            .await
            .map_err(|_elapsed| timed_out(limit).into())
    }
}

/// The failure of what took too long.
pub(crate) fn timed_out(limit: Duration) -> Error {
    let message = format!(
        "The request took longer than {} ms (limits.request_timeout_ms).",
        limit.as_millis()
    );
    Error::Timeout(message)
}
