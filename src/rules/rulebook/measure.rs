//! How a transfer's worth is held against an amount of a rule. In the amount's own currency or one of its stated
//! alternatives directly; in another only by a rate that somebody vouches for; else it is undetermined, and says why.

use std::cmp::Ordering;

use super::model::DueDiligence;
use super::threshold::ThresholdEntry;
use super::values::Comparator;
use serde::Serialize;
use vasp_words::closed_list::closed_list;
use vasp_words::exchange_rate::{ExchangeRate, Rates};
use vasp_words::money::Money;

/// What a transfer is worth.
#[derive(Clone, Copy, Debug)]
pub struct Worth<'a> {
    /// The transfer alone; none: not given.
    pub single: Option<&'a Money>,
    /// With the transfers it is linked to, itself included; none: not given.
    pub linked_total: Option<&'a Money>,
    /// The rates that may be used.
    pub rates: &'a Rates,
}

closed_list! {
    /// Which amount was held against a threshold.
    pub enum Basis {
        /// With the transfers it is linked to.
        LinkedTotal = "linked_total",
        /// The transfer's own.
        Transfer = "transfer",
    }

    /// Why it cannot be told whether an amount is above a threshold.
    pub enum Undetermined as "UndeterminedReason" {
        /// No amount was given.
        NoAmount = "no_amount",
        /// The amount is in another currency, and no rate leads to the threshold's.
        NoRate = "no_rate",
        /// The rule is "more than", and its source does not settle the exact amount.
        EqualityNotSettled = "equality_not_settled",
        /// The rule binds, and its source states no threshold.
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
            Undetermined::NoAmount => "No amount was given: give transfer.fiat.",
            Undetermined::NoRate => {
                "The amount is in another currency and no rate leads to the threshold's: give transfer.rates, or the amount in the \
                 threshold's currency."
            }
            Undetermined::EqualityNotSettled => {
                "The amount is exactly the threshold's, the rule says \"more than\", and its source does not settle that case."
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
    /// Which amount.
    pub basis: Basis,
    /// How much.
    #[serde(flatten)]
    pub money: Money,
    /// The exchange rates used; empty if the currency is the threshold's or one of its alternatives.
    pub rates: Vec<ExchangeRate>,
}

/// Whether a transfer is above an amount, by what, or why that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// None: undetermined.
    pub above: Option<bool>,
    /// What was compared; none where nothing was.
    pub counted: Option<Counted>,
    /// Why it is not known; none where it is, or where there is nothing to know.
    pub undetermined: Option<Undetermined>,
}

impl Measured {
    pub(super) const fn without_amount(above: Option<bool>, undetermined: Option<Undetermined>) -> Self {
        Self { above, counted: None, undetermined }
    }
}

impl Worth<'_> {
    /// Holds the worth against a threshold. The linked total counts unless the source says that linked transfers do not count
    /// together: where it says nothing, that is the stricter reading.
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

    /// Tells whether the worth reaches the amount from which the counterparty is to be examined; none where it is not known.
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
        let measure = |money: Option<&Money>, basis| Some(self.hold_one(money?, basis, limits, comparator, equality_certain));
        let nothing = Measured::without_amount(None, Some(Undetermined::NoAmount));
        let alone = || measure(self.single, Basis::Transfer);
        let Some(total) = self.linked_total.filter(|_| counts_linked) else { return alone().unwrap_or(nothing) };
        match measure(Some(total), Basis::LinkedTotal) {
            // The total is at least as much as the transfer alone, whatever currency it is told in: where the two disagree, the
            // stricter one counts.
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
            // "More than", and the source does not settle the exact amount: the stricter side stays open.
            (Ordering::Equal, Comparator::Gt) => equality_certain.then_some(false),
        };
        let undetermined = above.is_none().then_some(Undetermined::EqualityNotSettled);
        Measured { above, counted: Some(Counted { basis, money: *money, rates: weighed.rates }), undetermined }
    }
}
