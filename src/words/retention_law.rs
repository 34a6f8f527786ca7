//! Which law says how long a record is kept: a version of the rulebook, or FATF's recommendation if the rulebook states no period.

use std::fmt;
use std::str::FromStr;

use crate::rule_names::{NameError, RuleVersionId};

/// The law that says how long a record is kept. Its text is `DE@2024-12-30`; of FATF's recommendation `FATF-R.11`, followed by the version
/// that states no period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetentionLaw {
    /// The version of the asker's rule that states the period.
    Rule(RuleVersionId),
    /// FATF Recommendation 11: at least five years. It has the version of the asker's rule that states no period, `None` if no version is on
    /// record.
    Fatf(Option<RuleVersionId>),
}

const FATF: &str = "FATF-R.11";

impl fmt::Display for RetentionLaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(version) => version.fmt(f),
            Self::Fatf(None) => f.write_str(FATF),
            Self::Fatf(Some(silent)) => write!(f, "{FATF} {silent}"),
        }
    }
}

impl FromStr for RetentionLaw {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        match text.strip_prefix(FATF) {
            Some("") => Ok(Self::Fatf(None)),
            Some(silent) if silent.starts_with(' ') => Ok(Self::Fatf(Some(silent.trim_start_matches(' ').parse()?))),
            _ => Ok(Self::Rule(text.parse()?)),
        }
    }
}

impl RetentionLaw {
    /// Returns the law in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Rule(version) => version.to_string(),
            Self::Fatf(Some(silent)) => format!("FATF Recommendation 11, because {silent} states no period"),
            Self::Fatf(None) => "FATF Recommendation 11, because no rule is on record".to_owned(),
        }
    }
}

crate::sql_as_text!(RetentionLaw);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_law_reads_back_as_it_is_written() {
        let version = |text: &str| text.parse::<RuleVersionId>().unwrap();
        for (law, text) in [
            (RetentionLaw::Rule(version("DE@2024-12-30")), "DE@2024-12-30"),
            (RetentionLaw::Fatf(Some(version("BR@2026-02-02"))), "FATF-R.11 BR@2026-02-02"),
            (RetentionLaw::Fatf(None), "FATF-R.11"),
            // A rule of that name is none of FATF's.
            (RetentionLaw::Rule(version("FATF-R.11@2012-02-01")), "FATF-R.11@2012-02-01"),
        ] {
            assert_eq!((law.to_string().as_str(), text.parse()), (text, Ok(law)));
        }
        for wrong in ["", "five years", "FATF-R.11 ", "FATF-R.11 x"] {
            assert!(wrong.parse::<RetentionLaw>().is_err(), "{wrong}");
        }
    }
}
