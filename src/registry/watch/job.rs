//! Judges watched counterparties again when something that their checks depend on changed.

use std::sync::Arc;
use std::time::Duration;

use super::Watcher;
use crate::node::{Job, Pace, Registry};
use vasp_clock::{Clock, Random};

/// How often the job looks for changes. A look reads the directory in memory and makes one small query.
const INTERVAL: Duration = Duration::from_secs(1);

/// Starts the job.
///
/// # Errors
/// `std::io::Error` if no thread can be started.
pub fn watch_counterparties(registry: Arc<Registry>, clock: Arc<dyn Clock>, random: Arc<Random>) -> std::io::Result<Job> {
    let mut watcher = Watcher::default();
    Job::start("watch", Pace::every(INTERVAL), move |stop| {
        watcher.step(&registry, clock.now(), &mut random.fork(), &|| stop.is_set()).map(drop)
    })
}
