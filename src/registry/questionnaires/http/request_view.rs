//! View of a request for access to answers.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use crate::questionnaires::AccessRequest;
use vasp_record::answers_access::AccessRequestState;
use vasp_words::time::UtcTime;

/// A request for access to a member's answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessRequest)]
pub(crate) struct AccessRequestView {
    id: String,
    vasp: String,
    /// Id of the organisation that asks.
    organisation: String,
    /// The sections that it asks for; null means all.
    sections: Option<BTreeSet<String>>,
    ownership: bool,
    reason: String,
    /// `open`, `granted` or `declined`.
    #[schema(value_type = String)]
    state: AccessRequestState,
    created_at: UtcTime,
    decided_at: Option<UtcTime>,
}

impl From<AccessRequest> for AccessRequestView {
    fn from(request: AccessRequest) -> Self {
        Self {
            id: request.id.to_string(),
            vasp: request.vasp.to_string(),
            organisation: request.asker.to_string(),
            sections: request.sections.map(|sections| sections.0),
            ownership: request.ownership.is_granted(),
            reason: request.reason,
            state: request.state,
            created_at: request.created_at,
            decided_at: request.decided_at,
        }
    }
}
