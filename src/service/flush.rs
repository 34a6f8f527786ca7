//! Writes what may be lost and is gathered in memory: how often claims were asked for, and the budgets of addresses that were not
//! found. The caller is a timer of `jobs`.

use rand_core::RngCore;

use super::member_claims::flush_usage;
use super::{Registry, ServiceError, not_found_budget};
use vasp_words::time::UtcTime;

/// Writes what was gathered since the last time.
pub fn flush_lossy(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    let usage = flush_usage(registry, now, rng);
    not_found_budget::flush(registry, now, rng).and(usage)
}
