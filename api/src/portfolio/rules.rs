//! Pure decisions about portfolios.

use std::collections::BTreeMap;

use openintent_entities::{
    intent::Status as IntentStatus,
    portfolio::{Model, Status},
};

/// The statuses that follow this one.
#[must_use]
pub fn allowed(from: Status) -> &'static [Status] {
    match from {
        Status::Active => &[Status::Completed, Status::Abandoned],
        Status::Completed | Status::Abandoned => &[],
    }
}

/// The status as the protocol writes it.
#[must_use]
pub fn name(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::Completed => "completed",
        Status::Abandoned => "abandoned",
    }
}

/// How many members have which status.
pub type Counts = BTreeMap<IntentStatus, i64>;

/// What the members make together (RFC-0007).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// All members completed, and there are some.
    Completed,
    /// A member failed or was abandoned.
    Failed,
    /// Anything else.
    InProgress,
}

/// What the members make together.
#[must_use]
pub fn aggregate(counts: &Counts) -> Aggregate {
    let count = |status| counts.get(&status).copied().unwrap_or(0);
    let total = total(counts);
    if count(IntentStatus::Failed) + count(IntentStatus::Abandoned) > 0 {
        Aggregate::Failed
    } else if total > 0 && count(IntentStatus::Completed) == total {
        Aggregate::Completed
    } else {
        Aggregate::InProgress
    }
}

/// How many members there are.
#[must_use]
pub fn total(counts: &Counts) -> i64 {
    counts.values().sum()
}

/// Completed members in per cent, rounded down; 0 of none.
#[must_use]
pub fn completion_percentage(counts: &Counts) -> i64 {
    let completed = counts.get(&IntentStatus::Completed).copied().unwrap_or(0);
    (completed * 100).checked_div(total(counts)).unwrap_or(0)
}

/// Whether a member in this status keeps the portfolio from completing: failed and abandoned ones
/// do unless partial completion is allowed, open ones do if all must be completed.
#[must_use]
pub fn blocks_completion(portfolio: &Model, status: IntentStatus) -> bool {
    match status {
        IntentStatus::Completed => false,
        IntentStatus::Failed | IntentStatus::Abandoned => !portfolio.allow_partial_completion,
        _ => portfolio.require_all_completed,
    }
}

/// Whether the portfolio completes by itself now.
#[must_use]
pub fn completes_by_itself(portfolio: &Model, counts: &Counts) -> bool {
    portfolio.status == Status::Active
        && total(counts) > 0
        && portfolio
            .auto_complete_threshold
            .is_some_and(|threshold| completion_percentage(counts) >= i64::from(threshold))
        && !counts
            .iter()
            .any(|(&status, &count)| count > 0 && blocks_completion(portfolio, status))
}

#[cfg(test)]
mod tests {
    use openintent_entities::{Object, Timestamp, id::PortfolioId};
    use uuid::Uuid;

    use super::*;

    fn portfolio(all: bool, partial: bool, threshold: Option<i32>) -> Model {
        Model {
            id: PortfolioId::from_uuid(Uuid::nil()),
            name: String::new(),
            description: None,
            created_by: String::new(),
            namespace: None,
            status: Status::Active,
            status_reason: None,
            require_all_completed: all,
            allow_partial_completion: partial,
            auto_complete_threshold: threshold,
            shared_constraints: Object::default(),
            deadline: None,
            metadata: Object::default(),
            version: 1,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        }
    }

    fn counts(completed: i64, active: i64, failed: i64) -> Counts {
        Counts::from([
            (IntentStatus::Completed, completed),
            (IntentStatus::Active, active),
            (IntentStatus::Failed, failed),
        ])
    }

    #[test]
    fn the_aggregate_is_that_of_rfc_0007() {
        assert_eq!(aggregate(&Counts::new()), Aggregate::InProgress);
        assert_eq!(aggregate(&counts(2, 0, 0)), Aggregate::Completed);
        assert_eq!(aggregate(&counts(2, 1, 0)), Aggregate::InProgress);
        assert_eq!(aggregate(&counts(2, 1, 1)), Aggregate::Failed);
    }

    #[test]
    fn completion_follows_the_governance() {
        let sixty = portfolio(false, false, Some(60));
        assert!(!completes_by_itself(&sixty, &counts(1, 1, 0)));
        assert!(completes_by_itself(&sixty, &counts(3, 2, 0)));
        assert!(
            !completes_by_itself(&sixty, &counts(3, 1, 1)),
            "a failed member blocks"
        );
        assert!(completes_by_itself(
            &portfolio(false, true, Some(60)),
            &counts(3, 1, 1)
        ));
        let all = portfolio(true, false, Some(100));
        assert!(!completes_by_itself(&all, &counts(9, 1, 0)));
        assert!(completes_by_itself(&all, &counts(9, 0, 0)));
        assert!(!completes_by_itself(&all, &Counts::new()));
        assert!(!completes_by_itself(
            &portfolio(true, false, None),
            &counts(9, 0, 0)
        ));
    }
}
