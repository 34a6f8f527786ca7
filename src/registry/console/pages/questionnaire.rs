//! The member's questionnaire: the answers by section, the submission with its signature, and who may read the answers.

use serde_json::Value;

use super::super::field::{Field, Kind};
use super::super::form::Form;
use super::super::sheet::{Cell, Part, Sheet, Table};
use super::super::shown::{list, plain, text, time, title, words};
use super::super::visit::{Desk, Shown, Stop};
use super::domains::own;

pub(super) async fn page(desk: &Desk) -> Shown {
    own(desk).await?;
    let found = desk.read("/v1/questionnaires").await?.body;
    let draft = desk.read("/v1/questionnaires/draft").await?;
    let mut sheet = Sheet::new("Questionnaire").lead("What others must know of you before they deal with you.");
    tracks(desk, &mut sheet, &draft.body);
    access(desk, &mut sheet, &found).await?;
    let chosen = desk.asked("section").unwrap_or_default().to_owned();
    let mut table = Table::list("Sections", &["Section", "Answered", "Missing"], "");
    for section in list(&found, "/questionnaire/sections") {
        let id = text(section, "/id");
        let of =
            |state: &str| standing(&found, &draft.body, &id).filter(|(_, one)| text(one, "/state") == state).count().to_string();
        table.row([
            Cell::link(text(section, "/title"), format!("/console/questionnaire?section={id}#answers")),
            of("given").into(),
            of("missing").into(),
        ]);
    }
    sheet.table(table);
    if let Some(section) = list(&found, "/questionnaire/sections").iter().find(|section| text(section, "/id") == chosen) {
        sheet.heading(&text(section, "/title"));
        answers(desk, &mut sheet, &found, &draft.body, draft.version.clone(), &chosen);
    }
    let form = desk.form("submit_questionnaire", &[]);
    sheet.form(form.map(|form| {
        form.named("submit")
            .based_on(draft.version.clone())
            .button("Submit")
            .folded("Sign and submit the answers")
            .lead("Sign the statement of the draft with a published key or certificate, and paste the signature.")
    }));
    let statement = text(&draft.body, "/statement");
    if !statement.is_empty() {
        sheet.copy("The statement to sign", statement);
    }
    Ok(sheet)
}

/// The items of a section with what the draft says of each.
fn standing<'a>(found: &'a Value, draft: &'a Value, section: &'a str) -> impl Iterator<Item = (&'a Value, &'a Value)> {
    let items = list(found, "/questionnaire/items").iter().filter(move |item| text(item, "/section") == section);
    items.filter_map(move |item| Some((item, list(draft, "/items").iter().find(|one| text(one, "/id") == text(item, "/id"))?)))
}

fn tracks(desk: &Desk, sheet: &mut Sheet, draft: &Value) {
    let mut table = Table::list("Where it stands", &["Duty", "State", "Valid until"], "").watched();
    for track in list(draft, "/tracks") {
        let missing = list(track, "/missing").len();
        let complete = missing == 0;
        let state = if complete { "complete".to_owned() } else { format!("{missing} answers are missing") };
        table.row([
            Cell::text(title(&text(track, "/track"))),
            Cell::text(state).tone(if complete { "good" } else { "warn" }),
            time(track, "/valid_until", desk.now),
        ]);
    }
    sheet.table(table);
}

fn answers(desk: &Desk, sheet: &mut Sheet, found: &Value, draft: &Value, version: Option<String>, section: &str) {
    let Some(form) = desk.form("update_questionnaire_draft", &[]) else { return };
    let form = form
        .named("answers")
        .keep(&[])
        .based_on(version)
        .button("Save these answers")
        .then(format!("/console/questionnaire?section={section}"));
    let form = standing(found, draft, section)
        .filter(|(_, one)| text(one, "/state") != "not_asked")
        .fold(form, |form, (item, one)| ask(form, item, one, draft));
    sheet.parts.push(Part::Form(Box::new(form)));
    sheet.say("Documents and the chain of owners are handed in through the API (PATCH /v1/questionnaires/draft).");
}

