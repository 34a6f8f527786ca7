//! The member's endpoints: publish, probe, pause, announce maintenance, withdraw.

use serde_json::Value;

use super::super::field::Kind;
use super::super::form::Form;
use super::super::sheet::{Cell, Sheet, Table};
use super::super::shown::{code, is, list, plain, text, time, words};
use super::super::visit::{Desk, Shown, Stop};
use super::domains::{UNVERIFIED, own};
use super::firms::place;

/// Returns the tone of whether an endpoint is usable, with its health: not good while it is down.
pub(super) fn tone(usable: bool, health: &Value) -> &'static str {
    match text(health, "/health/state").as_str() {
        _ if !usable => "bad",
        "down" | "degraded" => "warn",
        _ => "good",
    }
}

/// Returns the cell of an endpoint's health.
pub(super) fn state(health: &Value) -> Cell {
    let tone = match text(health, "/health/state").as_str() {
        "down" => "bad",
        "degraded" => "warn",
        _ => "",
    };
    code(health, "/health/state").tone(tone)
}

pub(super) async fn page(desk: &Desk) -> Shown {
    let vasp = own(desk).await?;
    let mut sheet = Sheet::new("Endpoints").lead("Where others send you Travel Rule data.");
    let found = desk.read_if_any(&format!("/v1/vasps/{vasp}/endpoints?limit=100")).await?;
    if found.is_null() {
        sheet.say(UNVERIFIED);
        return Ok(sheet);
    }
    let health = desk.read_if_any(&format!("/v1/vasps/{vasp}/health")).await?;
    let head = ["Protocol", "Place", "State", "Usable", "Health", "Published"];
    let mut table = Table::list("Endpoints", &head, "No endpoint yet.");
    for endpoint in list(&found, "/items") {
        let of =
            list(&health, "/items").iter().find(|one| text(one, "/endpoint") == text(endpoint, "/id")).unwrap_or(&Value::Null);
        let usable = is(endpoint, "/usable");
        let reason = words(&text(endpoint, "/reason"));
        table.row([
            Cell::text(text(endpoint, "/protocol")).soft(endpoint.pointer("/versions").map(plain).unwrap_or_default()),
            place(endpoint),
            code(endpoint, "/status"),
            Cell::text(if usable { "yes".to_owned() } else { format!("no: {reason}") }).tone(tone(usable, of)),
            state(of).soft(time(of, "/health/sampled_at", desk.now).soft),
            time(endpoint, "/published_at", desk.now),
        ]);
    }
    sheet.table(table);
    for endpoint in list(&found, "/items").iter().filter(|endpoint| text(endpoint, "/status") != "withdrawn") {
        one(desk, &mut sheet, &vasp, endpoint, &health).await?;
    }
    let protocols = desk.read_if_any("/v1/protocols").await?;
    let choices = list(&protocols, "/items")
        .iter()
        .filter(|one| text(one, "/status") != "retired")
        .map(|one| (text(one, "/id"), text(one, "/name")));
    let versioned = list(&protocols, "/items").iter().filter_map(|one| {
        let newest = list(one, "/versions").last()?;
        Some(format!("{} (newest {})", text(one, "/name"), text(newest, "/version")))
    });
    let versioned = format!("One a line. Needed for {}.", versioned.collect::<Vec<_>>().join(", "));
    let form = desk
        .form("create_endpoint", &[("vasp", &vasp)])
        .map(|form| new(form).choices("/protocol", choices).hint("/versions", &versioned));
    sheet.form(form);
    Ok(sheet)
}

fn new(form: Form) -> Form {
    let form = form.named("new").title("Publish an endpoint").keep(&[
        "/protocol",
        "/versions",
        "/location/kind",
        "/location/url",
        "/location/host",
        "/location/port",
        "/location/scheme",
        "/location/value",
        "/location/address",
        "/networks",
        "/assets",
        "/regions",
    ]);
    let form = form
        .suggest("/location/kind", "url")
        .label("/location/kind", "Kind of place")
        .hint("/location/kind", "Fill in only what belongs to this kind.")
        .hint("/protocol", "");
    let form = form.label("/location/url", "URL").label("/location/host", "Host").label("/location/port", "Port");
    let form = form
        .label("/location/scheme", "Scheme of the identifier")
        .label("/location/value", "Identifier")
        .label("/location/address", "E-mail address");
    form.kind("/versions", Kind::Lines).change("/versions", |field| field.varies = true).button("Publish")
}

/// What a pause does.
const PAUSE: &str = "Nobody sends here any more until you resume it.";

async fn one(desk: &Desk, sheet: &mut Sheet, vasp: &str, endpoint: &Value, health: &Value) -> Result<(), Stop> {
    let id = text(endpoint, "/id");
    sheet.heading(&format!("{} {}", text(endpoint, "/protocol"), place(endpoint).text));
    let mut table = Table::list("Findings of the last probe", &["Finding", "Detail", "Severity"], "");
    let of = list(health, "/items").iter().find(|one| text(one, "/endpoint") == id).unwrap_or(&Value::Null);
    for finding in list(of, "/health/findings") {
        table.row([Cell::text(text(finding, "/meaning")), Cell::text(text(finding, "/detail")), code(finding, "/severity")]);
    }
    sheet.table_if_any(table);
    let mut table = Table::list("Maintenance", &["From", "To", "Reason"], "");
    for window in list(endpoint, "/maintenance") {
        table.row([time(window, "/from", desk.now), time(window, "/to", desk.now), Cell::text(text(window, "/reason"))]);
    }
    sheet.table_if_any(table);
    let parts = [("vasp", vasp), ("endpoint", id.as_str())];
    let paused = text(endpoint, "/status") == "paused";
    sheet.form(desk.form("probe_endpoint", &parts).map(|form| form.named(format!("probe-{id}")).button("Probe now")));
    if paused {
        let version = desk.read(&format!("/v1/vasps/{vasp}/endpoints/{id}")).await?.version;
        sheet.form(
            desk.form("resume_endpoint", &parts)
                .map(|form| form.named(format!("resume-{id}")).based_on(version).button("Resume")),
        );
    } else {
        sheet.form(
            desk.form("pause_endpoint", &parts)
                .map(|form| form.named(format!("pause-{id}")).lead(PAUSE).button("Pause at once").folded("Pause this endpoint")),
        );
    }
    let form = desk.form("update_endpoint_maintenance", &parts);
    sheet.form(form.map(|form| form.named(format!("maintenance-{id}")).button("Announce").folded("Announce maintenance")));
    let form = desk.form("delete_endpoint", &parts);
    sheet.form(
        form.map(|form| form.named(format!("end-{id}")).grave().button("Withdraw for good").folded("Withdraw this endpoint")),
    );
    Ok(())
}
