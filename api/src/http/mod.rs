//! The server's transport: GraphQL over HTTP and websocket, the explorer, health and metrics.
//!
//! A request passes `trace` (id, log line), `origins` (CORS) and comes to `graphql` or
//! `ws`. Both authenticate once, then hand what the client asks to `operation`, which checks it
//! (`documents`, `analysis`, `coerce`, `limits`) before the executor sees it. Subscriptions
//! go through `live`, which runs equal ones once.
//!
//! What must stay true: nothing runs for a client that is not authenticated, nothing that a client
//! can grow is unbounded, and what is refused is refused in the shape of a GraphQL response with
//! `extensions.code`.

mod analysis;
mod answer;
mod caps;
mod coerce;
mod cost;
mod credentials;
mod documents;
mod graphql;
mod limits;
mod live;
mod media;
mod operation;
mod origins;
mod pages;
mod rate;
mod trace;
mod types;
mod variables;
mod ws;

use std::{io, sync::Arc, time::Duration};

use axum::{Router, middleware, routing::get, serve::ListenerExt as _};
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

use self::{caps::Caps, documents::Documents, live::Live, rate::Rate};
use crate::app::App;

/// What all requests share.
struct Transport {
    app: App,
    documents: Documents,
    rate: Rate,
    caps: Caps,
    live: Live,
    sockets: TaskTracker,
}

type Shared = Arc<Transport>;

impl Transport {
    fn new(app: App) -> Shared {
        let config = app.config();
        Arc::new(Self {
            documents: Documents::new(&app),
            rate: Rate::new(&config.limits),
            caps: Caps::new(config.limits.subscriptions_per_key),
            live: Live::new(config.http.ring_capacity),
            sockets: TaskTracker::new(),
            app,
        })
    }
}

/// All routes of the transport.
pub fn router(app: App) -> Router {
    routes(Transport::new(app))
}

fn routes(transport: Shared) -> Router {
    let graphql = get(graphql::get)
        .post(graphql::post)
        .fallback(graphql::other_method)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&transport),
            origins::cors,
        ));
    Router::new()
        .route("/graphql", graphql)
        .route("/", get(pages::explorer))
        .route("/explorer/{*path}", get(pages::asset))
        .route("/healthz", get(pages::healthz))
        .route("/readyz", get(pages::readyz))
        .route("/metrics", get(pages::metrics))
        .layer(middleware::from_fn(trace::trace))
        .with_state(transport)
}

/// Serves until the app is told to shut down. Then it accepts no more, closes websockets with 1001,
/// and gives requests under way the configured time to finish.
///
/// # Errors
///
/// When the listener fails.
pub async fn serve(app: App, listener: TcpListener) -> io::Result<()> {
    let drain = Duration::from_millis(app.config().http.drain_ms);
    let shutdown = app.shutdown();
    let transport = Transport::new(app);
    let sockets = transport.sockets.clone();
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY cannot be set");
        }
    });
    let serving = axum::serve(listener, routes(transport))
        .with_graceful_shutdown(shutdown.clone().cancelled_owned());
    let drained = async {
        shutdown.cancelled().await;
        tokio::time::sleep(drain).await;
    };
    let served = async {
        serving.await?;
        sockets.close();
        sockets.wait().await;
        Ok(())
    };
    tokio::select! {
        result = served => result,
        () = drained => {
            tracing::warn!(drain_ms = drain.as_millis(), "stopped with requests under way");
            Ok(())
        }
    }
}
