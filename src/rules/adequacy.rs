//! The countries whose law protects personal data from the European Economic Area as well as the law there: dated data with its
//! sources (`seed/adequacy.json`). It does not say whether a firm follows that law. Caller: the check `data_protection`.
//!
//! Source: Regulation (EU) 2016/679 (GDPR) Art. 44 and 45; the Commission's decisions that the file names.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use vasp_words::country::Country;
use vasp_words::time::Date;

use super::rulebook::read_json;
use super::sanctions_by_law::Basis;

/// The Commission's decisions.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Adequacy {
    /// The day up to which the file followed changes.
    pub known_through: Option<Date>,
    decisions: Vec<AdequacyDecision>,
}

/// A decision about one country.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdequacyDecision {
    country: Country,
    /// The decision's number, or its date if the number was not read.
    pub decision: String,
    from: Date,
    /// The last day on which the decision is valid; `None` if no end is set.
    pub to: Option<Date>,
    covers: String,
    basis: Basis,
    read: Option<Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "schema_version")]
    _schema_version: String,
    generated_on: Date,
    #[serde(rename = "about")]
    _about: String,
    decisions: Vec<AdequacyDecision>,
    left_out: BTreeMap<Country, String>,
}

impl AdequacyDecision {
    fn holds_on(&self, date: Date) -> bool {
        self.from <= date && self.to.is_none_or(|to| date <= to)
    }

    fn fault(&self, others: &[Self], left_out: &BTreeMap<Country, String>) -> Option<String> {
        let Self { country, decision, basis, .. } = self;
        let same_day = |other: &&Self| other.country == *country && (other.holds_on(self.from) || self.holds_on(other.from));
        if self.to.is_some_and(|to| to < self.from) {
            Some(format!("{decision} ends before it begins"))
        } else if self.covers.is_empty() || self.read.is_some() == (*basis == Basis::GeneralKnowledge) {
            Some(format!("the source of {decision} is incomplete: it needs `covers`, and `read` exactly if the text was read"))
        } else if country.is_eea() || left_out.contains_key(country) {
            Some(format!("{country} must have no decision: it needs none, or `left_out` names it"))
        } else {
            others.iter().find(same_day).map(|other| format!("{decision} and {} are in force on the same day", other.decision))
        }
    }
}

impl Adequacy {
    /// Reads and checks the file.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let file: File = read_json(text).map_err(|(path, reason)| format!("{path}: {reason}"))?;
        let fault = |(place, one): (usize, &AdequacyDecision)| {
            one.fault(file.decisions.get(place.saturating_add(1)..).unwrap_or_default(), &file.left_out)
        };
        match file.decisions.iter().enumerate().find_map(fault) {
            Some(fault) => Err(fault),
            None => Ok(Self { known_through: Some(file.generated_on), decisions: file.decisions }),
        }
    }

    /// Returns the data compiled into the program.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Adequacy> = LazyLock::new(|| {
            // A test reads this file, so an unreadable file is never released.
            Adequacy::from_json(include_str!("data/adequacy.json")).unwrap_or_default()
        });
        &EMBEDDED
    }

    /// Returns the decision about a country that is valid on both days. If two decisions follow each other, the later one is returned.
    #[must_use]
    pub fn decision(&self, country: Country, days: [Date; 2]) -> Option<&AdequacyDecision> {
        let on = |day: Date| self.decisions.iter().find(|one| one.country == country && one.holds_on(day));
        let [first, last] = days;
        // One decision may follow another without a gap.
        on(first).and(on(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = include_str!("data/adequacy.json");

    fn adequate(country: &str, day: &str) -> bool {
        let day: Date = day.parse().unwrap();
        Adequacy::from_json(TEXT).unwrap().decision(country.parse().unwrap(), [day, day]).is_some()
    }

    /// Source: the Commission's list of adequacy decisions; the first UK decision ended on 27 December 2025 and was renewed.
    #[test]
    fn a_decision_holds_from_its_first_day_through_its_last() {
        assert_eq!(&Adequacy::from_json(TEXT).unwrap(), Adequacy::embedded());
        for country in ["AD", "AR", "CA", "CH", "FO", "GB", "GG", "IL", "IM", "JE", "JP", "NZ", "UY", "BR"] {
            assert!(adequate(country, "2026-06-01"), "{country}");
        }
        for country in ["US", "KR", "SG", "HK", "AE", "IN"] {
            assert!(!adequate(country, "2026-06-01"), "{country}");
        }
        assert!(adequate("GB", "2025-12-27") && adequate("GB", "2025-12-28") && adequate("GB", "2031-12-27"));
        assert!(!adequate("GB", "2021-06-27") && !adequate("GB", "2031-12-28"));
        assert!(!adequate("BR", "2026-01-26"), "not before it was published");
    }

    #[test]
    fn a_file_that_contradicts_itself_is_refused() {
        let refused = |from: &str, to: &str| {
            assert!(TEXT.contains(from), "{from}");
            Adequacy::from_json(&TEXT.replacen(from, to, 1)).unwrap_err()
        };

        assert!(refused("\"from\": \"2025-12-28\"", "\"from\": \"2025-12-27\"").contains("same day"));
        assert!(refused("\"to\": \"2031-12-27\"", "\"to\": \"2025-12-01\"").contains("ends before"));
        assert!(refused("\"country\": \"BR\"", "\"country\": \"US\"").contains("`left_out`"));
        assert!(refused("\"country\": \"BR\"", "\"country\": \"FR\"").contains("must have no decision"));
        assert!(refused("\"basis\": \"general_knowledge\"", "\"basis\": \"document\"").contains("incomplete"));
        assert!(refused("\"covers\": \"Brazil\"", "\"cover\": \"Brazil\"").contains("cover"));
    }
}
