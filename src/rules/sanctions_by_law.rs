//! The sanctions lists that are binding, the countries under an embargo and the providers with which transactions are banned, by the law
//! of a jurisdiction: dated data with its sources (`seed/sanctions_by_law.json`). It does not say whether a list is loaded, complete and recent enough. Callers: the
//! checks `sanctions` and `jurisdiction`.
//!
//! Source: docs/screening.md, "Which lists bind", "Embargoes" and "Bans on providers"; the documents that the file names.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;
use vasp_words::closed_list::closed_list;
use vasp_words::country::Country;
use vasp_words::time::Date;

use super::provider_ban::ProviderBan;
use super::rulebook::{JurisdictionId, read_json};

/// The lists that are binding in a jurisdiction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BindingLists<'a> {
    /// The ids of the lists; those that bind everywhere come first.
    pub lists: &'a [String],
    /// Whether the data says which lists the jurisdiction has in addition to those that bind everywhere.
    pub national: NationalLists,
}

/// Whether the national lists of a jurisdiction are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NationalLists {
    /// The national lists are included; a jurisdiction may have none.
    Known,
    /// The data has no entry for the jurisdiction.
    NotKnown,
}

/// Which lists and embargoes bind which jurisdictions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SanctionsByLaw {
    everywhere: Vec<String>,
    by_jurisdiction: HashMap<String, Vec<String>>,
    names: BTreeMap<String, ListName>,
    embargoes: Vec<Embargo>,
    provider_bans: Vec<ProviderBan>,
    provider_notices: Vec<ProviderBan>,
}

/// An embargo on a country: the law of some jurisdictions forbids their firms to move any funds there without a licence.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Embargo {
    of: Vec<JurisdictionId>,
    country: Country,
    /// The first day.
    pub since: Date,
    /// The last day; `None` if the embargo has no end yet.
    #[serde(default)]
    pub until: Option<Date>,
    sources: Vec<Source>,
    #[serde(rename = "note", default)]
    _note: Option<String>,
}

/// The source of a line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    document: String,
    clause: String,
    basis: Basis,
    read: Option<Date>,
    #[serde(default)]
    address: Option<String>,
    /// The row of the table of changes on which the line rests.
    #[serde(rename = "law_change", default)]
    _law_change: Option<u16>,
}

