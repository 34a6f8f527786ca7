//! What the asker screened itself: it says so in the question, or in its relationship with the counterparty. It fulfils what the registry
//! cannot search, until it is out of date. Callers: the check `sanctions`, `relationship::terms`.
//!
//! Source: docs/screening.md, "What you screened yourself".

use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;
use vasp_words::time::{Date, UtcTime};

closed_list! {
    /// What the asker's own screening found, worst first.
    pub enum AskerScreeningOutcome {
        /// An entry that may mean the counterparty, and nobody cleared it.
        Hit = "hit",
        /// An entry that the asker's people cleared.
        Cleared = "cleared",
        /// Nothing.
        NoMatch = "no_match",
    }
}

/// A list that the asker searched itself for the counterparty and its address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AskerScreening {
    /// The list, as `sources` of the condition `screen_yourself` names it.
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 80, example = "UN-SANCTIONS"))]
    pub list: String,
    /// The provider of the screening, or the asker's own system.
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 80, example = "Acme Screening"))]
    pub provider: String,
    /// When it was done; not in the future.
    pub at: UtcTime,
    /// The reference under which the asker keeps the result.
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 200, example = "S-2026-1182"))]
    pub reference: String,
    /// What was found. A `hit` holds the transfer.
    pub outcome: AskerScreeningOutcome,
}

impl AskerScreening {
    /// The most that a question or a relationship can have.
    pub const MOST: usize = 50;

    /// Returns the first moment at which it is out of date; `None` if the policy sets no limit for the age of lists.
    #[must_use]
    pub fn counts_until(&self, limit_days: Option<u16>) -> Option<UtcTime> {
        limit_days.map(|days| self.at.plus_secs(i64::from(days) * 86_400))
    }

    /// Tells whether it counts at a moment.
    #[must_use]
    pub fn counts_at(&self, now: UtcTime, limit_days: Option<u16>) -> bool {
        self.at <= now && self.counts_until(limit_days).is_none_or(|end| now < end)
    }

    /// Checks all items that were given on a day.
    ///
    /// # Errors
    /// The place and member that is wrong, as the end of a JSON Pointer, and what is right.
    pub fn check_all(all: &[Self], day: Date) -> Result<(), (String, String)> {
        if all.len() > Self::MOST {
            return Err((String::new(), format!("must have at most {} entries", Self::MOST)));
        }
        for (place, one) in all.iter().enumerate() {
            for (name, text, most) in
                [("list", &one.list, 80), ("provider", &one.provider, 80), ("reference", &one.reference, 200)]
            {
                if text.trim().is_empty() || text.chars().count() > most || text.chars().any(char::is_control) {
                    return Err((format!("/{place}/{name}"), format!("must be one line of 1 to {most} characters")));
                }
            }
            if one.at.date() > day {
                return Err((format!("/{place}/at"), "must not be in the future".to_owned()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screened(at: &str) -> AskerScreening {
        let text = |text: &str| text.to_owned();
        let outcome = AskerScreeningOutcome::NoMatch;
        AskerScreening { list: text("L"), provider: text("P"), at: at.parse().unwrap(), reference: text("R"), outcome }
    }

    #[test]
    fn it_counts_from_its_moment_until_it_is_as_old_as_a_list_may_be() {
        let one = screened("2026-05-01T12:00:00Z");
        for (now, limit, expected) in [
            ("2026-05-01T11:59:59Z", Some(30), false),
            ("2026-05-01T12:00:00Z", Some(30), true),
            ("2026-05-31T11:59:59Z", Some(30), true),
            ("2026-05-31T12:00:00Z", Some(30), false),
            ("2027-05-31T12:00:00Z", None, true),
        ] {
            assert_eq!(one.counts_at(now.parse().unwrap(), limit), expected, "{now} {limit:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let day = "2026-05-01".parse().unwrap();
        let place = |all: &[AskerScreening]| AskerScreening::check_all(all, day).unwrap_err().0;
        let good = || screened("2026-05-01T23:59:59Z");

        assert_eq!(AskerScreening::check_all(&[good(), good()], day), Ok(()));
        assert_eq!(place(&[good(), screened("2026-05-02T00:00:00Z")]), "/1/at");
        assert_eq!(place(&[AskerScreening { list: " ".into(), ..good() }]), "/0/list");
        assert_eq!(place(&[AskerScreening { reference: "x".repeat(201), ..good() }]), "/0/reference");
        assert_eq!(place(&vec![good(); 51]), "");
    }
}
