//! An organisation's approval rules in memory. They stay encrypted until somebody with its data key asks; then they are decrypted once.

use std::sync::OnceLock;

use super::DirectoryError;
use vasp_pki::DataKey;
use vasp_rules::approval_rule::ApprovalRule;
use vasp_store::{ApprovalRuleRow, Conn};
use vasp_words::ids::{ApprovalRuleId, OrganisationId};

/// An organisation's approval rules as of one revision.
#[derive(Debug, Default)]
pub struct SealedApprovalRules {
    rows: Vec<ApprovalRuleRow>,
    opened: OnceLock<Vec<ApprovalRule>>,
}

impl SealedApprovalRules {
    pub(super) fn load(conn: &mut Conn, organisation: OrganisationId, revision: i64) -> Result<Self, DirectoryError> {
        let rows = conn.approval_rules_at(organisation, revision).map_err(DirectoryError::Store)?;
        Ok(Self { rows, opened: OnceLock::new() })
    }

    /// Returns whether there are none; needs no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Decrypts the rules with the organisation's key; later calls return the cached result.
    ///
    /// # Errors
    /// `DirectoryError::Document` if one cannot be decrypted or read.
    pub fn open(&self, key: &DataKey) -> Result<&[ApprovalRule], DirectoryError> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let all = self.rows.iter().map(|row| open_approval_rule(key, row)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.opened.get_or_init(|| all))
    }
}

/// Returns the purpose under which a version is encrypted. A version can only be decrypted under its own id and revision.
#[must_use]
pub fn approval_rule_purpose(id: ApprovalRuleId, revision: i64) -> String {
    format!("approval-rule:{id}:{revision}")
}

/// Decrypts one version.
///
/// # Errors
/// `DirectoryError::Document` if it cannot be decrypted or read.
pub fn open_approval_rule(key: &DataKey, row: &ApprovalRuleRow) -> Result<ApprovalRule, DirectoryError> {
    let wrong = |reason: String| DirectoryError::Document { kind: "approval rule", reason };
    let plain =
        key.open(&approval_rule_purpose(row.id, row.revision_from), &row.sealed).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_slice(&plain).map_err(|error| wrong(error.to_string()))
}
