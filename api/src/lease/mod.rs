//! Leases: an agent's exclusive, temporary ownership of one scope of an intent (RFC-0003).
//!
//! A scope is a top-level key of the intent's state. At most one lease on it is in force; it ends
//! when its holder releases it, an admin revokes it, or its time is over, whichever comes first.
//! The end by time is exact: it holds at the moment of every read and write, whether or not the
//! scheduler has already recorded it. Every lease carries a fencing token, larger than that of any
//! earlier lease on the same scope.

pub mod mutations;
pub mod queries;
pub mod rules;
pub mod service;
pub mod types;
