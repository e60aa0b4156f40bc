//! What can go wrong, in the words of the protocol. Services return these and know nothing of
//! GraphQL; `payload.rs` shows them as data and `http` as top-level errors.

use std::sync::Arc;

use openintent_entities::{
    Timestamp,
    id::{IntentId, LeaseId, PortfolioId},
};
use sea_orm::{DbErr, RuntimeErr};

/// The result of everything that can be refused.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of an error, as programs see it. Each has a paragraph in `docs/errors.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum)]
#[graphql(name = "ErrorCode")]
pub enum Code {
    /// The request is malformed or a value is out of range. Change the request.
    BadUserInput,
    /// No valid API key came with the request.
    Unauthenticated,
    /// The key may see this but not do it.
    Forbidden,
    /// There is no such thing, or it is hidden from this key.
    NotFound,
    /// The object has changed since it was read. Read it again and decide anew.
    VersionConflict,
    /// The status machine has no such transition; the error lists those that it has.
    InvalidTransition,
    /// Another agent holds the lease on this scope; the error says who and until when.
    LeaseHeld,
    /// The lease is over: it expired, was released or was revoked. Acquire a new one.
    LeaseNotActive,
    /// The fencing token is not that of the lease in force: its holder changed meanwhile.
    StaleFencingToken,
    /// The edge would close a cycle; the error shows it.
    DependencyCycle,
    /// Other intents must complete first: dependencies, or on completion also children. The error
    /// lists them.
    UnmetDependencies,
    /// The intent is completed or abandoned; nothing about it changes any more.
    IntentClosed,
    /// The portfolio is completed or abandoned; nothing about it changes any more.
    PortfolioClosed,
    /// It is there already.
    AlreadyExists,
    /// A bound that keeps the server healthy was passed; the error names it.
    LimitExceeded,
    /// This idempotency key was used before with another operation or input.
    IdempotencyMismatch,
    /// Too many requests for this key. Try again after `retryAfterMs`.
    RateLimited,
    /// The server cannot answer just now. Try again after `retryAfterMs`.
    Unavailable,
    /// The request took longer than it may. Whether it took effect is unknown; repeat it with the
    /// same idempotency key.
    Timeout,
    /// The server's fault. The error carries the id under which the log tells more.
    Internal,
}

/// Why something was refused or failed. The message is for the caller.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Malformed or out of range.
    #[error("{message}")]
    BadUserInput {
        /// What is wrong and what would be right.
        message: String,
        /// The input fields that lead to the value.
        path: Vec<String>,
    },
    /// No or bad credentials.
    #[error("{0}")]
    Unauthenticated(String),
    /// Visible, not allowed.
    #[error("{0}")]
    Forbidden(String),
    /// Absent, or hidden from the caller.
    #[error("no {what} with the id `{id}`")]
    NotFound {
        /// The noun.
        what: &'static str,
        /// What was asked for.
        id: String,
    },
    /// The caller's version is not the current one.
    #[error("version {expected} was expected, but the current version is {current}")]
    VersionConflict {
        /// The caller's.
        expected: i64,
        /// The current one.
        current: i64,
    },
    /// The status machine says no.
    #[error("cannot go from `{from}` to `{to}`: {}", allowed_text(.allowed))]
    InvalidTransition {
        /// The present status.
        from: String,
        /// The wanted one.
        to: String,
        /// Where it may go from here.
        allowed: Vec<String>,
    },
    /// Somebody else has the lease.
    #[error("`{holder}` holds the lease on scope `{scope}` until {expires_at}")]
    LeaseHeld {
        /// The lease in force.
        lease: LeaseId,
        /// What it covers.
        scope: String,
        /// Its holder.
        holder: String,
        /// Its end.
        expires_at: Timestamp,
    },
    /// The lease is over.
    #[error("the lease `{lease}` is {status}, not active")]
    LeaseNotActive {
        /// The lease that was meant.
        lease: LeaseId,
        /// What became of it.
        status: &'static str,
        /// Who holds the scope now.
        holder: Option<String>,
    },
    /// The token is of an older lease.
    #[error("the fencing token {given} is not that of a lease that you hold on what you write to")]
    StaleFencingToken {
        /// The caller's.
        given: i64,
        /// The one of the lease that the caller does hold there.
        current: Option<i64>,
    },
    /// The graph would no longer be acyclic.
    #[error("this would close a cycle: {}", join(.cycle))]
    DependencyCycle {
        /// The cycle, each waiting for the next, the first once more at the end.
        cycle: Vec<IntentId>,
    },
    /// Dependencies or children are open.
    #[error("not completed yet: {}", join(.blocking))]
    UnmetDependencies {
        /// What must complete first.
        blocking: Vec<IntentId>,
    },
    /// The intent takes no more changes.
    #[error("the intent `{id}` is {status}: nothing about it changes any more")]
    IntentClosed {
        /// The intent.
        id: IntentId,
        /// Its terminal status.
        status: &'static str,
    },
    /// The portfolio takes no more changes.
    #[error("the portfolio `{id}` is {status}: nothing about it changes any more")]
    PortfolioClosed {
        /// The portfolio.
        id: PortfolioId,
        /// Its terminal status.
        status: &'static str,
    },
    /// It is there already.
    #[error("{0}")]
    AlreadyExists(String),
    /// A bound was passed.
    #[error("{message}")]
    LimitExceeded {
        /// What is bounded, with its unit, and what would be right.
        message: String,
        /// How much there is or would be.
        actual: i64,
        /// How much there may be.
        limit: i64,
    },
    /// An idempotency key was used for two different things.
    #[error("the idempotency key was used before with another operation or input")]
    IdempotencyMismatch,
    /// Too fast.
    #[error("{message}")]
    RateLimited {
        /// What was too much.
        message: String,
        /// When to try again, in milliseconds.
        retry_after_ms: u64,
    },
    /// Not now.
    #[error("{message}")]
    Unavailable {
        /// Why.
        message: String,
        /// When to try again, in milliseconds.
        retry_after_ms: u64,
    },
    /// Too slow.
    #[error("{0}")]
    Timeout(String),
    /// Our fault. The cause goes to the log, never to the caller.
    #[error("internal error")]
    Internal(Cause),
}

