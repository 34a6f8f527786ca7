//! Firms: the search, and one record with its evidence, as it is now, as it was true on a day or as it was known at a point of the log.
//! Beside it stands what the reader does about the firm: a case, a relationship, a watch.

use serde_json::Value;

use super::super::field::{Field, Kind};
use super::super::sheet::{Cell, Filter, Part, Sheet, Table};
use super::super::shown::{attribute, code, is, list, plain, quoted, text, time, title, words};
use super::super::visit::{Desk, Shown, Stop};
use super::{endpoints, picture, relationships};

pub(super) async fn list_page(desk: &Desk) -> Shown {
    let mut sheet = Sheet::new("Firms").lead("The directory: by name, LEI, domain or identifier.");
    let asked = |name: &str, label: &str| Field::asked(name, label, Kind::Line, desk.asked(name).unwrap_or_default());
    let fields = vec![
        asked("q", "Name, LEI or domain"),
        asked("country", "Country"),
        super::proposals::one_of(desk, "status", "State", &desk.words_of("VaspStatus")),
    ];
    sheet.parts.push(Part::Filter(Filter::new(fields)));
    let found = desk.read(&format!("/v1/vasps?limit=50&{}", desk.query_of(&["q", "country", "status", "cursor"]))).await?.body;
    let mut table = Table::list(
        "Firms",
        &["Firm", "Country", "State", "Licences", "LEI", "Found by"],
        "No firm fits. The directory may not know it.",
    );
    for firm in list(&found, "/items") {
        let licences = list(firm, "/licences")
            .iter()
            .map(|licence| format!("{} {}", text(licence, "/authority/id"), words(&text(licence, "/status"))));
        table.row([
            Cell::link(text(firm, "/legal_name"), format!("/console/firms/{}", text(firm, "/id"))),
            Cell::text(text(firm, "/country")),
            code(firm, "/status"),
            Cell::text(licences.collect::<Vec<_>>().join(", ")),
            Cell::text(text(firm, "/lei")),
            code(firm, "/matched/field"),
        ]);
    }
    table.next = desk.next(&found, &["q", "country", "status"]);
    sheet.table(table);
    Ok(sheet)
}

pub(super) async fn page(desk: &Desk) -> Shown {
    let id = quoted(desk.part("id"));
    let when = desk.query_of(&["valid_on", "as_of"]);
    let path = format!("/v1/vasps/{id}{}{when}", if when.is_empty() { "" } else { "?" });
    let firm = desk.read(&path).await?.body;
    let mut sheet = Sheet::new(text(&firm, "/legal_name")).lead(title(&text(&firm, "/status")));
    facts(desk, &mut sheet, &firm);
    lists(desk, &mut sheet, &firm);
    licences(desk, &mut sheet, &firm);
    ways(desk, &mut sheet, &firm, &id).await?;
    evidence(desk, &mut sheet, &firm);
    if when.is_empty() {
        relationships::beside(desk, &mut sheet, &id).await?;
        operator(desk, &mut sheet, &id);
        if desk.identity.vasp.is_none() {
            let form = desk.form("adopt_vasp", &[("vasp", &id)]).map(|form| form.named("adopt").then("/console/record"));
            sheet.form(form.map(|form| form.button("Adopt this record").folded("This is your firm: adopt its record")));
        }
    } else {
        sheet.notice("warn", "You look at the past.", desk.query_of(&["valid_on", "as_of"]));
    }
    history(desk, &mut sheet, &id).await?;
    let fields = vec![
        Field {
            hint: "What was true on a day.".to_owned(),
            ..Field::asked("valid_on", "On a day", Kind::Day, desk.asked("valid_on").unwrap_or_default())
        },
        Field {
            hint: "What was known: seq:120, or a time.".to_owned(),
            ..Field::asked("as_of", "As known at", Kind::Line, desk.asked("as_of").unwrap_or_default())
        },
    ];
    sheet.heading("Another time");
    sheet.parts.push(Part::Filter(Filter::new(fields)));
    Ok(sheet)
}

