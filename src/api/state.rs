//! What all handlers share: the clock, randomness, limits and, as they come, the services. Built once by `cli` (or by a
//! test) and given to `server`; each worker holds it by reference.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::throttle::Throttle;
use crate::clock::{Clock, Random};
use crate::config::ServerSettings;
use crate::service::Registry;

/// The state of a server.
pub struct App {
    /// The registry that is served.
    pub registry: Arc<Registry>,
    /// Whether callers without credentials may read what is public.
    pub public_read: bool,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives random bits.
    pub random: Arc<Random>,
    /// What one request may take.
    pub limits: Limits,
    /// How often a caller may ask.
    pub throttle: Throttle,
    /// Whether callers without credentials may read the metrics.
    pub public_metrics: bool,
    /// Tells whether the server can answer truthfully.
    pub readiness: Box<dyn Fn() -> Readiness + Send + Sync>,
}

/// What one request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest body that is read.
    pub body_bytes: usize,
    /// The largest document that is taken.
    pub document_bytes: usize,
    /// How long a body may take to arrive.
    pub body_time: Duration,
}

/// Whether a server can answer truthfully; worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Readiness {
    /// It answers nothing but 503.
    NotReady,
    /// It answers, but has not confirmed lately that it knows everything.
    Degraded,
    /// It answers.
    Ready,
}

impl Limits {
    /// Takes the limits from a server's settings.
    #[must_use]
    pub fn of(settings: &ServerSettings) -> Self {
        Self {
            body_bytes: usize::try_from(settings.body_limit_bytes.get()).unwrap_or(usize::MAX),
            document_bytes: usize::try_from(settings.document_limit_bytes.get()).unwrap_or(usize::MAX),
            body_time: Duration::from_secs(settings.request_timeout_secs.get().into()),
        }
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("limits", &self.limits).finish_non_exhaustive()
    }
}
