//! `/v1/obligations`: which data must travel, and the other duties of both sides, under their own rules on the date.

use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rate_request::RateRequest;
use crate::http::{App, Caller, DirectoryView, Json, Problem, Problems, Resolve};
use crate::node::{ServiceError, ValidUntil, invalid_value};
use crate::rulebook::obligations::document_fields;
use crate::rulebook::{ObligationsAnswer, ObligationsQuestion, answer_obligations as answer};
use vasp_routing::post;
use vasp_rules::ivms101::Ivms101;
use vasp_rules::obligations::{CounterpartyKind, Obligations};
use vasp_rules::rulebook::PersonType;
use vasp_words::caip::Caip19;
use vasp_words::money::{Amount, Money};
use vasp_words::time::Date;

/// A transfer between two jurisdictions.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ObligationsRequest {
    /// The originator's side. Give at least one side; a side that you leave out is unknown.
    originator: Option<SideRequest>,
    beneficiary: Option<SideRequest>,
    #[serde(default)]
    transfer: TransferRequest,
    /// Codes of the data fields that you already have.
    #[serde(default)]
    #[schema(example = json!(["originator.name"]))]
    provided_fields: Option<Vec<String>>,
    /// An IVMS 101 document in the spelling of 2020 or 2023, in place of `provided_fields`: `missing_fields` and `missing_one_of` name what
    /// lacks in it. Its values are dropped as it is read; nothing of it is kept.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    ivms101: Option<Ivms101>,
}

/// One side of the transfer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SideRequest {
    /// A country or regime. It means exactly that entry of the rulebook.
    #[schema(example = "DE")]
    jurisdiction: String,
}

/// The transfer. `asset` and `amount` are checked but do not affect the result under the current rules.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = ObligationsTransfer)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransferRequest {
    /// The asset, CAIP-19.
    #[serde(rename = "asset")]
    _asset: Option<Caip19>,
    /// The amount in the asset's own unit.
    #[serde(rename = "amount")]
    _amount: Option<Amount>,
    /// The value of the transfer. If you leave it out, it cannot be compared with thresholds, and all data counts as due.
    fiat: Option<Money>,
    /// The total value of this transfer and the transfers that it is linked to. It counts against thresholds instead of the transfer's
    /// own value.
    linked_total: Option<Money>,
    /// Exchange rates that you vouch for, at most 20. An amount in a currency other than the threshold's needs one of them or an
    /// imported reference rate. Otherwise the comparison is undetermined.
    #[serde(default)]
    rates: Vec<RateRequest>,
    /// The date of the transfer; today by default.
    date: Option<Date>,
    /// Whether originator and beneficiary are the same person; null if unknown. For a self-hosted address it means the same as
    /// `own_wallet`.
    first_party: Option<bool>,
    /// Whether a self-hosted address on the other side is the customer's own; null if unknown.
    own_wallet: Option<bool>,
    /// Whether the originator is a natural or legal person; natural by default.
    originator_type: Option<PersonType>,
    /// Whether both sides are VASPs that act on their own behalf.
    #[serde(default)]
    proprietary: bool,
    /// Whether the transfer uses a correspondent relationship; null if unknown.
    correspondent: Option<bool>,
    /// Who is on the other side; a VASP by default.
    counterparty: Option<CounterpartyKind>,
}

/// The duties of both sides, and the rulebook that they are taken from.
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
/// Each side's duties come from the rule of its own jurisdiction that is in force on the date of the transfer. Nothing is recorded.
#[utoipa::path(
    tag = "rules",
    request_body = ObligationsRequest,
    responses((status = 200, description = "What is owed", body = ObligationsAnswerView), Problems)
)]
#[post("/v1/obligations")]
pub(crate) async fn get_obligations(
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

    /// Reads the request, and refuses members that would be ignored. For a self-hosted address, `first_party` means that it is the
    /// customer's own.
    fn try_from(request: ObligationsRequest) -> Result<Self, ServiceError> {
        let ObligationsRequest { originator, beneficiary, transfer, provided_fields, ivms101 } = request;
        let told = (provided_fields.as_deref(), transfer.originator_type);
        let (provided_fields, originator_type) = document_fields(ivms101.as_ref(), told, &|member| format!("/{member}"))?;
        let counterparty = transfer.counterparty.unwrap_or(CounterpartyKind::Vasp);
        if counterparty == CounterpartyKind::Vasp && transfer.own_wallet.is_some() {
            let detail = "`own_wallet` is allowed only for a self-hosted counterparty; leave it out, or send \"counterparty\": \
                          \"self_hosted\"";
            let pointer = "/transfer/own_wallet".to_owned();
            return Err(invalid_value(pointer, detail));
        }
        Ok(Self {
            originator: originator.map(|side| side.jurisdiction),
            beneficiary: beneficiary.map(|side| side.jurisdiction),
            fiat: transfer.fiat,
            date: transfer.date,
            originator_type: originator_type.unwrap_or(PersonType::Natural),
            counterparty,
            correspondent: transfer.correspondent,
            linked_total: transfer.linked_total,
            proprietary: transfer.proprietary,
            own_wallet: transfer.own_wallet.or(transfer.first_party).filter(|_| counterparty == CounterpartyKind::SelfHosted),
            rates: transfer.rates.iter().map(Into::into).collect(),
            provided_fields: provided_fields.unwrap_or_default(),
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
