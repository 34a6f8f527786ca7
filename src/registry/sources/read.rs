//! Reads and pauses sources.

use rand_core::RngCore;

use crate::node::{ServiceError, invalid_value};
use vasp_ingest::sources::{SourceDefinition, embedded};
use vasp_store::{SourceState, Store, StoreError};
use vasp_words::time::UtcTime;

const DAY_SECS: i64 = 86_400;

/// Lists of sanctions are looked at daily, but do not change daily: a week without news is usual.
const WEEK_DAYS: u16 = 7;

/// After how many days without a changed byte a source is told, or twice the days between two editions. Ours: sanctions lists and registers
/// change at least once in two months.
const STILL_DAYS: i64 = 60;

/// A source, with what was fetched from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownSource {
    /// What it is.
    pub definition: SourceDefinition,
    /// What was fetched from it.
    pub state: SourceState,
}

impl KnownSource {
    /// Returns when its next files should be there: after the day up to which it is known, and the days between two editions. That it was
    /// looked at since makes no difference, because a mirror that nobody refreshes offers the same file for ever. `None` if it was never
    /// fetched.
    #[must_use]
    pub fn next_due(&self) -> Option<UtcTime> {
        Some(self.known_until()?.plus_secs(i64::from(self.definition.every_days) * DAY_SECS))
    }

    /// Returns whether its files are too old: twice the days between two editions have passed, and at least a week, or its limit. One that was
    /// never fetched, or is paused, is not overdue.
    #[must_use]
    pub fn is_overdue(&self, now: UtcTime) -> bool {
        let patience = self.definition.every_days.saturating_mul(2).max(WEEK_DAYS);
        let days = self.definition.limit_days.map_or(patience, |limit| patience.min(limit));
        let end = self.known_until().map(|known| known.plus_secs(i64::from(days) * DAY_SECS));
        !self.state.paused && end.is_some_and(|end| end <= now)
    }

    /// Returns whether its files have had the same bytes for longer than any list or register stays as it is: whoever refreshes the mirror may
    /// give an old file a new name each day.
    #[must_use]
    pub fn is_still(&self, now: UtcTime) -> bool {
        let days = i64::from(self.definition.every_days).saturating_mul(2).max(STILL_DAYS);
        let end = self.state.changed_at.map(|changed| changed.plus_secs(days.saturating_mul(DAY_SECS)));
        !self.state.paused && end.is_some_and(|end| end <= now)
    }

    /// Returns the end of the day up to which it is known.
    fn known_until(&self) -> Option<UtcTime> {
        let day = self.state.known_through.or_else(|| self.state.changed_at.map(UtcTime::date))?;
        Some(day.next().start())
    }
}

/// Returns all sources, in the order of their table.
///
/// # Errors
/// `ServiceError::Store`.
pub fn list_known_sources(store: &Store) -> Result<Vec<KnownSource>, ServiceError> {
    let definitions = embedded().map_err(|error| ServiceError::Failed(Box::new(error)))?;
    let states = store.read::<_, StoreError>(|conn| conn.source_states())?;
    let known = |definition: SourceDefinition| {
        let state = states.iter().find(|state| state.id == definition.id).cloned();
        let state = state.unwrap_or_else(|| SourceState { id: definition.id.clone(), ..SourceState::default() });
        KnownSource { definition, state }
    };
    Ok(definitions.into_iter().map(known).collect())
}

/// Returns the source with an id.
///
/// # Errors
/// `ServiceError::Invalid` with the known ids, `Store`.
pub(super) fn known_source(store: &Store, id: &str) -> Result<KnownSource, ServiceError> {
    let all = list_known_sources(store)?;
    let ids: Vec<String> = all.iter().map(|one| one.definition.id.clone()).collect();
    let wanted = all.into_iter().find(|one| one.definition.id == id);
    wanted.ok_or_else(|| invalid_value("/id", format!("there is no source `{id}`; known are {}", ids.join(", "))))
}

