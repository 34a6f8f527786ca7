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
    /// Tells whether the registry suspended or revoked the record.
    fn is_halted(&self, vasp: VaspId) -> bool;
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
        /// Another party's family claim, outweighed by the one party that proved control.
        FamilyDisagrees = "family_disagrees",
        /// A suspended or revoked VASP's claim, younger than those that count.
        ClaimantHalted = "claimant_halted",
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
    /// What was confirmed of memos of this address.
    pub sub_accounts: &'a [SubAccount],
}

/// A memo of an address, or all of them, that the address's owner confirmed to be another VASP's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubAccount {
    /// Whose the address is.
    pub owner: VaspId,
    /// Whose the memo is.
    pub holder: VaspId,
    /// The memo; none: every memo of the address.
    pub memo: Option<String>,
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

    /// Tells whether the answer names nobody but `own`'s party, by claims that neither the addresses' keys nor a spot check bore out: that
    /// nobody else claims an address is then told to whoever only said that it was its own.
    #[must_use]
    pub fn is_own_word_of(&self, own: VaspId, parties: &impl Parties) -> bool {
        let mut named = self.owners.iter().chain(self.related.iter().map(|related| &related.owner)).peekable();
        let is_word = |claim: &Claim| claim.strength != Strength::Proven && !claim.is_borne_out();
        let is_own_word =
            |one: &Owner<N>| parties.party(one.vasp) == parties.party(own) && one.claim.as_ref().is_some_and(is_word);
        named.peek().is_some() && named.all(is_own_word)
    }

    /// Merges the live claims of one account on a given network.
    #[must_use]
    pub fn of_account(account: &Account<'_, N>, memo: Option<&str>, parties: &impl Parties) -> Self {
        if account.claims.is_empty() && account.elsewhere.is_empty() {
            return Self::not_found();
        }
        let (status, owners, mut related) = merge(Heard::of(account, memo, parties), parties);
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

/// The claims that speak of one memo, or of an address without one.
struct Heard<N> {
    owners: Vec<Owner<N>>,
    /// The parties whose word stands above others'.
    proven: BTreeSet<VaspId>,
    /// What halted VASPs say against older claims.
    set_aside: Vec<Owner<N>>,
}

impl<N: Clone + Ord> Heard<N> {
    /// Hears the claims of exactly this memo and those of the whole address, which without a memo are the only ones. A proof of an
    /// address is one of all its memos.
    fn of(account: &Account<'_, N>, memo: Option<&str>, parties: &impl Parties) -> Self {
        let claims = account.claims.iter().filter(|claim| claim.memo.is_none() || claim.memo.as_deref() == memo);
        let owners: Vec<_> = claims.map(|claim| Owner::of(claim, account.network, claim.network_match, memo)).collect();
        let proven = owners.iter().filter(|owner| owner.is_proven()).map(|owner| parties.party(owner.vasp)).collect();
        let mut heard = Self { owners, proven, set_aside: vec![] };
        let mut confirmed: Vec<&SubAccount> = account.sub_accounts.iter().collect();
        // What was said of one memo goes before what was said of all.
        confirmed.sort_by_key(|one| (one.memo.is_none(), one.owner, one.holder));
        for one in confirmed {
            if memo.is_some() && one.memo.as_deref().is_none_or(|of| Some(of) == memo) {
                heard.confirm(parties.party(one.owner), parties.party(one.holder), parties);
            }
        }
        heard.set_aside(parties);
        heard
    }

    /// Sets aside what suspended and revoked VASPs say against those who said so before. What the address's key signed goes on to
    /// count, also for whom its owner confirmed: a suspension hands no address to anybody who proved less.
    ///
    /// Source: wire contract, "Whose word counts", "Standing".
    fn set_aside(&mut self, parties: &impl Parties) {
        let said = |owner: &Owner<N>| owner.claim.as_ref().map(Claim::said_since);
        let contradicts_none = |one: &Owner<N>, all: &[Owner<N>]| {
            let party = parties.party(one.vasp);
            let stands = |other: &Owner<N>| !parties.is_halted(other.vasp) && parties.party(other.vasp) != party;
            let precedes = |other: &Owner<N>| said(other).zip(said(one)).is_some_and(|(theirs, own)| theirs < own);
            parties.is_halted(one.vasp)
                && !self.proven.contains(&party)
                && all.iter().any(|other| stands(other) && precedes(other))
        };
        let (set_aside, owners) = self.owners.iter().cloned().partition(|one| contradicts_none(one, &self.owners));
        (self.set_aside, self.owners) = (set_aside, owners);
    }

    /// Has the holder's claim on the memo stand for what the owner of the address says, as strong as that; where there is none,
    /// nothing changes.
    fn confirm(&mut self, owner: VaspId, holder: VaspId, parties: &impl Parties) {
        let of_memo = |one: &Owner<N>| one.claim.as_ref().is_some_and(|claim| claim.memo.is_some());
        let whole =
            |one: &Owner<N>| !of_memo(one) && one.network_match == NetworkMatch::Exact && parties.party(one.vasp) == owner;
        let held = self.owners.iter().any(|one| of_memo(one) && parties.party(one.vasp) == holder);
        if owner == holder || !held || !self.owners.iter().any(whole) {
            return;
        }
        if self.owners.iter().any(|one| whole(one) && one.is_proven()) {
            self.proven.insert(holder);
        }
        self.owners.retain(|one| !whole(one));
        // Whoever proved the memo itself does not give it away by confirming another.
        if !self.owners.iter().any(|one| one.is_proven() && parties.party(one.vasp) == owner) {
            self.proven.remove(&owner);
        }
    }
}

/// Keeps of each party the claims that say most, strongest first: of the network itself before those of its family, of the memo
/// before those of the whole address.
fn most_telling<N: Clone + Ord>(mut owners: Vec<Owner<N>>, parties: &impl Parties) -> Vec<Owner<N>> {
    let says = |owner: &Owner<N>| (owner.network_match, owner.memo_matched);
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

/// Owned if all claims lie in one party or exactly one party is proven, else conflicted; with the outweighed claims.
///
/// Source: wire contract, "Whose word counts", "Family claims" and "Memos".
fn merge<N: Clone + Ord>(heard: Heard<N>, parties: &impl Parties) -> (ResolutionStatus, Vec<Owner<N>>, Vec<Related<N>>) {
    let Heard { owners, proven, set_aside } = heard;
    let halted = relate(Relation::ClaimantHalted, most_telling(set_aside, parties));
    let candidates = most_telling(owners, parties);
    if parties_of(&candidates, parties).len() <= 1 {
        return (ResolutionStatus::Owned, candidates, halted);
    }
    if proven.len() != 1 {
        return (ResolutionStatus::Conflicted, candidates, halted);
    }
    let (owners, outweighed): (Vec<_>, Vec<_>) =
        candidates.into_iter().partition(|owner| proven.contains(&parties.party(owner.vasp)));
    let (exact, family): (Vec<_>, Vec<_>) = outweighed.into_iter().partition(|o| o.network_match == NetworkMatch::Exact);
    let mut related = relate(Relation::OutweighedByProof, exact);
    related.extend(relate(Relation::FamilyDisagrees, family));
    related.extend(halted);
    (ResolutionStatus::Owned, owners, related)
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
