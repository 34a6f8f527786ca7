//! Verifies that each recorded pre-check still has its row. The rows are in no log; the transaction that records some counts them.

use vasp_store::{Conn, OrganisationDay};

use super::{Extent, Place, Verification};
use crate::node::ServiceError;

/// What is wrong with a day; `None` if nothing is.
fn fault(counted: i64, found: i64) -> Option<String> {
    match found - counted {
        0 => None,
        added @ 1.. => Some(format!("{added} of {found} pre-checks of this day were never recorded")),
        missing => Some(format!("{} of {counted} recorded pre-checks of this day are missing", -missing)),
    }
}

impl Verification<'_> {
    /// Compares rows and counts of each organisation's days, or of those of a sample.
    pub(super) fn prechecks(&mut self, extent: &Extent) -> Result<(), ServiceError> {
        for organisation in self.read(Conn::uncounted_prechecks)? {
            self.altered("precheck_counts", organisation, "it has pre-checks, but none was counted");
        }
        let days = self.read(Conn::counted_prechecks)?;
        let mut days: Vec<OrganisationDay> = days.into_iter().map(|(day, _)| day).collect();
        let (mut always, mut left) = (days.len(), 0);
        if let Extent::Sample(sample) = extent {
            days = sample.order(days, &sample.always.days);
            (always, left) = (sample.always.days.len(), i64::try_from(sample.rows).unwrap_or(i64::MAX));
        }
        for (place, day) in days.into_iter().enumerate() {
            if left <= 0 && place >= always {
                return Ok(());
            }
            let (counted, found) = self.read(|conn| conn.prechecks_of_day(day))?;
            if let Some(what) = fault(counted, found) {
                self.report.suspects.days.push(day);
                self.altered("prechecks", format!("{}, {}", day.0, day.1), &what);
            }
            left = left.saturating_sub(found);
            if !self.goes_on(Place::Audit) {
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
    fn a_day_has_as_many_rows_as_were_counted() {
        assert_eq!([fault(3, 3), fault(0, 0)], [None, None]);
        assert_eq!(fault(3, 1), Some("2 of 3 recorded pre-checks of this day are missing".to_owned()));
        assert_eq!(fault(3, 4), Some("1 of 4 pre-checks of this day were never recorded".to_owned()));
    }
}
