//! The reasons why this node is degraded while it still answers; `/readyz` then says `degraded`. The log reports each reason once when it
//! begins and once when it ends; the metrics show it in between.
//!
//! Source: docs/faults.md.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use utoipa::ToSchema;
use vasp_words::closed_list::closed_list;

closed_list! {
    /// Why a node is degraded, worst first.
    pub enum DegradedCause {
        /// The database file is damaged; until a restart after a check of the file that it passes, nothing is written.
        DataDamaged = "data_damaged",
        /// Stored data differs from what the log says was written.
        DataAltered = "data_altered",
        /// The node has had no contact with its database for 5 seconds.
        OutOfTouch = "out_of_touch",
        /// Nothing can be written.
        NoWrites = "no_writes",
        /// The clock shows a time before this program was made; until it is set, nothing is written.
        ClockBehind = "clock_behind",
        /// The clock was set by more than a minute while the node ran; until it is right, nothing is written.
        ClockJumped = "clock_jumped",
        /// The newest entry of the log is dated more than a minute later than now; until the clock has passed it, nothing is written.
        LogAhead = "log_ahead",
        /// A source that this node refreshes has had no new file for too long.
        SourceOverdue = "source_overdue",
    }
}

/// A reason why the node is degraded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DegradedReason {
    code: DegradedCause,
    /// What is wrong, in a sentence.
    #[schema(example = "the database has not answered for 12 seconds")]
    detail: String,
}

/// Everything that is wrong with this node now; empty at first.
#[derive(Debug, Default)]
pub struct Condition(Mutex<BTreeMap<DegradedCause, String>>);

impl Condition {
    /// Notes that something is wrong, as `detail` says, or that it has ended. Only a begin or end is logged; a new detail for the same
    /// cause is not.
    pub fn set(&self, cause: DegradedCause, detail: Option<String>) {
        let mut wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let was_wrong = wrong.contains_key(&cause);
        match detail {
            Some(detail) => {
                if !was_wrong {
                    tracing::warn!(degraded.cause = %cause, degraded.detail = detail, "the node is degraded");
                }
                wrong.insert(cause, detail);
            }
            None if was_wrong => {
                wrong.remove(&cause);
                tracing::info!(degraded.cause = %cause, "a reason why the node was degraded has ended");
            }
            None => {}
        }
    }

    /// Returns whether this cause is present.
    #[must_use]
    pub fn has(&self, cause: DegradedCause) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&cause)
    }

    /// Returns whether nothing is wrong.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Returns the current reasons, worst first.
    #[must_use]
    pub fn reasons(&self) -> Vec<DegradedReason> {
        let wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.iter().map(|(&code, detail)| DegradedReason { code, detail: detail.clone() }).collect()
    }

    /// Returns every cause, and whether it is present.
    pub(crate) fn causes(&self) -> Vec<(&'static str, bool)> {
        let wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        DegradedCause::ALL.iter().map(|cause| (cause.as_str(), wrong.contains_key(cause))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_stands_until_it_is_over() {
        let condition = Condition::default();
        condition.set(DegradedCause::NoWrites, Some("the disk is full".to_owned()));
        condition.set(DegradedCause::DataAltered, Some("row 3".to_owned()));
        condition.set(DegradedCause::NoWrites, Some("the database may only be read".to_owned()));
        condition.set(DegradedCause::ClockJumped, None);

        let reason = |code, detail: &str| DegradedReason { code, detail: detail.to_owned() };
        let no_writes = reason(DegradedCause::NoWrites, "the database may only be read");
        assert_eq!(condition.reasons(), [reason(DegradedCause::DataAltered, "row 3"), no_writes.clone()]);
        condition.set(DegradedCause::DataAltered, None);
        assert_eq!(condition.reasons(), [no_writes]);
        assert_eq!(condition.causes().into_iter().filter(|(_, is_there)| *is_there).collect::<Vec<_>>(), [("no_writes", true)]);
    }
}
