//! The loop of background work: a thread that calls a task again and again until its [`Job`] is dropped. It logs when a task begins to
//! fail and when it works again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::ServiceError;
use vasp_clock::Stopwatch;
use vasp_words::error_chain::error_chain;

/// A signal that tells a task to stop.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Returns whether the job has to stop.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Waits on the job's own thread, at most until the job has to stop.
    pub fn wait(&self, time: Duration) {
        let watch = Stopwatch::start();
        while !self.is_set() {
            let left = time.saturating_sub(Duration::from_micros(watch.elapsed_micros()));
            if left.is_zero() {
                return;
            }
            std::thread::park_timeout(left);
        }
    }
}

/// The waiting times of a job.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Before the first call.
    pub first: Duration,
    /// Between two calls.
    pub between: Duration,
    /// After a call that failed.
    pub after_failure: Duration,
}

impl Pace {
    /// The same time before every call.
    #[must_use]
    pub const fn every(interval: Duration) -> Self {
        Self { first: interval, between: interval, after_failure: interval }
    }
}

/// A running job; it stops when it is dropped.
#[derive(Debug)]
pub struct Job {
    stop: Stop,
    thread: Option<JoinHandle<()>>,
}

impl Job {
    /// Starts a job.
    ///
    /// # Errors
    /// `std::io::Error` if no thread can be started.
    pub fn start(
        name: &'static str,
        pace: Pace,
        mut task: impl FnMut(&Stop) -> Result<(), ServiceError> + Send + 'static,
    ) -> std::io::Result<Self> {
        Self::spawn(name, move |stop| {
            let (mut pause, mut failing) = (pace.first, false);
            loop {
                stop.wait(pause);
                if stop.is_set() {
                    return;
                }
                let is_done = call(name, &mut failing, task(stop));
                pause = if is_done { pace.between } else { pace.after_failure };
            }
        })
    }

    /// Starts a job that is called every `interval`, and once more when it stops.
    ///
    /// # Errors
    /// `std::io::Error` if no thread can be started.
    pub fn every(
        name: &'static str,
        interval: Duration,
        mut task: impl FnMut() -> Result<(), ServiceError> + Send + 'static,
    ) -> std::io::Result<Self> {
        Self::spawn(name, move |stop| {
            let (mut failing, mut is_last) = (false, false);
            while !is_last {
                stop.wait(interval);
                // Seen before the call: what happened until the job was told to stop is then part of the last call.
                is_last = stop.is_set();
                call(name, &mut failing, task());
            }
        })
    }

    fn spawn(name: &str, work: impl FnOnce(&Stop) + Send + 'static) -> std::io::Result<Self> {
        let stop = Stop::default();
        let told = stop.clone();
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || work(&told))?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

/// Logs a change between working and failing; returns whether the call worked.
fn call(name: &str, failing: &mut bool, outcome: Result<(), ServiceError>) -> bool {
    match outcome {
        Ok(()) if std::mem::take(failing) => tracing::info!(job.name = name, "a background job works again"),
        Ok(()) => {}
        // The condition of the node tells of a database that is away or takes no writes. A line of each job would add nothing.
        Err(error) if error.is_of_the_database() => {
            tracing::debug!(job.name = name, error.chain = error_chain(&error), "a background job waits for the database");
            return false;
        }
        Err(error) => {
            if !std::mem::replace(failing, true) {
                tracing::error!(job.name = name, error.chain = error_chain(&error), "a background job failed");
            }
            return false;
        }
    }
    true
}

impl Drop for Job {
    fn drop(&mut self) {
        self.stop.0.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // The runtime logged a panic of the job already.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn a_timer_calls_again_after_a_failure_and_once_more_at_the_end() {
        let (sender, calls) = channel();
        let mut count = 0;
        let timer = Job::every("test", Duration::from_millis(1), move || {
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

    #[test]
    fn a_job_that_waits_stops_at_once_and_is_not_called_again() {
        let (sender, calls) = channel();
        let pace = Pace { first: Duration::ZERO, ..Pace::every(Duration::from_secs(3_600)) };
        let job = Job::start("test", pace, move |stop| {
            assert!(!stop.is_set());
            sender.send(()).unwrap();
            Ok(())
        })
        .unwrap();
        calls.recv().unwrap();

        let watch = Stopwatch::start();
        drop(job);

        assert!(watch.elapsed_micros() < 60_000_000);
        assert_eq!(calls.iter().count(), 0);
    }
}
