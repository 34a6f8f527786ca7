//! A ban on transactions with providers of crypto-asset services, by the law of some jurisdictions: all that are established in a
//! country, or those that the law names. It is neither an embargo on the country nor a freeze of assets. Caller: `sanctions_by_law`,
//! which reads it from its file; the check `sanctions` judges by it. An authority's notice that it found providers to be non-compliant has the
//! same form; the check `licence` judges by it.

use std::sync::Arc;

use serde::Deserialize;
use vasp_words::country::Country;
use vasp_words::time::Date;

use super::lei_evidence::fold;
use super::remembered::Remembered;
use super::rulebook::JurisdictionId;
use super::sanctions_by_law::Source;

/// A ban on transactions with providers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderBan {
    of: Vec<JurisdictionId>,
    /// The authority that gave notice; `None` for a ban.
    #[serde(default)]
    pub authority: Option<String>,
    #[serde(default)]
    countries: Vec<Country>,
    #[serde(default)]
    names: Vec<String>,
    /// The same names, in the form that is compared.
    #[serde(skip)]
    folded: Vec<Option<Arc<str>>>,
    /// The first day.
    pub since: Date,
    /// The last day; `None` if the ban has no end yet.
    #[serde(default)]
    pub until: Option<Date>,
    sources: Vec<Source>,
    #[serde(rename = "note", default)]
    _note: Option<String>,
}

/// Words at the end of a provider's name that say what it is or where it works, not which one it is: `EXMO Exchange Ltd`, `ProBit Global`.
const DESCRIPTIVE: [&str; 14] = [
    "com",
    "crypto",
    "digital",
    "exchange",
    "global",
    "group",
    "holding",
    "holdings",
    "international",
    "io",
    "services",
    "technologies",
    "technology",
    "trading",
];

/// Returns what of a name is compared, and remembers it.
fn essence(name: &str) -> Option<Arc<str>> {
    static KNOWN: Remembered<Option<Arc<str>>> = Remembered::nothing();
    KNOWN.of(name, || without_descriptive(&fold(name)?))
}

/// Takes descriptive words from the end of a folded name. One word always stays.
fn without_descriptive(folded: &str) -> Option<Arc<str>> {
    let mut words: Vec<&str> = folded.split(' ').collect();
    while words.len() > 1 && words.last().is_some_and(|last| DESCRIPTIVE.contains(last)) {
        words.pop();
    }
    Some(words.join(" ").into())
}

/// Why a ban concerns a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BannedAs<'a> {
    /// It is established in this country.
    EstablishedIn(Country),
    /// The law names it.
    Named(&'a str),
}

impl ProviderBan {
    /// Returns the first law that the file names, with its clause but without the clause's content.
    #[must_use]
    pub fn source(&self) -> String {
        self.sources.first().map_or_else(String::new, Source::cited)
    }

    /// Returns the day on which its first source was read; `None` if it was written from general knowledge.
    #[must_use]
    pub fn read_on(&self) -> Option<Date> {
        self.sources.first().and_then(Source::read_on)
    }

    /// Returns whether the ban binds firms of a jurisdiction, or of its country, on a day.
    pub(super) fn binds(&self, jurisdiction: &JurisdictionId, own: Country, day: Date) -> bool {
        let of = |id: &JurisdictionId| id == jurisdiction || id.as_str() == own.as_str();
        self.since <= day && self.until.is_none_or(|last| day <= last) && self.of.iter().any(of)
    }

    /// Returns why the ban concerns a provider with these names and this country; `None` if it does not. Names are the same if only case,
    /// accents, punctuation, legal forms and words like `Exchange` at their end differ.
    #[must_use]
    pub fn concerns<'n>(&self, names: impl IntoIterator<Item = &'n str>, country: Option<Country>) -> Option<BannedAs<'_>> {
        if let Some(seat) = country.filter(|seat| self.countries.contains(seat)) {
            return Some(BannedAs::EstablishedIn(seat));
        }
        if self.names.is_empty() {
            return None;
        }
        let known: Vec<Option<Arc<str>>> = names.into_iter().map(essence).filter(Option::is_some).collect();
        let mut named = self.names.iter().zip(&self.folded).filter(|(_, folded)| known.contains(folded));
        named.next().map(|(name, _)| BannedAs::Named(name))
    }

    /// Returns the ban as it is read from the file, ready for comparisons.
    pub(super) fn checked(mut self) -> Result<Self, String> {
        self.folded = self.names.iter().map(|name| essence(name)).collect();
        self.check().map(|()| self)
    }

    fn check(&self) -> Result<(), String> {
        let Self { since, until, .. } = self;
        let is_idle = self.of.is_empty() || self.countries.is_empty() && self.names.is_empty();
        if is_idle || self.sources.is_empty() || until.is_some_and(|last| last < *since) {
            return Err(format!(
                "the provider ban from {since} binds or concerns nobody, has no source or ends before it begins"
            ));
        }
        self.sources.iter().try_for_each(|source| source.check(&format!("the provider ban from {since}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ban_binds_from_its_first_day_to_its_last() {
        let text =
            r#"{"of": ["EU"], "countries": ["RU"], "names": [], "since": "2025-11-25", "until": "2026-01-31", "sources": []}"#;
        let ban: ProviderBan = serde_json::from_str(text).unwrap();
        let binds = |day: &str| ban.binds(&"EU".parse().unwrap(), "DE".parse().unwrap(), day.parse().unwrap());

        let days = ["2025-11-24", "2025-11-25", "2026-01-31", "2026-02-01"];
        assert_eq!(days.map(binds), [false, true, true, false]);
    }

    #[test]
    fn words_that_describe_a_provider_tell_no_two_of_them_apart() {
        for (one, other) in [
            ("EXMO", "EXMO Exchange Ltd"),
            ("ProBit Global", "probit"),
            ("Huobi Global S.A.", "Huobi"),
            ("XT.com", "XT"),
            ("Poloniex", "POLONIEX TECHNOLOGIES LIMITED"),
        ] {
            assert_eq!(essence(one), essence(other), "{one}");
        }
        for (one, other) in [("Tradex", "Trade Exchange"), ("WOO X", "WOO"), ("Global Exchange", "Exchange"), ("LCX", "LC")] {
            assert_ne!(essence(one), essence(other), "{one}");
        }
    }
}
