//! Computes the beneficial owners of a chain with integer arithmetic: shares are multiplied along the chain and added up.

use std::collections::{BTreeMap, BTreeSet};

use super::{Control, OwnershipChain, PartyId, PartyKind, SELF};

/// The whole, in hundredths of a percent.
pub const WHOLE_BASIS_POINTS: u32 = 10_000;

/// From this share on a natural person is a beneficial owner: 25 %.
///
/// Source: AMLR (Regulation (EU) 2024/1624) Art. 52(1), "25 % or more"; FATF INR.24, footnote on thresholds ("a maximum of 25 %").
pub const THRESHOLD_BASIS_POINTS: u32 = 2_500;

/// The whole during the multiplication; it is finer than any share that can be stated.
const WHOLE: u64 = 1_000_000_000_000;

/// How often an amount in a cycle is passed on; after that, less than a millionth of a share remains.
const ROUNDS: usize = 2_000;

/// What rounding may have lost: a ten-thousandth of a hundredth of a percent.
const SLACK: u64 = 10_000;

/// A natural person who ultimately owns or controls the VASP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BeneficialOwner {
    /// The person.
    pub party: PartyId,
    /// Effective share, in hundredths of a percent, rounded down.
    pub basis_points: u32,
    /// Control by other means; `None` if there is none.
    pub control: Option<Control>,
}

/// The result for a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owners {
    /// The beneficial owners, sorted by their names in the chain.
    pub beneficial: Vec<BeneficialOwner>,
    /// Effective share of everybody in the chain, in hundredths of a percent, rounded down.
    pub effective: BTreeMap<PartyId, u32>,
    /// The part of the VASP that leads to natural persons, or to a reason why the chain ends.
    pub accounted_basis_points: u32,
}

impl Owners {
    /// Tells whether no unknown person can be a beneficial owner: the part that is not accounted for is below the threshold.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        WHOLE_BASIS_POINTS.saturating_sub(self.accounted_basis_points) < THRESHOLD_BASIS_POINTS
    }
}

impl OwnershipChain {
    /// Computes the beneficial owners.
    #[must_use]
    pub fn owners(&self) -> Owners {
        let shares = self.shares(&BTreeSet::new());
        let whole = |share: u64| {
            // In a cycle the sum approaches its limit from below.
            let rounded = share.saturating_add(SLACK) / (WHOLE / u64::from(WHOLE_BASIS_POINTS));
            u32::try_from(rounded).unwrap_or(WHOLE_BASIS_POINTS).min(WHOLE_BASIS_POINTS)
        };
        let effective: BTreeMap<PartyId, u32> = self
            .parties
            .iter()
            .map(|party| (party.id.clone(), whole(shares.get(party.id.as_str()).copied().unwrap_or(0))))
            .collect();
        let is_end =
            |id: &PartyId| self.party(id).is_some_and(|party| party.kind == PartyKind::NaturalPerson || party.ends.is_some());
        // Stop at the places where the chain may end, so that no share is counted twice.
        let ends: BTreeSet<&str> = self.parties.iter().filter(|party| is_end(&party.id)).map(|party| party.id.as_str()).collect();
        let up_to_ends = self.shares(&ends);
        let at_ends = ends.iter().filter_map(|id| up_to_ends.get(id));
        let accounted = at_ends.fold(0u64, |sum, share| sum.saturating_add(*share));
        let controlled = self.controlled(&effective);
        let mut beneficial: Vec<BeneficialOwner> = Vec::new();
        for party in self.parties.iter().filter(|party| party.kind == PartyKind::NaturalPerson) {
            let basis_points = effective.get(&party.id).copied().unwrap_or(0);
            let control = self
                .live_links()
                .filter(|link| link.owner == party.id && controlled.contains(link.owned.as_str()))
                .find_map(|link| link.control);
            if basis_points >= THRESHOLD_BASIS_POINTS || control.is_some() {
                beneficial.push(BeneficialOwner { party: party.id.clone(), basis_points, control });
            }
        }
        beneficial.sort_by(|a, b| a.party.cmp(&b.party));
        Owners { beneficial, effective, accounted_basis_points: whole(accounted) }
    }

    /// Returns the VASP and every legal entity that owns at least the threshold share of it, or controls such an entity.
    fn controlled<'a>(&'a self, effective: &'a BTreeMap<PartyId, u32>) -> BTreeSet<&'a str> {
        let mut found: BTreeSet<&str> = BTreeSet::from([SELF]);
        found.extend(effective.iter().filter(|(_, share)| **share >= THRESHOLD_BASIS_POINTS).map(|(party, _)| party.as_str()));
        for _ in 0..=self.parties.len() {
            let links = self.live_links().filter(|link| link.control.is_some() && found.contains(link.owned.as_str()));
            let more: Vec<&str> = links.map(|link| link.owner.as_str()).collect();
            found.extend(more);
        }
        found
    }

    /// Passes the whole up from the VASP to its owners, round by round, and returns the amount that passed through each owner. Rounding
    /// only loses, it never adds. Parties in `stops` pass nothing on.
    fn shares(&self, stops: &BTreeSet<&str>) -> BTreeMap<&str, u64> {
        let mut by_owned: BTreeMap<&str, Vec<(&str, u64)>> = BTreeMap::new();
        for link in self.live_links() {
            let share = u64::from(link.basis_points.unwrap_or(0).min(WHOLE_BASIS_POINTS));
            by_owned.entry(link.owned.as_str()).or_default().push((link.owner.as_str(), share));
        }
        let mut through: BTreeMap<&str, u64> = BTreeMap::new();
        let mut moving: BTreeMap<&str, u64> = BTreeMap::from([(SELF, WHOLE)]);
        for _ in 0..ROUNDS {
            let mut next: BTreeMap<&str, u64> = BTreeMap::new();
            for (owned, amount) in moving.iter().filter(|(owned, _)| !stops.contains(*owned)) {
                for (owner, share) in by_owned.get(owned).into_iter().flatten() {
                    // At most 10^12 · 10^4, which fits in 64 bits.
                    let part = amount.saturating_mul(*share) / u64::from(WHOLE_BASIS_POINTS);
                    let sum = next.entry(owner).or_default();
                    *sum = sum.saturating_add(part);
                }
            }
            next.retain(|_, amount| *amount > 0);
            if next.is_empty() {
                break;
            }
            for (owner, amount) in &next {
                let sum = through.entry(owner).or_default();
                *sum = sum.saturating_add(*amount);
            }
            moving = next;
        }
        through
    }
}
