//! Portfolios: groups of intents under shared governance (RFC-0004, RFC-0007).
//!
//! A portfolio is `active` until it completes, by hand or by itself at its threshold, or is
//! abandoned, by hand or at its deadline. What must stay true: at most one primary member; it
//! completes only when its governance lets it; its aggregate is that of its members at that moment.

pub mod loaders;
pub mod mutations;
pub mod queries;
pub mod rules;
pub mod service;
pub mod subscriptions;
pub mod types;
