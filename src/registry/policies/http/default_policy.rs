//! `/v1/policies/default`: the registry's default policy, for organisations that put none of their own in force. It is imported as a
//! document, with `import policy`.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::permission::DefaultPolicyRead;
use crate::http::write::{Answer, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::policies::default_policy;
use vasp_routing::get;
use vasp_rules::policy::Policy;
use vasp_words::time::Date;

/// The registry's default policy.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DefaultPolicy)]
pub(crate) struct DefaultPolicyView {
    /// `name@version`.
    #[schema(example = "default@6")]
    policy: String,
    /// The file or page from which it was read.
    source: String,
    observed_on: Date,
    /// The document, as `/v1/policies/schema` describes it.
    #[schema(value_type = Object)]
    document: Arc<Policy>,
}

/// Get the registry's default policy.
#[utoipa::path(tag = "policies", responses((status = 200, description = "The policy.", body = DefaultPolicyView), Problems))]
#[get("/v1/policies/default")]
pub(crate) async fn get_default_policy(who: Caller<DefaultPolicyRead>, app: Data<App>) -> Result<Answer, Problem> {
    who.known()?;
    let found = default_policy(&app.registry, app.clock.now());
    let view = DefaultPolicyView {
        policy: found.value.to_string(),
        source: found.source,
        observed_on: found.observed_on,
        document: found.value,
    };
    Ok(Answer(reply(StatusCode::OK, None, view)))
}
