//! The fixed lists of values in a VASP's record, worst first. Values of a search are best first, because no decision depends on them.

use vasp_record::licence::LicenceStatus;

/// Status of a licence on the requested day. `not_listed` means that the newest copy of its register does not contain it; that is not
/// the same as ended.
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
    /// Returns the status to show. `None` for a licence that is not in force yet, because it is not shown.
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
