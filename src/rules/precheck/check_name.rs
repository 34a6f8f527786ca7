//! The thirteen checks of a pre-check and their possible outcomes.

use vasp_words::closed_list::closed_list;

closed_list! {
    /// One test of a pre-check. `transfer` is not one of the thirteen checks.
    ///
    /// Source: docs/reasons.md, whose sections have the same order.
    pub enum CheckName {
        /// Who owns the destination.
        Attribution = "attribution",
        /// Whether the legal entity is known and in good standing here.
        Identity = "identity",
        /// Whether an authority allows it to hold or move crypto-assets.
        Licence = "licence",
        /// What GLEIF says of its LEI.
        Lei = "lei",
        /// Its country as seen by FATF, the EU, the rulebook and the policy.
        Jurisdiction = "jurisdiction",
        /// Whether its addresses and names are on screening lists.
        Sanctions = "sanctions",
        /// Whether it is present where it is licensed.
        ShellVasp = "shell_vasp",
        /// Whether its certificates are valid.
        Certificate = "certificate",
        /// Whether both sides speak a Travel Rule protocol in common.
        Protocol = "protocol",
        /// Whether it can protect personal data.
        DataProtection = "data_protection",
        /// FATF R.16 due diligence.
        TravelRuleDueDiligence = "travel_rule_due_diligence",
        /// FATF R.13 due diligence.
        CorrespondentDueDiligence = "correspondent_due_diligence",
        /// Age of the sources that the other checks used.
        Freshness = "freshness",
        /// The transfer itself. It is no check of its own, but reasons and notes name it.
        Transfer = "transfer",
    }

    /// The outcome of a check, worst first.
    pub enum CheckOutcome {
        /// Something speaks against the transfer.
        Fail = "fail",
        /// Facts are missing; this is never a pass.
        Unknown = "unknown",
        /// A person should know something.
        Warn = "warn",
        /// Nothing speaks against the transfer.
        Pass = "pass",
        /// The check does not apply here.
        NotApplicable = "not_applicable",
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
             data_protection, travel_rule_due_diligence, correspondent_due_diligence, freshness, transfer"
        );
    }

    #[test]
    fn outcomes_stand_worst_first() {
        assert!(CheckOutcome::Fail < CheckOutcome::Unknown && CheckOutcome::Unknown < CheckOutcome::Warn);
        assert!(CheckOutcome::Warn < CheckOutcome::Pass && CheckOutcome::Pass < CheckOutcome::NotApplicable);
    }
}
