//! `/v1/obligations`: which data must travel, and what else both sides owe, by their own rules on the date.

use actix_web::post;
use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::views::{DirectoryView, ObligationsView};
use crate::api::{App, Caller, FieldError, Json, Problem, ProblemCode, Problems, Resolve};
use crate::domain::caip::Caip19;
use crate::domain::money::{Amount, Money};
use crate::domain::obligations::CounterpartyKind;
use crate::domain::rulebook::PersonType;
use crate::domain::time::{Date, UtcTime};
use crate::service::{ObligationsAnswer, ObligationsQuestion, answer_obligations};

/// A transfer between two jurisdictions.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ObligationsRequest {
    /// At least one side is needed; a side that is not given is unknown.
    originator: Option<SideRequest>,
    beneficiary: Option<SideRequest>,
    #[serde(default)]
    transfer: TransferRequest,
    /// Codes of the data that you have already.
    #[serde(default)]
    #[schema(example = json!(["originator.name"]))]
    provided_fields: Vec<String>,
}

/// One side.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SideRequest {
    /// Country or regime; means exactly that entry of the rulebook.
    #[schema(example = "DE")]
    jurisdiction: String,
}

/// What is transferred.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransferRequest {
    /// CAIP-19.
    #[schema(value_type = Option<String>, example = "eip155:1/slip44:60")]
    asset: Option<Caip19>,
    /// In the asset's own unit.
    #[schema(value_type = Option<String>, example = "0.5")]
    amount: Option<Amount>,
    /// What it is worth. Without, thresholds cannot be compared and all data counts as due.
    #[schema(value_type = Option<super::views::MoneyView>)]
    fiat: Option<Money>,
    /// Worth together with linked transfers; not answered yet.
    #[schema(value_type = Option<super::views::MoneyView>)]
    linked_total: Option<Money>,
    /// The day of the transfer; without: today.
    #[schema(value_type = Option<String>, format = Date)]
    date: Option<Date>,
    /// Whether originator and beneficiary are the same person; null: not known.
    first_party: Option<bool>,
    /// Without: a natural person.
    #[serde(default = "natural")]
    originator_type: Option<PersonType>,
    /// On the provider's own account; not answered yet.
    #[serde(default)]
    proprietary: bool,
    /// Over a correspondent relationship; null: not known.
    correspondent: Option<bool>,
    /// Who is at the other end; without: a VASP.
    counterparty: Option<CounterpartyKind>,
}
