//! Names of a record that may be taken for others: what a reviewer is shown beside the checklist. Nothing follows from it by
//! itself. Worked out when it is asked, since every name is compared with every live record's.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::resolve::is_live;
use crate::directory::Generation;
use vasp_record::search::NameShapes;
use vasp_record::vasp::{Vasp, VaspStatus};
use vasp_words::ids::VaspId;
use vasp_words::look_alike::name_warnings;

/// Something about a name that a reviewer should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameLookAlike {
    /// Place in the record: `legal_name` or `other_names`.
    pub attribute: &'static str,
    /// The name.
    pub name: String,
    /// `mixed_script`, `latin_look_alike` or `resembles_record`.
    pub code: &'static str,
    /// What it is, in words.
    pub detail: String,
    /// The live record whose name it looks like.
    pub record: Option<ResembledRecord>,
}

/// A live record with a name that looks like another's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResembledRecord {
    /// Its id.
    pub vasp: VaspId,
    /// Its registered name.
    pub legal_name: String,
    /// The name of it that is looked like.
    pub name: String,
    /// Where it is in its life.
    pub status: VaspStatus,
}

/// Returns what is to be said of the names among the places of a record.
pub(super) fn look_alikes(places: &BTreeMap<String, Value>, own: VaspId, generation: &Generation) -> Vec<NameLookAlike> {
    let names = names(places);
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
    for record in records.iter().filter(|record| record.id != records.canonical(own) && is_live(record)) {
        for theirs in std::iter::once(&record.legal_name).chain(record.other_names.iter().map(|other| &other.name)) {
            let their_shapes = NameShapes::of(theirs);
            let alike = shapes.iter().filter(|(_, _, ours)| ours.meet(&their_shapes));
            found.extend(alike.map(|(attribute, name, _)| resembles(attribute, name, record, theirs)));
        }
    }
    found
}

fn resembles(attribute: &'static str, name: &str, record: &Vasp, theirs: &str) -> NameLookAlike {
    let detail = match name == theirs {
        true => format!("`{name}` is also a name of {}, which is {}", record.id, record.status.as_str()),
        false => format!("`{name}` looks like `{theirs}`, a name of {}, which is {}", record.id, record.status.as_str()),
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
