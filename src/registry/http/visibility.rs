//! Who sees which field of an answer. The table `openapi/visibility.txt` has a line for every field of every answer. If a field is not for
//! every permitted caller, its view asks here. A test walks the OpenAPI document and fails if a field has no line.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::acts::Identity;
use vasp_record::role::OrganisationKind;
use vasp_words::ids::VaspId;

/// The table, in its own format: `Schema audience: field field …`. `outer.inner` is a field of an object inside.
const TABLE: &str = include_str!("../../../openapi/visibility.txt");

/// The reader of an answer, from the one who sees least to the one who sees most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Viewer {
    /// Anybody, if the server allows public reading.
    Public,
    /// A gateway's organisation.
    Gateway,
    /// A member's organisation.
    Member,
    /// The member that owns the record.
    Owner,
    /// The registry's own staff.
    Operator,
}

impl Viewer {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Public, "public"),
        (Self::Gateway, "gateway"),
        (Self::Member, "member"),
        (Self::Owner, "owner"),
        (Self::Operator, "operator"),
    ];

    /// Returns which viewer a caller is for the record of a VASP.
    #[must_use]
    pub fn of(identity: Option<&Identity>, vasp: VaspId) -> Self {
        match identity {
            None => Self::Public,
            Some(identity) if identity.kind == OrganisationKind::Operator => Self::Operator,
            Some(identity) if identity.kind == OrganisationKind::Member && identity.vasp == Some(vasp) => Self::Owner,
            Some(identity) if identity.kind == OrganisationKind::Member => Self::Member,
            Some(_) => Self::Gateway,
        }
    }

    /// Returns whether this viewer may see a field; nobody sees a field without a line.
    #[must_use]
    pub fn sees(self, schema: &str, field: &str) -> bool {
        static RULES: LazyLock<HashMap<(&str, &str), Viewer>> = LazyLock::new(rules);
        RULES.get(&(schema, field)).is_some_and(|least| self >= *least)
    }
}

fn rules() -> HashMap<(&'static str, &'static str), Viewer> {
    let mut rules = HashMap::new();
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let Some((head, fields)) = line.split_once(": ") else { continue };
        let Some((schema, audience)) = head.split_once(' ') else { continue };
        let Some((least, _)) = Viewer::ALL.into_iter().find(|(_, word)| *word == audience) else { continue };
        rules.extend(fields.split(' ').map(|field| ((schema, field), least)));
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::BTreeSet;

    /// Returns the fields of every schema that an answer of the document refers to, directly or indirectly.
    fn answered(document: &Value) -> BTreeSet<(String, String)> {
        let mut open: Vec<&Value> = Vec::new();
        for operation in document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values()) {
            open.push(&operation["responses"]);
        }
        open.push(&document["components"]["responses"]);
        let (mut seen, mut fields) = (BTreeSet::new(), BTreeSet::new());
        while let Some(value) = open.pop() {
            match value {
                Value::Object(members) => {
                    if let Some(name) =
                        members.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix("#/components/schemas/"))
                        && seen.insert(name.to_owned())
                    {
                        let schema = &document["components"]["schemas"][name];
                        own_fields(schema, name, "", &mut fields);
                        open.push(schema);
                    }
                    open.extend(members.values());
                }
                Value::Array(items) => open.extend(items),
                _ => {}
            }
        }
        fields
    }

    /// Returns the properties of a schema, including those of its parts, and of objects that stand in it.
    fn own_fields(schema: &Value, name: &str, place: &str, fields: &mut BTreeSet<(String, String)>) {
        for (property, inner) in schema["properties"].as_object().into_iter().flatten() {
            fields.insert((name.to_owned(), format!("{place}{property}")));
            own_fields(inner, name, &format!("{place}{property}."), fields);
        }
        if let Some(items) = schema.get("items").filter(|_| !place.is_empty()) {
            own_fields(items, name, place, fields);
        }
        for part in ["allOf", "oneOf", "anyOf"] {
            for inner in schema[part].as_array().into_iter().flatten() {
                own_fields(inner, name, place, fields);
            }
        }
    }

    #[test]
    fn every_field_of_every_answer_has_one_line_and_no_line_is_left_over() {
        let document: Value = serde_json::from_str(include_str!("../../../openapi/openapi.json")).unwrap();
        let answered = answered(&document);
        assert!(answered.len() > 300, "{}", answered.len());

        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
        let named: Vec<(String, String)> = lines
            .iter()
            .flat_map(|line| {
                let (head, fields) = line.split_once(": ").unwrap_or_else(|| panic!("`{line}` is no line of the table"));
                let (schema, audience) = head.split_once(' ').unwrap();
                assert!(Viewer::ALL.iter().any(|(_, word)| *word == audience), "{line}");
                fields.split(' ').map(|field| (schema.to_owned(), field.to_owned())).collect::<Vec<_>>()
            })
            .collect();
        let unique: BTreeSet<_> = named.iter().cloned().collect();

        assert_eq!(unique.len(), named.len(), "a field has two lines");
        let missing: Vec<_> = answered.difference(&unique).collect();
        assert!(missing.is_empty(), "fields without a line in openapi/visibility.txt: {missing:?}");
        let over: Vec<_> = unique.difference(&answered).collect();
        assert!(over.is_empty(), "lines in openapi/visibility.txt about no field: {over:?}");
    }

    #[test]
    fn contacts_are_for_members_and_operators() {
        let sees = |viewer: Viewer| viewer.sees("Vasp", "contacts");

        assert_eq!(Viewer::ALL.map(|(viewer, _)| sees(viewer)), [false, false, true, true, true]);
        assert!(Viewer::Public.sees("Vasp", "legal_name"));
        assert!(!Viewer::Operator.sees("Vasp", "no_such_field"));
    }
}
