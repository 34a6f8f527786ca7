//! What holds an answer although no claim that the reader may see contradicts it. The passing of time decides nothing: when a claim ends,
//! the younger claims that contradicted it do not win by that.
//!
//! Source: docs/claims.md, "When a claim ends".

use super::super::claim::{Claim, Strength};
use super::{Account, Parties, Resolution, ResolutionStatus};
use vasp_words::closed_list::closed_list;
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// The method of the last version of a claim that ended while younger claims of other parties contradicted it.
pub const CONTESTED_END: &str = "contested_end";

/// The method of the last version of a claim that its member withdrew while nobody contradicted it.
pub const ENDED: &str = "ended";

/// For how many days after its end a proof holds other parties' unproven claims, and within which a party gets its answer back by claiming
/// again. Our own choice: the time in which a firm notices that a claim ended.
pub const REMEMBERED_DAYS: i64 = 90;

closed_list! {
    /// Why an answer is held although no claim that the reader may see contradicts it, worst first.
    pub enum RelatedReason {
        /// Another party proved the address's key, and the reader may not see that claim.
        HiddenProof = "hidden_proof",
        /// Another party's proof of the address's key ended less than 90 days ago.
        RecentlyProven = "recently_proven",
        /// Another party's older claim ended while this one contradicted it, and nobody has decided between them.
        UnsettledEnd = "unsettled_end",
    }
}

/// Returns the first instant at which a claim that ended at `end` is no longer remembered.
#[must_use]
pub fn remembered_until(end: UtcTime) -> UtcTime {
    end.plus_secs(REMEMBERED_DAYS * 86_400)
}

impl<N: Clone + Ord> Resolution<N> {
    /// Holds the answer if a claim in `beside` puts it in doubt. `beside` are the claims on the account's controllers that the answer left
    /// out: those that expired, whoever may see them, and those in force that the reader may not see.
    #[must_use]
    pub fn doubted(
        mut self,
        account: &Account<'_, N>,
        memo: Option<&str>,
        beside: &[(N, Claim)],
        parties: &impl Parties,
        now: UtcTime,
    ) -> Self {
        let counts = |claim: &&Claim| claim.is_on(memo) || claim.strength == Strength::Proven;
        let beside: Vec<&Claim> = beside.iter().map(|(_, claim)| claim).filter(counts).collect();
        if beside.is_empty() || !matches!(self.status, ResolutionStatus::Owned | ResolutionStatus::NotFound) {
            return self;
        }
        let mut owned = self.owners.iter().filter_map(|owner| owner.claim.as_ref());
        if owned.any(|claim| claim.strength == Strength::Proven) {
            return self;
        }
        let own = self.owners.first().map(|owner| parties.party(owner.vasp));
        let all = account.claims.iter().chain(account.elsewhere.iter().map(|(_, claim)| claim));
        let of_party = all.filter(|claim| claim.is_on(memo) && Some(parties.party(claim.vasp)) == own);
        let own_since = of_party.map(Claim::said_since).min();
        let is_other = |claim: &&&Claim| own != Some(parties.party(claim.vasp)) && !confirmed(account, claim, own, parties);
        let reason = |claim: &&Claim| reason(claim, own_since, &beside, parties, now);
        self.related_reason = beside.iter().filter(is_other).filter_map(reason).min();
        if self.related_reason.is_some() && self.status == ResolutionStatus::Owned {
            self.status = ResolutionStatus::Conflicted;
        }
        self
    }
}

/// Returns whether the owner of the address confirmed that a memo belongs to the party that the answer names.
fn confirmed<N>(account: &Account<'_, N>, claim: &Claim, holder: Option<VaspId>, parties: &impl Parties) -> bool {
    let is_said = |one: &super::SubAccount| {
        one.speaks_for(claim.vasp, claim.strength, parties) && Some(parties.party(one.holder)) == holder
    };
    account.sub_accounts.iter().any(is_said)
}

/// Returns how one claim of another party puts in doubt what a party claims without proof since `own_since`. If nobody claims the
/// address, only a proof, and an end that somebody contradicted, is told.
fn reason(
    claim: &Claim,
    own_since: Option<UtcTime>,
    beside: &[&Claim],
    parties: &impl Parties,
    now: UtcTime,
) -> Option<RelatedReason> {
    let Some(end) = claim.expires_at.filter(|end| *end <= now) else {
        return (claim.strength == Strength::Proven).then_some(RelatedReason::HiddenProof);
    };
    if claim.strength == Strength::Proven && now < remembered_until(end) {
        return Some(RelatedReason::RecentlyProven);
    }
    // A claim against a proven one never counted, so that its end changes nothing.
    let outweighs = |other: &&Claim| {
        let other_party = parties.party(other.vasp) != parties.party(claim.vasp);
        let stood = other.verified_at.unwrap_or(other.recorded_at) < end && other.expires_at.is_none_or(|over| end <= over);
        other.strength == Strength::Proven && claim.strength != Strength::Proven && other_party && stood
    };
    let contradicted = match own_since {
        Some(since) => claim.said_since() < since && since < end,
        None => &*claim.method == CONTESTED_END,
    };
    (contradicted && !beside.iter().any(outweighs)).then_some(RelatedReason::UnsettledEnd)
}

#[cfg(test)]
mod tests;
