//! The member's own record: where it stands, what is missing until gateways can use it, and its parts to change. What gateways see today is
//! one link away.

use serde_json::Value;

use super::super::field::Kind;
use super::super::form::Form;
use super::super::sheet::{Cell, Part, Sheet, Table};
use super::super::shown::{code, is, list, plain, text, time, title, words};
use super::super::visit::{Desk, Shown, Stop};
use vasp_record::licence::Activity;

pub(super) async fn page(desk: &Desk) -> Shown {
    let vasp = desk.own_vasp().await?;
    if vasp.is_empty() {
        return Ok(first(desk));
    }
    let answered = desk.read(&format!("/v1/vasps/{vasp}/draft")).await?;
    let draft = answered.body;
    let mut sheet = Sheet::new(text(&draft, "/said/legal_name")).lead("Your record");
    held_back(&mut sheet, &draft);
    steps(desk, &mut sheet, &vasp, &draft).await?;
    compared(&mut sheet, &draft);
    edit(desk, &mut sheet, &vasp, &draft, answered.version.clone());
    licences(desk, &mut sheet, &vasp, &draft, answered.version.clone()).await?;
    messages(desk, &mut sheet, &vasp).await?;
    documents(desk, &mut sheet).await?;
    let parts = [("vasp", vasp.as_str())];
    let submit =
        desk.form("submit_draft", &parts).filter(|_| ["draft", "verified", "listed"].contains(&text(&draft, "/status").as_str()));
    sheet.form(submit.map(|form| {
        form.named("submit")
            .title("Hand it in")
            .lead("Two people of the registry look at it. You can change it until they decide.")
            .based_on(answered.version.clone())
            .button("Hand the record in")
    }));
    let status = text(&draft, "/status");
    let withdraw = desk.form("withdraw_draft", &parts).filter(|_| status != "verified" && !HELD_BACK.contains(&status.as_str()));
    sheet.form(withdraw.map(|form| {
        form.named("withdraw")
            .grave()
            .based_on(answered.version)
            .button("Withdraw the record")
            .folded("Withdraw the record before it is verified")
    }));
    Ok(sheet)
}

/// The states of a record that a person of the registry gave it.
const HELD_BACK: [&str; 3] = ["suspended", "revoked", "retired"];

/// Says what it means that a record is suspended, revoked or retired.
pub(super) fn held_back(sheet: &mut Sheet, draft: &Value) {
    let status = text(draft, "/status");
    if HELD_BACK.contains(&status.as_str()) {
        let words = "Everybody who asks for it is told so. Ask the registry's operators why, and what would change it.";
        sheet.notice("warn", format!("Your record is {status}."), words);
    }
}

/// Shows activities as boxes.
fn with_activities(form: Form) -> Form {
    let ten = Activity::of_mica().map(|activity| activity.to_string()).map(|code| (code.clone(), title(&code)));
    form.ticks("/activities", ten).hint("/activities", "MiCA's ten services. Another activity can be written through the API.")
}

/// The page of a member without a record.
fn first(desk: &Desk) -> Sheet {
    let mut sheet = Sheet::new("Your record")
        .lead("Your organisation has no record yet. Domains, endpoints, certificates, claims and answers need one.");
    let adopt = desk.form("adopt_vasp", &[("vasp", "")]);
    if adopt.is_some() {
        sheet.say("If the directory lists your firm already, adopt that record: look it up under Firms, and press Adopt there.");
    }
    sheet.say("If not, begin with the registered name. Everything else can follow, before you hand the record in.");
    let form = desk.form("create_vasp", &[]).map(|form| {
        let form = form.keep(&["/legal_name", "/country", "/lei", "/website", "/registered_address", "/activities"]);
        with_activities(form).button("Begin the record").then("/console/record")
    });
    sheet.form(form);
    sheet
}