fn facts(desk: &Desk, sheet: &mut Sheet, firm: &Value) {
    let mut table = Table::facts("Record");
    table.fact("Country", text(firm, "/country"));
    table.fact("LEI", Cell::text(text(firm, "/lei")).soft(words(&text(firm, "/lei_status"))));
    table.fact("Website", text(firm, "/website"));
    table.fact("Registered address", text(firm, "/registered_address"));
    table.fact("Activities", firm.pointer("/activities").map(plain).unwrap_or_default());
    let names =
        list(firm, "/other_names").iter().map(|name| format!("{} ({})", text(name, "/name"), words(&text(name, "/type"))));
    table.fact("Other names", names.collect::<Vec<_>>().join(", "));
    let identifiers =
        list(firm, "/identifiers").iter().map(|one| format!("{}: {}", words(&text(one, "/scheme")), text(one, "/value")));
    table.fact("Identifiers", identifiers.collect::<Vec<_>>().join(", "));
    table.fact("Group", text(firm, "/group/name"));
    table.fact("Id", Cell::code(text(firm, "/id")));
    table.fact(
        "Directory as of",
        time(firm, "/directory/as_of", desk.now).soft(format!("sequence {}", text(firm, "/directory/sequence"))),
    );
    sheet.table(table);
    let mut table = Table::list("Legal entities of this group", &["Firm", "Country", "LEI"], "");
    for entity in list(firm, "/entities") {
        let place = format!("/console/firms/{}", text(entity, "/id"));
        table.row([
            Cell::link(text(entity, "/legal_name"), place),
            Cell::text(text(entity, "/country")),
            Cell::text(text(entity, "/lei")),
        ]);
    }
    sheet.table_if_any(table);
}

/// What others say against the firm, and what GLEIF says of its LEI.
fn lists(desk: &Desk, sheet: &mut Sheet, firm: &Value) {
    let mut table = Table::list("On lists of warnings", &["List", "Name there", "Matched by", "Why", "Seen"], "");
    for one in list(firm, "/non_compliant") {
        table.row([
            Cell::text(text(one, "/list")).tone("bad"),
            Cell::text(text(one, "/name")),
            code(one, "/matched_by"),
            Cell::text(text(one, "/reason")),
            time(one, "/observed_at", desk.now),
        ]);
    }
    sheet.table_if_any(table);
    let mut table = Table::list("LEI", &["Finding", "Side", "Seen"], "");
    for one in list(firm, "/lei_findings") {
        let side = text(one, "/side");
        let tone = if side == "mismatch" {
            "bad"
        } else if side == "warning" {
            "warn"
        } else {
            "good"
        };
        table.row([Cell::text(text(one, "/detail")), Cell::text(words(&side)).tone(tone), time(one, "/observed_at", desk.now)]);
    }
    sheet.table_if_any(table);
    let mut table = Table::list("What other registers say", &["Register", "Regulator", "State", "Seen"], "");
    for one in list(firm, "/third_party") {
        table.row([
            Cell::text(text(one, "/register")),
            Cell::text(text(one, "/regulator")),
            code(one, "/status"),
            time(one, "/observed_on", desk.now),
        ]);
    }
    sheet.table_if_any(table);
}

fn licences(desk: &Desk, sheet: &mut Sheet, firm: &Value) {
    let head = ["Authority", "State", "Regime", "Activities", "Valid", "Seen in the source", "Source"];
    let mut table = Table::list("Licences", &head, "No licence is known.");
    for licence in list(firm, "/licences") {
        let state = text(licence, "/status");
        let activities = list(licence, "/activities").iter().map(|one| words(&text(one, "/code"))).collect::<Vec<_>>().join(", ");
        let span = |from: &str, to: &str| format!("{} to {}", or(text(licence, from), "unknown"), or(text(licence, to), "open"));
        table.row([
            Cell::text(text(licence, "/authority/name")).soft(text(licence, "/number")),
            Cell::text(words(&state)).tone(if state == "in_force" { "good" } else { "bad" }),
            Cell::text(text(licence, "/regime")),
            Cell::text(activities),
            Cell::text(span("/valid_from", "/valid_to")),
            Cell::text(span("/first_seen", "/last_seen")),
            Cell::text(text(licence, "/source")),
        ]);
    }
    sheet.table(table);
    if let Some((svg, words)) = picture::licences(firm, desk.now.date()) {
        sheet.parts.push(Part::Picture(svg, words));
    }
}

fn or(text: String, other: &str) -> String {
    if text.is_empty() { other.to_owned() } else { text }
}

/// How the firm is reached: endpoints with their health, domains, certificates, keys.
async fn ways(desk: &Desk, sheet: &mut Sheet, firm: &Value, id: &str) -> Result<(), Stop> {
    let health = desk.read_if_any(&format!("/v1/vasps/{id}/health")).await?;
    let mut table =
        Table::list("Endpoints", &["Protocol", "Place", "Usable", "Health", "Up: day, week, month"], "No endpoint is published.");
    for endpoint in list(firm, "/endpoints") {
        let of =
            list(&health, "/items").iter().find(|one| text(one, "/endpoint") == text(endpoint, "/id")).unwrap_or(&Value::Null);
        let share = |name: &str| {
            let share = of.pointer(&format!("/health/availability/{name}")).and_then(Value::as_f64);
            share.map_or_else(|| "unknown".to_owned(), |share| format!("{:.1} %", share * 100.0))
        };
        let usable = is(endpoint, "/usable");
        table.row([
            Cell::text(text(endpoint, "/protocol")).soft(endpoint.pointer("/versions").map(plain).unwrap_or_default()),
            place(endpoint),
            Cell::text(if usable { "yes".to_owned() } else { or(words(&text(endpoint, "/reason")), "no") })
                .tone(endpoints::tone(usable, of)),
            endpoints::state(of).soft(time(of, "/health/sampled_at", desk.now).soft),
            Cell::text([share("day"), share("week"), share("month")].join(", ")),
        ]);
    }
    sheet.table(table);
    proofs(desk, sheet, firm);
    Ok(())
}

