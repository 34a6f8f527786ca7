//! Opens what commands work on: the store by its address, the master key by its file, and the registry over both.

use std::error::Error;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand_core::RngCore;

use crate::clock::{Clock, Random, SystemClock};
use crate::config::{DatabaseUrl, StoreSettings};
use crate::directory::ClaimIndexLimits;
use crate::pki::MasterKeys;
use crate::service::Registry;
use crate::store::{Store, StoreOptions};
use crate::transparency::Sealer;

/// Returns the database address of the settings.
pub(super) fn database(settings: &StoreSettings) -> Result<DatabaseUrl, Box<dyn Error>> {
    let named = settings.database.clone();
    Ok(named.ok_or("no database is named: give --database sqlite://FILE or postgres://…")?)
}

/// Opens the store.
pub(super) fn store(settings: &StoreSettings, options: &StoreOptions) -> Result<Store, Box<dyn Error>> {
    Ok(Store::open(&database(settings)?, options, Arc::new(Sealer))?)
}

/// Opens the registry over a store.
pub(super) fn registry(settings: &StoreSettings, options: &StoreOptions, random: &Random) -> Result<Registry, Box<dyn Error>> {
    let store = store(settings, options)?;
    let mut rng = random.fork();
    let keys = keys(settings, &mut rng)?;
    let limits = ClaimIndexLimits {
        memory_claims: i64::try_from(settings.claim_index_limit).unwrap_or(i64::MAX),
        ..ClaimIndexLimits::default()
    };
    Ok(Registry::open(store, keys, limits, SystemClock.now(), &mut rng)?)
}

/// Returns the master keys of the settings.
pub(super) fn keys(settings: &StoreSettings, rng: &mut dyn RngCore) -> Result<MasterKeys, Box<dyn Error>> {
    master_keys(&key_file(settings)?, rng)
}

/// The master key file of the settings; beside a SQLite file by default. PostgreSQL's nodes share one, so it is named.
fn key_file(settings: &StoreSettings) -> Result<PathBuf, Box<dyn Error>> {
    match (&settings.master_key_file, database(settings)?) {
        (Some(path), _) => Ok(path.clone()),
        (None, DatabaseUrl::Sqlite(path)) => {
            let mut name = path.into_os_string();
            name.push(".master-key");
            Ok(PathBuf::from(name))
        }
        (None, DatabaseUrl::Postgres(_)) => {
            Err("no master key file is named: give --master-key-file FILE, the same on every node".into())
        }
    }
}

/// Reads the master keys; makes a file with a first one, readable by its owner only, if there is none.
fn master_keys(path: &Path, rng: &mut dyn RngCore) -> Result<MasterKeys, Box<dyn Error>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(MasterKeys::parse(&text)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let keys = MasterKeys::generate(rng);
            let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
            file.write_all(keys.to_text().as_bytes())?;
            file.sync_all()?;
            Ok(keys)
        }
        Err(error) => Err(format!("the master key file {} cannot be read: {error}", path.display()).into()),
    }
}
