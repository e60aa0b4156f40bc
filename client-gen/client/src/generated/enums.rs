// Written by `cargo run -p openintent-client-gen`. Do not edit: change schema.graphql and run it again.

//! The enums.

use crate::macros::string_enum;

/// What the members of a portfolio make together (RFC-0007).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AggregateState {
    /// All members completed, and there are some.
    Completed,
    /// A member failed or was abandoned.
    Failed,
    /// Anything else.
    InProgress,
    /// A value that this client was not built with.
    Unknown(String),
}

string_enum!(AggregateState {
    Completed = "COMPLETED",
    Failed = "FAILED",
    InProgress = "IN_PROGRESS",
});

/// The kind of an error, as programs see it. Each has a paragraph in `docs/errors.md`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorCode {
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
    /// A value that this client was not built with.
    Unknown(String),
}

string_enum!(ErrorCode {
    BadUserInput = "BAD_USER_INPUT",
    Unauthenticated = "UNAUTHENTICATED",
    Forbidden = "FORBIDDEN",
    NotFound = "NOT_FOUND",
    VersionConflict = "VERSION_CONFLICT",
    InvalidTransition = "INVALID_TRANSITION",
    LeaseHeld = "LEASE_HELD",
    LeaseNotActive = "LEASE_NOT_ACTIVE",
    StaleFencingToken = "STALE_FENCING_TOKEN",
    DependencyCycle = "DEPENDENCY_CYCLE",
    UnmetDependencies = "UNMET_DEPENDENCIES",
    IntentClosed = "INTENT_CLOSED",
    PortfolioClosed = "PORTFOLIO_CLOSED",
    AlreadyExists = "ALREADY_EXISTS",
    LimitExceeded = "LIMIT_EXCEEDED",
    IdempotencyMismatch = "IDEMPOTENCY_MISMATCH",
    RateLimited = "RATE_LIMITED",
    Unavailable = "UNAVAILABLE",
    Timeout = "TIMEOUT",
    Internal = "INTERNAL",
});

/// Why one intent waits for another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IntentGraphEdgeKind {
    /// The other is its child.
    Child,
    /// It depends on the other.
    Dependency,
    /// A value that this client was not built with.
    Unknown(String),
}

string_enum!(IntentGraphEdgeKind {
    Child = "CHILD",
    Dependency = "DEPENDENCY",
});

/// What intents can be sorted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IntentOrderField {
    /// When they were created.
    CreatedAt,
    /// When they were last changed.
    UpdatedAt,
    /// How urgent they are.
    Priority,
    /// When they should be done. Those without a deadline count as latest.
    Deadline,
    /// A value that this client was not built with.
    Unknown(String),
}

string_enum!(IntentOrderField {
    CreatedAt = "CREATED_AT",
    UpdatedAt = "UPDATED_AT",
    Priority = "PRIORITY",
    Deadline = "DEADLINE",
});

/// How far an intent is, for people who watch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IntentPhase {
    /// Nobody is on it.
    Created,
    /// Agents are assigned.
    Assigned,
    /// Somebody holds a lease on it.
    Leased,
    /// Its state has been worked on.
    Executing,
    /// It completed.
    Completed,
    /// It failed or was abandoned.
    Failed,
    /// A value that this client was not built with.
    Unknown(String),
}

string_enum!(IntentPhase {
    Created = "CREATED",
    Assigned = "ASSIGNED",
    Leased = "LEASED",
    Executing = "EXECUTING",
    Completed = "COMPLETED",
    Failed = "FAILED",
});

/// Where an intent stands (RFC-0001, RFC-0002, RFC-0026). `draft → active, abandoned`;
/// `active → blocked, suspended_awaiting_input, completed, failed, abandoned`;
/// `blocked → active, failed, abandoned`; `suspended_awaiting_input → active, abandoned`;
/// `failed → active, abandoned`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IntentStatus {
    /// Being written; nothing acts on it yet.
    Draft,
    /// Open for work.
    Active,
    /// Waits for dependencies, or was stopped by hand.
    Blocked,
    /// Waits for an answer from a person.
    SuspendedAwaitingInput,
    /// Done. Terminal.
    Completed,
    /// An agent reported failure and no retry is left.
    Failed,
    /// Given up. Terminal.
    Abandoned,
    /// A value that this client was not built with.
    Unknown(String),
}

string_enum!(IntentStatus {
    Draft = "DRAFT",
    Active = "ACTIVE",
    Blocked = "BLOCKED",
    SuspendedAwaitingInput = "SUSPENDED_AWAITING_INPUT",
    Completed = "COMPLETED",
    Failed = "FAILED",
    Abandoned = "ABANDONED",
});

/// What the holder of an API key may do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyRole {
    /// Reads.
    Reader,
    /// Reads, and works on intents.
    Agent,
    /// What agents may do, and decides where people decide.
    Operator,
    /// Everything.
    Admin,
    /// A value that this client was not built with.
    Unknown(String),
}

string_enum!(KeyRole {
    Reader = "READER",
    Agent = "AGENT",
    Operator = "OPERATOR",
    Admin = "ADMIN",
});

/// Where a lease stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeaseStatus {
    /// Held.
    Active,
    /// Given back by its holder.
    Released,
    /// Its time ran out.
    Expired,
    /// Taken away by an admin.
    Revoked,
    /// A value that this client was not built with.
    Unknown(String),
}

string_enum!(LeaseStatus {
    Active = "ACTIVE",
    Released = "RELEASED",
    Expired = "EXPIRED",
    Revoked = "REVOKED",
});

/// Which way to sort.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderDirection {
    /// Lowest or oldest first.
    Asc,
    /// Highest or newest first.
    Desc,
    /// A value that this client was not built with.
    Unknown(String),
}

string_enum!(OrderDirection {
    Asc = "ASC",
    Desc = "DESC",
});

/// What an intent is to a portfolio.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PortfolioRole {
    /// The one intent that stands for the portfolio's goal.
    Primary,
    /// One of its parts.
    Member,
    /// Something that others build on. It orders nothing by itself (RFC-0007): dependencies do.
    Dependency,
    /// A value that this client was not built with.
    Unknown(String),
}

string_enum!(PortfolioRole {
    Primary = "PRIMARY",
    Member = "MEMBER",
    Dependency = "DEPENDENCY",
});

/// Where a portfolio stands: `active → completed, abandoned`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PortfolioStatus {
    /// Open.
    Active,
    /// Done. Terminal.
    Completed,
    /// Given up. Terminal.
    Abandoned,
    /// A value that this client was not built with.
    Unknown(String),
}

string_enum!(PortfolioStatus {
    Active = "ACTIVE",
    Completed = "COMPLETED",
    Abandoned = "ABANDONED",
});
