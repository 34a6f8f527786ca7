//! The box of the first page: who owns this address, which firm is this? Anybody may ask where reading is open to everybody; a question
//! costs what it costs at the API.

use actix_web::HttpRequest;

use super::api::{Api, Call, Refused, Sender};
use super::field::{Field, Kind};
use super::sheet::{Cell, Filter, Part, Sheet, Table};
use super::shown::{code, list, quoted, text};

/// Returns the box, and the answer to what was asked, as HTML.
pub(crate) async fn find(request: &HttpRequest, api: &Api, question: &str) -> String {
    let mut sheet = Sheet::new("Who owns this address? Which firm is this?");
    let field =
        Field { required: true, ..Field::asked("q", "Address, Travel Address, name, LEI or domain", Kind::Line, question) };
    sheet.parts.push(Part::Filter(Filter::new(vec![field])));
    if !question.is_empty() {
        answer(request, api, question, &mut sheet).await;
    }
    sheet.parts_html()
}

async fn answer(request: &HttpRequest, api: &Api, question: &str, sheet: &mut Sheet) {
    let sender = Sender::of(request, None);
    match api.call(&sender, Call::get(&format!("/v1/resolve?subject={}", quoted(question)))).await {
        Ok(found) => {
            let mut table = Table::list("Owners", &["Firm", "Country", "Record", "Ownership", "Learnt from"], "");
            for owner in list(&found.body, "/owners") {
                table.row([
                    Cell::text(text(owner, "/vasp/legal_name")).soft(text(owner, "/vasp/id")),
                    Cell::text(text(owner, "/vasp/country")),
                    code(owner, "/vasp/status"),
                    code(owner, "/claim/strength"),
                    Cell::text(text(owner, "/claim/source")),
                ]);
            }
            let known = list(&found.body, "/coverage").first().map(|coverage| text(coverage, "/claims")).unwrap_or_default();
            match text(&found.body, "/status").as_str() {
                "owned" => {}
                "not_found" => sheet.notice(
                    "warn",
                    "No owner is known.",
                    format!("The registry knows {known} addresses of this network; that is not all there are."),
                ),
                other => sheet.notice(
                    "warn",
                    format!("The answer is {}.", super::shown::words(other)),
                    "Sources name different owners.",
                ),
            }
            sheet.table_if_any(table);
        }
        Err(refused) if refused.status.as_u16() == 422 => by_name(api, &sender, question, sheet).await,
        Err(refused) => refuse(sheet, &refused),
    }
}

async fn by_name(api: &Api, sender: &Sender, question: &str, sheet: &mut Sheet) {
    match api.call(sender, Call::get(&format!("/v1/vasps?limit=10&q={}", quoted(question)))).await {
        Ok(found) => {
            let none = "This is no address that the registry can read, and no firm has such a name.";
            let mut table = Table::list("Firms", &["Firm", "Country", "Record", "LEI"], none);
            for firm in list(&found.body, "/items") {
                let name = Cell::text(text(firm, "/legal_name")).soft(text(firm, "/id"));
                table.row([name, Cell::text(text(firm, "/country")), code(firm, "/status"), Cell::text(text(firm, "/lei"))]);
            }
            sheet.table(table);
        }
        Err(refused) => refuse(sheet, &refused),
    }
}

fn refuse(sheet: &mut Sheet, refused: &Refused) {
    sheet.notice("bad", text(&refused.problem, "/title"), text(&refused.problem, "/detail"));
}
