//! Opens the keys behind what the log commits to but does not show: the salts of claims, and their public ids. It never makes a missing
//! key.

use vasp_pki::{ClaimIdKey, DataKey, MasterKeys};
use vasp_store::{Conn, StoreError};

use crate::node::ServiceError;
use crate::node::data_keys::SEEDS;
use crate::node::registry::CLAIM_IDS;

/// The private keys that the master key and the database provide.
pub(super) struct PrivateKeys {
    /// Opens the seeds of batches.
    pub seeds: Option<DataKey>,
    /// Reads public ids of claims.
    pub claim_ids: Option<ClaimIdKey>,
}

impl PrivateKeys {
    pub(super) fn open(conn: &mut Conn, keys: Option<&MasterKeys>) -> Result<Self, ServiceError> {
        let claim_ids = named(conn, keys, CLAIM_IDS)?.map(|key| ClaimIdKey::new(&key));
        Ok(Self { seeds: named(conn, keys, SEEDS)?, claim_ids })
    }
}

/// Unwraps a key. `None` if there is no master key, or if the key was never made.
pub(super) fn named(conn: &mut Conn, keys: Option<&MasterKeys>, name: &str) -> Result<Option<DataKey>, ServiceError> {
    let Some(keys) = keys else { return Ok(None) };
    let row = conn.wrapped_key(name).map_err(|error: StoreError| ServiceError::Store(error))?;
    row.map(|row| keys.unwrap(name, row.master_version, &row.wrapped).map_err(ServiceError::Key)).transpose()
}
