//! Request bodies about relationships. The rules are in `vasp_rules::relationship`.

use serde::Deserialize;
use utoipa::ToSchema;

use vasp_record::proposal::Reason;
use vasp_rules::relationship::{Change, Terms, TrackChange};

/// A decision about a counterparty. Members that you leave out or set to null stay unchanged.
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
    /// The terms for both tracks. They replace the current terms as a whole.
    #[serde(default)]
    terms: Option<Terms>,
    /// The reason for the decision.
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    pub(crate) reason: Reason,
}

impl From<RelationshipChangeInput> for Change {
    fn from(input: RelationshipChangeInput) -> Self {
        let RelationshipChangeInput { travel_rule, correspondent, terms, reason } = input;
        Self { travel_rule, correspondent, terms, reason: reason.to_string() }
    }
}
