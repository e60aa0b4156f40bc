//! What mutations answer: the changed objects, a cursor, and refusals as data.

use async_graphql::{ID, Interface, SimpleObject};

use crate::{
    error::{Code, Error, Result},
    scalar::{DateTime, int},
};

macro_rules! refusals {
    ($($(#[$doc:meta])+ $name:ident { $($(#[$field_doc:meta])+ $field:ident: $type:ty),* $(,)? })+) => {
        $(
            $(#[$doc])+
            #[derive(Debug, Clone, SimpleObject)]
            pub struct $name {
                /// What a program decides on.
                pub code: Code,
                /// What a person reads: what was wrong, and what would be right.
                pub message: String,
                /// The input fields that lead to the value that was refused, from the mutation's input on.
                pub path: Option<Vec<String>>,
                $($(#[$field_doc])+ pub $field: $type,)*
            }
        )+

        /// Why a mutation was refused. Nothing was changed. The concrete types carry what a program
        /// needs to go on.
        #[derive(Debug, Clone, Interface)]
        #[graphql(
            field(name = "code", ty = "&Code", desc = "What a program decides on."),
            field(name = "message", ty = "&String", desc = "What a person reads: what was wrong, and what would be right."),
            field(name = "path", ty = "&Option<Vec<String>>", desc = "The input fields that lead to the value that was refused, from the mutation's input on."),
        )]
        pub enum MutationError {
            $($(#[$doc])+ $name($name),)+
        }
    };
}

refusals! {
    /// A value is malformed, out of range, or at odds with another.
    InvalidInputError {}
    /// Something that the input names is not there, or is hidden from you.
    NotFoundError {
        /// What was not found.
        id: String,
    }
    /// You may see it, but not do this.
    ForbiddenError {}
    /// The object has changed since you read it.
    VersionConflictError {
        /// The version that you named.
        expected_version: i32,
        /// The version that it has now.
        current_version: i32,
    }
    /// The status machine has no such transition.
    InvalidTransitionError {
        /// The present status, as the protocol writes it.
        from: String,
        /// The wanted status.
        to: String,
        /// The statuses that it may go to from here; none of them when it is terminal.
        allowed: Vec<String>,
    }
    /// Another lease on the same scope is in force.
    LeaseHeldError {
        /// That lease.
        lease_id: ID,
        /// What it covers.
        scope: String,
        /// Who holds it.
        holder: String,
        /// When it ends unless it is renewed.
        expires_at: DateTime,
    }
    /// The lease that you mean is over.
    LeaseNotActiveError {
        /// That lease.
        lease_id: ID,
        /// What became of it: `released`, `expired` or `revoked`.
        status: String,
        /// Who holds its scope now, if anybody.
        holder: Option<String>,
    }
    /// The fencing token is not that of a lease that you hold on what you write to.
    StaleFencingTokenError {
        /// The token that you gave.
        given: i32,
        /// The token of the lease that you do hold there, if any.
        current: Option<i32>,
    }
    /// The edge would make something wait for itself.
    DependencyCycleError {
        /// The ids along the cycle, each waiting for the next.
        cycle: Vec<ID>,
    }
    /// Other intents must complete first.
    UnmetDependenciesError {
        /// Those intents, at most some hundred of them.
        blocking_intents: Vec<ID>,
    }
    /// The intent or portfolio is completed or abandoned and changes no more.
    ClosedError {
        /// What is closed.
        id: ID,
        /// Its terminal status.
        status: String,
    }
    /// It is there already.
    AlreadyExistsError {}
    /// A bound that keeps the server healthy was passed.
    LimitExceededError {
        /// How much there is or would be.
        actual: i32,
        /// How much there may be.
        limit: i32,
    }
    /// This idempotency key was used before, with another operation or input.
    IdempotencyMismatchError {}
}

impl MutationError {
    /// The error as data, if it is a refusal; else the error itself, for the top level of the answer.
    ///
    /// # Errors
    /// The error, when the request could not be carried out at all.
    #[expect(
        clippy::too_many_lines,
        reason = "one exhaustive match: a new kind of error must be placed here"
    )]
    pub fn from_error(error: Error) -> Result<Self> {
        let code = error.code();
        let message = error.to_string();
        let path = None;
        Ok(match error {
            Error::BadUserInput { path, .. } => {
                let path = (!path.is_empty()).then_some(path);
                Self::InvalidInputError(InvalidInputError {
                    code,
                    message,
                    path,
                })
            }
            Error::NotFound { id, .. } => Self::NotFoundError(NotFoundError {
                code,
                message,
                path,
                id,
            }),
            Error::Forbidden(_) => Self::ForbiddenError(ForbiddenError {
                code,
                message,
                path,
            }),
            Error::VersionConflict { expected, current } => {
                Self::VersionConflictError(VersionConflictError {
                    code,
                    message,
                    path,
                    expected_version: int(expected),
                    current_version: int(current),
                })
            }
            Error::InvalidTransition { from, to, allowed } => {
                Self::InvalidTransitionError(InvalidTransitionError {
                    code,
                    message,
                    path,
                    from,
                    to,
                    allowed,
                })
            }
            Error::LeaseHeld {
                lease,
                scope,
                holder,
                expires_at,
            } => Self::LeaseHeldError(LeaseHeldError {
                code,
                message,
                path,
                lease_id: ID(lease.into()),
                scope,
                holder,
                expires_at: DateTime(expires_at),
            }),
            Error::LeaseNotActive {
                lease,
                status,
                holder,
            } => Self::LeaseNotActiveError(LeaseNotActiveError {
                code,
                message,
                path,
                lease_id: ID(lease.into()),
                status: status.to_owned(),
                holder,
            }),
            Error::StaleFencingToken { given, current } => {
                Self::StaleFencingTokenError(StaleFencingTokenError {
                    code,
                    message,
                    path,
                    given: int(given),
                    current: current.map(int),
                })
            }
            Error::DependencyCycle { cycle } => {
                let cycle = cycle.into_iter().map(|id| ID(id.into())).collect();
                Self::DependencyCycleError(DependencyCycleError {
                    code,
                    message,
                    path,
                    cycle,
                })
            }
            Error::UnmetDependencies { blocking } => {
                let blocking_intents = blocking.into_iter().map(|id| ID(id.into())).collect();
                Self::UnmetDependenciesError(UnmetDependenciesError {
                    code,
                    message,
                    path,
                    blocking_intents,
                })
            }
            Error::IntentClosed { id, status } => {
                let (id, status) = (ID(id.into()), status.to_owned());
                Self::ClosedError(ClosedError {
                    code,
                    message,
                    path,
                    id,
                    status,
                })
            }
            Error::PortfolioClosed { id, status } => {
                let (id, status) = (ID(id.into()), status.to_owned());
                Self::ClosedError(ClosedError {
                    code,
                    message,
                    path,
                    id,
                    status,
                })
            }
            Error::AlreadyExists(_) => Self::AlreadyExistsError(AlreadyExistsError {
                code,
                message,
                path,
            }),
            Error::LimitExceeded { actual, limit, .. } => {
                Self::LimitExceededError(LimitExceededError {
                    code,
                    message,
                    path,
                    actual: int(actual),
                    limit: int(limit),
                })
            }
            Error::IdempotencyMismatch => {
                Self::IdempotencyMismatchError(IdempotencyMismatchError {
                    code,
                    message,
                    path,
                })
            }
            other @ (Error::Unauthenticated(_)
            | Error::RateLimited { .. }
            | Error::Unavailable { .. }
            | Error::Timeout(_)
            | Error::Internal(_)) => return Err(other),
        })
    }
}

/// Declares a mutation payload, and how it is made from a service's result.
macro_rules! payload {
    ($(#[$doc:meta])+ $name:ident { $(#[$field_doc:meta])+ $field:ident: $type:ty } from $value:ty) => {
        $(#[$doc])+
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            $(#[$field_doc])+
            pub $field: Option<$type>,
            /// The place in the event log just after this change: read from here on, and nothing that
            /// came later is missed and nothing that was there is seen again. Absent when refused.
            pub cursor: Option<$crate::scalar::Cursor>,
            /// Why the mutation was refused. Empty when it was carried out.
            pub errors: Vec<$crate::payload::MutationError>,
        }

        impl $name {
            /// The payload of a change.
            ///
            /// # Errors
            /// The error, when the request could not be carried out at all.
            pub fn new(
                result: $crate::error::Result<$crate::change::Committed<$value>>,
            ) -> $crate::error::Result<Self> {
                match result {
                    Ok(committed) => Ok(Self {
                        $field: Some(<$type>::from(committed.value)),
                        cursor: Some($crate::scalar::Cursor(committed.position)),
                        errors: Vec::new(),
                    }),
                    Err(error) => Ok(Self {
                        $field: None,
                        cursor: None,
                        errors: vec![$crate::payload::MutationError::from_error(error)?],
                    }),
                }
            }
        }
    };
}

pub(crate) use payload;
