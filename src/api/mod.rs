//! The HTTP API: the route table, and what all its handlers share. A handler parses, calls one service and renders; SQL
//! and rules of the trade stand elsewhere. Started by `cli`; the wire contract is `openapi/openapi.json`.

pub(crate) mod audit;
pub(crate) mod blocking;
pub mod caller;
mod connections;
pub mod docs;
pub(crate) mod documents;
pub mod edge;
pub mod error;
pub mod extract;
mod fixed;
mod forwarded;
pub(crate) mod harvest;
pub mod headers;
pub mod health;
pub(crate) mod html;
pub(crate) mod listing;
pub(crate) mod member;
pub mod metrics;
pub(crate) mod operator;
pub(crate) mod paging;
mod patience;
pub(crate) mod people;
pub mod permission;
pub mod problem_code;
pub mod problem_pages;
pub(crate) mod proposals;
pub(crate) mod refusals;
pub mod server;
mod shared_schemas;
pub mod state;
pub(crate) mod tagged;
pub mod throttle;
pub mod tls;
pub mod unread;
pub(crate) mod upload;
pub(crate) mod v1;
pub mod visibility;
pub(crate) mod watch;
pub(crate) mod write;

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use self::member::{
    api_keys as own_keys, certificates as member_certificates, client_certificates, csr as member_csr, delegations,
    domains as member_domains, endpoint_probe, endpoints as member_endpoints, keys as member_keys, licences as member_licences,
    messages as member_messages, policies as own_policies, precheck_retention, questionnaire_access, questionnaires,
    relationships as member_relationships, role_grants as own_role_grants, simulation, users as own_users, vasp as member_vasp,
};
use self::operator::{
    brands, ca as operator_ca, cases as operator_cases, organisations, policies as operator_policies, records, role_grants,
    rulebook, screening, users, vasps as operator_vasps,
};
use self::v1::{
    address_parse, ca as public_ca, changes, claim_batches, claim_disputes, claim_ends, claims_pending, due_diligence,
    jurisdictions, jwks, log, member_claims, member_import, networks, obligations, oidc, path_delegations, policy_schema,
    precheck_records, precheck_replay, precheck_report, prechecks, protocols, resolve, second_factor, session, sources,
    sub_accounts, vasp_certificates, vasp_health, vasp_keys, vasps,
};
use self::watch::{alerts, watches, webhook_messages, webhooks};

pub use self::caller::Caller;
pub use self::docs::{document, document_json};
pub use self::error::{FieldError, Problem, Problems};
pub(crate) use self::extract::RawJson;
pub use self::extract::{Json, Query};
pub use self::headers::PRIVATE;
pub use self::permission::{Permission, Precheck, Resolve};
pub use self::problem_code::ProblemCode;
pub use self::server::{Bound, ServeError, bind, serve};
pub use self::state::{App, Limits, Readiness};
pub use self::throttle::Throttle;
pub use self::tls::{ServerTls, TlsError};
pub use self::v1::precheck_parts::{PrecheckParts, Rendered};

/// Lists handlers once: each is routed, and described in the OpenAPI document.
macro_rules! routes {
    ($($module:ident :: $handler:ident),* $(,)?) => {
        /// Registers every route.
        pub fn routes(config: &mut ServiceConfig) {
            $(config.service($module::$handler);)*
        }

        #[derive(OpenApi)]
        #[openapi(paths($($module::$handler),*), components(schemas(error::ProblemView<'static>)))]
        struct Routes;
    };
}