/// What is done and what is missing until gateways can reach the member.
async fn steps(desk: &Desk, sheet: &mut Sheet, vasp: &str, draft: &Value) -> Result<(), Stop> {
    let status = text(draft, "/status");
    let domains = desk.read_if_any(&format!("/v1/vasps/{vasp}/domains")).await?;
    let endpoints = desk.read_if_any(&format!("/v1/vasps/{vasp}/endpoints")).await?;
    let claims = desk.read_if_any("/v1/claims?limit=1&state=live").await?;
    let answers = desk.read_if_any("/v1/questionnaires").await?;
    let proven = list(&domains, "/items").iter().any(|domain| text(domain, "/state") == "proven");
    let usable = list(&endpoints, "/items").iter().any(|endpoint| is(endpoint, "/usable"));
    let mut table = Table::list("From the invitation to the first message", &["Step", "State"], "");
    let mut step = |name: &str, place: &str, done: bool, now: String| {
        table.row([Cell::link(name, place), Cell::text(now).tone(if done { "good" } else { "warn" })]);
    };
    step("Record", "#submit", status == "verified", words(&status));
    step("Domain", "/console/domains", proven, if proven { "proven" } else { "no domain is proven" }.to_owned());
    step("Endpoint", "/console/endpoints", usable, if usable { "usable" } else { "no endpoint is usable" }.to_owned());
    let claimed = !list(&claims, "/items").is_empty();
    step("Addresses", "/console/claims", claimed, if claimed { "claimed" } else { "none is claimed" }.to_owned());
    let submitted = answers.pointer("/submission").is_some_and(|submission| !submission.is_null());
    step("Questionnaire", "/console/questionnaire", submitted, if submitted { "submitted" } else { "not submitted" }.to_owned());
    sheet.table(table);
    let mut seen = Table::facts("What gateways see today");
    let words = if status == "verified" {
        "your published record"
    } else {
        "nothing of a record that is not verified, except what public registers say"
    };
    seen.fact("Gateways see", Cell::link(words, format!("/console/firms/{vasp}")));
    if let Some(case) = draft.pointer("/case").filter(|case| !case.is_null()) {
        seen.fact("Open case", code(case, "/status").soft("the registry looks at it"));
    }
    sheet.table(seen);
    Ok(())
}

/// What the draft says beside what was approved last.
fn compared(sheet: &mut Sheet, draft: &Value) {
    let mut table = Table::list("Your draft beside what was approved", &["Attribute", "Your draft", "Approved"], "").watched();
    if let Some(members) = draft.pointer("/said").and_then(Value::as_object) {
        for (name, value) in members.iter().filter(|(name, _)| *name != "licences") {
            let approved = draft.pointer(&format!("/approved/{name}")).map(plain).unwrap_or_default();
            let said = plain(value);
            let tone = if draft.pointer("/approved").is_some_and(|approved| !approved.is_null()) && said != approved {
                "warn"
            } else {
                ""
            };
            if !(said.is_empty() && approved.is_empty()) {
                table.row([Cell::text(title(name)), Cell::text(said).tone(tone), Cell::text(approved)]);
            }
        }
    }
    sheet.table(table);
}

fn edit(desk: &Desk, sheet: &mut Sheet, vasp: &str, draft: &Value, version: Option<String>) {
    let parts = [("vasp", vasp)];
    let said = draft.pointer("/said").cloned().unwrap_or_default();
    let change = |id: &str, title: &str, members: &[&str]| {
        let form = desk.form("update_draft", &parts)?;
        let form = with_activities(form.named(id).filled(&said)).only(members);
        Some(form.based_on(version.clone()).button("Save").folded(title))
    };
    sheet.form(change(
        "firm",
        "Change the firm's facts",
        &["/legal_name", "/country", "/lei", "/website", "/registered_address", "/activities"],
    ));
    sheet.form(change("contacts", "Change the contacts", &["/contacts"]));
    sheet.form(change("names", "Change other names and identifiers", &["/other_names", "/identifiers", "/distinct_from"]));
}

