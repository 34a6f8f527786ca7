//! Disputes about claims, as a case shows them: both claims, and the end of either, which two people decide.

use serde_json::Value;

use super::super::sheet::{Cell, Sheet, Table};
use super::super::shown::{code, list, text, time};
use super::super::visit::{Desk, Stop};
use super::decision;

/// Where all open disputes are read.
pub(super) const ALL: &str = "/v1/disputes?limit=1000";

/// Shows the disputes of a case.
pub(super) async fn show(desk: &Desk, sheet: &mut Sheet, case: &str) -> Result<(), Stop> {
    let found = desk.read_all(ALL).await?;
    for dispute in found.iter().filter(|dispute| text(dispute, "/case") == case) {
        one(desk, sheet, dispute);
    }
    Ok(())
}

fn one(desk: &Desk, sheet: &mut Sheet, dispute: &Value) {
    let mut table = Table::list("Two claims on one address", &["What", "Claim", "Against"], "").watched();
    let both = |name: &str, pointer: &str| {
        [
            Cell::text(name),
            Cell::text(text(dispute, &format!("/claim{pointer}"))),
            Cell::text(text(dispute, &format!("/against{pointer}"))),
        ]
    };
    table.row(both("Firm", "/vasp"));
    table.row(both("Source", "/source"));
    table.row(both("Strength", "/strength"));
    table.row(both("Role", "/role"));
    table.row(both("Has ended", "/has_ended"));
    sheet.table(table);
    let mut facts = Table::facts("").watched();
    facts.fact("Address", Cell::code(text(dispute, "/address")));
    facts.fact("Network", text(dispute, "/network"));
    facts.fact("What it says", text(dispute, "/reason"));
    facts.fact("Opened", time(dispute, "/opened_at", desk.now));
    facts.fact("Outcome", code(dispute, "/outcome"));
    sheet.table(facts);
    for ending in
        list(dispute, "/endings").iter().filter_map(|ending| ending.pointer("/proposal")).filter(|proposal| !proposal.is_null())
    {
        decision::show(desk, sheet, ending);
    }
    if !text(dispute, "/closed_at").is_empty() {
        return;
    }
    for (side, words) in
        [("/claim/id", "Propose the end of the first claim"), ("/against/id", "Propose the end of the other claim")]
    {
        let claim = text(dispute, side);
        if !claim.is_empty() {
            let form = desk.form("propose_claim_end", &[("id", &claim)]);
            sheet.form(form.map(|form| form.named(format!("end-{claim}")).button(words).folded(words)));
        }
    }
    let id = text(dispute, "/id");
    let form = desk.form("dismiss_dispute", &[("id", &id)]);
    sheet.form(form.map(|form| {
        form.named(format!("dismiss-{id}")).button("Dismiss the dispute").folded("Dismiss the dispute: both claims stay")
    }));
}
