//! Selects the regime if a counterparty's country has several and none is on record: the strictest. The order needs no exchange
//! rates and always selects the same regime.

use std::cmp::Reverse;

use super::model::{Jurisdiction, RuleVersion};
use super::values::{DueDiligenceDuty, ThresholdKind, ThresholdPurpose, TravelRuleStatus};
use super::{Flow, PersonType, Rulebook};
use vasp_words::country::Country;
use vasp_words::time::Date;

/// The entries of a country, and the one that applies if the regime is not on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountryRegimes<'a> {
    /// The country's own entry if that is the only one, otherwise the strictest; `None` if unknown.
    pub applies: Option<&'a Jurisdiction>,
    /// Every entry of the country, by id; more than one means `jurisdiction.ambiguous_regime`.
    pub candidates: Vec<&'a Jurisdiction>,
}

impl CountryRegimes<'_> {
    /// Returns whether several regimes are possible for the counterparty.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.candidates.len() > 1
    }
}

impl Rulebook {
    /// Returns the rules of a country if the regime is not on record. A single entry that is only a regime (`KZ-AIFC`) does not
    /// represent its country: the result is then unknown.
    ///
    /// The strictest regime is found in this order. First the status: banned, in force, grace, adopted, proposed, unknown, none. Then the
    /// threshold: every transfer, by amount with data below it, by amount with nothing below it, not stated. Then the duty to examine the
    /// counterparty. Then the number of fields for cross-border transfers above the threshold. Last, the first id. The status unknown
    /// ranks above none because silence is never a pass. Amounts are not ranked: their currencies differ.
    #[must_use]
    pub fn strictest_for_country(&self, country: Country, date: Date) -> CountryRegimes<'_> {
        let candidates: Vec<&Jurisdiction> = self.entries_for_country(country).collect();
        let applies = match candidates.as_slice() {
            [only] if only.regime.is_some() => None,
            entries => entries.iter().min_by_key(|entry| (Reverse(strictness(entry.version_on(date))), &entry.id)).copied(),
        };
        CountryRegimes { applies, candidates }
    }
}

fn strictness(version: Option<&RuleVersion>) -> (u8, u8, u8, usize) {
    let Some(rule) = version else { return (status_rank(TravelRuleStatus::Unknown), 0, 0, 0) };
    let diligence = match rule.counterparty_due_diligence.required {
        DueDiligenceDuty::Required => 4,
        DueDiligenceDuty::RiskBased => 3,
        DueDiligenceDuty::EnhancedForCorrespondent => 2,
        DueDiligenceDuty::Unspecified => 1,
        DueDiligenceDuty::None => 0,
    };
    let above = rule.data.as_ref().and_then(|data| data.natural_person.cross_border.above.as_ref());
    let fields = above.map_or(0, |set| set.required.len() + set.one_of.len());
    (status_rank(rule.travel_rule), threshold_rank(rule), diligence, fields)
}

fn status_rank(status: TravelRuleStatus) -> u8 {
    match status {
        TravelRuleStatus::Banned => 6,
        TravelRuleStatus::InForce => 5,
        TravelRuleStatus::Grace => 4,
        TravelRuleStatus::AdoptedNotInForce => 3,
        TravelRuleStatus::Proposed => 2,
        TravelRuleStatus::Unknown => 1,
        TravelRuleStatus::None => 0,
    }
}

fn threshold_rank(rule: &RuleVersion) -> u8 {
    let deciding = rule.threshold.deciding(Flow::CrossBorder, PersonType::Natural);
    match (rule.threshold.kind, deciding.map(|entry| entry.purpose)) {
        (ThresholdKind::Zero, _) | (ThresholdKind::Amount, None) => 3,
        (ThresholdKind::Amount, Some(ThresholdPurpose::Obligation)) => 1,
        (ThresholdKind::Amount, Some(_)) => 2,
        (ThresholdKind::Unspecified | ThresholdKind::NotApplicable, _) => 0,
    }
}
