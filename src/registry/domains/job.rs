//! Has the domains that members proved looked at again when they are due.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::recheck_due_domains;
use crate::node::Registry;
use vasp_clock::{Clock, Random};
use vasp_words::error_chain::error_chain;

/// How often it is asked what is due. A domain is due daily, and not to the minute.
const INTERVAL: Duration = Duration::from_secs(60);

/// The running timer.
pub struct DomainRechecker {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl DomainRechecker {
    /// Starts the timer.
    ///
    /// # Errors
    /// The operating system's error where no thread can be started.
    pub fn start(registry: Arc<Registry>, clock: Arc<dyn Clock>, random: Arc<Random>) -> std::io::Result<Self> {
        let (stop, stopped) = sync_channel(0);
        let thread = std::thread::Builder::new().name("domains".to_owned()).spawn(move || {
            let mut failing = false;
            while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                let mut rng = random.fork();
                let is_stopped = || !matches!(stopped.try_recv(), Err(std::sync::mpsc::TryRecvError::Empty));
                match recheck_due_domains(&registry, clock.as_ref(), &mut rng, is_stopped) {
                    Ok(0) => failing = false,
                    Ok(looked) => {
                        failing = false;
                        tracing::info!(domains = looked, "domains were looked at again");
                    }
                    Err(error) => {
                        if !std::mem::replace(&mut failing, true) {
                            tracing::error!(error.chain = error_chain(&error), "domains cannot be looked at again");
                        }
                    }
                }
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for DomainRechecker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the timer was logged by the runtime; stopping goes on.
            drop(thread.join());
        }
    }
}
