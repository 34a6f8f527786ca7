//! The owners as screening needs them: names to search for, and shares to add up. Held in memory for that alone; what follows from
//! it may be said, who it follows from may not.

use super::{OwnershipChain, PartyKind, SELF};
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::time::{Date, UtcTime};

/// Somebody to be screened.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnerName {
    /// How the shares name it.
    pub key: String,
    /// Human being or legal entity.
    pub kind: PartyKind,
    /// All names.
    pub names: Vec<String>,
    /// Country.
    pub country: Country,
    /// LEI.
    pub lei: Option<Lei>,
}

/// A direct share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerShare {
    /// Who owns.
    pub owner: String,
    /// What is owned; [`SELF`] is the VASP.
    pub owned: String,
    /// How much of it, in hundredths of a percent.
    pub basis_points: u32,
}

/// The owners of one VASP, as it answered.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnershipFacts {
    /// The VASP.
    pub vasp: VaspId,
    /// The VASP's own key among the shares.
    pub subject: &'static str,
    /// Everybody in the chain.
    pub owners: Vec<OwnerName>,
    /// Direct shares that hold on the chain's day.
    pub shares: Vec<OwnerShare>,
    /// The chain's day.
    pub as_of: Date,
    /// When it was handed in.
    pub submitted_at: UtcTime,
}

/// Without names: it may end in a log.
impl std::fmt::Debug for OwnerName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnerName").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Without names: it may end in a log.
impl std::fmt::Debug for OwnershipFacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnershipFacts").field("vasp", &self.vasp).field("owners", &self.owners.len()).finish_non_exhaustive()
    }
}

impl OwnershipFacts {
    /// Takes what screening needs out of a chain.
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
