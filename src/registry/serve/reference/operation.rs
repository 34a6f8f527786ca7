//! The page of one operation: what it does, its parameters, body and answers, and the types in them.

use std::fmt::Write;

use serde_json::Value;

use super::types::{Types, type_of};
use super::{Operation, text};
use crate::http::html::escaped;
use crate::http::page::{CLOSE_SCROLL, open_scroll};
use crate::serve::site::markdown::short;

pub(super) fn body(operation: &Operation<'_>) -> String {
    let mut page = format!(
        "<p><a href=\"/docs/api#{0}\">API reference: {0}</a></p><h1>{1}</h1><p><code><span class=\"verb\">{2}</span> {3}</code></p>{4}",
        escaped(operation.tag),
        escaped(operation.summary()),
        operation.method.to_uppercase(),
        escaped(operation.path),
        short(text(operation.says, "description"))
    );
    let mut types = Types::default();
    credentials(&mut page, operation);
    parameters(&mut page, operation, &mut types);
    if let Some(asked) = operation.says.get("requestBody") {
        page.push_str("<h2 id=\"body\">Body</h2>");
        contents(&mut page, asked, &mut types);
    }
    answers(&mut page, operation, &mut types);
    types.describe(&mut page);
    page
}

/// Says which credentials an operation takes, as the document does.
fn credentials(page: &mut String, operation: &Operation<'_>) {
    let own = operation.says.get("security").or_else(|| super::described().get("security")).and_then(Value::as_array);
    let names: Vec<&str> =
        own.into_iter().flatten().filter_map(Value::as_object).flat_map(|way| way.keys().map(String::as_str)).collect();
    let none = own.is_none_or(|ways| ways.iter().any(|way| way.as_object().is_some_and(serde_json::Map::is_empty)));
    let said = match (names.is_empty(), none) {
        (true, _) => "Credentials: none.",
        (false, true) => {
            "Credentials: an API key, a session or a client certificate; what is public also without, if the registry allows it."
        }
        (false, false) => {
            "Credentials: required. An API key, a session, or a client certificate, with the right that the operation needs."
        }
    };
    // Writing to a string cannot fail.
    let _ = write!(page, "<p class=\"soft\">{said}</p>");
}

fn parameters(page: &mut String, operation: &Operation<'_>, types: &mut Types) {
    let all = operation.says.get("parameters").and_then(Value::as_array);
    let Some(all) = all.filter(|all| !all.is_empty()) else { return };
    page.push_str("<h2 id=\"parameters\">Parameters</h2>");
    open_scroll(page, "Parameters");
    page.push_str(
        "<table><thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Where</th><th scope=\"col\">Type</th>\
         <th scope=\"col\">What it says</th></tr></thead><tbody>",
    );
    for parameter in all {
        let needed = if parameter.get("required") == Some(&Value::Bool(true)) { ", required" } else { "" };
        let schema = parameter.get("schema").unwrap_or(&Value::Null);
        let _ = write!(
            page,
            "<tr><td><code>{}</code></td><td>{}{needed}</td><td>{}</td><td>{}{}</td></tr>",
            escaped(text(parameter, "name")),
            escaped(text(parameter, "in")),
            type_of(schema, types),
            short(text(parameter, "description")),
            example(parameter.get("example").or_else(|| schema.get("example")))
        );
    }
    page.push_str("</tbody></table>");
    page.push_str(CLOSE_SCROLL);
}

/// Writes the forms in which a body can be sent, or an answer comes, each with its examples.
fn contents(page: &mut String, holder: &Value, types: &mut Types) {
    for (media, content) in holder.get("content").and_then(Value::as_object).into_iter().flatten() {
        let shape = content.get("schema").map_or_else(|| "bytes".to_owned(), |schema| type_of(schema, types));
        let _ = write!(page, "<p><code>{}</code>: {shape}</p>", escaped(media));
        let named = content.get("examples").and_then(Value::as_object).into_iter().flatten();
        let named = named.filter_map(|(_, example)| Some((text(example, "summary"), example.get("value")?)));
        for (summary, value) in content.get("example").map(|value| ("", value)).into_iter().chain(named) {
            let label = if summary.is_empty() { "Example" } else { summary };
            let shown = value.as_str().map_or_else(|| serde_json::to_string_pretty(value).unwrap_or_default(), str::to_owned);
            let _ = write!(page, "<p>{}:</p><pre><code>{}</code></pre>", escaped(label), escaped(&shown));
        }
    }
}

fn answers(page: &mut String, operation: &Operation<'_>, types: &mut Types) {
    page.push_str("<h2 id=\"answers\">Answers</h2>");
    for (status, answer) in operation.says.get("responses").and_then(Value::as_object).into_iter().flatten() {
        // Problems are the same everywhere; those that the document describes for this operation are shown.
        if answer.get("$ref").is_some() {
            continue;
        }
        let _ = write!(page, "<h3>{}</h3>{}", escaped(status), short(text(answer, "description")));
        contents(page, answer, types);
    }
    page.push_str("<h3>4xx and 5xx</h3><p>A problem (RFC 9457), <a href=\"/problems\">explained by its code</a>.</p>");
}

fn example(value: Option<&Value>) -> String {
    let Some(value) = value else { return String::new() };
    let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    format!("<p class=\"soft\">Example: <code>{}</code></p>", escaped(&shown))
}
