//! `backup`: copies the database and the document files while other processes keep working. Exit codes: 0 the backup is complete and on
//! disk, 2 there is no backup. `backup --check FILE` reads a backup again: 0 its bytes are those that were written, 1 they are not, 2 that
//! cannot be said.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::verify::database::{print_report, refuse_altered};
use super::{Outcome, open};
use crate::config::{FileOptions, StoreOptions};
use crate::documents::of_record;
use crate::integrity::{Extent, Place, Report, Verified, verify_database};
use vasp_store as store;
use vasp_store::{BackupError, CheckedBackup, CheckedDocuments, back_up, check_backup, documents_of, folder_of};

/// Options of `backup`.
#[derive(Debug, clap::Args)]
pub(super) struct Backup {
    /// The file to make; document files go to a folder beside it, FILE.documents. The master key is not included: keep a copy of it
    /// elsewhere
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_TO", required_unless_present = "check")]
    to: Option<PathBuf>,
    /// Only read a backup that was made earlier with its documents, and compare the bytes with the checksums beside it, FILE.sha256
    #[arg(long, value_name = "FILE", conflicts_with = "verify")]
    check: Option<PathBuf>,
    /// Read the whole copy and recompute everything that answers are based on, before the file gets its name
    #[arg(long, env = "VASP_REGISTRY_VERIFY")]
    verify: bool,
    #[command(flatten)]
    store: StoreOptions,
}

impl Backup {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be read, or the backup cannot be written or verified.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        if let Some(backup) = &self.check {
            return check(backup);
        }
        let to = self.to.ok_or("no file is named: give --to FILE")?;
        let settings = self.store.settle(&file.store);
        let url = open::database(&settings)?;
        // First, because it may be why there is no room.
        warn_of_unfinished(&to);
        let draft = back_up(&url, &to)?;
        let documents = open::documents(&settings)?;
        let verified = match self.verify {
            true => {
                let copy = draft.check()?.unwrap_or(url);
                // The copy keeps an older schema too; nothing migrates it.
                let store = open::store_at(&copy, &store::StoreOptions { readers: 1, ..store::StoreOptions::default() })?;
                let (keys, folder) = (open::keys_at_hand(&settings)?, documents.clone().map(store::DocumentFolder::new));
                let of = Verified { store: &store, keys: keys.as_ref(), documents: folder.as_ref() };
                let report = verify_database(of, &Extent::From(Place::Log), &mut |_, _| true)?;
                refuse_altered(&report)?;
                refuse_missing(&report)?;
                Some(report)
            }
            false => None,
        };
        // Copied after the database, so every file that a row of the copy needs exists by now.
        let copied = match &documents {
            Some(folder) => of_record::copy(folder, &documents_of(&to))?,
            None => 0,
        };
        let size = draft.publish()?;
        let mut out = std::io::stdout();
        writeln!(out, "{}: {size} bytes", to.display())?;
        match documents {
            Some(_) => writeln!(out, "documents: {copied} files in {}", documents_of(&to).display())?,
            None => writeln!(out, "documents: none copied, because no folder is configured (--documents DIR)")?,
        }
        match &verified {
            Some(report) => print_report(report)?,
            None => writeln!(out, "log: not recomputed (give --verify to recompute it)")?,
        }
        writeln!(
            out,
            "the backup does not contain the master key: keep a copy of its file elsewhere; without it, encrypted data cannot be read"
        )?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Warns of what unfinished backups and restores left in the folder of a backup. A folder that cannot be read, or a warning that cannot be
/// written, fails no backup.
fn warn_of_unfinished(backup: &Path) {
    for entry in folder_of(backup).read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.contains(".unfinished-") {
            let why = "is of a backup or restore that was killed or still runs; if none runs, remove it";
            let _ = writeln!(std::io::stderr(), "warning: {name} {why}");
        }
    }
}

/// Returns an error if the file of a document is missing.
fn refuse_missing(report: &Report) -> Result<(), Box<dyn Error>> {
    let Some(first) = report.missing_files.first() else { return Ok(()) };
    let count = report.missing_files.len();
    let what = format!("the files of {count} documents are missing, such as that of {first}");
    Err(format!("{what}: find them; without --verify, a backup is made all the same").into())
}

/// Compares the bytes of a backup with its checksum.
fn check(backup: &Path) -> Outcome {
    let (mut out, name) = (std::io::stdout(), backup.display());
    match check_backup(backup) {
        Ok(Some(CheckedBackup { sum, documents: CheckedDocuments { whole, without_sum, .. } })) => {
            writeln!(out, "{name}: its bytes are those that `backup` wrote, SHA-256 {sum}; so are {whole} files of documents")?;
            match without_sum {
                0 => Ok(ExitCode::SUCCESS),
                _ => Err(format!("{without_sum} files of documents beside it have no checksum, so they were not checked").into()),
            }
        }
        Ok(None) => Err(format!("there is no {name}.sha256 beside the backup, so its bytes cannot be checked").into()),
        Err(damaged @ BackupError::Damaged { .. }) => {
            writeln!(out, "{damaged}")?;
            Ok(ExitCode::from(1))
        }
        Err(error) => Err(error.into()),
    }
}
