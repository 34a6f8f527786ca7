//! The server: the table of routes, the port, and the pages that describe them. `cli` starts it; the wire contract is
//! `openapi/openapi.json`.

pub(crate) mod docs;
mod document;
mod door;
pub(crate) mod fixed;
pub(crate) mod home;
pub mod problem_pages;
mod reference;
pub(crate) mod server;
pub(crate) mod site;
pub(crate) mod stage_server;

use actix_web::web::ServiceConfig;

use crate::http::routed::Routed;

#[cfg(feature = "describe")]
use crate::http::{described::Described, error::ProblemView};
use crate::{
    alerts, answers, audit, authorities, authority, brands, certificates, challenges, claims, coverage, decisions, documents,
    domains, due_diligence, endpoints, health, http, imports, message_keys, organisations, policies, precheck, probes, registers,
    relationships, resolve, review, rulebook, sandbox, screening, sign_in, sources, submissions, trust, vasps, watch, webhooks,
};

pub use document::{document, document_json};
pub use server::{Bound, ServeError, bind, hold, serve};

/// Lists handlers once: operations, which the OpenAPI document describes, and pages for people with their files.
macro_rules! routes {
    (operations: $($($part:ident)::+),+; pages: $($($page:ident)::+),+;) => {
        /// Registers every route.
        pub fn routes(config: &mut ServiceConfig) {
            $(config.service($($part)::+);)+
            $(config.service($($page)::+);)+
        }

        /// Method and path of each operation.
        const OPERATIONS: &[(&str, &str)] = &[$((<$($part)::+ as Routed>::METHOD, <$($part)::+ as Routed>::PATH)),+];

        /// Method and path of each page and file for people.
        pub const PAGES: &[(&str, &str)] = &[$((<$($page)::+ as Routed>::METHOD, <$($page)::+ as Routed>::PATH)),+];

        #[cfg(feature = "describe")]
        #[derive(utoipa::OpenApi)]
        #[openapi(paths($($($part)::+),*), components(schemas(
            ProblemView<'static>,
            alerts::AlertMessage,
            alerts::AlertOfMessage,
            webhooks::TestMessage,
            webhooks::TestOfMessage
        )))]
        struct Routes;

        /// What each handler's extractors ask for, by the id of its operation.
        #[cfg(feature = "describe")]
        const HANDLERS: &[(&str, fn(&mut utoipa::openapi::path::Operation))] = &[
            $((<$($part)::+ as Described>::OPERATION_ID, <$($part)::+ as Described>::describe)),*
        ];
    };
}

