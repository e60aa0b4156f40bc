//! Parsed and validated documents, kept in a bounded cache by their text. Parsing and validation
//! cost more than running a small query, and a client sends the same few documents again and again.
//!
//! A document is validated on its own, before its first operation runs: the strict schema is asked
//! for an operation that no document can have, so it validates and stops there. From then on its
//! operations run on the schema that skips validation. That gives the same answers only because
//! nothing is left to validate that depends on variables: see [`coerce`].

use std::sync::Arc;

use async_graphql::{
    Name, Positioned, Request, ServerError,
    parser::{
        parse_query,
        types::{
            DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
            SelectionSet,
        },
    },
};
use async_graphql_value::Value;
use moka::sync::Cache;

use super::{
    analysis::{Analysis, Flaw},
    cost::Cost,
    limits,
    types::Types,
    variables,
};
use crate::{app::App, error::Error};

/// No operation can have this name: it is not one in GraphQL.
const NO_OPERATION: &str = "\u{0}";

/// Memory that a parsed document takes, per byte of its text, roughly; and at least.
const WEIGHT_PER_BYTE: usize = 30;
const WEIGHT_AT_LEAST: usize = 2_000;

/// The cache.
pub(crate) struct Documents {
    types: Types,
    cache: Cache<Arc<str>, Arc<Parsed>>,
}

/// A valid document.
pub(crate) struct Parsed {
    /// Its text.
    pub(crate) text: Arc<str>,
    document: ExecutableDocument,
    operations: Vec<Operation>,
}

/// What is known of one of a document's operations.
pub(crate) struct Operation {
    /// Its name.
    pub(crate) name: Option<Name>,
    /// What it does.
    pub(crate) kind: OperationType,
    /// What it costs.
    pub(crate) cost: Cost,
    /// Where it starts, if it is a subscription.
    pub(crate) start: Start,
    definition: Positioned<OperationDefinition>,
}

/// Where a subscription starts, by its `after` argument.
pub(crate) enum Start {
    /// At the end of the log.
    Now,
    /// At a cursor that stands in the document.
    Cursor(String),
    /// At a cursor in a variable.
    Variable {
        /// The variable.
        name: Name,
        /// Whether it has no other use, so that subscriptions which differ only in it are the same.
        is_only_cursor: bool,
    },
}

impl Operation {
    /// Its definition.
    pub(crate) fn definition(&self) -> &OperationDefinition {
        &self.definition.node
    }
}

impl Parsed {
    /// The operation of that name; without a name, the only one.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT`.
    pub(crate) fn operation(&self, name: Option<&str>) -> Result<&Operation, Error> {
        let found = match (name, self.operations.as_slice()) {
            (None, [only]) => return Ok(only),
            (None, _) => {
                return Err(bad(
                    "The document has several operations; \"operationName\" must name one.",
                ));
            }
            (Some(name), operations) => operations
                .iter()
                .find(|operation| operation.name.as_deref() == Some(name)),
        };
        found.ok_or_else(|| {
            bad(format!(
                "The document has no operation named \"{}\".",
                name.unwrap_or_default()
            ))
        })
    }

    /// A document of that operation alone, to be executed.
    pub(crate) fn executable(&self, operation: &Operation) -> ExecutableDocument {
        ExecutableDocument {
            operations: DocumentOperations::Single(operation.definition.clone()),
            fragments: self.document.fragments.clone(),
        }
    }
}

