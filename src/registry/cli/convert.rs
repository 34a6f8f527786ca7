//! `convert`: reads a published file and prints it in the project's own neutral form, which `import register-json` and `import
//! non-compliant-json` read. So any national register or list can be imported. `seed/registers` and `seed/non_compliant.json` were made
//! this way.

use std::io::Write;
use std::process::ExitCode;

use super::Outcome;
use vasp_ingest::source::Source;
use vasp_ingest::{authorities, esma_casps, esma_ncasp, register_csv, register_json, source};
use vasp_record::register::RowReport;
use vasp_words::time::Date;

/// Options of `convert`.
#[derive(Debug, clap::Args)]
pub(super) struct Convert {
    /// Format of the file
    #[arg(value_parser = ["esma-casps", "register-csv", "esma-ncasp"])]
    format: String,
    /// The file; .gz and .zip work, and - is standard input
    file: String,
    /// The day on which the source published this, if the file name does not state it
    #[arg(long, value_name = "DATE", env = "VASP_REGISTRY_OBSERVED_ON")]
    observed_on: Option<Date>,
}

impl Convert {
    /// Runs the command.
    ///
    /// # Errors
    /// If the file does not have the stated format.
    pub(super) fn run(self) -> Outcome {
        let input = source::open(&self.file)?;
        let (text, rows) = if self.format == "esma-ncasp" { self.ncasp(input)? } else { self.casps(input)? };
        std::io::stdout().write_all(text.as_bytes())?;
        for row in &rows.rejected {
            writeln!(std::io::stderr(), "rejected line {}: {:?}: {}", row.line, row.reason, row.text)?;
        }
        Ok(ExitCode::from(u8::from(!rows.rejected.is_empty())))
    }

    fn casps(&self, input: Source) -> Result<(String, RowReport), Box<dyn std::error::Error>> {
        let file = input.file.clone();
        let parse = if self.format == "register-csv" { register_csv::parse } else { esma_casps::parse };
        let snapshot = parse(&input.into_bytes()?, &file, self.observed_on, &authorities::embedded()?)?;
        Ok((register_json::write(&snapshot)?, snapshot.rows))
    }

    fn ncasp(&self, input: Source) -> Result<(String, RowReport), Box<dyn std::error::Error>> {
        let file = input.file.clone();
        let read = esma_ncasp::parse(&input.into_bytes()?, &file, self.observed_on)?;
        Ok((serde_json::to_string_pretty(&read.list)? + "\n", read.rows))
    }
}
