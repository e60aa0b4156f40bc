// Written by `cargo run -p openintent-client-gen`. Do not edit: change schema.graphql and run it again.

//! Types and functions for everything in the schema.
#![allow(clippy::all, clippy::pedantic, deprecated, rustdoc::all)]

mod enums;
mod inputs;
mod mutations;
mod objects;
mod queries;
mod subscriptions;

pub use self::enums::*;
pub use self::inputs::*;
pub use self::objects::*;
pub use self::queries::*;

/// Asks for the present end of the event log.
pub(crate) const POSITION_QUERY: Option<crate::Operation> =
    Some(crate::Operation::query("serverInfo", "", "", "cursor"));
