//! Names of a record that may be mistaken for others, and values that other records have too. A reviewer sees them next to the
//! checklist, and nothing follows from them automatically. They are computed on each request, by comparison with every live record. How a
//! record looks is kept until the record changes: with 50,000 records it takes two seconds to work out.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::directory::Generation;
use serde::Serialize;
use utoipa::ToSchema;

use vasp_record::search::NameShapes;
use vasp_record::vasp::{Vasp, VaspStatus};
use vasp_words::host::Host;
use vasp_words::ids::VaspId;
use vasp_words::look_alike::name_warnings;

/// A name or value that a reviewer should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NameLookAlike {
    /// Attribute of the record: `legal_name`, `other_names`, `lei`, `identifiers` or `website`.
    pub attribute: &'static str,
    /// The name, or the value: an LEI, scheme and value of an identifier, the host of a website.
    pub name: String,
    /// `mixed_script` (scripts that are not written together), `latin_look_alike` (other letters that read as Latin ones),
    /// `resembles_record` (looks like a name of a live record) or `same_value` (a live record has the same value).
    pub code: &'static str,
    /// Explanation in words.
    pub detail: String,
    /// The live record whose name it looks like, or which has the same value; `None` with the other codes.
    pub record: Option<ResembledRecord>,
}

/// A live record with a similar name or the same value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ResembledRecord {
    /// Its id.
    pub vasp: VaspId,
    /// Its registered name.
    pub legal_name: String,
    /// The name of that record that looks similar.
    pub name: String,
    /// Its status.
    pub status: VaspStatus,
}

/// How the live records look that were compared.
#[derive(Debug, Default)]
pub(crate) struct Looks(Mutex<HashMap<VaspId, Look>>);

#[derive(Debug)]
struct Look {
    /// The record. A record that changed is another value, so its look is worked out again.
    of: Arc<Vasp>,
    /// The shapes of each name, in the order of `names_of`.
    names: Vec<NameShapes>,
    host: Option<String>,
}

impl Look {
    fn of(record: &Arc<Vasp>) -> Self {
        let names = names_of(record).map(|name| NameShapes::of(name)).collect();
        Self { of: Arc::clone(record), names, host: record.website.as_deref().and_then(website_host) }
    }
}

fn names_of(record: &Vasp) -> impl Iterator<Item = &String> {
    std::iter::once(&record.legal_name).chain(record.other_names.iter().map(|other| &other.name))
}

/// Returns the warnings about the names and values of a record.
pub(crate) fn look_alikes(
    places: &BTreeMap<String, Value>,
    own: VaspId,
    generation: &Generation,
    looks: &Looks,
) -> Vec<NameLookAlike> {
    let (names, values) = (names(places), values(places));
    let mut found: Vec<NameLookAlike> = Vec::new();
    for (attribute, name) in &names {
        found.extend(name_warnings(name).into_iter().map(|warning| NameLookAlike {
            attribute,
            name: (*name).to_owned(),
            code: warning.code(),
            detail: warning.to_string(),
            record: None,
        }));
    }
    let shapes: Vec<_> = names.into_iter().map(|(attribute, name)| (attribute, name, NameShapes::of(name))).collect();
    let records = generation.records();
    let mut looks = looks.0.lock().unwrap_or_else(PoisonError::into_inner);
    for record in records.iter().filter(|record| record.id != records.canonical(own) && record.status.is_live()) {
        let look = looks.entry(record.id).or_insert_with(|| Look::of(record));
        if !Arc::ptr_eq(&look.of, record) {
            *look = Look::of(record);
        }
        for (theirs, their_shapes) in names_of(record).zip(&look.names) {
            let alike = shapes.iter().filter(|(_, _, ours)| ours.meet(their_shapes));
            found.extend(alike.map(|(attribute, name, _)| resembles(attribute, name, record, theirs)));
        }
        let same = values.iter().filter(|(attribute, value)| bears(look, attribute, value));
        found.extend(same.map(|(attribute, value)| same_value(attribute, value.clone(), record)));
    }
    found
}

/// Returns the values by which a record can be found, each with its attribute: LEI, identifiers, the host of the website.
fn values(places: &BTreeMap<String, Value>) -> Vec<(&'static str, String)> {
    let text = |place: &str| places.get(place).and_then(Value::as_str);
    let identifiers = places.get("identifiers").and_then(Value::as_array).into_iter().flatten();
    let identifiers =
        identifiers.filter_map(|known| Some(identifier(known.get("scheme")?.as_str()?, known.get("value")?.as_str()?)));
    let website = text("website").and_then(website_host).map(|host| ("website", host));
    let lei = text("lei").map(|lei| ("lei", lei.to_owned()));
    lei.into_iter().chain(identifiers.map(|known| ("identifiers", known))).chain(website).collect()
}

fn identifier(scheme: &str, value: &str) -> String {
    format!("{scheme} {value}")
}

fn website_host(website: &str) -> Option<String> {
    Host::from_website_cell(website).map(|host| host.without_www().to_string())
}

fn bears(look: &Look, attribute: &str, value: &str) -> bool {
    match attribute {
        "lei" => look.of.lei.is_some_and(|lei| lei.as_str() == value),
        "website" => look.host.as_deref() == Some(value),
        _ => look.of.identifiers.iter().any(|known| identifier(&known.scheme, &known.value) == value),
    }
}

fn same_value(attribute: &'static str, name: String, record: &Vasp) -> NameLookAlike {
    // A submission has one list of identifiers, but each published identifier is a fact of its own.
    let places = if attribute == "identifiers" { [attribute, "identifier"] } else { [attribute; 2] };
    let evidence = if places.iter().any(|place| record.is_evidenced(place)) { "with evidence" } else { "without evidence" };
    let detail =
        format!("the record {} has the same value `{name}`, {evidence}; its status is {}", record.id, record.status.as_str());
    let legal_name = record.legal_name.clone();
    let resembled = ResembledRecord { vasp: record.id, name: legal_name.clone(), legal_name, status: record.status };
    NameLookAlike { attribute, name, code: "same_value", detail, record: Some(resembled) }
}

fn resembles(attribute: &'static str, name: &str, record: &Vasp, theirs: &str) -> NameLookAlike {
    let detail = match name == theirs {
        true => format!("`{name}` is also a name of {}, whose status is {}", record.id, record.status.as_str()),
        false => format!("`{name}` looks like `{theirs}`, a name of {}, whose status is {}", record.id, record.status.as_str()),
    };
    let (legal_name, theirs) = (record.legal_name.clone(), theirs.to_owned());
    let record = ResembledRecord { vasp: record.id, legal_name, name: theirs, status: record.status };
    NameLookAlike { attribute, name: name.to_owned(), code: "resembles_record", detail, record: Some(record) }
}

fn names(places: &BTreeMap<String, Value>) -> Vec<(&'static str, &str)> {
    let legal = places.get("legal_name").and_then(Value::as_str).map(|name| ("legal_name", name));
    let others = places.get("other_names").and_then(Value::as_array).into_iter().flatten();
    let others = others.filter_map(|other| Some(("other_names", other.get("name")?.as_str()?)));
    legal.into_iter().chain(others).collect()
}
