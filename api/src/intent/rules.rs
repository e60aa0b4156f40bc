//! Pure decisions about intents.

use openintent_entities::intent::Status;

/// The statuses that follow this one (PROTOCOL §2). Empty for terminal ones.
#[must_use]
pub fn allowed(from: Status) -> &'static [Status] {
    use Status::{Abandoned, Active, Blocked, Completed, Failed, SuspendedAwaitingInput};
    match from {
        Status::Draft => &[Active, Abandoned],
        Active => &[
            Blocked,
            SuspendedAwaitingInput,
            Completed,
            Failed,
            Abandoned,
        ],
        Blocked => &[Active, Failed, Abandoned],
        SuspendedAwaitingInput | Failed => &[Active, Abandoned],
        Completed | Abandoned => &[],
    }
}

/// Whether nothing can follow this status.
#[must_use]
pub fn is_terminal(status: Status) -> bool {
    allowed(status).is_empty()
}

/// The status as the protocol writes it.
#[must_use]
pub fn name(status: Status) -> &'static str {
    match status {
        Status::Draft => "draft",
        Status::Active => "active",
        Status::Blocked => "blocked",
        Status::SuspendedAwaitingInput => "suspended_awaiting_input",
        Status::Completed => "completed",
        Status::Failed => "failed",
        Status::Abandoned => "abandoned",
    }
}

/// Whether a dependency in this status lets its dependents go on.
#[must_use]
pub fn satisfies_dependents(status: Status) -> bool {
    status == Status::Completed
}

/// Whether a child in this status lets its parent complete. A child that was given up is no longer
/// part of the goal; one that failed is, until somebody retries it or gives it up.
#[must_use]
pub fn satisfies_parent(status: Status) -> bool {
    matches!(status, Status::Completed | Status::Abandoned)
}

/// Where an intent that is open for work belongs, given whether its dependencies are met: active
/// intents with open dependencies are blocked, and blocked ones become active with the last of
/// them, unless somebody blocked them by hand. `None` where nothing changes.
#[must_use]
pub fn gate(status: Status, blocked_by_hand: bool, dependencies_met: bool) -> Option<Status> {
    match (status, dependencies_met) {
        (Status::Active, false) => Some(Status::Blocked),
        (Status::Blocked, true) if !blocked_by_hand => Some(Status::Active),
        _ => None,
    }
}

/// The lifecycle phase that a dashboard shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
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
}

/// The phase, from what is known of the intent.
#[must_use]
pub fn phase(status: Status, started: bool, leased: bool, assigned: bool) -> Phase {
    match status {
        Status::Completed => Phase::Completed,
        Status::Failed | Status::Abandoned => Phase::Failed,
        _ if started => Phase::Executing,
        _ if leased => Phase::Leased,
        _ if assigned => Phase::Assigned,
        _ => Phase::Created,
    }
}

/// Event types that agents may append themselves: those of RFC-0008, comments, and their own under
/// `x-`. All others are the server's, present and future, so that they cannot be forged.
#[must_use]
pub fn may_be_logged(event_type: &str) -> bool {
    let well_formed = event_type.len() <= 128
        && event_type.bytes().all(
            |byte| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.'),
        );
    let prefixed = ["llm_", "tool_call_", "stream_", "x-"]
        .iter()
        .any(|prefix| {
            event_type
                .strip_prefix(prefix)
                .is_some_and(|rest| !rest.is_empty())
        });
    well_formed && (prefixed || event_type == "comment")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Status; 7] = [
        Status::Draft,
        Status::Active,
        Status::Blocked,
        Status::SuspendedAwaitingInput,
        Status::Completed,
        Status::Failed,
        Status::Abandoned,
    ];

    #[test]
    fn the_machine_is_the_protocols_table() {
        let table: Vec<String> = ALL
            .iter()
            .map(|&from| {
                let to: Vec<_> = allowed(from).iter().map(|&to| name(to)).collect();
                format!("{} -> {}", name(from), to.join(" "))
            })
            .collect();
        assert_eq!(
            table,
            [
                "draft -> active abandoned",
                "active -> blocked suspended_awaiting_input completed failed abandoned",
                "blocked -> active failed abandoned",
                "suspended_awaiting_input -> active abandoned",
                "completed -> ",
                "failed -> active abandoned",
                "abandoned -> ",
            ]
        );
    }

    #[test]
    fn the_gate_moves_only_along_the_machine() {
        for status in ALL {
            for by_hand in [false, true] {
                for met in [false, true] {
                    if let Some(next) = gate(status, by_hand, met) {
                        assert!(allowed(status).contains(&next));
                        assert_eq!(gate(next, false, met), None, "the gate must settle");
                    }
                }
            }
        }
        assert_eq!(gate(Status::Blocked, true, true), None);
    }

    #[test]
    fn agents_log_their_own_types_and_not_the_servers() {
        for good in [
            "llm_request_started",
            "stream_completed",
            "tool_call_failed",
            "comment",
            "x-deploy.done",
        ] {
            assert!(may_be_logged(good), "{good}");
        }
        for bad in [
            "state_patched",
            "status_changed",
            "task.completed",
            "",
            "x-",
            "llm_",
            "x-a b",
            "comments",
        ] {
            assert!(!may_be_logged(bad), "{bad}");
        }
    }
}
