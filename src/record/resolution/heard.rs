//! Collects the claims that are heard about an account: those that name it, and those that its controller's class brings.

use std::collections::BTreeSet;

use super::super::claim::{Claim, NetworkMatch, Strength};
use super::reduce::strongest_of_each;
use super::{Account, Owner, Parties, SubAccount, parties_of};
use vasp_words::ids::VaspId;

/// The claims that apply to one memo, or to an address without a memo.
pub(super) struct Heard<N> {
    pub(super) owners: Vec<Owner<N>>,
    /// The parties whose claims are stronger than others', because they proved control.
    pub(super) proven: BTreeSet<VaspId>,
    /// Claims of halted VASPs that contradict older claims.
    pub(super) set_aside: Vec<Owner<N>>,
}

impl<N: Clone + Ord> Heard<N> {
    /// Collects the claims on exactly this memo and those on the whole address. Without a memo, only the latter apply. A proof of
    /// an address is a proof of all its memos.
    pub(super) fn of(account: &Account<'_, N>, memo: Option<&str>, parties: &impl Parties) -> Self {
        let applies = |claim: &&Claim| claim.is_on(memo);
        let claims = account.claims.iter().filter(applies);
        let mut owners: Vec<_> = claims.map(|claim| Owner::of(claim, account.network, claim.network_match, memo)).collect();
        let elsewhere: Vec<&Claim> = account.elsewhere().map(|(_, claim)| claim).filter(applies).collect();
        let of_class = |claims: &mut dyn Iterator<Item = &Claim>| -> Vec<Owner<N>> {
            claims.map(|claim| Owner::of(claim, account.network, NetworkMatch::Class, memo)).collect()
        };
        owners.extend(of_class(&mut elsewhere.iter().copied().filter(|claim| account.takes_proofs && claim.travels)));
        // A proof for a family travels as any other: not to a network whose keys can be exchanged.
        let counts = |owner: &&Owner<N>| account.takes_proofs || owner.network_match != NetworkMatch::Family;
        let proven =
            owners.iter().filter(|owner| owner.is_proven()).filter(counts).map(|owner| parties.party(owner.vasp)).collect();
        let mut heard = Self { owners, proven, set_aside: vec![] };
        let mut confirmed: Vec<&SubAccount> = account.sub_accounts.iter().collect();
        // A confirmation for one memo comes before a confirmation for all.
        confirmed.sort_by_key(|one| (one.memo.is_none(), one.owner, one.holder));
        for one in confirmed {
            if memo.is_some() && one.memo.as_deref().is_none_or(|of| Some(of) == memo) {
                heard.confirm(one, parties);
            }
        }
        heard.set_aside(parties);
        let here = parties_of(&heard.owners, parties);
        if heard.proven.is_empty() && !here.is_empty() {
            // A claim on another network contradicts the claims on this one. By itself it owns nothing here.
            let follows = |claim: &Claim| {
                let is_older = |own: &Owner<N>| own.claim.as_ref().is_some_and(|own| own.said_since() < claim.said_since());
                heard.owners.iter().any(|own| !parties.is_halted(own.vasp) && is_older(own))
            };
            let is_heard = |claim: &Claim| here.contains(&parties.party(claim.vasp));
            let counts = |claim: &&Claim| !is_heard(claim) && (!parties.is_halted(claim.vasp) || !follows(claim));
            let others: Vec<&Claim> = elsewhere.iter().copied().filter(counts).collect();
            let doubting = of_provers(account, memo, &heard.owners, parties);
            heard.owners.extend(of_class(&mut strongest_of_each(others, |claim| claim).into_iter()));
            heard.owners.extend(doubting);
        }
        heard
    }

    /// Sets aside the claims of suspended and revoked VASPs that contradict older claims of others. Claims proven by the
    /// address's key stay valid, also for a VASP that the owner confirmed. So a suspension gives no address to a party that
    /// proved less.
    ///
    /// Source: docs/claims.md, "Against another party's claim" (claims of a suspended or revoked VASP).
    fn set_aside(&mut self, parties: &impl Parties) {
        if !self.owners.iter().any(|owner| parties.is_halted(owner.vasp)) {
            return;
        }
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

    /// Replaces the claims for which a sub-account speaks by the holder's claim on the memo, with the same strength as the owner's claim. If
    /// the owner has no claim on the address, or the holder none on the memo, nothing changes.
    fn confirm(&mut self, said: &SubAccount, parties: &impl Parties) {
        let (owner, holder) = (parties.party(said.owner), parties.party(said.holder));
        let of_memo = |one: &Owner<N>| one.claim.as_ref().is_some_and(|claim| claim.memo.is_some());
        let whole = |one: &Owner<N>| !of_memo(one) && one.network_match == NetworkMatch::Exact && speaks_for(said, one, parties);
        let own = |one: &Owner<N>| whole(one) && one.vasp == parties.canonical(said.owner);
        let held = self.owners.iter().any(|one| of_memo(one) && parties.party(one.vasp) == holder);
        if owner == holder || !held || !self.owners.iter().any(own) {
            return;
        }
        if self.owners.iter().any(|one| own(one) && one.is_proven()) {
            self.proven.insert(holder);
        }
        self.owners.retain(|one| !whole(one));
        // A party that proved the memo itself does not lose it by confirming another party.
        if !self.owners.iter().any(|one| one.is_proven() && parties.party(one.vasp) == owner) {
            self.proven.remove(&owner);
        }
    }
}

fn speaks_for<N>(said: &SubAccount, one: &Owner<N>, parties: &impl Parties) -> bool {
    one.claim.as_ref().is_some_and(|claim| said.speaks_for(one.vasp, claim.strength, parties))
}

/// Returns the proven claims that other parties limited to another memo of the address. Who proved the key controls the whole address, so an
/// unproven claim of others on it is in doubt, unless its VASP confirmed that memo.
fn of_provers<N: Clone + Ord>(
    account: &Account<'_, N>,
    memo: Option<&str>,
    here: &[Owner<N>],
    parties: &impl Parties,
) -> Vec<Owner<N>> {
    let travelled = account.elsewhere().map(|(_, claim)| claim).filter(|claim| account.takes_proofs && claim.travels);
    let here_too = account.claims.iter().map(|claim| (claim, claim.network_match));
    let all = here_too.chain(travelled.map(|claim| (claim, NetworkMatch::Class)));
    let is_confirmed = |claim: &Claim| {
        let of_memo = |one: &&SubAccount| one.memo.is_none() || one.memo.as_deref() == claim.memo.as_deref();
        let of_holder = |one: &&SubAccount| parties.party(one.holder) == parties.party(claim.vasp);
        let said: Vec<&SubAccount> = account.sub_accounts.iter().filter(of_memo).filter(of_holder).collect();
        here.iter().all(|one| said.iter().any(|said| speaks_for(said, one, parties)))
    };
    let doubts = |claim: &Claim| {
        let of_other_memo = claim.memo.is_some() && claim.memo.as_deref() != memo;
        let by_other = here.iter().all(|one| parties.party(one.vasp) != parties.party(claim.vasp));
        claim.strength == Strength::Proven && of_other_memo && by_other && !is_confirmed(claim)
    };
    let doubting = all.filter(|(claim, _)| doubts(claim));
    doubting.map(|(claim, matched)| Owner::of(claim, account.network, matched, memo)).collect()
}
