//! `migrate`: brings the schema of the database up to date; with `--create` it creates a new one.

use std::io::Write;
use std::process::ExitCode;

use super::{Outcome, open};
use crate::config::{CreateOptions, FileOptions, StoreOptions};
use vasp_store as store;

/// Options of `migrate`.
#[derive(Debug, clap::Args)]
pub(super) struct Migrate {
    #[command(flatten)]
    store: StoreOptions,
    #[command(flatten)]
    create: CreateOptions,
}

impl Migrate {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be used.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        let settings = self.store.settle(&file.store);
        let create = open::may_create(&settings, self.create)?;
        let options = store::StoreOptions { create, migrate: true, ..store::StoreOptions::default() };
        open::store(&settings, &options)?;
        writeln!(std::io::stdout(), "{} is up to date", open::database(&settings)?)?;
        Ok(ExitCode::SUCCESS)
    }
}
