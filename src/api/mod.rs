//! The HTTP API: the route table, and what all its handlers share. A handler parses, calls one service and renders; SQL
//! and rules of the trade stand elsewhere. Started by `cli`; the wire contract is `openapi/openapi.json`.

pub(crate) mod blocking;
pub mod caller;
pub mod docs;
pub mod edge;
pub mod error;
pub mod extract;
pub(crate) mod harvest;
pub mod headers;
pub mod health;
pub mod metrics;
pub(crate) mod paging;
pub mod permission;
pub mod problem_code;
pub mod problem_pages;
pub(crate) mod refusals;
pub mod server;
pub mod state;
pub(crate) mod tagged;
pub mod throttle;
pub mod unread;
pub(crate) mod v1;
pub(crate) mod write;

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use self::v1::{
    address_parse, claim_batches, claim_disputes, jurisdictions, member_claims, member_import, networks, obligations, prechecks,
    resolve, vasps,
};

pub use self::caller::Caller;
pub use self::docs::{document, document_json};
pub use self::error::{FieldError, Problem, Problems};
pub use self::extract::{Json, Query};
pub use self::headers::PRIVATE;
pub use self::permission::{Permission, Precheck, Resolve};
pub use self::problem_code::{ProblemCode, UnknownProblemCode};
pub use self::server::{Bound, ServeError, bind, serve};
pub use self::state::{App, Limits, Readiness};
pub use self::throttle::Throttle;

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
    prechecks::get_precheck,
    vasps::list_vasps,
    vasps::get_vasp,
    vasps::list_vasp_history,
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
    jurisdictions::list_jurisdictions,
    jurisdictions::get_jurisdiction,
    jurisdictions::get_list,
    obligations::answer_obligations,
    member_claims::create_claim,
    member_claims::list_claims,
    member_import::import_claims,
    member_claims::get_claim,
    member_claims::change_claim,
    member_claims::withdraw_claim,
    member_claims::challenge_claim,
    member_claims::prove_claim,
    member_claims::get_claim_usage,
    claim_batches::draw_spot_check,
    claim_batches::prove_spot_check,
    claim_disputes::create_dispute,
    claim_disputes::list_claim_disputes,
    claim_disputes::propose_claim_end,
    claim_disputes::approve_claim_end,
    claim_disputes::dismiss_dispute,
}