/// By what others know that it is the firm.
fn proofs(desk: &Desk, sheet: &mut Sheet, firm: &Value) {
    let mut table = Table::list("Domains", &["Domain", "State", "Hosts below it"], "");
    for domain in list(firm, "/domains") {
        table.row([
            Cell::text(text(domain, "/domain")),
            code(domain, "/status"),
            Cell::text(if is(domain, "/covers_subdomains") { "covered" } else { "not covered" }),
        ]);
    }
    sheet.table_if_any(table);
    let mut table = Table::list("Certificates", &["Use", "State", "Names", "Ends"], "");
    for one in list(firm, "/certificates") {
        table.row([
            code(one, "/use"),
            code(one, "/state"),
            Cell::text(one.pointer("/dns_names").map(plain).unwrap_or_default()),
            time(one, "/not_after", desk.now),
        ]);
    }
    sheet.table_if_any(table);
    let mut table = Table::list("Keys for messages", &["Use", "State", "Algorithm", "Thumbprint"], "");
    for one in list(firm, "/keys") {
        table.row([
            code(one, "/use"),
            code(one, "/status"),
            Cell::text(text(one, "/algorithm")),
            Cell::code(text(one, "/thumbprint")),
        ]);
    }
    sheet.table_if_any(table);
}

/// Returns where an endpoint is.
pub(super) fn place(endpoint: &Value) -> Cell {
    let known = ["/location/url", "/location/host", "/location/value", "/location/address"];
    Cell::text(known.into_iter().map(|pointer| text(endpoint, pointer)).find(|place| !place.is_empty()).unwrap_or_default())
}

fn evidence(desk: &Desk, sheet: &mut Sheet, firm: &Value) {
    let mut table = Table::list(
        "Evidence",
        &["Attribute", "Method", "Source", "Looked at", "Until"],
        "Nobody at the registry has checked this record.",
    );
    let licences = list(firm, "/licences");
    let authority = |name: &str| {
        let licence = licences.iter().find(|licence| name.strip_prefix("licences/") == Some(text(licence, "/id").as_str()));
        licence.map(|licence| text(licence, "/authority/id")).unwrap_or_default()
    };
    for one in list(firm, "/evidence") {
        let stale = if is(one, "/stale") { "bad" } else { "" };
        let name = text(one, "/attribute");
        table.row([
            Cell::text(attribute(&name, &authority(&name))),
            code(one, "/method"),
            Cell::text(text(one, "/source")),
            time(one, "/verified_at", desk.now),
            time(one, "/expires_at", desk.now).tone(stale),
        ]);
    }
    sheet.table(table);
}

fn operator(desk: &Desk, sheet: &mut Sheet, id: &str) {
    if !desk.may("list_cases") {
        return;
    }
    let mut table = Table::facts("The registry's work");
    table.fact("Cases", Cell::link("Cases about this firm", format!("/console/cases?vasp={id}")));
    table.fact("Screening", Cell::link("Screening hits of this firm", format!("/console/hits?vasp={id}")));
    sheet.table(table);
    let form = desk.form("create_vasp_case", &[("vasp", id)]);
    sheet.say("Two records of one firm are merged through the API (POST /v1/vasps/{vasp}/merge).");
    sheet.form(form.map(|form| {
        form.named("case").button("Open a case").folded("Open a case about this record").then("/console/cases/{/id}")
    }));
}

async fn history(desk: &Desk, sheet: &mut Sheet, id: &str) -> Result<(), Stop> {
    let found = desk.read_if_any(&format!("/v1/vasps/{id}/history?limit=30")).await?;
    let mut table = Table::list("What changed, newest first", &["Change", "From", "To", "Recorded", "True from", "Source"], "");
    for item in list(&found, "/items") {
        for change in list(item, "/changes") {
            let short = |pointer| text(change, pointer).chars().take(120).collect::<String>();
            table.row([
                Cell::text(words(text(change, "/pointer").trim_start_matches('/').replace('/', " ").as_str())),
                Cell::text(short("/from")),
                Cell::text(short("/to")),
                time(item, "/recorded_at", desk.now).soft(format!("sequence {}", text(item, "/sequence"))),
                time(item, "/valid_from", desk.now),
                Cell::text(text(item, "/source")),
            ]);
        }
    }
    sheet.table_if_any(table);
    Ok(())
}
