//! The verdict of a pre-check as a page: the one word, why, what is to do and by whom, which data travel, and every check with its evidence.

use serde_json::Value;

use super::super::sheet::{Cell, Part, Sheet, Table};
use super::super::shown::{code, is, list, plain, text, time, title, words};
use super::super::visit::Desk;

/// Fields of Ask that a verdict may ask for.
pub(super) const COUNTRY: &str = "Other customer's country";
pub(super) const FIRM: &str = "Which firm it is";
pub(super) const WALLET: &str = "Self-hosted wallet";
pub(super) const CORRESPONDENT: &str = "Correspondent";

/// The members that sentences of a verdict name between backticks, and the fields of Ask for them.
const MEMBERS: &[(&str, &[&str])] =
    &[("customer_country", &[COUNTRY]), ("declared", &[FIRM, WALLET]), ("transfer.correspondent", &[CORRESPONDENT])];

/// Returns which fields of Ask a sentence asks for; empty if it asks for none.
fn fields_for(sentence: &str) -> String {
    let asked = MEMBERS.iter().filter(|(member, _)| sentence.contains(&format!("`{member}`")));
    let fields: Vec<&str> = asked.flat_map(|(_, fields)| fields.iter().copied()).collect();
    if fields.is_empty() { String::new() } else { format!("On Ask: {}.", fields.join(", ")) }
}

/// Returns the tone of a recommendation or an outcome.
fn tone(word: &str) -> &'static str {
    match word {
        "proceed" | "pass" => "good",
        "proceed_with_conditions" | "hold" | "warn" | "unknown" => "warn",
        "reject" | "fail" => "bad",
        _ => "",
    }
}

/// Returns a recommendation or an outcome as a cell.
pub(super) fn word(word: &str) -> Cell {
    Cell::text(words(word)).tone(tone(word))
}

/// Shows the head of a verdict: the one word, and what to know at once.
pub(super) fn head(sheet: &mut Sheet, verdict: &Value, evidence: &Value) {
    let recommendation = text(verdict, "/recommendation");
    sheet.parts.push(Part::Word(tone(&recommendation), title(&recommendation)));
    if list(verdict, "/reasons").iter().any(|reason| is(reason, "/confidential")) {
        sheet.notice("bad", "Confidential: for compliance staff only.", "Nobody may tell the customer why.");
    }
    if is(verdict, "/incomplete") {
        let unknown = list(evidence, "/checks").iter().filter(|check| text(check, "/outcome") == "unknown");
        let missing = unknown.map(|check| format!("{}: {}", title(&text(check, "/check")), text(check, "/detail")));
        let missing = missing.chain(["The answer holds for what was said; more facts can change it.".to_owned()]);
        sheet.notice("warn", "Facts are missing.", missing.collect::<Vec<_>>().join(" ").replace('`', "'"));
    }
    let question = text(verdict, "/question");
    if question.ends_with(".customer_country") {
        sheet.notice("warn", "One question is open:", format!("{COUNTRY}. Ask again with it."));
    } else if !question.is_empty() {
        sheet.notice("warn", "One question is open:", question);
    }
}

/// Shows the rest of a verdict.
pub(super) fn rest(desk: &Desk, sheet: &mut Sheet, verdict: &Value, evidence: &Value) {
    reasons(sheet, verdict);
    who(sheet, verdict);
    data(sheet, verdict);
    checks(desk, sheet, evidence);
}

fn reasons(sheet: &mut Sheet, verdict: &Value) {
    let mut table = Table::list("Why", &["Reason", "Check", "Leads to"], "");
    for reason in list(verdict, "/reasons") {
        let leads = text(reason, "/consequence");
        table.row([Cell::text(text(reason, "/detail")), code(reason, "/check"), Cell::text(words(&leads)).tone(tone(&leads))]);
    }
    sheet.table_if_any(table);
    let mut table = Table::list("Conditions to meet", &["What", "Before", "Asked by"], "");
    for condition in list(verdict, "/conditions") {
        let by =
            [text(condition, "/asked_by/clause"), text(condition, "/asked_by/id"), words(&text(condition, "/asked_by/kind"))];
        let by = by.into_iter().find(|by| !by.is_empty()).unwrap_or_default();
        let detail = text(condition, "/detail");
        table.row([Cell::text(&detail).soft(fields_for(&detail)), code(condition, "/before"), Cell::text(by)]);
    }
    sheet.table_if_any(table);
    let mut table = Table::list("What to do next", &["Step", "Who"], "");
    for step in list(verdict, "/next_steps") {
        let detail = text(step, "/detail");
        table.row([Cell::text(&detail).soft(fields_for(&detail)), code(step, "/who")]);
    }
    sheet.table_if_any(table);
}

