//! A field of a form: made from a member of an operation's body, shown with the words that the document says of it, and read back into a
//! JSON value. A field's name is the JSON Pointer of its member, at which the API's refusals point, too.

use serde_json::{Map, Value, json};

use super::operation::Operation;
use super::shown::{plain, title};

/// How a field is shown and read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Hidden,
    Line,
    Email,
    Password,
    Number,
    Day,
    Moment,
    Area,
    /// A list of texts, one a line.
    Lines,
    /// JSON, as it is.
    Json,
    Check,
    File,
    /// Values and their words.
    Choice(Vec<(String, String)>),
    /// As a choice, of which several may be ticked; the value has one a line.
    Ticks(Vec<(String, String)>),
}

/// A field.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// The JSON Pointer of its member.
    pub(super) name: String,
    pub(super) label: String,
    pub(super) hint: String,
    pub(super) kind: Kind,
    pub(super) required: bool,
    /// Whether it is a member of some variants of its object only.
    pub(super) varies: bool,
    pub(super) value: String,
    /// The value before the person changed it.
    pub(super) before: String,
    /// What the API says against it; empty if nothing.
    pub(super) fault: String,
    pub(super) most: Option<u64>,
}

/// How deep objects inside a body become fields.
const DEEPEST: usize = 3;

impl Field {
    pub(super) fn new(name: &str, label: &str, kind: Kind) -> Self {
        let [hint, value, before, fault] = [const { String::new() }; 4];
        let (name, label) = (name.to_owned(), label.to_owned());
        Self { name, label, hint, kind, required: false, varies: false, value, before, fault, most: None }
    }

    /// A field of a form that makes a link.
    pub(super) fn asked(name: &str, label: &str, kind: Kind, value: &str) -> Self {
        Self { value: value.to_owned(), ..Self::new(name, label, kind) }
    }

    /// Returns the fields of an operation's body. A list of objects has a row for each of the record's, and one more.
    pub(super) fn of_body(operation: &Operation, record: &Value) -> Vec<Self> {
        let mut collector = Collector { operation, record, fields: Vec::new() };
        if let Some(schema) = operation.body() {
            collector.collect(schema, "", true, 0);
        }
        collector.fields
    }

    pub(super) fn id(&self, form: &str) -> String {
        format!("{form}{}", self.name.replace('/', "-"))
    }

    pub(super) fn is_hidden(&self) -> bool {
        self.kind == Kind::Hidden
    }

    pub(super) fn is_check(&self) -> bool {
        self.kind == Kind::Check
    }

    pub(super) fn is_choice(&self) -> bool {
        matches!(self.kind, Kind::Choice(_))
    }

    pub(super) fn is_area(&self) -> bool {
        matches!(self.kind, Kind::Area | Kind::Lines | Kind::Json)
    }

    /// Returns the words beside the label that say when the field may stay empty. None if it may not, or if it chooses the kind.
    pub(super) fn may_stay_empty(&self) -> &'static str {
        match self.name.starts_with('/') && !self.required {
            true if self.varies && self.is_choice() => "",
            true if self.varies => "if it applies",
            true => "optional",
            false => "",
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.value.lines().count().clamp(3, 14)
    }

    pub(super) fn choices(&self) -> &[(String, String)] {
        if let Kind::Choice(choices) | Kind::Ticks(choices) = &self.kind { choices } else { &[] }
    }

    pub(super) fn is_ticks(&self) -> bool {
        matches!(self.kind, Kind::Ticks(_))
    }

    pub(super) fn has(&self, value: &str) -> bool {
        self.value.lines().any(|line| line.trim() == value)
    }

    /// Takes what a browser sent.
    pub(super) fn take(&mut self, sent: &[(String, String)]) {
        let own = sent.iter().filter(|(name, _)| *name == self.name).map(|(_, value)| value.as_str());
        self.value = if self.is_ticks() { own.collect::<Vec<_>>().join("\n") } else { own.take(1).collect() };
    }