// Routes are tried in this order: those that every payment needs come first.
routes! {
    operations:
    resolve::http::resolution::get_resolution,
    resolve::http::resolution::resolve_batch,
    precheck::http::prechecks::create_precheck,
    precheck::http::prechecks::create_prechecks,
    precheck::http::records::list_prechecks,
    precheck::http::recorded::get_precheck,
    precheck::http::recorded::get_precheck_evidence,
    precheck::http::records::delete_precheck_payload,
    precheck::http::report::get_precheck_report,
    precheck::http::report_link::create_precheck_report_link,
    precheck::http::report_link::delete_precheck_report_links,
    precheck::http::replay::replay_precheck,
    policies::http::schema::get_policy_schema,
    vasps::http::vasps::list_vasps,
    submissions::http::draft::list_drafts,
    vasps::http::vasps::get_vasp,
    vasps::http::vasps::list_vasp_history,
    vasps::http::vasps::list_vasp_endpoint_history,
    due_diligence::http::get_due_diligence,
    due_diligence::http::create_access_request,
    due_diligence::http::list_access_requests,
    probes::http::health::get_vasp_health,
    vasps::http::keys::list_vasp_keys,
    health::http::readiness::get_health,
    health::http::readiness::get_readiness,
    health::http::metrics::get_metrics,
    docs::get_openapi,
    problem_pages::list_problems,
    problem_pages::get_problem,
    resolve::http::address_parse::parse_addresses,
    resolve::http::networks::list_networks,
    resolve::http::networks::get_network,
    endpoints::http::protocols::list_protocols,
    endpoints::http::protocols::get_protocol,
    rulebook::http::jurisdictions::list_jurisdictions,
    rulebook::http::jurisdictions::compare_jurisdictions,
    rulebook::http::jurisdictions::get_jurisdiction,
    rulebook::http::jurisdictions::get_list,
    authorities::http::public::list_register_authorities,
    sources::http::list_sources,
    coverage::http::get_coverage,
    challenges::http::create_challenge,
    challenges::http::get_challenge,
    rulebook::http::obligations::get_obligations,
    sandbox::http::list_scenarios,
    sandbox::http::get_sandbox_clock,
    sandbox::http::update_sandbox_clock,
    sandbox::http::update_test_names,
    sandbox::http::reset_sandbox,
    sandbox::events::http::list_sandbox_events,
    sandbox::events::http::trigger_sandbox_event,
    trust::http::log::get_checkpoint,
    trust::http::log::get_log_tile,
    trust::http::log::get_inclusion_proof,
    trust::http::log::get_consistency_proof,
    trust::http::changes::list_changes,
    trust::http::keys::list_signing_keys,
    sign_in::http::session::create_session,
    sign_in::http::session::get_session,
    sign_in::http::session::delete_session,
    sign_in::http::session::delete_sessions,
    sign_in::http::session::update_password,
    sign_in::http::session::redeem_enrolment,
    sign_in::http::second_factor::start_totp,
    sign_in::http::second_factor::confirm_totp,
    sign_in::http::second_factor::delete_totp,
    sign_in::http::second_factor::give_second_factor,
    sign_in::http::second_factor::rotate_recovery_codes,
    sign_in::http::oidc::list_oidc_providers,
    sign_in::http::oidc::start_oidc,
    sign_in::http::oidc::finish_oidc,
    sign_in::http::oidc::delete_oidc_link,
    claims::http::claims::create_claim,
    claims::http::claims::list_claims,
    claims::http::import::import_claims,
    claims::http::pending::list_pending_claims,
    claims::http::claims::get_claim,
    claims::http::claims::update_claim,
    claims::http::claims::withdraw_claim,
    claims::http::claims::challenge_claim,
    claims::http::claims::prove_claim,
    claims::http::claims::get_claim_usage,
    claims::http::sub_accounts::list_sub_accounts,
    claims::http::sub_accounts::create_sub_account,
    claims::http::sub_accounts::refuse_sub_account,
    claims::http::sub_accounts::confirm_sub_account,
    claims::http::sub_accounts::delete_sub_account,
    domains::http::paths::list_path_delegations,
    domains::http::paths::confirm_path_delegation,
    domains::http::paths::end_path_delegation,
    claims::http::batches::start_spot_check,
    claims::http::batches::prove_spot_check,
    claims::http::disputes::create_dispute,
    claims::http::disputes::list_claim_disputes,
    claims::http::pending::get_pending_claims,
    claims::http::pending::count_pending_claims,
    claims::http::disputes::propose_claim_end,
    claims::http::disputes::propose_sub_account,
    claims::http::ends::propose_claim_ends,
    claims::http::disputes::dismiss_dispute,
    submissions::http::draft::create_vasp,
    submissions::http::draft::get_draft,
    submissions::http::draft::create_draft,
    submissions::http::draft::update_draft,
    submissions::http::draft::withdraw_draft,
    submissions::http::draft::submit_draft,
    submissions::http::draft::adopt_vasp,
    submissions::http::licences::create_licence,
    submissions::http::licences::list_licences,
    submissions::http::licences::replace_licence,
    submissions::http::licences::end_licence,
    submissions::http::messages::list_messages,
    submissions::http::messages::create_message,
    domains::http::member::list_domains,
    domains::http::member::create_domain,
    domains::http::member::get_domain,
    domains::http::member::verify_domain,
    domains::http::member::delete_domain,
    endpoints::http::member::list_endpoints,
    endpoints::http::member::create_endpoint,
    endpoints::http::member::get_endpoint,
    endpoints::http::member::update_endpoint,
    endpoints::http::member::delete_endpoint,
    endpoints::http::member::pause_endpoint,
    endpoints::http::member::resume_endpoint,
    endpoints::http::member::update_endpoint_maintenance,
    probes::http::member::probe_endpoint,
    answers::http::questionnaires::get_questionnaire,
    answers::http::questionnaires::get_questionnaire_draft,
    answers::http::questionnaires::update_questionnaire_draft,
    answers::http::questionnaires::replace_questionnaire_draft,
    answers::http::questionnaires::submit_questionnaire,
    answers::http::questionnaires::withdraw_questionnaire,
    answers::http::questionnaires::list_questionnaire_submissions,
    answers::http::questionnaires::get_questionnaire_submission,
    answers::http::access::list_questionnaire_access,
    answers::http::access::create_questionnaire_access,
    answers::http::access::delete_questionnaire_access,
    answers::http::access::list_questionnaire_requests,
    answers::http::access::decline_questionnaire_request,
    message_keys::http::member::create_key,
    message_keys::http::member::prove_key,
    message_keys::http::member::revoke_key,
    authority::http::csr::create_identity_certificate,
    authority::http::public::list_authorities,
    authority::http::public::get_crl,
    authority::http::public::get_authority_certificate,
    authority::http::operator::list_operator_authorities,
    authority::http::operator::list_issued_certificates,
    authority::http::operator::revoke_issued_certificate,
    review::http::cases::list_cases,
    review::http::cases::get_case,
    review::http::cases::get_case_checklist,
    review::http::cases::take_case,
    review::http::cases::create_case_note,
    review::http::cases::create_case_message,
    review::http::cases::create_case_evidence,
    review::http::cases::propose_decision,
    screening::http::list_screening_hits,
    screening::http::get_screening_hit,
    screening::http::propose_screening_hit,
    decisions::http::list_proposals,
    decisions::http::get_proposal,
    decisions::http::approve_proposal,
    decisions::http::decline_proposal,
    decisions::http::withdraw_proposal,
    screening::http::list_screening_lists,
    brands::http::candidates::get_brand_candidate,
    brands::http::candidates::propose_brand_candidate,
    brands::http::list_brand_links,
    review::http::brands::get_brands,
    review::http::brands::propose_brand,
    review::http::vasps::create_vasp_case,
    review::http::vasps::merge_vasp,
    certificates::http::member::list_certificates,
    certificates::http::member::create_certificate,
    certificates::http::member::get_certificate,
    certificates::http::member::revoke_certificate,
    certificates::http::member::upload_revocation_list,
    relationships::http::relationships::list_relationships,
    relationships::http::relationships::get_relationship,
    relationships::http::relationships::propose_relationship,
    relationships::http::relationships::restrict_relationship,
    relationships::http::relationships::record_relationship_incident,
    alerts::http::list_alerts,
    alerts::http::get_alert,
    alerts::http::acknowledge_alert,
    watch::http::watches::list_watches,
    watch::http::watches::replace_watch,
    watch::http::watches::delete_watch,
    webhooks::http::webhooks::list_webhooks,
    webhooks::http::webhooks::create_webhook,
    webhooks::http::webhooks::get_webhook,
    webhooks::http::webhooks::update_webhook,
    webhooks::http::webhooks::delete_webhook,
    webhooks::http::webhooks::rotate_webhook_secret,
    webhooks::http::messages::list_webhook_messages,
    webhooks::http::messages::test_webhook,
    webhooks::http::messages::replay_webhook,
    webhooks::http::messages::resend_webhook_message,
    policies::http::policies::list_policies,
    policies::http::policies::create_policy,
    policies::http::simulation::simulate_policy,
    policies::http::default_policy::get_default_policy,
    policies::http::policies::get_policy,
    policies::http::policies::compare_policy,
    policies::http::policies::propose_policy,
    precheck::http::retention::get_precheck_retention,
    precheck::http::retention::replace_precheck_retention,
    organisations::http::delegations::list_delegations,
    organisations::http::delegations::create_delegation,
    organisations::http::delegations::delete_delegation,
    organisations::http::api_keys::list_api_keys,
    organisations::http::api_keys::create_api_key,
    organisations::http::api_keys::rotate_api_key,
    organisations::http::api_keys::delete_api_key,
    organisations::http::client_certificates::list_client_certificates,
    organisations::http::client_certificates::create_client_certificate,
    organisations::http::client_certificates::delete_client_certificate,
    documents::http::create_document,
    documents::http::list_documents,
    documents::http::get_document,
    documents::http::get_document_content,
    organisations::http::organisations::create_organisation,
    organisations::http::organisations::list_organisations,
    organisations::http::organisations::get_organisation,
    organisations::http::organisations::update_organisation,
    organisations::http::users::list_users,
    organisations::http::users::invite_user,
    organisations::http::users::create_machine_user,
    organisations::http::users::list_machine_users,
    organisations::http::users::list_links,
    organisations::http::users::get_user,
    organisations::http::users::update_user,
    organisations::http::users::invite_user_again,
    organisations::http::users::disable_user,
    organisations::http::users::enable_user,
    rulebook::http::imports::get_rulebook,
    rulebook::http::imports::list_rulebook_imports,
    rulebook::http::imports::get_rulebook_import,
    rulebook::http::imports::propose_rulebook,
    authorities::http::amendments::create_authority_amendment,
    authorities::http::amendments::list_authority_amendments,
    authorities::http::amendments::get_authority_amendment,
    authorities::http::amendments::propose_authority_amendment,
    imports::http::journal::list_imports,
    imports::http::journal::get_import,
    imports::http::journal::list_import_rows,
    registers::http::list_held_register_rows,
    audit::http::list_audit_events,
    audit::http::export_audit;
    pages:
    precheck::http::report_link::get_report_page,
    precheck::http::report_link::redeem_report_link,
    home::get_home,
    site::get_docs,
    site::get_docs_index,
    site::get_api_reference,
    site::get_api_operation,
    site::get_docs_page,
    site::get_llms,
    site::get_style,
    site::get_icon,
    coverage::http::page::get_coverage_page,
    sign_in::http::enrol::get_enrol_page,
    http::form::get_link_script,
    sign_in::http::enrol::redeem_enrolment_form,
    sign_in::http::enrol::resume_enrolment,
    sign_in::http::enrol::confirm_enrolment;
}

/// Returns the methods of a path in the table, for the header `Allow`; `None` if the table has no such path.
fn allowed_methods(pattern: &str) -> Option<String> {
    let of_path = OPERATIONS.iter().chain(PAGES).filter(|(_, path)| *path == pattern);
    let allowed: Vec<_> =
        of_path.map(|(method, _)| if *method == "get" { "GET, HEAD".to_owned() } else { method.to_uppercase() }).collect();
    (!allowed.is_empty()).then(|| allowed.join(", "))
}
