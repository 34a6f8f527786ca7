//! The input of `obligations`: two jurisdictions, a transfer and a day.

use std::cell::Cell;
use std::collections::BTreeSet;

use crate::rulebook::{FieldCode, JurisdictionId, PersonType, Worth};
use vasp_words::closed_list::closed_list;
use vasp_words::exchange_rate::Rates;
use vasp_words::money::Money;
use vasp_words::time::Date;

closed_list! {
    /// Who is at the other end.
    pub enum CounterpartyKind {
        /// A self-hosted address.
        SelfHosted = "self_hosted",
        /// A provider of crypto-asset services (a VASP).
        Vasp = "vasp",
    }
}

/// A transfer, as far as the law depends on it. Start from `ObligationsRequest::between` and set what else is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObligationsRequest {
    /// The jurisdiction of the originator's side; `None` if not known.
    pub originator: Option<JurisdictionId>,
    /// The jurisdiction of the beneficiary's side; `None` if not known.
    pub beneficiary: Option<JurisdictionId>,
    /// The transfer's value; `None` if not given.
    pub fiat: Option<Money>,
    /// The day of the transfer.
    pub date: Date,
    /// Whether the originator is a natural or a legal person.
    pub originator_type: PersonType,
    /// Who is on the other side.
    pub counterparty: CounterpartyKind,
    /// Whether the transfer uses a correspondent relationship; `None` if not known.
    pub correspondent: Option<bool>,
    /// The data that the caller already has. Other required data is reported as missing.
    pub provided_fields: BTreeSet<FieldCode>,
    /// Facts that only few transfers have.
    pub particulars: Particulars,
}

/// Facts that only few transfers have, and on which some rules depend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Particulars {
    /// The total value of the transfer and the transfers linked to it.
    pub linked_total: Option<Money>,
    /// Whether both sides are providers acting on their own behalf.
    pub proprietary: bool,
    /// Whether a self-hosted address at the other end is the customer's own; `None` if not known.
    pub own_wallet: Option<bool>,
    /// The exchange rates that may be used.
    pub rates: Rates,
}

impl ObligationsRequest {
    /// Makes a request for a transfer from a natural person to another provider, with unknown value and no data available yet.
    #[must_use]
    pub fn between(originator: JurisdictionId, beneficiary: JurisdictionId, date: Date) -> Self {
        Self {
            originator: Some(originator),
            beneficiary: Some(beneficiary),
            fiat: None,
            date,
            originator_type: PersonType::Natural,
            counterparty: CounterpartyKind::Vasp,
            correspondent: None,
            provided_fields: BTreeSet::new(),
            particulars: Particulars::default(),
        }
    }

    /// Returns the value that is compared with thresholds. `compared` is set if it is.
    #[must_use]
    pub fn worth<'a>(&'a self, compared: &'a Cell<bool>) -> Worth<'a> {
        let Particulars { linked_total, rates, .. } = &self.particulars;
        Worth { single: self.fiat.as_ref(), linked_total: linked_total.as_ref(), rates, compared }
    }
}

/// Refuses a linked total that is less than the transfer itself, which it includes. Checks this only if both are in the same currency.
///
/// # Errors
/// A text that says what would be correct.
pub fn check_linked_total(fiat: Option<&Money>, total: Option<&Money>) -> Result<(), String> {
    let (Some(fiat), Some(total)) = (fiat, total) else { return Ok(()) };
    if fiat.currency == total.currency && total.amount < fiat.amount {
        return Err(format!(
            "the total of linked transfers includes this transfer, so it must be at least {} {}, not {}",
            fiat.amount, fiat.currency, total.amount
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_of_linked_transfers_is_not_less_than_the_transfer() {
        let money = |amount: &str, currency: &str| Money { amount: amount.parse().unwrap(), currency: currency.parse().unwrap() };
        let (transfer, is_right) =
            (money("600", "EUR"), |fiat: &Money, total: Money| check_linked_total(Some(fiat), Some(&total)).is_ok());

        assert!(is_right(&transfer, money("600", "EUR")) && is_right(&transfer, money("1000", "EUR")));
        assert!(!is_right(&transfer, money("599.99", "EUR")));
        assert!(is_right(&transfer, money("1", "USD")), "another currency is not compared");
    }
}