/// What stands behind an internal error.
#[derive(Debug, Clone)]
pub enum Cause {
    /// The database failed.
    Database(Arc<DbErr>),
    /// The transaction met another one; doing it again may help.
    Contention(Arc<DbErr>),
    /// Something that this program promises does not hold.
    Broken(String),
}

fn join(ids: &[IntentId]) -> String {
    ids.iter()
        .map(IntentId::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

fn allowed_text(allowed: &[String]) -> String {
    if allowed.is_empty() {
        "the present status is terminal".to_owned()
    } else {
        format!("allowed are {}", allowed.join(", "))
    }
}

impl Error {
    /// Malformed input, with the path to it.
    pub fn input(path: &[&str], message: impl Into<String>) -> Self {
        Self::BadUserInput {
            message: message.into(),
            path: path.iter().map(|&part| part.to_owned()).collect(),
        }
    }

    /// Absent or hidden.
    pub fn not_found(what: &'static str, id: impl Into<String>) -> Self {
        Self::NotFound {
            what,
            id: id.into(),
        }
    }

    /// A bound was passed.
    pub fn limit(what: &str, actual: usize, limit: usize) -> Self {
        Self::LimitExceeded {
            message: format!("{what} is {actual}, the limit is {limit}"),
            actual: i64::try_from(actual).unwrap_or(i64::MAX),
            limit: i64::try_from(limit).unwrap_or(i64::MAX),
        }
    }

    /// A promise of this program does not hold.
    pub fn broken(what: impl Into<String>) -> Self {
        Self::Internal(Cause::Broken(what.into()))
    }

    /// The error's kind.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::BadUserInput { .. } => Code::BadUserInput,
            Self::Unauthenticated(_) => Code::Unauthenticated,
            Self::Forbidden(_) => Code::Forbidden,
            Self::NotFound { .. } => Code::NotFound,
            Self::VersionConflict { .. } => Code::VersionConflict,
            Self::InvalidTransition { .. } => Code::InvalidTransition,
            Self::LeaseHeld { .. } => Code::LeaseHeld,
            Self::LeaseNotActive { .. } => Code::LeaseNotActive,
            Self::StaleFencingToken { .. } => Code::StaleFencingToken,
            Self::DependencyCycle { .. } => Code::DependencyCycle,
            Self::UnmetDependencies { .. } => Code::UnmetDependencies,
            Self::IntentClosed { .. } => Code::IntentClosed,
            Self::PortfolioClosed { .. } => Code::PortfolioClosed,
            Self::AlreadyExists(_) => Code::AlreadyExists,
            Self::LimitExceeded { .. } => Code::LimitExceeded,
            Self::IdempotencyMismatch => Code::IdempotencyMismatch,
            Self::RateLimited { .. } => Code::RateLimited,
            Self::Unavailable { .. } => Code::Unavailable,
            Self::Timeout(_) => Code::Timeout,
            Self::Internal(_) => Code::Internal,
        }
    }

    /// When to try again, for errors that pass.
    #[must_use]
    pub fn retry_after_ms(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after_ms, .. } | Self::Unavailable { retry_after_ms, .. } => {
                Some(*retry_after_ms)
            }
            _ => None,
        }
    }

    /// True for an answer about the request itself, which mutations give as data; false when the
    /// request could not be carried out at all.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        !matches!(
            self.code(),
            Code::Unauthenticated
                | Code::RateLimited
                | Code::Unavailable
                | Code::Timeout
                | Code::Internal
        )
    }

    /// True when the same change, run again, may well succeed.
    #[must_use]
    pub fn is_contention(&self) -> bool {
        matches!(self, Self::Internal(Cause::Contention(_)))
    }

    /// The cause, for the log.
    #[must_use]
    pub fn cause(&self) -> Option<String> {
        match self {
            Self::Internal(Cause::Database(error) | Cause::Contention(error)) => {
                Some(error.to_string())
            }
            Self::Internal(Cause::Broken(what)) => Some(what.clone()),
            _ => None,
        }
    }
}

