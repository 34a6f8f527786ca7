//! Has what is stored compared with the log: a minute after the start, then once an interval.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::DailyLook;
use crate::node::Registry;
use vasp_clock::Random;
use vasp_words::error_chain::error_chain;

/// When the first look comes at the latest, so that a server that is started every day takes one too.
const FIRST: Duration = Duration::from_secs(60);

/// The running timer; a look that is under way ends when it is dropped.
pub struct DataVerifier {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl DataVerifier {
    /// Starts the timer; with an interval of zero it never looks.
    ///
    /// # Errors
    /// The operating system's error where no thread can be started.
    pub fn start(registry: Arc<Registry>, random: Arc<Random>, interval: Duration) -> std::io::Result<Self> {
        if interval.is_zero() {
            return Ok(Self { stop: None, thread: None });
        }
        let (stop, stopped) = sync_channel(0);
        let thread = std::thread::Builder::new().name("verify-data".to_owned()).spawn(move || {
            let (mut daily, mut wait, left) = (DailyLook::default(), FIRST.min(interval), Cell::new(false));
            while !left.get() && stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = interval;
                let is_stopped = || {
                    left.set(left.get() || !matches!(stopped.try_recv(), Err(TryRecvError::Empty)));
                    left.get()
                };
                if let Err(error) = daily.look(&registry, &mut random.fork(), &is_stopped) {
                    tracing::error!(error.chain = error_chain(&error), "what is stored cannot be compared with the log");
                }
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for DataVerifier {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the timer was logged by the runtime; stopping goes on.
            drop(thread.join());
        }
    }
}
