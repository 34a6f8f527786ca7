//! `verify`: checks what the registry or a VASP signed, and what the registry chained. It needs no server. Only `database` needs the database.

pub(super) mod answer;
pub(super) mod audit;
pub(super) mod database;
pub(super) mod proof;

use super::Outcome;
use crate::config::FileOptions;

/// What is checked.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Verify {
    /// Checks a saved pre-check answer, or its report, against its signatures
    Answer(answer::Answer),
    /// Recomputes an export of the audit chain
    Audit(audit::Audit),
    /// Recomputes everything that answers are based on, and compares it with the log
    Database(database::Database),
    /// Checks a signed challenge by which a VASP proves control of an address
    Proof(proof::Proof),
}

impl Verify {
    /// Runs the command.
    ///
    /// # Errors
    /// If what is to be checked cannot be read.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        match self {
            Self::Answer(answer) => answer.run(file),
            Self::Audit(audit) => audit.run(),
            Self::Database(database) => database.run(file),
            Self::Proof(proof) => proof.run(),
        }
    }
}
