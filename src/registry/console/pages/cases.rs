//! Cases: the queue, and one case with its evidence first: what the member says beside what was approved and what others say, a tick for
//! each attribute, what blocks, the history, and the one decision of the person who looks at it. One page for every kind of case.

use serde_json::Value;

use super::super::field::{Field, Kind};
use super::super::form::Form;
use super::super::sheet::{Cell, Filter, Part, Sheet, Table};
use super::super::shown::{attribute, capital, code, list, plain, text, time, title, words};
use super::super::visit::{Desk, Shown, Stop};
use super::blocking::Blocking;
use super::choices::Choices;
use super::decision::{self, who};
use super::proposals::{choice_of, one_of};
use super::{hits, today};
use vasp_record::case::Decision;

/// The ways to get evidence that the API names for `method`.
const METHODS: [&str; 8] =
    ["register_look_up", "document", "dns", "call_back", "certificate", "gleif", "website", "authority_confirmation"];

/// By what the list of cases is narrowed and sorted.
const NARROWED: [&str; 6] = ["status", "kind", "sort", "vasp", "assignee", "due_before"];

pub(super) async fn list_page(desk: &Desk) -> Shown {
    let mut sheet = Sheet::new("Cases").lead("What the registry's people have to look at.");
    let fields = vec![
        one_of(desk, "status", "State", &desk.words_of("CaseStatus")),
        one_of(desk, "kind", "Kind", &desk.words_of("CaseTriggerKind")),
        choice_of(desk, "sort", "Order", &[("", "As usual"), ("risk", "Risk"), ("due", "Due"), ("opened", "Opened")]),
    ];
    sheet.parts.push(Part::Filter(Filter::new(fields)));
    let found = desk.read(&format!("/v1/cases?limit=50&{}{}", desk.query_of(&NARROWED), desk.cursor_by("cursor"))).await?.body;
    let mut table = table(desk, "Cases", &found, "No cases here.").await?;
    table.next = desk.next(&found, &NARROWED);
    sheet.table(table);
    Ok(sheet)
}

/// Returns a list of cases.
pub(super) async fn table(desk: &Desk, caption: &str, found: &Value, empty: &str) -> Result<Table, Stop> {
    let mut table = Table::list(caption, &["Firm", "Why", "State", "Risk", "Due", "Opened", "Taken by"], empty);
    for case in list(found, "/items") {
        let (vasp, id) = (text(case, "/vasp"), text(case, "/id"));
        let mut firm = firm(desk, &vasp).await?;
        if firm == vasp {
            let checklist = desk.read_if_any(&format!("/v1/cases/{id}/checklist")).await?;
            firm = submitted_name(&checklist).unwrap_or(firm);
        }
        let assignee = if text(case, "/assignee").is_empty() { Cell::text("nobody") } else { who(desk, case, "/assignee") };
        table.row([
            Cell::link(firm, format!("/console/cases/{id}")),
            Cell::text(why(case)),
            code(case, "/status"),
            Cell::text(text(case, "/risk")),
            due(desk, case),
            time(case, "/opened_at", desk.now),
            assignee,
        ]);
    }
    Ok(table)
}

/// Returns when a case is due; nothing if it is closed.
fn due(desk: &Desk, case: &Value) -> Cell {
    if text(case, "/status") == "closed" { Cell::default() } else { today::due(case, "/due_at", desk) }
}

/// Returns what a firm is called, also if its record is a draft.
pub(super) async fn firm(desk: &Desk, vasp: &str) -> Result<String, Stop> {
    if vasp.is_empty() {
        return Ok("No firm".to_owned());
    }
    let listed = text(&desk.read_if_any(&format!("/v1/vasps/{vasp}")).await?, "/legal_name");
    if !listed.is_empty() {
        return Ok(listed);
    }
    let draft = text(&desk.read_if_any(&format!("/v1/vasps/{vasp}/draft")).await?, "/said/legal_name");
    Ok(if draft.is_empty() { vasp.to_owned() } else { draft })
}

/// Returns the name that a member submitted of itself; `None` if it was not asked for.
fn submitted_name(checklist: &Value) -> Option<String> {
    let name = list(checklist, "/items").iter().find(|item| text(item, "/attribute") == "legal_name")?;
    Some(text(name, "/value")).filter(|name| !name.is_empty())
}

