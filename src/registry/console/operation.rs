//! Operations of the API by their ids, read from the OpenAPI document: method, path, who may, and the members of the body.

use serde_json::Value;

use crate::acts::Identity;
use vasp_record::role::{OrganisationKind, Role, Scope};

/// An operation of the document.
#[derive(Clone, Copy)]
pub(super) struct Operation {
    document: &'static Value,
    pub(super) method: &'static str,
    path: &'static str,
    said: &'static Value,
}

impl Operation {
    /// Finds an operation by its id.
    pub(super) fn find(document: &'static Value, id: &str) -> Option<Self> {
        let paths = document.pointer("/paths")?.as_object()?;
        let of_path = |(path, item): (&'static String, &'static Value)| {
            let methods = item.as_object()?.iter();
            let found = methods.filter(|(_, said)| said.get("operationId").and_then(Value::as_str) == Some(id));
            found.map(|(method, said)| Self { document, method, path, said }).next()
        };
        paths.iter().find_map(of_path)
    }

    /// Returns the path with its parts filled in.
    pub(super) fn path(&self, parts: &[(&str, &str)]) -> String {
        parts
            .iter()
            .fold(self.path.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}}}"), &super::shown::quoted(value)))
    }

    pub(super) fn id(&self) -> &'static str {
        self.said.get("operationId").and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns the summary of the operation.
    pub(super) fn summary(&self) -> &'static str {
        self.said.get("summary").and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns whether a person may use the operation, as far as kind, role and scope decide it; the operation itself decides the rest.
    pub(super) fn lets_in(&self, identity: &Identity) -> bool {
        let Some(ways) = self.said.get("x-access").and_then(Value::as_array) else { return true };
        ways.iter().any(|way| {
            let words = |name: &str| -> Vec<&str> {
                way.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
            };
            let (kinds, roles) = (words("organisations"), words("roles"));
            let scope = way.get("scope").and_then(Value::as_str);
            let has_scope = identity.scopes.iter().copied().map(Scope::as_str).any(|held| Some(held) == scope);
            let is_kind = kinds.is_empty() || kinds.contains(&OrganisationKind::as_str(identity.kind));
            let has_role = roles.is_empty() || identity.roles.iter().copied().any(|role| roles.contains(&Role::as_str(role)));
            has_scope && is_kind && has_role
        })
    }

    /// Returns the schema of the JSON body; `None` if the operation has none.
    pub(super) fn body(&self) -> Option<&'static Value> {
        self.said.pointer("/requestBody/content/application~1json/schema").map(|schema| self.resolved(schema))
    }

    /// Follows the references of a schema, and leaves out that a value may be null.
    pub(super) fn resolved(&self, schema: &'static Value) -> &'static Value {
        let mut at = schema;
        // A schema that refers deeper than this is none of ours.
        for _ in 0..8 {
            let target =
                at.get("$ref").and_then(Value::as_str).and_then(|place| self.document.pointer(place.trim_start_matches('#')));
            let one_of = at.get("oneOf").and_then(Value::as_array);
            let only = one_of.and_then(|all| {
                let mut real = all.iter().filter(|one| one.get("type").and_then(Value::as_str) != Some("null"));
                real.next().filter(|_| real.next().is_none())
            });
            match target.or(only) {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }
}
