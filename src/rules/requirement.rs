//! What regulators require to know about the counterparty before the first transfer: the 26 lines, their sources, the level at which each
//! answer is held, and what answers it. Questionnaire items name these lines; `docs/due-diligence.md` shows the whole table.

use std::fmt;

use super::precheck::CheckName;
use vasp_words::closed_list::{ClosedList, closed_list};

closed_list! {
    /// The level at which the answer to a line is held.
    pub enum Held {
        /// Computed from dated public evidence.
        A = "A",
        /// Answered once by the VASP, and backed by evidence.
        B = "B",
        /// Decided by the asking organisation for itself.
        C = "C",
        /// Partly computed, partly answered by the VASP.
        AB = "A/B",
        /// Answered by the VASP, and measured by the registry.
        BMeasured = "B, measured",
        /// Decided by the asking organisation, and measured by the registry.
        CMeasured = "C, measured",
        /// Measured by the registry.
        Measured = "measured",
    }
}

/// What answers a line, in addition to questionnaire items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// A check of a pre-check.
    Check(CheckName),
    /// A member of the asking organisation's own relationship.
    Relationship(&'static str),
    /// The results of the registry's probes.
    Probes,
}

use Answer::{Check, Probes, Relationship};
use CheckName as N;

closed_list! {
    /// One line of the regulators' requirements.
    pub enum Requirement with (Held, &'static str, &'static [Answer]) {
        /// Find out whether a VASP hosts the address or it is self-hosted
        Cp01 = "CP-01" => (Held::A, "FATF 2021 §197a; SFC 12.13.5(a)", &[Check(N::Attribution)]),
        /// Identify the VASP from a reliable database or a list of licensed providers
        Cp02 = "CP-02" => (Held::A, "FATF §197b, 198, 289; SFC 12.13.5(b)", &[Check(N::Identity)]),
        /// Decide whether the VASP may receive customer data and whether to deal with it
        Cp03 = "CP-03" => (Held::C, "FATF §197c; SFC 12.13.5(c)", &[Relationship("tracks.*.decision"), Check(N::TravelRuleDueDiligence)]),
        /// Complete due diligence before data or assets are sent
        Cp04 = "CP-04" => (Held::C, "FATF §196, 292; SFC 12.13.3; VARA III.G", &[Relationship("tracks.*.decision"), Check(N::TravelRuleDueDiligence), Check(N::CorrespondentDueDiligence)]),
        /// Verify the legal entity with independent sources
        Cp05 = "CP-05" => (Held::A, "FATF §289; SFC fn 159", &[Check(N::Identity), Check(N::Lei)]),
        /// Ownership and control, up to the beneficial owners
        Cp06 = "CP-06" => (Held::B, "FATF §289; SFC fn 159", &[]),
        /// Nature of business: products, customers, geographies, volumes
        Cp07 = "CP-07" => (Held::B, "FATF §166a; SFC 12.13.1, 12.13.6; AMLD 19b(b)", &[]),
        /// Licensed or registered where it operates and where it is incorporated
        Cp08 = "CP-08" => (Held::A, "AMLD 19b(a); AMLR 37(1)(a); SFC 12.13.9(b)", &[Check(N::Licence)]),
        /// Reputation, quality of supervision, past actions
        Cp09 = "CP-09" => (Held::B, "FATF §166b, 290; SFC 12.13.6(c); AMLD 19b(b)", &[]),
        /// AML/CFT controls are adequate and independently audited
        Cp10 = "CP-10" => (Held::B, "FATF §166c, 291; SFC 12.13.6(d); AMLD 19b(c)", &[]),
        /// Not sanctioned and not illicit
        Cp11 = "CP-11" => (Held::A, "FATF §196, 291; SFC 12.13.2, 12.13.9(e)", &[Check(N::Sanctions)]),
        /// The jurisdiction's regime: is the Travel Rule in force; a weak regime raises the risk
        Cp12 = "CP-12" => (Held::A, "FATF §199–201, 287; SFC 12.13.8(a), 12.13.9(a)", &[Check(N::Jurisdiction)]),
        /// The VASP's own Travel Rule capability
        Cp13 = "CP-13" => (Held::BMeasured, "SFC 12.13.8(b); FATF §200, 283a", &[Check(N::Protocol), Probes]),
        /// Can protect personal data; otherwise it gets no data (or the law's alternative procedure applies)
        Cp14 = "CP-14" => (Held::B, "FATF §196, 291; SFC 12.11.12, 12.13.8", &[Check(N::DataProtection)]),
        /// Not a shell VASP (licensed in a country where it has no physical presence, and in no supervised group)
        Cp15 = "CP-15" => (Held::AB, "SFC 12.6.6–7, 12.13.13", &[Check(N::ShellVasp)]),
        /// Senior management approval
        Cp16 = "CP-16" => (Held::C, "SFC 12.13.6(e); AMLD 19b(d); FATF §166d", &[Relationship("approvals")]),
        /// The responsibilities of each side are documented
        Cp17 = "CP-17" => (Held::C, "AMLD 19b(e); SFC 12.11.12(b)(i)", &[Relationship("agreement")]),
        /// Nested and payable-through use: the respondent does customer due diligence and gives data on request
        Cp18 = "CP-18" => (Held::B, "FATF §166e; AMLD 19b(f); SFC 12.6.6", &[]),
        /// Anonymity-enhanced assets and non-resident customers
        Cp19 = "CP-19" => (Held::B, "SFC 12.6.3; EBA/GL/2024/01", &[]),
        /// Assessed for each entity, and for the group as a whole
        Cp20 = "CP-20" => (Held::B, "SFC 12.13.3", &[]),
        /// Reviewed regularly and after an event (suspicion, adverse news, penalty, sanctions, probe)
        Cp21 = "CP-21" => (Held::C, "FATF §196, 292; SFC 12.13.4, 12.13.10; AMLD 19b", &[Relationship("review_due"), Check(N::TravelRuleDueDiligence), Check(N::CorrespondentDueDiligence)]),
        /// Mitigation: enhanced due diligence, review, limits, first-party transfers only, restriction, refusal
        Cp22 = "CP-22" => (Held::C, "FATF §201, 287; SFC 12.13.11–12", &[Relationship("conditions"), Relationship("limits")]),
        /// Terminations for AML reasons are recorded
        Cp23 = "CP-23" => (Held::C, "AMLD 19b; AMLR 37", &[Relationship("terminated_for_aml")]),
        /// EU: no transfer before the data duties are met; counterparties that fail repeatedly are tracked, warned, limited, cut off and reported
        Cp24 = "CP-24" => (Held::CMeasured, "TFR 14(8), 17(2)", &[Relationship("repeated_failures")]),
        /// Interoperability and reach of the messaging protocol
        Cp25 = "CP-25" => (Held::Measured, "SFC 12.12.3; EBA/GL/2024/11", &[Check(N::Protocol), Probes]),
        /// Not on the EU list of non-compliant providers
        Cp26 = "CP-26" => (Held::A, "MiCA 110", &[Check(N::Licence)]),
    }
}

