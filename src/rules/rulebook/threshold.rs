//! Thresholds: which entry decides for a flow and person. How an amount is held against it is `measure`'s.

use super::fields::{amount, nullable, present};
use super::measure::{Measured, Undetermined, Worth};
use super::model::FileMoney;
use super::values::{Comparator, Flow, FlowScope, PersonScope, ThresholdKind, ThresholdPurpose};
use serde::{Deserialize, Deserializer, Serialize};
use vasp_words::closed_list::closed_list;
use vasp_words::money::{Amount, Currency, Money};

closed_list! {
    /// Whether the originator is a person or an organisation.
    pub enum PersonType {
        /// A natural person.
        Natural = "natural",
        /// A legal person.
        Legal = "legal",
    }
}

/// One amount from which something changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ThresholdEntry {
    /// What changes.
    pub purpose: ThresholdPurpose,
    /// For which flows.
    pub scope: FlowScope,
    /// For whom.
    pub person: PersonScope,
    /// The amount.
    #[serde(deserialize_with = "amount")]
    pub amount: Amount,
    /// ISO 4217.
    pub currency: Currency,
    /// How an amount is compared.
    pub comparator: Comparator,
    /// Whether the source settles the case that the amount is exactly the threshold.
    pub equality_certain: bool,
    /// Whether linked transfers count together; null if the source does not state it.
    #[serde(deserialize_with = "nullable")]
    pub linked_transactions_aggregated: Option<bool>,
    /// The same threshold in other currencies.
    #[serde(deserialize_with = "alternatives")]
    pub alternatives: Vec<Money>,
    /// Remark of the rulebook.
    #[serde(default, deserialize_with = "present")]
    pub note: Option<String>,
}

fn alternatives<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Money>, D::Error> {
    Ok(Vec::<FileMoney>::deserialize(d)?.into_iter().map(Money::from).collect())
}

/// The thresholds of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Whether there is one.
    pub kind: ThresholdKind,
    /// Entries; some exactly if `kind` is `amount`.
    pub entries: Vec<ThresholdEntry>,
}

impl ThresholdEntry {
    /// Tells whether the entry decides which data is due, for this flow and person.
    #[must_use]
    pub fn decides_data(&self, flow: Flow, person: PersonType) -> bool {
        let purpose =
            matches!(self.purpose, ThresholdPurpose::Obligation | ThresholdPurpose::FullData | ThresholdPurpose::Verification);
        purpose && self.is_for(flow, person)
    }

    /// Tells whether the entry is for this flow and person.
    #[must_use]
    pub fn is_for(&self, flow: Flow, person: PersonType) -> bool {
        let scope = match self.scope {
            FlowScope::All => true,
            FlowScope::Domestic => flow == Flow::Domestic,
            FlowScope::CrossBorder => flow == Flow::CrossBorder,
        };
        let whose = match self.person {
            PersonScope::Any => true,
            PersonScope::Natural => person == PersonType::Natural,
            PersonScope::Legal => person == PersonType::Legal,
        };
        scope && whose
    }
}

impl Threshold {
    /// Returns the entry that decides which data is due; the file's checks let at most one match.
    #[must_use]
    pub fn deciding(&self, flow: Flow, person: PersonType) -> Option<&ThresholdEntry> {
        self.entries.iter().find(|entry| entry.decides_data(flow, person))
    }

    /// Returns the entry above which the counterparty is to be examined, where that is another than the one for data.
    #[must_use]
    pub fn for_diligence(&self, flow: Flow, person: PersonType) -> Option<&ThresholdEntry> {
        self.entries.iter().find(|entry| entry.purpose == ThresholdPurpose::CounterpartyDd && entry.is_for(flow, person))
    }

    /// Tells whether a transfer is above. A zero threshold, and a flow for which no amount is set, are always above;
    /// undetermined where the source states no threshold or the amount cannot be compared.
    #[must_use]
    pub fn measure(&self, flow: Flow, person: PersonType, worth: Worth<'_>) -> Measured {
        let always = Measured::without_amount(Some(true), None);
        match self.kind {
            ThresholdKind::Zero => always,
            ThresholdKind::Amount => self.deciding(flow, person).map_or(always, |entry| worth.against(entry)),
            ThresholdKind::Unspecified => Measured::without_amount(None, Some(Undetermined::NotStated)),
            ThresholdKind::NotApplicable => Measured::without_amount(None, None),
        }
    }
}
