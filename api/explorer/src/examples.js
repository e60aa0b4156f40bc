// What a reader finds in the editor at the first visit, one tab each.

// Lines are short enough to be read beside the result in a window of 1280 pixels.
const overview = `# The API explorer of this OpenIntent server.
#
# - Ctrl-Enter or the button runs an operation.
# - Your key goes into "Headers" below, X-API-Key.
#   X-Agent-ID names the agent for whom a key that
#   belongs to no agent acts. Subscriptions send
#   both too.
# - The book opens the documentation, Ctrl-Space
#   completes.
# - The other tabs create an intent and watch the
#   event log. Run WatchEvents in a second window,
#   then CreateIntent here: the event appears.

query Overview {
  viewer {
    name
    role
    agentId
  }
  intents(
    first: 5
    orderBy: { field: UPDATED_AT, direction: DESC }
  ) {
    totalCount
    nodes {
      id
      title
      status
      version
      updatedAt
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}

# One intent, with what blocks it and who works on it:
#
# query OneIntent {
#   intent(id: "intent_...") {
#     title
#     status
#     state
#     blockedBy { message }
#     agents { agentId role }
#     leases(status: [ACTIVE], first: 10) {
#       nodes { scope agentId expiresAt }
#     }
#   }
# }
#
# Who holds which lease now:
#
# query ActiveLeases {
#   leases(filter: { status: [ACTIVE] }, first: 20) {
#     nodes {
#       scope
#       agentId
#       expiresAt
#       intent { id title }
#     }
#   }
# }
`;

const createIntent = `# A refusal is data, so ask for errors. The cursor is
# the place in the event log behind this change: a
# subscription that gets it as "after" misses nothing.

mutation CreateIntent($input: CreateIntentInput!) {
  createIntent(input: $input) {
    intent {
      id
      status
      version
    }
    cursor
    errors {
      code
      message
      path
    }
  }
}

# Changes name the version that they build on:
#
# mutation PatchState {
#   patchState(input: {
#     intentId: "intent_..."
#     expectedVersion: 1
#     patches: [{ set: { path: "/progress", value: 50 } }]
#   }) {
#     intent { version state }
#     errors {
#       code
#       message
#       ... on VersionConflictError { currentVersion }
#     }
#   }
# }
#
# mutation AcquireLease {
#   acquireLease(input: {
#     intentId: "intent_..."
#     scope: "research"
#     durationSeconds: 300
#   }) {
#     lease { id expiresAt fencingToken }
#     errors {
#       code
#       message
#       ... on LeaseHeldError { holder expiresAt }
#     }
#   }
# }
`;

const createIntentVariables = `{
  "input": {
    "title": "Try the API explorer",
    "state": { "progress": 0 }
  }
}`;

const watchEvents = `# Every event from now on, the newest first. The same
# button stops it. With "after" and the cursor of an
# earlier event, the log is sent from there on.

subscription WatchEvents {
  events {
    id
    type
    actor
    intentId
    cursor
    createdAt
    payload
  }
}

# One intent: its changes and what became of it:
#
# subscription WatchIntent {
#   intentUpdated(id: "intent_...") {
#     event { type actor }
#     intent { status version state }
#   }
# }
`;

/** The tabs of a first visit. */
export const defaultTabs = [
  { query: overview },
  { query: createIntent, variables: createIntentVariables },
  { query: watchEvents },
];
