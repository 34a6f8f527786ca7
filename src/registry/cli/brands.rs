//! `brands`: searches the registers for the brands of address labels. Exit codes: 0 done, 2 failed.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::Subcommand;

use super::{Outcome, open};
use crate::brands::{AcceptStrong, FoundLinks, find_brand_links};
use crate::config::{FileOptions, StoreOptions};
use vasp_clock::{Clock, Random, SystemClock};
use vasp_store as store;
use vasp_store::WriteMode;

/// How long to wait for another process that writes to the database.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// Commands about links from brands to legal entities.
#[derive(Debug, Subcommand)]
pub(super) enum Brands {
    /// Search the registers for names and websites of brands, keep what is found as proposals, and open cases about it. Imports
    /// of registers and labels search, too, but accept nothing
    Find {
        /// Accept strong finds without two people: the register's name is the brand's, and the website is on its domain
        #[arg(long, env = "VASP_REGISTRY_ACCEPT_STRONG")]
        accept_strong: bool,
        /// Search and report, but write nothing
        #[arg(long, env = "VASP_REGISTRY_DRY_RUN")]
        dry_run: bool,
        /// Print everything as JSON instead of a table
        #[arg(long, env = "VASP_REGISTRY_JSON")]
        json: bool,
        #[command(flatten)]
        store: StoreOptions,
    },
}

impl Brands {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be used.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        let Self::Find { accept_strong, dry_run, json, store } = self;
        let settings = store.settle(&file.store);
        let options = store::StoreOptions { lock_timeout: LOCK_TIMEOUT, ..store::StoreOptions::default() };
        let database = open::store_to_write(&settings, &options)?;
        let accept = if accept_strong { AcceptStrong::Yes } else { AcceptStrong::No };
        let mode = if dry_run { WriteMode::Rehearse } else { WriteMode::Keep };
        let found = find_brand_links(&database, accept, mode, SystemClock.now(), &mut Random::from_system()?.fork())?;
        let mut out = std::io::stdout();
        if json {
            writeln!(out, "{}", serde_json::to_string_pretty(&found)?)?;
        } else {
            print(&mut out, &found)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn print(out: &mut dyn Write, found: &FoundLinks) -> std::io::Result<()> {
    for link in &found.links {
        let likeness = link.likeness.map_or_else(String::new, |percent| format!("{percent} %"));
        writeln!(out, "{:<6} {:<24} {}: {}", likeness, link.brand, link.entity.legal_name, link.evidence.source)?;
    }
    let FoundLinks { found: all, proposed, strong, accepted, cases, .. } = found;
    writeln!(
        out,
        "{all} links found, {strong} of them strong; {proposed} proposed and {accepted} accepted now, {cases} cases opened or joined."
    )
}
