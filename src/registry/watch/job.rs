//! Has watched counterparties judged again when something they rest on changed.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Watcher;
use crate::node::Registry;
use vasp_clock::{Clock, Random};
use vasp_words::error_chain::error_chain;

/// How often it is asked whether anything changed, which costs a look at the directory in memory and one small query.
const INTERVAL: Duration = Duration::from_secs(1);

/// The running timer.
pub struct CounterpartyWatch {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl CounterpartyWatch {
    /// Starts the timer.
    ///
    /// # Errors
    /// The operating system's error where no thread can be started.
    pub fn start(registry: Arc<Registry>, clock: Arc<dyn Clock>, random: Arc<Random>) -> std::io::Result<Self> {
        let (stop, stopped) = sync_channel(0);
        let thread = std::thread::Builder::new().name("watch".to_owned()).spawn(move || {
            let (mut watcher, mut failing, mut gone) = (Watcher::default(), false, false);
            while !gone && stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                let mut rng = random.fork();
                let left = std::cell::Cell::new(false);
                let is_stopped = || {
                    left.set(left.get() || !matches!(stopped.try_recv(), Err(TryRecvError::Empty)));
                    left.get()
                };
                match watcher.step(&registry, clock.now(), &mut rng, &is_stopped) {
                    Ok(_) if std::mem::take(&mut failing) => tracing::info!("counterparties are watched again"),
                    Ok(_) => {}
                    Err(error) => {
                        if !std::mem::replace(&mut failing, true) {
                            tracing::error!(error.chain = error_chain(&error), "counterparties cannot be watched");
                        }
                    }
                }
                gone = left.get();
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for CounterpartyWatch {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the timer was logged by the runtime; stopping goes on.
            drop(thread.join());
        }
    }
}
