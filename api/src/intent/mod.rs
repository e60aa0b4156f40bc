//! Intents: goals with structured, versioned state and a status machine (RFC-0001).
//!
//! An intent is created `active`, unless a draft is wanted or it must wait for dependencies. Its
//! state changes by patches, its status along the machine in `rules.rs`; both only from the version
//! that the caller has seen. Everything that happens to it goes into its own event stream. What
//! must stay true: one change, one version; no write is lost; a completed or abandoned intent
//! changes no more.

pub mod mutations;
pub mod patch;
pub mod queries;
pub mod rules;
pub mod service;
pub mod subscriptions;
pub mod types;
