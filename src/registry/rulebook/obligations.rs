//! The duties of both sides of a transfer, by the rulebook of the present directory.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::read::jurisdiction_at;
use crate::directory::Generation;
use crate::node::{Holds, Registry, ServiceError, ValidUntil, invalid, invalid_value};
use vasp_rules::ivms101::Ivms101;
use vasp_rules::obligations;
use vasp_rules::obligations::{CounterpartyKind, Obligations, ObligationsRequest, Particulars, check_linked_total};
use vasp_rules::rulebook::{FieldCode, PersonType, Rulebook};
use vasp_words::exchange_rate::ExchangeRate;
use vasp_words::money::Money;
use vasp_words::time::{Date, UtcTime};

/// A question about the duties of both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObligationsQuestion {
    /// The jurisdiction of the originator's side. `None` if it is unknown.
    pub originator: Option<String>,
    /// The jurisdiction of the beneficiary's side. `None` if it is unknown.
    pub beneficiary: Option<String>,
    /// The value of the transfer.
    pub fiat: Option<Money>,
    /// The date of the transfer. `None` means today.
    pub date: Option<Date>,
    /// Whether the originator is a natural or a legal person.
    pub originator_type: PersonType,
    /// Who is on the other side.
    pub counterparty: CounterpartyKind,
    /// Whether the transfer uses a correspondent relationship. `None` if that is unknown.
    pub correspondent: Option<bool>,
    /// The total value of this transfer and the transfers that it is linked to.
    pub linked_total: Option<Money>,
    /// Whether both sides are VASPs that act on their own behalf.
    pub proprietary: bool,
    /// Whether a self-hosted address is the customer's own. `None` if that is unknown.
    pub own_wallet: Option<bool>,
    /// Exchange rates that the asker vouches for.
    pub rates: Vec<ExchangeRate>,
    /// Codes of the data fields that the asker already has.
    pub provided_fields: Vec<String>,
}

/// The duties of both sides.
#[derive(Clone, Debug)]
pub struct ObligationsAnswer {
    /// The directory generation that answered. The rulebook is part of it.
    pub generation: Arc<Generation>,
    /// The duties.
    pub obligations: Obligations,
    /// Until when the answer may be used.
    pub valid_until: ValidUntil,
}

/// Returns the duties of both sides.
///
/// # Errors
/// `ServiceError::Invalid` if the rulebook does not know a jurisdiction or field code, if neither side is given, or if an amount or
/// rate is wrong.
pub fn answer_obligations(
    registry: &Registry,
    question: &ObligationsQuestion,
    now: UtcTime,
) -> Result<ObligationsAnswer, ServiceError> {
    let generation = registry.pin(now);
    let rulebook = &generation.documents().rulebook.value;
    let side = |text: &Option<String>, pointer| text.as_deref().map(|id| jurisdiction_at(rulebook, id, pointer)).transpose();
    let date = question.date.unwrap_or(now.date());
    check_linked_total(question.fiat.as_ref(), question.linked_total.as_ref())
        .map_err(|detail| invalid_value("/transfer/linked_total", detail))?;
    let rates = generation
        .documents()
        .usable_rates(&question.rates, date)
        .map_err(|(member, detail)| invalid_value(format!("/transfer/{member}"), detail))?;
    let request = ObligationsRequest {
        originator: side(&question.originator, "/originator/jurisdiction")?,
        beneficiary: side(&question.beneficiary, "/beneficiary/jurisdiction")?,
        fiat: question.fiat,
        date,
        originator_type: question.originator_type,
        counterparty: question.counterparty,
        correspondent: question.correspondent,
        provided_fields: provided_fields(rulebook, &question.provided_fields, question.fiat.is_some(), &|member| {
            format!("/{member}")
        })?,
        particulars: Particulars {
            linked_total: question.linked_total,
            proprietary: question.proprietary,
            own_wallet: question.own_wallet,
            rates,
        },
    };
    if request.originator.is_none() && request.beneficiary.is_none() {
        let detail =
            "give the jurisdiction of at least one side, for example {\"originator\": {\"jurisdiction\": \"DE\"}}".to_owned();
        return Err(invalid("/originator", "missing_member", detail));
    }
    let sides = [&request.originator, &request.beneficiary].into_iter().flatten();
    let changes = sides.filter_map(|id| rulebook.entry(id)?.next_change(request.date)).map(Date::start);
    let valid_until = registry.valid_until(Holds::before(now, changes.filter(|_| question.date.is_none())));
    let obligations = obligations::obligations(rulebook, &request);
    Ok(ObligationsAnswer { valid_until, obligations, generation })
}

/// Returns the fields and the originator's kind that a request states, or that its IVMS 101 document holds.
///
/// # Errors
/// `ServiceError::Invalid` if both are there, or if they contradict each other.
pub(crate) fn document_fields(
    document: Option<&Ivms101>,
    (fields, originator_type): (Option<&[String]>, Option<PersonType>),
    pointer: &dyn Fn(&str) -> String,
) -> Result<(Option<Vec<String>>, Option<PersonType>), ServiceError> {
    let Some(document) = document else { return Ok((fields.map(<[String]>::to_vec), originator_type)) };
    if fields.is_some() {
        let detail = "the document says which fields are there; send `ivms101` or `provided_fields`, not both";
        return Err(invalid(pointer("provided_fields"), "invalid_value", detail.to_owned()));
    }
    let of_document = document.originator_type();
    if let (Some(beside), Some(found)) = (originator_type, of_document)
        && beside != found
    {
        let (beside, found) = (beside.as_str(), found.as_str());
        let detail = format!("the originator in `ivms101` is a {found} person, but `transfer.originator_type` is `{beside}`");
        return Err(invalid(pointer("transfer/originator_type"), "invalid_value", detail));
    }
    Ok((Some(document.fields().map(str::to_owned).collect()), originator_type.or(of_document)))
}

/// Reads the field codes of a request's `provided_fields`. If the transfer has its value, `has_fiat`, the amount is among them. `pointer` turns a
/// member's name into the JSON Pointer that an error reports.
///
/// # Errors
/// `ServiceError::Invalid` for the first code that the rulebook does not know. The message lists the known codes.
pub(crate) fn provided_fields(
    rulebook: &Rulebook,
    codes: &[String],
    has_fiat: bool,
    pointer: &dyn Fn(&str) -> String,
) -> Result<BTreeSet<FieldCode>, ServiceError> {
    let mut fields = rulebook
        .read_field_codes(codes)
        .map_err(|error| invalid(pointer(&format!("provided_fields/{}", error.index)), "unknown_field", error.to_string()))?;
    let amount = has_fiat.then(|| rulebook.read_field_codes(&["transfer.amount"]).ok());
    fields.extend(amount.flatten().into_iter().flatten());
    Ok(fields)
}
