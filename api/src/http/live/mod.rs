//! Subscriptions. Those that would get the same bytes share one execution (see [`group`]): the same
//! document, operation and variables, apart from the cursor to start from, by actors with the same
//! view. Each response is made and written as JSON once; what is left per subscriber is to put its
//! id around it.

mod group;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use async_graphql::Response;
use async_graphql_value::ConstValue;
use futures_util::{Stream, StreamExt as _, stream};

pub(crate) use self::group::{Delivery, Item};
use self::group::{Failure, Groups, Items, Source};
use super::{
    answer::{self, Body, to_json},
    documents::Start,
    operation::Prepared,
};
use crate::{
    app::App,
    auth::Actor,
    error::Error,
    log::{self, Feed, Position},
    policy::{self, View},
};

/// All subscriptions under way.
pub(crate) struct Live(Groups<Arc<Key>>);

/// Subscriptions with the same key get the same.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    document: Arc<str>,
    operation: Option<String>,
    variables: String,
    view: View,
}

impl Live {
    /// None yet. Each shared execution will keep that many responses for the slowest of its
    /// subscribers.
    pub(crate) fn new(ring_capacity: usize) -> Self {
        Self(Groups::new(ring_capacity))
    }

    /// Subscribes.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for a cursor that is none. What the resolver refuses is delivered as an
    /// error.
    pub(crate) fn subscribe(
        &self,
        app: &App,
        actor: &Arc<Actor>,
        prepared: Prepared,
    ) -> Result<impl Stream<Item = Delivery> + Send + 'static, Error> {
        let cursor = cursor(&prepared)?;
        let key = Arc::new(key(&prepared, policy::view(actor))?);
        let execution = Execution {
            app: app.clone(),
            prepared: Arc::new(prepared),
            actor: Arc::clone(actor),
        };
        let app = app.clone();
        let member = self
            .0
            .join(key, || Box::new(execution.clone()), || app.log().head());
        Ok(group::deliver(member, execution, cursor, move || {
            app.log().head()
        }))
    }
}

fn key(prepared: &Prepared, view: View) -> Result<Key, Error> {
    let operation = prepared.operation()?;
    let variables = match &operation.start {
        Start::Variable {
            name,
            is_only_cursor: true,
        } => {
            let others = prepared
                .variables()
                .iter()
                .filter(|(given, _)| *given != name);
            to_json(&others.collect::<std::collections::BTreeMap<_, _>>())
        }
        _ => to_json(prepared.variables()),
    };
    Ok(Key {
        document: Arc::clone(prepared.text()),
        operation: operation.name.as_ref().map(ToString::to_string),
        variables,
        view,
    })
}

/// Where a subscription asks to start.
fn cursor(prepared: &Prepared) -> Result<Option<Position>, Error> {
    let operation = prepared.operation()?;
    let text = match &operation.start {
        Start::Now => None,
        Start::Cursor(cursor) => Some(cursor.as_str()),
        Start::Variable { name, .. } => {
            let definitions = &operation.definition().variable_definitions;
            let definition = definitions
                .iter()
                .map(|definition| &definition.node)
                .find(|node| node.name.node == *name);
            let default =
                definition.and_then(|definition| Some(&definition.default_value.as_ref()?.node));
            match prepared.variables().get(name).or(default) {
                Some(ConstValue::String(cursor)) => Some(cursor.as_str()),
                _ => None,
            }
        }
    };
    let decode = |text| {
        log::decode_cursor(text)
            .ok_or_else(|| Error::input(&["after"], "\"after\" is not a cursor of the event log."))
    };
    text.map(decode).transpose()
}

/// A subscription of an actor, to be executed over any part of the log.
#[derive(Clone)]
struct Execution {
    app: App,
    prepared: Arc<Prepared>,
    actor: Arc<Actor>,
}

impl Source for Execution {
    fn open(&self, from: Position, until: Option<Position>) -> Items {
        let delivered = Arc::new(AtomicI64::new(from.0));
        let feed = Feed {
            from,
            until,
            delivered: Arc::clone(&delivered),
        };
        let request = match self.prepared.request(&self.app, &self.actor) {
            Ok((request, _batches)) => request.data(feed),
            Err(error) => {
                return stream::iter([Err(failure(Response::from_errors(vec![error.into()])))])
                    .boxed();
            }
        };
        let responses = self.app.fast_schema().execute_stream(request);
        let items = responses.scan(Some(from), move |last, response| {
            let position = Position(delivered.load(Ordering::Acquire));
            let item = match *last {
                None => return std::future::ready(None), // it failed
                Some(last) if position > last => Ok(item(position, response)),
                // No item stands behind this response: the resolver refused to begin, or its stream
                // broke.
                Some(_) => Err(failure(response)),
            };
            *last = item.is_ok().then_some(position);
            std::future::ready(Some(item))
        });
        items.boxed()
    }
}

fn item(position: Position, mut response: Response) -> Item {
    answer::complete(&mut response.errors, None);
    Item {
        position,
        payload: to_json(&Body::executed(&response)).into(),
    }
}

fn failure(mut response: Response) -> Failure {
    answer::complete(&mut response.errors, None);
    Failure(to_json(&response.errors).into())
}
