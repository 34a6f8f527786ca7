//! `convert`: reads a published register and prints it in the project's own neutral form, which `import register-json`
//! reads; so any national register can be brought in, and so `seed/registers` was made.

use std::io::Write;
use std::process::ExitCode;

use super::Outcome;
use crate::domain::time::Date;
use crate::ingest::{authorities, esma_casps, register_json, source};

/// Options of `convert`.
#[derive(Debug, clap::Args)]
pub(super) struct Convert {
    /// What the file is
    #[arg(value_parser = ["esma-casps"])]
    format: String,
    /// The file; .gz works, and - is standard input
    file: String,
    /// The day on which the register said this, where the file name does not say
    #[arg(long, value_name = "DATE", env = "VASP_REGISTRY_OBSERVED_ON")]
    observed_on: Option<Date>,
}

impl Convert {
    /// Runs the command.
    ///
    /// # Errors
    /// Where the file is not of the format.
    pub(super) fn run(self) -> Outcome {
        let input = source::open(&self.file)?;
        let file = input.file.clone();
        let snapshot = esma_casps::parse(&input.into_bytes()?, &file, self.observed_on, &authorities::embedded()?)?;
        std::io::stdout().write_all(register_json::write(&snapshot)?.as_bytes())?;
        for row in &snapshot.rows.rejected {
            writeln!(std::io::stderr(), "rejected line {}: {:?}: {}", row.line, row.reason, row.text)?;
        }
        Ok(ExitCode::from(u8::from(!snapshot.rows.rejected.is_empty())))
    }
}
