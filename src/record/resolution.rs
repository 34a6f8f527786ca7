//! Merges the claims of one key into an answer: owned, conflicted, ambiguous or not found. The functions are pure, and the order
//! of the claims does not matter. The caller first removes claims that are not `is_live`, so the answer shows nothing of them.
//! Caller: `vasp_registry::resolve`.
//!
//! Source: docs/claims.md, "Against another party's claim".

mod account;
mod doubt;
mod heard;
mod reduce;

use std::collections::{BTreeMap, BTreeSet};

use super::claim::{Claim, NetworkMatch, Reader, Strength, may_see};
use super::vasp::VaspKind;
use account::rank;
pub use account::{Account, SubAccount};
pub use doubt::{CONTESTED_END, ENDED, REMEMBERED_DAYS, RelatedReason, remembered_until};
use heard::Heard;
pub use reduce::{felt_elsewhere, leave_out_other_memos};
use vasp_words::closed_list::closed_list;
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

closed_list! {
    /// The result of a resolution, worst first.
    pub enum ResolutionStatus {
        /// Live claims of several parties disagree.
        Conflicted = "conflicted",
        /// The question has several meanings with owners: the network is not clear, or several records have one LEI.
        Ambiguous = "ambiguous",
        /// It has no known owner.
        NotFound = "not_found",
        /// One party owns it.
        Owned = "owned",
    }
}

/// Tells which records belong together. A group with its entities is one party. Claims agree or conflict between parties.
pub trait Parties {
    /// Returns the group of an entity; the record itself if it has no group.
    fn party(&self, vasp: VaspId) -> VaspId;
    /// Returns the record into which a record was merged; the record itself if it was merged into none.
    fn canonical(&self, vasp: VaspId) -> VaspId {
        vasp
    }
    /// Returns whether the record is an entity or a group.
    fn kind(&self, vasp: VaspId) -> VaspKind;
    /// Tells whether the registry suspended or revoked the record.
    fn is_halted(&self, vasp: VaspId) -> bool;
}

/// One owner, with its best claim on one network. `N` is the caller's type for networks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner<N> {
    /// The entity or group.
    pub vasp: VaspId,
    /// The network on which it owns the address; `None` if the caller asked for a record by id or LEI.
    pub network: Option<N>,
    /// Whether the claim names this network, only its family, or another network of the class.
    pub network_match: NetworkMatch,
    /// Whether the claim's memo equals the requested one; also true if both are absent.
    pub memo_matched: bool,
    /// The claim; `None` if the caller asked for a record by id or LEI.
    pub claim: Option<Claim>,
}

closed_list! {
    /// Why a claim is related to the answer but not part of it, in listing order.
    pub enum Relation {
        /// Another party's claim, outweighed by the one party that proved control.
        OutweighedByProof = "outweighed_by_proof",
        /// Another party's family claim, outweighed by the one party that proved control.
        FamilyDisagrees = "family_disagrees",
        /// A suspended or revoked VASP's claim, newer than the claims in the answer.
        ClaimantHalted = "claimant_halted",
        /// A claim on another network of the class.
        OtherNetwork = "other_network",
    }
}

/// A claim that is related to the answer but not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related<N> {
    /// Why it is not part of the answer.
    pub relation: Relation,
    /// The owner that it names, with network and claim.
    pub owner: Owner<N>,
}

/// The answer to one question about ownership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution<N> {
    /// The result.
    pub status: ResolutionStatus,
    /// Owners, strongest first.
    pub owners: Vec<Owner<N>>,
    /// Related claims that are not part of the answer.
    pub related: Vec<Related<N>>,
    /// Whether the key has claims limited to a memo.
    pub memo_claims_exist: bool,
    /// How many more owners and related claims there are than the lists name.
    pub left_out: usize,
    /// Why the answer is held although no claim that the reader may see contradicts it; `None` if it is not.
    pub related_reason: Option<RelatedReason>,
}

/// Maximum number of owners, and of related claims, that an answer names. Each VASP's first claim comes before any VASP's second, so that one
/// VASP with claims on every network of a class hides no other.
pub const LISTED_MAX: usize = 30;

/// Tells whether `reader` may see a claim that has not expired at `now` (an expiry instant is exclusive).
#[must_use]
pub fn is_live(claim: &Claim, reader: Reader, now: UtcTime) -> bool {
    may_see(reader, claim.visibility, &claim.named) && claim.expires_at.is_none_or(|expiry| now < expiry)
}

