//! The types of an operation's bodies, in words: each named type once, in the order in which the page names it.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::{described, text};
use crate::http::html::escaped;
use crate::http::page::{CLOSE_SCROLL, open_scroll};
use crate::serve::site::markdown::short;

/// The prefix of a type's name in a reference.
const SCHEMAS: &str = "#/components/schemas/";

/// The named types that a page mentions.
#[derive(Debug, Default)]
pub(super) struct Types {
    names: Vec<String>,
    /// Whether the members of an object are described on lines of their own.
    on_lines: bool,
}

impl Types {
    /// Returns a link to the description of a named type.
    fn mention(&mut self, name: &str) -> String {
        if !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
        let name = escaped(name);
        format!("<a href=\"#{name}\">{name}</a>")
    }

    /// Describes all that were mentioned, and what they mention in turn.
    pub(super) fn describe(mut self, page: &mut String) {
        if !self.names.is_empty() {
            page.push_str("<h2 id=\"types\">Types</h2>");
        }
        let mut next = 0;
        while let Some(name) = self.names.get(next).cloned() {
            let schema = described().pointer(&format!("/components/schemas/{name}")).unwrap_or(&Value::Null);
            // Writing to a string cannot fail.
            let _ = write!(page, "<h3 id=\"{0}\"><a class=\"here\" href=\"#{0}\">{0}</a></h3>", escaped(&name));
            page.push_str(&short(text(schema, "description")));
            match schema.get("properties").is_some() || schema.get("allOf").is_some() {
                true => members(page, &name, schema, &mut self),
                false => {
                    let _ = write!(page, "<p>{}</p>", type_of(schema, &mut self));
                }
            }
            next += 1;
        }
    }
}

/// Returns a type in words, as HTML. A named type becomes a link.
pub(super) fn type_of(schema: &Value, types: &mut Types) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix(SCHEMAS)) {
        return types.mention(name);
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        let words: Vec<String> = words.iter().map(code).collect();
        return format!("one of {}", words.join(", "));
    }
    for (member, joint) in [("oneOf", " or "), ("anyOf", " or "), ("allOf", " with all members of ")] {
        if let Some(parts) = schema.get(member).and_then(Value::as_array) {
            return parts.iter().map(|part| type_of(part, types)).collect::<Vec<_>>().join(joint);
        }
    }
    let kinds: Vec<String> = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).map(|kind| of_kind(kind, schema, types)).collect(),
        Some(Value::String(kind)) => vec![of_kind(kind, schema, types)],
        _ => vec!["anything".to_owned()],
    };
    kinds.join(" or ")
}

fn of_kind(kind: &str, schema: &Value, types: &mut Types) -> String {
    match kind {
        "array" => {
            format!("list of {}", schema.get("items").map_or_else(|| "anything".to_owned(), |items| type_of(items, types)))
        }
        "object" if types.on_lines && schema.get("properties").is_some() => "object".to_owned(),
        "object" => match (schema.get("properties").and_then(Value::as_object), schema.get("additionalProperties")) {
            (Some(members), _) => {
                let required = required(schema);
                let names: Vec<String> = members
                    .iter()
                    .map(|(name, of)| {
                        let optional = if required.contains(&name.as_str()) { "" } else { " (optional)" };
                        format!("<code>{}</code>{optional}: {}", escaped(name), type_of(of, types))
                    })
                    .collect();
                format!("object with {}", names.join("; "))
            }
            (None, Some(values @ Value::Object(_))) => format!("object whose values are: {}", type_of(values, types)),
            _ => "object".to_owned(),
        },
        "string" => text_of(schema),
        "integer" => "whole number".to_owned(),
        other => escaped(other).to_string(),
    }
}

fn text_of(schema: &Value) -> String {
    let format = text(schema, "format");
    let longest = schema.get("maxLength").map_or_else(String::new, |most| format!(", at most {most} characters"));
    match format {
        "" => format!("text{longest}"),
        format => format!("text ({}){longest}", escaped(format)),
    }
}

fn required(schema: &Value) -> Vec<&str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Writes the members of an object as a table. What an object has from other types comes first.
fn members(page: &mut String, name: &str, schema: &Value, types: &mut Types) {
    let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
    let mut of_others = Vec::new();
    let mut own: Vec<(&Map<String, Value>, Vec<&str>)> = Vec::new();
    for part in parts.chain(std::iter::once(schema)) {
        match (part.get("properties").and_then(Value::as_object), part.get("$ref")) {
            (Some(members), _) => own.push((members, required(part))),
            (None, Some(_)) => of_others.push(type_of(part, types)),
            _ => (),
        }
    }
    if !of_others.is_empty() {
        let _ = write!(page, "<p>It has all members of {}.</p>", of_others.join(" and of "));
    }
    if own.iter().all(|(members, _)| members.is_empty()) {
        return;
    }
    open_scroll(page, &format!("Members of {name}"));
    page.push_str("<table><thead><tr><th scope=\"col\">Member</th><th scope=\"col\">Type</th><th scope=\"col\">What it says</th></tr></thead><tbody>");
    types.on_lines = true;
    for (members, required) in own {
        rows(page, "", members, &required, types);
    }
    types.on_lines = false;
    page.push_str("</tbody></table>");
    page.push_str(CLOSE_SCROLL);
}

/// Writes a line for each member. If the member is an object, the lines of its own members follow.
fn rows(page: &mut String, place: &str, members: &Map<String, Value>, required: &[&str], types: &mut Types) {
    for (member, of) in members {
        let optional = if required.contains(&member.as_str()) { "" } else { "<br>optional" };
        let example = of
            .get("example")
            .or_else(|| of.pointer("/examples/0"))
            .map(|value| format!("<p class=\"soft\">Example: {}</p>", code(value)));
        let _ = write!(
            page,
            "<tr><td><code>{place}{}</code>{optional}</td><td>{}</td><td>{}{}</td></tr>",
            escaped(member),
            type_of(of, types),
            short(said_of(of)),
            example.unwrap_or_default()
        );
        let (mark, inner) = of.get("items").map_or(("", of), |items| ("[]", items));
        if let Some(own) = inner.get("properties").and_then(Value::as_object) {
            rows(page, &format!("{place}{}{mark}.", escaped(member)), own, &self::required(inner), types);
        }
    }
}

/// Returns the description of a member, which stands in its first alternative if it may be null.
fn said_of(schema: &Value) -> &str {
    let own = text(schema, "description");
    let of_first = || schema.pointer("/oneOf/0/description").and_then(Value::as_str).unwrap_or_default();
    if own.is_empty() { of_first() } else { own }
}

fn code(value: &Value) -> String {
    let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    format!("<code>{}</code>", escaped(&shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_of_an_object_inside_stand_on_lines_of_their_own() {
        let number = json!({"type": "integer", "description": "How many"});
        let inner = json!({"type": "object", "required": ["count"], "properties": {"count": number}});
        let outer = json!({"type": "object", "required": ["rows"], "properties": {
            "rows": {"type": "array", "items": inner}, "last": {"type": ["object", "null"], "properties": {"count": number}}}});
        let mut page = String::new();

        members(&mut page, "Outer", &outer, &mut Types::default());

        for line in [
            "<td><code>rows</code></td><td>list of object</td>",
            "<td><code>rows[].count</code></td><td>whole number</td>",
            "<td><code>last</code><br>optional</td><td>object or null</td>",
            "<td><code>last.count</code><br>optional</td><td>whole number</td>",
        ] {
            assert!(page.contains(line), "{line}: {page}");
        }
    }
}