impl Code {
    /// The code as it stands in `extensions.code`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::VersionConflict => "VERSION_CONFLICT",
            Self::InvalidTransition => "INVALID_TRANSITION",
            Self::LeaseHeld => "LEASE_HELD",
            Self::LeaseNotActive => "LEASE_NOT_ACTIVE",
            Self::StaleFencingToken => "STALE_FENCING_TOKEN",
            Self::DependencyCycle => "DEPENDENCY_CYCLE",
            Self::UnmetDependencies => "UNMET_DEPENDENCIES",
            Self::IntentClosed => "INTENT_CLOSED",
            Self::PortfolioClosed => "PORTFOLIO_CLOSED",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::IdempotencyMismatch => "IDEMPOTENCY_MISMATCH",
            Self::RateLimited => "RATE_LIMITED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Timeout => "TIMEOUT",
            Self::Internal => "INTERNAL",
        }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match kind(&error) {
            Kind::NotText => Self::input(&[], "text may not contain the NUL character"),
            Kind::Contention => Self::Internal(Cause::Contention(Arc::new(error))),
            Kind::Unreachable => {
                tracing::warn!(%error, "the database cannot be reached");
                Self::Unavailable {
                    message: "the database cannot be reached just now".to_owned(),
                    retry_after_ms: 1_000,
                }
            }
            Kind::Other => Self::Internal(Cause::Database(Arc::new(error))),
        }
    }
}

enum Kind {
    Contention,
    Unreachable,
    NotText,
    Other,
}

/// Contention is what another transaction caused: serialization failure, deadlock, lock time-out,
/// a row that appeared first (its rerun sees that row), SQLite busy or locked.
fn kind(error: &DbErr) -> Kind {
    use sea_orm::sqlx::Error as Sqlx;
    let runtime = match error {
        DbErr::ConnectionAcquire(_) => return Kind::Unreachable,
        DbErr::Conn(error) | DbErr::Exec(error) | DbErr::Query(error) => error,
        _ => return Kind::Other,
    };
    let RuntimeErr::SqlxError(error) = runtime else {
        return Kind::Other;
    };
    match &**error {
        Sqlx::Io(_) | Sqlx::PoolTimedOut | Sqlx::PoolClosed | Sqlx::WorkerCrashed => {
            Kind::Unreachable
        }
        Sqlx::Database(error) => match error.code().as_deref() {
            Some(
                "40001" | "40P01" | "55P03" | "23505" | "5" | "6" | "261" | "517" | "1555" | "2067",
            ) => Kind::Contention,
            Some("57P01" | "57P02" | "57P03" | "53300") => Kind::Unreachable,
            // Where a text is only compared, PostgreSQL is the one to find the NUL in it.
            Some("22021") => Kind::NotText,
            _ => Kind::Other,
        },
        _ => Kind::Other,
    }
}
