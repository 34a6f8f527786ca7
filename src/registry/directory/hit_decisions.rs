//! What an organisation decided for itself about screening hits, in memory. It stays encrypted until somebody with its data key asks; then it
//! is decrypted once.

use std::sync::OnceLock;

use super::DirectoryError;
use vasp_pki::DataKey;
use vasp_rules::screening::OwnDecision;
use vasp_store::{Conn, HitDecisionRow};
use vasp_words::ids::OrganisationId;

/// An organisation's decisions as of one revision.
#[derive(Debug, Default)]
pub struct SealedHitDecisions {
    rows: Vec<HitDecisionRow>,
    opened: OnceLock<Vec<OwnDecision>>,
}

impl SealedHitDecisions {
    pub(super) fn load(conn: &mut Conn, organisation: OrganisationId, revision: i64) -> Result<Self, DirectoryError> {
        let rows = conn.hit_decisions_at(organisation, revision).map_err(DirectoryError::Store)?;
        Ok(Self { rows, opened: OnceLock::new() })
    }

    /// Returns whether there are none; needs no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Decrypts the decisions with the organisation's key; later calls return the cached result.
    ///
    /// # Errors
    /// `DirectoryError::Document` if one cannot be decrypted or read.
    pub fn open(&self, key: &DataKey) -> Result<&[OwnDecision], DirectoryError> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let all = self.rows.iter().map(|row| open_hit_decision(key, row)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.opened.get_or_init(|| all))
    }
}

/// Returns the purpose under which a decision is encrypted. It can only be decrypted under its own revision.
#[must_use]
pub fn hit_decision_purpose(organisation: OrganisationId, revision: i64) -> String {
    format!("hit-decision:{organisation}:{revision}")
}

/// Decrypts one decision.
///
/// # Errors
/// `DirectoryError::Document` if it cannot be decrypted or read.
pub fn open_hit_decision(key: &DataKey, row: &HitDecisionRow) -> Result<OwnDecision, DirectoryError> {
    let wrong = |reason: String| DirectoryError::Document { kind: "hit decision", reason };
    let purpose = hit_decision_purpose(row.organisation, row.revision_from);
    let plain = key.open(&purpose, &row.sealed).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_slice(&plain).map_err(|error| wrong(error.to_string()))
}
