//! Lists that third parties compile from the registers of authorities: their type and file form, and the rows about a VASP. They are
//! unverified: they only show that somebody says so. They never cause more than a warning, and never a pass.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::lei_evidence::{Folded, fold};
use vasp_record::vasp::Vasp;
use vasp_words::country::Country;
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// One compiled list, complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThirdPartyList {
    /// The day of the compilation.
    pub as_of: Date,
    /// The file or page that it was read from.
    pub source: String,
    /// Its rows, in its own order.
    pub rows: Vec<ThirdPartyRow>,
}

/// One row: what a compilation states about one firm in one register.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThirdPartyRow {
    /// The compilation's name of the register, such as `FCA_CRYPTOASSET`.
    pub register: String,
    /// The authority, as the compilation writes it; `None` if not given.
    pub regulator: Option<String>,
    /// Name of the firm.
    pub name: String,
    /// The LEI; `None` if not given.
    pub lei: Option<Lei>,
    /// The country; `None` if not given.
    pub country: Option<Country>,
    /// The status of the firm in that register, in the words of the compilation.
    pub status: String,
    /// First day of that status; `None` if not given.
    pub since: Option<Date>,
    /// The day on which the compilation read the register.
    pub observed_on: Date,
    /// The file that the row was read from; the list sets it.
    #[serde(skip)]
    pub source: String,
}

/// What a row says about a licence, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ThirdPartyWord {
    /// The firm has no licence any more, or never had one.
    Contradicts,
    /// The status is not understood.
    Unclear,
    /// The firm has a licence.
    Confirms,
}

/// The reason why a list is refused.
#[derive(Debug, thiserror::Error)]
pub enum ThirdPartyListError {
    /// The list does not have the right form.
    #[error("the list cannot be read: {0}")]
    Form(String),
    /// The list has no rows.
    #[error("the list has no rows")]
    Empty,
}

/// Statuses that speak against a firm.
const CONTRADICTING: [&str; 19] = [
    "cancelled",
    "ceased",
    "de registered",
    "deregistered",
    "ended",
    "expired",
    "former",
    "formerly",
    "lapsed",
    "no longer",
    "non compliant",
    "previously",
    "refused",
    "rejected",
    "removed",
    "revoked",
    "surrendered",
    "suspended",
    "withdrawn",
];
/// Statuses that speak for a firm.
const CONFIRMING: [&str; 6] = ["active", "authorised", "authorized", "licenced", "licensed", "registered"];

impl ThirdPartyRow {
    /// Returns what the status of the row means. A status with words of both kinds (`registered, suspended`) speaks against the firm.
    #[must_use]
    pub fn word(&self) -> ThirdPartyWord {
        let status = format!(" {} ", vasp_record::search::folded(&self.status));
        let says = |words: &[&str]| words.iter().any(|word| status.contains(&format!(" {word} ")));
        match (says(&CONTRADICTING), says(&CONFIRMING) && !status.contains(" not ")) {
            (true, _) => ThirdPartyWord::Contradicts,
            (false, true) => ThirdPartyWord::Confirms,
            (false, false) => ThirdPartyWord::Unclear,
        }
    }
}

impl ThirdPartyList {
    /// Reads and checks a list.
    pub fn from_json(text: &str) -> Result<Self, ThirdPartyListError> {
        let mut list: Self = serde_json::from_str(text).map_err(|error| ThirdPartyListError::Form(error.to_string()))?;
        if list.rows.is_empty() {
            return Err(ThirdPartyListError::Empty);
        }
        list.rows.iter_mut().for_each(|row| row.source.clone_from(&list.source));
        Ok(list)
    }
}

/// A compiled list ready for matching.
#[derive(Clone, Debug)]
pub struct ThirdPartyIndex {
    rows: Vec<ThirdPartyRow>,
    by_lei: HashMap<Lei, Vec<usize>>,
    by_name: HashMap<(String, Country), Vec<usize>>,
}

impl ThirdPartyIndex {
    /// Indexes a list.
    #[must_use]
    pub fn of(list: ThirdPartyList) -> Self {
        let (mut by_lei, mut by_name) = (HashMap::new(), HashMap::new());
        for (place, row) in list.rows.iter().enumerate() {
            if let Some(lei) = row.lei {
                by_lei.entry(lei).or_insert_with(Vec::new).push(place);
            }
            if let Some(key) = fold(&row.name).zip(row.country) {
                by_name.entry(key).or_insert_with(Vec::new).push(place);
            }
        }
        Self { rows: list.rows, by_lei, by_name }
    }

