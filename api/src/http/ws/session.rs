//! A socket whose client is known: its messages in, its operations' messages out.

use std::{convert::Infallible, sync::Arc, time::Instant};

use async_graphql::parser::types::OperationType;
use axum::extract::ws::Utf8Bytes;
use futures_util::{FutureExt as _, StreamExt as _, stream::BoxStream};

use super::{
    connection::{Connection, End},
    message::{self, Envelope, Message},
    operations::Operations,
};
use crate::{
    auth::Actor,
    http::{
        Shared,
        answer::{self, Body, Refusal, to_json},
        caps::Permit,
        graphql, limits,
        live::Delivery,
        operation::{Params, Prepared},
    },
};

/// So many messages are put together, about, before the socket is flushed.
const BATCH: usize = 256;

/// A socket whose client is known.
pub(super) struct Session<'a> {
    pub(super) transport: &'a Shared,
    pub(super) request_id: &'a str,
    pub(super) actor: Arc<Actor>,
    pub(super) operations: Operations,
}

impl Session<'_> {
    /// Serves the client until the socket is to end.
    pub(super) async fn run(mut self, connection: &mut Connection) -> Result<Infallible, End> {
        loop {
            tokio::select! {
                message = connection.receive() => self.handle(message?, connection).await?,
                messages = self.operations.next() => self.deliver(messages?, connection).await?,
            }
        }
    }

    /// Sends messages, and those that are ready besides, before it flushes.
    async fn deliver(
        &mut self,
        mut messages: Vec<Utf8Bytes>,
        connection: &mut Connection,
    ) -> Result<(), End> {
        let mut fed = 0;
        loop {
            fed += messages.len();
            for message in messages {
                connection.feed(message).await?;
            }
            if fed >= BATCH {
                break;
            }
            let Some(more) = self.operations.next().now_or_never() else {
                break;
            };
            messages = more?;
        }
        connection.flush().await?;
        if fed >= BATCH {
            // More is ready, and would be for long: let what the client says be noticed.
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn handle(&mut self, message: Message, connection: &mut Connection) -> Result<(), End> {
        match message {
            Message::Init(_) => Err(End::close(4429, "Too many initialisation requests")),
            Message::Ping(payload) => connection.send(message::pong(payload)).await,
            Message::Pong => Ok(()),
            Message::Complete { id } => {
                self.operations.stop(&id);
                Ok(())
            }
            Message::Subscribe { id, .. } if self.operations.contains(&id) => Err(End::close(
                4409,
                &format!("Subscriber for {id} already exists"),
            )),
            Message::Subscribe { id, params } => match Box::pin(self.start(*params)).await {
                Ok((deliveries, permit)) => {
                    self.operations.start(&id, deliveries, permit);
                    Ok(())
                }
                Err(mut refusal) => {
                    refusal.complete(self.request_id);
                    connection
                        .send(Envelope::new(&id).error(&to_json(&refusal.errors())))
                        .await
                }
            },
        }
    }

    async fn start(
        &mut self,
        params: Params,
    ) -> Result<(BoxStream<'static, Delivery>, Permit), Refusal> {
        let transport = self.transport;
        let most = transport.app.config().limits.subscriptions_per_socket;
        let count = self.operations.len() + 1;
        if count > most {
            let setting = "limits.subscriptions_per_socket";
            let what = "operations under way";
            return Err(limits::exceeded("websocket", what, count, most, setting).into());
        }
        let permit = transport.caps.enter(self.actor.key_id())?;
        transport.rate.check(self.actor.key_id(), 1)?;
        let prepared = Prepared::new(transport, params).await?;
        let deliveries = if prepared.kind() == OperationType::Subscription {
            transport
                .live
                .subscribe(&transport.app, &self.actor, prepared)?
                .boxed()
        } else {
            self.execute(prepared)
        };
        Ok((deliveries, permit))
    }

    /// A query or mutation: one answer.
    fn execute(&self, prepared: Prepared) -> BoxStream<'static, Delivery> {
        let (transport, actor) = (Arc::clone(self.transport), Arc::clone(&self.actor));
        let request_id = self.request_id.to_owned();
        async_stream::stream! {
            let started = Instant::now();
            let is_mutation = prepared.kind() == OperationType::Mutation;
            let kind = if is_mutation { "mutation" } else { "query" };
            match prepared.execute(&transport, &actor).await {
                Ok(mut response) => {
                    let outcome = if response.errors.is_empty() { "ok" } else { "error" };
                    graphql::count(kind, outcome, started);
                    answer::complete(&mut response.errors, Some(&request_id));
                    yield Delivery::Next(to_json(&Body::executed(&response)).into());
                    yield Delivery::Complete;
                }
                Err(mut refusal) => {
                    graphql::count(kind, "timeout", started);
                    refusal.complete(&request_id);
                    yield Delivery::Error(to_json(&refusal.errors()).into());
                }
            }
        }
        .boxed()
    }
}