async fn licences(desk: &Desk, sheet: &mut Sheet, vasp: &str, draft: &Value, version: Option<String>) -> Result<(), Stop> {
    let mut table = Table::list(
        "Licences that you declared",
        &["Authority", "Number", "Activities", "Territories", "From", "To"],
        "No licence is declared yet.",
    )
    .watched();
    for licence in list(draft, "/said/licences") {
        let joined = |pointer| licence.pointer(pointer).map(plain).unwrap_or_default();
        table.row(
            [
                text(licence, "/authority"),
                text(licence, "/number"),
                joined("/activities"),
                joined("/territories"),
                text(licence, "/valid_from"),
                text(licence, "/valid_to"),
            ]
            .map(Cell::text),
        );
    }
    sheet.table(table);
    let parts = [("vasp", vasp)];
    let found = desk.read_if_any("/v1/authorities?limit=1000").await?;
    let choices: Vec<(String, String)> = list(&found, "/items")
        .iter()
        .map(|one| (text(one, "/id"), format!("{} {}", text(one, "/country"), text(one, "/name"))))
        .collect();
    let form = desk.form("create_licence", &parts).map(|form| {
        let form = with_activities(form.named("licence")).choices("/authority", choices.clone());
        form.button("Add the licence").folded("Add a licence")
    });
    sheet.form(form);
    for licence in list(draft, "/said/licences") {
        change_licence(desk, sheet, vasp, licence, &version, &choices);
    }
    Ok(())
}

fn change_licence(
    desk: &Desk,
    sheet: &mut Sheet,
    vasp: &str,
    licence: &Value,
    version: &Option<String>,
    choices: &[(String, String)],
) {
    let id = text(licence, "/id");
    let name = format!("{} {}", text(licence, "/authority"), text(licence, "/number"));
    let parts = [("vasp", vasp), ("licence", id.as_str())];
    let form = desk.form("replace_licence", &parts).map(|form| {
        let form = with_activities(form.named(format!("change-{id}")).filled(licence)).choices("/authority", choices.to_vec());
        form.based_on(version.clone()).button("Save the licence").folded(&format!("Change {name}"))
    });
    sheet.form(form);
    let form = desk.form("end_licence", &parts);
    sheet.form(form.map(|form| {
        let form = form.named(format!("end-{id}")).grave().based_on(version.clone());
        form.button("End it today").folded(&format!("End {name}"))
    }));
}

async fn messages(desk: &Desk, sheet: &mut Sheet, vasp: &str) -> Result<(), Stop> {
    let found = desk.read_if_any(&format!("/v1/vasps/{vasp}/messages")).await?;
    let mut table = Table::list("Messages about the open case", &["From", "Message", "When"], "").watched();
    for message in list(&found, "/items") {
        let from = if is(message, "/from_member") { "you" } else { "the registry" };
        table.row([Cell::text(from), Cell::text(text(message, "/text")), time(message, "/at", desk.now)]);
    }
    let any = !table.rows.is_empty();
    sheet.table_if_any(table);
    let form = desk.form("create_message", &[("vasp", vasp)]).filter(|_| any);
    sheet.form(form.map(|form| form.named("message").kind("/text", Kind::Area).button("Send").folded("Answer the registry")));
    Ok(())
}

async fn documents(desk: &Desk, sheet: &mut Sheet) -> Result<(), Stop> {
    let found = desk.read_if_any("/v1/documents?limit=100").await?;
    let mut table = Table::list("Documents", &["Name", "Type", "Issued", "Ends", "SHA-256"], "No document was handed in.");
    for one in list(&found, "/items") {
        table.row([
            Cell::text(text(one, "/name")).soft(text(one, "/id")),
            code(one, "/type"),
            time(one, "/issued_on", desk.now),
            time(one, "/expires_on", desk.now),
            Cell::code(text(one, "/sha256").chars().take(16).collect::<String>()),
        ]);
    }
    sheet.table(table);
    sheet.parts.push(Part::Text("Documents are handed in through the API (POST /v1/documents).".to_owned()));
    Ok(())
}
