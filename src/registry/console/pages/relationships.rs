//! Relationships: whom the organisation deals with, on which terms, decided by two people; and what stands about a firm beside its record.

use serde_json::Value;

use super::super::field::Kind;
use super::super::form::Form;
use super::super::sheet::{Cell, Filter, Part, Sheet, Table};
use super::super::shown::{code, list, plain, text, time, title, words};
use super::super::visit::{Desk, Shown, Stop};
use super::decision::{self, who};
use super::proposals::one_of;

/// What a decision for the Travel Rule says.
const PROPOSED: &[&str] = &[
    "/travel_rule/status",
    "/travel_rule/review_due",
    "/travel_rule/conditions/first_party_only",
    "/travel_rule/conditions/enhanced_due_diligence",
    "/travel_rule/conditions/proof_of_control",
    "/travel_rule/conditions/other",
    "/terms/risk",
    "/terms/risk_note",
    "/terms/responsibilities",
    "/terms/agreement_reference",
    "/reason",
];

pub(super) async fn list_page(desk: &Desk) -> Shown {
    let mut sheet = Sheet::new("Relationships").lead("The firms that your organisation decided about.");
    let fields = vec![
        one_of(desk, "status", "State", &desk.words_of("DueDiligenceStatus")),
        one_of(desk, "track", "Track", &["travel_rule", "correspondent"]),
    ];
    sheet.parts.push(Part::Filter(Filter::new(fields)));
    let found = desk.read(&format!("/v1/relationships?limit=50&{}", desk.query_of(&["status", "track", "cursor"]))).await?.body;
    let head = ["Firm", "Travel Rule", "Review due", "Correspondent", "Waits"];
    let mut table = Table::list("Relationships", &head, "There is none yet. Look a firm up and propose one on its page.");
    for one in list(&found, "/items") {
        let waits = if one.pointer("/proposal").is_some_and(|proposal| text(proposal, "/state") == "pending") {
            "a proposal"
        } else {
            ""
        };
        table.row([
            Cell::link(text(one, "/vasp/legal_name"), format!("/console/firms/{}", text(one, "/vasp/id"))),
            code(one, "/travel_rule/status"),
            time(one, "/travel_rule/review_due", desk.now),
            code(one, "/correspondent/status"),
            Cell::text(waits).tone("warn"),
        ]);
    }
    table.next = desk.next(&found, &["status", "track"]);
    sheet.table(table);
    sheet.say("Policies are kept and decided through the API (/v1/policies).");
    Ok(sheet)
}

/// Shows what the organisation decided about a firm, and what this person can do about it.
pub(super) async fn beside(desk: &Desk, sheet: &mut Sheet, id: &str) -> Result<(), Stop> {
    if desk.may("get_relationship") {
        let (relationship, version) = match desk.read(&format!("/v1/relationships/{id}")).await {
            Ok(answered) => (answered.body, answered.version),
            Err(refused) if refused.is_absent() => (Value::Null, None),
            Err(refused) => return Err(refused.into()),
        };
        sheet.heading("Your relationship");
        show(desk, sheet, &relationship);
        forms(desk, sheet, id, &relationship, version);
    }
    if desk.may("list_watches") {
        let watches = desk.read_all("/v1/watches?limit=1000").await?;
        let own = watches.iter().any(|watch| text(watch, "/vasp") == id && super::super::shown::is(watch, "/asked"));
        let form = if own { desk.form("delete_watch", &[("vasp", id)]) } else { desk.form("replace_watch", &[("vasp", id)]) };
        let (title, button) = if own {
            ("You watch this firm", "Stop watching")
        } else {
            ("Watch this firm: alerts when something changes", "Watch")
        };
        sheet.form(form.map(|form| form.named("watch").button(button).folded(title)));
    }
    Ok(())
}

fn show(desk: &Desk, sheet: &mut Sheet, relationship: &Value) {
    let mut table = Table::list("", &["What", "Travel Rule", "Correspondent"], "").watched();
    let mut both =
        |name: &str, of: &dyn Fn(&str) -> Cell| table.row([Cell::text(name), of("/travel_rule"), of("/correspondent")]);
    both("State", &|track| match text(relationship, &format!("{track}/status")) {
        state if state.is_empty() => Cell::text("not started"),
        state => Cell::text(words(&state)).tone(if state.starts_with("approved") { "good" } else { "" }),
    });
    both("Review due", &|track| time(relationship, &format!("{track}/review_due"), desk.now));
    both("Reason", &|track| Cell::text(text(relationship, &format!("{track}/reason"))));
    both("Missing", &|track| {
        Cell::text(words(&relationship.pointer(&format!("{track}/missing")).map(plain).unwrap_or_default()))
    });
    sheet.table(table);
    let mut terms = Table::facts("Terms").watched();
    if let Some(members) = relationship.pointer("/terms").and_then(Value::as_object) {
        members.iter().for_each(|(name, value)| terms.fact(&title(name), plain(value)));
    }
    sheet.table_if_any(terms);
    let mut history = Table::list("Decisions", &["What", "Travel Rule", "Correspondent", "Who", "When"], "").watched();
    for version in list(relationship, "/history") {
        history.row([
            code(version, "/event").soft(text(version, "/reason")),
            code(version, "/travel_rule"),
            code(version, "/correspondent"),
            who(desk, version, "/by"),
            time(version, "/at", desk.now),
        ]);
    }
    sheet.table_if_any(history);
}

fn forms(desk: &Desk, sheet: &mut Sheet, id: &str, relationship: &Value, version: Option<String>) {
    if let Some(proposal) = relationship.pointer("/proposal").filter(|proposal| text(proposal, "/state") == "pending") {
        decision::show(desk, sheet, proposal);
        return;
    }
    let parts = [("vasp", id)];
    let version = Some(version.unwrap_or_else(|| "*".to_owned()));
    // Terms replace those of before as a whole, so that they are asked here only if there are none.
    let has_terms = relationship.pointer("/terms").is_some_and(|terms| !terms.is_null());
    let known: &[&str] = if has_terms { &["/terms"] } else { &[] };
    let form = desk.form("propose_relationship", &parts).map(|form| {
        let form = form.keep(PROPOSED).without(known);
        let form = decided(form.named("propose")).label("/terms/risk", "Risk rating").based_on(version.clone());
        form.button("Propose").folded("Propose a decision for the Travel Rule")
    });
    sheet.form(form);
    let form = desk.form("propose_relationship", &parts).filter(|_| has_terms).map(|form| {
        let form = form.named("terms").filled(relationship).only(&["/terms", "/reason"]).kind("/reason", Kind::Area);
        form.label("/terms/risk", "Risk rating").based_on(version).button("Propose the terms").folded("Propose other terms")
    });
    sheet.form(form);
    let form = desk.form("restrict_relationship", &parts).map(|form| {
        let form = form.keep(&["/travel_rule/status", "/travel_rule/terminated_for_aml", "/reason"]);
        decided(form.named("restrict"))
            .grave()
            .button("Restrict at once")
            .folded("Restrict at once, alone: suspend, refuse or terminate")
    });
    sheet.form(form.filter(|_| !relationship.is_null()));
    let form = desk.form("record_relationship_incident", &parts);
    sheet.form(
        form.filter(|_| !relationship.is_null())
            .map(|form| form.named("incident").button("Note it").folded("Note a failure: data missing, late or wrong")),
    );
}

fn decided(form: Form) -> Form {
    let form = form.kind("/reason", Kind::Area);
    form.required("/travel_rule/status").label("/travel_rule/status", "Decision").label("/travel_rule/review_due", "Valid until")
}
