//! Counts how often members' claims were asked for: in memory, and written in batches by a timer, never by a request. It does not store who
//! asked. If a process dies, the counts since the last write are lost.

use rand_core::RngCore;

use super::read::own_claim;
use crate::acts::Identity;
use crate::directory::ClaimUsage;
use crate::node::{Registry, ServiceError};
use vasp_store::{StoreError, UsageRow};
use vasp_words::time::{Date, UtcTime};

/// Number of days that are kept and shown to the owner.
const DAYS: i64 = 30;

/// A smaller count on a day is not shown: it could reveal single customers.
pub const FEWEST_TOLD: u64 = 3;

/// How often a claim was asked for on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageDay {
    /// The day (UTC).
    pub date: Date,
    /// The count; `None` below [`FEWEST_TOLD`].
    pub asked: Option<u64>,
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
