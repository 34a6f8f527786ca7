//! An organisation's relationships in memory. They stay encrypted until somebody with its data key asks; then they are decrypted once.

use std::sync::OnceLock;

use super::DirectoryError;
use vasp_pki::DataKey;
use vasp_rules::relationship::{Relationship, Relationships};
use vasp_store::{Conn, RelationshipRow};
use vasp_words::ids::{OrganisationId, RelationshipId};

/// An organisation's relationships as of one revision.
#[derive(Debug, Default)]
pub struct SealedRelationships {
    rows: Vec<RelationshipRow>,
    opened: OnceLock<Relationships>,
}

impl SealedRelationships {
    pub(super) fn load(conn: &mut Conn, organisation: OrganisationId, revision: i64) -> Result<Self, DirectoryError> {
        let rows = conn.relationships_at(organisation, revision).map_err(DirectoryError::Store)?;
        Ok(Self { rows, opened: OnceLock::new() })
    }

    /// Returns whether there are none; needs no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Decrypts the relationships with the organisation's key; later calls return the cached result.
    ///
    /// # Errors
    /// `DirectoryError::Document` if one cannot be decrypted or read.
    pub fn open(&self, key: &DataKey) -> Result<&Relationships, DirectoryError> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let all = self.rows.iter().map(|row| open_relationship(key, row)).collect::<Result<Relationships, _>>()?;
        Ok(self.opened.get_or_init(|| all))
    }
}

/// Returns the purpose under which a version is encrypted. A version can only be decrypted under its own id and revision.
#[must_use]
pub fn relationship_purpose(id: RelationshipId, revision: i64) -> String {
    format!("relationship:{id}:{revision}")
}

/// Decrypts one version.
///
/// # Errors
/// `DirectoryError::Document` if it cannot be decrypted or read.
pub fn open_relationship(key: &DataKey, row: &RelationshipRow) -> Result<Relationship, DirectoryError> {
    let wrong = |reason: String| DirectoryError::Document { kind: "relationship", reason };
    let plain =
        key.open(&relationship_purpose(row.id, row.revision_from), &row.sealed).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_slice(&plain).map_err(|error| wrong(error.to_string()))
}
