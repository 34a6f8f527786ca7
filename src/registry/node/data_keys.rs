//! Keys that encrypt data: one per organisation, and a few of the registry's own. The store holds each of them wrapped by the master key.

use std::sync::PoisonError;

use rand_core::RngCore;

use super::{Registry, ServiceError};
use vasp_pki::{DataKey, MasterKeys};
use vasp_store::{Store, Transaction, WrappedKeyRow};
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// Name of the key that encrypts the seeds of claim batches.
pub(crate) const SEEDS: &str = "claim-batch-seeds";

impl Registry {
    /// Returns the key that encrypts the seeds of claim batches; makes it if it does not exist. Do not call inside a write, because it may
    /// write itself.
    pub(crate) fn seed_key(&self, now: UtcTime, rng: &mut dyn RngCore) -> Result<DataKey, ServiceError> {
        named_key(self.store(), self.master_keys(), SEEDS, now, rng)
    }

    /// Returns an organisation's data key if it is already in memory; never asks the store.
    #[must_use]
    pub fn known_data_key(&self, organisation: OrganisationId) -> Option<DataKey> {
        self.data_keys.read().unwrap_or_else(PoisonError::into_inner).get(&organisation).cloned()
    }

    /// Returns the data key of an organisation that has encrypted something with it. Asks the store only the first time.
    ///
    /// # Errors
    /// `Unreadable` if the organisation has no key; `ServiceError::Key`, `ServiceError::Store`.
    pub fn existing_data_key(&self, organisation: OrganisationId) -> Result<DataKey, ServiceError> {
        let missing = || ServiceError::Unreadable { what: "data key", reason: "it is missing".to_owned() };
        self.own_data_key(organisation)?.ok_or_else(missing)
    }

    /// Returns an organisation's data key, unwrapped from the store; makes it if it does not exist.
    pub fn data_key(&self, organisation: OrganisationId, now: UtcTime, rng: &mut dyn RngCore) -> Result<DataKey, ServiceError> {
        if let Some(known) = self.known_data_key(organisation) {
            return Ok(known);
        }
        let key = named_key(self.store(), self.master_keys(), &format!("organisation:{organisation}"), now, rng)?;
        self.data_keys.write().unwrap_or_else(PoisonError::into_inner).insert(organisation, key.clone());
        Ok(key)
    }

    /// Returns an organisation's data key, or `None` if it never stored anything of its own. Reads the store only the first time.
    pub(crate) fn own_data_key(&self, organisation: OrganisationId) -> Result<Option<DataKey>, ServiceError> {
        if let Some(known) = self.known_data_key(organisation) {
            return Ok(Some(known));
        }
        let name = format!("organisation:{organisation}");
        let Some(row) = self.store().read::<_, vasp_store::StoreError>(|conn| conn.wrapped_key(&name))? else {
            return Ok(None);
        };
        let key = self.master_keys().unwrap(&name, row.master_version, &row.wrapped).map_err(ServiceError::Key)?;
        self.data_keys.write().unwrap_or_else(PoisonError::into_inner).insert(organisation, key.clone());
        Ok(Some(key))
    }

    /// As [`Self::data_key`], within a transaction: a new key is committed with it.
    pub(crate) fn data_key_within(
        &self,
        transaction: &mut Transaction<'_>,
        organisation: OrganisationId,
    ) -> Result<DataKey, ServiceError> {
        if let Some(known) = self.known_data_key(organisation) {
            return Ok(known);
        }
        let name = format!("organisation:{organisation}");
        let row = match transaction.conn().wrapped_key(&name)? {
            Some(row) => row,
            None => {
                let rng = transaction.conn_and_rng().1;
                let key = DataKey::generate(rng);
                let (master_version, wrapped) = self.master_keys().wrap(&name, &key, rng).map_err(ServiceError::Key)?;
                transaction.keep_wrapped_key(WrappedKeyRow { name: name.clone(), master_version, wrapped })?
            }
        };
        self.master_keys().unwrap(&name, row.master_version, &row.wrapped).map_err(ServiceError::Key)
    }
}

/// Returns the key of this name; makes and wraps it if it does not exist. In a read-only database a new key is not stored, because nothing
/// in that database depends on it.
pub(crate) fn named_key(
    store: &Store,
    keys: &MasterKeys,
    name: &str,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<DataKey, ServiceError> {
    let unwrap = |row: &WrappedKeyRow| keys.unwrap(name, row.master_version, &row.wrapped).map_err(ServiceError::Key);
    if let Some(row) = store.read::<_, vasp_store::StoreError>(|conn| conn.wrapped_key(name)).map_err(ServiceError::Store)? {
        return unwrap(&row);
    }
    let key = DataKey::generate(rng);
    if store.is_read_only() {
        return Ok(key);
    }
    let (master_version, wrapped) = keys.wrap(name, &key, rng).map_err(ServiceError::Key)?;
    let row = WrappedKeyRow { name: name.to_owned(), master_version, wrapped };
    // Another process may have made one at the same time; both then use the one that was stored.
    let kept = store.write(now, rng, |transaction| transaction.keep_wrapped_key(row)).map_err(ServiceError::Store)?;
    unwrap(&kept.value)
}
