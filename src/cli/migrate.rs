//! `migrate`: makes the database if need be and brings its schema up to date.

use std::io::Write;
use std::process::ExitCode;

use super::{Outcome, open};
use crate::config::{FileOptions, StoreOptions};
use vasp_store as store;

/// Options of `migrate`.
#[derive(Debug, clap::Args)]
pub(super) struct Migrate {
    #[command(flatten)]
    store: StoreOptions,
}

impl Migrate {
    /// Runs the command.
    ///
    /// # Errors
    /// Where the database cannot be used.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        let settings = self.store.settle(&file.store);
        let options = store::StoreOptions { create: true, migrate: true, ..store::StoreOptions::default() };
        open::store(&settings, &options)?;
        writeln!(std::io::stdout(), "{} is up to date", open::database(&settings)?)?;
        Ok(ExitCode::SUCCESS)
    }
}
