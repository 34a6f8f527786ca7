//! What is sent about relationships, and its reading into the domain's changes; the rules are the domain's.

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

/// What is to be decided about a counterparty; what is left out or null stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RelationshipChange)]
pub(crate) struct RelationshipChangeInput {
    /// FATF R.16.
    #[serde(default)]
    travel_rule: Option<TrackInput>,
    /// FATF R.13.
    #[serde(default)]
    correspondent: Option<TrackInput>,
    /// What holds for both tracks, wholly: what is left out of it is none.
    #[serde(default)]
    terms: Option<TermsInput>,
    /// Why.
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
    /// The last day on which an approval counts; needed for one.
    #[serde(default)]
    review_due: Option<Date>,
    /// What has to be met, with `approved_with_conditions`.
    #[serde(default)]
    conditions: ConditionsInput,
    /// Whether it is ended for reasons of money laundering or terrorist financing; needed with `terminated`.
    #[serde(default)]
    terminated_for_aml: Option<bool>,
}

/// What has to be met.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = RelationshipConditionsInput)]
struct ConditionsInput {
    /// Only between accounts of one and the same person.
    first_party_only: bool,
    /// Most that one transfer may be worth.
    #[schema(value_type = Option<MoneyView>)]
    max_amount: Option<Money>,
    /// Enhanced due diligence.
    enhanced_due_diligence: bool,
    /// The customer proves control of the destination.
    proof_of_control: bool,
    /// Whatever else was agreed.
    other: Option<String>,
}

/// What holds for both tracks.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = RelationshipTermsInput)]
struct TermsInput {
    limits: LimitsInput,
    /// Networks that are covered (CAIP-2), at most 500; none: all.
    #[schema(example = json!(["eip155:1"]))]
    networks: Vec<Caip2>,
    /// Assets that are covered (CAIP-19), at most 500; none: all.
    #[schema(example = json!(["eip155:1/slip44:60"]))]
    assets: Vec<Caip19>,
    /// Your own rating: `prohibited`, `high`, `medium` or `low`.
    #[schema(value_type = Option<String>, example = "medium")]
    risk: Option<RiskRating>,
    /// Why it is rated so.
    risk_note: Option<String>,
    /// Where the agreement is found.
    agreement_reference: Option<String>,
    /// Who does what.
    responsibilities: Option<String>,
    /// The version of the counterparty's questionnaire that is relied on.
    questionnaire_version: Option<u32>,
    /// How you exchange customers' data with it, where the registry knows no usable route.
    #[schema(value_type = Option<AgreedRouteView>)]
    route: Option<AgreedRoute>,
    /// The licence that you saw yourself; counts for 120 days.
    #[schema(value_type = Option<LicenceSeenView>)]
    licence_seen: Option<LicenceSeen>,
}

/// Most that may be sent.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = RelationshipLimitsInput)]
struct LimitsInput {
    /// In one transfer.
    #[schema(value_type = Option<MoneyView>)]
    per_transfer: Option<Money>,
    /// In one day; you add transfers up.
    #[schema(value_type = Option<MoneyView>)]
    per_day: Option<Money>,
    /// In one month; you add transfers up.
    #[schema(value_type = Option<MoneyView>)]
    per_month: Option<Money>,
}

/// An exchange that failed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RelationshipIncident)]
pub(crate) struct IncidentInput {
    /// `missing_data`, `wrong_data`, `late_data`, `no_answer`, `rejected` or `other`.
    #[schema(value_type = String, example = "missing_data")]
    kind: IncidentKind,
    occurred_at: UtcTime,
    /// In your own words.
    #[serde(default)]
    note: Option<String>,
    /// How far you went because of it and those before: `warned`, `limited`, `ended` or `reported`; never back.
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
