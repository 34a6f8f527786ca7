//! Compares a transfer's value with an amount in a rule. Values in the amount's own currency or in one of its stated alternatives are
//! compared directly. Other currencies need a rate that somebody vouches for. Otherwise the result is undetermined, with the reason.

use std::cell::Cell;
use std::cmp::Ordering;

use super::model::DueDiligence;
use super::threshold::ThresholdEntry;
use super::values::Comparator;
use serde::Serialize;
use vasp_words::closed_list::closed_list;
use vasp_words::exchange_rate::{ExchangeRate, Rates};
use vasp_words::money::Money;

/// The value of a transfer.
#[derive(Clone, Copy, Debug)]
pub struct Worth<'a> {
    /// The value of the transfer alone; `None` if not given.
    pub single: Option<&'a Money>,
    /// The total value of the transfer and the transfers linked to it; `None` if not given.
    pub linked_total: Option<&'a Money>,
    /// The rates that may be used.
    pub rates: &'a Rates,
    /// Set as soon as the value is compared with an amount. Until then, nothing depends on the value.
    pub compared: &'a Cell<bool>,
}

closed_list! {
    /// The amount that was compared with a threshold.
    pub enum Basis {
        /// The total of the transfer and the transfers linked to it.
        LinkedTotal = "linked_total",
        /// The transfer's own amount.
        Transfer = "transfer",
    }

    /// Why it is not known whether an amount is above a threshold.
    pub enum Undetermined as "UndeterminedReason" {
        /// No amount was given.
        NoAmount = "no_amount",
        /// The amount is in another currency, and no rate converts it to the threshold's.
        NoRate = "no_rate",
        /// The rule says "more than", and its source does not say what applies to the exact amount.
        EqualityNotSettled = "equality_not_settled",
        /// The rule is binding, but its source states no threshold.
        NotStated = "not_stated",
    }
}

/// Why it is not known whether an amount is above a threshold: the stricter side applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UndeterminedThreshold {
    /// Always the same.
    #[cfg_attr(feature = "schema", schema(example = "threshold.undetermined"))]
    pub code: &'static str,
    /// Why.
    pub reason: Undetermined,
    /// The reason in words.
    pub detail: &'static str,
}

impl From<Undetermined> for UndeterminedThreshold {
    fn from(reason: Undetermined) -> Self {
        let detail = match reason {
            Undetermined::NoAmount => "The request has no amount: give transfer.fiat.",
            Undetermined::NoRate => {
                "No rate converts the amount to the threshold's currency: give transfer.rates, or the amount in that currency."
            }
            Undetermined::EqualityNotSettled => {
                "The amount equals the threshold, the rule says \"more than\", and its source does not settle that case."
            }
            Undetermined::NotStated => "The source states no threshold.",
        };
        Self { code: "threshold.undetermined", reason, detail }
    }
}

/// What was held against the amount of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = CountedAmount))]
pub struct Counted {
    /// The kind of amount.
    pub basis: Basis,
    /// The amount with its currency.
    #[serde(flatten)]
    pub money: Money,
    /// The rates that were used; empty if the currency is the threshold's or one of its alternatives.
    pub rates: Vec<ExchangeRate>,
}

/// Whether a transfer is above an amount, what was compared, and the reason if the result is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Whether it is above; `None` if undetermined.
    pub above: Option<bool>,
    /// What was compared; `None` if nothing was.
    pub counted: Option<Counted>,
    /// Why the result is not known; `None` if it is known, or if there is nothing to compare.
    pub undetermined: Option<Undetermined>,
}

impl Measured {
    pub(super) const fn without_amount(above: Option<bool>, undetermined: Option<Undetermined>) -> Self {
        Self { above, counted: None, undetermined }
    }
}

impl Worth<'_> {
    /// Compares the value with a threshold. The linked total is used unless the source says that linked transfers are not added
    /// up. If the source says nothing, this is the stricter reading.
    ///
    /// Source: Regulation (EU) 2015/847 Art. 5(2), (EU) 2023/1113 Art. 5(2), "do not appear to be linked to other transfers … which,
    /// together with the transfer in question, exceed EUR 1 000"; FATF, Interpretive Note to R.10, "several operations that
    /// appear to be linked".
    #[must_use]
    pub fn against(&self, entry: &ThresholdEntry) -> Measured {
        let own = Money { amount: entry.amount, currency: entry.currency };
        let limits: Vec<Money> = std::iter::once(own).chain(entry.alternatives.iter().copied()).collect();
        let counts_linked = entry.linked_transactions_aggregated != Some(false);
        self.hold(&limits, entry.comparator, entry.equality_certain, counts_linked)
    }

    /// Returns whether the value reaches the amount from which the counterparty must be examined; `None` if this is not known.
    #[must_use]
    pub fn reaches_minimum(&self, duty: &DueDiligence) -> Option<bool> {
        match (duty.min_amount, duty.min_currency, duty.min_comparator) {
            (Some(amount), Some(currency), Some(comparator)) => {
                self.hold(&[Money { amount, currency }], comparator, true, true).above
            }
            _ => Some(true),
        }
    }

    fn hold(&self, limits: &[Money], comparator: Comparator, equality_certain: bool, counts_linked: bool) -> Measured {
        self.compared.set(true);
        let measure = |money: Option<&Money>, basis| Some(self.hold_one(money?, basis, limits, comparator, equality_certain));
        let nothing = Measured::without_amount(None, Some(Undetermined::NoAmount));
        let alone = || measure(self.single, Basis::Transfer);
        let Some(total) = self.linked_total.filter(|_| counts_linked) else { return alone().unwrap_or(nothing) };
        match measure(Some(total), Basis::LinkedTotal) {
            // The total is at least as much as the transfer alone, whatever its currency. If the two results disagree, the
            // stricter one applies.
            Some(total) if total.above != Some(true) => match alone() {
                Some(single) if single.above == Some(true) || single.above.is_none() && total.above.is_some() => single,
                _ => total,
            },
            Some(total) => total,
            None => nothing,
        }
    }

    fn hold_one(
        &self,
        money: &Money,
        basis: Basis,
        limits: &[Money],
        comparator: Comparator,
        equality_certain: bool,
    ) -> Measured {
        let same_currency = limits.iter().find(|limit| limit.currency == money.currency);
        let weighed = match same_currency {
            Some(limit) => self.rates.weigh(*money, *limit),
            None => limits.iter().find_map(|limit| self.rates.weigh(*money, *limit)),
        };
        let Some(weighed) = weighed else { return Measured::without_amount(None, Some(Undetermined::NoRate)) };
        let above = match (weighed.ordering, comparator) {
            (Ordering::Less, _) => Some(false),
            (Ordering::Greater, _) => Some(true),
            (Ordering::Equal, Comparator::Gte) => Some(true),
            // The rule says "more than", and the source does not say what applies to the exact amount: the result remains open.
            (Ordering::Equal, Comparator::Gt) => equality_certain.then_some(false),
        };
        let undetermined = above.is_none().then_some(Undetermined::EqualityNotSettled);
        Measured { above, counted: Some(Counted { basis, money: *money, rates: weighed.rates }), undetermined }
    }
}
