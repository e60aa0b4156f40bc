//! Black-box tests.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod access;
mod act;
mod cli;
mod crash;
mod errors;
mod graph;
mod idempotency;
mod intent;
mod lease;
mod loaders;
mod log;
mod migration;
mod operations;
mod paging;
mod patch;
mod portfolio;
mod processes;
mod schedule;
mod schema;
mod subscription;
mod transport;
mod transport_documents;
mod transport_http;
mod transport_limits;
mod transport_live;
mod transport_sockets;
