//! Merging the claims of one key into an answer: owned, conflicted, ambiguous or not found. Pure and independent of the
//! order of the claims. Who may see a claim and whether it is still live is decided by `live` first, so that nothing of an
//! unseen claim reaches the answer. Caller: `service::resolve`.
//!
//! Source: design, "Strength" and "Merging"; wire contract, `/v1/resolve`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::claim::{Claim, NetworkMatch, Reader, Strength, may_see};
use super::vasp::VaspKind;
use vasp_words::closed_list::closed_list;
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

closed_list! {
    /// What was found, worst first.
    pub enum ResolutionStatus {
        /// Live claims of several parties disagree.
        Conflicted = "conflicted",
        /// The question has several readings with owners: networks not told apart, or several records with one LEI.
        Ambiguous = "ambiguous",
        /// Nobody known owns it.
        NotFound = "not_found",
        /// One party owns it.
        Owned = "owned",
    }
}

/// Which records belong together: a group with its entities is one party, the unit in which claims agree or conflict.
pub trait Parties {
    /// Returns the group of an entity that has one, else the record itself.
    fn party(&self, vasp: VaspId) -> VaspId;
    /// Returns whether the record is an entity or a group.
    fn kind(&self, vasp: VaspId) -> VaspKind;
}

/// One owner, by its best claim on one network. `N` is how the caller names networks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner<N> {
    /// The entity or group.
    pub vasp: VaspId,
    /// Where it owns the address; none where a record was asked for by id or LEI.
    pub network: Option<N>,
    /// Whether the claim names this network or only its family.
    pub network_match: NetworkMatch,
    /// Whether the claim's memo is the asked one (both absent counts).
    pub memo_matched: bool,
    /// The claim; none where a record was asked for by id or LEI.
    pub claim: Option<Claim>,
}

closed_list! {
    /// Why a claim is shown beside the owners, in the order in which they are listed.
    pub enum Relation {
        /// Another party's claim, outweighed by the one party that proved control.
        OutweighedByProof = "outweighed_by_proof",
        /// A family claim of a party that the exact claims do not name.
        FamilyDisagrees = "family_disagrees",
        /// On another network of the family.
        OtherNetwork = "other_network",
    }
}

/// A claim beside the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related<N> {
    /// Why it is not in the answer.
    pub relation: Relation,
    /// Whom it names, where, how.
    pub owner: Owner<N>,
}

/// The answer to one question about ownership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution<N> {
    /// Verdict.
    pub status: ResolutionStatus,
    /// Owners, strongest first.
    pub owners: Vec<Owner<N>>,
    /// Claims beside the answer.
    pub related: Vec<Related<N>>,
    /// Whether the key has claims limited to a memo.
    pub memo_claims_exist: bool,
}

/// The live claims of one account on one network.
#[derive(Clone, Debug)]
pub struct Account<'a, N> {
    /// The network asked about.
    pub network: &'a N,
    /// Claims on this network and claims that name only its family.
    pub claims: &'a [Claim],
    /// Claims on the same address on other networks of the family.
    pub elsewhere: &'a [(N, Claim)],
}

/// Keeps the claims that `reader` may see and that have not expired at `now` (an expiry instant is exclusive).
pub fn live(claims: impl IntoIterator<Item = Claim>, reader: Reader, now: UtcTime) -> Vec<Claim> {
    claims
        .into_iter()
        .filter(|claim| may_see(reader, claim.visibility, &claim.named) && claim.expires_at.is_none_or(|expiry| now < expiry))
        .collect()
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

    /// Strongest first, then what is surest, newest and, at last, an order that no coincidence changes.
    fn rank(&self) -> impl Ord + use<'_, N> {
        let claim = self.claim.as_ref();
        (
            Reverse(claim.map(|c| c.strength)),
            Reverse(self.network_match),
            Reverse(claim.map(|c| (c.confidence_percent, c.asserted_at))),
            (self.vasp, &self.network),
            claim.map(|c| c.number),
        )
    }

    fn is_proven(&self) -> bool {
        self.claim.as_ref().is_some_and(|claim| claim.strength == Strength::Proven)
    }
}

impl<N: Clone + Ord> Resolution<N> {
    /// Returns the answer where nobody is known.
    #[must_use]
    pub fn not_found() -> Self {
        Self { status: ResolutionStatus::NotFound, owners: vec![], related: vec![], memo_claims_exist: false }
    }

    /// Returns the answer for a record asked for by id or LEI: `records` are the live records that bear it.
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

    /// Returns the answer for a host: `records` are those that proved it, or were delegated it. Of one party an entity counts
    /// before its group; several parties disagree.
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