/// Adds the field of an item; what has no field of its own here is answered through the API.
fn ask(form: Form, item: &Value, standing: &Value, draft: &Value) -> Form {
    let id = text(item, "/id");
    let options = |all: &[Value]| -> Kind {
        let none = [(String::new(), "No answer".to_owned())];
        Kind::Choice(none.into_iter().chain(all.iter().map(plain).map(|value| (value.clone(), title(&value)))).collect())
    };
    let many = item.pointer("/answer/many").and_then(Value::as_bool).unwrap_or_default();
    let kind = match text(item, "/answer/kind").as_str() {
        "yes_no" => Kind::Choice(
            [("", "No answer"), ("true", "Yes"), ("false", "No")]
                .map(|(value, words)| (value.to_owned(), words.to_owned()))
                .to_vec(),
        ),
        "choice" if !many => options(list(item, "/answer/options")),
        "choice" | "countries" => Kind::Lines,
        "text" => Kind::Area,
        "number" => Kind::Number,
        "date" => Kind::Day,
        _ => return form,
    };
    let field = Field::new(&format!("/answers/{id}/value"), &text(item, "/text"), kind);
    let mut field = Field {
        hint: format!(
            "{}. {}",
            title(&words(&text(standing, "/state"))),
            list(item, "/sources").iter().map(plain).collect::<Vec<_>>().join("; ")
        ),
        ..field
    };
    if let Some(value) = draft.pointer(&format!("/document/answers/{id}/value")) {
        field.set(value);
        if let Value::Bool(yes) = value {
            field.value = yes.to_string();
            field.before.clone_from(&field.value);
        }
    }
    form.with(field)
}

/// Who asked to read the answers, and who may.
async fn access(desk: &Desk, sheet: &mut Sheet, found: &Value) -> Result<(), Stop> {
    let requests = desk.read_if_any("/v1/questionnaires/access-requests?limit=100").await?;
    let sections: Vec<String> = list(found, "/questionnaire/sections").iter().map(|section| text(section, "/id")).collect();
    for request in list(&requests, "/items").iter().filter(|request| text(request, "/state") == "open") {
        let mut table = Table::facts("Somebody wants to read your answers").watched();
        table.fact("Organisation", Cell::code(text(request, "/organisation")));
        table.fact("Why", text(request, "/reason"));
        table.fact(
            "Sections",
            request.pointer("/sections").map(plain).filter(|all| !all.is_empty()).unwrap_or_else(|| "all".to_owned()),
        );
        table.fact("The chain of owners, too", if super::super::shown::is(request, "/ownership") { "yes" } else { "no" });
        table.fact("Asked", time(request, "/created_at", desk.now));
        sheet.table(table);
        let id = text(request, "/id");
        let form = desk.form("create_questionnaire_access", &[]).map(|form| {
            let form = form.named(format!("give-{id}")).hide("/organisation", text(request, "/organisation"));
            let asked: Vec<String> = list(request, "/sections").iter().map(plain).collect();
            let form = form
                .suggest("/sections", &asked.join("\n"))
                .hint("/sections", &format!("One a line, of: {}. Empty: all.", sections.join(", ")));
            form.button("Let them read").folded("Let them read")
        });
        sheet.form(form);
        let form = desk.form("decline_questionnaire_request", &[("id", &id)]);
        sheet.form(form.map(|form| form.named(format!("decline-{id}")).button("Decline").folded("Decline")));
    }
    let found = desk.read_if_any("/v1/questionnaires/access?limit=100").await?;
    let mut table =
        Table::list("Who may read your answers", &["Organisation", "Sections", "Owners", "Until"], "Nobody may read them.");
    for one in list(&found, "/items").iter().filter(|one| text(one, "/ended_at").is_empty()) {
        let sections = one.pointer("/sections").map(plain).filter(|all| !all.is_empty()).unwrap_or_else(|| "all".to_owned());
        let owners = if super::super::shown::is(one, "/ownership") { "yes" } else { "no" };
        table.row([Cell::code(text(one, "/organisation")), sections.into(), owners.into(), time(one, "/expires_at", desk.now)]);
    }
    sheet.table(table);
    for one in list(&found, "/items").iter().filter(|one| text(one, "/ended_at").is_empty()) {
        let id = text(one, "/id");
        let form = desk.form("delete_questionnaire_access", &[("id", &id)]);
        sheet.form(form.map(|form| {
            form.named(format!("end-{id}"))
                .grave()
                .button("End the access")
                .folded(&format!("End the access of {}", text(one, "/organisation")))
        }));
    }
    Ok(())
}
