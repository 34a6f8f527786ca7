//! Sources and imports: how old each source is, what each import took and refused. Fetching and importing are commands of the machine.

use serde_json::Value;

use super::super::sheet::{Cell, Filter, Part, Sheet, Table};
use super::super::shown::{code, is, list, quoted, text, time, words};
use super::super::visit::{Desk, Shown};
use super::picture;
use super::proposals::one_of;

pub(super) async fn page(desk: &Desk) -> Shown {
    let mut sheet = Sheet::new("Sources").lead("What the registry knows from others, and how old it is.");
    let found = desk.read("/v1/sources").await?.body;
    let days = |source: &Value, name: &str| source.get(name).and_then(Value::as_i64);
    let ages: Vec<_> = list(&found, "/items")
        .iter()
        .map(|source| (text(source, "/id"), days(source, "age_days").unwrap_or_default(), days(source, "limit_days")))
        .collect();
    if let Some((svg, words)) = picture::ages(&ages) {
        sheet.parts.push(Part::Picture(svg, words));
    }
    let mut table =
        Table::list("Held", &["Source", "Kind", "Known up to", "Limit in days", "Read from"], "Nothing was imported yet.");
    for source in list(&found, "/items") {
        let late = days(source, "limit_days").zip(days(source, "age_days")).is_some_and(|(limit, age)| age > limit);
        let limit = text(source, "/limit_days");
        table.row([
            Cell::text(text(source, "/id")),
            code(source, "/kind"),
            time(source, "/known_through", desk.now).tone(if late { "bad" } else { "" }),
            Cell::text(if limit.is_empty() { "none".to_owned() } else { limit }),
            Cell::text(text(source, "/read_from")),
        ]);
    }
    sheet.table(table);
    let mut table = Table::list("Fetched by the registry", &["Source", "Publisher", "Last success", "Next", "State"], "");
    for source in list(&found, "/published") {
        let (state, tone) = match (is(source, "/failing"), is(source, "/overdue"), is(source, "/paused")) {
            (true, ..) => (text(source, "/failure"), "bad"),
            (_, true, _) => ("overdue".to_owned(), "warn"),
            (_, _, true) => ("paused".to_owned(), "warn"),
            _ if text(source, "/last_success").is_empty() => ("never fetched".to_owned(), "warn"),
            _ => ("as planned".to_owned(), ""),
        };
        table.row([
            Cell::text(text(source, "/id")).soft(text(source, "/what")),
            Cell::text(text(source, "/publisher")),
            time(source, "/last_success", desk.now),
            time(source, "/next_due", desk.now),
            Cell::text(state).tone(tone),
        ]);
    }
    sheet.table_if_any(table);
    if desk.may("list_imports") {
        sheet.say("Fetch a source at once with: vasp-registry sources fetch. Import a file with: vasp-registry import.");
        imports(desk, &mut sheet).await?;
    }
    Ok(sheet)
}

async fn imports(desk: &Desk, sheet: &mut Sheet) -> Result<(), super::super::visit::Stop> {
    sheet.parts.push(Part::Filter(Filter::new(vec![one_of(desk, "outcome", "Imports", &["changed", "unchanged", "refused"])])));
    let found =
        desk.read(&format!("/v1/imports?limit=30&{}", desk.query_of(&["outcome", "format", "source", "cursor"]))).await?.body;
    let head = ["File", "Format", "Outcome", "Read", "Refused rows", "Held", "Vanished", "When"];
    let mut table = Table::list("Imports", &head, "No imports here.");
    for import in list(&found, "/items") {
        let outcome = text(import, "/outcome");
        let number = |pointer| Cell::text(text(import, pointer));
        table.row([
            Cell::link(text(import, "/file"), format!("/console/imports/{}", text(import, "/id"))),
            Cell::text(text(import, "/format")),
            Cell::text(words(&outcome)).tone(if outcome == "refused" { "bad" } else { "" }).soft(text(import, "/reason")),
            number("/rows/read"),
            number("/rows/rejected"),
            number("/rows/held"),
            number("/vanished"),
            time(import, "/imported_at", desk.now),
        ]);
    }
    table.next = desk.next(&found, &["outcome", "format", "source"]);
    sheet.table(table);
    Ok(())
}

pub(super) async fn import(desk: &Desk) -> Shown {
    let id = quoted(desk.part("id"));
    let import = desk.read(&format!("/v1/imports/{id}")).await?.body;
    let mut sheet = Sheet::new(format!("Import: {}", text(&import, "/file")));
    let mut table = Table::facts("Import");
    for (name, pointer) in [
        ("Format", "/format"),
        ("Outcome", "/outcome"),
        ("Why", "/reason"),
        ("Observed on", "/observed_on"),
        ("By", "/imported_by"),
        ("Rows read", "/rows/read"),
        ("Taken", "/rows/taken"),
        ("Unchanged", "/rows/unchanged"),
        ("Repeated", "/rows/repeated"),
        ("Refused", "/rows/rejected"),
        ("Held", "/rows/held"),
        ("Taken with a note", "/rows/flagged"),
        ("New", "/new"),
        ("Changed", "/changed"),
        ("Vanished from the source", "/vanished"),
        ("Sequence", "/sequence"),
    ] {
        table.fact(name, words(&text(&import, pointer)));
    }
    table.fact("Imported", time(&import, "/imported_at", desk.now));
    table.fact("SHA-256", Cell::code(text(&import, "/sha256")));
    sheet.table(table);
    let rows = desk.read(&format!("/v1/imports/{id}/rows?limit=100&{}", desk.query_of(&["outcome", "cursor"]))).await?.body;
    let mut table =
        Table::list("Rows to look at", &["Line", "Outcome", "Column", "Why", "What it says"], "Every row was taken as it is.");
    for row in list(&rows, "/items") {
        table.row([
            Cell::text(text(row, "/line")),
            code(row, "/outcome"),
            Cell::text(text(row, "/column")),
            Cell::text(text(row, "/reason")),
            Cell::text(text(row, "/text")),
        ]);
    }
    table.next = desk.next(&rows, &["outcome"]);
    sheet.table(table);
    Ok(sheet)
}
