//! `serve`: answers over HTTP until SIGTERM or SIGINT, then finishes what is under way.

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use super::{Outcome, open};
use crate::api::{self, App, Limits, Readiness, Throttle};
use crate::clock::{Clock, LimiterClock, Random, SystemClock};
use crate::config::{DatabaseUrl, FileOptions, LogOptions, ServerOptions, ServerSettings, StoreOptions};
use crate::jobs::{Flusher, Tailer};
use crate::service::Registry;
use crate::store;
use crate::telemetry;

/// Options of `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    server: ServerOptions,
    #[command(flatten)]
    store: StoreOptions,
    #[command(flatten)]
    log: LogOptions,
    /// Bring the schema of a PostgreSQL database up to date first (SQLite is always brought up to date)
    #[arg(long, env = "VASP_REGISTRY_MIGRATE")]
    migrate: bool,
}

impl Serve {
    /// Runs the command.
    ///
    /// # Errors
    /// Where settings, database, master key or address cannot be used.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        let _logging = telemetry::start(&self.log.settle(&file.log))?;
        let settings = self.server.settle(&file.server);
        let store_settings = self.store.settle(&file.store);
        let sqlite = matches!(open::database(&store_settings)?, DatabaseUrl::Sqlite(_));
        let options = store::StoreOptions { create: true, migrate: sqlite || self.migrate, ..store::StoreOptions::default() };
        let random = Arc::new(Random::from_system()?);
        let registry = Arc::new(open::registry(&store_settings, &options, &random)?);
        serve(&settings, registry, random, |address| writeln!(std::io::stdout(), "listening on http://{address}"))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// How long the directory may go without hearing of its database before it says so, and before it stops answering.
///
/// Source: design, "Stores and scale".
const DEGRADED_AFTER_MICROS: u64 = 5_000_000;
const SILENT_AFTER_MICROS: u64 = 60_000_000;

fn readiness_after(silent_micros: u64) -> Readiness {
    match silent_micros {
        SILENT_AFTER_MICROS.. => Readiness::NotReady,
        DEGRADED_AFTER_MICROS.. => Readiness::Degraded,
        _ => Readiness::Ready,
    }
}

/// Serves a registry until the process is told to stop.
pub(super) fn serve(
    settings: &ServerSettings,
    registry: Arc<Registry>,
    random: Arc<Random>,
    announce: impl FnOnce(std::net::SocketAddr) -> std::io::Result<()>,
) -> Result<(), Box<dyn Error>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let _tailer = Tailer::start(Arc::clone(&registry))?;
    let _flusher = Flusher::start(Arc::clone(&registry), Arc::clone(&clock), Arc::clone(&random))?;
    let watched = Arc::clone(&registry);
    let readiness = move || readiness_after(watched.directory().silent_micros());
    let app = App {
        registry,
        public_read: settings.public_read,
        random,
        limits: Limits::of(settings),
        throttle: Throttle::new(settings, &LimiterClock(Arc::clone(&clock))),
        public_metrics: settings.public_metrics,
        registry_name: settings.registry_name.clone(),
        readiness: Box::new(readiness),
        clock,
    };
    api::serve(settings, app, announce)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: design, "Stores and scale": 5 s without confirming the head is `degraded`, 60 s is 503.
    #[test]
    fn a_node_out_of_touch_says_so_and_later_stops_answering() {
        let after = |secs: u64| readiness_after(secs * 1_000_000);

        assert_eq!([after(0), readiness_after(4_999_999)], [Readiness::Ready; 2]);
        assert_eq!([after(5), readiness_after(59_999_999)], [Readiness::Degraded; 2]);
        assert_eq!([after(60), readiness_after(u64::MAX)], [Readiness::NotReady; 2]);
    }
}
