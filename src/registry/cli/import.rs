//! `import`: reads files of a format into the database, shows progress, and ends with a report. Exit codes: 0 no row rejected (also if
//! nothing changed), 1 some rejected or a screening list is incomplete, 2 refused or failed, and nothing written.

use std::error::Error;
use std::ffi::OsStr;
use std::io::Write;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;

use super::meter::Meter;
use super::report_file::ReportFile;
use super::{Outcome, open, warn_of_shrink};
use crate::config::{CreateOptions, FileOptions, LogOptions, StoreOptions};
use crate::imported::{BrandSearch, ImportReport};
use crate::imports::{ImportFormat, ImportJob, import_file_by, import_together, import_vasp_list};
use crate::node::ImportError;
use crate::telemetry;
use vasp_clock::{Clock, Random, SystemClock};
use vasp_ingest::source::{self, Source};
use vasp_record::register::Flag;
use vasp_rules::protocol::{ProtocolId, ProtocolIdError};
use vasp_store as store;
use vasp_store::WriteMode;
use vasp_words::similar::{did_you_mean, nearest};
use vasp_words::time::Date;

/// Options of `import`.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// Format of the files
    #[arg(value_parser = FormatParser)]
    format: ImportFormat,
    /// Files, in the order in which they are read; .gz and .zip work, and - is standard input. Those of ofac-sdn (SDN.CSV ALT.CSV
    /// SDN_COMMENTS.CSV) make one version of one list
    #[arg(required = true)]
    files: Vec<String>,
    /// The day on which the source published this, if the file does not state it
    #[arg(long, value_name = "DATE", env = "VASP_REGISTRY_OBSERVED_ON")]
    observed_on: Option<Date>,
    /// For vasp-list: the protocol whose VASPs the list has, such as gtr or trp
    #[arg(long, value_name = "ID", required_if_eq("format", "vasp-list"), env = "VASP_REGISTRY_PROTOCOL")]
    protocol: Option<String>,
    /// Compute and report everything, but write nothing
    #[arg(long, env = "VASP_REGISTRY_DRY_RUN")]
    dry_run: bool,
    /// Accept a snapshot that lacks more than 5 % of a register's entities, or of whose rows less than 95 % can be read
    #[arg(long, env = "VASP_REGISTRY_ACCEPT_SHRINK")]
    accept_shrink: bool,
    /// End with exit code 0 although a screening list is incomplete (`partial` in the report); its rows are imported either way
    #[arg(long, env = "VASP_REGISTRY_PARTIAL")]
    partial: bool,
    /// Write the whole report as JSON to this file
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_REPORT")]
    report: Option<PathBuf>,
    /// Print the whole report as JSON instead of a table
    #[arg(long, env = "VASP_REGISTRY_JSON")]
    json: bool,
    /// How long to wait for another process that writes to the database
    #[arg(long, value_name = "SECS", default_value = "30", env = "VASP_REGISTRY_LOCK_TIMEOUT_SECS")]
    lock_timeout_secs: NonZeroU16,
    #[command(flatten)]
    store: StoreOptions,
    #[command(flatten)]
    create: CreateOptions,
    #[command(flatten)]
    log: LogOptions,
}

/// Reads a format. A misspelt one gets the one that was probably meant, and the help lists all.
#[derive(Clone)]
struct FormatParser;

impl TypedValueParser for FormatParser {
    type Value = ImportFormat;