/// Returns why a case was opened, in words.
fn why(case: &Value) -> String {
    let said: Vec<String> = list(case, "/triggers")
        .iter()
        .map(|trigger| match text(trigger, "/detail/summary") {
            summary if summary.is_empty() => title(&text(trigger, "/kind")),
            summary => capital(&summary),
        })
        .take(2)
        .collect();
    if said.is_empty() { "Case".to_owned() } else { said.join("; ") }
}

pub(super) async fn page(desk: &Desk) -> Shown {
    let id = desk.part("id");
    let case = desk.read(&format!("/v1/cases/{}", super::super::shown::quoted(id))).await?.body;
    let vasp = text(&case, "/vasp");
    let record = if vasp.is_empty() { Value::Null } else { desk.read_if_any(&format!("/v1/vasps/{vasp}/draft")).await? };
    let listed = if vasp.is_empty() { Value::Null } else { desk.read_if_any(&format!("/v1/vasps/{vasp}")).await? };
    let checklist = if vasp.is_empty() { Value::Null } else { desk.read_if_any(&format!("/v1/cases/{id}/checklist")).await? };
    let names = [text(&record, "/said/legal_name"), text(&listed, "/legal_name")];
    let name = names.into_iter().find(|name| !name.is_empty()).or_else(|| submitted_name(&checklist));
    let mut sheet = match &name {
        Some(name) => Sheet::new(format!("Case: {name}")).lead(why(&case)),
        None => Sheet::new(format!("Case: {}", why(&case))),
    };
    let is_open = text(&case, "/status") != "closed";
    let blocking = Blocking::read(desk, &case, &checklist).await?;
    let choices = Choices::of(&case, &record, &listed, &blocking);
    if is_open {
        blocking.show(desk, &mut sheet, &vasp, choices.allows(Decision::Verify));
    } else {
        sheet.notice("", "This case is closed.", "");
    }
    if text(&listed, "/status") == "suspended" {
        sheet.notice("warn", "The firm is suspended.", "Everybody who asks for it is told so.");
    }
    evidence(desk, &mut sheet, &checklist);
    bodies(desk, &mut sheet, &case).await?;
    if is_open {
        actions(desk, &mut sheet, &case, &checklist, &choices);
    }
    facts(desk, &mut sheet, &case, name.unwrap_or(vasp));
    history(desk, &mut sheet, &case, &checklist);
    Ok(sheet)
}

/// Returns what an attribute is called. The authority of a licence is read from the checklist.
pub(super) fn named(checklist: &Value, name: &str) -> String {
    let known = list(checklist, "/items").iter().find(|item| text(item, "/attribute") == name);
    let of = |pointer| known.map(|item| text(item, pointer)).filter(|authority| !authority.is_empty());
    attribute(name, &of("/value/authority").or_else(|| of("/approved/authority")).unwrap_or_default())
}

/// What the record says, beside what was approved, what others say, and the evidence for it.
fn evidence(desk: &Desk, sheet: &mut Sheet, checklist: &Value) {
    let head = ["Attribute", "Submitted", "Approved before", "Others say", "Evidence"];
    let mut table = Table::list("Submitted beside known", &head, "").watched();
    for item in list(checklist, "/items") {
        let state = text(item, "/state");
        let others: Vec<String> = list(item, "/contradicted_by")
            .iter()
            .map(|voice| format!("{}: {}", text(voice, "/origin"), text(voice, "/value")))
            .collect();
        let tone = match state.as_str() {
            "evidenced" => "good",
            _ if super::super::shown::is(item, "/required") => "bad",
            _ => "",
        };
        let approved = item.pointer("/approved").map(plain).unwrap_or_default();
        let submitted = item.pointer("/value").map(plain).unwrap_or_default();
        let changed = if super::super::shown::is(item, "/changed") { "changed" } else { "" };
        table.row([
            Cell::text(named(checklist, &text(item, "/attribute"))),
            Cell::text(submitted).soft(changed),
            Cell::text(approved),
            Cell::text(others.join("; ")).tone(if others.is_empty() { "" } else { "warn" }),
            Cell::text(words(&state)).tone(tone),
        ]);
    }
    sheet.table_if_any(table);
    let mut found = Table::list("Evidence so far", &["Attribute", "Method", "Source", "Looked at", "By", "Until"], "").watched();
    for one in list(checklist, "/evidence") {
        found.row([
            Cell::text(named(checklist, &text(one, "/attribute"))),
            code(one, "/method"),
            Cell::text(text(one, "/source")).soft(text(one, "/reference")),
            time(one, "/verified_at", desk.now),
            who(desk, one, "/verifier"),
            time(one, "/expires_at", desk.now),
        ]);
    }
    sheet.table_if_any(found);
    let mut alike = Table::list("Look-alikes", &["Name", "What is alike", "Other record"], "").watched();
    for one in list(checklist, "/look_alikes") {
        let other = text(one, "/record/vasp");
        let record = if other.is_empty() {
            Cell::default()
        } else {
            Cell::link(text(one, "/record/legal_name"), format!("/console/firms/{other}"))
        };
        alike.row([Cell::text(text(one, "/name")), Cell::text(text(one, "/detail")), record]);
    }
    sheet.table_if_any(alike);
}

