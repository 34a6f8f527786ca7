//! IVMS 101, the trade's model of the data that travel with a transfer. In: a document says which fields of the rulebook are there; its
//! values are dropped while it is read, so that nothing personal can be kept, logged or signed. Out: a VASP's record as `legalPerson`.
//!
//! Source: interVASP Messaging Standard IVMS101 (2020) and IVMS101.2023, with the constraints C1 to C12. Programs spell it in
//! several ways (`originatorPersons`, `originatorPerson`, `Originator`), so members are found by name whatever their case.

mod legal_person;
mod person;
#[cfg(test)]
mod tests;

pub use legal_person::{IvmsAddress, IvmsIdentification, IvmsLegalName, IvmsLegalNames, IvmsLegalPerson, IvmsPerson};

use std::collections::BTreeSet;

use super::rulebook::PersonType;
use person::{Person, is_there, items, member, name_of_vasp};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use vasp_addresses::network::NetworkTable;
use vasp_addresses::subject::{SubjectKind, read_subject};

/// The versions that a document may name. Source: IVMS101.2023, PayloadVersionCode.
const VERSIONS: [&str; 2] = ["101", "101.2023"];

/// What an IVMS 101 document holds: codes of fields, and no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ivms101 {
    fields: BTreeSet<String>,
    originator_type: Option<PersonType>,
}

/// Why a document is no IVMS 101. No refusal repeats a value of the document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no IVMS 101 document: {place} {wrong}")]
pub struct Ivms101Error {
    /// The member, such as `originator.originatorPersons`.
    pub place: String,
    /// What is wrong, and what would be right.
    pub wrong: &'static str,
}

fn wrong(place: impl Into<String>, wrong: &'static str) -> Ivms101Error {
    Ivms101Error { place: place.into(), wrong }
}

impl Ivms101 {
    /// Reads a document.
    ///
    /// # Errors
    /// `Ivms101Error` if it is no IVMS 101. What only lacks is no error: its field is then not among `fields`.
    pub fn read(document: &Value) -> Result<Self, Ivms101Error> {
        if !document.is_object() {
            return Err(wrong("the document", "must be an object"));
        }
        if let Some(version) =
            member(document, &["payloadMetadata"])?.map(|data| member(data, &["payloadVersion"])).transpose()?.flatten()
        {
            let known = version.as_str().is_some_and(|version| VERSIONS.contains(&version));
            if !known {
                return Err(wrong("payloadMetadata.payloadVersion", "must be `101` or `101.2023`"));
            }
        }
        let [originator, beneficiary] = [member(document, &["originator"])?, member(document, &["beneficiary"])?];
        if originator.is_none() && beneficiary.is_none() {
            return Err(wrong("the document", "must have `originator` or `beneficiary`"));
        }
        let mut fields = BTreeSet::new();
        let originator_type = side(&mut fields, "originator", &["originatorPersons", "originatorPerson"], originator)?;
        side(&mut fields, "beneficiary", &["beneficiaryPersons", "beneficiaryPerson"], beneficiary)?;
        for (vasp, code) in [("originatingVASP", "originator.institution"), ("beneficiaryVASP", "beneficiary.institution")] {
            if member(document, &[vasp])?.map(|found| name_of_vasp(found, vasp)).transpose()?.unwrap_or_default() {
                fields.insert(code.to_owned());
            }
        }
        Ok(Self { fields, originator_type })
    }

    /// Iterates over the codes of the rulebook's fields that the document holds.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(String::as_str)
    }

    /// Returns whether the originator is a natural or a legal person. `None` if the document has no originator.
    #[must_use]
    pub fn originator_type(&self) -> Option<PersonType> {
        self.originator_type
    }
}

impl<'de> Deserialize<'de> for Ivms101 {
    /// Reads a document and drops its values.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Adds the fields of one side; returns what kind of person it is.
fn side(
    fields: &mut BTreeSet<String>,
    side: &'static str,
    names: &[&str],
    found: Option<&Value>,
) -> Result<Option<PersonType>, Ivms101Error> {
    let Some(found) = found else { return Ok(None) };
    let place = format!("{side}.{side}Persons");
    let all = member(found, names)?.map(items).unwrap_or_default();
    let persons: Vec<Person> = all.iter().map(|person| Person::read(person, &place)).collect::<Result<_, _>>()?;
    if persons.is_empty() {
        return Err(wrong(place, "must have at least one person"));
    }
    // Beside a legal person, natural ones represent it.
    let kind = if persons.iter().any(|one| one.kind == PersonType::Legal) { PersonType::Legal } else { PersonType::Natural };
    let mut asked = persons.iter().filter(|one| one.kind == kind);
    let first = asked.next().map(|one| one.has.clone()).unwrap_or_default();
    // Of several customers each needs the field.
    let shared = asked.fold(first, |shared, one| shared.intersection(&one.has).copied().collect());
    let is_field = |name: &&str| side == "originator" || OF_BENEFICIARY.contains(name);
    fields.extend(shared.into_iter().map(|name| in_words_of(side, name)).filter(is_field).map(|name| format!("{side}.{name}")));
    let accounts = member(found, &["accountNumber"])?.map(items).unwrap_or_default();
    let accounts: Vec<&str> = accounts.into_iter().filter_map(Value::as_str).filter(|text| is_there(text)).collect();
    if !accounts.is_empty() {
        fields.insert(format!("{side}.account"));
    }
    if accounts.iter().any(|text| is_address(text)) {
        fields.insert(format!("{side}.dlt_address"));
    }
    Ok(Some(kind))
}

/// What the rulebook asks of a beneficiary. Source: rulebook, `field_codes`.
const OF_BENEFICIARY: [&str; 6] = ["name", "address", "country", "national_id", "lei", "registration_number"];

/// The rulebook has one code for the addresses of beneficiaries, whatever their kind.
fn in_words_of(side: &str, name: &'static str) -> &'static str {
    if side == "beneficiary" && name == "registered_address" { "address" } else { name }
}

/// Returns whether an account number is an address on a ledger. CODE writes the tag behind a colon.
fn is_address(text: &str) -> bool {
    let reads = |text| read_subject(NetworkTable::embedded(), text, Some(&SubjectKind::Address), None, None).is_ok();
    reads(text) || text.rsplit_once(':').is_some_and(|(address, _)| reads(address))
}
