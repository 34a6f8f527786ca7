//! Evidence as operators see it in a case: who looked, where, and at which document. Readers of records see less.

use serde::Serialize;
use utoipa::ToSchema;

use crate::cases::Evidence;
use vasp_words::time::UtcTime;

/// Evidence for one place of a record.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CaseEvidence)]
pub(crate) struct CaseEvidenceView {
    #[schema(example = "evd_01jz0000000000000000000000")]
    id: String,
    /// Place in the record, such as `legal_name` or `licences/lic_…`.
    attribute: String,
    #[schema(example = "register_look_up")]
    method: String,
    /// File, page or person.
    source: String,
    /// The source's own reference.
    reference: Option<String>,
    /// Id of the document that was handed in.
    document: Option<String>,
    /// Id of the user who looked; null for the registry itself.
    verifier: Option<String>,
    /// Id of the case in which it was recorded; null for the registry itself.
    case: Option<String>,
    /// When it was looked at.
    verified_at: UtcTime,
    /// When it stops counting; null if it does not.
    expires_at: Option<UtcTime>,
}

impl From<Evidence> for CaseEvidenceView {
    fn from(row: Evidence) -> Self {
        Self {
            id: row.id.to_string(),
            attribute: row.attribute,
            method: row.method,
            source: row.source,
            reference: row.reference,
            document: row.document,
            verifier: row.verifier.map(|id| id.to_string()),
            case: row.case_id.map(|id| id.to_string()),
            verified_at: row.verified_at,
            expires_at: row.expires_at,
        }
    }
}
