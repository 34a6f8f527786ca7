//! Thresholds: which entry decides for a flow and a person. The module `measure` compares amounts with it.

use super::fields::{amount, nullable, present};
use super::measure::{Measured, Undetermined, Worth};
use super::model::FileMoney;
use super::values::{Comparator, Flow, FlowScope, PersonScope, ThresholdKind, ThresholdPurpose};
use serde::{Deserialize, Deserializer, Serialize};
use vasp_words::closed_list::closed_list;
use vasp_words::money::{Amount, Currency, Money};

closed_list! {
    /// Whether the originator is a natural or a legal person.
    pub enum PersonType {
        /// A natural person.
        Natural = "natural",
        /// A legal person.
        Legal = "legal",
    }
}

/// One amount from which a duty changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ThresholdEntry {
    /// What the threshold decides.
    pub purpose: ThresholdPurpose,
    /// The flows for which the threshold is valid.
    pub scope: FlowScope,
    /// The persons for which the threshold is valid.
    pub person: PersonScope,
    /// The amount.
    #[serde(deserialize_with = "amount")]
    pub amount: Amount,
    /// ISO 4217.
    pub currency: Currency,
    /// How a transfer's amount is compared with the threshold.
    pub comparator: Comparator,
    /// Whether the source says what applies to exactly this amount.
    pub equality_certain: bool,
    /// Whether linked transfers are added up, if the source says.
    #[serde(deserialize_with = "nullable")]
    pub linked_transactions_aggregated: Option<bool>,
    /// The same threshold in other currencies.
    #[serde(deserialize_with = "alternatives")]
    pub alternatives: Vec<Money>,
    /// A remark of the rulebook.
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
    /// Whether there is a threshold, and of which kind.
    pub kind: ThresholdKind,
    /// The entries; there are some only if `kind` is `amount`, and then at least one.
    pub entries: Vec<ThresholdEntry>,
}

impl ThresholdEntry {
    /// Returns whether the entry decides which data is due for this flow and person.
    #[must_use]
    pub fn decides_data(&self, flow: Flow, person: PersonType) -> bool {
        let purpose =
            matches!(self.purpose, ThresholdPurpose::Obligation | ThresholdPurpose::FullData | ThresholdPurpose::Verification);
        purpose && self.is_for(flow, person)
    }

    /// Returns whether the entry is for this flow and person.
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
    /// Returns the entry that decides which data is due. The file's checks allow at most one match.
    #[must_use]
    pub fn deciding(&self, flow: Flow, person: PersonType) -> Option<&ThresholdEntry> {
        self.entries.iter().find(|entry| entry.decides_data(flow, person))
    }

    /// Returns the entry above which the counterparty must be examined, if it is separate from the entry for data.
    #[must_use]
    pub fn for_diligence(&self, flow: Flow, person: PersonType) -> Option<&ThresholdEntry> {
        self.entries.iter().find(|entry| entry.purpose == ThresholdPurpose::CounterpartyDd && entry.is_for(flow, person))
    }

    /// Returns whether a transfer is above the threshold. A zero threshold, or a flow without an amount, is always above. The
    /// result is undetermined if the source states no threshold, or if the amount cannot be compared.
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
