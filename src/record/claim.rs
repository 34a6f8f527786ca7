//! Claims ("this address belongs to that VASP or group"): their data, their strength, and who may see them. The functions are
//! pure; the caller is `vasp_registry::resolve`.

use std::cmp::Reverse;
use std::sync::Arc;

use vasp_words::closed_list::closed_list;
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::time::UtcTime;

closed_list! {
    /// The strength of a claim, weakest first.
    pub enum Strength {
        /// Third-party data with a source and a confidence.
        Attributed = "attributed" / 1,
        /// A verified member states it.
        Attested = "attested" / 2,
        /// The address's key signed the registry's challenge.
        Proven = "proven" / 3,
    }

    /// The use of an address.
    pub enum AddressRole {
        /// The use is not known.
        Unknown = "unknown" / 0,
        /// Customers' deposits.
        Deposit = "deposit" / 1,
        /// Day-to-day wallet.
        Hot = "hot" / 2,
        /// Reserve.
        Cold = "cold" / 3,
    }

    /// Who may see a claim, narrowest first.
    pub enum Visibility {
        /// Only the organisations that the claimant names.
        Named = "named" / 1,
        /// Every authenticated gateway.
        Gateways = "gateways" / 2,
        /// Everybody.
        Public = "public" / 3,
    }
}

/// The reader of claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reader {
    /// An anonymous reader, if the server allows public reading.
    Public,
    /// A trusted reader whom no claim names: the command line on the database's machine.
    Gateway,
    /// An authenticated organisation.
    Organisation(OrganisationId),
}

impl Reader {
    /// The kinds of reader that no claim names.
    pub const ALL: [Self; 2] = [Self::Public, Self::Gateway];
}

/// Tells whether `reader` may know of a claim with this visibility and these named organisations. Every answer about claims uses
/// this one function first. Owners, coverage, candidates and entity tags are all computed after it.
#[must_use]
pub fn may_see(reader: Reader, visibility: Visibility, named: &[OrganisationId]) -> bool {
    match (reader, visibility) {
        (_, Visibility::Public) | (Reader::Gateway | Reader::Organisation(_), Visibility::Gateways) => true,
        (Reader::Organisation(organisation), Visibility::Named) => named.contains(&organisation),
        (Reader::Public, Visibility::Gateways) | (Reader::Public | Reader::Gateway, Visibility::Named) => false,
    }
}

/// The number of a claim in the store. A keyed permutation of this number gives the public id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimNumber(pub i64);

/// One live claim on one key, with the attributes that it shares with its batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Number in the store.
    pub number: ClaimNumber,
    /// The claimed owner: an entity or a group.
    pub vasp: VaspId,
    /// How the network that it names relates to its own data: `Family` if it names only a family, `Class` if it names another form of the key,
    /// which its proof showed and does not own, otherwise `Exact`.
    pub network_match: NetworkMatch,
    /// The memo that it is limited to; `None` if it has no memo.
    pub memo: Option<String>,
    /// What the address is used for.
    pub role: AddressRole,
    /// Strength.
    pub strength: Strength,
    /// The method by which the registry obtained it, such as `third_party_label`.
    pub method: Arc<str>,
    /// The source of the claim.
    pub source: Arc<str>,
    /// The confidence, 0 to 100; `None` if the source gives none.
    pub confidence_percent: Option<u8>,
    /// Since when its source has stated it; `None` if the source gives no date.
    pub asserted_at: Option<UtcTime>,
    /// When the registry recorded it.
    pub recorded_at: UtcTime,
    /// When the registry last checked it; `None` if never.
    pub verified_at: Option<UtcTime>,
    /// When it expires; `None` if it does not.
    pub expires_at: Option<UtcTime>,
    /// Who may see it.
    pub visibility: Visibility,
    /// The organisations that it names, including the claimant's own; empty unless the visibility is `named`.
    pub named: Arc<[OrganisationId]>,
    /// Whether it is proven by a key that is the same party's on every network of the class (`vasp_addresses::class`).
    pub travels: bool,
}

impl Claim {
    /// Tells whether the claim is on a memo or on the whole address; without a memo, only whether it is on the whole address.
    #[must_use]
    pub fn is_on(&self, memo: Option<&str>) -> bool {
        self.memo.is_none() || self.memo.as_deref() == memo
    }

    /// Tells whether this claim is stronger than another one of the same record, or as strong and older.
    pub(crate) fn precedes(&self, other: &Self) -> bool {
        let place = |claim: &Self| (Reverse(claim.strength), claim.said_since(), claim.number);
        place(self) < place(other)
    }

    /// Returns since when its source has stated it; if the source gives no date, when the registry recorded it.
    #[must_use]
    pub fn said_since(&self) -> UtcTime {
        self.asserted_at.unwrap_or(self.recorded_at)
    }
}

closed_list! {
    /// Whether the claim names the requested network, farthest first.
    pub enum NetworkMatch {
        /// Only the network's family.
        Family = "family",
        /// Another network of the class, where the same key acts.
        Class = "class",
        /// This network.
        Exact = "exact",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: docs/claims.md, "Who sees it".
    #[test]
    fn a_named_claim_is_seen_by_those_it_names_only() {
        let [friend, other]: [OrganisationId; 2] =
            ["org_01jx00000000000000000000aa", "org_01jx00000000000000000000ab"].map(|id| id.parse().unwrap());
        let sees = |reader, visibility| may_see(reader, visibility, &[friend]);

        let readers = [Reader::Public, Reader::Gateway, Reader::Organisation(other), Reader::Organisation(friend)];
        assert_eq!(readers.map(|reader| sees(reader, Visibility::Named)), [false, false, false, true]);
        assert_eq!(readers.map(|reader| sees(reader, Visibility::Gateways)), [false, true, true, true]);
        assert_eq!(readers.map(|reader| sees(reader, Visibility::Public)), [true; 4]);
    }

    #[test]
    fn words_read_back() {
        for role in [AddressRole::Unknown, AddressRole::Deposit, AddressRole::Hot, AddressRole::Cold] {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        for visibility in [Visibility::Named, Visibility::Gateways, Visibility::Public] {
            assert_eq!(visibility.as_str().parse(), Ok(visibility));
        }
        assert!("Hot".parse::<AddressRole>().is_err());
    }
}