impl<N: Clone + Ord> Owner<N> {
    fn of(claim: &Claim, network: &N, network_match: NetworkMatch, memo: Option<&str>) -> Self {
        Self {
            vasp: claim.vasp,
            network: Some(network.clone()),
            network_match,
            memo_matched: claim.memo.as_deref() == memo,
            claim: Some(claim.clone()),
        }
    }

    /// Returns a sort key: that of its claim. The last parts make the order stable.
    fn rank(&self) -> impl Ord + use<'_, N> {
        let claim = self.claim.as_ref();
        let of_claim = claim.map(|claim| rank(claim, self.network_match));
        (claim.is_none(), of_claim, (self.vasp, &self.network), claim.map(|claim| claim.number))
    }

    fn is_proven(&self) -> bool {
        self.claim.as_ref().is_some_and(|claim| claim.strength == Strength::Proven)
    }
}

impl<N: Clone + Ord> Resolution<N> {
    /// Returns the answer if no owner is known.
    #[must_use]
    pub fn not_found() -> Self {
        Self {
            status: ResolutionStatus::NotFound,
            owners: vec![],
            related: vec![],
            memo_claims_exist: false,
            left_out: 0,
            related_reason: None,
        }
    }

    /// Returns the answer for a record requested by id or LEI; `records` are the live records with that id or LEI.
    #[must_use]
    pub fn of_records(records: &[VaspId]) -> Self {
        let distinct: BTreeSet<VaspId> = records.iter().copied().collect();
        let status = match distinct.len() {
            0 => ResolutionStatus::NotFound,
            1 => ResolutionStatus::Owned,
            _ => ResolutionStatus::Ambiguous,
        };
        let owner = |vasp| Owner { vasp, network: None, network_match: NetworkMatch::Exact, memo_matched: true, claim: None };
        Self { status, owners: distinct.into_iter().map(owner).collect(), ..Self::not_found() }
    }

    /// Returns the answer for a host: `records` are those that proved it, or to which it was delegated. Within one party an
    /// entity comes before its group. Several parties are a conflict.
    #[must_use]
    pub fn of_host(records: &[VaspId], parties: &impl Parties) -> Self {
        let found = Self::of_records(records);
        let status = match parties_of(&found.owners, parties).len() {
            0 => ResolutionStatus::NotFound,
            1 => ResolutionStatus::Owned,
            _ => ResolutionStatus::Conflicted,
        };
        Self { status, owners: beat_groups(found.owners, parties), ..Self::not_found() }
    }

    /// Tells whether `own`'s party claims the address and has no proof of it, whatever others claim.
    #[must_use]
    pub fn has_unproven_claim_of(&self, own: VaspId, parties: &impl Parties) -> bool {
        let claims = || {
            let of_party = self.named().filter(|one| parties.party(one.vasp) == parties.party(own));
            of_party.filter_map(|one| one.claim.as_ref())
        };
        claims().next().is_some() && claims().all(|claim| claim.strength != Strength::Proven)
    }

    /// Merges the live claims of one account on a given network.
    #[must_use]
    pub fn of_account(account: &Account<'_, N>, memo: Option<&str>, parties: &impl Parties) -> Self {
        if account.claims.is_empty() && account.elsewhere.is_empty() {
            return Self::not_found();
        }
        if let [claim] = account.claims
            && account.elsewhere.iter().all(|(_, other)| other.number == claim.number)
        {
            return Self::of_only_claim(claim, account.network, memo);
        }
        Self::of_claims(account, memo, parties)
    }

    /// Returns the answer where only one claim exists. Nothing contradicts it, and no confirmation of a memo concerns it.
    fn of_only_claim(claim: &Claim, network: &N, memo: Option<&str>) -> Self {
        let (status, owners) = match claim.is_on(memo) {
            true => (ResolutionStatus::Owned, vec![Owner::of(claim, network, claim.network_match, memo)]),
            false => (ResolutionStatus::NotFound, vec![]),
        };
        Self { status, owners, memo_claims_exist: claim.memo.is_some(), ..Self::not_found() }
    }

    fn of_claims(account: &Account<'_, N>, memo: Option<&str>, parties: &impl Parties) -> Self {
        let mut answer = Self::merged(account, memo, parties);
        answer.relate_elsewhere(std::slice::from_ref(account), memo);
        answer.shortened()
    }

    /// Returns the answer without the claims on other networks.
    fn merged(account: &Account<'_, N>, memo: Option<&str>, parties: &impl Parties) -> Self {
        if account.is_of_one_vasp() {
            return Self::with(account, ResolutionStatus::Owned, account.most_telling(memo).into_iter().collect(), vec![]);
        }
        Self::heard(account, memo, parties)
    }

