//! Works out what the law of both sides demands of a transfer, and whether that depends on its value. `side` knows each side's rules, and
//! `union` what both sides demand together.

use std::cell::Cell;

use super::{Obligations, ObligationsRequest, side, union};
use crate::rulebook::{FieldCode, Rulebook};

/// Returns what the law of both sides demands of a transfer on its date.
#[must_use]
pub fn obligations(rulebook: &Rulebook, request: &ObligationsRequest) -> Obligations {
    obligations_and_basis(rulebook, request).0
}

/// Whether obligations depend on the value of the transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueUse {
    /// A rule compared the value with an amount.
    Compared,
    /// They are the same for every value, linked total and exchange rate.
    NotCompared,
}

/// Returns the obligations, and whether they depend on the transfer's value. Which amounts are compared depends on everything but the
/// value. So if nothing was compared for one value, nothing is compared for any other.
#[must_use]
pub fn obligations_and_basis(rulebook: &Rulebook, request: &ObligationsRequest) -> (Obligations, ValueUse) {
    let compared = Cell::new(false);
    let found = of_both(rulebook, request, &compared);
    (found, if compared.get() { ValueUse::Compared } else { ValueUse::NotCompared })
}

fn of_both(rulebook: &Rulebook, request: &ObligationsRequest, compared: &Cell<bool>) -> Obligations {
    let originator = side::owed(rulebook, request, side::Role::Originator, compared);
    let beneficiary = side::owed(rulebook, request, side::Role::Beneficiary, compared);
    let required_from = union::required(&originator, &beneficiary);
    let required_fields: Vec<FieldCode> = required_from.iter().map(|sourced| sourced.field.clone()).collect();
    let one_of = union::one_of(&originator, &beneficiary);
    let known = [&originator, &beneficiary].into_iter().filter_map(|side| side.known_through).min();
    let known_through = known.unwrap_or(rulebook.known_through);
    let has = |code: &FieldCode| request.provided_fields.contains(code);
    Obligations {
        flow: originator.flow,
        missing_fields: required_fields.iter().filter(|code| !has(code)).cloned().collect(),
        missing_one_of: one_of.iter().filter(|sourced| !sourced.one_of.is_met(has)).cloned().collect(),
        if_available_from: union::if_available(&originator, &beneficiary),
        on_request_from: union::on_request(&originator, &beneficiary),
        known_through,
        after_known_through: request.date > known_through,
        originator,
        beneficiary,
        required_fields,
        required_from,
        one_of,
    }
}
