//! Whether somebody is blocked because blocked persons own it: 50 % or more, directly or indirectly, alone or together. Pure
//! arithmetic over an ownership chain that the level B of the due-diligence file supplies; shares are in hundredths of a percent.
//!
//! Source: OFAC, "Revised Guidance on Entities Owned by Persons Whose Property and Interests in Property Are Blocked",
//! 13 August 2014, and FAQs 399 and 401; for the EU "50 % or more": Council, Best Practices on restrictive measures
//! (8519/18), paragraphs 62 and 63 (control, which counts there too, is no arithmetic and not judged here).

use std::collections::{BTreeMap, BTreeSet};

use super::Hit;

/// The whole of an entity, in hundredths of a percent.
pub const WHOLE: u32 = 10_000;
/// From this share on blocked owners block what they own.
///
/// Source: as the module: "50 percent or greater".
pub const BLOCKING: u32 = 5_000;

/// One share of an ownership chain. Owners and what they own are named by the keys of whoever made the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Who owns.
    pub owner: String,
    /// What is owned.
    pub owned: String,
    /// How much of it, in hundredths of a percent.
    pub basis_points: u32,
}

/// An ownership chain and what screening found about the owners in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnershipScreening {
    /// The VASP's own key in the chain.
    pub subject: String,
    /// Direct shares, as answered.
    pub shares: Vec<Share>,
    /// The entries that mean an owner, by the owner's key; with what people decided.
    pub listed: BTreeMap<String, Vec<Hit>>,
}

/// A chain that no arithmetic can be done on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnershipError {
    /// More than the whole is owned.
    #[error("the owners of `{owned}` have {basis_points} hundredths of a percent of it, more than the whole ({WHOLE})")]
    MoreThanWhole {
        /// Of whom.
        owned: String,
        /// How much.
        basis_points: u64,
    },
}

/// What the chain comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// How much of the VASP blocked persons own, directly and through what they block.
    pub basis_points: u32,
    /// How much of it nobody is named for: it may be theirs too.
    pub unaccounted: u32,
    /// The owners that are blocked, listed ones and those that others block, in order of key.
    pub blocked: BTreeSet<String>,
}

impl Blocked {
    /// Tells whether the VASP is blocked by ownership.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.basis_points >= BLOCKING
    }

    /// Tells whether it may be: what is not accounted for could make up the half. Where no blocked owner is known, it says
    /// nothing about anybody.
    #[must_use]
    pub fn may_block(&self) -> bool {
        !self.blocks() && self.basis_points > 0 && self.basis_points + self.unaccounted >= BLOCKING
    }
}

impl OwnershipScreening {
    /// Works out who is blocked, given which listed owners count (`counts` is asked for each entry: which lists bind, and what
    /// people decided).
    pub fn judge(&self, counts: impl Fn(&Hit) -> bool) -> Result<Blocked, OwnershipError> {
        let shares = self.by_owned()?;
        let is_listed = |key: &str| self.listed.get(key).into_iter().flatten().any(&counts);
        let mut blocked: BTreeSet<String> = self.listed.keys().filter(|key| is_listed(key)).cloned().collect();
        // Who is blocked blocks others: until nobody is added. Circles end it too, since nobody is taken off again.
        loop {
            let of = |owners: &BTreeMap<&str, u32>| owned_by(owners, &blocked);
            let more: Vec<String> = shares
                .iter()
                .filter(|(owned, owners)| !blocked.contains(**owned) && of(owners) >= BLOCKING)
                .map(|(owned, _)| (*owned).to_owned())
                .collect();
            if more.is_empty() {
                break;
            }
            blocked.extend(more);
        }
        let owners = shares.get(self.subject.as_str()).cloned().unwrap_or_default();
        let basis_points = owned_by(&owners, &blocked);
        let unaccounted = WHOLE.saturating_sub(owners.values().sum());
        // The VASP itself is judged, it is no owner.
        blocked.remove(&self.subject);
        Ok(Blocked { basis_points, unaccounted, blocked })
    }

    /// The owners of each entity; shares of one owner in one entity are added, its shares in itself are nobody's.
    fn by_owned(&self) -> Result<BTreeMap<&str, BTreeMap<&str, u32>>, OwnershipError> {
        let mut shares: BTreeMap<&str, BTreeMap<&str, u32>> = BTreeMap::new();
        for Share { owner, owned, basis_points } in self.shares.iter().filter(|share| share.owner != share.owned) {
            let known = shares.entry(owned).or_default().entry(owner).or_default();
            *known = known.saturating_add(*basis_points);
        }
        for (owned, owners) in &shares {
            let basis_points: u64 = owners.values().map(|share| u64::from(*share)).sum();
            if basis_points > u64::from(WHOLE) {
                return Err(OwnershipError::MoreThanWhole { owned: (*owned).to_owned(), basis_points });
            }
        }
        Ok(shares)
    }
}

fn owned_by(owners: &BTreeMap<&str, u32>, blocked: &BTreeSet<String>) -> u32 {
    owners.iter().filter(|(owner, _)| blocked.contains(**owner)).map(|(_, share)| *share).sum()
}

#[cfg(test)]
mod tests;