    /// Merges claims that may be of several VASPs.
    fn heard(account: &Account<'_, N>, memo: Option<&str>, parties: &impl Parties) -> Self {
        let (status, owners, related) = merge(Heard::of(account, memo, parties), parties);
        Self::with(account, status, beat_groups(owners, parties), related)
    }

    fn with(account: &Account<'_, N>, status: ResolutionStatus, owners: Vec<Owner<N>>, related: Vec<Related<N>>) -> Self {
        let memo_claims_exist = account.claims.iter().any(|claim| claim.memo.is_some());
        let status = if owners.is_empty() { ResolutionStatus::NotFound } else { status };
        Self { status, owners, related, memo_claims_exist, ..Self::not_found() }
    }

    /// Adds the claims on other networks of the class that the answer does not name yet.
    fn relate_elsewhere(&mut self, accounts: &[Account<'_, N>], memo: Option<&str>) {
        if accounts.iter().all(|account| account.elsewhere.is_empty()) {
            return;
        }
        let mut told: BTreeSet<_> = self.named().filter_map(claim_number).collect();
        let elsewhere = accounts.iter().flat_map(Account::elsewhere);
        let untold = elsewhere.filter(|(_, claim)| claim.is_on(memo) && told.insert(claim.number));
        let untold = untold.map(|(network, c)| Owner::of(c, network, c.network_match, memo));
        self.related.extend(relate(Relation::OtherNetwork, best_of_each(untold)));
    }

    fn named(&self) -> impl Iterator<Item = &Owner<N>> {
        self.owners.iter().chain(self.related.iter().map(|related| &related.owner))
    }

    fn shortened(mut self) -> Self {
        self.left_out = shorten(&mut self.owners, |owner| owner.vasp) + shorten(&mut self.related, |one| one.owner.vasp);
        self
    }

    /// Merges the answers for an address without a network, one for each network whose format it has. If there is only one such
    /// network, the answer is as if the caller had given it. Otherwise any owner makes the question ambiguous.
    #[must_use]
    pub fn of_bare_address(accounts: &[Account<'_, N>], memo: Option<&str>, parties: &impl Parties) -> Self {
        if let [account] = accounts {
            return Self::of_account(account, memo, parties);
        }
        let answers: Vec<Self> = accounts.iter().map(|account| Self::merged(account, memo, parties)).collect();
        let memo_claims_exist = answers.iter().any(|answer| answer.memo_claims_exist);
        let (owners, related): (Vec<_>, Vec<_>) = answers.into_iter().map(|answer| (answer.owners, answer.related)).unzip();
        let owners = each_claim_once(owners.into_iter().flatten());
        let mut told: BTreeSet<_> = owners.iter().filter_map(claim_number).collect();
        let mut related: Vec<Related<N>> = related.into_iter().flatten().collect();
        related.retain(|one| claim_number(&one.owner).is_none_or(|number| told.insert(number)));
        let status = if owners.is_empty() { ResolutionStatus::NotFound } else { ResolutionStatus::Ambiguous };
        let mut answer = Self { status, owners, related, memo_claims_exist, ..Self::not_found() };
        answer.relate_elsewhere(accounts, memo);
        answer.related.sort_by(|a, b| (a.relation, a.owner.rank()).cmp(&(b.relation, b.owner.rank())));
        answer.shortened()
    }
}

/// Leaves at most [`LISTED_MAX`] entries in a list, in its order: the first of each record before others. Returns how many it left out.
fn shorten<T>(list: &mut Vec<T>, vasp: impl Fn(&T) -> VaspId) -> usize {
    let left_out = list.len().saturating_sub(LISTED_MAX);
    if left_out > 0 {
        let mut seen = BTreeSet::new();
        let mut places: Vec<(bool, usize)> =
            list.iter().enumerate().map(|(place, one)| (!seen.insert(vasp(one)), place)).collect();
        places.sort_unstable();
        let kept: BTreeSet<usize> = places.iter().take(LISTED_MAX).map(|(_, place)| *place).collect();
        let mut place = 0..;
        list.retain(|_| place.next().is_some_and(|place| kept.contains(&place)));
    }
    left_out
}

fn claim_number<N>(owner: &Owner<N>) -> Option<super::claim::ClaimNumber> {
    owner.claim.as_ref().map(|claim| claim.number)
}

/// Keeps the most specific claims of each party, strongest first. A claim on the network is more specific than one on another network of the
/// class, which is more specific than one on the family. A claim on the memo is more specific than one on the whole address.
fn most_telling<N: Clone + Ord>(mut owners: Vec<Owner<N>>, parties: &impl Parties) -> Vec<Owner<N>> {
    let says = |owner: &Owner<N>| (owner.network_match, owner.memo_matched);
    if owners.len() < 2 {
        return owners;
    }
    let mut most = BTreeMap::new();
    for owner in &owners {
        let party = most.entry(parties.party(owner.vasp)).or_insert_with(|| says(owner));
        *party = says(owner).max(*party);
    }
    owners.retain(|owner| most.get(&parties.party(owner.vasp)) == Some(&says(owner)));
    best_of_each(owners.into_iter())
}

/// Keeps the best owner entry of each record on each network, strongest first.
fn best_of_each<N: Clone + Ord>(owners: impl Iterator<Item = Owner<N>>) -> Vec<Owner<N>> {
    let mut sorted: Vec<Owner<N>> = owners.collect();
    sorted.sort_by(|a, b| a.rank().cmp(&b.rank()));
    let mut seen = BTreeSet::new();
    sorted.retain(|owner| seen.insert((owner.vasp, owner.network.clone())));
    sorted
}

/// Keeps each claim once (a family claim answers for every network of the family), strongest first.
fn each_claim_once<N: Clone + Ord>(owners: impl Iterator<Item = Owner<N>>) -> Vec<Owner<N>> {
    let mut sorted: Vec<Owner<N>> = owners.collect();
    sorted.sort_by(|a, b| a.rank().cmp(&b.rank()));
    let mut seen = BTreeSet::new();
    sorted.retain(|owner| claim_number(owner).is_none_or(|number| seen.insert(number)));
    sorted
}

fn parties_of<N>(owners: &[Owner<N>], parties: &impl Parties) -> BTreeSet<VaspId> {
    owners.iter().map(|owner| parties.party(owner.vasp)).collect()
}

/// Merges the claims: owned if all claims belong to one party or exactly one party is proven, otherwise conflicted. Also returns
/// the outweighed claims.
///
/// Source: docs/claims.md, "Against another party's claim" and "Memos".
fn merge<N: Clone + Ord>(heard: Heard<N>, parties: &impl Parties) -> (ResolutionStatus, Vec<Owner<N>>, Vec<Related<N>>) {
    let Heard { owners, proven, set_aside } = heard;
    let halted = relate(Relation::ClaimantHalted, most_telling(set_aside, parties));
    let candidates = most_telling(owners, parties);
    let mut all = candidates.iter().map(|owner| parties.party(owner.vasp));
    if all.next().is_none_or(|first| all.all(|other| other == first)) {
        return (ResolutionStatus::Owned, candidates, halted);
    }
    if proven.len() != 1 {
        return (ResolutionStatus::Conflicted, candidates, halted);
    }
    let (owners, outweighed): (Vec<_>, Vec<_>) =
        candidates.into_iter().partition(|owner| proven.contains(&parties.party(owner.vasp)));
    let (exact, family): (Vec<_>, Vec<_>) = outweighed.into_iter().partition(|o| o.network_match != NetworkMatch::Family);
    let mut related = relate(Relation::OutweighedByProof, exact);
    related.extend(relate(Relation::FamilyDisagrees, family));
    related.extend(halted);
    (ResolutionStatus::Owned, owners, related)
}

/// Leaves out the claims of groups whose entities claim the same key: an entity's claim beats its group's.
fn beat_groups<N>(owners: Vec<Owner<N>>, parties: &impl Parties) -> Vec<Owner<N>> {
    if owners.len() < 2 {
        return owners;
    }
    let mut named_entity: BTreeMap<VaspId, bool> = BTreeMap::new();
    for owner in &owners {
        *named_entity.entry(parties.party(owner.vasp)).or_default() |= parties.kind(owner.vasp) == VaspKind::Entity;
    }
    let beaten = |owner: &Owner<N>| {
        parties.kind(owner.vasp) == VaspKind::Group && named_entity.get(&parties.party(owner.vasp)).is_some_and(|named| *named)
    };
    owners.into_iter().filter(|owner| !beaten(owner)).collect()
}

fn relate<N>(relation: Relation, owners: impl IntoIterator<Item = Owner<N>>) -> Vec<Related<N>> {
    owners.into_iter().map(|owner| Related { relation, owner }).collect()
}

#[cfg(test)]
mod tests;
