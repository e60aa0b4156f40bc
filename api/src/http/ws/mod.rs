//! GraphQL over websocket, by the graphql-transport-ws protocol.
//!
//! A socket begins with `connection_init`, whose payload may carry credentials; else those of the
//! upgrade's headers count. Then it carries operations of all kinds until either side closes. The
//! server pings with the websocket's own ping frames, which every peer answers without its
//! program's help; whatever comes in shows that the peer lives.
//!
//! One task serves a socket, and sends only what the client takes: while a send waits nothing is
//! pulled from the operations, so a slow client holds up only itself.

mod connection;
mod message;
mod operations;
mod session;

use std::{sync::Arc, time::Duration};

use axum::{
    extract::ws::{WebSocket, WebSocketUpgrade},
    http::request::Parts,
    response::Response,
};
use tokio::time::timeout;

use self::{
    connection::{Connection, End},
    message::Message,
    operations::Operations,
    session::Session,
};
use super::{Shared, credentials, graphql, media::Media, origins, trace::RequestId};
use crate::{
    app::App,
    auth::{self, Actor, Credentials},
    error::{Code, Error},
};

/// Buffers of the usual 128 KiB would be most of what an idle subscription costs.
const BUFFER_BYTES: usize = 4096;

/// Takes a websocket.
pub(crate) fn accept(transport: &Shared, upgrade: WebSocketUpgrade, request: &Parts) -> Response {
    let config = transport.app.config();
    let request_id = request.extensions.get().map_or("", RequestId::as_str);
    if !origins::may_open_socket(&config.http.allowed_origins, &request.headers) {
        let error = Error::Forbidden(
            "Pages of this origin may not open websockets here (http.allowed_origins).".to_owned(),
        );
        return graphql::refused(Media::Json, error.into(), "", request_id);
    }
    let upgrade = upgrade
        .protocols([message::SUBPROTOCOL])
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_message_size(config.limits.body_bytes)
        .max_frame_size(config.limits.body_bytes);
    let speaks_protocol = upgrade.selected_protocol().is_some();
    let socket = Socket {
        transport: Arc::clone(transport),
        upgrade: credentials::from_headers(&request.headers),
        request_id: request_id.into(),
    };
    let under_way = transport.sockets.token();
    upgrade.on_upgrade(move |websocket| {
        Box::pin(async move {
            let _under_way = under_way;
            socket.serve(websocket, speaks_protocol).await;
        })
    })
}

/// What is known of a socket before its client is.
struct Socket {
    transport: Shared,
    upgrade: Credentials,
    request_id: Box<str>,
}

/// Counts an open socket until it is dropped.
struct Open;

impl Open {
    fn new() -> Self {
        metrics::gauge!("openintent_graphql_sockets").increment(1.0);
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        metrics::gauge!("openintent_graphql_sockets").decrement(1.0);
    }
}

impl Socket {
    async fn serve(self, websocket: WebSocket, speaks_protocol: bool) {
        let _open = Open::new();
        let mut connection = Connection::new(websocket, self.transport.app.config());
        let end = if speaks_protocol {
            self.talk(&mut connection).await
        } else {
            End::close(4406, "Subprotocol not acceptable")
        };
        connection.close(end).await;
    }

    async fn talk(&self, connection: &mut Connection) -> End {
        let app = &self.transport.app;
        let limit = Duration::from_millis(app.config().http.init_timeout_ms);
        let actor = tokio::select! {
            actor = timeout(limit, Box::pin(self.init(connection))) => actor,
            end = shutdown(app.clone()) => return end,
        };
        let actor = match actor {
            Ok(Ok(actor)) => Arc::new(actor),
            Ok(Err(end)) => return end,
            Err(_elapsed) => return End::close(4408, "Connection initialisation timeout"),
        };
        let operations = Operations::new(Box::pin(end(app.clone(), Arc::clone(&actor))));
        let Self {
            transport,
            request_id,
            ..
        } = self;
        let session = Session {
            transport,
            request_id,
            actor,
            operations,
        };
        match session.run(connection).await {
            Ok(never) => match never {},
            Err(end) => end,
        }
    }

    /// Waits for the client to say who it is.
    async fn init(&self, connection: &mut Connection) -> Result<Actor, End> {
        loop {
            match connection.receive().await? {
                Message::Init(payload) => {
                    let credentials = credentials::from_init(&payload, self.upgrade.clone());
                    let actor = auth::authenticate(&self.transport.app, &credentials)
                        .await
                        .map_err(|error| {
                            let code = match error.code() {
                                Code::Unauthenticated | Code::Forbidden => 4403,
                                _ => 4500,
                            };
                            End::close(code, &error.to_string())
                        })?;
                    connection.send(message::ack()).await?;
                    return Ok(actor);
                }
                Message::Ping(payload) => connection.send(message::pong(payload)).await?,
                Message::Subscribe { .. } => return Err(End::close(4401, "Unauthorized")),
                Message::Pong | Message::Complete { .. } => {}
            }
        }
    }
}

/// Resolves when the server is told to stop.
async fn shutdown(app: App) -> End {
    app.shutdown().cancelled().await;
    End::close(1001, "The server is shutting down")
}

/// Resolves when the server is told to stop, or the client's key is revoked or expires.
async fn end(app: App, actor: Arc<Actor>) -> End {
    let expired = async {
        match actor.expires_at() {
            Some(at) => app.clock().sleep_until(at).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = auth::revoked(&app, actor.key_id()) => End::close(4403, "The API key was revoked"),
        () = expired => End::close(4403, "The API key has expired"),
        end = shutdown(app.clone()) => end,
    }
}
