//! Sends messages to webhooks when they are due. `Courier` has the threads that make calls; this job works with the database.

use std::sync::Arc;
use std::time::Duration;

use super::Courier;
use crate::node::{Job, Pace, Registry, ServiceError};
use vasp_clock::{Clock, Random};

/// How long a step waits for an outcome before it looks at what is due.
const PATIENCE: Duration = Duration::from_secs(1);

/// A step already waits for outcomes, so there is no pause between steps. A failed step is retried after five seconds.
const PACE: Pace = Pace { first: Duration::ZERO, between: Duration::ZERO, after_failure: Duration::from_secs(5) };

/// Starts the job.
///
/// # Errors
/// `ServiceError::CallsNobody` if the process started without the means to make outbound calls.
pub fn deliver_messages(registry: Arc<Registry>, clock: Arc<dyn Clock>, random: &Random) -> Result<Job, ServiceError> {
    let (mut courier, mut rng) = (Courier::start(&registry)?, random.fork());
    let step = move |_: &_| courier.step(&registry, clock.as_ref(), &mut rng, PATIENCE).map(drop);
    Job::start("webhooks", PACE, step).map_err(|source| ServiceError::Thread { source })
}