/// What cases of some kinds are about beside a record.
async fn bodies(desk: &Desk, sheet: &mut Sheet, case: &Value) -> Result<(), Stop> {
    let kinds: Vec<String> = list(case, "/triggers").iter().map(|trigger| text(trigger, "/kind")).collect();
    let is = |kind: &str| kinds.iter().any(|known| known == kind);
    let (id, vasp) = (text(case, "/id"), text(case, "/vasp"));
    if is("screening_hit") {
        let found = desk.read_if_any(&format!("/v1/screening/hits?vasp={vasp}")).await?;
        let mut table = hits::table(desk, "All screening hits", &found, "The hits of this case are gone.");
        table.watched = true;
        today::begin(sheet, table, &found, &format!("/console/hits?vasp={vasp}"));
    }
    if is("dispute") {
        super::disputes::show(desk, sheet, &id).await?;
    }
    if is("pending_claims") {
        pending(desk, sheet, &id).await?;
    }
    if is("unknown_authority") {
        let found = desk.read_if_any(&format!("/v1/held-rows?case={id}&limit=50{}", desk.cursor_by("rows"))).await?;
        let mut table =
            Table::list("Rows of registers that are held", &["Authority", "Register", "Line", "What it says", "Why"], "")
                .watched();
        for row in list(&found, "/items") {
            let cells = row.pointer("/cells").map(plain).unwrap_or_default();
            table.row(
                [text(row, "/authority"), text(row, "/register"), text(row, "/line"), cells, words(&text(row, "/why"))]
                    .map(Cell::text),
            );
        }
        table.next = desk.next_by("rows", &found, &[]);
        sheet.table_if_any(table);
    }
    Ok(())
}

/// Claims that wait for a reviewer.
async fn pending(desk: &Desk, sheet: &mut Sheet, id: &str) -> Result<(), Stop> {
    let found = desk.read_if_any(&format!("/v1/claims/pending/{id}/rows?limit=50{}", desk.cursor_by("claims"))).await?;
    let mut table = Table::list("Claims that wait", &["Address", "Network", "Role", "Strength", "Against"], "").watched();
    for one in list(&found, "/items") {
        let against: Vec<String> = list(one, "/against").iter().map(|claim| text(claim, "/vasp")).collect();
        table.row([
            Cell::code(text(one, "/claim/address")),
            Cell::text(text(one, "/claim/network")),
            code(one, "/claim/role"),
            code(one, "/claim/strength"),
            Cell::text(against.join(", ")),
        ]);
    }
    table.next = desk.next_by("claims", &found, &[]);
    sheet.table_if_any(table);
    // Neither those that come later nor those before are let in unseen.
    let Some(last) = list(&found, "/items").last().filter(|_| desk.asked("claims").is_none()) else { return Ok(()) };
    let form = desk.form("count_pending_claims", &[("case", id)]);
    sheet.form(form.map(|form| {
        form.keep(&["/reason", "/until"])
            .hide("/until", text(last, "/claim/id"))
            .with(Field::asked("/rows", "", Kind::Hidden, "all"))
            .named("count")
            .button("Let those shown count")
            .folded("Let these claims take effect")
    }));
    Ok(())
}

