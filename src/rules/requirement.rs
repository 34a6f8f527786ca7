//! What regulators ask about the counterparty before the first transfer: the 26 lines, their sources, at which level the answer is
//! held, and what answers them. Questionnaire items name these lines; `docs/due-diligence.md` shows the whole table.

use std::fmt;
use std::str::FromStr;

use super::precheck::CheckName;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_words::time::serde_as_text;

/// The text names no line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no requirement: they are CP-01 to CP-26")]
pub struct RequirementError(String);

/// At which level the answer to a line is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Held {
    /// Computed from dated public evidence.
    A,
    /// Backed by evidence, answered once by the VASP.
    B,
    /// Decided by the asking organisation, for itself.
    C,
    /// Part of it computed, part answered.
    AB,
    /// Answered, and measured by the registry.
    BMeasured,
    /// Decided by the asking organisation, and measured by the registry.
    CMeasured,
    /// Measured by the registry.
    Measured,
}

/// What, beside questionnaire items, answers a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// A check of a pre-check.
    Check(CheckName),
    /// A member of the asking organisation's own relationship.
    Relationship(&'static str),
    /// What the probes of the registry saw.
    Probes,
}

macro_rules! requirements {
    ($($name:ident = $id:literal, $held:ident, $text:literal, $sources:literal, [$($answer:expr),*];)*) => {
        /// One line of what regulators ask.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Requirement { $(#[doc = $text] $name,)* }

        impl Requirement {
            /// Every line, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Returns the stable id.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// Returns what is asked.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Returns where it is asked.
            #[must_use]
            pub fn sources(self) -> &'static str {
                match self { $(Self::$name => $sources,)* }
            }

            /// Returns at which level the answer is held.
            #[must_use]
            pub fn held(self) -> Held {
                match self { $(Self::$name => Held::$held,)* }
            }

            /// Returns what, beside questionnaire items, answers it.
            #[must_use]
            pub fn answers(self) -> &'static [Answer] {
                match self { $(Self::$name => &[$($answer),*],)* }
            }
        }
    };
}

use Answer::{Check, Probes, Relationship};
use CheckName as N;

requirements! {
    Cp01 = "CP-01", A, "Is the address hosted by a VASP or self-hosted", "FATF 2021 §197a; SFC 12.13.5(a)", [Check(N::Attribution)];
    Cp02 = "CP-02", A, "Identify the VASP from a reliable database or licensed lists", "FATF §197b, 198, 289; SFC 12.13.5(b)", [Check(N::Identity)];
    Cp03 = "CP-03", C, "Eligible to receive customer data and to be dealt with", "FATF §197c; SFC 12.13.5(c)", [Relationship("tracks.*.decision"), Check(N::TravelRuleDueDiligence)];
    Cp04 = "CP-04", C, "Due diligence complete before data or assets go", "FATF §196, 292; SFC 12.13.3; VARA III.G", [Relationship("tracks.*.decision"), Check(N::TravelRuleDueDiligence), Check(N::CorrespondentDueDiligence)];
    Cp05 = "CP-05", A, "Verify the legal entity from independent sources", "FATF §289; SFC fn 159", [Check(N::Identity), Check(N::Lei)];
    Cp06 = "CP-06", B, "Ownership and control to the beneficial owners", "FATF §289; SFC fn 159", [];
    Cp07 = "CP-07", B, "Nature of business: products, customers, geographies, volumes", "FATF §166a; SFC 12.13.1, 12.13.6; AMLD 19b(b)", [];
    Cp08 = "CP-08", A, "Licensed or registered where it operates and where incorporated", "AMLD 19b(a); AMLR 37(1)(a); SFC 12.13.9(b)", [Check(N::Licence)];
    Cp09 = "CP-09", B, "Reputation, quality of supervision, past actions", "FATF §166b, 290; SFC 12.13.6(c); AMLD 19b(b)", [];
    Cp10 = "CP-10", B, "AML/CFT controls adequate, independently audited", "FATF §166c, 291; SFC 12.13.6(d); AMLD 19b(c)", [];
    Cp11 = "CP-11", A, "Not sanctioned, not illicit", "FATF §196, 291; SFC 12.13.2, 12.13.9(e)", [Check(N::Sanctions)];
    Cp12 = "CP-12", A, "Jurisdiction's regime, Travel Rule in force, weakness raises risk", "FATF §199–201, 287; SFC 12.13.8(a), 12.13.9(a)", [Check(N::Jurisdiction)];
    Cp13 = "CP-13", BMeasured, "The VASP's own Travel Rule capability", "SFC 12.13.8(b); FATF §200, 283a", [Check(N::Protocol), Probes];
    Cp14 = "CP-14", B, "Can protect personal data; otherwise no data (or the alternative procedure where law allows)", "FATF §196, 291; SFC 12.11.12, 12.13.8", [Check(N::DataProtection)];
    Cp15 = "CP-15", AB, "Not a shell VASP (licensed abroad, no physical presence there, no supervised group)", "SFC 12.6.6–7, 12.13.13", [Check(N::ShellVasp)];
    Cp16 = "CP-16", C, "Senior management approval", "SFC 12.13.6(e); AMLD 19b(d); FATF §166d", [Relationship("approvals")];
    Cp17 = "CP-17", C, "Responsibilities of each side documented", "AMLD 19b(e); SFC 12.11.12(b)(i)", [Relationship("agreement")];
    Cp18 = "CP-18", B, "Nested and payable-through use: customer due diligence done by the respondent, data on request", "FATF §166e; AMLD 19b(f); SFC 12.6.6", [];
    Cp19 = "CP-19", B, "Anonymity-enhanced assets, non-resident customers", "SFC 12.6.3; EBA/GL/2024/01", [];
    Cp20 = "CP-20", B, "Assessed per entity, with a group view", "SFC 12.13.3", [];
    Cp21 = "CP-21", C, "Refreshed periodically and on triggers (suspicion, adverse news, penalty, sanctions, probe)", "FATF §196, 292; SFC 12.13.4, 12.13.10; AMLD 19b", [Relationship("review_due"), Check(N::TravelRuleDueDiligence), Check(N::CorrespondentDueDiligence)];
    Cp22 = "CP-22", C, "Mitigation: enhanced diligence, review, limits, first-party only, restrict, refuse", "FATF §201, 287; SFC 12.13.11–12", [Relationship("conditions"), Relationship("limits")];
    Cp23 = "CP-23", C, "Terminations for AML reasons recorded", "AMLD 19b; AMLR 37", [Relationship("termination_reason")];
    Cp24 = "CP-24", CMeasured, "EU: nothing executed before data duties are met; repeat offenders tracked, warned, limited, ended, reported", "TFR 14(8), 17(2)", [Relationship("repeated_failures")];
    Cp25 = "CP-25", Measured, "Interoperability and reach of the messaging protocol", "SFC 12.12.3; EBA/GL/2024/11", [Check(N::Protocol), Probes];
    Cp26 = "CP-26", A, "EU list of non-compliant providers", "MiCA 110", [Check(N::Licence)];
}

