//! Writes what is gathered in memory and may be lost: how often claims were asked for, and budgets of addresses not found. Every
//! ten seconds, and once more at the end.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::clock::{Clock, Random};
use crate::service::{Registry, flush_lossy};
use crate::telemetry::error_chain;

/// How often. What a process that dies has not written is lost.
const INTERVAL: Duration = Duration::from_secs(10);

/// The running timer.
pub struct Flusher {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Flusher {
    /// Starts the timer.
    ///
    /// # Errors
    /// The operating system's error where no thread can be started.
    pub fn start(registry: Arc<Registry>, clock: Arc<dyn Clock>, random: Arc<Random>) -> std::io::Result<Self> {
        let (stop, stopped) = sync_channel(0);
        let thread = std::thread::Builder::new().name("flusher".to_owned()).spawn(move || {
            loop {
                let over = stopped.recv_timeout(INTERVAL) != Err(RecvTimeoutError::Timeout);
                if let Err(error) = flush_lossy(&registry, clock.now(), &mut random.fork()) {
                    tracing::warn!(error.chain = error_chain(&error), "counters could not be written");
                }
                if over {
                    return;
                }
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the timer was logged by the runtime; stopping goes on.
            drop(thread.join());
        }
    }
}
