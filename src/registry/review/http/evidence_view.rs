//! Evidence as operators see it in a case: who looked at which source and document. Readers of records see less.

use serde::Serialize;
use utoipa::ToSchema;

use crate::cases::Evidence;
use vasp_words::time::UtcTime;

/// Evidence for one attribute of a record.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CaseEvidence)]
pub(crate) struct CaseEvidenceView {
    #[schema(example = "evd_01jz0000000000000000000000")]
    id: String,
    /// Attribute of the record, such as `legal_name` or `licences/lic_…`.
    attribute: String,
    #[schema(example = "register_look_up")]
    method: String,
    /// The file, page or person that it comes from.
    source: String,
    /// The source's own reference; null if there is none.
    reference: Option<String>,
    /// Id of the submitted document; null if there is none.
    document: Option<String>,
    /// Id of the user who looked at the source; null if the registry did so automatically.
    verifier: Option<String>,
    /// Id of the case in which it was recorded; null if the registry recorded it automatically.
    case: Option<String>,
    /// When the source was looked at.
    verified_at: UtcTime,
    /// When the evidence stops counting; null if it does not.
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
