// Written by `cargo run -p openintent-client-gen`. Do not edit: change schema.graphql and run it again.

//! A function for every mutation.

use serde::Serialize;

use crate::*;

const CREATE_INTENT: Operation = Operation::mutation(
    "createIntent",
    "($input: CreateIntentInput!)",
    "(input: $input)",
    IntentPayload::FIELDS,
)
.refusable()
.keyed();
const CREATE_CHILD_INTENT: Operation = Operation::mutation(
    "createChildIntent",
    "($input: CreateChildIntentInput!)",
    "(input: $input)",
    IntentPayload::FIELDS,
)
.refusable()
.keyed();
const UPDATE_INTENT: Operation = Operation::mutation(
    "updateIntent",
    "($input: UpdateIntentInput!)",
    "(input: $input)",
    IntentPayload::FIELDS,
)
.refusable()
.keyed();
const PATCH_STATE: Operation = Operation::mutation(
    "patchState",
    "($input: PatchStateInput!)",
    "(input: $input)",
    IntentPayload::FIELDS,
)
.refusable()
.keyed();
const SET_STATUS: Operation = Operation::mutation(
    "setStatus",
    "($input: SetStatusInput!)",
    "(input: $input)",
    IntentPayload::FIELDS,
)
.refusable()
.keyed();
const LOG_EVENT: Operation = Operation::mutation(
    "logEvent",
    "($input: LogEventInput!)",
    "(input: $input)",
    LogEventPayload::FIELDS,
)
.refusable()
.keyed();
const ASSIGN_AGENT: Operation = Operation::mutation(
    "assignAgent",
    "($input: AssignAgentInput!)",
    "(input: $input)",
    IntentPayload::FIELDS,
)
.refusable()
.keyed();
const UNASSIGN_AGENT: Operation = Operation::mutation(
    "unassignAgent",
    "($input: UnassignAgentInput!)",
    "(input: $input)",
    IntentPayload::FIELDS,
)
.refusable()
.keyed();
const ADD_DEPENDENCY: Operation = Operation::mutation(
    "addDependency",
    "($input: AddDependencyInput!)",
    "(input: $input)",
    IntentPayload::FIELDS,
)
.refusable()
.keyed();
const REMOVE_DEPENDENCY: Operation = Operation::mutation(
    "removeDependency",
    "($input: RemoveDependencyInput!)",
    "(input: $input)",
    IntentPayload::FIELDS,
)
.refusable()
.keyed();
const ACQUIRE_LEASE: Operation = Operation::mutation(
    "acquireLease",
    "($input: AcquireLeaseInput!)",
    "(input: $input)",
    LeasePayload::FIELDS,
)
.refusable()
.keyed();
const RENEW_LEASE: Operation = Operation::mutation(
    "renewLease",
    "($input: RenewLeaseInput!)",
    "(input: $input)",
    LeasePayload::FIELDS,
)
.refusable()
.keyed();
const RELEASE_LEASE: Operation = Operation::mutation(
    "releaseLease",
    "($input: ReleaseLeaseInput!)",
    "(input: $input)",
    LeasePayload::FIELDS,
)
.refusable()
.keyed();
const REVOKE_LEASE: Operation = Operation::mutation(
    "revokeLease",
    "($input: RevokeLeaseInput!)",
    "(input: $input)",
    LeasePayload::FIELDS,
)
.refusable()
.keyed();
const CREATE_PORTFOLIO: Operation = Operation::mutation(
    "createPortfolio",
    "($input: CreatePortfolioInput!)",
    "(input: $input)",
    PortfolioPayload::FIELDS,
)
.refusable()
.keyed();
const UPDATE_PORTFOLIO: Operation = Operation::mutation(
    "updatePortfolio",
    "($input: UpdatePortfolioInput!)",
    "(input: $input)",
    PortfolioPayload::FIELDS,
)
.refusable()
.keyed();
const SET_PORTFOLIO_STATUS: Operation = Operation::mutation(
    "setPortfolioStatus",
    "($input: SetPortfolioStatusInput!)",
    "(input: $input)",
    PortfolioPayload::FIELDS,
)
.refusable()
.keyed();
const ADD_INTENT_TO_PORTFOLIO: Operation = Operation::mutation(
    "addIntentToPortfolio",
    "($input: AddIntentToPortfolioInput!)",
    "(input: $input)",
    PortfolioPayload::FIELDS,
)
.refusable()
.keyed();
const REMOVE_INTENT_FROM_PORTFOLIO: Operation = Operation::mutation(
    "removeIntentFromPortfolio",
    "($input: RemoveIntentFromPortfolioInput!)",
    "(input: $input)",
    PortfolioPayload::FIELDS,
)
.refusable()
.keyed();