impl Held {
    /// Returns how the table writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::AB => "A/B",
            Self::BMeasured => "B, measured",
            Self::CMeasured => "C, measured",
            Self::Measured => "measured",
        }
    }

    /// Tells whether the VASP answers for it, wholly or in part.
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

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Requirement {
    type Err = RequirementError;
    fn from_str(text: &str) -> Result<Self, RequirementError> {
        let wrong = || RequirementError(text.chars().take(40).collect());
        Self::ALL.iter().copied().find(|line| line.as_str() == text).ok_or_else(wrong)
    }
}

serde_as_text!(Requirement);

#[cfg(test)]
mod tests {
    use super::super::questionnaire::Questionnaire;
    use super::*;
    use std::collections::BTreeSet;

    /// Source: requirements, CP-01 to CP-26: every line is asked somewhere, and what a VASP answers for has an item.
    #[test]
    fn every_line_is_answered_and_no_item_is_without_a_line() {
        let questionnaire = Questionnaire::embedded().unwrap();
        let ids: Vec<&str> = Requirement::ALL.iter().map(|line| line.as_str()).collect();
        let expected: Vec<String> = (1..=26).map(|number| format!("CP-{number:02}")).collect();
        assert_eq!(ids, expected);

        for line in Requirement::ALL {
            let items = questionnaire.items().filter(|item| item.requirements.contains(line)).count();
            assert!(items > 0 || !line.answers().is_empty(), "nothing answers {line}");
            assert_eq!(items > 0, line.held().is_answered(), "{line} is held at level {}", line.held().as_str());
            let distinct: BTreeSet<String> = line.answers().iter().map(ToString::to_string).collect();
            assert_eq!(distinct.len(), line.answers().len(), "{line} names an answer twice");
            assert_eq!(line.as_str().parse(), Ok(*line));
        }
        assert!(questionnaire.items().all(|item| !item.requirements.is_empty()));
    }

    /// The page shows this very table.
    #[test]
    fn the_page_has_a_row_for_each_line() {
        let page = include_str!("../../docs/due-diligence.md");
        let questionnaire = Questionnaire::embedded().unwrap();
        for line in Requirement::ALL {
            let items =
                questionnaire.items().filter(|item| item.requirements.contains(line)).map(|item| format!("`{}`", item.id));
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
