//! The person's own account: password, authenticator app, recovery codes, sessions, accounts at providers, API keys.

use super::super::field::Kind;
use super::super::sheet::{Cell, Sheet, Table};
use super::super::shown::{list, plain, text, time, title};
use super::super::sign_in::first_code;
use super::super::visit::{Desk, Shown};

/// What the answer to a new key shows once.
pub(super) const SECRET: &[(&str, &str)] = &[("The key; it is shown only now", "/secret")];

pub(super) async fn page(desk: &Desk) -> Shown {
    let session = desk.session().clone();
    let mut sheet = Sheet::new("Your account");
    let mut table = Table::facts("You");
    table.fact("Name", text(&session, "/user/name"));
    table.fact("E-mail address", text(&session, "/user/email"));
    table.fact("Organisation", text(&session, "/organisation/name"));
    table.fact("Roles", session.pointer("/roles").map(plain).unwrap_or_default());
    let app = super::super::shown::is(&session, "/user/has_totp");
    table.fact("Authenticator app", if app { "set up" } else { "none" });
    table.fact("Unused recovery codes", text(&session, "/user/recovery_codes_left"));
    table.fact("This session ends", time(&session, "/expires_at", desk.now));
    sheet.table(table);
    keys(desk, &mut sheet).await?;
    sheet.heading("Signing in");
    let form = desk.form("update_password", &[]);
    sheet.form(
        form.map(|form| {
            form.button("Change the password").folded("Change your password: all your sessions end").then("/sign-in")
        }),
    );
    let form =
        desk.form("start_totp", &[]).map(|form| form.button("Show the key").shows(&[("", "/url")]).followed_by("confirm_totp"));
    sheet
        .form(form.map(|form| form.folded(if app { "Set up another authenticator app" } else { "Set up an authenticator app" })));
    sheet.form(desk.form("confirm_totp", &[]).map(first_code));
    if app {
        let form = desk.form("rotate_recovery_codes", &[]).map(|form| form.shows(&[("Recovery code", "/recovery_codes")]));
        sheet.form(form.map(|form| form.button("Make new codes").folded("New recovery codes: the old ones stop working")));
        let form = desk.form("delete_totp", &[]).filter(|_| text(&session, "/organisation/kind") != "operator");
        sheet.form(form.map(|form| form.button("Remove the app").folded("Remove the authenticator app")));
    }
    let form = desk
        .form("delete_sessions", &[])
        .map(|form| form.button("Sign out everywhere").folded("Sign out everywhere: every session ends"));
    sheet.form(form.map(|form| form.then("/sign-in")));
    Ok(sheet)
}

async fn keys(desk: &Desk, sheet: &mut Sheet) -> Result<(), super::super::visit::Stop> {
    let keys = desk.read_if_any("/v1/api-keys?limit=100").await?;
    let mut table = Table::list("API keys", &["Name", "Scopes", "Made", "Last used", "Ends"], "There is no API key.");
    for key in list(&keys, "/items").iter().filter(|key| text(key, "/revoked_at").is_empty()) {
        table.row([
            Cell::text(text(key, "/name")).soft(text(key, "/id")),
            Cell::text(key.pointer("/scopes").map(plain).unwrap_or_default()),
            time(key, "/created_at", desk.now),
            time(key, "/last_used_on", desk.now),
            time(key, "/expires_at", desk.now),
        ]);
    }
    sheet.table(table);
    let form = desk.form("create_api_key", &[]).map(|form| {
        let form = form.keep(&["/name", "/scopes", "/expires_at", "/totp"]).shows(SECRET);
        let scopes = list(desk.session(), "/scopes").iter().map(plain).map(|scope| (scope.clone(), title(&scope)));
        form.kind("/scopes", Kind::Ticks(scopes.collect()))
            .hint("/scopes", "Any of yours.")
            .button("Make the key")
            .folded("Make an API key")
    });
    sheet.form(form);
    for key in list(&keys, "/items").iter().filter(|key| text(key, "/revoked_at").is_empty()) {
        let (id, name) = (text(key, "/id"), text(key, "/name"));
        let name = if name.is_empty() { id.clone() } else { name };
        let form = desk.form("delete_api_key", &[("id", &id)]);
        sheet.form(
            form.map(|form| form.named(format!("end-{id}")).grave().button("Revoke the key").folded(&format!("Revoke {name}"))),
        );
    }
    Ok(())
}
