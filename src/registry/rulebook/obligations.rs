//! What both sides of a transfer owe by the rulebook of the present directory.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::read::jurisdiction_at;
use crate::directory::Generation;
use crate::node::{Holds, Registry, ServiceError, ValidUntil, invalid, invalid_value};
use vasp_rules::obligations;
use vasp_rules::obligations::{CounterpartyKind, Obligations, ObligationsRequest, Particulars};
use vasp_rules::rulebook::{FieldCode, PersonType, Rulebook};
use vasp_words::exchange_rate::{ExchangeRate, Rates};
use vasp_words::money::Money;
use vasp_words::time::{Date, UtcTime};

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObligationsQuestion {
    /// Where the originator's side is.
    pub originator: Option<String>,
    /// Where the beneficiary's side is.
    pub beneficiary: Option<String>,
    /// What the transfer is worth.
    pub fiat: Option<Money>,
    /// The day of the transfer; none: today.
    pub date: Option<Date>,
    /// Whether the originator is a person or an organisation.
    pub originator_type: PersonType,
    /// Who is at the other end.
    pub counterparty: CounterpartyKind,
    /// Whether it runs over a correspondent relationship; none: not known.
    pub correspondent: Option<bool>,
    /// What it is worth with the transfers it is linked to.
    pub linked_total: Option<Money>,
    /// Whether both sides are providers acting on their own behalf.
    pub proprietary: bool,
    /// Whether a self-hosted address is the customer's own; none: not known.
    pub own_wallet: Option<bool>,
    /// Rates that the asker vouches for.
    pub rates: Vec<ExchangeRate>,
    /// What the asker has already.
    pub provided_fields: Vec<String>,
}

/// The answer.
#[derive(Clone, Debug)]
pub struct ObligationsAnswer {
    /// The directory that was asked; the rulebook is part of it.
    pub generation: Arc<Generation>,
    /// What is owed.
    pub obligations: Obligations,
    /// Until when the answer may be used.
    pub valid_until: ValidUntil,
}

/// Returns what both sides owe.
///
/// # Errors
/// `ServiceError::Invalid` for a jurisdiction or field code that the rulebook does not know, or where neither side is given.
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
    let rates = usable_rates(&generation, &question.rates, date)
        .map_err(|(member, detail)| invalid_value(&format!("/transfer/{member}"), detail))?;
    let request = ObligationsRequest {
        originator: side(&question.originator, "/originator/jurisdiction")?,
        beneficiary: side(&question.beneficiary, "/beneficiary/jurisdiction")?,
        fiat: question.fiat,
        date,
        originator_type: question.originator_type,
        counterparty: question.counterparty,
        correspondent: question.correspondent,
        provided_fields: provided_fields(rulebook, &question.provided_fields)?,
        particulars: Particulars {
            linked_total: question.linked_total,
            proprietary: question.proprietary,
            own_wallet: question.own_wallet,
            rates,
        },
    };
    if request.originator.is_none() && request.beneficiary.is_none() {
        let detail =
            "give the jurisdiction of at least one side, such as {\"originator\": {\"jurisdiction\": \"DE\"}}".to_owned();
        return Err(invalid("/originator", "missing_member", detail));
    }
    let sides = [&request.originator, &request.beneficiary].into_iter().flatten();
    let changes = sides.filter_map(|id| rulebook.entry(id)?.next_change(request.date)).map(Date::start);
    let valid_until = registry.valid_until(Holds::before(now, changes.filter(|_| question.date.is_none())));
    let obligations = obligations::obligations(rulebook, &request);
    Ok(ObligationsAnswer { valid_until, obligations, generation })
}

/// Returns the rates that may be used for a transfer of `date`: those given, then the reference rates of the directory.
///
/// # Errors
/// The member of the transfer that is wrong, and why.
pub(crate) fn usable_rates(generation: &Generation, given: &[ExchangeRate], date: Date) -> Result<Rates, (String, String)> {
    let reference = generation.documents().reference_rates.as_ref().and_then(|rates| rates.value.on(date));
    Rates::new(given.to_vec(), reference, date).map_err(|refused| {
        let member = refused.index.map_or_else(|| "rates".to_owned(), |index| format!("rates/{index}"));
        (member, refused.to_string())
    })
}

/// Refuses a total that is less than the transfer that it has in it, where the currency tells.
///
/// # Errors
/// What would be right.
pub(crate) fn check_linked_total(fiat: Option<&Money>, total: Option<&Money>) -> Result<(), String> {
    let (Some(fiat), Some(total)) = (fiat, total) else { return Ok(()) };
    if fiat.currency == total.currency && total.amount < fiat.amount {
        return Err(format!(
            "the total of linked transfers has this transfer in it: at least {} {}, not {}",
            fiat.amount, fiat.currency, total.amount
        ));
    }
    Ok(())
}

/// Reads the field codes of a request's `provided_fields`.
///
/// # Errors
/// `ServiceError::Invalid` for the first that the rulebook does not have, with those that it has.
pub(crate) fn provided_fields(rulebook: &Rulebook, codes: &[String]) -> Result<BTreeSet<FieldCode>, ServiceError> {
    rulebook.read_field_codes(codes).map_err(|error| {
        let (pointer, detail) = (format!("/provided_fields/{}", error.index), error.to_string());
        invalid(pointer, "unknown_field", detail)
    })
}
