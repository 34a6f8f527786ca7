//! Proposals of any kind: what two people decide. The list, and one proposal with what is decided.

use serde_json::Value;

use super::super::field::{Field, Kind};
use super::super::sheet::{Cell, Filter, Part, Sheet, Table};
use super::super::shown::{code, list, plain, text, time, title};
use super::super::visit::{Desk, Shown};
use super::asked;
use super::decision::{self, who};

/// Returns a field that narrows a list by one of some words.
pub(super) fn one_of(desk: &Desk, name: &str, label: &str, words: &[&str]) -> Field {
    let words = words.iter().map(|word| (*word, title(word)));
    chosen(desk, name, label, [("", "All".to_owned())].into_iter().chain(words))
}

/// Returns a field that is answered with no or yes, or not at all.
pub(super) fn yes_or_no(desk: &Desk, name: &str, label: &str, unsaid: &str) -> Field {
    choice_of(desk, name, label, &[("", unsaid), ("false", "No"), ("true", "Yes")])
}

/// Returns a field that chooses among values by their words.
pub(super) fn choice_of(desk: &Desk, name: &str, label: &str, choices: &[(&str, &str)]) -> Field {
    chosen(desk, name, label, choices.iter().map(|(value, words)| (*value, (*words).to_owned())))
}

fn chosen<'a>(desk: &Desk, name: &str, label: &str, choices: impl Iterator<Item = (&'a str, String)>) -> Field {
    let choices = choices.map(|(value, words)| (value.to_owned(), words)).collect();
    Field::asked(name, label, Kind::Choice(choices), desk.asked(name).unwrap_or_default())
}

pub(super) async fn list_page(desk: &Desk) -> Shown {
    let mut sheet = Sheet::new("Proposals").lead("What one person proposed and another decides.");
    sheet.parts.push(Part::Filter(Filter::new(vec![
        one_of(desk, "state", "State", &desk.words_of("ProposalState")),
        one_of(desk, "kind", "Kind", &desk.words_of("ProposalKind")),
    ])));
    let names = ["state", "kind", "subject", "waits_for"];
    let found = desk.read(&format!("/v1/proposals?limit=50&{}{}", desk.query_of(&names), desk.cursor_by("cursor"))).await?.body;
    let mut table = table(desk, "Proposals", &found, "No proposals here.");
    table.next = desk.next(&found, &names);
    sheet.table(table);
    Ok(sheet)
}

/// Returns a list of proposals.
pub(super) fn table(desk: &Desk, caption: &str, found: &Value, empty: &str) -> Table {
    let mut table = Table::list(caption, &["What", "Kind", "State", "Proposed", "By"], empty);
    for proposal in list(found, "/items") {
        let says: String = text(proposal, "/says").chars().take(160).collect();
        let place = about(proposal).unwrap_or_else(|| format!("/console/proposals/{}", text(proposal, "/id")));
        table.row([
            Cell::link(says, place),
            code(proposal, "/kind"),
            code(proposal, "/state"),
            time(proposal, "/proposed_at", desk.now),
            who(desk, proposal, "/proposed_by"),
        ]);
    }
    table
}

/// Returns the page that shows all that a proposal is about; `None` if its own does.
fn about(proposal: &Value) -> Option<String> {
    let place = match text(proposal, "/kind").as_str() {
        "case" => "cases",
        "screening" => "hits",
        "enrolment" => "people",
        "override" => "prechecks",
        _ => return None,
    };
    Some(format!("/console/{place}/{}", text(proposal, "/subject")))
}

pub(super) async fn page(desk: &Desk) -> Shown {
    let proposal = desk.read(&format!("/v1/proposals/{}", desk.part("id"))).await?.body;
    let mut sheet = Sheet::new(format!("Proposal: {}", title(&text(&proposal, "/kind"))));
    if text(&proposal, "/kind") == "override" {
        sheet.table_if_any(asked::table(&asked::recorded(desk, &text(&proposal, "/subject")).await?));
    }
    if let Some(place) = about(&proposal) {
        let mut table = Table::facts("What it is about");
        table.fact("Page", Cell::link(text(&proposal, "/subject"), place));
        sheet.table(table);
    }
    decision::show(desk, &mut sheet, &proposal);
    let mut table = Table::facts("What exactly is decided").watched();
    if let Some(members) = proposal.pointer("/content").and_then(Value::as_object) {
        for (name, value) in members {
            let said = plain(value);
            let firm = format!("/console/firms/{said}");
            table.fact(&title(name), if name == "vasp" { Cell::link(said, firm) } else { Cell::text(said) });
        }
    }
    sheet.table_if_any(table);
    Ok(sheet)
}
