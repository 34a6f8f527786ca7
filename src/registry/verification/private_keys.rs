//! The keys behind what the log commits to without showing it: the salts of claims, and their public ids. Nothing is made that is missing.

use vasp_pki::{ClaimIdKey, DataKey, MasterKeys};
use vasp_store::{Conn, StoreError};

use crate::node::ServiceError;
use crate::node::data_keys::SEEDS;
use crate::node::registry::CLAIM_IDS;

/// The keys, as far as the master key and the database have them.
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

/// Unwraps a key; none without a master key, or where it was never made.
pub(super) fn named(conn: &mut Conn, keys: Option<&MasterKeys>, name: &str) -> Result<Option<DataKey>, ServiceError> {
    let Some(keys) = keys else { return Ok(None) };
    let row = conn.wrapped_key(name).map_err(|error: StoreError| ServiceError::Store(error))?;
    row.map(|row| keys.unwrap(name, row.master_version, &row.wrapped).map_err(ServiceError::Key)).transpose()
}
