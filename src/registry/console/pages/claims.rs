//! The member's claims on addresses: one by one or from a file with a report a row, and the proof with a wallet: a text to sign, and the
//! signature to paste.

use serde_json::Value;

use super::super::field::{Field, Kind};
use super::super::form::Form;
use super::super::sheet::{Cell, Filter, Part, Sheet, Table};
use super::super::shown::{code, list, quoted, text, time, words};
use super::super::visit::{Desk, Shown};
use super::domains::own;
use super::proposals::one_of;

/// What a challenge shows: the text to sign, and the schemes in which it may be signed.
const CHALLENGE: &[(&str, &str)] =
    &[("Sign exactly this text with the wallet", "/challenge"), ("In one of these schemes", "/schemes")];
/// What an import shows.
const REPORT: &[(&str, &str)] = &[
    ("Added", "/added"),
    ("Unchanged", "/unchanged"),
    ("Wait for review", "/pending"),
    ("Contradict others", "/conflicts"),
    ("Refused", "/rejected"),
    ("Row by row", "/rows"),
];

pub(super) async fn list_page(desk: &Desk) -> Shown {
    own(desk).await?;
    let mut sheet = Sheet::new("Claims").lead("The addresses that your firm says are its own.");
    let network = Field::asked("network", "Network", Kind::Line, desk.asked("network").unwrap_or_default());
    sheet.parts.push(Part::Filter(Filter::new(vec![one_of(desk, "state", "State", &desk.words_of("ClaimState")), network])));
    let found = desk.read(&format!("/v1/claims?limit=50&{}", desk.query_of(&["state", "network", "cursor"]))).await?.body;
    let mut table = Table::list("Claims", &["Address", "Network", "Role", "Strength", "State", "Ends"], "No address is claimed.");
    for claim in list(&found, "/items") {
        let strength = text(claim, "/strength");
        table.row([
            Cell::link(text(claim, "/address"), format!("/console/claims/{}", text(claim, "/id"))).soft(text(claim, "/memo")),
            Cell::text(text(claim, "/network")),
            code(claim, "/role"),
            Cell::text(words(&strength)).tone(if strength == "proven" { "good" } else { "" }),
            code(claim, "/state"),
            time(claim, "/expires_at", desk.now),
        ]);
    }
    table.next = desk.next(&found, &["state", "network"]);
    sheet.table(table);
    let form = desk.form("create_claim", &[]).map(|form| {
        let form = form.keep(&["/address", "/network", "/memo", "/role", "/visibility"]);
        let form = form.hint("/role", "");
        form.named("new").title("Claim an address").button("Claim").then("/console/claims/{/id}")
    });
    sheet.form(form);
    sheet.form(desk.form("import_claims", &[]).map(import));
    let form = desk.form("create_dispute", &[]);
    sheet.form(form.map(|form| {
        form.named("dispute").without(&["/claim"]).button("Report it").folded("Somebody else claims an address of yours")
    }));
    Ok(sheet)
}

fn import(form: Form) -> Form {
    let as_it_is = (String::new(), "Claims that you have: as they are. New ones: gateways".to_owned());
    let visibility = [as_it_is].into_iter().chain(["gateways", "public"].map(|value| (value.to_owned(), words(value))));
    let text = Field {
        required: true,
        hint: "CSV with the columns network, address, memo, role and expires_at; the first line names them.".to_owned(),
        ..Field::new("rows", "Rows", Kind::Area)
    };
    let mut form = form.named("import").with(text).with(Field::asked(
        "visibility",
        "Who may see them",
        Kind::Choice(visibility.collect()),
        "",
    ));
    form.raw = Some(("text/csv", "rows"));
    form.shows(REPORT).button("Claim all rows").folded("Claim many addresses from a file")
}

pub(super) async fn one(desk: &Desk) -> Shown {
    own(desk).await?;
    let id = quoted(desk.part("id"));
    let answered = desk.read(&format!("/v1/claims/{id}")).await?;
    let claim = answered.body;
    let mut sheet = Sheet::new("Claim").lead(text(&claim, "/address"));
    let mut table = Table::facts("Claim");
    table.fact("Address", Cell::code(text(&claim, "/address")));
    table.fact("Memo", Cell::code(text(&claim, "/memo")));
    for (name, pointer) in [("Network", "/network"), ("Role", "/role"), ("State", "/state"), ("Who may see it", "/visibility")] {
        table.fact(name, words(&text(&claim, pointer)));
    }
    let strength = text(&claim, "/strength");
    table.fact("Strength", Cell::text(words(&strength)).tone(if strength == "proven" { "good" } else { "warn" }));
    table.fact("Claimed", time(&claim, "/asserted_at", desk.now));
    table.fact("Proven", time(&claim, "/verified_at", desk.now));
    table.fact("Ends", time(&claim, "/expires_at", desk.now));
    let replaced = text(&claim, "/replaced_by");
    if !replaced.is_empty() {
        table.fact("Replaced by", Cell::link("the newer claim", format!("/console/claims/{replaced}")));
    }
    sheet.table(table);
    if text(&claim, "/state") == "live" || text(&claim, "/state") == "pending_review" {
        actions(desk, &mut sheet, &claim, answered.version);
    }
    Ok(sheet)
}

fn actions(desk: &Desk, sheet: &mut Sheet, claim: &Value, version: Option<String>) {
    let id = text(claim, "/id");
    let parts = [("id", id.as_str())];
    if text(claim, "/strength") != "proven" {
        sheet.heading("Prove it");
        sheet.say("First get the text. Sign it with the wallet of the address, then paste the signature. It moves nothing.");
        let form = desk.form("challenge_claim", &parts);
        sheet.form(form.map(|form| form.named("challenge").button("Get the text to sign").shows(CHALLENGE).followed_by("proof")));
        let form = desk.form("prove_claim", &parts).map(|form| {
            let form = form.named("proof").keep(&["/challenge", "/scheme", "/signature", "/public_key", "/network", "/address"]);
            let form = form.hide("/network", text(claim, "/network")).hide("/address", text(claim, "/address"));
            let form = form
                .label("/challenge", "The text that you signed")
                .kind("/challenge", Kind::Area)
                .kind("/signature", Kind::Area);
            form.button("Prove the claim").folded("I have signed the text").then("/console/claims/{/id}")
        });
        sheet.form(form);
    }
    let form = desk.form("update_claim", &parts).map(|form| {
        let form = form.named("change").filled(claim).keep(&["/role", "/visibility"]);
        form.based_on(version.clone()).button("Save").folded("Change role or visibility")
    });
    sheet.form(form);
    let form = desk.form("withdraw_claim", &parts);
    sheet.form(
        form.map(|form| {
            form.named("withdraw").grave().based_on(version).button("Withdraw at once").folded("Withdraw this claim")
        }),
    );
}
