//! What every use case works on: the store, the directory kept up with it, the keys, and the writer of pre-checks.

use rand_core::RngCore;

use super::ServiceError;
use crate::directory::{ClaimIndexLimits, Directory, Generation};
use crate::domain::time::UtcTime;
use crate::pki::{ClaimIdKey, DataKey, MasterKeys};
use crate::store::{PrecheckWriter, Store, WrappedKeyRow};
use std::sync::Arc;

/// The registry of this process.
pub struct Registry {
    directory: Directory,
    keys: MasterKeys,
    prechecks: PrecheckWriter,
}

/// Name of the key behind public claim ids.
const CLAIM_IDS: &str = "claim-ids";

impl Registry {
    /// Loads the directory and unwraps the registry's keys, making those that are missing.
    ///
    /// # Errors
    /// `ServiceError::Key` where the master key file does not fit the database; `Store`, `Directory`.
    pub fn open(
        store: Store,
        keys: MasterKeys,
        limits: ClaimIndexLimits,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<Self, ServiceError> {
        let claim_ids = ClaimIdKey::new(&named_key(&store, &keys, CLAIM_IDS, now, rng)?);
        let prechecks = PrecheckWriter::start(store.clone()).map_err(|source| ServiceError::Thread { source })?;
        let directory = Directory::open(store, claim_ids, limits, now).map_err(ServiceError::Directory)?;
        Ok(Self { directory, keys, prechecks })
    }

    /// Returns the directory.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Returns the store.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.directory.store()
    }

    /// Returns the writer of pre-checks.
    #[must_use]
    pub fn prechecks(&self) -> &PrecheckWriter {
        &self.prechecks
    }

    /// Pins the newest generation.
    #[must_use]
    pub fn pin(&self, now: UtcTime) -> Arc<Generation> {
        self.directory.pin(now)
    }

    /// Returns the key of this name, made if it is not there yet.
    ///
    /// # Errors
    /// `ServiceError::Key`, `ServiceError::Store`.
    pub fn named_key(&self, name: &str, now: UtcTime, rng: &mut dyn RngCore) -> Result<DataKey, ServiceError> {
        named_key(self.store(), &self.keys, name, now, rng)
    }
}

/// Returns the key of this name, made and wrapped if it is not there yet.
///
/// # Errors
/// `ServiceError::Key`, `ServiceError::Store`.
pub(super) fn named_key(
    store: &Store,
    keys: &MasterKeys,
    name: &str,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<DataKey, ServiceError> {
    let unwrap = |row: &WrappedKeyRow| keys.unwrap(name, row.master_version, &row.wrapped).map_err(ServiceError::Key);
    if let Some(row) = store.read::<_, crate::store::StoreError>(|conn| conn.wrapped_key(name)).map_err(ServiceError::Store)? {
        return unwrap(&row);
    }
    let key = DataKey::generate(rng);
    let (master_version, wrapped) = keys.wrap(name, &key, rng).map_err(ServiceError::Key)?;
    let row = WrappedKeyRow { name: name.to_owned(), master_version, wrapped };
    // Another process may have made one meanwhile: the one that stays is used.
    let kept = store.write(now, rng, |transaction| transaction.keep_wrapped_key(row)).map_err(ServiceError::Store)?;
    unwrap(&kept.value)
}
