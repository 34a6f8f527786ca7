//! Matches of VASPs with entries of sanctions lists: two people decide whether the VASP is the party that the list means.

use serde_json::Value;

use super::super::field::Kind;
use super::super::form::Form;
use super::super::sheet::{Cell, Filter, Part, Sheet, Table};
use super::super::shown::{code, is, list, plain, quoted, text, time, title};
use super::super::visit::{Desk, Shown};
use super::decision;
use super::proposals::one_of;
use vasp_record::role::OrganisationKind::Operator;

pub(super) async fn list_page(desk: &Desk) -> Shown {
    let mut sheet = Sheet::new("Screening hits").lead("Names, LEIs and addresses that resemble an entry of a sanctions list.");
    sheet.parts.push(Part::Filter(Filter::new(vec![one_of(desk, "status", "State", &desk.words_of("ScreeningHitStatus"))])));
    let found = desk.read(&format!("/v1/screening/hits?limit=50&{}", desk.query_of(&["status", "vasp", "cursor"]))).await?.body;
    let of = match desk.asked("vasp") {
        Some(vasp) => {
            format!("Hits of {}", text(&desk.read_if_any(&format!("/v1/vasps/{}", quoted(vasp))).await?, "/legal_name"))
        }
        None => "Hits".to_owned(),
    };
    let mut table = table(desk, &of, &found, "No hits here.");
    table.next = desk.next(&found, &["status", "vasp"]);
    sheet.table(table);
    Ok(sheet)
}

/// Returns a list of hits.
pub(super) fn table(desk: &Desk, caption: &str, found: &Value, empty: &str) -> Table {
    let mut table = Table::list(caption, &["Name of ours", "Name on the list", "List", "Score", "State", "Found"], empty);
    for hit in list(found, "/items") {
        table.row([
            Cell::link(text(hit, "/matched"), format!("/console/hits/{}", text(hit, "/id"))),
            Cell::text(text(hit, "/listed")),
            Cell::text(text(hit, "/list")),
            Cell::text(text(hit, "/score")),
            code(hit, "/status"),
            time(hit, "/found_at", desk.now),
        ]);
    }
    table
}

pub(super) async fn page(desk: &Desk) -> Shown {
    let id = desk.part("id");
    let hit = desk.read(&format!("/v1/screening/hits/{}", quoted(id))).await?.body;
    let vasp = text(&hit, "/vasp");
    let mut sheet = Sheet::new(format!("Screening hit: {}", text(&hit, "/matched")));
    matches(&mut sheet, &hit);
    let mut table = Table::list("Ours beside the list", &["What", "Our record", "The list's entry"], "").watched();
    table.row([
        "Whose".into(),
        Cell::link(text(&hit, "/record/legal_name"), format!("/console/firms/{vasp}")),
        Cell::text(text(&hit, "/name")),
    ]);
    let said = |pointer: &str| Cell::text(hit.pointer(pointer).map(plain).unwrap_or_default());
    // A key in lists of labels is no number of a register.
    let numbers = list(&hit, "/record/identifiers").iter().filter(|one| text(one, "/scheme") != "entity_key");
    let numbers = numbers.map(|one| text(one, "/value")).collect::<Vec<_>>().join(", ");
    table.row(["Country".into(), said("/record/country"), said("/entry/countries")]);
    table.row(["Birth or foundation".into(), Cell::default(), said("/entry/born")]);
    table.row(["LEI".into(), said("/record/lei"), said("/entry/leis")]);
    table.row(["Register numbers".into(), Cell::text(numbers), said("/entry/numbers")]);
    table.row(["Entry".into(), Cell::default(), Cell::text(format!("{} {}", text(&hit, "/list"), text(&hit, "/uid")))]);
    table.row(["Programmes".into(), Cell::default(), said("/programs")]);
    sheet.table(table);
    let mut facts = Table::facts("The hit").watched();
    facts.fact("State", code(&hit, "/status"));
    facts.fact("Found", time(&hit, "/found_at", desk.now));
    facts.fact("SHA-256 of the entry", Cell::code(text(&hit, "/entry_sha256")));
    let case = text(&hit, "/case");
    if !case.is_empty() {
        facts.fact("Case", Cell::link("the firm's open case", format!("/console/cases/{case}")));
    }
    sheet.table(facts);
    let proposal = hit.pointer("/proposal").filter(|proposal| !proposal.is_null());
    if let Some(proposal) = proposal {
        decision::show(desk, &mut sheet, proposal);
    }
    if proposal.is_none_or(|proposal| text(proposal, "/state") != "pending") {
        propose(desk, &mut sheet, id, &hit);
    }
    Ok(sheet)
}

