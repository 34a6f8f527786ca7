//! The kinds of alerts that a webhook can ask for: the findings of checks, and what else an organisation is told.

use crate::node::{ServiceError, invalid};
use vasp_rules::precheck::CheckCode;
use vasp_words::similar::{did_you_mean, nearest};

/// Maximum number of kinds that a webhook names.
const MOST: usize = 50;

/// The kinds that are no finding of a check.
///
/// Source: docs/watch.md, "Alerts".
const OTHERS: [&str; 31] = [
    "claim.disputed",
    "claim.ended",
    "claim.owner_changed",
    "claim.restored",
    "own.adopted_by_another",
    "own.certificate_ends_within_1",
    "own.certificate_ends_within_14",
    "own.certificate_ends_within_30",
    "own.certificate_ends_within_7",
    "own.claim_awaited",
    "own.claim_disputed",
    "own.claims_end_within_30",
    "own.claims_end_within_7",
    "own.claims_ended",
    "own.licence_ends_within_1",
    "own.licence_ends_within_14",
    "own.licence_ends_within_30",
    "own.licence_ends_within_7",
    "path_delegation.confirmed",
    "path_delegation.ended",
    "path_delegation.offered",
    "path_delegation.requested",
    "second_factor.removed",
    "second_factor.set_up",
    "sub_account.confirmed",
    "sub_account.decided",
    "sub_account.ended",
    "sub_account.named",
    "sub_account.refused",
    "webhook.disabled",
    "webhook.failing",
];

/// Returns every kind of alert.
pub(crate) fn alert_kinds() -> impl Iterator<Item = &'static str> {
    CheckCode::ALL.iter().map(|code| code.as_str()).chain(OTHERS)
}

/// Returns the kinds as a webhook keeps them. Refuses a kind, or a common start of kinds, that no alert can have: its messages would never
/// come.
pub(super) fn check_kinds(kinds: &[String]) -> Result<String, ServiceError> {
    if kinds.len() > MOST {
        let detail = format!("a webhook may name at most {MOST} kinds; leave the list empty for all kinds");
        return Err(invalid("/kinds", "too_many", detail));
    }
    let is_known =
        |kind: &str| alert_kinds().any(|one| one.strip_prefix(kind).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')));
    match kinds.iter().enumerate().find(|(_, kind)| !is_known(kind)) {
        None => Ok(kinds.join(" ")),
        Some((place, kind)) => {
            let starts = alert_kinds().filter_map(|one| one.split('.').next());
            let meant = did_you_mean(nearest(kind, alert_kinds().chain(starts)));
            let detail = "no alert is of this kind; name a finding, such as `licence.withdrawn`, or the common start of several, such as `licence`";
            Err(invalid(format!("/kinds/{place}"), "invalid_value", format!("{detail}{meant}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A webhook with a misspelt kind would get its test message, but never an alert.
    #[test]
    fn a_kind_that_no_alert_has_is_refused_and_a_common_start_is_not() {
        let check = |kind: &str| check_kinds(&[kind.to_owned()]).map_err(|error| format!("{error:?}"));

        for kind in ["licence", "licence.withdrawn", "sanctions.address_listed", "own", "claim", "webhook.failing"] {
            assert_eq!(check(kind), Ok(kind.to_owned()));
        }
        assert_eq!(check_kinds(&[]).unwrap(), "");
        for (kind, meant) in [
            ("licences", "`licence`"),
            ("sanction.address_listed", "`sanctions.address_listed`"),
            ("", ""),
            ("lic", ""),
            ("licence.", ""),
        ] {
            let error = check(kind).unwrap_err();
            assert!(error.contains("no alert is of this kind") && error.contains(meant), "{error}");
        }
    }
}
