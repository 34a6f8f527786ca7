//! Verifies that each recorded pre-check still has its row. The rows are in no log; the transaction that records some counts them.

use vasp_words::ids::OrganisationId;
use vasp_words::time::Date;

use super::{Extent, Place, Verification};
use crate::node::ServiceError;

/// What is wrong with a day that has `found` rows; `None` if nothing is. Others may be recording meanwhile: `before` and `after` were
/// counted before and after the rows.
fn fault(before: i64, found: i64, after: i64) -> Option<String> {
    match (before - found, found - after) {
        (missing @ 1.., _) => Some(format!("{missing} of {before} recorded pre-checks of this day are missing")),
        (_, added @ 1..) => Some(format!("it has {found} pre-checks of this day, but {after} were counted: {added} were added")),
        _ => None,
    }
}

impl Verification<'_> {
    /// Compares rows and counts of each organisation's days; for a sample, of days in random order until enough rows were counted.
    pub(super) fn prechecks(&mut self, extent: &Extent) -> Result<(), ServiceError> {
        let counted = self.read(vasp_store::Conn::precheck_counts)?;
        let mut days: Vec<(&(OrganisationId, Date), &i64)> = counted.iter().collect();
        let mut left = i64::MAX;
        if let Extent::Sample(sample) = extent {
            sample.shuffle(&mut days);
            left = i64::try_from(sample.claims).unwrap_or(i64::MAX);
        }
        for (key @ (organisation, day), before) in days {
            let found = self.read(|conn| conn.prechecks_of_day(*organisation, *day))?;
            let after = if found > *before { self.read(|conn| conn.precheck_counts())?.get(key).copied() } else { None };
            if let Some(what) = fault(*before, found, after.unwrap_or(*before)) {
                self.altered("prechecks", format!("{organisation}, {day}"), &what);
            }
            left = left.saturating_sub(found);
            if left <= 0 || !self.goes_on(Place::Audit) {
                return Ok(());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_may_come_while_they_are_counted_but_none_may_go() {
        assert_eq!([fault(3, 3, 3), fault(3, 4, 4), fault(3, 4, 5)], [None, None, None]);
        assert_eq!(fault(3, 1, 3), Some("2 of 3 recorded pre-checks of this day are missing".to_owned()));
        assert_eq!(fault(3, 5, 4), Some("it has 5 pre-checks of this day, but 4 were counted: 1 were added".to_owned()));
    }
}
