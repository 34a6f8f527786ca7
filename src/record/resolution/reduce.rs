//! Leaves out the claims that change no answer, so that one party with very many claims on a key makes no question slow.

use std::collections::{BTreeMap, BTreeSet};

use super::super::claim::{Claim, Strength};

/// Leaves out unproven claims on other memos than the requested one, but for one of each record on each network: an answer tells that such
/// claims exist.
pub fn leave_out_other_memos<N: Clone + Ord>(claims: &mut Vec<(N, Claim)>, memo: Option<&str>) {
    let mut told = BTreeSet::new();
    claims.retain(|(network, claim)| {
        claim.is_on(memo) || claim.strength == Strength::Proven || told.insert((network.clone(), claim.vasp))
    });
}

/// Returns the claims that can count on other networks than their own: proven ones, and the strongest other one of each record.
#[must_use]
pub fn felt_elsewhere<N: Clone>(claims: &[(N, Claim)], memo: Option<&str>) -> Vec<(N, Claim)> {
    let (proven, unproven): (Vec<_>, Vec<_>) = claims.iter().partition(|(_, claim)| claim.strength == Strength::Proven);
    let unproven = unproven.into_iter().filter(|(_, claim)| claim.is_on(memo));
    proven.into_iter().chain(strongest_of_each(unproven, |(_, claim)| claim)).cloned().collect()
}

/// Keeps the strongest claim of each record; of equally strong ones the oldest.
pub(super) fn strongest_of_each<'a, T>(all: impl IntoIterator<Item = &'a T>, claim: impl Fn(&T) -> &Claim) -> Vec<&'a T> {
    let mut of_each = BTreeMap::new();
    for one in all {
        let best = of_each.entry(claim(one).vasp).or_insert(one);
        if claim(one).precedes(claim(best)) {
            *best = one;
        }
    }
    of_each.into_values().collect()
}
