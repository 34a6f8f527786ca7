//! The part of a policy about screening lists: the lists that bind in addition to those that bind by law (`sanctions_by_law`), the maximum
//! age of a binding list, and the name scores from which a match counts. The check `sanctions` applies it.

use crate::rulebook::JurisdictionId;
use crate::screening::Score;
use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;
use vasp_words::country::Country;

/// The states whose regime a line is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RegimeOf {
    /// The states of a group.
    Group(StateGroup),
    /// A country, or one regime of it.
    Jurisdiction(JurisdictionId),
}

closed_list! {
    /// States that the same lists bind.
    pub enum StateGroup {
        /// Members of the EU, and Iceland, Liechtenstein and Norway.
        Eea = "EEA",
    }
}

/// Lists that bind everybody under a regime, in addition to the lists that bind by law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BindingLists {
    /// The regimes that these lists bind.
    pub of: Vec<RegimeOf>,
    /// Ids of the lists. If any of them is missing, no result is clear.
    pub binding: Vec<String>,
    /// The reason, for the reader.
    pub why: String,
}

/// The name scores from which a match counts, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameScores {
    /// From this score on it is a match, until people decide otherwise.
    pub sure: Score,
    /// From this score on a person has to look.
    pub possible: Score,
}

closed_list! {
    /// Where an address on a list counts as listed.
    pub enum AddressesBind {
        /// Under every regime, whichever list it is on.
        Everywhere = "everywhere",
        /// Under the regimes that its list binds.
        WhereTheListBinds = "where_the_list_binds",
    }
}

/// The part of a policy about screening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScreeningPolicy {
    /// The lists that bind under certain regimes, in addition to those that bind by law.
    #[serde(default)]
    pub regimes: Vec<BindingLists>,
    /// Where an address on a list counts as listed.
    pub addresses_bind: AddressesBind,
    /// Above this age in days, a binding list says nothing any more; null for no limit. The check `freshness` also judges the age of the
    /// list.
    pub unknown_after_days: Option<u16>,
    /// The name scores from which a match counts.
    pub name_score: NameScores,
    /// The reason, for the reader.
    pub why: String,
}

/// The reason why the part about screening is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScreeningPolicyError {
    /// The thresholds are in the wrong order.
    #[error("name_score: possible ({possible}) must be from 80 to sure ({sure}), and sure must be at most 100")]
    Scores {
        /// The threshold `sure`.
        sure: Score,
        /// The threshold `possible`.
        possible: Score,
    },
    /// A regime occurs in two lines.
    #[error("a regime is listed twice: {0}")]
    Repeated(String),
    /// A line names no list, so it would bind nobody and everything would be clear.
    #[error("a regime needs at least one binding list")]
    NoList,
    /// The text is not the id of a list.
    #[error("`{0}` is not the id of a screening list")]
    List(String),
}

impl RegimeOf {
    fn covers(&self, country: Country, jurisdiction: &JurisdictionId) -> bool {
        match self {
            Self::Group(StateGroup::Eea) => country.is_eea(),
            Self::Jurisdiction(id) => id == jurisdiction || id.as_str() == country.as_str(),
        }
    }
}

impl ScreeningPolicy {
    /// Returns each point in which this part is looser than another, as a sentence. It does not compare the lines of the table: any
    /// different table needs two people.
    #[must_use]
    pub(super) fn looser_than(&self, other: &Self) -> Vec<String> {
        // This names every member, so that nobody forgets a new member.
        let Self { regimes, addresses_bind, unknown_after_days, name_score, why: _ } = self;
        let never = |days: Option<u16>| days.map_or(u32::MAX, u32::from);
        let table = (regimes, addresses_bind) != (&other.regimes, &other.addresses_bind);
        let older = never(*unknown_after_days) > never(other.unknown_after_days);
        let higher = name_score.sure > other.name_score.sure || name_score.possible > other.name_score.possible;
        let found = [
            (table, "screening: other lists are binding, which always counts as looser"),
            (older, "screening: a binding list may be older"),
            (higher, "screening: names must be more similar to give a match"),
        ];
        found.into_iter().filter(|(looser, _)| *looser).map(|(_, words)| words.to_owned()).collect()
    }

    /// Returns the lists that the policy adds for organisations under a regime in a country. The line of the regime itself comes first,
    /// then that of the country, then that of its group.
    #[must_use]
    pub fn added(&self, country: Country, jurisdiction: &JurisdictionId) -> &[String] {
        let exact =
            |line: &&BindingLists| line.of.iter().any(|of| matches!(of, RegimeOf::Jurisdiction(id) if id == jurisdiction));
        let covering = |line: &&BindingLists| line.of.iter().any(|of| of.covers(country, jurisdiction));
        let line = self.regimes.iter().find(exact).or_else(|| self.regimes.iter().find(covering));
        line.map_or(&[], |line| line.binding.as_slice())
    }