    /// Merges the live claims of one account on a given network.
    #[must_use]
    pub fn of_account(account: &Account<'_, N>, memo: Option<&str>, parties: &impl Parties) -> Self {
        if account.claims.is_empty() && account.elsewhere.is_empty() {
            return Self::not_found();
        }
        let exact = candidates(account, NetworkMatch::Exact, memo);
        let family = candidates(account, NetworkMatch::Family, memo);
        let (status, owners, mut related) = if exact.is_empty() {
            // Family rows are third-party hints: of several parties none wins.
            let several = parties_of(&family, parties).len() > 1;
            (if several { ResolutionStatus::Conflicted } else { ResolutionStatus::Owned }, family, vec![])
        } else {
            let (status, owners, outweighed) = merge_exact(exact, parties);
            let named = parties_of(&owners, parties);
            let disagreeing = family.into_iter().filter(|owner| !named.contains(&parties.party(owner.vasp)));
            let mut related = relate(Relation::OutweighedByProof, outweighed);
            related.extend(relate(Relation::FamilyDisagrees, disagreeing));
            (status, owners, related)
        };
        let elsewhere = account.elsewhere.iter().filter(|(_, c)| c.memo.is_none() || c.memo.as_deref() == memo);
        related.extend(relate(
            Relation::OtherNetwork,
            best_of_each(elsewhere.map(|(network, c)| Owner::of(c, network, c.network_match, memo))),
        ));
        let memo_claims_exist = account.claims.iter().any(|claim| claim.memo.is_some());
        let status = if owners.is_empty() { ResolutionStatus::NotFound } else { status };
        Self { status, owners: beat_groups(owners, parties), related, memo_claims_exist }
    }

    /// Merges the answers of a bare address, one for each network whose format it has. A single candidate counts as if
    /// its network had been given; else any owner makes the question ambiguous.
    #[must_use]
    pub fn of_bare_address(accounts: &[Account<'_, N>], memo: Option<&str>, parties: &impl Parties) -> Self {
        if let [account] = accounts {
            return Self::of_account(account, memo, parties);
        }
        let answers: Vec<Self> = accounts.iter().map(|account| Self::of_account(account, memo, parties)).collect();
        let memo_claims_exist = answers.iter().any(|answer| answer.memo_claims_exist);
        let owners = each_claim_once(answers.iter().flat_map(|answer| answer.owners.clone()));
        let shown: BTreeSet<_> = owners.iter().filter_map(claim_number).collect();
        let mut related: Vec<Related<N>> = vec![];
        for one in answers.into_iter().flat_map(|answer| answer.related) {
            let number = claim_number(&one.owner);
            let again = related.iter().any(|other| claim_number(&other.owner) == number);
            if !again && number.is_none_or(|number| !shown.contains(&number)) {
                related.push(one);
            }
        }
        related.sort_by(|a, b| (a.relation, a.owner.rank()).cmp(&(b.relation, b.owner.rank())));
        let status = if owners.is_empty() { ResolutionStatus::NotFound } else { ResolutionStatus::Ambiguous };
        Self { status, owners, related, memo_claims_exist }
    }
}

fn claim_number<N>(owner: &Owner<N>) -> Option<super::claim::ClaimNumber> {
    owner.claim.as_ref().map(|claim| claim.number)
}

/// The claims of one kind of match that answer the question of this memo, best of each record, strongest first: without a
/// memo only the memo-less; with one those of exactly this memo, else the memo-less.
fn candidates<N: Clone + Ord>(account: &Account<'_, N>, network_match: NetworkMatch, memo: Option<&str>) -> Vec<Owner<N>> {
    let of_memo = |wanted: Option<&str>| {
        let claims = account.claims.iter().filter(|c| c.network_match == network_match && c.memo.as_deref() == wanted);
        best_of_each(claims.map(|claim| Owner::of(claim, account.network, network_match, memo)))
    };
    let matched = of_memo(memo);
    if matched.is_empty() && memo.is_some() { of_memo(None) } else { matched }
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

/// Owned if all claims lie in one party or exactly one party is proven, else conflicted; with the outweighed claims.
fn merge_exact<N: Clone + Ord>(exact: Vec<Owner<N>>, parties: &impl Parties) -> (ResolutionStatus, Vec<Owner<N>>, Vec<Owner<N>>) {
    let proven: BTreeSet<VaspId> = exact.iter().filter(|o| o.is_proven()).map(|o| parties.party(o.vasp)).collect();
    if parties_of(&exact, parties).len() == 1 {
        (ResolutionStatus::Owned, exact, vec![])
    } else if proven.len() == 1 {
        let (owners, outweighed) = exact.into_iter().partition(|owner| proven.contains(&parties.party(owner.vasp)));
        (ResolutionStatus::Owned, owners, outweighed)
    } else {
        (ResolutionStatus::Conflicted, exact, vec![])
    }
}

/// Leaves out the claims of groups whose entities claim the same key: an entity's claim beats its group's.
fn beat_groups<N>(owners: Vec<Owner<N>>, parties: &impl Parties) -> Vec<Owner<N>> {
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
