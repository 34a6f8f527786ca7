//! Looks at the sources in the background. Each source has a thread, so that a publisher's server that stalls delays no other source.

use std::sync::Arc;
use std::time::Duration;

use super::apart::Apart;
use super::poll::{PollSettings, Poller, note_overdue_sources};
use crate::config::SourceSettings;
use crate::node::{Job, Pace, Registry, ServiceError};
use vasp_clock::{Clock, Random};

/// How often a thread checks whether its source is due.
const PACE: Pace = Pace { first: Duration::ZERO, between: Duration::from_secs(10), after_failure: Duration::from_secs(60) };

/// How often the server checks whether a source is overdue.
const OVERDUE_INTERVAL: Duration = Duration::from_secs(5);

/// Starts the jobs; none, if the settings do not say where to look.
///
/// # Errors
/// `ServiceError::Invalid` if the settings name an unknown source; `Store`, `Thread`.
pub fn poll_sources(
    (settings, apart): (SourceSettings, Option<Apart>),
    registry: &Arc<Registry>,
    clock: &Arc<dyn Clock>,
    random: &Arc<Random>,
) -> Result<Vec<Job>, ServiceError> {
    if !settings.is_on() {
        return Ok(Vec::new());
    }
    let SourceSettings { folder, network, interval_secs, addresses } = settings;
    if let Some(missing) = folder.as_ref().filter(|folder| !folder.is_dir()) {
        tracing::warn!(folder = %missing.display(), "there is no such folder of sources (--sources-from)");
    }
    let poller = Poller::new(PollSettings { folder, network, interval_secs, addresses, apart, ..PollSettings::default() });
    let poller = Arc::new(poller);
    let failed = |source| ServiceError::Thread { source };
    let mut jobs = Vec::new();
    for id in poller.sources(registry)? {
        let (registry, clock, random, poller) =
            (Arc::clone(registry), Arc::clone(clock), Arc::clone(random), Arc::clone(&poller));
        let look = move |stop: &_| look(&poller, &registry, &id, clock.as_ref(), &random, stop);
        jobs.push(Job::start("sources", PACE, look).map_err(failed)?);
    }
    let (registry, clock) = (Arc::clone(registry), Arc::clone(clock));
    let note = move || note_overdue_sources(&registry, clock.now());
    jobs.push(Job::every("sources-overdue", OVERDUE_INTERVAL, note).map_err(failed)?);
    Ok(jobs)
}

fn look(
    poller: &Poller,
    registry: &Registry,
    id: &str,
    clock: &dyn Clock,
    random: &Random,
    stop: &crate::node::Stop,
) -> Result<(), ServiceError> {
    poller.look(registry, id, clock, &mut random.fork(), &|| stop.is_set()).map(drop)
}
