//! The asker of a question, for counting and limits: an organisation, or a network without credentials.

use std::num::NonZeroU32;

use super::CallerNetwork;
use vasp_words::ids::OrganisationId;

/// The asker of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asker {
    /// An organisation, with any of its credentials.
    Organisation(OrganisationId),
    /// Somebody without credentials, by network.
    Address(CallerNetwork),
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

    /// Iterates over those under whom a question is counted, each with the number of allowances that it has: the asker, and the wider
    /// networks around it.
    pub fn counted(self) -> impl Iterator<Item = (Self, NonZeroU32)> {
        let (organisation, network) = match self {
            Self::Organisation(_) => (Some((self, NonZeroU32::MIN)), None),
            Self::Address(network) => (None, Some(network)),
        };
        let networks = network.into_iter().flat_map(CallerNetwork::counted);
        organisation.into_iter().chain(networks.map(|(network, allowances)| (Self::Address(network), allowances)))
    }
}
