//! What a pre-check asked about. A person who decides about its transfer sees it on the pre-check's page, on the page of a proposal about
//! it, and in the list. The verdict repeats the question.

use serde_json::Value;

use super::super::sheet::{Cell, Table};
use super::super::shown::{capital, list, quoted, text, words};
use super::super::visit::{Desk, Stop};
use vasp_addresses::asset::ticker_of;
use vasp_addresses::network::NetworkTable;
use vasp_words::caip::Caip19;

/// Returns the question of a verdict.
pub(super) fn table(verdict: &Value) -> Table {
    let (own, other) = sides(verdict);
    let mut table = Table::facts("What was asked");
    let of = |member: &str| text(verdict, &format!("{other}/{member}"));
    table.fact("Direction", capital(&text(verdict, "/transfer/direction")));
    table.fact("Address", of("address"));
    table.fact("Network", network(verdict, other));
    table.fact("Memo", of("memo"));
    table.fact("Travel Address", of("travel_address"));
    table.fact("Firm", of("vasp"));
    table.fact("Certificate", [of("common_name"), of("certificate_sha256")].concat());
    table
        .fact("Declared", [words(&of("declared/kind")).replace("VASP", "firm"), of("declared/vasp")].join(" ").trim().to_owned());
    table.fact("Amount", amount(verdict));
    table.fact("Value", value(verdict));
    table.fact("Other customer's country", of("customer_country"));
    table.fact("Other side's country", of("jurisdiction"));
    table.fact("Your country", text(verdict, &format!("{own}/jurisdiction")));
    table.fact("Correspondent", text(verdict, "/transfer/correspondent"));
    table.fact("Day of the transfer", text(verdict, "/transfer/date"));
    table
}

/// Returns where the verdict has the asker's side and the other one.
fn sides(verdict: &Value) -> (&'static str, &'static str) {
    let (from, to) = ("/transfer/originator", "/transfer/beneficiary");
    if text(verdict, "/transfer/direction") == "incoming" { (to, from) } else { (from, to) }
}

/// Returns the network by its name; by its id if the table does not have it.
fn network(verdict: &Value, side: &str) -> String {
    let id = text(verdict, &format!("{side}/network"));
    NetworkTable::embedded().resolve_name(&id).map_or(id, |network| network.name.clone())
}

/// Returns the amount with the asset's ticker, or with its id if the table does not have it.
fn amount(verdict: &Value) -> String {
    let id = text(verdict, "/transfer/asset");
    let ticker = id.parse::<Caip19>().ok().and_then(|asset| ticker_of(&asset));
    format!("{} {}", text(verdict, "/transfer/amount"), ticker.unwrap_or(&id)).trim().to_owned()
}

fn value(verdict: &Value) -> String {
    format!("{} {}", text(verdict, "/transfer/fiat/amount"), text(verdict, "/transfer/fiat/currency")).trim().to_owned()
}

/// Returns the question in two cells: about what, and how much.
pub(super) fn cells(verdict: &Value) -> [Cell; 2] {
    let (_, other) = sides(verdict);
    let of = |member: &str| text(verdict, &format!("{other}/{member}"));
    let about = ["address", "travel_address", "vasp", "common_name", "jurisdiction"].map(of);
    let about = about.into_iter().find(|about| !about.is_empty()).unwrap_or_default();
    let joined = |parts: [(&str, String); 2]| {
        let parts = parts.into_iter().filter(|(_, part)| !part.is_empty());
        parts.map(|(name, part)| format!("{name}{part}")).collect::<Vec<_>>().join(", ")
    };
    let place = joined([("", network(verdict, other)), ("memo ", of("memo"))]);
    let beside = joined([("", value(verdict)), ("customer in ", of("customer_country"))]);
    [Cell::text(about).soft(place), Cell::text(amount(verdict)).soft(beside)]
}

/// Returns a recorded verdict; null if it was erased, or if this person may not read it.
pub(super) async fn recorded(desk: &Desk, id: &str) -> Result<Value, Stop> {
    Ok(desk.read_if_any(&format!("/v1/prechecks/{}", quoted(id))).await?)
}

/// Returns what became of the transfer, in a cell.
pub(super) async fn outcome(desk: &Desk, id: &str) -> Result<Cell, Stop> {
    let outcome = desk.read_if_any(&format!("/v1/prechecks/{}/outcome", quoted(id))).await?;
    let mut results = list(&outcome, "/entries").iter().map(|entry| text(entry, "/result"));
    let last = results.rfind(|result| !result.is_empty()).unwrap_or_default();
    Ok(Cell::text(if last.is_empty() && !outcome.is_null() { "open".to_owned() } else { words(&last) }))
}
