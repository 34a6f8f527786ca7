//! Writes counters that are gathered in memory and may be lost: how often claims were asked for, the budgets of addresses not found, and
//! how often writes were refused. A timer of `serve` calls it.

use rand_core::RngCore;

use crate::acts::refusals;
use crate::claims::flush_usage;
use crate::enumeration::budget;
use crate::node::{Registry, ServiceError};
use vasp_words::time::UtcTime;

/// Writes what was gathered since the last call.
pub fn flush_lossy(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    let usage = flush_usage(registry, now, rng);
    let refusals = refusals::flush(registry, now, rng);
    budget::flush(registry, now, rng).and(usage).and(refusals)
}
