//! Dated lists of jurisdictions: the FATF's call for action and increased monitoring, and the EU's high-risk third countries.
//! The published file is read strictly. Changes after a list's `known_through` are not established, and an answer for a later
//! date must say so. Callers: `domain::precheck`, `api`, the importer.

use std::collections::{BTreeMap, BTreeSet};

use super::rulebook::{Confidence, Inconsistency, join, read_json};
use serde::Deserialize;
use vasp_words::closed_list::closed_list;
use vasp_words::country::Country;
use vasp_words::time::Date;

/// The lists that are compiled into the program.
pub const EMBEDDED: &str = include_str!("data/lists.json");

closed_list! {
    /// A list, named by the id in `/v1/lists/…`.
    pub enum ListId {
        /// High-risk jurisdictions subject to a call for action.
        FatfBlack = "FATF-BLACK",
        /// Jurisdictions under increased monitoring.
        FatfGrey = "FATF-GREY",
        /// High-risk third countries of Delegated Regulation (EU) 2016/1675.
        EuHrtc = "EU-HRTC",
    }
}

impl ListId {
    /// Returns for how many days after its `known_through` a list still covers a date.
    ///
    /// Source: docs/prechecks.md, "How old a source may be". FATF meets three times a year, at most some 130 days apart.
    #[must_use]
    pub fn covers_days(self) -> i64 {
        match self {
            Self::FatfBlack | Self::FatfGrey => 135,
            Self::EuHrtc => 120,
        }
    }
}

closed_list! {
    /// The measure that a list calls for, strictest first.
    pub enum Measure {
        /// Countermeasures.
        Countermeasures = "countermeasures",
        /// Enhanced due diligence.
        EnhancedDueDiligence = "enhanced_due_diligence",
    }
}

/// A jurisdiction's membership of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The first day.
    pub since: Date,
    /// The measure that the list calls for, if it names one for each jurisdiction.
    pub measure: Option<Measure>,
    /// How sure the dates are.
    pub confidence: Confidence,
}

/// A country's stay on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stay {
    /// The list.
    pub list: ListId,
    /// The country.
    pub country: Country,
    /// The first day.
    pub from: Date,
}

impl std::fmt::Display for Stay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} on {} from {}", self.country, self.list, self.from)
    }
}

/// Why a list file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListsError {
    /// The text is not JSON, or a member is missing, unknown or has a value that is not allowed.
    #[error("lists refused at {path}: {reason}")]
    Malformed {
        /// The JSON path; `.` is the whole file.
        path: String,
        /// What is wrong, what was expected, and the line and column.
        reason: String,
    },
    /// The file is well formed but contradicts itself.
    #[error("lists refused: {}", join(.0))]
    Inconsistent(Vec<Inconsistency>),
}

