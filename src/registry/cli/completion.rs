//! `completion`: prints a script by which a shell completes commands, options and their values. It reads and opens nothing else.

use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Arguments, Outcome};

/// Options of `completion`.
#[derive(Debug, clap::Args)]
pub(super) struct Completion {
    /// The shell that reads the script
    shell: Shell,
}

impl Completion {
    /// Runs the command.
    ///
    /// # Errors
    /// If standard output is closed.
    pub(super) fn run(self) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "vasp-registry", &mut script);
        std::io::stdout().write_all(&script)?;
        Ok(ExitCode::SUCCESS)
    }
}
