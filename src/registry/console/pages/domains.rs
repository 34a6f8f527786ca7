//! The member's domains: the challenge to copy, a live check by both methods, and what the last check saw.

use serde_json::Value;

use super::super::field::{Field, Kind};
use super::super::form::Form;
use super::super::sheet::{Cell, Sheet, Table};
use super::super::shown::{code, is, list, text, time, words};
use super::super::visit::{Desk, Shown, Stop};

/// What pages say that a member needs only once its record is verified.
pub(super) const UNVERIFIED: &str =
    "Two of the registry's people have to verify your record first: hand it in on the page Record, then come back.";

/// Returns the member's own VASP, or leads to the record's page.
pub(super) async fn own(desk: &Desk) -> Result<String, Stop> {
    Some(desk.own_vasp().await?).filter(|vasp| !vasp.is_empty()).ok_or_else(|| Stop::Elsewhere("/console/record".to_owned()))
}

pub(super) async fn page(desk: &Desk) -> Shown {
    let vasp = own(desk).await?;
    let mut sheet = Sheet::new("Domains").lead("Prove your domains; endpoints and certificates need them.");
    let found = desk.read(&format!("/v1/vasps/{vasp}/domains")).await?.body;
    let mut table = Table::list("Domains", &["Domain", "State", "Hosts below it", "Proven", "Next check"], "No domain yet.");
    for domain in list(&found, "/items") {
        let state = text(domain, "/state");
        table.row([
            Cell::text(text(domain, "/domain")),
            Cell::text(words(&state)).tone(if state == "proven" { "good" } else { "warn" }),
            Cell::text(if is(domain, "/covers_subdomains") { "covered" } else { "not covered" }),
            time(domain, "/proven_at", desk.now),
            time(domain, "/next_look_at", desk.now),
        ]);
    }
    sheet.table(table);
    for domain in list(&found, "/items").iter().filter(|domain| text(domain, "/state") != "withdrawn") {
        one(desk, &mut sheet, &vasp, domain);
    }
    let form = desk.form("create_domain", &[("vasp", &vasp)]);
    sheet.form(form.map(|form| {
        form.named("new").title("Another domain").keep(&["/domain", "/covers_subdomains"]).button("Get a challenge")
    }));
    Ok(sheet)
}

/// A sandbox asks no name server: a button publishes the record in it.
fn in_a_sandbox(desk: &Desk, name: &str, challenge: &Value) -> Option<Form> {
    desk.app.registry.sandbox()?;
    let record = format!("/records/{}/0", text(challenge, "/dns_txt/name"));
    let record = Field { value: text(challenge, "/dns_txt/value"), ..Field::new(&record, "", Kind::Hidden) };
    let form = desk.form("update_test_names", &[])?.without(&["/records", "/servers"]).with(record);
    let lead = "This is a sandbox, which asks no name server. For a domain under .test you can publish the TXT record here.";
    Some(form.named(format!("publish-{name}")).lead(lead).button("Publish the record in the sandbox"))
}

fn one(desk: &Desk, sheet: &mut Sheet, vasp: &str, domain: &Value) {
    let name = text(domain, "/domain");
    sheet.heading(&name);
    if let Some(challenge) = domain.pointer("/challenge").filter(|challenge| !challenge.is_null()) {
        let is_proven = text(domain, "/state") == "proven";
        sheet.say(if is_proven {
            "Leave one of these two in place: the registry looks every day."
        } else {
            "Publish one of these two, then check."
        });
        sheet.copy("Name of a DNS TXT record", text(challenge, "/dns_txt/name"));
        sheet.copy("Its value", text(challenge, "/dns_txt/value"));
        sheet.copy("Or a file at", text(challenge, "/well_known_file/url"));
        sheet.copy("With this line", text(challenge, "/well_known_file/line"));
        sheet.form(in_a_sandbox(desk, &name, challenge).filter(|_| !is_proven));
    }
    let mut table = Table::list("What the last check saw", &["Method", "Result", "Detail", "When"], "");
    for look in list(domain, "/last_look/methods") {
        let proves = is(look, "/proves");
        table.row([
            code(look, "/method"),
            Cell::text(words(&text(look, "/code"))).tone(if proves { "good" } else { "warn" }),
            Cell::text(text(look, "/detail")),
            time(domain, "/last_look/at", desk.now),
        ]);
    }
    sheet.table_if_any(table);
    let parts = [("vasp", vasp), ("domain", name.as_str())];
    sheet.form(desk.form("verify_domain", &parts).map(|form| form.named(format!("check-{name}")).button("Check now")));
    let form = desk.form("delete_domain", &parts);
    sheet.form(
        form.map(|form| form.named(format!("end-{name}")).grave().button("Withdraw the domain").folded("Withdraw this domain")),
    );
}
