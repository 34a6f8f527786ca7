//! A VASP's record as the `legalPerson` of IVMS 101, to be put into a document as it is. The spelling is the same in 2020 and in 2023.

use serde::Serialize;
use vasp_record::vasp::{Vasp, VaspKind};
use vasp_words::country::Country;
use vasp_words::lei::Lei;

/// The longest name of a legal person, in characters. Source: IVMS101, Max100Text.
const NAME_MAX: usize = 100;

/// The longest line of an address in characters, and the most lines. Source: IVMS101, Max70Text, `addressLine` [0..7].
const LINE_MAX: usize = 70;
const LINES_MAX: usize = 7;

/// A person of IVMS 101: here a legal person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct IvmsPerson {
    /// The legal person.
    pub legal_person: IvmsLegalPerson,
}

/// A legal person of IVMS 101.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct IvmsLegalPerson {
    /// Its names.
    pub name: IvmsLegalNames,
    /// Its registered address; absent if none is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub geographic_address: Vec<IvmsAddress>,
    /// Its LEI; absent if it has none. A number of a national register would need GLEIF's code of that register, which is not known here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub national_identification: Option<IvmsIdentification>,
    /// The country in which it is registered; absent if it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, example = "DE"))]
    pub country_of_registration: Option<Country>,
}

/// The names of a legal person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct IvmsLegalNames {
    /// The legal name first.
    pub name_identifier: Vec<IvmsLegalName>,
}

/// A name of a legal person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct IvmsLegalName {
    /// The name.
    pub legal_person_name: String,
    /// `LEGL` for the legal name, `TRAD` for a trading name.
    #[cfg_attr(feature = "schema", schema(example = "LEGL"))]
    pub legal_person_name_identifier_type: &'static str,
}

/// An address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct IvmsAddress {
    /// `GEOG`: an address of unknown use.
    #[cfg_attr(feature = "schema", schema(example = "GEOG"))]
    pub address_type: &'static str,
    /// The address as the source wrote it, in lines.
    pub address_line: Vec<String>,
    /// The country of registration, in which a registered office lies; `XX` if it is not known.
    #[cfg_attr(feature = "schema", schema(example = "DE"))]
    pub country: String,
}

/// An identification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct IvmsIdentification {
    /// The LEI.
    pub national_identifier: Lei,
    /// `LEIX`.
    #[cfg_attr(feature = "schema", schema(example = "LEIX"))]
    pub national_identifier_type: &'static str,
}

impl IvmsPerson {
    /// Returns a record as a legal person. `None` for a group, which is none, and for a record that would not meet the standard: it needs an
    /// address or an identification (C4), and a name of at most 100 characters.
    #[must_use]
    pub fn of(vasp: &Vasp) -> Option<Self> {
        let fits = |name: &str| (1..=NAME_MAX).contains(&name.chars().count());
        if vasp.kind != VaspKind::Entity || !fits(&vasp.legal_name) {
            return None;
        }
        let named = |name: &str, of_type| IvmsLegalName {
            legal_person_name: name.to_owned(),
            legal_person_name_identifier_type: of_type,
        };
        let trading = vasp.other_names.iter().filter(|other| other.name_type == "commercial" && fits(&other.name));
        let trading = trading.filter(|other| other.name != vasp.legal_name).map(|other| named(&other.name, "TRAD"));
        let name_identifier: Vec<_> = [named(&vasp.legal_name, "LEGL")].into_iter().chain(trading).collect();
        let country = vasp.country.map_or_else(|| "XX".to_owned(), |country| country.to_string());
        let lines = vasp.registered_address.as_deref().and_then(in_lines);
        let address = lines.map(|address_line| IvmsAddress { address_type: "GEOG", address_line, country });
        let lei = vasp.lei.map(|lei| IvmsIdentification { national_identifier: lei, national_identifier_type: "LEIX" });
        if address.is_none() && lei.is_none() {
            return None;
        }
        Some(Self {
            legal_person: IvmsLegalPerson {
                name: IvmsLegalNames { name_identifier },
                geographic_address: address.into_iter().collect(),
                national_identification: lei,
                country_of_registration: vasp.country,
            },
        })
    }
}

/// Returns an address in lines that IVMS 101 allows, cut at line ends and blanks. `None` if it has too many, or a word that is too
/// long.
fn in_lines(address: &str) -> Option<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    for written in address.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut line = String::new();
        for word in written.split_whitespace() {
            let length = line.chars().count() + 1 + word.chars().count();
            if !line.is_empty() && length > LINE_MAX {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    let fits = lines.len() <= LINES_MAX && lines.iter().all(|line| line.chars().count() <= LINE_MAX);
    (fits && !lines.is_empty()).then_some(lines)
}
