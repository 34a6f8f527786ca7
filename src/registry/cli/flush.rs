//! Writes what may be lost and is gathered in memory: how often claims were asked for, the budgets of addresses that were not
//! found, and how often writes were refused. The caller is a timer of `jobs`.

use rand_core::RngCore;

use crate::acts::refusals;
use crate::claims::flush_usage;
use crate::harvest::budget;
use crate::node::{Registry, ServiceError};
use vasp_words::time::UtcTime;

/// Writes what was gathered since the last time.
pub fn flush_lossy(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    let usage = flush_usage(registry, now, rng);
    let refusals = refusals::flush(registry, now, rng);
    budget::flush(registry, now, rng).and(usage).and(refusals)
}