fn who(sheet: &mut Sheet, verdict: &Value) {
    let mut table = Table::facts("Who is behind it");
    let firm = text(verdict, "/counterparty/id");
    if firm.is_empty() {
        table.fact("Firm", "No legal entity was identified.");
    } else {
        table.fact("Firm", Cell::link(text(verdict, "/counterparty/legal_name"), format!("/console/firms/{firm}")));
        table.fact("Country", text(verdict, "/counterparty/country"));
        table.fact("LEI", text(verdict, "/counterparty/lei"));
        table.fact("Record", code(verdict, "/counterparty/status"));
    }
    table.fact("Ownership of the address", code(verdict, "/owner/strength"));
    table.fact("Learnt from", text(verdict, "/owner/source"));
    table.fact("Way there", code(verdict, "/route/protocol").soft(text(verdict, "/route/version")));
    sheet.table(table);
    let mut table = Table::list("It may be one of these", &["Firm", "Country"], "");
    for candidate in list(verdict, "/candidates") {
        let place = format!("/console/firms/{}", text(candidate, "/id"));
        table.row([Cell::link(text(candidate, "/legal_name"), place), Cell::text(text(candidate, "/country"))]);
    }
    sheet.table_if_any(table);
}

fn data(sheet: &mut Sheet, verdict: &Value) {
    let mut table = Table::facts("Data that must travel");
    let fields = |pointer| list(verdict, pointer).iter().map(|field| words(&plain(field))).collect::<Vec<_>>().join(", ");
    table.fact("Required", fields("/data/required"));
    let one_of = list(verdict, "/data/one_of").iter().map(|choice| {
        let ways = list(choice, "/alternatives").iter().map(|way| {
            let fields = list(way, "").iter().map(|field| words(&plain(field)));
            fields.collect::<Vec<_>>().join(" and ")
        });
        ways.collect::<Vec<_>>().join(", or ")
    });
    table.fact("One of", one_of.collect::<Vec<_>>().join("; "));
    table.fact("Not there yet", Cell::text(fields("/data/missing")).tone("warn"));
    sheet.table_if_any(table);
}

fn checks(desk: &Desk, sheet: &mut Sheet, evidence: &Value) {
    let mut table = Table::list("Every check", &["Check", "Outcome", "Finding", "Evidence"], "");
    for check in list(evidence, "/checks") {
        let shown = list(check, "/evidence").iter().map(|one| {
            let seen = time(one, "/observed_at", desk.now);
            format!(
                "{}: {} ({})",
                words(&text(one, "/kind")),
                text(one, "/source"),
                if seen.text.is_empty() { "undated" } else { &seen.text }
            )
        });
        let shown = shown.collect::<Vec<_>>().join("; ");
        table.row([
            Cell::text(title(&text(check, "/check"))),
            word(&text(check, "/outcome")),
            Cell::text(text(check, "/detail")),
            Cell::text(shown),
        ]);
    }
    sheet.table_if_any(table);
}

/// Shows what proves the answer later.
pub(super) fn receipt(desk: &Desk, sheet: &mut Sheet, verdict: &Value) {
    let mut table = Table::facts("Proof");
    table.fact("Directory as of", time(verdict, "/directory/as_of", desk.now));
    table.fact("Sequence", text(verdict, "/directory/sequence"));
    table.fact("Policy", text(verdict, "/policy"));
    table.fact("Rulebook", text(verdict, "/rulebook"));
    table.fact("SHA-256 of the evidence", Cell::code(text(verdict, "/evidence_digest")));
    sheet.table(table);
    let receipt = text(verdict, "/receipt");
    if !receipt.is_empty() {
        sheet.copy("Signed receipt", receipt);
    }
}
