//! Request bodies about relationships, and their conversion into changes of the domain, which has the rules.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::view::{AgreedRouteView, LicenceSeenView};
use crate::rulebook::http::MoneyView;
use vasp_record::proposal::Reason;
use vasp_rules::due_diligence::DueDiligenceStatus;
use vasp_rules::relationship::{
    AgreedRoute, Change, Conditions, Incident, IncidentKind, LicenceSeen, Limits, RepeatStep, RiskRating, Terms, TrackChange,
};
use vasp_words::caip::{Caip2, Caip19};
use vasp_words::money::Money;
use vasp_words::time::{Date, UtcTime};

/// A decision about a counterparty. Members that you leave out or set to null stay unchanged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RelationshipChange)]
pub(crate) struct RelationshipChangeInput {
    /// The track of FATF R.16.
    #[serde(default)]
    travel_rule: Option<TrackInput>,
    /// The track of FATF R.13.
    #[serde(default)]
    correspondent: Option<TrackInput>,
    /// The terms for both tracks. They replace the current terms as a whole: a member that you leave out becomes empty.
    #[serde(default)]
    terms: Option<TermsInput>,
    /// The reason for the decision.
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    pub(crate) reason: Reason,
}

/// A decision on one track.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RelationshipTrackChange)]
struct TrackInput {
    /// `refused`, `terminated`, `suspended`, `in_progress`, `approved_with_conditions` or `approved`.
    #[schema(value_type = String, example = "approved")]
    status: DueDiligenceStatus,
    /// The last day on which the approval is valid; required for an approval.
    #[serde(default)]
    review_due: Option<Date>,
    /// The conditions to meet, with `approved_with_conditions`.
    #[serde(default)]
    conditions: ConditionsInput,
    /// Whether it ends for reasons of money laundering or terrorist financing; required with `terminated`.
    #[serde(default)]
    terminated_for_aml: Option<bool>,
}

/// The conditions to meet.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = RelationshipConditionsInput)]
struct ConditionsInput {
    /// Only transfers between accounts of the same person.
    first_party_only: bool,
    /// The maximum value of one transfer.
    #[schema(value_type = Option<MoneyView>)]
    max_amount: Option<Money>,
    /// Enhanced due diligence is required.
    enhanced_due_diligence: bool,
    /// The customer must prove control of the destination.
    proof_of_control: bool,
    /// Any other condition.
    other: Option<String>,
}

/// The terms for both tracks.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = RelationshipTermsInput)]
struct TermsInput {
    limits: LimitsInput,
    /// The networks that are covered (CAIP-2), at most 500; empty for all.
    #[schema(example = json!(["eip155:1"]))]
    networks: Vec<Caip2>,
    /// The assets that are covered (CAIP-19), at most 500; empty for all.
    #[schema(example = json!(["eip155:1/slip44:60"]))]
    assets: Vec<Caip19>,
    /// Your own rating: `prohibited`, `high`, `medium` or `low`.
    #[schema(value_type = Option<String>, example = "medium")]
    risk: Option<RiskRating>,
    /// The reason for the rating.
    risk_note: Option<String>,
    /// Where the agreement is stored.
    agreement_reference: Option<String>,
    /// Which party does what.
    responsibilities: Option<String>,
    /// The version of the counterparty's questionnaire on which you rely.
    questionnaire_version: Option<u32>,
    /// How you exchange customers' data with the counterparty, if the registry knows no usable route.
    #[schema(value_type = Option<AgreedRouteView>)]
    route: Option<AgreedRoute>,
    /// The licence that you saw yourself; valid for 120 days.
    #[schema(value_type = Option<LicenceSeenView>)]
    licence_seen: Option<LicenceSeen>,
}

/// The maximum values that may be sent.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = RelationshipLimitsInput)]
struct LimitsInput {
    /// In one transfer.
    #[schema(value_type = Option<MoneyView>)]
    per_transfer: Option<Money>,
    /// In one day; you add up the transfers yourself.
    #[schema(value_type = Option<MoneyView>)]
    per_day: Option<Money>,
    /// In one month; you add up the transfers yourself.
    #[schema(value_type = Option<MoneyView>)]
    per_month: Option<Money>,
}

/// A failed exchange.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RelationshipIncident)]
pub(crate) struct IncidentInput {
    /// `missing_data`, `wrong_data`, `late_data`, `no_answer`, `rejected` or `other`.
    #[schema(value_type = String, example = "missing_data")]
    kind: IncidentKind,
    occurred_at: UtcTime,
    /// A description in your own words.
    #[serde(default)]
    note: Option<String>,
    /// How far you went because of this and earlier failures: `warned`, `limited`, `ended` or `reported`. It cannot go back.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "warned")]
    step: Option<RepeatStep>,
}

impl From<RelationshipChangeInput> for Change {
    fn from(input: RelationshipChangeInput) -> Self {
        let RelationshipChangeInput { travel_rule, correspondent, terms, reason } = input;
        Self {
            travel_rule: travel_rule.map(Into::into),
            correspondent: correspondent.map(Into::into),
            terms: terms.map(Into::into),
            reason: reason.to_string(),
        }
    }
}

impl From<TrackInput> for TrackChange {
    fn from(input: TrackInput) -> Self {
        let TrackInput { status, review_due, conditions, terminated_for_aml } = input;
        let ConditionsInput { first_party_only, max_amount, enhanced_due_diligence, proof_of_control, other } = conditions;
        let conditions = Conditions { first_party_only, max_amount, enhanced_due_diligence, proof_of_control, other };
        Self { status, review_due, conditions, terminated_for_aml }
    }
}

impl From<TermsInput> for Terms {
    fn from(input: TermsInput) -> Self {
        let TermsInput {
            limits,
            networks,
            assets,
            risk,
            risk_note,
            agreement_reference,
            responsibilities,
            questionnaire_version,
            route,
            licence_seen,
        } = input;
        let limits = Limits { per_transfer: limits.per_transfer, per_day: limits.per_day, per_month: limits.per_month };
        Self {
            limits,
            networks,
            assets,
            risk,
            risk_note,
            agreement_reference,
            responsibilities,
            questionnaire_version,
            route,
            licence_seen,
        }
    }
}

impl From<IncidentInput> for Incident {
    fn from(input: IncidentInput) -> Self {
        Self { kind: input.kind, occurred_at: input.occurred_at, note: input.note, step: input.step }
    }
}
