//! Leaves out the claims that change no answer, so that one party with very many claims on a key makes no question slow.

use std::collections::{BTreeMap, BTreeSet};

use super::super::claim::{Claim, Strength};

fn applies(claim: &Claim, memo: Option<&str>) -> bool {
    claim.memo.is_none() || claim.memo.as_deref() == memo
}

/// Leaves out unproven claims on other memos than the requested one, but for one of each record on each network, by which an answer tells
/// that such claims exist.
pub fn leave_out_other_memos<N: Clone + Ord>(claims: &mut Vec<(N, Claim)>, memo: Option<&str>) {
    let mut told = BTreeSet::new();
    claims.retain(|(network, claim)| {
        applies(claim, memo) || claim.strength == Strength::Proven || told.insert((network.clone(), claim.vasp))
    });
}

/// Returns the claims that can count on other networks than their own: proven ones, and the strongest other one of each record.
#[must_use]
pub fn felt_elsewhere<N: Clone>(claims: &[(N, Claim)], memo: Option<&str>) -> Vec<(N, Claim)> {
    let (proven, unproven): (Vec<_>, Vec<_>) = claims.iter().partition(|(_, claim)| claim.strength == Strength::Proven);
    let mut of_each = BTreeMap::new();
    for one in unproven.into_iter().filter(|(_, claim)| applies(claim, memo)) {
        let best = of_each.entry(one.1.vasp).or_insert(one);
        if one.1.precedes(&best.1) {
            *best = one;
        }
    }
    proven.into_iter().chain(of_each.into_values()).cloned().collect()
}
