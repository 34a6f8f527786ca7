//! Decides whether an entity is blocked because blocked persons own it: 50 % or more, directly or indirectly, alone or together. It is pure
//! arithmetic over an ownership chain from level B of the due diligence file. Shares are in hundredths of a percent.
//!
//! Source: OFAC, "Revised Guidance on Entities Owned by Persons Whose Property and Interests in Property Are Blocked",
//! 13 August 2014, and FAQs 399 and 401; for the EU "50 % or more": Council, Best Practices on restrictive measures
//! (8519/18), paragraphs 62 and 63 (control, which counts there too, is no arithmetic and not judged here).

use std::collections::{BTreeMap, BTreeSet};

use super::Hit;

/// The whole of an entity, in hundredths of a percent.
pub const WHOLE: u32 = 10_000;
/// From this share on, blocked owners block what they own.
///
/// Source: as the module: "50 percent or greater".
pub const BLOCKING: u32 = 5_000;

/// One share in an ownership chain. The keys of owner and owned are those of the chain's author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Key of the owner.
    pub owner: String,
    /// Key of the owned party.
    pub owned: String,
    /// The share, in hundredths of a percent.
    pub basis_points: u32,
}

/// An ownership chain and what screening found about the owners in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnershipScreening {
    /// The VASP's own key in the chain.
    pub subject: String,
    /// Direct shares, as the VASP stated them.
    pub shares: Vec<Share>,
    /// The list entries that mean an owner, by the owner's key, with the decisions of people.
    pub listed: BTreeMap<String, Vec<Hit>>,
}

/// The reason why a chain cannot be calculated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnershipError {
    /// The shares in one party are more than the whole.
    #[error("the owners of `{owned}` hold {basis_points} hundredths of a percent, more than the maximum of {WHOLE}")]
    MoreThanWhole {
        /// The owned party.
        owned: String,
        /// The sum of the shares.
        basis_points: u64,
    },
}

/// The result for a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// The share of the VASP that blocked persons own, directly and through parties that they block.
    pub basis_points: u32,
    /// The share without a named owner: it may belong to blocked persons too.
    pub unaccounted: u32,
    /// The blocked owners, by key: listed owners, and owners that others block.
    pub blocked: BTreeSet<String>,
}

impl Blocked {
    /// Tells whether the VASP is blocked by ownership.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.basis_points >= BLOCKING
    }

    /// Tells whether the VASP may be blocked, because the share without a named owner could make up the half. It is false if no blocked
    /// owner is known.
    #[must_use]
    pub fn may_block(&self) -> bool {
        !self.blocks() && self.basis_points > 0 && self.basis_points + self.unaccounted >= BLOCKING
    }
}

impl OwnershipScreening {
    /// Computes who is blocked. The caller decides in `counts` which entries matter: it depends on which lists bind and on what people
    /// decided.
    pub fn judge(&self, counts: impl Fn(&Hit) -> bool) -> Result<Blocked, OwnershipError> {
        let shares = self.by_owned()?;
        let is_listed = |key: &str| self.listed.get(key).into_iter().flatten().any(&counts);
        let mut blocked: BTreeSet<String> = self.listed.keys().filter(|key| is_listed(key)).cloned().collect();
        // A blocked party blocks others, until no party is added. This also ends for circles, because no party is ever removed.
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
        // The VASP itself is the subject, not an owner.
        blocked.remove(&self.subject);
        Ok(Blocked { basis_points, unaccounted, blocked })
    }

    /// Returns the owners of each party. Several shares of one owner are added, and shares of a party in itself are ignored.
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
