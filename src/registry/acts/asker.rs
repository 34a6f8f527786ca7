//! The asker of a question, for counting and limits: an organisation, or a network address without credentials.

use std::net::IpAddr;

use vasp_words::ids::OrganisationId;

/// The asker of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asker {
    /// An organisation, with any of its credentials.
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
