//! Probes members' endpoints when they are due. `Probing` has the thread that makes the connections. This job works with the database
//! and never waits for another party's server.

use std::sync::Arc;
use std::time::Duration;

use super::{ProbeSettings, Probing};
use crate::node::{Job, Pace, Registry, ServiceError};
use vasp_clock::{Clock, Random};
use vasp_outbound::ClientIdentity;

/// How long a step waits for a result before it looks for due probes.
const PATIENCE: Duration = Duration::from_millis(200);

/// A step waits for results itself, so there is no pause between steps. A failed step is repeated after five seconds.
const PACE: Pace = Pace { first: Duration::ZERO, between: Duration::ZERO, after_failure: Duration::from_secs(5) };

/// Starts the job.
///
/// # Errors
/// `ServiceError::CallsNobody` in a process that was started without outbound connections.
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
