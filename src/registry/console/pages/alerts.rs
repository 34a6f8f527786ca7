//! Alerts about counterparties that the organisation watches or relied on.

use serde_json::Value;

use super::super::sheet::{Cell, Filter, Part, Sheet, Table};
use super::super::shown::{code, list, text, time};
use super::super::visit::{Desk, Shown};
use super::proposals::{one_of, yes_or_no};

pub(super) async fn page(desk: &Desk) -> Shown {
    let mut sheet = Sheet::new("Alerts").lead("What changed about the firms that you watch or dealt with.");
    let fields = vec![
        yes_or_no(desk, "acknowledged", "Acknowledged", "All"),
        one_of(desk, "min_severity", "Severity at least", &["critical", "high", "medium", "info"]),
    ];
    sheet.parts.push(Part::Filter(Filter::new(fields)));
    let found = desk
        .read(&format!("/v1/alerts?limit=50&{}", desk.query_of(&["acknowledged", "min_severity", "vasp", "cursor"])))
        .await?
        .body;
    let mut table = table(desk, "Alerts", &found, "No alerts here.");
    table.next = desk.next(&found, &["acknowledged", "min_severity", "vasp"]);
    sheet.table(table);
    sheet.say("Webhooks are set up through the API (POST /v1/webhooks).");
    for alert in list(&found, "/items").iter().filter(|alert| text(alert, "/acknowledged_at").is_empty()) {
        let id = text(alert, "/id");
        let form = desk.form("acknowledge_alert", &[("id", &id)]);
        let (about, more) = (text(alert, "/detail"), if text(alert, "/detail").chars().count() > 90 { "…" } else { "" });
        let about: String = about.chars().take(90).collect();
        sheet.form(form.map(|form| form.named(&id).button("Acknowledge").folded(&format!("Acknowledge: {about}{more}"))));
    }
    Ok(sheet)
}

/// Returns a list of alerts.
pub(super) fn table(desk: &Desk, caption: &str, found: &Value, empty: &str) -> Table {
    let mut table = Table::list(caption, &["What", "Severity", "Raised", "About"], empty);
    for alert in list(found, "/items") {
        let vasp = text(alert, "/vasp");
        let severity = text(alert, "/severity");
        let tone = if ["critical", "high"].contains(&severity.as_str()) { "bad" } else { "" };
        let about = if vasp.is_empty() { Cell::default() } else { Cell::link(vasp.clone(), format!("/console/firms/{vasp}")) };
        table.row([
            Cell::link(text(alert, "/detail"), format!("/console/alerts#{}", text(alert, "/id"))),
            code(alert, "/severity").tone(tone),
            time(alert, "/raised_at", desk.now),
            about,
        ]);
    }
    table
}
