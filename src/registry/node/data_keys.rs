//! Keys that seal data: one for each organisation, and some of the registry's own, each wrapped by the master key in the store.

use std::sync::PoisonError;

use rand_core::RngCore;

use super::{Registry, ServiceError};
use vasp_pki::{DataKey, MasterKeys};
use vasp_store::{Store, Transaction, WrappedKeyRow};
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// Name of the key that seals the seeds of batches.
pub(crate) const SEEDS: &str = "claim-batch-seeds";

impl Registry {
    /// Returns the key that seals the seeds of claim batches, made if it is not there yet. Not inside a write: it may write itself.
    ///
    /// # Errors
    /// `ServiceError::Key`, `ServiceError::Store`.
    pub(crate) fn seed_key(&self, now: UtcTime, rng: &mut dyn RngCore) -> Result<DataKey, ServiceError> {
        named_key(self.store(), self.master_keys(), SEEDS, now, rng)
    }

    /// Returns an organisation's data key if it was unwrapped before; never asks the store.
    #[must_use]
    pub fn known_data_key(&self, organisation: OrganisationId) -> Option<DataKey> {
        self.data_keys.read().unwrap_or_else(PoisonError::into_inner).get(&organisation).cloned()
    }

    /// Returns the data key of an organisation that has sealed something with it; asks the store the first time only.
    ///
    /// # Errors
    /// `ServiceError::Key`, `ServiceError::Store`; `Unreadable` where there is none.
    pub fn existing_data_key(&self, organisation: OrganisationId) -> Result<DataKey, ServiceError> {
        let missing = || ServiceError::Unreadable { what: "data key", reason: "it is not there".to_owned() };
        self.own_data_key(organisation)?.ok_or_else(missing)
    }

    /// Returns an organisation's data key, unwrapped from the store or made if it is not there yet.
    ///
    /// # Errors
    /// `ServiceError::Key`, `ServiceError::Store`.
    pub fn data_key(&self, organisation: OrganisationId, now: UtcTime, rng: &mut dyn RngCore) -> Result<DataKey, ServiceError> {
        if let Some(known) = self.known_data_key(organisation) {
            return Ok(known);
        }
        let key = named_key(self.store(), self.master_keys(), &format!("organisation:{organisation}"), now, rng)?;
        self.data_keys.write().unwrap_or_else(PoisonError::into_inner).insert(organisation, key.clone());
        Ok(key)
    }

    /// Returns the key that seals what an organisation keeps for itself, if it ever kept anything; reads the store the first time only.
    ///
    /// # Errors
    /// `ServiceError::Key`, `ServiceError::Store`.
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

    /// As [`Self::data_key`], within a transaction: a key that it makes is kept with it.
    ///
    /// # Errors
    /// `ServiceError::Key`, `ServiceError::Store`.
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

/// Returns the key of this name, made and wrapped if it is not there yet. Of a database that is only read, what is made is not kept:
/// nothing in it was made under that key.
///
/// # Errors
/// `ServiceError::Key`, `ServiceError::Store`.
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
    // Another process may have made one meanwhile: the one that stays is used.
    let kept = store.write(now, rng, |transaction| transaction.keep_wrapped_key(row)).map_err(ServiceError::Store)?;
    unwrap(&kept.value)
}
