//! `ca`: creates, shows and renews the registry's certificate authority. The root's key is written only to a file.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use super::credentials::with_registry;
use super::open::owners_alone;
use super::{Outcome, open};
use crate::ca::{AuthorityMade, AuthorityOverview, init_ca, list_authorities, prepare_root, rotate_ca};
use crate::config::{FileOptions, StoreOptions};
use crate::node::Registry;
use vasp_clock::{Clock, Random, SystemClock};
use vasp_pki::ca::to_pem;
use vasp_store::sync_folder_of;
use vasp_words::time::UtcTime;

/// Commands about the certificate authority.
#[derive(Debug, Subcommand)]
pub(super) enum Ca {
    /// Make a root and a first issuing authority; the root's key goes to a file that you should take offline
    Init {
        /// The file for the root's private key; it must not exist yet
        #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_ROOT_KEY_OUT")]
        root_key_out: PathBuf,
        /// Name of the authority's owner, as its certificates show it
        #[arg(long, default_value = "VASP Registry", env = "VASP_REGISTRY_NAME")]
        name: String,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Print the authorities: fingerprints, expiry dates, newest CRLs, certificates
    Show {
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Make a new issuing authority that replaces the current one; the server need not stop
    Rotate {
        /// The file with the root's private key
        #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_ROOT_KEY")]
        root_key: PathBuf,
        /// Name of the authority's owner, as its certificate shows it
        #[arg(long, default_value = "VASP Registry", env = "VASP_REGISTRY_NAME")]
        name: String,
        #[command(flatten)]
        store: StoreOptions,
    },
}

impl Ca {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database, the key file or the current state do not allow it.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        match self {
            Self::Init { root_key_out, name, store } => {
                let name = plain(&name)?;
                let made = with_registry(store, file, |registry, now, random| init(registry, &name, &root_key_out, now, random))?;
                say(&made)?;
                let path = root_key_out.display();
                writeln!(
                    std::io::stderr(),
                    "{path} holds the only copy of the root's private key: move it to offline storage now."
                )?;
            }
            Self::Show { store } => {
                let all = list_authorities(
                    &open::registry_to_read(&store.settle(&file.store), &Random::from_system()?)?,
                    SystemClock.now(),
                )?;
                show(&all)?;
            }
            Self::Rotate { root_key, name, store } => {
                let name = plain(&name)?;
                let readable = store.clone().settle(&file.store).readable_master_key;
                owners_alone("root key", &root_key, readable)?;
                let key = std::fs::read_to_string(&root_key)
                    .map_err(|error| format!("cannot read the root key file {}: {error}", root_key.display()))?;
                let made = with_registry(store, file, |registry, now, random| {
                    Ok(rotate_ca(registry, &name, &key, now, &mut random.fork())?)
                })?;
                say(&made)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Returns the trimmed name, if it fits into a certificate together with the words added to it.
fn plain(name: &str) -> Result<String, Box<dyn std::error::Error>> {
    let name = name.trim();
    let sound = (1..=40).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if sound { Ok(name.to_owned()) } else { Err("the name must have 1 to 40 characters and no control characters".into()) }
}

/// Writes the root's key safely to its file before the root takes effect.
pub(super) fn init(
    registry: &Registry,
    name: &str,
    path: &Path,
    now: UtcTime,
    random: &Random,
) -> Result<AuthorityMade, Box<dyn std::error::Error>> {
    let mut rng = random.fork();
    let root = prepare_root(registry, name, now, &mut rng)?;
    let failed = |error| format!("cannot write the root's key to {}: {error}", path.display());
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    let written = file.write_all(root.key_pem().as_bytes()).and_then(|()| file.sync_all());
    let kept = written.and_then(|()| sync_folder_of(path)).map_err(failed);
    let made = kept.map_err(Into::into).and_then(|()| Ok(init_ca(registry, name, &root, now, &mut rng)?));
    // If no root was stored, its key is useless and its file would block the next attempt, so the file is removed. If that is not certain,
    // the file stays: the commit may have succeeded although its answer was lost.
    if made.is_err() && crate::ca::has_authorities(registry).is_ok_and(|any| !any) {
        let _ = std::fs::remove_file(path);
    }
    made
}

fn say(made: &AuthorityMade) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{} sha256:{}", made.issuing, made.sha256)
}

fn show(all: &[AuthorityOverview]) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    if all.is_empty() {
        return writeln!(out, "There is no certificate authority yet: `ca init` creates one.");
    }
    for AuthorityOverview { published, count } in all {
        let row = &published.row;
        writeln!(out, "{} {} ({})", row.kind, row.id, row.state)?;
        writeln!(out, "  sha256       {}", published.sha256())?;
        writeln!(out, "  valid        {} to {}", row.not_before, row.not_after)?;
        if let Some(crl) = &published.crl {
            writeln!(out, "  CRL          {}, the next by {}", crl.number, crl.next_update)?;
            writeln!(out, "  certificates {} issued, {} live, {} revoked", count.issued, count.live, count.revoked)?;
        }
    }
    all.iter().try_for_each(|known| write!(out, "{}", to_pem("CERTIFICATE", &known.published.row.certificate)))
}
