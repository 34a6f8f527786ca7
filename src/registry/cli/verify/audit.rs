//! `verify audit`: recomputes an export of the audit chain. It needs no server or database, so anyone who holds an export can run it. Exit
//! codes: 0 the registry wrote it as it is, 1 it was changed, 2 the file cannot be read.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::super::Outcome;
use vasp_log::{AuditFault, AuditFile, AuditSummary, Extent};

/// An upper limit in bytes for any line.
const LINE_MAX: u64 = 16 << 20;

/// Options of `verify audit`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Audit {
    /// The export, JSON lines; `-` reads standard input
    file: PathBuf,
    /// The export was filtered: events may be missing; only those present are checked
    #[arg(long, env = "VASP_REGISTRY_FILTERED")]
    filtered: bool,
}

impl Audit {
    /// Runs the command.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn run(self) -> Outcome {
        let extent = if self.filtered { Extent::Filtered } else { Extent::Whole };
        let unreadable = |error: std::io::Error| format!("cannot read {}: {error}", self.file.display());
        let reader: Box<dyn Read> = match self.file.as_path() {
            path if path == Path::new("-") => Box::new(std::io::stdin()),
            path => Box::new(File::open(path).map_err(unreadable)?),
        };
        let mut out = std::io::stdout();
        match check(BufReader::new(reader), extent).map_err(unreadable)? {
            Ok(AuditSummary { events, erased, end }) => {
                let (number, hash) = end.unwrap_or_default();
                writeln!(out, "valid: {events} events in an unbroken chain; {erased} payloads were erased")?;
                writeln!(out, "last: event {number}, hash {hash}")?;
                if self.filtered {
                    writeln!(out, "note: the export was filtered; whether other events are missing is unknown")?;
                }
                Ok(ExitCode::SUCCESS)
            }
            Err((line, fault)) => {
                writeln!(out, "broken: line {line}: {fault}")?;
                Ok(ExitCode::from(1))
            }
        }
    }
}

type Checked = Result<AuditSummary, (u64, AuditFault)>;

/// Checks a file; the number of the first broken line counts from 1.
fn check(mut reader: impl BufRead, extent: Extent) -> std::io::Result<Checked> {
    let (mut file, mut count, mut line) = (AuditFile::new(extent), 0, Vec::new());
    loop {
        count += 1;
        line.clear();
        if reader.by_ref().take(LINE_MAX).read_until(b'\n', &mut line)? == 0 {
            return Ok(file.finish().map_err(|fault| (count, fault)));
        }
        let read = match std::str::from_utf8(line.trim_ascii_end()) {
            Ok(text) => file.line(text),
            Err(error) => Err(AuditFault::Form(error.to_string())),
        };
        if let Err(fault) = read {
            return Ok(Err((count, fault)));
        }
    }
}
