//! A timer that calls a service at intervals, and once more at the end. A failure is logged when it begins and when it ends; the next call
//! tries again.

use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::ServiceError;
use vasp_words::error_chain::error_chain;

/// The running timer; dropping it makes a last call and stops it.
pub struct Periodic {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Periodic {
    /// Starts a timer that calls `task` every `interval`.
    ///
    /// # Errors
    /// The operating system's error if no thread can be started.
    pub fn start(
        name: &'static str,
        interval: Duration,
        mut task: impl FnMut() -> Result<(), ServiceError> + Send + 'static,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = sync_channel(0);
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let (mut failing, mut running) = (false, true);
            while running {
                running = stopped.recv_timeout(interval) == Err(RecvTimeoutError::Timeout);
                match task() {
                    Ok(()) if std::mem::take(&mut failing) => tracing::info!(job.name = name, "a job works again"),
                    Ok(()) => {}
                    Err(error) if !std::mem::replace(&mut failing, true) => {
                        tracing::error!(job.name = name, error.chain = error_chain(&error), "a job fails");
                    }
                    Err(_) => {}
                }
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Periodic {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The runtime has already logged a panic in the timer; stopping continues.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn it_calls_again_after_a_failure_and_once_more_at_the_end() {
        let (sender, calls) = channel();
        let mut count = 0;
        let timer = Periodic::start("test", Duration::from_millis(1), move || {
            count += 1;
            sender.send(count).unwrap();
            if count == 1 { Err(ServiceError::Overloaded) } else { Ok(()) }
        })
        .unwrap();
        assert_eq!((calls.recv(), calls.recv()), (Ok(1), Ok(2)));

        drop(timer);

        let after: Vec<i32> = calls.iter().collect();
        assert!(!after.is_empty(), "the last call comes when it is told to stop");
    }
}
