//! An organisation's relationships in memory, sealed until somebody with its data key asks; then opened once.

use std::sync::OnceLock;

use super::DirectoryError;
use vasp_pki::DataKey;
use vasp_rules::relationship::{Relationship, Relationships};
use vasp_store::{Conn, RelationshipRow};
use vasp_words::ids::{OrganisationId, RelationshipId};

/// An organisation's relationships as they stood at one revision.
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

    /// Tells whether there are none, which takes no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Opens them with the organisation's key; the first time only it takes work.
    ///
    /// # Errors
    /// `DirectoryError::Document` where one does not open or read.
    pub fn open(&self, key: &DataKey) -> Result<&Relationships, DirectoryError> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let all = self.rows.iter().map(|row| open_relationship(key, row)).collect::<Result<Relationships, _>>()?;
        Ok(self.opened.get_or_init(|| all))
    }
}

/// What a version is sealed for: it opens in its own place only.
#[must_use]
pub fn relationship_purpose(id: RelationshipId, revision: i64) -> String {
    format!("relationship:{id}:{revision}")
}

/// Opens one version.
///
/// # Errors
/// `DirectoryError::Document` where it does not open or read.
pub fn open_relationship(key: &DataKey, row: &RelationshipRow) -> Result<Relationship, DirectoryError> {
    let wrong = |reason: String| DirectoryError::Document { kind: "relationship", reason };
    let plain =
        key.open(&relationship_purpose(row.id, row.revision_from), &row.sealed).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_slice(&plain).map_err(|error| wrong(error.to_string()))
}
