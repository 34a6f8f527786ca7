//! Separate threads for questions about the past. They are few and have a short queue, so that such questions cannot use up the memory and
//! threads of all others. The first question starts them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::oneshot;

use super::DirectoryError;

type Work = Box<dyn FnOnce() + Send>;

/// A few threads with a queue.
#[derive(Debug)]
pub struct Turns {
    name: &'static str,
    queue: usize,
    work: OnceLock<SyncSender<Work>>,
}

/// How many questions of one kind are answered at the same time.
const THREADS: usize = 2;

impl Turns {
    pub(super) fn new(name: &'static str, queue: usize) -> Self {
        Self { name, queue, work: OnceLock::new() }
    }

    /// Queues work for a thread. If the work panics, the receiver gets nothing.
    ///
    /// # Errors
    /// `DirectoryError::PastBusy` if the queue is full.
    pub fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<oneshot::Receiver<T>, DirectoryError> {
        let (sender, receiver) = oneshot::channel();
        let work = Box::new(move || {
            // Nobody waits any more.
            if !sender.is_closed() {
                drop(catch_unwind(AssertUnwindSafe(work)).map(|done| sender.send(done)));
            }
        });
        self.work.get_or_init(|| self.start()).try_send(work).map_err(|_| DirectoryError::PastBusy)?;
        Ok(receiver)
    }

    /// Starts the threads. If one does not start, the others do its work; if none starts, callers get an error and may retry.
    fn start(&self) -> SyncSender<Work> {
        let (sender, receiver) = sync_channel(self.queue);
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..THREADS {
            let receiver = Arc::clone(&receiver);
            if let Err(error) = std::thread::Builder::new().name(self.name.to_owned()).spawn(move || work_off(&receiver)) {
                tracing::error!(error = %error, "a thread for questions about the past could not be started");
            }
        }
        sender
    }
}

/// How much a thread yields to others, on the scale from 0 to 19. Ours: a tenth of an ordinary thread's share.
const NICE: i32 = 10;

fn work_off(receiver: &Mutex<Receiver<Work>>) {
    // Of the thread alone, on Linux. Payments wait for questions of the present and for writes; nobody pays while asking about the past.
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!(error = %error, "questions about the past have the priority of all others");
    }
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(work) => work(),
            Err(_) => return,
        }
    }
}
