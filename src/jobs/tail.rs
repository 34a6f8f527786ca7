//! Keeps the directory up with what other processes write: another node on the same PostgreSQL, or an `import` beside a
//! running server on one SQLite file. Asking for the head of the log costs microseconds, so it asks often. Has the
//! head of the log signed where that is not done yet.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::clock::Stopwatch;
use crate::service::trust::follow_log;
use crate::service::{Registry, ServiceError};
use crate::telemetry::{error_chain, seconds};

/// How often the log is asked; another process's write is seen within a second.
const INTERVAL: Duration = Duration::from_millis(200);

/// The running timer.
pub struct Tailer {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Tailer {
    /// Starts the timer.
    ///
    /// # Errors
    /// The operating system's error where no thread can be started.
    pub fn start(registry: Arc<Registry>) -> std::io::Result<Self> {
        let (stop, stopped) = sync_channel(0);
        let thread = std::thread::Builder::new().name("tailer".to_owned()).spawn(move || {
            let (mut failing, mut reached) = (false, None);
            while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                let (watch, metrics) = (Stopwatch::start(), &registry.metrics().directory);
                let followed = registry.directory().catch_up();
                let followed = followed.map_err(ServiceError::Directory).and_then(|sequence| {
                    // Whoever wrote may have died before the head was signed.
                    follow_log(&registry).map(|()| sequence)
                });
                match followed {
                    Ok(sequence) => {
                        if reached.replace(sequence).is_some_and(|before| before != sequence) {
                            metrics.apply_seconds.observe(seconds(watch.elapsed_micros()));
                        }
                        if std::mem::take(&mut failing) {
                            tracing::info!("the directory is in touch with its database again");
                        }
                    }
                    Err(error) => {
                        metrics.failures.inc();
                        if !std::mem::replace(&mut failing, true) {
                            tracing::error!(error.chain = error_chain(&error), "the directory cannot follow its database");
                        }
                    }
                }
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Tailer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the timer was logged by the runtime; stopping goes on.
            drop(thread.join());
        }
    }
}
