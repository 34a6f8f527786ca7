//! State that all handlers share: the registry, clock, random numbers and limits. `cli` (or a test) builds it once and gives it to
//! `server`; each worker holds a reference.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::error::ProblemPages;
use super::throttle::Throttle;
use super::tls::ServerTls;
use crate::config::ServerSettings;
use crate::node::Registry;
use vasp_clock::{Clock, Random};
use vasp_record::allowance::ClaimTerms;
use vasp_words::host::Host;

/// The state of a server.
pub struct App {
    /// The registry that this server serves.
    pub registry: Arc<Registry>,
    /// Whether callers without credentials may read what is public.
    pub public_read: bool,
    /// The source of time.
    pub clock: Arc<dyn Clock>,
    /// The source of random numbers.
    pub random: Arc<Random>,
    /// The limits of one request.
    pub limits: Limits,
    /// The rate limits of callers.
    pub throttle: Throttle,
    /// Whether callers without credentials may read the metrics.
    pub public_metrics: bool,
    /// The registry's own public host name, which challenges contain.
    pub registry_name: Option<Host>,
    /// The server's TLS certificate; `None` if it speaks plain HTTP.
    pub tls: Option<Arc<ServerTls>>,
    /// Returns whether the server can answer correctly; the registry's condition holds the reasons.
    pub readiness: Box<dyn Fn() -> Readiness + Send + Sync>,
}

impl App {
    /// Returns where the pages are that explain problems.
    pub(crate) fn problem_pages(&self) -> &ProblemPages {
        self.registry.part()
    }
}

/// The limits of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest body that is read, in bytes.
    pub body_bytes: usize,
    /// The largest document that is accepted, in bytes.
    pub document_bytes: usize,
    /// How long a body may take to arrive.
    pub body_time: Duration,
    /// The largest file of addresses that is read, in bytes.
    pub import_bytes: usize,
    /// The numeric limits under which members' claims are accepted.
    pub claim_terms: ClaimTerms,
    /// How many different addresses not found one caller may ask for in a day; `None` if unlimited.
    pub not_found_budget: Option<NonZeroU32>,
}

/// Whether a server can answer truthfully; worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Readiness {
    /// It answers nothing but 503.
    NotReady,
    /// It answers, but something is wrong, as `reasons` says.
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
            import_bytes: usize::try_from(settings.import_limit_bytes.get()).unwrap_or(usize::MAX),
            claim_terms: ClaimTerms {
                lifetime_secs: i64::from(settings.claims.lifetime_days.get()) * 86_400,
                allowance: settings.claims.allowance,
                told_a_day: settings.not_found_budget.map(NonZeroU32::get),
            },
            not_found_budget: settings.not_found_budget,
        }
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("limits", &self.limits).finish_non_exhaustive()
    }
}
