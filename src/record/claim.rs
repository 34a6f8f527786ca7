//! Claims ("this address belongs to that VASP or group"): their strength, who may see them, and how those of one key
//! merge into an answer. Pure; the caller is `service::resolve`.

use std::sync::Arc;

use super::allowance::bears_out;
use vasp_addresses::proof::spot_check::SpotChecked;
use vasp_words::closed_list::closed_list;
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::time::UtcTime;

closed_list! {
    /// How strong a claim is, weakest first.
    pub enum Strength {
        /// Third-party data with a source and a confidence.
        Attributed = "attributed" / 1,
        /// A verified member says so.
        Attested = "attested" / 2,
        /// The address's key signed the registry's challenge.
        Proven = "proven" / 3,
    }

    /// What an address is used for.
    pub enum AddressRole {
        /// Not known.
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
        /// Only organisations named by the claimant.
        Named = "named" / 1,
        /// Every authenticated gateway.
        Gateways = "gateways" / 2,
        /// Everybody.
        Public = "public" / 3,
    }
}

/// Who is asking, as far as claims are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reader {
    /// Anonymous, where the server allows public reading.
    Public,
    /// Somebody trusted whom no claim names: the command line beside the database.
    Gateway,
    /// An authenticated organisation.
    Organisation(OrganisationId),
}

impl Reader {
    /// The kinds of reader that no claim names.
    pub const ALL: [Self; 2] = [Self::Public, Self::Gateway];
}

/// Tells whether `reader` may know of a claim of this visibility that names these organisations. Every answer about claims
/// goes through this one function, so that owners, coverage, candidates and entity tags are all computed after it.
#[must_use]
pub fn may_see(reader: Reader, visibility: Visibility, named: &[OrganisationId]) -> bool {
    match (reader, visibility) {
        (_, Visibility::Public) | (Reader::Gateway | Reader::Organisation(_), Visibility::Gateways) => true,
        (Reader::Organisation(organisation), Visibility::Named) => named.contains(&organisation),
        (Reader::Public, Visibility::Gateways) | (Reader::Public | Reader::Gateway, Visibility::Named) => false,
    }
}

/// Number of a claim inside the store; the public id is this number through a keyed permutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimNumber(pub i64);

/// One live claim on one key, with the attributes it shares with its batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Number in the store.
    pub number: ClaimNumber,
    /// Claimed owner, an entity or a group.
    pub vasp: VaspId,
    /// Whether the claim names this very network or only its family.
    pub network_match: NetworkMatch,
    /// Memo it is limited to.
    pub memo: Option<String>,
    /// What the address is used for.
    pub role: AddressRole,
    /// Strength.
    pub strength: Strength,
    /// How it was learnt, such as `third_party_label`.
    pub method: Arc<str>,
    /// Where it was learnt.
    pub source: Arc<str>,
    /// 0 to 100; none where the source gives none.
    pub confidence_percent: Option<u8>,
    /// Since when its source says so; none where it gives no date.
    pub asserted_at: Option<UtcTime>,
    /// When the registry took it over.
    pub recorded_at: UtcTime,
    /// When the registry checked it last.
    pub verified_at: Option<UtcTime>,
    /// When it stops counting.
    pub expires_at: Option<UtcTime>,
    /// Who may see it.
    pub visibility: Visibility,
    /// The organisations that it names, its claimant's own among them; empty unless it is for named ones.
    pub named: Arc<[OrganisationId]>,
    /// What a check of some of its batch's addresses showed.
    pub spot_checked: Option<SpotChecked>,
}

impl Claim {
    /// Tells whether its batch passed a spot check: the claimant signed with the keys of the addresses that were drawn.
    #[must_use]
    pub fn is_borne_out(&self) -> bool {
        self.spot_checked.is_some_and(|checked| bears_out(checked.controlled_at_least, checked.of))
    }

    /// Returns since when somebody says so: where the source gives no date, since the registry took it over.
    #[must_use]
    pub fn said_since(&self) -> UtcTime {
        self.asserted_at.unwrap_or(self.recorded_at)
    }
}

closed_list! {
    /// Whether the claim names the asked network or only its family.
    pub enum NetworkMatch {
        /// Only the family.
        Family = "family",
        /// This network.
        Exact = "exact",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: design, "The record of a VASP": `public`, `gateways`, `named`.
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
