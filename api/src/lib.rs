//! The coordination server for AI agents and people: the OpenIntent protocol over GraphQL.
//!
//! A request goes from `http` to a thin resolver (`*/queries.rs`, `*/mutations.rs`,
//! `*/subscriptions.rs`), to a service (`*/service.rs`) that loads, authorises (`policy`), decides
//! (`*/rules.rs`) and stores. Every write goes through `change`; every push comes from the `log`.

pub mod app;
pub mod auth;
pub mod change;
pub mod cli;
pub mod clock;
pub mod config;
pub mod connection;
pub mod db;
pub mod error;
pub mod event;
pub mod explorer;
pub mod graph;
pub mod http;
pub mod input;
pub mod intent;
pub mod lease;
pub mod loaders;
pub mod log;
pub mod page;
pub mod payload;
pub mod policy;
pub mod portfolio;
pub mod scalar;
pub mod scheduler;
pub mod schema;
pub mod server;
pub mod telemetry;
