//! People: the users of the organisation with their roles, and invitations. An operator's admins also see the organisations.

use serde_json::Value;

use super::super::field::Kind;
use super::super::sheet::{Cell, Sheet, Table};
use super::super::shown::{list, quoted, text, time, title, words};
use super::super::visit::{Desk, Shown, Stop};
use super::decision;
use vasp_record::role::{OrganisationKind, Role};

/// How an invitation gets to the person.
const WAY: &str =
    "The link goes to the person by mail. Without mail, another admin hands it out: it waits on that admin's page Today.";

/// The boxes of the roles that people of an organisation may have.
fn boxes(kind: OrganisationKind) -> Kind {
    let roles = Role::ALL.into_iter().filter(|role| role.exists_in(kind));
    Kind::Ticks(roles.map(|role| (role.as_str().to_owned(), title(role.as_str()))).collect())
}

/// Returns the kind of an organisation, by default the reader's own.
fn kind_of(desk: &Desk, organisation: &Value) -> OrganisationKind {
    text(organisation, "/kind").parse().unwrap_or(desk.identity.kind)
}

pub(super) async fn page(desk: &Desk) -> Shown {
    let organisation = desk.asked("organisation").map(|id| format!("organisation={}", quoted(id))).unwrap_or_default();
    let asked = match desk.asked("organisation") {
        Some(id) => desk.read_if_any(&format!("/v1/organisations/{}", quoted(id))).await?,
        None => Value::Null,
    };
    let of = text(&asked, "/name");
    let title = if of.is_empty() { "People".to_owned() } else { format!("People of {of}") };
    let mut sheet = Sheet::new(title).lead("Who may act for the organisation, and in which roles.");
    let found = desk.read(&format!("/v1/users?limit=100&{organisation}{}", desk.cursor_by("people"))).await?.body;
    let mut table = Table::list("People", &["Name", "E-mail address", "State", "Roles", "Invited"], "There is nobody.").watched();
    for user in list(&found, "/items") {
        let roles = list(user, "/roles").iter().map(|role| match text(role, "/state").as_str() {
            "active" => words(&text(role, "/role")),
            state => format!("{} ({})", words(&text(role, "/role")), words(state)),
        });
        table.row([
            Cell::link(text(user, "/name"), format!("/console/people/{}", text(user, "/id"))),
            Cell::text(text(user, "/email")),
            Cell::text(words(&text(user, "/state"))),
            Cell::text(roles.collect::<Vec<_>>().join(", ")),
            time(user, "/created_at", desk.now),
        ]);
    }
    table.next = desk.next_by("people", &found, &["organisation"]);
    sheet.table(table);
    let form = desk.form("invite_user", &[]).map(|mut form| {
        if !organisation.is_empty() {
            form.path = format!("{}?{organisation}", form.path);
            form = form.then(format!("/console/people?{organisation}"));
        }
        let form = form.keep(&["/name", "/email", "/roles"]).kind("/roles", boxes(kind_of(desk, &asked))).lead(WAY);
        form.hint("/roles", "").button("Invite").folded("Invite somebody")
    });
    sheet.form(form);
    waiting(desk, &mut sheet).await?;
    organisations(desk, &mut sheet).await?;
    Ok(sheet)
}

/// The invitations that wait, for those who may list them: what is refused stands in the audit chain in the reader's name.
async fn waiting(desk: &Desk, sheet: &mut Sheet) -> Result<(), Stop> {
    if !desk.may("list_links") {
        return Ok(());
    }
    let links = desk.read_if_any(&format!("/v1/links?limit=100{}", desk.cursor_by("links"))).await?;
    let mut table = Table::list("Invitations that wait", &["Name", "E-mail address", "Ends"], "");
    for link in list(&links, "/items") {
        table.row([Cell::text(text(link, "/name")), Cell::text(text(link, "/email")), time(link, "/expires_at", desk.now)]);
    }
    table.next = desk.next_by("links", &links, &["organisation"]);
    sheet.table_if_any(table);
    Ok(())
}

