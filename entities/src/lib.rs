//! The tables of openintent-server as sea-orm entities: one file per table, with its columns,
//! relations and typed ids. No rules live here; those are in the server crate.

pub mod api_key;
pub mod event;
pub mod id;
pub mod idempotency_key;
pub mod intent;
pub mod intent_agent;
pub mod intent_dependency;
pub mod intent_tag;
pub mod job;
pub mod lease;
pub mod object;
pub mod portfolio;
pub mod portfolio_member;
pub mod stream_head;
pub mod timestamp;

pub use object::Object;
pub use timestamp::Timestamp;