impl Requirement {
    /// Returns the text of the requirement.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.documentation()
    }

    /// Returns the sources of the requirement.
    #[must_use]
    pub fn sources(self) -> &'static str {
        self.with().1
    }

    /// Returns the level at which the answer is held.
    #[must_use]
    pub fn held(self) -> Held {
        self.with().0
    }

    /// Returns what answers the line, in addition to questionnaire items.
    #[must_use]
    pub fn answers(self) -> &'static [Answer] {
        self.with().2
    }
}

impl Held {
    /// Returns whether the VASP answers the line, in whole or in part.
    #[must_use]
    pub fn is_answered(self) -> bool {
        matches!(self, Self::B | Self::AB | Self::BMeasured)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Check(name) => write!(f, "check `{name}`"),
            Self::Relationship(member) => write!(f, "relationship `{member}`"),
            Self::Probes => f.write_str("probes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::questionnaire::Questionnaire;
    use super::*;
    use std::collections::BTreeSet;

    /// Source: docs/project/requirements.md, CP-01 to CP-26. Every line has an answer, and every line that the VASP answers has an item.
    #[test]
    fn every_line_is_answered_and_no_item_is_without_a_line() {
        let questionnaire = Questionnaire::embedded().unwrap();
        let ids: Vec<&str> = Requirement::ALL.iter().map(|line| line.as_str()).collect();
        let expected: Vec<String> = (1..=26).map(|number| format!("CP-{number:02}")).collect();
        assert_eq!(ids, expected);

        for line in Requirement::ALL {
            let items = questionnaire.items().filter(|item| item.requirements.contains(&line)).count();
            assert!(items > 0 || !line.answers().is_empty(), "nothing answers {line}");
            assert_eq!(items > 0, line.held().is_answered(), "{line} is held at level {}", line.held().as_str());
            let distinct: BTreeSet<String> = line.answers().iter().map(ToString::to_string).collect();
            assert_eq!(distinct.len(), line.answers().len(), "{line} names an answer twice");
            assert_eq!(line.as_str().parse(), Ok(line));
        }
        assert!(questionnaire.items().all(|item| !item.requirements.is_empty()));
    }

    /// The page shows exactly this table.
    #[test]
    fn the_page_has_a_row_for_each_line() {
        let page = include_str!("../../docs/due-diligence.md");
        let questionnaire = Questionnaire::embedded().unwrap();
        for line in Requirement::ALL {
            let items =
                questionnaire.items().filter(|item| item.requirements.contains(&line)).map(|item| format!("`{}`", item.id));
            let answers: Vec<String> = line.answers().iter().map(ToString::to_string).chain(items).collect();
            let row = format!("| {line} | {} | {} | {} |", line.text(), line.held().as_str(), answers.join(", "));
            assert_eq!(page.matches(&row).count(), 1, "docs/due-diligence.md must have the row\n{row}");
            assert_eq!(page.matches(&format!("\n| {line} |")).count(), 1, "{line} stands twice");
        }
    }

    #[test]
    fn other_words_are_refused() {
        for text in ["", "CP-00", "CP-27", "cp-01", "CP-1"] {
            assert!(text.parse::<Requirement>().is_err(), "{text}");
        }
    }
}
