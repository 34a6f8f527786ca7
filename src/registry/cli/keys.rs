//! `keys`: shows the keys that sign receipts and checkpoints, and replaces one while the server runs.

use std::io::Write;
use std::process::ExitCode;

use clap::Subcommand;

use super::credentials::with_registry;
use super::{Outcome, open};
use crate::config::{FileOptions, StoreOptions};
use crate::transparency::{published_keys, rotate_signing_key};
use vasp_record::signing_key::SigningPurpose;

/// Commands about signing keys.
#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Print the keys with their dates; checkpoint keys also in the form that readers of signed notes need
    Show {
        /// Print them as the JWK set that `verify --jwks` reads
        #[arg(long, env = "VASP_REGISTRY_JSON")]
        json: bool,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Replace a key; what the old one signed stays valid, and the server need not stop
    Rotate {
        /// What it signs: receipt or checkpoint
        purpose: SigningPurpose,
        #[command(flatten)]
        store: StoreOptions,
    },
}

impl Keys {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be used, or there is no key yet.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        let mut out = std::io::stdout();
        match self {
            Self::Show { json, store } => {
                let opened = open::store_to_read(&store.settle(&file.store))?;
                let keys = published_keys(&opened)?;
                if json {
                    writeln!(out, "{}", serde_json::to_string_pretty(&keys.to_json())?)?;
                    return Ok(ExitCode::SUCCESS);
                }
                if keys.0.is_empty() {
                    writeln!(out, "There are no signing keys yet: a server makes them when it starts.")?;
                }
                for key in &keys.0 {
                    writeln!(out, "{} {}", key.purpose, key.id)?;
                    match key.until {
                        None => writeln!(out, "  in use since {}", key.from)?,
                        Some(until) => writeln!(out, "  signed from {} to {until}", key.from)?,
                    }
                    key.verifier_key.iter().try_for_each(|text| writeln!(out, "  {text}"))?;
                }
            }
            Self::Rotate { purpose, store } => {
                let rotated = with_registry(store, file, |registry, now, random| {
                    Ok(rotate_signing_key(registry, purpose, now, &mut random.fork())?)
                })?;
                writeln!(out, "{}", rotated.begun)?;
                writeln!(std::io::stderr(), "It replaces {}, which signs until {} at the latest.", rotated.ended, rotated.until)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
