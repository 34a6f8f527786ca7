//! The member's certificates and keys for messages: publish, request from the registry's own authority, prove, revoke.

use serde_json::Value;

use super::super::field::Kind;
use super::super::form::Form;
use super::super::sheet::{Cell, Sheet, Table};
use super::super::shown::{code, list, plain, text, time, words};
use super::super::visit::{Desk, Shown};
use super::domains::{UNVERIFIED, own};

/// What the answer to a request for a certificate shows.
const ISSUED: &[(&str, &str)] = &[("The certificate", "/certificate"), ("Its issuers", "/chain"), ("The root", "/root")];

pub(super) async fn page(desk: &Desk) -> Shown {
    let vasp = own(desk).await?;
    let mut sheet = Sheet::new("Certificates and keys").lead("By which others know that it is you.");
    let parts = [("vasp", vasp.as_str())];
    let found = desk.read_if_any(&format!("/v1/vasps/{vasp}/certificates")).await?;
    if found.is_null() {
        sheet.say(UNVERIFIED);
        return Ok(sheet);
    }
    let mut table =
        Table::list("Certificates", &["Use", "State", "Names", "Issuer", "Ends", "Findings"], "No certificate is published.");
    for one in list(&found, "/items") {
        let findings = list(one, "/findings").iter().map(|finding| text(finding, "/detail")).collect::<Vec<_>>().join("; ");
        table.row([
            code(one, "/use"),
            code(one, "/state"),
            Cell::text(one.pointer("/dns_names").map(plain).unwrap_or_default()),
            Cell::text(text(one, "/issuer")),
            time(one, "/not_after", desk.now),
            Cell::text(findings),
        ]);
    }
    sheet.table(table);
    let form = desk.form("create_identity_certificate", &parts).map(|form| {
        let form = form.keep(&["/csr", "/use", "/dns_names"]).shows(ISSUED);
        form.named("request").button("Request the certificate").folded("Request a certificate from the registry's own authority")
    });
    sheet.form(form);
    let form = desk.form("create_certificate", &parts);
    sheet.form(form.map(|form| {
        form.named("publish").keep(&["/use", "/pem", "/root_set"]).button("Publish").folded("Publish a certificate that you have")
    }));
    for one in list(&found, "/items").iter().filter(|one| text(one, "/state") == "active") {
        revoke(desk, &mut sheet, &vasp, one);
    }
    keys(desk, &mut sheet, &vasp).await?;
    Ok(sheet)
}

fn revoke(desk: &Desk, sheet: &mut Sheet, vasp: &str, one: &Value) {
    let id = text(one, "/id");
    let name = format!("Revoke the certificate {} ({})", text(one, "/common_name"), words(&text(one, "/use")));
    let form = desk.form("revoke_certificate", &[("vasp", vasp), ("certificate", &id)]);
    sheet.form(form.map(|form| reasoned(form.named(format!("revoke-{id}")).grave()).button("Revoke").folded(&name)));
}

/// What the reasons of a revocation mean. Source: RFC 5280, section 5.3.1.
const REASONS: [(&str, &str); 9] = [
    ("superseded", "Another one has taken its place"),
    ("key_compromise", "Somebody else may have the private key"),
    ("cessation_of_operation", "It is no longer used"),
    ("affiliation_changed", "The firm's name or another fact in it has changed"),
    ("privilege_withdrawn", "The firm may no longer use it"),
    ("ca_compromise", "Somebody else may have the private key of its issuer"),
    ("aa_compromise", "Somebody else may have the private key of who stated its attributes"),
    ("certificate_hold", "It is put on hold"),
    ("unspecified", "None of these"),
];

/// Says the reasons that an operation takes in words.
fn reasoned(form: Form) -> Form {
    form.change("/reason", |field| {
        if let Kind::Choice(choices) = &mut field.kind {
            let told = |(code, words): &mut (String, String)| {
                if let Some((_, says)) = REASONS.iter().find(|(known, _)| known == code) {
                    (*says).clone_into(words);
                }
            };
            choices.iter_mut().for_each(told);
        }
    })
}

async fn keys(desk: &Desk, sheet: &mut Sheet, vasp: &str) -> Result<(), super::super::visit::Stop> {
    let found = desk.read_if_any(&format!("/v1/vasps/{vasp}/keys")).await?;
    let mut table =
        Table::list("Keys for messages", &["Use", "State", "Algorithm", "Thumbprint", "Published"], "No key is published.");
    for one in list(&found, "/items") {
        table.row([
            code(one, "/use"),
            code(one, "/status"),
            Cell::text(text(one, "/algorithm")),
            Cell::code(text(one, "/thumbprint")),
            time(one, "/published_at", desk.now),
        ]);
    }
    sheet.table(table);
    for one in list(&found, "/pending") {
        let id = text(one, "/id");
        sheet.heading(&format!("Prove the key for {}", words(&text(one, "/use"))));
        sheet.copy("Challenge", text(one, "/challenge"));
        let form = desk.form("prove_key", &[("vasp", vasp), ("key", &id)]);
        sheet.form(form.map(|form| form.named(format!("prove-{id}")).kind("/jws", Kind::Area).button("Prove the key")));
    }
    let form = desk.form("create_key", &[("vasp", vasp)]);
    sheet.form(form.map(|form| {
        form.named("key").keep(&["/use", "/pem", "/overlap_days"]).button("Get a challenge").folded("Announce a key")
    }));
    for one in list(&found, "/items").iter().filter(|one| text(one, "/status") != "revoked") {
        let id = text(one, "/id");
        let form = desk.form("revoke_key", &[("vasp", vasp), ("key", &id)]);
        let name = format!("Revoke the key for {}", words(&text(one, "/use")));
        sheet.form(form.map(|form| reasoned(form.named(format!("revoke-{id}")).grave()).button("Revoke").folded(&name)));
    }
    Ok(())
}