impl Client {
    /// Creates an intent. It is active, unless it is to stay a draft or has to wait for dependencies.
    pub fn create_intent(&self, input: CreateIntentInput) -> Call<IntentPayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(CREATE_INTENT, Variables { input })
    }

    /// Creates an intent below another one (RFC-0002).
    pub fn create_child_intent(&self, input: CreateChildIntentInput) -> Call<IntentPayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(CREATE_CHILD_INTENT, Variables { input })
    }

    /// Changes what describes an intent. Its state changes by `patchState`, its status by `setStatus`.
    pub fn update_intent(&self, input: UpdateIntentInput) -> Call<IntentPayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(UPDATE_INTENT, Variables { input })
    }

    /// Changes an intent's state (the protocol's `update_state`). Of several writers that have seen
    /// the same version, one wins; the others get a version conflict and nothing of theirs is stored.
    pub fn patch_state(&self, input: PatchStateInput) -> Call<IntentPayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(PATCH_STATE, Variables { input })
    }

    /// Moves an intent along its status machine. What follows from it happens at once: the last
    /// dependency to complete unblocks what waited for it.
    pub fn set_status(&self, input: SetStatusInput) -> Call<IntentPayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(SET_STATUS, Variables { input })
    }

    /// Appends an event of your own to an intent's log: what a model was asked, what a tool did, a
    /// comment.
    pub fn log_event(&self, input: LogEventInput) -> Call<LogEventPayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(LOG_EVENT, Variables { input })
    }

    /// Assigns an agent to an intent, or gives an assigned one another role. Agents hear of it through
    /// the subscription `assignments`.
    pub fn assign_agent(&self, input: AssignAgentInput) -> Call<IntentPayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(ASSIGN_AGENT, Variables { input })
    }

    /// Takes an agent off an intent.
    pub fn unassign_agent(&self, input: UnassignAgentInput) -> Call<IntentPayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(UNASSIGN_AGENT, Variables { input })
    }

    /// Makes an intent wait for others. If one of them is not completed, an active intent becomes
    /// blocked.
    pub fn add_dependency(&self, input: AddDependencyInput) -> Call<IntentPayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(ADD_DEPENDENCY, Variables { input })
    }

    /// Makes an intent no longer wait for another. If it waited for nothing else, it becomes active.
    pub fn remove_dependency(&self, input: RemoveDependencyInput) -> Call<IntentPayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(REMOVE_DEPENDENCY, Variables { input })
    }

    /// Leases a scope of an intent to you. Of several that try at once, one gets it; the others are
    /// told who has it and until when.
    pub fn acquire_lease(&self, input: AcquireLeaseInput) -> Call<LeasePayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(ACQUIRE_LEASE, Variables { input })
    }

    /// Prolongs a lease of yours that is still in force.
    pub fn renew_lease(&self, input: RenewLeaseInput) -> Call<LeasePayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(RENEW_LEASE, Variables { input })
    }

    /// Gives a lease of yours back before its time is over.
    pub fn release_lease(&self, input: ReleaseLeaseInput) -> Call<LeasePayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(RELEASE_LEASE, Variables { input })
    }

    /// Takes a lease away from its holder. Only admins can.
    pub fn revoke_lease(&self, input: RevokeLeaseInput) -> Call<LeasePayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(REVOKE_LEASE, Variables { input })
    }

    /// Creates a portfolio without members.
    pub fn create_portfolio(&self, input: CreatePortfolioInput) -> Call<PortfolioPayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(CREATE_PORTFOLIO, Variables { input })
    }

    /// Changes what describes and governs a portfolio.
    pub fn update_portfolio(&self, input: UpdatePortfolioInput) -> Call<PortfolioPayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(UPDATE_PORTFOLIO, Variables { input })
    }

    /// Completes or abandons a portfolio. Its members stay as they are.
    pub fn set_portfolio_status(&self, input: SetPortfolioStatusInput) -> Call<PortfolioPayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(SET_PORTFOLIO_STATUS, Variables { input })
    }

    /// Adds an intent to a portfolio, or changes the role and priority of a member.
    pub fn add_intent_to_portfolio(
        &self,
        input: AddIntentToPortfolioInput,
    ) -> Call<PortfolioPayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(ADD_INTENT_TO_PORTFOLIO, Variables { input })
    }

    /// Takes an intent out of a portfolio. The intent itself stays as it is.
    pub fn remove_intent_from_portfolio(
        &self,
        input: RemoveIntentFromPortfolioInput,
    ) -> Call<PortfolioPayload> {
        #[derive(Serialize)]
        struct Variables<T> {
            input: T,
        }
        self.call(REMOVE_INTENT_FROM_PORTFOLIO, Variables { input })
    }
}