    pub(super) fn input_type(&self) -> &'static str {
        match self.kind {
            Kind::Email => "email",
            Kind::Password => "password",
            Kind::Number => "number",
            Kind::Day => "date",
            Kind::Moment => "datetime-local",
            Kind::File => "file",
            _ => "text",
        }
    }

    pub(super) fn autocomplete(&self) -> &'static str {
        match (&self.kind, self.name.as_str()) {
            (Kind::Password, "/new" | "/password_new") => "new-password",
            (Kind::Password, _) => "current-password",
            (_, "/totp" | "/code" | "code") => "one-time-code",
            (Kind::Email, "/email" | "email") => "username",
            _ => "off",
        }
    }

    /// Shows a value that there is already.
    pub(super) fn set(&mut self, value: &Value) {
        self.value = match (&self.kind, value) {
            (Kind::Lines | Kind::Ticks(_), Value::Array(items)) => items.iter().map(plain).collect::<Vec<_>>().join("\n"),
            (Kind::Json, Value::Null) => String::new(),
            (Kind::Json, value) => serde_json::to_string_pretty(value).unwrap_or_default(),
            (Kind::Check, value) => value.as_bool().unwrap_or_default().to_string(),
            (Kind::Moment, value) => plain(value).chars().take(16).collect(),
            (_, value) => plain(value),
        };
        self.before.clone_from(&self.value);
    }

    /// Reads what the person wrote; `None` if the member is left out.
    fn read(&self) -> Option<Value> {
        let text = self.value.trim();
        if text.is_empty() && self.kind != Kind::Check {
            let was = !self.before.is_empty();
            return match self.kind {
                Kind::Lines | Kind::Ticks(_) if was || self.required => Some(json!([])),
                _ => was.then_some(Value::Null),
            };
        }
        Some(match &self.kind {
            Kind::Hidden if text == "true" || text == "false" => Value::Bool(text == "true"),
            Kind::Check if text == "true" => Value::Bool(true),
            Kind::Check => return (self.required || self.before == "true").then_some(Value::Bool(false)),
            Kind::Number => text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)),
            Kind::Moment => json!(format!("{text}{}", if text.len() == 16 { ":00Z" } else { "" })),
            Kind::Lines | Kind::Ticks(_) => text.lines().map(str::trim).filter(|line| !line.is_empty()).collect(),
            Kind::Json => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            Kind::Password => json!(self.value),
            _ => json!(text.replace("\r\n", "\n")),
        })
    }
}

/// Returns the body that the fields say.
pub(super) fn body_of(fields: &[Field]) -> Value {
    let mut body = Value::Object(Map::new());
    for field in fields.iter().filter(|field| field.kind != Kind::File && field.name.starts_with('/')) {
        if let Some(value) = field.read() {
            put(&mut body, field.name.trim_start_matches('/'), value);
        }
    }
    without_empty_rows(&mut body);
    body
}

/// Leaves out the rows of lists whose members were all emptied.
fn without_empty_rows(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.retain(|item| {
                !item.is_null() && item.as_object().is_none_or(|members| members.values().any(|value| !value.is_null()))
            });
            items.iter_mut().for_each(without_empty_rows);
        }
        Value::Object(members) => members.values_mut().for_each(without_empty_rows),
        _ => {}
    }
}

/// Puts a value at a place of a body, and makes the objects and lists around it. Rows of a list that nobody filled in are left out.
fn put(at: &mut Value, pointer: &str, value: Value) {
    let (first, rest) = pointer.split_once('/').map_or((pointer, None), |(first, rest)| (first, Some(rest)));
    if let Ok(index) = first.parse::<usize>() {
        if !at.is_array() {
            *at = json!([]);
        }
        let Some(items) = at.as_array_mut() else { return };
        if items.len() <= index {
            items.push(Value::Null);
        }
        let last = items.len().saturating_sub(1);
        if let Some(item) = items.get_mut(index.min(last)) {
            into(item, rest, value);
        }
        return;
    }
    if !at.is_object() {
        *at = json!({});
    }
    if let Some(members) = at.as_object_mut() {
        into(members.entry(first).or_insert(Value::Null), rest, value);
    }
}

fn into(item: &mut Value, rest: Option<&str>, value: Value) {
    match rest {
        Some(rest) => put(item, rest, value),
        None => *item = value,
    }
}

/// Collects the fields of a body.
struct Collector<'a> {
    operation: &'a Operation,
    record: &'a Value,
    fields: Vec<Field>,
}

impl Collector<'_> {
    /// Collects the fields of an object's members.
    fn collect(&mut self, schema: &'static Value, place: &str, needed: bool, depth: usize) {
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let one_of = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
        let variants: Vec<&'static Value> = one_of.map(|variant| self.operation.resolved(variant)).collect();
        let is_one_of = !variants.is_empty();
        let objects = if is_one_of { variants } else { vec![schema] };
        for members in objects.into_iter().filter_map(|object| object.get("properties").and_then(Value::as_object)) {
            for (name, member) in members {
                let pointer = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
                let is_required = needed && required.contains(&name.as_str()) && !is_one_of;
                self.member(pointer.clone(), name, member, is_required, depth);
                let own = self.fields.iter_mut().filter(|field| field.name.starts_with(&pointer));
                own.for_each(|field| field.varies |= is_one_of);
            }
        }
    }

    fn member(&mut self, pointer: String, name: &str, member: &'static Value, required: bool, depth: usize) {
        let resolved = self.operation.resolved(member);
        let one = resolved.get("items").map(|items| self.operation.resolved(items));
        let items = one.filter(|items| items.get("properties").is_some());
        let is_object = resolved.get("properties").is_some() || resolved.get("oneOf").is_some();
        let deeper = depth.saturating_add(1);
        match items {
            Some(items) if depth < DEEPEST => {
                let rows = self.record.pointer(&pointer).and_then(Value::as_array).map_or(0, Vec::len);
                (0..=rows).for_each(|row| self.collect(items, &format!("{pointer}/{row}"), false, deeper));
            }
            None if is_object && depth < DEEPEST => self.collect(resolved, &pointer, required, deeper),
            _ => {
                let mut field = field_of(pointer, name, member, resolved, required);
                if let Some(words) = one.and_then(|one| one.get("enum")).and_then(Value::as_array) {
                    let words = words.iter().filter_map(Value::as_str).map(|word| (word.to_owned(), title(word)));
                    field.kind = Kind::Ticks(words.collect());
                }
                add(&mut self.fields, field);
            }
        }
    }
}

