//! `serve`: answers over HTTP until SIGTERM or SIGINT, then finishes what is under way.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use super::Outcome;
use crate::api::{self, App, Limits, Readiness};
use crate::clock::{Random, SystemClock};
use crate::config::{FileOptions, LogOptions, ServerOptions};
use crate::telemetry;

/// Options of `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    server: ServerOptions,
    #[command(flatten)]
    log: LogOptions,
}

impl Serve {
    /// Serves until asked to stop.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        telemetry::start(self.log.settle(&file.log))?;
        let settings = self.server.settle(&file.server);
        let app = App {
            clock: Arc::new(SystemClock),
            random: Arc::new(Random::from_system()?),
            limits: Limits::of(&settings),
            readiness: Box::new(|| Readiness::Ready),
        };
        api::serve(&settings, app, |address| writeln!(std::io::stdout(), "listening on http://{address}"))?;
        Ok(ExitCode::SUCCESS)
    }
}
