//! Prepares the records of the next day shortly before midnight (UTC), when licences begin and end. Otherwise the first requests of a day
//! would build them.

use std::sync::Arc;
use std::time::Duration;

use super::{Job, Pace, Registry};
use vasp_clock::Clock;

/// How long before midnight the records are prepared. Short, because each write then changes the records of two days.
const AHEAD_SECS: i64 = 600;

/// How often to look whether there is something to prepare: at the end of a day, and again after an import that changed all records.
const INTERVAL: Duration = Duration::from_secs(5);

/// Starts the job that prepares each day.
///
/// # Errors
/// `std::io::Error` if no thread can be started.
pub fn prepare_days(registry: Arc<Registry>, clock: Arc<dyn Clock>) -> std::io::Result<Job> {
    Job::start("next-day", Pace::every(INTERVAL), move |_| {
        registry.directory().prepare_day(clock.now(), AHEAD_SECS);
        Ok(())
    })
}