/// Adds a field; the variants of one object may share a member, whose values are then joined.
fn add(fields: &mut Vec<Field>, field: Field) {
    match fields.iter_mut().find(|known| known.name == field.name) {
        None => fields.push(field),
        Some(known) => {
            if let (Kind::Choice(all), Kind::Choice(more)) = (&mut known.kind, field.kind) {
                let new: Vec<_> = more.into_iter().filter(|choice| !all.contains(choice)).collect();
                all.extend(new);
            }
        }
    }
}

fn field_of(pointer: String, name: &str, member: &Value, resolved: &Value, required: bool) -> Field {
    let said = member.get("description").or_else(|| resolved.get("description")).and_then(Value::as_str).unwrap_or_default();
    let kind = kind_of(name, resolved, required);
    let most = resolved.get("maxLength").and_then(Value::as_u64);
    let required = required && kind != Kind::Check;
    let row =
        pointer.rsplit('/').nth(1).and_then(|part| part.parse::<usize>().ok()).map(|row| format!(" ({})", row.saturating_add(1)));
    let label = title(name) + &row.unwrap_or_default();
    let lines = if kind == Kind::Lines { " One a line." } else { "" };
    let hint = format!("{}{lines}", hint_of(said)).trim().to_owned();
    Field { hint, required, most, kind, ..Field::new(&pointer, &label, Kind::Line) }
}

fn kind_of(name: &str, schema: &Value, required: bool) -> Kind {
    let is = |wanted: &str| match schema.get("type") {
        Some(Value::String(one)) => one == wanted,
        Some(Value::Array(all)) => all.iter().any(|one| one.as_str() == Some(wanted)),
        _ => false,
    };
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let choices = values.iter().filter_map(Value::as_str).map(|value| (value.to_owned(), title(value)));
        let none = [(String::new(), if required { "Choose one" } else { "Not said" }.to_owned())];
        return Kind::Choice(none.into_iter().chain(choices).collect());
    }
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    let texts = schema.pointer("/items/type").and_then(Value::as_str) == Some("string")
        || schema.pointer("/items/$ref").is_some_and(|_| false);
    match (format, name) {
        ("date", _) => Kind::Day,
        ("date-time", _) => Kind::Moment,
        ("password", _) => Kind::Password,
        (_, "email") => Kind::Email,
        _ if is("boolean") => Kind::Check,
        _ if is("integer") => Kind::Number,
        _ if is("array") && texts => Kind::Lines,
        (_, "reason" | "text" | "note" | "csr" | "pem" | "crl" | "jws" | "message" | "challenge" | "signature") => Kind::Area,
        _ if is("string") => Kind::Line,
        _ => Kind::Json,
    }
}

/// Returns the document's words as a form shows them: without marks of code and without what null means.
fn hint_of(said: &str) -> String {
    let sentences = said.split_inclusive(". ").filter(|sentence| !sentence.to_lowercase().contains("null"));
    sentences.collect::<String>().replace('`', "").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(name: &str, kind: Kind, value: &str, before: &str) -> Field {
        Field { value: value.to_owned(), before: before.to_owned(), ..Field::new(name, "", kind) }
    }

    #[test]
    fn fields_become_the_body_that_their_pointers_say() {
        let body = body_of(&[
            filled("/domain", Kind::Line, " example.org ", ""),
            filled("/covers_subdomains", Kind::Check, "true", ""),
            filled("/location/port", Kind::Number, "443", ""),
            filled("/networks", Kind::Lines, "a\r\n\r\n b", ""),
            filled("/roles", Kind::Ticks(vec![]), "admin\neditor", ""),
            filled("/from", Kind::Moment, "2026-06-01T09:30", ""),
            filled("/contacts/0/name", Kind::Line, "Anna", ""),
            filled("/contacts/1/name", Kind::Line, "", ""),
            filled("/contacts/2/name", Kind::Line, "Ben", ""),
            filled("/website", Kind::Line, "", "https://example.org"),
            filled("/lei", Kind::Line, "", ""),
        ]);

        assert_eq!(
            body,
            json!({"domain": "example.org", "covers_subdomains": true, "location": {"port": 443}, "networks": ["a", "b"],
                "roles": ["admin", "editor"], "from": "2026-06-01T09:30:00Z", "contacts": [{"name": "Anna"}, {"name": "Ben"}], "website": null})
        );
    }

    #[test]
    fn a_form_does_not_speak_of_null() {
        assert_eq!(hint_of("The `LEI`. Null if there is none. Twenty characters."), "The LEI. Twenty characters.");
    }
}
