//! Counts in memory how often members' claims were asked for. It does not store who asked.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use vasp_record::claim::{ClaimNumber, Strength};
use vasp_record::resolution::{Relation, Resolution};
use vasp_words::time::Date;

/// Number of parts of the counters; with several parts, workers seldom wait for each other.
const SHARDS: usize = 16;

/// Maximum number of counters in one part. Further claims are not counted until the next write.
const PER_SHARD: usize = 4_096;

/// The counters of this process since the last write.
#[derive(Debug)]
pub struct ClaimUsage {
    shards: [Mutex<HashMap<(i64, Date), u64>>; SHARDS],
}

impl Default for ClaimUsage {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl ClaimUsage {
    /// Counts the members' claims that an answer uses.
    pub fn note<N>(&self, resolution: &Resolution<N>, today: Date) {
        let outweighed = resolution.related.iter().filter(|related| related.relation == Relation::OutweighedByProof);
        let owners = resolution.owners.iter().chain(outweighed.map(|related| &related.owner));
        let claims = owners.filter_map(|owner| owner.claim.as_ref());
        for claim in claims.filter(|claim| claim.strength >= Strength::Attested) {
            self.count(claim.number, today);
        }
    }

    fn count(&self, claim: ClaimNumber, today: Date) {
        let place = usize::try_from(claim.0.rem_euclid(i64::try_from(SHARDS).unwrap_or(1))).unwrap_or(0);
        let Some(shard) = self.shards.get(place) else { return };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (claim.0, today);
        if let Some(count) = shard.get_mut(&key) {
            *count = count.saturating_add(1);
        } else if shard.len() < PER_SHARD {
            shard.insert(key, 1);
        }
    }

    /// Returns the counts of a claim that are not written yet.
    pub(crate) fn pending(&self, claim: i64) -> BTreeMap<Date, u64> {
        let mut days = BTreeMap::new();
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            days.extend(shard.iter().filter(|((number, _), _)| *number == claim).map(|((_, day), count)| (*day, *count)));
        }
        days
    }

    /// Removes and returns all counts, in order of claim and day.
    pub(crate) fn take(&self) -> BTreeMap<(i64, Date), u64> {
        let take = |shard: &Mutex<HashMap<_, _>>| std::mem::take(&mut *shard.lock().unwrap_or_else(PoisonError::into_inner));
        self.shards.iter().flat_map(take).collect()
    }
}