/// Shows the form of who may propose what the match means, and to others who may.
fn propose(desk: &Desk, sheet: &mut Sheet, id: &str, hit: &Value) {
    let choices =
        [("false_positive", "Another party: not the one on the list"), ("true_match", "The same party: this firm is listed")];
    // Where nothing could differ, no ground can be given.
    let cannot_differ = is(hit, "/needs_ground") && grounds(hit).next().is_none();
    let choices = choices.into_iter().skip(usize::from(cannot_differ));
    let choices = choices.map(|(value, words)| (value.to_owned(), words.to_owned()));
    match desk.form("propose_screening_hit", &[("id", id)]) {
        Some(form) => {
            if cannot_differ {
                sheet.notice("warn", "This match cannot be cleared yet.", NOTHING_DIFFERS);
            }
            sheet.form(Some(decided(form, hit).choices("/decision", choices).button("Propose")));
        }
        None if desk.is(Operator) => {
            sheet.say("A reviewer proposes what this match means, and an approver decides it under Proposals.")
        }
        None => (),
    }
}

/// Shows everything that matches: the decision is about all of it.
fn matches(sheet: &mut Sheet, hit: &Value) {
    let all = list(hit, "/matches");
    let same = |one: &Value| ["/matched", "/listed"].iter().all(|member| one.pointer(member) == hit.pointer(member));
    // The hit's own match is not among them if it is an address, or if no list has the entry any more.
    let own = Some(hit).filter(|_| !all.iter().any(same));
    let mut table = Table::list("What matches", &["By", "Our value", "The list's value", "Score"], "").watched();
    for one in own.into_iter().chain(all) {
        table.row([
            Cell::text(title(&text(one, "/matched_by"))),
            Cell::text(text(one, "/matched")),
            Cell::text(text(one, "/listed")),
            Cell::text(text(one, "/score")),
        ]);
    }
    sheet.table(table);
}

/// What can differ: the kinds of values, and where the entry has them.
const GROUNDS: [(&str, &str); 4] =
    [("country", "/entry/countries"), ("date", "/entry/born"), ("lei", "/entry/leis"), ("register_number", "/entry/numbers")];

const NOTHING_DIFFERS: &str =
    "The list's entry has no value that could differ. The match can be cleared once the list says more.";

/// Returns the kinds of values that the entry has.
fn grounds(hit: &Value) -> impl Iterator<Item = &'static str> {
    GROUNDS.iter().filter(|(_, listed)| !list(hit, listed).is_empty()).map(|(kind, _)| *kind)
}

fn decided(form: Form, hit: &Value) -> Form {
    let form = form.title("Your decision").keep(&[
        "/decision",
        "/ground/kind",
        "/ground/value",
        "/ground/document/name",
        "/ground/document/sha256",
        "/reason",
    ]);
    let kinds: Vec<(String, String)> = grounds(hit).map(|kind| (kind.to_owned(), title(kind))).collect();
    let hint = match (is(hit, "/needs_ground"), kinds.is_empty()) {
        (true, true) => NOTHING_DIFFERS,
        (true, false) => "Needed to clear this match: what our firm has and the list's entry has not.",
        (false, _) => "Leave it empty unless a value shows the difference.",
    };
    let form = form.hint("/decision", "").choices("/ground/kind", kinds).label("/ground/kind", "What differs");
    let form = form.hint("/ground/kind", hint);
    let form = form.label("/ground/value", "The firm's value").label("/ground/document/name", "Document that shows it");
    form.label("/ground/document/sha256", "SHA-256 of the document").kind("/reason", Kind::Area)
}
