//! The client's runtime against small servers made for the purpose.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failed test may panic"
)]

mod requests;
mod server;
mod subscriptions;
