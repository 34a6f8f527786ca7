//! Probes members' endpoints when they are due. `Probing` has the thread that calls out; this job works with the database and never
//! waits for a stranger.

use std::sync::Arc;
use std::time::Duration;

use super::{ProbeSettings, Probing};
use crate::node::{Job, Pace, Registry, ServiceError};
use vasp_clock::{Clock, Random};
use vasp_outbound::ClientIdentity;

/// How long a step waits for a result before it looks at what is due.
const PATIENCE: Duration = Duration::from_millis(200);

/// A step waits by itself; one that failed is tried again after five seconds.
const PACE: Pace = Pace { first: Duration::ZERO, between: Duration::ZERO, after_failure: Duration::from_secs(5) };

/// Starts the job.
///
/// # Errors
/// `ServiceError::CallsNobody` in a process that was started without the means to call out.
pub fn probe_endpoints(
    registry: Arc<Registry>,
    clock: Arc<dyn Clock>,
    random: &Random,
    identity: Option<&ClientIdentity>,
    settings: ProbeSettings,
) -> Result<Job, ServiceError> {
    let (mut probing, mut rng) = (Probing::start(&registry, identity, settings)?, random.fork());
    let step = move |_: &_| probing.step(&registry, clock.as_ref(), &mut rng, PATIENCE).map(drop);
    Job::start("probes", PACE, step).map_err(|source| ServiceError::Thread { source })
}
