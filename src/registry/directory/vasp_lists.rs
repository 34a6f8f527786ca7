//! The lists of counterparties that an organisation got from its own providers, in memory. They stay encrypted until somebody with its data
//! key asks; then they are decrypted once.

use std::sync::OnceLock;

use super::DirectoryError;
use vasp_pki::DataKey;
use vasp_rules::vasp_list::{VaspList, VaspListIndex};
use vasp_store::{Conn, VaspListRow};
use vasp_words::ids::OrganisationId;

/// An organisation's lists as of one revision.
#[derive(Debug, Default)]
pub struct SealedVaspLists {
    rows: Vec<VaspListRow>,
    opened: OnceLock<VaspListIndex>,
}

impl SealedVaspLists {
    pub(super) fn load(conn: &mut Conn, organisation: OrganisationId, revision: i64) -> Result<Self, DirectoryError> {
        let rows = conn.vasp_lists_at(organisation, revision).map_err(DirectoryError::Store)?;
        Ok(Self { rows, opened: OnceLock::new() })
    }

    /// Returns whether there are none; needs no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Decrypts the lists with the organisation's key; later calls return the cached result.
    ///
    /// # Errors
    /// `DirectoryError::Document` if one cannot be decrypted or read.
    pub fn open(&self, key: &DataKey) -> Result<&VaspListIndex, DirectoryError> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let mut all = self.rows.iter().map(|row| open_vasp_list(key, row)).collect::<Result<Vec<_>, _>>()?;
        all.sort_by(|one, other| one.protocol.cmp(&other.protocol));
        Ok(self.opened.get_or_init(|| VaspListIndex::of(all)))
    }
}

/// Returns the purpose under which a list is encrypted. It can only be decrypted under its own revision.
#[must_use]
pub fn vasp_list_purpose(organisation: OrganisationId, revision: i64) -> String {
    format!("vasp-list:{organisation}:{revision}")
}

/// Decrypts one list.
///
/// # Errors
/// `DirectoryError::Document` if it cannot be decrypted or read.
pub fn open_vasp_list(key: &DataKey, row: &VaspListRow) -> Result<VaspList, DirectoryError> {
    let wrong = |reason: String| DirectoryError::Document { kind: "list of VASPs", reason };
    let purpose = vasp_list_purpose(row.organisation, row.revision_from);
    let plain = key.open(&purpose, &row.sealed).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_slice(&plain).map_err(|error| wrong(error.to_string()))
}