impl Documents {
    /// An empty cache for a schema's documents.
    pub(crate) fn new(app: &App) -> Self {
        let weight = |text: &Arc<str>, _: &Arc<Parsed>| {
            u32::try_from(text.len() * WEIGHT_PER_BYTE + WEIGHT_AT_LEAST).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder()
            .max_capacity(app.config().http.document_cache_bytes)
            .weigher(weight)
            .build();
        Self {
            types: Types::from_sdl(&app.schema().sdl()),
            cache,
        }
    }

    /// The schema's types.
    pub(crate) fn types(&self) -> &Types {
        &self.types
    }

    /// A document by its text, checked against all limits and rules that do not depend on
    /// variables.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT`, `LIMIT_EXCEEDED`.
    pub(crate) async fn get(&self, app: &App, text: &str) -> Result<Arc<Parsed>, Vec<ServerError>> {
        if let Some(parsed) = self.cache.get(text) {
            return Ok(parsed);
        }
        let parsed = Arc::new(self.parse(app, text).await?);
        self.cache
            .insert(Arc::clone(&parsed.text), Arc::clone(&parsed));
        Ok(parsed)
    }

    async fn parse(&self, app: &App, text: &str) -> Result<Parsed, Vec<ServerError>> {
        let limits = &app.config().limits;
        limits::check_text(limits, text).map_err(refusal)?;
        let document = parse_query(text).map_err(|error| vec![ServerError::from(error)])?;

        // Before the executor's validation, whose time is bounded only by these.
        let mut analysis = Analysis::new(&self.types, &document);
        let mut costs = Vec::new();
        for (_, operation) in document.operations.iter() {
            let size = analysis
                .operation(&operation.node)
                .map_err(|flaw| vec![flaw.into()])?;
            limits::check_size(limits, &size).map_err(refusal)?;
            costs.push(size.cost);
        }
        validate(app, &document).await?;

        let operations = document
            .operations
            .iter()
            .zip(costs)
            .map(|((name, definition), cost)| {
                let mut definition = definition.clone();
                let kind = definition.node.ty;
                let start = if kind == OperationType::Subscription {
                    bring_to_one_field(&mut definition.node, &document)?;
                    start(&definition.node, &document)
                } else {
                    Start::Now
                };
                Ok(Operation {
                    name: name.cloned(),
                    kind,
                    cost,
                    start,
                    definition,
                })
            });
        let operations = operations
            .collect::<Result<_, ServerError>>()
            .map_err(|error| vec![error])?;
        Ok(Parsed {
            text: text.into(),
            document,
            operations,
        })
    }
}

impl From<Flaw> for ServerError {
    fn from(flaw: Flaw) -> Self {
        Self::new(flaw.message, Some(flaw.position))
    }
}

fn bad(message: impl Into<String>) -> Error {
    Error::input(&[], message)
}

fn refusal(error: Error) -> Vec<ServerError> {
    vec![error.into()]
}

async fn validate(app: &App, document: &ExecutableDocument) -> Result<(), Vec<ServerError>> {
    let mut request = Request::new("").operation_name(NO_OPERATION);
    request.set_parsed_query(document.clone());
    let errors = Box::pin(app.schema().execute(request)).await.errors;
    let is_only_that = |error: &ServerError| {
        error.message == format!("Unknown operation named \"{NO_OPERATION}\"")
    };
    match errors.as_slice() {
        [error] if is_only_that(error) => Ok(()),
        _ => Err(errors),
    }
}

/// Brings a subscription to its one root field, which the executor does not find in fragments.
fn bring_to_one_field(
    operation: &mut OperationDefinition,
    document: &ExecutableDocument,
) -> Result<(), ServerError> {
    let set = &mut operation.selection_set;
    let position = set.pos;
    let mut fields = Vec::new();
    root_fields(std::mem::take(&mut set.node), document, &mut fields);
    set.node.items = fields;
    match set.node.items.as_slice() {
        [_] => Ok(()),
        _ => Err(ServerError::new(
            "A subscription must select exactly one field.",
            Some(position),
        )),
    }
}

fn root_fields(
    set: SelectionSet,
    document: &ExecutableDocument,
    fields: &mut Vec<Positioned<Selection>>,
) {
    for mut selection in set.items {
        let inner = match &mut selection.node {
            Selection::Field(_) => {
                fields.push(selection);
                continue;
            }
            Selection::InlineFragment(inline) => {
                std::mem::take(&mut inline.node.selection_set.node)
            }
            Selection::FragmentSpread(spread) => {
                match document.fragments.get(&spread.node.fragment_name.node) {
                    Some(fragment) => fragment.node.selection_set.node.clone(),
                    None => continue,
                }
            }
        };
        let first = fields.len();
        root_fields(inner, document, fields);
        // What was on the fragment is now on its fields.
        for field in fields.iter_mut().skip(first) {
            field
                .node
                .directives_mut()
                .extend_from_slice(selection.node.directives());
        }
    }
}

fn start(operation: &OperationDefinition, document: &ExecutableDocument) -> Start {
    let Some(Selection::Field(root)) = operation
        .selection_set
        .node
        .items
        .first()
        .map(|selection| &selection.node)
    else {
        return Start::Now;
    };
    match root.node.get_argument("after").map(|value| &value.node) {
        Some(Value::String(cursor)) => Start::Cursor(cursor.clone()),
        Some(Value::Variable(name)) => {
            let uses = variables::uses(document, operation, name);
            Start::Variable {
                name: name.clone(),
                is_only_cursor: uses == 1,
            }
        }
        _ => Start::Now,
    }
}
