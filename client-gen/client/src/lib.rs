#![doc = include_str!("../../README.md")]

// Its macro is for the generated scalars, where the schema has any.
#[macro_use]
mod scalar;

mod call;
mod client;
mod error;
mod generated;
mod http;
mod macros;
mod maybe;
mod page;
mod retry;
mod socket;
mod tls;

pub use call::Call;
pub(crate) use call::Operation;
pub use client::{Client, ClientBuilder};
pub use error::{Error, GraphqlError, GraphqlErrors, Refused};
pub use generated::*;
pub use maybe::Maybe;
pub use page::{Connection, NodeStream, Page};
pub use retry::RetryPolicy;
pub use scalar::{Cursor, DateTime, Id, Object, Ref};
pub use socket::{ConnectionState, Subscribe, Subscription};

pub use rustls;
pub use serde_json::{Value, json};
