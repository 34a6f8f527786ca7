//! What is sent about relationships. The rules are `vasp_rules::relationship`'s.

use serde::Deserialize;
use utoipa::ToSchema;

use vasp_record::proposal::Reason;
use vasp_rules::relationship::{Change, Terms, TrackChange};

/// What you decide about a counterparty. Members that are null or left out stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RelationshipChange)]
pub(crate) struct RelationshipChangeInput {
    /// Counterparty due diligence for the Travel Rule (FATF R.16).
    #[serde(default)]
    travel_rule: Option<TrackChange>,
    /// Correspondent due diligence (FATF R.13).
    #[serde(default)]
    correspondent: Option<TrackChange>,
    /// What holds for both tracks. It replaces the terms as a whole.
    #[serde(default)]
    terms: Option<Terms>,
    /// Why.
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    pub(crate) reason: Reason,
}

impl From<RelationshipChangeInput> for Change {
    fn from(input: RelationshipChangeInput) -> Self {
        let RelationshipChangeInput { travel_rule, correspondent, terms, reason } = input;
        Self { travel_rule, correspondent, terms, reason: reason.to_string() }
    }
}
