//! `doctor`: looks at everything that a server needs on this machine, and says of each thing whether it is in order and what to do. It
//! changes nothing, and works beside a running server. Exit codes: 0 nothing failed, 1 something failed.
//!
//! `database` looks at what needs the database, `machine` at the rest; `upgrade` adds what a newer program must find before it takes over.

mod database;
mod machine;
mod upgrade;

pub(super) use upgrade::UpgradeCheck;

use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;

use serde::Serialize;

use super::preparations::PreparedOptions;
use super::{Outcome, table};
use crate::config::{FileOptions, ServerOptions, StoreOptions, StoreSettings, TlsOptions, listen_address, proxy_address};
use vasp_clock::{Clock, SystemClock};
use vasp_words::error_chain::error_chain;
use vasp_words::time::UtcTime;

/// Options of `doctor`, and of `upgrade-check`.
#[derive(Debug, clap::Args)]
pub(super) struct Doctor {
    /// Print the findings as JSON instead of a table
    #[arg(long, env = "VASP_REGISTRY_JSON")]
    json: bool,
    /// The address and port on which the server listens, or will listen [default: 127.0.0.1:8080]
    #[arg(long, env = "VASP_REGISTRY_LISTEN", value_parser = listen_address)]
    listen: Option<SocketAddr>,
    // Only read, so that an address that `serve` refuses is refused here.
    /// A proxy that is trusted to report where requests come from
    #[arg(long, value_name = "ADDR", env = "VASP_REGISTRY_TRUSTED_PROXY", value_delimiter = ',', value_parser = proxy_address)]
    trusted_proxy: Option<Vec<IpAddr>>,
    #[command(flatten)]
    tls: TlsOptions,
    #[command(flatten)]
    prepared: PreparedOptions,
    #[command(flatten)]
    store: StoreOptions,
}

/// How something is, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Health {
    /// A server cannot work, or not correctly.
    Failed,
    /// A server works, but somebody should look at this.
    Warning,
    /// It could not be looked at, because something else failed.
    Unknown,
    /// It is in order.
    Ok,
}

/// What was found about one thing.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    health: Health,
    /// What was found, and what to do.
    detail: String,
}

impl Finding {
    fn of(check: &'static str, health: Health, detail: impl Into<String>) -> Self {
        Self { check, health, detail: detail.into() }
    }

    fn ok(check: &'static str, detail: impl Into<String>) -> Self {
        Self::of(check, Health::Ok, detail)
    }

    fn warning(check: &'static str, detail: impl Into<String>) -> Self {
        Self::of(check, Health::Warning, detail)
    }

    fn failed(check: &'static str, detail: impl Into<String>) -> Self {
        Self::of(check, Health::Failed, detail)
    }
}

impl Doctor {
    /// Runs the command.
    ///
    /// # Errors
    /// If the findings cannot be printed.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        self.look(file, |settings, machine, now| database::findings(settings, now).into_iter().chain(machine).collect())
    }

    /// Prints what is found on this machine and beside it. `findings` gets what was found on the machine, and returns all.
    fn look(self, file: &FileOptions, findings: impl FnOnce(&StoreSettings, Vec<Finding>, UtcTime) -> Vec<Finding>) -> Outcome {
        let now = SystemClock.now();
        let settings = self.store.settle(&file.store);
        let listen = ServerOptions { listen: self.listen, ..ServerOptions::default() }.settle(&file.server).listen;
        let tls = self.tls.settle(&file.tls).map_err(|error| error.to_string());
        let mut on_machine = machine::findings(&settings, listen, tls, now);
        on_machine.push(match self.prepared.prepare(file) {
            Ok(_) => {
                Finding::ok("settings", "the files that they name can be read; the addresses that they name were not called")
            }
            Err(error) => Finding::failed("settings", format!("a server does not start: {}", error_chain(error.as_ref()))),
        });
        let findings = findings(&settings, on_machine, now);
        print(&findings, self.json)?;
        let failed = findings.iter().any(|finding| finding.health == Health::Failed);
        Ok(ExitCode::from(u8::from(failed)))
    }
}

/// Prints findings as a table or as JSON.
fn print(findings: &[Finding], json: bool) -> std::io::Result<()> {
    if json {
        return writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(findings)?);
    }
    let word = |health: Health| match health {
        Health::Failed => "FAILED",
        Health::Warning => "warning",
        Health::Unknown => "unknown",
        Health::Ok => "ok",
    };
    let row = |one: &Finding| [one.check.to_owned(), word(one.health).to_owned(), one.detail.clone()];
    table::print(["check", "result", "detail"], &findings.iter().map(row).collect::<Vec<_>>())
}
