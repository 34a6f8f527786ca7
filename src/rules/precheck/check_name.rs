//! The thirteen checks of a pre-check and the outcomes that they can have.

use vasp_words::closed_list::closed_list;

closed_list! {
    /// One test of a pre-check; `transfer` is none of the thirteen.
    ///
    /// Source: wire contract, `POST /v1/prechecks`, "Checks, always all and in this order".
    pub enum CheckName {
        /// Who owns the destination.
        Attribution = "attribution",
        /// Whether the legal entity is known and in good standing here.
        Identity = "identity",
        /// Whether an authority allows it to hold or move crypto-assets.
        Licence = "licence",
        /// What GLEIF says of its LEI.
        Lei = "lei",
        /// Its country by FATF, the EU, the rulebook and the policy.
        Jurisdiction = "jurisdiction",
        /// Addresses and names on screening lists.
        Sanctions = "sanctions",
        /// Whether it is present where it is licensed.
        ShellVasp = "shell_vasp",
        /// Its certificates.
        Certificate = "certificate",
        /// A Travel Rule protocol that both sides speak.
        Protocol = "protocol",
        /// Whether it can protect personal data.
        DataProtection = "data_protection",
        /// FATF R.16 due diligence.
        TravelRuleDueDiligence = "travel_rule_due_diligence",
        /// FATF R.13 due diligence.
        CorrespondentDueDiligence = "correspondent_due_diligence",
        /// Age of the sources the other checks used.
        Freshness = "freshness",
        /// The transfer itself. No check of its own: reasons and notes name it.
        Transfer = "transfer",
    }

    /// What a check came to, worst first.
    pub enum CheckOutcome {
        /// Something stands against the transfer.
        Fail = "fail",
        /// The facts are missing; never a pass.
        Unknown = "unknown",
        /// Something a person should know.
        Warn = "warn",
        /// Nothing stands against it.
        Pass = "pass",
        /// The check has no object here.
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
