//! The decision of two people, as every page shows it that has one: what is proposed, why, by whom, and the one button of the person who
//! looks at it. Approving carries the digest of the proposal that was on the page.

use serde_json::Value;

use super::super::sheet::{Cell, Sheet, Table};
use super::super::shown::{is, text, time, title};
use super::super::visit::Desk;

/// What the answer to approving an invitation shows once.
const INVITATION: &[(&str, &str)] = &[("The invitation; give it to the person", "/secret")];

/// Returns who did something: you, the registry itself, or a user by id.
pub(super) fn who(desk: &Desk, value: &Value, pointer: &str) -> Cell {
    match text(value, pointer) {
        id if id == desk.user() => Cell::text("you"),
        id if id.is_empty() => Cell::text("the registry"),
        id => Cell::code(id),
    }
}

/// Shows a proposal with what this person can do about it.
pub(super) fn show(desk: &Desk, sheet: &mut Sheet, proposal: &Value) {
    let (id, state) = (text(proposal, "/id"), text(proposal, "/state"));
    let mut table = Table::facts("What is proposed").watched();
    table.fact("Decision", text(proposal, "/says"));
    table.fact("Reason", text(proposal, "/reason"));
    table.fact("State", Cell::text(title(&state)).tone(if state == "pending" { "warn" } else { "" }));
    table.fact("Proposed", time(proposal, "/proposed_at", desk.now));
    table.fact("By", who(desk, proposal, "/proposed_by"));
    if !text(proposal, "/decided_at").is_empty() {
        table.fact("Decided", time(proposal, "/decided_at", desk.now));
        table.fact("Decided by", who(desk, proposal, "/decided_by"));
    }
    table.fact("Declined because", text(proposal, "/decline_reason"));
    table.fact("Digest", Cell::code(text(proposal, "/digest")));
    sheet.table(table);
    if is(proposal, "/founders") {
        sheet.say("The first two people of one organisation decided this. One person may have held the invitations of both.");
    }
    if state != "pending" {
        return;
    }
    // A page may show several proposals, and each form has a name of its own.
    let earlier = sheet.forms_mut().filter(|form| form.path.starts_with("/v1/proposals/")).count();
    let named = |name: &str| if earlier == 0 { name.to_owned() } else { format!("{name}-{earlier}") };
    if text(proposal, "/proposed_by") == desk.user() {
        sheet.say("You proposed this, so another person decides it.");
        let withdraw = desk.form("withdraw_proposal", &[("id", &id)]);
        sheet.form(
            withdraw.map(|form| form.named(named("withdraw")).button("Withdraw the proposal").folded("Withdraw it instead")),
        );
        return;
    }
    let approve = desk.form("approve_proposal", &[("id", &id)]);
    sheet.form(approve.map(|form| {
        let form = form.named(named("approve")).hide("/digest", text(proposal, "/digest")).button("Approve exactly this");
        form.shows(INVITATION).opens("/enrol#")
    }));
    let decline = desk.form("decline_proposal", &[("id", &id)]);
    sheet.form(decline.map(|form| form.named(named("decline")).button("Decline").folded("Decline it instead")));
}
