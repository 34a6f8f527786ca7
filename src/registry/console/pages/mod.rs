//! The pages of the console: each a function that reads through a `Desk` and returns a `Sheet`, at one address for reading it and for
//! sending its forms. The permission of a page is that of the operation it is about.

mod account;
mod alerts;
mod ask;
mod asked;
mod audit;
mod blocking;
mod cases;
mod certificates;
mod choices;
mod claims;
mod decision;
mod disputes;
mod domains;
mod endpoints;
mod firms;
mod hits;
mod outcome;
mod people;
mod picture;
mod proposals;
mod questionnaire;
mod record;
mod relationships;
mod sources;
mod today;
mod verdict;

use actix_web::HttpResponse;
use actix_web::http::header;
use vasp_routing::{get, post};

use super::send::Sent;
use super::visit::Visit;
use crate::http::caller::Paid;
use crate::http::permission::{
    Alerts, Hits, Known, MemberRead, OperatorRead, OwnAdmin, PrecheckRecord, Relationships, Resolve, SignedIn,
};

/// Lists the pages: the handlers that show it and send its forms, its function, its address, and the permission that it needs.
macro_rules! pages {
    ($($show:ident $act:ident: $page:path, $place:literal, $permission:ident;)+) => {$(
        /// Show a page of the console.
        #[get($place)]
        pub(crate) async fn $show(visit: Visit<$permission>) -> HttpResponse {
            visit.show($page).await
        }

        /// Send a form of a page of the console.
        #[post($place)]
        pub(crate) async fn $act(visit: Visit<$permission>, sent: Sent) -> HttpResponse {
            visit.act(sent, $page).await
        }
    )+};
}

/// Get the script of the console. Every page works without it.
#[get("/console.js")]
pub(crate) async fn get_script(_paid: Paid) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, "text/javascript; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "no-cache"));
    response.body(include_str!("../console.js"))
}

/// Show the report of a recorded pre-check, the page that proves itself.
#[get("/console/prechecks/{id}/report")]
pub(crate) async fn get_report(visit: Visit<PrecheckRecord>) -> HttpResponse {
    visit.hand_on(ask::report, ask::report_file).await
}

pages! {
    get_today act_today: today::page, "/console/today", Known;
    get_account act_account: account::page, "/console/account", SignedIn;
    get_ask act_ask: ask::page, "/console/ask", PrecheckRecord;
    get_prechecks act_prechecks: ask::list_page, "/console/prechecks", PrecheckRecord;
    get_precheck act_precheck: ask::recorded, "/console/prechecks/{id}", PrecheckRecord;
    get_alerts act_alerts: alerts::page, "/console/alerts", Alerts;
    get_cases act_cases: cases::list_page, "/console/cases", OperatorRead;
    get_case act_case: cases::page, "/console/cases/{id}", OperatorRead;
    get_hits act_hits: hits::list_page, "/console/hits", Hits;
    get_hit act_hit: hits::page, "/console/hits/{id}", Hits;
    get_firms act_firms: firms::list_page, "/console/firms", Resolve;
    get_firm act_firm: firms::page, "/console/firms/{id}", Resolve;
    get_relationships act_relationships: relationships::list_page, "/console/relationships", Relationships;
    get_people act_people: people::page, "/console/people", OwnAdmin;
    get_person act_person: people::one, "/console/people/{id}", OwnAdmin;
    get_audit act_audit: audit::page, "/console/audit", OwnAdmin;
    get_sources act_sources: sources::page, "/console/sources", Resolve;
    get_import act_import: sources::import, "/console/imports/{id}", OperatorRead;
    get_record act_record: record::page, "/console/record", MemberRead;
    get_domains act_domains: domains::page, "/console/domains", MemberRead;
    get_endpoints act_endpoints: endpoints::page, "/console/endpoints", MemberRead;
    get_certificates act_certificates: certificates::page, "/console/certificates", MemberRead;
    get_claims act_claims: claims::list_page, "/console/claims", MemberRead;
    get_claim act_claim: claims::one, "/console/claims/{id}", MemberRead;
    get_questionnaire act_questionnaire: questionnaire::page, "/console/questionnaire", MemberRead;
    get_proposals act_proposals: proposals::list_page, "/console/proposals", Known;
    get_proposal act_proposal: proposals::page, "/console/proposals/{id}", Known;
}
