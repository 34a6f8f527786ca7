//! Keeps the directory up to date with writes of other processes: another node on the same PostgreSQL, or an `import` beside a running
//! server on one SQLite file. Asking for the head of the log costs microseconds, so it asks often. On PostgreSQL it also gets a
//! notification of each write, and asks at once. It also makes sure that the head of the log is signed.

use std::sync::Arc;
use std::time::Duration;

use super::{Job, Pace, Registry, ServiceError, Stop};
use crate::telemetry::seconds;
use vasp_clock::Stopwatch;
use vasp_store::{LastWritten, Listener};
use vasp_words::error_chain::error_chain;

/// How often the log is asked; another process's write is seen within a second.
const INTERVAL: Duration = Duration::from_millis(200);

/// How often a log in a file is asked that was not written since; the time of a file is not exact enough to rely on it alone.
const ASK_ANYWAY: Duration = Duration::from_millis(800);

/// How often it checks for a notification. A check costs one system call and no query.
const LOOK: Duration = Duration::from_millis(5);

/// Shortest and longest pause before it tries again to listen for notifications. The log is asked at the usual interval meanwhile.
const LISTEN_AGAIN: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(15));

/// Starts the job that follows the log.
///
/// # Errors
/// `std::io::Error` if no thread can be started.
pub fn follow_others(registry: Arc<Registry>) -> std::io::Result<Job> {
    registry.directory().follow();
    let (mut ear, mut failing, mut reached) = (Ear::new(&registry), false, None);
    Job::start("tailer", Pace::every(Duration::ZERO), move |stop| {
        let Some(call) = ear.wait(&registry, stop) else { return Ok(()) };
        let (watch, metrics) = (Stopwatch::start(), &registry.metrics().directory);
        let followed = registry.directory().catch_up();
        let followed = followed.map_err(ServiceError::Directory).and_then(|sequence| match call {
            // Whoever has just written signs the head; all nodes at once would only wait for each other.
            Call::Heard => Ok(sequence),
            // Whoever wrote may have died before the head was signed.
            Call::Time => registry.sign_head().map(|()| sequence),
        });
        match followed {
            Ok(sequence) => {
                if reached.replace(sequence).is_some_and(|before| before != sequence) {
                    metrics.apply_seconds.observe(seconds(watch.elapsed_micros()));
                }
                if std::mem::take(&mut failing) {
                    tracing::info!("the directory follows its database again");
                }
            }
            Err(error) => {
                metrics.failures.inc();
                if !std::mem::replace(&mut failing, true) {
                    tracing::error!(error.chain = error_chain(&error), "the directory cannot follow its database");
                }
            }
        }
        Ok(())
    })
}

/// Why to ask the log now.
enum Call {
    /// Something was written.
    Heard,
    /// The usual interval has passed.
    Time,
}

/// Receives notifications of other processes' writes, if the database sends them.
struct Ear {
    listener: Option<Listener>,
    /// Since when there is no listener, and how long to wait before the next attempt to listen.
    deaf: (Stopwatch, Duration),
    /// Time since the last regular question to the log, or since its file was looked at.
    asked: Stopwatch,
    /// What the file looked like before it was asked, and the time since.
    written: Option<(LastWritten, Stopwatch)>,
}

impl Ear {
    fn new(registry: &Registry) -> Self {
        let mut ear =
            Self { listener: None, deaf: (Stopwatch::start(), LISTEN_AGAIN.0), asked: Stopwatch::start(), written: None };
        ear.listen(registry);
        ear
    }

    /// Waits until it is time to ask the log, or until something was written; `None` if the job has to stop.
    fn wait(&mut self, registry: &Registry, stop: &Stop) -> Option<Call> {
        if self.listener.is_none() && !registry.store().is_sqlite() && elapsed(self.deaf.0) >= self.deaf.1 {
            self.listen(registry);
        }
        loop {
            let left = INTERVAL.saturating_sub(elapsed(self.asked));
            let step = if self.listener.is_some() { LOOK.min(left) } else { left };
            stop.wait(step);
            if stop.is_set() {
                return None;
            }
            let heard = self.has_heard(registry);
            if elapsed(self.asked) >= INTERVAL {
                self.asked = Stopwatch::start();
                if self.is_unwritten(registry) {
                    continue;
                }
                return Some(Call::Time);
            }
            if heard {
                return Some(Call::Heard);
            }
        }
    }

    /// Tells whether the log's file is as it was when the log was last asked, and that was less than [`ASK_ANYWAY`] ago.
    fn is_unwritten(&mut self, registry: &Registry) -> bool {
        let now = registry.store().last_written();
        let same = |(before, since): &(LastWritten, Stopwatch)| now == Some(*before) && elapsed(*since) < ASK_ANYWAY;
        let unwritten = self.written.as_ref().is_some_and(same);
        if !unwritten {
            self.written = now.map(|now| (now, Stopwatch::start()));
        }
        unwritten
    }

    fn has_heard(&mut self, registry: &Registry) -> bool {
        let known = registry.directory().sequence();
        match self.listener.as_mut().map(|listener| listener.heard_beyond(known)) {
            None => false,
            Some(Ok(heard)) => heard,
            Some(Err(error)) => {
                tracing::info!(error.chain = error_chain(&error), "notifications of writes stopped; the log is still polled");
                (self.listener, self.deaf) = (None, (Stopwatch::start(), LISTEN_AGAIN.0));
                // Writes during the gap were not notified.
                true
            }
        }
    }

    fn listen(&mut self, registry: &Registry) {
        match registry.store().listen() {
            Ok(listener) => self.listener = listener,
            Err(error) => {
                tracing::debug!(error.chain = error_chain(&error), "notifications of writes are not available yet");
                self.deaf = (Stopwatch::start(), self.deaf.1.saturating_mul(2).min(LISTEN_AGAIN.1));
            }
        }
    }
}

fn elapsed(watch: Stopwatch) -> Duration {
    Duration::from_micros(watch.elapsed_micros())
}
