//! The audit chain of one's own organisation: who did what, when.

use super::super::field::{Field, Kind};
use super::super::sheet::{Cell, Filter, Part, Sheet, Table};
use super::super::shown::{code, list, plain, text, time};
use super::super::visit::{Desk, Shown};
use super::decision::who;
use super::proposals::one_of;

pub(super) async fn page(desk: &Desk) -> Shown {
    let mut sheet = Sheet::new("Audit").lead("Who did what, newest first. Nobody can change these lines.");
    let asked = |name: &str, label: &str, kind| Field::asked(name, label, kind, desk.asked(name).unwrap_or_default());
    let fields = vec![
        asked("actor", "User", Kind::Line),
        asked("action", "Action", Kind::Line),
        asked("subject", "About", Kind::Line),
        one_of(desk, "outcome", "Outcome", &["done", "refused"]),
    ];
    sheet.parts.push(Part::Filter(Filter::new(fields)));
    let found = desk
        .read(&format!("/v1/audit?limit=50&{}", desk.query_of(&["actor", "action", "subject", "outcome", "cursor"])))
        .await?
        .body;
    let mut table = Table::list("Events", &["Action", "Who", "About", "Outcome", "When", "Details"], "No events here.");
    for event in list(&found, "/items") {
        let outcome = text(event, "/outcome");
        table.row([
            Cell::text(text(event, "/action")).soft(format!("line {}", text(event, "/number"))),
            who(desk, event, "/actor"),
            Cell::code(text(event, "/subject")),
            code(event, "/outcome").tone(if outcome == "done" { "" } else { "warn" }),
            time(event, "/at", desk.now),
            Cell::text(event.pointer("/details").map(plain).unwrap_or_default()),
        ]);
    }
    table.next = desk.next(&found, &["actor", "action", "subject", "outcome"]);
    sheet.table(table);
    Ok(sheet)
}
