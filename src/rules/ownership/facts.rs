//! The owners in the form that screening needs: names to search for, and shares to add up. They are in memory only for that. Answers may
//! state the result, but not which owner it comes from.

use super::{OwnershipChain, PartyKind, SELF};
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::time::{Date, UtcTime};

/// An owner that is screened.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnerName {
    /// The key that the shares use for it.
    pub key: String,
    /// Natural person or legal entity.
    pub kind: PartyKind,
    /// All names.
    pub names: Vec<String>,
    /// Country of residence or seat.
    pub country: Country,
    /// The LEI; `None` if it has none.
    pub lei: Option<Lei>,
}

/// A direct share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerShare {
    /// Key of the owner.
    pub owner: String,
    /// Key of the owned party; [`SELF`] is the VASP.
    pub owned: String,
    /// The share, in hundredths of a percent.
    pub basis_points: u32,
}

/// The owners of one VASP, as it stated them.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnershipFacts {
    /// The VASP.
    pub vasp: VaspId,
    /// The VASP's own key among the shares.
    pub subject: &'static str,
    /// Everybody in the chain.
    pub owners: Vec<OwnerName>,
    /// Direct shares that are valid on the day of the chain.
    pub shares: Vec<OwnerShare>,
    /// The day of the chain.
    pub as_of: Date,
    /// When the VASP submitted it.
    pub submitted_at: UtcTime,
}

/// Shows no names, because the text may end up in a log.
impl std::fmt::Debug for OwnerName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnerName").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Shows no names, because the text may end up in a log.
impl std::fmt::Debug for OwnershipFacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnershipFacts").field("vasp", &self.vasp).field("owners", &self.owners.len()).finish_non_exhaustive()
    }
}

impl OwnershipFacts {
    /// Extracts from a chain what screening needs.
    #[must_use]
    pub fn of(vasp: VaspId, chain: &OwnershipChain, submitted_at: UtcTime) -> Self {
        let owner = |party: &super::Party| OwnerName {
            key: party.id.to_string(),
            kind: party.kind,
            names: std::iter::once(&party.name).chain(&party.other_names).cloned().collect(),
            country: party.country,
            lei: party.lei,
        };
        let shares = chain.live_links().filter_map(|link| {
            let (owner, owned) = (link.owner.to_string(), link.owned.to_string());
            Some(OwnerShare { owner, owned, basis_points: link.basis_points? })
        });
        Self {
            vasp,
            subject: SELF,
            owners: chain.parties.iter().map(owner).collect(),
            shares: shares.collect(),
            as_of: chain.as_of,
            submitted_at,
        }
    }
}
