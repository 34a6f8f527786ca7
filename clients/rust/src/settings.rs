//! How calls are made, and what a hook learns of each attempt. Nothing here carries a subject or a key.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use vasp_words::closed_list::closed_list;

/// A function that gets each attempt, for logs and metrics.
pub type OnEvent = Arc<dyn Fn(&Event) + Send + Sync>;

/// A function that returns the trace of the caller, as the header `traceparent` has it.
pub type Traceparent = Arc<dyn Fn() -> Option<String> + Send + Sync>;

closed_list! {
    /// Why an attempt got no answer.
    pub enum Failure {
        /// No answer came in time.
        Timeout = "timeout",
        /// The connection failed.
        Connection = "connection",
    }
}

/// How calls are made.
#[derive(Clone)]
pub struct Settings {
    /// The time limit of one attempt; 10 seconds by default.
    pub timeout: Duration,
    /// The time limit of all attempts of a call together; 30 seconds by default.
    pub deadline: Duration,
    /// How often a call is attempted; 4 by default.
    pub attempts: u32,
    /// The most items in one request; 1,000 by default, which is the API's limit.
    pub batch_size: usize,
    /// The most bytes in one request; 2,000,000 by default, because a registry reads bodies of 2 MiB unless it is set up otherwise.
    pub batch_bytes: usize,
    /// Gets each attempt.
    pub on_event: Option<OnEvent>,
    /// Returns the trace of the caller; without it each call has a trace of its own.
    pub traceparent: Option<Traceparent>,
}

/// One attempt of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Method and route, such as `GET /v1/vasps/{vasp}`.
    pub operation: String,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// How long it took.
    pub took: Duration,
    /// The HTTP status; `None` if there was no answer.
    pub status: Option<u16>,
    /// Why there was no answer; `None` if there was one.
    pub failure: Option<Failure>,
    /// The id of the request in the registry's log; `None` if the answer had none.
    pub request_id: Option<String>,
    /// How long the client waits before the next attempt; `None` after the last one.
    pub wait: Option<Duration>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            deadline: Duration::from_secs(30),
            attempts: 4,
            batch_size: 1_000,
            batch_bytes: 2_000_000,
            on_event: None,
            traceparent: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { timeout, deadline, attempts, batch_size, batch_bytes, .. } = self;
        write!(f, "Settings({timeout:?}, {deadline:?}, {attempts} attempts, batches of {batch_size} and {batch_bytes} bytes)")
    }
}
