//! Writes when sessions were used last, every few seconds in one go, reads what other nodes wrote, and forgets what is over once
//! an hour. Writes once more when it stops.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::clock::{Clock, Random};
use crate::service::Registry;
use crate::service::sign_in::{keep_session_stamps, sweep_sign_ins};
use crate::telemetry::error_chain;

/// How often uses are written: a small part of the time that a session may stay unused.
const INTERVAL: Duration = Duration::from_secs(20);

/// Rounds between two sweeps: an hour.
const ROUNDS_BETWEEN_SWEEPS: u32 = 180;

/// The running timer.
pub struct SessionKeeper {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl SessionKeeper {
    /// Starts the timer.
    ///
    /// # Errors
    /// The operating system's error where no thread can be started.
    pub fn start(registry: Arc<Registry>, clock: Arc<dyn Clock>, random: Arc<Random>) -> std::io::Result<Self> {
        let (stop, stopped) = sync_channel(0);
        let thread = std::thread::Builder::new().name("sessions".to_owned()).spawn(move || {
            let mut round = 0_u32;
            loop {
                let over = stopped.recv_timeout(INTERVAL) != Err(RecvTimeoutError::Timeout);
                let kept = keep_session_stamps(&registry, clock.now(), &mut random.fork());
                let swept = match round % ROUNDS_BETWEEN_SWEEPS {
                    0 if !over => sweep_sign_ins(&registry, clock.now(), &mut random.fork()),
                    _ => Ok(()),
                };
                if let Err(error) = kept.and(swept) {
                    tracing::warn!(error.chain = error_chain(&error), "when sessions were used last could not be written");
                }
                if over {
                    return;
                }
                round = round.wrapping_add(1);
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for SessionKeeper {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the timer was logged by the runtime; stopping goes on.
            drop(thread.join());
        }
    }
}
