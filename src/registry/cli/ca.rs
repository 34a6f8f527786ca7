//! `ca`: makes, shows and renews the registry's certificate authority. The root's key is written to a file and nowhere else.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use super::credentials::with_registry;
use super::open::owners_alone;
use super::{Outcome, open};
use crate::authority::{AuthorityMade, AuthorityOverview, init_ca, list_authorities, prepare_root, rotate_ca};
use crate::config::{FileOptions, StoreOptions};
use crate::node::Registry;
use vasp_clock::{Clock, Random, SystemClock};
use vasp_pki::ca::to_pem;
use vasp_store::sync_folder_of;
use vasp_words::time::UtcTime;

/// Commands about the certificate authority.
#[derive(Debug, Subcommand)]
pub(super) enum Ca {
    /// Make a root, whose key goes to a file that is to be taken offline, and a first issuing authority
    Init {
        /// Where the root's private key goes; there must be no such file
        #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_ROOT_KEY_OUT")]
        root_key_out: PathBuf,
        /// Whose authority it is, as its certificates say
        #[arg(long, default_value = "VASP Registry", env = "VASP_REGISTRY_NAME")]
        name: String,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Print the authorities: fingerprints, ends, newest CRLs, certificates
    Show {
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Make a new issuing authority in place of the one in use; the server need not stop
    Rotate {
        /// The file with the root's private key
        #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_ROOT_KEY")]
        root_key: PathBuf,
        /// Whose authority it is, as its certificate says
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
    /// Where database, key file or state do not allow it.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        match self {
            Self::Init { root_key_out, name, store } => {
                let name = plain(&name)?;
                let made =
                    with_registry(store, file, |registry, now, random| init(registry, (&name, &root_key_out), now, random))?;
                say(&made)?;
                let path = root_key_out.display();
                writeln!(std::io::stderr(), "The root's private key is in {path} and nowhere else: take it offline now.")?;
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
                    .map_err(|error| format!("the root key file {} cannot be read: {error}", root_key.display()))?;
                let made = with_registry(store, file, |registry, now, random| {
                    Ok(rotate_ca(registry, &name, &key, now, &mut random.fork())?)
                })?;
                say(&made)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A name that fits into a certificate with what is added to it.
fn plain(name: &str) -> Result<String, Box<dyn std::error::Error>> {
    let name = name.trim();
    let sound = (1..=40).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if sound { Ok(name.to_owned()) } else { Err("the name must have 1 to 40 characters".into()) }
}

/// Makes the root's key safe in its file before the root counts.
pub(super) fn init(
    registry: &Registry,
    (name, path): (&str, &Path),
    now: UtcTime,
    random: &Random,
) -> Result<AuthorityMade, Box<dyn std::error::Error>> {
    let mut rng = random.fork();
    let root = prepare_root(registry, name, now, &mut rng)?;
    let failed = |error| format!("the root's key cannot be written to {}: {error}", path.display());
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    let written = file.write_all(root.key_pem().as_bytes()).and_then(|()| file.sync_all());
    let kept = written.and_then(|()| sync_folder_of(path)).map_err(failed);
    let made = kept.map_err(Into::into).and_then(|()| Ok(init_ca(registry, name, &root, now, &mut rng)?));
    // The key of a root that does not count is worth nothing, and would stand in the way of the next attempt. But where it is not
    // known for sure that none counts, it stays: a commit may have been made and its answer lost.
    if made.is_err() && crate::authority::has_authorities(&registry).is_ok_and(|any| !any) {
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
        return writeln!(out, "There is no certificate authority yet: `ca init` makes one.");
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
