//! Every page of the console for every kind and role of a person: it lets in whom the operation that it is about lets in.

use std::collections::BTreeSet;

use vasp_record::role::{OrganisationKind, Role};
use vasp_registry::serve::PAGES;

use super::browser::Browser;
use crate::support::{Database, Registry};

/// Each page, and what the API is asked in its place.
const TABLE: &[(&str, &str)] = &[
    ("/console/today", "/v1/session"),
    ("/console/account", "/v1/session"),
    ("/console/ask", "/v1/prechecks"),
    ("/console/prechecks", "/v1/prechecks"),
    ("/console/prechecks/{id}", "/v1/prechecks/pre_00000000000000000000000000"),
    ("/console/prechecks/{id}/report", "/v1/prechecks/pre_00000000000000000000000000"),
    ("/console/alerts", "/v1/alerts"),
    ("/console/cases", "/v1/cases"),
    ("/console/cases/{id}", "/v1/cases/case_00000000000000000000000000"),
    ("/console/hits", "/v1/screening/hits"),
    ("/console/hits/{id}", "/v1/screening/hits/hit_00000000000000000000000000"),
    ("/console/firms", "/v1/vasps"),
    ("/console/firms/{id}", "/v1/vasps/vasp_00000000000000000000000000"),
    ("/console/relationships", "/v1/relationships"),
    ("/console/people", "/v1/users"),
    ("/console/people/{id}", "/v1/users/usr_00000000000000000000000000"),
    ("/console/audit", "/v1/audit"),
    ("/console/sources", "/v1/sources"),
    ("/console/imports/{id}", "/v1/imports/imp_00000000000000000000000000"),
    ("/console/record", "/v1/claims"),
    ("/console/domains", "/v1/claims"),
    ("/console/endpoints", "/v1/claims"),
    ("/console/certificates", "/v1/claims"),
    ("/console/claims", "/v1/claims"),
    ("/console/claims/{id}", "/v1/claims"),
    ("/console/questionnaire", "/v1/questionnaires"),
    ("/console/proposals", "/v1/proposals"),
    ("/console/proposals/{id}", "/v1/proposals/prp_00000000000000000000000000"),
];
/// What has no page of its own to read, and what stands before a session.
const OTHERS: [&str; 2] = ["/console/sign-out", "/console/second-factor"];

#[test]
fn each_page_lets_in_whom_the_api_lets_in() {
    let registry = Registry::start(Database::sqlite());
    let named: BTreeSet<&str> = TABLE.iter().map(|(page, _)| *page).chain(OTHERS).collect();
    let there: BTreeSet<&str> = PAGES.iter().map(|(_, path)| *path).filter(|path| path.starts_with("/console/")).collect();
    assert_eq!(named, there);

    for kind in OrganisationKind::ALL.iter().copied() {
        let home = registry.home(kind, None);
        let roles = Role::ALL.iter().copied().filter(|role| role.exists_in(kind)).map(Some);
        for role in roles.chain([None]) {
            let person = registry.person(home, &role.into_iter().collect::<Vec<_>>());
            let mut browser = Browser::of(&registry, &person);
            let bearer = format!("Bearer {}", browser.cookie("vasp-session"));
            for (page, operation) in TABLE {
                let asked = registry.client.get_with(operation, &[("authorization", &bearer)]).status.as_u16();
                let id = operation.rsplit('/').next().unwrap();
                let shown = browser.get(&page.replace("{id}", id));
                assert_eq!(shown.status == 403, asked == 403, "{page} {kind} {role:?}: {asked}, {shown:?}");
                assert!([200, 403, 404].contains(&shown.status), "{page} {kind} {role:?}: {shown:?}");
                assert!(shown.text.contains("<h1>"), "{page} {kind} {role:?}: {shown:?}");
            }
        }
    }
}