    fn parse_ref(&self, command: &clap::Command, _: Option<&clap::Arg>, value: &OsStr) -> Result<ImportFormat, clap::Error> {
        let text = value.to_string_lossy();
        text.parse().map_err(|_| {
            let words = ImportFormat::ALL.iter().map(|format| format.as_str());
            let meant = did_you_mean(nearest(&text, words));
            let says = format!("`{text}` is not a format{meant}; `vasp-registry import --help` lists all\n");
            clap::Error::raw(ErrorKind::InvalidValue, says).with_cmd(command)
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(ImportFormat::ALL.iter().map(|format| PossibleValue::new(format.as_str()))))
    }
}

impl Import {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database or a file cannot be used, or a file is refused.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        let _logging = telemetry::start(&self.log.settle(&file.log))?;
        let settings = self.store.settle(&file.store);
        let mut written = self.report.as_ref().map(|path| ReportFile::open(path, '[')).transpose()?;
        let random = Random::from_system()?;
        let lock_timeout = Duration::from_secs(self.lock_timeout_secs.get().into());
        let create = !self.dry_run && open::may_create(&settings, self.create)?;
        let store =
            open::store_to_write(&settings, &store::StoreOptions { create, lock_timeout, ..store::StoreOptions::default() })?;
        let keys = open::keys_for(&settings, &store, !self.dry_run, &mut random.fork())?;
        warn_of_shrink(self.accept_shrink)?;
        let format = self.format;
        let protocol = self.protocol.as_deref().filter(|_| format == ImportFormat::VaspList).map(protocol_named).transpose()?;
        let mode = if self.dry_run { WriteMode::Rehearse } else { WriteMode::Keep };
        let mut reports = Vec::new();
        if format.takes_files_together() {
            let (observed_on, accept_shrink, progress) = (self.observed_on, self.accept_shrink, &mut |_| ());
            let job = ImportJob { store: &store, keys: &keys, format, observed_on, mode, accept_shrink, progress };
            reports.push(together(job, &self.files, written.as_mut(), self.json, &random)?);
        }
        let mut read = |path: &String| -> Result<(), Box<dyn Error>> {
            let source = source::open(path)?;
            let mut meter = Meter::of(path, &source);
            let mut progress = |rows| meter.rows(rows);
            let job = ImportJob {
                store: &store,
                keys: &keys,
                format,
                observed_on: self.observed_on,
                mode,
                accept_shrink: self.accept_shrink,
                progress: &mut progress,
            };
            let report = import_one(job, protocol.as_ref(), source, &random)?;
            drop(meter);
            if !self.json {
                print_report(&report)?;
            }
            reports.push(report);
            // Written after every file, so that the report survives if a later file is refused.
            write_report(written.as_mut(), &reports)
        };
        let one_by_one = if format.takes_files_together() { &[][..] } else { &self.files };
        let stopped = one_by_one.iter().enumerate().find_map(|(before, path)| Some((before, path, read(path).err()?)));
        if self.json && !reports.is_empty() {
            writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&reports)?)?;
        }
        match stopped {
            None => Ok(exit_code(&reports, self.partial)),
            Some((0, _, source)) => Err(source),
            Some((before, path, source)) => Err(Box::new(Stopped { before, path: path.clone(), source })),
        }
    }
}

/// Imports one file: as the list of a protocol if one is named.
fn import_one(
    job: ImportJob<'_>,
    protocol: Option<&ProtocolId>,
    source: Source,
    random: &Random,
) -> Result<ImportReport, ImportError> {
    match protocol {
        Some(protocol) => import_vasp_list(job, protocol, source, SystemClock.now(), &mut random.fork()),
        None => import_file_by(job, source, &|| SystemClock.now(), &mut random.fork()),
    }
}

/// Reads a protocol: its id, or the short name by which people call it.
fn protocol_named(text: &str) -> Result<ProtocolId, ProtocolIdError> {
    match text {
        "sygna" => "sygna_bridge",
        other => other,
    }
    .parse()
}

/// Returns the exit code: an incomplete list is a failure unless the caller accepts it.
fn exit_code(reports: &[ImportReport], accepts_partial: bool) -> ExitCode {
    let incomplete = |report: &ImportReport| u8::from(report.partial.is_some() && !accepts_partial);
    ExitCode::from(reports.iter().map(|report| report.exit_code().max(incomplete(report))).max().unwrap_or(0))
}

/// Imports files that together make one version of one list.
fn together(
    job: ImportJob<'_>,
    files: &[String],
    written: Option<&mut ReportFile>,
    json: bool,
    random: &Random,
) -> Result<ImportReport, Box<dyn Error>> {
    let inputs = files.iter().map(|path| source::open(path)).collect::<Result<Vec<_>, _>>()?;
    let report = import_together(job, inputs, SystemClock.now(), &mut random.fork())?;
    if !json {
        print_report(&report)?;
    }
    write_report(written, std::slice::from_ref(&report))?;
    Ok(report)
}

fn write_report(file: Option<&mut ReportFile>, reports: &[ImportReport]) -> Result<(), Box<dyn Error>> {
    let Some(file) = file else { return Ok(()) };
    let is_kept = reports.iter().any(|report| !report.dry_run);
    Ok(file.write(&serde_json::to_vec_pretty(reports)?, if is_kept { "the import is done" } else { "nothing was imported" })?)
}

/// The error for a refused file among several. Each file is imported on its own, so the files before it stay imported.
#[derive(Debug, thiserror::Error)]
#[error("stopped at {path}; the files before it ({before}) stay imported")]
struct Stopped {
    before: usize,
    path: String,
    #[source]
    source: Box<dyn Error>,
}

/// How many rejected rows are shown; the report file lists all of them.
const SHOWN_ROWS: usize = 10;

/// How many changes of a rulebook are shown; the report file lists all of them.
const SHOWN_CHANGES: usize = 20;