/// Leaves a source out of fetches that do not name it, or takes it in again.
///
/// # Errors
/// `ServiceError::Invalid` for an unknown source, `Store`.
pub fn pause_source(store: &Store, id: &str, paused: bool, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    known_source(store, id)?;
    store.write::<_, StoreError>(now, rng, |transaction| transaction.change_source_state(id, |row| row.paused = paused))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use vasp_rules::lists::ListId;
    use vasp_rules::policy::Policy;
    use vasp_words::time::Date;

    fn known(every_days: u16, limit_days: Option<u16>, day: Option<&str>, paused: bool) -> KnownSource {
        let mut definition = embedded().unwrap().remove(0);
        (definition.every_days, definition.limit_days) = (every_days, limit_days);
        let known_through = day.map(|day| day.parse().unwrap());
        // It was looked at just now; that must make no difference.
        let succeeded_at = day.and(Some("2026-12-31T00:00:00Z".parse().unwrap()));
        let state = SourceState { id: "x".to_owned(), known_through, succeeded_at, paused, ..SourceState::default() };
        KnownSource { definition, state }
    }

    #[test]
    fn what_is_due_and_overdue_counts_from_the_day_up_to_which_it_is_known() {
        let april = Some("2026-04-26");
        for (source, due, overdue) in [
            (known(7, Some(120), april, false), Some("2026-05-04T00:00:00Z"), Some("2026-05-11T00:00:00Z")),
            (known(1, Some(30), april, false), Some("2026-04-28T00:00:00Z"), Some("2026-05-04T00:00:00Z")),
            (known(1, None, april, false), Some("2026-04-28T00:00:00Z"), Some("2026-05-04T00:00:00Z")),
            (known(120, Some(135), april, false), Some("2026-08-25T00:00:00Z"), Some("2026-09-09T00:00:00Z")),
            (known(7, Some(120), april, true), Some("2026-05-04T00:00:00Z"), None),
            (known(7, Some(120), None, false), None, None),
        ] {
            assert_eq!(source.next_due(), due.map(|due| due.parse().unwrap()), "{source:?}");
            let far: UtcTime = "2027-12-31T00:00:00Z".parse().unwrap();
            assert_eq!(source.is_overdue(far), overdue.is_some());
            if let Some(overdue) = overdue.map(|at| at.parse::<UtcTime>().unwrap()) {
                assert!(source.is_overdue(overdue) && !source.is_overdue(overdue.plus_secs(-1)), "{source:?}");
            }
        }
    }

    #[test]
    fn a_source_whose_bytes_stay_the_same_is_still() {
        let mut source = known(1, None, Some("2026-12-30"), false);
        source.state.changed_at = Some("2026-10-01T00:00:00Z".parse().unwrap());
        let still = |source: &KnownSource, now: &str| source.is_still(now.parse().unwrap());

        assert!(!still(&source, "2026-11-29T23:59:59Z") && still(&source, "2026-11-30T00:00:00Z"));
        source.definition.every_days = 120;
        assert!(!still(&source, "2026-11-30T00:00:00Z") && still(&source, "2027-05-29T00:00:00Z"));
    }

    /// The table repeats the limits of the policy that is shipped, for people who read it; they must be the same.
    #[test]
    fn the_limits_of_the_table_are_those_of_the_policy() {
        let policy = Policy::embedded().unwrap();
        let limits = policy.freshness();
        let jurisdictions = [ListId::FatfBlack, ListId::FatfGrey].map(ListId::covers_days);
        for source in embedded().unwrap() {
            let limit = match source.format.as_str() {
                "esma-casps" | "esma-ncasp" | "register-csv" | "fincen-msb" | "sfc-vatp" => limits.register.unknown_after,
                "lists-csv" => limits.jurisdiction_list.unknown_after,
                "gleif-lei" | "reference-rates" => None,
                _ => limits.screening_list.unknown_after,
            };
            assert_eq!(source.limit_days.map(i64::from), limit.map(i64::from), "{}", source.id);
            if source.format == "lists-csv" {
                assert!(jurisdictions.iter().all(|days| Some(*days) == limit.map(i64::from)));
            }
        }
    }

    #[test]
    fn a_source_without_a_day_counts_from_its_last_change() {
        let changed_at = Some("2026-05-01T10:00:00Z".parse().unwrap());
        let source = known(7, None, None, false);
        let source = KnownSource { state: SourceState { changed_at, ..source.state }, ..source };

        assert_eq!(source.next_due().map(UtcTime::date), Date::new(2026, 5, 9));
    }
}
