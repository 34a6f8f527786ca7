//! Compares what is stored with the log: a minute after the start, then once an interval.

use std::sync::Arc;
use std::time::Duration;

use super::DailyLook;
use crate::node::{Job, Pace, Registry};
use vasp_clock::Random;

/// Longest time until the first check, so that a server that is restarted every day is checked too.
const FIRST: Duration = Duration::from_secs(60);

/// Starts the job; `None` with an interval of zero. When the job is dropped, a running check ends.
///
/// # Errors
/// `std::io::Error` if no thread can be started.
pub fn verify_daily(registry: Arc<Registry>, random: Arc<Random>, interval: Duration) -> std::io::Result<Option<Job>> {
    let (pace, mut daily) = (Pace { first: FIRST.min(interval), ..Pace::every(interval) }, DailyLook::default());
    let look = move |stop: &crate::node::Stop| daily.look(&registry, &mut random.fork(), &|| stop.is_set());
    if interval.is_zero() {
        tracing::warn!("nothing checks that the stored data agrees with the log (--verify-interval-secs 0)");
    }
    (!interval.is_zero()).then(|| Job::start("verify-data", pace, look)).transpose()
}
