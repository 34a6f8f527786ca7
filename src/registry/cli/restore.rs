//! `restore`: restores a backup, by default only to an unused place. Before the result takes effect, it recomputes everything that answers
//! are based on. Exit codes: 0 the restored database is in effect, 2 the place is unchanged.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::verify::database::{print_report, refuse_altered};
use super::{Outcome, log_head, open};
use crate::config::{DatabaseUrl, FileOptions, StoreOptions};
use crate::documents::of_record;
use crate::integrity::{Extent, Place, Verified, verify_database};
use crate::transparency::HeadFile;
use vasp_store as store;
use vasp_store::{CheckedDocuments, Occupied, check_documents, documents_of, folder_of, restore};

/// Options of `restore`.
#[derive(Debug, clap::Args)]
pub(super) struct Restore {
    /// The file that `backup` made; its documents are in FILE.documents
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Rename what is already there: a SQLite file or a PostgreSQL schema
    #[arg(long)]
    replace: bool,
    /// The file in which a server kept the head of the log; `restore` reports which of its entries the backup lacks
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_LOG_HEAD")]
    log_head: Option<PathBuf>,
    /// Restore although the backup lacks entries that --log-head knows, or is of another registry than the one that --replace moves aside
    #[arg(long, env = "VASP_REGISTRY_ACCEPT_FORK")]
    accept_fork: bool,
    #[command(flatten)]
    store: StoreOptions,
}

impl Restore {
    /// Runs the command.
    ///
    /// # Errors
    /// If the file is not a backup, the place is not free, or the content does not agree with its log.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        let settings = self.store.settle(&file.store);
        let url = open::database(&settings)?;
        let (documents, backed_up) = (open::documents(&settings)?, documents_of(&self.from));
        check_folders(&url, documents.as_deref(), &backed_up)?;
        let occupied = if self.replace { Occupied::PutAside } else { Occupied::Refuse };
        // Of what is missing, the rows that need it speak below.
        let CheckedDocuments { without_sum, .. } = check_documents(&self.from)?;
        let restored = restore(&url, &self.from, occupied)?;
        let has_checksum = restored.has_checksum();
        let other = restored.other_registry();
        if let Some(other) = other.as_ref().filter(|_| !self.accept_fork) {
            return Err(format!("{other}; if that is meant, give --accept-fork").into());
        }
        let options = store::StoreOptions { migrate: true, readers: 1, ..store::StoreOptions::default() };
        let store = open::store_at(&restored.url(), &options)?;
        let keys = open::keys_at_hand(&settings)?;
        let folder = documents.is_some().then(|| store::DocumentFolder::new(backed_up.clone()));
        let of = Verified { store: &store, keys: keys.as_ref(), documents: folder.as_ref() };
        let report = verify_database(of, &Extent::From(Place::Log), &mut |_, _| true)?;
        refuse_altered(&report)?;
        let head = self.log_head.map(HeadFile::at);
        let lacks_head = head.as_ref().map(HeadFile::path).filter(|path| !path.exists()).map(|path| path.display().to_string());
        let fork = head.map(|head| log_head::lost(&store, &head, self.accept_fork)).transpose()?.flatten();
        let copied = match &documents {
            Some(folder) => of_record::copy(&backed_up, folder)?,
            None => 0,
        };
        let missing = of_record::missing(&store, documents.as_deref())?;
        drop(store);
        let aside = restored.keep()?;
        let mut out = std::io::stdout();
        writeln!(out, "{url}: restored from {}", self.from.display())?;
        if let Some(aside) = aside {
            writeln!(out, "the previous data was moved to: {aside}")?;
        }
        writeln!(out, "documents: {copied} files")?;
        let unnoticed = "beside the backup: a changed byte in it may not be noticed";
        let no_head = "(--log-head) does not exist, so nobody can tell whether the backup lacks entries of the log";
        let warnings = [
            (!has_checksum).then(|| format!("there is no {}.sha256 {unnoticed}", self.from.display())),
            lacks_head.map(|path| format!("{path} {no_head}")),
            (has_checksum && without_sum > 0).then(|| format!("{without_sum} files of documents have no checksum {unnoticed}")),
            (missing > 0).then(|| format!("the files of {missing} documents are not in the backup")),
            fork.map(|fork| format!("{fork}; `serve --accept-fork` records this in the log")),
            other,
        ];
        for warning in warnings.into_iter().flatten() {
            writeln!(std::io::stderr(), "warning: {warning}")?;
        }
        print_report(&report)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Refuses folders that are not there or not given.
fn check_folders(url: &DatabaseUrl, documents: Option<&Path>, backed_up: &Path) -> Result<(), Box<dyn Error>> {
    if documents.is_none() && backed_up.is_dir() {
        return Err(format!(
            "the backup has documents in {}: give the folder to restore them to with --documents DIR",
            backed_up.display()
        )
        .into());
    }
    if let DatabaseUrl::Sqlite(path) = url
        && !folder_of(path).is_dir()
    {
        let folder = folder_of(path).display().to_string();
        return Err(format!("the folder {folder} does not exist: create it, or name another place with --database").into());
    }
    Ok(())
}
