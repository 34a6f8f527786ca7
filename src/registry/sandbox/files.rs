//! Imports of files into the database of a sandbox or a demo, as an operator makes them.

use std::io::Cursor;

use super::StageError;
use crate::imported::ImportedBy;
use crate::imports::{ImportFormat, ImportJob, import_file_from};
use vasp_clock::{Clock, Random};
use vasp_ingest::source;
use vasp_pki::MasterKeys;
use vasp_store::{Store, WriteMode};

/// What files are imported into.
pub struct Files<'a> {
    /// The database.
    pub store: &'a Store,
    /// Its master keys.
    pub keys: &'a MasterKeys,
    /// The moment of an import.
    pub clock: &'a dyn Clock,
    /// The randomness of an import.
    pub random: &'a Random,
}

impl Files<'_> {
    /// Imports a file. The day counts for formats whose files have none.
    pub(super) fn import(&self, format: ImportFormat, name: &str, day: &str, bytes: Vec<u8>) -> Result<(), StageError> {
        let refused = |reason: String| StageError::Seed { file: "seed", reason: format!("{name}: {reason}") };
        let input = source::from_reader(Cursor::new(bytes), name, source::LIMIT_BYTES);
        let has_day = matches!(format, ImportFormat::Policy | ImportFormat::GleifLei | ImportFormat::MasterRegister);
        let job = ImportJob {
            store: self.store,
            keys: self.keys,
            format,
            observed_on: if has_day { day.parse().ok() } else { None },
            mode: WriteMode::Keep,
            accept_shrink: true,
            progress: &mut |_| (),
        };
        let now = || self.clock.now();
        let mut rng = self.random.fork();
        let report = import_file_from(job, input.map_err(|e| refused(e.to_string()))?, (ImportedBy::Seed, None), &now, &mut rng);
        let report = report.map_err(|error| refused(vasp_words::error_chain::error_chain(&error)))?;
        match report.rejected.first() {
            Some(row) => Err(refused(format!("{row:?}"))),
            None => Ok(()),
        }
    }
}
