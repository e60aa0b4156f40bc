//! Events as API users see them: the history of intents and portfolios, and the live stream. How
//! they are stored, ordered and hashed is in `log`.

pub mod loaders;
pub mod queries;
pub mod service;
pub mod subscriptions;
pub mod types;
