//! The claims of one account as they are merged.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::super::claim::{Claim, NetworkMatch, Strength};
use super::super::vasp::VaspKind;
use super::{Owner, Parties};
use vasp_words::ids::VaspId;

/// The live claims of one account on one network.
#[derive(Clone, Debug)]
pub struct Account<'a, N> {
    /// The network asked about.
    pub network: &'a N,
    /// Claims on this network and claims that name only its family.
    pub claims: &'a [Claim],
    /// Claims on the same controller on the networks of the class. Those that `claims` has are passed over, so that accounts can share them.
    pub elsewhere: &'a [(N, Claim)],
    /// Whether proofs that were made on other networks of the class count on this one.
    pub takes_proofs: bool,
    /// The confirmed memos of this address.
    pub sub_accounts: &'a [SubAccount],
}

impl<'a, N> Account<'a, N> {
    /// Iterates over the claims on other networks of the class.
    pub(super) fn elsewhere(&self) -> impl Iterator<Item = &'a (N, Claim)> + use<'a, N> {
        let here = || self.claims.iter().map(|claim| claim.number).collect();
        let here: BTreeSet<_> = if self.elsewhere.is_empty() { BTreeSet::new() } else { here() };
        self.elsewhere.iter().filter(move |(_, claim)| !here.contains(&claim.number))
    }
}

impl<N: Clone + Ord> Account<'_, N> {
    /// Tells whether one VASP made all claims: no claim contradicts another then, and no confirmation of a memo changes anything.
    pub(super) fn is_of_one_vasp(&self) -> bool {
        let all = self.claims.iter().chain(self.elsewhere.iter().map(|(_, claim)| claim));
        let mut vasps = all.map(|claim| claim.vasp);
        vasps.next().is_none_or(|first| vasps.all(|vasp| vasp == first))
    }

    /// Returns the most specific claim of all that count on this network, the best if there are several.
    pub(super) fn most_telling(&self, memo: Option<&str>) -> Option<Owner<N>> {
        let here = self.claims.iter().map(|claim| (claim, claim.network_match));
        let travelled = self.elsewhere().filter(|(_, claim)| self.takes_proofs && claim.travels);
        let all = here.chain(travelled.map(|(_, claim)| (claim, NetworkMatch::Class))).filter(|(claim, _)| claim.is_on(memo));
        let says = |(claim, matched): &(&Claim, NetworkMatch)| Reverse((*matched, claim.memo.as_deref() == memo));
        let (claim, matched) = all.min_by_key(|one| (says(one), rank(one.0, one.1), one.0.number))?;
        Some(Owner::of(claim, self.network, matched, memo))
    }
}

/// Returns a sort key of claims: strongest first, then closest network match, highest confidence, and newest.
pub(super) fn rank(claim: &Claim, network_match: NetworkMatch) -> impl Ord + use<> {
    (Reverse(claim.strength), Reverse(network_match), Reverse((claim.confidence_percent, claim.asserted_at)))
}

/// A memo of an address, or all its memos, that the address's owner confirmed to belong to another VASP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubAccount {
    /// The owner of the address.
    pub owner: VaspId,
    /// The owner of the memo.
    pub holder: VaspId,
    /// The memo; `None` for every memo of the address.
    pub memo: Option<String>,
}

impl SubAccount {
    /// Tells whether it speaks for a claim on the whole address: its owner's, or a label of the owner's group, which comes after the owner's
    /// claim. It does not speak for another entity of the group.
    ///
    /// Source: docs/claims.md, "Memos".
    #[must_use]
    pub fn speaks_for(&self, vasp: VaspId, strength: Strength, parties: &impl Parties) -> bool {
        let (owner, vasp) = (parties.canonical(self.owner), parties.canonical(vasp));
        let is_label = strength == Strength::Attributed && parties.kind(vasp) == VaspKind::Group;
        vasp == owner || (is_label && parties.party(vasp) == parties.party(owner))
    }
}
