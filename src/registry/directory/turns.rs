//! Threads of their own for questions about the past: a few, with a short queue, so that such questions take neither the memory nor
//! the threads of all others. Started by the first question.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::oneshot;

use super::DirectoryError;

type Work = Box<dyn FnOnce() + Send>;

/// A few threads, and a queue before them.
#[derive(Debug)]
pub struct Turns {
    name: &'static str,
    queue: usize,
    work: OnceLock<SyncSender<Work>>,
}

/// How many questions of one kind are worked out at once.
const THREADS: usize = 2;

impl Turns {
    pub(super) fn new(name: &'static str, queue: usize) -> Self {
        Self { name, queue, work: OnceLock::new() }
    }

    /// Has a thread do the work in its turn. Nothing is ever received of work that fails by a defect.
    ///
    /// # Errors
    /// `DirectoryError::PastBusy` where the queue is full.
    pub fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<oneshot::Receiver<T>, DirectoryError> {
        let (sender, receiver) = oneshot::channel();
        let work = Box::new(move || drop(catch_unwind(AssertUnwindSafe(work)).map(|done| sender.send(done))));
        self.work.get_or_init(|| self.start()).try_send(work).map_err(|_| DirectoryError::PastBusy)?;
        Ok(receiver)
    }

    /// Starts the threads. One that does not start leaves its turns to the others; with none, whoever asks is told to come back.
    fn start(&self) -> SyncSender<Work> {
        let (sender, receiver) = sync_channel(self.queue);
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..THREADS {
            let receiver = Arc::clone(&receiver);
            if let Err(error) = std::thread::Builder::new().name(self.name.to_owned()).spawn(move || work_off(&receiver)) {
                tracing::error!(error = %error, "a thread for questions about the past did not start");
            }
        }
        sender
    }
}

fn work_off(receiver: &Mutex<Receiver<Work>>) {
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(work) => work(),
            Err(_) => return,
        }
    }
}
