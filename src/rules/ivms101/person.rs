//! One person of an IVMS 101 document: which of its members are there and say something.

use std::collections::BTreeSet;

use super::{Ivms101Error, wrong};
use crate::rulebook::PersonType;
use serde_json::Value;
use vasp_words::country::Country;
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// The kinds of identification that are a personal document. `MISC` may be anything, so it is none.
///
/// Source: IVMS101, NationalIdentifierTypeCode.
const PERSONAL: [&str; 6] = ["ARNU", "CCPT", "DRLC", "FIIN", "SOCS", "IDCD"];

/// What is there of one person.
pub(super) struct Person {
    pub(super) kind: PersonType,
    /// The rulebook's names of what is there, without the side.
    pub(super) has: BTreeSet<&'static str>,
}

impl Person {
    pub(super) fn read(person: &Value, place: &str) -> Result<Self, Ivms101Error> {
        let natural = member(person, &["naturalPerson"])?;
        let legal = member(person, &["legalPerson"])?;
        let (kind, person) = match (natural, legal) {
            (Some(person), None) => (PersonType::Natural, person),
            (None, Some(person)) => (PersonType::Legal, person),
            _ => return Err(wrong(place, "must have either `naturalPerson` or `legalPerson` in each person")),
        };
        let mut has = BTreeSet::new();
        let mut add = |name, there| {
            if there {
                has.insert(name);
            }
        };
        add("name", has_legal_name(person, kind)?);
        let addresses = member(person, &["geographicAddress"])?.map(items).unwrap_or_default();
        let written = addresses.iter().map(|address| is_written(address)).collect::<Result<Vec<_>, _>>()?;
        let address = if kind == PersonType::Legal { "registered_address" } else { "address" };
        add(address, written.iter().any(|written| *written));
        add("country", addresses.iter().try_fold(false, |any, address| Ok::<_, Ivms101Error>(any || has_country(address)?))?);
        add("customer_id", text(person, &["customerIdentification", "customerNumber"])?.is_some());
        if let Some(id) = member(person, &["nationalIdentification"])? {
            let value = text(id, &["nationalIdentifier"])?;
            match (kind, text(id, &["nationalIdentifierType"])?, value) {
                (PersonType::Legal, Some("LEIX"), Some(value)) => add("lei", value.parse::<Lei>().is_ok()),
                (PersonType::Legal, Some("RAID"), Some(_)) => add("registration_number", true),
                (_, Some("TXID"), Some(_)) => add("tax_id", true),
                (PersonType::Natural, Some(code), Some(_)) => add("national_id", PERSONAL.contains(&code)),
                _ => {}
            }
        }
        if let Some(birth) = member(person, &["dateAndPlaceOfBirth"])?.filter(|_| kind == PersonType::Natural) {
            let date = text(birth, &["dateOfBirth"])?.is_some_and(|date| date.parse::<Date>().is_ok());
            let place = text(birth, &["placeOfBirth"])?.is_some();
            add("date_of_birth", date);
            add("place_of_birth", place);
            add("birth", date && place);
        }
        Ok(Self { kind, has })
    }
}

/// Returns whether a VASP of the document has a name. Some programs put it into another member of the same name.
pub(super) fn name_of_vasp(vasp: &Value, name: &str) -> Result<bool, Ivms101Error> {
    let vasp = member(vasp, &[name])?.unwrap_or(vasp);
    let kinds = [("legalPerson", PersonType::Legal), ("naturalPerson", PersonType::Natural)];
    kinds.into_iter().try_fold(false, |any, (person, kind)| {
        Ok(any || member(vasp, &[person])?.map(|person| has_legal_name(person, kind)).transpose()?.unwrap_or_default())
    })
}

/// Returns whether a person has its legal name. Source: IVMS101, C5 and C6.
fn has_legal_name(person: &Value, kind: PersonType) -> Result<bool, Ivms101Error> {
    let (value, of_type): (&[&str], &[&str]) = match kind {
        PersonType::Natural => (&["primaryIdentifier"], &["nameIdentifierType", "naturalPersonNameIdentifierType"]),
        PersonType::Legal => (&["legalPersonName"], &["legalPersonNameIdentifierType", "nameIdentifierType"]),
    };
    for name in member(person, &["name"])?.map(items).unwrap_or_default() {
        for one in member(name, &["nameIdentifier", "nameIdentifiers"])?.map(items).unwrap_or_default() {
            if text(one, of_type)?.is_some_and(|code| code == "LEGL") && text(one, value)?.is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Returns whether an address is more than a country. Source: IVMS101, C8.
fn is_written(address: &Value) -> Result<bool, Ivms101Error> {
    let lines = member(address, &["addressLine"])?.map(items).unwrap_or_default();
    let has_line = lines.iter().any(|line| line.as_str().is_some_and(is_there));
    let street = text(address, &["streetName"])?.is_some();
    let building = text(address, &["buildingNumber"])?.is_some() || text(address, &["buildingName"])?.is_some();
    Ok(has_line || street && building)
}

fn has_country(address: &Value) -> Result<bool, Ivms101Error> {
    Ok(text(address, &["country"])?.is_some_and(|code| code.parse::<Country>().is_ok()))
}

/// Returns a member by any of its names, in any case; `None` if it is absent or null.
///
/// # Errors
/// `Ivms101Error` if it is there twice, so that nobody knows which counts.
pub(super) fn member<'a>(value: &'a Value, names: &[&str]) -> Result<Option<&'a Value>, Ivms101Error> {
    let is_it = |key: &str| names.iter().any(|name| name.eq_ignore_ascii_case(key));
    let mut found = value.as_object().into_iter().flatten().filter(|(key, value)| is_it(key) && !value.is_null());
    let first = found.next();
    if found.next().is_some() {
        let name = names.first().copied().unwrap_or_default();
        return Err(wrong(name, "is there twice, in two spellings; send it once"));
    }
    Ok(first.map(|(_, value)| value))
}

/// Returns the items of a list, or the one thing that stands without a list.
pub(super) fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    }
}

/// Returns a text that says something.
fn text<'a>(value: &'a Value, names: &[&str]) -> Result<Option<&'a str>, Ivms101Error> {
    Ok(member(value, names)?.and_then(Value::as_str).filter(|text| is_there(text)))
}

/// Returns whether a text says something: `N/A` and its like stand in forms that must not be empty.
pub(super) fn is_there(text: &str) -> bool {
    const NOTHING: [&str; 8] = ["", "-", "n/a", "na", "none", "null", "unknown", "not available"];
    !NOTHING.contains(&text.trim().to_ascii_lowercase().as_str())
}