/// The name of a list, and its publisher.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListName {
    /// The name as its publisher writes it.
    pub name: String,
    /// The publisher.
    pub publisher: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "schema_version")]
    _schema_version: String,
    #[serde(rename = "generated_on")]
    _generated_on: Date,
    #[serde(rename = "about")]
    _about: String,
    lists: BTreeMap<String, ListName>,
    everywhere: Vec<FileBinding>,
    jurisdictions: Vec<FileJurisdiction>,
    embargoes: Vec<Embargo>,
    provider_bans: Vec<ProviderBan>,
    provider_notices: Vec<ProviderBan>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileJurisdiction {
    of: Vec<JurisdictionId>,
    binding: Vec<FileBinding>,
    #[serde(rename = "note", default)]
    _note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileBinding {
    list: String,
    document: String,
    clause: String,
    basis: Basis,
    read: Option<Date>,
    #[serde(default)]
    address: Option<String>,
}

closed_list! {
    /// The basis of a line in a file about the law.
    pub(crate) enum Basis as "SanctionsByLawBasis" {
        /// The legal text, or the authority's own page.
        Document = "document",
        /// A stored copy of a public page, which has an address.
        PublicText = "public_text",
        /// A copy that is not the official one.
        Transcription = "transcription",
        /// Written from general knowledge, without the text available.
        GeneralKnowledge = "general_knowledge",
    }
}

impl FileBinding {
    /// Returns the list, if the line names its source and says when it was read, if it was.
    fn checked(self, names: &BTreeMap<String, ListName>) -> Result<String, String> {
        let Self { list, document, clause, basis, read, address } = self;
        if !names.contains_key(&list) {
            return Err(format!("`lists` does not have the list {list}"));
        }
        Source { document, clause, basis, read, address, _law_change: None }.check(&list)?;
        Ok(list)
    }
}

impl Source {
    /// Returns the law with its clause, but without the clause's content.
    pub(crate) fn cited(&self) -> String {
        format!("{}, {}", self.document, self.clause.split(": ").next().unwrap_or_default())
    }

    /// Returns the day on which it was read.
    pub(crate) fn read_on(&self) -> Option<Date> {
        self.read
    }

    /// Refuses a source that does not name its place, or does not say whether and when it was read.
    pub(crate) fn check(&self, of: &str) -> Result<(), String> {
        let whole = !self.document.is_empty() && !self.clause.is_empty();
        if !whole || self.read.is_some() != (self.basis != Basis::GeneralKnowledge) {
            return Err(format!(
                "the source of {of} is incomplete: it needs a document and a clause, and `read` exactly if the text was read"
            ));
        }
        if self.address.as_deref().is_some_and(|page| page.starts_with("https://")) != (self.basis == Basis::PublicText) {
            return Err(format!(
                "the source of {of} is wrong: `address` is required for a public page and not allowed for other sources"
            ));
        }
        Ok(())
    }
}

impl Embargo {
    /// Returns the first law that the file names, with its clause but without the clause's content.
    #[must_use]
    pub fn source(&self) -> String {
        self.sources.first().map_or_else(String::new, Source::cited)
    }

    /// Returns whether the embargo binds firms of a jurisdiction, or of its country, in relation to another country on a day.
    fn binds(&self, jurisdiction: &JurisdictionId, own: Country, towards: Country, day: Date) -> bool {
        let of = |id: &JurisdictionId| id == jurisdiction || id.as_str() == own.as_str();
        self.country == towards && self.since <= day && self.until.is_none_or(|last| day <= last) && self.of.iter().any(of)
    }

    fn check(&self) -> Result<(), String> {
        let Self { country, since, until, .. } = self;
        if self.of.is_empty() || self.sources.is_empty() || until.is_some_and(|last| last < *since) {
            return Err(format!("the embargo on {country} from {since} binds nobody, has no source or ends before it begins"));
        }
        self.sources.iter().try_for_each(|source| source.check(&format!("the embargo on {country}")))
    }
}

impl SanctionsByLaw {
    /// Reads and checks the file.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let file: File = read_json(text).map_err(|(path, reason)| format!("{path}: {reason}"))?;
        let names = file.lists;
        let read = |lines: Vec<FileBinding>| lines.into_iter().map(|line| line.checked(&names)).collect::<Result<Vec<_>, _>>();
        let everywhere = read(file.everywhere)?;
        let mut by_jurisdiction = HashMap::new();
        for entry in file.jurisdictions {
            let mut lists = everywhere.clone();
            lists.extend(read(entry.binding)?);
            if lists.iter().collect::<BTreeSet<_>>().len() < lists.len() {
                return Err(format!("{:?}: a list occurs twice", entry.of));
            }
            for id in entry.of {
                if by_jurisdiction.insert(id.as_str().to_owned(), lists.clone()).is_some() {
                    return Err(format!("{id} occurs twice"));
                }
            }
        }
        file.embargoes.iter().try_for_each(Embargo::check)?;
        let checked = |all: Vec<ProviderBan>| all.into_iter().map(ProviderBan::checked).collect::<Result<Vec<_>, _>>();
        let (provider_bans, provider_notices) = (checked(file.provider_bans)?, checked(file.provider_notices)?);
        Ok(Self { everywhere, by_jurisdiction, names, embargoes: file.embargoes, provider_bans, provider_notices })
    }

    /// Returns the data compiled into the program.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<SanctionsByLaw> = LazyLock::new(|| {
            // A test reads this file, so an unreadable file is never released.
            SanctionsByLaw::from_json(include_str!("data/sanctions_by_law.json")).unwrap_or_default()
        });
        &EMBEDDED
    }

    /// Returns the binding lists of a jurisdiction: those of its own entry, otherwise those of its country.
    #[must_use]
    pub fn binding_lists(&self, jurisdiction: &JurisdictionId, country: Country) -> BindingLists<'_> {
        let of = |id: &str| self.by_jurisdiction.get(id);
        match of(jurisdiction.as_str()).or_else(|| of(country.as_str())) {
            Some(lists) => BindingLists { lists, national: NationalLists::Known },
            None => BindingLists { lists: &self.everywhere, national: NationalLists::NotKnown },
        }
    }

    /// Returns the embargo on another country on a day by the law of a jurisdiction, or of its country.
    #[must_use]
    pub fn embargo(&self, jurisdiction: &JurisdictionId, own: Country, towards: Country, day: Date) -> Option<&Embargo> {
        self.embargoes.iter().find(|embargo| embargo.binds(jurisdiction, own, towards, day))
    }

    /// Returns the bans on providers that bind firms of a jurisdiction, or of its country, on a day.
    pub fn provider_bans(&self, jurisdiction: &JurisdictionId, own: Country, day: Date) -> impl Iterator<Item = &ProviderBan> {
        self.provider_bans.iter().filter(move |ban| ban.binds(jurisdiction, own, day))
    }

    /// Returns the notices about non-compliant providers that concern firms of a jurisdiction, or of its country, on a day.
    pub fn provider_notices(&self, jurisdiction: &JurisdictionId, own: Country, day: Date) -> impl Iterator<Item = &ProviderBan> {
        self.provider_notices.iter().filter(move |notice| notice.binds(jurisdiction, own, day))
    }

    /// Returns the name of a list; `None` for a list that binds nobody by law.
    #[must_use]
    pub fn name(&self, list: &str) -> Option<&ListName> {
        self.names.get(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screening::{CH_SANCTIONS, EU_SANCTIONS, EU_TRANSACTION_BANS, IL_NBCTF, OFAC_SDN, UK_SANCTIONS, UN_SANCTIONS};

    const TEXT: &str = include_str!("data/sanctions_by_law.json");

    fn binding(id: &str) -> BindingLists<'static> {
        let id: JurisdictionId = id.parse().unwrap();
        SanctionsByLaw::embedded().binding_lists(&id, id.country().unwrap())
    }

    /// Source: docs/screening.md, "Which lists bind"; the laws that the file names.
    #[test]
    fn the_united_nations_list_binds_everywhere_and_others_where_their_law_says_so() {
        assert_eq!(&SanctionsByLaw::from_json(TEXT).unwrap(), SanctionsByLaw::embedded());
        let lists = |id: &str| binding(id).lists.iter().map(String::as_str).collect::<Vec<_>>();

        assert_eq!(lists("DE"), [UN_SANCTIONS, EU_SANCTIONS, EU_TRANSACTION_BANS]);
        assert_eq!(lists("GB"), [UN_SANCTIONS, UK_SANCTIONS]);
        assert_eq!(lists("JE"), lists("GB"), "Jersey takes the UK's regimes over");
        assert_eq!(lists("CH"), [UN_SANCTIONS, CH_SANCTIONS]);
        assert_eq!(lists("LI"), [UN_SANCTIONS, CH_SANCTIONS, EU_SANCTIONS]);
        assert_eq!(lists("GI"), [UN_SANCTIONS, UK_SANCTIONS, EU_SANCTIONS], "Gibraltar recognises both");
        assert_eq!(lists("US"), [UN_SANCTIONS, OFAC_SDN]);
        assert_eq!(lists("IL"), [UN_SANCTIONS, IL_NBCTF]);
        assert_eq!(lists("CA"), [UN_SANCTIONS, "CA-AUTONOMOUS", "CA-TERRORISTS"]);
        assert_eq!(lists("AE-VARA"), [UN_SANCTIONS, "AE-TERRORISTS"], "a regime has its country's");
        for code in ["SG", "HK", "JP", "AU"] {
            assert_eq!((lists(code)[0], lists(code).len()), (UN_SANCTIONS, 2), "{code}");
        }
    }

    #[test]
    fn every_member_of_the_european_economic_area_is_bound_by_the_unions_list() {
        let codes = ('A'..='Z').flat_map(|one| ('A'..='Z').map(move |other| format!("{one}{other}")));
        let countries = codes.filter(|code| code != "EL").filter_map(|code| code.parse::<Country>().ok());
        let members: Vec<Country> = countries.filter(Country::is_eea).collect();
        assert_eq!(members.len(), 30);

        for country in members {
            let found = binding(country.as_str());
            assert!(found.lists.iter().any(|list| list == EU_SANCTIONS), "{country}");
            assert_eq!(found.lists.iter().any(|list| list == EU_TRANSACTION_BANS), country.as_str() != "LI", "{country}");
        }
    }

    #[test]
    fn a_jurisdiction_without_an_entry_has_national_lists_that_are_not_known_and_one_without_lists_of_its_own_has_none() {
        let (kazakhstan, brazil) = (binding("KZ-AIFC"), binding("BR"));

        assert_eq!((kazakhstan.lists, kazakhstan.national), (&[UN_SANCTIONS.to_owned()][..], NationalLists::NotKnown));
        assert_eq!((brazil.lists, brazil.national), (&[UN_SANCTIONS.to_owned()][..], NationalLists::Known));
    }

    /// Source: 31 CFR 515.201, 560.204, 510.206; Executive Order 14312 (Syria, from 1 July 2025 on); Regulation (EU) 2017/1509 Art. 21.
    #[test]
    fn an_embargo_binds_those_of_its_law_from_its_first_day_to_its_last() {
        let law = SanctionsByLaw::embedded();
        let found = |id: &str, towards: &str, day: &str| {
            let id: JurisdictionId = id.parse().unwrap();
            law.embargo(&id, id.country().unwrap(), towards.parse().unwrap(), day.parse().unwrap()).is_some()
        };

        for (country, before, first) in
            [("CU", "1963-07-07", "1963-07-08"), ("IR", "1995-05-06", "1995-05-07"), ("KP", "2016-03-15", "2016-03-16")]
        {
            assert!(
                !found("US", country, before) && found("US", country, first) && found("PR", country, "2026-06-01"),
                "{country}"
            );
            assert!(found("US-NY", country, "2026-06-01"), "a regime has its country's");
        }
        assert!(law.embargoes.iter().all(|embargo| (20..=110).contains(&embargo.source().len())), "a sentence names it");
        assert!(found("US", "SY", "2025-06-30") && !found("US", "SY", "2025-07-01"));
        for towards in ["RU", "BY", "VE", "DE"] {
            assert!(!found("US", towards, "2026-06-01") && !found("DE", towards, "2026-06-01"), "{towards}");
        }
        for towards in ["CU", "IR", "SY"] {
            assert!(!found("DE", towards, "2026-06-01") && !found("GB", towards, "2026-06-01"), "{towards}");
        }
        assert!(found("FR", "KP", "2026-06-01") && found("DE", "KP", "2017-09-01") && !found("DE", "KP", "2017-08-31"));
        assert!(!found("KZ", "KP", "2026-06-01"), "nothing is known of Kazakhstan's law");
    }

    /// Source: the 20th package (providers of Russia and Belarus, 24 May 2026) and Regulation (EU) 2026/1848 (11 platforms, 23 August
    /// 2026); the UK's designation of Huobi Global S.A. on 26 May 2026. Rows 8, 9 and 6 of `law_changes.csv`.
    #[test]
    fn a_ban_on_providers_binds_those_of_its_law_from_its_first_day() {
        let law = SanctionsByLaw::embedded();
        let found = |id: &str, name: &str, seat: Option<&str>, day: &str| {
            let id: JurisdictionId = id.parse().unwrap();
            let mut bans = law.provider_bans(&id, id.country().unwrap(), day.parse().unwrap());
            bans.any(|ban| ban.concerns([name], seat.map(|seat| seat.parse().unwrap())).is_some())
        };

        for seat in ["RU", "BY"] {
            assert!(found("DE", "X", Some(seat), "2026-05-24") && found("FR", "X", Some(seat), "2026-11-26"), "{seat}");
            assert!(!found("DE", "X", Some(seat), "2026-05-23") && !found("GB", "X", Some(seat), "2026-11-26"), "{seat}");
        }
        assert!(!found("DE", "X", Some("KZ"), "2026-11-26") && !found("DE", "X", None, "2026-11-26"));
        for name in ["HTX", "htx", "Rapira", "Aifory Pro", "BITPAPA", "Huobi Global SA"] {
            assert!(found("IE", name, Some("PA"), "2026-08-23") && !found("IE", name, Some("PA"), "2026-08-22"), "{name}");
        }
        assert!(found("GB", "HTX", None, "2026-05-26") && !found("GB", "HTX", None, "2026-05-25"));
        assert!(found("JE", "Huobi Global S.A.", Some("PA"), "2026-06-01") && !found("GB", "Rapira", None, "2026-11-26"));
        assert!(!found("US", "HTX", Some("PA"), "2026-11-26") && !found("DE", "HTX Robotics", None, "2026-11-26"));
        // Source: FinCEN's order, 88 FR 3919, effective on 1 February 2023.
        assert!(found("US", "Bitzlato Limited", Some("HK"), "2023-02-01") && !found("US", "Bitzlato", None, "2023-01-31"));
        assert!(!found("DE", "Bitzlato", None, "2026-11-26"));
        assert!(law.provider_bans.iter().all(|ban| (20..=110).contains(&ban.source().len())), "a sentence names it");
    }

    #[test]
    fn every_member_of_the_union_is_bound_by_its_embargo_and_its_bans() {
        let law = SanctionsByLaw::embedded();
        let bound = law.by_jurisdiction.iter().filter(|(_, lists)| lists.iter().any(|list| list == EU_TRANSACTION_BANS));

        for id in bound.map(|(id, _)| id.parse::<JurisdictionId>().unwrap()).filter(|id| !["NO", "IS"].contains(&id.as_str())) {
            let found = law.embargo(&id, id.country().unwrap(), "KP".parse().unwrap(), "2026-06-01".parse().unwrap());
            assert!(found.is_some(), "{id}");
            assert!(law.provider_bans(&id, id.country().unwrap(), "2026-08-23".parse().unwrap()).count() >= 2, "{id}");
        }
    }

    #[test]
    fn a_file_that_contradicts_itself_is_refused() {
        let refused = |from: &str, to: &str| {
            assert!(TEXT.contains(from), "{from}");
            SanctionsByLaw::from_json(&TEXT.replacen(from, to, 1)).unwrap_err()
        };

        assert!(refused("\"of\": [\"CH\"]", "\"of\": [\"DE\"]").contains("DE occurs twice"));
        assert!(refused("\"list\": \"JP-MOF\"", "\"list\": \"JP-MOFF\"").contains("does not have the list JP-MOFF"));
        assert!(refused("\"list\": \"CA-TERRORISTS\"", "\"list\": \"CA-AUTONOMOUS\"").contains("a list occurs twice"));
        assert!(refused("\"basis\": \"general_knowledge\"", "\"basis\": \"document\"").contains("incomplete"));
        assert!(refused("\"basis\": \"general_knowledge\"", "\"basis\": \"hearsay\"").contains("basis"));
        assert!(refused("\"until\": \"2025-06-30\"", "\"until\": \"2011-08-17\"").contains("ends before it begins"));
        assert!(refused("\"country\": \"CU\"", "\"country\": \"Crimea\"").contains("embargoes"));
        assert!(refused("\"countries\": [\"RU\", \"BY\"], ", "").contains("concerns nobody"));
        let page = ", \"address\": \"https://legal.un.org/repertory/art48.shtml\"";
        assert!(refused(page, "").contains("required for a public page"));
        assert!(refused(page, ", \"address\": \"a page\"").contains("required for a public page"));
        assert!(refused("\"basis\": \"public_text\"", "\"basis\": \"transcription\"").contains("not allowed for other sources"));
    }
}
