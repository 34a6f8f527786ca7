//! Views of thresholds, of the amounts compared with them, and of the exchange rates used.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::sourced::each;
use vasp_rules::obligations::{AppliedThreshold, MaxAmount};
use vasp_rules::rulebook::{
    Basis, Comparator, Counted, FlowScope, PersonScope, ThresholdEntry, ThresholdKind, ThresholdPurpose, Undetermined,
};
use vasp_words::exchange_rate::ExchangeRate;
use vasp_words::money::Money;

/// The threshold that decided. The other members are null unless `kind` is `amount`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Threshold)]
pub(crate) struct ThresholdView {
    kind: ThresholdKind,
    purpose: Option<ThresholdPurpose>,
    scope: Option<FlowScope>,
    person: Option<PersonScope>,
    #[schema(example = "1000")]
    amount: Option<String>,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: Option<String>,
    comparator: Option<Comparator>,
    /// Whether the source settles the case that the amount is exactly the threshold.
    equality_certain: Option<bool>,
    /// Whether linked transfers count together; null if the source does not state it.
    linked_transactions_aggregated: Option<bool>,
    /// The same threshold in other currencies.
    alternatives: Vec<MoneyView>,
    note: Option<String>,
}

/// One amount at which something changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ThresholdEntry)]
pub(crate) struct ThresholdEntryView {
    purpose: ThresholdPurpose,
    scope: FlowScope,
    person: PersonScope,
    #[schema(example = "1000")]
    amount: String,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: String,
    comparator: Comparator,
    /// Whether the source settles the case that the amount is exactly the threshold.
    equality_certain: bool,
    /// Whether linked transfers count together; null if the source does not state it.
    linked_transactions_aggregated: Option<bool>,
    /// The same threshold in other currencies.
    alternatives: Vec<MoneyView>,
    note: Option<String>,
}

/// The highest amount that a rule allows towards a counterparty that is not authorised there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MaxAmount)]
pub(crate) struct MaxAmountView {
    limit: ThresholdEntryView,
    /// Whether the amount exceeds the limit; null if that cannot be determined.
    exceeded: Option<bool>,
    /// Why it cannot be determined; null if it can.
    undetermined: Option<UndeterminedView>,
}

/// An amount in a currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Money)]
pub(crate) struct MoneyView {
    /// A decimal number.
    #[schema(example = "1000.50")]
    amount: String,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: String,
}

/// An amount that was compared with a threshold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CountedAmount)]
pub(crate) struct CountedView {
    basis: Basis,
    /// The amount as it was given.
    #[schema(example = "1500.00")]
    amount: String,
    /// ISO 4217.
    #[schema(example = "USD")]
    currency: String,
    /// The exchange rates used; empty if the currency is the threshold's or one of its alternatives.
    rates: Vec<ExchangeRate>,
}

/// Why it cannot be determined whether an amount is above the threshold. The stricter case then applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = UndeterminedThreshold)]
pub(crate) struct UndeterminedView {
    /// The code; always the same.
    #[schema(example = "threshold.undetermined")]
    code: &'static str,
    reason: Undetermined,
    /// The reason in words.
    detail: &'static str,
}

impl From<Undetermined> for UndeterminedView {
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

impl From<&MaxAmount> for MaxAmountView {
    fn from(cap: &MaxAmount) -> Self {
        Self { limit: (&cap.limit).into(), exceeded: cap.exceeded, undetermined: cap.undetermined.map(UndeterminedView::from) }
    }
}

impl From<&Counted> for CountedView {
    fn from(counted: &Counted) -> Self {
        let MoneyView { amount, currency } = (&counted.money).into();
        Self { basis: counted.basis, amount, currency, rates: counted.rates.clone() }
    }
}

impl From<&AppliedThreshold> for ThresholdView {
    fn from(threshold: &AppliedThreshold) -> Self {
        let entry = threshold.entry.as_ref();
        Self {
            kind: threshold.kind,
            purpose: entry.map(|entry| entry.purpose),
            scope: entry.map(|entry| entry.scope),
            person: entry.map(|entry| entry.person),
            amount: entry.map(|entry| entry.amount.to_string()),
            currency: entry.map(|entry| entry.currency.to_string()),
            comparator: entry.map(|entry| entry.comparator),
            equality_certain: entry.map(|entry| entry.equality_certain),
            linked_transactions_aggregated: entry.and_then(|entry| entry.linked_transactions_aggregated),
            alternatives: entry.map(|entry| each(&entry.alternatives)).unwrap_or_default(),
            note: entry.and_then(|entry| entry.note.clone()),
        }
    }
}

impl From<&ThresholdEntry> for ThresholdEntryView {
    fn from(entry: &ThresholdEntry) -> Self {
        Self {
            purpose: entry.purpose,
            scope: entry.scope,
            person: entry.person,
            amount: entry.amount.to_string(),
            currency: entry.currency.to_string(),
            comparator: entry.comparator,
            equality_certain: entry.equality_certain,
            linked_transactions_aggregated: entry.linked_transactions_aggregated,
            alternatives: each(&entry.alternatives),
            note: entry.note.clone(),
        }
    }
}

impl From<&Money> for MoneyView {
    fn from(money: &Money) -> Self {
        Self { amount: money.amount.to_string(), currency: money.currency.to_string() }
    }
}
