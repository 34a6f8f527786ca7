//! What stands over every page of the console: the registry's name, its environment, where one can go, and who is signed in.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::sheet::Sheet;
use super::shown::text;
use super::visit::{Desk, TODAY};
use crate::http::headers::CONSOLE_POLICY;
use crate::http::page::{Frame, Page, Width};

/// The pages, by whose operations a person may use: address, name, and the operation.
const PLACES: &[(&str, &str, &str)] = &[
    (TODAY, "Today", "get_session"),
    ("/console/cases", "Cases", "list_cases"),
    ("/console/hits", "Screening", "list_screening_hits"),
    ("/console/record", "Record", "list_claims"),
    ("/console/domains", "Domains", "list_claims"),
    ("/console/endpoints", "Endpoints", "list_claims"),
    ("/console/certificates", "Certificates", "list_claims"),
    ("/console/claims", "Claims", "list_claims"),
    ("/console/questionnaire", "Questionnaire", "get_questionnaire"),
    ("/console/ask", "Ask", "create_precheck"),
    ("/console/prechecks", "Pre-checks", "list_prechecks"),
    ("/console/firms", "Firms", "list_vasps"),
    ("/console/relationships", "Relationships", "list_relationships"),
    ("/console/alerts", "Alerts", "list_alerts"),
    ("/console/proposals", "Proposals", "list_proposals"),
    ("/console/sources", "Sources", "list_sources"),
    ("/console/people", "People", "list_users"),
    ("/console/audit", "Audit", "list_audit_events"),
];

/// The top of a page.
pub(super) struct Top {
    links: Vec<(&'static str, &'static str)>,
    place: String,
    who: String,
    token: String,
    environment: &'static str,
    registry: String,
}

impl Top {
    pub(super) fn of(desk: &Desk) -> Self {
        let may = |(_, _, operation): &&(&str, &str, &str)| desk.may(operation);
        let links = PLACES.iter().filter(may).map(|(place, name, _)| (*place, *name));
        let organisation = text(desk.session(), "/organisation/name");
        Self {
            links: if desk.identity.is_limited() { Vec::new() } else { links.collect() },
            place: desk.place.clone(),
            who: format!("{}, {organisation}", text(desk.session(), "/user/name")),
            token: desk.token.clone(),
            environment: environment(&desk.app),
            registry: desk.app.registry_name.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }
}

/// Returns what a registry that is not for real transfers says on every page.
pub(super) fn environment(app: &crate::http::App) -> &'static str {
    crate::http::page::said_of(app.registry.environment())
}

/// Answers with a page of the console.
pub(super) fn answer(top: &Top, sheet: &Sheet, status: StatusCode) -> HttpResponse {
    let body = sheet.html(&top.token);
    let frame = Frame {
        environment: top.environment,
        registry: &top.registry,
        who: &top.who,
        token: &top.token,
        links: &top.links,
        place: &top.place,
    };
    Page { title: &sheet.title, side: "", body: &body, width: Width::Wide }.answer_in(&frame, status, CONSOLE_POLICY)
}