/// The three lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JurisdictionLists {
    /// The version in answers: the creation day of the file and the version of its form, such as `2026-11-20+1.0.0`.
    pub version: String,
    /// The day on which the file was created.
    pub generated_on: Date,
    lists: BTreeMap<ListId, List>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct List {
    name: String,
    known_through: Date,
    members: Vec<Member>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    iso2: Country,
    #[serde(rename = "name")]
    _name: String,
    from: Date,
    to: Option<Date>,
    source_in: String,
    source_out: Option<String>,
    confidence: Confidence,
    membership_confirmed_by: Option<String>,
    measure: Option<Measure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListsFile {
    schema_version: String,
    generated_on: Date,
    known_through: BTreeMap<ListId, Date>,
    #[serde(rename = "conventions", default)]
    _conventions: BTreeMap<String, String>,
    sources: BTreeMap<String, ListSource>,
    lists: Vec<ListFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListSource {
    #[serde(rename = "kind")]
    _kind: ListSourceKind,
    #[serde(rename = "ref")]
    _reference: String,
    #[serde(rename = "as_of")]
    _as_of: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ListSourceKind {
    PublicText,
    GeneralKnowledge,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListFile {
    id: ListId,
    name: String,
    #[serde(rename = "meaning")]
    _meaning: String,
    members: Vec<Member>,
    #[serde(default)]
    checks: BTreeMap<String, usize>,
    #[serde(rename = "coverage", default)]
    _coverage: Option<String>,
    #[serde(rename = "notes", default)]
    _notes: Vec<String>,
}

impl Member {
    fn holds_on(&self, date: Date) -> bool {
        self.from <= date && self.to.is_none_or(|end| date < end)
    }
}

impl JurisdictionLists {
    /// Reads and checks a list file.
    ///
    /// # Errors
    /// `ListsError::Malformed` if the text has another form, `ListsError::Inconsistent` if it contradicts itself.
    pub fn from_json(text: &str) -> Result<Self, ListsError> {
        let file: ListsFile = read_json(text).map_err(|(path, reason)| ListsError::Malformed { path, reason })?;
        if !file.schema_version.starts_with("1.") {
            let reason = format!("this program cannot read the version `{}`, expected 1.x", file.schema_version);
            return Err(ListsError::Malformed { path: "schema_version".into(), reason });
        }
        let mut found = Vec::new();
        let mut lists = BTreeMap::new();
        for (index, list) in file.lists.into_iter().enumerate() {
            let at = format!("lists[{index}]");
            check(&list, &file.sources, &at, &mut found);
            let Some(known_through) = file.known_through.get(&list.id).copied() else {
                found.push(Inconsistency::new("known_through", format!("must have a day for {}", list.id)));
                continue;
            };
            if lists.insert(list.id, List { name: list.name, known_through, members: list.members }).is_some() {
                found.push(Inconsistency::new(at, format!("{} occurs twice, expected once", list.id)));
            }
        }
        for id in [ListId::FatfBlack, ListId::FatfGrey, ListId::EuHrtc] {
            if !lists.contains_key(&id) {
                found.push(Inconsistency::new("lists", format!("{id} is missing")));
            }
        }
        let version = format!("{}+{}", file.generated_on, file.schema_version);
        let read = Self { version, generated_on: file.generated_on, lists };
        if found.is_empty() { Ok(read) } else { Err(ListsError::Inconsistent(found)) }
    }

    /// Returns the lists that are compiled into the program.
    ///
    /// # Errors
    /// The same as for `from_json`; a test ensures that the compiled text is valid.
    pub fn embedded() -> Result<Self, ListsError> {
        Self::from_json(EMBEDDED)
    }

    /// Returns the countries on a list on `date`, sorted.
    #[must_use]
    pub fn members_on(&self, list: ListId, date: Date) -> BTreeSet<Country> {
        self.members(list).filter(|member| member.holds_on(date)).map(|member| member.iso2).collect()
    }

    /// Returns a country's membership of a list on `date`, with its first day and with the measure that the list calls for.
    #[must_use]
    pub fn membership(&self, list: ListId, country: Country, date: Date) -> Option<Membership> {
        let member = self.members(list).find(|member| member.iso2 == country && member.holds_on(date))?;
        Some(Membership { since: member.from, measure: member.measure, confidence: member.confidence })
    }

    /// Returns every stay, those that have ended too. A country leaves a list by the last day of its stay, never by a missing stay.
    #[must_use]
    pub fn stays(&self) -> BTreeSet<Stay> {
        let of_list = |(id, list): (&ListId, &List)| {
            let list_id = *id;
            let stay = move |member: &Member| Stay { list: list_id, country: member.iso2, from: member.from };
            list.members.iter().map(stay).collect::<Vec<_>>()
        };
        self.lists.iter().flat_map(of_list).collect()
    }

    /// Returns the last day up to which changes of a list are known.
    #[must_use]
    pub fn known_through(&self, list: ListId) -> Option<Date> {
        self.lists.get(&list).map(|list| list.known_through)
    }

    /// Returns the publisher's name of a list.
    #[must_use]
    pub fn name(&self, list: ListId) -> &str {
        self.lists.get(&list).map_or("", |list| list.name.as_str())
    }

    fn members(&self, list: ListId) -> impl Iterator<Item = &Member> {
        self.lists.get(&list).into_iter().flat_map(|list| &list.members)
    }
}

/// Checks one list: sources, intervals, measures, and the published counts.
fn check(list: &ListFile, sources: &BTreeMap<String, ListSource>, at: &str, found: &mut Vec<Inconsistency>) {
    for (index, member) in list.members.iter().enumerate() {
        let mut wrong =
            |detail: String| found.push(Inconsistency::new(format!("{at}.members[{index}] ({})", member.iso2), detail));
        let named = [Some(&member.source_in), member.source_out.as_ref(), member.membership_confirmed_by.as_ref()];
        for source in named.into_iter().flatten().filter(|source| !sources.contains_key(*source)) {
            wrong(format!("names the source `{source}`, which `sources` does not have"));
        }
        if member.to.is_some_and(|end| end <= member.from) {
            wrong(format!("`to` must be after `from`, which is {}; the end is exclusive", member.from));
        }
        if member.measure.is_some() != (list.id == ListId::FatfBlack) {
            wrong("`measure` is required on FATF-BLACK and not allowed on other lists".into());
        }
        let overlaps =
            |other: &&Member| other.iso2 == member.iso2 && (other.holds_on(member.from) || member.holds_on(other.from));
        if list.members.iter().skip(index + 1).any(|other| overlaps(&other)) {
            wrong("is on the list twice at the same time".into());
        }
    }
    for (key, expected) in &list.checks {
        let Some(date) = key.strip_prefix("count_after_").and_then(|day| day.parse::<Date>().ok()) else {
            found.push(Inconsistency::new(format!("{at}.checks.{key}"), "expected the form `count_after_` and a date"));
            continue;
        };
        let count = list.members.iter().filter(|member| member.holds_on(date)).count();
        if count != *expected {
            found.push(Inconsistency::new(
                format!("{at}.checks.{key}"),
                format!("expects {expected} members, the list has {count}"),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn lists() -> JurisdictionLists {
        JurisdictionLists::embedded().unwrap()
    }

    fn refusal(from: &str, to: &str) -> String {
        assert!(EMBEDDED.contains(from), "{from}");
        JurisdictionLists::from_json(&EMBEDDED.replacen(from, to, 1)).unwrap_err().to_string()
    }

    #[test]
    fn lists_have_as_many_members_as_their_publishers_counted() {
        let count = |list, on: &str| lists().members_on(list, date(on)).len();

        // FATF: 20 after October 2025, 22 after February and June 2026; EU: 26 after 29 January 2026.
        assert_eq!(count(ListId::FatfGrey, "2025-10-24"), 20);
        assert_eq!(count(ListId::FatfGrey, "2026-02-13"), 22);
        assert_eq!(count(ListId::FatfGrey, "2026-06-19"), 22);
        assert_eq!(count(ListId::EuHrtc, "2026-01-29"), 26);
        assert_eq!(count(ListId::FatfBlack, "2026-06-19"), 3);
        assert_eq!(lists().known_through(ListId::FatfGrey), Some(date("2026-06-19")));
        assert_eq!(lists().known_through(ListId::EuHrtc), Some(date("2026-01-29")));
    }

    #[test]
    fn the_call_for_action_says_which_measure() {
        let black = |code: &str, on: &str| lists().membership(ListId::FatfBlack, code.parse().unwrap(), date(on));

        assert_eq!(black("IR", "2025-01-01").unwrap().measure, Some(Measure::Countermeasures));
        assert_eq!(black("KP", "2025-01-01").unwrap().since, date("2011-02-25"));
        assert_eq!(black("MM", "2022-10-21").unwrap().measure, Some(Measure::EnhancedDueDiligence));
        assert_eq!(black("MM", "2022-10-20"), None);
        assert_eq!(black("DE", "2025-01-01"), None);
    }

    #[test]
    fn a_member_is_off_the_list_on_its_last_day() {
        let grey = |on: &str| lists().membership(ListId::FatfGrey, "DZ".parse().unwrap(), date(on)).is_some();

        assert_eq!([grey("2024-10-24"), grey("2024-10-25"), grey("2026-06-18"), grey("2026-06-19")], [false, true, true, false]);
    }

    #[test]
    fn broken_files_are_refused_with_the_place() {
        for (from, to, words) in [
            ("\"iso2\":\"KP\"", "\"iso2\":\"ZZ\"", "lists[0].members[0].iso2: `ZZ`"),
            (
                "\"measure\":\"countermeasures\"",
                "\"measure\":\"sternness\"",
                "`sternness` is not known; known are countermeasures",
            ),
            (",\"measure\":\"countermeasures\"", "", "(KP): `measure` is required on FATF-BLACK"),
            ("\"source_in\":\"gk\"", "\"source_in\":\"hearsay\"", "names the source `hearsay`"),
            (
                "\"from\":\"2024-10-25\",\"to\":\"2026-06-19\"",
                "\"from\":\"2024-10-25\",\"to\":\"2024-10-25\"",
                "(DZ): `to` must be after",
            ),
            ("\"iso2\":\"AO\"", "\"iso2\":\"DZ\"", "(DZ): is on the list twice"),
            ("\"count_after_2025-10-24\":20", "\"count_after_2025-10-24\":21", "expects 21 members, the list has 20"),
            ("\"FATF-GREY\":\"2026-06-19\",", "", "known_through: must have a day for FATF-GREY"),
            ("\"id\":\"EU-HRTC\"", "\"id\":\"FATF-GREY\"", "EU-HRTC is missing"),
            ("\"generated_on\"", "\"made_on\"", "unknown field `made_on`"),
        ] {
            let said = refusal(from, to);
            assert!(said.contains(words), "{said}\nshould say: {words}");
        }
    }

    #[test]
    fn list_ids_round_trip() {
        for text in ["FATF-GREY", "FATF-BLACK", "EU-HRTC"] {
            assert_eq!(text.parse::<ListId>().unwrap().to_string(), text);
            assert_eq!(serde_json::to_value(text.parse::<ListId>().unwrap()).unwrap(), text);
        }
        assert!("fatf-grey".parse::<ListId>().is_err());
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "\\PC*", at in 0..EMBEDDED.len(), put in "[\\[\\]{}\",:0-9a-z]{0,4}") {
            let _ = (JurisdictionLists::from_json(&text), text.parse::<ListId>());
            let mut damaged = EMBEDDED.to_owned();
            damaged.insert_str(EMBEDDED.floor_char_boundary(at), &put);
            let _ = JurisdictionLists::from_json(&damaged);
        }
    }
}