/// Prints a report for people.
pub(super) fn print_report(report: &ImportReport) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let note = if report.dry_run { " (dry run: nothing was written)" } else { "" };
    let day = report.observed_on.map(|day| format!(", observed on {day}")).unwrap_or_default();
    writeln!(out, "{} {}{day}{note}", report.format, report.file)?;
    writeln!(
        out,
        "  rows    {} read, {} taken, {} unchanged, {} repeated, {} rejected",
        report.read,
        report.taken,
        report.unchanged,
        report.repeated,
        report.rejected_count()
    )?;
    if report.resumed_at > 0 {
        writeln!(out, "  resumed at row {}: an earlier import of the same file stopped there", report.resumed_at)?;
    }
    writeln!(out, "  records {} new, {} changed, {} vanished", report.new, report.changed, report.vanished)?;
    if let Some(lost) = &report.shrunk {
        writeln!(out, "  shrunk  {lost}")?;
    }
    if let Some(missing) = &report.partial {
        writeln!(out, "  partial {missing}: give all files of the list, or --partial if no other can be had")?;
    }
    if !report.unmatchable.is_empty() {
        writeln!(out, "  unread  {} listed addresses that no address can match:", report.unmatchable.len())?;
    }
    for one in report.unmatchable.iter().take(SHOWN_ROWS) {
        writeln!(out, "    {} ({}): {}", one.name, one.uid, one.text)?;
    }
    if report.cases > 0 {
        writeln!(out, "  cases   {} opened or extended: the file contradicts the registry's records", report.cases)?;
    }
    report.brands.as_ref().map_or(Ok(()), |search| print_brands(search, &mut out))?;
    if let Some(proposal) = &report.proposal {
        let word = if proposal.is_new { "stored" } else { "already stored" };
        writeln!(out, "  {word} as {}, to replace {}: {} changes", proposal.id, proposal.replaces, proposal.changes.len())?;
        for change in proposal.changes.iter().take(SHOWN_CHANGES) {
            writeln!(out, "    {change}")?;
        }
        if proposal.changes.len() > SHOWN_CHANGES {
            writeln!(out, "    … and {} more: --report FILE or --json lists all", proposal.changes.len() - SHOWN_CHANGES)?;
        }
        writeln!(out, "  two people decide: one sends POST {}/propose, another approves the proposal", proposal.decide_at)?;
    }
    writeln!(out, "  log     {} changes, now at sequence {}", report.log_changes, report.sequence)?;
    print_rows(report, &mut out)
}

/// Prints what the search for brands did after the import.
fn print_brands(search: &BrandSearch, out: &mut impl Write) -> std::io::Result<()> {
    match &search.failed {
        Some(reason) => {
            writeln!(out, "  brands  the search for links to firms failed: {reason}; run `vasp-registry brands find`")
        }
        None => writeln!(out, "  brands  {} links from brands to firms proposed", search.proposed),
    }
}

/// Prints the rows that were not taken.
fn print_rows(report: &ImportReport, out: &mut impl Write) -> std::io::Result<()> {
    for row in report.rejected.iter().take(SHOWN_ROWS) {
        let column = row.column.as_deref().map(|c| format!(", column {c}")).unwrap_or_default();
        writeln!(out, "  rejected line {}{column}: {}: {}", row.line, row.reason, row.text)?;
    }
    let unmatched = || report.flagged.iter().filter(|row| row.flag == Flag::VaspUnmatched);
    for row in unmatched().take(SHOWN_ROWS) {
        writeln!(out, "  kept row {}: {}", row.line, row.text)?;
    }
    if let more @ 1.. = unmatched().count().saturating_sub(SHOWN_ROWS) {
        writeln!(out, "  … and {more} more rows are about no record: --report FILE or --json lists all")?;
    }
    for row in report.held.iter().take(SHOWN_ROWS) {
        let state = row.state.map(|state| format!(" ({state})")).unwrap_or_default();
        writeln!(out, "  held line {}: {}: {}{state}", row.line, row.why, row.authority)?;
    }
    if !report.waiting.is_empty() {
        let more = report.held.len().saturating_sub(SHOWN_ROWS);
        let more = if more > 0 { format!("and {more} more ") } else { String::new() };
        let cases = report.waiting.join(", ");
        writeln!(out, "  {more}kept until their authority is known ({cases}): add it with `import authorities FILE`")?;
    } else if report.held.len() > SHOWN_ROWS {
        writeln!(out, "  … and {} more are held: --report FILE or --json lists all", report.held.len() - SHOWN_ROWS)?;
    }
    if report.rejected.len() > SHOWN_ROWS {
        let more = report.rejected_count().saturating_sub(u64::try_from(SHOWN_ROWS).unwrap_or(0));
        let all = if report.rejected_more > 0 { format!("the first {}", report.rejected.len()) } else { "all".to_owned() };
        writeln!(out, "  … and {more} more: --report FILE or --json lists {all}")?;
    }
    Ok(())
}
