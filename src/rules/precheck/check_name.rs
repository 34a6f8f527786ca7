//! The thirteen checks of a pre-check and the outcomes that they can have.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One test of a pre-check, in the order in which answers list them.
///
/// Source: wire contract, `POST /v1/prechecks`, "Checks, always all and in this order".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckName {
    /// Who owns the destination.
    Attribution,
    /// Whether the legal entity is known and in good standing here.
    Identity,
    /// Whether an authority allows it to hold or move crypto-assets.
    Licence,
    /// What GLEIF says of its LEI.
    Lei,
    /// Its country by FATF, the EU, the rulebook and the policy.
    Jurisdiction,
    /// Addresses and names on screening lists.
    Sanctions,
    /// Whether it is present where it is licensed.
    ShellVasp,
    /// Its certificates.
    Certificate,
    /// A Travel Rule protocol that both sides speak.
    Protocol,
    /// Whether it can protect personal data.
    DataProtection,
    /// FATF R.16 due diligence.
    TravelRuleDueDiligence,
    /// FATF R.13 due diligence.
    CorrespondentDueDiligence,
    /// Age of the sources the other checks used.
    Freshness,
}

impl CheckName {
    /// Every check, in the order of answers.
    pub const ALL: [Self; 13] = [
        Self::Attribution,
        Self::Identity,
        Self::Licence,
        Self::Lei,
        Self::Jurisdiction,
        Self::Sanctions,
        Self::ShellVasp,
        Self::Certificate,
        Self::Protocol,
        Self::DataProtection,
        Self::TravelRuleDueDiligence,
        Self::CorrespondentDueDiligence,
        Self::Freshness,
    ];
}

/// What a check came to, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// Something stands against the transfer.
    Fail,
    /// The facts are missing; never a pass.
    Unknown,
    /// Something a person should know.
    Warn,
    /// Nothing stands against it.
    Pass,
    /// The check has no object here.
    NotApplicable,
}

impl fmt::Display for CheckName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl fmt::Display for CheckOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_in_the_order_of_the_contract() {
        let names = CheckName::ALL.map(|name| name.to_string()).join(", ");

        assert_eq!(
            names,
            "attribution, identity, licence, lei, jurisdiction, sanctions, shell_vasp, certificate, protocol, \
             data_protection, travel_rule_due_diligence, correspondent_due_diligence, freshness"
        );
    }

    #[test]
    fn outcomes_stand_worst_first() {
        assert!(CheckOutcome::Fail < CheckOutcome::Unknown && CheckOutcome::Unknown < CheckOutcome::Warn);
        assert!(CheckOutcome::Warn < CheckOutcome::Pass && CheckOutcome::Pass < CheckOutcome::NotApplicable);
    }
}