// Routes are tried in this order: those on the path of money first.
routes! {
    resolve::get_resolution,
    resolve::resolve_batch,
    prechecks::create_precheck,
    prechecks::create_prechecks,
    precheck_records::list_prechecks,
    prechecks::get_precheck,
    precheck_records::get_precheck_record,
    precheck_records::erase_precheck_payload,
    precheck_report::get_precheck_report,
    precheck_replay::replay_precheck,
    policy_schema::get_policy_schema,
    vasps::list_vasps,
    vasps::get_vasp,
    vasps::list_vasp_history,
    due_diligence::get_due_diligence,
    due_diligence::create_access_request,
    due_diligence::list_access_requests,
    vasp_health::get_vasp_health,
    vasp_certificates::get_vasp_certificate,
    vasp_keys::list_vasp_keys,
    health::get_health,
    health::get_readiness,
    metrics::get_metrics,
    docs::get_openapi,
    docs::get_docs,
    docs::get_docs_file,
    problem_pages::list_problems,
    problem_pages::get_problem,
    address_parse::parse_addresses,
    networks::list_networks,
    networks::get_network,
    protocols::list_protocols,
    protocols::get_protocol,
    jurisdictions::list_jurisdictions,
    jurisdictions::compare_jurisdictions,
    jurisdictions::get_jurisdiction,
    jurisdictions::get_list,
    sources::list_sources,
    obligations::answer_obligations,
    log::get_checkpoint,
    log::get_log_tile,
    log::get_inclusion_proof,
    log::get_consistency_proof,
    changes::list_changes,
    jwks::list_signing_keys,
    session::create_session,
    session::get_session,
    session::delete_session,
    session::delete_sessions,
    session::change_password,
    session::redeem_enrolment,
    second_factor::begin_totp,
    second_factor::confirm_totp,
    second_factor::remove_totp,
    second_factor::give_second_factor,
    second_factor::renew_recovery_codes,
    oidc::list_oidc_providers,
    oidc::start_oidc,
    oidc::finish_oidc,
    oidc::unlink_oidc,
    member_claims::create_claim,
    member_claims::list_claims,
    member_import::import_claims,
    member_claims::get_claim,
    member_claims::change_claim,
    member_claims::withdraw_claim,
    member_claims::challenge_claim,
    member_claims::prove_claim,
    member_claims::get_claim_usage,
    sub_accounts::list_sub_accounts,
    sub_accounts::create_sub_account,
    sub_accounts::refuse_sub_account,
    sub_accounts::confirm_sub_account,
    sub_accounts::delete_sub_account,
    path_delegations::list_path_delegations,
    path_delegations::say_path_delegation,
    path_delegations::end_path_delegation,
    claim_batches::draw_spot_check,
    claim_batches::prove_spot_check,
    claim_disputes::create_dispute,
    claim_disputes::list_claim_disputes,
    claims_pending::list_pending_claims,
    claims_pending::read_pending_claims,
    claims_pending::count_pending_claims,
    claim_disputes::propose_claim_end,
    claim_disputes::approve_claim_end,
    claim_disputes::decline_claim_end,
    claim_disputes::withdraw_claim_end,
    claim_disputes::propose_sub_account,
    claim_disputes::approve_sub_account,
    claim_disputes::decline_sub_account,
    claim_disputes::withdraw_sub_account,
    claim_ends::propose_claim_ends,
    claim_ends::get_claim_ends,
    claim_ends::approve_claim_ends,
    claim_ends::decline_claim_ends,
    claim_ends::withdraw_claim_ends,
    claim_disputes::dismiss_dispute,
    member_vasp::create_member_vasp,
    member_vasp::get_member_vasp,
    member_vasp::patch_member_vasp,
    member_vasp::withdraw_member_vasp,
    member_vasp::submit_member_vasp,
    member_vasp::adopt_member_vasp,
    member_licences::create_member_licence,
    member_licences::replace_member_licence,
    member_licences::end_member_licence,
    member_messages::list_member_messages,
    member_messages::create_member_message,
    member_domains::list_member_domains,
    member_domains::create_member_domain,
    member_domains::get_member_domain,
    member_domains::verify_member_domain,
    member_domains::delete_member_domain,
    member_endpoints::list_member_endpoints,
    member_endpoints::create_member_endpoint,
    member_endpoints::get_member_endpoint,
    member_endpoints::patch_member_endpoint,
    member_endpoints::delete_member_endpoint,
    member_endpoints::pause_member_endpoint,
    member_endpoints::resume_member_endpoint,
    member_endpoints::announce_member_endpoint_maintenance,
    endpoint_probe::probe_member_endpoint,
    questionnaires::get_questionnaire,
    questionnaires::get_questionnaire_draft,
    questionnaires::patch_questionnaire_draft,
    questionnaires::put_questionnaire_draft,
    questionnaires::submit_questionnaire,
    questionnaires::withdraw_questionnaire,
    questionnaires::list_questionnaire_submissions,
    questionnaires::get_questionnaire_submission,
    questionnaire_access::list_questionnaire_access,
    questionnaire_access::create_questionnaire_access,
    questionnaire_access::delete_questionnaire_access,
    questionnaire_access::list_questionnaire_requests,
    questionnaire_access::decline_questionnaire_request,
    member_keys::list_member_keys,
    member_keys::create_member_key,
    member_keys::prove_member_key,
    member_keys::revoke_member_key,
    member_csr::create_identity_certificate,
    public_ca::list_authorities,
    public_ca::get_crl,
    public_ca::get_authority_certificate,
    operator_ca::list_operator_authorities,
    operator_ca::list_issued_certificates,
    operator_ca::revoke_issued_certificate,
    operator_cases::list_cases,
    operator_cases::get_case,
    operator_cases::get_case_checklist,
    operator_cases::take_case,
    operator_cases::create_case_note,
    operator_cases::create_case_message,
    operator_cases::create_case_evidence,
    operator_cases::propose_decision,
    operator_cases::approve_case,
    operator_cases::decline_case,
    operator_cases::withdraw_case,
    screening::list_screening_hits,
    screening::get_screening_hit,
    screening::propose_screening_hit,
    screening::approve_screening_hit,
    screening::decline_screening_hit,
    screening::withdraw_screening_hit,
    screening::list_screening_lists,
    brands::get_brands,
    brands::propose_brand,
    brands::approve_brand,
    brands::decline_brand,
    brands::withdraw_brand,
    operator_vasps::open_vasp_case,
    operator_vasps::merge_vasp,
    member_certificates::list_member_certificates,
    member_certificates::create_member_certificate,
    member_certificates::get_member_certificate,
    member_certificates::revoke_member_certificate,
    member_certificates::create_revocation_list,
    records::create_record,
    records::draft_record,
    records::get_record,
    records::patch_record,
    records::withdraw_record,
    records::submit_record,
    records::create_record_licence,
    records::replace_record_licence,
    records::end_record_licence,
    member_relationships::list_relationships,
    member_relationships::get_relationship,
    member_relationships::propose_relationship,
    member_relationships::approve_relationship,
    member_relationships::decline_relationship,
    member_relationships::withdraw_relationship,
    member_relationships::restrict_relationship,
    member_relationships::create_relationship_incident,
    own_role_grants::list_own_role_grants,
    own_role_grants::approve_own_role_grant,
    own_role_grants::decline_own_role_grant,
    own_role_grants::withdraw_own_role_grant,
    own_users::list_own_users,
    own_users::invite_own_user,
    own_users::get_own_user,
    own_users::update_own_user,
    own_users::invite_own_user_again,
    own_users::approve_own_enrolment,
    own_users::decline_own_enrolment,
    own_users::withdraw_own_enrolment,
    own_users::disable_own_user,
    own_users::enable_own_user,
    own_users::create_own_machine_user,
    alerts::list_alerts,
    alerts::get_alert,
    alerts::acknowledge_alert,
    watches::list_watches,
    watches::put_watch,
    watches::delete_watch,
    webhooks::list_webhooks,
    webhooks::create_webhook,
    webhooks::get_webhook,
    webhooks::update_webhook,
    webhooks::delete_webhook,
    webhooks::rotate_webhook_secret,
    webhook_messages::list_webhook_messages,
    webhook_messages::test_webhook,
    webhook_messages::replay_webhook,
    webhook_messages::resend_webhook_message,
    own_policies::list_policies,
    own_policies::create_policy,
    simulation::simulate_policy,
    own_policies::get_policy,
    own_policies::compare_policy,
    own_policies::propose_policy,
    own_policies::approve_policy,
    own_policies::decline_policy,
    own_policies::withdraw_policy,
    own_policies::list_policy_proposals,
    precheck_retention::get_precheck_retention,
    precheck_retention::put_precheck_retention,
    operator_policies::get_default_policy,
    delegations::list_delegations,
    delegations::create_delegation,
    delegations::delete_delegation,
    own_keys::list_api_keys,
    own_keys::create_api_key,
    own_keys::rotate_api_key,
    own_keys::delete_api_key,
    client_certificates::list_client_certificates,
    client_certificates::create_client_certificate,
    client_certificates::delete_client_certificate,
    documents::create_document,
    documents::list_documents,
    documents::get_document,
    documents::get_document_content,
    documents::read_member_document,
    documents::read_member_document_content,
    organisations::create_organisation,
    organisations::list_organisations,
    organisations::get_organisation,
    organisations::update_organisation,
    organisations::invite_organisation_user,
    organisations::list_organisation_users,
    organisations::create_machine_user,
    users::list_links,
    users::get_user,
    users::change_user_roles,
    users::invite_user_again,
    users::approve_enrolment,
    users::decline_enrolment,
    users::withdraw_enrolment,
    users::disable_user,
    users::enable_user,
    role_grants::list_role_grants,
    role_grants::approve_role_grant,
    role_grants::decline_role_grant,
    role_grants::withdraw_role_grant,
    rulebook::get_rulebook,
    rulebook::list_rulebook_imports,
    rulebook::get_rulebook_import,
    rulebook::propose_rulebook,
    rulebook::approve_rulebook,
    rulebook::decline_rulebook,
    rulebook::withdraw_rulebook,
    audit::list_audit_events,
    audit::list_own_audit_events,
    audit::export_audit,
}
