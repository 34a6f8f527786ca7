//! The closed lists of values in the record of a VASP, worst first; those of a search, which decide nothing, best first.

use vasp_record::licence::LicenceStatus;

/// Status of a licence on the asked day. `not_listed`: missing from the newest look at its register, not the same as ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = LicenceStatus)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LicenceStatusView {
    Withdrawn,
    Suspended,
    Ended,
    NotListed,
    InForce,
}

impl LicenceStatusView {
    /// Returns the status as shown; a licence that is not in force yet is not shown at all.
    pub(crate) fn of(status: LicenceStatus) -> Option<Self> {
        match status {
            LicenceStatus::Withdrawn => Some(Self::Withdrawn),
            LicenceStatus::Suspended => Some(Self::Suspended),
            LicenceStatus::Ended => Some(Self::Ended),
            LicenceStatus::NotListed => Some(Self::NotListed),
            LicenceStatus::NotYetInForce => None,
            LicenceStatus::InForce => Some(Self::InForce),
        }
    }
}
