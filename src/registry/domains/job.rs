//! Checks the domains that members proved again when they are due.

use std::sync::Arc;
use std::time::Duration;

use super::recheck_due_domains;
use crate::node::{Job, Pace, Registry};
use vasp_clock::{Clock, Random};

/// How often the job looks for due domains. A domain is due daily, and the minute does not matter.
const INTERVAL: Duration = Duration::from_secs(60);

/// Starts the job.
///
/// # Errors
/// `std::io::Error` if no thread can be started.
pub fn recheck_domains(registry: Arc<Registry>, clock: Arc<dyn Clock>, random: Arc<Random>) -> std::io::Result<Job> {
    Job::start("domains", Pace::every(INTERVAL), move |stop| {
        let looked = recheck_due_domains(&registry, clock.as_ref(), &mut random.fork(), || stop.is_set())?;
        if looked > 0 {
            tracing::info!(domains = looked, "domains were checked again");
        }
        Ok(())
    })
}
