//! What became of the transfer of a recorded pre-check: its conditions one by one, its result, and its release against the answer, which two
//! people decide.

use serde_json::Value;

use super::super::field::{Field, Kind};
use super::super::sheet::{Cell, Sheet, Table};
use super::super::shown::{code, is, list, quoted, text, time, title};
use super::super::visit::{Desk, Stop};
use super::decision::{self, who};

/// Shows the outcome of a pre-check, and what this person can add.
pub(super) async fn show(desk: &Desk, sheet: &mut Sheet) -> Result<(), Stop> {
    let id = desk.part("id");
    let outcome = desk.read_if_any(&format!("/v1/prechecks/{}/outcome", quoted(id))).await?;
    if outcome.is_null() {
        return Ok(());
    }
    sheet.heading("What became of the transfer");
    recorded(desk, sheet, &outcome);
    let waiting = desk.read_if_any(&format!("/v1/proposals?subject={}&state=pending&limit=10", quoted(id))).await?;
    let waiting = list(&waiting, "/items");
    waiting.iter().for_each(|proposal| decision::show(desk, sheet, proposal));
    if is(&outcome, "/open") {
        forms(desk, sheet, id, &outcome, waiting);
    }
    Ok(())
}

fn recorded(desk: &Desk, sheet: &mut Sheet, outcome: &Value) {
    let head = ["Result", "Transaction", "Note", "By", "When"];
    let mut table = Table::list("Recorded so far", &head, "Nothing is recorded yet.").watched();
    let mut met = Table::list("Conditions that somebody stated", &["Condition", "Met", "By", "Proof", "When"], "").watched();
    for entry in list(outcome, "/entries") {
        if !text(entry, "/result").is_empty() || !text(entry, "/note").is_empty() {
            let result = code(entry, "/result").soft(if is(entry, "/confidential") { "confidential" } else { "" });
            table.row([
                result,
                Cell::text(text(entry, "/transaction")),
                Cell::text(text(entry, "/note")),
                who(desk, entry, "/recorded_by"),
                time(entry, "/recorded_at", desk.now),
            ]);
        }
        for condition in list(entry, "/conditions") {
            let is_met = is(condition, "/met");
            let proof = ["/proof/text", "/proof/document_sha256", "/proof/precheck"].map(|pointer| text(condition, pointer));
            met.row([
                Cell::text(text(condition, "/id")),
                Cell::text(if is_met { "yes" } else { "no" }).tone(if is_met { "good" } else { "warn" }),
                Cell::text(text(condition, "/by")),
                Cell::text(proof.into_iter().find(|proof| !proof.is_empty()).unwrap_or_default()),
                time(entry, "/recorded_at", desk.now),
            ]);
        }
    }
    sheet.table(table);
    sheet.table_if_any(met);
    let mut open = Table::list("Conditions that are open", &["Condition", "What", "Before", "Who"], "").watched();
    for condition in list(outcome, "/open_conditions") {
        open.row([
            Cell::text(text(condition, "/id")),
            Cell::text(text(condition, "/detail")),
            code(condition, "/before"),
            code(condition, "/fulfilled_by"),
        ]);
    }
    sheet.table_if_any(open);
}

fn forms(desk: &Desk, sheet: &mut Sheet, id: &str, outcome: &Value, waiting: &[Value]) {
    let parts = [("id", id)];
    for condition in list(outcome, "/open_conditions") {
        let name = text(condition, "/id");
        let form = desk.form("record_precheck_outcome", &parts).map(|form| {
            let form = form.named(format!("met-{name}")).keep(&["/conditions/0/by", "/conditions/0/proof/text"]);
            let form = form.label("/conditions/0/by", "Who met it").label("/conditions/0/proof/text", "What shows it");
            let form = form.required("/conditions/0/by").required("/conditions/0/proof/text");
            let form = form.suggest("/conditions/0/by", &text(desk.session(), "/user/name"));
            let form = form.with(Field::asked("/conditions/0/id", "", Kind::Hidden, &name));
            let form = form.with(Field::asked("/conditions/0/met", "", Kind::Hidden, "true"));
            form.button("Record that it is met").folded(&format!("Mark as met: {}", text(condition, "/detail")))
        });
        sheet.form(form);
    }
    let form = desk.form("record_precheck_outcome", &parts).map(|form| {
        let form = form.named("result").keep(&["/result", "/transaction", "/note"]);
        form.button("Record the result").folded("Record what became of the transfer")
    });
    sheet.form(form);
    let form = desk.form("propose_precheck_outcome", &parts).filter(|_| waiting.is_empty()).map(|form| {
        let results = ["released", "returned"].map(|result| (result.to_owned(), title(result)));
        let form = form.named("release").keep(&["/result", "/transaction", "/reason"]).choices("/result", results);
        form.button("Propose it").folded("Release it although the answer does not clear it: two people")
    });
    sheet.form(form);
}