    /// Returns the rows about a VASP, in the order of the list. It matches by LEI, and by name and country unless both have an LEI.
    /// `folded` folds a name as [`fold`] does.
    #[must_use]
    pub fn rows_of(&self, vasp: &Vasp, folded: &dyn Fn(&str) -> Folded) -> Vec<ThirdPartyRow> {
        let mut places: Vec<usize> = vasp.lei.and_then(|lei| self.by_lei.get(&lei)).cloned().unwrap_or_default();
        let key = folded(&vasp.legal_name).zip(vasp.country);
        let named = key.and_then(|key| self.by_name.get(&key)).into_iter().flatten().copied();
        let other_lei = |place: &usize| self.rows.get(*place).is_some_and(|row| row.lei.is_some()) && vasp.lei.is_some();
        places.extend(named.filter(|place| !other_lei(place)));
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|place| self.rows.get(place).cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::precheck::examples::entity;
    use super::*;
    use proptest::prelude::*;

    const LEI: &str = "5493001KJTIIGC8Y1R12";
    const OTHER: &str = "529900T8BM49AURSDO55";

    fn row(name: &str, lei: Option<&str>, country: &str, status: &str) -> ThirdPartyRow {
        ThirdPartyRow {
            register: "FCA_CRYPTOASSET".into(),
            regulator: None,
            name: name.into(),
            lei: lei.map(|lei| lei.parse().unwrap()),
            country: country.parse().ok(),
            status: status.into(),
            since: None,
            observed_on: "2026-07-16".parse().unwrap(),
            source: String::new(),
        }
    }

    fn statuses(rows: Vec<ThirdPartyRow>, vasp: &Vasp) -> Vec<String> {
        let list = ThirdPartyList { as_of: "2026-07-16".parse().unwrap(), source: "m.csv".into(), rows };
        ThirdPartyIndex::of(list).rows_of(vasp, &fold).into_iter().map(|row| row.status).collect()
    }

    #[test]
    fn rows_match_by_lei_else_by_name_and_country() {
        let firm = Vasp { legal_name: "Bitstack SAS".into(), ..entity(1) };
        assert_eq!(firm.lei.unwrap().as_str(), LEI);
        let rows = vec![
            row("Somebody else", Some(LEI), "FR", "by lei"),
            row("BITSTACK S.A.S.", None, "IE", "by name"),
            row("BITSTACK S.A.S.", None, "FR", "another country"),
            row("Bitstack SAS", Some(OTHER), "IE", "another lei"),
            row("Bitstack Ltd", Some(LEI), "IE", "by both"),
        ];

        assert_eq!(statuses(rows.clone(), &firm), ["by lei", "by name", "by both"]);
        let unknown = Vasp { lei: None, ..firm.clone() };
        assert_eq!(statuses(rows.clone(), &unknown), ["by name", "another lei", "by both"]);
        assert!(statuses(rows, &Vasp { country: None, lei: None, ..firm }).is_empty());
    }

    #[test]
    fn restrictive_words_weigh_more_than_others() {
        for (status, word) in [
            ("Withdrawn", ThirdPartyWord::Contradicts),
            ("Non-compliant", ThirdPartyWord::Contradicts),
            ("Registered (suspended 2026)", ThirdPartyWord::Contradicts),
            ("No longer authorised", ThirdPartyWord::Contradicts),
            ("Formerly registered", ThirdPartyWord::Contradicts),
            ("Previously licensed", ThirdPartyWord::Contradicts),
            ("De-registered", ThirdPartyWord::Contradicts),
            ("Authorised", ThirdPartyWord::Confirms),
            ("Licensed", ThirdPartyWord::Confirms),
            ("Not registered", ThirdPartyWord::Unclear),
            ("Applicant", ThirdPartyWord::Unclear),
            ("", ThirdPartyWord::Unclear),
        ] {
            assert_eq!(row("X", None, "IE", status).word(), word, "{status}");
        }
    }

    #[test]
    fn a_list_names_its_source_on_every_row_and_is_never_empty() {
        let list =
            ThirdPartyList { as_of: "2026-07-16".parse().unwrap(), source: "m.csv".into(), rows: vec![row("X", None, "", "x")] };
        let text = serde_json::to_string(&list).unwrap();

        assert_eq!(ThirdPartyList::from_json(&text).unwrap().rows[0].source, "m.csv");
        let empty = serde_json::to_string(&ThirdPartyList { rows: vec![], ..list }).unwrap();
        assert!(matches!(ThirdPartyList::from_json(&empty), Err(ThirdPartyListError::Empty)));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*", status in "\\PC*") {
            let _ = ThirdPartyList::from_json(&text);
            let _ = row("X", None, "IE", &status).word();
        }
    }
}