/// What this person can do: take the case, tick evidence, propose; or approve and decline what another proposed.
fn actions(desk: &Desk, sheet: &mut Sheet, case: &Value, checklist: &Value, choices: &Choices) {
    let id = text(case, "/id");
    let parts = [("id", id.as_str())];
    let proposal = case.pointer("/proposal").filter(|proposal| text(proposal, "/state") == "pending");
    let is_mine = text(case, "/assignee") == desk.user();
    if let Some(proposal) = proposal {
        let since: Vec<String> = list(case, "/since_proposed").iter().map(plain).collect();
        if !since.is_empty() {
            sheet.notice("warn", "Since this was proposed:", since.join("; "));
        }
        decision::show(desk, sheet, proposal);
    } else if is_mine {
        let form = desk.form("create_case_evidence", &parts).map(|form| ticks(form, checklist));
        // Once all is evidenced, there is nothing to tick.
        sheet.form(form.filter(|form| form.fields.iter().any(|field| field.name.starts_with("tick:"))));
        choices.show(desk, sheet, &id);
    } else {
        let words = if text(case, "/assignee").is_empty() { "Take this case" } else { "Take this case over" };
        let take = desk.form("take_case", &parts);
        if take.is_none() {
            sheet.say("A reviewer takes this case. What is proposed then waits for a second person, under Today.");
        }
        sheet.form(take.map(|form| form.named("take").button(words)));
    }
    let note = desk.form("create_case_note", &parts);
    sheet.form(note.map(|form| form.named("note").button("Keep the note").folded("Write a note for other operators")));
    let message = desk.form("create_case_message", &parts);
    sheet.form(
        message
            .filter(|_| choices.has_member())
            .map(|form| form.named("message").button("Send to the member").folded("Ask the member something")),
    );
}

/// The ticks: what a person looked at, with one source for all that are ticked.
fn ticks(form: Form, checklist: &Value) -> Form {
    let wants = |item: &&Value| text(item, "/state") != "evidenced" && !item.pointer("/value").is_none_or(Value::is_null);
    let items = list(checklist, "/items").iter().filter(wants);
    let form = form.named("evidence").title("Tick what you looked at").button("Record evidence for what is ticked");
    let form = form.keep(&["/method", "/source", "/reference", "/expires_at"]);
    let form = form.choices("/method", METHODS.map(|method| (method.to_owned(), title(method)))).hint("/method", "");
    let ticks = items.map(|item| {
        let name = text(item, "/attribute");
        let value: String = item.pointer("/value").map(plain).unwrap_or_default().chars().take(120).collect();
        Field::new(&format!("tick:{name}"), &format!("{}: {value}", named(checklist, &name)), Kind::Check)
    });
    form.each("/attribute", ticks.collect())
}

fn facts(desk: &Desk, sheet: &mut Sheet, case: &Value, name: String) {
    let mut table = Table::facts("The case").watched();
    let vasp = text(case, "/vasp");
    table.fact("Firm", if vasp.is_empty() { Cell::default() } else { Cell::link(name, format!("/console/firms/{vasp}")) });
    table.fact("State", code(case, "/status"));
    table.fact("Risk", text(case, "/risk"));
    table.fact("Due", due(desk, case));
    table.fact("Opened", time(case, "/opened_at", desk.now));
    table.fact("Taken by", if text(case, "/assignee").is_empty() { Cell::text("nobody") } else { who(desk, case, "/assignee") });
    table.fact("Outcome", code(case, "/outcome"));
    sheet.side.push(Part::Table(table));
}

/// The history, newest first: who, what, when.
fn history(desk: &Desk, sheet: &mut Sheet, case: &Value, checklist: &Value) {
    let mut table = Table::list("History", &["What", "Who", "When"], "").watched();
    for entry in list(case, "/entries").iter().rev() {
        let body = entry.pointer("/body").unwrap_or(&Value::Null);
        let said = ["/summary", "/text", "/reason"].into_iter().map(|pointer| text(body, pointer)).find(|said| !said.is_empty());
        let said = said.unwrap_or_else(|| named(checklist, &text(body, "/attribute")));
        let kind = title(text(entry, "/kind").trim_start_matches("trigger:"));
        table.row([Cell::text(kind).soft(said), who(desk, entry, "/actor"), time(entry, "/at", desk.now)]);
    }
    sheet.side.push(Part::Table(table));
}
