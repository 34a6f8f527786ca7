//! Counts how often members' claims were asked for: in memory, and written in batches by a timer, never by a request. It does not store who
//! asked. If a process dies, the counts since the last write are lost.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use rand_core::RngCore;

use super::read::own_claim;
use crate::acts::Identity;
use crate::node::{Registry, ServiceError};
use vasp_record::claim::{ClaimNumber, Strength};
use vasp_record::resolution::{Relation, Resolution};
use vasp_store::{StoreError, UsageRow};
use vasp_words::time::{Date, UtcTime};

/// Number of days that are kept and shown to the owner.
const DAYS: i64 = 30;

/// A smaller count on a day is not shown: it could reveal single customers.
pub const FEWEST_TOLD: u64 = 3;

/// Number of parts of the counters; with several parts, workers seldom wait for each other.
const SHARDS: usize = 16;

/// Maximum number of counters in one part. Further claims are not counted until the next write.
const PER_SHARD: usize = 4_096;

/// The counters of this process since the last write.
#[derive(Debug)]
pub struct ClaimUsage {
    shards: [Mutex<HashMap<(i64, Date), u64>>; SHARDS],
}

/// How often a claim was asked for on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageDay {
    /// The day (UTC).
    pub date: Date,
    /// The count; `None` below [`FEWEST_TOLD`].
    pub asked: Option<u64>,
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
    fn pending(&self, claim: i64) -> BTreeMap<Date, u64> {
        let mut days = BTreeMap::new();
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            days.extend(shard.iter().filter(|((number, _), _)| *number == claim).map(|((_, day), count)| (*day, *count)));
        }
        days
    }

    /// Removes and returns all counts, in order of claim and day.
    fn take(&self) -> BTreeMap<(i64, Date), u64> {
        let take = |shard: &Mutex<HashMap<_, _>>| std::mem::take(&mut *shard.lock().unwrap_or_else(PoisonError::into_inner));
        self.shards.iter().flat_map(take).collect()
    }
}

/// Writes the counts since the last time.
///
/// # Errors
/// `ServiceError::Store`; the counts are then lost.
pub(crate) fn flush_usage(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    let counted = registry.part::<ClaimUsage>().take();
    if counted.is_empty() {
        return Ok(());
    }
    let row =
        |((claim, day), asked): ((i64, Date), u64)| UsageRow { claim, day, asked: i64::try_from(asked).unwrap_or(i64::MAX) };
    let rows: Vec<UsageRow> = counted.into_iter().map(row).collect();
    let since = first_day(now);
    registry.store().write::<_, StoreError>(now, rng, |transaction| transaction.add_usage(&rows, since))?;
    Ok(())
}

fn first_day(now: UtcTime) -> Date {
    now.plus_secs(-(DAYS - 1) * 86_400).date()
}

/// Returns how often a claim of the caller was asked for, on each of the last thirty days.
pub fn read_usage(registry: &Registry, identity: &Identity, id: &str, now: UtcTime) -> Result<Vec<UsageDay>, ServiceError> {
    let ids = registry.directory().claim_ids();
    let first = first_day(now);
    let (number, kept) = registry.store().read(|conn| {
        let number = own_claim(conn, ids, identity, id)?.claim.number;
        Ok::<_, ServiceError>((number, conn.usage_of(number, first)?))
    })?;
    let mut counts = registry.part::<ClaimUsage>().pending(number);
    for row in kept {
        *counts.entry(row.day).or_default() += u64::try_from(row.asked).unwrap_or(0);
    }
    let mut days = vec![];
    let mut date = first;
    while date <= now.date() {
        // Days with no requests look like days with one or two.
        days.push(UsageDay { date, asked: counts.get(&date).copied().filter(|count| *count >= FEWEST_TOLD) });
        date = date.next();
    }
    Ok(days)
}