async fn organisations(desk: &Desk, sheet: &mut Sheet) -> Result<(), Stop> {
    if !desk.may("list_organisations") {
        return Ok(());
    }
    let found = desk.read_if_any(&format!("/v1/organisations?limit=200&{}", desk.query_of(&["cursor"]))).await?;
    let mut table = Table::list("Organisations", &["Name", "Kind", "Record", "Since", "State"], "");
    for one in list(&found, "/items") {
        let vasp = text(one, "/vasp");
        table.row([
            Cell::link(text(one, "/name"), format!("/console/people?organisation={}", text(one, "/id"))).soft(text(one, "/id")),
            Cell::text(text(one, "/kind")),
            if vasp.is_empty() { Cell::default() } else { Cell::link("record", format!("/console/firms/{vasp}")) },
            time(one, "/created_at", desk.now),
            Cell::text(if text(one, "/closed_at").is_empty() { "open" } else { "closed" }),
        ]);
    }
    table.next = desk.next(&found, &["organisation"]);
    sheet.table_if_any(table);
    let form = desk.form("create_organisation", &[]).map(|form| {
        let kinds = ["operator", "member", "gateway"].map(|kind| (kind.to_owned(), title(kind)));
        form.choices("/kind", kinds).button("Create").folded("Create an organisation").then("/console/people?organisation={/id}")
    });
    sheet.form(form);
    Ok(())
}

pub(super) async fn one(desk: &Desk) -> Shown {
    let id = desk.part("id");
    let answered = desk.read(&format!("/v1/users/{}", quoted(id))).await?;
    let user = answered.body;
    let mut sheet = Sheet::new(text(&user, "/name"));
    let mut table = Table::facts("User").watched();
    let mut organisation = Value::Null;
    if desk.may("get_organisation") {
        let of = text(&user, "/organisation");
        organisation = desk.read_if_any(&format!("/v1/organisations/{}", quoted(&of))).await?;
        let place = format!("/console/people?organisation={of}");
        table.fact("Organisation", Cell::link(text(&organisation, "/name"), place).soft(title(&text(&organisation, "/kind"))));
    }
    table.fact("E-mail address", text(&user, "/email"));
    table.fact("State", words(&text(&user, "/state")));
    table.fact("Invited", time(&user, "/created_at", desk.now));
    table.fact("Id", Cell::code(text(&user, "/id")));
    for role in list(&user, "/roles") {
        table.fact(&title(&text(role, "/role")), words(&text(role, "/state")));
    }
    sheet.table(table);
    for proposal in list(&user, "/roles")
        .iter()
        .filter_map(|role| role.pointer("/proposal"))
        .chain(user.pointer("/enrolment"))
        .filter(|proposal| !proposal.is_null())
    {
        decision::show(desk, &mut sheet, proposal);
    }
    forms(desk, &mut sheet, id, kind_of(desk, &organisation), &user, answered.version);
    Ok(sheet)
}

fn forms(desk: &Desk, sheet: &mut Sheet, id: &str, kind: OrganisationKind, user: &Value, version: Option<String>) {
    let held = list(user, "/roles").iter().filter(|role| text(role, "/state") != "ended").map(|role| text(role, "/role"));
    let roles = held.collect::<Vec<_>>().join("\n");
    let parts = [("id", id)];
    let form = desk.form("update_user", &parts).map(|form| {
        let form = form
            .filled(&Value::Null)
            .kind("/roles", boxes(kind))
            .hint("/roles", "Roles without a tick end at once.")
            .suggest("/name", &text(user, "/name"))
            .change("/roles", |field| {
                // Emptied, it takes the last role away.
                roles.clone_into(&mut field.before);
                roles.clone_into(&mut field.value);
            });
        form.based_on(version).button("Save").folded("Change name or roles")
    });
    sheet.form(form);
    if text(user, "/state") == "invited" {
        sheet.form(
            desk.form("invite_user_again", &parts)
                .map(|form| form.lead(WAY).button("Make another link").folded("The invitation was lost")),
        );
    }
    let (operation, button) = if text(user, "/state") == "disabled" {
        ("enable_user", "Let the person act again")
    } else {
        ("disable_user", "End: the person may act no more")
    };
    sheet.form(
        desk.form(operation, &parts)
            .map(|form| if operation == "disable_user" { form.grave() } else { form }.button(button).folded(button)),
    );
}
