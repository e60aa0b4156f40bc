//! Graphs of intents: parents and children, and dependencies between any of them (RFC-0002).
//!
//! One intent waits for another when it depends on it or when the other is its child. What must
//! stay true: nothing waits for itself, however long the way; an intent with open dependencies is
//! blocked; whoever completes the last dependency unblocks its dependents in the same transaction.

pub mod loaders;
pub mod mutations;
pub mod queries;
pub mod rules;
pub mod service;
pub mod types;
