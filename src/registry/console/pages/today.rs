//! Today: what waits for this person, what is this person's, what is overdue, and what the registry noticed.

use serde_json::Value;

use super::super::sheet::{Cell, Sheet, Table};
use super::super::shown::{code, is, is_past, list, text, time, title};
use super::super::visit::{Desk, Shown};
use super::{alerts, cases, proposals, record};
use vasp_record::role::OrganisationKind::{Gateway, Member, Operator};

pub(super) async fn page(desk: &Desk) -> Shown {
    let mut sheet =
        Sheet::new("Today").lead(desk.now.to_string().chars().take(16).collect::<String>().replace('T', " ") + " UTC");
    let waiting = desk.read_if_any("/v1/proposals?waits_for=me&limit=50").await?;
    let table = proposals::table(desk, "Waits for your decision", &waiting, "Nothing waits for your decision.");
    begin(&mut sheet, table, &waiting, "/console/proposals?waits_for=me");
    if desk.is(Operator) && desk.may("list_cases") {
        of_operator(desk, &mut sheet).await?;
    }
    if desk.is(Member) {
        of_member(desk, &mut sheet).await?;
    }
    if (desk.is(Member) || desk.is(Gateway)) && desk.may("list_alerts") {
        let raised = desk.read_if_any("/v1/alerts?acknowledged=false&limit=20").await?;
        let table = alerts::table(desk, "Alerts", &raised, "No alert waits to be acknowledged.");
        begin(&mut sheet, table, &raised, "/console/alerts?acknowledged=false");
    }
    sources(desk, &mut sheet).await?;
    Ok(sheet)
}

async fn of_operator(desk: &Desk, sheet: &mut Sheet) -> Result<(), super::super::visit::Stop> {
    for (query, limit, caption, empty) in [
        (format!("assignee={}", desk.user()), 50, "Your cases", "You have taken no case."),
        (format!("due_before={}", desk.now), 20, "Overdue", "No case is overdue."),
        ("status=open&sort=due".to_owned(), 10, "Nobody has taken these", "Every open case has somebody who took it."),
    ] {
        let found = desk.read_if_any(&format!("/v1/cases?{query}&limit={limit}")).await?;
        let table = cases::table(desk, caption, &found, empty).await?;
        begin(sheet, table, &found, &format!("/console/cases?{query}"));
    }
    let hits = desk.read_if_any("/v1/screening/hits?status=open&limit=10").await?;
    let table = super::hits::table(desk, "Open screening hits", &hits, "No screening hit is open.");
    begin(sheet, table, &hits, "/console/hits?status=open");
    Ok(())
}

/// Shows the beginning of a list, and where all of it is.
pub(super) fn begin(sheet: &mut Sheet, table: Table, found: &Value, place: &str) {
    let next = (!text(found, "/next_cursor").is_empty()).then(|| place.to_owned());
    sheet.table(Table { next, ..table });
}

async fn of_member(desk: &Desk, sheet: &mut Sheet) -> Result<(), super::super::visit::Stop> {
    if !desk.may("get_draft") {
        return Ok(());
    }
    let vasp = desk.own_vasp().await?;
    let mut table = Table::facts("Your record");
    if vasp.is_empty() {
        table.fact("State", Cell::link("There is no record yet: begin here", "/console/record"));
        sheet.table(table);
        return Ok(());
    }
    let draft = desk.read_if_any(&format!("/v1/vasps/{vasp}/draft")).await?;
    table.fact("State", Cell::link(title(&text(&draft, "/status")), "/console/record"));
    if draft.pointer("/case/id").is_some() {
        table.fact("Open case", code(&draft, "/case/status").soft("the registry is looking at your record"));
    }
    sheet.table(table);
    record::held_back(sheet, &draft);
    let requests = desk.read_if_any("/v1/questionnaires/access-requests?limit=50").await?;
    let open = list(&requests, "/items").iter().filter(|request| text(request, "/state") == "open").count();
    if open > 0 {
        sheet.notice("warn", format!("{open} want to read your answers."), "Decide under Questionnaire.");
    }
    Ok(())
}

/// Sources that are older than their limit, or that cannot be fetched.
async fn sources(desk: &Desk, sheet: &mut Sheet) -> Result<(), super::super::visit::Stop> {
    let sources = desk.read_if_any("/v1/sources").await?;
    let mut table =
        Table::list("Sources overdue", &["Source", "Known up to", "Why"], "Every source that has a limit of age is within it.");
    let too_old = |source: &&Value| {
        let days = |name| source.get(name).and_then(Value::as_i64);
        days("limit_days").zip(days("age_days")).is_some_and(|(limit, age)| age > limit)
    };
    for source in list(&sources, "/items").iter().filter(too_old) {
        let limit = format!("older than its limit of {} days: it confirms nothing any more", text(source, "/limit_days"));
        table.row([Cell::text(text(source, "/id")), time(source, "/known_through", desk.now), Cell::text(limit).tone("bad")]);
    }
    for source in list(&sources, "/published").iter().filter(|source| is(source, "/failing")) {
        table.row([
            Cell::text(text(source, "/id")),
            time(source, "/known_through", desk.now),
            Cell::text(text(source, "/failure")).tone("warn"),
        ]);
    }
    sheet.table(table);
    Ok(())
}

/// Returns the cell of a day on which something is due.
pub(super) fn due(value: &Value, pointer: &str, desk: &Desk) -> Cell {
    let cell = time(value, pointer, desk.now);
    if is_past(value, pointer, desk.now) { cell.tone("bad") } else { cell }
}
