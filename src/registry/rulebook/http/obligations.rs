//! `/v1/obligations`: which data must travel, and what else both sides owe, by their own rules on the date.

use actix_web::post;
use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rate_request::RateRequest;
use crate::http::{App, Caller, DirectoryView, Json, Problem, Problems, Resolve};
use crate::node::{ServiceError, ValidUntil, invalid_value};
use crate::rulebook::{ObligationsAnswer, ObligationsQuestion, answer_obligations as answer};
use vasp_rules::obligations::{CounterpartyKind, Obligations};
use vasp_rules::rulebook::PersonType;
use vasp_words::caip::Caip19;
use vasp_words::money::{Amount, Money};
use vasp_words::time::Date;

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

/// What is transferred. `asset` and `amount` are checked and decide nothing by the rules known so far.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = ObligationsTransfer)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransferRequest {
    /// CAIP-19.
    #[serde(rename = "asset")]
    _asset: Option<Caip19>,
    /// In the asset's own unit.
    #[serde(rename = "amount")]
    _amount: Option<Amount>,
    /// What it is worth. Without, thresholds cannot be compared and all data counts as due.
    fiat: Option<Money>,
    /// What it is worth together with the transfers that it is linked to: counts against thresholds in its place.
    linked_total: Option<Money>,
    /// Exchange rates that you vouch for, at most 20; without one, and without an imported reference rate, an amount in another
    /// currency than the threshold's is undetermined.
    #[serde(default)]
    rates: Vec<RateRequest>,
    /// The day of the transfer; without: today.
    date: Option<Date>,
    /// Whether originator and beneficiary are the same person; null: not known. Of a self-hosted address the same as `own_wallet`.
    first_party: Option<bool>,
    /// Whether a self-hosted address at the other end is the customer's own; null: not known.
    own_wallet: Option<bool>,
    /// Without: a natural person.
    originator_type: Option<PersonType>,
    /// Whether both sides are providers acting on their own behalf.
    #[serde(default)]
    proprietary: bool,
    /// Over a correspondent relationship; null: not known.
    correspondent: Option<bool>,
    /// Who is at the other end; without: a VASP.
    counterparty: Option<CounterpartyKind>,
}

/// What both sides owe, and by which rulebook.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ObligationsAnswer)]
pub(crate) struct ObligationsAnswerView {
    #[serde(flatten)]
    obligations: Obligations,
    /// Version of the rulebook.
    #[schema(example = "2026-11-20+1.1.0")]
    rulebook: String,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// Get which data both sides of a transfer must send or collect.
///
/// Each side by its own jurisdiction's rule on the date. Nothing is recorded.
#[utoipa::path(
    tag = "rules",
    request_body = ObligationsRequest,
    responses((status = 200, description = "What is owed", body = ObligationsAnswerView), Problems)
)]
#[post("/v1/obligations")]
pub(crate) async fn answer_obligations(
    _caller: Caller<Resolve>,
    request: Json<ObligationsRequest>,
    app: Data<App>,
) -> Result<Json<ObligationsAnswerView>, Problem> {
    let question = ObligationsQuestion::try_from(request.0)?;
    let answer = answer(&app.registry, &question, app.clock.now())?;
    Ok(Json(ObligationsAnswerView::from(&answer)))
}

impl TryFrom<ObligationsRequest> for ObligationsQuestion {
    type Error = ServiceError;

    /// Refuses what would be ignored; of a self-hosted address a first party's is the customer's own.
    fn try_from(request: ObligationsRequest) -> Result<Self, ServiceError> {
        let ObligationsRequest { originator, beneficiary, transfer, provided_fields } = request;
        let counterparty = transfer.counterparty.unwrap_or(CounterpartyKind::Vasp);
        if counterparty == CounterpartyKind::Vasp && transfer.own_wallet.is_some() {
            let detail =
                "`own_wallet` goes with a self-hosted counterparty; leave it out, or give \"counterparty\": \"self_hosted\"";
            let pointer = "/transfer/own_wallet".to_owned();
            return Err(invalid_value(pointer, detail));
        }
        Ok(Self {
            originator: originator.map(|side| side.jurisdiction),
            beneficiary: beneficiary.map(|side| side.jurisdiction),
            fiat: transfer.fiat,
            date: transfer.date,
            originator_type: transfer.originator_type.unwrap_or(PersonType::Natural),
            counterparty,
            correspondent: transfer.correspondent,
            linked_total: transfer.linked_total,
            proprietary: transfer.proprietary,
            own_wallet: transfer.own_wallet.or(transfer.first_party).filter(|_| counterparty == CounterpartyKind::SelfHosted),
            rates: transfer.rates.iter().map(Into::into).collect(),
            provided_fields,
        })
    }
}

impl From<&ObligationsAnswer> for ObligationsAnswerView {
    fn from(answer: &ObligationsAnswer) -> Self {
        Self {
            obligations: answer.obligations.clone(),
            rulebook: answer.generation.documents().rulebook.value.version.clone(),
            directory: answer.generation.as_ref().into(),
            valid_until: answer.valid_until,
        }
    }
}
