//! Has messages to webhooks sent when they are due. The threads that call out are the service's own; this one works with the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Courier;
use crate::node::{Registry, ServiceError};
use vasp_clock::{Clock, Random};
use vasp_words::error_chain::error_chain;

/// How long a step waits for an outcome before it looks at what is due.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long a step that failed waits.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// The running timer.
pub struct WebhookCourier {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl WebhookCourier {
    /// Starts the timer.
    ///
    /// # Errors
    /// `ServiceError::CallsNobody` in a process that was started without the means to call out, `Thread`.
    pub fn start(registry: Arc<Registry>, clock: Arc<dyn Clock>, random: &Random) -> Result<Self, ServiceError> {
        let mut courier = Courier::start(&registry)?;
        let (stop, mut rng) = (Arc::new(AtomicBool::new(false)), random.fork());
        let stopped = Arc::clone(&stop);
        let work = move || {
            let mut failing = false;
            while !stopped.load(Ordering::SeqCst) {
                match courier.step(&registry, clock.as_ref(), &mut rng, PATIENCE) {
                    Ok(_) if std::mem::take(&mut failing) => tracing::info!("webhooks are called again"),
                    Ok(_) => {}
                    Err(error) => {
                        if !std::mem::replace(&mut failing, true) {
                            tracing::error!(error.chain = error_chain(&error), "webhooks cannot be called");
                        }
                        pause(&stopped);
                    }
                }
            }
        };
        let thread = std::thread::Builder::new().name("webhook-timer".to_owned()).spawn(work);
        Ok(Self { stop, thread: Some(thread.map_err(|source| ServiceError::Thread { source })?) })
    }
}

/// Waits after a failure, but not when told to stop.
fn pause(stopped: &AtomicBool) {
    let mut left = AFTER_FAILURE;
    while !left.is_zero() && !stopped.load(Ordering::SeqCst) {
        std::thread::park_timeout(PATIENCE);
        left = left.saturating_sub(PATIENCE);
    }
}

impl Drop for WebhookCourier {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic in the timer was logged by the runtime; stopping goes on.
            drop(thread.join());
        }
    }
}
