//! `migrate`: brings the schema of the database up to date; with `--create` it creates a new one.

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use super::{Outcome, open};
use crate::config::{CreateOptions, FileOptions, StoreOptions};
use vasp_store as store;
use vasp_store::StoreError;

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
        let options = store::StoreOptions { create: false, migrate: true, ..store::StoreOptions::default() };
        let said = match open::store(&settings, &options) {
            Ok(_) => "is up to date",
            Err(error) if create && is_missing(error.as_ref()) => {
                open::store(&settings, &store::StoreOptions { create, ..options })?;
                "was created"
            }
            Err(error) => return Err(error),
        };
        writeln!(std::io::stdout(), "{} {said}", open::database(&settings)?)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Returns whether a store could not be opened because there is no registry in its place yet.
fn is_missing(error: &(dyn Error + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(StoreError::NoSuchFile { .. } | StoreError::Empty { .. }))
}
