//! Lists as CSV (RFC 4180), for people who open them in a spreadsheet. A caller that prefers `text/csv` in `Accept` gets the items of a list
//! as rows. Members of an object inside an item become columns `outer.inner`; an array becomes one cell, its texts with `; ` between them.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::header::{Accept, Header as _};
use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use memchr::memmem;
use serde_json::{Map, Value};

use super::headers::PRIVATE;

const CSV: &str = "text/csv";

/// Returns a list as CSV if the caller prefers that. `None` for all other answers. It has no `ETag`: nothing keeps it.
pub(crate) fn preferred(request: &HttpRequest, status: StatusCode, json: &[u8]) -> Option<HttpResponse> {
    let named =
        || request.headers().get(header::ACCEPT).is_some_and(|accept| memmem::find(accept.as_bytes(), CSV.as_bytes()).is_some());
    let is_first = || Accept::parse(request).is_ok_and(|accept| accept.preference().essence_str() == CSV);
    if request.method() != Method::GET || status != StatusCode::OK || !named() || !is_first() {
        return None;
    }
    let list: Map<String, Value> = serde_json::from_slice(json).ok()?;
    let items = list.get("items")?.as_array()?;
    let mut response = HttpResponse::Ok();
    response.content_type("text/csv; charset=utf-8").insert_header(PRIVATE).insert_header((header::VARY, "Accept"));
    if let Some(next) = list.get("next_cursor").and_then(Value::as_str) {
        let query = request.query_string().split('&').filter(|part| !part.is_empty() && !part.starts_with("cursor="));
        let query: String = query.fold(String::new(), |query, part| query + part + "&");
        response.insert_header((header::LINK, format!("<{}?{query}cursor={next}>; rel=\"next\"", request.path())));
    }
    Some(response.body(written(items)))
}

/// Writes the items as rows below a row of their members' names, in order of name.
fn written(items: &[Value]) -> Vec<u8> {
    let rows = items.iter().map(|item| {
        let mut row = BTreeMap::new();
        add_cells(&mut row, String::new(), item);
        row
    });
    let rows: Vec<BTreeMap<String, String>> = rows.collect();
    let names: BTreeSet<&String> = rows.iter().flat_map(BTreeMap::keys).collect();
    let cells = rows.iter().map(|row| names.iter().map(|name| row.get(*name).map_or("", String::as_str)).collect());
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for line in std::iter::once(names.iter().map(|name| name.as_str()).collect::<Vec<_>>()).chain(cells) {
        // Writing lines of one length to memory does not fail.
        let _ = table.write_record(line);
    }
    table.into_inner().unwrap_or_default()
}

/// Returns a cell that no spreadsheet takes for a formula: such a text gets an apostrophe before it (OWASP, "CSV Injection").
fn guarded(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

fn add_cells(row: &mut BTreeMap<String, String>, name: String, value: &Value) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                let inner = if name.is_empty() { member.clone() } else { format!("{name}.{member}") };
                add_cells(row, inner, value);
            }
        }
        value => {
            row.insert(name, guarded(&cell(value)));
        }
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            items.iter().map(cell).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// Source: RFC 4180, section 2.
    #[test]
    fn members_become_columns_and_no_cell_is_a_formula() {
        let items = [
            json!({"id": "a", "group": {"name": "Zürich, \"AG\""}, "tags": ["x", "y"], "lei": null}),
            json!({"id": "=1+1", "extra": [{"n": 1}]}),
        ];
        let written = String::from_utf8(written(&items)).unwrap();
        let mut lines = written.split_terminator("\r\n");
        let names: Vec<&str> = lines.next().unwrap().split(',').collect();

        assert_eq!(
            names.iter().collect::<std::collections::BTreeSet<_>>(),
            ["extra", "group.name", "id", "lei", "tags"].iter().collect()
        );
        assert!(written.contains("\"Zürich, \"\"AG\"\"\"") && written.contains("x; y") && written.contains("'=1+1"), "{written}");
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_as_one_cell(texts in proptest::collection::vec("\\PC{0,20}|[\"\n\r,=]{0,5}", 1..5)) {
            let items: Vec<Value> = texts.iter().map(|text| json!({"a": "x", "b": text})).collect();
            let written = written(&items);
            let mut reader = csv::Reader::from_reader(written.as_slice());
            let cells: Vec<String> = reader.records().map(|row| row.unwrap()[1].to_owned()).collect();
            let plain: Vec<&str> = cells.iter().zip(&texts).map(|(cell, text)| if cell == text { cell } else { cell.strip_prefix('\'').unwrap() }).collect();
            prop_assert_eq!(plain, texts.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}
