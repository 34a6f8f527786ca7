//! The loop of background work: a thread that calls a task again and again until its [`Job`] is dropped. It logs when a task begins to
//! fail and when it works again.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
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

/// So long after it should have begun or ended a call, a job is late, in microseconds: a job whose calls may read large files or ask many
/// others, and any other job. Ours.
const LATE_MICROS: [u64; 2] = [3_600_000_000, 300_000_000];
const LONG_CALLS: [&str; 4] = ["domains", "screening", "sources", "verify-data"];

/// When a job should begin its next call, or has begun the call that it is in.
#[derive(Debug)]
struct Beat {
    name: String,
    /// Microseconds of [`uptime`].
    due: AtomicU64,
}

impl Beat {
    fn expect_in(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.due.store(uptime().saturating_add(micros), Ordering::Relaxed);
    }

    fn is_late(&self, now: u64) -> bool {
        let [long, other] = LATE_MICROS;
        let after = if LONG_CALLS.contains(&self.name.as_str()) { long } else { other };
        now > self.due.load(Ordering::Relaxed).saturating_add(after)
    }
}

/// The beats of the jobs of this process.
static BEATS: Mutex<Vec<Weak<Beat>>> = Mutex::new(Vec::new());

/// Microseconds since the first job of this process began.
fn uptime() -> u64 {
    static SINCE: OnceLock<Stopwatch> = OnceLock::new();
    SINCE.get_or_init(Stopwatch::start).elapsed_micros()
}

/// Returns the names of the jobs whose thread hangs: it should have begun or ended a call long ago.
#[must_use]
pub fn late_jobs() -> Vec<String> {
    let now = uptime();
    let mut beats = BEATS.lock().unwrap_or_else(PoisonError::into_inner);
    beats.retain(|beat| beat.strong_count() > 0);
    beats.iter().filter_map(Weak::upgrade).filter(|beat| beat.is_late(now)).map(|beat| beat.name.clone()).collect()
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
        Self::spawn(name, move |stop, beat| {
            let (mut pause, mut failing) = (pace.first, false);
            loop {
                beat.expect_in(pause);
                stop.wait(pause);
                beat.expect_in(Duration::ZERO);
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
        Self::spawn(name, move |stop, beat| {
            let (mut failing, mut is_last) = (false, false);
            while !is_last {
                beat.expect_in(interval);
                stop.wait(interval);
                beat.expect_in(Duration::ZERO);
                // Seen before the call: what happened until the job was told to stop is then part of the last call.
                is_last = stop.is_set();
                call(name, &mut failing, task());
            }
        })
    }

    fn spawn(name: &str, work: impl FnOnce(&Stop, &Beat) + Send + 'static) -> std::io::Result<Self> {
        let stop = Stop::default();
        let (told, beat) = (stop.clone(), Arc::new(Beat { name: name.to_owned(), due: AtomicU64::new(uptime()) }));
        BEATS.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&beat));
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || work(&told, &beat))?;
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
    fn a_job_is_late_when_it_should_have_begun_or_ended_a_call_minutes_ago() {
        let late = |name: &str, now| Beat { name: name.to_owned(), due: AtomicU64::new(1_000_000) }.is_late(now);
        assert_eq!([301_000_000, 301_000_001].map(|now| late("watch", now)), [false, true]);
        assert_eq!([3_601_000_000, 3_601_000_001].map(|now| late("sources", now)), [false, true]);

        let (sender, calls) = channel();
        let (release, held) = channel();
        let job = Job::start("hangs", Pace::every(Duration::ZERO), move |_| {
            sender.send(uptime()).unwrap();
            held.recv().map_err(|_| ServiceError::Overloaded)
        })
        .unwrap();
        let called = calls.recv().unwrap();
        let due = || BEATS.lock().unwrap().iter().filter_map(Weak::upgrade).find(|beat| beat.name == "hangs");
        let beat = due().unwrap();
        assert!(beat.due.load(Ordering::Relaxed) <= called && !beat.is_late(called) && beat.is_late(called + 300_000_001));
        drop((beat, release));
        drop(job);
        assert!(due().is_none(), "its beat ends with it");
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
