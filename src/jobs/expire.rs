//! The timer that has expired evidence noted: once a minute, and every node may, as each is noted once.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::clock::{Clock, Random};
use crate::service::{Registry, cases::expire_evidence};
use crate::telemetry::error_chain;

const INTERVAL: Duration = Duration::from_secs(60);

/// The running timer.
pub struct Expirer {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Expirer {
    /// Starts the timer.
    ///
    /// # Errors
    /// The operating system's error where no thread can be started.
    pub fn start(registry: Arc<Registry>, clock: Arc<dyn Clock>, random: Arc<Random>) -> std::io::Result<Self> {
        let (stop, stopped) = sync_channel(0);
        let thread = std::thread::Builder::new().name("expirer".to_owned()).spawn(move || {
            loop {
                match expire_evidence(&registry, clock.now(), &mut random.fork()) {
                    Ok(0) => {}
                    Ok(noted) => {
                        registry.let_others_know();
                        tracing::info!(evidence.expired = noted, "evidence expired; cases are open");
                    }
                    Err(error) => tracing::error!(error.chain = error_chain(&error), "expired evidence could not be noted"),
                }
                if stopped.recv_timeout(INTERVAL) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Expirer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the timer was logged by the runtime; stopping goes on.
            drop(thread.join());
        }
    }
}
