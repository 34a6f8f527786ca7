//! `verify database`: recomputes everything that answers are based on and compares it with the log. It works on a live database, a read
//! replica, or a SQLite file that `backup` made. Exit codes: 0 everything agrees with the log, 1 something was altered, 2 not everything
//! could be read.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use super::super::{Outcome, open};
use crate::config::{DatabaseUrl, FileOptions, StoreOptions};
use crate::integrity::{Extent, Place, Report, Verified, verify_database};
use vasp_clock::Stopwatch;
use vasp_log::Sealer;
use vasp_store::{DocumentFolder, Store, documents_of};

/// How often progress is reported, in microseconds.
const TELL_EVERY_MICROS: u64 = 5_000_000;

/// Options of `verify database`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Database {
    /// Continue from a position that an earlier run printed; earlier entries are not read again
    #[arg(long, value_name = "PLACE", default_value = "log")]
    from: Place,
    #[command(flatten)]
    store: StoreOptions,
}

impl Database {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be read, or the master key does not belong to the database.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        let settings = self.store.settle(&file.store);
        let url = open::database(&settings)?;
        let store = Store::open_to_read(&url, 1, Arc::new(Sealer::default()))?;
        let keys = open::keys_at_hand(&settings)?;
        // A backup's documents are beside it, under the same name.
        let beside = match &url {
            DatabaseUrl::Sqlite(path) => Some(documents_of(path)),
            DatabaseUrl::Postgres(_) => None,
        };
        let documents = open::documents(&settings)?.into_iter().chain(beside).find(|folder| folder.is_dir());
        let documents = documents.map(DocumentFolder::new);
        let of = Verified { store: &store, keys: keys.as_ref(), documents: documents.as_ref() };
        let watch = Stopwatch::start();
        let mut told = 0;
        let mut progress = |place: &Place, report: &Report| {
            if watch.elapsed_micros() >= told + TELL_EVERY_MICROS {
                told = watch.elapsed_micros();
                let (claims, facts) = (report.claims, report.facts);
                let said = format!(
                    "{claims} claims, {facts} facts, {} events so far; to continue from here: --from {place}",
                    report.audit_events
                );
                // If standard error is closed, nobody wants the progress.
                drop(writeln!(std::io::stderr(), "{said}"));
            }
            true
        };
        let report = verify_database(of, &Extent::From(self.from), &mut progress)?;
        let missing = !report.missing_files.is_empty();
        print_report(&report)?;
        writeln!(std::io::stdout(), "it took {} ms", watch.elapsed_micros() / 1_000)?;
        match (report.is_whole() && !missing, report.not_covered.is_empty()) {
            (false, _) => Ok(ExitCode::from(1)),
            (true, true) => Ok(ExitCode::SUCCESS),
            (true, false) => Err("not everything could be read: see the lines that begin with `not covered`".into()),
        }
    }
}

/// Prints what was recomputed.
pub(in crate::cli) fn print_report(report: &Report) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    for altered in &report.altered {
        writeln!(out, "altered: {altered}")?;
    }
    for missing in &report.missing_files {
        writeln!(out, "altered: member_documents, {missing}: its file is missing")?;
    }
    for what in &report.not_covered {
        writeln!(out, "not covered: {what}")?;
    }
    let Report { entries, erased, root, audit_events, vasps, facts, batches, claims, documents, .. } = report;
    match report.begun_at {
        Some(place) => writeln!(out, "started at {place}: the entries before it were not read")?,
        None => {
            let signed = report.signed.map_or_else(|| "nothing is signed yet".to_owned(), |size| format!("signed up to {size}"));
            let word = if report.is_whole() { "verified" } else { "read" };
            writeln!(out, "log: {word}, {entries} entries, root {root}, {signed}; {erased} payloads were erased")?;
        }
    }
    let counts = format!(
        "{facts} facts of {vasps} VASPs, {claims} claims in {batches} batches, {audit_events} audit events, {documents} files"
    );
    let word = if report.is_whole() { "agrees with the log" } else { "read" };
    writeln!(out, "data: {word}: {counts}")
}

/// Returns an error if something does not agree with the log. Files that are missing are left to the caller.
pub(in crate::cli) fn refuse_altered(report: &Report) -> Result<(), Box<dyn std::error::Error>> {
    match report.altered.as_slice() {
        [] => Ok(()),
        [only] => Err(format!("the stored data differs from what was recorded: {only}").into()),
        [first, others @ ..] => {
            Err(format!("the stored data differs from what was recorded: {first}; and {} more", others.len()).into())
        }
    }
}