    /// Tells whether a line names a list, for any regime.
    #[must_use]
    pub fn names(&self, list: &str) -> bool {
        self.regimes.iter().any(|line| line.binding.iter().any(|id| id == list))
    }

    /// Returns the shipped part, for policies that are older than this part.
    pub(super) fn shipped() -> Self {
        #[derive(Deserialize)]
        struct Shipped {
            screening: ScreeningPolicy,
        }
        // A person looks at every resemblance.
        let bare = || Self {
            regimes: vec![],
            addresses_bind: AddressesBind::Everywhere,
            unknown_after_days: None,
            name_score: NameScores { sure: 95, possible: 80 },
            why: String::new(),
        };
        // A test reads the shipped file.
        serde_json::from_str::<Shipped>(include_str!("../data/policy.json")).map_or_else(|_| bare(), |file| file.screening)
    }

    /// Checks what the form alone does not show.
    pub(super) fn check(&self) -> Result<(), ScreeningPolicyError> {
        let NameScores { sure, possible } = self.name_score;
        if possible < 80 || possible > sure || sure > 100 {
            return Err(ScreeningPolicyError::Scores { sure, possible });
        }
        if self.regimes.iter().any(|line| line.binding.is_empty() || line.of.is_empty()) {
            return Err(ScreeningPolicyError::NoList);
        }
        let mut seen: Vec<&RegimeOf> = vec![];
        for of in self.regimes.iter().flat_map(|line| &line.of) {
            if seen.contains(&of) {
                return Err(ScreeningPolicyError::Repeated(format!("{of:?}")));
            }
            seen.push(of);
        }
        let plain = |id: &&String| {
            (1..=64).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        };
        let mut ids = self.regimes.iter().flat_map(|line| &line.binding);
        ids.find(|id| !plain(id)).map_or(Ok(()), |id| Err(ScreeningPolicyError::List(id.chars().take(64).collect())))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Policy;
    use super::*;

    const LINES: &str = r#""regimes": [
        {"of": ["US-NY"], "binding": ["OWN"], "why": "x"}, {"of": ["US", "EEA"], "binding": ["OTHER"], "why": "x"}]"#;

    fn with_lines(lines: &str) -> Result<Policy, super::super::PolicyError> {
        let text = include_str!("../../../seed/policy.json");
        assert!(text.contains("\"regimes\": []"));
        Policy::from_json(&text.replacen("\"regimes\": []", lines, 1))
    }

    #[test]
    fn a_line_of_the_very_regime_comes_before_one_of_its_country() {
        let policy = with_lines(LINES).unwrap();
        let added = |id: &str| {
            let id: JurisdictionId = id.parse().unwrap();
            policy.screening().added(id.country().unwrap(), &id).to_vec()
        };

        assert_eq!(
            (added("US-NY"), added("US"), added("NO")),
            (vec!["OWN".to_owned()], vec!["OTHER".into()], vec!["OTHER".into()])
        );
        assert_eq!(added("SG"), Vec::<String>::new());
        assert!(policy.screening().names("OWN") && !policy.screening().names("SG-TSOFA"));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let refused = |from: &str, to: &str| {
            let text = include_str!("../../../seed/policy.json");
            assert!(text.contains(from), "{from}");
            Policy::from_json(&text.replacen(from, to, 1)).unwrap_err().to_string()
        };

        assert!(refused("\"possible\": 85", "\"possible\": 97").contains("possible (97)"));
        assert!(refused("\"possible\": 85", "\"possible\": 60").contains("from 80"));
        let lines = |from: &str, to: &str| with_lines(&LINES.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(lines("\"US-NY\"", "\"US\"").contains("listed twice"));
        assert!(lines("[\"OWN\"]", "[]").contains("at least one"));
        assert!(lines("[\"OWN\"]", "[\"a b\"]").contains("`a b`"));
    }

    #[test]
    fn a_policy_of_before_screening_still_reads_and_is_as_strict() {
        let text = include_str!("../../../seed/policy.json");
        let (head, rest) = text.split_once("  \"screening\": {").unwrap();
        let old = format!("{head}{}", rest.split_once("\n  },\n").unwrap().1);

        assert_eq!(Policy::from_json(&old).unwrap().screening(), Policy::embedded().unwrap().screening());
    }
}
