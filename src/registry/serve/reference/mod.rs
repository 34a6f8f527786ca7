//! The API reference as pages: a list of all operations that can be searched, and one page an operation. Made from the OpenAPI document, so
//! that it says the same; it needs no script.

mod operation;
mod types;

use std::fmt::Write;
use std::sync::LazyLock;

use serde_json::Value;

use super::document::document;
use super::site::markdown::short;
use super::site::navigation::menu;
use crate::http::html::escaped;
use crate::http::page::{CLOSE_SCROLL, Page, Width, open_scroll};

/// An operation of the document.
#[derive(Clone, Copy)]
struct Operation<'a> {
    id: &'a str,
    method: &'a str,
    path: &'a str,
    tag: &'a str,
    /// What the document says of it.
    says: &'a Value,
}

/// The longest text that can be searched for, in characters.
const LONGEST_SEARCH: usize = 100;

/// The document as JSON, so that it is read like any other.
fn described() -> &'static Value {
    static DESCRIBED: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(document()).unwrap_or_default());
    &DESCRIBED
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// Returns all operations, in the order of the document.
fn operations() -> impl Iterator<Item = Operation<'static>> {
    let paths = described().get("paths").and_then(Value::as_object);
    paths.into_iter().flatten().flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().map(move |(method, says)| Operation {
            id: text(says, "operationId"),
            method,
            path,
            tag: says.pointer("/tags/0").and_then(Value::as_str).unwrap_or_default(),
            says,
        })
    })
}

impl Operation<'_> {
    fn summary(&self) -> &str {
        text(self.says, "summary").trim_end_matches('.')
    }

    /// Whether every word stands in its path, name, topic or description.
    fn has_all(&self, words: &[String]) -> bool {
        let all =
            [self.method, self.path, self.id, self.tag, self.summary(), text(self.says, "description")].join(" ").to_lowercase();
        words.iter().all(|word| all.contains(word))
    }
}

/// Returns the page of an operation; `None` if there is none with this id.
pub(super) fn operation_page(id: &str) -> Option<String> {
    let operation = operations().find(|operation| operation.id == id)?;
    let body = operation::body(&operation);
    Some(
        Page { title: &format!("{}: VASP registry API", operation.summary()), side: &menu(""), body: &body, width: Width::Text }
            .html(),
    )
}

/// Returns the list of operations in which every word of `search` stands; all of them if it is empty.
pub(super) fn list_page(search: &str) -> String {
    let search: String = search.chars().take(LONGEST_SEARCH).collect();
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let found: Vec<Operation<'_>> = operations().filter(|operation| operation.has_all(&words)).collect();
    let mut body = format!(
        "<h1>API reference</h1>{}<p>The same as a document for programs: <a href=\"/openapi.json\">/openapi.json</a> (OpenAPI 3.1).</p>\
         <form action=\"/docs/api\" method=\"get\" role=\"search\"><p class=\"search\"><label>Search the operations\
         <input type=\"search\" name=\"q\" value=\"{}\" maxlength=\"{LONGEST_SEARCH}\"></label><button>Search</button></p></form>",
        short(described().pointer("/info/description").and_then(Value::as_str).unwrap_or_default()),
        escaped(&search)
    );
    let said = match (found.len(), words.is_empty()) {
        (count, true) => format!("All {count} operations, by topic."),
        (0, false) => "No operation has all of these words. Try fewer, or a part of the path.".to_owned(),
        (1, false) => "One operation has these words.".to_owned(),
        (count, false) => format!("{count} operations have these words."),
    };
    // Writing to a string cannot fail.
    let _ = write!(body, "<p role=\"status\">{said}</p>");
    let topics = described().get("tags").and_then(Value::as_array);
    for topic in topics.into_iter().flatten() {
        list_topic(&mut body, topic, &found);
    }
    Page { title: "VASP registry API", side: &menu("/docs/api"), body: &body, width: Width::Text }.html()
}

fn list_topic(body: &mut String, topic: &Value, found: &[Operation<'_>]) {
    let (name, about) = (text(topic, "name"), text(topic, "description"));
    let mut of_topic = found.iter().filter(|operation| operation.tag == name).peekable();
    if of_topic.peek().is_none() {
        return;
    }
    let _ = write!(body, "<h2 id=\"{0}\"><a class=\"here\" href=\"#{0}\">{0}</a></h2>{1}", escaped(name), short(about));
    open_scroll(body, &format!("Operations: {name}"));
    body.push_str("<table><thead><tr><th scope=\"col\">Request</th><th scope=\"col\">What it does</th></tr></thead><tbody>");
    for operation in of_topic {
        let _ = write!(
            body,
            "<tr><td><a href=\"/docs/api/{}\"><code><span class=\"verb\">{}</span> {}</code></a></td><td>{}</td></tr>",
            escaped(operation.id),
            operation.method.to_uppercase(),
            escaped(operation.path),
            escaped(operation.summary())
        );
    }
    body.push_str("</tbody></table>");
    body.push_str(CLOSE_SCROLL);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_page_and_stands_in_the_list() {
        let list = list_page("");
        let mut count = 0;

        for operation in operations() {
            let page = operation_page(operation.id).unwrap();
            assert!(page.contains(&escaped(operation.path).to_string()), "{}", operation.id);
            assert!(list.contains(&format!("href=\"/docs/api/{}\"", operation.id)), "{} has no topic of the list", operation.id);
            count += 1;
        }
        assert!(count > 250, "{count}");
        assert!(operation_page("nothing").is_none());
    }

    #[test]
    fn search_takes_every_word_wherever_it_stands() {
        let found = list_page("POST precheck batch");

        assert!(found.contains("/docs/api/create_prechecks\""), "{found}");
        assert!(!found.contains("/docs/api/list_vasps\""), "{found}");
        assert!(list_page("zebra").contains("No operation has all of these words"));
    }

    #[test]
    fn what_was_searched_for_comes_back_as_text_only() {
        let page = list_page("\"><script>alert(1)</script>");

        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("value=\"&quot;&gt;&lt;script&gt;"), "{page}");
    }
}
