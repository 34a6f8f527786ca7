//! The API keys of this moment, by id. Small and read at every request, so kept whole in memory.

use std::collections::HashMap;
use std::sync::Arc;

use super::DirectoryError;
use crate::domain::ids::{ApiKeyId, OrganisationId, VaspId};
use crate::store::{Conn, CredentialRow, StoreError};

/// What an API key speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Id of the key.
    pub key: ApiKeyId,
    /// SHA-256 of its secret.
    pub secret_sha256: Vec<u8>,
    /// What it may do.
    pub scopes: Arc<[String]>,
    /// When it stops working, microseconds since the epoch.
    pub expires_at: Option<i64>,
    /// Organisation.
    pub organisation: OrganisationId,
    /// The organisation's own VASP.
    pub vasp: Option<VaspId>,
}

/// All keys that were not revoked.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    revision: i64,
    by_key: HashMap<String, Credential>,
}

impl Credentials {
    pub(super) fn load(conn: &mut Conn) -> Result<Self, DirectoryError> {
        let revision = conn.credentials_revision()?;
        let mut by_key = HashMap::new();
        for row in conn.live_credentials()? {
            let id = row.key.id.clone();
            by_key.insert(id, credential(row)?);
        }
        Ok(Self { revision, by_key })
    }

    /// Returns the number that rises with every change.
    #[must_use]
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// Returns the credential of a key id.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Credential> {
        self.by_key.get(key)
    }
}

fn credential(row: CredentialRow) -> Result<Credential, StoreError> {
    let wrong = |table, column| StoreError::Inconsistent { table, column, id: row.key.id.clone() };
    Ok(Credential {
        key: row.key.id.parse().map_err(|_| wrong("api_keys", "id"))?,
        secret_sha256: row.key.secret_sha256.clone(),
        scopes: row.key.scopes.split(' ').map(str::to_owned).collect(),
        expires_at: row.key.expires_at,
        organisation: row.organisation.parse().map_err(|_| wrong("organisations", "id"))?,
        vasp: match &row.vasp {
            None => None,
            Some(id) => Some(id.parse().map_err(|_| wrong("organisations", "vasp"))?),
        },
    })
}
