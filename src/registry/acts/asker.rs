//! Who asks, where questions are counted: an organisation, or a network address without credentials.

use std::net::IpAddr;

use vasp_words::ids::OrganisationId;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asker {
    /// An organisation, by any of its credentials.
    Organisation(OrganisationId),
    /// Somebody without credentials, by network address.
    Address(IpAddr),
}

impl Asker {
    /// Returns the kind, for metrics.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Organisation(_) => "organisation",
            Self::Address(_) => "address",
        }
    }
}
